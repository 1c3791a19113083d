/* Arguments of calls and parameters of functions.
 *
 * While arguments are read, positional ones and keywords lie mixed on the parser's stack; a keyword is marked by bit 0 of its pointer.
 * Parameters are read by a machine that remembers what has been seen; it also words the mistakes in the second pass.
 */
#include "parser_internal.h"

/* ---- arguments ---- */

static int push_keyword(parser *p, const struct hd_ident *name, expr *value, uint32_t start, struct hd_call_args *info)
{
    struct hd_ast_keyword *k = hd_ast_keyword(p->arena, name, value, hd_span(p, start));
    info->nkeywords++;
    info->has_unpacking |= !name;
    return k ? hd_push(p, (void *)((uintptr_t)k | 1)) : 0;
}

static int push_positional(parser *p, expr *e, struct hd_call_args *info)
{
    info->npositional++;
    info->last_positional = e;
    return e && hd_push(p, e);
}

/* One argument; 0 when there is none here. `phase`: 0 positional ones may come, 1 keywords have begun, 2 `**` has been seen. */
static int argument(parser *p, int *phase, struct hd_call_args *info)
{
    uint32_t start = p->mark;
    expr *e;
    int type = hd_peek(p);
    if (type == HD_TOK_STAR && *phase < 2) {
        if (p->diagnose && *phase) {
            hd_invalid_kwarg(p);
            p->mark = start;
        }
        p->mark++;
        e = hd_expression(p);
        return e ? push_positional(p, hd_ast_Starred(p->arena, e, HD_AST_Load, hd_span(p, start)), info) : 0;
    }
    if (type == HD_TOK_DOUBLESTAR) {
        *phase = 2;
        p->mark++;
        e = hd_expression(p);
        return e ? push_keyword(p, NULL, e, start, info) : 0;
    }
    int keyword = type == HD_TOK_NAME && hd_peek2(p) == HD_TOK_EQUAL;
    if (!*phase && !keyword) {
        if (type == HD_TOK_NAME && hd_peek2(p) == HD_TOK_COLONEQUAL) {
            e = hd_named_expression(p);
        } else {
            e = hd_expression(p);
            if (e && hd_peek(p) == HD_TOK_COLONEQUAL)
                e = NULL;
        }
        if (e && hd_peek(p) != HD_TOK_EQUAL)
            return push_positional(p, e, info);
    }
    if (p->failed)
        return 0;
    if (p->diagnose) {
        p->mark = start;
        hd_invalid_kwarg(p);
        p->mark = start;
    }
    if (!keyword || p->failed)
        return 0;
    if (!*phase)
        *phase = 1;
    const struct hd_ident *name = p->tok[start].id;
    p->mark = start + 2;
    e = hd_expression(p);
    return e ? push_keyword(p, name, e, start, info) : 0;
}

/* Goes on behind the arguments that `info` counts. */
static void more_arguments(parser *p, struct hd_call_args *info, int first)
{
    int phase = 0;
    for (;; first = 0) {
        uint64_t here = hd_here(p);
        struct hd_call_args before = *info;
        if (!first && !hd_accept(p, HD_TOK_COMMA))
            return;
        if (hd_peek(p) == HD_TOK_RPAR || !argument(p, &phase, info)) {
            *info = before;
            hd_back(p, here);
            return;
        }
    }
}

int hd_args_prefix(parser *p, struct hd_call_args *info)
{
    uint32_t start = p->mark;
    *info = (struct hd_call_args){0};
    if (hd_peek(p) == HD_TOK_ERROR)
        return 0;
    more_arguments(p, info, 1);
    if (p->failed || p->mark == start)
        return 0;
    info->pos = hd_span(p, start);
    return 1;
}

/* Pushes all arguments. The first one is looked at here: when `for` follows it, the bracket of the call is the bracket of a
   generator. Nothing is read twice in the first pass, or nested calls would take exponential time. */
static int all_arguments(parser *p, uint32_t open, struct hd_call_args *info)
{
    int type = hd_peek(p), second = type == HD_TOK_NAME ? hd_peek2(p) : 0;
    if (type == HD_TOK_RPAR)
        return 1;
    if (type == HD_TOK_STAR || type == HD_TOK_DOUBLESTAR || second == HD_TOK_EQUAL) {
        more_arguments(p, info, 1);
    } else {
        expr *e = second == HD_TOK_COLONEQUAL ? hd_named_expression(p) : hd_expression(p);
        if (!e)
            return 0;
        type = hd_peek(p);
        if ((type == HD_TOK_FOR || type == HD_TOK_ASYNC) && open != UINT32_MAX) {
            struct hd_ast_comprehension_seq *c = hd_for_if_clauses(p);
            if (!c || hd_peek(p) != HD_TOK_RPAR)
                return 0;
            p->mark++;
            e = hd_ast_GeneratorExp(p->arena, e, c, hd_span(p, open));
            p->mark--;
            return push_positional(p, e, info);
        }
        if (type != HD_TOK_COMMA && type != HD_TOK_RPAR)
            return 0;
        if (!push_positional(p, e, info))
            return 0;
        more_arguments(p, info, 0);
    }
    hd_accept(p, HD_TOK_COMMA);
    return hd_peek(p) == HD_TOK_RPAR && info->npositional + info->nkeywords;
}

int hd_arguments(parser *p, uint32_t open, expr_seq **args, struct hd_ast_keyword_seq **keywords)
{
    uint32_t base = p->nstack, start = p->mark;
    struct hd_call_args info = {0};
    if (!all_arguments(p, open, &info)) {
        p->nstack = base;
        if (p->diagnose && !p->failed) {
            if (open != UINT32_MAX) {
                p->mark = open;
                hd_invalid_comprehension(p);
            }
            p->mark = start;
            hd_args_prefix(p, &info);
            p->mark = start;
            p->nstack = base;
            hd_invalid_arguments(p);
            p->nstack = base;
        }
        return 0;
    }
    *args = hd_ast_seq_new(p->arena, info.npositional);
    *keywords = hd_ast_seq_new(p->arena, info.nkeywords);
    if (!*args || !*keywords)
        return hd_parse_no_memory(p) != NULL;
    uint32_t na = 0, nk = 0;
    for (uint32_t i = base; i < p->nstack; i++) {
        uintptr_t item = (uintptr_t)p->stack[i];
        if (item & 1)
            (*keywords)->item[nk++] = (struct hd_ast_keyword *)(item - 1);
        else
            (*args)->item[na++] = (expr *)item;
    }
    p->nstack = base;
    return 1;
}

/* ---- parameters ---- */

struct params {
    int lambda;
    int closing;         /* token that ends the list */
    uint32_t nplain;     /* parameters so far, before '*' */
    uint32_t nposonly;
    int slash, star, defaults;  /* seen */
};

/* Name and annotation. */
static struct hd_ast_arg *param(parser *p, struct params *ps, int star_annotation)
{
    uint32_t start = p->mark;
    if (hd_peek(p) != HD_TOK_NAME)
        return NULL;
    const struct hd_ident *name = p->tok[p->mark++].id;
    expr *annotation = NULL;
    if (!ps->lambda && hd_accept(p, HD_TOK_COLON)) {
        uint32_t at = p->mark;
        if (star_annotation && hd_accept(p, HD_TOK_STAR)) {
            annotation = hd_bitwise_or(p);
            if (annotation)
                annotation = hd_ast_Starred(p->arena, annotation, HD_AST_Load, hd_span(p, at));
        } else {
            annotation = hd_expression(p);
        }
        if (!annotation)
            return NULL;
    }
    return hd_ast_arg(p->arena, name, annotation, NULL, hd_span(p, start));
}

/* The comma or end behind a parameter, with a type comment. 1 when the parameter is complete. */
static int param_end(parser *p, struct params *ps, struct hd_ast_arg *arg)
{
    if (hd_accept(p, HD_TOK_COMMA)) {
        if (hd_peek(p) == HD_TOK_TYPE_COMMENT)
            arg->type_comment = hd_type_comment(p);
        return 1;
    }
    if (hd_peek(p) == HD_TOK_TYPE_COMMENT)
        arg->type_comment = hd_type_comment(p);
    return hd_peek(p) == ps->closing;
}

static expr *default_value(parser *p)
{
    uint32_t equal = p->mark++;
    expr *e = hd_expression(p);
    if (!e && p->diagnose && !p->failed) {
        p->mark = equal + 1;
        int type = hd_peek(p);
        if (type == HD_TOK_RPAR || type == HD_TOK_COMMA)
            hd_raise_at(p, HD_PARSE_SYNTAX_ERROR, p->tok[equal].pos, "expected default value expression");
    }
    return e;
}

/* Second pass: `def f((a, b)): ...` */
static void parenthesised_params(parser *p, struct params *ps)
{
    uint32_t open = p->mark, n = 0;
    if (ps->defaults || ps->star || ps->slash || !hd_accept(p, HD_TOK_LPAR))
        return;
    while (hd_peek(p) == HD_TOK_NAME) {
        struct params plain = *ps;
        plain.closing = HD_TOK_RPAR;
        if (!param(p, &plain, 0))
            return;
        n++;
        if (!hd_accept(p, HD_TOK_COMMA))
            break;
    }
    if (n && hd_accept(p, HD_TOK_RPAR))
        hd_raise_at(p, HD_PARSE_SYNTAX_ERROR, hd_span(p, open), "%s parameters cannot be parenthesized",
                    ps->lambda ? "Lambda expression" : "Function");
}

/* Second pass: mistakes about '/', which is the next token. */
static void misplaced_slash(parser *p, struct params *ps)
{
    struct hd_ast_pos pos = p->tok[p->mark].pos;
    if (ps->slash)
        hd_raise_at(p, HD_PARSE_SYNTAX_ERROR, pos, "/ may appear only once");
    else if (ps->star)
        hd_raise_at(p, HD_PARSE_SYNTAX_ERROR, pos, "/ must be ahead of *");
    else if (!ps->nplain && hd_peek2(p) == HD_TOK_COMMA)
        hd_raise_at(p, HD_PARSE_SYNTAX_ERROR, pos, "at least one argument must precede /");
}

/* Behind '**name': nothing but the end. 1 when that is so. */
static int after_kwarg(parser *p, struct params *ps, struct hd_ast_arg *arg)
{
    if (p->diagnose) {
        uint32_t here = p->mark;
        if (hd_peek(p) == HD_TOK_EQUAL)
            hd_raise_at(p, HD_PARSE_SYNTAX_ERROR, p->tok[here].pos, "var-keyword argument cannot have default value");
        if (hd_accept(p, HD_TOK_COMMA)) {
            int type = hd_peek(p);
            uint32_t at = p->mark;
            if (type == HD_TOK_STAR || type == HD_TOK_DOUBLESTAR || type == HD_TOK_SLASH ||
                (type == HD_TOK_NAME && param(p, ps, 0)))
                hd_raise_at(p, HD_PARSE_SYNTAX_ERROR, type == HD_TOK_NAME ? hd_span(p, at) : p->tok[at].pos,
                            "arguments cannot follow var-keyword argument");
            p->mark = here;
        }
    }
    return param_end(p, ps, arg) && hd_peek(p) == ps->closing;
}

/* '*' is next. Takes it and the parameter or comma behind it. */
static int star_param(parser *p, struct params *ps, struct hd_ast_arg **vararg)
{
    uint32_t star = p->mark++;
    if (ps->star && !p->diagnose)
        return 0;
    int type = hd_peek(p);
    if (ps->star) {
        if ((type == HD_TOK_COMMA || (type == HD_TOK_NAME && param(p, ps, 0))))
            hd_raise_at(p, HD_PARSE_SYNTAX_ERROR, p->tok[star].pos, "* argument may appear only once");
        return 0;
    }
    ps->star = 1;
    if (p->diagnose) {
        int bare = type == ps->closing;
        if (type == HD_TOK_COMMA) {
            int second = hd_peek2(p);
            bare = second == ps->closing || second == HD_TOK_DOUBLESTAR;
            if (second == HD_TOK_TYPE_COMMENT) {
                p->mark += 1;
                hd_raise_last(p, HD_PARSE_SYNTAX_ERROR, "bare * has associated type comment");
            }
            if (bare && ps->lambda)
                p->mark++;
        }
        if (bare && ps->lambda)
            hd_raise_last(p, HD_PARSE_SYNTAX_ERROR, "named arguments must follow bare *");
        else if (bare)
            hd_raise_at(p, HD_PARSE_SYNTAX_ERROR, p->tok[star].pos, "named arguments must follow bare *");
        if (p->failed)
            return 0;
    }
    if (type == HD_TOK_COMMA) {
        /* at least one keyword-only parameter */
        star = ++p->mark;
        if (hd_peek(p) == HD_TOK_STAR && p->diagnose) {
            p->mark++;
            if (hd_peek(p) == HD_TOK_COMMA || (hd_peek(p) == HD_TOK_NAME && param(p, ps, 0)))
                hd_raise_at(p, HD_PARSE_SYNTAX_ERROR, p->tok[star].pos, "* argument may appear only once");
        }
        return hd_peek(p) == HD_TOK_NAME;
    }
    struct hd_ast_arg *arg = param(p, ps, 1);
    if (!arg)
        return 0;
    if (p->diagnose && hd_peek(p) == HD_TOK_EQUAL && !(arg->annotation && arg->annotation->kind == HD_AST_Starred))
        hd_raise_at(p, HD_PARSE_SYNTAX_ERROR, p->tok[p->mark].pos, "var-positional argument cannot have default value");
    *vararg = arg;
    return param_end(p, ps, arg);
}

/* An ordinary parameter: pushes the parameter and its default. */
static int plain_param(parser *p, struct params *ps)
{
    struct hd_ast_arg *arg = param(p, ps, 0);
    expr *value = NULL;
    if (!arg)
        return 0;
    if (hd_peek(p) == HD_TOK_EQUAL && !(value = default_value(p)))
        return 0;
    if (!param_end(p, ps, arg))
        return 0;
    if (!ps->star) {
        if (!value && ps->defaults) {
            if (p->diagnose)
                hd_raise_at(p, HD_PARSE_SYNTAX_ERROR, arg->pos, "non-default argument follows default argument");
            return 0;
        }
        ps->defaults |= value != NULL;
        ps->nplain++;
    }
    return hd_push(p, arg) && hd_push(p, value);
}

static int parameter_list(parser *p, struct params *ps, struct hd_ast_arg **vararg, struct hd_ast_arg **kwarg)
{
    for (;;) {
        int type = hd_peek(p);
        if (type == ps->closing)
            return 1;
        switch (type) {
        case HD_TOK_NAME:
            if (!plain_param(p, ps))
                return 0;
            break;
        case HD_TOK_SLASH:
            if (ps->slash || ps->star || !ps->nplain) {
                if (p->diagnose)
                    misplaced_slash(p, ps);
                return 0;
            }
            if (!hd_since(p, 8, "Positional-only parameters are"))
                return 0;
            ps->slash = 1;
            ps->nposonly = ps->nplain;
            p->mark++;
            if (!hd_accept(p, HD_TOK_COMMA) && hd_peek(p) != ps->closing) {
                if (p->diagnose && hd_peek(p) == HD_TOK_STAR)
                    hd_raise_at(p, HD_PARSE_SYNTAX_ERROR, p->tok[p->mark].pos, "expected comma between / and *");
                return 0;
            }
            break;
        case HD_TOK_STAR:
            if (!star_param(p, ps, vararg))
                return 0;
            break;
        case HD_TOK_DOUBLESTAR:
            p->mark++;
            *kwarg = param(p, ps, 0);
            return *kwarg && after_kwarg(p, ps, *kwarg);
        case HD_TOK_LPAR:
            if (p->diagnose)
                parenthesised_params(p, ps);
            return 0;
        default:
            return 0;
        }
    }
}

struct hd_ast_arguments *hd_parameters(parser *p, int is_lambda)
{
    struct params ps = {.lambda = is_lambda, .closing = is_lambda ? HD_TOK_COLON : HD_TOK_RPAR};
    struct hd_ast_arg *vararg = NULL, *kwarg = NULL;
    uint32_t base = p->nstack;
    if (!parameter_list(p, &ps, &vararg, &kwarg)) {
        p->nstack = base;
        return NULL;
    }
    uint32_t n = (p->nstack - base) / 2, ndefaults = 0, nplain = ps.nplain;
    void **pair = p->stack + base;
    for (uint32_t i = 0; i < nplain; i++)
        ndefaults += pair[2 * i + 1] != NULL;
    struct hd_ast_arg_seq *posonly = hd_ast_seq_new(p->arena, ps.nposonly), *args = hd_ast_seq_new(p->arena, nplain - ps.nposonly),
                          *kwonly = hd_ast_seq_new(p->arena, n - nplain);
    expr_seq *kw_defaults = hd_ast_seq_new(p->arena, n - nplain), *defaults = hd_ast_seq_new(p->arena, ndefaults);
    if (!posonly || !args || !kwonly || !kw_defaults || !defaults)
        return hd_parse_no_memory(p);
    for (uint32_t i = 0, d = 0; i < n; i++) {
        struct hd_ast_arg *arg = pair[2 * i];
        expr *value = pair[2 * i + 1];
        if (i >= nplain) {
            kwonly->item[i - nplain] = arg;
            kw_defaults->item[i - nplain] = value;
            continue;
        }
        if (i < ps.nposonly)
            posonly->item[i] = arg;
        else
            args->item[i - ps.nposonly] = arg;
        if (value)
            defaults->item[d++] = value;
    }
    p->nstack = base;
    return hd_ast_arguments(p->arena, posonly, args, vararg, kwonly, kw_defaults, kwarg, defaults);
}
