/* The module _ctypes: its functions and the start. */
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>
#include "interp/core/attr.h"
#include "interp/core/names.h"
#include "interp/modules/ctypes/ctypes_internal.h"
#include "interp/types/bytes.h"
#include "interp/types/number.h"

hd_value ct_repr_address(const char *what, hd_value v) { return hd_str_format("<%s %s at 0x%lx>", hd_type_short_name(hd_type_of(v)), what, (unsigned long)v); }

/* ---- about types and objects ------------------------------------------------------------------------------------------------------- */
static const struct ct_info *info_of_either(hd_value v) { return ct_is_type(v) ? ct_info_of(v) : ct_is_data(v) ? ct_object_info(v) : NULL; }
static hd_value f_sizeof(CT_ARGS)
{
    const struct ct_info *i = info_of_either(args[0]);
    if (!i) return hd_raise(&hd_exc_TypeError, "this type has no size");
    return hd_int(ct_is_type(args[0]) ? i->size : HD_GET(CDATA(args[0]), size));
}
static hd_value f_alignment(CT_ARGS)
{
    const struct ct_info *i = info_of_either(args[0]);
    return i ? hd_int(i->align) : hd_raise(&hd_exc_TypeError, "no alignment info");
}
static hd_value f_addressof(CT_ARGS)
{
    if (!ct_is_data(args[0])) return hd_raise(&hd_exc_TypeError, "invalid type");
    uintptr_t p = (uintptr_t)ct_address(args[0]);
    return hd_int_u64(p);
}
static hd_value f_byref(CT_ARGS)
{
    int64_t offset = 0;
    if (nargs > 1 && hd_as_i64(args[1], &offset) < 0) return HD_ERR;
    if (!ct_is_data(args[0])) return hd_raise(&hd_exc_TypeError, "byref() argument must be a ctypes instance, not '%T'", args[0]);
    return ct_arg_pointer(ct_address(args[0]) + offset, args[0]);
}
static hd_value f_resize(CT_ARGS)
{
    int64_t size;
    if (!ct_is_data(args[0])) return hd_raise(&hd_exc_TypeError, "excepted ctypes instance");
    if (hd_as_i64(args[1], &size) < 0) return HD_ERR;
    struct cdata *d = CDATA(args[0]);
    const struct ct_info *i = ct_object_info(args[0]);
    if (size < i->size) return hd_raise(&hd_exc_ValueError, "minimum size is %zd", i->size);
    if (HD_GET(d, memory) == HD_UNBOUND || d->base) return hd_raise(&hd_exc_ValueError, "Memory cannot be resized because this object doesn't own it");
    int64_t old = HD_GET(d, size);
    if (size <= old) {
        cdata_w w = cdata_open(d);
        HD_PUT(w, size, size);
        return HD_NONE;
    }
    /* Parts of the object stay where they are, in the old block, as pointers to it do. */
    char *from = HD_GET(d, ptr), *p = hd_scratch((size_t)size);
    if (!p) return HD_ERR;
    memset(p, 0, (size_t)size);
    memcpy(p, from, (size_t)old);
    cdata_w w = cdata_open(d);
    HD_PUT(w, memory, hd_obj(p - 16));
    HD_PUT(w, ptr, p);
    HD_PUT(w, size, size);
    return HD_NONE;
}
static hd_value f_POINTER(CT_ARGS) { return ct_pointer_to(args[0]); }
static hd_value f_pointer(CT_ARGS)
{
    hd_value type = ct_pointer_to(ct_type_of(args[0]));
    return type == HD_ERR ? type : hd_callv(type, args[0]);
}
static hd_value f_buffer_info(CT_ARGS)
{
    const struct ct_info *i = info_of_either(args[0]);
    if (!i) return hd_raise(&hd_exc_TypeError, "not a ctypes type or object");
    const struct ct_info *item = i;
    hd_value shape = hd_list_new(0);
    for (; item && item->kind == CT_ARRAY; item = ct_info_of(item->proto))
        if (shape == HD_ERR || hd_list_append(shape, hd_int(item->length)) < 0) return HD_ERR;
    shape = shape == HD_ERR ? shape : hd_list_as_tuple(shape);
    return shape == HD_ERR ? shape : hd_tuplev(i->format, hd_int(HD_TUPLE(shape)->len), shape);
}
static hd_value f_unpickle(CT_ARGS)
{
    if (!hd_is_tuple(args[1])) return hd_raise(&hd_exc_TypeError, "_unpickle() argument 2 must be tuple, not %A", args[1]);
    hd_value make = hd_getattr_c(args[0], "__new__"), o = make == HD_ERR ? HD_ERR : hd_callv(make, args[0]), set, state = args[1];
    if (o == HD_ERR || (set = hd_getattr_c(o, "__setstate__")) == HD_ERR) return HD_ERR;
    return hd_call_ex(set, state, HD_ABSENT) == HD_ERR ? HD_ERR : o;
}

/* ---- errno ------------------------------------------------------------------------------------------------------------------------------ */
static hd_value f_get_errno(CT_ARGS) { return hd_fix(*ct_errno()); }
static hd_value f_set_errno(CT_ARGS)
{
    int n;
    if (hd_as_int32(args[0], &n) < 0) return HD_ERR;
    stm_become_irrevocable();              /* thread-local C state */
    int old = *ct_errno();
    *ct_errno() = n;
    return hd_fix(old);
}

/* ---- libraries ----------------------------------------------------------------------------------------------------------------------------- */
/* dlerror's text is the thread's own and lasts until its next call: copied while outside. */
static void copy_error(char *to, size_t n)
{
    const char *s = dlerror();
    snprintf(to, n, "%s", s ? s : "dlopen() error");
}
static hd_value f_dlopen(CT_ARGS)
{
    int flags = RTLD_NOW;
    const char *name = NULL;
    char error[512];
    void *h;
    if (nargs > 1 && hd_as_int32(args[1], &flags) < 0) return HD_ERR;
    if (args[0] != HD_NONE) {
        hd_value path = hd_fs_path(args[0]);
        if (path == HD_ERR || !(name = hd_fs_path_c(path, NULL))) return HD_ERR;
    }
    int token = ct_leave();                /* constructors of a library are foreign code */
    h = dlopen(name, flags | RTLD_NOW);
    if (!h) copy_error(error, sizeof error);
    ct_enter(token);
    if (h) return hd_int_u64((uintptr_t)h);
    return hd_raise(&hd_exc_OSError, "%s", error);
}
static int handle_of(hd_value v, void **h)
{
    uint64_t u;
    if (!hd_is_int(v)) {
        (void)hd_raise(&hd_exc_TypeError, "an integer is required");
        return -1;
    }
    if (hd_as_u64(v, &u) < 0) return -1;
    *h = (void *)(uintptr_t)u;
    return 0;
}
static hd_value f_dlclose(CT_ARGS)
{
    void *h;
    char error[512];
    int r;
    if (handle_of(args[0], &h) < 0) return HD_ERR;
    int token = ct_leave();
    if ((r = dlclose(h))) copy_error(error, sizeof error);
    ct_enter(token);
    return r ? hd_raise(&hd_exc_OSError, "%s", error) : HD_NONE;
}
static hd_value f_dlsym(CT_ARGS)
{
    void *h;
    if (handle_of(args[0], &h) < 0) return HD_ERR;
    if (!hd_is_str(args[1])) return hd_raise(&hd_exc_TypeError, "dlsym() argument 2 must be str, not %A", args[1]);
    size_t n;
    const char *name = hd_str_as_utf8(args[1], &n);
    if (!name) return HD_ERR;
    void *p = dlsym(h, name);
    if (p) return hd_int_u64((uintptr_t)p);
    const char *why = dlerror();
    return hd_raise(&hd_exc_OSError, "%s", why ? why : "symbol has no address");
}
static hd_value call_address(const hd_value *args, int64_t flags)
{
    void *p;
    if (handle_of(args[0], &p) < 0) return HD_ERR;
    if (!hd_is_tuple(args[1])) return hd_raise(&hd_exc_TypeError, "argument 2 must be tuple, not %A", args[1]);
    struct ct_call c = { .function = p, .flags = flags, .restype = HD_ABSENT, .checker = HD_ABSENT, .converters = HD_ABSENT };
    return ct_call(&c, args[1]);
}
static hd_value f_call_function(CT_ARGS) { return call_address(args, FUNCFLAG_STDCALL); }
static hd_value f_call_cdeclfunction(CT_ARGS) { return call_address(args, FUNCFLAG_CDECL); }

/* ---- objects as addresses ------------------------------------------------------------------------------------------------------------------ */
static hd_value f_from_pointer(CT_ARGS)
{
    void *p;
    if (handle_of(args[0], &p) < 0) return HD_ERR;
    if (!p || ((uintptr_t)p & 7) || (!gc_is_object(p) && p != (void *)HD_NONE && p != (void *)HD_TRUE && p != (void *)HD_FALSE))
        return hd_raise(&hd_exc_ValueError, "no object lives at this address");
    return hd_obj(p);
}
/* Objects have no reference counts: what is counted up stays alive for good, as it would in a program that never counts it
 * down again. */
static hd_value f_incref(CT_ARGS)
{
    if (hd_is_ptr(args[0]) && gc_is_object(hd_ptr(args[0]))) gc_pin(hd_ptr(args[0]));
    return args[0];
}
static hd_value f_decref(CT_ARGS) { return args[0]; }

/* ---- functions that Python code calls by address ---------------------------------------------------------------------------------------------- */
static hd_value string_at(const char *p, int n) { return hd_bytes_new(p, n < 0 ? strlen(p) : (size_t)n); }
static hd_value wstring_at(const wchar_t *p, int n) { return hd_str_ucs4((const uint32_t *)p, n < 0 ? wcslen(p) : (size_t)n); }
/* cast(object, type) with the object's address as well, as its argument type found it. */
static hd_value cast(void *p, hd_value source, hd_value type)
{
    const struct ct_info *i = ct_info_of(type);
    if (!i || (i->kind != CT_POINTER && i->kind != CT_FUNCTION && !(i->simple && strchr("sPzUZXO", i->simple->code))))
        return hd_raise(&hd_exc_TypeError, "cast() argument 2 must be a pointer type, not %s", hd_is_type(type) ? hd_type_short_name(HD_TYPE(type)) : hd_type_short_name(hd_type_of(type)));
    hd_value v = hd_call0(type);
    if (v == HD_ERR) return v;
    /* Whatever the source keeps is kept by both from now on, since both can be used to change it. */
    if (ct_is_data(source)) {
        hd_value kept = ct_kept(source);
        if (kept == HD_ERR) return kept;
        if (kept == HD_NONE && (kept = hd_dict_new()) == HD_ERR) return HD_ERR;
        cdata_w w = cdata_open(CDATA(v));
        HD_PUT(w, objects, kept);
        if (hd_is_dict_exact(kept)) {
            hd_value key = hd_int_u64(source);
            if (key == HD_ERR || hd_dict_set(kept, key, source) < 0) return HD_ERR;
        }
    }
    ct_store(v, ct_address(v), &p, sizeof p);
    return v;
}
bool ct_is_own(const void *function)
{
    return function == (const void *)(uintptr_t)string_at || function == (const void *)(uintptr_t)wstring_at || function == (const void *)(uintptr_t)cast;
}

static const struct hd_methoddef functions[] = {
    { "get_errno", f_get_errno, 0, 0, 0, NULL }, { "set_errno", f_set_errno, 1, 1, 0, NULL }, { "POINTER", f_POINTER, 1, 1, 0, NULL }, { "pointer", f_pointer, 1, 1, 0, NULL },
    { "_unpickle", f_unpickle, 2, 2, 0, NULL }, { "buffer_info", f_buffer_info, 1, 1, 0, "Return buffer interface information" },
    { "resize", f_resize, 2, 2, 0, "Resize the memory buffer of a ctypes instance" }, { "dlopen", f_dlopen, 1, 2, 0, "dlopen(name, flag={RTLD_GLOBAL|RTLD_LOCAL}) open a shared library" },
    { "dlclose", f_dlclose, 1, 1, 0, "dlclose a library" }, { "dlsym", f_dlsym, 2, 2, 0, "find symbol in shared library" },
    { "alignment", f_alignment, 1, 1, 0, "alignment(C type) -> integer\nalignment(C instance) -> integer\nReturn the alignment requirements of a C instance" },
    { "sizeof", f_sizeof, 1, 1, 0, "sizeof(C type) -> integer\nsizeof(C instance) -> integer\nReturn the size in bytes of a C instance" },
    { "byref", f_byref, 1, 2, 0, "byref(C instance[, offset=0]) -> byref-object\nReturn a pointer lookalike to a C instance, only usable\nas function argument" },
    { "addressof", f_addressof, 1, 1, 0, "addressof(C instance) -> integer\nReturn the address of the C instance internal buffer" },
    { "call_function", f_call_function, 2, 2, 0, NULL }, { "call_cdeclfunction", f_call_cdeclfunction, 2, 2, 0, NULL },
    { "PyObj_FromPtr", f_from_pointer, 1, 1, 0, NULL }, { "Py_INCREF", f_incref, 1, 1, 0, NULL }, { "Py_DECREF", f_decref, 1, 1, 0, NULL }, { 0 }
};

static int ready(struct ct_class *c, struct hd_type *meta)
{
    if (hd_type_ready(meta) < 0) return -1;
    if (!c->t.head.h.shape) c->t.head.h.shape = meta->root_shape;
    return hd_type_ready(&c->t);
}
static int fill(hd_value m)
{
    static const struct { const char *name; int64_t v; } numbers[] = {
        { "FUNCFLAG_CDECL", FUNCFLAG_CDECL }, { "FUNCFLAG_PYTHONAPI", FUNCFLAG_PYTHONAPI }, { "FUNCFLAG_USE_ERRNO", FUNCFLAG_USE_ERRNO },
        { "FUNCFLAG_USE_LASTERROR", FUNCFLAG_USE_LASTERROR }, { "CTYPES_MAX_ARGCOUNT", CT_MAX_ARGS }, { "RTLD_LOCAL", RTLD_LOCAL }, { "RTLD_GLOBAL", RTLD_GLOBAL },
    };
    const struct { const char *name; const void *p; } addresses[] = {
        { "_memmove_addr", (void *)(uintptr_t)memmove }, { "_memset_addr", (void *)(uintptr_t)memset }, { "_string_at_addr", (void *)(uintptr_t)string_at },
        { "_wstring_at_addr", (void *)(uintptr_t)wstring_at }, { "_cast_addr", (void *)(uintptr_t)cast },
    };
    struct { struct ct_class *c; struct hd_type *meta; } classes[] = {
        { &ct_struct, &ct_struct_meta }, { &ct_union, &ct_union_meta }, { &ct_pointer, &ct_pointer_meta }, { &ct_array, &ct_array_meta },
        { &ct_simple_class, &ct_simple_meta }, { &ct_function, &ct_function_meta },
    };
    hd_root(&ct_ArgumentError);
    if (ct_structs_init() < 0 || hd_type_ready(&ct_meta) < 0 || ready(&ct_data, &hd_type_type) < 0 || hd_type_ready(&ct_info_type) < 0 || hd_type_ready(&ct_arg_type) < 0 ||
        hd_type_ready(&ct_field_type) < 0) return -1;
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
        if (ready(classes[i].c, classes[i].meta) < 0 || hd_add_type(m, &classes[i].c->t) < 0) return -1;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (hd_module_add_int(m, numbers[i].name, numbers[i].v) < 0) return -1;
    for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++)
        if (hd_module_add(m, addresses[i].name, hd_int_u64((uintptr_t)addresses[i].p)) < 0) return -1;
    hd_value ns = hd_dict_new(), bases = hd_tuplev(hd_obj(&hd_exc_Exception));
    if (ns == HD_ERR || bases == HD_ERR || hd_dict_set_c(ns, "__module__", hd_intern("ctypes")) < 0) return -1;
    ct_ArgumentError = hd_type_new(&hd_type_type, hd_intern("ArgumentError"), bases, ns, NULL, 0);
    return ct_ArgumentError == HD_ERR || hd_module_add(m, "ArgumentError", ct_ArgumentError) < 0 || hd_module_add(m, "_pointer_type_cache", ct_pointer_cache) < 0 ||
           hd_module_add_str(m, "__version__", "1.1.0") < 0 ? -1 : 0;
}
const struct hd_moduledef hd_module_ctypes = { "_ctypes", "Create and manipulate C compatible data types in Python.", functions, fill };
