/* FileIO: unbuffered streams over a file descriptor.  System calls run outside transactions. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include "interp/eval/eval.h"
#include "interp/modules/io_internal.h"

HD_MUTABLE(hd_fileio)
struct hd_fileio {
    struct hd_mhead head;
    hd_islot closed_base;      /* the base class's field */
    hd_islot fd;               /* -1: closed */
    hd_islot flags;            /* F_* */
    hd_islot blksize;
    hd_islot seekable;         /* -1: not known yet */
};
HD_MUTABLE_OPEN(hd_fileio, hd_inst_size(o))
enum { F_READ = 1, F_WRITE = 2, F_APPEND = 4, F_CREATE = 8, F_CLOSEFD = 16, F_INIT = 32 };
#define FILEIO(v) ((struct hd_fileio *)hd_ptr(v))
enum { MAX_IO = INT_MAX & ~4095 };

static hd_value file_make(hd_value type, const hd_value *args, size_t nargs, hd_value kwnames)
{
    hd_value v = hd_alloc_instance(HD_TYPE(type), 0);
    if (v != HD_ERR) {
        HD_INIT(FILEIO(v), fd, -1);
        HD_INIT(FILEIO(v), seekable, -1);
    }
    return v;
}

/* Ends a system call that failed: EINTR after a signal handler that did not raise means again (true). */
static bool again(int err) { return err == EINTR && hd_check_signals() == 0; }

static int file_init(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
{
    hd_value a[4];
    if (hd_args("FileIO", "file,|mode,closefd,opener", args, nargs, kwnames, a) < 0) return -1;
    struct hd_fileio *f = FILEIO(self);
    const char *m = "r";
    size_t n;
    if (a[1] != HD_ABSENT) {
        if (!hd_is_str(a[1])) { hd_raise(&hd_exc_TypeError, "FileIO() argument 'mode' must be str, not %A", a[1]); return -1; }
        if (!(m = hd_str_as_utf8(a[1], &n))) return -1;
    }
    int closefd = a[2] == HD_ABSENT ? 1 : hd_truth(a[2]);
    if (closefd < 0) return -1;
    hd_value opener = a[3] == HD_ABSENT ? HD_NONE : a[3];
    int64_t flags = F_INIT | (closefd ? F_CLOSEFD : 0);
    int o = 0, kinds = 0;
    bool plus = false;
    for (const char *p = m; *p; p++) switch (*p) {
        case 'x': kinds++; flags |= F_WRITE | F_CREATE; o |= O_EXCL | O_CREAT; break;
        case 'r': kinds++; flags |= F_READ; break;
        case 'w': kinds++; flags |= F_WRITE; o |= O_CREAT | O_TRUNC; break;
        case 'a': kinds++; flags |= F_WRITE | F_APPEND; o |= O_APPEND | O_CREAT; break;
        case 'b': break;
        case '+': if (plus) kinds = 9; plus = true; flags |= F_READ | F_WRITE; break;
        default: hd_raise(&hd_exc_ValueError, "invalid mode: %.200s", m); return -1;
    }
    if (kinds != 1) { hd_raise(&hd_exc_ValueError, "Must have exactly one of create/read/write/append mode and at most one plus"); return -1; }
    o |= O_CLOEXEC | ((flags & (F_READ | F_WRITE)) == (F_READ | F_WRITE) ? O_RDWR : flags & F_READ ? O_RDONLY : O_WRONLY);
    int64_t fd = -1;
    bool opened = false;
    if (hd_is_int(a[0])) {
        if (hd_as_i64(a[0], &fd) < 0) return -1;
        if (fd < 0 || fd > INT_MAX) { hd_raise(&hd_exc_ValueError, fd < 0 ? "negative file descriptor" : "file descriptor too large"); return -1; }
    } else {
        if (!closefd) { hd_raise(&hd_exc_ValueError, "Cannot use closefd=False with file name"); return -1; }
        if (opener != HD_NONE) {
            hd_value r = hd_callv(opener, a[0], hd_fix(o));
            if (r == HD_ERR) return -1;
            if (!hd_is_int(r)) { hd_raise(&hd_exc_TypeError, "expected integer from opener"); return -1; }
            if (hd_as_i64(r, &fd) < 0) return -1;
            if (fd < 0) { hd_raise(&hd_exc_ValueError, "opener returned %lld", (long long)fd); return -1; }
        } else {
            const char *path = hd_fs_path_c(a[0], NULL);
            if (!path) return -1;
            int err = 0, r;
            bool tried = false;
            do {
                HD_BLOCKING
                    r = open(path, o, 0666);
                    err = r < 0 ? errno : 0;
                HD_END_BLOCKING
            } while (r < 0 && (again(err) || hd_descriptors_freed(err, &tried)));
            if (r < 0) {
                if (!hd_exc_pending()) hd_raise_errno(err, a[0], HD_ABSENT);
                return -1;
            }
            fd = r;
            opened = true;
        }
    }
    struct stat st = { 0 };
    int64_t blksize = HD_IO_BUFFER;
    if (fstat((int)fd, &st) == 0) {
        if (S_ISDIR(st.st_mode)) {
            if (opened) close((int)fd);
            hd_raise_errno(EISDIR, a[0], HD_ABSENT);
            return -1;
        }
        if (st.st_blksize > 1) blksize = st.st_blksize;
    } else if (errno == EBADF) {
        hd_raise_errno(EBADF, a[0], HD_ABSENT);
        return -1;
    }
    if (closefd) hd_descriptor_opened((int)fd);
    if (flags & F_APPEND) lseek((int)fd, 0, SEEK_END);
    if (closefd && (flags & F_WRITE || !S_ISREG(st.st_mode))) hd_idle_arm();
    if (opened && flags & F_WRITE) hd_io_writer_opened((int)fd, &st);
    else if (opened) hd_io_writer_closed((int)fd);
    hd_fileio_w w = hd_fileio_open(f);
    HD_PUT(w, fd, fd);
    HD_PUT(w, flags, flags);
    HD_PUT(w, blksize, blksize);
    HD_PUT(w, seekable, -1);
    return hd_setattr(self, hd_s_name, a[0]) < 0 ? -1 : 0;
}

static int64_t file_fd(hd_value self, int64_t need, const char *action)
{
    struct hd_fileio *f = FILEIO(self);
    int64_t fd = HD_GET(f, fd);
    if (fd < 0) { hd_raise(&hd_exc_ValueError, "I/O operation on closed file"); return -1; }
    if (need && !(HD_GET(f, flags) & need)) {
        hd_io_unsupported(need == F_READ ? "File not open for reading" : "File not open for writing");
        return -1;
    }
    return fd;
}

/* read(2) into a fresh bytes object of n bytes; HD_NONE: would block. */
static hd_value read_some(int64_t fd, int64_t n)
{
    if (n > MAX_IO) n = MAX_IO;
    hd_value b = hd_bytes_new(NULL, (size_t)n);
    if (b == HD_ERR) return HD_ERR;
    ssize_t got;
    int err;
    do {
        HD_BLOCKING
            got = read((int)fd, HD_BYTES(b)->data, (size_t)n);
            err = errno;
        HD_END_BLOCKING
    } while (got < 0 && again(err));
    if (got < 0) {
        if (hd_exc_pending()) return HD_ERR;
        return err == EAGAIN ? HD_NONE : hd_raise_errno(err, HD_ABSENT, HD_ABSENT);
    }
    return got == n ? b : hd_bytes_new(HD_BYTES(b)->data, (size_t)got);
}
IO_DEF(file_readall)
{
    int64_t fd = file_fd(self, 0, NULL);
    if (fd < 0) return HD_ERR;
    struct stat st;
    int64_t chunk = HD_IO_BUFFER * 8;
    if (fstat((int)fd, &st) == 0 && st.st_size > 0) {
        off_t at = lseek((int)fd, 0, SEEK_CUR);
        if (at >= 0 && st.st_size >= at) chunk = st.st_size - at + 1;
    }
    hd_value parts = hd_list_new(2);
    for (;;) {
        hd_value b = read_some(fd, chunk);
        if (b == HD_ERR) return HD_ERR;
        if (b == HD_NONE) { if (hd_list_len(parts) == 0) return HD_NONE; break; }
        int64_t n = HD_BYTES(b)->len;
        if (n == 0) break;
        if (hd_list_append(parts, b) < 0) return HD_ERR;
        chunk = n < chunk ? HD_IO_BUFFER : chunk * 2 > (64 << 20) ? 64 << 20 : chunk * 2;
    }
    if (hd_list_len(parts) == 1) return hd_list_get(parts, 0);
    return hd_bytes_join(hd_empty_bytes, parts);
}
IO_DEF(file_read)
{
    int64_t n, fd = file_fd(self, F_READ, "reading");
    if (fd < 0 || hd_io_size(args, nargs, 0, &n) < 0) return HD_ERR;
    if (n < 0) return file_readall(self, NULL, 0, 0);
    return read_some(fd, n);
}
IO_DEF(file_readinto)
{
    int64_t fd = file_fd(self, F_READ, "reading");
    if (fd < 0) return HD_ERR;
    struct hd_buffer b;
    if (hd_buffer_get(args[0], &b, true) < 0) return HD_ERR;
    hd_value data = read_some(fd, b.len);
    if (data != HD_ERR && data != HD_NONE) {
        
        hd_buffer_store(&b, 0, HD_BYTES(data)->data, HD_BYTES(data)->len);
    }
    hd_buffer_release(&b);
    return data == HD_ERR || data == HD_NONE ? data : hd_int(HD_BYTES(data)->len);
}
IO_DEF(file_write)
{
    int64_t fd = file_fd(self, F_WRITE, "writing");
    if (fd < 0) return HD_ERR;
    if (hd_is_str(args[0])) return hd_raise(&hd_exc_TypeError, "a bytes-like object is required, not '%T'", args[0]);
    hd_value data = args[0];
    if (!hd_is_bytes_exact(data)) {                         /* a mutable buffer may change while no transaction runs */
        struct hd_buffer b;
        if (hd_buffer_get(data, &b, false) < 0) return HD_ERR;
        data = hd_bytes_new(b.data, (size_t)b.len);
        hd_buffer_release(&b);
        if (data == HD_ERR) return HD_ERR;
    }
    int64_t n = HD_BYTES(data)->len;
    if (n > MAX_IO) n = MAX_IO;
    ssize_t put;
    int err;
    do {
        HD_BLOCKING
            put = write((int)fd, HD_BYTES(data)->data, (size_t)n);
            err = errno;
        HD_END_BLOCKING
    } while (put < 0 && again(err));
    if (put >= 0) return hd_int(put);
    if (hd_exc_pending()) return HD_ERR;
    return err == EAGAIN ? HD_NONE : hd_raise_errno(err, HD_ABSENT, HD_ABSENT);
}
IO_DEF(file_seek)
{
    int64_t fd = file_fd(self, 0, NULL), at;
    int whence = 0;
    if (fd < 0) return HD_ERR;
    if (hd_is_float_exact(args[0])) return hd_raise(&hd_exc_TypeError, "an integer is required");
    if (hd_as_i64(args[0], &at) < 0 || (nargs > 1 && hd_as_int32(args[1], &whence) < 0)) return HD_ERR;
    off_t r;
    int err;
    HD_BLOCKING
        r = lseek((int)fd, at, whence);
        err = errno;
    HD_END_BLOCKING
    return r < 0 ? hd_raise_errno(err, HD_ABSENT, HD_ABSENT) : hd_int(r);
}
IO_DEF(file_tell)
{
    int64_t fd = file_fd(self, 0, NULL);
    if (fd < 0) return HD_ERR;
    off_t r = lseek((int)fd, 0, SEEK_CUR);
    return r < 0 ? hd_raise_errno(errno, HD_ABSENT, HD_ABSENT) : hd_int(r);
}
IO_DEF(file_truncate)
{
    int64_t fd = file_fd(self, F_WRITE, "writing"), size;
    if (fd < 0) return HD_ERR;
    if (nargs == 0 || args[0] == HD_NONE) {
        if ((size = lseek((int)fd, 0, SEEK_CUR)) < 0) return hd_raise_errno(errno, HD_ABSENT, HD_ABSENT);
    } else if (hd_as_i64(args[0], &size) < 0) return HD_ERR;
    int r, err;
    HD_BLOCKING
        r = ftruncate((int)fd, size);
        err = errno;
    HD_END_BLOCKING
    return r < 0 ? hd_raise_errno(err, HD_ABSENT, HD_ABSENT) : hd_int(size);
}
IO_DEF(file_close)
{
    struct hd_fileio *f = FILEIO(self);
    int64_t fd = HD_GET(f, fd), flags = HD_GET(f, flags);
    if (fd < 0) return HD_NONE;
    hd_fileio_w w = hd_fileio_open(f);
    HD_PUT(w, fd, -1);
    HD_PUT(w, closed_base, 1);
    if (!(flags & F_CLOSEFD)) return HD_NONE;
    hd_io_writer_closed((int)fd);
    int r, err;
    HD_BLOCKING
        r = close((int)fd);
        err = errno;
    HD_END_BLOCKING
    return r < 0 && err != EINTR ? hd_raise_errno(err, HD_ABSENT, HD_ABSENT) : HD_NONE;
}
IO_DEF(file_readable)
{
    return file_fd(self, 0, NULL) < 0 ? HD_ERR : hd_bool(HD_GET(FILEIO(self), flags) & F_READ);
}
IO_DEF(file_writable)
{
    return file_fd(self, 0, NULL) < 0 ? HD_ERR : hd_bool(HD_GET(FILEIO(self), flags) & F_WRITE);
}
IO_DEF(file_seekable)
{
    int64_t fd = file_fd(self, 0, NULL);
    if (fd < 0) return HD_ERR;
    int64_t s = HD_GET(FILEIO(self), seekable);
    if (s < 0) {
        s = lseek((int)fd, 0, SEEK_CUR) >= 0;
        hd_fileio_w w = hd_fileio_open(FILEIO(self));
        HD_PUT(w, seekable, s);
    }
    return hd_bool(s);
}
IO_DEF(file_fileno)
{
    int64_t fd = file_fd(self, 0, NULL);
    return fd < 0 ? HD_ERR : hd_int(fd);
}
IO_DEF(file_isatty)
{
    int64_t fd = file_fd(self, 0, NULL);
    return fd < 0 ? HD_ERR : hd_bool(isatty((int)fd));
}
static const char *mode_text(int64_t flags)
{
    if (flags & F_CREATE) return flags & F_READ ? "xb+" : "xb";
    if (flags & F_APPEND) return flags & F_READ ? "ab+" : "ab";
    if (flags & F_READ) return flags & F_WRITE ? "rb+" : "rb";
    return "wb";
}
static hd_value file_mode(hd_value self, void *c) { return hd_intern(mode_text(HD_GET(FILEIO(self), flags))); }
bool hd_io_file_is_closed(hd_value f) { return HD_GET(FILEIO(f), fd) < 0; }
static hd_value file_closed(hd_value self, void *c) { return hd_bool(HD_GET(FILEIO(self), fd) < 0); }
static hd_value file_closefd(hd_value self, void *c) { return hd_bool(HD_GET(FILEIO(self), flags) & F_CLOSEFD); }
static hd_value file_blksize(hd_value self, void *c) { return hd_int(HD_GET(FILEIO(self), blksize)); }
static hd_value file_repr(hd_value self)
{
    struct hd_fileio *f = FILEIO(self);
    int64_t fd = HD_GET(f, fd), flags = HD_GET(f, flags);
    if (fd < 0) return hd_str_utf8("<_io.FileIO [closed]>");
    hd_value name = hd_getattr_opt(self, hd_s_name);
    if (name == HD_ERR) return HD_ERR;
    if (name == HD_ABSENT) return hd_str_format("<_io.FileIO fd=%lld mode='%s' closefd=%s>", (long long)fd, mode_text(flags), flags & F_CLOSEFD ? "True" : "False");
    int r = hd_repr_enter(self);
    if (r < 0) return HD_ERR;
    if (r) return hd_raise(&hd_exc_RuntimeError, "reentrant call inside %s.__repr__", "_io.FileIO");
    hd_value s = hd_str_format("<_io.FileIO name=%R mode='%s' closefd=%s>", name, mode_text(flags), flags & F_CLOSEFD ? "True" : "False");
    hd_repr_leave(self);
    return s;
}
static void file_finalise(hd_value self)
{
    struct hd_fileio *f = FILEIO(self);
    if (HD_GET(f, fd) < 0 || !(HD_GET(f, flags) & F_CLOSEFD)) return;
    if (hd_warn(&hd_exc_ResourceWarning, 1, "unclosed file %R", self) < 0) hd_exc_print_unraisable(NULL, self);
    hd_io_close_above(self);
    if (hd_io_call0(self, "close") == HD_ERR) hd_exc_clear();
}
HD_WAITS(file_read) HD_WAITS(file_readall) HD_WAITS(file_readinto)
static const struct hd_methoddef methods[] = {
    { "read", file_read_waits, 0, 1, 0, "read($self, size=-1, /)\n--\n\nAt most size bytes." },
    { "readall", file_readall_waits, 0, 0, 0, "readall($self, /)\n--\n\nEverything up to the end." },
    { "readinto", file_readinto_waits, 1, 1, 0, "readinto($self, buffer, /)\n--\n\nReads into a buffer." },
    { "write", file_write, 1, 1, 0, "write($self, b, /)\n--\n\nWrites bytes; how many." },
    { "seek", file_seek, 1, 2, 0, "seek($self, pos, whence=0, /)\n--\n\nChanges the position." },
    { "tell", file_tell, 0, 0, 0, "tell($self, /)\n--\n\nThe position." },
    { "truncate", file_truncate, 0, 1, 0, "truncate($self, size=None, /)\n--\n\nCuts the file off." },
    { "close", file_close, 0, 0, 0, "close($self, /)\n--\n\nCloses the file." },
    { "seekable", file_seekable, 0, 0, 0, NULL }, { "readable", file_readable, 0, 0, 0, NULL }, { "writable", file_writable, 0, 0, 0, NULL },
    { "fileno", file_fileno, 0, 0, 0, NULL }, { "isatty", file_isatty, 0, 0, 0, NULL },
    { 0 }
};
static const struct hd_getsetdef getsets[] = {
    { "closed", file_closed, NULL, NULL, NULL }, { "closefd", file_closefd, NULL, NULL, NULL }, { "mode", file_mode, NULL, NULL, NULL },
    { "_blksize", file_blksize, NULL, NULL, NULL }, { 0 }
};
struct hd_type hd_fileio_type = {
    .cname = "_io.FileIO", .basicsize = sizeof(struct hd_fileio), .base = &hd_rawiobase_type,
    .flags = HD_TF_BASETYPE | HD_TF_HAS_DICT | HD_TF_HAS_WEAKREFS | HD_TF_HAS_FINALISER, .doc = "A file, unbuffered.",
    .methods = methods, .getsets = getsets, .op = { .make = file_make, .init = file_init, .repr = file_repr, .finalise = file_finalise },
};
