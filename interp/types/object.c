/* Owns `object`: the defaults that every class inherits, and the default of pickling and copying (__reduce_ex__). */
#include "interp/core/attr.h"
#include "interp/core/type_internal.h"
#include "interp/core/type_ops.h"
#include "interp/types/objects.h"

/* ---- creation -------------------------------------------------------------------------------------------------------------------- */
static bool excess(size_t nargs, hd_value kwnames) { return nargs || (kwnames && HD_TUPLE(kwnames)->len); }

static hd_value abstract_error(struct hd_type *t)
{
    hd_value methods = hd_dict_get_str(hd_obj(t->dict), hd_s___abstractmethods__);
    if (methods == HD_ABSENT) methods = hd_empty_tuple;
    hd_value l = hd_list_of(methods);
    if (l == HD_ERR || hd_list_sort(l, HD_NONE, false) < 0) return HD_ERR;
    hd_value sep = hd_str_utf8(", ");
    hd_value joined = sep == HD_ERR ? sep : hd_call_method(sep, hd_s_join, &l, 1);
    if (joined == HD_ERR) return joined;
    return hd_raise(&hd_exc_TypeError, "Can't instantiate abstract class %N with abstract method%s %U", t, hd_list_len(l) > 1 ? "s" : "", joined);
}

hd_value hd_object_make(hd_value type, const hd_value *args, size_t nargs, hd_value kwnames)
{
    struct hd_type *t = HD_TYPE(type);
    if (excess(nargs, kwnames)) {
        if (t->op.make != hd_object_make)
            return hd_raise(&hd_exc_TypeError, "object.__new__() takes exactly one argument (the type to instantiate)");
        if (t->op.init == hd_object_init) return hd_raise(&hd_exc_TypeError, "%N() takes no arguments", t);
    }
    if (t->flags & HD_TF_ABSTRACT) return abstract_error(t);
    return hd_alloc_instance(t, 0);
}

int hd_object_init(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
{
    if (!excess(nargs, kwnames)) return 0;
    struct hd_type *t = hd_type_of(self);
    if (t->op.init != hd_object_init) {
        (void)hd_raise(&hd_exc_TypeError, "object.__init__() takes exactly one argument (the instance to initialize)");
        return -1;
    }
    if (t->op.make == hd_object_make) {
        (void)hd_raise(&hd_exc_TypeError, "%N.__init__() takes exactly one argument (the instance to initialize)", t);
        return -1;
    }
    return 0;
}

/* ---- text, comparison ---------------------------------------------------------------------------------------------------------------- */
static hd_value object_repr(hd_value o)
{
    struct hd_type *t = hd_type_of(o);
    hd_value m = hd_getattr_opt(hd_obj(t), hd_s___module__);
    if (m == HD_ERR) return m;
    hd_value q = HD_GET(t, qualname);
    if (m == HD_ABSENT || !hd_is_str(m) || hd_str_is(m, "builtins")) return hd_str_format("<%U object at %p>", HD_GET(t, name), hd_ptr(o));
    return hd_str_format("<%U.%U object at %p>", m, q, hd_ptr(o));
}

static hd_value object_str(hd_value o) { return hd_repr(o); }
static int64_t object_hash(hd_value o) { return (int64_t)hd_hash_pointer(hd_ptr(o)); }

static hd_value object_compare(hd_value a, hd_value b, enum hd_cmpop op)
{
    if (op == HD_EQ) return hd_is(a, b) ? HD_TRUE : HD_NOTIMPLEMENTED;
    if (op != HD_NE) return HD_NOTIMPLEMENTED;
    struct hd_type *t = hd_type_of(a);
    hd_value r = t->op.richcompare(a, b, HD_EQ);
    if (r == HD_ERR || r == HD_NOTIMPLEMENTED) return r;
    int truth = hd_truth(r);
    return truth < 0 ? HD_ERR : hd_bool(!truth);
}

/* ---- methods ---------------------------------------------------------------------------------------------------------------------------- */
static hd_value object_format(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
{
    if (!hd_is_str(args[0])) return hd_raise(&hd_exc_TypeError, "__format__() argument must be str, not %A", args[0]);
    if (HD_STR(args[0])->len) return hd_raise(&hd_exc_TypeError, "unsupported format string passed to %T.__format__", self);
    return hd_str_of(self);
}

static hd_value object_sizeof(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
{
    if (!hd_is_ptr(self)) return hd_fix(24);
    return hd_fix((int64_t)hd_inst_size(hd_ptr(self)));
}

static int merge_class(hd_value d, struct hd_type *t)
{
    const struct hd_tuple *m = t->mro;
    for (int64_t i = m->len; i-- > 0;)
        if (hd_dict_update(d, hd_obj(HD_TYPE(m->item[i])->dict)) < 0) return -1;
    return 0;
}

static hd_value object_dir(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
{
    hd_value d = hd_dict_new(), own;
    if (d == HD_ERR) return d;
    hd_value cls = hd_getattr_opt(self, hd_s___class__);
    struct hd_type *t = hd_type_of(self);
    if (cls == HD_ERR) return cls;
    if (cls != HD_ABSENT && hd_is_type(cls)) t = HD_TYPE(cls);
    if (cls != HD_ABSENT && merge_class(d, t) < 0) return HD_ERR;
    bool plain = hd_type_of(self)->flags & HD_TF_DEFAULT_GETATTR && hd_type_of(self)->flags & HD_TF_HAS_DICT;
    own = plain ? hd_inst_dict_copy(self) : hd_getattr_opt(self, hd_s___dict__);
    if (own == HD_ERR || (own != HD_ABSENT && hd_is_dict(own) && hd_dict_update(d, own) < 0)) return HD_ERR;
    return hd_dict_keys_list(d);
}

static hd_value object_init_subclass(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames) { return HD_NONE; }
static hd_value object_subclasshook(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames) { return HD_NOTIMPLEMENTED; }

/* ---- pickling and copying -------------------------------------------------------------------------------------------------------------- */
static hd_value slot_names(struct hd_type *t)
{
    hd_value names = hd_dict_get_str(hd_obj(t->dict), hd_s___slotnames__);
    if (names != HD_ABSENT && (names == HD_NONE || hd_is_list(names))) return names;
    hd_value f = hd_import_attr("copyreg", "_slotnames");
    names = f == HD_ERR ? f : hd_callv(f, hd_obj(t));
    if (names != HD_ERR && names != HD_NONE && !hd_is_list(names))
        return hd_raise(&hd_exc_TypeError, "copyreg._slotnames didn't return a list or None");
    return names;
}

/* The default of __getstate__: None, the attribute dict, or (dict or None, slots). */
static hd_value get_state(hd_value o, bool required)
{
    struct hd_type *t = hd_type_of(o);
    if (required && t->itemsize && !(t->flags & (HD_TF_LIST | HD_TF_DICT)) && t->op.size)
        return hd_raise(&hd_exc_TypeError, "cannot pickle %R object", HD_GET(t, name));
    hd_value state = HD_NONE;
    if (t->flags & HD_TF_HAS_DICT) {
        state = hd_inst_dict_copy(o);
        if (state == HD_ERR) return state;
        if (!hd_dict_len(state)) state = HD_NONE;
    } else if (t->dict_offset) {
        state = hd_object_dict(o);
        if (state == HD_ERR) return state;
    }
    if (!(t->flags & HD_TF_HEAP)) {
        if (required && (t->op.size || (t->basicsize > 16 && !(t->flags & (HD_TF_LIST | HD_TF_DICT | HD_TF_EXC | HD_TF_SET)))))
            return hd_raise(&hd_exc_TypeError, "cannot pickle '%s' object", hd_type_name(t));
        return state;
    }
    hd_value names = slot_names(t);
    if (names == HD_ERR) return names;
    struct hd_type *c = t;
    while (c->flags & HD_TF_HEAP) c = c->base;
    if (required && c != &hd_object_type && !(c->flags & (HD_TF_INT | HD_TF_STR | HD_TF_BYTES | HD_TF_LIST | HD_TF_TUPLE | HD_TF_DICT | HD_TF_SET |
                                                         HD_TF_FROZENSET | HD_TF_EXC | HD_TF_FLOAT | HD_TF_COMPLEX | HD_TF_BYTEARRAY)) && c->basicsize > 16)
        return hd_raise(&hd_exc_TypeError, "cannot pickle %R object", HD_GET(t, name));
    if (names == HD_NONE || !hd_list_len(names)) return state;
    hd_value slots = hd_dict_new();
    if (slots == HD_ERR) return slots;
    for (int64_t i = 0; i < hd_list_len(names); i++) {
        hd_value name = hd_list_get(names, i), v = hd_getattr_opt(o, name);
        if (v == HD_ERR || (v != HD_ABSENT && hd_dict_set(slots, name, v) < 0)) return HD_ERR;
    }
    return hd_dict_len(slots) ? hd_tuplev(state, slots) : state;
}

static hd_value object_getstate(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames) { return get_state(self, false); }

static hd_value state_of(hd_value o, bool required)
{
    hd_value m = hd_getattr(o, hd_s___getstate__);
    if (m == HD_ERR) return m;
    if (hd_is_shape(m, HD_SHAPE_CFUNCTION) && ((struct hd_cfunction *)hd_ptr(m))->def->fn == object_getstate && ((struct hd_cfunction *)hd_ptr(m))->self == o)
        return get_state(o, required);
    return hd_call0(m);
}

/* Arguments for __new__: 1 = __getnewargs_ex__ or __getnewargs__ gave them, 0 = neither, -1. */
static int new_arguments(hd_value o, hd_value *args, hd_value *kwargs)
{
    hd_value m = hd_special(o, hd_s___getnewargs_ex__);
    *args = hd_empty_tuple, *kwargs = HD_ABSENT;
    if (m == HD_ERR) return -1;
    if (m != HD_ABSENT) {
        hd_value r = hd_call0(m);
        if (r == HD_ERR) return -1;
        if (!hd_is_tuple(r)) (void)hd_raise(&hd_exc_TypeError, "__getnewargs_ex__ should return a tuple, not '%T'", r);
        else if (HD_TUPLE(r)->len != 2) (void)hd_raise(&hd_exc_ValueError, "__getnewargs_ex__ should return a tuple of length 2, not %ld", (long)HD_TUPLE(r)->len);
        else if (!hd_is_tuple(HD_TUPLE(r)->item[0]))
            (void)hd_raise(&hd_exc_TypeError, "first item of the tuple returned by __getnewargs_ex__ must be a tuple, not '%T'", HD_TUPLE(r)->item[0]);
        else if (!hd_is_dict(HD_TUPLE(r)->item[1]))
            (void)hd_raise(&hd_exc_TypeError, "second item of the tuple returned by __getnewargs_ex__ must be a dict, not '%T'", HD_TUPLE(r)->item[1]);
        else {
            *args = HD_TUPLE(r)->item[0], *kwargs = HD_TUPLE(r)->item[1];
            return 1;
        }
        return -1;
    }
    m = hd_special(o, hd_s___getnewargs__);
    if (m == HD_ABSENT) return 0;
    *args = m == HD_ERR ? m : hd_call0(m);
    if (*args == HD_ERR) return -1;
    if (hd_is_tuple(*args)) return 1;
    (void)hd_raise(&hd_exc_TypeError, "__getnewargs__ should return a tuple, not '%T'", *args);
    return -1;
}

hd_value hd_object_reduce_ex(hd_value o, int64_t protocol)
{
    hd_value copyreg = hd_import("copyreg");
    if (copyreg == HD_ERR) return copyreg;
    if (protocol < 2) {
        hd_value f = hd_getattr_c(copyreg, "_reduce_ex");
        return f == HD_ERR ? f : hd_callv(f, o, hd_int(protocol));
    }
    struct hd_type *t = hd_type_of(o);
    if (!t->op.make) return hd_raise(&hd_exc_TypeError, "cannot pickle '%T' object", o);
    hd_value args, kwargs, make, make_args;
    int given = new_arguments(o, &args, &kwargs);
    if (given < 0) return HD_ERR;
    hd_value cls = hd_obj(t);
    if (kwargs != HD_ABSENT && hd_dict_len(kwargs)) {
        make = hd_getattr_c(copyreg, "__newobj_ex__");
        make_args = hd_tuplev(cls, args, kwargs);
    } else {
        make = hd_getattr_c(copyreg, "__newobj__");
        int64_t n = HD_TUPLE(args)->len;
        make_args = hd_tuple_new((size_t)n + 1);
        if (make_args != HD_ERR) {
            HD_TUPLE(make_args)->item[0] = cls;
            memcpy(HD_TUPLE(make_args)->item + 1, HD_TUPLE(args)->item, 8 * (size_t)n);
        }
    }
    if (make == HD_ERR || make_args == HD_ERR) return HD_ERR;
    hd_value state = state_of(o, !given && !hd_has_flag(o, HD_TF_LIST | HD_TF_DICT));
    if (state == HD_ERR) return state;
    hd_value items = hd_has_flag(o, HD_TF_LIST) ? hd_iter(o) : HD_NONE, pairs = HD_NONE;
    if (hd_has_flag(o, HD_TF_DICT)) {
        pairs = hd_call_method(o, hd_s_items, NULL, 0);
        if (pairs != HD_ERR) pairs = hd_iter(pairs);
    }
    if (items == HD_ERR || pairs == HD_ERR) return HD_ERR;
    return hd_tuplev(make, make_args, state, items, pairs);
}

static hd_value object_reduce(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames) { return hd_object_reduce_ex(self, 0); }

static hd_value object_reduce_ex(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
{
    int64_t protocol;
    if (hd_as_i64(args[0], &protocol) < 0) return HD_ERR;
    hd_value m = hd_getattr_opt(self, hd_s___reduce__);
    if (m == HD_ERR) return m;
    if (m != HD_ABSENT) {
        hd_value cls = hd_obj(hd_type_of(self)), own = hd_getattr(cls, hd_s___reduce__);
        if (own == HD_ERR) return own;
        if (own != hd_dict_get_str(hd_obj(hd_object_type.dict), hd_s___reduce__)) return hd_call0(m);
    }
    return hd_object_reduce_ex(self, protocol);
}

static hd_value get_class(hd_value self, void *closure) { return hd_obj(hd_type_of(self)); }
static int set_class(hd_value self, hd_value v, void *closure)
{
    if (v != HD_ABSENT) return hd_object_set_class(self, v);
    (void)hd_raise(&hd_exc_TypeError, "can't delete __class__ attribute");
    return -1;
}

static const struct hd_methoddef methods[] = {
    { "__reduce_ex__", object_reduce_ex, 1, 1, 0, "__reduce_ex__($self, protocol, /)\n--\n\nHelper for pickle." },
    { "__reduce__", object_reduce, 0, 0, 0, "__reduce__($self, /)\n--\n\nHelper for pickle." },
    { "__getstate__", object_getstate, 0, 0, 0, "__getstate__($self, /)\n--\n\nHelper for pickle." },
    { "__subclasshook__", object_subclasshook, 0, -1, HD_METH_CLASS, "Decides for a class whether it counts as a subclass; NotImplemented leaves it to the usual test." },
    { "__init_subclass__", object_init_subclass, 0, 0, HD_METH_CLASS, "This method is called when a class is subclassed." },
    { "__format__", object_format, 1, 1, 0, "__format__($self, format_spec, /)\n--\n\nDefault object formatter." },
    { "__sizeof__", object_sizeof, 0, 0, 0, "__sizeof__($self, /)\n--\n\nSize of object in memory, in bytes." },
    { "__dir__", object_dir, 0, 0, 0, "__dir__($self, /)\n--\n\nDefault dir() implementation." },
    { NULL }
};
static const struct hd_getsetdef getsets[] = { { "__class__", get_class, set_class, "the object's class", NULL }, { NULL } };

struct hd_type hd_object_type = {
    .cname = "object", .basicsize = sizeof(struct hd_mhead), .flags = HD_TF_BASETYPE,
    .doc = "object()\n--\n\nThe base class of the class hierarchy.\n\nWhen called, it accepts no arguments and returns a new featureless\n"
           "instance that has no instance attributes and cannot be given any.\n",
    .methods = methods, .getsets = getsets,
    .op = { .repr = object_repr, .str = object_str, .hash = object_hash, .richcompare = object_compare, .getattr = hd_generic_getattr,
            .setattr = hd_generic_setattr, .make = hd_object_make, .init = hd_object_init },
};
