# memoryview: items, slices, casts, comparison, release.
def show(f, *args, **kw):
    try:
        r = f(*args, **kw)
    except Exception as e:
        r = type(e).__name__ + ': ' + str(e)
    s = ascii(r)
    print(s if 'memory at' not in s else 'memory')

m = memoryview(bytearray(b'abcdefgh'))
for n in 'format itemsize nbytes ndim shape strides suboffsets readonly obj c_contiguous f_contiguous contiguous'.split(): print(n, getattr(m, n))
print(len(m), m[0], m[-1], bytes(m[1:3]), m[::2].tolist(), m[::-1].tobytes(), m[6:2].tolist(), m.hex(), m.hex(':', 2), m == b'abcdefgh', m == bytearray(b'x'), m != b'abcdefgh', m[2:4] == b'cd')
m[0] = 65; m[1:3] = b'BC'; m[::-2] = b'wxyz'; print(m.obj); m[2:4] = m[0:2]; print(m.obj); m[1:4] = m[0:3]; print(m.obj)
for f in ('m[8]', 'm[-9]', 'm["a"]', 'm[1.5]', 'm[0, 0]', 'm[0] = 256', 'm[0] = "a"', 'm[0:2] = b"abc"', 'm[0:2] = [1, 2]', 'del m[0]', 'm[None]', 'm[...]', 'memoryview(5)', 'memoryview("a")', 'memoryview()', 'memoryview(b"a")[0:1][0]', 'hash(m)',
          'memoryview(b"ab")[0] = 1', 'm.cast("Z")', 'm.cast("h").cast("i")', 'm.cast("B", [3])', 'm.cast("B", 5)', 'm.cast("B", [2, 4]).tolist()', 'm.cast("B", [2, 4])[1, 3]', 'm.cast("B", [2, 4])[1]', 'm.cast("B", [2, 4])[1, 4]',
          'm.cast("B", [2, 4])[0:1].tolist()', 'm.cast("B", [2, 2, 2]).tobytes("F")', 'm.cast("B", [2, 2, 2]).shape', 'm.cast("B", [2, 2, 2]).strides', 'm[::2].cast("h")', 'm.cast("i").tolist() == m.cast("i").tolist()', 'm.cast("c")[0]',
          'm.cast("?").tolist()', 'len(m.cast("q"))', 'm[:3].cast("h")', 'm.tobytes("X")', 'm.tobytes(order=None)', 'm.cast(5)', 'hash(memoryview(b"abc")) == hash(b"abc")', 'm.toreadonly().readonly', 'm.toreadonly()[0] == m[0]',
          'hash(memoryview(bytes(4)).cast("i"))', 'm < m', 'm == 5', 'list(m) == m.tolist()', 'list(reversed(m))', 'm.index', '65 in m', 'm + m', 'm[0:4:2] == b"ac"', 'm.cast("B", [])', 'memoryview(b"abcd").cast("i", [])[()]',
          'memoryview(b"abcd").cast("i", []).tolist()', 'memoryview(b"abcd").cast("i", []).ndim', 'memoryview(b"abcd").cast("i", [])[0]', 'len(memoryview(b"abcd").cast("i", []))', 'memoryview(b"") == b""', 'memoryview(b"").tolist()',
          'memoryview(memoryview(b"abc")).obj', 'bytes(memoryview(b"abc")[::-1])', 'bytearray(m) == m', 'b"".join([m, m[:1]])', 'int.from_bytes(m, "little") > 0', 'b"x" + m', 'memoryview(b"ab").cast("b").tolist()', 'str(m[:2], "ascii")'):
    if '=' in f and not any(o in f for o in ('==', 'order', '!=')) or f.startswith('del'):
        try: exec(f); print(f, 'done')
        except Exception as e: print(f, type(e).__name__, e)
    else:
        print(f, end=' '); show(lambda: eval(f))
for c, vals in [('b', (-128, 127, 128, -129)), ('B', (0, 255, 256, -1)), ('h', (-32768, 32768)), ('H', (65535, 65536)), ('i', (-2 ** 31, 2 ** 31)), ('I', (2 ** 32 - 1, 2 ** 32)), ('q', (-2 ** 63, 2 ** 63)), ('Q', (2 ** 64 - 1, 2 ** 64)),
                ('l', (5,)), ('L', (-1,)), ('n', (7,)), ('N', (7,)), ('f', (1.5, 'x', 3)), ('d', (1e300, None)), ('?', (True, 0, 'x')), ('c', (b'z', b'zz', 5)), ('P', (1,))]:
    v = memoryview(bytearray(16)).cast(c)
    for x in vals:
        try: v[0] = x; print(c, v[0], v.tobytes()[:8])
        except Exception as e: print(c, x, type(e).__name__, e)
with memoryview(b'ctx') as c: print(bytes(c))
for f in ('c[0]', 'c.tobytes()', 'len(c)', 'c.release()', 'c.obj', 'c == c', 'c == b"ctx"', 'hash(c)', 'c.__enter__()', 'memoryview(c)', 'list(c)'):
    print(f, end=' '); show(lambda: eval(f))
print(str(c)[:19])
b = bytearray(4); m = memoryview(b); n = m[1:]; m.release(); print(n.tolist())
try: b.append(1)
except BufferError as e: print(e)
n.release(); b.append(1); print(b)
it = iter(memoryview(b'abc')); print(next(it), list(it), type(it).__name__)
