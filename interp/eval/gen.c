/* Generators and coroutines: resuming, suspending, throwing, closing, and the objects' attributes.
 *
 * G1: the registers of a generator lie in the object while it is not running, and on the value stack of whoever resumed it
 *     while it is.
 * G2: state RUNNING exactly while its frame is on a stack or something it delegates to is being thrown into.
 * G3: ts->handled as its code sees it is ts->handled of the resumer unless it handles an exception of its own (`outer`). */
#include <stdio.h>
#include "interp/eval/eval_internal.h"
#include "interp/eval/fast.h"
#include "interp/types/exc.h"
#include "interp/core/type_ops.h"

/* Registers are few: a call of memcpy takes longer. */
static inline __attribute__((always_inline)) void copy_registers(hd_value *restrict to, const hd_value *restrict from, uint32_t n)
{
    if (n & 1) *to++ = *from++;
    for (const hd_value *end = from + (n & ~(uint32_t)1); from < end; from += 2, to += 2) {
        __builtin_memcpy(to, from, 16);
        __asm__ volatile("");              /* not to be made into a call again */
    }
}

/* -- frames of generators -------------------------------------------------------------------------------------------------- */

hd_value hd_gen_new(struct hd_thread *ts, const hd_ins *resume, hd_value *fp)
{
    struct hd_code *c = hd_frame_code(fp);
    struct hd_func *f = HD_FUNC(fp[HD_FRAME_FUNC]);
    struct hd_type *t = c->flags & HD_CO_COROUTINE ? &hd_coroutine_type : c->flags & HD_CO_ASYNC_GENERATOR ? &hd_asyncgen_type : &hd_generator_type;
    hd_value name = HD_GET(f, name), qualname = HD_GET(f, qualname);
    struct hd_gen *g = hd_new_mutable(t, sizeof *g + c->nregs * sizeof(hd_value));
    if (!g) return HD_ERR;
    g->code = hd_obj(c);
    g->func = hd_obj(f);
    HD_INIT(g, name, name);
    HD_INIT(g, qualname, qualname);
    HD_INIT(g, state, HD_GEN_CREATED);
    HD_INIT(g, pc, resume);
    HD_INIT(g, handled, HD_UNBOUND);
    HD_INIT(g, outer, HD_UNBOUND);
    HD_INIT(g, frame, HD_UNBOUND);
    HD_INIT(g, origin, HD_UNBOUND);
    HD_INIT(g, async_flags, 0);
    copy_registers(&HD_RAW(g->reg[0]), fp, c->nregs);
    if (c->nexc || c->flags & (HD_CO_COROUTINE | HD_CO_ASYNC_GENERATOR)) gc_finaliser_register(g);
    if (t == &hd_coroutine_type && ts->coroutine_origin_depth > 0) hd_coroutine_note_origin(ts, g);
    return hd_obj(g);
}

/* Moves the registers to nfp; the frame is complete but for what it goes on with. */
static inline __attribute__((always_inline)) void enter(struct hd_thread *ts, struct hd_gen *g, hd_value *nfp, const hd_ins *retpc, hd_value *caller)
{
    hd_gen_w w = hd_gen_open(g);
    uint32_t n = HD_CODE(g->code)->nregs;
    copy_registers(nfp, &HD_RAW(HD_OPENED(w)->reg[0]), n);
    hd_push_header(nfp, g->func, hd_obj(g), retpc, caller);
    HD_PUT(w, state, HD_GEN_RUNNING);
    HD_PUT(w, outer, ts->handled);
    hd_value own = HD_OWN(w, handled);
    if (own != HD_UNBOUND) ts->handled = own;
    ts->fp = nfp;
    if (UNLIKELY(HD_OWN(w, frame) != HD_UNBOUND)) hd_frame_attach_gen(ts, g, nfp);
}

const hd_ins *hd_gen_push(struct hd_thread *ts, struct hd_gen *g, hd_value *nfp, const hd_ins *retpc, hd_value *caller, hd_value sent)
{
    bool created = HD_GET(g, state) == HD_GEN_CREATED;
    const hd_ins *pc = HD_GET(g, pc);
    enter(ts, g, nfp, retpc, caller);
    if (created) return pc;
    nfp[pc->a] = sent;
    return pc->op == HD_OP_YIELD ? pc + 1 : pc + 1 + (int16_t)pc->c;
}

void hd_gen_suspend(struct hd_thread *ts, struct hd_gen *g, const hd_ins *pc, hd_value *fp)
{
    if (UNLIKELY(hd_frame_retpc(fp) == &hd_hooks[HD_HOOK_FRAME])) hd_frame_detach(ts, fp, pc, false, false);
    hd_gen_w w = hd_gen_open(g);
    uint32_t n = HD_CODE(g->code)->nregs;
    /* What was yielded and other leftovers are not kept. */
    uint32_t kept = pc->op == HD_OP_YIELD ? pc->c : n;
    copy_registers(&HD_RAW(HD_OPENED(w)->reg[0]), fp, kept);
    for (uint32_t i = kept; i < n; i++) HD_PUT(w, reg[i], HD_UNBOUND);
    if (pc->a >= hd_code_vars(HD_CODE(g->code))) HD_PUT(w, reg[pc->a], HD_UNBOUND);     /* will be what is sent */
    HD_PUT(w, state, HD_GEN_SUSPENDED);
    HD_PUT(w, pc, pc);
    hd_value outer = HD_OWN(w, outer);
    /* What the resumer handles may be handled here as well: s_pushexc has noted it then. */
    if (ts->handled != outer) HD_PUT(w, handled, ts->handled);
    else if (HD_OWN(w, handled) != outer) HD_PUT(w, handled, HD_UNBOUND);
    HD_PUT(w, outer, HD_UNBOUND);
    ts->handled = outer;
}

static void clear_registers(hd_gen_w w)
{
    uint32_t n = HD_CODE(HD_OPENED(w)->code)->nregs;
    for (uint32_t i = 0; i < n; i++) HD_PUT(w, reg[i], HD_UNBOUND);
    HD_PUT(w, handled, HD_UNBOUND);
}

void hd_gen_finish(struct hd_thread *ts, struct hd_gen *g)
{
    hd_gen_w w = hd_gen_open(g);
    ts->handled = HD_OWN(w, outer);
    HD_PUT(w, outer, HD_UNBOUND);
    HD_PUT(w, state, HD_GEN_CLOSED);
    HD_PUT(w, frame, HD_UNBOUND);
    clear_registers(w);
}

/* -- resuming from C ----------------------------------------------------------------------------------------------------------- */

static const char *kind_of(const struct hd_gen *g)
{
    uint32_t s = g->head.h.shape;
    return s == HD_SHAPE_GENERATOR ? "generator" : s == HD_SHAPE_COROUTINE ? "coroutine" : "async generator";
}

/* 0: may be resumed; -1: raised.  (CLOSED is the caller's business.) */
static int check_idle(struct hd_gen *g)
{
    if (HD_GET(g, state) != HD_GEN_RUNNING) return 0;
    hd_raise(&hd_exc_ValueError, "%s already executing", kind_of(g));
    return -1;
}

enum resume { SEND, THROW };

/* Where the frame of g may begin when C resumes it; NULL: raised. */
static hd_value *place_for(struct hd_thread *ts, struct hd_gen *g)
{
    hd_value *nfp = hd_frame_top(ts->fp) + HD_FRAME_WORDS + 1;
    if (!hd_stack_room(ts, nfp + HD_CODE(g->code)->nregs)) return NULL;
    char here;
    char *volatile sp = &here;
    if (sp < ts->c_stack_limit) {
        hd_raise(&hd_exc_RecursionError, "maximum recursion depth exceeded while calling a Python object");
        return NULL;
    }
    nfp[HD_FRAME_CALLER] = (hd_value)(uintptr_t)ts->pc;
    return nfp;
}

/* Lets the frame on top go on until it yields (1), returns (0) or raises (-1). */
static int go_on(struct hd_thread *ts, const hd_ins *pc, hd_value *out)
{
    hd_value v = hd_run(ts, pc, ts->fp);
    if (ts->left_by == HD_LEFT_ERROR) return -1;
    *out = v;
    return ts->left_by == HD_LEFT_YIELD;
}

/* Resumes g.  THROW: v is raised where it stands. */
static int run_gen(struct hd_gen *g, enum resume how, hd_value v, hd_value *out)
{
    struct hd_thread *ts = hd_ts;
    hd_value *caller = ts->fp, *nfp = place_for(ts, g);
    if (!nfp) return -1;
    const hd_ins *pc;
    if (how == SEND) pc = hd_gen_push(ts, g, nfp, &hd_hooks[HD_HOOK_LEAVE], caller, v);
    else {
        pc = HD_GET(g, pc);
        enter(ts, g, nfp, &hd_hooks[HD_HOOK_LEAVE], caller);
        ts->pc = pc;
        if (!hd_is_traced(ts) || hd_trace_thrown(ts, pc, nfp) == 0) hd_exc_throw(v, HD_GET(g, handled));
        pc = hd_unwind(ts, pc, nfp, false);
    }
    return go_on(ts, pc, out);
}

/* g.send(v) of a generator, coroutine or async generator: 1 yielded, 0 returned, -1 raised. */
int hd_gen_resume(struct hd_gen *g, hd_value v, hd_value *out)
{
    if (check_idle(g) < 0) return -1;
    int64_t state = HD_GET(g, state);
    if (state == HD_GEN_CLOSED) {
        if (g->head.h.shape == HD_SHAPE_COROUTINE) {
            hd_raise(&hd_exc_RuntimeError, "cannot reuse already awaited coroutine");
            return -1;
        }
        *out = HD_NONE;
        return 0;
    }
    if (state == HD_GEN_CREATED && v != HD_NONE) {
        hd_raise(&hd_exc_TypeError, "can't send non-None value to a just-started %s", kind_of(g));
        return -1;
    }
    return run_gen(g, SEND, v, out);
}

/* Turns a StopIteration that is pending into a returned value. */
static int stop_to_return(hd_value *out)
{
    if (!hd_exc_is(&hd_exc_StopIteration)) return -1;
    *out = hd_stopiteration_value(hd_exc_take());
    return 0;
}

int hd_gen_send(hd_value it, hd_value v, hd_value *out)
{
    if (hd_is_ptr(it)) {
        switch (hd_shape_hint(it)) {
        case HD_SHAPE_GENERATOR: case HD_SHAPE_COROUTINE: return hd_gen_resume(HD_GEN(it), v, out);
        case HD_SHAPE_ASYNCGENASEND: return hd_asend_send(it, v, out);
        case HD_SHAPE_ASYNCGENATHROW: return hd_athrow_send(it, v, out);
        case HD_SHAPE_COROUTINEWRAPPER: return hd_gen_resume(HD_GEN(((struct hd_cowrapper *)hd_ptr(it))->coroutine), v, out);
        default: break;
        }
    }
    struct hd_type *t = hd_type_of(it);
    if (v != HD_NONE) {
        hd_value r = hd_call_method(it, hd_s_send, &v, 1);
        if (r == HD_ERR) return stop_to_return(out);
        *out = r;
        return 1;
    }
    hd_value r;
    if (t->op.iternext == hd_slot_iternext) {              /* written in Python: the value of StopIteration matters */
        r = hd_call_special(it, hd_s___next__, NULL, 0);
        if (r == HD_ERR) return stop_to_return(out);
        if (r == HD_ABSENT) {
            hd_raise(&hd_exc_TypeError, "'%T' object is not an iterator", it);
            return -1;
        }
    } else {
        r = hd_next(it);
        if (r == HD_ERR) return -1;
        if (r == HD_STOP) {
            *out = HD_NONE;
            return 0;
        }
    }
    *out = r;
    return 1;
}

/* -- throw and close -------------------------------------------------------------------------------------------------------------- */

/* What a suspended generator delegates to, or HD_UNBOUND. */
static hd_value delegate(struct hd_gen *g)
{
    if (HD_GET(g, state) != HD_GEN_SUSPENDED) return HD_UNBOUND;
    const hd_ins *pc = HD_GET(g, pc);
    return pc->op == HD_OP_YIELDFROM ? HD_GET(g, reg[pc->b]) : HD_UNBOUND;
}

static int gen_close(struct hd_gen *g);

/* close() of what a generator delegates to; 0, -1. */
static int close_iterator(hd_value it)
{
    if (hd_is_shape(it, HD_SHAPE_GENERATOR) || hd_is_shape(it, HD_SHAPE_COROUTINE)) return gen_close(HD_GEN(it));
    hd_value m = hd_getattr_opt(it, hd_s_close);
    if (m == HD_ERR) {
        hd_exc_print_unraisable("", it);
        return 0;
    }
    if (m == HD_ABSENT) return 0;
    return hd_call0(m) == HD_ERR ? -1 : 0;
}

/* throw(exc) into anything that may be delegated to: like gen_send. */
static int throw_into(hd_value it, hd_value exc, hd_value *out)
{
    if (hd_is_ptr(it)) {
        switch (hd_shape_hint(it)) {
        case HD_SHAPE_GENERATOR: case HD_SHAPE_COROUTINE: return hd_gen_throw(HD_GEN(it), exc, out);
        case HD_SHAPE_ASYNCGENASEND: return hd_asend_throw(it, exc, out);
        case HD_SHAPE_ASYNCGENATHROW: return hd_athrow_throw(it, exc, out);
        case HD_SHAPE_COROUTINEWRAPPER: return hd_gen_throw(HD_GEN(((struct hd_cowrapper *)hd_ptr(it))->coroutine), exc, out);
        default: break;
        }
    }
    hd_value m = hd_getattr_opt(it, hd_s_throw);
    if (m == HD_ERR) return -1;
    if (m == HD_ABSENT) {
        (void)hd_raise_object(exc);
        return -2;                         /* has no throw(): raise it in the delegating generator */
    }
    hd_value r = hd_call(m, &exc, 1, 0);
    if (r == HD_ERR) return stop_to_return(out);
    *out = r;
    return 1;
}

/* throw(exc) into the iterator `sub` to which g delegates, with the frame of g where it would be if g had called it. */
static int throw_through(struct hd_gen *g, hd_value sub, hd_value exc, hd_value *out)
{
    struct hd_thread *ts = hd_ts;
    hd_value *caller = ts->fp, *nfp = place_for(ts, g);
    if (!nfp) return -1;
    const hd_ins *pc = HD_GET(g, pc);
    enter(ts, g, nfp, &hd_hooks[HD_HOOK_LEAVE], caller);
    ts->pc = pc;
    int r;
    if (hd_given_exc_matches(exc, hd_obj(&hd_exc_GeneratorExit))) r = close_iterator(sub) < 0 ? -1 : -2;
    else r = throw_into(sub, exc, out);
    if (r > 0) {                                            /* it yielded: so does g */
        stm_window_return((uint64_t *)caller - HD_FRAME_WORDS);
        hd_gen_suspend(ts, g, pc, nfp);
        ts->fp = caller;
        ts->pc = (const hd_ins *)(uintptr_t)nfp[HD_FRAME_CALLER];
        return 1;
    }
    ts->pc = pc;
    if (r == 0) nfp[pc->a] = *out;
    else {
        hd_value e = r == -2 ? exc : hd_exc_take();
        hd_exc_clear();
        if (!hd_is_traced(ts) || hd_trace_thrown(ts, pc, nfp) == 0) hd_exc_throw(e, HD_GET(g, handled));
    }
    return go_on(ts, r == 0 ? pc + 1 : hd_unwind(ts, pc, nfp, false), out);
}

int hd_gen_throw(struct hd_gen *g, hd_value exc, hd_value *out)
{
    if (check_idle(g) < 0) return -1;
    if (hd_recursion_enter(" while throwing into a generator") < 0) return -1;
    hd_value sub = delegate(g);
    int r;
    if (sub != HD_UNBOUND) {
        r = throw_through(g, sub, exc, out);
        hd_recursion_leave();
        return r;
    }
    int64_t state = HD_GET(g, state);
    if (state == HD_GEN_CLOSED) {
        if (g->head.h.shape == HD_SHAPE_COROUTINE) hd_raise(&hd_exc_RuntimeError, "cannot reuse already awaited coroutine");
        else hd_exc_throw(exc, HD_UNBOUND);
        r = -1;
    } else r = run_gen(g, THROW, exc, out);
    hd_recursion_leave();
    return r;
}

/* 0, -1 */
static int gen_close(struct hd_gen *g)
{
    if (check_idle(g) < 0) return -1;
    int64_t state = HD_GET(g, state);
    if (state == HD_GEN_CLOSED) return 0;
    if (state == HD_GEN_CREATED) {
        hd_value f = HD_GET(g, frame);
        hd_gen_w w = hd_gen_open(g);
        HD_PUT(w, state, HD_GEN_CLOSED);
        HD_PUT(w, frame, HD_UNBOUND);
        clear_registers(w);
        if (f != HD_UNBOUND) {
            hd_frame_w fw = hd_frame_open(HD_FRAME(f));
            HD_PUT(fw, flags, HD_OWN(fw, flags) | HD_FF_DONE);
            HD_PUT(fw, pc, HD_CODE(g->code)->ins);
        }
        return 0;
    }
    hd_value e = hd_exc_new(&hd_exc_GeneratorExit, NULL, 0), out;
    if (e == HD_ERR) return -1;
    int r = hd_gen_throw(g, e, &out);
    if (r > 0) {
        hd_raise(&hd_exc_RuntimeError, "%s ignored GeneratorExit", kind_of(g));
        return -1;
    }
    if (r < 0) {
        if (!hd_exc_is(&hd_exc_GeneratorExit) && !hd_exc_is(&hd_exc_StopIteration)) return -1;
        hd_exc_clear();
    }
    return 0;
}

hd_value hd_gen_close(hd_value g) { return gen_close(HD_GEN(g)) < 0 ? HD_ERR : HD_NONE; }
bool hd_is_generator(hd_value v) { return hd_is_ptr(v) && hd_is_gen_shape(hd_shape_hint(v)); }

/* The arguments of throw(): an exception instance, or HD_ERR. */
hd_value hd_throw_arguments(const hd_value *args, size_t n)
{
    hd_value t = args[0], v = n > 1 ? args[1] : HD_NONE, tb = n > 2 ? args[2] : HD_NONE, e;
    if (tb != HD_NONE && !hd_is_shape(tb, HD_SHAPE_TRACEBACK)) return hd_raise(&hd_exc_TypeError, "throw() third argument must be a traceback object");
    if (hd_is_exc_class(t)) {
        if (hd_is_exc_instance(v) && hd_given_exc_matches(v, t)) e = v;
        else if (v == HD_NONE) e = hd_call0(t);
        else if (hd_is_tuple(v)) e = hd_call(t, HD_TUPLE(v)->item, (size_t)HD_TUPLE(v)->len, 0);
        else e = hd_call(t, &v, 1, 0);
        if (e != HD_ERR && !hd_is_exc_instance(e))
            return hd_raise(&hd_exc_TypeError, "calling %R should have returned an instance of BaseException, not %T", t, e);
    } else if (hd_is_exc_instance(t)) {
        if (v != HD_NONE) return hd_raise(&hd_exc_TypeError, "instance exception may not have a separate value");
        e = t;
    } else return hd_raise(&hd_exc_TypeError, "exceptions must be classes or instances deriving from BaseException, not %T", t);
    if (e != HD_ERR && tb != HD_NONE) hd_exc_set_traceback(e, tb);
    return e;
}

/* The result of send/throw as Python sees it: StopIteration for a returned value. */
hd_value hd_sent_result(int r, hd_value v)
{
    if (r > 0) return v;
    if (r < 0) return HD_ERR;
    return v == HD_NONE ? hd_raise_none(&hd_exc_StopIteration) : hd_raise_stopiteration(v);
}

/* -- methods ---------------------------------------------------------------------------------------------------------------------- */

#define METHOD(name) static hd_value name(hd_value self, const hd_value *args, size_t n, hd_value kwnames)

METHOD(method_send)
{
    hd_value v = HD_NONE;
    int r = hd_gen_resume(HD_GEN(self), args[0], &v);
    return hd_sent_result(r, v);
}
METHOD(method_next)
{
    hd_value v = HD_NONE;
    int r = hd_gen_resume(HD_GEN(self), HD_NONE, &v);
    return hd_sent_result(r, v);
}
METHOD(method_throw)
{
    hd_value e = hd_throw_arguments(args, n), v = HD_NONE;
    if (e == HD_ERR && hd_is_exc_class(args[0])) e = hd_exc_take();       /* the class could not be called: raised inside */
    if (e == HD_ERR) return HD_ERR;
    int r = hd_gen_throw(HD_GEN(self), e, &v);
    return hd_sent_result(r, v);
}
METHOD(method_close) { return hd_gen_close(self); }

static hd_value gen_iternext(hd_value self)
{
    hd_value v;
    int r = hd_gen_resume(HD_GEN(self), HD_NONE, &v);
    return r > 0 ? v : r < 0 ? HD_ERR : HD_STOP;
}
static hd_value gen_self(hd_value self) { return self; }

hd_value hd_gen_repr(hd_value self)
{
    char at[24];
    snprintf(at, sizeof at, "%p", hd_ptr(self));
    return hd_str_format("<%N object %U at %s>", hd_type_of(self), HD_GET(HD_GEN(self), qualname), at);
}

#define GETTER(name) static hd_value get_##name(hd_value self, void *closure)
hd_value hd_gen_get_name(hd_value self, void *closure) { return HD_GET(HD_GEN(self), name); }
hd_value hd_gen_get_qualname(hd_value self, void *closure) { return HD_GET(HD_GEN(self), qualname); }
static int set_text(hd_value v, const char *what)
{
    if (v != HD_ABSENT && hd_is_str(v)) return 0;
    hd_raise(&hd_exc_TypeError, "%s must be set to a string object", what);
    return -1;
}
int hd_gen_set_name(hd_value self, hd_value v, void *closure)
{
    if (set_text(v, "__name__") < 0) return -1;
    hd_gen_w w = hd_gen_open(HD_GEN(self));
    HD_PUT(w, name, v);
    return 0;
}
int hd_gen_set_qualname(hd_value self, hd_value v, void *closure)
{
    if (set_text(v, "__qualname__") < 0) return -1;
    hd_gen_w w = hd_gen_open(HD_GEN(self));
    HD_PUT(w, qualname, v);
    return 0;
}
hd_value hd_gen_get_await(hd_value self, void *closure)
{
    hd_value v = delegate(HD_GEN(self));
    return v == HD_UNBOUND ? HD_NONE : v;
}
GETTER(running) { return hd_bool(HD_GET(HD_GEN(self), state) == HD_GEN_RUNNING); }
GETTER(suspended) { return hd_bool(HD_GET(HD_GEN(self), state) == HD_GEN_SUSPENDED); }
hd_value hd_gen_get_code(hd_value self, void *closure) { return HD_GEN(self)->code; }
hd_value hd_gen_get_frame(hd_value self, void *closure)
{
    struct hd_gen *g = HD_GEN(self);
    if (HD_GET(g, state) == HD_GEN_CLOSED) return HD_NONE;
    return hd_frame_of_gen(g);
}
GETTER(origin)
{
    hd_value v = HD_GET(HD_GEN(self), origin);
    return v == HD_UNBOUND ? HD_NONE : v;
}

void hd_gen_trace(void *o, struct gc_marker *m)
{
    struct hd_gen *g = o;
    gc_mark(m, g->code);
    gc_mark(m, g->func);
    gc_mark(m, HD_RAW(g->name));
    gc_mark(m, HD_RAW(g->qualname));
    gc_mark(m, HD_RAW(g->handled));
    gc_mark(m, HD_RAW(g->outer));
    gc_mark(m, HD_RAW(g->frame));
    gc_mark(m, HD_RAW(g->origin));
    for (uint32_t i = 0, n = HD_CODE(g->code)->nregs; i < n; i++) gc_mark(m, HD_RAW(g->reg[i]));
}
size_t hd_gen_size_of(const void *o) { return hd_gen_size(o); }

/* Unreachable and not finished: its finally blocks and with statements end as if by close(). */
void hd_gen_finalise(hd_value self)
{
    struct hd_gen *g = HD_GEN(self);
    int64_t state = HD_GET(g, state);
    if (state == HD_GEN_CLOSED || state == HD_GEN_RUNNING) return;
    if (g->head.h.shape == HD_SHAPE_ASYNCGEN) {
        hd_value hook = HD_GET(g, origin);
        if (hook != HD_UNBOUND && !(HD_GET(g, async_flags) & HD_AG_CLOSED)) {
            if (hd_call(hook, &self, 1, 0) == HD_ERR) hd_exc_print_unraisable("", self);
            return;
        }
    }
    if (state == HD_GEN_CREATED) {
        if (g->head.h.shape == HD_SHAPE_COROUTINE) hd_warn_unawaited(self, HD_GET(g, qualname));
        return;
    }
    if (gen_close(g) < 0) hd_exc_print_unraisable("", self);
}

#define NAMES(what) { "__name__", hd_gen_get_name, hd_gen_set_name, "name of the " what }, { "__qualname__", hd_gen_get_qualname, hd_gen_set_qualname, "qualified name of the " what }
hd_value hd_class_getitem(hd_value self, const hd_value *args, size_t n, hd_value kwnames) { return hd_generic_alias_new(self, args[0]); }

static const struct hd_getsetdef gen_getsets[] = {
    NAMES("generator"), { "gi_yieldfrom", hd_gen_get_await, .doc = "object being iterated by yield from, or None" }, { "gi_running", get_running },
    { "gi_frame", hd_gen_get_frame }, { "gi_suspended", get_suspended }, { "gi_code", hd_gen_get_code }, { NULL }
};
static const struct hd_getsetdef co_getsets[] = {
    NAMES("coroutine"), { "cr_await", hd_gen_get_await, .doc = "object being awaited on, or None" }, { "cr_running", get_running }, { "cr_frame", hd_gen_get_frame },
    { "cr_origin", get_origin }, { "cr_suspended", get_suspended }, { "cr_code", hd_gen_get_code }, { NULL }
};

#define SEND_METHODS(what)                                                                                                         \
    { "send", method_send, 1, 1, 0, "send(arg) -> send 'arg' into " what ",\nreturn next yielded value or raise StopIteration." }, \
    { "throw", method_throw, 1, 3, 0, "throw(value)\nthrow(type[,value[,traceback]])\n\nRaise exception in " what ", return next yielded value or raise\nStopIteration." }, \
    { "close", method_close, 0, 0, 0, "close() -> raise GeneratorExit inside " what "." }
static const struct hd_methoddef gen_methods[] = { SEND_METHODS("generator"), { "__next__", method_next, 0, 0, HD_METH_COEXIST, "Implement next(self)." },
    { "__class_getitem__", hd_class_getitem, 1, 1, HD_METH_CLASS, "See PEP 585" }, { NULL } };

struct hd_type hd_generator_type = {
    .cname = "generator", .basicsize = sizeof(struct hd_gen), .flags = HD_TF_NEVER_INSTANTIATE | HD_TF_HAS_WEAKREFS | HD_TF_CHOSEN_FINALISED,
    .getsets = gen_getsets, .methods = gen_methods,
    .op = { .repr = hd_gen_repr, .iter = gen_self, .iternext = gen_iternext, .trace = hd_gen_trace, .size = hd_gen_size_of, .finalise = hd_gen_finalise },
};

/* -- coroutines --------------------------------------------------------------------------------------------------------------------- */

static hd_value co_await(hd_value self)
{
    struct hd_cowrapper *w = hd_new_object(&hd_coroutinewrapper_type, sizeof *w);
    if (!w) return HD_ERR;
    w->coroutine = self;
    return hd_obj(w);
}
static const struct hd_methoddef co_methods[] = { SEND_METHODS("coroutine"),
    { "__class_getitem__", hd_class_getitem, 1, 1, HD_METH_CLASS, "See PEP 585" }, { NULL } };
struct hd_type hd_coroutine_type = {
    .cname = "coroutine", .basicsize = sizeof(struct hd_gen), .flags = HD_TF_NEVER_INSTANTIATE | HD_TF_HAS_WEAKREFS | HD_TF_CHOSEN_FINALISED,
    .getsets = co_getsets, .methods = co_methods,
    .op = { .repr = hd_gen_repr, .await = co_await, .trace = hd_gen_trace, .size = hd_gen_size_of, .finalise = hd_gen_finalise },
};

/* The iterator that coroutine.__await__() returns. */
#define WRAPPED(self) (((struct hd_cowrapper *)hd_ptr(self))->coroutine)
METHOD(wrapper_send) { return method_send(WRAPPED(self), args, n, kwnames); }
METHOD(wrapper_throw) { return method_throw(WRAPPED(self), args, n, kwnames); }
METHOD(wrapper_close) { return hd_gen_close(WRAPPED(self)); }
METHOD(wrapper_next) { return method_next(WRAPPED(self), args, n, kwnames); }
static hd_value wrapper_iternext(hd_value self) { return gen_iternext(WRAPPED(self)); }
static void wrapper_trace(void *o, struct gc_marker *m) { gc_mark(m, ((struct hd_cowrapper *)o)->coroutine); }
static const struct hd_methoddef wrapper_methods[] = {
    { "send", wrapper_send, 1, 1 }, { "throw", wrapper_throw, 1, 3 }, { "close", wrapper_close, 0, 0 },
    { "__next__", wrapper_next, 0, 0, HD_METH_COEXIST }, { NULL }
};
struct hd_type hd_coroutinewrapper_type = {
    .cname = "coroutine_wrapper", .basicsize = sizeof(struct hd_cowrapper), .flags = HD_TF_NEVER_INSTANTIATE | HD_TF_IMMUTABLE_LAYOUT,
    .methods = wrapper_methods, .op = { .iter = gen_self, .iternext = wrapper_iternext, .trace = wrapper_trace },
};

/* cr_origin: ((filename, lineno, function), …) of the callers. */
void hd_coroutine_note_origin(struct hd_thread *ts, struct hd_gen *g)
{
    hd_value l = hd_list_new(0);
    hd_value *fp = ts->fp;
    for (int i = 0; l != HD_ERR && i < ts->coroutine_origin_depth; i++) {
        const hd_ins *pc = hd_frame_caller_pc(ts, fp);
        fp = hd_frame_caller(fp);
        struct hd_code *c = hd_frame_code(fp);
        if (!c) break;
        hd_value t = hd_tuplev(c->filename, hd_fix(hd_code_lineno(c, (uint32_t)(pc - c->ins))), c->name);
        if (t == HD_ERR || hd_list_append(l, t) < 0) l = HD_ERR;
    }
    hd_value t = l == HD_ERR ? HD_ERR : hd_list_as_tuple(l);
    if (t == HD_ERR) hd_exc_clear();
    else HD_INIT(g, origin, t);
}

/* -- what await, yield from and async for iterate over --------------------------------------------------------------------------- */

hd_value hd_yieldfrom_iter(hd_value o, bool in_coroutine)
{
    if (hd_is_shape(o, HD_SHAPE_COROUTINE)) {
        if (in_coroutine) return o;
        return hd_raise(&hd_exc_TypeError, "cannot 'yield from' a coroutine object in a non-coroutine generator");
    }
    return hd_is_shape(o, HD_SHAPE_GENERATOR) ? o : hd_iter(o);
}

static bool is_iterable_coroutine(hd_value o)
{
    return hd_is_shape(o, HD_SHAPE_GENERATOR) && HD_CODE(HD_GEN(o)->code)->flags & HD_CO_ITERABLE_COROUTINE;
}

/* HD_ABSENT: not awaitable. */
static hd_value awaitable_iter(hd_value o)
{
    if (hd_is_shape(o, HD_SHAPE_COROUTINE) || is_iterable_coroutine(o)) return o;
    struct hd_type *t = hd_type_of(o);
    if (!t->op.await) return HD_ABSENT;
    hd_value it = t->op.await(o);
    if (it == HD_ERR) return HD_ERR;
    if (hd_is_shape(it, HD_SHAPE_COROUTINE) || is_iterable_coroutine(it)) return hd_raise(&hd_exc_TypeError, "__await__() returned a coroutine");
    if (!hd_type_of(it)->op.iternext) return hd_raise(&hd_exc_TypeError, "__await__() returned non-iterator of type '%T'", it);
    return it;
}

hd_value hd_await_iter(hd_value o, int how)
{
    hd_value it = awaitable_iter(o);
    if (it == HD_ABSENT) {
        if (how) return hd_raise(&hd_exc_TypeError, "'async with' received an object from %s that does not implement __await__: %T", how == 1 ? "__aenter__" : "__aexit__", o);
        return hd_raise(&hd_exc_TypeError, "object %T can't be used in 'await' expression", o);
    }
    if (it != HD_ERR && hd_is_shape(it, HD_SHAPE_COROUTINE) && delegate(HD_GEN(it)) != HD_UNBOUND)
        return hd_raise(&hd_exc_RuntimeError, "coroutine is being awaited already");
    return it;
}

hd_value hd_aiter_of(hd_value o)
{
    struct hd_type *t = hd_type_of(o);
    if (!t->op.aiter) return hd_raise(&hd_exc_TypeError, "'async for' requires an object with __aiter__ method, got %T", o);
    hd_value it = t->op.aiter(o);
    if (it != HD_ERR && !hd_type_of(it)->op.anext)
        return hd_raise(&hd_exc_TypeError, "'async for' received an object from __aiter__ that does not implement __anext__: %T", it);
    return it;
}

hd_value hd_anext_of(hd_value o)
{
    struct hd_type *t = hd_type_of(o);
    if (t == &hd_asyncgen_type) return t->op.anext(o);
    if (!t->op.anext) return hd_raise(&hd_exc_TypeError, "'async for' requires an iterator with __anext__ method, got %T", o);
    hd_value next = t->op.anext(o);
    if (next == HD_ERR) return HD_ERR;
    hd_value it = awaitable_iter(next);
    if (it == HD_ABSENT) return hd_raise(&hd_exc_TypeError, "'async for' received an invalid object from __anext__: %T", next);
    if (it == HD_ERR) return hd_raise_from_pending(&hd_exc_TypeError, "'async for' received an invalid object from __anext__: %T", next);
    return it;
}
