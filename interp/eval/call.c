/* Calls: the slow forms of the call instructions, calls from C, classes as callables.
 *
 * K1: a call of a Python function from a call instruction pushes a frame; the C stack grows only by calls from C.
 * K2: constructors.  `C(...)` where C.__init__ is a Python function and allocation is object's becomes a frame of __init__
 *     whose return address is the CTOR hook: nfp[-6] the new instance, nfp[-5] the call instruction.
 * K3: kwnames are exact tuples of str; their values follow the positional ones. */
#include "interp/eval/eval_internal.h"
#include "interp/eval/fast.h"
#include "interp/core/type_ops.h"
#include <stdlib.h>

const hd_ins hd_hooks[HD_NHOOKS] = {
    [HD_HOOK_LEAVE] = { .op = HD_OP_LEAVE, .x = 0 },
    [HD_HOOK_LEAVE_ERROR] = { .op = HD_OP_LEAVE, .x = 1 },
    [HD_HOOK_CTOR] = { .op = HD_OP_HOOKRET, .x = HD_HOOKRET_CTOR },
    [HD_HOOK_FRAME] = { .op = HD_OP_HOOKRET, .x = HD_HOOKRET_FRAME },
};

/* -- C functions ------------------------------------------------------------------------------------------------------- */

/* The name used in messages: "f" or "module.f" or "type.f" as for C functions of CPython. */
static hd_value function_name(const struct hd_cfunction *f, bool qualified)
{
    if (!qualified) return hd_str_utf8(f->def->name);
    if (f->owner && !(f->def->flags & HD_METH_CLASS)) return hd_str_format("%N.%s", f->owner, f->def->name);
    if (f->self != HD_ABSENT && hd_is_ptr(f->self) && !hd_is_shape(f->self, HD_SHAPE_MODULE))
        return hd_is_type(f->self) ? hd_str_format("%N.%s", HD_TYPE(f->self), f->def->name) : hd_str_format("%T.%s", f->self, f->def->name);
    hd_value m = f->module;
    if (hd_is_ptr(m) && m != HD_NONE && hd_is_shape(m, HD_SHAPE_MODULE)) m = hd_dict_get_str(hd_module_dict(m), hd_s___name__);
    if (hd_is_ptr(m) && hd_is_str(m) && !hd_str_is(m, "builtins")) return hd_str_format("%U.%s", m, f->def->name);
    return hd_str_utf8(f->def->name);
}

static COLD hd_value wrong_count(const struct hd_cfunction *f, size_t n)
{
    const struct hd_methoddef *d = f->def;
    bool simple = d->max == d->min && d->min <= 1;
    hd_value name = function_name(f, simple);
    if (name == HD_ERR) return HD_ERR;
    if (simple && d->max == 0) return hd_raise(&hd_exc_TypeError, "%U() takes no arguments (%zu given)", name, n);
    if (simple) return hd_raise(&hd_exc_TypeError, "%U() takes exactly one argument (%zu given)", name, n);
    int want = (int64_t)n < d->min ? d->min : d->max;
    return hd_raise(&hd_exc_TypeError, "%U expected %s%d argument%s, got %zu", name,
                    d->min == d->max ? "" : (int64_t)n < d->min ? "at least " : "at most ", want, want == 1 ? "" : "s", n);
}

static hd_value call_cfunction(const struct hd_cfunction *f, hd_value self, const hd_value *args, size_t n, hd_value kwnames)
{
    const struct hd_methoddef *d = f->def;
    if (d->flags & HD_METH_KW) return d->fn(self, args, n, kwnames);
    if (UNLIKELY(kwnames && HD_TUPLE(kwnames)->len)) {
        hd_value name = function_name(f, true);
        return name == HD_ERR ? HD_ERR : hd_raise(&hd_exc_TypeError, "%U() takes no keyword arguments", name);
    }
    if (UNLIKELY((int64_t)n < d->min || (d->max >= 0 && (int64_t)n > d->max))) return wrong_count(f, n);
    return d->fn(self, args, n, 0);
}

/* -- classes ------------------------------------------------------------------------------------------------------------- */

/* type.__call__: cls(*args). */
static hd_value call_type(struct hd_type *t, const hd_value *args, size_t n, hd_value kwnames)
{
    if (UNLIKELY(t == &hd_type_type) && n == 1 && !(kwnames && HD_TUPLE(kwnames)->len)) return hd_obj(hd_type_of(args[0]));
    if (UNLIKELY(!t->op.make)) return hd_raise(&hd_exc_TypeError, "cannot create '%s' instances", hd_type_name(t));
    hd_value o = t->op.make(hd_obj(t), args, n, kwnames);
    if (o == HD_ERR) return HD_ERR;
    struct hd_type *ot = hd_type_of(o);
    if (ot != t && !hd_subtype(ot, t)) return o;
    if (ot->op.init && ot->op.init(o, args, n, kwnames) < 0) return HD_ERR;
    return o;
}

/* -- calls from C ---------------------------------------------------------------------------------------------------------- */

static inline bool c_stack_low(struct hd_thread *ts)
{
    char here;
    char *volatile p = &here;
    return UNLIKELY(p < ts->c_stack_limit);
}

static COLD hd_value c_recursion_error(struct hd_thread *ts)
{
    return hd_raise(&hd_exc_RecursionError, "maximum recursion depth exceeded while calling a Python object");
}

/* Runs the frame that was bound at nfp. */
static hd_value enter_frame(struct hd_thread *ts, struct hd_code *code, hd_value *nfp)
{
    if (c_stack_low(ts)) return c_recursion_error(ts);
    nfp[HD_FRAME_CALLER] = (hd_value)(uintptr_t)ts->pc;
    nfp[HD_FRAME_PC] = (hd_value)(uintptr_t)&hd_hooks[HD_HOOK_LEAVE];
    nfp[HD_FRAME_FP] = (hd_value)(uintptr_t)ts->fp;
    return hd_run(ts, code->ins, nfp);
}

/* first: HD_ABSENT, or an argument in front of the others */
static hd_value call_python(struct hd_func *f, hd_value first, const hd_value *args, size_t n, hd_value kwnames)
{
    struct hd_thread *ts = hd_ts;
    struct hd_code *code = HD_CODE(f->code);
    hd_value *nfp = hd_frame_top(ts->fp) + HD_FRAME_WORDS + 1;
    if (first != HD_ABSENT) {
        size_t nkw = kwnames ? (size_t)HD_TUPLE(kwnames)->len : 0;
        if (!hd_stack_room(ts, nfp + code->nregs + n + nkw + 1)) return HD_ERR;
        if (n + nkw) memmove(nfp + 1, args, (n + nkw) * sizeof(hd_value));
        nfp[0] = first;
        args = nfp;
        n++;
    }
    if (hd_bind(ts, f, code, nfp, args, n, kwnames) < 0) return HD_ERR;
    return enter_frame(ts, code, nfp);
}

/* Calls f with `first` in front of the arguments. */
static hd_value call_prefixed(hd_value f, hd_value first, const hd_value *args, size_t n, hd_value kwnames)
{
    if (hd_is_shape(f, HD_SHAPE_FUNCTION)) return call_python(HD_FUNC(f), first, args, n, kwnames);
    size_t nkw = kwnames ? (size_t)HD_TUPLE(kwnames)->len : 0;
    hd_value small[8], *all = small;
    if (n + nkw + 1 > sizeof small / sizeof *small) {
        hd_value t = hd_tuple_new(n + nkw + 1);
        if (t == HD_ERR) return HD_ERR;
        all = HD_TUPLE(t)->item;
    }
    all[0] = first;
    if (n + nkw) memcpy(all + 1, args, (n + nkw) * sizeof(hd_value));
    return hd_call(f, all, n + 1, kwnames);
}

static COLD hd_value descriptor_needs(const struct hd_cfunction *f, hd_value self)
{
    if (self == HD_ABSENT) return hd_raise(&hd_exc_TypeError, "unbound method %N.%s() needs an argument", f->owner, f->def->name);
    return hd_raise(&hd_exc_TypeError, "descriptor '%s' for '%N' objects doesn't apply to a '%T' object", f->def->name, f->owner, self);
}

hd_value hd_call_c(hd_value f, const hd_value *args, size_t n, hd_value kwnames)
{
    if (LIKELY(hd_is_ptr(f))) {
        switch (hd_shape_hint(f)) {
        case HD_SHAPE_CFUNCTION: {
            struct hd_cfunction *cf = hd_ptr(f);
            return call_cfunction(cf, cf->self, args, n, kwnames);
        }
        case HD_SHAPE_METHODDESCR: {
            struct hd_cfunction *cf = hd_ptr(f);
            if (UNLIKELY(!n)) return descriptor_needs(cf, HD_ABSENT);
            struct hd_type *t = hd_type_of(args[0]);
            if (UNLIKELY(t != cf->owner && !hd_subtype(t, cf->owner))) return descriptor_needs(cf, args[0]);
            return call_cfunction(cf, args[0], args + 1, n - 1, kwnames);
        }
        case HD_SHAPE_METHOD: {
            struct hd_method *m = hd_ptr(f);
            return call_prefixed(m->func, m->self, args, n, kwnames);
        }
        case HD_SHAPE_TYPE:
            return call_type(HD_TYPE(f), args, n, kwnames);
        default:
            break;
        }
    }
    struct hd_type *t = hd_type_of(f);
    if (LIKELY(t->op.call != NULL)) {
        if (t->flags & HD_TF_TYPE && t->op.call == hd_type_type.op.call) return call_type(HD_TYPE(f), args, n, kwnames);
        return t->op.call(f, args, n, kwnames);
    }
    return hd_raise(&hd_exc_TypeError, "'%T' object is not callable", f);
}

hd_value hd_call(hd_value f, const hd_value *args, size_t n, hd_value kwnames)
{
    if (hd_is_shape(f, HD_SHAPE_FUNCTION)) return call_python(HD_FUNC(f), HD_ABSENT, args, n, kwnames);
    if (c_stack_low(hd_ts)) return c_recursion_error(hd_ts);
    return hd_call_c(f, args, n, kwnames);
}

/* Values of a tuple and a dict as one array (in a heap object that the result keeps alive through the C stack) and names. */
static const hd_value *spread(hd_value args, hd_value kwargs, hd_value *kwnames)
{
    const struct hd_tuple *t = HD_TUPLE(args);
    *kwnames = 0;
    int64_t nkw = kwargs == HD_ABSENT ? 0 : hd_dict_len(kwargs);
    if (nkw == 0) return t->item;
    hd_value all = hd_tuple_new((size_t)(t->len + nkw)), names = hd_tuple_new((size_t)nkw);
    if (all == HD_ERR || names == HD_ERR) return NULL;
    hd_value *p = HD_TUPLE(all)->item;
    memcpy(p, t->item, (size_t)t->len * sizeof(hd_value));
    struct hd_dict_iter it = { 0 };
    hd_value k, v;
    int64_t i = 0;
    for (; i < nkw && hd_dict_next(kwargs, &it, &k, &v) > 0; i++) {
        HD_TUPLE(names)->item[i] = k;
        p[t->len + i] = v;
    }
    for (; i < nkw; i++) {                 /* not reached: the dict is as long as it says */
        HD_TUPLE(names)->item[i] = hd_empty_str;
        p[t->len + i] = HD_NONE;
    }
    for (i = 0; i < nkw; i++)
        if (!hd_is_str(HD_TUPLE(names)->item[i])) {
            hd_raise(&hd_exc_TypeError, "keywords must be strings");
            return NULL;
        }
    *kwnames = names;
    return p;
}

hd_value hd_call_ex(hd_value f, hd_value args_tuple, hd_value kwargs_dict)
{
    hd_value names;
    const hd_value *all = spread(args_tuple, kwargs_dict, &names);
    return all ? hd_call(f, all, (size_t)HD_TUPLE(args_tuple)->len, names) : HD_ERR;
}

/* type(o).name with how it is called: true if o goes in front of the arguments.  HD_ABSENT, HD_ERR. */
static hd_value method_of_type(hd_value o, hd_value name, bool *unbound)
{
    struct hd_type *t = hd_type_of(o);
    hd_value m = hd_type_lookup(t, name);
    *unbound = false;
    if (m == HD_ABSENT) return m;
    struct hd_type *mt = hd_type_of(m);
    if (mt->flags & HD_TF_METHOD_DESCRIPTOR) {
        *unbound = true;
        return m;
    }
    return mt->op.descr_get ? mt->op.descr_get(m, o, hd_obj(t)) : m;
}

hd_value hd_call_special(hd_value o, hd_value name, const hd_value *args, size_t n)
{
    bool unbound;
    hd_value m = method_of_type(o, name, &unbound);
    if (m == HD_ABSENT || m == HD_ERR) return m;
    return unbound ? call_prefixed(m, o, args, n, 0) : hd_call(m, args, n, 0);
}

hd_value hd_call_method(hd_value o, hd_value name, const hd_value *args, size_t n)
{
    hd_value m = hd_getattr(o, name);
    return m == HD_ERR ? HD_ERR : hd_call(m, args, n, 0);
}

static hd_value run_with_namespace(struct hd_func *f, struct hd_code *code, hd_value ns)
{
    struct hd_thread *ts = hd_ts;
    hd_value *nfp = hd_frame_top(ts->fp) + HD_FRAME_WORDS + 1;
    if (hd_bind(ts, f, code, nfp, NULL, 0, 0) < 0) return HD_ERR;
    if (!(code->flags & HD_CO_OPTIMIZED)) {
        if (UNLIKELY(code->flags & HD_CO_COROUTINE)) nfp[hd_code_vars(code)] = ns;
        else nfp[HD_FRAME_NS] = ns;
    }
    return enter_frame(ts, code, nfp);
}

hd_value hd_eval_code(hd_value code, hd_value globals, hd_value locals, hd_value cells)
{
    hd_value f = hd_func_new(code, globals);
    if (f == HD_ERR) return HD_ERR;
    HD_FUNC(f)->closure = cells == HD_ABSENT ? HD_NONE : cells;
    struct hd_code *c = HD_CODE(code);
    if (c->nfree && (cells == HD_ABSENT || HD_TUPLE(cells)->len != c->nfree))
        return hd_raise(&hd_exc_TypeError, "code object requires a closure of exactly length %d", (int)c->nfree);
    return run_with_namespace(HD_FUNC(f), c, locals);
}

hd_value hd_call_class_body(hd_value func, hd_value ns)
{
    /* A function of its own: the code of the given one may be replaced while the body runs. */
    struct hd_func *given = HD_FUNC(func);
    hd_value f = hd_func_new(given->code, given->globals);
    if (f == HD_ERR) return HD_ERR;
    HD_FUNC(f)->closure = given->closure;
    HD_FUNC(f)->builtins = given->builtins;
    return run_with_namespace(HD_FUNC(f), HD_CODE(given->code), ns);
}

/* -- call instructions --------------------------------------------------------------------------------------------------------- */

static inline const hd_ins *finish(struct hd_thread *ts, const hd_ins *pc, hd_value *fp, hd_value v)
{
    if (UNLIKELY(v == HD_ERR)) return RAISED();
    return hd_continue_return(ts, pc, fp, v);
}

/* Pushes a frame for f at nfp. */
static const hd_ins *push_python(struct hd_thread *ts, const hd_ins *pc, hd_value *fp, hd_value *nfp, struct hd_func *f, const hd_value *args,
                                 size_t n, hd_value kwnames, const hd_ins *retpc)
{
    struct hd_code *code = HD_CODE(f->code);
    if (UNLIKELY(hd_bind(ts, f, code, nfp, args, n, kwnames) < 0)) return RAISED();
    nfp[HD_FRAME_PC] = (hd_value)(uintptr_t)retpc;
    nfp[HD_FRAME_FP] = (hd_value)(uintptr_t)fp;
    ts->fp = nfp;
    return code->ins;
}

/* C(...) with a Python __init__: NULL if it is not of that simple kind.  R[a] = the class; arguments at args. */
static const hd_ins *push_constructor(struct hd_thread *ts, const hd_ins *pc, hd_value *fp, hd_value *at, struct hd_type *t, const hd_value *args, size_t n, hd_value kwnames)
{
    if (t->op.make != hd_object_type.op.make || t->flags & HD_TF_ABSTRACT || !(t->flags & HD_TF_HEAP)) return NULL;
    hd_value init = hd_type_lookup(t, hd_s___init__);
    if (!hd_is_shape(init, HD_SHAPE_FUNCTION)) return NULL;
    size_t nkw = kwnames ? (size_t)HD_TUPLE(kwnames)->len : 0;
    struct hd_code *code = HD_CODE(HD_FUNC(init)->code);
    hd_value *nfp = at + 2 + HD_FRAME_WORDS;
    if (!hd_stack_room(ts, nfp + code->nregs + n + nkw + 1)) return RAISED();
    hd_value self = hd_alloc_instance(t, 0);
    if (self == HD_ERR) return RAISED();
    memmove(nfp + 1, args, (n + nkw) * sizeof(hd_value));
    nfp[0] = self;
    at[0] = self;
    at[1] = (hd_value)(uintptr_t)pc;
    return push_python(ts, pc, fp, nfp, HD_FUNC(init), nfp, n + 1, kwnames, &hd_hooks[HD_HOOK_CTOR]);
}

/* The same with `self` in front of the arguments. */
static const hd_ins *push_prefixed(struct hd_thread *ts, const hd_ins *pc, hd_value *fp, hd_value *nfp, struct hd_func *f, hd_value self,
                                   const hd_value *args, size_t n, hd_value kwnames)
{
    size_t nkw = kwnames ? (size_t)HD_TUPLE(kwnames)->len : 0;
    if (!hd_stack_room(ts, nfp + HD_CODE(f->code)->nregs + n + nkw + 1)) return RAISED();
    memmove(nfp + 1, args, (n + nkw) * sizeof(hd_value));
    nfp[0] = self;
    return push_python(ts, pc, fp, nfp, f, nfp, n + 1, kwnames, pc);
}

/* Calls R[a] for the instruction at pc; the window of a Python function begins at &R[a]. */
static const hd_ins *call_at(struct hd_thread *ts, const hd_ins *pc, hd_value *fp, hd_value f, hd_value *at, const hd_value *args, size_t n, hd_value kwnames)
{
    hd_value *nfp = at + HD_FRAME_WORDS;
    if (LIKELY(hd_is_ptr(f))) {
        switch (hd_shape_hint(f)) {
        case HD_SHAPE_FUNCTION:
            return push_python(ts, pc, fp, nfp, HD_FUNC(f), args, n, kwnames, pc);
        case HD_SHAPE_METHOD: {
            struct hd_method *m = hd_ptr(f);
            if (!hd_is_shape(m->func, HD_SHAPE_FUNCTION)) break;
            return push_prefixed(ts, pc, fp, nfp, HD_FUNC(m->func), m->self, args, n, kwnames);
        }
        case HD_SHAPE_TYPE: {
            const hd_ins *next = push_constructor(ts, pc, fp, at, HD_TYPE(f), args, n, kwnames);
            if (next) return next;
            break;
        }
        default: {
            struct hd_type *t = hd_shapes[hd_shape_hint(f)].type;
            if (t && t->flags & HD_TF_TYPE && t->op.call == hd_type_type.op.call) {
                const hd_ins *next = push_constructor(ts, pc, fp, at, HD_TYPE(f), args, n, kwnames);
                if (next) return next;
            } else if (t && t->op.call == hd_slot_call) {
                hd_value m = hd_type_lookup(t, hd_s___call__);
                if (hd_is_shape(m, HD_SHAPE_FUNCTION)) return push_prefixed(ts, pc, fp, nfp, HD_FUNC(m), f, args, n, kwnames);
            }
        }
        }
    }
    if (UNLIKELY(c_stack_low(ts))) {
        c_recursion_error(ts);
        return RAISED();
    }
    if (UNLIKELY(ts->profile_func != HD_UNBOUND) && !ts->tracing) return finish(ts, pc, fp, hd_call_profiled(ts, pc, fp, f, args, n, kwnames));
    return finish(ts, pc, fp, hd_call_c(f, args, n, kwnames));
}

uint32_t hd_code_serial(struct hd_code *c)
{
    static uint32_t next;
    if (!c->head.aux) {                    /* 0 is no serial number: run.c compares aux + 1 */
        uint32_t none = 0, serial = __atomic_add_fetch(&next, 1, __ATOMIC_RELAXED);
        if (!serial) serial = __atomic_add_fetch(&next, 1, __ATOMIC_RELAXED);
        __atomic_compare_exchange_n(&c->head.aux, &none, serial, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
    }
    return c->head.aux;
}

/* Remembers at the site that a call of this function with n arguments needs no binding. */
static void fill_call_cache(const hd_ins *pc, hd_value f, size_t n)
{
    if (!hd_is_shape(f, HD_SHAPE_FUNCTION)) return;
    struct hd_code *c = HD_CODE(HD_FUNC(f)->code);
    if (n != c->argcount || c->kwonlyargcount || c->flags & (HD_CO_VARARGS | HD_CO_VARKEYWORDS)) return;
    uint64_t bound = hd_code_bound(c);
    if (c->nregs > 0xffff || bound > 0x7fff) return;
    __atomic_store_n((uint64_t *)(uintptr_t)&pc[1].u, (uint64_t)(c->nfree != 0) << 63 | bound << 48 | (uint64_t)c->nregs << 32 | (hd_code_serial(c) + 1), __ATOMIC_RELAXED);
}

const hd_ins *s_call(struct hd_thread *ts, const hd_ins *pc, hd_value *fp)
{
    hd_value *at = &fp[pc->a];
    fill_call_cache(pc, at[0], pc->b);
    return call_at(ts, pc, fp, at[0], at, at + HD_FRAME_WORDS, pc->b, 0);
}

const hd_ins *s_callm(struct hd_thread *ts, const hd_ins *pc, hd_value *fp)
{
    hd_value *at = &fp[pc->a];
    size_t n = pc->b;
    hd_value *args = at + HD_FRAME_WORDS;
    if (args[0] == HD_UNBOUND) return call_at(ts, pc, fp, at[0], at, args + 1, n - 1, 0);
    fill_call_cache(pc, at[0], n);
    return call_at(ts, pc, fp, at[0], at, args, n, 0);
}

const hd_ins *s_callkw(struct hd_thread *ts, const hd_ins *pc, hd_value *fp)
{
    hd_value *at = &fp[pc->a], *args = at + HD_FRAME_WORDS, names = pc[1].u;
    size_t n = pc->b - (size_t)HD_TUPLE(names)->len;
    if (pc->x & 1 && args[0] == HD_UNBOUND) {
        args++;
        n--;
    }
    return call_at(ts, pc, fp, at[0], at, args, n, names);
}

const hd_ins *s_callex(struct hd_thread *ts, const hd_ins *pc, hd_value *fp)
{
    hd_value *at = &fp[pc->a], f = at[0], args = at[HD_FRAME_WORDS], kwargs = at[HD_FRAME_WORDS + 1], names;
    if (!hd_is_tuple_exact(args)) {
        if (!hd_is_list_exact(args) && !hd_type_of(args)->op.iter && !hd_type_of(args)->op.getitem) {
            hd_value name = hd_callee_name(f);
            if (name != HD_ERR) hd_raise(&hd_exc_TypeError, "%U argument after * must be an iterable, not %A", name, args);
            return RAISED();
        }
        args = hd_tuple_of(args);
        if (args == HD_ERR) return RAISED();
        at[HD_FRAME_WORDS] = args;
    }
    if (kwargs == HD_UNBOUND) kwargs = HD_ABSENT;
    else if (!hd_is_dict_exact(kwargs)) {
        hd_value d = hd_dict_new();
        if (d == HD_ERR || hd_dict_merge_new(d, kwargs, hd_callee_name(f)) < 0) return RAISED();
        at[HD_FRAME_WORDS + 1] = kwargs = d;
    }
    const hd_value *all = spread(args, kwargs, &names);
    if (!all) return RAISED();
    return call_at(ts, pc, fp, f, at, all, (size_t)HD_TUPLE(args)->len, names);
}

/* What messages about a call's arguments call the callee: "f()" or "module.f()" or "X object". */
hd_value hd_callee_name(hd_value f)
{
    if (hd_is_shape(f, HD_SHAPE_FUNCTION) || hd_is_shape(f, HD_SHAPE_METHOD) || hd_is_shape(f, HD_SHAPE_CFUNCTION) || hd_is_type(f)) {
        hd_value q = hd_getattr_opt(f, hd_s___qualname__);
        if (q == HD_ERR) return HD_ERR;
        if (q != HD_ABSENT && hd_is_str(q)) {
            hd_value m = hd_getattr_opt(f, hd_s___module__);
            if (m == HD_ERR) return HD_ERR;
            if (m != HD_ABSENT && hd_is_str(m) && !hd_str_is(m, "builtins")) return hd_str_format("%U.%U()", m, q);
            return hd_str_format("%U()", q);
        }
    }
    return hd_str_format("%S", f);
}

/* Calls f for the instruction at pc, whose result hd_continue_return handles.  args may not lie above the window. */
const hd_ins *hd_invoke(struct hd_thread *ts, const hd_ins *pc, hd_value *fp, hd_value f, const hd_value *args, size_t n)
{
    hd_value *at = hd_frame_top(fp);
    if (hd_is_shape(f, HD_SHAPE_FUNCTION)) {
        at[0] = f;
        return push_python(ts, pc, fp, at + HD_FRAME_WORDS, HD_FUNC(f), args, n, 0, pc);
    }
    return finish(ts, pc, fp, hd_call(f, args, n, 0));
}
