def f(a, b=2, /, c=3, *args, d, e=5, **kw):
    return a, b, c, args, d, e, kw
print(f(1, d=4), f(1, 9, 8, 7, 6, d=0, e=1, z=2), f(1, c=10, d=2, a=3))
print(f.__defaults__, f.__kwdefaults__, f.__name__, f.__qualname__)
for args, kw in [((), {}), ((1,), {}), ((1, 2), {'b': 1}), ((1,), {'d': 1, 'c': 2}), ((1, 2, 3), {'c': 1, 'd': 1})]:
    try: print(f(*args, **kw))
    except TypeError as e: print(e)
def g(a, b): return a - b
for call in (lambda: g(1), lambda: g(), lambda: g(1, 2, 3), lambda: g(1, a=2), lambda: g(1, 2, c=3), lambda: g(b=1)):
    try: print(call())
    except TypeError as e: print(e)
print(g(b=1, a=5), g(*[7, 2]), g(**{'a': 1, 'b': 2}), g(*(1,), **{'b': 5}))
def order(x): print('arg', x); return x
print(f(order(1), *[order(2)], d=order(3), **{'q': order(4)}))
def defaults(l=[]): l.append(1); return l
defaults(); print(defaults())
def deco(tag):
    print('deco', tag)
    def inner(fn):
        print('apply', tag)
        return lambda *a: (tag, fn(*a))
    return inner
@deco('A')
@deco('B')
def h(x): return x + 1
print(h(1))
@lambda fn: fn.__name__
def named(): pass
print(named)
def ann(a: int, b: 'str' = 'x', *c: 1 + 1, d: list = None, **e: dict) -> float: pass
print(ann.__annotations__)
k = lambda a, *b, c=3, **d: (a, b, c, d)
print(k(1, 2, c=4, e=5), (lambda: 7)(), (lambda x=1: x)())
def doc():
    'the doc'
    return 1
def nodoc():
    x = 'no'
    return x
print(doc.__doc__, nodoc.__doc__, (lambda: 'x').__doc__)
def many(a0, a1, a2, a3, a4, a5, a6, a7, a8, a9): return a0 + a9
print(many(*range(10)), many(0, 1, 2, 3, 4, 5, 6, 7, 8, a9=1))
def rec(n): return 1 if n < 2 else n * rec(n - 1)
print(rec(20))
def kwonly(*, a, b=2): return a, b
try: kwonly(1)
except TypeError as e: print(e)
try: kwonly()
except TypeError as e: print(e)
def star(*a): return a
print(star(*'ab', 1, *[2, 3]), star(), star(*()))
def dstar(**k): return k
print(dstar(a=1, **{'b': 2}, c=3, **{'d': 4}))
try: dstar(a=1, **{'a': 2})
except TypeError as e: print(e)
try: star(*5)
except TypeError as e: print(e)
try: dstar(**5)
except TypeError as e: print(e)
def ret():
    return
print(ret(), (lambda: None)())
