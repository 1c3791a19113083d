# An address space that ends: whatever fills it up gets MemoryError, gives back what it holds, and goes on.
import os, subprocess, sys

FILL = {
    "classes": "x = type('C%d' % i, (), {'a%d' % i: i})",
    "attributes": "x = A(); setattr(x, 'x%d' % i, i); x.y = i; assert vars(x)['y'] == i == getattr(x, 'x%d' % i)",
    "names": "x = sys.intern('name%d' % i)",
    "code": "x = compile('x%d = y%d + %d' % (i, i, i), 'f', 'exec')",
    "generators": "x = g(); next(x)",
    "weak references": "x = A(); x.r = weakref.ref(x)",
    "exceptions": "x = ValueError(i)\n        try: raise x\n        except ValueError: pass",
}
PROGRAM = """
import sys, weakref
class A: pass
class D:
    def __init__(self, x=None): pass
    def __del__(self): pass
def g(): yield
keep, i = [], 0
try:
    while True:
        %s
        keep.append(x); i += 1
except MemoryError:
    x = keep = None
print(i > 0, len([str(k) for k in range(1000)]))
"""

THREADS = """
import threading
end = threading.Event()
t = [threading.Thread(target=end.wait) for k in range(3)]
for x in t: x.start()
end.set()
for x in t: x.join()
print("threads")
"""

def limited(limit, what):       # megabytes
    program = PROGRAM % FILL[what] if what in FILL else THREADS
    p = subprocess.run(["/bin/sh", "-c", 'ulimit -v %d; exec "$0" "$@"' % (limit << 10), sys.executable, "-I", "-c", program],
                       capture_output=True, text=True, env={k: v for k, v in os.environ.items() if not k.startswith("HEDDLE")}, timeout=100)
    return p.stdout.strip(), p.returncode

with open("/proc/self/maps") as f: more = 40 if "libubsan" in f.read() else 0      # that build has more libraries
for what in FILL: print(what, *limited(80 + more, what))
# Where the end comes is another place at each limit: in the middle of raising something whose traceback is not needed, too.
print(*{limited(n + more, "exceptions") for n in (72, 73, 76, 83, 84, 95, 97, 99)})
# What cannot be made larger is not tried again with each object that is added.
print(*{limited(n + more, "weak references") for n in (90, 100, 110)})
# The heap leaves some address space for threads.
print(*{limited(n + more, "threads") for n in (98, 104, 110)})
