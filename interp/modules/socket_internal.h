/* What the files of the module _socket share: the socket object, waiting, addresses. */
#ifndef HD_SOCKET_INTERNAL_H
#define HD_SOCKET_INTERNAL_H
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include "interp/modules/modules.h"

HD_MUTABLE(hd_sock)
struct hd_sock { struct hd_mhead head; hd_islot fd; hd_islot family, type, proto; hd_islot timeout_ns; /* -1: blocking */ };
HD_MUTABLE_OPEN(hd_sock, hd_inst_size(o))
#define SOCK(v) ((struct hd_sock *)hd_ptr(v))

union hd_address { struct sockaddr sa; struct sockaddr_in in; struct sockaddr_in6 in6; struct sockaddr_un un; struct sockaddr_storage ss; };

/* CLOCK_MONOTONIC. */
int64_t hd_socket_now(void);
int64_t hd_socket_deadline(int64_t timeout_ns);      /* -1: waits for ever or not at all */
/* Waits until the descriptor is ready: 1, 0 timed out, -1 error set. */
int hd_socket_wait(int fd, bool write, int64_t deadline) HD_MUST;
hd_value hd_socket_fail(int err);              /* OSError, unless an exception is set already */
hd_value hd_socket_timed_out(void);
/* An address as Python gives it to a socket; 0, -1. */
int hd_socket_address(hd_value sock, hd_value v, union hd_address *out, socklen_t *len, const char *caller) HD_MUST;
hd_value hd_socket_address_value(const union hd_address *a, socklen_t len) HD_MUST;

const char *hd_socket_host(hd_value v, const char *what);        /* NULL: error */
hd_value hd_socket_gai_error(int code);                          /* raises socket.gaierror */
int hd_socket_more_fill(hd_value m) HD_MUST;                     /* socket_more.c: host tables, constants */

/* A call on the socket that waits as its timeout says.  Sockets with a timeout are non-blocking underneath. */
#define SOCKET_CALL(self, writing, r, err, call)                                                                          \
    do {                                                                                                                  \
        int64_t timeout_ = HD_GET(SOCK(self), timeout_ns), deadline_ = hd_socket_deadline(timeout_);                      \
        bool tried_ = false;                                                                                              \
        for (;;) {                                                                                                        \
            if (timeout_ > 0) {                                                                                           \
                int ready_ = hd_socket_wait(fd, writing, deadline_);                                                      \
                if (ready_ < 0) return HD_ERR;                                                                            \
                if (ready_ == 0) return hd_socket_timed_out();                                                            \
            }                                                                                                             \
            HD_BLOCKING                                                                                                   \
                (r) = (call);                                                                                             \
                (err) = errno;                                                                                            \
            HD_END_BLOCKING                                                                                               \
            if ((r) >= 0) break;                                                                                          \
            if ((err) == EINTR) { if (hd_check_signals() < 0) return HD_ERR; continue; }                                  \
            if (timeout_ > 0 && ((err) == EAGAIN || (err) == EWOULDBLOCK)) continue;                                      \
            if (hd_descriptors_freed((err), &tried_)) continue;                                                           \
            return hd_socket_fail(err);                                                                                   \
        }                                                                                                                 \
    } while (0)

/* socket_message.c: sendmsg, recvmsg, recvmsg_into; CMSG_LEN, CMSG_SPACE. */
#define SOCKET_METHOD(name) hd_value hd_socket_##name(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
SOCKET_METHOD(sendmsg); SOCKET_METHOD(recvmsg); SOCKET_METHOD(recvmsg_into); SOCKET_METHOD(cmsg_len); SOCKET_METHOD(cmsg_space);
#endif
