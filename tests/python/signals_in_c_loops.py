# A signal that comes while a function in C polls is handled soon afterwards, whatever the program does then.
import json, pickle, signal

pickled = b"N0" * 200000 + b"N."                           # None, dropped again, and so on
nested = "[" + "[[[1]]]," * 2000 + "1]"
seen = []
signal.signal(signal.SIGALRM, lambda n, f: seen.append(n))
for name, work, times in ("unpickling", lambda: pickle.loads(pickled), 3), ("reading JSON", lambda: json.loads(nested), 1):
    late = 0
    for _ in range(times):
        seen.clear()
        signal.setitimer(signal.ITIMER_REAL, 0.0003)
        work()
        n = 0
        while not seen and n < 20000000: n += 1            # allocates nothing
        late += not seen
        while not seen: [[] for i in range(1000)]
    print(name, late)
