/* Owns exceptions as C code raises and reads them: the pending exception, chaining, BaseException.  Types with
 * layouts of their own are in exc_types.c, groups in exc_group.c.
 *
 * X1: the pending exception (hd_ts->exc) is an instance of a subclass of BaseException or HD_UNBOUND.
 * X2: __context__ chains have no cycles through an exception that was raised.
 * X3: the C part of an exception after the header is words only: values, or numbers that the collector takes for none. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include "interp/types/exc.h"
#include "interp/core/attr.h"
#include "interp/types/objects.h"
#include "interp/types/str.h"

/* ---- raising -------------------------------------------------------------------------------------------------------------------- */
static struct { struct hd_exc e; uint64_t attributes[2]; } memory_error_room;
#define memory_error memory_error_room.e  /* given out when there is no memory for another */

hd_value hd_no_memory(void)
{
    hd_ts->exc = hd_obj(&memory_error);
    hd_ts->exc_traced = 0;
    return HD_ERR;
}

/* Chains the exception being handled behind exc. */
static void chain(hd_value exc, hd_value handled)
{
    if (handled == HD_UNBOUND || handled == 0 || handled == HD_NONE || handled == exc || exc == hd_obj(&memory_error)) return;
    bool odd = false;
    for (hd_value c = handled, slow = handled;;) {
        hd_value next = HD_EXC_GET(c, context);
        if (next == HD_NONE || next == c) break;
        if (next == exc) {
            HD_EXC_SET(c, context, HD_NONE);
            break;
        }
        c = next;
        if (odd) slow = HD_EXC_GET(slow, context);
        odd = !odd;
        if (c == slow) break;                  /* a cycle that was there before */
    }
    if (HD_EXC_GET(exc, context) != handled) HD_EXC_SET(exc, context, handled);
}

hd_value hd_raise_object(hd_value exc)
{
    struct hd_thread *ts = hd_ts;
    chain(exc, ts->handled);
    ts->exc = exc;
    ts->exc_traced = 0;
    return HD_ERR;
}

void hd_exc_throw(hd_value exc, hd_value handled)
{
    chain(exc, handled);
    hd_ts->exc = exc;
    hd_ts->exc_traced = 0;
}

hd_value hd_exc_new(struct hd_type *type, const hd_value *args, size_t n)
{
    if (type->flags & HD_TF_HEAP) return hd_call(hd_obj(type), args, n, 0);
    hd_value e = type->op.make(hd_obj(type), args, n, 0);
    if (e == HD_ERR || hd_type_of(e)->op.init(e, args, n, 0) < 0) return HD_ERR;
    return e;
}

static hd_value raise_new(struct hd_type *type, const hd_value *args, size_t n)
{
    hd_value e = hd_exc_new(type, args, n);
    if (e == HD_ERR) return e;
    if (!hd_is_exc_instance(e))
        return hd_raise(&hd_exc_TypeError, "calling %R should have returned an instance of BaseException, not %R", hd_obj(type), hd_obj(hd_type_of(e)));
    return hd_raise_object(e);
}

hd_value hd_raise(struct hd_type *type, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    hd_value msg = hd_str_vformat(format, ap);
    va_end(ap);
    return msg == HD_ERR ? msg : raise_new(type, &msg, 1);
}

hd_value hd_raise_value(struct hd_type *type, hd_value arg) { return raise_new(type, &arg, 1); }
hd_value hd_raise_none(struct hd_type *type) { return raise_new(type, NULL, 0); }
hd_value hd_raise_key(hd_value key) { return raise_new(&hd_exc_KeyError, &key, 1); }
hd_value hd_raise_stopiteration(hd_value v) { return v == HD_NONE ? raise_new(&hd_exc_StopIteration, NULL, 0) : raise_new(&hd_exc_StopIteration, &v, 1); }

hd_value hd_raise_from_pending(struct hd_type *type, const char *format, ...)
{
    hd_value old = hd_exc_take();
    va_list ap;
    va_start(ap, format);
    hd_value msg = hd_str_vformat(format, ap);
    va_end(ap);
    if (msg == HD_ERR) return msg;
    hd_value e = hd_exc_new(type, &msg, 1);
    if (e == HD_ERR) return e;
    if (old != HD_UNBOUND) {
        hd_exc_set_cause(e, old);
        chain(e, old);
        hd_ts->exc = e;
        hd_ts->exc_traced = 0;
        return HD_ERR;
    }
    return hd_raise_object(e);
}

hd_value hd_raise_errno(int err, hd_value filename, hd_value filename2)
{
    hd_value text = hd_str_from_fs(strerror(err), strlen(strerror(err)));
    if (text == HD_ERR) return text;
    hd_value args[5] = { hd_fix(err), text, filename, HD_NONE, filename2 };
    bool one = filename != HD_ABSENT && filename != 0, two = one && filename2 != HD_ABSENT && filename2 != 0;
    return raise_new(&hd_exc_OSError, args, two ? 5 : one ? 3 : 2);
}

/* ---- reading -------------------------------------------------------------------------------------------------------------------- */
bool hd_is_exc_class(hd_value v) { return hd_is_type(v) && HD_TYPE(v)->flags & HD_TF_EXC; }
bool hd_exc_is(struct hd_type *type) { return hd_exc_pending() && hd_subtype(hd_type_of(hd_ts->exc), type); }

bool hd_given_exc_matches(hd_value exc, hd_value type)
{
    if (hd_is_tuple(type)) {
        for (int64_t i = 0; i < HD_TUPLE(type)->len; i++)
            if (hd_given_exc_matches(exc, HD_TUPLE(type)->item[i])) return true;
        return false;
    }
    if (!hd_is_exc_class(type)) return exc == type;
    return hd_subtype(hd_is_exc_class(exc) ? HD_TYPE(exc) : hd_type_of(exc), HD_TYPE(type));
}

hd_value hd_exc_instantiate(hd_value v)
{
    if (hd_is_exc_class(v)) {
        hd_value e = hd_call0(v);
        if (e == HD_ERR || hd_is_exc_instance(e)) return e;
        return hd_raise(&hd_exc_TypeError, "calling %R should have returned an instance of BaseException, not %R", v, hd_obj(hd_type_of(e)));
    }
    if (hd_is_exc_instance(v)) return v;
    return hd_raise(&hd_exc_TypeError, "exceptions must derive from BaseException");
}

hd_value hd_exc_traceback(hd_value exc) { return HD_EXC_GET(exc, traceback); }
void hd_exc_set_traceback(hd_value exc, hd_value tb)
{
    if (exc != hd_obj(&memory_error)) HD_EXC_SET(exc, traceback, tb);
}
void hd_exc_set_context(hd_value exc, hd_value context) { HD_EXC_SET(exc, context, context); }
void hd_exc_set_cause(hd_value exc, hd_value cause)
{
    hd_exc_w w = hd_exc_open(HD_EXC(exc));
    HD_PUT(w, cause, cause);
    HD_PUT(w, suppress_context, 1);
}

/* ---- BaseException ---------------------------------------------------------------------------------------------------------------- */
static hd_value base_make(hd_value type, const hd_value *args, size_t nargs, hd_value kwnames)
{
    hd_value v = hd_alloc_instance(HD_TYPE(type), 0);
    if (v == HD_ERR) return v;
    struct hd_exc *e = HD_EXC(v);
    HD_INIT(e, traceback, HD_NONE);
    HD_INIT(e, context, HD_NONE);
    HD_INIT(e, cause, HD_NONE);
    hd_value t = hd_tuple_from(args, nargs);
    if (t == HD_ERR) return t;
    HD_INIT(e, args, t);
    return v;
}

static int base_init(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
{
    if (hd_no_kwargs(hd_type_name(hd_type_of(self)), kwnames) < 0) return -1;
    const struct hd_tuple *old = HD_TUPLE(HD_EXC_GET(self, args));
    if (old->len == (int64_t)nargs && (!nargs || !memcmp(old->item, args, 8 * nargs))) return 0;
    hd_value t = hd_tuple_from(args, nargs);
    if (t == HD_ERR) return -1;
    HD_EXC_SET(self, args, t);
    return 0;
}

static hd_value base_str(hd_value self)
{
    hd_value args = HD_EXC_GET(self, args);
    int64_t n = HD_TUPLE(args)->len;
    return n == 0 ? hd_empty_str : hd_str_of(n == 1 ? HD_TUPLE(args)->item[0] : args);
}

static hd_value base_repr(hd_value self)
{
    hd_value args = HD_EXC_GET(self, args);
    if (HD_TUPLE(args)->len == 1) return hd_str_format("%T(%R)", self, HD_TUPLE(args)->item[0]);
    return hd_str_format("%T%R", self, args);
}

static hd_value base_reduce(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
{
    hd_value a = HD_EXC_GET(self, args), type = hd_obj(hd_type_of(self));
    if (!hd_inst_has_attributes(self)) return hd_tuplev(type, a);
    hd_value d = hd_inst_dict_copy(self);
    return d == HD_ERR ? d : hd_tuplev(type, a, d);
}

static hd_value base_setstate(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
{
    if (args[0] == HD_NONE) return HD_NONE;
    if (!hd_is_dict(args[0])) return hd_raise(&hd_exc_TypeError, "state is not a dictionary");
    struct hd_dict_iter it = { 0 };
    hd_value k, v;
    int r;
    while ((r = hd_dict_next(args[0], &it, &k, &v)) > 0)
        if (hd_setattr(self, k, v) < 0) return HD_ERR;
    return r < 0 ? HD_ERR : HD_NONE;
}

static int set_traceback(hd_value self, hd_value v, void *closure)
{
    if (v == HD_ABSENT) (void)hd_raise(&hd_exc_TypeError, "__traceback__ may not be deleted");
    else if (v != HD_NONE && !hd_is_shape(v, HD_SHAPE_TRACEBACK)) (void)hd_raise(&hd_exc_TypeError, "__traceback__ must be a traceback or None");
    else {
        HD_EXC_SET(self, traceback, v);
        return 0;
    }
    return -1;
}

static hd_value base_with_traceback(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
{
    return set_traceback(self, args[0], NULL) < 0 ? HD_ERR : self;
}

static hd_value base_add_note(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
{
    if (!hd_is_str(args[0])) return hd_raise(&hd_exc_TypeError, "note must be a str, not '%T'", args[0]);
    hd_value notes = hd_getattr_opt(self, hd_s___notes__);
    if (notes == HD_ABSENT) {
        notes = hd_list_new(1);
        if (notes == HD_ERR || hd_setattr(self, hd_s___notes__, notes) < 0) return HD_ERR;
    }
    if (notes == HD_ERR) return notes;
    if (!hd_is_list(notes)) return hd_raise(&hd_exc_TypeError, "Cannot add note: __notes__ is not a list");
    return hd_list_append(notes, args[0]) < 0 ? HD_ERR : HD_NONE;
}

static hd_value get_args(hd_value self, void *closure) { return HD_EXC_GET(self, args); }
static int set_args(hd_value self, hd_value v, void *closure)
{
    if (v == HD_ABSENT) {
        (void)hd_raise(&hd_exc_TypeError, "args may not be deleted");
        return -1;
    }
    v = hd_tuple_of(v);
    if (v == HD_ERR) return -1;
    HD_EXC_SET(self, args, v);
    return 0;
}
static hd_value get_traceback(hd_value self, void *closure) { return HD_EXC_GET(self, traceback); }
static hd_value get_context(hd_value self, void *closure) { return HD_EXC_GET(self, context); }
static int set_context(hd_value self, hd_value v, void *closure)
{
    if (v == HD_ABSENT) (void)hd_raise(&hd_exc_TypeError, "__context__ may not be deleted");
    else if (v != HD_NONE && !hd_is_exc_instance(v)) (void)hd_raise(&hd_exc_TypeError, "exception context must be None or derive from BaseException");
    else {
        HD_EXC_SET(self, context, v);
        return 0;
    }
    return -1;
}
static hd_value get_cause(hd_value self, void *closure) { return HD_EXC_GET(self, cause); }
static int set_cause(hd_value self, hd_value v, void *closure)
{
    if (v == HD_ABSENT) (void)hd_raise(&hd_exc_TypeError, "__cause__ may not be deleted");
    else if (v != HD_NONE && !hd_is_exc_instance(v)) (void)hd_raise(&hd_exc_TypeError, "exception cause must be None or derive from BaseException");
    else {
        hd_exc_set_cause(self, v);
        return 0;
    }
    return -1;
}
static hd_value get_suppress(hd_value self, void *closure) { return hd_bool(HD_EXC_GET(self, suppress_context)); }
static int set_suppress(hd_value self, hd_value v, void *closure)
{
    if (v == HD_ABSENT) (void)hd_raise(&hd_exc_TypeError, "can't delete numeric/char attribute");
    else if (v != HD_TRUE && v != HD_FALSE) (void)hd_raise(&hd_exc_TypeError, "attribute value type must be bool");
    else {
        HD_EXC_SET(self, suppress_context, v == HD_TRUE);
        return 0;
    }
    return -1;
}

static void exc_trace(void *o, struct gc_marker *m)
{
    const struct hd_type *t = hd_shapes[((struct hd_head *)o)->shape].type;
    for (size_t at = offsetof(struct hd_exc, args); at < t->csize; at += 8) gc_mark(m, *(uint64_t *)((char *)o + at));
}

static const struct hd_methoddef base_methods[] = {
    { "__reduce__", base_reduce, 0, 0, 0, NULL },
    { "__setstate__", base_setstate, 1, 1, 0, NULL },
    { "with_traceback", base_with_traceback, 1, 1, 0, "Exception.with_traceback(tb) --\n    set self.__traceback__ to tb and return self." },
    { "add_note", base_add_note, 1, 1, 0, "Exception.add_note(note) --\n    add a note to the exception" },
    { NULL }
};
static const struct hd_getsetdef base_getsets[] = {
    { "args", get_args, set_args, NULL, NULL },
    { "__traceback__", get_traceback, set_traceback, NULL, NULL },
    { "__context__", get_context, set_context, "exception context", NULL },
    { "__cause__", get_cause, set_cause, "exception cause", NULL },
    { "__suppress_context__", get_suppress, set_suppress, NULL, NULL },
    { NULL }
};

#define LAYOUT_base struct hd_exc
#define LAYOUT_group struct hd_exc_group
#define LAYOUT_stopiteration struct hd_exc_stopiteration
#define LAYOUT_systemexit struct hd_exc_systemexit
#define LAYOUT_import struct hd_exc_import
#define LAYOUT_os struct hd_exc_os
#define LAYOUT_syntax struct hd_exc_syntax
#define LAYOUT_unicodedecode struct hd_exc_unicode
#define LAYOUT_unicodeencode struct hd_exc_unicode
#define LAYOUT_unicodetranslate struct hd_exc_unicode
#define LAYOUT_name struct hd_exc_name
#define LAYOUT_attribute struct hd_exc_attribute
#define hd_exc_object hd_object_type

#define E(c, text, b, layout)                                                                                             \
    struct hd_type hd_exc_##c = { .cname = text, .base = &hd_exc_##b, .basicsize = sizeof(LAYOUT_##layout),               \
                                  .flags = HD_TF_BASETYPE | HD_TF_EXC | HD_TF_HAS_DICT };
#include "interp/core/exceptions.def"
#undef E

/* Each type has a __new__ and an __init__ of its own, even if they do what the base's do. */
static void ready(struct hd_type *t)
{
    if (!t->op.make) t->op.make = t->base->op.make;
    if (!t->op.init) t->op.init = t->base->op.init;
    if (hd_type_ready(t) < 0) abort();
}

void hd_exceptions_init(void)
{
    struct hd_type *b = &hd_exc_BaseException;
    b->doc = "Common base class for all exceptions";
    b->methods = base_methods, b->getsets = base_getsets;
    b->op.make = base_make, b->op.init = base_init, b->op.str = base_str, b->op.repr = base_repr, b->op.trace = exc_trace;
    hd_exc_types_prepare();
    hd_exc_group_prepare();
#define E(c, text, base_, layout) ready(&hd_exc_##c);
#include "interp/core/exceptions.def"
#undef E
    hd_exc_group_finish();
    memory_error.head.h.shape = hd_exc_MemoryError.root_shape;
    stm_unit_init_static(&memory_error.head.w);
    HD_RAW_PUT(memory_error.args, hd_empty_tuple);
    HD_RAW_PUT(memory_error.traceback, HD_NONE);
    HD_RAW_PUT(memory_error.context, HD_NONE);
    HD_RAW_PUT(memory_error.cause, HD_NONE);
}
