/* Strings: memory, creation, concatenation, slices, comparison and the builder.
 *
 * S1  A str has the narrowest kind for its characters; HD_STR_ASCII is set exactly when all are below 0x80.
 * S2  Characters never change once the str can be seen; a buffer's bytes below its `used` never change.
 * S3  Strings of length 0 and of one Latin-1 character made here are the static ones.
 * Lengths count characters, `size` bytes. */
#include "interp/types/str.h"
#include "stm/atomic.h"

struct static_str { struct hd_str s; char c[16]; };
#define C1(i)  { .s = { { HD_SHAPE_STR, 1 | ((i) < 128 ? HD_STR_ASCII : 0) | HD_STR_INTERNED }, 1, 0, static_chars[i].c }, .c = { (char)(i) } },
#define C4(i)  C1(i) C1(i + 1) C1(i + 2) C1(i + 3)
#define C16(i) C4(i) C4(i + 4) C4(i + 8) C4(i + 12)
#define C64(i) C16(i) C16(i + 16) C16(i + 32) C16(i + 48)
static struct static_str static_chars[256] __attribute__((aligned(16))) = { C64(0) C64(64) C64(128) C64(192) };
static struct static_str static_empty __attribute__((aligned(16))) = {
    .s = { { HD_SHAPE_STR, 1 | HD_STR_ASCII | HD_STR_INTERNED }, 0, 0, static_empty.c } };
hd_value hd_empty_str = (hd_value)&static_empty;

enum { APPEND_MIN = 256 };            /* bytes from which a concatenation gets room to grow */

/* ---- memory ------------------------------------------------------------------------------------------------------ */
static inline void *alloc(size_t size) { return size <= GC_BUMP_MAX ? gc_alloc_small(size) : gc_alloc(size); }

static struct hd_str *new_str(int kind, uint64_t n, bool ascii)
{
    if (STM_UNLIKELY(n > (UINT64_C(1) << 46))) { hd_no_memory(); return NULL; }
    struct hd_str *s = alloc(sizeof *s + (n + 1) * kind);
    if (STM_UNLIKELY(!s)) { hd_no_memory(); return NULL; }
    s->head.aux = kind | (ascii ? HD_STR_ASCII : 0);
    s->len = n;
    s->hash = 0;
    s->data = s->inline_;
    memset(s->inline_ + n * kind, 0, kind);
    s->head.shape = HD_SHAPE_STR;
    return s;
}

hd_value hd_str_char(uint32_t c)
{
    if (STM_LIKELY(c < 256)) return hd_obj(&static_chars[c]);
    int kind = hd_kind_for(c);
    struct hd_str *s = new_str(kind, 1, false);
    if (!s) return HD_ERR;
    hd_kind_put(kind, s->inline_, 0, c);
    return hd_obj(s);
}

hd_value hd_str_new(int kind, size_t n, uint32_t maxchar, void **data)
{
    struct hd_str *s = new_str(kind, n, maxchar < 0x80);
    if (!s) return HD_ERR;
    *data = s->inline_;
    return hd_obj(s);
}

static void str_trace(void *o, struct gc_marker *m)
{
    struct hd_str *s = o;
    if (s->data != s->inline_) gc_mark(m, hd_obj((const char *)s->data - offsetof(struct hd_strbuf, data)));
}
static size_t str_size(const void *o)
{
    const struct hd_str *s = o;
    return sizeof *s + (s->data == s->inline_ ? (s->len + 1) * (s->head.aux & HD_STR_KIND) : 0);
}
static size_t strbuf_size(const void *o) { return sizeof(struct hd_strbuf) + ((const struct hd_strbuf *)o)->cap; }
struct hd_type hd_strbuf_type = {
    .head = { { HD_SHAPE_TYPE, 0 }, { 0 } }, .cname = "<str buffer>", .basicsize = sizeof(struct hd_strbuf),
    .flags = HD_TF_IMMUTABLE_LAYOUT | HD_TF_NEVER_INSTANTIATE, .op = { .size = strbuf_size } };

extern void (*const hd_str_trace_op)(void *, struct gc_marker *);
extern size_t (*const hd_str_size_op)(const void *);
void (*const hd_str_trace_op)(void *, struct gc_marker *) = str_trace;
size_t (*const hd_str_size_op)(const void *) = str_size;

/* ---- characters ------------------------------------------------------------------------------------------------------ */
size_t hd_ascii_prefix(const unsigned char *p, size_t n)
{
    size_t i = 0;
    for (; i + 32 <= n; i += 32) {
        uint64_t w[4];
        memcpy(w, p + i, 32);
        if ((w[0] | w[1] | w[2] | w[3]) & UINT64_C(0x8080808080808080)) break;
    }
    for (; i + 8 <= n; i += 8) {
        uint64_t w;
        memcpy(&w, p + i, 8);
        w &= UINT64_C(0x8080808080808080);
        if (w) return i + __builtin_ctzll(w) / 8;
    }
    while (i < n && p[i] < 0x80) i++;
    return i;
}
bool hd_bytes_all_ascii(const void *p, size_t n) { return hd_ascii_prefix(p, n) == n; }

void hd_kind_copy(int dkind, void *dst, int64_t di, int skind, const void *src, int64_t si, int64_t n)
{
    if (dkind == skind) {
        memcpy((char *)dst + di * dkind, (const char *)src + si * skind, n * dkind);
    } else if (skind == 1) {
        const uint8_t *p = (const uint8_t *)src + si;
        if (dkind == 2) { uint16_t *q = (uint16_t *)dst + di; for (int64_t i = 0; i < n; i++) q[i] = p[i]; }
        else { uint32_t *q = (uint32_t *)dst + di; for (int64_t i = 0; i < n; i++) q[i] = p[i]; }
    } else if (skind == 2 && dkind == 4) {
        const uint16_t *p = (const uint16_t *)src + si;
        uint32_t *q = (uint32_t *)dst + di;
        for (int64_t i = 0; i < n; i++) q[i] = p[i];
    } else {                                   /* narrowing: the caller knows that all characters fit */
        for (int64_t i = 0; i < n; i++) hd_kind_put(dkind, dst, di + i, hd_kind_at(skind, src, si + i));
    }
}

uint32_t hd_kind_maxchar(int kind, const void *p, int64_t n)
{
    if (kind == 1) return hd_bytes_all_ascii(p, n) ? 0x7f : 0xff;
    uint32_t m = 0;
    if (kind == 2) {
        const uint16_t *q = p;
        for (int64_t i = 0; i < n; i++) m |= q[i];
    } else {
        const uint32_t *q = p;
        for (int64_t i = 0; i < n; i++) {
            m |= q[i];
            if (m >= 0x10000) return 0x10ffff;
        }
    }
    return m < 0x80 ? 0x7f : m < 0x100 ? 0xff : m < 0x10000 ? 0xffff : 0x10ffff;
}

hd_value hd_str_from_kind(int kind, const void *p, int64_t n)
{
    if (n == 0) return hd_empty_str;
    if (n == 1) return hd_str_char(hd_kind_at(kind, p, 0));
    uint32_t m = hd_kind_maxchar(kind, p, n);
    struct hd_str *s = new_str(hd_kind_for(m), n, m < 0x80);
    if (!s) return HD_ERR;
    hd_kind_copy(hd_kind_for(m), s->inline_, 0, kind, p, 0, n);
    return hd_obj(s);
}
hd_value hd_str_latin1(const char *p, size_t n) { return hd_str_from_kind(1, p, n); }
hd_value hd_str_ucs4(const uint32_t *p, size_t n) { return hd_str_from_kind(4, p, n); }

hd_value hd_str_exact(hd_value v)
{
    if (hd_is_str_exact(v)) return v;
    struct hd_str *s = HD_STR(v);
    return hd_str_from_kind(s->head.aux & HD_STR_KIND, s->data, s->len);
}

/* ---- UTF-8 ------------------------------------------------------------------------------------------------------------ */
/* Length of the valid sequence at p (2..4), or 0.  Lone surrogates only if wtf8. */
static int sequence(const unsigned char *p, size_t n, bool wtf8)
{
    unsigned c = p[0];
#define CONT(i) ((p[i] & 0xc0) == 0x80)
    if (c < 0xc2) return 0;
    if (c < 0xe0) return n >= 2 && CONT(1) ? 2 : 0;
    if (c < 0xf0) {
        if (n < 3 || !CONT(1) || !CONT(2)) return 0;
        if (c == 0xe0 && p[1] < 0xa0) return 0;
        if (c == 0xed && p[1] >= 0xa0 && !wtf8) return 0;
        return 3;
    }
    if (c > 0xf4 || n < 4 || !CONT(1) || !CONT(2) || !CONT(3)) return 0;
    if ((c == 0xf0 && p[1] < 0x90) || (c == 0xf4 && p[1] >= 0x90)) return 0;
    return 4;
#undef CONT
}

/* Valid UTF-8 from p[i] on into out[o], with the kind as a constant. */
static inline __attribute__((always_inline)) void put_decoded(int kind, void *out, int64_t o, const unsigned char *p, size_t i, size_t n)
{
    for (; i < n; o++) {
        uint32_t c = p[i];
        if (c < 0x80) i++;
        else if (c < 0xe0) { c = (c & 0x1f) << 6 | (p[i + 1] & 0x3f); i += 2; }
        else if (c < 0xf0) { c = (c & 0xf) << 12 | (p[i + 1] & 0x3f) << 6 | (p[i + 2] & 0x3f); i += 3; }
        else { c = (c & 7) << 18 | (p[i + 1] & 0x3f) << 12 | (p[i + 2] & 0x3f) << 6 | (p[i + 3] & 0x3f); i += 4; }
        hd_kind_put(kind, out, o, c);
    }
}

hd_value hd_utf8_decode_valid(const unsigned char *p, size_t n, bool wtf8)
{
    size_t ascii = hd_ascii_prefix(p, n), i = ascii, chars = ascii;
    if (ascii == n) {
        if (n == 1) return hd_obj(&static_chars[p[0]]);
        if (n == 0) return hd_empty_str;
        struct hd_str *s = new_str(1, n, true);
        if (!s) return HD_ERR;
        memcpy(s->inline_, p, n);
        return hd_obj(s);
    }
    int kind = 1;
    while (i < n) {
        if (p[i] < 0x80) {
            size_t run = 1;
            while (run < 16 && i + run < n && p[i + run] < 0x80) run++;
            if (run == 16) run += hd_ascii_prefix(p + i + run, n - i - run);
            i += run; chars += run;
            continue;
        }
        /* Most characters of two and three bytes can be told at once: no overlong forms and surrogates among them. */
        int len;
        if ((uint8_t)(p[i] - 0xc2) < 0x1e && i + 1 < n && (p[i + 1] & 0xc0) == 0x80) len = 2;
        else if ((uint8_t)(p[i] - 0xe1) < 0xc && i + 2 < n && (p[i + 1] & p[i + 2] & 0xc0) == 0x80 && !((p[i + 1] | p[i + 2]) & 0x40)) len = 3;
        else len = sequence(p + i, n - i, wtf8);
        if (!len) return HD_ABSENT;
        int k = len == 4 ? 4 : p[i] < 0xc4 ? 1 : 2;
        if (k > kind) kind = k;
        i += len; chars++;
    }
    if (chars == 1 && kind == 1) return hd_str_char((p[0] & 3) << 6 | (p[1] & 0x3f));
    struct hd_str *s = new_str(kind, chars, false);
    if (!s) return HD_ERR;
    void *out = s->inline_;
    int64_t o = ascii;
    hd_kind_copy(kind, out, 0, 1, p, 0, ascii);
    if (kind == 1) {
        uint8_t *q = (uint8_t *)out + ascii;
        for (i = ascii; i < n;) {
            uint8_t c = p[i++];
            *q++ = c < 0x80 ? c : (uint8_t)(c << 6 | (p[i++] & 0x3f));
        }
        return hd_obj(s);
    }
    if (kind == 2) put_decoded(2, out, o, p, ascii, n);
    else put_decoded(4, out, o, p, ascii, n);
    return hd_obj(s);
}

hd_value hd_str_utf8_n(const char *p, size_t n)
{
    hd_value v = hd_utf8_decode_valid((const unsigned char *)p, n, false);
    return STM_LIKELY(v != HD_ABSENT) ? v : hd_utf8_decode(p, n, NULL, true, NULL);
}
hd_value hd_str_utf8(const char *p) { return hd_str_utf8_n(p, strlen(p)); }
hd_value hd_str_utf8_surrogates(const char *p, size_t n)
{
    hd_value v = hd_utf8_decode_valid((const unsigned char *)p, n, true);
    return v != HD_ABSENT ? v : hd_utf8_decode(p, n, "surrogatepass", true, NULL);
}

const char *hd_str_as_utf8(hd_value v, size_t *n)
{
    const struct hd_str *s = HD_STR(v);
    if (hd_str_is_ascii(v)) {
        if (n) *n = s->len;
        if (s->data == s->inline_) return s->data;
        char *copy = hd_scratch(s->len + 1);
        if (!copy) return NULL;
        memcpy(copy, s->data, s->len);
        copy[s->len] = 0;
        return copy;
    }
    hd_value b = hd_utf8_encode(v, NULL);
    if (b == HD_ERR) return NULL;
    if (n) *n = HD_BYTES(b)->len;
    return (const char *)HD_BYTES(b)->data;
}

const char *hd_str_as_fs(hd_value v, size_t *n)
{
    const unsigned char *p;
    size_t len;
    if (hd_is_bytes(v)) {
        p = HD_BYTES(v)->data;
        len = HD_BYTES(v)->len;
    } else if (hd_str_is_ascii(v)) {
        p = (const unsigned char *)hd_str_as_utf8(v, &len);
        if (!p) return NULL;
    } else {
        hd_value b = hd_utf8_encode(v, "surrogateescape");
        if (b == HD_ERR) return NULL;
        p = HD_BYTES(b)->data;
        len = HD_BYTES(b)->len;
    }
    if (memchr(p, 0, len)) { hd_raise(&hd_exc_ValueError, "embedded null byte"); return NULL; }
    if (n) *n = len;
    return (const char *)p;
}
hd_value hd_str_from_fs(const char *p, size_t n)
{
    hd_value v = hd_utf8_decode_valid((const unsigned char *)p, n, false);
    return v != HD_ABSENT ? v : hd_utf8_decode(p, n, "surrogateescape", true, NULL);
}

/* ---- comparison ----------------------------------------------------------------------------------------------------------- */
bool hd_str_eq(hd_value av, hd_value bv)
{
    if (av == bv) return true;
    const struct hd_str *a = HD_STR(av), *b = HD_STR(bv);
    if (a->len != b->len) return false;
    uint32_t both = a->head.aux & b->head.aux, diff = a->head.aux ^ b->head.aux;
    if ((diff & (HD_STR_KIND | HD_STR_ASCII)) || (both & HD_STR_INTERNED)) return false;
    if (a->hash != b->hash && a->hash && b->hash) return false;
    return memcmp(a->data, b->data, a->len * (both & HD_STR_KIND)) == 0;
}

int hd_str_cmp(hd_value av, hd_value bv)
{
    const struct hd_str *a = HD_STR(av), *b = HD_STR(bv);
    int ka = hd_str_kind(av), kb = hd_str_kind(bv);
    int64_t n = a->len < b->len ? a->len : b->len;
    if (ka == 1 && kb == 1) {
        int r = memcmp(a->data, b->data, n);
        if (r) return r < 0 ? -1 : 1;
    } else {
        for (int64_t i = 0; i < n; i++) {
            uint32_t x = hd_kind_at(ka, a->data, i), y = hd_kind_at(kb, b->data, i);
            if (x != y) return x < y ? -1 : 1;
        }
    }
    return a->len < b->len ? -1 : a->len > b->len;
}

bool hd_str_is(hd_value v, const char *ascii)
{
    const struct hd_str *s = HD_STR(v);
    size_t n = strlen(ascii);
    return (size_t)s->len == n && (s->head.aux & HD_STR_KIND) == 1 && memcmp(s->data, ascii, n) == 0;
}

uint64_t hd_str_hash(hd_value v)
{
    struct hd_str *s = HD_STR(v);
    if (STM_LIKELY(s->hash)) return s->hash;
    uint64_t h = hd_hash_bytes(s->data, s->len * (s->head.aux & HD_STR_KIND));
    stm_store_relaxed(&s->hash, h);
    return h;
}

/* ---- concatenation and slices ------------------------------------------------------------------------------------------------ */
static hd_value header_on(struct hd_strbuf *buf, int64_t len, int kind, bool ascii)
{
    struct hd_str *s = alloc(sizeof *s);
    if (!s) return hd_no_memory();
    s->head.aux = kind | (ascii ? HD_STR_ASCII : 0);
    s->len = len;
    s->hash = 0;
    s->data = buf->data;
    s->head.shape = HD_SHAPE_STR;
    return hd_obj(s);
}

hd_value hd_str_concat(hd_value av, hd_value bv)
{
    const struct hd_str *a = HD_STR(av), *b = HD_STR(bv);
    if (b->len == 0 && hd_is_str_exact(av)) return av;
    if (a->len == 0 && hd_is_str_exact(bv)) return bv;
    int ka = a->head.aux & HD_STR_KIND, kb = b->head.aux & HD_STR_KIND, kind = ka > kb ? ka : kb;
    bool ascii = (a->head.aux & b->head.aux & HD_STR_ASCII) != 0;
    int64_t n = a->len + b->len;
    if (STM_UNLIKELY(n > INT64_C(1) << 46)) return hd_no_memory();
    size_t size = (size_t)n * kind, asize = a->len * ka;
    if (a->data != a->inline_ && kind == ka) {
        struct hd_strbuf *buf = (struct hd_strbuf *)((char *)(uintptr_t)a->data - offsetof(struct hd_strbuf, data));
        if (stm_load_relaxed(&buf->used) == asize && size <= buf->cap && stm_cas_full(&buf->used, asize, size)) {
            hd_kind_copy(kind, buf->data, a->len, kb, b->data, 0, b->len);
            return header_on(buf, n, kind, ascii);
        }
    }
    if (size >= APPEND_MIN && b->len <= a->len && hd_is_str_exact(av)) {
        size_t cap = size + size / 4 + 64;
        struct hd_strbuf *buf = gc_alloc(sizeof *buf + cap);
        if (!buf) return hd_no_memory();
        buf->head.aux = 0;
        buf->used = size;
        buf->cap = cap;
        buf->head.shape = HD_SHAPE_STRBUF;
        hd_kind_copy(kind, buf->data, 0, ka, a->data, 0, a->len);
        hd_kind_copy(kind, buf->data, a->len, kb, b->data, 0, b->len);
        return header_on(buf, n, kind, ascii);
    }
    struct hd_str *s = new_str(kind, n, ascii);
    if (!s) return HD_ERR;
    hd_kind_copy(kind, s->inline_, 0, ka, a->data, 0, a->len);
    hd_kind_copy(kind, s->inline_, a->len, kb, b->data, 0, b->len);
    return hd_obj(s);
}

hd_value hd_str_slice(hd_value v, int64_t lo, int64_t hi)
{
    const struct hd_str *s = HD_STR(v);
    if (lo < 0) lo = 0;
    if (hi > s->len) hi = s->len;
    if (lo >= hi) return hd_empty_str;
    if (lo == 0 && hi == s->len && hd_is_str_exact(v)) return v;
    int kind = s->head.aux & HD_STR_KIND;
    const char *p = (const char *)s->data + lo * kind;
    if (s->head.aux & HD_STR_ASCII) {
        if (hi - lo == 1) return hd_obj(&static_chars[*(const uint8_t *)p]);
        struct hd_str *r = new_str(1, hi - lo, true);
        if (!r) return HD_ERR;
        memcpy(r->inline_, p, hi - lo);
        return hd_obj(r);
    }
    return hd_str_from_kind(kind, p, hi - lo);
}

hd_value hd_str_repeat(hd_value v, int64_t n)
{
    const struct hd_str *s = HD_STR(v);
    if (n <= 0 || s->len == 0) return hd_empty_str;
    if (n == 1 && hd_is_str_exact(v)) return v;
    int kind = s->head.aux & HD_STR_KIND;
    int64_t total;
    if (__builtin_mul_overflow(s->len, n, &total)) return hd_raise(&hd_exc_OverflowError, "repeated string is too long");
    struct hd_str *r = new_str(kind, total, hd_str_is_ascii(v));
    if (!r) return HD_ERR;
    size_t piece = s->len * kind, size = total * kind, done = piece;
    if (piece == 1) memset(r->inline_, *(const char *)s->data, size);
    else {
        memcpy(r->inline_, s->data, piece);
        while (done < size) {
            size_t m = done <= size - done ? done : size - done;
            memcpy(r->inline_ + done, r->inline_, m);
            done += m;
        }
    }
    return hd_obj(r);
}

hd_value hd_str_join(hd_value sepv, const hd_value *items, size_t n)
{
    if (n == 0) return hd_empty_str;
    if (n == 1 && hd_is_str_exact(items[0])) return items[0];
    const struct hd_str *sep = HD_STR(sepv);
    int kind = 1;
    uint32_t ascii = HD_STR_ASCII;
    uint64_t total = 0;
    if (n > 1 && sep->len) {
        kind = sep->head.aux & HD_STR_KIND;
        ascii &= sep->head.aux;
        if (__builtin_mul_overflow((uint64_t)sep->len, n - 1, &total)) goto too_long;
    }
    for (size_t i = 0; i < n; i++) {
        if (STM_UNLIKELY(!hd_is_str(items[i])))
            return hd_raise(&hd_exc_TypeError, "sequence item %zd: expected str instance, %T found", i, items[i]);
        const struct hd_str *s = HD_STR(items[i]);
        if (__builtin_add_overflow(total, (uint64_t)s->len, &total)) goto too_long;
        if (!s->len) continue;
        int k = s->head.aux & HD_STR_KIND;
        if (k > kind) kind = k;
        ascii &= s->head.aux;
    }
    if (total > INT64_MAX) goto too_long;
    if (total == 0) return hd_empty_str;
    if (total == 1) {
        for (size_t i = 0; i < n; i++)
            if (HD_STR(items[i])->len) return hd_str_char(hd_str_at(items[i], 0));
        return hd_str_char(hd_str_at(sepv, 0));
    }
    struct hd_str *r = new_str(kind, total, ascii != 0);
    if (!r) return HD_ERR;
    int64_t o = 0;
    if (kind == 1) {
        char *out = r->inline_;
        int64_t nsep = sep->len;
        for (size_t i = 0; i < n; i++) {
            if (i) {
                if (nsep == 1) *out = *(const char *)sep->data;
                else memcpy(out, sep->data, nsep);
                out += nsep;
            }
            const struct hd_str *s = HD_STR(items[i]);
            if (s->len == 1) *out = *(const char *)s->data;
            else memcpy(out, s->data, s->len);
            out += s->len;
        }
        return hd_obj(r);
    }
    for (size_t i = 0; i < n; i++) {
        if (i && sep->len) { hd_kind_copy(kind, r->inline_, o, sep->head.aux & HD_STR_KIND, sep->data, 0, sep->len); o += sep->len; }
        const struct hd_str *s = HD_STR(items[i]);
        hd_kind_copy(kind, r->inline_, o, s->head.aux & HD_STR_KIND, s->data, 0, s->len);
        o += s->len;
    }
    return hd_obj(r);
too_long:
    return hd_raise(&hd_exc_OverflowError, "join() result is too long for a Python string");
}

/* ---- builder -------------------------------------------------------------------------------------------------------------------- */
void hd_sb_init(struct hd_strbuilder *b) { *b = (struct hd_strbuilder){ .kind = 1 }; }

static __attribute__((noinline)) void *grow(struct hd_strbuilder *b, int64_t n, int kind)
{
    if (b->failed) return NULL;
    if (n > INT64_C(1) << 45) { hd_no_memory(); b->failed = true; return NULL; }
    int64_t need = b->len + n, cap = b->cap;
    if (need > cap) {
        cap = b->len + b->len / 2 + 32;
        if (cap < need) cap = need;
    }
    if (kind < b->kind) kind = b->kind;
    void *p = hd_scratch(cap * kind);
    if (!p) { b->failed = true; return NULL; }
    if (b->len) hd_kind_copy(kind, p, 0, b->kind, b->buf, 0, b->len);
    b->buf = p; b->cap = cap; b->kind = kind;
    return p;
}
void *hd_sb_reserve(struct hd_strbuilder *b, int64_t n, uint32_t maxchar)
{
    int kind = hd_kind_for(maxchar);
    if (STM_LIKELY(b->len + n <= b->cap && kind <= b->kind)) return b->buf;
    return grow(b, n, kind);
}
void hd_sb_char(struct hd_strbuilder *b, uint32_t c)
{
    if (hd_sb_reserve(b, 1, c)) hd_kind_put(b->kind, b->buf, b->len++, c);
}
void hd_sb_kind(struct hd_strbuilder *b, int kind, const void *p, int64_t lo, int64_t n)
{
    if (n <= 0) return;
    const char *q = (const char *)p + lo * kind;
    uint32_t m = kind == 1 ? 0xff : kind <= b->kind ? 0xff : hd_kind_maxchar(kind, q, n);
    if (hd_sb_reserve(b, n, m)) { hd_kind_copy(b->kind, b->buf, b->len, kind, q, 0, n); b->len += n; }
}
void hd_sb_str(struct hd_strbuilder *b, hd_value v)
{
    hd_sb_kind(b, hd_str_kind(v), HD_STR(v)->data, 0, HD_STR(v)->len);
}
void hd_sb_slice(struct hd_strbuilder *b, hd_value v, int64_t lo, int64_t hi)
{
    const struct hd_str *s = HD_STR(v);
    if (lo < 0) lo = 0;
    if (hi > s->len) hi = s->len;
    hd_sb_kind(b, hd_str_kind(v), s->data, lo, hi - lo);
}
void hd_sb_ascii(struct hd_strbuilder *b, const char *s, size_t n) { hd_sb_kind(b, 1, s, 0, n); }
void hd_sb_cstr(struct hd_strbuilder *b, const char *s) { hd_sb_kind(b, 1, s, 0, strlen(s)); }
void hd_sb_fill(struct hd_strbuilder *b, uint32_t c, int64_t n)
{
    if (n <= 0 || !hd_sb_reserve(b, n, c)) return;
    if (b->kind == 1) memset((char *)b->buf + b->len, (int)c, n);
    else for (int64_t i = 0; i < n; i++) hd_kind_put(b->kind, b->buf, b->len + i, c);
    b->len += n;
}
hd_value hd_sb_finish(struct hd_strbuilder *b)
{
    if (b->failed) return HD_ERR;
    return hd_str_from_kind(b->kind, b->buf, b->len);
}
