# Signals and threads: masks, waiting for signals, handlers while the main thread waits for a lock, the wakeup file, children.
import _thread, os, signal, subprocess, sys, threading, time

def child():
    p = subprocess.Popen(["sleep", "30"])
    time.sleep(0.1)
    p.terminate()
    print("ended by", -p.wait(10))
t = threading.Thread(target=child)
t.start()
t.join()

seen = []
signal.signal(signal.SIGUSR1, lambda n, f: seen.append(threading.current_thread() is threading.main_thread()))
for lock in threading.Lock(), threading.RLock():
    held, seen[:] = threading.Event(), []
    def helper():
        lock.acquire()
        held.set()
        time.sleep(0.2)
        os.kill(os.getpid(), signal.SIGUSR1)
        time.sleep(0.2)
        print("handled while waiting:", seen)
        lock.release()
    t = threading.Thread(target=helper)
    t.start()
    held.wait()
    lock.acquire()
    t.join()

# The mask of a thread is that of the thread that starts it.
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR2])
masks = []
t = threading.Thread(target=lambda: masks.append(signal.pthread_sigmask(signal.SIG_BLOCK, [])))
t.start()
t.join()
print(masks)
os.kill(os.getpid(), signal.SIGUSR2)
print(signal.sigwait([signal.SIGUSR2]))
os.kill(os.getpid(), signal.SIGUSR2)
info = signal.sigwaitinfo([signal.SIGUSR2])
print(type(info).__name__, info.si_signo, info.si_pid == os.getpid(), info.si_code)
start = time.monotonic()
print(signal.sigtimedwait([signal.SIGUSR2], 0.05), time.monotonic() - start >= 0.05, signal.sigtimedwait([signal.SIGUSR2], 0))
for bad in [1 << 1000], [0], [-1], [1000], 3, ["x"]:
    try: signal.pthread_sigmask(signal.SIG_BLOCK, bad)
    except (ValueError, TypeError) as e: print(type(e).__name__, e)
for timeout in -1, float("nan"), None:
    try: signal.sigtimedwait([signal.SIGUSR2], timeout)
    except (ValueError, TypeError) as e: print(type(e).__name__, e)

# A signal that is raised in another thread is handled in the main one.
seen[:] = []
def kick():
    for i in range(5): signal.raise_signal(signal.SIGUSR1)
t = threading.Thread(target=kick)
t.start()
t.join()
print(set(seen))

# The wakeup file gets one byte each, and a full one is reported unless that is not wanted.
r, w = os.pipe()
os.set_blocking(r, False)
os.set_blocking(w, False)
print(signal.set_wakeup_fd(w))
signal.raise_signal(signal.SIGUSR1)
_thread.interrupt_main(signal.SIGUSR1)
print(os.read(r, 10) == bytes([signal.SIGUSR1] * 2))
try:
    while True: os.write(w, b"x" * 4096)
except BlockingIOError: pass
sys.stderr = sys.stdout
sys.unraisablehook = lambda u: print(type(u.exc_value).__name__, u.object)
signal.raise_signal(signal.SIGUSR1)
signal.set_wakeup_fd(w, warn_on_full_buffer=False)
signal.raise_signal(signal.SIGUSR1)
print(signal.set_wakeup_fd(-1) == w)

# A timer shorter than a microsecond still runs out.
ticks = []
signal.signal(signal.SIGALRM, lambda n, f: ticks.append(n))
signal.setitimer(signal.ITIMER_REAL, 1e-9)
while not ticks: pass
print(ticks)

ticks.clear()
signal.setitimer(signal.ITIMER_REAL, 1e-6)
time.sleep(0.05)
print(ticks, sys.thread_info.name, type(sys.thread_info.version).__name__)

# One handler raises: the others have their turn.
order = []
def first(n, f):
    order.append("first")
    raise KeyError(n)
signal.signal(signal.SIGUSR1, first)
signal.signal(signal.SIGUSR2, lambda n, f: order.append("second"))
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1, signal.SIGUSR2])
os.kill(os.getpid(), signal.SIGUSR1)
os.kill(os.getpid(), signal.SIGUSR2)
try:
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGUSR1, signal.SIGUSR2])
    for i in range(1000): pass
except KeyError as e: order.append(repr(e))
for i in range(1000): pass
print(order)
