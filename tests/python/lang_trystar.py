def f(eg):
    r = []
    try:
        try:
            if eg: raise eg
        except* ValueError as e: r.append(('V', [repr(x) for x in e.exceptions]))
        except* (KeyError, OSError) as e: r.append(('K', [repr(x) for x in e.exceptions]))
        else: r.append('else')
        finally: r.append('finally')
    except BaseException as e:
        r.append(('out', type(e).__name__, [repr(x) for x in getattr(e, 'exceptions', ())]))
    return r
print(f(None))
print(f(ValueError(1)))
print(f(ExceptionGroup('g', [ValueError(1), KeyError(2)])))
print(f(ExceptionGroup('g', [ValueError(1), TypeError(2), ExceptionGroup('h', [OSError(3), ValueError(4)])])))
print(f(TypeError(5)))
def g():
    try:
        try: raise ExceptionGroup('g', [ValueError(1), KeyError(2)])
        except* ValueError: raise RuntimeError('r')
        except* KeyError as k: pass
    except* RuntimeError as e:
        print([repr(x) for x in e.exceptions])
g()
def h():
    try:
        try: raise ExceptionGroup('g', [ValueError(1), KeyError(2)])
        except* ValueError as e: raise
    except ExceptionGroup as e: print(repr(e))
h()
def loop():
    for i in range(2):
        try: raise ExceptionGroup('x', [ValueError(i)])
        except* ValueError as e:
            for j in range(3):
                if j: break
            print(i, j)
loop()
try:
    try: raise ValueError
    except* ExceptionGroup: pass
except TypeError as e: print(e)
