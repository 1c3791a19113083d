# "Did you mean", keywords that are not mangled, patterns that always match, trees that are refused.
import ast, io, sys, collections.abc


def show(f):
    old, sys.stderr = sys.stderr, io.StringIO()
    try:
        try: f()
        except Exception: sys.__excepthook__(*sys.exc_info())
        print(sys.stderr.getvalue().splitlines()[-1])
    finally: sys.stderr = old


class Thing:
    colour = 1
    shape = 2
    def __getattr__(self, name): raise AttributeError


def local():
    number = 1
    return numbre


show(lambda: Thing.color)
show(lambda: Thing().shap)
show(local)
show(lambda: prnt)
show(lambda: collections.abc.Sequnce)
show(lambda: qqqqqqqqqq)


def named(*a, **k): return k
class Private:
    def m(self, *, __x=0): return __x
    def n(self): return named(__a=1), named(*(), __b=2), self.m(_Private__x=3)
print(Private().n())
for s in ("match x:\n case 1 | y: pass\n case 2: pass", "match x:\n case (_) | 1: pass", "match x:\n case f'': pass", "[i for x in (lambda: (j := 1))()]",
          "def f():\n global y\ny: int = 1", "'\\\u20ac'"):
    try: print(compile(s, "s", "exec").co_name)
    except SyntaxError as e: print(e.msg, e.lineno, e.offset)
space = {}
exec("x = 1\ndef f():\n global x\n return x\nprint(f())", space, {})
class Old: pass
class Young(Old): pass
collections.abc.Mapping.register(Old)
class Both(collections.abc.Sequence, dict):
    __getitem__ = __len__ = lambda *a: 0
for o in (Old(), Young(), Both()):
    match o:
        case [*_]: print("sequence")
        case {}: print("mapping")
for tree in (ast.Expression(ast.Name("x", ast.Store())), ast.Expression(ast.Name("True", ast.Load())), ast.Expression(ast.Set([None])),
             ast.Expression(ast.Constant((1, frozenset([int]))))):
    try: compile(ast.fix_missing_locations(tree), "t", "eval")
    except (ValueError, TypeError) as e: print(type(e).__name__, e)
tree = ast.parse("a = 1"); tree.body[0].end_lineno = -1
try: compile(tree, "t", "exec")
except ValueError as e: print(e)
def changed():
    exec("z = dir()", globals(), m)
    return m.got
class M:
    def __getitem__(self, k): raise KeyError
    def __setitem__(self, k, v): self.got = v
    def keys(self): return ["y", "x"]
m = M(); m.__class__.__getitem__ = lambda self, k: {"dir": dir}[k]; print(changed())
