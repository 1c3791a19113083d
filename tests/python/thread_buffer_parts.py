"""What looks at a part of a bytearray while other threads exist reads that part, in windows, and finds what bytes would."""
import array, codecs, io, random, re, struct, threading
import heddle

done = threading.Event()
waiting = threading.Thread(target=done.wait)
waiting.start()
R = random.Random(7)
compared = 0


def same(what, f, text, others):
    global compared
    def outcome(x):
        try: return f(x)
        except ValueError as e: return str(e)
    want = outcome(text)
    for other in others:
        compared += 1
        if (got := outcome(other)) != want: print("differs:", what, len(text), repr(want)[:200], repr(got)[:200])


# methods
tests = "isalpha isdigit isspace isascii isupper islower istitle isalnum".split()
for turn in range(80):
    size = R.choice((0, 1, 5, 511, 512, 513, 1024, 1500, 3000, 9000))
    text = bytes(R.choices(b"ab\n A1", [1, 4, .02, .01, .01, .01], k=size)) if turn % 3 else bytes(size)
    b = bytearray(text)
    lo, hi = R.randrange(-size - 2, size + 3), R.choice((None, R.randrange(-size - 2, size + 3)))
    at = R.randrange(size + 1)
    sub = R.choice((b"", b"b", b"\n", b"ab", b"aaa", b"z", 97, 0, text[at:at + R.choice((1, 3, 40, 511, 512, 700, 2000))]))
    for name in "find", "rfind", "index", "rindex", "count": same(name, lambda x: getattr(x, name)(sub, lo, hi), text, [b])
    same("in", lambda x: sub in x, text, [b])
    if type(sub) is bytes:
        for name in "startswith", "endswith": same(name, lambda x: getattr(x, name)(sub, lo, hi), text, [b])
    for step in None, 1, -1, 3, -7, 100, -600: same("slice", lambda x: bytes(x[lo:hi:step]), text, [b, memoryview(b), array.array("B", text)])
    for name in tests: same(name, lambda x: getattr(x, name)(), text, [b])
    for y in text[:at] + b"b" + text[at + 1:], text[:at], text:
        for z in y, bytearray(y): same("order", lambda x: (x == z, x != z, x < z, x <= z, z > x), text, [b])
    for step in 2, -3, 50:
        left, numbers, want = b[:], array.array("B", text), list(text)
        del left[lo:hi:step], numbers[lo:hi:step], want[lo:hi:step]
        if not list(left) == list(numbers) == want: print("differs: delete", size, lo, hi, step)

# regular expressions: runs that end near the ends of windows
patterns = [rb"a*", rb"a*b", rb"a+$", rb"a*\Z", rb"(?m)a+$", rb"a+\b", rb"a*\B", rb"a*?b", rb"a*?$", rb"a*?(?=b)", rb"(?:aa)*b", rb"(?:a|b)*c", rb"(a*?)b\1", rb"(a{9})\1+",
            rb"a*+b", rb"a++c", rb"(?:ab?)*+c", rb"(?>a*)b?", rb"[ab]*?c", rb"a{500,}", rb"a{300,510}?b", rb".*b", rb"(?s:.*)b", rb"(?s:.)*?c", rb"b", rb"abc", rb"bc|ab",
            rb"(?<=aaaa)b", rb"(?<!a)b", rb"(?<=(?<=a)a)[bc]", rb"\bb", rb"a(?!b)[^a]", rb"a*(?=bc)", rb"(a+)(?(1)b|c)", rb"(?i)A*B", rb"(a)*b", rb"(?:a*,)*b", rb"\n^b", rb"a*?a{3}b",
            rb"(?:a(?=.))*", rb"(?:a{0,600}?)c", rb"aab[^c]", rb"(a|ab)(c|bcd)", rb"(?:b|ac|a)*"]
for pattern in map(re.compile, patterns):
    for n in 510, 511, 512, 513, 514, 515, 2048, 2050:
        for tail in b"", b"b", b"bc", b"\n", b"\nb", b"baaab", b"bcd":
            text = b"a" * n + tail
            b = bytearray(text)
            for name, pos, end in ("match", 0, n + 9), ("match", 3, n), ("fullmatch", 0, n + 9), ("search", n - 3, n + 9), ("search", n - 512, n + 9):
                def f(x): return (m := getattr(pattern, name)(x, pos, end)) and (m.regs, m.groups(), m.pos, m.endpos)
                if pos != n - 512 or n == 513: same(f"{name} {pattern.pattern} {pos} {end}", f, text, [b])
text = b"a" * 500 + b"b,ab" * 300
for pattern in map(re.compile, [rb"a+b", rb"\w+", rb"", rb"(a)|b", rb"a*?,"]):
    def f(x): return [m.regs for m in pattern.finditer(x)], pattern.findall(x), pattern.split(x, 9), pattern.sub(b"x", x)
    same(f"all {pattern.pattern}", f, text, [bytearray(text), memoryview(bytearray(text))])
for strange in memoryview(bytearray(b"abcabc"))[::2], memoryview(b"abcabc")[::-1]:
    try: print(re.findall(b".", strange))
    except TypeError as e: print(e)
print("compared", compared)

# The same in terms of memory: 2,048 copies of 128 KiB would show.
N = 1 << 17
LINE = b"x" * 63 + b"\n"
data = bytearray(LINE) * (N // 64)
view = memoryview(data)
numbers = array.array("H", bytes(data))
places = range(0, N, 64)


def lines(b):
    i = 0
    while i := b.find(b"\n", i) + 1: pass
def lines_back(b):
    i = N
    while (i := b.rfind(b"\n", 0, i)) > 0: pass
def consume(b):
    b = b[:]
    while b:
        line = b[:b.index(10)]
        del b[:len(line)], b[0]
def tails(b):
    b = b[:]
    while len(b) > 999: del b[-64::2], b[-32:]
def search(b, find=re.compile(rb"\b(x+)\n").search, k=0):
    while m := find(b, k): k = m.end(1)
def scan(b):
    match = re.compile(rb"x*\n").scanner(b).match
    while m := match(): m.group()
def decode(b, d=codecs.getincrementaldecoder("utf-8")()):
    for k in places: d.decode(b[k:k + 64])
def line_io(b):
    for line in io.BytesIO(b): pass


work = {
    "find": lines, "rfind": lines_back, "consume": consume, "tails": tails, "search": search, "scanner": scan, "decode": decode, "BytesIO": line_io,
    "in": lambda b: [b"x\n" in b and 10 in b for k in places],
    "count": lambda b: [b.count(b"x", k, k + 64) for k in places],
    "slice": lambda b: [b[k:k + 4] for k in places],
    "steps": lambda b: [b[k::2048] for k in range(2048)],
    "startswith": lambda b: [(b.startswith((b"a", b"xx"), k), b.endswith(b"x\n", 0, k)) for k in places],
    "compare": lambda b: [(b == b"x", b < b"a", b"a" < b) for k in places],
    "tests": lambda b: [(b.isalpha(), b.isupper(), b.istitle(), b.isdigit()) for k in places],
    "match": lambda b: [re.compile(rb"x+\n").match(b, k).group() for k in places],
    "fullmatch": lambda b: [re.compile(rb"x+\n").fullmatch(b, k, k + 64)[0] for k in places],
    "finditer": lambda b: [m.group() for m in re.finditer(rb"x+\n", b)],
    "unpack_from": lambda b: [struct.unpack_from("<I", b, k) for k in places],
    "iter_unpack": lambda b: [x for x in struct.iter_unpack("64s", b)],
    "pack": lambda b: [struct.pack("2s", b) for k in places],
}
for what, f in work.items():
    for b in data, view, numbers:
        if b is not data and what not in ("slice", "match", "finditer", "unpack_from", "iter_unpack", "search", "decode", "steps"): continue
        if b is numbers and what not in ("slice", "steps"): continue
        before = heddle.stats()["allocated_bytes"]
        f(b)
        used = heddle.stats()["allocated_bytes"] - before
        if used > 1 << 26: print(what, type(b).__name__, "takes", used >> 10, "KiB")
done.set()
waiting.join()
print("done")
