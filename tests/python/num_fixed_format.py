# Fixed-point formatting of floats: rounding, widths, signs; the quick ways and what is beyond them.
import random
random.seed(11)
h = 0


def mix(s):
    global h
    for c in s:
        h = (h * 1000003 ^ ord(c)) & 0xffffffffffff


for i in range(6000):
    d = random.choice((random.random(), random.uniform(-1e6, 1e6), random.getrandbits(60) / 1024.0, random.randrange(2000) / 16,
                       2.0 ** random.randrange(-1074, 70), random.random() * 10.0 ** random.randrange(-320, 25)))
    p = random.randrange(0, 19)
    for s in ("%.*f" % (p, d), format(d, ".%df" % p), format(-d, "+0%d.%df" % (p + 5, p)), format(d, "*^%d.%d%%" % (p * 2, p)),
              format(int(d), "d") if abs(d) < 1e300 else "", format(int(d * 3), "<+%d" % (p * 3)) if abs(d) < 1e300 else ""):
        mix(s)
    if i % 200 == 0:
        print(repr(d), p, "%.*f" % (p, d))
print(h)
for d in (0.5, 1.5, 2.5, 0.125, 0.375, -0.0, -0.4, 1e22, 1e23, 2.0 ** 63, 2.0 ** 64, 5e-324, 0.05, 1.005, 9.995, 999999.9999999, float("inf"), float("nan")):
    print([format(d, s) for s in (".0f", ".1f", ".2f", "#.0f", "z.0f", "+.3f", " .1f", "010.2f", "_^12.1f", ",.2f", "é>9.1f", ".16f", ".17f", "F")])
print(["{:=+8d}|{:<6}|{:^7}|{:08.3f}|{:x<4}|{:,}".format(i, i, i, i, i, i) for i in (0, -1, 7, 99, 100, 12345, -10 ** 6, 2 ** 61, 2 ** 70)])
print([str(10 ** k + d) for k in range(22) for d in (-1, 0, 1)])
