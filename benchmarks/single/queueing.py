"""A simulation by events: customers, counters with queues, a clock in a heap."""
import heapq
from collections import deque
FULL, TINY = 15600, 20


class Counter:
    def __init__(self, name): self.name, self.queue, self.busy, self.served = name, deque(), False, 0


class Shop:
    def __init__(self, counters):
        self.now, self.events, self.order, self.waited, self.seed = 0, [], 0, 0, 11
        self.counters = [Counter("c%d" % i) for i in range(counters)]

    def draw(self, limit):
        self.seed = (self.seed * 48271) % 2147483647
        return self.seed % limit

    def later(self, after, what, *args):
        self.order += 1
        heapq.heappush(self.events, (self.now + after, self.order, what, args))

    def arrive(self, left):
        best = min(self.counters, key=lambda c: len(c.queue) + c.busy)
        best.queue.append(self.now)
        if not best.busy: self.serve(best)
        if left: self.later(self.draw(12), self.arrive, left - 1)

    def serve(self, counter):
        if not counter.queue:
            counter.busy = False
            return
        counter.busy = True
        self.waited += self.now - counter.queue.popleft()
        counter.served += 1
        self.later(5 + self.draw(20), self.serve, counter)

    def open(self, customers):
        self.later(0, self.arrive, customers)
        while self.events:
            self.now, _, what, args = heapq.heappop(self.events)
            what(*args)


def run(n):
    shop = Shop(3)
    shop.open(n)
    return shop.now, shop.waited, [c.served for c in shop.counters]
