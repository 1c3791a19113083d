/* BufferedReader, BufferedWriter, BufferedRandom, BufferedRWPair.
 *
 * All state is in slots: what was read ahead is an immutable bytes object and a position in it; what is to be written is a
 * list of bytes objects.  So buffered output is undone with the transaction that made it, and threads that write to
 * different files do not meet.  The raw stream is called with the object's lock held; data to be written is taken out first,
 * so the order of writes is the order in which the lock was got.
 *
 * B1  The raw position is the logical position plus the bytes read ahead minus the bytes not yet written; not both are > 0. */
#include <errno.h>
#include "interp/modules/io_internal.h"

HD_MUTABLE(hd_buffered)
struct hd_buffered {
    struct hd_mhead head;
    hd_islot closed_base;
    hd_vslot raw;              /* HD_UNBOUND: not initialised or detached */
    hd_vslot ahead;            /* bytes read ahead, or HD_UNBOUND */
    hd_islot pos;              /* position in ahead */
    hd_vslot pending;          /* list of bytes to be written, or HD_UNBOUND */
    hd_islot npending;         /* their size */
    hd_islot size;             /* buffer size */
    hd_islot detached;
    hd_vslot lock;
};
HD_MUTABLE_OPEN(hd_buffered, hd_inst_size(o))
#define BUF(v) ((struct hd_buffered *)hd_ptr(v))

static hd_value raw_of(struct hd_buffered *b)
{
    hd_value raw = HD_GET(b, raw);
    if (raw != HD_UNBOUND && raw != 0) return raw;
    return hd_raise(&hd_exc_ValueError, HD_GET(b, detached) ? "raw stream has been detached" : "I/O operation on uninitialized object");
}
hd_value hd_io_buffered_below(hd_value f) { return HD_GET(BUF(f), raw); }
static int64_t ahead_left(struct hd_buffered *b)
{
    hd_value a = HD_GET(b, ahead);
    return a == HD_UNBOUND || a == 0 ? 0 : HD_BYTES(a)->len - HD_GET(b, pos);
}
static void set_ahead(struct hd_buffered *b, hd_value bytes, int64_t pos)
{
    hd_buffered_w w = hd_buffered_open(b);
    HD_PUT(w, ahead, bytes);
    HD_PUT(w, pos, pos);
}
static int check_open(hd_value self, const char *what)
{
    if (raw_of(BUF(self)) == HD_ERR) return -1;
    int c = hd_io_is_closed(self);
    if (c > 0) hd_raise(&hd_exc_ValueError, "%s of closed file", what);
    return c ? -1 : 0;
}
#define LOCKED(b, ...) do { hd_value lock_ = HD_GET(b, lock); if (hd_lock_acquire(lock_, -1) < 0) return HD_ERR; __VA_ARGS__; if (hd_lock_release(lock_) < 0) return HD_ERR; } while (0)

/* -- writing ------------------------------------------------------------------------------------------------------------------ */
/* Writes all that is pending; the lock is held.  What could not be written stays pending. */
static hd_value flush_pending(struct hd_buffered *b)
{
    while (HD_GET(b, npending) > 0) {
        hd_value list = HD_GET(b, pending), raw = raw_of(b);
        if (raw == HD_ERR) return HD_ERR;
        hd_value data = hd_list_len(list) == 1 ? hd_list_get(list, 0) : hd_bytes_join(hd_empty_bytes, list), fresh = hd_list_new(4);
        if (data == HD_ERR || fresh == HD_ERR) return HD_ERR;
        int64_t total = HD_BYTES(data)->len;
        hd_buffered_w w = hd_buffered_open(b);
        HD_PUT(w, pending, fresh);
        HD_PUT(w, npending, 0);
        hd_value n = hd_io_call1(raw, "write", data);
        int64_t done = 0;
        if (n == HD_NONE) n = hd_raise_errno(EAGAIN, HD_ABSENT, HD_ABSENT);
        else if (n != HD_ERR && (hd_as_i64(n, &done) < 0)) n = HD_ERR;
        if (n != HD_ERR && (done < 0 || done > total)) {
            n = hd_raise(&hd_exc_OSError, "raw write() returned invalid length %lld (should have been between 0 and %lld)", (long long)done, (long long)total);
            done = 0;
        }
        if (done < total) {                                 /* the rest goes in front of what came meanwhile */
            hd_value e = n == HD_ERR ? hd_exc_take() : HD_ABSENT;
            hd_value rest = hd_bytes_new(HD_BYTES(data)->data + done, (size_t)(total - done));
            if (rest == HD_ERR || hd_list_insert(HD_GET(b, pending), 0, rest) < 0) return HD_ERR;
            hd_buffered_w again = hd_buffered_open(b);
            HD_PUT(again, npending, HD_OWN(again, npending) + total - done);
            if (e != HD_ABSENT) { hd_exc_put(e); return HD_ERR; }
        }
    }
    return HD_NONE;
}
/* Undoes reading ahead so that writes go to the logical position. */
static hd_value forget_ahead(struct hd_buffered *b)
{
    int64_t left = ahead_left(b);
    set_ahead(b, HD_UNBOUND, 0);
    if (left == 0) return HD_NONE;
    hd_value raw = raw_of(b), a[] = { hd_int(-left), hd_fix(1) };
    return raw == HD_ERR ? HD_ERR : hd_io_method(raw, "seek", a, 2);
}
static hd_value flush_all(hd_value self)
{
    struct hd_buffered *b = BUF(self);
    hd_value r;
    bool both = hd_subtype(hd_type_of(self), &hd_bufferedrandom_type);
    LOCKED(b, { r = flush_pending(b); if (r != HD_ERR && both && ahead_left(b)) r = forget_ahead(b); });
    return r == HD_ERR ? HD_ERR : HD_NONE;
}
IO_DEF(buf_write)
{
    struct hd_buffered *b = BUF(self);
    if (raw_of(b) == HD_ERR) return HD_ERR;
    if (hd_is_str(args[0])) return hd_raise(&hd_exc_TypeError, "a bytes-like object is required, not 'str'");
    hd_value data = args[0];
    if (!hd_is_bytes_exact(data)) {
        struct hd_buffer view;
        if (hd_buffer_get(data, &view, false) < 0) return HD_ERR;
        data = hd_bytes_new(view.data, (size_t)view.len);
        hd_buffer_release(&view);
        if (data == HD_ERR) return HD_ERR;
    }
    if (check_open(self, "write") < 0) return HD_ERR;
    int64_t n = HD_BYTES(data)->len;
    if (ahead_left(b)) {
        hd_value r;
        LOCKED(b, r = forget_ahead(b));
        if (r == HD_ERR) return HD_ERR;
    }
    hd_buffered_w w = hd_buffered_open(b);
    hd_value list = HD_OWN(w, pending);
    if (list == HD_UNBOUND || list == 0) {
        if ((list = hd_list_new(4)) == HD_ERR) return HD_ERR;
        HD_PUT(w, pending, list);
    }
    if (n && hd_list_append(list, data) < 0) return HD_ERR;
    HD_PUT(w, npending, HD_OWN(w, npending) + n);
    if (HD_OWN(w, npending) > HD_OWN(w, size)) {
        hd_value r;
        LOCKED(b, r = flush_pending(b));
        if (r == HD_ERR) return HD_ERR;
    }
    return hd_int(n);
}
IO_DEF(buf_flush)
{
    if (check_open(self, "flush") < 0) return HD_ERR;
    if (flush_all(self) == HD_ERR) return HD_ERR;
    hd_value raw = raw_of(BUF(self));
    return raw == HD_ERR ? HD_ERR : hd_io_call0(raw, "flush");
}

/* -- reading ------------------------------------------------------------------------------------------------------------------ */
static hd_value take(struct hd_buffered *b, int64_t n)
{
    hd_value a = HD_GET(b, ahead);
    int64_t pos = HD_GET(b, pos), left = a == HD_UNBOUND || a == 0 ? 0 : HD_BYTES(a)->len - pos;
    if (n > left) n = left;
    if (n == 0) return hd_empty_bytes;
    hd_value out = pos == 0 && n == HD_BYTES(a)->len ? a : hd_bytes_new(HD_BYTES(a)->data + pos, (size_t)n);
    if (out == HD_ERR) return HD_ERR;
    if (n == left) set_ahead(b, HD_UNBOUND, 0);
    else set_ahead(b, a, pos + n);
    return out;
}
/* One raw read of about n bytes; HD_NONE: would block. */
static hd_value raw_read(struct hd_buffered *b, int64_t n)
{
    hd_value raw = raw_of(b);
    if (raw == HD_ERR) return HD_ERR;
    if (hd_obj(hd_type_of(raw)) == hd_obj(&hd_fileio_type)) return hd_io_call1(raw, "read", hd_int(n));
    /* the raw stream's contract is readinto() */
    hd_value target = hd_bytearray_new(NULL, (size_t)n), got = target == HD_ERR ? HD_ERR : hd_io_call1(raw, "readinto", target);
    if (got == HD_ERR || got == HD_NONE) return got;
    int64_t k;
    if (hd_as_i64(got, &k) < 0) return hd_raise_from_pending(&hd_exc_OSError, "raw readinto() failed");
    if (k < 0 || k > n) return hd_raise(&hd_exc_OSError, "raw readinto() returned invalid length %lld (should have been between 0 and %lld)", (long long)k, (long long)n);
    hd_value s = hd_slice_new(hd_fix(0), hd_int(k), HD_NONE), part = s == HD_ERR ? HD_ERR : hd_getitem(target, s);
    return part == HD_ERR ? HD_ERR : hd_callv(hd_obj(&hd_bytes_type), part);
}
/* The lock is held; nothing is pending. */
static hd_value read_locked(struct hd_buffered *b, int64_t n)
{
    if (n >= 0 && n <= ahead_left(b)) return take(b, n);
    hd_value parts = hd_list_new(4), first = take(b, INT64_MAX);
    if (parts == HD_ERR || first == HD_ERR || hd_list_append(parts, first) < 0) return HD_ERR;
    int64_t have = HD_BYTES(first)->len;
    if (n < 0) {
        hd_value raw = raw_of(b), all = raw == HD_ERR ? HD_ERR : hd_getattr_opt(raw, hd_intern("readall"));
        if (all == HD_ERR) return HD_ERR;
        if (all != HD_ABSENT) {
            hd_value rest = hd_call0(all);
            if (rest == HD_ERR) return HD_ERR;
            if (rest == HD_NONE) return have ? first : HD_NONE;
            if (!hd_is_bytes(rest)) return hd_raise(&hd_exc_TypeError, "readall() should return bytes");
            if (!have) return rest;
            if (hd_list_append(parts, rest) < 0) return HD_ERR;
            return hd_bytes_join(hd_empty_bytes, parts);
        }
    }
    int64_t size = HD_GET(b, size);
    while (n < 0 || have < n) {
        int64_t want = n < 0 || n - have < size ? size : n - have;
        hd_value data = raw_read(b, want);
        if (data == HD_ERR) return HD_ERR;
        if (data == HD_NONE) { if (have == 0) return HD_NONE; break; }
        int64_t k = HD_BYTES(data)->len;
        if (k == 0) break;
        if (n >= 0 && have + k > n) {
            set_ahead(b, data, n - have);
            if ((data = hd_bytes_new(HD_BYTES(data)->data, (size_t)(n - have))) == HD_ERR) return HD_ERR;
            k = n - have;
        }
        if (hd_list_append(parts, data) < 0) return HD_ERR;
        have += k;
    }
    return hd_bytes_join(hd_empty_bytes, parts);
}
IO_DEF(buf_read)
{
    struct hd_buffered *b = BUF(self);
    int64_t n;
    if (raw_of(b) == HD_ERR || hd_io_size(args, nargs, 0, &n) < 0) return HD_ERR;
    if (n < -1) return hd_raise(&hd_exc_ValueError, "read length must be non-negative or -1");
    if (check_open(self, "read") < 0) return HD_ERR;
    if (n >= 0 && n <= ahead_left(b)) return take(b, n);
    hd_value r;
    LOCKED(b, { r = flush_pending(b); if (r != HD_ERR) r = read_locked(b, n); });
    return r;
}
static hd_value fill_ahead(struct hd_buffered *b)           /* lock held, nothing ahead: 0 bytes at the end */
{
    hd_value r = flush_pending(b);
    if (r == HD_ERR) return HD_ERR;
    hd_value data = raw_read(b, HD_GET(b, size));
    if (data == HD_ERR) return HD_ERR;
    if (data == HD_NONE) data = hd_empty_bytes;
    set_ahead(b, data, 0);
    return HD_NONE;
}
IO_DEF(buf_read1)
{
    struct hd_buffered *b = BUF(self);
    int64_t n;
    if (raw_of(b) == HD_ERR || hd_io_size(args, nargs, 0, &n) < 0) return HD_ERR;
    if (check_open(self, "read") < 0) return HD_ERR;
    if (n < 0) n = HD_GET(b, size);
    if (n == 0) return hd_empty_bytes;
    if (ahead_left(b)) return take(b, n);
    hd_value r;
    LOCKED(b, { r = flush_pending(b); if (r != HD_ERR) r = raw_read(b, n); });
    return r == HD_NONE ? hd_empty_bytes : r;
}
IO_DEF(buf_peek)
{
    struct hd_buffered *b = BUF(self);
    if (check_open(self, "peek") < 0) return HD_ERR;
    hd_value r = HD_NONE;
    if (ahead_left(b) == 0) LOCKED(b, r = ahead_left(b) ? HD_NONE : fill_ahead(b));
    if (r == HD_ERR) return HD_ERR;
    hd_value a = HD_GET(b, ahead);
    if (a == HD_UNBOUND || a == 0) return hd_empty_bytes;
    int64_t pos = HD_GET(b, pos);
    return pos == 0 ? a : hd_bytes_new(HD_BYTES(a)->data + pos, (size_t)(HD_BYTES(a)->len - pos));
}
static hd_value readline(hd_value self, int64_t limit)
{
    struct hd_buffered *b = BUF(self);
    hd_value parts = HD_ABSENT;
    int64_t have = 0;
    for (;;) {
        int64_t left = ahead_left(b);
        if (left) {
            hd_value a = HD_GET(b, ahead);
            const char *p = (const char *)HD_BYTES(a)->data + HD_GET(b, pos);
            int64_t n = limit >= 0 && left > limit - have ? limit - have : left, e = hd_io_line_end(p, n);
            hd_value piece = take(b, e ? e : n);
            if (piece == HD_ERR) return HD_ERR;
            have += HD_BYTES(piece)->len;
            bool done = e || (limit >= 0 && have >= limit);
            if (done && parts == HD_ABSENT) return piece;
            if (parts == HD_ABSENT && (parts = hd_list_new(4)) == HD_ERR) return HD_ERR;
            if (hd_list_append(parts, piece) < 0) return HD_ERR;
            if (done) break;
            continue;
        }
        hd_value r;
        LOCKED(b, r = ahead_left(b) ? HD_NONE : fill_ahead(b));
        if (r == HD_ERR) return HD_ERR;
        if (ahead_left(b) == 0) break;
    }
    return parts == HD_ABSENT ? hd_empty_bytes : hd_bytes_join(hd_empty_bytes, parts);
}
IO_DEF(buf_readline)
{
    int64_t limit;
    if (hd_io_size(args, nargs, 0, &limit) < 0 || check_open(self, "readline") < 0) return HD_ERR;
    return limit == 0 ? hd_empty_bytes : readline(self, limit);
}
static hd_value next_line(hd_value self)
{
    if (check_open(self, "readline") < 0) return HD_ERR;
    hd_value line = readline(self, -1);
    return line == HD_ERR ? HD_ERR : HD_BYTES(line)->len ? line : HD_STOP;
}
static hd_value buf_next(hd_value self) { return ahead_left(BUF(self)) == 0 ? hd_wait_next(next_line, self) : next_line(self); }
HD_WAITS_IF(buf_read, ahead_left(BUF(self)) == 0)
HD_WAITS_IF(buf_read1, ahead_left(BUF(self)) == 0)
HD_WAITS_IF(buf_peek, ahead_left(BUF(self)) == 0)
HD_WAITS_IF(buf_readline, ahead_left(BUF(self)) == 0)

/* -- position ------------------------------------------------------------------------------------------------------------------ */
static hd_value tell(hd_value self)
{
    struct hd_buffered *b = BUF(self);
    hd_value raw = raw_of(b), at = raw == HD_ERR ? HD_ERR : hd_io_call0(raw, "tell");
    int64_t n;
    if (at == HD_ERR || hd_as_i64(at, &n) < 0) return HD_ERR;
    if (n < 0) return hd_raise(&hd_exc_OSError, "Raw stream returned invalid position %lld", (long long)n);
    return hd_int(n - ahead_left(b) + HD_GET(b, npending));
}
IO_DEF(buf_tell) { return tell(self); }
IO_DEF(buf_seek)
{
    struct hd_buffered *b = BUF(self);
    int whence = 0;
    if (raw_of(b) == HD_ERR || (nargs > 1 && hd_as_int32(args[1], &whence) < 0)) return HD_ERR;
    if (whence < 0 || whence > 4) return hd_raise(&hd_exc_ValueError, "whence value %d unsupported", whence);
    if (check_open(self, "seek") < 0) return HD_ERR;
    hd_value raw = raw_of(b), seekable = hd_io_call0(raw, "seekable");
    if (seekable == HD_ERR) return HD_ERR;
    if (seekable != HD_TRUE) return hd_io_unsupported("File or stream is not seekable.");
    int64_t to;
    if (hd_as_i64(args[0], &to) < 0) return HD_ERR;
    hd_value r;
    LOCKED(b, {
        r = flush_pending(b);
        if (r != HD_ERR) {
            if (whence == 1) to -= ahead_left(b);
            hd_value a[] = { hd_int(to), hd_fix(whence) };
            r = hd_io_method(raw, "seek", a, 2);
            if (r != HD_ERR) set_ahead(b, HD_UNBOUND, 0);
        }
    });
    return r;
}
IO_DEF(buf_truncate)
{
    if (check_open(self, "truncate") < 0) return HD_ERR;
    hd_value ok = hd_io_call0(self, "writable");
    if (ok == HD_ERR) return HD_ERR;
    if (ok != HD_TRUE) return hd_io_unsupported("truncate");
    if (flush_all(self) == HD_ERR) return HD_ERR;
    hd_value at = nargs && args[0] != HD_NONE ? args[0] : tell(self);
    return at == HD_ERR ? HD_ERR : hd_io_call1(raw_of(BUF(self)), "truncate", at);
}
IO_DEF(buf_close)
{
    struct hd_buffered *b = BUF(self);
    if (raw_of(b) == HD_ERR) return HD_ERR;
    int c = hd_io_is_closed(self);
    if (c) return c < 0 ? HD_ERR : HD_NONE;
    hd_io_forget(self);
    hd_value flushed = hd_call_method(self, hd_s_flush, NULL, 0), e = flushed == HD_ERR ? hd_exc_take() : HD_ABSENT;
    hd_value closed = hd_io_call0(raw_of(b), "close");
    if (e != HD_ABSENT) {
        if (closed == HD_ERR) { hd_value second = hd_exc_take(); hd_exc_set_context(second, e); e = second; }
        hd_exc_put(e);
        return HD_ERR;
    }
    return closed;
}
IO_DEF(buf_detach)
{
    struct hd_buffered *b = BUF(self);
    hd_value raw = raw_of(b);
    if (raw == HD_ERR || hd_call_method(self, hd_s_flush, NULL, 0) == HD_ERR) return HD_ERR;
    hd_buffered_w w = hd_buffered_open(b);
    HD_PUT(w, raw, HD_UNBOUND);
    HD_PUT(w, detached, 1);
    hd_io_forget(self);
    return raw;
}
#define TO_RAW(name, method) IO_DEF(name) { hd_value raw = raw_of(BUF(self)); return raw == HD_ERR ? HD_ERR : hd_io_call0(raw, method); }
TO_RAW(buf_seekable, "seekable") TO_RAW(buf_readable, "readable") TO_RAW(buf_writable, "writable") TO_RAW(buf_fileno, "fileno") TO_RAW(buf_isatty, "isatty")
static hd_value get_closed(hd_value self, void *c) { hd_value raw = raw_of(BUF(self)); return raw == HD_ERR ? HD_ERR : hd_getattr(raw, hd_s_closed); }
static hd_value get_raw(hd_value self, void *c) { hd_value raw = HD_GET(BUF(self), raw); return raw == HD_UNBOUND || raw == 0 ? HD_NONE : raw; }
static hd_value get_name(hd_value self, void *c) { hd_value raw = raw_of(BUF(self)); return raw == HD_ERR ? HD_ERR : hd_getattr(raw, hd_s_name); }
static hd_value get_mode(hd_value self, void *c) { hd_value raw = raw_of(BUF(self)); return raw == HD_ERR ? HD_ERR : hd_getattr(raw, hd_s_mode); }
static hd_value buf_repr(hd_value self)
{
    hd_value name = HD_GET(BUF(self), raw) == HD_UNBOUND || HD_GET(BUF(self), raw) == 0 ? HD_ABSENT : hd_getattr_opt(self, hd_s_name);
    if (name == HD_ERR) { hd_exc_clear(); name = HD_ABSENT; }
    if (name == HD_ABSENT) return hd_str_format("<%T>", self);
    int r = hd_repr_enter(self);
    if (r) return r < 0 ? HD_ERR : hd_raise(&hd_exc_RuntimeError, "reentrant call inside %T.__repr__", self);
    hd_value s = hd_str_format("<%T name=%R>", self, name);
    hd_repr_leave(self);
    return s;
}
static hd_value buf_make(hd_value type, const hd_value *args, size_t nargs, hd_value kwnames)
{
    hd_value v = hd_alloc_instance(HD_TYPE(type), 0);
    if (v == HD_ERR) return HD_ERR;
    struct hd_buffered *b = BUF(v);
    HD_INIT(b, raw, HD_UNBOUND);
    HD_INIT(b, ahead, HD_UNBOUND);
    HD_INIT(b, pending, HD_UNBOUND);
    hd_value lock = hd_lock_new(true);
    HD_INIT(b, lock, lock);
    return lock == HD_ERR ? HD_ERR : v;
}
static void buf_trace(void *o, struct gc_marker *m)
{
    struct hd_buffered *b = o;
    gc_mark(m, HD_RAW(b->raw)), gc_mark(m, HD_RAW(b->ahead)), gc_mark(m, HD_RAW(b->pending)), gc_mark(m, HD_RAW(b->lock));
}
static int init(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames, const char *name, const char *const *need, const char *const *message)
{
    hd_value a[2];
    if (hd_args(name, "raw,|buffer_size", args, nargs, kwnames, a) < 0) return -1;
    int64_t size = HD_IO_BUFFER;
    if (a[1] != HD_ABSENT && hd_as_i64(a[1], &size) < 0) return -1;
    for (; *need; need++, message++) {
        hd_value ok = hd_io_call0(a[0], *need);
        if (ok == HD_ERR) return -1;
        if (ok != HD_TRUE) { hd_io_unsupported(*message); return -1; }
    }
    if (size <= 0) { hd_raise(&hd_exc_ValueError, "buffer size must be strictly positive"); return -1; }
    hd_buffered_w w = hd_buffered_open(BUF(self));
    HD_PUT(w, raw, a[0]);
    HD_PUT(w, size, size);
    HD_PUT(w, detached, 0);
    HD_PUT(w, ahead, HD_UNBOUND);
    HD_PUT(w, pos, 0);
    HD_PUT(w, pending, HD_UNBOUND);
    HD_PUT(w, npending, 0);
    return 0;
}
#define INIT(name, cname, needs, messages, keep)                                                                           \
    static int name(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)                                  \
    {                                                                                                                     \
        static const char *const need[] = needs, *const message[] = messages;                                            \
        if (init(self, args, nargs, kwnames, cname, need, message) < 0) return -1;                                        \
        if (keep) hd_io_remember(self);                                                                                   \
        return 0;                                                                                                         \
    }
#define LIST(...) { __VA_ARGS__, NULL }
INIT(reader_init, "BufferedReader", LIST("readable"), LIST("File or stream is not readable."), false)
INIT(writer_init, "BufferedWriter", LIST("writable"), LIST("File or stream is not writable."), true)
#define RANDOM_NEED LIST("seekable", "readable", "writable")
#define RANDOM_TEXT LIST("File or stream is not seekable.", "File or stream is not readable.", "File or stream is not writable.")
INIT(random_init, "BufferedRandom", RANDOM_NEED, RANDOM_TEXT, true)

static hd_value no_pickle(hd_value self, const hd_value *args, size_t n, hd_value kw) { return hd_raise(&hd_exc_TypeError, "cannot pickle '%T' object", self); }
#define COMMON                                                                                                            \
    { "detach", buf_detach, 0, 0, 0, NULL }, { "close", buf_close, 0, 0, 0, NULL }, { "seekable", buf_seekable, 0, 0, 0, NULL }, \
    { "fileno", buf_fileno, 0, 0, 0, NULL }, { "isatty", buf_isatty, 0, 0, 0, NULL }, { "flush", buf_flush, 0, 0, 0, NULL }, \
    { "seek", buf_seek, 1, 2, 0, "seek($self, target, whence=0, /)\n--\n\n" }, { "tell", buf_tell, 0, 0, 0, NULL },        \
    { "truncate", buf_truncate, 0, 1, 0, "truncate($self, pos=None, /)\n--\n\n" }, { "__getstate__", no_pickle, 0, 0, 0, NULL }
#define READS                                                                                                             \
    { "readable", buf_readable, 0, 0, 0, NULL }, { "read", buf_read_waits, 0, 1, 0, "read($self, size=-1, /)\n--\n\n" },         \
    { "read1", buf_read1_waits, 0, 1, 0, "read1($self, size=-1, /)\n--\n\n" }, { "peek", buf_peek_waits, 0, 1, 0, "peek($self, size=0, /)\n--\n\n" }, \
    { "readline", buf_readline_waits, 0, 1, 0, "readline($self, size=-1, /)\n--\n\n" }
#define WRITES { "writable", buf_writable, 0, 0, 0, NULL }, { "write", buf_write, 1, 1, 0, "write($self, buffer, /)\n--\n\n" }
static const struct hd_methoddef reader_methods[] = { COMMON, READS, { 0 } };
static const struct hd_methoddef writer_methods[] = { COMMON, WRITES, { 0 } };
static const struct hd_methoddef random_methods[] = { COMMON, READS, WRITES, { 0 } };
static const struct hd_getsetdef getsets[] = {
    { "closed", get_closed, NULL, NULL, NULL }, { "raw", get_raw, NULL, NULL, NULL }, { "name", get_name, NULL, NULL, NULL },
    { "mode", get_mode, NULL, NULL, NULL }, { 0 }
};
#define FLAGS HD_TF_BASETYPE | HD_TF_HAS_DICT | HD_TF_HAS_WEAKREFS | HD_TF_HAS_FINALISER
struct hd_type hd_bufferedreader_type = { .cname = "_io.BufferedReader", .basicsize = sizeof(struct hd_buffered), .base = &hd_bufferediobase_type,
    .flags = FLAGS, .doc = "A raw stream with reading ahead.", .methods = reader_methods, .getsets = getsets,
    .op = { .make = buf_make, .init = reader_init, .repr = buf_repr, .trace = buf_trace, .iternext = buf_next } };
struct hd_type hd_bufferedwriter_type = { .cname = "_io.BufferedWriter", .basicsize = sizeof(struct hd_buffered), .base = &hd_bufferediobase_type,
    .flags = FLAGS, .doc = "A raw stream with a buffer for writing.", .methods = writer_methods, .getsets = getsets,
    .op = { .make = buf_make, .init = writer_init, .repr = buf_repr, .trace = buf_trace } };
struct hd_type hd_bufferedrandom_type = { .cname = "_io.BufferedRandom", .basicsize = sizeof(struct hd_buffered), .base = &hd_bufferediobase_type,
    .flags = FLAGS, .doc = "A seekable raw stream with a buffer.", .methods = random_methods, .getsets = getsets,
    .op = { .make = buf_make, .init = random_init, .repr = buf_repr, .trace = buf_trace, .iternext = buf_next } };

/* -- BufferedRWPair: a reader and a writer side by side ------------------------------------------------------------------------ */
HD_MUTABLE(hd_rwpair)
struct hd_rwpair { struct hd_mhead head; hd_islot closed_base; hd_vslot reader, writer; };
HD_MUTABLE_OPEN(hd_rwpair, hd_inst_size(o))
#define PAIR(v) ((struct hd_rwpair *)hd_ptr(v))
static int pair_init(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
{
    hd_value a[3];
    if (hd_args("BufferedRWPair", "reader,writer,|buffer_size", args, nargs, kwnames, a) < 0) return -1;
    hd_value size = a[2] == HD_ABSENT ? hd_fix(HD_IO_BUFFER) : a[2];
    hd_value r = hd_callv(hd_obj(&hd_bufferedreader_type), a[0], size), w = r == HD_ERR ? HD_ERR : hd_callv(hd_obj(&hd_bufferedwriter_type), a[1], size);
    if (w == HD_ERR) return -1;
    hd_rwpair_w h = hd_rwpair_open(PAIR(self));
    HD_PUT(h, reader, r);
    HD_PUT(h, writer, w);
    return 0;
}
static hd_value half(hd_value self, bool writer)
{
    hd_value v = writer ? HD_GET(PAIR(self), writer) : HD_GET(PAIR(self), reader);
    return v == 0 ? hd_raise(&hd_exc_ValueError, "I/O operation on uninitialized object") : v;
}
#define PAIR_DEF(name, method, writer) IO_DEF(name) { hd_value h = half(self, writer); return h == HD_ERR ? HD_ERR : hd_io_method(h, method, args, nargs); }
PAIR_DEF(pair_read, "read", false) PAIR_DEF(pair_read1, "read1", false) PAIR_DEF(pair_peek, "peek", false) PAIR_DEF(pair_readinto, "readinto", false)
PAIR_DEF(pair_readinto1, "readinto1", false) PAIR_DEF(pair_readable, "readable", false) PAIR_DEF(pair_write, "write", true)
PAIR_DEF(pair_flush, "flush", true) PAIR_DEF(pair_writable, "writable", true)
IO_DEF(pair_close)
{
    hd_value w = half(self, true), r = half(self, false);
    if (w == HD_ERR || r == HD_ERR) return HD_ERR;
    hd_value first = hd_io_call0(w, "close"), e = first == HD_ERR ? hd_exc_take() : HD_ABSENT, second = hd_io_call0(r, "close");
    if (e == HD_ABSENT) return second;
    if (second == HD_ERR) { hd_value x = hd_exc_take(); hd_exc_set_context(x, e); e = x; }
    hd_exc_put(e);
    return HD_ERR;
}
IO_DEF(pair_isatty)
{
    hd_value w = half(self, true), t = w == HD_ERR ? HD_ERR : hd_io_call0(w, "isatty");
    return t != HD_FALSE ? t : hd_io_call0(half(self, false), "isatty");
}
static hd_value pair_closed(hd_value self, void *c)
{
    hd_value w = half(self, true);
    return w == HD_ERR ? HD_ERR : hd_getattr(w, hd_s_closed);
}
static void pair_trace(void *o, struct gc_marker *m) { struct hd_rwpair *p = o; gc_mark(m, HD_RAW(p->reader)), gc_mark(m, HD_RAW(p->writer)); }
static const struct hd_methoddef pair_methods[] = {
    { "read", pair_read, 0, 1, 0, NULL }, { "read1", pair_read1, 0, 1, 0, NULL }, { "peek", pair_peek, 0, 1, 0, NULL },
    { "readinto", pair_readinto, 1, 1, 0, NULL }, { "readinto1", pair_readinto1, 1, 1, 0, NULL }, { "readable", pair_readable, 0, 0, 0, NULL },
    { "write", pair_write, 1, 1, 0, NULL }, { "flush", pair_flush, 0, 0, 0, NULL }, { "writable", pair_writable, 0, 0, 0, NULL },
    { "close", pair_close, 0, 0, 0, NULL }, { "isatty", pair_isatty, 0, 0, 0, NULL }, { 0 }
};
static const struct hd_getsetdef pair_getsets[] = { { "closed", pair_closed, NULL, NULL, NULL }, { 0 } };
struct hd_type hd_bufferedrwpair_type = { .cname = "_io.BufferedRWPair", .basicsize = sizeof(struct hd_rwpair), .base = &hd_bufferediobase_type,
    .flags = FLAGS, .doc = "A readable and a writable raw stream as one.", .methods = pair_methods, .getsets = pair_getsets,
    .op = { .init = pair_init, .trace = pair_trace } };
