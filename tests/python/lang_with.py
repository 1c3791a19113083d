class M:
    def __init__(self, n, swallow=False): self.n = n; self.swallow = swallow
    def __enter__(self): print('enter', self.n); return self.n
    def __exit__(self, t, v, tb): print('exit', self.n, t and t.__name__, v, tb is not None); return self.swallow
with M(1): print('body')
with M(1) as a, M(2) as b: print(a, b)
with (M(1) as a, M(2, True) as b): raise ValueError('x')
print('after')
try:
    with M(1): raise KeyError('k')
except KeyError as e: print('caught', e)
def f():
    with M('r'): return 'ret'
print(f())
def g():
    for i in range(3):
        with M(i):
            if i == 0: continue
            if i == 1: break
    return i
print(g())
def h():
    try:
        with M('a') as x:
            with M('b', True) as y: raise ValueError
            print('swallowed', x, y)
            raise TypeError('t')
    except TypeError as e: return str(e)
    finally: print('fin')
print(h())
class T: pass
o = T(); l = [0]
with M((1, 2)) as (p, q), M(5) as o.attr, M(6) as l[0]: print(p, q, o.attr, l)
try:
    with 5: pass
except TypeError as e: print(e)
class NoExit:
    def __enter__(self): pass
try:
    with NoExit(): pass
except TypeError as e: print(e)
class Bad:
    def __enter__(self): raise ValueError('in enter')
    def __exit__(self, *a): print('never')
try:
    with Bad(): pass
except ValueError as e: print(e)
class BadExit:
    def __enter__(self): return self
    def __exit__(self, *a): raise KeyError('in exit')
try:
    with BadExit(): raise ValueError('body')
except KeyError as e: print(repr(e), repr(e.__context__))
def unpackfail():
    try:
        with M(5, True) as (a, b): print('no')
        print('swallowed')
        a
    except UnboundLocalError as e: print(e)
unpackfail()
import sys
with M(1, True):
    try: raise ValueError
    except ValueError:
        with M(2): print(sys.exc_info()[0])
        raise KeyError
def order():
    def t(x): print('t', x); return M(x)
    with t(1), t(2), t(3): pass
order()
def retexpr():
    x = [1]
    with M('q'):
        return x[0]
print(retexpr())
