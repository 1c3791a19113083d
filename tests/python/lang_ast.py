# Syntax trees as objects: classes, conversion both ways, errors of trees that are not right.
import _ast
print(_ast.AST, _ast.Name.__doc__, _ast.Name._fields, _ast.expr._attributes, _ast.arg.annotation)
m = compile('x = 1 + y\ndef f(a, *b, c=2): return [i for i in b if a < c]\n', 'f', 'exec', 0x400)
print(type(m), m.body[0].targets[0].id, type(m.body[0].value.op).__name__, m.body[1].args.kwonlyargs[0].arg, m.body[1].lineno)
ns={'y':5}
exec(compile(m, 'f', 'exec'), ns)
print(ns['x'], ns['f'](1, 7, 8))
for f in (lambda: _ast.Name(1,2,3), lambda: _ast.Name('a',id='b'), lambda: compile(_ast.Module(),'f','exec'), lambda: compile(_ast.Module([],[]),'f','eval'), lambda: compile(_ast.Module([_ast.Expr(_ast.Name('x'))],[]),'f','exec'),lambda: compile(_ast.Module([_ast.Expr(5)],[]),'f','exec'), lambda: compile(_ast.Expression(_ast.Constant([1],lineno=1,col_offset=1)),'f','eval'), lambda:compile(_ast.Module([_ast.Expr(_ast.Name(5,_ast.Load(),lineno=1,col_offset=0),lineno=1,col_offset=0)],[]),'f','exec'), lambda: compile(_ast.Module(5,[]),'f','exec'), lambda: compile(_ast.Expression(_ast.Name('x',_ast.Store(),lineno=1,col_offset=1)),'f','eval'), lambda: compile(5,'f','exec'), lambda: compile(_ast.Expression(_ast.Name(lineno=1,col_offset=0,ctx=_ast.Load())),'f','eval'), lambda: compile(_ast.Module([_ast.Expr(None,lineno=1,col_offset=0)],[]),'f','exec'), lambda: compile(_ast.Module([_ast.If(_ast.Constant(1,lineno=1,col_offset=0),[],[],lineno=1,col_offset=0)],[]),'f','exec'),lambda: _ast.Name('a',bogus=1).bogus, lambda: compile(_ast.Name('x'),'f','exec')):
    try: print(f())
    except Exception as e: print(type(e).__name__,e)
print(_ast.Name('x').__reduce_ex__(2)[1:])
e = compile('(1, "a", b"x", 2.5, 1j, None, ..., True, -3, f"{x!r:>{y}}z")', 'f', 'eval', 0x400)
print([type(k).__name__ for k in e.body.elts], e.body.elts[9].values[0].conversion)
print(eval(compile(e,'f','eval'), {'x':1,'y':5}))
x = compile('match a:\n case {"k": [1, *r], **z} | C(q, w=None): pass\n case _: pass', 'f', 'exec', 0x400)
exec(compile(compile('try:\n  1/0\nexcept* ZeroDivisionError as q: print("eg")\nfinally: print("fin")\nwith open("/dev/null") as f, open("/dev/null"): pass\nasync def co():\n  async for x in y: await x\nlambda *, k=1: k\nx: int = 5\nglobal gg\nimport os.path as p\nfrom os import path', 'f', 'exec', 0x400), 'f', 'exec'), {})

import ast
print("# what compile() accepts of trees made by hand")
def attempt(node):
    try:
        compile(ast.fix_missing_locations(node), "s", "exec")
        print("ok")
    except (ValueError, TypeError) as e:
        print(type(e).__name__, e)
store = ast.Name("x", ast.Store())
def function(**given):
    fields = dict(posonlyargs=[], args=[], vararg=None, kwonlyargs=[], kw_defaults=[], kwarg=None, defaults=[])
    return ast.Module([ast.FunctionDef("f", ast.arguments(**(fields | given)), [ast.Pass()], [], None, None)], [])
attempt(function(kwonlyargs=[ast.arg("x", store)]))
attempt(function(kw_defaults=[ast.Name("x", ast.Load())]))
def value(v):
    return ast.Module([ast.Match(ast.Name("x", ast.Load()), [ast.match_case(ast.MatchValue(v), None, [ast.Pass()])])], [])
C, U, B = ast.Constant, ast.UnaryOp, ast.BinOp
for v in (U(ast.USub(), C(1)), U(ast.USub(), C(1j)), U(ast.USub(), C("s")), U(ast.Invert(), C(1)), B(C(1), ast.Add(), C(2j)), B(C(1), ast.Mult(), C(2j)),
          B(U(ast.USub(), C(1.5)), ast.Sub(), C(2j)), B(C(1j), ast.Add(), C(2j)), B(C(1), ast.Add(), C(2))):
    attempt(value(v))
handler = ast.ExceptHandler(ast.Name("E", ast.Store()), "e", [ast.Pass()])
attempt(ast.Module([ast.TryStar([ast.Pass()], [handler], [], [])], []))
class N(ast.Num):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.z = "more"
import warnings
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    print(N(42).n, N(n=43).n, N(1).z, type(ast.Num(1)).__name__)
