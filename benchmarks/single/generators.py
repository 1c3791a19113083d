"""Generators: a pipeline of them, one that takes values, delegation, generator expressions."""
FULL, TINY = 400, 1


def numbers(a, b):
    for i in range(a, b): yield i
def odd(it):
    for v in it:
        if v & 1: yield v * v & 0xFFF
def pairs(it):
    last = 0
    for v in it:
        yield last, v
        last = v
def both(n):
    yield from numbers(0, n)
    yield from odd(numbers(0, n))
def mean():
    total = count = 0
    while True:
        total += yield total // (count or 1)
        count += 1


def run(n):
    total = 0
    for turn in range(n):
        for a, b in pairs(odd(numbers(turn, turn + 300))): total += a ^ b
        total += sum(both(150)) + sum(v & 3 for v in numbers(0, 200))
        m = mean()
        next(m)
        for v in range(100): total += m.send(v)
    return total
