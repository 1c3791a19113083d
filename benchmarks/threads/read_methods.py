"""All threads call methods of one object, also by bound methods that were made once."""
TARGET, FULL, TINY = 1.8, 64 * 450, 64


class Mixer:
    def __init__(self): self.a, self.b = 5, 3
    def one(self, v): return (v * self.a + self.b) & 0xFFFF
    def two(self, v): return self.one(v) ^ self.b


def prepare(n):
    m = Mixer()
    return m, m.one, m.two


def work(me, threads, n, shared):
    mixer, one, two = shared
    total = 0
    for k in range(me, n, threads):
        for _ in range(120): k = two(one(k)) + mixer.one(k) & 0xFFFF
        total += k
    return total
