# The modules _bz2 and _lzma: pieces, limits, ends of streams, errors, filters, threads.
import bz2
import lzma
import threading


def tell(f, *args, **kw):
    try:
        print(repr(f(*args, **kw)))
    except (OSError, ValueError, TypeError, EOFError, lzma.LZMAError) as e:
        print(type(e).__name__, e)


text = b''.join(b'line %d of the text\n' % i for i in range(4000))
for module, make_out, make_in in ((bz2, bz2.BZ2Compressor, bz2.BZ2Decompressor), (lzma, lzma.LZMACompressor, lzma.LZMADecompressor)):
    print(module.__name__)
    whole = module.compress(text)
    print(module.decompress(whole) == text, module.decompress(whole + whole) == text * 2)
    c = make_out()
    parts = [c.compress(text[i:i + 1000]) for i in range(0, len(text), 1000)] + [c.flush()]
    print(b''.join(parts) == whole)
    tell(c.compress, b'x')
    tell(c.flush)
    d = make_in()
    out = d.decompress(whole[:50], 10)
    while not d.eof:
        out += d.decompress(whole[50:] + b'rest' if d.needs_input else b'', 999)
    print(out == text, d.unused_data, d.eof, d.needs_input)
    tell(d.decompress, b'')
    d = make_in()
    tell(d.decompress, b'this is no compressed text at all, is it?')
    tell(d.decompress, b'')
    tell(module.decompress, whole[:-10])
tell(bz2.BZ2Compressor, 10)
tell(bz2.compress, 'str')
for kw in ({'format': lzma.FORMAT_ALONE}, {'check': lzma.CHECK_SHA256}, {'preset': 9}, {'filters': [{'id': lzma.FILTER_DELTA, 'dist': 4}, {'id': lzma.FILTER_LZMA2, 'preset': 1, 'lc': 2}]}):
    d = lzma.LZMADecompressor()
    print(d.decompress(lzma.compress(text, **kw)) == text, d.check)
raw = [{'id': lzma.FILTER_X86}, {'id': lzma.FILTER_LZMA2, 'dict_size': 65536}]
print(lzma.decompress(lzma.compress(text, lzma.FORMAT_RAW, filters=raw), lzma.FORMAT_RAW, filters=raw) == text)
for args in ({'preset': 10}, {'format': 9}, {'format': lzma.FORMAT_RAW}, {'preset': 1, 'filters': raw}, {'filters': [{'id': 77}]}, {'filters': [{}]}, {'filters': [1]}, {'filters': {}},
             {'filters': [{'id': lzma.FILTER_LZMA2, 'foo': 1}]}, {'filters': raw * 3}, {'format': lzma.FORMAT_ALONE, 'check': lzma.CHECK_CRC32}):
    tell(lzma.LZMACompressor, **args)
tell(lzma._decode_filter_properties, lzma.FILTER_LZMA1, lzma._encode_filter_properties({'id': lzma.FILTER_LZMA1}))
results = []


def work(module):
    for _ in range(3):
        results.append(module.decompress(module.compress(text)) == text)


threads = [threading.Thread(target=work, args=(m,)) for m in (bz2, lzma) * 2]
for t in threads:
    t.start()
for t in threads:
    t.join()
print(results)
