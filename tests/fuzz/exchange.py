"""Programs whose threads hand things to each other and wait for each other: what must hold whatever the order.

Nothing lost, nothing twice, in order where the library promises an order, sums kept, nobody waits for ever.  A case is a list of
(scenario, settings); all scenarios of a case run at once, each with threads of its own, while others only disturb."""
import collections, concurrent.futures, contextlib, contextvars, functools, gc, os, queue, random, sys, tempfile, threading, time, weakref

from threads import PATIENCE, all_of, atomic, new_lock, stress

SCENARIOS = {}


def scenario(f):
    SCENARIOS[f.__name__] = f
    return f


def check(true, *what):
    if not true: raise AssertionError(*what)


def in_order(items):
    """Of (producer, number) pairs: each producer's numbers rise."""
    last = {}
    for producer, number in items:
        check(last.get(producer, -1) < number, "out of order", producer, number)
        last[producer] = number


def everything(taken, producers, n):
    check(sorted(i for items in taken for i in items) == [(p, k) for p in range(producers) for k in range(n)], "lost or twice")


# A scenario gets a generator of random numbers and returns its threads' functions and a function that judges when they have ended.

@scenario
def through_queue(rng):
    make = rng.choice((queue.Queue, queue.Queue, queue.LifoQueue, queue.PriorityQueue, queue.SimpleQueue))
    size = rng.choice((0, 1, 3, 20))
    q = make() if make is queue.SimpleQueue else make(size)
    producers, consumers, n = rng.randint(1, 3), rng.randint(1, 3), rng.choice((20, 100))
    taken = [[] for _ in range(consumers)]
    timeout = rng.choice((None, None, PATIENCE))
    def produce(p):
        for k in range(n): q.put((p, k), timeout=timeout)
    def consume(c):
        while (item := q.get(timeout=timeout))[0] < 99: taken[c].append(item)
    ended = threading.Barrier(producers)
    def produce_all(p):
        produce(p)
        if ended.wait() == 0:
            for _ in range(consumers): q.put((99, 99))
    def judge():
        if make is not queue.LifoQueue: everything(taken, producers, n)
        if make in (queue.Queue, queue.SimpleQueue):
            for items in taken: in_order(items)
    return [*(functools.partial(produce_all, p) for p in range(producers)), *(functools.partial(consume, c) for c in range(consumers))], judge


@scenario
def through_deque(rng):
    """No locks: append and popleft are indivisible."""
    d, producers, consumers, n = collections.deque(), rng.randint(1, 3), rng.randint(1, 3), rng.choice((50, 300))
    taken, open_producers = [[] for _ in range(consumers)], [None] * producers
    def produce(p):
        for k in range(n): d.append((p, k))
        open_producers.pop()
    def consume(c):
        while True:
            last = not open_producers
            try: taken[c].append(d.popleft())
            except IndexError:
                if last: break
                time.sleep(0)
    def judge():
        everything(taken, producers, n)
        for items in taken: in_order(items)
    return [*(functools.partial(produce, p) for p in range(producers)), *(functools.partial(consume, c) for c in range(consumers))], judge


@scenario
def bounded_buffer(rng):
    condition = new_lock("Condition") if rng.random() < 0.5 else threading.Condition(threading.Lock())
    buffer, size, taken = [], rng.randint(1, 4), [[], []]
    producers, n, waits_for = 2, rng.choice((20, 60)), rng.random() < 0.5
    left = [producers * n]
    def wait(test):
        if waits_for: condition.wait_for(test)
        else:
            while not test(): condition.wait()
    def produce(p):
        for k in range(n):
            with condition:
                wait(lambda: len(buffer) < size)
                buffer.append((p, k))
                check(len(buffer) <= size)
                condition.notify_all()
    def consume(c):
        while True:
            with condition:
                wait(lambda: buffer or not left[0])
                if not buffer: break
                taken[c].append(buffer.pop(0))
                left[0] -= 1
                condition.notify_all()
    def judge():
        everything(taken, producers, n)
        for items in taken: in_order(items)
    return [*(functools.partial(produce, p) for p in range(producers)), *(functools.partial(consume, c) for c in range(2))], judge


@scenario
def ping_pong(rng):
    n, events, log = rng.choice((10, 50)), [threading.Event(), threading.Event()], []
    def play(me):
        for k in range(n):
            events[me].wait()
            events[me].clear()
            log.append(me)
            events[1 - me].set()
    events[0].set()
    return [functools.partial(play, 0), functools.partial(play, 1)], lambda: check(log == [0, 1] * n, log)


@scenario
def semaphore(rng):
    most, n, threads = rng.randint(1, 3), 20, rng.randint(2, 5)
    s, inside, highest, done = rng.choice((threading.Semaphore, threading.BoundedSemaphore))(most), [], [0], []
    def use():
        for _ in range(n):
            with s:
                inside.append(None)
                highest[0] = max(highest[0], len(inside))
                inside.pop()
            done.append(None)
    return [use] * threads, lambda: check(highest[0] <= most and len(done) == n * threads and not inside, highest, done)


@scenario
def phases(rng):
    """Everybody sees all of a phase in the next one."""
    threads, n = rng.randint(2, 5), rng.choice((5, 20))
    barrier, cells, sums = threading.Barrier(threads), [0] * threads, [[] for _ in range(threads)]
    def run(me):
        for k in range(n):
            cells[me] += me + k
            barrier.wait()
            sums[me].append(sum(cells))
            barrier.wait()
    def judge():
        for own in sums: check(own == [sum(me * (k + 1) + k * (k + 1) // 2 for me in range(threads)) for k in range(n)], own)
    return [functools.partial(run, me) for me in range(threads)], judge


@scenario
def children(rng):
    """Threads start threads and join them."""
    deepest, wide = rng.choice(((2, 3), (3, 2), (5, 1)))
    result = []
    def run(depth, out):
        if not depth: out.append(1); return
        mine = []
        threads = [threading.Thread(target=run, args=(depth - 1, mine)) for _ in range(wide)]
        for t in threads: t.start()
        for t in threads: t.join()
        check(not any(t.is_alive() for t in threads))
        out.append(sum(mine))
    return [lambda: run(deepest, result)], lambda: check(result == [wide ** deepest], result)


@scenario
def pool(rng):
    n, workers, got = rng.choice((20, 60)), rng.randint(1, 4), []
    def work(k):
        if k % 7 == 3: raise ValueError(k)
        return k * k
    def run():
        with concurrent.futures.ThreadPoolExecutor(workers) as p:
            for f in [p.submit(work, k) for k in range(n)]:
                try: got.append(f.result())
                except ValueError as e: got.append(-e.args[0])
            check(list(p.map(lambda k: k + 1, range(n))) == [*range(1, n + 1)])
    return [run], lambda: check(got == [-k if k % 7 == 3 else k * k for k in range(n)], got)


@scenario
def accounts(rng):
    """Transfers and audits under `with atomic:`, audits without a counter in common."""
    n, steps = rng.choice((2, 5, 50)), rng.choice((30, 200))
    kind = rng.randrange(4)
    class Account:
        def __init__(self): self.balance = 100
    class Slotted:
        __slots__ = "balance",
        def __init__(self): self.balance = 100
    make = (Account, Slotted)[kind % 2]
    all_accounts = [make() for _ in range(n)]
    table = dict.fromkeys(range(n), 100)
    numbers = [random.Random(rng.random()) for _ in range(4)]
    def transfer(r):
        for _ in range(steps):
            a, b, amount = r.randrange(n), r.randrange(n), r.randrange(20)
            if kind < 2:
                with atomic: all_accounts[a].balance -= amount; all_accounts[b].balance += amount
            else:
                with atomic: table[a] -= amount; table[b] = table[b] + amount
    def audit(r):
        for _ in range(steps // 5):
            with atomic: total = sum(a.balance for a in all_accounts) if kind < 2 else sum(table.values())
            check(total == 100 * n, total)
    def judge(): audit(None)
    return [functools.partial(f, r) for f, r in zip((transfer, transfer, audit, transfer), numbers[:rng.randint(2, 4)])], judge


@scenario
def written_skew(rng):
    """Each of two may go to 0 only if the other is not there: both must be seen in one step."""
    n, cells, bad = 30, [1, 1], []
    lock = rng.choice((None, "Lock", "RLock"))
    guard = new_lock(lock) if lock else atomic
    def run(me):
        for _ in range(n):
            with guard:
                if cells[1 - me]: cells[me] = 0
            with guard:
                if not any(cells): bad.append(me)
                cells[me] = 1
    return [functools.partial(run, me) for me in (0, 1)], lambda: check(not bad, bad)


@scenario
def referents(rng):
    """Each weak reference calls back once when its object dies."""
    n, threads, called, alive = 30, rng.randint(1, 3), [], []
    class Object: pass
    refs = [[] for _ in range(threads)]
    def run(me):
        for k in range(n):
            o = Object()
            if k % 3: o.me = o
            refs[me].append(weakref.ref(o, lambda r, which=(me, k): called.append(which)))
            if k % 5 == 0: alive.append(o)
            if k % 10 == 0: gc.collect()
    def judge():
        for _ in range(3): gc.collect()
        check(len(called) == len(set(called)), "called twice")
        dead = sum(r() is None for own in refs for r in own)
        check(len(called) == dead, called, dead)
        check(all(r() is not None for own in refs for r in own[::5]))
    return [functools.partial(run, me) for me in range(threads)], judge


@scenario
def finalizers(rng):
    n, threads, ended = 40, rng.randint(1, 3), []
    class Object:
        def __init__(self, which): self.which = which
        def __del__(self): ended.append(self.which)
    def run(me):
        for k in range(n):
            o = Object((me, k))
            if k % 2: o.me = o
            if k % 16 == 0: gc.collect()
    def judge():
        check(len(ended) == len(set(ended)), "ended twice", ended)
    return [functools.partial(run, me) for me in range(threads)], judge


@scenario
def output(rng):
    """Lines written in one call come out whole and once, in blocks and outside."""
    n, threads, f = 20, rng.randint(2, 4), tempfile.TemporaryFile("w+b", buffering=0)
    text, how = open(os.dup(f.fileno()), "w", newline="\n"), rng.randrange(3)
    number = [0]
    lock = new_lock("Lock")
    def run(me):
        for k in range(n):
            if how == 0: os.write(f.fileno(), b"%d %d\n" % (me, k))
            elif how == 1:
                with atomic:
                    number[0] += 1
                    os.write(f.fileno(), b"%d %d %d\n" % (me, k, number[0]))
            else:
                with lock:
                    number[0] += 1
                    print(me, k, number[0], file=text, flush=True)
    def judge():
        f.seek(0)
        lines = [tuple(map(int, line.split())) for line in f.read().decode().split("\n")[:-1]]
        text.close(), f.close()
        everything([[line[:2] for line in lines]], threads, n)
        in_order([line[:2] for line in lines])
        if how: check([line[2] for line in lines] == [*range(1, n * threads + 1)], lines)
    return [functools.partial(run, me) for me in range(threads)], judge


@scenario
def shared_generator(rng):
    n, lock, got = 100, new_lock(rng.choice(("Lock", "RLock"))), [[] for _ in range(3)]
    def numbers():
        try:
            for k in range(n): yield k
        finally: ended.append(None)
    ended, g, use_atomic = [], numbers(), rng.random() < 0.5
    def run(me):
        while True:
            with atomic if use_atomic else lock: k = next(g, None)
            if k is None: break
            got[me].append(k)
    def judge():
        check(sorted(sum(got, [])) == [*range(n)] and len(ended) == 1, got, ended)
        for own in got: check(own == sorted(own))
    return [functools.partial(run, me) for me in range(3)], judge


@scenario
def unguarded_generator(rng):
    """Only one thread at a time may be inside; the others are told so."""
    seen = [[] for _ in range(3)]
    def numbers():
        for k in range(200): yield k
    g = numbers()
    def run(me):
        while True:
            try: k = next(g, None)
            except ValueError as e: check(str(e) == "generator already executing", e); continue
            if k is None: break
            seen[me].append(k)
    return [functools.partial(run, me) for me in range(3)], lambda: check(sorted(sum(seen, [])) == [*range(200)], seen)


@scenario
def own_storage(rng):
    """What belongs to a thread or a context is nobody else's."""
    local, variable, n = threading.local(), contextvars.ContextVar("v", default=0), 50
    def run(me):
        local.v = me
        variable.set(me)
        for k in range(n):
            check(local.v == me + k and variable.get() == me + k)
            local.v += 1
            variable.set(variable.get() + 1)
            contextvars.copy_context().run(variable.set, -1)
            if k % 20 == 0: time.sleep(0)
    return [functools.partial(run, me * 1000) for me in range(rng.randint(2, 4))], lambda: None


@scenario
def philosophers(rng):
    n, meals = rng.randint(2, 4), 15
    forks, eaten = [new_lock(rng.choice(("Lock", "RLock"))) for _ in range(n)], [0] * n
    in_block = rng.random() < 0.4
    def run(me):
        a, b = sorted({me, (me + 1) % n})
        for _ in range(meals):
            if in_block and me % 2:
                with atomic, forks[b], forks[a]: eaten[me] += 1
                continue
            with forks[a]:
                if not forks[b].acquire(timeout=PATIENCE): raise AssertionError("no fork")
                try: eaten[me] += 1
                finally: forks[b].release()
    return [functools.partial(run, me) for me in range(n)], lambda: check(eaten == [meals] * n, eaten)


@scenario
def tried_lock(rng):
    """acquire(blocking=False), locked() and release by somebody else."""
    lock, count, n, refused = threading.Lock(), [0], 40, []
    baton = threading.Lock()
    baton.acquire()
    def run():
        for _ in range(n):
            while not lock.acquire(blocking=False): refused.append(None); time.sleep(0)
            try: check(lock.locked()); count[0] += 1
            finally: lock.release()
    def give():
        for _ in range(n): time.sleep(0)
        baton.release()
    def take():
        with baton: count.append("taken")
    return [run, run, give, take], lambda: check(sorted(count, key=str) == [2 * n, "taken"] and not lock.locked() and not baton.locked(), count)


@scenario
def one_winner(rng):
    """Of those who want to be first, one is."""
    n, threads, d, s, l, winners = 60, rng.randint(2, 4), {}, set(range(60)), list(range(60)), [[] for _ in range(4)]
    taken, popped = [[] for _ in range(4)], [[] for _ in range(4)]
    def run(me):
        for k in range(n):
            if d.setdefault(k, me) == me: winners[me].append(k)
            try: taken[me].append(s.pop())
            except KeyError: pass
            try: popped[me].append(l.pop())
            except IndexError: pass
    def judge():
        for lists in (winners, taken, popped): check(sorted(sum(lists, [])) == [*range(n)], lists)
        check(list(d) == [*range(n)] and not s and not l)
    return [functools.partial(run, me) for me in range(threads)], judge


@scenario
def raised(rng):
    """Exceptions pass through blocks, sections and threads with their notes, causes and context."""
    n, lock, log = 20, new_lock("RLock"), []
    class Mine(Exception): pass
    def fall(me, k):
        with contextlib.ExitStack() as s:
            s.callback(log.append, (me, k))
            with atomic, lock:
                try: {}[me]
                except KeyError as e: raise Mine(me, k) from e
    def run(me):
        for k in range(n):
            try: fall(me, k)
            except Mine as e: check(e.args == (me, k) and e.__cause__.args == (me,) and e.__context__ is e.__cause__ and e.__traceback__.tb_next.tb_frame.f_code.co_name == "fall")
            else: raise AssertionError("nothing was raised")
            check(sys.exc_info() == (None, None, None))
    return [functools.partial(run, me) for me in range(3)], lambda: (everything([log], 3, n), in_order(log))


@scenario
def long_blocks(rng):
    """Blocks that write much beside short ones."""
    n = rng.choice((1000, 10000))
    class Cell:
        __slots__ = "v",
        def __init__(self): self.v = 0
    cells, rounds, short = [Cell() for _ in range(n)], rng.randint(1, 3), []
    def whole(me):
        for _ in range(rounds):
            with atomic:
                for c in cells: c.v += 1
    def look():
        for _ in range(5):
            with atomic: first, last = cells[0].v, cells[-1].v
            check(first == last, first, last)
            short.append(None)
    return [functools.partial(whole, 0), look, functools.partial(whole, 1)], lambda: check({c.v for c in cells} == {2 * rounds})


class ExchangeCase:
    COMPARED, LIMITED, RUN, SILENCE, environment = False, False, 30, PATIENCE + 100, staticmethod(stress)

    @staticmethod
    def make(rng): return [(rng.choice(list(SCENARIOS)), rng.randrange(1 << 30)) for _ in range(rng.randint(1, 3))]

    @staticmethod
    def run(case):
        made = [(name, *SCENARIOS[name](random.Random(settings))) for name, settings in case]
        def named(name, f):
            def run():
                try: f()
                except Exception as e: raise AssertionError(f"{name}: {type(e).__name__}: {e}") from e
            return run
        wrong = all_of([named(name, f) for name, functions, _ in made for f in functions])
        for name, _, judge in made:
            if wrong: break
            try: judge()
            except Exception as e: wrong.append(f"{name}: {type(e).__name__}: {e}")
        return f"wrong: {wrong}" if wrong else "right"

    @staticmethod
    def coarse(result): return result


KINDS = {"exchange": ExchangeCase}
