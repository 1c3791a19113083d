def f(x):
    assert x > 0, 'must be positive: %d' % x
    assert x
    return x
print(f(1))
try: f(-1)
except AssertionError as e: print(e, e.args)
try: assert False
except AssertionError as e: print(repr(e), e.args)
try: assert 0, (1, 2)
except AssertionError as e: print(e.args)
def lazy():
    assert True, print('never')
    assert not False
    assert 1 < 2 < 3 and not 0
    return 'ok'
print(lazy())
class E(Exception):
    def __init__(self, a, b=2): super().__init__(a, b)
try: raise E(1)
except E as e: print(e.args)
try: raise E
except TypeError as e: print('TypeError')
try: raise ValueError from 5
except TypeError as e: print(e)
try: raise (ValueError, KeyError)
except TypeError as e: print(e)
try: raise ValueError('x') from KeyError
except ValueError as e: print(repr(e.__cause__))
AssertionError_ = AssertionError
def shadow():
    AssertionError = KeyError
    try: assert False, 'shadow'
    except AssertionError_ as e: return repr(e)
print(shadow())
