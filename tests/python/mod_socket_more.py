# _socket: timeouts read back as they were set; host and interface tables.
import socket

s = socket.socket()
for t in (30, 0.1, 1.5, 3, 0.3, 123456789.25):
    s.settimeout(t)
    print(s.gettimeout(), end=' ')
print()
s.close()

name, aliases, addresses = socket.gethostbyname_ex('127.0.0.1')
print(name, aliases, addresses)
names = socket.if_nameindex()
print(all(isinstance(i, int) and isinstance(n, str) for i, n in names), socket.if_indextoname(names[0][0]) == names[0][1])
for bad in (lambda: socket.if_indextoname(123456), lambda: socket.if_indextoname(-1), lambda: socket.if_indextoname('lo')):
    try:
        bad()
    except (OSError, OverflowError, TypeError) as e:
        print(type(e).__name__)
print(socket.SOL_TCP, socket.IPPROTO_SCTP, socket.AF_CAN, socket.CAN_BCM_TX_SETUP, socket.MSG_ERRQUEUE)

print('-- arguments')


def attempt(f, *args):
    try:
        print(f(*args))
    except (OSError, TypeError, ValueError, OverflowError) as e:
        print(type(e).__name__, e)


s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for args in (), (b'x',), (b'x', 0, ('localhost', 1), 2), ('x', ('localhost', 1)), (b'x', 0, None):
    attempt(s.sendto, *args)
s.close()
numeric = socket.NI_NUMERICHOST | socket.NI_NUMERICSERV
for address in (('::1', 0, 0xffffffff), ('::1', 0, -1), ('127.0.0.1', 0, 5), ('x',), (), 5, (1, 1), ('127.0.0.1', 0, 0, 0, 1), ('127.0.0.1', 80)):
    attempt(socket.getnameinfo, address, numeric)
attempt(socket.getaddrinfo, 'localhost', '\ud800')
attempt(socket.getaddrinfo, 'localhost', 80.5)
attempt(socket.getaddrinfo, bytearray(b'127.0.0.1'), '80', 0, socket.SOCK_STREAM)
attempt(socket.getaddrinfo, '127.0.0.1', 1 << 70)
for name in bytearray(b'\0heddle-test-1'), memoryview(b'\0heddle-test-2'), '\0heddle-test-3':
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
        attempt(s.bind, name)
        attempt(s.getsockname)
with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
    s.bind('')                          # the system chooses a name
    print(len(s.getsockname()), s.getsockname()[:1])
    attempt(s.connect, 5)
attempt(s.settimeout, 1)
attempt(s.setblocking, False)
limit = 0x7fffffff
for f in socket.CMSG_LEN, socket.CMSG_SPACE:
    first = limit - f(f is socket.CMSG_SPACE) + 1
    attempt(f, first - 1)
    attempt(f, first)

# A refused connection is refused once: asking for the error clears it
import sys, threading
def refused():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        s.listen()
        port = s.getsockname()[1]
    try: socket.create_connection(("127.0.0.1", port), timeout=5)
    except ConnectionRefusedError: return True
    return False
t = threading.Thread(target=lambda: print(all(refused() for _ in range(100))))
t.start()
t.join()
with socket.socket() as s:
    print(s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR), s.getsockopt(socket.SOL_SOCKET, socket.SO_TYPE, 4) == socket.SOCK_STREAM.to_bytes(4, sys.byteorder))
    for size in -1, 1025:
        try: s.getsockopt(socket.SOL_SOCKET, socket.SO_TYPE, size)
        except OSError as e: print(e)
