# Argument binding: every form of call, and the messages of those that fail.
def show(f, *a, **k):
    try:
        print(f(*a, **k))
    except TypeError as e:
        print('TypeError:', e)

def f0(): return 'f0'
def f1(a): return a
def f2(a, b=2): return a, b
def f3(a, /, b, *, c): return a, b, c
def f4(*args, **kw): return args, kw
def f5(a, b=1, *args, c, d=4, **kw): return a, b, args, c, d, kw
def f6(a, b, c, d): return a
def f7(a, /, b=3, **kw): return a, b, kw
def f8(*, a, b): return a, b

show(f0); show(f0, 1); show(f0, 1, 2); show(f0, x=1)
show(f1); show(f1, 1); show(f1, 1, 2); show(f1, a=1); show(f1, 1, a=1); show(f1, b=1)
show(f2); show(f2, 1); show(f2, 1, 3); show(f2, 1, 2, 3); show(f2, b=1); show(f2, 1, b=5); show(f2, 1, 2, b=3)
show(f3); show(f3, 1); show(f3, 1, 2); show(f3, 1, 2, c=3); show(f3, a=1, b=2, c=3); show(f3, 1, b=2, c=3); show(f3, 1, 2, 3); show(f3, 1, 2, 3, c=4)
show(f4); show(f4, 1, 2); show(f4, x=1); show(f4, *range(3), **{'a b': 1})
show(f5); show(f5, 1); show(f5, 1, c=2); show(f5, 1, 2, 3, 4, c=5, d=6, e=7)
show(f6); show(f6, 1); show(f6, 1, 2); show(f6, 1, 2, 3); show(f6, 1, 2, 3, 4, 5)
show(f7, 1, a=2); show(f7, 1, 2, a=2, b=3)
show(f8); show(f8, a=1); show(f8, 1, a=1, b=2); show(f8, 1, 2)
for args in [(1,), (1, 2), (1, 2, 3)]:
    show(lambda x, y=0: (x, y), *args)

class C:
    def m(self, a, b=0): return self.__class__.__name__, a, b
    @classmethod
    def cm(cls, a): return cls.__name__, a
    @staticmethod
    def sm(a): return a
    def __call__(self, *a, **k): return 'call', a, k
c = C()
show(c.m); show(c.m, 1); show(c.m, 1, 2, 3); show(C.m, c, 1); show(C.m); show(c.cm, 1); show(C.cm, 2); show(C.cm); show(c.sm, 1); show(C.sm)
show(c, 1, x=2); show(c)
m = c.m
show(m, 5); show(m, b=1, a=2)
show(len); show(len, [], []); show([].append); show([].append, 1, 2); show([].clear, 1); show(len, x=1)
show([].insert, 1); show([].pop, 1, 2); show(1); show('a'); show(None, 1)
class D:
    def __init__(self, a, b=2): self.v = a, b
    def __repr__(self): return 'D%r' % (self.v,)
show(D); show(D, 1); show(D, 1, b=3); show(D, 1, 2, 3); show(D, c=1)
class E:
    def __new__(cls, *a):
        o = super().__new__(cls)
        o.a = a
        return o
    def __init__(self, *a): self.b = a
    def __repr__(self): return 'E%r%r' % (self.a, self.b)
show(E, 1, 2)
class F:
    def __init__(self): return 1
show(F)
class G: pass
show(G, 1)
class H(D):
    def __init__(self, *a, **k):
        super().__init__(*a, **k)
show(H, 1); show(H)

def g(a, b): return a, b
show(g, *[1], **{'b': 2}); show(g, *(1, 2), *()); show(g, *'xy')
try: g(*1)
except TypeError as e: print(e)
try: g(**1)
except TypeError as e: print(e)
try: g(1, **{1: 2})
except TypeError as e: print(e)
try: g(**{'a': 1}, **{'a': 2})
except TypeError as e: print(e)
try: print(g(1, *iter([2])))
except TypeError as e: print(e)
def deep(n): return n if n == 0 else deep(n - 1) + 1
print(deep(900))
def order(x):
    print('arg', x)
    return x
print(f4(order(1), *[order(2)], k=order(3), **{'z': order(4)}))
import sys
def inf(n): return inf(n + 1)
for _ in range(2):
    try: inf(0)
    except RecursionError as e: print(type(e).__name__, e)
class R:
    def __repr__(self): return repr(self)
try: repr(R())
except RecursionError as e: print('RecursionError')
