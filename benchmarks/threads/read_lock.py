"""All threads take and release one lock, by its methods and by `with`, around work on data of their own."""
import threading
TARGET, FULL, TINY = 1.8, 64 * 1200, 64


def prepare(n): return threading.Lock()


def work(me, threads, n, lock):
    total = 0
    for k in range(me, n, threads):
        mine = [0] * 16
        for i in range(40):
            with lock: mine[i & 15] += k
            lock.acquire()
            mine[k & 15] ^= i
            lock.release()
            for j in range(4): mine[j] = (mine[j] * 3 + i) & 0xFFFF
        total += sum(mine)
    return total
