# Namespaces of frames, super() without its cell or argument, unions, __builtins__, events of C functions, recursion.
def f():
    exec("x = 1")
    print(locals())
    exec("y = 2"); return locals()
print(f())
def g():
    l = locals()
    exec("z=3")
    print(l, locals() is l)
g()
class A:
    def m(self):
        def h():
            return super()
        return super().__init__()
    def n(self):
        super().x
try: A().n()
except Exception as e: print(type(e), e)
def nocell():
    super()
try: nocell()
except Exception as e: print(type(e), e)
class Meta(type):
    def __new__(m, n, b, d):
        c = type.__new__(m, n, b, {k: v for k, v in d.items() if k != '__classcell__'})
        return c
try:
    class E(metaclass=Meta):
        def f(self): return super()
    E().f()
except Exception as e: print(type(e), e)
class EC:
    def f(self): super().x
    try: f(1)
    except Exception as e: print(type(e), e)
try:
    def q(*a): super()
    q()
except Exception as e: print(type(e), e)
class EC:
    def f(): super().x
try: EC.f()
except Exception as e: print(type(e), e)
class EC:
    def f(self):
        del self
        super().x
try: EC().f()
except Exception as e: print(type(e), e)
class EC:
    def f(self): super().x
try: EC.f(1)
except Exception as e: print(type(e), e)
try: None | None
except Exception as e: print(type(e), e)
print(None | int, int | None)
import os, json
print(type(__builtins__), type(os.__builtins__), os.__builtins__ is __builtins__.__dict__)
class O: pass
o = O(); o.a = 1; d = o.__dict__; o.b = 2; print(d, o.__dict__ is d); d['c'] = 3; print(o.c, vars(o) is d); o.__dict__ = {'z': 1}; print(d, o.z, o.__dict__)
del o.__dict__; print(o.__dict__)
import sys
ev = []
def prof(fr, e, a): ev.append((e, getattr(a, '__name__', a)))
sys.setprofile(prof); len([]); [].append(1)
try: int('x')
except ValueError: pass
sorted([3,1], key=lambda x: -x)
try: len(1)
except TypeError: pass
sys.setprofile(None)
print(ev)
class Self: pass
Self.__call__ = Self()
try: Self()()
except RecursionError as e: print("RecursionError")
import importlib.util
print(importlib.util.MAGIC_NUMBER[2:], len(importlib.util.MAGIC_NUMBER))
def jumps(out):
    out.append(1)
    out.append(2)
    return out
def tracer(frame, event, arg):
    if frame.f_code is jumps.__code__:
        print(event, frame.f_lineno - frame.f_code.co_firstlineno)
        if event == "line" and frame.f_lineno - frame.f_code.co_firstlineno == 1: frame.f_lineno += 2
        return tracer
sys.settrace(tracer); r = jumps([]); sys.settrace(None); print(r)
