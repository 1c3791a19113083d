/* Folding of constants in the tree, before symbols are looked up: arithmetic on literals, tuples of constants, `__debug__`,
 * negated comparisons, containers that are only searched or iterated.  Results of a folding are limited in size, and what
 * would raise is left for run time.
 *
 * The walk goes over the description of the nodes (hd_ast_types), children first. */
#include "codegen_internal.h"
#include <math.h>
#include <string.h>

enum { MAX_INT_BITS = 128, MAX_STR = 4096, MAX_TUPLE = 256 };

static void fold_node(struct hd_gen *g, struct hd_ast_expr *e);

static bool constant(struct hd_gen *g, const struct hd_ast_expr *e, hd_value *v)
{
    if (e->kind != HD_AST_Constant)
        return false;
    *v = hd_const_value(g, e->v.Constant.value);
    return true;
}

static void replace(struct hd_gen *g, struct hd_ast_expr *e, hd_value v)
{
    if (v == HD_ERR) {
        hd_exc_clear();
        return;
    }
    struct hd_const *k = hd_arena_zalloc(g->arena, sizeof *k);
    if (!k) {
        hd_gen_nomem(g);
        return;
    }
    k->kind = v == HD_NONE ? HD_CONST_NONE : v == HD_TRUE ? HD_CONST_TRUE : v == HD_FALSE ? HD_CONST_FALSE : HD_CONST_OBJECT;
    k->v.i64 = (int64_t)v;
    e->kind = HD_AST_Constant;
    e->v.Constant.value = k;
    e->v.Constant.kind = NULL;
}

static bool is_zero(hd_value v)
{
    if (hd_is_int_exact(v))
        return v == hd_fix(0);
    if (hd_is_float_exact(v))
        return hd_is_flo(v) ? hd_unflo(v) == 0 : ((struct hd_float *)hd_ptr(v))->value == 0;
    return hd_is_shape(v, HD_SHAPE_COMPLEX) && ((struct hd_complex *)hd_ptr(v))->re == 0 && ((struct hd_complex *)hd_ptr(v))->im == 0;
}

static int64_t bits_of(hd_value v)
{
    if (hd_is_fix(v)) {
        int64_t i = hd_unfix(v);
        return i ? 64 - __builtin_clzll((uint64_t)(i < 0 ? -i : i)) : 0;
    }
    return (int64_t)((struct hd_long *)hd_ptr(v))->n * 64;
}

static bool is_number(hd_value v) { return hd_is_int_exact(v) || hd_is_float_exact(v) || hd_is_shape(v, HD_SHAPE_COMPLEX); }
static int64_t sequence_length(hd_value v, int64_t *limit)
{
    *limit = MAX_STR;
    if (hd_is_str_exact(v))
        return HD_STR(v)->len;
    if (hd_is_bytes_exact(v))
        return HD_BYTES(v)->len;
    *limit = MAX_TUPLE;
    return hd_is_tuple_exact(v) ? HD_TUPLE(v)->len : -1;
}

static hd_value repeat(hd_value seq, hd_value times)
{
    int64_t limit, n = sequence_length(seq, &limit);
    if (n < 0 || !hd_is_fix(times))
        return HD_ABSENT;
    int64_t k = hd_unfix(times);
    if (k < 0 || (n && k > limit / n))
        return HD_ABSENT;
    return hd_binary_op(HD_MUL, seq, times);
}

static hd_value fold_power(hd_value a, hd_value b)
{
    if (!is_number(a) || !is_number(b))
        return HD_ABSENT;
    if (hd_is_int_exact(a) && hd_is_int_exact(b)) {
        if (!hd_is_fix(b) || (is_zero(a) && hd_unfix(b) < 0))
            return HD_ABSENT;
        int64_t k = hd_unfix(b);
        if (k > 0 && (k > MAX_INT_BITS || bits_of(a) * k > MAX_INT_BITS))
            return HD_ABSENT;
    } else if (is_zero(a))
        return HD_ABSENT;
    return hd_power_op(a, b, HD_NONE);
}

static hd_value fold_operator(int op, hd_value a, hd_value b)
{
    bool numbers = is_number(a) && is_number(b), ints = hd_is_int_exact(a) && hd_is_int_exact(b);
    bool complex = hd_is_shape(a, HD_SHAPE_COMPLEX) || hd_is_shape(b, HD_SHAPE_COMPLEX);
    switch (op) {
    case HD_AST_Add: {
        int64_t limit, n = sequence_length(a, &limit), m = sequence_length(b, &limit);
        bool same = (hd_is_str_exact(a) && hd_is_str_exact(b)) || (hd_is_bytes_exact(a) && hd_is_bytes_exact(b)) ||
                    (hd_is_tuple_exact(a) && hd_is_tuple_exact(b));
        return numbers || (same && n + m <= limit) ? hd_binary_op(HD_ADD, a, b) : HD_ABSENT;
    }
    case HD_AST_Sub: return numbers ? hd_binary_op(HD_SUB, a, b) : HD_ABSENT;
    case HD_AST_Mult:
        if (ints)
            return bits_of(a) + bits_of(b) <= MAX_INT_BITS ? hd_binary_op(HD_MUL, a, b) : HD_ABSENT;
        if (numbers)
            return hd_binary_op(HD_MUL, a, b);
        return hd_is_int_exact(a) ? repeat(b, a) : hd_is_int_exact(b) ? repeat(a, b) : HD_ABSENT;
    case HD_AST_Div: return numbers && !is_zero(b) ? hd_binary_op(HD_DIV, a, b) : HD_ABSENT;
    case HD_AST_FloorDiv: return numbers && !complex && !is_zero(b) ? hd_binary_op(HD_FLOORDIV, a, b) : HD_ABSENT;
    case HD_AST_Mod: return numbers && !complex && !is_zero(b) ? hd_binary_op(HD_MOD, a, b) : HD_ABSENT;
    case HD_AST_Pow: return fold_power(a, b);
    case HD_AST_LShift:
        return ints && hd_is_fix(b) && hd_unfix(b) >= 0 && hd_unfix(b) <= MAX_INT_BITS && bits_of(a) + hd_unfix(b) <= MAX_INT_BITS
                   ? hd_binary_op(HD_LSHIFT, a, b) : HD_ABSENT;
    case HD_AST_RShift: return ints && hd_is_fix(b) && hd_unfix(b) >= 0 ? hd_binary_op(HD_RSHIFT, a, b) : HD_ABSENT;
    case HD_AST_BitOr: return ints ? hd_binary_op(HD_OR, a, b) : HD_ABSENT;
    case HD_AST_BitXor: return ints ? hd_binary_op(HD_XOR, a, b) : HD_ABSENT;
    case HD_AST_BitAnd: return ints ? hd_binary_op(HD_AND, a, b) : HD_ABSENT;
    default: return HD_ABSENT;
    }
}

static void fold_unary(struct hd_gen *g, struct hd_ast_expr *e)
{
    struct hd_ast_expr *o = e->v.UnaryOp.operand;
    hd_value v, r = HD_ABSENT;
    if (constant(g, o, &v)) {
        switch (e->v.UnaryOp.op) {
        case HD_AST_Not: {
            int t = hd_truth(v);
            r = t < 0 ? HD_ERR : hd_bool(!t);
            break;
        }
        case HD_AST_USub: r = is_number(v) ? hd_neg(v) : HD_ABSENT; break;
        case HD_AST_UAdd: r = is_number(v) ? v : HD_ABSENT; break;
        case HD_AST_Invert: r = hd_is_int_exact(v) ? hd_invert(v) : HD_ABSENT; break;
        }
        if (r != HD_ABSENT)
            replace(g, e, r);
    } else if (e->v.UnaryOp.op == HD_AST_Not && o->kind == HD_AST_Compare && o->v.Compare.ops->n == 1) {
        int32_t *op = &o->v.Compare.ops->item[0];
        int opposite = *op == HD_AST_Is ? HD_AST_IsNot : *op == HD_AST_IsNot ? HD_AST_Is : *op == HD_AST_In ? HD_AST_NotIn
                       : *op == HD_AST_NotIn ? HD_AST_In : 0;
        if (opposite) {
            struct hd_ast_pos pos = e->pos;
            *op = opposite;
            *e = *o;
            e->pos = pos;
        }
    }
}

static bool constants_of(struct hd_gen *g, struct hd_ast_expr_seq *s, bool set, hd_value *out)
{
    for (uint32_t i = 0; i < s->n; i++)
        if (s->item[i]->kind != HD_AST_Constant)
            return false;
    hd_value *v = hd_arena_alloc(g->arena, (s->n + 1) * sizeof *v);
    if (!v)
        return hd_gen_nomem(g);
    for (uint32_t i = 0; i < s->n; i++)
        v[i] = hd_const_value(g, s->item[i]->v.Constant.value);
    *out = hd_tuple_value(g, v, s->n, set);
    return true;
}

/* A list or set display that nobody else can see. */
static void fold_searched(struct hd_gen *g, struct hd_ast_expr *e)
{
    hd_value v;
    if (e->kind == HD_AST_List && constants_of(g, e->v.List.elts, false, &v))
        replace(g, e, v);
    else if (e->kind == HD_AST_Set && constants_of(g, e->v.Set.elts, true, &v))
        replace(g, e, v);
}

static void fold_subscript(struct hd_gen *g, struct hd_ast_expr *e)
{
    hd_value v, k;
    int64_t limit, n;
    if (e->v.Subscript.ctx != HD_AST_Load || !constant(g, e->v.Subscript.value, &v) || !constant(g, e->v.Subscript.slice, &k) || !hd_is_fix(k))
        return;
    n = sequence_length(v, &limit);
    int64_t i = hd_unfix(k);
    if (n >= 0 && i < n && i >= -n)
        replace(g, e, hd_getitem(v, k));
}

static void fold_node(struct hd_gen *g, struct hd_ast_expr *e)
{
    hd_value a, b;
    switch (e->kind) {
    case HD_AST_BinOp:
        if (constant(g, e->v.BinOp.left, &a) && constant(g, e->v.BinOp.right, &b)) {
            hd_value r = fold_operator(e->v.BinOp.op, a, b);
            if (r != HD_ABSENT)
                replace(g, e, r);
        }
        break;
    case HD_AST_UnaryOp: fold_unary(g, e); break;
    case HD_AST_Tuple:
        if (e->v.Tuple.ctx == HD_AST_Load && constants_of(g, e->v.Tuple.elts, false, &a))
            replace(g, e, a);
        break;
    case HD_AST_Compare: {
        uint32_t n = e->v.Compare.ops->n;
        int op = e->v.Compare.ops->item[n - 1];
        if (op == HD_AST_In || op == HD_AST_NotIn)
            fold_searched(g, e->v.Compare.comparators->item[n - 1]);
        break;
    }
    case HD_AST_Subscript: fold_subscript(g, e); break;
    case HD_AST_Name:
        if (e->v.Name.id == g->id_debug && e->v.Name.ctx == HD_AST_Load)
            replace(g, e, hd_bool(g->optimize == 0));
        break;
    default: break;
    }
}

static void walk(struct hd_gen *g, int type, void *node, bool keep);

static void walk_fields(struct hd_gen *g, const struct hd_ast_class *c, void *node)
{
    for (int i = 0; i < c->nfields; i++) {
        const struct hd_ast_field *f = &c->fields[i];
        if (f->type <= HD_AST_BUILTIN_LAST || hd_ast_types[f->type].is_enum)
            continue;
        /* annotations that become texts stay as they were written */
        if (g->st.future_annotations && (!strcmp(f->name, "annotation") || !strcmp(f->name, "returns")))
            continue;
        void *p = *(void **)((char *)node + f->offset);
        if (!p)
            continue;
        if (f->quant != HD_AST_SEQ) {
            walk(g, f->type, p, false);
            continue;
        }
        struct hd_ast_ptr_seq *s = p;
        for (uint32_t j = 0; j < s->n && !hd_gen_failed(g); j++)
            if (s->item[j])
                walk(g, f->type, s->item[j], false);
    }
}

/* keep: fold what is inside, not the node itself. */
static void walk(struct hd_gen *g, int type, void *node, bool keep)
{
    const struct hd_ast_type *t = &hd_ast_types[type];
    struct hd_ast_expr *e = node;
    struct hd_ast_stmt *s = node;
    if (hd_gen_failed(g))
        return;
    if (++g->depth > HD_COMPILE_MAX_DEPTH) {
        hd_compile_fail(g->arena, g->err, HD_COMPILE_RECURSION_ERROR, t->has_pos ? *(struct hd_ast_pos *)((char *)node + t->pos_offset) : (struct hd_ast_pos){0, 0, 0, 0},
                        "maximum recursion depth exceeded during compilation");
        return;
    }
    const struct hd_ast_class *c = t->is_product ? &t->classes[0] : &t->classes[*(int *)node - 1];
    if (type == HD_AST_TYPE_expr && e->kind == HD_AST_Constant) {
        g->depth--;
        return;
    }
    if (type == HD_AST_TYPE_stmt && s->kind == HD_AST_Assign && s->v.Assign.targets->n == 1 && s->v.Assign.value->kind == HD_AST_Tuple &&
        (s->v.Assign.targets->item[0]->kind == HD_AST_Tuple || s->v.Assign.targets->item[0]->kind == HD_AST_List)) {
        walk(g, HD_AST_TYPE_expr, s->v.Assign.targets->item[0], false);
        walk(g, HD_AST_TYPE_expr, s->v.Assign.value, true);     /* a, b = 1, 2 needs no tuple */
        g->depth--;
        return;
    }
    walk_fields(g, c, node);
    if (type == HD_AST_TYPE_expr && !keep)
        fold_node(g, e);
    else if (type == HD_AST_TYPE_comprehension)
        fold_searched(g, ((struct hd_ast_comprehension *)node)->iter);
    else if (type == HD_AST_TYPE_stmt && s->kind == HD_AST_For)
        fold_searched(g, s->v.For.iter);
    g->depth--;
}

bool hd_fold(struct hd_gen *g, struct hd_ast_mod *mod)
{
    g->depth = 0;
    walk(g, HD_AST_TYPE_mod, mod, false);
    g->depth = 0;
    return !hd_gen_failed(g);
}
