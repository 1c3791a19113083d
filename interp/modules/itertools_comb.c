/* itertools: product, permutations, combinations.
 *
 * Common layout: a pool (tuple; product: tuple of tuples), b indices (list), c the last result (HD_UNBOUND: none yet),
 * d permutations' cycle counters (list); i length of a result, j 1: exhausted. */
#include "interp/modules/itertools.h"

static int64_t index_at(hd_value list, int64_t i) { return hd_unfix(hd_list_at(HD_LIST(list), i)); }
static void index_put(hd_value list, int64_t i, int64_t v) { (void)hd_list_put_at(HD_LIST(list), i, hd_fix(v)); }
static hd_value indices(int64_t n, bool rising)
{
    hd_value l = hd_list_new((size_t)n);
    for (int64_t i = 0; l != HD_ERR && i < n; i++)
        if (hd_list_push(HD_LIST(l), hd_fix(rising ? i : 0))) return HD_ERR;
    return l;
}
static hd_value stop(hd_value self)
{
    it_w w = it_open(IT(self));
    HD_PUT(w, j, 1);
    return HD_STOP;
}
static hd_value made(MAKE_ARGS, hd_value pool, hd_value b, hd_value d, int64_t r, bool none)
{
    hd_value o = hd_it_new(type, pool, b, HD_UNBOUND, d);
    if (o == HD_ERR) return o;
    HD_INIT(IT(o), i, r);
    HD_INIT(IT(o), j, none);
    return o;
}
static hd_value selection(hd_value self)
{
    struct it *it = IT(self);
    hd_value pool = HD_GET(it, a), list = HD_GET(it, b);
    int64_t r = HD_GET(it, i);
    hd_value t = hd_tuple_new((size_t)r);
    if (t == HD_ERR) return t;
    for (int64_t k = 0; k < r; k++) HD_TUPLE(t)->item[k] = HD_TUPLE(pool)->item[index_at(list, k)];
    it_w w = it_open(it);
    HD_PUT(w, c, t);
    return t;
}
/* State: a tuple of n indices, each clamped to 0..top(k). */
static hd_value check_state(hd_value state, int64_t n)
{
    if (!hd_is_tuple(state) || HD_TUPLE(state)->len != n) return hd_raise(&hd_exc_ValueError, "invalid arguments");
    return state;
}
static int set_index(hd_value list, int64_t k, hd_value v, int64_t max)
{
    int64_t i;
    if (hd_as_i64(v, &i)) return -1;
    index_put(list, k, i < 0 ? 0 : i > max ? max : i);
    return 0;
}
static hd_value list_tuple(hd_value list, int64_t n)
{
    hd_value t = hd_tuple_new((size_t)n);
    if (t != HD_ERR) for (int64_t k = 0; k < n; k++) HD_TUPLE(t)->item[k] = hd_list_at(HD_LIST(list), k);
    return t;
}

/* ---- product ---- */
static hd_value product_make(MAKE_ARGS)
{
    int64_t repeat = 1;
    if (kwnames && HD_TUPLE(kwnames)->len) {
        if (HD_TUPLE(kwnames)->len != 1 || !hd_str_is(HD_TUPLE(kwnames)->item[0], "repeat"))
            return hd_raise(&hd_exc_TypeError, "'%S' is an invalid keyword argument for product()", HD_TUPLE(kwnames)->item[0]);
        if (hd_as_i64(args[nargs], &repeat)) return HD_ERR;
        if (repeat < 0) return hd_raise(&hd_exc_ValueError, "repeat argument cannot be negative");
    }
    if (repeat == 0) nargs = 0;
    if (nargs && repeat > ((int64_t)1 << 40) / (int64_t)nargs) return hd_raise(&hd_exc_OverflowError, "repeat argument too large");
    int64_t n = (int64_t)nargs * repeat;
    hd_value pools = hd_tuple_new((size_t)n);
    if (pools == HD_ERR) return pools;
    for (int64_t k = 0; k < n; k++) HD_TUPLE(pools)->item[k] = HD_NONE;
    bool none = false;
    for (int64_t k = 0; k < n; k++) {
        hd_value p = k < (int64_t)nargs ? hd_tuple_of(args[k]) : HD_TUPLE(pools)->item[k - (int64_t)nargs];
        if (p == HD_ERR) return p;
        HD_TUPLE(pools)->item[k] = p;
        none |= HD_TUPLE(p)->len == 0;
    }
    return made(type, args, nargs, 0, pools, indices(n, false), HD_NONE, n, none);
}
static hd_value product_next(hd_value self)
{
    struct it *it = IT(self);
    if (HD_GET(it, j)) return HD_STOP;
    hd_value pools = HD_GET(it, a), list = HD_GET(it, b), last = HD_GET(it, c);
    int64_t n = HD_GET(it, i), k = n - 1;
    hd_value t = hd_tuple_new((size_t)n);
    if (t == HD_ERR) return t;
    if (last == HD_UNBOUND) {
        for (int64_t x = 0; x < n; x++) HD_TUPLE(t)->item[x] = HD_TUPLE(HD_TUPLE(pools)->item[x])->item[0];
    } else {
        if (n) memcpy(HD_TUPLE(t)->item, HD_TUPLE(last)->item, (size_t)n * 8);
        for (; k >= 0; k--) {
            struct hd_tuple *p = HD_TUPLE(HD_TUPLE(pools)->item[k]);
            int64_t x = index_at(list, k) + 1;
            index_put(list, k, x == p->len ? 0 : x);
            HD_TUPLE(t)->item[k] = p->item[x == p->len ? 0 : x];
            if (x != p->len) break;
        }
        if (k < 0) return stop(self);
    }
    it_w w = it_open(it);
    HD_PUT(w, c, t);
    return t;
}
static hd_value product_reduce(ARGS)
{
    struct it *it = IT(self);
    hd_value pools = HD_GET(it, a), type = hd_it_type(self);
    if (HD_GET(it, j)) return hd_tuplev(type, hd_tuplev(hd_empty_tuple));
    if (HD_GET(it, c) == HD_UNBOUND) return hd_tuplev(type, pools);
    return hd_tuplev(type, pools, list_tuple(HD_GET(it, b), HD_GET(it, i)));
}
static hd_value product_setstate(ARGS)
{
    struct it *it = IT(self);
    hd_value pools = HD_GET(it, a), list = HD_GET(it, b), s = check_state(args[0], HD_GET(it, i));
    if (s == HD_ERR) return s;
    int64_t n = HD_GET(it, i);
    hd_value t = hd_tuple_new((size_t)n);
    for (int64_t k = 0; t != HD_ERR && k < n; k++) {
        struct hd_tuple *p = HD_TUPLE(HD_TUPLE(pools)->item[k]);
        HD_TUPLE(t)->item[k] = HD_NONE;
        if (p->len == 0) return stop(self) == HD_STOP ? HD_NONE : HD_ERR;
        if (set_index(list, k, HD_TUPLE(s)->item[k], p->len - 1)) return HD_ERR;
        HD_TUPLE(t)->item[k] = p->item[index_at(list, k)];
    }
    it_w w = it_open(it);
    if (t != HD_ERR) HD_PUT(w, c, t);
    return t == HD_ERR ? t : HD_NONE;
}
static hd_value product_sizeof(ARGS) { return hd_fix((int64_t)sizeof(struct it) + HD_GET(IT(self), i) * 8); }
#define COMB_METHODS(c_name)                                                                                             \
    static const struct hd_methoddef c_name##_methods[] = {                                                              \
        { "__reduce__", c_name##_reduce, 0, 0, 0, "Return state information for pickling." },                            \
        { "__setstate__", c_name##_setstate, 1, 1, 0, "Set state information for unpickling." },                         \
        { "__sizeof__", product_sizeof, 0, 0, 0, "Returns size in memory, in bytes." },                                  \
        { 0 }                                                                                                            \
    };
COMB_METHODS(product)
IT_TYPE(product, "product", product_make, product_next, product_methods, NULL,
    "product(*iterables, repeat=1) --> product object\n\nCartesian product of input iterables.  Equivalent to nested for-loops.")

/* ---- combinations, with and without replacement ---- */
static hd_value comb_make(MAKE_ARGS, const char *name, bool replace)
{
    hd_value a[2];
    int64_t r;
    if (hd_args(name, "iterable,r", args, nargs, kwnames, a)) return HD_ERR;
    hd_value pool = hd_tuple_of(a[0]);
    if (pool == HD_ERR || hd_as_i64(a[1], &r)) return HD_ERR;
    if (r < 0) return hd_raise(&hd_exc_ValueError, "r must be non-negative");
    int64_t n = HD_TUPLE(pool)->len;
    bool none = replace ? n == 0 && r > 0 : r > n;
    if (r > (int64_t)1 << 40) return hd_no_memory();
    return made(type, args, nargs, 0, pool, indices(none && !replace ? 0 : r, !replace), HD_NONE, r, none);
}
static hd_value comb_next(hd_value self, bool replace)
{
    struct it *it = IT(self);
    if (HD_GET(it, j)) return HD_STOP;
    if (HD_GET(it, c) != HD_UNBOUND) {
        hd_value list = HD_GET(it, b);
        int64_t r = HD_GET(it, i), n = HD_TUPLE(HD_GET(it, a))->len, k = r - 1;
        while (k >= 0 && index_at(list, k) == (replace ? n - 1 : k + n - r)) k--;
        if (k < 0) return stop(self);
        int64_t x = index_at(list, k) + 1;
        for (; k < r; k++) {
            index_put(list, k, x);
            if (!replace) x++;
        }
    }
    return selection(self);
}
static hd_value comb_reduce(hd_value self)
{
    struct it *it = IT(self);
    hd_value pool = HD_GET(it, a), type = hd_it_type(self), r = hd_fix(HD_GET(it, i));
    if (HD_GET(it, j)) return hd_tuplev(type, hd_tuplev(hd_empty_tuple, r));
    if (HD_GET(it, c) == HD_UNBOUND) return hd_tuplev(type, hd_tuplev(pool, r));
    return hd_tuplev(type, hd_tuplev(pool, r), list_tuple(HD_GET(it, b), HD_GET(it, i)));
}
static hd_value comb_setstate(hd_value self, hd_value state, bool replace)
{
    struct it *it = IT(self);
    int64_t r = HD_GET(it, i), n = HD_TUPLE(HD_GET(it, a))->len;
    hd_value s = check_state(state, r), list = HD_GET(it, b);
    if (s == HD_ERR) return s;
    if (hd_list_len(list) != r) return HD_NONE;
    for (int64_t k = 0; k < r; k++)
        if (set_index(list, k, HD_TUPLE(s)->item[k], replace ? n - 1 : n - r + k)) return HD_ERR;
    return selection(self) == HD_ERR ? HD_ERR : HD_NONE;
}
static hd_value combinations_make(MAKE_ARGS) { return comb_make(type, args, nargs, kwnames, "combinations", false); }
static hd_value combinations_next(hd_value self) { return comb_next(self, false); }
static hd_value combinations_reduce(ARGS) { return comb_reduce(self); }
static hd_value combinations_setstate(ARGS) { return comb_setstate(self, args[0], false); }
COMB_METHODS(combinations)
IT_TYPE(combinations, "combinations", combinations_make, combinations_next, combinations_methods, NULL,
    "combinations(iterable, r)\n--\n\nReturn successive r-length combinations of elements in the iterable.\n\ncombinations(range(4), 3) --> (0,1,2), (0,1,3), (0,2,3), (1,2,3)")
static hd_value cwr_make(MAKE_ARGS) { return comb_make(type, args, nargs, kwnames, "combinations_with_replacement", true); }
static hd_value cwr_next(hd_value self) { return comb_next(self, true); }
static hd_value cwr_reduce(ARGS) { return comb_reduce(self); }
static hd_value cwr_setstate(ARGS) { return comb_setstate(self, args[0], true); }
COMB_METHODS(cwr)
IT_TYPE(cwr, "combinations_with_replacement", cwr_make, cwr_next, cwr_methods, NULL,
    "combinations_with_replacement(iterable, r)\n--\n\nReturn successive r-length combinations of elements in the iterable allowing individual elements to have successive repeats.")

/* ---- permutations: d the counters that say when a position has had all its turns ---- */
static hd_value permutations_make(MAKE_ARGS)
{
    hd_value a[2];
    if (hd_args("permutations", "iterable,|r", args, nargs, kwnames, a)) return HD_ERR;
    hd_value pool = hd_tuple_of(a[0]);
    if (pool == HD_ERR) return pool;
    int64_t n = HD_TUPLE(pool)->len, r = n;
    if (a[1] != HD_ABSENT && a[1] != HD_NONE) {
        if (!hd_is_int(a[1])) return hd_raise(&hd_exc_TypeError, "Expected int as r");
        if (hd_as_i64(a[1], &r)) return HD_ERR;
        if (r < 0) return hd_raise(&hd_exc_ValueError, "r must be non-negative");
    }
    bool none = r > n;
    hd_value cycles = hd_list_new(none ? 0 : (size_t)r);
    for (int64_t k = 0; !none && cycles != HD_ERR && k < r; k++)
        if (hd_list_push(HD_LIST(cycles), hd_fix(n - k))) return HD_ERR;
    return made(type, args, nargs, 0, pool, indices(n, true), cycles, r, none);
}
static hd_value permutations_next(hd_value self)
{
    struct it *it = IT(self);
    if (HD_GET(it, j)) return HD_STOP;
    if (HD_GET(it, c) == HD_UNBOUND) return selection(self);
    hd_value list = HD_GET(it, b), cycles = HD_GET(it, d);
    int64_t r = HD_GET(it, i), n = HD_TUPLE(HD_GET(it, a))->len;
    for (int64_t k = r - 1; k >= 0; k--) {
        int64_t c = index_at(cycles, k) - 1, x = index_at(list, k);
        if (c == 0) {
            for (int64_t m = k; m < n - 1; m++) index_put(list, m, index_at(list, m + 1));
            index_put(list, n - 1, x);
            index_put(cycles, k, n - k);
        } else {
            index_put(cycles, k, c);
            index_put(list, k, index_at(list, n - c));
            index_put(list, n - c, x);
            return selection(self);
        }
    }
    return stop(self);
}
static hd_value permutations_reduce(ARGS)
{
    struct it *it = IT(self);
    hd_value pool = HD_GET(it, a), type = hd_it_type(self), r = hd_fix(HD_GET(it, i));
    if (HD_GET(it, j)) return hd_tuplev(type, hd_tuplev(hd_empty_tuple, r));
    if (HD_GET(it, c) == HD_UNBOUND) return hd_tuplev(type, hd_tuplev(pool, r));
    return hd_tuplev(type, hd_tuplev(pool, r),
                     hd_tuplev(list_tuple(HD_GET(it, b), HD_TUPLE(pool)->len), list_tuple(HD_GET(it, d), HD_GET(it, i))));
}
static hd_value permutations_setstate(ARGS)
{
    struct it *it = IT(self);
    int64_t r = HD_GET(it, i), n = HD_TUPLE(HD_GET(it, a))->len;
    hd_value s = args[0];
    if (!hd_is_tuple(s) || HD_TUPLE(s)->len != 2 || !hd_is_tuple(HD_TUPLE(s)->item[0]) || !hd_is_tuple(HD_TUPLE(s)->item[1]))
        return hd_raise(&hd_exc_TypeError, "state is not a tuple of two tuples");
    hd_value x = HD_TUPLE(s)->item[0], y = HD_TUPLE(s)->item[1];
    if (HD_TUPLE(x)->len != n || HD_TUPLE(y)->len != r) return hd_raise(&hd_exc_ValueError, "invalid arguments");
    if (HD_GET(it, j)) return HD_NONE;
    for (int64_t k = 0; k < n; k++)
        if (set_index(HD_GET(it, b), k, HD_TUPLE(x)->item[k], n - 1)) return HD_ERR;
    for (int64_t k = 0; k < r; k++) {
        int64_t c;
        if (hd_as_i64(HD_TUPLE(y)->item[k], &c)) return HD_ERR;
        index_put(HD_GET(it, d), k, c < 1 ? 1 : c > n - k ? n - k : c);
    }
    return selection(self) == HD_ERR ? HD_ERR : HD_NONE;
}
COMB_METHODS(permutations)
IT_TYPE(permutations, "permutations", permutations_make, permutations_next, permutations_methods, NULL,
    "permutations(iterable, r=None)\n--\n\nReturn successive r-length permutations of elements in the iterable.\n\npermutations(range(3), 2) --> (0,1), (0,2), (1,0), (1,2), (2,0), (2,1)")

int hd_itertools_add_combinatoric(hd_value m)
{
    return hd_add_type(m, &product_type) || hd_add_type(m, &combinations_type) || hd_add_type(m, &cwr_type) || hd_add_type(m, &permutations_type) ? -1 : 0;
}
