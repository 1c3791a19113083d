/* Owns functions written in Python as objects, and cells.  Calling them is the evaluator's business. */
#include "interp/core/attr.h"
#include "interp/core/code.h"
#include "interp/core/type_internal.h"
#include "interp/core/type_ops.h"
#include "interp/types/objects.h"

static struct hd_func *fn(hd_value v) { return HD_FUNC(v); }

hd_value hd_func_new(hd_value code, hd_value globals)
{
    struct hd_func *f = hd_new_mutable(&hd_function_type, sizeof *f);
    if (!f) return HD_ERR;
    const struct hd_code *c = HD_CODE(code);
    f->code = code;
    HD_INIT(f, defaults, HD_NONE);
    HD_INIT(f, kwdefaults, HD_NONE);
    HD_INIT(f, name, c->name);
    HD_INIT(f, qualname, c->qualname);
    HD_INIT(f, doc, HD_UNBOUND);
    HD_INIT(f, module, HD_UNBOUND);
    HD_INIT(f, annotations, HD_UNBOUND);
    HD_INIT(f, dict, HD_UNBOUND);
    f->globals = globals;
    f->closure = HD_NONE;
    hd_value b = hd_dict_get_str(globals, hd_s___builtins__);
    if (b != HD_ABSENT && hd_is_shape(b, HD_SHAPE_MODULE)) b = hd_module_dict(b);
    f->builtins = b != HD_ABSENT ? b : hd_builtins_dict;
    return hd_obj(f);
}

static hd_value func_make(hd_value type, const hd_value *args, size_t nargs, hd_value kwnames)
{
    hd_value a[5];
    if (hd_args("function", "code,globals,|name,argdefs,closure", args, nargs, kwnames, a) < 0) return HD_ERR;
    if (!hd_is_shape(a[0], HD_SHAPE_CODE)) return hd_raise(&hd_exc_TypeError, "function() argument 'code' must be code, not %A", a[0]);
    if (!hd_is_dict(a[1])) return hd_raise(&hd_exc_TypeError, "function() argument 'globals' must be dict, not %A", a[1]);
    if (a[2] != HD_ABSENT && a[2] != HD_NONE && !hd_is_str(a[2])) return hd_raise(&hd_exc_TypeError, "arg 3 (name) must be None or string");
    if (a[3] != HD_ABSENT && a[3] != HD_NONE && !hd_is_tuple(a[3])) return hd_raise(&hd_exc_TypeError, "arg 4 (defaults) must be None or tuple");
    int64_t nfree = HD_CODE(a[0])->nfree;
    hd_value closure = a[4] == HD_ABSENT ? HD_NONE : a[4];
    if (closure != HD_NONE || nfree) {
        if (!hd_is_tuple(closure))
            return nfree && closure == HD_NONE ? hd_raise(&hd_exc_TypeError, "arg 5 (closure) must be tuple") : hd_raise(&hd_exc_TypeError, "arg 5 (closure) must be None or tuple");
        if (HD_TUPLE(closure)->len != nfree)
            return hd_raise(&hd_exc_ValueError, "%U requires closure of length %ld, not %ld", HD_CODE(a[0])->name, (long)nfree, (long)HD_TUPLE(closure)->len);
        for (int64_t i = 0; i < nfree; i++)
            if (!hd_is_shape(HD_TUPLE(closure)->item[i], HD_SHAPE_CELL))
                return hd_raise(&hd_exc_TypeError, "arg 5 (closure) expected cell, found %T", HD_TUPLE(closure)->item[i]);
    }
    hd_value f = hd_func_new(a[0], a[1]);
    if (f == HD_ERR) return f;
    if (a[2] != HD_ABSENT && a[2] != HD_NONE) HD_INIT(fn(f), name, a[2]);
    if (a[3] != HD_ABSENT) HD_INIT(fn(f), defaults, a[3]);
    fn(f)->closure = closure;
    return f;
}

static hd_value func_repr(hd_value v) { return hd_str_format("<function %U at %p>", HD_GET(fn(v), qualname), hd_ptr(v)); }
static hd_value func_get(hd_value d, hd_value obj, hd_value type) { return obj == HD_ABSENT ? d : hd_method_new(d, obj); }

/* ---- attributes -------------------------------------------------------------------------------------------------------------------- */
static hd_value get_code(hd_value v, void *c) { return fn(v)->code; }
static int set_code(hd_value v, hd_value x, void *c)
{
    if (x == HD_ABSENT || !hd_is_shape(x, HD_SHAPE_CODE)) {
        (void)hd_raise(&hd_exc_TypeError, "__code__ must be set to a code object");
        return -1;
    }
    int64_t have = fn(v)->closure == HD_NONE ? 0 : HD_TUPLE(fn(v)->closure)->len;
    if (have != HD_CODE(x)->nfree) {
        (void)hd_raise(&hd_exc_ValueError, "%U() requires a code object with %ld free vars, not %ld", HD_GET(fn(v), name), (long)have, (long)HD_CODE(x)->nfree);
        return -1;
    }
    stm_hold_world();
    HD_OPENED(hd_func_open(fn(v)))->code = x;
    hd_caches_drop();
    return 0;
}
static hd_value get_name(hd_value v, void *c) { return HD_GET(fn(v), name); }
static int set_name(hd_value v, hd_value x, void *c)
{
    if (x == HD_ABSENT || !hd_is_str(x)) {
        (void)hd_raise(&hd_exc_TypeError, "__name__ must be set to a string object");
        return -1;
    }
    hd_func_w w = hd_func_open(fn(v));
    HD_PUT(w, name, x);
    return 0;
}
static hd_value get_qualname(hd_value v, void *c) { return HD_GET(fn(v), qualname); }
static int set_qualname(hd_value v, hd_value x, void *c)
{
    if (x == HD_ABSENT || !hd_is_str(x)) {
        (void)hd_raise(&hd_exc_TypeError, "__qualname__ must be set to a string object");
        return -1;
    }
    hd_func_w w = hd_func_open(fn(v));
    HD_PUT(w, qualname, x);
    return 0;
}
static hd_value get_defaults(hd_value v, void *c) { return HD_GET(fn(v), defaults); }
static int set_defaults(hd_value v, hd_value x, void *c)
{
    if (x == HD_ABSENT) x = HD_NONE;
    if (x != HD_NONE && !hd_is_tuple(x)) {
        (void)hd_raise(&hd_exc_TypeError, "__defaults__ must be set to a tuple object");
        return -1;
    }
    hd_func_w w = hd_func_open(fn(v));
    HD_PUT(w, defaults, x);
    return 0;
}
static hd_value get_kwdefaults(hd_value v, void *c) { return HD_GET(fn(v), kwdefaults); }
static int set_kwdefaults(hd_value v, hd_value x, void *c)
{
    if (x == HD_ABSENT) x = HD_NONE;
    if (x != HD_NONE && !hd_is_dict(x)) {
        (void)hd_raise(&hd_exc_TypeError, "__kwdefaults__ must be set to a dict object");
        return -1;
    }
    hd_func_w w = hd_func_open(fn(v));
    HD_PUT(w, kwdefaults, x);
    return 0;
}
static hd_value get_annotations(hd_value v, void *c)
{
    hd_value a = HD_GET(fn(v), annotations);
    if (a != HD_UNBOUND && hd_is_dict(a)) return a;
    hd_value d = hd_dict_new();
    if (d == HD_ERR) return d;
    if (a != HD_UNBOUND && hd_is_tuple(a))     /* name, value, … as the compiler gives them */
        for (int64_t i = 0; i + 1 < HD_TUPLE(a)->len; i += 2)
            if (hd_dict_set(d, HD_TUPLE(a)->item[i], HD_TUPLE(a)->item[i + 1]) < 0) return HD_ERR;
    hd_func_w w = hd_func_open(fn(v));
    HD_PUT(w, annotations, d);
    return d;
}
static int set_annotations(hd_value v, hd_value x, void *c)
{
    if (x == HD_NONE || x == HD_ABSENT) x = HD_UNBOUND;
    else if (!hd_is_dict(x)) {
        (void)hd_raise(&hd_exc_TypeError, "__annotations__ must be set to a dict object");
        return -1;
    }
    hd_func_w w = hd_func_open(fn(v));
    HD_PUT(w, annotations, x);
    return 0;
}
/* The docstring is the first constant of the code if that is a str. */
static hd_value get_doc(hd_value v, void *c)
{
    hd_value d = HD_GET(fn(v), doc);
    if (d != HD_UNBOUND) return d;
    const struct hd_code *code = HD_CODE(fn(v)->code);
    const struct hd_tuple *k = HD_TUPLE(code->consts);
    return k->len && hd_is_str(k->item[0]) ? k->item[0] : HD_NONE;
}
static int set_doc(hd_value v, hd_value x, void *c)
{
    hd_func_w w = hd_func_open(fn(v));
    HD_PUT(w, doc, x == HD_ABSENT ? HD_NONE : x);
    return 0;
}
static hd_value get_module(hd_value v, void *c)
{
    hd_value m = HD_GET(fn(v), module);
    if (m != HD_UNBOUND) return m;
    m = hd_dict_get_str(fn(v)->globals, hd_s___name__);
    return m == HD_ABSENT ? HD_NONE : m;
}
static int set_module(hd_value v, hd_value x, void *c)
{
    hd_func_w w = hd_func_open(fn(v));
    HD_PUT(w, module, x == HD_ABSENT ? HD_NONE : x);
    return 0;
}
static hd_value get_dict(hd_value v, void *c) { return hd_object_dict(v); }
static int set_dict(hd_value v, hd_value x, void *c)
{
    if (x != HD_ABSENT) return hd_object_set_dict(v, x);
    (void)hd_raise(&hd_exc_TypeError, "cannot delete __dict__");
    return -1;
}
static const struct hd_memberdef members[] = {
    { "__closure__", offsetof(struct hd_func, closure), HD_MEMBER_CONST | HD_MEMBER_READONLY, NULL },
    { "__globals__", offsetof(struct hd_func, globals), HD_MEMBER_CONST | HD_MEMBER_READONLY, NULL },
    { "__builtins__", offsetof(struct hd_func, builtins), HD_MEMBER_CONST | HD_MEMBER_READONLY, NULL },
    { NULL }
};
static const struct hd_getsetdef getsets[] = {
    { "__code__", get_code, set_code, NULL, NULL }, { "__defaults__", get_defaults, set_defaults, NULL, NULL },
    { "__kwdefaults__", get_kwdefaults, set_kwdefaults, NULL, NULL }, { "__annotations__", get_annotations, set_annotations, NULL, NULL },
    { "__dict__", get_dict, set_dict, NULL, NULL }, { "__name__", get_name, set_name, NULL, NULL },
    { "__qualname__", get_qualname, set_qualname, NULL, NULL }, { "__doc__", get_doc, set_doc, NULL, NULL },
    { "__module__", get_module, set_module, NULL, NULL }, { NULL }
};
static void func_trace(void *o, struct gc_marker *m)
{
    const hd_value *w = (const hd_value *)((char *)o + offsetof(struct hd_func, code));
    for (size_t i = 0; i < (sizeof(struct hd_func) - offsetof(struct hd_func, code)) / 8; i++) gc_mark(m, w[i]);
}
struct hd_type hd_function_type = {
    .cname = "function", .basicsize = sizeof(struct hd_func), .dict_offset = offsetof(struct hd_func, dict),
    .flags = HD_TF_METHOD_DESCRIPTOR | HD_TF_HAS_WEAKREFS,
    .doc = "function(code, globals, name=None, argdefs=None, closure=None)\n--\n\nCreate a function object.\n\n  code\n    a code object\n"
           "  globals\n    the globals dictionary\n  name\n    a string that overrides the name from the code object\n  argdefs\n"
           "    a tuple that specifies the default argument values\n  closure\n    a tuple that supplies the bindings for free variables",
    .members = members, .getsets = getsets,
    .op = { .repr = func_repr, .call = hd_call, .make = func_make, .descr_get = func_get, .trace = func_trace },
};

/* ---- cells ----------------------------------------------------------------------------------------------------------------------------- */
static struct hd_cell *cell(hd_value v) { return hd_ptr(v); }
hd_value hd_cell_new(hd_value v)
{
    struct hd_cell *c = hd_new_mutable(&hd_cell_type, sizeof *c);
    if (!c) return HD_ERR;
    HD_INIT(c, value, v);
    return hd_obj(c);
}
static hd_value cell_make(hd_value type, const hd_value *args, size_t nargs, hd_value kwnames)
{
    if (hd_no_kwargs("cell", kwnames) < 0) return HD_ERR;
    if (nargs > 1) return hd_raise(&hd_exc_TypeError, "cell expected at most 1 argument, got %zu", nargs);
    return hd_cell_new(nargs ? args[0] : HD_UNBOUND);
}
static hd_value cell_repr(hd_value v)
{
    hd_value x = HD_GET(cell(v), value);
    if (x == HD_UNBOUND) return hd_str_format("<cell at %p: empty>", hd_ptr(v));
    return hd_str_format("<cell at %p: %T object at %p>", hd_ptr(v), x, hd_ptr(x));
}
static hd_value cell_compare(hd_value a, hd_value b, enum hd_cmpop op)
{
    if (!hd_is_shape(a, HD_SHAPE_CELL) || !hd_is_shape(b, HD_SHAPE_CELL)) return HD_NOTIMPLEMENTED;
    hd_value x = HD_GET(cell(a), value), y = HD_GET(cell(b), value);
    if (x != HD_UNBOUND && y != HD_UNBOUND) return hd_compare(x, y, op);
    int l = x != HD_UNBOUND, r = y != HD_UNBOUND;      /* an empty cell is less than any other */
    return hd_bool(op == HD_LT ? l < r : op == HD_LE ? l <= r : op == HD_EQ ? l == r : op == HD_NE ? l != r : op == HD_GT ? l > r : l >= r);
}
static hd_value get_contents(hd_value v, void *c)
{
    hd_value x = HD_GET(cell(v), value);
    return x == HD_UNBOUND ? hd_raise(&hd_exc_ValueError, "Cell is empty") : x;
}
static int set_contents(hd_value v, hd_value x, void *c)
{
    hd_cell_w w = hd_cell_open(cell(v));
    HD_PUT(w, value, x == HD_ABSENT ? HD_UNBOUND : x);
    return 0;
}
static const struct hd_getsetdef cell_getsets[] = { { "cell_contents", get_contents, set_contents, NULL, NULL }, { NULL } };
static void cell_trace(void *o, struct gc_marker *m) { gc_mark(m, HD_RAW(((struct hd_cell *)o)->value)); }
struct hd_type hd_cell_type = {
    .cname = "cell", .basicsize = sizeof(struct hd_cell), .doc = "Create a new cell object.\n\n  contents\n    the contents of the cell. If not specified, the cell will be empty,\n    and \n further attempts to access its cell_contents attribute will\n    raise a ValueError.",
    .getsets = cell_getsets, .op = { .repr = cell_repr, .richcompare = cell_compare, .make = cell_make, .trace = cell_trace },
};
