/* The type dict: construction, methods and operations.  Look-up and storage are in dict.c. */
#include "interp/types/each.h"
#include "interp/types/_table.h"
#include "interp/types/_dict.h"
#include "interp/types/_seq.h"

#define ARGS hd_value self, const hd_value *args, size_t nargs, hd_value kwnames

void hd_dict_trace(void *o, struct gc_marker *m) { gc_mark(m, hd_obj(HD_RAW(((struct hd_dict *)o)->table))); }

static hd_value dict_make(hd_value type, const hd_value *args, size_t nargs, hd_value kwnames)
{
    if (HD_TYPE(type) == &hd_dict_type) return hd_dict_new();
    hd_value o = hd_alloc_instance(HD_TYPE(type), 0);
    if (o != HD_ERR) HD_INIT(HD_DICT(o), table, &hd_empty_dict_table);
    return o;
}

int hd_dict_update_args(hd_value d, const char *fname, const hd_value *args, size_t nargs, hd_value kwnames)
{
    if (nargs > 1) {
        (void)hd_raise(&hd_exc_TypeError, "%s expected at most 1 argument, got %lld", fname, (long long)nargs);
        return -1;
    }
    if (nargs && hd_dict_update(d, args[0])) return -1;
    if (kwnames)
        for (int64_t i = 0; i < HD_TUPLE(kwnames)->len; i++)
            if (hd_dict_set(d, HD_TUPLE(kwnames)->item[i], args[nargs + (size_t)i])) return -1;
    return 0;
}

static int dict_init(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
{
    return hd_dict_update_args(self, "dict", args, nargs, kwnames);
}

static hd_value dict_update(ARGS) { return hd_dict_update_args(self, "update", args, nargs, kwnames) ? HD_ERR : HD_NONE; }

hd_value hd_dict_subscript(hd_value d, hd_value key)
{
    hd_value v = hd_dict_get(d, key);
    if (STM_LIKELY(v != HD_ABSENT)) return v;
    if (!hd_is_dict_exact(d)) {
        v = hd_call_special(d, hd_s___missing__, &key, 1);
        if (v != HD_ABSENT) return v;
    }
    return hd_raise_key(key);
}

static int dict_setitem(hd_value self, hd_value key, hd_value v)
{
    if (v != HD_ABSENT) return hd_dict_set(self, key, v);
    int r = hd_dict_del(self, key);
    if (r == 0) (void)hd_raise_key(key);
    return r > 0 ? 0 : -1;
}

hd_value hd_dict_method_get(ARGS)
{
    hd_value v = hd_dict_get(self, args[0]);
    return v != HD_ABSENT ? v : nargs > 1 ? args[1] : HD_NONE;
}

static hd_value dict_pop(ARGS)
{
    if (hd_dict_len(self) == 0 && nargs == 1) return hd_raise_key(args[0]);
    hd_value v = hd_dict_pop(self, args[0]);
    return v != HD_ABSENT ? v : nargs > 1 ? args[1] : hd_raise_key(args[0]);
}

static hd_value dict_popitem(ARGS)
{
    hd_value kv[2];
    int r = hd_dict_popitem(HD_DICT(self), false, kv);
    if (r == 0) return hd_raise(&hd_exc_KeyError, "popitem(): dictionary is empty");
    return r < 0 ? HD_ERR : hd_tuple_from(kv, 2);
}

static hd_value dict_setdefault(ARGS) { return hd_dict_setdefault(self, args[0], nargs > 1 ? args[1] : HD_NONE); }
static hd_value dict_clear(ARGS) { return hd_dict_clear(self) ? HD_ERR : HD_NONE; }
static hd_value dict_copy(ARGS) { return hd_dict_copy(self); }
static hd_value dict_keys(ARGS) { return hd_dictview_new(self, &hd_dictkeys_type); }
static hd_value dict_values(ARGS) { return hd_dictview_new(self, &hd_dictvalues_type); }
static hd_value dict_items(ARGS) { return hd_dictview_new(self, &hd_dictitems_type); }
static hd_value dict_reversed(ARGS) { return hd_dictiter_new(self, &hd_dictrevkeyiter_type); }

static hd_value dict_contains_method(ARGS)
{
    int r = hd_dict_contains(self, args[0]);
    return r < 0 ? HD_ERR : hd_bool(r);
}
static hd_value dict_getitem_method(ARGS) { return hd_dict_subscript(self, args[0]); }

static hd_value dict_sizeof(ARGS)
{
    return hd_fix((int64_t)(hd_dict_size(HD_DICT(self)) + hd_table_sizeof(HD_GET(HD_DICT(self), table))));
}

static hd_value dict_fromkeys(ARGS)
{
    hd_value value = nargs > 1 ? args[1] : HD_NONE, d = hd_call0(self);
    if (d == HD_ERR) return HD_ERR;
    if (hd_is_dict_exact(d)) {
        if (hd_dict_plain_iteration(args[0]) || (hd_is_anyset(args[0]) && (hd_is_shape(args[0], HD_SHAPE_SET) || hd_is_shape(args[0], HD_SHAPE_FROZENSET)))) {
            bool set = hd_is_anyset(args[0]);
            hd_value k;
            int64_t hash;
            for (uint64_t place = 0; set ? hd_set_walk(HD_SET(args[0]), &place, &k, &hash)
                                         : hd_dict_walk(HD_DICT(args[0]), &place, &k, NULL, &hash); )
                if (hd_dict_put(HD_DICT(d), k, hash, value)) return HD_ERR;
            return d;
        }
    }
    struct hd_each it;
    if (hd_each_begin(&it, args[0]) < 0) return HD_ERR;
    for (;;) {
        hd_value k = hd_each_next(&it);
        if (k == HD_STOP) return d;
        if (k == HD_ERR) return HD_ERR;
        if (hd_is_dict_exact(d) ? hd_dict_set(d, k, value) : hd_setitem(d, k, value)) return HD_ERR;
    }
}

static hd_value dict_repr(hd_value self)
{
    if (hd_dict_len(self) == 0) return hd_str_utf8("{}");
    int r = hd_repr_enter(self);
    if (r) return r > 0 ? hd_str_utf8("{...}") : HD_ERR;
    struct hd_strbuilder b;
    hd_sb_init(&b);
    hd_sb_char(&b, '{');
    hd_value k, v;
    bool first = true;
    for (uint64_t place = 0; hd_dict_walk(HD_DICT(self), &place, &k, &v, NULL); first = false) {
        if (!first) hd_sb_ascii(&b, ", ", 2);
        hd_value s = hd_repr(k);
        if (s == HD_ERR) goto failed;
        hd_sb_str(&b, s);
        hd_sb_ascii(&b, ": ", 2);
        s = hd_repr(v);
        if (s == HD_ERR) goto failed;
        hd_sb_str(&b, s);
    }
    hd_sb_char(&b, '}');
    hd_repr_leave(self);
    return hd_sb_finish(&b);
failed:
    hd_repr_leave(self);
    return HD_ERR;
}

int hd_dict_equal(hd_value a, hd_value b)
{
    struct hd_dict *x = HD_DICT(a), *y = HD_DICT(b);
    if (hd_dict_size_of(x) != hd_dict_size_of(y)) return 0;
    hd_value k, v;
    int64_t hash;
    for (uint64_t place = 0; hd_dict_walk(x, &place, &k, &v, &hash); ) {
        hd_value u = hd_dict_find(y, k, hash);
        if (u == HD_ERR) return -1;
        if (u == HD_ABSENT) return 0;
        int r = u == v ? 1 : hd_equal(v, u);
        if (r <= 0) return r;
    }
    return 1;
}

static hd_value dict_compare(hd_value a, hd_value b, enum hd_cmpop op)
{
    if ((op != HD_EQ && op != HD_NE) || !hd_is_dict(a) || !hd_is_dict(b)) return HD_NOTIMPLEMENTED;
    int r = hd_dict_equal(a, b);
    return r < 0 ? HD_ERR : hd_bool(r == (op == HD_EQ));
}

static hd_value dict_or(hd_value a, hd_value b)
{
    if (!hd_is_dict(a) || !hd_is_dict(b)) return HD_NOTIMPLEMENTED;
    hd_value d = hd_dict_copy(a);
    return d == HD_ERR || hd_dict_update(d, b) ? HD_ERR : d;
}

static hd_value dict_ior(hd_value a, hd_value b)
{
    if (!hd_is_dict(a)) return HD_NOTIMPLEMENTED;
    return hd_dict_update(a, b) ? HD_ERR : a;
}

static int64_t dict_length(hd_value self) { return hd_dict_len(self); }
static int dict_contains(hd_value self, hd_value key) { return hd_dict_contains(self, key); }
static hd_value dict_iter(hd_value self) { return hd_dictiter_new(self, &hd_dictkeyiter_type); }

static const struct hd_methoddef dict_methods[] = {
    { "__contains__", dict_contains_method, 1, 1, HD_METH_COEXIST, "($self, key, /)\n--\n\nTrue if the dictionary has the specified key, else False." },
    { "__getitem__", dict_getitem_method, 1, 1, HD_METH_COEXIST, "x.__getitem__(y) <==> x[y]" },
    { "__reversed__", dict_reversed, 0, 0, 0, "($self, /)\n--\n\nReturn a reverse iterator over the dict keys." },
    { "__sizeof__", dict_sizeof, 0, 0, 0, "D.__sizeof__() -> size of D in memory, in bytes" },
    { "clear", dict_clear, 0, 0, 0, "D.clear() -> None.  Remove all items from D." },
    { "copy", dict_copy, 0, 0, 0, "D.copy() -> a shallow copy of D" },
    { "fromkeys", dict_fromkeys, 1, 2, HD_METH_CLASS, "($type, iterable, value=None, /)\n--\n\nCreate a new dictionary with keys from iterable and values set to value." },
    { "get", hd_dict_method_get, 1, 2, 0, "($self, key, default=None, /)\n--\n\nReturn the value for key if key is in the dictionary, else default." },
    { "items", dict_items, 0, 0, 0, "D.items() -> a set-like object providing a view on D's items" },
    { "keys", dict_keys, 0, 0, 0, "D.keys() -> a set-like object providing a view on D's keys" },
    { "pop", dict_pop, 1, 2, 0, "D.pop(k[,d]) -> v, remove specified key and return the corresponding value.\n\n"
      "If the key is not found, return the default if given; otherwise,\nraise a KeyError." },
    { "popitem", dict_popitem, 0, 0, 0, "($self, /)\n--\n\nRemove and return a (key, value) pair as a 2-tuple.\n\n"
      "Pairs are returned in LIFO (last-in, first-out) order.\nRaises KeyError if the dict is empty." },
    { "setdefault", dict_setdefault, 1, 2, 0, "($self, key, default=None, /)\n--\n\nInsert key with a value of default if key is not in the dictionary.\n\n"
      "Return the value for key if key is in the dictionary, else default." },
    { "update", dict_update, 0, -1, HD_METH_KW, "D.update([E, ]**F) -> None.  Update D from dict/iterable E and F." },
    { "values", dict_values, 0, 0, 0, "D.values() -> an object providing a view on D's values" },
    HD_CLASS_GETITEM,
    { 0 }
};

struct hd_type hd_dict_type = {
    .cname = "dict", .basicsize = sizeof(struct hd_dict), .flags = HD_TF_BASETYPE | HD_TF_DICT | HD_TF_MAPPING,
    .doc = "dict() -> new empty dictionary\ndict(mapping) -> new dictionary initialized from a mapping object's\n    (key, value) pairs\n"
           "dict(iterable) -> new dictionary initialized as if via:\n    d = {}\n    for k, v in iterable:\n        d[k] = v\n"
           "dict(**kwargs) -> new dictionary initialized with the name=value pairs\n    in the keyword argument list.  For example:  dict(one=1, two=2)",
    .methods = dict_methods,
    .op = {
        .repr = dict_repr, .hash = hd_hash_refused, .iter = dict_iter, .length = dict_length, .richcompare = dict_compare,
        .getitem = hd_dict_subscript, .setitem = dict_setitem, .contains = dict_contains, .make = dict_make, .init = dict_init,
        .binary = { [HD_OR] = dict_or }, .inplace = { [HD_OR] = dict_ior }, .trace = hd_dict_trace,
    },
};
