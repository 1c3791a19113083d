import zlib, threading
def show(f):
    try: r = f()
    except BaseException as e: r = (type(e).__name__, str(e))
    print(r)
data = b"".join(b"%d %d;" % (i, i * i) for i in range(20000))
z = zlib.compress(data)
print(len(data), len(z), zlib.crc32(z), zlib.decompress(z) == data, zlib.decompress(bytearray(z)) == data)
for f in (lambda: zlib.compress("a"), lambda: zlib.compress(b"a", 10), lambda: zlib.compress(b"a", wbits=99), lambda: zlib.decompress(b"abc"), lambda: zlib.decompress(b""),
          lambda: zlib.decompress(z[:-2]), lambda: zlib.decompress(b"", wbits=99), lambda: zlib.decompress(b"a", bufsize=-1), lambda: zlib.decompress(zlib.compress(b"a"), bufsize=0),
          lambda: zlib.compressobj(20), lambda: zlib.compressobj(wbits=99), lambda: zlib.decompressobj(99), lambda: zlib.decompressobj().decompress(b"abc"),
          lambda: zlib.decompressobj().decompress(b"", -1), lambda: zlib.decompressobj().flush(0), lambda: zlib.compressobj().flush(77), lambda: zlib.crc32("a"), lambda: zlib.crc32(b"a", -1),
          lambda: zlib.crc32(b"abc", 1 << 70), lambda: zlib.adler32(b"a", 1 << 40), lambda: zlib.adler32(data), lambda: zlib.crc32(b"a", "a"), lambda: zlib.decompressobj(zdict="a"),
          lambda: zlib.compressobj(zdict="a"), lambda: zlib.compressobj(9, 9), lambda: zlib.decompress(zlib.compress(b"abc") + b"xx"), lambda: type(zlib.compressobj())(),
          lambda: setattr(zlib.decompressobj(), "unused_data", 1), lambda: zlib.error.__mro__, lambda: zlib.crc32(b""), lambda: zlib.adler32(b"")):
    show(f)
for level in range(10):
    for wbits in (-15, 9, 15, 31):
        c = zlib.compressobj(level, zlib.DEFLATED, wbits)
        out = c.compress(data[:1000]) + c.flush(zlib.Z_SYNC_FLUSH) + c.compress(data[1000:])
        fork = c.copy()
        a, b = out + c.flush(), out + fork.compress(b"more") + fork.flush()
        assert zlib.decompress(a, wbits) == data and zlib.decompress(b, wbits) == data + b"more"
        d = zlib.decompressobj(wbits)
        parts = []
        for i in range(0, len(a), 1000): parts.append(d.decompress(a[i:i + 1000]))
        parts.append(d.flush())
        assert b"".join(parts) == data and d.eof and d.unused_data == b""
    print(level, len(zlib.compress(data, level)))
show(lambda: c.compress(b"x")); show(lambda: c.flush()); show(lambda: c.copy())
d = zlib.decompressobj()
got = d.decompress(z, 100)
print(got, len(d.unconsumed_tail), d.eof)
e = d.copy()
while d.unconsumed_tail: got += d.decompress(d.unconsumed_tail, 10000)
print(got == data, d.eof, d.unconsumed_tail, e.flush() == data[100:], e.eof)
d = zlib.decompressobj()
print(d.decompress(zlib.compress(b"abc") + b"tail"), d.eof, d.unused_data, d.unconsumed_tail, d.decompress(b" more"), d.unused_data)
c = zlib.compressobj(zdict=b"abcdef"); y = c.compress(b"abcdefabc") + c.flush()
for f in (lambda: zlib.decompress(y), lambda: zlib.decompressobj(zdict=b"x").decompress(y), lambda: zlib.decompressobj().decompress(y), lambda: zlib.decompressobj(zdict=b"abcdef").decompress(y)):
    show(f)
c = zlib.compressobj(wbits=-15, zdict=b"abcdef"); y = c.compress(b"abcdefabc") + c.flush()
show(lambda: zlib.decompressobj(-15, zdict=b"abcdef").decompress(y))
results = []
def work(k):
    for i in range(20):
        c = zlib.compressobj()
        s = b"".join(c.compress(data[j:j + 5000]) for j in range(0, len(data), 5000)) + c.flush()
        if zlib.decompress(s) != data: results.append("bad")
    results.append("good")
ts = [threading.Thread(target=work, args=(k,)) for k in range(3)]
for t in ts: t.start()
for t in ts: t.join()
print(results)
for i in range(3000): zlib.compressobj(1); zlib.decompressobj()
print(sorted((n, v) for n, v in vars(zlib).items() if n.isupper() and isinstance(v, int)))
try: zlib.compress(memoryview(b'abcdefgh')[::2])
except BufferError as e: print('BufferError', e)
