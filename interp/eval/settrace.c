/* sys.settrace and sys.setprofile: the traced handler table sends every instruction through hd_trace_ins.
 *
 * S1: while a trace or profile function runs (ts->tracing > 0) no events arise.
 * S2: the line that was reported last is in the frame object (`line`); a line event arises when an instruction begins another
 *     line, or by a jump backwards (`traced`, `reported`). */
#include "interp/eval/eval_internal.h"
#include "interp/eval/fast.h"
#include <string.h>

static void choose_table(struct hd_thread *ts)
{
    bool on = ts->trace_func != HD_UNBOUND || ts->profile_func != HD_UNBOUND;
    ts->dispatch = on ? hd_dispatch_traced : hd_dispatch_untraced();
}

/* Frames that have trace functions may have gone on while nobody looked: the line that runs now is the one that counts. */
static void note_lines(struct hd_thread *ts)
{
    for (hd_value v = ts->frames; v != HD_UNBOUND; v = HD_GET(HD_FRAME(v), next)) {
        if (HD_GET(HD_FRAME(v), trace) == HD_UNBOUND) continue;
        int line = hd_frame_lineno(HD_FRAME(v));
        hd_frame_w w = hd_frame_open(HD_FRAME(v));
        HD_PUT(w, line, line);
    }
}

int hd_settrace(hd_value f)
{
    if (hd_ts->trace_func == HD_UNBOUND && f != HD_UNBOUND) note_lines(hd_ts);
    hd_ts->trace_func = f;
    choose_table(hd_ts);
    return 0;
}

static void set_profile(hd_value f, hd_profile_hook hook)
{
    hd_ts->profile_func = f;
    hd_ts->profile_hook = hook;
    choose_table(hd_ts);
}
int hd_setprofile(hd_value f)
{
    set_profile(f, NULL);
    return 0;
}
void hd_observe_calls(hd_value profiler, hd_profile_hook hook) { set_profile(profiler, hook); }

static uint32_t stop_events(struct hd_thread *ts)
{
    ts->dispatch = hd_dispatch_untraced();
    return ts->tracing++;
}
static void resume_events(struct hd_thread *ts, uint32_t outer)
{
    ts->tracing = outer;
    choose_table(ts);
}

/* Calls a trace function: its result, or HD_ERR (then tracing is off). */
static hd_value call_tracer(struct hd_thread *ts, hd_value func, hd_value frame, const char *event, hd_value arg)
{
    const char *outer = ts->trace_event;
    ts->trace_event = event;
    uint32_t n = stop_events(ts);
    hd_value r = hd_callv(func, frame, hd_intern(event), arg);
    resume_events(ts, n);
    ts->trace_event = outer;
    return r;
}

static hd_value frame_object(struct hd_thread *ts, const hd_ins *pc, hd_value *fp)
{
    hd_value f = hd_frame_object(ts, fp, pc);
    if (f == HD_ERR) return f;
    struct hd_frame *o = HD_FRAME(f);
    if (!(HD_GET(o, flags) & HD_FF_WANTED)) {
        hd_frame_w w = hd_frame_open(o);
        HD_PUT(w, flags, HD_OWN(w, flags) | HD_FF_WANTED);
    }
    return f;
}

static void tracer_failed(struct hd_thread *ts, hd_value f)
{
    ts->trace_func = HD_UNBOUND;
    choose_table(ts);
    hd_frame_w w = hd_frame_open(HD_FRAME(f));
    HD_PUT(w, trace, HD_UNBOUND);
}

/* Local event for a frame that has a local trace function; 0, -1. */
static int local_event(struct hd_thread *ts, hd_value f, const char *event, hd_value arg)
{
    struct hd_frame *o = HD_FRAME(f);
    hd_value local = HD_GET(o, trace);
    if (local == HD_UNBOUND) return 0;
    if (HD_GET(o, locals) != HD_UNBOUND && hd_frame_fast_locals(o) == HD_ERR) return -1;
    hd_value r = call_tracer(ts, local, f, event, arg);
    if (r == HD_ERR) {
        tracer_failed(ts, f);
        return -1;
    }
    hd_value locals = HD_GET(o, locals);
    if (locals != HD_UNBOUND) hd_frame_store_locals(o, locals);
    if (r != HD_NONE) {
        hd_frame_w w = hd_frame_open(o);
        HD_PUT(w, trace, r);
    }
    return 0;
}

static int profile_event(struct hd_thread *ts, const hd_ins *pc, hd_value *fp, enum hd_profile_event event, hd_value arg)
{
    static const char *const names[] = { "call", "return", "c_call", "c_return", "c_exception" };
    if (ts->profile_func == HD_UNBOUND) return 0;
    if (ts->profile_hook) {
        uint32_t n = stop_events(ts);
        int r = ts->profile_hook(ts->profile_func, event, event <= HD_PROFILE_RETURN ? hd_obj(hd_frame_code(fp)) : arg);
        resume_events(ts, n);
        if (r == 0) return 0;
    } else {
        hd_value f = frame_object(ts, pc, fp);
        if (f != HD_ERR && call_tracer(ts, ts->profile_func, f, names[event], arg) != HD_ERR) return 0;
    }
    set_profile(HD_UNBOUND, NULL);
    return -1;
}

/* Beginning of a function or resumption of a generator at pc. */
static int call_event(struct hd_thread *ts, const hd_ins *pc, hd_value *fp)
{
    if (ts->trace_func != HD_UNBOUND) {
        hd_value f = frame_object(ts, pc, fp), r = f == HD_ERR ? HD_ERR : call_tracer(ts, ts->trace_func, f, "call", HD_NONE);
        if (f == HD_ERR) return -1;
        if (r == HD_ERR) {
            tracer_failed(ts, f);
            return -1;
        }
        hd_frame_w w = hd_frame_open(HD_FRAME(f));
        if (r != HD_NONE) HD_PUT(w, trace, r);      /* else a resumed generator keeps the function that it has */
        HD_PUT(w, line, -1);
    }
    return profile_event(ts, pc, fp, HD_PROFILE_CALL, HD_NONE);
}

/* The line is the one that was reported last, if anybody asks for lines. */
static int note_line(struct hd_thread *ts, const hd_ins *pc, hd_value *fp)
{
    if (ts->trace_func == HD_UNBOUND) return 0;
    struct hd_code *c = hd_frame_code(fp);
    hd_value f = frame_object(ts, pc, fp);
    if (f == HD_ERR) return -1;
    hd_frame_w w = hd_frame_open(HD_FRAME(f));
    HD_PUT(w, line, hd_code_lineno(c, (uint32_t)(pc - c->ins)));
    return 0;
}

/* A generator goes on at pc with an exception that is thrown into it; 0, -1. */
int hd_trace_thrown(struct hd_thread *ts, const hd_ins *pc, hd_value *fp)
{
    return call_event(ts, pc, fp) < 0 || note_line(ts, pc, fp) < 0 ? -1 : 0;
}

static const hd_ins *raised(struct hd_thread *ts, const hd_ins *pc, hd_value *fp) { return hd_unwind(ts, pc, fp, false); }

/* The yielding instruction, if pc is where a generator goes on behind it and nothing has run since. */
static const hd_ins *resumed_from(hd_value *fp, const hd_ins *pc)
{
    if (!hd_frame_is_gen(fp)) return NULL;
    struct hd_gen *g = HD_GEN(fp[HD_FRAME_NS]);
    const hd_ins *y = HD_GET(g, pc);
    if (y->op == HD_OP_YIELD ? y + 1 != pc : y->op != HD_OP_YIELDFROM || y + 1 + (int16_t)y->c != pc) return NULL;
    hd_gen_w w = hd_gen_open(g);
    HD_PUT(w, pc, y + 1);                  /* once */
    return y;
}

/* A call of something that is no Python function, with the events of C functions around it. */
hd_value hd_call_profiled(struct hd_thread *ts, const hd_ins *pc, hd_value *fp, hd_value f, const hd_value *args, size_t n, hd_value kwnames)
{
    hd_value shown = f;
    if (hd_is_shape(f, HD_SHAPE_METHODDESCR)) {
        if (n) shown = hd_type_of(f)->op.descr_get(f, args[0], hd_obj(hd_type_of(args[0])));
        if (shown == HD_ERR) return HD_ERR;
    }
    if (!hd_is_shape(shown, HD_SHAPE_CFUNCTION)) return hd_call_c(f, args, n, kwnames);
    if (profile_event(ts, pc, fp, HD_PROFILE_C_CALL, shown) < 0) return HD_ERR;
    hd_value r = hd_call_c(f, args, n, kwnames);
    if (r != HD_ERR) return profile_event(ts, pc, fp, HD_PROFILE_C_RETURN, shown) < 0 ? HD_ERR : r;
    hd_value e = hd_exc_take();
    if (profile_event(ts, pc, fp, HD_PROFILE_C_EXCEPTION, shown) == 0) hd_exc_put(e);
    return HD_ERR;
}

static bool is_c_function(hd_value f) { return hd_is_shape(f, HD_SHAPE_CFUNCTION) || hd_is_shape(f, HD_SHAPE_METHODDESCR); }

static bool is_for(const hd_ins *p) { return p->op == HD_OP_FORLOOP || p->op == HD_OP_FORLOOP2; }

static bool is_test(const hd_ins *p)
{
    switch (p->op) {
    case HD_OP_JCMP: case HD_OP_JCMPI: case HD_OP_JIS: case HD_OP_JIN: case HD_OP_JNONE: case HD_OP_JNOTNONE: case HD_OP_JT: case HD_OP_JF: return true;
    default: return false;
    }
}

/* The next turn of a loop begins at pc, on the line that was reported last: that is told again, but not if it was the test at
 * the end of the loop that was reported.  A `for` loop turns at its step, where it also begins. */
static bool turns(const hd_ins *before, const hd_ins *reported, const hd_ins *pc)
{
    if (!before) return false;
    if (is_for(pc)) return before->op != HD_OP_ITERPREP && before->op != HD_OP_RANGEPREP;
    return before > pc && reported <= pc && (pc->op == HD_OP_LOOP || is_test(before));
}

const hd_ins *hd_trace_ins(struct hd_thread *ts, const hd_ins *pc, hd_value *fp)
{
    if (ts->tracing || !hd_frame_code(fp)) return pc;
    struct hd_code *c = hd_frame_code(fp);
    uint32_t at = (uint32_t)(pc - c->ins);
    uint8_t op = pc->op;
    const hd_ins *resumed = resumed_from(fp, pc);
    if (op == HD_OP_RESUME || resumed) {
        if (resumed) ts->pc = resumed;     /* the event belongs to the line of the yield */
        int r = call_event(ts, ts->pc, fp);
        ts->pc = pc;
        if (r < 0) return raised(ts, pc, fp);
        if (!resumed) return pc;
        if (note_line(ts, resumed, fp) < 0) return raised(ts, pc, fp);
    }
    bool traced = hd_frame_retpc(fp) == &hd_hooks[HD_HOOK_FRAME];
    if (traced && ts->trace_func != HD_UNBOUND) {
        hd_value f = hd_frame_object(ts, fp, pc);
        if (f == HD_ERR) return raised(ts, pc, fp);
        struct hd_frame *o = HD_FRAME(f);
        int64_t flags = HD_GET(o, flags);
        if (HD_GET(o, trace) != HD_UNBOUND) {
            int line = hd_code_lineno(c, at);
            int64_t last = HD_GET(o, line);
            bool moved = line > 0 && (line != last || turns(HD_GET(o, traced), HD_GET(o, reported), pc));
            hd_frame_w note = hd_frame_open(o);
            HD_PUT(note, traced, pc);
            if (moved) HD_PUT(note, line, line), HD_PUT(note, reported, pc);
            if (moved && !(flags & HD_FF_NO_TRACE_LINES)) {
                hd_frame_w w;
                if (local_event(ts, f, "line", HD_NONE) < 0) return raised(ts, pc, fp);
                if (HD_GET(o, flags) & HD_FF_JUMPED) {
                    w = hd_frame_open(o);
                    HD_PUT(w, flags, HD_OWN(w, flags) & ~(int64_t)HD_FF_JUMPED);
                    if (ts->jump_leaves_handler) ts->handled = ts->jump_handled;
                    ts->jump_leaves_handler = false;
                    return hd_trace_ins(ts, ts->pc, fp);
                }
            }
            if (flags & HD_FF_TRACE_OPCODES && local_event(ts, f, "opcode", HD_NONE) < 0) return raised(ts, pc, fp);
        }
    }
    if (op == HD_OP_RET || op == HD_OP_RETNONE || op == HD_OP_GENRET || op == HD_OP_YIELD || op == HD_OP_YIELDFROM) {
        hd_value v = op == HD_OP_RETNONE ? HD_NONE : op == HD_OP_YIELD ? fp[pc->b] : fp[pc->a];
        hd_trace_return(ts, pc, fp, v);
        if (hd_exc_pending()) return raised(ts, pc, fp);
    }
    /* The evaluator calls C functions without asking; here the out-of-line form does it, with its events. */
    if ((op == HD_OP_CALL || op == HD_OP_CALLM) && ts->profile_func != HD_UNBOUND && is_c_function(fp[pc->a])) {
        pc = op == HD_OP_CALL ? s_call(ts, pc, fp) : s_callm(ts, pc, fp);
        if (ts->dispatch != hd_dispatch_traced || pc->op == HD_OP_LEAVE) return pc;
        ts->pc = pc;
        return hd_trace_ins(ts, pc, ts->fp);
    }
    return pc;
}

void hd_trace_return(struct hd_thread *ts, const hd_ins *pc, hd_value *fp, hd_value v)
{
    if (ts->tracing) return;
    hd_value pending = hd_exc_take();
    hd_value arg = v == HD_UNBOUND ? HD_NONE : v;
    int r = 0;
    if (ts->trace_func != HD_UNBOUND && hd_frame_retpc(fp) == &hd_hooks[HD_HOOK_FRAME]) {
        hd_value f = hd_frame_object(ts, fp, pc);
        if (f != HD_ERR) r = local_event(ts, f, "return", arg);
    }
    if (r == 0) (void)!profile_event(ts, pc, fp, HD_PROFILE_RETURN, arg);
    if (pending != HD_UNBOUND && !hd_exc_pending()) hd_exc_put(pending);
}

void hd_trace_exception(struct hd_thread *ts, const hd_ins *pc, hd_value *fp)
{
    if (ts->tracing || ts->trace_func == HD_UNBOUND || hd_frame_retpc(fp) != &hd_hooks[HD_HOOK_FRAME]) return;
    hd_value e = hd_exc_take(), f = hd_frame_object(ts, fp, pc);
    hd_value arg = f == HD_ERR ? HD_ERR : hd_tuplev(hd_obj(hd_type_of(e)), e, hd_exc_traceback(e));
    if (arg != HD_ERR) (void)!local_event(ts, f, "exception", arg);
    if (!hd_exc_pending()) hd_exc_put(e);
}

/* StopIteration(v) has ended the loop or the delegation at pc: debuggers are told, as of an exception.  0, -1. */
int hd_trace_stop(struct hd_thread *ts, const hd_ins *pc, hd_value *fp, hd_value v)
{
    hd_value e = hd_exc_new(&hd_exc_StopIteration, &v, v == HD_NONE ? 0 : 1);
    if (e == HD_ERR) return -1;
    hd_exc_put(e);
    hd_trace_exception(ts, pc, fp);
    if (ts->exc != e) return -1;
    hd_exc_clear();
    return 0;
}

/* The next item of an iterator whose __next__ is written in Python. */
hd_value hd_trace_next(struct hd_thread *ts, const hd_ins *pc, hd_value *fp, hd_value it)
{
    hd_value v = hd_call_special(it, hd_s___next__, NULL, 0);
    if (v != HD_ERR || !hd_exc_is(&hd_exc_StopIteration)) return v;
    hd_value e = ts->exc;
    hd_trace_exception(ts, pc, fp);
    if (ts->exc != e) return HD_ERR;
    hd_exc_clear();
    return HD_STOP;
}

/* f.f_lineno = n inside a trace function. */
int hd_frame_set_lineno(struct hd_frame *f, hd_value v)
{
    struct hd_thread *ts = hd_ts;
    int64_t line;
    if (v == HD_ABSENT) {
        hd_raise(&hd_exc_AttributeError, "cannot delete attribute");
        return -1;
    }
    if (!hd_is_int(v)) {
        hd_raise(&hd_exc_ValueError, "lineno must be an integer");
        return -1;
    }
    if (hd_as_i64(v, &line) < 0) return -1;
    const char *event = ts->tracing ? ts->trace_event : "";
    if (strcmp(event, "call") == 0) {
        hd_raise(&hd_exc_ValueError, "can't jump from the 'call' trace event of a new frame");
        return -1;
    }
    if (!*event || HD_GET(f, trace) == HD_UNBOUND || (HD_GET(f, fp) && HD_GET(f, thread) != ts)) {
        hd_raise(&hd_exc_ValueError, "f_lineno can only be set by a trace function");
        return -1;
    }
    if (strcmp(event, "line") != 0 || HD_GET(f, fp) == NULL) {
        hd_raise(&hd_exc_ValueError, "can only jump from a 'line' trace event");
        return -1;
    }
    struct hd_code *c = HD_CODE(f->code);
    if (line < c->firstlineno) {
        hd_raise(&hd_exc_ValueError, "line %d comes before the current code block", (int)line);
        return -1;
    }
    if (line > INT32_MAX) line = INT32_MAX;
    int reached, handled;
    int64_t target = hd_jump_target(c, (uint32_t)(hd_frame_pc(f) - c->ins), (int)line, &reached, &handled);
    if (target < 0) return -1;
    ts->jump_leaves_handler = handled >= 0;
    if (handled >= 0) ts->jump_handled = HD_GET(f, fp)[handled];
    hd_frame_w w = hd_frame_open(f);
    HD_PUT(w, line, reached);
    HD_PUT(w, flags, HD_OWN(w, flags) | HD_FF_JUMPED);
    hd_frame_jump_pc(f, c->ins + target);
    return 0;
}
