/* Owns the object protocols as C code uses them: text, hash, truth, comparison, items, iteration, arithmetic.  Attribute
 * access is in attr.c, instance and subclass tests in check.c, calls in the evaluator.
 *
 * P1: a binary operation asks the right operand first when its class is a subclass of the left one's with another operation.
 * P2: hd_next never leaves StopIteration pending. */
#include "interp/core/attr.h"
#include "interp/core/type_ops.h"
#include "interp/types/objects.h"

enum { SEQUENCES = HD_TF_STR | HD_TF_BYTES | HD_TF_BYTEARRAY | HD_TF_LIST | HD_TF_TUPLE };

/* ---- recursion ---------------------------------------------------------------------------------------------------------------- */
__attribute__((weak)) int64_t hd_get_recursion_limit(void);

int hd_recursion_enter(const char *where)
{
    char here;
    struct hd_thread *ts = hd_ts;
    char *volatile p = &here;
    if (STM_LIKELY(p >= ts->c_stack_limit && (ts->c_depth < 50 || !hd_get_recursion_limit || ts->c_depth < hd_get_recursion_limit()))) {
        ts->c_depth++;
        return 0;
    }
    (void)hd_raise(&hd_exc_RecursionError, "maximum recursion depth exceeded%s", where);
    return -1;
}
void hd_recursion_leave(void) { hd_ts->c_depth--; }

int hd_c_stack_room(void)
{
    char here, *volatile p = &here;
    if (STM_LIKELY(p >= hd_ts->c_stack_limit)) return 0;
    (void)hd_raise(&hd_exc_RecursionError, "maximum recursion depth exceeded");
    return -1;
}

int hd_repr_enter(hd_value o)
{
    struct hd_thread *ts = hd_ts;
    if (!ts->repr_guard || ts->repr_guard == HD_UNBOUND) {
        hd_value l = hd_list_new(4);
        if (l == HD_ERR) return -1;
        ts->repr_guard = l;
    }
    int64_t n = hd_list_len(ts->repr_guard);
    for (int64_t i = 0; i < n; i++)
        if (hd_list_get(ts->repr_guard, i) == o) return 1;
    return hd_list_append(ts->repr_guard, o);
}

void hd_repr_leave(hd_value o)
{
    hd_value l = hd_ts->repr_guard;
    for (int64_t i = hd_list_len(l); i-- > 0;)
        if (hd_list_get(l, i) == o) {
            (void)hd_list_pop(l, i);
            return;
        }
}

/* ---- text ------------------------------------------------------------------------------------------------------------------------ */
hd_value hd_repr(hd_value o)
{
    struct hd_type *t = hd_type_of(o);
    if (hd_check_signals() < 0) return HD_ERR;
    if (hd_recursion_enter(" while getting the repr of an object") < 0) return HD_ERR;
    hd_value r = t->op.repr(o);
    hd_recursion_leave();
    if (r != HD_ERR && !hd_is_str(r)) return hd_raise(&hd_exc_TypeError, "__repr__ returned non-string (type %T)", r);
    return r;
}

hd_value hd_str_of(hd_value o)
{
    if (hd_is_str_exact(o)) return o;
    if (hd_is_fix(o)) return hd_int_to_str(o, 10, false);
    struct hd_type *t = hd_type_of(o);
    if (!t->op.str) return hd_repr(o);
    if (hd_recursion_enter(" while getting the str of an object") < 0) return HD_ERR;
    hd_value r = t->op.str(o);
    hd_recursion_leave();
    if (r != HD_ERR && !hd_is_str(r)) return hd_raise(&hd_exc_TypeError, "__str__ returned non-string (type %T)", r);
    return r;
}

hd_value hd_ascii_of(hd_value o)
{
    hd_value r = hd_repr(o);
    if (r == HD_ERR || HD_STR(r)->head.aux & HD_STR_ASCII) return r;
    struct hd_strbuilder b;
    hd_sb_init(&b);
    for (int64_t i = 0, n = HD_STR(r)->len; i < n; i++) {
        uint32_t c = hd_str_at(r, i);
        static const char hex[] = "0123456789abcdef";
        int digits = c < 128 ? 0 : c < 256 ? 2 : c < 65536 ? 4 : 8;
        if (!digits) {
            hd_sb_char(&b, c);
            continue;
        }
        hd_sb_char(&b, '\\');
        hd_sb_char(&b, digits == 2 ? 'x' : digits == 4 ? 'u' : 'U');
        for (int k = digits - 1; k >= 0; k--) hd_sb_char(&b, (uint32_t)hex[c >> 4 * k & 15]);
    }
    return hd_sb_finish(&b);
}

hd_value hd_format(hd_value o, hd_value spec)
{
    if (spec == HD_ABSENT) spec = hd_empty_str;
    if (hd_is_str(spec) && HD_STR(spec)->len == 0) {
        if (hd_is_str_exact(o)) return o;
        if (hd_is_fix(o) || hd_is_shape(o, HD_SHAPE_INT)) return hd_str_of(o);
    } else if (!hd_is_str(spec)) return hd_raise(&hd_exc_SystemError, "Format specifier must be a string, not %T", spec);
    hd_value r = hd_call_special(o, hd_s___format__, &spec, 1);
    if (r == HD_ABSENT) return hd_raise(&hd_exc_TypeError, "Type %T doesn't define __format__", o);
    if (r != HD_ERR && !hd_is_str(r)) return hd_raise(&hd_exc_TypeError, "__format__ must return a str, not %T", r);
    return r;
}

/* ---- hash, truth, comparison ---------------------------------------------------------------------------------------------------- */
int64_t hd_hash(hd_value o)
{
    if (hd_is_str_exact(o)) return (int64_t)hd_str_hash(o);
    struct hd_type *t = hd_type_of(o);
    return t->op.hash ? t->op.hash(o) : hd_hash_refused(o);
}

int hd_truth(hd_value o)
{
    if (o == HD_TRUE) return 1;
    if (o == HD_FALSE || o == HD_NONE) return 0;
    if (hd_is_fix(o)) return o != hd_fix(0);
    struct hd_type *t = hd_type_of(o);
    if (t->op.boolean) return t->op.boolean(o);
    if (!t->op.length) return 1;
    int64_t n = t->op.length(o);
    return n < 0 ? -1 : n > 0;
}

bool hd_is(hd_value a, hd_value b)
{
    if (a == b) return true;
    if (!hd_is_float_exact(a) || !hd_is_float_exact(b)) return false;
    double x = hd_float_value(a), y = hd_float_value(b);
    return !memcmp(&x, &y, sizeof x);
}

hd_value hd_compare(hd_value a, hd_value b, enum hd_cmpop op)
{
    static const enum hd_cmpop swapped[] = { HD_GT, HD_GE, HD_EQ, HD_NE, HD_LT, HD_LE };
    static const char *const text[] = { "<", "<=", "==", "!=", ">", ">=" };
    if (hd_both_fix(a, b) || hd_both_flo(a, b)) {
        double x = 0, y = 0;
        if (hd_is_flo(a)) x = hd_unflo(a), y = hd_unflo(b);
        else x = (int64_t)a < (int64_t)b ? -1 : (int64_t)a > (int64_t)b;
        switch (op) {
        case HD_LT: return hd_bool(x < y);
        case HD_LE: return hd_bool(x <= y);
        case HD_EQ: return hd_bool(x == y);
        case HD_NE: return hd_bool(x != y);
        case HD_GT: return hd_bool(x > y);
        default: return hd_bool(x >= y);
        }
    }
    if (hd_is_str_exact(a) && hd_is_str_exact(b)) return hd_str_type.op.richcompare(a, b, op);
    if (hd_recursion_enter(" in comparison") < 0) return HD_ERR;
    struct hd_type *ta = hd_type_of(a), *tb = hd_type_of(b);
    bool first = false;
    hd_value r = HD_NOTIMPLEMENTED;
    if (ta != tb && tb->op.richcompare && hd_subtype(tb, ta)) {
        first = true;
        r = tb->op.richcompare(b, a, swapped[op]);
    }
    if (r == HD_NOTIMPLEMENTED && ta->op.richcompare) r = ta->op.richcompare(a, b, op);
    if (r == HD_NOTIMPLEMENTED && !first && tb->op.richcompare) r = tb->op.richcompare(b, a, swapped[op]);
    hd_recursion_leave();
    if (r != HD_NOTIMPLEMENTED) return r;
    if (op == HD_EQ) return hd_bool(hd_is(a, b));
    if (op == HD_NE) return hd_bool(!hd_is(a, b));
    return hd_raise(&hd_exc_TypeError, "'%s' not supported between instances of '%T' and '%T'", text[op], a, b);
}

int hd_equal(hd_value a, hd_value b)
{
    if (a == b) return 1;
    if (hd_both_fix(a, b)) return 0;
    if (hd_both_flo(a, b)) return hd_unflo(a) == hd_unflo(b);
    if (hd_is_str_exact(a) && hd_is_str_exact(b)) return hd_str_eq(a, b);
    hd_value r = hd_compare(a, b, HD_EQ);
    return r == HD_ERR ? -1 : hd_truth(r);
}

/* ---- length, items ---------------------------------------------------------------------------------------------------------------- */
int64_t hd_len(hd_value o)
{
    struct hd_type *t = hd_type_of(o);
    if (t->op.length) return t->op.length(o);
    (void)hd_raise(&hd_exc_TypeError, "object of type '%T' has no len()", o);
    return -1;
}

int64_t hd_length_hint(hd_value o, int64_t fallback)
{
    struct hd_type *t = hd_type_of(o);
    if (t->op.length) {
        int64_t n = t->op.length(o);
        if (n >= 0) return n;
        if (!hd_exc_is(&hd_exc_TypeError)) return -1;
        hd_exc_clear();
    }
    hd_value r = hd_call_special(o, hd_s___length_hint__, NULL, 0);
    if (r == HD_ABSENT || r == HD_NOTIMPLEMENTED) return fallback;
    if (r == HD_ERR) {
        if (!hd_exc_is(&hd_exc_TypeError)) return -1;
        hd_exc_clear();
        return fallback;
    }
    int64_t n;
    if (!hd_is_int(r)) {
        (void)hd_raise(&hd_exc_TypeError, "__length_hint__ must be an integer, not %T", r);
        return -1;
    }
    if (hd_as_i64(r, &n) < 0) return -1;
    if (n >= 0) return n;
    (void)hd_raise(&hd_exc_ValueError, "__length_hint__() should return >= 0");
    return -1;
}

static hd_value class_getitem(hd_value cls, hd_value key)
{
    if (cls == hd_obj(&hd_type_type)) return hd_generic_alias_new(cls, hd_is_tuple(key) ? key : hd_tuplev(key));
    hd_value m = hd_getattr_opt(cls, hd_s___class_getitem__);
    if (m == HD_ERR) return m;
    if (m != HD_ABSENT && m != HD_NONE) return hd_callv(m, key);
    return hd_raise(&hd_exc_TypeError, "type '%s' is not subscriptable",
                    HD_TYPE(cls)->flags & HD_TF_HEAP ? hd_type_name(HD_TYPE(cls)) : HD_TYPE(cls)->cname);
}

hd_value hd_getitem(hd_value o, hd_value key)
{
    struct hd_type *t = hd_type_of(o);
    if (t->op.getitem) return t->op.getitem(o, key);
    if (hd_is_type(o)) return class_getitem(o, key);
    return hd_raise(&hd_exc_TypeError, "'%T' object is not subscriptable", o);
}

int hd_setitem(hd_value o, hd_value key, hd_value v)
{
    struct hd_type *t = hd_type_of(o);
    if (t->op.setitem) return t->op.setitem(o, key, v);
    enum { LIKE_SEQUENCES = SEQUENCES | HD_TF_SEQUENCE | HD_TF_SET | HD_TF_FROZENSET | HD_TF_HEAP };     /* have a length or might */
    bool sequence = t->flags & LIKE_SEQUENCES && (hd_is_int(key) || hd_type_of(key)->op.index);
    if (sequence) {                     /* the position is looked at first */
        hd_value n = hd_number_index(key);
        int64_t i;
        if (n == HD_ERR) return -1;
        if (hd_as_i64(n, &i) < 0) {
            hd_exc_clear();
            (void)hd_raise(&hd_exc_IndexError, "cannot fit '%T' into an index-sized integer", key);
            return -1;
        }
    }
    (void)hd_raise(&hd_exc_TypeError, v != HD_ABSENT ? "'%T' object does not support item assignment"
                                      : sequence     ? "'%T' object doesn't support item deletion"
                                                     : "'%T' object does not support item deletion", o);
    return -1;
}

int hd_contains(hd_value o, hd_value v)
{
    struct hd_type *t = hd_type_of(o);
    if (t->op.contains) return t->op.contains(o, v);
    hd_value it = hd_iter(o);
    if (it == HD_ERR) {
        if (hd_exc_is(&hd_exc_TypeError)) (void)hd_raise(&hd_exc_TypeError, "argument of type '%T' is not iterable", o);
        return -1;
    }
    for (;;) {
        hd_value x = hd_next(it);
        if (x == HD_STOP) return 0;
        int r = x == HD_ERR ? -1 : hd_equal(x, v);
        if (r) return r;
    }
}

/* ---- iteration ---------------------------------------------------------------------------------------------------------------------- */
hd_value hd_iter(hd_value o)
{
    struct hd_type *t = hd_type_of(o);
    if (t->op.iter) {
        hd_value it = t->op.iter(o);
        if (it == HD_ERR || hd_type_of(it)->op.iternext) return it;
        return hd_raise(&hd_exc_TypeError, "iter() returned non-iterator of type '%T'", it);
    }
    if (t->op.getitem && !(t->flags & HD_TF_DICT)) return hd_seqiter_new(o);
    return hd_raise(&hd_exc_TypeError, "'%T' object is not iterable", o);
}

hd_value hd_next_failed(hd_value it)
{
    if (!hd_type_of(it)->op.iternext) return hd_raise(&hd_exc_TypeError, "'%T' object is not an iterator", it);
    if (!hd_exc_is(&hd_exc_StopIteration)) return HD_ERR;
    hd_exc_clear();
    return HD_STOP;
}

/* ---- arithmetic ---------------------------------------------------------------------------------------------------------------------- */
static const char *const binary_text[] = { "+", "-", "*", "/", "//", "%", "divmod()", "<<", ">>", "&", "|", "^", "@" };
static const char *const inplace_text[] = { "+=", "-=", "*=", "/=", "//=", "%=", "divmod()", "<<=", ">>=", "&=", "|=", "^=", "@=" };

static hd_value try_binary(enum hd_binop op, hd_value a, hd_value b)
{
    struct hd_type *ta = hd_type_of(a), *tb = hd_type_of(b);
    hd_binary fa = ta->op.binary[op], fb = ta == tb ? NULL : tb->op.binary[op];
    if (fa == fb) fb = NULL;
    if (fb && fa && hd_subtype(tb, ta)) {
        hd_value r = fb(a, b);
        if (r != HD_NOTIMPLEMENTED) return r;
        fb = NULL;
    }
    if (fa) {
        hd_value r = fa(a, b);
        if (r != HD_NOTIMPLEMENTED) return r;
    }
    return fb ? fb(a, b) : HD_NOTIMPLEMENTED;
}

static hd_value unsupported(enum hd_binop op, const char *text, hd_value a, hd_value b)
{
    bool sa = hd_has_flag(a, SEQUENCES), sb = hd_has_flag(b, SEQUENCES);
    if (op == HD_ADD && sa) {
        if (hd_has_flag(a, HD_TF_BYTES | HD_TF_BYTEARRAY)) return hd_raise(&hd_exc_TypeError, "can't concat %T to %T", b, a);
        const char *kind = hd_has_flag(a, HD_TF_STR) ? "str" : hd_has_flag(a, HD_TF_LIST) ? "list" : "tuple";
        return hd_raise(&hd_exc_TypeError, "can only concatenate %s (not \"%T\") to %s", kind, b, kind);
    }
    if (op == HD_MUL && (sa || sb)) return hd_raise(&hd_exc_TypeError, "can't multiply sequence by non-int of type '%T'", sa ? b : a);
    if (op == HD_RSHIFT && hd_is_shape(a, HD_SHAPE_CFUNCTION) && !strcmp(((struct hd_cfunction *)hd_ptr(a))->def->name, "print"))
        return hd_raise(&hd_exc_TypeError, "unsupported operand type(s) for %s: '%T' and '%T'. Did you mean \"print(<message>, file=<output_stream>)\"?",
                        text, a, b);
    return hd_raise(&hd_exc_TypeError, "unsupported operand type(s) for %s: '%T' and '%T'", text, a, b);
}

hd_value hd_binary_op(enum hd_binop op, hd_value a, hd_value b)
{
    hd_value r = try_binary(op, a, b);
    return r == HD_NOTIMPLEMENTED ? unsupported(op, binary_text[op], a, b) : r;
}

hd_value hd_inplace_op(enum hd_binop op, hd_value a, hd_value b)
{
    struct hd_type *tb = hd_type_of(b);
    hd_binary f = hd_type_of(a)->op.inplace[op];
    hd_value r = HD_NOTIMPLEMENTED;
    /* Sequences extend themselves only when the other operand's class does not know the operation: numbers come first. */
    if (f && tb->flags & HD_TF_HEAP && !(hd_type_of(a)->flags & HD_TF_HEAP) && (f == hd_list_type.op.inplace[op] || f == hd_bytearray_type.op.inplace[op]) && tb->op.binary[op] &&
        tb->op.binary[op] != hd_list_type.op.binary[op] && tb->op.binary[op] != hd_bytearray_type.op.binary[op]) r = tb->op.binary[op](a, b);
    if (r == HD_NOTIMPLEMENTED && f) r = f(a, b);
    if (r == HD_NOTIMPLEMENTED) r = try_binary(op, a, b);
    return r == HD_NOTIMPLEMENTED ? unsupported(op, inplace_text[op], a, b) : r;
}

static hd_value try_power(hd_value a, hd_value b, hd_value mod)
{
    struct hd_type *ta = hd_type_of(a), *tb = hd_type_of(b), *tm = hd_type_of(mod);
    hd_ternary fa = ta->op.power, fb = ta == tb ? NULL : tb->op.power, fm = mod == HD_NONE ? NULL : tm->op.power;
    if (fa == fb) fb = NULL;
    if (fm == fa || fm == fb) fm = NULL;
    hd_value r = HD_NOTIMPLEMENTED;
    if (fb && fa && hd_subtype(tb, ta)) {
        r = fb(a, b, mod);
        fb = NULL;
    }
    if (r == HD_NOTIMPLEMENTED && fa) r = fa(a, b, mod);
    if (r == HD_NOTIMPLEMENTED && fb) r = fb(a, b, mod);
    if (r == HD_NOTIMPLEMENTED && fm) r = fm(a, b, mod);
    return r;
}

hd_value hd_power_op(hd_value a, hd_value b, hd_value mod)
{
    hd_value r = try_power(a, b, mod);
    if (r != HD_NOTIMPLEMENTED) return r;
    if (mod == HD_NONE) return hd_raise(&hd_exc_TypeError, "unsupported operand type(s) for ** or pow(): '%T' and '%T'", a, b);
    return hd_raise(&hd_exc_TypeError, "unsupported operand type(s) for ** or pow(): '%T', '%T', '%T'", a, b, mod);
}

hd_value hd_inplace_power(hd_value a, hd_value b)
{
    hd_ternary f = hd_type_of(a)->op.inplace_power;
    hd_value r = f ? f(a, b, HD_NONE) : HD_NOTIMPLEMENTED;
    if (r == HD_NOTIMPLEMENTED) r = try_power(a, b, HD_NONE);
    return r == HD_NOTIMPLEMENTED ? hd_raise(&hd_exc_TypeError, "unsupported operand type(s) for **=: '%T' and '%T'", a, b) : r;
}

#define UNARY(fn, field, text)                                                                                            \
    hd_value fn(hd_value a)                                                                                               \
    {                                                                                                                     \
        hd_unary f = hd_type_of(a)->op.field;                                                                             \
        return f ? f(a) : hd_raise(&hd_exc_TypeError, "bad operand type for " text ": '%T'", a);                          \
    }
UNARY(hd_neg, neg, "unary -")
UNARY(hd_pos, pos, "unary +")
UNARY(hd_invert, invert, "unary ~")
UNARY(hd_abs, absolute, "abs()")

hd_value hd_int_exact(hd_value v);

hd_value hd_number_index(hd_value a)
{
    if (hd_is_int(a)) return hd_int_exact(a);
    struct hd_type *t = hd_type_of(a);
    if (!t->op.index) return hd_raise(&hd_exc_TypeError, "'%T' object cannot be interpreted as an integer", a);
    hd_value r = t->op.index(a);
    if (r == HD_ERR || hd_is_int_exact(r)) return r;
    if (!hd_is_int(r)) return hd_raise(&hd_exc_TypeError, "__index__ returned non-int (type %T)", r);
    if (hd_warn(&hd_exc_DeprecationWarning, 1, "__index__ returned non-int (type %T).  The ability to return an instance of a strict subclass of int "
                "is deprecated, and may not be supported in a future version of Python.", r) < 0)
        return HD_ERR;
    return hd_int_exact(r);
}

/* ---- the rest -------------------------------------------------------------------------------------------------------------------------- */
/* Addresses are multiples of 16: the low bits go to the top. */
uint64_t hd_hash_pointer(const void *p)
{
    uint64_t a = (uint64_t)(uintptr_t)p, h = a >> 4 | a << 60;
    return h == UINT64_MAX ? UINT64_MAX - 1 : h;
}

bool hd_callable(hd_value o) { return hd_type_of(o)->op.call != NULL; }

__attribute__((weak)) hd_value hd_current_locals(void);

hd_value hd_dir(hd_value o)
{
    hd_value l;
    if (o == HD_ABSENT) {
        hd_value d = hd_current_locals ? hd_current_locals() : HD_ERR;
        if (d == HD_ERR) return d;
        l = hd_is_dict_exact(d) ? hd_dict_keys_list(d) : hd_call_method(d, hd_s_keys, NULL, 0);
        if (l != HD_ERR && !hd_is_list(l)) l = hd_list_of(l);
    } else {
        l = hd_call_special(o, hd_s___dir__, NULL, 0);
        if (l == HD_ABSENT) return hd_raise(&hd_exc_TypeError, "object does not provide __dir__");
        if (l != HD_ERR) l = hd_list_of(l);
    }
    return l == HD_ERR || hd_list_sort(l, HD_NONE, false) < 0 ? HD_ERR : l;
}
