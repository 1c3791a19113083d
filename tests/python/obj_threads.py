# Classes and instances under threads: every bytecode-level operation is atomic, class changes are seen by all.
import threading
class Counter:
    n = 0
    def __init__(self, i): self.i = i
class Node: pass
lock = threading.Lock()
seen = []
def work(t):
    for k in range(2000):
        o = Node()
        setattr(o, 'a%d' % (k % 40), k)
        o.x = t; o.y = k
        if o.x != t or o.y != k: seen.append('torn')
        with lock: Counter.n += 1
        if k % 500 == 0:
            C = type('C%d_%d' % (t, k), (Counter,), {'m': lambda self, t=t: (t, self.i), '__slots__': ('s',)})
            c = C(k); c.s = t
            if c.m() != (t, k) or c.s != t: seen.append('class')
            setattr(C, 'later', property(lambda self: t * 2))
            if c.later != t * 2: seen.append('later')
ths = [threading.Thread(target=work, args=(i,)) for i in range(4)]
for t in ths: t.start()
for t in ths: t.join()
print(Counter.n, seen)
# one thread changes a class that the others use
class Shared:
    def f(self): return 1
    @property
    def p(self): return 1
stop = False
bad = []
def use():
    s = Shared(); last = 0
    while not stop:
        v = s.f()
        if v < last: bad.append((v, last))
        last = v
        w = s.p
        if not isinstance(w, int): bad.append(w)
ths = [threading.Thread(target=use) for _ in range(3)]
for t in ths: t.start()
for k in range(2, 60):
    Shared.f = lambda self, k=k: k
    Shared.p = property(lambda self, k=k: k) if k % 2 else k
    Shared.__len__ = lambda self, k=k: k
    assert len(Shared()) == k
stop = True
for t in ths: t.join()
print(bad, Shared().f(), Shared().p)
# objects change their class and their dict while others look
class A:
    def who(self): return 'A'
class B:
    def who(self): return 'B'
o = A(); o.v = 1
stop = False; odd = []
def look():
    while not stop:
        w = o.who()
        if w not in 'AB': odd.append(w)
        if o.v != 1: odd.append(o.v)
ths = [threading.Thread(target=look) for _ in range(2)]
for t in ths: t.start()
for k in range(100): o.__class__ = B if k % 2 == 0 else A
d = o.__dict__; d['w'] = 2
stop = True
for t in ths: t.join()
print(odd, o.who(), o.w, o.v)
