import sys
import sys as s
from sys import path, modules as mods
print(s is sys, path is sys.path, mods is sys.modules)
try: import nonexistent_module_xyz
except ModuleNotFoundError as e: print(e)
try: from sys import nonexistent_name
except ImportError as e: print(str(e).split('(')[0])
import os.path
print(os.path.join('a', 'b'))
import os.path as p
print(p is os.path)
def f():
    import os.path as q
    from os.path import join, split as sp
    return q.join('x', 'y'), join('a', 'b'), sp('c/d')
print(f())
from errno import *
print(ENOENT, EPERM)
class C:
    import sys as inner
    from os import path as pth
print(C.inner is sys, C.pth is os.path)
try: from . import x
except ImportError as e: print(e)
def g():
    global json_like
    import errno as json_like
g()
print(json_like.EPERM)
calls = []
def fake(name, globals=None, locals=None, fromlist=(), level=0):
    calls.append((name, fromlist, level))
    return sys
import builtins
real = builtins.__import__
builtins.__import__ = fake
import a.b.c
from x.y import path as zz
from m import exit as e1, argv as e2
builtins.__import__ = real
print(calls, a is sys)
