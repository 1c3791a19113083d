/* C objects: their memory, what they keep alive, the base class _CData with buffer protocol and pickling.
 *
 * K1: what C memory points to is kept by the outermost object that the memory belongs to, in `objects`: a dict from the path
 *     of the part ("index:index of the containing part:...", in hexadecimal) to the kept object, or, for objects without
 *     parts, the kept object itself. */
#include <stdio.h>
#include <string.h>
#include "interp/core/attr.h"
#include "interp/core/names.h"
#include "interp/modules/ctypes/ctypes_internal.h"
#include "interp/types/bytes.h"

enum { BLOCK_HEAD = 16 };         /* in front of what hd_scratch returns */

void ct_data_trace(void *o, struct gc_marker *m)
{
    struct cdata *d = o;
    gc_mark(m, HD_RAW(d->memory)), gc_mark(m, HD_RAW(d->objects)), gc_mark(m, d->base), gc_mark(m, d->lender);
}

/* ---- making ---------------------------------------------------------------------------------------------------------------------- */
static struct cdata *allocate(hd_value type)
{
    const struct ct_info *i = ct_info_of(type);
    if (!i) {
        (void)hd_raise(&hd_exc_TypeError, "abstract class");
        return NULL;
    }
    if (!(i->flags & CT_FINAL) && ct_make_final(type) < 0) return NULL;
    hd_value v = hd_alloc_instance(HD_TYPE(type), 0);
    if (v == HD_ERR) return NULL;
    struct cdata *d = CDATA(v);
    HD_INIT(d, memory, HD_UNBOUND);
    HD_INIT(d, objects, HD_UNBOUND);
    HD_INIT(d, size, i->size);
    if (i->kind == CT_FUNCTION) {
        struct cfunction *f = (struct cfunction *)d;
        hd_vslot *slots[] = { &f->argtypes, &f->converters, &f->restype, &f->checker, &f->errcheck, &f->paramflags, &f->callable };
        for (size_t k = 0; k < sizeof slots / sizeof *slots; k++) HD_RAW_PUT(*slots[k], HD_UNBOUND);
    }
    return d;
}
int ct_allocate(struct cdata *o, int64_t size)
{
    char *p = hd_scratch((size_t)(size ? size : 1));
    if (!p) return -1;
    memset(p, 0, (size_t)size);
    HD_INIT(o, memory, hd_obj(p - BLOCK_HEAD));
    HD_INIT(o, ptr, p);
    HD_INIT(o, size, size);
    return 0;
}
hd_value ct_new(hd_value type)
{
    struct cdata *d = allocate(type);
    return !d || ct_allocate(d, HD_RAW(d->size)) < 0 ? HD_ERR : hd_obj(d);
}
hd_value ct_new_at(hd_value type, void *address)
{
    struct cdata *d = allocate(type);
    if (!d) return HD_ERR;
    HD_INIT(d, ptr, address);
    return hd_obj(d);
}
hd_value ct_new_copy(hd_value type, const void *data)
{
    struct cdata *d = allocate(type);
    if (!d || ct_allocate(d, HD_RAW(d->size)) < 0) return HD_ERR;
    memcpy(HD_RAW(d->ptr), data, (size_t)HD_RAW(d->size));
    return hd_obj(d);
}
hd_value ct_part_of(hd_value type, hd_value base, int64_t index, void *address)
{
    struct cdata *d = allocate(type);
    if (!d) return HD_ERR;
    HD_INIT(d, ptr, address);
    HD_INIT(d, memory, HD_GET(CDATA(base), memory));
    d->base = base, d->index = index, d->lender = CDATA(base)->lender;
    return hd_obj(d);
}
hd_value ct_make_plain(hd_value type, const hd_value *args, size_t nargs, hd_value kwnames) { return ct_new(type); }

/* ---- memory ------------------------------------------------------------------------------------------------------------------------ */
/* A pointer that lies in lent memory leads to other memory. */
static bool is_lent(struct cdata *d, const void *p, size_t n)
{
    const char *lo = HD_GET(d, ptr), *at = p;
    return d->lender && at >= lo && at + n <= lo + HD_GET(d, size);
}
void ct_will_store(hd_value object, void *p, size_t n)
{
    struct cdata *d = CDATA(object);
    hd_value memory = HD_GET(d, memory);
    if (memory == HD_UNBOUND || !gc_is_young(hd_ptr(memory))) stm_become_irrevocable();
    if (is_lent(d, p, n)) {
        struct hd_buffer b = { .owner = d->lender };
        hd_buffer_open(&b, p, n);
    }
}
void ct_store(hd_value object, void *p, const void *data, size_t n)
{
    if (!n) return;
    ct_will_store(object, p, n);
    memcpy(p, data, n);
}
void ct_load(hd_value object, const void *p, void *to, size_t n)
{
    if (is_lent(CDATA(object), p, n)) {
        struct hd_buffer b = { .owner = CDATA(object)->lender };
        p = hd_buffer_read(&b, p, n, to);
        if (p == to) return;
    }
    memcpy(to, p, n);
}

/* ---- what is kept --------------------------------------------------------------------------------------------------------------------- */
static hd_value container(hd_value object)
{
    while (CDATA(object)->base) object = CDATA(object)->base;
    if (HD_GET(CDATA(object), objects) != HD_UNBOUND) return object;
    const struct ct_info *i = ct_object_info(object);
    hd_value first = i && i->length ? hd_dict_new() : HD_NONE;
    if (first == HD_ERR) return first;
    cdata_w w = cdata_open(CDATA(object));
    HD_PUT(w, objects, first);
    return object;
}
hd_value ct_kept(hd_value object)
{
    hd_value c = container(object);
    return c == HD_ERR ? c : HD_GET(CDATA(c), objects);
}
int ct_keep(hd_value object, int64_t index, hd_value keep)
{
    if (keep == HD_NONE) return 0;
    hd_value c = container(object);
    if (c == HD_ERR) return -1;
    hd_value kept = HD_GET(CDATA(c), objects);
    if (!hd_is_dict_exact(kept)) {
        cdata_w w = cdata_open(CDATA(c));
        HD_PUT(w, objects, keep);
        return 0;
    }
    char path[256];
    size_t at = (size_t)snprintf(path, sizeof path, "%x", (unsigned)index);
    for (hd_value o = object; CDATA(o)->base; o = CDATA(o)->base) {
        if (at + 10 > sizeof path) {
            (void)hd_raise(&hd_exc_ValueError, "ctypes object structure too deep");
            return -1;
        }
        at += (size_t)snprintf(path + at, sizeof path - at, ":%x", (unsigned)CDATA(o)->index);
    }
    hd_value key = hd_str_utf8_n(path, at);
    return key == HD_ERR ? -1 : hd_dict_set(kept, key, keep);
}

/* ---- parts ---------------------------------------------------------------------------------------------------------------------------- */
bool ct_is_simple_subclass(hd_value type) { return hd_subtype(hd_type_of(type), &ct_simple_meta) && HD_TYPE(type)->base != &ct_simple_class.t; }

hd_value ct_get(hd_value type, hd_value object, int64_t index, void *p)
{
    const struct ct_info *i = ct_info_of(type);
    if (i && i->simple && !ct_is_simple_subclass(type)) {
        char bytes[16];
        ct_load(object, p, bytes, i->simple->size);
        return i->simple->get(bytes);
    }
    return ct_part_of(type, object, index, p);
}
/* Stores v and tells what to keep: HD_NONE, HD_ERR. */
static hd_value assign(hd_value object, hd_value type, hd_value v, void *p, const struct ct_simple *simple)
{
    const struct ct_info *i = ct_info_of(type);
    if (!i) return hd_raise(&hd_exc_TypeError, "abstract class");
    if (!simple && i->simple && !ct_is_data(v)) simple = i->simple;
    if (simple) {
        char bytes[16];
        hd_value keep = simple->set(bytes, v);
        if (keep != HD_ERR) ct_store(object, p, bytes, simple->size);
        return keep;
    }
    if (!ct_is_data(v)) {
        if (hd_is_tuple(v)) {
            hd_value made = hd_call_ex(type, v, HD_ABSENT);
            if (made != HD_ERR) return assign(object, type, made, p, simple);
            hd_value exc = hd_exc_take();
            hd_value text = hd_str_of(exc);
            if (text == HD_ERR) return text;
            if (!hd_exc_pending()) return hd_raise(&hd_exc_RuntimeError, "(%N) %N: %U", HD_TYPE(type), hd_type_of(exc), text);
            return HD_ERR;
        }
        if (i->kind == CT_POINTER && v == HD_NONE) {
            ct_store(object, p, &(void *){ NULL }, sizeof(void *));
            return HD_NONE;
        }
        return hd_raise(&hd_exc_TypeError, "expected %N instance, got %T", HD_TYPE(type), v);
    }
    int is = hd_isinstance(v, type);
    if (is < 0) return HD_ERR;
    if (is) {
        char *from = ct_address(v);
        size_t n = (size_t)i->size, there = (size_t)HD_GET(CDATA(v), size);
        if (n > there) n = there;                  /* another class was assigned to its __class__ */
        if (CDATA(v)->lender || from != p) {
            char *copy = n <= 256 ? (char[256]){ 0 } : hd_scratch(n);
            if (!copy) return HD_ERR;
            ct_load(v, from, copy, n);
            ct_store(object, p, copy, n);
        }
        return ct_kept(v);
    }
    if (i->kind == CT_POINTER && hd_subtype(hd_type_of(v), &ct_array.t)) {
        const struct ct_info *of = ct_object_info(v);
        if (!of || of->proto != i->proto) return hd_raise(&hd_exc_TypeError, "incompatible types, %T instance instead of %N instance", v, HD_TYPE(type));
        void *address = ct_address(v);
        ct_store(object, p, &address, sizeof address);
        hd_value kept = ct_kept(v);
        return kept == HD_ERR ? kept : hd_tuplev(kept, v);
    }
    return hd_raise(&hd_exc_TypeError, "incompatible types, %T instance instead of %N instance", v, HD_TYPE(type));
}
int ct_set(hd_value object, hd_value type, hd_value v, int64_t index, void *p, const struct ct_simple *simple)
{
    hd_value keep = assign(object, type, v, p, simple);
    return keep == HD_ERR ? -1 : ct_keep(object, index, keep);
}

/* ---- buffer protocol --------------------------------------------------------------------------------------------------------------------- */
int ct_getbuffer(hd_value o, struct hd_buffer *b, bool writable)
{
    const struct ct_info *i = ct_object_info(o), *item = i;
    int64_t n = HD_GET(CDATA(o), size), count = 0;
    char *p = ct_address(o);
    if (writable) ct_will_store(o, p, (size_t)n);
    if (hd_buffer_fill(b, o, p, n, false, writable) < 0) return -1;
    hd_value format = i->format;
    while (item && item->kind == CT_ARRAY) count++, item = ct_info_of(item->proto);
    if (item) format = item->format;
    b->format = HD_STR(format)->data;        /* the type keeps it */
    b->ndim = (int)count;
    b->itemsize = item ? item->size : 1;
    b->shape = count > 1 ? hd_scratch(sizeof(int64_t) * 2 * (size_t)count) : b->shape1_;
    if (!b->shape) return -1;
    b->strides = count > 1 ? b->shape + count : b->strides1_;
    item = i;
    for (int64_t k = 0; k < count; k++, item = ct_info_of(item->proto)) b->shape[k] = item->length;
    for (int64_t k = count, stride = b->itemsize; k-- > 0; stride *= b->shape[k]) b->strides[k] = stride;
    return 0;
}

/* ---- the base class ------------------------------------------------------------------------------------------------------------------------ */
static hd_value get_base(hd_value self, void *closure) { return CDATA(self)->base ? CDATA(self)->base : HD_NONE; }
static hd_value get_owns(hd_value self, void *closure) { return hd_fix(HD_GET(CDATA(self), memory) != HD_UNBOUND && !CDATA(self)->base); }
static hd_value get_objects(hd_value self, void *closure)
{
    hd_value v = HD_GET(CDATA(self), objects);
    return v == HD_UNBOUND ? HD_NONE : v;
}
static const struct hd_getsetdef data_getsets[] = {
    { "_b_base_", get_base, NULL, "the base object", NULL }, { "_b_needsfree_", get_owns, NULL, "whether the object owns the memory or not", NULL },
    { "_objects", get_objects, NULL, "internal objects tree (NEVER CHANGE THIS OBJECT!)", NULL }, { 0 }
};
static hd_value data_outparam(CT_ARGS) { return self; }
static hd_value data_reduce(CT_ARGS)
{
    const struct ct_info *i = ct_object_info(self);
    if (i->flags & (CT_IS_POINTER | CT_HAS_POINTER)) return hd_raise(&hd_exc_ValueError, "ctypes objects containing pointers cannot be pickled");
    hd_value dict = hd_getattr(self, hd_s___dict__), unpickle = hd_import_attr("_ctypes", "_unpickle");
    if (dict == HD_ERR || unpickle == HD_ERR) return HD_ERR;
    size_t n = (size_t)HD_GET(CDATA(self), size);
    hd_value bytes = hd_bytes_new(NULL, n);
    if (bytes == HD_ERR) return bytes;
    ct_load(self, ct_address(self), HD_BYTES(bytes)->data, n);
    return hd_tuplev(unpickle, hd_tuplev(ct_type_of(self), hd_tuplev(dict, bytes)));
}
static hd_value data_setstate(CT_ARGS)
{
    hd_value dict = args[0], bytes = args[1];
    if (nargs == 1 && hd_is_tuple(args[0])) {
        if (HD_TUPLE(args[0])->len != 2) return hd_raise(&hd_exc_TypeError, "__setstate__() takes exactly 2 arguments (%zd given)", HD_TUPLE(args[0])->len);
        dict = HD_TUPLE(args[0])->item[0], bytes = HD_TUPLE(args[0])->item[1];
    } else if (nargs != 2) return hd_raise(&hd_exc_TypeError, "__setstate__() takes exactly 2 arguments (%zu given)", nargs);
    if (!hd_is_dict(dict)) return hd_raise(&hd_exc_TypeError, "__setstate__() argument 1 must be dict, not %A", dict);
    if ((bytes = hd_bytes_fixed(bytes)) == HD_ERR) return HD_ERR;
    int64_t n = HD_GET(CDATA(self), size);
    if (n > HD_BYTES(bytes)->len) n = HD_BYTES(bytes)->len;
    ct_store(self, ct_address(self), HD_BYTES(bytes)->data, (size_t)n);
    hd_value own = hd_getattr(self, hd_s___dict__);
    return own == HD_ERR || hd_dict_update(own, dict) < 0 ? HD_ERR : HD_NONE;
}
static int64_t data_hash(hd_value self)
{
    (void)hd_raise(&hd_exc_TypeError, "unhashable type");
    return -1;
}
static hd_value data_make(hd_value type, const hd_value *args, size_t nargs, hd_value kwnames) { return hd_raise(&hd_exc_TypeError, "abstract class"); }
static const struct hd_methoddef data_methods[] = {
    { "__ctypes_from_outparam__", data_outparam, 0, 0, 0, NULL }, { "__reduce__", data_reduce, 0, 0, 0, NULL }, { "__setstate__", data_setstate, 1, 2, 0, NULL }, { 0 }
};
struct ct_class ct_data = { .t = {
    .cname = "_ctypes._CData", .basicsize = sizeof(struct cdata), .flags = HD_TF_BASETYPE, .doc = "Base of all C objects.",
    .methods = data_methods, .getsets = data_getsets, .op = { .make = data_make, .hash = data_hash, .trace = ct_data_trace, .getbuffer = ct_getbuffer },
} };
