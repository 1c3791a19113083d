# Depth without end: what calls itself in C, or in C and Python in turn, ends in RecursionError (or what CPython says);
# deep structures are dropped without harm.
import collections, copy, json, marshal, operator, pickle


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
nests = {"list": lambda o: [o], "tuple": lambda o: (o,), "dict": lambda o: {1: o}, "deque": lambda o: collections.deque([o]), "ordered": lambda o: collections.OrderedDict(a=o),
         "slice": lambda o: slice(o)}
for name, make in nests.items():
    a, b = nest(make, N), nest(make, N)
    tell(f"repr {name}", lambda: repr(a))
    tell(f"str {name}", lambda: str(a))
    tell(f"== {name}", lambda: a == b)
    tell(f"deepcopy {name}", lambda: copy.deepcopy(a))
    tell(f"pickle {name}", lambda: pickle.dumps(a))
    tell(f"marshal {name}", lambda: marshal.dumps(a))
    if name in ("list", "tuple", "dict"): tell(f"json {name}", lambda: json.dumps(a))
    if name in ("list", "tuple"): tell(f"< {name}", lambda: a < b)
    if name == "tuple": tell("hash", lambda: hash(a))
    if name == "tuple":
        tell("isinstance", lambda: isinstance(1, a))
        tell("issubclass", lambda: issubclass(int, a))
        tell("startswith", lambda: "a".startswith(a))
    del a, b
tell("union", lambda: isinstance(1, nest(lambda o: (o, (str,)), N, str)))
tell("except", lambda: exec("try: 1 / 0\nexcept t: pass", {"t": nest(lambda o: (o,), N, ValueError)}))

# What calls itself through C and Python in turn.
class Each:
    def __init__(self, other=None): self.other = other
    def __eq__(self, o): return self.other == o
    def __hash__(self): return hash(self.other)
    def __repr__(self): return repr(self.other)
    def __str__(self): return str(self.other)
    def __len__(self): return len(self.other)
    def __bool__(self): return bool(self.other)
    def __iter__(self): return iter(self.other)
    def __getitem__(self, i): return self.other[i]
    def __contains__(self, v): return v in self.other
    def __call__(self): return self.other()
    def __add__(self, o): return self.other + o
    def __neg__(self): return -self.other
    def __index__(self): return operator.index(self.other)
    def __int__(self): return int(self.other)
    def __float__(self): return float(self.other)
    def __lt__(self, o): return self.other < o
    def __format__(self, s): return format(self.other, s)
    def __bytes__(self): return bytes(self.other)
    def __abs__(self): return abs(self.other)
    def __fspath__(self): return __import__("os").fspath(self.other)
    def __reversed__(self): return reversed(self.other)
    def __getattr__(self, name): return getattr(self.other, name)
    def __deepcopy__(self, memo): return copy.deepcopy(self.other, memo)
    def __reduce__(self): return list, (self.other,)
    def __instancecheck__(self, o): return isinstance(o, self.other)
    def __enter__(self): return self.other.__enter__()
    def __dir__(self): return dir(self.other)
    def __round__(self, n=None): return round(self.other, n)
each = nest(Each, 2000, 1)
itself = Each()
itself.other = itself
for name, f in {"eq": lambda o: o == 1, "hash": hash, "repr": repr, "str": str, "len": len, "bool": bool, "iter": iter, "getitem": lambda o: o[0], "contains": lambda o: 1 in o,
                "call": lambda o: o(), "add": lambda o: o + 1, "neg": lambda o: -o, "index": operator.index, "int": int, "float": float, "lt": lambda o: o < 1, "format": format,
                "bytes": bytes, "abs": abs, "getattr": lambda o: o.nothing, "deepcopy": copy.deepcopy, "pickle": pickle.dumps, "instance": lambda o: isinstance(1, o),
                "with": lambda o: o.__enter__(), "dir": dir, "round": lambda o: round(o, 1), "sorted": lambda o: sorted([o, o]), "max": lambda o: max(o, 2),
                "format2": lambda o: "{:{}}".format(o, o), "percent": lambda o: "%s" % o, "join": lambda o: "".join(o), "in": lambda o: [o].index(1), "count": lambda o: [o].count(1),
                "dict": lambda o: {o: 1}, "range": range, "slice": lambda o: [1][o:], "sum": lambda o: sum([1, o]), "star": lambda o: len([*o])}.items():
    tell(f"each {name}", lambda: f(each))
    tell(f"itself {name}", lambda: f(itself))

