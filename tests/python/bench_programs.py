"""The programs of benchmarks/ still run, give what they gave, and the same with several threads."""
import json
import os
import socket
import subprocess
import sys

folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "benchmarks")
sys.path.insert(0, folder)
sys.dont_write_bytecode = True
import measure

for name in measure.names("single"):
    program = measure.load("single", name)
    print(name, measure.measure_single(program, program.TINY, False, 0)["checksum"])
for name in measure.names("threads"):
    program = measure.load("threads", name)
    print(name, measure.measure_threads(program, program.TINY, [1, 2, 3], 0)["checksum"])

for what in ("compute", "allocate", "heap", "collect"):
    out = subprocess.run([sys.executable, os.path.join(folder, "pauses", "gaps.py"), what, "0.02", "1"], stdout=subprocess.PIPE, check=True).stdout
    got = json.loads(out)
    print(what, got["kept"])

with subprocess.Popen([sys.executable, os.path.join(folder, "pauses", "server.py"), "1"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
    with socket.create_connection(("127.0.0.1", int(server.stdout.readline()))) as s, s.makefile("rwb") as f:
        for number in (3, 4, 5):
            f.write(b"me %d\n" % number)
            f.flush()
            print(f.readline())
    server.stdin.close()
    json.loads(server.stdout.readline())
print(server.returncode)
