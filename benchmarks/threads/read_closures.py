"""All threads call closures that share their cells."""
TARGET, FULL, TINY = 1.8, 64 * 900, 64


def prepare(n):
    a, b, table = 5, 9, [3, 1, 4, 1, 5, 9, 2, 6]
    def inner(v): return v * a + table[v & 7]
    def outer(v): return (inner(v) ^ b) & 0xFFFF
    return outer


def work(me, threads, n, f):
    total = 0
    for k in range(me, n, threads):
        for _ in range(200): k = f(k)
        total += k
    return total
