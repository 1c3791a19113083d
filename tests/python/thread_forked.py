# fork() in a thread: that thread becomes the main one of the child, which ends with its last thread.  What threads leave behind.
import gc, os, threading, time, weakref

main = threading.main_thread()
def in_child():
    t = threading.Thread(target=lambda: (main.join(), os.write(1, b"the old main thread has ended\n")))
    t.start()
    t.join()
    os.write(1, b"threads: %d, main: %d\n" % (threading.active_count(), threading.current_thread() is threading.main_thread()))
    threading.Thread(target=lambda: (time.sleep(0.1), os.write(1, b"the last thread\n"))).start()
def worker():
    pid = os.fork()
    if pid == 0: in_child()
    else: print("status", os.waitpid(pid, 0)[1], flush=True)
t = threading.Thread(target=worker)
t.start()
t.join()

# While others start threads.  Not with AddressSanitizer: its allocator may be locked by a thread that the child has not got.
stop = False
def starter():
    while not stop:
        u = threading.Thread(target=int)
        u.start()
        u.join()
starters = [threading.Thread(target=starter) for i in range(0 if 'ASAN_OPTIONS' in os.environ else 2)]
for u in starters: u.start()
statuses = set()
for i in range(20):
    pid = os.fork()
    if pid == 0:
        u = threading.Thread(target=int)
        u.start()
        u.join()
        os._exit(7)
    statuses.add(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
stop = True
for u in starters: u.join()
print(statuses)

# A thread that was joined keeps nothing alive.
class T(threading.Thread):
    def run(self): self.data = [threading.local()]
def some():
    made = [T() for i in range(10)]
    for u in made: u.start()
    for u in made: u.join()
    return [weakref.ref(u) for u in made]
left = 0
for i in range(5):
    refs = some()
    gc.collect()
    left += sum(r() is not None for r in refs)
print(left < 5)
