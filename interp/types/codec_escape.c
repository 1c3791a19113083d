/* Backslash escapes: unicode_escape, raw_unicode_escape, and the escapes of bytes literals. */
#include <stdio.h>
#include "interp/types/codec.h"
#include "interp/types/unicode_data.h"

static int hex_value(unsigned char c)
{
    return c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
}
static void put_escape(struct hd_bytebuilder *b, uint32_t c)
{
    char t[12];
    hd_bb_bytes(b, t, (size_t)snprintf(t, sizeof t, c < 0x100 ? "\\x%02x" : c < 0x10000 ? "\\u%04x" : "\\U%08x", c));
}

hd_value hd_unicode_escape_encode(hd_value s)
{
    struct hd_bytebuilder b = { 0 };
    hd_bb_reserve(&b, (size_t)hd_str_len(s));
    for (int64_t i = 0, n = hd_str_len(s); i < n; i++) {
        uint32_t c = hd_str_at(s, i);
        if (c == '\\') hd_bb_bytes(&b, "\\\\", 2);
        else if (c == '\t') hd_bb_bytes(&b, "\\t", 2);
        else if (c == '\n') hd_bb_bytes(&b, "\\n", 2);
        else if (c == '\r') hd_bb_bytes(&b, "\\r", 2);
        else if (c >= 32 && c < 127) hd_bb_byte(&b, c);
        else put_escape(&b, c);
    }
    return hd_bb_finish(&b);
}
hd_value hd_raw_unicode_escape_encode(hd_value s)
{
    struct hd_bytebuilder b = { 0 };
    hd_bb_reserve(&b, (size_t)hd_str_len(s));
    for (int64_t i = 0, n = hd_str_len(s); i < n; i++) {
        uint32_t c = hd_str_at(s, i);
        if (c < 0x100) hd_bb_byte(&b, c);
        else put_escape(&b, c);
    }
    return hd_bb_finish(&b);
}

/* Digits of \x, \u, \U at p: how many hexadecimal digits of the wanted ones there are. */
static size_t hex_run(const unsigned char *p, size_t n, size_t want, uint32_t *v)
{
    size_t k = 0;
    *v = 0;
    while (k < want && k < n && hex_value(p[k]) >= 0) *v = *v << 4 | (uint32_t)hex_value(p[k++]);
    return k;
}

hd_value hd_unicode_escape_decode(const void *data, size_t n, const char *errors, bool final, size_t *consumed, int64_t *bad_escape)
{
    struct hd_decode_error e = { "unicodeescape", errors, data, n, 0, 0 };
    struct hd_strbuilder b;
    hd_sb_init(&b);
    if (consumed) *consumed = n;
    *bad_escape = -1;
    for (size_t i = 0; i < e.n;) {
        const unsigned char *p = e.p;
        if (p[i] != '\\') { hd_sb_char(&b, p[i++]); continue; }
        size_t start = i++, end;
        const char *reason;
        if (i >= e.n) {
            reason = "\\ at end of string";
            end = i;
            goto incomplete;
        }
        unsigned char c = p[i++];
        size_t want = 0;
        switch (c) {
        case '\n': continue;
        case '\\': case '\'': case '"': hd_sb_char(&b, c); continue;
        case 'a': hd_sb_char(&b, 7); continue;
        case 'b': hd_sb_char(&b, 8); continue;
        case 'f': hd_sb_char(&b, 12); continue;
        case 'n': hd_sb_char(&b, 10); continue;
        case 'r': hd_sb_char(&b, 13); continue;
        case 't': hd_sb_char(&b, 9); continue;
        case 'v': hd_sb_char(&b, 11); continue;
        case '0': case '1': case '2': case '3': case '4': case '5': case '6': case '7': {
            uint32_t v = c - '0';
            for (int k = 0; k < 2 && i < e.n && p[i] >= '0' && p[i] <= '7'; k++) v = v << 3 | (uint32_t)(p[i++] - '0');
            if (v > 0377 && *bad_escape < 0) *bad_escape = c | p[start + 2] << 8 | p[start + 3] << 16;
            hd_sb_char(&b, v);
            continue;
        }
        case 'x': want = 2; reason = "truncated \\xXX escape"; break;
        case 'u': want = 4; reason = "truncated \\uXXXX escape"; break;
        case 'U': want = 8; reason = "truncated \\UXXXXXXXX escape"; break;
        case 'N': {
            reason = "malformed \\N character escape";
            if (i >= e.n) { end = i; goto incomplete; }
            if (p[i] != '{') { end = i; goto error; }
            const unsigned char *close = memchr(p + i, '}', e.n - i);
            if (!close) { end = e.n; goto incomplete; }
            size_t len = (size_t)(close - (p + i)) - 1;
            end = (size_t)(close - p) + 1;
            if (len == 0) goto error;
            int64_t x = hd_uc_lookup((const char *)p + i + 1, len, NULL, NULL);
            if (x < 0) { reason = "unknown Unicode character name"; goto error; }
            hd_sb_char(&b, (uint32_t)x);
            i = end;
            continue;
        }
        default:
            if (*bad_escape < 0) *bad_escape = c;
            hd_sb_char(&b, '\\');
            hd_sb_char(&b, c);
            continue;
        }
        uint32_t v;
        size_t k = hex_run(p + i, e.n - i, want, &v);
        end = i + k;
        if (k == want) {
            i = end;
            if (v <= 0x10ffff) { hd_sb_char(&b, v); continue; }
            reason = "illegal Unicode character";
            goto error;
        }
        if (end < e.n) goto error;
    incomplete:
        if (!final) { if (consumed) *consumed = start; break; }
        if (end > e.n) end = e.n;
    error:
        if (hd_decode_error(&e, start, end, reason, &b, &i) < 0) return HD_ERR;
    }
    return hd_sb_finish(&b);
}

hd_value hd_raw_unicode_escape_decode(const void *data, size_t n, const char *errors, bool final, size_t *consumed)
{
    struct hd_decode_error e = { "rawunicodeescape", errors, data, n, 0, 0 };
    struct hd_strbuilder b;
    hd_sb_init(&b);
    if (consumed) *consumed = n;
    for (size_t i = 0; i < e.n;) {
        const unsigned char *p = e.p;
        size_t start = i;
        if (p[i] != '\\' || (i + 1 >= e.n && final)) { hd_sb_char(&b, p[i++]); continue; }
        if (i + 1 >= e.n) { if (consumed) *consumed = start; break; }
        unsigned char c = p[i + 1];
        i += 2;
        if (c != 'u' && c != 'U') { hd_sb_char(&b, '\\'); hd_sb_char(&b, c); continue; }
        size_t want = c == 'u' ? 4 : 8;
        uint32_t v;
        size_t k = hex_run(p + i, e.n - i, want, &v);
        const char *reason = c == 'u' ? "truncated \\uXXXX escape" : "truncated \\UXXXXXXXX escape";
        if (k == want) {
            if (v <= 0x10ffff) { hd_sb_char(&b, v); i += k; continue; }
            reason = "\\Uxxxxxxxx out of range";
        } else if (i + k >= e.n && !final) { if (consumed) *consumed = start; break; }
        if (hd_decode_error(&e, start, i + k, reason, &b, &i) < 0) return HD_ERR;
    }
    return hd_sb_finish(&b);
}

hd_value hd_escape_decode(const void *data, size_t n, const char *errors, int64_t *bad_escape)
{
    const unsigned char *p = data;
    struct hd_bytebuilder b = { 0 };
    hd_bb_reserve(&b, n);
    *bad_escape = -1;
    for (size_t i = 0; i < n;) {
        if (p[i] != '\\') { hd_bb_byte(&b, p[i++]); continue; }
        size_t start = i++;
        if (i >= n) return hd_raise(&hd_exc_ValueError, "Trailing \\ in string");
        unsigned char c = p[i++];
        switch (c) {
        case '\n': break;
        case '\\': case '\'': case '"': hd_bb_byte(&b, c); break;
        case 'a': hd_bb_byte(&b, 7); break;
        case 'b': hd_bb_byte(&b, 8); break;
        case 'f': hd_bb_byte(&b, 12); break;
        case 'n': hd_bb_byte(&b, 10); break;
        case 'r': hd_bb_byte(&b, 13); break;
        case 't': hd_bb_byte(&b, 9); break;
        case 'v': hd_bb_byte(&b, 11); break;
        case '0': case '1': case '2': case '3': case '4': case '5': case '6': case '7': {
            unsigned v = c - '0';
            for (int k = 0; k < 2 && i < n && p[i] >= '0' && p[i] <= '7'; k++) v = v << 3 | (unsigned)(p[i++] - '0');
            if (v > 0377 && *bad_escape < 0) *bad_escape = c | p[start + 2] << 8 | p[start + 3] << 16;
            hd_bb_byte(&b, v & 0xff);
            break;
        }
        case 'x': {
            uint32_t v;
            size_t k = hex_run(p + i, n - i, 2, &v);
            if (k == 2) { hd_bb_byte(&b, v); i += 2; break; }
            if (!errors || strcmp(errors, "strict") == 0) return hd_raise(&hd_exc_ValueError, "invalid \\x escape at position %zd", start);
            if (strcmp(errors, "replace") == 0) hd_bb_byte(&b, '?');
            else if (strcmp(errors, "ignore") != 0)
                return hd_raise(&hd_exc_ValueError, "decoding error; unknown error handling code: %.400s", errors);
            i += k;
            break;
        }
        default:
            if (*bad_escape < 0) *bad_escape = c;
            hd_bb_byte(&b, '\\');
            i--;
        }
    }
    return hd_bb_finish(&b);
}
