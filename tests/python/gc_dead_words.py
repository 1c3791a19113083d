# One gc.collect() finds everything that nothing refers to, whatever ran before it and left words behind on stacks.
import asyncio, functools, gc, sys, threading, time, warnings, weakref
from collections import deque

class Node:
    def __init__(self, v=None): self.v = v
    def method(self): return self.v
    def __iter__(self): return iter([self])
    def __enter__(self): return self
    def __exit__(self, *args): return False
    def __eq__(self, other): return self is other
    def __hash__(self): return 1
    def __add__(self, other): return Node((self, other))
    def __call__(self): return self.v

TIMES = 4
def make(refs):
    n = Node()
    refs.append(weakref.ref(n))
    return n

shapes = []
def shape(f):
    shapes.append(f)
    return f

@shape
def plain(refs): make(refs)
@shape
def dict_loops(refs):
    d = {make(refs): make(refs) for i in range(3)}
    for k in d: pass
    for k, v in d.items(): pass
    for v in d.values(): pass
@shape
def list_loops(refs):
    for n in [make(refs) for i in range(3)]: n.method()
    for a, b in [(make(refs), make(refs))]: pass
@shape
def generators(refs):
    def g(n):
        try: yield n
        finally: n.method()
    for x in g(make(refs)): pass
    next(g(make(refs)))
    refs.append(weakref.ref(g(1)))
@shape
def coroutines(refs):
    async def inner(n): return n
    async def outer(): return await inner(make(refs))
    try: outer().send(None)
    except StopIteration as e: refs.append(weakref.ref(e.value))
    c = outer()
    refs.append(weakref.ref(c))
    c.close()
@shape
def exceptions(refs):
    def deep(n, k):
        if k: deep(n, k - 1)
        raise ValueError(n)
    try: deep(make(refs), 5)
    except ValueError as e: e.args[0].method()
    try:
        try: deep(make(refs), 2)
        except ValueError: raise KeyError(make(refs))
    except KeyError: pass
    with make(refs): pass
@shape
def closures(refs):
    n = make(refs)
    def f(): return n
    def again(k): return f() if k == 0 else again(k - 1)
    again(3)
@shape
def bound_methods(refs):
    m = make(refs).method
    m()
    list(map(lambda n: n.method(), [make(refs)]))
    functools.partial(make(refs).method)()
@shape
def iterators(refs):
    it = iter([make(refs), make(refs)])
    next(it)
    a, *b = map(Node.method, iter([make(refs)]))
    dict(zip([make(refs)], [make(refs)]))
    list(filter(None, make(refs)))
    sorted([make(refs), make(refs)], key=id)
    [m for n in [make(refs)] for m in n]
    {k: v for k, v in [(make(refs), 1)]}
@shape
def operators(refs):
    (make(refs) + make(refs)).v[0] == make(refs)
    make(refs)()
    x = [make(refs)]
    x[0] in x
    make(refs).v, (make(refs),)[0], {1: make(refs)}[1]
    isinstance(make(refs), Node) and getattr(make(refs), "v")
@shape
def containers(refs):
    d = deque([make(refs)], 1); d.append(make(refs)); d.pop()
    s = {make(refs)}; s.pop()
    {make(refs): 1}.popitem()
    [make(refs)].pop()
    weakref.WeakSet([make(refs)]); weakref.WeakKeyDictionary({make(refs): 1})
@shape
def recursion(refs):
    def down(n, k): return down(make(refs) if k % 20 == 0 else n, k - 1) if k else n
    down(make(refs), 100)
    class Deep:
        def __init__(self, n, k): self.n = n; self.k = k
        def __len__(self): return len(Deep(make(refs), self.k - 1)) if self.k else 0
    len(Deep(None, 10))
@shape
def cycles(refs):
    a, b = make(refs), make(refs)
    a.v, b.v = b, a
    a.me = a.method

def in_thread(f, refs):
    t = threading.Thread(target=f, args=(refs,))
    t.start()
    t.join()

def count(f, run):
    alive = 0
    for i in range(TIMES):
        refs = []
        run(f, refs)
        gc.collect()
        alive += sum(r() is not None for r in refs)
    return alive
def directly(f, refs): f(refs)
def through_c(f, refs): list(map(f, [refs]))
def after_others(f, refs):
    for g in shapes: g([])
    f(refs)

for f in shapes:
    print(f.__name__, [count(f, run) for run in (directly, through_c, after_others, in_thread)])

# A thread that waits keeps nothing of what it did before.
def wait(refs, ready, go):
    for f in shapes: f(refs)
    ready.release()
    go.acquire()
left = 0
for i in range(TIMES):
    refs, ready, go = [], threading.Lock(), threading.Lock()
    ready.acquire(), go.acquire()
    t = threading.Thread(target=wait, args=(refs, ready, go))
    t.start()
    ready.acquire()
    for tries in range(4):                         # it does not wait yet when it lets this thread go on
        time.sleep(0.002)
        gc.collect()
        if not any(r() is not None for r in refs): break
    left += sum(r() is not None for r in refs)
    go.release()
    t.join()
print(left)

# A coroutine that was never awaited is told of once, in the words of warnings.py.
async def never(): pass
def where(): return never()
for depth in 0, 1:
    sys.set_coroutine_origin_tracking_depth(depth)
    with warnings.catch_warnings(record=True) as w:
        warnings.simplefilter("always")
        where()
        gc.collect()
    print([str(x.message).splitlines()[:2] for x in w])
sys.set_coroutine_origin_tracking_depth(0)
try:
    sys.unraisablehook = lambda u: print(u.object is not None, u.exc_type)
    old, warnings._warn_unawaited_coroutine = warnings._warn_unawaited_coroutine, lambda c: 1 / 0
    with warnings.catch_warnings(record=True) as w:
        warnings.simplefilter("always")
        where()
        gc.collect()
    print([str(x.message) for x in w])
finally:
    warnings._warn_unawaited_coroutine = old
    sys.unraisablehook = sys.__unraisablehook__
