/* Helpers shared by the sequence types; see _seq.h. */
#include "interp/types/number.h"
#include "interp/types/_seq.h"

int hd_seq_index(hd_value key, const char *what, int64_t *out)
{
    if (STM_LIKELY(hd_is_fix(key))) {
        *out = hd_unfix(key);
        return 0;
    }
    if (!hd_type_of(key)->op.index) {
        (void)hd_raise(&hd_exc_TypeError, "%s indices must be integers or slices, not %T", what, key);
        return -1;
    }
    hd_value i = hd_number_index(key);
    if (i == HD_ERR) return -1;
    if (hd_is_fix(i)) {
        *out = hd_unfix(i);
        return 0;
    }
    if (hd_as_i64(i, out) == 0) return 0;
    hd_exc_clear();
    (void)hd_raise(&hd_exc_IndexError, "cannot fit '%T' into an index-sized integer", key);
    return -1;
}

hd_value hd_seq_concat_other(hd_value a, hd_value b, const char *what)
{
    hd_binary theirs = hd_type_of(b)->op.binary[HD_ADD];
    if (theirs && theirs != hd_type_of(a)->op.binary[HD_ADD]) {
        hd_value r = theirs(a, b);
        if (r != HD_NOTIMPLEMENTED) return r;
    }
    return hd_raise(&hd_exc_TypeError, "can only concatenate %s (not \"%T\") to %s", what, b, what);
}

int hd_seq_repeat_count(hd_value a, hd_value b, bool seq_is_a, int64_t *count, hd_value *result)
{
    hd_value n = seq_is_a ? b : a, seq = seq_is_a ? a : b;
    if (STM_LIKELY(hd_is_fix(n))) {
        *count = hd_unfix(n);
        return 0;
    }
    struct hd_type *t = hd_type_of(n);
    if (t->op.index) {
        hd_value i = hd_number_index(n);
        if (i == HD_ERR) return -1;
        if (hd_int_to_i64(i, count)) return 0;
        (void)hd_raise(&hd_exc_OverflowError, "cannot fit '%T' into an index-sized integer", n);
        return -1;
    }
    hd_binary theirs = t->op.binary[HD_MUL];
    if (!seq_is_a && theirs && t->op.getitem && !(t->flags & HD_TF_HEAP)) {         /* two sequences: the left one tells what is wrong */
        *result = HD_NOTIMPLEMENTED;
        return 1;
    }
    if (seq_is_a && theirs && (!t->op.getitem || t->flags & HD_TF_HEAP) && theirs != hd_type_of(seq)->op.binary[HD_MUL]) {
        hd_value r = theirs(a, b);
        if (r == HD_ERR) return -1;
        if (r != HD_NOTIMPLEMENTED) {
            *result = r;
            return 1;
        }
    }
    (void)hd_raise(&hd_exc_TypeError, "can't multiply sequence by non-int of type '%T'", n);
    return -1;
}

int hd_seq_bounds(const hd_value *args, size_t nargs, int64_t len, int64_t *lo, int64_t *hi)
{
    int64_t bound[2] = { 0, INT64_MAX };
    for (size_t i = 0; i < nargs && i < 2; i++) {
        if (!hd_is_int(args[i]) && !hd_type_of(args[i])->op.index) {
            (void)hd_raise(&hd_exc_TypeError, "slice indices must be integers or have an __index__ method");
            return -1;
        }
        if (hd_as_index(args[i], &bound[i])) return -1;
        if (bound[i] < 0 && (bound[i] += len) < 0) bound[i] = 0;
    }
    *lo = bound[0];
    *hi = bound[1];
    return 0;
}

hd_value hd_generic_alias_method(hd_value cls, const hd_value *args, size_t nargs, hd_value kwnames)
{
    return hd_generic_alias_new(cls, args[0]);
}

hd_value hd_builtin(const char *name)
{
    hd_value v = hd_dict_get_c(hd_builtins_dict, name);
    return v == HD_ABSENT ? hd_raise(&hd_exc_AttributeError, "%s", name) : v;
}

hd_value hd_seqiter_make(struct hd_type *type, hd_value seq, int64_t index)
{
    struct hd_seqiter *it = hd_new_mutable(type, sizeof *it);
    if (!it) return HD_ERR;
    HD_INIT(it, seq, seq);
    HD_INIT(it, index, index);
    return hd_obj(it);
}

void hd_seqiter_trace(void *o, struct gc_marker *m) { gc_mark(m, HD_RAW(((struct hd_seqiter *)o)->seq)); }
