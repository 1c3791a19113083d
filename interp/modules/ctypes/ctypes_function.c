/* Function pointers: CFuncPtr and its metaclass; the prototypes' rules for arguments (argtypes, parameter flags, errcheck). */
#include <dlfcn.h>
#include <string.h>
#include "interp/core/attr.h"
#include "interp/core/names.h"
#include "interp/modules/ctypes/ctypes_internal.h"
#include "interp/types/bytes.h"

#define FUNCTION(v) ((struct cfunction *)hd_ptr(v))
enum { PARAM_IN = 1, PARAM_OUT = 2, PARAM_LCID = 4 };

static struct cdata *cfunction_open(struct cfunction *f) { return HD_OPENED(cdata_open(&f->data)); }
#define GET(f, field) HD_GET_AT(&(f)->data.head.w, &(f)->field)
#define PUT(f, field, v) (cfunction_open(f), HD_PUT_AT(&(f)->field, (v)))

/* ---- the metaclass ---------------------------------------------------------------------------------------------------------------- */
hd_value ct_converters(hd_value types)
{
    const hd_value *items;
    int64_t n;
    /* A pointer has items without end. */
    if (!hd_is_tuple(types) && !hd_is_list(types) && (!hd_type_of(types)->op.getitem || (ct_is_data(types) && !hd_type_of(types)->op.length))) return hd_raise(&hd_exc_TypeError, "_argtypes_ must be a sequence of types");
    hd_value keep = hd_fast_sequence(types, "_argtypes_ must be a sequence of types", &items, &n), result;
    if (keep == HD_ERR || (result = hd_list_new((size_t)n)) == HD_ERR) return HD_ERR;
    if (n > CT_MAX_ARGS) return hd_raise(HD_TYPE(ct_ArgumentError), "_argtypes_ has too many arguments (%zd), maximum is %d", n, CT_MAX_ARGS);
    for (int64_t i = 0; i < n; i++) {
        hd_value f = hd_getattr_opt(items[i], hd_intern("from_param"));
        if (f == HD_ABSENT) return hd_raise(&hd_exc_TypeError, "item %zd in _argtypes_ has no from_param method", i + 1);
        if (f == HD_ERR || hd_list_append(result, f) < 0) return HD_ERR;
    }
    return hd_list_as_tuple(result);
}
/* restype._check_retval_, or HD_ABSENT */
static hd_value checker_of(hd_value restype) { return restype == HD_NONE ? HD_ABSENT : hd_getattr_opt(restype, hd_intern("_check_retval_")); }
static bool is_restype(hd_value v) { return v == HD_NONE || ct_info_of(v) || hd_callable(v); }
static hd_value meta_make(hd_value meta, const hd_value *args, size_t nargs, hd_value kwnames)
{
    hd_value t = ct_class_make(meta, args, nargs, kwnames), v;
    if (t == HD_ERR) return t;
    struct ct_info *i = ct_info_new(NULL, CT_FUNCTION);
    if (!i) return HD_ERR;
    i->size = sizeof(void *), i->align = _Alignof(void *), i->length = 1;
    i->flags = CT_IS_POINTER;
    i->format = hd_intern("X{}");
    v = ct_class_attr(t, "_flags_");
    if (v == HD_ABSENT || !hd_is_int(v)) return hd_raise(&hd_exc_TypeError, "class must define _flags_ which must be an integer");
    if (hd_as_i64(v, &i->call_flags) < 0) return HD_ERR;
    if ((v = ct_class_attr(t, "_argtypes_")) != HD_ABSENT) {
        if (!hd_is_tuple(v)) return hd_raise(&hd_exc_TypeError, "_argtypes_ must be a sequence of types");
        i->argtypes = v;
        if ((i->converters = ct_converters(v)) == HD_ERR) return HD_ERR;
    }
    if ((v = ct_class_attr(t, "_restype_")) != HD_ABSENT) {
        if (!is_restype(v)) return hd_raise(&hd_exc_TypeError, "_restype_ must be a type, a callable, or None");
        i->restype = v;
        if ((i->checker = checker_of(v)) == HD_ERR) return HD_ERR;
    }
    ct_class_set_info(t, i);
    return t;
}
struct hd_type ct_function_meta = {
    .cname = "_ctypes.PyCFuncPtrType", .base = &ct_meta, .flags = HD_TF_BASETYPE, .doc = "metatype for C function pointers", .op = { .make = meta_make },
};

/* ---- attributes ------------------------------------------------------------------------------------------------------------------------ */
static hd_value own_or(hd_value own, hd_value of_class) { return own != HD_UNBOUND ? own : of_class; }
static hd_value shown(hd_value v) { return v == HD_ABSENT || v == HD_UNBOUND ? HD_NONE : v; }

static hd_value get_argtypes(hd_value self, void *closure) { return shown(own_or(GET(FUNCTION(self), argtypes), ct_object_info(self)->argtypes)); }
static int set_argtypes(hd_value self, hd_value v, void *closure)
{
    struct cfunction *f = FUNCTION(self);
    hd_value converters = HD_UNBOUND;
    if (v == HD_ABSENT || v == HD_NONE) v = HD_UNBOUND;
    else if ((converters = ct_converters(v)) == HD_ERR) return -1;
    PUT(f, argtypes, v);
    PUT(f, converters, converters);
    return 0;
}
static hd_value get_restype(hd_value self, void *closure) { return shown(own_or(GET(FUNCTION(self), restype), ct_object_info(self)->restype)); }
static int set_restype(hd_value self, hd_value v, void *closure)
{
    struct cfunction *f = FUNCTION(self);
    hd_value checker = HD_UNBOUND;
    if (v == HD_ABSENT) v = HD_UNBOUND;
    else if (!is_restype(v)) {
        (void)hd_raise(&hd_exc_TypeError, "restype must be a type, a callable, or None");
        return -1;
    } else if ((checker = checker_of(v)) == HD_ERR) return -1;
    PUT(f, restype, v);
    PUT(f, checker, checker == HD_ABSENT ? HD_UNBOUND : checker);
    return 0;
}
static hd_value get_errcheck(hd_value self, void *closure) { return shown(GET(FUNCTION(self), errcheck)); }
static int set_errcheck(hd_value self, hd_value v, void *closure)
{
    if (v != HD_ABSENT && !hd_callable(v)) {
        (void)hd_raise(&hd_exc_TypeError, "the errcheck attribute must be callable");
        return -1;
    }
    PUT(FUNCTION(self), errcheck, v == HD_ABSENT ? HD_UNBOUND : v);
    return 0;
}
static const struct hd_getsetdef getsets[] = {
    { "errcheck", get_errcheck, set_errcheck, "a function to check for errors", NULL }, { "restype", get_restype, set_restype, "specify the result type", NULL },
    { "argtypes", get_argtypes, set_argtypes, "specify the argument types", NULL }, { 0 }
};

/* ---- making -------------------------------------------------------------------------------------------------------------------------------- */
/* (flags, name or None, default or HD_ABSENT) of one parameter; 0, -1. */
struct param { int flags; hd_value name, value; };
static int read_param(hd_value item, struct param *p)
{
    int64_t n = hd_is_tuple(item) ? HD_TUPLE(item)->len : 0;
    *p = (struct param){ .name = HD_NONE, .value = HD_ABSENT };
    if (n >= 1 && n <= 3 && hd_is_int(HD_TUPLE(item)->item[0])) {
        const hd_value *a = HD_TUPLE(item)->item;
        if (n > 1) p->name = a[1];
        if (n > 2) p->value = a[2];
        if (p->name == HD_NONE || hd_is_str(p->name)) return hd_as_int32(a[0], &p->flags);
    }
    (void)hd_raise(&hd_exc_TypeError, "paramflags must be a sequence of (int [,string [,value]]) tuples");
    return -1;
}
static int check_paramflags(const struct ct_info *i, hd_value flags)
{
    if (i->argtypes == HD_ABSENT) {
        (void)hd_raise(&hd_exc_TypeError, "abstract class");
        return -1;
    }
    if (!hd_is_tuple(flags)) {
        (void)hd_raise(&hd_exc_TypeError, "paramflags must be a tuple or None");
        return -1;
    }
    const struct hd_tuple *t = HD_TUPLE(flags), *types = HD_TUPLE(i->argtypes);
    if (t->len != types->len) {
        (void)hd_raise(&hd_exc_ValueError, "paramflags must have the same length as argtypes");
        return -1;
    }
    for (int64_t k = 0; k < t->len; k++) {
        struct param p;
        if (read_param(t->item[k], &p) < 0) return -1;
        switch (p.flags & (PARAM_IN | PARAM_OUT | PARAM_LCID)) {
        case 0: case PARAM_IN: case PARAM_IN | PARAM_LCID: case PARAM_IN | PARAM_OUT: break;
        case PARAM_OUT: {
            const struct ct_info *of = ct_info_of(types->item[k]);
            if (!of || (of->kind != CT_POINTER && of->kind != CT_ARRAY && !(of->simple && strchr("PzZ", of->simple->code)))) {
                (void)hd_raise(&hd_exc_TypeError, "'out' parameter %zd must be a pointer type, not %s", k + 1, hd_is_type(types->item[k]) ? hd_type_short_name(HD_TYPE(types->item[k])) : "?");
                return -1;
            }
            break;
        }
        default: (void)hd_raise(&hd_exc_TypeError, "paramflag value %d not supported", p.flags); return -1;
        }
    }
    return 0;
}
static hd_value new_function(hd_value type, void *address)
{
    hd_value v = ct_new_copy(type, &address);
    return v;
}
static hd_value from_library(hd_value type, hd_value spec, hd_value flags)
{
    if (HD_TUPLE(spec)->len != 2) return hd_raise(&hd_exc_TypeError, "illegal func_spec argument");
    hd_value name = HD_TUPLE(spec)->item[0], dll = HD_TUPLE(spec)->item[1];
    if (!hd_is_str(name) && !hd_is_bytes(name)) return hd_raise(&hd_exc_TypeError, "function name must be string, bytes object or integer");
    size_t n;
    const char *s = hd_is_str(name) ? hd_str_as_utf8(name, &n) : (const char *)HD_BYTES(name)->data;
    hd_value handle = s ? hd_getattr_c(dll, "_handle") : HD_ERR;
    uint64_t h;
    if (handle == HD_ERR) return HD_ERR;
    if (!hd_is_int(handle)) return hd_raise(&hd_exc_TypeError, "the _handle attribute of the second argument must be an integer");
    if (hd_as_u64(handle, &h) < 0) return HD_ERR;
    dlerror();
    void *address = ct_info_of(type)->call_flags & FUNCFLAG_PYTHONAPI ? ct_api_find(s) : NULL;
    if (!address) address = dlsym((void *)(uintptr_t)h, s);
    const char *why = address ? NULL : dlerror();
    if (!address) return hd_raise(&hd_exc_AttributeError, "%s", why ? why : "symbol has no address");
    if (flags != HD_ABSENT && flags != HD_NONE && check_paramflags(ct_info_of(type), flags) < 0) return HD_ERR;
    hd_value v = new_function(type, address);
    if (v == HD_ERR || ct_keep(v, 0, dll) < 0) return HD_ERR;
    if (flags != HD_ABSENT && flags != HD_NONE) PUT(FUNCTION(v), paramflags, flags);
    return v;
}
static hd_value function_make(hd_value type, const hd_value *args, size_t nargs, hd_value kwnames)
{
    const struct ct_info *i = ct_info_of(type);
    if (!i) return hd_raise(&hd_exc_TypeError, "abstract class");
    if (!nargs) return ct_new(type);
    if (hd_is_tuple(args[0])) return from_library(type, args[0], nargs > 1 ? args[1] : HD_ABSENT);
    if (nargs > 1) return hd_raise(&hd_exc_TypeError, "function takes at most 1 argument (%zu given)", nargs);
    if (hd_is_int(args[0])) {
        char bytes[16];
        void *address;
        if (ct_simple_find('P', false)->set(bytes, args[0]) == HD_ERR) return HD_ERR;
        memcpy(&address, bytes, sizeof address);
        return new_function(type, address);
    }
    if (!hd_callable(args[0])) return hd_raise(&hd_exc_TypeError, "argument must be callable or integer function address");
    if (i->argtypes == HD_ABSENT) return hd_raise(&hd_exc_TypeError, "cannot construct instance of this class: no argtypes");
    struct ct_thunk *t = ct_thunk_new(args[0], i->argtypes, i->restype, i->call_flags);
    if (!t) return HD_ERR;
    hd_value v = new_function(type, ct_thunk_code(t));
    if (v == HD_ERR) {
        stm_on_commit(ct_thunk_free, t);
        return v;
    }
    HD_INIT(FUNCTION(v), thunk, t);
    HD_INIT(FUNCTION(v), callable, args[0]);
    return ct_keep(v, 0, v) < 0 ? HD_ERR : v;
}
static int function_init(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames) { return 0; }
static void function_trace(void *o, struct gc_marker *m)
{
    struct cfunction *f = o;
    ct_data_trace(o, m);
    gc_mark(m, HD_RAW(f->argtypes)), gc_mark(m, HD_RAW(f->converters)), gc_mark(m, HD_RAW(f->restype)), gc_mark(m, HD_RAW(f->checker));
    gc_mark(m, HD_RAW(f->errcheck)), gc_mark(m, HD_RAW(f->paramflags)), gc_mark(m, HD_RAW(f->callable));
    if (HD_RAW(f->thunk)) ct_thunk_trace(HD_RAW(f->thunk), m);
}
static void function_finalise(hd_value self)
{
    struct cfunction *f = FUNCTION(self);
    struct ct_thunk *t = GET(f, thunk);
    if (!t) return;
    PUT(f, thunk, NULL);
    stm_on_commit(ct_thunk_free, t);
}

/* ---- calling ------------------------------------------------------------------------------------------------------------------------------- */
struct building { const hd_value *args; size_t nargs, used; hd_value kwnames; hd_value outs, inouts; /* lists of indices */ };

static hd_value take(struct building *b, const struct param *p)
{
    if (b->used < b->nargs) return b->args[b->used++];
    for (int64_t j = 0; p->name != HD_NONE && b->kwnames && j < HD_TUPLE(b->kwnames)->len; j++)
        if (hd_str_eq(HD_TUPLE(b->kwnames)->item[j], p->name)) {
            b->used++;
            return b->args[b->nargs + (size_t)j];
        }
    if (p->value != HD_ABSENT) return p->value;
    return p->name != HD_NONE ? hd_raise(&hd_exc_TypeError, "required argument '%U' missing", p->name) : hd_raise(&hd_exc_TypeError, "not enough arguments");
}
/* The object that an out parameter without default gets. */
static hd_value out_object(hd_value type)
{
    const struct ct_info *i = ct_info_of(type);
    if (i && i->simple) return hd_raise(&hd_exc_TypeError, "%s 'out' parameter must be passed as default value", hd_type_short_name(HD_TYPE(type)));
    if (!i || (i->kind != CT_ARRAY && i->proto == HD_ABSENT)) return hd_raise(&hd_exc_RuntimeError, "NULL stgdict unexpected");
    return hd_call0(i->kind == CT_ARRAY ? type : i->proto);
}
/* The arguments by the prototype's flags. */
static hd_value build_args(struct cfunction *f, struct building *b, hd_value argtypes)
{
    hd_value flags = GET(f, paramflags);
    b->outs = b->inouts = HD_ABSENT;
    if (flags == HD_UNBOUND || argtypes == HD_ABSENT || !HD_TUPLE(flags)->len) {
        if (b->kwnames && HD_TUPLE(b->kwnames)->len && flags != HD_UNBOUND) return hd_raise(&hd_exc_TypeError, "this function takes no keyword arguments");
        return hd_tuple_from(b->args, b->nargs);
    }
    hd_value list = hd_list_new(0), types = hd_tuple_of(argtypes);
    b->outs = hd_list_new(0), b->inouts = hd_list_new(0);
    if (list == HD_ERR || types == HD_ERR || b->outs == HD_ERR || b->inouts == HD_ERR) return HD_ERR;
    for (int64_t k = 0; k < HD_TUPLE(types)->len && k < HD_TUPLE(flags)->len; k++) {
        struct param p;
        hd_value v;
        if (read_param(HD_TUPLE(flags)->item[k], &p) < 0) return HD_ERR;
        switch (p.flags & (PARAM_IN | PARAM_OUT | PARAM_LCID)) {
        case PARAM_IN | PARAM_LCID: v = p.value != HD_ABSENT ? p.value : hd_fix(0); break;
        case PARAM_OUT:
            v = p.value != HD_ABSENT ? p.value : out_object(HD_TUPLE(types)->item[k]);
            if (hd_list_append(b->outs, hd_int(k)) < 0) return HD_ERR;
            break;
        case PARAM_IN | PARAM_OUT:
            if (hd_list_append(b->inouts, hd_int(k)) < 0) return HD_ERR;
            v = take(b, &p);
            break;
        default: v = take(b, &p);
        }
        if (v == HD_ERR || hd_list_append(list, v) < 0) return HD_ERR;
    }
    size_t given = b->nargs + (b->kwnames ? (size_t)HD_TUPLE(b->kwnames)->len : 0);
    if (given != b->used) return hd_raise(&hd_exc_TypeError, "call takes exactly %zu arguments (%zu given)", b->used, given);
    return hd_list_as_tuple(list);
}
/* The out parameters' values instead of the result. */
static hd_value out_values(const struct building *b, hd_value args, hd_value result)
{
    int64_t n = hd_list_len(b->outs) + hd_list_len(b->inouts), o = 0, io = 0;
    if (!n) return result;
    hd_value list = hd_list_new(0);
    if (list == HD_ERR) return list;
    for (int64_t k = 0; k < HD_TUPLE(args)->len; k++) {
        hd_value v = HD_TUPLE(args)->item[k], at = hd_int(k);
        if (io < hd_list_len(b->inouts) && hd_list_get(b->inouts, io) == at) io++;
        else if (o < hd_list_len(b->outs) && hd_list_get(b->outs, o) == at) {
            o++;
            if ((v = hd_call_method(v, hd_intern("__ctypes_from_outparam__"), NULL, 0)) == HD_ERR) return v;
        } else continue;
        if (n == 1) return v;
        if (hd_list_append(list, v) < 0) return HD_ERR;
    }
    return hd_list_as_tuple(list);
}
static hd_value function_call(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
{
    struct cfunction *f = FUNCTION(self);
    const struct ct_info *i = ct_object_info(self);
    hd_value argtypes = own_or(GET(f, argtypes), i->argtypes), own_restype = GET(f, restype);
    struct building b = { .args = args, .nargs = nargs, .kwnames = kwnames };
    hd_value errcheck = GET(f, errcheck), built = build_args(f, &b, argtypes);
    if (built == HD_ERR) return built;
    struct ct_call c = {
        .flags = i->call_flags, .restype = own_or(own_restype, i->restype), .converters = own_or(GET(f, converters), i->converters),
        .checker = own_restype != HD_UNBOUND ? GET(f, checker) : i->checker
    };
    if (c.checker == HD_UNBOUND) c.checker = HD_ABSENT;
    if (c.converters != HD_ABSENT) {
        int64_t required = HD_TUPLE(c.converters)->len, given = HD_TUPLE(built)->len;
        if (c.flags & FUNCFLAG_CDECL ? required > given : required != given)
            return hd_raise(&hd_exc_TypeError, "this function takes %s%zd argument%s (%zd given)", c.flags & FUNCFLAG_CDECL ? "at least " : "", required, required == 1 ? "" : "s", given);
    }
    ct_load(self, ct_address(self), &c.function, sizeof c.function);
    if (!c.function) return hd_raise(&hd_exc_ValueError, "attempt to call a NULL function pointer");
    hd_value r = ct_call(&c, built);
    if (r == HD_ERR) return r;
    if (errcheck != HD_UNBOUND) {
        hd_value v = hd_callv(errcheck, r, self, built);
        if (v == HD_ERR || v != built) return v;
    }
    return b.outs == HD_ABSENT ? r : out_values(&b, built, r);
}
static int function_bool(hd_value self)
{
    void *p;
    ct_load(self, ct_address(self), &p, sizeof p);
    return p != NULL;
}
static hd_value function_repr(hd_value self) { return ct_repr_address("object", self); }
struct ct_class ct_function = { .t = {
    .cname = "_ctypes.CFuncPtr", .base = &ct_data.t, .basicsize = sizeof(struct cfunction), .flags = HD_TF_BASETYPE | HD_TF_LATE_FINALISER, .doc = "Function Pointer", .getsets = getsets,
    .op = { .make = function_make, .init = function_init, .call = function_call, .boolean = function_bool, .repr = function_repr, .trace = function_trace, .finalise = function_finalise },
} };
