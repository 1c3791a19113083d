"""cProfile: the counts of calls, of callers, of recursion and of functions written in C; times by a timer of our own."""
import _lsprof
import _thread
import cProfile
import gc
import io
import os
import pstats
import subprocess
import sys
import tempfile
import threading


class L(list):
    pass


class Failure(Exception):
    pass


def fibonacci(n):
    return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)


def numbers():
    yield 1
    yield 2


def fails():
    raise Failure


def everything():
    fibonacci(6)
    items = []
    items.append(1)
    L().append(2)
    dict.fromkeys([1])
    str.maketrans({})
    len(items)
    list(numbers())
    sorted([3, 1], key=lambda x: -x)
    sum(x for x in range(3))
    int("3")
    Failure("x")
    "a".join(["b"])
    {}.items()
    try:
        [].pop()
    except IndexError:
        pass
    try:
        fails()
    except Failure:
        pass
    [x for x in range(3)]
    getattr(items, "append")(3)
    items.__len__()
    list.append(items, 2)
    super(L, L()).append(3)
    list(map(len, ["a"]))
    sorted(["b", "a"], key=str.lower)
    int.from_bytes(b"a", "big")
    sys.exc_info()


def short(key):
    return key[2]


def show(profile):
    profile.create_stats()
    for key, (cc, nc, _, _, callers) in sorted(profile.stats.items(), key=lambda item: short(item[0])):
        print(short(key), cc, nc, sorted((short(k), v[:2]) for k, v in callers.items()))


gc.collect()        # what imports have left is not to be called back while we count
p = cProfile.Profile()
print(p.runcall(fibonacci, 1))
p.clear()
p.runcall(everything)
show(p)

print("-- times")
clock = 0


def timer():
    return clock


def work(n):
    global clock
    clock += n


def outer():
    work(1000)
    inner()
    work(10)


def inner():
    work(200)
    if clock < 2000:
        inner()


p = cProfile.Profile(timer, 0.001, builtins=False)
p.runcall(outer)
for e in sorted(p.getstats(), key=lambda e: str(e.code)):
    print(getattr(e.code, "co_name", e.code), e.callcount, e.reccallcount, round(e.totaltime, 6), round(e.inlinetime, 6), e.calls and len(e.calls))
out = io.StringIO()
pstats.Stats(p, stream=out).sort_stats("cumulative").print_stats("inner|outer")
print([line.split()[:2] for line in out.getvalue().splitlines() if "(inner)" in line or "(outer)" in line])

print("-- on and off")
p = cProfile.Profile(subcalls=False)
with p:
    print(sys.getprofile() is p)
print(sys.getprofile())
print([e.calls for e in p.getstats()], type(p.getstats()[0]).__name__, _lsprof.profiler_subentry.n_fields)
p.clear()
print(p.getstats())
p.enable(subcalls=True, builtins=False)
seen = []
t = threading.Thread(target=lambda: seen.append(sys.getprofile()))
t.start()
t.join()
p.disable()
print(seen)
print("work" in [getattr(e.code, "co_name", "") for e in p.getstats()], any(isinstance(e.code, str) for e in p.getstats()))
for bad in (lambda: _lsprof.Profiler(timeunit="x"), lambda: p.enable(1, 2, 3), lambda: p.disable(1)):
    try:
        bad()
    except TypeError as e:
        print("TypeError")

print("-- a timer that fails")
reports = []
sys.unraisablehook = lambda info: reports.append((info.exc_type.__name__, str(info.exc_value)))
p = _lsprof.Profiler(lambda: int)
p.enable()
len([])
p.disable()
sys.unraisablehook = sys.__unraisablehook__
print(len(reports), reports[0])

print("-- the command")
with tempfile.TemporaryDirectory() as d:
    name = os.path.join(d, "program.py")
    with open(name, "w") as f:
        f.write("def f(n):\n    return n and f(n - 1)\nf(4)\nprint(len('abc'))\n")
    run = subprocess.run([sys.executable, "-m", "cProfile", "-s", "ncalls", name], capture_output=True, text=True)
    print(run.stderr, run.stdout.splitlines()[0], [line.split()[0] for line in run.stdout.splitlines() if "(f)" in line or "builtins.len" in line])

print("-- threads that have ended")


def dangling():
    return _thread._count(), len(threading._dangling)


before = dangling()
threads = [threading.Thread(target=len, args=("",)) for i in range(4)]
for t in threads:
    t.start()
for t in threads:
    t.join()
del t, threads
print(dangling() == before)
