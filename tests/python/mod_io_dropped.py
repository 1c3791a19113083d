# Streams that are dropped without being closed: nothing is lost, and who reads the file finds it.
import gc, io, os, subprocess, sys, tempfile

d = tempfile.mkdtemp()
os.chdir(d)

def drop(name, data, mode="w", **kw):
    open(name, mode, **kw).write(data)

# the collector closes the streams from the top
drop("a", "text")
drop("b", b"bytes", "wb")
drop("c", b"raw", "wb", buffering=0)
io.TextIOWrapper(io.BufferedWriter(io.FileIO("e", "w"))).write("chain")
for _ in range(2):
    gc.collect()
print([open(n).read() for n in "abce"])

# reading, stat() and other programs
drop("f", "12345")
print(open("f").read())
drop("g", "1234567")
print(os.path.getsize("g"), os.stat("g").st_size)
drop("h.py", "print('from h')")
print(subprocess.run([sys.executable, "h.py"], capture_output=True, text=True).stdout.strip())
drop("i", "x")
drop("j", "y")
print(open("i").read(), open("j").read())
# a stream that is still in use is left alone
k = open("k", "w")
k.write("later")
print(os.path.getsize("k"), open("k").read() == "", k.closed)
k.close()
print(os.path.getsize("k"))

for bad in 1.5, object:
    for f in os.listdir, os.scandir:
        try:
            f(bad)
        except TypeError as e:
            print(e)
os.chdir("/")
import shutil
shutil.rmtree(d)
