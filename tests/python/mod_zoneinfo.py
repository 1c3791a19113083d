"""ZoneInfo: transitions, rules, caches, pickles; the zones are written here."""
import copy
import gc
import io
import os
import pickle
import struct
import tempfile
import threading
import zoneinfo
from datetime import date, datetime, time, timedelta, timezone

Z, H, utc = zoneinfo.ZoneInfo, 3600, timezone.utc


def attempt(f, *args, **kw):
    try:
        return f(*args, **kw)
    except Exception as e:
        return f"{type(e).__name__}: {e}"


def tzif(transitions, kinds, rule=b"", numbers=None):
    names = b"".join(k[2] + b"\0" for k in kinds)
    empty = b"TZif2" + bytes(15) + struct.pack(">6l", 0, 0, 0, 0, 1, 1) + bytes(7)
    head = b"TZif2" + bytes(15) + struct.pack(">6l", 0, 0, 0, len(transitions), len(kinds), len(names))
    body = b"".join(struct.pack(">q", t) for t, _ in transitions) + bytes(n for _, n in transitions)
    for i, (offset, dst, _) in enumerate(kinds):
        body += struct.pack(">lbb", offset, dst, sum(len(k[2]) + 1 for k in kinds[:i]))
    return empty + head + body + names + b"\n" + rule + b"\n"


def stamp(*args):
    return int(datetime(*args, tzinfo=utc).timestamp())


kinds = [(-2000, 0, b"LMT"), (H, 0, b"CET"), (2 * H, 1, b"CEST"), (2 * H, 0, b"EET")]
history = [(stamp(1900, 1, 1), 1), (stamp(1980, 4, 6, 1), 2), (stamp(1980, 9, 28, 1), 1), (stamp(1990, 5, 1), 3), (stamp(1995, 9, 1), 1), (stamp(2000, 3, 26, 1), 2), (stamp(2000, 10, 29, 1), 1)]
folder = tempfile.TemporaryDirectory()
for name, data in {"Middle": tzif(history, kinds, b"CET-1CEST,M3.5.0,M10.5.0/3"), "Ended": tzif(history, kinds), "Fixed": tzif([], [(-5 * H, 0, b"FIX")], b"FIX5"),
                   "Dublin": tzif([(stamp(1990, 1, 1), 1)], [(-1521, 0, b"LMT"), (0, 0, b"GMT")], b"IST-1GMT0,M10.5.0,M3.5.0/1"),
                   "South": tzif([], [(10 * H, 0, b"S")], b"<S+10>-10<D+11>-10:30:15,J300/2:30,60/-1"), **{f"N{i}": tzif([], [(i * 60, 0, b"N")]) for i in range(20)}}.items():
    with open(os.path.join(folder.name, name), "wb") as f:
        f.write(data)
zoneinfo.reset_tzpath([folder.name])

for name in "Middle", "Ended", "Fixed", "Dublin", "South":
    z = Z(name)
    print(name, repr(z), str(z), z.key, z.utcoffset(None), z.dst(None), z.tzname(None), repr(time(1, tzinfo=z)), time(1, tzinfo=z).utcoffset())
    for year in 1, 1899, 1900, 1980, 1990, 1995, 2000, 2024, 2100, 9999:
        last = None
        for hour in range(-24, 366 * 24, 1):
            if year == 1 and hour < 24 or year == 9999 and hour > 300:
                continue
            u = datetime(year, 1, 1, 12, tzinfo=utc) + timedelta(hours=hour)
            t = u.astimezone(z)
            if (t.utcoffset(), t.dst(), t.tzname()) != last:
                last = t.utcoffset(), t.dst(), t.tzname()
                print(" ", u.strftime("%m-%d %H"), t.isoformat(), t.fold, last[1], last[2])
                if last[0] is None or hour < 0:
                    continue
                for minutes in range(-150, 151, 30):
                    shown, back = t.replace(fold=0) + timedelta(minutes=minutes), (u + timedelta(minutes=minutes)).astimezone(z)
                    print("   ", shown.strftime("%d %H:%M"), shown.utcoffset(), shown.replace(fold=1).utcoffset(), shown.tzname(), back.strftime("%d %H:%M"), back.fold, back.astimezone(utc) - u)


class Moment(datetime):
    pass


class Own(Z):
    def __init__(self, key):
        self.note = key.upper()


m = Z("Middle")
fold = datetime(2024, 10, 27, 2, 30, tzinfo=m)
print(repr(Moment(2024, 10, 27, 1, 30, tzinfo=utc).astimezone(m)), fold == fold.astimezone(utc), fold.timestamp(), fold.replace(fold=1).timestamp(), hash(fold) == hash(fold.replace(fold=1)))
print(Z("Middle") is m, Z(key="Middle") is m, Z.no_cache("Middle") is m, Z.no_cache("Middle") == m, repr(Own("Middle")), Own("Middle") is Own("Middle"), Own("Middle").note, Own("Fixed").utcoffset(None))
print(pickle.loads(pickle.dumps(m)) is m, pickle.loads(pickle.dumps(Z.no_cache("Middle"))) is m, copy.copy(m) is m, copy.deepcopy(m) is m, m.__reduce__()[1], type(pickle.loads(pickle.dumps(Own("Fixed")))))
f = Z.from_file(io.BytesIO(tzif(history, kinds)), key="mine")
print(repr(f), f, attempt(pickle.dumps, f), str(Z.from_file(io.BytesIO(tzif(history, kinds)))).split(" ")[0], f.utcoffset(datetime(1985, 1, 1)))
ids = [id(Z(f"N{i}")) for i in range(20)]
keep = Z("N19")
Z.clear_cache(only_keys=["N19", "nothing"])
print(Z("N19") is keep, Z("Middle") is m, Z.clear_cache(), Z("Middle") is m, gc.is_tracked(int), gc.is_tracked([]))
for f, *args in [(Z,), (Z, 1), (Z, "none"), (Z, "../x"), (Z, "Middle", 1), (Z.from_file,), (Z.from_file, 1), (Z.from_file, io.BytesIO(b"abc")), (Z._unpickle,), (Z._unpickle, 1, "x"), (Z.clear_cache, 1), (m.utcoffset, 1),
                 (m.utcoffset, date.min), (m.fromutc, 1), (m.fromutc, datetime.min), (m.fromutc, datetime.max.replace(tzinfo=m)), (m.__setattr__, "key", 1), (m.__setattr__, "other", 1),
                 (Z.from_file, io.BytesIO(tzif([(0, 7)], kinds))), (Z.from_file, io.BytesIO(tzif([], [])))]:
    print(" ", f.__name__, attempt(f, *args))
for rule in ["AAA", "AAA3", "<+11>-11", "AAA4BBB,0/0,J365/25", "AAA-4:30:15BBB,M1.1.0,M12.5.6/-7:59:59", "AAA4BBB", "+11", "AAA0,M3.2.0,M11.1.0", "AAA4BBB,M3.2.0", "AAA25", "AAA374", "AAA4BBB,M13.1.1,M1.1.1", "AAA4BBB,M1.6.1,M1.1.1",
             "AAA4BBB,M1.1.7,M1.1.1", "AAA4BBB,366,1", "AAA4BBB,J0,1", "AAA4BBB,1,2,3", "AAA4BBB,1,2x", "<AAA4", "AAA4<B*B>,1,2"]:
    z = attempt(Z.from_file, io.BytesIO(tzif([], [(0, 0, b"ABC")], rule.encode())), "k")
    print(" ", rule, z if isinstance(z, str) else [(t.utcoffset(), t.dst(), t.tzname()) for t in (datetime(2023, 1, 1, tzinfo=z), datetime(2024, 7, 1, tzinfo=z), datetime(2024, 12, 31, 23, tzinfo=z))])

# many threads share the caches
seen = []
threads = [threading.Thread(target=lambda: seen.extend(Z(f"N{i % 20}").utcoffset(None).total_seconds() for i in range(200))) for _ in range(4)]
[t.start() for t in threads]
[t.join() for t in threads]
print(len(seen), sum(seen))
folder.cleanup()
