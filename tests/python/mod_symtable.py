# The module _symtable: flags and scopes of names, blocks, errors.
import _symtable
t=_symtable.symtable("""
import os as o
x: int = 1
def f(a, *b, c=1, **d):
    global g
    y = [i for i in a]
    def h():
        nonlocal y
        return y, a, g, print
    return lambda z: z
class C(B):
    v = 1
    __p = 2
    def m(self): return __class__, v
    for q in r: pass
async def co():
    yield 1
    z = (n := 3)
    [(w:=k) for k in z]
from a import *
""","?","exec")
def show(t,i=0):
    print(' '*i,t.name,t.type,t.lineno,t.nested,t.symbols,t.varnames,repr(t)[:14])
    for c in t.children: show(c,i+2)
show(t)
for a in (("1","?","bad"),("1 +","f","eval"),(1,"f","exec")):
    try: _symtable.symtable(*a)
    except Exception as e: print(repr(e))
