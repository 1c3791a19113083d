/* What all C types have in common: their information, the metaclasses' methods (from_address, from_buffer, in_dll, ...), types
 * made on demand (pointers to a type, arrays of it).
 *
 * T1: a class gets its cell before Python code can see it with one exception, the hooks of class creation; there it is
 *     abstract.
 * T2: the two caches are tables of the module: a type found there is as good as one made anew. */
#include <dlfcn.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include "interp/core/attr.h"
#include "interp/core/names.h"
#include "interp/modules/ctypes/ctypes_internal.h"
#include "interp/types/bytes.h"

hd_value ct_pointer_cache;
static hd_value array_cache;       /* dict: (item type, length) -> weak reference to the array type */

/* ---- information -------------------------------------------------------------------------------------------------------------- */
static void info_trace(void *o, struct gc_marker *m)
{
    struct ct_info *i = o;
    gc_mark(m, i->proto), gc_mark(m, i->format), gc_mark(m, i->types), gc_mark(m, i->argtypes);
    gc_mark(m, i->converters), gc_mark(m, i->restype), gc_mark(m, i->checker);
}
struct hd_type ct_info_type = {
    .cname = "_ctypes._Information", .basicsize = sizeof(struct ct_info), .flags = HD_TF_IMMUTABLE_LAYOUT | HD_TF_NEVER_INSTANTIATE, .op = { .trace = info_trace },
};
struct ct_info *ct_info_new(const struct ct_info *like, uint32_t kind)
{
    struct ct_info *i = hd_new_object(&ct_info_type, sizeof *i);
    if (!i) return NULL;
    if (like) {
        struct hd_head head = i->head;
        *i = *like;
        i->head = head;
        return i;
    }
    i->kind = kind;
    i->proto = i->argtypes = i->converters = i->restype = i->checker = HD_ABSENT;
    i->types = hd_empty_tuple;
    i->format = hd_empty_str;
    return i;
}
void ct_class_set_info(hd_value type, const struct ct_info *info)
{
    hd_cell_w w = hd_cell_open(hd_ptr(((struct ct_class *)hd_ptr(type))->holder));
    HD_PUT(w, value, hd_obj(info));
}
hd_value ct_class_make(hd_value meta, const hd_value *args, size_t nargs, hd_value kwnames)
{
    hd_value t = hd_type_type.op.make(meta, args, nargs, kwnames), cell;
    if (t == HD_ERR || !ct_is_type(t) || ((struct ct_class *)hd_ptr(t))->holder) return t;
    if ((cell = hd_cell_new(HD_UNBOUND)) == HD_ERR) return HD_ERR;
    hd_cell_w w = hd_cell_open(hd_ptr(cell));
    HD_PUT(w, value, 0);
    ((struct ct_class *)hd_ptr(t))->holder = cell;
    return t;
}
static void class_trace(void *o, struct gc_marker *m)
{
    hd_type_type.op.trace(o, m);
    gc_mark(m, ((struct ct_class *)o)->holder);
}
int ct_make_final(hd_value type)
{
    const struct ct_info *i = ct_info_of(type);
    if (!i || i->flags & CT_FINAL) return 0;
    struct ct_info *n = ct_info_new(i, 0);
    if (!n) return -1;
    n->flags |= CT_FINAL;
    ct_class_set_info(type, n);
    return 0;
}
hd_value ct_class_attr(hd_value type, const char *name) { return hd_type_lookup(HD_TYPE(type), hd_intern(name)); }

hd_value ct_format_of(hd_value type)
{
    const struct ct_info *i = ct_info_of(type);
    struct hd_strbuilder b;
    hd_sb_init(&b);
    bool any = false;
    for (; i && i->kind == CT_ARRAY; i = ct_info_of(i->proto)) {
        char n[32];
        int len = snprintf(n, sizeof n, "%s%lld", any ? "," : "(", (long long)i->length);
        hd_sb_ascii(&b, n, (size_t)len);
        any = true;
    }
    if (any) hd_sb_ascii(&b, ")", 1);
    if (i) hd_sb_str(&b, i->format);
    return hd_sb_finish(&b);
}

/* ---- parameters ------------------------------------------------------------------------------------------------------------------- */
hd_value ct_as_parameter(hd_value v)
{
    hd_value name = hd_intern("_as_parameter_");
    return name == HD_ERR ? name : hd_getattr_opt(v, name);
}
hd_value ct_from_param(hd_value type, hd_value v)
{
    int is = hd_isinstance(v, type);
    if (is) return is < 0 ? HD_ERR : v;
    if (ct_is_arg(v)) {
        const struct carg *a = hd_ptr(v);
        const struct ct_info *i = ct_info_of(type);
        if (i && i->proto != HD_ABSENT && a->object != HD_NONE) {
            is = hd_isinstance(a->object, i->proto);
            if (is) return is < 0 ? HD_ERR : v;
        }
        return hd_raise(&hd_exc_TypeError, "expected %N instance instead of pointer to %s", HD_TYPE(type), a->object == HD_NONE ? "???" : hd_type_name(hd_type_of(a->object)));
    }
    hd_value inner = ct_as_parameter(v);
    if (inner == HD_ERR) return inner;
    if (inner == HD_ABSENT) return hd_raise(&hd_exc_TypeError, "expected %N instance instead of %T", HD_TYPE(type), v);
    if (hd_recursion_enter(" while processing _as_parameter_") < 0) return HD_ERR;
    hd_value r = ct_from_param(type, inner);
    hd_recursion_leave();
    return r;
}
static hd_value type_from_param(CT_ARGS) { return ct_from_param(self, args[0]); }

/* ---- objects over existing memory ----------------------------------------------------------------------------------------------------- */
static const struct ct_info *concrete(hd_value type)
{
    const struct ct_info *i = ct_info_of(type);
    if (!i) (void)hd_raise(&hd_exc_TypeError, "abstract class");
    return i;
}
static hd_value type_from_address(CT_ARGS)
{
    uint64_t u;
    if (!hd_is_int(args[0])) return hd_raise(&hd_exc_TypeError, "integer expected");
    int64_t i;
    if (hd_int_sign(args[0]) < 0) {
        if (hd_as_i64(args[0], &i) < 0) return HD_ERR;
        u = (uint64_t)i;
    } else if (hd_as_u64(args[0], &u) < 0) return HD_ERR;
    return concrete(self) ? ct_new_at(self, (void *)(uintptr_t)u) : HD_ERR;
}
/* n bytes at offset inside a buffer of this length? */
static int check_room(const struct ct_info *i, int64_t offset, int64_t length)
{
    if (offset < 0) (void)hd_raise(&hd_exc_ValueError, "offset cannot be negative");
    else if (i->size > length - offset)
        (void)hd_raise(&hd_exc_ValueError, "Buffer size too small (%zd instead of at least %zd bytes)", length, i->size + offset);
    else return 0;
    return -1;
}
static hd_value type_from_buffer(CT_ARGS)
{
    int64_t offset = 0;
    struct hd_buffer b;
    const struct ct_info *i = concrete(self);
    if (!i || (nargs > 1 && hd_as_i64(args[1], &offset) < 0)) return HD_ERR;
    hd_value view = hd_callv(hd_obj(&hd_memoryview_type), args[0]);        /* holds the buffer as long as the object lives */
    if (view == HD_ERR || hd_buffer_export(view, &b, false) < 0) return HD_ERR;
    bool readonly = b.readonly, contiguous = hd_buffer_contiguous(&b);
    char *data = b.data;
    int64_t length = b.len;
    hd_buffer_release(&b);
    if (readonly) return hd_raise(&hd_exc_TypeError, "underlying buffer is not writable");
    if (!contiguous) return hd_raise(&hd_exc_TypeError, "underlying buffer is not C contiguous");
    if (check_room(i, offset, length) < 0) return HD_ERR;
    hd_value lender = hd_getattr_c(view, "obj"), v = lender == HD_ERR ? lender : ct_new_at(self, data + offset);
    if (v == HD_ERR) return v;
    if (b.body) CDATA(v)->lender = lender;
    return ct_keep(v, -1, view) < 0 ? HD_ERR : v;
}
static hd_value type_from_buffer_copy(CT_ARGS)
{
    int64_t offset = 0;
    const struct ct_info *i = concrete(self);
    if (!i || (nargs > 1 && hd_as_i64(args[1], &offset) < 0)) return HD_ERR;
    hd_value b = hd_bytes_fixed(args[0]);
    if (b == HD_ERR || check_room(i, offset, HD_BYTES(b)->len) < 0) return HD_ERR;
    return ct_new_copy(self, HD_BYTES(b)->data + offset);
}
static hd_value type_in_dll(CT_ARGS)
{
    if (!hd_is_str(args[1])) return hd_raise(&hd_exc_TypeError, "in_dll() argument 2 must be str, not %A", args[1]);
    hd_value handle = hd_getattr_c(args[0], "_handle");
    if (handle == HD_ERR) return handle;
    if (!hd_is_int(handle)) return hd_raise(&hd_exc_TypeError, "the _handle attribute of the second argument must be an integer");
    uint64_t h;
    size_t n;
    const char *name = hd_str_as_utf8(args[1], &n);
    if (!name || hd_as_u64(handle, &h) < 0 || !concrete(self)) return HD_ERR;
    dlerror();
    void *address = dlsym((void *)(uintptr_t)h, name);
    const char *why = address ? NULL : dlerror();
    if (!address) return hd_raise(&hd_exc_ValueError, "%s", why ? why : "symbol has no address");
    return ct_new_at(self, address);
}
const struct hd_methoddef ct_type_methods[] = {
    { "from_param", type_from_param, 1, 1, 0, "Convert a Python object into a function call parameter." },
    { "from_address", type_from_address, 1, 1, 0, "C.from_address(integer) -> C instance\naccess a C instance at the specified address" },
    { "from_buffer", type_from_buffer, 1, 2, 0, "C.from_buffer(object, offset=0, /) -> C instance\ncreate a C instance from a writeable buffer" },
    { "from_buffer_copy", type_from_buffer_copy, 1, 2, 0, "C.from_buffer_copy(object, offset=0, /) -> C instance\ncreate a C instance from a readable buffer" },
    { "in_dll", type_in_dll, 2, 2, 0, "C.in_dll(dll, name) -> C instance\naccess a C instance in a dll" },
    { 0 }
};

/* ---- types made on demand ------------------------------------------------------------------------------------------------------------ */
static hd_value make_class(struct hd_type *meta, const char *name, hd_value base, hd_value ns)
{
    hd_value n = hd_str_utf8(name), bases = hd_tuplev(base);
    return n == HD_ERR || bases == HD_ERR ? HD_ERR : hd_callv(hd_obj(meta), n, bases, ns);
}
hd_value ct_pointer_to(hd_value type)
{
    char name[256];
    hd_value ns = hd_dict_new(), made, key = type;
    if (ns == HD_ERR || (made = hd_dict_get(ct_pointer_cache, type)) != HD_ABSENT) return made;
    if (hd_is_str(type)) {
        size_t n;
        const char *s = hd_str_as_utf8(type, &n);
        if (!s) return HD_ERR;
        snprintf(name, sizeof name, "LP_%.200s", s);
        made = make_class(&ct_pointer_meta, name, hd_obj(&ct_pointer), ns);
        if (made == HD_ERR || (key = hd_int_u64(made)) == HD_ERR) return HD_ERR;
    } else if (hd_is_type(type)) {
        snprintf(name, sizeof name, "LP_%.200s", hd_type_short_name(HD_TYPE(type)));
        if (hd_dict_set_c(ns, "_type_", type) < 0) return HD_ERR;
        made = make_class(&ct_pointer_meta, name, hd_obj(&ct_pointer), ns);
    } else return hd_raise(&hd_exc_TypeError, "must have a ctypes type");
    return made == HD_ERR || hd_dict_set(ct_pointer_cache, key, made) < 0 ? HD_ERR : made;
}
hd_value ct_array_of(hd_value type, int64_t n)
{
    char name[256];
    hd_value key = hd_tuplev(type, hd_int(n)), ref, made, ns;
    if (key == HD_ERR || (ref = hd_dict_get(array_cache, key)) == HD_ERR) return HD_ERR;
    if (ref != HD_ABSENT && (made = hd_weakref_get(ref)) != HD_NONE) return made;
    snprintf(name, sizeof name, "%.200s_Array_%lld", hd_type_short_name(HD_TYPE(type)), (long long)n);
    if ((ns = hd_dict_new()) == HD_ERR || hd_dict_set_c(ns, "_length_", hd_int(n)) < 0 || hd_dict_set_c(ns, "_type_", type) < 0) return HD_ERR;
    made = make_class(&ct_array_meta, name, hd_obj(&ct_array), ns);
    if (made == HD_ERR || (ref = hd_weakref_new(made, HD_ABSENT)) == HD_ERR) return HD_ERR;
    return hd_dict_set(array_cache, key, ref) < 0 ? HD_ERR : made;
}
static hd_value type_times(hd_value a, hd_value b)
{
    int64_t n;
    if (!ct_is_type(a)) {
        hd_value t = a;
        a = b, b = t;
    }
    if (!ct_is_type(a) || !(hd_is_int(b) || hd_type_of(b)->op.index)) return HD_NOTIMPLEMENTED;
    if (hd_as_i64(b, &n) < 0) return HD_ERR;
    if (n < 0) return hd_raise(&hd_exc_ValueError, "Array length must be >= 0, not %zd", n);
    return ct_array_of(a, n);
}

struct hd_type ct_meta = {
    .cname = "_ctypes.CType_Type", .base = &hd_type_type, .basicsize = sizeof(struct ct_class), .flags = HD_TF_BASETYPE | HD_TF_NEVER_INSTANTIATE,
    .doc = "metatype of all C types", .methods = ct_type_methods, .op = { .make = ct_class_make, .trace = class_trace, .binary[HD_MUL] = type_times },
};
int ct_structs_init(void)
{
    hd_root(&ct_pointer_cache), hd_root(&array_cache);
    return (ct_pointer_cache = hd_dict_new()) == HD_ERR || (array_cache = hd_dict_new()) == HD_ERR ? -1 : 0;
}
