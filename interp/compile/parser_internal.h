/* What the parser's files share.
 *
 * The parser runs at most twice over a source. The first pass only recognises; when it fails, the second one (`diagnose`) walks the
 * same way and tries, at the places where people make mistakes, the rules of parser_errors.c that describe those mistakes. When
 * none of them applies the error is "invalid syntax" at the furthest token that the first pass had looked at; so looking ahead
 * further than needed changes what programs see.
 *
 * P1: a parse function returns NULL when its construct is not there; `mark` is then anywhere, callers that go on reset it.
 * P2: `failed` is set as soon as an error is known (in p->err) or memory or depth has run out; from then on hd_peek gives HD_TOK_ERROR, so
 *     every function soon returns NULL.
 * P3: tokens are read one at a time and kept: tok[0 .. ntok) until the end of the parse.
 * P4: nodes of the first pass are made once and used once, so a target's context is set in place.
 */
#ifndef HD_COMPILE_PARSER_INTERNAL_H
#define HD_COMPILE_PARSER_INTERNAL_H

#include "lexer.h"
#include "parser.h"

/* Levels of nesting that the parser follows. One level takes at most about 1 KB of C stack. */
#define HD_PARSE_MAX_DEPTH 2800

typedef struct hd_ast_expr expr;
typedef struct hd_ast_stmt stmt;
typedef struct hd_ast_expr_seq expr_seq;
typedef struct hd_ast_stmt_seq stmt_seq;

enum hd_memo_rule {
    HD_MEMO_EXPRESSION,
    HD_MEMO_DISJUNCTION,
    HD_MEMO_BITWISE_OR,
    HD_MEMO_NAMED_EXPRESSION,
    HD_MEMO_STAR_EXPRESSIONS,
    HD_MEMO_PRIMARY,
    HD_MEMO_RULES
};

struct hd_memo {
    void *node;      /* NULL: the rule fails here */
    uint32_t end;    /* mark behind it */
    uint8_t known;
};

struct hd_parser {
    struct hd_arena *arena;
    struct hd_lexer lx;
    struct hd_token *tok;    /* malloc'd */
    uint32_t ntok, cap;
    uint32_t mark;
    uint32_t last_fill;      /* ntok at the end of the first pass; 0 during it */
    uint8_t failed;
    uint8_t diagnose;
    uint8_t in_fstring;      /* this parses the expression of an f-string */
    uint8_t byte_columns;    /* columns in messages count bytes */
    uint8_t memo_on;
    uint8_t lexer_failed;
    uint8_t single;          /* one statement is wanted */
    uint8_t parsing_started; /* single: there was a token since the last NEWLINE made up for the end of the text */
    uint8_t in_async, async_body; /* before 3.7: between `async def` and the end of its block; a NEWLINE came */
    int async_indents;       /* lexer's indents at that `async def` */
    int version;             /* minor version of the language */
    int depth;
    int nested_strings;      /* f-strings around this one */
    unsigned flags;
    struct hd_parse_error *err;
    void **stack;            /* sequences under construction, malloc'd */
    uint32_t nstack, stack_cap;
    struct hd_memo (*memo)[HD_MEMO_RULES];  /* second pass, by mark; malloc'd */
    uint32_t memo_cap;
    const struct hd_ident *id_match, *id_case, *id_underscore, *id_print, *id_exec;
    /* The f-string being taken apart: lines before `at`, and where the line with it begins; fields come in order of `at`. */
    struct {
        const char *token, *at, *line;
        int lines;
    } place;
    int start_line, start_col;  /* f-string: where the text begins in the file */
};
typedef struct hd_parser parser;

/* ---- tokens (parser.c) ---- */
int hd_fill_token(parser *p);

static inline int hd_peek(parser *p)
{
    if (__builtin_expect(p->failed, 0))
        return HD_TOK_ERROR;
    if (__builtin_expect(p->mark >= p->ntok, 0) && !hd_fill_token(p))
        return HD_TOK_ERROR;
    return p->tok[p->mark].type;
}

/* Takes the next token when it has this type. */
static inline int hd_accept(parser *p, int type)
{
    if (hd_peek(p) != type)
        return 0;
    p->mark++;
    return 1;
}

static inline int hd_is_name(parser *p, const struct hd_ident *id)
{
    return hd_peek(p) == HD_TOK_NAME && p->tok[p->mark].id == id;
}

/* Type of the token after the next one. */
static inline int hd_peek2(parser *p)
{
    if (hd_peek(p) == HD_TOK_ERROR)
        return HD_TOK_ERROR;
    p->mark++;
    int type = hd_peek(p);
    p->mark--;
    return type;
}

/* From the token at `start` to the last one taken. */
static inline struct hd_ast_pos hd_span(parser *p, uint32_t start)
{
    struct hd_ast_pos pos = p->tok[start].pos;
    const struct hd_ast_pos *last = &p->tok[p->mark - 1].pos;
    pos.end_lineno = last->end_lineno;
    pos.end_col_offset = last->end_col_offset;
    return pos;
}
/* The same when the last tokens may be NEWLINE or DEDENT. */
struct hd_ast_pos hd_span_stmt(parser *p, uint32_t start);

/* ---- sequences: push, then make one of what lies above `base` ---- */
int hd_push(parser *p, void *item);
void *hd_pop_seq(parser *p, uint32_t base);

/* A point to come back to: mark and the height of the stack. */
static inline uint64_t hd_here(const parser *p)
{
    return (uint64_t)p->nstack << 32 | p->mark;
}
static inline void hd_back(parser *p, uint64_t here)
{
    p->mark = (uint32_t)here;
    p->nstack = (uint32_t)(here >> 32);
}

/* ---- nesting ---- */
static inline int hd_enter(parser *p)
{
    if (p->failed)
        return 0;
    if (++p->depth <= HD_PARSE_MAX_DEPTH)
        return 1;
    p->failed = 1;
    p->err->kind = HD_PARSE_MEMORY_ERROR;
    p->err->message = "";
    p->depth--;
    return 0;
}
static inline void hd_leave(parser *p)
{
    p->depth--;
}

/* ---- errors (parser.c). All set `failed` and return NULL; the first error stays. ---- */
void *hd_parse_no_memory(parser *p);
void *hd_raise_at(parser *p, enum hd_parse_error_kind kind, struct hd_ast_pos pos, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* At the last token that was read. */
void *hd_raise_last(parser *p, enum hd_parse_error_kind kind, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* From the beginning of pos to where the lexer stands. */
void *hd_raise_from(parser *p, struct hd_ast_pos pos, const char *format, ...) __attribute__((format(printf, 3, 4)));
void *hd_raise_unclosed(parser *p);
static inline struct hd_ast_pos hd_join(struct hd_ast_pos a, struct hd_ast_pos b)
{
    a.end_lineno = b.end_lineno;
    a.end_col_offset = b.end_col_offset;
    return a;
}
/* False, with the error set, when the language is older than 3.minor. `what` with its verb: "Format strings are". */
int hd_since_slow(parser *p, int minor, const char *what);
static inline int hd_since(parser *p, int minor, const char *what)
{
    return p->version >= minor || hd_since_slow(p, minor, what);
}
/* Tells the hook of a warning about the literal t. */
void hd_parse_warn(parser *p, const struct hd_token *t, const char *message);
/* The token that must come; its absence is an error, in the first pass too. */
int hd_expect_forced(parser *p, int type);

/* ---- memo, while memo_on ---- */
struct hd_memo *hd_memo_slot(parser *p, uint32_t mark, int rule);

/* ---- expressions (parser_expr.c) ---- */
expr *hd_expression(parser *p);
expr *hd_quiet_expression(parser *p);
expr *hd_disjunction(parser *p);
expr *hd_bitwise_or(parser *p);
expr *hd_primary(parser *p);
expr *hd_named_expression(parser *p);
expr *hd_star_named_expression(parser *p);
expr *hd_star_expressions(parser *p);
expr *hd_yield_or_star_expressions(parser *p);
expr *hd_yield_expr(parser *p);
expr *hd_star_targets(parser *p);
expr *hd_star_target(parser *p);
struct hd_ast_comprehension_seq *hd_for_if_clauses(parser *p);
expr *hd_expressions(parser *p);
int hd_expr_starts(int token_type);

/* ---- calls and parameters (parser_args.c) ---- */
struct hd_call_args {
    uint32_t npositional, nkeywords;
    int has_unpacking;           /* a `**` argument */
    struct hd_ast_pos pos;       /* from the first to the last argument */
    const expr *last_positional;
};
/* As many arguments as parse; they are pushed. 0 when there is none. */
int hd_args_prefix(parser *p, struct hd_call_args *info);
/* Arguments up to the closing bracket, which is left; '(' has been taken at `open` (UINT32_MAX: a generator is not allowed here).
   Fills the two sequences. */
int hd_arguments(parser *p, uint32_t open, expr_seq **args, struct hd_ast_keyword_seq **keywords);
struct hd_ast_arguments *hd_parameters(parser *p, int is_lambda);

/* ---- statements (parser_stmt.c, parser_compound.c) ---- */
stmt_seq *hd_statements(parser *p, int at_end);
int hd_simple_stmts(parser *p);   /* pushes them */
stmt *hd_compound_stmt(parser *p, int *is_compound);
stmt_seq *hd_block(parser *p, const char *what, uint32_t keyword);
stmt *hd_match_stmt(parser *p);
const struct hd_ident *hd_name_token(parser *p);
const struct hd_ident *hd_type_comment(parser *p);

/* ---- literals (literal.c, fstring.c) ---- */
const struct hd_const *hd_number_const(parser *p, const struct hd_token *t);
const struct hd_const *hd_simple_const(parser *p, enum hd_const_kind kind);
/* All string tokens from mark on, joined. */
expr *hd_strings(parser *p);
struct hd_text {
    char *s;
    size_t len, cap;
};
int hd_text_add(parser *p, struct hd_text *t, const char *s, size_t n);
/* Contents of a literal with its escapes replaced, added to `out`. 0, or -1 with the error set. */
int hd_unescape(parser *p, const struct hd_token *t, const char *s, size_t n, int is_bytes, struct hd_text *out);
/* Pieces of an f-string: pushes Constant and FormattedValue nodes; literal text at the end stays in `text`. */
int hd_fstring_pieces(parser *p, const struct hd_token *t, const char **s, const char *end, int raw, int level,
                      struct hd_text *text, struct hd_ast_pos pos, const struct hd_ident *kind);
int hd_fstring_flush(parser *p, struct hd_text *text, struct hd_ast_pos pos, const struct hd_ident *kind);
struct hd_ast_mod *hd_parse_fstring_expr(parser *parent, const char *text, size_t len, int line, int col);

/* ---- the second pass (parser_errors.c) ---- */
void hd_invalid_expression(parser *p);
void hd_invalid_named_expression(parser *p);
void hd_invalid_assignment(parser *p);
void hd_invalid_comprehension(parser *p);
void hd_invalid_group(parser *p);
void hd_invalid_dict(parser *p);
void hd_invalid_dict_comprehension(parser *p);
void hd_invalid_arguments(parser *p);
void hd_invalid_kwarg(parser *p);
void hd_invalid_for_target(parser *p);
const char *hd_expr_name(const expr *e);
/* targets: 0 assignment, 1 del, 2 for */
const expr *hd_invalid_target(const expr *e, int targets);
void *hd_raise_invalid_target(parser *p, const expr *e, int targets);
/* Is e a target of an assignment? */
int hd_is_augassign(int type);
int hd_is_target(const expr *e, int star_allowed);
void hd_set_context(expr *e, enum hd_ast_expr_context_kind ctx);

#endif
