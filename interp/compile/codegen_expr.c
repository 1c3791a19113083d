/* Code generation: expressions. */
#include "codegen_internal.h"
#include <stdlib.h>
#include <string.h>

static inline bool is_temp(const struct hd_gen *g, int reg) { return reg >= g->u->tempbase; }

bool hd_is_constant(const struct hd_ast_expr *e, enum hd_const_kind kind) { return e->kind == HD_AST_Constant && e->v.Constant.value->kind == kind; }

bool hd_small_int(const struct hd_ast_expr *e, int *value)
{
    if (e->kind != HD_AST_Constant)
        return false;
    const struct hd_const *k = e->v.Constant.value;
    int64_t i;
    if (k->kind == HD_CONST_INT && k->fits_i64)
        i = k->v.i64;
    else if (k->kind == HD_CONST_OBJECT && hd_is_fix((hd_value)k->v.i64))
        i = hd_unfix((hd_value)k->v.i64);
    else
        return false;
    *value = (int)i;
    return i >= INT16_MIN && i <= INT16_MAX;
}

/* ---- operands ----------------------------------------------------------------------------------------------------------- */
static bool rebinds_any(const struct hd_ast_expr_seq *s, int depth);
/* Whether evaluating e may assign a local of this block: only := does. */
static bool rebinds(const struct hd_ast_expr *e, int depth)
{
    if (!e)
        return false;
    if (depth > 12)
        return true;
    switch (e->kind) {
    case HD_AST_Name:
    case HD_AST_Constant:
    case HD_AST_Lambda: return e->kind == HD_AST_Lambda;        /* its defaults may */
    case HD_AST_Attribute: return rebinds(e->v.Attribute.value, depth + 1);
    case HD_AST_Subscript: return rebinds(e->v.Subscript.value, depth + 1) || rebinds(e->v.Subscript.slice, depth + 1);
    case HD_AST_UnaryOp: return rebinds(e->v.UnaryOp.operand, depth + 1);
    case HD_AST_BinOp: return rebinds(e->v.BinOp.left, depth + 1) || rebinds(e->v.BinOp.right, depth + 1);
    case HD_AST_Compare: return rebinds(e->v.Compare.left, depth + 1) || rebinds_any(e->v.Compare.comparators, depth + 1);
    case HD_AST_Tuple: return rebinds_any(e->v.Tuple.elts, depth + 1);
    case HD_AST_Call: return rebinds(e->v.Call.func, depth + 1) || rebinds_any(e->v.Call.args, depth + 1) || e->v.Call.keywords->n;
    default: return true;
    }
}
static bool rebinds_any(const struct hd_ast_expr_seq *s, int depth)
{
    if (s->n > 8)
        return true;
    for (uint32_t i = 0; i < s->n; i++)
        if (rebinds(s->item[i], depth))
            return true;
    return false;
}
bool hd_may_rebind(struct hd_gen *g, struct hd_ast_expr *e) { return g->u->scope->has_walrus && rebinds(e, 0); }

int hd_keep_stable(struct hd_gen *g, int reg, struct hd_ast_expr *later)
{
    if (is_temp(g, reg) || !later || !hd_may_rebind(g, later))
        return reg;
    int t = hd_tmp(g);
    hd_gen_move(g, t, reg);
    return t;
}

int hd_gen_operand(struct hd_gen *g, struct hd_ast_expr *e, int hint)
{
    int local = -1;
    if (e->kind == HD_AST_Name) {
        local = hd_name_local(g, e->v.Name.id);
        if (local >= 0) {
            struct hd_ast_pos saved = g->u->pos;
            g->u->pos = e->pos;
            hd_emit_var(g, HD_OP_CHKBOUND, 0, local, 0, hd_mangle(g->arena, g->u->scope->private_name, e->v.Name.id));
            g->u->pos = saved;
            return local;
        }
    } else if (e->kind == HD_AST_NamedExpr) {
        local = hd_name_local(g, e->v.NamedExpr.target->v.Name.id);
        if (local >= 0) {
            hd_gen_expr(g, e, local);
            return local;
        }
    }
    int t = hint >= 0 && is_temp(g, hint) ? hint : hd_tmp(g);
    hd_gen_expr(g, e, t);
    return t;
}

int hd_gen_operand_stable(struct hd_gen *g, struct hd_ast_expr *e, int hint, struct hd_ast_expr *later)
{
    int r = hd_gen_operand(g, e, hint);
    if (is_temp(g, r) || !later || !hd_may_rebind(g, later))
        return r;
    int t = hint >= 0 && is_temp(g, hint) ? hint : hd_tmp(g);
    hd_gen_move(g, t, r);
    return t;
}

/* ---- operators --------------------------------------------------------------------------------------------------------------- */
int hd_binop_opcode(int op)
{
    switch (op) {
    case HD_AST_Add: return HD_OP_ADD;
    case HD_AST_Sub: return HD_OP_SUB;
    case HD_AST_Mult: return HD_OP_MUL;
    case HD_AST_MatMult: return HD_OP_MATMUL;
    case HD_AST_Div: return HD_OP_DIV;
    case HD_AST_Mod: return HD_OP_MOD;
    case HD_AST_Pow: return HD_OP_POW;
    case HD_AST_LShift: return HD_OP_LSHIFT;
    case HD_AST_RShift: return HD_OP_RSHIFT;
    case HD_AST_BitOr: return HD_OP_OR;
    case HD_AST_BitXor: return HD_OP_XOR;
    case HD_AST_BitAnd: return HD_OP_AND;
    default: return HD_OP_FLOORDIV;
    }
}

static int immediate_form(int op)
{
    switch (op) {
    case HD_OP_ADD: return HD_OP_ADDI;
    case HD_OP_SUB: return HD_OP_SUBI;
    case HD_OP_MUL: return HD_OP_MULI;
    case HD_OP_AND: return HD_OP_ANDI;
    case HD_OP_RSHIFT: return HD_OP_RSHIFTI;
    case HD_OP_FLOORDIV: return HD_OP_FLOORDIVI;
    case HD_OP_MOD: return HD_OP_MODI;
    default: return -1;
    }
}

static bool is_number(const struct hd_ast_expr *e)
{
    if (e->kind != HD_AST_Constant)
        return false;
    const struct hd_const *k = e->v.Constant.value;
    if (k->kind == HD_CONST_OBJECT) {
        hd_value v = (hd_value)k->v.i64;
        return hd_is_int_exact(v) || hd_is_float_exact(v);
    }
    return k->kind == HD_CONST_INT || k->kind == HD_CONST_FLOAT;
}

void hd_gen_binary(struct hd_gen *g, int op, bool inplace, int dst, int left, struct hd_ast_expr *right)
{
    int mark = g->u->sp, imm;
    struct hd_ast_pos pos = g->u->pos;
    if (hd_small_int(right, &imm) && immediate_form(op) >= 0) {
        hd_emit(g, immediate_form(op), inplace, dst, left, (uint16_t)imm);
        return;
    }
    if (is_number(right)) {
        hd_emit_k(g, HD_OP_ARITHK, inplace, dst, left, op, hd_const_value(g, right->v.Constant.value));
        return;
    }
    int r = hd_gen_operand(g, right, dst != left ? dst : -1);
    g->u->pos = pos;
    hd_emit(g, op, inplace, dst, left, r);
    g->u->sp = mark;
}

static void binop(struct hd_gen *g, struct hd_ast_expr *e, int dst)
{
    int mark = g->u->sp;
    int left = hd_gen_operand_stable(g, e->v.BinOp.left, dst, e->v.BinOp.right);
    g->u->pos = e->pos;
    hd_gen_binary(g, hd_binop_opcode(e->v.BinOp.op), false, dst, left, e->v.BinOp.right);
    g->u->sp = mark;
}

/* ---- comparisons ------------------------------------------------------------------------------------------------------------------ */
static bool is_literal(const struct hd_ast_expr *e)
{
    if (e->kind == HD_AST_Constant) {
        const struct hd_const *k = e->v.Constant.value;
        return k->kind != HD_CONST_NONE && k->kind != HD_CONST_TRUE && k->kind != HD_CONST_FALSE && k->kind != HD_CONST_ELLIPSIS;
    }
    return false;
}

static void check_compare(struct hd_gen *g, struct hd_ast_expr *e)
{
    struct hd_ast_expr *left = e->v.Compare.left;
    for (uint32_t i = 0; i < e->v.Compare.ops->n; i++) {
        struct hd_ast_expr *right = e->v.Compare.comparators->item[i];
        int op = e->v.Compare.ops->item[i];
        if ((op == HD_AST_Is || op == HD_AST_IsNot) && (is_literal(left) || is_literal(right)))
            hd_gen_warn(g, e->pos, op == HD_AST_Is ? "\"is\" with a literal. Did you mean \"==\"?" : "\"is not\" with a literal. Did you mean \"!=\"?");
        left = right;
    }
}

static int cmp_of(int op)
{
    switch (op) {
    case HD_AST_Eq: return HD_EQ;
    case HD_AST_NotEq: return HD_NE;
    case HD_AST_Lt: return HD_LT;
    case HD_AST_LtE: return HD_LE;
    case HD_AST_Gt: return HD_GT;
    default: return HD_GE;
    }
}

static void emit_compare(struct hd_gen *g, int op, int dst, int a, int b)
{
    switch (op) {
    case HD_AST_Is:
    case HD_AST_IsNot: hd_emit(g, HD_OP_IS, op == HD_AST_IsNot, dst, a, b); break;
    case HD_AST_In:
    case HD_AST_NotIn: hd_emit(g, HD_OP_IN, op == HD_AST_NotIn, dst, a, b); break;
    default: hd_emit(g, HD_OP_CMP, cmp_of(op), dst, a, b); break;
    }
}

static void emit_jump_compare(struct hd_gen *g, int op, int a, int b, int32_t label, bool when)
{
    switch (op) {
    case HD_AST_Is:
    case HD_AST_IsNot: hd_emit_j(g, HD_OP_JIS, (op == HD_AST_IsNot) == when, a, b, label); break;
    case HD_AST_In:
    case HD_AST_NotIn: hd_emit_j(g, HD_OP_JIN, (op == HD_AST_NotIn) == when, a, b, label); break;
    default: hd_emit_j(g, HD_OP_JCMP, cmp_of(op) | (when ? 0 : 8), a, b, label); break;
    }
}

static bool is_ordering(int op) { return op != HD_AST_Is && op != HD_AST_IsNot && op != HD_AST_In && op != HD_AST_NotIn; }

/* The last (or only) comparison of a chain, `left` evaluated. */
static void jump_compare_last(struct hd_gen *g, struct hd_ast_expr *e, int left, uint32_t i, int32_t label, bool when)
{
    int mark = g->u->sp, imm, op = e->v.Compare.ops->item[i];
    struct hd_ast_expr *right = e->v.Compare.comparators->item[i];
    if ((op == HD_AST_Is || op == HD_AST_IsNot) && hd_is_constant(right, HD_CONST_NONE)) {
        g->u->pos = e->pos;
        hd_emit_j(g, (op == HD_AST_Is) == when ? HD_OP_JNONE : HD_OP_JNOTNONE, 0, left, 0, label);
    } else if (is_ordering(op) && hd_small_int(right, &imm)) {
        g->u->pos = e->pos;
        hd_emit_j(g, HD_OP_JCMPI, cmp_of(op) | (when ? 0 : 8), left, (uint16_t)imm, label);
    } else {
        int r = hd_gen_operand(g, right, -1);
        g->u->pos = e->pos;
        emit_jump_compare(g, op, left, r, label, when);
    }
    g->u->sp = mark;
}

static void jump_compare(struct hd_gen *g, struct hd_ast_expr *e, int32_t label, bool when)
{
    check_compare(g, e);
    int mark = g->u->sp;
    uint32_t n = e->v.Compare.ops->n;
    struct hd_ast_expr *right = e->v.Compare.comparators->item[0];
    int left = hd_gen_operand_stable(g, e->v.Compare.left, -1, right);
    int32_t out = n > 1 && when ? hd_label_new(g) : label;
    for (uint32_t i = 0; i + 1 < n; i++) {
        right = e->v.Compare.comparators->item[i];
        int r = hd_gen_operand_stable(g, right, -1, e->v.Compare.comparators->item[i + 1]);
        g->u->pos = e->pos;
        emit_jump_compare(g, e->v.Compare.ops->item[i], left, r, out, false);
        left = r;
    }
    jump_compare_last(g, e, left, n - 1, label, when);
    if (out != label)
        hd_label_here(g, out);
    g->u->sp = mark;
}

static void compare(struct hd_gen *g, struct hd_ast_expr *e, int dst)
{
    check_compare(g, e);
    int mark = g->u->sp;
    uint32_t n = e->v.Compare.ops->n;
    struct hd_ast_expr *right = e->v.Compare.comparators->item[0];
    if (n == 1) {
        int left = hd_gen_operand_stable(g, e->v.Compare.left, dst, right);
        int r = hd_gen_operand(g, right, left != dst ? dst : -1);
        g->u->pos = e->pos;
        emit_compare(g, e->v.Compare.ops->item[0], dst, left, r);
        g->u->sp = mark;
        return;
    }
    int result = is_temp(g, dst) ? dst : hd_tmp(g);
    int left = hd_gen_operand_stable(g, e->v.Compare.left, -1, right);
    int32_t end = hd_label_new(g);
    for (uint32_t i = 0; i < n; i++) {
        right = e->v.Compare.comparators->item[i];
        int r = hd_gen_operand_stable(g, right, -1, i + 1 < n ? e->v.Compare.comparators->item[i + 1] : NULL);
        g->u->pos = e->pos;
        emit_compare(g, e->v.Compare.ops->item[i], result, left, r);
        if (i + 1 < n)
            hd_emit_j(g, HD_OP_JF, 0, result, 0, end);
        left = r;
    }
    hd_label_here(g, end);
    hd_gen_move(g, dst, result);
    g->u->sp = mark;
}

/* ---- conditions -------------------------------------------------------------------------------------------------------------------- */
int hd_constant_truth(struct hd_gen *g, struct hd_ast_expr *e)
{
    if (e->kind != HD_AST_Constant)
        return -1;
    const struct hd_const *k = e->v.Constant.value;
    switch (k->kind) {
    case HD_CONST_NONE:
    case HD_CONST_FALSE: return 0;
    case HD_CONST_TRUE:
    case HD_CONST_ELLIPSIS: return 1;
    case HD_CONST_STR:
    case HD_CONST_BYTES: return k->len != 0;
    case HD_CONST_FLOAT:
    case HD_CONST_IMAG: return k->v.f64 != 0;
    case HD_CONST_INT: return k->fits_i64 ? k->v.i64 != 0 : 1;
    default: return hd_truth(hd_const_value(g, k));
    }
}

void hd_gen_jump_if(struct hd_gen *g, struct hd_ast_expr *e, int32_t label, bool when)
{
    if (hd_gen_failed(g) || !hd_gen_enter(g))
        return;
    struct hd_ast_pos saved = g->u->pos;
    int mark = g->u->sp, truth;
    g->u->pos = e->pos;
    switch (e->kind) {
    case HD_AST_UnaryOp:
        if (e->v.UnaryOp.op == HD_AST_Not) {
            hd_gen_jump_if(g, e->v.UnaryOp.operand, label, !when);
            goto out;
        }
        break;
    case HD_AST_BoolOp: {
        struct hd_ast_expr_seq *v = e->v.BoolOp.values;
        bool is_or = e->v.BoolOp.op == HD_AST_Or;
        /* `or` leaves at the first true value, `and` at the first false one */
        int32_t early = is_or == when ? label : hd_label_new(g);
        for (uint32_t i = 0; i + 1 < v->n; i++)
            hd_gen_jump_if(g, v->item[i], early, is_or);
        hd_gen_jump_if(g, v->item[v->n - 1], label, when);
        if (early != label)
            hd_label_here(g, early);
        goto out;
    }
    case HD_AST_IfExp: {
        int32_t other = hd_label_new(g), end = hd_label_new(g);
        hd_gen_jump_if(g, e->v.IfExp.test, other, false);
        hd_gen_jump_if(g, e->v.IfExp.body, label, when);
        hd_gen_jump(g, end);
        hd_label_here(g, other);
        hd_gen_jump_if(g, e->v.IfExp.orelse, label, when);
        hd_label_here(g, end);
        goto out;
    }
    case HD_AST_Compare:
        jump_compare(g, e, label, when);
        goto out;
    case HD_AST_Constant:
        truth = hd_constant_truth(g, e);
        if ((truth != 0) == when)
            hd_gen_jump(g, label);
        goto out;
    default: break;
    }
    int r = hd_gen_operand(g, e, -1);
    g->u->pos = e->pos;
    hd_emit_j(g, when ? HD_OP_JT : HD_OP_JF, 0, r, 0, label);
out:
    g->u->sp = mark;
    g->u->pos = saved;
    g->depth--;
}

static void boolop(struct hd_gen *g, struct hd_ast_expr *e, int dst)
{
    struct hd_ast_expr_seq *v = e->v.BoolOp.values;
    int mark = g->u->sp, result = is_temp(g, dst) ? dst : hd_tmp(g);
    int32_t end = hd_label_new(g);
    for (uint32_t i = 0; i < v->n; i++) {
        hd_gen_expr(g, v->item[i], result);
        g->u->pos = e->pos;
        if (i + 1 < v->n)
            hd_emit_j(g, e->v.BoolOp.op == HD_AST_Or ? HD_OP_JT : HD_OP_JF, 0, result, 0, end);
    }
    hd_label_here(g, end);
    hd_gen_move(g, dst, result);
    g->u->sp = mark;
}

static void ifexp(struct hd_gen *g, struct hd_ast_expr *e, int dst)
{
    int32_t other = hd_label_new(g), end = hd_label_new(g);
    hd_gen_jump_if(g, e->v.IfExp.test, other, false);
    hd_gen_expr(g, e->v.IfExp.body, dst);
    hd_gen_jump(g, end);
    hd_label_here(g, other);
    hd_gen_expr(g, e->v.IfExp.orelse, dst);
    hd_label_here(g, end);
}

/* ---- displays ------------------------------------------------------------------------------------------------------------------------ */
enum { DISPLAY_MAX = 64 };      /* items that go through registers at once */

static bool all_constant(const struct hd_ast_expr_seq *s)
{
    for (uint32_t i = 0; i < s->n; i++)
        if (s->item[i]->kind != HD_AST_Constant)
            return false;
    return true;
}

static hd_value constants_tuple(struct hd_gen *g, const struct hd_ast_expr_seq *s, bool frozenset)
{
    hd_value small[16], *v = s->n <= 16 ? small : malloc(s->n * sizeof *v);
    if (!v) {
        hd_gen_nomem(g);
        return HD_NONE;
    }
    for (uint32_t i = 0; i < s->n; i++)
        v[i] = hd_const_value(g, s->item[i]->v.Constant.value);
    hd_value t = hd_tuple_value(g, v, s->n, frozenset);
    if (v != small)
        free(v);
    return t;
}

void hd_gen_list(struct hd_gen *g, struct hd_ast_expr_seq *elts, int dst, int kind)
{
    int mark = g->u->sp;
    struct hd_ast_pos pos = g->u->pos;
    if (elts->n >= 3 && kind != HD_OP_TUPLE && all_constant(elts)) {
        hd_emit_k(g, kind == HD_OP_LIST ? HD_OP_COPYLIST : HD_OP_COPYSET, 0, dst, 0, 0, constants_tuple(g, elts, kind == HD_OP_SET));
        return;
    }
    uint32_t first = 0;                             /* items before the first star, at most DISPLAY_MAX */
    while (first < elts->n && first < DISPLAY_MAX && elts->item[first]->kind != HD_AST_Starred)
        first++;
    bool whole = first == elts->n;
    int base = kind, acc = dst;
    if (!whole) {
        base = kind == HD_OP_SET ? HD_OP_SET : HD_OP_LIST;
        acc = is_temp(g, dst) && kind != HD_OP_TUPLE ? dst : hd_tmp(g);
    }
    int mark2 = g->u->sp, run = hd_tmps(g, first);
    for (uint32_t i = 0; i < first; i++)
        hd_gen_expr(g, elts->item[i], run + (int)i);
    g->u->pos = pos;
    hd_emit(g, base, 0, acc, run, (int)first);
    g->u->sp = mark2;
    for (uint32_t i = first; i < elts->n && !hd_gen_failed(g); i++) {
        struct hd_ast_expr *e = elts->item[i];
        bool star = e->kind == HD_AST_Starred;
        int r = hd_gen_operand(g, star ? e->v.Starred.value : e, -1);
        g->u->pos = star ? pos : pos;
        if (base == HD_OP_SET)
            hd_emit(g, star ? HD_OP_SETUPD : HD_OP_SETADD, 0, acc, r, 0);
        else
            hd_emit(g, star ? HD_OP_LISTEXT : HD_OP_LISTAPP, 0, acc, r, 0);
        g->u->sp = mark2;
    }
    if (!whole) {
        if (kind == HD_OP_TUPLE)
            hd_emit(g, HD_OP_LISTTUPLE, 0, dst, acc, 0);
        else
            hd_gen_move(g, dst, acc);
    }
    g->u->sp = mark;
}

static void dict_display(struct hd_gen *g, struct hd_ast_expr *e, int dst)
{
    struct hd_ast_expr_seq *keys = e->v.Dict.keys, *values = e->v.Dict.values;
    int mark = g->u->sp;
    uint32_t n = keys->n, first = 0;
    bool const_keys = true;
    while (first < n && first < DISPLAY_MAX && keys->item[first]) {
        const_keys = const_keys && hd_is_constant(keys->item[first], HD_CONST_STR);
        first++;
    }
    int acc = first == n || is_temp(g, dst) ? dst : hd_tmp(g);
    int mark2 = g->u->sp;
    if (first && const_keys) {
        hd_value names[DISPLAY_MAX];
        int run = hd_tmps(g, first);
        for (uint32_t i = 0; i < first; i++) {
            names[i] = hd_const_value(g, keys->item[i]->v.Constant.value);
            hd_gen_expr(g, values->item[i], run + (int)i);
        }
        g->u->pos = e->pos;
        hd_emit_k(g, HD_OP_DICTK, 0, acc, run, 0, hd_tuple_value(g, names, first, false));
    } else {
        int run = hd_tmps(g, 2 * first);
        for (uint32_t i = 0; i < first; i++) {
            hd_gen_expr(g, keys->item[i], run + 2 * (int)i);
            hd_gen_expr(g, values->item[i], run + 2 * (int)i + 1);
        }
        g->u->pos = e->pos;
        hd_emit(g, HD_OP_DICT, 0, acc, run, (int)first);
    }
    g->u->sp = mark2;
    for (uint32_t i = first; i < n && !hd_gen_failed(g); i++) {
        if (!keys->item[i]) {
            int r = hd_gen_operand(g, values->item[i], -1);
            g->u->pos = e->pos;
            hd_emit(g, HD_OP_DICTUPD, 0, acc, r, 0);
        } else {
            int k = hd_gen_operand_stable(g, keys->item[i], -1, values->item[i]), v = hd_gen_operand(g, values->item[i], -1);
            g->u->pos = e->pos;
            hd_emit(g, HD_OP_DICTPUT, 0, acc, k, v);
        }
        g->u->sp = mark2;
    }
    hd_gen_move(g, dst, acc);
    g->u->sp = mark;
}

/* ---- subscripts ------------------------------------------------------------------------------------------------------------------------- */
static void slice_part(struct hd_gen *g, struct hd_ast_expr *e, int dst)
{
    if (e)
        hd_gen_expr(g, e, dst);
    else
        hd_emit_k(g, HD_OP_LOADK, 0, dst, 0, 0, HD_NONE);
}

static void check_subscript(struct hd_gen *g, struct hd_ast_expr *e)
{
    struct hd_ast_expr *v = e->v.Subscript.value, *i = e->v.Subscript.slice;
    const char *type = NULL;
    bool sequence = false;
    switch (v->kind) {
    case HD_AST_Constant:
        type = hd_const_type_name(v->v.Constant.value);
        sequence = !strcmp(type, "str") || !strcmp(type, "bytes") || !strcmp(type, "tuple");
        break;
    case HD_AST_Set:
    case HD_AST_SetComp: type = "set"; break;
    case HD_AST_GeneratorExp: type = "generator"; break;
    case HD_AST_Lambda: type = "function"; break;
    case HD_AST_Tuple: type = "tuple"; sequence = true; break;
    case HD_AST_List:
    case HD_AST_ListComp: type = "list"; sequence = true; break;
    case HD_AST_JoinedStr:
    case HD_AST_FormattedValue: type = "str"; sequence = true; break;
    default: return;
    }
    if (!sequence) {
        hd_gen_warn(g, e->pos, "'%.200s' object is not subscriptable; perhaps you missed a comma?", type);
        return;
    }
    const char *index = NULL;
    switch (i->kind) {
    case HD_AST_Constant:
        index = hd_const_type_name(i->v.Constant.value);
        if (!strcmp(index, "int") || !strcmp(index, "bool"))
            return;
        break;
    case HD_AST_Tuple: index = "tuple"; break;
    case HD_AST_List:
    case HD_AST_ListComp: index = "list"; break;
    case HD_AST_Dict:
    case HD_AST_DictComp: index = "dict"; break;
    case HD_AST_Set:
    case HD_AST_SetComp: index = "set"; break;
    case HD_AST_GeneratorExp: index = "generator"; break;
    case HD_AST_Lambda: index = "function"; break;
    case HD_AST_JoinedStr:
    case HD_AST_FormattedValue: index = "str"; break;
    default: return;
    }
    hd_gen_warn(g, e->pos, "%.200s indices must be integers or slices, not %.200s; perhaps you missed a comma?", type, index);
}

/* Evaluates container and key.  `later` is evaluated between this and the access. */
void hd_gen_subscript(struct hd_gen *g, struct hd_ast_expr *e, struct hd_subscript *s, struct hd_ast_expr *later, bool plain_slice)
{
    struct hd_ast_expr *key = e->v.Subscript.slice;
    s->container = hd_gen_operand_stable(g, e->v.Subscript.value, -1, key);
    s->container = hd_keep_stable(g, s->container, later);
    s->key = 0;
    if (hd_small_int(key, &s->imm))
        s->kind = HD_SUB_INT;
    else if (hd_is_constant(key, HD_CONST_STR)) {
        s->kind = HD_SUB_STR;
        s->k = hd_const_value(g, key->v.Constant.value);
    } else if (key->kind == HD_AST_Slice && !key->v.Slice.step && plain_slice) {
        s->kind = HD_SUB_SLICE;
        s->key = hd_tmps(g, 2);
        slice_part(g, key->v.Slice.lower, s->key);
        slice_part(g, key->v.Slice.upper, s->key + 1);
    } else {
        s->kind = HD_SUB_REG;
        s->key = hd_gen_operand_stable(g, key, -1, later);
    }
    g->u->pos = e->pos;
}

void hd_subscript_get(struct hd_gen *g, const struct hd_subscript *s, int dst)
{
    switch (s->kind) {
    case HD_SUB_REG: hd_emit(g, HD_OP_GETITEM, 0, dst, s->container, s->key); break;
    case HD_SUB_INT: hd_emit(g, HD_OP_GETITEMI, 0, dst, s->container, (uint16_t)s->imm); break;
    case HD_SUB_STR: hd_emit_k(g, HD_OP_GETITEMK, 0, dst, s->container, 0, s->k); break;
    case HD_SUB_SLICE: hd_emit(g, HD_OP_GETSLICE, 0, dst, s->container, s->key); break;
    }
}

void hd_subscript_set(struct hd_gen *g, const struct hd_subscript *s, int src)
{
    switch (s->kind) {
    case HD_SUB_REG: hd_emit(g, HD_OP_SETITEM, 0, s->container, s->key, src); break;
    case HD_SUB_INT: hd_emit(g, HD_OP_SETITEMI, 0, s->container, (uint16_t)s->imm, src); break;
    case HD_SUB_STR: hd_emit_k(g, HD_OP_SETITEMK, 0, s->container, 0, src, s->k); break;
    case HD_SUB_SLICE: hd_emit(g, HD_OP_SETSLICE, 0, s->container, s->key, src); break;
    }
}

/* ---- strings --------------------------------------------------------------------------------------------------------------------------------- */
static void formatted_value(struct hd_gen *g, struct hd_ast_expr *e, int dst)
{
    int mark = g->u->sp, conversion = e->v.FormattedValue.conversion > 0 ? e->v.FormattedValue.conversion : 0;
    struct hd_ast_expr *spec = e->v.FormattedValue.format_spec;
    int v = hd_gen_operand_stable(g, e->v.FormattedValue.value, dst, spec);
    if (!spec) {
        g->u->pos = e->pos;
        hd_emit(g, HD_OP_FMT, conversion | 128, dst, v, 0);
    } else {
        int s = hd_gen_operand(g, spec, -1);
        g->u->pos = e->pos;
        hd_emit(g, HD_OP_FMT, conversion, dst, v, s);
    }
    g->u->sp = mark;
}

static void joined_str(struct hd_gen *g, struct hd_ast_expr *e, int dst)
{
    struct hd_ast_expr_seq *v = e->v.JoinedStr.values;
    int mark = g->u->sp;
    if (v->n == 1) {
        hd_gen_expr(g, v->item[0], dst);
        return;
    }
    if (v->n == 0) {
        hd_load_value(g, dst, hd_str_value(g, "", 0));
        return;
    }
    /* long ones in portions: the first register of a run takes what is there already */
    int run = hd_tmps(g, v->n < DISPLAY_MAX ? v->n : DISPLAY_MAX);
    for (uint32_t i = 0, at = 0; i < v->n && !hd_gen_failed(g); i++) {
        hd_gen_expr(g, v->item[i], run + (int)at++);
        if (at == DISPLAY_MAX || i + 1 == v->n) {
            bool last = i + 1 == v->n;
            g->u->pos = e->pos;
            hd_emit(g, HD_OP_STRCAT, 0, last ? dst : run, run, (int)at);
            at = 1;
        }
    }
    g->u->sp = mark;
}

/* ---- generators and coroutines ------------------------------------------------------------------------------------------------------------------ */
/* The value that is sent and what comes back share a temporary; the iterator is in another one. */
void hd_gen_delegate(struct hd_gen *g, int dst, int iter)
{
    int mark = g->u->sp, v = is_temp(g, dst) && dst != iter ? dst : hd_tmp(g);
    int32_t send = hd_label_new(g), done = hd_label_new(g);
    hd_emit_k(g, HD_OP_LOADK, 0, v, 0, 0, HD_NONE);
    hd_label_here(g, send);
    hd_emit_j(g, HD_OP_SEND, 0, v, iter, done);
    hd_emit_j(g, HD_OP_YIELDFROM, 0, v, iter, send);
    hd_label_here(g, done);
    hd_gen_move(g, dst, v);
    g->u->sp = mark;
}

void hd_gen_await(struct hd_gen *g, int dst, int value, int what)
{
    int mark = g->u->sp, iter = hd_tmp(g);
    hd_emit(g, HD_OP_GETAWAITABLE, what, iter, value, 0);
    hd_gen_delegate(g, dst, iter);
    g->u->sp = mark;
}

static void await_expr(struct hd_gen *g, struct hd_ast_expr *e, int dst)
{
    struct hd_scope *s = g->u->scope;
    if (!(g->top_level_await && s->kind == HD_SCOPE_MODULE)) {
        if (!hd_scope_is_function(s)) {
            hd_gen_error(g, e->pos, "'await' outside function");
            return;
        }
        if (!s->is_async && !hd_scope_is_comprehension(s)) {
            hd_gen_error(g, e->pos, "'await' outside async function");
            return;
        }
    }
    int mark = g->u->sp, v = hd_gen_operand(g, e->v.Await.value, -1);
    g->u->pos = e->pos;
    hd_gen_await(g, dst, v, 0);
    g->u->sp = mark;
}

static void yield_expr(struct hd_gen *g, struct hd_ast_expr *e, int dst)
{
    if (!hd_scope_is_function(g->u->scope)) {
        hd_gen_error(g, e->pos, "'yield' outside function");
        return;
    }
    int mark = g->u->sp, v;
    if (e->v.Yield.value)
        v = hd_gen_operand(g, e->v.Yield.value, dst);
    else
        hd_emit_k(g, HD_OP_LOADK, 0, v = hd_tmp(g), 0, 0, HD_NONE);
    g->u->pos = e->pos;
    hd_emit(g, HD_OP_YIELD, g->u->is_async_generator, dst, v, mark);
    g->u->sp = mark;
}

static void yield_from(struct hd_gen *g, struct hd_ast_expr *e, int dst)
{
    if (!hd_scope_is_function(g->u->scope)) {
        hd_gen_error(g, e->pos, "'yield' outside function");
        return;
    }
    if (g->u->scope->is_async) {
        hd_gen_error(g, e->pos, "'yield from' inside async function");
        return;
    }
    int mark = g->u->sp, iter = hd_tmp(g), v = hd_gen_operand(g, e->v.YieldFrom.value, iter);
    g->u->pos = e->pos;
    hd_emit(g, HD_OP_GETYIELDFROM, 0, iter, v, 0);
    hd_gen_delegate(g, dst, iter);
    g->u->sp = mark;
}

/* ---- the rest --------------------------------------------------------------------------------------------------------------------------------------- */
/* The place of an attribute that begins on an earlier line is the attribute's name (tracebacks of chained calls). */
struct hd_ast_pos hd_attribute_pos(struct hd_ast_pos pos, const struct hd_ast_expr *attr)
{
    if (pos.lineno != attr->pos.end_lineno) {
        int32_t len = (int32_t)attr->v.Attribute.attr->len;
        pos.lineno = attr->pos.end_lineno;
        pos.col_offset = len <= attr->pos.end_col_offset ? attr->pos.end_col_offset - len : -1;
        if (pos.end_lineno < pos.lineno || (pos.end_lineno == pos.lineno && pos.end_col_offset < pos.col_offset)) {
            pos.end_lineno = pos.lineno;
            pos.end_col_offset = attr->pos.end_col_offset;
        }
    }
    return pos;
}

static void attribute(struct hd_gen *g, struct hd_ast_expr *e, int dst)
{
    int mark = g->u->sp;
    const struct hd_ident *name = hd_mangle(g->arena, g->u->scope->private_name, e->v.Attribute.attr);
    if (name != g->id_class && hd_attribute_of_super(g, e->v.Attribute.value)) {    /* super().__class__ is super */
        int run = hd_tmps(g, 3);
        hd_super_run(g, e->v.Attribute.value, run);
        g->u->pos = hd_attribute_pos(e->pos, e);
        hd_emit_name(g, HD_OP_SUPERATTR, 0, dst, run, 0, name);
    } else {
        int o = hd_gen_operand(g, e->v.Attribute.value, dst);
        g->u->pos = hd_attribute_pos(e->pos, e);
        hd_emit_name(g, HD_OP_GETATTR, 0, dst, o, 0, name);
    }
    g->u->sp = mark;
}

static void named_expr(struct hd_gen *g, struct hd_ast_expr *e, int dst)
{
    const struct hd_ident *name = e->v.NamedExpr.target->v.Name.id;
    if (hd_name_forbidden(g, name, HD_AST_Store, e->v.NamedExpr.target->pos))
        return;
    int mark = g->u->sp, local = hd_name_local(g, name);
    if (local >= 0) {
        hd_gen_expr(g, e->v.NamedExpr.value, local);
        hd_gen_move(g, dst, local);
    } else {
        int v = is_temp(g, dst) ? dst : hd_tmp(g);
        hd_gen_expr(g, e->v.NamedExpr.value, v);
        g->u->pos = e->v.NamedExpr.target->pos;
        hd_name_store(g, name, v);
        hd_gen_move(g, dst, v);
    }
    g->u->sp = mark;
}

void hd_gen_expr(struct hd_gen *g, struct hd_ast_expr *e, int dst)
{
    if (hd_gen_failed(g) || !hd_gen_enter(g))
        return;
    struct hd_ast_pos saved = g->u->pos;
    int mark = g->u->sp;
    g->u->pos = e->pos;
    switch (e->kind) {
    case HD_AST_BoolOp: boolop(g, e, dst); break;
    case HD_AST_NamedExpr: named_expr(g, e, dst); break;
    case HD_AST_BinOp: binop(g, e, dst); break;
    case HD_AST_UnaryOp: {
        static const uint8_t op[] = {[HD_AST_Invert] = HD_OP_INVERT, [HD_AST_Not] = HD_OP_NOT, [HD_AST_UAdd] = HD_OP_POS, [HD_AST_USub] = HD_OP_NEG};
        int r = hd_gen_operand(g, e->v.UnaryOp.operand, dst);
        g->u->pos = e->pos;
        hd_emit(g, op[e->v.UnaryOp.op], 0, dst, r, 0);
        break;
    }
    case HD_AST_Lambda: hd_gen_lambda(g, e, dst); break;
    case HD_AST_IfExp: ifexp(g, e, dst); break;
    case HD_AST_Dict: dict_display(g, e, dst); break;
    case HD_AST_Set: hd_gen_list(g, e->v.Set.elts, dst, HD_OP_SET); break;
    case HD_AST_ListComp:
    case HD_AST_SetComp:
    case HD_AST_DictComp:
    case HD_AST_GeneratorExp: hd_comprehension(g, e, dst); break;
    case HD_AST_Await: await_expr(g, e, dst); break;
    case HD_AST_Yield: yield_expr(g, e, dst); break;
    case HD_AST_YieldFrom: yield_from(g, e, dst); break;
    case HD_AST_Compare: compare(g, e, dst); break;
    case HD_AST_Call: hd_call_expr(g, e, dst); break;
    case HD_AST_FormattedValue: formatted_value(g, e, dst); break;
    case HD_AST_JoinedStr: joined_str(g, e, dst); break;
    case HD_AST_Constant: hd_load_value(g, dst, hd_const_value(g, e->v.Constant.value)); break;
    case HD_AST_Attribute: attribute(g, e, dst); break;
    case HD_AST_Subscript: {
        struct hd_subscript s;
        check_subscript(g, e);
        hd_gen_subscript(g, e, &s, NULL, true);
        hd_subscript_get(g, &s, dst);
        break;
    }
    case HD_AST_Starred:
        hd_gen_error(g, e->pos, e->v.Starred.ctx == HD_AST_Store ? "starred assignment target must be in a list or tuple" : "can't use starred expression here");
        break;
    case HD_AST_Name: hd_name_load(g, e->v.Name.id, dst); break;
    case HD_AST_List: hd_gen_list(g, e->v.List.elts, dst, HD_OP_LIST); break;
    case HD_AST_Tuple: hd_gen_list(g, e->v.Tuple.elts, dst, HD_OP_TUPLE); break;
    case HD_AST_Slice: {
        int run = hd_tmps(g, 3);
        slice_part(g, e->v.Slice.lower, run);
        slice_part(g, e->v.Slice.upper, run + 1);
        slice_part(g, e->v.Slice.step, run + 2);
        g->u->pos = e->pos;
        hd_emit(g, HD_OP_MKSLICE, 0, dst, run, 0);
        break;
    }
    }
    g->u->sp = mark;
    g->u->pos = saved;
    g->depth--;
}
