# The modules mmap, _posixshmem, syslog and _statistics.
import mmap
import os
import subprocess
import sys
import syslog
import tempfile
import threading
import _posixshmem
from statistics import NormalDist


def tell(f, *args, **kw):
    try:
        print(repr(f(*args, **kw)))
    except Exception as e:
        print(type(e).__name__, e)


with tempfile.TemporaryFile() as f:
    tell(mmap.mmap, f.fileno(), 0)
    f.write(b'line one\nline two\n' + b'x' * 4096)
    f.flush()
    m = mmap.mmap(f.fileno(), 0)
    print(len(m), m.readline(), m.read(4), m.tell(), m.find(b'two'), m.rfind(b'line'), m[0], m[-1], m[5:8], m[8:0:-3])
    m[0] = 76
    m[5:8] = b'ONE'
    m.seek(9)
    print(m.write(b'LINE'), m.tell(), m[:20])
    m.move(0, 9, 4)
    m.flush()
    m.write_byte(33)
    f.seek(0)
    print(f.read(20))
    for call in (lambda: m[99999], lambda: m['a'], lambda: m.seek(-1), lambda: m.seek(0, 9), lambda: m.__setitem__(0, 300), lambda: m.__setitem__(slice(0, 3), b'ab'), lambda: m.move(0, 0, 99999)):
        tell(call)
    view = memoryview(m)
    view[0:3] = b'abc'
    tell(m.close)
    tell(m.resize, 10)
    view.release()
    m.resize(8192)
    print(len(m), m.size(), m[:3], m)
    m.close()
    print(m.closed, m)
    tell(m.read)
    r = mmap.mmap(f.fileno(), 100, access=mmap.ACCESS_READ)
    tell(r.write, b'x')
    tell(r.__setitem__, 0, 1)
    c = mmap.mmap(f.fileno(), 100, access=mmap.ACCESS_COPY)
    c[0:3] = b'ZZZ'
    print(r[0:3], c[0:3])
    tell(mmap.mmap, f.fileno(), 999999)
    tell(mmap.mmap, -1, -1)
    tell(mmap.mmap, -1, 10, access=9)
m = mmap.mmap(-1, 4096)


def work(n):
    for i in range(100):
        m[n * 100 + i] = n


threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
for t in threads:
    t.start()
for t in threads:
    t.join()
print(sum(m[:400]))
if os.fork() == 0:
    m[4000:4005] = b'child'
    os._exit(0)
os.wait()
print(m[4000:4005])
name = '/mod_mmap_%d' % os.getpid()
fd = _posixshmem.shm_open(name, os.O_CREAT | os.O_EXCL | os.O_RDWR, mode=0o600)
os.ftruncate(fd, 64)
shared = mmap.mmap(fd, 64)
os.close(fd)
shared[:5] = b'hello'
fd = _posixshmem.shm_open(name, os.O_RDWR)
print(mmap.mmap(fd, 64)[:5])
os.close(fd)
_posixshmem.shm_unlink(name)
try:
    _posixshmem.shm_unlink(name)
except FileNotFoundError as e:
    print(e.filename == name)
print(syslog.LOG_MASK(3), syslog.LOG_UPTO(3), NormalDist(100, 15).inv_cdf(0.3))
tell(syslog.syslog)


def close_after_slices():
    big = mmap.mmap(-1, 4096)
    view = memoryview(big)
    view[:3] = b'abc'
    print(bytes(view[1:3]))
    view.release()
    big.close()                         # no view of it is in use any more
    print(big.closed)


close_after_slices()

# What is stored through a view is stored once, however often transactions fail.
counting = '''
import mmap, struct
m = mmap.mmap(-1, 4096)
v = memoryview(m)
c = v.cast("I")
kept = []
for i in range(400):
    v[0:2] = struct.pack("H", struct.unpack_from("H", v)[0] + 1)
    c[2] += 1
    struct.pack_into("I", m, 16, struct.unpack_from("I", m, 16)[0] + 1)
    kept.append(i)
print(struct.unpack_from("H", m)[0], c[2], struct.unpack_from("I", m, 16)[0])
'''
env = dict(os.environ, HEDDLE_STM_STRESS='abort=0.05,seed=3')
subprocess.run([sys.executable, '-c', counting], env=env)


class Closing:
    def __index__(self):
        held.append(memoryview(moving))
        return 8192


moving = mmap.mmap(-1, 4096)
held = []
tell(moving.resize, Closing())
