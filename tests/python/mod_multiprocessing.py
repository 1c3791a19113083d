# Semaphores that processes share, and what multiprocessing builds on them.
import _multiprocessing
import gc
import multiprocessing as mp
import os
import signal
import sys
import threading
import time
from _multiprocessing import SemLock

RECURSIVE, SEMAPHORE = 0, 1


def tell(what, f, *args, **kw):
    try:
        print(what, f(*args, **kw))
    except Exception as e:
        print(what, type(e).__name__, e)


def semlocks():
    name = "/hd-test-%d" % os.getpid()
    s = SemLock(SEMAPHORE, 1, 2, name, True)
    print(s.kind, s.maxvalue, s.name, s._count(), s._get_value(), s._is_zero(), s._is_mine(), type(s.handle))
    print(s.acquire(), s.acquire(False), s.acquire(True, 0.01), s.acquire(timeout=-1), s._is_zero(), s._is_mine())
    s.release(), s.release()
    tell("too often", s.release)
    with s:
        print(s._get_value(), s._count())
    r = SemLock(kind=RECURSIVE, value=1, maxvalue=1, name=name, unlink=False)
    print(r.name == name, r.acquire(), r.acquire(), r._count(), r._get_value())
    same = SemLock._rebuild(-1, RECURSIVE, 1, name)
    print(same._get_value(), same._count(), same.acquire(False), same._is_mine())
    tell("not mine", same.release)
    r._after_fork()
    print(r._count())
    tell("exists", SemLock, SEMAPHORE, 1, 1, name, True)
    _multiprocessing.sem_unlink(name)
    tell("gone", _multiprocessing.sem_unlink, name)
    tell("gone", SemLock._rebuild, 0, SEMAPHORE, 1, name)
    tell("kind", SemLock, 2, 1, 1, name, True)
    tell("name", SemLock, 1, 1, 1, 7, True)
    tell("NUL", SemLock, 1, 1, 1, "/a\0b", True)
    print(SemLock.SEM_VALUE_MAX == 2 ** 31 - 1, sorted(_multiprocessing.flags))


def between_threads():
    lock = SemLock(RECURSIVE, 1, 1, "/hd-test-t%d" % os.getpid(), True)
    total = 0

    def add():
        nonlocal total
        for _ in range(200):
            with lock, lock:
                total += 1
    ts = [threading.Thread(target=add) for _ in range(4)]
    [t.start() for t in ts], [t.join() for t in ts]
    print(total, lock._count(), lock._get_value())


def interrupted():
    sem = SemLock(SEMAPHORE, 0, 1, "/hd-test-s%d" % os.getpid(), True)
    hits = []
    signal.signal(signal.SIGALRM, lambda *a: (hits.append(1), sem.release()))
    signal.setitimer(signal.ITIMER_REAL, 0.05)
    print(sem.acquire(), hits)
    signal.signal(signal.SIGALRM, lambda *a: 1 / 0)
    signal.setitimer(signal.ITIMER_REAL, 0.05)
    tell("handler", sem.acquire)


def square(x):
    return x * x


def fail(x):
    raise KeyError(x)



def processes(method):
    c = mp.get_context(method)
    lock, queue, event = c.Lock(), c.Queue(), c.Event()
    a, b = c.Pipe()
    with c.Pool(2) as pool:
        print(pool.map(square, range(6)), pool.apply(square, (9,)), list(pool.imap(square, [1, 2], 1)))
        tell("raises", pool.apply, fail, ("k",))
    p = c.Process(target=square, args=(1,))
    p.start(), p.join()
    print(p.exitcode, p.is_alive())
    p = c.Process(target=fail, args=(1,))
    sys.stderr.flush()
    saved = os.dup(2)
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 2)
    p.start(), p.join()
    os.dup2(saved, 2)
    print(p.exitcode)
    queue.put("x"), a.send([1, "two"])
    print(queue.get(), b.recv(), event.wait(0.01), lock)
    queue.close(), queue.join_thread()


class Owner:
    "its __del__ needs the semaphore, which is garbage in the same collection"
    def __init__(self):
        self.sem = SemLock(SEMAPHORE, 1, 1, "/hd-test-o%d" % os.getpid(), True)

    def __del__(self):
        for _ in range(1000):
            with self.sem:
                pass
        print("owner", self.sem._get_value())


def finalised():
    for _ in range(3):
        Owner()
    gc.collect()


last = []
if __name__ == "__main__":
    semlocks()
    between_threads()
    interrupted()
    processes("fork")
    finalised()
    last.append(Owner())                # at the end of the process
