import sys
def lines(f, *a):
    out=[]
    def tr(fr,ev,arg):
        if fr.f_code is f.__code__: out.append((ev,fr.f_lineno-f.__code__.co_firstlineno)); return tr
    sys.settrace(tr)
    try: f(*a)
    except Exception as e: out.append(type(e).__name__)
    finally: sys.settrace(None)
    print(f.__name__,out)
T=True
def if1():
    if T:
        pass
def if2(x=0):
    if x:
        pass
def if3(x=0):
    if x:
        pass
    elif x>1:
        x=2
def wh(x=3):
    while x:
        x-=1
def fo(x=3):
    for i in range(x):
        if i==5: print()
def tr():
    try:
        x=1
    except ValueError:
        pass
def tr2():
    try:
        x=1/0
    except ZeroDivisionError:
        pass
def ma(x=3):
    match x:
        case 1: pass
        case 3:
            x=2
def br():
    while 1:
        if T: break
def wi():
    import contextlib
    with contextlib.nullcontext():
        if not T:
            pass
def attributes(o):
    return (
        o.real.
        a.
        b
    )
for f in if1, if2, if3, wh, fo, tr, tr2, ma, br, wi:
    lines(f)
print("# where attributes of chains over several lines are")
import traceback
for f in attributes, lambda o: (o.real
                                 .numerator
                                 .nothing
                                 .more):
    try:
        f(1)
    except AttributeError as e:
        print(e.__traceback__.tb_next.tb_lineno - f.__code__.co_firstlineno, list(traceback.extract_tb(e.__traceback__))[-1].line)
frame = None
def save():
    global frame
    frame = sys._getframe(1)
def implicit():
    save()
    if T:
        pass
implicit()
print(frame.f_lineno - implicit.__code__.co_firstlineno)
c = compile("\n\n\nspam", "x", "exec")
print([l for _, _, l in c.co_lines()][:2], list(c.co_positions())[0], c.co_firstlineno)

print("# constants, small numbers too")
for s in ("import os.path as p, json; from sys import (argv as A, path)", "a = 1\nb = a + 2\n", "x[3] = 4", "def f(): return 3", "'doc'\nx = -5"):
    c = compile(s, "", "exec")
    print([k for k in c.co_consts if not hasattr(k, "co_consts")], [k.co_consts for k in c.co_consts if hasattr(k, "co_consts")])
import _ast
source = "x = [0j, 1j, 0j, -0j, 0.0, -0.0]\ndef f(): return 1j, 2, (0j, 1j), 'a', b'a'\n"
tree = compile(source, "s", "exec", _ast.PyCF_ONLY_AST)
print(compile(tree, "s", "exec") == compile(source, "s", "exec"))
