# Class statements: metaclasses, MRO, slots, hooks, layout rules, attributes of classes.
def err(f, *a, **k):
    try:
        r = f(*a, **k)
    except BaseException as e:
        print(type(e).__name__, '|', e)
    else:
        print('no error', r)

class A:
    "doc of A"
    x = 1
    def f(self): return 'A.f'
class B(A):
    def f(self): return 'B.' + super().f()
class C(A):
    def f(self): return 'C.' + super().f()
class D(B, C):
    def f(self): return 'D.' + super().f()
print(D().f(), [c.__name__ for c in D.__mro__], D.__bases__ == (B, C), D.__base__ is B)
print(A.__doc__, B.__doc__, A.__name__, A.__qualname__, A.__module__, repr(A), D.mro() == list(D.__mro__))
print(sorted(k for k in A.__dict__), type(A.__dict__).__name__)
err(type, 'X', (A, B), {})
err(type, 'X', (A, A), {})
err(type, 'X', (int, str), {})
err(type, 'X', (bool,), {})
err(type, 1, (), {})
err(type, 'X', [], {})
err(type, 'X', (), [])
err(type)
err(type, 1, 2)
class M1(type): pass
class M2(type): pass
class P(metaclass=M1): pass
class Q(metaclass=M2): pass
err(lambda: type('R', (P, Q), {}))
class R(P): pass
print(type(R).__name__, isinstance(R, M1))

# metaclass hooks
class Meta(type):
    @classmethod
    def __prepare__(mcs, name, bases, **kw):
        print('prepare', name, kw)
        return {'injected': 7}
    def __new__(mcs, name, bases, ns, **kw):
        print('new', name, sorted(k for k in ns if not k.startswith('__')), kw)
        return super().__new__(mcs, name, bases, ns)
    def __init__(cls, name, bases, ns, **kw):
        print('init', name, kw)
        super().__init__(name, bases, ns)
    def __call__(cls, *a, **k):
        print('call', cls.__name__, a, k)
        return super().__call__(*a, **k)
    @property
    def meta_prop(cls): return 'mp ' + cls.__name__
    def meta_meth(cls): return 'mm ' + cls.__name__
    def __instancecheck__(cls, o): return o == 42 or super().__instancecheck__(o)
    def __subclasscheck__(cls, c): return c is int or super().__subclasscheck__(c)
    def __getitem__(cls, k): return (cls.__name__, k)
    def __len__(cls): return 5
    def __iter__(cls): return iter('abc')
    def __contains__(cls, x): return x == 1
class K(metaclass=Meta, opt=3):
    a = 1
    def __init__(self, v): self.v = v
k = K(5)
print(k.v, K.meta_prop, K.meta_meth(), K.injected, isinstance(42, K), isinstance(k, K), issubclass(int, K), issubclass(str, K), K[3], len(K), list(K), 1 in K, 2 in K)
err(lambda: k.meta_meth())

# __init_subclass__, __set_name__
class Base:
    def __init_subclass__(cls, /, tag=None, **kw):
        super().__init_subclass__(**kw)
        print('sub', cls.__name__, tag)
class N:
    def __set_name__(self, owner, name): print('set_name', owner.__name__, name)
    def __get__(self, o, t): return 'N.get'
class S1(Base, tag='t'):
    n = N()
    m = N()
err(lambda: type('S2', (Base,), {}, bad=1))
class Bad:
    def __set_name__(self, o, n): raise ValueError('nope')
try:
    class S3: b = Bad()
except RuntimeError as e:
    print(e, repr(e.__cause__))
err(lambda: type('S4', (), {}, x=1))

# slots
class SL:
    __slots__ = ('a', 'b', '__priv')
    def __init__(self): self.a = 1
    def p(self): self.__priv = 4; return self.__priv
s = SL()
print(s.a, s.p(), hasattr(s, '__dict__'), SL.a, type(SL.a).__name__, sorted(n for n in dir(SL) if 'priv' in n))
err(lambda: s.b)
err(setattr, s, 'zz', 1)
del s.a
err(lambda: s.a)
err(delattr, s, 'a')
err(lambda: type('X', (), {'__slots__': ('a', 'a b')}))
err(lambda: type('X', (), {'__slots__': (1,)}))
err(lambda: type('X', (), {'__slots__': ('a',), 'a': 1}))
err(lambda: type('X', (int,), {'__slots__': ('a',)}))
err(lambda: type('X', (A,), {'__slots__': ('__dict__',)}))
class SD(SL):
    __slots__ = ('__dict__', 'c')
sd = SD(); sd.q = 1; sd.c = 2; print(sd.__dict__, sd.c, sd.a)
class T1: __slots__ = ('a',)
class T2: __slots__ = ('b',)
err(lambda: type('X', (T1, T2), {}))
class T3(T1): __slots__ = ()
class T4(T3, A): __slots__ = ('z',)
t = T4(); t.a = 1; t.z = 2; t.any = 3; print(t.a, t.z, t.any, t.__dict__)
class FS(float): __slots__ = ('unit',)
f = FS(1.5); f.unit = 'm'; print(f, f.unit, f + 1)
err(setattr, f, 'other', 1)

# subclassing built-ins
class I(int):
    def __new__(cls, v, note): 
        o = super().__new__(cls, v); o.note = note; return o
    def __add__(self, o): return I(int(self) + int(o), 'sum')
i = I(5, 'five'); print(i, i.note, i + 1, (i + 1).note, type(i + 1).__name__, i * 2, type(i * 2).__name__, i.__dict__, hash(i) == hash(5), i == 5)
class St(str):
    def up(self): return self.upper()
st = St('abc'); st.tag = 1; print(st, st.up(), st.tag, len(st), st == 'abc', {st: 1}['abc'], type(st[:]).__name__, isinstance(st, str))
class L(list):
    def __init__(self, *a): super().__init__(a); self.extra = 'e'
l = L(1, 2); l.append(3); print(l, l.extra, len(l), l.__dict__, l == [1, 2, 3])
class Dd(dict):
    def __missing__(self, k): return 'miss ' + k
d = Dd(a=1); d.attr = 2; print(d['a'], d['zz'], d.attr, d)
class Tu(tuple):
    def __new__(cls, *a): return super().__new__(cls, a)
tu = Tu(1, 2, 3); tu.name = 'n'; print(tu, tu.name, tu[1], len(tu))
class E(Exception):
    def __init__(self, a, b): super().__init__(a); self.b = b
e = E(1, 2); print(repr(e), e.b, e.args, e.__dict__)
class By(bytes): pass
print(By(b'abc'), type(By(b'x')).__name__)
class Se(set): pass
x = Se([1]); x.q = 3; print(x, x.q)
class Fz(frozenset): pass
z = Fz([1]); z.q = 3; print(z, z.q)
class Fl(float): pass
w = Fl(2.5); w.q = 1; print(w, w.q, w / 2)
class Cx(complex): pass
print(Cx(1, 2), Cx(1, 2).real)

# class attributes
A.y = 5; print(A.y, D.y, D().y)
del A.y
err(lambda: D.y)
err(lambda: setattr(int, 'x', 1))
err(lambda: delattr(A, 'nope'))
err(lambda: A.nope)
A.__name__ = 'AA'; A.__qualname__ = 'QQ'; print(A, A.__name__); A.__name__ = A.__qualname__ = 'A'
err(setattr, A, '__name__', 1)
err(delattr, A, '__name__')
print([c.__name__ for c in A.__subclasses__()])
err(setattr, int, '__bases__', (object,))
class B1: 
    def g(self): return 'B1'
class B2:
    def g(self): return 'B2'
class Z(B1): pass
zz = Z(); print(zz.g(), end=' '); Z.__bases__ = (B2,); print(zz.g(), Z.__mro__[1].__name__, [c.__name__ for c in B1.__subclasses__()], [c.__name__ for c in B2.__subclasses__()])
err(setattr, Z, '__bases__', ())
err(setattr, Z, '__bases__', 3)
err(setattr, Z, '__bases__', (Z,))
err(setattr, Z, '__bases__', (int,))
# __class__
o = B1(); o.v = 1; o.__class__ = B2; print(o.g(), o.v, type(o).__name__)
err(setattr, o, '__class__', int)
err(setattr, o, '__class__', 5)
err(setattr, 5, '__class__', B1)
err(setattr, o, '__class__', SL)
# counters
class Cnt: n = 0
for _ in range(100): Cnt.n += 1
print(Cnt.n, Cnt().n)
# later changes of special methods
class Late: pass
la = Late()
err(lambda: la + 1)
Late.__add__ = lambda s, o: ('add', o)
print(la + 1)
class Later(Late): pass
lr = Later(); Late.__len__ = lambda s: 3; print(len(lr), bool(lr)); Late.__bool__ = lambda s: False; print(bool(lr)); del Late.__len__
err(len, lr)
# abstract
from abc import ABCMeta, abstractmethod, ABC
class Ab(ABC):
    @abstractmethod
    def one(self): ...
    @abstractmethod
    def two(self): ...
err(Ab)
class Ab2(Ab):
    def one(self): pass
err(Ab2)
class Ab3(Ab2):
    def two(self): pass
print(type(Ab3()).__name__, sorted(Ab.__abstractmethods__))
# instances of object
err(object, 1)
err(A, 1)
err(lambda: object().x)
err(lambda: setattr(object(), 'x', 1))
class WithNew:
    def __new__(cls, *a): return object.__new__(cls)
print(type(WithNew(1, 2)).__name__)
class WithBadNew:
    def __new__(cls, *a): return object.__new__(cls, *a)
err(WithBadNew, 1)
class BadInit:
    def __init__(self): return 3
err(BadInit)
err(lambda: object.__new__(int))
err(lambda: object.__new__())
err(lambda: object.__new__(1))
err(lambda: int.__new__(str))
# __getattr__, __getattribute__, __setattr__, __delattr__
class G:
    def __getattr__(self, n):
        if n.startswith('d'): return 'dyn ' + n
        raise AttributeError(n)
g = G(); g.real = 1; print(g.real, g.dx, hasattr(g, 'zz'), getattr(g, 'zz', 'default'))
class GA:
    def __getattribute__(self, n):
        if n == 'sp': return 'special'
        return object.__getattribute__(self, n)
    def __setattr__(self, n, v): object.__setattr__(self, n, v * 2)
    def __delattr__(self, n): print('del', n); object.__delattr__(self, n)
ga = GA(); ga.v = 4; print(ga.sp, ga.v); del ga.v
err(lambda: ga.v)
# deleting and the dict
class O: pass
o = O(); o.a = 1; o.b = 2; o.c = 3; del o.b; print(o.__dict__, o.a, o.c); o.d = 4; o.__dict__['e'] = 5; print(o.e, vars(o)); o.__dict__ = {'q': 1}; print(o.q, hasattr(o, 'a'))
err(setattr, o, '__dict__', 3)
err(delattr, o, 'nope')
many = O()
for n in range(300): setattr(many, 'a%d' % n, n)
print(sum(getattr(many, 'a%d' % n) for n in range(300)), len(many.__dict__))
class Big:
    def __init__(self):
        for n in range(60): setattr(self, 'f%d' % n, n)
bs = [Big() for _ in range(20)]
print([b.f59 + b.f0 + b.f9 for b in bs][-3:], len(vars(bs[0])), list(vars(bs[3]))[:12])
# copies of namespaces keep order
print(list(type('Ord', (), dict(z=1, a=2, m=3)).__dict__)[:3])
print(type('Q', (), {'__qualname__': 'my.q'}).__qualname__)
err(type, 'Q', (), {'__qualname__': 1})
err(type, 'Q', (), {'__classcell__': 1})
print(int | None, int | str | int, (int | None) == (None | int), isinstance(3, int | str), issubclass(bool, int | None), list[int] | None)
err(lambda: int | 3)
print(A.__flags__ & 512 != 0, int.__flags__ & 512)
