# Uncaught exceptions as they are printed: positions, chains, groups, repetition; traceback and frame objects.
import sys
class Out:
    def __init__(self): self.text = ''
    def write(self, s): self.text += s
    def flush(self): pass
def show(f, *a):
    try: f(*a)
    except BaseException as e:
        old, sys.stderr = sys.stderr, Out()
        try: sys.__excepthook__(type(e), e, e.__traceback__)
        finally: new, sys.stderr = sys.stderr, old
        print(new.text.replace(__file__, 'FILE'), end='')
    print('--')
def a(x): return 1 / x
def b(): return a(0) + 1
show(b)
def c():
    d = {'k': [1, 2]}
    return d['k'][5] + 2
show(c)
def d():
    try: b()
    except ZeroDivisionError as e: raise ValueError('second') from e
show(d)
def e():
    try: b()
    except ZeroDivisionError: raise KeyError('during')
show(e)
def f():
    try: b()
    except ZeroDivisionError: raise KeyError('none') from None
show(f)
def r(n):
    if n == 0: raise RuntimeError('deep')
    r(n - 1)
show(r, 2); show(r, 10)
def g():
    raise ExceptionGroup('eg', [ValueError(1), TypeError('t'), ExceptionGroup('in', [KeyError(2)])])
show(g)
def h():
    x = ValueError('with\nlines')
    x.add_note('note 1'); x.add_note('note\n2')
    raise x
show(h)
class Err(Exception):
    def __str__(self): raise TypeError
def i(): raise Err
show(i)
def j():
    class Local(Exception): pass
    raise Local('x', 1)
show(j)
def k(): print(undefined_name)
show(k)
def l(): None.foo.bar
show(l)
def m(x): return x.attr[0].other(
    1, 2)
show(m, 1)
def n():
    aéé = 1; return aéé + 'ü'
show(n)
def o(): eval('1 +')
show(o)
def p(): compile('def f():\n  x = (\n', 'name.py', 'exec')
show(p)
def q():
    for z in (t for t in [1, 0]):
        a(z)
show(q)
def s():
    yield a(0)
show(lambda: list(s()))
def t(): raise SystemExit(3)
def u(x, *y):
    x(*y)   ;   x.foo
show(u, a, 0)
show(u, len, 'x')
try: b()
except ZeroDivisionError as x:
    tb = x.__traceback__
    while tb:
        print(tb.tb_lineno - tb.tb_frame.f_code.co_firstlineno if tb.tb_frame.f_code.co_name != '<module>' else 'module', tb.tb_frame.f_code.co_name, sorted(tb.tb_frame.f_locals)[:2] if tb.tb_frame.f_code.co_name != '<module>' else '')
        tb = tb.tb_next
def raiser():
    local = 5
    raise ValueError
try: raiser()
except ValueError as x:
    fr = x.__traceback__.tb_next.tb_frame
    print(fr.f_locals, fr.f_back is sys._getframe(), fr.f_code.co_name, fr.f_globals is globals())
    try: x.__traceback__.tb_next.tb_next = x.__traceback__
    except ValueError as y: print(y)
def again():
    try: a(0)
    except ZeroDivisionError: raise
try: again()
except ZeroDivisionError as x:
    n = 0; tb = x.__traceback__
    while tb: n += 1; tb = tb.tb_next
    print(n)
