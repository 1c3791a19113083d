/* Owns attribute access: the generic protocol of objects, classes, modules and super, and the look-ups that the evaluator's
 * inline caches are filled from.
 *
 * Order for o.name: data descriptor of the class, attribute of the object, other descriptor or value of the class,
 * __getattr__.  For a class C.name: data descriptor of the metaclass, C and its MRO, the metaclass. */
#include "interp/core/attr.h"
#include "interp/core/type_internal.h"
#include "interp/core/type_ops.h"
#include "interp/types/exc.h"
#include "interp/types/objects.h"

hd_value hd_attribute_error(hd_value o, hd_value name)
{
    hd_value msg = hd_is_type(o) ? hd_str_format("type object '%N' has no attribute '%U'", HD_TYPE(o), name)
                                 : hd_str_format("'%T' object has no attribute '%U'", o, name);
    return msg == HD_ERR ? msg : hd_raise_attribute(msg, name, o);
}

static inline bool is_data(hd_value descr) { return hd_type_of(descr)->op.descr_set != NULL; }
static inline hd_value bind(hd_value descr, hd_value obj, hd_value type)
{
    struct hd_type *dt = hd_type_of(descr);
    return dt->op.descr_get ? dt->op.descr_get(descr, obj, type) : descr;
}

/* The attribute dict of layouts that keep one in a slot of their own; HD_ABSENT: none yet or not of that kind. */
static hd_value c_dict(hd_value o, const struct hd_type *t)
{
    if (!t->dict_offset) return HD_ABSENT;
    struct hd_mhead *h = hd_ptr(o);
    hd_value d = stm_read(&h->w, (char *)h + t->dict_offset);
    return d == 0 || d == HD_UNBOUND || d == HD_NONE ? HD_ABSENT : d;
}

static hd_value own_attribute(hd_value o, struct hd_type *t, hd_value name)
{
    if (t->flags & HD_TF_HAS_DICT) return hd_inst_get(o, name);
    hd_value d = c_dict(o, t);
    return d == HD_ABSENT ? d : hd_dict_get_str(d, name);
}

static hd_value find_in_type(hd_value v, hd_value name);

/* HD_ABSENT: not found. */
static hd_value find(hd_value o, hd_value name)
{
    struct hd_type *t = hd_type_of(o);
    hd_value descr = hd_type_lookup(t, name);
    if (descr != HD_ABSENT && is_data(descr)) {
        struct hd_type *dt = hd_type_of(descr);
        if (dt->op.descr_get) return dt->op.descr_get(descr, o, hd_obj(t));
    }
    hd_value v = own_attribute(o, t, name);
    if (v != HD_ABSENT) return v;
    return descr == HD_ABSENT ? HD_ABSENT : bind(descr, o, hd_obj(t));
}

hd_value hd_generic_getattr(hd_value o, hd_value name)
{
    hd_value v = find(o, name);
    return v == HD_ABSENT ? hd_attribute_error(o, name) : v;
}

static hd_value attribute_name(hd_value name)
{
    if (STM_LIKELY(hd_is_str_exact(name) && HD_STR(name)->head.aux & HD_STR_INTERNED)) return name;
    if (!hd_is_str(name)) return hd_raise(&hd_exc_TypeError, "attribute name must be string, not '%T'", name);
    return hd_str_intern(name);
}

hd_value hd_getattr(hd_value o, hd_value name)
{
    name = attribute_name(name);
    return name == HD_ERR ? name : hd_type_of(o)->op.getattr(o, name);
}

hd_value hd_getattr_opt(hd_value o, hd_value name)
{
    name = attribute_name(name);
    if (name == HD_ERR) return name;
    hd_value (*get)(hd_value, hd_value) = hd_type_of(o)->op.getattr;
    hd_value v = get == hd_generic_getattr ? find(o, name) : get == hd_type_getattr ? find_in_type(o, name) : get(o, name);
    if (v == HD_ERR && hd_exc_is(&hd_exc_AttributeError)) {
        hd_exc_clear();
        return HD_ABSENT;
    }
    return v;
}

hd_value hd_getattr_c(hd_value o, const char *name)
{
    hd_value n = hd_intern(name);
    return n == HD_ERR ? n : hd_getattr(o, n);
}

int hd_setattr(hd_value o, hd_value name, hd_value v)
{
    name = attribute_name(name);
    if (name == HD_ERR) return -1;
    struct hd_type *t = hd_type_of(o);
    if (t->op.setattr) return t->op.setattr(o, name, v);
    (void)hd_raise(&hd_exc_TypeError, "'%T' object has no attributes (%s .%U)", o, v == HD_ABSENT ? "del" : "assign to", name);
    return -1;
}

static int no_attribute(hd_value o, hd_value name)
{
    (void)hd_attribute_error(o, name);
    return -1;
}

int hd_generic_setattr(hd_value o, hd_value name, hd_value v)
{
    struct hd_type *t = hd_type_of(o);
    hd_value descr = hd_type_lookup(t, name);
    if (descr != HD_ABSENT) {
        struct hd_type *dt = hd_type_of(descr);
        if (dt->op.descr_set) return dt->op.descr_set(descr, o, v);
    }
    if (t->flags & HD_TF_HAS_DICT) {
        if (v != HD_ABSENT) return hd_inst_set(o, name, v);
        int r = hd_inst_del(o, name);
        return r > 0 ? 0 : r < 0 ? -1 : no_attribute(o, name);
    }
    if (t->dict_offset) {
        hd_value d = v == HD_ABSENT ? c_dict(o, t) : hd_object_dict(o);
        if (d == HD_ERR) return -1;
        if (v != HD_ABSENT) return hd_dict_set_str(d, name, v);
        int r = d == HD_ABSENT ? 0 : hd_dict_del(d, name);
        return r > 0 ? 0 : r < 0 ? -1 : no_attribute(o, name);
    }
    if (descr == HD_ABSENT) return no_attribute(o, name);
    hd_value msg = hd_str_format("'%T' object attribute '%U' is read-only", o, name);
    if (msg != HD_ERR) (void)hd_raise_attribute(msg, name, o);
    return -1;
}

/* ---- __dict__ ------------------------------------------------------------------------------------------------------------------ */
hd_value hd_object_dict(hd_value o)
{
    struct hd_type *t = hd_type_of(o);
    if (t->flags & HD_TF_HAS_DICT) return hd_inst_dict(o);
    if (!t->dict_offset) return HD_ABSENT;
    hd_value d = c_dict(o, t);
    if (d != HD_ABSENT) return d;
    d = hd_dict_new();
    if (d == HD_ERR) return d;
    (void)hd_inst_open(hd_ptr(o));
    *(hd_value *)((char *)hd_ptr(o) + t->dict_offset) = d;
    return d;
}

int hd_object_set_dict(hd_value o, hd_value d)
{
    struct hd_type *t = hd_type_of(o);
    if (d == HD_ERR) return -1;
    if (!hd_is_dict(d)) {
        (void)hd_raise(&hd_exc_TypeError, "__dict__ must be set to a dictionary, not a '%T'", d);
        return -1;
    }
    if (t->flags & HD_TF_HAS_DICT) return hd_inst_set_dict(o, d);
    if (!t->dict_offset) {
        (void)hd_raise(&hd_exc_AttributeError, "This object has no __dict__");
        return -1;
    }
    (void)hd_inst_open(hd_ptr(o));
    *(hd_value *)((char *)hd_ptr(o) + t->dict_offset) = d;
    return 0;
}

/* ---- classes --------------------------------------------------------------------------------------------------------------------- */
/* HD_ABSENT: not found. */
static hd_value find_in_type(hd_value v, hd_value name)
{
    struct hd_type *t = HD_TYPE(v), *meta = hd_type_of(v);
    hd_value m = hd_type_lookup(meta, name);
    if (m != HD_ABSENT && is_data(m) && hd_type_of(m)->op.descr_get) return hd_type_of(m)->op.descr_get(m, v, hd_obj(meta));
    hd_value a = hd_type_lookup(t, name);
    if (a != HD_ABSENT) return bind(a, HD_ABSENT, v);
    return m == HD_ABSENT ? HD_ABSENT : bind(m, v, hd_obj(meta));
}

hd_value hd_type_getattr(hd_value t, hd_value name)
{
    hd_value v = find_in_type(t, name);
    return v == HD_ABSENT ? hd_attribute_error(t, name) : v;
}

int hd_type_setattr(hd_value v, hd_value name, hd_value x)
{
    struct hd_type *t = HD_TYPE(v);
    if (!(t->flags & HD_TF_HEAP)) {
        (void)hd_raise(&hd_exc_TypeError, "cannot set '%U' attribute of immutable type '%s'", name, t->cname);
        return -1;
    }
    hd_value m = hd_type_lookup(hd_type_of(v), name);
    if (m != HD_ABSENT && is_data(m)) return hd_type_of(m)->op.descr_set(m, v, x);
    int r = hd_type_dict_set(t, name, x);
    if (r == 0) (void)hd_attribute_error(v, name);
    return r <= 0 ? -1 : 0;
}

/* ---- modules --------------------------------------------------------------------------------------------------------------------- */
hd_value hd_module_getattr(hd_value m, hd_value name)
{
    hd_value v = find(m, name);
    if (v != HD_ABSENT && !(v == HD_ERR && hd_exc_is(&hd_exc_AttributeError))) return v;
    hd_value d = hd_module_dict(m);
    if (hd_is_dict(d)) {
        if (v == HD_ERR) hd_exc_clear();
        hd_value hook = hd_dict_get_str(d, hd_s___getattr__);
        if (hook != HD_ABSENT) return hd_callv(hook, name);
        hd_value own = hd_dict_get_str(d, hd_s___name__);
        if (own != HD_ABSENT && hd_is_str(own)) {
            hd_value spec = hd_dict_get_str(d, hd_s___spec__), flag = HD_ABSENT;
            if (spec != HD_ABSENT && spec != HD_NONE) flag = hd_getattr_opt(spec, hd_s__initializing);
            if (flag == HD_ERR) return flag;
            int busy = flag == HD_ABSENT ? 0 : hd_truth(flag);
            if (busy < 0) return HD_ERR;
            /* a submodule that is being imported is an attribute only when that is done */
            int loading = 0;
            if (!busy && spec != HD_ABSENT && spec != HD_NONE) {
                hd_value list = hd_getattr_opt(spec, hd_intern("_uninitialized_submodules"));
                if (list == HD_ERR || (list != HD_ABSENT && (loading = hd_contains(list, name)) < 0)) return HD_ERR;
            }
            hd_value msg = loading ? hd_str_format("cannot access submodule '%U' of module '%U' (most likely due to a circular import)", name, own) : busy ? hd_str_format("partially initialized module '%U' has no attribute '%U' (most likely due to a circular import)", own, name)
                                : hd_str_format("module '%U' has no attribute '%U'", own, name);
            return msg == HD_ERR ? msg : hd_raise_attribute(msg, name, m);
        }
    }
    hd_value msg = hd_str_format("module has no attribute '%U'", name);
    return msg == HD_ERR ? msg : hd_raise_attribute(msg, name, m);
}

/* ---- special methods, methods, super ---------------------------------------------------------------------------------------------- */
hd_value hd_special(hd_value o, hd_value name)
{
    struct hd_type *t = hd_type_of(o);
    hd_value m = hd_type_lookup(t, name);
    return m == HD_ABSENT ? m : bind(m, o, hd_obj(t));
}

bool hd_is_method_like(hd_value f) { return hd_type_of(f)->flags & HD_TF_METHOD_DESCRIPTOR; }

hd_value hd_getattr_method(hd_value o, hd_value name, hd_value *self)
{
    struct hd_type *t = hd_type_of(o);
    *self = HD_UNBOUND;
    if (!(t->flags & HD_TF_DEFAULT_GETATTR)) return hd_getattr(o, name);
    hd_value descr = hd_type_lookup(t, name);
    if (descr == HD_ABSENT || !hd_is_method_like(descr)) return hd_getattr(o, name);
    hd_value v = own_attribute(o, t, name);
    if (v != HD_ABSENT) return v;
    *self = o;
    return descr;
}

hd_value hd_super_getattr(struct hd_type *cls, hd_value self, hd_value name, hd_value *bound_self)
{
    struct hd_type *st = hd_is_type(self) && hd_subtype(HD_TYPE(self), cls) ? HD_TYPE(self) : hd_type_of(self);
    hd_value obj = hd_obj(st) == self ? HD_ABSENT : self;
    const struct hd_tuple *m = st->mro;
    if (bound_self) *bound_self = HD_UNBOUND;
    int64_t i = 0, n = m ? m->len : 0;
    while (i < n && m->item[i] != hd_obj(cls)) i++;
    for (i++; i < n; i++) {
        hd_value v = hd_dict_get_str(hd_obj(HD_TYPE(m->item[i])->dict), name);
        if (v == HD_ABSENT) continue;
        if (bound_self && obj != HD_ABSENT && hd_is_method_like(v)) {
            *bound_self = obj;
            return v;
        }
        return bind(v, obj, hd_obj(st));
    }
    hd_value own = hd_type_lookup(&hd_super_type, name);       /* of the super object itself */
    if (own != HD_ABSENT) {
        hd_value s = hd_callv(hd_obj(&hd_super_type), hd_obj(cls), self);
        return s == HD_ERR ? s : hd_generic_getattr(s, name);
    }
    hd_value msg = hd_str_format("'super' object has no attribute '%U'", name);
    return msg == HD_ERR ? msg : hd_raise_attribute(msg, name, self);
}

/* ---- for inline caches --------------------------------------------------------------------------------------------------------------- */
static uint32_t own_shape(hd_value o)
{
    struct hd_inst *p = hd_ptr(o);
    return (uint32_t)stm_read(&p->head.w, &p->head.h);
}

void hd_attr_find(hd_value o, hd_value name, struct hd_attr_where *out)
{
    struct hd_type *t = hd_type_of(o);
    bool stable = false;
    *out = (struct hd_attr_where){ .kind = HD_ATTR_GENERIC, .value = HD_ABSENT };
    if (!(t->flags & HD_TF_DEFAULT_GETATTR) && t->op.getattr != hd_slot_getattr) return;
    if (t->op.getattr == hd_slot_getattr) {    /* __getattribute__ may be inherited from another static type */
        hd_value w = hd_type_lookup(t, hd_s___getattribute__);
        if (!hd_is_shape(w, HD_SHAPE_WRAPPERDESCR) || ((struct hd_wrapper *)hd_ptr(w))->fn != (void *)hd_generic_getattr) return;
    }
    hd_value descr = hd_type_lookup_stable(t, name, &stable);
    out->stable = stable;
    struct hd_type *dt = descr == HD_ABSENT ? NULL : hd_type_of(descr);
    if (dt && dt->op.descr_set && dt->op.descr_get) {
        out->value = descr;
        if (dt == &hd_property_type) out->kind = HD_ATTR_PROPERTY;
        else if (dt == &hd_memberdescr_type) {
            const struct hd_member_descr *m = hd_ptr(descr);
            if (m->boxed || m->def || !hd_subtype(t, m->owner)) out->kind = HD_ATTR_DESCR;
            else out->kind = HD_ATTR_MEMBER, out->offset = m->offset;
        } else out->kind = HD_ATTR_DESCR;
        return;
    }
    if (t->dict_offset) return;
    if (t->flags & HD_TF_HAS_DICT) {
        if (t->flags & HD_TF_IMMUTABLE_LAYOUT) return;
        uint32_t shape = own_shape(o);
        if (hd_shapes[shape].flags & HD_SHAPE_DICTMODE) return;
        uint32_t node = hd_shape_find(shape, name);
        if (node) {
            const struct hd_shape *n = &hd_shapes[node];
            out->kind = n->offset ? HD_ATTR_SLOT : HD_ATTR_OVERFLOW;
            out->offset = n->offset ? n->offset : n->index - n->capacity;
            return;
        }
    }
    if (descr == HD_ABSENT) {
        out->kind = HD_ATTR_MISSING;
        if (t->op.getattr == hd_slot_getattr) {
            bool more;
            out->value = hd_type_lookup_stable(t, hd_s___getattr__, &more);
            out->stable &= more;
        }
        return;
    }
    out->value = descr;
    if (dt->flags & HD_TF_METHOD_DESCRIPTOR) out->kind = HD_ATTR_METHOD;
    else out->kind = dt->op.descr_get ? HD_ATTR_DESCR : HD_ATTR_CLASS;
}

void hd_store_find(hd_value o, hd_value name, struct hd_store_where *out)
{
    struct hd_type *t = hd_type_of(o);
    *out = (struct hd_store_where){ .kind = HD_STORE_GENERIC };
    if (!(t->flags & HD_TF_DEFAULT_SETATTR)) return;
    hd_value descr = hd_type_lookup_stable(t, name, &out->stable);
    if (descr != HD_ABSENT && is_data(descr)) {
        if (!hd_is_shape(descr, HD_SHAPE_MEMBERDESCR)) return;
        const struct hd_member_descr *m = hd_ptr(descr);
        if (m->boxed || m->def || !hd_subtype(t, m->owner)) return;
        out->kind = HD_STORE_SLOT, out->offset = m->offset;
        return;
    }
    if (!(t->flags & HD_TF_HAS_DICT) || t->flags & HD_TF_IMMUTABLE_LAYOUT) return;
    uint32_t shape = own_shape(o);
    if (hd_shapes[shape].flags & HD_SHAPE_DICTMODE) return;
    uint32_t node = hd_shape_find(shape, name);
    if (node) {
        const struct hd_shape *n = &hd_shapes[node];
        out->kind = n->offset ? HD_STORE_SLOT : HD_STORE_OVERFLOW;
        out->offset = n->offset ? n->offset : n->index - n->capacity;
        return;
    }
    uint32_t to = hd_shape_add(shape, name);
    if (to && hd_shapes[to].offset) out->kind = HD_STORE_ADD, out->offset = hd_shapes[to].offset, out->new_shape = to;
}
