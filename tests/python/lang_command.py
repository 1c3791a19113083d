# The command: options, prompts, what runs at the end, compiled scripts, scripts in archives.
import os, py_compile, subprocess, sys, tempfile, zipfile


def run(*args, stdin=b"", **env):
    e = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    e.update(env)
    p = subprocess.run([sys.executable, *args], input=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=e)
    return p.returncode, p.stdout.decode().splitlines(), p.stderr.decode().splitlines()


print(run("--nonsense")[0], run("--nonsense")[2][0])
print(run("-X", "int_max_str_digits=1", "-c", "1")[0])
print(run("-bb", "-W", "error", "-c", "import sys; print(sys.warnoptions)", PYTHONWARNINGS="once::UserWarning")[1])
print(run("-X", "dev", "-c", "import sys; print(sys.warnoptions)")[1])
print(run("-R", "-c", "import sys; print(sys.flags.hash_randomization)", PYTHONHASHSEED="0")[1])
print(run("-X", "pycache_prefix", "-c", "import sys; print(sys.pycache_prefix)", PYTHONPYCACHEPREFIX="x")[1])
print(run("-c", "# coding: latin1\nprint(ascii('\xe6'))")[1])
print(run("-c", "print(chr(0xe9))", PYTHONIOENCODING="ascii:replace")[1])
print(run("-v", "-c", "1")[0])
print(run("-c", "print(__loader__, __annotations__)")[1])
print(run("-i", "-q", stdin=b"1/0\n1+1\nimport os; os.close(0)\n"))
print(run("-c", "import sys; sys.exit((4, 5))")[2])
print(sorted(run("-c", """if 1:
    import sys
    class A:
        def __del__(self): print("gone", sys.is_finalizing(), late)
    late = 1
    a = A()
    def g():
        try: yield
        finally: print("closed")
    b = g(); next(b)""")[1]))
print(run("-c", """if 1:
    import threading
    t = threading.Thread(target=int); t.start(); t.join()
    def g():
        try: yield
        finally: print("closed")
    b = g(); next(b)""")[1])
with tempfile.TemporaryDirectory() as d:
    path = os.path.join(d, "s.py")
    with open(path, "w") as f: f.write("import sys\nprint(__name__, __file__ == sys.argv[1], __loader__.__class__.__name__)\n")
    print(run(path, path)[1])
    print(run(py_compile.compile(path, path + "c"), path + "c")[1])
    archive = os.path.join(d, "a.zip")
    with zipfile.ZipFile(archive, "w") as z:
        z.writestr("__main__.py", "import inside; print(inside.x, __loader__.__class__.__name__)")
        z.writestr("inside.py", "x = 'in the archive'")
    print(run(archive)[1])
    with open(path, "wb") as f: f.write(b"a = 1\n# \x89\n")
    print(run(path)[2][-1].replace(d, "D"))
print("json" in sys.stdlib_module_names, "test" in sys.stdlib_module_names)
import pathlib
for f in (lambda: os.mkdir(pathlib.Path("/tmp")), lambda: subprocess.run(["cat"], cwd="/nonexistent")):
    try: f()
    except OSError as e: print(e)
print(subprocess.run(["sh", "-c", "umask"], umask=0o77, stdout=subprocess.PIPE).stdout)
same = {"user": os.getuid(), "group": os.getgid()} if os.getuid() == 0 else {}
print(subprocess.run(["id", "-u"], stdout=subprocess.PIPE, **same).stdout == b"%d\n" % os.getuid())
