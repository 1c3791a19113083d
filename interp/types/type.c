/* Owns `type`: what classes look like from Python.  Making and changing classes: interp/core/type_new.c, type.c. */
#include "interp/core/attr.h"
#include "interp/core/type_internal.h"
#include "interp/core/type_ops.h"
#include "interp/types/objects.h"

static hd_value type_make(hd_value meta, const hd_value *args, size_t nargs, hd_value kwnames)
{
    if (nargs != 3) {
        if (meta == hd_obj(&hd_type_type) && nargs == 1 && !(kwnames && HD_TUPLE(kwnames)->len)) return hd_obj(hd_type_of(args[0]));
        if (meta == hd_obj(&hd_type_type)) return hd_raise(&hd_exc_TypeError, "type() takes 1 or 3 arguments");
        return hd_raise(&hd_exc_TypeError, "type.__new__() takes exactly 3 arguments (%zu given)", nargs);
    }
    if (!hd_is_str(args[0])) return hd_raise(&hd_exc_TypeError, "type.__new__() argument 1 must be str, not %A", args[0]);
    if (!hd_is_tuple(args[1])) return hd_raise(&hd_exc_TypeError, "type.__new__() argument 2 must be tuple, not %A", args[1]);
    if (!hd_is_dict(args[2])) return hd_raise(&hd_exc_TypeError, "type.__new__() argument 3 must be dict, not %A", args[2]);
    /* a base with a more derived metaclass that makes classes its own way goes first */
    struct hd_type *winner = HD_TYPE(meta);
    for (int64_t i = 0; i < HD_TUPLE(args[1])->len; i++) {
        struct hd_type *m = hd_type_of(HD_TUPLE(args[1])->item[i]);
        if (hd_subtype(m, winner)) winner = m;
    }
    if (winner != HD_TYPE(meta) && winner->op.make != type_make && winner->flags & HD_TF_TYPE)
        return winner->op.make(hd_obj(winner), args, nargs, kwnames);
    for (int64_t i = 0; i < HD_STR(args[0])->len; i++)
        if (!hd_str_at(args[0], i)) return hd_raise(&hd_exc_ValueError, "type name must not contain null characters");
    return hd_type_new(HD_TYPE(meta), args[0], args[1], args[2], args + nargs, kwnames);
}

static int type_init(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
{
    if (kwnames && HD_TUPLE(kwnames)->len && nargs == 1) {
        (void)hd_raise(&hd_exc_TypeError, "type.__init__() takes no keyword arguments");
        return -1;
    }
    if (nargs == 1 || nargs == 3) return 0;
    (void)hd_raise(&hd_exc_TypeError, "type.__init__() takes 1 or 3 arguments");
    return -1;
}

hd_value hd_type_call(hd_value type, const hd_value *args, size_t nargs, hd_value kwnames)
{
    struct hd_type *t = HD_TYPE(type);
    if (t == &hd_type_type && nargs == 1 && !(kwnames && HD_TUPLE(kwnames)->len)) return hd_obj(hd_type_of(args[0]));
    if (!t->op.make) return hd_raise(&hd_exc_TypeError, "cannot create '%s' instances", t->flags & HD_TF_HEAP ? hd_type_name(t) : t->cname);
    hd_value o = t->op.make(type, args, nargs, kwnames);
    if (o == HD_ERR) return o;
    struct hd_type *made = hd_type_of(o);
    if (!hd_subtype(made, t)) return o;
    return made->op.init && made->op.init(o, args, nargs, kwnames) < 0 ? HD_ERR : o;
}

static hd_value module_of(struct hd_type *t)
{
    if (t->flags & HD_TF_HEAP) return hd_dict_get_str(hd_obj(t->dict), hd_s___module__);
    hd_value own = hd_dict_get_str(hd_obj(t->dict), hd_s___module__);
    if (own != HD_ABSENT && hd_is_str(own)) return own;
    const char *dot = strrchr(t->cname, '.');
    return dot ? hd_str_utf8_n(t->cname, (size_t)(dot - t->cname)) : hd_s_builtins;
}

static hd_value type_repr(hd_value v)
{
    struct hd_type *t = HD_TYPE(v);
    hd_value m = module_of(t), q = HD_GET(t, qualname);
    if (m == HD_ERR) return m;
    if (m != HD_ABSENT && hd_is_str(m) && !hd_str_is(m, "builtins")) return hd_str_format("<class '%U.%U'>", m, q);
    return hd_str_format("<class '%U'>", HD_GET(t, name));
}

/* ---- attributes -------------------------------------------------------------------------------------------------------------------- */
static int refuse(hd_value v, const char *name)
{
    struct hd_type *t = HD_TYPE(v);
    if (t->flags & HD_TF_HEAP) return 0;
    (void)hd_raise(&hd_exc_TypeError, "cannot set '%s' attribute of immutable type '%s'", name, t->cname);
    return -1;
}
static int refuse_delete(hd_value v, const char *name, hd_value x)
{
    if (refuse(v, name) < 0) return -1;
    if (x != HD_ABSENT) return 0;
    (void)hd_raise(&hd_exc_TypeError, "cannot delete '%s' attribute of immutable type '%s'", name, hd_type_name(HD_TYPE(v)));
    return -1;
}

static hd_value get_name(hd_value v, void *c) { return HD_GET(HD_TYPE(v), name); }
static int set_name(hd_value v, hd_value x, void *c)
{
    if (refuse_delete(v, "__name__", x) < 0) return -1;
    if (!hd_is_str(x)) {
        (void)hd_raise(&hd_exc_TypeError, "can only assign string to %N.__name__, not '%T'", HD_TYPE(v), x);
        return -1;
    }
    for (int64_t i = 0; i < HD_STR(x)->len; i++)
        if (!hd_str_at(x, i)) {
            (void)hd_raise(&hd_exc_ValueError, "type name must not contain null characters");
            return -1;
        }
    size_t len;
    if (!hd_str_as_utf8(x, &len)) return -1;
    hd_type_w w = hd_type_open(HD_TYPE(v));
    HD_PUT(w, name, x);
    return 0;
}
static hd_value get_qualname(hd_value v, void *c) { return HD_GET(HD_TYPE(v), qualname); }
static int set_qualname(hd_value v, hd_value x, void *c)
{
    if (refuse_delete(v, "__qualname__", x) < 0) return -1;
    if (!hd_is_str(x)) {
        (void)hd_raise(&hd_exc_TypeError, "can only assign string to %N.__qualname__, not '%T'", HD_TYPE(v), x);
        return -1;
    }
    hd_type_w w = hd_type_open(HD_TYPE(v));
    HD_PUT(w, qualname, x);
    return 0;
}
static hd_value get_module(hd_value v, void *c)
{
    hd_value m = module_of(HD_TYPE(v));
    return m == HD_ABSENT ? hd_raise_value(&hd_exc_AttributeError, hd_s___module__) : m;
}
static int set_in_dict(hd_value v, hd_value name, hd_value x) { return hd_type_dict_set(HD_TYPE(v), name, x) < 0 ? -1 : 0; }
static int set_module(hd_value v, hd_value x, void *c)
{
    return refuse_delete(v, "__module__", x) < 0 ? -1 : set_in_dict(v, hd_s___module__, x);
}
static hd_value get_bases(hd_value v, void *c) { return hd_obj(HD_TYPE(v)->bases); }
static int set_bases(hd_value v, hd_value x, void *c)
{
    return refuse_delete(v, "__bases__", x) < 0 ? -1 : hd_type_set_bases(HD_TYPE(v), x);
}
static hd_value get_dict(hd_value v, void *c) { return hd_mappingproxy_new(hd_obj(HD_TYPE(v)->dict)); }
static hd_value get_abstract(hd_value v, void *c)
{
    hd_value m = v == hd_obj(&hd_type_type) ? HD_ABSENT : hd_dict_get_str(hd_obj(HD_TYPE(v)->dict), hd_s___abstractmethods__);
    return m == HD_ABSENT ? hd_raise_value(&hd_exc_AttributeError, hd_s___abstractmethods__) : m;
}
static int set_abstract(hd_value v, hd_value x, void *c)
{
    return refuse(v, "__abstractmethods__") < 0 ? -1 : hd_type_set_abstract(HD_TYPE(v), x);
}
static hd_value get_doc(hd_value v, void *c)
{
    struct hd_type *t = HD_TYPE(v);
    if (!(t->flags & HD_TF_HEAP) && t->doc) return hd_doc_text(t->doc);      /* `__doc__` in the dict may be the instances' */
    hd_value d = hd_type_lookup(t, hd_s___doc__);
    hd_value own = hd_dict_get_str(hd_obj(t->dict), hd_s___doc__);
    if (own != HD_ABSENT) d = own;
    if (d == HD_ABSENT || own == HD_ABSENT) return HD_NONE;
    struct hd_type *dt = hd_type_of(d);
    return dt->op.descr_get ? dt->op.descr_get(d, HD_ABSENT, v) : d;
}
static int set_doc(hd_value v, hd_value x, void *c)
{
    return refuse_delete(v, "__doc__", x) < 0 ? -1 : set_in_dict(v, hd_s___doc__, x);
}
static hd_value get_signature(hd_value v, void *c) { return HD_TYPE(v)->flags & HD_TF_HEAP ? HD_NONE : hd_doc_signature(HD_TYPE(v)->doc); }
static hd_value get_annotations(hd_value v, void *c)
{
    struct hd_type *t = HD_TYPE(v);
    if (!(t->flags & HD_TF_HEAP)) return hd_raise(&hd_exc_AttributeError, "type object '%N' has no attribute '__annotations__'", t);
    hd_value a = hd_dict_get_str(hd_obj(t->dict), hd_s___annotations__);
    if (a != HD_ABSENT) return hd_type_of(a)->op.descr_get ? hd_type_of(a)->op.descr_get(a, HD_ABSENT, v) : a;
    a = hd_dict_new();
    return a == HD_ERR || set_in_dict(v, hd_s___annotations__, a) < 0 ? HD_ERR : a;
}
static int set_annotations(hd_value v, hd_value x, void *c)
{
    if (refuse(v, "__annotations__") < 0) return -1;
    int r = hd_type_dict_set(HD_TYPE(v), hd_s___annotations__, x);
    if (r == 0) (void)hd_raise_value(&hd_exc_AttributeError, hd_s___annotations__);
    return r <= 0 ? -1 : 0;
}
static hd_value get_basicsize(hd_value v, void *c) { return hd_fix(HD_TYPE(v)->basicsize); }
static hd_value get_itemsize(hd_value v, void *c) { return hd_fix(HD_TYPE(v)->itemsize); }
static hd_value get_zero(hd_value v, void *c)
{
    bool weak = c != NULL;
    uint32_t f = HD_TYPE(v)->flags;
    return hd_fix(weak ? f & HD_TF_HAS_WEAKREFS ? 8 : 0 : HD_TYPE(v)->dict_offset ? HD_TYPE(v)->dict_offset : f & HD_TF_HAS_DICT ? HD_TYPE(v)->first_slot : 0);
}
/* Bits of tp_flags that Python code looks at: heap type, base type, abstract, and the kinds of built-in bases. */
static hd_value get_flags(hd_value v, void *c)
{
    uint32_t f = HD_TYPE(v)->flags;
    uint64_t r = 1u << 12;
    if (f & HD_TF_HEAP) r |= 1u << 9;
    else r |= 1u << 8;
    if (f & HD_TF_BASETYPE) r |= 1u << 10;
    if (f & HD_TF_ABSTRACT) r |= 1u << 20;
    if (f & HD_TF_SEQUENCE) r |= 1u << 5;
    if (f & HD_TF_MAPPING) r |= 1u << 6;
    if (f & HD_TF_NEVER_INSTANTIATE) r |= 1u << 7;
    if (f & HD_TF_METHOD_DESCRIPTOR) r |= 1u << 17;
    static const uint32_t kinds[] = { HD_TF_INT, HD_TF_LIST, HD_TF_TUPLE, HD_TF_BYTES, HD_TF_STR, HD_TF_DICT, HD_TF_EXC, HD_TF_TYPE };
    for (int i = 0; i < 8; i++)
        if (f & kinds[i]) r |= 1ull << (24 + i);
    return hd_int((int64_t)r);
}

/* ---- methods -------------------------------------------------------------------------------------------------------------------------- */
static hd_value type_mro(hd_value v, const hd_value *args, size_t nargs, hd_value kwnames)
{
    hd_value m = hd_type_compute_mro(HD_TYPE(v), HD_TYPE(v)->bases);
    return m == HD_ERR ? m : hd_list_of(m);
}
static hd_value type_subclasses(hd_value v, const hd_value *args, size_t nargs, hd_value kwnames) { return hd_type_subclasses(HD_TYPE(v)); }
static hd_value type_prepare(hd_value v, const hd_value *args, size_t nargs, hd_value kwnames) { return hd_dict_new(); }
static hd_value type_instancecheck(hd_value v, const hd_value *args, size_t nargs, hd_value kwnames)
{
    int r = hd_real_instance(args[0], v);
    return r < 0 ? HD_ERR : hd_bool(r);
}
static hd_value type_subclasscheck(hd_value v, const hd_value *args, size_t nargs, hd_value kwnames)
{
    int r = hd_real_subclass(args[0], v);
    return r < 0 ? HD_ERR : hd_bool(r);
}
static hd_value type_sizeof(hd_value v, const hd_value *args, size_t nargs, hd_value kwnames) { return hd_fix(sizeof(struct hd_type)); }

/* The names of a class and of its bases; not those of the metaclass. */
static int add_names(hd_value d, hd_value cls)
{
    hd_value own = hd_getattr_opt(cls, hd_s___dict__);
    if (own == HD_ERR || (own != HD_ABSENT && hd_dict_update(d, own) < 0)) return -1;
    hd_value bases = hd_getattr_opt(cls, hd_s___bases__);
    if (bases == HD_ERR) return -1;
    for (int64_t i = 0; bases != HD_ABSENT && hd_is_tuple(bases) && i < HD_TUPLE(bases)->len; i++)
        if (add_names(d, HD_TUPLE(bases)->item[i]) < 0) return -1;
    return 0;
}
static hd_value type_dir(hd_value v, const hd_value *args, size_t nargs, hd_value kwnames)
{
    hd_value d = hd_dict_new();
    return d == HD_ERR || add_names(d, v) < 0 ? HD_ERR : hd_dict_keys_list(d);
}

static hd_value type_or(hd_value a, hd_value b) { return hd_union_of(a, b); }

static void type_trace(void *o, struct gc_marker *m)
{
    struct hd_type *t = o;
    gc_mark(m, HD_RAW(t->name));
    gc_mark(m, HD_RAW(t->qualname));
    gc_mark(m, hd_obj(t->dict));
    gc_mark(m, hd_obj(t->base));
    gc_mark(m, hd_obj(t->bases));
    gc_mark(m, hd_obj(t->mro));
    gc_mark(m, t->subclasses);
    gc_mark(m, t->volatiles);
}

static const struct hd_methoddef methods[] = {
    { "mro", type_mro, 0, 0, 0, "mro($self, /)\n--\n\nReturn a type's method resolution order." },
    { "__subclasses__", type_subclasses, 0, 0, 0, "__subclasses__($self, /)\n--\n\nReturn a list of immediate subclasses." },
    { "__prepare__", type_prepare, 0, -1, HD_METH_CLASS | HD_METH_KW, "__prepare__() -> dict\nused for the class statement" },
    { "__instancecheck__", type_instancecheck, 1, 1, 0, "__instancecheck__($self, instance, /)\n--\n\nCheck if an object is an instance." },
    { "__subclasscheck__", type_subclasscheck, 1, 1, 0, "__subclasscheck__($self, subclass, /)\n--\n\nCheck if a class is a subclass." },
    { "__dir__", type_dir, 0, 0, 0, "__dir__($self, /)\n--\n\nSpecialized __dir__ implementation for types." },
    { "__sizeof__", type_sizeof, 0, 0, 0, "__sizeof__($self, /)\n--\n\nReturn memory consumption of the type object." },
    { NULL }
};
static const struct hd_getsetdef getsets[] = {
    { "__name__", get_name, set_name, NULL, NULL },
    { "__qualname__", get_qualname, set_qualname, NULL, NULL },
    { "__bases__", get_bases, set_bases, NULL, NULL },
    { "__module__", get_module, set_module, NULL, NULL },
    { "__abstractmethods__", get_abstract, set_abstract, NULL, NULL },
    { "__dict__", get_dict, NULL, NULL, NULL },
    { "__doc__", get_doc, set_doc, NULL, NULL },
    { "__text_signature__", get_signature, NULL, NULL, NULL },
    { "__annotations__", get_annotations, set_annotations, NULL, NULL },
    { "__basicsize__", get_basicsize, NULL, NULL, NULL },
    { "__itemsize__", get_itemsize, NULL, NULL, NULL },
    { "__flags__", get_flags, NULL, NULL, NULL },
    { "__dictoffset__", get_zero, NULL, NULL, NULL },
    { "__weakrefoffset__", get_zero, NULL, NULL, (void *)1 },
    { NULL }
};

static const struct hd_memberdef members[] = {
    { "__mro__", offsetof(struct hd_type, mro), HD_MEMBER_CONST | HD_MEMBER_READONLY, NULL },
    { "__base__", offsetof(struct hd_type, base), HD_MEMBER_CONST | HD_MEMBER_READONLY, NULL }, { NULL }
};

struct hd_type hd_type_type = {
    .cname = "type", .basicsize = sizeof(struct hd_type), .itemsize = 40, .flags = HD_TF_BASETYPE | HD_TF_TYPE | HD_TF_HAS_WEAKREFS,
    .doc = "type(object) -> the object's type\ntype(name, bases, dict, **kwds) -> a new type",
    .methods = methods, .members = members, .getsets = getsets,
    .op = { .repr = type_repr, .getattr = hd_type_getattr, .setattr = hd_type_setattr, .call = hd_type_call, .make = type_make, .init = type_init,
            .binary = { [HD_OR] = type_or }, .trace = type_trace },
};
