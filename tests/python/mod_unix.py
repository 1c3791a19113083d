import pwd, grp, resource, fcntl, termios, _locale, os
def show(f):
    try: r = f()
    except BaseException as e: r = (type(e).__name__, str(e))
    print(r)
for f in (lambda: pwd.getpwnam("root"), lambda: pwd.getpwuid(0).pw_dir, lambda: pwd.getpwnam("no such"), lambda: pwd.getpwuid(99999), lambda: pwd.getpwnam(1),
          lambda: pwd.getpwuid("a"), lambda: pwd.getpwuid(-5), lambda: pwd.getpwuid(1 << 40), lambda: pwd.getpwnam("a\0b"), lambda: pwd.getpwall()[0],
          lambda: len(pwd.getpwall()) == sum(1 for l in open("/etc/passwd")), lambda: grp.getgrnam("root"), lambda: grp.getgrgid(0)[0], lambda: grp.getgrgid(99999),
          lambda: grp.getgrnam("xx"), lambda: grp.getgrgid("a"), lambda: grp.getgrnam(1), lambda: grp.getgrgid(-7), lambda: grp.getgrall()[0].gr_name,
          lambda: len(grp.getgrall()) == sum(1 for l in open("/etc/group")), lambda: grp.getgrnam(name="daemon")):
    show(f)
for f in (lambda: resource.getrlimit(1000), lambda: resource.getrlimit(resource.RLIMIT_CORE)[1] >= -1, lambda: resource.setrlimit(7, (1,)),
          lambda: resource.setrlimit(7, (10, 5)), lambda: resource.setrlimit(7, 5), lambda: resource.getrusage(99), lambda: resource.setrlimit(7, (1 << 70, -1)),
          lambda: resource.getpagesize(), lambda: resource.prlimit(0, 7) == resource.getrlimit(7), lambda: resource.getrlimit("a"), lambda: resource.error,
          lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss > 100, lambda: len(resource.getrusage(0))):
    show(f)
soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (200, hard)); show(lambda: resource.getrlimit(resource.RLIMIT_NOFILE)[0])
t = os.open("/tmp/mod_unix_%d" % os.getpid(), os.O_RDWR | os.O_CREAT); os.unlink("/tmp/mod_unix_%d" % os.getpid())
r, w = os.pipe()
for f in (lambda: fcntl.fcntl(r, fcntl.F_GETFD), lambda: fcntl.fcntl(r, fcntl.F_SETFD, 0), lambda: fcntl.fcntl(r, fcntl.F_GETFD), lambda: fcntl.fcntl(0, fcntl.F_GETFD, "x" * 2000),
          lambda: fcntl.fcntl(9999, fcntl.F_GETFD), lambda: fcntl.fcntl("a", 1), lambda: fcntl.fcntl(-1, 1), lambda: fcntl.lockf(0, 1000), lambda: fcntl.fcntl(0, 1, []),
          lambda: fcntl.flock(t, fcntl.LOCK_EX | fcntl.LOCK_NB), lambda: fcntl.flock(t, fcntl.LOCK_UN), lambda: fcntl.lockf(t, fcntl.LOCK_EX), lambda: fcntl.lockf(t, fcntl.LOCK_UN, 1, 2),
          lambda: fcntl.ioctl(0, 0x5413, []), lambda: fcntl.ioctl(0, 0x5413, b"\0" * 2000), lambda: fcntl.fcntl(0), lambda: os.write(w, b"12345"),
          lambda: fcntl.ioctl(r, termios.FIONREAD, b"\0\0\0\0"), lambda: fcntl.ioctl(r, termios.FIONREAD, bytearray(4), False), lambda: fcntl.fcntl(t, fcntl.F_GETFL) & os.O_RDWR,
          lambda: len(fcntl.fcntl(t, fcntl.F_GETLK, b"\1" + bytes(31)))):
    show(f)
b = bytearray(4)
show(lambda: (fcntl.ioctl(r, termios.FIONREAD, b), b))
big = bytearray(3000)
show(lambda: (fcntl.ioctl(r, termios.FIONREAD, big), big[:5]))
m = os.open("/dev/ptmx", os.O_RDWR | os.O_NOCTTY)
fcntl.ioctl(m, 0x40045431, bytes(4))
s = os.open("/dev/pts/%d" % int.from_bytes(fcntl.ioctl(m, 0x80045430, bytes(4)), "little"), os.O_RDWR | os.O_NOCTTY)
for f in (lambda: termios.tcgetattr(s), lambda: termios.tcgetwinsize(s), lambda: termios.tcsetwinsize(s, (12, 34)), lambda: termios.tcgetwinsize(m), lambda: termios.tcgetattr(99),
          lambda: termios.tcsetattr(s, 0, 1), lambda: termios.tcsetattr(s, 0, [1, 2, 3, 4, 5, 6, []]), lambda: termios.tcsetwinsize(s, 1), lambda: termios.tcgetattr(r),
          lambda: termios.error.__mro__, lambda: termios.tcflush(s, termios.TCIOFLUSH), lambda: termios.tcdrain(s)):
    show(f)
import tty
tty.setraw(s)
show(lambda: termios.tcgetattr(s))
for f in (lambda: _locale.setlocale(_locale.LC_ALL, "C"), lambda: _locale.setlocale(_locale.LC_ALL), lambda: _locale.setlocale(_locale.LC_ALL, "xx"), lambda: _locale.localeconv(), lambda: _locale.strcoll("a", "b") < 0,
          lambda: _locale.strxfrm("abc"), lambda: _locale.nl_langinfo(_locale.DAY_1), lambda: _locale.nl_langinfo(99999), lambda: _locale.setlocale(100),
          lambda: _locale.strcoll(1, 2), lambda: _locale.strxfrm("a\0b"), lambda: _locale.bindtextdomain("", None), lambda: _locale.gettext("abc"), lambda: _locale.Error,
          lambda: _locale.setlocale(6, 5), lambda: _locale.dgettext(None, "x"), lambda: _locale.textdomain(None), lambda: _locale.nl_langinfo(_locale.CODESET),
          lambda: _locale.setlocale(_locale.LC_CTYPE, "C.UTF-8"), lambda: _locale.getencoding(), lambda: _locale.nl_langinfo(_locale.CODESET)):
    show(f)
for mod in (fcntl, termios, resource, _locale):
    print(mod.__name__, sorted((n, x) for n, x in vars(mod).items() if n[0].isupper() and isinstance(x, int)))
import locale
show(lambda: locale.localeconv()["decimal_point"]); show(lambda: locale.format_string("%.2f", 3.14159)); show(lambda: locale.getpreferredencoding(False))

# terminals
import os
master, slave = os.openpty()
print(os.isatty(master), os.isatty(slave), os.get_inheritable(master), os.get_inheritable(slave))
os.close(master)
os.close(slave)
pid, fd = os.forkpty()
if pid == 0:
    os.write(1, b'from the child %d' % os.isatty(0))
    os._exit(3)
text = b''
try:
    while data := os.read(fd, 100):
        text += data
except OSError:
    pass
print(text, os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))

# UUIDs of time and node
import _uuid, threading, uuid
raw, status = _uuid.generate_time_safe()
u, made = uuid.UUID(bytes=raw), set()
threads = [threading.Thread(target=lambda: made.update([uuid.uuid1() for _ in range(50)])) for _ in range(4)]
[t.start() for t in threads]
[t.join() for t in threads]
print(status in (0, -1), u.version, u.variant, {v.version for v in made}, len(made), {v.node == u.node for v in made}, _uuid.has_uuid_generate_time_safe)
