# compile() modes and levels, eval and exec with mappings, interactive statements.
import sys
shown = []
sys.displayhook = lambda v: shown.append(v)
for src in ('1 + 1', 'x = 5', 'x', 'for i in range(2): i', 'if x: x + 1', 'None', '"doc"'):
    exec(compile(src + '\n', '<s>', 'single'), globals())
print(shown)
sys.displayhook = sys.__displayhook__
src = '''
"doc"
assert x, 'no'
def f():
    "fdoc"
    assert False
    return __debug__
class C: "cdoc"
if __debug__: level = 'debug'
else: level = 'optimised'
'''
for level in 0, 1, 2:
    ns = {'x': 1}
    exec(compile(src, '<o>', 'exec', optimize=level), ns)
    try: r = ns['f']()
    except AssertionError: r = 'assertion'
    print(level, r, ns['f'].__doc__, ns['C'].__doc__, ns.get('__doc__'), ns['level'])
class NS(dict):
    def __missing__(self, k): return 'missing ' + k
print(eval('a', {}, NS()), eval('len', {'len': 5}))
class Map:
    def __init__(self): self.d = {}
    def __getitem__(self, k): print('get', k); return self.d[k]
    def __setitem__(self, k, v): print('set', k); self.d[k] = v
    def __delitem__(self, k): print('del', k); del self.d[k]
exec('q = 1\nq += 2\nprint(q)\ndel q\ndef g(): return q\nclass K: z = 1', {}, Map())
try: exec('a b', {})
except SyntaxError as e: print(e.msg, e.filename, e.lineno, e.offset)
try: eval('x = 1')
except SyntaxError as e: print(e.msg)
print(eval('  1 + 1'), eval(b'2 * 3'), eval('(lambda: [i for i in (1, 2)])()'))
def f():
    a = 1
    exec('a = 2; b = 3')
    return a, eval('a + 1')
print(f())
exec('import sys as s2; from sys import path as pp')
print(s2 is sys, pp is sys.path)
code = compile('yield_ = 1', 'x', 'exec', dont_inherit=True)
print(code.co_flags)
