/* Owns the relation of operations and special methods (type_ops.def): operations of Python classes that call methods,
 * wrapper descriptors that make C operations callable, and the choice of operations for a class.
 *
 * O1: an operation field of a class made in Python is (a) the C function of the static type whose wrapper descriptor every
 *     special name of the field leads to, or (b) the function of the table that calls methods. */
#include "interp/core/type_ops.h"
#include "interp/core/attr.h"
#include "interp/core/type_internal.h"
#include "interp/types/exc.h"
#include "interp/types/objects.h"

/* ---- operations that call methods ------------------------------------------------------------------------------------------ */
static hd_value missing(hd_value o, hd_value name) { return hd_raise_value(&hd_exc_AttributeError, name); }

static hd_value call1(hd_value o, hd_value name)
{
    hd_value r = hd_call_special(o, name, NULL, 0);
    return r == HD_ABSENT ? missing(o, name) : r;
}
static hd_value call2(hd_value o, hd_value name, hd_value a)
{
    hd_value r = hd_call_special(o, name, &a, 1);
    return r == HD_ABSENT ? missing(o, name) : r;
}
static hd_value call3(hd_value o, hd_value name, hd_value a, hd_value b)
{
    hd_value v[2] = { a, b };
    hd_value r = hd_call_special(o, name, v, 2);
    return r == HD_ABSENT ? missing(o, name) : r;
}

#define UNARY_SLOT(fn, name) static hd_value fn(hd_value o) { return call1(o, hd_s_##name); }
UNARY_SLOT(slot_repr, __repr__)
UNARY_SLOT(slot_str, __str__)
UNARY_SLOT(slot_neg, __neg__)
UNARY_SLOT(slot_pos, __pos__)
UNARY_SLOT(slot_abs, __abs__)
UNARY_SLOT(slot_invert, __invert__)
UNARY_SLOT(slot_int, __int__)
UNARY_SLOT(slot_float, __float__)
UNARY_SLOT(slot_index, __index__)

#define ASYNC_SLOT(fn, name)                                                                                              \
    static hd_value fn(hd_value o)                                                                                        \
    {                                                                                                                     \
        hd_value r = hd_call_special(o, hd_s_##name, NULL, 0);                                                            \
        return r == HD_ABSENT ? hd_raise(&hd_exc_AttributeError, #name) : r;                                              \
    }
ASYNC_SLOT(slot_await, __await__)
ASYNC_SLOT(slot_aiter, __aiter__)
ASYNC_SLOT(slot_anext, __anext__)

hd_value hd_slot_iter(hd_value o)
{
    hd_value m = hd_type_lookup(hd_type_of(o), hd_s___iter__);
    if (m == HD_NONE) return hd_raise(&hd_exc_TypeError, "'%T' object is not iterable", o);
    if (m != HD_ABSENT) return call1(o, hd_s___iter__);
    if (hd_type_lookup(hd_type_of(o), hd_s___getitem__) == HD_ABSENT) return hd_raise(&hd_exc_TypeError, "'%T' object is not iterable", o);
    return hd_seqiter_new(o);
}

hd_value hd_slot_iternext(hd_value o)
{
    hd_value r = call1(o, hd_s___next__);
    if (r == HD_ERR && hd_exc_is(&hd_exc_StopIteration)) {
        hd_exc_clear();
        return HD_STOP;
    }
    return r;
}

int64_t hd_hash_refused(hd_value o)
{
    (void)hd_raise(&hd_exc_TypeError, "unhashable type: '%T'", o);
    return -1;
}

int64_t hd_slot_hash(hd_value o)
{
    hd_value m = hd_type_lookup(hd_type_of(o), hd_s___hash__);
    if (m == HD_NONE || m == HD_ABSENT) return hd_hash_refused(o);
    hd_value r = call1(o, hd_s___hash__);
    if (r == HD_ERR) return -1;
    if (!hd_is_int(r)) {
        (void)hd_raise(&hd_exc_TypeError, "__hash__ method should return an integer");
        return -1;
    }
    if (hd_is_fix(r)) {                        /* fits: taken as it is, not reduced */
        int64_t h = hd_unfix(r);
        return h == -1 ? -2 : h;
    }
    int64_t h;
    if (hd_as_i64(r, &h) == 0) return h == -1 ? -2 : h;      /* a str's hash, say: 64 bits */
    hd_exc_clear();
    return hd_int_type.op.hash(r);
}

static int slot_bool(hd_value o)
{
    hd_value r = hd_call_special(o, hd_s___bool__, NULL, 0);
    if (r == HD_ERR) return -1;
    if (r == HD_ABSENT) return 1;
    if (r == HD_TRUE || r == HD_FALSE) return r == HD_TRUE;
    (void)hd_raise(&hd_exc_TypeError, "__bool__ should return bool, returned %T", r);
    return -1;
}

static int64_t slot_length(hd_value o)
{
    hd_value r = call1(o, hd_s___len__);
    if (r == HD_ERR) return -1;
    r = hd_number_index(r);
    if (r == HD_ERR) return -1;
    if (hd_int_sign(r) < 0) {
        (void)hd_raise(&hd_exc_ValueError, "__len__() should return >= 0");
        return -1;
    }
    int64_t n;
    if (hd_as_i64(r, &n) == 0) return n;
    hd_exc_clear();
    (void)hd_raise(&hd_exc_OverflowError, "cannot fit 'int' into an index-sized integer");
    return -1;
}

hd_value hd_slot_richcompare(hd_value a, hd_value b, enum hd_cmpop op)
{
    static hd_value *const names[] = { &hd_s___lt__, &hd_s___le__, &hd_s___eq__, &hd_s___ne__, &hd_s___gt__, &hd_s___ge__ };
    hd_value m = hd_type_lookup(hd_type_of(a), *names[op]);
    if (m == HD_ABSENT) return HD_NOTIMPLEMENTED;
    if (hd_is_method_like(m)) return hd_call_special(a, *names[op], &b, 1);
    m = hd_special(a, *names[op]);
    if (m == HD_ERR) {                         /* a method that cannot be had is no method */
        hd_exc_clear();
        return HD_NOTIMPLEMENTED;
    }
    return hd_callv(m, b);
}

/* An AttributeError that a method raised without saying of what is completed. */
static hd_value attribute_failed(hd_value o, hd_value name, hd_value r)
{
    if (r != HD_ERR || !hd_exc_is(&hd_exc_AttributeError)) return r;
    hd_value e = hd_exc_take();
    hd_value n = HD_EXC_GETX(e, hd_exc_attribute, name), of = HD_EXC_GETX(e, hd_exc_attribute, obj);
    if ((n == HD_UNBOUND || n == 0) && (of == HD_UNBOUND || of == 0)) {
        hd_exc_open(HD_EXC(e));
        HD_INIT((struct hd_exc_attribute *)hd_ptr(e), name, name);
        HD_INIT((struct hd_exc_attribute *)hd_ptr(e), obj, o);
    }
    hd_exc_put(e);
    return HD_ERR;
}

hd_value hd_slot_getattribute(hd_value o, hd_value name)
{
    hd_value r = call2(o, hd_s___getattribute__, name);
    if (r != HD_ERR || !hd_exc_is(&hd_exc_AttributeError)) return r;
    hd_value hook = hd_type_lookup(hd_type_of(o), hd_s___getattr__);
    if (hook == HD_ABSENT) return attribute_failed(o, name, r);
    hd_exc_clear();
    return attribute_failed(o, name, call2(o, hd_s___getattr__, name));
}

/* Classes whose objects are found the usual way and that have __getattr__. */
hd_value hd_slot_getattr(hd_value o, hd_value name)
{
    hd_value w = hd_type_lookup(hd_type_of(o), hd_s___getattribute__);
    hd_value (*get)(hd_value, hd_value) = hd_generic_getattr;
    if (hd_is_shape(w, HD_SHAPE_WRAPPERDESCR)) get = (hd_value(*)(hd_value, hd_value))((struct hd_wrapper *)hd_ptr(w))->fn;
    hd_value r = get(o, name);
    if (r != HD_ERR || !hd_exc_is(&hd_exc_AttributeError)) return r;
    hd_exc_clear();
    return attribute_failed(o, name, call2(o, hd_s___getattr__, name));
}

int hd_slot_setattr(hd_value o, hd_value name, hd_value v)
{
    hd_value r = v == HD_ABSENT ? call2(o, hd_s___delattr__, name) : call3(o, hd_s___setattr__, name, v);
    return r == HD_ERR ? -1 : 0;
}

hd_value hd_slot_getitem(hd_value o, hd_value key) { return call2(o, hd_s___getitem__, key); }

static int slot_setitem(hd_value o, hd_value key, hd_value v)
{
    hd_value r = v == HD_ABSENT ? call2(o, hd_s___delitem__, key) : call3(o, hd_s___setitem__, key, v);
    return r == HD_ERR ? -1 : 0;
}

static int slot_contains(hd_value o, hd_value v)
{
    if (hd_type_lookup(hd_type_of(o), hd_s___contains__) == HD_NONE) {
        (void)hd_raise(&hd_exc_TypeError, "'%T' object is not a container", o);
        return -1;
    }
    hd_value r = call2(o, hd_s___contains__, v);
    return r == HD_ERR ? -1 : hd_truth(r);
}

hd_value hd_slot_call(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
{
    hd_value m = hd_special(self, hd_s___call__);
    if (m == HD_ABSENT) return hd_raise(&hd_exc_TypeError, "'%T' object is not callable", self);
    if (m == HD_ERR || hd_recursion_enter(" while calling a Python object") < 0) return HD_ERR;
    hd_value r = hd_call(m, args, nargs, kwnames);
    hd_recursion_leave();
    return r;
}

int hd_slot_init(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
{
    hd_value m = hd_special(self, hd_s___init__);
    if (m == HD_ABSENT) m = missing(self, hd_s___init__);
    hd_value r = m == HD_ERR ? m : hd_call(m, args, nargs, kwnames);
    if (r == HD_ERR) return -1;
    if (r == HD_NONE) return 0;
    (void)hd_raise(&hd_exc_TypeError, "__init__() should return None, not '%T'", r);
    return -1;
}

hd_value hd_slot_make(hd_value type, const hd_value *args, size_t nargs, hd_value kwnames)
{
    hd_value f = hd_getattr(type, hd_s___new__);
    if (f == HD_ERR) return f;
    size_t nkw = kwnames ? (size_t)HD_TUPLE(kwnames)->len : 0;
    hd_value small[9], *all = small;
    if (nargs + nkw + 1 > 9) {
        hd_value t = hd_tuple_new(nargs + nkw + 1);
        if (t == HD_ERR) return t;
        all = HD_TUPLE(t)->item;
    }
    all[0] = type;
    if (nargs + nkw) memcpy(all + 1, args, 8 * (nargs + nkw));
    return hd_call(f, all, nargs + 1, kwnames);
}

static hd_value slot_descr_get(hd_value d, hd_value obj, hd_value type)
{
    hd_value get = hd_type_lookup(hd_type_of(d), hd_s___get__);     /* not bound: that would ask for __get__ again */
    hd_value v[3] = { d, obj == HD_ABSENT ? HD_NONE : obj, type == HD_ABSENT ? HD_NONE : type };
    return get == HD_ABSENT ? d : hd_call(get, v, 3, 0);
}

static int slot_descr_set(hd_value d, hd_value obj, hd_value v)
{
    hd_value name = v == HD_ABSENT ? hd_s___delete__ : hd_s___set__;
    hd_value r = v == HD_ABSENT ? hd_call_special(d, name, &obj, 1) : hd_call_special(d, name, (hd_value[]){ obj, v }, 2);
    if (r == HD_ABSENT) r = hd_raise_value(&hd_exc_AttributeError, name);
    return r == HD_ERR ? -1 : 0;
}

static void slot_finalise(hd_value o)
{
    hd_value m = hd_special(o, hd_s___del__);
    if (m == HD_ABSENT) return;
    hd_value r = m == HD_ERR ? m : hd_call0(m);
    if (r != HD_ERR) return;
    hd_value shown = hd_type_lookup(hd_type_of(o), hd_s___del__);
    hd_exc_print_unraisable(NULL, shown == HD_ABSENT ? o : shown);
}

/* Does the class of b have another method of that name than the class of a?  (A subclass that overrides goes first.) */
static bool overrides(struct hd_type *ta, struct hd_type *tb, hd_value name)
{
    return hd_type_lookup(ta, name) != hd_type_lookup(tb, name);
}

static hd_value binary_slot(hd_value a, hd_value b, size_t field, void *self, hd_value name, hd_value reflected)
{
    struct hd_type *ta = hd_type_of(a), *tb = hd_type_of(b);
    bool left = *(void **)((char *)&ta->op + field) == self;
    bool right = ta != tb && *(void **)((char *)&tb->op + field) == self;
    hd_value r;
    if (left) {
        if (right && hd_subtype(tb, ta) && overrides(ta, tb, reflected)) {
            r = hd_call_special(b, reflected, &a, 1);
            if (r != HD_NOTIMPLEMENTED && r != HD_ABSENT) return r;
            right = false;
        }
        r = hd_call_special(a, name, &b, 1);
        if (r != HD_NOTIMPLEMENTED && r != HD_ABSENT) return r;
    }
    if (right) {
        r = hd_call_special(b, reflected, &a, 1);
        if (r != HD_ABSENT) return r;
    }
    return HD_NOTIMPLEMENTED;
}

#define BINARY_SLOT(fn, OP, name, rname)                                                                                  \
    static hd_value fn(hd_value a, hd_value b)                                                                            \
    {                                                                                                                     \
        return binary_slot(a, b, offsetof(struct hd_type_ops, binary[OP]), (void *)fn, hd_s_##name, hd_s_##rname);                \
    }
BINARY_SLOT(slot_add, HD_ADD, __add__, __radd__)
BINARY_SLOT(slot_sub, HD_SUB, __sub__, __rsub__)
BINARY_SLOT(slot_mul, HD_MUL, __mul__, __rmul__)
BINARY_SLOT(slot_div, HD_DIV, __truediv__, __rtruediv__)
BINARY_SLOT(slot_floordiv, HD_FLOORDIV, __floordiv__, __rfloordiv__)
BINARY_SLOT(slot_mod, HD_MOD, __mod__, __rmod__)
BINARY_SLOT(slot_divmod, HD_DIVMOD, __divmod__, __rdivmod__)
BINARY_SLOT(slot_lshift, HD_LSHIFT, __lshift__, __rlshift__)
BINARY_SLOT(slot_rshift, HD_RSHIFT, __rshift__, __rrshift__)
BINARY_SLOT(slot_and, HD_AND, __and__, __rand__)
BINARY_SLOT(slot_or, HD_OR, __or__, __ror__)
BINARY_SLOT(slot_xor, HD_XOR, __xor__, __rxor__)
BINARY_SLOT(slot_matmul, HD_MATMUL, __matmul__, __rmatmul__)

static hd_value slot_power(hd_value a, hd_value b, hd_value mod)
{
    if (mod == HD_NONE)
        return binary_slot(a, b, offsetof(struct hd_type_ops, power), (void *)slot_power, hd_s___pow__, hd_s___rpow__);
    if (hd_type_of(a)->op.power != slot_power) return HD_NOTIMPLEMENTED;
    hd_value r = hd_call_special(a, hd_s___pow__, (hd_value[]){ b, mod }, 2);
    return r == HD_ABSENT ? HD_NOTIMPLEMENTED : r;
}

static hd_value inplace_slot(hd_value a, hd_value b, hd_value name)
{
    hd_value r = hd_call_special(a, name, &b, 1);
    return r == HD_ABSENT ? HD_NOTIMPLEMENTED : r;
}
#define INPLACE_SLOT(fn, name) static hd_value fn(hd_value a, hd_value b) { return inplace_slot(a, b, hd_s_##name); }
INPLACE_SLOT(slot_iadd, __iadd__)
INPLACE_SLOT(slot_isub, __isub__)
INPLACE_SLOT(slot_imul, __imul__)
INPLACE_SLOT(slot_idiv, __itruediv__)
INPLACE_SLOT(slot_ifloordiv, __ifloordiv__)
INPLACE_SLOT(slot_imod, __imod__)
INPLACE_SLOT(slot_ilshift, __ilshift__)
INPLACE_SLOT(slot_irshift, __irshift__)
INPLACE_SLOT(slot_iand, __iand__)
INPLACE_SLOT(slot_ior, __ior__)
INPLACE_SLOT(slot_ixor, __ixor__)
INPLACE_SLOT(slot_imatmul, __imatmul__)
static hd_value slot_ipower(hd_value a, hd_value b, hd_value mod) { return inplace_slot(a, b, hd_s___ipow__); }

/* ---- the table ------------------------------------------------------------------------------------------------------------------ */
const struct hd_opdef hd_opdefs[] = {
#define OP(text, field, SIGNATURE, slot, doc) { #text, &hd_s_##text, offsetof(struct hd_type_ops, field), HD_OPS_##SIGNATURE, 0, (void *)slot, #text doc },
#include "interp/core/type_ops.def"
#undef OP
};
const int hd_n_opdefs = sizeof hd_opdefs / sizeof *hd_opdefs;

static void **field_of(struct hd_type *t, const struct hd_opdef *d) { return (void **)((char *)&t->op + d->field); }

bool hd_is_special_name(hd_value name)
{
    const struct hd_str *s = HD_STR(name);
    if (s->len < 6 || hd_str_at(name, 0) != '_' || hd_str_at(name, 1) != '_') return false;
    if (name == hd_s___getattr__) return true;
    for (int i = 0; i < hd_n_opdefs; i++)
        if (*hd_opdefs[i].name == name) return true;
    return false;
}

/* ---- wrapper descriptors ------------------------------------------------------------------------------------------------------------ */
int hd_type_add_wrappers(struct hd_type *t)
{
    bool sequence = t->flags & (HD_TF_STR | HD_TF_BYTES | HD_TF_BYTEARRAY | HD_TF_LIST | HD_TF_TUPLE | HD_TF_SEQUENCE);
    for (int i = 0; i < hd_n_opdefs; i++) {
        const struct hd_opdef *d = &hd_opdefs[i];
        void *fn = *field_of(t, d);
        if (!fn || d->signature == HD_OPS_NEW) continue;
        if (sequence && d->name == &hd_s___radd__) continue;
        if (d->signature == HD_OPS_HASH && fn == (void *)hd_hash_refused) {
            if (hd_dict_get_str(hd_obj(t->dict), *d->name) == HD_ABSENT && hd_dict_set_str(hd_obj(t->dict), *d->name, HD_NONE) < 0) return -1;
            continue;
        }
        if (d->signature == HD_OPS_DEL && !(t == &hd_generator_type || t == &hd_coroutine_type || t == &hd_asyncgen_type)) continue;
        if (hd_dict_get_str(hd_obj(t->dict), *d->name) != HD_ABSENT) continue;
        struct hd_wrapper *w = hd_new_object(&hd_wrapperdescr_type, sizeof *w);
        if (!w) return -1;
        w->def = d, w->owner = t, w->fn = fn;
        if (hd_dict_set_str(hd_obj(t->dict), *d->name, hd_obj(w)) < 0) return -1;
    }
    return 0;
}

static hd_value arguments(size_t nargs, size_t min, size_t max)
{
    if (nargs >= min && nargs <= max) return HD_NONE;
    if (min == max) return hd_raise(&hd_exc_TypeError, "expected %zu argument%s, got %zu", min, min == 1 ? "" : "s", nargs);
    return hd_raise(&hd_exc_TypeError, nargs < min ? "expected at least %zu argument%s, got %zu" : "expected at most %zu argument%s, got %zu",
                    nargs < min ? min : max, (nargs < min ? min : max) == 1 ? "" : "s", nargs);
}

#define ARGS(lo, hi) do { if (arguments(nargs, lo, hi) == HD_ERR) return HD_ERR; } while (0)
static hd_value done(int r) { return r < 0 ? HD_ERR : HD_NONE; }

hd_value hd_wrapper_call(const struct hd_wrapper *w, hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
{
    const struct hd_opdef *d = w->def;
    void *fn = w->fn;
    if (d->signature == HD_OPS_CALL) return ((hd_callfunc)fn)(self, args, nargs, kwnames);
    if (d->signature == HD_OPS_INIT) return done(((int (*)(hd_value, const hd_value *, size_t, hd_value))fn)(self, args, nargs, kwnames));
    if (kwnames && HD_TUPLE(kwnames)->len) return hd_raise(&hd_exc_TypeError, "wrapper %s() takes no keyword arguments", d->text);
    switch (d->signature) {
    case HD_OPS_UNARY:
        ARGS(0, 0);
        return ((hd_unary)fn)(self);
    case HD_OPS_NEXT: {
        ARGS(0, 0);
        hd_value r = ((hd_unary)fn)(self);
        return r == HD_STOP ? hd_raise_none(&hd_exc_StopIteration) : r;
    }
    case HD_OPS_HASH: {
        ARGS(0, 0);
        int64_t h = ((int64_t(*)(hd_value))fn)(self);
        return h == -1 ? HD_ERR : hd_int(h);
    }
    case HD_OPS_BOOL: {
        ARGS(0, 0);
        int r = ((int (*)(hd_value))fn)(self);
        return r < 0 ? HD_ERR : hd_bool(r);
    }
    case HD_OPS_LENGTH: {
        ARGS(0, 0);
        int64_t n = ((int64_t(*)(hd_value))fn)(self);
        return n < 0 ? HD_ERR : hd_int(n);
    }
    case HD_OPS_LT: case HD_OPS_LE: case HD_OPS_EQ: case HD_OPS_NE: case HD_OPS_GT: case HD_OPS_GE:
        ARGS(1, 1);
        return ((hd_value(*)(hd_value, hd_value, enum hd_cmpop))fn)(self, args[0], (enum hd_cmpop)(d->signature - HD_OPS_LT));
    case HD_OPS_GETATTR: case HD_OPS_SETATTR: case HD_OPS_DELATTR: {
        size_t n = d->signature == HD_OPS_SETATTR ? 2 : 1;
        ARGS(n, n);
        if (!hd_is_str(args[0])) return hd_raise(&hd_exc_TypeError, "attribute name must be string, not '%T'", args[0]);
        hd_value name = hd_str_intern(args[0]);
        if (d->signature == HD_OPS_GETATTR) return ((hd_binary)fn)(self, name);
        /* object.__setattr__(cls, …) must not go round what the type forbids */
        if (hd_is_type(self) && w->owner == &hd_object_type)
            return hd_raise(&hd_exc_TypeError, "can't apply this %s to %T object", d->text, self);
        return done(((int (*)(hd_value, hd_value, hd_value))fn)(self, name, n == 2 ? args[1] : HD_ABSENT));
    }
    case HD_OPS_GETITEM: case HD_OPS_BINARY: case HD_OPS_INPLACE:
        ARGS(1, 1);
        return ((hd_binary)fn)(self, args[0]);
    case HD_OPS_REFLECTED:
        ARGS(1, 1);
        return ((hd_binary)fn)(args[0], self);
    case HD_OPS_SETITEM:
        ARGS(2, 2);
        return done(((int (*)(hd_value, hd_value, hd_value))fn)(self, args[0], args[1]));
    case HD_OPS_DELITEM:
        ARGS(1, 1);
        return done(((int (*)(hd_value, hd_value, hd_value))fn)(self, args[0], HD_ABSENT));
    case HD_OPS_CONTAINS: {
        ARGS(1, 1);
        int r = ((int (*)(hd_value, hd_value))fn)(self, args[0]);
        return r < 0 ? HD_ERR : hd_bool(r);
    }
    case HD_OPS_GET: {
        ARGS(1, 2);
        hd_value obj = args[0], type = nargs > 1 ? args[1] : HD_NONE;
        if (obj == HD_NONE && type == HD_NONE) return hd_raise(&hd_exc_TypeError, "__get__(None, None) is invalid");
        return ((hd_ternary)fn)(self, obj == HD_NONE ? HD_ABSENT : obj, type == HD_NONE ? HD_ABSENT : type);
    }
    case HD_OPS_SET:
        ARGS(2, 2);
        return done(((int (*)(hd_value, hd_value, hd_value))fn)(self, args[0], args[1]));
    case HD_OPS_DELETE:
        ARGS(1, 1);
        return done(((int (*)(hd_value, hd_value, hd_value))fn)(self, args[0], HD_ABSENT));
    case HD_OPS_POWER:
        ARGS(1, 2);
        return ((hd_ternary)fn)(self, args[0], nargs > 1 ? args[1] : HD_NONE);
    case HD_OPS_REFLECTED_POWER:
        ARGS(1, 2);
        return ((hd_ternary)fn)(args[0], self, nargs > 1 ? args[1] : HD_NONE);
    case HD_OPS_INPLACE_POWER:
        ARGS(1, 1);
        return ((hd_ternary)fn)(self, args[0], HD_NONE);
    case HD_OPS_DEL:
        ARGS(0, 0);
        ((void (*)(hd_value))fn)(self);
        return HD_NONE;
    default:
        return hd_raise(&hd_exc_SystemError, "bad wrapper descriptor");
    }
}

/* ---- choice of operations ---------------------------------------------------------------------------------------------------------- */
void hd_type_inherit_ops(struct hd_type *t)
{
    void **own = (void **)&t->op, **base = (void **)&t->base->op;
    bool compares = t->op.richcompare || t->op.hash;
    void *hash = (void *)t->op.hash, *richcompare = (void *)t->op.richcompare;
    for (size_t i = 0; i < sizeof t->op / sizeof *own; i++)
        if (!own[i]) own[i] = base[i];
    if (compares) {                            /* these two are inherited together or not at all */
        t->op.hash = (int64_t(*)(hd_value))hash;
        t->op.richcompare = (hd_value(*)(hd_value, hd_value, enum hd_cmpop))richcompare;
        if (!t->op.richcompare) t->op.richcompare = t->base->op.richcompare;
        if (!t->op.hash) t->op.hash = t->base->op.hash;
    }
    if (t->flags & HD_TF_NEVER_INSTANTIATE) t->op.make = NULL;
}

/* The C operation that a special name leads to without a method call, or NULL. */
static void *native(struct hd_type *t, const struct hd_opdef *d, hd_value descr)
{
    if (hd_is_shape(descr, HD_SHAPE_WRAPPERDESCR)) {
        const struct hd_wrapper *w = hd_ptr(descr);
        return w->def == d && hd_subtype(t, w->owner) ? w->fn : NULL;
    }
    if (hd_is_shape(descr, HD_SHAPE_METHODDESCR)) {
        const struct hd_cfunction *m = hd_ptr(descr);
        return hd_subtype(t, m->owner) && !strcmp(m->def->name, d->text) ? *field_of(m->owner, d) : NULL;
    }
    if (d->signature == HD_OPS_NEW && hd_is_shape(descr, HD_SHAPE_CFUNCTION)) {
        const struct hd_cfunction *f = hd_ptr(descr);
        return hd_is_ptr(f->self) && hd_is_type(f->self) && !strcmp(f->def->name, "__new__") ? (void *)HD_TYPE(f->self)->op.make : NULL;
    }
    return descr == HD_NONE && d->signature == HD_OPS_HASH ? (void *)hd_hash_refused : NULL;
}

static void update_field(struct hd_type *t, size_t first)
{
    uint16_t field = hd_opdefs[first].field;
    void *use = NULL, *calls = NULL;
    for (size_t i = first; i < (size_t)hd_n_opdefs && hd_opdefs[i].field == field; i++) {
        const struct hd_opdef *d = &hd_opdefs[i];
        hd_value descr = hd_type_lookup_once(t, *d->name);
        if (descr == HD_ABSENT) continue;
        void *fn = native(t, d, descr);
        if (!fn || (use && use != fn)) calls = d->slot;
        else use = fn;
    }
    if (field == offsetof(struct hd_type_ops, getattr) && hd_type_lookup_once(t, hd_s___getattr__) != HD_ABSENT)
        calls = calls ? calls : (void *)hd_slot_getattr;
    *field_of(t, &hd_opdefs[first]) = calls ? calls : use;
    if (calls) t->flags |= HD_TF_PYTHON_SLOTS;
}

void hd_type_update_ops(struct hd_type *t, hd_value name)
{
    if (name == HD_ABSENT) {
        t->op.getbuffer = t->base->op.getbuffer, t->op.releasebuffer = t->base->op.releasebuffer;
        t->op.trace = t->base->op.trace, t->op.size = t->base->op.size;
    }
    for (size_t i = 0; i < (size_t)hd_n_opdefs; i++) {
        if (i && hd_opdefs[i].field == hd_opdefs[i - 1].field) continue;
        bool concerned = name == HD_ABSENT || (name == hd_s___getattr__ && hd_opdefs[i].field == offsetof(struct hd_type_ops, getattr));
        for (size_t k = i; !concerned && k < (size_t)hd_n_opdefs && hd_opdefs[k].field == hd_opdefs[i].field; k++)
            concerned = *hd_opdefs[k].name == name;
        if (concerned) update_field(t, i);
    }
    if (!t->op.finalise) t->op.finalise = t->base->op.finalise;
    if (t->op.finalise) t->flags |= HD_TF_HAS_FINALISER;
    hd_type_set_access_flags(t);
}
