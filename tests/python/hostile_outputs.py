# Outputs that take nothing: closed, full, or read by nobody; and very many threads.
import os, subprocess, sys, threading

def child(code, **kw):
    p = subprocess.run([sys.executable, "-S", "-c", code], stderr=subprocess.PIPE, text=True, stdin=subprocess.DEVNULL, **kw)
    print(p.returncode, [line for line in p.stderr.splitlines() if not line.startswith("  ")])

def closing(*fds):
    def f():
        for fd in fds: os.close(fd)
    return f

many = "for i in range(100000): print(i)"
for code in "print(1)", many, "import sys; print(1, flush=True)", "import sys; sys.stdout.write('x' * 10 ** 6)", "import sys; sys.stdout.buffer.write(b'x' * 10)", "input('? ')", "import os; os.write(1, b'x')", "import sys; sys.exit('message')", "1 / 0":
    for kw in {"stdout": open("/dev/full", "w")}, {"preexec_fn": closing(1)}:
        child(code, **kw)
# errors have nowhere to go: only the status tells
for code in "1 / 0", "import sys; sys.exit('message')", "print(1, file=__import__('sys').stderr)":
    for fds in (2,), (1, 2), (0, 1, 2):
        p = subprocess.run([sys.executable, "-S", "-c", code], stdout=subprocess.DEVNULL, preexec_fn=closing(*fds))
        print(p.returncode)
    print(subprocess.run([sys.executable, "-S", "-c", code], stdout=subprocess.DEVNULL, stderr=open("/dev/full", "w")).returncode)
# nobody reads
for code in "print(1)", many, "import sys; sys.stdout.write('x' * 10 ** 6)", "try: print('x' * 10 ** 6, flush=True)\nexcept BrokenPipeError as e: import sys; print(e.errno, file=sys.stderr)":
    r, w = os.pipe()
    os.close(r)
    child(code, stdout=w)
    os.close(w)
# files
try:
    with open("/dev/full", "w") as f: f.write("x" * 100)
except OSError as e: print(e.errno, f.closed)
f = open("/dev/full", "wb", buffering=0)
try: f.write(b"x")
except OSError as e: print(e.errno)
f.close()

done = []
for _ in range(100):
    threads = [threading.Thread(target=done.append, args=(i,)) for i in range(100)]
    for t in threads: t.start()
    for t in threads: t.join()
print(len(done), sum(done), threading.active_count())
gate = threading.Event()
threads = [threading.Thread(target=gate.wait) for _ in range(1000)]
for t in threads: t.start()
print(threading.active_count())
gate.set()
for t in threads: t.join()
print(threading.active_count())
