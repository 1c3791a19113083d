# The multibyte codecs: tables, states, error handlers, incremental coders, streams.
import codecs
import io

samples = {
    'shift_jis': 'ア日本語\\~', 'cp932': '①ⅷ日本～', 'euc_jp': '日本ｱ丂', 'gbk': '中文简体漢', 'gb2312': '中文', 'gb18030': '中文\U0001f600\u0e01\xe9', 'hz': '中~文a',
    'big5': '中文繁體', 'cp950': '中文', 'big5hkscs': '香港\u3875\xca\u0304\xca', 'euc_kr': '한국어 똠방각하', 'cp949': '똠방각하', 'johab': '한국어', 'iso2022_jp': '日本 ¥ abc',
    'iso2022_jp_1': '日本丂', 'iso2022_jp_2': '日本한中', 'iso2022_kr': '한a국', 'iso2022_jp_ext': 'ｱ日', 'shift_jis_2004': 'か\u309aか\\', 'euc_jis_2004': 'か\u309aか丂',
    'iso2022_jp_2004': 'か\u309a俱', 'iso2022_jp_3': '日か\u309a', 'euc_jisx0213': '日か',
}
for name, text in samples.items():
    try:
        data = text.encode(name)
    except UnicodeEncodeError as e:
        print(name, e)
        continue
    print(name, data, data.decode(name) == text)

# aliases and CodecInfo
print(codecs.lookup('sjis').name, codecs.lookup('ms932').name, codecs.lookup('ISO-2022-JP').name, codecs.lookup('gb18030-2000').name, codecs.lookup('uhc').name)

# errors
for name, bad in (('euc_kr', b'abc\x80\x80\xc1\xc4'), ('shift_jis', b'a\x82'), ('shift_jis', b'\xfd\x88\x9f'), ('gb18030', b'\x81\x30\x81'), ('iso2022_jp', b'\x1b$B\x21'),
                  ('hz', b'~{ab~}~x'), ('euc_jp', b'\x8f\xa1\xa1x'), ('iso2022_jp', b'\x1b(Zq')):
    try:
        print(bad.decode(name))
    except UnicodeDecodeError as e:
        print(e.encoding, e.start, e.end, e.reason)
    print(ascii(bad.decode(name, 'replace')), ascii(bad.decode(name, 'ignore')), ascii(bad.decode(name, 'backslashreplace')))
for name in ('gb2312', 'iso2022_jp', 'euc_jp', 'big5'):
    try:
        'a\u1234b'.encode(name)
    except UnicodeEncodeError as e:
        print(e.encoding, e.start, e.end, e.reason, ascii(e.object))
    print('日\u1234\udc80b'.encode(name, 'replace'), '日\u1234b'.encode(name, 'xmlcharrefreplace'), '日\u1234b'.encode(name, 'ignore'))

codecs.register_error('test.back', lambda e: ('!', e.start - 100))
codecs.register_error('test.kana', lambda e: ('カナ', e.end))
codecs.register_error('test.raw', lambda e: (b'RAW', e.end))
print('a\u1234b'.encode('shift_jis', 'test.kana'), 'a\u1234b'.encode('iso2022_jp', 'test.kana'), 'a\u1234b'.encode('gbk', 'test.raw'))
try:
    b'\xff'.decode('euc_jp', 'test.back')
except IndexError as e:
    print('IndexError')

# incremental: every split of the input gives the same text
for name, text in samples.items():
    try:
        data = text.encode(name)
    except UnicodeEncodeError:
        continue
    for step in (1, 2, 3):
        d = codecs.getincrementaldecoder(name)()
        got = ''.join(d.decode(data[i:i + step]) for i in range(0, len(data), step)) + d.decode(b'', True)
        e = codecs.getincrementalencoder(name)()
        out = b''.join(e.encode(text[i:i + step]) for i in range(0, len(text), step)) + e.encode('', True)
        if got != text or out != data:
            print('DIFFERS', name, step, ascii(got), out)

d = codecs.getincrementaldecoder('shift_jis')()
print(d.decode(b'\x82'), d.getstate())
d.setstate((b'', 0))
print(d.decode(b'\x82\xa0'), d.getstate())
try:
    d.decode(b'\x82', True)
except UnicodeDecodeError as e:
    print(e.reason)
d = codecs.getincrementaldecoder('iso2022_jp')()
print(d.decode(b'\x1b$BF|'), d.getstate()[0])
state = d.getstate()
d.reset()
print(d.decode(b'F|'))
d.setstate(state)
print(d.decode(b'F|'))
e = codecs.getincrementalencoder('shift_jis_2004')()
print(e.encode('か'), e.encode('\u309a'), e.encode('か'), e.encode('x'), e.encode('か', True))
e = codecs.getincrementalencoder('iso2022_jp')()
print(e.encode('日'), e.encode('本'), e.encode('a', True))
e.errors = 'replace'
print(e.errors, e.encode('\u1234', True))
for bad in (lambda: setattr(codecs.getincrementalencoder('gbk')(), 'errors', 3), lambda: d.setstate(5), lambda: d.setstate((b'123456789', 0)), lambda: d.setstate(('x', 0))):
    try:
        bad()
    except (TypeError, UnicodeError) as x:
        print(type(x).__name__, x)

# streams
data = '一行目\n二行目\n三'.encode('euc_jp')
r = codecs.getreader('euc_jp')(io.BytesIO(data))
print(r.read(1), r.read(3), repr(r.readline()), r.readlines(), repr(r.read()))
print(codecs.getreader('euc_jp')(io.BytesIO(data)).readlines())
out = io.BytesIO()
w = codecs.getwriter('iso2022_jp')(out)
w.write('日')
w.writelines(['本', 'a', '語'])
w.reset()
print(out.getvalue())
text = io.TextIOWrapper(io.BytesIO(data), encoding='euc_jp')
print(text.readline(), text.read(2), text.tell() > 0, text.read())
text = io.TextIOWrapper(io.BytesIO(), encoding='iso2022_jp')
text.write('日本')
text.write('語\n')
text.flush()
print(text.buffer.getvalue())

import _codecs_jp, _multibytecodec
for bad in (lambda: _codecs_jp.getcodec('no such'), lambda: _codecs_jp.getcodec(b'x'), lambda: type('E', (_multibytecodec.MultibyteIncrementalEncoder,), {'codec': 5})(),
            lambda: _codecs_jp.getcodec('cp932').encode('x', 5), lambda: _codecs_jp.getcodec('cp932').decode('x')):
    try:
        bad()
    except (TypeError, LookupError) as x:
        print(type(x).__name__, x)
