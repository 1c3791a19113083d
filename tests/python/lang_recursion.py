# Deep expressions and deep recursion end in exceptions.
def nest(n): return 'x = ' + '(' * n + '1' + ')' * n
for n in (50, 100):
    exec(nest(n))
for src in ('-' * 20000 + '1', '+'.join(['x'] * 20000), 'not ' * 20000 + '1', '[' * 5000 + ']' * 5000, 'x' + '.a' * 20000, 'x' + '()' * 20000, 'f(' * 5000 + ')' * 5000):
    try: compile(src, '<deep>', 'eval'); print('compiled')
    except (RecursionError, MemoryError, SyntaxError) as e: print('refused')
def inf(n): return inf(n + 1)
try: inf(0)
except RecursionError as e: print(e)
class R:
    def __getattr__(self, n): return getattr(self, n + 'x')
try: R().a
except RecursionError: print('RecursionError')
def gen(n):
    yield n
    yield from gen(n + 1)
try: list(gen(0))
except RecursionError: print('RecursionError')
import sys
def depth(n): return n if n == 0 else 1 + depth(n - 1)
print(depth(900))
old = sys.getrecursionlimit()
sys.setrecursionlimit(5000)
print(depth(4500))
sys.setrecursionlimit(old)
