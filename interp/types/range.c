/* Ranges and their iterators.  A range whose bounds and length are small is walked by range_iterator, any other by
 * longrange_iterator. */
#include "interp/types/_seq.h"

#define ARGS hd_value self, const hd_value *args, size_t nargs, hd_value kwnames

struct hd_range { struct hd_head head; hd_value start, stop, step, length; };    /* ints of any size */
#define RANGE(v) ((struct hd_range *)hd_ptr(v))

/* Arithmetic on ints of any size; HD_ERR passes through. */
static hd_value op2(enum hd_binop op, hd_value a, hd_value b)
{
    if (a == HD_ERR || b == HD_ERR) return HD_ERR;
    if (hd_both_fix(a, b)) {
        int64_t r;
        if (op == HD_ADD) return hd_int(hd_unfix(a) + hd_unfix(b));
        if (op == HD_SUB) return hd_int(hd_unfix(a) - hd_unfix(b));
        if (op == HD_MUL && !__builtin_mul_overflow(hd_unfix(a), hd_unfix(b), &r)) return hd_int(r);
    }
    return hd_binary_op(op, a, b);
}
static int less(hd_value a, hd_value b)      /* 1, 0, -1 */
{
    if (hd_both_fix(a, b)) return (int64_t)a < (int64_t)b;
    hd_value r = hd_compare(a, b, HD_LT);
    return r == HD_ERR ? -1 : r == HD_TRUE;
}

static hd_value count_steps(hd_value start, hd_value stop, hd_value step)
{
    hd_value lo = start, hi = stop, st = step;
    if (hd_is_fix(start) && hd_is_fix(stop) && hd_is_fix(step)) {
        int64_t a = hd_unfix(start), b = hd_unfix(stop), s = hd_unfix(step);
        if (s > 0 ? a >= b : a <= b) return hd_fix(0);
        uint64_t d = s > 0 ? (uint64_t)b - (uint64_t)a : (uint64_t)a - (uint64_t)b, m = s > 0 ? (uint64_t)s : -(uint64_t)s;
        return hd_int_u64((d - 1) / m + 1);
    }
    if (hd_int_sign(step) < 0) {
        lo = stop;
        hi = start;
        st = hd_neg(step);
    }
    int r = st == HD_ERR ? -1 : less(lo, hi);
    if (r <= 0) return r < 0 ? HD_ERR : hd_fix(0);
    return op2(HD_ADD, op2(HD_FLOORDIV, op2(HD_SUB, op2(HD_SUB, hi, lo), hd_fix(1)), st), hd_fix(1));
}

static hd_value range_exact(hd_value start, hd_value stop, hd_value step)
{
    hd_value length = start == HD_ERR || stop == HD_ERR || step == HD_ERR ? HD_ERR : count_steps(start, stop, step);
    if (length == HD_ERR) return HD_ERR;
    struct hd_range *r = hd_new_object(&hd_range_type, sizeof *r);
    if (!r) return HD_ERR;
    r->start = start;
    r->stop = stop;
    r->step = step;
    r->length = length;
    return hd_obj(r);
}

hd_value hd_range_new(hd_value start, hd_value stop, hd_value step)
{
    start = hd_number_index(start);
    stop = start == HD_ERR ? HD_ERR : hd_number_index(stop);
    step = stop == HD_ERR ? HD_ERR : hd_number_index(step);
    if (step == HD_ERR) return HD_ERR;
    if (step == hd_fix(0)) return hd_raise(&hd_exc_ValueError, "range() arg 3 must not be zero");
    return range_exact(start, stop, step);
}

static hd_value range_make(hd_value type, const hd_value *args, size_t nargs, hd_value kwnames)
{
    if (hd_no_kwargs("range", kwnames)) return HD_ERR;
    if (nargs < 1) return hd_raise(&hd_exc_TypeError, "range expected at least 1 argument, got 0");
    if (nargs > 3) return hd_raise(&hd_exc_TypeError, "range expected at most 3 arguments, got %lld", (long long)nargs);
    if (nargs == 1) return hd_range_new(hd_fix(0), args[0], hd_fix(1));
    return hd_range_new(args[0], args[1], nargs > 2 ? args[2] : hd_fix(1));
}

static hd_value item(struct hd_range *r, hd_value i) { return op2(HD_ADD, r->start, op2(HD_MUL, i, r->step)); }

static int64_t range_length(hd_value self)
{
    hd_value n = RANGE(self)->length;
    int64_t i;
    if (hd_is_fix(n)) return hd_unfix(n);
    if (hd_as_i64(n, &i)) {
        hd_exc_clear();
        (void)hd_raise(&hd_exc_OverflowError, "Python int too large to convert to C ssize_t");
        return -1;
    }
    return i;
}
static int range_bool(hd_value self) { return RANGE(self)->length != hd_fix(0); }

static hd_value range_getitem(hd_value self, hd_value key)
{
    struct hd_range *r = RANGE(self);
    if (hd_is_slice(key)) {
        hd_value part[3];
        if (hd_slice_long_indices(key, r->length, part)) return HD_ERR;
        hd_value start = item(r, part[0]), stop = item(r, part[1]);
        return range_exact(start, stop, op2(HD_MUL, r->step, part[2]));
    }
    if (!hd_is_fix(key)) {
        if (!hd_type_of(key)->op.index) return hd_raise(&hd_exc_TypeError, "range indices must be integers or slices, not %T", key);
        key = hd_number_index(key);
        if (key == HD_ERR) return key;
    }
    if (hd_int_sign(key) < 0) key = op2(HD_ADD, key, r->length);
    if (key == HD_ERR) return key;
    int below = hd_int_sign(key) < 0 ? 1 : less(key, r->length);
    if (below < 0) return HD_ERR;
    if (hd_int_sign(key) < 0 || !below) return hd_raise(&hd_exc_IndexError, "range object index out of range");
    return item(r, key);
}

static bool true_int(hd_value v) { return hd_is_int_exact(v) || hd_is_shape(v, HD_SHAPE_BOOL); }

/* For an int: 1 if v is a member, 0, -1. */
static int member(struct hd_range *r, hd_value v)
{
    bool up = hd_int_sign(r->step) > 0;
    int a = up ? less(v, r->start) : less(r->start, v);
    if (a) return a < 0 ? -1 : 0;
    int b = up ? less(v, r->stop) : less(r->stop, v);
    if (b <= 0) return b;
    hd_value m = op2(HD_MOD, op2(HD_SUB, v, r->start), r->step);
    return m == HD_ERR ? -1 : m == hd_fix(0);
}

static int range_contains(hd_value self, hd_value v)
{
    if (true_int(v)) return member(RANGE(self), hd_number_index(v));
    hd_value it = hd_iter(self), x;
    if (it == HD_ERR) return -1;
    while ((x = hd_next(it)) != HD_STOP) {
        int r = x == HD_ERR ? -1 : hd_equal(x, v);
        if (r) return r;
    }
    return 0;
}

static hd_value range_index(ARGS)
{
    struct hd_range *r = RANGE(self);
    if (true_int(args[0])) {
        hd_value v = hd_number_index(args[0]);
        int in = v == HD_ERR ? -1 : member(r, v);
        if (in < 0) return HD_ERR;
        return in ? op2(HD_FLOORDIV, op2(HD_SUB, v, r->start), r->step) : hd_raise(&hd_exc_ValueError, "%R is not in range", args[0]);
    }
    hd_value it = hd_iter(self), x;
    if (it == HD_ERR) return it;
    for (int64_t i = 0; (x = hd_next(it)) != HD_STOP; i++) {
        int eq = x == HD_ERR ? -1 : hd_equal(x, args[0]);
        if (eq) return eq < 0 ? HD_ERR : hd_fix(i);
    }
    return hd_raise(&hd_exc_ValueError, "sequence.index(x): x not in sequence");
}

static hd_value range_count(ARGS)
{
    if (true_int(args[0])) {
        int r = range_contains(self, args[0]);
        return r < 0 ? HD_ERR : hd_fix(r);
    }
    hd_value it = hd_iter(self), x;
    if (it == HD_ERR) return it;
    int64_t n = 0;
    while ((x = hd_next(it)) != HD_STOP) {
        int eq = x == HD_ERR ? -1 : hd_equal(x, args[0]);
        if (eq < 0) return HD_ERR;
        n += eq;
    }
    return hd_fix(n);
}

/* What decides equality: length, then start, then step, as far as they matter. */
static hd_value essence(struct hd_range *r)
{
    if (r->length == hd_fix(0)) return hd_tuplev(r->length, HD_NONE, HD_NONE);
    return hd_tuplev(r->length, r->start, r->length == hd_fix(1) ? HD_NONE : r->step);
}
static int64_t range_hash(hd_value self)
{
    hd_value t = essence(RANGE(self));
    return t == HD_ERR ? -1 : hd_hash(t);
}
static hd_value range_compare(hd_value a, hd_value b, enum hd_cmpop op)
{
    if ((op != HD_EQ && op != HD_NE) || !hd_is_shape(a, HD_SHAPE_RANGE) || !hd_is_shape(b, HD_SHAPE_RANGE)) return HD_NOTIMPLEMENTED;
    hd_value x = a == b ? HD_NONE : essence(RANGE(a)), y = a == b ? HD_NONE : essence(RANGE(b));
    if (x == HD_ERR || y == HD_ERR) return HD_ERR;
    int r = hd_equal(x, y);
    return r < 0 ? HD_ERR : hd_bool(r == (op == HD_EQ));
}

static hd_value range_repr(hd_value self)
{
    struct hd_range *r = RANGE(self);
    if (r->step == hd_fix(1)) return hd_str_format("range(%R, %R)", r->start, r->stop);
    return hd_str_format("range(%R, %R, %R)", r->start, r->stop, r->step);
}

static hd_value range_reduce(ARGS)
{
    struct hd_range *r = RANGE(self);
    return hd_tuplev(hd_obj(&hd_range_type), hd_tuplev(r->start, r->stop, r->step));
}

static void range_trace(void *o, struct gc_marker *m)
{
    struct hd_range *r = o;
    gc_mark(m, r->start);
    gc_mark(m, r->stop);
    gc_mark(m, r->step);
    gc_mark(m, r->length);
}

/* ---- iterators ---- */
struct rangeiter { struct hd_mhead head; hd_islot next, step, left, length; };
HD_MUTABLE(rangeiter)
HD_MUTABLE_OPEN(rangeiter, sizeof(struct rangeiter))
struct longrangeiter { struct hd_mhead head; hd_value start, step, length; hd_vslot index; };
HD_MUTABLE(longrangeiter)
HD_MUTABLE_OPEN(longrangeiter, sizeof(struct longrangeiter))

static hd_value iter_over(hd_value start, hd_value step, hd_value length)
{
    if (start == HD_ERR || step == HD_ERR) return HD_ERR;
    int64_t last;
    if (hd_is_fix(start) && hd_is_fix(step) && hd_is_fix(length) && !__builtin_mul_overflow(hd_unfix(length), hd_unfix(step), &last)
        && !__builtin_add_overflow(hd_unfix(start), last, &last)) {
        struct rangeiter *it = hd_new_mutable(&hd_rangeiter_type, sizeof *it);
        if (!it) return HD_ERR;
        HD_INIT(it, next, hd_unfix(start));
        HD_INIT(it, step, hd_unfix(step));
        HD_INIT(it, left, hd_unfix(length));
        HD_INIT(it, length, hd_unfix(length));
        return hd_obj(it);
    }
    struct longrangeiter *it = hd_new_mutable(&hd_longrangeiter_type, sizeof *it);
    if (!it) return HD_ERR;
    it->start = start;
    it->step = step;
    it->length = length;
    HD_INIT(it, index, hd_fix(0));
    return hd_obj(it);
}

static hd_value range_iter(hd_value self) { return iter_over(RANGE(self)->start, RANGE(self)->step, RANGE(self)->length); }

static hd_value range_reversed(ARGS)
{
    struct hd_range *r = RANGE(self);
    return iter_over(item(r, op2(HD_SUB, r->length, hd_fix(1))), hd_neg(r->step), r->length);
}

static hd_value rangeiter_next(hd_value self)
{
    rangeiter_w w = rangeiter_open(hd_ptr(self));
    int64_t left = HD_OWN(w, left), v = HD_OWN(w, next);
    if (left <= 0) return HD_STOP;
    HD_PUT(w, left, left - 1);
    HD_PUT(w, next, v + HD_OWN(w, step));
    return hd_int(v);
}
static hd_value rangeiter_hint(ARGS) { return hd_int(HD_GET((struct rangeiter *)hd_ptr(self), left)); }

/* The whole range and the position in it. */
static hd_value rangeiter_reduce(ARGS)
{
    struct rangeiter *it = hd_ptr(self);
    int64_t step = HD_GET(it, step), n = HD_GET(it, length), done = n - HD_GET(it, left), start = HD_GET(it, next) - done * step;
    hd_value r = range_exact(hd_int(start), hd_int(start + step * n), hd_int(step));
    return hd_tuplev(hd_builtin("iter"), hd_tuplev(r), hd_int(done));
}
static hd_value rangeiter_setstate(ARGS)
{
    int64_t i;
    if (hd_as_i64(args[0], &i)) return HD_ERR;
    rangeiter_w w = rangeiter_open(hd_ptr(self));
    int64_t n = HD_OWN(w, length), done = n - HD_OWN(w, left);
    i = i < 0 ? 0 : i > n ? n : i;
    HD_PUT(w, next, HD_OWN(w, next) + (i - done) * HD_OWN(w, step));
    HD_PUT(w, left, n - i);
    return HD_NONE;
}

static hd_value longrangeiter_next(hd_value self)
{
    struct longrangeiter *it = hd_ptr(self);
    hd_value i = HD_GET(it, index);
    int r = less(i, it->length);
    if (r <= 0) return r < 0 ? HD_ERR : HD_STOP;
    hd_value v = op2(HD_ADD, it->start, op2(HD_MUL, i, it->step)), next = op2(HD_ADD, i, hd_fix(1));
    if (v == HD_ERR || next == HD_ERR) return HD_ERR;
    longrangeiter_w w = longrangeiter_open(it);
    HD_PUT(w, index, next);
    return v;
}
static hd_value longrangeiter_hint(ARGS)
{
    struct longrangeiter *it = hd_ptr(self);
    return op2(HD_SUB, it->length, HD_GET(it, index));
}
static hd_value longrangeiter_reduce(ARGS)
{
    struct longrangeiter *it = hd_ptr(self);
    hd_value r = range_exact(it->start, op2(HD_ADD, it->start, op2(HD_MUL, it->length, it->step)), it->step);
    return hd_tuplev(hd_builtin("iter"), hd_tuplev(r), HD_GET(it, index));
}
static hd_value longrangeiter_setstate(ARGS)
{
    struct longrangeiter *it = hd_ptr(self);
    hd_value i = hd_number_index(args[0]);
    if (i == HD_ERR) return i;
    if (hd_int_sign(i) < 0) i = hd_fix(0);
    int r = less(it->length, i);
    if (r < 0) return HD_ERR;
    longrangeiter_w w = longrangeiter_open(it);
    HD_PUT(w, index, r ? it->length : i);
    return HD_NONE;
}
static void longrangeiter_trace(void *o, struct gc_marker *m)
{
    struct longrangeiter *it = o;
    gc_mark(m, it->start);
    gc_mark(m, it->step);
    gc_mark(m, it->length);
    gc_mark(m, HD_RAW(it->index));
}
static hd_value self_iter(hd_value self) { return self; }

#define ITER_METHODS(prefix)                                                                                             \
    static const struct hd_methoddef prefix##_methods[] = {                                                              \
        { "__length_hint__", prefix##_hint, 0, 0, 0, "Private method returning an estimate of len(list(it))." },         \
        { "__reduce__", prefix##_reduce, 0, 0, 0, "Return state information for pickling." },                            \
        { "__setstate__", prefix##_setstate, 1, 1, 0, "Set state information for unpickling." },                         \
        { 0 }                                                                                                            \
    };
ITER_METHODS(rangeiter)
ITER_METHODS(longrangeiter)

struct hd_type hd_rangeiter_type = {
    .cname = "range_iterator", .basicsize = sizeof(struct rangeiter), .flags = HD_TF_NEVER_INSTANTIATE, .methods = rangeiter_methods,
    .op = { .iter = self_iter, .iternext = rangeiter_next },
};
struct hd_type hd_longrangeiter_type = {
    .cname = "longrange_iterator", .basicsize = sizeof(struct longrangeiter), .flags = HD_TF_NEVER_INSTANTIATE, .methods = longrangeiter_methods,
    .op = { .iter = self_iter, .iternext = longrangeiter_next, .trace = longrangeiter_trace },
};

static const struct hd_methoddef range_methods[] = {
    { "__reversed__", range_reversed, 0, 0, 0, "Return a reverse iterator." },
    { "__reduce__", range_reduce, 0, 0, 0, "Return state information for pickling." },
    { "count", range_count, 1, 1, 0, "rangeobject.count(value) -> integer -- return number of occurrences of value" },
    { "index", range_index, 1, 1, 0, "rangeobject.index(value) -> integer -- return index of value.\nRaise ValueError if the value is not present." },
    { 0 }
};
static const struct hd_memberdef range_members[] = {
    { "start", offsetof(struct hd_range, start), HD_MEMBER_CONST | HD_MEMBER_READONLY, NULL },
    { "stop", offsetof(struct hd_range, stop), HD_MEMBER_CONST | HD_MEMBER_READONLY, NULL },
    { "step", offsetof(struct hd_range, step), HD_MEMBER_CONST | HD_MEMBER_READONLY, NULL },
    { 0 }
};
struct hd_type hd_range_type = {
    .cname = "range", .basicsize = sizeof(struct hd_range), .flags = HD_TF_IMMUTABLE_LAYOUT | HD_TF_SEQUENCE,
    .doc = "range(stop) -> range object\nrange(start, stop[, step]) -> range object\n\nReturn an object that produces a sequence of integers from start (inclusive)\n"
           "to stop (exclusive) by step.  range(i, j) produces i, i+1, i+2, ..., j-1.\nstart defaults to 0, and stop is omitted!  range(4) produces 0, 1, 2, 3.\n"
           "These are exactly the valid indices for a list of 4 elements.\nWhen step is given, it specifies the increment (or decrement).",
    .methods = range_methods, .members = range_members,
    .op = { .repr = range_repr, .hash = range_hash, .iter = range_iter, .length = range_length, .boolean = range_bool, .getitem = range_getitem,
            .contains = range_contains, .richcompare = range_compare, .make = range_make, .trace = range_trace },
};
