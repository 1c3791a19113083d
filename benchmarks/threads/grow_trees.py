"""Allocation: each thread grows, prunes and counts trees; some of them are handed over in the end."""
TARGET, FULL, TINY = 1.7, 64 * 120, 64


class Twig:
    def __init__(self, depth):
        self.leaves = depth
        self.twigs = [Twig(depth - 1), Twig(depth - 1)] if depth else None

    def count(self): return 1 if self.twigs is None else sum([t.count() for t in self.twigs]) + self.leaves


def prepare(n): return [None] * n


def work(me, threads, n, kept):
    total = 0
    for k in range(me, n, threads):
        trees = [Twig(3 + (k + i) % 4) for i in range(6)]
        for t in trees[::2]: t.twigs = t.twigs[:1]
        total += sum([t.count() for t in trees])
        kept[k] = trees[k % 6]
    return total
