# A thread that has just told another one something is seen where it waits next, not on its way there; and the frames that a thread
# shows of itself can be looked at while it runs.
import sys, threading
try: from heddle import atomic
except ImportError: atomic = threading.Lock()

def rounds(n, look):
    bad = []
    for i in range(n):
        entered, leave, idents = threading.Event(), threading.Event(), []
        def inner():
            idents.append(threading.get_ident())
            entered.set()
            while True:
                try: raise ValueError("oops")
                except ValueError:
                    if leave.wait(): break
        t = threading.Thread(target=inner)
        t.start()
        entered.wait()
        kind, frames = look(idents[0])
        if kind is not ValueError or frames[:3] != ["wait", "wait", "inner"]: bad.append((kind, frames[:3]))
        leave.set()
        t.join()
    return bad
def names(f):
    found = []
    while f:
        found.append(f.f_code.co_name)
        f = f.f_back
    return found
def plain(ident): return sys._current_exceptions()[ident][0], names(sys._current_frames()[ident])
def indivisible(ident):
    with atomic:
        kind = sys._current_exceptions()[ident][0]
        return kind, names(sys._current_frames()[ident])
def only_frames(ident): return ValueError, names(sys._current_frames()[ident])
print(rounds(60, plain), rounds(20, only_frames), rounds(20, indivisible))

# Some threads never wait: they are seen after a while all the same, wherever they are.
stop, counts = False, []
def busy():
    n = 0
    while not stop: n += 1
    counts.append(n > 0)
threads = [threading.Thread(target=busy) for i in range(3)]
for t in threads: t.start()
print([set(names(f)[:1]) <= {"busy", "_bootstrap_inner", "run", "_bootstrap", "set", "notify_all", "notify", "__exit__", "__enter__", "_is_owned"}
       for i in range(5) for ident, f in sys._current_frames().items() if ident in {t.ident for t in threads}] == [True] * 15)
stop = True
for t in threads: t.join()
print(counts)

# Frames that go on while somebody looks.
stop, frames = False, []
def leaf(a):
    frames.append(sys._getframe())
    b = [a] * 3
    for i in range(50): b = b[:]
    return b
def work():
    n = 0
    while not stop:
        leaf(n)
        n += 1
        if len(frames) > 50: del frames[:]
threads = [threading.Thread(target=work) for i in range(2)]
for t in threads: t.start()
first, wrong, seen = leaf.__code__.co_firstlineno, 0, 0
while seen < 2000:
    for f in frames[-3:]:
        seen += 1
        found = f.f_locals
        if not first <= f.f_lineno <= first + 4 or f.f_lasti < 0 or "b" in found and found["b"][0] != found["a"]: wrong += 1
        if f.f_back and f.f_back.f_code is not work.__code__: wrong += 1
stop = True
for t in threads: t.join()
print(seen >= 2000, wrong)
