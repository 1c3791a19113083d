/* Owns builtin_function_or_method and method: functions written in C, bound or not, and bound methods.  Both immutable. */
#include "interp/core/attr.h"
#include "interp/core/type_ops.h"
#include "interp/types/objects.h"

/* ---- functions written in C ---------------------------------------------------------------------------------------------------------- */
hd_value hd_cfunction_new(const struct hd_methoddef *def, hd_value self, hd_value module)
{
    struct hd_cfunction *f = hd_new_object(&hd_cfunction_type, sizeof *f);
    if (!f) return HD_ERR;
    f->def = def, f->self = self, f->module = module, f->owner = NULL;
    return hd_obj(f);
}
static const struct hd_cfunction *cf(hd_value v) { return hd_ptr(v); }
static bool is_bound(const struct hd_cfunction *f) { return f->self != HD_ABSENT && !hd_is_shape(f->self, HD_SHAPE_MODULE); }

static hd_value cf_repr(hd_value v)
{
    if (!is_bound(cf(v))) return hd_str_format("<built-in function %s>", cf(v)->def->name);
    return hd_str_format("<built-in method %s of %T object at %p>", cf(v)->def->name, cf(v)->self, hd_ptr(cf(v)->self));
}
static int64_t cf_hash(hd_value v)
{
    uint64_t h = hd_hash_pointer(cf(v)->def) * 31 + (hd_is_ptr(cf(v)->self) ? hd_hash_pointer(hd_ptr(cf(v)->self)) : cf(v)->self);
    return (int64_t)h == -1 ? -2 : (int64_t)h;
}
static hd_value cf_compare(hd_value a, hd_value b, enum hd_cmpop op)
{
    if ((op != HD_EQ && op != HD_NE) || !hd_is_shape(a, HD_SHAPE_CFUNCTION) || !hd_is_shape(b, HD_SHAPE_CFUNCTION)) return HD_NOTIMPLEMENTED;
    return hd_bool((cf(a)->def == cf(b)->def && cf(a)->self == cf(b)->self) == (op == HD_EQ));
}
static hd_value cf_name(hd_value v, void *c) { return hd_intern(cf(v)->def->name); }
static hd_value cf_qualname(hd_value v, void *c)
{
    const struct hd_cfunction *f = cf(v);
    if (!is_bound(f)) return f->owner ? hd_str_format("%U.%s", HD_GET(f->owner, qualname), f->def->name) : cf_name(v, c);
    hd_value q = hd_getattr(hd_is_type(f->self) ? f->self : hd_obj(hd_type_of(f->self)), hd_s___qualname__);
    return q == HD_ERR ? q : hd_str_format("%S.%s", q, f->def->name);
}
static hd_value cf_self(hd_value v, void *c)
{
    if (cf(v)->self == HD_ABSENT) return cf(v)->owner ? hd_obj(cf(v)->owner) : cf(v)->module;       /* static methods name their class */
    return cf(v)->self;
}
static hd_value cf_module(hd_value v, void *c)
{
    hd_value m = cf(v)->module;
    if (!hd_is_shape(m, HD_SHAPE_MODULE)) return m;
    hd_value n = hd_dict_get_str(hd_module_dict(m), hd_s___name__);
    return n == HD_ABSENT ? HD_NONE : n;
}
static hd_value cf_doc(hd_value v, void *c) { return hd_doc_text(cf(v)->def->doc); }
static hd_value cf_signature(hd_value v, void *c) { return hd_doc_signature(cf(v)->def->doc); }
static hd_value cf_reduce(hd_value v, const hd_value *args, size_t nargs, hd_value kwnames)
{
    if (!is_bound(cf(v)) && !cf(v)->owner) return cf_name(v, NULL);
    hd_value g = hd_import_attr("builtins", "getattr"), a = hd_tuplev(cf_self(v, NULL), cf_name(v, NULL));
    return g == HD_ERR || a == HD_ERR ? HD_ERR : hd_tuplev(g, a);
}
static void cf_trace(void *o, struct gc_marker *m)
{
    const struct hd_cfunction *f = o;
    gc_mark(m, f->self);
    gc_mark(m, f->module);
    gc_mark(m, hd_obj(f->owner));
}
static const struct hd_getsetdef cf_getsets[] = {
    { "__name__", cf_name, NULL, NULL, NULL }, { "__qualname__", cf_qualname, NULL, NULL, NULL }, { "__self__", cf_self, NULL, NULL, NULL },
    { "__module__", cf_module, NULL, NULL, NULL }, { "__doc__", cf_doc, NULL, NULL, NULL }, { "__text_signature__", cf_signature, NULL, NULL, NULL }, { NULL }
};
static const struct hd_methoddef cf_methods[] = { { "__reduce__", cf_reduce, 0, 0, 0, NULL }, { NULL } };
struct hd_type hd_cfunction_type = {
    .cname = "builtin_function_or_method", .basicsize = sizeof(struct hd_cfunction),
    .flags = HD_TF_IMMUTABLE_LAYOUT | HD_TF_NEVER_INSTANTIATE | HD_TF_HAS_WEAKREFS, .getsets = cf_getsets, .methods = cf_methods,
    .op = { .repr = cf_repr, .call = hd_call_c, .hash = cf_hash, .richcompare = cf_compare, .trace = cf_trace },
};

/* ---- __new__ of static types ------------------------------------------------------------------------------------------------------------ */
static hd_value call_make(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
{
    struct hd_type *owner = HD_TYPE(self);
    if (!nargs) return hd_raise(&hd_exc_TypeError, "%N.__new__(): not enough arguments", owner);
    if (!hd_is_type(args[0])) return hd_raise(&hd_exc_TypeError, "%N.__new__(X): X is not a type object (%T)", owner, args[0]);
    struct hd_type *t = HD_TYPE(args[0]), *solid = t;
    if (!hd_subtype(t, owner)) return hd_raise(&hd_exc_TypeError, "%N.__new__(%N): %N is not a subtype of %N", owner, t, t, owner);
    while (solid && solid->flags & HD_TF_HEAP) solid = solid->base;
    if (solid && solid != owner && solid->op.make != owner->op.make)
        return hd_raise(&hd_exc_TypeError, "%N.__new__(%N) is not safe, use %N.__new__()", owner, t, solid);
    return owner->op.make(args[0], args + 1, nargs - 1, kwnames);
}
static const struct hd_methoddef new_def = {
    "__new__", call_make, 0, -1, HD_METH_KW, "__new__($type, *args, **kwargs)\n--\n\nCreate and return a new object.  See help(type) for accurate signature."
};
hd_value hd_new_wrapper(struct hd_type *t) { return hd_cfunction_new(&new_def, hd_obj(t), HD_NONE); }

/* ---- bound methods -------------------------------------------------------------------------------------------------------------------------- */
static const struct hd_method *mo(hd_value v) { return hd_ptr(v); }
hd_value hd_method_new(hd_value func, hd_value self)
{
    struct hd_method *m = hd_new_object(&hd_method_type, sizeof *m);
    if (!m) return HD_ERR;
    m->func = func, m->self = self;
    return hd_obj(m);
}
static hd_value method_make(hd_value type, const hd_value *args, size_t nargs, hd_value kwnames)
{
    if (hd_no_kwargs("method", kwnames) < 0) return HD_ERR;
    if (nargs != 2) return hd_raise(&hd_exc_TypeError, "method expected 2 arguments, got %zu", nargs);
    if (!hd_callable(args[0])) return hd_raise(&hd_exc_TypeError, "first argument must be callable");
    if (args[1] == HD_NONE) return hd_raise(&hd_exc_TypeError, "instance must not be None");
    return hd_method_new(args[0], args[1]);
}
static hd_value method_repr(hd_value v)
{
    hd_value name = hd_getattr_opt(mo(v)->func, hd_s___qualname__);
    if (name == HD_ABSENT) name = hd_getattr_opt(mo(v)->func, hd_s___name__);
    if (name == HD_ERR) return name;
    if (name == HD_ABSENT || !hd_is_str(name)) return hd_str_format("<bound method ? of %R>", mo(v)->self);
    return hd_str_format("<bound method %U of %R>", name, mo(v)->self);
}
static int64_t method_hash(hd_value v)
{
    int64_t f = hd_hash(mo(v)->func);
    if (f == -1) return -1;
    uint64_t h = (hd_is_ptr(mo(v)->self) ? hd_hash_pointer(hd_ptr(mo(v)->self)) : mo(v)->self) ^ (uint64_t)f;
    return (int64_t)h == -1 ? -2 : (int64_t)h;
}
static hd_value method_compare(hd_value a, hd_value b, enum hd_cmpop op)
{
    if ((op != HD_EQ && op != HD_NE) || !hd_is_shape(a, HD_SHAPE_METHOD) || !hd_is_shape(b, HD_SHAPE_METHOD)) return HD_NOTIMPLEMENTED;
    int r = hd_equal(mo(a)->func, mo(b)->func);
    if (r < 0) return HD_ERR;
    return hd_bool((r && mo(a)->self == mo(b)->self) == (op == HD_EQ));
}
/* Attributes of the method type, else of the function. */
static hd_value method_getattr(hd_value v, hd_value name)
{
    hd_value d = hd_type_lookup(&hd_method_type, name);
    if (d == HD_ABSENT || name == hd_s___doc__) return hd_getattr(mo(v)->func, name);
    struct hd_type *t = hd_type_of(d);
    return t->op.descr_get ? t->op.descr_get(d, v, hd_obj(&hd_method_type)) : d;
}
static hd_value method_self(hd_value v, void *c) { return mo(v)->self; }
static hd_value method_func(hd_value v, void *c) { return mo(v)->func; }
static hd_value method_reduce(hd_value v, const hd_value *args, size_t nargs, hd_value kwnames)
{
    hd_value g = hd_import_attr("builtins", "getattr"), n = hd_getattr(mo(v)->func, hd_s___name__);
    if (g == HD_ERR || n == HD_ERR) return HD_ERR;
    hd_value a = hd_tuplev(mo(v)->self, n);
    return a == HD_ERR ? a : hd_tuplev(g, a);
}
static void method_trace(void *o, struct gc_marker *m)
{
    gc_mark(m, ((struct hd_method *)o)->func);
    gc_mark(m, ((struct hd_method *)o)->self);
}
static hd_value method_doc(hd_value v, void *c) { return hd_getattr(mo(v)->func, hd_s___doc__); }
static const struct hd_getsetdef method_getsets[] = {
    { "__doc__", method_doc, NULL, NULL, NULL },
    { "__self__", method_self, NULL, "the instance to which a method is bound", NULL },
    { "__func__", method_func, NULL, "the function (or other callable) implementing a method", NULL }, { NULL }
};
static const struct hd_methoddef method_methods[] = { { "__reduce__", method_reduce, 0, 0, 0, NULL }, { NULL } };
struct hd_type hd_method_type = {
    .cname = "method", .basicsize = sizeof(struct hd_method), .flags = HD_TF_IMMUTABLE_LAYOUT | HD_TF_HAS_WEAKREFS,
    .doc = "Create a bound instance method object.", .getsets = method_getsets, .methods = method_methods,
    .op = { .repr = method_repr, .call = hd_call_c, .hash = method_hash, .richcompare = method_compare, .getattr = method_getattr, .make = method_make,
            .trace = method_trace },
};
