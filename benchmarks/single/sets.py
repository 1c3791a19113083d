"""Sets: membership, growth, algebra; which sums of two squares are there?"""
FULL, TINY = 500, 1


def run(n):
    total = 0
    for turn in range(n):
        squares = {i * i % 997 for i in range(turn, turn + 60)}
        sums = set()
        for a in squares:
            for b in (1, 4, 9, 16, 25):
                if a + b not in squares: sums.add(a + b)
        evens = frozenset(range(0, 1000, 2))
        total += len(sums & evens) + 3 * len(sums - squares) + len(sums ^ evens) + len(squares | sums)
        for v in list(sums)[:50]: sums.discard(v)
        total += len(sums)
    return total
