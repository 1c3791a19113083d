def f(a, /, b, *c, d, **e):
    x = a
    def g():
        return x, b
    return g
c = f.__code__
print(c.co_name, c.co_qualname, c.co_argcount, c.co_posonlyargcount, c.co_kwonlyargcount, c.co_nlocals)
print(c.co_varnames, c.co_cellvars, c.co_freevars, hex(c.co_flags), c.co_firstlineno)
g = f(1, 2, d=3)
print(g.__code__.co_freevars, g.__code__.co_qualname, hex(g.__code__.co_flags), g.__qualname__)
def gen(): yield 1
async def co(): pass
async def ag(): yield 1
print(hex(gen.__code__.co_flags), hex(co.__code__.co_flags), hex(ag.__code__.co_flags), hex((lambda: 1).__code__.co_flags))
ge = (x for x in [1])
print(ge.gi_code.co_name, ge.gi_code.co_qualname, ge.gi_code.co_varnames, hex(ge.gi_code.co_flags))
m = compile('"""doc"""\nx = 1\n', 'file.py', 'exec')
print(m.co_name, m.co_qualname, m.co_filename, hex(m.co_flags), m.co_firstlineno)
h = f.__code__.replace(co_name='renamed', co_firstlineno=99)
print(h.co_name, h.co_firstlineno, h == f.__code__, f.__code__ == f.__code__, hash(h) == hash(h))
def consts(): return 1, 'a', (1, 2), 2.5, None
print([k for k in consts.__code__.co_consts if k != 0] != [])
def doc():
    "docstring"
print(doc.__code__.co_consts[0], consts.__code__.co_consts[0])
print(sorted({l for s, e, l in f.__code__.co_lines() if l}) == [2, 3, 5] or sorted({l for s, e, l in f.__code__.co_lines() if l}))
def pos(a, b):
    return a + b
print((28, 28, 11, 16) in list(pos.__code__.co_positions()))
import marshal
s = marshal.dumps(f.__code__)
k = marshal.loads(s)
print(k == f.__code__, k.co_varnames, k.co_freevars, k.co_name)
ns = {}
exec(marshal.loads(marshal.dumps(compile('def q(n):\n  return [i * n for i in range(3)]\nr = q(2)\nt = (1, "a", 2.5, None, True, ..., b"x", 10**30)', 'f', 'exec'))), ns)
print(ns['r'], ns['t'])
values = [None, True, False, ..., 0, 1, -1, 2 ** 31, -2 ** 31, 2 ** 62, 10 ** 40, -10 ** 40, 1.5, -0.0, 1e300, 2j, 'abc', 'h\xe9', '\u20ac', '', b'', b'xyz', (), (1, (2, 3)),
          [1, [2]], {'a': 1, 2: [3]}, {1, 2}, frozenset({'a'}), 'x' * 300, tuple(range(300))]
for v in values:
    for version in (0, 1, 2, 3, 4):
        r = marshal.loads(marshal.dumps(v, version))
        if r != v or type(r) is not type(v): print('bad', v, version, r)
for v in (1, 'abc', (1, 2), [1], 1.5, 2 ** 40, b'ab', None):
    print(marshal.dumps(v, 2))
for bad in (b'', b'(', b'i\x01', b'?', b'r\x00\x00\x00\x00'):
    try: print(marshal.loads(bad))
    except (EOFError, ValueError, TypeError) as e: print(type(e).__name__, e)
try: marshal.dumps(object())
except ValueError as e: print(e)
l = []; l.append(l)
r = marshal.loads(marshal.dumps(l)); print(r[0] is r)
