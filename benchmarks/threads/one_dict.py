"""One dict without a lock: each thread updates values of keys that no other one touches."""
TARGET, FULL, TINY = 1.5, 64 * 3600, 64


def prepare(n): return {i: 0 for i in range(6400)}


def work(me, threads, n, table):
    for k in range(me, 64, threads):
        base = k * 100
        for turn in range(n // 64):
            for i in range(base + turn % 3, base + 100, 3): table[i] = (table[i] * 5 + turn) & 0xFFFF
    return 0


def finish(table): return sum(table.values())
