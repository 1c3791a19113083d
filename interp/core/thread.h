/* The state of a Python thread. */
#ifndef HD_THREAD_H
#define HD_THREAD_H
#include "interp/core/object.h"

union hd_ins;

/* `what`: the code object, or the C function.  -1 ends profiling with an exception; else none may be left behind. */
enum hd_profile_event { HD_PROFILE_CALL, HD_PROFILE_RETURN, HD_PROFILE_C_CALL, HD_PROFILE_C_RETURN, HD_PROFILE_C_EXCEPTION };
typedef int (*hd_profile_hook)(hd_value profiler, enum hd_profile_event event, hd_value what);

struct hd_thread {
    /* -- put back by an abort (stm_thread_saved_range) -- */
    hd_value *fp;               /* registers of the running frame; see interp/eval/frame.h */
    const union hd_ins *pc;     /* its next instruction, valid while C code runs on its behalf */
    hd_value exc;               /* pending exception instance, or HD_UNBOUND */
    hd_value handled;           /* exception being handled (sys.exc_info), or HD_UNBOUND */
    hd_value context;           /* contextvars: current Context, or HD_UNBOUND */
    uint32_t c_depth;           /* nested evaluators and guarded C recursions */
    uint32_t exc_traced;        /* the pending exception has its traceback entry for the running frame */
    hd_value repr_guard;        /* list of objects whose repr is running (hd_repr_enter) */
    struct hd_elided { hd_value lock; int64_t count; bool entered; /* by a with statement */ } elided[4];   /* locks held without having been written (interp/modules/lock.c) */
    uint64_t n_elided;
    hd_value frames;            /* newest frame object that is attached to this stack, or HD_UNBOUND */
    hd_value trace_func, profile_func;                   /* sys.settrace, sys.setprofile; HD_UNBOUND: none */
    hd_profile_hook profile_hook;                        /* not NULL: profile_func is a profiler written in C */
    const void *const *dispatch;                         /* handler table of the evaluator: for solo mode, for transactions, or tracing */
    uint32_t tracing;           /* inside a trace or profile function */
    uint32_t finalising;        /* hd_run_finalisers is at work */
    uint32_t left_by;           /* how the innermost evaluator was left: enum hd_left (interp/eval/eval_internal.h) */
    hd_value left_with;         /* and with what value */
    const hd_value *interrupted;                         /* the frame that finalisers have interrupted, or NULL: they warn of nothing behind it */
    hd_value local_dict;        /* dict: this thread's parts of _thread._local objects, or HD_UNBOUND */
    hd_value sentinel;          /* lock that is released when the thread ends, or HD_UNBOUND */
    hd_value async_gen_firstiter, async_gen_finalizer;   /* sys.set_asyncgen_hooks */
    const char *trace_event;    /* the event whose trace function runs, or "" */
    hd_value jump_handled;      /* what is being handled after a jump out of a handler, if jump_leaves_handler */
    uint64_t jump_leaves_handler;
    char saved_end[0];
    /* -- not rolled back -- */
    hd_value *stack_base, *stack_limit, *stack_end;      /* value stack; limit: recursion limit or end */
    char *c_stack_limit;        /* C code that recurses checks its stack pointer against this */
    struct stm_thread *stm;
    struct hd_thread *next, *prev;                       /* list of all threads, changed with its lock held */
    uint64_t ident;             /* _thread.get_ident() */
    int64_t native_id;
    hd_value async_exc;         /* set by another thread (PyThreadState_SetAsyncExc, interrupt_main); atomic */
    int coroutine_origin_depth;
    int64_t finalisers_wait;    /* since when finalisers wait for a lock to be released (processor time of the thread, ns), or 0 */
    bool main, daemon;
    bool guest;                 /* runs finalisers while all others wait (interp/eval/idle.c) */
    void *eval;                 /* evaluator's own per-thread data */
    struct hd_additions *additions;                      /* put off (interp/types/additions.c); NULL: never had any */
    struct hd_ic_entry *ic_table;                        /* second-level inline caches (interp/eval/fast.h) */
};
extern _Thread_local struct hd_thread *hd_ts;
extern struct hd_thread *hd_main_thread;
#endif
