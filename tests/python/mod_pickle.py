# The module _pickle against pickle's Python code: both ways, all protocols; errors, hooks, buffers, depth, threads.
import collections
import copyreg
import io
import pickle
import threading
import _pickle


def tell(f, *args, **kw):
    try:
        print(repr(f(*args, **kw)))
    except Exception as e:
        print(type(e).__name__, e)


class Plain:
    def __init__(self):
        self.items = [1, -1, 255, 256, 70000, 2 ** 31, -2 ** 63, 10 ** 40, 2.5, -0.0, 'text', '', 'e\u00e9\u4e2d\U0001f600\n\\', b'b\x00\xff', bytearray(b'ab'), None, True, False, ...,
                      (), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4), [], {}, {'k': [1]}, {3}, frozenset({4}), 1j, range(3), int, len, collections.OrderedDict, type(None)]
        self.me = self


class Slots:
    __slots__ = ('a', 'b')


class NewArgs(int):
    def __new__(cls, v, *, extra=None):
        self = int.__new__(cls, v)
        self.extra = extra
        return self

    def __getnewargs_ex__(self):
        return (int(self),), {'extra': self.extra}


class Seq(list):
    pass


class Outer:
    class Inner:
        pass


for proto in range(6):
    data = _pickle.dumps(Plain(), proto)
    for loads in (_pickle.loads, pickle._loads):
        o = loads(data)
        assert o.me is o
        assert repr(o.items) == repr(Plain().items), (proto, o.items)
    assert repr(_pickle.loads(pickle._dumps(Plain(), proto)).items) == repr(Plain().items)
    s = Slots()
    s.a = [s]
    if proto >= 2:
        s2 = _pickle.loads(_pickle.dumps(s, proto))
        assert s2.a[0] is s2 and not hasattr(s2, 'b')
        n = _pickle.loads(_pickle.dumps(NewArgs(5, extra='x'), proto))
        assert (n, n.extra) == (5, 'x')
    q = Seq([1, 2, 3])
    q.attr = q
    q2 = _pickle.loads(_pickle.dumps(q, proto))
    assert q2 == q and q2.attr is q2
    assert _pickle.loads(_pickle.dumps(Outer.Inner, proto)) is Outer.Inner
    big = {i: [str(i)] * 3 for i in range(3000)}
    assert _pickle.loads(_pickle.dumps(big, proto)) == big
    large = ['x' * 100000, b'y' * 200000, set(range(2500))]
    f = io.BytesIO()
    _pickle.dump(large, f, proto)
    _pickle.dump('next', f, proto)
    f.seek(0)
    assert _pickle.load(f) == large and _pickle.load(f) == 'next'
    f.seek(0)
    b = io.BufferedReader(f, 100)
    assert _pickle.load(b) == large and b.tell() and _pickle.load(b) == 'next'
    rec = ([],)
    rec[0].append(rec)
    assert _pickle.loads(_pickle.dumps(rec, proto))[0][0][0] is not rec
print('round trips')
for bad in (b'', b'.', b'0', b'1', b'K', b'K\x01', b'(.', b'N(.', b']a.', b't', b'\x80\x09.', b'\xff', b'?', b'h\x05.', b'g-1\n.', b'p-1\n.', b'Np-1\n.', b'X\xff\xff\xff\xff', b'\x8d' + b'\xff' * 8,
            b'S"abc\n.', b'Iabc\n.', b'Fabc\n.', b'cnosuchmodule\nx\n.', b"cbuiltins\nnosuch\n.", b'\x82\x00.', b'\x82\x07.', b'P1\n.', b'N}b.', b'(Nd.', b'}(Nu.', b'NR.', b'NN\x81.', b'\x97.', b'\x95' + b'\xff' * 8,
            b'\x8c\x01aN\x93.', b'\x8a\x01', b'L5L\n.', b'U\x03abc.', b'T\xff\xff\xff\xff.', b'I01\n.', b'I00\n.', b'(lI1\na.', b'(I1\nI2\nd.'):
    tell(_pickle.loads, bad)
try:
    _pickle.dumps(lambda: 0)
except pickle.PicklingError as e:
    print(str(e)[-40:])
tell(_pickle.dumps, [1], 6)
tell(_pickle.dumps, [1], 4, buffer_callback=print)
tell(_pickle.Pickler, 1)
tell(_pickle.Unpickler, 1)
deep = []
for i in range(100000):
    deep = [deep]
tell(_pickle.dumps, deep)
nested = b'(' * 20 + b'K\x01' + b't' * 20 + b'.'
tell(_pickle.loads, nested)


class P(_pickle.Pickler):
    def persistent_id(self, o):
        return 'id%d' % o if isinstance(o, int) else None

    def reducer_override(self, o):
        return (list, ('abc',)) if o is len else NotImplemented


class U(_pickle.Unpickler):
    def persistent_load(self, pid):
        return 'loaded ' + pid

    def find_class(self, module, name):
        print('find', module, name)
        return super().find_class(module, name)


for proto in range(6):
    f = io.BytesIO()
    P(f, proto).dump([5, 'x', len])
    print(U(io.BytesIO(f.getvalue())).load())
f = io.BytesIO()
p = _pickle.Pickler(f, 2)
p.dispatch_table = copyreg.dispatch_table.copy()
p.dispatch_table[Plain] = lambda o: (str, ('plain',))
p.dump(Plain())
print(_pickle.loads(f.getvalue()))
p.fast = True
cyclic = []
cyclic.append(cyclic)
try:
    p.dump(cyclic)
except ValueError as e:
    print(str(e)[:60])
buffers = []
array = bytearray(b'out of band')
data = _pickle.dumps([pickle.PickleBuffer(array), pickle.PickleBuffer(b'ro')], 5, buffer_callback=buffers.append)
back = _pickle.loads(data, buffers=buffers)
print(len(data) < 20, memoryview(back[0]).obj is array, memoryview(back[1]).readonly)
tell(_pickle.loads, data)
tell(_pickle.loads, data, buffers=[])
pb = pickle.PickleBuffer(array)
print(pb.raw().tobytes(), _pickle.loads(_pickle.dumps(pb, 5)))
pb.release()
tell(pb.raw)
tell(_pickle.dumps, pickle.PickleBuffer(b''), 4)
shared = [{'n': i, 'l': list(range(10))} for i in range(300)]
results = []


def work():
    for proto in (0, 2, 4):
        results.append(_pickle.loads(_pickle.dumps(shared, proto)) == shared)


threads = [threading.Thread(target=work) for _ in range(4)]
for t in threads:
    t.start()
for t in threads:
    t.join()
print(results.count(True))

# the quotes of protocol 0 strings end the line
for p in b"S'\n.", b"S' ' \n.", b"S''\n.", b"S'a\\n'\n.", b"S'a'\t\n.", b"S\n.":
    try:
        print(p, repr(pickle.loads(p)))
    except pickle.UnpicklingError as e:
        print(p, e)
