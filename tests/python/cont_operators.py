# Products of two sequences, and additions in place whose other operand has its own idea of them.
import collections

sequences = ["s", b"b", [1], (1,), range(2), bytearray(b"a"), collections.deque([1]), 2.5]
for a in sequences:
    for b in sequences:
        try: print(a * b)
        except TypeError as e: print(e)


class Sum:
    def __init__(self, *items): self.items = items
    def __iter__(self): return iter(self.items)
    def __radd__(self, other): return "radd", other
    def __rmul__(self, other): return "rmul", other
class Quiet(Sum):
    def __radd__(self, other): return NotImplemented
class Longer(list): pass
class Adds(list):
    def __radd__(self, other): return "own radd"
for new in (lambda: [1], lambda: bytearray(b"a"), lambda: Longer([1])):
    for other in (Sum(2), Quiet(3), Longer([4]), Adds([5])):
        a = new()
        try: a += other
        except TypeError as e: print(e)
        else: print(a)
        a = new()
        try: a *= other
        except TypeError as e: print(e)
        else: print(a)
a = [1]
print(a.__iadd__(Sum(2)))

# Items of what cannot be changed: a position that is none comes first.
for s in ("ab", (1, 2), b"x", range(3)):
    for key in (0, True, 1 << 70, "k", 1.5, slice(1), None):
        try: s[key] = 1
        except (TypeError, IndexError) as e: print(type(e).__name__, e)
        try: del s[key]
        except (TypeError, IndexError) as e: print(type(e).__name__, e)
