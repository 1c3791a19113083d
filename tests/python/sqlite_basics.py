# sqlite3: connections, cursors, rows, parameters, functions, what is raised.
import sqlite3, gc, os, tempfile, threading


def trial(f, *args):
    try:
        print(f(*args))
    except Exception as e:
        print(type(e).__name__, e, getattr(e, "sqlite_errorname", "-"))


con = sqlite3.connect(":memory:")
cur = con.cursor()
cur.execute("create table item(id integer primary key, name text unique, price real, picture blob)")
print(cur.description, cur.rowcount, cur.lastrowid)
cur.executemany("insert into item(name, price, picture) values(?, ?, ?)", [("tea", 2.5, b"\0\1"), ("na\u00efve \U0001f600", None, bytearray(b"xy")), ("", 7, memoryview(b"z"))])
print(cur.rowcount, con.in_transaction, con.total_changes)
con.commit()
print(con.in_transaction, con.execute("select * from item").fetchall())
print([d[0] for d in con.execute("select id as a, name from item where id > :low", {"low": 1}).description])
print(con.execute("select ?, ?", (2**63 - 1, -2**63)).fetchone())
cur.execute("select id from item order by id")
print(cur.fetchone(), cur.fetchmany(1), cur.fetchall(), cur.fetchone(), list(cur))
print(con.execute("update item set price = 1 where id < 3").rowcount, con.execute("insert into item(name) values('last') returning id, name").fetchall())
con.rollback()
print(con.execute("select sum(price) from item").fetchone(), con.execute("-- nothing").fetchall())

for sql, params in (("selec", ()), ("select * from missing", ()), ("insert into item(id) values(1)", ()), ("select ?", ()), ("select ?", (1, 2)), ("select ?", (object(),)),
                    ("select :a", {}), ("select ?", {"a": 1}), ("select 1; select 2", ()), ("select ?", (2**63,)), ("select ?", ("\ud800",)), ("select ?", 5),
                    ("select '\0'", ()), ("insert into item(id) values('x')", ())):
    trial(con.execute, sql, params)
trial(con.executemany, "select ?", [(1,)])
trial(sqlite3.connect(":memory:").execute, "select ?", (memoryview(b"abcd")[::2],))
trial(con.execute, b"select 1")
many = ", ".join("?" * 40)
print(con.execute("select " + many, [str(i) * 3 for i in range(40)]).fetchone()[37:])

# rows
con.row_factory = sqlite3.Row
row = con.execute("select id, name as Title from item").fetchone()
print(tuple(row), row["title"], row[-1], row.keys(), len(row), dict(row), row[:1], row == con.execute("select id, name as Title from item").fetchone(), hash(row) == hash(row))
for key in ("none", 5, 1.5, 2**80):
    trial(row.__getitem__, key)
con.row_factory = None

# functions, aggregates, windows, collations
class Join:
    def __init__(self):
        self.parts = []
    def step(self, *a):
        self.parts.append("".join(map(str, a)))
    def inverse(self, *a):
        self.parts.pop(0)
    def value(self):
        return "+".join(self.parts)
    finalize = value


con.create_function("twice", 1, lambda x: x * 2 if x is not None else None, deterministic=True)
con.create_function("count_args", -1, lambda *a: len(a))
con.create_function("bad", 0, lambda: 1 / 0)
con.create_function("huge", 0, lambda: 2**70)
con.create_aggregate("glue", -1, Join)
con.create_window_function("slide", 1, Join)
con.create_collation("backwards", lambda a, b: (a < b) - (a > b))
print(con.execute("select twice(21), twice('ab'), twice(x'0102'), twice(1.5), twice(null), count_args(1, 2, 3, 4, 5, 6, 7, 8, 9, 10)").fetchone())
print(con.execute("select glue(id, '.') from item").fetchone(), con.execute("select glue(id) from item where 0").fetchone())
print(con.execute("select slide(id) over (order by id rows between 1 preceding and current row) from item").fetchall())
print(con.execute("select name from item order by name collate backwards").fetchall())
trial(con.execute, "select bad()")
trial(con.execute, "select huge()")
def nested(n):
    return con.execute("select ? * 10", (n,)).fetchone()[0]
con.create_function("nested", 1, nested)
print(con.execute("select nested(id) from item").fetchall())
con.create_function("nested", 1, None)
trial(con.execute, "select nested(1)")

# hooks
seen = []
con.set_trace_callback(seen.append)
con.execute("select ?", ("traced",)).fetchall()
con.set_trace_callback(None)
con.set_authorizer(lambda action, *a: sqlite3.SQLITE_DENY if action == sqlite3.SQLITE_DROP_TABLE else sqlite3.SQLITE_OK)
trial(con.execute, "drop table item")
con.set_authorizer(None)
con.set_progress_handler(lambda: seen.append("progress") or len(seen) > 3, 10)
trial(con.execute, "with recursive n(i) as (select 1 union all select i + 1 from n) select max(i) from n")
con.set_progress_handler(None, 0)
print(seen)

# adapters and converters
class Point:
    def __init__(self, x, y):
        self.x, self.y = x, y
    def __conform__(self, protocol):
        return f"{self.x};{self.y}" if protocol is sqlite3.PrepareProtocol else None


sqlite3.register_converter("point", lambda b: tuple(map(int, b.split(b";"))))
sqlite3.register_adapter(complex, lambda c: Point(int(c.real), int(c.imag)).__conform__(sqlite3.PrepareProtocol))
typed = sqlite3.connect(":memory:", detect_types=sqlite3.PARSE_DECLTYPES | sqlite3.PARSE_COLNAMES)
typed.execute("create table place(at point, other)")
typed.execute("insert into place values(?, ?)", (Point(3, -4), 5 + 6j))
cur = typed.execute('select at, other, other as "o [point]" from place')
print(cur.fetchall(), [d[0] for d in cur.description])
typed.text_factory = bytes
print(typed.execute("select 'text', null, ?", ("\u00e9",)).fetchone())
typed.text_factory = lambda b: b.decode("latin1").upper()
print(typed.execute("select 'text'").fetchone())
typed.text_factory = str
trial(lambda: typed.execute("select cast(x'61ff' as text) as c").fetchall())
again = typed.cursor()
sqlite3.register_converter("again", lambda b: again.fetchone())
again.execute('select 1 as "x [again]"')
trial(again.fetchone)

# transactions and context managers
path = os.path.join(tempfile.mkdtemp(), "d")
a = sqlite3.connect(path, isolation_level="immediate", timeout=0.1)
b = sqlite3.connect(path, timeout=0.1)
print(a.isolation_level, b.isolation_level)
with a:
    a.execute("create table t(n)")
    a.execute("insert into t values(1)")
    trial(b.execute, "begin immediate")
trial(lambda: b.execute("select * from t").fetchall())
try:
    with a:
        a.execute("insert into t values(2)")
        raise KeyError("undone")
except KeyError as e:
    print(repr(e), a.in_transaction, a.execute("select count(*) from t").fetchone())
a.executescript("begin; insert into t values(3); commit; insert into t values(4);")
# a cursor that is not used any more does not keep its table locked
a.execute("select * from t").fetchone()
b.execute("insert into t values(5)")
b.commit()
a.execute("drop table t")
# what waits for a lock of another connection gets it when that is done
a.execute("create table u(n)")
a.execute("begin exclusive")
patient = sqlite3.connect(path, timeout=20, check_same_thread=False)
def insert():
    patient.execute("insert into u values(1)")
    patient.commit()
t = threading.Thread(target=insert)
t.start()
t.join(0.3)
print(t.is_alive())
a.rollback()
t.join()
print(b.execute("select * from u").fetchall())
patient.close()
a.execute("drop table u")
print(list(a.iterdump()))
a.close(), b.close()
os.unlink(path)

# blobs, backup, serialize
con.execute("update item set picture = zeroblob(8) where id = 1")
with con.blobopen("item", "picture", 1) as blob:
    blob.write(b"abc")
    blob[7] = 122
    blob[3:5] = b"--"
    print(len(blob), blob.tell(), blob[0], blob[::3], blob.read(), blob.seek(-2, os.SEEK_END), blob.read(1))
    trial(blob.write, b"too much")
    trial(lambda: blob[8])
trial(blob.read)
con.commit()
copy = sqlite3.connect(":memory:")
steps = []
con.backup(copy, pages=1, progress=lambda *a: steps.append(a[0]))
print(steps[-1] == sqlite3.SQLITE_DONE, copy.execute("select picture from item where id = 1").fetchone())
image = con.serialize()
third = sqlite3.connect(":memory:")
third.deserialize(image)
print(image[:15], third.execute("select count(*) from item").fetchone())

# threads

errors = []
def other():
    try:
        con.execute("select 1")
    except sqlite3.ProgrammingError as e:
        errors.append(str(e)[:60])
t = threading.Thread(target=other)
t.start(), t.join()
print(errors)
shared = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
shared.execute("create table n(i)")
def work(k):
    for i in range(40):
        shared.execute("insert into n values(? + 1)", (k * 100 + i,))
ts = [threading.Thread(target=work, args=(k,)) for k in range(4)]
[t.start() for t in ts], [t.join() for t in ts]
print(shared.execute("select count(*), sum(i), min(i), max(i) from n").fetchone())

con.close(), con.close()
trial(con.execute, "select 1")
trial(cur.connection.cursor().close)
trial(sqlite3.Cursor.__new__(sqlite3.Cursor).fetchone)
trial(sqlite3.Connection.__new__(sqlite3.Connection).commit)
del cur, again, blob, a, b, t, ts
gc.collect()
print(sqlite3.complete_statement("select 1"), sqlite3.complete_statement("select 1;"), sqlite3.apilevel, sqlite3.paramstyle, sqlite3.threadsafety)
