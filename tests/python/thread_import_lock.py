# The import lock, and what a child of fork() finds of it; hooks around fork(); usage of children.
import os, subprocess, sys, threading, time, warnings
warnings.simplefilter("ignore")
import imp
print(imp.lock_held())
imp.acquire_lock()
imp.acquire_lock()
print(imp.lock_held())
free = []
def other():
    imp.acquire_lock()
    free.append(time.monotonic())
    imp.release_lock()
t = threading.Thread(target=other)
t.start()
time.sleep(0.1)
imp.release_lock()
released = time.monotonic()
imp.release_lock()
t.join()
print(free[0] >= released, imp.lock_held())
try: imp.release_lock()
except RuntimeError as e: print(e)

sys.stdout.flush()
imp.acquire_lock()
pid = os.fork()
if pid == 0:
    imp.release_lock()
    os._exit(imp.lock_held())
print(os.waitpid(pid, 0)[1], imp.lock_held())
imp.release_lock()

# Another thread holds it: fork() waits, so the child finds it free.
def holder():
    imp.acquire_lock()
    held.set()
    time.sleep(0.3)
    imp.release_lock()
held = threading.Event()
t = threading.Thread(target=holder)
t.start()
held.wait()
pid = os.fork()
if pid == 0:
    try: import this_module_does_not_exist
    except ImportError: os._exit(4 + imp.lock_held())
print(os.waitpid(pid, 0)[1]) if pid else os._exit(3)
t.join()

# Hooks run for fork(), and for a child process only if Python code runs in it.
calls = []
os.register_at_fork(before=lambda: calls.append("before"), after_in_parent=lambda: calls.append("parent"))
subprocess.call(["true"])
print(calls)
subprocess.call(["true"], preexec_fn=int)
print(calls)

pid, status, usage = os.wait4(os.spawnv(os.P_NOWAIT, "/bin/true", ["true"]), 0)
print(status, type(usage).__name__, usage.ru_utime >= 0)
pid = os.spawnv(os.P_NOWAIT, "/bin/true", ["true"])
print(os.wait3(0)[0] == pid)
try: os.wait3(0)
except ChildProcessError as e: print(e)

# Two threads import modules that import each other: both get what there is.
import shutil, tempfile
folder = tempfile.mkdtemp()
sys.path.insert(0, folder)
sys.dont_write_bytecode = True
for name, text in dict(circ_a="import time\ntime.sleep(0.2)\nx = 'a'\nimport circ_c\n", circ_b="import time\ntime.sleep(0.2)\nx = 'b'\nimport circ_d\n",
                       circ_c="import circ_b\n", circ_d="import circ_a\n").items():
    with open(os.path.join(folder, name + ".py"), "w") as f: f.write(text)
results = []
def first():
    import circ_a
    results.append(circ_a.x)
def second():
    import circ_b
    results.append(circ_b.x)
threads = [threading.Thread(target=first), threading.Thread(target=second)]
for t in threads: t.start()
for t in threads: t.join()
print(sorted(results))

# The same with names that are relative to a package.
for package, text in dict(circ_p="from . import {0}\n", circ_q="from .{0} import *\nfrom ..circ_q import {0}\n").items():
    inner = os.path.join(folder, "circ_top", package)
    os.makedirs(inner)
    open(os.path.join(inner, "__init__.py"), "w").close()
    for name, other in ("a", "b"), ("b", "a"):
        with open(os.path.join(inner, name + ".py"), "w") as f: f.write("import time\ntime.sleep(0.2)\n" + text.format(other) + "x = 1\n")
    results = []
    def load(name):
        try: results.append(__import__(name, fromlist=["x"]).x)
        except Exception as e: results.append(repr(e))
    __import__("circ_top." + package)
    threads = [threading.Thread(target=load, args=("circ_top.%s.%s" % (package, n),)) for n in "ab"]
    for t in threads: t.start()
    for t in threads: t.join()
    print(results)
shutil.rmtree(folder)
