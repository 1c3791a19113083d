# C types, objects and functions through ctypes.
import ctypes
import gc
import pickle
import sys
import threading
import _ctypes
from ctypes import *


def tell(what, f, *args, **kw):
    try:
        print(what, f(*args, **kw))
    except Exception as e:
        print(what, type(e).__name__, e)


libc = CDLL(None, use_errno=True)


def simple():
    for t in (c_byte, c_ubyte, c_short, c_ushort, c_int, c_uint, c_long, c_ulong, c_longlong, c_ulonglong):
        print(t.__name__, sizeof(t), alignment(t), t(-1), t(2 ** 70 + 5).value, t.__ctype_be__ is t)
    print(c_float(1.1).value, c_double(1.1), c_longdouble(0.5), c_bool([]), c_bool("x"), c_char(b"x"), c_char(65), c_wchar("é"))
    print(c_char_p(b"abc").value, c_wchar_p("wide \U0001f600").value, c_char_p(None), c_void_p(0).value, c_void_p(12), bool(c_int(0)), bool(c_double(2)))
    print(py_object([1]).value)
    tell("no object", lambda: py_object().value)
    big, little = c_int.__ctype_be__(1), c_int.__ctype_le__(1)
    print(bytes(big), bytes(little), big.value, bytes(c_double.__ctype_be__(1.0)))
    for t, v in ((c_int, 1.5), (c_int, "a"), (c_char, b"ab"), (c_char, 300), (c_wchar, "ab"), (c_wchar, 1), (c_double, "x"), (c_char_p, "x"), (c_wchar_p, b""), (c_void_p, "x")):
        tell(t.__name__, t, v)
    tell("two", c_int, 1, 2)
    x = c_int(3)
    x.value += 4
    tell("delete", delattr, x, "value")
    print(x, x.__ctypes_from_outparam__(), hash is not None)
    tell("hash", hash, x)

    class Mine(c_int):
        "a subclass keeps its objects"
    print(Mine(3).value, Mine(3) == Mine(3), repr(Mine(3))[:8])
    for ns in ({}, {"_type_": 1}, {"_type_": "ab"}, {"_type_": "!"}):
        tell("code", type(c_int), "X", (_ctypes._SimpleCData,), ns)
    tell("abstract", _ctypes._SimpleCData)


def arrays():
    A = c_int * 4
    a = A(1, 2, 3)
    print(A.__name__, A is c_int * 4, len(a), list(a), a[-1], a[1:3], a[::-1], a[::2], sizeof(a), A._type_, A._length_)
    a[1:3] = [20, 30]
    a[-1] = 9
    print(a[:], 20 in a, sum(a))
    tell("index", a.__getitem__, 4)
    tell("index", a.__getitem__, "x")
    tell("store", a.__setitem__, 7, 1)
    tell("store", a.__setitem__, slice(0, 2), [1])
    tell("delete", a.__delitem__, 0)
    tell("many", A, 1, 2, 3, 4, 5)
    tell("negative", lambda: c_int * -1)
    tell("large", lambda: c_int * (2 ** 62))
    b = create_string_buffer(b"hello", 8)
    print(b.value, b.raw, b[0], b[1:4], sizeof(b))
    b.value = b"by"
    print(b.raw)
    b.raw = b"12345678"
    print(b.value)
    tell("long", setattr, b, "value", b"123456789")
    tell("long", setattr, b, "raw", b"123456789")
    tell("type", setattr, b, "value", "text")
    w = create_unicode_buffer("wörld", 7)
    print(w.value, w[:], sizeof(w), w[0:3])
    w.value = "x"
    print(w.value, repr(w[:3]))
    m = (c_short * 2 * 3)((1, 2), (3, 4), (5, 6))
    print([list(r) for r in m], memoryview(m).shape, memoryview(m).format, memoryview(m).tobytes())

    class Own(Array):
        _type_, _length_ = c_byte, 2
    print(list(Own(5)), Own.__mro__[1].__name__, list[int] is not None, Array[int])
    for ns in ({"_type_": c_int}, {"_length_": 2}, {"_length_": -1, "_type_": c_int}, {"_length_": "x", "_type_": c_int}, {"_length_": 1, "_type_": int}):
        tell("class", type(Array), "X", (Array,), ns)


def structures():
    class Point(Structure):
        _fields_ = [("x", c_int), ("y", c_double), ("name", c_char * 6), ("wide", c_wchar * 3)]
    p = Point(1, 2.5, b"abc", wide="é")
    print(p.x, p.y, p.name, p.wide, sizeof(Point), alignment(Point), Point.x, Point.y, Point.y.offset, Point.name.size)
    p.x, p.name = -7, b"123456"
    print(p.x, p.name, bytes(p)[:4])
    tell("long", setattr, p, "name", b"1234567")
    tell("long", setattr, p, "wide", "1234")
    tell("type", setattr, p, "x", "s")
    tell("delete", delattr, p, "x")
    tell("many", Point, 1, 2, b"", "", 5)
    tell("twice", Point, 1, x=2)
    print(Point(zz=3).zz)

    class Inner(Structure):
        _fields_ = [("a", c_byte), ("b", c_short)]

    class Outer(Structure):
        _fields_ = [("head", c_byte), ("inner", Inner), ("many", Inner * 2), ("next", POINTER(Inner))]
    o = Outer(1, (2, 3), ((4, 5), (6, 7)))
    print(o.inner.a, o.inner.b, o.many[1].b, sizeof(Outer), bool(o.next))
    i = o.inner
    i.b = 99
    o.next = pointer(o.many[0])
    o.next.contents.a = 44
    print(o.inner.b, o.many[0].a, i._b_base_ is o, o._b_base_)
    o.inner = Inner(8, 9)
    print(i.a, i.b)
    tell("other", setattr, o, "inner", Point())
    tell("other", setattr, o, "next", 5)
    o.next = None
    tell("null", lambda: o.next.contents)

    class Sub(Inner):
        _fields_ = [("c", c_int)]
    s = Sub(1, 2, 3)
    print(s.a, s.b, s.c, sizeof(Sub), Sub.c)

    class Packed(Structure):
        _pack_ = 1
        _fields_ = [("a", c_byte), ("b", c_int), ("c", c_short)]
    print(sizeof(Packed), Packed.b.offset, alignment(Packed))

    class Number(Union):
        _fields_ = [("i", c_int), ("f", c_float), ("b", c_ubyte * 4)]
    n = Number(f=1.0)
    print(hex(n.i), list(n.b), sizeof(Number))

    class Bits(Structure):
        _fields_ = [("a", c_int, 3), ("b", c_uint, 5), ("c", c_int, 20), ("d", c_longlong, 40)]
    b = Bits(-1, 17, -12345, 2 ** 39 + 3)
    print(b.a, b.b, b.c, b.d, sizeof(Bits), Bits.a, Bits.b, Bits.c.size)
    for desc in (("x", c_float, 3), ("x", c_int, 0), ("x", c_int, 33), ("x", int), ("x",), 5):
        tell("field", type(Structure), "X", (Structure,), {"_fields_": [desc]})

    class Anon(Structure):
        _anonymous_ = ["u"]
        _fields_ = [("kind", c_int), ("u", Number), ("tail", c_byte)]
    a = Anon(kind=1, i=0x40490fdb)
    print(round(a.f, 4), a.u.i == a.i, Anon.f.offset)
    tell("anonymous", type(Structure), "X", (Structure,), {"_anonymous_": ["q"], "_fields_": []})

    class Big(BigEndianStructure):
        _fields_ = [("a", c_short), ("b", c_int), ("bits", c_ushort, 4), ("rest", c_ushort, 12)]
    g = Big(1, 2, 3, 4)
    print(bytes(g), g.a, g.b, g.bits, g.rest)

    class Late(Structure):
        pass
    Late._fields_ = [("next", POINTER(Late)), ("v", c_int)]
    one, two = Late(v=1), Late(v=2)
    one.next = pointer(two)
    print(one.next.contents.v, sizeof(Late))
    tell("final", setattr, Late, "_fields_", [])
    tell("abstract", Structure)

    tell("pickle", pickle.dumps, one)
    print(memoryview(p).format, memoryview(b).format, memoryview(o).format[:20])


def pointers():
    x = c_int(42)
    p = pointer(x)
    P = POINTER(c_int)
    print(type(p) is P, P.__name__, p.contents, p[0], bool(p), bool(P()))
    p[0] = 7
    p.contents.value += 1
    print(x.value)
    a = (c_int * 5)(*range(5))
    q = cast(a, P)
    print(q[:3], q[3:0:-1], q[4])
    tell("stop", lambda: q[1:])
    q.contents = c_int(99)
    print(q[0], a[0])
    tell("type", P, 1)
    tell("null", lambda: P()[0])
    tell("class", _ctypes._Pointer)
    chars = cast(b"characters", POINTER(c_char))
    print(chars[:4], chars[0])
    print(cast(c_char_p(b"text"), c_void_p).value is not None, cast(cast(b"abc", c_void_p), c_char_p).value)
    tell("cast", cast, b"abc", c_int)
    later = POINTER("Later")
    tell("incomplete", later)
    print(later.__name__, POINTER(None) is c_void_p)
    r = byref(a, 8)
    print(type(r).__name__, r._obj is a, cast(r, P)[0])
    tell("byref", byref, 5)


def memory():
    buf = bytearray(8)
    n = c_int.from_buffer(buf, 4)
    n.value = 0x01020304
    print(buf)
    tell("locked", buf.append, 1)
    del n
    gc.collect()
    tell("read only", c_int.from_buffer, b"1234")
    tell("short", c_int.from_buffer, bytearray(2))
    tell("offset", c_int.from_buffer, bytearray(8), -1)
    print(c_int.from_buffer_copy(b"\1\0\0\0rest"))
    tell("short", (c_int * 3).from_buffer_copy, b"1234")
    x = c_int(5)
    y = c_int.from_address(addressof(x))
    y.value = 6
    print(x, y._b_needsfree_, x._b_needsfree_)
    s = create_string_buffer(b"abcdef")
    memset(s, ord("z"), 2)
    memmove(addressof(s) + 3, b"XY", 2)
    print(s.value, string_at(s), string_at(addressof(s) + 1, 3), wstring_at("wide", 2))
    small = (c_byte * 2)(1, 2)
    resize(small, 10)
    print(sizeof(small), list(small))
    tell("resize", resize, small, 1)
    tell("resize", resize, c_int.from_address(addressof(small)), 100)
    m = memoryview((c_int * 3)(1, 2, 3))
    m.cast("B")[0] = 77
    print(m.tolist() if m.format == "i" else m.format, m.nbytes, bytes(m)[:4])
    keep = (c_char_p * 2)(b"one", b"two")
    print(keep._objects, keep[1], sorted(pointer(x)._objects))
    tell("sizeof", sizeof, 5)
    tell("addressof", addressof, 5)


def functions():
    strlen = libc.strlen
    strlen.argtypes, strlen.restype = [c_char_p], c_size_t
    print(strlen(b"four"), strlen(c_char_p(b"x")), strlen.argtypes, strlen.restype)
    tell("type", strlen, "text")
    tell("few", strlen)
    tell("argtypes", setattr, strlen, "argtypes", [1])
    tell("restype", setattr, strlen, "restype", 5)
    print(libc.abs(-5), libc.toupper(ord("a")))
    tell("float", libc.abs, 1.5)
    tell("huge", libc.abs, 2 ** 80)
    sqrt = CDLL("libm.so.6").sqrt
    sqrt.argtypes, sqrt.restype = (c_double,), c_double
    print(sqrt(2), sqrt(4))
    out = create_string_buffer(64)
    print(libc.snprintf(out, sizeof(out), b"%d %s %.2f %c", 5, b"text", c_double(2.5), ord("!")), out.value)

    class Div(Structure):
        _fields_ = [("quot", c_int), ("rem", c_int)]
    libc.div.restype = Div
    d = libc.div(17, 5)
    print(d.quot, d.rem)
    libc.abs.restype = lambda v: "got %d" % v
    print(libc.abs(-3))
    libc.abs.restype = c_int
    libc.abs.errcheck = lambda result, func, args: (result, args)
    print(libc.abs(-4))
    del libc.abs.errcheck
    set_errno(0)
    print(libc.close(-1), get_errno(), set_errno(3), get_errno())
    proto = CFUNCTYPE(c_char_p, c_char_p, c_int)
    chr_ = proto(("strchr", libc), ((1, "text"), (1, "char", ord("a"))))
    print(chr_(b"banana"), chr_(b"banana", char=ord("n")), chr_(char=ord("x"), text=b"xy"))
    tell("missing", chr_)
    tell("extra", chr_, b"", 1, 2)
    frexp = CFUNCTYPE(c_double, c_double, POINTER(c_int))(("frexp", CDLL("libm.so.6")), ((1, "x"), (2, "exp")))
    print(frexp(8.0))
    p = CFUNCTYPE(c_int)
    print(bool(p()), repr(p())[:16], p._flags_, p._restype_)
    tell("handle", p, ("abs", 5))
    tell("flags", proto, ("strchr", libc), ((1, "a"),))

    class Par:
        _as_parameter_ = -12
    print(libc.abs(Par()), c_int.from_param(5), c_char_p.from_param(None))
    print(cast(CFUNCTYPE(c_int)(lambda: 1), c_void_p).value != 0)
    tell("param", c_int.from_param, "x")
    tell("library", CDLL, "no-such-library.so")


def callbacks():
    compare = CFUNCTYPE(c_int, POINTER(c_int), POINTER(c_int))
    a = (c_int * 6)(5, 3, 6, 1, 4, 2)
    calls = []

    @compare
    def by_value(x, y):
        calls.append(1)
        return x[0] - y[0]
    libc.qsort(a, len(a), sizeof(c_int), by_value)
    print(list(a), len(calls) > 5, by_value(pointer(c_int(3)), pointer(c_int(1))))
    kinds = CFUNCTYPE(c_double, c_byte, c_ushort, c_longlong, c_float, c_char_p, py_object, c_bool)
    print(kinds(lambda *a: (print(a), 1.5)[1])(-1, 65535, -2 ** 40, 0.5, b"str", [1], True))

    class Pair(Structure):
        _fields_ = [("a", c_int), ("b", c_double)]
    print(CFUNCTYPE(c_double, Pair)(lambda p: p.a + p.b)(Pair(1, 2.5)))
    print([CFUNCTYPE(t, t)(lambda v: v)(v) for t, v in ((c_byte, -5), (c_ubyte, 250), (c_short, -300), (c_ushort, 65000), (c_int, -7), (c_uint, 2 ** 32 - 1), (c_bool, 1), (c_float, 0.25))])
    hooks = []
    sys.unraisablehook = lambda u: hooks.append((u.exc_type.__name__, str(u.exc_value)))
    CFUNCTYPE(c_int)(lambda: 1 / 0)(), CFUNCTYPE(c_int)(lambda: "text")()
    sys.unraisablehook = sys.__unraisablehook__
    print(hooks)
    tell("result", CFUNCTYPE(Pair), print)
    tell("what", CFUNCTYPE(None), 1.5)
    f = CFUNCTYPE(c_int, c_int)(lambda n: n if n < 1 else f(n - 1) + 1)
    print(f(20))

    class Table(Structure):
        _fields_ = [("call", CFUNCTYPE(c_int, c_int))]
    t = Table(CFUNCTYPE(c_int, c_int)(lambda n: n * 3))
    gc.collect()
    print(t.call(14))
    print(PYFUNCTYPE(c_int, c_int)(lambda n: n + 1)(41))
    nested = CFUNCTYPE(c_int, c_int)(lambda n: libc.abs(n) + libc.abs(-n))
    print(nested(-4))


def threads():
    total = [0] * 4
    lock = threading.Lock()
    seen = []
    callback = CFUNCTYPE(c_int, c_int)(lambda n: n + 1)

    def work(k):
        for i in range(50):
            a = (c_int * 8)(*range(8, 0, -1))
            libc.qsort(a, 8, 4, order)
            total[k] = callback(total[k])
            if list(a) != list(range(1, 9)):
                seen.append(list(a))
    order = CFUNCTYPE(c_int, POINTER(c_int), POINTER(c_int))(lambda x, y: x[0] - y[0])
    ts = [threading.Thread(target=work, args=(k,)) for k in range(4)]
    [t.start() for t in ts], [t.join() for t in ts]
    print(total, seen)
    # A thread that only C knows calls back.
    pthread = CFUNCTYPE(c_void_p, c_void_p)
    names = []

    @pthread
    def start(arg):
        names.append((arg, threading.current_thread() is threading.main_thread()))
    for i in range(3):
        ident = c_ulong()
        libc.pthread_create(byref(ident), None, start, c_void_p(i + 1))
        libc.pthread_join(ident, None)
    print(names)


def api():
    pythonapi.PyBytes_FromStringAndSize.restype = py_object
    pythonapi.PyBytes_FromStringAndSize.argtypes = c_char_p, c_ssize_t
    print(pythonapi.PyBytes_FromStringAndSize(b"abcdef", 4))
    pythonapi.PyLong_AsLong.argtypes = (py_object,)
    print(pythonapi.PyLong_AsLong(42))
    tell("error", pythonapi.PyLong_AsLong, "x")
    view = pythonapi.PyMemoryView_FromMemory
    view.restype, view.argtypes = py_object, (c_void_p, c_ssize_t, c_int)
    buf = create_string_buffer(b"memory")
    v = view(buf, 6, 0x200)
    v[0] = ord("M")
    print(bytes(v), view(buf, 3, 0x100).readonly, buf.value)
    set_exc = pythonapi.PyThreadState_SetAsyncExc
    set_exc.argtypes = c_ulong, py_object

    class Stop(Exception):
        pass
    started, stopped = threading.Event(), []

    def loop():
        try:
            while True:
                started.set()
        except Stop:
            stopped.append(1)
    t = threading.Thread(target=loop)
    t.start()
    started.wait()
    print(set_exc(t.ident, Stop), set_exc(1, Stop))
    t.join(30)
    print(stopped)


for part in (simple, arrays, structures, pointers, memory, functions, callbacks, threads, api):
    print("--", part.__name__)
    part()

# A pointer has items without end: it says nothing about arguments.
class OneType:
    def __getitem__(self, i):
        if i: raise IndexError
        return c_int
f = CDLL(None).abs
for types in c_int(3), 5, [1], "ab", OneType(), pointer(c_int(3)) if sys.implementation.name == "heddle" else c_int(3):
    try:
        f.argtypes = types
        print(f.argtypes is types, f(-3))
    except TypeError as e:
        print(e)
