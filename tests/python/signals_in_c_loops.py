# A signal that comes while a function in C polls is handled soon afterwards, whatever the program does then.
import json, pickle, signal

pickled = pickle.dumps(list(range(200000)), 2)
nested = "[" + "[[[1]]]," * 40000 + "1]"
tree = json.loads(nested)
seen = []
signal.signal(signal.SIGALRM, lambda n, f: seen.append(n))
for name, work in ("unpickling", lambda: pickle.loads(pickled)), ("reading JSON", lambda: json.loads(nested)), ("writing JSON", lambda: json.dumps(tree)):
    late = 0
    for _ in range(5):
        seen.clear()
        signal.setitimer(signal.ITIMER_REAL, 0.002)
        work()
        n = 0
        while not seen and n < 20000000: n += 1            # allocates nothing
        late += not seen
        while not seen: [[] for i in range(1000)]
    print(name, late)
