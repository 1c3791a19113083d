/* printf-style formatting: str % args and bytes % args.
 *
 * Both run through one engine that writes characters; for bytes every character is below 256 and the result is packed at
 * the end.  The format is a str or bytes of which `at` gives the characters. */
#include "interp/core/names.h"
#include "interp/types/bytes.h"
#include "interp/types/number.h"

struct state {
    int kind;                       /* of the format's memory */
    const void *format;
    int64_t n, pos;
    bool bytes;
    hd_value args;                  /* tuple, or the single argument */
    int64_t index, count;           /* index -2: the single argument is there, -1: it is used */
    hd_value mapping;               /* or 0 */
    struct hd_strbuilder out;
};
struct conversion { bool left, plus, space, alternate, zero; int64_t width, precision; uint32_t type; int64_t at; };

static uint32_t at(const struct state *s, int64_t i) { return hd_kind_at(s->kind, s->format, i); }

static hd_value next_arg(struct state *s)
{
    if (s->count < 0) {
        if (s->index == -2) { s->index = -1; return s->args; }
    } else if (s->index < s->count) {
        return HD_TUPLE(s->args)->item[s->index++];
    }
    return hd_raise(&hd_exc_TypeError, "not enough arguments for format string");
}

/* [in, in + n) with sign and prefix in front, padded. */
static void put_number(struct state *s, const struct conversion *c, char sign, const char *prefix, const char *digits, size_t n)
{
    int64_t len = (sign != 0) + (int64_t)strlen(prefix) + (int64_t)n, pad = c->width > len ? c->width - len : 0;
    if (!c->left && !c->zero) hd_sb_fill(&s->out, ' ', pad);
    if (sign) hd_sb_char(&s->out, (unsigned char)sign);
    hd_sb_cstr(&s->out, prefix);
    if (!c->left && c->zero) hd_sb_fill(&s->out, '0', pad);
    hd_sb_ascii(&s->out, digits, n);
    if (c->left) hd_sb_fill(&s->out, ' ', pad);
}
static char sign_of(const struct conversion *c, bool negative) { return negative ? '-' : c->plus ? '+' : c->space ? ' ' : 0; }

static int put_text(struct state *s, const struct conversion *c, int kind, const void *p, int64_t n)
{
    if (c->precision >= 0 && c->precision < n) n = c->precision;
    int64_t pad = c->width > n ? c->width - n : 0;
    if (!c->left) hd_sb_fill(&s->out, ' ', pad);
    hd_sb_kind(&s->out, kind, p, 0, n);
    if (c->left) hd_sb_fill(&s->out, ' ', pad);
    return s->out.failed ? -1 : 0;
}

static int wrong_type(hd_value v, uint32_t type)
{
    if (type == 'o' || type == 'x' || type == 'X') hd_raise(&hd_exc_TypeError, "%%%c format: an integer is required, not %.200T", (int)type, v);
    else hd_raise(&hd_exc_TypeError, "%%%c format: a real number is required, not %.200T", (int)type, v);
    return -1;
}

static int put_int(struct state *s, const struct conversion *c, hd_value v)
{
    if (!hd_is_int(v)) {
        struct hd_type *t = hd_type_of(v);
        if (!t->op.index && !t->op.toint && !t->op.tofloat && !hd_is_float_exact(v)) return wrong_type(v, c->type);
        hd_value i = c->type == 'o' || c->type == 'x' || c->type == 'X' ? hd_number_index(v) : hd_number_int(v);
        if (i == HD_ERR) {
            if (!hd_exc_is(&hd_exc_TypeError)) return -1;
            hd_exc_clear();
            return wrong_type(v, c->type);
        }
        v = i;
    }
    if (hd_is_fix(v) && c->precision < 0 && c->type != 'o' && (c->type | 32) != 'x') {      /* the usual case without an object */
        char t[24], *end = t + sizeof t, *p = end;
        int64_t i = hd_unfix(v);
        uint64_t u = i < 0 ? -(uint64_t)i : (uint64_t)i;
        do *--p = (char)('0' + u % 10); while (u /= 10);
        put_number(s, c, sign_of(c, i < 0), "", p, (size_t)(end - p));
        return s->out.failed ? -1 : 0;
    }
    int base = c->type == 'o' ? 8 : c->type == 'x' || c->type == 'X' ? 16 : 10;
    hd_value text = hd_int_to_str(hd_int_exact(v), base, false);
    if (text == HD_ERR) return -1;
    size_t n;
    const char *p = hd_str_as_utf8(text, &n);
    bool negative = p[0] == '-';
    p += negative;
    n -= negative;
    if (c->precision > (int64_t)n || c->type == 'X') {
        size_t m = c->precision > (int64_t)n ? (size_t)c->precision : n;
        char *q = hd_scratch(m + 1);
        if (!q) return -1;
        memset(q, '0', m - n);
        for (size_t i = 0; i < n; i++) q[m - n + i] = c->type == 'X' && p[i] >= 'a' ? p[i] - 32 : p[i];
        p = q;
        n = m;
    }
    put_number(s, c, sign_of(c, negative), !c->alternate ? "" : c->type == 'o' ? "0o" : c->type == 'x' ? "0x" : c->type == 'X' ? "0X" : "", p, n);
    return s->out.failed ? -1 : 0;
}

static int put_float(struct state *s, const struct conversion *c, hd_value v)
{
    double d;
    if (hd_as_double(v, &d) < 0) {
        if (s->bytes && hd_exc_is(&hd_exc_TypeError)) { hd_exc_clear(); hd_raise(&hd_exc_TypeError, "float argument required, not %.200T", v); }
        return -1;
    }
    size_t n;
    int precision = c->precision < 0 ? 6 : (int)c->precision;
    if (precision == 0 && (c->type | 32) == 'g') precision = 1;
    char *p = hd_double_format(d, (char)c->type, precision, c->alternate ? HD_FMT_ALT : 0, &n);
    if (!p) return -1;
    bool negative = p[0] == '-';
    put_number(s, c, sign_of(c, negative), "", p + negative, n - negative);
    return s->out.failed ? -1 : 0;
}

static int put_char(struct state *s, struct conversion *c, hd_value v)
{
    uint32_t ch;
    c->precision = -1;
    if (s->bytes) {
        size_t n;
        if (hd_is_bytes(v) || hd_is_bytearray(v)) {
            const unsigned char *p = hd_bytes_view(v, &n);
            if (!p) return -1;
            if (n == 1) return put_text(s, c, 1, p, 1);
        } else if (hd_is_int(v) || hd_type_of(v)->op.index) {
            int64_t i;
            if (hd_as_i64(v, &i) < 0) {
                if (!hd_exc_is(&hd_exc_OverflowError)) return -1;
                hd_exc_clear();
                i = -1;
            }
            if (i < 0 || i > 255) { hd_raise(&hd_exc_OverflowError, "%%c arg not in range(256)"); return -1; }
            unsigned char b = (unsigned char)i;
            return put_text(s, c, 1, &b, 1);
        }
        hd_raise(&hd_exc_TypeError, "%%c requires an integer in range(256) or a single byte");
        return -1;
    }
    if (hd_is_str(v)) {
        if (hd_str_len(v) != 1) { hd_raise(&hd_exc_TypeError, "%%c requires int or char"); return -1; }
        ch = hd_str_at(v, 0);
    } else {
        hd_value i = hd_is_int(v) || hd_type_of(v)->op.index ? hd_number_index(v) : HD_ABSENT;
        if (i == HD_ERR) return -1;
        if (i == HD_ABSENT) { hd_raise(&hd_exc_TypeError, "%%c requires int or char"); return -1; }
        if (!hd_is_fix(i) || hd_unfix(i) < 0 || hd_unfix(i) > 0x10ffff) {
            hd_raise(&hd_exc_OverflowError, "%%c arg not in range(0x110000)");
            return -1;
        }
        ch = (uint32_t)hd_unfix(i);
    }
    return put_text(s, c, 4, &ch, 1);
}

static int put_bytes(struct state *s, const struct conversion *c, hd_value v)
{
    if (!hd_is_bytes_like(v)) {
        hd_value f = hd_special(v, hd_s___bytes__);
        if (f == HD_ERR) return -1;
        if (f == HD_ABSENT) {
            hd_raise(&hd_exc_TypeError, "%%b requires a bytes-like object, or an object that implements __bytes__, not '%.100T'", v);
            return -1;
        }
        hd_value r = hd_call0(f);
        if (r == HD_ERR) return -1;
        if (!hd_is_bytes(r)) { hd_raise(&hd_exc_TypeError, "__bytes__ returned non-bytes (type %.200T)", r); return -1; }
        v = r;
    }
    struct hd_byteview b;
    if (hd_byteview_get(v, &b) < 0) return -1;
    int r = put_text(s, c, 1, b.p, (int64_t)b.n);
    hd_byteview_release(&b);
    return r;
}

static int count_arg(struct state *s, int64_t limit, const char *too_big, int64_t *out)     /* "*" or digits at pos */
{
    *out = 0;
    if (s->pos < s->n && at(s, s->pos) == '*') {
        s->pos++;
        hd_value v = next_arg(s);
        if (v == HD_ERR) return -1;
        if (!hd_is_int(v)) { hd_raise(&hd_exc_TypeError, "* wants int"); return -1; }
        if (hd_as_i64(v, out) < 0) return -1;
        if (limit == INT32_MAX && (*out > INT32_MAX || *out < INT32_MIN)) { hd_raise(&hd_exc_OverflowError, "Python int too large to convert to C int"); return -1; }
        return 0;
    }
    for (; s->pos < s->n; s->pos++) {
        uint32_t d = at(s, s->pos) - '0';
        if (d > 9) break;
        if (*out > (limit - (int64_t)d) / 10) { hd_raise(&hd_exc_ValueError, "%s", too_big); return -1; }
        *out = *out * 10 + d;
    }
    return 0;
}

static int key(struct state *s)
{
    if (!s->mapping) { hd_raise(&hd_exc_TypeError, "format requires a mapping"); return -1; }
    int64_t start = ++s->pos;
    int depth = 1;
    while (s->pos < s->n) {
        uint32_t c = at(s, s->pos);
        if (c == ')' && --depth == 0) break;
        if (c == '(') depth++;
        s->pos++;
    }
    if (s->pos >= s->n) { hd_raise(&hd_exc_ValueError, "incomplete format key"); return -1; }
    const char *p = (const char *)s->format + start * s->kind;
    hd_value k = s->bytes ? hd_bytes_new(p, (size_t)(s->pos - start)) : hd_str_from_kind(s->kind, p, s->pos - start);
    s->pos++;
    if (k == HD_ERR || (s->args = hd_getitem(s->mapping, k)) == HD_ERR) return -1;
    s->count = -1;
    s->index = -2;
    return 0;
}

static int one(struct state *s)                /* pos is behind the percent sign */
{
    struct conversion c = { .width = -1, .precision = -1 };
    int64_t start = s->pos;
    if (s->pos < s->n && at(s, s->pos) == '(' && key(s) < 0) return -1;
    for (bool more = true; more && s->pos < s->n;) {
        switch (at(s, s->pos)) {
        case '-': c.left = true; s->pos++; break;
        case '+': c.plus = true; s->pos++; break;
        case ' ': c.space = true; s->pos++; break;
        case '#': c.alternate = true; s->pos++; break;
        case '0': c.zero = true; s->pos++; break;
        default: more = false;
        }
    }
    if (count_arg(s, INT64_MAX, "width too big", &c.width) < 0) return -1;
    if (c.width < 0) { c.left = true; c.width = -c.width; }
    if (s->pos < s->n && at(s, s->pos) == '.') {
        s->pos++;
        if (count_arg(s, INT32_MAX, s->bytes ? "prec too big" : "precision too big", &c.precision) < 0) return -1;
        if (c.precision < 0) c.precision = 0;
    }
    if (s->pos < s->n && (at(s, s->pos) == 'h' || at(s, s->pos) == 'l' || at(s, s->pos) == 'L')) s->pos++;
    if (s->pos >= s->n) { hd_raise(&hd_exc_ValueError, "incomplete format"); return -1; }
    c.at = s->pos;
    c.type = at(s, s->pos++);
    if (c.type == '%' && c.at == start) { hd_sb_char(&s->out, '%'); return 0; }
    hd_value v = next_arg(s), t;
    if (v == HD_ERR) return -1;
    switch (c.type) {
    case 's': case 'b':
        if (s->bytes) return put_bytes(s, &c, v);
        if (c.type == 'b') break;
        t = hd_is_str_exact(v) ? v : hd_str_of(v);
        return t == HD_ERR ? -1 : put_text(s, &c, hd_str_kind(t), HD_STR(t)->data, hd_str_len(t));
    case 'r': case 'a':
        t = c.type == 'r' && !s->bytes ? hd_repr(v) : hd_ascii_of(v);
        return t == HD_ERR ? -1 : put_text(s, &c, hd_str_kind(t), HD_STR(t)->data, hd_str_len(t));
    case 'd': case 'i': case 'u': case 'o': case 'x': case 'X':
        return put_int(s, &c, v);
    case 'e': case 'E': case 'f': case 'F': case 'g': case 'G': return put_float(s, &c, v);
    case 'c': return put_char(s, &c, v);
    default: break;
    }
    hd_raise(&hd_exc_ValueError, "unsupported format character '%c' (0x%x) at index %zd", 31 <= c.type && c.type <= 126 ? (int)c.type : '?', c.type, c.at);
    return -1;
}

static int run(struct state *s, hd_value args)
{
    hd_sb_init(&s->out);
    hd_sb_reserve(&s->out, s->n + 32, 0x7f);
    s->args = args;
    if (hd_is_tuple(args)) { s->count = HD_TUPLE(args)->len; s->index = 0; }
    else { s->count = -1; s->index = -2; }
    if (!hd_is_tuple(args) && !hd_is_str(args) && hd_type_of(args)->op.getitem
        && !(s->bytes && (hd_is_bytes(args) || hd_is_bytearray(args)))) s->mapping = args;
    while (s->pos < s->n) {
        int64_t i = hd_search_char(s->kind, (const char *)s->format + s->pos * s->kind, s->n - s->pos, '%');
        int64_t end = i < 0 ? s->n : s->pos + i;
        hd_sb_kind(&s->out, s->kind, s->format, s->pos, end - s->pos);
        s->pos = end + 1;
        if (i >= 0 && one(s) < 0) return -1;
        if (s->out.failed) return -1;
    }
    bool left = s->count < 0 ? s->index == -2 : s->index < s->count;
    if (left && !s->mapping) {
        hd_raise(&hd_exc_TypeError, s->bytes ? "not all arguments converted during bytes formatting" : "not all arguments converted during string formatting");
        return -1;
    }
    return 0;
}

hd_value hd_str_percent(hd_value format, hd_value args)
{
    struct state s = { .kind = hd_str_kind(format), .format = HD_STR(format)->data, .n = hd_str_len(format) };
    return run(&s, args) < 0 ? HD_ERR : hd_sb_finish(&s.out);
}
hd_value hd_bytes_percent(const unsigned char *f, size_t n, hd_value args, bool bytearray)
{
    struct state s = { .kind = 1, .format = f, .n = (int64_t)n, .bytes = true };
    if (bytearray) {                            /* formatting may run code that changes the array */
        unsigned char *copy = hd_scratch(n + 1);
        if (!copy) return HD_ERR;
        memcpy(copy, f, n);
        s.format = copy;
    }
    if (run(&s, args) < 0) return HD_ERR;
    return bytearray ? hd_bytearray_new(s.out.buf, (size_t)s.out.len) : hd_bytes_new(s.out.buf, (size_t)s.out.len);
}
