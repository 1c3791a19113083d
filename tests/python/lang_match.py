def m(x):
    match x:
        case 0: return 'zero'
        case 1 | 2 | 3: return 'small'
        case -1: return 'minus'
        case 1.5: return 'float'
        case 'abc' | b'abc': return 'text'
        case None: return 'none'
        case True: return 'true'
        case []: return 'empty'
        case [a]: return ('one', a)
        case [a, b] if a == b: return ('same', a)
        case (1, y): return ('1y', y)
        case [1, *rest, 9]: return ('star', rest)
        case [_, _, *_] if len(x) > 5: return 'long'
        case [first, *_]: return ('first', first)
        case {'k': v, 'n': {'m': w}}: return ('nested', v, w)
        case {'k': v, **rest}: return ('k', v, rest)
        case {}: return 'mapping'
        case int(n): return ('int', n)
        case str() as s: return ('str', s)
        case complex(real=r, imag=i): return ('complex', r, i)
        case _: return 'other'
for v in (0, 2, -1, 1.5, 'abc', b'abc', None, True, [], [7], [5, 5], (1, 6), [1, 2, 3, 9], list(range(2, 9)), [4, 3, 2], {'k': 1, 'n': {'m': 2}},
          {'k': 1, 'z': 3}, {'q': 1}, 77, 'xyz', 1 + 2j, 2.5, {1, 2}, range(2), 1.0):
    print(v, m(v))
class P:
    __match_args__ = ('x', 'y')
    def __init__(self, x, y): self.x = x; self.y = y
class Color: RED = 1; BLUE = 2
def c(o):
    match o:
        case P(0, 0): return 'origin'
        case P(x, y=0): return ('xaxis', x)
        case P(x=0, y=y): return ('yaxis', y)
        case P(P(a, b), [c, d]): return (a, b, c, d)
        case P(): return 'P'
        case Color.RED: return 'red'
        case [Color.BLUE, *r]: return ('blue', r)
        case {Color.BLUE: z}: return ('bz', z)
        case (P(x, 1) | [x, 1]) as whole: return x
        case ('a' | 'b') as q, r: return q, r
print(c(P(0, 0)), c(P(3, 0)), c(P(0, 4)), c(P(P(1, 2), (3, 4))), c(P(5, 6)), c(1), c([2, 3]), c({2: 'z'}), c([5, 1]), c(('b', 2)), c(object))
def bind(v):
    match v:
        case [a, b, 3]: pass
        case [a, *b]: pass
        case a: b = 'none'
    return a, b
print(bind([1, 2, 3]), bind([1, 2]), bind(5))
def unbound(v):
    match v:
        case [a, 5]: pass
    try: return a
    except UnboundLocalError as e: return str(e)
print(unbound([1, 5]), unbound([1, 6]))
def subj():
    x = [1, 2]
    match x:
        case [x, y]: return x, y
print(subj())
match 5, 6:
    case a, b: print(a, b)
match = 1; case = 2
print(match + case)
def stars(s):
    match s:
        case [*_, 'end']: return 'end'
        case [_, x, *_, y]: return x, y
        case [*a]: return a
print(stars(['q', 'end']), stars([1, 2, 3, 4]), stars([1]), stars('str'))
def guard(x):
    match x:
        case n if n < 0: return 'neg', n
        case n if (k := n * 2) > 10: return 'big', k
        case n: return n
print(guard(-1), guard(6), guard(2))
try:
    match P(1, 2):
        case P(1, 2, 3): pass
except TypeError as e: print(e)
def loop():
    r = []
    for v in [1, 'a', [2], None]:
        match v:
            case int(): continue
            case None: break
            case [z]: r.append(z)
            case _: r.append(v)
    return r
print(loop())
