# Lists and tuples: growth, slices, sorting, errors, and what happens when they change under a loop.
def attempt(f):
    try:
        return f()
    except Exception as e:
        return '%s: %s' % (type(e).__name__, e)

a = []
for i in range(1000):
    a.append(i)
for i in range(0, 500):
    a.pop()
print(len(a), a[-1], a[0], sum(a))
a.insert(0, -1); a.insert(-1, 'x'); a.insert(10**6, 'end')
print(a[:3], a[-3:], len(a))
del a[::2]
print(len(a), a[:5])
a[1:4] = 'abcdefgh'
print(a[:12])
a[::3] = [0] * len(a[::3])
print(a[:12])
print(attempt(lambda: a.__setitem__(slice(0, 10, 2), [1])))
for i in (5, -1000, 'k', 1.0, 10**30):
    print(attempt(lambda: a[i]))
print([1, 2] + [3], [1, 2] * 3, 2 * (1,), [] * 5, attempt(lambda: [1] + (2,)), attempt(lambda: [1] * 'a'))
b = [1]
b += b; b *= 3; b += (9, 8); b.extend(x for x in 'pq')
print(b, b.count(1), b.index(9), attempt(lambda: b.index(77)), attempt(lambda: b.remove(77)))
b.append(b)
print(b, b == b[:])
print((1,), (), (1, 2)[::-1], (1, 2) < (1, 3), [1, 2] < [1], (1, (2,)) == (1, (2,)), hash((1, 2)) == hash((1, 2)))

# sorting: stable, any size, keys, reverse, errors
def lcg(n):
    x = 1
    out = []
    for _ in range(n):
        x = (x * 1103515245 + 12345) & 0x7fffffff
        out.append(x)
    return out
for n in (0, 1, 2, 10, 63, 64, 65, 1000, 5000):
    r = lcg(n)
    for data in (r, [x % 10 for x in r], [str(x) for x in r], [x / 7 for x in r], [(x % 5, x) for x in r], list(range(n)),
                 list(range(n, 0, -1)), list(range(n // 2)) * 2, [x if x % 2 else float(x) for x in r]):
        s = sorted(data)
        assert all(not s[i + 1] < s[i] for i in range(len(s) - 1))
        assert len(s) == len(data)
        d = sorted(enumerate(data), key=lambda p: p[1])
        assert all(d[i][1] < d[i + 1][1] or d[i][0] < d[i + 1][0] for i in range(len(d) - 1))
        d = sorted(enumerate(data), key=lambda p: p[1], reverse=True)
        assert all(d[i][1] > d[i + 1][1] or d[i][0] < d[i + 1][0] for i in range(len(d) - 1))
class Bad:
    def __init__(self, v): self.v = v
    def __lt__(self, other):
        global count
        count += 1
        if count == 300: raise ZeroDivisionError('compare')
        return self.v < other.v
for limit in (1, 2, 50, 100):
    count = 300 - limit
    l = [Bad(x) for x in lcg(200)]
    old = set(map(id, l))
    print(attempt(l.sort), set(map(id, l)) == old)
l = [3, 1, 2]
def spoil(x):
    l.append(x)
    return x
print(attempt(lambda: l.sort(key=spoil)), l)
l = [1, 2, 3]
seen = []
l.sort(key=lambda x: seen.append(list(l)) or -x)
print(l, seen)

# loops over lists that change
l = [1, 2, 3]
out = []
for x in l:
    out.append(x)
    if len(l) < 8: l.append(x * 10)
print(out)
l = list(range(10))
for x in l: l.remove(x)
print(l)
class Clears:
    def __eq__(self, other):
        box.clear()
        return False
box = [Clears(), Clears(), 1]
print(attempt(lambda: box.index(5)), box)
it = iter([1, 2, 3]); next(it)
print(it.__length_hint__(), it.__reduce__()[1:], list(it), list(it))
class L(list):
    def __getitem__(self, i): return 'item'
    def __iter__(self): return iter('xyz')
m = L([1, 2]); m.attr = 5
print(m[0], list(m), len(m), m, m.attr, [0, *m], (*m,), m + [1], type(m[:]), tuple(m))
print([attempt(lambda s=s: [1, 2, 3][s]) for s in (slice(1 << 65, '', 0), slice('', 1, 0), slice('', 1), slice(1 << 65, None, -1), slice(0, 1, ''))])
