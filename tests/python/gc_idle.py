# What is dropped is closed while every thread of the process waits.
import _thread, os, queue, signal, socket, subprocess, sys, threading, time, weakref

signal.alarm(110 * int(os.environ.get('slow', 1)))      # nothing here has a timeout of its own; `slow` comes from tests/run

def tasks():
    return len(os.listdir('/proc/self/task'))

class Other:
    pass

def settle():
    # Other work, so that registers and C frames hold other things than what has just been dropped.
    o, n = Other(), 0.0
    for i in range(3000):
        o.item = [i]
        o.pair = (o.item, str(i))
        n += len(o.pair) + len({i: o}) + i * 0.5
        m = lambda: (n, o)
        m()
    return n

def run(source):
    env = {k: v for k, v in os.environ.items() if not k.startswith('HEDDLE_STM')}
    return subprocess.run([sys.executable, '-c', source], capture_output=True, text=True, env=env)

# ---- who is there: a program that only computes and reads files has no other thread --------------------------------------
p = run('''
import os, json, re
open('/proc/self/status').read()
print(len(os.listdir('/proc/self/task')))
''')
print(p.stdout.strip(), p.stderr)

# ---- one thread -----------------------------------------------------------------------------------------------------------
def dropped_peer():
    a, b = socket.socketpair()
    return a

a = dropped_peer()
settle()
print(a.recv(10))

a, b = socket.socketpair()
b.sendall(b'last words')
del b
settle()
print(a.recv(100), a.recv(100))

def dropped_writer():
    r, w = os.pipe()
    f = os.fdopen(w, 'w')
    f.write('in the buffer')
    return r

r = dropped_writer()
settle()
print(os.fdopen(r).read())

# With a finaliser, in a list that is emptied.
class Node:
    def __init__(self, sock):
        self.sock = sock
    def __del__(self):
        log.append('finalised')

log = []
a, b = socket.socketpair()
kept = [Node(b)]
del b
kept.clear()
settle()
print(a.recv(1), log)

# Weak references and their callbacks.
class Thing:
    pass

class Callback:
    def __call__(self, ref):
        log.append('callback')

log, thing = [], Thing()
ref = weakref.ref(thing, Callback())
del thing
settle()
while ref() is not None:
    time.sleep(0.05)
while not log:
    time.sleep(0.05)
print(log)

# A finaliser that waits itself.
class Waits:
    def __del__(self):
        for i in range(3):
            time.sleep(0.02)
        log.append('waited')

log, thing = [], Waits()
del thing
settle()
while not log:
    time.sleep(0.05)
print(log)

# A long finaliser runs to its end before the thread goes on.
p = run('''
import socket, time
class Long:
    def __del__(self):
        end = time.monotonic() + 0.03
        while time.monotonic() < end:
            pass
        log.append('done')
def make(b):
    thing = Long()
    thing.sock = b
log = []
a, b = socket.socketpair()
make(b)
del b
[[i] * 3 for i in range(1000)]
time.sleep(0.3)
print(a.recv(1), log)
''')
print(p.stdout.strip(), p.stderr)

# It sees itself run by the only thread there is.
p = run('''
import threading, time
class Sees:
    def __del__(self):
        print(threading.current_thread() is threading.main_thread(), threading.get_ident() == threading.main_thread().ident,
              local.value, threading.active_count(), lock.acquire(False))
local, lock = threading.local(), threading.RLock()
local.value = 'of the main thread'
x = Sees()
del x
with lock:
    time.sleep(0.5)
''')
print(p.stdout.strip(), p.stderr)

# ---- an exception in a finaliser ------------------------------------------------------------------------------------------
p = run('''
import time
class A:
    def __del__(self):
        raise ValueError('in a finaliser')
a = A()
del a
time.sleep(0.4)
print('goes on')
''')
print(p.stdout.strip(), 'ValueError: in a finaliser' in p.stderr)

# ---- fork -----------------------------------------------------------------------------------------------------------------
def in_child(f):
    pid = os.fork()
    if pid:
        return pid
    status = 1
    try:
        status = f() or 0
    finally:
        os._exit(status)

def child():
    global b
    a.close()
    b.recv(1)
    del b
    settle()
    time.sleep(20)                    # until it is killed

a, b = socket.socketpair()
pid = in_child(child)
b.close()
a.send(b'x')
print(a.recv(1))
os.kill(pid, signal.SIGKILL)
os.waitpid(pid, 0)

def grandchild():
    x, y = socket.socketpair()
    del y
    settle()
    pid = in_child(lambda: x.recv(1) != b'')
    x.recv(1)
    return os.waitpid(pid, 0)[1]

print(os.waitpid(in_child(grandchild), 0)[1])

class Forks:
    def __del__(self):
        log.append(os.waitpid(in_child(lambda: 0), 0)[1])

log, thing = [], Forks()
del thing
settle()
while not log:
    time.sleep(0.05)
print(log)

class Runs:
    def __del__(self):
        log.append(subprocess.run(['grep', 'SigBlk', '/proc/self/status'], capture_output=True, text=True).stdout.split()[1].strip('0'))

log, thing = [], Runs()
del thing
settle()
while not log:
    time.sleep(0.05)
print(log)

# ---- two processes: the peer's end is noticed, though neither computes -----------------------------------------------------
server = subprocess.Popen([sys.executable, '-c', '''
import socket
s = socket.create_server(('127.0.0.1', 0))
print(s.getsockname()[1], flush=True)
def serve(c):
    c.send(c.recv(100))
while True:
    serve(s.accept()[0])
'''], stdout=subprocess.PIPE, text=True)
port = int(server.stdout.readline())
for text in b'one', b'two', b'three':
    c = socket.create_connection(('127.0.0.1', port))
    c.send(text)
    print(c.recv(100), c.recv(100), end=' ')
print()
c.close()
server.kill()
server.wait()
server.stdout.close()

# ---- a process that only waits uses no processor time ----------------------------------------------------------------------
p = run('''
import socket, time
a, b = socket.socketpair()
del b
a.recv(1)
time.sleep(0.5)
used = time.process_time()
time.sleep(1)
print(time.process_time() - used < 0.02)
''')
print(p.stdout.strip(), p.stderr)

# ---- several threads --------------------------------------------------------------------------------------------------------
def take(q):
    while (item := q.get()) is not None:
        item = None
        settle()

q = queue.Queue()
workers = [threading.Thread(target=take, args=(q,)) for _ in range(3)]
for t in workers:
    t.start()
for i in range(3):
    a, b = socket.socketpair()
    q.put(b)
    del b
    settle()
    print(a.recv(1), end=' ')
print()

class Named:
    def __del__(self):
        log.append(threading.current_thread().name != "")

log = []
before = threading.enumerate(), _thread._count()
a, b = socket.socketpair()
thing = Named()
thing.sock = b
del thing, b
settle()
answer = a.recv(1)
while not log:
    time.sleep(0.01)
print(answer, log)
while threading.enumerate() != before[0]:          # what current_thread() has made is taken out again
    time.sleep(0.01)
print(_thread._count() == before[1])
for t in workers:
    q.put(None)
for t in workers:
    t.join()
a = dropped_peer()
settle()
print(a.recv(1))

# ---- the end of the process -------------------------------------------------------------------------------------------------
p = run('''
import os, socket, time
class Slow:
    def __del__(self):
        os.write(1, b'begun ')
        time.sleep(0.3)
        os.write(1, b'finished\\n')
thing = Slow()
r, w = os.pipe()
thing.w = os.fdopen(w, 'w')
del thing
time.sleep(0.2)
''')
print(p.stdout.strip(), p.returncode, p.stderr)
