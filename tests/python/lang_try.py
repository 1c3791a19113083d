def f(n):
    r = []
    try:
        r.append('try')
        if n == 1: raise ValueError('v')
        if n == 2: raise KeyError('k')
        if n == 3: return r, 'ret'
        if n == 4: raise OSError
    except ValueError as e:
        r.append(repr(e))
    except (KeyError, IndexError) as e:
        r.append(type(e).__name__)
    except:
        r.append('bare')
    else:
        r.append('else')
    finally:
        r.append('finally')
    return r
for i in range(5): print(f(i))
def override():
    try: return 'try'
    finally: return 'finally'
print(override())
def swallow():
    for i in range(3):
        try: 1 / 0
        finally:
            if i < 2: continue
            break
    return i
print(swallow())
def nested():
    r = []
    try:
        try:
            try: raise ValueError(1)
            finally: r.append('f1')
        except KeyError: r.append('no')
        finally: r.append('f2')
    except ValueError as e: r.append(e.args)
    return r
print(nested())
def loopfin():
    r = []
    for i in range(4):
        try:
            if i == 1: continue
            if i == 3: break
            r.append(i)
        finally: r.append('f%d' % i)
    else: r.append('else')
    return r
print(loopfin())
def retval():
    x = 1
    try: return x
    finally: x = 2
print(retval())
def retnested():
    r = []
    def g():
        try:
            try: return r.append('value') or 'v'
            finally: r.append('inner')
        finally: r.append('outer')
    return g(), r
print(retnested())
def context():
    try:
        try: raise ValueError('a')
        except ValueError: raise KeyError('b')
    except KeyError as e: print(repr(e.__context__), e.__cause__)
    try:
        try: raise ValueError('a')
        except ValueError as v: raise KeyError('b') from v
    except KeyError as e: print(repr(e.__cause__), e.__suppress_context__)
    try: raise KeyError from None
    except KeyError as e: print(e.__cause__, e.__suppress_context__)
context()
def reraise():
    try:
        try: raise ValueError('again')
        except ValueError: raise
    except ValueError as e: return repr(e)
print(reraise())
try: raise
except RuntimeError as e: print(e)
import sys
def info():
    print(sys.exc_info()[0])
    try: raise ValueError
    except ValueError:
        print(sys.exc_info()[0].__name__)
        try: raise KeyError
        except KeyError: print(sys.exc_info()[0].__name__)
        print(sys.exc_info()[0].__name__)
    print(sys.exc_info()[0])
info()
def cleared():
    try: raise ValueError
    except ValueError as e: pass
    try: e
    except UnboundLocalError as u: return str(u)
print(cleared())
def delname():
    try: raise ValueError
    except ValueError as e: del e
    return 'ok'
print(delname())
def inexc():
    try:
        try: raise ValueError
        except ValueError as e:
            raise TypeError
    except TypeError:
        try: e
        except UnboundLocalError: return 'unbound'
print(inexc())
def whiletry():
    n = 0
    while True:
        try:
            n += 1
            if n < 3: raise ValueError
            break
        except ValueError: continue
        finally: n += 10
    return n
print(whiletry())
def badtype():
    try:
        try: raise ValueError
        except 5: pass
    except TypeError as e: return str(e)
print(badtype())
try: raise 5
except TypeError as e: print(e)
def exc_in_else():
    try:
        try: pass
        except ValueError: print('no')
        else: raise ValueError('from else')
        finally: print('fin')
    except ValueError as e: print(e)
exc_in_else()
def exc_in_finally():
    try:
        try: raise ValueError('first')
        finally: raise KeyError('second')
    except KeyError as e: print(repr(e), repr(e.__context__))
exc_in_finally()
def exc_keeps():
    x = 1
    try: x = int('q')
    except ValueError: return x
print(exc_keeps())
def retloop():
    for i in range(3):
        for j in range(3):
            try:
                if j == 1: return i, j
            finally: print('fin', i, j)
print(retloop())
e = 'module'
try: 1 / 0
except ZeroDivisionError as e: pass
try: e
except NameError as q: print(q)
def cellname():
    try: 1 / 0
    except ZeroDivisionError as e:
        f = lambda: e
        print(repr(f()))
    try: f()
    except NameError as q: print(q)
cellname()
def breakexc():
    for i in range(2):
        try: raise ValueError(i)
        except ValueError as e:
            if i: break
            continue
    return i, sys.exc_info()[0]
print(breakexc())
