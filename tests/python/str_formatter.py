# string.Formatter and string.Template.
def show(f, *args, **kw):
    try:
        r = f(*args, **kw)
    except Exception as e:
        r = type(e).__name__ + ': ' + str(e)
    print(ascii(r))

import string
class F(string.Formatter):
    def get_value(self, key, args, kw): return '<%s>' % key if isinstance(key, str) else args[key]
show(F().format, '{x} {0} {y!r:>8} {{}}', 5); show(string.Formatter().format, '{0.real:{1}} {a[b]}', 3, 5, a={'b': 1})
show(lambda: list(string.Formatter().parse('a{b!r:c{d}}e{{f}}{}'))); show(lambda: list(string.Formatter().parse('{'))); show(string.Formatter().format, '{} {}', 1, 2)
show(string.Template('$a ${b} $$').substitute, a=1, b=2)
