/* Expressions and targets.
 *
 * Operators with two operands are read by precedence climbing, so chains that associate to the left take no C stack.
 * An operator whose right side does not parse is left unread: what stands before it is still an expression. That shows in
 * messages (`x = 1 +` is a fine assignment followed by a stray `+`).
 */
#include "parser_internal.h"

#include <string.h>

static const uint8_t expr_start[HD_TOK_COUNT] = {
    [HD_TOK_NAME] = 1,  [HD_TOK_NUMBER] = 1, [HD_TOK_STRING] = 1, [HD_TOK_LPAR] = 1,  [HD_TOK_LSQB] = 1,   [HD_TOK_LBRACE] = 1,
    [HD_TOK_PLUS] = 1,  [HD_TOK_MINUS] = 1,  [HD_TOK_TILDE] = 1,  [HD_TOK_NOT] = 1,   [HD_TOK_LAMBDA] = 1, [HD_TOK_AWAIT] = 1,
    [HD_TOK_NONE] = 1,  [HD_TOK_TRUE] = 1,   [HD_TOK_FALSE] = 1,  [HD_TOK_ELLIPSIS] = 1, [HD_TOK_STAR] = 1,
};

int hd_expr_starts(int token_type)
{
    return expr_start[token_type];
}

static const struct {
    uint8_t prec, op;
} binary_ops[HD_TOK_COUNT] = {
    [HD_TOK_VBAR] = {1, HD_AST_BitOr},       [HD_TOK_CIRCUMFLEX] = {2, HD_AST_BitXor}, [HD_TOK_AMPER] = {3, HD_AST_BitAnd},
    [HD_TOK_LEFTSHIFT] = {4, HD_AST_LShift}, [HD_TOK_RIGHTSHIFT] = {4, HD_AST_RShift}, [HD_TOK_PLUS] = {5, HD_AST_Add},
    [HD_TOK_MINUS] = {5, HD_AST_Sub},        [HD_TOK_STAR] = {6, HD_AST_Mult},         [HD_TOK_SLASH] = {6, HD_AST_Div},
    [HD_TOK_DOUBLESLASH] = {6, HD_AST_FloorDiv}, [HD_TOK_PERCENT] = {6, HD_AST_Mod},   [HD_TOK_AT] = {6, HD_AST_MatMult},
};

static expr *memoised(parser *p, int rule, expr *(*parse)(parser *))
{
    /* Results that were found while not looking for mistakes (quiet) stay good for the simple rules: messages depend on that. */
    if (!p->memo_on || (!p->diagnose && (rule == HD_MEMO_NAMED_EXPRESSION || rule == HD_MEMO_STAR_EXPRESSIONS)))
        return parse(p);
    uint32_t start = p->mark;
    if (hd_peek(p) == HD_TOK_ERROR)
        return NULL;
    struct hd_memo *m = hd_memo_slot(p, start, rule);
    if (!m)
        return NULL;
    if (m->known) {
        p->mark = m->end;
        return m->node;
    }
    expr *e = parse(p);
    if (p->failed)
        return NULL;
    m = hd_memo_slot(p, start, rule);
    if (!m)
        return NULL;
    m->known = 1;
    m->node = e;
    m->end = p->mark;
    return e;
}

/* ---- atoms ---- */

static expr *constant(parser *p, enum hd_const_kind kind)
{
    uint32_t start = p->mark++;
    const struct hd_const *c = hd_simple_const(p, kind);
    return c ? hd_ast_Constant(p->arena, c, NULL, hd_span(p, start)) : NULL;
}

static expr *name_load(parser *p)
{
    struct hd_token *t = &p->tok[p->mark++];
    return hd_ast_Name(p->arena, t->id, HD_AST_Load, t->pos);
}

/* The rest of a bracketed list of star_named_expressions; the first one has been pushed. 1 when it ends in `closing`. */
static int more_elements(parser *p, int closing)
{
    while (hd_accept(p, HD_TOK_COMMA)) {
        if (!expr_start[hd_peek(p)])
            break;
        uint64_t here = hd_here(p);
        expr *e = hd_star_named_expression(p);
        if (!e) {
            hd_back(p, here);
            break;
        }
        if (!hd_push(p, e))
            return 0;
    }
    return hd_accept(p, closing);
}

static expr *parenthesised(parser *p)
{
    uint32_t start = p->mark++, base = p->nstack;
    if (hd_accept(p, HD_TOK_RPAR)) {
        expr_seq *none = hd_pop_seq(p, base);
        return none ? hd_ast_Tuple(p->arena, none, HD_AST_Load, hd_span(p, start)) : NULL;
    }
    expr *e;
    if (hd_peek(p) == HD_TOK_YIELD) {
        e = hd_yield_expr(p);
        return e && hd_accept(p, HD_TOK_RPAR) ? e : NULL;
    }
    e = hd_star_named_expression(p);
    if (e) {
        int next = hd_peek(p), star = e->kind == HD_AST_Starred;
        if (next == HD_TOK_COMMA) {
            if (hd_push(p, e) && more_elements(p, HD_TOK_RPAR)) {
                expr_seq *elts = hd_pop_seq(p, base);
                return elts ? hd_ast_Tuple(p->arena, elts, HD_AST_Load, hd_span(p, start)) : NULL;
            }
            p->nstack = base;
        } else if (next == HD_TOK_RPAR && !star) {
            p->mark++;
            return e;
        } else if ((next == HD_TOK_FOR || next == HD_TOK_ASYNC) && !star) {
            struct hd_ast_comprehension_seq *c = hd_for_if_clauses(p);
            if (c && hd_accept(p, HD_TOK_RPAR))
                return hd_ast_GeneratorExp(p->arena, e, c, hd_span(p, start));
        }
    }
    if (p->diagnose && !p->failed) {
        p->mark = start;
        hd_invalid_group(p);
        p->mark = start;
        hd_invalid_comprehension(p);
    }
    return NULL;
}

static expr *list(parser *p)
{
    uint32_t start = p->mark++, base = p->nstack;
    if (hd_accept(p, HD_TOK_RSQB)) {
        expr_seq *none = hd_pop_seq(p, base);
        return none ? hd_ast_List(p->arena, none, HD_AST_Load, hd_span(p, start)) : NULL;
    }
    expr *e = hd_star_named_expression(p);
    if (e) {
        int next = hd_peek(p);
        if ((next == HD_TOK_FOR || next == HD_TOK_ASYNC) && e->kind != HD_AST_Starred) {
            struct hd_ast_comprehension_seq *c = hd_for_if_clauses(p);
            if (c && hd_accept(p, HD_TOK_RSQB))
                return hd_ast_ListComp(p->arena, e, c, hd_span(p, start));
        } else if (hd_push(p, e) && more_elements(p, HD_TOK_RSQB)) {
            expr_seq *elts = hd_pop_seq(p, base);
            return elts ? hd_ast_List(p->arena, elts, HD_AST_Load, hd_span(p, start)) : NULL;
        }
    }
    p->nstack = base;
    if (p->diagnose && !p->failed) {
        p->mark = start;
        hd_invalid_comprehension(p);
    }
    return NULL;
}

/* The entries of a dict; its first key, or NULL for `**`, is at hand and what follows it (':' or '**') is next. Keys and values are
   pushed in turn. 1 when the closing brace was taken. */
static int dict_entries(parser *p, expr *key)
{
    for (;;) {
        expr *value;
        if (key) {
            if (!hd_accept(p, HD_TOK_COLON))
                return 0;
            value = hd_expression(p);
        } else {
            p->mark++;
            value = hd_bitwise_or(p);
        }
        if (!value || !hd_push(p, key) || !hd_push(p, value))
            return 0;
        int next = hd_peek(p);
        if (next != HD_TOK_COMMA)
            return hd_accept(p, HD_TOK_RBRACE);
        p->mark++;
        next = hd_peek(p);
        if (next == HD_TOK_RBRACE) {
            p->mark++;
            return 1;
        }
        key = NULL;
        if (next != HD_TOK_DOUBLESTAR && !(key = hd_expression(p)))
            return 0;
    }
}

static expr *make_dict(parser *p, uint32_t base, uint32_t start)
{
    uint32_t n = (p->nstack - base) / 2;
    expr_seq *keys = hd_ast_seq_new(p->arena, n), *values = hd_ast_seq_new(p->arena, n);
    if (!keys || !values)
        return hd_parse_no_memory(p);
    for (uint32_t i = 0; i < n; i++) {
        keys->item[i] = p->stack[base + 2 * i];
        values->item[i] = p->stack[base + 2 * i + 1];
    }
    p->nstack = base;
    return hd_ast_Dict(p->arena, keys, values, hd_span(p, start));
}

static expr *dict_or_set(parser *p)
{
    uint32_t start = p->mark++, base = p->nstack, first = p->mark;
    int next = hd_peek(p), colon = 0, next_is_dict = next == HD_TOK_DOUBLESTAR;
    expr *e = NULL;
    if (next == HD_TOK_RBRACE) {
        p->mark++;
        return make_dict(p, base, start);
    }
    if (next == HD_TOK_DOUBLESTAR) {
        if (dict_entries(p, NULL))
            return make_dict(p, base, start);
    } else {
        if (next == HD_TOK_STAR || (next == HD_TOK_NAME && hd_peek2(p) == HD_TOK_COLONEQUAL)) {
            e = hd_star_named_expression(p);
        } else {
            e = hd_expression(p);
            colon = e && hd_peek(p) == HD_TOK_COLON;
        }
        if (colon) {
            /* `{key: value for ...}`, or a dict */
            p->mark++;
            expr *value = hd_expression(p);
            next = value ? hd_peek(p) : HD_TOK_ERROR;
            if (next == HD_TOK_FOR || next == HD_TOK_ASYNC) {
                struct hd_ast_comprehension_seq *c = hd_for_if_clauses(p);
                if (c && hd_accept(p, HD_TOK_RBRACE))
                    return hd_ast_DictComp(p->arena, e, value, c, hd_span(p, start));
            } else if (value && !p->failed) {
                /* goes on as a dict with this first pair */
                if (!hd_push(p, e) || !hd_push(p, value))
                    return NULL;
                if (next == HD_TOK_RBRACE) {
                    p->mark++;
                    return make_dict(p, base, start);
                }
                if (next == HD_TOK_COMMA) {
                    p->mark++;
                    next = hd_peek(p);
                    if (next == HD_TOK_RBRACE) {
                        p->mark++;
                        return make_dict(p, base, start);
                    }
                    expr *key = NULL;
                    if ((next == HD_TOK_DOUBLESTAR || (key = hd_expression(p))) && dict_entries(p, key))
                        return make_dict(p, base, start);
                }
            }
        }
    }
    p->nstack = base;
    if (p->failed)
        return NULL;
    if (colon || next_is_dict) {
        /* Already in the first pass. From here on results are remembered, or nested dicts would take exponential time. */
        p->memo_on = 1;
        p->mark = start;
        hd_invalid_dict(p);
        if (p->failed)
            return NULL;
    }
    if (e && !colon) {
        if (p->diagnose) {
            p->mark = first;
            e = hd_star_named_expression(p);
        }
        if (e && ((next = hd_peek(p)) == HD_TOK_FOR || next == HD_TOK_ASYNC) && e->kind != HD_AST_Starred) {
            struct hd_ast_comprehension_seq *c = hd_for_if_clauses(p);
            if (c && hd_accept(p, HD_TOK_RBRACE))
                return hd_ast_SetComp(p->arena, e, c, hd_span(p, start));
        } else if (e && hd_push(p, e) && more_elements(p, HD_TOK_RBRACE)) {
            expr_seq *elts = hd_pop_seq(p, base);
            return elts ? hd_ast_Set(p->arena, elts, hd_span(p, start)) : NULL;
        }
    }
    p->nstack = base;
    if (p->diagnose && !p->failed) {
        p->mark = start;
        hd_invalid_dict_comprehension(p);
        p->mark = start;
        hd_invalid_comprehension(p);
    }
    return NULL;
}

static expr *atom(parser *p)
{
    switch (hd_peek(p)) {
    case HD_TOK_NAME: return name_load(p);
    case HD_TOK_NUMBER: {
        const struct hd_token *t = &p->tok[p->mark++];
        struct hd_ast_pos pos = t->pos;
        const struct hd_const *c = hd_number_const(p, t);
        return c ? hd_ast_Constant(p->arena, c, NULL, pos) : NULL;
    }
    case HD_TOK_STRING: return hd_strings(p);
    case HD_TOK_LPAR: return parenthesised(p);
    case HD_TOK_LSQB: return list(p);
    case HD_TOK_LBRACE: return dict_or_set(p);
    case HD_TOK_NONE: return constant(p, HD_CONST_NONE);
    case HD_TOK_TRUE: return constant(p, HD_CONST_TRUE);
    case HD_TOK_FALSE: return constant(p, HD_CONST_FALSE);
    case HD_TOK_ELLIPSIS: return constant(p, HD_CONST_ELLIPSIS);
    default: return NULL;
    }
}

/* ---- primaries ---- */

static expr *slice(parser *p)
{
    uint32_t start = p->mark;
    expr *lower = NULL, *upper = NULL, *step = NULL;
    int next = hd_peek(p);
    if (next != HD_TOK_COLON) {
        if (next == HD_TOK_NAME && hd_peek2(p) == HD_TOK_COLONEQUAL)
            return hd_named_expression(p);
        if (next == HD_TOK_STAR) {
            p->mark++;
            expr *e = hd_expression(p);
            return e ? hd_ast_Starred(p->arena, e, HD_AST_Load, hd_span(p, start)) : NULL;
        }
        lower = hd_expression(p);
        if (p->failed || (!lower && !p->diagnose))
            return NULL;
        if (!lower || hd_peek(p) != HD_TOK_COLON) {
            if (!p->diagnose)
                return lower;
            p->mark = start;
            return hd_named_expression(p);
        }
    }
    p->mark++;
    uint64_t here = hd_here(p);
    if (hd_expr_starts(hd_peek(p)) && !(upper = hd_expression(p)))
        hd_back(p, here);
    if (hd_accept(p, HD_TOK_COLON)) {
        here = hd_here(p);
        if (hd_expr_starts(hd_peek(p)) && !(step = hd_expression(p)))
            hd_back(p, here);
    }
    return p->failed ? NULL : hd_ast_Slice(p->arena, lower, upper, step, hd_span(p, start));
}

static expr *slices(parser *p)
{
    uint32_t start = p->mark, base = p->nstack;
    expr *e = slice(p);
    if (!e)
        return NULL;
    if (hd_peek(p) != HD_TOK_COMMA && e->kind != HD_AST_Starred)
        return e;
    if (!hd_push(p, e))
        return NULL;
    while (hd_accept(p, HD_TOK_COMMA)) {
        uint64_t here = hd_here(p);
        if (hd_peek(p) != HD_TOK_COLON && !hd_expr_starts(hd_peek(p)))
            break;
        e = slice(p);
        if (!e) {
            hd_back(p, here);
            break;
        }
        if (!hd_push(p, e))
            return NULL;
    }
    expr_seq *elts = hd_pop_seq(p, base);
    return elts ? hd_ast_Tuple(p->arena, elts, HD_AST_Load, hd_span(p, start)) : NULL;
}

static expr *primary(parser *p)
{
    if (!hd_enter(p))
        return NULL;
    /* not the atom's own position: brackets around it belong to what follows */
    uint32_t start = p->mark;
    expr *e = atom(p);
    for (; e;) {
        uint64_t here = hd_here(p);
        uint32_t open = p->mark;
        expr *longer = NULL;
        int next = hd_peek(p);
        /* CPython seeks the mistakes of a generator expression as the only argument after any bracket, and finds what is
         * wrong inside of braces that way */
        if (p->diagnose && (next == HD_TOK_LBRACE || next == HD_TOK_LSQB)) {
            hd_invalid_comprehension(p);
            p->mark = open;
            if (p->failed)
                break;
        }
        switch (next) {
        case HD_TOK_DOT:
            p->mark++;
            if (hd_peek(p) == HD_TOK_NAME) {
                const struct hd_ident *attr = p->tok[p->mark++].id;
                longer = hd_ast_Attribute(p->arena, e, attr, HD_AST_Load, hd_span(p, start));
            }
            break;
        case HD_TOK_LPAR: {
            expr_seq *args;
            struct hd_ast_keyword_seq *keywords;
            p->mark++;
            if (hd_arguments(p, open, &args, &keywords) && hd_accept(p, HD_TOK_RPAR))
                longer = hd_ast_Call(p->arena, e, args, keywords, hd_span(p, start));
            break;
        }
        case HD_TOK_LSQB: {
            p->mark++;
            expr *index = slices(p);
            if (index && hd_accept(p, HD_TOK_RSQB))
                longer = hd_ast_Subscript(p->arena, e, index, HD_AST_Load, hd_span(p, start));
            break;
        }
        default:
            goto done;
        }
        if (!longer) {
            hd_back(p, here);
            break;
        }
        e = longer;
    }
done:
    hd_leave(p);
    return p->failed ? NULL : e;
}

expr *hd_primary(parser *p)
{
    return memoised(p, HD_MEMO_PRIMARY, primary);
}

static expr *factor(parser *p);

static expr *power(parser *p)
{
    uint32_t start = p->mark;
    expr *e;
    if (hd_peek(p) == HD_TOK_AWAIT) {
        p->mark++;
        e = hd_primary(p);
        if (e && !hd_since(p, 5, "Await expressions are"))
            return NULL;
        if (e)
            e = hd_ast_Await(p->arena, e, hd_span(p, start));
    } else {
        e = hd_primary(p);
    }
    if (!e || hd_peek(p) != HD_TOK_DOUBLESTAR)
        return e;
    uint64_t here = hd_here(p);
    p->mark++;
    if (!hd_enter(p))
        return NULL;
    expr *right = factor(p);
    hd_leave(p);
    if (!right) {
        hd_back(p, here);
        return p->failed ? NULL : e;
    }
    return hd_ast_BinOp(p->arena, e, HD_AST_Pow, right, hd_span(p, start));
}

static expr *factor(parser *p)
{
    int type = hd_peek(p);
    if (type != HD_TOK_MINUS && type != HD_TOK_PLUS && type != HD_TOK_TILDE)
        return power(p);
    uint32_t start = p->mark;
    if (!hd_enter(p))
        return NULL;
    p->mark++;
    expr *e = factor(p);
    hd_leave(p);
    if (!e)
        return NULL;
    return hd_ast_UnaryOp(p->arena, type == HD_TOK_MINUS ? HD_AST_USub : type == HD_TOK_PLUS ? HD_AST_UAdd : HD_AST_Invert, e,
                          hd_span(p, start));
}

static expr *binary(parser *p, int lowest)
{
    uint32_t start = p->mark;
    expr *left = factor(p);
    while (left) {
        int type = hd_peek(p), prec = binary_ops[type].prec;
        if (!prec || prec < lowest)
            break;
        uint64_t here = hd_here(p);
        p->mark++;
        expr *right = binary(p, prec + 1);
        if (!right) {
            hd_back(p, here);
            return p->failed ? NULL : left;
        }
        if (type == HD_TOK_AT && !hd_since(p, 5, "The '@' operator is"))
            return NULL;
        left = hd_ast_BinOp(p->arena, left, binary_ops[type].op, right, hd_span(p, start));
    }
    return left;
}

static expr *bitwise_or(parser *p)
{
    return binary(p, 1);
}

expr *hd_bitwise_or(parser *p)
{
    return memoised(p, HD_MEMO_BITWISE_OR, bitwise_or);
}

/* The comparison operator at mark is taken; 0 when there is none. */
static int comparison_op(parser *p)
{
    switch (hd_peek(p)) {
    case HD_TOK_EQEQUAL: p->mark++; return HD_AST_Eq;
    case HD_TOK_NOTEQUAL: {
        int spelled_out = p->lx.src[p->tok[p->mark].start] == '<';
        if (p->flags & HD_PARSE_BARRY_AS_BDFL) {
            if (!spelled_out) {
                hd_raise_last(p, HD_PARSE_SYNTAX_ERROR, "with Barry as BDFL, use '<>' instead of '!='");
                return 0;
            }
        } else if (spelled_out) {
            return 0;
        }
        p->mark++;
        return HD_AST_NotEq;
    }
    case HD_TOK_LESS: p->mark++; return HD_AST_Lt;
    case HD_TOK_LESSEQUAL: p->mark++; return HD_AST_LtE;
    case HD_TOK_GREATER: p->mark++; return HD_AST_Gt;
    case HD_TOK_GREATEREQUAL: p->mark++; return HD_AST_GtE;
    case HD_TOK_IN: p->mark++; return HD_AST_In;
    case HD_TOK_NOT:
        if (hd_peek2(p) != HD_TOK_IN)
            return 0;
        p->mark += 2;
        return HD_AST_NotIn;
    case HD_TOK_IS:
        p->mark++;
        if (hd_peek(p) == HD_TOK_NOT) {
            /* `is not x`, though `is` could also take an operand; a `not` operand is no operand here */
            p->mark++;
            return HD_AST_IsNot;
        }
        return HD_AST_Is;
    default: return 0;
    }
}

static expr *comparison(parser *p)
{
    uint32_t start = p->mark, base = p->nstack;
    uint64_t here;
    expr *left = hd_bitwise_or(p);
    if (!left)
        return NULL;
    here = hd_here(p);
    int op = comparison_op(p);
    if (!op) {
        hd_back(p, here);
        return p->failed ? NULL : left;
    }
    /* operators and operands in turn */
    for (; op; op = comparison_op(p)) {
        expr *right = hd_bitwise_or(p);
        if (!right)
            break;
        if (!hd_push(p, (void *)(intptr_t)op) || !hd_push(p, right))
            return NULL;
        here = hd_here(p);
    }
    hd_back(p, here);
    if (p->failed)
        return NULL;
    uint32_t n = (p->nstack - base) / 2;
    if (n == 0)
        return left;
    struct hd_ast_int_seq *ops = hd_ast_int_seq_new(p->arena, n);
    expr_seq *operands = hd_ast_seq_new(p->arena, n);
    if (!ops || !operands)
        return hd_parse_no_memory(p);
    for (uint32_t i = 0; i < n; i++) {
        ops->item[i] = (int32_t)(intptr_t)p->stack[base + 2 * i];
        operands->item[i] = p->stack[base + 2 * i + 1];
    }
    p->nstack = base;
    return hd_ast_Compare(p->arena, left, ops, operands, hd_span(p, start));
}

static expr *inversion(parser *p)
{
    uint32_t start = p->mark;
    if (hd_peek(p) != HD_TOK_NOT)
        return comparison(p);
    if (!hd_enter(p))
        return NULL;
    p->mark++;
    expr *e = inversion(p);
    hd_leave(p);
    return e ? hd_ast_UnaryOp(p->arena, HD_AST_Not, e, hd_span(p, start)) : NULL;
}

/* One level of `and` / `or`. */
static expr *bool_chain(parser *p, int token, enum hd_ast_boolop_kind op, expr *(*operand)(parser *))
{
    uint32_t start = p->mark, base = p->nstack;
    expr *e = operand(p);
    if (!e || hd_peek(p) != token)
        return p->failed ? NULL : e;
    if (!hd_push(p, e))
        return NULL;
    while (hd_peek(p) == token) {
        uint64_t here = hd_here(p);
        p->mark++;
        expr *next = operand(p);
        if (!next) {
            hd_back(p, here);
            break;
        }
        if (!hd_push(p, next))
            return NULL;
    }
    if (p->failed)
        return NULL;
    if (p->nstack == base + 1) {
        p->nstack = base;
        return e;
    }
    expr_seq *values = hd_pop_seq(p, base);
    return values ? hd_ast_BoolOp(p->arena, op, values, hd_span(p, start)) : NULL;
}

static expr *conjunction(parser *p)
{
    return bool_chain(p, HD_TOK_AND, HD_AST_And, inversion);
}

static expr *disjunction(parser *p)
{
    return bool_chain(p, HD_TOK_OR, HD_AST_Or, conjunction);
}

expr *hd_disjunction(parser *p)
{
    return memoised(p, HD_MEMO_DISJUNCTION, disjunction);
}

static expr *lambda(parser *p)
{
    uint32_t start = p->mark++;
    struct hd_ast_arguments *args = hd_parameters(p, 1);
    if (!args || !hd_accept(p, HD_TOK_COLON))
        return NULL;
    expr *body = hd_expression(p);
    return body ? hd_ast_Lambda(p->arena, args, body, hd_span(p, start)) : NULL;
}

static expr *expression(parser *p)
{
    uint32_t start = p->mark;
    if (!hd_enter(p))
        return NULL;
    expr *e = NULL;
    if (p->diagnose) {
        hd_invalid_expression(p);
        p->mark = start;
    }
    if (hd_peek(p) == HD_TOK_LAMBDA) {
        e = lambda(p);
    } else if ((e = hd_disjunction(p)) && hd_peek(p) == HD_TOK_IF) {
        uint64_t here = hd_here(p);
        p->mark++;
        expr *test = hd_disjunction(p), *orelse = NULL;
        if (test && hd_accept(p, HD_TOK_ELSE))
            orelse = hd_expression(p);
        if (orelse)
            e = hd_ast_IfExp(p->arena, test, e, orelse, hd_span(p, start));
        else
            hd_back(p, here);
    }
    hd_leave(p);
    return p->failed ? NULL : e;
}

/* An expression parsed without looking for mistakes in it. The result is not remembered, those of its parts are. */
expr *hd_quiet_expression(parser *p)
{
    uint8_t diagnose = p->diagnose;
    p->diagnose = 0;
    expr *e = expression(p);
    p->diagnose = diagnose;
    return e;
}

expr *hd_expression(parser *p)
{
    return memoised(p, HD_MEMO_EXPRESSION, expression);
}

/* ---- named, starred and listed expressions ---- */

static expr *named_expression(parser *p)
{
    uint32_t start = p->mark;
    if (hd_peek(p) == HD_TOK_NAME && hd_peek2(p) == HD_TOK_COLONEQUAL) {
        expr *target = name_load(p);
        p->mark++;
        if (!hd_enter(p))
            return NULL;
        expr *value = hd_expression(p);
        hd_leave(p);
        if (!target || !value)
            return NULL;
        if (!hd_since(p, 8, "Assignment expressions are"))
            return NULL;
        hd_set_context(target, HD_AST_Store);
        return hd_ast_NamedExpr(p->arena, target, value, hd_span(p, start));
    }
    if (p->diagnose) {
        hd_invalid_named_expression(p);
        p->mark = start;
    }
    expr *e = hd_expression(p);
    return e && hd_peek(p) != HD_TOK_COLONEQUAL ? e : NULL;
}

expr *hd_named_expression(parser *p)
{
    return memoised(p, HD_MEMO_NAMED_EXPRESSION, named_expression);
}

static expr *starred(parser *p)
{
    uint32_t start = p->mark++;
    expr *e = hd_bitwise_or(p);
    return e ? hd_ast_Starred(p->arena, e, HD_AST_Load, hd_span(p, start)) : NULL;
}

expr *hd_star_named_expression(parser *p)
{
    return hd_peek(p) == HD_TOK_STAR ? starred(p) : hd_named_expression(p);
}

static expr *star_expression(parser *p)
{
    return hd_peek(p) == HD_TOK_STAR ? starred(p) : hd_expression(p);
}

/* Items with commas between them: one item alone stands for itself, otherwise a tuple without brackets. */
static expr *listed(parser *p, expr *(*item)(parser *))
{
    uint32_t start = p->mark, base = p->nstack;
    expr *e = item(p);
    if (!e || hd_peek(p) != HD_TOK_COMMA)
        return p->failed ? NULL : e;
    if (!hd_push(p, e))
        return NULL;
    while (hd_accept(p, HD_TOK_COMMA)) {
        if (!expr_start[hd_peek(p)])
            break;
        uint64_t here = hd_here(p);
        e = item(p);
        if (!e) {
            hd_back(p, here);
            break;
        }
        if (!hd_push(p, e))
            return NULL;
    }
    expr_seq *elts = hd_pop_seq(p, base);
    return elts && !p->failed ? hd_ast_Tuple(p->arena, elts, HD_AST_Load, hd_span(p, start)) : NULL;
}

static expr *star_expressions(parser *p)
{
    return listed(p, star_expression);
}

expr *hd_star_expressions(parser *p)
{
    return memoised(p, HD_MEMO_STAR_EXPRESSIONS, star_expressions);
}

expr *hd_expressions(parser *p)
{
    return listed(p, hd_expression);
}

expr *hd_yield_expr(parser *p)
{
    uint32_t start = p->mark++;
    if (hd_accept(p, HD_TOK_FROM)) {
        expr *e = hd_expression(p);
        return e ? hd_ast_YieldFrom(p->arena, e, hd_span(p, start)) : NULL;
    }
    expr *value = NULL;
    uint64_t here = hd_here(p);
    if (hd_expr_starts(hd_peek(p)) && !(value = hd_star_expressions(p)))
        hd_back(p, here);
    return p->failed ? NULL : hd_ast_Yield(p->arena, value, hd_span(p, start));
}

expr *hd_yield_or_star_expressions(parser *p)
{
    return hd_peek(p) == HD_TOK_YIELD ? hd_yield_expr(p) : hd_star_expressions(p);
}

/* ---- targets ---- */

int hd_is_target(const expr *e, int star_allowed)
{
    switch (e->kind) {
    case HD_AST_Name: case HD_AST_Attribute: case HD_AST_Subscript: return 1;
    case HD_AST_Starred: return star_allowed && hd_is_target(e->v.Starred.value, 0);
    case HD_AST_Tuple: case HD_AST_List: {
        const expr_seq *elts = e->kind == HD_AST_Tuple ? e->v.Tuple.elts : e->v.List.elts;
        for (uint32_t i = 0; i < elts->n; i++)
            if (!hd_is_target(elts->item[i], 1))
                return 0;
        return 1;
    }
    default: return 0;
    }
}

void hd_set_context(expr *e, enum hd_ast_expr_context_kind ctx)
{
    expr_seq *elts = NULL;
    switch (e->kind) {
    case HD_AST_Name: e->v.Name.ctx = ctx; break;
    case HD_AST_Attribute: e->v.Attribute.ctx = ctx; break;
    case HD_AST_Subscript: e->v.Subscript.ctx = ctx; break;
    case HD_AST_Starred:
        e->v.Starred.ctx = ctx;
        hd_set_context(e->v.Starred.value, ctx);
        break;
    case HD_AST_Tuple: e->v.Tuple.ctx = ctx; elts = e->v.Tuple.elts; break;
    case HD_AST_List: e->v.List.ctx = ctx; elts = e->v.List.elts; break;
    default: break;
    }
    for (uint32_t i = 0; elts && i < elts->n; i++)
        hd_set_context(elts->item[i], ctx);
}

/* One target, perhaps with a star before it. */
expr *hd_star_target(parser *p)
{
    uint32_t start = p->mark;
    int star = hd_accept(p, HD_TOK_STAR);
    expr *e = hd_primary(p);
    if (!e || !hd_is_target(e, 0))
        return NULL;
    if (star && !(e = hd_ast_Starred(p->arena, e, HD_AST_Load, hd_span(p, start))))
        return NULL;
    hd_set_context(e, HD_AST_Store);
    return e;
}

expr *hd_star_targets(parser *p)
{
    expr *e = listed(p, hd_star_target);
    if (e)
        hd_set_context(e, HD_AST_Store);
    return e;
}

struct hd_ast_comprehension_seq *hd_for_if_clauses(parser *p)
{
    uint32_t base = p->nstack;
    for (;;) {
        uint32_t start = p->mark, ifs_base;
        int is_async = hd_accept(p, HD_TOK_ASYNC);
        if (!hd_accept(p, HD_TOK_FOR)) {
            p->mark = start;
            break;
        }
        expr *target = hd_star_targets(p), *iter;
        if (!target || !hd_accept(p, HD_TOK_IN)) {
            if (p->diagnose && !p->failed) {
                p->mark = start;
                hd_invalid_for_target(p);
            }
            p->mark = start;
            if (p->failed)
                return NULL;
            break;
        }
        if (!(iter = hd_disjunction(p)) || (is_async && !hd_since(p, 6, "Async comprehensions are")))
            return NULL;
        ifs_base = p->nstack;
        while (hd_peek(p) == HD_TOK_IF) {
            uint64_t here = hd_here(p);
            p->mark++;
            expr *e = hd_disjunction(p);
            if (!e) {
                hd_back(p, here);
                break;
            }
            if (!hd_push(p, e))
                return NULL;
        }
        if (p->failed)
            return NULL;
        expr_seq *ifs = hd_pop_seq(p, ifs_base);
        if (!ifs || !hd_push(p, hd_ast_comprehension(p->arena, target, iter, ifs, is_async)))
            return NULL;
    }
    if (p->nstack == base)
        return NULL;
    return hd_pop_seq(p, base);
}
