# What a signal handler raises while Condition.wait() takes its lock again comes when the lock is held.
import signal
import threading
import time


class Stop(Exception):
    pass


def handler(number, frame):
    raise Stop


signal.signal(signal.SIGALRM, handler)
main = threading.get_ident()


def notify(cond, holding):
    with cond:
        cond.notify()
        time.sleep(0.03)                # the main thread has been woken and wants the lock
        signal.pthread_kill(main, signal.SIGALRM)
        time.sleep(0.03)
        holding.append(True)


for depth in 1, 2, 1, 3:
    cond = threading.Condition()
    holding = []
    t = threading.Thread(target=notify, args=(cond, holding))
    for i in range(depth):
        cond.acquire()
    try:
        t.start()
        cond.wait()
        print("not interrupted")
    except Stop:
        print(cond._is_owned(), holding)
        for i in range(depth):
            cond.release()
    t.join()
    print(cond.acquire(blocking=False))
