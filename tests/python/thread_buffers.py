"""Bytes that one thread replaces in one step are read by others as they were before or after, however they are reached."""
import array, ctypes, hashlib, io, re, struct, threading, zlib

N = 1 << 17
ZERO, ONE = bytes(N), bytes([1]) * N
data = bytearray(N)
view = memoryview(data)
numbers = array.array("B", ZERO)
lent = (ctypes.c_char * N).from_buffer(data)
find = re.compile(b"\1*\0*\1*")

readers = {
    "bytes": lambda d: bytes(d),
    "count": lambda d: bytes(d).count(1),
    "count in place": lambda d: d.count(1) if hasattr(d, "count") else 0,
    "hex": lambda d: d.hex() if hasattr(d, "hex") else 0,
    "find": lambda d: d.find(b"\1\0") + d.find(b"\0\1") if hasattr(d, "find") else -2,
    "match": lambda d: find.match(d).span(),
    "join": lambda d: b"".join([d]),
    "add": lambda d: b"" + d,
    "equal": lambda d: (d == ZERO) + (d == ONE),
    "contains": lambda d: b"\1\0" in bytes(d),
    "crc32": zlib.crc32,
    "sha256": lambda d: hashlib.sha256(d).digest(),
    "unpack": lambda d: struct.unpack_from(f"{N}s", d),
    "write": lambda d: (lambda f: (f.write(d), f.getvalue()))(io.BytesIO()),
    "slice": lambda d: bytes(d[1::2]),
    "assign": lambda d: (lambda b: (b.__setitem__(slice(None), d), bytes(b)))(bytearray(N)),
    "from bytes": lambda d: int.from_bytes(d, "big") % 1000003,
    "translate": lambda d: d.translate(None, b"\0") if hasattr(d, "translate") else 0,
}


def same(a, b): return str(a) == str(b) if not isinstance(a, bytes) else a == b


def check(what, owner, reader):
    results = []
    for content in ZERO, ONE:
        owner[:] = array.array("B", content) if owner is numbers else content
        results.append(reader(owner))
    done, wrong = threading.Event(), []
    def read():
        while not done.is_set():
            got = reader(owner)
            if not any(got == r for r in results): wrong.append(what)
    thread = threading.Thread(target=read)
    thread.start()
    one, zero = (array.array("B", ONE), array.array("B", ZERO)) if owner is numbers else (ONE, ZERO)
    for _ in range(TURNS): owner[:] = one; owner[:] = zero
    done.set()
    thread.join()
    if wrong: print(what, "was torn")


import sys
TURNS = int(sys.argv[1]) if len(sys.argv) > 1 else 40
for name, owner in ("bytearray", data), ("memoryview", view), ("array", numbers):
    for what, reader in readers.items(): check(f"{name}: {what}", owner, reader)

# A block that is given up has shown nothing.
from heddle import atomic
done, wrong = threading.Event(), 0
small, small_view = bytearray(16), None
small_view = memoryview(small)
def write():
    for turn in range(TURNS * 20):
        with atomic:
            for n in range(16): small_view[n] = turn & 1
    done.set()
thread = threading.Thread(target=write)
thread.start()
while not done.is_set():
    if len(set(bytes(small_view))) > 1 or len(set(small_view.tolist())) > 1: wrong += 1
thread.join()
print("done", wrong)
