# __bases__ assigned again by mro() in a cycle: refused, and the bases are the old ones.
ready = False
class M(type):
    def mro(cls):
        if ready:
            if cls.__name__ == "B1": B2.__bases__ = (B1,)
            if cls.__name__ == "B2": B1.__bases__ = (B2,)
        return type.mro(cls)
class A(metaclass=M): pass
class B1(A): pass
class B2(A): pass
class Under(B1): pass
ready = True
try: B1.__bases__ += ()
except TypeError as e: print(e)
ready = False
print(B1.__bases__ == B2.__bases__ == (A,), B1.__mro__ == (B1, A, object), Under.__mro__ == (Under, B1, A, object))
