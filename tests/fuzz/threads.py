"""Programs of several threads: whatever the threads saw, and what is left in the end, must be what one thread could have done.

`blocks`: threads run blocks of statements on shared objects, each block under `with atomic:` or under locks.  The objects lie in
groups; each group has a counter that its blocks draw numbers from (or only look at), so the numbers order the blocks.  One
thread then runs all blocks in such an order on new objects: everything recorded, written and left must be the same.

`operations`: a few threads do a few single operations (such as `list.append`) or small blocks without counters, many times.
For each outcome that has not been seen before an order is searched, by running the operations in one thread.

A result is a text that starts with "wrong" if there is no such order.  Under CPython `atomic` is one lock: there nothing may be
wrong either, which checks the checker."""
import bisect, collections, contextlib, copy, dataclasses, functools, gc, heapq, io, itertools, json, operator, os, pickle, queue, random, struct, sys, threading, time, weakref
import array

from shared import HELPERS, KINDS as OBJECTS, Objects

MODULES = {m.__name__: m for m in (array, bisect, collections, contextlib, copy, dataclasses, functools, gc, heapq, io, itertools, json, operator, os, pickle, queue, random, struct, threading, time, weakref)}
try: from heddle import atomic
except ImportError:
    atomic = threading.RLock()
    sys.setswitchinterval(1e-5)
ATOMIC_IS_LOCK = isinstance(atomic, type(threading.RLock()))

USED_UP = "generator", "iterators", "queue", "random"       # to look at the state of these changes it
PATIENCE = 500                      # seconds for the threads of one case


def new_lock(kind):
    """CPython's atomic and the locks are one there: otherwise the order in which blocks take both could be a deadlock."""
    if ATOMIC_IS_LOCK: return threading.Condition(atomic) if kind == "Condition" else atomic
    return getattr(threading, kind)()


def indent(lines, by=4): return [" " * by + line for line in lines]


def stress(rng):
    """The environment of a worker: how its transactions and collections are disturbed."""
    env = {}
    how = rng.random()
    if how < 0.35: env["HEDDLE_STM_STRESS"] = f"abort={rng.choice(('0.001', '0.01', '0.05'))},seed={rng.randrange(1 << 16)}"
    elif how < 0.6: env["HEDDLE_STM_STRESS"] = f"schedule={rng.randrange(1 << 16)}"
    if rng.random() < 0.3: env["HEDDLE_GC_STRESS"] = rng.choice(("every=1000", "every=300", "every=100", "every=3000,verify"))
    if rng.random() < 0.5: env["HEDDLE_CONTEXTS"] = str(rng.choice((1, 2, 3, 4, 8)))
    return env


# -- what lies between blocks, unchecked ---------------------------------------------------------------------------------
NOISE = '''
noise_list, noise_dict, noise_object = [], {}, Thing()
def noise(kind, n):
    try:
        if kind == 0: noise_list.append(n); del noise_list[:-9]
        elif kind == 1: noise_dict[n % 9] = noise_dict.get(n % 7, 0) + 1
        elif kind == 2: setattr(noise_object, f"a{n % 20}", [n]); delattr(noise_object, f"a{n * 7 % 20}")
        elif kind == 3: gc.collect(n % 3)
        elif kind == 4: time.sleep(n / 1e6)
        elif kind == 5: [[m] * 3 for m in range(n * 10)]
        elif kind == 6: sum(m for m in range(n * 20))
        elif kind == 7: noise_dict.clear(); noise_list.sort(key=lambda m: -m)
        elif kind == 8: os.write(nowhere, b"x")
        elif kind == 9: weakref.finalize(Thing(), noise, 0, n)
        elif kind == 10: exec(f"def f(n):\\n  return n + {n}\\nf(1)", {})
        elif kind == 11:
            with contextlib.suppress(ValueError): raise ValueError
        elif kind == 12: thread = threading.Thread(target=noise, args=(n % 3, n)); thread.start(); thread.join()
        elif kind == 13: (lambda f: f(f, n))(lambda f, m: m and f(f, m - 1))
    except (AttributeError, KeyError, IndexError, RuntimeError, ValueError): pass
'''


class Writer:
    def __init__(self, rng):
        self.rng = rng

    def chance(self, p): return self.rng.random() < p

    # -- statements on some groups' objects --
    def statements(self, groups, depth=0, n=None):
        lines = []
        for _ in range(n or self.rng.randint(1, 3)): lines += self.statement(groups, depth)
        return lines

    def statement(self, groups, depth):
        g = self.rng.choice(groups)
        if depth > 2 or self.chance(0.6): return g.action()
        inner = lambda: indent(self.statements(groups, depth + 1))
        kind = self.rng.randrange(12)
        if kind == 0: return [f"x = (x + {g.number()}) % 256"]
        if kind == 1: return [f"for n{depth} in range({self.rng.randint(1, 5)}):", *inner()]
        if kind == 2: return [f"if {g.number()} % 2:", *inner(), "else:", *inner()]
        if kind == 3: return ["try:", *inner(), "    raise Stop", "except Stop:", *inner(), *(["finally:", *inner()] if self.chance(0.5) else [])]
        if kind == 4: return [f"def f{depth}(x):", f"    global {', '.join(self.bound)}", *inner(), "    return x", f"x = f{depth}(x)"]
        if kind == 5: return [f"def f{depth}(x):", f"    global {', '.join(self.bound)}", *inner(), "    yield x", *inner(), f"for x in f{depth}(x): pass"]
        if kind == 6: return ["with atomic:" if not self.replay_only_locks else "if True:", *inner()]
        if kind == 7: return ["with contextlib.ExitStack() as s:", "    s.callback(lambda: o.append(-1))", *inner()]
        if kind == 8 and not depth and self.chance(0.1): return self.long(g)
        if kind == 9: return [f"o.append([{g.number()} for _ in range(3)])"]
        if kind == 10: return [f"T.v = (T.v + {g.number()}) % 256", "x = T.v"]
        if kind == 11 and self.chance(0.15): return [self.rng.choice(("gc.collect(0)", "gc.collect()", "time.sleep(0)", "time.sleep(1e-5)"))]
        return g.action()

    def long(self, g):
        n = self.rng.choice((300, 1000, 10000))
        return [f"kept = [Thing(m) for m in range({n})]", "for m in kept: m.v += 1", *g.action(), f"o.append(sum(m.v for m in kept) == {n * (n + 1) // 2})"]


class Group(Objects):
    def __init__(self, rng, prefix):
        super().__init__(rng, prefix + "_", rng.sample(list(OBJECTS), rng.randint(1, 6)))
        self.letter = prefix
        self.lock = rng.choice((None, None, None, "Lock", "RLock", "Condition"))
        c = f"{prefix}_turn"
        self.turn, self.start, self.step = rng.choice((
            (c, f"{c} = 0", f"{c} += 1"), (f"{c}[0]", f"{c} = [0]", f"{c}[0] += 1"), (f"{c}.v", f"{c} = Thing()", f"{c}.v += 1"),
            (f"{c}['n']", f"{c} = {{'n': 0}}", f"{c}['n'] += 1"), (f"len({c})", f"{c} = []", f"{c}.append(None)")))
        self.bound.append(c)


class Blocks(Writer):
    def program(self):
        rng = self.rng
        self.groups = [Group(rng, p) for p in "abc"[:rng.choice((1, 1, 2, 2, 3))]]
        self.bound = sorted({b for g in self.groups for b in g.bound})
        lines = [HELPERS, NOISE]
        for g in self.groups:
            lines += [g.start, g.definition]
            if g.lock: lines.append(f"{g.letter}_lock = new_lock({g.lock!r})")
        n_blocks, n_threads = rng.randint(3, 10), rng.randint(2, 6)
        for i in range(n_blocks): lines += self.block(i)
        lines += ["def left():", "    return [", *(f"        ({name!r}, t(lambda: ({state}))),"for g in self.groups for name, state in g.state), "    ]"]
        plans = [[rng.randrange(n_blocks) for _ in range(rng.randint(5, 30))] for _ in range(n_threads)]
        lines.append(f"plans = {plans!r}")
        return "\n".join(lines) + "\n"

    def block(self, number):
        rng = self.rng
        groups = rng.sample(self.groups, rng.choice((1, 1, 1, 2, 3)[:len(self.groups) + 2]) if len(self.groups) > 1 else 1)
        self.replay_only_locks = False
        body = []
        looks = self.chance(0.15)
        draws = []
        for g in groups:
            draws.append([f"d.append(({g.letter!r}, {g.turn}, {not looks}))"] + ([] if looks else [g.step]))
        if looks:                                              # reads only
            actions = [line for g in groups for name, state in rng.sample(g.state, min(2, len(g.state))) if g.names[name] not in USED_UP
                       for line in (f"o.append(t(lambda: ({state})))",)]
        else: actions = self.statements(groups, n=rng.randint(1, 6))
        for draw in draws:                                     # first, last or between
            where = rng.choice(("first", "last", "middle"))
            if where == "first": body[:0] = draw
            else: body += draw
            if where == "middle" or draw is draws[-1]: body, actions = body + actions, []
        body += [f"trim({name})" for g in groups for name, k in g.names.items() if k == "list" and not looks]
        if self.chance(0.04) and not looks: body.append(f"os.write({groups[0].letter}_out, b'%d %d\\n' % ({number}, T.number))")
        if self.chance(0.3): body = ["x = T.v", *body, "T.v = x"]
        if self.chance(0.2): body.append("return x")
        # Locks outside or inside of atomic; without an atomic group, locks alone.
        locks = [f"{g.letter}_lock" for g in sorted(groups, key=lambda g: g.letter) if g.lock]
        under = [f"with {lock}:" for lock in locks]
        if not all(g.lock for g in groups) or self.chance(0.2): under.insert(rng.choice((0, len(under))), "with atomic:")
        for w in reversed(under): body = [w, *indent(body)]
        end = rng.randrange(6)
        if end == 0: body = ["try:", *indent(body), *indent(["raise Stop"]), "except Stop: pass"]
        elif end == 1: body = ["for _ in range(1):", *indent(body), "    continue"]
        elif end == 2: body = ["try:", *indent(body), "finally: x += 1"]
        before = [f"noise({rng.randrange(14)}, {rng.randrange(20)})"] if self.chance(0.3) else []
        return [f"def block{number}(o, d, T):", f"    global {', '.join(self.bound)}", "    x = 1", *indent(before), *indent(body)]


class Own:
    def __init__(self, number): self.number, self.v = number, 1


def world(code, groups, outs, own_noise=True):
    names = {**MODULES, "atomic": atomic, "new_lock": new_lock, "nowhere": nowhere}
    names.update(outs)
    names["__name__"] = "program"
    exec(code, names)
    return names


nowhere = os.open(os.devnull, os.O_WRONLY)


def pipes():
    made = {f"{letter}_out": os.pipe() for letter in "abc"}
    return {k: w for k, (r, w) in made.items()}, made


def written(made):
    """What lies in the pipes; closes them."""
    out = {}
    for k, (r, w) in made.items():
        os.close(w)
        out[k] = b""
        while data := os.read(r, 1 << 16): out[k] += data
        os.close(r)
    return out


def all_of(targets):
    """Runs functions in threads of their own, from a common start.  Returns what they raised."""
    raised, start = [], threading.Barrier(len(targets))
    def run(f):
        try:
            start.wait()
            f()
        except BaseException as e: raised.append(f"{type(e).__name__}: {e}")
    threads = [threading.Thread(target=run, args=(f,), daemon=True) for f in targets]
    for thread in threads: thread.start()
    end = time.monotonic() + PATIENCE
    for thread in threads: thread.join(max(0, end - time.monotonic()))
    if any(thread.is_alive() for thread in threads): raised.append("threads wait for ever")
    return raised


def order_of(logs):
    """An order of (thread, number) that agrees with each thread and with all drawn numbers, or a text that says why there is none."""
    n = [0] * len(logs)
    drawn, looked, after, before = {}, {}, {}, {}
    for thread, log in enumerate(logs):
        for number, (_, _, draws) in enumerate(log):
            node = thread, number
            before.setdefault(node, 0)
            if number: after.setdefault((thread, number - 1), []).append(node)
            for group, turn, wrote in draws:
                if wrote and (group, turn) in drawn: return f"{node} and {drawn[group, turn]} both drew {turn} of {group}"
                if wrote: drawn[group, turn] = node
                else: looked.setdefault((group, turn), []).append(node)
    for (group, turn), node in drawn.items():
        if turn and (group, turn - 1) not in drawn: return f"nobody drew {turn - 1} of {group}"
        if (group, turn + 1) in drawn: after.setdefault(node, []).append(drawn[group, turn + 1])
    for (group, turn), nodes in looked.items():
        for node in nodes:
            if (group, turn - 1) in drawn: after.setdefault(drawn[group, turn - 1], []).append(node)
            if (group, turn) in drawn: after.setdefault(node, []).append(drawn[group, turn])
    for nodes in after.values():
        for node in nodes: before[node] += 1
    ready, order = [node for node in before if not before[node]], []
    while ready:
        node = ready.pop()
        order.append(node)
        for other in after.get(node, ()):
            before[other] -= 1
            if not before[other]: ready.append(other)
    return order if len(order) == len(before) else "the numbers that blocks drew contradict each other"


class BlocksCase:
    COMPARED, LIMITED, RUN, SILENCE, environment = False, False, 50, PATIENCE + 100, staticmethod(stress)      # threads need room for stacks

    @staticmethod
    def make(rng): return Blocks(rng).program()

    @staticmethod
    def run(text):
        code = compile(text, "program", "exec")
        outs, made = pipes()
        names = world(code, None, outs)
        plans = names["plans"]
        logs = [[] for _ in plans]
        def thread(number):
            def run():
                own = Own(number)
                for step in plans[number]:
                    o, d = [], []
                    names[f"block{step}"](o, d, own)
                    logs[number].append((step, o, d))
            return run
        raised = all_of([thread(n) for n in range(len(plans))])
        if raised: return f"wrong: {raised}"
        left, seen = names["left"](), written(made)
        order = order_of(logs)
        if isinstance(order, str): return f"wrong: {order}"
        outs, made = pipes()
        names = world(code, None, outs)
        owns = [Own(n) for n in range(len(plans))]
        for place, (number, at) in enumerate(order):
            step, recorded, drawn = logs[number][at]
            o, d = [], []
            names[f"block{step}"](o, d, owns[number])
            if d != drawn or o != recorded:
                return f"wrong: block{step}, number {at} of thread {number}, {place} of {len(order)} in order, drew {drawn} and saw {recorded}; one thread {d} {o}"
        alone = names["left"]()
        wrong = [f"{a} is left, {b} by one thread" for a, b in zip(left, alone) if a != b]
        if wrong: return f"wrong: {'; '.join(wrong)}"
        if (lone := written(made)) != seen: return f"wrong: {seen} was written, {lone} by one thread"
        return f"{len(order)} blocks"

    @staticmethod
    def coarse(result): return result


# -- single operations -----------------------------------------------------------------------------------------------------
class Operations(Writer):
    def program(self):
        rng = self.rng
        self.replay_only_locks = False
        kinds = [k for k in OBJECTS if "! " in OBJECTS[k][2]]
        g = Objects(rng, "a_", rng.sample(kinds, rng.choice((1, 1, 1, 2, 2, 3))))
        g.values = ["{n}"]
        self.bound = g.bound
        n_threads = rng.choice((2, 2, 2, 3, 3, 4))
        n_each = {2: 4, 3: 3, 4: 2}[n_threads]
        few = {name: rng.sample(a, min(len(a), rng.randint(2, 5))) for name in g.names if (a := g.actions(name, True))}       # the same ones often: they meet
        lines = [HELPERS, "def reset():", f"    global {', '.join(self.bound)}", *indent(g.definition.split("\n"))]
        plans, number = [], 0
        for _ in range(n_threads):
            plan = []
            for _ in range(rng.randint(1, n_each)):
                if self.chance(0.25): body = ["with atomic:", *indent(self.statements([g], 2, rng.randint(1, 3)))]
                else:
                    name = rng.choice(list(few))
                    text = g.fill(rng.choice(few[name]), name)
                    if text.startswith("do "): body = ["try:", *indent(text[3:].split("\n")), "except Exception as e: o.append(f'{type(e).__name__}: {e}')"]
                    else: body = ["try:", f"    o.append({text})", "except Exception as e: o.append(f'{type(e).__name__}: {e}')"]
                lines += [f"def op{number}(o):", f"    global {', '.join(self.bound)}", "    x = 1; T = Thing()", *indent(body)]
                plan.append(number)
                number += 1
            plans.append(plan)
        lines += ["def left():", "    return [", *(f"        ({name!r}, t(lambda: ({state})))," for name, state in g.state), "    ]", f"plans = {plans!r}",
                  f"rounds, pauses = {rng.choice((20, 40, 80))}, {rng.choice((0, 0, 1))}"]
        return "\n".join(lines) + "\n"


def under_atomic(f):
    def g(o):
        with atomic: f(o)
    return g


class OperationsCase:
    COMPARED, LIMITED, RUN, SILENCE, environment = False, False, 50, PATIENCE + 100, staticmethod(stress)      # threads need room for stacks

    @staticmethod
    def make(rng): return Operations(rng).program()

    @staticmethod
    def run(text):
        names = world(compile(text, "program", "exec"), None, {})
        plans, pauses = names["plans"], names["pauses"]
        ops = {n: names[f"op{n}"] for plan in plans for n in plan}
        if ATOMIC_IS_LOCK and "    with atomic" in text: ops = {n: under_atomic(op) for n, op in ops.items()}
        gate = threading.Barrier(len(plans) + 1)
        seen, results = {}, [None] * len(plans)
        def thread(number):
            mine = [ops[n] for n in plans[number]]
            def run():
                for _ in range(names["rounds"]):
                    o = []
                    gate.wait(PATIENCE)
                    for op in mine:
                        op(o)
                        if pauses: time.sleep(0)
                    results[number] = o
                    gate.wait(PATIENCE)
            return run
        def judge():
            for _ in range(names["rounds"]):
                names["reset"]()
                gate.wait(PATIENCE)
                gate.wait(PATIENCE)
                outcome = repr((results, names["left"]()))
                seen[outcome] = seen.get(outcome, 0) + 1
        raised = all_of([judge, *(thread(n) for n in range(len(plans)))])
        if raised: return f"wrong: {raised}"
        possible = outcomes(names, plans, ops)
        if isinstance(possible, str): return possible
        for outcome in seen:
            if outcome not in possible: return f"wrong: {outcome} is none of {len(possible)} that orders of the operations give, such as {min(possible)}"
        return f"{len(seen)} of {len(possible)} outcomes"

    @staticmethod
    def coarse(result): return result


MOST = 4000                         # orders that are run, at most


def outcomes(names, plans, ops):
    """What all orders of the operations give.  Two orders that lead to the same state with the same records go on alike."""
    reset, left = names["reset"], names["left"]
    def run(order):
        reset()
        o, at = [[] for _ in plans], [0] * len(plans)
        for thread in order:
            ops[plans[thread][at[thread]]](o[thread])
            at[thread] += 1
        return at, repr((o, left()))
    todo, known, found, effort = [()], set(), set(), 0
    while todo:
        order = todo.pop()
        effort += 1
        if effort > MOST: return "too many orders"
        at, state = run(order)
        if (key := (tuple(at), state)) in known: continue
        known.add(key)
        ends = True
        for thread, plan in enumerate(plans):
            if at[thread] < len(plan): ends = False; todo.append((*order, thread))
        if ends: found.add(state)
    return found


KINDS = {"blocks": BlocksCase, "operations": OperationsCase}
