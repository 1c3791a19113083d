# Loops over every kind of iterable that has a fast form, changed while they run.
def show(f):
    try: print(f())
    except RuntimeError as e: print('RuntimeError', e)
def grow():
    d = {1: 1}
    for k in d: d[k + 1] = 0
def swap():
    d = {1: 1, 2: 2}
    n = 0
    for k in d:
        del d[k]
        d[k + 10] = 0
        n += 1
        if n > 50: return 'endless'
    return n
def shrink():
    d = {1: 1, 2: 2}
    for k, v in d.items(): d.clear()
def values():
    d = {1: 'a', 2: 'b', 3: 'c'}
    r = []
    for v in d.values():
        r.append(v)
        d[2] = 'z'
    return r
for f in (grow, swap, shrink, values): show(f)
def lists():
    l = [1, 2, 3]
    r = []
    for x in l:
        r.append(x)
        if len(l) < 6: l.append(x * 10)
    for x in l:
        l.pop()
        r.append(x)
    return r
print(lists())
def pairs():
    r = []
    for i, x in enumerate('abc', 5): r.append((i, x))
    for i, x in enumerate([]): r.append('never')
    for a, b in zip([1, 2, 3], 'xy'): r.append((a, b))
    for a, b in zip([1], [2], strict=True): r.append((a, b))
    for k, v in {1: 2, 3: 4}.items(): r.append((k, v))
    for k, (a, b) in {1: (2, 3)}.items(): r.append((k, a, b))
    for i, (a, b) in enumerate(zip('ab', 'cd')): r.append((i, a, b))
    for a, b in [(1, 2), [3, 4], 'xy', {5: 0, 6: 0}]: r.append((a, b))
    for a, b in map(lambda v: (v, v), range(2)): r.append((a, b))
    return r
print(pairs())
for bad in ([1], [(1,)], [(1, 2, 3)], zip([1], [2], [3]), zip([1]), enumerate(5) if False else [()]):
    try:
        for a, b in bad: print(a, b)
    except (TypeError, ValueError) as e: print(type(e).__name__, e)
try:
    for a, b in zip([1, 2], [1], strict=True): print(a, b)
except ValueError as e: print(e)
e = enumerate('abcd')
for i, c in e:
    print(i, c, next(e))
def ranges():
    return ([i for i in range(5, 0, -2)], [i for i in range(0)], [i for i in range(3, 3)], [i for i in range(-3, 10, 4)],
            [i for i in range(2 ** 62 - 2, 2 ** 62 + 1)], [i for i in range(True)], sum(1 for i in range(10, 0)))
print(ranges())
try:
    for i in range(1, 2, 0): pass
except ValueError as e: print(e)
class It:
    def __init__(self, n): self.n = n
    def __iter__(self): return self
    def __next__(self):
        self.n -= 1
        if self.n < 0: raise StopIteration
        return self.n
print([x for x in It(3)], [x for x in iter([1, 2].pop, 0)] if False else '')
class Old:
    def __getitem__(self, i):
        if i > 2: raise IndexError
        return i * i
print(list(Old()), [x for x in Old()])
def inner():
    for x in range(3):
        for y in range(x):
            if y == 1: break
            yield x, y
        else: yield 'else', x
print(list(inner()))
l = [3, 1, 2]
print(l[1:], l[:-1], l[-2:], l[5:], l[2:1], l[:], l[-10:10])
s = {1, 2, 3}
try:
    for x in s: s.add(x + 100)
except RuntimeError as e: print(e)
