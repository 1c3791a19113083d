# Objects with resources outside the heap that are found dead together with, or are kept by, an object with __del__: they work
# there and afterwards.
import bz2, gc, lzma, mmap, select, sqlite3, xml.parsers.expat, zlib


class Last:
    def __init__(self, name, held): self.name, self.held = name, held
    def __del__(self):
        if self.name == name:               # else too late for its turn
            used.append(use(self.held))
            kept.append(self.held)


def attempt(f):
    try: return f()
    except Exception as e: return type(e).__name__


def parser():
    p = xml.parsers.expat.ParserCreate()
    p.Parse(b"<a>", False)
    return p


def memory():
    m = mmap.mmap(-1, 4096)
    m[:3] = b"abc"
    return m


def cursor():
    c = sqlite3.connect(":memory:", check_same_thread=False)
    return c, c.execute("select 1 union select 2")


def compressor():
    c = zlib.compressobj()
    c.compress(b"abc")
    return c


AFTERWARDS = [(None, 1, 1), True, b"x", b"", "EOFError", (False, True), b"abc", b"bc", (False, []), ((2,), 0), (None, 0)]
CASES = {
    "expat": (parser, lambda p: (p.GetInputContext(), p.Parse(b"<b/>", False), p.CurrentLineNumber)),
    "zlib": (compressor, lambda c: len(c.copy().flush()) > 0),
    "zlib d": (zlib.decompressobj, lambda d: d.decompress(zlib.compress(b"x"))),
    "bz2": (bz2.BZ2Compressor, lambda c: c.compress(b"x")),
    "bz2 d": (bz2.BZ2Decompressor, lambda d: (d.eof, d.needs_input)),
    "lzma": (lzma.LZMACompressor, lambda c: len(c.compress(b"x")) >= 0),
    "lzma d": (lzma.LZMADecompressor, lambda d: (d.eof, d.needs_input)),
    "mmap": (memory, lambda m: m[:3]),
    "memoryview": (lambda: memoryview(bytearray(b"abc"))[1:], lambda m: m.tobytes()),
    "epoll": (select.epoll, lambda e: (e.closed, e.poll(0))),
    "sqlite": (cursor, lambda c: (c[1].fetchone(), c[0].total_changes)),
}
for name, (make, use) in CASES.items():
    used, kept = [], []
    def drop():
        for i in range(3):
            o = make()
            Last(name, o)                      # registered after what it holds
            last = Last(name, None)         # and before
            last.held = make()
            last.itself = last
    attempt(drop)
    for i in range(3): gc.collect()
    print(name, len(used) > 3, set(map(str, used)))
    print("   later", {attempt(lambda: use(h)) in AFTERWARDS for h in kept})
    kept.clear()
    gc.collect()

# A memoryview that a suspended generator holds lets go of its buffer when both are dead.
def generator(b):
    with memoryview(b) as m: yield m
b = bytearray(8)
def start(): next(generator(b))
start()
for i in range(2): gc.collect()
b.append(1)
print(len(b))
