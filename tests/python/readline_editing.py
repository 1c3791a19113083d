# The prompt on a terminal: editing, completion, history, interrupts; and the functions of readline.
import os, pty, select, sys, tempfile, time

def session(args, steps, **env):
    """Runs the interpreter on a terminal; each step is (wait for this text, then send that)."""
    pid, fd = pty.fork()
    if pid == 0:
        os.environ.update(env, TERM="dumb")
        os.execv(sys.executable, [sys.executable] + args)
    seen, at = b"", 0
    for expect, send in steps + [(None, None)]:
        deadline = time.monotonic() + 50 * int(os.environ.get('slow', 1))
        while expect is None or expect not in seen[at:]:
            if not select.select([fd], [], [], max(0, deadline - time.monotonic()))[0]:
                break
            try:
                data = os.read(fd, 4096)
            except OSError:
                data = b""
            if not data:
                break
            seen += data
        if expect is None:
            break
        if expect not in seen[at:]:
            print("never saw", expect, seen[at:])
            os.kill(pid, 9)
            break
        at = seen.index(expect, at) + len(expect)
        os.write(fd, send)
    status = os.waitpid(pid, 0)[1]           # before the terminal goes: that would be a signal
    os.close(fd)
    return seen, os.waitstatus_to_exitcode(status)

with tempfile.TemporaryDirectory() as home:
    seen, status = session(["-q"], [
        (b">>> ", b"import collections\n"),
        (b">>> ", b"collections.OrderedDi\t)\n"),              # completed
        (b"\r\nOrderedDict()", b""),
        (b">>> ", b"12345 + 1\n"),
        (b"12346", b""),
        (b">>> ", b"\x10\n"),                                  # the line before, again
        (b"12346", b""),
        (b">>> ", b"1 +\x03"),                                 # given up
        (b"KeyboardInterrupt", b""),
        (b">>> ", b"for i in range(2):\n"),
        (b"... ", b"    print('line', i)\n"),
        (b"... ", b"\n"),
        (b"line 1", b""),
        (b">>> ", b"input('name? ')\n"),
        (b"name? ", "J\u00f6rg".encode() + b"\n"),
        ("'J\u00f6rg'".encode(), b""),
        (b">>> ", b"\x04"),
    ], HOME=home, LC_ALL="C.UTF-8")
    print("exit", status)
    history = open(os.path.join(home, ".python_history")).read().replace("\\040", " ")
    print("12345 + 1" in history, "collections.OrderedDict" in history)

    with open(os.path.join(home, "start.py"), "w") as f:
        f.write("started = 'yes'\n")
    seen, status = session(["-q"], [(b">>> ", b"started\n"), (b"'yes'", b""), (b">>> ", b"import sys; sys.exit(3)\n")],
                           HOME=home, PYTHONSTARTUP=os.path.join(home, "start.py"))
    print("exit", status)

    import readline
    print("libedit" in readline.__doc__)
    for line in ("one", "two", "zw\u00f6lf"):
        readline.add_history(line)
    print(readline.get_current_history_length(), [readline.get_history_item(i) for i in range(5)])
    readline.replace_history_item(1, "zwei")
    readline.remove_history_item(0)
    print([readline.get_history_item(i) for i in (1, 2, 3)])
    name = os.path.join(home, "history")
    readline.write_history_file(name)
    readline.clear_history()
    print(readline.get_current_history_length())
    readline.read_history_file(name)
    print([readline.get_history_item(i) for i in (1, 2)])
    readline.add_history("last")
    readline.append_history_file(1, name)
    print(open(name).read().splitlines()[-1])
    for wrong in (lambda: readline.remove_history_item(50), lambda: readline.replace_history_item(-1, ""), lambda: readline.set_completer(3),
                  lambda: readline.read_history_file(os.path.join(home, "none")), lambda: readline.add_history("a\0b"), lambda: readline.add_history(3)):
        try:
            wrong()
        except Exception as e:
            print(type(e).__name__, str(e).replace(home, ""))
    print(readline.get_completer(), readline.get_history_length())
    readline.set_completer(len)
    readline.set_completer_delims(" ")
    print(readline.get_completer(), repr(readline.get_completer_delims()))
