# Settings that are refused, and the check of compiled files.
import os
import subprocess
import sys


def run(*options, **variables):
    env = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    p = subprocess.run([sys.executable, *options, "-c", "import _imp, sys; print(_imp.check_hash_based_pycs)"], env={**env, **variables}, capture_output=True, text=True)
    print(options, variables, p.returncode, p.stdout.strip(), p.stderr.splitlines()[:1])


run(PYTHONMALLOC="bad")
run(PYTHONMALLOC="")
for name in "default", "debug", "malloc", "malloc_debug", "pymalloc", "pymalloc_debug":
    run(PYTHONMALLOC=name)
run(PYTHONUTF8="bad")
run(PYTHONUTF8="2")
run(PYTHONUTF8="")
run(PYTHONUTF8="1")
run("-E", PYTHONUTF8="bad", PYTHONMALLOC="bad")
run("-X", "utf8=2")
run("-X", "utf8=1", PYTHONUTF8="bad")
for how in "always", "never", "default", "bad", "":
    run("--check-hash-based-pycs", how)
run("--check-hash-based-pycs=always")
p = subprocess.run([sys.executable, "--check-hash-based-pycs"], capture_output=True, text=True)
print(p.returncode, p.stderr.splitlines()[0])

# Files that are open at the end, if warnings are asked for.
for options in (), ("-Wd",), ("-Wi",):
    for program in "f = open(%a)" % __file__, "import warnings; f = open(%a, 'rb')" % __file__, "f = open(%a); f.close()" % __file__:
        p = subprocess.run([sys.executable, *options, "-c", program], capture_output=True, text=True)
        print(options, p.returncode, p.stdout, p.stderr[:42])
