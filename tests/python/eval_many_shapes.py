# Attribute sites that see more shapes than an inline cache holds, while classes change.


class Base:
    kind = "base"

    def __init__(self, n):
        self.n = n

    def name(self):
        return type(self).__name__ + str(self.n)

    @property
    def double(self):
        return self.n * 2


classes = [type("K%d" % i, (Base,), {"kind": i} if i % 3 else {}) for i in range(9)]


def use(objects):
    out = []
    for o in objects:
        o.n = o.n + 1
        o.extra = o.double
        out.append((o.kind, o.name(), o.double, o.extra))
    return out


objects = [c(i) for i, c in enumerate(classes)]
for turn in range(4):
    print(use(objects))
    if turn == 0:
        classes[2].kind = "changed"
        classes[3].name = lambda self: "lambda"
    elif turn == 1:
        Base.double = property(lambda self: -self.n)
        del classes[2].kind
    elif turn == 2:
        classes[4].double = 5
        objects[5].name = lambda: "own"
        objects[6].__class__ = classes[1]
try:
    use(objects + [3])
except AttributeError as e:
    print(e)
import math, string
for m in (math, string, math, string):
    print(getattr(m, "__name__"), m.__name__)
