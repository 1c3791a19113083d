# Assignment to __bases__ while mro() runs Python code that assigns to __bases__ again, deletes itself or fails.
class Meta(type):
    hook = None
    def mro(cls):
        if Meta.hook is not None:
            Meta.hook(cls)
        return type.mro(cls)

def classes():
    Meta.hook = None
    class A(metaclass=Meta): pass
    class B(A): x = "B"
    class B2(A): x = "B2"
    class C(B): pass
    class D(C): pass
    return A, B, B2, C, D

def names(c):
    return [k.__name__ for k in c.__mro__]

# a subclass's mro() assigns the same bases again
A, B, B2, C, D = classes()
depth = 0
def hook(cls):
    global depth
    if cls is C and depth < 3:
        depth += 1
        C.__bases__ += ()
Meta.hook = hook
C.__bases__ = (B2,)
print(depth, names(C), names(D), C.x, D.x, B.__subclasses__(), B2.__subclasses__() == [C])

# it assigns others: those stay
A, B, B2, C, D = classes()
def hook(cls):
    Meta.hook = None
    C.__bases__ = (B2, B)
Meta.hook = hook
C.__bases__ = (B2,)
print(C.__bases__ == (B2, B), names(C), C.x)

# it fails in a subclass, when C itself is done: all is as before
A, B, B2, C, D = classes()
def hook(cls):
    if cls is D:
        raise ValueError("no")
Meta.hook = hook
try:
    C.__bases__ = (B2,)
except ValueError as e:
    print(e)
Meta.hook = None
print(C.__bases__ == (B,), names(C), names(D), C.x, B.__subclasses__() == [C], B2.__subclasses__())

# base class assigned from below
A, B, B2, C, D = classes()
def hook(cls):
    if cls is C:
        Meta.hook = None
        B.__bases__ += ()
Meta.hook = hook
B.__bases__ += ()
print(names(C))

class Gone(type):
    def mro(cls):
        del Gone.mro
        return (B,)
try:
    class X(metaclass=Gone): pass
except TypeError as e:
    print(e)
