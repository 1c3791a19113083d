# Methods of str over a table of subjects and arguments.
def show(f, *args, **kw):
    try:
        r = f(*args, **kw)
    except Exception as e:
        r = type(e).__name__ + ': ' + str(e)
    print(ascii(r))

subjects = ['', 'a', 'abc', 'Hello World', '  pad\t\n', 'a,b,,c', 'x' * 50, 'äöü ÄÖÜ ß', 'ΑΣ ΟΔΟΣ', '\u01c5 \u01c4', '日本語テキスト', '\U0001f600 smile',
            'İstanbul ı', 'ﬁ ﬂ ŉ', 'one\ntwo\r\nthree\rfour\x0bfive\u2028six\x85', '123', '\u0661\u0662', '²', '½', '一', 'i\u0307', 'a1 b2', '\x00\x7f\x80\xff',
            '\ud800', 'Dz\u0345a', "it's \"q\"", "it's", '\\', 'Title Case Words', "they're bill's"]
for s in subjects:
    for name in ('upper lower title capitalize swapcase casefold strip lstrip rstrip split rsplit splitlines isalpha isalnum isdigit '
                 'isdecimal isnumeric isspace isupper islower istitle isidentifier isprintable isascii expandtabs __len__ __repr__ '
                 '__str__').split():
        print(name, end=' ')
        show(getattr(s, name))
    show(s.splitlines, True)
    show(s.center, 15, '*'); show(s.ljust, 12); show(s.rjust, 12, 'é'); show(s.zfill, 8)
    for sub in ['', 'a', 'b', 'ab', 'Σ', 'ü', 'll', ',', '\n', 'x' * 3, '\U0001f600', '語テ']:
        for m in ('find', 'rfind', 'count', 'index', 'rindex', 'startswith', 'endswith', '__contains__', 'partition', 'rpartition',
                  'split', 'rsplit', 'removeprefix', 'removesuffix', 'strip', 'lstrip', 'rstrip'):
            show(getattr(s, m), sub)
        show(s.find, sub, 1); show(s.rfind, sub, 0, -1); show(s.count, sub, 1, 4); show(s.split, sub, 1); show(s.rsplit, sub, 1)
        show(s.replace, sub, '<>'); show(s.replace, sub, 'é', 2); show(s.replace, sub, '')
        show(s.startswith, ('zz', sub), 1)
for s in ['-12', '+5', '', '--1']:
    for w in (0, 3, 7): show(s.zfill, w)
for s in ['a\tb', '\t', 'abc\tdefghijk\tl\n\tx', '\r\tq']:
    for t in (8, 4, 1, 0, -3): show(s.expandtabs, t)
for bad in (1, None, b'a', 1.5, ['a']):
    for m in ('find', 'count', 'index', 'startswith', 'endswith', 'split', 'partition', 'rpartition', 'strip', 'join', '__contains__',
              '__add__', 'removeprefix', 'removesuffix', 'center', 'translate', 'zfill', 'encode', 'expandtabs', 'format_map'):
        print(m, end=' ')
        show(getattr('abc', m), bad)
    show('abc'.replace, bad, 'x'); show('abc'.replace, 'a', bad); show('abc'.replace, 'a', 'b', bad)
    show('abc'.startswith, ('x', bad)); show('abc'.center, 10, bad); show(lambda: 'abc' + bad); show(lambda: bad + 'abc')
    show(lambda: 'abc' * bad); show(lambda: 'abc'[bad]); show(lambda: bad in 'abc'); show(lambda: 'abc' < bad); show(lambda: 'abc' == bad)
    show(''.join, ['a', bad]); show(str.maketrans, bad); show(str.maketrans, 'a', bad); show('a b'.split, ' ', bad)
show('abc'.center, 10, 'xx'); show('abc'.ljust, 10, ''); show('a'.split, ''); show('a'.partition, ''); show('abc'.upper, 1); show('abc'.find)
show('abc'.split, sep='b'); show('abc'.split, bogus=1); show('a b c'.split, maxsplit=1); show('abc'.rsplit, None, 0); show(' a b '.split, None, 0)
show('abc'.splitlines, keepends=1); show('a\tb'.expandtabs, tabsize=2)
s = 'abcdef€'
for a in (None, 0, 1, -1, 3, -9, 99):
    for b in (None, 0, 2, -2, 50):
        for c in (None, 1, 2, -1, -2): print(ascii(s[a:b:c]), end=' ')
print()
for i in (0, -1, 6, 7, -8, True, 2 ** 70): show(lambda: s[i])
show(lambda: s[::0]); show(lambda: s['a'])
t = str.maketrans({'a': '1', 'b': None, 'c': 99, 100: 'xyz', 'e': '€'})
show('abcdefabc'.translate, t); show('hello'.translate, {104: 'J', 'l': 'x'}); show('abc'.translate, str.maketrans('ab', 'xy', 'c'))
show('abc'.translate, {97: 1.5}); show('abc'.translate, {97: 0x110000}); show('ab'.translate, 'xyz'); show('\x00\x01\x05'.translate, 'xyz')
show(str.maketrans, 'ab', 'c'); show(str.maketrans, {'ab': 1}); show(str.maketrans, {1.5: 1}); show(str.maketrans, 'a', 'b', 'c')
show(str); show(str, b'abc'); show(str, b'abc', 'ascii'); show(str, b'\xff', 'utf-8'); show(str, b'\xff', errors='replace'); show(str, 'x', 'utf-8')
show(str, 5, 'utf-8'); show(str, object=b'x'); show(str, b'x', 5); show(str, bytearray(b'ab'), 'latin-1'); show(str, memoryview(b'ab'), 'latin-1')
x = ''
for i in range(2000):
    y = x
    x += chr(97 + i % 26)
    if i % 500 == 0: x += '\u20ac'; z = y + 'Q'
print(len(x), hash(x) == hash(''.join(list(x))), x == ''.join(x), x[-3:], z[-2:], x.count('a'))
print('abc' * 0, 'ab' * 3, 3 * 'é', '€' * 2, 'x' * True, -1 * 'a' == '')
print('a' < 'b', 'a' < 'ab', 'é' > 'z', '€' < '\U0001f600', 'abc' >= 'abc', 'abc' != 'abd', '' < 'a')
class S(str):
    def __repr__(self): return 'S!' + str.__repr__(self)
v = S('hey')
print(v, repr(v), type(v.upper()), type(v + ''), type(v[:]), type(str(v)), v == 'hey', hash(v) == hash('hey'), {v: 1}['hey'], type(v.strip()), type(v * 1))
v.attr = 5
print(v.attr, len(v), S(b'abc', 'ascii'), S(), isinstance(v, str))
it = iter('aé€')
print(next(it), it.__length_hint__(), list(it), list(it), it.__length_hint__())
print(ascii('é€\U0001f600\ud800\x7f\n'), repr('é€\U0001f600\ud800\x7f\xa0\xad\u200b\ue000\n'.encode('utf-8', 'surrogatepass').decode('utf-8', 'backslashreplace')))
print(''.join(c for c in map(chr, range(0x3000)) if c.isidentifier()).__len__(), sum(map(str.isprintable, map(chr, range(0x110000)))))
for m in 'isalpha isdecimal isdigit isnumeric islower isupper istitle isspace isidentifier isalnum'.split():
    print(m, sum(map(getattr(str, m), map(chr, range(0x20000)))))
def fold(f):
    h = 0
    for i in range(0x1f000):
        for c in f(chr(i)): h = (h * 31 + ord(c)) % 1000000007
    return h
print([fold(f) for f in (str.upper, str.lower, str.title, str.casefold, str.swapcase, str.capitalize)])
hay = 'ab' * 5000 + 'abc' + '\u20ac' * 100 + 'ab' * 100
for pat in ('abc', 'bab' * 50, 'aba' * 30 + 'c', '\u20ac' * 100 + 'ab', '\u20acb', 'ab' * 101): print(hay.find(pat), hay.rfind(pat), hay.count(pat), len(hay.split(pat)), len(hay.replace(pat, 'Z')))
