/* posix: files, directories, descriptors, paths. */
#include "interp/types/bytes.h"
#include "interp/eval/eval.h"
#include "interp/modules/posix_internal.h"
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/uio.h>
#include <sys/xattr.h>
#include <unistd.h>

/* ---- paths ------------------------------------------------------------------------------------------------------------------ */
hd_value hd_fs_path(hd_value v)
{
    if (hd_is_str(v) || hd_is_bytes(v)) return v;
    hd_value r = hd_call_special(v, hd_s___fspath__, NULL, 0);
    if (r == HD_ERR) return HD_ERR;
    if (r == HD_ABSENT) return hd_raise(&hd_exc_TypeError, "expected str, bytes or os.PathLike object, not %T", v);
    if (hd_is_str(r) || hd_is_bytes(r)) return r;
    return hd_raise(&hd_exc_TypeError, "expected %T.__fspath__() to return str or bytes, not %T", v, r);
}
hd_value hd_fs_path_str(hd_value v)
{
    if (hd_is_str(v)) return v;
    if (!hd_is_bytes(v) && hd_is_ptr(v) && hd_type_of(v)->op.getbuffer) {
        struct hd_buffer b;
        if (hd_buffer_get(v, &b, false) < 0) return HD_ERR;
        hd_value s = hd_str_from_fs(b.data, (size_t)b.len);
        hd_buffer_release(&b);
        return s;
    }
    hd_value p = hd_fs_path(v);
    return p == HD_ERR || hd_is_str(p) ? p : hd_str_from_fs((char *)HD_BYTES(p)->data, (size_t)HD_BYTES(p)->len);
}
const char *hd_fs_path_c(hd_value v, int *fd)
{
    if (fd) {
        *fd = -1;
        if (!hd_is_str(v) && !hd_is_bytes(v) && (hd_is_int(v) || (hd_is_ptr(v) && hd_type_of(v)->op.index))) return hd_as_int32(v, fd) < 0 ? NULL : "";
    }
    hd_value p;
    if (hd_is_str(v) || hd_is_bytes(v)) p = v;
    else {
        p = hd_call_special(v, hd_s___fspath__, NULL, 0);
        if (p == HD_ERR) return NULL;
        if (p == HD_ABSENT) { hd_raise(&hd_exc_TypeError, fd ? "path should be string, bytes, os.PathLike or integer, not %T" : "expected str, bytes or os.PathLike object, not %T", v); return NULL; }
        if (!hd_is_str(p) && !hd_is_bytes(p)) { hd_raise(&hd_exc_TypeError, "expected %T.__fspath__() to return str or bytes, not %T", v, p); return NULL; }
    }
    const char *s;
    size_t n;
    if (hd_is_str(p)) {
        if (!(s = hd_str_as_fs(p, &n))) return NULL;
    } else {
        s = (const char *)HD_BYTES(p)->data, n = (size_t)HD_BYTES(p)->len;
        if (memchr(s, 0, n)) { hd_raise(&hd_exc_ValueError, "embedded null byte"); return NULL; }
    }
    char *copy = hd_scratch(n + 1);
    if (!copy) return NULL;
    memcpy(copy, s, n);
    copy[n] = 0;
    return copy;
}
int hd_fd_arg(hd_value v, int *fd)
{
    if (hd_is_int(v)) return hd_as_int32(v, fd);
    hd_value m = hd_getattr_opt(v, hd_s_fileno);
    if (m == HD_ERR) return -1;
    if (m == HD_ABSENT) { hd_raise(&hd_exc_TypeError, "argument must be an int, or have a fileno() method."); return -1; }
    hd_value r = hd_call0(m);
    if (r == HD_ERR) return -1;
    if (!hd_is_int(r)) { hd_raise(&hd_exc_TypeError, "fileno() returned a non-integer"); return -1; }
    if (hd_as_int32(r, fd) < 0) return -1;
    if (*fd < 0) { hd_raise(&hd_exc_ValueError, "file descriptor cannot be a negative integer (%d)", *fd); return -1; }
    return 0;
}
/* Results are bytes when the path was. */
static hd_value fs_result(hd_value like, const char *s, size_t n) { return hd_is_bytes(like) ? hd_bytes_new(s, n) : hd_str_from_fs(s, n); }
static int dir_fd(hd_value v, int *fd)
{
    *fd = AT_FDCWD;
    return v == HD_ABSENT || v == HD_NONE ? 0 : hd_as_int32(v, fd);
}
static int flag(hd_value v, int fallback) { return v == HD_ABSENT ? fallback : hd_truth(v); }

/* ---- stat ---------------------------------------------------------------------------------------------------------------------- */
struct hd_type *hd_stat_result_type;
static hd_value ns_time(const struct timespec *t)
{
    hd_value s = hd_binary_op(HD_MUL, hd_int(t->tv_sec), hd_fix(1000000000));
    return s == HD_ERR ? HD_ERR : hd_binary_op(HD_ADD, s, hd_fix(t->tv_nsec));
}
static hd_value float_time(const struct timespec *t) { return hd_float((double)t->tv_sec + 1e-9 * (double)t->tv_nsec); }
hd_value hd_stat_result(const struct stat *st)
{
    hd_value v[] = {
        hd_int_u64(st->st_mode), hd_int_u64(st->st_ino), hd_int_u64(st->st_dev), hd_int_u64(st->st_nlink), hd_int_u64(st->st_uid), hd_int_u64(st->st_gid),
        hd_int(st->st_size), hd_int(st->st_atim.tv_sec), hd_int(st->st_mtim.tv_sec), hd_int(st->st_ctim.tv_sec),
        float_time(&st->st_atim), float_time(&st->st_mtim), float_time(&st->st_ctim), ns_time(&st->st_atim), ns_time(&st->st_mtim), ns_time(&st->st_ctim),
        hd_int(st->st_blksize), hd_int(st->st_blocks), hd_int_u64(st->st_rdev),
    };
    return hd_structseq_new(hd_stat_result_type, v);
}
static hd_value do_stat(hd_value path, hd_value dir, bool follow)
{
    int fd, at, r, err;
    const char *p = hd_fs_path_c(path, &fd);
    struct stat st;
    if (!p || dir_fd(dir, &at) < 0) return HD_ERR;
    if (fd >= 0) SYSCALL(r, err, fstat(fd, &st));
    else SYSCALL(r, err, fstatat(at, p, &st, follow ? 0 : AT_SYMLINK_NOFOLLOW));
    return r < 0 ? FAILED(err, path) : hd_stat_result(&st);
}
static __attribute__((noinline)) PX(stat_path)
{
    hd_value a[3];
    if (hd_args("stat", "path,*,|dir_fd,follow_symlinks", args, nargs, kwnames, a) < 0) return HD_ERR;
    int follow = flag(a[2], 1);
    return follow < 0 ? HD_ERR : do_stat(a[0], a[1], follow);
}
static PX(px_stat)
{
    HD_IO_SETTLE(px_stat, nargs ? args[0] : HD_NONE, 3);
    return stat_path(self, args, nargs, kwnames);
}
static PX(px_lstat)
{
    hd_value a[2];
    if (hd_args("lstat", "path,*,|dir_fd", args, nargs, kwnames, a) < 0) return HD_ERR;
    return do_stat(a[0], a[1], false);
}
static PX(px_fstat)
{
    hd_value a[1];
    if (hd_args("fstat", "fd", args, nargs, kwnames, a) < 0) return HD_ERR;
    return do_stat(a[0], HD_ABSENT, true);
}
static PX(px_access)
{
    hd_value a[5];
    int mode, fd, at, r, err;
    if (hd_args("access", "path,mode,*,|dir_fd,effective_ids,follow_symlinks", args, nargs, kwnames, a) < 0 || hd_as_int32(a[1], &mode) < 0) return HD_ERR;
    int effective = flag(a[3], 0), follow = flag(a[4], 1);
    const char *p = hd_fs_path_c(a[0], &fd);
    if (!p || effective < 0 || follow < 0 || dir_fd(a[2], &at) < 0) return HD_ERR;
    SYSCALL(r, err, faccessat(at, p, mode, (effective ? AT_EACCESS : 0) | (follow ? 0 : AT_SYMLINK_NOFOLLOW)));
    (void)err;
    return hd_bool(r == 0);
}

/* ---- one path, one call ------------------------------------------------------------------------------------------------------- */
#define ONE_PATH(name, pyname, call)                                                                                      \
    static PX(name)                                                                                                       \
    {                                                                                                                     \
        hd_value a[2];                                                                                                    \
        int at, r, err;                                                                                                   \
        if (hd_args(pyname, "path,*,|dir_fd", args, nargs, kwnames, a) < 0) return HD_ERR;                                \
        const char *p = hd_fs_path_c(a[0], NULL);                                                                         \
        if (!p || dir_fd(a[1], &at) < 0) return HD_ERR;                                                                   \
        SYSCALL(r, err, call);                                                                                            \
        return r < 0 ? FAILED(err, a[0]) : HD_NONE;                                                                       \
    }
ONE_PATH(px_unlink, "unlink", unlinkat(at, p, 0))
ONE_PATH(px_rmdir, "rmdir", unlinkat(at, p, AT_REMOVEDIR))
static PX(px_mkdir)
{
    hd_value a[3];
    int mode = 0777, at, r, err;
    if (hd_args("mkdir", "path,|mode,*,dir_fd", args, nargs, kwnames, a) < 0) return HD_ERR;
    const char *p = hd_fs_path_c(a[0], NULL);
    if (!p || (a[1] != HD_ABSENT && hd_as_int32(a[1], &mode) < 0) || dir_fd(a[2], &at) < 0) return HD_ERR;
    SYSCALL(r, err, mkdirat(at, p, (mode_t)mode));
    return r < 0 ? FAILED(err, a[0]) : HD_NONE;
}
static PX(px_chdir)
{
    hd_value a[1];
    int fd, r, err;
    if (hd_args("chdir", "path", args, nargs, kwnames, a) < 0) return HD_ERR;
    const char *p = hd_fs_path_c(a[0], &fd);
    if (!p) return HD_ERR;
    if (fd >= 0) SYSCALL(r, err, fchdir(fd));
    else SYSCALL(r, err, chdir(p));
    return r < 0 ? FAILED(err, a[0]) : HD_NONE;
}
static PX(px_chmod)
{
    hd_value a[4];
    int mode, fd, at, r, err;
    if (hd_args("chmod", "path,mode,*,|dir_fd,follow_symlinks", args, nargs, kwnames, a) < 0 || hd_as_int32(a[1], &mode) < 0) return HD_ERR;
    const char *p = hd_fs_path_c(a[0], &fd);
    int follow = flag(a[3], 1);
    if (!p || follow < 0 || dir_fd(a[2], &at) < 0) return HD_ERR;
    if (fd >= 0) SYSCALL(r, err, fchmod(fd, (mode_t)mode));
    else SYSCALL(r, err, fchmodat(at, p, (mode_t)mode, follow ? 0 : AT_SYMLINK_NOFOLLOW));
    if (r < 0 && !follow && (err == EOPNOTSUPP || err == ENOSYS) && !hd_exc_pending())
        return hd_raise(&hd_exc_NotImplementedError, "chmod: follow_symlinks unavailable on this platform");
    return r < 0 ? FAILED(err, a[0]) : HD_NONE;
}
static PX(px_chown)
{
    hd_value a[5];
    int64_t uid, gid;
    int fd, at, r, err;
    if (hd_args("chown", "path,uid,gid,*,|dir_fd,follow_symlinks", args, nargs, kwnames, a) < 0 || hd_as_i64(a[1], &uid) < 0 || hd_as_i64(a[2], &gid) < 0) return HD_ERR;
    const char *p = hd_fs_path_c(a[0], &fd);
    int follow = flag(a[4], 1);
    if (!p || follow < 0 || dir_fd(a[3], &at) < 0) return HD_ERR;
    if (fd >= 0) SYSCALL(r, err, fchown(fd, (uid_t)uid, (gid_t)gid));
    else SYSCALL(r, err, fchownat(at, p, (uid_t)uid, (gid_t)gid, follow ? 0 : AT_SYMLINK_NOFOLLOW));
    return r < 0 ? FAILED(err, a[0]) : HD_NONE;
}
static hd_value two_paths(const char *name, const hd_value *args, size_t nargs, hd_value kwnames)
{
    hd_value a[4];
    int from, to, r, err;
    if (hd_args(name, "src,dst,*,|src_dir_fd,dst_dir_fd", args, nargs, kwnames, a) < 0) return HD_ERR;
    const char *p = hd_fs_path_c(a[0], NULL), *q = p ? hd_fs_path_c(a[1], NULL) : NULL;
    if (!q || dir_fd(a[2], &from) < 0 || dir_fd(a[3], &to) < 0) return HD_ERR;
    SYSCALL(r, err, renameat(from, p, to, q));
    return r < 0 ? (hd_exc_pending() ? HD_ERR : hd_raise_errno(err, a[0], a[1])) : HD_NONE;
}
static PX(px_rename) { return two_paths("rename", args, nargs, kwnames); }
static PX(px_replace) { return two_paths("replace", args, nargs, kwnames); }
static PX(px_link)
{
    hd_value a[5];
    int from, to, r, err;
    if (hd_args("link", "src,dst,*,|src_dir_fd,dst_dir_fd,follow_symlinks", args, nargs, kwnames, a) < 0) return HD_ERR;
    const char *p = hd_fs_path_c(a[0], NULL), *q = p ? hd_fs_path_c(a[1], NULL) : NULL;
    int follow = flag(a[4], 1);
    if (!q || follow < 0 || dir_fd(a[2], &from) < 0 || dir_fd(a[3], &to) < 0) return HD_ERR;
    SYSCALL(r, err, linkat(from, p, to, q, follow ? AT_SYMLINK_FOLLOW : 0));
    return r < 0 ? (hd_exc_pending() ? HD_ERR : hd_raise_errno(err, a[0], a[1])) : HD_NONE;
}
static PX(px_symlink)
{
    hd_value a[4];
    int at, r, err;
    if (hd_args("symlink", "src,dst,|target_is_directory,*,dir_fd", args, nargs, kwnames, a) < 0) return HD_ERR;
    const char *p = hd_fs_path_c(a[0], NULL), *q = p ? hd_fs_path_c(a[1], NULL) : NULL;
    if (!q || dir_fd(a[3], &at) < 0) return HD_ERR;
    SYSCALL(r, err, symlinkat(p, at, q));
    return r < 0 ? (hd_exc_pending() ? HD_ERR : hd_raise_errno(err, a[0], a[1])) : HD_NONE;
}
static PX(px_readlink)
{
    hd_value a[2];
    int at, err;
    ssize_t r;
    if (hd_args("readlink", "path,*,|dir_fd", args, nargs, kwnames, a) < 0) return HD_ERR;
    const char *p = hd_fs_path_c(a[0], NULL);
    char *buf = hd_scratch(PATH_MAX + 1);
    if (!p || !buf || dir_fd(a[1], &at) < 0) return HD_ERR;
    SYSCALL(r, err, readlinkat(at, p, buf, PATH_MAX));
    return r < 0 ? FAILED(err, a[0]) : fs_result(a[0], buf, (size_t)r);
}
static PX(px_truncate)
{
    hd_value a[2];
    int64_t n;
    int fd, r, err;
    if (hd_args("truncate", "path,length", args, nargs, kwnames, a) < 0) return HD_ERR;
    const char *p = hd_fs_path_c(a[0], &fd);
    if (!p || hd_as_i64(a[1], &n) < 0) return HD_ERR;
    if (fd >= 0) SYSCALL(r, err, ftruncate(fd, n));
    else SYSCALL(r, err, truncate(p, n));
    return r < 0 ? FAILED(err, a[0]) : HD_NONE;
}
static PX(px_utime)
{
    hd_value a[5];
    int fd, at, r, err;
    if (hd_args("utime", "path,|times,*,ns,dir_fd,follow_symlinks", args, nargs, kwnames, a) < 0) return HD_ERR;
    const char *p = hd_fs_path_c(a[0], &fd);
    int follow = flag(a[4], 1);
    if (!p || follow < 0 || dir_fd(a[3], &at) < 0) return HD_ERR;
    struct timespec t[2] = { { 0, UTIME_NOW }, { 0, UTIME_NOW } };
    bool times = a[1] != HD_ABSENT && a[1] != HD_NONE, ns = a[2] != HD_ABSENT;
    if (times && ns) return hd_raise(&hd_exc_ValueError, "utime: you may specify either 'times' or 'ns' but not both");
    if (times || ns) {
        hd_value pair = times ? a[1] : a[2];
        if (!hd_is_tuple(pair) || HD_TUPLE(pair)->len != 2)
            return hd_raise(&hd_exc_TypeError, times ? "utime: 'times' must be either a tuple of two ints or None" : "utime: 'ns' must be a tuple of two ints");
        for (int i = 0; i < 2; i++) {
            hd_value v = HD_TUPLE(pair)->item[i];
            if (ns) {
                hd_value dm = hd_binary_op(HD_DIVMOD, v, hd_fix(1000000000));
                int64_t s, n;
                if (dm == HD_ERR || hd_as_i64(HD_TUPLE(dm)->item[0], &s) < 0 || hd_as_i64(HD_TUPLE(dm)->item[1], &n) < 0) return HD_ERR;
                t[i].tv_sec = s, t[i].tv_nsec = n;
            } else {
                double d;
                if (hd_as_double(v, &d) < 0) return HD_ERR;
                double whole = __builtin_floor(d);
                t[i].tv_sec = (time_t)whole, t[i].tv_nsec = (long)((d - whole) * 1e9);
            }
        }
    }
    if (fd >= 0) SYSCALL(r, err, futimens(fd, t));
    else SYSCALL(r, err, utimensat(at, p, t, follow ? 0 : AT_SYMLINK_NOFOLLOW));
    return r < 0 ? FAILED(err, a[0]) : HD_NONE;
}
static PX(px_mkfifo)
{
    hd_value a[3];
    int mode = 0666, at, r, err;
    if (hd_args("mkfifo", "path,|mode,*,dir_fd", args, nargs, kwnames, a) < 0) return HD_ERR;
    const char *p = hd_fs_path_c(a[0], NULL);
    if (!p || (a[1] != HD_ABSENT && hd_as_int32(a[1], &mode) < 0) || dir_fd(a[2], &at) < 0) return HD_ERR;
    SYSCALL(r, err, mkfifoat(at, p, (mode_t)mode));
    return r < 0 ? FAILED(err, a[0]) : HD_NONE;
}
static PX(px_getcwd)
{
    char *buf = hd_scratch(PATH_MAX);
    if (!buf) return HD_ERR;
    return getcwd(buf, PATH_MAX) ? hd_str_from_fs(buf, strlen(buf)) : hd_raise_errno(errno, HD_ABSENT, HD_ABSENT);
}
static PX(px_getcwdb)
{
    char *buf = hd_scratch(PATH_MAX);
    if (!buf) return HD_ERR;
    return getcwd(buf, PATH_MAX) ? hd_bytes_new(buf, strlen(buf)) : hd_raise_errno(errno, HD_ABSENT, HD_ABSENT);
}
static PX(px_fspath) { hd_value a[1]; return hd_args("fspath", "path", args, nargs, kwnames, a) < 0 ? HD_ERR : hd_fs_path(a[0]); }

/* ---- directories ------------------------------------------------------------------------------------------------------------------ */
/* Names of a directory as C memory that belongs to the running transaction's thread: read completely outside transactions. */
struct names { char *data; size_t used, cap; bool failed; };
static void add_name(struct names *n, const struct dirent *e)
{
    size_t len = strlen(e->d_name), need = sizeof(ino_t) + 1 + len + 1;
    if (n->used + need > n->cap) {
        size_t cap = n->cap ? 2 * n->cap : 4096;
        while (cap < n->used + need) cap *= 2;
        char *p = realloc(n->data, cap);
        if (!p) { n->failed = true; return; }
        n->data = p, n->cap = cap;
    }
    memcpy(n->data + n->used, &e->d_ino, sizeof(ino_t));
    n->data[n->used + sizeof(ino_t)] = (char)e->d_type;
    memcpy(n->data + n->used + sizeof(ino_t) + 1, e->d_name, len + 1);
    n->used += need;
}
/* 0 or errno */
static int read_directory(const char *path, int fd, struct names *n)
{
    DIR *d;
    if (fd >= 0) {
        int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
        d = copy < 0 ? NULL : fdopendir(copy);
        if (!d && copy >= 0) { int e = errno; close(copy); return e; }
        if (d) rewinddir(d);
    } else d = opendir(path);
    if (!d) return errno;
    struct dirent *e;
    while ((e = readdir(d)))
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0) add_name(n, e);
    closedir(d);
    return n->failed ? ENOMEM : 0;
}
/* An abort goes back to the end of the blocking part, where the memory was still needed: it goes when that is over. */
static void free_later(void *p)
{
    if (stm_is_irrevocable()) free(p);
    else stm_on_commit(free, p);
}
/* The entries in heap memory; NULL: error set. */
static char *directory(hd_value path, size_t *size, int *fd)
{
    const char *p = path == HD_NONE ? (*fd = -1, ".") : hd_fs_path_c(path, fd);
    if (!p) return NULL;
    struct names n = { 0 };
    int err;
    bool tried = false;
    do {
        HD_BLOCKING
            err = read_directory(p, *fd, &n);
        HD_END_BLOCKING
    } while (hd_descriptors_freed(err, &tried));
    if (err) {
        free_later(n.data);
        hd_raise_errno(err, path == HD_NONE ? HD_ABSENT : path, HD_ABSENT);
        return NULL;
    }
    char *copy = hd_scratch(n.used + 1);
    if (copy && n.used) memcpy(copy, n.data, n.used);
    *size = n.used;
    free_later(n.data);
    return copy;
}
/* The argument of a function that lists a directory: path, descriptor, or None. */
static hd_value listed(const char *function, hd_value v)
{
    if (v == HD_ABSENT || v == HD_NONE) return HD_NONE;
    if (hd_is_int(v) || hd_is_str(v) || hd_is_bytes(v)) return v;
    if (hd_type_lookup(hd_type_of(v), hd_s___fspath__) == HD_ABSENT)
        return hd_raise(&hd_exc_TypeError, "%s: path should be string, bytes, os.PathLike, integer or None, not %T", function, v);
    return hd_fs_path(v);
}
static PX(list_directory)
{
    hd_value a[1];
    size_t size;
    int fd;
    if (hd_args("listdir", "|path", args, nargs, kwnames, a) < 0) return HD_ERR;
    hd_value path = listed("listdir", a[0]);
    if (path == HD_ERR) return HD_ERR;
    char *p = directory(path, &size, &fd), *end = p + size;
    hd_value l = p ? hd_list_new(16) : HD_ERR;
    while (l != HD_ERR && p < end) {
        p += sizeof(ino_t) + 1;
        size_t n = strlen(p);
        hd_value s = fs_result(path, p, n);
        if (s == HD_ERR || hd_list_append(l, s) < 0) return HD_ERR;
        p += n + 1;
    }
    return l;
}

/* f, after a collection if it is going to show which files are open. */
static hd_value settled(hd_cfunc f, hd_cfunc called_as, hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
{
    if (STM_LIKELY(!hd_lists_descriptors(args, nargs, kwnames))) return f(self, args, nargs, kwnames);
    hd_value path = args[0];
    hd_release_garbage(called_as, args, &path, 1);
    return f(self, &path, 1, 0);
}
static PX(px_listdir) { return settled(list_directory, px_listdir, self, args, nargs, kwnames); }

HD_MUTABLE(hd_direntry)
struct hd_direntry { struct hd_mhead head; hd_value name, path; int64_t dir_fd; uint64_t inode; int64_t type; hd_vslot stat, lstat; };
HD_MUTABLE_OPEN(hd_direntry, hd_inst_size(o))
#define ENTRY(v) ((struct hd_direntry *)hd_ptr(v))
static struct hd_type direntry_type, scandir_type;
static hd_value entry_stat(hd_value self, bool follow)
{
    struct hd_direntry *e = ENTRY(self);
    hd_value v = follow ? HD_GET(e, stat) : HD_GET(e, lstat);
    if (v != 0) return v;
    v = do_stat(e->dir_fd >= 0 ? e->name : e->path, e->dir_fd >= 0 ? hd_int(e->dir_fd) : HD_ABSENT, follow);
    if (v == HD_ERR) return HD_ERR;
    hd_direntry_w w = hd_direntry_open(e);
    if (follow) HD_PUT(w, stat, v);
    else HD_PUT(w, lstat, v);
    return v;
}
static int follow_arg(const char *name, const hd_value *args, size_t nargs, hd_value kwnames)
{
    hd_value a[1];
    return hd_args(name, "*,|follow_symlinks", args, nargs, kwnames, a) < 0 ? -1 : flag(a[0], 1);
}
static hd_value entry_is(hd_value self, int follow, int64_t dtype, mode_t kind)
{
    struct hd_direntry *e = ENTRY(self);
    if (follow < 0) return HD_ERR;
    if (e->type != DT_UNKNOWN && (e->type != DT_LNK || !follow)) return hd_bool(e->type == dtype);
    hd_value st = entry_stat(self, follow);
    if (st == HD_ERR) {
        if (!hd_exc_is(&hd_exc_FileNotFoundError)) return HD_ERR;
        hd_exc_clear();
        return HD_FALSE;
    }
    int64_t mode;
    return hd_as_i64(HD_TUPLE(st)->item[0], &mode) < 0 ? HD_ERR : hd_bool(((mode_t)mode & S_IFMT) == kind);
}
static PX(entry_is_dir) { return entry_is(self, follow_arg("is_dir", args, nargs, kwnames), DT_DIR, S_IFDIR); }
static PX(entry_is_file) { return entry_is(self, follow_arg("is_file", args, nargs, kwnames), DT_REG, S_IFREG); }
static PX(entry_is_symlink) { return entry_is(self, 0, DT_LNK, S_IFLNK); }
static PX(entry_stat_method)
{
    int follow = follow_arg("stat", args, nargs, kwnames);
    if (follow < 0) return HD_ERR;
    return entry_stat(self, follow && (ENTRY(self)->type == DT_LNK || ENTRY(self)->type == DT_UNKNOWN || follow));
}
static PX(entry_inode) { return hd_int_u64(ENTRY(self)->inode); }
static PX(entry_fspath) { return ENTRY(self)->path; }
static hd_value entry_name(hd_value self, void *c) { return ENTRY(self)->name; }
static hd_value entry_path(hd_value self, void *c) { return ENTRY(self)->path; }
static hd_value entry_repr(hd_value self) { return hd_str_format("<DirEntry %R>", ENTRY(self)->name); }
static void entry_trace(void *o, struct gc_marker *m)
{
    struct hd_direntry *e = o;
    gc_mark(m, e->name), gc_mark(m, e->path), gc_mark(m, HD_RAW(e->stat)), gc_mark(m, HD_RAW(e->lstat));
}
static hd_value entry_class_getitem(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames) { return hd_generic_alias_new(self, args[0]); }
static const struct hd_methoddef entry_methods[] = {
    { "is_dir", entry_is_dir, 0, -1, HD_METH_KW, NULL }, { "is_file", entry_is_file, 0, -1, HD_METH_KW, NULL }, { "is_symlink", entry_is_symlink, 0, 0, 0, NULL },
    { "stat", entry_stat_method, 0, -1, HD_METH_KW, NULL }, { "inode", entry_inode, 0, 0, 0, NULL }, { "__fspath__", entry_fspath, 0, 0, 0, NULL },
    { "__class_getitem__", entry_class_getitem, 1, 1, HD_METH_CLASS, NULL }, { 0 }
};
static const struct hd_getsetdef entry_getsets[] = { { "name", entry_name, NULL, NULL, NULL }, { "path", entry_path, NULL, NULL, NULL }, { 0 } };
static struct hd_type direntry_type = { .cname = "posix.DirEntry", .basicsize = sizeof(struct hd_direntry), .flags = HD_TF_NEVER_INSTANTIATE,
    .methods = entry_methods, .getsets = entry_getsets, .op = { .repr = entry_repr, .trace = entry_trace } };

/* The whole directory is read when the iterator is made. */
HD_MUTABLE(hd_scandir)
struct hd_scandir { struct hd_mhead head; hd_value list; hd_islot at; };
HD_MUTABLE_OPEN(hd_scandir, hd_inst_size(o))
static hd_value scandir_next(hd_value self)
{
    struct hd_scandir *s = hd_ptr(self);
    int64_t at = HD_GET(s, at);
    if (at < 0 || at >= hd_list_len(s->list)) return HD_STOP;
    hd_scandir_w w = hd_scandir_open(s);
    HD_PUT(w, at, at + 1);
    return hd_list_get(s->list, at);
}
static hd_value self_iter(hd_value self) { return self; }
static PX(scandir_enter) { return self; }
static PX(scandir_close)
{
    hd_scandir_w w = hd_scandir_open((struct hd_scandir *)hd_ptr(self));
    HD_PUT(w, at, -1);
    return HD_NONE;
}
static void scandir_trace(void *o, struct gc_marker *m) { gc_mark(m, ((struct hd_scandir *)o)->list); }
static const struct hd_methoddef scandir_methods[] = { { "__enter__", scandir_enter, 0, 0, 0, NULL }, { "__exit__", scandir_close, 0, 3, 0, NULL },
    { "close", scandir_close, 0, 0, 0, NULL }, { 0 } };
static struct hd_type scandir_type = { .cname = "posix.ScandirIterator", .basicsize = sizeof(struct hd_scandir), .flags = HD_TF_NEVER_INSTANTIATE,
    .methods = scandir_methods, .op = { .iter = self_iter, .iternext = scandir_next, .trace = scandir_trace } };
static PX(scan_directory)
{
    hd_value a[1];
    size_t size;
    int fd;
    if (hd_args("scandir", "|path", args, nargs, kwnames, a) < 0) return HD_ERR;
    hd_value path = listed("scandir", a[0]);
    if (path == HD_ERR) return HD_ERR;
    char *p = directory(path, &size, &fd), *end = p + size;
    hd_value l = p ? hd_list_new(16) : HD_ERR;
    hd_value prefix = path == HD_NONE ? hd_intern(".") : path;
    while (l != HD_ERR && p < end) {
        struct hd_direntry *e = hd_new_mutable(&direntry_type, sizeof *e);
        if (!e) return HD_ERR;
        ino_t ino;
        memcpy(&ino, p, sizeof ino);
        e->inode = ino;
        e->type = p[sizeof ino];
        p += sizeof(ino_t) + 1;
        size_t n = strlen(p);
        if ((e->name = fs_result(path, p, n)) == HD_ERR) return HD_ERR;
        e->dir_fd = fd;
        e->path = e->name;
        if (fd < 0) {
            hd_value sep = hd_is_bytes(prefix) ? hd_bytes_new("/", 1) : hd_str_char('/');
            int64_t k = hd_is_bytes(prefix) ? HD_BYTES(prefix)->len : HD_STR(prefix)->len;
            bool has = k && (hd_is_bytes(prefix) ? HD_BYTES(prefix)->data[k - 1] : hd_str_at(prefix, k - 1)) == '/';
            hd_value base = has || k == 0 ? prefix : hd_binary_op(HD_ADD, prefix, sep);
            if (base == HD_ERR || (e->path = hd_binary_op(HD_ADD, base, e->name)) == HD_ERR) return HD_ERR;
        }
        if (hd_list_append(l, hd_obj(e)) < 0) return HD_ERR;
        p += n + 1;
    }
    struct hd_scandir *s = l == HD_ERR ? NULL : hd_new_mutable(&scandir_type, sizeof *s);
    if (!s) return HD_ERR;
    s->list = l;
    return hd_obj(s);
}
static PX(px_scandir) { return settled(scan_directory, px_scandir, self, args, nargs, kwnames); }

/* ---- descriptors -------------------------------------------------------------------------------------------------------------------- */
static PX(px_open)
{
    hd_value a[4];
    int flags, mode = 0777, at, r, err;
    if (hd_args("open", "path,flags,|mode,*,dir_fd", args, nargs, kwnames, a) < 0 || hd_as_int32(a[1], &flags) < 0) return HD_ERR;
    const char *p = hd_fs_path_c(a[0], NULL);
    if (!p || (a[2] != HD_ABSENT && hd_as_int32(a[2], &mode) < 0) || dir_fd(a[3], &at) < 0) return HD_ERR;
    SYSCALL(r, err, openat(at, p, flags | O_CLOEXEC, mode));
    return r < 0 ? FAILED(err, a[0]) : hd_fix(r);
}
static PX(px_close)
{
    hd_value a[1];
    int fd, r, err;
    if (hd_args("close", "fd", args, nargs, kwnames, a) < 0 || hd_as_int32(a[0], &fd) < 0) return HD_ERR;
    HD_BLOCKING
        r = close(fd);
        err = errno;
    HD_END_BLOCKING
    return r < 0 && err != EINTR ? hd_raise_errno(err, HD_ABSENT, HD_ABSENT) : HD_NONE;
}
static PX(px_closerange)
{
    int lo, hi;
    if (hd_as_int32(args[0], &lo) < 0 || hd_as_int32(args[1], &hi) < 0) return HD_ERR;
    HD_BLOCKING
        for (int fd = lo < 0 ? 0 : lo; fd < hi; fd++) close(fd);
    HD_END_BLOCKING
    return HD_NONE;
}
static PX(px_read)
{
    int fd, err;
    int64_t n;
    ssize_t r;
    if (hd_as_int32(args[0], &fd) < 0 || hd_as_i64(args[1], &n) < 0) return HD_ERR;
    if (n < 0) return hd_raise_errno(EINVAL, HD_ABSENT, HD_ABSENT);
    if (n > INT_MAX - 4096) n = INT_MAX - 4096;
    hd_value b = hd_bytes_new(NULL, (size_t)n);
    if (b == HD_ERR) return HD_ERR;
    SYSCALL(r, err, read(fd, HD_BYTES(b)->data, (size_t)n));
    if (r < 0) return FAILED(err, HD_ABSENT);
    return r == n ? b : hd_bytes_new(HD_BYTES(b)->data, (size_t)r);
}
static PX(px_write)
{
    int fd, err;
    ssize_t r;
    if (hd_as_int32(args[0], &fd) < 0) return HD_ERR;
    hd_value b = hd_bytes_fixed(args[1]);
    if (b == HD_ERR) return HD_ERR;
    SYSCALL(r, err, write(fd, HD_BYTES(b)->data, (size_t)HD_BYTES(b)->len));
    return r < 0 ? FAILED(err, HD_ABSENT) : hd_int(r);
}
static PX(px_pread)
{
    int fd, err;
    int64_t n, at;
    ssize_t r;
    if (hd_as_int32(args[0], &fd) < 0 || hd_as_i64(args[1], &n) < 0 || hd_as_i64(args[2], &at) < 0) return HD_ERR;
    if (n < 0) return hd_raise_errno(EINVAL, HD_ABSENT, HD_ABSENT);
    hd_value b = hd_bytes_new(NULL, (size_t)n);
    if (b == HD_ERR) return HD_ERR;
    SYSCALL(r, err, pread(fd, HD_BYTES(b)->data, (size_t)n, at));
    return r < 0 ? FAILED(err, HD_ABSENT) : hd_bytes_new(HD_BYTES(b)->data, (size_t)r);
}
static PX(px_pwrite)
{
    int fd, err;
    int64_t at;
    ssize_t r;
    hd_value b = hd_bytes_fixed(args[1]);
    if (b == HD_ERR || hd_as_int32(args[0], &fd) < 0 || hd_as_i64(args[2], &at) < 0) return HD_ERR;
    SYSCALL(r, err, pwrite(fd, HD_BYTES(b)->data, (size_t)HD_BYTES(b)->len, at));
    return r < 0 ? FAILED(err, HD_ABSENT) : hd_int(r);
}
static PX(px_lseek)
{
    int fd, whence, err;
    int64_t at, r;
    if (hd_as_int32(args[0], &fd) < 0 || hd_as_i64(args[1], &at) < 0 || hd_as_int32(args[2], &whence) < 0) return HD_ERR;
    SYSCALL(r, err, lseek(fd, at, whence));
    return r < 0 ? FAILED(err, HD_ABSENT) : hd_int(r);
}
static PX(px_isatty)
{
    int fd;
    return hd_as_int32(args[0], &fd) < 0 ? HD_ERR : hd_bool(isatty(fd));
}
static PX(px_dup)
{
    int fd, r, err;
    if (hd_as_int32(args[0], &fd) < 0) return HD_ERR;
    SYSCALL(r, err, fcntl(fd, F_DUPFD_CLOEXEC, 0));
    return r < 0 ? FAILED(err, HD_ABSENT) : hd_fix(r);
}
static PX(px_dup2)
{
    hd_value a[3];
    int fd, fd2, r, err;
    if (hd_args("dup2", "fd,fd2,|inheritable", args, nargs, kwnames, a) < 0 || hd_as_int32(a[0], &fd) < 0 || hd_as_int32(a[1], &fd2) < 0) return HD_ERR;
    int inherit = flag(a[2], 1);
    if (inherit < 0) return HD_ERR;
    if (inherit || fd == fd2) SYSCALL(r, err, dup2(fd, fd2));
    else SYSCALL(r, err, dup3(fd, fd2, O_CLOEXEC));
    return r < 0 ? FAILED(err, HD_ABSENT) : hd_fix(r);
}
static PX(px_pipe)
{
    int fd[2], r, err;
    SYSCALL(r, err, pipe2(fd, O_CLOEXEC));
    return r < 0 ? FAILED(err, HD_ABSENT) : hd_tuplev(hd_fix(fd[0]), hd_fix(fd[1]));
}
static PX(px_pipe2)
{
    int fd[2], flags, r, err;
    if (hd_as_int32(args[0], &flags) < 0) return HD_ERR;
    SYSCALL(r, err, pipe2(fd, flags));
    return r < 0 ? FAILED(err, HD_ABSENT) : hd_tuplev(hd_fix(fd[0]), hd_fix(fd[1]));
}
static PX(px_fsync)
{
    int fd, r, err;
    if (hd_fd_arg(args[0], &fd) < 0) return HD_ERR;
    SYSCALL(r, err, fsync(fd));
    return r < 0 ? FAILED(err, HD_ABSENT) : HD_NONE;
}
static PX(px_ftruncate)
{
    int fd, r, err;
    int64_t n;
    if (hd_as_int32(args[0], &fd) < 0 || hd_as_i64(args[1], &n) < 0) return HD_ERR;
    SYSCALL(r, err, ftruncate(fd, n));
    return r < 0 ? FAILED(err, HD_ABSENT) : HD_NONE;
}
static PX(px_get_inheritable)
{
    int fd, r, err;
    if (hd_as_int32(args[0], &fd) < 0) return HD_ERR;
    SYSCALL(r, err, fcntl(fd, F_GETFD));
    return r < 0 ? FAILED(err, HD_ABSENT) : hd_bool(!(r & FD_CLOEXEC));
}
static PX(px_set_inheritable)
{
    int fd, on, r, err;
    if (hd_as_int32(args[0], &fd) < 0 || hd_as_int32(args[1], &on) < 0) return HD_ERR;
    SYSCALL(r, err, fcntl(fd, F_SETFD, on ? 0 : FD_CLOEXEC));
    return r < 0 ? FAILED(err, HD_ABSENT) : HD_NONE;
}
static PX(px_get_blocking)
{
    int fd, r, err;
    if (hd_as_int32(args[0], &fd) < 0) return HD_ERR;
    SYSCALL(r, err, fcntl(fd, F_GETFL));
    return r < 0 ? FAILED(err, HD_ABSENT) : hd_bool(!(r & O_NONBLOCK));
}
static PX(px_set_blocking)
{
    int fd, r, err;
    if (hd_as_int32(args[0], &fd) < 0) return HD_ERR;
    int on = hd_truth(args[1]);
    if (on < 0) return HD_ERR;
    SYSCALL(r, err, fcntl(fd, F_GETFL));
    if (r < 0) return FAILED(err, HD_ABSENT);
    int want = on ? r & ~O_NONBLOCK : r | O_NONBLOCK;
    if (want != r) SYSCALL(r, err, fcntl(fd, F_SETFL, want));
    return r < 0 ? FAILED(err, HD_ABSENT) : HD_NONE;
}
static struct hd_type *terminal_size_type, *statvfs_type;
static PX(px_get_terminal_size)
{
    int fd = 1;
    struct winsize w;
    if (nargs && hd_as_int32(args[0], &fd) < 0) return HD_ERR;
    if (ioctl(fd, TIOCGWINSZ, &w) < 0) return hd_raise_errno(errno, HD_ABSENT, HD_ABSENT);
    hd_value v[] = { hd_fix(w.ws_col), hd_fix(w.ws_row) };
    return hd_structseq_new(terminal_size_type, v);
}
static PX(px_ttyname)
{
    int fd;
    char t[128];
    if (hd_as_int32(args[0], &fd) < 0) return HD_ERR;
    int err = ttyname_r(fd, t, sizeof t);
    return err ? hd_raise_errno(err, HD_ABSENT, HD_ABSENT) : hd_str_from_fs(t, strlen(t));
}
static PX(px_urandom)
{
    int64_t n;
    if (hd_as_i64(args[0], &n) < 0) return HD_ERR;
    if (n < 0) return hd_raise(&hd_exc_ValueError, "negative argument not allowed");
    hd_value b = hd_bytes_new(NULL, (size_t)n);
    for (int64_t at = 0; b != HD_ERR && at < n;) {
        ssize_t r = getrandom(HD_BYTES(b)->data + at, (size_t)(n - at), 0);
        if (r > 0) at += r;
        else if (errno != EINTR) return hd_raise_errno(errno, HD_ABSENT, HD_ABSENT);
    }
    return b;
}
static PX(px_getrandom) { return px_urandom(self, args, 1, 0); }
static PX(px_statvfs)
{
    hd_value a[1];
    int fd, r, err;
    struct statvfs s;
    if (hd_args("statvfs", "path", args, nargs, kwnames, a) < 0) return HD_ERR;
    const char *p = hd_fs_path_c(a[0], &fd);
    if (!p) return HD_ERR;
    if (fd >= 0) SYSCALL(r, err, fstatvfs(fd, &s));
    else SYSCALL(r, err, statvfs(p, &s));
    if (r < 0) return FAILED(err, a[0]);
    hd_value v[] = { hd_int_u64(s.f_bsize), hd_int_u64(s.f_frsize), hd_int_u64(s.f_blocks), hd_int_u64(s.f_bfree), hd_int_u64(s.f_bavail), hd_int_u64(s.f_files),
                     hd_int_u64(s.f_ffree), hd_int_u64(s.f_favail), hd_int_u64(s.f_flag), hd_int_u64(s.f_namemax), hd_int_u64(s.f_fsid) };
    return hd_structseq_new(statvfs_type, v);
}
static PX(px_sendfile)
{
    hd_value a[4];
    int out, in, err;
    int64_t count, offset = 0;
    ssize_t r;
    if (hd_args("sendfile", "out_fd,in_fd,offset,count", args, nargs, kwnames, a) < 0 || hd_as_int32(a[0], &out) < 0 || hd_as_int32(a[1], &in) < 0 ||
        hd_as_i64(a[3], &count) < 0 || (a[2] != HD_NONE && hd_as_i64(a[2], &offset) < 0)) return HD_ERR;
    off_t at = offset;
    SYSCALL(r, err, sendfile(out, in, a[2] == HD_NONE ? NULL : &at, (size_t)count));
    return r < 0 ? FAILED(err, HD_ABSENT) : hd_int(r);
}

#define KW HD_METH_KW
HD_WAITS(px_read)
const struct hd_methoddef hd_posix_file_methods[] = {
    { "stat", px_stat, 0, -1, KW, "stat($module, /, path, *, dir_fd=None, follow_symlinks=True)\n--\n\n" }, { "lstat", px_lstat, 0, -1, KW, NULL },
    { "fstat", px_fstat, 0, -1, KW, NULL }, { "access", px_access, 0, -1, KW, NULL }, { "unlink", px_unlink, 0, -1, KW, NULL },
    { "remove", px_unlink, 0, -1, KW, NULL }, { "rmdir", px_rmdir, 0, -1, KW, NULL }, { "mkdir", px_mkdir, 0, -1, KW, NULL },
    { "chdir", px_chdir, 0, -1, KW, NULL }, { "fchdir", px_chdir, 0, -1, KW, NULL }, { "chmod", px_chmod, 0, -1, KW, NULL }, { "fchmod", px_chmod, 2, 2, KW, NULL },
    { "chown", px_chown, 0, -1, KW, NULL }, { "fchown", px_chown, 3, 3, KW, NULL }, { "rename", px_rename, 0, -1, KW, NULL }, { "replace", px_replace, 0, -1, KW, NULL },
    { "link", px_link, 0, -1, KW, NULL }, { "symlink", px_symlink, 0, -1, KW, NULL }, { "readlink", px_readlink, 0, -1, KW, NULL },
    { "truncate", px_truncate, 0, -1, KW, NULL }, { "utime", px_utime, 0, -1, KW, NULL }, { "mkfifo", px_mkfifo, 0, -1, KW, NULL }, { "getcwd", px_getcwd, 0, 0, 0, NULL },
    { "getcwdb", px_getcwdb, 0, 0, 0, NULL }, { "fspath", px_fspath, 0, -1, KW, NULL }, { "listdir", px_listdir, 0, -1, KW, NULL }, { "scandir", px_scandir, 0, -1, KW, NULL },
    { "open", px_open, 0, -1, KW, NULL }, { "close", px_close, 0, -1, KW, NULL }, { "closerange", px_closerange, 2, 2, 0, NULL }, { "read", px_read_waits, 2, 2, 0, NULL },
    { "write", px_write, 2, 2, 0, NULL }, { "pread", px_pread, 3, 3, 0, NULL }, { "pwrite", px_pwrite, 3, 3, 0, NULL }, { "lseek", px_lseek, 3, 3, 0, NULL },
    { "isatty", px_isatty, 1, 1, 0, NULL }, { "dup", px_dup, 1, 1, 0, NULL }, { "dup2", px_dup2, 0, -1, KW, NULL }, { "pipe", px_pipe, 0, 0, 0, NULL },
    { "pipe2", px_pipe2, 1, 1, 0, NULL }, { "fsync", px_fsync, 1, 1, 0, NULL }, { "fdatasync", px_fsync, 1, 1, 0, NULL }, { "ftruncate", px_ftruncate, 2, 2, 0, NULL },
    { "get_inheritable", px_get_inheritable, 1, 1, 0, NULL }, { "set_inheritable", px_set_inheritable, 2, 2, 0, NULL },
    { "get_blocking", px_get_blocking, 1, 1, 0, NULL }, { "set_blocking", px_set_blocking, 2, 2, 0, NULL },
    { "get_terminal_size", px_get_terminal_size, 0, 1, 0, NULL }, { "ttyname", px_ttyname, 1, 1, 0, NULL }, { "urandom", px_urandom, 1, 1, 0, NULL },
    { "getrandom", px_getrandom, 1, 2, 0, NULL }, { "statvfs", px_statvfs, 0, -1, KW, NULL }, { "fstatvfs", px_statvfs, 0, -1, KW, NULL },
    { "sendfile", px_sendfile, 0, -1, KW, NULL }, { 0 }
};
int hd_posix_file_fill(hd_value m)
{
    static const char *const sf[] = { "st_mode", "st_ino", "st_dev", "st_nlink", "st_uid", "st_gid", "st_size", NULL, NULL, NULL, "st_atime", "st_mtime", "st_ctime",
        "st_atime_ns", "st_mtime_ns", "st_ctime_ns", "st_blksize", "st_blocks", "st_rdev" };
    static const struct hd_structseq_def sdef = { "os.stat_result", "What stat() returns.", sf, 19, 10 };
    static const char *const tf[] = { "columns", "lines" };
    static const struct hd_structseq_def tdef = { "os.terminal_size", "(columns, lines) of a terminal.", tf, 2, 2 };
    static const char *const vf[] = { "f_bsize", "f_frsize", "f_blocks", "f_bfree", "f_bavail", "f_files", "f_ffree", "f_favail", "f_flag", "f_namemax", "f_fsid" };
    static const struct hd_structseq_def vdef = { "os.statvfs_result", "What statvfs() returns.", vf, 11, 10 };
    if (!(hd_stat_result_type = hd_structseq_type(&sdef)) || !(terminal_size_type = hd_structseq_type(&tdef)) || !(statvfs_type = hd_structseq_type(&vdef))) return -1;
    if (hd_type_ready(&direntry_type) < 0 || hd_type_ready(&scandir_type) < 0) return -1;
    static const struct { const char *name; int64_t v; } c[] = {
#define C(x) { #x, x }
        C(F_OK), C(R_OK), C(W_OK), C(X_OK), C(O_RDONLY), C(O_WRONLY), C(O_RDWR), C(O_CREAT), C(O_EXCL), C(O_TRUNC), C(O_APPEND), C(O_NONBLOCK), C(O_NDELAY),
        C(O_CLOEXEC), C(O_DIRECTORY), C(O_NOFOLLOW), C(O_SYNC), C(O_DSYNC), C(O_NOCTTY), C(O_ACCMODE), C(O_PATH), C(O_TMPFILE), C(O_NOATIME), C(O_ASYNC), C(O_DIRECT),
        C(O_LARGEFILE), C(O_RSYNC), C(SEEK_DATA), C(SEEK_HOLE), C(ST_RDONLY), C(ST_NOSUID), C(GRND_NONBLOCK), C(GRND_RANDOM), C(NGROUPS_MAX), C(TMP_MAX),
    };
    for (size_t i = 0; i < sizeof c / sizeof *c; i++) if (hd_module_add_int(m, c[i].name, c[i].v) < 0) return -1;
    return hd_module_add(m, "stat_result", hd_obj(hd_stat_result_type)) < 0 || hd_module_add(m, "terminal_size", hd_obj(terminal_size_type)) < 0 ||
           hd_module_add(m, "statvfs_result", hd_obj(statvfs_type)) < 0 || hd_module_add(m, "DirEntry", hd_obj(&direntry_type)) < 0 ? -1 : 0;
}
