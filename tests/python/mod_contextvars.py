import contextvars, threading, re, weakref
from contextvars import ContextVar, Context, Token, copy_context

def show(f):
    try:
        r = f()
    except BaseException as e:
        r = (type(e).__name__, str(e))
    print(re.sub("0x[0-9a-f]+", "0x", repr(r)).replace("_contextvars.", ""))

v = ContextVar("v", default=1)
w = ContextVar("w")
show(lambda: (v, w, v.name))
show(lambda: v.get()); show(lambda: w.get()); show(lambda: w.get(5))
t = v.set(10)
show(lambda: (t, t.var is v, t.old_value is Token.MISSING, t.old_value))
t2 = v.set(20)
show(lambda: t2.old_value)
show(lambda: v.reset(t2)); show(lambda: v.get()); show(lambda: v.reset(t2))
show(lambda: v.reset(t)); show(lambda: v.get()); show(lambda: t)
show(lambda: w.reset(v.set(1))); show(lambda: v.reset(3))
for bad in (lambda: ContextVar(), lambda: ContextVar(1), lambda: ContextVar("a", 1), lambda: ContextVar("a", foo=1), lambda: Token(), lambda: Context(1),
            lambda: Context()[1], lambda: Context()[v], lambda: 1 in Context(), lambda: Context().run(), lambda: v.get(1, 2), lambda: hash(Context()),
            lambda: setattr(v, "name", 3), lambda: Context().get(1), lambda: Token[int], lambda: ContextVar[str]):
    show(bad)
c = copy_context()
show(lambda: c.run(w.set, "inner").old_value)
show(lambda: (w in c, c[w], w.get("outer"), len(c), c.get(w), c == copy_context(), c == c.copy(), c == 1))
tok = c.run(w.set, "x")
show(lambda: w.reset(tok))
show(lambda: c.run(w.reset, tok)); show(lambda: c[w])
show(lambda: c.run(lambda: c.run(print)))
def fail():
    w.set("failed")
    raise KeyError(w.get())
show(lambda: c.run(fail)); show(lambda: (c[w], w.get("none")))
show(lambda: sorted((k.name, x) for k, x in c.items()))
show(lambda: sorted(k.name for k in c)); show(lambda: sorted(map(str, c.values()))); show(lambda: len(c.keys()))
weakref.ref(c)

# many variables: sharing between copies, removal
many = [ContextVar("m%d" % i) for i in range(3000)]
def body():
    toks = [m.set(i) for i, m in enumerate(many)]
    snap = copy_context()
    assert len(snap) == 3000 + len(base)
    for i in range(0, 3000, 2): many[i].reset(toks[i])
    half = copy_context()
    assert len(half) == 1500 + len(base)
    assert [m.get(None) for m in many] == [i if i % 2 else None for i in range(3000)]
    assert snap[many[4]] == 4 and many[4] not in half
    for i in range(2999, 0, -2): many[i].reset(toks[i])
    assert copy_context() == base
    assert sorted(k.name for k in snap if k.name[0] == "m") == sorted(m.name for m in many)
    return "done"
base = copy_context()
show(lambda: base.copy().run(body))

# threads begin with an empty context
def thread():
    seen.append((w.get("empty"), v.get(), len(copy_context())))
    for i in range(200): w.set(i)
    seen.append(w.get())
seen = []
w.set("main")
ts = [threading.Thread(target=thread) for _ in range(3)]
for x in ts: x.start()
for x in ts: x.join()
show(lambda: sorted(map(str, seen))); show(lambda: w.get())
shared = copy_context()
def runs(): return [shared.copy().run(lambda: (w.set(i), w.get())[1]) for i in range(50)]
out = []
ts = [threading.Thread(target=lambda: out.append(runs() == list(range(50)))) for _ in range(3)]
for x in ts: x.start()
for x in ts: x.join()
show(lambda: (out, shared[w]))
