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
