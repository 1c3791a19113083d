/* Owns isinstance and issubclass with their hooks. */
#include "interp/core/attr.h"
#include "interp/types/objects.h"

/* cls.__bases__ as a tuple; HD_ABSENT: none. */
static hd_value bases_of(hd_value cls)
{
    hd_value b = hd_getattr_opt(cls, hd_s___bases__);
    return b == HD_ERR || b == HD_ABSENT || hd_is_tuple(b) ? b : HD_ABSENT;
}

static int check_class(hd_value cls, const char *message)
{
    hd_value b = bases_of(cls);
    if (b == HD_ABSENT) (void)hd_raise(&hd_exc_TypeError, "%s", message);
    return b == HD_ERR || b == HD_ABSENT ? -1 : 0;
}

/* For things that only look like classes: a walk along __bases__. */
static int abstract_subclass(hd_value c, hd_value cls)
{
    for (;;) {
        if (c == cls) return 1;
        hd_value b = bases_of(c);
        if (b == HD_ERR) return -1;
        if (b == HD_ABSENT || !HD_TUPLE(b)->len) return 0;
        if (HD_TUPLE(b)->len > 1) {
            if (hd_recursion_enter(" in __issubclass__") < 0) return -1;
            int r = 0;
            for (int64_t i = 0; i < HD_TUPLE(b)->len && r == 0; i++) r = abstract_subclass(HD_TUPLE(b)->item[i], cls);
            hd_recursion_leave();
            return r;
        }
        c = HD_TUPLE(b)->item[0];
    }
}

/* type.__subclasscheck__ */
int hd_real_subclass(hd_value c, hd_value cls)
{
    if (hd_is_type(c) && hd_is_type(cls)) return hd_subtype(HD_TYPE(c), HD_TYPE(cls));
    if (check_class(c, "issubclass() arg 1 must be a class") < 0) return -1;
    if (check_class(cls, "issubclass() arg 2 must be a class, a tuple of classes, or a union") < 0) return -1;
    return abstract_subclass(c, cls);
}

/* type.__instancecheck__ */
int hd_real_instance(hd_value o, hd_value cls)
{
    if (hd_is_type(cls)) {
        struct hd_type *t = hd_type_of(o);
        if (hd_subtype(t, HD_TYPE(cls))) return 1;
        if (t->flags & HD_TF_DEFAULT_GETATTR && hd_type_lookup(t, hd_s___class__) == hd_type_lookup(&hd_object_type, hd_s___class__)) return 0;
        hd_value c = hd_getattr_opt(o, hd_s___class__);
        if (c == HD_ERR) return -1;
        return c != HD_ABSENT && c != hd_obj(t) && hd_is_type(c) ? hd_subtype(HD_TYPE(c), HD_TYPE(cls)) : 0;
    }
    if (check_class(cls, "isinstance() arg 2 must be a type, a tuple of types, or a union") < 0) return -1;
    hd_value c = hd_getattr_opt(o, hd_s___class__);
    if (c == HD_ERR) return -1;
    return c == HD_ABSENT ? 0 : abstract_subclass(c, cls);
}

static int check(hd_value o, hd_value cls, hd_value hook, int (*real)(hd_value, hd_value), const char *where,
                 int (*again)(hd_value, hd_value))
{
    if (hd_is_shape(cls, HD_SHAPE_TYPE)) return real(o, cls);
    if (hd_is_shape(cls, HD_SHAPE_UNION)) cls = ((struct hd_union *)hd_ptr(cls))->args;
    if (hd_is_tuple(cls)) {
        if (hd_recursion_enter(where) < 0) return -1;
        int r = 0;
        for (int64_t i = 0; i < HD_TUPLE(cls)->len && r == 0; i++) r = again(o, HD_TUPLE(cls)->item[i]);
        hd_recursion_leave();
        return r;
    }
    hd_value m = hd_special(cls, hook);
    if (m == HD_ERR) return -1;
    if (m == HD_ABSENT) return real(o, cls);
    if (hd_recursion_enter(where) < 0) return -1;
    hd_value r = hd_callv(m, o);
    hd_recursion_leave();
    return r == HD_ERR ? -1 : hd_truth(r);
}

int hd_isinstance(hd_value o, hd_value cls)
{
    if (hd_obj(hd_type_of(o)) == cls) return 1;
    if (hd_is_shape(cls, HD_SHAPE_UNION)) {
        const struct hd_tuple *args = HD_TUPLE(((struct hd_union *)hd_ptr(cls))->args);
        for (int64_t i = 0; i < args->len; i++) {
            if (!hd_is_type(args->item[i])) {
                (void)hd_raise(&hd_exc_TypeError, "isinstance() argument 2 cannot be a parameterized generic");
                return -1;
            }
            int r = hd_isinstance(o, args->item[i]);
            if (r) return r;
        }
        return 0;
    }
    return check(o, cls, hd_s___instancecheck__, hd_real_instance, " in __instancecheck__", hd_isinstance);
}

int hd_issubclass(hd_value c, hd_value cls)
{
    if (hd_is_shape(cls, HD_SHAPE_UNION)) {
        const struct hd_tuple *args = HD_TUPLE(((struct hd_union *)hd_ptr(cls))->args);
        for (int64_t i = 0; i < args->len; i++) {
            if (!hd_is_type(args->item[i])) {
                (void)hd_raise(&hd_exc_TypeError, "issubclass() argument 2 cannot be a parameterized generic");
                return -1;
            }
            int r = hd_issubclass(c, args->item[i]);
            if (r) return r;
        }
        return 0;
    }
    return check(c, cls, hd_s___subclasscheck__, hd_real_subclass, " in __subclasscheck__", hd_issubclass);
}
