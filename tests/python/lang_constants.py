# Folding keeps values, types, identities of kinds and the order of errors.
print(1 + 2 * 3 - 4 // 3 % 5, 2 ** 10, -2 ** 2, 7 / 2, 1 << 10 >> 3, 5 & 3 | 8 ^ 1, ~5, +3, - -3, not 0, not 'a')
print('a' + 'b' * 3, (1, 2) + (3,), [1, 2] + [3], 'abc'[1], b'abc'[0], (1, 2, 3)[-1], 'x' 'y')
print(2 ** 200, 1 << 200, 10 ** 30, 3 * 'ab' * 2, (0,) * 5)
for src in ('1 / 0', '1 // 0', '1 % 0', '0 ** -1', '1 << -1', '"a"[5]', '"a" + 1', '-"a"', '~1.5', '1 @ 2', '0.0 ** -1', '10.0 ** 400', '(1, 2)[2]', '1j // 1'):
    try: print(src, eval(src))
    except Exception as e: print(src, type(e).__name__, e)
print(0.0, -0.0, 0.0 == -0.0, [repr(x) for x in (0.0, -0.0, 0, False, 0j, -0j)])
def kinds(): return 1, 1.0, True, 1 + 0j, '1', b'1', (1, 1.0), (1.0, 1)
print([type(x).__name__ for x in kinds()[:6]], kinds()[6:])
def zeros(): return [0.0, -0.0, (0.0,), (-0.0,)]
print(zeros())
def member(x): return x in (1, 2), x in [1, 2], x in {1, 2}, x not in ['a'], [] in ([], 1) if False else None
print(member(1), member(3))
try: [] in {1, 2}
except TypeError as e: print(e)
print([x for x in [1, 2]], [x for x in {3}], {**{'a': 1}}, [*(1, 2)], {*[3]})
def fresh(): l = [1, 2, 3]; l.append(4); s = {1, 2, 3}; s.add(4); return l, sorted(s)
print(fresh(), fresh())
def branch():
    if 0: return 'no'
    if not 1: return 'no'
    while 0: return 'no'
    if '' or (): return 'no'
    if None: pass
    elif 'x' and 1: return 'yes'
print(branch(), 1 if 'a' else 2, (0 or 3) and 4, [] or 0 or 'last', 1 and 2)
print(1e309, -1e309, 1e-400, 0xffffffffffffffffffff, 1_0.0_1, .5, 5., 1E5, 0b1 + 0o7)
assert (1, 2) == (1, 2)
print('%s-%d' % ('a', 1), '%%' % (), '%5.2f|%x' % (1.5, 255), 'a%sb' % 'x')
print(__debug__, ... is Ellipsis, None is None, type(...).__name__)
