# The descriptors of files and sockets that are dropped are free when somebody looks for free ones.
import os, resource, socket, warnings
warnings.simplefilter("ignore")
def listed(): return sorted(set(os.listdir("/proc/self/fd")))
def dropped(n):
    for i in range(n): open(__file__, "rb", buffering=0)
def after_dropping(n):
    before = len(listed())
    dropped(n)
    return len(listed()) - before <= 1                 # one may be left in a register
print([after_dropping(20) for i in range(5)])

def highest(make):
    top = 0
    for i in range(3000):
        f = make()
        top = max(top, f.fileno())
    return top < 400
print(highest(lambda: open(__file__)), highest(lambda: open(__file__, "rb", buffering=0)), highest(socket.socket))

resource.setrlimit(resource.RLIMIT_NOFILE, (60, 60))
print(highest(lambda: open(__file__)), highest(socket.socket))
kept = []
def fill(make):
    try:
        while True: kept.append(make())
    except OSError as e: print(e.strerror, len(kept) > 40)
    kept.clear()
def failed(make):
    dropped(59 - len(listed()))
    make()
    return True
fill(socket.socket)
print([failed(make) for make in (lambda: os.close(os.open("/", os.O_RDONLY)), lambda: [os.close(fd) for fd in os.pipe()], lambda: os.close(os.dup(0)),
                                 lambda: os.listdir("/"), lambda: os.scandir("/").close(), lambda: [s.close() for s in socket.socketpair()])])
