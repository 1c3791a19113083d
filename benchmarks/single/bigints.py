"""Integers of many digits: Fibonacci numbers, powers with a modulus, a continued fraction of the golden ratio."""
FULL, TINY = 2600, 4


def run(n):
    a, b = 0, 1
    for _ in range(n * 8): a, b = b, a + b
    p = (1 << 127) - 1
    x, total = 3, 0
    for i in range(n):
        x = pow(x, 65537 + i, p)
        total ^= x
    num, den = 1, 1
    for _ in range(n): num, den = num * 3 + den, num
    return a % 1000000007, total % 1000000007, len(str(num)), (num << 200) // den % 1000000007
