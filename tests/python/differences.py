# Where Heddle differs from CPython by design: the sections are those of docs/differences.md.
import gc, sys, threading, types, weakref


class Thing:
    def __del__(self): ended.append(1)


print("== Finalisers run at a collection")
ended = []
def make():
    for i in range(10): Thing()
make()
gc.collect()
print(len(ended) > 0)

print("== No reference counts")
x = object()
print(sys.getrefcount(x) == sys.getrefcount([]), isinstance(sys.getrefcount(x), int))

print("== Numbers have no identity of their own")
a, b = 10 ** 3, int("1000")
print(a is b, id(a) == id(b), 1.5 is float("1.5"))

print("== Code is not CPython's bytecode")
def f(): return 1
print(sys.implementation.name, sys.implementation.cache_tag.startswith("heddle-"), len(f.__code__.co_code) % 8)
try: types.FunctionType(f.__code__.replace(co_code=bytes(16)), {})()
except SystemError: print("SystemError")
try: compile("f(" + "x," * 70000 + ")", "f", "eval")
except OverflowError as e: print(e)

print("== Settings of the collector change nothing")
old = gc.get_threshold()
gc.set_threshold(1, 1, 1)
print(gc.get_threshold())
gc.set_threshold(*old)

print("== No interpreter lock")
print(sys.getswitchinterval() > 0, hasattr(sys, "_is_gil_enabled"))
