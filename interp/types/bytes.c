/* bytes objects: memory, comparison, the operations of the type.  The methods that bytes and bytearray share are in
 * bytes_methods.c. */
#include "interp/types/number.h"
#include "interp/types/bytes_methods.h"
#include "interp/core/names.h"
#include "stm/atomic.h"

struct static_bytes { struct hd_bytes b; unsigned char c[8]; };
#define B1(i)  { .b = { { HD_SHAPE_BYTES, 0 }, 1, 0 }, .c = { i } },
#define B4(i)  B1(i) B1(i + 1) B1(i + 2) B1(i + 3)
#define B16(i) B4(i) B4(i + 4) B4(i + 8) B4(i + 12)
#define B64(i) B16(i) B16(i + 16) B16(i + 32) B16(i + 48)
static struct static_bytes static_bytes[256] __attribute__((aligned(16))) = { B64(0) B64(64) B64(128) B64(192) };
static struct static_bytes static_empty __attribute__((aligned(16))) = { .b = { { HD_SHAPE_BYTES, 0 }, 0, 0 } };
hd_value hd_empty_bytes = (hd_value)&static_empty;

hd_value hd_bytes_new(const void *p, size_t n)
{
    if (n == 0) return hd_empty_bytes;
    if (n == 1 && p) return hd_obj(&static_bytes[*(const unsigned char *)p]);
    if (n > UINT64_C(1) << 46) return hd_no_memory();
    size_t size = sizeof(struct hd_bytes) + n + 1;
    struct hd_bytes *b = size <= GC_BUMP_MAX ? gc_alloc_small(size) : gc_alloc(size);
    if (STM_UNLIKELY(!b)) return hd_no_memory();
    b->head.aux = 0;
    b->len = n;
    b->hash = 0;
    if (p) memcpy(b->data, p, n);
    b->data[n] = 0;
    b->head.shape = HD_SHAPE_BYTES;
    return hd_obj(b);
}

unsigned char *hd_bb_reserve_slow(struct hd_bytebuilder *b, size_t n)
{
    if (b->failed) return NULL;
    size_t cap = b->cap + b->cap / 2 + 64;
    if (n > UINT64_C(1) << 46) { hd_no_memory(); b->failed = true; return NULL; }
    if (cap < b->len + n) cap = b->len + n;
    unsigned char *p = hd_scratch(cap);
    if (!p) { b->failed = true; return NULL; }
    if (b->len) memcpy(p, b->buf, b->len);
    b->buf = p;
    b->cap = cap;
    return p + b->len;
}
void hd_bb_bytes(struct hd_bytebuilder *b, const void *p, size_t n)
{
    unsigned char *o = hd_bb_reserve(b, n);
    if (!o || !n) return;
    memcpy(o, p, n);
    b->len += n;
}
hd_value hd_bb_finish(struct hd_bytebuilder *b) { return b->failed ? HD_ERR : hd_bytes_new(b->buf, b->len); }

hd_value hd_bytes_result(hd_value like, const void *p, size_t n)
{
    return hd_is_bytearray(like) ? hd_bytearray_new(p, n) : hd_bytes_new(p, n);
}

/* ---- conversions -------------------------------------------------------------------------------------------------------- */
int hd_byte_value(hd_value v)
{
    if (!hd_is_fix(v)) {
        v = hd_number_index(v);
        if (v == HD_ERR) return -1;
    }
    if (!hd_is_fix(v) || hd_unfix(v) < 0 || hd_unfix(v) > 255) { hd_raise(&hd_exc_ValueError, "byte must be in range(0, 256)"); return -1; }
    return (int)hd_unfix(v);
}

int hd_bytes_index(const char *name, hd_value key, int64_t *i)
{
    if (hd_is_fix(key)) { *i = hd_unfix(key); return 0; }
    if (!hd_is_int(key) && !hd_type_of(key)->op.index) {
        hd_raise(&hd_exc_TypeError, "%s indices must be integers or slices, not %.200T", name, key);
        return -1;
    }
    hd_value x = hd_number_index(key);
    if (x == HD_ERR) return -1;
    if (!hd_int_to_i64(x, i)) { hd_raise(&hd_exc_IndexError, "cannot fit '%.200T' into an index-sized integer", key); return -1; }
    return 0;
}

hd_value hd_bytes_of(hd_value o)
{
    if (hd_is_bytes_exact(o)) return o;
    if (hd_is_bytes_like(o)) {
        struct hd_byteview v;
        if (hd_byteview_get(o, &v) < 0) return HD_ERR;
        hd_value r = hd_bytes_new(v.p, v.n);
        hd_byteview_release(&v);
        return r;
    }
    if (hd_is_str(o)) return hd_raise(&hd_exc_TypeError, "cannot convert '%.200T' object to bytes", o);
    hd_value it = hd_iter(o);
    if (it == HD_ERR) {
        if (!hd_exc_is(&hd_exc_TypeError)) return HD_ERR;
        hd_exc_clear();
        return hd_raise(&hd_exc_TypeError, "cannot convert '%.200T' object to bytes", o);
    }
    struct hd_bytebuilder b = { 0 };
    for (;;) {
        hd_value x = hd_next(it);
        if (x == HD_ERR) return HD_ERR;
        if (x == HD_STOP) return hd_bb_finish(&b);
        if (!hd_is_fix(x) && (x = hd_number_index(x)) == HD_ERR) return HD_ERR;
        if (!hd_is_fix(x) || hd_unfix(x) < 0 || hd_unfix(x) > 255) return hd_raise(&hd_exc_ValueError, "bytes must be in range(0, 256)");
        hd_bb_byte(&b, (unsigned)hd_unfix(x));
    }
}

static hd_value make_bytes(hd_value source, const char *encoding, const char *errors)
{
    if (source == HD_ABSENT) {
        if (encoding || errors) return hd_raise(&hd_exc_TypeError, "%s without a string argument", encoding ? "encoding" : "errors");
        return hd_empty_bytes;
    }
    if (encoding || errors) {
        if (!hd_is_str(source)) return hd_raise(&hd_exc_TypeError, "%s without a string argument", encoding ? "encoding" : "errors");
        if (!encoding) return hd_raise(&hd_exc_TypeError, "string argument without an encoding");
        return hd_str_encode(source, encoding, errors);
    }
    if (!hd_is_bytes_exact(source)) {
        hd_value f = hd_special(source, hd_s___bytes__);
        if (f == HD_ERR) return HD_ERR;
        if (f != HD_ABSENT) {
            hd_value r = hd_call0(f);
            if (r != HD_ERR && !hd_is_bytes(r)) return hd_raise(&hd_exc_TypeError, "__bytes__ returned non-bytes (type %.200T)", r);
            return r;
        }
    }
    if (hd_is_str(source)) return hd_raise(&hd_exc_TypeError, "string argument without an encoding");
    if (hd_is_int(source) || (!hd_is_bytes(source) && hd_type_of(source)->op.index)) {
        hd_value i = hd_number_index(source);
        if (i == HD_ERR) {
            if (!hd_exc_is(&hd_exc_TypeError)) return HD_ERR;
            hd_exc_clear();
            return hd_bytes_of(source);
        }
        int64_t n;
        if (!hd_int_to_i64(i, &n)) return hd_raise(&hd_exc_OverflowError, "cannot fit '%.200T' into an index-sized integer", source);
        if (n < 0) return hd_raise(&hd_exc_ValueError, "negative count");
        if (n == 0) return hd_empty_bytes;
        if (n > INT64_MAX - 64) return hd_raise(&hd_exc_OverflowError, "byte string is too large");
        hd_value r = hd_bytes_new(NULL, (size_t)n);
        if (r != HD_ERR) memset(HD_BYTES(r)->data, 0, (size_t)n);
        return r;
    }
    return hd_bytes_of(source);
}

static hd_value b_make(hd_value type, const hd_value *args, size_t nargs, hd_value kwnames)
{
    struct hd_type *t = HD_TYPE(type);
    hd_value a[3];
    const char *encoding, *errors;
    if (hd_args("bytes", "|source,encoding,errors", args, nargs, kwnames, a) < 0 || hd_codec_args("bytes", a + 1, &encoding, &errors) < 0) return HD_ERR;
    hd_value v = make_bytes(a[0], encoding, errors);
    if (v == HD_ERR || t == &hd_bytes_type) return v;
    size_t n = HD_BYTES(v)->len;
    struct hd_bytes *b = hd_new_immutable_sub(t, sizeof *b + n + 1);
    if (!b) return HD_ERR;
    b->len = n;
    b->hash = 0;
    memcpy(b->data, HD_BYTES(v)->data, n + 1);
    return hd_obj(b);
}

/* ---- operations --------------------------------------------------------------------------------------------------------------- */
hd_value hd_bytes_repr(const unsigned char *p, size_t n, const char *before, const char *after)
{
    static const char hex[] = "0123456789abcdef";
    char quote = memchr(p, '\'', n) && !memchr(p, '"', n) ? '"' : '\'';
    struct hd_strbuilder b;
    hd_sb_init(&b);
    hd_sb_reserve(&b, n + 3, 0x7f);
    hd_sb_cstr(&b, before);
    hd_sb_char(&b, 'b');
    hd_sb_char(&b, (unsigned char)quote);
    for (size_t i = 0; i < n; i++) {
        unsigned c = p[i];
        if (c == (unsigned char)quote || c == '\\' || (c == '\'' && *before)) {        /* a bytearray shows \' always */ hd_sb_char(&b, '\\'); hd_sb_char(&b, c); }
        else if (c == '\t') hd_sb_ascii(&b, "\\t", 2);
        else if (c == '\n') hd_sb_ascii(&b, "\\n", 2);
        else if (c == '\r') hd_sb_ascii(&b, "\\r", 2);
        else if (c >= 32 && c < 127) hd_sb_char(&b, c);
        else { hd_sb_ascii(&b, "\\x", 2); hd_sb_char(&b, (unsigned char)hex[c >> 4]); hd_sb_char(&b, (unsigned char)hex[c & 15]); }
    }
    hd_sb_char(&b, (unsigned char)quote);
    hd_sb_cstr(&b, after);
    return hd_sb_finish(&b);
}
static hd_value b_repr(hd_value v) { return hd_bytes_repr(HD_BYTES(v)->data, HD_BYTES(v)->len, "", ""); }
static int64_t b_length(hd_value v) { return HD_BYTES(v)->len; }
static int64_t b_hash(hd_value v)
{
    struct hd_bytes *b = HD_BYTES(v);
    if (b->hash) return (int64_t)b->hash;
    uint64_t h = hd_hash_bytes(b->data, b->len);
    stm_store_relaxed(&b->hash, h);
    return (int64_t)h;
}

/* The first n bytes; what is behind a difference stays unread. */
static int compare_parts(struct hd_byteview *x, struct hd_byteview *y, int64_t n, bool *failed)
{
    bool steady = stm_alone();
    int c = 0;
    for (int64_t at = 0, end; at < n && !c; at = end) {
        end = hd_window_end(steady, at, n);
        const unsigned char *p = hd_byteview_part(x, at, end), *q = p ? hd_byteview_part(y, at, end) : NULL;
        if (!q) { *failed = true; break; }
        c = memcmp(p, q, end - at);
    }
    return c;
}
hd_value hd_bytes_richcompare(hd_value a, hd_value b, enum hd_cmpop op)
{
    if (!hd_is_bytes_like(a) || !hd_is_bytes_like(b)) return HD_NOTIMPLEMENTED;
    struct hd_byteview x, y;
    if (hd_byteview_hold(a, &x) < 0) { hd_exc_clear(); return HD_NOTIMPLEMENTED; }
    if (hd_byteview_hold(b, &y) < 0) { hd_exc_clear(); hd_byteview_release(&x); return HD_NOTIMPLEMENTED; }
    bool identity = op == HD_EQ || op == HD_NE, failed = false;
    int64_t n = identity && x.n != y.n ? 0 : x.n < y.n ? x.n : y.n;
    int c = n ? x.p && y.p ? memcmp(x.p, y.p, n) : compare_parts(&x, &y, n, &failed) : 0;
    if (!c) c = x.n < y.n ? -1 : x.n > y.n;
    hd_byteview_release(&x);
    hd_byteview_release(&y);
    if (failed) return HD_ERR;
    if (identity) return hd_bool((c == 0) == (op == HD_EQ));
    return hd_bool(op == HD_LT ? c < 0 : op == HD_LE ? c <= 0 : op == HD_GT ? c > 0 : c >= 0);
}
static hd_value b_compare(hd_value a, hd_value b, enum hd_cmpop op)
{
    if (!hd_is_bytes(a) || !hd_is_bytes(b)) return HD_NOTIMPLEMENTED;
    return hd_bytes_richcompare(a, b, op);
}

hd_value hd_bytes_like_concat(hd_value a, hd_value b)
{
    if (!hd_is_bytes(a) && !hd_is_bytearray(a)) return HD_NOTIMPLEMENTED;
    if (!hd_is_bytes_like(b)) {
        struct hd_type *t = hd_type_of(b);
        if (!(t->flags & (HD_TF_STR | HD_TF_LIST | HD_TF_TUPLE)) && t->op.binary[HD_ADD]) {
            hd_value r = t->op.binary[HD_ADD](a, b);
            if (r != HD_NOTIMPLEMENTED) return r;
        }
        return hd_raise(&hd_exc_TypeError, "can't concat %.100T to %.100T", b, a);
    }
    if (hd_is_bytes_exact(a) && hd_is_bytes(b) && HD_BYTES(b)->len == 0) return a;
    struct hd_byteview x, y;
    if (hd_byteview_get(a, &x) < 0) return HD_ERR;
    if (hd_byteview_get(b, &y) < 0) { hd_byteview_release(&x); return HD_ERR; }
    hd_value r;
    if (hd_is_bytes(a)) {
        r = hd_bytes_new(NULL, x.n + y.n);
        if (r != HD_ERR && x.n + y.n) { memcpy(HD_BYTES(r)->data, x.p, x.n); memcpy(HD_BYTES(r)->data + x.n, y.p, y.n); }
    } else {
        struct hd_bytebuilder o = { 0 };
        hd_bb_bytes(&o, x.p, x.n);
        hd_bb_bytes(&o, y.p, y.n);
        r = o.failed ? HD_ERR : hd_bytearray_new(o.buf, o.len);
    }
    hd_byteview_release(&x);
    hd_byteview_release(&y);
    return r;
}

hd_value hd_bytes_mul(hd_value a, hd_value b)
{
    if (!hd_is_bytes(a) && !hd_is_bytearray(a)) {
        if (!hd_is_bytes(b) && !hd_is_bytearray(b)) return HD_NOTIMPLEMENTED;
        if (!hd_is_int(a) && !hd_type_of(a)->op.index) return HD_NOTIMPLEMENTED;
        hd_value t = a; a = b; b = t;
    }
    int64_t n, total;
    hd_value r = hd_sequence_repeat_count(a, b, &n);
    if (r != HD_ABSENT) return r;
    size_t len;
    const unsigned char *p = hd_bytes_view(a, &len);
    if (!p) return HD_ERR;
    if (n <= 0 || len == 0) return hd_bytes_result(a, "", 0);
    if (n == 1 && hd_is_bytes_exact(a)) return a;
    if (__builtin_mul_overflow((int64_t)len, n, &total)) {
        if (hd_is_bytearray(a)) return hd_no_memory();
        return hd_raise(&hd_exc_OverflowError, "repeated bytes are too long");
    }
    if (total > INT64_C(1) << 46) return hd_no_memory();
    unsigned char *o;
    if (hd_is_bytes(a)) {
        r = hd_bytes_new(NULL, total);
        if (r == HD_ERR) return r;
        o = HD_BYTES(r)->data;
    } else {
        r = hd_bytearray_new(NULL, total);
        if (r == HD_ERR) return r;
        o = hd_bytearray_open_bytes(HD_BYTEARRAY(r), 0, total);
    }
    if (len == 1) memset(o, p[0], total);
    else {
        memcpy(o, p, len);
        for (int64_t done = len; done < total;) {
            int64_t m = done <= total - done ? done : total - done;
            memcpy(o + done, o, m);
            done += m;
        }
    }
    return r;
}
hd_value hd_bytes_mod(hd_value a, hd_value b)
{
    if (!hd_is_bytes(a) && !hd_is_bytearray(a)) return HD_NOTIMPLEMENTED;
    size_t n;
    const unsigned char *p = hd_bytes_view(a, &n);
    return p ? hd_bytes_percent(p, n, b, hd_is_bytearray(a)) : HD_ERR;
}

static hd_value b_getitem(hd_value v, hd_value key)
{
    const struct hd_bytes *b = HD_BYTES(v);
    int64_t i;
    if (hd_is_shape(key, HD_SHAPE_SLICE)) {
        int64_t start, stop, step, count;
        if (hd_slice_indices(key, b->len, &start, &stop, &step, &count) < 0) return HD_ERR;
        if (count <= 0) return hd_empty_bytes;
        if (step == 1 && count == b->len && hd_is_bytes_exact(v)) return v;
        if (step == 1) return hd_bytes_new(b->data + start, count);
        hd_value r = hd_bytes_new(NULL, count);
        if (r == HD_ERR) return r;
        for (int64_t k = 0, at = start; k < count; k++, at += step) HD_BYTES(r)->data[k] = b->data[at];
        return r;
    }
    if (!hd_is_fix(key) && !hd_is_int(key) && !hd_type_of(key)->op.index)
        return hd_raise(&hd_exc_TypeError, "byte indices must be integers or slices, not %.200T", key);
    if (hd_bytes_index("byte", key, &i) < 0) return HD_ERR;
    if (i < 0) i += b->len;
    if (i < 0 || i >= b->len) return hd_raise(&hd_exc_IndexError, "index out of range");
    return hd_fix(b->data[i]);
}

static int b_getbuffer(hd_value v, struct hd_buffer *b, bool writable)
{
    return hd_buffer_fill(b, v, HD_BYTES(v)->data, HD_BYTES(v)->len, true, writable);
}
static size_t b_size(const void *o) { return sizeof(struct hd_bytes) + ((const struct hd_bytes *)o)->len + 1; }

struct hd_type hd_bytes_type = {
    .head = { { HD_SHAPE_TYPE, 0 }, { 0 } }, .cname = "bytes", .basicsize = sizeof(struct hd_bytes) + 1, .itemsize = 1,
    .flags = HD_TF_IMMUTABLE_LAYOUT | HD_TF_BASETYPE | HD_TF_BYTES, .methods = hd_bytes_methods,
    .doc = "bytes(iterable_of_ints) -> bytes\nbytes(string, encoding[, errors]) -> bytes\nbytes(bytes_or_buffer) -> immutable copy of bytes_or_buffer\n"
           "bytes(int) -> bytes object of size given by the parameter initialized with null bytes\nbytes() -> empty bytes object",
    .op = { .repr = b_repr, .str = b_repr, .iter = hd_bytes_iter, .hash = b_hash, .length = b_length,
            .richcompare = b_compare, .getitem = b_getitem, .contains = hd_bytes_contains, .make = b_make,
            .binary = { [HD_ADD] = hd_bytes_like_concat, [HD_MUL] = hd_bytes_mul, [HD_MOD] = hd_bytes_mod }, .getbuffer = b_getbuffer, .size = b_size }
};
