# Operators and special methods: order, reflection, NotImplemented, in-place forms, fallbacks, error texts.
def err(f, *a, **k):
    try:
        r = f(*a, **k)
    except BaseException as e:
        print(type(e).__name__, '|', e)
    else:
        print('no error', r)
import operator as op
class Log:
    def __init__(self, n): self.n = n
    def __repr__(self): return self.n
names = 'add sub mul truediv floordiv mod divmod lshift rshift and or xor matmul pow'.split()
for n in names:
    def f(self, o, *m, n=n): return '%s.__%s__(%s)' % (self, n, o)
    def r(self, o, *m, n=n): return '%s.__r%s__(%s)' % (self, n, o)
    def i(self, o, n=n): return '%s.__i%s__(%s)' % (self, n, o)
    setattr(Log, '__%s__' % n, f); setattr(Log, '__r%s__' % n, r)
    if n != 'divmod': setattr(Log, '__i%s__' % n, i)
a, b = Log('a'), Log('b')
print(a + b, a - 1, 1 - a, a * b, 2.5 / a, a // b, 's' % a if 0 else a % 3, divmod(a, b), divmod(3, a), a << 1, 1 >> a, a & b, [] | a, a ^ (), a @ b, None @ a, a ** b, 2 ** a, pow(a, 2, 3))
for sym in '+ - * / // % << >> & | ^ @ **'.split():
    ns = {'x': a, 'b': b}; exec('x %s= b' % sym, ns); print(ns['x'], end=' ')
print()
class Sub(Log): pass
class Sub2(Log):
    def __radd__(self, o): return 'Sub2.radd'
    def __add__(self, o): return 'Sub2.add'
print(a + Sub('s'), a + Sub2('t'), Sub2('t') + a, Sub('s') + Sub2('t'))
class NI:
    def __add__(self, o): return NotImplemented
    def __radd__(self, o): return NotImplemented
    def __iadd__(self, o): return NotImplemented
    def __eq__(self, o): return NotImplemented
    def __lt__(self, o): return NotImplemented
    def __pow__(self, o, m=None): return NotImplemented
n = NI()
err(lambda: n + 1); err(lambda: 1 + n); err(lambda: n + n); err(lambda: n < n); print(n == n, n != n, n == 1); err(lambda: n ** 2); err(lambda: pow(n, 2, 3))
def ia():
    x = n; x += 1
err(ia)
err(lambda: hash(n))
for e in ('1 + "a"', '"a" + 1', '[] + ()', '() + []', 'b"" + ""', '[] * "a"', '"a" * 2.5', '{} + {}', 'None + None', '1 @ 2', '-"a"', '+[]', '~1.5', 'abs("x")',
          '1 << 2.0', '1 < "a"', '[] < ()', '{} < {}', '1j < 2j', 'None >= 1', 'len(5)', 'five[0]', 'five()', 'iter(5)', 'next(5)', '1 in 5', 'not_defined', 'int[3]', 'five[2:3]',
          'print >> 3', 'divmod("a", 1)', 'pow("a", 2)', 'pow(2, "a", 3)', 'round("x")', 'reversed(5)', 'hash([])', 'hash({})', 'hash({1})', 'object() < object()', 'list[int] + 1'):
    err(lambda: eval(e, {'five': 5}))
def d1(): x = 5; x[0] = 1
def d2(): x = 5; del x[0]
def d3(): x = 'a'; x[0] = 'b'
def d4(): x = (1,); del x[0]
def d5(): x = 5; x += 'a'
def d6(): x = [1]; x += 5
for d in (d1, d2, d3, d4, d5, d6): err(d)
# comparisons
class Cmp:
    def __init__(self, v): self.v = v
    def __eq__(self, o): return self.v == getattr(o, 'v', o)
    def __lt__(self, o): return self.v < getattr(o, 'v', o)
    def __hash__(self): return hash(self.v)
print(Cmp(1) == Cmp(1), Cmp(1) != Cmp(1), Cmp(1) < Cmp(2), Cmp(1) > Cmp(2), 5 > Cmp(3), {Cmp(1): 'x'}[1], Cmp(2) in [1, 2], sorted([Cmp(3), Cmp(1)])[0].v)
err(lambda: Cmp(1) <= Cmp(2))
class CS(Cmp):
    def __eq__(self, o): print('CS.eq', end=' '); return True
print(Cmp(1) == CS(5), CS.__hash__)
class Weird:
    def __eq__(self, o): return 'strange'
print(Weird() == 1, Weird() != 1, 1 == Weird())
# hash
class H:
    def __hash__(self): return 'x'
err(hash, H())
class H2:
    def __hash__(self): return -1
class H3:
    def __hash__(self): return 2 ** 70
print(hash(H2()), hash(H3()) == hash(2 ** 70))
class H4:
    __hash__ = None
err(hash, H4())
# bool, len
class Bo:
    def __init__(self, r): self.r = r
    def __bool__(self): return self.r
class Le:
    def __init__(self, r): self.r = r
    def __len__(self): return self.r
print(bool(Bo(True)), bool(Le(0)), bool(Le(3)), len(Le(3)), len(Le(True)))
err(bool, Bo(1)); err(len, Le(-1)); err(len, Le('a')); err(len, Le(2 ** 70)); err(bool, Le(-1)); err(len, Le(2.0))
# items, iteration, contains
class Seq:
    def __getitem__(self, i):
        if i >= 3: raise IndexError
        return i * 10
print(list(Seq()), 20 in Seq(), 25 in Seq(), [x for x in reversed([1, 2])], tuple(Seq()))
class It:
    def __init__(self): self.i = 0
    def __iter__(self): return self
    def __next__(self):
        self.i += 1
        if self.i > 3: raise StopIteration
        return self.i
print(list(It()), 2 in It(), max(It()), sum(It()), dict(zip(It(), 'abc')))
class BadIt:
    def __iter__(self): return 5
err(iter, BadIt())
class NoIt:
    __iter__ = None
    def __getitem__(self, i): return 1
err(iter, NoIt())
class NoC:
    __contains__ = None
err(lambda: 1 in NoC())
class Co:
    def __contains__(self, x): return 'yes' if x == 1 else ''
print(1 in Co(), 2 in Co())
class GI:
    def __getitem__(self, k): return k
    def __setitem__(self, k, v): print('set', k, v)
    def __delitem__(self, k): print('del', k)
g = GI(); print(g[1], g[1:2], g[1, 2], g[...], g[::2, None]); g[3] = 4; del g['x']; g[1:2] = 5
class OnlySet:
    def __setitem__(self, k, v): pass
err(lambda: OnlySet()[1])
def delit(): o = OnlySet(); del o[1]
err(delit)
# numbers
class Nu:
    def __int__(self): return 7
    def __float__(self): return 2.5
    def __complex__(self): return 1j
    def __index__(self): return 3
    def __round__(self, n=None): return ('round', n)
    def __trunc__(self): return 11
    def __floor__(self): return 12
    def __ceil__(self): return 13
print(int(Nu()), float(Nu()), complex(Nu()), [1, 2, 3, 4][Nu()], round(Nu()), round(Nu(), 2), Nu().__trunc__(), Nu().__floor__(), hex(Nu()), op.index(Nu()), range(10)[Nu()], 'ab' * Nu())
class BadNu:
    def __int__(self): return 'x'
    def __float__(self): return 'x'
    def __index__(self): return 'x'
err(int, BadNu()); err(float, BadNu()); err(op.index, BadNu()); err(lambda: [1][BadNu()])
# call
class Ca:
    def __call__(self, *a, **k): return a, k
print(Ca()(1, x=2), callable(Ca()), callable(5))
Ca.__call__ = 5
err(lambda: Ca()())
# format, str, repr
class F:
    def __format__(self, s): return 'fmt(%s)' % s
    def __str__(self): return 'str'
    def __repr__(self): return 'repr'
print(f'{F()} {F():abc} {F()!r} {F()!s:>5}', '%s %r' % (F(), F()), format(F(), 'q'), str(F()), repr([F()]))
class BadS:
    def __str__(self): return 5
    def __repr__(self): return 5
    def __format__(self, s): return 5
err(str, BadS()); err(repr, BadS()); err(format, BadS()); err(format, object(), 'x'); err(format, 5, 5)
class OnlyRepr:
    def __repr__(self): return 'OR'
print(str(OnlyRepr()), f'{OnlyRepr()}', ascii('é'))
# slot wrappers and their calls
print((5).__add__(3), int.__add__(5, 3), (5).__radd__(3), 'a'.__eq__('a'), (5).__eq__('a'), [].__len__(), {}.__contains__(1), (1).__bool__(), (5).__lt__(6), type(int.__add__).__name__, type((5).__add__).__name__)
err(lambda: int.__add__('a', 1)); err(lambda: int.__add__()); err(lambda: (5).__add__()); err(lambda: (5).__add__(1, 2)); err(lambda: (5).__add__(x=1))
print(int.__add__, (5).__add__.__name__, int.__add__.__qualname__, int.__add__.__doc__, int.__add__.__objclass__, int.__add__.__text_signature__)
print(object.__repr__(5)[:11], object.__str__('a'), object.__eq__(1, 1), object.__ne__(1, 2), object.__hash__ is int.__hash__)
it = iter([1]); print(it.__next__()); err(it.__next__)
print(list.__hash__, [].__iadd__([1]), (2).__pow__(3), (2).__pow__(3, 5), (2).__rpow__(3), 'a'.__mul__(2), 'a'.__rmul__(2), hasattr('a', '__radd__'), hasattr([], '__radd__'), hasattr(1, '__iadd__'))
# isinstance of odd things
err(isinstance, 1, 5); err(issubclass, 1, int); err(issubclass, int, 5); err(isinstance, 1, (int, 5)); err(isinstance, 'a', (int, 5)); err(isinstance, 1, list[int])
class Prox:
    @property
    def __class__(self): return int
print(isinstance(Prox(), int), isinstance(Prox(), Prox), isinstance(Prox(), str), type(Prox()).__name__)
class Duck:
    __bases__ = ()
class Duck2:
    __bases__ = (Duck,)
d, d2 = Duck(), Duck2()
d2.__bases__ = (d,)
print(issubclass(d2, d), issubclass(d, d2))
# length hint
class LH:
    def __length_hint__(self): return 10
class LB:
    def __length_hint__(self): return -1
print(op.length_hint(LH()), op.length_hint([1]), op.length_hint(5, 9)); err(op.length_hint, LB())
# descriptors in operators come from the type only
class Inst: pass
o = Inst(); o.__add__ = lambda x: 1; o.__len__ = lambda: 3
err(lambda: o + 1); err(len, o)
class Dsc:
    def __get__(self, o, t): return lambda *a: ('bound', a)
class UsesD:
    __add__ = Dsc(); __len__ = Dsc(); __call__ = Dsc(); __getitem__ = Dsc()
print(UsesD() + 1, UsesD()(2), UsesD()[3])
class SM:
    @staticmethod
    def __len__(): return 9
    @classmethod
    def __getitem__(cls, k): return cls.__name__, k
print(len(SM()), SM()[1])
