x = 1
def f():
    global x, y
    x = 2
    y = 3
    del x
f()
try: x
except NameError as e: print(e)
print(y)
try: undefined
except NameError as e: print(e)
try: del undefined
except NameError as e: print(e)
def unbound(n):
    if n: v = 1
    try: return v
    except UnboundLocalError as e: return str(e)
print(unbound(1), unbound(0))
def dele():
    a = 1
    del a
    try: a
    except UnboundLocalError as e: print(e)
    try: del a
    except UnboundLocalError as e: print(e)
    a = 2
    return a
print(dele())
def loopdel(n):
    r = []
    for i in range(n):
        if i: 
            try: r.append(t)
            except UnboundLocalError: r.append('u')
        t = i
        if i % 2: del t
    return r
print(loopdel(5))
def params(a, b=1):
    del a
    try: return a
    except UnboundLocalError as e: return str(e)
print(params(1))
exec('z = 5; w = z + 1')
print(z, w, eval('z * 2'), eval('[z for q in range(2)]'))
ns = {}
exec('def f(): return g()\ndef g(): return "g"\nresult = f()', ns)
print(ns['result'])
ns = {'a': 1}; loc = {}
exec('b = a + 1\nglobal c\nc = 9', ns, loc)
print(loc, ns['c'])
code = compile('p + q', '<e>', 'eval')
print(eval(code, {'p': 1, 'q': 2}), code.co_names, code.co_name, code.co_filename)
def loc():
    a = 1; b = 2
    return sorted(locals().items())
print(loc())
def tryfinal(n):
    try:
        if n: q = 1
        else: raise ValueError
    except ValueError: pass
    finally: r = 2
    try: return q, r
    except UnboundLocalError as e: return str(e), r
print(tryfinal(1), tryfinal(0))
def withas():
    class M:
        def __enter__(self): return 5
        def __exit__(self, *a): return True
    with M() as v: raise ValueError
    return v
print(withas())
def many():
    a0 = a1 = a2 = 0
    def inner():
        nonlocal a0
        global gg
        a0 = 5; gg = 6
        a1 = 7
        return a1
    return inner(), a0, a1, gg
print(many())
builtin_len = len
def shadow(len): return len
print(shadow(3), builtin_len('ab'))
print(__name__ == '__main__', __debug__)
def whil():
    while False: never = 1
    try: never
    except UnboundLocalError as e: return str(e)
print(whil())
