# Exceptions: construction, texts, attributes, chaining, groups, pickling protocol.
def err(f, *a, **k):
    try:
        r = f(*a, **k)
    except BaseException as e:
        print(type(e).__name__, '|', e)
    else:
        print('no error', r)
import builtins
names = sorted(n for n in dir(builtins) if isinstance(getattr(builtins, n), type) and issubclass(getattr(builtins, n), BaseException))
print(names)
for n in names:
    t = getattr(builtins, n)
    print(n, [b.__name__ for b in t.__mro__], t.__module__, t.__name__)
for n in names:
    t = getattr(builtins, n)
    for args in ((), ('a',), (1, 'two'), (('x',), None, 3)):
        try:
            e = t(*args)
            print(n, repr(e), '|', str(e), '|', e.args)
        except Exception as x:
            print(n, args, type(x).__name__, x)
for n in ('Exception', 'KeyError', 'OSError', 'SyntaxError', 'ImportError', 'StopIteration', 'NameError', 'UnicodeDecodeError', 'SystemExit'):
    err(getattr(builtins, n), bogus=1)
e = Exception('x'); e.attr = 5; print(e.attr, e.__dict__, e.__reduce__(), e.__traceback__, e.__context__, e.__cause__, e.__suppress_context__)
e.__setstate__({'y': 2}); print(e.y); err(e.__setstate__, 5); e.__setstate__(None)
e.args = [1, 2]; print(e.args, repr(e)); err(setattr, e, 'args', 5); err(delattr, e, 'args')
err(setattr, e, '__traceback__', 5); err(setattr, e, '__context__', 5); err(setattr, e, '__cause__', 5); err(delattr, e, '__cause__'); err(delattr, e, '__context__'); err(delattr, e, '__traceback__')
e.__cause__ = ValueError('c'); print(repr(e.__cause__), e.__suppress_context__); e.__suppress_context__ = False; e.__context__ = None; print(e.__suppress_context__); err(setattr, e, '__suppress_context__', 1)
e.add_note('n1'); e.add_note('n2'); print(e.__notes__); err(e.add_note, 5); e.__notes__ = 5; err(e.add_note, 'x'); print(e.with_traceback(None) is e); err(e.with_traceback, 5)
# KeyError, StopIteration, SystemExit
print(str(KeyError('k')), str(KeyError()), str(KeyError(1, 2)), StopIteration(5).value, StopIteration().value, SystemExit(3).code, SystemExit().code, SystemExit(1, 2).code)
# ImportError
i = ImportError('msg', name='n', path='p'); print(i.msg, i.name, i.path, i.__reduce__(), ImportError('a', 'b').msg, ImportError().msg); err(ImportError, 'a', foo=1)
# NameError, AttributeError
try: undefined_name
except NameError as x: print(x, x.name)
try: (5).zork
except AttributeError as x: print(x, x.name, x.obj)
print(NameError('a', name='b').name, AttributeError('a', name='b', obj=3).obj, NameError('q').name)
def unb():
    print(loc); loc = 1
err(unb)
# OSError
for args in ((2, 'No such file'), (2, 'No such file', 'f'), (2, 'x', 'f', None, 'g'), (13, 'Denied', b'p'), (11, 'again', 5), (999, 'huh'), ('2', 'str'), (2,), (1, 2, 3, 4, 5, 6), (32, 'pipe'), (104, 'r'), (111, 'r'), (103, 'x'), (110, 't'), (17, 'e'), (20, 'nd'), (21, 'id'), (4, 'i'), (10, 'c'), (3, 'p'), (2, 'x', None)):
    o = OSError(*args); print(type(o).__name__, repr(o), '|', o, '|', o.errno, o.strerror, o.filename, o.filename2, o.args, o.__reduce__())
class MyOS(OSError):
    def __init__(self, a, b, c): super().__init__(a, b, c); self.mine = c
m = MyOS(2, 'txt', 'file'); print(m, m.errno, m.filename, m.mine, m.args)
class MyOS2(OSError): pass
m = MyOS2(2, 'txt', 'file'); print(type(m).__name__, m, m.filename); err(lambda: OSError(1).characters_written); b = BlockingIOError(11, 'a', 7); print(b.characters_written, b.filename, b.args)
o = OSError(2, 'a'); o.filename = 'set'; print(o); o.errno = 5; print(o, IOError is OSError, EnvironmentError is OSError)
# SyntaxError
s = SyntaxError('bad', ('dir/f.py', 3, 5, 'text\n')); print(s, s.filename, s.lineno, s.offset, s.text, s.msg, s.end_lineno, s.print_file_and_line, s.args)
s = SyntaxError('bad', ('f.py', 3, 5, 'text', 3, 9)); print(s.end_lineno, s.end_offset); err(SyntaxError, 'a', (1, 2)); err(SyntaxError, 'a', ('f', 1, 2, 't', 5)); err(SyntaxError, 'a', 5); print(SyntaxError('m', ('f', None, 0, None)), SyntaxError('m', (None, 4, 0, None)), SyntaxError())
# Unicode
print(UnicodeDecodeError('utf-8', b'abc\xff', 3, 4, 'bad byte'), '|', UnicodeDecodeError('utf-8', b'abc\xff', 1, 4, 'bad'), '|', UnicodeEncodeError('ascii', 'ab\xe9', 2, 3, 'ord'), '|', UnicodeEncodeError('ascii', 'ab\u1234', 2, 3, 'ord'), '|', UnicodeEncodeError('ascii', 'a\U0001f600', 1, 2, 'ord'), '|', UnicodeEncodeError('ascii', 'abc', 0, 3, 'x'), '|', UnicodeTranslateError('abc', 1, 2, 'r'), '|', UnicodeTranslateError('abc', 0, 2, 'r'))
u = UnicodeDecodeError('e', bytearray(b'x'), 0, 1, 'r'); print(u.object, u.start, u.end, u.reason, u.encoding, u.args); err(UnicodeDecodeError, 'a'); err(UnicodeDecodeError, 1, b'', 0, 1, 'r'); err(UnicodeEncodeError, 'a', b'', 0, 1, 'r'); err(UnicodeDecodeError, 'a', 'str', 0, 1, 'r')
# chaining
try:
    try: raise ValueError('first')
    except ValueError: raise KeyError('second')
except KeyError as k: print(repr(k.__context__), k.__cause__, k.__suppress_context__)
try:
    try: raise ValueError('first')
    except ValueError as v: raise KeyError('second') from v
except KeyError as k: print(repr(k.__context__), repr(k.__cause__), k.__suppress_context__)
try:
    try: raise ValueError('first')
    except ValueError as v: raise KeyError('second') from None
except KeyError as k: print(repr(k.__context__), k.__cause__, k.__suppress_context__)
try:
    try: 1 / 0
    except ZeroDivisionError: {}['x']
except KeyError as k: print(repr(k.__context__))
a, b = ValueError('a'), ValueError('b')
try:
    try: raise a
    except ValueError:
        try: raise b
        except ValueError: raise a
except ValueError as x: print(x, repr(x.__context__), x.__context__.__context__)
def r1(): raise 5
def r2(): raise int
def r3(): raise ValueError from 5
def r4(): raise
class NotExc:
    def __new__(cls): return 5
for r in (r1, r2, r3, r4): err(r)
class FakeE(Exception):
    def __new__(cls): return 5
def r5(): raise FakeE
err(r5)
# subclasses
class MyE(Exception):
    def __init__(self, a, b=2): self.a = a
    def __str__(self): return 'MyE:%s' % self.a
m = MyE(1, b=5); print(m, repr(m), m.args); err(lambda: Exception.__new__(int)); print(Exception.__new__(MyE, 1, 2).args)
err(type, 'Multi', (KeyError, AttributeError), {}); err(type, 'Multi2', (OSError, AttributeError), {})
# groups
eg = ExceptionGroup('msg', [ValueError(1), TypeError('t'), ExceptionGroup('inner', [OSError(2), ValueError(3)])])
print(eg, repr(eg), eg.message, eg.exceptions, eg.args, eg.__mro__ if hasattr(eg, '__mro__') else '')
print(type(BaseExceptionGroup('m', [ValueError()])).__name__, type(BaseExceptionGroup('m', [KeyboardInterrupt()])).__name__)
for a in ((), ('m',), (1, [ValueError()]), ('m', []), ('m', [1]), ('m', 5), ('m', {1}), ('m', [KeyboardInterrupt()]), ('m', [ValueError()], 3)): err(ExceptionGroup, *a)
print(eg.split(ValueError)); print(eg.subgroup(ValueError)); print(eg.subgroup((OSError, TypeError))); print(eg.subgroup(lambda e: isinstance(e, TypeError))); print(eg.split(KeyError)); print(eg.split(ExceptionGroup)[0] is eg); err(eg.split, 5); err(eg.subgroup, int)
eg.add_note('note'); eg.__cause__ = ValueError('cause'); m, r = eg.split(ValueError); print(m.__notes__, r.__notes__, m.__cause__, m.__notes__ is eg.__notes__, repr(eg.derive([KeyError()])))
class MyG(ExceptionGroup):
    def derive(self, excs): return MyG(self.message + '!', excs)
print(repr(MyG('q', [ValueError(), KeyError()]).split(KeyError))); err(setattr, eg, 'message', 1); print(ExceptionGroup[int], str(ExceptionGroup('one', [ValueError()])))
class MyG2(ExceptionGroup): pass
err(MyG2, 'm', [KeyboardInterrupt()])
try: raise ExceptionGroup('g', [ValueError(1), TypeError(2), KeyError(3)])
except* ValueError as e: print('V', repr(e))
except* (TypeError, KeyError) as e: print('TK', repr(e))
try:
    try: raise ExceptionGroup('g', [ValueError(1), TypeError(2), ExceptionGroup('h', [ValueError(5), KeyError(6)])])
    except* ValueError as e: print('V', repr(e)); raise OSError('new')
    except* KeyError: raise
except BaseException as e: print(repr(e), [repr(x) for x in e.exceptions])
try: raise ValueError('naked')
except* ValueError as e: print(repr(e))
try:
    try: raise ValueError('naked2')
    except* TypeError: pass
except ValueError as e: print(repr(e))
try:
    try: raise ExceptionGroup('g', [ValueError(1)])
    except* ValueError: raise KeyError('k')
except BaseException as e: print(repr(e), repr(e.__context__))
