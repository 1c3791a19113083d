# Names, classes, the shapes of their instances and code objects go when nothing refers to them.
import gc, marshal, os, sys, threading, weakref

# In builds with AddressSanitizer what was freed stays for a while: for a short one only.
if 'quarantine' not in os.environ.get('ASAN_OPTIONS', 'quarantine'):
    os.environ['ASAN_OPTIONS'] += ':quarantine_size_mb=1'
    os.execv(sys.executable, [sys.executable] + sys.argv)

scale = 1 if os.environ.get('HEDDLE_GC_STRESS') or os.environ.get('HEDDLE_STM_STRESS') else 20

def kilobytes():
    with open('/proc/self/status') as f:
        for line in f:
            if line.startswith('VmRSS'): return int(line.split()[1])

class Plain: pass
class Odd(int): pass

def names(i):
    for k in range(500): sys.intern('a name that is long enough to be seen in the size of the process %d %d' % (i, k))
def attributes(i):
    for o in Plain(), Odd(3):
        for k in range(60): setattr(o, 'attribute_%d_%d' % (i, k), k)
        assert vars(o)['attribute_%d_%d' % (i, 59)] == 59
def classes(i):
    for k in range(10):
        class A:
            def method(self): return self.x
        class B(A):
            __slots__ = ('y',)
        class C(int): pass
        b, c = B(), C(4)
        b.x, b.y, c.z = 1, 2, 3
        assert b.method() + b.y + c.z + c == 10
def programs(i):
    space = {}
    exec('class T: value_%d = %d\ndef f_%d(t): return t.value_%d + t.value_%d\nresult = f_%d(T())' % (i, i, i, i, i, i), space)
    assert space['result'] == 2 * i
def code_bytes(i):
    for k in range(2): marshal.loads(marshal.dumps(compile(('a_%d.b + %d\n' % (i, k)) * 1000, 'f', 'exec'))).co_code
def subclasses(i):
    for k in range(20): type('S%d_%d' % (i, k), (Plain,), {'n': k})().n

for f in names, attributes, classes, programs, code_bytes, subclasses:
    for i in range(2 * scale): f(i)
    gc.collect()
    before = kilobytes()
    for i in range(2 * scale, 12 * scale): f(i)
    gc.collect()
    grown = kilobytes() - before
    print(f.__name__, grown < 11000 or grown)
gc.collect()
print(len(Plain.__subclasses__()) < 5)

# What is in use stays what it is while others come and go.
kept = [Plain() for i in range(50)]
for i, o in enumerate(kept): setattr(o, 'own_%d' % i, i); o.common = -i; o.weak = weakref.ref(o)
words = [sys.intern('word %d' % i) for i in range(200)]
def work(n):
    for i in range(3 * scale):
        attributes(1000 * n + i); classes(i); programs(1000 * n + i)
        assert [getattr(o, 'own_%d' % k) for k, o in enumerate(kept)] == list(range(50))
        assert all(sys.intern('word %d' % k) is words[k] for k in range(200))
        if i % 5 == 0: gc.collect()
threads = [threading.Thread(target=work, args=(n,)) for n in range(3)]
for t in threads: t.start()
for t in threads: t.join()
print(all(o.common == -i and o.weak() is o and list(vars(o)) == ['own_%d' % i, 'common', 'weak'] for i, o in enumerate(kept)))
word = ''.join(['some', ' ', 'word'])
print(sys.intern(word) is word, sys.intern('some' + chr(32) + 'word') is word)
r = weakref.ref(compile('x.y', 'f', 'eval')); gc.collect(); print(r())
