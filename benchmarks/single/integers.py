"""Small integers in loops: the longest Collatz walk, digits, greatest common divisors."""
FULL, TINY = 8400, 12


def run(n):
    best = where = digits = 0
    for start in range(1, n):
        k, length = start, 0
        while k != 1:
            k = k >> 1 if k & 1 == 0 else 3 * k + 1
            length += 1
        if length > best: best, where = length, start
        a, b = start, n
        while b: a, b = b, a % b
        digits += a + start // 10 % 10
    return best, where, digits
