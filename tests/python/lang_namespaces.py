# Namespaces that are no plain dicts, functions made of module code, top-level await, dir() and vars() of odd objects.
import ast, types

def show(f, *args):
    try:
        print(f(*args))
    except BaseException as e:
        print(type(e).__name__, e)

class Refusing(dict):
    def __getitem__(self, k):
        raise KeyError("mine")
class Keys(dict):
    def __getitem__(self, k):
        return 12 if k == "a" else super().__getitem__(k)
    def keys(self):
        return list("xyz")
show(exec, "x", {"__builtins__": 123})
show(exec, "y", {"__builtins__": {}, "x": 1})
show(exec, "name", Refusing(name=1))
show(exec, "name", {"__builtins__": Refusing(name=1)})
show(exec, "def f(): return 1\nprint(f())", Refusing())
show(eval, "dir()", {}, Keys())
show(eval, "a", {}, Keys())

g = {}
f = types.FunctionType(compile("x = 1\nclass A: pass\nhere = locals() is globals()", "s", "exec"), g)
f()
print(g["x"], g["A"], g["here"])

async def q():
    return 5
async def count(n):
    for i in range(n):
        yield i
def run(c):
    try:
        c.send(None)
    except StopIteration:
        pass
code = compile("z = await q(); w = locals(); from string import *; import sys; fr = sys._getframe().f_locals",
               "s", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
ns = {"q": q}
run(eval(code, {"q": q}, ns))
print(ns["z"], ns["w"] is ns, "digits" in ns, ns["fr"] is ns)
c = eval(code, {"q": q}, ns)
print(c.cr_frame.f_locals is ns)
c.close()
for mode in "single", "exec":
    for s in ("a = [x async for x in count(2)][1]", "a = {x: 1 async for x in count(1)}[0]", "a, = [1 for x in {x async for x in count(1)}]",
              "async for a in count(2): pass\n"):
        co = compile(s, "?", mode, flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        for make in (lambda g: eval(co, g), lambda g: types.FunctionType(co, g)()):
            g = {"count": count}
            run(make(g))
            print(g["a"], end=" ")
print()

class Own:
    __dict__ = property(lambda self: {"a": 2})
print(vars(Own()), Own().__dict__)
class Bare:
    __slots__ = ["__class__", "__dict__"]
    def __init__(self):
        self.bar = 1
print(dir(Bare()))
class M(types.ModuleType):
    __dict__ = 8
show(dir, M("m"))
show(type, "A\udcdcB", (), {})
show(type, "A", (), {"__doc__": "x\udcdcy"})
def rename():
    Own.__name__ = "A\udcdcB"
show(rename)
print(open(__file__).encoding, open(__file__, encoding="latin-1").encoding)
