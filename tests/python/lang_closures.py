def counter():
    n = 0
    def inc(by=1):
        nonlocal n
        n += by
        return n
    def get(): return n
    return inc, get
i, g = counter()
i(); i(5)
print(g(), i.__closure__[0].cell_contents, i.__code__.co_freevars)
def params(a, b, *c, d, **e):
    def f(): return a, b, c, d, e
    a += 1
    return f
print(params(1, 2, 3, d=4, x=5)())
def loop():
    return [lambda: i for i in range(3)], [lambda i=i: i for i in range(3)]
print([f() for f in loop()[0]], [f() for f in loop()[1]])
def deep(x):
    def a():
        def b():
            def c():
                nonlocal x
                x *= 2
                return x
            return c
        return b()
    return a()
d = deep(3)
print(d(), d())
def unbound():
    def f(): return v
    try: f()
    except NameError as e: print(type(e).__name__, e)
    v = 1
    print(f())
    del v
    try: f()
    except NameError as e: print(type(e).__name__, e)
    try: v
    except NameError as e: print(type(e).__name__, e)
    try: del v
    except NameError as e: print(type(e).__name__, e)
unbound()
def late():
    def f(): return g()
    def g(): return 'g'
    return f()
print(late())
x = 'global'
def scopes():
    x = 'outer'
    class C:
        y = x
        x = 'class'
        z = x
        def m(self): return x
    def gl():
        global x
        return x
    return C.y if hasattr(C, 'y') else None, C.z, C().m(), gl()
try: print(scopes())
except NameError as e: print(e)
def classfree():
    v = 'enclosing'
    class C:
        w = v
        def m(self): return v
    return C.w, C().m()
print(classfree())
def setglobal():
    global newglobal
    newglobal = 42
    def inner():
        return newglobal
    return inner()
print(setglobal(), newglobal)
def exc():
    try: raise ValueError('v')
    except ValueError as e:
        f = lambda: e
        r = repr(f())
    try: f()
    except NameError as q: return r, str(q)
print(exc())
def gen():
    k = 1
    def up():
        nonlocal k
        k += 1
    for _ in range(3):
        yield k
        up()
print(list(gen()))
def rec():
    def fact(n): return n * fact(n - 1) if n else 1
    return fact(10)
print(rec())
def selfcell(self):
    def get(): return self
    self = self + 1
    return get() + self
print(selfcell(1))
