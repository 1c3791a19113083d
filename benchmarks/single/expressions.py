"""A whole program: reads arithmetic expressions into trees by recursive descent, simplifies and evaluates them."""
import re
FULL, TINY = 600, 1
TOKEN = re.compile(r"\s*(?:(\d+)|(.))")


class Number:
    def __init__(self, value): self.value = value
    def eval(self, env): return self.value
    def simple(self): return self


class Name:
    def __init__(self, name): self.name = name
    def eval(self, env): return env[self.name]
    def simple(self): return self


class Binary:
    def __init__(self, op, a, b): self.op, self.a, self.b = op, a, b

    def eval(self, env):
        a, b = self.a.eval(env), self.b.eval(env)
        if self.op == "+": return a + b
        if self.op == "-": return a - b
        return a * b % 10007

    def simple(self):
        a, b = self.a.simple(), self.b.simple()
        if isinstance(a, Number) and isinstance(b, Number): return Number(Binary(self.op, a, b).eval({}))
        if self.op == "*" and isinstance(a, Number) and a.value == 1: return b
        return Binary(self.op, a, b)


class Reader:
    def __init__(self, text):
        self.tokens = [(m.group(1), m.group(2)) for m in TOKEN.finditer(text)]
        self.at = 0

    def peek(self): return self.tokens[self.at][1] if self.at < len(self.tokens) else None

    def sum(self):
        a = self.product()
        while self.peek() in ("+", "-"):
            op = self.peek()
            self.at += 1
            a = Binary(op, a, self.product())
        return a

    def product(self):
        a = self.atom()
        while self.peek() == "*":
            self.at += 1
            a = Binary("*", a, self.atom())
        return a

    def atom(self):
        number, other = self.tokens[self.at]
        self.at += 1
        if number: return Number(int(number))
        if other != "(": return Name(other)
        a = self.sum()
        self.at += 1
        return a


def run(n):
    total = 0
    for i in range(n):
        tree = Reader("(x + %d) * (y - 3 * (2 + 5)) + 1 * x * (%d - y) + (4 + 4) * (x - (y + 1))" % (i, i * 3)).sum()
        short = tree.simple()
        for x in range(4):
            env = {"x": x, "y": i}
            assert tree.eval(env) == short.eval(env)
            total += short.eval(env)
    return total
