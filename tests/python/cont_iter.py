# Iterators of builtins and itertools, functools, operator, heapq, bisect, deque.
import itertools as I, functools, operator, heapq, bisect
from collections import deque
def attempt(f):
    try:
        return f()
    except Exception as e:
        return '%s: %s' % (type(e).__name__, e)
take = lambda n, it: list(I.islice(it, n))
print(list(enumerate('abc', 5)), list(zip('abc', range(2))), attempt(lambda: list(zip('ab', 'a', strict=True))), list(map(pow, [2, 3], [3, 2])), list(filter(None, [0, 1, '', 'x'])), list(reversed('abc')))
print(take(3, I.count(2.5, 2)), take(5, I.cycle('ab')), list(I.repeat(7, 2)), list(I.accumulate([1, 2, 3], initial=10)), list(I.accumulate([3, 1, 2], max)), list(I.chain('ab', [1])), list(I.chain.from_iterable(['ab', 'c'])))
print(list(I.compress('abcd', [1, 0, 1])), list(I.dropwhile(lambda x: x < 3, [1, 3, 2])), list(I.takewhile(lambda x: x < 3, [1, 3, 2])), list(I.filterfalse(lambda x: x % 2, range(5))), list(I.starmap(pow, [(2, 3)])), list(I.pairwise('abc')), list(I.zip_longest('abc', 'x', fillvalue='-')))
print(list(I.product('ab', [1, 2])), list(I.product([0, 1], repeat=2)), list(I.permutations('abc', 2)), list(I.combinations('abc', 2)), list(I.combinations_with_replacement('ab', 2)), list(I.product()), list(I.permutations([], 1)))
print(list(I.islice('abcdefg', 1, 6, 2)), attempt(lambda: I.islice('a', -1)), [(k, list(g)) for k, g in I.groupby([1, 1, 2, 3, 3], lambda x: x // 2)])
a, b = I.tee(iter(range(200)))
print(sum(a), take(3, b), sum(b))
t = I.tee('abc'); next(t[0])
print(list(t[0].__copy__()), list(t[1]), I.count(3), I.repeat(1, 2), I.count(1, 0.5))

p = functools.partial(int, base=2)
print(p('101'), functools.reduce(operator.add, [1, 2, 3], 10), attempt(lambda: functools.reduce(max, [])), sorted([3, 1, 2], key=functools.cmp_to_key(lambda x, y: y - x)))
print(functools.partial(functools.partial(print, 1), 2, sep='-').args, functools.partial(print, end='').keywords)
@functools.lru_cache(maxsize=3)
def f(x, *, k=0):
    log.append(x)
    return x + k
log = []
for x in (1, 2, 3, 1, 4, 2, 1, 3): f(x)
f(1, k=2); f(1, k=2)
print(log, f.cache_info(), f.cache_parameters())
f.cache_clear()
print(f.cache_info(), f.__wrapped__(5))
@functools.lru_cache(None)
def fib(n): return n if n < 2 else fib(n - 1) + fib(n - 2)
print(fib(90), fib.cache_info())
print(operator.itemgetter(1, 0)('ab'), operator.itemgetter(2)([1, 2, 3]), operator.attrgetter('real', 'imag.real')(3), operator.methodcaller('split', 'b', maxsplit=1)('abcbd'), operator.length_hint(iter([1, 2])), operator.countOf([1, 2, 1], 1), operator.indexOf('abc', 'c'), attempt(lambda: operator.indexOf('abc', 'z')))

h = []
for x in (5, 3, 8, 1, 9, 2): heapq.heappush(h, x)
print([heapq.heappop(h) for _ in range(6)], heapq.nsmallest(2, [3, 1, 2]), heapq.nlargest(2, 'hello'), list(heapq.merge([1, 4], [2, 3])), attempt(lambda: heapq.heappop([])))
h = [5, 4, 3, 2, 1]; heapq.heapify(h)
print(heapq.heapreplace(h, 7), heapq.heappushpop(h, 0), sorted(h))
l = [1, 3, 3, 5]
print(bisect.bisect(l, 3), bisect.bisect_left(l, 3), bisect.bisect(l, 4, key=lambda x: x + 1)); bisect.insort(l, 4); bisect.insort_left(l, 3); print(l)

d = deque(range(5), maxlen=4)
d.append(9); d.appendleft(7); d.rotate(2)
print(d, d.maxlen, d[1], d.index(2), d.count(9), list(reversed(d)), attempt(lambda: d.insert(1, 1)), attempt(lambda: d[10]))
d = deque('abc'); d.extendleft('xy'); d.insert(2, 'M'); d.remove('b'); del d[0]; d *= 2; d.reverse()
print(d, d + deque('z'), d == deque(d), d < deque('z'), attempt(lambda: deque().pop()), d.copy() is d)
d = deque()
for i in range(1000): d.append(i)
for i in range(990): d.popleft()
print(d, len(d))
def loop():
    for x in d: d.append(x)
print(attempt(loop), attempt(lambda: deque([1], 'x')), attempt(lambda: deque([1], -1)))
