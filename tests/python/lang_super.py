class A:
    def f(self): return 'A.f'
    @classmethod
    def c(cls): return 'A.c', cls.__name__
    @property
    def p(self): return 'A.p'
    @staticmethod
    def s(): return 'A.s'
    val = 5
class B(A):
    def f(self): return 'B' + super().f()
    @classmethod
    def c(cls): return ('B',) + super().c()
    @property
    def p(self): return 'B' + super().p
    def v(self): return super().val, super(B, self).val, super().s()
    def lam(self): return (lambda: super(B, self).f())()
    def gen(self):
        yield super().f()
        yield [super(B, self).f() for _ in range(1)][0]
    def kw(self, **k): return super().f(**k)
    def cell(self):
        def inner(): return self
        return super().f(), inner() is self
    def reassign(self):
        r = super().f()
        self = None
        return r
    def stored(self):
        s = super()
        return s.f(), s.val
    def star(self, *a): return super().f(*a)
    async def co(self): return super().f()
b = B()
print(b.f(), B.c(), b.p, b.v(), b.lam(), list(b.gen()), b.kw(), b.cell(), b.reassign(), b.stored(), b.star())
try: b.co().send(None)
except StopIteration as e: print(e.value)
class C(A):
    def missing(self): return super().nope
    def noargs(): return super().f()
    def miss2(self): return super().nope()
for n in ('missing', 'miss2'):
    try: getattr(C(), n)()
    except AttributeError as e: print(e)
try: C.noargs()
except RuntimeError as e: print(e)
def outside(self): return super().f()
try: outside(1)
except RuntimeError as e: print(e)
class D:
    def f(self): return 'D.f'
class E(A, D):
    def f(self): return 'E' + super().f()
class F(B, E): pass
print(F().f(), E().f())
class G(A):
    super = lambda *a: None
    def f(self): return super().f()
print(G().f())
def other():
    class super:
        def f(self): return 'fake'
    class H(A):
        def f(self): return super().f()
    return H().f()
print(other())
class I(A):
    def f(self):
        class J(A):
            def g(s): return super().f(), __class__.__name__
        return super().f(), J().g(), __class__.__name__
print(I().f())
class K(A):
    def comp(self): return [super(K, self).f() for i in range(1)]
    def bad(self): return [super().f() for i in range(1)]
print(K().comp())
try: K().bad()
except TypeError as e: print(e)
class Meta(type):
    def __call__(cls, *a): return super().__call__(*a)
class L(metaclass=Meta):
    def __init__(self, x): super().__init__(); self.x = x
print(L(3).x)
class N(A):
    def who(self): return super().__class__ is super, __class__.__name__, self.__class__.__name__
print(N().who())
