# An exception that another thread sets arrives, also if the transaction that finds it is aborted.
import ctypes, os, threading
set_exc = ctypes.pythonapi.PyThreadState_SetAsyncExc
set_exc.argtypes = ctypes.c_ulong, ctypes.py_object

class Stop(Exception): pass
def loop(started):
    try:
        while True: started.set()
    except Stop: pass

lost = 0
for i in range(30):
    started = threading.Event()
    t = threading.Thread(target=loop, args=(started,), daemon=True)
    t.start()
    started.wait()
    set_exc(t.ident, Stop)
    t.join(20 * int(os.environ.get('slow', 1)))
    if t.is_alive():
        lost += 1
        break
print('lost:', lost)
