# Order of evaluation everywhere.
log = []
def t(x, v=None):
    log.append(x)
    return x if v is None else v
class O:
    def __getattr__(self, n): log.append('get ' + n); return 0
    def __setattr__(self, n, v): log.append('set %s %r' % (n, v))
    def __getitem__(self, k): log.append('item %r' % (k,)); return 1
    def __setitem__(self, k, v): log.append('setitem %r %r' % (k, v))
    def __call__(self, *a, **k): log.append('call %r %r' % (a, sorted(k))); return self
o = O()
def show(name):
    print(name, log)
    log.clear()
t(1) + t(2) * t(3) - t(4); show('arith')
t('x', o).attr = t('value'); show('setattr')
t('x', o)[t('key')] = t('value'); show('setitem')
t('x', o)[t('k')] += t('v', 5); show('augitem')
t('x', o).a += t('v', 5); show('augattr')
t('f', o)(t(1), *t('s', [2]), t(3), k=t('k'), **t('d', {'z': 1})); show('call')
t('f', o).meth; show('meth')
[t(1), t(2), *t('s', [3])]; show('list')
{t('k1'): t('v1'), **t('d', {}), t('k2'): t('v2')}; show('dict')
t(1) < t(2) < t(3) > t(9) < t(0); show('compare')
t('yes') if t('cond', 1) else t('no'); show('ifexp')
t(0, 0) and t(1) or t(2); show('bool')
t('o', [1, 2, 3])[t('lo', 0):t('hi', 2):t('st', 1)]; show('slice')
t('x', o).p = t('y', o)[0] = t('val'); show('multi')
a, o[t('i')], o.z = t('p'), t('q'), t('r'); show('parallel')
for o.i, o[t('idx')] in [(1, 2)]: t('body')
show('for')
def f(a=t('d1'), *, k=t('d2')) -> t('ret', 1): pass
show('def')
class C(t('base', object), metaclass=t('meta', type)): t('inside')
show('class')
lambda x=t('ld'): t('never')
show('lambda')
[t('e') for x in t('outer', [1]) if t('if') for y in t('inner', [1])]; show('comp')
{t('ck'): t('cv') for _ in [1]}; show('dictcomp')
f'{t("f1")}{t("f2"):{t("spec", "")}}'; show('fstring')
del t('dl', [1])[t('di', 0)]; show('del')
assert t('as'), t('msg'); show('assert')
try: raise t('exc', ValueError) from t('cause', KeyError)
except t('ex1', KeyError): pass
except t('ex2', ValueError): t('handler')
show('raise')
(w := t('wal')); show('walrus')
x: t('ann') = t('annval'); show('ann')
t('rec', 'abc').join(t('arg', ['x'])).strip(t('arg2', 'a')); show('chain')
print(t('p1'), t('p2'), sep=t('sep')); show('print')
def g(l):
    i = 0
    i, l[i] = 1, i
    l[i], i = i, 0
    l[i := 2] = i
    return l, i
print(g([9, 9, 9]))
def h(x):
    return x, (lambda: x)(), [x for _ in [1]], x + (x := 5), (y := x) + (x := 1) + y
print(h(1))
