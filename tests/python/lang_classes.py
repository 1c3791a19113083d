class A:
    """doc of A"""
    x = 1
    y = [x + i for i in range(2)] if False else x + 1
    def __init__(self, v): self.v = v
    def m(self, k=3): return self.v + k
    @staticmethod
    def s(a): return a * 2
    @classmethod
    def c(cls): return cls.__name__
    @property
    def p(self): return self.v * 10
    @p.setter
    def p(self, val): self.v = val
    def __private(self): return 'private'
    def callp(self): return self.__private()
    __attr = 5
    class Inner:
        def q(self): return __class__.__qualname__
a = A(4)
print(a.m(), a.m(k=1), A.s(3), A.c(), a.p, a.callp(), A._A__attr, A.Inner().q())
a.p = 7
print(a.v, A.__doc__, A.__module__, A.__qualname__, A.Inner.__qualname__, A.m.__qualname__)
class B(A):
    def __init__(self, v):
        super().__init__(v + 1)
    def m(self, k=0):
        return ('B', super().m(k), super(B, self).m(k))
    @classmethod
    def c(cls): return 'B' + super().c()
    def all(self): return [super(B, self).m(i) for i in range(2)]
b = B(1)
print(b.m(), B.c(), b.all(), isinstance(b, A), B.__mro__[1] is A)
class Meta(type):
    def __new__(mcs, name, bases, ns, **kw):
        print('new', name, sorted(k for k in ns if not k.startswith('__')), kw)
        return super().__new__(mcs, name, bases, ns)
    def __init__(cls, name, bases, ns, **kw): super().__init__(name, bases, ns)
    @classmethod
    def __prepare__(mcs, name, bases, **kw):
        print('prepare', name, kw)
        return {'prepared': 1}
class M(metaclass=Meta, opt=3):
    z = prepared + 1
    def f(self): return __class__
print(M.z, M().f() is M)
class Sub(M, A, extra=1): pass
kw = {'metaclass': Meta}
class Star(*(A,), **kw): pass
print(Star.__mro__[1].__name__)
class I:
    def __init_subclass__(cls, /, tag=None, **k): print('init_subclass', cls.__name__, tag)
class J(I, tag='t'): pass
class D:
    def __set_name__(self, owner, name): print('set_name', owner.__name__, name)
class K: d = D()
def local():
    class L:
        def f(self): pass
        class N: pass
    return L, L.f, L.N
print([x.__qualname__ for x in local()])
class Ann:
    a: int
    b: str = 'x'
    __c: 'quoted' = 1
print(Ann.__annotations__, Ann.b)
class Scope:
    v = 1
    def get(self):
        try: return v
        except NameError as e: return str(e)
    for i in range(3): v += i
    if v > 3: big = True
    else: small = True
    del i
print(Scope.v, Scope().get(), Scope.big, hasattr(Scope, 'i'))
@lambda c: (c, 'decorated')
class Deco: pass
print(Deco[1])
class Slots:
    __slots__ = ('a', 'b')
s = Slots(); s.a = 1
try: s.c = 2
except AttributeError as e: print(e)
class Del:
    q = 1
    try: del nothing
    except NameError as e: r = str(e)
    locals()['dyn'] = 5
print(Del.r, Del.dyn)
class Empty: ...
print(Empty.__name__, Empty.__bases__)
