# A suspended generator keeps neither what it has yielded nor other leftovers of expressions.
import gc, weakref, asyncio
class C: pass
def made(n):
    for _ in range(n): yield C()
def through(n): yield from made(n)
def kept(n):
    for _ in range(n):
        x = C()
        yield x
        del x
async def agen(n):
    for _ in range(n): yield C()
async def use():
    out = []
    async for o in agen(3):
        r = weakref.ref(o); del o; gc.collect(); out.append(r() is None)
    return out
for it in made(3), through(3), (C() for _ in range(3)), map(lambda o: o, made(3)):
    out = []
    for o in it:
        r = weakref.ref(o); del o; gc.collect(); out.append(r() is None)
    print(out)
print(asyncio.run(use()))
k = kept(2); r = weakref.ref(next(k)); gc.collect(); print(r() is not None)
def echo():
    x = None
    while True:
        try: x = yield x
        except ValueError as e: x = (x, str(e))
e = echo(); next(e); print(e.send(1), e.throw(ValueError("v")), e.send(2))
