# ast.parse(feature_version=): older grammars; type comments; warnings about literals and what they are as errors.
import ast, warnings

def accepts(source, minor, **kw):
    try:
        ast.parse(source, feature_version=(3, minor), **kw)
        return True
    except SyntaxError as e:
        return e.msg

for first, source in [
    (5, "a @ b"), (5, "a @= b"), (5, "async def f(): await x"), (5, "async def f():\n    async for i in x: pass"),
    (5, "async def f():\n    async with x: pass"), (6, "async def f(): [i async for i in x]"), (6, "x: int"), (6, "x.y: int = 1"),
    (6, "1_000"), (6, "f'{x}'"), (8, "(a := 1)"), (8, "def f(a, /): pass"), (8, "f'{x=}'"), (9, "with (a as b): pass"),
    (10, "match x:\n    case 1: pass"), (11, "try: pass\nexcept* E: pass"),
]:
    print(repr(source), accepts(source, first), accepts(source, first - 1))
print(accepts("async = await = 1", 6), accepts("async = 1", 7))
print(accepts("async def f():\n    # type: () -> int\n    return await g()\nawait = 2", 6, type_comments=True))
print(accepts("def f():  # type: () -> int\n    # type: () -> str\n    pass", 8, type_comments=True))
t = ast.parse("for x in y:  # type: int\n    pass\nz = 1  # type: str", type_comments=True)
print(t.body[0].type_comment, t.body[1].type_comment)
t = ast.parse("(int, *str, **Any) -> List[float]", mode="func_type")
print([ast.unparse(a) for a in t.argtypes], ast.unparse(t.returns))
compile("x: int = f'{1_0}'", "s", "exec", _feature_version=3)      # counts for trees only
for flags in (1 << 8, 1 << 11, 1 << 25, -1):
    try:
        compile("1", "s", "eval", flags)
    except ValueError as e:
        print(e)

sources = ["1if x else y", "0x1for x in y", "(x,\n1if x else y)", "(\n '\\777')", "b'\\400'", "a+\\\n'\\q'", "1+f'\\777'", "'\\q' '\\w'", "f'{1}\\z'"]
for s in sources:
    with warnings.catch_warnings(record=True) as w:
        warnings.simplefilter("always")
        compile(s, "<s>", "eval")
    print([(x.category.__name__, str(x.message), x.lineno) for x in w])
warnings.simplefilter("error")
for s in sources:
    try:
        compile(s, "<s>", "eval")
    except SyntaxError as e:
        print(e.args)

import __future__, sys
for s in ("2 <> 3", "2 != 3"):
    try:
        compile(s, "<bdfl>", "eval", __future__.CO_FUTURE_BARRY_AS_BDFL)
        print("fine")
    except SyntaxError as e:
        print(e, e.offset)
sys.set_int_max_str_digits(1000)
compile("1" * 1000, "s", "eval")
try:
    compile("x = " + "1" * 1001, "s", "exec")
except SyntaxError as e:
    print(e)

print("# future imports, incomplete input, other texts")
for s in ('"doc"\n"no doc"\nfrom __future__ import division\n', "from __future__ import division; import sys; from __future__ import annotations",
          "from __future__ import division\n'x'\nfrom __future__ import annotations", "def f(*args: *b = (1,)): pass", "def f(*args: b = (1,)): pass"):
    try:
        compile(s, "s", "exec")
    except SyntaxError as e:
        print(e.msg, e.lineno, e.offset)
from codeop import compile_command
for s in "if 1:\n pass\n if 1:\n  pass\n else:", "def f():\n  def x():", "a b", "def f(): pass":
    try:
        print(compile_command(s))
    except SyntaxError as e:
        print(e.msg)
with warnings.catch_warnings(record=True) as w:
    warnings.simplefilter("always")
    print(eval(r"f'\{6*7}'"), [str(x.message) for x in w])
def f(**kw): pass
try:
    f(**{1: 3}, **{1: 5})
except TypeError as e:
    print(str(e).partition("f()")[2])
import subprocess
for args in (["-X", "no_debug_ranges"], []):
    r = subprocess.run([sys.executable, *args, "-c", "def f(): return 1 / 0\nprint(*{p[2] for p in f.__code__.co_positions()})\nf()"], capture_output=True, text=True)
    print(r.stdout.split()[0], r.stderr.count("^"))
