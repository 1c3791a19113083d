# The engine under re: every kind of instruction, subjects of all widths, methods and messages.
import re, warnings
warnings.simplefilter('ignore')

def show(m):
    return None if m is None else (m.regs, m.lastindex)

def run(pattern, string, flags=0):
    try:
        p = re.compile(pattern, flags)
        repl = b'<>' if isinstance(string, bytes) else '<>'
        r = [show(p.match(string)), show(p.search(string)), show(p.fullmatch(string)), [m.span() for m in p.finditer(string)],
             p.findall(string), p.split(string), p.sub(repl, string)]
    except Exception as e:
        r = type(e).__name__ + ': ' + str(e)
    print(ascii(pattern), ascii(string), int(flags), ascii(r))

for string in 'abcabc', 'abc\xe9\xffabc', 'abc\u0430\u0431abc', 'abc\U0001f600abc', b'abcabc':
    for pattern in r'b', r'bc', r'[ab]+', r'[^ab]+', r'.*c', r'.*?c', r'(a)(b)?', r'(?:ab|bc)+', r'(a|b|c)*', r'(a|ab)(c|bcd)?', r'\w+', r'\W+', \
            r'^.|.$', r'\b', r'\B', r'\Aabc\Z', r'(?=b)', r'(?!a).', r'(?<=b)c', r'(?<!b).', r'(?>a|ab)c', r'a*+b', r'(?:ab)++c', r'(?:ab){1,2}?c', \
            r'(.)\1', r'(a)?(?(1)b|c)', r'(?(1)b)?(a)', r'(?:)', r'(?:a?)*?c', r'(a*)*', r'(?:(a)|b)*', r'[a-c]{2}', r'[a-c]{2,4}?', r'x*', r'':
        if isinstance(string, bytes):
            pattern = pattern.encode()
        run(pattern, string)

I, A, M, S, L, X = re.I, re.A, re.M, re.S, re.L, re.X
for flags in 0, I, I | A:
    for pattern in 'K', '[k]', '[^k]', 'ss', '\u017f', '[\u017f]', '\xb5', '\u03bc', '[\u03a9\u03c9]', '[\xc0-\xd6]', r'(.)\1', r'[\W]', '[a-z]+', '\ufb05', '[\ufb06]':
        run(pattern, 'kK\u212asS\u017f\xb5\u03bc\u039c\u03a9\u2126\xe0\xc0\ufb05\ufb06', flags)
for flags in L, L | I:
    for pattern in rb'[a-c]+', rb'\w+', rb'\W', rb'a', rb'[^a]', rb'(a)\1':
        run(pattern, b'aAbB\xe4 cC', flags)
for flags in 0, M, S, M | S:
    for pattern in r'^.', r'.$', r'^', r'$', r'.+', r'\A.', r'.\Z', r'$\n?':
        run(pattern, 'ab\ncd\n\nef\n', flags)
run(' a b # comment\n c', 'abc', X)
run('[\u0100-\u0200\u0400\u1234-\u4321x]+', '\u0150x\u0400\u0401\u2000y')
run(r'(?i:a)b', 'AbAB')
run(r'(?s-i:.)b', 'a\nbB', I)
run('|'.join('w%d' % i for i in range(60)), 'w1w59w60')

# errors and types
def err(f, *a, **k):
    try:
        print(ascii(f(*a, **k)))
    except Exception as e:
        print(type(e).__name__, ascii(str(e)))
p, b = re.compile('(?P<a>x)(y)?'), re.compile(b'x')
err(p.match, b'x'); err(b.match, 'x'); err(p.match, 1); err(b.search, bytearray(b'axb')); err(b.search, memoryview(b'axb'))
err(p.match); err(p.match, 'x', 'y'); err(p.sub, 1, 'x'); err(p.sub, lambda m: 1, 'x'); err(b.sub, lambda m: 'x', b'x')
err(p.match, 'x', 5, 2); err(re.compile('').match, 'abc', 2, 1); err(re.compile('').search, 'abc', 2, 1); err(p.search, 'axb', -5, 100); err(p.search, 'axb', pos=1, endpos=2)
for bad in '(', ')', '[', '*', 'a**', '(?P<1>a)', '(?P=x)', r'\1', '(?<=a*)', '(?z)', 'a{3,2}', '[b-a]', '(?P<a>)(?P<a>)', r'\x', '(?(2)a)':
    err(re.compile, bad)
m = p.match('x')
err(m.group, 3); err(m.group, 'b'); err(m.group, 'a'); err(m.group, 0, 1, 2); err(m.group, []); err(m.__getitem__, 'a'); err(m.start, 2); err(m.end, 9)
print(m.groups(), m.groups(7), m.groups(default='d'), m.groupdict(), m.groupdict(1), m.span('a'), m.lastgroup, m.lastindex, m.pos, m.endpos, m.string, m.re is p)
print(m.expand(r'[\1\g<a>\g<2>]'), m.regs, m, p, b, re.compile('a' * 300, I | A | M))
print(p.groups, p.groupindex, p.flags, b.flags, p.pattern, b.pattern, re.compile('').groupindex)
print(p == re.compile('(?P<a>x)(y)?'), p == b, p != b, hash(p) == hash(re.compile('(?P<a>x)(y)?', 0)), re.compile('a') == re.compile('a', I), p.__copy__() is p, bool(m))
print(re.subn('(b)|(c)', r'[\1\2]', 'abcabc', 3), re.sub('', '-', 'abc'), re.sub('b*', '-', 'abc'), re.sub('x', 'y', 'abc'), re.sub('(.)', lambda m: m[1] * 2, 'abc'))
print(re.split('b', 'abcbd', 1), re.split('(b)|(c)', 'abc'), re.split('', 'ab'), re.sub(b'b', bytearray(b'xx'), b'abc'), re.sub('a', '\\n', 'bab').encode())
s = re.compile('a|b').scanner('ab-a')
print(s.match(), s.match(), s.match(), s.match(), s.pattern)
s = re.compile('a|').scanner('aba')
print([s.search() for i in range(5)])
it = re.finditer('(a)|.', 'xay')
print(type(it).__name__, [m.group(1) for m in it])
data = bytearray(b'abc')
it = re.finditer(b'b', data)
try:
    data.extend(b'x' * 100)
except BufferError as e:
    print('BufferError')
print(list(it))
data.extend(b'x')
print(re.Scanner([(r'\d+', lambda s, t: int(t)), (r'\w+', lambda s, t: t), (r'\s+', None)]).scan('ab 12 c!'))
print(re.match(r'(?:a|b|c)*d', 'abc' * 5000 + 'd').span(), re.match(r'(?:(a)|(b))*', 'ab' * 5000).regs, re.search(r'(a|b)*?c', 'ab' * 3000 + 'c').span())
print(re.match('((((a?)?)?)?)*', 'aaa').regs, re.fullmatch('(a+)+', 'a' * 1000).span())
print(len(re.findall(r'\w+|\S', 'word, ' * 5000)), re.escape('a.b*c'))
