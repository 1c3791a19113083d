/* Expressions back to source text: what annotations become under `from __future__ import annotations`.
 * The form is the one programs see in CPython: single spaces, parentheses only where the precedence asks for them. */
#include "codegen_internal.h"
#include <stdlib.h>
#include <string.h>

enum level { P_TUPLE, P_TEST, P_OR, P_AND, P_NOT, P_COMPARE, P_EXPR, P_BOR = P_EXPR, P_BXOR, P_BAND, P_SHIFT, P_ARITH, P_TERM, P_FACTOR, P_POWER,
             P_AWAIT, P_ATOM };

struct text { char *buf; size_t len, cap; bool failed; int depth; };

static void expr(struct text *t, const struct hd_ast_expr *e, int level);

static void put_n(struct text *t, const char *s, size_t n)
{
    if (t->len + n + 1 > t->cap) {
        size_t cap = 2 * (t->len + n + 32);
        char *b = realloc(t->buf, cap);
        if (!b) {
            t->failed = true;
            return;
        }
        t->buf = b;
        t->cap = cap;
    }
    memcpy(t->buf + t->len, s, n);
    t->len += n;
    t->buf[t->len] = 0;
}
static void put(struct text *t, const char *s) { put_n(t, s, strlen(s)); }
static void put_if(struct text *t, bool yes, const char *s)
{
    if (yes)
        put(t, s);
}
static void put_id(struct text *t, const struct hd_ident *id) { put_n(t, id->utf8, id->len); }

static void put_repr(struct text *t, hd_value v)
{
    hd_value r = v == HD_ERR ? HD_ERR : hd_repr(v);
    size_t n;
    const char *s = r == HD_ERR ? NULL : hd_str_as_utf8(r, &n);
    if (!s) {
        t->failed = true;
        return;
    }
    if (!hd_is_str_exact(v) && !hd_is_bytes_exact(v))           /* infinity is written as a number that is one */
        for (const char *p; (p = strstr(s, "inf")); s = p + 3) {
            put_n(t, s, (size_t)(p - s));
            put(t, "1e309");
        }
    put(t, s);
}

hd_value hd_const_object(const struct hd_const *k)
{
    switch (k->kind) {
    case HD_CONST_TRUE: return HD_TRUE;
    case HD_CONST_FALSE: return HD_FALSE;
    case HD_CONST_ELLIPSIS: return HD_ELLIPSIS;
    case HD_CONST_INT: return k->fits_i64 ? hd_int(k->v.i64) : hd_int_parse(k->text, k->len, k->base);
    case HD_CONST_FLOAT: return hd_float(k->v.f64);
    case HD_CONST_IMAG: return hd_complex_new(0.0, k->v.f64);
    case HD_CONST_STR: return hd_str_utf8_surrogates(k->text, k->len);
    case HD_CONST_BYTES: return hd_bytes_new(k->text, k->len);
    case HD_CONST_OBJECT: return (hd_value)k->v.i64;
    default: return HD_NONE;
    }
}

static void list(struct text *t, const struct hd_ast_expr_seq *s)
{
    for (uint32_t i = 0; i < s->n; i++) {
        put_if(t, i, ", ");
        expr(t, s->item[i], P_TEST);
    }
}

static void binop(struct text *t, const struct hd_ast_expr *e, int level)
{
    static const struct { const char *text; int level; bool right; } ops[] = {
        [HD_AST_Add] = {" + ", P_ARITH, false}, [HD_AST_Sub] = {" - ", P_ARITH, false}, [HD_AST_Mult] = {" * ", P_TERM, false},
        [HD_AST_MatMult] = {" @ ", P_TERM, false}, [HD_AST_Div] = {" / ", P_TERM, false}, [HD_AST_Mod] = {" % ", P_TERM, false},
        [HD_AST_LShift] = {" << ", P_SHIFT, false}, [HD_AST_RShift] = {" >> ", P_SHIFT, false}, [HD_AST_BitOr] = {" | ", P_BOR, false},
        [HD_AST_BitXor] = {" ^ ", P_BXOR, false}, [HD_AST_BitAnd] = {" & ", P_BAND, false}, [HD_AST_FloorDiv] = {" // ", P_TERM, false},
        [HD_AST_Pow] = {" ** ", P_POWER, true}};
    int op = e->v.BinOp.op, own = ops[op].level;
    put_if(t, level > own, "(");
    expr(t, e->v.BinOp.left, own + ops[op].right);
    put(t, ops[op].text);
    expr(t, e->v.BinOp.right, own + !ops[op].right);
    put_if(t, level > own, ")");
}

static void unaryop(struct text *t, const struct hd_ast_expr *e, int level)
{
    static const struct { const char *text; int level; } ops[] = {
        [HD_AST_Invert] = {"~", P_FACTOR}, [HD_AST_Not] = {"not ", P_NOT}, [HD_AST_UAdd] = {"+", P_FACTOR}, [HD_AST_USub] = {"-", P_FACTOR}};
    int own = ops[e->v.UnaryOp.op].level;
    put_if(t, level > own, "(");
    put(t, ops[e->v.UnaryOp.op].text);
    expr(t, e->v.UnaryOp.operand, own);
    put_if(t, level > own, ")");
}

static void compare(struct text *t, const struct hd_ast_expr *e, int level)
{
    static const char *const ops[] = {[HD_AST_Eq] = " == ", [HD_AST_NotEq] = " != ", [HD_AST_Lt] = " < ", [HD_AST_LtE] = " <= ", [HD_AST_Gt] = " > ",
                                      [HD_AST_GtE] = " >= ", [HD_AST_Is] = " is ", [HD_AST_IsNot] = " is not ", [HD_AST_In] = " in ",
                                      [HD_AST_NotIn] = " not in "};
    put_if(t, level > P_COMPARE, "(");
    expr(t, e->v.Compare.left, P_COMPARE + 1);
    for (uint32_t i = 0; i < e->v.Compare.ops->n; i++) {
        put(t, ops[e->v.Compare.ops->item[i]]);
        expr(t, e->v.Compare.comparators->item[i], P_COMPARE + 1);
    }
    put_if(t, level > P_COMPARE, ")");
}

static void one_arg(struct text *t, const struct hd_ast_arg *a)
{
    put_id(t, a->arg);
    if (a->annotation) {
        put(t, ": ");
        expr(t, a->annotation, P_TEST);
    }
}

static void arguments(struct text *t, const struct hd_ast_arguments *a)
{
    bool first = true;
    uint32_t npos = a->posonlyargs->n, n = npos + a->args->n, without = n - a->defaults->n;
    for (uint32_t i = 0; i < n; i++) {
        put_if(t, !first, ", ");
        first = false;
        one_arg(t, i < npos ? a->posonlyargs->item[i] : a->args->item[i - npos]);
        if (i >= without) {
            put(t, "=");
            expr(t, a->defaults->item[i - without], P_TEST);
        }
        put_if(t, npos && i + 1 == npos, ", /");
    }
    if (a->vararg || a->kwonlyargs->n) {
        put_if(t, !first, ", ");
        first = false;
        put(t, "*");
        if (a->vararg)
            one_arg(t, a->vararg);
    }
    for (uint32_t i = 0; i < a->kwonlyargs->n; i++) {
        put_if(t, !first, ", ");
        first = false;
        one_arg(t, a->kwonlyargs->item[i]);
        if (a->kw_defaults->item[i]) {
            put(t, "=");
            expr(t, a->kw_defaults->item[i], P_TEST);
        }
    }
    if (a->kwarg) {
        put_if(t, !first, ", ");
        put(t, "**");
        one_arg(t, a->kwarg);
    }
}

static void generators(struct text *t, const struct hd_ast_comprehension_seq *s)
{
    for (uint32_t i = 0; i < s->n; i++) {
        const struct hd_ast_comprehension *c = s->item[i];
        put(t, c->is_async ? " async for " : " for ");
        expr(t, c->target, P_TUPLE);
        put(t, " in ");
        expr(t, c->iter, P_TEST + 1);
        for (uint32_t j = 0; j < c->ifs->n; j++) {
            put(t, " if ");
            expr(t, c->ifs->item[j], P_TEST + 1);
        }
    }
}

static void call(struct text *t, const struct hd_ast_expr *e)
{
    const struct hd_ast_expr_seq *args = e->v.Call.args;
    const struct hd_ast_keyword_seq *kw = e->v.Call.keywords;
    expr(t, e->v.Call.func, P_ATOM);
    if (args->n == 1 && !kw->n && args->item[0]->kind == HD_AST_GeneratorExp) {
        expr(t, args->item[0], P_TUPLE);
        return;
    }
    put(t, "(");
    list(t, args);
    for (uint32_t i = 0; i < kw->n; i++) {
        put_if(t, i || args->n, ", ");
        if (kw->item[i]->arg) {
            put_id(t, kw->item[i]->arg);
            put(t, "=");
        } else
            put(t, "**");
        expr(t, kw->item[i]->value, P_TEST);
    }
    put(t, ")");
}

/* ---- f-strings: built without quotes, then written as the repr of the whole ------------------------------------------------------- */
static void fstring_part(struct text *t, const struct hd_ast_expr *e, bool spec);

static void fstring_escaped(struct text *t, const struct hd_const *k)
{
    for (size_t i = 0; i < k->len; i++) {
        put_n(t, k->text + i, 1);
        if (k->text[i] == '{' || k->text[i] == '}')
            put_n(t, k->text + i, 1);
    }
}

static void formatted(struct text *t, const struct hd_ast_expr *e)
{
    struct text inner = {.depth = t->depth};
    expr(&inner, e->v.FormattedValue.value, P_TEST + 1);
    put(t, inner.buf && inner.buf[0] == '{' ? "{ " : "{");
    put(t, inner.buf ? inner.buf : "");
    t->failed |= inner.failed || (inner.buf && strchr(inner.buf, '\\'));
    free(inner.buf);
    if (e->v.FormattedValue.conversion > 0) {
        char c[3] = {'!', (char)e->v.FormattedValue.conversion, 0};
        put(t, c);
    }
    if (e->v.FormattedValue.format_spec) {
        put(t, ":");
        fstring_part(t, e->v.FormattedValue.format_spec, true);
    }
    put(t, "}");
}

static void fstring_part(struct text *t, const struct hd_ast_expr *e, bool spec)
{
    switch (e->kind) {
    case HD_AST_Constant: fstring_escaped(t, e->v.Constant.value); break;
    case HD_AST_JoinedStr:
        for (uint32_t i = 0; i < e->v.JoinedStr.values->n; i++)
            fstring_part(t, e->v.JoinedStr.values->item[i], spec);
        break;
    case HD_AST_FormattedValue: formatted(t, e); break;
    default: t->failed = true; break;
    }
}

static void fstring(struct text *t, const struct hd_ast_expr *e)
{
    struct text body = {.depth = t->depth};
    fstring_part(&body, e, false);
    put(t, "f");
    put_repr(t, hd_str_utf8_surrogates(body.buf ? body.buf : "", body.len));
    t->failed |= body.failed;
    free(body.buf);
}

static void slice(struct text *t, const struct hd_ast_expr *e)
{
    if (e->v.Slice.lower)
        expr(t, e->v.Slice.lower, P_TEST);
    put(t, ":");
    if (e->v.Slice.upper)
        expr(t, e->v.Slice.upper, P_TEST);
    if (e->v.Slice.step) {
        put(t, ":");
        expr(t, e->v.Slice.step, P_TEST);
    }
}

static void expr(struct text *t, const struct hd_ast_expr *e, int level)
{
    if (t->failed || ++t->depth > HD_COMPILE_MAX_DEPTH) {
        t->failed = true;
        return;
    }
    switch (e->kind) {
    case HD_AST_BoolOp: {
        bool is_and = e->v.BoolOp.op == HD_AST_And;
        int own = is_and ? P_AND : P_OR;
        put_if(t, level > own, "(");
        for (uint32_t i = 0; i < e->v.BoolOp.values->n; i++) {
            put_if(t, i, is_and ? " and " : " or ");
            expr(t, e->v.BoolOp.values->item[i], own + 1);
        }
        put_if(t, level > own, ")");
        break;
    }
    case HD_AST_BinOp: binop(t, e, level); break;
    case HD_AST_UnaryOp: unaryop(t, e, level); break;
    case HD_AST_Lambda:
        put_if(t, level > P_TEST, "(");
        put(t, "lambda");
        {
            size_t before = t->len;
            put(t, " ");
            arguments(t, e->v.Lambda.args);
            if (t->len == before + 1)
                t->len = before;
        }
        put(t, ": ");
        expr(t, e->v.Lambda.body, P_TEST);
        put_if(t, level > P_TEST, ")");
        break;
    case HD_AST_IfExp:
        put_if(t, level > P_TEST, "(");
        expr(t, e->v.IfExp.body, P_TEST + 1);
        put(t, " if ");
        expr(t, e->v.IfExp.test, P_TEST + 1);
        put(t, " else ");
        expr(t, e->v.IfExp.orelse, P_TEST);
        put_if(t, level > P_TEST, ")");
        break;
    case HD_AST_Dict:
        put(t, "{");
        for (uint32_t i = 0; i < e->v.Dict.values->n; i++) {
            put_if(t, i, ", ");
            if (e->v.Dict.keys->item[i]) {
                expr(t, e->v.Dict.keys->item[i], P_TEST);
                put(t, ": ");
                expr(t, e->v.Dict.values->item[i], P_TEST);
            } else {
                put(t, "**");
                expr(t, e->v.Dict.values->item[i], P_EXPR);
            }
        }
        put(t, "}");
        break;
    case HD_AST_Set:
        put(t, "{");
        list(t, e->v.Set.elts);
        put(t, "}");
        break;
    case HD_AST_GeneratorExp:
    case HD_AST_ListComp:
    case HD_AST_SetComp: {
        const char *open = e->kind == HD_AST_GeneratorExp ? "(" : e->kind == HD_AST_ListComp ? "[" : "{";
        put(t, open);
        expr(t, e->v.ListComp.elt, P_TEST);
        generators(t, e->v.ListComp.generators);
        put(t, e->kind == HD_AST_GeneratorExp ? ")" : e->kind == HD_AST_ListComp ? "]" : "}");
        break;
    }
    case HD_AST_DictComp:
        put(t, "{");
        expr(t, e->v.DictComp.key, P_TEST);
        put(t, ": ");
        expr(t, e->v.DictComp.value, P_TEST);
        generators(t, e->v.DictComp.generators);
        put(t, "}");
        break;
    case HD_AST_Yield:
        put(t, e->v.Yield.value ? "(yield " : "(yield");
        if (e->v.Yield.value)
            expr(t, e->v.Yield.value, P_TEST);
        put(t, ")");
        break;
    case HD_AST_YieldFrom:
        put(t, "(yield from ");
        expr(t, e->v.YieldFrom.value, P_TEST);
        put(t, ")");
        break;
    case HD_AST_Await:
        put_if(t, level > P_AWAIT, "(");
        put(t, "await ");
        expr(t, e->v.Await.value, P_ATOM);
        put_if(t, level > P_AWAIT, ")");
        break;
    case HD_AST_Compare: compare(t, e, level); break;
    case HD_AST_Call: call(t, e); break;
    case HD_AST_Constant:
        if (e->v.Constant.value->kind == HD_CONST_ELLIPSIS)
            put(t, "...");
        else {
            put_if(t, e->v.Constant.kind != NULL, "u");
            put_repr(t, hd_const_object(e->v.Constant.value));
        }
        break;
    case HD_AST_JoinedStr:
    case HD_AST_FormattedValue: fstring(t, e); break;
    case HD_AST_Attribute: {
        const struct hd_ast_expr *v = e->v.Attribute.value;
        expr(t, v, P_ATOM);
        /* 1 .real: a digit must not swallow the dot */
        put(t, v->kind == HD_AST_Constant && v->v.Constant.value->kind == HD_CONST_INT ? " ." : ".");
        put_id(t, e->v.Attribute.attr);
        break;
    }
    case HD_AST_Starred:
        put(t, "*");
        expr(t, e->v.Starred.value, P_EXPR);
        break;
    case HD_AST_Name: put_id(t, e->v.Name.id); break;
    case HD_AST_List:
        put(t, "[");
        list(t, e->v.List.elts);
        put(t, "]");
        break;
    case HD_AST_Tuple:
        if (!e->v.Tuple.elts->n) {
            put(t, "()");
            break;
        }
        put_if(t, level > P_TUPLE, "(");
        list(t, e->v.Tuple.elts);
        put_if(t, e->v.Tuple.elts->n == 1, ",");
        put_if(t, level > P_TUPLE, ")");
        break;
    case HD_AST_Subscript:
        expr(t, e->v.Subscript.value, P_ATOM);
        put(t, "[");
        expr(t, e->v.Subscript.slice, P_TUPLE);
        put(t, "]");
        break;
    case HD_AST_Slice: slice(t, e); break;
    case HD_AST_NamedExpr:
        put_if(t, level > P_TUPLE, "(");
        expr(t, e->v.NamedExpr.target, P_ATOM);
        put(t, " := ");
        expr(t, e->v.NamedExpr.value, P_ATOM);
        put_if(t, level > P_TUPLE, ")");
        break;
    }
    t->depth--;
}

const char *hd_unparse(struct hd_arena *a, struct hd_ast_expr *e, size_t *len)
{
    struct text t = {.buf = NULL};
    expr(&t, e, P_TEST);
    char *copy = t.failed || !t.buf ? NULL : hd_arena_copy(a, t.buf, t.len);
    *len = t.len;
    free(t.buf);
    return copy;
}
