# Frame objects, locals(), settrace and setprofile.
import sys
def f(a, b=2):
    c = a + b
    fr = sys._getframe()
    print(fr.f_code.co_name, fr.f_locals == {'a': a, 'b': b, 'c': c, 'fr': fr}, fr.f_lineno - fr.f_code.co_firstlineno, fr.f_back.f_code.co_name)
    return fr
fr = f(1)
print(sorted(fr.f_locals), fr.f_back is None or fr.f_back.f_code.co_name)
def outer():
    x = 1
    def inner():
        y = x
        return locals(), sys._getframe(1).f_locals['x']
    return inner()
print(outer())
class C:
    z = 3
    print(sorted(k for k in locals() if not k.startswith('__')), sys._getframe().f_locals is locals())
def depth(n): return sys._getframe(n).f_code.co_name
def caller(): return depth(1), depth(0)
print(caller())
try: sys._getframe(1000)
except ValueError as e: print(e)
def gen():
    v = 1
    yield sys._getframe()
    v = 2
    yield
g = gen(); gf = next(g)
print(gf.f_locals['v'], gf is g.gi_frame); next(g); print(gf.f_locals['v']); g.close(); print(g.gi_frame, gf.f_back)
def clear():
    big = [1]
    return sys._getframe()
q = clear(); q.clear(); print(q.f_locals)
try: sys._getframe().clear()
except RuntimeError as e: print(e)
events = []
def tracer(frame, event, arg):
    if frame.f_code.co_filename != __file__: return None
    events.append((frame.f_code.co_name, event, frame.f_lineno - frame.f_code.co_firstlineno, arg if event == 'return' else arg and arg[0].__name__))
    return tracer
def simple(n):
    t = 0
    for i in range(n):
        t += i
    if t:
        t = -t
    return t
def raising():
    try:
        1 / 0
    except ZeroDivisionError:
        pass
    return 'r'
def calls():
    simple(1)
    return raising()
def geny():
    yield 1
    yield 2
def usegen():
    for x in geny():
        pass
    return x
def whileloop():
    i = 0
    while i < 2:
        i += 1
def fails(): raise KeyError
def catches():
    try: fails()
    except KeyError: return 1
for fn in (lambda: simple(2), calls, usegen, whileloop, catches):
    events.clear()
    sys.settrace(tracer)
    fn()
    sys.settrace(None)
    for e in events: print(e)
    print('-')
def prof(frame, event, arg):
    if frame.f_code.co_filename == __file__ and event in ('call', 'return'): events.append((frame.f_code.co_name, event))
events.clear()
sys.setprofile(prof)
calls()
sys.setprofile(None)
print(events)
def change(frame, event, arg):
    if event == 'line' and 'k' in frame.f_locals: frame.f_trace_lines = False
    return change
def bad_trace(*a): raise ValueError('trace')
sys.settrace(bad_trace)
try: simple(1)
except ValueError as e: print(e, sys.gettrace())
def jump(frame, event, arg):
    if event == 'line' and frame.f_lineno == frame.f_code.co_firstlineno + 2:
        frame.f_lineno = frame.f_code.co_firstlineno + 4
    return jump
def jumped():
    a = 1
    a = 2
    a = 3
    return a
sys.settrace(jump); r = jumped(); sys.settrace(None); print(r)
