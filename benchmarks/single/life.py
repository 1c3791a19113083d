"""Conway's game on an endless board: a set of tuples, counts in a dict."""
FULL, TINY = 250, 2
START = ".##....  ##.....  .#.....  .......  ....#..  .....#.  ...###.".split("  ")


def run(n):
    alive = {(x, y) for y, row in enumerate(START) for x, c in enumerate(row) if c == "#"}
    for _ in range(n):
        around = {}
        for x, y in alive:
            for dx in (-1, 0, 1):
                for dy in (-1, 0, 1):
                    if dx or dy:
                        key = x + dx, y + dy
                        around[key] = around.get(key, 0) + 1
        alive = {c for c, k in around.items() if k == 3 or (k == 2 and c in alive)}
    return len(alive), sum([3 * x + y for x, y in alive])
