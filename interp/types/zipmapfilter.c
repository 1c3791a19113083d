/* zip(), map() and filter(). */
#include "interp/types/_seq.h"
#include "interp/types/list.h"

#define ARGS hd_value self, const hd_value *args, size_t nargs, hd_value kwnames

/* first: map's and filter's function, zip's True if strict.  second: tuple of iterators; filter: the iterator. */
struct lazy { struct hd_mhead head; hd_vslot first, second; };
static size_t lazy_size(const struct lazy *o)
{
    uint32_t s = o->head.h.shape;
    return s == HD_SHAPE_ZIP || s == HD_SHAPE_MAP || s == HD_SHAPE_FILTER ? sizeof *o : hd_inst_size((const struct hd_inst *)o);
}
HD_MUTABLE(lazy)
HD_MUTABLE_OPEN(lazy, lazy_size(o))

static hd_value lazy_new(hd_value type, hd_value first, hd_value second)
{
    struct hd_type *t = HD_TYPE(type);
    struct lazy *z;
    if (first == HD_ERR || second == HD_ERR) return HD_ERR;
    if (t == &hd_zip_type || t == &hd_map_type || t == &hd_filter_type) {
        z = hd_new_mutable(t, sizeof *z);
        if (!z) return HD_ERR;
    } else {
        hd_value o = hd_alloc_instance(t, 0);
        if (o == HD_ERR) return o;
        z = hd_ptr(o);
    }
    HD_INIT(z, first, first);
    HD_INIT(z, second, second);
    return hd_obj(z);
}

static hd_value iterators(const hd_value *p, size_t n)
{
    hd_value t = hd_tuple_new(n);
    if (t == HD_ERR) return t;
    for (size_t i = 0; i < n; i++) HD_TUPLE(t)->item[i] = HD_NONE;
    for (size_t i = 0; i < n; i++) {
        hd_value it = hd_iter(p[i]);
        if (it == HD_ERR) return it;
        HD_TUPLE(t)->item[i] = it;              /* nobody else has the tuple yet */
    }
    return t;
}

static hd_value self_iter(hd_value self) { return self; }
static void lazy_trace(void *o, struct gc_marker *m)
{
    struct lazy *z = o;
    gc_mark(m, HD_RAW(z->first));
    gc_mark(m, HD_RAW(z->second));
}

/* ---- zip ---- */
static hd_value zip_make(hd_value type, const hd_value *args, size_t nargs, hd_value kwnames)
{
    hd_value strict = HD_FALSE;
    if (kwnames && HD_TUPLE(kwnames)->len) {
        hd_value a[1];
        if (hd_args("zip", "*,|strict", args + nargs, 0, kwnames, a)) return HD_ERR;
        int r = a[0] == HD_ABSENT ? 0 : hd_truth(a[0]);
        if (r < 0) return HD_ERR;
        strict = hd_bool(r);
    }
    return lazy_new(type, strict, iterators(args, nargs));
}

/* Item i ended (or failed) first: under strict the others must end too. */
static hd_value zip_ended(struct lazy *z, hd_value iters, int64_t i, hd_value v)
{
    if (v == HD_ERR || HD_GET(z, first) != HD_TRUE) return v;
    const char *plural = i == 1 ? " " : "s 1-";
    if (i) return hd_raise(&hd_exc_ValueError, "zip() argument %lld is shorter than argument%s%lld", (long long)i + 1, plural, (long long)i);
    for (i = 1; i < HD_TUPLE(iters)->len; i++) {
        v = hd_next(HD_TUPLE(iters)->item[i]);
        if (v == HD_ERR) return v;
        if (v != HD_STOP) {
            plural = i == 1 ? " " : "s 1-";
            return hd_raise(&hd_exc_ValueError, "zip() argument %lld is longer than argument%s%lld", (long long)i + 1, plural, (long long)i);
        }
    }
    return HD_STOP;
}

int hd_zip_pair(hd_value self, hd_value *a, hd_value *b)
{
    struct lazy *z = hd_ptr(self);
    hd_value iters = HD_GET(z, second);
    if (HD_TUPLE(iters)->len != 2) return -2;
    for (int64_t i = 0; i < 2; i++) {
        hd_value v = hd_next(HD_TUPLE(iters)->item[i]);
        if (v == HD_STOP || v == HD_ERR) return zip_ended(z, iters, i, v) == HD_ERR ? -1 : 0;
        *(i ? b : a) = v;
    }
    return 1;
}

static hd_value zip_next(hd_value self)
{
    struct lazy *z = hd_ptr(self);
    hd_value iters = HD_GET(z, second);
    int64_t n = HD_TUPLE(iters)->len;
    if (n == 0) return HD_STOP;
    if (n == 2) {
        hd_value a, b;
        int r = hd_zip_pair(self, &a, &b);
        return r > 0 ? hd_tuplev(a, b) : r < 0 ? HD_ERR : HD_STOP;
    }
    hd_value t = hd_tuple_new((size_t)n);
    if (t == HD_ERR) return t;
    for (int64_t i = 0; i < n; i++) HD_TUPLE(t)->item[i] = HD_NONE;
    for (int64_t i = 0; i < n; i++) {
        hd_value v = hd_next(HD_TUPLE(iters)->item[i]);
        if (v == HD_STOP || v == HD_ERR) return zip_ended(z, iters, i, v);
        HD_TUPLE(t)->item[i] = v;
    }
    return t;
}

static hd_value zip_reduce(ARGS)
{
    struct lazy *z = hd_ptr(self);
    hd_value type = hd_obj(hd_type_of(self)), iters = HD_GET(z, second);
    return HD_GET(z, first) == HD_TRUE ? hd_tuplev(type, iters, HD_TRUE) : hd_tuplev(type, iters);
}

static hd_value zip_setstate(ARGS)
{
    int r = hd_truth(args[0]);
    if (r < 0) return HD_ERR;
    lazy_w w = lazy_open(hd_ptr(self));
    HD_PUT(w, first, hd_bool(r));
    return HD_NONE;
}

static const struct hd_methoddef zip_methods[] = {
    { "__reduce__", zip_reduce, 0, 0, 0, "Return state information for pickling." },
    { "__setstate__", zip_setstate, 1, 1, 0, "Set state information for unpickling." },
    { 0 }
};
struct hd_type hd_zip_type = {
    .cname = "zip", .basicsize = sizeof(struct lazy), .flags = HD_TF_BASETYPE,
    .doc = "zip(*iterables, strict=False) --> Yield tuples until an input is exhausted.\n\n"
           "   >>> list(zip('abcdefg', range(3), range(4)))\n   [('a', 0, 0), ('b', 1, 1), ('c', 2, 2)]\n\n"
           "The zip object yields n-length tuples, where n is the number of iterables\npassed as positional arguments to zip().  The i-th element in every tuple\n"
           "comes from the i-th iterable argument to zip().  This continues until the\nshortest argument is exhausted.\n\n"
           "If strict is true and one of the arguments is exhausted before the others,\nraise a ValueError.",
    .methods = zip_methods,
    .op = { .iter = self_iter, .iternext = zip_next, .make = zip_make, .trace = lazy_trace },
};

/* ---- map ---- */
static hd_value map_make(hd_value type, const hd_value *args, size_t nargs, hd_value kwnames)
{
    if ((HD_TYPE(type) == &hd_map_type || HD_TYPE(type)->op.init == hd_object_init) && hd_no_kwargs("map", kwnames)) return HD_ERR;
    if (nargs < 2) return hd_raise(&hd_exc_TypeError, "map() must have at least two arguments.");
    return lazy_new(type, args[0], iterators(args + 1, nargs - 1));
}

static hd_value map_next(hd_value self)
{
    struct lazy *z = hd_ptr(self);
    hd_value iters = HD_GET(z, second), f = HD_GET(z, first), a[6];
    size_t n = (size_t)HD_TUPLE(iters)->len;
    hd_value *p = a;
    if (n > sizeof a / sizeof *a) {
        hd_value t = hd_tuple_new(n);
        if (t == HD_ERR) return t;
        p = HD_TUPLE(t)->item;
        for (size_t i = 0; i < n; i++) p[i] = HD_NONE;
    }
    for (size_t i = 0; i < n; i++) {
        p[i] = hd_next(HD_TUPLE(iters)->item[i]);
        if (p[i] == HD_STOP || p[i] == HD_ERR) return p[i];
    }
    return hd_call(f, p, n, 0);
}

static hd_value map_reduce(ARGS)
{
    struct lazy *z = hd_ptr(self);
    hd_value iters = HD_GET(z, second), t = hd_tuple_new((size_t)HD_TUPLE(iters)->len + 1);
    if (t == HD_ERR) return t;
    HD_TUPLE(t)->item[0] = HD_GET(z, first);
    memcpy(HD_TUPLE(t)->item + 1, HD_TUPLE(iters)->item, (size_t)HD_TUPLE(iters)->len * 8);
    return hd_tuplev(hd_obj(hd_type_of(self)), t);
}

static const struct hd_methoddef map_methods[] = {
    { "__reduce__", map_reduce, 0, 0, 0, "Return state information for pickling." },
    { 0 }
};
struct hd_type hd_map_type = {
    .cname = "map", .basicsize = sizeof(struct lazy), .flags = HD_TF_BASETYPE,
    .doc = "map(func, *iterables) --> map object\n\nMake an iterator that computes the function using arguments from\n"
           "each of the iterables.  Stops when the shortest iterable is exhausted.",
    .methods = map_methods,
    .op = { .iter = self_iter, .iternext = map_next, .make = map_make, .trace = lazy_trace },
};

/* ---- filter ---- */
static hd_value filter_make(hd_value type, const hd_value *args, size_t nargs, hd_value kwnames)
{
    if ((HD_TYPE(type) == &hd_filter_type || HD_TYPE(type)->op.init == hd_object_init) && hd_no_kwargs("filter", kwnames)) return HD_ERR;
    if (nargs != 2) return hd_raise(&hd_exc_TypeError, "filter expected 2 arguments, got %lld", (long long)nargs);
    hd_value it = hd_iter(args[1]);
    return lazy_new(type, args[0], it);
}

static hd_value filter_next(hd_value self)
{
    struct lazy *z = hd_ptr(self);
    hd_value it = HD_GET(z, second), f = HD_GET(z, first);
    bool plain = f == HD_NONE || f == hd_obj(&hd_bool_type);
    for (;;) {
        hd_value v = hd_next(it);
        if (v == HD_STOP || v == HD_ERR) return v;
        hd_value test = plain ? v : hd_callv(f, v);
        int r = test == HD_ERR ? -1 : hd_truth(test);
        if (r) return r < 0 ? HD_ERR : v;
    }
}

static hd_value filter_reduce(ARGS)
{
    struct lazy *z = hd_ptr(self);
    return hd_tuplev(hd_obj(hd_type_of(self)), hd_tuplev(HD_GET(z, first), HD_GET(z, second)));
}

static const struct hd_methoddef filter_methods[] = {
    { "__reduce__", filter_reduce, 0, 0, 0, "Return state information for pickling." },
    { 0 }
};
struct hd_type hd_filter_type = {
    .cname = "filter", .basicsize = sizeof(struct lazy), .flags = HD_TF_BASETYPE,
    .doc = "filter(function or None, iterable) --> filter object\n\nReturn an iterator yielding those items of iterable for which function(item)\n"
           "is true. If function is None, return the items that are true.",
    .methods = filter_methods,
    .op = { .iter = self_iter, .iternext = filter_next, .make = filter_make, .trace = lazy_trace },
};
