"""One dict without a lock: each thread inserts, updates and deletes keys that no other one touches (a fourteenth are insertions)."""
TARGET, FULL, TINY = 1.5, 64 * 600, 64


def prepare(n): return {}


def work(me, threads, n, table):
    for k in range(me, 64, threads):
        base = k * 100
        for i in range(100): table[base + i] = i
        for turn in range(n // 64):
            for i in range(base + turn % 3, base + 100, 3): table[i] = (table[i] * 5 + turn) & 0xFFFF
            if turn % 8 == 0:
                for i in range(base, base + 100, 10): del table[i]
                for i in range(base, base + 100, 10): table[i] = turn
    return 0


def finish(table): return len(table), sum(table.values())
