# Sorting by keys of one kind, of mixed kinds, and what stands between; strings walked in loops.
import random
random.seed(3)


def check(name, keys):
    items = [(k, i) for i, k in enumerate(keys)]
    try:
        out = sorted(items, key=lambda t: t[0])
    except TypeError as e:
        print(name, e)
        return
    good = all(not (b[0] < a[0]) and (a[0] < b[0] or a[1] < b[1]) for a, b in zip(out, out[1:]))
    back = sorted(items, key=lambda t: t[0], reverse=True)
    print(name, good, [t[1] for t in out[:12]], [t[1] for t in back[:5]])


n = 300
check("float", [random.choice((0.0, -0.0, 1.5, 1e300, -1e-300, random.random())) for _ in range(n)])
check("inf", [random.choice((float("inf"), 0.0, -float("inf"), 2.0)) for _ in range(n)])
check("pairs", [(random.randrange(5), "s%d" % random.randrange(9)) for _ in range(n)])
check("floats in pairs", [(random.randrange(9) / 2.0, random.randrange(3)) for _ in range(n)])
check("mixed numbers", [random.choice((1, 2.5, True, 10 ** 30, random.random())) for _ in range(n)])
check("lengths", [tuple(range(random.randrange(4))) for _ in range(n)])
check("same", [("a", 1)] * 20 + [("a", 0)] * 20)
check("none", [(None, i % 3) for i in range(9)])
check("types", [(1, "a"), ("a", 1), (2, "b")])
check("texts", [("é" * (i % 3), "ab"[i % 2]) for i in range(40)])
check("nested", [((i % 3, "x"), i % 5) for i in range(40)])
for s in ("", "a", "añb", "a\u20acb\U0001f600", "\0\xff"):
    out = []
    for c in s:
        out.append(c)
        if len(out) == 2:
            continue
    for c in s:
        if c == s[-1]:
            break
    else:
        out.append("else")
    print(ascii(out), ascii([c + d for c in s for d in s]), ascii(s[::-1]), ascii(s[::2]), ascii("".join(reversed(s))), ascii({c: i for i, c in enumerate(s)}))
for s in ("a\nb\r\nc\rd\x0be\x0cf\x1cg\x1dh\x1ei\x85j", "é\x85é\x84\n", "\u2028x\u2029", "they're bill's 3rd o'clock", "ǆ ǆ", "_a1b"):
    print(ascii(s.splitlines()), ascii(s.splitlines(True)), ascii(s.title()), ascii(s.capitalize()))
print([i for i in range(130) if chr(i).isspace()], [i for i in range(130) if chr(i).isdigit()], [i for i in range(130) if chr(i).isdecimal()],
      "12a".isdigit(), "".isspace(), " \t\n".isspace(), "12".isdecimal())
