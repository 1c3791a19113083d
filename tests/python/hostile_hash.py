"""What contains itself, or is nested deeper than the C stack, cannot be hashed: RecursionError."""
import marshal, threading
loop = marshal.loads(b"\xa9\x02r\x00\x00\x00\x00i\x03\x00\x00\x00")      # a tuple that contains itself
deep = ()
for _ in range(300000): deep = (deep,)
alias = list
for _ in range(200000): alias = list[alias]
def work():
    for what in loop, deep, alias:
        try: hash(what)
        except RecursionError as e: print(type(e).__name__, e)
thread = threading.Thread(target=work)
thread.start()
thread.join()
try: hash(loop)
except RecursionError as e: print(type(e).__name__, e)
