"""A storm of calls: methods and functions of all built-in types and modules with arguments that are wrong, huge or hostile.

A case is the text of a program: steps that make objects, call their methods by name and keep what comes out.  A hostile object
(`H` and the subclasses of built-in types) does something in each of its special methods, mostly to the object that is being
worked on, and then answers truly, or with a lie, or not at all.  Nothing may crash, hang or be a
SystemError; results are not compared, since how often an object is asked differs.  In `shared` three threads do the steps to the
same objects at once."""
import array
import ast
import asyncio
import binascii
import bisect
import builtins
import cmath
import codecs
import collections
import contextvars
import copy
import copyreg
import csv
import datetime
import functools
import gc
import heapq
import inspect
import io
import itertools
import json
import marshal
import math
import operator
import pickle
import queue
import random
import re
import string
import struct
import sys
import threading
import time
import types
import unicodedata
import warnings
import weakref
import zlib

warnings.simplefilter("ignore")

# ---- objects that do something when they are asked --------------------------------------------------------------------------------
UNSET = object()
left = [0]                          # how many more actions the running program may have: a program ends


class Boom(Exception): pass


def boom(): raise Boom


def act(h):
    if left[0] <= 0: return
    left[0] -= 1
    action = getattr(h, "action", None)
    if action is not None: action()


def items(h):
    for i in range(3):
        act(h)
        yield i


TRUE_ANSWERS = {
    "__eq__": lambda h, o=None: h is o, "__ne__": lambda h, o=None: h is not o, "__lt__": lambda h, o=None: id(h) < id(o), "__gt__": lambda h, o=None: id(h) > id(o),
    "__le__": lambda h, o=None: True, "__ge__": lambda h, o=None: True, "__hash__": lambda h: 7, "__index__": lambda h: 1, "__int__": lambda h: 2,
    "__float__": lambda h: 0.5, "__complex__": lambda h: 1j, "__len__": lambda h: 3, "__length_hint__": lambda h: 2, "__iter__": items, "__reversed__": items,
    "__next__": lambda h: next(h.counter), "__repr__": lambda h: "h", "__str__": lambda h: "H", "__bytes__": lambda h: b"h", "__format__": lambda h, s="": "hh",
    "__bool__": lambda h: True, "__contains__": lambda h, o=None: True, "__getitem__": lambda h, k=None: [1, 2, 3][k], "__setitem__": lambda h, *a: None,
    "__delitem__": lambda h, *a: None, "__call__": lambda h, *a, **k: (a[0] if a else 1), "__enter__": lambda h: h, "__exit__": lambda h, *a: None,
    "__fspath__": lambda h: "no/such", "__reduce_ex__": lambda h, p=0: (list, ()), "__copy__": lambda h: h, "__deepcopy__": lambda h, m=None: h,
    "__add__": lambda h, o=None: 1, "__radd__": lambda h, o=None: 1, "__iadd__": lambda h, o=None: h, "__sub__": lambda h, o=None: 1, "__rsub__": lambda h, o=None: 1,
    "__mul__": lambda h, o=None: 1, "__rmul__": lambda h, o=None: 1, "__imul__": lambda h, o=None: h, "__mod__": lambda h, o=None: 1, "__rmod__": lambda h, o=None: 1,
    "__and__": lambda h, o=None: 1, "__rand__": lambda h, o=None: 1, "__or__": lambda h, o=None: 1, "__ror__": lambda h, o=None: 1, "__ior__": lambda h, o=None: h,
    "__neg__": lambda h: 1, "__abs__": lambda h: 1, "__round__": lambda h, n=0: 1, "__trunc__": lambda h: 1, "__divmod__": lambda h, o=None: (1, 1),
    "__pow__": lambda h, *a: 1, "__rpow__": lambda h, *a: 1, "__missing__": lambda h, k=None: 1, "__instancecheck__": lambda h, o=None: True,
    "__subclasscheck__": lambda h, o=None: True, "__get__": lambda h, *a: h, "__set__": lambda h, *a: None, "__delete__": lambda h, *a: None,
    "__set_name__": lambda h, *a: None, "__class_getitem__": lambda h, *a: h, "__await__": items, "__aiter__": lambda h: h, "__del__": lambda h: None,
    "__mro_entries__": lambda h, b=None: (object,), "__prepare__": lambda h, *a: {}, "__dir__": lambda h: ["a", "b"], "__sizeof__": lambda h: 8, "__getstate__": lambda h: None,
    "keys": lambda h: ["a", "b"], "read": lambda h, n=-1: b"", "write": lambda h, b=b"": len(b), "readinto": lambda h, b: 0, "readline": lambda h, n=-1: b"",
    "readable": lambda h: True, "writable": lambda h: True, "seekable": lambda h: True, "flush": lambda h: None, "close": lambda h: None, "closed": lambda h: False,
    "utcoffset": lambda h, d=None: datetime.timedelta(0), "tzname": lambda h, d=None: "T", "dst": lambda h, d=None: None, "fileno": lambda h: 1 << 30}


def special(name):
    true = TRUE_ANSWERS[name]

    def method(h, *args, **keywords):
        act(h)
        answer = getattr(h, "answer", UNSET)
        return true(h, *args, **keywords) if answer is UNSET else answer
    return method


class H:
    """action: called in each special method, or None; answer: what they all answer, or UNSET; lacks: those that are not there."""
    def __new__(cls, action=None, answer=UNSET, only=None):
        names = TRUE_ANSWERS if only is None else [n for n in TRUE_ANSWERS if n in only]
        h = object.__new__(type("H", (H,), {n: special(n) for n in names if n != "__del__" or only}))
        h.counter = itertools.chain(range(4))
        h.action, h.answer = action, answer
        return h


def hostile_subclass(base, names, init=None):
    """A subclass of a built-in type with hostile special methods that else do what the base's do; made with the base's arguments."""
    def method(name):
        def hostile(self, *args, **keywords):
            act(self)
            answer = getattr(self, "answer", UNSET)
            return getattr(base, name)(self, *args, **keywords) if answer is UNSET else answer
        return hostile
    return type("H" + base.__name__, (base,), {n: method(n) for n in names if hasattr(base, n)})


COMMON = ["__eq__", "__lt__", "__hash__", "__len__", "__iter__", "__getitem__", "__setitem__", "__contains__", "__repr__", "__str__", "__index__", "__int__", "__float__", "__bool__",
          "__add__", "__mul__", "__mod__", "__or__", "__and__", "__sub__", "keys", "items", "get", "append", "copy", "__missing__", "__reduce_ex__", "__format__", "__call__", "__next__", "__getattribute__"]
SUBCLASSES = {"H" + b.__name__: hostile_subclass(b, COMMON[:-1]) for b in (
    list, dict, set, frozenset, tuple, str, bytes, bytearray, int, float, complex, collections.deque, collections.OrderedDict, collections.defaultdict, collections.Counter, array.array,
    io.BytesIO, io.StringIO, datetime.datetime, datetime.timedelta, datetime.date, property, functools.partial, random.Random)}


def hs(name, action, answer, *args):
    """An object of a hostile subclass."""
    o = SUBCLASSES[name](*args)
    o.action, o.answer = action, answer
    return o


class Plain:
    x = 1
    def __init__(self, *a, **k): self.a = a
    def m(self, *a): return len(a)


class Other(Plain): __slots__ = ("y",)


class Data:
    """A data descriptor, a slot and a property, to be found by name."""
    __slots__ = ("s", "__weakref__")
    p = property(lambda self: self.s, lambda self, v: setattr(self, "s", v))


def generator():
    x = yield 1
    try: yield x
    finally: yield 3


async def coroutine(): return 1


async def agenerator():
    yield 1
    yield 2


def function(a, b=1, *c, d=2, **e): return a


# ---- what objects the steps start from ----------------------------------------------------------------------------------------------
FACTORIES = """[] | [1, 2, 3] | [3, 'a', None, 1.5] | list(range(50)) | [[1], [2]] | ['b', 'a', 'c'] | [b'x', b'y'] | [1.5, -2.5] | () | (1, 2, 3) | ('a', 'b') | {} | {'a': 1, 'b': 2}
{i: str(i) for i in range(20)} | {1: {2: {3: 4}}} | set() | {1, 2, 3} | {'a'} | frozenset({1, 'b'}) | '' | 'abc' | 'a,b,c' | 'é€😀' | '{} {0} {a}' | '%s %d' | 'x' * 300 | ' 12 ' | b'' | b'abc' | b'a,b' | bytes(range(256))
bytearray() | bytearray(b'hello') | bytearray(range(100)) | memoryview(bytearray(b'abcdefgh')) | memoryview(b'abcdefgh') | memoryview(bytearray(16)).cast('i') | memoryview(bytearray(24)).cast('B', [2, 3, 4])
0 | 1 | -5 | 255 | 1 << 70 | True | 0.0 | 1.5 | float('nan') | float('inf') | 1j | None | ... | NotImplemented | slice(1, 2) | slice(None, None, -1) | range(10) | range(5, 0, -2)
iter([1, 2, 3]) | iter((1, 2)) | iter({1: 2}) | iter({1, 2}) | iter('abc') | iter(b'abc') | iter(range(5)) | iter(bytearray(b'abc')) | reversed([1, 2, 3]) | reversed({1: 2, 3: 4}) | iter(lambda: 1, 1)
{'a': 1, 'b': 2}.keys() | {'a': 1}.values() | {'a': 1, 2: 3}.items() | enumerate('abc') | zip('ab', [1, 2]) | map(str, [1, 2]) | filter(None, [0, 1]) | (i for i in range(3)) | generator() | coroutine() | agenerator()
Plain() | Plain(1) | Other() | Data() | Plain | Other | Data | type('T', (), {}) | type('T', (Plain,), {'z': 1}) | object() | object | type | int | str | list | dict | property | super(Other, Other()) | Plain().m | Plain.m | [].append | len | function | lambda *a, **k: a
ValueError('x') | KeyError('k') | OSError(2, 'no', 'f') | StopIteration(1) | UnicodeDecodeError('utf-8', b'a', 0, 1, 'r') | SyntaxError('m', ('f', 1, 2, 't')) | ExceptionGroup('g', [ValueError(1), TypeError(2)]) | BaseExceptionGroup('g', [KeyboardInterrupt()]) | AttributeError('a', name='n', obj=1)
property(lambda s: 1) | classmethod(function) | staticmethod(function) | functools.partial(function, 1, d=3) | functools.cmp_to_key(lambda a, b: 0)(1) | functools.lru_cache(maxsize=2)(lambda *a: a) | operator.itemgetter(1) | operator.attrgetter('a.b') | operator.methodcaller('m', 1)
types.SimpleNamespace(a=1) | types.MappingProxyType({'a': 1}) | types.CellType(1) | types.MethodType(function, 1) | types.ModuleType('m') | list[int] | int | str | function.__code__ | sys._getframe() | types.GenericAlias(list, (int,)) | dict[str, int] | int.__add__ | [].__len__ | dict.fromkeys | Data.s | int.real
collections.deque() | collections.deque([1, 2, 3]) | collections.deque([1, 2], 2) | collections.OrderedDict(a=1, b=2) | collections.defaultdict(list, {'a': [1]}) | collections.Counter('aab') | collections.ChainMap({'a': 1}) | collections.UserList([1]) | collections.namedtuple('N', 'a b')(1, 2)
iter(collections.deque([1, 2])) | iter(collections.OrderedDict(a=1)) | collections.OrderedDict(a=1, b=2).items() | array.array('i', [1, 2, 3]) | array.array('d', [1.5]) | array.array('b') | array.array('u', 'abc') | iter(array.array('i', [1]))
itertools.chain([1], [2]) | itertools.repeat(1, 3) | itertools.accumulate([1, 2]) | itertools.islice([1, 2, 3], 1, None) | itertools.tee([1, 2])[0] | itertools.groupby([1, 1, 2]) | itertools.product([1, 2], 'a') | itertools.permutations([1, 2, 3]) | itertools.combinations('abc', 2) | itertools.zip_longest([1], [2, 3]) | itertools.starmap(max, [(1, 2)]) | itertools.compress('ab', [1, 0]) | itertools.pairwise([1, 2, 3]) | itertools.takewhile(bool, [1, 0]) | itertools.combinations_with_replacement('ab', 2)
re.compile('a(b)?') | re.compile(b'a+') | re.compile('(?P<n>a|b)*').match('ab') | re.compile('a').finditer('aba') | re.compile('a').scanner('aba') | struct.Struct('<ih') | struct.Struct('3s').iter_unpack(b'abcdef') | weakref.ref(Plain) | weakref.proxy(Plain) | weakref.WeakSet() | weakref.WeakValueDictionary() | weakref.WeakKeyDictionary()
io.BytesIO(b'abc\\ndef') | io.StringIO('abc\\ndef') | io.TextIOWrapper(io.BytesIO(b'abc\\ndef')) | io.BufferedReader(io.BytesIO(b'abc')) | io.BufferedWriter(io.BytesIO()) | io.BufferedRandom(io.BytesIO(b'abc')) | io.BufferedRWPair(io.BytesIO(b'a'), io.BytesIO()) | io.IncrementalNewlineDecoder(None, True) | io.BytesIO(b'abc').getbuffer()
datetime.datetime(2024, 2, 29, 12, 30) | datetime.date(2024, 1, 1) | datetime.time(1, 2, 3) | datetime.timedelta(1, 2, 3) | datetime.timezone.utc | datetime.timezone(datetime.timedelta(hours=1)) | time.gmtime(0) | random.Random(1) | json.JSONEncoder() | json.JSONDecoder() | json.scanner.c_make_scanner(json.JSONDecoder())
pickle.Pickler(io.BytesIO()) | pickle.Unpickler(io.BytesIO(b'\\x80\\x04N.')) | csv.reader(['a,b', 'c']) | csv.writer(io.StringIO()) | zlib.compressobj() | zlib.decompressobj() | codecs.getincrementaldecoder('utf-8')() | codecs.getincrementalencoder('utf-16')() | codecs.getincrementaldecoder('shift_jis')() | codecs.lookup('utf-8') | contextvars.ContextVar('c') | contextvars.copy_context() | threading.local() | ast.parse('a = f(1)') | ast.Name('a', ast.Load()) | string.Formatter() | hashlib.md5(b'a') | hashlib.sha3_256() | unicodedata.ucd_3_2_0 | decimal.Decimal('1.5') | fractions.Fraction(1, 3) | zoneinfo.ZoneInfo('UTC') | bz2.BZ2Compressor() | lzma.LZMADecompressor() | xml.parsers.expat.ParserCreate() | symtable.symtable('x = 1', 'f', 'exec') | sys.flags | sys.version_info | sys.implementation"""
FACTORIES = [f.strip() for line in FACTORIES.split("\n") for f in line.split(" | ")]
import bz2, decimal, fractions, hashlib, lzma, symtable, xml.parsers.expat, zoneinfo

MODULES = {m.__name__: m for m in (builtins, array, binascii, bisect, cmath, codecs, collections, contextvars, copy, datetime, functools, heapq, itertools, json, marshal, math, operator, pickle,
           re, struct, sys, time, types, unicodedata, weakref, zlib, json.encoder, json.decoder, copyreg, ast, gc, string, hashlib, inspect, csv, random)}
# What is dangerous for the worker, waits, writes, or lasts as long as its arguments say.
EXCLUDED = set("""open input breakpoint breakpointhook __breakpointhook__ help print exit quit exec eval compile __import__ sleep clock_settime clock_settime_ns tzset
    setrecursionlimit settrace setprofile setdlopenflags setswitchinterval set_int_max_str_digits set_asyncgen_hooks set_coroutine_origin_tracking_depth call_tracing addaudithook
    displayhook excepthook unraisablehook __displayhook__ __excepthook__ __unraisablehook__ __interactivehook__ stdin stdout stderr __stdin__ __stdout__ __stderr__ _debugmallocstats
    _clear_type_cache _getframe _current_frames _current_exceptions path modules meta_path path_hooks path_importer_cache argv __loader__ __spec__ __builtins__
    True False None __debug__ freeze disable set_debug set_threshold callbacks get_objects get_referrers f_globals f_builtins f_back __globals__ __self__ __subclasses__
    _os _urandom main getsource getsourcelines getsourcefile getfile getmodule getdoc getcomments findsource getabsfile register register_error unregister
    factorial perm comb pow __pow__ __rpow__ __ipow__ ipow lshift ilshift __lshift__ __rlshift__ __ilshift__ count cycle repeat range randbytes getrandbits
    pbkdf2_hmac scrypt file_digest dispatch_table _extension_registry _inverted_registry _extension_cache __abstractmethods__""".split())
CONSTANTS = ["0", "1", "-1", "2", "3", "7", "-100", "255", "256", "1 << 31", "-1 << 31", "1 << 32", "sys.maxsize", "-sys.maxsize - 1", "1 << 63", "1 << 64", "-1 << 64", "1 << 200", "10 ** 30", "0.0", "-0.0", "1.5", "1e308", "float('inf')", "float('nan')",
             "True", "False", "None", "...", "''", "'a'", "'ab\\0c'", "'\\ud800'", "'é'", "'utf-8'", "'strict'", "'surrogateescape'", "'x' * 1000", "b''", "b'a'", "b'\\0\\xff'", "'i'", "'d'", "'__class__'", "'__dict__'", "'x'", "'a.b'", "'{0.a[1]!r:>{1}}'",
             "'%s %5.2f %(a)d'", "()", "(1,)", "[]", "{}", "[1, 2]", "{'a': 1}", "int", "str", "len", "list", "Plain", "UNSET", "lambda *a, **k: 1", "lambda a: a", "lambda a, b: 0", "boom", "ValueError", "ValueError()", "(int, str)", "slice(None)", "slice(0, 1 << 62, 2)",
             "slice(-1, None, -1)", "object()", "'pickle'", "b'\\x80\\x04N.'", "'[1, {\"a\": null}]'", "range(3)", "type", "'r'", "'rb'", "'2024-01-01'", "'%Y-%m-%d'"]
KEYWORDS = ["key", "default", "start", "stop", "step", "reverse", "maxsplit", "sep", "encoding", "errors", "maxlen", "initial", "strict", "fillvalue", "base", "end", "keepends", "protocol", "object_hook", "repeat", "n", "r", "lo", "hi", "count", "name", "obj", "file",
            "default_factory", "func", "iterable", "value", "index", "signed", "byteorder", "length", "cls", "indent", "sort_keys", "a", "last", "timeout", "block", "fold", "tzinfo", "year", "data", "wbits"]


def names_of(o):
    """{name: how many positional arguments it takes, or None}; those of all objects are half of what `Maker.name` takes."""
    return {n: arity(o, n) for n in sorted(dir(o)) if n not in EXCLUDED and not n.startswith("_abc")}


def arity(o, name):
    try: parameters = inspect.signature(getattr(o, name)).parameters.values()
    except Exception: return None
    positional = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    return (sum(p.default is p.empty for p in positional), len(positional))


OF_ALL = set(dir(object()))


class Maker:
    """Makes the text of one program."""
    def __init__(self, rng, hostile, names):
        self.rng, self.hostile, self.names, self.made = rng, hostile, names, []

    def known(self):
        """(expression, names of its attributes)"""
        return self.rng.choice(self.made) if self.made else ("len", {"__call__": (1, 1)})

    def action(self, target, deep):
        """The text of a function without arguments."""
        rng = self.rng
        kind = rng.randrange(12)
        if kind == 0: return "boom"
        if kind == 1: return "gc.collect"
        if kind == 2: return "None"
        expression, names = target if kind < 10 else self.known()
        if kind == 3: return f"lambda: {expression}.clear()"
        if kind == 4: return f"lambda: {expression}.__init__()"
        if kind == 5: return f"lambda: {expression}.__delitem__(slice(None))"
        return f"lambda: {self.call(expression, names, target, deep + 1)}"

    def argument(self, target, deep=0):
        rng = self.rng
        kind = rng.randrange(20 if self.hostile else 13)
        if kind < 6: return rng.choice(CONSTANTS)
        if kind < 9: return self.known()[0]
        if kind < 11: return rng.choice(FACTORIES)
        if kind == 11: return target[0]
        if kind == 12: return f"[{self.known()[0]}, {rng.choice(CONSTANTS)}]"
        if deep > 2: return rng.choice(CONSTANTS)
        answer = rng.choice(("UNSET", "UNSET", "UNSET", "UNSET", rng.choice(CONSTANTS), "NotImplemented", target[0]))
        if kind == 13:
            name = rng.choice(sorted(SUBCLASSES))
            first = {"Hlist": "[1, 2, 3]", "Hdict": "{'a': 1}", "Hset": "{1, 2}", "Hfrozenset": "{1}", "Htuple": "(1, 2)", "Hstr": "'abc'", "Hbytes": "b'abc'", "Hbytearray": "b'abc'", "Hint": "3", "Hfloat": "1.5", "Hcomplex": "1j",
                     "Hdeque": "[1, 2]", "HOrderedDict": "{'a': 1}", "Hdefaultdict": "list, {'a': 1}", "HCounter": "'aab'", "Harray": "'i', [1, 2]", "HBytesIO": "b'ab'", "HStringIO": "'ab'", "Hdatetime": "2024, 1, 1", "Htimedelta": "1",
                     "Hdate": "2024, 1, 1", "Hproperty": "len", "Hpartial": "len", "HRandom": "1"}[name]
            return f"hs({name!r}, {self.action(target, deep)}, {answer}, {first})"
        only = "None" if rng.random() < 0.4 else repr(tuple(rng.sample(sorted(TRUE_ANSWERS), rng.choice((1, 2, 5, 20)))))
        h = f"H({self.action(target, deep)}, {answer}, {only})"
        if kind < 17: return h
        other = rng.choice(CONSTANTS)
        return rng.choice((f"[{h}, {h}]", f"[{other}, {h}, {other}]", f"{{{h}: {other}}}", f"({h}, {other})", f"{{{h}, {other}}}", f"iter([{h}, {other}])", f"lambda *a, **k: {h}", f"{{'a': {h}, 'b': {h}}}", f"map({h}, [1, 2])", f"(({h}, 1), ({other}, 2))"))

    def name(self, names):
        own = [n for n in names if n not in OF_ALL]
        return self.rng.choice(own if own and self.rng.random() < 0.8 else list(names) or ["__init__"])

    def arguments(self, target, deep, takes=None):
        rng = self.rng
        n = rng.choice((0, 1, 1, 1, 2, 2, 3, 4)) if takes is None or rng.random() < 0.05 else rng.randint(*takes)
        parts = [self.argument(target, deep) for _ in range(n)]
        if rng.random() < 0.1: parts.append(f"{rng.choice(KEYWORDS)}={self.argument(target, deep)}")
        return ", ".join(parts)

    def call(self, expression, names, target, deep=0):
        rng = self.rng
        kind = rng.randrange(12)
        if kind == 0 and deep < 2: return f"setattr({expression}, {self.name(names)!r}, {self.argument(target, deep)})" if rng.random() < 0.7 else f"delattr({expression}, {self.name(names)!r})"
        if kind == 1:
            other = self.argument(target, deep)
            op = rng.choice(("+", "-", "*", "%", "//", "/", "|", "&", "^", "<", "==", "!=", ">=", "in", "is", "@", "and"))
            if op in "*": other = rng.choice(("2", "0", "-1", other if self.hostile and other.startswith("H(") else "3"))
            return f"({expression}) {op} ({other})"
        if kind == 2: return rng.choice(("[*{}]", "{}[{}]", "[*{}][:2]", "{}({})", "[a for a, *b in {}]", "f'{{{}!r:>3}}'", "repr({})", "hash({})", "str({})", "len({})", "sorted({})", "list(map({}, {}))", "copy.copy({})", "copy.deepcopy({})", "pickle.loads(pickle.dumps({}))",
            "json.dumps({})", "marshal.dumps({})", "max({})", "sum({}, start={})", "dict({})", "set({})", "bytes({})", "'%s' % {}", "'{{}}'.format({})", "isinstance({}, {})", "b''.join({})", "''.join({})", "int({})", "float({})", "min({}, key={})", "functools.reduce({}, {})",
            "dict(**{})", "Plain(*{})", "memoryview({})", "array.array('i', {})", "zip({}, {})", "next({})", "{}.__class__({})", "bisect.bisect({}, {})", "heapq.heappush({}, {})", "heapq.heapify({})", "re.sub('a', {}, {})", "struct.pack('<id', {}, {})",
            "bytearray({})", "gc.get_referents({})", "type('T', ({},), {})", "issubclass({}, {})", "{}.__reduce_ex__(4)", "sys.getsizeof({})", "types.CodeType({})", "asyncio.iscoroutine({})", "inspect.signature({})", "operator.itemgetter({})({})", "vars({})", "dir({})", "divmod({}, {})", "round({}, {})")).replace("{}", "\1").replace("{{\1!r:>3}}", "{\1!r:>3}").replace("'{{\1}}'", "'{}'").replace("\1", expression, 1).replace("\1", self.argument(target, deep))
        name = self.name(names)
        return f"{expression}.{name}({self.arguments(target, deep, names.get(name))})"

    def program(self, steps):
        rng, lines = self.rng, []
        for i in range(steps):
            if rng.random() < 0.3 or not self.made:
                text = rng.choice(FACTORIES)
                if self.hostile and rng.random() < 0.25: text = self.argument(self.made[-1] if self.made else ("r[0]", {"__init__": None}), 1)
                names = self.names(text)
                lines.append(f"s({i}, lambda: {text})")
                self.made.append((f"r[{i}]", names))
                continue
            if rng.random() < 0.15:
                module = rng.choice(sorted(MODULES))
                names = self.names(module)
                name = rng.choice(list(names))
                target = self.known()
                lines.append(f"s({i}, lambda: {'__import__(%r, None, None, 1).' % module if '.' in module else module + '.'}{name}({self.arguments(target, 0, names[name])}))")
                continue
            target = self.made[-1] if rng.random() < 0.6 else self.known()
            lines.append(f"s({i}, lambda: {self.call(*target, target)})")
        return "\n".join(lines) + "\n"


attributes = {}


def attributes_of(text):
    """The names of the attributes of what `text` makes, looked up once for each factory."""
    if text not in attributes:
        left[0] = 10
        try: value = MODULES.get(text) or eval(text, dict(globals(), r=[[]] * 100))
        except Exception: value = []
        attributes[text] = names_of(value) if text in FACTORIES or text in MODULES else names_of([])
    return attributes[text]


def kind_of(v):
    return type(v).__name__


def run_steps(text, results, kinds):
    def s(i, f):
        try: results[i] = f()
        except Exception as e: kinds.append(type(e).__name__ + (f" {e}" if isinstance(e, SystemError) else ""))
        except BaseException: kinds.append("exit")
        else: kinds.append(kind_of(results[i]))
    exec(compile(text, "storm", "exec"), dict(globals(), r=results, s=s))


class Storm:
    COMPARED = False

    @staticmethod
    def make(rng): return Maker(rng, True, attributes_of).program(rng.choice((5, 15, 40)))

    @staticmethod
    def run(text):
        left[0] = 60
        kinds = []
        run_steps(text, [None] * 100, kinds)
        left[0] = 0
        return [k for k in kinds if k.startswith("SystemError")] or len(kinds)


class Shared(Storm):
    @staticmethod
    def run(text):
        left[0] = 200
        results, kinds = [None] * 100, []
        threads = [threading.Thread(target=run_steps, args=(text, results, kinds)) for _ in range(3)]
        for t in threads: t.start()
        for t in threads: t.join()
        left[0] = 0
        return [k for k in kinds if k.startswith("SystemError")] or len(kinds)


KINDS = {"storm": Storm, "shared": Shared}
