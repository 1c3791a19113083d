/* The parser's ground: tokens, errors, sequences, and the two passes. The grammar is in parser_expr.c and its neighbours. */
#include "parser_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- errors ---- */

void *hd_parse_no_memory(parser *p)
{
    if (!p->failed) {
        p->failed = 1;
        p->err->kind = HD_PARSE_MEMORY_ERROR;
        p->err->message = "";
    }
    return NULL;
}

/* Start of line `lineno` of the text. */
static size_t find_line(parser *p, int lineno)
{
    size_t at = 0;
    for (int n = lineno - p->lx.first_line; n > 1; n--) {
        const char *nl = memchr(p->lx.src + at, '\n', p->lx.len - at);
        if (!nl || (size_t)(nl - p->lx.src) + 1 >= p->lx.len)
            break;
        at = (size_t)(nl - p->lx.src) + 1;
    }
    return at;
}

/* Column in characters, both from 1. The text may be another line than the column is for, and shorter. */
static int to_chars(const char *text, size_t len, int col)
{
    if (col <= 0)
        return col;
    size_t n = (size_t)col < len + 1 ? (size_t)col : len + 1;
    return hd_utf8_count(text, n < len ? n : len) + (n > len);
}

/* Columns: bytes from 1; -1 and 0 are passed on as they are. */
static void *raise_error(parser *p, enum hd_parse_error_kind kind, int lineno, int col, int end_lineno, int end_col, const char *format,
                         va_list ap)
{
    struct hd_parse_error *e = p->err;
    if (p->failed)
        return NULL;
    va_list again;
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, format, ap);
    const char *prefix = p->in_fstring ? "f-string: " : "";
    size_t skip = strlen(prefix);
    char *message = n < 0 ? NULL : hd_arena_alloc(p->arena, (size_t)n + skip + 1);
    if (message) {
        memcpy(message, prefix, skip);
        vsnprintf(message + skip, (size_t)n + 1, format, again);
    }
    va_end(again);
    if (!message)
        return hd_parse_no_memory(p);
    p->failed = 1;
    /* The line that is being read is shown from where its first token began, an earlier one alone and without its newline. */
    size_t line, end;
    const char *nl;
    if (p->lx.lineno <= lineno - p->lx.first_line) {
        line = p->lx.text_start;
        nl = memchr(p->lx.src + p->lx.line_start, '\n', p->lx.len - p->lx.line_start);
        end = nl ? (size_t)(nl - p->lx.src) + 1 : p->lx.len;
    } else {
        line = find_line(p, lineno);
        nl = memchr(p->lx.src + line, '\n', p->lx.len - line);
        end = nl ? (size_t)(nl - p->lx.src) : p->lx.len;
    }
    if (p->in_fstring) {
        col -= p->start_col;
        end_col -= p->start_col;
    }
    e->kind = kind;
    e->message = message;
    e->has_location = 1;
    e->lineno = lineno;
    e->end_lineno = end_lineno;
    e->text = p->lx.src + line;
    e->text_len = end - line;
    e->text = hd_utf8_clean(p->arena, e->text, &e->text_len);
    /* Without a declared encoding columns stay bytes, as they do in CPython. */
    e->offset = p->byte_columns ? col : to_chars(e->text, e->text_len, col);
    e->end_offset = p->byte_columns ? end_col : to_chars(e->text, e->text_len, end_col);
    return NULL;
}

void *hd_raise_at(parser *p, enum hd_parse_error_kind kind, struct hd_ast_pos pos, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    raise_error(p, kind, pos.lineno, pos.col_offset + 1, pos.end_lineno, pos.end_col_offset + 1, format, ap);
    va_end(ap);
    return NULL;
}

void *hd_raise_from(parser *p, struct hd_ast_pos pos, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    raise_error(p, HD_PARSE_SYNTAX_ERROR, pos.lineno, pos.col_offset + 1, p->lx.first_line + p->lx.lineno,
                (int)(p->lx.cur - p->lx.line_start), format, ap);
    va_end(ap);
    return NULL;
}

void *hd_raise_last(parser *p, enum hd_parse_error_kind kind, const char *format, ...)
{
    va_list ap;
    struct hd_ast_pos pos = {0, -1, 0, -1};
    if (p->ntok)
        pos = p->tok[p->ntok - 1].pos;
    int col = pos.col_offset == -1 ? (int)(p->lx.cur - p->lx.line_start) : pos.col_offset + 1;
    int end = pos.end_col_offset == -1 ? -1 : pos.end_col_offset + 1;
    va_start(ap, format);
    raise_error(p, kind, pos.lineno, col, pos.end_lineno, end, format, ap);
    va_end(ap);
    return NULL;
}

int hd_since_slow(parser *p, int minor, const char *what)
{
    hd_raise_last(p, HD_PARSE_SYNTAX_ERROR, "%s only supported in Python 3.%d and greater", what, minor);
    return 0;
}

void hd_parse_warn(parser *p, const struct hd_token *t, const char *message)
{
    const struct hd_parse_hooks *hooks = p->lx.hooks;
    struct hd_parse_error saved = *p->err, error;
    if (p->lx.warnings_off || !hooks || !hooks->warn || p->failed)
        return;
    hd_raise_at(p, HD_PARSE_SYNTAX_ERROR, t->pos, "%s", message);
    if (p->err->kind == HD_PARSE_MEMORY_ERROR)
        return;
    error = *p->err;
    *p->err = saved;
    p->failed = 0;
    hooks->warn(hooks->context, message, &error, 1);
}

void *hd_raise_unclosed(parser *p)
{
    int k = p->lx.level - 1;
    struct hd_ast_pos pos = {p->lx.first_line + p->lx.bracket_line[k], p->lx.bracket_col[k], p->lx.first_line + p->lx.bracket_line[k], -1};
    if (p->lx.bracket_line[k] == 1)
        pos.col_offset += p->lx.first_col;
    if (p->in_fstring)
        pos.end_col_offset += p->start_col;
    return hd_raise_at(p, HD_PARSE_SYNTAX_ERROR, pos, "'%c' was never closed", p->lx.bracket[k]);
}

/* The lexer gave HD_TOK_ERROR: words the reasons that it has no message for. */
static void lexer_error(parser *p)
{
    struct hd_ast_pos pos = {p->lx.first_line + p->lx.lineno, 0, p->lx.first_line + p->lx.lineno, -2};
    p->lexer_failed = 1;
    switch (p->lx.status) {
    case HD_LEX_ERROR:
        p->failed = 1;
        return;
    case HD_LEX_DECODE:
        hd_raise_last(p, HD_PARSE_SYNTAX_ERROR, "%s", p->err->message);
        return;
    case HD_LEX_EOF_IN_STRING:
        p->failed = 1;
        p->err->incomplete = 1;
        return;
    case HD_LEX_EOF:
        p->err->incomplete = 1;
        if (p->lx.level)
            hd_raise_unclosed(p);
        else
            hd_raise_last(p, HD_PARSE_SYNTAX_ERROR, "unexpected EOF while parsing");
        return;
    case HD_LEX_DEDENT:
        hd_raise_last(p, HD_PARSE_INDENTATION_ERROR, "unindent does not match any outer indentation level");
        return;
    case HD_LEX_TABS:
        pos.end_col_offset = -1;
        hd_raise_at(p, HD_PARSE_TAB_ERROR, pos, "inconsistent use of tabs and spaces in indentation");
        return;
    case HD_LEX_TOO_DEEP:
        pos.end_col_offset = -1;
        hd_raise_at(p, HD_PARSE_INDENTATION_ERROR, pos, "too many levels of indentation");
        return;
    case HD_LEX_LINECONT:
        pos.col_offset = (int)(p->lx.cur - p->lx.text_start) - 1;
        pos.end_col_offset = -1;
        hd_raise_at(p, HD_PARSE_SYNTAX_ERROR, pos, "unexpected character after line continuation character");
        return;
    default:
        hd_parse_no_memory(p);
        return;
    }
}

/* ---- tokens ---- */

static int grow_tokens(parser *p)
{
    uint32_t cap = p->cap ? p->cap * 2 : 64;
    struct hd_token *tok = (size_t)cap * sizeof *tok < SIZE_MAX / 2 ? realloc(p->tok, (size_t)cap * sizeof *tok) : NULL;
    if (!tok) {
        hd_parse_no_memory(p);
        return 0;
    }
    p->tok = tok;
    p->cap = cap;
    return 1;
}

/* Up to 3.6 `async` and `await` are names, but for `async def` and what is inside of it. */
static void old_async(parser *p, struct hd_token *t)
{
    if (p->in_async && p->async_body && p->lx.indents <= p->async_indents && t->type != HD_TOK_NEWLINE && t->type != HD_TOK_TYPE_COMMENT)
        p->in_async = 0;
    if (p->in_async) {
        p->async_body |= t->type == HD_TOK_NEWLINE;
        return;
    }
    if (t->type != HD_TOK_ASYNC && t->type != HD_TOK_AWAIT)
        return;
    const char *s = p->lx.src + p->lx.cur;
    s += strspn(s, " \t\f");
    if (t->type == HD_TOK_ASYNC && !strncmp(s, "def", 3) && strchr(" \t\f\\\n", s[3])) {
        p->in_async = 1;
        p->async_body = 0;
        p->async_indents = p->lx.indents;
        return;
    }
    t->type = HD_TOK_NAME;
    t->id = hd_arena_intern(p->arena, p->lx.src + t->start, t->end - t->start);
    if (!t->id)
        hd_parse_no_memory(p);
}

int hd_fill_token(parser *p)
{
    if (p->ntok == p->cap && !grow_tokens(p))
        return 0;
    struct hd_token *t = &p->tok[p->ntok];
    int type = hd_lexer_next(&p->lx, t);
    p->ntok++;
    if (p->version < 7)
        old_async(p, t);
    if (p->single) {
        /* The end of a prompt's input also ends its line and its blocks. */
        if (type == HD_TOK_ENDMARKER && p->parsing_started) {
            t->type = HD_TOK_NEWLINE;
            if (p->lx.indents && !(p->flags & HD_PARSE_DONT_IMPLY_DEDENT)) {
                p->lx.pending = -p->lx.indents;
                p->lx.indents = 0;
            }
            p->parsing_started = 0;
        } else {
            p->parsing_started = 1;
        }
    }
    if (type == HD_TOK_ERROR) {
        lexer_error(p);
        return 0;
    }
    return 1;
}

struct hd_ast_pos hd_span_stmt(parser *p, uint32_t start)
{
    uint32_t k = p->mark - 1;
    while (k > start && (p->tok[k].type == HD_TOK_NEWLINE || p->tok[k].type == HD_TOK_INDENT || p->tok[k].type == HD_TOK_DEDENT ||
                         p->tok[k].type == HD_TOK_ENDMARKER))
        k--;
    return hd_join(p->tok[start].pos, p->tok[k].pos);
}

int hd_expect_forced(parser *p, int type)
{
    if (hd_accept(p, type))
        return 1;
    if (!p->failed)
        hd_raise_at(p, HD_PARSE_SYNTAX_ERROR, p->tok[p->mark].pos, "expected '%s'", hd_token_text(type));
    return 0;
}

/* ---- sequences ---- */

int hd_push(parser *p, void *item)
{
    if (p->nstack == p->stack_cap) {
        uint32_t cap = p->stack_cap ? p->stack_cap * 2 : 64;
        void **stack = realloc(p->stack, (size_t)cap * sizeof *stack);
        if (!stack) {
            hd_parse_no_memory(p);
            return 0;
        }
        p->stack = stack;
        p->stack_cap = cap;
    }
    p->stack[p->nstack++] = item;
    return 1;
}

void *hd_pop_seq(parser *p, uint32_t base)
{
    uint32_t n = p->nstack - base;
    struct hd_ast_ptr_seq *s = hd_ast_seq_new(p->arena, n);
    p->nstack = base;
    if (!s)
        return hd_parse_no_memory(p);
    if (n)
        memcpy(s->item, p->stack + base, n * sizeof s->item[0]);
    return s;
}

/* ---- memo ---- */

struct hd_memo *hd_memo_slot(parser *p, uint32_t mark, int rule)
{
    if (mark >= p->memo_cap) {
        uint32_t cap = p->memo_cap ? p->memo_cap : 256;
        while (cap <= mark)
            cap *= 2;
        void *memo = realloc(p->memo, cap * sizeof p->memo[0]);
        if (!memo)
            return hd_parse_no_memory(p);
        p->memo = memo;
        memset(p->memo + p->memo_cap, 0, (cap - p->memo_cap) * sizeof p->memo[0]);
        p->memo_cap = cap;
    }
    return &p->memo[mark][rule];
}

/* ---- start symbols ---- */

static struct hd_ast_mod *file(parser *p)
{
    stmt_seq *body = hd_statements(p, 1);
    if (!body || !hd_accept(p, HD_TOK_ENDMARKER))
        return NULL;
    uint32_t base = p->nstack;
    for (struct hd_type_ignore *ti = p->lx.ignores; ti; ti = ti->next)
        if (!hd_push(p, hd_ast_TypeIgnore(p->arena, ti->lineno, ti->tag)))
            return NULL;
    struct hd_ast_type_ignore_seq *ignores = hd_pop_seq(p, base);
    return ignores ? hd_ast_Module(p->arena, body, ignores) : NULL;
}

static struct hd_ast_mod *interactive(parser *p)
{
    uint32_t base = p->nstack, start = p->mark;
    int is_compound = 0;
    if (hd_accept(p, HD_TOK_NEWLINE)) {
        if (!hd_push(p, hd_ast_Pass(p->arena, hd_span(p, start))))
            return NULL;
    } else {
        stmt *s = hd_compound_stmt(p, &is_compound);
        if (s) {
            if (!hd_push(p, s) || !hd_accept(p, HD_TOK_NEWLINE))
                return NULL;
        } else {
            if (is_compound || p->failed)
                return NULL;
            p->mark = start;
            if (!hd_simple_stmts(p))
                return NULL;
        }
    }
    stmt_seq *body = hd_pop_seq(p, base);
    return body ? hd_ast_Interactive(p->arena, body) : NULL;
}

static struct hd_ast_mod *evaluation(parser *p)
{
    expr *e = hd_expressions(p);
    if (!e)
        return NULL;
    while (hd_accept(p, HD_TOK_NEWLINE))
        ;
    return hd_accept(p, HD_TOK_ENDMARKER) ? hd_ast_Expression(p->arena, e) : NULL;
}

/* Argument types of a signature comment. */
static struct hd_ast_mod *function_type(parser *p)
{
    uint32_t base = p->nstack;
    int seen_star = 0;
    if (!hd_accept(p, HD_TOK_LPAR))
        return NULL;
    while (hd_peek(p) != HD_TOK_RPAR) {
        int star = hd_accept(p, HD_TOK_STAR) ? 1 : hd_accept(p, HD_TOK_DOUBLESTAR) ? 2 : 0;
        if (star ? seen_star >= star : seen_star)
            return NULL;
        seen_star = star ? star : seen_star;
        expr *e = hd_expression(p);
        if (!e || !hd_push(p, e))
            return NULL;
        if (!hd_accept(p, HD_TOK_COMMA))
            break;
        if (seen_star == 2)
            return NULL;
    }
    expr_seq *args = hd_pop_seq(p, base);
    if (!args || !hd_accept(p, HD_TOK_RPAR) || !hd_accept(p, HD_TOK_RARROW))
        return NULL;
    expr *returns = hd_expression(p);
    if (!returns)
        return NULL;
    while (hd_accept(p, HD_TOK_NEWLINE))
        ;
    return hd_accept(p, HD_TOK_ENDMARKER) ? hd_ast_FunctionType(p->arena, args, returns) : NULL;
}

/* The expression of an f-string, in the brackets that were put around it. */
static struct hd_ast_mod *fstring_start(parser *p)
{
    expr *e = hd_star_expressions(p);
    return e ? hd_ast_Expression(p->arena, e) : NULL;
}

static struct hd_ast_mod *start(parser *p, int mode)
{
    p->mark = 0;
    p->nstack = 0;
    p->depth = 0;
    if (p->in_fstring)
        return fstring_start(p);
    switch (mode) {
    case HD_PARSE_EVAL: return evaluation(p);
    case HD_PARSE_SINGLE: return interactive(p);
    case HD_PARSE_FUNC_TYPE: return function_type(p);
    default: return file(p);
    }
}

/* After an error of the grammar: one that the lexer finds further on is the better message. */
static void check_rest(parser *p)
{
    struct hd_token t;
    struct hd_parse_error saved = *p->err;
    int type;
    if (!p->ntok || (p->err->kind != HD_PARSE_SYNTAX_ERROR && p->err->kind != HD_PARSE_INDENTATION_ERROR))
        return;
    if (p->lx.status != HD_LEX_OK && p->lx.status != HD_LEX_EOF)
        return;
    do
        type = hd_lexer_next(&p->lx, &t);
    while (type != HD_TOK_ERROR && type != HD_TOK_ENDMARKER);
    if (type == HD_TOK_ENDMARKER)
        return;
    if (p->lx.status == HD_LEX_ERROR || p->lx.status == HD_LEX_EOF_IN_STRING) {
        p->err->incomplete = p->lx.status == HD_LEX_EOF_IN_STRING;
        return; /* *err is the lexer's */
    }
    *p->err = saved;
    int line = p->tok[p->ntok - 1].pos.lineno - p->lx.first_line;
    if (p->lx.level && line > p->lx.bracket_line[p->lx.level - 1]) {
        p->failed = 0;
        hd_raise_unclosed(p);
    }
}

/* The same for an error with a message of its own, unless the last token went up to the end of a source without a final newline:
 * that is how CPython decides that it has read everything. */
static void check_rest_unless_read(parser *p)
{
    const char *rest = p->lx.src + p->lx.cur;
    if (*rest || !p->lx.cur || rest[-1] == '\n')
        check_rest(p);
}

/* Is there anything but blanks and comments behind what was read? */
static int more_statements(parser *p)
{
    const char *s = p->lx.src + p->lx.cur;
    for (;;) {
        while (*s == ' ' || *s == '\t' || *s == '\n' || *s == '\f')
            s++;
        if (*s != '#')
            return *s != 0;
        while (*s && *s != '\n')
            s++;
    }
}

static struct hd_ast_mod *two_passes(parser *p, int mode)
{
    struct hd_ast_mod *mod = start(p, mode);
    if (mod && p->single && more_statements(p)) {
        hd_raise_last(p, HD_PARSE_SYNTAX_ERROR, "multiple statements found while compiling a single statement");
        return NULL;
    }
    if (mod)
        return mod;
    if (hd_arena_failed(p->arena))
        hd_parse_no_memory(p);
    if (p->failed || !p->ntok) {
        if (!p->failed)
            hd_parse_no_memory(p);
        else if (!p->lexer_failed)
            check_rest_unless_read(p);
        return NULL;
    }
    /* the ends of blocks at the end of the text are delivered before the end itself */
    p->err->incomplete = p->lx.status == HD_LEX_EOF || (p->tok[p->ntok - 1].type == HD_TOK_DEDENT && p->lx.cur >= p->lx.len);
    p->last_fill = p->ntok;
    p->diagnose = p->memo_on = 1;
    if (p->memo)
        memset(p->memo, 0, p->memo_cap * sizeof p->memo[0]);
    p->lx.warnings_off = 1;
    start(p, mode);
    if (hd_arena_failed(p->arena))
        hd_parse_no_memory(p);
    if (p->failed) {
        if (!p->lexer_failed)
            check_rest_unless_read(p);
        return NULL;
    }
    const struct hd_token *last = &p->tok[p->last_fill - 1];
    if (last->type == HD_TOK_INDENT) {
        hd_raise_last(p, HD_PARSE_INDENTATION_ERROR, "unexpected indent");
        return NULL;
    }
    if (last->type == HD_TOK_DEDENT) {
        hd_raise_last(p, HD_PARSE_INDENTATION_ERROR, "unexpected unindent");
        return NULL;
    }
    hd_raise_at(p, HD_PARSE_SYNTAX_ERROR, last->pos, "invalid syntax");
    check_rest(p);
    return NULL;
}

static void init(parser *p, struct hd_arena *a, const char *text, size_t len, unsigned flags, const struct hd_parse_hooks *hooks,
                 struct hd_parse_error *err)
{
    memset(p, 0, sizeof *p);
    p->arena = a;
    p->err = err;
    p->flags = flags;
    hd_lexer_init(&p->lx, a, text, len, hooks, err);
    p->lx.type_comments = (flags & HD_PARSE_TYPE_COMMENTS) != 0;
    p->version = flags >> HD_PARSE_VERSION_SHIFT ? (int)(flags >> HD_PARSE_VERSION_SHIFT) - 1 : 11;
    p->id_match = hd_arena_intern(a, "match", 5);
    p->id_case = hd_arena_intern(a, "case", 4);
    p->id_underscore = hd_arena_intern(a, "_", 1);
    p->id_print = hd_arena_intern(a, "print", 5);
    p->id_exec = hd_arena_intern(a, "exec", 4);
}

static void finish(parser *p)
{
    free(p->tok);
    free(p->stack);
    free(p->memo);
}

struct hd_ast_mod *hd_parse_fstring_expr(parser *parent, const char *text, size_t len, int line, int col)
{
    parser p;
    if (parent->nested_strings >= 60) /* quotes allow far fewer */
        return hd_parse_no_memory(parent);
    init(&p, parent->arena, text, len, parent->flags & ~(unsigned)HD_PARSE_TYPE_COMMENTS, parent->lx.hooks, parent->err);
    p.in_fstring = 1;
    p.byte_columns = 1;
    p.nested_strings = parent->nested_strings + 1;
    p.lx.first_line = line - 1;
    p.lx.first_col = col;
    p.start_line = line;
    p.start_col = col;
    p.lx.warnings_off = parent->lx.warnings_off;
    struct hd_ast_mod *mod = two_passes(&p, HD_PARSE_EVAL);
    if (!mod)
        parent->failed = 1;
    finish(&p);
    return mod;
}

struct hd_ast_mod *hd_parse_with_hooks(struct hd_arena *a, const char *src, size_t len, int mode, unsigned flags,
                                       const struct hd_parse_hooks *hooks, struct hd_parse_error *err)
{
    parser p;
    const char *text;
    size_t text_len;
    int declared;
    memset(err, 0, sizeof *err);
    if (hd_source_prepare(a, src, len, flags, mode == HD_PARSE_EXEC, hooks, &text, &text_len, &declared,
                          err) < 0)
        return NULL;
    init(&p, a, text, text_len, flags, hooks, err);
    p.byte_columns = !declared;
    p.single = mode == HD_PARSE_SINGLE;
    struct hd_ast_mod *mod = two_passes(&p, mode);
    if (mod && hd_arena_failed(a))
        mod = hd_parse_no_memory(&p);
    if (!mod && err->incomplete && (flags & HD_PARSE_ALLOW_INCOMPLETE)) {
        p.failed = p.in_fstring = 0;
        hd_raise_last(&p, HD_PARSE_SYNTAX_ERROR, "incomplete input");
    }
    finish(&p);
    if (!mod && err->kind == HD_PARSE_OK)
        err->kind = HD_PARSE_MEMORY_ERROR;
    return mod;
}

struct hd_ast_mod *hd_parse(struct hd_arena *a, const char *src, size_t len, int mode, unsigned flags, struct hd_parse_error *err)
{
    return hd_parse_with_hooks(a, src, len, mode, flags, NULL, err);
}
