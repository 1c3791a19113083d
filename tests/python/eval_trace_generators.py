# Trace events around generators, delegation, coroutines and iterators; what a debugger relies on to step through them.
import sys
events = []
def tracer(frame, event, arg):
    if frame.f_code.co_name in names:
        if event == "exception": arg = (arg[0].__name__, str(arg[1]), arg[2] is None)
        elif event == "return" and "async" in type(arg).__name__: arg = "wrapped"
        events.append((frame.f_code.co_name, frame.f_lineno - frame.f_code.co_firstlineno, event, arg if event != "line" else None))
    return tracer
def run(f, *only):
    global names
    names = only or (f.__name__, "inner", "outer")
    events.clear()
    sys.settrace(tracer)
    try: f()
    finally: sys.settrace(None)
    print(f.__name__)
    for e in events: print("   ", *e)

def inner():
    yield 1
    yield 2
    return 5
def outer():
    x = yield from inner()
    return x
class Numbers:
    n = 0
    def __iter__(self): return self
    def __next__(self):
        self.n += 1
        if self.n > 2: raise StopIteration(7)
        return self.n
def loops():
    total = 0
    for i in outer():
        total += i
    for j in Numbers():
        total += j
    for k in range(2):
        total += k
run(loops)

async def nothing(): return None
async def three():
    await nothing()
    return 3
async def main():
    x = await three()
def drive():
    try: main().send(None)
    except StopIteration: pass
run(drive, "nothing", "three", "main")

def guarded():
    try: yield 1
    finally: x = 2
def closes():
    g = guarded()
    next(g)
    g.close()
    h = outer()
    next(h)
    try: h.throw(KeyError("k"))
    except KeyError: pass
run(closes, "guarded", "inner", "outer", "closes")

# A trace function that answers a resumption with None leaves the frame its own.
seen = []
def local(frame, event, arg):
    seen.append(event)
    return local
def only_first(frame, event, arg):
    if frame.f_code is not inner.__code__: return None
    only_first.calls += 1
    return local if only_first.calls == 1 else None
only_first.calls = 0
sys.settrace(only_first)
list(inner())
sys.settrace(None)
print(only_first.calls, seen)

# Tracing goes on in the middle of a loop.
lines = []
def note(frame, event, arg):
    lines.append(frame.f_lineno - frame.f_code.co_firstlineno)
    return note
def again():
    i = 0
    while i < 3:
        sys._getframe().f_trace = note
        sys.settrace(note)
        i += 1
        sys.settrace(None)
again()
print(lines)

# The tracer fails when it is told of the end of a loop.
def fails(frame, event, arg):
    if event == "exception": raise RuntimeError("no more")
    return fails
def looping():
    for i in outer(): pass
sys.settrace(fails)
try: looping()
except RuntimeError as e: print(e, sys.gettrace())
