/* UTF-8, UTF-16 and UTF-32. */
#include "interp/types/codec.h"

/* ---- surrogates as the family of an encoding writes them (for the surrogatepass handler) ---------------------------------- */
static int family(const char *encoding)        /* 8; 16 and 32 with the sign of the byte order (negative: little) */
{
    char name[24];
    if (strlen(encoding) > 20) return 0;
    hd_codec_normalise(encoding, name, sizeof name);
    const char *p = name;
    if (strncmp(p, "utf", 3) != 0) return strcmp(p, "cp65001") == 0 ? 8 : 0;
    p += 3;
    if (*p == '_') p++;
    if (strcmp(p, "8") == 0) return 8;
    int bits = strncmp(p, "16", 2) == 0 ? 16 : strncmp(p, "32", 2) == 0 ? 32 : 0;
    if (!bits) return 0;
    p += 2;
    if (*p == '_') p++;
    return strcmp(p, "be") == 0 ? bits : strcmp(p, "le") == 0 || !*p ? -bits : 0;
}
size_t hd_surrogate_at(const char *encoding, const unsigned char *p, size_t n, uint32_t *c)
{
    int f = family(encoding);
    size_t len = 0;
    if (f == 8 && n >= 3 && (p[0] & 0xf0) == 0xe0 && (p[1] & 0xc0) == 0x80 && (p[2] & 0xc0) == 0x80) {
        *c = (uint32_t)((p[0] & 0xf) << 12 | (p[1] & 0x3f) << 6 | (p[2] & 0x3f));
        len = 3;
    } else if (f == 16 && n >= 2) { *c = (uint32_t)(p[0] << 8 | p[1]); len = 2; }
    else if (f == -16 && n >= 2) { *c = (uint32_t)(p[1] << 8 | p[0]); len = 2; }
    else if (f == 32 && n >= 4) { *c = (uint32_t)p[0] << 24 | (uint32_t)(p[1] << 16 | p[2] << 8 | p[3]); len = 4; }
    else if (f == -32 && n >= 4) { *c = (uint32_t)p[3] << 24 | (uint32_t)(p[2] << 16 | p[1] << 8 | p[0]); len = 4; }
    return len && *c >= 0xd800 && *c <= 0xdfff ? len : 0;
}
size_t hd_surrogate_encode(const char *encoding, uint32_t c, unsigned char *o)
{
    unsigned char hi = c >> 8, lo = c & 0xff;
    switch (family(encoding)) {
    case 8: o[0] = 0xe0 | c >> 12; o[1] = 0x80 | (c >> 6 & 0x3f); o[2] = 0x80 | (c & 0x3f); return 3;
    case 16: o[0] = hi; o[1] = lo; return 2;
    case -16: o[0] = lo; o[1] = hi; return 2;
    case 32: o[0] = o[1] = 0; o[2] = hi; o[3] = lo; return 4;
    case -32: o[0] = lo; o[1] = hi; o[2] = o[3] = 0; return 4;
    default: return 0;
    }
}

/* ---- UTF-8 ------------------------------------------------------------------------------------------------------------------ */
static inline size_t put_utf8(unsigned char *o, uint32_t c)
{
    if (c < 0x80) { o[0] = c; return 1; }
    if (c < 0x800) { o[0] = 0xc0 | c >> 6; o[1] = 0x80 | (c & 0x3f); return 2; }
    if (c < 0x10000) { o[0] = 0xe0 | c >> 12; o[1] = 0x80 | (c >> 6 & 0x3f); o[2] = 0x80 | (c & 0x3f); return 3; }
    o[0] = 0xf0 | c >> 18; o[1] = 0x80 | (c >> 12 & 0x3f); o[2] = 0x80 | (c >> 6 & 0x3f); o[3] = 0x80 | (c & 0x3f);
    return 4;
}

/* With the kind as a constant. */
static inline __attribute__((always_inline)) size_t utf8_size(int kind, const void *p, int64_t n, bool *surrogates)
{
    size_t size = 0;
    uint32_t any = 0;
    for (int64_t i = 0; i < n; i++) {
        uint32_t c = kind == 2 ? ((const uint16_t *)p)[i] : ((const uint32_t *)p)[i];
        size += 1 + (c >= 0x80) + (c >= 0x800) + (c >= 0x10000);
        any |= (c & 0xfffff800) == 0xd800;
    }
    *surrogates = any;
    return size;
}
static inline __attribute__((always_inline)) void utf8_put_all(unsigned char *o, int kind, const void *p, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        uint32_t c = kind == 2 ? ((const uint16_t *)p)[i] : ((const uint32_t *)p)[i];
        if (c < 0x80) *o++ = (unsigned char)c;
        else o += put_utf8(o, c);
    }
}

hd_value hd_utf8_encode(hd_value v, const char *errors)
{
    const struct hd_str *s = HD_STR(v);
    int64_t n = s->len;
    if (hd_str_is_ascii(v)) return hd_bytes_new(s->data, n);
    int kind = hd_str_kind(v);
    if (kind == 1) {
        const uint8_t *p = s->data;
        size_t size = n;
        for (int64_t i = 0; i < n; i++) size += p[i] >> 7;
        hd_value r = hd_bytes_new(NULL, size);
        if (r == HD_ERR) return r;
        unsigned char *o = HD_BYTES(r)->data;
        for (int64_t i = 0; i < n;) {
            uint64_t w;
            if (i + 8 <= n && (memcpy(&w, p + i, 8), !(w & UINT64_C(0x8080808080808080)))) {
                memcpy(o, &w, 8);
                o += 8;
                i += 8;
                continue;
            }
            int64_t stop = i + 8 < n ? i + 8 : n;
            for (; i < stop; i++) {
                if (p[i] < 0x80) *o++ = p[i];
                else { *o++ = 0xc0 | p[i] >> 6; *o++ = 0x80 | (p[i] & 0x3f); }
            }
        }
        return r;
    }
    bool surrogates;
    size_t size = kind == 2 ? utf8_size(2, s->data, n, &surrogates) : utf8_size(4, s->data, n, &surrogates);
    if (!surrogates) {
        hd_value r = hd_bytes_new(NULL, size);
        if (r == HD_ERR) return r;
        if (kind == 2) utf8_put_all(HD_BYTES(r)->data, 2, s->data, n);
        else utf8_put_all(HD_BYTES(r)->data, 4, s->data, n);
        return r;
    }
    struct hd_bytebuilder b = { 0 };
    struct hd_encode_error e = { "utf-8", errors, v, 0, 0 };
    hd_bb_reserve(&b, size);
    for (int64_t i = 0; i < n;) {
        uint32_t c = hd_kind_at(kind, s->data, i);
        if ((c & 0xfffff800) != 0xd800) {
            unsigned char *o = hd_bb_reserve(&b, 4);
            if (!o) return HD_ERR;
            b.len += put_utf8(o, c);
            i++;
            continue;
        }
        int64_t end = i + 1;
        while (end < n && (hd_kind_at(kind, s->data, end) & 0xfffff800) == 0xd800) end++;
        hd_value r;
        int64_t start = i;
        if (hd_encode_error(&e, i, end, "surrogates not allowed", &r, &i) < 0) return HD_ERR;
        if (hd_is_bytes(r)) { hd_bb_bytes(&b, HD_BYTES(r)->data, HD_BYTES(r)->len); continue; }
        for (int64_t k = 0; k < hd_str_len(r); k++) {
            c = hd_str_at(r, k);
            if (c >= 0x80) {        /* a replacement must be encodable without help */
                hd_value again;
                int64_t at;
                struct hd_encode_error strict = { "utf-8", NULL, v, 0, 0 };
                if (hd_encode_error(&strict, start, end, "surrogates not allowed", &again, &at) < 0) return HD_ERR;
            }
            unsigned char *o = hd_bb_reserve(&b, 4);
            if (!o) return HD_ERR;
            b.len += put_utf8(o, c);
        }
    }
    return hd_bb_finish(&b);
}

/* Looks at the sequence at p.  > 0: its length, *c is the character; 0: incomplete at the end of input; < 0: wrong, and
 * that many bytes belong together. */
static int utf8_sequence(const unsigned char *p, size_t n, uint32_t *c, bool *start)
{
    unsigned a = p[0];
    *start = false;
    if (a < 0xc2 || a > 0xf4) { *start = true; return -1; }
    int len = a < 0xe0 ? 2 : a < 0xf0 ? 3 : 4;
    uint32_t v = a & (0x7f >> len);
    for (int i = 1; i < len; i++) {
        if ((size_t)i >= n) return 0;
        unsigned lo = 0x80, hi = 0xbf;
        if (i == 1) {
            if (a == 0xe0) lo = 0xa0;
            else if (a == 0xed) hi = 0x9f;
            else if (a == 0xf0) lo = 0x90;
            else if (a == 0xf4) hi = 0x8f;
        }
        if (p[i] < lo || p[i] > hi) return -i;
        v = v << 6 | (p[i] & 0x3f);
    }
    *c = v;
    return len;
}

hd_value hd_utf8_decode(const void *data, size_t n, const char *errors, bool final, size_t *consumed)
{
    hd_value whole = hd_utf8_decode_valid(data, n, false);
    if (consumed) *consumed = n;
    if (STM_LIKELY(whole != HD_ABSENT)) return whole;
    struct hd_decode_error e = { "utf-8", errors, data, n, 0, 0 };
    struct hd_strbuilder b;
    hd_sb_init(&b);
    size_t i = 0;
    while (i < e.n) {
        const unsigned char *p = e.p;
        if (p[i] < 0x80) {
            size_t run = hd_ascii_prefix(p + i, e.n - i);
            hd_sb_ascii(&b, (const char *)p + i, run);
            i += run;
            continue;
        }
        uint32_t c = 0;
        bool start;
        int len = utf8_sequence(p + i, e.n - i, &c, &start);
        if (len > 0) { hd_sb_char(&b, c); i += len; continue; }
        /* A surrogate that is not complete yet may be let through by the handler. */
        if (len == -1 && !final && e.n - i == 2 && p[i] == 0xed && p[i + 1] >= 0xa0 && p[i + 1] <= 0xbf) len = 0;
        if (len == 0 && !final) { if (consumed) *consumed = i; break; }
        const char *reason = len == 0 ? "unexpected end of data" : start ? "invalid start byte" : "invalid continuation byte";
        size_t end = len == 0 ? e.n : i + (size_t)-len;
        if (hd_decode_error(&e, i, end, reason, &b, &i) < 0) return HD_ERR;
    }
    return hd_sb_finish(&b);
}

/* ---- UTF-16 ------------------------------------------------------------------------------------------------------------------- */
static inline unsigned char *put16(unsigned char *o, uint32_t u, bool big)
{
    if (big) { o[0] = u >> 8; o[1] = u; } else { o[0] = u; o[1] = u >> 8; }
    return o + 2;
}
static unsigned char *put_utf16(unsigned char *o, uint32_t c, bool big)
{
    if (c < 0x10000) return put16(o, c, big);
    return put16(put16(o, 0xd7c0 + (c >> 10), big), 0xdc00 | (c & 0x3ff), big);
}
static unsigned char *put_utf32(unsigned char *o, uint32_t c, bool big)
{
    return big ? put16(put16(o, c >> 16, true), c & 0xffff, true) : put16(put16(o, c & 0xffff, false), c >> 16, false);
}

/* Characters from i up to the end or a surrogate; returns where that is.  *o moves on. */
static inline __attribute__((always_inline)) int64_t put_run(int kind, const struct hd_str *s, int64_t i, unsigned char **o, bool big, int unit)
{
    unsigned char *p = *o;
    for (; i < s->len; i++) {
        uint32_t c = hd_kind_at(kind, s->data, i);
        if ((c & 0xfffff800) == 0xd800) break;
        p = unit == 2 ? put_utf16(p, c, big) : put_utf32(p, c, big);
    }
    *o = p;
    return i;
}
static int64_t put_run_of(int kind, const struct hd_str *s, int64_t i, unsigned char **o, bool big, int unit)
{
    if (unit == 4) return put_run(kind, s, i, o, big, 4);
    if (kind == 1) return big ? put_run(1, s, i, o, true, 2) : put_run(1, s, i, o, false, 2);
    if (kind == 2) return big ? put_run(2, s, i, o, true, 2) : put_run(2, s, i, o, false, 2);
    return put_run(4, s, i, o, big, 2);
}

/* Both wide forms; unit: 2 or 4 bytes. */
static hd_value wide_encode(hd_value v, const char *errors, int order, int unit)
{
    const struct hd_str *s = HD_STR(v);
    int kind = hd_str_kind(v);
    bool big = order > 0;
    static const char *const names[2][3] = { { "utf-16-le", "utf-16", "utf-16-be" }, { "utf-32-le", "utf-32", "utf-32-be" } };
    struct hd_encode_error e = { names[unit == 4][order + 1], errors, v, 0, 0 };
    struct hd_bytebuilder b = { 0 };
    unsigned char *o;
    if (order == 0) {
        if (!(o = hd_bb_reserve(&b, 4))) return HD_ERR;
        unsigned char *q = unit == 2 ? put16(o, 0xfeff, false) : put_utf32(o, 0xfeff, false);
        b.len += q - o;
    }
    for (int64_t i = 0;;) {
        if (!(o = hd_bb_reserve(&b, (size_t)(s->len - i) * (kind == 4 ? 4 : unit) + 1))) return HD_ERR;
        unsigned char *from = o;
        i = put_run_of(kind, s, i, &o, big, unit);
        b.len += o - from;
        if (i == s->len) break;
        int64_t end = i + 1, start = i;         /* one at a time, unlike UTF-8 */
        hd_value r;
        if (hd_encode_error(&e, i, end, "surrogates not allowed", &r, &i) < 0) return HD_ERR;
        bool bad = hd_is_bytes(r) ? HD_BYTES(r)->len % unit != 0 : !hd_str_is_ascii(r);
        if (bad) {
            struct hd_encode_error strict = { e.encoding, NULL, v, 0, 0 };
            if (hd_encode_error(&strict, start, end, "surrogates not allowed", &r, &i) < 0) return HD_ERR;
        }
        if (hd_is_bytes(r)) { hd_bb_bytes(&b, HD_BYTES(r)->data, HD_BYTES(r)->len); continue; }
        for (int64_t k = 0; k < hd_str_len(r); k++) {
            o = hd_bb_reserve(&b, 4);
            if (!o) return HD_ERR;
            b.len += (unit == 2 ? put_utf16(o, hd_str_at(r, k), big) : put_utf32(o, hd_str_at(r, k), big)) - o;
        }
    }
    return hd_bb_finish(&b);
}
hd_value hd_utf16_encode(hd_value s, const char *errors, int order) { return wide_encode(s, errors, order, 2); }
hd_value hd_utf32_encode(hd_value s, const char *errors, int order) { return wide_encode(s, errors, order, 4); }

static inline uint32_t get16(const unsigned char *p, bool big) { return (uint32_t)(big ? p[0] << 8 | p[1] : p[1] << 8 | p[0]); }
static inline uint32_t get32(const unsigned char *p, bool big)
{
    return big ? get16(p, true) << 16 | get16(p + 2, true) : get16(p + 2, false) << 16 | get16(p, false);
}

hd_value hd_utf16_decode(const void *data, size_t n, const char *errors, int *order, bool final, size_t *consumed)
{
    struct hd_decode_error e = { *order == 0 ? "utf-16" : *order < 0 ? "utf-16-le" : "utf-16-be", errors, data, n, 0, 0 };
    struct hd_strbuilder b;
    hd_sb_init(&b);
    size_t i = 0;
    if (*order == 0) {
        if (n >= 2) {
            uint32_t mark = get16(data, false);
            if (mark == 0xfeff) { *order = -1; i = 2; }
            else if (mark == 0xfffe) { *order = 1; i = 2; }
        }
        e.encoding = *order > 0 ? "utf-16-be" : "utf-16-le";
    }
    bool big = *order > 0;
    if (consumed) *consumed = n;
    hd_sb_reserve(&b, n / 2 + 1, 0x7f);
    while (i < e.n) {
        const unsigned char *p = e.p + i;
        size_t left = e.n - i, end;
        const char *reason;
        if (left < 2) {
            if (!final) { if (consumed) *consumed = i; break; }
            reason = "truncated data";
            end = e.n;
        } else {
            uint32_t u = get16(p, big);
            if ((u & 0xf800) != 0xd800) { hd_sb_char(&b, u); i += 2; continue; }
            if (u >= 0xdc00) { reason = "illegal encoding"; end = i + 2; }
            else if (left < 4) {
                if (!final) { if (consumed) *consumed = i; break; }
                reason = "unexpected end of data";
                end = e.n;
            } else {
                uint32_t t = get16(p + 2, big);
                if ((t & 0xfc00) == 0xdc00) { hd_sb_char(&b, 0x10000 + ((u & 0x3ff) << 10) + (t & 0x3ff)); i += 4; continue; }
                reason = "illegal UTF-16 surrogate";
                end = i + 2;
            }
        }
        if (hd_decode_error(&e, i, end, reason, &b, &i) < 0) return HD_ERR;
    }
    return hd_sb_finish(&b);
}

hd_value hd_utf32_decode(const void *data, size_t n, const char *errors, int *order, bool final, size_t *consumed)
{
    struct hd_decode_error e = { *order == 0 ? "utf-32" : *order < 0 ? "utf-32-le" : "utf-32-be", errors, data, n, 0, 0 };
    struct hd_strbuilder b;
    hd_sb_init(&b);
    size_t i = 0;
    if (*order == 0) {
        uint32_t mark = n >= 4 ? get32(data, false) : 0;
        if (mark == 0xfeff) { *order = -1; i = 4; }
        else if (mark == 0xfffe0000) { *order = 1; i = 4; }
        e.encoding = *order > 0 ? "utf-32-be" : "utf-32-le";
    }
    bool big = *order > 0;
    if (consumed) *consumed = n;
    while (i < e.n) {
        const char *reason;
        size_t end;
        if (e.n - i < 4) {
            if (!final) { if (consumed) *consumed = i; break; }
            reason = "truncated data";
            end = e.n;
        } else {
            uint32_t c = get32(e.p + i, big);
            if ((c & 0xfffff800) == 0xd800) reason = "code point in surrogate code point range(0xd800, 0xe000)";
            else if (c > 0x10ffff) reason = "code point not in range(0x110000)";
            else { hd_sb_char(&b, c); i += 4; continue; }
            end = i + 4;
        }
        if (hd_decode_error(&e, i, end, reason, &b, &i) < 0) return HD_ERR;
    }
    return hd_sb_finish(&b);
}
