# throw() keeps the context of what is thrown; inside a generator that handles an exception it is chained to that.
from contextlib import ExitStack, contextmanager


def chain(e):
    r = []
    while e:
        r.append(str(e))
        e = e.__context__
    return r


@contextmanager
def raising(exc):
    try:
        yield
    finally:
        raise exc

one, two, three, four = (Exception(i) for i in (1, 2, 3, 4))
try:
    with ExitStack() as stack:
        stack.enter_context(raising(four))
        stack.enter_context(raising(three))
        stack.enter_context(raising(two))
        raise one
except Exception as e:
    print(chain(e))


def handling():
    try:
        raise KeyError('inside')
    except KeyError:
        yield


g = handling()
next(g)
try:
    raise ValueError('around')
except ValueError:
    try:
        g.throw(TypeError('thrown'))
    except TypeError as e:
        print(chain(e))


def plain():
    yield


for started in (False, True):
    g = plain()
    if started:
        next(g)
    try:
        raise ValueError('around')
    except ValueError:
        try:
            g.throw(TypeError('thrown'))
        except TypeError as e:
            print(chain(e))
        try:
            g.throw(TypeError('again'))
        except TypeError as e:
            print(chain(e))


def outer():
    yield from handling()


g = outer()
next(g)
try:
    g.throw(TypeError('deep'))
except TypeError as e:
    print(chain(e))
