/* The module _functools: partial, reduce, cmp_to_key.  lru_cache is in lru_cache.c. */
#include "interp/modules/functools.h"
#include "interp/modules/modules.h"

#define ARGS hd_value self, const hd_value *args, size_t nargs, hd_value kwnames

/* ---- partial ---- */
struct partial { struct hd_mhead head; hd_vslot fn, args, kw; };       /* callable, tuple, dict */
static struct hd_type partial_type;
#define PARTIAL(v) ((struct partial *)hd_ptr(v))
HD_MUTABLE(partial)
HD_MUTABLE_OPEN(partial, hd_inst_size((const struct hd_inst *)o))

static hd_value partial_call(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames);
static bool is_partial(hd_value v) { return hd_is_ptr(v) && hd_subtype(hd_type_of(v), &partial_type); }

static hd_value concat(hd_value t, const hd_value *p, size_t n)
{
    size_t have = (size_t)HD_TUPLE(t)->len;
    if (!n && hd_is_tuple_exact(t)) return t;
    hd_value r = hd_tuple_new(have + n);
    if (r == HD_ERR) return r;
    memcpy(HD_TUPLE(r)->item, HD_TUPLE(t)->item, have * 8);
    memcpy(HD_TUPLE(r)->item + have, p, n * 8);
    return r;
}

static int add_keywords(hd_value d, const hd_value *values, hd_value kwnames)
{
    if (kwnames)
        for (int64_t i = 0; i < HD_TUPLE(kwnames)->len; i++)
            if (hd_dict_set(d, HD_TUPLE(kwnames)->item[i], values[i])) return -1;
    return 0;
}

static hd_value partial_make(hd_value type, const hd_value *args, size_t nargs, hd_value kwnames)
{
    if (!nargs) return hd_raise(&hd_exc_TypeError, "type 'partial' takes at least one argument");
    hd_value fn = args[0];
    if (!hd_callable(fn)) return hd_raise(&hd_exc_TypeError, "the first argument must be callable");
    hd_value base = hd_empty_tuple, kw = HD_ABSENT;
    if (is_partial(fn) && hd_type_of(fn)->op.call == partial_call && !hd_inst_has_attributes(fn)) {
        base = HD_GET(PARTIAL(fn), args);       /* partial(partial(f, a), b) is partial(f, a, b) */
        kw = HD_GET(PARTIAL(fn), kw);
        fn = HD_GET(PARTIAL(fn), fn);
    }
    hd_value all = concat(base, args + 1, nargs - 1);
    hd_value d = all == HD_ERR ? HD_ERR : kw == HD_ABSENT ? hd_dict_new() : hd_dict_copy(kw);
    if (d == HD_ERR || add_keywords(d, args + nargs, kwnames)) return HD_ERR;
    hd_value o = hd_alloc_instance(HD_TYPE(type), 0);
    if (o == HD_ERR) return o;
    HD_INIT(PARTIAL(o), fn, fn);
    HD_INIT(PARTIAL(o), args, all);
    HD_INIT(PARTIAL(o), kw, d);
    return o;
}

static hd_value call_with(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
{
    struct partial *p = PARTIAL(self);
    hd_value fn = HD_GET(p, fn), mine = HD_GET(p, args), kw = HD_GET(p, kw);
    if (hd_dict_len(kw)) {
        hd_value all = concat(mine, args, nargs), d = all == HD_ERR ? HD_ERR : hd_dict_copy(kw);
        if (d == HD_ERR || add_keywords(d, args + nargs, kwnames)) return HD_ERR;
        return hd_call_ex(fn, all, d);
    }
    size_t have = (size_t)HD_TUPLE(mine)->len, nkw = kwnames ? (size_t)HD_TUPLE(kwnames)->len : 0;
    if (!have) return hd_call(fn, args, nargs, kwnames);
    hd_value few[12], *q = few;
    if (have + nargs + nkw > sizeof few / sizeof *few) {
        hd_value t = hd_tuple_new(have + nargs + nkw);
        if (t == HD_ERR) return t;
        q = HD_TUPLE(t)->item;
    }
    memcpy(q, HD_TUPLE(mine)->item, have * 8);
    memcpy(q + have, args, (nargs + nkw) * 8);
    return hd_call(fn, q, have + nargs, kwnames);
}
/* Counted: the compiler makes jumps of last calls, and a partial that leads to itself would never come to an end. */
static hd_value partial_call(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
{
    if (hd_recursion_enter(" while calling a Python object") < 0) return HD_ERR;
    hd_value r = call_with(self, args, nargs, kwnames);
    hd_recursion_leave();
    return r;
}

static hd_value partial_repr(hd_value self)
{
    struct partial *p = PARTIAL(self);
    struct hd_type *t = hd_type_of(self);
    int r = hd_repr_enter(self);
    if (r) return r > 0 ? hd_str_utf8("...") : HD_ERR;
    hd_value s = t == &partial_type ? hd_str_format("functools.partial(%R", HD_GET(p, fn)) : hd_str_format("%N(%R", t, HD_GET(p, fn));
    hd_value all = HD_GET(p, args), kw = HD_GET(p, kw), k, v;
    for (int64_t i = 0; s != HD_ERR && i < HD_TUPLE(all)->len; i++) s = hd_str_format("%U, %R", s, HD_TUPLE(all)->item[i]);
    for (uint64_t place = 0; s != HD_ERR && hd_dict_walk(HD_DICT(kw), &place, &k, &v, NULL); ) s = hd_str_format("%U, %S=%R", s, k, v);
    if (s != HD_ERR) s = hd_str_format("%U)", s);
    hd_repr_leave(self);
    return s;
}

static hd_value partial_reduce(ARGS)
{
    struct partial *p = PARTIAL(self);
    hd_value fn = HD_GET(p, fn), d = hd_inst_has_attributes(self) ? hd_inst_dict(self) : HD_NONE;
    if (d == HD_ABSENT) d = HD_NONE;
    return hd_tuplev(hd_obj(hd_type_of(self)), hd_tuplev(fn), hd_tuplev(fn, HD_GET(p, args), HD_GET(p, kw), d));
}

static hd_value partial_setstate(ARGS)
{
    hd_value s = args[0];
    const hd_value *p = hd_is_tuple(s) ? HD_TUPLE(s)->item : NULL;
    if (!p || HD_TUPLE(s)->len != 4 || !hd_callable(p[0]) || !hd_is_tuple(p[1]) || (p[2] != HD_NONE && !hd_is_dict(p[2])))
        return hd_raise(&hd_exc_TypeError, "invalid partial state");
    hd_value all = hd_tuple_of(p[1]);
    hd_value kw = p[2] == HD_NONE ? hd_dict_new() : hd_is_dict_exact(p[2]) ? p[2] : hd_dict_copy(p[2]);
    if (all == HD_ERR || kw == HD_ERR) return HD_ERR;
    hd_value d = p[3] != HD_NONE ? p[3] : hd_inst_has_attributes(self) ? hd_dict_new() : HD_ABSENT;
    if (d == HD_ERR || (d != HD_ABSENT && hd_inst_set_dict(self, d))) return HD_ERR;
    partial_w w = partial_open(PARTIAL(self));
    HD_PUT(w, fn, p[0]);
    HD_PUT(w, args, all);
    HD_PUT(w, kw, kw);
    return HD_NONE;
}

static void partial_trace(void *o, struct gc_marker *m)
{
    struct partial *p = o;
    gc_mark(m, HD_RAW(p->fn));
    gc_mark(m, HD_RAW(p->args));
    gc_mark(m, HD_RAW(p->kw));
}

static const struct hd_methoddef partial_methods[] = {
    { "__reduce__", partial_reduce, 0, 0, 0, NULL },
    { "__setstate__", partial_setstate, 1, 1, 0, NULL },
    HD_CLASS_GETITEM,
    { 0 }
};
static const struct hd_memberdef partial_members[] = {
    { "func", offsetof(struct partial, fn), HD_MEMBER_VALUE | HD_MEMBER_READONLY, "function object to use in future partial calls" },
    { "args", offsetof(struct partial, args), HD_MEMBER_VALUE | HD_MEMBER_READONLY, "tuple of arguments to future partial calls" },
    { "keywords", offsetof(struct partial, kw), HD_MEMBER_VALUE | HD_MEMBER_READONLY, "dictionary of keyword arguments to future partial calls" },
    { 0 }
};
static struct hd_type partial_type = {
    .cname = "functools.partial", .basicsize = sizeof(struct partial), .flags = HD_TF_BASETYPE | HD_TF_HAS_DICT | HD_TF_HAS_WEAKREFS,
    .doc = "partial(func, *args, **keywords) - new function with partial application\n    of the given arguments and keywords.\n",
    .methods = partial_methods, .members = partial_members,
    .op = { .repr = partial_repr, .call = partial_call, .make = partial_make, .trace = partial_trace },
};

/* ---- reduce ---- */
static hd_value reduce(ARGS)
{
    hd_value f = args[0], it = hd_iter(args[1]), acc = nargs > 2 ? args[2] : HD_ABSENT, v;
    if (it == HD_ERR) {
        if (hd_exc_is(&hd_exc_TypeError)) {
            hd_exc_clear();
            return hd_raise(&hd_exc_TypeError, "reduce() arg 2 must support iteration");
        }
        return it;
    }
    while ((v = hd_next(it)) != HD_STOP) {
        if (v == HD_ERR) return v;
        acc = acc == HD_ABSENT ? v : hd_callv(f, acc, v);
        if (acc == HD_ERR) return acc;
    }
    return acc == HD_ABSENT ? hd_raise(&hd_exc_TypeError, "reduce() of empty iterable with no initial value") : acc;
}

/* ---- cmp_to_key ---- */
struct keyobject { struct hd_mhead head; hd_vslot cmp, object; };      /* object HD_UNBOUND in the maker of keys */
static struct hd_type key_type;
#define KEY(v) ((struct keyobject *)hd_ptr(v))

static hd_value key_new(hd_value cmp, hd_value object)
{
    struct keyobject *k = hd_new_mutable(&key_type, sizeof *k);
    if (!k) return HD_ERR;
    HD_INIT(k, cmp, cmp);
    HD_INIT(k, object, object);
    return hd_obj(k);
}

static hd_value key_call(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
{
    hd_value a[1];
    if (hd_args("K", "obj", args, nargs, kwnames, a)) return HD_ERR;
    return key_new(HD_GET(KEY(self), cmp), a[0]);
}

static hd_value key_compare(hd_value a, hd_value b, enum hd_cmpop op)
{
    if (!hd_is_ptr(b) || hd_type_of(b) != &key_type) return hd_raise(&hd_exc_TypeError, "other argument must be K instance");
    hd_value x = HD_GET(KEY(a), object), y = HD_GET(KEY(b), object);
    if (x == HD_UNBOUND || y == HD_UNBOUND) return hd_raise(&hd_exc_AttributeError, "object");
    hd_value r = hd_callv(HD_GET(KEY(a), cmp), x, y);
    return r == HD_ERR ? r : hd_compare(r, hd_fix(0), op);
}

static void key_trace(void *o, struct gc_marker *m)
{
    gc_mark(m, HD_RAW(((struct keyobject *)o)->cmp));
    gc_mark(m, HD_RAW(((struct keyobject *)o)->object));
}
static const struct hd_memberdef key_members[] = {
    { "obj", offsetof(struct keyobject, object), HD_MEMBER_VALUE_NONE, "Value wrapped by a key function." },
    { 0 }
};
static struct hd_type key_type = {
    .cname = "functools.KeyWrapper", .basicsize = sizeof(struct keyobject), .flags = HD_TF_NEVER_INSTANTIATE, .members = key_members,
    .op = { .hash = hd_hash_refused, .call = key_call, .richcompare = key_compare, .trace = key_trace },
};

static hd_value cmp_to_key(ARGS)
{
    hd_value a[1];
    if (hd_args("cmp_to_key", "mycmp", args, nargs, kwnames, a)) return HD_ERR;
    return key_new(a[0], HD_UNBOUND);
}

static const struct hd_methoddef functions[] = {
    { "reduce", reduce, 2, 3, 0, "reduce(function, iterable[, initial], /) -> value\n\nApply a function of two arguments cumulatively to the items of an iterable, from left to right.\n\n"
      "This effectively reduces the iterable to a single value.  If initial is present,\nit is placed before the items of the iterable in the calculation, and serves as\na default when the iterable is empty." },
    { "cmp_to_key", cmp_to_key, 0, -1, HD_METH_KW, "($module, /, mycmp)\n--\n\nConvert a cmp= function into a key= function." },
    { 0 }
};

static int functools_exec(hd_value m)
{
    return hd_type_ready(&key_type) || hd_add_type(m, &partial_type) || hd_lru_cache_exec(m) ? -1 : 0;
}

const struct hd_moduledef hd_module_functools = { "_functools", "Tools that operate on functions.", functions, functools_exec };
