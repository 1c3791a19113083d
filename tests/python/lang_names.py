# Private names, names in strings of code, builtins shadowed and restored.
class __A:
    __x = 1
    def __init__(self): self.__y = 2; self.__z__ = 3; self._w = 4
    def f(self, __p=5, *, __k=6):
        __l = 7
        def g(): return __l, __p, __k
        return g()
    def g(self): return self.__x, self.__y, sorted(vars(self))
    def h(self):
        global __glob
        __glob = 8
        import sys as __s
        del __s
        return [__v for __v in (1, 2)], (lambda __q: __q)(9)
    class __B:
        __t = 1
        def m(self): return __class__.__name__, self.__t
a = __A()
print(a.f(), a.g(), a.h(), _A__glob, sorted(n for n in vars(__A) if 'A__' in n), __A._A__B().m())
print(a.f(_A__k=1), __A.f.__code__.co_varnames)
len = lambda x: 'mine'
print(len([]))
del len
print(len([]))
def f():
    print = lambda *a: None
    print('never')
    return 'ok'
print(f())
class _:
    __under = 1
print(vars(_).get('__under'))
class C:
    def f(self): return __name__, __qualname__ if '__qualname__' in globals() else 'none'
    n = __name__; q = __qualname__; m = __module__
print(C().f(), C.n, C.q, C.m)
exec('''
class K:
    def __m(self): return 'm'
    def c(self): return self.__m()
print(K().c())
''')
