"""Shortest ways over a hilly grid, with a heap and dicts of dicts."""
import heapq
FULL, TINY = 120, 5


def run(n):
    height = {(x, y): (x * 7 + y * 13) % 17 for x in range(n) for y in range(n)}
    roads = {}
    for (x, y), h in height.items():
        out = roads[x, y] = {}
        for to in ((x + 1, y), (x - 1, y), (x, y + 1), (x, y - 1)):
            if to in height: out[to] = 1 + abs(h - height[to])
    far, queue = {(0, 0): 0}, [(0, (0, 0))]
    while queue:
        d, at = heapq.heappop(queue)
        if d > far[at]: continue
        for to, cost in roads[at].items():
            if to not in far or d + cost < far[to]:
                far[to] = d + cost
                heapq.heappush(queue, (d + cost, to))
    return far[n - 1, n - 1], sum(far.values())
