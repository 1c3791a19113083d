# Descriptors, functions, methods, properties, class and static methods, super, modules, cells, proxies, namespaces.
def err(f, *a, **k):
    try:
        r = f(*a, **k)
    except BaseException as e:
        print(type(e).__name__, '|', e)
    else:
        print('no error', r)
def addr(s): return ''.join('0x' if i % 2 else p for i, p in enumerate(split_addr(s)))
def split_addr(s):
    out, i = [], 0
    while True:
        j = s.find('0x', i)
        if j < 0: out.append(s[i:]); return out
        out.append(s[i:j]); k = j + 2
        while k < len(s) and s[k] in '0123456789abcdef': k += 1
        out.append(''); i = k
# order of lookup
class Data:
    def __get__(self, o, t=None): return ('data', o is None, t.__name__)
    def __set__(self, o, v): print('set', v)
    def __delete__(self, o): print('delete')
class NonData:
    def __get__(self, o, t=None): return ('nondata', o is None, t.__name__)
class OnlySet:
    def __set__(self, o, v): o.__dict__['os'] = v
class C:
    d = Data(); n = NonData(); os = OnlySet(); plain = 1
c = C()
print(c.d, C.d, c.n, C.n); c.d = 5; del c.d
c.__dict__.update(d='inst', n='inst'); print(c.d, c.n); c.n = 3; print(c.n); del c.n; print(c.n)
c.os = 4; print(c.os)
err(delattr, c, 'os')
err(delattr, c, 'plain')
# properties
class P:
    def __init__(self): self._x = 1
    @property
    def x(self):
        "the x"
        return self._x
    @x.setter
    def x(self, v): self._x = v
    @x.deleter
    def x(self): del self._x
    @property
    def ro(self): return 1
    wo = property(None, lambda s, v: None)
    nd = property(doc='explicit')
p = P(); p.x = 4; print(p.x, P.x.__doc__, P.nd.__doc__, P.x.fget.__name__); del p.x
err(lambda: p.x); err(setattr, p, 'ro', 1); err(delattr, p, 'ro'); err(lambda: p.wo)
err(setattr, P.x, 'fget', 1); err(property, 1, 2, 3, 4, 5); err(property().__get__, 5); err(lambda: property().__set__(p, 1))
class PS(property):
    "sub"
class UP:
    @PS
    def y(self): 'y doc'; return 2
print(UP().y, UP.y.__doc__, type(UP.y).__name__, type(UP.y.setter(None)).__name__)
class AP:
    @property
    def a(self): raise AttributeError('inner')
    def __getattr__(self, n): return 'fallback ' + n
print(AP().a)
# functions
def f(a, b=2, /, c=3, *args, d: int = 4, **kw) -> str:
    "docstring"
    return a
print(f.__name__, f.__qualname__, f.__module__, f.__doc__, f.__defaults__, f.__kwdefaults__, f.__annotations__, f.__closure__, f.__dict__, f.__code__.co_name, f.__globals__ is globals(), f.__builtins__ is vars(__builtins__))
f.attr = 1; f.other = [2]; print(f.attr, f.__dict__, vars(f)); del f.attr; err(lambda: f.attr); err(delattr, f, 'attr')
f.__name__ = 'ff'; f.__qualname__ = 'q.ff'; f.__defaults__ = (9, 8); f.__kwdefaults__ = {'d': 1}; f.__doc__ = None; f.__annotations__ = {}; print(f.__name__, f.__defaults__, f.__doc__, addr(repr(f)))
err(setattr, f, '__name__', 1); err(setattr, f, '__defaults__', 1); err(setattr, f, '__kwdefaults__', 1); err(setattr, f, '__code__', 1); err(setattr, f, '__dict__', 1); err(setattr, f, '__closure__', 1); err(setattr, f, '__annotations__', 1); err(delattr, f, '__dict__'); err(setattr, f, '__globals__', 1)
def outer(x):
    def inner(): return x
    return inner
g = outer(5); print(g.__closure__[0].cell_contents, g.__qualname__, len(g.__closure__), addr(repr(g.__closure__[0])))
g.__closure__[0].cell_contents = 6; print(g()); del g.__closure__[0].cell_contents
err(lambda: g.__closure__[0].cell_contents); err(setattr, g, '__code__', f.__code__)
FT = type(f); h = FT((lambda: gx).__code__, {'gx': 3}, 'hname'); print(h(), h.__name__)
err(FT, 1, {}); err(FT, f.__code__, 1); err(FT, g.__code__, {}); err(FT, g.__code__, {}, 'n', None, (1,)); err(FT, g.__code__, {}, 'n', None, ())
CT = type(g.__closure__[0]); print(CT(1) == CT(1), CT() == CT(), CT() < CT(1), CT(5).cell_contents); err(lambda: hash(CT(1))); err(CT, 1, 2)
# methods
class M:
    def m(self, *a): return ('m', a)
    def __repr__(self): return '<M>'
m = M(); print(m.m(1), M.m(m, 2), m.m.__self__ is m, m.m.__func__ is M.m, m.m.__name__, m.m == m.m, m.m is m.m, hash(m.m) == hash(m.m), m.m.__qualname__, m.m)
M.m.tag = 'T'; print(m.m.tag); err(setattr, m.m, 'tag', 1); MT = type(m.m); print(MT(len, [1, 2])()); err(MT, 5, 5); err(MT, len, None); err(MT, len)
print(m.m.__get__(5) == m.m, addr(repr(MT(print, 5))))
class S:
    @staticmethod
    def s(a): "sdoc"; return a
    @classmethod
    def c(cls, a): "cdoc"; return cls.__name__, a
print(S.s(1), S().s(2), S.c(1), S().c(2), S.__dict__['s'].__func__.__name__, S.__dict__['c'].__wrapped__.__name__, S.__dict__['s'](7), S.__dict__['s'].__doc__, S.__dict__['c'].__name__, addr(repr(S.__dict__['s'])), S.c.__self__ is S)
err(lambda: S.__dict__['c'](7)); err(staticmethod); err(classmethod, 1, 2); err(staticmethod(5)); err(staticmethod, x=1)
class Ch:
    @classmethod
    @property
    def cp(cls): return 'cp ' + cls.__name__
    sc = staticmethod(classmethod(lambda c: c))
print(Ch.cp, Ch().cp)
sm = staticmethod(len); sm.extra = 1; print(sm.extra, sm.__dict__.get('extra'), sm([1]))
# built-in functions
print(len, [].append.__name__, addr(repr([].append)), len.__self__.__name__, len.__text_signature__, len.__module__, len.__qualname__, [].append.__qualname__, dict.fromkeys.__qualname__, addr(repr(dict.fromkeys)), list.append, dict.__dict__['fromkeys'], str.maketrans.__name__)
print(list.append.__doc__, list.append.__objclass__, list.append.__qualname__, [].append == [].append, len == len, list.append.__text_signature__)
for bad in (lambda: len(), lambda: len(1, 2), lambda: len(x=1), lambda: [].append(), lambda: [].append(1, 2), lambda: [].append(x=1), lambda: list.append(), lambda: list.append(1, 2), lambda: list.append([]), lambda: [].pop(1, 2), lambda: [].insert(1), lambda: dict.fromkeys(), lambda: {}.get(), lambda: {}.get(1, 2, 3), lambda: setattr(len, 'x', 1), lambda: len.nope, lambda: type(len)(), lambda: 'a'.join(), lambda: list.append.x):
    err(bad)
print(type(list.append).__name__, type(dict.__dict__['fromkeys']).__name__, type(int.real).__name__ if hasattr(int, 'real') else '', type(type.__dict__['__mro__']).__name__, int.real, dict.__dict__['fromkeys'].__get__(None, dict)('ab'), object.__dict__['__class__'].__name__)
err(lambda: int.real.__get__('a')); err(lambda: list.append.__get__('a')); err(lambda: type.__dict__['__mro__'].__set__(int, 1))
# super
class A0:
    def who(self): return 'A0'
    @classmethod
    def cm(cls): return 'A0cm ' + cls.__name__
    @staticmethod
    def st(): return 'A0st'
    @property
    def pr(self): return 'A0pr'
    val = 'A0val'
class A1(A0):
    def who(self): return 'A1>' + super().who() + super(A1, self).who()
    @classmethod
    def cm(cls): return 'A1>' + super().cm()
    @staticmethod
    def st(): return 'A1>' + super(A1, A1).st()
    @property
    def pr(self): return 'A1>' + super().pr
    def v(self): return super().val
    def s(self): return super()
    def bad(self): return super().nope
a = A1(); print(a.who(), A1.cm(), a.cm(), A1.st(), a.pr, a.v(), addr(repr(a.s())), a.s().__thisclass__.__name__, a.s().__self__ is a, a.s().__self_class__.__name__, super(A1).__self__, super(A1))
err(a.bad); err(super); err(super, 1); err(super, A1, 1); err(super, A1, int); err(super, A1, a, 3)
print(super(A1, a).__class__.__name__, super(A1).__get__(a).who(), a.s().__class__)
def nosuper(): super()
err(nosuper)
def sup2(x): super()
err(sup2, 1)
# modules
import types
mod = types.ModuleType('mymod', 'mdoc'); print(mod, mod.__name__, mod.__doc__, mod.__dict__ is vars(mod), sorted(vars(mod)), mod.__loader__, mod.__spec__)
mod.x = 1; print(mod.x, dir(mod)); err(lambda: mod.y); mod.__getattr__ = lambda n: 'dyn ' + n; print(mod.zz); mod.__dir__ = lambda: ['b', 'a']; print(dir(mod)); del mod.x
err(types.ModuleType); err(types.ModuleType, 1); err(setattr, mod, '__dict__', {}); mod.__annotations__; mod.__annotations__ = 3; print(mod.__annotations__)
class Mod(types.ModuleType):
    @property
    def lazy(self): return 'lazy!'
mod.__class__ = Mod; print(mod.lazy, type(mod).__name__); import sys; print(sys, type(sys).__name__)
# proxies and namespaces
mp = C.__dict__; print(type(mp).__name__, 'd' in mp, len(mp) > 3, mp.get('plain'), mp['plain'], mp.get('none', 5)); err(lambda: mp.__setitem__('a', 1))
def setmp(): mp['x'] = 1
err(setmp); x = types.MappingProxyType({'a': 1}); print(x, x | {'b': 2}, x == {'a': 1}, list(x.items()), x.copy(), list(reversed(x))); err(types.MappingProxyType, 5); err(types.MappingProxyType, [1]); err(hash, x)
def iormp():
    y = x; y |= {}
err(iormp)
ns = types.SimpleNamespace(a=1, b='x'); ns.c = [ns]; print(ns, ns.a, ns == types.SimpleNamespace(a=1), ns.__dict__.keys()); err(types.SimpleNamespace, 1); err(lambda: ns.zz); del ns.a; print(vars(types.SimpleNamespace(q=1)), types.SimpleNamespace(a=1) == types.SimpleNamespace(a=1))
# singletons
for s in (None, ..., NotImplemented): print(s, type(s).__name__, type(s)() is s, bool(s) if s is not NotImplemented else '')
err(type(None), 1); err(lambda: None.x); err(setattr, None, 'x', 1); err(lambda n=None: n())
print(types.GenericAlias, list[int], dict[str, list[int]], tuple[int, ...], tuple[()], list[int].__origin__, list[int].__args__, list[int] == list[int], hash(list[int]) == hash(list[int]), list[int]([1]), type(list[int]).__name__, list[int].__parameters__, (*tuple[int, str],), type[int])
err(lambda: list[int][str]); err(isinstance, [], list[int]); err(issubclass, list, list[int]); err(lambda: list[int].nope); print(list[int].append, list[int].__class__, list[int] | None, [*list[int]])
class Sg(list[int]): pass
print(Sg.__orig_bases__, Sg.__bases__, Sg([1]))
