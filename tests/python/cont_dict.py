# Dicts, views and OrderedDict: order, collisions, mutation during look-up and iteration.
def attempt(f):
    try:
        return f()
    except Exception as e:
        return '%s: %s' % (type(e).__name__, e)

d = {}
for i in range(2000): d[i * 7919 % 2003] = i
for i in range(0, 2003, 3): d.pop(i, None)
print(len(d), list(d.items())[:4], list(reversed(d))[:3], sum(d.values()), 5 in d, d.get(3, 'no'))
d = {'a': 1, 'b': 2, 1: 'int', 1.0: 'float', True: 'bool', (1, 2): 't', None: 'n'}
print(d, d[1], attempt(lambda: d['zz']), attempt(lambda: d[[]]), attempt(lambda: {}.popitem()))
del d['a']; d['a'] = 3
print(list(d), d.popitem(), d.setdefault('q', 9), d.setdefault('q', 10), d.pop('q'), attempt(lambda: d.pop('q')))
print({**d, 'z': 1} | {'y': 2}, dict.fromkeys('ab', 0), dict([('x', 1)], y=2), dict(a=1) == {'a': 1.0}, attempt(lambda: dict([1])), attempt(lambda: dict([(1, 2, 3)])))
print({1: 2}.keys() & [1, 3], {1: 2}.items() ^ {(1, 2)}, {1: 2, 3: 4}.keys() - {1}, {1: 2}.keys() | [5], {1: 2}.keys() <= {1, 2}, {1: 2}.items() == {(1, 2)}, {1}.isdisjoint({2: 3}.keys()))

# keys that collide, lie, and change the dict while they are compared
class K:
    def __init__(self, v, h=1): self.v, self.h = v, h
    def __hash__(self): return self.h
    def __eq__(self, other): return isinstance(other, K) and self.v == other.v
    def __repr__(self): return 'K%r' % self.v
d = {K(i, i % 3): i for i in range(60)}
print(len(d), all(d[K(i, i % 3)] == i for i in range(60)), K(5, 0) in d)
for i in range(0, 60, 2): del d[K(i, i % 3)]
print(list(d)[:4], [d.get(K(i, i % 3)) for i in range(6)])
class Evil(K):
    def __eq__(self, other):
        global steps
        steps += 1
        if steps == 5: victim.clear()
        if steps == 9: victim.update((K(i), i) for i in range(100, 130))
        return super().__eq__(other)
    __hash__ = K.__hash__
steps = -10**6
victim = {Evil(i): i for i in range(30)}
steps = 0
print(len(victim), victim.get(Evil(777)), steps > 4)
class Raises:
    def __hash__(self): return 1
    def __eq__(self, other): raise ValueError('eq')
d = {Raises(): 1}
print(attempt(lambda: d[K(1)]), attempt(lambda: d.setdefault(K(1), 1)), len(d))

# iteration
def change(d, f):
    out = []
    try:
        for k in d:
            out.append(k)
            f(d, k)
            if len(out) > 50: return 'endless'
    except RuntimeError as e:
        return out, str(e)
    return out
print(change({1: 1, 2: 2}, lambda d, k: d.__setitem__(k + 10, 0)))
print(change({1: 1, 2: 2}, lambda d, k: d.pop(k)))
print(change({1: 1, 2: 2}, lambda d, k: d.__setitem__(k, 5)))
print(change({0: 0}, lambda d, k: (d.pop(k), d.__setitem__(k, 0))))
it = iter({1: 2, 3: 4}.items()); next(it)
print(it.__length_hint__(), list(it), list(it))
class M(dict):
    def __missing__(self, key): return 'missing %s' % key
m = M(a=1); m.x = 2
print(m['a'], m['b'], m.get('b'), m.x, m, attempt(lambda: dict(m)['b']))
r = {}; r['self'] = r
print(r, repr(r.values()))

from collections import OrderedDict, defaultdict, Counter
o = OrderedDict((c, i) for i, c in enumerate('abcdef'))
o.move_to_end('a'); o.move_to_end('f', last=False); o.move_to_end('e', last=False)
print(o, o.popitem(last=False), o.popitem(), list(reversed(o)), attempt(lambda: o.move_to_end('zz')))
for i in range(200):
    o[i] = i
    o.move_to_end(i, last=False)
    if i % 3 == 0: o.popitem(last=False)
    if i % 5 == 0: o.popitem()
print(len(o), list(o)[:5], list(o)[-5:], o == dict(o), o == OrderedDict(reversed(o.items())))
q = OrderedDict.fromkeys(range(5))
print(attempt(lambda: [q.move_to_end(k) for k in q]), q.keys(), type(q.copy()).__name__, q | {9: 9})
dd = defaultdict(list); dd['a'].append(1); dd['b'].append(2)
print(dd, dd.get('c'), dd.copy(), Counter('abracadabra').most_common(2), Counter(a=3) - Counter(a=1, b=2))
