# throw() and close() through `yield from` and await: frames, tracebacks, what the ends of delegation do.
import sys, traceback, types

def names():
    f, out = sys._getframe(1), []
    while f and f.f_code.co_name != "<module>":
        out.append(f.f_code.co_name)
        f = f.f_back
    return out

def inner():
    while True:
        try:
            yield names()
        except ValueError:
            yield ["caught"] + names()
        except KeyError:
            return ["returned"] + names()
        finally:
            seen.append(names())

def outer():
    r = yield from inner()
    yield "outer goes on", r, names()

def outermost():
    return (yield from outer())

def thrower(g, e):
    return g.throw(e)

seen = []
g = outermost()
print(next(g), thrower(g, ValueError), next(g))
print(g.gi_frame.f_back, g.gi_yieldfrom.gi_frame.f_code.co_name, g.gi_running)
print(thrower(g, KeyError))
try:
    thrower(g, ZeroDivisionError("x"))
except ZeroDivisionError as e:
    print([(f.name, f.lineno) for f in traceback.extract_tb(e.__traceback__)])
seen.clear()
g = outermost()
next(g)
g.close()
print([s[0] for s in seen])
try:
    next(g)
except StopIteration:
    print("closed")

seen.clear()
g = outermost()
next(g)
try:
    thrower(g, OSError("o"))
except OSError as e:
    print([f.name for f in traceback.extract_tb(e.__traceback__)], e.__context__)
print(seen)

class It:
    def __iter__(self):
        return self
    def __next__(self):
        return 1
    def throw(self, *a):
        if len(a) == 1 and isinstance(a[0], KeyError):
            raise StopIteration("stop")
        return "thrown"
def over_it():
    r = yield from It()
    yield "after", r
g = over_it()
print(next(g), thrower(g, ValueError()), thrower(g, KeyError()))

def while_handling():
    try:
        1 / 0
    except ZeroDivisionError:
        yield from fails()
def fails():
    try:
        yield 1
    except ValueError:
        raise TypeError("new")
g = while_handling()
next(g)
try:
    thrower(g, ValueError("v"))
except TypeError as e:
    print(repr(e), repr(e.__context__), repr(e.__context__.__context__), sys.exc_info()[1] is e)
print(sys.exc_info())

def self_throw():
    def sub():
        try:
            yield 1
        except ValueError:
            g.throw(KeyError)
    yield from sub()
g = self_throw()
next(g)
try:
    g.throw(ValueError)
except ValueError as e:
    print(e)

@types.coroutine
def c():
    try:
        yield len(names())
    except ZeroDivisionError:
        yield len(names())
async def b():
    return await c()
async def a():
    return await b()
coro = a()
print(coro.send(None), coro.throw(ZeroDivisionError))
coro.close()

def deep(n):
    if n:
        yield from deep(n - 1)
    else:
        yield 1
g = deep(100)
next(g)
try:
    g.throw(ValueError)
except ValueError as e:
    print(len(traceback.extract_tb(e.__traceback__)))
