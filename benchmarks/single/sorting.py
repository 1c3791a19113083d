"""Sorting: numbers, strings, with a key, of tuples, backwards; a heap; a merge by hand."""
import heapq
FULL, TINY = 98, 1


def run(n):
    total, seed = 0, 7
    for turn in range(n):
        v = []
        for _ in range(400):
            seed = (seed * 69069 + 1) & 0xFFFFFF
            v.append(seed >> 6)
        s = sorted(v)
        t = sorted([str(x) for x in v])
        u = sorted(v, key=lambda x: (x % 13, x), reverse=True)
        h = []
        for x in v: heapq.heappush(h, x)
        while len(h) > 300: total ^= heapq.heappop(h)
        a, b, out = s[::2], s[1::2], []
        while a and b: out.append((a if a[-1] > b[-1] else b).pop())
        total += s[3] + len(t[5]) + u[7] + out[0] + len(out)
    return total
