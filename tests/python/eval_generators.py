# Generators: send, throw, close, delegation, state, exceptions handled inside.
import sys
def count(n):
    got = []
    try:
        for i in range(n):
            x = yield i
            if x is not None: got.append(x)
        return got
    except ValueError as e:
        yield 'caught %s' % e
        return 'after'
    finally:
        print('finally')
g = count(3)
print(next(g), g.send('a'), g.send('b'))
try: next(g)
except StopIteration as e: print('value', e.value)
print(list(count(2)))
g = count(3); next(g); print(g.throw(ValueError('v')))
try: next(g)
except StopIteration as e: print(e.value)
g = count(3); next(g); g.close(); print(g.gi_frame, g.gi_running)
g = count(3)
try: g.send(1)
except TypeError as e: print(e)
try: g.throw(KeyError('k'))
except KeyError as e: print('KeyError', e)
print(list(g))
def again():
    try: next(me)
    except ValueError as e: yield str(e)
me = again(); print(next(me))
def stop(): raise StopIteration(5); yield
try: next(stop())
except RuntimeError as e: print(e, type(e.__cause__).__name__)
def ignore():
    while True:
        try: yield 1
        except GeneratorExit: pass
i = ignore(); next(i)
try: i.close()
except RuntimeError as e: print(e)
def sub():
    try:
        r = yield 'sub1'
        print('sub got', r)
        yield 'sub2'
    except KeyError:
        print('sub KeyError')
        return 'from except'
    finally:
        print('sub finally')
    return 'subret'
def outer():
    v = yield from sub()
    print('outer', v)
    w = yield from [10, 20]
    print(w)
    yield 'end'
print(list(outer()))
o = outer(); print(next(o)); print(o.send('s')); print(o.gi_yieldfrom is not None); print(o.throw(KeyError)); print(list(o))
o = outer(); next(o); o.close()
class It:
    def __init__(self): self.n = 0
    def __iter__(self): return self
    def __next__(self):
        self.n += 1
        if self.n > 2: raise StopIteration('itval')
        return self.n
    def throw(self, *a): print('It.throw', a[0] if isinstance(a[0], type) else type(a[0])); return 'thrown'
    def close(self): print('It.close')
def over():
    print('res', (yield from It()))
print(list(over()))
o = over(); next(o); print(o.throw(ValueError)); o.close()
def handled():
    try: raise ValueError('inner')
    except ValueError:
        yield sys.exc_info()[0]
        yield sys.exc_info()[0]
    yield sys.exc_info()[0]
h = handled()
print(next(h), sys.exc_info()[0])
try: raise KeyError
except KeyError:
    print(next(h), sys.exc_info()[0])
    print(next(h), sys.exc_info()[0])
print(sys.exc_info()[0])
def inherits():
    yield sys.exc_info()[0]
    try: raise TypeError
    except TypeError: yield sys.exc_info()[0]
    yield sys.exc_info()[0]
try: raise KeyError
except KeyError:
    z = inherits(); print(next(z), next(z))
try: raise IndexError
except IndexError: print(next(z))
def fib():
    a, b = 0, 1
    while 1:
        yield a
        a, b = b, a + b
for k, v in zip(range(10), fib()): print(v, end=' ')
print()
e = (x * y for x in range(3) for y in range(x))
print(e.__name__, list(e), next(e, 'done'))
print(count.__name__, g.__name__, g.__qualname__, type(g).__name__)
g.__name__ = 'other'; print(g.__name__)
try: g.__name__ = 1
except TypeError as x: print(x)
def tree(n): 
    if n:
        yield from tree(n - 1)
        yield n
        yield from tree(n - 1)
print(list(tree(4)))
def lots(n):
    if n: yield from lots(n - 1)
    yield n
print(sum(lots(200)))
def frame():
    x = 1
    yield
    x = 2
    yield
f = frame(); print(f.gi_frame.f_locals); next(f); print(f.gi_frame.f_locals, f.gi_frame.f_lineno - f.gi_code.co_firstlineno, f.gi_suspended); next(f); print(f.gi_frame.f_locals)
for args in [(), (1,), (ValueError, 'x', 3), (ValueError('a'), 'b')]:
    try: count(1).throw(*args)
    except BaseException as x: print(type(x).__name__, x)
def unpack():
    yield 1
    yield 2
a, b = unpack(); print(a, b)
for q, in [(1,), (2,)]: print(q)
for p, q in ((i, i * i) for i in range(3)): print(p, q)
try:
    for p, q in ((i,) for i in range(3)): pass
except ValueError as x: print(x)


# What a generator handles stays handled when the resumer handles the same exception; bad classes are refused inside.
import sys as _sys


def _keeps():
    try:
        yield
    except ValueError as exc:
        yield _sys.exc_info()[0], exc.__context__
        yield _sys.exc_info()[0]
        raise


_g = _keeps(); next(_g)
try:
    raise ValueError("kept")
except ValueError as _e:
    print(_g.throw(_e))
print(next(_g))
try:
    next(_g)
except ValueError as _e:
    print(_e, _e.__context__, _sys.exc_info()[0])
print(_sys.exc_info())


class _Odd(Exception):
    def __new__(cls, *args): return 1


def _plain():
    try: yield
    except TypeError as e: print(str(e).split(" ", 2)[2])
    yield "after"


_g = _plain(); next(_g)
print(_g.throw(_Odd))
