"""The interactive prompt: history and completion where readline is to be had."""
import code
import os
import sys


class Console(code.InteractiveConsole):
    """Where the input is no terminal, prompts go to stderr: stdout is the program's."""

    def raw_input(self, prompt=""):
        if sys.stdin.isatty():
            return input(prompt)
        sys.stderr.write(prompt)
        sys.stderr.flush()
        try:
            line = sys.stdin.readline()
        except OSError:
            line = ""
        if not line:
            raise EOFError
        return line[:-1] if line.endswith("\n") else line

    def runcode(self, code):
        super().runcode(code)
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except Exception:
                pass


def _startup_file(namespace):
    """What PYTHONSTARTUP names runs first, in the namespace of the prompt."""
    name = None if sys.flags.ignore_environment else os.environ.get("PYTHONSTARTUP")
    if not name:
        return
    try:
        with open(name, "rb") as f:
            source = f.read()
    except OSError as e:
        print("Could not open PYTHONSTARTUP\n%s: %s" % (type(e).__name__, e), file=sys.stderr)
        return
    try:
        exec(compile(source, name, "exec"), namespace)
    except SystemExit:
        raise
    except BaseException:
        sys.excepthook(*sys.exc_info())


def _hook():
    """site gives completion and a history file by this hook."""
    hook = None if sys.flags.isolated else getattr(sys, "__interactivehook__", None)
    if hook is None:
        return
    try:
        hook()
    except Exception:
        print("Failed calling sys.__interactivehook__", file=sys.stderr)
        sys.excepthook(*sys.exc_info())


def run(namespace):
    if sys.stdin.isatty():
        try:
            import readline
            import rlcompleter
        except ImportError:
            pass
    _startup_file(namespace)
    _hook()
    console = Console(namespace, filename="<stdin>")
    if not hasattr(sys, "ps1"):
        sys.ps1 = ">>> "
    if not hasattr(sys, "ps2"):
        sys.ps2 = "... "
    banner = "" if sys.flags.quiet else "Python %s on %s\nType \"help\", \"copyright\", \"credits\" or \"license\" for more information." % (sys.version, sys.platform)
    console.interact(banner=banner, exitmsg="")
