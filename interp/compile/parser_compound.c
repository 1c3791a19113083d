/* Compound statements. */
#include "parser_internal.h"

/* A block: statements on the same line, or an indented block; `what` and the token `keyword` are for the message when it is missing. */
stmt_seq *hd_block(parser *p, const char *what, uint32_t keyword)
{
    uint32_t base = p->nstack;
    stmt_seq *body = NULL;
    if (!hd_enter(p))
        return NULL;
    if (hd_accept(p, HD_TOK_NEWLINE)) {
        if (hd_accept(p, HD_TOK_INDENT)) {
            body = hd_statements(p, 0);
            if (body && !hd_accept(p, HD_TOK_DEDENT))
                body = NULL;
        } else if (p->diagnose && !p->failed) {
            hd_raise_last(p, HD_PARSE_INDENTATION_ERROR, "expected an indented block after %s on line %d", what,
                          p->tok[keyword].pos.lineno);
        }
    } else if (hd_simple_stmts(p)) {
        body = hd_pop_seq(p, base);
    }
    hd_leave(p);
    return body;
}

/* ':' after a header. In the second pass a header that ends with the line gets its own message. */
static int colon(parser *p)
{
    if (hd_accept(p, HD_TOK_COLON))
        return 1;
    if (p->diagnose && hd_peek(p) == HD_TOK_NEWLINE)
        hd_raise_last(p, HD_PARSE_SYNTAX_ERROR, "expected ':'");
    return 0;
}

/* [else: block]; *body is an empty sequence without one. 0 = failed. */
static int else_block(parser *p, stmt_seq **body)
{
    uint32_t keyword = p->mark;
    if (!hd_accept(p, HD_TOK_ELSE)) {
        *body = hd_ast_seq_new(p->arena, 0);
        return !p->failed;
    }
    if (!hd_expect_forced(p, HD_TOK_COLON))
        return 0;
    *body = hd_block(p, "'else' statement", keyword);
    return *body != NULL;
}

/* `elif` chains nest in the tree, but are read in a loop: the chain may be long. */
static stmt *if_stmt(parser *p)
{
    struct link {
        uint32_t start;
        expr *test;
        stmt_seq *body;
    } *link;
    uint32_t base = p->nstack;
    stmt_seq *orelse;
    for (;;) {
        uint32_t keyword = p->mark++;
        expr *test = hd_named_expression(p);
        if (!test || !colon(p))
            return NULL;
        stmt_seq *body = hd_block(p, p->tok[keyword].type == HD_TOK_IF ? "'if' statement" : "'elif' statement", keyword);
        if (!body || !(link = hd_arena_alloc(p->arena, sizeof *link)))
            return NULL;
        *link = (struct link){keyword, test, body};
        if (!hd_push(p, link))
            return NULL;
        if (hd_peek(p) != HD_TOK_ELIF)
            break;
    }
    if (!else_block(p, &orelse))
        return NULL;
    stmt *s = NULL;
    while (p->nstack > base) {
        link = p->stack[--p->nstack];
        s = hd_ast_If(p->arena, link->test, link->body, orelse, hd_span_stmt(p, link->start));
        if (p->nstack > base) {
            orelse = hd_ast_seq_new(p->arena, 1);
            if (!s || !orelse)
                return hd_parse_no_memory(p);
            orelse->item[0] = s;
        }
    }
    return s;
}

static stmt *while_stmt(parser *p)
{
    uint32_t start = p->mark++;
    expr *test = hd_named_expression(p);
    stmt_seq *body, *orelse;
    if (!test || !colon(p) || !(body = hd_block(p, "'while' statement", start)) || !else_block(p, &orelse))
        return NULL;
    return hd_ast_While(p->arena, test, body, orelse, hd_span_stmt(p, start));
}

static stmt *for_stmt(parser *p, uint32_t start, int is_async)
{
    uint32_t keyword = p->mark++;
    expr *target = hd_star_targets(p), *iter;
    if (!target || !hd_accept(p, HD_TOK_IN)) {
        if (p->diagnose && !p->failed) {
            p->mark = start;
            hd_invalid_for_target(p);
        }
        return NULL;
    }
    stmt_seq *body, *orelse;
    if (!(iter = hd_star_expressions(p)) || !colon(p))
        return NULL;
    const struct hd_ident *comment = hd_type_comment(p);
    if (!(body = hd_block(p, "'for' statement", keyword)) || !else_block(p, &orelse))
        return NULL;
    if (is_async && !hd_since(p, 5, "Async for loops are"))
        return NULL;
    if (is_async)
        return hd_ast_AsyncFor(p->arena, target, iter, body, orelse, comment, hd_span_stmt(p, start));
    return hd_ast_For(p->arena, target, iter, body, orelse, comment, hd_span_stmt(p, start));
}

/* ---- with ---- */

static struct hd_ast_withitem *with_item(parser *p)
{
    expr *context = hd_expression(p), *target;
    if (!context)
        return NULL;
    uint64_t here = hd_here(p);
    if (!hd_accept(p, HD_TOK_AS))
        return hd_ast_withitem(p->arena, context, NULL);
    uint32_t at = p->mark;
    target = hd_star_target(p);
    if (target) {
        int type = hd_peek(p);
        if (type == HD_TOK_COMMA || type == HD_TOK_RPAR || type == HD_TOK_COLON)
            return hd_ast_withitem(p->arena, context, target);
    }
    if (p->diagnose && !p->failed) {
        p->mark = at;
        target = hd_expression(p);
        int type = hd_peek(p);
        if (target && (type == HD_TOK_COMMA || type == HD_TOK_RPAR || type == HD_TOK_COLON))
            hd_raise_invalid_target(p, target, 0);
    }
    hd_back(p, here);
    return p->failed ? NULL : hd_ast_withitem(p->arena, context, NULL);
}

/* Items up to the closing bracket, or to the colon; pushed. */
static int with_items(parser *p, int bracketed)
{
    for (;;) {
        struct hd_ast_withitem *item = with_item(p);
        if (!item || !hd_push(p, item))
            return 0;
        if (!hd_accept(p, HD_TOK_COMMA))
            break;
        if (bracketed && hd_peek(p) == HD_TOK_RPAR)
            break;
    }
    return !bracketed || hd_accept(p, HD_TOK_RPAR);
}

/* Second pass: items without their colon. */
static void invalid_with(parser *p, uint32_t keyword)
{
    for (int bracketed = 0; bracketed < 2 && !p->failed; bracketed++) {
        p->mark = keyword + 1;
        if (bracketed && !hd_accept(p, HD_TOK_LPAR))
            return;
        for (;;) {
            uint32_t here;
            if (!(bracketed ? hd_expressions(p) : hd_expression(p)))
                goto next;
            here = p->mark;
            if (hd_accept(p, HD_TOK_AS) && !hd_star_target(p))
                p->mark = here;
            if (!hd_accept(p, HD_TOK_COMMA))
                break;
            if (bracketed && hd_peek(p) == HD_TOK_RPAR)
                break;
        }
        if (bracketed && !hd_accept(p, HD_TOK_RPAR))
            return;
        if (hd_peek(p) == HD_TOK_NEWLINE)
            hd_raise_last(p, HD_PARSE_SYNTAX_ERROR, "expected ':'");
    next:;
    }
}

static stmt *with_stmt(parser *p, uint32_t start, int is_async)
{
    uint32_t keyword = p->mark++, base = p->nstack;
    uint64_t here = hd_here(p);
    int done = 0, with_brackets = 0;
    if (hd_accept(p, HD_TOK_LPAR)) {
        done = with_brackets = with_items(p, 1) && hd_accept(p, HD_TOK_COLON);
        if (!done)
            hd_back(p, here);
    }
    if (!done && !p->failed)
        done = with_items(p, 0) && hd_accept(p, HD_TOK_COLON);
    if (!done) {
        if (p->diagnose && !p->failed)
            invalid_with(p, keyword);
        return NULL;
    }
    struct hd_ast_withitem_seq *items = hd_pop_seq(p, base);
    const struct hd_ident *comment = with_brackets ? NULL : hd_type_comment(p);
    stmt_seq *body = hd_block(p, "'with' statement", keyword);
    if (!items || !body)
        return NULL;
    if (with_brackets && !hd_since(p, 9, "Parenthesized context managers are"))
        return NULL;
    if (is_async && !hd_since(p, 5, "Async with statements are"))
        return NULL;
    if (is_async)
        return hd_ast_AsyncWith(p->arena, items, body, comment, hd_span_stmt(p, start));
    return hd_ast_With(p->arena, items, body, comment, hd_span_stmt(p, start));
}

/* ---- try ---- */

/* Second pass: `except A, B:` and headers without a colon. */
static void invalid_except(parser *p, uint32_t keyword)
{
    p->mark = keyword + 1;
    int star = hd_accept(p, HD_TOK_STAR);
    int type = hd_peek(p);
    if (type == HD_TOK_NEWLINE || (star && type == HD_TOK_COLON)) {
        if (star)
            hd_raise_last(p, HD_PARSE_SYNTAX_ERROR, "expected one or more exception types");
        else
            hd_raise_last(p, HD_PARSE_SYNTAX_ERROR, "expected ':'");
        return;
    }
    expr *a = hd_expression(p);
    if (!a)
        return;
    uint32_t here = p->mark;
    if (hd_accept(p, HD_TOK_COMMA) && hd_expressions(p)) {
        if (hd_accept(p, HD_TOK_AS))
            hd_name_token(p);
        if (hd_accept(p, HD_TOK_COLON)) {
            hd_raise_from(p, a->pos, "multiple exception types must be parenthesized");
            return;
        }
    }
    if (p->failed)
        return;
    p->mark = here;
    if (hd_accept(p, HD_TOK_AS) && !hd_name_token(p))
        p->mark = here;
    if (hd_peek(p) == HD_TOK_NEWLINE)
        hd_raise_last(p, HD_PARSE_SYNTAX_ERROR, "expected ':'");
}

static int except_block(parser *p, int *star)
{
    uint32_t keyword = p->mark++;
    expr *type = NULL;
    const struct hd_ident *name = NULL;
    *star = hd_accept(p, HD_TOK_STAR);
    if (hd_peek(p) != HD_TOK_COLON || *star) {
        type = hd_expression(p);
        if (!type)
            goto wrong;
        if (hd_accept(p, HD_TOK_AS) && !(name = hd_name_token(p)))
            goto wrong;
    }
    if (!hd_accept(p, HD_TOK_COLON))
        goto wrong;
    stmt_seq *body = hd_block(p, *star ? "'except*' statement" : "'except' statement", keyword);
    if (!body)
        return 0;
    struct hd_ast_excepthandler *h = hd_ast_ExceptHandler(p->arena, type, name, body, hd_span_stmt(p, keyword));
    return h && hd_push(p, h);
wrong:
    if (p->diagnose && !p->failed)
        invalid_except(p, keyword);
    return 0;
}

/* Second pass: a header of the other kind than those before it. */
static void mixed_except(parser *p)
{
    uint32_t start = p->mark++;
    int star = hd_accept(p, HD_TOK_STAR), good = 1;
    struct hd_ast_pos pos = hd_span(p, start);
    if (hd_peek(p) != HD_TOK_COLON || star) {
        good = hd_expression(p) != NULL;
        if (good && hd_accept(p, HD_TOK_AS))
            good = hd_name_token(p) != NULL;
    }
    if (good && hd_accept(p, HD_TOK_COLON))
        hd_raise_at(p, HD_PARSE_SYNTAX_ERROR, pos, "cannot have both 'except' and 'except*' on the same 'try'");
    p->mark = start;
}

static stmt *try_stmt(parser *p)
{
    uint32_t start = p->mark++, base = p->nstack;
    int star = -1;
    if (!hd_expect_forced(p, HD_TOK_COLON))
        return NULL;
    stmt_seq *body = hd_block(p, "'try' statement", start), *orelse = hd_ast_seq_new(p->arena, 0), *finalbody = orelse;
    if (!body) {
        p->mark = start + 2;
        if (p->diagnose && hd_peek(p) == HD_TOK_EXCEPT)
            except_block(p, &star); /* for its mistakes */
        return NULL;
    }
    if (p->diagnose && hd_peek(p) != HD_TOK_EXCEPT && hd_peek(p) != HD_TOK_FINALLY)
        return hd_raise_last(p, HD_PARSE_SYNTAX_ERROR, "expected 'except' or 'finally' block");
    while (hd_peek(p) == HD_TOK_EXCEPT) {
        int this_star;
        if (star >= 0 && p->diagnose && (hd_peek2(p) == HD_TOK_STAR) != star)
            mixed_except(p);
        if (star >= 0 && !p->diagnose && (hd_peek2(p) == HD_TOK_STAR) != star)
            return NULL;
        if (!except_block(p, &this_star))
            return NULL;
        if (star >= 0 && star != this_star)
            return NULL;
        star = this_star;
    }
    if (star >= 0 && !else_block(p, &orelse))
        return NULL;
    uint32_t keyword = p->mark;
    if (hd_accept(p, HD_TOK_FINALLY)) {
        if (!hd_expect_forced(p, HD_TOK_COLON) || !(finalbody = hd_block(p, "'finally' statement", keyword)))
            return NULL;
    } else if (star < 0) {
        return NULL;
    }
    struct hd_ast_excepthandler_seq *handlers = hd_pop_seq(p, base);
    if (!handlers)
        return NULL;
    if (star == 1 && !hd_since(p, 11, "Exception groups are"))
        return NULL;
    if (star == 1)
        return hd_ast_TryStar(p->arena, body, handlers, orelse, finalbody, hd_span_stmt(p, start));
    return hd_ast_Try(p->arena, body, handlers, orelse, finalbody, hd_span_stmt(p, start));
}

/* ---- definitions ---- */

static stmt *function_def(parser *p, uint32_t start, int is_async, expr_seq *decorators)
{
    uint32_t keyword = p->mark++;
    const struct hd_ident *name = hd_name_token(p), *comment;
    expr *returns = NULL;
    if (!name || !hd_expect_forced(p, HD_TOK_LPAR))
        return NULL;
    struct hd_ast_arguments *args = hd_parameters(p, 0);
    if (!args || !hd_accept(p, HD_TOK_RPAR))
        return NULL;
    uint32_t arrow = p->mark;
    if (hd_accept(p, HD_TOK_RARROW) && !(returns = hd_expression(p))) {
        p->mark = arrow;
    }
    if (!hd_expect_forced(p, HD_TOK_COLON))
        return NULL;
    comment = hd_type_comment(p);
    if (!comment && p->lx.type_comments && hd_peek(p) == HD_TOK_NEWLINE && hd_peek2(p) == HD_TOK_TYPE_COMMENT) {
        uint32_t here = p->mark++;
        comment = hd_type_comment(p);
        if (hd_peek(p) != HD_TOK_NEWLINE || hd_peek2(p) != HD_TOK_INDENT) {
            p->mark = here;
            comment = NULL;
        }
    } else if (comment && p->diagnose && hd_peek(p) == HD_TOK_NEWLINE && hd_peek2(p) == HD_TOK_TYPE_COMMENT) {
        uint32_t here = p->mark++;
        hd_type_comment(p);
        if (hd_peek(p) == HD_TOK_NEWLINE && hd_peek2(p) == HD_TOK_INDENT)
            return hd_raise_last(p, HD_PARSE_SYNTAX_ERROR, "Cannot have two type comments on def");
        p->mark = here;
    }
    stmt_seq *body = hd_block(p, "function definition", keyword);
    if (!body)
        return NULL;
    if (is_async && !hd_since(p, 5, "Async functions are"))
        return NULL;
    if (is_async)
        return hd_ast_AsyncFunctionDef(p->arena, name, args, body, decorators, returns, comment, hd_span_stmt(p, start));
    return hd_ast_FunctionDef(p->arena, name, args, body, decorators, returns, comment, hd_span_stmt(p, start));
}

static stmt *class_def(parser *p, expr_seq *decorators)
{
    uint32_t start = p->mark++;
    const struct hd_ident *name = hd_name_token(p);
    expr_seq *bases = hd_ast_seq_new(p->arena, 0);
    struct hd_ast_keyword_seq *keywords = hd_ast_seq_new(p->arena, 0);
    if (!name)
        return NULL;
    if (hd_peek(p) == HD_TOK_LPAR) {
        uint32_t open = p->mark++;
        /* a generator cannot stand alone here: `class A(x for x in y)` */
        if (!hd_arguments(p, UINT32_MAX, &bases, &keywords) || !hd_accept(p, HD_TOK_RPAR)) {
            if (!p->diagnose || p->failed)
                return NULL;
            p->mark = open;
        }
    }
    if (!colon(p))
        return NULL;
    stmt_seq *body = hd_block(p, "class definition", start);
    return body ? hd_ast_ClassDef(p->arena, name, bases, keywords, body, decorators, hd_span_stmt(p, start)) : NULL;
}

static stmt *decorated(parser *p)
{
    uint32_t base = p->nstack;
    while (hd_accept(p, HD_TOK_AT)) {
        expr *e = hd_named_expression(p);
        if (!e || !hd_push(p, e) || !hd_accept(p, HD_TOK_NEWLINE))
            return NULL;
    }
    expr_seq *decorators = hd_pop_seq(p, base);
    uint32_t start = p->mark;
    if (!decorators)
        return NULL;
    switch (hd_peek(p)) {
    case HD_TOK_DEF: return function_def(p, start, 0, decorators);
    case HD_TOK_CLASS: return class_def(p, decorators);
    case HD_TOK_ASYNC:
        p->mark++;
        return hd_peek(p) == HD_TOK_DEF ? function_def(p, start, 1, decorators) : NULL;
    default: return NULL;
    }
}

stmt *hd_compound_stmt(parser *p, int *is_compound)
{
    uint32_t start = p->mark;
    *is_compound = 1;
    switch (hd_peek(p)) {
    case HD_TOK_IF: return if_stmt(p);
    case HD_TOK_DEF: return function_def(p, start, 0, hd_ast_seq_new(p->arena, 0));
    case HD_TOK_CLASS: return class_def(p, hd_ast_seq_new(p->arena, 0));
    case HD_TOK_AT: return decorated(p);
    case HD_TOK_FOR: return for_stmt(p, start, 0);
    case HD_TOK_WHILE: return while_stmt(p);
    case HD_TOK_WITH: return with_stmt(p, start, 0);
    case HD_TOK_TRY: return try_stmt(p);
    case HD_TOK_ASYNC:
        p->mark++;
        switch (hd_peek(p)) {
        case HD_TOK_DEF: return function_def(p, start, 1, hd_ast_seq_new(p->arena, 0));
        case HD_TOK_FOR: return for_stmt(p, start, 1);
        case HD_TOK_WITH: return with_stmt(p, start, 1);
        default: return NULL;
        }
    case HD_TOK_NAME:
        *is_compound = 0;
        return p->tok[start].id == p->id_match ? hd_match_stmt(p) : NULL;
    default:
        *is_compound = 0;
        return NULL;
    }
}
