"""The interactive prompt: history and completion where readline is to be had."""
import code
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


def run(namespace):
    try:
        import readline
        import rlcompleter
        readline.set_completer(rlcompleter.Completer(namespace).complete)
        readline.parse_and_bind("tab: complete")
    except ImportError:
        pass
    console = Console(namespace, filename="<stdin>")
    if not hasattr(sys, "ps1"):
        sys.ps1 = ">>> "
    if not hasattr(sys, "ps2"):
        sys.ps2 = "... "
    banner = "" if sys.flags.quiet else "Python %s on %s\nType \"help\", \"copyright\", \"credits\" or \"license\" for more information." % (sys.version, sys.platform)
    console.interact(banner=banner, exitmsg="")
