/* The second pass: descriptions of common mistakes.
 *
 * Each function tries from `mark` on, in a fixed order, the shapes that a mistake takes, and raises the error when one fits; otherwise it
 * just returns, with `mark` anywhere. Which function is tried where, and in which order, decides the message when several fit.
 */
#include "parser_internal.h"

#include <string.h>

const char *hd_expr_name(const expr *e)
{
    switch (e->kind) {
    case HD_AST_Attribute: return "attribute";
    case HD_AST_Subscript: return "subscript";
    case HD_AST_Starred: return "starred";
    case HD_AST_Name: return "name";
    case HD_AST_List: return "list";
    case HD_AST_Tuple: return "tuple";
    case HD_AST_Lambda: return "lambda";
    case HD_AST_Call: return "function call";
    case HD_AST_BoolOp: case HD_AST_BinOp: case HD_AST_UnaryOp: return "expression";
    case HD_AST_GeneratorExp: return "generator expression";
    case HD_AST_Yield: case HD_AST_YieldFrom: return "yield expression";
    case HD_AST_Await: return "await expression";
    case HD_AST_ListComp: return "list comprehension";
    case HD_AST_SetComp: return "set comprehension";
    case HD_AST_DictComp: return "dict comprehension";
    case HD_AST_Dict: return "dict literal";
    case HD_AST_Set: return "set display";
    case HD_AST_JoinedStr: case HD_AST_FormattedValue: return "f-string expression";
    case HD_AST_Compare: return "comparison";
    case HD_AST_IfExp: return "conditional expression";
    case HD_AST_NamedExpr: return "named expression";
    case HD_AST_Constant:
        switch (e->v.Constant.value->kind) {
        case HD_CONST_NONE: return "None";
        case HD_CONST_TRUE: return "True";
        case HD_CONST_FALSE: return "False";
        case HD_CONST_ELLIPSIS: return "ellipsis";
        default: return "literal";
        }
    default: return "expression";
    }
}

const expr *hd_invalid_target(const expr *e, int targets)
{
    const expr_seq *elts = NULL;
    switch (e->kind) {
    case HD_AST_List: elts = e->v.List.elts; break;
    case HD_AST_Tuple: elts = e->v.Tuple.elts; break;
    case HD_AST_Starred: return targets == 1 ? e : hd_invalid_target(e->v.Starred.value, targets);
    case HD_AST_Compare:
        if (targets == 2)
            return e->v.Compare.ops->item[0] == HD_AST_In ? hd_invalid_target(e->v.Compare.left, targets) : NULL;
        return e;
    case HD_AST_Name: case HD_AST_Subscript: case HD_AST_Attribute: return NULL;
    default: return e;
    }
    for (uint32_t i = 0; i < elts->n; i++) {
        const expr *bad = hd_invalid_target(elts->item[i], targets);
        if (bad)
            return bad;
    }
    return NULL;
}

void *hd_raise_invalid_target(parser *p, const expr *e, int targets)
{
    const expr *bad = hd_invalid_target(e, targets);
    if (bad)
        hd_raise_at(p, HD_PARSE_SYNTAX_ERROR, bad->pos, "cannot %s %s", targets == 1 ? "delete" : "assign to", hd_expr_name(bad));
    return NULL;
}

static int legacy_statement(parser *p, const expr *e)
{
    return e->kind == HD_AST_Name && (e->v.Name.id == p->id_print || e->v.Name.id == p->id_exec);
}

/* `match`, `case`, `_`, and what they begin with: CPython looks no further than the length of the name. */
static int begins_soft_keyword(const struct hd_ident *id)
{
    return strncmp("match", id->utf8, id->len) == 0 || strncmp("case", id->utf8, id->len) == 0 || strncmp("_", id->utf8, id->len) == 0;
}

void hd_invalid_expression(parser *p)
{
    uint32_t start = p->mark;
    int type = hd_peek(p);
    int soft = type == HD_TOK_NAME && begins_soft_keyword(p->tok[start].id);
    expr *a, *b;
    if (!soft && !(type == HD_TOK_NAME && hd_peek2(p) == HD_TOK_STRING)) {
        a = hd_disjunction(p);
        if (a && (b = hd_quiet_expression(p)) && !legacy_statement(p, a) && p->tok[p->mark - 1].level)
            hd_raise_at(p, HD_PARSE_SYNTAX_ERROR, hd_join(a->pos, b->pos), "invalid syntax. Perhaps you forgot a comma?");
        if (p->failed)
            return;
    }
    p->mark = start;
    a = hd_disjunction(p);
    if (a && hd_accept(p, HD_TOK_IF) && (b = hd_disjunction(p))) {
        type = hd_peek(p);
        if (type != HD_TOK_ELSE && type != HD_TOK_COLON)
            hd_raise_at(p, HD_PARSE_SYNTAX_ERROR, hd_join(a->pos, b->pos), "expected 'else' after 'if' expression");
    }
    if (p->failed)
        return;
    p->mark = start;
    if (hd_peek(p) != HD_TOK_NAME)
        return;
    p->mark++;
    if (hd_peek(p) == HD_TOK_LPAR || !(b = hd_star_expressions(p)))
        return;
    if (p->tok[start].id != p->id_print && p->tok[start].id != p->id_exec)
        return;
    const char *name = p->tok[start].id->utf8;
    hd_raise_at(p, HD_PARSE_SYNTAX_ERROR, hd_join(p->tok[start].pos, b->pos),
                "Missing parentheses in call to '%s'. Did you mean %s(...)?", name, name);
}

static int not_assignment(parser *p)
{
    int type = hd_peek(p);
    return type != HD_TOK_EQUAL && type != HD_TOK_COLONEQUAL;
}

void hd_invalid_named_expression(parser *p)
{
    uint32_t start = p->mark;
    expr *a = hd_expression(p), *b;
    if (a && hd_accept(p, HD_TOK_COLONEQUAL) && hd_expression(p))
        hd_raise_at(p, HD_PARSE_SYNTAX_ERROR, a->pos, "cannot use assignment expressions with %s", hd_expr_name(a));
    if (p->failed)
        return;
    p->mark = start;
    if (hd_peek(p) == HD_TOK_NAME && hd_peek2(p) == HD_TOK_EQUAL) {
        p->mark += 2;
        if ((b = hd_bitwise_or(p)) && not_assignment(p))
            hd_raise_at(p, HD_PARSE_SYNTAX_ERROR, hd_join(p->tok[start].pos, b->pos),
                        "invalid syntax. Maybe you meant '==' or ':=' instead of '='?");
        if (p->failed)
            return;
    }
    p->mark = start;
    int type = hd_peek(p);
    if (type == HD_TOK_TRUE || type == HD_TOK_NONE || type == HD_TOK_FALSE)
        return;
    if (type == HD_TOK_LSQB || type == HD_TOK_LPAR) {
        /* displays have messages of their own; the question is what stands here, not what follows it */
        const expr *e = hd_primary(p);
        while (e && (e->kind == HD_AST_Attribute || e->kind == HD_AST_Subscript || e->kind == HD_AST_Call))
            e = e->kind == HD_AST_Attribute ? e->v.Attribute.value : e->kind == HD_AST_Subscript ? e->v.Subscript.value : e->v.Call.func;
        if (e && (e->kind == HD_AST_List || e->kind == HD_AST_Tuple || e->kind == HD_AST_GeneratorExp) &&
            e->pos.lineno == p->tok[start].pos.lineno && e->pos.col_offset == p->tok[start].pos.col_offset)
            return;
        p->mark = start;
    }
    a = hd_bitwise_or(p);
    if (a && hd_accept(p, HD_TOK_EQUAL) && hd_bitwise_or(p) && not_assignment(p))
        hd_raise_at(p, HD_PARSE_SYNTAX_ERROR, a->pos, "cannot assign to %s here. Maybe you meant '==' instead of '='?", hd_expr_name(a));
}

/* (target =)* */
static void leading_targets(parser *p)
{
    for (;;) {
        uint32_t here = p->mark;
        expr *e = hd_star_targets(p);
        if (!e || !hd_accept(p, HD_TOK_EQUAL)) {
            p->mark = here;
            return;
        }
    }
}

int hd_is_augassign(int type)
{
    switch (type) {
    case HD_TOK_PLUSEQUAL: return HD_AST_Add;
    case HD_TOK_MINEQUAL: return HD_AST_Sub;
    case HD_TOK_STAREQUAL: return HD_AST_Mult;
    case HD_TOK_ATEQUAL: return HD_AST_MatMult;
    case HD_TOK_SLASHEQUAL: return HD_AST_Div;
    case HD_TOK_PERCENTEQUAL: return HD_AST_Mod;
    case HD_TOK_AMPEREQUAL: return HD_AST_BitAnd;
    case HD_TOK_VBAREQUAL: return HD_AST_BitOr;
    case HD_TOK_CIRCUMFLEXEQUAL: return HD_AST_BitXor;
    case HD_TOK_LEFTSHIFTEQUAL: return HD_AST_LShift;
    case HD_TOK_RIGHTSHIFTEQUAL: return HD_AST_RShift;
    case HD_TOK_DOUBLESTAREQUAL: return HD_AST_Pow;
    case HD_TOK_DOUBLESLASHEQUAL: return HD_AST_FloorDiv;
    default: return 0;
    }
}

void hd_invalid_assignment(parser *p)
{
    uint32_t start = p->mark;
    int type = hd_peek(p);
    expr *a;
    if (type == HD_TOK_LSQB || type == HD_TOK_LPAR) {
        a = hd_primary(p);
        if (a && (a->kind == HD_AST_List || a->kind == HD_AST_Tuple) && hd_accept(p, HD_TOK_COLON) && hd_expression(p))
            hd_raise_at(p, HD_PARSE_SYNTAX_ERROR, a->pos, "only single target (not %s) can be annotated", hd_expr_name(a));
        p->mark = start;
    }
    a = hd_star_named_expression(p);
    if (a && hd_accept(p, HD_TOK_COMMA)) {
        while (hd_expr_starts(hd_peek(p))) {
            uint32_t here = p->mark;
            if (!hd_star_named_expression(p)) {
                p->mark = here;
                break;
            }
            hd_accept(p, HD_TOK_COMMA); /* lists without a comma between them count as well */
        }
        if (hd_accept(p, HD_TOK_COLON) && hd_expression(p))
            hd_raise_at(p, HD_PARSE_SYNTAX_ERROR, a->pos, "only single target (not tuple) can be annotated");
    }
    if (p->failed)
        return;
    p->mark = start;
    a = hd_expression(p);
    if (a && hd_accept(p, HD_TOK_COLON) && hd_expression(p))
        hd_raise_at(p, HD_PARSE_SYNTAX_ERROR, a->pos, "illegal target for annotation");
    if (p->failed)
        return;
    p->mark = start;
    leading_targets(p);
    uint32_t behind = p->mark;
    a = hd_star_expressions(p);
    if (a && hd_accept(p, HD_TOK_EQUAL))
        hd_raise_invalid_target(p, a, 0);
    if (p->failed)
        return;
    p->mark = behind;
    if (hd_peek(p) == HD_TOK_YIELD && (a = hd_yield_expr(p)) && hd_accept(p, HD_TOK_EQUAL))
        hd_raise_at(p, HD_PARSE_SYNTAX_ERROR, a->pos, "assignment to yield expression not possible");
    if (p->failed)
        return;
    p->mark = start;
    a = hd_star_expressions(p);
    if (a && hd_is_augassign(hd_peek(p))) {
        p->mark++;
        if (hd_yield_or_star_expressions(p))
            hd_raise_at(p, HD_PARSE_SYNTAX_ERROR, a->pos, "'%s' is an illegal expression for augmented assignment", hd_expr_name(a));
    }
}

void hd_invalid_group(parser *p)
{
    uint32_t start = p->mark++;
    if (hd_peek(p) == HD_TOK_STAR) {
        uint32_t star = p->mark++;
        if (hd_expression(p)) {
            struct hd_ast_pos pos = hd_span(p, star);
            if (hd_accept(p, HD_TOK_RPAR))
                hd_raise_at(p, HD_PARSE_SYNTAX_ERROR, pos, "cannot use starred expression here");
        }
    } else if (hd_accept(p, HD_TOK_DOUBLESTAR) && hd_expression(p) && hd_accept(p, HD_TOK_RPAR)) {
        hd_raise_at(p, HD_PARSE_SYNTAX_ERROR, p->tok[start + 1].pos, "cannot use double starred expression here");
    }
}

void hd_invalid_comprehension(parser *p)
{
    int open = hd_peek(p);
    uint32_t first = ++p->mark;
    struct hd_ast_pos pos;
    if (hd_peek(p) == HD_TOK_STAR) {
        p->mark++;
        if (hd_expression(p)) {
            pos = hd_span(p, first);
            if (hd_for_if_clauses(p))
                hd_raise_at(p, HD_PARSE_SYNTAX_ERROR, pos, "iterable unpacking cannot be used in comprehension");
        }
    }
    if (p->failed || open == HD_TOK_LPAR)
        return;
    p->mark = first;
    if (!hd_star_named_expression(p) || !hd_accept(p, HD_TOK_COMMA))
        return;
    while (hd_expr_starts(hd_peek(p))) {
        uint32_t here = p->mark;
        if (!hd_star_named_expression(p)) {
            p->mark = here;
            break;
        }
        here = p->mark;
        pos = hd_span(p, first);
        if (hd_peek(p) == HD_TOK_FOR || hd_peek(p) == HD_TOK_ASYNC)
            goto clauses;
        if (!hd_accept(p, HD_TOK_COMMA))
            return;
    }
    pos = hd_span(p, first);
clauses:
    if (!p->failed && hd_for_if_clauses(p))
        hd_raise_at(p, HD_PARSE_SYNTAX_ERROR, pos, "did you forget parentheses around the comprehension target?");
}

/* One `key: value` with a mistake. */
static void invalid_pair(parser *p, int missing_colon)
{
    expr *a = hd_expression(p);
    if (!a)
        return;
    if (missing_colon && hd_peek(p) != HD_TOK_COLON && !p->failed) {
        struct hd_ast_pos pos = {a->pos.lineno, a->pos.end_col_offset - 1, a->pos.end_lineno, -1};
        hd_raise_at(p, HD_PARSE_SYNTAX_ERROR, pos, "':' expected after dictionary key");
        return;
    }
    uint32_t colon = p->mark;
    if (!hd_accept(p, HD_TOK_COLON))
        return;
    int type = hd_peek(p);
    if (type == HD_TOK_STAR) {
        uint32_t star = p->mark++;
        if (hd_bitwise_or(p))
            hd_raise_from(p, p->tok[star].pos, "cannot use a starred expression in a dictionary value");
    } else if (type == HD_TOK_RBRACE || type == HD_TOK_COMMA) {
        hd_raise_at(p, HD_PARSE_SYNTAX_ERROR, p->tok[colon].pos, "expression expected after dictionary key and ':'");
    }
}

void hd_invalid_dict(parser *p)
{
    uint32_t start = ++p->mark, pairs = 0, here = p->mark;
    for (;;) {
        uint32_t entry = p->mark;
        int good;
        if (hd_accept(p, HD_TOK_DOUBLESTAR))
            good = hd_bitwise_or(p) != NULL;
        else
            good = hd_expression(p) && hd_accept(p, HD_TOK_COLON) && hd_expression(p);
        if (p->failed)
            return;
        if (!good) {
            p->mark = entry;
            break;
        }
        pairs++;
        here = p->mark;
        if (!hd_accept(p, HD_TOK_COMMA))
            break;
    }
    if (pairs && p->mark > here)
        invalid_pair(p, 1);
    if (p->failed)
        return;
    p->mark = start;
    invalid_pair(p, 0);
}

void hd_invalid_dict_comprehension(parser *p)
{
    uint32_t star = ++p->mark;
    if (hd_accept(p, HD_TOK_DOUBLESTAR) && hd_bitwise_or(p) && hd_for_if_clauses(p) && hd_accept(p, HD_TOK_RBRACE))
        hd_raise_at(p, HD_PARSE_SYNTAX_ERROR, p->tok[star].pos, "dict unpacking cannot be used in dict comprehension");
}

void hd_invalid_for_target(parser *p)
{
    hd_accept(p, HD_TOK_ASYNC);
    if (!hd_accept(p, HD_TOK_FOR))
        return;
    expr *a = hd_star_expressions(p);
    if (a)
        hd_raise_invalid_target(p, a, 2);
}

/* ---- arguments ---- */

static struct hd_ast_pos last_clause(const struct hd_ast_comprehension_seq *c)
{
    const struct hd_ast_comprehension *last = c->item[c->n - 1];
    return last->ifs->n ? last->ifs->item[last->ifs->n - 1]->pos : last->iter->pos;
}

#define BARE_GENERATOR "Generator expression must be parenthesized"

void hd_invalid_kwarg(parser *p)
{
    uint32_t start = p->mark;
    int type = hd_peek(p);
    expr *a;
    if (type == HD_TOK_TRUE || type == HD_TOK_FALSE || type == HD_TOK_NONE) {
        if (hd_peek2(p) == HD_TOK_EQUAL) {
            p->mark += 2;
            hd_raise_at(p, HD_PARSE_SYNTAX_ERROR, hd_span(p, start), "cannot assign to %s", hd_token_text(type));
            return;
        }
    }
    if (type == HD_TOK_NAME && hd_peek2(p) == HD_TOK_EQUAL) {
        p->mark += 2;
        struct hd_ast_pos pos = hd_span(p, start);
        if (hd_expression(p) && hd_for_if_clauses(p))
            hd_raise_at(p, HD_PARSE_SYNTAX_ERROR, pos, "invalid syntax. Maybe you meant '==' or ':=' instead of '='?");
        return;
    }
    a = hd_expression(p);
    if (a && hd_accept(p, HD_TOK_EQUAL))
        hd_raise_at(p, HD_PARSE_SYNTAX_ERROR, hd_join(a->pos, p->tok[p->mark - 1].pos),
                    "expression cannot contain assignment, perhaps you meant \"==\"?");
}

void hd_invalid_arguments(parser *p)
{
    uint32_t start = p->mark;
    struct hd_call_args info;
    struct hd_ast_comprehension_seq *c;
    expr *a;
    int any = hd_args_prefix(p, &info);
    uint32_t behind = p->mark;
    if (p->failed)
        return;
    if (any && hd_accept(p, HD_TOK_COMMA) && hd_accept(p, HD_TOK_STAR)) {
        hd_raise_at(p, HD_PARSE_SYNTAX_ERROR, info.pos, "iterable argument unpacking follows keyword argument unpacking");
        return;
    }
    p->mark = start;
    a = hd_expression(p);
    if (a && (c = hd_for_if_clauses(p)) && hd_accept(p, HD_TOK_COMMA)) {
        struct hd_call_args rest;
        uint32_t here = p->mark;
        if (!hd_args_prefix(p, &rest))
            p->mark = here;
        hd_raise_at(p, HD_PARSE_SYNTAX_ERROR, hd_join(a->pos, last_clause(c)), BARE_GENERATOR);
    }
    if (p->failed)
        return;
    p->mark = start;
    if (hd_peek(p) == HD_TOK_NAME && hd_peek2(p) == HD_TOK_EQUAL) {
        p->mark += 2;
        struct hd_ast_pos pos = hd_span(p, start);
        if (hd_expression(p) && hd_for_if_clauses(p))
            hd_raise_at(p, HD_PARSE_SYNTAX_ERROR, pos, "invalid syntax. Maybe you meant '==' or ':=' instead of '='?");
    }
    if (p->failed || !any)
        return;
    p->mark = behind;
    if ((c = hd_for_if_clauses(p)) && info.npositional > 1)
        hd_raise_at(p, HD_PARSE_SYNTAX_ERROR, hd_join(info.last_positional->pos, last_clause(c)), BARE_GENERATOR);
    if (p->failed)
        return;
    p->mark = behind;
    if (!hd_accept(p, HD_TOK_COMMA))
        return;
    uint32_t next = p->mark;
    a = hd_expression(p);
    if (a && (c = hd_for_if_clauses(p)))
        hd_raise_at(p, HD_PARSE_SYNTAX_ERROR, hd_join(a->pos, c->item[c->n - 1]->target->pos), BARE_GENERATOR);
    if (p->failed)
        return;
    p->mark = next;
    struct hd_call_args rest;
    if (hd_args_prefix(p, &rest))
        hd_raise_last(p, HD_PARSE_SYNTAX_ERROR, "positional argument follows keyword argument%s", info.has_unpacking ? " unpacking" : "");
}
