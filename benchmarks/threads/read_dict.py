"""All threads look values up in one dict that nobody changes."""
TARGET, FULL, TINY = 1.8, 64 * 600, 64


def prepare(n): return {("key%d" % i if i & 1 else i): i * 7 & 1023 for i in range(1024)}, ["key%d" % i if i & 1 else i for i in range(1024)]


def work(me, threads, n, shared):
    table, keys = shared
    total = 0
    for k in range(me, n, threads):
        for i in range(300): k = (k + table[keys[(k + i) & 1023]]) & 0xFFFF
        total += k
    return total
