"""Nothing is shared but the code: integers, a list and a dict of each thread's own."""
TARGET, FULL, TINY = 1.85, 64 * 400, 64


def part(k):
    v, seen = [0] * 50, {}
    for i in range(250):
        j = (i * 13 + k) % 50
        v[j] = (v[j] * 5 + i + k) & 0xFFFF
        seen[j] = v[j]
    return sum(v) + len(seen)


def work(me, threads, n): return sum([part(k) for k in range(me, n, threads)])
