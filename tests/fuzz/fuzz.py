#!/usr/bin/env python3
"""Random inputs for the interpreter: nothing may crash, hang or fail inside; where CPython 3.11 is there, results are compared.

usage: fuzz.py [--interpreter PATH] [--against PATH | --alone] [--seconds N] [--seed N] [--case N] [KIND...]

Kinds: those of mutate.py (damaged sources, compiled code, pickles, texts), of programs.py (programs from the grammar), of threads.py
and of exchange.py (programs of several threads).
A case is a function of kind, seed and number alone: --seed and --case repeat the one that a failure names.  What threads do differs
each time: --times says how often.
Workers run cases in runs of many; a worker that dies or is silent names its case by the last number that it wrote."""
import argparse
import os
import random
import resource
import select
import subprocess
import sys
import time

import exchange
import mutate
import programs
import storm
import threads

KINDS = {**mutate.KINDS, **programs.KINDS, **threads.KINDS, **exchange.KINDS, **storm.KINDS}
SILENCE = 120                       # seconds without a word from a worker: it hangs, unless the kind says something else
RUN = 200                           # cases of one worker, unless the kind says something else
MEMORY = 4 << 30                    # address space of a worker


def generator(kind, seed, case):
    return random.Random(f"{kind} {seed} {case}")


def run_length(kind): return getattr(KINDS[kind], "RUN", RUN)


def environment(kind, seed, case):
    """What a kind wants in the environment: the same for all cases of a worker."""
    return KINDS[kind].environment(generator(kind, seed, f"worker {case // run_length(kind)}")) if hasattr(KINDS[kind], "environment") else {}


def worker(kind, seed, first, count, times):
    """Writes "number" when it begins a case and " result" when it ends."""
    out = os.dup(1)
    null = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1): os.dup2(null, fd)
    for case in (n for n in range(first, first + count) for _ in range(times)):
        os.write(out, b"%d" % case)
        result = KINDS[kind].run(KINDS[kind].make(generator(kind, seed, case)))
        os.write(out, b" " + ascii(result).encode() + b"\n")


def oracle(interpreter):
    """A CPython of the same version with the same library, or None."""
    def place(path):
        command = "import sys, sysconfig; print(sys.version_info[:3], sysconfig.get_path('stdlib'))"
        return subprocess.run([path, "-c", command], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
    for directory in os.get_exec_path() + ["/usr/bin"]:
        path = os.path.join(directory, "python3.11")
        if os.access(path, os.X_OK) and place(path) == place(interpreter): return path
    return None


def limit(kind):
    """Before the interpreter starts: it reserves addresses for its heap."""
    if getattr(KINDS[kind], "LIMITED", True): resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


class Worker:
    def __init__(self, interpreter, kind, seed, first, count, times=1, errors=subprocess.DEVNULL):
        env = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "HEDDLE_"))}
        env.update(PYTHONHASHSEED="0", PYTHONDONTWRITEBYTECODE="1", PYTHONWARNINGS="ignore", LC_ALL="C.UTF-8", **environment(kind, seed, first))
        self.silence = getattr(KINDS[kind], "SILENCE", SILENCE)
        self.process = subprocess.Popen([interpreter, os.path.abspath(__file__), "--worker", kind, str(seed), str(first), str(count), str(times)],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors, env=env, preexec_fn=lambda: limit(kind))

    def lines(self):
        """(number, result) for each case; the last one with result None if the worker did not end it."""
        fd, rest, hangs = self.process.stdout.fileno(), b"", False
        while True:
            if not select.select([fd], [], [], self.silence)[0]:
                self.process.kill()
                hangs = True
            data = os.read(fd, 1 << 16)
            *done, rest = (rest + data).split(b"\n")
            for line in done:
                number, _, result = line.decode().partition(" ")
                yield int(number), result
            if not data: break
        self.process.stdout.close()
        status = self.process.wait()
        self.end = "hangs" if hangs else f"ends with status {status}"
        if rest: yield int(rest.split()[0]), None


class Fuzzer:
    def __init__(self, options):
        self.options, self.failures, self.cases, self.other_words = options, 0, 0, 0

    def report(self, kind, case, what):
        self.failures += 1
        env = environment(kind, self.options.seed, case)
        print(f"FAILED {kind}: {what}\n    again: fuzz.py --interpreter {self.options.interpreter} --seed {self.options.seed} --case {case} {kind}"
              f"{'  # ' + ' '.join(f'{k}={v}' for k, v in env.items()) if env else ''}", flush=True)

    def run(self, kind, first, count):
        """Returns the first case that has not been run."""
        o = self.options
        count = min(count, run_length(kind) - first % run_length(kind))
        ours = Worker(o.interpreter, kind, o.seed, first, count, o.times, *([] if o.case is None else [None]))
        theirs = Worker(o.against, kind, o.seed, first, count) if o.against and KINDS[kind].COMPARED else None
        expected = dict(theirs.lines()) if theirs else {}
        last = first - 1
        for case, result in ours.lines():
            last = case
            self.cases += 1
            if result is None: self.report(kind, case, f"the interpreter {ours.end}")
            elif "SystemError" in result or result.startswith("'wrong"): self.report(kind, case, result[:3000])
            elif "MemoryError" in result: pass              # what a case before it has left may fill the worker
            elif expected.get(case) is not None and result != expected[case]:
                if KINDS[kind].coarse(result) == KINDS[kind].coarse(expected[case]): self.other_words += 1
                elif dict(Worker(o.against, kind, o.seed, case, 1).lines()).get(case) == expected[case]:      # no address in disguise
                    self.report(kind, case, f"{result[:2000]}\n    against {expected[case][:2000]}")
        if ours.process.returncode and last == first - 1:
            self.report(kind, first, f"the worker {ours.end} before its first case")
            return first + count
        return last + 1

    def main(self):
        o = self.options
        print(f"seed {o.seed}, {o.seconds:g} seconds, {'against ' + o.against if o.against else 'alone'}", flush=True)
        end, next_case = time.monotonic() + o.seconds, dict.fromkeys(o.kinds, 0)
        while time.monotonic() < end:
            for kind in o.kinds:
                if time.monotonic() < end: next_case[kind] = self.run(kind, next_case[kind], run_length(kind))
        print(f"{self.cases} cases, {self.failures} failures, {self.other_words} times the same error in other words")
        return 1 if self.failures else 0


def main():
    if sys.argv[1:2] == ["--worker"]:
        return worker(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), int(sys.argv[5]), int(sys.argv[6]))
    p = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    p.add_argument("--interpreter", default=sys.executable)
    p.add_argument("--against")
    p.add_argument("--alone", action="store_true")
    p.add_argument("--seconds", type=float, default=60)
    p.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    p.add_argument("--case", type=int)
    p.add_argument("--times", type=int, default=1)
    p.add_argument("kinds", nargs="*", default=list(KINDS), metavar="KIND")
    o = p.parse_args()
    o.interpreter = os.path.abspath(o.interpreter)
    o.against = None if o.alone else o.against or oracle(o.interpreter)
    fuzzer = Fuzzer(o)
    if o.case is None: return fuzzer.main()
    for kind in o.kinds:
        made = KINDS[kind].make(generator(kind, o.seed, o.case))
        sys.stdout.buffer.write(made.encode("utf-8", "backslashreplace") if isinstance(made, str) else repr(made).encode())
        print(flush=True)
        fuzzer.run(kind, o.case, 1)
    return 1 if fuzzer.failures else 0


if __name__ == "__main__":
    sys.exit(main())
