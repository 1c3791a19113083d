"""Writes the C table of modules compiled into the program: freeze.py STDLIB OUTPUT

What the interpreter imports before it runs a user's first line is here, so that start-up reads few files."""
import marshal
import os
import sys

# name, the name of the file's module if it has another one
ESSENTIAL = [
    ("_frozen_importlib", "importlib._bootstrap"), ("_frozen_importlib_external", "importlib._bootstrap_external"), ("zipimport", None),
]
USUAL = [
    ("abc", None), ("codecs", None), ("io", None), ("_collections_abc", None), ("_sitebuiltins", None), ("genericpath", None),
    ("ntpath", None), ("posixpath", None), ("os.path", "posixpath"), ("os", None), ("site", None), ("stat", None),
    ("importlib.util", None), ("importlib.machinery", None), ("runpy", None),
]
# demonstrations of frozen modules and packages, where the library has them
DEMONSTRATIONS = [
    ("__hello__", None), ("__phello__", None), ("__phello__.spam", None), ("__phello__.ham", None), ("__phello__.ham.eggs", None),
]


def read(path):
    with open(path, "rb") as f:
        return f.read()


def names_in(stdlib):
    """Top-level modules: files, packages, and what are extensions elsewhere."""
    found = set()
    for entry in os.listdir(stdlib):
        base, dot, rest = entry.partition(".")
        if rest == "py" or (not dot and os.path.exists(stdlib + "/" + entry + "/__init__.py")):
            found.add(base)
    if os.path.isdir(stdlib + "/lib-dynload"):
        found.update(entry.partition(".")[0] for entry in os.listdir(stdlib + "/lib-dynload"))
    found -= {"test", "sitecustomize", "usercustomize"}
    return sorted(n for n in found if n.isidentifier() and not n.startswith(("__hello", "__phello", "_sysconfigdata")))


def main(stdlib, output):
    out = ['#include "interp/modules/modules.h"\n']
    table = []
    frozen = {}
    for name, origin in ESSENTIAL + USUAL + DEMONSTRATIONS:
        origin = origin or name
        base = stdlib + "/" + origin.replace(".", "/")
        package = os.path.exists(base + "/__init__.py")
        path = base + "/__init__.py" if package else base + ".py"
        if (name, None) in DEMONSTRATIONS and not os.path.exists(path):
            continue
        if origin not in frozen:
            code = compile(read(path), "<frozen %s>" % origin, "exec", dont_inherit=True, optimize=0)
            data = marshal.dumps(code)
            frozen[origin] = len(frozen), len(data)
            out.append("static const unsigned char m%d[] __attribute__((aligned(8))) = {" % frozen[origin][0])
            for i in range(0, len(data), 32):
                out.append(",".join([str(b) for b in data[i:i + 32]]) + ",")
            out.append("};")
        essential = (name, origin) in ESSENTIAL or (name, None) in ESSENTIAL
        table.append('    { "%s", m%d, %d, %s, %s, "%s" },' % (name, *frozen[origin], str(package).lower(), str(essential).lower(), origin))
    out.append("const struct hd_frozen hd_frozen_modules[] = {")
    out.extend(table)
    out.append("    { 0, 0, 0, false, false, 0 }\n};\n")
    out.append("const char *const hd_stdlib_names[] = {")
    out.extend('    "%s",' % n for n in names_in(stdlib))
    out.append("    0\n};\n")
    with open(output, "w") as f:
        f.write("\n".join(out))


main(sys.argv[1], sys.argv[2])
