/* hd_str_format: printf-like formatting for messages, with values: %S str(), %R repr(), %U str as it is, %T name of the
 * value's type as messages show it (static types: with their module), %N __name__ of a type. */
#include <stdio.h>
#include "interp/types/str.h"

static void utf8_piece(struct hd_strbuilder *b, const char *s, size_t n)
{
    size_t a = hd_ascii_prefix((const unsigned char *)s, n);
    if (a == n) { hd_sb_ascii(b, s, n); return; }
    hd_value v = hd_utf8_decode(s, n, "replace", true, NULL);
    if (v == HD_ERR) b->failed = true;
    else hd_sb_str(b, v);
}

static void padded(struct hd_strbuilder *b, hd_value v, int width, int precision)
{
    int64_t n = hd_str_len(v);
    if (precision >= 0 && n > precision) n = precision;
    if (width > n) hd_sb_fill(b, ' ', width - n);
    hd_sb_slice(b, v, 0, n);
    if (-(int64_t)width > n) hd_sb_fill(b, ' ', -(int64_t)width - n);
}

hd_value hd_str_vformat(const char *format, va_list ap)
{
    struct hd_strbuilder b;
    hd_sb_init(&b);
    for (const char *p = format; *p;) {
        const char *q = strchrnul(p, '%');
        utf8_piece(&b, p, q - p);
        if (!*q) break;
        char spec[32], buf[64];
        size_t k = 0;
        int width = 0, precision = -1, size = 0;
        bool left = false, zero = false;
        spec[k++] = '%';
        for (q++; *q == '-' || *q == '0' || *q == '#' || *q == '+' || *q == ' '; q++) {
            if (*q == '-') left = true;
            if (*q == '0') zero = true;
            if (k < 8) spec[k++] = *q;
        }
        if (*q == '*') { width = va_arg(ap, int); q++; }
        else while (*q >= '0' && *q <= '9') width = width * 10 + *q++ - '0';
        if (*q == '.') {
            precision = 0;
            if (*++q == '*') { precision = va_arg(ap, int); q++; }
            else while (*q >= '0' && *q <= '9') precision = precision * 10 + *q++ - '0';
        }
        for (;; q++) {
            if (*q == 'l') size++;
            else if (*q == 'z' || *q == 'j' || *q == 't') size = 1;
            else if (*q == 'h') size = 0;
            else break;
        }
        if (width > 40 && *q != 's' && *q != 'S' && *q != 'R' && *q != 'U') width = 40;
        char conv = *q ? *q++ : '%';
        p = q;
        int w = left ? -width : width;
        (void)zero;
        switch (conv) {
        case '%': hd_sb_char(&b, '%'); break;
        case 'c': hd_sb_char(&b, (uint32_t)va_arg(ap, int)); break;
        case 's': {
            const char *s = va_arg(ap, const char *);
            if (!s) s = "(null)";
            size_t n = precision >= 0 ? strnlen(s, precision) : strlen(s);
            if (w > (int)n) hd_sb_fill(&b, ' ', w - n);
            utf8_piece(&b, s, n);
            if (-w > (int)n) hd_sb_fill(&b, ' ', -w - n);
            break;
        }
        case 'd': case 'i': case 'u': case 'x': case 'X': case 'o': {
            long v = conv == 'd' || conv == 'i' ? (size ? va_arg(ap, long) : va_arg(ap, int))
                                                : (long)(size ? va_arg(ap, unsigned long) : va_arg(ap, unsigned));
            if (k == 1 && !width && precision < 0 && v >= 0 && (conv == 'd' || conv == 'i')) {      /* most numbers */
                char *end = buf + sizeof buf, *at = end;
                do *--at = (char)('0' + v % 10); while (v /= 10);
                hd_sb_ascii(&b, at, (size_t)(end - at));
                break;
            }
            snprintf(spec + k, sizeof spec - k, precision >= 0 ? "*.*l%c" : "*l%c", conv == 'i' ? 'd' : conv);
            int n = precision >= 0 ? snprintf(buf, sizeof buf, spec, width, precision > 40 ? 40 : precision, v) : snprintf(buf, sizeof buf, spec, width, v);
            hd_sb_ascii(&b, buf, n);
            break;
        }
        case 'g': case 'f': case 'e': {
            char number[400];
            snprintf(spec + k, sizeof spec - k, "*.*%c", conv);
            int n = snprintf(number, sizeof number, spec, width, precision < 0 ? 6 : precision > 40 ? 40 : precision, va_arg(ap, double));
            hd_sb_ascii(&b, number, n);
            break;
        }
        case 'p': hd_sb_ascii(&b, buf, snprintf(buf, sizeof buf, "%p", va_arg(ap, void *))); break;
        case 'S': case 'R': case 'U': {
            hd_value v = va_arg(ap, hd_value);
            if (conv == 'S') v = hd_str_of(v);
            else if (conv == 'R') v = hd_repr(v);
            if (v == HD_ERR) return HD_ERR;
            padded(&b, v, w, precision);
            break;
        }
        case 'A': case 'T': case 'N': {
            hd_value v = conv == 'N' ? HD_ABSENT : va_arg(ap, hd_value);
            const char *s = conv == 'A' && v == HD_NONE ? "None" : conv != 'N' ? hd_type_name(hd_type_of(v)) : hd_type_short_name(va_arg(ap, struct hd_type *));
            utf8_piece(&b, s, precision >= 0 ? strnlen(s, precision) : strlen(s));
            break;
        }
        default: hd_sb_char(&b, '%'); hd_sb_char(&b, conv);
        }
    }
    return hd_sb_finish(&b);
}

hd_value hd_str_format(const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    hd_value v = hd_str_vformat(format, ap);
    va_end(ap);
    return v;
}

const char *hd_arg_name(hd_value v) { return v == HD_NONE ? "None" : hd_type_name(hd_type_of(v)); }
