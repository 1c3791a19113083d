/* The match statement and its patterns. `match`, `case` and `_` are ordinary names elsewhere. */
#include "parser_internal.h"

typedef struct hd_ast_pattern pattern;

static pattern *any_pattern(parser *p);
static pattern *closed_pattern(parser *p);

/* ---- literals and names ---- */

static expr *number(parser *p)
{
    if (hd_peek(p) != HD_TOK_NUMBER)
        return NULL;
    uint32_t start = p->mark++;
    struct hd_token t = p->tok[start];
    const struct hd_const *c = hd_number_const(p, &t);
    return c ? hd_ast_Constant(p->arena, c, NULL, hd_span(p, start)) : NULL;
}

static int is_imaginary(const expr *e)
{
    const struct hd_const *c = (e->kind == HD_AST_UnaryOp ? e->v.UnaryOp.operand : e)->v.Constant.value;
    return c->kind == HD_CONST_IMAG;
}

/* [-] number [(+|-) imaginary] */
static expr *signed_number(parser *p)
{
    uint32_t start = p->mark;
    int minus = hd_accept(p, HD_TOK_MINUS);
    expr *left = number(p), *right;
    if (left && minus)
        left = hd_ast_UnaryOp(p->arena, HD_AST_USub, left, hd_span(p, start));
    int type = left ? hd_peek(p) : HD_TOK_ERROR;
    if (type != HD_TOK_PLUS && type != HD_TOK_MINUS)
        return left;
    if (is_imaginary(left))
        return hd_raise_at(p, HD_PARSE_SYNTAX_ERROR, left->pos, "real number required in complex literal");
    p->mark++;
    if (!(right = number(p)))
        return NULL;
    if (!is_imaginary(right))
        return hd_raise_at(p, HD_PARSE_SYNTAX_ERROR, right->pos, "imaginary number required in complex literal");
    return hd_ast_BinOp(p->arena, left, type == HD_TOK_PLUS ? HD_AST_Add : HD_AST_Sub, right, hd_span(p, start));
}

static pattern *singleton(parser *p, enum hd_const_kind kind)
{
    uint32_t start = p->mark++;
    const struct hd_const *c = hd_simple_const(p, kind);
    return c ? hd_ast_MatchSingleton(p->arena, c, hd_span(p, start)) : NULL;
}

static pattern *value(parser *p, expr *e)
{
    return e ? hd_ast_MatchValue(p->arena, e, e->pos) : NULL;
}

/* name(.name)* */
static expr *dotted(parser *p)
{
    uint32_t start = p->mark;
    const struct hd_ident *name = hd_name_token(p);
    expr *e = name ? hd_ast_Name(p->arena, name, HD_AST_Load, hd_span(p, start)) : NULL;
    while (e && hd_peek(p) == HD_TOK_DOT) {
        p->mark++;
        if (!(name = hd_name_token(p)))
            return NULL;
        e = hd_ast_Attribute(p->arena, e, name, HD_AST_Load, hd_span(p, start));
    }
    return e;
}

/* A name to bind, which is not `_`. */
static const struct hd_ident *capture_target(parser *p)
{
    if (hd_peek(p) != HD_TOK_NAME || hd_is_name(p, p->id_underscore))
        return NULL;
    uint32_t here = p->mark;
    const struct hd_ident *name = hd_name_token(p);
    int type = hd_peek(p);
    if (type == HD_TOK_DOT || type == HD_TOK_LPAR || type == HD_TOK_EQUAL) {
        p->mark = here;
        return NULL;
    }
    return name;
}

/* ---- sequences ---- */

static pattern *star_pattern(parser *p)
{
    uint32_t start = p->mark++;
    const struct hd_ident *name = NULL;
    if (hd_is_name(p, p->id_underscore))
        p->mark++;
    else if (!(name = capture_target(p)))
        return NULL;
    return hd_ast_MatchStar(p->arena, name, hd_span(p, start));
}

static pattern *maybe_star(parser *p)
{
    return hd_peek(p) == HD_TOK_STAR ? star_pattern(p) : any_pattern(p);
}

static int ends_pattern(int type)
{
    return type == HD_TOK_RPAR || type == HD_TOK_RSQB || type == HD_TOK_COLON || type == HD_TOK_IF || type == HD_TOK_RBRACE;
}

/* Patterns with commas between them, pushed; *commas tells whether there was one. */
static int pattern_list(parser *p, int *commas)
{
    *commas = 0;
    do {
        if (*commas && ends_pattern(hd_peek(p)))
            return 1;
        pattern *e = maybe_star(p);
        if (!e || !hd_push(p, e))
            return 0;
        if (hd_peek(p) == HD_TOK_COMMA)
            *commas = 1;
    } while (hd_accept(p, HD_TOK_COMMA));
    return 1;
}

static pattern *bracketed(parser *p, int closing)
{
    uint32_t start = p->mark++, base = p->nstack;
    int commas = 0;
    if (hd_peek(p) != closing && !pattern_list(p, &commas))
        return NULL;
    if (!hd_accept(p, closing))
        return NULL;
    if (closing == HD_TOK_RPAR && !commas && p->nstack == base + 1) {
        pattern *only = p->stack[base];
        if (only->kind == HD_AST_MatchStar)
            return NULL;
        p->nstack = base;
        return only;
    }
    struct hd_ast_pattern_seq *items = hd_pop_seq(p, base);
    return items ? hd_ast_MatchSequence(p->arena, items, hd_span(p, start)) : NULL;
}

/* ---- mappings and classes ---- */

static expr *mapping_key(parser *p)
{
    uint32_t start = p->mark;
    enum hd_const_kind kind;
    expr *e;
    switch (hd_peek(p)) {
    case HD_TOK_STRING: return hd_strings(p);
    case HD_TOK_NUMBER: case HD_TOK_MINUS: return signed_number(p);
    case HD_TOK_NONE: kind = HD_CONST_NONE; break;
    case HD_TOK_TRUE: kind = HD_CONST_TRUE; break;
    case HD_TOK_FALSE: kind = HD_CONST_FALSE; break;
    case HD_TOK_NAME:
        e = dotted(p);
        return e && e->kind == HD_AST_Attribute ? e : NULL;
    default: return NULL;
    }
    p->mark++;
    const struct hd_const *c = hd_simple_const(p, kind);
    return c ? hd_ast_Constant(p->arena, c, NULL, hd_span(p, start)) : NULL;
}

static pattern *mapping(parser *p)
{
    uint32_t start = p->mark++, base = p->nstack;
    const struct hd_ident *rest = NULL;
    while (hd_peek(p) != HD_TOK_RBRACE) {
        if (hd_accept(p, HD_TOK_DOUBLESTAR)) {
            if (!(rest = capture_target(p)))
                return NULL;
            hd_accept(p, HD_TOK_COMMA);
            break;
        }
        expr *key = mapping_key(p);
        if (!key || !hd_accept(p, HD_TOK_COLON))
            return NULL;
        pattern *e = any_pattern(p);
        if (!e || !hd_push(p, key) || !hd_push(p, e))
            return NULL;
        if (!hd_accept(p, HD_TOK_COMMA))
            break;
    }
    if (!hd_accept(p, HD_TOK_RBRACE))
        return NULL;
    uint32_t n = (p->nstack - base) / 2;
    expr_seq *keys = hd_ast_seq_new(p->arena, n);
    struct hd_ast_pattern_seq *items = hd_ast_seq_new(p->arena, n);
    if (!keys || !items)
        return hd_parse_no_memory(p);
    for (uint32_t i = 0; i < n; i++) {
        keys->item[i] = p->stack[base + 2 * i];
        items->item[i] = p->stack[base + 2 * i + 1];
    }
    p->nstack = base;
    return hd_ast_MatchMapping(p->arena, keys, items, rest, hd_span(p, start));
}

static pattern *class_pattern(parser *p, expr *cls, uint32_t start)
{
    uint32_t base = p->nstack, npositional = 0, n;
    int keywords = 0;
    pattern *first_late = NULL, *last_late = NULL;
    p->mark++;
    while (hd_peek(p) != HD_TOK_RPAR) {
        const struct hd_ident *name = NULL;
        if (hd_peek(p) == HD_TOK_NAME && hd_peek2(p) == HD_TOK_EQUAL) {
            if (last_late)
                break;
            name = hd_name_token(p);
            p->mark++;
            keywords = 1;
        } else if (keywords && !p->diagnose) {
            return NULL;
        }
        pattern *e = any_pattern(p);
        if (!e)
            break;
        if (!name && keywords) {
            last_late = e;
            first_late = first_late ? first_late : e;
        } else {
            npositional += !keywords;
            if (!hd_push(p, (void *)(uintptr_t)name) || !hd_push(p, e))
                return NULL;
        }
        if (!hd_accept(p, HD_TOK_COMMA))
            break;
    }
    if (last_late)
        return hd_raise_at(p, HD_PARSE_SYNTAX_ERROR, hd_join(first_late->pos, last_late->pos), "positional patterns follow keyword patterns");
    if (!hd_accept(p, HD_TOK_RPAR))
        return NULL;
    n = (p->nstack - base) / 2;
    struct hd_ast_pattern_seq *positional = hd_ast_seq_new(p->arena, npositional), *values = hd_ast_seq_new(p->arena, n - npositional);
    struct hd_ast_ident_seq *names = hd_ast_seq_new(p->arena, n - npositional);
    if (!positional || !values || !names)
        return hd_parse_no_memory(p);
    for (uint32_t i = 0; i < n; i++) {
        pattern *e = p->stack[base + 2 * i + 1];
        if (i < npositional) {
            positional->item[i] = e;
        } else {
            names->item[i - npositional] = p->stack[base + 2 * i];
            values->item[i - npositional] = e;
        }
    }
    p->nstack = base;
    return hd_ast_MatchClass(p->arena, cls, positional, names, values, hd_span(p, start));
}

static pattern *name_pattern(parser *p)
{
    uint32_t start = p->mark;
    int type = hd_peek2(p);
    if (type != HD_TOK_DOT && type != HD_TOK_LPAR) {
        if (type == HD_TOK_EQUAL)
            return NULL;
        const struct hd_ident *name = hd_name_token(p);
        return hd_ast_MatchAs(p->arena, NULL, name == p->id_underscore ? NULL : name, hd_span(p, start));
    }
    expr *e = dotted(p);
    if (!e)
        return NULL;
    type = hd_peek(p);
    if (type == HD_TOK_LPAR)
        return class_pattern(p, e, start);
    return type == HD_TOK_EQUAL ? NULL : value(p, e);
}

static pattern *closed_pattern(parser *p)
{
    pattern *e = NULL;
    if (!hd_enter(p))
        return NULL;
    switch (hd_peek(p)) {
    case HD_TOK_NUMBER: case HD_TOK_MINUS: e = value(p, signed_number(p)); break;
    case HD_TOK_STRING: e = value(p, hd_strings(p)); break;
    case HD_TOK_NONE: e = singleton(p, HD_CONST_NONE); break;
    case HD_TOK_TRUE: e = singleton(p, HD_CONST_TRUE); break;
    case HD_TOK_FALSE: e = singleton(p, HD_CONST_FALSE); break;
    case HD_TOK_NAME: e = name_pattern(p); break;
    case HD_TOK_LPAR: e = bracketed(p, HD_TOK_RPAR); break;
    case HD_TOK_LSQB: e = bracketed(p, HD_TOK_RSQB); break;
    case HD_TOK_LBRACE: e = mapping(p); break;
    default: break;
    }
    hd_leave(p);
    return p->failed ? NULL : e;
}

static pattern *or_pattern(parser *p)
{
    uint32_t start = p->mark, base = p->nstack;
    pattern *e = closed_pattern(p);
    if (!e || hd_peek(p) != HD_TOK_VBAR)
        return e;
    if (!hd_push(p, e))
        return NULL;
    while (hd_accept(p, HD_TOK_VBAR))
        if (!(e = closed_pattern(p)) || !hd_push(p, e))
            return NULL;
    struct hd_ast_pattern_seq *items = hd_pop_seq(p, base);
    return items ? hd_ast_MatchOr(p->arena, items, hd_span(p, start)) : NULL;
}

static pattern *any_pattern(parser *p)
{
    uint32_t start = p->mark;
    pattern *e = or_pattern(p);
    if (!e || hd_peek(p) != HD_TOK_AS)
        return e;
    p->mark++;
    uint32_t at = p->mark;
    const struct hd_ident *name = capture_target(p);
    if (name)
        return hd_ast_MatchAs(p->arena, e, name, hd_span(p, start));
    if (p->diagnose && !p->failed) {
        p->mark = at;
        if (hd_is_name(p, p->id_underscore))
            return hd_raise_at(p, HD_PARSE_SYNTAX_ERROR, p->tok[at].pos, "cannot use '_' as a target");
        expr *target = hd_peek(p) == HD_TOK_NAME ? NULL : hd_expression(p);
        if (target)
            return hd_raise_at(p, HD_PARSE_SYNTAX_ERROR, target->pos, "invalid pattern target");
    }
    return NULL;
}

/* ---- the statement ---- */

/* A pattern, or several without brackets. */
static pattern *patterns(parser *p)
{
    uint32_t start = p->mark, base = p->nstack;
    int commas;
    if (!pattern_list(p, &commas))
        return NULL;
    if (!commas) {
        pattern *only = p->stack[base];
        p->nstack = base;
        return only->kind == HD_AST_MatchStar ? NULL : only;
    }
    struct hd_ast_pattern_seq *items = hd_pop_seq(p, base);
    return items ? hd_ast_MatchSequence(p->arena, items, hd_span(p, start)) : NULL;
}

static int case_block(parser *p)
{
    uint32_t keyword = p->mark++;
    pattern *pat = patterns(p);
    expr *guard = NULL;
    if (!pat)
        return 0;
    if (hd_accept(p, HD_TOK_IF) && !(guard = hd_named_expression(p)))
        return 0;
    if (!hd_accept(p, HD_TOK_COLON)) {
        if (p->diagnose && hd_peek(p) == HD_TOK_NEWLINE)
            hd_raise_last(p, HD_PARSE_SYNTAX_ERROR, "expected ':'");
        return 0;
    }
    stmt_seq *body = hd_block(p, "'case' statement", keyword);
    struct hd_ast_match_case *c = body ? hd_ast_match_case(p->arena, pat, guard, body) : NULL;
    return c && hd_push(p, c);
}

static expr *subject(parser *p)
{
    uint32_t start = p->mark, base = p->nstack;
    expr *e = hd_star_named_expression(p);
    if (!e)
        return NULL;
    if (hd_peek(p) != HD_TOK_COMMA)
        return e->kind == HD_AST_Starred ? NULL : e;
    if (!hd_push(p, e))
        return NULL;
    while (hd_accept(p, HD_TOK_COMMA)) {
        uint64_t here = hd_here(p);
        if (!hd_expr_starts(hd_peek(p)))
            break;
        if (!(e = hd_star_named_expression(p))) {
            hd_back(p, here);
            break;
        }
        if (!hd_push(p, e))
            return NULL;
    }
    expr_seq *elts = hd_pop_seq(p, base);
    return elts ? hd_ast_Tuple(p->arena, elts, HD_AST_Load, hd_span(p, start)) : NULL;
}

/* NULL without an error when this is no match statement but something that begins with the name `match`. */
stmt *hd_match_stmt(parser *p)
{
    uint32_t start = p->mark++, base = p->nstack;
    expr *e = hd_expr_starts(hd_peek(p)) ? subject(p) : NULL;
    if (!e)
        return NULL;
    if (!hd_accept(p, HD_TOK_COLON)) {
        if (p->diagnose && hd_peek(p) == HD_TOK_NEWLINE)
            hd_raise_last(p, HD_PARSE_SYNTAX_ERROR, "expected ':'");
        return NULL;
    }
    if (!hd_accept(p, HD_TOK_NEWLINE))
        return NULL;
    if (!hd_accept(p, HD_TOK_INDENT)) {
        if (p->diagnose && !p->failed)
            hd_raise_last(p, HD_PARSE_INDENTATION_ERROR, "expected an indented block after 'match' statement on line %d",
                          p->tok[start].pos.lineno);
        return NULL;
    }
    if (!hd_is_name(p, p->id_case))
        return NULL;
    while (hd_is_name(p, p->id_case))
        if (!case_block(p))
            return NULL;
    if (!hd_since(p, 10, "Pattern matching is"))
        return NULL;
    struct hd_ast_match_case_seq *cases = hd_pop_seq(p, base);
    if (!cases || !hd_accept(p, HD_TOK_DEDENT))
        return NULL;
    return hd_ast_Match(p->arena, e, cases, hd_span_stmt(p, start));
}
