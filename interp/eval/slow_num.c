/* Slow paths of arithmetic, comparison and truth: mixed and boxed numbers, objects. */
#include "interp/eval/eval_internal.h"
#include "interp/eval/fast.h"
#include <math.h>

/* enum hd_binop of the arithmetic instructions HD_OP_ADD … HD_OP_MATMUL; POW is not among them. */
static const int8_t binop_of[] = {
    [HD_OP_ADD - HD_OP_ADD] = HD_ADD, [HD_OP_SUB - HD_OP_ADD] = HD_SUB, [HD_OP_MUL - HD_OP_ADD] = HD_MUL,
    [HD_OP_DIV - HD_OP_ADD] = HD_DIV, [HD_OP_FLOORDIV - HD_OP_ADD] = HD_FLOORDIV, [HD_OP_MOD - HD_OP_ADD] = HD_MOD,
    [HD_OP_POW - HD_OP_ADD] = -1, [HD_OP_LSHIFT - HD_OP_ADD] = HD_LSHIFT, [HD_OP_RSHIFT - HD_OP_ADD] = HD_RSHIFT,
    [HD_OP_AND - HD_OP_ADD] = HD_AND, [HD_OP_OR - HD_OP_ADD] = HD_OR, [HD_OP_XOR - HD_OP_ADD] = HD_XOR,
    [HD_OP_MATMUL - HD_OP_ADD] = HD_MATMUL,
};
_Static_assert(HD_OP_MATMUL - HD_OP_ADD == 12, "arithmetic instructions are consecutive");

/* v as a double if it is a fixnum, flonum or exact float. */
static inline bool as_double(hd_value v, double *d)
{
    if (hd_is_flo(v)) *d = hd_unflo(v);
    else if (hd_is_fix(v)) {
        if (!hd_fix_is_double(v)) return false;          /* the conversion would round before the operation: that is the type's */
        *d = (double)hd_unfix(v);
    } else if (hd_is_shape(v, HD_SHAPE_FLOAT)) *d = ((struct hd_float *)hd_ptr(v))->value;
    else return false;
    return true;
}

/* Conditions are often counted.  A bool and an int are two ints to every operator. */
static inline hd_value bool_as_fix(hd_value v) { return v == HD_TRUE ? hd_fix(1) : v == HD_FALSE ? hd_fix(0) : v; }

static hd_value arith(unsigned op, bool inplace, hd_value a, hd_value b)
{
    double x, y;
    if (hd_is_fix(a) != hd_is_fix(b)) {
        if (hd_is_fix(a)) b = bool_as_fix(b); else a = bool_as_fix(a);
        if (hd_both_fix(a, b)) {
            if (op == HD_OP_ADD) return hd_int(hd_unfix(a) + hd_unfix(b));
            if (op == HD_OP_SUB) return hd_int(hd_unfix(a) - hd_unfix(b));
        }
    }
    if (!hd_both_fix(a, b) && as_double(a, &x) && as_double(b, &y)) {
        switch (op) {
        case HD_OP_ADD: return hd_float(x + y);
        case HD_OP_SUB: return hd_float(x - y);
        case HD_OP_MUL: return hd_float(x * y);
        case HD_OP_DIV: if (y != 0) return hd_float(x / y); break;
        default: break;
        }
    } else if (op == HD_OP_DIV && hd_both_fix(a, b) && as_double(a, &x) && as_double(b, &y) && y != 0) {
        return hd_float(x / y);
    } else if (op == HD_OP_ADD && hd_is_str_exact(a) && hd_is_str_exact(b)) return hd_str_concat(a, b);
    int k = binop_of[op - HD_OP_ADD];
    if (k < 0) return inplace ? hd_inplace_power(a, b) : hd_power_op(a, b, HD_NONE);
    return inplace ? hd_inplace_op((enum hd_binop)k, a, b) : hd_binary_op((enum hd_binop)k, a, b);
}

const hd_ins *s_binary(struct hd_thread *ts, const hd_ins *pc, hd_value *fp)
{
    hd_value v = arith(pc->op, pc->x & 1, fp[pc->b], fp[pc->c]);
    if (UNLIKELY(v == HD_ERR)) return RAISED();
    fp[pc->a] = v;
    return pc + 1;
}

const hd_ins *s_binary_imm(struct hd_thread *ts, const hd_ins *pc, hd_value *fp)
{
    static const uint8_t op_of[] = {
        [HD_OP_ADDI - HD_OP_ADDI] = HD_OP_ADD, [HD_OP_SUBI - HD_OP_ADDI] = HD_OP_SUB, [HD_OP_MULI - HD_OP_ADDI] = HD_OP_MUL,
        [HD_OP_ANDI - HD_OP_ADDI] = HD_OP_AND, [HD_OP_RSHIFTI - HD_OP_ADDI] = HD_OP_RSHIFT,
        [HD_OP_FLOORDIVI - HD_OP_ADDI] = HD_OP_FLOORDIV, [HD_OP_MODI - HD_OP_ADDI] = HD_OP_MOD,
    };
    hd_value v = arith(op_of[pc->op - HD_OP_ADDI], pc->x & 1, fp[pc->b], hd_fix((int16_t)pc->c));
    if (UNLIKELY(v == HD_ERR)) return RAISED();
    fp[pc->a] = v;
    return pc + 1;
}

const hd_ins *s_binary_const(struct hd_thread *ts, const hd_ins *pc, hd_value *fp)
{
    hd_value v = arith(pc->c, pc->x & 1, fp[pc->b], pc[1].u);
    if (UNLIKELY(v == HD_ERR)) return RAISED();
    fp[pc->a] = v;
    return pc + 2;
}

const hd_ins *s_unary(struct hd_thread *ts, const hd_ins *pc, hd_value *fp)
{
    hd_value a = fp[pc->b], v;
    int t;
    switch (pc->op) {
    case HD_OP_NEG: v = hd_neg(a); break;
    case HD_OP_POS: v = hd_pos(a); break;
    case HD_OP_INVERT: v = hd_invert(a); break;
    default:
        t = hd_truth(a);
        v = t < 0 ? HD_ERR : hd_bool(!t);
    }
    if (UNLIKELY(v == HD_ERR)) return RAISED();
    fp[pc->a] = v;
    return pc + 1;
}

/* -- comparison ------------------------------------------------------------------------------------------------------------- */

/* 1, 0, or -1: not decided here */
static inline int compare_fast(hd_value a, hd_value b, unsigned x)
{
    double p, q;
    if (hd_is_str_exact(a) && hd_is_str_exact(b)) {
        unsigned op = x & 7;
        if (op == HD_EQ || op == HD_NE) return (a == b || hd_str_eq(a, b)) == (op == HD_EQ);
        return -1;
    }
    if (as_double(a, &p) && as_double(b, &q)) return (hd_cmp_mask(x & 7) & hd_cmp_double(p, q)) != 0;
    return -1;
}

const hd_ins *s_cmp(struct hd_thread *ts, const hd_ins *pc, hd_value *fp)
{
    hd_value a = fp[pc->b], b = fp[pc->c], v;
    int t = compare_fast(a, b, pc->x);
    if (t >= 0) v = hd_bool(t);
    else {
        v = hd_compare(a, b, (enum hd_cmpop)(pc->x & 7));
        if (UNLIKELY(v == HD_ERR)) return RAISED();
    }
    fp[pc->a] = v;
    return pc + 1;
}

const hd_ins *s_jcmp(struct hd_thread *ts, const hd_ins *pc, hd_value *fp)
{
    hd_value a = fp[pc->a], b = pc->op == HD_OP_JCMPI ? hd_fix((int16_t)pc->b) : fp[pc->b];
    int t = compare_fast(a, b, pc->x);
    if (t < 0) {
        hd_value v = hd_compare(a, b, (enum hd_cmpop)(pc->x & 7));
        if (UNLIKELY(v == HD_ERR)) return RAISED();
        t = v == HD_TRUE ? 1 : v == HD_FALSE ? 0 : hd_truth(v);
        if (UNLIKELY(t < 0)) return RAISED();
    }
    if (pc->x & 8) t = !t;
    return pc + 1 + (t ? (int16_t)pc->c : 0);
}

const hd_ins *s_in(struct hd_thread *ts, const hd_ins *pc, hd_value *fp)
{
    int t = hd_contains(fp[pc->c], fp[pc->b]);
    if (UNLIKELY(t < 0)) return RAISED();
    fp[pc->a] = hd_bool(t != (pc->x & 1));
    return pc + 1;
}

const hd_ins *s_jin(struct hd_thread *ts, const hd_ins *pc, hd_value *fp)
{
    int t = hd_contains(fp[pc->b], fp[pc->a]);
    if (UNLIKELY(t < 0)) return RAISED();
    return pc + 1 + (t != (pc->x & 1) ? (int16_t)pc->c : 0);
}

const hd_ins *s_jtruth(struct hd_thread *ts, const hd_ins *pc, hd_value *fp)
{
    int t = hd_truth(fp[pc->a]);
    if (UNLIKELY(t < 0)) return RAISED();
    return pc + 1 + (t == (pc->op == HD_OP_JT) ? (int16_t)pc->b : 0);
}
