# Encoding and decoding, error handlers, incremental forms.
import codecs, _codecs
def show(f, *args, **kw):
    try:
        r = f(*args, **kw)
    except UnicodeError as e:
        r = type(e).__name__ + ': ' + str(e) + ' ' + repr([getattr(e, k, None) for k in ('start', 'end', 'reason')])
    except Exception as e:
        r = type(e).__name__ + ': ' + str(e)
    print(ascii(r))

texts = ['', 'abc', 'é', '€uro', '\U0001f600x', 'a\ud800b', '\udcff', '\x00\x7f\x80\xff', 'тест', '+-/~\\', 'a\nb\tc\\', 'Ω\u0100', '\udc80\udc81z', 'x\ud83d\ude00y']
encs = ['utf-8', 'utf-16', 'utf-16-le', 'utf-16-be', 'utf-32', 'utf-32-le', 'utf-32-be', 'latin-1', 'ascii', 'utf-7', 'unicode_escape', 'raw_unicode_escape', 'cp1252', 'cp437', 'koi8-r', 'utf-8-sig', 'UTF8', 'iso8859-15', 'punycode']
errs = ['strict', 'ignore', 'replace', 'backslashreplace', 'xmlcharrefreplace', 'namereplace', 'surrogateescape', 'surrogatepass']
for t in texts:
    for e in encs:
        for r in errs if e not in ('idna', 'punycode') else ['strict']: print(e, r, end=' '); show(t.encode, e, r)
raw = [b'', b'abc', b'\xc3\xa9', b'\xe2\x82\xac', b'\xf0\x9f\x98\x80', b'\xff', b'a\xc3', b'\xe2\x82', b'\xe2\x28\xa1', b'\xf0\x9f\x98', b'\xed\xa0\x80', b'\xc0\x80', b'\xf4\x90\x80\x80', b'\xe0\x80\x80x', b'\x80abc', b'a\xffb\xfec',
       b'\xff\xfea\x00', b'\xfe\xff\x00a', b'a\x00b', b'\x00\xd8a\x00', b'\x00\xdc', b'\xff\xfe\x00\x00a\x00\x00\x00', b'\x00\x00\x11\x00', b'\x00\xd8\x00\x00', b'+AOk-', b'+AOkx', b'a+', b'+\xff', b'+-', b'+2D3eAA-', b'+AGE', b'\\x41\\u20ac\\U0001F600\\n\\\\', b'\\x4', b'\\u12',
       b'\\N{EURO SIGN}', b'\\N{nope}', b'\\N', b'\\777', b'\\', b'\\U00110000', b'\\ud800', bytes(range(128, 160))]
for b in raw:
    for e in encs:
        if e in ('idna', 'punycode'): continue
        for r in ('strict', 'ignore', 'replace', 'backslashreplace', 'surrogateescape', 'surrogatepass'): print(e, r, end=' '); show(b.decode, e, r)
for b in raw:
    for f in (_codecs.utf_8_decode, _codecs.utf_16_decode, _codecs.utf_16_le_decode, _codecs.utf_32_decode, _codecs.utf_7_decode): show(f, b, 'strict', False)
    show(_codecs.unicode_escape_decode, b, 'strict', False); show(_codecs.raw_unicode_escape_decode, b, 'strict', False); show(_codecs.escape_decode, b); show(_codecs.utf_16_ex_decode, b, 'strict', 0, False)
def handler(e):
    if isinstance(e, UnicodeEncodeError): return ('<%s>' % ascii(e.object[e.start:e.end]), e.end)
    return ('[%s]' % e.object[e.start:e.end].hex(), e.end)
codecs.register_error('test.h', handler)
for e in encs[:11] + ['cp1252', 'koi8-r']:
    for t in ('é€\ud800', 'a\udcffb'): show(t.encode, e, 'test.h')
    for b in (b'\xff\xfe\xfd', b'a\x80', b'\xed\xa0\x80'): show(b.decode, e, 'test.h')
for name, ret in [('r1', lambda e: ('x',)), ('r2', lambda e: (1, 2)), ('r3', lambda e: ('x', 100)), ('r4', lambda e: ('x', -1)), ('r5', lambda e: (b'\xab', e.end)), ('r6', lambda e: ('\u1234', e.end)), ('r7', lambda e: 5)]:
    codecs.register_error('test.' + name, ret)
    show('a€b'.encode, 'ascii', 'test.' + name); show(b'a\xffb'.decode, 'ascii', 'test.' + name) if name != 'r4' else None; show('a€b'.encode, 'latin-1', 'test.' + name)
show('€'.encode, 'ascii', 'nosuch'); show(b'\xff'.decode, 'utf-8', 'nosuch'); show('a'.encode, 'nosuchcodec'); show(b'a'.decode, 'nosuchcodec'); show('abc'.encode, 'hex'); show(b'abc'.decode, 'rot13'); show(codecs.lookup_error, 'zz')
show(codecs.encode, 'abc', 'rot13'); show(codecs.encode, b'abc', 'hex'); show(codecs.decode, b'616263', 'hex'); show(codecs.decode, b'6', 'hex'); show(codecs.encode, 'abc', 'base64'); show(codecs.encode, b'abc', 'base64')
for n in ('strict', 'ignore', 'replace', 'backslashreplace', 'xmlcharrefreplace', 'namereplace', 'surrogateescape', 'surrogatepass'):
    h = codecs.lookup_error(n)
    for e in (UnicodeEncodeError('ascii', 'a\u20ac\ud800b', 1, 3, 'r'), UnicodeDecodeError('utf-8', b'a\xff\x80b', 1, 3, 'r'), UnicodeTranslateError('a\u20acb', 1, 2, 'r'), ValueError('x'), UnicodeEncodeError('ascii', 'abc', 5, 9, 'r')): show(h, e)
d = codecs.getincrementaldecoder('utf-8')()
print([d.decode(bytes([c])) for c in 'é€😀x'.encode()], d.decode(b'', True))
for enc in ('utf-16', 'utf-32', 'utf-7', 'utf-8-sig', 'unicode_escape'):
    d = codecs.getincrementaldecoder(enc)(); e = codecs.getincrementalencoder(enc)()
    b = b''.join(e.encode(c) for c in 'aé€😀') + e.encode('', True)
    print(enc, b, ascii(''.join(d.decode(bytes([c])) for c in b) + d.decode(b'', True)))
show(codecs.charmap_encode, 'abc', 'strict', {97: 120, 98: b'yz', 99: None}); show(codecs.charmap_encode, 'ab', 'strict', {97: 'x'}); show(codecs.charmap_encode, 'a', 'strict', {97: 300}); show(codecs.charmap_encode, 'abx', 'replace', {97: 1, 98: 2, 63: 63})
show(codecs.charmap_decode, b'\x00\x01\x02', 'strict', 'ab'); show(codecs.charmap_decode, b'\x00\x01', 'strict', 'a\ufffe'); show(codecs.charmap_decode, b'\x00\x01', 'strict', {0: 'xy', 1: 0x20ac}); show(codecs.charmap_decode, b'\x00', 'ignore', {}); show(codecs.charmap_decode, b'\x00', 'strict', {0: 1.5})
show(codecs.escape_encode, b'a\n\xff\'\\'); show(codecs.utf_8_encode, 5); show(codecs.utf_8_decode, 'x'); show(codecs.utf_8_decode, b'x', 5); show(codecs.lookup, 5); show(codecs.register, 5); show(codecs.readbuffer_encode, 'é')
print(codecs.lookup('UTF 8').name, codecs.lookup('Latin1').name, codecs.lookup('utf-16LE').name, 'é'.encode('U8'), 'é'.encode('L1'))
import io
print(list(io.TextIOWrapper(io.BytesIO('é\n€\n'.encode('utf-16')), encoding='utf-16')))
