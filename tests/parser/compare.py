#!/usr/bin/env python3.11
"""Compares the parser (through the tool astdump) with the interpreter that runs this script, which must be CPython 3.11.

    compare.py errors ASTDUMP            messages and positions for the programs in snippets.py
    compare.py trees ASTDUMP [PATH...]   trees of all .py files below the paths (default: the standard library)
    compare.py fuzz ASTDUMP SECONDS SEED small damages to pieces of the standard library

Ends with status 77 (skipped) under any other interpreter. Of the fuzz a few cases in 10,000 differ: it shows, it does not judge.
"""
import ast
import os
import random
import re
import subprocess
import sys
import time
import warnings

MODES = {"exec": "execs", "eval": "evals", "single": "singles", "func_type": "func_types"}


class Tool:
    def __init__(self, path):
        env = dict(os.environ, ASTDUMP_ANY_NAME="")
        env.pop("ASTDUMP_ANY_NAME")
        self.process = subprocess.Popen([path, "-b"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=env)

    def __call__(self, source, mode="exec"):
        text = isinstance(source, str)
        data = source.encode("utf-8", "surrogatepass") if text else source
        self.process.stdin.write(b"%d %s\n" % (len(data), (MODES[mode] if text else mode).encode()) + data)
        self.process.stdin.flush()
        return self.process.stdout.readline().decode("utf-8", "surrogateescape").rstrip("\n")


def expected(source, mode="exec"):
    try:
        return ast.dump(compile(source, "<s>", mode, ast.PyCF_ONLY_AST), include_attributes=True)
    except SyntaxError as e:
        fields = type(e).__name__, e.msg, e.lineno, e.offset, e.end_lineno, e.end_offset, repr(e.text)
        return "|".join(map(str, fields))
    except (MemoryError, ValueError, RecursionError) as e:
        return type(e).__name__ + "|" + str(e)


def show(what, want, got):
    i = next((i for i, (a, b) in enumerate(zip(want, got)) if a != b), min(len(want), len(got)))
    low = max(0, i - 100)
    print(f"{what}\n    want {want[low:i + 100]}\n    got  {got[low:i + 100]}")


def errors(tool):
    from snippets import SNIPPETS
    bad = 0
    for item in SNIPPETS:
        source, mode = item if isinstance(item, tuple) else (item, "exec")
        want, got = expected(source, mode), tool(source, mode)
        if want != got:
            bad += 1
            show(repr(source)[:200], want, got)
    print(len(SNIPPETS), "programs,", bad, "differ")
    return bad


def python_files(paths):
    for path in paths:
        if path.endswith(".py"):
            yield path
        for folder, _, names in sorted(os.walk(path)):
            for name in sorted(names):
                if name.endswith(".py"):
                    yield os.path.join(folder, name)


def trees(tool, paths):
    bad = count = 0
    for path in python_files(paths or [os.path.dirname(os.__file__)]):
        with open(path, "rb") as f:
            source = f.read()
        # The tool knows neither the names of characters nor rare encodings; where bytes are no UTF-8 the position differs.
        if rb"\N{" in source or re.match(rb"(.*\n)?.*coding[:=]\s*(koi8|iso2022|big5|euc|cp1252)", source):
            continue
        want = expected(source)
        if not want.startswith("Module"):
            continue
        got = tool(source)
        count += 1
        if want != got:
            bad += 1
            show(path, want, got)
    print(count, "files,", bad, "differ")
    return bad


TOKEN = re.compile(r"""\s*("(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|\w+|[-+*/<>=!@%&|^:]=|\*\*|//|<<|>>|->|\.\.\.|\n|.)""")
PIECES = """( ) [ ] { } , : = == := * ** . ; if else for in not is and or lambda def class return yield await async with as try except
finally import from print match case _ x y 1 0x "s" f"{a}" f"{a\u00a0b}" None True + - -> @ / del global $ \u00e9 pass while elif raise
assert ... <> ! += | " ' \\""".split() + ["\n", "\n  ", "\n\t"]


def damaged(text, rnd):
    tokens = [m.group(0) for m in TOKEN.finditer(text)]
    for _ in range(rnd.choice([1, 1, 1, 2, 3])):
        if not tokens:
            break
        k, op = rnd.randrange(len(tokens)), rnd.random()
        piece = " " + rnd.choice(PIECES).replace("\u00a0", " ")
        if op < 0.3:
            del tokens[k]
        elif op < 0.6:
            tokens.insert(k, piece)
        elif op < 0.8:
            tokens[k] = piece
        else:
            tokens.insert(k, tokens[k])
    return "".join(tokens)


def fuzz(tool, seconds, seed):
    rnd = random.Random(seed)
    files = list(python_files([os.path.dirname(os.__file__)]))
    bad = count = 0
    end = time.time() + seconds
    while time.time() < end:
        try:
            with open(rnd.choice(files), encoding="utf-8") as f:
                lines = f.read().split("\n")
        except UnicodeDecodeError:
            continue
        starts = [i for i, line in enumerate(lines) if line[:1].strip() and line[0] not in "#)]}\"'"]
        if not starts:
            continue
        first = rnd.choice(starts)
        text = "\n".join(lines[first:first + rnd.randint(1, 25)]) + "\n"
        for _ in range(10):
            source = damaged(text, rnd)
            if "\\N" in source or "\0" in source:
                continue
            want, got = expected(source), tool(source)
            count += 1
            if want != got:
                bad += 1
                show(repr(source)[:600], want, got)
    print(count, "cases,", bad, "differ")
    return bad > count // 1000


def main():
    if sys.version_info[:2] != (3, 11) or sys.implementation.name != "cpython":
        return 77
    warnings.simplefilter("ignore")
    sys.setrecursionlimit(20000)
    what, tool = sys.argv[1], Tool(sys.argv[2])
    if what == "errors":
        return 1 if errors(tool) else 0
    if what == "trees":
        return 1 if trees(tool, sys.argv[3:]) else 0
    return 1 if fuzz(tool, float(sys.argv[3]), int(sys.argv[4])) else 0


if __name__ == "__main__":
    sys.exit(main())
