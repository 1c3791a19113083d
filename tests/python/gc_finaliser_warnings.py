# What a finaliser warns of has nothing to do with the code that it interrupts, whose globals stay as they are.
import gc, time, warnings
source = """
import os, warnings
ran = []
class Marker:
    def __del__(self):
        warnings.warn("marker", stacklevel=2)
        ran.append(1)
def drop():
    f = open(os.devnull)
    m = Marker()
    f = m = None
"""
other = {"__name__": "other"}
exec(compile(source, "other.py", "exec"), other)
def until_finalised():
    end = time.monotonic() + 60
    while not other["ran"] and time.monotonic() < end:
        for _ in range(3000): [None]
    print(len(other["ran"]))
    other["ran"].clear()
def walk():
    for n in globals():
        other["drop"]()
        until_finalised()
def cycle():
    l = [open("/dev/null")]
    l.append(l)
with warnings.catch_warnings(record=True) as seen:
    warnings.simplefilter("always")
    walk()
    gc.collect()
    print(any(str(w.message) == "marker" for w in seen))
    print([str(w.message) for w in seen if w.filename == __file__])
    print("__warningregistry__" in globals())
    seen.clear()
    gc.disable()
    cycle()
    gc.collect()              # who asks for it is told where
    print([(w.filename == __file__, w.lineno, w.category) for w in seen])
