# Arithmetic with constants, in-place forms, order of evaluation.
def trace(x):
    print('eval', x)
    return x
print(trace(1) + trace(2) * trace(3) - trace(4))
x = 10
x += 5; x -= 1; x *= 3; x //= 2; x %= 13; x **= 2; x <<= 3; x >>= 1; x |= 1; x &= 0xff; x ^= 0x55
print(x)
y = 7.5
y /= 2; y += 0.25
print(y, -y, +y, ~x, not y)
class L:
    def __init__(self, v): self.v = v
    def __iadd__(self, o): print('iadd', o); self.v += o; return self
    def __add__(self, o): print('add', o); return L(self.v + o)
    def __radd__(self, o): print('radd', o); return L(o + self.v)
    def __sub__(self, o): return ('sub', o)
    def __rsub__(self, o): return ('rsub', o)
    def __matmul__(self, o): return ('matmul', o)
    def __rmod__(self, o): return ('rmod', o)
a = L(1)
b = a
a += 2
print(a is b, a.v)
a = a + 3
print(a is b, a.v)
print((1 + a).v, a - 1, 1 - a, a @ 5, 7 % a)
def locals_arith(a, b):
    a += 1; b = a * b - 1; a = b // 3; b -= a
    return a, b, a % 7, b & 3, a >> 1, a + 100000, a * 2.5, 2.5 * a, 3 - a
print(locals_arith(5, 6))
print(2 ** 70, 1 << 65, -7 // 2, -7 % 3, 7 // -2, 10 ** 20 // 3, 5 ** -1)
print(1 if 0 else 2, 0x10, 0o17, 0b11, 1_000, 1e3, 3j * 2, 1 + 2j)
def imm(n):
    return n + 32767, n - 32768, n * -1, n + 32768, n & 255, n % 10, n // 7, n >> 3, n - -5
print(imm(1000), imm(-1000))
print('a' 'b' + 'c' * 3, [1] * 3, (1, 2) + (3,), b'x' * 2)
