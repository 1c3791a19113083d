# Another thread's exception and frames, and signals that are simulated.
import _thread, signal, sys, threading, time
ready, leave, ids = threading.Event(), threading.Event(), []
def outer(): inner()
def inner():
    try: raise ValueError("oops")
    except ValueError:
        ids.append(threading.get_ident())
        ready.set()
        leave.wait()
t = threading.Thread(target=outer)
t.start()
ready.wait()
def names(f):
    while f:
        yield f.f_code.co_name
        f = f.f_back
kind, value, tb = sys._current_exceptions()[ids[0]]
print(kind, value, list(names(tb.tb_frame)), tb.tb_frame.f_back.f_lineno)
frame = tb.tb_frame
leave.set()
t.join()
print(frame.f_code.co_name)

def caught(f):
    try: f()
    except KeyboardInterrupt: return "interrupted"
    return "missed"
print(caught(_thread.interrupt_main))
got = []
signal.signal(signal.SIGUSR1, lambda n, f: got.append(n))
_thread.interrupt_main(signal.SIGUSR1)
print(got == [signal.SIGUSR1])
t = threading.Thread(target=_thread.interrupt_main, args=(signal.SIGUSR1,))
t.start()
t.join()
while len(got) < 2: pass
print(len(got))
# A thread that was joined has been counted as ended, and nothing of it is left after a collection.
import gc, weakref
counted, made = 0, []
for i in range(50):
    t = threading.Thread(target=int)
    t.start()
    t.join()
    made.append(weakref.ref(t))
    del t
    counted += _thread._count()
gc.collect()
print(counted, sum(r() is None for r in made) > 40)
