/* Slices, and the arithmetic of slice.indices for all sequences. */
#include "interp/types/_seq.h"

#define ARGS hd_value self, const hd_value *args, size_t nargs, hd_value kwnames
#define SLICE(v) ((struct hd_slice *)hd_ptr(v))

hd_value hd_slice_new(hd_value start, hd_value stop, hd_value step)
{
    struct hd_slice *s = gc_alloc_small(sizeof *s);
    if (STM_UNLIKELY(!s)) return hd_no_memory();
    s->head.aux = 0;
    s->start = start == HD_ABSENT ? HD_NONE : start;
    s->stop = stop == HD_ABSENT ? HD_NONE : stop;
    s->step = step == HD_ABSENT ? HD_NONE : step;
    s->head.shape = HD_SHAPE_SLICE;
    return hd_obj(s);
}

static int part(hd_value v, int64_t *out)
{
    if (STM_LIKELY(hd_is_fix(v))) {
        *out = hd_unfix(v);
        return 0;
    }
    if (!hd_type_of(v)->op.index) {
        (void)hd_raise(&hd_exc_TypeError, "slice indices must be integers or None or have an __index__ method");
        return -1;
    }
    return hd_as_index(v, out);
}

static int zero_step(void)
{
    (void)hd_raise(&hd_exc_ValueError, "slice step cannot be zero");
    return -1;
}

hd_value hd_slice_settled(hd_value slice)
{
    const struct hd_slice *s = SLICE(slice);
    const hd_value given[3] = { s->step, s->start, s->stop };       /* in the order of asking */
    hd_value v[3];
    bool plain = true;
    for (int i = 0; i < 3; i++) plain &= given[i] == HD_NONE || hd_is_fix(given[i]);
    if (plain) return slice;
    for (int i = 0; i < 3; i++) {
        int64_t n;
        if (given[i] != HD_NONE && part(given[i], &n)) return HD_ERR;
        if (i == 0 && given[i] != HD_NONE && n == 0) return zero_step(), HD_ERR;
        v[i] = given[i] == HD_NONE ? HD_NONE : hd_int(n);
    }
    return hd_slice_new(v[1], v[2], v[0]);
}

int hd_slice_indices(hd_value slice, int64_t len, int64_t *start, int64_t *stop, int64_t *step, int64_t *count)
{
    struct hd_slice *s = SLICE(slice);
    int64_t st = 1, lo, hi;
    if (s->step != HD_NONE) {
        if (part(s->step, &st)) return -1;
        if (st == 0) return zero_step();
        if (st == INT64_MIN) st = -INT64_MAX;
    }
    lo = st < 0 ? INT64_MAX : 0;
    hi = st < 0 ? INT64_MIN : INT64_MAX;
    if (s->start != HD_NONE && part(s->start, &lo)) return -1;
    if (s->stop != HD_NONE && part(s->stop, &hi)) return -1;
    int64_t low = st < 0 ? -1 : 0, high = st < 0 ? len - 1 : len;
    if (s->start != HD_NONE && lo < 0) lo += len;
    if (s->stop != HD_NONE && hi < 0) hi += len;
    lo = lo < low ? low : lo > high ? high : lo;
    hi = hi < low ? low : hi > high ? high : hi;
    *count = st > 0 ? lo < hi ? (hi - lo - 1) / st + 1 : 0 : hi < lo ? (lo - hi - 1) / -st + 1 : 0;
    *start = lo;
    *stop = hi;
    /* Longer steps than any length lead past the end, too; callers may add one to the last index. */
    *step = st > HD_FIXMAX ? HD_FIXMAX : st < HD_FIXMIN ? HD_FIXMIN : st;
    return 0;
}

static hd_value as_int(hd_value v)
{
    if (!hd_type_of(v)->op.index) return hd_raise(&hd_exc_TypeError, "slice indices must be integers or None or have an __index__ method");
    return hd_number_index(v);
}

/* One end of a slice over a sequence of any length, with integers of any size. */
static hd_value clamp(hd_value v, hd_value len, hd_value low, hd_value high)
{
    v = as_int(v);
    if (v == HD_ERR) return v;
    hd_value c;
    if (hd_int_sign(v) < 0) {
        v = hd_binary_op(HD_ADD, v, len);
        c = v == HD_ERR ? v : hd_compare(v, low, HD_LT);
        return c == HD_ERR ? c : c == HD_TRUE ? low : v;
    }
    c = hd_compare(v, high, HD_GT);
    return c == HD_ERR ? c : c == HD_TRUE ? high : v;
}

int hd_slice_long_indices(hd_value slice, hd_value len, hd_value out[3])
{
    struct hd_slice *s = SLICE(slice);
    hd_value step = s->step == HD_NONE ? hd_fix(1) : as_int(s->step);
    if (step == HD_ERR) return -1;
    int sign = hd_int_sign(step);
    if (sign == 0) return zero_step();
    hd_value low = sign < 0 ? hd_fix(-1) : hd_fix(0), high = sign < 0 ? hd_binary_op(HD_SUB, len, hd_fix(1)) : len;
    if (high == HD_ERR) return -1;
    out[0] = s->start == HD_NONE ? (sign < 0 ? high : low) : clamp(s->start, len, low, high);
    if (out[0] == HD_ERR) return -1;
    out[1] = s->stop == HD_NONE ? (sign < 0 ? low : high) : clamp(s->stop, len, low, high);
    out[2] = step;
    return out[1] == HD_ERR ? -1 : 0;
}

static hd_value slice_indices(ARGS)
{
    hd_value out[3], len = hd_number_index(args[0]);
    if (len == HD_ERR) return HD_ERR;
    if (hd_int_sign(len) < 0) return hd_raise(&hd_exc_ValueError, "length should not be negative");
    return hd_slice_long_indices(self, len, out) ? HD_ERR : hd_tuple_from(out, 3);
}

static hd_value slice_make(hd_value type, const hd_value *args, size_t nargs, hd_value kwnames)
{
    if (hd_no_kwargs("slice", kwnames)) return HD_ERR;
    if (nargs < 1) return hd_raise(&hd_exc_TypeError, "slice expected at least 1 argument, got 0");
    if (nargs > 3) return hd_raise(&hd_exc_TypeError, "slice expected at most 3 arguments, got %lld", (long long)nargs);
    return nargs == 1 ? hd_slice_new(HD_NONE, args[0], HD_NONE) : hd_slice_new(args[0], args[1], nargs > 2 ? args[2] : HD_NONE);
}

static hd_value slice_repr(hd_value self)
{
    return hd_str_format("slice(%R, %R, %R)", SLICE(self)->start, SLICE(self)->stop, SLICE(self)->step);
}

static hd_value slice_compare(hd_value a, hd_value b, enum hd_cmpop op)
{
    if (!hd_is_slice(a) || !hd_is_slice(b)) return HD_NOTIMPLEMENTED;
    if (a == b) return hd_bool(op == HD_EQ || op == HD_LE || op == HD_GE);
    hd_value x = hd_tuplev(SLICE(a)->start, SLICE(a)->stop, SLICE(a)->step);
    hd_value y = hd_tuplev(SLICE(b)->start, SLICE(b)->stop, SLICE(b)->step);
    return x == HD_ERR || y == HD_ERR ? HD_ERR : hd_compare(x, y, op);
}

static hd_value slice_reduce(ARGS)
{
    return hd_tuplev(hd_obj(&hd_slice_type), hd_tuplev(SLICE(self)->start, SLICE(self)->stop, SLICE(self)->step));
}

static void slice_trace(void *o, struct gc_marker *m)
{
    struct hd_slice *s = o;
    gc_mark(m, s->start);
    gc_mark(m, s->stop);
    gc_mark(m, s->step);
}

static const struct hd_methoddef slice_methods[] = {
    { "indices", slice_indices, 1, 1, 0, "S.indices(len) -> (start, stop, stride)\n\nAssuming a sequence of length len, calculate the start and stop\n"
      "indices, and the stride length of the extended slice described by\nS. Out of bounds indices are clipped in a manner consistent with the\nhandling of normal slices." },
    { "__reduce__", slice_reduce, 0, 0, 0, "Return state information for pickling." },
    { 0 }
};
static const struct hd_memberdef slice_members[] = {
    { "start", offsetof(struct hd_slice, start), HD_MEMBER_CONST | HD_MEMBER_READONLY, NULL },
    { "stop", offsetof(struct hd_slice, stop), HD_MEMBER_CONST | HD_MEMBER_READONLY, NULL },
    { "step", offsetof(struct hd_slice, step), HD_MEMBER_CONST | HD_MEMBER_READONLY, NULL },
    { 0 }
};

struct hd_type hd_slice_type = {
    .cname = "slice", .basicsize = sizeof(struct hd_slice), .flags = HD_TF_IMMUTABLE_LAYOUT,
    .doc = "slice(stop)\nslice(start, stop[, step])\n\nCreate a slice object.  This is used for extended slicing (e.g. a[0:10:2]).",
    .methods = slice_methods, .members = slice_members,
    .op = { .repr = slice_repr, .hash = hd_hash_refused, .richcompare = slice_compare, .make = slice_make, .trace = slice_trace },
};
