x: int = 1
y: 'str'
z: print('evaluated') = 2
(w): float = 3
print(__annotations__, x, z, w)
class C:
    a: int = 1
    b: print('in class')
    self_ref: list
    _C__m: int
    __p: int
print(C.__annotations__)
def f():
    a: print('never') = 1
    b: undefined
    o.attr: undefined = 5
    return a
class O: pass
o = O()
print(f(), o.attr)
o.x: print('attr annotation') = 1
o.y: print('y annotation')
d = {}
d['k']: int = 5
d[print('subscript')]: int
print(o.x, hasattr(o, 'y'), d)
def g(a: print('A') = print('D'), *args: print('B'), k: print('C') = 1, **kw: print('E')) -> print('R'): pass
print(sorted(g.__annotations__))
def unb():
    v: int
    try: v
    except UnboundLocalError as e: return str(e)
print(unb())
if True:
    cond: int = 1
for i in range(1): loopann: str
print(sorted(__annotations__))
