"""A server that answers lines: "NAME NUMBER" adds to NAME's history and gets its length, total and a digest.

    server.py [MEGABYTES]

A thread for each connection; one dict of all histories, which begins with about MEGABYTES of old ones, under a lock.  Prints
its port; ends when standard input does, and then prints the interpreter's counters as JSON."""
import json
import socketserver
import sys
import threading

try: from heddle import stats
except ImportError: stats = dict
lock = threading.Lock()


class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        for line in self.rfile:
            name, number = line.decode().split()
            with lock:
                history = histories.setdefault(name, [])
                history.append({"number": int(number), "text": line})
                if len(history) > 50: del history[:25]
                total, length = sum([entry["number"] for entry in history]), len(history)
            digest = "".join(sorted([str(total * k) for k in range(20)]))
            self.wfile.write(b"%d %d %d\n" % (length, total, len(digest)))


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = allow_reuse_address = True


megabytes = int(sys.argv[1]) if len(sys.argv) > 1 else 100
histories = {"old%d" % i: [{"number": k, "text": b"x%d" % k} for k in range(8)] for i in range(megabytes * 1000000 // 3100)}
with Server(("127.0.0.1", 0), Handler) as server:
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_address[1], flush=True)
    sys.stdin.read()
    print(json.dumps(stats()))
    server.shutdown()
