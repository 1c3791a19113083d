/* Values of literals: numbers, and strings with their escapes. */
#include "parser_internal.h"

#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct hd_const *hd_simple_const(parser *p, enum hd_const_kind kind)
{
    struct hd_const *c = hd_arena_zalloc(p->arena, sizeof *c);
    if (!c)
        return hd_parse_no_memory(p);
    c->kind = (uint8_t)kind;
    c->text = "";
    return c;
}

/* ---- numbers ---- */

/* Value of the digits when it fits; they are checked. */
static int fits_int64(const char *s, size_t n, int base, int64_t *value)
{
    int64_t v = 0;
    for (size_t i = 0; i < n; i++) {
        char ch = s[i];
        int digit = ch <= '9' ? ch - '0' : (ch | 32) - 'a' + 10;
        if (__builtin_mul_overflow(v, (int64_t)base, &v) || __builtin_add_overflow(v, (int64_t)digit, &v))
            return 0;
    }
    *value = v;
    return 1;
}

/* strtod in the C locale, whatever the program has set. `text` is in the form of the language, without '_'. */
static double to_double(const char *text)
{
    static locale_t c_locale;
    locale_t mine = __atomic_load_n(&c_locale, __ATOMIC_ACQUIRE);
    if (!mine) {
        locale_t made = newlocale(LC_ALL_MASK, "C", (locale_t)0);
        if (!made)
            return strtod(text, NULL);
        if (__atomic_compare_exchange_n(&c_locale, &mine, made, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
            mine = made;
        else
            freelocale(made);
    }
    locale_t old = uselocale(mine);
    double d = strtod(text, NULL);
    uselocale(old);
    return d;
}

static int too_many_digits(parser *p, size_t n)
{
    const struct hd_parse_hooks *hooks = p->lx.hooks;
    int most = hooks && hooks->max_int_digits >= 0 ? hooks->max_int_digits : 4300;
    if (!most || n <= (size_t)most)
        return 0;
    struct hd_ast_pos pos = {p->tok[p->mark - 1].pos.lineno, -1, p->tok[p->mark - 1].pos.lineno, -1};
    hd_raise_at(p, HD_PARSE_SYNTAX_ERROR, pos,
                "Exceeds the limit (%d digits) for integer string conversion: value has %zu digits; use sys.set_int_max_str_digits() to "
                "increase the limit - Consider hexadecimal for huge integer literals to avoid decimal conversion limits.",
                most, n);
    return 1;
}

const struct hd_const *hd_number_const(parser *p, const struct hd_token *t)
{
    const char *s = p->lx.src + t->start;
    size_t len = t->end - t->start, n = 0;
    struct hd_const *c = (struct hd_const *)hd_simple_const(p, HD_CONST_INT);
    char *digits = hd_arena_alloc(p->arena, len + 1);
    if (!c || !digits)
        return hd_parse_no_memory(p);
    for (size_t i = 0; i < len; i++)
        if (s[i] != '_')
            digits[n++] = s[i];
    if (n < len && !hd_since(p, 6, "Underscores in numeric literals are"))
        return NULL;
    digits[n] = 0;
    c->text = digits;
    c->len = n;
    c->base = 10;
    if (n > 2 && digits[0] == '0' && (digits[1] | 32) > 'a') {
        char mark = (char)(digits[1] | 32);
        int base = mark == 'x' ? 16 : mark == 'o' ? 8 : mark == 'b' ? 2 : 0;
        if (base) {
            c->base = (uint8_t)base;
            c->text += 2;
            c->len -= 2;
            c->fits_i64 = (uint8_t)fits_int64(c->text, c->len, base, &c->v.i64);
            return c;
        }
    }
    if (strspn(digits, "0123456789") < n) {
        int imaginary = (digits[n - 1] | 32) == 'j';
        if (imaginary)
            digits[--n] = 0;
        c->kind = imaginary ? HD_CONST_IMAG : HD_CONST_FLOAT;
        c->v.f64 = to_double(digits);
        c->len = 0;
        c->text = "";
        return c;
    }
    c->fits_i64 = (uint8_t)fits_int64(c->text, c->len, 10, &c->v.i64);
    if (!c->fits_i64 && too_many_digits(p, n))
        return NULL;
    return c;
}

/* ---- text ---- */

int hd_text_add(parser *p, struct hd_text *t, const char *s, size_t n)
{
    if (t->len + n + 1 > t->cap) {
        size_t cap = t->cap ? t->cap * 2 : 64;
        while (cap < t->len + n + 1)
            cap *= 2;
        char *bigger = hd_arena_alloc(p->arena, cap);
        if (!bigger) {
            hd_parse_no_memory(p);
            return -1;
        }
        if (t->len)
            memcpy(bigger, t->s, t->len);
        t->s = bigger;
        t->cap = cap;
    }
    if (n)
        memcpy(t->s + t->len, s, n);
    t->len += n;
    t->s[t->len] = 0;
    return 0;
}

static int add_codepoint(parser *p, struct hd_text *out, uint32_t cp)
{
    char buf[4];
    return hd_text_add(p, out, buf, (size_t)hd_source_encode(buf, cp));
}

static int hex_value(unsigned char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 32;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Warns of the escape sequence with these n bytes behind the backslash. */
static int bad_escape(parser *p, const struct hd_token *t, const char *s, int n)
{
    if (p->lx.warnings_off || (unsigned char)*s >= 128)
        return 0;
    char *message = hd_arena_printf(p->arena, "invalid %sescape sequence '\\%.*s'", n == 3 ? "octal " : "", n, s);
    if (!message) {
        hd_parse_no_memory(p);
        return -1;
    }
    hd_parse_warn(p, t, message);
    return p->failed ? -1 : 0;
}

/* The codec of text literals names the range of the bad escape, counted in the contents after \u-expansion of non-ASCII text. */
static int codec_error(parser *p, size_t from, size_t to, const char *why)
{
    if (from == to)
        hd_raise_last(p, HD_PARSE_SYNTAX_ERROR, "(unicode error) 'unicodeescape' codec can't decode byte 0x5c in position %zu: %s", from, why);
    else
        hd_raise_last(p, HD_PARSE_SYNTAX_ERROR, "(unicode error) 'unicodeescape' codec can't decode bytes in position %zu-%zu: %s", from,
                      to, why);
    return -1;
}

/* Position in the codec's input: it gets non-ASCII characters as \UXXXXXXXX when there are escapes. */
static size_t codec_offset(const char *s, size_t n)
{
    size_t k = 0;
    for (size_t i = 0; i < n; i++)
        k += (unsigned char)s[i] < 0x80 ? 1 : ((unsigned char)s[i] & 0xc0) != 0x80 ? 10 : 0;
    return k;
}

int hd_unescape(parser *p, const struct hd_token *t, const char *s, size_t n, int is_bytes, struct hd_text *out)
{
    size_t i = 0;
    int warned = 0;
    while (i < n) {
        const char *slash = memchr(s + i, '\\', n - i);
        size_t plain = slash ? (size_t)(slash - s) - i : n - i;
        if (hd_text_add(p, out, s + i, plain))
            return -1;
        i += plain;
        if (!slash)
            return 0;
        size_t start = i++;
        if (i >= n)             /* only in an f-string: before a brace */
            return !warned && bad_escape(p, t, s + i, 1) ? -1 : hd_text_add(p, out, "\\", 1);
        char c = s[i++];
        uint32_t value = 0;
        size_t digits = 0, most;
        switch (c) {
        case '\n': continue;
        case '\\': case '\'': case '"': value = (unsigned char)c; break;
        case 'a': value = 7; break;
        case 'b': value = 8; break;
        case 'f': value = 12; break;
        case 'n': value = 10; break;
        case 'r': value = 13; break;
        case 't': value = 9; break;
        case 'v': value = 11; break;
        case '0': case '1': case '2': case '3': case '4': case '5': case '6': case '7':
            value = (uint32_t)(c - '0');
            for (int k = 0; k < 2 && i < n && s[i] >= '0' && s[i] <= '7'; k++)
                value = value * 8 + (uint32_t)(s[i++] - '0');
            if (value > 0xff && !warned) {
                if (bad_escape(p, t, s + start + 1, 3))
                    return -1;
                warned = 1;
            }
            if (is_bytes)
                value &= 0xff;
            break;
        case 'x': case 'u': case 'U':
            most = c == 'x' ? 2 : c == 'u' ? 4 : 8;
            if (is_bytes && c != 'x')
                goto unknown;
            while (digits < most && i < n && hex_value((unsigned char)s[i]) >= 0) {
                value = value * 16 + (uint32_t)hex_value((unsigned char)s[i++]);
                digits++;
            }
            if (digits == most && value <= 0x10ffff)
                break;
            if (is_bytes) {
                hd_raise_last(p, HD_PARSE_SYNTAX_ERROR, "(value error) invalid \\x escape at position %zu", start);
                return -1;
            }
            return codec_error(p, codec_offset(s, start), codec_offset(s, i) - 1,
                               digits == most ? "illegal Unicode character"
                               : c == 'x'     ? "truncated \\xXX escape"
                               : c == 'u'     ? "truncated \\uXXXX escape"
                                              : "truncated \\UXXXXXXXX escape");
        case 'N': {
            if (is_bytes)
                goto unknown;
            const char *close = i < n && s[i] == '{' ? memchr(s + i, '}', n - i) : NULL;
            if (!close || close == s + i + 1)
                return codec_error(p, codec_offset(s, start), codec_offset(s, close ? i + 1 : i < n && s[i] == '{' ? n : i) - 1,
                                   "malformed \\N character escape");
            size_t len = (size_t)(close - s) - i - 1;
            int cp = p->lx.hooks && p->lx.hooks->character ? p->lx.hooks->character(p->lx.hooks->context, s + i + 1, len) : -1;
            i = (size_t)(close - s) + 1;
            if (cp < 0)
                return codec_error(p, codec_offset(s, start), codec_offset(s, i) - 1, "unknown Unicode character name");
            value = (uint32_t)cp;
            break;
        }
        default:
        unknown:
            if (!warned && bad_escape(p, t, &c, 1))
                return -1;
            warned = 1;
            i--;
            if (hd_text_add(p, out, "\\", 1))
                return -1;
            continue;
        }
        if (is_bytes) {
            char byte = (char)value;
            if (hd_text_add(p, out, &byte, 1))
                return -1;
        } else if (add_codepoint(p, out, value)) {
            return -1;
        }
    }
    return 0;
}

/* ---- string atoms ---- */

struct literal {
    int bytes, raw, fstring, unicode;
    const char *body;
    size_t len;
};

static struct literal take_apart(parser *p, const struct hd_token *t)
{
    struct literal l = {0};
    const char *s = p->lx.src + t->start, *end = p->lx.src + t->end;
    for (; *s != '"' && *s != '\''; s++) {
        char c = (char)(*s | 32);
        l.bytes |= c == 'b';
        l.raw |= c == 'r';
        l.fstring |= c == 'f';
        l.unicode |= *s == 'u';
    }
    size_t quotes = end - s >= 6 && s[1] == *s && s[2] == *s ? 3 : 1;
    l.body = s + quotes;
    l.len = (size_t)(end - s) - 2 * quotes;
    return l;
}

/* Raises when the contents are not UTF-8. With escapes each run of non-ASCII bytes is decoded on its own. */
static int check_utf8(parser *p, const struct literal *l)
{
    const char *why, *s = l->body, *end = s + l->len;
    size_t bad = hd_utf8_check(s, l->len, &why);
    if (bad == l->len)
        return 1;
    if (l->fstring || (!l->raw && memchr(s, '\\', l->len))) {
        const char *from = s + bad, *to = from;
        while (from > s && (unsigned char)from[-1] >= 0x80)
            from--;
        while (to < end && (unsigned char)*to >= 0x80)
            to++;
        s = from;
        bad = hd_utf8_check(s, (size_t)(to - s), &why);
    }
    const char *message = hd_utf8_message(p->arena, s, bad, why);
    if (message)
        hd_raise_last(p, HD_PARSE_SYNTAX_ERROR, "%s", message);
    return 0;
}

/* Joined surrogate halves do not occur: each \u escape stands for itself. */
static struct hd_const *text_const(parser *p, enum hd_const_kind kind, const struct hd_text *text)
{
    struct hd_const *c = (struct hd_const *)hd_simple_const(p, kind);
    if (!c)
        return NULL;
    c->len = text->len;
    c->text = text->len ? text->s : "";
    c->is_ascii = 1;
    for (size_t i = 0; i < text->len; i++)
        if ((unsigned char)text->s[i] >= 0x80) {
            c->is_ascii = 0;
            break;
        }
    return c;
}

int hd_fstring_flush(parser *p, struct hd_text *text, struct hd_ast_pos pos, const struct hd_ident *kind)
{
    if (!text->len)
        return 0;
    struct hd_const *c = text_const(p, HD_CONST_STR, text);
    expr *e = c ? hd_ast_Constant(p->arena, c, kind, pos) : NULL;
    *text = (struct hd_text){0};
    return e && hd_push(p, e) ? 0 : -1;
}

expr *hd_strings(parser *p)
{
    uint32_t start = p->mark, base = p->nstack;
    int bytes = 0, any_fstring = 0;
    while (hd_peek(p) == HD_TOK_STRING)
        p->mark++;
    if (p->failed)
        return NULL;
    uint32_t end = p->mark;
    struct hd_ast_pos pos = hd_span(p, start);
    struct hd_text text = {0};
    const struct hd_ident *kind = NULL;
    for (uint32_t i = start; i < end; i++) {
        struct hd_token t = p->tok[i];
        struct literal l = take_apart(p, &t);
        if (i == start && l.unicode && !(kind = hd_arena_intern(p->arena, "u", 1)))
            return hd_parse_no_memory(p);
        if (l.bytes)
            for (size_t k = 0; k < l.len; k++)
                if ((unsigned char)l.body[k] >= 0x80)
                    return hd_raise_last(p, HD_PARSE_SYNTAX_ERROR, "bytes can only contain ASCII literal characters");
        if (i != start && l.bytes != bytes)
            return hd_raise_last(p, HD_PARSE_SYNTAX_ERROR, "cannot mix bytes and nonbytes literals");
        bytes = l.bytes;
        any_fstring |= l.fstring;
        if (l.fstring && !hd_since(p, 6, "Format strings are"))
            return NULL;
        if (!l.bytes && !check_utf8(p, &l))
            return NULL;
        if (l.fstring) {
            const char *s = l.body;
            if (hd_fstring_pieces(p, &t, &s, l.body + l.len, l.raw, 0, &text, pos, kind))
                return NULL;
        } else if (l.raw || !memchr(l.body, '\\', l.len)) {
            if (start + 1 == end) {
                /* the usual case: the contents stay in the source text */
                text.s = hd_arena_copy(p->arena, l.body, l.len);
                text.len = l.len;
                if (!text.s)
                    return hd_parse_no_memory(p);
            } else if (hd_text_add(p, &text, l.body, l.len)) {
                return NULL;
            }
        } else if (hd_unescape(p, &t, l.body, l.len, l.bytes, &text)) {
            return NULL;
        }
    }
    if (!any_fstring) {
        struct hd_const *c = text_const(p, bytes ? HD_CONST_BYTES : HD_CONST_STR, &text);
        return c ? hd_ast_Constant(p->arena, c, kind, pos) : NULL;
    }
    if (hd_fstring_flush(p, &text, pos, kind))
        return hd_parse_no_memory(p);
    expr_seq *values = hd_pop_seq(p, base);
    return values ? hd_ast_JoinedStr(p->arena, values, pos) : NULL;
}
