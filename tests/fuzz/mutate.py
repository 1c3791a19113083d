"""Cases made by damaging good ones: sources of the standard library, compiled code, marshal and pickle data, short texts."""
import collections
import io
import json
import marshal
import os
import pickle
import re
import struct
import sysconfig
import textwrap
import time
import types
import warnings

warnings.simplefilter("ignore")


def damage(rng, data, others, most=8):
    """`data` (bytes or str) with a few random changes; `others`: where pieces are taken from."""
    def unit():
        if isinstance(data, bytes): return bytes([rng.choice((0, 1, 0x7f, 0x80, 0xff, rng.randrange(256)))])
        return rng.choice(("\0", "\n", "(", ")", "{", "}", "'", '"', "\\", "é", "\ud800", "\U0001f600", "٣", chr(rng.randrange(32, 127))))
    for _ in range(rng.randint(1, most)):
        at, n, change = rng.randint(0, len(data)), rng.choice((1, 1, 2, 4, 8, 100)), rng.randrange(8)
        if change == 0: data = data[:at]
        elif change == 1: data = data[:at] + data[at + n:]
        elif change == 2: data = data[:at] + data[at:at + n] * rng.choice((2, 3, 50)) + data[at + n:]
        elif change == 3: data = data[:at] + unit() * rng.choice((1, 1, 4)) + data[at:]
        elif change == 4:
            other = rng.choice(others)
            start = rng.randint(0, len(other))
            data = data[:at] + other[start:start + n] + data[at:]
        elif change == 5 and isinstance(data, bytes) and at < len(data): data = data[:at] + bytes([data[at] ^ 1 << rng.randrange(8)]) + data[at + 1:]
        else: data = data[:at] + unit() + data[at + 1:]
    return data


def outcome(f, text=True):
    """What f() does, in words; errors with their messages if `text`."""
    try: r = f()
    except SyntaxError as e: return f"{type(e).__name__} {e.msg} {e.lineno} {e.offset}"
    except Exception as e: return f"{type(e).__name__} {e}" if text or isinstance(e, SystemError) else type(e).__name__
    return type(r).__name__


class Source:
    """Pieces of modules, a few lines long: compiled, and the tree made and shown again."""
    COMPARED = True
    pieces = []

    @classmethod
    def make(cls, rng):
        if not cls.pieces:
            library = sysconfig.get_path("stdlib")
            for name in sorted(os.listdir(library)):
                if name.endswith(".py"):
                    with open(os.path.join(library, name), encoding="utf-8") as f: cls.pieces.append(f.read().split("\n"))
        lines = rng.choice(cls.pieces)
        start = rng.randrange(len(lines))
        text = textwrap.dedent("\n".join(lines[start:start + rng.choice((1, 3, 10, 40))])) + "\n"
        text = damage(rng, text, ["\n".join(rng.choice(cls.pieces))[:20000]], 4)
        return text.encode("utf-8", "replace") if rng.random() < 0.2 else text

    @staticmethod
    def run(text):
        return [outcome(lambda: compile(text, "f", mode, 0, True)) for mode in ("exec", "eval", "single")]

    @staticmethod
    def coarse(result): return re.sub(r"Syntax\w+ .*?(?=['\"], ['\"]|['\"]\]$)", "SyntaxError", result)


def sample(rng, depth=0):
    """A random value of the types that can be stored."""
    kind = rng.randrange(14 if depth < 4 else 8)
    if kind == 0: return rng.choice((None, True, False, Ellipsis))
    if kind == 1: return rng.choice((0, 1, -1, 255, 256, 65536, 1 << 31, -1 << 31, 1 << 63, 1 << 200, -1 << 100, rng.randrange(1 << 40)))
    if kind == 2: return rng.choice((0.0, -0.0, 1.5, 1e308, float("inf"), float("nan"), 5e-324))
    if kind == 3: return complex(rng.random(), -rng.random())
    if kind == 4: return "".join(rng.choice("ab\0é€😀\ud800") for _ in range(rng.choice((0, 1, 5, 300))))
    if kind == 5: return bytes(rng.randrange(256) for _ in range(rng.choice((0, 1, 5, 300))))
    if kind in (6, 7): return rng.choice(("name", "other", "x" * 100))
    items = [sample(rng, depth + 1) for _ in range(rng.choice((0, 1, 2, 5)))]
    if kind in (8, 9): return items
    if kind in (10, 11): return tuple(items)
    if kind == 12: return {str(i): v for i, v in enumerate(items)}
    return frozenset(i for i in items if isinstance(i, (int, str, bytes, float)))


PROGRAM = """
def f(a, b=2, *c, d=4, **e):
    x = [i + b for i in range(a)]
    try:
        while x: x.pop()
    except (ValueError, IndexError) as z: return z
    finally: b = {"k": a, **e}
    return lambda: (x, f"{a!r:>{b['k']}}", b)
class C:
    y: int = 3
    def g(self):
        for v in self: yield from (v, self.y)
    def __iter__(self): return iter((1, 2, 3))
async def h():
    async with h() as k: await k
    async for m in h(): match m:
        case {"a": 1, **r}: return r
        case [1, *s] | C(y=s): print(s)
result = f(2)(), list(C().g())
"""


class Code:
    """Damaged compiled code: loaded, looked at, and run where it is a program without effects."""
    COMPARED = False
    stored = []

    @classmethod
    def make(cls, rng):
        if not cls.stored:
            text = PROGRAM.replace("async for m in h(): match m:\n", "async for m in h():\n      match m:\n")
            text = re.sub(r"^        (case)", r"        \1", text, flags=re.M)
            cls.stored.append(marshal.dumps(compile(text, "p", "exec")))
            cls.stored.append(marshal.dumps(compile("result = sorted({1: 'a', 2.5: b'b', (1, 2): None})[:1] if 0 else [-x for x in (3, 1 << 70)]", "p", "exec")))
        return damage(rng, rng.choice(cls.stored), cls.stored, 3)

    @staticmethod
    def look(code):
        for v in code.co_consts:
            if isinstance(v, types.CodeType): Code.look(v)
        list(code.co_lines()), list(code.co_positions()), code.co_lnotab, repr(code), hash(code)
        code.replace(co_name="other") == code

    @classmethod
    def run(cls, data):
        def go():
            code = marshal.loads(data)
            if isinstance(code, types.CodeType):
                cls.look(code)
                marshal.loads(marshal.dumps(code)) == code
                try: exec(code, {"__builtins__": {"range": range, "ValueError": ValueError, "IndexError": IndexError, "__build_class__": __build_class__,
                                                  "iter": iter, "list": list, "sorted": sorted, "__name__": "m"}})
                except SystemError as e:
                    if "compiler's" not in str(e): raise
        return outcome(go)


class Marshal:
    """Damaged marshal data of values."""
    COMPARED = False

    @staticmethod
    def make(rng):
        data = marshal.dumps(sample(rng), rng.randrange(5))
        return data if rng.random() < 0.1 else damage(rng, data, [marshal.dumps(sample(rng))], 3)

    @staticmethod
    def run(data):
        return outcome(lambda: repr(marshal.loads(data)) and marshal.loads(memoryview(data)[:-1]))


class Point:
    def __init__(self, x): self.x = x
    def __reduce_ex__(self, protocol): return Point, (self.x,), {"y": self.x}, iter([1]), iter([("k", 2)])
    def append(self, v): self.v = v
    def __setitem__(self, k, v): self.w = k, v


class Pickle:
    """Damaged pickles, read with a class lookup that knows harmless names only."""
    COMPARED = False
    CLASSES = {c.__name__: c for c in (Point, set, frozenset, dict, list, tuple, complex, bytearray, collections.OrderedDict, collections.deque, str, bytes, int)}

    @classmethod
    def make(cls, rng):
        v = sample(rng)
        v = rng.choice((v, [v, v], Point(v), collections.OrderedDict(a=v), collections.deque([v]), {1, 2, 3}, bytearray(b"abc"), {"a": v, 1: v}, 10 ** 50))
        return rng.randrange(2), damage(rng, pickle.dumps(v, rng.randrange(6)), [pickle.dumps(sample(rng))], 4)

    @classmethod
    def run(cls, case):
        class Unpickler(pickle.Unpickler):
            def find_class(self, module, name):
                if name in cls.CLASSES: return cls.CLASSES[name]
                raise pickle.UnpicklingError("unknown name")
            if case[0]:
                def persistent_load(self, pid): return pid
        def go():
            v = Unpickler(io.BytesIO(case[1])).load()
            repr(v)
            pickle.dumps(v)
        return outcome(go)


TEXTS = ["{0.a[1]!r:>{1}}", "{:,.3f} {!s:^10} {x:%Y}", "%(a)-10.3s %5d %%", "%x %o %e %G %c %*.*f", "%Y-%m-%dT%H:%M:%S.%f%z", '{"a": [1, 2.5e3, null], "b": "\\u00e9\\ud83d"}',
         r"(?P<n>a+?|[^b-\w])(?=\1)*{2,3}(?:x|(?i:y))$", r"\d+(?<!ab)[\]\-a]*?(?(1)x|y)\Z", "1_000.5e-10j", "0x1.8p3", "  -0b10_1 ", "<3I2s?q", "2024-02-29 12:30:15+05:30"]


class Text:
    """Damaged small languages: format strings, patterns, JSON, numbers, structs, dates."""
    COMPARED = False

    @staticmethod
    def make(rng): return damage(rng, rng.choice(TEXTS), TEXTS, 5)

    @staticmethod
    def run(text):
        def pattern():
            p = re.compile(text)
            p.search("aab xy\n-]1"), p.sub(r"<\g<0>>", "abxy"), repr(p)
        bounded = not re.search(r"\d{6}", text)          # no fields of gigabytes
        steps = [lambda: json.loads(text), pattern, lambda: int(text, 0), lambda: float(text), lambda: complex(text), lambda: float.fromhex(text),
                 lambda: time.strptime("2024-01-02", text), lambda: text.encode().decode("unicode_escape"), lambda: text.encode("utf-7", "replace").decode("utf-7"),
                 lambda: text.encode("idna")]
        if bounded:
            steps += [lambda: text.format([1, 2], 5, x=3), lambda: text % (1, 2, 3), lambda: text % {"a": 1}, lambda: format(3, text), lambda: format(1.5, text),
                      lambda: format("s", text), lambda: struct.unpack(text, bytes(32)), lambda: struct.pack(text, 1, 2, 3), lambda: time.strftime(text)]
        return [outcome(f, False) for f in steps]


KINDS = {"source": Source, "code": Code, "marshal": Marshal, "pickle": Pickle, "text": Text}
