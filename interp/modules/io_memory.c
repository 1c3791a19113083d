/* BytesIO and StringIO: streams in memory.
 *
 * A BytesIO holds a bytearray.  A StringIO holds a str and a list of strs that were written behind its end; they are joined
 * when something else than appending is wanted. */
#include "interp/modules/io_internal.h"
#include "interp/types/str.h"

/* ---- BytesIO -------------------------------------------------------------------------------------------------------------- */
HD_MUTABLE(hd_bytesio)
struct hd_bytesio { struct hd_mhead head; hd_islot closed_base; hd_vslot data; hd_islot pos; hd_islot closed; };
HD_MUTABLE_OPEN(hd_bytesio, hd_inst_size(o))
#define BIO(v) ((struct hd_bytesio *)hd_ptr(v))
#define CHECK_OPEN(o) do { if (HD_GET(o, closed)) return hd_io_closed(); } while (0)

static void set_pos(struct hd_bytesio *b, int64_t pos)
{
    hd_bytesio_w w = hd_bytesio_open(b);
    HD_PUT(w, pos, pos);
}
static hd_value slice_bytes(hd_value data, int64_t from, int64_t to)
{
    hd_value s = hd_slice_new(hd_int(from), hd_int(to), HD_NONE), part = s == HD_ERR ? HD_ERR : hd_getitem(data, s);
    return part == HD_ERR ? HD_ERR : hd_callv(hd_obj(&hd_bytes_type), part);
}
IO_DEF(bio_read)
{
    struct hd_bytesio *b = BIO(self);
    int64_t n;
    CHECK_OPEN(b);
    if (hd_io_size(args, nargs, 0, &n) < 0) return HD_ERR;
    hd_value data = HD_GET(b, data);
    int64_t pos = HD_GET(b, pos), len = hd_len(data);
    if (len < 0) return HD_ERR;
    int64_t left = len > pos ? len - pos : 0;
    if (n < 0 || n > left) n = left;
    if (n == 0) return hd_empty_bytes;
    hd_value r = slice_bytes(data, pos, pos + n);
    if (r != HD_ERR) set_pos(b, pos + n);
    return r;
}
static hd_value bio_line(struct hd_bytesio *b, int64_t limit)
{
    hd_value data = HD_GET(b, data);
    int64_t pos = HD_GET(b, pos), len = hd_len(data);
    if (len < 0) return HD_ERR;
    int64_t left = len > pos ? len - pos : 0;
    if (left == 0) return hd_empty_bytes;
    hd_value a[] = { hd_bytes_new("\n", 1), hd_int(pos) }, at = a[0] == HD_ERR ? HD_ERR : hd_io_method(data, "find", a, 2);
    int64_t i;
    if (at == HD_ERR || hd_as_i64(at, &i) < 0) return HD_ERR;
    int64_t n = i < 0 ? left : i + 1 - pos;
    if (limit >= 0 && n > limit) n = limit;
    hd_value r = slice_bytes(data, pos, pos + n);
    if (r != HD_ERR) set_pos(b, pos + n);
    return r;
}
IO_DEF(bio_readline)
{
    int64_t limit;
    CHECK_OPEN(BIO(self));
    if (hd_io_size(args, nargs, 0, &limit) < 0) return HD_ERR;
    return bio_line(BIO(self), limit);
}
static hd_value bio_next(hd_value self)
{
    CHECK_OPEN(BIO(self));
    hd_value line = bio_line(BIO(self), -1);
    return line == HD_ERR ? HD_ERR : HD_BYTES(line)->len ? line : HD_STOP;
}
IO_DEF(bio_readinto)
{
    struct hd_bytesio *b = BIO(self);
    CHECK_OPEN(b);
    struct hd_buffer view;
    if (hd_buffer_get(args[0], &view, true) < 0) return HD_ERR;
    hd_value want = hd_int(view.len), data = bio_read(self, &want, 1, 0);
    if (data != HD_ERR) {
        
        hd_buffer_store(&view, 0, HD_BYTES(data)->data, HD_BYTES(data)->len);
    }
    hd_buffer_release(&view);
    return data == HD_ERR ? HD_ERR : hd_int(HD_BYTES(data)->len);
}
static hd_value bio_put(hd_value self, hd_value v)
{
    struct hd_bytesio *b = BIO(self);
    if (hd_is_str(v)) return hd_raise(&hd_exc_TypeError, "a bytes-like object is required, not 'str'");
    struct hd_buffer view;
    if (hd_buffer_get(v, &view, false) < 0) return HD_ERR;
    int64_t n = view.len;
    hd_value bytes = hd_is_bytes_exact(v) ? v : hd_bytes_new(view.data, (size_t)n);
    hd_buffer_release(&view);
    if (bytes == HD_ERR) return HD_ERR;
    if (n == 0) return hd_fix(0);
    hd_value data = HD_GET(b, data);
    int64_t pos = HD_GET(b, pos), len = hd_len(data);
    if (len < 0) return HD_ERR;
    if (pos > len) {                                        /* zeros up to the position */
        hd_value zeros = hd_bytearray_new(NULL, (size_t)(pos - len));
        if (zeros == HD_ERR || hd_io_call1(data, "extend", zeros) == HD_ERR) return HD_ERR;
        len = pos;
    }
    if (pos == len) {
        if (hd_inplace_op(HD_ADD, data, bytes) == HD_ERR) return HD_ERR;
    } else {
        hd_value s = hd_slice_new(hd_int(pos), hd_int(pos + n), HD_NONE);
        if (s == HD_ERR || hd_setitem(data, s, bytes) < 0) return HD_ERR;
    }
    set_pos(b, pos + n);
    return hd_int(n);
}
IO_DEF(bio_write)
{
    CHECK_OPEN(BIO(self));
    return bio_put(self, args[0]);
}
IO_DEF(bio_seek)
{
    struct hd_bytesio *b = BIO(self);
    CHECK_OPEN(b);
    int64_t to, base = 0;
    int whence = 0;
    if (hd_as_i64(args[0], &to) < 0 || (nargs > 1 && hd_as_int32(args[1], &whence) < 0)) return HD_ERR;
    if (whence < 0 || whence > 2) return hd_raise(&hd_exc_ValueError, "invalid whence (%d, should be 0, 1 or 2)", whence);
    if (whence == 0 && to < 0) return hd_raise(&hd_exc_ValueError, "negative seek value %lld", (long long)to);
    if (whence == 1) base = HD_GET(b, pos);
    else if (whence == 2) base = hd_len(HD_GET(b, data));
    if (to > INT64_MAX - base) return hd_raise(&hd_exc_OverflowError, "new position too large");
    to += base;
    set_pos(b, to < 0 ? 0 : to);
    return hd_int(to < 0 ? 0 : to);
}
IO_DEF(bio_tell) { CHECK_OPEN(BIO(self)); return hd_int(HD_GET(BIO(self), pos)); }
IO_DEF(bio_truncate)
{
    struct hd_bytesio *b = BIO(self);
    CHECK_OPEN(b);
    int64_t n = HD_GET(b, pos);
    if (nargs && args[0] != HD_NONE && hd_as_i64(args[0], &n) < 0) return HD_ERR;
    if (n < 0) return hd_raise(&hd_exc_ValueError, "negative size value %lld", (long long)n);
    hd_value s = hd_slice_new(hd_int(n), HD_NONE, HD_NONE);
    return s == HD_ERR || hd_setitem(HD_GET(b, data), s, HD_ABSENT) < 0 ? HD_ERR : hd_int(n);
}
IO_DEF(bio_getvalue) { CHECK_OPEN(BIO(self)); return hd_callv(hd_obj(&hd_bytes_type), HD_GET(BIO(self), data)); }
IO_DEF(bio_getbuffer) { CHECK_OPEN(BIO(self)); return hd_callv(hd_obj(&hd_memoryview_type), HD_GET(BIO(self), data)); }
IO_DEF(bio_close)
{
    hd_value empty = hd_bytearray_new(NULL, 0);
    if (empty == HD_ERR) return HD_ERR;
    /* memory that is exported may not go away */
    if (hd_io_call0(HD_GET(BIO(self), data), "clear") == HD_ERR) return HD_ERR;
    hd_bytesio_w w = hd_bytesio_open(BIO(self));
    HD_PUT(w, closed, 1);
    HD_PUT(w, closed_base, 1);
    return HD_NONE;
}
IO_DEF(bio_true) { CHECK_OPEN(BIO(self)); return HD_TRUE; }
IO_DEF(bio_false) { CHECK_OPEN(BIO(self)); return HD_FALSE; }
IO_DEF(bio_flush) { CHECK_OPEN(BIO(self)); return HD_NONE; }
IO_DEF(bio_getstate)
{
    hd_value v = bio_getvalue(self, NULL, 0, 0), d = hd_getattr_opt(self, hd_s___dict__);
    if (v == HD_ERR || d == HD_ERR) return HD_ERR;
    if (d != HD_ABSENT && d != HD_NONE) d = hd_dict_len(d) ? hd_dict_copy(d) : HD_NONE;
    return hd_tuplev(v, hd_int(HD_GET(BIO(self), pos)), d == HD_ABSENT ? HD_NONE : d);
}
IO_DEF(bio_setstate)
{
    CHECK_OPEN(BIO(self));
    if (!hd_is_tuple(args[0]) || HD_TUPLE(args[0])->len < 3)
        return hd_raise(&hd_exc_TypeError, "%T.__setstate__ argument should be 3-tuple, got %T", self, args[0]);
    const hd_value *it = HD_TUPLE(args[0])->item;
    int64_t pos;
    hd_value data = hd_callv(hd_obj(&hd_bytearray_type), it[0]);
    if (data == HD_ERR) return HD_ERR;
    if (!hd_is_int(it[1])) return hd_raise(&hd_exc_TypeError, "second item of state must be an integer, not %T", it[1]);
    if (hd_as_i64(it[1], &pos) < 0) return HD_ERR;
    if (pos < 0) return hd_raise(&hd_exc_ValueError, "position value cannot be negative");
    hd_bytesio_w w = hd_bytesio_open(BIO(self));
    HD_PUT(w, data, data);
    HD_PUT(w, pos, pos);
    if (it[2] != HD_NONE) {
        hd_value d = hd_getattr(self, hd_s___dict__);
        if (d == HD_ERR || hd_dict_update(d, it[2]) < 0) return HD_ERR;
    }
    return HD_NONE;
}
static hd_value bio_closed(hd_value self, void *c) { return hd_bool(HD_GET(BIO(self), closed)); }
static hd_value bio_make(hd_value type, const hd_value *args, size_t nargs, hd_value kwnames)
{
    hd_value v = hd_alloc_instance(HD_TYPE(type), 0), data = v == HD_ERR ? HD_ERR : hd_bytearray_new(NULL, 0);
    if (data == HD_ERR) return HD_ERR;
    HD_INIT(BIO(v), data, data);
    return v;
}
static int bio_init(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
{
    hd_value a[1];
    if (hd_args("BytesIO", "|initial_bytes", args, nargs, kwnames, a) < 0) return -1;
    hd_value data = hd_bytearray_new(NULL, 0);
    if (data == HD_ERR) return -1;
    hd_bytesio_w w = hd_bytesio_open(BIO(self));
    HD_PUT(w, data, data);
    HD_PUT(w, pos, 0);
    HD_PUT(w, closed, 0);
    if (a[0] != HD_ABSENT && a[0] != HD_NONE) {
        if (bio_put(self, a[0]) == HD_ERR) return -1;
        set_pos(BIO(self), 0);
    }
    return 0;
}
static void bio_trace(void *o, struct gc_marker *m) { gc_mark(m, HD_RAW(((struct hd_bytesio *)o)->data)); }
static const struct hd_methoddef bio_methods[] = {
    { "read", bio_read, 0, 1, 0, "read($self, size=-1, /)\n--\n\n" }, { "read1", bio_read, 0, 1, 0, "read1($self, size=-1, /)\n--\n\n" },
    { "readline", bio_readline, 0, 1, 0, "readline($self, size=-1, /)\n--\n\n" }, { "readinto", bio_readinto, 1, 1, 0, "readinto($self, buffer, /)\n--\n\n" },
    { "write", bio_write, 1, 1, 0, "write($self, b, /)\n--\n\n" }, { "seek", bio_seek, 1, 2, 0, "seek($self, pos, whence=0, /)\n--\n\n" },
    { "tell", bio_tell, 0, 0, 0, NULL }, { "truncate", bio_truncate, 0, 1, 0, "truncate($self, size=None, /)\n--\n\n" },
    { "getvalue", bio_getvalue, 0, 0, 0, NULL }, { "getbuffer", bio_getbuffer, 0, 0, 0, NULL }, { "close", bio_close, 0, 0, 0, NULL },
    { "readable", bio_true, 0, 0, 0, NULL }, { "writable", bio_true, 0, 0, 0, NULL }, { "seekable", bio_true, 0, 0, 0, NULL },
    { "isatty", bio_false, 0, 0, 0, NULL }, { "flush", bio_flush, 0, 0, 0, NULL }, { "__getstate__", bio_getstate, 0, 0, 0, NULL },
    { "__setstate__", bio_setstate, 1, 1, 0, NULL }, { 0 }
};
static const struct hd_getsetdef bio_getsets[] = { { "closed", bio_closed, NULL, NULL, NULL }, { 0 } };
struct hd_type hd_bytesio_type = { .cname = "_io.BytesIO", .basicsize = sizeof(struct hd_bytesio), .base = &hd_bufferediobase_type,
    .flags = HD_TF_BASETYPE | HD_TF_HAS_DICT | HD_TF_HAS_WEAKREFS, .doc = "A stream of bytes in memory.", .methods = bio_methods, .getsets = bio_getsets,
    .op = { .make = bio_make, .init = bio_init, .trace = bio_trace, .iternext = bio_next } };

/* ---- StringIO ------------------------------------------------------------------------------------------------------------------ */
#define CHECK_TEXT_OPEN(o) do { if (HD_GET(o, closed)) return hd_raise(&hd_exc_ValueError, "I/O operation on closed file"); } while (0)
HD_MUTABLE(hd_stringio)
struct hd_stringio {
    struct hd_mhead head;
    hd_islot closed_base;
    hd_vslot text;             /* str */
    hd_vslot tail;             /* list of strs written behind the end; HD_UNBOUND */
    hd_islot len;              /* characters of both */
    hd_islot pos, closed;
    hd_vslot newline;          /* as given; the text holds what was stored */
    hd_vslot decoder;          /* newline decoder for universal newlines, or HD_UNBOUND */
};
HD_MUTABLE_OPEN(hd_stringio, hd_inst_size(o))
#define SIO(v) ((struct hd_stringio *)hd_ptr(v))

static hd_value whole(struct hd_stringio *s)
{
    hd_value tail = HD_GET(s, tail), text = HD_GET(s, text);
    if (tail == HD_UNBOUND) return text;
    if (HD_STR(text)->len && hd_list_insert(tail, 0, text) < 0) return HD_ERR;
    text = hd_io_call1(hd_empty_str, "join", tail);
    if (text == HD_ERR) return HD_ERR;
    hd_stringio_w w = hd_stringio_open(s);
    HD_PUT(w, text, text);
    HD_PUT(w, tail, HD_UNBOUND);
    return text;
}
static hd_value sio_put(hd_value self, hd_value text)
{
    struct hd_stringio *s = SIO(self);
    if (!hd_is_str(text)) return hd_raise(&hd_exc_TypeError, "string argument expected, got '%T'", text);
    int64_t given = HD_STR(text)->len;
    hd_value dec = HD_GET(s, decoder), nl = HD_GET(s, newline);
    if (dec != HD_UNBOUND) {
        hd_value a[] = { text, HD_TRUE };
        if ((text = hd_call_method(dec, hd_s_decode, a, 2)) == HD_ERR) return HD_ERR;
    }
    if (nl != HD_NONE && HD_STR(nl)->len && !hd_str_is(nl, "\n")) {
        hd_value a[] = { hd_str_char('\n'), nl };
        if ((text = hd_io_method(text, "replace", a, 2)) == HD_ERR) return HD_ERR;
    }
    int64_t n = HD_STR(text)->len, pos = HD_GET(s, pos), len = HD_GET(s, len);
    if (n == 0) return hd_int(given);
    if (pos > INT64_MAX - n) return hd_raise(&hd_exc_OverflowError, "new position too large");
    if (pos == len) {
        hd_stringio_w w = hd_stringio_open(s);
        hd_value tail = HD_OWN(w, tail);
        if (tail == HD_UNBOUND) {
            if ((tail = hd_list_new(8)) == HD_ERR) return HD_ERR;
            HD_PUT(w, tail, tail);
        }
        if (hd_list_append(tail, text) < 0) return HD_ERR;
        HD_PUT(w, len, len + n);
    } else {
        hd_value old = whole(s);
        if (old == HD_ERR) return HD_ERR;
        struct hd_strbuilder sb;
        hd_sb_init(&sb);
        hd_sb_slice(&sb, old, 0, pos < len ? pos : len);
        hd_sb_fill(&sb, 0, pos - len);
        hd_sb_str(&sb, text);
        if (pos + n < len) hd_sb_slice(&sb, old, pos + n, len);
        hd_value t = hd_sb_finish(&sb);
        if (t == HD_ERR) return HD_ERR;
        hd_stringio_w w = hd_stringio_open(s);
        HD_PUT(w, text, t);
        HD_PUT(w, len, HD_STR(t)->len);
    }
    hd_stringio_w w = hd_stringio_open(s);
    HD_PUT(w, pos, pos + n);
    return hd_int(given);
}
static int sio_init(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
{
    hd_value a[2];
    if (hd_args("StringIO", "|initial_value,newline", args, nargs, kwnames, a) < 0) return -1;
    hd_value nl = a[1] == HD_ABSENT ? hd_str_char('\n') : a[1];
    if (nl != HD_NONE) {
        if (!hd_is_str(nl)) { hd_raise(&hd_exc_TypeError, "newline must be str or None, not %T", nl); return -1; }
        if (HD_STR(nl)->len && !hd_str_is(nl, "\n") && !hd_str_is(nl, "\r") && !hd_str_is(nl, "\r\n")) { hd_raise(&hd_exc_ValueError, "illegal newline value: %R", nl); return -1; }
    }
    if (a[0] != HD_ABSENT && a[0] != HD_NONE && !hd_is_str(a[0])) { hd_raise(&hd_exc_TypeError, "initial_value must be str or None, not %T", a[0]); return -1; }
    hd_value dec = HD_UNBOUND;
    if (nl == HD_NONE || HD_STR(nl)->len == 0) {
        dec = hd_callv(hd_obj(&hd_newlinedecoder_type), HD_NONE, hd_bool(nl == HD_NONE));
        if (dec == HD_ERR) return -1;
    }
    hd_stringio_w w = hd_stringio_open(SIO(self));
    HD_PUT(w, text, hd_empty_str);
    HD_PUT(w, tail, HD_UNBOUND);
    HD_PUT(w, len, 0);
    HD_PUT(w, pos, 0);
    HD_PUT(w, closed, 0);
    HD_PUT(w, newline, nl);
    HD_PUT(w, decoder, dec);
    if (a[0] != HD_ABSENT && a[0] != HD_NONE) {
        if (sio_put(self, a[0]) == HD_ERR) return -1;
        hd_stringio_w w2 = hd_stringio_open(SIO(self));
        HD_PUT(w2, pos, 0);
    }
    return 0;
}
static hd_value sio_make(hd_value type, const hd_value *args, size_t nargs, hd_value kwnames)
{
    hd_value v = hd_alloc_instance(HD_TYPE(type), 0);
    if (v == HD_ERR) return HD_ERR;
    HD_INIT(SIO(v), text, hd_empty_str);
    HD_INIT(SIO(v), tail, HD_UNBOUND);
    HD_INIT(SIO(v), newline, HD_NONE);
    HD_INIT(SIO(v), decoder, HD_UNBOUND);
    return v;
}
static void sio_trace(void *o, struct gc_marker *m)
{
    struct hd_stringio *s = o;
    gc_mark(m, HD_RAW(s->text)), gc_mark(m, HD_RAW(s->tail)), gc_mark(m, HD_RAW(s->newline)), gc_mark(m, HD_RAW(s->decoder));
}
IO_DEF(sio_write) { CHECK_TEXT_OPEN(SIO(self)); return sio_put(self, args[0]); }
static hd_value sio_take(struct hd_stringio *s, int64_t n)
{
    hd_value text = whole(s);
    if (text == HD_ERR) return HD_ERR;
    int64_t pos = HD_GET(s, pos), left = HD_STR(text)->len > pos ? HD_STR(text)->len - pos : 0;
    if (n < 0 || n > left) n = left;
    if (n == 0) return hd_empty_str;
    hd_stringio_w w = hd_stringio_open(s);
    HD_PUT(w, pos, pos + n);
    return hd_str_slice(text, pos, pos + n);
}
IO_DEF(sio_read)
{
    int64_t n;
    CHECK_TEXT_OPEN(SIO(self));
    return hd_io_size(args, nargs, 0, &n) < 0 ? HD_ERR : sio_take(SIO(self), n);
}
static hd_value sio_line(struct hd_stringio *s, int64_t limit)
{
    hd_value text = whole(s), nl = HD_GET(s, newline);
    if (text == HD_ERR) return HD_ERR;
    int64_t pos = HD_GET(s, pos), len = HD_STR(text)->len, end = len;
    if (pos >= len) return hd_empty_str;
    if (nl == HD_NONE || HD_STR(nl)->len == 0) {
        for (int64_t i = pos; i < len; i++) {
            uint32_t c = hd_str_at(text, i);
            if (c == '\n') { end = i + 1; break; }
            if (c == '\r') { end = i + 1 < len && hd_str_at(text, i + 1) == '\n' ? i + 2 : i + 1; break; }
        }
    } else {
        int64_t i = hd_str_find(text, nl, pos, len, 1);
        if (i >= 0) end = i + HD_STR(nl)->len;
    }
    int64_t n = end - pos;
    return sio_take(s, limit >= 0 && n > limit ? limit : n);
}
IO_DEF(sio_readline)
{
    int64_t n;
    CHECK_TEXT_OPEN(SIO(self));
    return hd_io_size(args, nargs, 0, &n) < 0 ? HD_ERR : n == 0 ? hd_empty_str : sio_line(SIO(self), n);
}
static hd_value sio_next(hd_value self)
{
    CHECK_TEXT_OPEN(SIO(self));
    hd_value line = hd_type_of(self) == &hd_stringio_type ? sio_line(SIO(self), -1) : hd_call_method(self, hd_s_readline, NULL, 0);
    if (line == HD_ERR) return HD_ERR;
    if (!hd_is_str(line)) return hd_raise(&hd_exc_OSError, "readline() should have returned a str object, not '%T'", line);
    return HD_STR(line)->len ? line : HD_STOP;
}
IO_DEF(sio_getvalue) { CHECK_TEXT_OPEN(SIO(self)); return whole(SIO(self)); }
IO_DEF(sio_tell) { CHECK_TEXT_OPEN(SIO(self)); return hd_int(HD_GET(SIO(self), pos)); }
IO_DEF(sio_seek)
{
    struct hd_stringio *s = SIO(self);
    CHECK_TEXT_OPEN(s);
    int64_t to;
    int whence = 0;
    if (hd_as_i64(args[0], &to) < 0 || (nargs > 1 && hd_as_int32(args[1], &whence) < 0)) return HD_ERR;
    if (whence < 0 || whence > 2) return hd_raise(&hd_exc_ValueError, "Invalid whence (%d, should be 0, 1 or 2)", whence);
    if (whence == 0 && to < 0) return hd_raise(&hd_exc_ValueError, "Negative seek position %lld", (long long)to);
    if (whence && to) return hd_raise(&hd_exc_OSError, "Can't do nonzero cur-relative seeks");
    if (whence) to = whence == 1 ? HD_GET(s, pos) : HD_GET(s, len);
    hd_stringio_w w = hd_stringio_open(s);
    HD_PUT(w, pos, to);
    return hd_int(to);
}
IO_DEF(sio_truncate)
{
    struct hd_stringio *s = SIO(self);
    CHECK_TEXT_OPEN(s);
    int64_t n = HD_GET(s, pos);
    if (nargs && args[0] != HD_NONE && hd_as_i64(args[0], &n) < 0) return HD_ERR;
    if (n < 0) return hd_raise(&hd_exc_ValueError, "Negative size value %lld", (long long)n);
    hd_value text = whole(s);
    if (text == HD_ERR) return HD_ERR;
    if (n < HD_STR(text)->len) {
        if ((text = hd_str_slice(text, 0, n)) == HD_ERR) return HD_ERR;
        hd_stringio_w w = hd_stringio_open(s);
        HD_PUT(w, text, text);
        HD_PUT(w, len, n);
    }
    return hd_int(n);
}
IO_DEF(sio_close)
{
    hd_stringio_w w = hd_stringio_open(SIO(self));
    HD_PUT(w, closed, 1);
    HD_PUT(w, closed_base, 1);
    HD_PUT(w, text, hd_empty_str);
    HD_PUT(w, tail, HD_UNBOUND);
    HD_PUT(w, len, 0);
    return HD_NONE;
}
IO_DEF(sio_true) { CHECK_TEXT_OPEN(SIO(self)); return HD_TRUE; }
IO_DEF(sio_false) { CHECK_TEXT_OPEN(SIO(self)); return HD_FALSE; }
IO_DEF(sio_flush) { return HD_NONE; }
static hd_value sio_closed(hd_value self, void *c) { return hd_bool(HD_GET(SIO(self), closed)); }
static hd_value sio_line_buffering(hd_value self, void *c) { CHECK_TEXT_OPEN(SIO(self)); return HD_FALSE; }
static hd_value sio_newlines(hd_value self, void *c)
{
    CHECK_TEXT_OPEN(SIO(self));
    hd_value d = HD_GET(SIO(self), decoder);
    return d == HD_UNBOUND ? HD_NONE : hd_getattr_c(d, "newlines");
}
IO_DEF(sio_getstate)
{
    hd_value v = sio_getvalue(self, NULL, 0, 0), d = hd_getattr_opt(self, hd_s___dict__);
    if (v == HD_ERR || d == HD_ERR) return HD_ERR;
    if (d != HD_ABSENT && d != HD_NONE) d = hd_dict_len(d) ? hd_dict_copy(d) : HD_NONE;
    return hd_tuplev(v, HD_GET(SIO(self), newline), hd_int(HD_GET(SIO(self), pos)), d == HD_ABSENT ? HD_NONE : d);
}
IO_DEF(sio_setstate)
{
    CHECK_TEXT_OPEN(SIO(self));
    if (!hd_is_tuple(args[0]) || HD_TUPLE(args[0])->len < 4)
        return hd_raise(&hd_exc_TypeError, "%T.__setstate__ argument should be 4-tuple, got %T", self, args[0]);
    const hd_value *it = HD_TUPLE(args[0])->item;
    hd_value a[] = { hd_empty_str, it[1] };
    int64_t pos;
    if (sio_init(self, a, 2, 0) < 0) return HD_ERR;
    if (!hd_is_str(it[0])) return hd_raise(&hd_exc_TypeError, "first item of state must be a str, not %T", it[0]);
    if (!hd_is_int(it[2])) return hd_raise(&hd_exc_TypeError, "third item of state must be an integer, not %T", it[2]);
    if (hd_as_i64(it[2], &pos) < 0) return HD_ERR;
    if (pos < 0) return hd_raise(&hd_exc_ValueError, "position value cannot be negative");
    hd_stringio_w w = hd_stringio_open(SIO(self));
    HD_PUT(w, text, it[0]);
    HD_PUT(w, len, HD_STR(it[0])->len);
    HD_PUT(w, pos, pos);
    if (it[3] != HD_NONE) {
        hd_value d = hd_getattr(self, hd_s___dict__);
        if (d == HD_ERR || hd_dict_update(d, it[3]) < 0) return HD_ERR;
    }
    return HD_NONE;
}
static const struct hd_methoddef sio_methods[] = {
    { "getvalue", sio_getvalue, 0, 0, 0, NULL }, { "read", sio_read, 0, 1, 0, "read($self, size=-1, /)\n--\n\n" },
    { "readline", sio_readline, 0, 1, 0, "readline($self, size=-1, /)\n--\n\n" }, { "write", sio_write, 1, 1, 0, "write($self, s, /)\n--\n\n" },
    { "seek", sio_seek, 1, 2, 0, "seek($self, pos, whence=0, /)\n--\n\n" }, { "tell", sio_tell, 0, 0, 0, NULL },
    { "truncate", sio_truncate, 0, 1, 0, "truncate($self, pos=None, /)\n--\n\n" }, { "close", sio_close, 0, 0, 0, NULL },
    { "readable", sio_true, 0, 0, 0, NULL }, { "writable", sio_true, 0, 0, 0, NULL }, { "seekable", sio_true, 0, 0, 0, NULL },
    { "isatty", sio_false, 0, 0, 0, NULL }, { "flush", sio_flush, 0, 0, 0, NULL }, { "__getstate__", sio_getstate, 0, 0, 0, NULL },
    { "__setstate__", sio_setstate, 1, 1, 0, NULL }, { 0 }
};
static const struct hd_getsetdef sio_getsets[] = { { "closed", sio_closed, NULL, NULL, NULL }, { "newlines", sio_newlines, NULL, NULL, NULL },
    { "line_buffering", sio_line_buffering, NULL, NULL, NULL }, { 0 } };
struct hd_type hd_stringio_type = { .cname = "_io.StringIO", .basicsize = sizeof(struct hd_stringio), .base = &hd_textiobase_type,
    .flags = HD_TF_BASETYPE | HD_TF_HAS_DICT | HD_TF_HAS_WEAKREFS, .doc = "A stream of text in memory.", .methods = sio_methods, .getsets = sio_getsets,
    .op = { .make = sio_make, .init = sio_init, .trace = sio_trace, .iternext = sio_next } };
