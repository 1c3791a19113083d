# Under a limit on address space: the interpreter starts, a full memory is a MemoryError, and what handles it has room.
import os, subprocess, sys

LISTS = """
l = []
try:
    while True: l.append([1.5, (1, 2)])
except MemoryError:
    n = len(l)
    l = None
    print("lists", n > 100000)
print(len([i for i in range(100000)]))
"""
BLOCKS = """
l = []
try:
    while True: l.append(bytearray(1 << 20))
except MemoryError:
    l = None
    print("blocks")
for size in 1 << 40, 1 << 45:
    try:
        b"x" * size
    except MemoryError:
        print("bytes")
    try:
        [0] * size
    except MemoryError:
        print("list")
"""
TABLE = """
d = {}
try:
    while True: d[len(d)] = str(len(d))
except MemoryError:
    d = None
    print("dict")
s = "a"
try:
    while True: s += s
except MemoryError:
    print("str", len(s) >= 1 << 20)
"""
THREADS = """
import threading
def work(k):
    l = None
    try:
        while True: l = (l, k)
    except MemoryError:
        l = None
        caught.append(k)
caught = []
ts = [threading.Thread(target=work, args=(i,)) for i in range(2)]
for t in ts: t.start()
for t in ts: t.join()
print("threads", sorted(caught))
"""
UNCAUGHT = """
l = []
while True: l.append([])
"""
env = {k: v for k, v in os.environ.items() if not k.startswith("HEDDLE_")}          # stress would take for ever
for kb in 500000, 200000:
    for program in LISTS, BLOCKS, TABLE, THREADS, UNCAUGHT:
        p = subprocess.run(["sh", "-c", 'ulimit -v %d; exec "$0" -c "$1"' % kb, sys.executable, program],
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env, timeout=100)
        print(p.stdout, end="")
        print(p.returncode, p.stderr.splitlines()[-1:])
