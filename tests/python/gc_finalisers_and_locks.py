# What dies while a thread holds a plain lock is finalised after it has let go of it: the finaliser may need that lock.
import threading, weakref, gc, time
class Node:
    def __del__(self):
        with lock: log.append("del")
def callback(r):
    with lock: log.append("callback")
lock, log, refs = threading.Lock(), [], []
def garbage(n):
    for _ in range(n):
        node = Node(); node.me = node
        refs.append(weakref.ref(node, callback))
def hold(by):
    garbage(3)
    for _ in range(40):
        if by == "with":
            with lock:
                for _ in range(30000): [None]
        else:
            l = lock
            l.acquire()
            for _ in range(30000): [None]
            l.release()
def test(by):
    log.clear(); refs.clear()
    hold(by)
    end = time.monotonic() + 60
    all_there = lambda: log.count("callback") >= 3 and log.count("del") >= 3      # more: those of threads before
    while not all_there() and time.monotonic() < end:
        for _ in range(30000): [None]
        gc.collect()
    print(by, "all" if all_there() else log)
for by in "with", "acquire":
    test(by)
    t = threading.Thread(target=test, args=(by,)); t.start(); t.join(60); print("ended", not t.is_alive())
    ts = [threading.Thread(target=hold, args=(by,), daemon=True) for _ in range(3)]
    for t in ts: t.start()
    for t in ts: t.join(60)
    print("ended", not any(t.is_alive() for t in ts))
