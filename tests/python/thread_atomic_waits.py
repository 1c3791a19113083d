"""Atomic blocks that wait for other threads: they are undone and run again, also when aborts have made them irrevocable."""
import os, queue, subprocess, sys, threading, time
from heddle import atomic

PATIENCE = 60


def ended(*threads):
    for t in threads: t.join(PATIENCE)
    if any(t.is_alive() for t in threads):
        print("waits for ever", flush=True)
        os._exit(1)


def begun(f, *args):
    t = threading.Thread(target=f, args=args, daemon=True)
    t.start()
    return t


def lock_held_by_the_starter():
    """The thread's first transaction is still open when it meets the lock; its starter waits for it to have begun."""
    lock, seen = threading.Lock(), []
    def f():
        with atomic:
            seen.append("before")
            with lock: seen.append("inside")
    lock.acquire()
    t = begun(f)
    time.sleep(0.05)
    print(seen)
    lock.release()
    ended(t)
    print(seen)


def many_wait_for_one_lock():
    for kind in threading.Lock, threading.RLock:
        lock, n = kind(), [0]
        def f():
            for _ in range(5):
                with atomic:
                    n[0] += 1
                    with lock: n[0] += 1
        lock.acquire()
        threads = [begun(f) for _ in range(4)]
        time.sleep(0.05)
        lock.release()
        for _ in range(5):
            with lock: time.sleep(0.001)
        ended(*threads)
        print(n)


def atomic_and_plain_sleepers():
    """Whoever is woken and gets the lock without writing it must wake the next one, whichever way that one waits."""
    lock, n = threading.Lock(), [0]
    def plain():
        with lock: n[0] += 1
    def block():
        with atomic:
            with lock: n[0] += 1
    for order in (plain, block, block, plain), (block, plain, plain, block):
        lock.acquire()
        threads = []
        for f in order:
            threads.append(begun(f))
            time.sleep(0.02)
        lock.release()
        ended(*threads)
    print(n)


def other_things_next_time():
    """The first that is woken does not want the lock any more."""
    lock, wanted, n = threading.Lock(), [True], [0]
    def first():
        with atomic:
            if wanted[0]:
                with lock: n[0] += 1
    def second():
        with atomic:
            with lock: n[0] += 10
    lock.acquire()
    threads = [begun(first)]
    time.sleep(0.02)
    threads.append(begun(second))
    time.sleep(0.02)
    wanted[0] = False
    lock.release()
    ended(*threads)
    print(n)


def events_conditions_queues():
    e, c, ready, got = threading.Event(), threading.Condition(), [], []
    q, sq = queue.Queue(), queue.SimpleQueue()
    def for_event():
        with atomic: e.wait(); got.append("event")
    def for_condition():
        with atomic:
            with c:
                while not ready: c.wait()
            got.append("condition")
    def for_queue():
        with atomic: got.append(q.get())
    def for_simple_queue():
        with atomic: got.append(sq.get())
    threads = [begun(f) for f in (for_event, for_condition, for_queue, for_simple_queue)]
    time.sleep(0.05)
    e.set()
    with c:
        ready.append(1)
        c.notify()
    q.put("queue")
    sq.put("simple queue")
    ended(*threads)
    print(sorted(got))


def the_past_cannot_be_undone():
    """What was done before the block does not keep it from waiting."""
    lock, n = threading.Lock(), [0]
    def f():
        C = type("C", (), {})                    # stays in the transaction in which the block begins
        C.x = 1
        with atomic:
            with lock: n[0] += C.x
    lock.acquire()
    t = begun(f)
    time.sleep(0.05)
    lock.release()
    ended(t)
    print(n)


def no_way_back():
    """What cannot be undone and waits: nobody else commits meanwhile, so it is an error instead."""
    lock, q = threading.Lock(), queue.SimpleQueue()
    out = os.open(os.devnull, os.O_WRONLY)
    def f():
        for wait in lock.acquire, threading.Event().wait, q.get:
            try:
                with atomic:
                    os.write(out, b"x")
                    wait()
            except RuntimeError as e: print(e)
        with atomic:
            os.write(out, b"x")
            print(lock.acquire(timeout=0.01), lock.acquire(blocking=False))
    lock.acquire()
    t = begun(f)
    ended(t)
    lock.release()
    os.close(out)


CASES = [lock_held_by_the_starter, many_wait_for_one_lock, atomic_and_plain_sleepers, other_things_next_time, events_conditions_queues, the_past_cannot_be_undone, no_way_back]

if len(sys.argv) > 1:
    for f in CASES:
        f()
        print(f.__name__, "done")
    sys.exit()

# abort=1: whatever writes fails eight times and is then irrevocable from its begin.
expected = None
for how in {}, {"HEDDLE_STM_STRESS": "abort=1,seed=1"}, {"HEDDLE_STM_STRESS": "abort=1,seed=2", "HEDDLE_CONTEXTS": "1"}, \
        {"HEDDLE_STM_STRESS": "abort=0.05,seed=3", "HEDDLE_CONTEXTS": "2"}, {"HEDDLE_STM_STRESS": "schedule=4", "HEDDLE_CONTEXTS": "2"}:
    env = {k: v for k, v in os.environ.items() if not k.startswith("HEDDLE_")}
    p = subprocess.run([sys.executable, __file__, "cases"], env={**env, **how}, stdout=subprocess.PIPE, text=True)
    if expected is None:
        expected = p.stdout
        print(expected, end="")
    else: print(how, p.returncode, p.stdout == expected or p.stdout)
