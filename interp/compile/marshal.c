/* The module marshal and its format (version 4 of CPython's, but for code objects).
 *
 * Code objects: 'c', the format number of the instruction set, then their 18 fields as objects (code_internal.h); instructions
 * are portable text.  Nothing here runs Python: plain built-in types only, so nothing moves or dies while one value is
 * written or read. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "code_internal.h"
#include "interp/modules/modules.h"

enum { FLAG_REF = 0x80, MAX_DEPTH = 2000, VERSION = 4 };

/* ---- writing ----------------------------------------------------------------------------------------------------------------- */
struct writer {
    unsigned char *buf; size_t len, cap;        /* scratch memory */
    hd_value *seen; uint32_t *index; size_t nseen, mask;    /* objects to reference numbers */
    int depth, version;
    const char *error;                          /* ValueError; "" when an exception is set already */
};

static void put_n(struct writer *w, const void *p, size_t n)
{
    if (w->len + n > w->cap) {
        size_t cap = 2 * (w->len + n) + 64;
        unsigned char *b = hd_scratch(cap);
        if (!b) {
            w->error = "";
            return;
        }
        if (w->len)
            memcpy(b, w->buf, w->len);
        w->buf = b;
        w->cap = cap;
    }
    if (n)
        memcpy(w->buf + w->len, p, n);
    w->len += n;
}
static void put_byte(struct writer *w, unsigned b)
{
    unsigned char c = (unsigned char)b;
    put_n(w, &c, 1);
}
static void put_short(struct writer *w, unsigned v)
{
    put_byte(w, v & 255);
    put_byte(w, v >> 8 & 255);
}
static void put_long(struct writer *w, uint32_t v)
{
    put_short(w, v & 0xffff);
    put_short(w, v >> 16);
}
static void put_size(struct writer *w, uint64_t n)
{
    if (n > INT32_MAX)
        w->error = "unmarshallable object";
    put_long(w, (uint32_t)n);
}
static void put_double(struct writer *w, double d) { put_n(w, &d, 8); }

/* True if the object was written before: then its number has been written. */
static bool put_ref(struct writer *w, hd_value v, unsigned *flag)
{
    *flag = 0;
    if (w->version < 3 || !hd_is_ptr(v))
        return false;
    if (2 * (w->nseen + 1) > w->mask) {
        size_t size = w->mask ? 2 * (w->mask + 1) : 64;
        hd_value *seen = hd_scratch(size * sizeof *seen);
        uint32_t *index = seen ? hd_scratch(size * sizeof *index) : NULL;
        if (!index) {
            w->error = "";
            return true;
        }
        memset(seen, 0, size * sizeof *seen);
        for (size_t i = 0; w->mask && i <= w->mask; i++)
            if (w->seen[i]) {
                size_t h = (w->seen[i] >> 4) * 0x9e3779b97f4a7c15u >> 20 & (size - 1);
                while (seen[h])
                    h = (h + 1) & (size - 1);
                seen[h] = w->seen[i];
                index[h] = w->index[i];
            }
        w->seen = seen;
        w->index = index;
        w->mask = size - 1;
    }
    size_t h = (v >> 4) * 0x9e3779b97f4a7c15u >> 20 & w->mask;
    while (w->seen[h] && w->seen[h] != v)
        h = (h + 1) & w->mask;
    if (w->seen[h]) {
        put_byte(w, 'r');
        put_long(w, w->index[h]);
        return true;
    }
    w->seen[h] = v;
    w->index[h] = (uint32_t)w->nseen++;
    *flag = FLAG_REF;
    return false;
}

static void put_int(struct writer *w, hd_value v, unsigned flag)
{
    uint64_t small;
    const uint64_t *limb = &small;
    size_t n = 1;
    bool negative;
    if (hd_is_fix(v)) {
        int64_t i = hd_unfix(v);
        if (i >= INT32_MIN && i <= INT32_MAX) {
            put_byte(w, 'i' | flag);
            put_long(w, (uint32_t)i);
            return;
        }
        negative = i < 0;
        small = negative ? -(uint64_t)i : (uint64_t)i;
    } else {
        const struct hd_long *l = hd_ptr(v);
        limb = l->limb;
        n = l->n;
        negative = l->head.aux & 1;
    }
    /* digits of 15 bits */
    uint64_t bits = n ? 64 * (uint64_t)n - (uint64_t)__builtin_clzll(limb[n - 1]) : 0, digits = (bits + 14) / 15;
    put_byte(w, 'l' | flag);
    put_long(w, negative ? (uint32_t)-(int32_t)digits : (uint32_t)digits);
    for (uint64_t d = 0; d < digits; d++) {
        uint64_t at = d * 15, word = at / 64, shift = at % 64, x = limb[word] >> shift;
        if (shift > 49 && word + 1 < n)
            x |= limb[word + 1] << (64 - shift);
        put_short(w, x & 0x7fff);
    }
}

static void put_text_double(struct writer *w, double d)
{
    char s[40];
    int n = snprintf(s, sizeof s, "%.17g", d);
    put_byte(w, (unsigned)n);
    put_n(w, s, (size_t)n);
}

static void put_str(struct writer *w, hd_value v, unsigned flag)
{
    const struct hd_str *s = HD_STR(v);
    bool interned = s->head.aux & HD_STR_INTERNED;
    if (w->version >= 4 && s->head.aux & HD_STR_ASCII) {
        bool is_short = s->len < 256;
        put_byte(w, (unsigned)(is_short ? interned ? 'Z' : 'z' : interned ? 'A' : 'a') | flag);
        if (is_short)
            put_byte(w, (unsigned)s->len);
        else
            put_size(w, (uint64_t)s->len);
        put_n(w, s->data, (size_t)s->len);
        return;
    }
    hd_value b = hd_str_encode(v, "utf-8", "surrogatepass");
    if (b == HD_ERR) {
        w->error = "";
        return;
    }
    put_byte(w, (unsigned)(w->version >= 3 && interned ? 't' : 'u') | flag);
    put_size(w, (uint64_t)HD_BYTES(b)->len);
    put_n(w, HD_BYTES(b)->data, (size_t)HD_BYTES(b)->len);
}

static void put_value(struct writer *w, hd_value v);

static void put_bytes(struct writer *w, const void *p, uint64_t n, unsigned flag)
{
    put_byte(w, 's' | flag);
    put_size(w, n);
    put_n(w, p, n);
}

struct set_item { hd_value text, item; };
static int by_text(const void *a, const void *b)
{
    const struct hd_bytes *x = HD_BYTES(((const struct set_item *)a)->text), *y = HD_BYTES(((const struct set_item *)b)->text);
    int c = memcmp(x->data, y->data, (size_t)(x->len < y->len ? x->len : y->len));
    return c ? c : (x->len > y->len) - (x->len < y->len);
}

/* In an order that does not depend on addresses: by what the elements look like when written alone. */
static void put_set(struct writer *w, hd_value v, unsigned flag)
{
    int64_t n = hd_set_len(v), i = 0;
    put_byte(w, (unsigned)(hd_is_shape(v, HD_SHAPE_FROZENSET) ? '>' : '<') | flag);
    put_size(w, (uint64_t)n);
    struct set_item *items = hd_scratch((size_t)(n + 1) * sizeof *items);
    struct hd_set_iter it = {0};
    while (items && i < n && hd_set_next(v, &it, &items[i].item) == 1) {
        items[i].text = hd_marshal_dumps(items[i].item, 2);
        if (items[i++].text == HD_ERR)
            items = NULL;
    }
    if (!items) {
        w->error = "";
        return;
    }
    qsort(items, (size_t)i, sizeof *items, by_text);
    for (int64_t j = 0; j < i; j++)
        put_value(w, items[j].item);
}

static void put_code(struct writer *w, hd_value v, unsigned flag)
{
    hd_value f[HD_CODE_FIELDS];
    hd_code_fields(HD_CODE(v), f);
    put_byte(w, 'c' | flag);
    put_long(w, hd_code_format_id());
    for (int i = 0; i < HD_CODE_FIELDS && !w->error; i++) {
        if (f[i] == HD_ERR)
            w->error = "";
        else
            put_value(w, f[i]);
    }
}

static void put_object(struct writer *w, hd_value v, unsigned flag)
{
    struct hd_buffer b;
    if (hd_is_int_exact(v))
        put_int(w, v, flag);
    else if (hd_is_float_exact(v)) {
        double d = hd_is_flo(v) ? hd_unflo(v) : ((struct hd_float *)hd_ptr(v))->value;
        put_byte(w, (unsigned)(w->version > 1 ? 'g' : 'f') | flag);
        if (w->version > 1)
            put_double(w, d);
        else
            put_text_double(w, d);
    } else if (hd_is_shape(v, HD_SHAPE_COMPLEX)) {
        const struct hd_complex *c = hd_ptr(v);
        put_byte(w, (unsigned)(w->version > 1 ? 'y' : 'x') | flag);
        if (w->version > 1) {
            put_double(w, c->re);
            put_double(w, c->im);
        } else {
            put_text_double(w, c->re);
            put_text_double(w, c->im);
        }
    } else if (hd_is_bytes_exact(v))
        put_bytes(w, HD_BYTES(v)->data, (uint64_t)HD_BYTES(v)->len, flag);
    else if (hd_is_str_exact(v))
        put_str(w, v, flag);
    else if (hd_is_tuple_exact(v)) {
        int64_t n = HD_TUPLE(v)->len;
        bool is_short = w->version >= 4 && n < 256;
        put_byte(w, (unsigned)(is_short ? ')' : '(') | flag);
        if (is_short)
            put_byte(w, (unsigned)n);
        else
            put_size(w, (uint64_t)n);
        for (int64_t i = 0; i < n && !w->error; i++)
            put_value(w, HD_TUPLE(v)->item[i]);
    } else if (hd_is_list_exact(v)) {
        int64_t n = hd_list_len(v);
        put_byte(w, '[' | flag);
        put_size(w, (uint64_t)n);
        for (int64_t i = 0; i < n && !w->error; i++)
            put_value(w, hd_list_get(v, i));
    } else if (hd_is_dict_exact(v)) {
        struct hd_dict_iter it = {0};
        hd_value k, x;
        put_byte(w, '{' | flag);
        while (!w->error && hd_dict_next(v, &it, &k, &x) == 1) {
            put_value(w, k);
            put_value(w, x);
        }
        put_byte(w, '0');
    } else if (hd_is_shape(v, HD_SHAPE_SET) || hd_is_shape(v, HD_SHAPE_FROZENSET))
        put_set(w, v, flag);
    else if (hd_is_shape(v, HD_SHAPE_CODE))
        put_code(w, v, flag);
    else if (hd_type_of(v)->op.getbuffer && hd_buffer_get(v, &b, false) == 0) {
        put_bytes(w, b.data, (uint64_t)b.len, flag);
        hd_buffer_release(&b);
    } else {
        if (hd_exc_pending())
            hd_exc_clear();
        w->error = "unmarshallable object";
    }
}

static void put_value(struct writer *w, hd_value v)
{
    unsigned flag;
    if (w->error)
        return;
    if (v == HD_NONE || v == HD_TRUE || v == HD_FALSE || v == HD_ELLIPSIS) {
        put_byte(w, v == HD_NONE ? 'N' : v == HD_TRUE ? 'T' : v == HD_FALSE ? 'F' : '.');
        return;
    }
    if (v == hd_obj(&hd_exc_StopIteration)) {
        put_byte(w, 'S');
        return;
    }
    if (++w->depth > MAX_DEPTH)
        w->error = "object too deeply nested to marshal";
    else if (!put_ref(w, v, &flag))
        put_object(w, v, flag);
    w->depth--;
}

hd_value hd_marshal_dumps(hd_value v, int version)
{
    struct writer w = {.version = version};
    put_value(&w, v);
    if (w.error)
        return *w.error ? hd_raise(&hd_exc_ValueError, "%s", w.error) : HD_ERR;
    return hd_bytes_new(w.buf, w.len);
}

/* ---- reading ---------------------------------------------------------------------------------------------------------------------- */
struct reader {
    const unsigned char *p, *end;
    hd_value *refs; size_t nrefs, cap;              /* scratch memory; HD_ABSENT: still being read */
    int depth;
};

static hd_value eof(void) { return hd_raise(&hd_exc_EOFError, "marshal data too short"); }
static hd_value bad(const char *what) { return hd_raise(&hd_exc_ValueError, "bad marshal data (%s)", what); }

static bool need(struct reader *r, size_t n)
{
    if ((size_t)(r->end - r->p) >= n)
        return true;
    (void)eof();
    return false;
}
static uint32_t raw_long(struct reader *r)
{
    uint32_t v = (uint32_t)r->p[0] | (uint32_t)r->p[1] << 8 | (uint32_t)r->p[2] << 16 | (uint32_t)r->p[3] << 24;
    r->p += 4;
    return v;
}
/* A length; -1: error set. */
static int64_t get_size(struct reader *r, const char *what)
{
    if (!need(r, 4))
        return -1;
    int32_t n = (int32_t)raw_long(r);
    if (n < 0) {
        (void)bad(what);
        return -1;
    }
    return n;
}

static bool add_ref(struct reader *r, hd_value v, size_t *index)
{
    if (r->nrefs == r->cap) {
        size_t cap = r->cap ? 2 * r->cap : 16 + (size_t)(r->end - r->p) / 64;
        hd_value *refs = hd_scratch(cap * sizeof *refs);
        if (!refs)
            return false;
        if (r->nrefs)
            memcpy(refs, r->refs, r->nrefs * sizeof *refs);
        r->refs = refs;
        r->cap = cap;
    }
    *index = r->nrefs;
    r->refs[r->nrefs++] = v;
    return true;
}

static hd_value get_value(struct reader *r, bool null_allowed);

static hd_value get_long_int(struct reader *r)
{
    if (!need(r, 4))
        return HD_ERR;
    int32_t n = (int32_t)raw_long(r);
    bool negative = n < 0;
    uint64_t digits = (uint64_t)(negative ? -(int64_t)n : n);
    if (!need(r, digits * 2))
        return HD_ERR;
    if (digits == 0)
        return hd_fix(0);
    /* to hexadecimal, four 15-bit digits to 60 bits */
    char *s = hd_scratch(digits * 4 + 32);
    if (!s)
        return HD_ERR;
    uint64_t groups = (digits + 3) / 4;
    char *q = s;
    if (negative)
        *q++ = '-';
    for (uint64_t gi = groups; gi-- > 0;) {
        uint64_t x = 0;
        for (uint64_t k = 4; k-- > 0;) {
            uint64_t d = gi * 4 + k;
            unsigned v = d < digits ? (unsigned)r->p[2 * d] | (unsigned)r->p[2 * d + 1] << 8 : 0;
            if (v > 0x7fff)
                return bad("digit out of range in long");
            if (d + 1 == digits && v == 0)
                return bad("unnormalized long data");
            x = x << 15 | v;
        }
        q += sprintf(q, gi + 1 == groups ? "%llx" : "%015llx", (unsigned long long)x);
    }
    r->p += digits * 2;
    return hd_int_parse(s, (size_t)(q - s), 16);
}

static bool get_text_double(struct reader *r, double *d)
{
    char s[256];
    if (!need(r, 1))
        return false;
    size_t n = *r->p++;
    if (!need(r, n))
        return false;
    memcpy(s, r->p, n);
    s[n] = 0;
    r->p += n;
    *d = strtod(s, NULL);
    return true;
}

static bool get_double(struct reader *r, double *d)
{
    if (!need(r, 8))
        return false;
    memcpy(d, r->p, 8);
    r->p += 8;
    return true;
}

static bool all_ascii(const char *p, size_t n)
{
    unsigned char any = 0;
    for (size_t i = 0; i < n; i++)
        any |= (unsigned char)p[i];
    return any < 0x80;
}

static hd_value get_ascii(struct reader *r, bool is_short, bool interned)
{
    int64_t n;
    if (is_short) {
        if (!need(r, 1))
            return HD_ERR;
        n = *r->p++;
    } else if ((n = get_size(r, "string size out of range")) < 0)
        return HD_ERR;
    if (!need(r, (size_t)n))
        return HD_ERR;
    const char *text = (const char *)r->p;
    r->p += n;
    if (interned && all_ascii(text, (size_t)n))
        return hd_intern_ascii(text, (size_t)n);
    hd_value s = hd_str_latin1(text, (size_t)n);
    return s == HD_ERR ? HD_ERR : interned ? hd_str_intern(s) : s;
}

static hd_value get_items(struct reader *r, int64_t n, size_t ref)
{
    if ((int64_t)(r->end - r->p) < n)
        return eof();
    hd_value t = hd_tuple_new((size_t)n);
    if (t == HD_ERR)
        return HD_ERR;
    for (int64_t i = 0; i < n; i++)
        HD_TUPLE(t)->item[i] = HD_NONE;
    if (ref != SIZE_MAX)
        r->refs[ref] = t;
    for (int64_t i = 0; i < n; i++) {
        hd_value v = get_value(r, false);
        if (v == HD_ERR)
            return HD_ERR;
        HD_TUPLE(t)->item[i] = v;
    }
    return t;
}

static hd_value get_list(struct reader *r, int64_t n, size_t ref)
{
    if ((int64_t)(r->end - r->p) < n)
        return eof();
    hd_value l = hd_list_new((size_t)n);
    if (l == HD_ERR)
        return HD_ERR;
    if (ref != SIZE_MAX)
        r->refs[ref] = l;
    for (int64_t i = 0; i < n; i++) {
        hd_value v = get_value(r, false);
        if (v == HD_ERR || hd_list_append(l, v) < 0)
            return HD_ERR;
    }
    return l;
}

static hd_value get_dict(struct reader *r, size_t ref)
{
    hd_value d = hd_dict_new();
    if (d == HD_ERR)
        return HD_ERR;
    if (ref != SIZE_MAX)
        r->refs[ref] = d;
    for (;;) {
        hd_value k = get_value(r, true);
        if (k == HD_ERR)
            return HD_ERR;
        if (k == HD_ABSENT)
            return d;
        hd_value v = get_value(r, true);
        if (v == HD_ERR)
            return HD_ERR;
        if (v == HD_ABSENT)
            return d;
        if (hd_dict_set(d, k, v) < 0)
            return HD_ERR;
    }
}

static hd_value get_code(struct reader *r)
{
    hd_value f[HD_CODE_FIELDS];
    if (!need(r, 4))
        return HD_ERR;
    if (raw_long(r) != hd_code_format_id())
        return hd_raise(&hd_exc_ImportError, "bad magic number: code of another interpreter or version");
    bool own = false;
    for (int i = 0; i < HD_CODE_FIELDS; i++) {
        if (i == HD_CODE_TEXT)
            own = r->p < r->end && *r->p == 's';           /* nothing else will refer to this bytes object */
        if ((f[i] = get_value(r, false)) == HD_ERR)
            return HD_ERR;
    }
    return hd_code_from_fields(f, own);
}

static hd_value get_object(struct reader *r, int type, size_t ref)
{
    int64_t n;
    double x, y;
    hd_value v;
    switch (type) {
    case 'N': return HD_NONE;
    case 'T': return HD_TRUE;
    case 'F': return HD_FALSE;
    case '.': return HD_ELLIPSIS;
    case 'S': return hd_obj(&hd_exc_StopIteration);
    case 'i': return need(r, 4) ? hd_fix((int32_t)raw_long(r)) : HD_ERR;
    case 'I':
        if (!need(r, 8))
            return HD_ERR;
        {
            int64_t i;
            memcpy(&i, r->p, 8);
            r->p += 8;
            return hd_int(i);
        }
    case 'l': return get_long_int(r);
    case 'f': return get_text_double(r, &x) ? hd_float(x) : HD_ERR;
    case 'g': return get_double(r, &x) ? hd_float(x) : HD_ERR;
    case 'x': return get_text_double(r, &x) && get_text_double(r, &y) ? hd_complex_new(x, y) : HD_ERR;
    case 'y': return get_double(r, &x) && get_double(r, &y) ? hd_complex_new(x, y) : HD_ERR;
    case 's':
        if ((n = get_size(r, "bytes object size out of range")) < 0 || !need(r, (size_t)n))
            return HD_ERR;
        v = hd_bytes_new(r->p, (size_t)n);
        r->p += n;
        return v;
    case 'A':
    case 'a': return get_ascii(r, false, type == 'A');
    case 'Z':
    case 'z': return get_ascii(r, true, type == 'Z');
    case 't':
    case 'u':
        if ((n = get_size(r, "string size out of range")) < 0 || !need(r, (size_t)n))
            return HD_ERR;
        v = hd_str_utf8_surrogates((const char *)r->p, (size_t)n);
        r->p += n;
        return v != HD_ERR && type == 't' ? hd_str_intern(v) : v;
    case ')':
        if (!need(r, 1))
            return HD_ERR;
        n = *r->p++;
        return get_items(r, n, ref);
    case '(': return (n = get_size(r, "tuple size out of range")) < 0 ? HD_ERR : get_items(r, n, ref);
    case '[': return (n = get_size(r, "list size out of range")) < 0 ? HD_ERR : get_list(r, n, ref);
    case '{': return get_dict(r, ref);
    case '<':
    case '>':
        if ((n = get_size(r, "set size out of range")) < 0)
            return HD_ERR;
        v = get_items(r, n, SIZE_MAX);
        if (v == HD_ERR || type == '>')
            return v == HD_ERR ? HD_ERR : hd_frozenset_of(v);
        {
            hd_value s = hd_set_new();
            if (s != HD_ERR && ref != SIZE_MAX)
                r->refs[ref] = s;
            for (int64_t i = 0; s != HD_ERR && i < n; i++)
                if (hd_set_add(s, HD_TUPLE(v)->item[i]) < 0)
                    return HD_ERR;
            return s;
        }
    case 'c': return get_code(r);
    default: return bad("unknown type code");
    }
}

static hd_value get_value(struct reader *r, bool null_allowed)
{
    if (r->p >= r->end)
        return hd_raise(&hd_exc_EOFError, "EOF read where object expected");
    if (r->depth >= MAX_DEPTH)
        return hd_raise(&hd_exc_ValueError, "recursion limit exceeded");
    unsigned head = *r->p++;
    int type = head & ~FLAG_REF;
    if (type == 'r') {
        if (!need(r, 4))
            return HD_ERR;
        uint32_t i = raw_long(r);
        return i < r->nrefs && r->refs[i] != HD_ABSENT ? r->refs[i] : bad("invalid reference");
    }
    if (type == '0')
        return null_allowed ? HD_ABSENT : hd_raise(&hd_exc_TypeError, "NULL object in marshal data for object");
    size_t ref = SIZE_MAX;
    if (head & FLAG_REF && !add_ref(r, HD_ABSENT, &ref))
        return HD_ERR;
    r->depth++;
    hd_value v = get_object(r, type, ref);
    r->depth--;
    if (ref != SIZE_MAX && v != HD_ERR)
        r->refs[ref] = v;
    return v;
}

hd_value hd_marshal_loads(const void *p, size_t n, size_t *used)
{
    struct reader r = {.p = p, .end = (const unsigned char *)p + n};
    hd_value v = get_value(&r, false);
    if (used)
        *used = (size_t)(r.p - (const unsigned char *)p);
    return v;
}

/* ---- the module -------------------------------------------------------------------------------------------------------------------- */
static int version_of(const hd_value *args, size_t nargs, size_t i, int *version)
{
    *version = VERSION;
    return nargs > i ? hd_as_int32(args[i], version) : 0;
}

static hd_value marshal_dumps(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
{
    (void)self;
    (void)kwnames;
    int version;
    return version_of(args, nargs, 1, &version) < 0 ? HD_ERR : hd_marshal_dumps(args[0], version);
}

static hd_value marshal_loads(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
{
    (void)self;
    (void)nargs;
    (void)kwnames;
    struct hd_buffer b;
    if (hd_buffer_get(args[0], &b, false) < 0)
        return HD_ERR;
    hd_value v = hd_marshal_loads(b.data, (size_t)b.len, NULL);
    hd_buffer_release(&b);
    return v;
}

static hd_value marshal_dump(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
{
    (void)self;
    (void)kwnames;
    int version;
    if (version_of(args, nargs, 2, &version) < 0)
        return HD_ERR;
    hd_value b = hd_marshal_dumps(args[0], version);
    return b == HD_ERR ? HD_ERR : hd_methodv(args[1], hd_intern("write"), b);
}

/* Reads all that is left and puts back what does not belong to the value. */
static hd_value marshal_load(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
{
    (void)self;
    (void)nargs;
    (void)kwnames;
    hd_value data = hd_call_method(args[0], hd_intern("read"), NULL, 0);
    if (data == HD_ERR)
        return HD_ERR;
    if (!hd_is_bytes(data))
        return hd_raise(&hd_exc_TypeError, "file.read() returned not bytes but %T", data);
    size_t used, n = (size_t)HD_BYTES(data)->len;
    hd_value v = hd_marshal_loads(HD_BYTES(data)->data, n, &used);
    if (v != HD_ERR && used < n && hd_methodv(args[0], hd_intern("seek"), hd_fix((int64_t)used - (int64_t)n), hd_fix(1)) == HD_ERR)
        return HD_ERR;
    return v;
}

static const struct hd_methoddef marshal_methods[] = {
    {"dump", marshal_dump, 2, 3, 0, "dump($module, value, file, version=4, /)\n--\n\nWrites the value to a binary file."},
    {"load", marshal_load, 1, 1, 0, "load($module, file, /)\n--\n\nReads one value from a binary file."},
    {"dumps", marshal_dumps, 1, 2, 0, "dumps($module, value, version=4, /)\n--\n\nThe bytes that dump would write."},
    {"loads", marshal_loads, 1, 1, 0, "loads($module, bytes, /)\n--\n\nThe value that the bytes hold; what follows it is ignored."},
    {NULL, NULL, 0, 0, 0, NULL}};

static int marshal_exec(hd_value m) { return hd_module_add_int(m, "version", VERSION); }

const struct hd_moduledef hd_module_marshal = {"marshal", "Built-in values as bytes, for compiled code.", marshal_methods, marshal_exec};
