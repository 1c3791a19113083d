/* The evaluator's interface for the rest of the interpreter: threads, frames seen from outside, generators, inline caches. */
#ifndef HD_EVAL_H
#define HD_EVAL_H
#include "interp/core/api.h"
#include "interp/core/code.h"

/* -- threads (thread_state.c) -------------------------------------------------------------------------------------------- */
/* Calls f(arg) on a C stack of its own that is large enough for deep recursion, in the same OS thread. */
int hd_on_big_stack(int (*f)(void *arg), void *arg);
size_t hd_stack_share(size_t bytes, unsigned part);   /* bytes, or less where address space is limited */
/* Makes the state of the calling OS thread and attaches it to the transactions; the thread holds no context yet.
 * Functions that called the caller must hold no references (the main thread's may).  NULL: out of memory. */
#define hd_thread_attach(main, stack_size) hd_thread_attach_at((main), false, (char *)__builtin_dwarf_cfa())
#define hd_thread_attach_guest() hd_thread_attach_at(false, true, (char *)__builtin_dwarf_cfa())
struct hd_thread *hd_thread_attach_at(bool main, bool guest, char *top);
bool hd_thread_detach(void);                    /* it was the last one, guests excepted */
void hd_thread_forget_values(void);
void hd_thread_begun(void);                     /* a transaction has begun: chooses the evaluator's handlers */
void hd_each_hd_thread(void (*f)(struct hd_thread *ts, void *arg), void *arg);   /* list locked; f must not poll */
void hd_threads_after_fork(void);                /* only the calling thread is left */
/* For gc_config: references of the evaluator (inline caches) and of one thread. */
void hd_eval_roots(struct gc_marker *m);
void hd_ic_reached(void);                       /* a full collection has marked; world stopped */
void hd_eval_thread_roots(void *thread, struct gc_marker *m);
void hd_eval_tell_place(void *thread, const uint64_t *place, FILE *to);     /* for people: whose register is this word? */
/* For stm_config.user_poll. */
void hd_user_poll(void);
int64_t hd_get_recursion_limit(void);
int hd_set_recursion_limit(int64_t n);           /* 0, -1 */

/* -- pending work (poll.c) ----------------------------------------------------------------------------------------------- */
/* Runs the Python handlers of signals that arrived: set by the signal module.  0, -1. */
extern int (*hd_signal_handlers)(void);
/* Async-signal-safe: makes the main thread call hd_signal_handlers at its next poll. */
void hd_signal_arrived(void);
/* Makes `ts` raise exc (a class or an instance; HD_UNBOUND takes it back) at its next poll. */
void hd_set_async_exc(struct hd_thread *ts, hd_value exc);
/* A poll in the middle of a C function, and the work that it finds pending; runs Python.  0, -1. */
int hd_poll_here(struct hd_thread *ts) HD_MUST;
/* Run finalisers and weak reference callbacks that are due, the second one on behalf of the running code, to which warnings then
 * refer.  Whether any object was finalised. */
bool hd_run_finalisers(void);
bool hd_run_finalisers_asked(void);
void hd_ask_for_finalisers(struct hd_thread *ts);       /* a lock was released that they have waited for */
/* Called with each holder whose weak referent died; set by the weakref type. */
extern void (*hd_weak_callback)(void *holder);
extern void (*hd_finalised)(hd_value o);        /* the finaliser of o has run */

/* -- collections that programs ask for (collect.c) ------------------------------------------------------------------------ */
typedef size_t hd_collection(bool (*counts)(const void *object));      /* gc_collect_counting and the like */
/* Runs it with as few dead words on the stacks as possible, then the finalisers, and if there were any once more.  The sum of
 * the results; *runs: how often. */
size_t hd_collect(hd_collection *run, bool (*counts)(const void *object), unsigned *runs);
/* The same for those who are about to refuse something because an object is in use.  If the running instruction has called the C
 * function `called_as` with `args`, its frame and those between are not searched: `kept` has what it still needs.  If not, they are. */
enum { HD_MOST_KEPT = 26 };
void hd_release_garbage(hd_cfunc called_as, const hd_value *args, const hd_value *kept, size_t n);
void hd_begin_walk(void);                        /* the same without finalisers */
void hd_clear_dead_stack(void);                  /* below the caller's frame */

/* -- collections while the process waits (idle.c) -------------------------------------------------------------------------- */
extern uint32_t hd_idle_unarmed;                 /* 1: nothing has been made yet whose end others may wait for */
void hd_idle_allow(void);                        /* the start of the interpreter is over */
void hd_idle_arm_slow(void);
/* Something is about to be made whose finaliser others may wait for. */
static inline void hd_idle_arm(void)
{
    if (STM_UNLIKELY(__atomic_load_n(&hd_idle_unarmed, __ATOMIC_RELAXED))) hd_idle_arm_slow();
}
void hd_idle_end(void);                          /* the process ends: waits (not for ever) for finalisers that run */
void hd_idle_before_fork(void);                  /* the caller cannot abort */
void hd_idle_after_fork_parent(void);
void hd_idle_after_fork_child(void);

/* -- frames (frame.c, traceback.c) ---------------------------------------------------------------------------------------- */
hd_value hd_frame_current(int depth) HD_MUST;    /* frame object `depth` levels above the running frame; HD_ABSENT: too deep */
hd_value hd_frame_of_thread(struct hd_thread *ts) HD_MUST;   /* world stopped or own thread; None if it runs nothing */
bool hd_thread_runs(struct hd_thread *ts);                          /* it is in some Python function */
void hd_drop_dead_temporaries(void);             /* before a collection that was asked for */
void hd_drop_dead_temporaries_at_poll(bool thorough);                /* before others: within bounds */
void hd_drop_dead_temporaries_of(struct hd_thread *ts);             /* one that is away, within bounds; world stopped */
void hd_drop_dead_temporaries_of_others(void);  /* of all that are away; the transaction has just begun */
hd_value hd_current_globals(void);               /* dict of the running frame, or HD_ABSENT without one */
hd_value hd_current_builtins(void);
hd_value hd_current_locals(void) HD_MUST;        /* locals() */
struct hd_code *hd_current_code(void);           /* NULL without a frame */
int hd_current_lineno(void);
/* Arguments of super() without arguments: 0, -1 (RuntimeError). */
int hd_super_arguments(hd_value *type, hd_value *self) HD_MUST;
/* Prints as Python does at top level: "Traceback (most recent call last):" … to `file` (an object with write()). */
int hd_traceback_print(hd_value exc, hd_value file) HD_MUST;
hd_value hd_exc_format(hd_value exc) HD_MUST;    /* the same as a str */

/* -- generators (gen.c) ---------------------------------------------------------------------------------------------------- */
bool hd_is_generator(hd_value v);                /* generator, coroutine or async generator */
/* Sends v into a generator or coroutine.  1: yielded *out, 0: returned *out, -1: raised. */
int hd_gen_send(hd_value gen, hd_value v, hd_value *out) HD_MUST;

/* -- tracing (settrace.c) --------------------------------------------------------------------------------------------------- */
int hd_settrace(hd_value f); int hd_setprofile(hd_value f);     /* HD_UNBOUND: off.  0, -1 */
/* A profiler written in C takes the place of the profile function. */
void hd_observe_calls(hd_value profiler, hd_profile_hook hook);

/* -- inline caches (ic.c) ---------------------------------------------------------------------------------------------------- */
void hd_ic_flush_all(void);                      /* world stopped: a class or something else that caches trust has changed */
#endif
