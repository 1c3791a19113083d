/* The types set, frozenset and set_iterator. */
#include "interp/types/each.h"
#include "interp/types/_set.h"

#define ARGS hd_value self, const hd_value *args, size_t nargs, hd_value kwnames
#define SELF struct hd_set *s = HD_SET(self)

static hd_value result(struct hd_set *s) { return s ? hd_obj(s) : HD_ERR; }
static hd_value none_or_error(int r) { return r ? HD_ERR : HD_NONE; }
static struct hd_type *base_of(hd_value v) { return hd_has_flag(v, HD_TF_FROZENSET) ? &hd_frozenset_type : &hd_set_type; }

/* ---- construction ---- */
static hd_value set_make(hd_value type, const hd_value *args, size_t nargs, hd_value kwnames) { return result(hd_set_alloc(HD_TYPE(type))); }

static int set_init(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
{
    SELF;
    if (hd_no_kwargs("set", kwnames)) return -1;
    if (nargs > 1) {
        (void)hd_raise(&hd_exc_TypeError, "set expected at most 1 argument, got %lld", (long long)nargs);
        return -1;
    }
    if (hd_set_size_of(s)) hd_set_clear(s);
    return nargs ? hd_set_update(s, args[0]) : 0;
}

static hd_value frozenset_make(hd_value type, const hd_value *args, size_t nargs, hd_value kwnames)
{
    struct hd_type *t = HD_TYPE(type);
    if (kwnames && (t == &hd_frozenset_type || t->op.init == hd_object_init) && hd_no_kwargs("frozenset", kwnames)) return HD_ERR;
    if (nargs > 1) return hd_raise(&hd_exc_TypeError, "frozenset expected at most 1 argument, got %lld", (long long)nargs);
    if (nargs && t == &hd_frozenset_type && hd_is_shape(args[0], HD_SHAPE_FROZENSET)) return args[0];
    return result(hd_set_copy(t, nargs ? args[0] : HD_ABSENT));
}

/* ---- methods of both ---- */
static hd_value set_copy(ARGS)
{
    if (hd_is_shape(self, HD_SHAPE_FROZENSET)) return self;
    return result(hd_set_copy(base_of(self), self));
}

static hd_value set_union(ARGS)
{
    struct hd_set *r = hd_set_copy(base_of(self), self);
    if (!r) return HD_ERR;
    for (size_t i = 0; i < nargs; i++)
        if (hd_set_update(r, args[i])) return HD_ERR;
    return hd_obj(r);
}

static struct hd_set *intersection_multi(hd_value self, const hd_value *args, size_t nargs)
{
    struct hd_type *t = base_of(self);
    if (!nargs) return hd_set_copy(t, self);
    struct hd_set *r = HD_SET(self);
    for (size_t i = 0; i < nargs; i++)
        if (!(r = hd_set_intersection(t, r, args[i]))) return NULL;
    return r;
}
static hd_value set_intersection(ARGS) { return result(intersection_multi(self, args, nargs)); }

static hd_value set_difference(ARGS)
{
    struct hd_type *t = base_of(self);
    if (!nargs) return result(hd_set_copy(t, self));
    struct hd_set *r = hd_set_difference(t, HD_SET(self), args[0]);
    for (size_t i = 1; r && i < nargs; i++)
        if (hd_set_subtract(r, args[i])) return HD_ERR;
    return result(r);
}

static hd_value set_symmetric_difference(ARGS)
{
    struct hd_set *r = hd_set_copy(base_of(self), self);
    return r && hd_set_toggle(r, args[0]) ? HD_ERR : result(r);
}

static hd_value test(int r) { return r < 0 ? HD_ERR : hd_bool(r); }
static hd_value set_isdisjoint(ARGS) { return test(hd_set_disjoint(HD_SET(self), args[0])); }

static hd_value set_issubset(ARGS)
{
    hd_value other = args[0];
    if (!hd_is_anyset(other)) {
        other = result(hd_set_copy(&hd_set_type, other));
        if (other == HD_ERR) return HD_ERR;
    }
    return test(hd_set_subset(HD_SET(self), HD_SET(other)));
}

static hd_value set_issuperset(ARGS)
{
    hd_value other = args[0];
    if (hd_is_anyset(other)) return test(hd_set_subset(HD_SET(other), HD_SET(self)));
    struct hd_each it;
    hd_value k;
    if (hd_each_begin(&it, other) < 0) return HD_ERR;
    while ((k = hd_each_next(&it)) != HD_STOP) {
        int r = k == HD_ERR ? -1 : hd_set_contains(self, k);
        if (r <= 0) return test(r);
    }
    return HD_TRUE;
}

static hd_value set_reduce(ARGS)
{
    hd_value list = hd_list_of(self);
    if (list == HD_ERR) return HD_ERR;
    hd_value state = hd_call_method(self, hd_s___getstate__, NULL, 0);
    return hd_tuplev(hd_obj(hd_type_of(self)), hd_tuplev(list), state);
}

static hd_value set_sizeof(ARGS) { return hd_fix((int64_t)(hd_set_size(HD_SET(self)) + hd_table_sizeof(HD_GET(HD_SET(self), table)))); }
static hd_value set_contains_method(ARGS) { return test(hd_set_contains(self, args[0])); }

/* ---- methods of set ---- */
static hd_value set_add(ARGS) { return none_or_error(hd_set_add(self, args[0])); }
static hd_value set_clear(ARGS) { return none_or_error(hd_set_clear(HD_SET(self))); }
static hd_value set_discard(ARGS) { return hd_set_discard(self, args[0]) < 0 ? HD_ERR : HD_NONE; }

static hd_value set_remove(ARGS)
{
    int r = hd_set_discard(self, args[0]);
    return r < 0 ? HD_ERR : r ? HD_NONE : hd_raise_key(args[0]);
}

static hd_value set_pop(ARGS)
{
    hd_value v;
    return hd_set_pop(HD_SET(self), &v) ? v : hd_raise(&hd_exc_KeyError, "pop from an empty set");
}

static hd_value set_update(ARGS)
{
    for (size_t i = 0; i < nargs; i++)
        if (hd_set_update(HD_SET(self), args[i])) return HD_ERR;
    return HD_NONE;
}

static hd_value set_intersection_update(ARGS)
{
    struct hd_set *r = intersection_multi(self, args, nargs);
    if (!r) return HD_ERR;
    hd_set_swap_in(HD_SET(self), r);
    return HD_NONE;
}

static hd_value set_difference_update(ARGS)
{
    for (size_t i = 0; i < nargs; i++)
        if (hd_set_subtract(HD_SET(self), args[i])) return HD_ERR;
    return HD_NONE;
}

static hd_value set_symmetric_difference_update(ARGS) { return none_or_error(hd_set_toggle(HD_SET(self), args[0])); }

/* ---- operations ---- */
static bool both_sets(hd_value a, hd_value b) { return hd_is_anyset(a) && hd_is_anyset(b); }

static hd_value set_or(hd_value a, hd_value b)
{
    if (!both_sets(a, b)) return HD_NOTIMPLEMENTED;
    struct hd_set *r = hd_set_copy(base_of(a), a);
    return r && hd_set_update(r, b) ? HD_ERR : result(r);
}
static hd_value set_and(hd_value a, hd_value b) { return both_sets(a, b) ? result(hd_set_intersection(base_of(a), HD_SET(a), b)) : HD_NOTIMPLEMENTED; }
static hd_value set_sub(hd_value a, hd_value b) { return both_sets(a, b) ? result(hd_set_difference(base_of(a), HD_SET(a), b)) : HD_NOTIMPLEMENTED; }
static hd_value set_xor(hd_value a, hd_value b)
{
    if (!both_sets(a, b)) return HD_NOTIMPLEMENTED;
    struct hd_set *r = hd_set_copy(base_of(a), a);
    return r && hd_set_toggle(r, b) ? HD_ERR : result(r);
}
static hd_value set_ior(hd_value a, hd_value b) { return !both_sets(a, b) ? HD_NOTIMPLEMENTED : hd_set_update(HD_SET(a), b) ? HD_ERR : a; }
static hd_value set_isub(hd_value a, hd_value b) { return !both_sets(a, b) ? HD_NOTIMPLEMENTED : hd_set_subtract(HD_SET(a), b) ? HD_ERR : a; }
static hd_value set_ixor(hd_value a, hd_value b) { return !both_sets(a, b) ? HD_NOTIMPLEMENTED : hd_set_toggle(HD_SET(a), b) ? HD_ERR : a; }
static hd_value set_iand(hd_value a, hd_value b)
{
    if (!both_sets(a, b)) return HD_NOTIMPLEMENTED;
    struct hd_set *r = hd_set_intersection(&hd_set_type, HD_SET(a), b);
    if (!r) return HD_ERR;
    hd_set_swap_in(HD_SET(a), r);
    return a;
}

static hd_value set_compare(hd_value a, hd_value b, enum hd_cmpop op)
{
    if (!both_sets(a, b)) return HD_NOTIMPLEMENTED;
    struct hd_set *x = HD_SET(a), *y = HD_SET(b);
    int64_t n = hd_set_size_of(x), m = hd_set_size_of(y);
    int r;
    switch (op) {
    case HD_EQ: case HD_NE:
        if (n != m || (HD_RAW(x->hash) && HD_RAW(y->hash) && HD_RAW(x->hash) != HD_RAW(y->hash))) return hd_bool(op == HD_NE);
        r = hd_set_subset(x, y);
        return r < 0 ? HD_ERR : hd_bool(r == (op == HD_EQ));
    case HD_LT: return n >= m ? HD_FALSE : test(hd_set_subset(x, y));
    case HD_LE: return test(hd_set_subset(x, y));
    case HD_GT: return n <= m ? HD_FALSE : test(hd_set_subset(y, x));
    default: return test(hd_set_subset(y, x));
    }
}

static hd_value set_repr(hd_value self)
{
    SELF;
    struct hd_type *t = hd_type_of(self);
    if (hd_set_size_of(s) == 0) return hd_str_format("%N()", t);
    int r = hd_repr_enter(self);
    if (r < 0) return HD_ERR;
    if (r) return hd_str_format("%N(...)", t);
    hd_value k;
    struct hd_strbuilder b;
    hd_sb_init(&b);
    bool plain = t == &hd_set_type;
    if (!plain) {
        hd_value head = hd_str_format("%N(", t);
        if (head == HD_ERR) goto failed;
        hd_sb_str(&b, head);
    }
    hd_sb_char(&b, '{');
    bool first = true;
    for (uint64_t place = 0; hd_set_walk(s, &place, &k, NULL); first = false) {
        if (!first) hd_sb_ascii(&b, ", ", 2);
        hd_value text = hd_repr(k);
        if (text == HD_ERR) goto failed;
        hd_sb_str(&b, text);
    }
    hd_sb_ascii(&b, "})", plain ? 1 : 2);
    hd_repr_leave(self);
    return hd_sb_finish(&b);
failed:
    hd_repr_leave(self);
    return HD_ERR;
}

static int64_t frozenset_hash(hd_value self)
{
    SELF;
    int64_t h = HD_RAW(s->hash);
    if (h) return h;
    h = hd_set_hash(s);
    HD_RAW_PUT(s->hash, h);
    return h;
}

static int64_t set_length(hd_value self) { return hd_set_len(self); }

/* ---- iterator ---- */
struct setiter { struct hd_mhead head; hd_vslot set; /* HD_UNBOUND: exhausted */ hd_islot pos, size; };
HD_MUTABLE(setiter)
HD_MUTABLE_OPEN(setiter, sizeof(struct setiter))

static hd_value set_iter(hd_value self)
{
    struct setiter *it = hd_new_mutable(&hd_setiter_type, sizeof *it);
    if (!it) return HD_ERR;
    HD_INIT(it, set, self);
    HD_INIT(it, size, hd_set_len(self));
    return hd_obj(it);
}

static hd_value setiter_next(hd_value self)
{
    setiter_w w = setiter_open(hd_ptr(self));
    hd_value set = HD_OWN(w, set), k;
    if (set == HD_UNBOUND) return HD_STOP;
    if (STM_UNLIKELY(hd_set_len(set) != HD_OWN(w, size))) {
        HD_PUT(w, size, -1);
        return hd_raise(&hd_exc_RuntimeError, "Set changed size during iteration");
    }
    uint64_t place = (uint64_t)HD_OWN(w, pos);
    if (hd_set_walk(HD_SET(set), &place, &k, NULL)) {
        HD_PUT(w, pos, (int64_t)place);
        return k;
    }
    HD_PUT(w, set, HD_UNBOUND);
    return HD_STOP;
}

/* Elements that are still to come, as a list; the iterator stays where it is. */
static hd_value setiter_rest(struct setiter *it)
{
    hd_value set = HD_GET(it, set), list = hd_list_new(0), k;
    if (set == HD_UNBOUND || list == HD_ERR) return list;
    if (hd_set_len(set) != HD_GET(it, size)) return hd_raise(&hd_exc_RuntimeError, "Set changed size during iteration");
    for (uint64_t place = (uint64_t)HD_GET(it, pos); hd_set_walk(HD_SET(set), &place, &k, NULL); )
        if (hd_list_push(HD_LIST(list), k)) return HD_ERR;
    return list;
}

static hd_value setiter_hint(ARGS)
{
    struct setiter *it = hd_ptr(self);
    hd_value set = HD_GET(it, set);
    if (set == HD_UNBOUND || hd_set_len(set) != HD_GET(it, size)) return hd_fix(0);
    hd_value rest = setiter_rest(it);
    return rest == HD_ERR ? rest : hd_fix(hd_list_len(rest));
}

static hd_value setiter_reduce(ARGS) { return hd_tuplev(hd_builtin("iter"), hd_tuplev(setiter_rest(hd_ptr(self)))); }

static void setiter_trace(void *o, struct gc_marker *m) { gc_mark(m, HD_RAW(((struct setiter *)o)->set)); }
static hd_value self_iter(hd_value self) { return self; }

static const struct hd_methoddef setiter_methods[] = {
    { "__length_hint__", setiter_hint, 0, 0, 0, "Private method returning an estimate of len(list(it))." },
    { "__reduce__", setiter_reduce, 0, 0, 0, "Return state information for pickling." },
    { 0 }
};

struct hd_type hd_setiter_type = {
    .cname = "set_iterator", .basicsize = sizeof(struct setiter), .flags = HD_TF_NEVER_INSTANTIATE, .methods = setiter_methods,
    .op = { .iter = self_iter, .iternext = setiter_next, .trace = setiter_trace },
};

#define COMMON_METHODS                                                                                                                          \
    { "__contains__", set_contains_method, 1, 1, HD_METH_COEXIST, "x.__contains__(y) <==> y in x." },                                           \
    { "__reduce__", set_reduce, 0, 0, 0, "Return state information for pickling." },                                                            \
    { "__sizeof__", set_sizeof, 0, 0, 0, "S.__sizeof__() -> size of S in memory, in bytes" },                                                   \
    { "copy", set_copy, 0, 0, 0, "Return a shallow copy of a set." },                                                                           \
    { "difference", set_difference, 0, -1, 0, "Return the difference of two or more sets as a new set." },                                      \
    { "intersection", set_intersection, 0, -1, 0, "Return the intersection of two sets as a new set." },                                        \
    { "isdisjoint", set_isdisjoint, 1, 1, 0, "Return True if two sets have a null intersection." },                                             \
    { "issubset", set_issubset, 1, 1, 0, "Report whether another set contains this set." },                                                     \
    { "issuperset", set_issuperset, 1, 1, 0, "Report whether this set contains another set." },                                                 \
    { "symmetric_difference", set_symmetric_difference, 1, 1, 0, "Return the symmetric difference of two sets as a new set." },                  \
    { "union", set_union, 0, -1, 0, "Return the union of sets as a new set." },                                                                 \
    HD_CLASS_GETITEM

static const struct hd_methoddef set_methods[] = {
    COMMON_METHODS,
    { "add", set_add, 1, 1, 0, "Add an element to a set.\n\nThis has no effect if the element is already present." },
    { "clear", set_clear, 0, 0, 0, "Remove all elements from this set." },
    { "difference_update", set_difference_update, 0, -1, 0, "Remove all elements of another set from this set." },
    { "discard", set_discard, 1, 1, 0, "Remove an element from a set if it is a member." },
    { "intersection_update", set_intersection_update, 0, -1, 0, "Update a set with the intersection of itself and another." },
    { "pop", set_pop, 0, 0, 0, "Remove and return an arbitrary set element.\nRaises KeyError if the set is empty." },
    { "remove", set_remove, 1, 1, 0, "Remove an element from a set; it must be a member." },
    { "symmetric_difference_update", set_symmetric_difference_update, 1, 1, 0, "Update a set with the symmetric difference of itself and another." },
    { "update", set_update, 0, -1, 0, "Update a set with the union of itself and others." },
    { 0 }
};
static const struct hd_methoddef frozenset_methods[] = { COMMON_METHODS, { 0 } };

struct hd_type hd_set_type = {
    .cname = "set", .basicsize = sizeof(struct hd_set), .flags = HD_TF_BASETYPE | HD_TF_SET | HD_TF_HAS_WEAKREFS,
    .doc = "set() -> new empty set object\nset(iterable) -> new set object\n\nBuild an unordered collection of unique elements.",
    .methods = set_methods,
    .op = {
        .repr = set_repr, .hash = hd_hash_refused, .iter = set_iter, .length = set_length, .richcompare = set_compare,
        .contains = hd_set_contains, .make = set_make, .init = set_init,
        .binary = { [HD_OR] = set_or, [HD_AND] = set_and, [HD_SUB] = set_sub, [HD_XOR] = set_xor },
        .inplace = { [HD_OR] = set_ior, [HD_AND] = set_iand, [HD_SUB] = set_isub, [HD_XOR] = set_ixor },
        .trace = hd_set_trace,
    },
};
struct hd_type hd_frozenset_type = {
    .cname = "frozenset", .basicsize = sizeof(struct hd_set), .flags = HD_TF_BASETYPE | HD_TF_FROZENSET | HD_TF_HAS_WEAKREFS,
    .doc = "frozenset() -> empty frozenset object\nfrozenset(iterable) -> frozenset object\n\nBuild an immutable unordered collection of unique elements.",
    .methods = frozenset_methods,
    .op = {
        .repr = set_repr, .hash = frozenset_hash, .iter = set_iter, .length = set_length, .richcompare = set_compare,
        .contains = hd_set_contains, .make = frozenset_make,
        .binary = { [HD_OR] = set_or, [HD_AND] = set_and, [HD_SUB] = set_sub, [HD_XOR] = set_xor }, .trace = hd_set_trace,
    },
};
