/* Asynchronous generators: the awaitables that drive them, and the hooks of sys.set_asyncgen_hooks.
 *
 * An asynchronous generator yields two kinds of things: what it awaits (passed on as it is) and its own values, wrapped in
 * an object of type async_generator_wrapped_value; the awaitable ends with the unwrapped value. */
#include "interp/eval/eval_internal.h"
#include "interp/eval/fast.h"
#include "interp/types/exc.h"

enum phase { INIT, ITER, CLOSED };
HD_MUTABLE(hd_asend)
/* asend(): arg is what is sent.  athrow(), aclose(): arg is the exception, or HD_UNBOUND for aclose(). */
struct hd_asend { struct hd_mhead head; hd_value gen, arg; hd_islot phase; };
HD_MUTABLE_OPEN(hd_asend, sizeof(struct hd_asend))
#define ASEND(v) ((struct hd_asend *)hd_ptr(v))
struct wrapped { struct hd_head head; hd_value value; };

hd_value hd_asyncgen_wrap(hd_value v)
{
    struct wrapped *w = hd_new_object(&hd_asyncgenwrapped_type, sizeof *w);
    if (!w) return HD_ERR;
    w->value = v;
    return hd_obj(w);
}
static void wrapped_trace(void *o, struct gc_marker *m) { gc_mark(m, ((struct wrapped *)o)->value); }
struct hd_type hd_asyncgenwrapped_type = {
    .cname = "async_generator_wrapped_value", .basicsize = sizeof(struct wrapped), .flags = HD_TF_NEVER_INSTANTIATE | HD_TF_IMMUTABLE_LAYOUT,
    .op = { .trace = wrapped_trace },
};

static void set_phase(hd_value o, enum phase p)
{
    hd_asend_w w = hd_asend_open(ASEND(o));
    HD_PUT(w, phase, p);
}
static void set_flags(struct hd_gen *g, int64_t set, int64_t clear)
{
    hd_gen_w w = hd_gen_open(g);
    HD_PUT(w, async_flags, (HD_OWN(w, async_flags) & ~clear) | set);
}
static bool is_wrapped(hd_value v) { return hd_is_shape(v, HD_SHAPE_ASYNCGENWRAPPED); }
static bool stopped(void) { return hd_exc_is(&hd_exc_StopAsyncIteration) || hd_exc_is(&hd_exc_GeneratorExit); }

static hd_value new_asend(struct hd_type *t, hd_value gen, hd_value arg)
{
    struct hd_asend *o = hd_new_mutable(t, sizeof *o);
    if (!o) return HD_ERR;
    o->gen = gen;
    o->arg = arg;
    HD_INIT(o, phase, INIT);
    return hd_obj(o);
}

/* Result of running the generator, as the awaitable shows it: 1 something is awaited, 0 ended with *out, -1. */
static int unwrap(struct hd_gen *g, int r, hd_value *out)
{
    if (r == 0) {
        hd_raise_none(&hd_exc_StopAsyncIteration);
        r = -1;
    }
    if (r < 0) {
        set_flags(g, stopped() ? HD_AG_CLOSED : 0, HD_AG_RUNNING);
        return -1;
    }
    if (!is_wrapped(*out)) return 1;
    *out = ((struct wrapped *)hd_ptr(*out))->value;
    set_flags(g, 0, HD_AG_RUNNING);
    return 0;
}

static int fail(hd_value o, const char *message)
{
    set_phase(o, CLOSED);
    hd_raise(&hd_exc_RuntimeError, "%s", message);
    return -1;
}

/* -- asend ------------------------------------------------------------------------------------------------------------------------ */

int hd_asend_send(hd_value o, hd_value v, hd_value *out)
{
    struct hd_gen *g = HD_GEN(ASEND(o)->gen);
    int64_t phase = HD_GET(ASEND(o), phase);
    if (phase == CLOSED) return fail(o, "cannot reuse already awaited __anext__()/asend()");
    if (phase == INIT) {
        if (HD_GET(g, async_flags) & HD_AG_RUNNING) return fail(o, "anext(): asynchronous generator is already running");
        if (v == HD_NONE) v = ASEND(o)->arg;
        set_phase(o, ITER);
    }
    set_flags(g, HD_AG_RUNNING, 0);
    int r = unwrap(g, hd_gen_resume(g, v, out), out);
    if (r <= 0) set_phase(o, CLOSED);
    return r;
}

int hd_asend_throw(hd_value o, hd_value exc, hd_value *out)
{
    struct hd_gen *g = HD_GEN(ASEND(o)->gen);
    if (HD_GET(ASEND(o), phase) == CLOSED) return fail(o, "cannot reuse already awaited __anext__()/asend()");
    int r = unwrap(g, hd_gen_throw(g, exc, out), out);
    if (r <= 0) set_phase(o, CLOSED);
    return r;
}

/* -- athrow, aclose ------------------------------------------------------------------------------------------------------------------ */

static int ignored_exit(hd_value o, struct hd_gen *g)
{
    set_flags(g, 0, HD_AG_RUNNING);
    return fail(o, "async generator ignored GeneratorExit");
}

/* r: result of resuming the generator. */
static int athrow_result(hd_value o, struct hd_gen *g, int r, hd_value *out)
{
    bool closing = ASEND(o)->arg == HD_UNBOUND;
    if (!closing) {
        r = unwrap(g, r, out);
        if (r <= 0) set_phase(o, CLOSED);
        return r;
    }
    if (r > 0) return is_wrapped(*out) ? ignored_exit(o, g) : 1;
    set_flags(g, 0, HD_AG_RUNNING);
    set_phase(o, CLOSED);
    if (r < 0) {
        if (!stopped()) return -1;
        hd_exc_clear();
    }
    *out = HD_NONE;
    return 0;
}

int hd_athrow_send(hd_value o, hd_value v, hd_value *out)
{
    struct hd_gen *g = HD_GEN(ASEND(o)->gen);
    hd_value arg = ASEND(o)->arg;
    int64_t phase = HD_GET(ASEND(o), phase);
    if (phase == CLOSED) return fail(o, "cannot reuse already awaited aclose()/athrow()");
    if (HD_GET(g, state) == HD_GEN_CLOSED) {
        set_phase(o, CLOSED);
        *out = HD_NONE;
        return 0;
    }
    if (phase == ITER) return athrow_result(o, g, hd_gen_resume(g, v, out), out);
    int64_t flags = HD_GET(g, async_flags);
    if (flags & HD_AG_RUNNING)
        return fail(o, arg == HD_UNBOUND ? "aclose(): asynchronous generator is already running" : "athrow(): asynchronous generator is already running");
    if (flags & HD_AG_CLOSED) {
        set_phase(o, CLOSED);
        hd_raise_none(&hd_exc_StopAsyncIteration);
        return -1;
    }
    if (v != HD_NONE) {
        hd_raise(&hd_exc_RuntimeError, "can't send non-None value to a just-started coroutine");
        return -1;
    }
    set_phase(o, ITER);
    set_flags(g, HD_AG_RUNNING | (arg == HD_UNBOUND ? HD_AG_CLOSED : 0), 0);
    hd_value e = arg == HD_UNBOUND ? hd_exc_new(&hd_exc_GeneratorExit, NULL, 0) : arg;
    return e == HD_ERR ? -1 : athrow_result(o, g, hd_gen_throw(g, e, out), out);
}

int hd_athrow_throw(hd_value o, hd_value exc, hd_value *out)
{
    struct hd_gen *g = HD_GEN(ASEND(o)->gen);
    if (HD_GET(ASEND(o), phase) == CLOSED) return fail(o, "cannot reuse already awaited aclose()/athrow()");
    return athrow_result(o, g, hd_gen_throw(g, exc, out), out);
}

/* -- methods of the awaitables ------------------------------------------------------------------------------------------------------- */

#define METHOD(name) static hd_value name(hd_value self, const hd_value *args, size_t n, hd_value kwnames)
METHOD(send)
{
    hd_value v = HD_NONE;
    int r = hd_gen_send(self, args[0], &v);
    return hd_sent_result(r, v);
}
METHOD(next)
{
    hd_value v = HD_NONE;
    int r = hd_gen_send(self, HD_NONE, &v);
    return hd_sent_result(r, v);
}
METHOD(throw)
{
    hd_value e = hd_throw_arguments(args, n), v = HD_NONE;
    if (e == HD_ERR) return HD_ERR;
    int r = hd_is_shape(self, HD_SHAPE_ASYNCGENASEND) ? hd_asend_throw(self, e, &v) : hd_athrow_throw(self, e, &v);
    return hd_sent_result(r, v);
}
METHOD(close_)
{
    set_phase(self, CLOSED);
    return HD_NONE;
}
static hd_value self_iter(hd_value self) { return self; }
/* The value that StopIteration would carry is lost: await goes through hd_gen_send. */
static hd_value iternext(hd_value self)
{
    hd_value v;
    int r = hd_gen_send(self, HD_NONE, &v);
    return r > 0 ? v : r < 0 ? HD_ERR : v == HD_NONE ? HD_STOP : hd_raise_stopiteration(v);
}
static void asend_trace(void *o, struct gc_marker *m)
{
    gc_mark(m, ((struct hd_asend *)o)->gen);
    gc_mark(m, ((struct hd_asend *)o)->arg);
}
static const struct hd_methoddef asend_methods[] = {
    { "send", send, 1, 1 }, { "throw", throw, 1, 3 }, { "close", close_, 0, 0 }, { "__next__", next, 0, 0, HD_METH_COEXIST }, { NULL }
};
struct hd_type hd_asyncgenasend_type = {
    .cname = "async_generator_asend", .basicsize = sizeof(struct hd_asend), .flags = HD_TF_NEVER_INSTANTIATE, .methods = asend_methods,
    .op = { .iter = self_iter, .iternext = iternext, .await = self_iter, .trace = asend_trace },
};
struct hd_type hd_asyncgenathrow_type = {
    .cname = "async_generator_athrow", .basicsize = sizeof(struct hd_asend), .flags = HD_TF_NEVER_INSTANTIATE, .methods = asend_methods,
    .op = { .iter = self_iter, .iternext = iternext, .await = self_iter, .trace = asend_trace },
};

/* -- async_generator -------------------------------------------------------------------------------------------------------------------- */

/* At the first iteration the hooks of the event loop are told; 0, -1. */
static int first_iteration(hd_value self)
{
    struct hd_gen *g = HD_GEN(self);
    struct hd_thread *ts = hd_ts;
    if (HD_GET(g, async_flags) & HD_AG_HOOKS) return 0;
    set_flags(g, HD_AG_HOOKS, 0);
    hd_gen_w w = hd_gen_open(g);
    HD_PUT(w, origin, ts->async_gen_finalizer);
    if (ts->async_gen_firstiter == HD_UNBOUND) return 0;
    return hd_call(ts->async_gen_firstiter, &self, 1, 0) == HD_ERR ? -1 : 0;
}

static hd_value ag_anext(hd_value self)
{
    return first_iteration(self) < 0 ? HD_ERR : new_asend(&hd_asyncgenasend_type, self, HD_NONE);
}
METHOD(ag_asend) { return first_iteration(self) < 0 ? HD_ERR : new_asend(&hd_asyncgenasend_type, self, args[0]); }
METHOD(ag_aclose) { return first_iteration(self) < 0 ? HD_ERR : new_asend(&hd_asyncgenathrow_type, self, HD_UNBOUND); }
METHOD(ag_athrow)
{
    if (first_iteration(self) < 0) return HD_ERR;
    hd_value e = hd_throw_arguments(args, n);
    return e == HD_ERR ? HD_ERR : new_asend(&hd_asyncgenathrow_type, self, e);
}
static hd_value get_running(hd_value self, void *closure) { return hd_bool(HD_GET(HD_GEN(self), async_flags) & HD_AG_RUNNING); }

static const struct hd_methoddef ag_methods[] = {
    { "asend", ag_asend, 1, 1, 0, "asend(v) -> send 'v' in generator." },
    { "athrow", ag_athrow, 1, 3, 0, "athrow(typ[,val[,tb]]) -> raise exception in generator." },
    { "aclose", ag_aclose, 0, 0, 0, "aclose() -> raise GeneratorExit inside generator." },
    { "__class_getitem__", hd_class_getitem, 1, 1, HD_METH_CLASS, "See PEP 585" }, { NULL }
};
static const struct hd_getsetdef ag_getsets[] = {
    { "__name__", hd_gen_get_name, hd_gen_set_name, "name of the async generator" },
    { "__qualname__", hd_gen_get_qualname, hd_gen_set_qualname, "qualified name of the async generator" },
    { "ag_await", hd_gen_get_await, .doc = "object being awaited on, or None" }, { "ag_frame", hd_gen_get_frame }, { "ag_running", get_running },
    { "ag_code", hd_gen_get_code }, { NULL }
};
struct hd_type hd_asyncgen_type = {
    .cname = "async_generator", .basicsize = sizeof(struct hd_gen), .flags = HD_TF_NEVER_INSTANTIATE | HD_TF_HAS_WEAKREFS | HD_TF_CHOSEN_FINALISED,
    .methods = ag_methods, .getsets = ag_getsets,
    .op = { .repr = hd_gen_repr, .aiter = self_iter, .anext = ag_anext, .trace = hd_gen_trace, .size = hd_gen_size_of, .finalise = hd_gen_finalise },
};
