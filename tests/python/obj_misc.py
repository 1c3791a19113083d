# Weak references, pickling defaults, copying, sizes, dir, generic aliases with type variables, garbage.
def err(f, *a, **k):
    try:
        r = f(*a, **k)
    except BaseException as e:
        print(type(e).__name__, '|', e)
    else:
        print('no error', r)
import gc, weakref
class W:
    def __init__(self, n): self.n = n
    def __len__(self): return 3
    def __call__(self, x): return x, self.n
    def __add__(self, o): return 'add'
    def __getitem__(self, k): return k
    def __iter__(self): return iter([1])
    def __contains__(self, x): return x == 9
    def __eq__(self, o): return isinstance(o, W) and o.n == self.n
    def __hash__(self): return hash(self.n)
w = W(1); r = weakref.ref(w); print(r() is w, r is weakref.ref(w), weakref.getweakrefcount(w), r == weakref.ref(w), hash(r) == hash(w), r.__callback__, type(r).__name__, type(r) is weakref.ReferenceType)
cb = weakref.ref(w, lambda r: print('dead', r() is None)); print(cb is r, weakref.getweakrefcount(w), len(weakref.getweakrefs(w)), cb.__callback__ is not None, cb == r)
p = weakref.proxy(w); print(p.n, len(p), p + 1, p[4], list(p), 9 in p, p(5), type(p).__name__, p == w, bool(p), isinstance(p, W), weakref.proxy(w) is p); p.n = 7; print(w.n); del p.n; err(lambda: p.n); w.n = 1; err(hash, p)
for bad in (1, 'a', (), [], None, object(), 1.5): err(weakref.ref, bad)
class NoWeak: __slots__ = ()
class YesWeak: __slots__ = ('__weakref__',)
err(weakref.ref, NoWeak()); y = YesWeak(); print(weakref.ref(y)() is y)
for good in (W, len, W.__len__, w.__len__, weakref, {1}, frozenset([1])): print(type(weakref.ref(good)).__name__, end=' ')
print()
class KR(weakref.ref):
    __slots__ = ('key',)
    def __new__(cls, o, cb=None, key=None): return super().__new__(cls, o, cb)
    def __init__(self, o, cb=None, key=None): super().__init__(o, cb); self.key = key
k = KR(w, None, 'kk'); print(k.key, k() is w, isinstance(k, weakref.ref), k == r); err(weakref.ref); err(weakref.ref, w, None, 3); err(lambda: r(1)); err(lambda: weakref.ref(w, x=1))
d = weakref.WeakValueDictionary(); d['a'] = w; print(d['a'] is w, len(d)); s = weakref.WeakSet([w]); print(w in s, len(s)); kd = weakref.WeakKeyDictionary(); kd[w] = 1; print(kd[w])
def clear():
    x = W(5); return weakref.ref(x)
rr = [clear() for _ in range(30)]
def churn(n): return [object() for _ in range(n)] and None
churn(1000); gc.collect(); print(sum(1 for x in rr if x() is None) >= 28)
class Del:
    count = 0
    def __del__(self): Del.count += 1
for _ in range(50): Del()
gc.collect(); churn(1000); gc.collect(); print(Del.count >= 48)
class Cyc: pass
c1 = Cyc(); c1.me = c1; cr = weakref.ref(c1); c1 = None; churn(2000); gc.collect(); cr() is None or 'found by a conservative scan'
# reduce
import copyreg
class Plain:
    def __init__(self): self.a = 1
class Slotted:
    __slots__ = ('x', 'y')
class SlotDict(Slotted): pass
class L(list): pass
class D(dict): pass
class T(tuple): pass
class I(int): pass
class GNA(int):
    def __getnewargs__(self): return (1, 2)
class GNX:
    def __getnewargs_ex__(self): return (1,), {'k': 2}
class GS:
    def __getstate__(self): return 'state'
sl = Slotted(); sl.x = 5; sd = SlotDict(); sd.x = 1; sd.z = 3; l = L([1]); l.q = 1
for o in (Plain(), sl, sd, object(), GNX(), GS(), GNA(4)):
    for pr in (0, 1, 2, 4):
        try: x = o.__reduce_ex__(pr); print(pr, x[0].__name__, x[1:])
        except Exception as e: print(pr, type(e).__name__, e)
for o in (l, D(a=1), T((1, 2)), I(5)):
    x = o.__reduce_ex__(2); print(x[1:3], list(x[3]) if x[3] else None, list(x[4]) if x[4] else None)
err(sl.__reduce_ex__, 'x'); print(Plain().__getstate__(), sl.__getstate__(), sd.__getstate__(), object().__getstate__(), l.__getstate__())
for bad in (len.__self__, (i for i in ()), iter([]), type(len), lambda: 0):
    try: print(type(bad.__reduce_ex__(4)).__name__)
    except Exception as e: print(type(e).__name__, str(e)[:60])
class CR:
    def __reduce__(self): return 'custom'
print(CR().__reduce_ex__(4))
import copy
c = copy.copy(sd); print(c.x, c.z, copy.deepcopy(l), copy.deepcopy(l).q, copy.copy(I(5)), copy.deepcopy({1: [Plain()]})[1][0].a, copy.copy(T((1,))))
# dir
print([n for n in dir(Plain()) if not n.startswith('__')], [n for n in dir(object())], sorted(set(dir(type)) - set(dir(object))))
class HasDir:
    def __dir__(self): return ['b', 'a']
print(dir(HasDir())); err(lambda: dir(type('X', (), {'__dir__': lambda s: 5})()))
print(object().__sizeof__() > 0, [].__sizeof__() > 0, Plain.__sizeof__(Plain()) > 0)
# generic aliases with type variables
class TV:
    def __init__(self, n): self.n = n
    def __repr__(self): return '~' + self.n
    def __typing_subst__(self, a): return a
    def __or__(self, o): return NotImplemented
X, Y = TV('X'), TV('Y')
a = dict[X, list[Y]]; print(a, a.__parameters__, a[int, str], a[int, X], list[X][int], tuple[X, ...][int]); err(lambda: a[int]); err(lambda: a[int, int, int]); err(lambda: list[int][int])
class Gen:
    def __class_getitem__(cls, k): return cls.__name__, k
print(Gen[int], Gen[1, 2]); err(lambda: Plain[1])
import types
ga = types.GenericAlias(list, int); print(ga, ga == list[int], ga.__reduce__(), dir(ga)[:2], types.GenericAlias(list, (int, str)), ga.__mro_entries__(()), type(ga.__doc__).__name__); err(types.GenericAlias, 1); err(setattr, ga, '__origin__', 1)
u = int | list[str]; print(u, u.__args__, type(u), u == list[str] | int, hash(u) == hash(list[str] | int), (int | X if False else ''), u | None, None | u); err(lambda: u[int]); err(type(u)); err(isinstance, 1, u); err(lambda: u())
print(copy.copy(int | str), int | int, isinstance(None, int | None), issubclass(type(None), int | None)); err(issubclass, 1, int | str)
print(copy.copy(ga), copy.deepcopy(u))
# structure sequences
import sys, time, os
st = os.stat('/'); print(type(st).__name__, len(st), st[0] == st.st_mode, isinstance(st, tuple), st.n_fields >= 16, st.n_sequence_fields, st.n_unnamed_fields, type(st).__match_args__)
t = time.struct_time((1, 2, 3, 4, 5, 6, 7, 8, 9)); print(t, t.tm_year, t[:2], t.__reduce__()[1], t == (1, 2, 3, 4, 5, 6, 7, 8, 9)); err(time.struct_time, (1,)); err(time.struct_time, 5); err(setattr, t, 'tm_year', 1); err(time.struct_time)
print(sys.version_info[0], sys.version_info.major, sys.version_info >= (3, 11), type(sys.version_info).__name__)
