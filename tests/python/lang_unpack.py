a, b = 1, 2
a, b = b, a
print(a, b)
(a, (b, *c), d), *e = [(1, 'xyz', 3), 4, 5]
print(a, b, c, d, e)
*a, = 'abc'
print(a)
[x, *y, z] = range(5)
print(x, y, z)
def f(a, b, c):
    a, b, c = c, a, b
    b, a = a, b + c
    return a, b, c
print(f(1, 2, 3))
i = 0
l = [10, 20, 30]
i, l[i] = 1, 99
print(i, l)
def g():
    i = 0
    l = [10, 20, 30]
    i, l[i] = 2, 88
    x = y = z = l
    p = q, r = 1, 2
    return i, l, x is z, p, q, r
print(g())
def swap(t):
    t, u = t
    u, t = t, u
    return t, u
print(swap((1, 2)))
for bad in (1,), (1, 2, 3), 5:
    try:
        a, b = bad
    except (TypeError, ValueError) as e:
        print(type(e).__name__, e)
for bad in (1,), ():
    try:
        a, *b, c = bad
    except ValueError as e:
        print(e)
def evaluation():
    def t(x): print('t', x); return x
    d = {}
    d[t('k1')], d[t('k2')] = t(1), t(2)
    d[t('k3')] = d[t('k4')] = t(5)
    return d
print(evaluation())
for a, b in [(1, 2), (3, 4)]: print(a, b)
for a, (b, c) in [(1, (2, 3))]: print(a, b, c)
for a, *b in [(1, 2, 3)]: print(a, b)
for l[0], l[1] in [(7, 8)]: print(l)
def h(pairs):
    r = []
    for k, v in pairs: r.append(v + k)
    for v, k in pairs: r.append(v - k)
    return r, k, v
print(h([(1, 2), (3, 5)]))
print([*range(3), *'ab'], (*[1], 2), {*[1, 2], 2}, {**{'a': 1}, 'b': 2, **{'a': 3}})
class Seq:
    def __init__(self, n): self.n = n
    def __getitem__(self, i):
        if i < self.n: return i * 10
        raise IndexError
a, b, c = Seq(3)
print(a, b, c, *Seq(2))
() = []
[] = ()
