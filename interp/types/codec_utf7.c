/* UTF-7 (RFC 2152): runs of base 64 hold UTF-16. */
#include "interp/types/codec.h"

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static int value(unsigned c)
{
    return c >= 'A' && c <= 'Z' ? (int)c - 'A' : c >= 'a' && c <= 'z' ? (int)c - 'a' + 26 : c >= '0' && c <= '9' ? (int)c - '0' + 52
         : c == '+' ? 62 : c == '/' ? 63 : -1;
}
/* Characters that stand for themselves. */
static bool direct(uint32_t c)
{
    if (c >= 128) return false;
    if (value(c) >= 0) return c != '+';
    return c && strchr("'(),-.:? \t\n\r!\"#$%&*;<=>@[]^_`{|}", (int)c) != NULL;
}

hd_value hd_utf7_encode(hd_value s, const char *errors)
{
    struct hd_bytebuilder b = { 0 };
    bool shifted = false;
    uint64_t buffer = 0;
    int bits = 0;
    for (int64_t i = 0, n = hd_str_len(s); i < n; i++) {
        uint32_t c = hd_str_at(s, i);
        if (direct(c)) {
            if (shifted) {
                if (bits) { hd_bb_byte(&b, (unsigned char)digits[buffer << (6 - bits) & 0x3f]); bits = 0; buffer = 0; }
                shifted = false;
                if (value(c) >= 0 || c == '-') hd_bb_byte(&b, '-');
            }
            hd_bb_byte(&b, c);
            continue;
        }
        if (!shifted) {
            hd_bb_byte(&b, '+');
            if (c == '+') { hd_bb_byte(&b, '-'); continue; }
            shifted = true;
        }
        if (c >= 0x10000) { buffer = buffer << 32 | (0xd7c0 + (c >> 10)) << 16 | (0xdc00 | (c & 0x3ff)); bits += 32; }
        else { buffer = buffer << 16 | c; bits += 16; }
        while (bits >= 6) { bits -= 6; hd_bb_byte(&b, (unsigned char)digits[buffer >> bits & 0x3f]); }
        buffer &= ((uint64_t)1 << bits) - 1;
    }
    if (bits) hd_bb_byte(&b, (unsigned char)digits[buffer << (6 - bits) & 0x3f]);
    if (shifted) hd_bb_byte(&b, '-');
    return hd_bb_finish(&b);
}

hd_value hd_utf7_decode(const void *data, size_t n, const char *errors, bool final, size_t *consumed)
{
    struct hd_decode_error e = { "utf7", errors, data, n, 0, 0 };
    struct hd_strbuilder b;
    hd_sb_init(&b);
    bool shifted = false;
    size_t shift_start = 0, i = 0;
    int64_t shift_out = 0;                     /* length of the output when the run began */
    uint32_t buffer = 0, high = 0;             /* bits that are left; a first surrogate that waits for the second */
    int bits = 0;
    if (consumed) *consumed = n;
    while (i < e.n) {
        unsigned char c = e.p[i];
        const char *reason;
        size_t start = i;
        if (shifted) {
            int v = value(c);
            if (v >= 0) {
                buffer = buffer << 6 | (uint32_t)v;
                bits += 6;
                i++;
                if (bits < 16) continue;
                bits -= 16;
                uint32_t u = buffer >> bits & 0xffff;
                buffer &= (1u << bits) - 1;
                if (high) {
                    if ((u & 0xfc00) == 0xdc00) { hd_sb_char(&b, 0x10000 + ((high & 0x3ff) << 10) + (u & 0x3ff)); high = 0; continue; }
                    hd_sb_char(&b, high);
                    high = 0;
                }
                if ((u & 0xfc00) == 0xd800) high = u;
                else hd_sb_char(&b, u);
                continue;
            }
            shifted = false;
            reason = NULL;
            if (bits > 0) {
                if (bits >= 6) reason = "partial character in base64 sequence";
                else if (buffer != 0) reason = "non-zero padding bits in base64 sequence";
            }
            if (reason) {
                i++;
                if (hd_decode_error(&e, shift_start, i, reason, &b, &i) < 0) return HD_ERR;
                high = 0;
                continue;
            }
            if (high && direct(c)) hd_sb_char(&b, high);
            high = 0;
            if (c == '-') { i++; continue; }
            if (c < 128 && direct(c)) { hd_sb_char(&b, c); i++; continue; }
            continue;                           /* looked at again, outside the run */
        }
        if (c == '+') {
            shift_start = start;
            i++;
            if (i < e.n && e.p[i] == '-') { i++; hd_sb_char(&b, '+'); continue; }
            if (i < e.n && value(e.p[i]) < 0) {
                i++;
                if (hd_decode_error(&e, start, i, "ill-formed sequence", &b, &i) < 0) return HD_ERR;
                continue;
            }
            shifted = true;
            high = 0;
            shift_out = b.len;
            bits = 0;
            buffer = 0;
            continue;
        }
        if (c < 128) { hd_sb_char(&b, c); i++; continue; }
        i++;
        if (hd_decode_error(&e, start, i, "unexpected special character", &b, &i) < 0) return HD_ERR;
    }
    if (shifted && final) {
        if (high || bits >= 6 || (bits > 0 && buffer != 0)) {
            size_t at;
            if (hd_decode_error(&e, shift_start, e.n, "unterminated shift sequence", &b, &at) < 0) return HD_ERR;
        }
    }
    if (shifted && !final) {                    /* the run is decoded again with what follows */
        if (consumed) *consumed = shift_start;
        b.len = shift_out;
    }
    return hd_sb_finish(&b);
}
