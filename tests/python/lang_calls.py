class A:
    def m(self, *a, **k): return a, k
    @staticmethod
    def s(*a): return a
    @classmethod
    def c(cls, *a): return cls.__name__, a
    def __call__(self, *a, **k): return 'called', a, k
    attr = len
    lam = lambda self, x: x
    def __getattr__(self, n): return lambda *a: (n, a)
a = A()
a.inst = lambda *x: ('inst', x)
print(a.m(), a.m(1, 2), a.m(1, x=2), a.m(*[1], **{'y': 3}), a.s(1), a.c(2), a(1, k=2), a.attr('abc'), a.lam(4), a.inst(5), a.dynamic(6))
print(A.m(a, 1), A.s(1, 2), A.c(), A().m(k=1))
f = a.m
print(f(1), 'x'.join(['a', 'b']), 'abc'.upper().lower().replace('a', 'z'), [3, 1, 2].index(1), {}.get('k', 5), (5).bit_length())
def order():
    def t(x): print('t', x, end=' '); return x
    def fn(*a, **k): return a, k
    fn(t(1), *t([2]), t(3), k=t(4), **t({'z': 5}))
    print()
    t('s').replace(t('s'), t('q'))
    print()
try: order()
except Exception as e: print(type(e))
print(int('12'), str(5), list('ab'), dict(a=1), dict([('b', 2)], c=3), max(1, 2, key=lambda v: -v), sorted([2, 1], reverse=True), type(5), isinstance(1, int))
print(len([1]), print('nested'), (lambda f: f(2))(lambda x: x * 2))
try: 5()
except TypeError as e: print(e)
try: a.m.nothing
except AttributeError as e: print(e)
try: 'x'.nope()
except AttributeError as e: print(e)
try: len()
except TypeError as e: print(e)
try: len(1, 2)
except TypeError as e: print(e)
try: 'a'.join(1)
except TypeError as e: print(e)
def deep(n): return n if n == 0 else deep(n - 1)
print(deep(500))
def inf(): return inf()
try: inf()
except RecursionError as e: print('RecursionError')
def nested_args(a, b, c): return a + b + c
print(nested_args(nested_args(1, 2, 3), nested_args(4, nested_args(5, 6, 7), 8), nested_args(9, 1, 2)))
def kwdef(a, b=[], *, c=None): return a, b, c
for i in range(3): print(kwdef(i), kwdef(i, c=i), kwdef(b=i, a=1))
class Init:
    def __init__(self, a, b=2): self.t = a, b
    def __new__(cls, *a, **k): print('new', a, k); return object.__new__(cls)
print(Init(1).t, Init(1, b=5).t, Init(*[7]).t)
print(*[1, 2], *(3,), sep='-')
print(sum(*[[1, 2]]), max(*range(3)))
