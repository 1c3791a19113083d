"""Operators on numbers: with the right one in the source, with both in variables; at the bounds of small ints and of exact doubles."""
def ints(a):
    r = [a * 70000, a * -70000, a + 70000, a - 70000, a - (-70000), a % 70000, a % -70000, a // 70000, a + 4611686018427387903, a - 4611686018427387903]
    r += [a & 70000, a & -70000, a | 70000, a ^ 70000, a | 1, a ^ -1, a << 0, a << 1, a << 40, a << 61, a << 62, a << 100, a & 0xFFFFFFFFFFFFFFF, a ** 2, a / 7, a / 70000]
    x = a; x += 70000; x -= 90000; x *= 70000; x %= 1000003; x <<= 3; x |= 70001; x ^= 5; x &= 0xFFFFF
    return r + [x]


def floats(a): return [a * 3.5, a + 3.5, a - 3.5, a / 3.5, a * 70000, a + 70000, a - 70000, a / 70000, a / 2, a * 1e308, a / 1e-308, a + 4611686018427387903, a % 70000, a // 2.5, a ** 0.5]


for a in (5, -5, 0, 1, -1, 1 << 53, (1 << 53) + 1, 1 << 61, -(1 << 61), (1 << 62) - 1, -(1 << 62), 1 << 62, 1 << 70, -(1 << 70), True, False): print(a, ints(a))
for a in (2.5, -0.0, 1e300, float("inf"), float("nan"), 5e-324, 3, 0, (1 << 62) - 1, (1 << 53) + 1, 1 << 70, True): print(a, floats(a))


# The same with operands in variables, of both kinds.
numbers = (3, -7, 0, 1 << 53, (1 << 53) + 1, (1 << 62) - 1, -(1 << 62), 1 << 64, 2.5, -0.0, 1e300, 5e-324, float("inf"), True)
for a in numbers:
    for b in numbers:
        r = [a + b, a - b, a * b]
        if b: r.append(a / b)
        print(a, b, r)


def wrong(f, a):
    try: print(f(a))
    except Exception as e: print(type(e).__name__, e)


for a in (3, 2.5, "x", [1], None, 1j, 1 << 70):
    for f in (lambda a: a / 0, lambda a: a / 0.0, lambda a: a % 0, lambda a: a << -1, lambda a: a & 1.5, lambda a: a | 70000, lambda a: a * 70, lambda a: a + 70000): wrong(f, a)
