# Lines that trace functions see where there is little or nothing to run on them.
import sys


def run(f, *args):
    events = []

    def tracer(frame, event, arg):
        if frame.f_code.co_filename == __file__:
            events.append("%d%s" % (frame.f_lineno - f.__code__.co_firstlineno, {"line": "", "exception": "!"}.get(event, event[0])))
        return tracer
    sys.settrace(tracer)
    try:
        f(*args)
    except StopIteration:
        pass
    finally:
        sys.settrace(None)
    print(f.__name__, " ".join(events))


def bare_names(a=1):
    a
    b = 2
    b
    len
    ...
    (a)
    if a:
        a
    else:
        b
    return b


def constant_conditions():
    x = 1
    if 1:
        x = 2
    else:
        x = 3
    if 0:
        x = 4
    elif "yes":
        x = 5
    if not __debug__:
        x = 6


def bare_except():
    try:
        try:
            raise KeyError
        except:
            3
    except:
        pass
    finally:
        7


def endless():
    i = 0
    while 1:
        i += 1
        if i == 2:
            continue
        elif i > 3:
            break


def endless_one_line():
    i = iter([1, 2])
    try:
        while True: next(i)
    except StopIteration:
        pass


def one_line_loops():
    x = [i for i in range(3)]
    for i in x: pass
    for i in x: len(x)
    y = {k: v for k, v in {1: 2, 3: 4}.items()}
    for i in []: pass
    while x: x.pop()


def loops():
    for i in range(3):
        if i == 1:
            continue
        pass
    else:
        i = 5
    for j in (1, 2):
        for k in (3,):
            i += k
    while i:
        i = 0


class Manager:
    def __enter__(self): return self
    def __exit__(self, *exc): return False


def targets():
    with Manager() \
            as m:
        m
    with Manager() as a, \
            Manager() \
            as b:
        pass


async def numbers(n):
    for i in range(n):
        yield i


async def looping():
    async for i in numbers(2):
        if i > 10:
            break
    async for i in numbers(2): pass


def coroutine():
    looping().send(None)


for f in (bare_names, constant_conditions, bare_except, endless, endless_one_line, one_line_loops, loops, targets, coroutine):
    run(f)


def jumps(output, to):
    output.append(1)
    with Manager() \
            as m:
        output.append(4)
    output.append(5)


def jump(frame, event, arg):
    if event == "line" and frame.f_code is jumps.__code__ and frame.f_lineno == frame.f_code.co_firstlineno + 3:
        frame.f_lineno = frame.f_code.co_firstlineno + 5
    return jump


output = []
sys.settrace(jump)
jumps(output, 5)
sys.settrace(None)
print(output)
