/* Frame objects: made on demand, attached to a window on a value stack, detached when it is left.
 *
 * F1: an attached frame object is in ts->frames, its window returns to the FRAME hook, and it has no registers of its own.
 * F2: a detached one has fp == NULL.  It holds copies of the registers, unless it belongs to a generator that is not
 *     running: then they are the generator's.
 * F3: writing into the header of an older window is announced to the transactions first (stm_window_return). */
#include <stdio.h>
#include "interp/eval/eval_internal.h"
#include "interp/eval/fast.h"

/* Without barriers: only the thread itself writes what is read here of its frame objects, and it, or who has stopped it, reads.
 * Who has stopped the others may not abort. */
const hd_ins *hd_frame_real_retpc(struct hd_thread *ts, const hd_value *fp)
{
    const hd_ins *r = hd_frame_retpc(fp);
    if (r != &hd_hooks[HD_HOOK_FRAME]) return r;
    for (hd_value v = ts->frames; v != HD_UNBOUND; v = HD_RAW(HD_FRAME(v)->next))
        if (HD_RAW(HD_FRAME(v)->fp) == fp) return HD_RAW(HD_FRAME(v)->retpc);
    return r;
}

const hd_ins *hd_frame_caller_pc(struct hd_thread *ts, const hd_value *fp)
{
    const hd_ins *r = hd_frame_real_retpc(ts, fp);
    return hd_is_hook(r) ? (const hd_ins *)(uintptr_t)fp[HD_FRAME_CALLER] : r;
}

static bool is_bottom(const hd_value *fp) { return fp[HD_FRAME_NS] == HD_UNBOUND; }

/* Where frame fp of a stack is at the moment. */
static const hd_ins *pc_of(struct hd_thread *ts, const hd_value *fp)
{
    const hd_value *q = ts->fp;
    if (q == fp) return ts->pc;
    while (hd_frame_caller(q) != fp) q = hd_frame_caller(q);
    return hd_frame_caller_pc(ts, q);
}

/* Another thread's stack changes while it runs: until unlock_stack, what is read there and in frame objects belongs together. */
static bool lock_stack(struct hd_frame *f)
{
    if (!HD_GET(f, fp) || HD_GET(f, thread) == hd_ts) return false;
    stm_stop_world_settled();
    return true;
}
static void unlock_stack(bool locked) { if (locked) stm_resume_world(); }

static void attach(struct hd_thread *ts, struct hd_frame *f, hd_value *fp)
{
    stm_window_return((uint64_t *)fp - HD_FRAME_WORDS);
    hd_frame_w w = hd_frame_open(f);
    HD_PUT(w, fp, fp);
    HD_PUT(w, thread, ts);
    HD_PUT(w, retpc, hd_frame_retpc(fp));
    HD_PUT(w, back, HD_UNBOUND);
    fp[HD_FRAME_PC] = (hd_value)(uintptr_t)&hd_hooks[HD_HOOK_FRAME];
    /* The list is ordered, the newest first. */
    hd_value *link = &ts->frames, v;
    struct hd_frame *before = NULL;
    for (v = *link; v != HD_UNBOUND && HD_GET(HD_FRAME(v), fp) > fp; v = HD_GET(before, next)) before = HD_FRAME(v);
    HD_PUT(w, next, v);
    if (!before) ts->frames = hd_obj(f);
    else {
        hd_frame_w bw = hd_frame_open(before);
        HD_PUT(bw, next, hd_obj(f));
    }
}

static struct hd_frame *new_frame(struct hd_code *c, hd_value func, hd_value ns, hd_value gen)
{
    struct hd_frame *f = hd_new_mutable(&hd_frame_type, sizeof *f + hd_code_vars(c) * sizeof(hd_value));
    if (!f) return NULL;
    f->code = hd_obj(c);
    f->func = func;
    f->ns = ns;
    f->gen = gen;
    HD_INIT(f, next, HD_UNBOUND);
    HD_INIT(f, back, HD_UNBOUND);
    HD_INIT(f, locals, HD_UNBOUND);
    HD_INIT(f, trace, HD_UNBOUND);
    HD_INIT(f, line, -1);
    for (uint32_t i = 0; i < hd_code_vars(c); i++) HD_INIT(f, reg[i], HD_UNBOUND);
    return f;
}

hd_value hd_frame_object(struct hd_thread *ts, hd_value *fp, const hd_ins *pc)
{
    if (hd_frame_retpc(fp) == &hd_hooks[HD_HOOK_FRAME])
        for (hd_value v = ts->frames; v != HD_UNBOUND; v = HD_GET(HD_FRAME(v), next))
            if (HD_GET(HD_FRAME(v), fp) == fp) return v;
    hd_value ns = fp[HD_FRAME_NS], gen = HD_UNBOUND;
    struct hd_frame *f = NULL;
    if (hd_frame_is_gen(fp)) {
        gen = ns;
        hd_value known = HD_GET(HD_GEN(gen), frame);
        if (known != HD_UNBOUND) f = HD_FRAME(known);
    }
    ns = hd_frame_code(fp)->flags & HD_CO_OPTIMIZED ? HD_UNBOUND : hd_frame_namespace(fp);
    if (!f) {
        f = new_frame(hd_frame_code(fp), fp[HD_FRAME_FUNC], ns, gen);
        if (!f) return HD_ERR;
        if (gen != HD_UNBOUND) {
            hd_gen_w w = hd_gen_open(HD_GEN(gen));
            HD_PUT(w, frame, hd_obj(f));
        }
    }
    attach(ts, f, fp);
    return hd_obj(f);
}

/* gi_frame: of a running generator the attached one, of a suspended one a frame object that waits for the next resumption. */
hd_value hd_frame_of_gen(struct hd_gen *g)
{
    hd_value known = HD_GET(g, frame);
    if (known != HD_UNBOUND) return known;
    struct hd_thread *ts = hd_ts;
    if (HD_GET(g, state) == HD_GEN_RUNNING) {
        hd_value *fp = ts->fp;
        const hd_ins *pc = ts->pc;
        for (; fp[HD_FRAME_NS] != HD_UNBOUND; pc = hd_frame_caller_pc(ts, fp), fp = hd_frame_caller(fp))
            if (fp[HD_FRAME_NS] == hd_obj(g)) return hd_frame_object(ts, fp, pc);
    }
    struct hd_code *c = HD_CODE(g->code);
    hd_value ns = c->flags & HD_CO_OPTIMIZED ? HD_UNBOUND : HD_GET(g, reg[hd_code_vars(c)]);
    if (!(c->flags & HD_CO_OPTIMIZED) && ns == HD_UNBOUND) ns = HD_FUNC(g->func)->globals;
    struct hd_frame *f = new_frame(c, g->func, ns, hd_obj(g));
    if (!f) return HD_ERR;
    hd_gen_w w = hd_gen_open(g);
    HD_PUT(w, frame, hd_obj(f));
    return hd_obj(f);
}

void hd_frame_attach_gen(struct hd_thread *ts, struct hd_gen *g, hd_value *fp) { attach(ts, HD_FRAME(HD_GET(g, frame)), fp); }

/* The window at fp, whose return address is the FRAME hook, leaves the stack: done = for good, else its generator is
 * suspended. */
void hd_frame_detach(struct hd_thread *ts, hd_value *fp, const hd_ins *pc, bool done, bool raised)
{
    /* Newer ones have been detached before; what is left of them was dropped by an exception. */
    struct hd_frame *f = HD_FRAME(ts->frames);
    while (HD_GET(f, fp) != fp) f = HD_FRAME(HD_GET(f, next));
    hd_frame_w w = hd_frame_open(f);
    fp[HD_FRAME_PC] = (hd_value)(uintptr_t)HD_OWN(w, retpc);
    ts->frames = HD_OWN(w, next);
    HD_PUT(w, next, HD_UNBOUND);
    HD_PUT(w, fp, NULL);
    HD_PUT(w, thread, NULL);
    HD_PUT(w, pc, pc);
    if (!done) return;
    uint32_t n = hd_code_vars(HD_CODE(f->code));
    for (uint32_t i = 0; i < n; i++) HD_PUT(w, reg[i], fp[i]);
    int64_t flags = HD_OWN(w, flags) | HD_FF_DONE;
    HD_PUT(w, flags, flags);
    hd_value *caller = hd_frame_caller(fp);
    if (is_bottom(caller) || f->gen != HD_UNBOUND) HD_PUT(w, back, HD_NONE);
    else if (raised || flags & HD_FF_WANTED || hd_frame_retpc(caller) == &hd_hooks[HD_HOOK_FRAME]) {
        hd_value b = hd_frame_object(ts, caller, hd_frame_caller_pc(ts, fp));
        w = hd_frame_open(f);
        if (b == HD_ERR) hd_exc_clear();
        HD_PUT(w, back, b == HD_ERR ? HD_NONE : b);
    } else HD_PUT(w, back, HD_NONE);
}

/* -- what the rest of the interpreter asks ----------------------------------------------------------------------------------- */

static hd_value wanted(hd_value f)
{
    if (f == HD_ERR) return f;
    if (!(HD_GET(HD_FRAME(f), flags) & HD_FF_WANTED)) {
        hd_frame_w w = hd_frame_open(HD_FRAME(f));
        HD_PUT(w, flags, HD_OWN(w, flags) | HD_FF_WANTED);
    }
    return f;
}

hd_value hd_frame_current(int depth)
{
    struct hd_thread *ts = hd_ts;
    hd_value *fp = ts->fp;
    const hd_ins *pc = ts->pc;
    for (; !is_bottom(fp); depth--) {
        if (depth <= 0) return wanted(hd_frame_object(ts, fp, pc));
        pc = hd_frame_caller_pc(ts, fp);
        fp = hd_frame_caller(fp);
    }
    return HD_ABSENT;
}

/* Another thread's windows from fp on, which is at pc, are not ours to hook: detached pictures of them.  World stopped. */
static hd_value pictures(struct hd_thread *ts, hd_value *fp, const hd_ins *pc)
{
    hd_value first = HD_NONE;
    struct hd_frame *newer = NULL;
    for (; !is_bottom(fp); pc = hd_frame_caller_pc(ts, fp), fp = hd_frame_caller(fp)) {
        struct hd_code *c = hd_frame_code(fp);
        struct hd_frame *f = new_frame(c, fp[HD_FRAME_FUNC], HD_UNBOUND, HD_UNBOUND);
        if (!f) return HD_ERR;
        for (uint32_t i = 0; i < hd_code_vars(c); i++) HD_INIT(f, reg[i], fp[i]);
        HD_INIT(f, pc, pc);
        HD_INIT(f, back, HD_NONE);
        if (newer) HD_INIT(newer, back, hd_obj(f));
        else first = hd_obj(f);
        newer = f;
    }
    return first;
}

bool hd_thread_runs(struct hd_thread *ts) { return !is_bottom(ts->fp); }

hd_value hd_frame_of_thread(struct hd_thread *ts)
{
    if (is_bottom(ts->fp)) return HD_NONE;
    if (ts == hd_ts) return wanted(hd_frame_object(ts, ts->fp, ts->pc));
    return pictures(ts, ts->fp, ts->pc);
}

static hd_value *running(void)
{
    hd_value *fp = hd_ts->fp;
    return is_bottom(fp) ? NULL : fp;
}

hd_value hd_current_globals(void)
{
    hd_value *fp = running();
    return fp ? HD_FUNC(fp[HD_FRAME_FUNC])->globals : HD_ABSENT;
}

hd_value hd_current_builtins(void)
{
    hd_value *fp = running();
    return fp ? HD_FUNC(fp[HD_FRAME_FUNC])->builtins : hd_builtins_dict;
}

struct hd_code *hd_current_code(void)
{
    hd_value *fp = running();
    return fp ? hd_frame_code(fp) : NULL;
}

int hd_current_lineno(void)
{
    hd_value *fp = running();
    if (!fp) return 0;
    struct hd_code *c = hd_frame_code(fp);
    return hd_code_lineno(c, (uint32_t)(hd_ts->pc - c->ins));
}

/* -- locals -------------------------------------------------------------------------------------------------------------------- */

/* Puts the variables of code c with the given registers into dict d; unbound ones are taken out. */
static int registers_to_dict(const struct hd_code *c, const hd_value *reg, hd_value d)
{
    const struct hd_tuple *vars = HD_TUPLE(c->varnames), *cells = HD_TUPLE(c->cellvars), *frees = HD_TUPLE(c->freevars);
    for (uint32_t i = 0; i < c->nlocals; i++) {
        hd_value v = reg[i];
        /* A parameter that is captured lives in its cell, which comes below. */
        if (v == HD_UNBOUND || v == 0) {
            if (hd_dict_del(d, vars->item[i]) < 0) return -1;
        } else if (hd_dict_set(d, vars->item[i], v) < 0) return -1;
    }
    for (uint32_t i = 0; i < c->ncells + (c->flags & HD_CO_OPTIMIZED ? c->nfree : 0); i++) {
        hd_value cell = reg[c->nlocals + i], v = HD_UNBOUND;
        hd_value name = i < c->ncells ? cells->item[i] : frees->item[i - c->ncells];
        if (hd_is_shape(cell, HD_SHAPE_CELL)) v = HD_GET((struct hd_cell *)hd_ptr(cell), value);
        if (v == HD_UNBOUND) {
            if (hd_dict_del(d, name) < 0) return -1;
        } else if (hd_dict_set(d, name, v) < 0) return -1;
    }
    return 0;
}

/* Copy of a frame's registers on the heap (kept alive by the caller's C stack). */
static const hd_value *registers_of(struct hd_frame *f)
{
    uint32_t n = hd_code_vars(HD_CODE(f->code));
    hd_value t = hd_tuple_new(n ? n : 1);
    if (t == HD_ERR) return NULL;
    hd_value *to = HD_TUPLE(t)->item;
    bool locked = lock_stack(f);
    hd_value *fp = HD_GET(f, fp);
    if (fp) memcpy(to, fp, n * sizeof(hd_value));
    else if (f->gen != HD_UNBOUND && !(HD_GET(f, flags) & HD_FF_DONE)) {
        struct hd_gen *g = HD_GEN(f->gen);
        for (uint32_t i = 0; i < n; i++) to[i] = HD_GET(g, reg[i]);
    } else
        for (uint32_t i = 0; i < n; i++) to[i] = HD_GET(f, reg[i]);
    unlock_stack(locked);
    return to;
}

hd_value hd_frame_fast_locals(struct hd_frame *f)
{
    if (f->ns != HD_UNBOUND) return f->ns;
    hd_value d = HD_GET(f, locals);
    if (d == HD_UNBOUND) {
        d = hd_dict_new();
        if (d == HD_ERR) return HD_ERR;
        hd_frame_w w = hd_frame_open(f);
        HD_PUT(w, locals, d);
    }
    const hd_value *reg = registers_of(f);
    return reg && registers_to_dict(HD_CODE(f->code), reg, d) == 0 ? d : HD_ERR;
}

hd_value hd_current_locals(void)
{
    hd_value *fp = running();
    if (!fp) return hd_raise(&hd_exc_SystemError, "frame does not exist");
    if (!(hd_frame_code(fp)->flags & HD_CO_OPTIMIZED)) return hd_frame_namespace(fp);
    /* One dict per frame, the same as f_locals: what exec() puts there is found by the next locals(). */
    hd_value f = hd_frame_object(hd_ts, fp, hd_ts->pc);
    return f == HD_ERR ? HD_ERR : hd_frame_fast_locals(HD_FRAME(f));
}

int hd_super_arguments(hd_value *type, hd_value *self)
{
    hd_value *fp = running();
    if (!fp) {
        hd_raise(&hd_exc_RuntimeError, "super(): no current frame");
        return -1;
    }
    struct hd_code *c = hd_frame_code(fp);
    if (c->argcount == 0) {
        hd_raise(&hd_exc_RuntimeError, "super(): no arguments");
        return -1;
    }
    hd_value first = fp[0];
    const struct hd_tuple *cells = HD_TUPLE(c->cellvars);
    for (uint32_t i = 0; i < c->ncells; i++)
        if (cells->item[i] == HD_TUPLE(c->varnames)->item[0]) first = HD_GET((struct hd_cell *)hd_ptr(fp[c->nlocals + i]), value);
    if (first == HD_UNBOUND) {
        hd_raise(&hd_exc_RuntimeError, "super(): arg[0] deleted");
        return -1;
    }
    const struct hd_tuple *frees = HD_TUPLE(c->freevars);
    for (uint32_t i = 0; i < c->nfree; i++) {
        if (!hd_str_is(frees->item[i], "__class__")) continue;
        hd_value cell = fp[c->nlocals + c->ncells + i];
        hd_value cls = hd_is_shape(cell, HD_SHAPE_CELL) ? HD_GET((struct hd_cell *)hd_ptr(cell), value) : HD_UNBOUND;
        if (cls == HD_UNBOUND) {
            hd_raise(&hd_exc_RuntimeError, "super(): empty __class__ cell");
            return -1;
        }
        if (!hd_is_type(cls)) {
            hd_raise(&hd_exc_RuntimeError, "super(): __class__ is not a type (%T)", cls);
            return -1;
        }
        *type = cls;
        *self = first;
        return 0;
    }
    hd_raise(&hd_exc_RuntimeError, "super(): __class__ cell not found");
    return -1;
}

/* A dict made by f_locals back into the registers and cells of an attached frame. */
void hd_frame_store_locals(struct hd_frame *f, hd_value dict)
{
    hd_value *fp = HD_GET(f, fp);
    if (!fp || f->ns != HD_UNBOUND) return;
    struct hd_code *c = HD_CODE(f->code);
    stm_window_return((uint64_t *)fp - HD_FRAME_WORDS);
    for (uint32_t i = 0; i < c->nlocals; i++) {
        hd_value v = hd_dict_get_str(dict, HD_TUPLE(c->varnames)->item[i]);
        if (v != HD_ABSENT) fp[i] = v;
        else if (fp[i] != HD_UNBOUND && !hd_is_shape(fp[i], HD_SHAPE_CELL)) fp[i] = HD_UNBOUND;
    }
    for (uint32_t i = 0; i < c->ncells + c->nfree; i++) {
        hd_value cell = fp[c->nlocals + i];
        if (!hd_is_shape(cell, HD_SHAPE_CELL)) continue;
        hd_value v = hd_dict_get_str(dict, i < c->ncells ? HD_TUPLE(c->cellvars)->item[i] : HD_TUPLE(c->freevars)->item[i - c->ncells]);
        hd_cell_w w = hd_cell_open(hd_ptr(cell));
        HD_PUT(w, value, v == HD_ABSENT ? HD_UNBOUND : v);
    }
}

/* The frame goes on at pc when the trace function that runs now has returned. */
void hd_frame_jump_pc(struct hd_frame *f, const hd_ins *pc)
{
    struct hd_thread *ts = hd_ts;
    hd_value *fp = HD_GET(f, fp), *q = ts->fp;
    while (q != fp && !is_bottom(q) && hd_frame_caller(q) != fp) q = hd_frame_caller(q);
    if (q == fp) ts->pc = pc;
    else if (hd_is_hook(hd_frame_real_retpc(ts, q))) {
        stm_window_return((uint64_t *)q - HD_FRAME_WORDS - 1);
        q[HD_FRAME_CALLER] = (hd_value)(uintptr_t)pc;
    }
}

/* -- the type ---------------------------------------------------------------------------------------------------------------------- */

const hd_ins *hd_frame_pc(struct hd_frame *f)
{
    bool locked = lock_stack(f);
    hd_value *fp = HD_GET(f, fp);
    const hd_ins *pc;
    if (fp) pc = pc_of(HD_GET(f, thread), fp);
    else if (f->gen != HD_UNBOUND && !(HD_GET(f, flags) & HD_FF_DONE)) pc = HD_GET(HD_GEN(f->gen), pc);
    else pc = HD_GET(f, pc);
    unlock_stack(locked);
    return pc;
}

int hd_frame_lineno(struct hd_frame *f)
{
    struct hd_code *c = HD_CODE(f->code);
    const hd_ins *pc = hd_frame_pc(f);
    if (pc < c->ins || pc >= c->ins + c->nins) return c->firstlineno;
    int line = hd_code_lineno(c, (uint32_t)(pc - c->ins));
    return line < 0 ? (int)HD_GET(f, line) : line;     /* an implicit return belongs to the line that was traced last */
}

#define GETTER(name) static hd_value get_##name(hd_value self, void *closure)
GETTER(code) { return HD_FRAME(self)->code; }
GETTER(globals) { return HD_FUNC(HD_FRAME(self)->func)->globals; }
GETTER(builtins) { return HD_FUNC(HD_FRAME(self)->func)->builtins; }
GETTER(locals) { return hd_frame_fast_locals(HD_FRAME(self)); }
GETTER(lineno)
{
    int n = hd_frame_lineno(HD_FRAME(self));
    return n < 0 ? HD_NONE : hd_fix(n);
}
GETTER(lasti)
{
    struct hd_frame *f = HD_FRAME(self);
    const hd_ins *pc = hd_frame_pc(f), *ins = HD_CODE(f->code)->ins;
    if (f->gen != HD_UNBOUND && HD_GET(HD_GEN(f->gen), state) == HD_GEN_CREATED) return hd_fix(-1);
    return pc < ins ? hd_fix(-1) : hd_fix((pc - ins) * 2);     /* as if units were CPython's: 2 bytes each */
}
/* f_back of a frame that was attached to another thread's stack a moment ago. */
static hd_value back_elsewhere(struct hd_frame *f)
{
    bool locked = lock_stack(f);
    hd_value *fp = HD_GET(f, fp), back = fp ? HD_NONE : HD_GET(f, back);
    if (fp) {
        struct hd_thread *ts = HD_GET(f, thread);
        const hd_value *q = ts->fp;                         /* a running transaction may have left it already */
        while (q > fp) q = hd_frame_caller(q);
        if (q == fp && !is_bottom(hd_frame_caller(fp))) back = pictures(ts, hd_frame_caller(fp), hd_frame_caller_pc(ts, fp));
    }
    unlock_stack(locked);
    return back == HD_UNBOUND ? HD_NONE : back;
}
GETTER(back)
{
    struct hd_frame *f = HD_FRAME(self);
    hd_value *fp = HD_GET(f, fp);
    if (fp) {
        struct hd_thread *ts = HD_GET(f, thread);
        if (ts != hd_ts) return back_elsewhere(f);
        hd_value *caller = hd_frame_caller(fp);
        if (is_bottom(caller)) return HD_NONE;
        return wanted(hd_frame_object(ts, caller, hd_frame_caller_pc(ts, fp)));
    }
    hd_value b = HD_GET(f, back);
    return b == HD_UNBOUND ? HD_NONE : b;
}
GETTER(trace)
{
    hd_value v = HD_GET(HD_FRAME(self), trace);
    return v == HD_UNBOUND ? HD_NONE : v;
}
static int set_trace(hd_value self, hd_value v, void *closure)
{
    int line = hd_frame_lineno(HD_FRAME(self));
    hd_frame_w w = hd_frame_open(HD_FRAME(self));
    HD_PUT(w, trace, v == HD_ABSENT || v == HD_NONE ? HD_UNBOUND : v);
    HD_PUT(w, line, line);                             /* the rest of the line that runs is nothing new */
    return 0;
}
GETTER(trace_lines) { return hd_bool(!(HD_GET(HD_FRAME(self), flags) & HD_FF_NO_TRACE_LINES)); }
GETTER(trace_opcodes) { return hd_bool(HD_GET(HD_FRAME(self), flags) & HD_FF_TRACE_OPCODES); }
static int set_flag(hd_value self, hd_value v, int64_t flag, bool inverted)
{
    if (v != HD_TRUE && v != HD_FALSE) {
        hd_raise(&hd_exc_TypeError, "attribute value type must be bool");
        return -1;
    }
    hd_frame_w w = hd_frame_open(HD_FRAME(self));
    int64_t old = HD_OWN(w, flags);
    HD_PUT(w, flags, (v == HD_TRUE) != inverted ? old | flag : old & ~flag);
    return 0;
}
static int set_trace_lines(hd_value self, hd_value v, void *closure) { return set_flag(self, v, HD_FF_NO_TRACE_LINES, true); }
static int set_trace_opcodes(hd_value self, hd_value v, void *closure) { return set_flag(self, v, HD_FF_TRACE_OPCODES, false); }
static int set_lineno(hd_value self, hd_value v, void *closure) { return hd_frame_set_lineno(HD_FRAME(self), v); }

static hd_value frame_clear(hd_value self, const hd_value *args, size_t n, hd_value kwnames)
{
    struct hd_frame *f = HD_FRAME(self);
    if (HD_GET(f, fp)) return hd_raise(&hd_exc_RuntimeError, "cannot clear an executing frame");
    if (f->gen != HD_UNBOUND && !(HD_GET(f, flags) & HD_FF_DONE)) return hd_gen_close(f->gen);
    hd_frame_w w = hd_frame_open(f);
    for (uint32_t i = 0, nvars = hd_code_vars(HD_CODE(f->code)); i < nvars; i++) HD_PUT(w, reg[i], HD_UNBOUND);
    HD_PUT(w, locals, HD_UNBOUND);
    return HD_NONE;
}

static hd_value frame_repr(hd_value self)
{
    struct hd_code *c = HD_CODE(HD_FRAME(self)->code);
    char at[24];
    snprintf(at, sizeof at, "%p", hd_ptr(self));
    return hd_str_format("<frame at %s, file %R, line %d, code %U>", at, c->filename, hd_frame_lineno(HD_FRAME(self)), c->name);
}

static void frame_trace(void *o, struct gc_marker *m)
{
    struct hd_frame *f = o;
    gc_mark(m, f->code);
    gc_mark(m, f->func);
    gc_mark(m, f->ns);
    gc_mark(m, f->gen);
    gc_mark(m, HD_RAW(f->next));
    gc_mark(m, HD_RAW(f->back));
    gc_mark(m, HD_RAW(f->locals));
    gc_mark(m, HD_RAW(f->trace));
    for (uint32_t i = 0, n = hd_code_vars(HD_CODE(f->code)); i < n; i++) gc_mark(m, HD_RAW(f->reg[i]));
}
static size_t frame_size(const void *o) { return hd_frame_size(o); }

static const struct hd_getsetdef frame_getsets[] = {
    { "f_back", get_back }, { "f_code", get_code }, { "f_builtins", get_builtins }, { "f_globals", get_globals }, { "f_lasti", get_lasti },
    { "f_locals", get_locals }, { "f_lineno", get_lineno, set_lineno }, { "f_trace", get_trace, set_trace },
    { "f_trace_lines", get_trace_lines, set_trace_lines }, { "f_trace_opcodes", get_trace_opcodes, set_trace_opcodes }, { NULL }
};
static const struct hd_methoddef frame_methods[] = {
    { "clear", frame_clear, 0, 0, 0, "F.clear(): clear most references held by the frame" }, { NULL }
};
struct hd_type hd_frame_type = {
    .cname = "frame", .basicsize = sizeof(struct hd_frame), .flags = HD_TF_NEVER_INSTANTIATE,
    .getsets = frame_getsets, .methods = frame_methods,
    .op = { .repr = frame_repr, .trace = frame_trace, .size = frame_size },
};
