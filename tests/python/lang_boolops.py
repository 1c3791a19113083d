def t(v):
    print('t', v)
    return v
print(t(0) or t('') or t(3) or t(4))
print(t(1) and t('x') and t(0) and t(9))
print(t(0) and t(1) or t(2) and t(3))
def f(a, b, c):
    x = a and b or c
    y = not a or (b and not c)
    a = a and b
    b = b or c
    c = a if b else c
    return x, y, a, b, c
for a in (0, 1):
    for b in (0, 2):
        for c in (0, 3):
            print(a, b, c, f(a, b, c))
def g(x):
    try:
        x = x or h()
    except KeyError:
        return 'kept', x
    return 'new', x
def h(): raise KeyError
print(g(0), g(5))
def k(a, b, c):
    if a and (b or c): r = 1
    elif not (a or b) and c: r = 2
    elif (a if b else c): r = 3
    else: r = 4
    while a and not b or c > 5:
        b = 1; c = 0
    return r, a, b, c
for i in range(8):
    print(k(i & 1, i >> 1 & 1, i >> 2))
print([x for x in range(10) if x and x % 2 or x == 4])
print(not not 1, not None, not (), (1 or 2) + (3 and 4))
