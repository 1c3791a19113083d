"""What a transaction changes of a class others see with the rest of it: special methods, bases, __class__, __code__."""
import threading
from heddle import atomic

class Low:
    level = 0
    def __len__(self): return 0
    def __index__(self): return 0
class High(Low):
    level = 1
    def __index__(self): return 1
class Seen(Low): n = 0
class Box: pass
box = Box()
box.n = 0
seen = Seen()
def code(): return 0
def code1(): return 1
codes = code.__code__, code1.__code__
wrong = []
done = False

def look():
    with atomic:
        together = box.n, len(seen), Seen.n
        bases = box.n & 1, Seen.level, seen.__index__(), code(), type(box) is not Box
    if len(set(together)) > 1: wrong.append(together)
    if len(set(bases)) > 1: wrong.append(bases)
    late = len(seen)                           # as one thread after the other: what came before is there
    if box.n < late: wrong.append((late, box.n))

class Odd(Box): pass
def looks():
    while not done: look()
threads = [threading.Thread(target=looks) for _ in range(2)]
for thread in threads: thread.start()
for n in range(1, 600):
    with atomic:
        if n % 3 == 0: box.n = n
        Seen.__len__ = lambda self, n=n: n
        if n % 3 == 1: Seen.n = n
        Seen.__bases__ = (High,) if n & 1 else (Low,)
        if n % 3: box.n = n
        code.__code__ = codes[n & 1]
        if n % 3 != 1: Seen.n = n
        box.__class__ = Odd if n & 1 else Box
    look()
done = True
for thread in threads: thread.join()
print(wrong[:3], len(seen), Seen.n, box.n, Seen.__bases__, code(), type(box))
