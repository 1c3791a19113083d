/* The module itertools: the iterators that transform or join other iterators one item at a time.  Combinations are in
 * itertools_comb.c; groupby, tee and islice in itertools_group.c. */
#include "interp/modules/itertools.h"
#include "interp/modules/modules.h"

hd_value hd_it_new(hd_value type, hd_value a, hd_value b, hd_value c, hd_value d)
{
    if (a == HD_ERR || b == HD_ERR || c == HD_ERR || d == HD_ERR) return HD_ERR;
    hd_value o = hd_alloc_instance(HD_TYPE(type), 0);
    if (o == HD_ERR) return o;
    struct it *it = IT(o);
    HD_INIT(it, a, a);
    HD_INIT(it, b, b);
    HD_INIT(it, c, c);
    HD_INIT(it, d, d);
    HD_INIT(it, i, 0);
    HD_INIT(it, j, 0);
    return o;
}
hd_value hd_it_self(hd_value self) { return self; }
void hd_it_trace(void *o, struct gc_marker *m)
{
    struct it *it = o;
    gc_mark(m, HD_RAW(it->a));
    gc_mark(m, HD_RAW(it->b));
    gc_mark(m, HD_RAW(it->c));
    gc_mark(m, HD_RAW(it->d));
}
hd_value hd_it_reject_kwargs(hd_value type, const char *name, hd_value kwnames)
{
    struct hd_type *t = HD_TYPE(type);
    if (!kwnames || ((t->flags & HD_TF_HEAP) && t->op.init != hd_object_init)) return HD_NONE;
    return hd_no_kwargs(name, kwnames) ? HD_ERR : HD_NONE;
}
static bool is_end(hd_value v) { return v == HD_STOP || v == HD_ERR; }
static hd_value truth(hd_value v) { return v; }
static hd_value plus(hd_value a, hd_value b) { return hd_both_fix(a, b) ? hd_int(hd_unfix(a) + hd_unfix(b)) : hd_binary_op(HD_ADD, a, b); }

/* ---- count: a next, b step ---- */
static hd_value count_make(MAKE_ARGS)
{
    hd_value a[2];
    if (hd_args("count", "|start,step", args, nargs, kwnames, a)) return HD_ERR;
    for (int i = 0; i < 2; i++)
        if (a[i] == HD_ABSENT) a[i] = hd_fix(i);
        else if (!hd_is_fix(a[i]) && !hd_type_of(a[i])->op.index && !hd_type_of(a[i])->op.tofloat && !hd_type_of(a[i])->op.toint
                 && !hd_has_flag(a[i], HD_TF_COMPLEX)) return hd_raise(&hd_exc_TypeError, "a number is required");
    return hd_it_new(type, a[0], a[1], HD_NONE, HD_NONE);
}
static hd_value count_next(hd_value self)
{
    it_w w = it_open(IT(self));
    hd_value v = HD_OWN(w, a), step = HD_OWN(w, b);
    if (STM_LIKELY(hd_both_fix(v, step))) {
        hd_value next = hd_int(hd_unfix(v) + hd_unfix(step));
        if (next == HD_ERR) return next;
        HD_PUT(w, a, next);
        return v;
    }
    hd_value next = hd_binary_op(HD_ADD, v, step);
    if (next == HD_ERR) return next;
    w = it_open(IT(self));
    HD_PUT(w, a, next);
    return v;
}
static hd_value count_repr(hd_value self)
{
    hd_value v = HD_GET(IT(self), a), step = HD_GET(IT(self), b);
    if (step == hd_fix(1)) return hd_str_format("%s(%R)", hd_type_short_name(hd_type_of(self)), v);
    return hd_str_format("%s(%R, %R)", hd_type_short_name(hd_type_of(self)), v, step);
}
static hd_value count_reduce(ARGS)
{
    hd_value v = HD_GET(IT(self), a), step = HD_GET(IT(self), b);
    return hd_tuplev(hd_it_type(self), step == hd_fix(1) ? hd_tuplev(v) : hd_tuplev(v, step));
}
IT_METHODS(count)
IT_TYPE(count, "count", count_make, count_next, count_methods, count_repr,
    "count(start=0, step=1)\n--\n\nReturn a count object whose .__next__() method returns consecutive values.")

/* ---- cycle: a iterator (HD_UNBOUND: exhausted), b list of what was seen; i position in it ---- */
static hd_value cycle_make(MAKE_ARGS)
{
    if (hd_it_reject_kwargs(type, "cycle", kwnames) == HD_ERR) return HD_ERR;
    if (nargs != 1) return hd_raise(&hd_exc_TypeError, "cycle expected 1 argument, got %lld", (long long)nargs);
    hd_value it = hd_iter(args[0]);
    return hd_it_new(type, it, hd_list_new(0), HD_NONE, HD_NONE);
}
static hd_value cycle_next(hd_value self)
{
    struct it *it = IT(self);
    hd_value src = HD_GET(it, a), saved = HD_GET(it, b);
    if (src != HD_UNBOUND) {
        hd_value v = hd_next(src);
        if (v == HD_ERR) return v;
        if (v != HD_STOP) return HD_GET(it, c) == HD_TRUE ? v : hd_list_push(HD_LIST(saved), v) ? HD_ERR : v;
        it_w w = it_open(it);
        HD_PUT(w, a, HD_UNBOUND);
    }
    int64_t n = hd_list_len(saved);
    if (!n) return HD_STOP;
    it_w w = it_open(it);
    int64_t i = HD_OWN(w, i);
    hd_value v = hd_list_at(HD_LIST(saved), i < n ? i : 0);
    HD_PUT(w, i, i + 1 >= n ? 0 : i + 1);
    return v;
}
static hd_value cycle_reduce(ARGS)
{
    struct it *it = IT(self);
    hd_value src = HD_GET(it, a), saved = HD_GET(it, b);
    if (src != HD_UNBOUND) return hd_tuplev(hd_it_type(self), hd_tuplev(src), hd_tuplev(saved, HD_GET(it, c) == HD_TRUE ? HD_TRUE : HD_FALSE));
    hd_value iter = hd_iter(saved);
    int64_t i = HD_GET(it, i);
    if (iter != HD_ERR && i) {
        hd_value name = hd_s___setstate__, arg = hd_fix(i);
        if (hd_call_method(iter, name, &arg, 1) == HD_ERR) return HD_ERR;
    }
    return hd_tuplev(hd_it_type(self), hd_tuplev(iter), hd_tuplev(saved, HD_TRUE));
}
static hd_value cycle_setstate(ARGS)
{
    hd_value s = args[0];
    if (!hd_is_tuple(s)) return hd_raise(&hd_exc_TypeError, "state is not a tuple");
    if (HD_TUPLE(s)->len != 2 || !hd_is_list(HD_TUPLE(s)->item[0]))
        return hd_raise(&hd_exc_TypeError, HD_TUPLE(s)->len == 2 ? "argument 1 must be list, not %A" : "function takes exactly 2 arguments", HD_TUPLE(s)->len ? HD_TUPLE(s)->item[0] : s);
    int first;
    if (hd_as_int32(HD_TUPLE(s)->item[1], &first)) return HD_ERR;
    it_w w = it_open(IT(self));
    HD_PUT(w, b, HD_TUPLE(s)->item[0]);
    HD_PUT(w, c, hd_bool(first != 0));
    HD_PUT(w, i, 0);
    return HD_NONE;
}
IT_METHODS_STATE(cycle)
IT_TYPE(cycle, "cycle", cycle_make, cycle_next, cycle_methods, NULL,
    "cycle(iterable, /)\n--\n\nReturn elements from the iterable until it is exhausted. Then repeat the sequence indefinitely.")

/* ---- repeat: a object; i what is left, -1: without end ---- */
static hd_value repeat_make(MAKE_ARGS)
{
    hd_value a[2];
    int64_t n = -1;
    if (hd_args("repeat", "object,|times", args, nargs, kwnames, a)) return HD_ERR;
    if (a[1] != HD_ABSENT) {
        if (hd_as_i64(a[1], &n)) return HD_ERR;
        if (n < 0) n = 0;
    }
    hd_value o = hd_it_new(type, a[0], HD_NONE, HD_NONE, HD_NONE);
    if (o != HD_ERR) HD_INIT(IT(o), i, n);
    return o;
}
static hd_value repeat_next(hd_value self)
{
    struct it *it = IT(self);
    int64_t n = HD_GET(it, i);
    if (n == 0) return HD_STOP;
    if (n > 0) {
        it_w w = it_open(it);
        HD_PUT(w, i, HD_OWN(w, i) - 1);
    }
    return HD_GET(it, a);
}
static hd_value repeat_repr(hd_value self)
{
    int64_t n = HD_GET(IT(self), i);
    if (n < 0) return hd_str_format("%s(%R)", hd_type_short_name(hd_type_of(self)), HD_GET(IT(self), a));
    return hd_str_format("%s(%R, %lld)", hd_type_short_name(hd_type_of(self)), HD_GET(IT(self), a), (long long)n);
}
static hd_value repeat_reduce(ARGS)
{
    int64_t n = HD_GET(IT(self), i);
    hd_value v = HD_GET(IT(self), a);
    return hd_tuplev(hd_it_type(self), n < 0 ? hd_tuplev(v) : hd_tuplev(v, hd_int(n)));
}
static hd_value repeat_hint(ARGS)
{
    int64_t n = HD_GET(IT(self), i);
    return n < 0 ? hd_raise(&hd_exc_TypeError, "len() of unsized object") : hd_int(n);
}
static const struct hd_methoddef repeat_methods[] = {
    { "__reduce__", repeat_reduce, 0, 0, 0, "Return state information for pickling." },
    { "__length_hint__", repeat_hint, 0, 0, 0, "Private method returning an estimate of len(list(it))." },
    { 0 }
};
IT_TYPE(repeat, "repeat", repeat_make, repeat_next, repeat_methods, repeat_repr,
    "repeat(object [,times]) -> create an iterator which returns the object\nfor the specified number of times.  If not specified, returns the object\nendlessly.")

/* ---- accumulate: a iterator, b function or None, c total (HD_UNBOUND: nothing yet), d initial (HD_UNBOUND: none) ---- */
static hd_value accumulate_make(MAKE_ARGS)
{
    hd_value a[3];
    if (hd_args("accumulate", "iterable,|func,*,initial", args, nargs, kwnames, a)) return HD_ERR;
    hd_value it = hd_iter(a[0]);
    hd_value initial = a[2] == HD_ABSENT || a[2] == HD_NONE ? HD_UNBOUND : a[2];
    return hd_it_new(type, it, a[1] == HD_ABSENT ? HD_NONE : a[1], HD_UNBOUND, initial);
}
static hd_value accumulate_next(hd_value self)
{
    struct it *it = IT(self);
    hd_value initial = HD_GET(it, d);
    if (initial != HD_UNBOUND) {
        it_w w = it_open(it);
        HD_PUT(w, d, HD_UNBOUND);
        HD_PUT(w, c, initial);
        return initial;
    }
    hd_value v = hd_next(HD_GET(it, a));
    if (is_end(v)) return v;
    hd_value total = HD_GET(it, c), f = HD_GET(it, b);
    if (total != HD_UNBOUND) {
        v = f == HD_NONE ? plus(total, v) : hd_callv(f, total, v);
        if (v == HD_ERR) return v;
    }
    it_w w = it_open(it);
    HD_PUT(w, c, v);
    return v;
}
static hd_value chain_of(hd_value parts);
static hd_value islice_type(void);
static hd_value accumulate_reduce(ARGS)
{
    struct it *it = IT(self);
    hd_value src = HD_GET(it, a), f = HD_GET(it, b), total = HD_GET(it, c), initial = HD_GET(it, d);
    if (initial != HD_UNBOUND) return hd_tuplev(hd_it_type(self), hd_tuplev(chain_of(hd_tuplev(hd_tuplev(initial), src)), f), HD_NONE);
    if (total == HD_NONE)       /* as a state None would mean that there is none yet */
        return hd_tuplev(islice_type(), hd_tuplev(hd_callv(hd_it_type(self), chain_of(hd_tuplev(hd_tuplev(HD_NONE), src)), f), hd_fix(1), HD_NONE));
    return hd_tuplev(hd_it_type(self), hd_tuplev(src, f), total == HD_UNBOUND ? HD_NONE : total);
}
static hd_value accumulate_setstate(ARGS)
{
    it_w w = it_open(IT(self));
    HD_PUT(w, c, args[0]);
    return HD_NONE;
}
IT_METHODS_STATE(accumulate)
IT_TYPE(accumulate, "accumulate", accumulate_make, accumulate_next, accumulate_methods, NULL,
    "accumulate(iterable, func=None, *, initial=None)\n--\n\nReturn series of accumulated sums (or other binary function results).")

/* ---- chain: a iterator over iterables (HD_UNBOUND: exhausted), b current iterator or HD_UNBOUND ---- */
static hd_value chain_make(MAKE_ARGS)
{
    if (hd_it_reject_kwargs(type, "chain", kwnames) == HD_ERR) return HD_ERR;
    hd_value t = hd_tuple_from(args, nargs), it = t == HD_ERR ? t : hd_iter(t);
    return hd_it_new(type, it, HD_UNBOUND, HD_NONE, HD_NONE);
}
static hd_value chain_next(hd_value self)
{
    struct it *it = IT(self);
    for (;;) {
        hd_value outer = HD_GET(it, a), inner = HD_GET(it, b);
        if (outer == HD_UNBOUND) return HD_STOP;
        if (inner == HD_UNBOUND) {
            inner = hd_next(outer);
            if (inner != HD_STOP && inner != HD_ERR) inner = hd_iter(inner);
            it_w w = it_open(it);
            if (is_end(inner)) {
                HD_PUT(w, a, HD_UNBOUND);
                return inner;
            }
            HD_PUT(w, b, inner);
        }
        hd_value v = hd_next(inner);
        if (STM_LIKELY(v != HD_STOP)) return v;
        it_w w = it_open(it);
        HD_PUT(w, b, HD_UNBOUND);
    }
}
static hd_value chain_from_iterable(ARGS)
{
    hd_value it = hd_iter(args[0]);
    return hd_it_new(self, it, HD_UNBOUND, HD_NONE, HD_NONE);
}
static hd_value chain_reduce(ARGS)
{
    hd_value outer = HD_GET(IT(self), a), inner = HD_GET(IT(self), b), type = hd_it_type(self);
    if (outer == HD_UNBOUND) return hd_tuplev(type, hd_empty_tuple);
    return hd_tuplev(type, hd_empty_tuple, inner == HD_UNBOUND ? hd_tuplev(outer) : hd_tuplev(outer, inner));
}
static hd_value chain_setstate(ARGS)
{
    hd_value s = args[0];
    if (!hd_is_tuple(s)) return hd_raise(&hd_exc_TypeError, "state is not a tuple");
    int64_t n = HD_TUPLE(s)->len;
    if (n < 1 || n > 2) return hd_raise(&hd_exc_TypeError, n ? "function takes at most 2 arguments (%lld given)" : "function takes at least 1 argument (%lld given)", (long long)n);
    for (int64_t i = 0; i < n; i++) {
        hd_value v = HD_TUPLE(s)->item[i];
        if (!hd_is_ptr(v) || !hd_type_of(v)->op.iternext) return hd_raise(&hd_exc_TypeError, "Arguments must be iterators.");
    }
    it_w w = it_open(IT(self));
    HD_PUT(w, a, HD_TUPLE(s)->item[0]);
    HD_PUT(w, b, n > 1 ? HD_TUPLE(s)->item[1] : HD_UNBOUND);
    return HD_NONE;
}
static const struct hd_methoddef chain_methods[] = {
    { "from_iterable", chain_from_iterable, 1, 1, HD_METH_CLASS, "($type, iterable, /)\n--\n\nAlternative chain() constructor taking a single iterable argument that evaluates lazily." },
    { "__reduce__", chain_reduce, 0, 0, 0, "Return state information for pickling." },
    { "__setstate__", chain_setstate, 1, 1, 0, "Set state information for unpickling." },
    HD_CLASS_GETITEM,
    { 0 }
};
IT_TYPE(chain, "chain", chain_make, chain_next, chain_methods, NULL,
    "chain(*iterables) --> chain object\n\nReturn a chain object whose .__next__() method returns elements from the\nfirst iterable until it is exhausted, then elements from the next\niterable, until all of the iterables are exhausted.")
static hd_value chain_of(hd_value parts)
{
    return parts == HD_ERR ? parts : chain_make(hd_obj(&chain_type), HD_TUPLE(parts)->item, (size_t)HD_TUPLE(parts)->len, 0);
}
/* What a state of accumulate may be rebuilt through. */
static hd_value islice_type(void) { return hd_import_attr("itertools", "islice"); }

/* ---- compress: a data, b selectors ---- */
static hd_value compress_make(MAKE_ARGS)
{
    hd_value a[2];
    if (hd_args("compress", "data,selectors", args, nargs, kwnames, a)) return HD_ERR;
    hd_value x = hd_iter(a[0]), y = x == HD_ERR ? x : hd_iter(a[1]);
    return hd_it_new(type, x, y, HD_NONE, HD_NONE);
}
static hd_value compress_next(hd_value self)
{
    for (;;) {
        hd_value v = hd_next(HD_GET(IT(self), a));
        if (is_end(v)) return v;
        hd_value s = hd_next(HD_GET(IT(self), b));
        if (is_end(s)) return s;
        int r = hd_truth(s);
        if (r) return r < 0 ? HD_ERR : v;
    }
}
static hd_value compress_reduce(ARGS) { return hd_tuplev(hd_it_type(self), hd_tuplev(HD_GET(IT(self), a), HD_GET(IT(self), b))); }
IT_METHODS(compress)
IT_TYPE(compress, "compress", compress_make, compress_next, compress_methods, NULL,
    "compress(data, selectors)\n--\n\nReturn data elements corresponding to true selector elements.")

/* ---- takewhile, dropwhile, filterfalse, starmap: a function, b iterator; i: takewhile has ended, dropwhile has begun ---- */
static hd_value two_make(MAKE_ARGS, const char *name)
{
    if (hd_it_reject_kwargs(type, name, kwnames) == HD_ERR) return HD_ERR;
    if (nargs != 2) return hd_raise(&hd_exc_TypeError, "%s expected 2 arguments, got %lld", name, (long long)nargs);
    hd_value it = hd_iter(args[1]);
    return hd_it_new(type, args[0], it, HD_NONE, HD_NONE);
}
static hd_value two_reduce(hd_value self, bool state)
{
    hd_value t = hd_tuplev(HD_GET(IT(self), a), HD_GET(IT(self), b));
    return state ? hd_tuplev(hd_it_type(self), t, hd_bool(HD_GET(IT(self), i) != 0)) : hd_tuplev(hd_it_type(self), t);
}
static void set_flag(hd_value self)
{
    it_w w = it_open(IT(self));
    HD_PUT(w, i, 1);
}
static hd_value two_setstate(ARGS)
{
    int r = hd_truth(args[0]);
    if (r < 0) return HD_ERR;
    it_w w = it_open(IT(self));
    HD_PUT(w, i, r);
    return HD_NONE;
}
#define dropwhile_setstate two_setstate
#define takewhile_setstate two_setstate

static hd_value dropwhile_make(MAKE_ARGS) { return two_make(type, args, nargs, kwnames, "dropwhile"); }
static hd_value dropwhile_next(hd_value self)
{
    for (;;) {
        hd_value v = hd_next(HD_GET(IT(self), b));
        if (is_end(v) || HD_GET(IT(self), i)) return v;
        hd_value test = hd_callv(HD_GET(IT(self), a), v);
        int r = test == HD_ERR ? -1 : hd_truth(test);
        if (r < 0) return HD_ERR;
        if (!r) {
            set_flag(self);
            return v;
        }
    }
}
static hd_value dropwhile_reduce(ARGS) { return two_reduce(self, true); }
IT_METHODS_STATE(dropwhile)
IT_TYPE(dropwhile, "dropwhile", dropwhile_make, dropwhile_next, dropwhile_methods, NULL,
    "dropwhile(predicate, iterable, /)\n--\n\nDrop items from the iterable while predicate(item) is true.\n\nAfterwards, return every element until the iterable is exhausted.")

static hd_value takewhile_make(MAKE_ARGS) { return two_make(type, args, nargs, kwnames, "takewhile"); }
static hd_value takewhile_next(hd_value self)
{
    if (HD_GET(IT(self), i)) return HD_STOP;
    hd_value v = hd_next(HD_GET(IT(self), b));
    if (is_end(v)) return v;
    hd_value test = hd_callv(HD_GET(IT(self), a), v);
    int r = test == HD_ERR ? -1 : hd_truth(test);
    if (r < 0) return HD_ERR;
    if (r) return v;
    set_flag(self);
    return HD_STOP;
}
static hd_value takewhile_reduce(ARGS) { return two_reduce(self, true); }
IT_METHODS_STATE(takewhile)
IT_TYPE(takewhile, "takewhile", takewhile_make, takewhile_next, takewhile_methods, NULL,
    "takewhile(predicate, iterable, /)\n--\n\nReturn successive entries from an iterable as long as the predicate evaluates to true for each entry.")

static hd_value filterfalse_make(MAKE_ARGS) { return two_make(type, args, nargs, kwnames, "filterfalse"); }
static hd_value filterfalse_next(hd_value self)
{
    hd_value f = HD_GET(IT(self), a), it = HD_GET(IT(self), b);
    bool plain = f == HD_NONE || f == hd_obj(&hd_bool_type);
    for (;;) {
        hd_value v = hd_next(it);
        if (is_end(v)) return v;
        hd_value test = plain ? truth(v) : hd_callv(f, v);
        int r = test == HD_ERR ? -1 : hd_truth(test);
        if (r <= 0) return r < 0 ? HD_ERR : v;
    }
}
static hd_value filterfalse_reduce(ARGS) { return two_reduce(self, false); }
IT_METHODS(filterfalse)
IT_TYPE(filterfalse, "filterfalse", filterfalse_make, filterfalse_next, filterfalse_methods, NULL,
    "filterfalse(function, iterable, /)\n--\n\nReturn those items of iterable for which function(item) is false.\n\nIf function is None, return the items that are false.")

static hd_value starmap_make(MAKE_ARGS) { return two_make(type, args, nargs, kwnames, "starmap"); }
static hd_value starmap_next(hd_value self)
{
    hd_value v = hd_next(HD_GET(IT(self), b));
    if (is_end(v)) return v;
    hd_value t = hd_tuple_of(v);
    return t == HD_ERR ? t : hd_call(HD_GET(IT(self), a), HD_TUPLE(t)->item, (size_t)HD_TUPLE(t)->len, 0);
}
static hd_value starmap_reduce(ARGS) { return two_reduce(self, false); }
IT_METHODS(starmap)
IT_TYPE(starmap, "starmap", starmap_make, starmap_next, starmap_methods, NULL,
    "starmap(function, iterable, /)\n--\n\nReturn an iterator whose values are returned from the function evaluated with an argument tuple taken from the given sequence.")

/* ---- pairwise: a iterator (HD_UNBOUND: exhausted), b the previous item ---- */
static hd_value pairwise_make(MAKE_ARGS)
{
    if (hd_it_reject_kwargs(type, "pairwise", kwnames) == HD_ERR) return HD_ERR;
    if (nargs != 1) return hd_raise(&hd_exc_TypeError, "pairwise expected 1 argument, got %lld", (long long)nargs);
    hd_value it = hd_iter(args[0]);
    return hd_it_new(type, it, HD_UNBOUND, HD_NONE, HD_NONE);
}
static hd_value pairwise_end(hd_value self, hd_value v)
{
    it_w w = it_open(IT(self));
    HD_PUT(w, a, HD_UNBOUND);
    HD_PUT(w, b, HD_UNBOUND);
    return v;
}
static hd_value pairwise_next(hd_value self)
{
    hd_value it = HD_GET(IT(self), a), old = HD_GET(IT(self), b);
    if (it == HD_UNBOUND) return HD_STOP;
    if (old == HD_UNBOUND) {
        old = hd_next(it);
        if (is_end(old)) return pairwise_end(self, old);
        it_w w = it_open(IT(self));
        HD_PUT(w, b, old);
        it = HD_OWN(w, a);
        if (it == HD_UNBOUND) return pairwise_end(self, HD_STOP);      /* the source used this iterator itself */
    }
    hd_value v = hd_next(it);
    if (is_end(v)) return pairwise_end(self, v);
    it_w w = it_open(IT(self));
    HD_PUT(w, b, v);
    return hd_tuplev(old, v);
}
IT_TYPE(pairwise, "pairwise", pairwise_make, pairwise_next, NULL, NULL,
    "pairwise(iterable, /)\n--\n\nReturn an iterator of overlapping pairs taken from the input iterator.\n\n    s -> (s0,s1), (s1,s2), (s2, s3), ...")

/* ---- zip_longest: a list of iterators (None: exhausted), b fill value; i live iterators ---- */
static hd_value zip_longest_make(MAKE_ARGS)
{
    hd_value fill[1] = { HD_ABSENT };
    if (kwnames && HD_TUPLE(kwnames)->len) {
        hd_value names = kwnames;
        if (HD_TUPLE(names)->len != 1 || !hd_str_is(HD_TUPLE(names)->item[0], "fillvalue"))
            return hd_raise(&hd_exc_TypeError, "zip_longest() got an unexpected keyword argument");
        fill[0] = args[nargs];
    }
    hd_value list = hd_list_new(nargs);
    for (size_t i = 0; list != HD_ERR && i < nargs; i++) {
        hd_value it = hd_iter(args[i]);
        if (it == HD_ERR || hd_list_push(HD_LIST(list), it)) return HD_ERR;
    }
    hd_value o = hd_it_new(type, list, fill[0] == HD_ABSENT ? HD_NONE : fill[0], HD_NONE, HD_NONE);
    if (o != HD_ERR) HD_INIT(IT(o), i, (int64_t)nargs);
    return o;
}
static hd_value zip_longest_next(hd_value self)
{
    struct it *z = IT(self);
    hd_value list = HD_GET(z, a), fill = HD_GET(z, b);
    int64_t n = hd_list_len(list);
    if (!n || HD_GET(z, i) == 0) return HD_STOP;
    hd_value t = hd_tuple_new((size_t)n);
    if (t == HD_ERR) return t;
    for (int64_t i = 0; i < n; i++) HD_TUPLE(t)->item[i] = fill;
    for (int64_t i = 0; i < n; i++) {
        hd_value it = hd_list_at(HD_LIST(list), i);
        if (it == HD_NONE) continue;
        hd_value v = hd_next(it);
        if (!is_end(v)) {
            HD_TUPLE(t)->item[i] = v;
            continue;
        }
        it_w w = it_open(z);
        int64_t live = HD_OWN(w, i) - 1;
        HD_PUT(w, i, v == HD_ERR ? 0 : live);
        if (v == HD_ERR || live <= 0) return v;
        hd_list_put_at(HD_LIST(list), i, HD_NONE);
    }
    return t;
}
static hd_value zip_longest_reduce(ARGS)
{
    struct it *z = IT(self);
    hd_value list = HD_GET(z, a);
    int64_t n = hd_list_len(list);
    hd_value t = hd_tuple_new((size_t)n);
    if (t == HD_ERR) return t;
    for (int64_t i = 0; i < n; i++) {
        hd_value it = hd_list_at(HD_LIST(list), i);
        HD_TUPLE(t)->item[i] = it == HD_NONE ? hd_empty_tuple : it;
    }
    return hd_tuplev(hd_it_type(self), t, HD_GET(z, b));
}
static hd_value zip_longest_setstate(ARGS)
{
    it_w w = it_open(IT(self));
    HD_PUT(w, b, args[0]);
    return HD_NONE;
}
IT_METHODS_STATE(zip_longest)
IT_TYPE(zip_longest, "zip_longest", zip_longest_make, zip_longest_next, zip_longest_methods, NULL,
    "zip_longest(iter1 [,iter2 [...]], [fillvalue=None]) --> zip_longest object\n\nReturn a zip_longest object whose .__next__() method returns a tuple where\n"
    "the i-th element comes from the i-th iterable argument.  The .__next__()\nmethod continues until the longest iterable in the argument sequence\nis exhausted and then it raises StopIteration.")

static int itertools_exec(hd_value m)
{
    struct hd_type *types[] = { &count_type, &cycle_type, &repeat_type, &accumulate_type, &chain_type, &compress_type, &dropwhile_type,
                                &takewhile_type, &filterfalse_type, &starmap_type, &pairwise_type, &zip_longest_type };
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (hd_add_type(m, types[i])) return -1;
    return hd_itertools_add_combinatoric(m) || hd_itertools_add_grouping(m) ? -1 : 0;
}

static const struct hd_methoddef functions[] = {
    { "tee", hd_itertools_tee, 1, 2, 0, "($module, iterable, n=2, /)\n--\n\nReturns a tuple of n independent iterators." },
    { 0 }
};
const struct hd_moduledef hd_module_itertools = { "itertools", "Functional tools for creating and using iterators.", functions, itertools_exec };
