# Arguments beyond all bounds: times, sizes, positions, flags and names that no call can use.
import io, os, resource, select, signal, socket, sys, tempfile, threading, time


def tell(what, f):
    try: r = f()
    except BaseException as e: print(what, type(e).__name__, e)
    else: print(what, r)


for flags in (1 << 30, 1 << 29, 0x100, 0x800, 0x400000, 0x4200):
    tell(f"compile {flags:#x}", lambda: type(compile("1", "f", "eval", flags)).__name__)
tell("file name", lambda: compile("1", "a\0b", "eval"))
tell("strftime", lambda: time.strftime("a\0"))
lock = threading.Lock()
for k, t in enumerate((1e400, 1e30, 1e10, float("nan"), 10 ** 10, 1 << 70, 10 ** 400)):
    tell(f"lock {k}", lambda: threading.Lock().acquire(timeout=t))
    tell(f"sleep {k}", lambda: time.sleep(t))
    tell(f"select {k}", lambda: select.select([], [], [], t))
    tell(f"timer {k}", lambda: signal.setitimer(signal.ITIMER_VIRTUAL, t))
    with socket.socket() as s: tell(f"socket {k}", lambda: s.settimeout(t))
tell("lock", lambda: lock.acquire(timeout=threading.TIMEOUT_MAX))
tell("timer", lambda: signal.setitimer(signal.ITIMER_REAL, -1))
for size in (sys.maxsize, 1 << 60):
    f = io.StringIO()
    f.seek(size)
    tell("StringIO", lambda: f.write("a"))
f = io.StringIO("ab")
f.seek(5)
f.write("c")
print(ascii(f.getvalue()))
for shift in (1 << 64, 1 << 63):
    tell("shift", lambda: 1 << shift)

# A time shorter than the timer's unit still starts it.
arrived = threading.Event()
signal.signal(signal.SIGALRM, lambda *args: arrived.set())
signal.setitimer(signal.ITIMER_REAL, 1e-9)
print(arrived.wait(20))

# A file that may not grow is an error, not the end of the process.
soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
with tempfile.TemporaryFile(buffering=0) as f:
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    f.write(b"x" * 1000)
    try: f.write(b"x")
    except OSError as e: full = e
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    print(full)
print(signal.getsignal(signal.SIGXFSZ) is signal.SIG_IGN)

# A low limit counts for recursion in C too.
def nested_classes(check):
    import sys
    old = sys.getrecursionlimit()
    sys.setrecursionlimit(120)
    try:
        classes = str
        for i in range(200):
            classes = (classes,)
            check(classes)
        return "no error"
    except RecursionError as e:
        return "RecursionError"
    finally:
        sys.setrecursionlimit(old)
print(nested_classes(lambda c: isinstance("", c)), nested_classes(lambda c: issubclass(str, c)))

# Numbers in place of texts for the C library, and texts that it would cut off.
import sqlite3, syslog
for k, f in enumerate((lambda a: socket.getprotobyname(a), lambda a: socket.getservbyname(a), lambda a: socket.getservbyname("http", a),
                       lambda a: socket.getservbyport(80, a), socket.inet_aton, lambda a: socket.inet_pton(socket.AF_INET, a))):
    for a in 5, 1 << 70, None, b"a", "127.0.0.1\0": tell(f"text {k}", lambda: f(a))
for t in (-1e300, 1e300, float("nan"), -1): tell("sqlite", lambda: sqlite3.connect(":memory:", t).execute("select 1").fetchone())
print(syslog.LOG_MASK(31))
