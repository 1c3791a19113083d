def d(*a):
    print('make', a)
    def apply(f):
        print('apply', a, getattr(f, '__name__', f))
        f.tags = getattr(f, 'tags', ()) + a
        return f
    return apply
@d(1)
@d(2, 3)
def f(x=print('default')): return x
print(f.tags)
@d('c')
class C:
    @d('m')
    def m(self): return 'm'
    @property
    @d('p')
    def p(self): return 'p'
    @(lambda g: staticmethod(g))
    def s(): return 's'
print(C.tags, C.m.tags, C().m(), C().p, C.s())
def outer():
    @d('inner')
    def inner(): return outer
    return inner() is outer
print(outer())
x = [d]
@x[0]('subscript')
def g(): pass
try:
    @undefined
    def h(): pass
except NameError as e: print(e)
@d(0)
async def co(): pass
co().close()
@d(*[1, 2])
def star(): pass
