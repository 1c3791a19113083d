# What streams say when they are used as they cannot be; newlines after tell(); the one open().
import builtins, io, os, tempfile

print(io.open is open is builtins.open)
with tempfile.TemporaryDirectory() as d:
    p = os.path.join(d, "f")
    with open(p, "wb") as f:
        f.write(b"one\ntwo\r\nthree\r")
    with open(p) as f:
        try:
            f.write("x")
        except io.UnsupportedOperation as e:
            print(e)
        print(repr(f.newlines), repr(f.readline()), repr(f.newlines), f.tell(), repr(f.newlines), repr(f.read()), repr(f.newlines))
    print(os.path.getsize(p))
    for newline in ("q", "\r\r", 3):
        for make in (lambda: open(p, newline=newline), lambda: io.StringIO("", newline), lambda: io.TextIOWrapper(io.BytesIO(), newline=newline)):
            try:
                make()
            except (TypeError, ValueError) as e:
                print(type(e).__name__, str(e))
for stream in (io.StringIO(), io.BytesIO(), io.TextIOWrapper(io.BytesIO())):
    stream.close()
    for name in ("read", "tell", "readline", "readlines", "flush"):
        try:
            getattr(stream, name)()
        except ValueError as e:
            print(type(stream).__name__, name, e)
import _io, io
print(io.open.__module__, io.open_code.__module__, io.text_encoding.__module__, io.BytesIO.__module__, open.__module__)
