/* bytearray: memory with barriers, and the operations of the type.  Methods shared with bytes: bytes_methods.c.
 *
 * A1  0 <= start, start + len <= body->cap; body == NULL means len == 0.
 * A2  While exports > 0 neither start, len nor body change.
 * A3  Bytes are written only after hd_bytearray_open_bytes (or in a body that nobody else has seen).
 * A body unit holds 512 bytes, the last one perhaps fewer. */
#include "interp/types/number.h"
#include "interp/eval/eval.h"
#include "interp/core/type_ops.h"
#include "interp/types/bytes_methods.h"

size_t hd_bytearray_size(const struct hd_bytearray *o)
{
    return o->head.h.shape == HD_SHAPE_BYTEARRAY ? sizeof *o : hd_inst_size((const struct hd_inst *)o);
}

/* ---- bodies ----------------------------------------------------------------------------------------------------------- */
static size_t body_size(const void *o)
{
    const struct hd_bytebody *b = o;
    return sizeof *b + hd_body_chunks(b->cap) * sizeof(struct stm_unit) + b->cap;
}
struct hd_type hd_bytearraybody_type = {
    .head = { { HD_SHAPE_TYPE, 0 }, { 0 } }, .cname = "<bytes body>", .basicsize = sizeof(struct hd_bytebody),
    .flags = HD_TF_IMMUTABLE_LAYOUT | HD_TF_NEVER_INSTANTIATE, .op = { .size = body_size }
};

static struct hd_bytebody *new_body(uint64_t cap)
{
    cap = (cap + 7) & ~UINT64_C(7);
    if (cap > UINT64_C(1) << 46) { hd_no_memory(); return NULL; }
    uint64_t chunks = hd_body_chunks(cap);
    struct hd_bytebody *b = gc_alloc(sizeof *b + chunks * sizeof(struct stm_unit) + cap);
    if (!b) { hd_no_memory(); return NULL; }
    b->head.aux = 0;
    b->cap = cap;
    for (uint64_t i = 0; i < chunks; i++) stm_unit_init(&b->unit[i]);
    b->head.shape = HD_SHAPE_BYTEARRAYBODY;
    return b;
}

void hd_body_open(struct hd_bytebody *b, unsigned char *p, size_t n)
{
    if (!n) return;
    unsigned char *data = hd_body_data(b);
    uint64_t lo = (uint64_t)(p - data) / HD_BODY_CHUNK, hi = (uint64_t)(p - data + n - 1) / HD_BODY_CHUNK;
    for (uint64_t c = lo; c <= hi; c++) {
        uint64_t size = b->cap - c * HD_BODY_CHUNK;
        stm_open(&b->unit[c], data + c * HD_BODY_CHUNK, size < HD_BODY_CHUNK ? size : HD_BODY_CHUNK, STM_BYTES);
    }
}

/* Where somebody else may write meanwhile, what is read is copied, and then the units tell whether the copy may be used. */
const unsigned char *hd_body_read(struct hd_bytebody *b, const unsigned char *p, size_t n, void *copy)
{
    if (!n || stm_alone()) return p;
    unsigned char *data = hd_body_data(b);
    uint64_t from = p - data, lo = from / HD_BODY_CHUNK, hi = (from + n - 1) / HD_BODY_CHUNK;
    bool mine = true, valid = true;
    for (uint64_t c = lo; c <= hi && mine; c++) mine = stm_is_mine(&b->unit[c]);
    if (mine) return p;
    unsigned char *out = copy ? copy : hd_scratch(n);
    if (!out) return NULL;
    memcpy(out, p, n);
    for (uint64_t c = lo; c <= hi; c++) valid &= stm_valid(&b->unit[c]);
    if (STM_LIKELY(valid)) return out;
    for (uint64_t at = from & ~UINT64_C(7); at < from + n; at += 8) {
        uint64_t w = stm_read(&b->unit[at / HD_BODY_CHUNK], data + at);
        for (uint64_t i = 0; i < 8; i++)
            if (at + i >= from && at + i < from + n) out[at + i - from] = ((unsigned char *)&w)[i];
    }
    return out;
}

/* ---- the root ---------------------------------------------------------------------------------------------------------- */
static struct hd_bytebody *peek(struct hd_bytearray *a, int64_t *start, int64_t *len)
{
    struct hd_bytebody *b = HD_PEEK(a, body);
    *start = HD_PEEK(a, start);
    *len = HD_PEEK(a, len);
    if (STM_UNLIKELY(!HD_VALID(a))) {
        b = HD_GET(a, body);
        *start = HD_GET(a, start);
        *len = HD_GET(a, len);
    }
    return b;
}

int64_t hd_bytearray_len(hd_value v) { return HD_GET(HD_BYTEARRAY(v), len); }

const unsigned char *hd_bytes_view(hd_value v, size_t *n)
{
    if (!hd_is_bytearray(v)) { *n = HD_BYTES(v)->len; return HD_BYTES(v)->data; }
    int64_t start, len;
    struct hd_bytebody *b = peek(HD_BYTEARRAY(v), &start, &len);
    *n = len;
    return len ? hd_body_read(b, hd_body_data(b) + start, len, NULL) : (const unsigned char *)"";
}
const unsigned char *hd_bytearray_part(hd_value v, int64_t lo, int64_t hi)
{
    int64_t start, len;
    struct hd_bytebody *b = peek(HD_BYTEARRAY(v), &start, &len);
    return lo < hi ? hd_body_read(b, hd_body_data(b) + start + lo, hi - lo, NULL) : (const unsigned char *)"";
}

int hd_bytearray_get(hd_value v, int64_t i)
{
    int64_t start, len;
    struct hd_bytebody *b = peek(HD_BYTEARRAY(v), &start, &len);
    if (i < 0) i += len;
    if (i < 0 || i >= len) return -1;
    uint64_t at = start + i, w = stm_read(&b->unit[at / HD_BODY_CHUNK], hd_body_data(b) + (at & ~UINT64_C(7)));
    return (int)(w >> (at & 7) * 8 & 0xff);
}

unsigned char *hd_bytearray_open_bytes(struct hd_bytearray *a, int64_t lo, int64_t hi)
{
    int64_t start, len;
    struct hd_bytebody *b = peek(a, &start, &len);
    if (!b) return (unsigned char *)(uintptr_t)"";
    unsigned char *p = hd_body_data(b) + start;
    hd_body_open(b, p + lo, hi - lo);
    return p;
}

int hd_bytearray_splice(struct hd_bytearray *a, int64_t lo, int64_t hi, const void *p, size_t n)
{
    if ((int64_t)n != hi - lo && HD_GET(a, exports) > 0 && !hd_ts->finalising) {
        gc_collect_full();                             /* views that nothing refers to any more are released by their finaliser */
        hd_run_finalisers();
    }
    int64_t start, len;
    struct hd_bytebody *b = peek(a, &start, &len);
    if (hi > len) hi = len;
    if (lo > hi) lo = hi;
    int64_t change = (int64_t)n - (hi - lo), size = len + change;
    if (change == 0) {
        if (n) memcpy(hd_bytearray_open_bytes(a, lo, hi) + lo, p, n);
        return 0;
    }
    hd_bytearray_w w = hd_bytearray_open(a);
    if (HD_OWN(w, exports) > 0) { hd_raise(&hd_exc_BufferError, "Existing exports of data: object cannot be re-sized"); return -1; }
    if (lo == 0 && change < 0) {                       /* at the front: move the start */
        if (n) memcpy(hd_bytearray_open_bytes(a, 0, hi) + hi - n, p, n);
        HD_PUT(w, start, start - change);
        HD_PUT(w, len, size);
        if (size == 0) { HD_PUT(w, start, 0); HD_PUT(w, body, NULL); }
        return 0;
    }
    if (!b || (uint64_t)(start + size) > b->cap || (b->cap > 64 && (uint64_t)size < b->cap / 4)) {
        uint64_t cap = change > 0 && len ? size + size / 8 + 16 : size;
        struct hd_bytebody *fresh = new_body(cap);
        if (!fresh) return -1;
        unsigned char *out = hd_body_data(fresh);
        const unsigned char *old = NULL;
        if (b && len && !(old = hd_body_read(b, hd_body_data(b) + start, len, NULL))) return -1;
        if (old) memcpy(out, old, lo);
        if (n) memcpy(out + lo, p, n);
        if (old) memcpy(out + lo + n, old + hi, len - hi);
        HD_PUT(w, body, fresh);
        HD_PUT(w, start, 0);
    } else {
        unsigned char *data = hd_body_data(b) + start;
        int64_t end = size > len ? size : len;
        hd_body_open(b, data + lo, end - lo);
        memmove(data + lo + n, data + hi, len - hi);
        if (n) memcpy(data + lo, p, n);
    }
    HD_PUT(w, len, size);
    return 0;
}

static void set_content(struct hd_bytearray *a, struct hd_bytebody *b, int64_t len)
{
    HD_INIT(a, len, len);
    HD_INIT(a, start, 0);
    HD_INIT(a, exports, 0);
    HD_INIT(a, body, b);
}
hd_value hd_bytearray_new(const void *p, size_t n)
{
    struct hd_bytebody *b = NULL;
    if (n) {
        if (!(b = new_body(n))) return HD_ERR;
        if (p) memcpy(hd_body_data(b), p, n);
        else memset(hd_body_data(b), 0, n);
    }
    struct hd_bytearray *a = hd_new_mutable(&hd_bytearray_type, sizeof *a);
    if (!a) return HD_ERR;
    set_content(a, b, n);
    return hd_obj(a);
}

/* ---- operations ------------------------------------------------------------------------------------------------------------- */
static hd_value ba_make(hd_value type, const hd_value *args, size_t nargs, hd_value kwnames)
{
    struct hd_type *t = HD_TYPE(type);
    if (t == &hd_bytearray_type) return hd_bytearray_new(NULL, 0);
    hd_value v = hd_alloc_instance(t, 0);
    if (v != HD_ERR) set_content(hd_ptr(v), NULL, 0);
    return v;
}

static int clear(struct hd_bytearray *a)
{
    int64_t n = HD_GET(a, len);
    return n ? hd_bytearray_splice(a, 0, n, NULL, 0) : 0;
}

/* A copy if the source is this array itself or shares its memory. */
static int extend_view(struct hd_bytearray *a, hd_value source)
{
    size_t n;
    const unsigned char *p;
    int64_t at = HD_GET(a, len);
    if (hd_is_bytes(source)) return hd_bytearray_splice(a, at, at, HD_BYTES(source)->data, HD_BYTES(source)->len);
    struct hd_byteview v;
    if (hd_byteview_get(source, &v) < 0) return -1;
    n = v.n;
    unsigned char *copy = hd_scratch(n + 1);
    if (copy) memcpy(copy, v.p, n);
    p = copy;
    hd_byteview_release(&v);
    return copy ? hd_bytearray_splice(a, at, at, p, n) : -1;
}

int hd_bytearray_extend(struct hd_bytearray *a, hd_value source)
{
    if (hd_is_bytes_like(source)) return extend_view(a, source);
    hd_value it = hd_iter(source);
    if (it == HD_ERR) {
        if (hd_exc_is(&hd_exc_TypeError)) { hd_exc_clear(); hd_raise(&hd_exc_TypeError, "can't extend bytearray with %.100T", source); }
        return -1;
    }
    if (hd_length_hint(source, 32) < 0) return -1;
    struct hd_bytebuilder b = { 0 };
    for (;;) {
        hd_value x = hd_next(it);
        if (x == HD_ERR) return -1;
        if (x == HD_STOP) break;
        int byte = hd_byte_value(x);
        if (byte < 0) return -1;
        hd_bb_byte(&b, (unsigned)byte);
    }
    if (b.failed) return -1;
    int64_t at = HD_GET(a, len);
    return hd_bytearray_splice(a, at, at, b.buf, b.len);
}

static int ba_init(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
{
    struct hd_bytearray *a = hd_ptr(self);
    hd_value v[3];
    const char *encoding, *errors;
    if (hd_args("bytearray", "|source,encoding,errors", args, nargs, kwnames, v) < 0) return -1;
    if (hd_codec_args("bytearray", v + 1, &encoding, &errors) < 0 || clear(a) < 0) return -1;
    if (v[0] == HD_ABSENT) {
        if (!encoding && !errors) return 0;
        hd_raise(&hd_exc_TypeError, "%s without a string argument", encoding ? "encoding" : "errors");
        return -1;
    }
    if (hd_is_str(v[0])) {
        if (!encoding) { hd_raise(&hd_exc_TypeError, "string argument without an encoding"); return -1; }
        hd_value b = hd_str_encode(v[0], encoding, errors);
        return b == HD_ERR ? -1 : hd_bytearray_splice(a, 0, 0, HD_BYTES(b)->data, HD_BYTES(b)->len);
    }
    if (encoding || errors) {
        hd_raise(&hd_exc_TypeError, "%s without a string argument", encoding ? "encoding" : "errors");
        return -1;
    }
    if (hd_is_int(v[0]) || hd_type_of(v[0])->op.index) {
        hd_value i = hd_number_index(v[0]);
        if (i == HD_ERR) {
            if (!hd_exc_is(&hd_exc_TypeError)) return -1;
            hd_exc_clear();
        } else {
            int64_t count;
            if (!hd_int_to_i64(i, &count)) { hd_raise(&hd_exc_OverflowError, "cannot fit '%.200T' into an index-sized integer", v[0]); return -1; }
            if (count > INT64_MAX - 64) { (void)hd_no_memory(); return -1; }
            if (hd_unfix(i) < 0) { hd_raise(&hd_exc_ValueError, "negative count"); return -1; }
            if (hd_unfix(i) == 0) return 0;
            struct hd_bytebody *b = new_body(hd_unfix(i));
            if (!b) return -1;
            memset(hd_body_data(b), 0, hd_unfix(i));
            hd_bytearray_w w = hd_bytearray_open(a);
            HD_PUT(w, body, b);
            HD_PUT(w, start, 0);
            HD_PUT(w, len, hd_unfix(i));
            return 0;
        }
    }
    if (hd_is_bytes_like(v[0])) return extend_view(a, v[0]);
    hd_value it = hd_iter(v[0]);
    if (it == HD_ERR) {
        if (hd_exc_is(&hd_exc_TypeError)) { hd_exc_clear(); hd_raise(&hd_exc_TypeError, "cannot convert '%.200T' object to bytearray", v[0]); }
        return -1;
    }
    for (;;) {                                         /* the iterator may look at what is there already */
        hd_value x = hd_next(it);
        if (x == HD_STOP) return 0;
        int byte = x == HD_ERR ? -1 : hd_byte_value(x);
        if (byte < 0) return -1;
        unsigned char c = (unsigned char)byte;
        int64_t at = HD_GET(a, len);
        if (hd_bytearray_splice(a, at, at, &c, 1) < 0) return -1;
    }
}

static int64_t ba_length(hd_value v) { return hd_bytearray_len(v); }
static hd_value ba_repr(hd_value v)
{
    size_t n;
    const unsigned char *p = hd_bytes_view(v, &n);
    if (!p) return HD_ERR;
    const char *name = hd_type_name(hd_type_of(v));
    char *before = hd_scratch(strlen(name) + 2);
    if (!before) return HD_ERR;
    const char *dot = strrchr(name, '.');
    strcat(strcpy(before, dot ? dot + 1 : name), "(");
    return hd_bytes_repr(p, n, before, ")");
}

static hd_value ba_getitem(hd_value v, hd_value key)
{
    if (hd_is_shape(key, HD_SHAPE_SLICE)) {
        int64_t start, stop, step, count;
        if ((key = hd_slice_settled(key)) == HD_ERR || hd_slice_indices(key, hd_bytearray_len(v), &start, &stop, &step, &count) < 0) return HD_ERR;
        if (count <= 0) return hd_bytearray_new(NULL, 0);
        unsigned char *t = NULL;
        const unsigned char *p = NULL;
        int64_t last = start + (count - 1) * step, lo = step > 0 ? start : last, hi = (step > 0 ? last : start) + 1;
        bool sparse = hi - lo > 32 * count;              /* then byte by byte: what is skipped stays unread */
        if (!sparse && !(p = hd_bytes_part(v, lo, hi))) return HD_ERR;
        if (step == 1) return hd_bytearray_new(p, count);
        if (!(t = hd_scratch(count))) return HD_ERR;
        for (int64_t k = 0, at = start; k < count; k++, at += step) t[k] = sparse ? (unsigned char)hd_bytearray_get(v, at) : p[at - lo];
        return hd_bytearray_new(t, count);
    }
    int64_t i;
    if (hd_bytes_index("bytearray", key, &i) < 0) return HD_ERR;
    int c = hd_bytearray_get(v, i);
    return c < 0 ? hd_raise(&hd_exc_IndexError, "bytearray index out of range") : hd_fix(c);
}

static int ba_setitem(hd_value v, hd_value key, hd_value x)
{
    struct hd_bytearray *a = hd_ptr(v);
    if (!hd_is_shape(key, HD_SHAPE_SLICE)) {
        int64_t i;
        if (hd_bytes_index("bytearray", key, &i) < 0) return -1;
        int byte = 0;
        int64_t n = hd_bytearray_len(v);
        if (i < 0) i += n;
        if (i < 0 || i >= n) { hd_raise(&hd_exc_IndexError, "bytearray index out of range"); return -1; }
        if (x == HD_ABSENT) return hd_bytearray_splice(a, i, i + 1, NULL, 0);
        if ((byte = hd_byte_value(x)) < 0) return -1;
        if (i >= hd_bytearray_len(v)) { hd_raise(&hd_exc_IndexError, "bytearray index out of range"); return -1; }
        hd_bytearray_open_bytes(a, i, i + 1)[i] = (unsigned char)byte;
        return 0;
    }
    const unsigned char *p = NULL;
    size_t m = 0;
    if (x != HD_ABSENT) {
        if (hd_is_bytes(x)) { p = HD_BYTES(x)->data; m = HD_BYTES(x)->len; }
        else {
            if (hd_is_int(x) || hd_is_str(x) || hd_type_of(x)->op.index || hd_type_of(x)->op.tofloat || hd_type_of(x)->op.toint) { hd_raise(&hd_exc_TypeError, "can assign only bytes, buffers, or iterables of ints in range(0, 256)"); return -1; }
            hd_value b = hd_bytearray_new(NULL, 0);
            if (b == HD_ERR || ba_init(b, &x, 1, 0) < 0 || !(p = hd_bytes_view(b, &m))) return -1;
        }
    }
    int64_t start, stop, step, count;
    if ((key = hd_slice_settled(key)) == HD_ERR || hd_slice_indices(key, hd_bytearray_len(v), &start, &stop, &step, &count) < 0) return -1;
    if (step == 1) return hd_bytearray_splice(a, start, start + (count > 0 ? count : 0), p, m);
    if (m == 0) {                                       /* delete */
        if (count <= 0) return 0;
        if (step < 0) { start += step * (count - 1); step = -step; }
        int64_t o = 0, n = (count - 1) * step + 1;
        const unsigned char *old = hd_bytes_part(v, start, start + n);
        unsigned char *t = old ? hd_scratch(n + 1) : NULL;
        if (!t) return -1;
        for (int64_t i = 0; i < n; i++) if (i % step) t[o++] = old[i];
        return hd_bytearray_splice(a, start, start + n, t, o);
    }
    if ((int64_t)m != count) {
        hd_raise(&hd_exc_ValueError, "attempt to assign bytes of size %zd to extended slice of size %zd", m, count);
        return -1;
    }
    unsigned char *t = hd_scratch(m);
    if (!t) return -1;
    memcpy(t, p, m);
    int64_t lo = step > 0 ? start : start + step * (count - 1), hi = (step > 0 ? start + step * (count - 1) : start) + 1;
    unsigned char *o = hd_bytearray_open_bytes(a, lo, hi);
    for (int64_t k = 0, at = start; k < count; k++, at += step) o[at] = t[k];
    return 0;
}

static hd_value ba_iadd(hd_value v, hd_value x)
{
    if (!hd_is_bytearray(v)) return HD_NOTIMPLEMENTED;
    if (!hd_is_bytes_like(x)) return hd_raise(&hd_exc_TypeError, "can't concat %.100T to %.100T", x, v);
    return extend_view(hd_ptr(v), x) < 0 ? HD_ERR : v;
}
static hd_value ba_imul(hd_value v, hd_value x)
{
    int64_t n;
    hd_value r = hd_sequence_repeat_count(v, x, &n);
    if (r != HD_ABSENT) return r;
    size_t len;
    const unsigned char *p = hd_bytes_view(v, &len);
    if (!p) return HD_ERR;
    if (n <= 0) return clear(hd_ptr(v)) < 0 ? HD_ERR : v;
    if (n == 1 || !len) return v;
    int64_t total;
    if (__builtin_mul_overflow((int64_t)len, n - 1, &total) || total > INT64_C(1) << 46) return hd_no_memory();
    unsigned char *t = hd_scratch(total);
    if (!t) return HD_ERR;
    for (int64_t i = 0; i < n - 1; i++) memcpy(t + i * len, p, len);
    return hd_bytearray_splice(hd_ptr(v), len, len, t, total) < 0 ? HD_ERR : v;
}

static int ba_getbuffer(hd_value v, struct hd_buffer *b, bool writable)
{
    struct hd_bytearray *a = hd_ptr(v);
    int64_t start, len;
    struct hd_bytebody *body = peek(a, &start, &len);
    unsigned char *p = body ? hd_body_data(body) + start : (unsigned char *)(uintptr_t)"";
    if (hd_buffer_fill(b, v, p, len, false, writable) < 0) return -1;
    b->body = body;
    hd_bytearray_w w = hd_bytearray_open(a);
    HD_PUT(w, exports, HD_OWN(w, exports) + 1);
    if (writable && body) hd_body_open(body, p, len);
    return 0;
}
static void ba_releasebuffer(hd_value v, struct hd_buffer *b)
{
    hd_bytearray_w w = hd_bytearray_open(hd_ptr(v));
    HD_PUT(w, exports, HD_OWN(w, exports) - 1);
}

static void ba_trace(void *o, struct gc_marker *m) { gc_mark(m, hd_obj(HD_RAW(((struct hd_bytearray *)o)->body))); }

/* ---- iterators of bytes and bytearray ------------------------------------------------------------------------------------------ */
HD_MUTABLE(byteiter)
struct byteiter { struct hd_mhead head; hd_vslot seq; /* None: exhausted */ hd_islot at; };
HD_MUTABLE_OPEN(byteiter, sizeof(struct byteiter))

static hd_value make_iter(struct hd_type *t, hd_value v)
{
    struct byteiter *it = hd_new_mutable(t, sizeof *it);
    if (!it) return HD_ERR;
    HD_INIT(it, seq, v);
    HD_INIT(it, at, 0);
    return hd_obj(it);
}
static hd_value ba_iter(hd_value v) { return make_iter(&hd_bytearrayiter_type, v); }
hd_value hd_bytes_iter(hd_value v) { return make_iter(&hd_bytesiter_type, v); }
static hd_value iter_next(hd_value v)
{
    struct byteiter *it = hd_ptr(v);
    byteiter_w w = byteiter_open(it);
    hd_value s = HD_OWN(w, seq);
    if (s == HD_NONE) return HD_STOP;
    int64_t i = HD_OWN(w, at);
    int c = hd_is_bytes(s) ? (i < HD_BYTES(s)->len ? HD_BYTES(s)->data[i] : -1) : hd_bytearray_get(s, i);
    if (c < 0) { HD_PUT(w, seq, HD_NONE); return HD_STOP; }
    HD_PUT(w, at, i + 1);
    return hd_fix(c);
}
static hd_value iter_hint(hd_value v, const hd_value *args, size_t nargs, hd_value kwnames)
{
    struct byteiter *it = hd_ptr(v);
    hd_value s = HD_GET(it, seq);
    int64_t n = s == HD_NONE ? 0 : hd_bytes_length(s) - HD_GET(it, at);
    return hd_int(n < 0 ? 0 : n);
}
static hd_value iter_reduce(hd_value v, const hd_value *args, size_t nargs, hd_value kwnames)
{
    struct byteiter *it = hd_ptr(v);
    hd_value s = HD_GET(it, seq), iter = hd_dict_get_c(hd_builtins_dict, "iter");
    if (iter == HD_ERR || iter == HD_ABSENT) return iter == HD_ERR ? HD_ERR : hd_raise(&hd_exc_AttributeError, "iter");
    bool over = s == HD_NONE;
    if (over && (s = hd_list_new(0)) != HD_ERR && hd_is_shape(v, HD_SHAPE_BYTESITER)) s = hd_empty_tuple;
    hd_value t = s == HD_ERR ? s : hd_tuplev(s);
    return t == HD_ERR ? t : over ? hd_tuplev(iter, t) : hd_tuplev(iter, t, hd_int(HD_GET(it, at)));
}
static hd_value iter_setstate(hd_value v, const hd_value *args, size_t nargs, hd_value kwnames)
{
    struct byteiter *it = hd_ptr(v);
    int64_t i;
    if (hd_as_i64(args[0], &i) < 0) return HD_ERR;
    hd_value s = HD_GET(it, seq);
    if (s == HD_NONE) return HD_NONE;
    byteiter_w w = byteiter_open(it);
    HD_PUT(w, at, i < 0 ? 0 : i > hd_bytes_length(s) ? hd_bytes_length(s) : i);
    return HD_NONE;
}
static hd_value iter_self(hd_value v) { return v; }
static void iter_trace(void *o, struct gc_marker *m) { gc_mark(m, HD_RAW(((struct byteiter *)o)->seq)); }
static const struct hd_methoddef iter_methods[] = {
    { "__length_hint__", iter_hint, 0, 0, 0, "Number of bytes that are left." },
    { "__reduce__", iter_reduce, 0, 0, 0, "State for pickling." },
    { "__setstate__", iter_setstate, 1, 1, 0, "Go to a position." },
    { NULL }
};
struct hd_type hd_bytesiter_type = {
    .head = { { HD_SHAPE_TYPE, 0 }, { 0 } }, .cname = "bytes_iterator", .basicsize = sizeof(struct byteiter),
    .flags = HD_TF_NEVER_INSTANTIATE, .methods = iter_methods, .op = { .iter = iter_self, .iternext = iter_next, .trace = iter_trace }
};
struct hd_type hd_bytearrayiter_type = {
    .head = { { HD_SHAPE_TYPE, 0 }, { 0 } }, .cname = "bytearray_iterator", .basicsize = sizeof(struct byteiter),
    .flags = HD_TF_NEVER_INSTANTIATE, .methods = iter_methods, .op = { .iter = iter_self, .iternext = iter_next, .trace = iter_trace }
};

struct hd_type hd_bytearray_type = {
    .head = { { HD_SHAPE_TYPE, 0 }, { 0 } }, .cname = "bytearray", .basicsize = sizeof(struct hd_bytearray),
    .flags = HD_TF_BASETYPE | HD_TF_BYTEARRAY, .methods = hd_bytearray_methods,
    .doc = "bytearray(iterable_of_ints) -> bytearray\nbytearray(string, encoding[, errors]) -> bytearray\n"
           "bytearray(bytes_or_buffer) -> mutable copy of bytes_or_buffer\nbytearray(int) -> bytes array of size given by the parameter initialized with null bytes\n"
           "bytearray() -> empty bytes array",
    .op = { .repr = ba_repr, .str = ba_repr, .iter = ba_iter, .hash = hd_hash_refused, .length = ba_length,
            .richcompare = hd_bytes_richcompare, .getitem = ba_getitem, .setitem = ba_setitem, .contains = hd_bytes_contains, .make = ba_make,
            .init = ba_init, .binary = { [HD_ADD] = hd_bytes_like_concat, [HD_MUL] = hd_bytes_mul, [HD_MOD] = hd_bytes_mod },
            .inplace = { [HD_ADD] = ba_iadd, [HD_MUL] = ba_imul }, .getbuffer = ba_getbuffer, .releasebuffer = ba_releasebuffer, .trace = ba_trace }
};
