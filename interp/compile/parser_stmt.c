/* Simple statements, and lists of statements. */
#include "parser_internal.h"

#include <string.h>

const struct hd_ident *hd_name_token(parser *p)
{
    return hd_peek(p) == HD_TOK_NAME ? p->tok[p->mark++].id : NULL;
}

/* The text of a type comment that may be next. */
const struct hd_ident *hd_type_comment(parser *p)
{
    if (hd_peek(p) != HD_TOK_TYPE_COMMENT)
        return NULL;
    const struct hd_token *t = &p->tok[p->mark++];
    return hd_arena_intern(p->arena, p->lx.src + t->start, t->end - t->start);
}

/* ---- assignments and expressions ---- */

/* Can it be annotated or take an augmented assignment? */
static int is_single_target(const expr *e)
{
    return e->kind == HD_AST_Name || e->kind == HD_AST_Attribute || e->kind == HD_AST_Subscript;
}

/* `((x).y).z: int` is none for CPython: its grammar tries a single target in brackets first and then does not go back. */
static int begins_with_bracketed_target(const parser *p, uint32_t start, const expr *e)
{
    struct hd_ast_pos whole = e->pos;
    if (p->tok[start].type != HD_TOK_LPAR || p->tok[start].pos.lineno != whole.lineno || p->tok[start].pos.col_offset != whole.col_offset)
        return 0; /* none, or one around all of it */
    for (;;) {
        if (e->kind == HD_AST_Attribute)
            e = e->v.Attribute.value;
        else if (e->kind == HD_AST_Subscript)
            e = e->v.Subscript.value;
        else if (e->kind == HD_AST_Call)
            e = e->v.Call.func;
        else
            return 0;
        if (e->pos.lineno != whole.lineno || e->pos.col_offset != whole.col_offset)      /* what the bracket was opened for */
            return is_single_target(e);
    }
}

static stmt *annotated(parser *p, uint32_t start, expr *target)
{
    int simple = target->kind == HD_AST_Name && p->tok[start].type == HD_TOK_NAME;
    expr *value = NULL;
    p->mark++;
    expr *annotation = hd_expression(p);
    if (!annotation)
        return NULL;
    if (hd_peek(p) == HD_TOK_EQUAL) {
        uint64_t here = hd_here(p);
        p->mark++;
        if (!(value = hd_yield_or_star_expressions(p)))
            hd_back(p, here);
        if (p->failed)
            return NULL;
    }
    if (!hd_since(p, 6, target->kind == HD_AST_Name ? "Variable annotation syntax is" : "Variable annotations syntax is"))
        return NULL;
    hd_set_context(target, HD_AST_Store);
    return hd_ast_AnnAssign(p->arena, target, annotation, value, simple, hd_span(p, start));
}

static stmt *assignment(parser *p, uint32_t start, expr *first)
{
    uint32_t base = p->nstack;
    expr *value = first;
    while (hd_peek(p) == HD_TOK_EQUAL) {
        if (!hd_is_target(value, 1))
            return NULL;
        hd_set_context(value, HD_AST_Store);
        if (!hd_push(p, value))
            return NULL;
        p->mark++;
        if (!(value = hd_yield_or_star_expressions(p)))
            return NULL;
    }
    const struct hd_ident *comment = hd_type_comment(p);
    expr_seq *targets = hd_pop_seq(p, base);
    return targets ? hd_ast_Assign(p->arena, targets, value, comment, hd_span(p, start)) : NULL;
}

/* A statement that begins with an expression. */
static stmt *expression_stmt(parser *p)
{
    uint32_t start = p->mark, base = p->nstack;
    expr *e = hd_yield_or_star_expressions(p);
    stmt *s = NULL;
    int type = e ? hd_peek(p) : HD_TOK_ERROR, op;
    if (p->failed)
        return NULL;
    if (type == HD_TOK_EQUAL) {
        s = assignment(p, start, e);
    } else if (type == HD_TOK_COLON && is_single_target(e) && !begins_with_bracketed_target(p, start, e)) {
        s = annotated(p, start, e);
    } else if ((op = hd_is_augassign(type)) && is_single_target(e)) {
        p->mark++;
        expr *value = hd_yield_or_star_expressions(p);
        if (!value || (op == HD_AST_MatMult && !hd_since(p, 5, "The '@' operator is")))
            return NULL;
        hd_set_context(e, HD_AST_Store);
        return hd_ast_AugAssign(p->arena, e, op, value, hd_span(p, start));
    }
    if (s || p->failed)
        return s;
    p->nstack = base;
    if (p->diagnose) {
        uint32_t end = p->mark;
        p->mark = start;
        hd_invalid_assignment(p);
        p->nstack = base;
        if (p->failed)
            return NULL;
        p->mark = end;
    }
    /* What is left of a wrong assignment or annotation is the expression alone; the sign behind it is then out of place. */
    if (!e || type == HD_TOK_EQUAL || type == HD_TOK_COLON)
        return NULL;
    return hd_ast_Expr(p->arena, e, hd_span(p, start));
}

/* ---- del ---- */

static int is_del_target(const expr *e)
{
    const expr_seq *elts;
    switch (e->kind) {
    case HD_AST_Name: case HD_AST_Attribute: case HD_AST_Subscript: return 1;
    case HD_AST_Tuple: elts = e->v.Tuple.elts; break;
    case HD_AST_List: elts = e->v.List.elts; break;
    default: return 0;
    }
    for (uint32_t i = 0; i < elts->n; i++)
        if (!is_del_target(elts->item[i]))
            return 0;
    return 1;
}

static stmt *del_stmt(parser *p)
{
    uint32_t start = p->mark++, base = p->nstack;
    while (hd_expr_starts(hd_peek(p))) {
        expr *e = hd_primary(p);
        if (!e || !is_del_target(e))
            goto wrong;
        hd_set_context(e, HD_AST_Del);
        if (!hd_push(p, e))
            return NULL;
        if (!hd_accept(p, HD_TOK_COMMA))
            break;
    }
    int type = hd_peek(p);
    if (p->nstack > base && (type == HD_TOK_SEMI || type == HD_TOK_NEWLINE)) {
        expr_seq *targets = hd_pop_seq(p, base);
        return targets ? hd_ast_Delete(p->arena, targets, hd_span(p, start)) : NULL;
    }
wrong:
    p->nstack = base;
    if (p->diagnose && !p->failed) {
        p->mark = start + 1;
        expr *e = hd_star_expressions(p);
        if (e)
            hd_raise_invalid_target(p, e, 1);
    }
    return NULL;
}

/* ---- import ---- */

static const struct hd_ident *dotted_name(parser *p)
{
    const struct hd_ident *name = hd_name_token(p);
    struct hd_text text = {0};
    if (!name || hd_peek(p) != HD_TOK_DOT)
        return name;
    if (hd_text_add(p, &text, name->utf8, name->len))
        return NULL;
    while (hd_peek(p) == HD_TOK_DOT) {
        p->mark++;
        if (!(name = hd_name_token(p)))
            return NULL;
        if (hd_text_add(p, &text, ".", 1) || hd_text_add(p, &text, name->utf8, name->len))
            return NULL;
    }
    return hd_arena_intern(p->arena, text.s, text.len);
}

/* name [as name], pushed. */
static int alias(parser *p, const struct hd_ident *(*name_of)(parser *))
{
    uint32_t start = p->mark;
    const struct hd_ident *name = name_of(p), *as = NULL;
    if (!name)
        return 0;
    if (hd_accept(p, HD_TOK_AS) && !(as = hd_name_token(p)))
        return 0;
    struct hd_ast_alias *a = hd_ast_alias(p->arena, name, as, hd_span(p, start));
    return a && hd_push(p, a);
}

static stmt *import_name(parser *p)
{
    uint32_t start = p->mark++, base = p->nstack;
    do
        if (!alias(p, dotted_name))
            return NULL;
    while (hd_accept(p, HD_TOK_COMMA));
    struct hd_ast_alias_seq *names = hd_pop_seq(p, base);
    return names ? hd_ast_Import(p->arena, names, hd_span(p, start)) : NULL;
}

static stmt *import_from(parser *p)
{
    uint32_t start = p->mark++, base = p->nstack;
    int level = 0, bracket;
    const struct hd_ident *module = NULL;
    for (;;) {
        if (hd_accept(p, HD_TOK_DOT))
            level += 1;
        else if (hd_accept(p, HD_TOK_ELLIPSIS))
            level += 3;
        else
            break;
    }
    if (hd_peek(p) != HD_TOK_IMPORT) {
        if (!(module = dotted_name(p)))
            return NULL;
    } else if (!level) {
        return NULL;
    }
    if (!hd_accept(p, HD_TOK_IMPORT))
        return NULL;
    if (hd_peek(p) == HD_TOK_STAR) {
        uint32_t star = p->mark++;
        const struct hd_ident *all = hd_arena_intern(p->arena, "*", 1);
        struct hd_ast_alias *a = hd_ast_alias(p->arena, all, NULL, hd_span(p, star));
        if (!a || !hd_push(p, a))
            return NULL;
    } else {
        bracket = hd_accept(p, HD_TOK_LPAR);
        for (;;) {
            if (!alias(p, hd_name_token))
                return NULL;
            if (hd_peek(p) != HD_TOK_COMMA)
                break;
            p->mark++;
            int type = hd_peek(p);
            if (bracket && type == HD_TOK_RPAR)
                break;
            if (!bracket && type == HD_TOK_NEWLINE && p->diagnose)
                return hd_raise_last(p, HD_PARSE_SYNTAX_ERROR, "trailing comma not allowed without surrounding parentheses");
        }
        if (bracket && !hd_accept(p, HD_TOK_RPAR))
            return NULL;
    }
    struct hd_ast_alias_seq *names = hd_pop_seq(p, base);
    return names ? hd_ast_ImportFrom(p->arena, module, names, level, hd_span(p, start)) : NULL;
}

/* ---- the others ---- */

static stmt *scope_stmt(parser *p, int global)
{
    uint32_t start = p->mark++, base = p->nstack;
    do {
        const struct hd_ident *name = hd_name_token(p);
        if (!name || !hd_push(p, (void *)(uintptr_t)name))
            return NULL;
    } while (hd_accept(p, HD_TOK_COMMA));
    struct hd_ast_ident_seq *names = hd_pop_seq(p, base);
    if (!names)
        return NULL;
    return global ? hd_ast_Global(p->arena, names, hd_span(p, start)) : hd_ast_Nonlocal(p->arena, names, hd_span(p, start));
}

static stmt *return_stmt(parser *p)
{
    uint32_t start = p->mark++;
    expr *value = NULL;
    if (hd_peek(p) != HD_TOK_NEWLINE && hd_peek(p) != HD_TOK_SEMI) {
        uint64_t here = hd_here(p);
        if (!(value = hd_star_expressions(p)))
            hd_back(p, here);
    }
    return p->failed ? NULL : hd_ast_Return(p->arena, value, hd_span(p, start));
}

static stmt *raise_stmt(parser *p)
{
    uint32_t start = p->mark++;
    expr *exc = NULL, *cause = NULL;
    uint64_t here = hd_here(p);
    if (hd_expr_starts(hd_peek(p))) {
        if (!(exc = hd_expression(p))) {
            hd_back(p, here);
        } else {
            here = hd_here(p);
            if (hd_accept(p, HD_TOK_FROM) && !(cause = hd_expression(p)))
                hd_back(p, here);
        }
    }
    return p->failed ? NULL : hd_ast_Raise(p->arena, exc, cause, hd_span(p, start));
}

static stmt *assert_stmt(parser *p)
{
    uint32_t start = p->mark++;
    expr *test = hd_expression(p), *msg = NULL;
    if (!test)
        return NULL;
    uint64_t here = hd_here(p);
    if (hd_accept(p, HD_TOK_COMMA) && !(msg = hd_expression(p)))
        hd_back(p, here);
    return p->failed ? NULL : hd_ast_Assert(p->arena, test, msg, hd_span(p, start));
}

static stmt *simple_stmt(parser *p)
{
    uint32_t start = p->mark;
    switch (hd_peek(p)) {
    case HD_TOK_RETURN: return return_stmt(p);
    case HD_TOK_IMPORT: return import_name(p);
    case HD_TOK_FROM: return import_from(p);
    case HD_TOK_RAISE: return raise_stmt(p);
    case HD_TOK_PASS: p->mark++; return hd_ast_Pass(p->arena, hd_span(p, start));
    case HD_TOK_DEL: return del_stmt(p);
    case HD_TOK_ASSERT: return assert_stmt(p);
    case HD_TOK_BREAK: p->mark++; return hd_ast_Break(p->arena, hd_span(p, start));
    case HD_TOK_CONTINUE: p->mark++; return hd_ast_Continue(p->arena, hd_span(p, start));
    case HD_TOK_GLOBAL: return scope_stmt(p, 1);
    case HD_TOK_NONLOCAL: return scope_stmt(p, 0);
    default: return expression_stmt(p);
    }
}

int hd_simple_stmts(parser *p)
{
    for (;;) {
        stmt *s = simple_stmt(p);
        if (!s || !hd_push(p, s))
            return 0;
        if (hd_accept(p, HD_TOK_NEWLINE))
            return 1;
        if (!hd_accept(p, HD_TOK_SEMI))
            return 0;
        if (hd_accept(p, HD_TOK_NEWLINE))
            return 1;
    }
}

stmt_seq *hd_statements(parser *p, int at_end)
{
    uint32_t base = p->nstack;
    int closing = at_end ? HD_TOK_ENDMARKER : HD_TOK_DEDENT;
    while (hd_peek(p) != closing) {
        uint64_t here = hd_here(p);
        int is_compound = 0;
        stmt *s = hd_compound_stmt(p, &is_compound);
        if (s) {
            if (!hd_push(p, s))
                return NULL;
            continue;
        }
        if (is_compound || p->failed)
            return NULL;
        hd_back(p, here);
        if (!hd_simple_stmts(p))
            return NULL;
    }
    return hd_pop_seq(p, base);
}
