/* collections.OrderedDict: a dict whose table keeps the order already; moving a key is deleting and putting it elsewhere
 * (hd_dict_move). */
#include "interp/core/shape.h"
#include "interp/modules/collections.h"

#define ARGS hd_value self, const hd_value *args, size_t nargs, hd_value kwnames

bool hd_is_odict(hd_value v) { return hd_is_ptr(v) && hd_subtype(hd_type_of(v), &hd_ordereddict_type); }
#define is_ordered hd_is_odict
static bool exact(hd_value v) { return hd_type_of(v) == &hd_ordereddict_type; }

static hd_value odict_make(hd_value type, const hd_value *args, size_t nargs, hd_value kwnames)
{
    hd_value o = hd_alloc_instance(HD_TYPE(type), 0);
    if (o == HD_ERR) return o;
    HD_INIT(HD_DICT(o), table, &hd_empty_dict_table);
    HD_INIT((struct hd_odict *)hd_ptr(o), moves, 0);
    return o;
}

static int set_pairs(hd_value self, hd_value pairs)
{
    hd_value it = hd_iter(pairs), item;
    if (it == HD_ERR) return -1;
    while ((item = hd_next(it)) != HD_STOP) {
        const hd_value *p;
        int64_t n;
        hd_value keep = item == HD_ERR ? item : hd_fast_sequence(item, "", &p, &n);
        if (keep == HD_ERR) return -1;
        if (n != 2) {
            (void)hd_raise(&hd_exc_ValueError, n < 2 ? "need more than %lld value%s to unpack" : "too many values to unpack (expected 2)", (long long)n, n == 1 ? "" : "s");
            return -1;
        }
        if (hd_setitem(self, p[0], p[1])) return -1;
    }
    return 0;
}

/* As MutableMapping.update: item by item, so that a subclass's __setitem__ sees them. */
static int update_from(hd_value self, hd_value other)
{
    if (exact(self) && hd_is_dict(other)) return hd_dict_update(self, other);
    if (hd_is_dict_exact(other)) {
        hd_value items = hd_dict_items_list(other);
        return items == HD_ERR ? -1 : set_pairs(self, items);
    }
    hd_value keys = hd_getattr_opt(other, hd_s_keys);
    if (keys == HD_ERR) return -1;
    if (keys != HD_ABSENT) {
        hd_value list = hd_call0(keys), it = list == HD_ERR ? list : hd_iter(list), k;
        if (it == HD_ERR) return -1;
        while ((k = hd_next(it)) != HD_STOP) {
            hd_value v = k == HD_ERR ? k : hd_getitem(other, k);
            if (v == HD_ERR || hd_setitem(self, k, v)) return -1;
        }
        return 0;
    }
    hd_value items = hd_getattr_opt(other, hd_s_items);
    if (items == HD_ERR) return -1;
    if (items != HD_ABSENT) {
        items = hd_call0(items);
        return items == HD_ERR ? -1 : set_pairs(self, items);
    }
    return set_pairs(self, other);
}

static int update(hd_value self, const char *name, const hd_value *args, size_t nargs, hd_value kwnames)
{
    if (nargs > 1) {
        (void)hd_raise(&hd_exc_TypeError, "%s() takes at most 1 positional argument (%lld given)", name, (long long)nargs);
        return -1;
    }
    if (nargs && update_from(self, args[0])) return -1;
    for (int64_t i = 0; kwnames && i < HD_TUPLE(kwnames)->len; i++)
        if (hd_setitem(self, HD_TUPLE(kwnames)->item[i], args[nargs + (size_t)i])) return -1;
    return 0;
}
static int odict_init(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
{
    if (nargs > 1) {
        (void)hd_raise(&hd_exc_TypeError, "OrderedDict expected at most 1 argument, got %lld", (long long)nargs);
        return -1;
    }
    return update(self, "update", args, nargs, kwnames);
}
static hd_value odict_update(ARGS) { return update(self, "update", args, nargs, kwnames) ? HD_ERR : HD_NONE; }

static hd_value odict_move_to_end(ARGS)
{
    hd_value a[2];
    if (hd_args("move_to_end", "key,|last", args, nargs, kwnames, a)) return HD_ERR;
    int last = a[1] == HD_ABSENT ? 1 : hd_truth(a[1]);
    int64_t hash = last < 0 ? -1 : hd_key_hash(a[0]);
    if (hash == -1) return HD_ERR;
    int r = hd_dict_move(HD_DICT(self), a[0], hash, !last);
    if (r == 2) {
        struct hd_odict *o = hd_ptr(self);
        (void)hd_dict_open(&o->dict);
        HD_PUT_AT(&o->moves, HD_OWN_AT(&o->moves) + 1);
    }
    return r < 0 ? HD_ERR : r ? HD_NONE : hd_raise_key(a[0]);
}

static hd_value odict_popitem(ARGS)
{
    hd_value a[1], kv[2];
    if (hd_args("popitem", "|last", args, nargs, kwnames, a)) return HD_ERR;
    int last = a[0] == HD_ABSENT ? 1 : hd_truth(a[0]);
    if (last < 0) return HD_ERR;
    int r = hd_dict_popitem(HD_DICT(self), !last, kv);
    return r < 0 ? HD_ERR : r ? hd_tuple_from(kv, 2) : hd_raise(&hd_exc_KeyError, "dictionary is empty");
}

static hd_value odict_pop(ARGS)
{
    hd_value a[2];
    if (hd_args("pop", "key,|default", args, nargs, kwnames, a)) return HD_ERR;
    hd_value v = hd_dict_pop(self, a[0]);
    return v != HD_ABSENT ? v : a[1] != HD_ABSENT ? a[1] : hd_raise_key(a[0]);
}

static hd_value odict_setdefault(ARGS)
{
    hd_value a[2];
    if (hd_args("setdefault", "key,|default", args, nargs, kwnames, a)) return HD_ERR;
    if (a[1] == HD_ABSENT) a[1] = HD_NONE;
    if (exact(self)) return hd_dict_setdefault(self, a[0], a[1]);
    int has = hd_contains(self, a[0]);
    if (has) return has < 0 ? HD_ERR : hd_getitem(self, a[0]);
    return hd_setitem(self, a[0], a[1]) ? HD_ERR : a[1];
}

static hd_value odict_copy(ARGS)
{
    hd_value c = hd_call0(hd_obj(hd_type_of(self)));
    if (c == HD_ERR) return c;
    if (exact(self)) return hd_dict_update(c, self) ? HD_ERR : c;
    hd_value keys = hd_dict_keys_list(self);
    for (int64_t i = 0; keys != HD_ERR && i < hd_list_len(keys); i++) {
        hd_value k = hd_list_at(HD_LIST(keys), i), v = hd_getitem(self, k);
        if (v == HD_ERR || hd_setitem(c, k, v)) return HD_ERR;
    }
    return keys == HD_ERR ? keys : c;
}

static hd_value odict_reduce(ARGS)
{
    hd_value state = hd_call_method(self, hd_s___getstate__, NULL, 0);
    hd_value items = state == HD_ERR ? state : hd_call_method(self, hd_s_items, NULL, 0);
    hd_value it = items == HD_ERR ? items : hd_iter(items);
    return hd_tuplev(hd_obj(hd_type_of(self)), hd_empty_tuple, state, HD_NONE, it);
}

static hd_value odict_fromkeys(ARGS)
{
    hd_value a[2];
    if (hd_args("fromkeys", "iterable,|value", args, nargs, kwnames, a)) return HD_ERR;
    hd_value d = hd_call0(self), it = d == HD_ERR ? d : hd_iter(a[0]), k;
    if (it == HD_ERR) return it;
    while ((k = hd_next(it)) != HD_STOP)
        if (k == HD_ERR || hd_setitem(d, k, a[1] == HD_ABSENT ? HD_NONE : a[1])) return HD_ERR;
    return d;
}

static hd_value odict_keys(ARGS) { return hd_dictview_new(self, &hd_odictkeys_type); }
static hd_value odict_values(ARGS) { return hd_dictview_new(self, &hd_odictvalues_type); }
static hd_value odict_items(ARGS) { return hd_dictview_new(self, &hd_odictitems_type); }

static hd_value odict_repr(hd_value self)
{
    struct hd_type *t = hd_type_of(self);
    if (hd_dict_len(self) == 0) return hd_str_format("%s()", hd_type_short_name(t));
    int r = hd_repr_enter(self);
    if (r) return r > 0 ? hd_str_utf8("...") : HD_ERR;
    hd_value items = exact(self) ? hd_dict_items_list(self) : hd_call_method(self, hd_s_items, NULL, 0);
    if (items != HD_ERR && !exact(self)) items = hd_list_of(items);
    hd_value s = items == HD_ERR ? items : hd_str_format("%s(%R)", hd_type_short_name(t), items);
    hd_repr_leave(self);
    return s;
}

static hd_value odict_compare(hd_value a, hd_value b, enum hd_cmpop op)
{
    if ((op != HD_EQ && op != HD_NE) || !hd_is_dict(a) || !hd_is_dict(b)) return HD_NOTIMPLEMENTED;
    int r = hd_dict_equal(a, b);
    if (r > 0 && is_ordered(a) && is_ordered(b)) {
        hd_value x = hd_dict_keys_list(a), y = x == HD_ERR ? x : hd_dict_keys_list(b);
        r = y == HD_ERR ? -1 : hd_equal(x, y);
    }
    return r < 0 ? HD_ERR : hd_bool(r == (op == HD_EQ));
}

static hd_value odict_or(hd_value a, hd_value b)
{
    if (!hd_is_dict(a) || !hd_is_dict(b)) return HD_NOTIMPLEMENTED;
    hd_value d = hd_callv(hd_obj(hd_type_of(is_ordered(a) ? a : b)), a);
    return d == HD_ERR || update_from(d, b) ? HD_ERR : d;
}
static hd_value odict_ior(hd_value a, hd_value b) { return !is_ordered(a) ? HD_NOTIMPLEMENTED : update_from(a, b) ? HD_ERR : a; }

static const struct hd_methoddef odict_methods[] = {
    { "fromkeys", odict_fromkeys, 0, -1, HD_METH_CLASS | HD_METH_KW, "($type, /, iterable, value=None)\n--\n\nCreate a new ordered dictionary with keys from iterable and values set to value." },
    { "pop", odict_pop, 0, -1, HD_METH_KW, "($self, /, key, default=<unrepresentable>)\n--\n\nod.pop(key[,default]) -> v, remove specified key and return the corresponding value.\n\n"
      "If the key is not found, return the default if given; otherwise,\nraise a KeyError." },
    { "popitem", odict_popitem, 0, -1, HD_METH_KW, "($self, /, last=True)\n--\n\nRemove and return a (key, value) pair from the dictionary.\n\n"
      "Pairs are returned in LIFO order if last is true or FIFO order if false." },
    { "setdefault", odict_setdefault, 0, -1, HD_METH_KW, "($self, /, key, default=None)\n--\n\nInsert key with a value of default if key is not in the dictionary.\n\n"
      "Return the value for key if key is in the dictionary, else default." },
    { "move_to_end", odict_move_to_end, 0, -1, HD_METH_KW, "($self, /, key, last=True)\n--\n\nMove an existing element to the end (or beginning if last is false).\n\nRaise KeyError if the element does not exist." },
    { "update", odict_update, 0, -1, HD_METH_KW, NULL },
    { "copy", odict_copy, 0, 0, 0, "od.copy() -> a shallow copy of od" },
    { "keys", odict_keys, 0, 0, 0, NULL },
    { "values", odict_values, 0, 0, 0, NULL },
    { "items", odict_items, 0, 0, 0, NULL },
    { "__reduce__", odict_reduce, 0, 0, 0, "Return state information for pickling" },
    { 0 }
};
struct hd_type hd_ordereddict_type = {
    .cname = "collections.OrderedDict", .basicsize = sizeof(struct hd_odict), .base = &hd_dict_type,
    .flags = HD_TF_BASETYPE | HD_TF_DICT | HD_TF_MAPPING | HD_TF_HAS_DICT | HD_TF_HAS_WEAKREFS,
    .doc = "Dictionary that remembers insertion order", .methods = odict_methods,
    .op = { .repr = odict_repr, .hash = hd_hash_refused, .richcompare = odict_compare, .make = odict_make, .init = odict_init,
            .binary = { [HD_OR] = odict_or }, .inplace = { [HD_OR] = odict_ior }, .trace = hd_dict_trace },
};

#define VIEW(c, python, parent)                                                                                          \
    struct hd_type hd_##c##_type = { .cname = python, .base = &parent, .flags = HD_TF_NEVER_INSTANTIATE | HD_TF_IMMUTABLE_LAYOUT };
VIEW(odictkeys, "odict_keys", hd_dictkeys_type)
VIEW(odictvalues, "odict_values", hd_dictvalues_type)
VIEW(odictitems, "odict_items", hd_dictitems_type)
