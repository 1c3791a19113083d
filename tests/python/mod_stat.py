# _stat: kinds of files and the letters of their modes.
import _stat
import stat

print(stat.filemode is _stat.filemode)
for m in (0o100644, 0o40755, 0o120777, 0o104755, 0o102640, 0o41777, 0o20600, 0o60660, 0o10644, 0o140755, 0o644, 0, 0o7000, 0o107111):
    print(stat.filemode(m), oct(stat.S_IMODE(m)), oct(stat.S_IFMT(m)), [n for n in dir(_stat) if n.startswith('S_IS') and getattr(_stat, n) is not None and callable(getattr(_stat, n)) and getattr(_stat, n)(m)])
for bad in (-1, 2 ** 40, 'x', 1.5):
    try:
        stat.filemode(bad)
    except (OverflowError, TypeError) as e:
        print(type(e).__name__)
print({n: getattr(_stat, n) for n in sorted(dir(_stat)) if n.isupper() and isinstance(getattr(_stat, n), int)})
