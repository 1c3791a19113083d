/* posix: what Linux and the later POSIX editions add: extended attributes, vectored and advisory I/O, event and memory
 * descriptors, scheduling, the names of confstr and pathconf, posix_spawn and the other ways to wait. */
#include "interp/types/bytes.h"
#include "interp/modules/posix_internal.h"
#include <dlfcn.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <linux/limits.h>
#include <linux/memfd.h>
#include <pty.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <sysexits.h>
#include <unistd.h>
#include <utmp.h>
#include "interp/eval/eval.h"

#define NONE_OR_ERROR(r, err, path) ((r) < 0 ? FAILED(err, path) : HD_NONE)
static int optional_int(hd_value v, int *out) { return v == HD_ABSENT || v == HD_NONE ? 0 : hd_as_int32(v, out); }
static int optional_truth(hd_value v, bool fallback) { return v == HD_ABSENT ? fallback : hd_truth(v); }

/* ---- extended attributes ---------------------------------------------------------------------------------------------------------- */
enum { XATTR_LONGEST = 64 * 1024 };
static PX(px_getxattr)
{
    hd_value a[3];
    int fd, err, follow;
    ssize_t r;
    if (hd_args("getxattr", "path,attribute,*,|follow_symlinks", args, nargs, kwnames, a) < 0 || (follow = optional_truth(a[2], true)) < 0) return HD_ERR;
    const char *p = hd_fs_path_c(a[0], &fd), *name = p ? hd_fs_path_c(a[1], NULL) : NULL;
    hd_value b = name ? hd_bytes_new(NULL, XATTR_LONGEST) : HD_ERR;
    if (b == HD_ERR) return HD_ERR;
    void *to = HD_BYTES(b)->data;
    SYSCALL(r, err, fd >= 0 ? fgetxattr(fd, name, to, XATTR_LONGEST) : follow ? getxattr(p, name, to, XATTR_LONGEST) : lgetxattr(p, name, to, XATTR_LONGEST));
    return r < 0 ? FAILED(err, a[0]) : hd_bytes_new(to, (size_t)r);
}
static PX(px_setxattr)
{
    hd_value a[5];
    int fd, err, r, flags = 0, follow;
    if (hd_args("setxattr", "path,attribute,value,|flags,*,follow_symlinks", args, nargs, kwnames, a) < 0 || optional_int(a[3], &flags) < 0 || (follow = optional_truth(a[4], true)) < 0) return HD_ERR;
    const char *p = hd_fs_path_c(a[0], &fd), *name = p ? hd_fs_path_c(a[1], NULL) : NULL;
    hd_value b = name ? hd_bytes_fixed(a[2]) : HD_ERR;
    if (b == HD_ERR) return HD_ERR;
    const void *v = HD_BYTES(b)->data;
    size_t n = (size_t)HD_BYTES(b)->len;
    SYSCALL(r, err, fd >= 0 ? fsetxattr(fd, name, v, n, flags) : follow ? setxattr(p, name, v, n, flags) : lsetxattr(p, name, v, n, flags));
    return NONE_OR_ERROR(r, err, a[0]);
}
static PX(px_removexattr)
{
    hd_value a[3];
    int fd, err, r, follow;
    if (hd_args("removexattr", "path,attribute,*,|follow_symlinks", args, nargs, kwnames, a) < 0 || (follow = optional_truth(a[2], true)) < 0) return HD_ERR;
    const char *p = hd_fs_path_c(a[0], &fd), *name = p ? hd_fs_path_c(a[1], NULL) : NULL;
    if (!name) return HD_ERR;
    SYSCALL(r, err, fd >= 0 ? fremovexattr(fd, name) : follow ? removexattr(p, name) : lremovexattr(p, name));
    return NONE_OR_ERROR(r, err, a[0]);
}
static PX(px_listxattr)
{
    hd_value a[2];
    int fd, err, follow;
    ssize_t r;
    if (hd_args("listxattr", "|path,*,follow_symlinks", args, nargs, kwnames, a) < 0 || (follow = optional_truth(a[1], true)) < 0) return HD_ERR;
    hd_value path = a[0] == HD_ABSENT || a[0] == HD_NONE ? hd_str_utf8(".") : a[0];
    const char *p = path == HD_ERR ? NULL : hd_fs_path_c(path, &fd);
    char *names = p ? hd_scratch(XATTR_LONGEST) : NULL;
    if (!names) return HD_ERR;
    SYSCALL(r, err, fd >= 0 ? flistxattr(fd, names, XATTR_LONGEST) : follow ? listxattr(p, names, XATTR_LONGEST) : llistxattr(p, names, XATTR_LONGEST));
    if (r < 0) return FAILED(err, a[0]);
    hd_value l = hd_list_new(0);
    for (const char *s = names; l != HD_ERR && s < names + r; s += strlen(s) + 1) {
        hd_value one = hd_str_from_fs(s, strlen(s));
        if (one == HD_ERR || hd_list_append(l, one) < 0) return HD_ERR;
    }
    return l;
}

/* ---- vectored I/O ------------------------------------------------------------------------------------------------------------------ */
/* Sum of the sizes of buffers to be filled; -1: error. */
static int64_t writable_size(const hd_value *item, int64_t n)
{
    int64_t sum = 0;
    for (int64_t i = 0; i < n; i++) {
        struct hd_buffer b;
        if (hd_buffer_get(item[i], &b, false) < 0) return -1;
        if (b.readonly) {
            hd_buffer_release(&b);
            hd_raise(&hd_exc_BufferError, "Object is not writable.");
            return -1;
        }
        sum += b.len;
        hd_buffer_release(&b);
    }
    return sum;
}
/* One read into fresh memory, dealt out to the buffers: they may change while no transaction runs. */
static hd_value read_vector(hd_value fdv, hd_value seq, bool at_offset, int64_t offset, int flags, const char *message)
{
    const hd_value *item;
    int64_t n, sum;
    int fd, err;
    ssize_t r;
    hd_value keep = hd_as_int32(fdv, &fd) < 0 ? HD_ERR : hd_fast_sequence(seq, message, &item, &n);
    if (keep == HD_ERR || (sum = writable_size(item, n)) < 0) return HD_ERR;
    hd_value b = hd_bytes_new(NULL, (size_t)sum);
    if (b == HD_ERR) return HD_ERR;
    struct iovec v = { HD_BYTES(b)->data, (size_t)sum };
    SYSCALL(r, err, at_offset ? preadv2(fd, &v, 1, offset, flags) : readv(fd, &v, 1));
    if (r < 0) return FAILED(err, HD_ABSENT);
    for (int64_t i = 0, at = 0; i < n && at < r; i++) {
        struct hd_buffer to;
        if (hd_buffer_get(item[i], &to, true) < 0) return HD_ERR;
        int64_t part = r - at < to.len ? r - at : to.len;
        hd_buffer_store(&to, 0, HD_BYTES(b)->data + at, part);
        hd_buffer_release(&to);
        at += part;
    }
    (void)*(volatile hd_value *)&keep;
    return hd_int(r);
}
static hd_value write_vector(hd_value fdv, hd_value seq, bool at_offset, int64_t offset, int flags, const char *message)
{
    const hd_value *item;
    int64_t n;
    int fd, err;
    ssize_t r;
    hd_value keep = hd_as_int32(fdv, &fd) < 0 ? HD_ERR : hd_fast_sequence(seq, message, &item, &n);
    hd_value list = keep == HD_ERR ? HD_ERR : hd_list_from(item, (size_t)n), all = list == HD_ERR ? HD_ERR : hd_bytes_join(hd_empty_bytes, list);
    if (all == HD_ERR) return HD_ERR;
    struct iovec v = { HD_BYTES(all)->data, (size_t)HD_BYTES(all)->len };
    SYSCALL(r, err, at_offset ? pwritev2(fd, &v, 1, offset, flags) : writev(fd, &v, 1));
    return r < 0 ? FAILED(err, HD_ABSENT) : hd_int(r);
}
static PX(px_readv) { return read_vector(args[0], args[1], false, 0, 0, "readv() arg 2 must be a sequence"); }
static PX(px_writev) { return write_vector(args[0], args[1], false, 0, 0, "writev() arg 2 must be a sequence"); }
static PX(px_preadv)
{
    int64_t at;
    int flags = 0;
    if (hd_as_i64(args[2], &at) < 0 || (nargs > 3 && hd_as_int32(args[3], &flags) < 0)) return HD_ERR;
    return read_vector(args[0], args[1], true, at, flags, "preadv() arg 2 must be a sequence");
}
static PX(px_pwritev)
{
    int64_t at;
    int flags = 0;
    if (hd_as_i64(args[2], &at) < 0 || (nargs > 3 && hd_as_int32(args[3], &flags) < 0)) return HD_ERR;
    return write_vector(args[0], args[1], true, at, flags, "pwritev() arg 2 must be a sequence");
}

/* ---- descriptors ------------------------------------------------------------------------------------------------------------------- */
static hd_value move_data(const char *name, const char *spec, const hd_value *args, size_t nargs, hd_value kwnames, bool piped)
{
    hd_value a[6];
    int in, out, err, flags = 0;
    int64_t count, in_at = 0, out_at = 0;
    ssize_t r;
    a[5] = HD_ABSENT;
    if (hd_args(name, spec, args, nargs, kwnames, a) < 0 || hd_as_int32(a[0], &in) < 0 || hd_as_int32(a[1], &out) < 0 || hd_as_i64(a[2], &count) < 0) return HD_ERR;
    if (count < 0) return hd_raise(&hd_exc_ValueError, "negative value for 'count' not allowed");
    bool from = a[3] != HD_ABSENT && a[3] != HD_NONE, to = a[4] != HD_ABSENT && a[4] != HD_NONE;
    if ((from && hd_as_i64(a[3], &in_at) < 0) || (to && hd_as_i64(a[4], &out_at) < 0) || optional_int(a[5], &flags) < 0) return HD_ERR;
    off64_t i, o;
    SYSCALL(r, err, (i = in_at, o = out_at, piped ? splice(in, from ? &i : NULL, out, to ? &o : NULL, (size_t)count, (unsigned)flags) :
                                                    copy_file_range(in, from ? &i : NULL, out, to ? &o : NULL, (size_t)count, 0)));
    return r < 0 ? FAILED(err, HD_ABSENT) : hd_int(r);
}
static PX(px_copy_file_range) { return move_data("copy_file_range", "src,dst,count,|offset_src,offset_dst", args, nargs, kwnames, false); }
static PX(px_splice) { return move_data("splice", "src,dst,count,|offset_src,offset_dst,flags", args, nargs, kwnames, true); }
static PX(px_eventfd)
{
    hd_value a[2];
    int64_t start;
    int flags = EFD_CLOEXEC, r, err;
    if (hd_args("eventfd", "initval,|flags", args, nargs, kwnames, a) < 0 || hd_as_i64(a[0], &start) < 0 || optional_int(a[1], &flags) < 0) return HD_ERR;
    if (start < 0 || start > UINT_MAX) return hd_raise(&hd_exc_OverflowError, "Python int too large to convert to C unsigned int");
    SYSCALL(r, err, eventfd((unsigned)start, flags));
    return r < 0 ? FAILED(err, HD_ABSENT) : hd_fix(r);
}
static PX(px_eventfd_read)
{
    hd_value a[1];
    int fd, r, err;
    eventfd_t v = 0;
    if (hd_args("eventfd_read", "fd", args, nargs, kwnames, a) < 0 || hd_as_int32(a[0], &fd) < 0) return HD_ERR;
    SYSCALL(r, err, eventfd_read(fd, &v));
    return r < 0 ? FAILED(err, HD_ABSENT) : hd_int_u64(v);
}
static PX(px_eventfd_write)
{
    hd_value a[2];
    int fd, r, err;
    uint64_t v;
    if (hd_args("eventfd_write", "fd,value", args, nargs, kwnames, a) < 0 || hd_as_int32(a[0], &fd) < 0 || hd_as_u64(a[1], &v) < 0) return HD_ERR;
    SYSCALL(r, err, eventfd_write(fd, v));
    return NONE_OR_ERROR(r, err, HD_ABSENT);
}
static PX(px_memfd_create)
{
    hd_value a[2];
    int flags = MFD_CLOEXEC, r, err;
    if (hd_args("memfd_create", "name,|flags", args, nargs, kwnames, a) < 0 || optional_int(a[1], &flags) < 0) return HD_ERR;
    const char *name = hd_fs_path_c(a[0], NULL);
    if (!name) return HD_ERR;
    SYSCALL(r, err, memfd_create(name, (unsigned)flags));
    return r < 0 ? FAILED(err, HD_ABSENT) : hd_fix(r);
}
static PX(px_pidfd_open)
{
    hd_value a[2];
    int pid, flags = 0, r, err;
    if (hd_args("pidfd_open", "pid,|flags", args, nargs, kwnames, a) < 0 || hd_as_int32(a[0], &pid) < 0 || optional_int(a[1], &flags) < 0) return HD_ERR;
    SYSCALL(r, err, (int)syscall(SYS_pidfd_open, pid, flags));
    return r < 0 ? FAILED(err, HD_ABSENT) : hd_fix(r);
}
static PX(px_posix_fadvise)
{
    int fd, advice, r;
    int64_t at, n;
    if (hd_as_int32(args[0], &fd) < 0 || hd_as_i64(args[1], &at) < 0 || hd_as_i64(args[2], &n) < 0 || hd_as_int32(args[3], &advice) < 0) return HD_ERR;
    HD_BLOCKING
        r = posix_fadvise(fd, at, n, advice);
    HD_END_BLOCKING
    return r ? FAILED(r, HD_ABSENT) : HD_NONE;
}
static PX(px_posix_fallocate)
{
    int fd, r;
    int64_t at, n;
    if (hd_as_int32(args[0], &fd) < 0 || hd_as_i64(args[1], &at) < 0 || hd_as_i64(args[2], &n) < 0) return HD_ERR;
    do {
        HD_BLOCKING
            r = posix_fallocate(fd, at, n);
        HD_END_BLOCKING
    } while (r == EINTR && hd_check_signals() == 0);
    return r ? FAILED(r, HD_ABSENT) : HD_NONE;
}
static PX(px_lockf)
{
    int fd, command, r, err;
    int64_t n;
    if (hd_as_int32(args[0], &fd) < 0 || hd_as_int32(args[1], &command) < 0 || hd_as_i64(args[2], &n) < 0) return HD_ERR;
    SYSCALL(r, err, lockf(fd, command, n));
    return NONE_OR_ERROR(r, err, HD_ABSENT);
}
static PX(px_sync)
{
    HD_BLOCKING
        sync();
    HD_END_BLOCKING
    return HD_NONE;
}
static PX(px_mknod)
{
    hd_value a[4];
    int mode = 0600, at = AT_FDCWD, r, err;
    int64_t device = 0;
    if (hd_args("mknod", "path,|mode,device,*,dir_fd", args, nargs, kwnames, a) < 0 || optional_int(a[1], &mode) < 0 || (a[2] != HD_ABSENT && hd_as_i64(a[2], &device) < 0) ||
        optional_int(a[3], &at) < 0) return HD_ERR;
    const char *p = hd_fs_path_c(a[0], NULL);
    if (!p) return HD_ERR;
    SYSCALL(r, err, mknodat(at, p, (mode_t)mode, (dev_t)device));
    return NONE_OR_ERROR(r, err, a[0]);
}
static PX(px_chroot)
{
    hd_value a[1];
    int r, err;
    const char *p = hd_args("chroot", "path", args, nargs, kwnames, a) < 0 ? NULL : hd_fs_path_c(a[0], NULL);
    if (!p) return HD_ERR;
    SYSCALL(r, err, chroot(p));
    return NONE_OR_ERROR(r, err, a[0]);
}
static PX(px_lchown)
{
    hd_value a[3];
    int r, err;
    int64_t uid, gid;
    const char *p = hd_args("lchown", "path,uid,gid", args, nargs, kwnames, a) < 0 ? NULL : hd_fs_path_c(a[0], NULL);
    if (!p || hd_as_i64(a[1], &uid) < 0 || hd_as_i64(a[2], &gid) < 0) return HD_ERR;
    SYSCALL(r, err, lchown(p, (uid_t)uid, (gid_t)gid));
    return NONE_OR_ERROR(r, err, a[0]);
}

/* ---- terminals --------------------------------------------------------------------------------------------------------------------- */
static PX(px_ctermid)
{
    char t[L_ctermid] = "";
    ctermid(t);
    return hd_str_from_fs(t, strlen(t));
}
/* What the system says about one number. */
static hd_value ask(int (*f)(int), hd_value number)
{
    int n;
    if (hd_as_int32(number, &n) < 0) return HD_ERR;
    int r = f(n);
    return r < 0 ? FAILED(errno, HD_ABSENT) : hd_fix(r);
}
static PX(px_tcgetpgrp) { return ask(tcgetpgrp, args[0]); }
static PX(px_tcsetpgrp)
{
    int fd, group;
    if (hd_as_int32(args[0], &fd) < 0 || hd_as_int32(args[1], &group) < 0) return HD_ERR;
    return tcsetpgrp(fd, group) < 0 ? FAILED(errno, HD_ABSENT) : HD_NONE;
}
static PX(px_login_tty)
{
    int fd;
    if (hd_as_int32(args[0], &fd) < 0) return HD_ERR;
    return login_tty(fd) < 0 ? FAILED(errno, HD_ABSENT) : HD_NONE;
}
/* The encoding of a terminal is the locale's. */
static PX(px_device_encoding)
{
    hd_value a[1];
    int fd;
    if (hd_args("device_encoding", "fd", args, nargs, kwnames, a) < 0 || hd_as_int32(a[0], &fd) < 0) return HD_ERR;
    if (!isatty(fd)) return HD_NONE;
    hd_value f = hd_import_attr("_locale", "getencoding");
    return f == HD_ERR ? HD_ERR : hd_call0(f);
}

/* ---- identity, priorities, scheduling ------------------------------------------------------------------------------------------------ */
static PX(px_getpriority)
{
    hd_value a[2];
    int which, who;
    if (hd_args("getpriority", "which,who", args, nargs, kwnames, a) < 0 || hd_as_int32(a[0], &which) < 0 || hd_as_int32(a[1], &who) < 0) return HD_ERR;
    errno = 0;
    int r = getpriority((__priority_which_t)which, (id_t)who);
    return errno ? FAILED(errno, HD_ABSENT) : hd_fix(r);
}
static PX(px_setpriority)
{
    hd_value a[3];
    int which, who, to;
    if (hd_args("setpriority", "which,who,priority", args, nargs, kwnames, a) < 0 || hd_as_int32(a[0], &which) < 0 || hd_as_int32(a[1], &who) < 0 || hd_as_int32(a[2], &to) < 0) return HD_ERR;
    return setpriority((__priority_which_t)which, (id_t)who, to) < 0 ? FAILED(errno, HD_ABSENT) : HD_NONE;
}
static PX(px_setpgrp) { return setpgid(0, 0) < 0 ? FAILED(errno, HD_ABSENT) : HD_NONE; }
static PX(px_getresuid)
{
    uid_t a, b, c;
    return getresuid(&a, &b, &c) < 0 ? FAILED(errno, HD_ABSENT) : hd_tuplev(hd_int(a), hd_int(b), hd_int(c));
}
static PX(px_getresgid)
{
    gid_t a, b, c;
    return getresgid(&a, &b, &c) < 0 ? FAILED(errno, HD_ABSENT) : hd_tuplev(hd_int(a), hd_int(b), hd_int(c));
}
static hd_value set_three(const hd_value *args, int (*set)(uid_t, uid_t, uid_t))
{
    int64_t v[3];
    for (int i = 0; i < 3; i++) if (hd_as_i64(args[i], &v[i]) < 0) return HD_ERR;
    return set((uid_t)v[0], (uid_t)v[1], (uid_t)v[2]) < 0 ? FAILED(errno, HD_ABSENT) : HD_NONE;
}
static PX(px_setresuid) { return set_three(args, setresuid); }
static PX(px_setresgid) { return set_three(args, setresgid); }
static PX(px_initgroups)
{
    int64_t gid;
    const char *user = hd_fs_path_c(args[0], NULL);
    int r, err;
    if (!user || hd_as_i64(args[1], &gid) < 0) return HD_ERR;
    SYSCALL(r, err, initgroups(user, (gid_t)gid));
    return NONE_OR_ERROR(r, err, HD_ABSENT);
}
static PX(px_getgrouplist)
{
    int64_t gid;
    const char *user = hd_fs_path_c(args[0], NULL);
    if (!user || hd_as_i64(args[1], &gid) < 0) return HD_ERR;
    for (int n = 64;; ) {
        gid_t *g = hd_scratch(sizeof *g * (size_t)n);
        int had = n, r;
        if (!g) return HD_ERR;
        HD_BLOCKING
            r = getgrouplist(user, (gid_t)gid, g, &n);
        HD_END_BLOCKING
        if (r < 0 && n > had) continue;
        if (r < 0) return FAILED(errno, HD_ABSENT);
        hd_value l = hd_list_new((size_t)n);
        for (int i = 0; l != HD_ERR && i < n; i++) if (hd_list_append(l, hd_int(g[i])) < 0) return HD_ERR;
        return l;
    }
}
/* The priority in a sched_param object: 0, -1. */
static int priority_arg(hd_value v, struct sched_param *out)
{
    if (!hd_is_tuple(v) || HD_TUPLE(v)->len != 1 || strcmp(hd_type_short_name(hd_type_of(v)), "sched_param")) {
        hd_raise(&hd_exc_TypeError, "must have a sched_param object");
        return -1;
    }
    memset(out, 0, sizeof *out);
    return hd_as_int32(HD_TUPLE(v)->item[0], &out->sched_priority);
}
static PX(px_sched_get_priority_max)
{
    hd_value a[1];
    return hd_args("sched_get_priority_max", "policy", args, nargs, kwnames, a) < 0 ? HD_ERR : ask(sched_get_priority_max, a[0]);
}
static PX(px_sched_get_priority_min)
{
    hd_value a[1];
    return hd_args("sched_get_priority_min", "policy", args, nargs, kwnames, a) < 0 ? HD_ERR : ask(sched_get_priority_min, a[0]);
}
static PX(px_sched_getscheduler) { return ask(sched_getscheduler, args[0]); }
static PX(px_sched_setscheduler)
{
    int pid, policy;
    struct sched_param p;
    if (hd_as_int32(args[0], &pid) < 0 || hd_as_int32(args[1], &policy) < 0 || priority_arg(args[2], &p) < 0) return HD_ERR;
    return sched_setscheduler(pid, policy, &p) < 0 ? FAILED(errno, HD_ABSENT) : HD_NONE;
}
static PX(px_sched_getparam)
{
    int pid;
    struct sched_param p;
    if (hd_as_int32(args[0], &pid) < 0) return HD_ERR;
    if (sched_getparam(pid, &p) < 0) return FAILED(errno, HD_ABSENT);
    hd_value type = hd_import_attr("posix", "sched_param");
    return type == HD_ERR ? HD_ERR : hd_callv(type, hd_tuplev(hd_fix(p.sched_priority)));
}
static PX(px_sched_setparam)
{
    int pid;
    struct sched_param p;
    if (hd_as_int32(args[0], &pid) < 0 || priority_arg(args[1], &p) < 0) return HD_ERR;
    return sched_setparam(pid, &p) < 0 ? FAILED(errno, HD_ABSENT) : HD_NONE;
}
static PX(px_sched_rr_get_interval)
{
    int pid;
    struct timespec t;
    if (hd_as_int32(args[0], &pid) < 0) return HD_ERR;
    return sched_rr_get_interval(pid, &t) < 0 ? FAILED(errno, HD_ABSENT) : hd_float((double)t.tv_sec + 1e-9 * (double)t.tv_nsec);
}
static PX(px_sched_setaffinity)
{
    int pid;
    cpu_set_t set;
    hd_value l = hd_as_int32(args[0], &pid) < 0 ? HD_ERR : hd_list_of(args[1]);
    if (l == HD_ERR) return HD_ERR;
    CPU_ZERO(&set);
    for (int64_t i = 0, cpu; i < hd_list_len(l); i++) {
        if (hd_as_i64(hd_list_get(l, i), &cpu) < 0) return HD_ERR;
        if (cpu < 0) return hd_raise(&hd_exc_ValueError, "negative CPU number");
        if (cpu >= CPU_SETSIZE) return hd_raise(&hd_exc_OverflowError, "CPU number too large");
        CPU_SET(cpu, &set);
    }
    return sched_setaffinity(pid, sizeof set, &set) < 0 ? FAILED(errno, HD_ABSENT) : HD_NONE;
}

/* ---- configuration ------------------------------------------------------------------------------------------------------------------- */
struct named { const char *name; int v; };
static const struct named confstr_names[] = {
#define N(x) { #x, _##x },
    N(CS_PATH) N(CS_GNU_LIBC_VERSION) N(CS_GNU_LIBPTHREAD_VERSION) N(CS_V6_WIDTH_RESTRICTED_ENVS) N(CS_V7_WIDTH_RESTRICTED_ENVS) N(CS_LFS_CFLAGS) N(CS_LFS_LDFLAGS)
    N(CS_LFS_LIBS) N(CS_LFS_LINTFLAGS) N(CS_LFS64_CFLAGS) N(CS_LFS64_LDFLAGS) N(CS_LFS64_LIBS) N(CS_LFS64_LINTFLAGS)
    { 0 }
};
static const struct named pathconf_names[] = {
    N(PC_LINK_MAX) N(PC_MAX_CANON) N(PC_MAX_INPUT) N(PC_NAME_MAX) N(PC_PATH_MAX) N(PC_PIPE_BUF) N(PC_CHOWN_RESTRICTED) N(PC_NO_TRUNC) N(PC_VDISABLE) N(PC_SYNC_IO)
    N(PC_ASYNC_IO) N(PC_PRIO_IO) N(PC_SOCK_MAXBUF) N(PC_FILESIZEBITS) N(PC_REC_INCR_XFER_SIZE) N(PC_REC_MAX_XFER_SIZE) N(PC_REC_MIN_XFER_SIZE) N(PC_REC_XFER_ALIGN)
    N(PC_ALLOC_SIZE_MIN) N(PC_SYMLINK_MAX)
#undef N
    { 0 }
};
static int named_arg(hd_value v, const struct named *names, int *out)
{
    if (!hd_is_str(v)) {
        if (hd_is_int(v)) return hd_as_int32(v, out);
        hd_raise(&hd_exc_TypeError, "configuration names must be strings or integers");
        return -1;
    }
    for (; names->name; names++) if (hd_str_is(v, names->name)) { *out = names->v; return 0; }
    hd_raise(&hd_exc_ValueError, "unrecognized configuration name");
    return -1;
}
static PX(px_confstr)
{
    int name;
    if (named_arg(args[0], confstr_names, &name) < 0) return HD_ERR;
    errno = 0;
    size_t n = confstr(name, NULL, 0);
    if (n == 0) return errno ? FAILED(errno, HD_ABSENT) : HD_NONE;
    char *t = hd_scratch(n);
    if (!t) return HD_ERR;
    confstr(name, t, n);
    return hd_str_from_fs(t, n - 1);
}
static hd_value path_limit(const char *fname, const hd_value *args, size_t nargs, hd_value kwnames, const char *spec)
{
    hd_value a[2];
    int fd = -1, name, err;
    long r;
    if (hd_args(fname, spec, args, nargs, kwnames, a) < 0) return HD_ERR;
    const char *p = hd_fs_path_c(a[0], &fd);
    if (!p || named_arg(a[1], pathconf_names, &name) < 0) return HD_ERR;
    HD_BLOCKING
        errno = 0;
        r = fd >= 0 ? fpathconf(fd, name) : pathconf(p, name);
        err = errno;
    HD_END_BLOCKING
    return r == -1 && err ? FAILED(err, a[0]) : hd_int(r);
}
static PX(px_pathconf) { return path_limit("pathconf", args, nargs, kwnames, "path,name"); }
static PX(px_fpathconf) { return path_limit("fpathconf", args, nargs, kwnames, "fd,name"); }

/* ---- children ------------------------------------------------------------------------------------------------------------------------- */
static struct hd_type *waitid_type;
static PX(px_waitid)
{
    int type, id, options, r, err;
    siginfo_t s;
    if (hd_as_int32(args[0], &type) < 0 || hd_as_int32(args[1], &id) < 0 || hd_as_int32(args[2], &options) < 0) return HD_ERR;
    SYSCALL(r, err, (memset(&s, 0, sizeof s), waitid((idtype_t)type, (id_t)id, &s, options)));
    if (r < 0) return FAILED(err, HD_ABSENT);
    if (s.si_pid == 0) return HD_NONE;
    hd_value v[] = { hd_fix(s.si_pid), hd_int(s.si_uid), hd_fix(s.si_signo), hd_fix(s.si_status), hd_fix(s.si_code) };
    return hd_structseq_new(waitid_type, v);
}

enum { ACTION_OPEN, ACTION_CLOSE, ACTION_DUP2 };
struct spawn_action { int kind, fd, to, flags, mode; const char *path; };
static int take_actions(hd_value seq, struct spawn_action **out, int64_t *count, hd_value *keep)
{
    const hd_value *item;
    hd_value s = hd_fast_sequence(seq, "file_actions must be a sequence or None", &item, count);
    struct spawn_action *all = s == HD_ERR || (*keep = hd_list_new(0)) == HD_ERR ? NULL : hd_scratch(sizeof *all * (size_t)(*count + 1));
    if (!all) return -1;
    for (int64_t i = 0; i < *count; i++) {
        struct spawn_action *a = &all[i];
        hd_value t = item[i];
        int64_t n = hd_is_tuple(t) ? HD_TUPLE(t)->len : 0;
        if (n == 0) { hd_raise(&hd_exc_TypeError, "Each file_actions element must be a non-empty tuple"); return -1; }
        const hd_value *v = HD_TUPLE(t)->item;
        if (!hd_is_int(v[0]) || hd_as_int32(v[0], &a->kind) < 0) {
            if (!hd_exc_pending()) hd_raise(&hd_exc_TypeError, "Unknown file_actions identifier");
            return -1;
        }
        switch (a->kind) {
        case ACTION_OPEN:
            if (n != 5) { hd_raise(&hd_exc_TypeError, "A open file_action tuple must have 5 elements"); return -1; }
            if (hd_as_int32(v[1], &a->fd) < 0 || hd_as_int32(v[3], &a->flags) < 0 || hd_as_int32(v[4], &a->mode) < 0) return -1;
            const char *path = hd_fs_path_c(v[2], NULL);
            hd_value held = path ? hd_bytes_new(path, strlen(path)) : HD_ERR;
            if (held == HD_ERR || hd_list_append(*keep, held) < 0) return -1;
            a->path = (const char *)HD_BYTES(held)->data;
            break;
        case ACTION_CLOSE:
            if (n != 2) { hd_raise(&hd_exc_TypeError, "A close file_action tuple must have 2 elements"); return -1; }
            if (hd_as_int32(v[1], &a->fd) < 0) return -1;
            break;
        case ACTION_DUP2:
            if (n != 3) { hd_raise(&hd_exc_TypeError, "A dup2 file_action tuple must have 3 elements"); return -1; }
            if (hd_as_int32(v[1], &a->fd) < 0 || hd_as_int32(v[2], &a->to) < 0) return -1;
            break;
        default: hd_raise(&hd_exc_TypeError, "Unknown file_actions identifier"); return -1;
        }
    }
    *out = all;
    return 0;
}
static int signal_set(hd_value iterable, sigset_t *set)
{
    hd_value l = hd_list_of(iterable);
    if (l == HD_ERR) return -1;
    sigemptyset(set);
    for (int64_t i = 0, n = hd_list_len(l); i < n; i++) {
        int64_t s;
        if (hd_as_i64(hd_list_get(l, i), &s) < 0) return -1;
        if (s <= 0 || s >= NSIG) { hd_raise(&hd_exc_ValueError, "signal number %lld out of range [1; %d]", (long long)s, NSIG - 1); return -1; }
        sigaddset(set, (int)s);
    }
    return 0;
}
static hd_value spawn(const char *fname, bool search, const hd_value *args, size_t nargs, hd_value kwnames)
{
    hd_value a[10], keep_argv = HD_NONE, keep_env = HD_NONE, keep_paths = HD_NONE;
    if (hd_args(fname, "path,argv,env,/,*,|file_actions,setpgroup,resetids,setsid,setsigmask,setsigdef,scheduler", args, nargs, kwnames, a) < 0) return HD_ERR;
    const char *path = hd_fs_path_c(a[0], NULL);
    if (!path) return HD_ERR;
    if (!hd_is_list(a[1]) && !hd_is_tuple(a[1])) return hd_raise(&hd_exc_TypeError, "%s: argv must be a tuple or list", fname);
    char **argv = hd_string_vector(a[1], "argv must be a tuple or list", &keep_argv);
    if (!argv) return HD_ERR;
    if (!argv[0]) return hd_raise(&hd_exc_ValueError, "%s: argv must not be empty", fname);
    if (!argv[0][0]) return hd_raise(&hd_exc_ValueError, "%s: argv first element cannot be empty", fname);
    char **env = hd_env_vector(a[2], &keep_env);
    if (!env) return HD_ERR;
    struct spawn_action *actions = NULL;
    int64_t count = 0;
    if (a[3] != HD_ABSENT && a[3] != HD_NONE && take_actions(a[3], &actions, &count, &keep_paths) < 0) return HD_ERR;
    short flags = 0;
    int group = 0, reset = a[5] == HD_ABSENT ? 0 : hd_truth(a[5]), session = a[6] == HD_ABSENT ? 0 : hd_truth(a[6]), policy = 0;
    sigset_t mask, defaults;
    struct sched_param priority;
    if (reset < 0 || session < 0 || optional_int(a[4], &group) < 0) return HD_ERR;
    if (a[4] != HD_ABSENT && a[4] != HD_NONE) flags |= POSIX_SPAWN_SETPGROUP;
    if (reset) flags |= POSIX_SPAWN_RESETIDS;
    if (session) flags |= POSIX_SPAWN_SETSID;
    if (a[7] != HD_ABSENT && a[7] != HD_NONE) {
        if (signal_set(a[7], &mask) < 0) return HD_ERR;
        flags |= POSIX_SPAWN_SETSIGMASK;
    }
    if (a[8] != HD_ABSENT && a[8] != HD_NONE) {
        if (signal_set(a[8], &defaults) < 0) return HD_ERR;
        flags |= POSIX_SPAWN_SETSIGDEF;
    }
    if (a[9] != HD_ABSENT && a[9] != HD_NONE) {
        if (!hd_is_tuple(a[9]) || HD_TUPLE(a[9])->len != 2) return hd_raise(&hd_exc_TypeError, "A scheduler tuple must have two elements");
        flags |= POSIX_SPAWN_SETSCHEDPARAM;
        if (priority_arg(HD_TUPLE(a[9])->item[1], &priority) < 0) return HD_ERR;
        if (HD_TUPLE(a[9])->item[0] != HD_NONE) {
            if (hd_as_int32(HD_TUPLE(a[9])->item[0], &policy) < 0) return HD_ERR;
            flags |= POSIX_SPAWN_SETSCHEDULER;
        }
    }
    pid_t pid = -1;
    int err;
    HD_BLOCKING
        posix_spawn_file_actions_t fa;
        posix_spawnattr_t attr;
        posix_spawn_file_actions_init(&fa);
        posix_spawnattr_init(&attr);
        err = posix_spawnattr_setflags(&attr, flags);
        if (flags & POSIX_SPAWN_SETPGROUP) posix_spawnattr_setpgroup(&attr, group);
        if (flags & POSIX_SPAWN_SETSIGMASK) posix_spawnattr_setsigmask(&attr, &mask);
        if (flags & POSIX_SPAWN_SETSIGDEF) posix_spawnattr_setsigdefault(&attr, &defaults);
        if (flags & POSIX_SPAWN_SETSCHEDULER) posix_spawnattr_setschedpolicy(&attr, policy);
        if (flags & POSIX_SPAWN_SETSCHEDPARAM) posix_spawnattr_setschedparam(&attr, &priority);
        for (int64_t i = 0; i < count && !err; i++) {
            const struct spawn_action *x = &actions[i];
            err = x->kind == ACTION_OPEN ? posix_spawn_file_actions_addopen(&fa, x->fd, x->path, x->flags, (mode_t)x->mode) :
                  x->kind == ACTION_CLOSE ? posix_spawn_file_actions_addclose(&fa, x->fd) : posix_spawn_file_actions_adddup2(&fa, x->fd, x->to);
        }
        if (!err) err = search ? posix_spawnp(&pid, path, &fa, &attr, argv, env) : posix_spawn(&pid, path, &fa, &attr, argv, env);
        posix_spawnattr_destroy(&attr);
        posix_spawn_file_actions_destroy(&fa);
    HD_END_BLOCKING
    (void)*(volatile hd_value *)&keep_argv, (void)*(volatile hd_value *)&keep_env, (void)*(volatile hd_value *)&keep_paths;      /* on the stack until here */
    return err ? FAILED(err, a[0]) : hd_fix(pid);
}
static PX(px_posix_spawn) { return spawn("posix_spawn", false, args, nargs, kwnames); }
static PX(px_posix_spawnp) { return spawn("posix_spawnp", true, args, nargs, kwnames); }

#define KW HD_METH_KW
#define K(x) { #x, px_##x, 0, -1, KW, NULL },
#define P(x, n) { #x, px_##x, n, n, 0, NULL },
static const struct hd_methoddef methods[] = {
    K(getxattr) K(setxattr) K(removexattr) K(listxattr) P(readv, 2) P(writev, 2) { "preadv", px_preadv, 3, 4, 0, NULL }, { "pwritev", px_pwritev, 3, 4, 0, NULL },
    K(copy_file_range) K(splice) K(eventfd) K(eventfd_read) K(eventfd_write) K(memfd_create) K(pidfd_open) P(posix_fadvise, 4) P(posix_fallocate, 3) P(lockf, 3)
    P(sync, 0) K(mknod) K(chroot) K(lchown) P(ctermid, 0) P(tcgetpgrp, 1) P(tcsetpgrp, 2) P(login_tty, 1) K(device_encoding) K(getpriority) K(setpriority)
    P(setpgrp, 0) P(getresuid, 0) P(getresgid, 0) P(setresuid, 3) P(setresgid, 3) P(initgroups, 2) P(getgrouplist, 2) K(sched_get_priority_max)
    K(sched_get_priority_min) P(sched_getscheduler, 1) P(sched_setscheduler, 3) P(sched_getparam, 1) P(sched_setparam, 2) P(sched_rr_get_interval, 1)
    P(sched_setaffinity, 2) P(confstr, 1) K(pathconf) K(fpathconf) P(waitid, 3) K(posix_spawn) K(posix_spawnp) { 0 }
};
static int add_names(hd_value m, const char *attr, const struct named *names)
{
    hd_value d = hd_dict_new();
    for (; d != HD_ERR && names->name; names++) if (hd_dict_set_c(d, names->name, hd_fix(names->v)) < 0) return -1;
    return d == HD_ERR ? -1 : hd_module_add(m, attr, d);
}
int hd_posix_linux_fill(hd_value m)
{
    static const char *const wf[] = { "si_pid", "si_uid", "si_signo", "si_status", "si_code" };
    static const struct hd_structseq_def wdef = { "posix.waitid_result", "waitid_result: Result from waitid.", wf, 5, 5 };
    static const struct { const char *name; int64_t v; } c[] = {
#define C(x) { #x, (int64_t)x },
        C(CLD_CONTINUED) C(CLD_DUMPED) C(CLD_EXITED) C(CLD_KILLED) C(CLD_STOPPED) C(CLD_TRAPPED) C(EFD_CLOEXEC) C(EFD_NONBLOCK) C(EFD_SEMAPHORE) C(EX_CANTCREAT)
        C(EX_CONFIG) C(EX_DATAERR) C(EX_IOERR) C(EX_NOHOST) C(EX_NOINPUT) C(EX_NOPERM) C(EX_NOUSER) C(EX_OK) C(EX_OSERR) C(EX_OSFILE) C(EX_PROTOCOL) C(EX_SOFTWARE)
        C(EX_TEMPFAIL) C(EX_UNAVAILABLE) C(EX_USAGE) C(F_LOCK) C(F_TEST) C(F_TLOCK) C(F_ULOCK) C(MFD_ALLOW_SEALING) C(MFD_CLOEXEC) C(MFD_HUGETLB) C(MFD_HUGE_16GB)
        C(MFD_HUGE_16MB) C(MFD_HUGE_1GB) C(MFD_HUGE_1MB) C(MFD_HUGE_256MB) C(MFD_HUGE_2GB) C(MFD_HUGE_2MB) C(MFD_HUGE_32MB) C(MFD_HUGE_512KB) C(MFD_HUGE_512MB)
        C(MFD_HUGE_64KB) C(MFD_HUGE_8MB) C(MFD_HUGE_MASK) C(MFD_HUGE_SHIFT) C(O_FSYNC) C(POSIX_FADV_DONTNEED) C(POSIX_FADV_NOREUSE) C(POSIX_FADV_NORMAL)
        C(POSIX_FADV_RANDOM) C(POSIX_FADV_SEQUENTIAL) C(POSIX_FADV_WILLNEED) C(P_PIDFD) C(RTLD_DEEPBIND) C(RTLD_GLOBAL) C(RTLD_LAZY) C(RTLD_LOCAL) C(RTLD_NODELETE)
        C(RTLD_NOLOAD) C(RTLD_NOW) C(RWF_APPEND) C(RWF_DSYNC) C(RWF_HIPRI) C(RWF_NOWAIT) C(RWF_SYNC) C(SCHED_BATCH) C(SCHED_IDLE) C(SCHED_RESET_ON_FORK)
        C(SPLICE_F_MORE) C(SPLICE_F_MOVE) C(SPLICE_F_NONBLOCK) C(ST_APPEND) C(ST_MANDLOCK) C(ST_NOATIME) C(ST_NODEV) C(ST_NODIRATIME) C(ST_NOEXEC) C(ST_RELATIME)
        C(ST_SYNCHRONOUS) C(ST_WRITE) C(XATTR_CREATE) C(XATTR_REPLACE) C(XATTR_SIZE_MAX)
#undef C
        { "POSIX_SPAWN_OPEN", ACTION_OPEN }, { "POSIX_SPAWN_CLOSE", ACTION_CLOSE }, { "POSIX_SPAWN_DUP2", ACTION_DUP2 },
    };
    for (size_t i = 0; i < sizeof c / sizeof *c; i++) if (hd_module_add_int(m, c[i].name, c[i].v) < 0) return -1;
    for (const struct hd_methoddef *f = methods; f->name; f++) {
        hd_value fn = hd_cfunction_new(f, m, hd_intern("posix"));
        if (fn == HD_ERR || hd_module_add(m, f->name, fn) < 0) return -1;
    }
    if (add_names(m, "confstr_names", confstr_names) < 0 || add_names(m, "pathconf_names", pathconf_names) < 0) return -1;
    return (waitid_type = hd_structseq_type(&wdef)) ? hd_module_add(m, "waitid_result", hd_obj(waitid_type)) : -1;
}
