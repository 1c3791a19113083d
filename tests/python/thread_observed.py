# Looking at the frames and exceptions of running threads, again and again: everything that is found is whole and stays alive.
import gc, sys, threading, time

stop = False
class Oops(Exception): pass
def deep(n, tag):
    marker = [tag, str(n) * 3]
    if n: return deep(n - 1, tag)
    try: raise Oops(tag, marker)
    except Oops as e:
        again = [e.args[0] for i in range(20)]
    return again
def work(tag):
    rounds = 0
    while not stop:
        deep(5, tag)
        rounds += 1
    done.append(rounds > 0)
done = []
threads = [threading.Thread(target=work, args=(i,)) for i in range(3)]
for t in threads: t.start()
tags = {t.ident: i for i, t in enumerate(threads)}
kept, bad, handling = [], [], 0
end = time.monotonic() + 0.5
while time.monotonic() < end or not handling:
    for ident, (kind, value, tb) in sys._current_exceptions().items():
        if ident in tags and value is not None:
            handling += 1
            if kind is not Oops or value.args[0] != tags[ident] or value.args[1] != [tags[ident], "000"]: bad.append(value)
            kept.append(value)
    for ident, frame in sys._current_frames().items():
        while frame and ident in tags:
            if frame.f_code is deep.__code__:
                names = frame.f_locals
                if names["tag"] != tags[ident] or names.get("marker", [tags[ident]])[0] != tags[ident]: bad.append(names)
                kept.append(names)
            frame = frame.f_back
    del kept[:-50]
stop = True
for t in threads: t.join()
gc.collect()
print(bad, done, all(k.args[1][1] == "000" for k in kept if isinstance(k, Oops)))
print(sorted(sys._current_frames()) == [threading.get_ident()], sys._current_exceptions()[threading.get_ident()])
