def t(v):
    print('t', v)
    return v
print(t(1) < t(2) < t(3))
print(t(1) > t(2) > t(3))
print(1 == 1.0 != 2, 1 is None, None is None, 1 is not None)
print(2 in [1, 2], 2 not in [1, 2], 'a' in 'abc', 5 not in {1: 2})
def branches(a, b):
    r = []
    if a < b: r.append('lt')
    if a <= b: r.append('le')
    if a == b: r.append('eq')
    if a != b: r.append('ne')
    if a > b: r.append('gt')
    if a >= b: r.append('ge')
    if not a < b: r.append('nlt')
    if not (a == b): r.append('neq')
    if a is b: r.append('is')
    if a is not b: r.append('isnot')
    if a is None: r.append('none')
    if not a is None: r.append('notnone')
    if a in (1, 2, 3): r.append('in')
    if a not in (1, 2, 3): r.append('notin')
    if not a in [1, 2]: r.append('nin')
    if 0 < a < 5: r.append('chain')
    if not 0 < a < 5: r.append('nchain')
    if a == 1 == b: r.append('c2')
    return r
class N:
    def __lt__(self, o): return NotImplemented
    def __gt__(self, o): return True
    def __eq__(self, o): return o == 'n'
    __hash__ = None
for p in (1, 2), (2, 1), (3, 3), (0, 9), (5.0, 5), (float('nan'), 1):
    print(branches(*p))
n = N()
print(n > 1, 1 < n, n == 'n', n != 'n')
try:
    N() >= 1
except TypeError as e:
    print(e)
nan = float('nan')
print(nan < 1, not nan < 1, nan >= 1, nan == nan, nan != nan)
def f(x):
    if x < nan: return 'a'
    elif not (x >= nan): return 'b'
    return 'c'
print(f(1))
def w(a):
    while not a >= 5:
        a += 1
    return a
print(w(0), w(nan) if False else 'skip')
class C:
    def __contains__(self, x): return 'yes'
    def __eq__(self, o): return []
    def __bool__(self): print('bool'); return False
print(1 in C(), 1 not in C(), C() == 1, not C(), 5 if C() else 6)
