def g():
    x = yield 1
    print('got', x)
    y = yield x
    return y
i = g()
print(next(i), i.send('a'))
try: i.send('b')
except StopIteration as e: print(e.value)
def d():
    r = yield from g()
    print('r', r)
    yield from [10, 20]
    return 'end'
def run(gen, *vals):
    r = []
    try:
        r.append(next(gen))
        for v in vals: r.append(gen.send(v))
    except StopIteration as e: r.append(('stop', e.value))
    return r
print(run(d(), 'x', 'y', None, None))
def t():
    while True:
        try: yield 'w'
        except ValueError as e: print('caught', e); yield 'after'
        finally: print('fin')
i = t(); next(i)
print(i.throw(ValueError('v')))
i.close()
def deleg():
    try: yield from t()
    except KeyError: yield 'key'
i = deleg(); next(i)
print(i.throw(ValueError('in')))
print(i.throw(KeyError))
i.close()
def fib(n):
    a, b = 0, 1
    while a < n:
        yield a
        a, b = b, a + b
print(list(fib(50)), sum(fib(100)), max(fib(30)))
def empty():
    return
    yield
print(list(empty()))
def infinite():
    n = 0
    while True:
        yield n
        n += 1
for v in infinite():
    if v > 3: break
print(v)
def withgen():
    try:
        yield 1
        yield 2
    finally: print('cleanup')
i = withgen()
for v in i: break
i.close()
i = withgen(); next(i); i.close()
try: next(i)
except StopIteration: print('stopped')
def params(a, *b, c=1, **d):
    def inner(): return a
    yield a, b, c, d
    a = 5
    yield inner()
print(list(params(1, 2, c=3, e=4)))
l = lambda: (yield 7)
print(list(l()))
def expr():
    x = [(yield 1), (yield 2)]
    print(x)
    print((yield) or 'none', (yield 3) if x else 0)
print(run(expr(), 'a', 'b', 'c', 'd'))
def stop():
    yield 1
    raise StopIteration('bad')
try: list(stop())
except RuntimeError as e: print(e, repr(e.__cause__))
def recursive(n):
    if n:
        yield n
        yield from recursive(n - 1)
print(list(recursive(5)))
def exc_state():
    import sys
    try: raise ValueError
    except ValueError:
        yield sys.exc_info()[0].__name__
        yield sys.exc_info()[0].__name__
    yield sys.exc_info()[0]
try: raise KeyError
except KeyError:
    print(list(exc_state())[:2])
def gr():
    try:
        return (yield 1)
    finally:
        print('gfin')
print(run(gr(), 5))
a = (x for x in range(3))
print(next(a), list(a), list(a))
def yf(x):
    try: return (yield from x)
    except TypeError as e: print(e)
print(list(yf([1, 2])), list(yf(5)))
print(type(i).__name__, i.__name__, i.__qualname__)
def valued():
    yield 1
    return 'value'
i = valued()
next(i)
try: next(i)
except StopIteration as e: print(e.value, e.args)
print(next(i, 'default'))
