"""Numbers in dicts that several threads count up: no addition is lost, and whoever has added sees it."""
import collections, copy, json, sys, threading
from heddle import atomic

WORDS = [f"w{i}" for i in range(30)]
N = 6000
class Sub(dict): pass
class Loud(dict):
    def __setitem__(self, k, v): super().__setitem__(k, v + 0)
def fresh(make=dict): return make({w: 0 for w in WORDS})
def in_threads(*targets):
    ts = [threading.Thread(target=f, args=(k,)) for k, f in enumerate(targets)]
    for t in ts: t.start()
    for t in ts: t.join()
def word(i, k): return "w" + str((i * 7 + k) % 30)
lock = threading.Lock()
module_counts = fresh()

# -- totals -----------------------------------------------------------------------------------------------------------
def by_get(d):
    def f(k):
        for i in range(N):
            w = word(i, k)
            with lock: d[w] = d.get(w, 0) + k
    return f
def by_item(d):
    def f(k):
        for i in range(N):
            w = word(i, k)
            with lock: d[w] += 3
    return f
def down(d):
    def f(k):
        for i in range(N):
            w = word(i, k)
            with atomic: d[w] -= i
    return f
def of_module(k):
    for i in range(N):
        w = word(i, k)
        with lock: module_counts[w] = module_counts.get(w, 0) + 1
def local_dict(d):
    def f(k, d=d):
        for i in range(N):
            w = word(i, k)
            with lock: d[w] = d.get(w) - 2
    return f
for make in dict, Sub, Loud, collections.Counter, collections.OrderedDict, lambda d: collections.defaultdict(int, d):
    for how in by_get, by_item, down, local_dict:
        d = fresh(make)
        in_threads(*[how(d)] * 3)
        print(type(d).__name__, how.__name__, sum(d.values()), end="; ")
    print()
in_threads(*[of_module] * 4)
print(sum(module_counts.values()), set(module_counts.values()))
numbers = {i * 3: 0 for i in range(40)}
def count_numbers(k):
    for i in range(N):
        n = i % 40 * 3
        with lock: numbers[n] += 1
in_threads(*[count_numbers] * 3)
print(set(numbers.values()))

# -- whoever has added sees it ------------------------------------------------------------------------------------------
class Thing: pass
thing = Thing()
for w in WORDS: setattr(thing, w, 0)
wrong = []
def seen(d, w, n, i):
    way = i % 16
    if way == 0: return d[w]
    if way == 1: return d.get(w)
    if way == 2: return dict(d.items())[w]
    if way == 3: return dict(zip(d, d.values()))[w]
    if way == 4: return copy.copy(d)[w]
    if way == 5: return (d | {})[w]
    if way == 6: return json.loads(json.dumps(d))[w]
    if way == 7: return [v for k, v in d.items() if k == w][0]
    if way == 8: return n if d == {**d, w: n} else None
    if way == 9: return d.setdefault(w, 5)
    if way == 10:
        v = d.pop(w)
        d[w] = v
        return v
    if way == 11: return eval(repr(d))[w]
    if way == 12: return {k: v for k, v in reversed(d.items())}[w]
    if way == 13: return n if (w, n) in d.items() else d[w]
    if way == 14:
        e = {}
        e.update(d)
        return e[w]
    d[w] = d[w]
    return dict(**d)[w]
def looks_at(d):
    def f(k):
        for i in range(600):
            w = word(i, k)
            with atomic:
                before = d[w]
            with atomic:
                n = d[word(i + 1, k)]
                d[w] += 1
                d[w] = d.get(w, 0) + 1
                d[w] += 1
                first = seen(d, w, d[w] if i % 16 in (8, 13) else None, i)
                if first is None or first < before + 3 or first != d[w] or n != d[word(i + 1, k)]: wrong.append((i % 16, before, first, d[w]))
    return f
d = fresh()
in_threads(looks_at(d), looks_at(d), by_item(d))
print("seen", wrong[:3], sum(d.values()) == 2 * 600 * 3 + N * 3)
d = vars(thing)
def attributes(k):
    for i in range(1000):
        w = word(i, k)
        with atomic:
            before = getattr(thing, w)
            d[w] += 1
            if getattr(thing, w) != before + 1: wrong.append(("attribute", w))
in_threads(*[attributes] * 3)
print("attributes", wrong[:3], sum(d.values()))
g = globals()
for w in WORDS: g[w] = 0
def variables(k):
    for i in range(1000):
        with atomic:
            before = w3
            g["w" + str(3)] += 1
            key = word(i, k)
            g[key] += 1
            if w3 != before + 1 + (key == "w3"): wrong.append(("variable", before, w3))
in_threads(*[variables] * 3)
print("variables", wrong[:3], sum(g[w] for w in WORDS))

# -- sums that are used for something else, too -------------------------------------------------------------------------------
d, totals = fresh(), [0, 0, 0]
def also(k):
    for i in range(1000):
        w = word(i, k)
        with lock:
            d[w] = x = d.get(w, 0) + 1
            y = d[w] = d[w] + 1
            totals[k] += y - x
            d[w] = z = d[w] + 1
            if z != y + 1: wrong.append((x, y, z))
in_threads(*[also] * 3)
print("also", wrong[:3], sum(d.values()), totals)

# -- two dicts that belong together; large numbers; what becomes irrevocable -----------------------------------------------------
a, b = fresh(), fresh()
def both(k):
    for i in range(1500):
        w = word(i, k)
        with atomic:
            a[w] += i
            if i % 3: b[w] -= i
            elif i % 2: b[w] = b.get(w, 0) - i
            else: b[w] = -a[w]
def balance(k):
    for i in range(500):
        w = word(i, k)
        with atomic: pair = a[w], b[w]
        if sum(pair): wrong.append(pair)
in_threads(both, both, balance)
print("both", wrong[:3], all(a[w] == -b[w] for w in WORDS))
d = fresh()
step = 1 << 58
def large(k):
    for i in range(300):
        w = word(i, k)
        with lock: d[w] += step
        with lock: d[w] = d.get(w, 0) + (1 << 61)
in_threads(*[large] * 3)
print("large", sum(d.values()) == 900 * (step + (1 << 61)), max(d.values()) > 1 << 63)
d = fresh()
def irrevocable(k):
    for i in range(60):
        w = word(i, k)
        with atomic:
            d[w] += 1
            if i % 6 == 0: sys.stdout.write("")
            if i % 20 == 0: Thing.__len__ = lambda self: i
            if i % 7 == 0: sys.stdout.flush()
            d[w] += 1
in_threads(irrevocable, irrevocable, by_item(d))
print("irrevocable", sum(d.values()) == 60 * 4 + 3 * N)

# -- others change what is there ---------------------------------------------------------------------------------------------------
d, done, errors = fresh(), [0] * 3, set()
def hopes(k):
    for i in range(N):
        w = word(i, k)
        try: d[w] += 1
        except (KeyError, TypeError) as e: errors.add(type(e).__name__)
        try: d[w] = d.get(w, 0) + 1
        except TypeError as e: errors.add(type(e).__name__)
def disturbs(k):
    for i in range(N // 4):
        w = word(i, k)
        how = i % 5
        if how == 0: d.pop(w, None)
        elif how == 1: d[w] = "text"
        elif how == 2: d[w] = 1.5
        elif how == 3: d[w] = 0
        elif i % 200 == 4: d.clear()
in_threads(hopes, hopes, disturbs)
print("changed", errors <= {"KeyError", "TypeError"}, {type(v) for v in d.values()} <= {int, float, str})

class Odd:
    same = False
    def __hash__(self): return hash("w3")
    def __eq__(self, other): return self.same
odd = Odd()
d = {odd: 0, **fresh()}
in_threads(*[by_item(d)] * 3)
before = d["w3"]
Odd.same = True                                # from now on it is found first
in_threads(*[by_item(d)] * 3)
Odd.same = False
print("odd", d["w3"] == before, next(iter(d.values())) == before)

def traced(k):
    sys.settrace(lambda *a: None)
    by_item(d)(k)
    sys.settrace(None)
d = fresh()
in_threads(traced, by_item(d), by_get(d))
print("traced", sum(d.values()) == 2 * 3 * N + 2 * N)
