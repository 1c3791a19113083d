"""Exceptions: raised and caught near and far, finally, context managers, look-ups that fail."""
FULL, TINY = 30000, 10


class Refused(Exception):
    def __init__(self, code): self.code = code


class Gate:
    def __init__(self): self.open = self.closed = 0
    def __enter__(self): self.open += 1
    def __exit__(self, kind, value, trace):
        self.closed += 1
        return kind is Refused and value.code == 1


def deep(n, code):
    if n: return deep(n - 1, code)
    raise Refused(code)


def run(n):
    total, gate = 0, Gate()
    for i in range(n):
        try:
            with gate: deep(i % 4, i % 3)
            total += 1
        except Refused as e: total += e.code * 2
        finally: total += 3
        try: total += {}[i]
        except KeyError as e: total += e.args[0] & 7
        try: int("x" if i & 1 else "5")
        except ValueError: total += 1
    return total, gate.open, gate.closed
