# Classes that patterns take for sequences and mappings.
import collections, collections.abc
class M(collections.abc.Mapping):
    def __getitem__(self, k):
        if k == 'only': return 1
        raise KeyError(k)
    def __len__(self): return 1
    def __iter__(self): return iter(['only'])
class S(collections.abc.Sequence):
    def __getitem__(self, i): return [1, 2][i]
    def __len__(self): return 2
class R:
    def __getitem__(self, i): return (5, 6)[i]
    def __len__(self): return 2
def kind(v):
    match v:
        case {'only': x}: return 'map', x
        case [a, b]: return 'seq', a, b
        case [*r]: return 'seq', r
        case _: return 'no'
class D(dict): pass
class L(list): pass
class T(str): pass
print(kind(R()))
collections.abc.Sequence.register(R)
for v in M(), S(), D(only=1), L([1]), T('ab'), collections.ChainMap({'only': 1}), collections.deque([1, 2]), range(2), memoryview(b'ab'), R(), {1, 2}, iter([1]):
    print(type(v).__name__, kind(v))
