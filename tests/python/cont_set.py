# Sets, ranges, slices.  Sets are printed sorted: their order is nobody's business.
def attempt(f):
    try:
        return f()
    except Exception as e:
        return '%s: %s' % (type(e).__name__, e)
def show(s): return type(s).__name__, sorted(s)
a, b = set(range(0, 40, 2)), set(range(0, 40, 3))
f = frozenset(b)
for op in ('__or__', '__and__', '__sub__', '__xor__', 'union', 'intersection', 'difference', 'symmetric_difference'):
    print(op, show(getattr(a, op)(b)), show(getattr(f, op)(a))[0])
print(show(a.intersection(range(10), [2, 4, 5])), show(a.union('x' for x in ()) ), a.isdisjoint(b), a.issuperset([2]), {1} < {1, 2} <= {2, 1}, {1} > {2})
c = set(a); c |= b; c -= {0}; c &= set(range(30)); c ^= {2, 100}
print(show(c), c == frozenset(c), hash(frozenset(c)) == hash(frozenset(sorted(c, reverse=True))))
print(attempt(lambda: a | [1]), attempt(lambda: {[]}), attempt(lambda: set().pop()), attempt(lambda: a.remove(99)), attempt(lambda: hash(a)), {1, 1.0, True})
print({frozenset([1, 2])} == {frozenset([2, 1])}, {1, 2} in {frozenset([1, 2])}, set() == frozenset(), repr(set()), repr(frozenset([3])))
big = set()
for i in range(3000): big.add(i * 31 % 4001)
for i in range(0, 4001, 2): big.discard(i)
n = len(big)
while big: big.pop()
print(n, big)
def grow():
    s = {1}
    for x in s: s.add(x + 1)
print(attempt(grow))
class S(set):
    pass
s = S([1]); s.tag = 't'
print(type(s | {2}).__name__, s.tag, s, S([1]) == {1})

r = range(10, 0, -3)
print(r, list(r), len(r), r[1], r[-1], r[1:], r[::-1], 7 in r, 7.0 in r, 8 in r, r.index(4), r.count(7), attempt(lambda: r[9]), attempt(lambda: range(1, 2, 0)))
big = range(10**20, 10**20 + 10, 3)
print(list(big), big[2], 10**20 + 3 in big, attempt(lambda: len(range(10**20))), big == range(10**20, 10**20 + 12, 3), hash(range(0)) == hash(range(5, 5)))
it = iter(range(5)); next(it)
print(it.__reduce__()[1:], it.__length_hint__(), list(it), list(reversed(range(0, 10, 4))), list(iter(big))[-1])
x = slice(1, None, 2)
print(x, x.indices(10), slice(None, None, -1).indices(3), slice(-10**30, 10**30).indices(5), x == slice(1, None, 2), attempt(lambda: hash(x)), attempt(lambda: [1][::0]), attempt(lambda: [1]['a':]))
