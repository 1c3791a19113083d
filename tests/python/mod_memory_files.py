# Memory files that are dropped while views of them exist; truth of what only has a length.
import gc
import io
import pickle
import time


class B(io.BytesIO):
    def close(self):
        print("close")
        super().close()


def drop():
    B(b"x")
    io.BytesIO(b"y")
    io.StringIO("a")


drop()
gc.collect()


def views():
    for i in range(300):
        f = io.BytesIO(b"abc")
        v = f.getbuffer()
        yield v


keep = list(views())
print(bytes(keep[0]), len(keep))
keep = None
gc.collect()
keep = [object() for _ in range(300000)]            # a heap that is not collected for nothing
start = time.process_time()
for i in range(1500):
    pickle.loads(pickle._dumps([i, "x", b"y"]))
print(time.process_time() - start < 5)


class S(str):
    def __len__(self):
        return 0


print(bool(S("a")), bool("a"), bool(""), bool(b""), bool(bytearray(b"x")))
print([hasattr(t, "__bool__") for t in (str, bytes, bytearray, list, dict, tuple, set, range, int, float, memoryview)])
