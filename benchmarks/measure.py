"""Runs one program of single/ or threads/ in the interpreter that is to be measured, and prints a line of JSON.

    measure.py single NAME [--tiny] [--idle]        --idle: a second thread exists and waits for a lock
    measure.py threads NAME [--tiny] [--counts 1,2] [--rounds N]

single: {"checksum", "cpu": CPU seconds of run(FULL), at least 3 runs and 0.15 s after one that warms up, "rss": KiB at most}.
threads: {"checksum", "wall": {count: [seconds, ...]}, "cpu": the same of the process}; the counts take turns, after a round that warms up.

A program of threads/ has work(me, threads, n[, shared]), which does the part of thread `me` of a total of n that does not
depend on the number of threads; `shared` is what prepare(n) gives; finish(shared) gives the result, else it is the sum of
what the threads return.  Preparation is not timed; starting and joining the threads is."""
import argparse
import importlib.util
import json
import os
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))


def load(kind, name):
    spec = importlib.util.spec_from_file_location(name, os.path.join(HERE, kind, name + ".py"))
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def names(kind): return sorted([f[:-3] for f in os.listdir(os.path.join(HERE, kind)) if f.endswith(".py")])


def spread(program, threads, n):
    """One run; its result, its wall and its CPU time."""
    shared = [program.prepare(n)] if hasattr(program, "prepare") else []
    parts, errors = [None] * threads, []

    def run(me):
        try: parts[me] = program.work(me, threads, n, *shared)
        except BaseException as e: errors.append(e)

    team = [threading.Thread(target=run, args=(i,)) for i in range(threads)]
    start, cpu = time.perf_counter(), time.process_time()
    for t in team: t.start()
    for t in team: t.join()
    seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
    if errors: raise errors[0]
    return repr(program.finish(*shared) if hasattr(program, "finish") else sum(parts)), seconds, cpu


def measure_single(program, n, idle, enough=0.15):
    lock = threading.Lock()
    lock.acquire()
    if idle:
        threading.Thread(target=lock.acquire, daemon=True).start()
        time.sleep(0.02)
    checksum, cpu = repr(program.run(n)), []
    while len(cpu) < 3 or sum(cpu) < enough:
        start = time.process_time()
        again = repr(program.run(n))
        cpu.append(time.process_time() - start)
        if again != checksum: sys.exit("the result changed")
    try:
        with open("/proc/self/status") as f: rss = int([line.split()[1] for line in f if line.startswith("VmHWM")][0])
    except OSError: rss = None
    return {"checksum": checksum, "cpu": cpu, "rss": rss}


def measure_threads(program, n, counts, rounds):
    wall, cpu, checksums = {c: [] for c in counts}, {c: [] for c in counts}, set()
    for r in range(rounds + 1):
        for c in counts:
            checksum, seconds, busy = spread(program, c, n)
            checksums.add(checksum)
            if r: wall[c].append(seconds), cpu[c].append(busy)
    if len(checksums) > 1: sys.exit("results differ: %s" % sorted(checksums))
    return {"checksum": checksums.pop(), "wall": wall, "cpu": cpu}


def main():
    p = argparse.ArgumentParser()
    p.add_argument("kind", choices=("single", "threads"))
    p.add_argument("name")
    p.add_argument("--tiny", action="store_true")
    p.add_argument("--idle", action="store_true")
    p.add_argument("--counts", default="1,2")
    p.add_argument("--rounds", type=int, default=5)
    a = p.parse_args()
    program = load(a.kind, a.name)
    n = program.TINY if a.tiny else program.FULL
    if a.kind == "single": result = measure_single(program, n, a.idle, 0 if a.tiny else 0.15)
    else: result = measure_threads(program, n, [int(c) for c in a.counts.split(",")], a.rounds)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
