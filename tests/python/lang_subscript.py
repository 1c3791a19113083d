class S:
    def __getitem__(self, k): return ('get', k)
    def __setitem__(self, k, v): print('set', k, v)
    def __delitem__(self, k): print('del', k)
s = S()
print(s[1], s[-1], s['k'], s[1:2], s[:], s[1:2:3], s[1:2, 3], s[...], s[1, 2], s[(1, 2)], s[None:None:-1], s[s[0]], s[::2])
s[1] = 2; s['k'] = 3; s[1:2] = 4; s[1:2:3] = 5; s[:, 1] = 6; s[-5] = 7
del s[0], s['q'], s[1:], s[::2]
s[0] += (1,)
s[1:2] += (2,)
s['x'] += (3,)
l = list(range(10))
l[2:4] = 'abc'
print(l, l[3], l[-1], l[::3], l[5:2:-1])
l[1] *= 5; l[0] -= 1
print(l)
l[:2] += [7]
print(l)
d = {'a': {'b': [1, 2]}}
d['a']['b'][0] += 10
print(d, d['a']['b'][-1])
def f(x, i, k):
    x[i], x[k] = x[k], x[i]
    x[i + 1] = x[k - 1]
    return x[i:k], x[-2], x[40000 - 40000]
print(f([1, 2, 3, 4, 5], 0, 3))
try: [][0]
except IndexError as e: print(e)
try: {}['x']
except KeyError as e: print(repr(e))
try: None[0]
except TypeError as e: print(e)
try: (1).x = 5
except AttributeError as e: print(e)
def order():
    def t(x): print('t', x); return x
    l = [0] * 5
    l[t(1)] = t(2)
    l[t(1)] += t(3)
    l[t(0):t(1)] = [t(9)]
    print(l)
    t(l)[t(2)]
order()
class A:
    x = 1
    def m(self): self.x += 1; self.y = self.x; self.l = []; self.l.append(self.y); return self.__dict__
print(A().m())

class Index:
    def __index__(self): return 1
class Bare: pass
class Readable:
    def __getitem__(self, i): return i
for o in Bare(), Readable(), {1}, (1,), 'a', 1, None:
    for key in 0, 1 << 70, Index(), 'x', slice(1):
        try: o[key] = 1
        except Exception as e: print(type(e).__name__, e)
        try: del o[key]
        except Exception as e: print(type(e).__name__, e)
