"""Counts every word of every .py file of the standard library: N threads, one shared dict, one lock.

    heddle demo_wordcount.py [THREADS [FOLDER]]

Prints the time with one thread and with THREADS threads (default: the number of cores), the speed-up, and a digest of the
counts, which is the same on every Python."""
import os
import sys
import threading
import time


def sources():
    root = sys.argv[2] if len(sys.argv) > 2 else os.path.dirname(os.__file__)
    found = []
    for folder, folders, files in os.walk(root):
        folders[:] = sorted([d for d in folders if d not in ("test", "tests", "__pycache__", "site-packages", "dist-packages")])
        found.extend([os.path.join(folder, f) for f in sorted(files) if f.endswith(".py")])
    return found


def read(path):
    with open(path, encoding="utf-8", errors="replace") as f:
        return f.read()


def words(text):
    word = []
    for line in text.split("\n"):
        for piece in line.replace("(", " ").replace(")", " ").replace(".", " ").replace(",", " ").replace(":", " ").split():
            if piece.isidentifier():
                word.append(piece)
    return word


def count(texts, threads):
    counts = {}
    lock = threading.Lock()
    errors = []

    def work(n):
        try:
            for text in texts[n::threads]:
                mine = {}
                for w in words(text):
                    mine[w] = mine.get(w, 0) + 1
                for w, c in mine.items():
                    with lock:
                        counts[w] = counts.get(w, 0) + c
        except BaseException as e:
            errors.append(e)

    start = time.perf_counter()
    workers = [threading.Thread(target=work, args=(n,)) for n in range(threads)]
    for w in workers:
        w.start()
    for w in workers:
        w.join()
    if errors:
        raise errors[0]
    return time.perf_counter() - start, counts


def digest(counts):
    h = 0
    for w in sorted(counts):
        for ch in w:
            h = (h * 31 + ord(ch)) % 1000000007
        h = (h * 31 + counts[w]) % 1000000007
    return h


def main():
    threads = int(sys.argv[1]) if len(sys.argv) > 1 else os.cpu_count() or 1
    texts = [read(p) for p in sources()]
    print("%d files, %d characters" % (len(texts), sum([len(t) for t in texts])))
    best = {}
    results = set()
    for attempt in range(2):
        for n in sorted({1, threads}):
            seconds, counts = count(texts, n)
            best[n] = min(best.get(n, seconds), seconds)
            results.add((len(counts), sum(counts.values()), digest(counts)))
    if len(results) != 1:
        print("DIFFERENT RESULTS", results)
        sys.exit(1)
    distinct, total, check = results.pop()
    print("%d words, %d different, digest %d" % (total, distinct, check))
    print("1 thread: %.3f s" % best[1])
    if threads > 1:
        print("%d threads: %.3f s, speed-up %.2f" % (threads, best[threads], best[1] / best[threads]))


main()
