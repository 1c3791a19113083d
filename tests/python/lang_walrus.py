def f(a):
    x = 1
    r = [x + (x := 5), x, (x := 7) + x, a[(x := 0)] + x]
    y = (z := 3) * z
    print((q := 2) if (w := a) else 0, q, w)
    return r, y, z
print(f([10]))
if (n := len('abc')) > 2: print(n)
while (n := n - 1): print(n)
print([m for v in range(5) if (m := v % 3)], m)
def g(x): return x, (x := x + 1), x, (lambda: (x := 9))(), x
print(g(1))
def args(*a, **k): return a, k
def h():
    i = 0
    return args(i, i := 1, i, k=i, j=(i := 2), l=i), i
print(h())
def cmp(a): return a < (a := 5) < a + 1, a
print(cmp(1))
def idx():
    l = [1, 2, 3]; i = 0
    l[i] += (i := 2) * 10
    l[i] = i
    return l, i
print(idx())
def aug():
    x = 1
    x += (x := 10)
    return x
print(aug())
def d():
    k = 'a'
    return {k: (k := 'b'), k: 1}, k
print(d())
def fs():
    v = 1
    return f'{v}{(v := 2)}{v}{v:{(v := 3)}}', v
print(fs())
class C:
    if (p := 4): q = p
print(C.p, C.q)
def nested():
    any((found := i) > 2 for i in range(5))
    return found
print(nested())
def sub(x): return x[x[0] - (x := [5, 6])[0]:], x
try: print(sub([5, 1, 2]))
except Exception as e: print(e)
def par(a, b):
    a, b = b, (b := a + b)
    return a, b
print(par(1, 2))
def bo(a): return (a and (a := a + 1)) or a, a
print(bo(1), bo(0))
