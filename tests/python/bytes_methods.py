# Methods of bytes and bytearray over a table of subjects and arguments.
def show(f, *args, **kw):
    try:
        r = f(*args, **kw)
    except Exception as e:
        r = type(e).__name__ + ': ' + str(e)
    print(ascii(r))

subjects = [b'', b'a', b'abc', b'Hello World', b'  pad\t\n', b'a,b,,c', b'x' * 30, bytes(range(0, 256, 7)), b'one\ntwo\r\nthree\rfour', b'123', b'\xff\xfe', b"it's", b'"\'', b'Title Case', b'a\tb']
for T in (bytes, bytearray):
    for s in map(T, subjects):
        for name in ('upper lower title capitalize swapcase strip lstrip rstrip split rsplit splitlines isalpha isalnum isdigit isspace isupper '
                     'islower istitle isascii expandtabs __len__ __repr__ __str__ hex').split():
            show(getattr(s, name))
        show(s.splitlines, True); show(s.center, 15, b'*'); show(s.ljust, 12); show(s.rjust, 12, b'.'); show(s.zfill, 8); show(s.hex, ':'); show(s.hex, '-', 2); show(s.hex, '_', -3)
        for sub in [b'', b'a', b'ab', b',', b'l', b'xx', b'\xff', bytearray(b'b'), 97, 300, -1, 'a', None]:
            for m in ('find', 'rfind', 'count', 'index', 'rindex', 'startswith', 'endswith', '__contains__', 'partition', 'rpartition', 'split', 'rsplit',
                      'removeprefix', 'removesuffix', 'strip', 'lstrip', 'rstrip', '__add__', '__eq__', '__lt__', 'join', 'translate'):
                show(getattr(s, m), sub)
            show(s.find, sub, 1, -1); show(s.split, sub, 1); show(s.replace, sub, b'<>'); show(s.replace, b'a', sub, 1); show(s.startswith, (b'zz', sub))
        show(s.translate, bytes(range(255, -1, -1))); show(s.translate, None, b'a'); show(s.translate, None, delete=b'lo'); show(s.decode, 'latin-1'); show(s.decode); show(s.decode, errors='replace')
    for a in (None, 0, 1, -1, 3, -9):
        for b in (None, 0, 2, -2, 50):
            for c in (None, 1, 2, -1): print(T(b'abcdef')[a:b:c], end=' ')
    print()
    for args in [(), (5,), (-1,), (b'ab',), ([1, 2, 255],), ([256],), ([-1],), (['a'],), ('é',), ('é', 'utf-8'), ('é', 'ascii'), ('é', 'ascii', 'ignore'), (b'a', 'utf-8'), (1.5,), (None,), (range(3),), (memoryview(b'mv'),),
                 (2 ** 70,), (iter([1, 2]),), (object(),), ((1, 2),), ({1},), ([True],)]:
        show(T, *args)
    show(T, encoding='utf-8'); show(T, errors='strict'); show(T, source=b'x'); show(T, 'x', errors='strict'); show(T, bogus=1)
    show(T.fromhex, '00 ff Ab'); show(T.fromhex, '0'); show(T.fromhex, '0g'); show(T.fromhex, 'é0'); show(T.fromhex, b'00'); show(T.fromhex, ' 1 2'); show(T.maketrans, b'ab', b'xy'); show(T.maketrans, b'a', b'xy')
    show(T(b',').join, [b'a', bytearray(b'b'), memoryview(b'c')]); show(lambda: T(b'ao').find(memoryview(b'o'))); show(lambda: T(b'ao').split(memoryview(b'a'))); show(T(b',').join, [b'a', 'b']); show(T(b',').join, 5); show(T().join, []); show(T(b'a').hex, 'xx'); show(T(b'a').hex, 'é'); show(T(b'a').hex, 5)
    show(T(b'a').center, 5, 'x'); show(T(b'a').center, 5, b'xx'); show(lambda: T(b'a') * 3); show(lambda: 2 * T(b'ab')); show(lambda: T(b'a') * -1); show(lambda: T(b'a') * 'x'); show(lambda: T(b'a') + 'x'); show(lambda: 'x' + T(b'a'))
    for i in (0, 2, -1, 3, -4, 'a', None, 2 ** 70): show(lambda: T(b'abc')[i])
    print(T(b'a') == b'a', T(b'a') == bytearray(b'a'), T(b'a') == 'a', T(b'a') < b'b', T(b'a') == memoryview(b'a'), T(b'a') != [97]); show(lambda: T(b'a') < 'a'); show(lambda: hash(T(b'a')) == hash('a'))
    it = iter(T(b'abc')); print(next(it), it.__length_hint__(), list(it), list(it))
class B(bytes):
    def __bytes__(self): return b'special'
b = B(b'abc')
print(b, type(b[:]), type(b.upper()), bytes(b), hash(b) == hash(b'abc'), b == b'abc', B(3)); b.x = 1; print(b.x, len(b))
class HasBytes:
    def __bytes__(self): return b'HB'
print(bytes(HasBytes()), b'%b' % HasBytes())
class Idx:
    def __index__(self): return 3
print(bytes(Idx()), bytes([Idx()]), b'abcdef'[Idx()], bytearray(Idx()))
a = bytearray(b'hello')
a[0] = 72; a[-1] = ord('O'); print(a); a[1:3] = b'EEE'; print(a); a[::2] = b'1234'[:len(a[::2])]; print(a); del a[0]; print(a); del a[::2]; print(a); a.append(33); a += b'xyz'; a *= 2; print(a)
for f in ('a[0] = 256', 'a[0] = "x"', 'a[100] = 1', 'a[0:2] = 5', 'a[0:2] = "ab"', 'a[::2] = b"1"', 'a.append(-1)', 'a.append("x")', 'a.insert(0, 300)', 'a.pop(99)', 'a.remove(200)', 'a.extend(5)', 'a.extend(["a"])', 'a.extend("x")',
          'del a[99]', 'a["x"] = 1', 'a += "x"', 'hash(a)', 'bytearray().pop()', 'a.remove("x")', 'a[0:1] = [300]'):
    try: exec(f); print(f, 'ok', a)
    except Exception as e: print(f, type(e).__name__, e)
a = bytearray(b'abc'); a.insert(1, 120); a.insert(-100, 65); a.insert(100, 90); print(a, a.pop(), a.pop(0), a); a.remove(120); a.reverse(); print(a); a.extend([1, 2]); a.extend(b'zz'); a.extend(iter((3,))); a.extend(bytearray(b'q')); print(a)
b = a.copy(); a.clear(); print(a, b); a[:] = b; a[2:2] = a; print(a); a[1:1] = range(3); print(a, len(a)); a[3:] = []; print(a)
a = bytearray(b'0123456789'); m = memoryview(a)
for f in ('a.append(1)', 'a.pop()', 'del a[0]', 'a[0:1] = b"ab"', 'a.clear()', 'a += b"x"', 'a.extend(b"x")'):
    try: exec(f); print('resized')
    except BufferError as e: print(e)
a[0:2] = b'XY'; m[2:4] = b'ZW'; print(a, bytes(m)); m.release(); a.append(33); print(a)
a = bytearray()
for i in range(100000): a.append(i & 255)
print(len(a), sum(a)); del a[:50000]; print(len(a), a[0]); n = 0
while a:
    del a[:1000]; n += 1
print(n, a)
a = bytearray(b'x' * 10); a.__init__(b'new'); print(a); a.__init__(); print(a, a.__alloc__() >= 0)
print(bytearray(b'ab').__reduce__(), bytearray(b'ab').__reduce_ex__(4), b'ab'.__getnewargs__())
class BA(bytearray): pass
x = BA(b'sub'); x.attr = 1; x += b'!'; print(x, type(x), x.attr, type(x + b''), repr(x))
print(b'a' b'\x00\xff', b'\'"', b"'", bytes([39, 34]), repr(bytearray(b"'\"\\\n")))
