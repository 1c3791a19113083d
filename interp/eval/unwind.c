/* Exceptions on their way: exception tables, leaving frames, recursion limits.
 *
 * U1: hd_unwind is given the instruction at which the pending exception (ts->exc) arose; it returns where control goes on:
 *     a handler in some frame of the same evaluator, or the LEAVE hook if none has one.
 * U2: before a frame is left, the window below it is announced to the transactions (stm_window_return). */
#include "interp/core/settings.h"
#include "interp/eval/eval_internal.h"
#include "interp/types/exc.h"

static const struct hd_exc_entry *find_handler(const struct hd_code *c, uint32_t at)
{
    for (uint32_t i = 0; i < c->nexc; i++)
        if (at >= c->exctab[i].start && at < c->exctab[i].end) return &c->exctab[i];
    return NULL;
}

/* PEP 479: StopIteration must not leave a generator's frame. */
static void convert_stop(struct hd_thread *ts, uint32_t shape)
{
    const char *kind = shape == HD_SHAPE_GENERATOR ? "generator" : shape == HD_SHAPE_COROUTINE ? "coroutine" : "async generator";
    if (hd_exc_is(&hd_exc_StopIteration)) hd_raise_from_pending(&hd_exc_RuntimeError, "%s raised StopIteration", kind);
    else if (shape == HD_SHAPE_ASYNCGEN && hd_exc_is(&hd_exc_StopAsyncIteration))
        hd_raise_from_pending(&hd_exc_RuntimeError, "async generator raised StopAsyncIteration");
}

/* Where a frame that is left by e was: instructions that raise again without a place of their own stand for the first raise. */
static const hd_ins *place_of(hd_value e, const hd_ins *pc, const hd_value *fp)
{
    hd_value tb = hd_exc_traceback(e);
    if (pc->op != HD_OP_RERAISE || tb == HD_NONE) return pc;
    const struct hd_code *c = hd_frame_code(fp);
    if (hd_code_lineno(c, (uint32_t)(pc - c->ins)) >= 0) return pc;
    struct hd_frame *f = HD_FRAME(HD_TB(tb)->frame);
    return HD_GET(f, fp) == fp ? HD_CODE(f->code)->ins + HD_TB(tb)->lasti : pc;
}

const hd_ins *hd_unwind(struct hd_thread *ts, const hd_ins *pc, hd_value *fp, bool traced)
{
    ts->pc = pc;
    ts->fp = fp;
    if (UNLIKELY(hd_exc_is(&hd_exc_MemoryError))) {
        gc_open_reserve();
        gc_poll();                             /* the handler may come to no other poll before it allocates */
    }
    for (;;) {
        struct hd_code *c = hd_frame_code(fp);
        uint32_t at = (uint32_t)(pc - c->ins);
        if (!traced) {
            hd_value e = hd_exc_take();
            hd_value tb = hd_traceback_add(ts, e, pc, fp);
            if (tb == HD_ERR) hd_exc_clear();          /* no memory for it: the exception matters more */
            hd_exc_put(e);
        }
        if (UNLIKELY(ts->dispatch == hd_dispatch_traced) && !ts->tracing && !traced) hd_trace_exception(ts, pc, fp);
        traced = false;
        const struct hd_exc_entry *h = find_handler(c, at);
        if (h) {
            fp[h->reg] = hd_exc_take();
            return c->ins + h->target;
        }
        if (UNLIKELY(ts->dispatch == hd_dispatch_traced) && !ts->tracing) hd_trace_return(ts, pc, fp, HD_UNBOUND);
        hd_value *caller = hd_frame_caller(fp);
        stm_window_return((uint64_t *)caller - HD_FRAME_WORDS);
        if (hd_frame_retpc(fp) == &hd_hooks[HD_HOOK_FRAME]) {
            hd_value e = hd_exc_take();
            hd_frame_detach(ts, fp, place_of(e, pc, fp), true, true);
            hd_exc_put(e);
        }
        if (hd_frame_is_gen(fp)) {
            hd_value g = fp[HD_FRAME_NS];
            hd_gen_finish(ts, HD_GEN(g));
            convert_stop(ts, hd_shape_hint(g));
        }
        const hd_ins *r = hd_frame_retpc(fp);
        if (r == &hd_hooks[HD_HOOK_LEAVE]) {
            ts->fp = caller;
            ts->pc = (const hd_ins *)(uintptr_t)fp[HD_FRAME_CALLER];
            ts->left_by = HD_LEFT_ERROR;
            ts->left_with = HD_ERR;
            return &hd_hooks[HD_HOOK_LEAVE_ERROR];
        }
        pc = r == &hd_hooks[HD_HOOK_CTOR] ? (const hd_ins *)(uintptr_t)fp[HD_FRAME_CALLER] : r;
        fp = caller;
        ts->pc = pc;
        ts->fp = fp;
    }
}

/* -- limits ------------------------------------------------------------------------------------------------------------------- */

enum { SLACK_WORDS = 4096 };               /* above stack_limit there is always room for a small window and for scratch */

int64_t hd_get_recursion_limit(void) { return hd_setting(recursion_limit); }

static int64_t frame_depth(struct hd_thread *ts)
{
    int64_t n = ts->c_depth;
    for (hd_value *fp = ts->fp; fp > ts->stack_base + HD_FRAME_WORDS; fp = hd_frame_caller(fp)) n++;
    return n;
}

/* stack_limit is never beyond the place where the recursion limit could first be reached: a frame takes at least
 * HD_FRAME_WORDS words. */
bool hd_stack_room_slow(struct hd_thread *ts, hd_value *end)
{
    int64_t left = hd_get_recursion_limit() - frame_depth(ts);
    hd_value *last = ts->stack_end - SLACK_WORDS;
    if (left > 0 && end <= last) {
        hd_value *limit = end + left * HD_FRAME_WORDS;
        ts->stack_limit = limit < last ? limit : last;
        return true;
    }
    ts->stack_limit = ts->stack_base;      /* counted anew at the next call */
    hd_raise(&hd_exc_RecursionError, "maximum recursion depth exceeded");
    return false;
}

static void lower_limit(struct hd_thread *ts, void *arg) { ts->stack_limit = ts->stack_base; }

int hd_set_recursion_limit(int64_t n)
{
    if (n < 1) {
        hd_raise(&hd_exc_ValueError, "recursion limit must be greater or equal than 1");
        return -1;
    }
    if (n > 0x7fffffff) {
        hd_raise(&hd_exc_OverflowError, "Python int too large to convert to C int");
        return -1;
    }
    int64_t depth = frame_depth(hd_ts);
    if (depth >= n) {
        hd_raise(&hd_exc_RecursionError, "cannot set the recursion limit to %d at the recursion depth %d: the limit is too low", (int)n, (int)depth);
        return -1;
    }
    hd_set_setting(recursion_limit, n);
    hd_each_hd_thread(lower_limit, NULL);
    return 0;
}
