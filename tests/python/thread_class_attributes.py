"""Threads that bind attributes of one class: those that others keep counting, new ones, special methods, __class__ and __code__."""
import threading

N = 60
class Counted:
    count = 0
    def __init__(self): self.n = 0
class Other(Counted): pass
for n in range(3): Counted.count = n           # rebound while it is in use: from now on without stopping anybody
Counted.count = 0
one = Counted()
def code(): return 1
def changed(): return 2
codes = code.__code__, changed.__code__
lock = threading.Lock()

def counts():
    for _ in range(N * 200):
        with lock: Counted.count += 1
        one.n += 1
        code.calls = _
def names(k):
    for n in range(N):
        setattr(Counted, f"name{k}_{n}", n)
        if n % 4 == 0: Counted.__len__ = lambda self, n=n: n
        if n % 5 == 0: Other.__bases__ = (Counted,)
        if n % 3 == 0: one.__class__ = Other if n % 2 else Counted
        if n % 3 == 1: code.__code__ = codes[n % 2]
        if n % 7 == 0: delattr(Counted, f"name{k}_{n}")

threads = [threading.Thread(target=counts) for _ in range(2)] + [threading.Thread(target=names, args=(k,)) for k in range(2)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(Counted.count == 2 * N * 200, one.n <= 2 * N * 200, len(one) == 56, code() in (1, 2))
print([(c.__name__, k, n) for c in (Counted, Other) for k in range(2) for n in range(N) if getattr(c, f"name{k}_{n}", None) != (n if n % 7 else None)])
