# Thread-local objects: what a thread has in one goes when the object or the thread does, cycles included.
import gc, threading, weakref
class Thing: pass
def refs_of_cycle():
    x = Thing()
    x.local = threading.local()
    x.local.x = x
    return weakref.ref(x)
refs = [refs_of_cycle() for i in range(20)]
gc.collect()
print(sum(r() is not None for r in refs) <= 1)

# The object lives on, the thread ends.
local, refs = threading.local(), []
def use():
    local.thing = Thing()
    refs.append(weakref.ref(local.thing))
for i in range(200):
    t = threading.Thread(target=use)
    t.start()
    t.join()
local.mine = "main"
gc.collect()
print(sum(r() is not None for r in refs) <= 1, local.__dict__)

# The thread lives on, the objects go.
refs = []
for i in range(1000):
    l = threading.local()
    l.thing = Thing()
    refs.append(weakref.ref(l.thing))
del l
gc.collect()
print(sum(r() is not None for r in refs) <= 1)

# Many threads at once, each with its own.
class Counted(threading.local):
    made = 0
    def __init__(self, start, *, step=1):
        self.value, self.step = start, step
        if start < 0: raise ValueError("negative")
shared = Counted(10, step=2)
wrong = []
def count(n):
    for i in range(n): shared.value += shared.step
    if shared.value != 10 + 2 * n: wrong.append((n, shared.value))
threads = [threading.Thread(target=count, args=(n * 50,)) for n in range(20)]
for t in threads: t.start()
for t in threads: t.join()
print(wrong, shared.value, sorted(vars(shared)))
try: Counted(-1)
except ValueError as e: print(e)
bad = Counted(0)
Counted.__init__ = lambda self, start, **kw: 1 / start
def fails():
    for i in range(2):
        try: bad.value
        except ZeroDivisionError as e: print(e)
t = threading.Thread(target=fails)
t.start()
t.join()
print(bad.value)
