"""All threads read the same variables of the module and call the same functions of it."""
TARGET, FULL, TINY = 1.8, 64 * 450, 64
FACTOR, OFFSET, TABLE = 3, 11, (2, 7, 1, 8, 2, 8, 1, 8)


def scaled(v): return (v * FACTOR + OFFSET + TABLE[v & 7]) & 0xFFFF


def part(k):
    for _ in range(300): k = scaled(k) + OFFSET
    return k


def work(me, threads, n): return sum([part(k) for k in range(me, n, threads)])
