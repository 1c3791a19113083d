# The Mersenne Twister gives the same sequences as everywhere.
import random, _random
random.seed(42); print(random.random(), random.getrandbits(7), random.getrandbits(33), random.getrandbits(200), random.randrange(10**30), [random.randint(1,6) for i in range(10)], random.gauss(0,1), random.choice('abc'))
for s in 0,-5,2**64,2**100+1,'abc',b'x',1.5, 10**50: random.seed(s); print(random.random(), random.getrandbits(64))
r=_random.Random(5); st=r.getstate(); a=[r.random() for i in range(700)]; r.setstate(st); print(a==[r.random() for i in range(700)], st[:3], st[-1], sum(a))
l=list(range(20)); random.Random(1).shuffle(l); print(l, random.Random(2).sample(range(100),5))
for f in ('r.setstate(1)','r.setstate((1,))','r.setstate((1,)*625)','r.getrandbits(-1)','r.seed([])','_random.Random(1,2)','r.getrandbits()'):
    try: print(f, eval(f))
    except Exception as e: print(f, type(e).__name__, e)
