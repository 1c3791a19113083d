/* itertools: islice, groupby, tee. */
#include "interp/modules/itertools.h"

static bool is_end(hd_value v) { return v == HD_STOP || v == HD_ERR; }

/* ---- islice: a iterator (HD_UNBOUND: exhausted), b step, c count so far, d stop (None: no end); i next ---- */
static int bound(hd_value v, const char *message, int64_t none, int64_t *out)
{
    if (v == HD_NONE) {
        *out = none;
        return 0;
    }
    if (hd_type_of(v)->op.index && !hd_as_i64(v, out) && *out >= 0) return 0;
    if (hd_exc_pending()) hd_exc_clear();
    (void)hd_raise(&hd_exc_ValueError, "%s", message);
    return -1;
}
static hd_value islice_make(MAKE_ARGS)
{
    if (hd_it_reject_kwargs(type, "islice", kwnames) == HD_ERR) return HD_ERR;
    if (nargs < 2) return hd_raise(&hd_exc_TypeError, "islice expected at least 2 arguments, got %lld", (long long)nargs);
    if (nargs > 4) return hd_raise(&hd_exc_TypeError, "islice expected at most 4 arguments, got %lld", (long long)nargs);
    int64_t start = 0, end, step = 1;
    if (nargs == 2) {
        if (bound(args[1], "Stop argument for islice() must be None or an integer: 0 <= x <= sys.maxsize.", -1, &end)) return HD_ERR;
    } else {
        const char *m = "Indices for islice() must be None or an integer: 0 <= x <= sys.maxsize.";
        if (bound(args[2], "Stop argument for islice() must be None or an integer: 0 <= x <= sys.maxsize.", -1, &end) || bound(args[1], m, 0, &start)) return HD_ERR;
    }
    if (nargs == 4 && (bound(args[3], "Step for islice() must be a positive integer or None.", 1, &step) || step < 1)) {
        return hd_exc_pending() ? HD_ERR : hd_raise(&hd_exc_ValueError, "Step for islice() must be a positive integer or None.");
    }
    hd_value it = hd_iter(args[0]), o = hd_it_new(type, it, hd_int(step), hd_fix(0), end < 0 ? HD_NONE : hd_int(end));
    if (o != HD_ERR) HD_INIT(IT(o), i, start);
    return o;
}
static hd_value islice_done(hd_value self, hd_value v)
{
    it_w w = it_open(IT(self));
    HD_PUT(w, a, HD_UNBOUND);
    return v;
}
static hd_value islice_next(hd_value self)
{
    struct it *s = IT(self);
    hd_value it = HD_GET(s, a), stop = HD_GET(s, d);
    if (it == HD_UNBOUND) return HD_STOP;
    int64_t next = HD_GET(s, i), count = hd_unfix(HD_GET(s, c)), end = stop == HD_NONE ? -1 : hd_unfix(stop);
    while (count < next) {
        hd_value v = hd_next(it);
        if (is_end(v)) return islice_done(self, v);
        count++;
        it_w w = it_open(s);
        HD_PUT(w, c, hd_fix(count));
    }
    if (end >= 0 && count >= end) return islice_done(self, HD_STOP);
    hd_value v = hd_next(it);
    if (is_end(v)) return islice_done(self, v);
    int64_t step = hd_unfix(HD_GET(s, b));
    if (__builtin_add_overflow(next, step, &next) || (end >= 0 && next > end)) next = end >= 0 ? end : INT64_MAX;
    it_w w = it_open(s);
    HD_PUT(w, c, hd_fix(count + 1));
    HD_PUT(w, i, next);
    return v;
}
static hd_value islice_reduce(ARGS)
{
    struct it *s = IT(self);
    hd_value it = HD_GET(s, a), type = hd_it_type(self);
    if (it == HD_UNBOUND) return hd_tuplev(type, hd_tuplev(hd_iter(hd_list_new(0)), hd_fix(0)), hd_fix(0));
    return hd_tuplev(type, hd_tuplev(it, hd_int(HD_GET(s, i)), HD_GET(s, d), HD_GET(s, b)), HD_GET(s, c));
}
static hd_value islice_setstate(ARGS)
{
    int64_t n;
    if (hd_as_i64(args[0], &n)) return HD_ERR;
    it_w w = it_open(IT(self));
    HD_PUT(w, c, hd_fix(n));
    return HD_NONE;
}
IT_METHODS_STATE(islice)
IT_TYPE(islice, "islice", islice_make, islice_next, islice_methods, NULL,
    "islice(iterable, stop) --> islice object\nislice(iterable, start, stop[, step]) --> islice object\n\nReturn an iterator whose next() method returns selected values from an iterable.")

/* ---- groupby: a iterator, b key function or None, c current key, d current value (both HD_UNBOUND: none);
 *      i serial number of the running group; j 1: the target key is in the list behind ---- */
/* The target key (that of the group last handed out) lives in a cell of its own type: see struct grouper. */
struct groupby { struct it it; hd_vslot target; hd_vslot grouper; };
#define GROUPBY(v) ((struct groupby *)hd_ptr(v))
#define G_GET(g, f) stm_read(&(g)->it.head.w, &(g)->f)
static struct hd_type grouper_type, groupby_type;

static hd_value groupby_make(MAKE_ARGS)
{
    hd_value a[2];
    if (hd_args("groupby", "iterable,|key", args, nargs, kwnames, a)) return HD_ERR;
    hd_value it = hd_iter(a[0]), o = hd_it_new(type, it, a[1] == HD_ABSENT ? HD_NONE : a[1], HD_UNBOUND, HD_UNBOUND);
    if (o == HD_ERR) return o;
    HD_INIT(GROUPBY(o), target, HD_UNBOUND);
    HD_INIT(GROUPBY(o), grouper, HD_UNBOUND);
    return o;
}
/* Fetches one item and its key: 0, or HD_STOP, HD_ERR. */
static hd_value groupby_step(struct groupby *g)
{
    hd_value v = hd_next(HD_GET(&g->it, a)), f = HD_GET(&g->it, b);
    if (is_end(v)) return v;
    hd_value k = f == HD_NONE ? v : hd_callv(f, v);
    if (k == HD_ERR) return k;
    it_w w = it_open(&g->it);
    HD_PUT(w, c, k);
    HD_PUT(w, d, v);
    return 0;
}
static hd_value groupby_next(hd_value self)
{
    struct groupby *g = GROUPBY(self);
    it_w w = it_open(&g->it);
    HD_PUT_AT(&g->grouper, HD_UNBOUND);
    for (;;) {
        hd_value key = HD_GET(&g->it, c), target = G_GET(g, target);
        if (key != HD_UNBOUND) {
            if (target == HD_UNBOUND) break;
            int r = hd_equal(target, key);
            if (r < 0) return HD_ERR;
            if (!r) break;
        }
        hd_value r = groupby_step(g);
        if (r) return r;
    }
    w = it_open(&g->it);
    hd_value key = HD_OWN(w, c);
    HD_PUT_AT(&g->target, key);
    hd_value grouper = hd_it_new(hd_obj(&grouper_type), self, key, HD_NONE, HD_NONE);
    if (grouper == HD_ERR) return grouper;
    w = it_open(&g->it);
    HD_PUT_AT(&g->grouper, grouper);
    return hd_tuplev(key, grouper);
}
static hd_value groupby_reduce(ARGS)
{
    struct groupby *g = GROUPBY(self);
    hd_value base = hd_tuplev(HD_GET(&g->it, a), HD_GET(&g->it, b)), key = HD_GET(&g->it, c), v = HD_GET(&g->it, d), target = G_GET(g, target);
    if (key == HD_UNBOUND || v == HD_UNBOUND || target == HD_UNBOUND) return hd_tuplev(hd_it_type(self), base);
    return hd_tuplev(hd_it_type(self), base, hd_tuplev(key, v, target));
}
static hd_value groupby_setstate(ARGS)
{
    hd_value s = args[0];
    if (!hd_is_tuple(s)) return hd_raise(&hd_exc_TypeError, "state is not a tuple");
    if (HD_TUPLE(s)->len != 3) return hd_raise(&hd_exc_TypeError, "function takes exactly 3 arguments (%lld given)", (long long)HD_TUPLE(s)->len);
    struct groupby *g = GROUPBY(self);
    it_w w = it_open(&g->it);
    HD_PUT(w, c, HD_TUPLE(s)->item[0]);
    HD_PUT(w, d, HD_TUPLE(s)->item[1]);
    HD_PUT_AT(&g->target, HD_TUPLE(s)->item[2]);
    return HD_NONE;
}
IT_METHODS_STATE(groupby)
static void groupby_trace(void *o, struct gc_marker *m)
{
    struct groupby *g = o;
    hd_it_trace(o, m);
    gc_mark(m, HD_RAW(g->target));
    gc_mark(m, HD_RAW(g->grouper));
}
static struct hd_type groupby_type = {
    .cname = "itertools.groupby", .basicsize = sizeof(struct groupby), .flags = HD_TF_BASETYPE, .methods = groupby_methods,
    .doc = "groupby(iterable, key=None)\n--\n\nmake an iterator that returns consecutive keys and groups from the iterable",
    .op = { .iter = hd_it_self, .iternext = groupby_next, .make = groupby_make, .trace = groupby_trace },
};

/* ---- the groups: a groupby, b key ---- */
static hd_value grouper_make(MAKE_ARGS)
{
    if (nargs != 2 || kwnames) return hd_raise(&hd_exc_TypeError, "_grouper() takes exactly 2 arguments (%lld given)", (long long)nargs);
    if (!hd_is_ptr(args[0]) || !hd_subtype(hd_type_of(args[0]), &groupby_type))
        return hd_raise(&hd_exc_TypeError, "_grouper() argument 1 must be itertools.groupby, not %A", args[0]);
    hd_value o = hd_it_new(type, args[0], args[1], HD_NONE, HD_NONE);
    if (o == HD_ERR) return o;
    (void)it_open(&GROUPBY(args[0])->it);
    HD_PUT_AT(&GROUPBY(args[0])->grouper, o);
    return o;
}
static hd_value grouper_next(hd_value self)
{
    struct it *it = IT(self);
    struct groupby *g = GROUPBY(HD_GET(it, a));
    if (G_GET(g, grouper) != self) return HD_STOP;
    if (HD_GET(&g->it, d) == HD_UNBOUND) {
        hd_value r = groupby_step(g);
        if (r) return r;
    }
    int r = hd_equal(HD_GET(it, b), HD_GET(&g->it, c));
    if (r <= 0) return r < 0 ? HD_ERR : HD_STOP;
    it_w w = it_open(&g->it);
    hd_value v = HD_OWN(w, d);
    HD_PUT(w, d, HD_UNBOUND);
    return v == HD_UNBOUND ? HD_STOP : v;
}
static hd_value grouper_reduce(ARGS)
{
    hd_value g = HD_GET(IT(self), a);
    if (G_GET(GROUPBY(g), grouper) != self) return hd_tuplev(hd_builtin("iter"), hd_tuplev(hd_empty_tuple));
    return hd_tuplev(hd_it_type(self), hd_tuplev(g, HD_GET(IT(self), b)));
}
IT_METHODS(grouper)
static struct hd_type grouper_type = {
    .cname = "itertools._grouper", .basicsize = sizeof(struct it), .methods = grouper_methods,
    .op = { .iter = hd_it_self, .iternext = grouper_next, .make = grouper_make, .trace = hd_it_trace },
};

/* ---- tee: blocks of what the source gave, shared by the copies ---- */
enum { TEE_BLOCK = 57 };
/* _tee_dataobject: a iterator, b list of at most TEE_BLOCK values, c next block or None; j 1: fetching. */
static struct hd_type teedata_type, tee_type;

static hd_value teedata_make(MAKE_ARGS)
{
    if (nargs != 3 || !hd_is_list(args[1])) return hd_raise(&hd_exc_TypeError, "_tee_dataobject expected 3 arguments, got %lld", (long long)nargs);
    int64_t n = hd_list_len(args[1]);
    if (n > TEE_BLOCK) return hd_raise(&hd_exc_ValueError, "Invalid arguments");
    if (n == TEE_BLOCK ? args[2] != HD_NONE && hd_type_of(args[2]) != &teedata_type : args[2] != HD_NONE)
        return hd_raise(&hd_exc_ValueError, n == TEE_BLOCK ? "_tee_dataobject expected as next link" : "_tee_dataobject should not have a next link");
    return hd_it_new(type, args[0], hd_list_of(args[1]), args[2], HD_NONE);
}
static hd_value teedata_at(hd_value self, int64_t i)
{
    struct it *d = IT(self);
    hd_value list = HD_GET(d, b), v = hd_list_at(HD_LIST(list), i);
    if (v != HD_ABSENT) return v;
    if (HD_GET(d, j)) return hd_raise(&hd_exc_RuntimeError, "cannot re-enter the tee iterator");
    it_w w = it_open(d);
    HD_PUT(w, j, 1);
    v = hd_next(HD_GET(d, a));
    w = it_open(d);
    HD_PUT(w, j, 0);
    if (is_end(v)) return v;
    return hd_list_push(HD_LIST(list), v) ? HD_ERR : v;
}
static hd_value teedata_next_block(hd_value self)
{
    struct it *d = IT(self);
    hd_value next = HD_GET(d, c);
    if (next != HD_NONE) return next;
    next = hd_it_new(hd_obj(&teedata_type), HD_GET(d, a), hd_list_new(0), HD_NONE, HD_NONE);
    if (next == HD_ERR) return next;
    it_w w = it_open(d);
    HD_PUT(w, c, next);
    return next;
}
static hd_value teedata_reduce(ARGS)
{
    struct it *d = IT(self);
    return hd_tuplev(hd_it_type(self), hd_tuplev(HD_GET(d, a), hd_list_of(HD_GET(d, b)), HD_GET(d, c)));
}
IT_METHODS(teedata)
static struct hd_type teedata_type = {
    .cname = "itertools._tee_dataobject", .basicsize = sizeof(struct it), .doc = "teedataobject(iterable, values, next, /)\n--\n\nData container common to multiple tee objects.",
    .methods = teedata_methods, .op = { .make = teedata_make, .trace = hd_it_trace },
};

/* _tee: a block; i index in it */
static hd_value tee_copy(ARGS)
{
    hd_value o = hd_it_new(hd_obj(&tee_type), HD_GET(IT(self), a), HD_NONE, HD_NONE, HD_NONE);
    if (o != HD_ERR) HD_INIT(IT(o), i, HD_GET(IT(self), i));
    return o;
}
static hd_value tee_over(hd_value iterable)
{
    hd_value it = hd_iter(iterable);
    if (it == HD_ERR) return it;
    if (hd_is_ptr(it) && hd_subtype(hd_type_of(it), &tee_type)) return tee_copy(it, NULL, 0, 0);
    hd_value block = hd_it_new(hd_obj(&teedata_type), it, hd_list_new(0), HD_NONE, HD_NONE);
    return hd_it_new(hd_obj(&tee_type), block, HD_NONE, HD_NONE, HD_NONE);
}
static hd_value tee_make(MAKE_ARGS)
{
    if (nargs != 1 || kwnames) return hd_raise(&hd_exc_TypeError, "_tee expected 1 argument, got %lld", (long long)nargs);
    return tee_over(args[0]);
}
static hd_value tee_next(hd_value self)
{
    struct it *t = IT(self);
    hd_value block = HD_GET(t, a);
    int64_t i = HD_GET(t, i);
    if (i >= TEE_BLOCK) {
        block = teedata_next_block(block);
        if (block == HD_ERR) return block;
        it_w w = it_open(t);
        HD_PUT(w, a, block);
        HD_PUT(w, i, i = 0);
    }
    hd_value v = teedata_at(block, i);
    if (is_end(v)) return v;
    it_w w = it_open(t);
    HD_PUT(w, i, i + 1);
    return v;
}
static hd_value tee_reduce(ARGS)
{
    return hd_tuplev(hd_it_type(self), hd_tuplev(hd_empty_tuple), hd_tuplev(HD_GET(IT(self), a), hd_fix(HD_GET(IT(self), i))));
}
static hd_value tee_setstate(ARGS)
{
    hd_value s = args[0];
    int64_t i;
    if (!hd_is_tuple(s)) return hd_raise(&hd_exc_TypeError, "state is not a tuple");
    if (HD_TUPLE(s)->len != 2 || !hd_is_ptr(HD_TUPLE(s)->item[0]) || hd_type_of(HD_TUPLE(s)->item[0]) != &teedata_type)
        return hd_raise(&hd_exc_TypeError, "argument 1 must be itertools._tee_dataobject, not %A", HD_TUPLE(s)->len ? HD_TUPLE(s)->item[0] : s);
    if (hd_as_i64(HD_TUPLE(s)->item[1], &i)) return HD_ERR;
    if (i < 0 || i > TEE_BLOCK) return hd_raise(&hd_exc_ValueError, "Index out of range");
    it_w w = it_open(IT(self));
    HD_PUT(w, a, HD_TUPLE(s)->item[0]);
    HD_PUT(w, i, i);
    return HD_NONE;
}
static const struct hd_methoddef tee_methods[] = {
    { "__copy__", tee_copy, 0, 0, 0, "Returns an independent iterator." },
    { "__reduce__", tee_reduce, 0, 0, 0, "Return state information for pickling." },
    { "__setstate__", tee_setstate, 1, 1, 0, "Set state information for unpickling." },
    { 0 }
};
static struct hd_type tee_type = {
    .cname = "itertools._tee", .basicsize = sizeof(struct it), .flags = HD_TF_HAS_WEAKREFS, .doc = "Iterator wrapped to make it copyable.", .methods = tee_methods,
    .op = { .iter = hd_it_self, .iternext = tee_next, .make = tee_make, .trace = hd_it_trace },
};

hd_value hd_itertools_tee(ARGS)
{
    int64_t n = 2;
    if (nargs > 1 && hd_as_i64(args[1], &n)) return HD_ERR;
    if (n < 0) return hd_raise(&hd_exc_ValueError, "n must be >= 0");
    hd_value list = hd_list_new(0);
    if (list == HD_ERR || n == 0) return list == HD_ERR ? list : hd_empty_tuple;
    hd_value it = hd_iter(args[0]);
    if (it == HD_ERR) return it;
    hd_value copy = hd_getattr_opt(it, hd_s___copy__);
    if (copy == HD_ERR) return copy;
    if (copy == HD_ABSENT) {
        it = tee_over(it);
        copy = it == HD_ERR ? it : hd_getattr(it, hd_s___copy__);
        if (copy == HD_ERR) return copy;
    }
    if (hd_list_push(HD_LIST(list), it)) return HD_ERR;
    for (int64_t i = 1; i < n; i++) {
        hd_value c = hd_call0(copy);
        if (c == HD_ERR || hd_list_push(HD_LIST(list), c)) return HD_ERR;
    }
    return hd_list_as_tuple(list);
}
int hd_itertools_add_grouping(hd_value m)
{
    return hd_add_type(m, &islice_type) || hd_add_type(m, &groupby_type) || hd_add_type(m, &grouper_type) || hd_add_type(m, &teedata_type)
        || hd_add_type(m, &tee_type) ? -1 : 0;
}
