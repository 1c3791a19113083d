/* The module array: arrays of numbers.
 *
 * An array keeps its items in a bytearray of its own: growing, ownership of chunks and exports are the bytearray's. */

#include "interp/core/api.h"
#include "interp/core/type_ops.h"
#include "interp/modules/modules.h"
#include "interp/types/_seq.h"
#include "interp/types/bytes.h"
#include "interp/types/number.h"

#define DEF(name) static hd_value name(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)

struct kind { char code, format[2]; int size; };
static const struct kind kinds[] = { { 'b', "b", 1 }, { 'B', "B", 1 }, { 'u', "w", 4 }, { 'h', "h", 2 }, { 'H', "H", 2 }, { 'i', "i", 4 }, { 'I', "I", 4 }, { 'l', "l", 8 },
                                     { 'L', "L", 8 }, { 'q', "q", 8 }, { 'Q', "Q", 8 }, { 'f', "f", 4 }, { 'd', "d", 8 } };
HD_MUTABLE(array)
struct array { struct hd_mhead head; const struct kind *kind; hd_value bytes; /* fixed; a bytearray */ };
#define ARRAY(v) ((struct array *)hd_ptr(v))
#define BYTES(a) HD_BYTEARRAY((a)->bytes)
static struct hd_type array_type;
static bool is_array(hd_value v) { return hd_is_ptr(v) && hd_subtype(hd_type_of(v), &array_type); }
static int64_t length(const struct array *a) { return hd_bytearray_len(a->bytes) / a->kind->size; }

/* ---- items --------------------------------------------------------------------------------------------------------------------------- */
static hd_value get(const struct array *a, int64_t i)
{
    struct hd_bytearray *b = BYTES(a);
    struct hd_bytebody *body = HD_GET(b, body);
    unsigned char copy[16];
    int n = a->kind->size;
    const unsigned char *p = hd_body_read(body, hd_body_data(body) + HD_GET(b, start) + i * n, (size_t)n, copy);
    if (!p) return HD_ERR;
    uint64_t u = 0;
    double d;
    float f;
    memcpy(&u, p, (size_t)n);
    switch (a->kind->code) {
    case 'b': return hd_fix((int8_t)u);
    case 'h': return hd_fix((int16_t)u);
    case 'i': return hd_fix((int32_t)u);
    case 'l': case 'q': return hd_int((int64_t)u);
    case 'f': memcpy(&f, &u, 4); return hd_float(f);
    case 'd': memcpy(&d, &u, 8); return hd_float(d);
    case 'u':
        if (u > 0x10ffff) return hd_raise(&hd_exc_ValueError, "character U+%llx is not in range [U+0000; U+10ffff]", (unsigned long long)u);
        return hd_str_char((uint32_t)u);
    default: return hd_int_u64(u);
    }
}
static int convert(const struct kind *k, hd_value v, unsigned char *out)
{
    static const struct { char code; const char *name; } names[] = { { 'b', "signed char" }, { 'B', "unsigned byte integer" }, { 'h', "signed short integer" }, { 'H', "unsigned short" },
        { 'i', "signed integer" }, { 'I', "unsigned int" } };
    double d;
    float f;
    uint64_t u;
    int64_t i;
    switch (k->code) {
    case 'u':
        if (!hd_is_str(v) || HD_STR(v)->len != 1) { hd_raise(&hd_exc_TypeError, "array item must be unicode character"); return -1; }
        u = hd_str_at(v, 0);
        break;
    case 'f':
        if (hd_as_double(v, &d) < 0) return -1;
        f = (float)d;
        memcpy(out, &f, 4);
        return 0;
    case 'd':
        if (hd_as_double(v, &d) < 0) return -1;
        memcpy(out, &d, 8);
        return 0;
    case 'L': case 'Q':
        if (hd_as_u64(v, &u) < 0) return -1;
        break;
    default:
        if (hd_as_i64(v, &i) < 0) return -1;
        if (k->size < 8) {
            bool is_signed = k->code >= 'a';
            int bits = 8 * k->size;
            int64_t lo = is_signed ? -((int64_t)1 << (bits - 1)) : 0, hi = ((int64_t)1 << (is_signed ? bits - 1 : bits)) - 1;
            const char *name = "";
            for (size_t n = 0; n < sizeof names / sizeof *names; n++) if (names[n].code == k->code) name = names[n].name;
            if (i < lo || i > hi) { hd_raise(&hd_exc_OverflowError, i < lo ? "%s is less than minimum" : "%s is greater than maximum", name); return -1; }
        }
        u = (uint64_t)i;
        break;
    }
    memcpy(out, &u, (size_t)k->size);
    return 0;
}
static int splice(struct array *a, int64_t lo, int64_t hi, const void *p, size_t n_bytes)
{
    return hd_bytearray_splice(BYTES(a), lo * a->kind->size, hi * a->kind->size, p, n_bytes);
}
static int insert(struct array *a, int64_t at, hd_value v)
{
    unsigned char raw[8];
    return convert(a->kind, v, raw) < 0 ? -1 : splice(a, at, at, raw, (size_t)a->kind->size);
}
static int store(struct array *a, int64_t i, hd_value v)
{
    unsigned char raw[8];
    int n = a->kind->size;
    if (convert(a->kind, v, raw) < 0) return -1;
    if (i >= length(a)) { hd_raise(&hd_exc_IndexError, "array assignment index out of range"); return -1; }
    memcpy(hd_bytearray_open_bytes(BYTES(a), i * n, (i + 1) * n) + i * n, raw, (size_t)n);
    return 0;
}
static hd_value array_new(struct hd_type *t, const struct kind *k, const void *p, size_t n)
{
    hd_value bytes = hd_bytearray_new(p, n), v = bytes == HD_ERR ? HD_ERR : hd_alloc_instance(t, 0);
    if (v == HD_ERR) return HD_ERR;
    ARRAY(v)->kind = k, ARRAY(v)->bytes = bytes;
    return v;
}
/* A private copy of the bytes of items [lo, hi), of all items. */
static unsigned char *part(const struct array *a, int64_t lo, int64_t hi)
{
    size_t size = (size_t)a->kind->size, n = (size_t)(hi - lo) * size;
    const unsigned char *p = hd_bytes_part(a->bytes, lo * (int64_t)size, hi * (int64_t)size);
    unsigned char *copy = p ? hd_scratch(n + 1) : NULL;
    return copy ? memcpy(copy, p, n) : NULL;
}
static unsigned char *snapshot(const struct array *a, size_t *n)
{
    int64_t items = length(a);
    *n = (size_t)(items * a->kind->size);
    return part(a, 0, items);
}
static int extend(struct array *a, hd_value v)
{
    if (is_array(v)) {
        size_t n;
        if (ARRAY(v)->kind != a->kind) { hd_raise(&hd_exc_TypeError, "can only extend with array of same kind"); return -1; }
        unsigned char *p = snapshot(ARRAY(v), &n);
        return p ? splice(a, length(a), length(a), p, n) : -1;
    }
    hd_value it = hd_iter(v), x;
    if (it == HD_ERR) return -1;
    while ((x = hd_next(it)) != HD_STOP) if (x == HD_ERR || insert(a, length(a), x) < 0) return -1;
    return 0;
}
static hd_value to_list(const struct array *a)
{
    int64_t n = length(a);
    hd_value list = hd_list_new((size_t)n);
    for (int64_t i = 0; i < n && list != HD_ERR; i++) {
        hd_value v = get(a, i);
        if (v == HD_ERR || hd_list_append(list, v) < 0) list = HD_ERR;
    }
    return list;
}
static int from_bytes(struct array *a, hd_value v)
{
    struct hd_byteview w;
    if (hd_byteview_get(v, &w) < 0) return -1;
    unsigned char *copy = hd_scratch(w.n + 1);
    size_t n = w.n;
    if (copy) memcpy(copy, w.p, n);
    hd_byteview_release(&w);
    if (!copy) return -1;
    if (n % (size_t)a->kind->size) { hd_raise(&hd_exc_ValueError, "bytes length not a multiple of item size"); return -1; }
    return splice(a, length(a), length(a), copy, n);
}
static hd_value array_make(hd_value type, const hd_value *args, size_t nargs, hd_value kwnames)
{
    if (HD_TYPE(type) == &array_type && kwnames && HD_TUPLE(kwnames)->len) return hd_raise(&hd_exc_TypeError, "array.array() takes no keyword arguments");
    if (nargs < 1) return hd_raise(&hd_exc_TypeError, "array() takes at least 1 argument (0 given)");
    if (nargs > 2) return hd_raise(&hd_exc_TypeError, "array() takes at most 2 arguments (%zu given)", nargs);
    if (!hd_is_str(args[0]) || HD_STR(args[0])->len != 1) return hd_raise(&hd_exc_TypeError, "array() argument 1 must be a unicode character, not %T", args[0]);
    const struct kind *k = NULL;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) if ((uint32_t)kinds[i].code == hd_str_at(args[0], 0)) k = &kinds[i];
    if (!k) return hd_raise(&hd_exc_ValueError, "bad typecode (must be b, B, u, h, H, i, I, l, L, q, Q, f or d)");
    hd_value init = nargs > 1 ? args[1] : HD_ABSENT;
    if (init != HD_ABSENT && k->code != 'u') {
        if (hd_is_str(init)) return hd_raise(&hd_exc_TypeError, "cannot use a str to initialize an array with typecode '%c'", k->code);
        if (is_array(init) && ARRAY(init)->kind->code == 'u') return hd_raise(&hd_exc_TypeError, "cannot use a unicode array to initialize an array with typecode '%c'", k->code);
    }
    hd_value v = array_new(HD_TYPE(type), k, NULL, 0);
    if (v == HD_ERR || init == HD_ABSENT) return v;
    if (hd_is_bytes(init) || hd_is_bytearray(init)) return from_bytes(ARRAY(v), init) < 0 ? HD_ERR : v;
    if (is_array(init) && ARRAY(init)->kind != k && (init = to_list(ARRAY(init))) == HD_ERR) return HD_ERR;
    return extend(ARRAY(v), init) < 0 ? HD_ERR : v;
}

/* ---- methods ------------------------------------------------------------------------------------------------------------------------- */
#define DONE(test) return (test) < 0 ? HD_ERR : HD_NONE
DEF(array_append) { DONE(insert(ARRAY(self), length(ARRAY(self)), args[0])); }
DEF(array_extend) { DONE(extend(ARRAY(self), args[0])); }
DEF(array_frombytes) { DONE(from_bytes(ARRAY(self), args[0])); }
DEF(array_insert)
{
    int64_t i, n = length(ARRAY(self));
    if (hd_as_index(args[0], &i) < 0) return HD_ERR;
    i = i < 0 ? i + n : i;
    DONE(insert(ARRAY(self), i < 0 ? 0 : i > n ? n : i, args[1]));
}
DEF(array_pop)
{
    int64_t i = -1, n = length(ARRAY(self));
    if (nargs && hd_as_index(args[0], &i) < 0) return HD_ERR;
    if (n == 0) return hd_raise(&hd_exc_IndexError, "pop from empty array");
    if (i < 0) i += n;
    if (i < 0 || i >= n) return hd_raise(&hd_exc_IndexError, "pop index out of range");
    hd_value v = get(ARRAY(self), i);
    return v == HD_ERR || splice(ARRAY(self), i, i + 1, NULL, 0) < 0 ? HD_ERR : v;
}
/* Position of the first item equal to v; -1: none, -2: error. */
static int64_t find(struct array *a, hd_value v, int64_t from, int64_t to, int64_t *count)
{
    for (int64_t i = from; i < to && i < length(a); i++) {
        hd_value x = get(a, i);
        int r = x == HD_ERR ? -1 : hd_equal(x, v);
        if (r < 0) return -2;
        if (r && !count) return i;
        if (r) ++*count;
    }
    return -1;
}
DEF(array_index)
{
    int64_t from = 0, to = INT64_MAX, n = length(ARRAY(self));
    if ((nargs > 1 && hd_as_index(args[1], &from) < 0) || (nargs > 2 && hd_as_index(args[2], &to) < 0)) return HD_ERR;
    if (from < 0) from = from + n < 0 ? 0 : from + n;
    if (to < 0) to += n;
    int64_t i = find(ARRAY(self), args[0], from, to, NULL);
    return i == -2 ? HD_ERR : i < 0 ? hd_raise(&hd_exc_ValueError, "array.index(x): x not in array") : hd_int(i);
}
DEF(array_remove)
{
    int64_t i = find(ARRAY(self), args[0], 0, INT64_MAX, NULL);
    if (i == -1) return hd_raise(&hd_exc_ValueError, "array.remove(x): x not in array");
    DONE(i < 0 ? -1 : splice(ARRAY(self), i, i + 1, NULL, 0));
}
DEF(array_count)
{
    int64_t n = 0;
    return find(ARRAY(self), args[0], 0, INT64_MAX, &n) == -2 ? HD_ERR : hd_int(n);
}
static int array_contains(hd_value self, hd_value v)
{
    int64_t i = find(ARRAY(self), v, 0, INT64_MAX, NULL);
    return i == -2 ? -1 : i >= 0;
}
/* Swaps the bytes of each item, or the items. */
static int rearrange(struct array *a, bool items)
{
    size_t n, size = (size_t)a->kind->size;
    unsigned char *p = snapshot(a, &n);
    if (!p || n == 0) return p ? 0 : -1;
    unsigned char *to = hd_bytearray_open_bytes(BYTES(a), 0, (int64_t)n);
    for (size_t i = 0; i < n; i++) to[i] = items ? p[n - size - i / size * size + i % size] : p[i / size * size + size - 1 - i % size];
    return 0;
}
DEF(array_reverse) { DONE(rearrange(ARRAY(self), true)); }
DEF(array_byteswap) { DONE(rearrange(ARRAY(self), false)); }
DEF(array_tolist) { return to_list(ARRAY(self)); }
DEF(array_tobytes)
{
    size_t n;
    const unsigned char *p = hd_bytes_view(ARRAY(self)->bytes, &n);
    return p ? hd_bytes_new(p, n) : HD_ERR;
}
DEF(array_fromlist)
{
    int64_t n = length(ARRAY(self));
    if (!hd_is_list(args[0])) return hd_raise(&hd_exc_TypeError, "arg must be list");
    if (extend(ARRAY(self), args[0]) == 0) return HD_NONE;
    hd_value e = hd_exc_take();
    if (splice(ARRAY(self), n, length(ARRAY(self)), NULL, 0) == 0) hd_exc_put(e);
    return HD_ERR;
}
DEF(array_copy)
{
    size_t n;
    unsigned char *p = snapshot(ARRAY(self), &n);
    return p ? array_new(hd_type_of(self), ARRAY(self)->kind, p, n) : HD_ERR;
}
DEF(array_tounicode)
{
    size_t n;
    if (ARRAY(self)->kind->code != 'u') return hd_raise(&hd_exc_ValueError, "tounicode() may only be called on unicode type arrays");
    unsigned char *p = snapshot(ARRAY(self), &n);
    if (!p) return HD_ERR;
    for (size_t i = 0; i < n / 4; i++)
        if (((const uint32_t *)(void *)p)[i] > 0x10ffff)
            return hd_raise(&hd_exc_ValueError, "character U+%x is not in range [U+0000; U+10ffff]", (int)((const uint32_t *)(void *)p)[i]);
    return hd_str_ucs4((const uint32_t *)(void *)p, n / 4);
}
DEF(array_fromunicode)
{
    if (ARRAY(self)->kind->code != 'u') return hd_raise(&hd_exc_ValueError, "fromunicode() may only be called on unicode type arrays");
    if (!hd_is_str(args[0])) return hd_raise(&hd_exc_TypeError, "fromunicode() argument must be str, not %T", args[0]);
    DONE(extend(ARRAY(self), args[0]));
}
DEF(array_buffer_info)
{
    struct hd_bytebody *body = HD_GET(BYTES(ARRAY(self)), body);
    return hd_tuplev(hd_int(body ? (int64_t)(intptr_t)hd_body_data(body) + HD_GET(BYTES(ARRAY(self)), start) : 0), hd_int(length(ARRAY(self))));
}
DEF(array_tofile)
{
    hd_value b = array_tobytes(self, NULL, 0, 0);
    return b == HD_ERR || hd_call_method(args[0], hd_s_write, &b, 1) == HD_ERR ? HD_ERR : HD_NONE;
}
DEF(array_fromfile)
{
    int64_t n;
    if (hd_as_i64(args[1], &n) < 0) return HD_ERR;
    if (n < 0) return hd_raise(&hd_exc_ValueError, "negative count");
    if (n > INT64_MAX / ARRAY(self)->kind->size) return hd_no_memory();
    hd_value want = hd_int(n * ARRAY(self)->kind->size), b = hd_call_method(args[0], hd_s_read, &want, 1);
    if (b == HD_ERR) return HD_ERR;
    if (!hd_is_bytes(b)) return hd_raise(&hd_exc_TypeError, "read() didn't return bytes");
    if (from_bytes(ARRAY(self), b) < 0) return HD_ERR;
    return HD_BYTES(b)->len < n * ARRAY(self)->kind->size ? hd_raise(&hd_exc_EOFError, "read() didn't return enough bytes") : HD_NONE;
}
static hd_value array_reduce(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames);

/* ---- operations ------------------------------------------------------------------------------------------------------------------------ */
static int64_t array_len(hd_value self) { return length(ARRAY(self)); }
static hd_value array_iter(hd_value self) { return hd_seqiter_new(self); }
static hd_value array_getitem(hd_value self, hd_value key)
{
    struct array *a = ARRAY(self);
    int64_t i, n, lo, hi, step, count;
    if (!hd_is_shape(key, HD_SHAPE_SLICE)) {
        if (!hd_is_int(key) && !hd_type_of(key)->op.index) return hd_raise(&hd_exc_TypeError, "array indices must be integers");
        if (hd_as_i64(key, &i) < 0) return HD_ERR;
        n = length(a);                           /* __index__ may have changed it */
        if (i < 0) i += n;
        return i < 0 || i >= n ? hd_raise(&hd_exc_IndexError, "array index out of range") : get(a, i);
    }
    size_t size = (size_t)a->kind->size;
    if ((key = hd_slice_settled(key)) == HD_ERR || hd_slice_indices(key, length(a), &lo, &hi, &step, &count) < 0) return HD_ERR;
    if (count <= 0) return array_new(&array_type, a->kind, NULL, 0);
    int64_t last = lo + (count - 1) * step, from = step > 0 ? lo : last, n_read = (step > 0 ? last : lo) + 1 - from;
    unsigned char *p = NULL, *out = hd_scratch((size_t)count * size + 1);
    bool sparse = n_read > 32 * count;                  /* then item by item: what is skipped stays unread */
    if (!out || (!sparse && !(p = part(a, from, from + n_read)))) return HD_ERR;
    for (int64_t k = 0; k < count; k++) {
        const unsigned char *item = sparse ? part(a, lo + k * step, lo + k * step + 1) : p + (size_t)(lo + k * step - from) * size;
        if (!item) return HD_ERR;
        memcpy(out + (size_t)k * size, item, size);
    }
    return array_new(&array_type, a->kind, out, (size_t)count * size);
}
static int array_setitem(hd_value self, hd_value key, hd_value v)
{
    struct array *a = ARRAY(self);
    int64_t i, n, lo, hi, step, count;
    if (!hd_is_shape(key, HD_SHAPE_SLICE)) {
        if (!hd_is_int(key) && !hd_type_of(key)->op.index) { hd_raise(&hd_exc_TypeError, "array indices must be integers"); return -1; }
        if (hd_as_i64(key, &i) < 0) return -1;
        n = length(a);
        if (i < 0) i += n;
        if (i < 0 || i >= n) { hd_raise(&hd_exc_IndexError, "array assignment index out of range"); return -1; }
        return v == HD_ABSENT ? splice(a, i, i + 1, NULL, 0) : store(a, i, v);
    }
    size_t len = 0, size = (size_t)a->kind->size;
    unsigned char *p = NULL;
    if ((key = hd_slice_settled(key)) == HD_ERR) return -1;
    n = length(a);
    if (v != HD_ABSENT) {
        if (!is_array(v)) { hd_raise(&hd_exc_TypeError, "can only assign array (not \"%T\") to array slice", v); return -1; }
        if (ARRAY(v)->kind != a->kind) { hd_raise(&hd_exc_TypeError, "bad argument type for built-in operation"); return -1; }
        if (!(p = snapshot(ARRAY(v), &len))) return -1;
    }
    if (hd_slice_indices(key, n, &lo, &hi, &step, &count) < 0) return -1;
    if (step == 1) return splice(a, lo, lo + count, p, len);
    int64_t given = (int64_t)(len / size);
    if (given) {                                        /* else the items go, as in bytearray */
        if (given != count) { hd_raise(&hd_exc_ValueError, "attempt to assign array of size %lld to extended slice of size %lld", (long long)given, (long long)count); return -1; }
        int64_t last = lo + (count - 1) * step;
        unsigned char *to = hd_bytearray_open_bytes(BYTES(a), (step > 0 ? lo : last) * (int64_t)size, ((step > 0 ? last : lo) + 1) * (int64_t)size);
        for (int64_t k = 0; k < count; k++) memcpy(to + (size_t)(lo + k * step) * size, p + (size_t)k * size, size);
        return 0;
    }
    if (count == 0) return 0;
    if (step < 0) lo += (count - 1) * step, step = -step;
    hi = lo + (count - 1) * step + 1;
    unsigned char *old = part(a, lo, hi), *to = old;
    if (!old) return -1;
    for (int64_t k = 0; k < hi - lo; k++) if (k % step) memmove(to, old + (size_t)k * size, size), to += size;
    return splice(a, lo, hi, old, (size_t)(to - old));
}
static hd_value array_add(hd_value x, hd_value y)
{
    if (!is_array(x)) return HD_NOTIMPLEMENTED;
    if (!is_array(y)) return hd_raise(&hd_exc_TypeError, "can only append array (not \"%T\") to array", y);
    if (ARRAY(x)->kind != ARRAY(y)->kind) return hd_raise(&hd_exc_TypeError, "bad argument type for built-in operation");
    size_t n;
    unsigned char *p = snapshot(ARRAY(x), &n);
    hd_value v = p ? array_new(&array_type, ARRAY(x)->kind, p, n) : HD_ERR;
    return v == HD_ERR || extend(ARRAY(v), y) < 0 ? HD_ERR : v;
}
static hd_value array_iadd(hd_value x, hd_value y)
{
    if (!is_array(y)) return hd_raise(&hd_exc_TypeError, "can only extend with array (not \"%T\")", y);
    return extend(ARRAY(x), y) < 0 ? HD_ERR : x;
}
static int repeat(struct array *to, const struct array *from, int64_t times)
{
    size_t n, total;
    unsigned char *p = snapshot(from, &n), *all;
    if (!p) return -1;
    if (times < 0) times = 0;
    if (__builtin_mul_overflow(n, (size_t)times, &total) || total > INT64_MAX / 2) { (void)hd_no_memory(); return -1; }
    if (!(all = hd_scratch(total + 1))) return -1;
    for (int64_t i = 0; i < times && n; i++) memcpy(all + (size_t)i * n, p, n);
    return splice(to, 0, length(to), all, total);
}
static hd_value array_mul(hd_value x, hd_value y)
{
    int64_t n;
    if (!is_array(x)) { hd_value t = x; x = y; y = t; }
    if (!hd_is_int(y) && !hd_type_of(y)->op.index) return hd_raise(&hd_exc_TypeError, "can't multiply sequence by non-int of type '%T'", y);
    if (hd_as_i64(y, &n) < 0) return HD_ERR;
    hd_value v = array_new(&array_type, ARRAY(x)->kind, NULL, 0);
    return v == HD_ERR || repeat(ARRAY(v), ARRAY(x), n) < 0 ? HD_ERR : v;
}
static hd_value array_imul(hd_value x, hd_value y)
{
    int64_t n;
    if (!hd_is_int(y) && !hd_type_of(y)->op.index) return hd_raise(&hd_exc_TypeError, "can't multiply sequence by non-int of type '%T'", y);
    return hd_as_i64(y, &n) < 0 || repeat(ARRAY(x), ARRAY(x), n) < 0 ? HD_ERR : x;
}
static hd_value array_compare(hd_value x, hd_value y, enum hd_cmpop op)
{
    if (!is_array(x) || !is_array(y)) return HD_NOTIMPLEMENTED;
    if ((op == HD_EQ || op == HD_NE) && length(ARRAY(x)) != length(ARRAY(y))) return hd_bool(op == HD_NE);
    hd_value a = to_list(ARRAY(x)), b = a == HD_ERR ? HD_ERR : to_list(ARRAY(y));
    return b == HD_ERR ? HD_ERR : hd_compare(a, b, op);
}
static hd_value array_repr(hd_value self)
{
    struct array *a = ARRAY(self);
    hd_value name = HD_GET(hd_type_of(self), name);
    if (length(a) == 0) return hd_str_format("%U('%c')", name, a->kind->code);
    hd_value items = a->kind->code == 'u' ? array_tounicode(self, NULL, 0, 0) : to_list(a);
    return items == HD_ERR ? HD_ERR : hd_str_format("%U('%c', %R)", name, a->kind->code, items);
}
static int array_getbuffer(hd_value self, struct hd_buffer *b, bool writable)
{
    struct array *a = ARRAY(self);
    if (hd_bytearray_type.op.getbuffer(a->bytes, b, writable) < 0) return -1;
    b->owner = self;
    b->itemsize = a->kind->size, b->format = a->kind->format;
    b->shape = b->shape1_, b->strides = b->strides1_;
    b->shape1_[0] = b->len / b->itemsize, b->strides1_[0] = b->itemsize;
    return 0;
}
static void array_releasebuffer(hd_value self, struct hd_buffer *b) { hd_bytearray_type.op.releasebuffer(ARRAY(self)->bytes, b); }
static hd_value get_typecode(hd_value self, void *closure) { return hd_str_char((uint32_t)ARRAY(self)->kind->code); }
static hd_value get_itemsize(hd_value self, void *closure) { return hd_fix(ARRAY(self)->kind->size); }
static void array_trace(void *o, struct gc_marker *m) { gc_mark(m, ((struct array *)o)->bytes); }
static const struct hd_methoddef array_methods[] = {
    { "append", array_append, 1, 1, 0, "append($self, v, /)\n--\n\n" }, { "extend", array_extend, 1, 1, 0, "extend($self, bb, /)\n--\n\n" },
    { "frombytes", array_frombytes, 1, 1, 0, "frombytes($self, buffer, /)\n--\n\n" }, { "insert", array_insert, 2, 2, 0, "insert($self, i, v, /)\n--\n\n" },
    { "pop", array_pop, 0, 1, 0, "pop($self, i=-1, /)\n--\n\n" }, { "index", array_index, 1, 3, 0, "index($self, v, start=0, stop=sys.maxsize, /)\n--\n\n" },
    { "remove", array_remove, 1, 1, 0, "remove($self, v, /)\n--\n\n" }, { "count", array_count, 1, 1, 0, "count($self, v, /)\n--\n\n" },
    { "reverse", array_reverse, 0, 0, 0, "reverse($self, /)\n--\n\n" }, { "byteswap", array_byteswap, 0, 0, 0, "byteswap($self, /)\n--\n\n" },
    { "tolist", array_tolist, 0, 0, 0, "tolist($self, /)\n--\n\n" }, { "tobytes", array_tobytes, 0, 0, 0, "tobytes($self, /)\n--\n\n" },
    { "fromlist", array_fromlist, 1, 1, 0, "fromlist($self, list, /)\n--\n\n" }, { "tounicode", array_tounicode, 0, 0, 0, "tounicode($self, /)\n--\n\n" },
    { "fromunicode", array_fromunicode, 1, 1, 0, "fromunicode($self, ustr, /)\n--\n\n" }, { "buffer_info", array_buffer_info, 0, 0, 0, "buffer_info($self, /)\n--\n\n" },
    { "tofile", array_tofile, 1, 1, 0, "tofile($self, f, /)\n--\n\n" }, { "fromfile", array_fromfile, 2, 2, 0, "fromfile($self, f, n, /)\n--\n\n" },
    { "__copy__", array_copy, 0, 0, 0, "__copy__($self, /)\n--\n\n" }, { "__deepcopy__", array_copy, 1, 1, 0, "__deepcopy__($self, unused, /)\n--\n\n" },
    { "__reduce_ex__", array_reduce, 1, 1, 0, "__reduce_ex__($self, value, /)\n--\n\n" }, HD_CLASS_GETITEM, { 0 }
};
static const struct hd_getsetdef array_getsets[] = { { "typecode", get_typecode, NULL, "the typecode character used to create the array", NULL },
    { "itemsize", get_itemsize, NULL, "the size, in bytes, of one array item", NULL }, { 0 } };
static struct hd_type array_type = {
    .cname = "array.array", .basicsize = sizeof(struct array), .flags = HD_TF_BASETYPE | HD_TF_SEQUENCE | HD_TF_HAS_WEAKREFS,
    .doc = "array(typecode [, initializer]) -> array\n\nAn array of numbers of one kind.", .methods = array_methods, .getsets = array_getsets,
    .op = { .make = array_make, .trace = array_trace, .length = array_len, .iter = array_iter, .getitem = array_getitem, .setitem = array_setitem, .contains = array_contains,
            .repr = array_repr, .hash = hd_hash_refused, .richcompare = array_compare, .getbuffer = array_getbuffer, .releasebuffer = array_releasebuffer,
            .binary = { [HD_ADD] = array_add, [HD_MUL] = array_mul }, .inplace = { [HD_ADD] = array_iadd, [HD_MUL] = array_imul } },
};
static int fill(hd_value m)
{
    if (hd_add_type(m, &array_type) < 0) return -1;
    hd_value abc = hd_import_attr("collections.abc", "MutableSequence"), f = abc == HD_ERR ? HD_ERR : hd_getattr_c(abc, "register");
    if (f == HD_ERR || hd_callv(f, hd_obj(&array_type)) == HD_ERR) return -1;
    return hd_module_add(m, "ArrayType", hd_obj(&array_type)) < 0 || hd_module_add_str(m, "typecodes", "bBuhHiIlLqQfd") < 0 ? -1 : 0;
}
/* Machine formats of pickles, by number: integers of 1, 2, 4 and 8 bytes (unsigned, then signed), floats, UTF-16, UTF-32; each
 * little, then big endian. */
enum { FORMAT_FLOAT = 14, FORMAT_DOUBLE = 16, FORMAT_UTF16 = 18, FORMAT_UTF32 = 20, N_FORMATS = 22 };
static int format_code(const struct kind *k)
{
    switch (k->code) {
    case 'b': return 1;
    case 'B': return 0;
    case 'f': return FORMAT_FLOAT;
    case 'd': return FORMAT_DOUBLE;
    case 'u': return FORMAT_UTF32;
    default: return (k->size == 2 ? 2 : k->size == 4 ? 6 : 10) + (k->code >= 'a' ? 2 : 0);
    }
}
DEF(array_reconstructor)
{
    int format;
    if (!hd_is_type(args[0])) return hd_raise(&hd_exc_TypeError, "first argument must be a type object, not %T", args[0]);
    if (!hd_subtype(HD_TYPE(args[0]), &array_type)) return hd_raise(&hd_exc_TypeError, "%N is not a subtype of array.array", HD_TYPE(args[0]));
    if (!hd_is_str(args[1]) || HD_STR(args[1])->len != 1)
        return hd_raise(&hd_exc_TypeError, "_array_reconstructor() argument 2 must be a unicode character, not %T", args[1]);
    if (hd_as_int32(args[2], &format) < 0) return HD_ERR;
    const struct kind *k = NULL;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) if ((uint32_t)kinds[i].code == hd_str_at(args[1], 0)) k = &kinds[i];
    if (!k) return hd_raise(&hd_exc_ValueError, "second argument must be a valid type code");
    if (format < 0 || format >= N_FORMATS) return hd_raise(&hd_exc_ValueError, "third argument must be a valid machine format code.");
    if (!hd_is_bytes(args[3])) return hd_raise(&hd_exc_TypeError, "fourth argument should be bytes, not %T", args[3]);
    size_t n = (size_t)HD_BYTES(args[3])->len;
    const char *data = (const char *)HD_BYTES(args[3])->data;
    if (format == format_code(k)) {
        hd_value v = array_new(HD_TYPE(args[0]), k, NULL, 0);
        return v == HD_ERR || from_bytes(ARRAY(v), args[3]) < 0 ? HD_ERR : v;
    }
    bool big = format & 1 && format > 1;
    hd_value items;
    if (format >= FORMAT_UTF16) {
        items = hd_str_decode(data, n, format < FORMAT_UTF32 ? big ? "utf-16-be" : "utf-16-le" : big ? "utf-32-be" : "utf-32-le", "strict");
    } else {
        size_t size = format < 2 ? 1 : format < 6 ? 2 : format < 10 ? 4 : format < 14 ? 8 : format < FORMAT_DOUBLE ? 4 : 8;
        if (n % size) return hd_raise(&hd_exc_ValueError, "string length not a multiple of item size");
        items = hd_list_new(n / size);
        for (size_t i = 0; i < n && items != HD_ERR; i += size) {
            unsigned char raw[8];
            for (size_t j = 0; j < size; j++) raw[j] = (unsigned char)data[i + (big ? size - 1 - j : j)];
            hd_value v;
            double d;
            float f;
            if (format < FORMAT_FLOAT) v = hd_int_from_bytes(raw, size, true, format < 2 ? format == 1 : ((format - 2) & 2) != 0);
            else if (size == 4) memcpy(&f, raw, 4), v = hd_float(f);
            else memcpy(&d, raw, 8), v = hd_float(d);
            if (v == HD_ERR || hd_list_append(items, v) < 0) items = HD_ERR;
        }
    }
    return items == HD_ERR ? HD_ERR : hd_callv(args[0], args[1], items);
}
static hd_value array_reduce(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
{
    const struct kind *k = ARRAY(self)->kind;
    int64_t protocol;
    hd_value d = hd_getattr_opt(self, hd_s___dict__), code = hd_str_char((uint32_t)k->code), type = hd_obj(hd_type_of(self));
    if (d == HD_ERR || hd_as_i64(args[0], &protocol) < 0) return HD_ERR;
    if (d == HD_ABSENT) d = HD_NONE;
    if (protocol < 3) return hd_tuplev(type, hd_tuplev(code, to_list(ARRAY(self))), d);
    hd_value f = hd_import_attr("array", "_array_reconstructor");
    return f == HD_ERR ? HD_ERR : hd_tuplev(f, hd_tuplev(type, code, hd_fix(format_code(k)), array_tobytes(self, NULL, 0, 0)), d);
}
static const struct hd_methoddef functions[] = { { "_array_reconstructor", array_reconstructor, 4, 4, 0, "_array_reconstructor($module, arraytype, typecode, mformat_code, items,\n                     /)\n--\n\n" }, { 0 } };
const struct hd_moduledef hd_module_array = { "array", "Arrays of numbers.", functions, fill };
