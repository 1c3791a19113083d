# f_lineno in trace functions, and the lines that are reported.
import sys


def jump(f, start, target, *args):
    first, done, out = f.__code__.co_firstlineno, [], []

    def tracer(frame, event, arg):
        if frame.f_code is not f.__code__: return None
        if event == "line" and frame.f_lineno - first == start and not done:
            done.append(1)
            try: frame.f_lineno = first + target
            except ValueError as e: out.append(str(e))
        return tracer
    sys.settrace(tracer)
    try: f(out, *args)
    except BaseException as e: out.append(type(e).__name__)
    finally: sys.settrace(None)
    print(f.__name__, start, target, out)


def loops(out):
    out.append(1)
    for i in range(2):
        out.append(3)
        out.append(4)
    for j in [5]:
        out.append(6)
    out.append(7)


def handlers(out):
    try:
        1 / 0
    except ZeroDivisionError:
        out.append(4)
        out.append(sys.exc_info()[0] is None)
    out.append(sys.exc_info()[0] is None)


class Manager:
    def __init__(self, out): self.out = out
    def __enter__(self): self.out.append("in")
    def __exit__(self, *a): self.out.append("out")


def managers(out):
    out.append(1)
    with Manager(out):
        out.append(3)
    out.append(4)


def expression(out):
    out.append(1)
    out.extend([2,
                3,
                4])
    return out


for start, target in ((1, 3), (1, 7), (3, 7), (3, 2), (1, 100), (4, 3), (3, 0), (1, 6)): jump(loops, start, target)
for start, target in ((1, 4), (4, 6), (2, 5), (4, 1)): jump(handlers, start, target)
for start, target in ((1, 3), (3, 4), (1, 2)): jump(managers, start, target)
for start, target in ((1, 3), (1, 5)): jump(expression, start, target)


def lines(f, *args):
    first, out = f.__code__.co_firstlineno, []

    def tracer(frame, event, arg):
        if frame.f_code is f.__code__: out.append((event, frame.f_lineno - first))
        return tracer
    sys.settrace(tracer)
    try: f(*args)
    except ZeroDivisionError: pass
    finally: sys.settrace(None)
    print(f.__name__, out)


def leave(out):
    for i in range(3):
        with Manager(out):
            if i == 1:
                break
            continue


def returns(out):
    try:
        with Manager(out):
            return 3
    finally:
        out.append(5)


def implicit(x):
    if x:
        try:
            x = 1
        except ValueError:
            pass


def fails(x):
    try:
        1 / 0
    except ValueError:
        pass


def matches(x):
    match x:
        case 1:
            return 1
        case _:
            return 2


lines(leave, [])
lines(returns, [])
lines(implicit, 0)
lines(implicit, 1)
lines(fails, 1)
lines(matches, 1)
lines(matches, 2)
try: fails(1)
except ZeroDivisionError as e: print(e.__traceback__.tb_next.tb_frame.f_lineno - fails.__code__.co_firstlineno, e.__traceback__.tb_next.tb_lineno - fails.__code__.co_firstlineno)
