def run(c):
    v = None
    log = []
    try:
        while True:
            v = c.send(None)
            log.append(v)
    except StopIteration as e: return log, e.value
class Aw:
    def __init__(self, v): self.v = v
    def __await__(self):
        r = yield ('await', self.v)
        return self.v * 2
class AIter:
    def __init__(self, n): self.n = n; self.i = 0
    def __aiter__(self): return self
    async def __anext__(self):
        if self.i >= self.n: raise StopAsyncIteration
        self.i += 1
        await Aw(self.i)
        return self.i
class ACM:
    def __init__(self, n, swallow=False): self.n = n; self.swallow = swallow
    async def __aenter__(self): await Aw('enter'); return self.n
    async def __aexit__(self, t, v, tb): await Aw('exit'); print('aexit', t and t.__name__); return self.swallow
async def f(x): return await Aw(x) + 1
print(run(f(3)))
async def g():
    r = []
    async for i in AIter(3):
        if i == 2: continue
        r.append(i)
    else: r.append('else')
    async for i in AIter(5):
        if i == 2: break
    else: r.append('no')
    return r, i
print(run(g()))
async def h():
    async with ACM(1) as a, ACM(2, True) as b:
        print(a, b)
        raise ValueError
    print('after')
    async with ACM(3): return 'ret'
print(run(h()))
async def ag(n):
    for i in range(n):
        x = yield i
        await Aw(('ag', i))
async def comps():
    a = [x async for x in AIter(2)]
    b = {x: await Aw(x) async for x in AIter(2)}
    c = {x async for x in ag(2)}
    d = [await Aw(x) for x in range(2)]
    e = (x async for x in ag(2) if x)
    r = []
    async for q in e: r.append(q)
    s = [y for x in [[1], [2]] for y in x]
    t = [[i async for i in AIter(k)] for k in (1, 2)]
    return a, b, c, d, r, s, t
print(run(comps())[1])
async def tryit():
    try:
        await Aw(1)
        raise KeyError
    except KeyError:
        await Aw(2)
        return 'k'
    finally:
        await Aw(3)
print(run(tryit()))
async def raising():
    try: await bad()
    except ValueError as e: return repr(e)
async def bad():
    await Aw(0)
    raise ValueError('inner')
print(run(raising()))
async def awaiterr():
    try: await 5
    except TypeError as e: print(e)
    try:
        async for x in [1]: pass
    except TypeError as e: print(e)
    try:
        async with 5: pass
    except TypeError as e: print(e)
run(awaiterr())
class Wrap:
    def __await__(self): return iter(['it'])
async def w(): return await Wrap()
print(run(w()))
async def noawait(): return 1
c = noawait()
print(type(c).__name__)
c.close()
async def kw(a, *, b=2): return a, b, await Aw(a)
print(run(kw(1, b=5)))
async def nested():
    async def inner(x): return await f(x)
    return [await inner(i) for i in range(2)], await f(await f(1))
print(run(nested()))
