# Compiled files that were made elsewhere say where the source is now; a submodule that is still being imported.
import os, sys, tempfile, traceback, py_compile, shutil

sys.dont_write_bytecode = False
d = tempfile.mkdtemp()
sys.path.insert(0, d)

def put(name, text):
    with open(os.path.join(d, name), "w") as f:
        f.write(text)

os.mkdir(os.path.join(d, "pack"))
put("pack/__init__.py", "")
put("pack/a.py", "import pack.b\n")
put("pack/b.py", "import pack\npack.a\n")
try:
    import pack.a
except AttributeError as e:
    print(e)
put("moved.py", "def f():\n return 1 / 0\nclass C:\n def g(self): return (lambda: f())()\n")
py_compile.compile(os.path.join(d, "moved.py"), dfile="/old/place/moved.py")
import moved
try:
    moved.C().g()
except ZeroDivisionError as e:
    print({f.filename == moved.__file__ for f in traceback.extract_tb(e.__traceback__)[1:]})
print(moved.C.g.__code__.co_filename == os.path.join(d, "moved.py"))
shutil.rmtree(d)
