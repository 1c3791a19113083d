/* What the files of the evaluator share: frame access, slow paths, objects of frames and generators.
 *
 * Frames.  A frame is a register window on the value stack of its thread (layout: interp/core/code.h).  The running
 * frame is ts->fp; ts->pc is its current instruction and is right whenever C code runs on its behalf.  A frame that has
 * called another is at the instruction that its callee's return address names; when that address is a hook (an
 * instruction of hd_hooks), the caller's instruction lies in the word below the callee's header (HD_FRAME_CALLER).
 *   E1  fp[HD_FRAME_NS] gives the code object of a frame (hd_frame_code), also when its function got another one.
 *   E2  The collector scans all windows up to the end of the running frame's conservatively: temporaries of a frame may be
 *       left over from frames before it.  Only locals, cells and free variables are copied into other objects.
 *   E3  Frame objects in the list ts->frames are ordered by fp, the newest first; their frames return to the hook. */
#ifndef HD_EVAL_INTERNAL_H
#define HD_EVAL_INTERNAL_H
#include "interp/eval/eval.h"
#include "interp/core/names.h"

#define LIKELY(x) __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)
#define NOINLINE __attribute__((noinline))
#define COLD __attribute__((noinline, cold))

enum { HD_FRAME_CALLER = -5 };     /* word below the header of frames whose return address is a hook */

/* Return addresses that are no instruction of Python code. */
enum hd_hook { HD_HOOK_LEAVE, HD_HOOK_LEAVE_ERROR, HD_HOOK_CTOR, HD_HOOK_FRAME, HD_NHOOKS };
extern const hd_ins hd_hooks[HD_NHOOKS];
/* x of the HOOKRET instructions */
enum { HD_HOOKRET_CTOR, HD_HOOKRET_FRAME };
enum hd_left { HD_LEFT_RETURN, HD_LEFT_YIELD, HD_LEFT_GENRETURN, HD_LEFT_ERROR };

/* -- generators ------------------------------------------------------------------------------------------------------------ */
enum hd_gen_state { HD_GEN_CREATED, HD_GEN_SUSPENDED, HD_GEN_RUNNING, HD_GEN_CLOSED };
HD_MUTABLE(hd_gen)
struct hd_gen {
    struct hd_mhead head;
    hd_value code, func;                   /* fixed */
    hd_vslot name, qualname;
    hd_islot state;                        /* enum hd_gen_state */
    HD_PSLOT(const hd_ins) pc;             /* CREATED: first instruction to run; SUSPENDED: the yielding instruction */
    hd_vslot handled;                      /* SUSPENDED: the exception its own code is handling, or HD_UNBOUND */
    hd_vslot outer;                        /* RUNNING: what its resumer was handling */
    hd_vslot frame;                        /* frame object, or HD_UNBOUND */
    hd_vslot origin;                       /* cr_origin; async generators: the finaliser hook */
    hd_islot async_flags;                  /* async generators: HD_AG_* */
    hd_vslot reg[];                        /* registers while not running */
};
enum { HD_AG_HOOKS = 1, HD_AG_RUNNING = 2, HD_AG_CLOSED = 4 };
static inline size_t hd_gen_size(const struct hd_gen *g)
{
    return sizeof(struct hd_gen) + HD_CODE(g->code)->nregs * sizeof(hd_value);
}
HD_MUTABLE_OPEN(hd_gen, hd_gen_size(o))
#define HD_GEN(v) ((struct hd_gen *)hd_ptr(v))
static inline bool hd_is_gen_shape(uint32_t s) { return s == HD_SHAPE_GENERATOR || s == HD_SHAPE_COROUTINE || s == HD_SHAPE_ASYNCGEN; }

/* -- frames ------------------------------------------------------------------------------------------------------------------- */
HD_MUTABLE(hd_frame)
struct hd_frame {
    struct hd_mhead head;
    hd_value code, func, ns;               /* fixed; ns: the namespace dict or HD_UNBOUND */
    hd_value gen;                          /* fixed; generator or HD_UNBOUND */
    HD_PSLOT(hd_value) fp;                 /* the window while it is on a stack, else NULL */
    HD_PSLOT(struct hd_thread) thread;     /* whose stack */
    HD_PSLOT(const hd_ins) retpc;          /* attached: the return address that the hook replaced */
    hd_vslot next;                         /* attached: the next older attached frame */
    hd_vslot back;                         /* detached: frame object of the caller, None, or HD_UNBOUND */
    HD_PSLOT(const hd_ins) pc;             /* detached: last instruction */
    hd_vslot locals;                       /* f_locals of a function, once asked for */
    hd_vslot trace;                        /* f_trace, or HD_UNBOUND */
    hd_islot flags;                        /* HD_FF_* */
    hd_islot line;                         /* tracing: line last reported, or -1 */
    HD_PSLOT(const hd_ins) traced, reported;   /* tracing: instruction last seen, and that of the last line event, or NULL */
    hd_vslot reg[];                        /* detached (and not of a suspended generator): locals, cells, free variables */
};
enum { HD_FF_NO_TRACE_LINES = 1, HD_FF_TRACE_OPCODES = 2, HD_FF_WANTED = 4 /* handed out to Python, not just a traceback */,
       HD_FF_JUMPED = 8, HD_FF_DONE = 16 /* returned, or its generator is closed */, HD_FF_CLEARED = 32 };
static inline uint32_t hd_code_vars(const struct hd_code *c) { return c->nlocals + c->ncells + c->nfree; }
static inline size_t hd_frame_size(const struct hd_frame *f)
{
    return sizeof(struct hd_frame) + hd_code_vars(HD_CODE(f->code)) * sizeof(hd_value);
}
HD_MUTABLE_OPEN(hd_frame, hd_frame_size(o))
#define HD_FRAME(v) ((struct hd_frame *)hd_ptr(v))

HD_MUTABLE(hd_traceback)
struct hd_traceback {
    struct hd_mhead head;
    hd_vslot next;                         /* tb_next: traceback or None */
    hd_value frame;
    int64_t lasti;                         /* index of the instruction */
    int64_t lineno;                        /* -1: from lasti; INT64_MIN: none */
};
HD_MUTABLE_OPEN(hd_traceback, sizeof(struct hd_traceback))
#define HD_TB(v) ((struct hd_traceback *)hd_ptr(v))

/* No barriers: also called while a transaction begins. */
static inline struct hd_code *hd_frame_code(const hd_value *fp)
{
    hd_value ns = fp[HD_FRAME_NS];
    if (!hd_is_ptr(ns)) return NULL;       /* the bottom of the stack */
    uint32_t s = hd_headp(ns)->shape;
    if (LIKELY(s == HD_SHAPE_CODE)) return HD_CODE(ns);
    if (hd_is_gen_shape(s)) return HD_CODE(HD_GEN(ns)->code);
    return HD_CODE(HD_FUNC(fp[HD_FRAME_FUNC])->code);      /* nobody else has this function */
}
static inline bool hd_frame_is_gen(const hd_value *fp) { return hd_is_gen_shape(hd_headp(fp[HD_FRAME_NS])->shape); }
/* The namespace of a frame of module or class code.  A coroutine of such code (top-level await) has it in the register behind
 * its variables; a function made of such code stores into its globals. */
static inline hd_value hd_frame_namespace(const hd_value *fp)
{
    hd_value ns = fp[HD_FRAME_NS];
    uint32_t s = hd_headp(ns)->shape;
    if (hd_is_gen_shape(s)) {
        ns = fp[hd_code_vars(HD_CODE(HD_GEN(ns)->code))];
        if (ns != HD_UNBOUND) return ns;
    } else if (s != HD_SHAPE_CODE) return ns;
    return HD_FUNC(fp[HD_FRAME_FUNC])->globals;
}
static inline hd_value *hd_frame_caller(const hd_value *fp) { return (hd_value *)(uintptr_t)fp[HD_FRAME_FP]; }
static inline const hd_ins *hd_frame_retpc(const hd_value *fp) { return (const hd_ins *)(uintptr_t)fp[HD_FRAME_PC]; }
static inline bool hd_is_hook(const hd_ins *pc) { return pc >= hd_hooks && pc < hd_hooks + HD_NHOOKS; }
/* End of the running frame's window: where a new frame may begin. */
static inline hd_value *hd_frame_top(hd_value *fp)
{
    struct hd_code *c = hd_frame_code(fp);
    return fp + (c ? c->nregs : 0);
}
const hd_ins *hd_frame_real_retpc(struct hd_thread *ts, const hd_value *fp);   /* hooks of frame objects looked through */
const hd_ins *hd_frame_caller_pc(struct hd_thread *ts, const hd_value *fp);    /* where the caller of fp is */
hd_value hd_frame_object(struct hd_thread *ts, hd_value *fp, const hd_ins *pc) HD_MUST;
void hd_frame_detach(struct hd_thread *ts, hd_value *fp, const hd_ins *pc, bool done, bool raised);
void hd_frame_attach_gen(struct hd_thread *ts, struct hd_gen *g, hd_value *fp);
hd_value hd_frame_fast_locals(struct hd_frame *f) HD_MUST;
int hd_frame_lineno(struct hd_frame *f);

/* -- running --------------------------------------------------------------------------------------------------------------------- */
hd_value hd_run(struct hd_thread *ts, const hd_ins *pc, hd_value *fp) HD_MUST;
extern const void *const *hd_dispatch_alone, *const *hd_dispatch_plain, *const *hd_dispatch_traced;
/* Not for tracing: the table that fits the mode of the transactions. */
static inline const void *const *hd_dispatch_untraced(void) { return stm_alone() ? hd_dispatch_alone : hd_dispatch_plain; }

/* Slow paths: the instruction at pc of frame fp; the result is the next instruction to run, in frame ts->fp. */
typedef const hd_ins *hd_slow(struct hd_thread *ts, const hd_ins *pc, hd_value *fp);
const hd_ins *hd_unwind(struct hd_thread *ts, const hd_ins *pc, hd_value *fp, bool traced);
#define RAISED() hd_unwind(ts, pc, fp, false)

/* Makes room for a frame whose registers start at nfp: false: RecursionError or MemoryError is set. */
bool hd_stack_room_slow(struct hd_thread *ts, hd_value *end);
static inline bool hd_stack_room(struct hd_thread *ts, hd_value *end) { return LIKELY(end <= ts->stack_limit) || hd_stack_room_slow(ts, end); }
/* Binds arguments and fills the window at nfp (header included, except the return address and the caller's fp); args may
 * overlap the window.  kwnames: 0 or the names of the last of `n` + len(kwnames) values.  0, -1. */
int hd_bind(struct hd_thread *ts, struct hd_func *f, struct hd_code *code, hd_value *nfp, const hd_value *args, size_t n, hd_value kwnames) HD_MUST;
/* The same from a tuple and a dict (HD_ABSENT). */
static inline void hd_fill_unbound(hd_value *from, hd_value *end) { while (from < end) *from++ = HD_UNBOUND; }
/* How many registers must hold values from the start: temporaries need not, except where a generator's window is copied. */
static inline uint32_t hd_code_bound(const struct hd_code *c)
{
    return c->flags & (HD_CO_GENERATOR | HD_CO_COROUTINE | HD_CO_ASYNC_GENERATOR) ? c->nregs : c->nlocals + c->ncells + c->nfree;
}
static inline void hd_copy_free_variables(const struct hd_func *f, const struct hd_code *code, hd_value *nfp)
{
    if (!code->nfree) return;
    const struct hd_tuple *cells = HD_TUPLE(f->closure);
    hd_value *to = nfp + code->nlocals + code->ncells;
    for (uint32_t i = 0; i < code->nfree; i++) to[i] = cells->item[i];
}
static inline void hd_push_header(hd_value *nfp, hd_value func, hd_value ns, const hd_ins *retpc, hd_value *caller)
{
    nfp[HD_FRAME_FUNC] = func;
    nfp[HD_FRAME_NS] = ns;
    nfp[HD_FRAME_PC] = (hd_value)(uintptr_t)retpc;
    nfp[HD_FRAME_FP] = (hd_value)(uintptr_t)caller;
}

/* After an instruction that waited for a callee: what its result does.  v: returned value. */
const hd_ins *hd_continue_return(struct hd_thread *ts, const hd_ins *pc, hd_value *fp, hd_value v);

/* Pushes the frame of a generator that is CREATED or SUSPENDED at nfp and returns the instruction that it goes on with. */
const hd_ins *hd_gen_push(struct hd_thread *ts, struct hd_gen *g, hd_value *nfp, const hd_ins *retpc, hd_value *caller, hd_value sent);
/* Saves the registers of the running generator frame and takes it off; ts->fp = caller. */
void hd_gen_suspend(struct hd_thread *ts, struct hd_gen *g, const hd_ins *pc, hd_value *fp);
void hd_gen_finish(struct hd_thread *ts, struct hd_gen *g);     /* its frame leaves the stack for good */
hd_value hd_gen_new(struct hd_thread *ts, const hd_ins *resume, hd_value *fp) HD_MUST;
hd_value hd_asyncgen_wrap(hd_value v) HD_MUST;
struct hd_cowrapper { struct hd_head head; hd_value coroutine; };      /* what coroutine.__await__() returns */
/* Resuming from C; each 1: yielded *out, 0: returned *out, -1: raised. */
int hd_gen_resume(struct hd_gen *g, hd_value v, hd_value *out) HD_MUST;
int hd_gen_throw(struct hd_gen *g, hd_value exc, hd_value *out) HD_MUST;
int hd_asend_send(hd_value o, hd_value v, hd_value *out) HD_MUST;
int hd_asend_throw(hd_value o, hd_value exc, hd_value *out) HD_MUST;
int hd_athrow_send(hd_value o, hd_value v, hd_value *out) HD_MUST;
int hd_athrow_throw(hd_value o, hd_value exc, hd_value *out) HD_MUST;
hd_value hd_gen_close(hd_value g) HD_MUST;
hd_value hd_throw_arguments(const hd_value *args, size_t n) HD_MUST;
hd_value hd_sent_result(int r, hd_value v) HD_MUST;
hd_value hd_gen_get_name(hd_value self, void *closure);
hd_value hd_gen_get_qualname(hd_value self, void *closure);
int hd_gen_set_name(hd_value self, hd_value v, void *closure);
int hd_gen_set_qualname(hd_value self, hd_value v, void *closure);
hd_value hd_gen_get_await(hd_value self, void *closure);
hd_value hd_gen_get_code(hd_value self, void *closure);
hd_value hd_gen_get_frame(hd_value self, void *closure);
hd_value hd_gen_repr(hd_value self);
void hd_gen_trace(void *o, struct gc_marker *m);
size_t hd_gen_size_of(const void *o);
void hd_gen_finalise(hd_value self);
void hd_coroutine_note_origin(struct hd_thread *ts, struct hd_gen *g);
hd_value hd_frame_of_gen(struct hd_gen *g) HD_MUST;
int hd_frame_set_lineno(struct hd_frame *f, hd_value v) HD_MUST;
hd_value hd_class_getitem(hd_value self, const hd_value *args, size_t n, hd_value kwnames);
/* iterator of await: HD_ERR with the error text for `how` (0, 1 __aenter__, 2 __aexit__) */
hd_value hd_await_iter(hd_value o, int how) HD_MUST;
hd_value hd_yieldfrom_iter(hd_value o, bool in_coroutine) HD_MUST;
hd_value hd_aiter_of(hd_value o) HD_MUST;
hd_value hd_anext_of(hd_value o) HD_MUST;
hd_value hd_traceback_add(struct hd_thread *ts, hd_value exc, const hd_ins *pc, hd_value *fp) HD_MUST;

int hd_poll_between(struct hd_thread *ts) HD_MUST;     /* hd_poll_here for instructions that have done nothing yet */
uint32_t hd_code_serial(struct hd_code *c);              /* tells it from every other code object, for as long as the process runs */

/* calls */
hd_value hd_call_c(hd_value f, const hd_value *args, size_t n, hd_value kwnames) HD_MUST;     /* anything but functions written in Python */
hd_slow s_call, s_callm, s_callkw, s_callex;
hd_value hd_callee_name(hd_value f);
const hd_ins *hd_frame_pc(struct hd_frame *f);
hd_value hd_source_line(hd_value filename, int n);      /* of a file, without its newline; HD_ABSENT if it cannot be read */
int64_t hd_jump_target(const struct hd_code *c, uint32_t from, int line, int *reached, int *handled);
hd_value hd_suggestion(hd_value exc);      /* str or HD_ABSENT; runs Python */
hd_value hd_call_profiled(struct hd_thread *ts, const hd_ins *pc, hd_value *fp, hd_value f, const hd_value *args, size_t n, hd_value kwnames);
const hd_ins *hd_put_off_addition(struct hd_thread *ts, const hd_ins *pc, const hd_value *fp, hd_value o, hd_value k, unsigned r);      /* slow_item.c */
const hd_ins *hd_invoke(struct hd_thread *ts, const hd_ins *pc, hd_value *fp, hd_value f, const hd_value *args, size_t n);

int hd_unpack(hd_value o, hd_value *to, int64_t n) HD_MUST;

/* tracing */
void hd_frame_store_locals(struct hd_frame *f, hd_value dict);   /* f_locals was changed by a tracer: back into the registers */
void hd_frame_jump_pc(struct hd_frame *f, const hd_ins *pc);
const hd_ins *hd_trace_ins(struct hd_thread *ts, const hd_ins *pc, hd_value *fp);
void hd_trace_return(struct hd_thread *ts, const hd_ins *pc, hd_value *fp, hd_value v);
void hd_trace_exception(struct hd_thread *ts, const hd_ins *pc, hd_value *fp);
int hd_trace_thrown(struct hd_thread *ts, const hd_ins *pc, hd_value *fp) HD_MUST;
int hd_trace_stop(struct hd_thread *ts, const hd_ins *pc, hd_value *fp, hd_value v) HD_MUST;
hd_value hd_trace_next(struct hd_thread *ts, const hd_ins *pc, hd_value *fp, hd_value it) HD_MUST;
static inline bool hd_is_traced(const struct hd_thread *ts) { return UNLIKELY(ts->dispatch == hd_dispatch_traced) && !ts->tracing; }
#endif
