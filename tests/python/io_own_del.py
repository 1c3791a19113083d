# Streams whose classes have a __del__ that does not call the one below it, and streams that are opened again in theirs: when they
# are gone, the files below do not look for them.
import gc, io, threading

class Raw(io.RawIOBase):
    def writable(self): return True
    def write(self, b):
        written.append(bytes(b))
        return len(b)
class Buffered(io.BufferedWriter):
    def __del__(self): deleted.append('buffered')
class Text(io.TextIOWrapper):
    def __del__(self): deleted.append('text')
class Again(io.BufferedWriter):
    def __del__(self):
        self.__init__(Raw())
        kept.append(self)

def make(n):
    for i in range(n):
        raws.append(Raw())
        b = Buffered(raws[-1])
        b.write(b'x')
        if i % 5 == 0:
            t = Text(b)
            t.write('y')
        if i % 7 == 0: b.__init__(raws[-1])
        if i % 3 == 0: Again(Raw())
def deep(n):
    if n: deep(n - 1)
def work(n):
    for i in range(n):
        make(20)
        deep(50)
        gc.collect()
        gc.collect()
        junk = [('%d ' % i) * n for i in range(2000) for n in (2, 6, 10)]
        while kept:
            try: kept.pop().write(b'z')
            except (IndexError, ValueError): pass          # another thread was faster, or closed it
        raws.clear()
        deep(50)
        gc.collect()
    gc.collect()

raws, kept, deleted, written = [], [], [], []
work(3)
print(len(deleted) > 30, set(written) <= {b'x', b'z'})
threads = [threading.Thread(target=work, args=(3,)) for i in range(3)]
for t in threads: t.start()
for t in threads: t.join()
print('done')
