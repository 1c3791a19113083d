from __future__ import annotations
def f(a: int, b: undefined.x[1, 'q'], *c: (1, 2), d: lambda x, *y, z=1: x + y = 5, **e: {**{}, 'a': 1}) -> a if b else [c for d in e if f]: pass
for k, v in f.__annotations__.items(): print(k, repr(v))
class C:
    x: int
    y: a.b[c:d, ::2] = 1
    z: not (a and b or c) is d
    w: -x ** -y * (a + b) - (c - d)
    s: f'{x!r:>{w}}' 'abc'
    t: (yield_) | 5
    u: await_(x)[...](*a, k=1, **b)
    v: a < b <= c != d in e
    l: lambda: 0
    st: {1, 2} | {x for x in y} | (x for x in y)
    n: 1e999 + 1j - 0x10
    q: "str" + b'bytes'
    p: (a,)
    aa: ()
    bb: (a or b) and c
    cc: x if (y if z else w) else v
    dd: (x, *y)
    ee: ~+-x
    ff: a @ b // c % d << e >> f & g ^ h | i
    gg: (a ** b) ** c ** d
    hh: x.y.z(1).w
    ii: 1 .real
for k, v in C.__annotations__.items(): print(k, repr(v))
x: undefined_name
y: also.undefined = 3
print(__annotations__)
def local():
    q: nothing = 1
    r: 5
    return q
print(local())
