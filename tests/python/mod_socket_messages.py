# sendmsg, recvmsg and recvmsg_into of sockets.
import array
import os
import socket


def tell(what, f, *args):
    try:
        print(what, f(*args))
    except Exception as e:
        print(what, type(e).__name__, e)


a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
print(a.sendmsg([b"one", bytearray(b" two"), memoryview(b" three")]), b.recvmsg(100))
r, w = os.pipe()
fds = array.array("i", [r, w])
print(a.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, fds)]))
data, control, flags, address = b.recvmsg(1, socket.CMSG_SPACE(2 * fds.itemsize))
(level, kind, payload), = control
got = array.array("i", payload)
print(data, level == socket.SOL_SOCKET, kind == socket.SCM_RIGHTS, len(got), flags, address)
os.write(got[1], b"through the copy")
print(os.read(r, 100))
for fd in (*got, r, w):
    os.close(fd)
first, second = bytearray(4), bytearray(10)
a.sendmsg(iter([b"0123456789"]))
print(b.recvmsg_into([first, memoryview(second)[2:]]), first, second)
b.settimeout(0.05)
tell("timeout", b.recvmsg, 5)
tell("str", a.sendmsg, ["x"])
tell("items", a.sendmsg, [b"x"], [(1, 2)])
tell("item", a.sendmsg, [b"x"], [(1, "a", b"")])
tell("negative", a.recvmsg, -1)
tell("negative", a.recvmsg, 1, -1)
tell("iterable", a.sendmsg, 7)
tell("read only", a.recvmsg_into, [b"xx"])
tell("length", socket.CMSG_LEN, 0)
tell("length", socket.CMSG_LEN, -1)
tell("space", socket.CMSG_SPACE, 5)
tell("space", socket.CMSG_SPACE, 2 ** 40)
a.close(), b.close()
tell("closed", a.sendmsg, [b"x"])
u, v = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in "ab")
v.bind(("127.0.0.1", 0))
print(u.sendmsg([b"data", b"gram"], [], 0, v.getsockname()))
data, control, flags, address = v.recvmsg(5)
print(data, control, flags == socket.MSG_TRUNC, address == ("127.0.0.1", u.getsockname()[1]))
u.close(), v.close()
