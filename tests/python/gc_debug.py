# Debug flags of the collector: what gc.collect() keeps and tells.
import gc, io, os, subprocess, sys, weakref
class Node: pass
gc.collect()
def ring():
    a, b = Node(), Node()
    a.other, b.other = b, a
    a.list = [a]
    return weakref.ref(a)
gc.set_debug(gc.DEBUG_SAVEALL)
r = ring()
n = gc.collect()
gc.set_debug(0)
kept = [x for x in gc.garbage if isinstance(x, Node)]
print(n > 0, len(kept), kept[0].other.other is kept[0], r() is None)
del kept
gc.garbage.clear()
gc.collect()
print(gc.garbage)
loop = []
loop.append(loop)
here = id(loop)
gc.set_debug(gc.DEBUG_SAVEALL)
del loop
gc.collect()
gc.set_debug(0)
print([id(x) == here for x in gc.garbage if type(x) is list and x and x[0] is x])
gc.garbage.clear()

# A finaliser runs before its object is saved.
class Final:
    def __del__(self): done.append(self.__dict__.copy())
done = []
f = Final()
f.me, f.name = f, "f"
gc.set_debug(gc.DEBUG_SAVEALL)
del f
gc.collect()
gc.set_debug(0)
print([sorted(d) for d in done], gc.DEBUG_LEAK == gc.DEBUG_COLLECTABLE | gc.DEBUG_UNCOLLECTABLE | gc.DEBUG_SAVEALL)
gc.garbage.clear()

code = """import gc
class Node: pass
a = Node(); a.me = a
gc.collect()
gc.set_debug(gc.DEBUG_STATS | gc.DEBUG_COLLECTABLE)
del a
gc.collect()
gc.set_debug(0)
"""
err = subprocess.run([sys.executable, "-c", code], stderr=subprocess.PIPE, text=True).stderr
print("gc: collectable <Node 0x" in err, "gc: collecting generation 2..." in err, "0 uncollectable" in err)
for x in object(), int, type, 3, "s", b"", None, 1.5: print(gc.is_tracked(x), end=" ")
for x in [], Node, Node(), gc, set(): print(gc.is_tracked(x), end=" ")
print()
