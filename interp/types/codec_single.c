/* Single-byte encodings: Latin-1, ASCII and character maps. */
#include "interp/types/codec.h"

/* ---- Latin-1 and ASCII ------------------------------------------------------------------------------------------------------ */
static hd_value limited_encode(hd_value v, const char *errors, uint32_t limit)
{
    const struct hd_str *s = HD_STR(v);
    if (hd_str_kind(v) == 1 && (limit == 0x100 || hd_str_is_ascii(v))) return hd_bytes_new(s->data, s->len);
    int kind = hd_str_kind(v);
    const char *reason = limit == 0x100 ? "ordinal not in range(256)" : "ordinal not in range(128)";
    struct hd_encode_error e = { limit == 0x100 ? "latin-1" : "ascii", errors, v, 0, 0 };
    struct hd_bytebuilder b = { 0 };
    hd_bb_reserve(&b, s->len + 8);
    for (int64_t i = 0; i < s->len;) {
        uint32_t c = hd_kind_at(kind, s->data, i);
        if (c < limit) { hd_bb_byte(&b, c); i++; continue; }
        int64_t end = i + 1, start = i;
        while (end < s->len && hd_kind_at(kind, s->data, end) >= limit) end++;
        hd_value r;
        if (hd_encode_error(&e, i, end, reason, &r, &i) < 0) return HD_ERR;
        if (hd_is_bytes(r)) { hd_bb_bytes(&b, HD_BYTES(r)->data, HD_BYTES(r)->len); continue; }
        for (int64_t k = 0; k < hd_str_len(r); k++) {
            c = hd_str_at(r, k);
            if (c >= limit) {
                struct hd_encode_error strict = { e.encoding, NULL, v, 0, 0 };
                int64_t at;
                if (hd_encode_error(&strict, start, end, reason, &r, &at) < 0) return HD_ERR;
            }
            hd_bb_byte(&b, c);
        }
    }
    return hd_bb_finish(&b);
}
hd_value hd_latin1_encode(hd_value s, const char *errors) { return limited_encode(s, errors, 0x100); }
hd_value hd_ascii_encode(hd_value s, const char *errors) { return limited_encode(s, errors, 0x80); }

hd_value hd_ascii_decode(const void *data, size_t n, const char *errors)
{
    if (hd_bytes_all_ascii(data, n)) return hd_str_latin1(data, n);
    struct hd_decode_error e = { "ascii", errors, data, n, 0, 0 };
    struct hd_strbuilder b;
    hd_sb_init(&b);
    for (size_t i = 0; i < e.n;) {
        size_t run = hd_ascii_prefix(e.p + i, e.n - i);
        hd_sb_ascii(&b, (const char *)e.p + i, run);
        i += run;
        if (i < e.n && hd_decode_error(&e, i, i + 1, "ordinal not in range(128)", &b, &i) < 0) return HD_ERR;
    }
    return hd_sb_finish(&b);
}

/* ---- character maps ------------------------------------------------------------------------------------------------------------- */
hd_value hd_charmap_decode(const void *data, size_t n, const char *errors, hd_value mapping)
{
    if (mapping == HD_ABSENT || mapping == HD_NONE) return hd_str_latin1(data, n);
    struct hd_decode_error e = { "charmap", errors, data, n, 0, 0 };
    struct hd_strbuilder b;
    hd_sb_init(&b);
    bool table = hd_is_str(mapping);
    for (size_t i = 0; i < e.n;) {
        unsigned byte = e.p[i];
        if (table) {
            uint32_t c = byte < (uint64_t)hd_str_len(mapping) ? hd_str_at(mapping, byte) : 0xfffe;
            if (c != 0xfffe) { hd_sb_char(&b, c); i++; continue; }
        } else {
            hd_value x = hd_getitem(mapping, hd_fix(byte));
            if (x == HD_ERR) {
                if (!hd_exc_is(&hd_exc_LookupError)) return HD_ERR;
                hd_exc_clear();
            } else if (hd_is_int(x)) {
                int64_t c;
                if (hd_as_i64(x, &c) < 0) { hd_exc_clear(); c = -1; }
                if (c < 0 || c > 0x10ffff) return hd_raise(&hd_exc_TypeError, "character mapping must be in range(0x%lx)", (long)0x110000);
                if (c != 0xfffe) { hd_sb_char(&b, c); i++; continue; }
            } else if (hd_is_str(x)) {
                if (!(hd_str_len(x) == 1 && hd_str_at(x, 0) == 0xfffe)) { hd_sb_str(&b, x); i++; continue; }
            } else if (x != HD_NONE) {
                return hd_raise(&hd_exc_TypeError, "character mapping must return integer, None or str");
            }
        }
        if (hd_decode_error(&e, i, i + 1, "character maps to <undefined>", &b, &i) < 0) return HD_ERR;
    }
    return hd_sb_finish(&b);
}

/* Looks c up in the mapping and appends its bytes: 1 done, 0 not there, -1 error. */
static int charmap_put(struct hd_bytebuilder *b, hd_value mapping, uint32_t c)
{
    hd_value x = hd_getitem(mapping, hd_fix(c));
    if (x == HD_ERR) {
        if (!hd_exc_is(&hd_exc_LookupError)) return -1;
        hd_exc_clear();
        return 0;
    }
    if (x == HD_NONE) return 0;
    if (hd_is_int(x)) {
        int64_t byte;
        if (hd_as_i64(x, &byte) < 0) return -1;
        if (byte < 0 || byte > 255) { hd_raise(&hd_exc_TypeError, "character mapping must be in range(256)"); return -1; }
        hd_bb_byte(b, (unsigned)byte);
        return 1;
    }
    if (hd_is_bytes(x)) { hd_bb_bytes(b, HD_BYTES(x)->data, HD_BYTES(x)->len); return 1; }
    hd_raise(&hd_exc_TypeError, "character mapping must return integer, bytes or None, not %.400T", x);
    return -1;
}

hd_value hd_charmap_encode(hd_value v, const char *errors, hd_value mapping)
{
    if (mapping == HD_ABSENT || mapping == HD_NONE) return hd_latin1_encode(v, errors);
    struct hd_bytebuilder b = { 0 };
    struct hd_encode_error e = { "charmap", errors, v, 0, 0 };
    int64_t n = hd_str_len(v);
    for (int64_t i = 0; i < n;) {
        int r = charmap_put(&b, mapping, hd_str_at(v, i));
        if (r < 0) return HD_ERR;
        if (r) { i++; continue; }
        int64_t end = i + 1, start = i;
        struct hd_bytebuilder probe = { 0 };
        while (end < n) {
            r = charmap_put(&probe, mapping, hd_str_at(v, end));
            if (r < 0) return HD_ERR;
            if (r) break;
            end++;
        }
        hd_value x;
        if (hd_encode_error(&e, i, end, "character maps to <undefined>", &x, &i) < 0) return HD_ERR;
        if (hd_is_bytes(x)) { hd_bb_bytes(&b, HD_BYTES(x)->data, HD_BYTES(x)->len); continue; }
        for (int64_t k = 0; k < hd_str_len(x); k++) {
            r = charmap_put(&b, mapping, hd_str_at(x, k));
            if (r < 0) return HD_ERR;
            if (!r) {
                struct hd_encode_error strict = { "charmap", NULL, v, 0, 0 };
                int64_t at;
                if (hd_encode_error(&strict, start, end, "character maps to <undefined>", &x, &at) < 0) return HD_ERR;
            }
        }
    }
    return hd_bb_finish(&b);
}

/* The inverse of a decoding table: a dict from character to byte, which hd_charmap_encode takes as it takes any mapping. */
hd_value hd_charmap_build(hd_value table)
{
    hd_value d = hd_dict_new();
    if (d == HD_ERR) return HD_ERR;
    int64_t n = hd_str_len(table) < 256 ? hd_str_len(table) : 256;
    for (int64_t i = 0; i < n; i++) {
        uint32_t c = hd_str_at(table, i);
        if (c != 0xfffe && hd_dict_set(d, hd_fix(c), hd_fix(i)) < 0) return HD_ERR;
    }
    return d;
}
