"""One counter under one lock and nothing else: the worst case."""
import threading
TARGET, FULL, TINY = 0.9, 64 * 180000, 64


class Counter:
    def __init__(self): self.lock, self.value = threading.Lock(), 0

    def up(self):
        with self.lock: self.value += 1


def prepare(n): return Counter()


def work(me, threads, n, counter):
    for _ in range(me, n, threads): counter.up()
    return 0


def finish(counter): return counter.value
