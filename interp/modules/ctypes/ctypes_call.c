/* Foreign calls: Python arguments to C ones, the call through libffi, the C result to a Python value; CArgObject (byref).
 *
 * C1: what the C arguments point to is in immutable objects, in C objects or in scratch memory, and all of it is referenced
 *     from the C stack of ct_call until the call has returned.
 * C2: between ct_leave and ct_enter no heap object is touched; a callback puts the thread back into a transaction for its
 *     own time (ctypes_callback.c). */
#include <errno.h>
#include <string.h>
#include "interp/core/names.h"
#include "interp/modules/ctypes/ctypes_internal.h"
#include "interp/types/bytes.h"
#include "interp/types/number.h"

enum { OPAQUE_SIZE = 64 /* larger structures go through memory wherever their fields lie */ };
hd_value ct_ArgumentError;

int *ct_errno(void)
{
    static _Thread_local int copy;
    return &copy;
}

/* ---- CArgObject --------------------------------------------------------------------------------------------------------------- */
static void arg_trace(void *o, struct gc_marker *m) { gc_mark(m, ((struct carg *)o)->object); }
static hd_value arg_repr(hd_value v)
{
    const struct carg *a = hd_ptr(v);
    const struct ct_simple *s = ct_simple_find(a->tag, false);
    switch (a->tag) {
    case 'b': case 'B': case 'h': case 'H': case 'i': case 'I': case 'l': case 'L': case 'q': case 'Q': case 'd': case 'f': {
        hd_value n = s->get(a->value.bytes);
        return n == HD_ERR ? n : hd_str_format("<cparam '%c' (%S)>", a->tag, n);
    }
    case 'c': {
        unsigned char c = (unsigned char)a->value.bytes[0];
        return c >= 32 && c < 127 && c != '\'' && c != '\\' ? hd_str_format("<cparam 'c' ('%c')>", c) : hd_str_format("<cparam 'c' ('\\x%02x')>", c);
    }
    case 'z': case 'Z': case 'P': return hd_str_format("<cparam '%c' (0x%lx)>", a->tag, (unsigned long)a->value.u);
    default: return hd_str_format("<cparam '%c' at 0x%lx>", a->tag, (unsigned long)v);
    }
}
static hd_value arg_object(hd_value v, void *closure) { return ((const struct carg *)hd_ptr(v))->object; }
static const struct hd_getsetdef arg_getsets[] = { { "_obj", arg_object, NULL, "the wrapped object", NULL }, { 0 } };
struct hd_type ct_arg_type = {
    .cname = "CArgObject", .basicsize = sizeof(struct carg), .flags = HD_TF_IMMUTABLE_LAYOUT | HD_TF_NEVER_INSTANTIATE, .getsets = arg_getsets,
    .op = { .repr = arg_repr, .trace = arg_trace },
};
hd_value ct_arg_new(char tag, ffi_type *ffi, const void *value, size_t n, hd_value object)
{
    struct carg *a = hd_new_object(&ct_arg_type, sizeof *a);
    if (!a) return HD_ERR;
    a->tag = tag, a->ffi = ffi, a->object = object;
    memcpy(a->value.bytes, value, n);
    return hd_obj(a);
}
hd_value ct_arg_pointer(void *p, hd_value object) { return ct_arg_new('P', &ffi_type_pointer, &p, sizeof p, object); }

/* ---- types as libffi sees them ---------------------------------------------------------------------------------------------------- */
/* A description is one block: the type, its elements, the descriptions of nested structures. */
static bool is_opaque(const struct ct_info *i) { return i->kind == CT_UNION || i->flags & (CT_HAS_BITFIELD | CT_HAS_UNION) || i->size > OPAQUE_SIZE; }
static size_t count_leaves(const struct ct_info *i)
{
    size_t n = 1;
    for (; i->kind == CT_ARRAY; i = ct_info_of(i->proto)) n *= (size_t)i->length;
    return n;
}
size_t ct_ffi_room(hd_value type)
{
    const struct ct_info *i = ct_info_of(type);
    if (!i || (i->kind != CT_STRUCT && i->kind != CT_UNION)) return 0;
    size_t room = sizeof(ffi_type);
    if (is_opaque(i)) return room + sizeof(ffi_type *) * (OPAQUE_SIZE / 8 + 1);
    const struct hd_tuple *types = HD_TUPLE(i->types);
    for (int64_t k = 0; k < types->len; k++) {
        const struct ct_info *f = ct_info_of(types->item[k]);
        hd_value of = types->item[k];
        room += sizeof(ffi_type *) * count_leaves(f);
        while (ct_info_of(of)->kind == CT_ARRAY) of = ct_info_of(of)->proto;
        room += ct_ffi_room(of);
    }
    return room + sizeof(ffi_type *);
}
ffi_type *ct_ffi_build(hd_value type, char **room)
{
    const struct ct_info *i = ct_info_of(type);
    if (!i) return &ffi_type_sint;
    if (i->simple) return i->simple->ffi;
    if (i->kind != CT_STRUCT && i->kind != CT_UNION) return &ffi_type_pointer;
    ffi_type *t = (ffi_type *)(void *)*room;
    *room += ct_ffi_room(type);
    *t = (ffi_type){ .type = FFI_TYPE_STRUCT, .elements = (ffi_type **)(void *)(t + 1), .size = (size_t)i->size, .alignment = (unsigned short)i->align };
    size_t n = 0;
    if (is_opaque(i)) {
        for (int64_t at = 0; at < i->size && n < OPAQUE_SIZE / 8; at += 8) t->elements[n++] = i->size - at >= 8 ? &ffi_type_uint64 : &ffi_type_uint32;
        t->elements[n] = NULL;
        return t;
    }
    const struct hd_tuple *types = HD_TUPLE(i->types);
    for (int64_t k = 0; k < types->len; k++) n += count_leaves(ct_info_of(types->item[k]));
    char *more = (char *)(t->elements + n + 1);
    n = 0;
    for (int64_t k = 0; k < types->len; k++) {
        hd_value of = types->item[k];
        size_t count = count_leaves(ct_info_of(of));
        while (ct_info_of(of)->kind == CT_ARRAY) of = ct_info_of(of)->proto;
        ffi_type *element = ct_ffi_build(of, &more);
        while (count--) t->elements[n++] = element;
    }
    t->elements[n] = NULL;
    return t;
}
static ffi_type *describe(hd_value type, hd_value *keep)
{
    size_t room = ct_ffi_room(type);
    char *p = NULL;
    if (room) {
        *keep = hd_bytes_new(NULL, room);
        if (*keep == HD_ERR) return NULL;
        p = (char *)HD_BYTES(*keep)->data;
    }
    return ct_ffi_build(type, &p);
}

/* ---- arguments ------------------------------------------------------------------------------------------------------------------------ */
struct argument { ffi_type *ffi; void *at; char bytes[16]; };

static void set_pointer(struct argument *a, const void *p)
{
    a->ffi = &ffi_type_pointer;
    memcpy(a->bytes, &p, sizeof p);
}
/* keep[0..1]: what must live as long as the argument. */
static int convert(hd_value v, int64_t number, struct argument *a, hd_value *keep)
{
    keep[0] = v;
    a->at = a->bytes;
    if (ct_is_data(v)) {
        const struct ct_info *i = ct_object_info(v);
        char *p = ct_address(v);
        if (i->kind == CT_ARRAY) set_pointer(a, p);
        else if (i->kind == CT_STRUCT || i->kind == CT_UNION) {
            hd_value description = HD_NONE;
            if (!(a->ffi = describe(ct_type_of(v), &description)) || (keep[1] = hd_bytes_new(NULL, (size_t)i->size)) == HD_ERR) return -1;
            a->at = HD_BYTES(keep[1])->data;
            size_t there = (size_t)HD_GET(CDATA(v), size);
            memset(a->at, 0, (size_t)i->size);
            ct_load(v, p, a->at, there < (size_t)i->size ? there : (size_t)i->size);
            keep[1] = hd_tuplev(keep[1], description);
            return keep[1] == HD_ERR ? -1 : 0;
        } else {
            a->ffi = i->simple ? i->simple->ffi : &ffi_type_pointer;
            ct_load(v, p, a->bytes, (size_t)i->size);
        }
        return 0;
    }
    if (ct_is_arg(v)) {
        const struct carg *c = hd_ptr(v);
        a->ffi = c->ffi;
        memcpy(a->bytes, c->value.bytes, sizeof a->bytes);
        return 0;
    }
    if (v == HD_NONE) {
        set_pointer(a, NULL);
        return 0;
    }
    if (hd_is_int(v)) {
        int64_t i;
        uint64_t u;
        a->ffi = &ffi_type_sint;
        if (hd_int_to_i64(v, &i)) u = (uint64_t)i;
        else if (!hd_int_to_u64(v, &u)) {
            (void)hd_raise(&hd_exc_OverflowError, "int too long to convert");
            return -1;
        }
        int x = (int)u;
        memcpy(a->bytes, &x, sizeof x);
        return 0;
    }
    if (hd_is_bytes(v) || hd_is_str(v)) {
        keep[1] = ct_simple_find(hd_is_bytes(v) ? 'z' : 'Z', false)->set(a->bytes, v);
        a->ffi = &ffi_type_pointer;
        return keep[1] == HD_ERR ? -1 : 0;
    }
    hd_value inner = ct_as_parameter(v);
    if (inner == HD_ERR) return -1;
    if (inner == HD_ABSENT) {
        (void)hd_raise(&hd_exc_TypeError, "Don't know how to convert parameter %zd", number);
        return -1;
    }
    if (hd_recursion_enter(" while processing _as_parameter_") < 0) return -1;
    int r = convert(inner, number, a, keep);
    hd_recursion_leave();
    return r;
}
void ct_argument_error(int64_t number)
{
    hd_value exc = hd_exc_take(), text = hd_str_of(exc);
    if (text == HD_ERR) return;
    (void)hd_raise(HD_TYPE(ct_ArgumentError), "argument %zd: %s: %U", number, hd_type_short_name(hd_type_of(exc)), text);
}

/* ---- results -------------------------------------------------------------------------------------------------------------------------- */
static hd_value result_value(const struct ct_call *c, const char *result)
{
    hd_value v;
    if (c->restype == HD_NONE) return HD_NONE;
    if (c->restype == HD_ABSENT) return hd_int(*(const int *)(const void *)result);
    const struct ct_info *i = ct_info_of(c->restype);
    if (!i) return hd_callv(c->restype, hd_int(*(const int *)(const void *)result));
    if (i->simple && !ct_is_simple_subclass(c->restype)) v = i->simple->get(result);
    else v = ct_new_copy(c->restype, result);
    return v == HD_ERR || c->checker == HD_ABSENT ? v : hd_callv(c->checker, v);
}

/* ---- the call --------------------------------------------------------------------------------------------------------------------------- */
hd_value ct_call(const struct ct_call *c, hd_value args)
{
    int64_t n = HD_TUPLE(args)->len, fixed = c->converters == HD_ABSENT ? 0 : HD_TUPLE(c->converters)->len;
    if (n > CT_MAX_ARGS) return hd_raise(HD_TYPE(ct_ArgumentError), "too many arguments (%zd), maximum is %d", n, CT_MAX_ARGS);
    hd_value keep = hd_tuple_new(2 * (size_t)n + 2);
    struct argument *a = hd_scratch(sizeof *a * (size_t)(n + 1));
    ffi_type **types = hd_scratch(sizeof *types * (size_t)(n + 1));
    void **values = hd_scratch(sizeof *values * (size_t)(n + 1));
    if (keep == HD_ERR || !a || !types || !values) return HD_ERR;
    for (int64_t i = 0; i < 2 * n + 2; i++) HD_TUPLE(keep)->item[i] = HD_NONE;
    for (int64_t i = 0; i < n; i++) {
        hd_value v = HD_TUPLE(args)->item[i], kept[2] = { HD_NONE, HD_NONE };
        if (i < fixed) v = hd_callv(HD_TUPLE(c->converters)->item[i], v);
        if (v == HD_ERR || convert(v, i + 1, &a[i], kept) < 0) {
            ct_argument_error(i + 1);
            return HD_ERR;
        }
        HD_TUPLE(keep)->item[2 * i] = kept[0], HD_TUPLE(keep)->item[2 * i + 1] = kept[1];
        types[i] = a[i].ffi, values[i] = a[i].at;
    }
    ffi_type *result_type = c->restype == HD_NONE ? &ffi_type_void : c->restype == HD_ABSENT ? &ffi_type_sint : describe(c->restype, &HD_TUPLE(keep)->item[2 * n]);
    if (!result_type) return HD_ERR;
    size_t size = result_type->size > 32 ? result_type->size : 32;
    char *result = hd_scratch(size);
    if (!result) return HD_ERR;
    memset(result, 0, size);
    ffi_cif cif;
    ffi_status status = fixed && fixed < n ? ffi_prep_cif_var(&cif, FFI_DEFAULT_ABI, (unsigned)fixed, (unsigned)n, result_type, types)
                                           : ffi_prep_cif(&cif, FFI_DEFAULT_ABI, (unsigned)n, result_type, types);
    if (status != FFI_OK) return hd_raise(&hd_exc_RuntimeError, "ffi_prep_cif failed");
    /* In memory, where the collector finds them whatever the foreign function does with the registers. */
    hd_value volatile held[] = { keep, args, hd_obj(a), hd_obj(types), hd_obj(values), hd_obj(result), c->restype, c->checker, c->converters };
    void (*function)(void) = (void (*)(void))(uintptr_t)c->function;
    if (c->flags & FUNCFLAG_PYTHONAPI) {
        if (!ct_is_own(c->function)) stm_become_irrevocable();
        ffi_call(&cif, function, result, values);
        if (hd_exc_pending()) return HD_ERR;
    } else {
        int token = ct_leave(), *own = c->flags & FUNCFLAG_USE_ERRNO ? ct_errno() : NULL, was;
        if (own) was = errno, errno = *own, *own = was;
        ffi_call(&cif, function, result, values);
        if (own) was = errno, errno = *own, *own = was;
        ct_enter(token);
    }
    hd_value v = result_value(c, result);
    return held[0] == HD_ERR ? HD_ERR : v;
}
