"""The types of datetime: arithmetic, texts, zones, pickles, subclasses and the errors of each."""
import copy
import datetime as d
import operator
import os
import pickle
import threading
import time

os.environ["TZ"] = "EST5EDT,M3.2.0,M11.1.0"
time.tzset()
td, utc = d.timedelta, d.timezone.utc


def attempt(f, *args, **kw):
    try:
        return f(*args, **kw)
    except Exception as e:
        return f"{type(e).__name__}: {e}"


def show(title, *values):
    print(title, *values, sep="\n  ")


# timedelta: sums are exact, products and quotients rounded once, to even
show("timedelta", td(1, 2, 3, 4, 5, 6, 7), td(microseconds=0.5), td(microseconds=1.5), td(0.1, 0.1, 0.5), repr(td(hours=-1)), repr(td()),
     td(days=10**12, hours=-24 * 10**12), td(True), td(1) * 1.5, td(microseconds=5) / 2, td(microseconds=7) * 0.5, td(1) / 7, td(1) / 0.3, td(1) * 1e-300,
     td.max / 1e308, td(1) // td(hours=5), td(1) % td(hours=5), divmod(-td(1), td(hours=5)), td(1) // -7, td(5) / td(2), td.min, td.max, td.resolution,
     abs(td(-1, 5)), hash(td(1, 2, 3)) == hash((1, 2, 3)), td.max.total_seconds(), td(microseconds=-1).total_seconds(), td(0) * 10**40, td(-1) // 10**40)
for f, *a in [(td, "1"), (td, 1, "x"), (td, 10**10), (td, 10**9), (td, float("nan")), (td, float("inf")), (td, 1, 2, 3, 4, 5, 6, 7, 8), (operator.truediv, td(1), 0),
              (operator.truediv, td(1), td()), (operator.mod, td(1), td()), (divmod, td(1), td()), (operator.floordiv, td(1), 0), (operator.mul, td(1), float("nan")),
              (operator.mul, td.max, 2), (operator.mul, td(1), 10**40), (operator.add, td(1), 1), (operator.lt, td(1), 1), (operator.neg, td.max), (td(1).__setattr__, "days", 1)]:
    print(" ", f.__name__, attempt(f, *a))
print(" ", attempt(td, day=1), attempt(td, 1, days=1))


class Ratio(float):
    def as_integer_ratio(self):
        return self.ratio


for bad in (1, 2), (1, 0), (1, 2, 3), [1, 2], ("a", 1), (1, "a"):
    r = Ratio(1)
    r.ratio = bad
    print(" ", bad, attempt(operator.mul, td(1), r), "|", attempt(operator.truediv, td(1), r).__class__.__name__)

# dates
x = d.date(2024, 2, 29)
show("date", x, repr(x), x + td(1), x - td(366), x - d.date(2023, 3, 1), x.isocalendar(), tuple(x.isocalendar()), x.isocalendar().week, x.ctime(), x.timetuple(),
     x.replace(day=1), x.toordinal(), d.date.fromordinal(738945), d.date.fromisocalendar(2020, 53, 7), x.weekday(), x.isoweekday(), f"{x:%d/%m/%y|%f|%z|%Z|%%}|{x}",
     pickle.loads(pickle.dumps(x.isocalendar())), x == d.datetime(2024, 2, 29), d.date(1, 1, 1).isocalendar(), d.date.max.isocalendar(), d.date.fromtimestamp(-1.5), x.__reduce__())
print(all(d.date.fromordinal(n).toordinal() == n for n in range(1, 3652060, 97)))
for f, *a in [(d.date,), (d.date, "2020-01-01"), (d.date, 2020, 13, 1), (d.date, 2023, 2, 29), (d.date, 0, 1, 1), (d.date, 2**31, 1, 1), (d.date, 2**70, 1, 1), (d.date, 1, 2, 3, 4), (d.date, 1.0, 1, 1),
              (d.date.fromordinal, 0), (d.date.fromordinal, 10**7), (d.date.fromordinal,), (d.date.fromisocalendar, 2021, 53, 1), (d.date.fromisocalendar, 0, 1, 1), (d.date.fromisocalendar, 2020, 1, 8),
              (d.date.fromisocalendar, 2**31, 1, 1), (x.replace, 1, 1, 1, 1), (x.strftime,), (x.strftime, 1), (x.__format__, 1), (operator.add, d.date.max, td(1)), (operator.sub, d.date.min, td(1)),
              (operator.lt, x, d.datetime.min), (operator.lt, x, 1), (operator.add, x, 1), (d.date.fromtimestamp, "1"), (d.date.fromtimestamp, float("nan")), (d.date.fromtimestamp, 1e30),
              (d.date, b"abcd"), (d.date, "a\u1234\1\1"), (x.__setattr__, "year", 1)]:
    print(" ", f.__name__, attempt(f, *a))

# ISO 8601
for s in ["2024-02-29", "20240229", "2024-W09", "2024W09", "2024-W09-4", "2024W094", "2024-2-29", "2024-W54", "20240230", "2024", "", "é024-02-29"]:
    print(" ", ascii(s), attempt(d.date.fromisoformat, s))
for s in ["04", "04:05", "0405", "04:05:06", "040506", "T04", "04:05:06,7", "04:05:06.1234567", "04:05Z", "0405+0130", "04:05:06-01:30:10.5", "04:05+24:00", "04:0506", "4", "25:00", "04:05:06.", "04+1", "Z"]:
    print(" ", s, attempt(d.time.fromisoformat, s))
for s in ["2024-02-29", "2024-02-29T04:05", "20240229T040506.7Z", "2024-W09-4 04:05", "2024W09T04", "2024-02-29\ud80004:05:06+00:00", "2024-02-29\u1234040506-0000", "2024-02-2904:05", "2024-W09-04", "2024-02-29T", "2024-02-30", "x"]:
    print(" ", ascii(s), ascii(attempt(d.datetime.fromisoformat, s)))

# times and datetimes
t = d.time(4, 5, 6, 7, utc)
n = d.datetime(2024, 2, 29, 4, 5, 6, 7)
a = n.replace(tzinfo=d.timezone(td(hours=5, minutes=30), "IST"))
show("time", t, repr(t), repr(d.time(4, tzinfo=utc, fold=1)), t.isoformat("milliseconds"), t.isoformat(timespec="hours"), t.strftime("%H.%M %f %z %Z"), t.replace(hour=1, tzinfo=None),
     t == d.time(5, 5, 6, 7, d.timezone(td(hours=1))), hash(t) == hash(d.time(5, 5, 6, 7, d.timezone(td(hours=1)))), t == t.replace(tzinfo=None), bool(d.time()), d.time.min, d.time.max, d.time.resolution)
show("datetime", n, repr(a), a.isoformat(" ", "minutes"), n.isoformat("\u2192"), n + td(days=-60, microseconds=-8), n - d.datetime(2000, 1, 1), a - n.replace(tzinfo=utc), a.utctimetuple(), a.timetuple(), a.timestamp(),
     n.timestamp(), a.astimezone(utc), a.astimezone(), n.astimezone(utc), a.date(), a.time(), a.timetz(), n.ctime(), a == a.astimezone(utc), hash(a) == hash(a.astimezone(utc)), a.strftime("%H %z %Z %f"),
     d.datetime.combine(x, t), d.datetime.combine(x, t, None), d.datetime.fromtimestamp(1.5e9), d.datetime.fromtimestamp(1.5e-7, utc), d.datetime.utcfromtimestamp(-0.5),
     d.datetime.fromtimestamp(1604212200), d.datetime.fromtimestamp(1604208600).fold, d.datetime.fromtimestamp(1604212200).fold, d.datetime(2020, 11, 1, 1, 30, fold=1).timestamp(),
     d.datetime(2020, 3, 8, 2, 30).timestamp(), d.datetime(2020, 3, 8, 2, 30, fold=1).timestamp(), d.datetime.strptime("2024-02-29 +0130", "%Y-%m-%d %z"), abs(d.datetime.now() - d.datetime.today()) < td(minutes=1),
     abs(d.datetime.now(utc).replace(tzinfo=None) - d.datetime.utcnow()) < td(minutes=1), n == 1, n != x)
for f, *args in [(d.datetime,), (d.datetime, 2020, 1, 1, 24), (d.datetime, 2020, 1, 1, 0, 60), (d.datetime, 2020, 1, 1, 0, 0, 0, 10**6), (d.datetime, 1, 1, 1, 0, 0, 0, 0, 3), (d.datetime, 1, 1, 1, 0, 0, 0, 0, None, 1),
                 (d.time, 1, 2, 3, 4, None, 1), (d.time, 1, 2, 60), (operator.lt, n, a), (operator.sub, n, a), (operator.lt, n, x), (operator.lt, t, d.time()), (operator.add, d.datetime.max, td(1)), (n.isoformat, "ab"),
                 (n.isoformat, 1), (n.isoformat, "T", "x"), (n.isoformat, "T", 1), (t.isoformat, "auto\0"), (n.astimezone, 1), (d.datetime.now, 1), (d.datetime.combine, 1, t), (d.datetime.combine, x, 1),
                 (d.datetime.strptime, 1, ""), (d.datetime.strptime, "x"), (d.datetime.fromtimestamp, 1e18), (d.datetime.fromtimestamp, 10**30), (d.datetime.fromtimestamp, "x"), (d.datetime.fromtimestamp, -62135596800),
                 (d.datetime.utcfromtimestamp, 253402300800), (d.datetime.utcfromtimestamp,), (n.replace, 2023), (n.replace, 1, 2, 3, 4, 5, 6, 7, None, 1), (n.__reduce_ex__, "x"), (d.datetime, b"ab\1\1cccccc", 1)]:
    print(" ", f.__name__, attempt(f, *args))
print(" ", attempt(d.time, fold=2), attempt(d.datetime, 1, 1, 1, when=1), attempt(n.replace, fold=2, year=0), sep="\n  ")


# zones
class Rome(d.tzinfo):
    def utcoffset(self, dt):
        return td(hours=1) + self.dst(dt)

    def dst(self, dt):
        if dt is None:
            return td(0)
        summer = d.datetime(2024, 3, 31, 2) <= dt.replace(tzinfo=None) < d.datetime(2024, 10, 27, 3 - dt.fold)
        return td(hours=1) if summer else td(0)

    def tzname(self, dt):
        return "100%" if self.dst(dt) else "CET"


class Odd(d.tzinfo):
    def __init__(self, value=None):
        self.value = value

    def utcoffset(self, dt):
        return self.value

    dst = tzname = utcoffset


rome, july = Rome(), d.datetime(2024, 7, 1, 12, tzinfo=Rome())
fold = d.datetime(2024, 10, 27, 2, 30, tzinfo=rome)
show("zones", july.strftime("%Z%z"), july.timetuple().tm_isdst, july.astimezone(utc), d.datetime(2024, 7, 1, tzinfo=utc).astimezone(rome).hour, fold.utcoffset(), fold.replace(fold=1).utcoffset(),
     fold == fold.replace(fold=1), fold == fold.astimezone(utc), hash(fold) == hash(fold.replace(fold=1)), repr(utc), repr(a.tzinfo), utc, d.timezone(td(hours=-3, seconds=-1, microseconds=-5)), d.timezone(td(0)) is utc,
     d.timezone(td(0), "x") == utc, hash(d.timezone(td(0), "x")) == hash(utc), d.timezone.min, d.timezone.max, d.UTC is utc, utc.__reduce__(), a.tzinfo.__getinitargs__(), Odd(3).__reduce__()[1:],
     pickle.loads(pickle.dumps(utc)) is utc, copy.deepcopy(a.tzinfo) == a.tzinfo)
for value in None, 1, td(1), td(days=-1), td(hours=23, microseconds=1):
    w = n.replace(tzinfo=Odd(value))
    print(" ", value, *(attempt(f) for f in (w.utcoffset, w.dst, w.tzname, w.isoformat, w.utctimetuple, w.timestamp, lambda: w.astimezone(utc), lambda: w == a, lambda: w.tzinfo.fromutc(w))), sep=" | ")
for f, *args in [(d.timezone,), (d.timezone, 1), (d.timezone, td(1)), (d.timezone, td(0), 1), (d.timezone, td(0), "x", 1), (utc.utcoffset, 1), (utc.fromutc, 1), (utc.fromutc, n), (d.tzinfo().dst, n), (d.tzinfo().fromutc, n),
                 (operator.lt, utc, utc)]:
    print(" ", f.__name__, attempt(f, *args))


# subclasses: their constructor makes the results of arithmetic
class Date(d.date):
    pass


class Moment(d.datetime):
    def __new__(cls, *args, **kw):
        self = super().__new__(cls, *args, **kw)
        self.note = len(args)
        return self


class Span(d.timedelta):
    __slots__ = ("unit",)


m, s = Moment(2024, 1, 1, tzinfo=utc), Span(1)
s.unit = "day"
show("subclasses", repr(Date(2020, 1, 1) + td(1)), type(Date.today()).__name__, type(Date(1, 1, 1).replace(year=2)).__name__, repr(m + td(1)), (m + td(1)).note, m.astimezone(rome).note, Moment.fromordinal(5).note, type(m - m),
     type(m.date()), repr(s), type(s + s), s.unit, repr(Moment.fromisoformat("2024-01-01T01Z")), Moment.now().note, Moment.combine(x, t).note, copy.copy(m).note)
for v in x, n, a, t, td(1, 2, 3), d.datetime(2020, 1, 1, fold=1), d.time(1, fold=1), Date(1, 2, 3):
    print(" ", *(pickle.loads(pickle.dumps(v, p)) == v and getattr(pickle.loads(pickle.dumps(v, p)), "fold", None) for p in range(6)), v.__reduce_ex__(4))

# one place reads a C attribute of objects of many classes, before and after one of them gets its own
class Late(d.date):
    pass


def year(v):
    return v.year


mixed = [x, n, Late(5, 1, 1), m, x.isocalendar(), Late(6, 1, 1)]
print([year(v) for v in mixed * 3])
Late.year = property(lambda self: -self.month)
print([year(v) for v in mixed * 2], attempt(year, t), attempt(lambda: [v.tzinfo() for v in (t, a)]))

# zones of time.strftime come from the tuple
fields = (2024, 7, 1, 0, 0, 0, 0, 1)
for v in fields + (0,), fields + (1,), fields + (-1,), time.localtime(0), time.gmtime(0), time.struct_time(fields + (0, "é", 5400)):
    print(" ", time.strftime("%z|%Z|%H", v))

# one object hashed and compared from many threads
shared, seen = [d.datetime(2024, 1, 1, i % 24, tzinfo=rome) for i in range(200)], []
threads = [threading.Thread(target=lambda: seen.append(len({v: v.isoformat() for v in shared}))) for _ in range(4)]
[t.start() for t in threads]
[t.join() for t in threads]
print(seen, d.datetime.min, d.datetime.max, d.MINYEAR, d.MAXYEAR)
