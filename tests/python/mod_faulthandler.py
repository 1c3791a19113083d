# faulthandler: tracebacks on request, after a time, on signals, on faults.
import faulthandler
import os
import re
import signal
import subprocess
import sys
import tempfile
import time


def shown(f):
    f.seek(0)
    text = f.read()
    f.seek(0)
    f.truncate()
    text = re.sub('0x[0-9a-f]+', '0x', text)
    return re.sub('File ".*mod_faulthandler.py", line [0-9]+', 'File', text)


def outer(f):
    inner(f)


def inner(f):
    faulthandler.dump_traceback(f)
    faulthandler.dump_traceback(f, all_threads=False)


with tempfile.TemporaryFile('w+') as f:
    outer(f)
    print(shown(f))
    faulthandler.register(signal.SIGUSR1, f)
    os.kill(os.getpid(), signal.SIGUSR1)
    print(shown(f))
    print(faulthandler.unregister(signal.SIGUSR1), faulthandler.unregister(signal.SIGUSR1))
    faulthandler.dump_traceback_later(0.1, file=f)
    time.sleep(0.5)
    faulthandler.cancel_dump_traceback_later()
    print(shown(f))
    print(faulthandler.is_enabled())
    faulthandler.enable(f)
    print(faulthandler.is_enabled(), faulthandler.disable(), faulthandler.is_enabled())
for args in ((0,), (-1,), (1e300,)):
    try:
        faulthandler.dump_traceback_later(*args)
    except (ValueError, OverflowError) as e:
        print(type(e).__name__, e)
try:
    faulthandler.register(signal.SIGSEGV)
except RuntimeError as e:
    print(e)
env = dict(os.environ, ASAN_OPTIONS=os.environ.get('ASAN_OPTIONS', '') + ':handle_segv=0')      # a sanitizer wants the signal too
p = subprocess.run([sys.executable, '-c', 'import faulthandler; faulthandler.enable(); faulthandler._sigsegv()'], capture_output=True, text=True, env=env)
print(p.returncode, re.sub('0x[0-9a-f]+', '0x', p.stderr))
