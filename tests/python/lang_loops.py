def loops(n):
    r = []
    for i in range(n):
        if i == 2: continue
        if i == 5: break
        r.append(i)
    else:
        r.append('else')
    for i in range(n, 0, -2): r.append(i)
    for i in range(2, 4): r.append(i)
    while n > 0:
        n -= 1
        if n == 3: continue
        if n == 1: break
        r.append(('w', n))
    else:
        r.append('welse')
    return r, i
print(loops(3), loops(7))
def empty():
    for i in []: pass
    try: return i
    except UnboundLocalError as e: return str(e)
print(empty())
def nested():
    r = []
    for i in range(3):
        for j in range(3):
            if j == i: break
            r.append((i, j))
        else: r.append(i)
        while True:
            if i: break
            i = 5
    return r
print(nested())
def whileelse(n):
    while n:
        n -= 1
    else: return 'done'
print(whileelse(3))
for i in 'ab': print(i)
for k in {'x': 1, 'y': 2}: print(k)
for i, x in enumerate('pq'): print(i, x)
for a, b in zip((1, 2), (3, 4)): print(a + b)
for x in (i * i for i in range(3)): print(x)
l = [1, 2, 3]
for x in l:
    if x < 3: l.append(x + 10)
    if len(l) > 8: break
print(l)
def rebind():
    n = 3; r = []
    for n in range(n): r.append(n)
    for x in (r, r): x = 5
    return r, n, x
print(rebind())
def shadow(range):
    return [i for i in range(3)], [j for j in range(1)]
print(shadow(lambda n: 'xyz'[:n]))
import builtins
old = builtins.range
builtins.range = lambda *a: ['fake', a]
for i in range(1, 2): print(i)
builtins.range = old
for i in range(10 ** 20, 10 ** 20 + 2): print(i)
try:
    for i in range('x'): pass
except TypeError as e: print(e)
try:
    for i in 5: pass
except TypeError as e: print(e)
total = 0
for i in range(100):
    if i % 3 == 0: continue
    for j in range(i):
        if j > 4: break
        total += j
print(total)
while True:
    total -= 1
    if total % 7 == 0: break
print(total)
