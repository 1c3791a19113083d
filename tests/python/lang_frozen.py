# Modules that are part of the program: where they say that they come from, and how to do without them.
import _imp
import importlib.machinery
import importlib.util
import os
import subprocess
import sys
import traceback

for name in 'abc', 'codecs', 'io', 'os', 'os.path', 'posixpath', 'site', 'stat', 'importlib.util', 'runpy', 'ntpath':
    spec = importlib.machinery.FrozenImporter.find_spec(name)
    print(name, spec.origin, spec.loader_state.origname, os.path.relpath(spec.loader_state.filename or 'none', sys._stdlib_dir),
          _imp.is_frozen(name), _imp.find_frozen(name))
print(os.__spec__.loader, os.__file__ == os.path.join(sys._stdlib_dir, 'os.py'), os.makedirs.__code__.co_filename)
print(_imp.find_frozen('importlib._bootstrap'), _imp.find_frozen('nothing'), _imp.find_frozen('os', withdata=False))
print(type(_imp.find_frozen('stat', withdata=True)[0]))
for f in _imp.get_frozen_object, _imp.is_frozen_package:
    try:
        f('nothing')
    except ImportError as e:
        print(e, e.name)

# no lines of source in tracebacks
try:
    os.fspath(os.path.join('a', 1))
except TypeError as e:
    print([line.strip() for line in traceback.format_tb(e.__traceback__)[1:]])

for override in -1, 1, 0:
    _imp._override_frozen_modules_for_tests(override)
    print(override, _imp.is_frozen('os'), _imp.is_frozen('zipimport'), _imp.find_frozen('os'))

for option in 'frozen_modules', 'frozen_modules=on', 'frozen_modules=off', 'frozen_modules=', 'frozen_modules=maybe':
    r = subprocess.run([sys.executable, '-I', '-S', '-X', option, '-c', 'import os; print(os.__spec__.origin == "frozen", os.makedirs.__code__.co_filename == os.__file__)'],
                       capture_output=True, text=True)
    print(option, r.returncode, r.stdout, r.stderr)
r = subprocess.run([sys.executable, '-I', '-S', '-X', 'frozen_modules=off', '-X', 'frozen_modules=on', '-c', 'import os; print(os.__spec__.origin == "frozen")'],
                   capture_output=True, text=True)
print(r.stdout)

# Code objects that are loaded share nothing with what they were made from.
import marshal
text = 'def f(a, *, b=(1, "x")):\n    try:\n        return [a, b, len(__name__), {"k": a}["k"]]\n    finally:\n        a = 2.5\n'
code = compile(text, 'text', 'exec')
dumped = marshal.dumps(code)
loaded = [marshal.loads(dumped) for i in range(3)]
for c in loaded:
    d = {'__name__': 'here'}
    exec(c, d)
    print(d['f'](3), c == code, c.co_code == code.co_code, c.co_linetable == code.co_linetable, c.co_exceptiontable == code.co_exceptiontable,
          marshal.dumps(c) == dumped)
