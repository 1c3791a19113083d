/* The module fcntl.  All calls may block and are made outside transactions, on copies of their arguments. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include "interp/modules/posix_internal.h"

enum { COPY_MAX = 1024 };
static int fd_arg(hd_value v, int *fd)
{
    if (hd_fd_arg(v, fd) < 0) return -1;
    if (*fd >= 0) return 0;
    hd_raise(&hd_exc_ValueError, "file descriptor cannot be a negative integer (%d)", *fd);
    return -1;
}
/* A number, cut to 32 bits. */
static int word_arg(hd_value v, unsigned *out)
{
    hd_value n = hd_number_index(v);
    int64_t i;
    if (n == HD_ERR || hd_as_i64(n, &i) < 0) return -1;
    *out = (unsigned)i;
    return 0;
}
/* The bytes of a str or bytes-like argument; 1: copied, 0: it is something else, -1: error. */
static int text_arg(hd_value v, char *buffer, size_t *n, const char *what)
{
    struct hd_buffer b = { 0 };
    const void *data;
    if (hd_is_str(v)) {
        if (!(data = hd_str_as_utf8(v, n))) return -1;
    } else if (hd_is_ptr(v) && hd_type_of(v)->op.getbuffer) {
        if (hd_buffer_get(v, &b, false) < 0) return -1;
        data = b.data, *n = (size_t)b.len;
    } else return 0;
    bool fits = *n <= COPY_MAX;
    if (fits) {
        memcpy(buffer, data, *n);
        buffer[*n] = 0;
    }
    if (b.owner) hd_buffer_release(&b);
    if (fits) return 1;
    hd_raise(&hd_exc_ValueError, "%s string arg too long", what);
    return -1;
}
static PX(fc_fcntl)
{
    int fd, cmd, r, err, text = 0;
    unsigned word = 0;
    size_t n;
    char buffer[COPY_MAX + 1];
    if (fd_arg(args[0], &fd) < 0 || hd_as_int32(args[1], &cmd) < 0) return HD_ERR;
    if (nargs > 2 && ((text = text_arg(args[2], buffer, &n, "fcntl")) < 0 || (!text && word_arg(args[2], &word) < 0))) return HD_ERR;
    if (text) SYSCALL(r, err, fcntl(fd, cmd, buffer));
    else SYSCALL(r, err, fcntl(fd, cmd, (int)word));
    if (r < 0) return FAILED(err, HD_ABSENT);
    return text ? hd_bytes_new(buffer, n) : hd_fix(r);
}
static PX(fc_ioctl)
{
    int fd, r, err, mutate = 1;
    unsigned request, word = 0;
    size_t n;
    char buffer[COPY_MAX + 1];
    if (fd_arg(args[0], &fd) < 0 || word_arg(args[1], &request) < 0) return HD_ERR;
    if (nargs > 3 && (mutate = hd_truth(args[3])) < 0) return HD_ERR;
    if (nargs > 2 && hd_is_ptr(args[2]) && hd_type_of(args[2])->op.getbuffer) {
        struct hd_buffer b;
        hd_value target = args[2];                         /* the call may empty the evaluator's registers */
        if (hd_buffer_get(target, &b, true) < 0) {
            if (!hd_exc_is(&hd_exc_BufferError) && !hd_exc_is(&hd_exc_TypeError)) return HD_ERR;
            hd_exc_clear();
        } else {                                           /* a writable buffer: its content is replaced */
            n = (size_t)b.len;
            char *copy = n <= COPY_MAX ? buffer : hd_scratch(n);
            if (copy) memcpy(copy, b.data, n);
            hd_buffer_release(&b);
            if (!copy) return HD_ERR;
            if (!mutate && n > COPY_MAX) return hd_raise(&hd_exc_ValueError, "ioctl string arg too long");
            SYSCALL(r, err, ioctl(fd, request, copy));
            if (r < 0) return FAILED(err, HD_ABSENT);
            if (!mutate) return hd_bytes_new(copy, n);
            if (hd_buffer_get(target, &b, true) < 0) return HD_ERR;
            memcpy(b.data, copy, n < (size_t)b.len ? n : (size_t)b.len);
            hd_buffer_release(&b);
            return hd_fix(r);
        }
    }
    int text = nargs > 2 ? text_arg(args[2], buffer, &n, "ioctl") : 0;
    if (text < 0 || (!text && nargs > 2 && word_arg(args[2], &word) < 0)) return HD_ERR;
    if (text) SYSCALL(r, err, ioctl(fd, request, buffer));
    else SYSCALL(r, err, ioctl(fd, request, (unsigned long)word));
    if (r < 0) return FAILED(err, HD_ABSENT);
    return text ? hd_bytes_new(buffer, n) : hd_fix(r);
}
static PX(fc_flock)
{
    int fd, operation, r, err;
    if (fd_arg(args[0], &fd) < 0 || hd_as_int32(args[1], &operation) < 0) return HD_ERR;
    SYSCALL(r, err, flock(fd, operation));
    return r < 0 ? FAILED(err, HD_ABSENT) : HD_NONE;
}
static PX(fc_lockf)
{
    int fd, cmd, r, err, whence = 0;
    int64_t len = 0, start = 0;
    if (fd_arg(args[0], &fd) < 0 || hd_as_int32(args[1], &cmd) < 0) return HD_ERR;
    struct flock l = { 0 };
    if (cmd == LOCK_UN) l.l_type = F_UNLCK;
    else if (cmd & LOCK_SH) l.l_type = F_RDLCK;
    else if (cmd & LOCK_EX) l.l_type = F_WRLCK;
    else return hd_raise(&hd_exc_ValueError, "unrecognized lockf argument");
    if ((nargs > 2 && hd_as_i64(args[2], &len) < 0) || (nargs > 3 && hd_as_i64(args[3], &start) < 0) || (nargs > 4 && hd_as_int32(args[4], &whence) < 0)) return HD_ERR;
    l.l_len = len, l.l_start = start, l.l_whence = (short)whence;
    SYSCALL(r, err, fcntl(fd, cmd & LOCK_NB ? F_SETLK : F_SETLKW, &l));
    return r < 0 ? FAILED(err, HD_ABSENT) : HD_NONE;
}
HD_WAITS(fc_flock) HD_WAITS(fc_lockf)
static const struct hd_methoddef methods[] = {
    { "fcntl", fc_fcntl, 2, 3, 0, NULL }, { "ioctl", fc_ioctl, 2, 4, 0, NULL }, { "flock", fc_flock_waits, 2, 2, 0, NULL }, { "lockf", fc_lockf_waits, 2, 5, 0, NULL }, { 0 }
};
static int fill(hd_value m)
{
    static const struct { const char *name; int64_t v; } c[] = {
#define C(x) { #x, x },
        C(DN_ACCESS) C(DN_ATTRIB) C(DN_CREATE) C(DN_DELETE) C(DN_MODIFY) C(DN_MULTISHOT) C(DN_RENAME) C(FASYNC) C(FD_CLOEXEC) C(F_ADD_SEALS) C(F_DUPFD)
        C(F_DUPFD_CLOEXEC) C(F_EXLCK) C(F_GETFD) C(F_GETFL) C(F_GETLEASE) C(F_GETLK) C(F_GETLK64) C(F_GETOWN) C(F_GETPIPE_SZ) C(F_GETSIG) C(F_GET_SEALS)
        C(F_NOTIFY) C(F_OFD_GETLK) C(F_OFD_SETLK) C(F_OFD_SETLKW) C(F_RDLCK) C(F_SEAL_GROW) C(F_SEAL_SEAL) C(F_SEAL_SHRINK) C(F_SEAL_WRITE) C(F_SETFD)
        C(F_SETFL) C(F_SETLEASE) C(F_SETLK) C(F_SETLK64) C(F_SETLKW) C(F_SETLKW64) C(F_SETOWN) C(F_SETPIPE_SZ) C(F_SETSIG) C(F_SHLCK) C(F_UNLCK) C(F_WRLCK)
        C(LOCK_EX) C(LOCK_MAND) C(LOCK_NB) C(LOCK_READ) C(LOCK_RW) C(LOCK_SH) C(LOCK_UN) C(LOCK_WRITE)
    };
    for (size_t i = 0; i < sizeof c / sizeof *c; i++) if (hd_module_add_int(m, c[i].name, c[i].v) < 0) return -1;
    return 0;
}
const struct hd_moduledef hd_module_fcntl = { "fcntl", "Operations on file descriptors.", methods, fill };
