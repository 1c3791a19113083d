# Signals that other threads than the main one send or get.
import signal, threading, time

main = threading.get_ident()
seen = []


def handler(number, frame): seen.append((number, threading.get_ident() == main))


def wait_for(n):
    for i in range(2000):
        if len(seen) >= n: break
        time.sleep(0.005)
    print(len(seen) >= n, set(seen) <= {(signal.SIGUSR1, True)})
    seen.clear()


signal.signal(signal.SIGUSR1, handler)
for send in (lambda: signal.raise_signal(signal.SIGUSR1), lambda: signal.pthread_kill(threading.get_ident(), signal.SIGUSR1),
             lambda: signal.pthread_kill(main, signal.SIGUSR1)):
    t = threading.Thread(target=send)
    t.start()
    t.join()
    wait_for(1)

# To threads that compute and threads that wait.
stop = threading.Event()
def compute():
    while not stop.is_set(): sum(range(50))
def sleep():
    while not stop.is_set(): time.sleep(0.001)
def wait(): stop.wait()
threads = [threading.Thread(target=f) for f in (compute, sleep, wait)]
for t in threads: t.start()
for t in threads:
    signal.pthread_kill(t.ident, signal.SIGUSR1)
    wait_for(1)
stop.set()
for t in threads: t.join()

# A thread inherits the mask of the one that starts it.
def mask(): masks.append(signal.SIGUSR1 in signal.pthread_sigmask(signal.SIG_BLOCK, ()))
masks = []
old = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
t = threading.Thread(target=mask); t.start(); t.join()
signal.pthread_sigmask(signal.SIG_SETMASK, old)
t = threading.Thread(target=mask); t.start(); t.join()
print(masks)
for bad in (0, 99, -1):
    try: signal.pthread_kill(main, bad)
    except (ValueError, OSError) as e: print(type(e).__name__, e)
