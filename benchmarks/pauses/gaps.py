"""How long is one thread held up by another one that allocates?

    gaps.py compute|allocate|heap|collect [SECONDS [MEGABYTES]]

One thread looks at the clock all the time and notes each gap of more than 20 us; the other one adds numbers ("compute": what
the machine itself does), builds and drops lists and dicts ("allocate"), does so beside a heap of MEGABYTES that stays alive
("heap"), or calls gc.collect() besides, every half second ("collect").  Prints JSON: gaps in microseconds, largest first (at most 5,000); counters of the interpreter."""
import gc
import json
import sys
import threading
import time

try: from heddle import stats
except ImportError: stats = dict
STEP = 2e-5


def watch(seconds, gaps):
    clock = time.perf_counter
    last = clock()
    end = last + seconds
    while last < end:
        now = clock()
        if now - last > STEP: gaps.append((now - last) * 1e6)
        last = now


def allocate(done, count):
    while not done.is_set():
        for i in range(50):
            v = [{"a": k, "b": [k, i]} for k in range(40)]
            w = [x["b"] for x in v if x["a"] & 1]
        count[0] += len(w)


def collect(done, count):
    part = threading.Event()
    other = threading.Thread(target=allocate, args=(part, count))
    other.start()
    while not done.wait(0.5): gc.collect()
    part.set()
    other.join()


def compute(done, count):
    while not done.is_set():
        for i in range(20000): count[0] += i & 1


def heap(megabytes):
    """Entries of about 1,640 bytes in nineteen objects."""
    return {i: [("%d:%d" % (i, k), [k, i + k]) for k in range(6)] for i in range(megabytes * 1000000 // 1640)}


def main():
    what = sys.argv[1]
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 2.0
    kept = heap(int(sys.argv[3]) if len(sys.argv) > 3 else 500) if what in ("heap", "collect") else None
    done, count, gaps = threading.Event(), [0], []
    other = threading.Thread(target={"compute": compute, "collect": collect}.get(what, allocate), args=(done, count))
    watcher = threading.Thread(target=watch, args=(seconds, gaps))
    before = stats()
    other.start()
    time.sleep(0.05)
    watcher.start()
    watcher.join()
    done.set()
    other.join()
    after = stats()
    counters = {k: [b - a for a, b in zip(before[k], v)] if isinstance(v, tuple) else v - before[k] for k, v in after.items()}
    rss = 0
    try:
        with open("/proc/self/status") as f: rss = int([line.split()[1] for line in f if line.startswith("VmRSS")][0])
    except OSError: pass
    gaps.sort(reverse=True)
    print(json.dumps({"gaps": [round(g, 1) for g in gaps[:5000]], "seconds": seconds, "work": count[0], "counters": counters, "longest_pause_ns": after.get("pause_ns_max"), "rss": rss,
                      "kept": len(kept or ())}))


if __name__ == "__main__":
    main()
