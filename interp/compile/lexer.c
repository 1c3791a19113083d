/* The tokens of the language.
 *
 * L1: src[len] is NUL and no other byte is; so one byte may be read at `cur` without a check.
 * L2: lineno/line_start are those of the byte last read: the newline that ends a line still belongs to it. Messages depend on that.
 * L3: the indentation stacks hold indents + 1 entries, growing, the first is 0.
 * A token with an error is never followed by another one: the owner stops asking.
 */
#include "lexer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>

#define TAB_SIZE 8

static const char *const token_texts[HD_TOK_COUNT] = {
    [HD_TOK_ENDMARKER] = "", [HD_TOK_NAME] = "NAME", [HD_TOK_NUMBER] = "NUMBER", [HD_TOK_STRING] = "STRING",
    [HD_TOK_NEWLINE] = "NEWLINE", [HD_TOK_INDENT] = "INDENT", [HD_TOK_DEDENT] = "DEDENT",
    [HD_TOK_TYPE_COMMENT] = "TYPE_COMMENT", [HD_TOK_TYPE_IGNORE] = "TYPE_IGNORE", [HD_TOK_OTHER] = "OP", [HD_TOK_ERROR] = "ERRORTOKEN",
#define TEXT(name, text) [HD_TOK_##name] = text,
    HD_OPERATORS(TEXT) HD_KEYWORDS(TEXT)
#undef TEXT
};

const char *hd_token_text(int type)
{
    return token_texts[type];
}

static int is_name_start(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c >= 128;
}

static int is_digit(unsigned char c)
{
    return c >= '0' && c <= '9';
}

static int is_name_char(unsigned char c)
{
    return is_name_start(c) || is_digit(c);
}

static int is_hex(unsigned char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

void hd_lexer_init(struct hd_lexer *lx, struct hd_arena *a, const char *src, size_t len, const struct hd_parse_hooks *hooks,
                   struct hd_parse_error *err)
{
    memset(lx, 0, sizeof *lx);
    lx->arena = a;
    lx->src = src;
    lx->len = len;
    lx->hooks = hooks;
    lx->err = err;
    lx->at_line_start = 1;
    lx->ignores_end = &lx->ignores;
}

void hd_lexer_error(struct hd_lexer *lx, enum hd_parse_error_kind kind, int lineno, int offset, int end_lineno, int end_offset,
                    size_t line, const char *message)
{
    struct hd_parse_error *e = lx->err;
    const char *nl = memchr(lx->src + line, '\n', lx->len - line);
    e->kind = kind;
    e->message = message;
    e->has_location = 1;
    e->lineno = lineno;
    e->offset = offset;
    e->end_lineno = end_lineno;
    e->end_offset = end_offset;
    e->text = lx->src + line;
    e->text_len = nl ? (size_t)(nl - e->text) : lx->len - line;
    e->text = hd_utf8_clean(lx->arena, e->text, &e->text_len);
}

/* A SyntaxError that ends at the byte before `cur`; first < 0: it is that one character. Columns in bytes, from 1. */
static int fail_range(struct hd_lexer *lx, int first, int last, const char *message)
{
    int offset = first, end = last;
    if (!message) {
        lx->status = HD_LEX_NOMEM;
        return HD_TOK_ERROR;
    }
    if (first < 0)
        offset = hd_utf8_count(lx->src + lx->line_start, lx->cur - lx->line_start);
    if (last < 0)
        end = offset;
    lx->status = HD_LEX_ERROR;
    hd_lexer_error(lx, HD_PARSE_SYNTAX_ERROR, lx->lineno, offset, lx->lineno, end, lx->line_start, message);
    return HD_TOK_ERROR;
}

static int fail(struct hd_lexer *lx, const char *message)
{
    return fail_range(lx, -1, -1, message);
}

static int stop(struct hd_lexer *lx, enum hd_lex_status status)
{
    lx->status = status;
    return HD_TOK_ERROR;
}

/* End of the line with cur, its newline included. */
static size_t line_end(struct hd_lexer *lx)
{
    const char *nl = memchr(lx->src + lx->cur, '\n', lx->len - lx->cur);
    return nl ? (size_t)(nl - lx->src) + 1 : lx->len;
}

/* A newline was read at cur - 1. */
static void next_line(struct hd_lexer *lx, int in_token)
{
    if (lx->cur < lx->len) {
        lx->lineno++;
        lx->line_start = lx->cur;
        if (!in_token)
            lx->text_start = lx->cur;
    }
}

/* cur is behind a backslash. True when a line and another one follow it. */
static int continue_line(struct hd_lexer *lx, int in_token)
{
    if (lx->src[lx->cur] != '\n') {
        if (lx->cur < lx->len)
            lx->cur++;
        lx->status = HD_LEX_LINECONT;
        return 0;
    }
    lx->cur++;
    if (lx->cur >= lx->len) {
        lx->status = HD_LEX_EOF;
        return 0;
    }
    next_line(lx, in_token);
    return 1;
}

/* Measures the indentation of a new line and sets `pending`. 0 = go on. */
static int indentation(struct hd_lexer *lx, int *blank)
{
    int col = 0, alt = 0, cont = 0;
    unsigned char c;
    *blank = 0;
    for (;; lx->cur++) {
        c = (unsigned char)lx->src[lx->cur];
        if (c == ' ') {
            col++, alt++;
        } else if (c == '\t') {
            col = (col / TAB_SIZE + 1) * TAB_SIZE;
            alt++;
        } else if (c == '\f') {
            col = alt = 0;
        } else if (c == '\\') {
            /* Indentation cannot be split over lines: what stands before the backslash counts. */
            cont = cont ? cont : col;
            lx->cur++;
            if (!continue_line(lx, 0))
                return HD_TOK_ERROR;
            lx->cur--;
        } else {
            break;
        }
    }
    if (c == '#' || c == '\n') {
        *blank = 1;
        return 0;
    }
    if (lx->level > 0)
        return 0;
    if (cont) {
        col = cont;
        alt = cont;
    }
    if (col == lx->indent[lx->indents]) {
        if (alt != lx->alt_indent[lx->indents])
            goto tabs;
    } else if (col > lx->indent[lx->indents]) {
        if (lx->indents + 1 >= HD_MAX_INDENT) {
            lx->cur = line_end(lx);
            return stop(lx, HD_LEX_TOO_DEEP);
        }
        if (alt <= lx->alt_indent[lx->indents])
            goto tabs;
        lx->pending++;
        lx->indent[++lx->indents] = col;
        lx->alt_indent[lx->indents] = alt;
    } else {
        while (lx->indents > 0 && col < lx->indent[lx->indents]) {
            lx->pending--;
            lx->indents--;
        }
        if (col != lx->indent[lx->indents]) {
            lx->cur = line_end(lx);
            return stop(lx, HD_LEX_DEDENT);
        }
        if (alt != lx->alt_indent[lx->indents])
            goto tabs;
    }
    return 0;
tabs:
    lx->cur = line_end(lx);
    return stop(lx, HD_LEX_TABS);
}

/* ---- names ---- */

/* first and last keyword token by first letter */
static int find_keyword(const char *s, size_t len)
{
    int first, last;
    if (len < 2 || len > 8)
        return HD_TOK_NAME;
    switch (s[0]) {
    case 'F': first = last = HD_TOK_FALSE; break;
    case 'N': first = last = HD_TOK_NONE; break;
    case 'T': first = last = HD_TOK_TRUE; break;
    case 'a': first = HD_TOK_AND, last = HD_TOK_AWAIT; break;
    case 'b': first = last = HD_TOK_BREAK; break;
    case 'c': first = HD_TOK_CLASS, last = HD_TOK_CONTINUE; break;
    case 'd': first = HD_TOK_DEF, last = HD_TOK_DEL; break;
    case 'e': first = HD_TOK_ELIF, last = HD_TOK_EXCEPT; break;
    case 'f': first = HD_TOK_FINALLY, last = HD_TOK_FROM; break;
    case 'g': first = last = HD_TOK_GLOBAL; break;
    case 'i': first = HD_TOK_IF, last = HD_TOK_IS; break;
    case 'l': first = last = HD_TOK_LAMBDA; break;
    case 'n': first = HD_TOK_NONLOCAL, last = HD_TOK_NOT; break;
    case 'o': first = last = HD_TOK_OR; break;
    case 'p': first = last = HD_TOK_PASS; break;
    case 'r': first = HD_TOK_RAISE, last = HD_TOK_RETURN; break;
    case 't': first = last = HD_TOK_TRY; break;
    case 'w': first = HD_TOK_WHILE, last = HD_TOK_WITH; break;
    case 'y': first = last = HD_TOK_YIELD; break;
    default: return HD_TOK_NAME;
    }
    for (int k = first; k <= last; k++)
        if (strncmp(token_texts[k], s, len) == 0 && token_texts[k][len] == 0)
            return k;
    return HD_TOK_NAME;
}

/* Checks a name with bytes >= 128 and interns its NFKC form. */
static int unicode_name(struct hd_lexer *lx, struct hd_token *tok)
{
    size_t at = lx->token_start;
    const char *why, *start = lx->src + at;
    size_t bad = hd_utf8_check(start, lx->cur - at, &why);
    if (bad < lx->cur - at) {
        lx->err->message = hd_utf8_message(lx->arena, start, bad, why);
        return stop(lx, lx->err->message ? HD_LEX_DECODE : HD_LEX_NOMEM);
    }
    while (at < lx->cur) {
        uint32_t cp;
        int first = at == lx->token_start;
        at += (size_t)hd_source_decode(lx->src + at, &cp);
        if (first ? hd_codepoint_xid_start(cp) : hd_codepoint_xid_continue(cp))
            continue;
        lx->cur = at;
        char shown[5] = "";
        hd_source_encode(shown, cp);
        if (hd_codepoint_printable(cp))
            return fail(lx, hd_arena_printf(lx->arena, "invalid character '%s' (U+%04X)", shown, (unsigned)cp));
        return fail(lx, hd_arena_printf(lx->arena, "invalid non-printable character U+%04X", (unsigned)cp));
    }
    utf8proc_uint8_t *form = NULL;
    utf8proc_ssize_t n = utf8proc_map((const utf8proc_uint8_t *)lx->src + lx->token_start,
                                      (utf8proc_ssize_t)(lx->cur - lx->token_start), &form,
                                      UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT);
    if (n < 0)
        return stop(lx, HD_LEX_NOMEM);
    tok->id = hd_arena_intern(lx->arena, (const char *)form, (size_t)n);
    free(form);
    return tok->id ? HD_TOK_NAME : stop(lx, HD_LEX_NOMEM);
}

static int name(struct hd_lexer *lx, struct hd_token *tok)
{
    const unsigned char *s = (const unsigned char *)lx->src + lx->cur;
    unsigned char all = 0;
    const unsigned char *start = (const unsigned char *)lx->src + lx->token_start;
    while (is_name_char(*s))
        s++;
    for (const unsigned char *p = start; p < s; p++)
        all |= *p;
    lx->cur = (size_t)(s - (const unsigned char *)lx->src);
    if (all >= 128)
        return unicode_name(lx, tok);
    int type = find_keyword((const char *)start, (size_t)(s - start));
    if (type == HD_TOK_NAME) {
        tok->id = hd_arena_intern(lx->arena, (const char *)start, (size_t)(s - start));
        if (!tok->id)
            return stop(lx, HD_LEX_NOMEM);
    }
    return type;
}

/* ---- strings ---- */

/* cur is at the opening quote, token_start at the prefix. */
static int string(struct hd_lexer *lx)
{
    const char *s = lx->src;
    char quote = s[lx->cur];
    int triple = s[lx->cur + 1] == quote && s[lx->cur + 2] == quote;
    size_t start_line = lx->line_start;
    int start_lineno = lx->lineno;
    if (!triple && s[lx->cur + 1] == quote) {
        lx->cur += 2;
        return HD_TOK_STRING;
    }
    lx->cur += triple ? 3 : 1;
    for (;;) {
        char c = s[lx->cur];
        if (c == quote) {
            lx->cur++;
            if (!triple)
                return HD_TOK_STRING;
            if (s[lx->cur] == quote && s[lx->cur + 1] == quote) {
                lx->cur += 2;
                return HD_TOK_STRING;
            }
            continue;
        }
        if (c == '\\') {
            lx->cur++;
            c = s[lx->cur];
            if (lx->cur < lx->len)
                lx->cur++;
            if (c == '\n')
                next_line(lx, 1);
            continue;
        }
        if (lx->cur >= lx->len || (c == '\n' && !triple)) {
            int at_end = lx->cur >= lx->len, last = lx->lineno;
            lx->cur = lx->token_start + 1;
            lx->line_start = start_line;
            lx->lineno = start_lineno;
            fail(lx, hd_arena_printf(lx->arena,
                                     triple ? "unterminated triple-quoted string literal (detected at line %d)"
                                            : "unterminated string literal (detected at line %d)",
                                     last));
            if (at_end && lx->status == HD_LEX_ERROR)
                lx->status = HD_LEX_EOF_IN_STRING;
            return HD_TOK_ERROR;
        }
        lx->cur++;
        if (c == '\n')
            next_line(lx, 1);
    }
}

/* True when a string prefix ends in a quote at *quote. */
static int string_prefix(const char *s, size_t *quote)
{
    int b = 0, u = 0, r = 0, f = 0;
    for (size_t i = 0;; i++) {
        char c = s[i];
        if (c == '"' || c == '\'') {
            *quote = i;
            return 1;
        }
        if (!(b | u | f) && (c == 'b' || c == 'B'))
            b = 1;
        else if (!(b | u | r | f) && (c == 'u' || c == 'U'))
            u = 1;
        else if (!(r | u) && (c == 'r' || c == 'R'))
            r = 1;
        else if (!(f | b | u) && (c == 'f' || c == 'F'))
            f = 1;
        else
            return 0;
    }
}

/* ---- numbers ---- */

/* `word` is there, and no longer name. */
static int is_word(const char *s, const char *word)
{
    size_t n = strlen(word);
    return strncmp(s, word, n) == 0 && !is_name_char((unsigned char)s[n]);
}

/* A number may touch a keyword (`1if x else y`, deprecated), but no other name. */
static int number_end(struct hd_lexer *lx, const char *kind)
{
    const char *s = lx->src + lx->cur;
    int keyword = is_word(s, "and") || is_word(s, "else") || is_word(s, "for") || is_word(s, "or") || is_word(s, "not") ||
                  (s[0] == 'i' && (s[1] == 'f' || s[1] == 'n' || s[1] == 's'));
    if (!is_name_char((unsigned char)*s))
        return HD_TOK_NUMBER;
    const char *message = hd_arena_printf(lx->arena, "invalid %s literal", kind);
    if (!keyword)
        return fail(lx, message);
    if (!lx->warnings_off && lx->hooks && lx->hooks->warn) {
        struct hd_parse_error saved = *lx->err, error;
        enum hd_lex_status status = lx->status;
        fail(lx, message);
        if (lx->status == HD_LEX_NOMEM)
            return HD_TOK_ERROR;
        error = *lx->err;
        *lx->err = saved;
        lx->status = status;
        lx->hooks->warn(lx->hooks->context, message, &error, 0);
    }
    return HD_TOK_NUMBER;
}

/* Digits with single underscores between them. 0, or an error token. */
static int decimal_tail(struct hd_lexer *lx)
{
    for (;;) {
        while (is_digit((unsigned char)lx->src[lx->cur]))
            lx->cur++;
        if (lx->src[lx->cur] != '_')
            return 0;
        lx->cur++;
        if (!is_digit((unsigned char)lx->src[lx->cur]))
            return fail(lx, "invalid decimal literal");
    }
}

static int radix_number(struct hd_lexer *lx, int base, const char *kind)
{
    lx->cur += 2;
    do {
        unsigned char c = (unsigned char)lx->src[lx->cur];
        if (c == '_')
            c = (unsigned char)lx->src[++lx->cur];
        int good = base == 16 ? is_hex(c) : c >= '0' && c < '0' + base;
        if (!good) {
            if (is_digit(c)) {
                lx->cur++;
                return fail(lx, hd_arena_printf(lx->arena, "invalid digit '%c' in %s literal", c, kind));
            }
            return fail(lx, hd_arena_printf(lx->arena, "invalid %s literal", kind));
        }
        while (c = (unsigned char)lx->src[lx->cur], base == 16 ? is_hex(c) : (c >= '0' && c < '0' + base))
            lx->cur++;
    } while (lx->src[lx->cur] == '_');
    unsigned char c = (unsigned char)lx->src[lx->cur];
    if (is_digit(c)) {
        lx->cur++;
        return fail(lx, hd_arena_printf(lx->arena, "invalid digit '%c' in %s literal", c, kind));
    }
    return number_end(lx, kind);
}

/* Fraction, exponent and `j`; the integer part has been read. */
static int number_tail(struct hd_lexer *lx)
{
    const char *kind = "decimal";
    if (lx->src[lx->cur] == '.') {
        lx->cur++;
        if (is_digit((unsigned char)lx->src[lx->cur]) && decimal_tail(lx))
            return HD_TOK_ERROR;
    }
    char c = lx->src[lx->cur];
    if (c == 'e' || c == 'E') {
        char sign = lx->src[lx->cur + 1];
        size_t digits = lx->cur + 1 + (sign == '+' || sign == '-');
        if (is_digit((unsigned char)lx->src[digits])) {
            lx->cur = digits;
            if (decimal_tail(lx))
                return HD_TOK_ERROR;
        } else if (digits != lx->cur + 1) {
            lx->cur = digits;
            return fail(lx, "invalid decimal literal");
        } else {
            return number_end(lx, "decimal");
        }
    }
    c = lx->src[lx->cur];
    if (c == 'j' || c == 'J') {
        lx->cur++;
        kind = "imaginary";
    }
    return number_end(lx, kind);
}

static int number(struct hd_lexer *lx)
{
    const char *s = lx->src;
    if (s[lx->cur] == '.')
        return number_tail(lx);
    if (s[lx->cur] != '0') {
        if (decimal_tail(lx))
            return HD_TOK_ERROR;
        return number_tail(lx);
    }
    switch (s[lx->cur + 1]) {
    case 'x': case 'X': return radix_number(lx, 16, "hexadecimal");
    case 'o': case 'O': return radix_number(lx, 8, "octal");
    case 'b': case 'B': return radix_number(lx, 2, "binary");
    default: break;
    }
    /* Zeros may lead only other zeros, or the integer part of a float. */
    int nonzero = 0;
    for (;;) {
        if (s[lx->cur] == '_') {
            lx->cur++;
            if (!is_digit((unsigned char)s[lx->cur]))
                return fail(lx, "invalid decimal literal");
        }
        if (s[lx->cur] != '0')
            break;
        lx->cur++;
    }
    size_t zeros_end = lx->cur;
    if (is_digit((unsigned char)s[lx->cur])) {
        nonzero = 1;
        if (decimal_tail(lx))
            return HD_TOK_ERROR;
    }
    char c = s[lx->cur];
    if (c == '.' || c == 'e' || c == 'E' || c == 'j' || c == 'J')
        return number_tail(lx);
    if (nonzero)
        return fail_range(lx, (int)(lx->token_start + 1 - lx->line_start), (int)(zeros_end + 1 - lx->line_start),
                          "leading zeros in decimal integer literals are not permitted; "
                          "use an 0o prefix for octal integers");
    return number_end(lx, "decimal");
}

/* ---- operators ---- */

static int bracket_open(struct hd_lexer *lx, char c, int type)
{
    if (lx->level >= HD_MAX_BRACKETS) {
        return fail(lx, "too many nested parentheses");
    }
    lx->bracket[lx->level] = c;
    lx->bracket_line[lx->level] = lx->lineno;
    lx->bracket_col[lx->level] = (int)(lx->token_start - lx->line_start);
    lx->level++;
    return type;
}

static int bracket_close(struct hd_lexer *lx, char c, char opening, int type)
{
    if (lx->level == 0)
        return fail(lx, hd_arena_printf(lx->arena, "unmatched '%c'", c));
    lx->level--;
    if (lx->bracket[lx->level] == opening)
        return type;
    if (lx->bracket_line[lx->level] != lx->lineno)
        return fail(lx, hd_arena_printf(lx->arena, "closing parenthesis '%c' does not match opening parenthesis '%c' on line %d", c,
                                        lx->bracket[lx->level], lx->bracket_line[lx->level]));
    return fail(lx, hd_arena_printf(lx->arena, "closing parenthesis '%c' does not match opening parenthesis '%c'", c,
                                    lx->bracket[lx->level]));
}

/* The longest operator at cur. */
static int operator(struct hd_lexer *lx)
{
    const char *s = lx->src + lx->cur;
    char c = s[0], d = s[0] ? s[1] : 0;
    lx->cur++;
#define TWO(second, type)                                                                                                           \
    if (d == (second)) {                                                                                                            \
        lx->cur++;                                                                                                                  \
        return type;                                                                                                                \
    }
#define DOUBLED(type, assign_type)                                                                                                  \
    if (d == c) {                                                                                                                   \
        lx->cur++;                                                                                                                  \
        if (s[2] == '=') {                                                                                                          \
            lx->cur++;                                                                                                              \
            return assign_type;                                                                                                     \
        }                                                                                                                           \
        return type;                                                                                                                \
    }
    switch (c) {
    case '(': return bracket_open(lx, c, HD_TOK_LPAR);
    case '[': return bracket_open(lx, c, HD_TOK_LSQB);
    case '{': return bracket_open(lx, c, HD_TOK_LBRACE);
    case ')': return bracket_close(lx, c, '(', HD_TOK_RPAR);
    case ']': return bracket_close(lx, c, '[', HD_TOK_RSQB);
    case '}': return bracket_close(lx, c, '{', HD_TOK_RBRACE);
    case ',': return HD_TOK_COMMA;
    case ';': return HD_TOK_SEMI;
    case '~': return HD_TOK_TILDE;
    case ':': TWO('=', HD_TOK_COLONEQUAL) return HD_TOK_COLON;
    case '.':
        if (d == '.' && s[2] == '.') {
            lx->cur += 2;
            return HD_TOK_ELLIPSIS;
        }
        return HD_TOK_DOT;
    case '=': TWO('=', HD_TOK_EQEQUAL) return HD_TOK_EQUAL;
    case '+': TWO('=', HD_TOK_PLUSEQUAL) return HD_TOK_PLUS;
    case '-': TWO('=', HD_TOK_MINEQUAL) TWO('>', HD_TOK_RARROW) return HD_TOK_MINUS;
    case '*': DOUBLED(HD_TOK_DOUBLESTAR, HD_TOK_DOUBLESTAREQUAL) TWO('=', HD_TOK_STAREQUAL) return HD_TOK_STAR;
    case '/': DOUBLED(HD_TOK_DOUBLESLASH, HD_TOK_DOUBLESLASHEQUAL) TWO('=', HD_TOK_SLASHEQUAL) return HD_TOK_SLASH;
    case '|': TWO('=', HD_TOK_VBAREQUAL) return HD_TOK_VBAR;
    case '&': TWO('=', HD_TOK_AMPEREQUAL) return HD_TOK_AMPER;
    case '^': TWO('=', HD_TOK_CIRCUMFLEXEQUAL) return HD_TOK_CIRCUMFLEX;
    case '%': TWO('=', HD_TOK_PERCENTEQUAL) return HD_TOK_PERCENT;
    case '@': TWO('=', HD_TOK_ATEQUAL) return HD_TOK_AT;
    case '<': DOUBLED(HD_TOK_LEFTSHIFT, HD_TOK_LEFTSHIFTEQUAL) TWO('=', HD_TOK_LESSEQUAL) TWO('>', HD_TOK_NOTEQUAL) return HD_TOK_LESS;
    case '>': DOUBLED(HD_TOK_RIGHTSHIFT, HD_TOK_RIGHTSHIFTEQUAL) TWO('=', HD_TOK_GREATEREQUAL) return HD_TOK_GREATER;
    case '!': TWO('=', HD_TOK_NOTEQUAL) return HD_TOK_OTHER;
    default: break;
    }
#undef TWO
#undef DOUBLED
    if ((unsigned char)c < 32 || (unsigned char)c == 127)
        return fail(lx, hd_arena_printf(lx->arena, "invalid non-printable character U+%04X", (unsigned char)c));
    return HD_TOK_OTHER;
}

/* ---- comments ---- */

/* cur is at '#'. HD_TOK_TYPE_COMMENT, HD_TOK_TYPE_IGNORE, or -1 for a comment that means nothing. */
static int comment(struct hd_lexer *lx, int blank)
{
    const char *s = lx->src + lx->cur;
    size_t n = 0;
    const char *nl = memchr(s, '\n', lx->len - lx->cur);
    n = nl ? (size_t)(nl - s) : lx->len - lx->cur;
    size_t start = lx->cur;
    lx->cur += n;
    if (!lx->type_comments)
        return -1;
    size_t i = 1;
    while (i < n && (s[i] == ' ' || s[i] == '\t'))
        i++;
    if (n - i < 5 || memcmp(s + i, "type:", 5) != 0)
        return -1;
    i += 5;
    while (i < n && (s[i] == ' ' || s[i] == '\t'))
        i++;
    unsigned char after = n - i > 6 ? (unsigned char)s[i + 6] : 0;
    lx->token_start = start + i;
    if (n - i >= 6 && memcmp(s + i, "ignore", 6) == 0 && !(after >= 128 || (is_name_char(after) && after != '_'))) {
        struct hd_type_ignore *ti = hd_arena_zalloc(lx->arena, sizeof *ti);
        if (!ti || !(ti->tag = hd_arena_intern(lx->arena, s + i + 6, n - i - 6)))
            return stop(lx, HD_LEX_NOMEM);
        ti->lineno = lx->lineno;
        *lx->ignores_end = ti;
        lx->ignores_end = &ti->next;
        if (blank && lx->cur < lx->len) {
            lx->cur++;
            lx->at_line_start = 1;
        }
        return HD_TOK_TYPE_IGNORE;
    }
    return HD_TOK_TYPE_COMMENT;
}

static int scan(struct hd_lexer *lx, struct hd_token *tok)
{
    int blank;
next_line:
    blank = 0;
    lx->token_start = SIZE_MAX;
    if (lx->at_line_start) {
        lx->at_line_start = 0;
        next_line(lx, 0);
        if (indentation(lx, &blank))
            return HD_TOK_ERROR;
    }
    if (lx->pending) {
        if (lx->pending < 0) {
            lx->pending++;
            return HD_TOK_DEDENT;
        }
        lx->pending--;
        return HD_TOK_INDENT;
    }
again:;
    unsigned char c;
    while ((c = (unsigned char)lx->src[lx->cur]) == ' ' || c == '\t' || c == '\f')
        lx->cur++;
    lx->token_start = lx->cur;
    lx->multi_line_start = lx->line_start;
    lx->token_line = lx->lineno;
    if (c == '#') {
        int type = comment(lx, blank);
        if (type == HD_TOK_TYPE_IGNORE) {
            if (lx->at_line_start)
                goto next_line;
            blank = 0;
            goto again;
        }
        if (type >= 0)
            return type;
        /* a NEWLINE token begins with the comment before it */
        c = (unsigned char)lx->src[lx->cur];
    }
    if (c == 0) {
        lx->status = HD_LEX_EOF;
        if (lx->level)
            return HD_TOK_ERROR;
        lx->token_start = SIZE_MAX;
        return HD_TOK_ENDMARKER;
    }
    if (is_name_start(c)) {
        size_t quote;
        if ((c | 32) == 'b' || (c | 32) == 'u' || (c | 32) == 'r' || (c | 32) == 'f') {
            if (string_prefix(lx->src + lx->cur, &quote)) {
                lx->cur += quote;
                return string(lx);
            }
        }
        return name(lx, tok);
    }
    if (c == '\n') {
        lx->cur++;
        if (blank || lx->level > 0) {
            if (lx->level > 0) {
                next_line(lx, 0);
                goto again;
            }
            lx->at_line_start = 1;
            goto next_line;
        }
        lx->at_line_start = 1;
        return HD_TOK_NEWLINE;
    }
    if (is_digit(c) || (c == '.' && is_digit((unsigned char)lx->src[lx->cur + 1])))
        return number(lx);
    if (c == '"' || c == '\'')
        return string(lx);
    if (c == '\\') {
        lx->cur++;
        if (!continue_line(lx, 1))
            return HD_TOK_ERROR;
        goto again;
    }
    return operator(lx);
}

int hd_lexer_next(struct hd_lexer *lx, struct hd_token *tok)
{
    tok->id = NULL;
    int type = scan(lx, tok);
    tok->type = (uint8_t)type;
    tok->level = (uint16_t)lx->level;
    tok->pos.lineno = lx->first_line + (type == HD_TOK_STRING ? lx->token_line : lx->lineno);
    tok->pos.end_lineno = lx->first_line + lx->lineno;
    tok->pos.col_offset = tok->pos.end_col_offset = -1;
    tok->start = tok->end = (uint32_t)lx->cur;
    if (type == HD_TOK_ERROR || lx->token_start == SIZE_MAX)
        return type;
    size_t end = type == HD_TOK_NEWLINE ? lx->cur - 1 : lx->cur;
    tok->start = (uint32_t)lx->token_start;
    tok->end = (uint32_t)end;
    tok->pos.col_offset = (int)(lx->token_start - (type == HD_TOK_STRING ? lx->multi_line_start : lx->line_start));
    tok->pos.end_col_offset = (int)(end - lx->line_start);
    /* Only the first line of a sub-text is shifted. */
    if ((type == HD_TOK_STRING ? lx->token_line : lx->lineno) == 1)
        tok->pos.col_offset += lx->first_col;
    if (lx->lineno == 1)
        tok->pos.end_col_offset += lx->first_col;
    return type;
}
