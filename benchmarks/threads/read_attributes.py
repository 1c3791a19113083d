"""All threads read the attributes of one object."""
TARGET, FULL, TINY = 1.8, 64 * 750, 64


class Settings:
    def __init__(self): self.scale, self.offset, self.limit, self.name = 5, 17, 0xFFFF, "loom"


def prepare(n): return Settings()


def work(me, threads, n, s):
    total = 0
    for k in range(me, n, threads):
        for _ in range(300): k = (k * s.scale + s.offset + len(s.name)) & s.limit
        total += k
    return total
