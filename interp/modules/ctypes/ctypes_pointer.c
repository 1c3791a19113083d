/* Pointers. */
#include <string.h>
#include "interp/core/attr.h"
#include "interp/core/names.h"
#include "interp/modules/ctypes/ctypes_internal.h"
#include "interp/types/bytes.h"

/* ---- the metaclass --------------------------------------------------------------------------------------------------------------- */
/* What the pointers of this type point to; HD_ABSENT: not known yet. */
static int set_target(hd_value type, hd_value proto)
{
    if (!((struct ct_class *)hd_ptr(type))->holder) {
        (void)hd_raise(&hd_exc_TypeError, "abstract class");
        return -1;
    }
    struct ct_info *i = ct_info_new(ct_info_of(type), CT_POINTER);
    if (!i) return -1;
    i->size = sizeof(void *), i->align = _Alignof(void *), i->length = 1;
    i->flags |= CT_IS_POINTER;
    i->proto = proto;
    i->format = hd_intern("&B");
    if (proto != HD_ABSENT) {
        if (!ct_is_type(proto)) {
            (void)hd_raise(&hd_exc_TypeError, "_type_ must have storage info");
            return -1;
        }
        hd_value format = ct_info_of(proto) ? ct_format_of(proto) : hd_intern("B");
        if (format == HD_ERR || (i->format = hd_str_format("&%U", HD_STR(format)->len ? format : hd_intern("B"))) == HD_ERR) return -1;
    }
    ct_class_set_info(type, i);
    return 0;
}
static hd_value meta_make(hd_value meta, const hd_value *args, size_t nargs, hd_value kwnames)
{
    hd_value t = ct_class_make(meta, args, nargs, kwnames);
    if (t == HD_ERR) return t;
    hd_value proto = nargs == 3 ? hd_dict_get_c(args[2], "_type_") : HD_ABSENT;
    return set_target(t, proto) < 0 ? HD_ERR : t;
}
static hd_value meta_set_type(CT_ARGS)
{
    return set_target(self, args[0]) < 0 || hd_type_setattr(self, hd_intern("_type_"), args[0]) < 0 ? HD_ERR : HD_NONE;
}
static hd_value pointer_from_param(CT_ARGS)
{
    const struct ct_info *i = ct_info_of(self);
    hd_value v = args[0];
    if (v == HD_NONE) return v;
    if (!i || i->proto == HD_ABSENT) return hd_raise(&hd_exc_TypeError, "abstract class");
    int is = hd_isinstance(v, i->proto);
    if (is < 0) return HD_ERR;
    if (is && ct_is_data(v)) return ct_arg_pointer(ct_address(v), v);
    if (ct_is_data(v) && (hd_subtype(hd_type_of(v), &ct_pointer.t) || hd_subtype(hd_type_of(v), &ct_array.t))) {
        const struct ct_info *of = ct_object_info(v);
        is = of && of->proto != HD_ABSENT ? hd_issubclass(of->proto, i->proto) : 0;
        if (is) return is < 0 ? HD_ERR : v;
    }
    return ct_from_param(self, v);
}
static const struct hd_methoddef meta_methods[] = {
    { "from_param", pointer_from_param, 1, 1, 0, "Convert a Python object into a function call parameter." },
    { "set_type", meta_set_type, 1, 1, 0, "Set the type that the pointers point to." }, { 0 }
};
struct hd_type ct_pointer_meta = {
    .cname = "_ctypes.PyCPointerType", .base = &ct_meta, .flags = HD_TF_BASETYPE, .doc = "metatype for the Pointer Objects", .methods = meta_methods,
    .op = { .make = meta_make },
};

/* ---- objects ------------------------------------------------------------------------------------------------------------------------ */
static void *target(hd_value self)
{
    void *p;
    ct_load(self, ct_address(self), &p, sizeof p);
    return p;
}
/* What p points to belongs to nobody here; the pointer keeps what it was made of. */
static hd_value part_at(hd_value self, hd_value type, int64_t index, void *p)
{
    hd_value v = ct_part_of(type, self, index, p);
    if (v == HD_ERR) return v;
    HD_INIT(CDATA(v), memory, HD_UNBOUND);
    CDATA(v)->lender = 0;
    return v;
}
static hd_value get_contents(hd_value self, void *closure)
{
    void *p = target(self);
    if (!p) return hd_raise(&hd_exc_ValueError, "NULL pointer access");
    hd_value type = ct_object_info(self)->proto;
    if (type == HD_ABSENT) return hd_raise(&hd_exc_TypeError, "Cannot create instance: has no _type_");
    return ct_is_type(type) ? part_at(self, type, 0, p) : hd_raise(&hd_exc_TypeError, "abstract class");
}
static int set_contents(hd_value self, hd_value v, void *closure)
{
    if (v == HD_ABSENT) {
        (void)hd_raise(&hd_exc_TypeError, "Pointer does not support item deletion");
        return -1;
    }
    const struct ct_info *i = ct_object_info(self);
    if (i->proto == HD_ABSENT) {
        (void)hd_raise(&hd_exc_TypeError, "Cannot set contents: has no _type_");
        return -1;
    }
    if (!ct_is_data(v)) {                      /* any C object will do, as it does in CPython */
        (void)hd_raise(&hd_exc_TypeError, "expected %N instead of %T", HD_TYPE(i->proto), v);
        return -1;
    }
    void *p = ct_address(v);
    ct_store(self, ct_address(self), &p, sizeof p);
    if (ct_keep(self, 1, v) < 0) return -1;
    hd_value kept = ct_kept(v);
    return kept == HD_ERR ? -1 : ct_keep(self, 0, kept);
}
static hd_value pointer_make(hd_value type, const hd_value *args, size_t nargs, hd_value kwnames)
{
    const struct ct_info *i = ct_info_of(type);
    if (!i || i->proto == HD_ABSENT) return hd_raise(&hd_exc_TypeError, "Cannot create instance: has no _type_");
    return ct_new(type);
}
static int pointer_init(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
{
    if (hd_no_kwargs(hd_type_name(hd_type_of(self)), kwnames) < 0) return -1;
    if (nargs > 1) {
        (void)hd_raise(&hd_exc_TypeError, "POINTER() takes at most 1 argument (%zu given)", nargs);
        return -1;
    }
    return nargs ? set_contents(self, args[0], NULL) : 0;
}
static int pointer_bool(hd_value self) { return target(self) != NULL; }

static hd_value foreign_item(hd_value self, int64_t index)
{
    const struct ct_info *i = ct_object_info(self), *item = i->proto == HD_ABSENT ? NULL : ct_info_of(i->proto);
    char *p = target(self);
    if (!p) return hd_raise(&hd_exc_ValueError, "NULL pointer access");
    if (!item) return hd_raise(&hd_exc_TypeError, "abstract class");
    p += index * item->size;
    if (item->simple && !ct_is_simple_subclass(i->proto)) {
        char bytes[16];
        memcpy(bytes, p, item->simple->size);
        return item->simple->get(bytes);
    }
    return part_at(self, i->proto, index, p);
}
static hd_value pointer_getitem(hd_value self, hd_value key)
{
    const struct ct_info *i = ct_object_info(self);
    int64_t at;
    if (hd_is_int(key) || hd_type_of(key)->op.index) return hd_as_i64(key, &at) < 0 ? HD_ERR : foreign_item(self, at);
    if (!hd_is_shape(key, HD_SHAPE_SLICE)) return hd_raise(&hd_exc_TypeError, "Pointer indices must be integer");
    const struct hd_slice *s = hd_ptr(key);
    int64_t start = 0, stop, step = 1;
    if (s->step != HD_NONE && hd_as_index(s->step, &step) < 0) return HD_ERR;
    if (!step) return hd_raise(&hd_exc_ValueError, "slice step cannot be zero");
    if (s->start != HD_NONE) {
        if (hd_as_index(s->start, &start) < 0) return HD_ERR;
    } else if (step < 0) return hd_raise(&hd_exc_ValueError, "slice start is required for step < 0");
    if (s->stop == HD_NONE) return hd_raise(&hd_exc_ValueError, "slice stop is required");
    if (hd_as_index(s->stop, &stop) < 0) return HD_ERR;
    uint64_t size_of_step = step > 0 ? (uint64_t)step : -(uint64_t)step, span = step > 0 ? (uint64_t)stop - (uint64_t)start : (uint64_t)start - (uint64_t)stop;
    uint64_t count = (step > 0 ? stop > start : stop < start) ? (span - 1) / size_of_step + 1 : 0;
    if (count > UINT64_C(1) << 44) return hd_no_memory();
    int64_t n = (int64_t)count;
    const struct ct_info *item = i->proto == HD_ABSENT ? NULL : ct_info_of(i->proto);
    char code = item && item->simple ? item->simple->code : 0;
    char *p = target(self);
    if (n && !p) return hd_raise(&hd_exc_ValueError, "NULL pointer access");
    if (code == 'c' || code == 'u') {
        size_t size = item->size;
        char *copy = hd_scratch((size_t)n * size + 4);
        if (!copy) return HD_ERR;
        for (int64_t k = 0; k < n; k++) memcpy(copy + k * (int64_t)size, p + (start + k * step) * (int64_t)size, size);
        return code == 'c' ? hd_bytes_new(copy, (size_t)n) : hd_str_ucs4((const uint32_t *)(void *)copy, (size_t)n);
    }
    hd_value list = hd_list_new((size_t)n);
    for (int64_t k = 0; k < n && list != HD_ERR; k++) {
        hd_value v = foreign_item(self, start + k * step);
        if (v == HD_ERR || hd_list_append(list, v) < 0) return HD_ERR;
    }
    return list;
}
static int pointer_setitem(hd_value self, hd_value key, hd_value v)
{
    const struct ct_info *i = ct_object_info(self), *item = i->proto == HD_ABSENT ? NULL : ct_info_of(i->proto);
    int64_t at;
    if (v == HD_ABSENT) {
        (void)hd_raise(&hd_exc_TypeError, "Pointer does not support item deletion");
        return -1;
    }
    if (hd_as_i64(key, &at) < 0) return -1;
    char *p = target(self);
    if (!p || !item) {
        (void)hd_raise(p ? &hd_exc_TypeError : &hd_exc_ValueError, p ? "abstract class" : "NULL pointer access");
        return -1;
    }
    stm_become_irrevocable();
    return ct_set(self, i->proto, v, at, p + at * item->size, NULL);
}
static const struct hd_getsetdef getsets[] = { { "contents", get_contents, set_contents, "the object this pointer points to (read-write)", NULL }, { 0 } };
struct ct_class ct_pointer = { .t = {
    .cname = "_ctypes._Pointer", .base = &ct_data.t, .flags = HD_TF_BASETYPE, .doc = "Base of pointers.", .getsets = getsets,
    .op = { .make = pointer_make, .init = pointer_init, .boolean = pointer_bool, .getitem = pointer_getitem, .setitem = pointer_setitem },
} };
