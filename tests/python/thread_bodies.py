# Readers beside threads that give lists, dicts and sets other bodies: what a transaction reads belongs together.
import sys
import threading
try: from heddle import atomic
except ImportError: atomic = threading.RLock()      # CPython: one lock for all

ROUNDS = 200


def race(write, read, readers=1):
    """write(turn) and read() as atomic blocks against each other; read() gives what must be equal."""
    bad, done = [], threading.Event()

    def reader():
        while not done.is_set():
            with atomic: got = read()
            if len(set(got)) > 1: bad.append(got)

    team = [threading.Thread(target=reader) for i in range(readers)]
    for t in team: t.start()
    for turn in range(ROUNDS):
        with atomic: write(turn)
    done.set()
    for t in team: t.join()
    return bad[:3]


def waste():
    total = 0
    for i in range(300): total += i
    return total


def two_lists(change):
    a, b = [0] * 50, [0] * 50

    def write(turn):
        change(a, turn)
        waste()
        change(b, turn)

    def read():
        x = a[40]
        waste()
        return x, b[40]
    return race(write, read)


def cleared(v, turn):
    v.clear()
    v.extend([turn] * 50)


def replaced(v, turn): v[:] = [turn] * (50 + turn % 3 * 100)


def multiplied(v, turn):
    v[:] = [turn]
    v *= 50


def appended(v, turn):
    v.clear()
    for i in range(60): v.append(turn)


def resorted(v, turn):
    for i in range(len(v)): v[i] = turn + i % 2
    v.sort(key=lambda x: -x)
    for i in range(len(v)): v[i] = turn


def popped(v, turn):
    while v: v.pop()
    while len(v) < 50: v.insert(0, turn)


for change in (cleared, replaced, multiplied, appended, resorted, popped): print("lists", change.__name__, two_lists(change))


def ends():
    """What an index from the end means changes with the length."""
    a, b = [-1], [-1]

    def write(turn):
        for v in (a, b):
            if turn % 5 == 4: del v[1:]
            else: v.append(turn)

    def read():
        x = a[-1]
        waste()
        return x, b[-1]
    return race(write, read)


print("ends", ends())


def appends_and_stores():
    """A store through an index must not go to a body that has been left."""
    v, n = [0] * 40, 2000

    def store(me):
        for i in range(n):
            with atomic:
                k = (i * 7 + me) % 40
                v[k] = v[k] + 1
            if i % 64 == 0:
                with atomic: v.extend([0] * 40) if len(v) < 2000 else v.__delitem__(slice(40, None))
    team = [threading.Thread(target=store, args=(me,)) for me in range(3)]
    for t in team: t.start()
    for t in team: t.join()
    return sum(v[:40]) == 3 * n


print("stores", appends_and_stores())


def two_dicts(size, change):
    a, b = {i: 0 for i in range(size)}, {i: 0 for i in range(size)}

    def write(turn):
        change(a, turn, size)
        waste()
        change(b, turn, size)

    def read():
        x = a[size // 2]
        waste()
        return x, b[size // 2]
    return race(write, read)


def d_cleared(d, turn, size):
    d.clear()
    for i in range(size): d[i] = turn


def d_updated(d, turn, size):
    d.clear()
    d.update({i: turn for i in range(size)})


def d_grown(d, turn, size):
    for i in range(size, size * 4 + 20): d[i] = 0
    for i in range(size): d[i] = turn
    for i in range(size, size * 4 + 20): del d[i]


for change in (d_cleared, d_updated, d_grown):
    for size in (1, 5, 40): print("dicts", change.__name__, size, two_dicts(size, change))


def missing(size):
    """What is not there stays so in a transaction."""
    a, b = {i: 0 for i in range(size)}, {i: 0 for i in range(size)}

    def write(turn):
        for d in (a, b):
            if turn % 2: d["x"] = turn
            elif turn % 4: d.clear()
            else: d.pop("x", None)

    def read():
        x = "x" in a
        waste()
        return x, "x" in b
    return race(write, read)


for size in (0, 3, 7, 8, 40): print("missing", size, missing(size))


def two_sets(size):
    a, b = set(range(size)), set(range(size))

    def write(turn):
        for s in (a, b):
            if turn % 2: s.clear()
            else: s.update(range(size))

    def read():
        x = size // 2 in a
        waste()
        return x, size // 2 in b
    return race(write, read)


for size in (1, 6, 50): print("sets", size, two_sets(size))


def inserts_lost():
    """Insertions beside a thread that empties the dict: all of a block or none."""
    d, bad = {}, []

    def write(turn):
        d.clear()

    def read():
        for i in range(12): d[i] = 1
        waste()
        return len(d) >= 12, True
    return race(write, read, 2)


print("inserts", inserts_lost())

first = second = 0


def globals_together():
    """Variables of a module while it gets new ones."""
    space = globals()

    def write(turn):
        global first, second
        first = turn
        for i in range(40): space["made_%d_%d" % (turn, i)] = i
        second = turn
        for i in range(40): del space["made_%d_%d" % (turn, i)]

    def read():
        x = first
        waste()
        return x, second
    return race(write, read)


print("globals", globals_together())


def shadowed_builtin():
    """A name that is found among the builtins until the module has one."""
    space = globals()

    def write(turn):
        if turn % 2: space["abs"] = lambda x: 5
        else: space.pop("abs", None)

    def read():
        x = abs(-1)
        waste()
        return x, abs(-1)
    return race(write, read)


print("builtins", shadowed_builtin())


def heaps():
    import heapq
    v, n, taken = [], 400, []

    def work(me):
        for i in range(n):
            with atomic: heapq.heappush(v, (i * 37 + me) % 1000)
            if i % 3 == 0:
                with atomic: taken.append(heapq.heappop(v))
    team = [threading.Thread(target=work, args=(me,)) for me in range(3)]
    for t in team: t.start()
    for t in team: t.join()
    rest = [heapq.heappop(v) for i in range(len(v))]
    return rest == sorted(rest), sorted(rest + taken) == sorted([(i * 37 + me) % 1000 for me in range(3) for i in range(n)])


print("heaps", heaps())
