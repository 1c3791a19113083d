# A function that waits keeps nothing alive that instructions before it worked with: registers of the evaluator, dead words on stacks.
import gc, os, queue, select, socket, sys, threading, time, weakref

class Node:
    def __init__(self): self.v = None
    def __add__(self, other): return self
    def method(self, *args): pass

def store(refs):
    n = Node(); refs.append(weakref.ref(n)); n.v = [1]; n = None

LEAVE = {
    'attribute': 'n = Node(); refs.append(weakref.ref(n)); n.v = n.v; n = None',
    'list': 'n = [Node()]; refs.append(weakref.ref(n[0])); n[0] = n[0]; n = None',
    'append': 'n = []; o = Node(); refs.append(weakref.ref(o)); n.append(o); n = o = None',
    'subscript': 'n = [Node()]; refs.append(weakref.ref(n[0])); o = n[0]; n = o = None',
    'dict': 'n = {1: Node()}; refs.append(weakref.ref(n[1])); n[2] = n[1]; o = n[2]; n = o = None',
    'loop': 'n = [Node()]; refs.append(weakref.ref(n[0]))\n    for o in n: o.v = o\n    n = o = None',
    'items': 'n = {1: Node()}; refs.append(weakref.ref(n[1]))\n    for k, o in n.items(): o.v = o\n    n = o = None',
    'tuple': 'n = Node(); refs.append(weakref.ref(n)); o, p = n, n; n = (o, p); o, p = n; n = o = p = None',
    'method': 'n = Node(); refs.append(weakref.ref(n)); n.method(n); n = None',
    'builtin': 'n = Node(); refs.append(weakref.ref(n)); id(n); n = None',
    'closure': 'n = Node(); refs.append(weakref.ref(n)); o = lambda: n; o(); n = o = None',
    'comprehension': 'n = [Node()]; refs.append(weakref.ref(n[0])); [o for o in n]; n = None',
    'call': 'store(refs)',
}
WAIT = {
    'acquire': ('go = threading.Lock(); go.acquire()', 'go.acquire()', 'go.release()'),
    'timeout': ('go = threading.Lock(); go.acquire()', 'go.acquire(timeout=100)', 'go.release()'),
    'with': ('go = threading.Lock(); go.acquire()', '\n    with go: pass', 'go.release()'),
    'event': ('go = threading.Event()', 'go.wait()', 'go.set()'),
    'queue': ('go = queue.SimpleQueue()', 'go.get()', 'go.put(1)'),
    'recv': ('a, b = socket.socketpair()', 'b.recv(10)', 'a.send(b"1")'),
    'select': ('a, b = socket.socketpair()', 'select.select([b], [], [])', 'a.send(b"1")'),
    'read': ('a, b = os.pipe()', 'os.read(a, 10)', 'os.write(b, b"1")'),
    'readline': ('a, b = os.pipe(); f = open(a)', 'f.readline()', 'os.write(b, b"1\\n")'),
    'lines': ('a, b = os.pipe(); f = open(a)', '\n    for line in f: break', 'os.write(b, b"1\\n")'),
    'bytes': ('a, b = os.pipe(); f = open(a, "rb")', 'f.read(1)', 'os.write(b, b"1\\n")'),
}
def count(leave, wait):
    prepare, waits, wake = WAIT[wait]
    names = {**globals(), 'refs': []}
    exec(prepare, names)
    exec(f'def run():\n    ready.release()\n    {LEAVE[leave]}\n    {waits}', names)
    ready = names['ready'] = threading.Lock()
    ready.acquire()
    t = threading.Thread(target=names['run'])
    t.start()
    ready.acquire()
    end = time.monotonic() + 20
    while not names['refs'] and time.monotonic() < end: time.sleep(0.001)
    tries = 0
    while names['refs'][0]() is not None and tries < 4:
        time.sleep(0.002)
        gc.collect()
        tries += 1
    left = names['refs'][0]() is not None
    exec(wake, names)
    t.join()
    return left

for wait in WAIT:
    print(wait, [leave for leave in LEAVE if count(leave, wait)])
