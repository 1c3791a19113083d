"""A cache: nineteen look-ups without the lock for each entry that is replaced under it."""
import threading
TARGET, FULL, TINY = 1.7, 64 * 480, 64


class Cache:
    def __init__(self):
        self.lock, self.entries = threading.Lock(), {}

    def get(self, key): return self.entries.get(key)

    def put(self, key, value):
        with self.lock: self.entries[key] = value


def prepare(n):
    c = Cache()
    for i in range(2000): c.put("page-%d" % i, i)
    return c, list(c.entries)


def work(me, threads, n, shared):
    cache, pages = shared
    found = 0
    for k in range(me, n, threads):
        seed = k * 2654435761 & 0xFFFFFFFF
        for i in range(200):
            seed = (seed * 1664525 + 1013904223) & 0xFFFFFFFF
            page = (seed >> 9) % 2000
            if i % 20 == 19: cache.put(pages[page], page)
            else: found += cache.get(pages[page]) is not None
    return found
