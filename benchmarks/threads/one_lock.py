"""One lock for one dict; each thread updates keys that no other one touches."""
import threading
TARGET, FULL, TINY = 1.5, 64 * 150, 64


def prepare(n): return threading.Lock(), {(k, i): 0 for k in range(64) for i in range(16)}


def work(me, threads, n, shared):
    lock, table = shared
    for k in range(me, n, threads):
        row = k & 63
        for i in range(400):
            key = row, i * 7 & 15
            with lock: table[key] = (table[key] * 3 + i) & 0xFFFF
    return len(table)


def finish(shared): return sum(shared[1].values())
