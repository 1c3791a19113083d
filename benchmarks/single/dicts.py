"""Dicts: int and str keys, updates, look-ups that miss, deletion, iteration, setdefault, views."""
FULL, TINY = 480, 1
NAMES = ["n%d" % i for i in range(200)]


def run(n):
    total = 0
    for turn in range(n):
        seen, where = {}, {}
        for i in range(600):
            key = i * 37 % 151
            seen[key] = seen.get(key, 0) + i
            where.setdefault(NAMES[key], []).append(i)
        for name in NAMES:
            if name in where: total += len(where[name])
        for k, v in seen.items(): total += k ^ v
        for k in range(0, 151, 2): del seen[k]
        total += len(seen) + sum(seen.values()) + len({**seen, turn: 1})
    return total
