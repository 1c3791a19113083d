/* The module binascii: conversions between binary data and texts of ASCII characters. */
#include <stdio.h>
#include <zlib.h>
#include "interp/types/bytes_methods.h"
#include "interp/modules/modules.h"

#define FN(name) static hd_value f_##name(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)

static hd_value error_type, incomplete_type;
static hd_value error(const char *text) { return hd_raise(HD_TYPE(error_type), "%s", text); }

/* Data of the a2b functions: bytes-like, or a str of ASCII characters. */
static int ascii_arg(hd_value v, struct hd_byteview *out)
{
    if (!hd_is_str(v)) {
        if (!hd_is_bytes_like(v)) { hd_raise(&hd_exc_TypeError, "argument should be bytes, buffer or ASCII string, not '%.100T'", v); return -1; }
        return hd_byteview_get(v, out);
    }
    if (!hd_str_is_ascii(v)) { hd_raise(&hd_exc_ValueError, "string argument should contain only ASCII characters"); return -1; }
    *out = (struct hd_byteview){ .p = HD_STR(v)->data, .n = (size_t)hd_str_len(v) };
    return 0;
}

/* ---- hexadecimal --------------------------------------------------------------------------------------------------------- */
static int hex_value(unsigned char c) { return c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1; }
FN(hexlify)
{
    hd_value a[3];
    if (hd_args("hexlify", "data,|sep,bytes_per_sep", args, nargs, kwnames, a) < 0) return HD_ERR;
    struct hd_byteview v;
    if (hd_byteview_get(a[0], &v) < 0) return HD_ERR;
    hd_value rest[2];
    size_t n = 0;
    hd_value names = 0;
    if (a[1] != HD_ABSENT) rest[n++] = a[1];
    if (a[2] != HD_ABSENT) {
        rest[n++] = a[2];
        if (n == 1) names = hd_tuplev(hd_intern("bytes_per_sep"));
    }
    hd_value s = names == HD_ERR ? HD_ERR : hd_hex_args(v.p, v.n, rest, names ? n - 1 : n, names);
    hd_byteview_release(&v);
    return s == HD_ERR ? HD_ERR : hd_bytes_new(HD_STR(s)->data, (size_t)hd_str_len(s));
}
FN(unhexlify)
{
    struct hd_byteview v;
    if (ascii_arg(args[0], &v) < 0) return HD_ERR;
    hd_value r = HD_ERR;
    struct hd_bytebuilder b = { 0 };
    if (v.n % 2) { error("Odd-length string"); goto out; }
    hd_bb_reserve(&b, v.n / 2 + 1);
    for (size_t i = 0; i < v.n; i += 2) {
        int hi = hex_value(v.p[i]), lo = hex_value(v.p[i + 1]);
        if (hi < 0 || lo < 0) { error("Non-hexadecimal digit found"); goto out; }
        hd_bb_byte(&b, (unsigned)(hi << 4 | lo));
    }
    r = hd_bb_finish(&b);
out:
    hd_byteview_release(&v);
    return r;
}

/* ---- base 64 ------------------------------------------------------------------------------------------------------------------ */
static const char base64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static int base64_value(unsigned c)
{
    return c >= 'A' && c <= 'Z' ? (int)c - 'A' : c >= 'a' && c <= 'z' ? (int)c - 'a' + 26 : c >= '0' && c <= '9' ? (int)c - '0' + 52
         : c == '+' ? 62 : c == '/' ? 63 : -1;
}
FN(b2a_base64)
{
    hd_value a[2];
    struct hd_byteview v;
    if (hd_args("b2a_base64", "data,/,*,|newline", args, nargs, kwnames, a) < 0) return HD_ERR;
    int newline = a[1] == HD_ABSENT ? 1 : hd_truth(a[1]);
    if (newline < 0 || hd_byteview_get(a[0], &v) < 0) return HD_ERR;
    struct hd_bytebuilder b = { 0 };
    unsigned char *o = hd_bb_reserve(&b, v.n / 3 * 4 + 6);
    if (o) {
        size_t i = 0;
        for (; i + 3 <= v.n; i += 3) {
            uint32_t w = (uint32_t)v.p[i] << 16 | (uint32_t)v.p[i + 1] << 8 | v.p[i + 2];
            *o++ = base64[w >> 18]; *o++ = base64[w >> 12 & 63]; *o++ = base64[w >> 6 & 63]; *o++ = base64[w & 63];
        }
        if (i < v.n) {
            uint32_t w = (uint32_t)v.p[i] << 16 | (i + 1 < v.n ? (uint32_t)v.p[i + 1] << 8 : 0);
            *o++ = base64[w >> 18];
            *o++ = base64[w >> 12 & 63];
            *o++ = i + 1 < v.n ? base64[w >> 6 & 63] : '=';
            *o++ = '=';
        }
        if (newline) *o++ = '\n';
        b.len = (size_t)(o - b.buf);
    }
    hd_byteview_release(&v);
    return hd_bb_finish(&b);
}
FN(a2b_base64)
{
    hd_value a[2], r = HD_ERR;
    struct hd_byteview v;
    if (hd_args("a2b_base64", "data,/,*,|strict_mode", args, nargs, kwnames, a) < 0) return HD_ERR;
    int strict = a[1] == HD_ABSENT ? 0 : hd_truth(a[1]);
    if (strict < 0 || ascii_arg(a[0], &v) < 0) return HD_ERR;
    struct hd_bytebuilder b = { 0 };
    hd_bb_reserve(&b, v.n / 4 * 3 + 3);
    if (strict && v.n && v.p[0] == '=') { error("Leading padding not allowed"); goto out; }
    int quad = 0, pads = 0;
    unsigned left = 0;
    bool padding_seen = false;
    for (size_t i = 0; i < v.n; i++) {
        unsigned c = v.p[i];
        if (c == '=') {
            padding_seen = true;
            if (quad >= 2 && quad + ++pads >= 4) {
                if (strict && i + 1 < v.n) { error("Excess data after padding"); goto out; }
                goto done;
            }
            continue;
        }
        int x = base64_value(c);
        if (x < 0) {
            if (strict) { error("Only base64 data is allowed"); goto out; }
            continue;
        }
        if (strict && padding_seen) { error("Discontinuous padding not allowed"); goto out; }
        pads = 0;
        switch (quad) {
        case 0: quad = 1; left = (unsigned)x; break;
        case 1: quad = 2; hd_bb_byte(&b, left << 2 | (unsigned)x >> 4); left = x & 15; break;
        case 2: quad = 3; hd_bb_byte(&b, left << 4 | (unsigned)x >> 2); left = x & 3; break;
        default: quad = 0; hd_bb_byte(&b, left << 6 | (unsigned)x); left = 0;
        }
    }
    if (quad == 1) {
        hd_raise(HD_TYPE(error_type), "Invalid base64-encoded string: number of data characters (%zd) cannot be 1 more than a multiple of 4",
                 b.len / 3 * 4 + 1);
        goto out;
    }
    if (quad) { error("Incorrect padding"); goto out; }
done:
    r = hd_bb_finish(&b);
out:
    hd_byteview_release(&v);
    return r;
}

/* ---- uuencoding ------------------------------------------------------------------------------------------------------------------ */
FN(b2a_uu)
{
    hd_value a[2];
    struct hd_byteview v;
    if (hd_args("b2a_uu", "data,/,*,|backtick", args, nargs, kwnames, a) < 0) return HD_ERR;
    int tick = a[1] == HD_ABSENT ? 0 : hd_truth(a[1]);
    if (tick < 0 || hd_byteview_get(a[0], &v) < 0) return HD_ERR;
    struct hd_bytebuilder b = { 0 };
    if (v.n > 45) { hd_byteview_release(&v); return error("At most 45 bytes at once"); }
#define UU(x) ((x) ? (unsigned)(x) + ' ' : tick ? '`' : ' ')
    hd_bb_byte(&b, UU(v.n));
    for (size_t i = 0; i < v.n; i += 3) {
        uint32_t w = (uint32_t)v.p[i] << 16 | (i + 1 < v.n ? (uint32_t)v.p[i + 1] << 8 : 0) | (i + 2 < v.n ? v.p[i + 2] : 0);
        for (int k = 18; k >= 0; k -= 6) hd_bb_byte(&b, UU(w >> k & 63));
    }
#undef UU
    hd_bb_byte(&b, '\n');
    hd_byteview_release(&v);
    return hd_bb_finish(&b);
}
FN(a2b_uu)
{
    struct hd_byteview v;
    hd_value r = HD_ERR;
    if (ascii_arg(args[0], &v) < 0) return HD_ERR;
    struct hd_bytebuilder b = { 0 };
    size_t i = 0, want = v.n ? (v.p[i++] - ' ') & 63 : 32;      /* what reading the terminator of an empty string gives */
    uint32_t w = 0;
    int bits = 0;
    while (b.len < want && !b.failed) {
        unsigned c = i < v.n ? v.p[i] : 0;
        i++;
        if (c == '\n' || c == '\r' || i > v.n) c = 0;
        else {
            if (c < ' ' || c > ' ' + 64) { error("Illegal char"); goto out; }
            c = (c - ' ') & 63;
        }
        w = w << 6 | c;
        bits += 6;
        if (bits >= 8) { bits -= 8; hd_bb_byte(&b, w >> bits & 0xff); w &= (1u << bits) - 1; }
    }
    for (; i < v.n; i++)
        if (v.p[i] != ' ' && v.p[i] != ' ' + 64 && v.p[i] != '\n' && v.p[i] != '\r') { error("Trailing garbage"); goto out; }
    r = hd_bb_finish(&b);
out:
    hd_byteview_release(&v);
    return r;
}

/* ---- quoted-printable --------------------------------------------------------------------------------------------------------------- */
FN(a2b_qp)
{
    hd_value a[2];
    struct hd_byteview v;
    if (hd_args("a2b_qp", "data,|header", args, nargs, kwnames, a) < 0) return HD_ERR;
    int header = a[1] == HD_ABSENT ? 0 : hd_truth(a[1]);
    if (header < 0 || ascii_arg(a[0], &v) < 0) return HD_ERR;
    struct hd_bytebuilder b = { 0 };
    for (size_t i = 0; i < v.n;) {
        unsigned c = v.p[i];
        if (c != '=') { hd_bb_byte(&b, header && c == '_' ? ' ' : c); i++; continue; }
        if (++i >= v.n) break;
        if (v.p[i] == '\n' || v.p[i] == '\r') {                 /* a soft line break */
            if (v.p[i] != '\n') while (i < v.n && v.p[i] != '\n') i++;
            if (i < v.n) i++;
        } else if (v.p[i] == '=') { hd_bb_byte(&b, '='); i++; }
        else if (i + 1 < v.n && hex_value(v.p[i]) >= 0 && hex_value(v.p[i + 1]) >= 0) {
            hd_bb_byte(&b, (unsigned)(hex_value(v.p[i]) << 4 | hex_value(v.p[i + 1])));
            i += 2;
        } else hd_bb_byte(&b, '=');
    }
    hd_byteview_release(&v);
    return hd_bb_finish(&b);
}
FN(b2a_qp)
{
    static const char hex[] = "0123456789ABCDEF";
    enum { MAX_LINE = 76 };
    hd_value a[4];
    bool flag[4] = { false, false, true, false };               /* quotetabs, istext, header follow data */
    struct hd_byteview v;
    if (hd_args("b2a_qp", "data,|quotetabs,istext,header", args, nargs, kwnames, a) < 0) return HD_ERR;
    for (int i = 1; i < 4; i++) {
        int t = a[i] == HD_ABSENT ? flag[i] : hd_truth(a[i]);
        if (t < 0) return HD_ERR;
        flag[i] = t > 0;
    }
    bool tabs = flag[1], text = flag[2], header = flag[3];
    if (hd_byteview_get(a[0], &v) < 0) return HD_ERR;
    const unsigned char *first = memchr(v.p, '\n', v.n);
    bool crlf = first && first > v.p && first[-1] == '\r';
    struct hd_bytebuilder b = { 0 };
    size_t line = 0;
    for (size_t i = 0; i < v.n;) {
        unsigned c = v.p[i];
        bool at_end = i + 1 == v.n;
        bool newline_next = at_end || v.p[i + 1] == '\n';
        bool quote = c > 126 || c == '=' || (header && c == '_') || (c == '.' && line == 0 && (at_end || v.p[i + 1] == '\n' || v.p[i + 1] == '\r' || v.p[i + 1] == 0))
                  || (!text && (c == '\r' || c == '\n')) || ((c == '\t' || c == ' ') && at_end)
                  || (c < 33 && c != '\r' && c != '\n' && c != '\t' && c != ' ') || (c < 33 && c != '\r' && c != '\n' && tabs);
        if (!quote && text && (c == '\n' || (c == '\r' && !at_end && v.p[i + 1] == '\n'))) {
            /* white space before the end of a line is quoted */
            if (b.len && line && (b.buf[b.len - 1] == ' ' || b.buf[b.len - 1] == '\t')) {
                unsigned w = b.buf[b.len - 1];
                b.len--;
                hd_bb_byte(&b, '='); hd_bb_byte(&b, (unsigned char)hex[w >> 4]); hd_bb_byte(&b, (unsigned char)hex[w & 15]);
            }
            if (crlf) hd_bb_byte(&b, '\r');
            hd_bb_byte(&b, '\n');
            i += c == '\r' ? 2 : 1;
            line = 0;
            continue;
        }
        size_t width = quote ? 3 : 1;
        if ((quote || !newline_next) && line + width >= MAX_LINE) {
            hd_bb_byte(&b, '=');
            if (crlf) hd_bb_byte(&b, '\r');
            hd_bb_byte(&b, '\n');
            line = 0;
        }
        if (quote) { hd_bb_byte(&b, '='); hd_bb_byte(&b, (unsigned char)hex[c >> 4]); hd_bb_byte(&b, (unsigned char)hex[c & 15]); }
        else hd_bb_byte(&b, header && c == ' ' ? '_' : c);
        line += width;
        i++;
    }
    hd_byteview_release(&v);
    return hd_bb_finish(&b);
}

/* ---- checksums ---------------------------------------------------------------------------------------------------------------------- */
static int mask_arg(hd_value v, uint32_t *out)
{
    hd_value i = hd_number_index(v);
    if (i == HD_ERR) return -1;
    i = hd_binary_op(HD_AND, i, hd_int(0xffffffff));
    if (i == HD_ERR) return -1;
    *out = (uint32_t)hd_unfix(i);
    return 0;
}
FN(crc32)
{
    uint32_t start = 0;
    struct hd_byteview v;
    if ((nargs > 1 && mask_arg(args[1], &start) < 0) || hd_byteview_get(args[0], &v) < 0) return HD_ERR;
    uLong c = crc32_z(start, v.p, v.n);
    hd_byteview_release(&v);
    return hd_int((int64_t)c);
}
FN(crc_hqx)                                     /* polynomial x^16 + x^12 + x^5 + 1 */
{
    uint32_t crc;
    struct hd_byteview v;
    if (mask_arg(args[1], &crc) < 0 || hd_byteview_get(args[0], &v) < 0) return HD_ERR;
    crc &= 0xffff;
    for (size_t i = 0; i < v.n; i++) {
        crc ^= (uint32_t)v.p[i] << 8;
        for (int k = 0; k < 8; k++) crc = crc & 0x8000 ? (crc << 1 ^ 0x1021) & 0xffff : crc << 1;
    }
    hd_byteview_release(&v);
    return hd_int(crc);
}

static const struct hd_methoddef methods[] = {
    { "a2b_uu", f_a2b_uu, 1, 1, 0, "a2b_uu($module, data, /)\n--\n\nDecode a line of uuencoded data." },
    { "b2a_uu", f_b2a_uu, 1, 1, HD_METH_KW, "b2a_uu($module, data, /, *, backtick=False)\n--\n\nUuencode a line of data." },
    { "a2b_base64", f_a2b_base64, 1, 1, HD_METH_KW, "a2b_base64($module, data, /, *, strict_mode=False)\n--\n\nDecode a line of base64 data." },
    { "b2a_base64", f_b2a_base64, 1, 1, HD_METH_KW, "b2a_base64($module, data, /, *, newline=True)\n--\n\nBase64-code a line of data." },
    { "b2a_hex", f_hexlify, 1, 3, HD_METH_KW, "b2a_hex($module, /, data, sep=<unrepresentable>, bytes_per_sep=1)\n--\n\nHexadecimal representation of binary data." },
    { "hexlify", f_hexlify, 1, 3, HD_METH_KW, "hexlify($module, /, data, sep=<unrepresentable>, bytes_per_sep=1)\n--\n\nHexadecimal representation of binary data." },
    { "a2b_hex", f_unhexlify, 1, 1, 0, "a2b_hex($module, hexstr, /)\n--\n\nBinary data of a hexadecimal representation." },
    { "unhexlify", f_unhexlify, 1, 1, 0, "unhexlify($module, hexstr, /)\n--\n\nBinary data of a hexadecimal representation." },
    { "a2b_qp", f_a2b_qp, 1, 2, HD_METH_KW, "a2b_qp($module, /, data, header=False)\n--\n\nDecode quoted-printable data." },
    { "b2a_qp", f_b2a_qp, 1, 4, HD_METH_KW, "b2a_qp($module, /, data, quotetabs=False, istext=True, header=False)\n--\n\nEncode data as quoted-printable." },
    { "crc32", f_crc32, 1, 2, 0, "crc32($module, data, crc=0, /)\n--\n\nCRC-32 of the data." },
    { "crc_hqx", f_crc_hqx, 2, 2, 0, "crc_hqx($module, data, crc, /)\n--\n\nCRC-CCITT of the data." },
    { NULL }
};
static int fill(hd_value m)
{
    hd_value ns = hd_dict_new(), base = hd_obj(&hd_exc_ValueError), other = hd_obj(&hd_exc_Exception);
    hd_value b1 = hd_tuplev(base), b2 = hd_tuplev(other), ns2 = hd_dict_new(), mod = hd_intern("binascii");
    if (ns == HD_ERR || ns2 == HD_ERR || b1 == HD_ERR || b2 == HD_ERR || hd_dict_set_c(ns, "__module__", mod) < 0
        || hd_dict_set_c(ns2, "__module__", mod) < 0) return -1;
    hd_value e = hd_type_new(&hd_type_type, hd_intern("Error"), b1, ns, NULL, 0);
    hd_value i = e == HD_ERR ? e : hd_type_new(&hd_type_type, hd_intern("Incomplete"), b2, ns2, NULL, 0);
    if (i == HD_ERR) return -1;
    hd_root(&error_type);
    hd_root(&incomplete_type);
    error_type = e;
    incomplete_type = i;
    return hd_module_add(m, "Error", e) < 0 || hd_module_add(m, "Incomplete", i) < 0 ? -1 : 0;
}
const struct hd_moduledef hd_module_binascii = { "binascii", "Conversion between binary data and ASCII", methods, fill };
