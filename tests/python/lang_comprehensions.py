print([x * y for x in range(3) for y in range(x) if x != y])
print({x: y for x, y in [(1, 2), (3, 4)]}, {x % 3 for x in range(10)} == {0, 1, 2})
print(list(x + 1 for x in range(3)), sum(i for i in range(5)))
print([[j for j in range(i)] for i in range(3)])
def f(n):
    m = 10
    return [m + i for i in range(n)], [(lambda: m + k)() for k in range(2)]
print(f(2))
def g():
    x = 'outer'
    l = [x for x in 'ab']
    return x, l
print(g())
def walrus():
    l = [(y := x * 2) for x in range(3)]
    return y, l, any((w := v) > 1 for v in [1, 2, 3]), w
print(walrus())
class C:
    n = 3
    l = [i for i in range(n)]
    try: bad = [n for i in range(2)]
    except NameError as e: bad = str(e)
print(C.l, C.bad)
print([a for a, *b in [(1, 2, 3)]], [b for a, *b in [(1, 2, 3)]])
print([x for x in [1, 2, 3, 4] if x > 1 if x < 4])
def it():
    print('iter made')
    return iter([1, 2])
ge = (x for x in it())
print('before')
print(list(ge))
try: [x for x in 5]
except TypeError as e: print(e)
try: ge = (x for x in 5)
except TypeError as e: print(e)
print([i for i in range(5) if (lambda: i % 2)()])
print({k: v for k, v in zip('ab', (1, 2))}, [[y for y in x] for x in ['ab', 'c']])
def order():
    def t(x): print(x, end=' '); return x
    {t(1): t(2) for _ in [0]}
    {t('a'): t('b'), t('c'): t('d')}
    print()
order()
print([lambda: 1, 2][0]() , [*(i for i in range(2))])
print(list(map(lambda p: [q for q in p], ['ab', 'cd'])))
def gen_in_default(a=[i for i in range(3)]): return a
print(gen_in_default())
print(next(x for x in range(10) if x > 5))
print([(i, j) for i in range(2) for j in 'ab'])
print([x if x else 'zero' for x in range(2)], [not x for x in (0, 1)])
