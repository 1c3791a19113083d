def f():
    x = [1, 2, 3, 4, 5]
    del x[0], x[-1]
    print(x)
    del x[:1]
    print(x)
    del x[::2]
    print(x)
    y = {'a': 1, 'b': 2}
    del y['a']
    print(y)
    del (x, y)
    try: x
    except NameError as e: print(e)
f()
class C: pass
c = C(); c.a = 1; c.b = 2
del c.a, c.b
try: del c.a
except AttributeError as e: print(e)
a = b = 1
del [a, b]
try: a
except NameError as e: print(e)
d = {}
try: del d['k']
except KeyError as e: print(repr(e))
try: del (1).real
except AttributeError as e: print(e)
l = [1, 2, 3]
i = 1
del l[i]
print(l)
try: del l[9]
except IndexError as e: print(e)
def g(n):
    del n
    n = 5
    return n
print(g(1))
