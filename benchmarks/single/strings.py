"""Strings: split, join, replace, find, formats, slices, case, a cipher letter by letter."""
FULL, TINY = 1560, 1
TEXT = "the heddle lifts every other thread so that the shuttle can pass between them and back again "


def run(n):
    total = 0
    for turn in range(n):
        words = (TEXT * 3).split()
        line = "-".join([w.capitalize() if len(w) > 3 else w for w in words])
        line = line.replace("-The-", " the ").strip().lower()
        total += line.find("shuttle") + line.count("th") + len(f"{turn:>8}|{line[turn % 50:turn % 50 + 9]!r}|{turn / 7:.3f}")
        coded = "".join([chr((ord(c) - 97 + turn) % 26 + 97) if c.isalpha() else c for c in line[:120]])
        total += len(coded.partition(" ")[2]) + coded.startswith("t") + sum(["%s=%d" % (w, turn) > "m" for w in words])
    return total
