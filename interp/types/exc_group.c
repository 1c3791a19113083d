/* Owns exception groups: making, splitting and deriving them, and what `except*` needs. */
#include "interp/core/attr.h"
#include "interp/types/exc.h"
#include "interp/types/objects.h"

static bool is_group(hd_value v) { return hd_subtype(hd_type_of(v), &hd_exc_BaseExceptionGroup); }
static hd_value message_of(hd_value g) { return HD_EXC_GETX(g, hd_exc_group, message); }
static hd_value parts_of(hd_value g) { return HD_EXC_GETX(g, hd_exc_group, exceptions); }

static hd_value group_make(hd_value type, const hd_value *args, size_t nargs, hd_value kwnames)
{
    struct hd_type *t = HD_TYPE(type);
    if (nargs != 2) return hd_raise(&hd_exc_TypeError, "BaseExceptionGroup.__new__() takes exactly 2 arguments (%zu given)", nargs);
    if (!hd_is_str(args[0])) return hd_raise(&hd_exc_TypeError, "BaseExceptionGroup.__new__() argument 1 must be str, not %A", args[0]);
    if (!hd_type_of(args[1])->op.getitem || hd_has_flag(args[1], HD_TF_DICT) || !hd_type_of(args[1])->op.length)
        return hd_raise(&hd_exc_TypeError, "second argument (exceptions) must be a sequence");
    hd_value excs = hd_tuple_of(args[1]);
    if (excs == HD_ERR) return excs;
    int64_t n = HD_TUPLE(excs)->len;
    if (!n) return hd_raise(&hd_exc_ValueError, "second argument (exceptions) must be a non-empty sequence");
    bool base = false;
    for (int64_t i = 0; i < n; i++) {
        hd_value e = HD_TUPLE(excs)->item[i];
        if (!hd_is_exc_instance(e)) return hd_raise(&hd_exc_ValueError, "Item %ld of second argument (exceptions) is not an exception", (long)i);
        if (!hd_subtype(hd_type_of(e), &hd_exc_Exception)) base = true;
    }
    if (t == &hd_exc_BaseExceptionGroup) {
        if (!base) t = &hd_exc_ExceptionGroup;
    } else if (t == &hd_exc_ExceptionGroup) {
        if (base) return hd_raise(&hd_exc_TypeError, "Cannot nest BaseExceptions in an ExceptionGroup");
    } else if (base && hd_subtype(t, &hd_exc_Exception)) return hd_raise(&hd_exc_TypeError, "Cannot nest BaseExceptions in '%N'", t);
    hd_value self = hd_exc_BaseException.op.make(hd_obj(t), args, nargs, 0);
    if (self == HD_ERR) return self;
    struct hd_exc_group *g = hd_ptr(self);
    HD_INIT(g, message, args[0]);
    HD_INIT(g, exceptions, excs);
    return self;
}

static int group_init(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
{
    if (hd_no_kwargs(hd_type_name(hd_type_of(self)), kwnames) < 0) return -1;
    return hd_exc_BaseException.op.init(self, args, nargs, 0);
}

static hd_value group_str(hd_value self)
{
    int64_t n = HD_TUPLE(parts_of(self))->len;
    return hd_str_format("%S (%ld sub-exception%s)", message_of(self), (long)n, n > 1 ? "s" : "");
}

static hd_value group_derive(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
{
    return hd_callv(hd_obj(&hd_exc_BaseExceptionGroup), message_of(self), args[0]);
}

/* A group of some of g's exceptions with g's circumstances. */
static hd_value subset(hd_value g, hd_value list)
{
    if (!hd_list_len(list)) return HD_NONE;
    hd_value e = hd_call_method(g, hd_s_derive, &list, 1);
    if (e == HD_ERR) return e;
    if (!is_group(e)) return hd_raise(&hd_exc_TypeError, "derive must return an instance of BaseExceptionGroup");
    hd_exc_set_traceback(e, HD_EXC_GET(g, traceback));
    hd_exc_set_context(e, HD_EXC_GET(g, context));
    hd_value cause = HD_EXC_GET(g, cause);
    if (cause != HD_NONE || HD_EXC_GET(g, suppress_context)) hd_exc_set_cause(e, cause);
    hd_value notes = hd_getattr_opt(g, hd_s___notes__);
    if (notes == HD_ERR) return notes;
    if (notes != HD_ABSENT && hd_type_of(notes)->op.length && hd_type_of(notes)->op.getitem) {
        hd_value copy = hd_list_of(notes);
        if (copy == HD_ERR || hd_setattr(e, hd_s___notes__, copy) < 0) return HD_ERR;
    }
    return e;
}

/* ---- splitting ------------------------------------------------------------------------------------------------------------------------ */
enum kind { BY_TYPE, BY_CALL, BY_IDENTITY };
struct matcher { enum kind kind; hd_value what; };

static int matches(const struct matcher *m, hd_value e)
{
    if (m->kind == BY_TYPE) return hd_given_exc_matches(e, m->what);
    if (m->kind == BY_CALL) {
        hd_value r = hd_callv(m->what, e);
        return r == HD_ERR ? -1 : hd_truth(r);
    }
    if (is_group(e)) return 0;
    for (int64_t i = hd_list_len(m->what); i-- > 0;)
        if (hd_list_get(m->what, i) == e) return 1;
    return 0;
}

static int split(hd_value e, const struct matcher *m, bool want_rest, hd_value out[2])
{
    int r = matches(m, e);
    if (r < 0) return -1;
    out[0] = r ? e : HD_NONE, out[1] = r || !want_rest ? HD_NONE : e;
    if (r || !is_group(e)) return 0;
    hd_value yes = hd_list_new(0), no = hd_list_new(0), parts = parts_of(e);
    if (yes == HD_ERR || no == HD_ERR || hd_recursion_enter(" in exceptiongroup_split_recursive") < 0) return -1;
    int status = 0;
    for (int64_t i = 0; i < HD_TUPLE(parts)->len && status == 0; i++) {
        hd_value sub[2];
        status = split(HD_TUPLE(parts)->item[i], m, want_rest, sub);
        if (status == 0 && sub[0] != HD_NONE) status = hd_list_append(yes, sub[0]);
        if (status == 0 && sub[1] != HD_NONE) status = hd_list_append(no, sub[1]);
    }
    hd_recursion_leave();
    if (status < 0) return -1;
    out[0] = subset(e, yes);
    if (out[0] == HD_ERR) return -1;
    out[1] = want_rest ? subset(e, no) : HD_NONE;
    return out[1] == HD_ERR ? -1 : 0;
}

static int read_condition(hd_value c, struct matcher *m)
{
    bool types = hd_is_tuple(c);
    for (int64_t i = 0; types && i < HD_TUPLE(c)->len; i++) types = hd_is_exc_class(HD_TUPLE(c)->item[i]);
    m->what = c;
    if (hd_is_exc_class(c) || types) m->kind = BY_TYPE;
    else if (hd_callable(c) && !hd_is_type(c)) m->kind = BY_CALL;
    else {
        (void)hd_raise(&hd_exc_TypeError, "expected a function, exception type or tuple of exception types");
        return -1;
    }
    return 0;
}
static hd_value group_split(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
{
    struct matcher m;
    hd_value out[2];
    if (read_condition(args[0], &m) < 0 || split(self, &m, true, out) < 0) return HD_ERR;
    return hd_tuplev(out[0], out[1]);
}
static hd_value group_subgroup(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
{
    struct matcher m;
    hd_value out[2];
    if (read_condition(args[0], &m) < 0 || split(self, &m, false, out) < 0) return HD_ERR;
    return out[0];
}

/* ---- except* -------------------------------------------------------------------------------------------------------------------------- */
int hd_exc_group_split(hd_value exc, hd_value type, hd_value out[2])
{
    struct matcher m = { BY_TYPE, type };
    if (is_group(exc)) return split(exc, &m, true, out);
    out[0] = HD_NONE, out[1] = exc;
    if (!hd_given_exc_matches(exc, type)) return 0;
    /* a lone exception is handled as a group of one */
    hd_value g = hd_callv(hd_obj(&hd_exc_ExceptionGroup), hd_empty_str, hd_tuplev(exc));
    if (!hd_subtype(hd_type_of(exc), &hd_exc_Exception)) {
        hd_exc_clear();
        g = hd_callv(hd_obj(&hd_exc_BaseExceptionGroup), hd_empty_str, hd_tuplev(exc));
    }
    if (g == HD_ERR) return -1;
    out[0] = g, out[1] = HD_NONE;
    return 0;
}

static int leaves(hd_value e, hd_value list)
{
    if (!is_group(e)) return hd_list_append(list, e);
    hd_value parts = parts_of(e);
    for (int64_t i = 0; i < HD_TUPLE(parts)->len; i++)
        if (leaves(HD_TUPLE(parts)->item[i], list) < 0) return -1;
    return 0;
}
/* A part of orig that was raised again has orig's traceback, context, cause and notes. */
static int same_circumstances(hd_value a, hd_value b)
{
    if (!is_group(a) || !is_group(b)) return a == b;
    if (HD_EXC_GET(a, traceback) != HD_EXC_GET(b, traceback) || HD_EXC_GET(a, cause) != HD_EXC_GET(b, cause)
        || HD_EXC_GET(a, context) != HD_EXC_GET(b, context))
        return 0;
    hd_value x = hd_getattr_opt(a, hd_s___notes__), y = hd_getattr_opt(b, hd_s___notes__);
    if (x == HD_ERR || y == HD_ERR) return -1;
    return x == HD_ABSENT || y == HD_ABSENT ? x == y : hd_equal(x, y);
}

hd_value hd_exc_group_reraise(hd_value orig, hd_value excs)
{
    int64_t n = hd_list_len(excs);
    if (!is_group(orig)) {
        for (int64_t i = 0; i < n; i++)
            if (hd_list_get(excs, i) != HD_NONE) return hd_list_get(excs, i);
        return HD_NONE;
    }
    hd_value raised = hd_list_new(0), again = hd_list_new(0);
    if (raised == HD_ERR || again == HD_ERR) return HD_ERR;
    for (int64_t i = 0; i < n; i++) {
        hd_value e = hd_list_get(excs, i);
        if (e == HD_NONE) continue;
        int same = same_circumstances(e, orig);
        if (same < 0 || (same ? leaves(e, again) : hd_list_append(raised, e)) < 0) return HD_ERR;
    }
    hd_value kept = HD_NONE;
    if (hd_list_len(again)) {
        struct matcher m = { BY_IDENTITY, again };
        hd_value out[2];
        if (split(orig, &m, false, out) < 0) return HD_ERR;
        kept = out[0];
    }
    if (!hd_list_len(raised)) return kept;
    if (kept != HD_NONE && hd_list_append(raised, kept) < 0) return HD_ERR;
    return hd_callv(hd_obj(&hd_exc_BaseExceptionGroup), hd_empty_str, raised);
}

static hd_value alias(hd_value cls, const hd_value *args, size_t n, hd_value k) { return hd_generic_alias_new(cls, args[0]); }
static const struct hd_memberdef members[] = {
    { "message", offsetof(struct hd_exc_group, message), HD_MEMBER_VALUE_NONE | HD_MEMBER_READONLY, "exception message" },
    { "exceptions", offsetof(struct hd_exc_group, exceptions), HD_MEMBER_VALUE_NONE | HD_MEMBER_READONLY, "nested exceptions" }, { NULL }
};
static const struct hd_methoddef methods[] = {
    { "__class_getitem__", alias, 1, 1, HD_METH_CLASS, "See PEP 585" }, { "derive", group_derive, 1, 1, 0, NULL },
    { "split", group_split, 1, 1, 0, NULL }, { "subgroup", group_subgroup, 1, 1, 0, NULL }, { NULL }
};


void hd_exc_group_prepare(void)
{
    struct hd_type *t = &hd_exc_BaseExceptionGroup;
    t->op.make = group_make, t->op.init = group_init, t->op.str = group_str, t->members = members, t->methods = methods;
}

/* ExceptionGroup has a second base, which static types cannot say in their tables. */
void hd_exc_group_finish(void)
{
    struct hd_type *t = &hd_exc_ExceptionGroup;
    hd_value bases = hd_tuplev(hd_obj(&hd_exc_BaseExceptionGroup), hd_obj(&hd_exc_Exception));
    hd_value mro = hd_tuplev(hd_obj(t), hd_obj(&hd_exc_BaseExceptionGroup), hd_obj(&hd_exc_Exception), hd_obj(&hd_exc_BaseException), hd_obj(&hd_object_type));
    if (bases == HD_ERR || mro == HD_ERR) return;
    t->bases = HD_TUPLE(bases), t->mro = HD_TUPLE(mro);
}
