/* Owns the descriptors of static types and of __slots__: method_descriptor, classmethod_descriptor, getset_descriptor,
 * member_descriptor, wrapper_descriptor, method-wrapper.  All are immutable. */
#include "interp/core/attr.h"
#include "interp/core/type_ops.h"
#include "interp/types/objects.h"

/* ---- shared ------------------------------------------------------------------------------------------------------------------------ */
static const char *name_of(hd_value d)
{
    switch (hd_shape_hint(d)) {
    case HD_SHAPE_METHODDESCR: case HD_SHAPE_CLASSMETHODDESCR: return ((struct hd_cfunction *)hd_ptr(d))->def->name;
    case HD_SHAPE_GETSETDESCR: return ((struct hd_getset_descr *)hd_ptr(d))->def->name;
    case HD_SHAPE_WRAPPERDESCR: return ((struct hd_wrapper *)hd_ptr(d))->def->text;
    default: {
        const struct hd_member_descr *m = hd_ptr(d);
        if (m->def) return m->def->name;
        size_t n;
        const char *s = hd_str_as_utf8(m->name, &n);
        return s ? s : "?";
    }
    }
}
static struct hd_type *owner_of(hd_value d)
{
    switch (hd_shape_hint(d)) {
    case HD_SHAPE_METHODDESCR: case HD_SHAPE_CLASSMETHODDESCR: return ((struct hd_cfunction *)hd_ptr(d))->owner;
    case HD_SHAPE_GETSETDESCR: return ((struct hd_getset_descr *)hd_ptr(d))->owner;
    case HD_SHAPE_WRAPPERDESCR: return ((struct hd_wrapper *)hd_ptr(d))->owner;
    default: return ((struct hd_member_descr *)hd_ptr(d))->owner;
    }
}
static const char *doc_of(hd_value d)
{
    switch (hd_shape_hint(d)) {
    case HD_SHAPE_METHODDESCR: case HD_SHAPE_CLASSMETHODDESCR: return ((struct hd_cfunction *)hd_ptr(d))->def->doc;
    case HD_SHAPE_GETSETDESCR: return ((struct hd_getset_descr *)hd_ptr(d))->def->doc;
    case HD_SHAPE_WRAPPERDESCR: return ((struct hd_wrapper *)hd_ptr(d))->def->doc;
    default: return ((struct hd_member_descr *)hd_ptr(d))->def ? ((struct hd_member_descr *)hd_ptr(d))->def->doc : NULL;
    }
}
static int check(hd_value d, hd_value obj)
{
    if (hd_subtype(hd_type_of(obj), owner_of(d))) return 0;
    (void)hd_raise(&hd_exc_TypeError, "descriptor '%s' for '%s' objects doesn't apply to a '%T' object", name_of(d), hd_type_name(owner_of(d)), obj);
    return -1;
}
static hd_value get_name(hd_value d, void *c)
{
    if (hd_is_shape(d, HD_SHAPE_MEMBERDESCR) && !((struct hd_member_descr *)hd_ptr(d))->def) return ((struct hd_member_descr *)hd_ptr(d))->name;
    return hd_intern(name_of(d));
}
static hd_value get_qualname(hd_value d, void *c) { return hd_str_format("%U.%U", HD_GET(owner_of(d), qualname), get_name(d, c)); }
static hd_value get_objclass(hd_value d, void *c) { return hd_obj(owner_of(d)); }
static hd_value get_doc(hd_value d, void *c) { return hd_doc_text(doc_of(d)); }
static hd_value get_signature(hd_value d, void *c) { return hd_doc_signature(doc_of(d)); }
static hd_value descr_reduce(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
{
    hd_value g = hd_import_attr("builtins", "getattr");
    hd_value a = hd_tuplev(hd_obj(owner_of(self)), get_name(self, NULL));
    return g == HD_ERR || a == HD_ERR ? HD_ERR : hd_tuplev(g, a);
}
static const struct hd_methoddef reduce_methods[] = { { "__reduce__", descr_reduce, 0, 0, 0, NULL }, { NULL } };
static const struct hd_getsetdef getsets[] = {
    { "__name__", get_name, NULL, NULL, NULL }, { "__qualname__", get_qualname, NULL, NULL, NULL },
    { "__objclass__", get_objclass, NULL, NULL, NULL }, { "__doc__", get_doc, NULL, NULL, NULL },
    { "__text_signature__", get_signature, NULL, NULL, NULL }, { NULL }
};
static const struct hd_getsetdef data_getsets[] = {
    { "__name__", get_name, NULL, NULL, NULL }, { "__qualname__", get_qualname, NULL, NULL, NULL },
    { "__objclass__", get_objclass, NULL, NULL, NULL }, { "__doc__", get_doc, NULL, NULL, NULL }, { NULL }
};

static hd_value method_repr(hd_value d) { return hd_str_format("<method '%s' of '%s' objects>", name_of(d), hd_type_name(owner_of(d))); }
static hd_value getset_repr(hd_value d) { return hd_str_format("<attribute '%s' of '%s' objects>", name_of(d), hd_type_name(owner_of(d))); }
static hd_value member_repr(hd_value d) { return hd_str_format("<member '%s' of '%s' objects>", name_of(d), hd_type_name(owner_of(d))); }
static hd_value wrapper_repr(hd_value d) { return hd_str_format("<slot wrapper '%s' of '%s' objects>", name_of(d), hd_type_name(owner_of(d))); }

static void trace_function(void *o, struct gc_marker *m)
{
    const struct hd_cfunction *f = o;
    gc_mark(m, f->self);
    gc_mark(m, f->module);
    gc_mark(m, hd_obj(f->owner));
}

/* ---- methods -------------------------------------------------------------------------------------------------------------------------- */
static hd_value new_function(struct hd_type *kind, struct hd_type *t, const struct hd_methoddef *m)
{
    struct hd_cfunction *f = hd_new_object(kind, sizeof *f);
    if (!f) return HD_ERR;
    f->def = m, f->self = HD_ABSENT, f->module = HD_NONE, f->owner = t;
    return hd_obj(f);
}
hd_value hd_method_descr_new(struct hd_type *t, const struct hd_methoddef *m) { return new_function(&hd_methoddescr_type, t, m); }
hd_value hd_classmethod_descr_new(struct hd_type *t, const struct hd_methoddef *m) { return new_function(&hd_classmethoddescr_type, t, m); }

static hd_value bound(hd_value d, hd_value self)
{
    const struct hd_cfunction *f = hd_ptr(d);
    struct hd_cfunction *b = hd_new_object(&hd_cfunction_type, sizeof *b);
    if (!b) return HD_ERR;
    b->def = f->def, b->self = self, b->module = HD_NONE, b->owner = f->owner;
    return hd_obj(b);
}
static hd_value method_get(hd_value d, hd_value obj, hd_value type)
{
    if (obj == HD_ABSENT) return d;
    return check(d, obj) < 0 ? HD_ERR : bound(d, obj);
}

static hd_value classmethod_get(hd_value d, hd_value obj, hd_value type)
{
    struct hd_type *owner = owner_of(d);
    if (type == HD_ABSENT) {
        if (obj == HD_ABSENT) return hd_raise(&hd_exc_TypeError, "descriptor '%s' for type '%s' needs either an object or a type", name_of(d), hd_type_name(owner));
        type = hd_obj(hd_type_of(obj));
    }
    if (!hd_is_type(type))
        return hd_raise(&hd_exc_TypeError, "descriptor '%s' for type '%s' needs a type, not a '%T' as arg 2", name_of(d), hd_type_name(owner), type);
    if (!hd_subtype(HD_TYPE(type), owner))
        return hd_raise(&hd_exc_TypeError, "descriptor '%s' requires a subtype of '%s' but received '%N'", name_of(d), hd_type_name(owner), HD_TYPE(type));
    return bound(d, type);
}
static hd_value classmethod_call(hd_value d, const hd_value *args, size_t nargs, hd_value kwnames)
{
    if (!nargs) return hd_raise(&hd_exc_TypeError, "descriptor '%s' of '%N' object needs an argument", name_of(d), owner_of(d));
    hd_value b = classmethod_get(d, HD_ABSENT, args[0]);
    return b == HD_ERR ? b : hd_call(b, args + 1, nargs - 1, kwnames);
}

struct hd_type hd_methoddescr_type = {
    .cname = "method_descriptor", .basicsize = sizeof(struct hd_cfunction), .flags = HD_TF_IMMUTABLE_LAYOUT | HD_TF_METHOD_DESCRIPTOR | HD_TF_NEVER_INSTANTIATE,
    .getsets = getsets, .methods = reduce_methods,
    .op = { .repr = method_repr, .call = hd_call_c, .descr_get = method_get, .trace = trace_function },
};
struct hd_type hd_classmethoddescr_type = {
    .cname = "classmethod_descriptor", .basicsize = sizeof(struct hd_cfunction), .flags = HD_TF_IMMUTABLE_LAYOUT | HD_TF_NEVER_INSTANTIATE,
    .getsets = getsets, .op = { .repr = method_repr, .call = classmethod_call, .descr_get = classmethod_get, .trace = trace_function },
};

/* ---- getset ------------------------------------------------------------------------------------------------------------------------------ */
hd_value hd_getset_descr_new(struct hd_type *t, const struct hd_getsetdef *g)
{
    struct hd_getset_descr *d = hd_new_object(&hd_getsetdescr_type, sizeof *d);
    if (!d) return HD_ERR;
    d->owner = t, d->def = g;
    return hd_obj(d);
}
static hd_value getset_get(hd_value d, hd_value obj, hd_value type)
{
    const struct hd_getset_descr *g = hd_ptr(d);
    if (obj == HD_ABSENT) return d;
    if (check(d, obj) < 0) return HD_ERR;
    if (g->def->get) return g->def->get(obj, g->def->closure);
    return hd_raise(&hd_exc_AttributeError, "attribute '%s' of '%N' objects is not readable", g->def->name, g->owner);
}
static int getset_set(hd_value d, hd_value obj, hd_value v)
{
    const struct hd_getset_descr *g = hd_ptr(d);
    if (check(d, obj) < 0) return -1;
    if (g->def->set) return g->def->set(obj, v, g->def->closure);
    (void)hd_raise(&hd_exc_AttributeError, "attribute '%s' of '%s' objects is not writable", g->def->name, hd_type_name(g->owner));
    return -1;
}
static void getset_trace(void *o, struct gc_marker *m) { gc_mark(m, hd_obj(((struct hd_getset_descr *)o)->owner)); }
struct hd_type hd_getsetdescr_type = {
    .cname = "getset_descriptor", .basicsize = sizeof(struct hd_getset_descr), .flags = HD_TF_IMMUTABLE_LAYOUT | HD_TF_NEVER_INSTANTIATE,
    .getsets = data_getsets, .op = { .repr = getset_repr, .descr_get = getset_get, .descr_set = getset_set, .trace = getset_trace },
};

/* ---- members --------------------------------------------------------------------------------------------------------------------------------- */
hd_value hd_member_descr_new(struct hd_type *t, const struct hd_memberdef *m)
{
    struct hd_member_descr *d = hd_new_object(&hd_memberdescr_type, sizeof *d);
    if (!d) return HD_ERR;
    d->owner = t, d->def = m, d->offset = m->offset;
    return hd_obj(d);
}
hd_value hd_slot_member_new(struct hd_type *t, hd_value name, uint32_t offset, bool boxed)
{
    struct hd_member_descr *d = hd_new_object(&hd_memberdescr_type, sizeof *d);
    if (!d) return HD_ERR;
    d->owner = t, d->name = name, d->offset = offset, d->boxed = boxed;
    return hd_obj(d);
}

static hd_value member_missing(const struct hd_member_descr *d, hd_value obj)
{
    return hd_attribute_error(obj, d->def ? hd_intern(d->def->name) : d->name);
}

static hd_value member_get(hd_value v, hd_value obj, hd_value type)
{
    const struct hd_member_descr *d = hd_ptr(v);
    if (obj == HD_ABSENT) return v;
    if (check(v, obj) < 0) return HD_ERR;
    uint32_t kind = d->def ? d->def->kind & ~(uint32_t)HD_MEMBER_READONLY : HD_MEMBER_VALUE;
    char *p = d->boxed ? (char *)hd_inst_box(obj) : hd_ptr(obj);
    hd_value x;
    if (kind == HD_MEMBER_CONST) x = *(hd_value *)(p + d->offset);
    else x = stm_read(&((struct hd_mhead *)p)->w, p + d->offset);
    if (kind == HD_MEMBER_INT) return hd_int((int64_t)x);
    if (x != 0 && x != HD_UNBOUND && x != HD_ABSENT) return x;
    return kind == HD_MEMBER_VALUE_NONE || kind == HD_MEMBER_CONST ? HD_NONE : member_missing(d, obj);
}

static int member_set(hd_value v, hd_value obj, hd_value x)
{
    const struct hd_member_descr *d = hd_ptr(v);
    if (check(v, obj) < 0) return -1;
    uint32_t kind = d->def ? d->def->kind : HD_MEMBER_VALUE;
    if (kind & HD_MEMBER_READONLY || kind == HD_MEMBER_CONST) {
        (void)hd_raise(&hd_exc_AttributeError, "readonly attribute");
        return -1;
    }
    char *p = d->boxed ? (char *)hd_inst_box(obj) : hd_ptr(obj);
    int64_t i = 0;
    if (kind == HD_MEMBER_INT) {
        if (x == HD_ABSENT) {
            (void)hd_raise(&hd_exc_TypeError, "can't delete numeric/char attribute");
            return -1;
        }
        if (hd_as_i64(x, &i) < 0) return -1;
        x = (hd_value)i;
    } else if (x == HD_ABSENT) {
        hd_value old = stm_read(&((struct hd_mhead *)p)->w, p + d->offset);
        if (kind == HD_MEMBER_VALUE && (old == 0 || old == HD_UNBOUND)) {
            (void)hd_raise_value(&hd_exc_AttributeError, d->def ? hd_intern(d->def->name) : d->name);
            return -1;
        }
        x = HD_UNBOUND;
    }
    (void)hd_inst_open((struct hd_inst *)p);
    *(hd_value *)(p + d->offset) = x;
    return 0;
}
static void member_trace(void *o, struct gc_marker *m)
{
    gc_mark(m, hd_obj(((struct hd_member_descr *)o)->owner));
    gc_mark(m, ((struct hd_member_descr *)o)->name);
}
struct hd_type hd_memberdescr_type = {
    .cname = "member_descriptor", .basicsize = sizeof(struct hd_member_descr), .flags = HD_TF_IMMUTABLE_LAYOUT | HD_TF_NEVER_INSTANTIATE,
    .getsets = data_getsets, .methods = reduce_methods,
    .op = { .repr = member_repr, .descr_get = member_get, .descr_set = member_set, .trace = member_trace },
};

/* ---- slot wrappers ------------------------------------------------------------------------------------------------------------------------------ */
static hd_value wrapper_get(hd_value d, hd_value obj, hd_value type)
{
    if (obj == HD_ABSENT) return d;
    return check(d, obj) < 0 ? HD_ERR : hd_method_wrapper_new(d, obj);
}
static hd_value wrapper_call(hd_value d, const hd_value *args, size_t nargs, hd_value kwnames)
{
    const struct hd_wrapper *w = hd_ptr(d);
    if (!nargs) return hd_raise(&hd_exc_TypeError, "descriptor '%s' of '%N' object needs an argument", w->def->text, w->owner);
    if (!hd_subtype(hd_type_of(args[0]), w->owner))
        return hd_raise(&hd_exc_TypeError, "descriptor '%s' requires a '%N' object but received a '%T'", w->def->text, w->owner, args[0]);
    return hd_wrapper_call(w, args[0], args + 1, nargs - 1, kwnames);
}
static void wrapper_trace(void *o, struct gc_marker *m) { gc_mark(m, hd_obj(((struct hd_wrapper *)o)->owner)); }
struct hd_type hd_wrapperdescr_type = {
    .cname = "wrapper_descriptor", .basicsize = sizeof(struct hd_wrapper), .flags = HD_TF_IMMUTABLE_LAYOUT | HD_TF_METHOD_DESCRIPTOR | HD_TF_NEVER_INSTANTIATE,
    .getsets = getsets, .methods = reduce_methods,
    .op = { .repr = wrapper_repr, .call = wrapper_call, .descr_get = wrapper_get, .trace = wrapper_trace },
};

/* ---- bound slot wrappers -------------------------------------------------------------------------------------------------------------------------- */
hd_value hd_method_wrapper_new(hd_value wrapper, hd_value self)
{
    struct hd_method_wrapper *m = hd_new_object(&hd_methodwrapper_type, sizeof *m);
    if (!m) return HD_ERR;
    m->wrapper = wrapper, m->self = self;
    return hd_obj(m);
}
static const struct hd_method_wrapper *mw(hd_value v) { return hd_ptr(v); }
static hd_value mw_repr(hd_value v)
{
    return hd_str_format("<method-wrapper '%s' of %T object at %p>", name_of(mw(v)->wrapper), mw(v)->self, hd_ptr(mw(v)->self));
}
static hd_value mw_call(hd_value v, const hd_value *args, size_t nargs, hd_value kwnames)
{
    return hd_wrapper_call(hd_ptr(mw(v)->wrapper), mw(v)->self, args, nargs, kwnames);
}
static int64_t mw_hash(hd_value v)
{
    int64_t h = (int64_t)(hd_hash_pointer(hd_ptr(mw(v)->self)) ^ hd_hash_pointer(hd_ptr(mw(v)->wrapper)));
    return h == -1 ? -2 : h;
}
static hd_value mw_compare(hd_value a, hd_value b, enum hd_cmpop op)
{
    if ((op != HD_EQ && op != HD_NE) || !hd_is_shape(b, HD_SHAPE_METHODWRAPPER) || !hd_is_shape(a, HD_SHAPE_METHODWRAPPER)) return HD_NOTIMPLEMENTED;
    return hd_bool((mw(a)->wrapper == mw(b)->wrapper && mw(a)->self == mw(b)->self) == (op == HD_EQ));
}
static hd_value mw_name(hd_value v, void *c) { return get_name(mw(v)->wrapper, c); }
static hd_value mw_qualname(hd_value v, void *c) { return get_qualname(mw(v)->wrapper, c); }
static hd_value mw_objclass(hd_value v, void *c) { return get_objclass(mw(v)->wrapper, c); }
static hd_value mw_doc(hd_value v, void *c) { return get_doc(mw(v)->wrapper, c); }
static hd_value mw_signature(hd_value v, void *c) { return get_signature(mw(v)->wrapper, c); }
static hd_value mw_self(hd_value v, void *c) { return mw(v)->self; }
static hd_value mw_reduce(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
{
    hd_value g = hd_import_attr("builtins", "getattr"), a = hd_tuplev(mw(self)->self, mw_name(self, NULL));
    return g == HD_ERR || a == HD_ERR ? HD_ERR : hd_tuplev(g, a);
}
static void mw_trace(void *o, struct gc_marker *m)
{
    gc_mark(m, ((struct hd_method_wrapper *)o)->wrapper);
    gc_mark(m, ((struct hd_method_wrapper *)o)->self);
}
static const struct hd_getsetdef mw_getsets[] = {
    { "__name__", mw_name, NULL, NULL, NULL }, { "__qualname__", mw_qualname, NULL, NULL, NULL }, { "__objclass__", mw_objclass, NULL, NULL, NULL },
    { "__doc__", mw_doc, NULL, NULL, NULL }, { "__text_signature__", mw_signature, NULL, NULL, NULL }, { "__self__", mw_self, NULL, NULL, NULL }, { NULL }
};
static const struct hd_methoddef mw_methods[] = { { "__reduce__", mw_reduce, 0, 0, 0, NULL }, { NULL } };
struct hd_type hd_methodwrapper_type = {
    .cname = "method-wrapper", .basicsize = sizeof(struct hd_method_wrapper), .flags = HD_TF_IMMUTABLE_LAYOUT | HD_TF_NEVER_INSTANTIATE,
    .getsets = mw_getsets, .methods = mw_methods,
    .op = { .repr = mw_repr, .call = mw_call, .hash = mw_hash, .richcompare = mw_compare, .trace = mw_trace },
};
