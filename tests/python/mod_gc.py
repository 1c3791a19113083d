# The gc module: counts of cyclic garbage, weak references after `del`, questions about the heap, settings.
import gc, sys, threading, weakref

class Node:
    def __init__(self, v=None): self.v = v

def cycle():
    n = Node()
    n.v = n

gc.collect()
for i in range(20): cycle()
print(gc.collect() > 10)
gc.collect()
def acyclic():
    return [[i, (i, [])] for i in range(100)]
acyclic()
print(gc.collect() < 50)

# A name that is gone keeps nothing alive, whatever was done with it before.
x = Node(1); r = weakref.ref(x); del x; gc.collect(); print(r())
y = Node(2); s = weakref.ref(y); print(y.v, len([y, y]), (y, 1)[1]); del y; gc.collect(); print(s())
def inside():
    z = Node(3)
    refs = [weakref.ref(z)]
    for k in range(3):
        z = Node(k)
        refs.append(weakref.ref(z))
    with_args(z, Node(9), refs)
    del z
    gc.collect()
    return [q() is None for q in refs]
def with_args(a, b, refs):
    refs.append(weakref.ref(b))
print(inside())
d = weakref.WeakValueDictionary(); d["k"] = k = Node(4); d["tmp"] = Node(5)
gc.collect(); print(sorted(d)); del k; gc.collect(); print(len(d))

# Registers that are still to be read stay.
class Manager:
    def __enter__(self): gc.collect(); return self
    def __exit__(self, *args): gc.collect(); print("exit", args[0])
def collect_in(*args): gc.collect(); return args
def nested():
    out = []
    with Manager() as m, Manager():
        for a in [Node(i) for i in range(2)]:
            out.append(collect_in(Node(10), collect_in(a, [Node(11)]), {"k": Node(12).v + len(collect_in(1))})[1][0].v)
        try:
            raise ValueError(Node(13))
        except ValueError as e:
            gc.collect()
            out.append(e.args[0].v)
        a, (b, *c) = collect_in(Node(14), collect_in(Node(15), Node(16), Node(17)))
        out += [a.v, b.v, [n.v for n in c]]
    def gen():
        got = yield collect_in(Node(18))[0].v
        yield got, collect_in(Node(19))[0].v
    g = gen()
    out.append(next(g)); gc.collect(); out.append(g.send(5))
    out.append(sorted([3, 1, 2], key=lambda n: len(collect_in(n)) * n))
    return out
print(nested())

n = Node([1]); print(gc.get_referents([1, "a", n.v]), gc.get_referents({1: 2}), gc.get_referents(1, "a"))
print(any(q is n for q in gc.get_referrers(n.v)), any(q is n for q in gc.get_objects()))
print([gc.is_tracked(q) for q in ([], {}, n, (n,), 1, 1.5, None, "a", b"a", bytearray(b"a"), (1, 2))])
class Slots: __slots__ = ()
class Float(float): __slots__ = ()
print(gc.is_tracked(Slots()), gc.is_tracked(Float()), gc.is_tracked(Slots))
for bad in -1, 3:
    try: gc.collect(bad)
    except ValueError as e: print(e)
    try: gc.get_objects(bad)
    except ValueError as e: print(e)
gc.callbacks.append(lambda phase, info: print(phase, sorted(info), info["generation"]))
gc.collect(1); gc.callbacks.clear()
class Del:
    def __del__(self): dead.append(1); global saved; saved = self
dead = []; saved = None
q = Del(); print(gc.is_finalized(q)); del q; gc.collect(); print(dead, gc.is_finalized(saved))
gc.disable(); print(gc.isenabled()); gc.enable(); print(gc.isenabled())
old = gc.get_threshold(); gc.set_threshold(5, 6, 7); print(old, gc.get_threshold()); gc.set_threshold(*old)
gc.set_debug(gc.DEBUG_STATS); print(gc.get_debug()); gc.set_debug(0)
gc.freeze(); print(gc.get_freeze_count() > 100); gc.unfreeze(); print(gc.get_freeze_count())
print(len(gc.get_count()), [sorted(q) for q in gc.get_stats()][2])

# A transaction that is undone takes its change of a setting with it.
lock = threading.Lock()
def count():
    for i in range(200):
        with lock:
            sys.setswitchinterval(sys.getswitchinterval() + 1)
            gc.set_threshold(gc.get_threshold()[0] + 1)
sys.setswitchinterval(1); gc.set_threshold(1)
ts = [threading.Thread(target=count) for i in range(3)]
for t in ts: t.start()
for t in ts: t.join()
print(round(sys.getswitchinterval()), gc.get_threshold()[0])
