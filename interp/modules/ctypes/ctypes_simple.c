/* Simple types: _SimpleCData, its metaclass, and their rules for parameters. */
#include <string.h>
#include "interp/core/attr.h"
#include "interp/core/names.h"
#include "interp/modules/ctypes/ctypes_internal.h"
#include "interp/types/bytes.h"

static const struct ct_simple *simple_of(hd_value type)
{
    const struct ct_info *i = ct_info_of(type);
    return i ? i->simple : NULL;
}

/* ---- the metaclass -------------------------------------------------------------------------------------------------------------- */
static int set_info(hd_value type, const struct ct_simple *s)
{
    struct ct_info *i = ct_info_new(NULL, CT_SIMPLE);
    if (!i) return -1;
    i->simple = s;
    i->size = s->size, i->align = s->ffi->alignment;
    if (strchr("zZP", s->code)) i->flags |= CT_IS_POINTER;
    if (s->code == 'O') i->flags |= CT_HAS_POINTER;
    char format[3] = { s->swapped ? '>' : '<', s->format };
    if ((i->format = hd_intern(format)) == HD_ERR) return -1;
    ct_class_set_info(type, i);
    return 0;
}
/* The same type in the other byte order, and the attributes that lead from one to the other. */
static int add_swapped(hd_value meta, hd_value type, const hd_value *args, const struct ct_simple *s)
{
    hd_value ns = hd_dict_copy(args[2]), big;
    if (ns == HD_ERR) return -1;
    hd_value a[] = { args[0], args[1], ns };
    if ((big = ct_class_make(meta, a, 3, 0)) == HD_ERR || set_info(big, s) < 0) return -1;
    hd_value both[] = { type, big };
    for (int k = 0; k < 2; k++)
        if (hd_type_setattr(both[k], hd_intern("__ctype_le__"), type) < 0 || hd_type_setattr(both[k], hd_intern("__ctype_be__"), big) < 0) return -1;
    return 0;
}
static hd_value meta_make(hd_value meta, const hd_value *args, size_t nargs, hd_value kwnames)
{
    hd_value t = ct_class_make(meta, args, nargs, kwnames);
    if (t == HD_ERR) return t;
    hd_value code = ct_class_attr(t, "_type_");
    if (code == HD_ABSENT) return hd_raise(&hd_exc_AttributeError, "class must define a '_type_' attribute");
    if (!hd_is_str(code)) return hd_raise(&hd_exc_TypeError, "class must define a '_type_' string attribute");
    if (HD_STR(code)->len != 1) return hd_raise(&hd_exc_ValueError, "class must define a '_type_' attribute which must be a string of length 1");
    uint32_t c = hd_str_at(code, 0);
    const struct ct_simple *s = c && c < 128 ? ct_simple_find((char)c, false) : NULL;
    if (!s) return hd_raise(&hd_exc_AttributeError, "class must define a '_type_' attribute which must be\na single character string containing one of '%s'.", ct_simple_codes);
    if (set_info(t, s) < 0) return HD_ERR;
    const struct ct_simple *swapped = ct_simple_find(s->code, true);
    if (meta == hd_obj(&ct_simple_meta) && HD_TYPE(t)->base == &ct_simple_class.t && swapped && add_swapped(meta, t, args, swapped) < 0) return HD_ERR;
    return t;
}

/* ---- parameters -------------------------------------------------------------------------------------------------------------------- */
static hd_value convert(const struct ct_simple *s, hd_value v)
{
    char bytes[16];
    hd_value keep = s->set(bytes, v);
    return keep == HD_ERR ? keep : ct_arg_new(s->code, s->ffi, bytes, s->size, keep);
}
/* What may stand for a pointer besides what its setter takes; HD_ABSENT: v may not. */
static hd_value as_pointer(hd_value type, const struct ct_simple *s, hd_value v)
{
    bool is_void = s->code == 'P', wide = s->code == 'Z';
    if (v == HD_NONE) return HD_NONE;
    if (is_void && hd_is_int(v)) return convert(s, v);
    if (!wide && hd_is_bytes(v)) return convert(ct_simple_find('z', false), v);
    if ((wide || is_void) && hd_is_str(v)) return convert(ct_simple_find('Z', false), v);
    int is = hd_isinstance(v, type);
    if (is) return is < 0 ? HD_ERR : v;
    if (ct_is_data(v)) {
        const struct ct_info *i = ct_object_info(v), *item = i && i->proto != HD_ABSENT ? ct_info_of(i->proto) : NULL;
        if (i && (i->kind == CT_ARRAY || i->kind == CT_POINTER)) {
            if (is_void) return v;
            if (item && item->simple && item->simple->code == (wide ? 'u' : 'c')) return v;
        }
        if (is_void && i && i->kind == CT_FUNCTION) return ct_arg_pointer(*(void **)(void *)ct_address(v), v);
        if (is_void && i && i->simple && (i->simple->code == 'z' || i->simple->code == 'Z')) {
            void *p;
            ct_load(v, ct_address(v), &p, sizeof p);
            return ct_arg_new('Z', &ffi_type_pointer, &p, sizeof p, v);
        }
    }
    if (ct_is_arg(v)) {
        const struct carg *a = hd_ptr(v);
        if (is_void && a->tag == 'P') return v;
        if (!is_void && a->object != HD_NONE) {
            const struct ct_info *i = ct_info_of(ct_type_of(a->object));
            if (i && i->simple && i->simple->code == (wide ? 'u' : 'c')) return v;
        }
    }
    return HD_ABSENT;
}
static hd_value simple_from_param(CT_ARGS)
{
    const struct ct_simple *s = simple_of(self);
    hd_value v = args[0], r;
    if (!s) return hd_raise(&hd_exc_TypeError, "abstract class");
    bool pointer = strchr("zZP", s->code) != NULL;
    if (pointer) {
        if ((r = as_pointer(self, s, v)) != HD_ABSENT) return r;
    } else {
        int is = hd_isinstance(v, self);
        if (is) return is < 0 ? HD_ERR : v;
        if ((r = convert(s, v)) != HD_ERR) return r;
        hd_exc_clear();
    }
    hd_value inner = ct_as_parameter(v);
    if (inner == HD_ERR) return inner;
    if (inner == HD_ABSENT) return hd_raise(&hd_exc_TypeError, "wrong type");
    if (hd_recursion_enter(" while processing _as_parameter_") < 0) return HD_ERR;
    r = simple_from_param(self, &inner, 1, 0);
    hd_recursion_leave();
    return r;
}
static const struct hd_methoddef meta_methods[] = { { "from_param", simple_from_param, 1, 1, 0, "Convert a Python object into a function call parameter." }, { 0 } };
struct hd_type ct_simple_meta = {
    .cname = "_ctypes.PyCSimpleType", .base = &ct_meta, .flags = HD_TF_BASETYPE, .doc = "metatype for the PyCSimpleType Objects", .methods = meta_methods,
    .op = { .make = meta_make },
};

/* ---- objects --------------------------------------------------------------------------------------------------------------------------- */
static hd_value get_value(hd_value self, void *closure)
{
    const struct ct_simple *s = ct_object_info(self)->simple;
    char bytes[16];
    ct_load(self, ct_address(self), bytes, s->size);
    return s->get(bytes);
}
static int set_value(hd_value self, hd_value v, void *closure)
{
    if (v == HD_ABSENT) {
        (void)hd_raise(&hd_exc_TypeError, "can't delete attribute");
        return -1;
    }
    char bytes[16];
    const struct ct_simple *s = ct_object_info(self)->simple;
    hd_value keep = s->set(bytes, v);
    if (keep == HD_ERR) return -1;
    ct_store(self, ct_address(self), bytes, s->size);
    return ct_keep(self, 0, keep);
}
static int simple_init(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
{
    if (hd_no_kwargs(hd_type_name(hd_type_of(self)), kwnames) < 0) return -1;
    if (nargs > 1) {
        (void)hd_raise(&hd_exc_TypeError, "__init__ expected at most 1 argument, got %zu", nargs);
        return -1;
    }
    return nargs ? set_value(self, args[0], NULL) : 0;
}
static int simple_bool(hd_value self)
{
    char bytes[16];
    size_t n = (size_t)HD_GET(CDATA(self), size);
    if (n > sizeof bytes) n = sizeof bytes;
    ct_load(self, ct_address(self), bytes, n);
    for (size_t i = 0; i < n; i++)
        if (bytes[i]) return 1;
    return 0;
}
static hd_value simple_repr(hd_value self)
{
    if (hd_type_of(self)->base != &ct_simple_class.t) return ct_repr_address("object", self);
    hd_value v = get_value(self, NULL);
    return v == HD_ERR ? v : hd_str_format("%s(%R)", hd_type_short_name(hd_type_of(self)), v);
}
static hd_value simple_outparam(CT_ARGS) { return ct_is_simple_subclass(ct_type_of(self)) ? self : get_value(self, NULL); }
static const struct hd_methoddef methods[] = { { "__ctypes_from_outparam__", simple_outparam, 0, 0, 0, NULL }, { 0 } };
static const struct hd_getsetdef getsets[] = { { "value", get_value, set_value, "current value", NULL }, { 0 } };
struct ct_class ct_simple_class = { .t = {
    .cname = "_ctypes._SimpleCData", .base = &ct_data.t, .flags = HD_TF_BASETYPE, .doc = "Base of the simple types of C.", .methods = methods, .getsets = getsets,
    .op = { .make = ct_make_plain, .init = simple_init, .boolean = simple_bool, .repr = simple_repr },
} };
