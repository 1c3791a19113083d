"""Calls of functions: by position, by name, with defaults, recursive ones, lambdas."""
FULL, TINY = 24000, 3


def mix(a, b=3, *, c=1): return (a * b + c) & 1023
def steps(n): return 0 if n == 0 else 1 + steps(n - 1)
def ways(stairs): return 1 if stairs < 2 else ways(stairs - 1) + ways(stairs - 2)


def run(n):
    twist = lambda a, b: mix(b, a)
    total = 0
    for i in range(n):
        total = mix(total, 5) + mix(i, c=2) + mix(a=i, b=total) + twist(total, i)
        total += steps(8) + ways(5)
    return total
