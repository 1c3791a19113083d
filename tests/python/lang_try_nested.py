# Ways out of nested blocks: every clean-up runs once and in order.
log = []
class M:
    def __init__(self, n): self.n = n
    def __enter__(self): log.append('+%s' % self.n); return self
    def __exit__(self, *a): log.append('-%s' % self.n); return False
def f(how):
    for i in range(2):
        try:
            with M('a'):
                try:
                    with M('b') as m, M('c'):
                        try:
                            if how == 'return': return i
                            if how == 'break': break
                            if how == 'continue': continue
                            if how == 'raise': raise ValueError(i)
                        finally: log.append('f1')
                except ValueError as e:
                    log.append(str(e))
                    if how == 'raise' and i: raise KeyError from e
                else: log.append('else')
                finally: log.append('f2')
        finally: log.append('f3')
    return 'end'
for how in 'return', 'break', 'continue', 'raise', 'none':
    log.clear()
    try: r = f(how)
    except KeyError as e: r = repr(e), repr(e.__cause__)
    print(how, r, log)
def g(n):
    try:
        try: return 'a'
        finally:
            if n == 1: return 'b'
            for i in range(3):
                try:
                    if i == n: break
                finally: log.append(i)
            while n:
                try: n -= 1; continue
                finally: log.append('w')
    finally: log.append('out')
for n in range(4):
    log.clear()
    print(g(n), log)
def h():
    for x in 1, 2, 3:
        try:
            try: 1 / 0
            except ZeroDivisionError: continue
            finally: log.append(x)
        finally:
            if x == 2: break
    return x
log.clear()
print(h(), log)
def exc_value(n):
    try: int('x')
    except ValueError as e:
        for i in range(3):
            try:
                if i == n: return i, str(e)[:7]
            except KeyError as e: pass
        else: return 'none', e.args[0][:7]
print(exc_value(1), exc_value(5))
