"""The interactive prompt: history and completion where readline is to be had."""
import code
import sys


def run(namespace):
    try:
        import readline
        import rlcompleter
        readline.set_completer(rlcompleter.Completer(namespace).complete)
        readline.parse_and_bind("tab: complete")
    except ImportError:
        pass
    console = code.InteractiveConsole(namespace)
    if not hasattr(sys, "ps1"):
        sys.ps1 = ">>> "
    if not hasattr(sys, "ps2"):
        sys.ps2 = "... "
    banner = "" if sys.flags.quiet else "Python %s on %s\nType \"help\", \"copyright\", \"credits\" or \"license\" for more information." % (sys.version, sys.platform)
    console.interact(banner=banner, exitmsg="")
