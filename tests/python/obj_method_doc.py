# The documentation of a bound method is its function's, also for object.__getattribute__; hashes of source files.
import importlib.util
import types


class X:
    def plain(self):
        '''A plain method'''

    @classmethod
    def of_class(cls):
        '''A class method'''

    def bare(self):
        pass

for m in (X().plain, X.of_class, X().of_class, X().bare):
    print(m.__doc__, object.__getattribute__(m, '__doc__'))
try:
    X().plain.__doc__ = 'x'
except AttributeError as e:
    print('AttributeError')
print(types.MethodType.__doc__)
for data in (b'', b'hi', b'12345678', b'123456789', b'x' * 1000):
    print(importlib.util.source_hash(data).hex())
