/* Owns modules, None, Ellipsis, NotImplemented, mapping proxies, SimpleNamespace and capsules. */
#include "interp/core/attr.h"
#include "interp/core/type_ops.h"
#include "interp/types/capsule.h"
#include "interp/types/objects.h"

/* ---- modules ------------------------------------------------------------------------------------------------------------------------ */
static struct hd_module *mod(hd_value v) { return hd_ptr(v); }
hd_value hd_module_dict(hd_value m) { return mod(m)->dict; }

static int fill(hd_value d, hd_value name, hd_value doc)
{
    return hd_dict_set_str(d, hd_s___name__, name) < 0 || hd_dict_set_str(d, hd_s___doc__, doc) < 0 || hd_dict_set_str(d, hd_s___package__, HD_NONE) < 0
        || hd_dict_set_str(d, hd_s___loader__, HD_NONE) < 0 || hd_dict_set_str(d, hd_s___spec__, HD_NONE) < 0 ? -1 : 0;
}
hd_value hd_module_new(const char *name)
{
    struct hd_module *m = hd_new_mutable(&hd_module_type, sizeof *m);
    hd_value d = hd_dict_new(), n = hd_intern(name);
    if (!m || d == HD_ERR || n == HD_ERR || fill(d, n, HD_NONE) < 0) return HD_ERR;
    m->dict = d;
    return hd_obj(m);
}
int hd_module_add(hd_value m, const char *name, hd_value v)
{
    if (v == HD_ERR) return -1;
    hd_value key = hd_intern(name);
    return key == HD_ERR ? -1 : hd_dict_set_str(mod(m)->dict, key, v);
}
int hd_module_add_int(hd_value m, const char *name, int64_t v) { return hd_module_add(m, name, hd_int(v)); }
int hd_module_add_str(hd_value m, const char *name, const char *s) { return hd_module_add(m, name, hd_str_utf8(s)); }

static hd_value module_make(hd_value type, const hd_value *args, size_t nargs, hd_value kwnames)
{
    hd_value v = hd_alloc_instance(HD_TYPE(type), 0), d = hd_dict_new();
    if (v == HD_ERR || d == HD_ERR) return HD_ERR;
    mod(v)->dict = d;
    return v;
}
static int module_init(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
{
    hd_value a[2];
    if (hd_args("module", "name,|doc", args, nargs, kwnames, a) < 0) return -1;
    if (!hd_is_str(a[0])) {
        (void)hd_raise(&hd_exc_TypeError, "module() argument 'name' must be str, not %A", a[0]);
        return -1;
    }
    return fill(mod(self)->dict, a[0], a[1] == HD_ABSENT ? HD_NONE : a[1]);
}
static hd_value module_repr(hd_value v)
{
    /* the import system knows how to describe a module by its spec and loader */
    hd_value import = hd_sys_modules ? hd_dict_get_c(hd_sys_modules, "_frozen_importlib") : HD_ABSENT;
    if (import == HD_ERR) return import;
    if (import != HD_ABSENT) {
        hd_value f = hd_getattr_opt(import, hd_intern("_module_repr"));
        if (f != HD_ABSENT) return f == HD_ERR ? f : hd_callv(f, v);
    }
    hd_value d = mod(v)->dict, name = hd_dict_get_str(d, hd_s___name__);
    hd_value file = hd_dict_get_str(d, hd_s___file__), loader = hd_dict_get_str(d, hd_s___loader__);
    if (name == HD_ABSENT) name = hd_str_utf8("?");
    if (name == HD_ERR) return name;
    if (file != HD_ABSENT) return hd_str_format("<module %R from %R>", name, file);
    if (loader != HD_ABSENT && loader != HD_NONE) return hd_str_format("<module %R (%R)>", name, loader);
    return hd_str_format("<module %R>", name);
}
static hd_value module_dir(hd_value v, const hd_value *args, size_t nargs, hd_value kwnames)
{
    hd_value d = hd_getattr(v, hd_s___dict__);
    if (d == HD_ERR) return d;
    if (!hd_is_dict(d)) return hd_raise(&hd_exc_TypeError, "<module>.__dict__ is not a dictionary");
    hd_value f = hd_dict_get_str(d, hd_s___dir__);
    return f == HD_ABSENT ? hd_dict_keys_list(d) : hd_call0(f);
}
static hd_value module_get_annotations(hd_value v, void *c)
{
    hd_value a = hd_dict_get_str(mod(v)->dict, hd_s___annotations__);
    if (a != HD_ABSENT) return a;
    a = hd_dict_new();
    return a == HD_ERR || hd_dict_set_str(mod(v)->dict, hd_s___annotations__, a) < 0 ? HD_ERR : a;
}
static int module_set_annotations(hd_value v, hd_value x, void *c)
{
    if (x != HD_ABSENT) return hd_dict_set_str(mod(v)->dict, hd_s___annotations__, x);
    int r = hd_dict_del(mod(v)->dict, hd_s___annotations__);
    if (r == 0) (void)hd_raise_value(&hd_exc_AttributeError, hd_s___annotations__);
    return r > 0 ? 0 : -1;
}
static void module_trace(void *o, struct gc_marker *m)
{
    gc_mark(m, ((struct hd_module *)o)->dict);
    gc_mark(m, ((struct hd_module *)o)->weak);
}
static const struct hd_methoddef module_methods[] = { { "__dir__", module_dir, 0, 0, 0, "__dir__() -> list\nspecialized dir() implementation" }, { NULL } };
static const struct hd_getsetdef module_getsets[] = {
    { "__annotations__", module_get_annotations, module_set_annotations, NULL, NULL }, { NULL }
};
static const struct hd_memberdef module_members[] = {
    { "__dict__", offsetof(struct hd_module, dict), HD_MEMBER_CONST | HD_MEMBER_READONLY, NULL }, { NULL }
};
struct hd_type hd_module_type = {
    .cname = "module", .basicsize = sizeof(struct hd_module), .dict_offset = offsetof(struct hd_module, dict), .flags = HD_TF_BASETYPE | HD_TF_HAS_WEAKREFS,
    .doc = "module(name, doc=None)\n--\n\nCreate a module object.\n\nThe name must be a string; the optional doc argument can have any type.",
    .methods = module_methods, .members = module_members, .getsets = module_getsets,
    .op = { .repr = module_repr, .getattr = hd_module_getattr, .make = module_make, .init = module_init, .trace = module_trace },
};

/* ---- None, Ellipsis, NotImplemented ---------------------------------------------------------------------------------------------------- */
static hd_value none_repr(hd_value v) { return hd_intern("None"); }
static int none_bool(hd_value v) { return 0; }
static hd_value ellipsis_repr(hd_value v) { return hd_intern("Ellipsis"); }
static hd_value ni_repr(hd_value v) { return hd_intern("NotImplemented"); }
static int ni_bool(hd_value v)
{
    return hd_warn(&hd_exc_DeprecationWarning, 1, "NotImplemented should not be used in a boolean context") < 0 ? -1 : 1;
}
static hd_value singleton(hd_value type, const hd_value *args, size_t nargs, hd_value kwnames, hd_value v)
{
    if (nargs || (kwnames && HD_TUPLE(kwnames)->len)) return hd_raise(&hd_exc_TypeError, "%N takes no arguments", HD_TYPE(type));
    return v;
}
static hd_value none_make(hd_value t, const hd_value *a, size_t n, hd_value k) { return singleton(t, a, n, k, HD_NONE); }
static hd_value ellipsis_make(hd_value t, const hd_value *a, size_t n, hd_value k) { return singleton(t, a, n, k, HD_ELLIPSIS); }
static hd_value ni_make(hd_value t, const hd_value *a, size_t n, hd_value k) { return singleton(t, a, n, k, HD_NOTIMPLEMENTED); }
static hd_value ellipsis_reduce(hd_value v, const hd_value *a, size_t n, hd_value k) { return hd_intern("Ellipsis"); }
static hd_value ni_reduce(hd_value v, const hd_value *a, size_t n, hd_value k) { return hd_intern("NotImplemented"); }
static const struct hd_methoddef ellipsis_methods[] = { { "__reduce__", ellipsis_reduce, 0, 0, 0, NULL }, { NULL } };
static const struct hd_methoddef ni_methods[] = { { "__reduce__", ni_reduce, 0, 0, 0, NULL }, { NULL } };
struct hd_type hd_none_type = { .cname = "NoneType", .basicsize = 16, .flags = HD_TF_IMMUTABLE_LAYOUT,
    .op = { .repr = none_repr, .boolean = none_bool, .make = none_make } };
struct hd_type hd_ellipsis_type = { .cname = "ellipsis", .basicsize = 16, .flags = HD_TF_IMMUTABLE_LAYOUT, .methods = ellipsis_methods,
    .op = { .repr = ellipsis_repr, .make = ellipsis_make } };
struct hd_type hd_notimplemented_type = { .cname = "NotImplementedType", .basicsize = 16, .flags = HD_TF_IMMUTABLE_LAYOUT, .methods = ni_methods,
    .op = { .repr = ni_repr, .boolean = ni_bool, .make = ni_make } };

/* ---- mapping proxies ------------------------------------------------------------------------------------------------------------------------ */
static hd_value under(hd_value v) { return ((struct hd_mappingproxy *)hd_ptr(v))->mapping; }
hd_value hd_mappingproxy_new(hd_value mapping)
{
    struct hd_mappingproxy *p = hd_new_object(&hd_mappingproxy_type, sizeof *p);
    if (!p) return HD_ERR;
    p->mapping = mapping;
    return hd_obj(p);
}
static hd_value proxy_make(hd_value type, const hd_value *args, size_t nargs, hd_value kwnames)
{
    hd_value m;
    if (hd_args("mappingproxy", "mapping", args, nargs, kwnames, &m) < 0) return HD_ERR;
    if (!hd_type_of(m)->op.getitem || hd_has_flag(m, HD_TF_LIST | HD_TF_TUPLE | HD_TF_STR | HD_TF_BYTES | HD_TF_BYTEARRAY))
        return hd_raise(&hd_exc_TypeError, "mappingproxy() argument must be a mapping, not %A", m);
    return hd_mappingproxy_new(m);
}
static hd_value proxy_repr(hd_value v) { return hd_str_format("mappingproxy(%R)", under(v)); }
static hd_value proxy_str(hd_value v) { return hd_str_of(under(v)); }
static hd_value proxy_iter(hd_value v) { return hd_iter(under(v)); }
static int64_t proxy_len(hd_value v) { return hd_len(under(v)); }
static hd_value proxy_getitem(hd_value v, hd_value k) { return hd_getitem(under(v), k); }
static int proxy_contains(hd_value v, hd_value k) { return hd_contains(under(v), k); }
static hd_value proxy_compare(hd_value a, hd_value b, enum hd_cmpop op)
{
    if (hd_is_shape(b, HD_SHAPE_MAPPINGPROXY)) b = under(b);
    return hd_compare(under(a), b, op);
}
static hd_value proxy_or(hd_value a, hd_value b)
{
    if (hd_is_shape(a, HD_SHAPE_MAPPINGPROXY)) a = under(a);
    if (hd_is_shape(b, HD_SHAPE_MAPPINGPROXY)) b = under(b);
    return hd_binary_op(HD_OR, a, b);
}
static hd_value proxy_ior(hd_value a, hd_value b) { return hd_raise(&hd_exc_TypeError, "'|=' is not supported by %T; use '|' instead", a); }
#define FORWARD(fn, name) static hd_value fn(hd_value v, const hd_value *args, size_t n, hd_value k) { return hd_call_method(under(v), hd_intern(name), args, n); }
FORWARD(proxy_get, "get")
FORWARD(proxy_keys, "keys")
FORWARD(proxy_values, "values")
FORWARD(proxy_items, "items")
FORWARD(proxy_copy, "copy")
FORWARD(proxy_reversed, "__reversed__")
static hd_value alias(hd_value cls, const hd_value *args, size_t n, hd_value k) { return hd_generic_alias_new(cls, args[0]); }
static const struct hd_methoddef proxy_methods[] = {
    { "get", proxy_get, 1, 2, 0, "D.get(k[,d]) -> D[k] if k in D, else d.  d defaults to None." },
    { "keys", proxy_keys, 0, 0, 0, "D.keys() -> a set-like object providing a view on D's keys" },
    { "values", proxy_values, 0, 0, 0, "D.values() -> an object providing a view on D's values" },
    { "items", proxy_items, 0, 0, 0, "D.items() -> a set-like object providing a view on D's items" },
    { "copy", proxy_copy, 0, 0, 0, "D.copy() -> a shallow copy of D" },
    { "__reversed__", proxy_reversed, 0, 0, 0, "D.__reversed__() -> reverse iterator" },
    { "__class_getitem__", alias, 1, 1, HD_METH_CLASS, "See PEP 585" }, { NULL }
};
static void proxy_trace(void *o, struct gc_marker *m) { gc_mark(m, ((struct hd_mappingproxy *)o)->mapping); }
struct hd_type hd_mappingproxy_type = {
    .cname = "mappingproxy", .basicsize = sizeof(struct hd_mappingproxy), .flags = HD_TF_IMMUTABLE_LAYOUT | HD_TF_MAPPING, .methods = proxy_methods,
    .op = { .repr = proxy_repr, .str = proxy_str, .iter = proxy_iter, .length = proxy_len, .getitem = proxy_getitem, .contains = proxy_contains,
            .richcompare = proxy_compare, .hash = hd_hash_refused, .make = proxy_make, .binary = { [HD_OR] = proxy_or }, .inplace = { [HD_OR] = proxy_ior },
            .trace = proxy_trace },
};

/* ---- SimpleNamespace -------------------------------------------------------------------------------------------------------------------------- */
hd_value hd_namespace_new(hd_value dict)
{
    hd_value v = hd_alloc_instance(&hd_namespace_type, 0);
    if (v == HD_ERR || dict == HD_ABSENT) return v;
    hd_value d = hd_inst_dict(v);
    return d == HD_ERR || hd_dict_update(d, dict) < 0 ? HD_ERR : v;
}
static int ns_init(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
{
    if (nargs) {
        (void)hd_raise(&hd_exc_TypeError, "no positional arguments expected");
        return -1;
    }
    for (int64_t i = 0; kwnames && i < HD_TUPLE(kwnames)->len; i++)
        if (hd_inst_set(self, hd_str_intern(HD_TUPLE(kwnames)->item[i]), args[i]) < 0) return -1;
    return 0;
}
static hd_value ns_repr(hd_value v)
{
    hd_value name = hd_type_of(v) == &hd_namespace_type ? hd_intern("namespace") : HD_GET(hd_type_of(v), name), k, x;
    int busy = hd_repr_enter(v);
    if (busy) return busy < 0 ? HD_ERR : hd_str_format("%U(...)", name);
    struct hd_strbuilder b;
    hd_sb_init(&b);
    hd_sb_str(&b, name);
    hd_sb_char(&b, '(');
    hd_value d = hd_inst_dict_copy(v), r = HD_ERR;
    struct hd_dict_iter it = { 0 };
    bool first = true;
    while (d != HD_ERR && hd_dict_next(d, &it, &k, &x) > 0) {
        if (!hd_is_str(k) || !HD_STR(k)->len) continue;
        hd_value part = hd_str_format(first ? "%U=%R" : ", %U=%R", k, x);
        if (part == HD_ERR) goto out;
        hd_sb_str(&b, part);
        first = false;
    }
    if (d == HD_ERR) goto out;
    hd_sb_char(&b, ')');
    r = hd_sb_finish(&b);
out:
    hd_repr_leave(v);
    return r;
}
static hd_value ns_compare(hd_value a, hd_value b, enum hd_cmpop op)
{
    if (!hd_subtype(hd_type_of(a), &hd_namespace_type) || !hd_subtype(hd_type_of(b), &hd_namespace_type)) return HD_NOTIMPLEMENTED;
    hd_value x = hd_inst_dict_copy(a), y = hd_inst_dict_copy(b);
    return x == HD_ERR || y == HD_ERR ? HD_ERR : hd_compare(x, y, op);
}
static hd_value ns_reduce(hd_value v, const hd_value *args, size_t n, hd_value k)
{
    hd_value d = hd_inst_dict(v);
    return d == HD_ERR ? d : hd_tuplev(hd_obj(hd_type_of(v)), hd_empty_tuple, d);
}
static const struct hd_methoddef ns_methods[] = { { "__reduce__", ns_reduce, 0, 0, 0, "Return state information for pickling" }, { NULL } };
struct hd_type hd_namespace_type = {
    .cname = "types.SimpleNamespace", .basicsize = sizeof(struct hd_mhead), .flags = HD_TF_BASETYPE | HD_TF_HAS_DICT,
    .doc = "A simple attribute-based namespace.\n\nSimpleNamespace(**kwargs)", .methods = ns_methods,
    .op = { .repr = ns_repr, .richcompare = ns_compare, .hash = hd_hash_refused, .make = hd_object_make, .init = ns_init },
};

/* ---- capsules: C pointers in the hands of Python ------------------------------------------------------------------------------------------------ */
struct hd_capsule { struct hd_head head; const char *name; void *pointer; void (*free)(void *pointer); };
hd_value hd_capsule_new(void *pointer, const char *name, void (*release)(void *))
{
    struct hd_capsule *c = hd_new_object(&hd_capsule_type, sizeof *c);
    if (!c) return HD_ERR;
    c->name = name, c->pointer = pointer, c->free = release;
    if (release) gc_finaliser_register(c);
    return hd_obj(c);
}
void *hd_capsule_get(hd_value v, const char *name)
{
    struct hd_capsule *c = hd_ptr(v);
    if (hd_is_shape(v, HD_SHAPE_CAPSULE) && !strcmp(c->name, name)) return c->pointer;
    (void)hd_raise(&hd_exc_ValueError, "capsule is not of kind \"%s\"", name);
    return NULL;
}
static hd_value capsule_repr(hd_value v) { return hd_str_format("<capsule object \"%s\" at %p>", ((struct hd_capsule *)hd_ptr(v))->name, hd_ptr(v)); }
static void capsule_finalise(hd_value v)
{
    struct hd_capsule *c = hd_ptr(v);
    if (c->free) stm_on_commit(c->free, c->pointer);
}
struct hd_type hd_capsule_type = { .cname = "PyCapsule", .basicsize = sizeof(struct hd_capsule), .flags = HD_TF_LATE_FINALISER | HD_TF_IMMUTABLE_LAYOUT | HD_TF_NEVER_INSTANTIATE,
    .op = { .repr = capsule_repr, .finalise = capsule_finalise } };

/* Memory that Python never sees. */
static size_t raw_size(const void *o) { return ((const uint64_t *)o)[1]; }
struct hd_type hd_rawbytes_type = { .cname = "<raw memory>", .basicsize = 16, .flags = HD_TF_IMMUTABLE_LAYOUT | HD_TF_NEVER_INSTANTIATE, .op = { .size = raw_size } };
struct hd_type hd_instancebox_type = { .cname = "<instance attributes>", .basicsize = 16, .flags = HD_TF_NEVER_INSTANTIATE };
