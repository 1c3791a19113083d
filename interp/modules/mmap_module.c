/* The module mmap.
 *
 * MM1: mapped memory is shared with other processes and never rolled back: whoever writes into it has an irrevocable
 *      transaction.  Who writes through a view asks for the buffer once more just before (hd_buffer_open).
 * MM2: memory is unmapped or moved with the world stopped, and no barrier stands between the load of the address and its
 *      last use: so nobody works on memory that is gone. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include "interp/eval/eval.h"
#include "interp/modules/modules.h"
#include "interp/types/bytes.h"

#define ARGS hd_value self, const hd_value *args, size_t nargs, hd_value kwnames
enum { ACCESS_DEFAULT, ACCESS_READ, ACCESS_WRITE, ACCESS_COPY };

HD_MUTABLE(map)
struct map {
    struct hd_mhead head;
    HD_PSLOT(unsigned char) data;          /* NULL: closed */
    hd_islot size, pos, exports, fd;       /* fd: -1 for anonymous memory */
    int64_t offset;                        /* fixed */
    int access;                            /* fixed */
};
HD_MUTABLE_OPEN(map, hd_inst_size(o))
#define MAP(v) ((struct map *)hd_ptr(v))
static struct hd_type map_type;

static int alive(struct map *m)
{
    if (HD_GET(m, data)) return 0;
    (void)hd_raise(&hd_exc_ValueError, "mmap closed or invalid");
    return -1;
}
static int writable(struct map *m)
{
    if (alive(m) < 0) return -1;
    if (m->access != ACCESS_READ) return 0;
    (void)hd_raise(&hd_exc_TypeError, "mmap can't modify a readonly memory map.");
    return -1;
}
static void set_pos(struct map *m, int64_t pos)
{
    map_w w = map_open(m);
    HD_PUT(w, pos, pos);
}
static hd_value bytes_at(struct map *m, int64_t from, int64_t n)
{
    hd_value v = hd_bytes_new(NULL, (size_t)n);
    if (v == HD_ERR) return v;
    const unsigned char *p = HD_GET(m, data);
    memcpy(HD_BYTES(v)->data, p + from, (size_t)n);
    return v;
}
/* n bytes into the memory; p is C or immutable memory. */
static void store(struct map *m, int64_t at, const void *p, size_t n)
{
    stm_become_irrevocable();
    memcpy(HD_GET(m, data) + at, p, n);
}

/* ---- making and closing ----------------------------------------------------------------------------------------------------- */
struct mapping { void *p; size_t n; int fd; };
static void release(void *arg)
{
    struct mapping *g = arg;
    if (g->p) munmap(g->p, g->n);
    if (g->fd >= 0) close(g->fd);
    free(g);
}
static hd_value map_make(hd_value type, const hd_value *args, size_t nargs, hd_value kwnames)
{
    hd_value a[6];
    int fd, flags = MAP_SHARED, prot = PROT_READ | PROT_WRITE, access = ACCESS_DEFAULT, err = 0, own = -1;
    int64_t length, offset = 0;
    if (hd_args("mmap", "fileno,length,|flags,prot,access,offset", args, nargs, kwnames, a) < 0 || hd_as_int32(a[0], &fd) < 0 || hd_as_i64(a[1], &length) < 0 ||
        (a[2] != HD_ABSENT && hd_as_int32(a[2], &flags) < 0) || (a[3] != HD_ABSENT && hd_as_int32(a[3], &prot) < 0) || (a[4] != HD_ABSENT && hd_as_int32(a[4], &access) < 0) ||
        (a[5] != HD_ABSENT && hd_as_i64(a[5], &offset) < 0)) return HD_ERR;
    if (length < 0) return hd_raise(&hd_exc_OverflowError, "memory mapped length must be positive");
    if (offset < 0) return hd_raise(&hd_exc_OverflowError, "memory mapped offset must be positive");
    if (access != ACCESS_DEFAULT && (flags != MAP_SHARED || prot != (PROT_READ | PROT_WRITE))) return hd_raise(&hd_exc_ValueError, "mmap can't specify both access and flags, prot.");
    switch (access) {
    case ACCESS_READ: flags = MAP_SHARED, prot = PROT_READ; break;
    case ACCESS_WRITE: flags = MAP_SHARED, prot = PROT_READ | PROT_WRITE; break;
    case ACCESS_COPY: flags = MAP_PRIVATE, prot = PROT_READ | PROT_WRITE; break;
    case ACCESS_DEFAULT:
        if ((prot & PROT_READ) && (prot & PROT_WRITE)) break;
        access = prot & PROT_WRITE ? ACCESS_WRITE : ACCESS_READ;
        break;
    default: return hd_raise(&hd_exc_ValueError, "mmap invalid access parameter.");
    }
    struct stat st;
    int have = -1;
    if (fd != -1) {
        HD_BLOCKING
            have = fstat(fd, &st);
        HD_END_BLOCKING
        if (have == 0 && S_ISREG(st.st_mode)) {
            if (length == 0) {
                if (st.st_size == 0) return hd_raise(&hd_exc_ValueError, "cannot mmap an empty file");
                if (offset >= st.st_size) return hd_raise(&hd_exc_ValueError, "mmap offset is greater than file size");
                length = st.st_size - offset;
            } else if (offset > st.st_size || st.st_size - offset < length) return hd_raise(&hd_exc_ValueError, "mmap length is greater than file size");
        }
    } else flags |= MAP_ANONYMOUS;
    struct mapping *g;
    HD_BLOCKING
        if ((g = malloc(sizeof *g))) {
            if (fd != -1 && (own = fcntl(fd, F_DUPFD_CLOEXEC, 0)) < 0) err = errno;
            g->p = err ? MAP_FAILED : mmap(NULL, (size_t)length, prot, flags, own, offset);
            if (g->p == MAP_FAILED) {
                if (!err) err = errno;
                if (own >= 0) close(own);
                free(g);
            } else g->n = (size_t)length, g->fd = own;
        } else err = ENOMEM;
    HD_END_BLOCKING
    if (err) return hd_raise_errno(err, HD_ABSENT, HD_ABSENT);
    hd_value v = hd_alloc_instance(HD_TYPE(type), 0);
    if (v == HD_ERR) { stm_on_commit(release, g); return v; }
    struct map *m = MAP(v);
    HD_INIT(m, data, g->p);
    HD_INIT(m, size, length);
    HD_INIT(m, fd, own);
    m->offset = offset, m->access = access;
    stm_on_commit(free, g);
    return v;
}
/* Views that nothing refers to any more are released by their finaliser. */
static bool is_exported(struct map *m, hd_cfunc called_as, const hd_value *args)
{
    if (HD_GET(m, exports) > 0) {
        hd_value self = hd_obj(m);
        hd_release_garbage(called_as, args, &self, 1);
    }
    return HD_GET(m, exports) > 0;
}
static hd_value map_close(ARGS)
{
    struct map *m = MAP(self);
    if (is_exported(m, map_close, args)) return hd_raise(&hd_exc_BufferError, "cannot close exported pointers exist");
    if (!HD_GET(m, data)) return HD_NONE;
    stm_become_irrevocable();
    void *p = HD_GET(m, data);
    size_t n = (size_t)HD_GET(m, size);
    int fd = (int)HD_GET(m, fd);
    map_w w = map_open(m);
    HD_PUT(w, data, NULL);
    HD_PUT(w, fd, -1);
    stm_stop_world();
    munmap(p, n);
    stm_resume_world();
    if (fd >= 0) close(fd);
    return HD_NONE;
}
static void map_finalise(hd_value self)
{
    struct map *m = MAP(self);
    if (!HD_GET(m, data)) return;
    struct mapping found = { HD_GET(m, data), (size_t)HD_GET(m, size), (int)HD_GET(m, fd) };
    map_w w = map_open(m);
    struct mapping *g = malloc(sizeof *g);           /* an abort may leave this function until here */
    if (!g) return;
    *g = found;
    HD_PUT(w, data, NULL);
    HD_PUT(w, fd, -1);
    stm_on_commit(release, g);
}
static hd_value map_resize(ARGS)
{
    struct map *m = MAP(self);
    int64_t n;
    if (alive(m) < 0) return HD_ERR;
    if (hd_as_i64(args[0], &n) < 0 || alive(m) < 0) return HD_ERR;
    if (is_exported(m, map_resize, args)) return hd_raise(&hd_exc_BufferError, "mmap can't resize with extant buffers exported.");
    if (m->access != ACCESS_WRITE && m->access != ACCESS_DEFAULT) return hd_raise(&hd_exc_TypeError, "mmap can't resize a readonly or copy-on-write memory map.");
    if (n < 0 || n > INT64_MAX - m->offset) return hd_raise(&hd_exc_ValueError, "new size out of range");
    stm_become_irrevocable();
    int fd = (int)HD_GET(m, fd), err = 0;
    if (fd >= 0 && ftruncate(fd, m->offset + n) < 0) return hd_raise_errno(errno, HD_ABSENT, HD_ABSENT);
    stm_stop_world();
    void *p = mremap(HD_GET(m, data), (size_t)HD_GET(m, size), (size_t)n, MREMAP_MAYMOVE);
    if (p == MAP_FAILED) err = errno;
    else {
        map_w w = map_open(m);
        HD_PUT(w, data, p);
        HD_PUT(w, size, n);
    }
    stm_resume_world();
    return err ? hd_raise_errno(err, HD_ABSENT, HD_ABSENT) : HD_NONE;
}

/* ---- reading and writing at the position --------------------------------------------------------------------------------------- */
static hd_value map_read(ARGS)
{
    struct map *m = MAP(self);
    int64_t n = INT64_MAX;
    if (nargs && args[0] != HD_NONE && hd_as_index(args[0], &n) < 0) return HD_ERR;
    if (alive(m) < 0) return HD_ERR;
    int64_t pos = HD_GET(m, pos), left = HD_GET(m, size) - pos;
    if (left < 0) left = 0;
    if (n < 0 || n > left) n = left;
    hd_value v = bytes_at(m, pos, n);
    if (v != HD_ERR) set_pos(m, pos + n);
    return v;
}
static hd_value map_readline(ARGS)
{
    struct map *m = MAP(self);
    if (alive(m) < 0) return HD_ERR;
    int64_t pos = HD_GET(m, pos), left = HD_GET(m, size) - pos;
    if (left <= 0) return hd_empty_bytes;
    const unsigned char *p = HD_GET(m, data), *e = memchr(p + pos, '\n', (size_t)left);
    int64_t n = e ? e + 1 - (p + pos) : left;
    hd_value v = bytes_at(m, pos, n);
    if (v != HD_ERR) set_pos(m, pos + n);
    return v;
}
static hd_value map_read_byte(ARGS)
{
    struct map *m = MAP(self);
    if (alive(m) < 0) return HD_ERR;
    int64_t pos = HD_GET(m, pos);
    if (pos >= HD_GET(m, size)) return hd_raise(&hd_exc_ValueError, "read byte out of range");
    int c = HD_GET(m, data)[pos];
    set_pos(m, pos + 1);
    return hd_fix(c);
}
static hd_value map_write(ARGS)
{
    struct map *m = MAP(self);
    hd_value b = alive(m) < 0 ? HD_ERR : hd_bytes_fixed(args[0]);
    if (b == HD_ERR || writable(m) < 0) return HD_ERR;
    int64_t pos = HD_GET(m, pos), n = HD_BYTES(b)->len;
    if (pos > HD_GET(m, size) || HD_GET(m, size) - pos < n) return hd_raise(&hd_exc_ValueError, "data out of range");
    set_pos(m, pos + n);
    store(m, pos, HD_BYTES(b)->data, (size_t)n);
    return hd_int(n);
}
static hd_value map_write_byte(ARGS)
{
    struct map *m = MAP(self);
    int64_t c;
    if (alive(m) < 0 || hd_as_i64(args[0], &c) < 0) return HD_ERR;
    if (c < -128 || c > 255) return hd_raise(&hd_exc_OverflowError, "unsigned byte integer is %s", c < 0 ? "less than minimum" : "greater than maximum");
    if (writable(m) < 0) return HD_ERR;
    int64_t pos = HD_GET(m, pos);
    if (pos >= HD_GET(m, size)) return hd_raise(&hd_exc_ValueError, "write byte out of range");
    unsigned char byte = (unsigned char)c;
    set_pos(m, pos + 1);
    store(m, pos, &byte, 1);
    return HD_NONE;
}
static hd_value map_seek(ARGS)
{
    struct map *m = MAP(self);
    int64_t d;
    int how = 0;
    if (hd_as_i64(args[0], &d) < 0 || (nargs > 1 && hd_as_int32(args[1], &how) < 0) || alive(m) < 0) return HD_ERR;
    if (how < 0 || how > 2) return hd_raise(&hd_exc_ValueError, "unknown seek type");
    int64_t size = HD_GET(m, size), base = how == 0 ? 0 : how == 1 ? HD_GET(m, pos) : size, to;
    if (__builtin_add_overflow(base, d, &to) || to < 0 || to > size) return hd_raise(&hd_exc_ValueError, "seek out of range");
    set_pos(m, to);
    return HD_NONE;
}
static hd_value map_tell(ARGS) { return alive(MAP(self)) < 0 ? HD_ERR : hd_int(HD_GET(MAP(self), pos)); }
static hd_value map_size(ARGS)
{
    struct map *m = MAP(self);
    struct stat st;
    if (alive(m) < 0) return HD_ERR;
    int fd = (int)HD_GET(m, fd);
    if (fd < 0) return hd_int(HD_GET(m, size));
    return fstat(fd, &st) < 0 ? hd_raise_errno(errno, HD_ABSENT, HD_ABSENT) : hd_int(st.st_size);
}
static hd_value find(hd_value self, const hd_value *args, size_t nargs, bool last)
{
    struct map *m = MAP(self);
    if (alive(m) < 0) return HD_ERR;
    hd_value sub = hd_bytes_fixed(args[0]);
    int64_t size = HD_GET(m, size), from = HD_GET(m, pos), to = size;
    if (sub == HD_ERR || (nargs > 1 && hd_as_index(args[1], &from) < 0) || (nargs > 2 && hd_as_index(args[2], &to) < 0) || alive(m) < 0) return HD_ERR;
    if (from < 0) from = from + size < 0 ? 0 : from + size;
    if (to < 0) to = to + size < 0 ? 0 : to + size;
    if (from > size) from = size;
    if (to > size) to = size;
    if (to - from < HD_BYTES(sub)->len) return hd_fix(-1);
    const unsigned char *p = HD_GET(m, data) + from;
    int64_t i = last ? hd_search_last(1, p, to - from, HD_BYTES(sub)->data, HD_BYTES(sub)->len) : hd_search(1, p, to - from, HD_BYTES(sub)->data, HD_BYTES(sub)->len);
    return hd_int(i < 0 ? -1 : i + from);
}
static hd_value map_find(ARGS) { return find(self, args, nargs, false); }
static hd_value map_rfind(ARGS) { return find(self, args, nargs, true); }
static hd_value map_move(ARGS)
{
    struct map *m = MAP(self);
    int64_t dest, src, n;
    if (hd_as_i64(args[0], &dest) < 0 || hd_as_i64(args[1], &src) < 0 || hd_as_i64(args[2], &n) < 0 || writable(m) < 0) return HD_ERR;
    int64_t size = HD_GET(m, size);
    if (dest < 0 || src < 0 || n < 0 || size - dest < n || size - src < n) return hd_raise(&hd_exc_ValueError, "source, destination, or count out of range");
    stm_become_irrevocable();
    unsigned char *p = HD_GET(m, data);
    memmove(p + dest, p + src, (size_t)n);
    return HD_NONE;
}
static hd_value map_flush(ARGS)
{
    struct map *m = MAP(self);
    int64_t at = 0, n;
    if (alive(m) < 0) return HD_ERR;
    n = HD_GET(m, size);
    if ((nargs > 0 && hd_as_i64(args[0], &at) < 0) || (nargs > 1 && hd_as_i64(args[1], &n) < 0)) return HD_ERR;
    if (at < 0 || n < 0 || n > HD_GET(m, size) - at) return hd_raise(&hd_exc_ValueError, "flush values out of range");
    if (m->access == ACCESS_READ || m->access == ACCESS_COPY) return HD_NONE;
    unsigned char *p = HD_GET(m, data) + at;
    int err = 0;
    HD_BLOCKING
        if (msync(p, (size_t)n, MS_SYNC) < 0) err = errno;
    HD_END_BLOCKING
    return err ? hd_raise_errno(err, HD_ABSENT, HD_ABSENT) : HD_NONE;
}
static hd_value map_madvise(ARGS)
{
    struct map *m = MAP(self);
    int option;
    int64_t at = 0, n;
    if (alive(m) < 0 || hd_as_int32(args[0], &option) < 0) return HD_ERR;
    n = HD_GET(m, size);
    if ((nargs > 1 && hd_as_i64(args[1], &at) < 0) || (nargs > 2 && hd_as_i64(args[2], &n) < 0)) return HD_ERR;
    int64_t size = HD_GET(m, size);
    if (at < 0 || at >= size) return hd_raise(&hd_exc_ValueError, "madvise start out of bounds");
    if (n < 0) return hd_raise(&hd_exc_ValueError, "madvise length invalid");
    if (INT64_MAX - at < n) return hd_raise(&hd_exc_OverflowError, "madvise length too large");
    if (at + n > size) n = size - at;
    stm_become_irrevocable();
    return madvise(HD_GET(m, data) + at, (size_t)n, option) < 0 ? hd_raise_errno(errno, HD_ABSENT, HD_ABSENT) : HD_NONE;
}
static hd_value map_enter(ARGS) { return alive(MAP(self)) < 0 ? HD_ERR : self; }
static hd_value map_exit(ARGS) { return map_close(self, NULL, 0, 0); }
static hd_value map_sizeof(ARGS) { return hd_int((int64_t)hd_inst_size(MAP(self))); }

/* ---- as a sequence and a buffer ---------------------------------------------------------------------------------------------------- */
static int64_t map_len(hd_value self) { return alive(MAP(self)) < 0 ? -1 : HD_GET(MAP(self), size); }
static bool is_index(hd_value k) { return hd_is_int(k) || hd_type_of(k)->op.index; }
static hd_value map_getitem(hd_value self, hd_value key)
{
    struct map *m = MAP(self);
    int64_t i, lo, hi, step, n;
    if (alive(m) < 0) return HD_ERR;
    if (hd_is_shape(key, HD_SHAPE_SLICE)) {
        if (hd_slice_indices(key, HD_GET(m, size), &lo, &hi, &step, &n) < 0 || alive(m) < 0) return HD_ERR;
        if (n <= 0) return hd_empty_bytes;
        if (step == 1) return bytes_at(m, lo, n);
        hd_value v = hd_bytes_new(NULL, (size_t)n);
        const unsigned char *p = HD_GET(m, data);
        for (int64_t k = 0; v != HD_ERR && k < n; k++) HD_BYTES(v)->data[k] = p[lo + k * step];
        return v;
    }
    if (!is_index(key)) return hd_raise(&hd_exc_TypeError, "mmap indices must be integers");
    if (hd_as_i64(key, &i) < 0 || alive(m) < 0) return HD_ERR;
    if (i < 0) i += HD_GET(m, size);
    if (i < 0 || i >= HD_GET(m, size)) return hd_raise(&hd_exc_IndexError, "mmap index out of range");
    return hd_fix(HD_GET(m, data)[i]);
}
static int map_setitem(hd_value self, hd_value key, hd_value v)
{
    struct map *m = MAP(self);
    int64_t i, lo, hi, step, n, c;
    if (writable(m) < 0) return -1;
    if (hd_is_shape(key, HD_SHAPE_SLICE)) {
        if (hd_slice_indices(key, HD_GET(m, size), &lo, &hi, &step, &n) < 0) return -1;
        if (v == HD_ABSENT) { (void)hd_raise(&hd_exc_TypeError, "mmap object doesn't support slice deletion"); return -1; }
        hd_value b = hd_bytes_fixed(v);
        if (b == HD_ERR || writable(m) < 0) return -1;
        if (HD_BYTES(b)->len != n) { (void)hd_raise(&hd_exc_IndexError, "mmap slice assignment is wrong size"); return -1; }
        if (step == 1) { store(m, lo, HD_BYTES(b)->data, (size_t)n); return 0; }
        stm_become_irrevocable();
        unsigned char *p = HD_GET(m, data);
        for (int64_t k = 0; k < n; k++) p[lo + k * step] = HD_BYTES(b)->data[k];
        return 0;
    }
    if (!is_index(key)) { (void)hd_raise(&hd_exc_TypeError, "mmap indices must be integers"); return -1; }
    if (hd_as_i64(key, &i) < 0) return -1;
    if (i < 0) i += HD_GET(m, size);
    if (i < 0 || i >= HD_GET(m, size)) { (void)hd_raise(&hd_exc_IndexError, "mmap index out of range"); return -1; }
    if (v == HD_ABSENT) { (void)hd_raise(&hd_exc_TypeError, "mmap object doesn't support item deletion"); return -1; }
    if (!is_index(v)) { (void)hd_raise(&hd_exc_TypeError, "mmap item value must be an int"); return -1; }
    if (hd_as_i64(v, &c) < 0) return -1;
    if (c < 0 || c > 255) { (void)hd_raise(&hd_exc_ValueError, "mmap item value must be in range(0, 256)"); return -1; }
    if (writable(m) < 0) return -1;
    unsigned char byte = (unsigned char)c;
    store(m, i, &byte, 1);
    return 0;
}
static int map_getbuffer(hd_value self, struct hd_buffer *b, bool want_write)
{
    struct map *m = MAP(self);
    if (alive(m) < 0) return -1;
    bool readonly = m->access == ACCESS_READ;
    if (want_write && !readonly) stm_become_irrevocable();
    int64_t n = HD_GET(m, exports);
    if (hd_buffer_fill(b, self, HD_GET(m, data), HD_GET(m, size), readonly, want_write) < 0) return -1;
    map_w w = map_open(m);
    HD_PUT(w, exports, n + 1);
    return 0;
}
static void map_releasebuffer(hd_value self, struct hd_buffer *b)
{
    int64_t n = HD_GET(MAP(self), exports);
    map_w w = map_open(MAP(self));
    HD_PUT(w, exports, n - 1);
}
static hd_value map_repr(hd_value self)
{
    static const char *const names[] = { "ACCESS_DEFAULT", "ACCESS_READ", "ACCESS_WRITE", "ACCESS_COPY" };
    struct map *m = MAP(self);
    if (!HD_GET(m, data)) return hd_str_format("<%s closed=True>", hd_type_name(hd_type_of(self)));
    return hd_str_format("<%s closed=False, access=%s, length=%lld, pos=%lld, offset=%lld>", hd_type_name(hd_type_of(self)), names[m->access], (long long)HD_GET(m, size),
                         (long long)HD_GET(m, pos), (long long)m->offset);
}
static hd_value map_closed(hd_value self, void *closure) { return hd_bool(!HD_GET(MAP(self), data)); }
static const struct hd_methoddef methods[] = {
    { "close", map_close, 0, 0, 0, NULL }, { "find", map_find, 1, 3, 0, NULL }, { "rfind", map_rfind, 1, 3, 0, NULL }, { "flush", map_flush, 0, 2, 0, NULL },
    { "madvise", map_madvise, 1, 3, 0, NULL }, { "move", map_move, 3, 3, 0, NULL }, { "read", map_read, 0, 1, 0, NULL }, { "read_byte", map_read_byte, 0, 0, 0, NULL },
    { "readline", map_readline, 0, 0, 0, NULL }, { "resize", map_resize, 1, 1, 0, NULL }, { "seek", map_seek, 1, 2, 0, NULL }, { "size", map_size, 0, 0, 0, NULL },
    { "tell", map_tell, 0, 0, 0, NULL }, { "write", map_write, 1, 1, 0, NULL }, { "write_byte", map_write_byte, 1, 1, 0, NULL }, { "__enter__", map_enter, 0, 0, 0, NULL },
    { "__exit__", map_exit, 0, -1, 0, NULL }, { "__sizeof__", map_sizeof, 0, 0, 0, NULL }, { 0 }
};
static const struct hd_getsetdef getsets[] = { { "closed", map_closed, NULL, NULL, NULL }, { 0 } };
static struct hd_type map_type = {
    .cname = "mmap.mmap", .basicsize = sizeof(struct map), .flags = HD_TF_BASETYPE | HD_TF_HAS_WEAKREFS | HD_TF_LATE_FINALISER, .methods = methods, .getsets = getsets,
    .doc = "mmap(fileno, length[, flags[, prot[, access[, offset]]]])\n\nMaps length bytes from the file specified by the file descriptor fileno,\nand returns a mmap object.",
    .op = { .make = map_make, .repr = map_repr, .length = map_len, .getitem = map_getitem, .setitem = map_setitem, .getbuffer = map_getbuffer, .releasebuffer = map_releasebuffer,
            .finalise = map_finalise },
};
static int fill(hd_value m)
{
    static const struct { const char *name; int v; } c[] = {
#define C(x) { #x, x }
        C(PROT_EXEC), C(PROT_READ), C(PROT_WRITE), C(MAP_SHARED), C(MAP_PRIVATE), C(MAP_DENYWRITE), C(MAP_EXECUTABLE), C(MAP_ANONYMOUS), { "MAP_ANON", MAP_ANONYMOUS }, C(MAP_POPULATE),
        C(MAP_STACK), C(MAP_NORESERVE), C(MADV_NORMAL), C(MADV_RANDOM), C(MADV_SEQUENTIAL), C(MADV_WILLNEED), C(MADV_DONTNEED), C(MADV_REMOVE), C(MADV_DONTFORK), C(MADV_DOFORK), C(MADV_HWPOISON),
        C(MADV_MERGEABLE), C(MADV_UNMERGEABLE), C(MADV_HUGEPAGE), C(MADV_NOHUGEPAGE), C(MADV_DONTDUMP), C(MADV_DODUMP), C(MADV_FREE), C(ACCESS_DEFAULT), C(ACCESS_READ), C(ACCESS_WRITE), C(ACCESS_COPY),
#undef C
    };
    for (size_t i = 0; i < sizeof c / sizeof *c; i++) if (hd_module_add_int(m, c[i].name, c[i].v) < 0) return -1;
    long page = sysconf(_SC_PAGESIZE);
    return hd_module_add(m, "error", hd_obj(&hd_exc_OSError)) < 0 || hd_module_add_int(m, "PAGESIZE", page) < 0 || hd_module_add_int(m, "ALLOCATIONGRANULARITY", page) < 0 ? -1 : hd_add_type(m, &map_type);
}
const struct hd_moduledef hd_module_mmap = { "mmap", NULL, NULL, fill };
