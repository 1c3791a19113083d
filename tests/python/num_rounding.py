# Correct rounding: quotients of big ints, int to float, float.fromhex.
import random
random.seed(5)
h=0
for i in range(3000):
    a=random.getrandbits(random.choice((10,60,64,70,128,129,500,1000,1090)))*random.choice((1,-1))<<random.choice((0,0,3,64,63,200))
    b=random.getrandbits(random.choice((10,60,64,70,128,129,500,1000,1090)))*random.choice((1,-1))<<random.choice((0,0,3,64,63,200))
    try: r=repr(a/b)
    except Exception as e: r=str(e)
    h=hash((h,hash(r) if 0 else sum(map(ord,r))*31+len(r)))&0xffffffffffff
    if i%100==0: print(r)
    try: r2=repr(float(a))
    except Exception as e: r2=str(e)
    h=(h*31+sum(k*ord(c) for k,c in enumerate(r2)))&0xffffffffffff
for i in range(2000):
    s="0x"+"%x"%random.getrandbits(random.choice((4,52,53,54,60,64,70,120)))
    k=random.randrange(2,len(s)+1)
    s=s[:k]+"."+s[k:]+"p%d"%random.choice((0,5,-1022,-1074,-1080,-1100,1000,1020,-1030,-1140))
    try: r=repr(float.fromhex(s))
    except Exception as e: r=str(e)
    h=(h*31+sum(k*ord(c) for k,c in enumerate(r)))&0xffffffffffff
    if i%100==0: print(s,r)
for i in range(500):
    n=random.getrandbits(1074+random.choice((0,-1,1,-52,2))); d=1<<(1074+1074-random.choice((0,-1,1,52)))
    r=repr(n/d); h=(h*31+sum(k*ord(c) for k,c in enumerate(r)))&0xffffffffffff
    if i%100==0: print(r)
print(h)
for s in ("1\u2003", " \u20031+1j", "\u0661", "1\xa0", "\u2003(\u20021+1j ) ", "-1e-500j", "1E+1j", "1_1j", "(1)", "j", "-Infinity", "nanj", "1\0", "\xe91"):
    try:
        print(ascii(s), complex(s))
    except ValueError as e:
        print(ascii(s), e)
print(0 / -10 ** 30, 0 / 10 ** 30, 0 / -5)


class C(complex):
    def __complex__(self):
        return 42j


class N(complex):
    def __complex__(self):
        return None


print(complex(C(1j)), complex(1, C(1j)))
try:
    complex(N(1))
except TypeError as e:
    print(e)
