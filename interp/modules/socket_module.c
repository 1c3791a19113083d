/* The _socket module: sockets over the C library.  System calls run outside transactions; data goes through immutable bytes
 * objects, since a buffer that Python can change may change while no transaction runs. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>
#include "interp/types/bytes.h"
#include "interp/core/settings.h"
#include "interp/core/names.h"
#include "interp/eval/eval.h"
#include "interp/modules/io_internal.h"
#include "interp/modules/posix_internal.h"
#include "interp/modules/socket_internal.h"

static hd_value gaierror, host_error;
static struct hd_type sock_type;

int64_t hd_socket_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}
int64_t hd_socket_deadline(int64_t timeout_ns)
{
    int64_t now = timeout_ns > 0 ? hd_socket_now() : 0;
    return timeout_ns <= 0 ? -1 : timeout_ns > INT64_MAX - now ? INT64_MAX : now + timeout_ns;
}
hd_value hd_socket_fail(int err) { return hd_exc_pending() ? HD_ERR : hd_raise_errno(err, HD_ABSENT, HD_ABSENT); }
hd_value hd_socket_timed_out(void) { return hd_raise(&hd_exc_TimeoutError, "timed out"); }
static int fd_of(hd_value self) { return (int)HD_GET(SOCK(self), fd); }

int hd_socket_wait(int fd, bool write, int64_t deadline)
{
    for (;;) {
        struct pollfd p = { fd, write ? POLLOUT : POLLIN, 0 };
        int64_t left = deadline < 0 ? -1 : deadline - hd_socket_now();
        if (deadline >= 0 && left < 0) left = 0;
        int r, err, ms = left < 0 ? -1 : (int)((left + 999999) / 1000000);
        HD_BLOCKING
            r = poll(&p, 1, ms);
            err = errno;
        HD_END_BLOCKING
        if (r > 0) return 1;
        if (r == 0) return 0;
        if (err != EINTR) { hd_raise_errno(err, HD_ABSENT, HD_ABSENT); return -1; }
        if (hd_check_signals() < 0) return -1;
    }
}
/* ---- addresses ------------------------------------------------------------------------------------------------------------------ */

hd_value hd_socket_gai_error(int code)
{
    if (code == EAI_SYSTEM) return hd_raise_errno(errno, HD_ABSENT, HD_ABSENT);
    hd_value e = hd_callv(gaierror, hd_fix(code), hd_str_utf8(gai_strerror(code)));
    return e == HD_ERR ? HD_ERR : hd_raise_object(e);
}
/* Host name to the address family's address: 0, -1 */
static int resolve(const char *host, int family, union hd_address *out, socklen_t *len)
{
    if (!*host) {
        memset(out, 0, sizeof *out);
        if (family == AF_INET6) out->in6.sin6_family = AF_INET6, out->in6.sin6_addr = in6addr_any, *len = sizeof out->in6;
        else out->in.sin_family = AF_INET, out->in.sin_addr.s_addr = INADDR_ANY, *len = sizeof out->in;
        return 0;
    }
    if (strcmp(host, "<broadcast>") == 0 && family == AF_INET) {
        memset(out, 0, sizeof *out);
        out->in.sin_family = AF_INET, out->in.sin_addr.s_addr = INADDR_BROADCAST, *len = sizeof out->in;
        return 0;
    }
    struct addrinfo hints = { .ai_family = family }, *res = NULL;
    int r;
    union hd_address found;
    socklen_t found_len = 0;
    HD_BLOCKING
        r = getaddrinfo(host, NULL, &hints, &res);
        if (r == 0) {
            memcpy(&found, res->ai_addr, res->ai_addrlen);
            found_len = res->ai_addrlen;
            freeaddrinfo(res);
        }
    HD_END_BLOCKING
    if (r) { hd_socket_gai_error(r); return -1; }
    *out = found;
    *len = found_len;
    return 0;
}
static hd_value take_bytes(hd_value v)
{
    if (hd_is_str(v)) return hd_raise(&hd_exc_TypeError, "a bytes-like object is required, not 'str'");
    return hd_bytes_fixed(v);
}
const char *hd_socket_host(hd_value v, const char *what)
{
    size_t n;
    if (hd_is_str(v)) {
        if (HD_STR(v)->head.aux & HD_STR_ASCII) return hd_fs_path_c(v, NULL);
        hd_value b = hd_str_encode(v, "idna", "strict");
        return b == HD_ERR ? NULL : (const char *)HD_BYTES(b)->data;
    }
    if (hd_has_flag(v, HD_TF_BYTEARRAY) && (v = take_bytes(v)) == HD_ERR) return NULL;
    if (hd_is_bytes(v)) { n = (size_t)HD_BYTES(v)->len; return strlen((char *)HD_BYTES(v)->data) == n ? (char *)HD_BYTES(v)->data : (hd_raise(&hd_exc_TypeError, "host name must not contain null character"), NULL); }
    hd_raise(&hd_exc_TypeError, "%s must be str, bytes or bytearray, not %T", what, v);
    return NULL;
}
int hd_socket_address(hd_value self, hd_value v, union hd_address *out, socklen_t *len, const char *caller)
{
    int64_t family = HD_GET(SOCK(self), family);
    memset(out, 0, sizeof *out);
    if (family == AF_UNIX) {
        const char *p;
        size_t n;
        if (hd_is_str(v)) { hd_value b = hd_str_encode(v, "utf-8", "surrogateescape"); if (b == HD_ERR) return -1; v = b; }
        if ((v = take_bytes(v)) == HD_ERR) return -1;
        p = (char *)HD_BYTES(v)->data, n = (size_t)HD_BYTES(v)->len;
        bool abstract = n == 0 || p[0] == 0;                /* an empty name: the system chooses one */
        if (n + !abstract > sizeof out->un.sun_path) { hd_raise(&hd_exc_OSError, "AF_UNIX path too long"); return -1; }
        out->un.sun_family = AF_UNIX;
        memcpy(out->un.sun_path, p, n);
        *len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n + !abstract);
        return 0;
    }
    if (family != AF_INET && family != AF_INET6) { hd_raise(&hd_exc_OSError, "%s(): bad family", caller); return -1; }
    if (!hd_is_tuple(v)) { hd_raise(&hd_exc_TypeError, "%s(): AF_INET%s address must be tuple, not %T", caller, family == AF_INET6 ? "6" : "", v); return -1; }
    int64_t n = HD_TUPLE(v)->len, port;
    if (family == AF_INET ? n != 2 : n < 2 || n > 4) {
        hd_raise(&hd_exc_TypeError, family == AF_INET ? "AF_INET address must be a pair (host, port)" : "AF_INET6 address must be a tuple (host, port[, flowinfo[, scopeid]])");
        return -1;
    }
    const char *host = hd_socket_host(HD_TUPLE(v)->item[0], "str, bytes or bytearray expected");
    if (!host) return -1;
    if (hd_as_i64(HD_TUPLE(v)->item[1], &port) < 0) return -1;
    if (port < 0 || port > 0xffff) { hd_raise(&hd_exc_OverflowError, "%s(): port must be 0-65535.", caller); return -1; }
    if (resolve(host, (int)family, out, len) < 0) return -1;
    if (family == AF_INET) out->in.sin_port = htons((uint16_t)port);
    else {
        int64_t flow = 0, scope = 0;
        out->in6.sin6_port = htons((uint16_t)port);
        if (n > 2 && hd_as_i64(HD_TUPLE(v)->item[2], &flow) < 0) return -1;
        if (n > 3 && hd_as_i64(HD_TUPLE(v)->item[3], &scope) < 0) return -1;
        if (flow < 0 || flow > 0xfffff) { hd_raise(&hd_exc_OverflowError, "%s(): flowinfo must be 0-1048575.", caller); return -1; }
        out->in6.sin6_flowinfo = htonl((uint32_t)flow);
        if (n > 3) out->in6.sin6_scope_id = (uint32_t)scope;
    }
    return 0;
}
hd_value hd_socket_address_value(const union hd_address *a, socklen_t len)
{
    char t[INET6_ADDRSTRLEN];
    if (len == 0) return HD_NONE;
    switch (a->sa.sa_family) {
    case AF_INET:
        inet_ntop(AF_INET, &a->in.sin_addr, t, sizeof t);
        return hd_tuplev(hd_str_utf8(t), hd_fix(ntohs(a->in.sin_port)));
    case AF_INET6:
        inet_ntop(AF_INET6, &a->in6.sin6_addr, t, sizeof t);
        return hd_tuplev(hd_str_utf8(t), hd_fix(ntohs(a->in6.sin6_port)), hd_int(ntohl(a->in6.sin6_flowinfo)), hd_int(a->in6.sin6_scope_id));
    case AF_UNIX: {
        size_t n = len > offsetof(struct sockaddr_un, sun_path) ? len - offsetof(struct sockaddr_un, sun_path) : 0;
        if (n && a->un.sun_path[0] == 0) return hd_bytes_new(a->un.sun_path, n);
        return hd_str_from_fs(a->un.sun_path, strnlen(a->un.sun_path, n));
    }
    default:
        return hd_tuplev(hd_fix(a->sa.sa_family), hd_bytes_new(a->sa.sa_data, len > 2 ? len - 2 : 0));
    }
}

/* ---- the type ---------------------------------------------------------------------------------------------------------------------- */
static hd_value sock_make(hd_value type, const hd_value *args, size_t nargs, hd_value kwnames)
{
    hd_value v = hd_alloc_instance(HD_TYPE(type), 0);
    if (v != HD_ERR) HD_INIT(SOCK(v), fd, -1), HD_INIT(SOCK(v), timeout_ns, hd_setting(socket_timeout_ns));
    return v;
}
static int set_blocking(int fd, bool on)
{
    int one = !on;
    return ioctl(fd, FIONBIO, &one);
}
static int sock_init(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
{
    hd_idle_arm();
    hd_value a[4];
    int family = -1, type = -1, proto = -1, fd = -1;
    if (hd_args("socket", "|family,type,proto,fileno", args, nargs, kwnames, a) < 0) return -1;
    if ((a[0] != HD_ABSENT && hd_as_int32(a[0], &family) < 0) || (a[1] != HD_ABSENT && hd_as_int32(a[1], &type) < 0) || (a[2] != HD_ABSENT && hd_as_int32(a[2], &proto) < 0)) return -1;
    if (a[3] != HD_ABSENT && a[3] != HD_NONE) {
        if (hd_is_float_exact(a[3])) { hd_raise(&hd_exc_TypeError, "'float' object cannot be interpreted as an integer"); return -1; }
        if (hd_as_int32(a[3], &fd) < 0) return -1;
        if (fd < 0) { hd_raise(&hd_exc_ValueError, "negative file descriptor"); return -1; }
        union hd_address addr;
        socklen_t n = sizeof addr, k = sizeof(int);
        if (getsockname(fd, &addr.sa, &n) < 0 && (errno == EBADF || errno == ENOTSOCK)) { hd_raise_errno(errno, HD_ABSENT, HD_ABSENT); return -1; }
        if (family == -1) family = addr.sa.sa_family;
        if (type == -1) getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &k);
        k = sizeof(int);
        if (proto == -1) getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &proto, &k);
    } else {
        if (family == -1) family = AF_INET;
        if (type == -1) type = SOCK_STREAM;
        if (proto == -1) proto = 0;
        int err;
        bool tried = false;
        do {
            HD_BLOCKING
                fd = socket(family, type | SOCK_CLOEXEC, proto);
                err = errno;
            HD_END_BLOCKING
        } while (fd < 0 && hd_descriptors_freed(err, &tried));
        if (fd < 0) { hd_raise_errno(err, HD_ABSENT, HD_ABSENT); return -1; }
    }
    hd_descriptor_opened(fd);
    hd_sock_w w = hd_sock_open(SOCK(self));
    HD_PUT(w, fd, fd);
    HD_PUT(w, family, family);
    HD_PUT(w, type, type & ~(SOCK_CLOEXEC | SOCK_NONBLOCK));
    HD_PUT(w, proto, proto);
    if (type & SOCK_NONBLOCK) HD_PUT(w, timeout_ns, 0);
    else {
        HD_PUT(w, timeout_ns, hd_setting(socket_timeout_ns));
        if (hd_setting(socket_timeout_ns) >= 0) set_blocking(fd, false);
    }
    return 0;
}
#define FN(name) static hd_value sock_##name(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
FN(accept)
{
    int fd = fd_of(self), r, err;
    union hd_address a;
    socklen_t n = sizeof a;
    SOCKET_CALL(self, false, r, err, (n = sizeof a, accept4(fd, &a.sa, &n, SOCK_CLOEXEC)));
    hd_value addr = hd_socket_address_value(&a, n);
    return addr == HD_ERR ? HD_ERR : hd_tuplev(hd_fix(r), addr);
}
FN(bind)
{
    union hd_address a;
    socklen_t n;
    int r, err;
    if (hd_socket_address(self, args[0], &a, &n, "bind") < 0) return HD_ERR;
    int fd = fd_of(self);
    HD_BLOCKING
        r = bind(fd, &a.sa, n);
        err = errno;
    HD_END_BLOCKING
    return r < 0 ? hd_socket_fail(err) : HD_NONE;
}
FN(listen)
{
    int backlog = 128;
    if (nargs && hd_as_int32(args[0], &backlog) < 0) return HD_ERR;
    return listen(fd_of(self), backlog < 0 ? 0 : backlog) < 0 ? hd_socket_fail(errno) : HD_NONE;
}
/* connect(): errno of the attempt, -1 error set */
static int do_connect(hd_value self, hd_value to)
{
    union hd_address a;
    socklen_t n;
    int r, err;
    if (hd_socket_address(self, to, &a, &n, "connect") < 0) return -1;
    int fd = fd_of(self);
    int64_t timeout = HD_GET(SOCK(self), timeout_ns), deadline = hd_socket_deadline(timeout);
    HD_BLOCKING
        r = connect(fd, &a.sa, n);
        err = errno;
    HD_END_BLOCKING
    if (r == 0) return 0;
    if (err == EINTR && hd_check_signals() < 0) return -1;
    if ((err == EINPROGRESS && timeout > 0) || (err == EINTR && timeout != 0)) {
        int ready = hd_socket_wait(fd, true, deadline);
        if (ready < 0) return -1;
        if (ready == 0) { hd_socket_timed_out(); return -1; }
        HD_BLOCKING                          /* asking clears it */
            socklen_t k = sizeof err;
            getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &k);
        HD_END_BLOCKING
    }
    return err;
}
FN(connect)
{
    int err = do_connect(self, args[0]);
    return err < 0 ? HD_ERR : err ? hd_socket_fail(err) : HD_NONE;
}
FN(connect_ex)
{
    int err = do_connect(self, args[0]);
    if (err < 0) {
        if (!hd_exc_is(&hd_exc_TimeoutError)) return HD_ERR;
        hd_exc_clear();
        err = EAGAIN;
    }
    return hd_fix(err);
}
FN(send)
{
    int flags = 0, fd = fd_of(self), err;
    ssize_t r;
    hd_value b = take_bytes(args[0]);
    if (b == HD_ERR || (nargs > 1 && hd_as_int32(args[1], &flags) < 0)) return HD_ERR;
    SOCKET_CALL(self, true, r, err, send(fd, HD_BYTES(b)->data, (size_t)HD_BYTES(b)->len, flags));
    return hd_int(r);
}
FN(sendall)
{
    int flags = 0, fd = fd_of(self), err;
    hd_value b = take_bytes(args[0]);
    if (b == HD_ERR || (nargs > 1 && hd_as_int32(args[1], &flags) < 0)) return HD_ERR;
    for (int64_t at = 0, n = HD_BYTES(b)->len; at < n;) {
        ssize_t r;
        SOCKET_CALL(self, true, r, err, send(fd, HD_BYTES(b)->data + at, (size_t)(n - at), flags));
        at += r;
        if (hd_check_signals() < 0) return HD_ERR;
    }
    return HD_NONE;
}
FN(sendto)
{
    int flags = 0, fd = fd_of(self), err;
    union hd_address a;
    socklen_t n;
    ssize_t r;
    if (nargs < 2 || nargs > 3) return hd_raise(&hd_exc_TypeError, "sendto() takes 2 or 3 arguments (%zu given)", nargs);
    hd_value b = take_bytes(args[0]);
    if (b == HD_ERR || (nargs > 2 && hd_as_int32(args[1], &flags) < 0) || hd_socket_address(self, args[nargs - 1], &a, &n, "sendto") < 0) return HD_ERR;
    SOCKET_CALL(self, true, r, err, sendto(fd, HD_BYTES(b)->data, (size_t)HD_BYTES(b)->len, flags, &a.sa, n));
    return hd_int(r);
}
/* Receives into a fresh bytes object; *got its length.  The address if `a`. */
static hd_value receive(hd_value self, int64_t size, int flags, union hd_address *a, socklen_t *n)
{
    int fd = fd_of(self), err;
    ssize_t r;
    if (size < 0) return hd_raise(&hd_exc_ValueError, "negative buffersize in recv");
    hd_value b = hd_bytes_new(NULL, (size_t)size);
    if (b == HD_ERR) return HD_ERR;
    SOCKET_CALL(self, false, r, err, (n ? *n = sizeof *a : 0, recvfrom(fd, HD_BYTES(b)->data, (size_t)size, flags, a ? &a->sa : NULL, n)));
    return r == size ? b : hd_bytes_new(HD_BYTES(b)->data, (size_t)r);
}
FN(recv)
{
    int64_t n;
    int flags = 0;
    if (hd_as_i64(args[0], &n) < 0 || (nargs > 1 && hd_as_int32(args[1], &flags) < 0)) return HD_ERR;
    return receive(self, n, flags, NULL, NULL);
}
FN(recvfrom)
{
    int64_t n;
    int flags = 0;
    union hd_address a;
    socklen_t len = sizeof a;
    if (hd_as_i64(args[0], &n) < 0 || (nargs > 1 && hd_as_int32(args[1], &flags) < 0)) return HD_ERR;
    hd_value b = receive(self, n, flags, &a, &len), addr = b == HD_ERR ? HD_ERR : hd_socket_address_value(&a, len);
    return addr == HD_ERR ? HD_ERR : hd_tuplev(b, addr);
}
static hd_value receive_into(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames, const char *name, union hd_address *a, socklen_t *len)
{
    hd_value v[3];
    int64_t n = 0;
    int flags = 0;
    struct hd_buffer b;
    if (hd_args(name, "buffer,|nbytes,flags", args, nargs, kwnames, v) < 0 || (v[1] != HD_ABSENT && hd_as_i64(v[1], &n) < 0) || (v[2] != HD_ABSENT && hd_as_int32(v[2], &flags) < 0)) return HD_ERR;
    if (n < 0) return hd_raise(&hd_exc_ValueError, "negative buffersize in %s", name);
    if (hd_buffer_get(v[0], &b, true) < 0) return HD_ERR;
    if (n > b.len) { hd_buffer_release(&b); return hd_raise(&hd_exc_ValueError, "buffer too small for requested bytes"); }
    hd_value data = receive(self, n ? n : b.len, flags, a, len);
    if (data != HD_ERR) hd_buffer_store(&b, 0, HD_BYTES(data)->data, HD_BYTES(data)->len);
    hd_buffer_release(&b);
    return data == HD_ERR ? HD_ERR : hd_int(HD_BYTES(data)->len);
}
FN(recv_into) { return receive_into(self, args, nargs, kwnames, "recv_into", NULL, NULL); }
FN(recvfrom_into)
{
    union hd_address a;
    socklen_t len = sizeof a;
    hd_value n = receive_into(self, args, nargs, kwnames, "recvfrom_into", &a, &len), addr = n == HD_ERR ? HD_ERR : hd_socket_address_value(&a, len);
    return addr == HD_ERR ? HD_ERR : hd_tuplev(n, addr);
}
FN(close)
{
    int fd = fd_of(self), r, err;
    if (fd < 0) return HD_NONE;
    hd_sock_w w = hd_sock_open(SOCK(self));
    HD_PUT(w, fd, -1);
    HD_BLOCKING
        r = close(fd);
        err = errno;
    HD_END_BLOCKING
    return r < 0 && err != ECONNRESET && err != EINTR ? hd_socket_fail(err) : HD_NONE;
}
FN(detach)
{
    int fd = fd_of(self);
    hd_sock_w w = hd_sock_open(SOCK(self));
    HD_PUT(w, fd, -1);
    return hd_fix(fd);
}
FN(fileno) { return hd_fix(fd_of(self)); }
FN(shutdown)
{
    int how;
    if (hd_as_int32(args[0], &how) < 0) return HD_ERR;
    return shutdown(fd_of(self), how) < 0 ? hd_socket_fail(errno) : HD_NONE;
}
FN(getsockname)
{
    union hd_address a;
    socklen_t n = sizeof a;
    return getsockname(fd_of(self), &a.sa, &n) < 0 ? hd_socket_fail(errno) : hd_socket_address_value(&a, n);
}
FN(getpeername)
{
    union hd_address a;
    socklen_t n = sizeof a;
    return getpeername(fd_of(self), &a.sa, &n) < 0 ? hd_socket_fail(errno) : hd_socket_address_value(&a, n);
}
FN(setsockopt)
{
    int level, name, r;
    if (hd_as_int32(args[0], &level) < 0 || hd_as_int32(args[1], &name) < 0) return HD_ERR;
    if (args[2] == HD_NONE) {
        int64_t n;
        if (nargs < 4 || hd_as_i64(args[3], &n) < 0) return hd_exc_pending() ? HD_ERR : hd_raise(&hd_exc_TypeError, "setsockopt() requires 4 arguments when the third argument is None");
        r = setsockopt(fd_of(self), level, name, NULL, (socklen_t)n);
    } else if (hd_is_int(args[2])) {
        int v;
        if (hd_as_int32(args[2], &v) < 0) return HD_ERR;
        r = setsockopt(fd_of(self), level, name, &v, sizeof v);
    } else {
        hd_value b = take_bytes(args[2]);
        if (b == HD_ERR) return HD_ERR;
        r = setsockopt(fd_of(self), level, name, HD_BYTES(b)->data, (socklen_t)HD_BYTES(b)->len);
    }
    return r < 0 ? hd_socket_fail(errno) : HD_NONE;
}
FN(getsockopt)
{
    int level, name, size = 0;
    if (hd_as_int32(args[0], &level) < 0 || hd_as_int32(args[1], &name) < 0 || (nargs > 2 && hd_as_int32(args[2], &size) < 0)) return HD_ERR;
    if (size < 0 || size > 1024) return hd_raise(&hd_exc_OSError, "getsockopt buflen out of range");
    union { int v; char bytes[1024]; } t = { 0 };
    socklen_t n = (socklen_t)(size ? size : (int)sizeof t.v);
    int fd = fd_of(self), r, err;
    HD_BLOCKING                              /* SO_ERROR is cleared by asking */
        r = getsockopt(fd, level, name, &t, &n);
        err = errno;
    HD_END_BLOCKING
    return r < 0 ? hd_socket_fail(err) : size ? hd_bytes_new(t.bytes, n) : hd_fix(t.v);
}
static int timeout_arg(hd_value v, int64_t *ns)
{
    if (v == HD_NONE) { *ns = -1; return 0; }
    if (hd_seconds_arg(v, 1, ns) < 0) return -1;
    if (*ns < 0) { hd_raise(&hd_exc_ValueError, "Timeout value out of range"); return -1; }
    return 0;
}
static hd_value timeout_value(int64_t ns) { return ns < 0 ? HD_NONE : hd_float((double)ns / 1e9); }
static hd_value apply_timeout(hd_value self, int64_t ns)
{
    hd_sock_w w = hd_sock_open(SOCK(self));
    HD_PUT(w, timeout_ns, ns);
    return set_blocking(fd_of(self), ns < 0) < 0 ? hd_socket_fail(errno) : HD_NONE;
}
FN(settimeout) { int64_t ns; return timeout_arg(args[0], &ns) < 0 ? HD_ERR : apply_timeout(self, ns); }
FN(gettimeout) { return timeout_value(HD_GET(SOCK(self), timeout_ns)); }
FN(setblocking) { int on = hd_truth(args[0]); return on < 0 ? HD_ERR : apply_timeout(self, on ? -1 : 0); }
FN(getblocking) { return hd_bool(HD_GET(SOCK(self), timeout_ns) != 0); }
static hd_value get_family(hd_value self, void *c) { return hd_int(HD_GET(SOCK(self), family)); }
static hd_value get_type(hd_value self, void *c) { return hd_int(HD_GET(SOCK(self), type)); }
static hd_value get_proto(hd_value self, void *c) { return hd_int(HD_GET(SOCK(self), proto)); }
static hd_value get_timeout(hd_value self, void *c) { return timeout_value(HD_GET(SOCK(self), timeout_ns)); }
static hd_value sock_repr(hd_value self)
{
    struct hd_sock *s = SOCK(self);
    return hd_str_format("<socket object, fd=%lld, family=%lld, type=%lld, proto=%lld>", (long long)HD_GET(s, fd), (long long)HD_GET(s, family), (long long)HD_GET(s, type), (long long)HD_GET(s, proto));
}
static void sock_finalise(hd_value self)
{
    if (fd_of(self) < 0) return;
    if (hd_warn(&hd_exc_ResourceWarning, 1, "unclosed %R", self) < 0) hd_exc_print_unraisable(NULL, self);
    if (sock_close(self, NULL, 0, 0) == HD_ERR) hd_exc_clear();
}
HD_WAITS(sock_accept) HD_WAITS(sock_connect) HD_WAITS(sock_send) HD_WAITS(sock_sendall) HD_WAITS(sock_recv)
HD_WAITS(sock_recvfrom) HD_WAITS(sock_recv_into) HD_WAITS(sock_recvfrom_into)
static const struct hd_methoddef sock_methods[] = {
    { "_accept", sock_accept_waits, 0, 0, 0, NULL }, { "bind", sock_bind, 1, 1, 0, NULL }, { "listen", sock_listen, 0, 1, 0, NULL }, { "connect", sock_connect_waits, 1, 1, 0, NULL },
    { "connect_ex", sock_connect_ex, 1, 1, 0, NULL }, { "send", sock_send_waits, 1, 2, 0, NULL }, { "sendall", sock_sendall_waits, 1, 2, 0, NULL }, { "sendto", sock_sendto, 0, -1, 0, NULL },
    { "recv", sock_recv_waits, 1, 2, 0, NULL }, { "recvfrom", sock_recvfrom_waits, 1, 2, 0, NULL }, { "recv_into", sock_recv_into_waits, 0, -1, HD_METH_KW, NULL },
    { "recvfrom_into", sock_recvfrom_into_waits, 0, -1, HD_METH_KW, NULL }, { "close", sock_close, 0, 0, 0, NULL }, { "detach", sock_detach, 0, 0, 0, NULL },
    { "fileno", sock_fileno, 0, 0, 0, NULL }, { "shutdown", sock_shutdown, 1, 1, 0, NULL }, { "getsockname", sock_getsockname, 0, 0, 0, NULL },
    { "getpeername", sock_getpeername, 0, 0, 0, NULL }, { "setsockopt", sock_setsockopt, 3, 4, 0, NULL }, { "getsockopt", sock_getsockopt, 2, 3, 0, NULL },
    { "settimeout", sock_settimeout, 1, 1, 0, NULL }, { "gettimeout", sock_gettimeout, 0, 0, 0, NULL }, { "setblocking", sock_setblocking, 1, 1, 0, NULL },
    { "getblocking", sock_getblocking, 0, 0, 0, NULL },
    { "sendmsg", hd_socket_sendmsg, 1, 4, 0, "sendmsg(buffers[, ancdata[, flags[, address]]]) -> count\n\nSends the buffers as one message, with ancillary data." },
    { "recvmsg", hd_socket_recvmsg, 1, 3, 0, "recvmsg(bufsize[, ancbufsize[, flags]]) -> (data, ancdata, msg_flags, address)\n\nReceives a message and its ancillary data." },
    { "recvmsg_into", hd_socket_recvmsg_into, 1, 3, 0, "recvmsg_into(buffers[, ancbufsize[, flags]]) -> (nbytes, ancdata, msg_flags, address)\n\nThe same, into the given buffers." }, { 0 }
};
static const struct hd_getsetdef sock_getsets[] = { { "family", get_family, NULL, NULL, NULL }, { "type", get_type, NULL, NULL, NULL }, { "proto", get_proto, NULL, NULL, NULL },
    { "timeout", get_timeout, NULL, NULL, NULL }, { 0 } };
static struct hd_type sock_type = { .cname = "_socket.socket", .basicsize = sizeof(struct hd_sock), .flags = HD_TF_BASETYPE | HD_TF_HAS_FINALISER | HD_TF_LATE_FINALISER,
    .doc = "socket(family=AF_INET, type=SOCK_STREAM, proto=0, fileno=None): a socket.", .methods = sock_methods, .getsets = sock_getsets,
    .op = { .make = sock_make, .init = sock_init, .repr = sock_repr, .finalise = sock_finalise } };

/* ---- functions ------------------------------------------------------------------------------------------------------------------------ */
FN(getaddrinfo)
{
    hd_value a[6];
    int family = 0, type = 0, proto = 0, flags = 0, r;
    if (hd_args("getaddrinfo", "host,port,|family,type,proto,flags", args, nargs, kwnames, a) < 0) return HD_ERR;
    if ((a[2] != HD_ABSENT && hd_as_int32(a[2], &family) < 0) || (a[3] != HD_ABSENT && hd_as_int32(a[3], &type) < 0) ||
        (a[4] != HD_ABSENT && hd_as_int32(a[4], &proto) < 0) || (a[5] != HD_ABSENT && hd_as_int32(a[5], &flags) < 0)) return HD_ERR;
    const char *host = NULL, *port = NULL;
    char number[32];
    if (a[0] != HD_NONE && !hd_is_str(a[0]) && !hd_is_bytes(a[0])) return hd_raise(&hd_exc_TypeError, "getaddrinfo() argument 1 must be string or None");
    if (a[0] != HD_NONE && !(host = hd_socket_host(a[0], "host"))) return HD_ERR;
    if (hd_is_int(a[1])) {
        int64_t n;
        if (hd_as_i64(a[1], &n) < 0) {
            if (!hd_exc_is(&hd_exc_OverflowError)) return HD_ERR;
            hd_exc_clear();
            return hd_raise(&hd_exc_OverflowError, "Python int too large to convert to C long");
        }
        snprintf(number, sizeof number, "%lld", (long long)n);
        port = number;
    } else if (hd_is_str(a[1]) || hd_is_bytes(a[1])) {
        if (hd_is_str(a[1]) && (a[1] = hd_str_encode(a[1], "utf-8", "strict")) == HD_ERR) return HD_ERR;
        port = (const char *)HD_BYTES(a[1])->data;
    } else if (a[1] != HD_NONE) return hd_raise(&hd_exc_OSError, "Int or String expected");
    struct addrinfo hints = { .ai_family = family, .ai_socktype = type, .ai_protocol = proto, .ai_flags = flags }, *res = NULL;
    struct found { int family, type, proto; socklen_t len; union hd_address a; char canon[NI_MAXHOST]; } *list = NULL, *copy;
    size_t count = 0;
    HD_BLOCKING
        r = getaddrinfo(host, port, &hints, &res);
        if (r == 0) {
            for (struct addrinfo *p = res; p; p = p->ai_next) count++;
            list = malloc(sizeof *list * (count + 1));
            size_t i = 0;
            for (struct addrinfo *p = res; list && p; p = p->ai_next, i++) {
                list[i].family = p->ai_family, list[i].type = p->ai_socktype, list[i].proto = p->ai_protocol, list[i].len = p->ai_addrlen;
                memcpy(&list[i].a, p->ai_addr, p->ai_addrlen);
                snprintf(list[i].canon, NI_MAXHOST, "%s", p->ai_canonname ? p->ai_canonname : "");
            }
            freeaddrinfo(res);
        }
    HD_END_BLOCKING
    if (r) return hd_socket_gai_error(r);
    if (!list) return hd_no_memory();
    stm_on_commit(free, list);                              /* what runs again after an abort reads it again */
    copy = hd_scratch(sizeof *copy * (count + 1));
    if (copy) memcpy(copy, list, sizeof *copy * count);
    hd_value l = copy ? hd_list_new(count) : HD_ERR;
    for (size_t i = 0; l != HD_ERR && i < count; i++) {
        hd_value addr = hd_socket_address_value(&copy[i].a, copy[i].len), t = addr == HD_ERR ? HD_ERR :
            hd_tuplev(hd_fix(copy[i].family), hd_fix(copy[i].type), hd_fix(copy[i].proto), hd_str_utf8(copy[i].canon), addr);
        if (t == HD_ERR || hd_list_append(l, t) < 0) return HD_ERR;
    }
    return l;
}
static hd_value resolve_v4(hd_value v, union hd_address *a)
{
    const char *host = hd_socket_host(v, "gethostbyname() argument 1");
    socklen_t n;
    if (!host || resolve(host, AF_INET, a, &n) < 0) return HD_ERR;
    char t[INET_ADDRSTRLEN];
    inet_ntop(AF_INET, &a->in.sin_addr, t, sizeof t);
    return hd_str_utf8(t);
}
FN(gethostbyname) { union hd_address a; return resolve_v4(args[0], &a); }
FN(gethostbyaddr)
{
    union hd_address a;
    hd_value text = resolve_v4(args[0], &a);
    if (text == HD_ERR) return HD_ERR;
    char name[NI_MAXHOST];
    int r;
    HD_BLOCKING
        r = getnameinfo(&a.sa, sizeof a.in, name, sizeof name, NULL, 0, NI_NAMEREQD);
    HD_END_BLOCKING
    if (r) {
        hd_value e = hd_callv(host_error, hd_fix(1), hd_str_utf8("Unknown host"));
        return e == HD_ERR ? HD_ERR : hd_raise_object(e);
    }
    return hd_tuplev(hd_str_utf8(name), hd_list_new(0), hd_list_from(&text, 1));
}
FN(getnameinfo)
{
    static const char illegal[] = "getnameinfo(): illegal sockaddr argument";
    int flags, port, r;
    int64_t extra[2] = { 0, 0 };                            /* flow information, scope: the lowest 32 bits count */
    if (hd_as_int32(args[1], &flags) < 0) return HD_ERR;
    if (!hd_is_tuple(args[0])) return hd_raise(&hd_exc_TypeError, "getnameinfo() argument 1 must be a tuple");
    struct hd_tuple *t = HD_TUPLE(args[0]);
    if (t->len < 2 || t->len > 4 || !hd_is_str(t->item[0])) return hd_raise(&hd_exc_TypeError, illegal);
    const char *host = hd_fs_path_c(t->item[0], NULL);
    if (!host || hd_as_int32(t->item[1], &port) < 0) return HD_ERR;
    for (int64_t i = 2; i < t->len; i++) if (hd_as_i64(t->item[i], &extra[i - 2]) < 0) return HD_ERR;
    if ((uint32_t)extra[0] > 0xfffff) return hd_raise(&hd_exc_OverflowError, "getnameinfo(): flowinfo must be 0-1048575.");
    struct addrinfo hints = { .ai_socktype = SOCK_DGRAM, .ai_flags = AI_NUMERICHOST }, *res = NULL;
    char number[32], h[NI_MAXHOST], s[NI_MAXSERV];
    const char *wrong = NULL;
    bool pair = t->len == 2;
    snprintf(number, sizeof number, "%d", port);
    HD_BLOCKING
        r = getaddrinfo(host, number, &hints, &res);
        if (r == 0) {
            struct sockaddr_in6 *six = (struct sockaddr_in6 *)(void *)res->ai_addr;
            if (res->ai_next) wrong = "sockaddr resolved to multiple addresses";
            else if (res->ai_family == AF_INET && !pair) wrong = "IPv4 sockaddr must be 2 tuple";
            else if (res->ai_family == AF_INET6) six->sin6_flowinfo = htonl((uint32_t)extra[0]), six->sin6_scope_id = (uint32_t)extra[1];
            if (!wrong) r = getnameinfo(res->ai_addr, res->ai_addrlen, h, sizeof h, s, sizeof s, flags);
        }
        if (res) freeaddrinfo(res);
    HD_END_BLOCKING
    if (wrong) return hd_raise(&hd_exc_OSError, "%s", wrong);
    return r ? hd_socket_gai_error(r) : hd_tuplev(hd_str_utf8(h), hd_str_utf8(s));
}
FN(gethostname)
{
    char t[HOST_NAME_MAX + 1];
    return gethostname(t, sizeof t) < 0 ? hd_socket_fail(errno) : hd_str_from_fs(t, strnlen(t, sizeof t));
}
/* Argument `number` (from 1) of a function: text for the C library; NULL: an exception is set. */
static const char *text_arg(const hd_value *args, int number, const char *function)
{
    size_t n;
    hd_value v = args[number - 1];
    if (!hd_is_str(v)) { (void)hd_raise(&hd_exc_TypeError, "%s() argument %d must be str, not %A", function, number, v); return NULL; }
    const char *s = hd_str_as_utf8(v, &n);
    if (s && strlen(s) != n) { (void)hd_raise(&hd_exc_ValueError, "embedded null character"); return NULL; }
    return s;
}
FN(getservbyname)
{
    const char *s = text_arg(args, 1, "getservbyname"), *p = NULL;
    if (!s || (nargs > 1 && !(p = text_arg(args, 2, "getservbyname")))) return HD_ERR;
    struct servent se, *r;
    char buf[1024];
    if (getservbyname_r(s, p, &se, buf, sizeof buf, &r) || !r) return hd_raise(&hd_exc_OSError, "service/proto not found");
    return hd_fix(ntohs((uint16_t)r->s_port));
}
FN(getservbyport)
{
    int port;
    const char *p = NULL;
    if (hd_as_int32(args[0], &port) < 0 || (nargs > 1 && !(p = text_arg(args, 2, "getservbyport")))) return HD_ERR;
    if (port < 0 || port > 0xffff) return hd_raise(&hd_exc_OverflowError, "getservbyport: port must be 0-65535.");
    struct servent se, *r;
    char buf[1024];
    if (getservbyport_r(htons((uint16_t)port), p, &se, buf, sizeof buf, &r) || !r) return hd_raise(&hd_exc_OSError, "port/proto not found");
    return hd_str_utf8(r->s_name);
}
FN(getprotobyname)
{
    const char *s = text_arg(args, 1, "getprotobyname");
    struct protoent pe, *r;
    char buf[1024];
    if (!s) return HD_ERR;
    if (getprotobyname_r(s, &pe, buf, sizeof buf, &r) || !r) return hd_raise(&hd_exc_OSError, "protocol not found");
    return hd_fix(r->p_proto);
}
FN(socketpair)
{
    hd_value a[3];
    int family = AF_UNIX, type = SOCK_STREAM, proto = 0, fd[2];
    if (hd_args("socketpair", "|family,type,proto", args, nargs, kwnames, a) < 0 || (a[0] != HD_ABSENT && a[0] != HD_NONE && hd_as_int32(a[0], &family) < 0) ||
        (a[1] != HD_ABSENT && hd_as_int32(a[1], &type) < 0) || (a[2] != HD_ABSENT && hd_as_int32(a[2], &proto) < 0)) return HD_ERR;
    int r, err;
    bool tried = false;
    do {
        HD_BLOCKING
            r = socketpair(family, type | SOCK_CLOEXEC, proto, fd);
            err = errno;
        HD_END_BLOCKING
    } while (r < 0 && hd_descriptors_freed(err, &tried));
    if (r < 0) return hd_socket_fail(err);
    hd_value s[2];
    for (int i = 0; i < 2; i++) {
        s[i] = hd_callv(hd_obj(&sock_type), hd_fix(family), hd_fix(type), hd_fix(proto), hd_fix(fd[i]));
        if (s[i] == HD_ERR) return HD_ERR;
    }
    return hd_tuplev(s[0], s[1]);
}
FN(close_fd)
{
    int fd, r, err;
    if (hd_as_int32(args[0], &fd) < 0) return HD_ERR;
    HD_BLOCKING
        r = close(fd);
        err = errno;
    HD_END_BLOCKING
    return r < 0 && err != ECONNRESET ? hd_socket_fail(err) : HD_NONE;
}
FN(dup_fd)
{
    int fd;
    if (hd_as_int32(args[0], &fd) < 0) return HD_ERR;
    int r, err;
    HD_BLOCKING
        r = fcntl(fd, F_DUPFD_CLOEXEC, 0);
        err = errno;
    HD_END_BLOCKING
    return r < 0 ? hd_socket_fail(err) : hd_fix(r);
}
#define SWAP(name, type, max, conv)                                                                                       \
    FN(name)                                                                                                              \
    {                                                                                                                     \
        int64_t n;                                                                                                        \
        if (hd_as_i64(args[0], &n) < 0) return HD_ERR;                                                                    \
        if (n < 0) return hd_raise(&hd_exc_OverflowError, #name ": can't convert negative Python int to C %d-bit unsigned integer", (int)sizeof(type) * 8); \
        if (n > max) return hd_raise(&hd_exc_OverflowError, #name ": Python int too large to convert to C %d-bit unsigned integer", (int)sizeof(type) * 8); \
        return hd_int(conv((type)n));                                                                                     \
    }
SWAP(htons, uint16_t, UINT16_MAX, htons) SWAP(ntohs, uint16_t, UINT16_MAX, ntohs) SWAP(htonl, uint32_t, UINT32_MAX, htonl) SWAP(ntohl, uint32_t, UINT32_MAX, ntohl)
FN(inet_aton)
{
    const char *s = text_arg(args, 1, "inet_aton");
    struct in_addr a;
    if (!s) return HD_ERR;
    return inet_aton(s, &a) ? hd_bytes_new(&a, sizeof a) : hd_raise(&hd_exc_OSError, "illegal IP address string passed to inet_aton");
}
FN(inet_ntoa)
{
    hd_value b = take_bytes(args[0]);
    if (b == HD_ERR) return HD_ERR;
    if (HD_BYTES(b)->len != 4) return hd_raise(&hd_exc_OSError, "packed IP wrong length");
    char t[INET_ADDRSTRLEN];
    inet_ntop(AF_INET, HD_BYTES(b)->data, t, sizeof t);
    return hd_str_utf8(t);
}
FN(inet_pton)
{
    int family;
    const char *s = hd_as_int32(args[0], &family) < 0 ? NULL : text_arg(args, 2, "inet_pton");
    unsigned char a[16];
    if (!s) return HD_ERR;
    int r = inet_pton(family, s, a);
    if (r < 0) return hd_socket_fail(errno);
    return r ? hd_bytes_new(a, family == AF_INET ? 4 : 16) : hd_raise(&hd_exc_OSError, "illegal IP address string passed to inet_pton");
}
FN(inet_ntop)
{
    int family;
    if (hd_as_int32(args[0], &family) < 0) return HD_ERR;
    hd_value b = take_bytes(args[1]);
    if (b == HD_ERR) return HD_ERR;
    if (family != AF_INET && family != AF_INET6) return hd_raise(&hd_exc_ValueError, "unknown address family %d", family);
    if (HD_BYTES(b)->len != (family == AF_INET ? 4 : 16)) return hd_raise(&hd_exc_ValueError, "invalid length of packed IP address string");
    char t[INET6_ADDRSTRLEN];
    inet_ntop(family, HD_BYTES(b)->data, t, sizeof t);
    return hd_str_utf8(t);
}
FN(getdefaulttimeout) { return timeout_value(hd_setting(socket_timeout_ns)); }
FN(setdefaulttimeout) { int64_t ns; if (timeout_arg(args[0], &ns) < 0) return HD_ERR; hd_set_setting(socket_timeout_ns, ns); return HD_NONE; }
FN(if_nametoindex)
{
    const char *s = hd_fs_path_c(args[0], NULL);
    if (!s) return HD_ERR;
    unsigned n = if_nametoindex(s);
    return n ? hd_int(n) : hd_raise(&hd_exc_OSError, "no interface with this name");
}
static const struct hd_methoddef methods[] = {
    { "getaddrinfo", sock_getaddrinfo, 0, -1, HD_METH_KW, NULL }, { "gethostbyname", sock_gethostbyname, 1, 1, 0, NULL }, { "gethostbyaddr", sock_gethostbyaddr, 1, 1, 0, NULL },
    { "getnameinfo", sock_getnameinfo, 2, 2, 0, NULL }, { "gethostname", sock_gethostname, 0, 0, 0, NULL }, { "getservbyname", sock_getservbyname, 1, 2, 0, NULL },
    { "getservbyport", sock_getservbyport, 1, 2, 0, NULL }, { "getprotobyname", sock_getprotobyname, 1, 1, 0, NULL }, { "socketpair", sock_socketpair, 0, -1, HD_METH_KW, NULL },
    { "close", sock_close_fd, 1, 1, 0, NULL }, { "dup", sock_dup_fd, 1, 1, 0, NULL }, { "htons", sock_htons, 1, 1, 0, NULL }, { "ntohs", sock_ntohs, 1, 1, 0, NULL },
    { "htonl", sock_htonl, 1, 1, 0, NULL }, { "ntohl", sock_ntohl, 1, 1, 0, NULL }, { "inet_aton", sock_inet_aton, 1, 1, 0, NULL }, { "inet_ntoa", sock_inet_ntoa, 1, 1, 0, NULL },
    { "inet_pton", sock_inet_pton, 2, 2, 0, NULL }, { "inet_ntop", sock_inet_ntop, 2, 2, 0, NULL }, { "getdefaulttimeout", sock_getdefaulttimeout, 0, 0, 0, NULL },
    { "setdefaulttimeout", sock_setdefaulttimeout, 1, 1, 0, NULL }, { "if_nametoindex", sock_if_nametoindex, 1, 1, 0, NULL },
    { "CMSG_LEN", hd_socket_cmsg_len, 1, 1, 0, "CMSG_LEN(length) -> control message length\n\nThe length without padding of an ancillary item with so many bytes of data." },
    { "CMSG_SPACE", hd_socket_cmsg_space, 1, 1, 0, "CMSG_SPACE(length) -> buffer size\n\nThe room that an ancillary item with so many bytes of data takes." }, { 0 }
};
static hd_value error_class(const char *name)
{
    hd_value ns = hd_dict_new(), bases = hd_tuplev(hd_obj(&hd_exc_OSError));
    if (ns == HD_ERR || bases == HD_ERR || hd_dict_set_c(ns, "__module__", hd_intern("socket")) < 0) return HD_ERR;
    return hd_type_new(&hd_type_type, hd_intern(name), bases, ns, NULL, 0);
}
static int fill(hd_value m)
{
    hd_root(&gaierror), hd_root(&host_error);
    if ((gaierror = error_class("gaierror")) == HD_ERR || (host_error = error_class("herror")) == HD_ERR) return -1;
    static const struct { const char *name; int64_t v; } c[] = {
#define C(x) { #x, (int64_t)x },
        C(AF_UNSPEC) C(AF_INET) C(AF_INET6) C(AF_UNIX) C(AF_PACKET) C(AF_NETLINK) C(SOCK_STREAM) C(SOCK_DGRAM) C(SOCK_RAW) C(SOCK_SEQPACKET) C(SOCK_RDM) C(SOCK_CLOEXEC)
        C(SOCK_NONBLOCK) C(SOL_SOCKET) C(SO_DEBUG) C(SO_ACCEPTCONN) C(SO_REUSEADDR) C(SO_REUSEPORT) C(SO_KEEPALIVE) C(SO_DONTROUTE) C(SO_BROADCAST) C(SO_LINGER)
        C(SO_OOBINLINE) C(SO_SNDBUF) C(SO_RCVBUF) C(SO_SNDLOWAT) C(SO_RCVLOWAT) C(SO_SNDTIMEO) C(SO_RCVTIMEO) C(SO_ERROR) C(SO_TYPE) C(SO_PROTOCOL) C(SO_DOMAIN)
        C(SO_BINDTODEVICE) C(SO_PRIORITY) C(SO_MARK) C(SO_PASSCRED) C(SO_PEERCRED) C(SOMAXCONN) C(SCM_RIGHTS) C(MSG_OOB) C(MSG_PEEK) C(MSG_DONTROUTE) C(MSG_DONTWAIT)
        C(MSG_EOR) C(MSG_TRUNC) C(MSG_CTRUNC) C(MSG_WAITALL) C(MSG_NOSIGNAL) C(MSG_MORE) C(MSG_CMSG_CLOEXEC) C(IPPROTO_IP) C(IPPROTO_ICMP) C(IPPROTO_TCP) C(IPPROTO_UDP)
        C(IPPROTO_IPV6) C(IPPROTO_RAW) C(IPPROTO_ICMPV6) C(INADDR_ANY) C(INADDR_BROADCAST) C(INADDR_LOOPBACK) C(INADDR_NONE) C(IP_OPTIONS) C(IP_TOS) C(IP_TTL)
        C(IP_MULTICAST_IF) C(IP_MULTICAST_TTL) C(IP_MULTICAST_LOOP) C(IP_ADD_MEMBERSHIP) C(IP_DROP_MEMBERSHIP) C(IPV6_V6ONLY) C(IPV6_UNICAST_HOPS) C(IPV6_MULTICAST_HOPS)
        C(IPV6_MULTICAST_IF) C(IPV6_MULTICAST_LOOP) C(IPV6_JOIN_GROUP) C(IPV6_LEAVE_GROUP) C(TCP_NODELAY) C(TCP_MAXSEG) C(TCP_CORK) C(TCP_KEEPIDLE) C(TCP_KEEPINTVL)
        C(TCP_KEEPCNT) C(TCP_SYNCNT) C(TCP_LINGER2) C(TCP_DEFER_ACCEPT) C(TCP_INFO) C(TCP_QUICKACK) C(TCP_FASTOPEN) C(TCP_USER_TIMEOUT) C(EAI_AGAIN) C(EAI_BADFLAGS)
        C(EAI_FAIL) C(EAI_FAMILY) C(EAI_MEMORY) C(EAI_NONAME) C(EAI_SERVICE) C(EAI_SOCKTYPE) C(EAI_SYSTEM) C(EAI_OVERFLOW) C(EAI_ADDRFAMILY) C(EAI_NODATA) C(AI_PASSIVE)
        C(AI_CANONNAME) C(AI_NUMERICHOST) C(AI_NUMERICSERV) C(AI_ALL) C(AI_V4MAPPED) C(AI_ADDRCONFIG) C(NI_MAXHOST) C(NI_MAXSERV) C(NI_NOFQDN) C(NI_NUMERICHOST)
        C(NI_NAMEREQD) C(NI_NUMERICSERV) C(NI_DGRAM) C(SHUT_RD) C(SHUT_WR) C(SHUT_RDWR)
#undef C
    };
    for (size_t i = 0; i < sizeof c / sizeof *c; i++) if (hd_module_add_int(m, c[i].name, c[i].v) < 0) return -1;
    if (hd_type_ready(&sock_type) < 0 || hd_socket_more_fill(m) < 0) return -1;
    return hd_module_add(m, "socket", hd_obj(&sock_type)) < 0 || hd_module_add(m, "SocketType", hd_obj(&sock_type)) < 0 || hd_module_add(m, "error", hd_obj(&hd_exc_OSError)) < 0 ||
           hd_module_add(m, "timeout", hd_obj(&hd_exc_TimeoutError)) < 0 || hd_module_add(m, "gaierror", gaierror) < 0 || hd_module_add(m, "herror", host_error) < 0 ||
           hd_module_add(m, "has_ipv6", HD_TRUE) < 0 ? -1 : 0;
}
const struct hd_moduledef hd_module_socket = { "_socket", "Sockets.", methods, fill };
