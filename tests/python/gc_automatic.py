# Automatic collections find what was dropped right before them, and conditions of loops see what callbacks have done: no word that
# happens to lie on a stack or in a register decides about it.
import gc, os, sys, weakref

# Transactions that end in between make one of two objects old and leave the other one young.
if any(k.startswith('HEDDLE_STM') for k in os.environ):
    os.execve(sys.executable, [sys.executable, __file__], {k: v for k, v in os.environ.items() if not k.startswith('HEDDLE_STM')})

class Loop:
    def __init__(self, i):
        self.i = i
        self.loop = self

class Detector:
    def __init__(self, make):
        self.happened = False
        def happened(ref): self.happened = True
        self.ref = weakref.ref(make(), happened)

def grow(junk, i): junk.append(Loop(i))
def dicts(junk, i): junk.append({i: junk})
def lists(junk, i): junk.append([i, [i, i]])
def strings(junk, i): junk.append([str(i) * 10])
def tuples(junk, i): junk.append((i, (i, junk)))
def closures(junk, i): junk.append(lambda: i)

def instance(): return Loop(0)
def chain():
    a, b = Loop(1), Loop(2)
    a.other, b.other = b, a
    return a
def generator():
    def g(): yield
    it = g()
    next(it)
    return it
def handled():
    try: raise ValueError(Loop(3))
    except ValueError as e: return e.args[0]

def early(waste, make):
    """A callback that was to come in the same collection came without the other."""
    seen, junk, i = [], [], 0
    first = weakref.ref(make(), seen.append)
    detector = Detector(make)
    while not detector.happened:
        if seen: return 'early'
        i += 1
        if i > 200000: return 'never'
        waste(junk, i)
    return len(seen)

for waste in grow, dicts, lists, strings, tuples, closures:
    print(waste.__name__, [early(waste, make) for make in (instance, chain, generator, handled) for times in range(5)])
