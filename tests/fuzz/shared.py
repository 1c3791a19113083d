"""What the threads of random programs share: objects of all kinds and what can be done to them.

Each kind is (definition, an expression that shows all of its state and may use it up, actions).  In all texts `@` is the object's name; {i} a small index, {k} a key,
{v} a value, {s} a short text, {f} an attribute's name: each replaced by something random.  An action is an expression whose
value is recorded (it must not change afterwards), or, after "do ", statements.  "! " before either says that it is indivisible under CPython's lock: one
operation without calls of Python code."""
import re

HELPERS = '''
class K:                                        # keys that collide
    def __init__(self, n): self.n = n
    def __hash__(self): return self.n & 1
    def __eq__(self, other): return isinstance(other, K) and self.n == other.n
    def __repr__(self): return f"K{self.n}"
    def __lt__(self, other): return self.n < other.n

class Thing:
    shared = 1
    def __init__(self, v=0): self.v = v
    def add(self, n): self.v = (self.v + n) % 1000; return self.v
    def twice(self): return self.v * 2

class Slots:
    __slots__ = ("s0", "s1", "s2", "__weakref__")

class Node:
    def __init__(self, v, next=None): self.v, self.next = v, next

Pair = collections.namedtuple("Pair", "left right")

@dataclasses.dataclass(order=True)
class Record:
    x: int = 0
    y: int = 0

class Watched:
    def __init__(self): object.__setattr__(self, "seen", [])
    def __setattr__(self, name, v): self.seen.append(name); self.__dict__[name] = v; del self.seen[:-5]
    def __getattr__(self, name): return len(self.seen)

class Described:
    @property
    def p(self): return self._p
    @p.setter
    def p(self, v): self._p = v % 100

def counting(n=0):
    while True:
        got = yield n
        n = (n + (got or 1)) % 1000

def cell_pair():
    n, told = 0, []
    def put(v):
        nonlocal n
        n = (n * 3 + v) % 997
        return n
    def get(): return n
    def drop():
        nonlocal n
        n = 0
    return put, get, drop

@contextlib.contextmanager
def lent(l, v):
    l.append(v)
    try: yield len(l)
    finally: l.remove(v)

class Stop(Exception): pass

def t(f):
    try: return repr(f())
    except Exception as e: return f"{type(e).__name__}: {e}"

def chain(node):
    out = []
    while node and len(out) < 40: out.append(node.v); node = node.next
    return out

def trim(c, n=40):
    if len(c) > n: del c[n // 2:]
'''

KINDS = {
    "int": ("@ = 1", "@", """
! @
! do @ = {v}
do @ = (@ + {v}) % 1000
do @ += {v}; @ %= 100
do @ = (@ << 70) % 1000003
"""),
    "text": ("@ = 'x'", "@", """
! @
! do @ = {s}
! len(@)
do @ += {s}; @ = @[-30:]
do @ = {s}.join(@.split('x', 3))[:30]
do @ = f'{@[:5]}{{v}}'
@.upper().count({s})
"""),
    "list": ("@ = [3, 1, 2]", "@", """
! @.append({v})
! @.pop()
! @.pop(0)
! @.pop({i})
! @.insert({i}, {v})
! @[{i}]
! @[-1]
! do @[{i}] = {v}
! do @[{i}:{i}] = [{v}, {v}]
! do @[{i}:] = ()
do @[::2] = @[1::2]
! do del @[{i}]
! do del @[{i}:{i}]
! @.sort()
! @.sort(reverse=True)
! @.reverse()
! @.extend([{v}, {v}])
! @.extend(@)
! @.remove({v})
! @.index({v})
! @.count({v})
! {v} in @
! len(@)
! @.copy()
! @.clear()
! list(@)
! tuple(@)
! @[{i}:]
! sum(@)
! max(@)
! sorted(@)
! @ == [1, 2, 3]
! @ + @
! @ * 2
! str(@)
! heapq.heappush(@, {v})
! heapq.heappop(@)
! heapq.heapify(@)
! bisect.insort(@, {v})
! bisect.bisect(@, {v})
! set(@) == {1, 2}
do @ += [{v}]
do @ *= 2; trim(@)
do @[:] = [n + 1 for n in @ if n != {v}]
do @.sort(key=lambda n: -n % 7)
do @[{i}] += 1
do @[0], @[-1] = @[-1], @[0]
[n for n in @ if n > {v}]
list(map(lambda n: n * 2, @))
list(itertools.accumulate(@))
functools.reduce(lambda p, q: (p * 3 + q) % 1000, @, 1)
[*reversed(@)]
list(zip(@, @[1:]))
json.dumps(@)
pickle.loads(pickle.dumps(@))
copy.deepcopy(@)
do for n in @: x = (x + n) % 1000
do x = sum(n for n in @) % 1000
do with lent(@, {v}) as n: x += n
do for n in @[:5]: @.append(n % 5)
"""),
    "dict": ("@ = {1: 1, 2: 4}", "list(@.items())", """
! do @[{k}] = {v}
! @[{k}]
! @.get({k})
! @.get({k}, {v})
! @.setdefault({k}, {v})
! @.pop({k})
! @.pop({k}, None)
! @.popitem()
! do del @[{k}]
! {k} in @
! len(@)
! list(@)
! list(@.items())
! list(@.values())
! @.copy()
! dict(@)
! @.update({{k}: {v}, {k}: {v}})
! @.clear()
! sorted(@)
! @ == {1: 1}
! @ | {{k}: {v}}
! do @ |= {{k}: {v}}
! next(iter(@), None)
! next(reversed(@), None)
! list(@.keys() & {1, 2, 3})
! str(@)
! sum(@.values())
do @[{k}] = @.get({k}, 0) + {v}
do @[{k}] += 1
do for n in range({v}, {v} + 20): @[n] = n
do for n in range(3, 200): @.pop(n, None)
do for n in list(@): @[n] = @[n] // 2
do for n in @: @.pop({k}, None)
[n for n in @ if @[n] > {v}]
json.dumps(@)
{**@, {k}: {v}}
max(@, key=@.get, default=None)
do x = sum(@.values()) % 1000
"""),
    "keyed": ("@ = {K(1): 1, K(2): 2}", "sorted(@.items())", """
do @[K({i})] = {v}
@.get(K({i}))
@.pop(K({i}), None)
@.setdefault(K({i}), {v})
K({i}) in @
len(@)
do @[K({i})] = @.get(K({i}), 0) + 1
sorted(@)
do for n in range(12): @[K(n)] = n
"""),
    "set": ("@ = {1, 2, 3}", "sorted(@)", """
! @.add({v})
! @.discard({v})
! @.remove({v})
! {v} in @
! len(@)
! sorted(@)
! @.update([{v}, {v}, {v}])
! @.clear()
! sorted(@ | {1, 5})
! sorted(@ & {1, 2, 5})
! sorted(@ - {1, 2})
! sorted(@ ^ {1, 7})
! @ <= {1, 2, 3}
! @ == {1, 2, 3}
! @.isdisjoint({4, 5})
! @.symmetric_difference_update({{v}, {v}})
! @.intersection_update({{v}, {v}, 1, 2})
! @.difference_update([{v}])
! sorted(frozenset(@))
! sum(@)
! max(@, default=0)
do for n in range({i}, 30): @.add(n)
do for n in range(3, 30): @.discard(n)
sorted(n for n in @ if n % 2)
sorted({n * 2 for n in @})
do if @: n = max(@); @.remove(n); @.add(n % 9)
"""),
    "deque": ("@ = collections.deque([1, 2, 3], {m})", "list(@), @.maxlen", """
! @.append({v})
! @.appendleft({v})
! @.pop()
! @.popleft()
! @.rotate({i})
! @.extend([{v}, {v}])
! @.extendleft([{v}, {v}])
! list(@)
! len(@)
! @[0]
! @[{i}]
! do @[{i}] = {v}
! do del @[{i}]
! @.remove({v})
! @.reverse()
! @.count({v})
! @.index({v})
! @.insert({i}, {v})
! @.clear()
! {v} in @
! list(@.copy())
do while len(@) > 20: @.popleft()
do for n in range(150): @.append(n)
do @.append(@.popleft())
[n for n in @ if n > 2]
"""),
    "ordered": ("@ = collections.OrderedDict([(1, 1), (2, 2), (3, 3)])", "list(@.items())", """
! do @[{k}] = {v}
! @.get({k})
! @.pop({k}, None)
! @.popitem(last=False)
! @.popitem()
! @.move_to_end({k})
! @.move_to_end({k}, last=False)
! @.setdefault({k}, {v})
! list(@)
! list(@.items())
! len(@)
! {k} in @
! do del @[{k}]
list(reversed(@))
@ == {1: 1}
"""),
    "default": ("@ = collections.defaultdict(int)", "sorted(@.items())", """
! @[{k}]
! @.get({k})
! do @[{k}] = {v}
! @.pop({k}, None)
! sorted(@)
do @[{k}] += {v}
"""),
    "lists": ("@ = collections.defaultdict(list)", "sorted(@.items())", """
do @[{k}].append({v}); trim(@[{k}])
do if @: @[max(@)].clear()
{k} in @
len(@[{k}])
@.pop({k}, None)
sorted(@)
do @[{k}], @[{k}] = @[{k}], @[{k}]
do @[{k}] = [*@[{k}], {v}]
"""),
    "counter": ("@ = collections.Counter('abca')", "sorted(@.items())", """
do @[{s}] += 1
do @.update({s})
do @.subtract({s})
@.most_common(2)
@[{s}]
do @ += collections.Counter({s})
@.total()
"""),
    "bytes": ("@ = bytearray(b'spam')", "bytes(@)", """
! @.append({v} % 256)
! @.pop()
! @.pop(0)
! @.extend(b'xy')
! do @[{i}:{i}] = b'abc'
! do del @[{i}:]
! do @[{i}] = {v} % 256
! @[{i}]
! bytes(@)
! @.find(b'a')
! @.insert({i}, 65)
! @.reverse()
! @.clear()
! len(@)
! @.upper()
! @.replace(b'a', b'bb')
! sum(@)
! do @ += b'z'
do for n in range(len(@)): @[n] ^= 1
do @[:] = @[:20]
do with memoryview(@) as m: m[0] = 3
"""),
    "view": ("@b = bytearray(16); @ = memoryview(@b)", "@.tolist(), bytes(@b)", """
! do @[{i}] = {v} % 256
! @[{i}]
! bytes(@)
! do @[2:5] = b'abc'
! @.tolist()
! @.hex()
! do @b[{i}] = 7
! do struct.pack_into('<I', @, 4, {v})
! struct.unpack_from('<I', @, 4)
! do @b.append(1)
do @[{i}] = (@[{i}] + 1) % 256
do @.cast('I')[1] = {v}
do for n in range(16): @[n] = n
"""),
    "array": ("@ = array.array({t}, [1, 2, 3])", "@.tolist(), @.typecode", """
! @.append({v})
! @.pop()
! @.pop(0)
! do @[{i}] = {v}
! @[{i}]
! @.extend([{v}, {v}])
! @.insert({i}, {v})
! @.remove({v})
! @.tolist()
! @.tobytes()
! @.count({v})
! @.reverse()
! len(@)
! do del @[{i}:{i}]
! do @[{i}:] = array.array(@.typecode, [5])
do for n in range(len(@)): @[n] += 1
do while len(@) > 20: @.pop()
"""),
    "thing": ("@ = Thing()", "sorted(vars(@).items())", """
! do @.{f} = {v}
! @.{f}
! @.v
! do @.v = {v}
! do del @.{f}
! getattr(@, {F}, None)
! hasattr(@, {F})
! sorted(vars(@).items())
@.add({v})
@.twice()
do @.v += 1
do setattr(@, {F}, {v})
do vars(@)[{F}] = {v}
do @.__dict__ = {'v': {v}}
do for n in range(12): setattr(@, f'f{n}', n)
do for n in range(12): vars(@).pop(f'f{n}', None)
do @.__class__ = Thing
@.shared
"""),
    "slots": ("@ = Slots(); @.s0 = @.s1 = 0", "t(lambda: @.s0), t(lambda: @.s1), t(lambda: @.s2)", """
! do @.s0 = {v}
! do @.s1 = {v}
! do @.s2 = {v}
! @.s0
! @.s2
! do del @.s2
! hasattr(@, 's2')
do @.s0, @.s1 = @.s1, @.s0
do @.s0 += 1; @.s1 -= 1
"""),
    "class": ("@ = type('@', (Thing,), {'z': 1}); @i = @(5); @sub = type('@sub', (@,), {})", 
              "[sorted((k, v) for k, v in vars(c).items() if isinstance(v, int)) for c in (@, @sub, @i)], t(lambda: len(@i)), @sub(3).twice(), len(@sub.__mro__)", """
! do @.z = {v}
! @.z
! @i.z
! do @.{f} = {v}
! @i.{f}
! do del @.{f}
do @.twice = lambda self, v={v}: v
do @.twice = Thing.twice
do if 'twice' in vars(@): del @.twice
@i.twice()
@sub(3).twice()
@sub.z
do @sub.z = {v}
do @.z += 1
do @sub.__bases__ = (Thing,)
do @sub.__bases__ = (@,)
do @.__len__ = lambda self: {i}
len(@i)
isinstance(@i, @sub)
@sub.__mro__.__len__()
"""),
    "cells": ("@put, @get, @drop = cell_pair()", "@get()", """
@put({v})
@get()
@drop()
do x = @get()
"""),
    "generator": ("@ = counting(); next(@)", "next(@)", """
next(@)
@.send({i})
do if {v} == 3: @.close(); @ = counting({v}); next(@)
do x = next(@)
"""),
    "iterators": ("@l = [*range(40)]; @ = iter(@l); @c = itertools.count(); @y = itertools.cycle([1, 2, 3]); @r = iter(range(1000)); @e = enumerate('abc' * 20)",
                  "@l, list(@), next(@c), next(@y), next(@r), next(@e, None)", """
! next(@, None)
! next(@c)
! next(@y)
! next(@r)
! next(@e, None)
! operator.length_hint(@)
! do @ = iter(@l)
! @l.append({v})
list(itertools.islice(@r, 3))
do x = next(@c) % 100
do for n in @: break
"""),
    "heap": ("@ = []", "sorted(@)", """
! heapq.heappush(@, {v})
! heapq.heappop(@)
! heapq.heappushpop(@, {v})
! heapq.heapreplace(@, {v})
! heapq.nsmallest(2, @)
! len(@)
do while len(@) > 20: heapq.heappop(@)
do for n in range(30, 0, -3): heapq.heappush(@, n)
"""),
    "queue": ("@ = queue.Queue(); @s = queue.SimpleQueue(); @p = queue.PriorityQueue()", "list(@.queue), [@s.get_nowait() for _ in range(@s.qsize())], sorted(@p.queue)", """
@.put_nowait({v})
@.get_nowait()
@.qsize()
@.empty()
! @s.put({v})
! @s.get_nowait()
! @s.qsize()
@p.put({v})
@p.get_nowait()
do while @.qsize() > 10: @.get(); @.task_done()
"""),
    "weak": ("@k = {n: Thing(n) for n in range(5)}; @ = weakref.WeakValueDictionary(@k); @r = weakref.ref(@k[0])", "sorted((n, @[n].v) for n in @k if n in @), @r() is @k[0]", """
do m = {i}; @k[m] = Thing({v}); @[m] = @k[m]; @r = weakref.ref(@k[0])
@[{i} % 5].v
@r().v
do @r = weakref.ref(@k[{i} % 5])
do @r().v += 1
weakref.getweakrefcount(@k[0]) >= 0
do @t = weakref.proxy(@k[1]); x = @t.v
"""),
    "nodes": ("@ = Node(1, Node(2))", "chain(@)", """
do @ = Node({v}, @)
do if @: @ = @.next
chain(@)
do if @ and @.next: @.next = @.next.next
do n = Node({v}); n.next = @; @ = n
do if @: @.v, x = x, @.v
do last, n = None, @\\nwhile n: n.next, last, n = last, n, n.next\\n@ = last
"""),
    "nested": ("@ = {'a': {'n': 0, 'l': []}, 'b': {'n': 0, 'l': []}}", "json.dumps(@)", """
do @['a']['n'] += 1
do @['a'], @['b'] = @['b'], @['a']
do @['a']['l'].append({v}); trim(@['a']['l'])
json.dumps(@)
do @['a'] = copy.deepcopy(@['b'])
do @['b'] = json.loads(json.dumps(@['a']))
@['a']['n'] + len(@['b']['l'])
"""),
    "pair": ("@x = 50; @y = [50]; @z = Thing(50)", "@x, @y, @z.v, @x + @y[0] + @z.v", """
do @x -= 3; @y[0] += 3
do @y[0] -= 5; @z.v += 5
do @z.v -= 7; @x += 7
do @x, @y[0] = @y[0], @x
@x + @y[0] + @z.v
do assert @x + @y[0] + @z.v == 150
"""),
    "values": ("@ = Pair(1, 2); @r = Record(1, 2)", "@, @r", """
! @
do @ = @._replace(left=@.right, right={v})
do @r.x, @r.y = @r.y, {v}
dataclasses.replace(@r, x=3)
@r < Record(2, 2)
do @ = Pair(*sorted(@))
dataclasses.astuple(@r)
"""),
    "watched": ("@ = Watched(); @d = Described(); @d.p = 1", "sorted(vars(@).items()), @d.p", """
do @.{f} = {v}
@.missing
@.seen[:]
do @d.p = {v}
@d.p
do @d.p += 7
"""),
    "memory": ("@ = io.StringIO(); @b = io.BytesIO()", "@.getvalue(), @b.getvalue(), @.tell(), @b.tell()", """
! @.write({s})
! @.getvalue()
! @.seek(0)
! @.truncate({i})
! @.read(3)
! @b.write(b'xy')
! @b.getvalue()
! @b.seek({i})
! @b.read(2)
! @b.truncate({i})
print({v}, {s}, file=@)
do @.seek(0); @.truncate()
"""),
    "random": ("@ = random.Random(7)", "@.random()", """
! @.random()
! @.getrandbits(40)
@.randrange(100)
@.sample(range(20), 3)
do @.seed({v})
do x = @.randrange(50)
"""),
    "cached": ("@ = functools.lru_cache(maxsize=4)(lambda n: n * 2)", "@.cache_info()", """
@({i})
@.cache_info()
@.cache_clear()
"""),
    "things": ("@ = [Thing(n) for n in range(20)]", "[o.v for o in @]", """
do for m in @: m.v += 1
sum(o.v for o in @)
do @.append(Thing({v})); @.pop(0)
do @.sort(key=lambda o: o.v)
do @[{i}].v, @[-1].v = @[-1].v, @[{i}].v
[o.v for o in @]
do m = @[{i}]; m.f3 = {v}; del m.f3
"""),
    "sorter": ("@ = [[n] for n in range(9)]", "@", """
do @.sort(key=lambda l: -l[0])
do @.sort()
do @[{i}].append({v}); trim(@[{i}], 8)
do @[{i}] = [{v}]
do random.Random({v}).shuffle(@)
max(@)
"""),
}

# Reading one of these gives a number that flows into what is written elsewhere.
NUMBERS = {"int": "@", "list": "len(@)", "dict": "@.get({k}, 3)", "set": "len(@)", "deque": "len(@)", "thing": "@.v", "cells": "@get()", "slots": "@.s0",
           "bytes": "len(@)", "view": "@[{i}]", "things": "@[{i}].v", "nested": "@['a']['n']", "pair": "@x", "class": "@.z", "watched": "@d.p", "counter": "@.total()"}

FILL = re.compile(r"\{([ikvsfFtm])\}")


class Objects:
    """Some of the kinds, named with a prefix; makes actions on them."""
    def __init__(self, rng, prefix, kinds):
        self.rng, self.names, self.values = rng, {prefix + k: k for k in kinds}, ["{n}"]
        self.definition = "\n".join(self.fill(KINDS[k][0], name) for name, k in self.names.items())
        self.bound = sorted({m.replace("@", name) for name, k in self.names.items() for m in re.findall(r"@\w*", KINDS[k][0] + KINDS[k][2])})
        self.state = [(name, self.fill(KINDS[k][1], name)) for name, k in self.names.items()]
        self.values = ["{n}", "{n}", "x", "x % 7", "x % 50"]

    def fill(self, text, name):
        rng, n = self.rng, lambda top: str(rng.randrange(top))
        one = {"i": lambda: n(10), "k": lambda: rng.choice((n(8), n(8), "x % 8") if len(self.values) > 1 else (n(8),)), "s": lambda: repr(rng.choice(("a", "xb", "abc", "xx"))),
               "v": lambda: rng.choice(self.values).replace("{n}", n(50) if rng.random() < 0.5 else n(6)), "f": lambda: "f" + n(10), "F": lambda: repr("f" + n(10)),
               "t": lambda: repr(rng.choice("iqdH")), "m": lambda: rng.choice(("None", "None", "5", "100"))}
        return FILL.sub(lambda m: one[m[1]](), text.replace("@", name))

    def actions(self, name, indivisible=False):
        lines = [a.strip().replace("\\n", "\n") for a in KINDS[self.names[name]][2].strip().split("\n")]
        return [a[2:] for a in lines if a.startswith("! ")] if indivisible else [a.removeprefix("! ") for a in lines]

    def action(self, name=None):
        """Lines that do something, and record what it gave in `o`."""
        name = name or self.rng.choice(list(self.names))
        text = self.fill(self.rng.choice(self.actions(name)), name)
        if not text.startswith("do "): return [f"o.append(t(lambda: {text}))"]
        return ["try:", *("    " + line for line in text[3:].split("\n")), "except Exception as e: o.append(f'{type(e).__name__}: {e}')"]

    def number(self):
        name = self.rng.choice(list(self.names))
        text = NUMBERS.get(self.names[name], "len(o)")
        return self.fill(text, name)
