/* The insides of an f-string: literal text, and expressions in braces.
 *
 * As in all versions before 3.12 the lexer sees one string token; the expression texts are cut out of it here, put into brackets
 * (so that they may hold line ends and blanks) and parsed on their own, with lines and columns shifted to where they stand.
 */
#include "parser_internal.h"

#include <string.h>

static int error(parser *p, const char *message)
{
    hd_raise_last(p, HD_PARSE_SYNTAX_ERROR, "%s", message);
    return -1;
}

static int is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r';
}

/* Parses the expression in [s, end); s[-1] is the brace. */
static expr *compile(parser *p, const struct hd_token *t, const char *s, const char *end)
{
    const char *token = p->lx.src + t->start, *brace = s - 1;
    const char *c = s;
    while (c < end && is_blank(*c))
        c++;
    if (c == end) {
        if (*end == '!' || *end == ':' || *end == '=')
            return hd_raise_last(p, HD_PARSE_SYNTAX_ERROR, "f-string: expression required before '%c'", *end);
        return hd_raise_last(p, HD_PARSE_SYNTAX_ERROR, "f-string: empty expression not allowed");
    }
    size_t len = (size_t)(end - s);
    char *text = hd_arena_alloc(p->arena, len + 5);
    if (!text)
        return hd_parse_no_memory(p);
    text[0] = '(';
    memcpy(text + 1, s, len);
    text[len + 1] = ')';
    text[len + 2] = '\n';
    memset(text + len + 3, 0, 2);

    if (p->place.token != token || p->place.at > brace) {
        p->place.token = p->place.at = p->place.line = token;
        p->place.lines = 0;
    }
    for (c = p->place.at; (c = memchr(c, '\n', (size_t)(brace - c))); c++) {
        p->place.lines++;
        p->place.line = c + 1;
    }
    p->place.at = brace;
    int lines = p->place.lines;
    const char *line = p->place.line;
    c = s;
    while (*c == ' ' || *c == '\t' || *c == '\f')
        c++;
    int col = *c == '\n' ? 0 : (int)(brace - line);
    if (!lines)
        col += t->pos.col_offset;
    struct hd_ast_mod *mod = hd_parse_fstring_expr(p, text, len + 3, t->pos.lineno + lines, col);
    return mod ? mod->v.Expression.body : NULL;
}

/* Finds the end of the expression at s: the first of `! : } =` outside brackets and strings. NULL when there is none. */
static const char *expression_end(parser *p, const char *s, const char *end)
{
    char open[HD_MAX_BRACKETS];
    int depth = 0, quotes = 0;
    char quote = 0;
    for (; s < end; s++) {
        char c = *s;
        if (c == '\\') {
            error(p, "f-string expression part cannot include a backslash");
            return NULL;
        }
        if (quote) {
            if (c != quote)
                continue;
            if (quotes == 3) {
                if (s + 2 < end && s[1] == c && s[2] == c) {
                    s += 2;
                    quote = 0;
                }
            } else {
                quote = 0;
            }
            continue;
        }
        switch (c) {
        case '\'': case '"':
            quote = c;
            quotes = 1;
            if (s + 2 < end && s[1] == c && s[2] == c) {
                quotes = 3;
                s += 2;
            }
            continue;
        case '[': case '{': case '(':
            if (depth >= HD_MAX_BRACKETS) {
                error(p, "f-string: too many nested parenthesis");
                return NULL;
            }
            open[depth++] = c;
            continue;
        case '#':
            error(p, "f-string expression part cannot include '#'");
            return NULL;
        default:
            break;
        }
        if (!depth && (c == '!' || c == ':' || c == '}' || c == '=' || c == '<' || c == '>')) {
            if (c != ':' && c != '}' && s + 1 < end && s[1] == '=') {
                s++;
                continue;
            }
            if (c == '<' || c == '>')
                continue;
            return s;
        }
        if (c == ']' || c == '}' || c == ')') {
            if (!depth) {
                hd_raise_last(p, HD_PARSE_SYNTAX_ERROR, "f-string: unmatched '%c'", c);
                return NULL;
            }
            char opening = open[--depth];
            if ((opening == '(' && c != ')') || (opening == '[' && c != ']') || (opening == '{' && c != '}')) {
                hd_raise_last(p, HD_PARSE_SYNTAX_ERROR, "f-string: closing parenthesis '%c' does not match opening parenthesis '%c'", c,
                              opening);
                return NULL;
            }
        }
    }
    if (quote)
        error(p, "f-string: unterminated string");
    else if (depth)
        hd_raise_last(p, HD_PARSE_SYNTAX_ERROR, "f-string: unmatched '%c'", open[depth - 1]);
    else
        error(p, "f-string: expecting '}'");
    return NULL;
}

/* `{...}` at *s. Pushes the text before it and the value. */
static int replacement(parser *p, const struct hd_token *t, const char **s, const char *end, int raw, int level, struct hd_text *text,
                       struct hd_ast_pos pos, const struct hd_ident *kind)
{
    if (level >= 2)
        return error(p, "f-string: expressions nested too deeply");
    const char *start = *s + 1, *c = expression_end(p, start, end);
    if (!c)
        return -1;
    expr *value = compile(p, t, start, c), *spec = NULL;
    if (!value)
        return -1;
    int conversion = -1, shows_text = 0;
    if (*c == '=') {
        if (!hd_since(p, 8, "f-string: self documenting expressions are"))
            return -1;
        shows_text = 1;
        c++;
        while (c < end && (is_blank(*c) || *c == '\v'))
            c++;
        if (hd_text_add(p, text, start, (size_t)(c - start)))
            return -1;
    }
    if (c < end && *c == '!') {
        c++;
        if (c >= end)
            return error(p, "f-string: expecting '}'");
        conversion = (unsigned char)*c++;
        if (conversion != 's' && conversion != 'r' && conversion != 'a')
            return error(p, "f-string: invalid conversion character: expected 's', 'r', or 'a'");
    }
    if (c < end && *c == ':') {
        uint32_t base;
        struct hd_text spec_text = {0};
        c++;
        if (c >= end)
            return error(p, "f-string: expecting '}'");
        if (hd_fstring_flush(p, text, pos, kind))
            return -1;
        base = p->nstack;
        if (hd_fstring_pieces(p, t, &c, end, raw, level + 1, &spec_text, pos, kind) ||
            hd_fstring_flush(p, &spec_text, t->pos, kind))
            return -1;
        expr_seq *values = hd_pop_seq(p, base);
        spec = values ? hd_ast_JoinedStr(p->arena, values, t->pos) : NULL;
        if (!spec)
            return -1;
    }
    if (c >= end || *c != '}')
        return error(p, "f-string: expecting '}'");
    *s = c + 1;
    if (shows_text && !spec && conversion == -1)
        conversion = 'r';
    if (hd_fstring_flush(p, text, pos, kind))
        return -1;
    value = hd_ast_FormattedValue(p->arena, value, conversion, spec, pos);
    return value && hd_push(p, value) ? 0 : -1;
}

int hd_fstring_pieces(parser *p, const struct hd_token *t, const char **s, const char *end, int raw, int level, struct hd_text *text,
                      struct hd_ast_pos pos, const struct hd_ident *kind)
{
    while (*s < end) {
        const char *start = *s, *c = start;
        int doubled = 0;
        while (c < end) {
            char ch = *c;
            if (!raw && ch == '\\' && c + 1 < end) {
                c++;
                if (*c == 'N') {
                    /* the braces of a character name */
                    c++;
                    if (c < end && *c == '{') {
                        const char *close = memchr(c, '}', (size_t)(end - c));
                        c = close ? close + 1 : end;
                    }
                    continue;
                }
                ch = *c;
                if (ch != '{' && ch != '}') {
                    c++;
                    continue;
                }
            }
            if (ch != '{' && ch != '}') {
                c++;
                continue;
            }
            if (level == 0 && c + 1 < end && c[1] == ch) {
                doubled = 1;
                break;
            }
            if (level == 0 && ch == '}')
                return error(p, "f-string: single '}' is not allowed");
            break;
        }
        size_t n = (size_t)(c - start) + (size_t)doubled;
        if (raw || !memchr(start, '\\', n) ? hd_text_add(p, text, start, n) : hd_unescape(p, t, start, n, 0, text))
            return -1;
        *s = c + 2 * doubled;
        if (doubled || c >= end)
            continue;
        if (*c == '}') /* the end of a format specification */
            return 0;
        if (replacement(p, t, s, end, raw, level, text, pos, kind))
            return -1;
    }
    if (level)
        return error(p, "f-string: expecting '}'");
    return 0;
}
