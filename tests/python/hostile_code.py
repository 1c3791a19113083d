# Code objects whose instructions are not the compiler's: they can be made, looked at, stored and loaded, but running them is an
# error.  What does not matter to the instructions may be replaced.
import marshal, types


def f(a, b=2, *c, d=4, **e):
    x = [i + b for i in range(a)]
    try: return "ok", lambda: x
    except ValueError as z: print(z)


def outer(v):
    def inner(): return v
    return inner


def tell(g):
    try: return g()
    except Exception as e: return f"{type(e).__name__}: {e}"


code, g = f.__code__, types.FunctionType(f.__code__.replace(), globals(), "f", (2,))
g.__kwdefaults__ = {"d": 1}
print(g(1)[0])
changes = [
    ("co_code", b""), ("co_code", bytes(8)), ("co_code", b"\xff" * 80), ("co_code", code.co_code[::-1]), ("co_code", outer.__code__.co_code),
    ("co_code", code.co_code + bytes(8)), ("co_code", code.co_code[:-8]), ("co_code", b"odd"), ("co_argcount", 0), ("co_argcount", 1), ("co_stacksize", 0),
    ("co_stacksize", 60000), ("co_stacksize", -1), ("co_flags", 0), ("co_flags", code.co_flags | 0x80), ("co_flags", code.co_flags | 0x20),
    ("co_flags", code.co_flags | 0x100), ("co_flags", code.co_flags & ~4), ("co_consts", ()), ("co_consts", (1,) * len(code.co_consts)), ("co_names", ()),
    ("co_names", tuple("range" for n in code.co_names)), ("co_varnames", tuple("v%d" % i for i in range(code.co_nlocals))), ("co_varnames", ()),
    ("co_exceptiontable", b""), ("co_exceptiontable", b"x" * 24), ("co_linetable", b"\xff" * 100), ("co_linetable", b""), ("co_firstlineno", -5),
    ("co_cellvars", ()), ("co_freevars", ("a", "b")), ("co_nlocals", 100), ("co_posonlyargcount", 9), ("co_kwonlyargcount", 1 << 30), ("co_name", "x"),
    ("co_filename", "y"), ("co_qualname", "z")]
for name, value in changes:
    what = f"{name} {str(value)[:12]!r}"
    try: c = code.replace(**{name: value})
    except (ValueError, TypeError) as e:
        print(what, type(e).__name__, e)
        continue
    again = marshal.loads(marshal.dumps(c))
    g = tell(lambda: types.FunctionType(c, globals(), "f", (2,)))
    if not isinstance(g, str): g.__kwdefaults__ = {"d": 1}
    print(what, getattr(c, name) == value, again == c, hash(again) == hash(c), tell(lambda: g(1)[0]))
    for n in c.co_positions(): pass
    for n in c.co_lines(): pass
    repr(c), c.co_lnotab

# Generators, coroutines, modules, classes, nested functions.
def gen(): yield 1
async def co(): pass
for h in (gen, co):
    c = h.__code__.replace(co_code=b"\x07" * 64)
    print(tell(lambda: list(types.FunctionType(c, {})())))
print(tell(lambda: exec(compile("x = 1", "m", "exec").replace(co_code=b""))))
print(tell(lambda: eval(compile("1", "m", "eval").replace(co_consts=("a",)))))
inner = outer(3)
inner.__code__ = inner.__code__.replace(co_code=b"")
print(tell(inner))
outer.__code__ = outer.__code__.replace(co_consts=tuple(c.replace(co_code=b"") if isinstance(c, types.CodeType) else c for c in outer.__code__.co_consts))
print(tell(lambda: outer(1)()))

# Every bit of a compiled function, and every shorter length.
def body(a, *b, k=(1, "x"), **c):
    try:
        with memoryview(b"abc") as m: d = {"p": a, **c, "q": [v for v in b if v in {1, 2}]}
    except* ValueError as e: d = f"{e!r:>{a}}", lambda: d
    match d:
        case {"p": int(n), **rest}: return k[0], n, rest, m
        case [x, *_]: del x
    return d
data = marshal.dumps(body.__code__)
ran = 0
for i in range(len(data)):
    for damaged in (data[:i], data[:i] + bytes([data[i] ^ 1 << i % 8]) + data[i + 1:], data[:i] + b"\xff" + data[i + 1:]):
        try:
            c = marshal.loads(damaged)
            if isinstance(c, types.CodeType):
                types.FunctionType(c, globals())(1, 2, 3, k=(1, "x"), z=4)
                ran += 1
        except Exception: pass
print(ran > 0)
