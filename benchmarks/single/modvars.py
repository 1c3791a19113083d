"""Variables of the module, read and written, and built-in names."""
FULL, TINY = 240000, 40
LEVEL, FLOW, LIMIT = 0, 3, 700
overflows = 0


def step(i):
    global LEVEL, overflows
    LEVEL = abs(LEVEL + FLOW * (i & 7) - (LIMIT >> 6))
    if LEVEL > LIMIT:
        overflows = overflows + 1
        LEVEL = min(LEVEL - LIMIT, LIMIT)
    return LEVEL


def run(n):
    global LEVEL, overflows
    LEVEL = overflows = 0
    total = 0
    for i in range(n): total += step(i)
    return total, overflows
