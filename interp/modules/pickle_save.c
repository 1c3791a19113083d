/* _pickle: the Pickler. */
#include <stdio.h>
#include "interp/modules/pickle_internal.h"
#include "interp/types/dict.h"
#include "interp/types/list.h"
#include "interp/types/number.h"
#include "interp/types/set.h"
#include "interp/types/str.h"

enum { FRAME_MIN = 4, FRAME_TARGET = 64 * 1024, FRAME_HEADER = 9, BATCH = 1000, FAST_NESTING = 50 };

HD_MUTABLE(pickler)
struct pickler {
    struct hd_mhead head;
    hd_vslot write;                      /* HD_UNBOUND: not initialised */
    hd_vslot buffer_callback, dispatch_table, persistent_id;    /* HD_UNBOUND: none */
    hd_islot proto, bin, fast, fix_imports;
    HD_PSLOT(struct hd_array) memo;      /* pairs {object, number}, found by address; a power of two of pairs, or NULL */
    hd_islot memo_n;
};
HD_MUTABLE_OPEN(pickler, hd_inst_size(o))
#define PICKLER(v) ((struct pickler *)hd_ptr(v))

/* One dump under way; on the C stack. */
struct save {
    struct pickler *p;
    struct hd_bytebuilder out;
    int64_t frame;                       /* where the current frame's header lies in out; -1: none */
    hd_value write;                      /* HD_ABSENT: everything is returned at the end */
    hd_value persistent_id, reducer_override, dispatch_table, buffer_callback;      /* HD_ABSENT: none */
    int proto;
    bool bin, fast, fix_imports, framing;
    int fast_nesting;
    hd_value fast_memo;
    bool own;                            /* nobody else has the pickler: its memo is here, and is read without barriers */
    struct hd_array *memo;
    int64_t memo_n;
};
static int save(struct save *s, hd_value o, bool persistent);
static int save_reduce(struct save *s, hd_value reduced, hd_value obj);

static int fail(const char *format, hd_value o) { (void)hd_raise(HD_TYPE(hd_pickling_error), format, o); return -1; }

/* ---- output --------------------------------------------------------------------------------------------------------------------- */
static int done(const struct save *s) { return s->out.failed ? -1 : 0; }
static int end_frame(struct save *s)
{
    if (!s->framing || s->frame < 0) return done(s);
    size_t start = (size_t)s->frame, n = s->out.len - start - FRAME_HEADER;
    s->frame = -1;
    if (n >= FRAME_MIN) {
        unsigned char *h = s->out.buf + start;
        *h = OP_FRAME;
        for (int i = 0; i < 8; i++) h[1 + i] = (unsigned char)((uint64_t)n >> 8 * i);
        return done(s);
    }
    struct hd_bytebuilder b = { 0 };                        /* without the header; a place is never written twice */
    hd_bb_bytes(&b, s->out.buf, start);
    hd_bb_bytes(&b, s->out.buf + start + FRAME_HEADER, n);
    s->out = b;
    return done(s);
}
static int flush(struct save *s)
{
    if (s->write == HD_ABSENT) return done(s);
    hd_value b = hd_bb_finish(&s->out);
    s->out = (struct hd_bytebuilder){ 0 };
    return b == HD_ERR || hd_callv(s->write, b) == HD_ERR ? -1 : 0;
}
static unsigned char *room(struct save *s, size_t n)
{
    if (s->framing && s->frame < 0) {
        s->frame = (int64_t)s->out.len;
        if (hd_bb_reserve(&s->out, FRAME_HEADER + n)) s->out.len += FRAME_HEADER;
    }
    return hd_bb_reserve(&s->out, n);
}
static inline int emit(struct save *s, const void *p, size_t n)
{
    bool ready = s->out.len + n <= s->out.cap && !s->out.failed && (s->frame >= 0 || !s->framing);
    unsigned char *o = STM_LIKELY(ready) ? s->out.buf + s->out.len : room(s, n);
    if (!o) return -1;
    if (n) memcpy(o, p, n);
    s->out.len += n;
    return 0;
}
static int op(struct save *s, int code)
{
    unsigned char c = (unsigned char)code;
    return emit(s, &c, 1);
}
/* An opcode and a little-endian number of n bytes. */
static inline int op_number(struct save *s, int code, uint64_t v, size_t n)
{
    unsigned char t[9] = { (unsigned char)code };
    for (size_t i = 0; i < n; i++) t[1 + i] = (unsigned char)(v >> 8 * i);
    return emit(s, t, n + 1);
}
static int op_text(struct save *s, int code, const char *text, size_t n)
{
    return op(s, code) < 0 || emit(s, text, n) < 0 ? -1 : op(s, '\n');
}
/* A header and its data; large data stands outside frames and goes to the file as it is. */
static int payload(struct save *s, int code, size_t size_bytes, const void *data, size_t n, hd_value object)
{
    if (n < FRAME_TARGET || !s->framing) {
        if (op_number(s, code, n, size_bytes) < 0) return -1;
        return n < FRAME_TARGET || s->write == HD_ABSENT ? emit(s, data, n) : flush(s) < 0 || hd_callv(s->write, object) == HD_ERR ? -1 : 0;
    }
    if (end_frame(s) < 0) return -1;
    s->framing = false;
    int r = op_number(s, code, n, size_bytes);
    if (r == 0) r = s->write == HD_ABSENT ? emit(s, data, n) : flush(s) < 0 || hd_callv(s->write, object) == HD_ERR ? -1 : 0;
    s->framing = true;
    return r;
}
static int boundary(struct save *s)
{
    if (!s->framing || s->frame < 0 || s->out.len - (size_t)s->frame - FRAME_HEADER < FRAME_TARGET) return 0;
    return end_frame(s) < 0 ? -1 : flush(s);
}

/* ---- memo ----------------------------------------------------------------------------------------------------------------------- */
static inline hd_value memo_word(const struct hd_array *t, int64_t i, bool own) { return own ? hd_array_own(t, i) : hd_array_get(t, i); }
static inline int64_t memo_place(const struct hd_array *t, hd_value o, bool own)
{
    int64_t mask = t->cap / 2 - 1, i = (int64_t)((o >> 4) * UINT64_C(0x9e3779b97f4a7c15) >> 20) & mask;
    for (hd_value k; (k = memo_word(t, 2 * i, own)) != 0 && k != o; ) i = (i + 1) & mask;
    return i;
}
/* The object's number, or -1. */
static int64_t memo_find(struct save *s, hd_value o)
{
    struct hd_array *t = s->own ? s->memo : HD_GET(s->p, memo);
    if (!t) return -1;
    int64_t i = memo_place(t, o, s->own);
    return memo_word(t, 2 * i, s->own) ? hd_unfix(memo_word(t, 2 * i + 1, s->own)) : -1;
}
/* Puts an object into a table of n objects, which may become a larger one. */
static int memo_put(struct hd_array **table, int64_t *n, hd_value o, int64_t number, bool own)
{
    struct hd_array *t = *table;
    if (!t || 4 * (*n + 1) > t->cap) {
        struct hd_array *bigger = hd_array_new(!t ? 64 : t->cap < 4096 ? 4 * t->cap : 2 * t->cap);
        if (!bigger) return -1;
        for (int64_t i = 0; t && i < t->cap; i += 2) {
            hd_value k = memo_word(t, i, own);
            if (!k) continue;
            int64_t to = memo_place(bigger, k, true);
            hd_array_init(bigger, 2 * to, k);
            hd_array_init(bigger, 2 * to + 1, memo_word(t, i + 1, own));
        }
        *table = t = bigger;
    }
    int64_t i = memo_place(t, o, own);
    *n += !memo_word(t, 2 * i, own);
    hd_array_put(t, 2 * i, o);
    hd_array_put(t, 2 * i + 1, hd_fix(number));
    return 0;
}
static int memo_add(struct pickler *p, hd_value o, int64_t number)
{
    struct hd_array *t = HD_GET(p, memo);
    int64_t n = HD_GET(p, memo_n);
    if (memo_put(&t, &n, o, number, false) < 0) return -1;
    pickler_w w = pickler_open(p);
    HD_PUT(w, memo, t);
    HD_PUT(w, memo_n, n);
    return 0;
}
static int memoize(struct save *s, hd_value o)
{
    if (s->fast) return 0;
    int64_t n = s->own ? s->memo_n : HD_GET(s->p, memo_n);
    char t[24];
    if ((s->own ? memo_put(&s->memo, &s->memo_n, o, n, true) : memo_add(s->p, o, n)) < 0) return -1;
    if (s->proto >= 4) return op(s, OP_MEMOIZE);
    if (s->bin) return n < 256 ? op_number(s, OP_BINPUT, (uint64_t)n, 1) : op_number(s, OP_LONG_BINPUT, (uint64_t)n, 4);
    return op_text(s, OP_PUT, t, (size_t)snprintf(t, sizeof t, "%lld", (long long)n));
}
static int save_get(struct save *s, int64_t n)
{
    char t[24];
    if (s->bin) return n < 256 ? op_number(s, OP_BINGET, (uint64_t)n, 1) : op_number(s, OP_LONG_BINGET, (uint64_t)n, 4);
    return op_text(s, OP_GET, t, (size_t)snprintf(t, sizeof t, "%lld", (long long)n));
}

/* ---- atoms ---------------------------------------------------------------------------------------------------------------------- */
static int save_bool(struct save *s, bool v)
{
    if (s->proto >= 2) return op(s, v ? OP_NEWTRUE : OP_NEWFALSE);
    return emit(s, v ? "I01\n" : "I00\n", 4);
}
static int save_int(struct save *s, hd_value v)
{
    int64_t i;
    char t[32];
    if (hd_int_to_i64(v, &i) && i >= INT32_MIN && i <= INT32_MAX) {
        if (!s->bin) return op_text(s, OP_INT, t, (size_t)snprintf(t, sizeof t, "%lld", (long long)i));
        if (i >= 0 && i < 0x100) return op_number(s, OP_BININT1, (uint64_t)i, 1);
        return i >= 0 && i < 0x10000 ? op_number(s, OP_BININT2, (uint64_t)i, 2) : op_number(s, OP_BININT, (uint64_t)i, 4);
    }
    if (s->proto < 2) {
        size_t n;
        hd_value text = hd_int_to_str(v, 10, false);
        const char *p = text == HD_ERR ? NULL : hd_str_as_utf8(text, &n);
        return !p || op(s, OP_LONG) < 0 || emit(s, p, n) < 0 ? -1 : emit(s, "L\n", 2);
    }
    size_t n = (size_t)hd_int_bit_length(v) / 8 + 1;
    unsigned char small[64], *p = n <= sizeof small ? small : hd_scratch(n);
    if (!p || hd_int_to_bytes(v, p, n, true, true) < 0) return -1;
    if (n > 1 && p[n - 1] == 0xff && p[n - 2] & 0x80) n--;
    if (n > INT32_MAX) return fail("int too large to pickle", HD_NONE);
    return (n < 256 ? op_number(s, OP_LONG1, n, 1) : op_number(s, OP_LONG4, n, 4)) < 0 ? -1 : emit(s, p, n);
}
static int save_float(struct save *s, hd_value v)
{
    double d = hd_float_value(v);
    if (!s->bin) {
        char t[64];
        return op_text(s, OP_FLOAT, t, (size_t)hd_float_write_repr(d, t, true));
    }
    uint64_t bits;
    memcpy(&bits, &d, 8);
    return op_number(s, OP_BINFLOAT, __builtin_bswap64(bits), 8);
}
static int sized(struct save *s, const void *p, size_t n, int op1, int op4, int op8, hd_value o)
{
    if (n < 256 && op1 && (op1 != OP_SHORT_BINUNICODE || s->proto >= 4)) return payload(s, op1, 1, p, n, o);
    if (n <= UINT32_MAX && op4) return payload(s, op4, 4, p, n, o);
    if (s->proto >= 4) return payload(s, op8, 8, p, n, o);
    (void)hd_raise(&hd_exc_OverflowError, "serializing a %s larger than 4 GiB requires pickle protocol 4 or higher", op8 == OP_BINBYTES8 ? "bytes object" : "string");
    return -1;
}
static int save_bytes(struct save *s, hd_value v)
{
    if (s->proto < 3) {
        hd_value r;
        if (HD_BYTES(v)->len == 0) r = hd_tuplev(hd_obj(&hd_bytes_type), hd_empty_tuple);
        else r = hd_tuplev(hd_pickle_encode, hd_tuplev(hd_str_latin1((const char *)HD_BYTES(v)->data, (size_t)HD_BYTES(v)->len), hd_str_utf8("latin1")));
        return r == HD_ERR ? -1 : save_reduce(s, r, v);
    }
    return sized(s, HD_BYTES(v)->data, (size_t)HD_BYTES(v)->len, OP_SHORT_BINBYTES, OP_BINBYTES, OP_BINBYTES8, v) < 0 ? -1 : memoize(s, v);
}
static hd_value as_bytes(hd_value v)
{
    struct hd_byteview b;
    if (hd_byteview_get(v, &b) < 0) return HD_ERR;
    hd_value r = hd_bytes_new(b.p, b.n);
    hd_byteview_release(&b);
    return r;
}
static int save_bytearray(struct save *s, hd_value v)
{
    hd_value b = as_bytes(v);
    if (b == HD_ERR) return -1;
    if (s->proto >= 5) return payload(s, OP_BYTEARRAY8, 8, HD_BYTES(b)->data, (size_t)HD_BYTES(b)->len, b) < 0 ? -1 : memoize(s, v);
    hd_value r = hd_tuplev(hd_obj(&hd_bytearray_type), HD_BYTES(b)->len ? hd_tuplev(b) : hd_empty_tuple);
    return r == HD_ERR ? -1 : save_reduce(s, r, v);
}
static int save_buffer(struct save *s, hd_value v)
{
    if (s->proto < 5) return fail("PickleBuffer can only pickled with protocol >= 5", v);
    hd_value o = hd_picklebuffer_object(v);
    struct hd_buffer b;
    if (o == HD_ERR || hd_buffer_get(v, &b, false) < 0) return -1;
    bool contiguous = hd_buffer_contiguous(&b), readonly = b.readonly;
    hd_buffer_release(&b);
    if (!contiguous) return fail("PickleBuffer can not be pickled when pointing to a non-contiguous buffer", v);
    if (s->buffer_callback != HD_ABSENT) {
        hd_value r = hd_callv(s->buffer_callback, v);
        int in_band = r == HD_ERR ? -1 : hd_truth(r);
        if (in_band < 0) return -1;
        if (!in_band) return op(s, OP_NEXT_BUFFER) < 0 ? -1 : readonly ? op(s, OP_READONLY_BUFFER) : 0;
    }
    hd_value data = as_bytes(v);
    if (data == HD_ERR) return -1;
    const void *p = HD_BYTES(data)->data;
    size_t n = (size_t)HD_BYTES(data)->len;
    return (readonly ? sized(s, p, n, OP_SHORT_BINBYTES, OP_BINBYTES, OP_BINBYTES8, data) : payload(s, OP_BYTEARRAY8, 8, p, n, data)) < 0 ? -1 : memoize(s, v);
}
static int save_str(struct save *s, hd_value v)
{
    if (s->bin) {
        hd_value b;
        int r;
        if (hd_str_is_ascii(v) && HD_STR(v)->len < FRAME_TARGET)
            r = sized(s, HD_STR(v)->data, (size_t)HD_STR(v)->len, OP_SHORT_BINUNICODE, OP_BINUNICODE, OP_BINUNICODE8, HD_NONE);
        else {
            if ((b = hd_utf8_encode(v, "surrogatepass")) == HD_ERR) return -1;
            r = sized(s, HD_BYTES(b)->data, (size_t)HD_BYTES(b)->len, OP_SHORT_BINUNICODE, OP_BINUNICODE, OP_BINUNICODE8, b);
        }
        return r < 0 ? -1 : memoize(s, v);
    }
    static const char hex[] = "0123456789abcdef";
    struct hd_bytebuilder b = { 0 };
    for (int64_t i = 0; i < HD_STR(v)->len; i++) {
        uint32_t c = hd_str_at(v, i);
        bool wide = c > 0xffff;
        if (c < 256 && c != '\\' && c != 0 && c != '\n' && c != '\r' && c != 0x1a) { hd_bb_byte(&b, c); continue; }
        hd_bb_bytes(&b, wide ? "\\U" : "\\u", 2);
        for (int k = wide ? 28 : 12; k >= 0; k -= 4) hd_bb_byte(&b, (unsigned char)hex[c >> k & 15]);
    }
    return b.failed || op_text(s, OP_UNICODE, (const char *)b.buf, b.len) < 0 ? -1 : memoize(s, v);
}

/* ---- containers ----------------------------------------------------------------------------------------------------------------- */
static int save_tuple(struct save *s, hd_value v)
{
    int64_t n = HD_TUPLE(v)->len, number;
    bool few = n <= 3 && s->proto >= 2;
    if (n == 0) return s->bin ? op(s, OP_EMPTY_TUPLE) : emit(s, "(t", 2);
    if (!few && op(s, OP_MARK) < 0) return -1;
    for (int64_t i = 0; i < n; i++) if (save(s, HD_TUPLE(v)->item[i], false) < 0) return -1;
    if ((number = memo_find(s, v)) >= 0) {                  /* a recursive tuple: it is there already */
        if (!few && s->bin) return op(s, OP_POP_MARK) < 0 ? -1 : save_get(s, number);
        for (int64_t i = 0; i < n + !few; i++) if (op(s, OP_POP) < 0) return -1;
        return save_get(s, number);
    }
    return op(s, few ? OP_TUPLE1 + (int)n - 1 : OP_TUPLE) < 0 ? -1 : memoize(s, v);
}
/* A batch of items: MARK … many, or one and `single`.  first: HD_ABSENT for none left. */
static int close_batch(struct save *s, int64_t n, int many) { return n ? op(s, many) : 0; }
static int save_list_items(struct save *s, hd_value v)
{
    int64_t n = hd_list_size_of(HD_LIST(v)), i = 0;
    if (n == 1 && s->bin) {
        hd_value item = hd_list_at(HD_LIST(v), 0);
        return save(s, item, false) < 0 ? -1 : op(s, OP_APPEND);
    }
    while (i < hd_list_size_of(HD_LIST(v))) {
        if (!s->bin) {
            if (save(s, hd_list_at(HD_LIST(v), i++), false) < 0 || op(s, OP_APPEND) < 0) return -1;
            continue;
        }
        if (op(s, OP_MARK) < 0) return -1;
        for (int k = 0; k < BATCH; k++) {
            hd_value item = hd_list_at(HD_LIST(v), i);
            if (item == HD_ABSENT) break;
            i++;
            if (save(s, item, false) < 0) return -1;
        }
        if (op(s, OP_APPENDS) < 0) return -1;
    }
    return 0;
}
/* Items from an iterator, for save_reduce: values, or pairs for dicts. */
static int save_items(struct save *s, hd_value it, bool pairs)
{
    int single = pairs ? OP_SETITEM : OP_APPEND, many = pairs ? OP_SETITEMS : OP_APPENDS;
    hd_value next = hd_next(it);
    while (next != HD_STOP) {
        hd_value after = HD_STOP;
        bool batch = false;
        for (int k = 0; next != HD_STOP; k++, next = after) {
            if (next == HD_ERR) return -1;
            if (pairs && (!hd_is_tuple(next) || HD_TUPLE(next)->len != 2)) { (void)hd_raise(&hd_exc_TypeError, "dict items iterator must return 2-tuples"); return -1; }
            if (k == BATCH || (k && !batch)) break;
            if ((after = hd_next(it)) == HD_ERR) return -1;
            if (k == 0 && s->bin && after != HD_STOP) {
                batch = true;
                if (op(s, OP_MARK) < 0) return -1;
            }
            if (pairs ? save(s, HD_TUPLE(next)->item[0], false) < 0 || save(s, HD_TUPLE(next)->item[1], false) < 0 : save(s, next, false) < 0) return -1;
        }
        if (op(s, batch ? many : single) < 0) return -1;
    }
    return 0;
}
static int save_list(struct save *s, hd_value v)
{
    return (s->bin ? op(s, OP_EMPTY_LIST) : emit(s, "(l", 2)) < 0 || memoize(s, v) < 0 ? -1 : save_list_items(s, v);
}
static int save_dict(struct save *s, hd_value v)
{
    if ((s->bin ? op(s, OP_EMPTY_DICT) : emit(s, "(d", 2)) < 0 || memoize(s, v) < 0) return -1;
    int64_t left = hd_dict_len(v), k = 0;
    struct hd_dict_iter it = { 0 };
    hd_value key, value;
    bool one = left == 1;
    int r;
    while ((r = hd_dict_next(v, &it, &key, &value)) > 0) {
        if (s->bin && !one && k == 0 && op(s, OP_MARK) < 0) return -1;
        if (save(s, key, false) < 0 || save(s, value, false) < 0) return -1;
        if (hd_dict_len(v) != left) { (void)hd_raise(&hd_exc_RuntimeError, "dictionary changed size during iteration"); return -1; }
        if (!s->bin || one) { if (op(s, OP_SETITEM) < 0) return -1; }
        else if (++k == BATCH) { k = 0; if (op(s, OP_SETITEMS) < 0) return -1; }
    }
    return r < 0 ? -1 : close_batch(s, k, OP_SETITEMS);
}
static int save_set(struct save *s, hd_value v, bool frozen)
{
    if (s->proto < 4) {
        hd_value r = hd_tuplev(hd_obj(frozen ? &hd_frozenset_type : &hd_set_type), hd_tuplev(hd_list_of(v)));
        return r == HD_ERR ? -1 : save_reduce(s, r, v);
    }
    struct hd_set_iter it = { 0 };
    hd_value item;
    int64_t k = 0, number;
    int r;
    if (frozen ? op(s, OP_MARK) < 0 : op(s, OP_EMPTY_SET) < 0 || memoize(s, v) < 0) return -1;
    int64_t size = hd_set_len(v);
    while ((r = hd_set_next(v, &it, &item)) > 0) {
        if (!frozen && k == 0 && op(s, OP_MARK) < 0) return -1;
        if (save(s, item, false) < 0) return -1;
        if (hd_set_len(v) != size) { (void)hd_raise(&hd_exc_RuntimeError, "set changed size during iteration"); return -1; }
        if (!frozen && ++k == BATCH) { k = 0; if (op(s, OP_ADDITEMS) < 0) return -1; }
    }
    if (r < 0) return -1;
    if (!frozen) return close_batch(s, k, OP_ADDITEMS);
    if ((number = memo_find(s, v)) >= 0) return op(s, OP_POP_MARK) < 0 ? -1 : save_get(s, number);
    return op(s, OP_FROZENSET) < 0 ? -1 : memoize(s, v);
}

/* ---- names ------------------------------------------------------------------------------------------------------------------------ */
hd_value hd_pickle_path(hd_value o, hd_value path, hd_value *parent)
{
    hd_value dot = hd_str_char('.');
    if (hd_str_find(path, dot, 0, INT64_MAX, 1) < 0) {
        *parent = o;
        return hd_getattr_opt(o, hd_str_intern(path));
    }
    hd_value parts = hd_methodv(path, hd_s_split, dot);
    if (parts == HD_ERR) return HD_ERR;
    for (int64_t i = 0; i < hd_list_len(parts); i++) {
        *parent = o;
        o = hd_getattr_opt(o, hd_str_intern(hd_list_get(parts, i)));
        if (o == HD_ERR || o == HD_ABSENT) return o;
    }
    return o;
}
static hd_value module_of(hd_value o, hd_value path)
{
    hd_value m = hd_getattr_opt(o, hd_s___module__), key, value, parent;
    if (m == HD_ERR || (m != HD_ABSENT && m != HD_NONE)) return m;
    hd_value modules = hd_sys_get("modules");
    hd_value items = modules == HD_ABSENT || !hd_is_dict(modules) ? hd_list_new(0) : hd_dict_items_list(modules);
    if (items == HD_ERR) return HD_ERR;
    for (int64_t i = 0; i < hd_list_len(items); i++) {
        key = HD_TUPLE(hd_list_get(items, i))->item[0], value = HD_TUPLE(hd_list_get(items, i))->item[1];
        if (value == HD_NONE || (hd_is_str(key) && hd_str_is(key, "__main__"))) continue;
        hd_value found = hd_pickle_path(value, path, &parent);
        if (found == HD_ERR) { hd_exc_clear(); continue; }
        if (found == o) return key;
    }
    return hd_intern("__main__");
}
/* The bytes of a module's or object's name for GLOBAL. */
static hd_value name_bytes(struct save *s, hd_value name, const char *what)
{
    hd_value b = hd_str_encode(name, s->proto >= 3 ? "utf-8" : "ascii", "strict");
    if (b == HD_ERR && hd_exc_is(&hd_exc_UnicodeEncodeError)) {
        hd_exc_clear();
        return hd_raise(HD_TYPE(hd_pickling_error), "can't pickle %s identifier '%S' using pickle protocol %d", what, name, s->proto);
    }
    return b;
}
static int extension(struct save *s, hd_value o, hd_value module, hd_value name, bool *written)
{
    hd_value key = hd_tuplev(module, name), code = key == HD_ERR ? HD_ERR : hd_dict_get(hd_pickle__extension_registry, key);
    int64_t n;
    if (code == HD_ERR) return -1;
    if (code == HD_ABSENT) return 0;
    if (!hd_is_int(code)) { (void)hd_raise(HD_TYPE(hd_pickling_error), "Can't pickle %R: extension code %R isn't an integer", o, code); return -1; }
    if (hd_as_i64(code, &n) < 0) return -1;
    if (n <= 0 || n > 0x7fffffff) { (void)hd_raise(HD_TYPE(hd_pickling_error), "Can't pickle %R: extension code %lld is out of range", o, (long long)n); return -1; }
    *written = true;
    return n < 0x100 ? op_number(s, OP_EXT1, (uint64_t)n, 1) : n < 0x10000 ? op_number(s, OP_EXT2, (uint64_t)n, 2) : op_number(s, OP_EXT4, (uint64_t)n, 4);
}
static int save_global(struct save *s, hd_value o, hd_value name)
{
    hd_value parent = HD_NONE;
    if (name == HD_ABSENT && (name = hd_getattr_opt(o, hd_s___qualname__)) == HD_ABSENT) name = hd_getattr(o, hd_s___name__);
    if (name == HD_ERR) return -1;
    if (!hd_is_str(name)) { (void)hd_raise(&hd_exc_TypeError, "attribute name must be string, not '%T'", name); return -1; }
    if (hd_str_find(name, hd_pickle_locals, 0, INT64_MAX, 1) >= 0) { (void)hd_raise(&hd_exc_AttributeError, "Can't pickle local object %R", name); return -1; }
    hd_value module_name = module_of(o, name);
    if (module_name == HD_ERR) return -1;
    if (!hd_is_str(module_name)) return fail("Can't pickle %R: its module has no name", o);
    hd_value module = hd_import_level(module_name, HD_NONE, hd_empty_tuple, 0);
    if (module == HD_ERR) {
        hd_exc_clear();
        (void)hd_raise(HD_TYPE(hd_pickling_error), "Can't pickle %R: import of module %R failed", o, module_name);
        return -1;
    }
    hd_value loaded = hd_dict_get(hd_sys_modules, module_name);
    if (loaded != HD_ABSENT && loaded != HD_ERR) module = loaded;
    hd_value found = hd_pickle_path(module, name, &parent);
    if (found == HD_ERR || found == HD_ABSENT) {
        hd_exc_clear();
        (void)hd_raise(HD_TYPE(hd_pickling_error), "Can't pickle %R: attribute lookup %S on %S failed", o, name, module_name);
        return -1;
    }
    if (found != o) { (void)hd_raise(HD_TYPE(hd_pickling_error), "Can't pickle %R: it's not the same object as %S.%S", o, module_name, name); return -1; }
    int64_t dot = hd_str_find(name, hd_str_char('.'), 0, INT64_MAX, -1);
    hd_value last = hd_str_slice(name, dot + 1, HD_STR(name)->len);
    if (last == HD_ERR) return -1;
    if (parent == module) name = last;
    if (s->proto >= 2) {
        bool written = false;
        if (extension(s, o, module_name, name, &written) < 0) return -1;
        if (written) return 0;
    }
    if (s->proto >= 4) {
        if (save(s, hd_str_exact(module_name), false) < 0 || save(s, hd_str_exact(name), false) < 0 || op(s, OP_STACK_GLOBAL) < 0) return -1;
    } else if (parent != module) {
        hd_value r = hd_tuplev(hd_pickle_getattr, hd_tuplev(parent, last));
        if (r == HD_ERR || save_reduce(s, r, HD_ABSENT) < 0) return -1;
    } else {
        if (s->fix_imports && s->proto < 3) {
            hd_value key = hd_tuplev(module_name, name), mapped = key == HD_ERR ? HD_ERR : hd_dict_get(hd_pickle_REVERSE_NAME_MAPPING, key);
            if (mapped == HD_ERR) return -1;
            if (mapped != HD_ABSENT) {
                if (!hd_is_tuple(mapped) || HD_TUPLE(mapped)->len != 2 || !hd_is_str(HD_TUPLE(mapped)->item[0]) || !hd_is_str(HD_TUPLE(mapped)->item[1])) {
                    (void)hd_raise(&hd_exc_RuntimeError, "_compat_pickle.REVERSE_NAME_MAPPING values should be 2-tuples of strings");
                    return -1;
                }
                module_name = HD_TUPLE(mapped)->item[0], name = HD_TUPLE(mapped)->item[1];
            } else if ((mapped = hd_dict_get(hd_pickle_REVERSE_IMPORT_MAPPING, module_name)) == HD_ERR) return -1;
            else if (mapped != HD_ABSENT) module_name = mapped;
        }
        hd_value m = name_bytes(s, module_name, "module"), n = m == HD_ERR ? HD_ERR : name_bytes(s, name, "global");
        if (n == HD_ERR || op_text(s, OP_GLOBAL, (const char *)HD_BYTES(m)->data, (size_t)HD_BYTES(m)->len) < 0 ||
            emit(s, HD_BYTES(n)->data, (size_t)HD_BYTES(n)->len) < 0 || op(s, '\n') < 0) return -1;
    }
    return memoize(s, o);
}
static int save_type(struct save *s, hd_value o)
{
    hd_value single = o == hd_obj(hd_type_of(HD_NONE)) ? HD_NONE : o == hd_obj(hd_type_of(HD_ELLIPSIS)) ? HD_ELLIPSIS : o == hd_obj(hd_type_of(HD_NOTIMPLEMENTED)) ? HD_NOTIMPLEMENTED : HD_ABSENT;
    if (single == HD_ABSENT) return save_global(s, o, HD_ABSENT);
    hd_value r = hd_tuplev(hd_obj(&hd_type_type), hd_tuplev(single));
    return r == HD_ERR ? -1 : save_reduce(s, r, o);
}

/* ---- other objects ------------------------------------------------------------------------------------------------------------------ */
static int save_persistent(struct save *s, hd_value o)
{
    hd_value id = hd_callv(s->persistent_id, o);
    if (id == HD_ERR) return -1;
    if (id == HD_NONE) return 0;
    if (s->bin) return save(s, id, true) < 0 || op(s, OP_BINPERSID) < 0 ? -1 : 1;
    size_t n;
    if ((id = hd_str_of(id)) == HD_ERR) return -1;
    if (!hd_str_is_ascii(id)) return fail("persistent IDs in protocol 0 must be ASCII strings", id);
    const char *p = hd_str_as_utf8(id, &n);
    return !p || op_text(s, OP_PERSID, p, n) < 0 ? -1 : 1;
}
static int save_newobj_ex(struct save *s, hd_value args)
{
    if (HD_TUPLE(args)->len != 3) {
        (void)hd_raise(HD_TYPE(hd_pickling_error), "length of the NEWOBJ_EX argument tuple must be exactly 3, not %lld", (long long)HD_TUPLE(args)->len);
        return -1;
    }
    hd_value cls = HD_TUPLE(args)->item[0], a = HD_TUPLE(args)->item[1], kw = HD_TUPLE(args)->item[2];
    if (!hd_is_type(cls)) return fail("first item from NEWOBJ_EX argument tuple must be a class, not %T", cls);
    if (!hd_is_tuple(a)) return fail("second item from NEWOBJ_EX argument tuple must be a tuple, not %T", a);
    if (!hd_is_dict(kw)) return fail("third item from NEWOBJ_EX argument tuple must be a dict, not %T", kw);
    if (s->proto >= 4) return save(s, cls, false) < 0 || save(s, a, false) < 0 || save(s, kw, false) < 0 ? -1 : op(s, OP_NEWOBJ_EX);
    hd_value make = hd_getattr(cls, hd_s___new__), list = make == HD_ERR ? HD_ERR : hd_list_new(0);
    if (list == HD_ERR || hd_list_append(list, make) < 0 || hd_list_append(list, cls) < 0 || hd_list_extend(list, a) < 0) return -1;
    hd_value t = hd_list_as_tuple(list), f = t == HD_ERR ? HD_ERR : hd_call_ex(hd_pickle_partial, t, kw);
    return f == HD_ERR || save(s, f, false) < 0 || save(s, hd_empty_tuple, false) < 0 ? -1 : op(s, OP_REDUCE);
}
static int save_newobj(struct save *s, hd_value args, hd_value obj)
{
    if (HD_TUPLE(args)->len < 1) return fail("__newobj__ arglist is empty", args);
    hd_value cls = HD_TUPLE(args)->item[0];
    if (!hd_is_type(cls)) return fail("args[0] from __newobj__ args is not a type", cls);
    if (obj != HD_ABSENT) {
        hd_value own = hd_getattr(obj, hd_s___class__);
        if (own == HD_ERR) return -1;
        if (own != cls) return fail("args[0] from __newobj__ args has the wrong class", cls);
    }
    hd_value rest = hd_tuple_from(HD_TUPLE(args)->item + 1, (size_t)HD_TUPLE(args)->len - 1);
    return rest == HD_ERR || save(s, cls, false) < 0 || save(s, rest, false) < 0 ? -1 : op(s, OP_NEWOBJ);
}
/* obj: the object that was reduced, to be put into the memo, or HD_ABSENT. */
static int save_reduce(struct save *s, hd_value reduced, hd_value obj)
{
    int64_t n = HD_TUPLE(reduced)->len, number;
    hd_value part[6] = { HD_NONE, HD_NONE, HD_NONE, HD_NONE, HD_NONE, HD_NONE };
    if (n < 2 || n > 6) return fail("tuple returned by __reduce__ must contain 2 through 6 elements", reduced);
    for (int64_t i = 0; i < n; i++) part[i] = HD_TUPLE(reduced)->item[i];
    hd_value callable = part[0], args = part[1], state = part[2], list = part[3], dict = part[4], setter = part[5];
    if (!hd_callable(callable)) return fail("first item of the tuple returned by __reduce__ must be callable", callable);
    if (!hd_is_tuple(args)) return fail("second item of the tuple returned by __reduce__ must be a tuple", args);
    if (list != HD_NONE && !hd_type_of(list)->op.iternext) return fail("fourth element of the tuple returned by __reduce__ must be an iterator, not %T", list);
    if (dict != HD_NONE && !hd_type_of(dict)->op.iternext) return fail("fifth element of the tuple returned by __reduce__ must be an iterator, not %T", dict);
    if (setter != HD_NONE && !hd_callable(setter)) return fail("sixth element of the tuple returned by __reduce__ must be a function, not %T", setter);
    hd_value name = s->proto >= 2 ? hd_getattr_opt(callable, hd_s___name__) : HD_ABSENT;
    if (name == HD_ERR) return -1;
    bool named = name != HD_ABSENT && hd_is_str(name);
    if (named && hd_str_is(name, "__newobj_ex__")) { if (save_newobj_ex(s, args) < 0) return -1; }
    else if (named && hd_str_is(name, "__newobj__")) { if (save_newobj(s, args, obj) < 0) return -1; }
    else if (save(s, callable, false) < 0 || save(s, args, false) < 0 || op(s, OP_REDUCE) < 0) return -1;
    if (obj != HD_ABSENT) {
        if (!s->fast && (number = memo_find(s, obj)) >= 0) return op(s, OP_POP) < 0 ? -1 : save_get(s, number);    /* a recursive structure */
        if (memoize(s, obj) < 0) return -1;
    }
    if (list != HD_NONE && save_items(s, list, false) < 0) return -1;
    if (dict != HD_NONE && save_items(s, dict, true) < 0) return -1;
    if (state == HD_NONE) return 0;
    if (setter == HD_NONE) return save(s, state, false) < 0 ? -1 : op(s, OP_BUILD);
    if (obj == HD_ABSENT) return fail("a state setter needs the object", setter);
    return save(s, setter, false) < 0 || save(s, obj, false) < 0 || save(s, state, false) < 0 || op(s, OP_TUPLE2) < 0 || op(s, OP_REDUCE) < 0 ? -1 : op(s, OP_POP);
}
/* Reduction by the object's own rules; HD_NOTIMPLEMENTED: by its name. */
static hd_value reduce(struct save *s, hd_value o)
{
    hd_value type = hd_obj(hd_type_of(o)), f;
    if (s->reducer_override != HD_ABSENT) {
        hd_value r = hd_callv(s->reducer_override, o);
        if (r != HD_NOTIMPLEMENTED) return r;
    }
    if (hd_type_of(o) == &hd_type_type || hd_type_of(o) == &hd_function_type) return HD_NOTIMPLEMENTED;
    if (s->dispatch_table == HD_ABSENT) f = hd_dict_get(hd_pickle_dispatch_table, type);
    else if ((f = hd_getitem(s->dispatch_table, type)) == HD_ERR && hd_exc_is(&hd_exc_KeyError)) hd_exc_clear(), f = HD_ABSENT;
    if (f == HD_ERR) return HD_ERR;
    if (f != HD_ABSENT) return hd_callv(f, o);
    if (hd_is_type(o)) return HD_NOTIMPLEMENTED;
    if ((f = hd_getattr_opt(o, hd_s___reduce_ex__)) == HD_ERR) return HD_ERR;
    if (f != HD_ABSENT) return hd_callv(f, hd_fix(s->proto));
    if ((f = hd_getattr_opt(o, hd_s___reduce__)) == HD_ERR) return HD_ERR;
    if (f != HD_ABSENT) return hd_call0(f);
    return hd_raise(HD_TYPE(hd_pickling_error), "can't pickle '%T' object: %R", o, o);
}
static int save_other(struct save *s, hd_value o)
{
    hd_value r = reduce(s, o);
    if (r == HD_ERR) return -1;
    if (r == HD_NOTIMPLEMENTED) return hd_type_of(o) == &hd_type_type ? save_type(s, o) : save_global(s, o, HD_ABSENT);
    if (hd_is_str(r)) return save_global(s, o, r);
    if (!hd_is_tuple(r)) return fail("__reduce__ must return a string or tuple", r);
    return save_reduce(s, r, o);
}
/* Without a memo, cycles are noticed when it gets deep. */
static int fast_enter(struct save *s, hd_value o)
{
    if (++s->fast_nesting < FAST_NESTING) return 0;
    if (s->fast_memo == HD_ABSENT && (s->fast_memo = hd_dict_new()) == HD_ERR) return -1;
    hd_value id = hd_int((int64_t)o);
    int there = hd_dict_contains(s->fast_memo, id);
    if (there == 0) return hd_dict_set(s->fast_memo, id, HD_NONE);
    if (there > 0) (void)hd_raise(&hd_exc_ValueError, "fast mode: can't pickle cyclic objects including object type %T at %p", o, hd_ptr(o));
    return -1;
}
static int fast_leave(struct save *s, hd_value o)
{
    return s->fast_nesting-- >= FAST_NESTING && hd_dict_del(s->fast_memo, hd_int((int64_t)o)) < 0 ? -1 : 0;
}
static int save(struct save *s, hd_value o, bool persistent)
{
    int r;
    if (o == HD_ABSENT) { (void)hd_raise(&hd_exc_IndexError, "list index out of range"); return -1; }
    if (boundary(s) < 0) return -1;
    if (!persistent && s->persistent_id != HD_ABSENT && (r = save_persistent(s, o)) != 0) return r < 0 ? -1 : 0;
    if (o == HD_NONE) return op(s, OP_NONE);
    if (o == HD_TRUE || o == HD_FALSE) return save_bool(s, o == HD_TRUE);
    if (hd_is_int_exact(o)) return save_int(s, o);
    if (hd_is_float_exact(o)) return save_float(s, o);
    int64_t number = memo_find(s, o);
    if (number >= 0) return save_get(s, number);
    if (hd_is_str_exact(o)) return save_str(s, o);
    if (hd_is_bytes_exact(o)) return save_bytes(s, o);
    if (hd_recursion_enter(" while pickling an object") < 0) return -1;
    const struct hd_type *t = hd_type_of(o);
    bool nests = t == &hd_dict_type || t == &hd_list_type;
    if (s->fast && nests && fast_enter(s, o) < 0) r = -1;
    else {
        r = t == &hd_dict_type ? save_dict(s, o) : t == &hd_list_type ? save_list(s, o) : t == &hd_tuple_type ? save_tuple(s, o) :
            t == &hd_set_type ? save_set(s, o, false) : t == &hd_frozenset_type ? save_set(s, o, true) : t == &hd_bytearray_type ? save_bytearray(s, o) :
            t == &hd_picklebuffer_type ? save_buffer(s, o) : save_other(s, o);
        if (r == 0 && s->fast && nests) r = fast_leave(s, o);
    }
    hd_recursion_leave();
    return r;
}

/* ---- dumping ------------------------------------------------------------------------------------------------------------------------- */
static hd_value dump(struct pickler *p, hd_value o, bool to_file, bool own)
{
    hd_value self = hd_obj(p);
    struct save s = { .own = own, .p = p, .frame = -1, .proto = (int)HD_GET(p, proto), .bin = HD_GET(p, bin), .fast = HD_GET(p, fast), .fix_imports = HD_GET(p, fix_imports), .fast_memo = HD_ABSENT };
    hd_value cb = HD_GET(p, buffer_callback);
    s.write = to_file ? HD_GET(p, write) : HD_ABSENT;
    s.buffer_callback = cb == HD_UNBOUND || cb == HD_NONE ? HD_ABSENT : cb;
    if (hd_type_of(self) == &hd_pickler_type) {              /* nothing but the slots */
        hd_value id = HD_GET(p, persistent_id), table = HD_GET(p, dispatch_table);
        s.persistent_id = id == HD_UNBOUND ? HD_ABSENT : id, s.dispatch_table = table == HD_UNBOUND ? HD_ABSENT : table, s.reducer_override = HD_ABSENT;
    } else if ((s.persistent_id = hd_getattr_opt(self, hd_s_persistent_id)) == HD_ERR || (s.reducer_override = hd_getattr_opt(self, hd_s_reducer_override)) == HD_ERR ||
               (s.dispatch_table = hd_getattr_opt(self, hd_s_dispatch_table)) == HD_ERR) return HD_ERR;
    if (s.proto >= 2 && op_number(&s, OP_PROTO, (uint64_t)s.proto, 1) < 0) return HD_ERR;
    s.framing = s.proto >= 4;
    if (save(&s, o, false) < 0 || op(&s, OP_STOP) < 0 || end_frame(&s) < 0) return HD_ERR;
    if (to_file) return flush(&s) < 0 ? HD_ERR : HD_NONE;
    return hd_bb_finish(&s.out);
}
/* protocol, fix_imports, buffer_callback as given or HD_ABSENT. */
static int configure(struct pickler *p, hd_value protocol, hd_value fix_imports, hd_value callback)
{
    int64_t proto = DEFAULT_PROTOCOL;
    int fix = fix_imports == HD_ABSENT ? 1 : hd_truth(fix_imports);
    if (fix < 0 || (protocol != HD_ABSENT && protocol != HD_NONE && hd_as_i64(protocol, &proto) < 0)) return -1;
    if (proto < 0) proto = HIGHEST_PROTOCOL;
    if (proto > HIGHEST_PROTOCOL) { (void)hd_raise(&hd_exc_ValueError, "pickle protocol must be <= %d", HIGHEST_PROTOCOL); return -1; }
    if (callback == HD_NONE) callback = HD_ABSENT;
    if (callback != HD_ABSENT && proto < 5) { (void)hd_raise(&hd_exc_ValueError, "buffer_callback needs protocol >= 5"); return -1; }
    pickler_w w = pickler_open(p);
    HD_PUT(w, proto, proto);
    HD_PUT(w, bin, proto > 0);
    HD_PUT(w, fix_imports, fix && proto < 3);
    HD_PUT(w, buffer_callback, callback == HD_ABSENT ? HD_UNBOUND : callback);
    HD_PUT(w, memo, NULL);
    HD_PUT(w, memo_n, 0);
    return 0;
}
static int set_file(struct pickler *p, hd_value file)
{
    hd_value write = hd_getattr_opt(file, hd_s_write);
    if (write == HD_ABSENT) (void)hd_raise(&hd_exc_TypeError, "file must have a 'write' attribute");
    if (write == HD_ABSENT || write == HD_ERR) return -1;
    pickler_w w = pickler_open(p);
    HD_PUT(w, write, write);
    return 0;
}
static hd_value new_pickler(struct hd_type *t)
{
    hd_value v = hd_alloc_instance(t, 0);
    if (v == HD_ERR) return v;
    HD_INIT(PICKLER(v), write, HD_UNBOUND);
    HD_INIT(PICKLER(v), buffer_callback, HD_UNBOUND);
    HD_INIT(PICKLER(v), dispatch_table, HD_UNBOUND);
    HD_INIT(PICKLER(v), persistent_id, HD_UNBOUND);
    return v;
}
hd_value hd_pickle_dump(ARGS)
{
    hd_value a[5];
    if (hd_args("dump", "obj,file,|protocol,*,fix_imports,buffer_callback", args, nargs, kwnames, a) < 0) return HD_ERR;
    hd_value p = new_pickler(&hd_pickler_type);
    return p == HD_ERR || configure(PICKLER(p), a[2], a[3], a[4]) < 0 || set_file(PICKLER(p), a[1]) < 0 ? HD_ERR : dump(PICKLER(p), a[0], true, true);
}
hd_value hd_pickle_dumps(ARGS)
{
    hd_value a[4];
    if (hd_args("dumps", "obj,|protocol,*,fix_imports,buffer_callback", args, nargs, kwnames, a) < 0) return HD_ERR;
    hd_value p = new_pickler(&hd_pickler_type);
    return p == HD_ERR || configure(PICKLER(p), a[1], a[2], a[3]) < 0 ? HD_ERR : dump(PICKLER(p), a[0], false, true);
}

/* ---- the type ------------------------------------------------------------------------------------------------------------------------- */
static hd_value pickler_make(hd_value type, const hd_value *args, size_t nargs, hd_value kwnames) { return new_pickler(HD_TYPE(type)); }
static int pickler_init(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
{
    hd_value a[4];
    if (hd_args("Pickler", "file,|protocol,fix_imports,buffer_callback", args, nargs, kwnames, a) < 0 || configure(PICKLER(self), a[1], a[2], a[3]) < 0) return -1;
    return set_file(PICKLER(self), a[0]);
}
static hd_value pickler_dump(ARGS)
{
    if (HD_GET(PICKLER(self), write) == HD_UNBOUND) return hd_raise(HD_TYPE(hd_pickling_error), "Pickler.__init__() was not called by %T.__init__()", self);
    return dump(PICKLER(self), args[0], true, false);
}
static hd_value pickler_clear_memo(ARGS)
{
    pickler_w w = pickler_open(PICKLER(self));
    HD_PUT(w, memo, NULL);
    HD_PUT(w, memo_n, 0);
    return HD_NONE;
}
static hd_value pickler_sizeof(ARGS)
{
    struct hd_array *t = HD_GET(PICKLER(self), memo);
    return hd_int((int64_t)(hd_inst_size(PICKLER(self)) + (t ? hd_array_size(t) : 0)));
}
static hd_value get_bool(hd_value self, void *closure) { return hd_fix(closure ? HD_GET(PICKLER(self), fast) : HD_GET(PICKLER(self), bin)); }
static int set_bool(hd_value self, hd_value v, void *closure)
{
    int n;
    if (v == HD_ABSENT) { (void)hd_raise(&hd_exc_TypeError, "can't delete numeric/char attribute"); return -1; }
    if (hd_as_int32(v, &n) < 0) return -1;
    pickler_w w = pickler_open(PICKLER(self));
    if (closure) HD_PUT(w, fast, n);
    else HD_PUT(w, bin, n);
    return 0;
}
static hd_value get_persistent_id(hd_value self, void *closure)
{
    hd_value v = HD_GET(PICKLER(self), persistent_id);
    return v == HD_UNBOUND ? hd_raise(&hd_exc_AttributeError, "persistent_id") : v;
}
static int set_persistent_id(hd_value self, hd_value v, void *closure)
{
    if (v == HD_ABSENT) { (void)hd_raise(&hd_exc_TypeError, "attribute deletion is not supported"); return -1; }
    if (!hd_callable(v)) { (void)hd_raise(&hd_exc_TypeError, "persistent_id must be a callable taking one argument"); return -1; }
    pickler_w w = pickler_open(PICKLER(self));
    HD_PUT(w, persistent_id, v);
    return 0;
}
struct memo_proxy { struct hd_head head; hd_value pickler; };
static hd_value get_memo(hd_value self, void *closure)
{
    struct memo_proxy *m = hd_new_object(&hd_pickler_memo_type, sizeof *m);
    if (!m) return HD_ERR;
    m->pickler = self;
    return hd_obj(m);
}
static int set_memo(hd_value self, hd_value v, void *closure)
{
    struct pickler *p = PICKLER(self);
    if (v == HD_ABSENT) { (void)hd_raise(&hd_exc_TypeError, "attribute deletion is not supported"); return -1; }
    bool proxy = hd_type_of(v) == &hd_pickler_memo_type;
    if (!proxy && !hd_is_dict(v)) { (void)hd_raise(&hd_exc_TypeError, "'memo' attribute must be a PicklerMemoProxy object or dict, not %T", v); return -1; }
    struct hd_array *from = proxy ? HD_GET(PICKLER(((struct memo_proxy *)hd_ptr(v))->pickler), memo) : NULL;
    hd_value values = proxy ? HD_NONE : hd_dict_values_list(v);
    if (values == HD_ERR) return -1;
    pickler_clear_memo(self, NULL, 0, 0);
    for (int64_t i = 0; from && i < from->cap; i += 2)
        if (hd_array_get(from, i) && memo_add(p, hd_array_get(from, i), hd_unfix(hd_array_get(from, i + 1))) < 0) return -1;
    for (int64_t i = 0; !proxy && i < hd_list_len(values); i++) {
        hd_value t = hd_list_get(values, i);
        int64_t n;
        if (!hd_is_tuple(t) || HD_TUPLE(t)->len != 2) { (void)hd_raise(&hd_exc_TypeError, "'memo' values must be 2-item tuples"); return -1; }
        if (hd_as_i64(HD_TUPLE(t)->item[0], &n) < 0 || memo_add(p, HD_TUPLE(t)->item[1], n) < 0) return -1;
    }
    return 0;
}
static void pickler_trace(void *o, struct gc_marker *m)
{
    struct pickler *p = o;
    gc_mark(m, HD_RAW(p->write)), gc_mark(m, HD_RAW(p->buffer_callback)), gc_mark(m, HD_RAW(p->dispatch_table)), gc_mark(m, HD_RAW(p->persistent_id));
    gc_mark(m, hd_obj(HD_RAW(p->memo)));
}
static const struct hd_methoddef pickler_methods[] = {
    { "dump", pickler_dump, 1, 1, 0, "dump($self, obj, /)\n--\n\nWrite a pickled representation of the given object to the open file." },
    { "clear_memo", pickler_clear_memo, 0, 0, 0, "clear_memo($self, /)\n--\n\nClears the pickler's \"memo\"." },
    { "__sizeof__", pickler_sizeof, 0, 0, 0, "__sizeof__($self, /)\n--\n\nReturns size in memory, in bytes." }, { 0 }
};
static const struct hd_getsetdef pickler_getsets[] = {
    { "memo", get_memo, set_memo, NULL, NULL }, { "persistent_id", get_persistent_id, set_persistent_id, NULL, NULL }, { "bin", get_bool, set_bool, NULL, NULL },
    { "fast", get_bool, set_bool, NULL, (void *)1 }, { 0 }
};
static const struct hd_memberdef pickler_members[] = { { "dispatch_table", offsetof(struct pickler, dispatch_table), HD_MEMBER_VALUE, NULL }, { 0 } };
struct hd_type hd_pickler_type = {
    .cname = "_pickle.Pickler", .basicsize = sizeof(struct pickler), .flags = HD_TF_BASETYPE, .methods = pickler_methods, .getsets = pickler_getsets, .members = pickler_members,
    .doc = "Pickler(file, protocol=None, fix_imports=True, buffer_callback=None)\n--\n\nThis takes a binary file for writing a pickle data stream.",
    .op = { .make = pickler_make, .init = pickler_init, .trace = pickler_trace },
};
static hd_value proxy_clear(ARGS) { return pickler_clear_memo(((struct memo_proxy *)hd_ptr(self))->pickler, NULL, 0, 0); }
static hd_value proxy_copy(ARGS)
{
    struct hd_array *t = HD_GET(PICKLER(((struct memo_proxy *)hd_ptr(self))->pickler), memo);
    hd_value d = hd_dict_new();
    for (int64_t i = 0; d != HD_ERR && t && i < t->cap; i += 2) {
        hd_value o = hd_array_get(t, i);
        if (!o) continue;
        hd_value entry = hd_tuplev(hd_array_get(t, i + 1), o);
        if (entry == HD_ERR || hd_dict_set(d, hd_int((int64_t)o), entry) < 0) return HD_ERR;
    }
    return d;
}
static hd_value proxy_reduce(ARGS)
{
    hd_value d = proxy_copy(self, NULL, 0, 0);
    return d == HD_ERR ? HD_ERR : hd_tuplev(hd_obj(&hd_dict_type), hd_tuplev(d));
}
static void proxy_trace(void *o, struct gc_marker *m) { gc_mark(m, ((struct memo_proxy *)o)->pickler); }
static const struct hd_methoddef proxy_methods[] = {
    { "clear", proxy_clear, 0, 0, 0, "clear($self, /)\n--\n\nRemove all items from memo." }, { "copy", proxy_copy, 0, 0, 0, "copy($self, /)\n--\n\nCopy the memo to a new object." },
    { "__reduce__", proxy_reduce, 0, 0, 0, "__reduce__($self, /)\n--\n\nImplement pickle support." }, { 0 }
};
struct hd_type hd_pickler_memo_type = { .cname = "_pickle.PicklerMemoProxy", .basicsize = sizeof(struct memo_proxy), .flags = HD_TF_IMMUTABLE_LAYOUT | HD_TF_NEVER_INSTANTIATE,
    .methods = proxy_methods, .op = { .trace = proxy_trace, .hash = NULL } };
