"""Cases made from the grammar.

`tree`: any statements and expressions, sensible or not, compiled only; texts made from the tree are compiled again.
`program`: programs without effects that end after a bounded number of steps, run; what they print is compared."""
import ast
import re

NAMES = "a b c d e self x y".split()
ATOMS = ["0", "1", "(-1)", "(2)", "2.5", "1e100", "3j", "True", "None", "...", "'s'", "b'b'", "''", "'%s'", "(1 << 70)", "__debug__", "__name__"]
BINARY = "+ - * / // % ** << >> & | ^ @".split()
ADDRESS = "0(', '|.)?x"                      # perhaps letter by letter
COMPARE = ["<", ">", "==", ">=", "<=", "!=", "is", "is not", "in", "not in"]


class Writer:
    DEEPEST = 5

    def __init__(self, rng): self.rng, self.depth = rng, 0

    def any(self, *makers):
        """One of the makers, deeper ones less often."""
        self.depth += 1
        try: return self.rng.choice(makers if self.depth < self.DEEPEST else makers[:2])()
        finally: self.depth -= 1

    def name(self): return self.rng.choice(NAMES)
    def some(self, f, low=0, high=3, sep=", "): return sep.join(f() for _ in range(self.rng.randint(low, high)))
    def maybe(self, f, otherwise=""): return f() if self.rng.random() < 0.4 else otherwise
    def indent(self, text): return "\n".join("  " + line for line in text.split("\n"))


class Tree(Writer):
    """Everything that the grammar knows.  One text in four is wild: its pieces stand where they make no sense."""
    def __init__(self, rng):
        super().__init__(rng)
        self.wild = rng.random() < 0.25

    def expression(self):
        e, n = self.expression, self.name
        return self.any(
            n, lambda: self.rng.choice(ATOMS),
            lambda: f"{e()} {self.rng.choice(BINARY)} {e()}", lambda: f"({e()} {self.rng.choice(COMPARE)} {e()})", lambda: f"{self.rng.choice(('-', '~', '+', 'not '))}{e()}",
            lambda: f"({e()} {self.rng.choice(('and', 'or'))} {e()})", lambda: f"({e()} if {e()} else {e()})", lambda: f"({n()} := {e()})", lambda: f"({e()}).{n()}",
            lambda: f"{n()}[{self.some(self.slice, 1)}]", lambda: f"{n()}({self.arguments()})", lambda: f"[{self.some(self.item)}]", lambda: f"({self.some(self.item)},)",
            lambda: f"{{{self.some(self.item, 1)}}}", lambda: f"{{{self.some(self.pair)}}}", lambda: f"(lambda {self.parameters(False)}: {e()})",
            lambda: f"[{e()} {self.loops()}]", lambda: f"{{{e()}: {e()} {self.loops()}}}", lambda: f"({e()} {self.loops()})",
            lambda: self.rng.choice((f"(yield {self.maybe(e)})", f"(yield from {e()})", f"(await {e()})")) if self.wild else n(), lambda: f"f'{{{self.plain(e())}!r:>{{{self.plain(e())}}}}}x{{{n()}=}}'")

    def plain(self, text): return re.sub(r"['\"\\{}]|:=|lambda", "1", text)
    def slice(self): return self.any(self.expression, self.name, lambda: f"{self.maybe(self.expression)}:{self.maybe(self.expression)}:{self.maybe(self.name)}", lambda: f"*{self.name()}")
    def item(self): return self.any(self.expression, self.expression, lambda: f"*{self.expression()}")
    def pair(self): return self.any(lambda: f"{self.expression()}: {self.expression()}", lambda: f"**{self.name()}")
    def arguments(self):
        parts = [self.any(self.expression, self.expression, lambda: f"*{self.name()}", lambda: f"{self.name()}={self.expression()}", lambda: f"**{self.name()}") for _ in range(self.rng.randint(0, 3))]
        if not self.wild: parts.sort(key=lambda p: p.startswith("**") + (re.match(r"\w+=", p) is not None))
        return ", ".join(parts if self.wild else dict.fromkeys(parts))
    def odd(self, text): return text if self.wild and self.rng.random() < 0.4 else ""
    def loops(self): return self.some(lambda: f"{self.odd('async ')}for {self.target()} in {self.expression()} {self.maybe(lambda: 'if ' + self.expression())}", 1, 2, " ")

    def parameters(self, notes=True):
        def one():
            note = self.maybe(lambda: ": " + self.expression()) if notes else ""
            return self.name() + note + self.maybe(lambda: "=" + self.expression())
        if self.wild: return self.some(lambda: self.any(one, one, one, lambda: "/", lambda: "*", lambda: "*" + self.name(), lambda: "**" + self.name()))
        names = self.rng.sample(NAMES, self.rng.randint(0, 4))
        default = "=" + self.expression() if self.rng.random() < 0.3 else ""
        parts = [n + (": " + self.expression() if notes and self.rng.random() < 0.3 else "") + default for n in names[2:]]
        if parts and self.rng.random() < 0.3: parts.append("/")
        if names[:1]: parts += ["*" + names[0]] + ["k1", "k2=" + self.expression()][:self.rng.randint(0, 2)]
        return ", ".join(parts + ["**" + n for n in names[1:2]])

    def target(self):
        return self.any(self.name, self.name, lambda: f"{self.name()}.{self.name()}", lambda: f"{self.name()}[{self.expression()}]", lambda: f"({self.some(self.target, 1)},)",
                        lambda: f"[{self.some(self.target, 1)}]", lambda: self.expression() if self.wild else self.name())

    def single(self): return self.any(self.name, self.name, lambda: f"{self.name()}.{self.name()}", lambda: f"{self.name()}[{self.expression()}]") if not self.wild else self.target()

    def pattern(self):
        p = self.pattern
        return self.any(self.name, lambda: self.rng.choice(("_", "1", "-2.5", "'s'", "None", "a.b", "1+2j")), lambda: f"{p()} | {p()}", lambda: f"[{self.some(p)}]",
                        lambda: f"({p()} as {self.name()})", lambda: f"[*{self.name()}, {p()}]", lambda: f"{{'k': {p()}, **{self.name()}}}", lambda: f"{self.name()}({self.some(p)}, {self.name()}={p()})")

    def block(self): return self.indent(self.statements(1, 2))
    def statements(self, low, high): return "\n".join(self.statement() for _ in range(self.rng.randint(low, high)))

    def statement(self):
        e, n, b, t = self.expression, self.name, self.block, self.target
        return self.any(
            lambda: f"{t()} = {e()}", e,
            lambda: f"{t()} = {t()} = {self.item()}", lambda: f"{self.single()} {self.rng.choice(BINARY)}= {e()}", lambda: f"{self.single()}: {e()}{self.maybe(lambda: ' = ' + e())}", lambda: f"del {self.single()}",
            lambda: self.rng.choice(("pass", "break", "continue", "return", "raise")) if self.wild else "pass", lambda: f"return {self.item()}" if self.wild else e(), lambda: f"raise {e()} from {e()}", lambda: f"assert {e()}, {e()}",
            lambda: f"global {n()}" if self.wild else "global g", lambda: f"nonlocal {n()}" if self.wild else "if 1: pass", lambda: f"import {n()}.{n()} as {n()}", lambda: f"from .{n()} import {n()}, {n()} as {n()}", lambda: f"from {n()} import {self.odd('*') or n()}",
            lambda: f"if {e()}:\n{b()}\nelif {e()}:\n{b()}\nelse:\n{b()}", lambda: f"while {e()}:\n{b()}\nelse:\n{b()}", lambda: f"{self.odd('async ')}for {t()} in {self.item()}:\n{b()}",
            lambda: f"try:\n{b()}\nexcept {e()} as {n()}:\n{b()}\nelse:\n{b()}\nfinally:\n{b()}", lambda: f"try:\n{b()}\nexcept* {e()}:\n{b()}", lambda: f"try:\n{b()}\nfinally:\n{b()}",
            lambda: f"{self.odd('async ')}with {e()} as {t()}, {e()}:\n{b()}", lambda: f"match {e()}:\n  case {self.pattern()} if {e()}:\n{self.indent(b())}\n  case {self.pattern()}:\n{self.indent(b())}",
            lambda: f"{self.maybe(lambda: '@' + e() + chr(10))}{self.maybe(lambda: 'async ')}def {n()}({self.parameters()}){self.maybe(lambda: ' -> ' + e())}:\n{b()}\n  return {self.item()}",
            lambda: f"class {n()}({self.arguments() if self.wild else n()}):\n{b()}")


class TreeCase:
    COMPARED = True

    @staticmethod
    def make(rng): return Tree(rng).statements(1, 4) + "\n"

    @staticmethod
    def run(text):
        try:
            tree = ast.parse(text)
            compile(tree, "f", "exec", 0, True)
        except (SyntaxError, ValueError, RecursionError, OverflowError) as e: return f"{type(e).__name__} {getattr(e, 'msg', e)} {getattr(e, 'lineno', 0)}"
        again = ast.unparse(tree)
        try: compile(again, "f", "exec", 0, True)
        except SyntaxError as e: return f"again: SyntaxError {e.msg}"
        return ast.dump(tree, include_attributes=True)[-300:] + again[-300:]

    @staticmethod
    def coarse(result): return re.sub(r"^'?\"?(again: )?(\w*Error) .*", r"\1\2", result)


class Program(Writer):
    """Values are ints, floats, strs, lists, dicts, functions and instances of one class; loops are short; everything that a
    statement raises is caught and told."""
    def __init__(self, rng):
        super().__init__(rng)
        self.inside = 0          # of functions: calls there would multiply

    def value(self):
        v, n = self.value, self.name
        return self.any(
            n, lambda: self.rng.choice(("(0)", "(1)", "(-7)", "(3)", "2.5", "(-0.0)", "1e20", "(1 << 65)", "'ab'", "''", "'c'", "None", "True", "[1, 2, 3]", "(4, 5)", "{'k': 1}", "K(2)", "b'xyz'")),
            lambda: f"({v()} {self.rng.choice(('+', '-', '*', '//', '%', '/', '&', '|', '^'))} {v()})", lambda: f"({v()} {self.rng.choice(COMPARE[:6])} {v()})", lambda: f"({v()} in {v()})",
            lambda: f"(-{v()})", lambda: f"(not {v()})", lambda: f"({v()} and {v()})", lambda: f"({v()} or {v()})", lambda: f"({v()} if {v()} else {v()})", lambda: f"{v()}[{v()}]",
            lambda: f"{v()}[{self.maybe(v)}:{self.maybe(v)}:{self.maybe(v)}]", lambda: f"[{self.some(v)}]", lambda: f"({self.some(v, 1)},)", lambda: f"{{{v()}: {v()}}}",
            lambda: f"[{v()} for {n()} in {v()} if {v()}]", lambda: f"{{{n()}: {v()} for {n()} in range(4)}}", lambda: f"list({v()} for {n()} in {v()})",
            lambda: f"{self.rng.choice(('len', 'abs', 'str', 'repr', 'int', 'float', 'bool', 'tuple', 'list', 'sum', 'max', 'min', 'sorted', 'any', 'kind', 'number', 'iter', 'reversed'))}({v()})",
            lambda: f"list(enumerate({v()}))",
            lambda: f"f'{{{n()}!r:>8}}{{{n()}}}'", lambda: f"{v()}.attr", lambda: f"{v()}.method({v()})", lambda: f"'%s-%r' % ({v()}, {v()})", lambda: f"({n()} := {v()})",
            lambda: f"(lambda {n()}={v()}: {v()})()" if self.inside < 2 else n(), lambda: f"call({n()}, {self.some(v)})" if not self.inside else n(),
            lambda: f"next(iter({v()}), {v()})", lambda: f"list(zip({v()}, {v()}))", lambda: f"list(map(str, {v()}))", lambda: f"'{self.rng.choice('ab,')}'.join(map(str, {v()}))")

    def target(self):
        n = self.name
        return self.any(n, n, n, lambda: f"{n()}[{self.value()}]", lambda: f"{n()}.attr", lambda: f"{n()}, *{n()}", lambda: f"[{n()}, {n()}]")

    def block(self): return self.indent(self.statements(1, 3))
    def statements(self, low, high): return "\n".join(self.statement() for _ in range(self.rng.randint(low, high)))

    def function(self):
        self.inside += 1
        try:
            body = self.block()
            kind = self.rng.choice(("return {}", "yield {}", "yield from [{}]")).format(self.value())
            return f"def {self.name()}({self.name()}={self.value()}, *args, **kw):\n{body}\n  {kind}"
        finally: self.inside -= 1

    def loop(self):
        self.inside += 1
        try: return self.rng.choice(("for {t} in {v}:\n{b}\nelse:\n{c}", "for i, {n} in enumerate(short({v})):\n{b}\n  if i > 2: break", "for {n} in range(3):\n{b}\n  if {v}: continue\n{c}")).format(
            t=self.name(), n=self.name(), v=f"short({self.value()})", b=self.block(), c=self.block())
        finally: self.inside -= 1

    def match(self):
        n, b = self.name, lambda: self.indent(self.block())
        patterns = f"int() as {n()}", f"[{n()}, *_]", f"{{'k': {n()}}}", "K(attr=5)", f"str() | bytes()", f"(1 | 2.5 | None) as {n()}", f"[[x], y]", f"float() if {n()}"
        cases = "\n".join(f"  case {p}:\n{b()}" for p in self.rng.sample(patterns, self.rng.randint(1, 3)))
        return f"match {self.value()}:\n{cases}\n  case _:\n{b()}"

    def statement(self):
        v, b = self.value, self.block
        return self.any(
            lambda: f"{self.target()} = {v()}", lambda: f"show({v()})",
            lambda: f"{self.name()} {self.rng.choice(('+', '-', '|', '%'))}= {v()}", lambda: f"del {self.target().split(',')[0].strip('[')}" if self.rng.random() < 0.2 else "pass",
            lambda: f"if {v()}:\n{b()}\nelif {v()}:\n{b()}\nelse:\n{b()}", self.loop, self.loop, self.function,
            lambda: f"try:\n{b()}\nexcept (TypeError, KeyError) as {self.name()}_:\n  show(type({self.name()}))\n{b()}\nelse:\n{b()}\nfinally:\n{b()}",
            lambda: f"with K({v()}) as {self.name()}:\n{b()}", self.match,
            lambda: f"raise ValueError({v()})" if self.rng.random() < 0.3 else f"assert {v()}, 'no'",
            lambda: f"class K2(K):\n  attr = {v()}\n  def method(self, x=1): return {v()}\n{self.name()} = K2({v()})")

    def program(self):
        parts = []
        for _ in range(self.rng.randint(2, 6)):
            s = self.statement()
            parts.append(f"try:\n{self.indent(s)}\nexcept Exception as problem: tell(problem)")
        return "\n".join(parts) + "\nfor _ in (a, b, c, d, e, x, y): show(_)\n"


class K:
    """The class of the instances in programs."""
    attr = 5
    def __init__(self, v): self.v = v
    def method(self, x=0): return x
    def __repr__(self): return f"K({kind(self.v)})"
    def __len__(self): return 2
    def __getitem__(self, i):
        if i in (0, 1): return i
        raise IndexError("K has two")
    def __eq__(self, other): return kind(self) == kind(other)
    def __hash__(self): return 1
    def __add__(self, other): return 1
    def __radd__(self, other): return 2
    def __enter__(self): return self.v
    def __exit__(self, *args): return args[0] is KeyError


def kind(v): return type(v).__name__


class Effort(Exception): pass


class ProgramCase:
    COMPARED = True

    @staticmethod
    def make(rng): return Program(rng).program()

    @staticmethod
    def run(text):
        told, steps = [], 0
        def show(v):
            nonlocal steps
            steps += 1
            if steps > 300: raise Effort
            t = repr(v)
            if kind(v) in ("function", "generator", "method", "type") or re.search(ADDRESS, t): t = kind(v)      # addresses differ
            told.append(t[:100])
        def tell(e): told.append(f"{type(e).__name__}: {e}"[:200] if not re.search(ADDRESS, str(e)) else type(e).__name__)
        def short(v): return [x for x, _ in zip(v, range(4))]
        def number(v): return kind(hash(v))
        def call(f, *args):
            nonlocal steps
            steps += 10
            if steps > 300: raise Effort
            r = f(*args)
            return short(r) if kind(r) == "generator" else r
        names = dict(show=show, tell=tell, short=short, number=number, call=call, kind=kind, K=K, a=1, b=2.5, c="str", d=[1, 2], e={"k": 3}, self=K(1), x=(1,), y=None)
        try: exec(compile(text, "p", "exec", 0, True), names)
        except SyntaxError as e: return f"SyntaxError {e.msg}"
        except Effort: told.append("effort")
        except Exception as e: tell(e)
        return told

    @staticmethod
    def coarse(result): return re.sub(r"'0'\W+(\d+\W+)?'x'.*", "an address in letters", result)


KINDS = {"tree": TreeCase, "program": ProgramCase}
