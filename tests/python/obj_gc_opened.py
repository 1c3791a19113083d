# Objects that were written to and die in one transaction, between collections of both kinds.
import gc
class A:
    pass
def young():
    r = iter([1,2,3])
    l = [r]
    l[0] = l
    a = A()
    a.x = 1
    gc.collect()     # no longer young
    return l, a
def go():
    for i in range(60):
        keep = [young() for _ in range(20)]
        for l, a in keep:
            l[0] = i
            a.x = l
        keep = l = a = None
        gc.collect()
        s = [bytes([0xff]) * (k % 40 + 30) for k in range(3000)]
        t = [str(k) * 5 for k in range(20000)]
go()
print("ok")
