# Small parts of built-in protocols: iterators of aliases, collected cycles, names of old Unicode, docs with examples.
import copy, gc, pickle, unicodedata, weakref

star = next(iter(tuple[int, str]))
print(star, copy.copy(star) == star, pickle.loads(pickle.dumps(star)) == star, type(iter(list[int])).__name__)
it = iter(list[int])
print(list(copy.copy(it)), list(it), list(it))


class C:
    pass


def cycle():
    o = C()
    r = weakref.ref(o)
    container = {o: 1}
    o.items = iter(container)
    del o, container
    gc.collect()
    print(r())


def class_cycle():
    class A:
        table = {}
    A.table[A] = None
    r = weakref.ref(A)
    del A
    gc.collect()
    print(r())


cycle()
class_cycle()
for name in ("LATIN CAPITAL LETTER GHA", "LATIN SMALL LETTER R WITH TILDE", "LATIN SMALL LETTER A"):
    print(ascii(unicodedata.lookup(name)))
    try:
        print(ascii(unicodedata.ucd_3_2_0.lookup(name)))
    except KeyError as e:
        print(e)
for f in (getattr, hasattr):
    try:
        f(1, 2)
    except TypeError as e:
        print(e)
