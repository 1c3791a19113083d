# compile() and ast in several threads, around code that lets transactions end: their C memory outlives every attempt.
import ast, warnings, threading
warnings.simplefilter('ignore')
class N(ast.Name):
    @property
    def id(self):
        for i in range(50): pass
        return 'x'
src = "\n".join("def f%d(a, b=%d): return a + b + '\\d' if a else lambda q: q * %d" % (i, i, i) for i in range(40))
def work():
    for r in range(15):
        t = ast.parse(src); compile(t, 'a', 'exec'); compile(src, 'b', 'exec')
        e = ast.Expression(ast.BinOp(N(ctx=ast.Load()), ast.Add(), N(ctx=ast.Load())))
        ast.fix_missing_locations(e)
        try: compile(e, 'c', 'eval')
        except TypeError as x: pass
        try: compile("x = = 1", 'd', 'exec')
        except SyntaxError: pass
        ast.unparse(t)
ts = [threading.Thread(target=work) for _ in range(3)]
[t.start() for t in ts]; [t.join() for t in ts]; print('ok')
