# Shortest digits of doubles and doubles of digits: many numbers, one digest.
import random, struct
import hashlib
from fractions import Fraction
r = random.Random(7)
N = 1500
h = hashlib.md5()
def put(s): h.update(s.encode())
for i in range(N):
    b = r.getrandbits(64)
    d = struct.unpack('d', struct.pack('Q', b))[0]
    s = repr(d); put(s)
    if d == d: assert float(s) == d, (s,)
    for t in ('%.17e' % d, '%.16e' % d, '%.12g' % d, '%.18e' % d): put(float(t).hex()) if d == d else 0
    e = r.randrange(1, 2046); d = struct.unpack('d', struct.pack('Q', e << 52))[0]; put(repr(d)); assert float(repr(d)) == d
    d = round(r.uniform(-1e6, 1e6), r.randrange(0, 8)); put(repr(d)); assert float(repr(d)) == d
    d = r.randrange(1 << 60) * 10.0 ** r.randrange(-30, 30); put(repr(d)); assert float(repr(d)) == d
    d = r.randrange(1 << 52) * 5e-324; put(repr(d)); assert float(repr(d)) == d
    t = '%d.%de%d' % (r.getrandbits(30), r.getrandbits(33), r.randrange(-330, 310)); put(float(t).hex())
    t = '%de%d' % (r.getrandbits(63), r.randrange(-40, 40)); put(float(t).hex())
    t = '%d' % ((r.getrandbits(53) | 1 << 53) * 2 + 1); put(float(t).hex())   # half way
    t = '%d.5' % (r.getrandbits(52) | 1 << 52); put(float(t).hex())
for d in (5e-324, 1.7976931348623157e308, 2.2250738585072014e-308, 2.225073858507201e-308, 9007199254740992.0, 9007199254740993.0, 1e22, 1e23, 1e16, 123456789012345680.0, 0.1, 1/3, 100.0, -0.0, 1e-5, 0.0001): put(repr(d))
for t in ("1e400", "-1e400", "1e-400", "0e400", "00001.50", ".5", "5.", "1_0.0_1", " 1e5\n", "+1", "-.0e-5", "9007199254740993", "1e23", "8.5e22"): put(repr(float(t)))
for t in ("", ".", "e5", "1e", "1e+", "1.2.3", "1__0", "_1", "0x10", "1 2", "--1", "1e5.0"):
    try: float(t); put("?")
    except ValueError as x: put(str(x))
print(h.hexdigest())

# Digits that are a multiple of 2**64.
for digits in (2 ** 64, 5 * 2 ** 64, 10 * 2 ** 64, 3 ** 20 * 2 ** 64):
    for zeros in (0, 1, 7, 40):
        for power in (-zeros, -20, 0, 12):
            text = '%d%se%d' % (digits, '0' * zeros, power)
            exact = Fraction(digits) * Fraction(10) ** (zeros + power)
            if float(text) != float(exact): print(text, float(text))
    print(float(str(digits)) == digits, float('0.%020d' % digits) == float(Fraction(digits, 10 ** max(20, len(str(digits))))))
