"""Writes the C table of modules compiled into the program: freeze.py STDLIB OUTPUT

Everything that the interpreter imports before it runs a user's first line is here, so that start-up reads no files."""
import marshal
import os
import sys

MODULES = [
    ("_frozen_importlib", "importlib/_bootstrap.py", "<frozen importlib._bootstrap>"),
    ("_frozen_importlib_external", "importlib/_bootstrap_external.py", "<frozen importlib._bootstrap_external>"),
    ("zipimport", "zipimport.py", "<frozen zipimport>"),
    # demonstrations of frozen modules and packages, where the library has them
    ("__hello__", "__hello__.py", "<frozen __hello__>"),
    ("__phello__", "__phello__/__init__.py", "<frozen __phello__>"),
    ("__phello__.spam", "__phello__/spam.py", "<frozen __phello__.spam>"),
    ("__phello__.ham", "__phello__/ham/__init__.py", "<frozen __phello__.ham>"),
    ("__phello__.ham.eggs", "__phello__/ham/eggs.py", "<frozen __phello__.ham.eggs>"),
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
    for n, (name, path, shown) in enumerate(MODULES):
        if name.startswith("__") and not os.path.exists(stdlib + "/" + path):
            continue
        code = compile(read(stdlib + "/" + path), shown, "exec", dont_inherit=True, optimize=0)
        data = marshal.dumps(code)
        out.append("static const unsigned char m%d[] = {" % n)
        for i in range(0, len(data), 32):
            out.append(",".join([str(b) for b in data[i:i + 32]]) + ",")
        out.append("};")
        table.append('    { "%s", m%d, %d, %s },' % (name, n, len(data), "true" if path.endswith("__init__.py") else "false"))
    out.append("const struct hd_frozen hd_frozen_modules[] = {")
    out.extend(table)
    out.append("    { 0, 0, 0, false }\n};\n")
    out.append("const char *const hd_stdlib_names[] = {")
    out.extend('    "%s",' % n for n in names_in(stdlib))
    out.append("    0\n};\n")
    with open(output, "w") as f:
        f.write("\n".join(out))


main(sys.argv[1], sys.argv[2])
