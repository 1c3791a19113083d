# Compiled files: CPython's magic number, a cache name of the instruction set, code of other instruction sets refused.
import importlib.util, os, py_compile, subprocess, sys, tempfile
print(int.from_bytes(importlib.util.MAGIC_NUMBER[:2], "little"), importlib.util.MAGIC_NUMBER[2:])
kind, version, ident = sys.implementation.cache_tag.split("-")
print(kind, version, len(ident), set(ident) <= set("0123456789abcdef"))
print(os.path.basename(importlib.util.cache_from_source("a.py")) == f"a.{sys.implementation.cache_tag}.pyc")

def run(path):
    p = subprocess.run([sys.executable, path], capture_output=True, text=True)
    print(p.returncode, repr(p.stdout), p.stderr.rstrip("\n").rpartition("\n")[2])

with tempfile.TemporaryDirectory() as d:
    sys.path.insert(0, d)
    source, good = os.path.join(d, "prog.py"), os.path.join(d, "good_.pyc")
    with open(source, "w") as f: f.write("x = 6 * 7\nprint('x is', x)\n")
    py_compile.compile(source, good, doraise=True)
    with open(good, "rb") as f: data = f.read()
    import good_
    run(good)
    at = data.index(int(ident, 16).to_bytes(4, "little"))
    variants = {
        "otherset": data[:at] + (int(ident, 16) ^ 1).to_bytes(4, "little") + data[at + 4:],
        "magic": b"\0\0" + data[2:],
        "short": data[:10],
        "nocode": data[:16] + b"N",
    }
    for name, text in variants.items():
        path = os.path.join(d, name + "_.pyc")
        with open(path, "wb") as f: f.write(text)
        run(path)
        try: __import__(name + "_")
        except (ImportError, EOFError) as e: print(type(e).__name__, str(e).partition(":")[0].replace(d, "d"))
