# _warnings decides what becomes of a warning; warnings.py takes its functions and its state.
import io, sys, threading
import warnings, _warnings

print(warnings.warn is _warnings.warn, warnings.warn_explicit is _warnings.warn_explicit, warnings.filters is _warnings.filters)
print(warnings.onceregistry is _warnings._onceregistry, warnings.defaultaction, _warnings._defaultaction)
for f in _warnings.filters: print(f)


def attempt(f, *args, **kw):
    try:
        print(f(*args, **kw))
    except Exception as e:
        print(type(e).__name__, e)


def warn_with(filters, *args, **kw):
    """What is shown for one warning under these filters, and what the registry has then."""
    registry = kw.setdefault('registry', {})
    shown = []
    saved = warnings.filters, warnings._showwarnmsg
    warnings.filters, warnings._showwarnmsg = filters, shown.append
    warnings._filters_mutated()
    try:
        warnings.warn_explicit(*args, **kw)
        warnings.warn_explicit(*args, **kw)
    except Exception as e:
        print(type(e).__name__, str(e))
    finally:
        warnings.filters, warnings._showwarnmsg = saved
        warnings._filters_mutated()
    if registry: registry.pop('version', 0)
    print([(str(m.message), m.category.__name__, m.filename, m.lineno, m.source) for m in shown], registry)


print('- arguments')
attempt(warnings.warn)
attempt(warnings.warn, 'x', int)
attempt(warnings.warn, 'x', 5)
attempt(warnings.warn, 'a', 'b', 1, 2, 3)
attempt(warnings.warn, 'a', foo=1)
attempt(warnings.warn, 'a', stacklevel='1')
attempt(warnings.warn, [1])
attempt(warnings.warn_explicit)
attempt(warnings.warn_explicit, 'a', UserWarning, 5, 1)
attempt(warnings.warn_explicit, 'a', UserWarning, 'f', '1')
attempt(warnings.warn_explicit, 'a', UserWarning, 'f', 2**40)
attempt(warnings.warn_explicit, 'a', UserWarning, 'f', 1, registry=5)
attempt(warnings.warn_explicit, 'a', UserWarning, 'f', 1, module_globals=5)
attempt(warnings.warn_explicit, 'a', 5, 'f', 1)
attempt(warnings.warn_explicit, 'a', UserWarning, 'f', 1, None)
attempt(_warnings._filters_mutated, 1)

print('- filters')
W = ('text', UserWarning, 'dir/file.py', 7)
for action in 'error', 'ignore', 'always', 'default', 'module', 'once', 'other':
    warn_with([(action, None, Warning, None, 0)], *W)
for filters in 5, [5], [(1, 2)], [('a', None, 'x', None, 0)], [(5, None, Warning, None, 0)], [('ignore', None, Warning, None, 'x')], [('ignore', 5, Warning, None, 0)], []:
    warn_with(filters, *W)
for f in ('text', Warning, None, 0), ('tex', Warning, None, 0), (None, Warning, 'dir/file', 7), (None, Warning, 'dir/file', 8), (None, ImportWarning, None, 0):
    warn_with([('ignore', *f)], *W)
warn_with([('always', None, Warning, None, 0)], FutureWarning('instance'), None, 'f', 1, source=5)
warn_with([('once', None, Warning, None, 0)], *W, registry=None)
print([k for k in warnings.onceregistry if k != 'version'])
warn_with([('error', None, Warning, None, 0)], 'value', ValueError, 'f', 1)


class Pattern:
    def match(self, text):
        print('match', text)
        return text == 'text'


warn_with([('ignore', Pattern(), Warning, Pattern(), 0)], *W)

print('- attributes of warnings')
for name, value, filters in ('defaultaction', 5, []), ('defaultaction', 'odd', []), ('onceregistry', 5, [('once', None, Warning, None, 0)]), ('WarningMessage', None, [('always', None, Warning, None, 0)]):
    saved = getattr(warnings, name)
    setattr(warnings, name, value)
    warn_with(filters, *W, registry=None)
    setattr(warnings, name, saved)
saved = warnings._showwarnmsg
warnings._showwarnmsg = 5
attempt(warnings.warn_explicit, *W)
warnings._showwarnmsg = saved

print('- sources of modules')


class Loader:
    def __init__(self, source): self.source = source
    def get_source(self, name): return self.source


for source, line in ('a\nb', 2), ('a\nb', 3), ('a\nb', 0), (None, 3), (5, 1):
    warn_with([('always', None, Warning, None, 0)], 'text', UserWarning, 'f.py', line, module_globals={'__loader__': Loader(source), '__name__': 'm'})

print('- places')


def outer(level): return inner(level)
def inner(level):
    with warnings.catch_warnings(record=True) as log:
        warnings.simplefilter('always')
        warnings.warn('where', stacklevel=level)
    return log[0].filename == __file__, log[0].lineno - outer.__code__.co_firstlineno


print(inner(1), outer(1), outer(2), outer(3)[0], outer(-1))
namespace = {'__name__': 5, 'warn': warnings.warn}
with warnings.catch_warnings(record=True) as log:
    warnings.simplefilter('default')
    exec(compile('for i in range(3): warn("here")\nwarn("there", None, 99)', 'made up', 'exec'), namespace)
print([(m.filename, m.lineno) for m in log], [k for k in namespace['__warningregistry__'] if k != 'version'])

print('- without warnings.py')
err, sys.stderr = sys.stderr, io.StringIO()
del sys.modules['warnings']
_warnings.warn_explicit('plain', UserWarning, __file__, 2)
_warnings.warn_explicit('plain', UserWarning, 'no such file', 2)
exec('1 is 1')
imported = 'warnings' in sys.modules
_warnings.warn_explicit('plain', DeprecationWarning, __file__, 2)
sys.modules['warnings'] = warnings
out, sys.stderr = sys.stderr.getvalue(), err
print(out.replace(__file__, 'FILE'), imported)

print('- threads')
with warnings.catch_warnings(record=True) as log:
    warnings.simplefilter('default')
    registry = {}

    def work():
        for i in range(50): warnings.warn_explicit('shared %d' % (i % 10), UserWarning, 'f.py', 1, 'm', registry)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for t in threads: t.start()
    for t in threads: t.join()
print(sorted({str(m.message) for m in log}), len(registry))
