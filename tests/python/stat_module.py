# _stat against the definitions of stat.py, which it replaces.
import stat, sys
import _stat

saved = sys.modules.pop("stat"), sys.modules.pop("_stat")
sys.modules["_stat"] = None                  # the import fails
import stat as pure
sys.modules["stat"], sys.modules["_stat"] = saved
for mode in range(0, 0o200000, 7):
    if not any(getattr(pure, t)(mode) for t in ("S_ISDIR", "S_ISCHR", "S_ISBLK", "S_ISREG", "S_ISFIFO", "S_ISLNK", "S_ISSOCK")):
        assert stat.filemode(mode)[0] == "?" and stat.filemode(mode)[1:] == pure.filemode(mode)[1:], oct(mode)
        continue
    assert stat.filemode(mode) == pure.filemode(mode), oct(mode)
    for name in ("S_IMODE", "S_IFMT", "S_ISDIR", "S_ISCHR", "S_ISBLK", "S_ISREG", "S_ISFIFO", "S_ISLNK", "S_ISSOCK", "S_ISDOOR", "S_ISPORT", "S_ISWHT"):
        assert getattr(_stat, name)(mode) == getattr(pure, name)(mode), (name, oct(mode))
print(all(getattr(pure, n) == v for n, v in vars(_stat).items() if isinstance(v, int)))
for wrong in ("x", -1, 1 << 40, 1.5):
    try:
        stat.S_ISDIR(wrong)
    except Exception as e:
        print(type(e).__name__, e)
