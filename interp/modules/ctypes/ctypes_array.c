/* Arrays. */
#include <string.h>
#include <wchar.h>
#include "interp/core/attr.h"
#include "interp/core/names.h"
#include "interp/modules/ctypes/ctypes_internal.h"
#include "interp/types/bytes.h"
#include "interp/types/objects.h"

/* ---- arrays of characters -------------------------------------------------------------------------------------------------------- */
static int no_delete(hd_value v)
{
    if (v != HD_ABSENT) return 0;
    (void)hd_raise(&hd_exc_AttributeError, "cannot delete attribute");
    return -1;
}
static hd_value get_raw(hd_value self, void *closure)
{
    size_t n = (size_t)HD_GET(CDATA(self), size);
    hd_value b = hd_bytes_new(NULL, n);
    if (b != HD_ERR) ct_load(self, ct_address(self), HD_BYTES(b)->data, n);
    return b;
}
static int set_raw(hd_value self, hd_value v, void *closure)
{
    if (no_delete(v) < 0) return -1;
    hd_value b = hd_bytes_fixed(v);
    if (b == HD_ERR) return -1;
    if (HD_BYTES(b)->len > HD_GET(CDATA(self), size)) {
        (void)hd_raise(&hd_exc_ValueError, "byte string too long");
        return -1;
    }
    ct_store(self, ct_address(self), HD_BYTES(b)->data, (size_t)HD_BYTES(b)->len);
    return 0;
}
static hd_value get_chars(hd_value self, void *closure)
{
    hd_value b = get_raw(self, NULL);
    if (b == HD_ERR) return b;
    size_t n = strnlen((const char *)HD_BYTES(b)->data, (size_t)HD_BYTES(b)->len);
    return hd_bytes_new(HD_BYTES(b)->data, n);
}
static int set_chars(hd_value self, hd_value v, void *closure)
{
    if (v == HD_ABSENT) {
        (void)hd_raise(&hd_exc_TypeError, "can't delete attribute");
        return -1;
    }
    if (!hd_is_bytes(v)) {
        (void)hd_raise(&hd_exc_TypeError, "bytes expected instead of %T instance", v);
        return -1;
    }
    int64_t n = HD_BYTES(v)->len, room = HD_GET(CDATA(self), size);
    if (n > room) {
        (void)hd_raise(&hd_exc_ValueError, "byte string too long");
        return -1;
    }
    ct_store(self, ct_address(self), HD_BYTES(v)->data, (size_t)(n < room ? n + 1 : n));      /* with the 0 behind it */
    return 0;
}
static hd_value get_wide(hd_value self, void *closure)
{
    hd_value b = get_raw(self, NULL);
    if (b == HD_ERR) return b;
    const wchar_t *s = (const wchar_t *)(const void *)HD_BYTES(b)->data;
    return hd_str_ucs4((const uint32_t *)s, wcsnlen(s, (size_t)HD_BYTES(b)->len / 4));
}
static int set_wide(hd_value self, hd_value v, void *closure)
{
    if (v == HD_ABSENT) {
        (void)hd_raise(&hd_exc_TypeError, "can't delete attribute");
        return -1;
    }
    if (!hd_is_str(v)) {
        (void)hd_raise(&hd_exc_TypeError, "unicode string expected instead of %T instance", v);
        return -1;
    }
    int64_t n = HD_STR(v)->len, room = HD_GET(CDATA(self), size) / 4;
    if (n > room) {
        (void)hd_raise(&hd_exc_ValueError, "string too long");
        return -1;
    }
    uint32_t *p = hd_scratch(4 * (size_t)(n + 1));
    if (!p) return -1;
    for (int64_t i = 0; i < n; i++) p[i] = hd_str_at(v, i);
    p[n] = 0;
    ct_store(self, ct_address(self), p, 4 * (size_t)(n < room ? n + 1 : n));
    return 0;
}
static const struct hd_getsetdef raw_getset = { "raw", get_raw, set_raw, "value", NULL }, value_getset = { "value", get_chars, set_chars, "string value", NULL },
                                 wide_getset = { "value", get_wide, set_wide, "string value", NULL };

/* ---- the metaclass ------------------------------------------------------------------------------------------------------------------- */
static int add(hd_value type, const struct hd_getsetdef *g)
{
    hd_value d = hd_getset_descr_new(HD_TYPE(type), g);
    return d == HD_ERR ? -1 : hd_type_setattr(type, hd_intern(g->name), d);
}
static hd_value meta_make(hd_value meta, const hd_value *args, size_t nargs, hd_value kwnames)
{
    hd_value t = ct_class_make(meta, args, nargs, kwnames);
    if (t == HD_ERR) return t;
    hd_value length = ct_class_attr(t, "_length_"), item = ct_class_attr(t, "_type_");
    if (length == HD_ABSENT) return hd_raise(&hd_exc_AttributeError, "class must define a '_length_' attribute");
    if (!hd_is_int(length)) return hd_raise(&hd_exc_TypeError, "The '_length_' attribute must be an integer");
    if (hd_int_sign(length) < 0) return hd_raise(&hd_exc_ValueError, "The '_length_' attribute must not be negative");
    int64_t n, size;
    if (hd_as_i64(length, &n) < 0) return hd_raise_from_pending(&hd_exc_OverflowError, "The '_length_' attribute is too large");
    if (item == HD_ABSENT) return hd_raise(&hd_exc_AttributeError, "class must define a '_type_' attribute");
    const struct ct_info *of = ct_info_of(item);
    if (!of) return hd_raise(&hd_exc_TypeError, "_type_ must have storage info");
    if (__builtin_mul_overflow(n, of->size, &size)) return hd_raise(&hd_exc_OverflowError, "array too large");
    struct ct_info *i = ct_info_new(NULL, CT_ARRAY);
    if (!i) return HD_ERR;
    i->size = size, i->align = of->align, i->length = n, i->proto = item, i->format = of->format;
    i->flags = of->flags & (CT_HAS_UNION | CT_HAS_BITFIELD | CT_HAS_POINTER);
    if (of->flags & CT_IS_POINTER) i->flags |= CT_HAS_POINTER;
    if (ct_make_final(item) < 0) return HD_ERR;
    ct_class_set_info(t, i);
    if (of->simple && of->simple->code == 'c' && (add(t, &raw_getset) < 0 || add(t, &value_getset) < 0)) return HD_ERR;
    if (of->simple && of->simple->code == 'u' && add(t, &wide_getset) < 0) return HD_ERR;
    return t;
}
struct hd_type ct_array_meta = {
    .cname = "_ctypes.PyCArrayType", .base = &ct_meta, .flags = HD_TF_BASETYPE, .doc = "metatype for the Array Objects", .op = { .make = meta_make },
};

/* ---- objects -------------------------------------------------------------------------------------------------------------------------- */
/* The items that there is memory for: another class may have been assigned to __class__. */
static int64_t array_len(hd_value self)
{
    const struct ct_info *a = ct_object_info(self), *item = ct_info_of(a->proto);
    int64_t room = HD_GET(CDATA(self), size);
    return a->size <= room || !item->size ? a->length : room / item->size;
}
static hd_value item_at(hd_value self, int64_t i)
{
    const struct ct_info *a = ct_object_info(self);
    if (i < 0 || i >= array_len(self)) return hd_raise(&hd_exc_IndexError, "invalid index");
    const struct ct_info *item = ct_info_of(a->proto);
    return ct_get(a->proto, self, i, ct_address(self) + i * item->size);
}
/* Items of n steps as a list, or as the bytes or str that characters make. */
hd_value ct_slice_value(hd_value object, hd_value item_type, const char *p, int64_t start, int64_t step, int64_t n)
{
    const struct ct_info *item = ct_info_of(item_type);
    char code = item && item->simple ? item->simple->code : 0;
    if (n < 0) n = 0;
    if (code == 'c') {
        hd_value b = hd_bytes_new(NULL, (size_t)n);
        if (b == HD_ERR) return b;
        if (step == 1 && n) ct_load(object, p + start, HD_BYTES(b)->data, (size_t)n);
        else for (int64_t k = 0; k < n; k++) ct_load(object, p + start + k * step, HD_BYTES(b)->data + k, 1);
        return b;
    }
    if (code == 'u') {
        uint32_t *c = hd_scratch(4 * (size_t)n + 4);
        if (!c) return HD_ERR;
        for (int64_t k = 0; k < n; k++) ct_load(object, p + 4 * (start + k * step), &c[k], 4);
        return hd_str_ucs4(c, (size_t)n);
    }
    hd_value list = hd_list_new((size_t)n);
    for (int64_t k = 0; k < n && list != HD_ERR; k++) {
        int64_t i = start + k * step;
        hd_value v = ct_get(item_type, object, i, (char *)p + i * item->size);
        if (v == HD_ERR || hd_list_append(list, v) < 0) return HD_ERR;
    }
    return list;
}
static int index_of(hd_value key, int64_t *i)
{
    if (hd_as_i64(key, i) < 0) {
        if (hd_exc_is(&hd_exc_OverflowError)) (void)hd_raise(&hd_exc_IndexError, "cannot fit '%T' into an index-sized integer", key);
        return -1;
    }
    return 0;
}
static bool is_index(hd_value k) { return hd_is_int(k) || hd_type_of(k)->op.index; }
static hd_value array_getitem(hd_value self, hd_value key)
{
    const struct ct_info *a = ct_object_info(self);
    int64_t i, stop, step, n;
    if (hd_is_shape(key, HD_SHAPE_SLICE)) {
        if (hd_slice_indices(key, array_len(self), &i, &stop, &step, &n) < 0) return HD_ERR;
        return ct_slice_value(self, a->proto, ct_address(self), i, step, n);
    }
    if (!is_index(key)) return hd_raise(&hd_exc_TypeError, "indices must be integers");
    if (index_of(key, &i) < 0) return HD_ERR;
    return item_at(self, i < 0 ? i + array_len(self) : i);
}
static int set_item(hd_value self, int64_t i, hd_value v)
{
    const struct ct_info *a = ct_object_info(self);
    if (i < 0 || i >= array_len(self)) {
        (void)hd_raise(&hd_exc_IndexError, "invalid index");
        return -1;
    }
    const struct ct_info *item = ct_info_of(a->proto);
    return ct_set(self, a->proto, v, i, ct_address(self) + i * item->size, NULL);
}
static int array_setitem(hd_value self, hd_value key, hd_value v)
{
    int64_t i, stop, step, n;
    if (v == HD_ABSENT) {
        (void)hd_raise(&hd_exc_TypeError, "Array does not support item deletion");
        return -1;
    }
    if (hd_is_shape(key, HD_SHAPE_SLICE)) {
        if (hd_slice_indices(key, array_len(self), &i, &stop, &step, &n) < 0) return -1;
        int64_t given = hd_len(v);
        if (given < 0) return -1;
        if (given != (n < 0 ? 0 : n)) {
            (void)hd_raise(&hd_exc_ValueError, "Can only assign sequence of same size");
            return -1;
        }
        for (int64_t k = 0; k < n; k++) {
            hd_value item = hd_getitem(v, hd_int(k));
            if (item == HD_ERR || set_item(self, i + k * step, item) < 0) return -1;
        }
        return 0;
    }
    if (!is_index(key)) {
        (void)hd_raise(&hd_exc_TypeError, "indices must be integer");
        return -1;
    }
    if (index_of(key, &i) < 0) return -1;
    return set_item(self, i < 0 ? i + array_len(self) : i, v);
}
static int array_init(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
{
    if (hd_no_kwargs(hd_type_name(hd_type_of(self)), kwnames) < 0) return -1;
    for (size_t i = 0; i < nargs; i++)
        if (set_item(self, (int64_t)i, args[i]) < 0) return -1;
    return 0;
}
static hd_value class_getitem(CT_ARGS) { return hd_generic_alias_new(self, args[0]); }
static const struct hd_methoddef methods[] = { { "__class_getitem__", class_getitem, 1, 1, HD_METH_CLASS, "See PEP 585" }, { 0 } };
struct ct_class ct_array = { .t = {
    .cname = "_ctypes.Array", .base = &ct_data.t, .flags = HD_TF_BASETYPE, .doc = "Abstract base class for arrays.", .methods = methods,
    .op = { .make = ct_make_plain, .init = array_init, .length = array_len, .getitem = array_getitem, .setitem = array_setitem },
} };
