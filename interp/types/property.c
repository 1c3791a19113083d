/* Owns property, classmethod, staticmethod and super. */
#include "interp/core/attr.h"
#include "interp/core/type_ops.h"
#include "interp/types/objects.h"

__attribute__((weak)) int hd_super_arguments(hd_value *type, hd_value *self);
static hd_value unset(hd_value v) { return v == HD_UNBOUND || v == 0 ? HD_NONE : v; }

/* ---- property -------------------------------------------------------------------------------------------------------------------- */
static struct hd_property *pr(hd_value v) { return hd_ptr(v); }

static int property_init(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
{
    hd_value a[4];
    if (hd_args("property", "|fget,fset,fdel,doc", args, nargs, kwnames, a) < 0) return -1;
    for (int i = 0; i < 3; i++)
        if (a[i] == HD_NONE) a[i] = HD_ABSENT;
    hd_value doc = a[3] == HD_ABSENT ? HD_NONE : a[3];
    bool from_getter = false;
    if (doc == HD_NONE && a[0] != HD_ABSENT) {
        hd_value d = hd_getattr_opt(a[0], hd_s___doc__);
        if (d == HD_ERR) {
            if (!hd_exc_is(&hd_exc_Exception)) return -1;
            hd_exc_clear();
        } else if (d != HD_ABSENT && d != HD_NONE) doc = d, from_getter = true;
    }
    hd_property_w w = hd_property_open(pr(self));
    HD_PUT(w, fget, a[0] == HD_ABSENT ? HD_UNBOUND : a[0]);
    HD_PUT(w, fset, a[1] == HD_ABSENT ? HD_UNBOUND : a[1]);
    HD_PUT(w, fdel, a[2] == HD_ABSENT ? HD_UNBOUND : a[2]);
    HD_PUT(w, doc, doc);
    HD_PUT(w, name, HD_UNBOUND);
    HD_PUT(w, doc_from_getter, from_getter);
    /* subclasses keep the getter's text where help() looks for it */
    if (hd_type_of(self) != &hd_property_type && from_getter)
        return hd_setattr(self, hd_s___doc__, doc);
    return 0;
}

static hd_value access_error(hd_value self, hd_value obj, const char *what)
{
    hd_value name = HD_GET(pr(self), name), q = HD_GET(hd_type_of(obj), qualname);
    if (name != HD_UNBOUND) return hd_raise(&hd_exc_AttributeError, "property %R of %R object has no %s", name, q, what);
    return hd_raise(&hd_exc_AttributeError, "property of %R object has no %s", q, what);
}
static hd_value property_get(hd_value self, hd_value obj, hd_value type)
{
    if (obj == HD_ABSENT || obj == HD_NONE) return self;
    hd_value f = HD_GET(pr(self), fget);
    return f == HD_UNBOUND || f == 0 ? access_error(self, obj, "getter") : hd_callv(f, obj);
}
static int property_set(hd_value self, hd_value obj, hd_value v)
{
    hd_value f = v == HD_ABSENT ? HD_GET(pr(self), fdel) : HD_GET(pr(self), fset), r;
    if (f == HD_UNBOUND || f == 0) r = access_error(self, obj, v == HD_ABSENT ? "deleter" : "setter");
    else r = v == HD_ABSENT ? hd_callv(f, obj) : hd_callv(f, obj, v);
    return r == HD_ERR ? -1 : 0;
}

/* type(self)(fget, fset, fdel, doc) with one of them replaced */
static hd_value with(hd_value self, int i, hd_value f)
{
    hd_value a[4] = { unset(HD_GET(pr(self), fget)), unset(HD_GET(pr(self), fset)), unset(HD_GET(pr(self), fdel)), HD_NONE };
    if (!HD_GET(pr(self), doc_from_getter)) a[3] = unset(HD_GET(pr(self), doc));
    if (f != HD_NONE) a[i] = f;
    if (HD_GET(pr(self), doc_from_getter) && a[0] != HD_NONE) a[3] = HD_NONE;
    hd_value p = hd_call(hd_obj(hd_type_of(self)), a, 4, 0);
    if (p == HD_ERR || hd_type_of(p)->op.init != property_init) return p;
    hd_value name = HD_GET(pr(self), name);
    hd_property_w w = hd_property_open(pr(p));
    HD_PUT(w, name, name);
    return p;
}
static hd_value property_getter(hd_value s, const hd_value *args, size_t n, hd_value k) { return with(s, 0, args[0]); }
static hd_value property_setter(hd_value s, const hd_value *args, size_t n, hd_value k) { return with(s, 1, args[0]); }
static hd_value property_deleter(hd_value s, const hd_value *args, size_t n, hd_value k) { return with(s, 2, args[0]); }
static hd_value property_set_name(hd_value s, const hd_value *args, size_t n, hd_value k)
{
    if (n != 2) return hd_raise(&hd_exc_TypeError, "__set_name__() takes 2 positional arguments but %zu were given", n);
    hd_property_w w = hd_property_open(pr(s));
    HD_PUT(w, name, args[1]);
    return HD_NONE;
}
/* Does a wrapped object say that it is abstract?  1, 0, -1.  Wrappers may hold themselves. */
static int is_abstract(hd_value f)
{
    if (hd_recursion_enter(" while calling a Python object") < 0) return -1;
    hd_value a = hd_getattr_opt(f, hd_s___isabstractmethod__);
    int r = a == HD_ERR ? -1 : a == HD_ABSENT ? 0 : hd_truth(a);
    hd_recursion_leave();
    return r;
}
static hd_value property_abstract(hd_value self, void *c)
{
    hd_value f[3] = { HD_GET(pr(self), fget), HD_GET(pr(self), fset), HD_GET(pr(self), fdel) };
    for (int i = 0; i < 3; i++) {
        if (f[i] == HD_UNBOUND || f[i] == 0) continue;
        int r = is_abstract(f[i]);
        if (r) return r < 0 ? HD_ERR : HD_TRUE;
    }
    return HD_FALSE;
}
static void property_trace(void *o, struct gc_marker *m)
{
    struct hd_property *p = o;
    gc_mark(m, HD_RAW(p->fget));
    gc_mark(m, HD_RAW(p->fset));
    gc_mark(m, HD_RAW(p->fdel));
    gc_mark(m, HD_RAW(p->doc));
    gc_mark(m, HD_RAW(p->name));
}
static const struct hd_methoddef property_methods[] = {
    { "getter", property_getter, 1, 1, 0, "Descriptor to obtain a copy of the property with a different getter." },
    { "setter", property_setter, 1, 1, 0, "Descriptor to obtain a copy of the property with a different setter." },
    { "deleter", property_deleter, 1, 1, 0, "Descriptor to obtain a copy of the property with a different deleter." },
    { "__set_name__", property_set_name, 0, -1, 0, "Method to set name of a property." }, { NULL }
};
static const struct hd_memberdef property_members[] = {
    { "fget", offsetof(struct hd_property, fget), HD_MEMBER_VALUE_NONE | HD_MEMBER_READONLY, NULL },
    { "fset", offsetof(struct hd_property, fset), HD_MEMBER_VALUE_NONE | HD_MEMBER_READONLY, NULL },
    { "fdel", offsetof(struct hd_property, fdel), HD_MEMBER_VALUE_NONE | HD_MEMBER_READONLY, NULL },
    { "__doc__", offsetof(struct hd_property, doc), HD_MEMBER_VALUE_NONE, NULL }, { NULL }
};
static const struct hd_getsetdef property_getsets[] = { { "__isabstractmethod__", property_abstract, NULL, NULL, NULL }, { NULL } };
struct hd_type hd_property_type = {
    .cname = "property", .basicsize = sizeof(struct hd_property), .flags = HD_TF_BASETYPE,
    .methods = property_methods, .members = property_members, .getsets = property_getsets,
    .op = { .make = hd_object_make, .init = property_init, .descr_get = property_get, .descr_set = property_set, .trace = property_trace },
};

/* ---- classmethod, staticmethod ------------------------------------------------------------------------------------------------------ */
static struct hd_methodwrap *mw(hd_value v) { return hd_ptr(v); }
static hd_value wrapped(hd_value v) { return HD_GET(mw(v), callable); }

/* __name__ and so on of the wrapped callable become attributes of the wrapper, as functools.wraps does it. */
static int copy_attributes(hd_value self, hd_value f)
{
    hd_value *const names[] = { &hd_s___module__, &hd_s___name__, &hd_s___qualname__, &hd_s___doc__, &hd_s___annotations__ };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        hd_value v = hd_getattr_opt(f, *names[i]);
        if (v == HD_ERR) return -1;
        if (v == HD_ABSENT) continue;
        if (hd_inst_set(self, *names[i], v) < 0) return -1;
    }
    return 0;
}
static int wrap_init(const char *name, hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
{
    if (hd_no_kwargs(name, kwnames) < 0) return -1;
    if (nargs != 1) {
        (void)hd_raise(&hd_exc_TypeError, "%s expected 1 argument, got %zu", name, nargs);
        return -1;
    }
    hd_methodwrap_w w = hd_methodwrap_open(mw(self));
    HD_PUT(w, callable, args[0]);
    return copy_attributes(self, args[0]);
}
static int classmethod_init(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames) { return wrap_init("classmethod", self, args, nargs, kwnames); }
static int staticmethod_init(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames) { return wrap_init("staticmethod", self, args, nargs, kwnames); }

static hd_value wrap_new(struct hd_type *t, hd_value f)
{
    struct hd_methodwrap *m = hd_new_mutable(t, sizeof *m);
    if (!m) return HD_ERR;
    HD_INIT(m, callable, f);
    if (hd_is_shape(f, HD_SHAPE_FUNCTION) && copy_attributes(hd_obj(m), f) < 0) return HD_ERR;
    return hd_obj(m);
}
hd_value hd_classmethod_new(hd_value f) { return wrap_new(&hd_classmethod_type, f); }
hd_value hd_staticmethod_new(hd_value f) { return wrap_new(&hd_staticmethod_type, f); }

static hd_value not_ready(const char *kind) { return hd_raise(&hd_exc_RuntimeError, "uninitialized %s object", kind); }
/* Counted, as staticmethod_call is: the compiler makes a jump of a last call, and a wrapper that wraps itself would never come to
 * an end. */
static hd_value classmethod_get(hd_value d, hd_value obj, hd_value type)
{
    hd_value f = wrapped(d);
    if (!f || f == HD_UNBOUND) return not_ready("classmethod");
    if (type == HD_ABSENT) type = hd_obj(hd_type_of(obj));
    struct hd_type *ft = hd_type_of(f);
    if (!ft->op.descr_get) return hd_method_new(f, type);
    if (hd_recursion_enter(" while calling a Python object") < 0) return HD_ERR;
    hd_value r = ft->op.descr_get(f, type, type);
    hd_recursion_leave();
    return r;
}
static hd_value staticmethod_get(hd_value d, hd_value obj, hd_value type)
{
    hd_value f = wrapped(d);
    return !f || f == HD_UNBOUND ? not_ready("staticmethod") : f;
}
static hd_value staticmethod_call(hd_value v, const hd_value *args, size_t nargs, hd_value kwnames)
{
    if (hd_recursion_enter(" while calling a Python object") < 0) return HD_ERR;
    hd_value r = hd_call(wrapped(v), args, nargs, kwnames);
    hd_recursion_leave();
    return r;
}
static hd_value classmethod_repr(hd_value v) { return hd_str_format("<classmethod(%R)>", unset(wrapped(v))); }
static hd_value staticmethod_repr(hd_value v) { return hd_str_format("<staticmethod(%R)>", unset(wrapped(v))); }
static hd_value wrap_abstract(hd_value v, void *c)
{
    int r = is_abstract(unset(wrapped(v)));
    return r < 0 ? HD_ERR : hd_bool(r);
}
static void wrap_trace(void *o, struct gc_marker *m) { gc_mark(m, HD_RAW(((struct hd_methodwrap *)o)->callable)); }
static const struct hd_memberdef wrap_members[] = {
    { "__func__", offsetof(struct hd_methodwrap, callable), HD_MEMBER_VALUE_NONE | HD_MEMBER_READONLY, NULL },
    { "__wrapped__", offsetof(struct hd_methodwrap, callable), HD_MEMBER_VALUE_NONE | HD_MEMBER_READONLY, NULL }, { NULL }
};
static const struct hd_getsetdef wrap_getsets[] = { { "__isabstractmethod__", wrap_abstract, NULL, NULL, NULL }, { NULL } };
struct hd_type hd_classmethod_type = {
    .cname = "classmethod", .basicsize = sizeof(struct hd_methodwrap), .flags = HD_TF_BASETYPE | HD_TF_HAS_DICT,
    .doc = "classmethod(function) -> method\n\nConvert a function to be a class method: it gets the class as its first argument.",
    .members = wrap_members, .getsets = wrap_getsets,
    .op = { .repr = classmethod_repr, .make = hd_object_make, .init = classmethod_init, .descr_get = classmethod_get, .trace = wrap_trace },
};
struct hd_type hd_staticmethod_type = {
    .cname = "staticmethod", .basicsize = sizeof(struct hd_methodwrap), .flags = HD_TF_BASETYPE | HD_TF_HAS_DICT,
    .doc = "staticmethod(function) -> method\n\nConvert a function to be a static method: it gets no first argument of its own.",
    .members = wrap_members, .getsets = wrap_getsets,
    .op = { .repr = staticmethod_repr, .call = staticmethod_call, .make = hd_object_make, .init = staticmethod_init, .descr_get = staticmethod_get, .trace = wrap_trace },
};

/* ---- super -------------------------------------------------------------------------------------------------------------------------- */
static struct hd_super *su(hd_value v) { return hd_ptr(v); }

/* The class whose MRO counts for an object given to super(); NULL: TypeError. */
static struct hd_type *super_check(struct hd_type *cls, hd_value obj)
{
    if (hd_is_type(obj) && hd_subtype(HD_TYPE(obj), cls)) return HD_TYPE(obj);
    if (hd_subtype(hd_type_of(obj), cls)) return hd_type_of(obj);
    hd_value c = hd_getattr_opt(obj, hd_s___class__);
    if (c == HD_ERR) return NULL;
    if (c != HD_ABSENT && hd_is_type(c) && hd_subtype(HD_TYPE(c), cls)) return HD_TYPE(c);
    (void)hd_raise(&hd_exc_TypeError, "super(type, obj): obj must be an instance or subtype of type");
    return NULL;
}
static int super_init(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
{
    hd_value cls, obj = HD_UNBOUND, st = HD_UNBOUND;
    if (hd_no_kwargs("super", kwnames) < 0) return -1;
    if (nargs > 2) {
        (void)hd_raise(&hd_exc_TypeError, "super() expected at most 2 arguments, got %zu", nargs);
        return -1;
    }
    if (nargs) {
        cls = args[0];
        if (!hd_is_type(cls)) {
            (void)hd_raise(&hd_exc_TypeError, "super() argument 1 must be a type, not %A", cls);
            return -1;
        }
        if (nargs > 1 && args[1] != HD_NONE) obj = args[1];
    } else if (!hd_super_arguments) {
        (void)hd_raise(&hd_exc_RuntimeError, "super(): no current frame");
        return -1;
    } else if (hd_super_arguments(&cls, &obj) < 0) return -1;
    if (obj != HD_UNBOUND) {
        struct hd_type *t = super_check(HD_TYPE(cls), obj);
        if (!t) return -1;
        st = hd_obj(t);
    }
    hd_super_w w = hd_super_open(su(self));
    HD_PUT(w, cls, cls);
    HD_PUT(w, self, obj);
    HD_PUT(w, self_type, st);
    return 0;
}
static hd_value super_getattr(hd_value v, hd_value name)
{
    hd_value st = HD_GET(su(v), self_type), cls = HD_GET(su(v), cls), obj = HD_GET(su(v), self);
    if (st == HD_UNBOUND || st == 0 || name == hd_s___class__) return hd_generic_getattr(v, name);
    const struct hd_tuple *m = HD_TYPE(st)->mro;
    if (!m) return hd_generic_getattr(v, name);        /* while its metaclass makes up the order */
    int64_t i = 0;
    while (i < m->len && m->item[i] != cls) i++;
    for (i++; i < m->len; i++) {
        hd_value x = hd_dict_get_str(hd_obj(HD_TYPE(m->item[i])->dict), name);
        if (x == HD_ABSENT) continue;
        struct hd_type *xt = hd_type_of(x);
        return xt->op.descr_get ? xt->op.descr_get(x, obj == st ? HD_ABSENT : obj, st) : x;
    }
    return hd_generic_getattr(v, name);
}
static hd_value super_get(hd_value v, hd_value obj, hd_value type)
{
    if (obj == HD_ABSENT || obj == HD_NONE || unset(HD_GET(su(v), self)) != HD_NONE) return v;
    hd_value cls = HD_GET(su(v), cls);
    if (hd_type_of(v) != &hd_super_type) return hd_callv(hd_obj(hd_type_of(v)), cls, obj);
    return hd_callv(hd_obj(&hd_super_type), cls, obj);
}
static hd_value super_repr(hd_value v)
{
    hd_value cls = HD_GET(su(v), cls), st = HD_GET(su(v), self_type);
    hd_value name = !cls || cls == HD_UNBOUND ? hd_intern("NULL") : HD_GET(HD_TYPE(cls), name);
    if (st == 0 || st == HD_UNBOUND) return hd_str_format("<super: <class '%U'>, NULL>", name);
    return hd_str_format("<super: <class '%U'>, <%N object>>", name, HD_TYPE(st));
}
static void super_trace(void *o, struct gc_marker *m)
{
    gc_mark(m, HD_RAW(((struct hd_super *)o)->cls));
    gc_mark(m, HD_RAW(((struct hd_super *)o)->self));
    gc_mark(m, HD_RAW(((struct hd_super *)o)->self_type));
}
static const struct hd_memberdef super_members[] = {
    { "__thisclass__", offsetof(struct hd_super, cls), HD_MEMBER_VALUE_NONE | HD_MEMBER_READONLY, "the class invoking super()" },
    { "__self__", offsetof(struct hd_super, self), HD_MEMBER_VALUE_NONE | HD_MEMBER_READONLY, "the instance invoking super(); may be None" },
    { "__self_class__", offsetof(struct hd_super, self_type), HD_MEMBER_VALUE_NONE | HD_MEMBER_READONLY, "the type of the instance invoking super(); may be None" },
    { NULL }
};
struct hd_type hd_super_type = {
    .cname = "super", .basicsize = sizeof(struct hd_super), .flags = HD_TF_BASETYPE,
    .doc = "super() -> same as super(__class__, <first argument>)\nsuper(type) -> unbound super object\n"
           "super(type, obj) -> bound super object; requires isinstance(obj, type)\nsuper(type, type2) -> bound super object; requires issubclass(type2, type)\n",
    .members = super_members,
    .op = { .repr = super_repr, .getattr = super_getattr, .make = hd_object_make, .init = super_init, .descr_get = super_get, .trace = super_trace },
};
