/* The format specification mini-language: format(value, spec) for str, int, float and complex.
 *
 * A spec is parsed once (struct spec); each type checks what it allows and lays its text out with finish(). */
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <stdio.h>
#include "interp/types/number.h"
#include "interp/types/str.h"

struct spec {
    uint32_t fill;
    char align;                 /* '<' '>' '=' '^'; 0: not given */
    char sign;                  /* '+' '-' ' '; 0 */
    bool no_neg0, alternate, zero_align /* '0' before the width set the alignment */;
    char grouping;              /* ',' '_' or 0 */
    int64_t width, precision;   /* -1: not given */
    uint32_t type;              /* 0: not given */
};

static int number(hd_value s, int64_t *at, int64_t *out)
{
    int64_t v = -1, i = *at;
    for (; i < hd_str_len(s); i++) {
        int d = hd_unicode_decimal(hd_str_at(s, i));
        if (d < 0) break;
        if (v < 0) v = 0;
        if (v > (INT64_MAX - d) / 10) { hd_raise(&hd_exc_ValueError, "Too many decimal digits in format string"); return -1; }
        v = v * 10 + d;
    }
    *at = i;
    *out = v;
    return 0;
}

static bool is_align(uint32_t c) { return c == '<' || c == '>' || c == '=' || c == '^'; }

/* v: whose format this is, for messages. */
static int parse(hd_value s, hd_value v, struct spec *f, char default_align)
{
    int64_t n = hd_str_len(s), i = 0;
    *f = (struct spec){ .fill = ' ', .width = -1, .precision = -1 };
#define AT(k) ((k) < n ? hd_str_at(s, (k)) : 0)
    bool fill_given = false;
    if (n >= 2 && is_align(hd_str_at(s, 1))) { f->fill = hd_str_at(s, 0); f->align = (char)hd_str_at(s, 1); fill_given = true; i = 2; }
    else if (n >= 1 && is_align(hd_str_at(s, 0))) { f->align = (char)hd_str_at(s, 0); i = 1; }
    if (i < n && (AT(i) == '+' || AT(i) == '-' || AT(i) == ' ')) { f->sign = (char)AT(i); i++; }
    if (i < n && AT(i) == 'z') { f->no_neg0 = true; i++; }
    if (i < n && AT(i) == '#') { f->alternate = true; i++; }
    if (!fill_given && i < n && AT(i) == '0') {
        f->fill = '0';
        if (!f->align && default_align == '>') { f->align = '='; f->zero_align = true; }
        i++;
    }
    if (number(s, &i, &f->width) < 0) return -1;
    if (i < n && AT(i) == ',') { f->grouping = ','; i++; }
    if (i < n && AT(i) == '_') {
        if (f->grouping) { hd_raise(&hd_exc_ValueError, "Cannot specify both ',' and '_'."); return -1; }
        f->grouping = '_';
        i++;
    }
    if (i < n && AT(i) == ',' && f->grouping) {
        if (f->grouping == '_') hd_raise(&hd_exc_ValueError, "Cannot specify both ',' and '_'.");
        else hd_raise(&hd_exc_ValueError, "Cannot specify ',' with ','.");
        return -1;
    }
    if (i < n && AT(i) == '.') {
        i++;
        if (number(s, &i, &f->precision) < 0) return -1;
        if (f->precision < 0) { hd_raise(&hd_exc_ValueError, "Format specifier missing precision"); return -1; }
    }
    if (n - i > 1) {
        hd_raise(&hd_exc_ValueError, "Invalid format specifier '%U' for object of type '%.200T'", s, v);
        return -1;
    }
    if (i < n) f->type = AT(i);
#undef AT
    if (f->grouping) {
        switch (f->type) {
        case 'd': case 'e': case 'f': case 'g': case 'E': case 'G': case '%': case 'F': case 0: break;
        case 'b': case 'o': case 'x': case 'X': if (f->grouping == '_') break; /* fallthrough */
        default:
            if (f->type > 32 && f->type < 128) hd_raise(&hd_exc_ValueError, "Cannot specify '%c' with '%c'.", f->grouping, (int)f->type);
            else hd_raise(&hd_exc_ValueError, "Cannot specify '%c' with '\\x%x'.", f->grouping, f->type);
            return -1;
        }
    }
    return 0;
}

static hd_value unknown_type(uint32_t type, hd_value v)
{
    if (type > 32 && type < 128) return hd_raise(&hd_exc_ValueError, "Unknown format code '%c' for object of type '%.200T'", (int)type, v);
    return hd_raise(&hd_exc_ValueError, "Unknown format code '\\x%x' for object of type '%.200T'", type, v);
}

/* ---- str ------------------------------------------------------------------------------------------------------------------- */
hd_value hd_format_str_spec(hd_value v, hd_value spec)
{
    struct spec f;
    if (hd_str_len(spec) == 0) return hd_str_exact(v);
    if (parse(spec, v, &f, '<') < 0) return HD_ERR;
    if (f.type && f.type != 's') return unknown_type(f.type, v);
    if (f.sign) {
        if (f.sign == ' ') return hd_raise(&hd_exc_ValueError, "Space not allowed in string format specifier");
        return hd_raise(&hd_exc_ValueError, "Sign not allowed in string format specifier");
    }
    if (f.no_neg0) return hd_raise(&hd_exc_ValueError, "Negative zero coercion (z) not allowed in string format specifier");
    if (f.alternate) return hd_raise(&hd_exc_ValueError, "Alternate form (#) not allowed in string format specifier");
    if (f.align == '=') return hd_raise(&hd_exc_ValueError, "'=' alignment not allowed in string format specifier");
    if (f.grouping) return hd_raise(&hd_exc_ValueError, "Cannot specify '%c' with 's'.", f.grouping);
    int64_t n = hd_str_len(v);
    if (f.precision >= 0 && f.precision < n) n = f.precision;
    int64_t pad = f.width > n ? f.width - n : 0, left = f.align == '>' ? pad : f.align == '^' ? pad / 2 : 0;
    if (pad == 0) return n == hd_str_len(v) ? hd_str_exact(v) : hd_str_slice(v, 0, n);
    struct hd_strbuilder b;
    hd_sb_init(&b);
    hd_sb_reserve(&b, n + pad, 0x7f);
    hd_sb_fill(&b, f.fill, left);
    hd_sb_slice(&b, v, 0, n);
    hd_sb_fill(&b, f.fill, pad - left);
    return hd_sb_finish(&b);
}

/* ---- layout of numbers ------------------------------------------------------------------------------------------------------- */
/* A number in parts: sign, prefix ("0x"), digits before the point, the rest (point, digits, exponent, "%", "j"). */
struct parts { char sign; const char *prefix; const char *digits; size_t n; const char *rest; size_t nrest; hd_value point /* str, or 0: as in rest */; };
struct grouping { const char *sep; size_t nsep; const char *sizes; };   /* sizes as in localeconv: bytes, 0 repeats the last, CHAR_MAX stops */

static size_t group_size(const struct grouping *g, size_t *index)
{
    char c = g->sizes[*index];
    if (c == 0) return *index ? (size_t)g->sizes[*index - 1] : SIZE_MAX;
    if (c == 127) return SIZE_MAX;
    ++*index;
    return (size_t)c;
}

/* Digits with separators, padded with zeros on the left until they are min_width wide.  The groups are found from the right. */
static void put_grouped(struct hd_strbuilder *b, const char *digits, size_t n, const struct grouping *g, int64_t min_width)
{
    if (!g->nsep || n == 0) {                           /* no digits: an infinity or NaN */
        if (min_width > (int64_t)n) hd_sb_fill(b, '0', min_width - (int64_t)n);
        hd_sb_ascii(b, digits, n);
        return;
    }
    struct hd_strbuilder rev;                             /* from the right */
    hd_sb_init(&rev);
    hd_value sep = hd_str_decode(g->sep, g->nsep, "utf-8", "replace");
    if (sep == HD_ERR) { b->failed = true; return; }
    int64_t nsep = hd_str_len(sep);
    size_t index = 0, left = n, size = group_size(g, &index), in_group = 0;
    while (left > 0 || rev.len < min_width) {
        if (in_group == size) {
            for (int64_t i = nsep; i-- > 0;) hd_sb_char(&rev, hd_str_at(sep, i));
            in_group = 0;
            size = group_size(g, &index);
        }
        hd_sb_char(&rev, left ? (unsigned char)digits[--left] : '0');
        in_group++;
        if (rev.failed) { b->failed = true; return; }
    }
    for (int64_t i = rev.len; i-- > 0;) hd_sb_char(b, hd_kind_at(rev.kind, rev.buf, i));
}
static int64_t grouped_width(size_t n, const struct grouping *g)
{
    if (!g->nsep || n == 0) return (int64_t)n;
    hd_value sep = hd_str_decode(g->sep, g->nsep, "utf-8", "replace");
    int64_t nsep = sep == HD_ERR ? 0 : hd_str_len(sep), seps = 0;
    size_t index = 0, left = n;
    for (;;) {
        size_t size = group_size(g, &index);
        if (left <= size) return (int64_t)n + seps * nsep;
        left -= size;
        seps++;
    }
}

static hd_value finish(const struct spec *f, char default_align, const struct parts *p, const struct grouping *g)
{
    char align = f->align ? f->align : default_align;
    size_t nprefix = p->prefix ? strlen(p->prefix) : 0;
    int64_t npoint = p->point ? hd_str_len(p->point) - 1 : 0;
    int64_t fixed = (p->sign != 0) + (int64_t)nprefix + (int64_t)p->nrest + npoint;
    bool zeros = f->fill == '0' && align == '=';
    int64_t min = zeros ? f->width - fixed : 0;
    if (!g->nsep && !p->point && f->fill < 0x80) {          /* ASCII and no groups: written at once */
        int64_t n = fixed + (int64_t)p->n, spare = f->width > n ? f->width - n : 0;
        int64_t before = align == '>' ? spare : align == '^' ? spare / 2 : 0, between = align == '=' ? spare : 0;
        void *data;
        if (n + spare == 0) return hd_empty_str;
        hd_value r = hd_str_new(1, (size_t)(n + spare), 0x7f, &data);
        if (r == HD_ERR) return r;
        char *o = data;
        memset(o, (int)f->fill, (size_t)before), o += before;
        if (p->sign) *o++ = p->sign;
        if (nprefix) memcpy(o, p->prefix, nprefix), o += nprefix;
        memset(o, (int)f->fill, (size_t)between), o += between;
        if (p->n) memcpy(o, p->digits, p->n), o += p->n;
        if (p->nrest) memcpy(o, p->rest, p->nrest), o += p->nrest;
        memset(o, (int)f->fill, (size_t)(spare - before - between));
        return r;
    }
    int64_t body = grouped_width(p->n, g);
    struct hd_strbuilder digits, b;
    hd_sb_init(&digits);
    put_grouped(&digits, p->digits, p->n, g, min);
    if (digits.failed) return HD_ERR;
    body = digits.len;
    int64_t pad = f->width > fixed + body ? f->width - fixed - body : 0;
    int64_t left = align == '>' ? pad : align == '^' ? pad / 2 : 0, inner = align == '=' ? pad : 0;
    hd_sb_init(&b);
    hd_sb_reserve(&b, fixed + body + pad, 0x7f);
    hd_sb_fill(&b, f->fill, left);
    if (p->sign) hd_sb_char(&b, (unsigned char)p->sign);
    if (nprefix) hd_sb_cstr(&b, p->prefix);
    hd_sb_fill(&b, f->fill, inner);
    hd_sb_kind(&b, digits.kind, digits.buf, 0, digits.len);
    if (p->nrest) {
        if (p->point && p->rest[0] == '.') { hd_sb_str(&b, p->point); hd_sb_ascii(&b, p->rest + 1, p->nrest - 1); }
        else hd_sb_ascii(&b, p->rest, p->nrest);
    }
    hd_sb_fill(&b, f->fill, pad - left - inner);
    return hd_sb_finish(&b);
}

static void set_grouping(struct grouping *g, const struct spec *f, hd_value *point)
{
    *point = 0;
    *g = (struct grouping){ "", 0, "" };
    if (f->grouping) *g = (struct grouping){ f->grouping == ',' ? "," : "_", 1,
                                             f->type == 'b' || f->type == 'o' || f->type == 'x' || f->type == 'X' ? "\4" : "\3" };
    if (f->type == 'n') {
        const struct lconv *l = localeconv();
        *g = (struct grouping){ l->thousands_sep, strlen(l->thousands_sep), l->grouping };
        if (strcmp(l->decimal_point, ".") != 0) {
            hd_value s = hd_str_decode(l->decimal_point, strlen(l->decimal_point), "utf-8", "replace");
            if (s != HD_ERR) *point = s;
        }
    }
}

static char sign_char(const struct spec *f, bool negative) { return negative ? '-' : f->sign == '+' || f->sign == ' ' ? f->sign : 0; }

/* ---- int -------------------------------------------------------------------------------------------------------------------------- */
static hd_value format_float_value(double d, struct spec *f);

hd_value hd_int_format(hd_value v, hd_value spec)
{
    if (hd_str_len(spec) == 0) return hd_type_of(v) == &hd_int_type ? hd_int_to_str(v, 10, false) : hd_str_of(v);
    struct spec f;
    if (parse(spec, v, &f, '>') < 0) return HD_ERR;
    int base = 10;
    switch (f.type) {
    case 'e': case 'E': case 'f': case 'F': case 'g': case 'G': case '%': {
        double d = hd_int_to_double(v);
        if (d == -1.0 && hd_exc_pending()) return HD_ERR;
        return format_float_value(d, &f);
    }
    case 'b': base = 2; break;
    case 'o': base = 8; break;
    case 'x': case 'X': base = 16; break;
    case 'd': case 'n': case 'c': case 0: break;
    default: return unknown_type(f.type, v);
    }
    if (f.precision >= 0) return hd_raise(&hd_exc_ValueError, "Precision not allowed in integer format specifier");
    if (f.no_neg0) return hd_raise(&hd_exc_ValueError, "Negative zero coercion (z) not allowed in integer format specifier");
    struct parts p = { 0 };
    struct grouping g;
    hd_value point;
    if (f.type == 'c') {
        if (f.sign) return hd_raise(&hd_exc_ValueError, "Sign not allowed with integer format specifier 'c'");
        if (f.alternate) return hd_raise(&hd_exc_ValueError, "Alternate form (#) not allowed with integer format specifier 'c'");
        int64_t c;
        if (!hd_int_to_i64(v, &c)) return hd_raise(&hd_exc_OverflowError, "Python int too large to convert to C long");
        if (c < 0 || c > 0x10ffff) return hd_raise(&hd_exc_OverflowError, "%%c arg not in range(0x110000)");
        char align = f.align ? f.align : '>';
        int64_t pad = f.width > 1 ? f.width - 1 : 0, left = align == '<' ? 0 : align == '^' ? pad / 2 : pad;
        struct hd_strbuilder b;
        hd_sb_init(&b);
        hd_sb_fill(&b, f.fill, left);
        hd_sb_char(&b, (uint32_t)c);
        hd_sb_fill(&b, f.fill, pad - left);
        return hd_sb_finish(&b);
    }
    size_t n;
    const char *s;
    char small[24];
    if (hd_is_fix(v) && base == 10) {
        char *end = small + sizeof small, *q;
        int64_t i = hd_unfix(v);
        q = hd_write_decimal(i < 0 ? -(uint64_t)i : (uint64_t)i, end);
        if (i < 0) *--q = '-';
        s = q, n = (size_t)(end - q);
    } else {
        hd_value text = hd_int_to_str(hd_int_exact(v), base, false);
        if (text == HD_ERR) return HD_ERR;
        s = hd_str_as_utf8(text, &n);
    }
    bool negative = s[0] == '-';
    p.sign = sign_char(&f, negative);
    p.digits = s + negative;
    p.n = n - negative;
    if (f.alternate) p.prefix = f.type == 'b' ? "0b" : f.type == 'o' ? "0o" : f.type == 'x' ? "0x" : f.type == 'X' ? "0X" : NULL;
    if (f.type == 'X') {
        char *up = hd_scratch(p.n + 1);
        if (!up) return HD_ERR;
        for (size_t i = 0; i < p.n; i++) up[i] = p.digits[i] >= 'a' ? p.digits[i] - 32 : p.digits[i];
        p.digits = up;
    }
    set_grouping(&g, &f, &point);
    return finish(&f, '>', &p, &g);
}

/* ---- float --------------------------------------------------------------------------------------------------------------------------- */
/* Type e, f, g with precision, or r: repr.  Upper-case types give upper-case exponents and names. */
char *hd_double_format(double d, char type, int precision, unsigned flags, size_t *len)
{
    bool upper = type == 'E' || type == 'F' || type == 'G';
    char lower = upper ? type | 32 : type;
    if (isnan(d) || isinf(d)) {
        char *s = hd_scratch(8);
        if (!s) return NULL;
        const char *sign = isinf(d) && d < 0 ? "-" : flags & HD_FMT_SIGN ? "+" : "";
        *len = (size_t)sprintf(s, "%s%s", sign, isnan(d) ? (upper ? "NAN" : "nan") : (upper ? "INF" : "inf"));
        return s;
    }
    size_t room = (size_t)(precision > 0 ? precision : 0) + 340;
    char *s = hd_scratch(room);
    if (!s) return NULL;
    char *o = s;
    size_t n;
    if (lower == 'r') {
        if ((flags & HD_FMT_SIGN) && !signbit(d)) *o++ = '+';
        n = (size_t)(o - s) + (size_t)hd_float_write_repr(d, o, (flags & HD_FMT_DOT0) != 0);
        if ((flags & HD_FMT_ALT) && !memchr(s, '.', n) ) {     /* the alternate form always has a point */
            char *e = memchr(s, 'e', n);
            size_t at = e ? (size_t)(e - s) : n;
            memmove(s + at + 1, s + at, n - at);
            s[at] = '.';
            n++;
        }
    } else if (lower == 'f' && !(flags & (HD_FMT_SIGN | HD_FMT_ALT)) && (n = (size_t)hd_float_write_fixed(d, precision, s))) {
        if (flags & HD_FMT_DOT0 && !precision) { s[n++] = '.'; s[n++] = '0'; s[n] = 0; }
    } else {
        char c[8] = "%", *q = c + 1;
        if (flags & HD_FMT_SIGN) *q++ = '+';
        if (flags & HD_FMT_ALT) *q++ = '#';
        memcpy(q, ".*", 2);
        q[2] = lower;
        q[3] = 0;
        n = (size_t)snprintf(s, room, c, precision, d);
        if ((flags & HD_FMT_DOT0) && !strpbrk(s, ".e")) { s[n++] = '.'; s[n++] = '0'; s[n] = 0; }
        const char *point = localeconv()->decimal_point;
        if (strcmp(point, ".") != 0) {                           /* the C locale's form whatever the locale */
            char *at = strstr(s, point);
            if (at) { size_t m = strlen(point); memmove(at + 1, at + m, n - (size_t)(at - s) - m + 1); *at = '.'; n -= m - 1; }
        }
    }
    if (flags & HD_FMT_NO_NEG0 && s[0] == '-') {
        bool zero = true;
        for (size_t i = 1; i < n && s[i] != 'e'; i++) if (s[i] >= '1' && s[i] <= '9') zero = false;
        if (zero) { if (flags & HD_FMT_SIGN) s[0] = '+'; else memmove(s, s + 1, --n); }
    }
    if (upper) for (size_t i = 0; i < n; i++) if (s[i] >= 'a' && s[i] <= 'z') s[i] -= 32;
    *len = n;
    return s;
}

/* The text of d under the spec's type and precision; the percent sign is put behind. */
static char *float_text(double d, const struct spec *f, size_t *n)
{
    uint32_t type = f->type;
    int64_t precision = f->precision;
    unsigned flags = (f->alternate ? HD_FMT_ALT : 0) | (f->no_neg0 ? HD_FMT_NO_NEG0 : 0);
    if (precision > INT32_MAX) { hd_raise(&hd_exc_ValueError, "precision too big"); return NULL; }
    if (type == 0) {
        if (precision < 0) return hd_double_format(d, 'r', 0, flags | HD_FMT_DOT0, n);
        /* like g, but the exponent form begins one digit earlier and at least one digit follows the point */
        if (!isfinite(d)) return hd_double_format(d, 'g', 1, flags, n);
        int digits = precision ? (int)precision : 1;
        char *e = hd_double_format(d, 'e', digits - 1, 0, n);
        if (!e) return NULL;
        int exponent = atoi(memchr(e, 'e', *n) ? (char *)memchr(e, 'e', *n) + 1 : "0");
        if (exponent == digits - 1) {               /* all digits before the point: exponent form */
            size_t k = (size_t)((char *)memchr(e, 'e', *n) - e);
            if (!f->alternate && memchr(e, '.', k)) {         /* drop zeros behind the point */
                size_t end = k;
                while (e[end - 1] == '0') end--;
                if (e[end - 1] == '.') end--;
                memmove(e + end, e + k, *n - k);
                *n -= k - end;
            } else if (f->alternate && !memchr(e, '.', k)) {
                memmove(e + k + 1, e + k, *n - k);
                e[k] = '.';
                ++*n;
            }
            return e;
        }
        return hd_double_format(d, 'g', digits, flags | HD_FMT_DOT0, n);
    }
    if (type == 'n') type = 'g';
    if (type == '%') {
        d *= 100;
        char *s = hd_double_format(d, 'f', precision < 0 ? 6 : (int)precision, flags, n);
        if (s) s[(*n)++] = '%';
        return s;
    }
    if (precision < 0) precision = 6;
    if (precision == 0 && (type == 'g' || type == 'G')) precision = 1;
    return hd_double_format(d, (char)type, (int)precision, flags, n);
}

static bool float_type(uint32_t t)
{
    return t == 0 || t == 'e' || t == 'E' || t == 'f' || t == 'F' || t == 'g' || t == 'G' || t == 'n' || t == '%';
}

static void split_text(char *s, size_t n, const struct spec *f, struct parts *p)
{
    bool negative = n && s[0] == '-';
    s += negative;
    n -= negative;
    size_t k = 0;
    while (k < n && s[k] >= '0' && s[k] <= '9') k++;
    p->sign = sign_char(f, negative);
    p->digits = s;
    p->n = k;
    p->rest = s + k;
    p->nrest = n - k;
}

static hd_value format_float_value(double d, struct spec *f)
{
    size_t n;
    char *s = float_text(d, f, &n);
    if (!s) return HD_ERR;
    struct parts p = { 0 };
    struct grouping g;
    split_text(s, n, f, &p);
    set_grouping(&g, f, &p.point);
    return finish(f, '>', &p, &g);
}

hd_value hd_float_format(hd_value v, hd_value spec)
{
    if (hd_str_len(spec) == 0) return hd_is_float_exact(v) ? hd_float_repr(hd_float_value(v)) : hd_str_of(v);
    struct spec f;
    if (parse(spec, v, &f, '>') < 0) return HD_ERR;
    if (!float_type(f.type)) return unknown_type(f.type, v);
    return format_float_value(hd_float_value(v), &f);
}

/* ---- complex ---------------------------------------------------------------------------------------------------------------------------- */
hd_value hd_complex_format(hd_value v, hd_value spec)
{
    if (hd_str_len(spec) == 0) return hd_str_of(v);
    struct spec f;
    if (parse(spec, v, &f, '>') < 0) return HD_ERR;
    if (!float_type(f.type) || f.type == '%') return unknown_type(f.type, v);
    if (f.fill == '0') return hd_raise(&hd_exc_ValueError, "Zero padding is not allowed in complex format specifier");
    if (f.align == '=') return hd_raise(&hd_exc_ValueError, "'=' alignment flag is not allowed in complex format specifier");
    const struct hd_complex *c = hd_ptr(v);
    double re = c->re, im = c->im;
    bool skip_re = false, parens = false;
    struct spec part = f;
    if (f.type == 0) {                                     /* as str() does, with the given precision */
        if (re == 0 && !signbit(re)) skip_re = true; else parens = true;
        if (f.precision >= 0) part.type = 0;
    }
    struct grouping g;
    struct parts p = { 0 };
    part.width = -1;
    part.fill = ' ';
    part.align = '<';
    struct hd_strbuilder b;
    hd_sb_init(&b);
    if (parens) hd_sb_char(&b, '(');
    for (int i = skip_re; i < 2; i++) {
        size_t n;
        struct spec ps = part;
        if (f.type == 0 && f.precision >= 0) ps.type = 'g';
        else if (f.type == 0) ps.type = 0;
        char *s = f.type == 0 && f.precision < 0
            ? hd_double_format(i ? im : re, 'r', 0, (f.alternate ? HD_FMT_ALT : 0) | (f.no_neg0 ? HD_FMT_NO_NEG0 : 0), &n)
            : float_text(i ? im : re, &ps, &n);
        if (!s) return HD_ERR;
        if (i == 1 && !skip_re) part.sign = '+';           /* the imaginary part always shows its sign */
        split_text(s, n, &part, &p);
        set_grouping(&g, &f, &p.point);
        hd_value t = finish(&part, '<', &p, &g);
        if (t == HD_ERR) return HD_ERR;
        hd_sb_str(&b, t);
    }
    hd_sb_char(&b, 'j');
    if (parens) hd_sb_char(&b, ')');
    hd_value text = hd_sb_finish(&b);
    if (text == HD_ERR) return HD_ERR;
    int64_t n = hd_str_len(text), pad = f.width > n ? f.width - n : 0;
    if (!pad) return text;
    char align = f.align ? f.align : '>';
    int64_t left = align == '>' ? pad : align == '^' ? pad / 2 : 0;
    hd_sb_init(&b);
    hd_sb_fill(&b, f.fill, left);
    hd_sb_str(&b, text);
    hd_sb_fill(&b, f.fill, pad - left);
    return hd_sb_finish(&b);
}
