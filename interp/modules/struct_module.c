/* The module _struct: values to and from bytes by a format.
 *
 * A format is parsed into an array of items (struct item), on the C stack or, for Struct objects, in a bytes object. */
#include <math.h>
#include "interp/core/api.h"
#include "interp/modules/modules.h"
#include "interp/types/bytes.h"
#include "interp/types/number.h"

#define DEF(name) static hd_value name(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)

struct item { char code; bool big, native; uint8_t size; int64_t offset, count; };       /* s and p: one value of count bytes */
struct format { const struct item *items; int64_t n_items, n_values, size; };
static hd_value struct_error;
static hd_value bad(const char *text) { return hd_raise(HD_TYPE(struct_error), "%s", text); }

/* ---- formats ----------------------------------------------------------------------------------------------------------------------- */
static int code_size(char c, bool native, int *align)
{
    int size = -1;
    switch (c) {
    case 'x': case 'b': case 'B': case 'c': case '?': case 's': case 'p': size = 1; break;
    case 'h': case 'H': case 'e': size = 2; break;
    case 'i': case 'I': case 'f': size = 4; break;
    case 'l': case 'L': size = native ? 8 : 4; break;
    case 'q': case 'Q': case 'd': size = 8; break;
    case 'n': case 'N': case 'P': size = native ? 8 : -1; break;
    default: break;
    }
    *align = native ? size : 1;
    return size;
}
/* text is 0-terminated; room for n items is enough for a text of n characters.  0, -1. */
static int parse(const unsigned char *s, size_t n, struct item *items, struct format *f)
{
    const unsigned char *end = s + n;
    bool native = true, big = false;
    if (s < end && (*s == '@' || *s == '=' || *s == '<' || *s == '>' || *s == '!')) {
        native = *s == '@', big = *s == '>' || *s == '!';
        s++;
    }
    f->items = items, f->n_items = f->n_values = f->size = 0;
    while (s < end) {
        int64_t count = 1;
        int align;
        if ((*s >= 9 && *s <= 13) || *s == ' ') { s++; continue; }
        if (*s >= '0' && *s <= '9') {
            for (count = 0; s < end && *s >= '0' && *s <= '9'; s++)
                if (__builtin_mul_overflow(count, 10, &count) || __builtin_add_overflow(count, *s - '0', &count)) goto too_long;
            if (s == end) { bad("repeat count given without format specifier"); return -1; }
        }
        char c = (char)*s++;
        int size = code_size(c, native, &align);
        if (c == 0) { bad("embedded null character"); return -1; }
        if (size < 0) { bad("bad char in struct format"); return -1; }
        int64_t at, bytes;
        if (__builtin_add_overflow(f->size, align - 1, &at) || __builtin_mul_overflow(count, size, &bytes)) goto too_long;
        at &= -(int64_t)align;                             /* a power of two */
        if (__builtin_add_overflow(at, bytes, &f->size)) goto too_long;
        if (c == 'x' || (count == 0 && c != 's' && c != 'p')) continue;
        items[f->n_items++] = (struct item){ c, big, native, (uint8_t)size, at, count };
        f->n_values += c == 's' || c == 'p' ? 1 : count;
    }
    return 0;
too_long:
    bad("total struct size too long");
    return -1;
}
/* The text of a format argument: bytes. */
static hd_value format_bytes(hd_value v)
{
    if (hd_is_str(v)) return hd_str_encode(v, "ascii", NULL);
    if (hd_is_bytes(v)) return v;
    return hd_raise(&hd_exc_TypeError, "Struct() argument 1 must be a str or bytes object, not %A", v);
}
enum { LOCAL_ITEMS = 24 };
static int parse_arg(hd_value v, struct item *local, struct format *f)
{
    const unsigned char *p;
    size_t n;
    if (hd_is_str(v) && hd_str_is_ascii(v)) {
        p = HD_U8(HD_STR(v));
        n = (size_t)HD_STR(v)->len;
    } else {
        hd_value b = format_bytes(v);
        if (b == HD_ERR) return -1;
        p = HD_BYTES(b)->data;
        n = (size_t)HD_BYTES(b)->len;
    }
    struct item *items = n <= LOCAL_ITEMS ? local : hd_scratch(n * sizeof *items);
    return items ? parse(p, n, items, f) : -1;
}

/* ---- one value ------------------------------------------------------------------------------------------------------------------------ */
static void put_bits(unsigned char *p, uint64_t x, int size, bool big)
{
    for (int i = 0; i < size; i++) p[big ? size - 1 - i : i] = (unsigned char)(x >> 8 * i);
}
static uint64_t get_bits(const unsigned char *p, int size, bool big)
{
    uint64_t x = 0;
    for (int i = 0; i < size; i++) x |= (uint64_t)p[big ? size - 1 - i : i] << 8 * i;
    return x;
}
/* IEEE half precision; -1: too large. */
static int half_bits(double x)
{
    int sign = signbit(x) ? 0x8000 : 0, e;
    if (isnan(x)) return sign | 0x7e00;
    if (isinf(x)) return sign | 0x7c00;
    if (x == 0) return sign;
    if ((e = ilogb(x)) < -14) e = -14;
    if (e > 15) return -1;
    int m = (int)rint(ldexp(fabs(x), 10 - e));         /* 1024 … 2048, or less: subnormal */
    int bits = m >= 1024 ? ((e + 15) << 10) + (m - 1024) : m;
    return bits >= 0x7c00 ? -1 : sign | bits;
}
static double half_value(unsigned bits)
{
    int e = bits >> 10 & 31, m = bits & 1023;
    double x = e == 31 ? (m ? NAN : INFINITY) : e == 0 ? ldexp(m, -24) : ldexp(1024 + m, e - 25);
    return bits & 0x8000 ? -x : x;
}
static int out_of_range(const struct item *it, bool is_signed)
{
    int bits = 8 * it->size;
    const char *name = it->code == 'b' ? "byte" : it->code == 'B' ? "ubyte" : it->code == 'h' ? "short" : it->code == 'H' ? "ushort" : NULL;
    int64_t lo = is_signed ? -((int64_t)1 << (bits - 1)) : 0;
    uint64_t hi = is_signed ? ((uint64_t)1 << (bits - 1)) - 1 : bits == 64 ? UINT64_MAX : ((uint64_t)1 << bits) - 1;
    if (name) hd_raise(HD_TYPE(struct_error), "%s format requires %lld <= number <= %llu", name, (long long)lo, (unsigned long long)hi);
    else hd_raise(HD_TYPE(struct_error), "'%c' format requires %lld <= number <= %llu", it->code, (long long)lo, (unsigned long long)hi);
    return -1;
}
static int pack_int(unsigned char *p, const struct item *it, hd_value v)
{
    bool is_signed = it->code >= 'a';
    if (!hd_is_int(v)) {
        if (!hd_type_of(v)->op.index) { bad("required argument is not an integer"); return -1; }
        if ((v = hd_number_index(v)) == HD_ERR) return -1;
    }
    int64_t i;
    uint64_t u;
    if (it->code == 'P') {
        if (hd_int_to_i64(v, &i)) u = (uint64_t)i;
        else if (!hd_int_to_u64(v, &u)) { bad("int too large to convert"); return -1; }
    } else if (is_signed || it->size <= 2) {
        if (!hd_int_to_i64(v, &i)) { bad("argument out of range"); return -1; }
        int bits = 8 * it->size;
        if (bits < 64 && (is_signed ? i < -((int64_t)1 << (bits - 1)) || i >= (int64_t)1 << (bits - 1) : i < 0 || i >= (int64_t)1 << bits))
            return out_of_range(it, is_signed);
        u = (uint64_t)i;
    } else {
        if (hd_int_sign(v) < 0) { bad("argument out of range"); return -1; }
        if (!hd_int_to_u64(v, &u)) { bad("argument out of range"); return -1; }
        if (it->size < 8 && u >> 8 * it->size) return out_of_range(it, false);
    }
    put_bits(p, u, it->size, it->big);
    return 0;
}
static int pack_one(unsigned char *p, const struct item *it, hd_value v)
{
    double d;
    switch (it->code) {
    case 'c':
        if (!hd_is_bytes(v) || HD_BYTES(v)->len != 1) { bad("char format requires a bytes object of length 1"); return -1; }
        *p = HD_BYTES(v)->data[0];
        return 0;
    case '?': {
        int b = hd_truth(v);
        if (b < 0) return -1;
        *p = (unsigned char)b;
        return 0;
    }
    case 's': case 'p': {
        const unsigned char *q;
        size_t n, room = (size_t)it->count;
        if (!hd_is_bytes(v) && !hd_is_bytearray(v)) { bad(it->code == 's' ? "argument for 's' must be a bytes object" : "argument for 'p' must be a bytes object"); return -1; }
        n = (size_t)hd_bytes_length(v);
        if (it->code == 'p') {
            if (room == 0) return 0;
            if (n > room - 1) n = room - 1;
            *p++ = (unsigned char)(n > 255 ? 255 : n);
        }
        if (n > room) n = room;
        if (!(q = hd_bytes_part(v, 0, (int64_t)n))) return -1;
        memcpy(p, q, n);
        return 0;
    }
    case 'e': case 'f': case 'd':
        if (hd_as_double(v, &d) < 0) {
            if (!hd_exc_is(&hd_exc_TypeError)) return -1;
            hd_exc_clear();
            bad("required argument is not a float");
            return -1;
        }
        if (it->code == 'd') {
            uint64_t u;
            memcpy(&u, &d, 8);
            put_bits(p, u, 8, it->big);
        } else if (it->code == 'f') {
            float f = (float)d;
            uint32_t u;
            if (isinf(f) && !isinf(d) && !it->native) { hd_raise(&hd_exc_OverflowError, "float too large to pack with f format"); return -1; }
            memcpy(&u, &f, 4);
            put_bits(p, u, 4, it->big);
        } else {
            int bits = half_bits(d);
            if (bits < 0) { hd_raise(&hd_exc_OverflowError, "float too large to pack with e format"); return -1; }
            put_bits(p, (unsigned)bits, 2, it->big);
        }
        return 0;
    default: return pack_int(p, it, v);
    }
}
static hd_value unpack_one(const unsigned char *p, const struct item *it)
{
    switch (it->code) {
    case 'c': return hd_bytes_new(p, 1);
    case '?': return hd_bool(*p != 0);
    case 's': return it->count ? hd_bytes_new(p, (size_t)it->count) : hd_empty_bytes;
    case 'p': {
        int64_t n = it->count == 0 ? 0 : *p < it->count ? *p : it->count - 1;
        return n ? hd_bytes_new(p + 1, (size_t)n) : hd_empty_bytes;
    }
    default: break;
    }
    uint64_t u = get_bits(p, it->size, it->big);
    switch (it->code) {
    case 'e': return hd_float(half_value((unsigned)u));
    case 'f': {
        uint32_t bits = (uint32_t)u;
        float f;
        memcpy(&f, &bits, 4);
        return hd_float(f);
    }
    case 'd': {
        double d;
        memcpy(&d, &u, 8);
        return hd_float(d);
    }
    case 'b': return hd_fix((int8_t)u);
    case 'h': return hd_fix((int16_t)u);
    case 'i': return hd_fix((int32_t)u);
    case 'l': case 'q': case 'n': return hd_int(it->size == 4 ? (int32_t)u : (int64_t)u);
    default: return hd_int_u64(u);
    }
}

/* ---- all values ------------------------------------------------------------------------------------------------------------------------- */
static int fill_bytes(unsigned char *p, const struct format *f, const hd_value *v)
{
    memset(p, 0, (size_t)f->size);
    for (int64_t i = 0; i < f->n_items; i++) {
        const struct item *it = &f->items[i];
        bool one = it->code == 's' || it->code == 'p';
        for (int64_t k = 0; k < (one ? 1 : it->count); k++)
            if (pack_one(p + it->offset + k * it->size, it, *v++) < 0) return -1;
    }
    return 0;
}
static hd_value tuple_of_bytes(const unsigned char *p, const struct format *f)
{
    hd_value t = hd_tuple_new((size_t)f->n_values);
    if (t == HD_ERR) return HD_ERR;
    hd_value *out = HD_TUPLE(t)->item;
    for (int64_t i = 0; i < f->n_items; i++) {
        const struct item *it = &f->items[i];
        bool one = it->code == 's' || it->code == 'p';
        for (int64_t k = 0; k < (one ? 1 : it->count); k++)
            if ((*out++ = unpack_one(p + it->offset + k * it->size, it)) == HD_ERR) return HD_ERR;
    }
    return t;
}
static hd_value pack(const struct format *f, const hd_value *args, size_t nargs)
{
    if ((int64_t)nargs != f->n_values) return hd_raise(HD_TYPE(struct_error), "pack expected %lld items for packing (got %zu)", (long long)f->n_values, nargs);
    hd_value b = hd_bytes_new(NULL, (size_t)f->size);
    return b == HD_ERR || fill_bytes(HD_BYTES(b)->data, f, args) < 0 ? HD_ERR : b;
}
void hd_buffer_store(struct hd_buffer *b, int64_t at, const void *p, int64_t n);
static hd_value pack_into(const struct format *f, const hd_value *args, size_t nargs)
{
    int64_t offset;
    if (nargs < 2 || (int64_t)nargs - 2 != f->n_values) {
        if (nargs == 0) return bad("pack_into expected buffer argument");
        if (nargs == 1) return bad("pack_into expected offset argument");
        return hd_raise(HD_TYPE(struct_error), "pack_into expected %lld items for packing (got %zu)", (long long)f->n_values, nargs - 2);
    }
    struct hd_buffer b;
    if (hd_buffer_get(args[0], &b, true) < 0) {
        if (!hd_exc_is(&hd_exc_TypeError) && !hd_exc_is(&hd_exc_BufferError)) return HD_ERR;
        hd_exc_clear();
        return hd_raise(&hd_exc_TypeError, "argument must be read-write bytes-like object, not %A", args[0]);
    }
    hd_value r = HD_ERR, index = hd_number_index(args[1]);
    if (index == HD_ERR) goto out;
    if (!hd_int_to_i64(index, &offset)) {
        hd_raise(&hd_exc_IndexError, "cannot fit '%T' into an index-sized integer", args[1]);
        goto out;
    }
    if (offset < 0) {
        if (offset + f->size > 0) { hd_raise(HD_TYPE(struct_error), "no space to pack %lld bytes at offset %lld", (long long)f->size, (long long)offset); goto out; }
        if (offset + b.len < 0) { hd_raise(HD_TYPE(struct_error), "offset %lld out of range for %lld-byte buffer", (long long)offset, (long long)b.len); goto out; }
        offset += b.len;
    }
    if (b.len - offset < f->size) {
        hd_raise(HD_TYPE(struct_error), "pack_into requires a buffer of at least %llu bytes for packing %lld bytes at offset %lld (actual buffer size is %lld)",
                 (unsigned long long)f->size + (unsigned long long)offset, (long long)f->size, (long long)offset, (long long)b.len);
        goto out;
    }
    unsigned char *copy = hd_scratch((size_t)f->size + 1);
    if (!copy || fill_bytes(copy, f, args + 2) < 0) goto out;
    hd_buffer_store(&b, offset, copy, f->size);
    r = HD_NONE;
out:
    hd_buffer_release(&b);
    return r;
}
static hd_value tuple_at(struct hd_byteview *v, int64_t at, const struct format *f)
{
    const unsigned char *p = hd_byteview_part(v, at, at + f->size);
    return p ? tuple_of_bytes(p, f) : HD_ERR;
}
static hd_value unpack(const struct format *f, hd_value buffer)
{
    struct hd_byteview v;
    if (hd_byteview_hold(buffer, &v) < 0) return HD_ERR;
    hd_value r = (int64_t)v.n != f->size ? hd_raise(HD_TYPE(struct_error), "unpack requires a buffer of %lld bytes", (long long)f->size) : tuple_at(&v, 0, f);
    hd_byteview_release(&v);
    return r;
}
static hd_value unpack_from(const struct format *f, const hd_value *args, size_t nargs, hd_value kwnames)
{
    hd_value a[2], r;
    int64_t offset = 0;
    struct hd_byteview v;
    if (hd_args("unpack_from", "buffer,|offset", args, nargs, kwnames, a) < 0 || (a[1] != HD_ABSENT && hd_as_i64(a[1], &offset) < 0) || hd_byteview_hold(a[0], &v) < 0)
        return HD_ERR;
    int64_t n = (int64_t)v.n, from = offset < 0 ? offset + n : offset;
    if (offset < 0 && offset + f->size > 0) r = hd_raise(HD_TYPE(struct_error), "not enough data to unpack %lld bytes at offset %lld", (long long)f->size, (long long)offset);
    else if (from < 0) r = hd_raise(HD_TYPE(struct_error), "offset %lld out of range for %lld-byte buffer", (long long)offset, (long long)n);
    else if (n - from < f->size)
        r = hd_raise(HD_TYPE(struct_error), "unpack_from requires a buffer of at least %llu bytes for unpacking %lld bytes at offset %lld (actual buffer size is %lld)",
                     (unsigned long long)f->size + (unsigned long long)from, (long long)f->size, (long long)from, (long long)n);
    else r = tuple_at(&v, from, f);
    hd_byteview_release(&v);
    return r;
}

/* ---- Struct -------------------------------------------------------------------------------------------------------------------------------- */
HD_MUTABLE(struct_object)
struct struct_object { struct hd_mhead head; hd_vslot format, items; hd_islot n_items, n_values, size; };
HD_MUTABLE_OPEN(struct_object, hd_inst_size((const struct hd_inst *)o))
#define STRUCT(v) ((struct struct_object *)hd_ptr(v))

/* The bytes object stays alive through *keep. */
static struct format format_of(hd_value self, hd_value *keep)
{
    struct struct_object *s = STRUCT(self);
    *keep = HD_GET(s, items);
    return (struct format){ *keep == HD_NONE ? NULL : (const void *)HD_BYTES(*keep)->data, HD_GET(s, n_items), HD_GET(s, n_values), HD_GET(s, size) };
}
static hd_value struct_make(hd_value type, const hd_value *args, size_t nargs, hd_value kwnames)
{
    hd_value v = hd_alloc_instance(HD_TYPE(type), 0);
    if (v == HD_ERR) return HD_ERR;
    HD_INIT(STRUCT(v), format, HD_NONE);
    HD_INIT(STRUCT(v), items, HD_NONE);
    HD_INIT(STRUCT(v), n_values, -1);
    HD_INIT(STRUCT(v), size, -1);
    return v;
}
static int struct_init(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
{
    hd_value a, b, items;
    struct format f;
    if (hd_args("Struct", "format", args, nargs, kwnames, &a) < 0 || (b = format_bytes(a)) == HD_ERR) return -1;
    size_t n = (size_t)HD_BYTES(b)->len;
    if ((items = hd_bytes_new(NULL, (n + 1) * sizeof(struct item))) == HD_ERR || parse(HD_BYTES(b)->data, n, (struct item *)HD_BYTES(items)->data, &f) < 0) return -1;
    struct_object_w w = struct_object_open(STRUCT(self));
    HD_PUT(w, format, b);
    HD_PUT(w, items, items);
    HD_PUT(w, n_items, f.n_items);
    HD_PUT(w, n_values, f.n_values);
    HD_PUT(w, size, f.size);
    return 0;
}
static void struct_trace(void *o, struct gc_marker *m)
{
    struct struct_object *s = o;
    gc_mark(m, HD_RAW(s->format));
    gc_mark(m, HD_RAW(s->items));
}
#define WITH_FORMAT hd_value keep; struct format f = format_of(self, &keep)
DEF(struct_pack) { WITH_FORMAT; return pack(&f, args, nargs); }
DEF(struct_pack_into) { WITH_FORMAT; return pack_into(&f, args, nargs); }
DEF(struct_unpack) { WITH_FORMAT; return unpack(&f, args[0]); }
DEF(struct_unpack_from) { WITH_FORMAT; return unpack_from(&f, args, nargs, kwnames); }
static hd_value struct_get_size(hd_value self, void *closure) { return hd_int(HD_GET(STRUCT(self), size)); }
static hd_value struct_get_format(hd_value self, void *closure)
{
    hd_value b = HD_GET(STRUCT(self), format);
    return b == HD_NONE ? HD_NONE : hd_str_latin1((const char *)HD_BYTES(b)->data, (size_t)HD_BYTES(b)->len);
}

/* ---- iter_unpack ------------------------------------------------------------------------------------------------------------------------------ */
HD_MUTABLE(unpack_iterator)
struct unpack_iterator { struct hd_mhead head; hd_value structure; hd_vslot buffer; hd_islot at; };
HD_MUTABLE_OPEN(unpack_iterator, sizeof(struct unpack_iterator))
static struct hd_type unpack_iterator_type;
DEF(struct_iter_unpack)
{
    struct hd_byteview v;
    int64_t size = HD_GET(STRUCT(self), size);
    if (size == 0) return bad("cannot iteratively unpack with a struct of length 0");
    if (hd_byteview_hold(args[0], &v) < 0) return HD_ERR;
    size_t n = v.n;
    hd_byteview_release(&v);
    if (n % (size_t)size) return hd_raise(HD_TYPE(struct_error), "iterative unpacking requires a buffer of a multiple of %lld bytes", (long long)size);
    struct unpack_iterator *it = hd_new_mutable(&unpack_iterator_type, sizeof *it);
    if (!it) return HD_ERR;
    it->structure = self;
    HD_INIT(it, buffer, args[0]);
    HD_INIT(it, at, 0);
    return hd_obj(it);
}
static hd_value iterator_next(hd_value self)
{
    struct unpack_iterator *it = hd_ptr(self);
    hd_value buffer = HD_GET(it, buffer), keep, r;
    if (buffer == HD_UNBOUND) return HD_STOP;
    struct format f = format_of(it->structure, &keep);
    struct hd_byteview v;
    if (hd_byteview_hold(buffer, &v) < 0) return HD_ERR;
    int64_t at = HD_GET(it, at);
    r = (int64_t)v.n - at < f.size ? HD_STOP : tuple_at(&v, at, &f);
    hd_byteview_release(&v);
    if (r == HD_ERR) return r;
    unpack_iterator_w w = unpack_iterator_open(it);
    if (r == HD_STOP) HD_PUT(w, buffer, HD_UNBOUND);
    else HD_PUT(w, at, at + f.size);
    return r;
}
DEF(iterator_length_hint)
{
    struct unpack_iterator *it = hd_ptr(self);
    hd_value buffer = HD_GET(it, buffer);
    struct hd_byteview v;
    if (buffer == HD_UNBOUND) return hd_fix(0);
    if (hd_byteview_hold(buffer, &v) < 0) return HD_ERR;
    int64_t left = (int64_t)v.n - HD_GET(it, at);
    hd_byteview_release(&v);
    return hd_fix(left / HD_GET(STRUCT(it->structure), size));
}
static hd_value iterator_self(hd_value self) { return self; }
static void iterator_trace(void *o, struct gc_marker *m)
{
    struct unpack_iterator *it = o;
    gc_mark(m, it->structure);
    gc_mark(m, HD_RAW(it->buffer));
}
static const struct hd_methoddef iterator_methods[] = { { "__length_hint__", iterator_length_hint, 0, 0, 0, NULL }, { 0 } };
static struct hd_type unpack_iterator_type = {
    .cname = "_struct.unpack_iterator", .basicsize = sizeof(struct unpack_iterator), .flags = HD_TF_NEVER_INSTANTIATE, .methods = iterator_methods,
    .op = { .iter = iterator_self, .iternext = iterator_next, .trace = iterator_trace },
};
static const struct hd_methoddef struct_methods[] = {
    { "pack", struct_pack, 0, -1, 0, "S.pack(v1, v2, ...) -> bytes\n\nThe values as bytes." },
    { "pack_into", struct_pack_into, 0, -1, 0, "S.pack_into(buffer, offset, v1, v2, ...)\n\nWrites the values into the buffer." },
    { "unpack", struct_unpack, 1, 1, 0, "unpack($self, buffer, /)\n--\n\nThe values in the buffer, a tuple." },
    { "unpack_from", struct_unpack_from, 1, -1, HD_METH_KW, "unpack_from($self, /, buffer, offset=0)\n--\n\nThe values at an offset." },
    { "iter_unpack", struct_iter_unpack, 1, 1, 0, "iter_unpack($self, buffer, /)\n--\n\nAn iterator over the tuples in the buffer." }, { 0 }
};
static const struct hd_getsetdef struct_getsets[] = { { "format", struct_get_format, NULL, "struct format string", NULL }, { "size", struct_get_size, NULL, "struct size in bytes", NULL }, { 0 } };
static struct hd_type struct_type = {
    .cname = "_struct.Struct", .basicsize = sizeof(struct struct_object), .flags = HD_TF_BASETYPE | HD_TF_HAS_WEAKREFS,
    .doc = "Struct(fmt) --> compiled struct object", .methods = struct_methods, .getsets = struct_getsets,
    .op = { .make = struct_make, .init = struct_init, .trace = struct_trace },
};

/* ---- functions ---------------------------------------------------------------------------------------------------------------------------------- */
#define WITH_ARG struct item local[LOCAL_ITEMS]; struct format f; if (parse_arg(args[0], local, &f) < 0) return HD_ERR
DEF(module_calcsize) { WITH_ARG; return hd_int(f.size); }
DEF(module_pack)
{
    if (nargs == 0) return hd_raise(&hd_exc_TypeError, "missing format argument");
    WITH_ARG;
    return pack(&f, args + 1, nargs - 1);
}
DEF(module_pack_into)
{
    if (nargs == 0) return hd_raise(&hd_exc_TypeError, "missing format argument");
    WITH_ARG;
    return pack_into(&f, args + 1, nargs - 1);
}
DEF(module_unpack) { WITH_ARG; return unpack(&f, args[1]); }
DEF(module_unpack_from)
{
    if (nargs == 0) return hd_raise(&hd_exc_TypeError, "unpack_from() takes at least 1 positional argument (0 given)");
    WITH_ARG;
    return unpack_from(&f, args + 1, nargs - 1, kwnames);
}
DEF(module_iter_unpack)
{
    hd_value s = hd_callv(hd_obj(&struct_type), args[0]);
    return s == HD_ERR ? HD_ERR : struct_iter_unpack(s, args + 1, 1, 0);
}
DEF(module_clearcache) { return HD_NONE; }
static const struct hd_methoddef methods[] = {
    { "calcsize", module_calcsize, 1, 1, 0, "calcsize($module, format, /)\n--\n\nSize in bytes of what the format describes." },
    { "pack", module_pack, 0, -1, 0, "pack(format, v1, v2, ...) -> bytes\n\nThe values as bytes." },
    { "pack_into", module_pack_into, 0, -1, 0, "pack_into(format, buffer, offset, v1, v2, ...)\n\nWrites the values into the buffer." },
    { "unpack", module_unpack, 2, 2, 0, "unpack($module, format, buffer, /)\n--\n\nThe values in the buffer, a tuple." },
    { "unpack_from", module_unpack_from, 1, -1, HD_METH_KW, "unpack_from($module, format, /, buffer, offset=0)\n--\n\nThe values at an offset." },
    { "iter_unpack", module_iter_unpack, 2, 2, 0, "iter_unpack($module, format, buffer, /)\n--\n\nAn iterator over the tuples in the buffer." },
    { "_clearcache", module_clearcache, 0, 0, 0, "_clearcache($module, /)\n--\n\n" }, { 0 }
};
static int fill(hd_value m)
{
    hd_root(&struct_error);
    hd_value ns = hd_dict_new(), bases = hd_tuplev(hd_obj(&hd_exc_Exception));
    if (ns == HD_ERR || bases == HD_ERR || hd_dict_set_c(ns, "__module__", hd_intern("struct")) < 0) return -1;
    /* The class is the same however often the module is loaded anew. */
    if (!struct_error) struct_error = hd_type_new(&hd_type_type, hd_intern("error"), bases, ns, NULL, 0);
    return struct_error == HD_ERR || hd_module_add(m, "error", struct_error) < 0 || hd_type_ready(&unpack_iterator_type) < 0 || hd_add_type(m, &struct_type) < 0 ? -1 : 0;
}
const struct hd_moduledef hd_module_struct = { "_struct", "Values to and from bytes.", methods, fill };
