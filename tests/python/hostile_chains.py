# Depth without end: iterators and functions in C around each other, sources, stored data, structures that are dropped.
import ast, copy, functools, gc, itertools, json, marshal, pickle, sys


def tell(what, f):
    try: f()
    except (RecursionError, MemoryError, SyntaxError) as e: print(what, type(e).__name__)
    except Exception as e: print(what, type(e).__name__, str(e)[:60])
    else: print(what, "done")


def nest(make, n, start=None):
    o = start
    for i in range(n): o = make(o)
    return o


N = 20000
# Functions in C around each other.
partial = nest(lambda o: functools.partial(o, 1), 500, print)
print("partial", len(partial.args) if hasattr(partial, "args") else 0)
loop = functools.partial(print)
loop.__setstate__((loop, (), {}, {}))
if sys.implementation.name != "cpython": tell("partial of itself", loop)
else: print("partial of itself RecursionError")
tell("partial of itself repr", lambda: repr(loop))
# CPython's C stack ends where these are asked for items.
def ask(it):
    if sys.implementation.name != "cpython":
        try: next(it)
        except Exception: pass
ask(nest(lambda o: map(abs, o), N, iter([1])))
ask(nest(lambda o: filter(None, o), N, iter([1])))
ask(nest(zip, N, iter([1])))
ask(nest(enumerate, N, iter([1])))
for name in ("chain", "islice", "takewhile", "starmap", "accumulate", "pairwise", "compress", "cycle", "groupby", "dropwhile", "filterfalse", "zip_longest"):
    wrap = {"islice": lambda o: itertools.islice(o, None), "takewhile": lambda o: itertools.takewhile(bool, o), "starmap": lambda o: itertools.starmap(tuple, o), "compress": lambda o: itertools.compress(o, [1]),
            "dropwhile": lambda o: itertools.dropwhile(lambda v: 0, o), "filterfalse": lambda o: itertools.filterfalse(lambda v: 0, o)}.get(name, getattr(itertools, name))
    wrapped = nest(wrap, N, iter([1]))
    ask(wrapped)
    del wrapped
print("wrapped")
def delegating(o): yield from o
tell("yield from", lambda: list(nest(delegating, 5000, [1])))
tell("yield from, short", lambda: print(list(nest(delegating, 300, [1]))))
g = nest(delegating, N, [1])
del g
class Way:
    p = property(lambda self: self.p)
    def __getattribute__(self, name): return getattr(self, name + "x") if name != "p" else object.__getattribute__(self, name)
tell("property", lambda: Way().p)
tell("getattribute", lambda: Way().q)
class Caller: pass
Caller.__call__ = Caller()
tell("__call__ of itself", Caller())
class Getter: pass
Getter.__get__ = Getter()
Getter.x = Getter()
tell("__get__ of itself", lambda: Getter().x)
def sort_key(v): return sorted([v], key=sort_key)
tell("key in key", lambda: sort_key(1))
def reducing(a, b): return functools.reduce(reducing, [a, b])
tell("reduce in reduce", lambda: reducing(1, 2))
tell("exec in exec", lambda: exec(s, {"s": s}) if (s := "exec(s)") else 0)
tell("eval in eval", lambda: eval("eval(s)", {"s": "eval(s)"}))
def imported(name, *rest): return __import__("codecs").encode("a", "rot13") and imported(name)
tell("through codecs", lambda: imported("a"))

# Sources.
for n in (150, 5000):
    for text in ("(" * n + "1" + ")" * n, "[" * n + "]" * n, "{" * n + "}" * n, "-" * n + "1", "not " * n + "1", "lambda: " * n + "1", "1 if 1 else " * n + "1", "a" + ".a" * n, "a" + "[0]" * n, "a" + "()" * n,
                 "a(" * n + ")" * n, "+".join(["1"] * n), "1 < " * n + "1", "await " * n + "a", "(a := " * n + "1" + ")" * n, "f'{" * n, "(" * n, ")" * n, "[" * n + ")" * n, "*" * n, "a if " * n):
        try: compile(text, "deep", "eval")
        except (RecursionError, MemoryError, SyntaxError) as e: pass
        except Exception as e: print("source", n, text[:10], type(e).__name__, str(e)[:60])
for n in (90, 3000):
    text = "".join(" " * i + "if 1:\n" for i in range(min(n, 1000))) + " " * min(n, 1000) + "pass\n"
    for t in (text, "try: pass\nfinally:\n" + "while 1: " * n, "if 1: pass\n" + "elif 1: pass\n" * min(n, 3000), "a = " * n + "1", "x: " * n, "@a\n" * n + "def f(): pass", "with " + "a, " * min(n, 3000) + "a: pass", "match 1:\n case " + "[" * n):
        try: compile(t, "deep", "exec")
        except (RecursionError, MemoryError, SyntaxError) as e: pass
        except Exception as e: print("statements", n, t[:10], type(e).__name__, str(e)[:60])
tell("json text", lambda: json.loads("[" * N + "]" * N))
tell("json object", lambda: json.loads('{"a":' * N + "1" + "}" * N))
tell("literal", lambda: ast.literal_eval("[" * 500 + "]" * 500))
tree = nest(lambda o: ast.UnaryOp(ast.USub(), o, lineno=1, col_offset=0, end_lineno=1, end_col_offset=0), N, ast.Constant(1, lineno=1, col_offset=0, end_lineno=1, end_col_offset=0))
tell("tree", lambda: compile(ast.fix_missing_locations(ast.Expression(ast.Constant(1))), "t", "eval"))
tell("deep tree", lambda: compile(ast.Expression(tree), "t", "eval"))
tell("dump tree", lambda: ast.dump(tree))
tell("walk tree", lambda: sum(1 for n in ast.walk(tree)))
tell("pickled", lambda: pickle.loads(b"(" * N + b"t" * N + b"."))
tell("pickled list", lambda: type(pickle.loads(b"]" * N + b"a" * (N - 1) + b".")).__name__)
tell("marshalled", lambda: marshal.loads(b"(\1\0\0\0" * N + b"N"))
tell("format", lambda: "{:{:{}}}".format(1, 2, 3))
tell("format field", lambda: ("{" * N).format(1))

# Dropped.
class Node:
    __slots__ = ("next",)
    def __init__(self, next): self.next = next
class Attributes:
    def __init__(self, next): self.next = next
for make in (lambda o: [o], lambda o: (o, 1), lambda o: {"k": o}, Node, Attributes, lambda o: lambda: o, lambda o: [o].__iter__(), lambda o: slice(o, o), lambda o: frozenset([(o if o.__hash__ else 1)])):
    deep = nest(make, 100000)
    del deep
gc.collect()
print("dropped")
def chained(n):
    e = None
    for i in range(n):
        new = ValueError(i)
        new.__context__ = e
        e = new
    return e
e = chained(N)
del e
sys.setrecursionlimit(1 << 30)
print(sys.getrecursionlimit())
sys.setrecursionlimit(1000)
def fathom():
    try: return fathom() + 1
    except RecursionError: return 1
print(fathom() > 900)
for bad in (0, -1, 1 << 31, "a"):
    try: sys.setrecursionlimit(bad)
    except Exception as e: print(type(e).__name__, e)

# Wrappers of themselves, which end CPython 3.11 (there the answer is given by hand)
def of_itself(wrap):
    o = wrap(print)
    o.__init__(o)
    return o
def recursive(f):
    try: f()
    except RecursionError: return True
for wrap in staticmethod, classmethod:
    o = of_itself(wrap)
    for f in (lambda: o.__isabstractmethod__, lambda: o() if wrap is staticmethod else o.__get__(None, int)):
        print(sys.implementation.name == "cpython" or recursive(f))
