# Lines of tracebacks: where things were raised, also again and in clean-up code.
def lines(e):
    t, r = e.__traceback__, []
    while t:
        r.append((t.tb_frame.f_code.co_name, t.tb_lineno))
        t = t.tb_next
    return r
def boom(): raise ValueError
def a():
    try: boom()
    finally:
        pass
def b():
    try:
        boom()
    except ValueError:
        raise
def c():
    try:
        boom()
    except ValueError as e:
        raise e
def d():
    try: boom()
    except KeyError:
        pass
class M:
    def __enter__(self): pass
    def __exit__(self, *a): pass
def w():
    with M():
        boom()
def multi():
    return (1 +
            boom() +
            2)
def call():
    return max(1,
               boom(),
               2)
def chain():
    return ('x'
            .upper()
            .nothing())
def comp():
    return [boom()
            for i in range(1)]
def gen():
    yield 1
    boom()
def it():
    for x in gen():
        y = x
def unpack():
    a, b = (
        1,)
def cond(x):
    if (x and
            boom()):
        return 1
def cls():
    class C:
        x = 1
        y = boom()
def deco():
    @boom
    def f(): pass
def deco2():
    @(lambda f: boom())
    def f():
        pass
def asrt():
    assert 1
    assert (
        0)
def loop():
    n = 2
    while n > 'x':
        n -= 1
def aug():
    x = []
    x += (
        5)
def sub():
    x = {}
    return x[
        'k']
def inner():
    def nested():
        boom()
    nested()
def default(x=[]):
    try: boom()
    except ValueError:
        try: x[0]
        except IndexError: raise KeyError
for f in a, b, c, d, w, multi, call, chain, comp, it, unpack, lambda: cond(1), cls, deco, deco2, asrt, loop, aug, sub, inner, default:
    try: f()
    except Exception as e: print(f.__name__, type(e).__name__, lines(e)[1:])
