# Containers that are changed by what they call while they work: the same results and errors as CPython's, and no crash.
import array, bisect, collections, copy, heapq, json, operator, pickle, re


def tell(what, f):
    try: r = f()
    except Exception as e: print(what, type(e).__name__, str(e)[:80])
    else: print(what, repr(r)[:60])


class Act:
    """Does something when it is compared, hashed or asked."""
    def __init__(self, action, answer=False): self.do, self.answer, self.left = action, answer, 4
    def action(self):
        self.left -= 1
        if self.left >= 0: self.do()
    def __eq__(self, o): self.action(); return self.answer
    def __lt__(self, o): self.action(); return self.answer
    def __hash__(self): return 1
    def __repr__(self): self.action(); return "a"
    def __index__(self): self.action(); return 1
    def __deepcopy__(self, memo): self.action(); return 1
    def __reduce__(self): self.action(); return int, ()
    def __str__(self): self.action(); return "s"
    def __len__(self): self.action(); return 3
    def __iter__(self): self.action(); return iter("ab")
    def __length_hint__(self): self.action(); return 1


def filled(): return [1, 2, 3, 4]
for name, change in {"clear": lambda l: l.clear(), "append": lambda l: l.append(9), "pop": lambda l: l and l.pop(), "slice": lambda l: l.__setitem__(slice(None), [5]),
                     "init": lambda l: l.__init__([7]), "sort": lambda l: l.sort(key=id)}.items():
    for what, f in {"index": lambda l, a: l.index(a), "count": lambda l, a: l.count(a), "remove": lambda l, a: l.remove(a), "in": lambda l, a: a in l, "eq": lambda l, a: l == [a] * len(l),
                    "lt": lambda l, a: l < [a] * 4, "getitem": lambda l, a: l[a], "setitem": lambda l, a: operator.setitem(l, a, 1), "delitem": lambda l, a: operator.delitem(l, a),
                    "insert": lambda l, a: l.insert(a, 1), "popitem": lambda l, a: l.pop(a), "slice": lambda l, a: l[a:a], "set slice": lambda l, a: operator.setitem(l, slice(a, None), [1, 2]),
                    "extended": lambda l, a: operator.setitem(l, slice(None, a, 2), "x"), "times": lambda l, a: l * a, "itimes": lambda l, a: operator.imul(l, a), "extend": lambda l, a: l.extend(a),
                    "assign": lambda l, a: operator.setitem(l, slice(1, 2), a)}.items():
        l = filled()
        tell(f"list {what} {name}", lambda: f(l, Act(lambda: change(l))))
        if name != "append": print("   ", l[:6])
    for what, f in {"repr": repr, "sort": lambda l: l.sort(), "sorted": sorted, "max": max, "deepcopy": copy.deepcopy, "pickle": lambda l: len(pickle.dumps(l)) > 5, "heapify": heapq.heapify, "heappop": heapq.heappop,
                    "push": lambda l: heapq.heappush(l, 0), "bisect": lambda l: bisect.bisect(l, 1), "key": lambda l: l.sort(key=lambda v: change(l)), "join": lambda l: ",".join(map(str, l))}.items():
        l = []
        budget = [8]
        def once():
            if budget[0] > 0: budget[0] -= 1; change(l)
        l += [Act(once) for i in range(4)]
        try: f(l)
        except (ValueError, RuntimeError, IndexError, TypeError) as e:
            if what != "sort": print(what, name, type(e).__name__)        # how often is asked differs

# dict, set, deque, OrderedDict
def sized(kind): return kind.fromkeys(range(4)) if kind is not collections.Counter else kind(range(4))
for kind in (dict, collections.OrderedDict, collections.Counter):
    for name, change in {"clear": lambda d: d.clear(), "grow": lambda d: d.update(dict.fromkeys(range(100))), "delete": lambda d: d and d.popitem()}.items():
        for what, f in {"get": lambda d, a: d.get(a, 5), "set": lambda d, a: operator.setitem(d, a, 1), "in": lambda d, a: a in d, "setdefault": lambda d, a: d.setdefault(a, 3), "pop": lambda d, a: d.pop(a, 4)}.items():
            if kind is collections.OrderedDict and what == "pop": continue      # CPython dies of it
            d = sized(kind)
            tell(f"{kind.__name__} {what} {name}", lambda: f(d, Act(lambda: change(d))))
        for what, f in {"iter": lambda d: [change(d) for k in d], "items": lambda d: [change(d) for k in d.items()], "values": lambda d: [change(d) for v in d.values()], "reversed": lambda d: [change(d) for k in reversed(d)],
                        "comprehension": lambda d: {k: change(d) for k in d}, "update": lambda d: d.update((change(d), 1) for i in range(3)), "keys and": lambda d: len(d.keys() & (change(d) for i in range(3)))}.items():
            d = sized(kind)
            if kind is not dict and what in ("reversed", "iter", "items", "values", "comprehension"): continue
            tell(f"{kind.__name__} {what} {name}", lambda: f(d))
for name, change in {"clear": lambda s: s.clear(), "grow": lambda s: s.update(range(100)), "pop": lambda s: s and s.pop()}.items():
    for what, f in {"add": lambda s, a: s.add(a), "in": lambda s, a: a in s, "discard": lambda s, a: s.discard(a), "remove": lambda s, a: s.remove(a)}.items():
        s = {0, 1, 2}
        tell(f"set {what} {name}", lambda: f(s, Act(lambda: change(s))))
    for what, f in {"iter": lambda s: [change(s) for v in s], "update": lambda s: s.update(change(s) for i in range(3)), "intersection": lambda s: len(s.intersection(change(s) for i in range(3))), "isdisjoint": lambda s: s.isdisjoint(change(s) for i in range(3))}.items():
        s = {0, 1, 2}
        tell(f"set {what} {name}", lambda: f(s))
    for what, f in {"in": lambda d, a: a in d, "count": lambda d, a: d.count(a), "index": lambda d, a: d.index(a), "getitem": lambda d, a: d[a], "rotate": lambda d, a: d.rotate(a)}.items():
        change2 = {"clear": lambda d: d.clear(), "grow": lambda d: d.extend(range(9)), "pop": lambda d: d and d.pop()}[name]
        d = collections.deque(range(4))
        tell(f"deque {what} {name}", lambda: f(d, Act(lambda: change2(d))))
d = collections.deque(range(3))
tell("deque iter", lambda: [d.append(v) for v in d])
tell("deque extend itself", lambda: d.extend(d))
d = collections.defaultdict(lambda: d.clear())
tell("missing", lambda: (d[1], len(d)))

# Buffers.
b = bytearray(b"abcdef")
v = memoryview(b)
for what, f in {"append": lambda: b.append(1), "clear": lambda: b.clear(), "del": lambda: operator.delitem(b, 0), "extend": lambda: b.extend(b"x"), "slice": lambda: operator.setitem(b, slice(0, 1), b""), "same": lambda: operator.setitem(b, slice(0, 1), b"z"),
                "release in index": lambda: v[Act(v.release)], "after": lambda: v[0]}.items(): tell(f"bytearray {what}", f)
b = bytearray(b"abcdef")
tell("bytearray index clear", lambda: operator.setitem(b, Act(b.clear), 1))
b = bytearray(b"abcdef")
tell("bytearray value clear", lambda: operator.setitem(b, 5, Act(b.clear)))
b = bytearray(b"abc")
tell("bytearray join", lambda: b.join([b, b]))
tell("bytearray extend", lambda: b.extend(Act(b.clear)))
b = bytearray(b"aXbX")
tell("sub", lambda: re.sub(b"X", lambda m: b.clear() or b"", b))
v = memoryview(bytearray(6))
tell("view value release", lambda: operator.setitem(v, 0, Act(v.release)))
a = array.array("i", [1, 2, 3])
try: operator.setitem(a, 2, Act(lambda: a.__delitem__(slice(None))))
except IndexError: pass
a = array.array("i", [1, 2, 3])
tell("array index", lambda: a.index(Act(lambda: a.__delitem__(slice(None)))))
a = array.array("i", [1, 2, 3])
tell("array extend", lambda: a.extend(a))
tell("array from itself", lambda: a.extend(v for v in [1, Act(lambda: a.pop())]) or list(a))

# Lies.
class Lies:
    def __init__(self, n): self.n = n
    def __len__(self): return self.n
    def __length_hint__(self): return self.n
    def __getitem__(self, i):
        if i > 2: raise IndexError
        return i
    def keys(self): return [1, 2]
    def __hash__(self): return self.n
    def __index__(self): return self.n
for n in (-1, 0, 1, 1 << 62, 1 << 63, 1 << 100, "x", 1.5, None):
    l = Lies(n)
    for what, f in {"len": len, "list": list, "tuple": tuple, "set": set, "hash": hash, "bool": bool, "reversed": lambda o: list(reversed(o)), "bytes": bytes, "extend": lambda o: [].extend(o), "slice": lambda o: [1, 2][o:],
                    "times": lambda o: [] * o, "str": lambda o: "" * o, "index": lambda o: [1][o], "range": lambda o: range(o)[:1], "dict": lambda o: dict(o)[1], "join": lambda o: b"".join(o), "map": lambda o: list(map(abs, o)),
                    "deque": lambda o: collections.deque(o), "hex": hex, "round": lambda o: round(1.5, o), "ljust": lambda o: "a".ljust(o) if n in (-1, 0, 1, None) else 0}.items():
        if what == "bytes" and n in (1 << 62, "x", 1.5, None): continue
        tell(f"lies {what} {n}", lambda: f(l))

# Generators that are entered while they run.
def entered():
    try: yield next(g)
    except ValueError as e: yield str(e)
g = entered()
tell("next in next", lambda: next(g))
def thrown():
    try: g.throw(KeyError)
    except ValueError as e: yield str(e)
    try: g.close()
    except ValueError as e: yield str(e)
g = thrown()
tell("throw in running", lambda: list(g))
async def awaited(): await c
c = awaited()
tell("await itself", lambda: c.send(None))
class Base:
    def m(self): return "base"
class Before(Base):
    def m(self):
        self.__class__ = After
        r = super().m()
        Before.__bases__ = (Instead,)
        return r, super(Before, Before()).m(), self.m()
class Instead(Base):
    def m(self): return "instead"
class After(Before):
    def m(self): return "after"
tell("classes", lambda: Before().m())
