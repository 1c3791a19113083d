# Sources of one huge line: each is compiled in a process of its own, whose address space is limited.  Compiled or refused, with
# CPython's exception; never a crash.  usage: huge_sources.py [MEGABYTES] [NAME...]; with -v as last argument, seconds and peak megabytes go to stderr.
import os, resource, subprocess, sys

CASES = {
    "one string": "repr('x' * n)",
    "one comment": "'#' * n",
    "one name": "'a' * n",
    "spaces": "' ' * n + '1'",
    "backslashes": "'\\\\\\n' * (n // 2) + '1'",
    "one bytes literal": "'b\"' + '\\\\x41' * (n // 4) + '\"'",
    "digits": "'0x' + 'f' * n",
    "decimal digits": "'9' * n",
    "open brackets": "'[' * n",
    "closed brackets": "'[' * (n // 2) + ']' * (n // 2)",
    "other brackets": "'[' * (n // 2) + ')' * (n // 2)",
    "signs": "'-' * n + '1'",
    "string not closed": "'\"' + 'x' * n",
    "NUL": "'a' * n + '\\0'",
    "questions": "'?' * n",
    "semicolons": "'a;' * (n // 2)",
    "numbers": "'(' + '1,' * (n // 2) + ')'",
    "sum": "'1+' * (n // 2) + '1'",
    "calls": "'a' + '()' * (n // 2)",
    "not utf-8": "b'#' + b'\\xff' * n",
}
MANY_TOKENS = {"semicolons", "numbers", "sum", "calls"}       # a twentieth of the size: their trees take hundreds of bytes for each byte
PROGRAM = """
import sys
n = int(sys.argv[1])
source = eval(sys.argv[2])
try: compile(source, "huge", "exec")
except Exception as e: print(type(e).__name__)
else: print("compiled")
"""


def limit(): resource.setrlimit(resource.RLIMIT_AS, (24 << 30,) * 2)


arguments = sys.argv[1:]
tell = arguments[-1:] == ["-v"]
if tell: arguments.pop()
n = int(float(arguments[0]) * (1 << 20)) if arguments else 100 << 20
for name in arguments[1:] or CASES:
    p = subprocess.Popen([sys.executable, "-c", PROGRAM, str(n // 20 if name in MANY_TOKENS else n), CASES[name]], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, preexec_fn=limit)
    answer = p.stdout.read().decode().strip()
    status, usage = os.wait4(p.pid, 0)[1:]
    print(f"{name}: {answer}" if status == 0 else f"{name}: ended with status {status}", flush=True)
    if tell: print(f"    {usage.ru_utime + usage.ru_stime:.1f} s, {usage.ru_maxrss >> 10} MB", file=sys.stderr, flush=True)
