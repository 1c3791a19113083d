# The evaluator has handlers for one thread and for several: programs that go from one to the other in the middle of things, and
# look-ups whose short forms must give way to the long ones.
import sys
import threading


class Box:
    kind = "box"

    def __init__(self): self.n = 0

    def add(self, k):
        self.n += k
        return self.n


level = 0
names = {"a": 1, "b": 2}


def work(box, items, rounds):
    global level
    for i in range(rounds):
        for x in items: box.add(x)
        for k, v in names.items(): box.n += v
        level = level + 1
        items[i % len(items)] = items[i % len(items)]
        names["a"] = names["a"]
    return box.n


def numbers(n):
    for i in range(n): yield i + level * 0


def in_thread(f, *args):
    out = []
    t = threading.Thread(target=lambda: out.append(f(*args)))
    t.start()
    return t, out


# one thread, two, one again, all in the frames that began
def there_and_back():
    box, gen, total = Box(), numbers(400), 0
    items = [1, 2, 3]
    for turn in range(4):
        total += sum([next(gen) for _ in range(50)])
        t, out = in_thread(work, Box(), [1, 2, 3], 200)
        mine = work(box, items, 200)
        total += next(gen)
        t.join()
        total += out[0] + mine
        total += next(gen)
    return total, sorted(names.items())


print(there_and_back())

# the same while calls are traced
calls = []


def tracer(frame, event, arg):
    if event == "call" and frame.f_code.co_name == "add" and frame.f_globals is globals(): calls.append(frame.f_lineno)
    return None


sys.settrace(tracer)
box = Box()
t, out = in_thread(work, Box(), [1], 3)
work(box, [5], 3)
t.join()
sys.settrace(None)
work(box, [5], 1)
print(len(calls), out, box.n)


# code of a function that another thread calls all the time
def f(): return 1


def g(): return 2


seen, stop = [], threading.Event()


def caller():
    last = None
    while last != 2:
        v = f()
        if v != last: seen.append(v)
        last = v
        if v == 1: stop.set()


t = threading.Thread(target=caller)
t.start()
stop.wait()
f.__code__ = g.__code__
t.join()
print(seen, f())

# keys that are equal and not the same
text = "".join(["k", "ey"])
d = {(1, "key"): "a", (1, 2): "b", ((1, 2), 3): "c", (1.5, None): "d", (): "e", "key": "f", 7: "g", (True, 0): "h"}
print(d[1, text], d[1.0, 2], d[(1, 2.0), 3], d[1.5, None], d[()], d[text], d[7.0], d[1, False])
print((1, "kez") in d, (1,) in d, (2, 1) in d, (1, 2, 3) in d, ((1, 2), 4) in d, text in d, 8 in d)
nan = float("nan")
d[nan, 1] = "n"
print(d[nan, 1], (float("nan"), 1) in d)
s = {(i % 5, str(i % 7)) for i in range(200)}
print(len(s), (4, "6") in s, (5, "6") in s, (4.0, "6") in s)


# equality that changes the set, or lets others run, while C code walks over it
class Key:
    def __init__(self, n, act=None): self.n, self.act = n, act
    def __hash__(self): return self.n % 3

    def __eq__(self, other):
        if self.act: self.act()
        return self.n == other.n


def tries():
    a = {Key(i) for i in range(20)}
    b = {Key(i, lambda: threading.Thread(target=len, args=((),)).start() if i == 0 else None) for i in range(0, 40, 2)}
    print(len(a & b), len(a | b), len(a - b), len(a ^ b), a <= b, a.isdisjoint(b))
    grown = {Key(i) for i in range(10)}
    other = {Key(i, lambda: grown.add(Key(100))) for i in range(5, 15)}
    grown.update(other)
    print(len(grown) in (15, 16), len({k.n for k in grown}) == len(grown))


tries()
t = threading.Thread(target=tries)
t.start()
t.join()

# sets and dicts of several threads: what one adds the others find
shared, table, lock = set(), {}, threading.Lock()


def fill(me):
    mine = set()
    for i in range(300):
        k = (me, i) if i % 2 else me * 1000 + i
        if k not in mine: mine.add(k)
        if k not in shared: shared.add(k)
        table.setdefault(k, me)
        with lock: table["sum"] = table.get("sum", 0) + 1
    assert mine <= shared
    return len(mine)


ts = [threading.Thread(target=fill, args=(i,)) for i in range(4)]
for t in ts: t.start()
for t in ts: t.join()
print(len(shared), len(table), table["sum"], shared == set(table) - {"sum"})
