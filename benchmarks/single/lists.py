"""Lists: by index, append and pop, slices, comprehensions, reversal, unpacking."""
FULL, TINY = 540, 1


def run(n):
    total = 0
    for turn in range(n):
        v = [(k * 7 + turn) % 101 for k in range(300)]
        for k in range(1, len(v)):
            if v[k] < v[k - 1]: v[k], v[k - 1] = v[k - 1], v[k]
        stack = []
        for item in v:
            while stack and stack[-1] > item: stack.pop()
            stack.append(item)
        v[10:20] = reversed(v[10:20])
        head, *rest = v
        for a, b in zip(v, rest): total += a * b & 7
        total += head + len(stack) + sum(v[::3]) + v.index(min(v))
    return total
