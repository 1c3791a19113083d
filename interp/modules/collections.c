/* The module _collections: defaultdict, the fields of named tuples, counting.  deque is in
 * deque.c, OrderedDict in ordereddict.c. */
#include "interp/types/each.h"
#include "interp/modules/collections.h"
#include "interp/modules/modules.h"

#define ARGS hd_value self, const hd_value *args, size_t nargs, hd_value kwnames

/* ---- defaultdict ---- */
struct defaultdict { struct hd_dict dict; hd_vslot factory; };
static struct hd_type defaultdict_type;
#define DEFAULTDICT(v) ((struct defaultdict *)hd_ptr(v))

static hd_value factory_of(hd_value self) { return stm_read(&DEFAULTDICT(self)->dict.head.w, &DEFAULTDICT(self)->factory); }

static hd_value defaultdict_make(hd_value type, const hd_value *args, size_t nargs, hd_value kwnames)
{
    hd_value o = hd_alloc_instance(HD_TYPE(type), 0);
    if (o == HD_ERR) return o;
    HD_INIT(HD_DICT(o), table, &hd_empty_dict_table);
    HD_INIT(DEFAULTDICT(o), factory, HD_NONE);
    return o;
}

static int defaultdict_init(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
{
    hd_value f = HD_NONE;
    if (nargs) {
        f = args[0];
        if (f != HD_NONE && !hd_callable(f)) {
            (void)hd_raise(&hd_exc_TypeError, "first argument must be callable or None");
            return -1;
        }
        args++;
        nargs--;
    }
    hd_dict_w w = hd_dict_open(HD_DICT(self));
    (void)w;
    HD_PUT_AT(&DEFAULTDICT(self)->factory, f);
    return hd_dict_update_args(self, "dict", args, nargs, kwnames);
}

static hd_value defaultdict_missing(ARGS)
{
    hd_value f = factory_of(self);
    if (f == HD_NONE) return hd_raise_key(args[0]);
    hd_value v = hd_call0(f);
    return v == HD_ERR || hd_setitem(self, args[0], v) ? HD_ERR : v;
}

static hd_value defaultdict_copy(ARGS) { return hd_callv(hd_obj(hd_type_of(self)), factory_of(self), self); }

static hd_value defaultdict_reduce(ARGS)
{
    hd_value f = factory_of(self), items = hd_call_method(self, hd_s_items, NULL, 0);
    hd_value it = items == HD_ERR ? HD_ERR : hd_iter(items);
    return hd_tuplev(hd_obj(hd_type_of(self)), f == HD_NONE ? hd_empty_tuple : hd_tuplev(f), HD_NONE, HD_NONE, it);
}

static hd_value defaultdict_repr(hd_value self)
{
    hd_value base = hd_dict_type.op.repr(self), f = factory_of(self), text;
    if (base == HD_ERR) return base;
    int r = f == HD_NONE ? 0 : hd_repr_enter(f);
    if (r < 0) return HD_ERR;
    text = r ? hd_str_utf8("...") : hd_repr(f);
    if (!r && f != HD_NONE) hd_repr_leave(f);
    return text == HD_ERR ? text : hd_str_format("%s(%U, %U)", hd_type_short_name(hd_type_of(self)), text, base);
}

static bool is_defaultdict(hd_value v) { return hd_is_ptr(v) && hd_subtype(hd_type_of(v), &defaultdict_type); }

static hd_value defaultdict_or(hd_value a, hd_value b)
{
    if (!hd_is_dict(a) || !hd_is_dict(b)) return HD_NOTIMPLEMENTED;
    hd_value like = is_defaultdict(a) ? a : b;
    hd_value d = hd_callv(hd_obj(hd_type_of(like)), factory_of(like), a);
    return d == HD_ERR || !hd_is_dict(d) || hd_dict_update(d, b) ? HD_ERR : d;
}

static void defaultdict_trace(void *o, struct gc_marker *m)
{
    hd_dict_trace(o, m);
    gc_mark(m, HD_RAW(((struct defaultdict *)o)->factory));
}

static const struct hd_methoddef defaultdict_methods[] = {
    { "__missing__", defaultdict_missing, 1, 1, 0, "__missing__(key) # Called by __getitem__ for missing key; pseudo-code:\n"
      "  if self.default_factory is None: raise KeyError((key,))\n  self[key] = value = self.default_factory()\n  return value\n" },
    { "copy", defaultdict_copy, 0, 0, 0, "D.copy() -> a shallow copy of D." },
    { "__copy__", defaultdict_copy, 0, 0, 0, "D.copy() -> a shallow copy of D." },
    { "__reduce__", defaultdict_reduce, 0, 0, 0, "Return state information for pickling." },
    HD_CLASS_GETITEM,
    { 0 }
};
static const struct hd_memberdef defaultdict_members[] = {
    { "default_factory", offsetof(struct defaultdict, factory), HD_MEMBER_VALUE_NONE, "Factory for default value called by __missing__()." },
    { 0 }
};
static struct hd_type defaultdict_type = {
    .cname = "collections.defaultdict", .basicsize = sizeof(struct defaultdict), .base = &hd_dict_type,
    .flags = HD_TF_BASETYPE | HD_TF_DICT | HD_TF_MAPPING,
    .doc = "defaultdict(default_factory=None, /, [...]) --> dict with default factory\n\nThe default factory is called without arguments to produce\n"
           "a new value when a key is not present, in __getitem__ only.\nA defaultdict compares equal to a dict with the same items.\n"
           "All remaining arguments are treated the same as if they were\npassed to the dict constructor, including keyword arguments.",
    .methods = defaultdict_methods, .members = defaultdict_members,
    .op = { .repr = defaultdict_repr, .hash = hd_hash_refused, .make = defaultdict_make, .init = defaultdict_init,
            .binary = { [HD_OR] = defaultdict_or }, .trace = defaultdict_trace },
};

/* ---- _tuplegetter: the property of a named tuple's field ---- */
struct tuplegetter { struct hd_mhead head; hd_islot index; hd_vslot doc; };
static struct hd_type tuplegetter_type;
#define GETTER(v) ((struct tuplegetter *)hd_ptr(v))

static hd_value tuplegetter_make(hd_value type, const hd_value *args, size_t nargs, hd_value kwnames)
{
    int64_t i;
    if (hd_no_kwargs("_tuplegetter", kwnames)) return HD_ERR;
    if (nargs != 2) return hd_raise(&hd_exc_TypeError, "_tuplegetter expected 2 arguments, got %lld", (long long)nargs);
    if (hd_as_i64(args[0], &i)) return HD_ERR;
    struct tuplegetter *g = hd_new_mutable(&tuplegetter_type, sizeof *g);
    if (!g) return HD_ERR;
    HD_INIT(g, index, i);
    HD_INIT(g, doc, args[1]);
    return hd_obj(g);
}

static hd_value tuplegetter_get(hd_value self, hd_value obj, hd_value type)
{
    if (obj == HD_ABSENT || obj == HD_NONE) return self;
    int64_t i = HD_RAW(GETTER(self)->index);           /* never changes */
    if (!hd_is_tuple(obj)) {
        return hd_raise(&hd_exc_TypeError, "descriptor for index '%lld' for tuple subclasses doesn't apply to '%T' object", (long long)i, obj);
    }
    struct hd_tuple *t = HD_TUPLE(obj);
    return (uint64_t)i < (uint64_t)t->len ? t->item[i] : hd_raise(&hd_exc_IndexError, "tuple index out of range");
}

static int tuplegetter_set(hd_value self, hd_value obj, hd_value v)
{
    (void)hd_raise(&hd_exc_AttributeError, v == HD_ABSENT ? "can't delete attribute" : "can't set attribute");
    return -1;
}

static hd_value tuplegetter_reduce(ARGS)
{
    struct tuplegetter *g = GETTER(self);
    return hd_tuplev(hd_obj(&tuplegetter_type), hd_tuplev(hd_fix(HD_GET(g, index)), HD_GET(g, doc)));
}
static hd_value tuplegetter_repr(hd_value self)
{
    struct tuplegetter *g = GETTER(self);
    return hd_str_format("%s(%lld, %R)", hd_type_short_name(&tuplegetter_type), (long long)HD_GET(g, index), HD_GET(g, doc));
}
static void tuplegetter_trace(void *o, struct gc_marker *m) { gc_mark(m, HD_RAW(((struct tuplegetter *)o)->doc)); }

static const struct hd_methoddef tuplegetter_methods[] = {
    { "__reduce__", tuplegetter_reduce, 0, 0, 0, NULL },
    { 0 }
};
static const struct hd_memberdef tuplegetter_members[] = {
    { "__doc__", offsetof(struct tuplegetter, doc), HD_MEMBER_VALUE_NONE, NULL },
    { 0 }
};
static struct hd_type tuplegetter_type = {
    .cname = "_collections._tuplegetter", .basicsize = sizeof(struct tuplegetter), .flags = HD_TF_DATA_DESCRIPTOR,
    .methods = tuplegetter_methods, .members = tuplegetter_members,
    .op = { .repr = tuplegetter_repr, .make = tuplegetter_make, .descr_get = tuplegetter_get, .descr_set = tuplegetter_set, .trace = tuplegetter_trace },
};

/* ---- functions ---- */
static hd_value one_more(hd_value v) { return hd_is_fix(v) ? hd_int(hd_unfix(v) + 1) : hd_binary_op(HD_ADD, v, hd_fix(1)); }

/* Counter's inner loop.  Straight into the table unless a subclass has its own get or __setitem__. */
static hd_value count_elements(ARGS)
{
    hd_value mapping = args[0], k;
    struct hd_each it;
    if (hd_each_begin(&it, args[1]) < 0) return HD_ERR;
    bool direct = false;
    if (hd_is_dict(mapping)) {
        struct hd_type *t = hd_type_of(mapping);
        hd_value get = hd_type_lookup(t, hd_s_get), set = hd_type_lookup(t, hd_s___setitem__);
        direct = get == hd_type_lookup(&hd_dict_type, hd_s_get) && set == hd_type_lookup(&hd_dict_type, hd_s___setitem__);
    }
    hd_value get = direct ? HD_NONE : hd_getattr(mapping, hd_s_get);
    if (get == HD_ERR) return get;
    while ((k = hd_each_next(&it)) != HD_STOP) {
        if (k == HD_ERR) return k;
        if (direct) {
            int64_t hash = hd_key_hash(k);
            if (hash == -1 || hd_dict_count(HD_DICT(mapping), k, hash) < 0) return HD_ERR;
        } else {
            hd_value old = hd_callv(get, k, hd_fix(0)), v = old == HD_ERR ? old : one_more(old);
            if (v == HD_ERR || hd_setitem(mapping, k, v)) return HD_ERR;
        }
    }
    return HD_NONE;
}

static const struct hd_methoddef functions[] = {
    { "_count_elements", count_elements, 2, 2, 0, "($module, mapping, iterable, /)\n--\n\nCount elements in the iterable, updating the mapping" },
    { 0 }
};

static int collections_exec(hd_value m)
{
    return hd_add_type(m, &hd_deque_type) || hd_add_type(m, &defaultdict_type) || hd_add_type(m, &hd_dequeiter_type)
        || hd_add_type(m, &hd_dequereviter_type) || hd_add_type(m, &hd_ordereddict_type)
        || hd_type_ready(&hd_odictkeys_type) || hd_type_ready(&hd_odictvalues_type) || hd_type_ready(&hd_odictitems_type) || hd_add_type(m, &tuplegetter_type) ? -1 : 0;
}

const struct hd_moduledef hd_module_collections = { "_collections", "High performance data structures.\n- deque:        ordered collection accessible from endpoints only\n"
    "- defaultdict:  dict subclass with a default value factory\n", functions, collections_exec };
