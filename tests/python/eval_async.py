# Coroutines and asynchronous generators without an event loop.
import sys
def drive(c):
    out = []
    try:
        v = None
        while True:
            v = c.send(v)
            out.append(v)
    except StopIteration as e:
        return out, e.value
class Yields:
    def __init__(self, *v): self.v = v
    def __await__(self):
        for x in self.v: yield x
        return sum(self.v)
async def add(a, b):
    return await Yields(a) + await Yields(b)
async def main():
    r = await add(1, 2)
    return r * 10
print(drive(main()))
async def agen(n):
    try:
        for i in range(n):
            await Yields('w%d' % i) if False else None
            s = yield i
            if s: print('asent', s)
    finally:
        print('agen done')
async def loop():
    r = []
    async for x in agen(3): r.append(x)
    else: r.append('else')
    r += [y async for y in agen(2)]
    r.append({z: z async for z in agen(2)})
    return r
print(drive(loop()))
async def by_hand():
    g = agen(5)
    print(await g.__anext__(), await g.asend('hello'))
    await g.aclose()
    try: await g.__anext__()
    except StopAsyncIteration: print('stopped')
    g = agen(2)
    await g.__anext__()
    try: await g.athrow(ValueError('t'))
    except ValueError as e: print('athrow', e)
    g = agen(1)
    await g.aclose()
print(drive(by_hand()))
class CM:
    async def __aenter__(self): print('aenter'); return 'cm'
    async def __aexit__(self, t, v, tb): print('aexit', t and t.__name__); return True
async def withs():
    async with CM() as c:
        print(c)
        raise KeyError
    async with CM(): pass
    return 'ok'
print(drive(withs()))
async def bad():
    for thunk in (lambda: 1,):
        try: await thunk()
        except TypeError as e: print(e)
    try:
        async with 1: pass
    except TypeError as e: print(e)
    x = 5
    try:
        async for i in x: pass
    except TypeError as e: print(e)
    class A:
        def __aiter__(self): return 1
    try:
        async for i in A(): pass
    except TypeError as e: print(e)
    class B:
        def __aiter__(self): return self
        def __anext__(self): return 1
    try:
        async for i in B(): pass
    except TypeError as e: print(e)
drive(bad())
async def five(): return 5
c = five(); print(drive(c))
try: c.send(None)
except RuntimeError as e: print(e)
c = five()
try: c.send(1)
except TypeError as e: print(e)
c.close()
async def raises(): raise StopIteration
try: drive(raises())
except RuntimeError as e: print(e)
async def araises():
    yield 1
    raise StopAsyncIteration
async def collect():
    async for x in araises(): print(x)
try: drive(collect())
except RuntimeError as e: print(e)
print(type(five.__code__.co_flags).__name__, c.cr_running, c.cr_frame, type(agen(1)).__name__)
async def ctx():
    try: raise KeyError
    except KeyError:
        await Yields(1)
        print(sys.exc_info()[0].__name__)
drive(ctx())
def gen_based():
    yield from main.__wrapped__ if hasattr(main, '__wrapped__') else []
print(list(gen_based()))
try:
    def g(): yield from five_
    five_ = five()
    next(g())
except TypeError as e: print(e)
five_.close()
hooks = []
sys.set_asyncgen_hooks(firstiter=lambda g: hooks.append(g.__name__))
async def hooked():
    async for x in agen(1): pass
drive(hooked()); print(hooks)
sys.set_asyncgen_hooks(None, None)
async def both():
    g = agen(3)
    a = g.__anext__(); b = g.__anext__()
    print(await a, await b)
    try: await a
    except RuntimeError as e: print(e)
    await g.aclose()
drive(both())
print(await_it := drive(main())[1])
