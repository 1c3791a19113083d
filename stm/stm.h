/* Software transactional memory: the public interface.
 *
 * Memory that transactions share is divided into units.  A unit is a run of 8-byte slots together with one ownership
 * word (struct stm_unit): usually a whole object, for large arrays one chunk.  Readers load a slot and then test the
 * unit's word; writers open the unit and then store in place.  The protocol is described in stm/README.md.
 *
 * This header holds what must be inline: the barriers, the poll and the hot part of a context.
 * Nothing here knows what an object looks like. */
#ifndef STM_STM_H
#define STM_STM_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STM_LIKELY(x)   __builtin_expect(!!(x), 1)
#define STM_UNLIKELY(x) __builtin_expect(!!(x), 0)

/* Test builds: STM_MUTATE removes a rule of the protocol, STM_STEPS calls stm_step_hook between all steps of the inline
 * barriers too (elsewhere it is called at steps of the slow paths). */
#ifndef STM_MUTATE
#define STM_MUTATE 0
#endif
enum stm_step {
    STM_STEP_READ, STM_STEP_READ_CHECKED, STM_STEP_OPEN, STM_STEP_STORED, STM_STEP_SLOW_WORD, STM_STEP_SLOW_SHARED, STM_STEP_SLOW_LOOKED,
    STM_STEP_SLOW_COPY, STM_STEP_SLOW_CLEAR, STM_STEP_SLOW_LOADED, STM_STEP_OPEN_COPIED, STM_STEP_OPEN_DONE, STM_STEP_BEGIN,
    STM_STEP_CHECKING, STM_STEP_SCANNED, STM_STEP_VALIDATED, STM_STEP_COMMITTING, STM_STEP_APPENDED, STM_STEP_CLOCK, STM_STEP_PRIVATE,
    STM_STEP_ENDED, STM_STEP_RESTORED, STM_STEP_HORIZON, STM_STEP_ROW, STM_STEP_PENDING, STM_STEP_WAIT, STM_STEP_POLL, STM_N_STEPS
};
extern void (*stm_step_hook)(enum stm_step step);
static inline void stm_step(enum stm_step step) { if (STM_UNLIKELY(stm_step_hook != NULL)) stm_step_hook(step); }
#ifdef STM_STEPS
#define stm_inline_step(step) stm_step(step)
#else
#define stm_inline_step(step) ((void)0)
#endif

/* Ownership word: [ owner code:12 ][ position:51 ][ shared:1 ].  0: quiescent, older than every running transaction. */
struct stm_unit { uint64_t w_; };

/* What the bytes of a unit hold, for the collector's benefit. */
enum stm_unit_kind {
    STM_OBJECT,   /* the unit is a whole object; its data starts at the object's first word and includes the unit word */
    STM_VALUES,   /* an array of value words inside a larger object */
    STM_BYTES     /* bytes without references inside a larger object */
};

/* Reasons for leaving the fast path at the next poll; bits of stm_context.poll. */
enum {
    STM_POLL_TICK   = 1,    /* the transaction is long enough: commit and begin again */
    STM_POLL_DOOMED = 2,    /* another transaction needs what this one holds: abort */
    STM_POLL_SOON   = 4,    /* somebody waits for this transaction: commit soon */
    STM_POLL_STOP   = 8,    /* safepoint: somebody stops the world */
    STM_POLL_GC     = 16,   /* this context asks for a collection */
    STM_POLL_USER   = 32    /* pending work of the language: signals, asynchronous exceptions, finalisers; stays set until
                               stm_user_work: polls of C functions, and transactions that abort, do not do it */
};

/* The part of a context that inline code touches.  Only the thread that runs on the context writes it, except `poll`. */
struct stm_context {
    uint64_t foreign;       /* (W & foreign) == 0: nobody's or mine.  0 in solo mode */
    uint64_t base;          /* (W - base) < 2^51: opened or allocated by me in the current epoch */
    uint64_t fresh;         /* the word that a new unit gets */
    uint8_t *markers;       /* read markers, one byte each, indexed by (address >> 4) & mark_mask.  The low byte of this pointer
                               is the value of a mark: the table is aligned, and each epoch begins one byte further up in it */
    uintptr_t mark_mask;    /* 0 in solo mode: all marks fall on one byte */
    uint32_t poll;          /* STM_POLL_* bits, set by anyone with an atomic or */
    uint32_t index;         /* 0 .. stm_context_count()-1 */
    void *gc;               /* the collector's per-context state */
    struct stm_thread *thread;   /* who runs on it */
    uint32_t careful;       /* so many locks are not taken in a transaction that has worked long without one: such work was lost lately */
    const void *deferred;   /* an object that the running transaction has put off writing to, or NULL: see stm_may_defer */
};

extern _Thread_local struct stm_context *stm_me;   /* NULL while the thread holds no context */

/* -- slow paths; each may abort (and then does not return) ------------------------------------------------------- */
uint64_t stm_read_slow(struct stm_unit *u, const void *slot);        /* marks, so that nothing is left to do after it */
void stm_open_slow(struct stm_unit *u, void *data, size_t size, enum stm_unit_kind kind);

/* A build to measure against (configure --disable-barriers), for one thread that is always solo: reading is a load, and what
 * is left of opening is the test that a generational collector needs without transactions too. */
#ifdef STM_NO_BARRIERS
enum { STM_BARRIERS = 0 };
#else
enum { STM_BARRIERS = 1 };
#endif

#define STM_INLINE static inline __attribute__((always_inline))

STM_INLINE void stm_mark_in(uint8_t *markers, uintptr_t mask, const struct stm_unit *u)
{
    uintptr_t i = ((uintptr_t)u >> 4) & mask;
#if defined(__x86_64__) && !defined(__SANITIZE_THREAD__)
    /* No store, to the compiler: it need not load what it knows of the context again.  Only stm/ looks at marks. */
    __asm__ volatile("movb %b0, (%0,%1)" : : "q"(markers), "r"(i));
#else
    markers[i] = (uint8_t)(uintptr_t)markers;
#endif
}
static inline void stm_mark(const struct stm_unit *u) { if (STM_BARRIERS) stm_mark_in(stm_me->markers, stm_me->mark_mask, u); }

/* What is known about solo mode where a barrier stands, as a constant: nothing; that the thread is alone, because stm_alone()
 * said so and no poll has been reached since; that it need not be tested, since the code is meant for several threads (it is
 * right for one, too).  Only polls, foreign calls and begins change the mode. */
enum stm_mode { STM_EITHER, STM_ALONE, STM_TOGETHER };

/* A load of a slot or of a unit word that others may store to at any time. */
static inline uint64_t stm_load_slot(const volatile void *p)
{
#if defined(__SANITIZE_THREAD__)
    return __atomic_load_n((const volatile uint64_t *)p, __ATOMIC_ACQUIRE);
#elif defined(__x86_64__)
    return *(const volatile uint64_t *)p;
#else
#error "the barriers are written for x86-64: elsewhere the slot needs an acquire load"
#endif
}

/* Reads an 8-byte slot of a unit under the snapshot of the running transaction.  Solo mode, where everything is mine and nothing
 * needs a mark, is a test of its own: it saves more there than it costs elsewhere. */
STM_INLINE uint64_t stm_read_as(enum stm_mode mode, const struct stm_unit *u, const void *slot)
{
    if (!STM_BARRIERS || mode == STM_ALONE) return *(const uint64_t *)slot;
#if STM_MUTATE == 11 || STM_MUTATE == 1101
    stm_mark(u);
#endif
    const struct stm_context *me = stm_me;
#if STM_MUTATE == 8 || STM_MUTATE == 801
    uint64_t foreign = me->foreign, w = stm_load_slot(&u->w_);
    stm_inline_step(STM_STEP_READ);
    uint64_t v = stm_load_slot(slot);
#else
    uint64_t v = stm_load_slot(slot);                      /* volatile loads stay in their order */
    uint64_t foreign = me->foreign;
    if (mode == STM_EITHER && foreign == 0) return v;
    stm_inline_step(STM_STEP_READ);
    uint64_t w = stm_load_slot(&u->w_);
#endif
    if (STM_UNLIKELY(w & foreign)) return stm_read_slow((struct stm_unit *)u, slot);
    stm_inline_step(STM_STEP_READ_CHECKED);
    stm_mark_in(me->markers, me->mark_mask, u);
    return v;
}
static inline uint64_t stm_read(const struct stm_unit *u, const void *slot) { return stm_read_as(STM_EITHER, u, slot); }

/* The same without a mark: for what cannot change once the snapshot shows it. */
uint64_t stm_peek_slow(struct stm_unit *u, const void *slot);
static inline uint64_t stm_peek(const struct stm_unit *u, const void *slot)
{
    uint64_t v = stm_load_slot(slot);
    if (!STM_BARRIERS || STM_LIKELY(!(stm_load_slot(&u->w_) & stm_me->foreign))) return v;
    return stm_peek_slow((struct stm_unit *)u, slot);
}

/* After loads of several slots of a unit: true if they may be used (and marks the unit).  False: load each again
 * with stm_read, which is always right.  Nothing that was loaded may be dereferenced before.  For stm_valid_as the loads
 * must have been volatile. */
STM_INLINE bool stm_valid_as(enum stm_mode mode, const struct stm_unit *u)
{
    if (!STM_BARRIERS || mode == STM_ALONE) return true;
    const struct stm_context *me = stm_me;
    uint64_t foreign = me->foreign;
    if (mode == STM_EITHER && foreign == 0) return true;
    stm_inline_step(STM_STEP_READ);
    if (STM_UNLIKELY(stm_load_slot(&u->w_) & foreign)) return false;
    stm_mark_in(me->markers, me->mark_mask, u);
    return true;
}
/* The same without a mark, where the mark of another unit stands for it: whoever commits a change of what was loaded here logs the
 * address of that unit too (stm_log_address_of).  Between the loads and that mark nothing may stand that could extend the
 * snapshot: no slow path, no other barrier. */
STM_INLINE bool stm_valid_unmarked_as(enum stm_mode mode, const struct stm_unit *u)
{
    if (!STM_BARRIERS || mode == STM_ALONE) return true;
    stm_inline_step(STM_STEP_READ);
    return STM_LIKELY(!(stm_load_slot(&u->w_) & stm_me->foreign));
}
static inline bool stm_valid(const struct stm_unit *u)
{
    __asm__ volatile("" ::: "memory");
    return stm_valid_as(STM_EITHER, u);
}

/* Another context was the last to open the unit, and might still have it open. */
static inline bool stm_is_foreign(const struct stm_unit *u) { return STM_BARRIERS && (stm_load_slot(&u->w_) & stm_me->foreign) != 0; }

/* Opens a unit for writing: afterwards its bytes [data, data + size) may be stored to in place until the next poll.
 * The unit word itself is never restored by an abort, wherever it lies. */
static inline void stm_open(struct stm_unit *u, void *data, size_t size, enum stm_unit_kind kind)
{
    stm_inline_step(STM_STEP_OPEN);
    if (STM_UNLIKELY((stm_load_slot(&u->w_) - stm_me->base) >> 51)) stm_open_slow(u, data, size, kind);
}

/* Opened or allocated by the running transaction. */
bool stm_is_mine(const struct stm_unit *u);

/* What the unit's last owner did to it is committed, or the owner is this transaction.  For objects found by way of memory
 * outside transactions: false may mean that the unit is new and nobody else should see it yet. */
bool stm_settled(const struct stm_unit *u);

/* Allocated in the running epoch: no other transaction can know it.  (False may be wrong.) */
static inline bool stm_is_fresh(const struct stm_unit *u) { return u->w_ == stm_me->fresh; }

/* A unit that was just allocated and that nobody else can reach. */
static inline void stm_unit_init(struct stm_unit *u) { u->w_ = stm_me->fresh; }
/* A unit of an immortal object made before any transaction. */
static inline void stm_unit_init_static(struct stm_unit *u) { u->w_ = 0; }

/* -- process ------------------------------------------------------------------------------------------------------ */
struct stm_config {
    unsigned contexts;                        /* 0: HEDDLE_CONTEXTS, else the number of cores */
    void (*rolled_back)(void *thread_user);   /* after an abort restored memory and stacks, before it runs again */
    void (*user_poll)(void);                  /* STM_POLL_GC at a poll; runs inside a transaction */
    void (*begun)(void);                      /* a transaction began on stm_me (nursery epoch and the like) */
    void (*committing)(void);                 /* before a commit that publishes; may allocate and collect, not abort */
    void (*ended)(bool committed);            /* a transaction ended */
    void (*do_deferred)(void);                /* does what was put off, in the transaction, and sets stm_me->deferred to NULL first;
                                                 like a barrier it may abort */
};
void stm_init(const struct stm_config *config);
unsigned stm_context_count(void);
struct stm_context *stm_context_at(unsigned index);

/* -- threads ------------------------------------------------------------------------------------------------------ */
struct stm_thread;
/* Attaches the calling OS thread.  `stack_top` is the highest address of its C stack that may hold references; what lies
 * below is put back by aborts, so take the frame address of the thread's first function, not the end of the stack, where
 * thread-local storage lies.  It holds no context yet. */
struct stm_thread *stm_thread_attach(void *user, void *stack_top);
/* The same for a thread that works on behalf of the others while they wait, and not for long: it does not end solo mode but
 * takes turns with the only other thread.  stm_all_away does not see it. */
struct stm_thread *stm_thread_attach_guest(void *user, void *stack_top);
void stm_thread_detach(void);
bool stm_thread_away(const struct stm_thread *t);   /* it is outside of transactions and holds no context; world stopped */
struct stm_thread *stm_thread_self(void);
void *stm_thread_user(struct stm_thread *t);
/* Memory of this thread that an abort puts back to its content at the begin (small: interpreter registers). */
void stm_thread_saved_range(struct stm_thread *t, void *lo, size_t size);
void stm_each_thread(void (*f)(struct stm_thread *t, void *arg), void *arg);   /* world stopped */

/* Takes a context (waits for one) and begins a transaction / commits and gives the context back.  Everything that may
 * block, and every foreign call, stands between leave and enter.  While left, no heap slot may be touched. */
void stm_enter(void);
void stm_leave(void);
/* stm_leave that may be refused: inside an atomic block the transaction becomes irrevocable and keeps its context
 * instead.  Returns what stm_enter_blocking must be given. */
int  stm_leave_blocking(void);
void stm_enter_blocking(int token);

/* Every thread waits outside of transactions, or has none to run in.  *times_left: how often threads have left so far; if that
 * is the same as at an earlier look, nobody has been inside meanwhile. */
bool stm_all_away(uint64_t *times_left);
bool stm_only_one_thread(void);       /* guests excepted */
/* While `stm_leave_watched` is not 0, whoever leaves calls `stm_left_hook` (outside transactions) once it has left. */
extern uint32_t stm_leave_watched;
extern void (*stm_left_hook)(void);

/* The slow part of a poll: whatever the poll bits ask for; usually commit and begin.  After an abort control comes back
 * here again with all stacks as they were: to the caller this is an ordinary return.  False: it was too early for all of it. */
bool stm_poll_slow(void);
static inline uint32_t stm_poll_bits(void)
{
#if defined(__SANITIZE_THREAD__)
    return __atomic_load_n(&stm_me->poll, __ATOMIC_RELAXED);
#else
    return *(volatile uint32_t *)&stm_me->poll;
#endif
}
/* STM_POLL_USER was set, and the caller does that work now.  What it takes and an abort does not give back it asks for again. */
bool stm_user_work(void);
static inline void stm_poll(void) { if (STM_UNLIKELY(stm_poll_bits())) (void)stm_poll_slow(); }
/* For long loops in C that hold no restartable state: only notices that the transaction is doomed. */
void stm_poll_doomed(void);
void stm_break(void);                 /* commit and begin now, unless inside an atomic block */
/* While set, polls put off a break that is only a matter of length or of somebody waiting, for a bounded time: a critical
 * section that ends soon is better not cut in two.  Every transaction begins with it unset. */
void stm_set_critical(bool critical);
void stm_end_critical(void);          /* unsets it, and polls */
/* Before a lock is taken, when none is held: where others take it too, conflicts are likely from here on.  Perhaps polls. */
void stm_commit_work(void);
static inline void stm_before_lock(void) { if (STM_UNLIKELY(stm_me->careful)) stm_commit_work(); }
_Noreturn void stm_abort(void);       /* roll back and run again from the begin */
/* Rolls back, sleeps like stm_park without a context, and runs again: how an atomic block waits for what others must commit
 * first.  What was done before the block is committed first.  Since the block may need something else the next time, whoever is
 * woken here wakes the next one.  `*sleepers` is the number of those who sleep (atomic).  An irrevocable transaction cannot. */
_Noreturn void stm_abort_and_park(const void *address, bool (*still_wanted)(void *arg), void *arg, int64_t *sleepers);
/* The same when nobody will say that it can go on: sleeps for a short time, longer if that happens again soon. */
_Noreturn void stm_abort_and_nap(void);
void stm_become_irrevocable(void);    /* may abort first; afterwards this transaction cannot abort */
/* -- deferred writes.  A write whose outcome nobody looks at may wait for the end of the transaction, as adding to a number may:
 * then nothing is read before it, and no unit is open while the transaction runs.  Who puts one off sets stm_me->deferred to the
 * object; all that reads or writes what it would have changed calls stm_do_deferred first; so do commits, and transactions that
 * become irrevocable.  An abort forgets it (stm_config.ended). */
bool stm_may_defer(void);             /* the end is far enough away, and an abort still possible */
void stm_do_deferred_slow(void);
static inline void stm_do_deferred(const void *object) { if (STM_UNLIKELY(stm_me->deferred == object)) stm_do_deferred_slow(); }
static inline bool stm_is_deferred(const void *object) { return STM_UNLIKELY(stm_me->deferred == object); }

bool stm_is_irrevocable(void);        /* it cannot be undone any more; false while it is irrevocable only to make progress */
bool stm_solo(void);                  /* one thread: transactions never end and cost nothing */
static inline bool stm_alone(void) { return !STM_BARRIERS || stm_me->foreign == 0; }      /* the same, for a thread with a context */
void stm_leave_solo(void);            /* before the second thread starts; caller is at a safepoint */

/* Another running transaction has the unit open: opening it now would wait.  A hint. */
bool stm_is_open_elsewhere(const struct stm_unit *u);

/* Atomic blocks nest; while the depth is above zero no poll ends the transaction. */
void stm_atomic_enter(void);
void stm_atomic_leave(void);
int  stm_atomic_depth(void);

/* A block inside an atomic block that can be undone alone: what it stored is kept, or put back without touching stacks.
 * Such blocks nest; each ends with exactly one of the two (an abort ends them all). */
void stm_nested_enter(void);
bool stm_nested_in(const struct stm_thread *t);    /* it is in such a block; world stopped */
void stm_nested_keep(void);
void stm_nested_undo(void);

/* Runs when the running transaction has committed (after it) or has been rolled back (before it runs again).  `f` must
 * not touch transactional memory. */
void stm_on_commit(void (*f)(void *arg), void *arg);
void stm_on_abort(void (*f)(void *arg), void *arg);
/* Temporary memory: freed when the running transaction ends, whichever way.  Not scanned by the collector. */
void *stm_arena_alloc(size_t size);
/* Puts a conflict address into my log entry / marks it as read.  Bit 1 of such an address is set, as it is in no unit's. */
void stm_log_address(uintptr_t address);
/* The same, unless only this context knows `unit` when the transaction commits: for addresses that others mark only after
 * they have read the unit. */
void stm_log_address_of(const struct stm_unit *unit, uintptr_t address);
void stm_mark_address(uintptr_t address);

/* -- portals and windows (restart points at any C depth; stm/rewind.h has the mechanism) --------------------------- */
struct stm_portal { struct stm_portal *prev; char *top, *low; };
/* Declared in the frame of the evaluator's function; enter first, leave last.  The function takes at most six register
 * arguments. */
#define stm_portal_enter(p) stm_portal_enter_at((p), (char *)__builtin_dwarf_cfa())
void stm_portal_enter_at(struct stm_portal *p, char *cfa);
/* The same in a function whose variables hold no references that count while it calls others (barriers may be met in the middle
 * of its work): the collector does not look at them. */
#define stm_portal_enter_bare(p) stm_portal_enter_bare_at((p), (char *)__builtin_dwarf_cfa())
void stm_portal_enter_bare_at(struct stm_portal *p, char *cfa);
void stm_portal_leave(struct stm_portal *p);
void stm_before_stack_write(const void *p);   /* before a store through a pointer into an older C frame */
/* The value stack of a thread grows up.  `current_window` is asked at begin for [lo, hi) of the running window;
 * stm_window_return is called before the window that starts at lo runs again, and before one is popped unseen. */
void stm_thread_value_stack(struct stm_thread *t, void (*current_window)(void *user, uint64_t **lo, uint64_t **hi));
extern _Thread_local uint64_t *stm_window_low;   /* windows below this are not saved yet; NULL: nothing to do */
void stm_window_return_slow(uint64_t *lo);
static inline void stm_window_return(uint64_t *lo) { if (STM_UNLIKELY(lo < stm_window_low)) stm_window_return_slow(lo); }

/* -- parking lot ---------------------------------------------------------------------------------------------------- */
/* Sleeps on `address` unless `still_wanted` (called with the queue locked, outside transactions, must only do atomic
 * loads) says no.  deadline_ns: CLOCK_MONOTONIC, negative: none.  The caller holds no context. */
enum stm_parked { STM_PARK_WOKEN, STM_PARK_REFUSED, STM_PARK_TIMEOUT, STM_PARK_INTERRUPTED };
enum stm_parked stm_park(const void *address, bool (*still_wanted)(void *arg), void *arg, int64_t deadline_ns);
unsigned stm_unpark(const void *address, unsigned n);
void stm_interrupt_parked(struct stm_thread *t);   /* makes its stm_park return INTERRUPTED: a signal arrived */

/* -- safepoints ------------------------------------------------------------------------------------------------------ */
void stm_stop_world(void);      /* returns when every other context is at a safepoint or unused; may abort before that */
/* The same, and what the stacks and registers of the others show is committed: no other transaction runs that could still be
 * undone.  Afterwards the own one is irrevocable. */
void stm_stop_world_settled(void);
void stm_resume_world(void);
/* Makes the transaction irrevocable and lets no other run until it has ended, at the next poll outside of atomic blocks: for
 * changes of what is read without barriers.  Others see all that the transaction did at once, and have nothing open. */
void stm_hold_world(void);
/* For who is about to look at other threads: outside of transactions, waits until each that runs now has waited, ended, or
 * worked for work_ns.  Under a lock of the interpreter it would see them nowhere else.  In an atomic block the wait comes
 * before the block (and aborts), and in one that cannot be undone there is none. */
void stm_await_others(uint64_t work_ns);
void stm_request_poll(struct stm_context *c, uint32_t reasons);
void stm_request_poll_thread(struct stm_thread *t, uint32_t reasons);   /* remembered if it holds no context */
void stm_before_fork(void);
void stm_after_fork_parent(void);
void stm_after_fork_child(void);

/* -- for the collector ------------------------------------------------------------------------------------------------ */
typedef void stm_range_fn(void *arg, const void *lo, const void *hi);
/* C stack, registers, saved slices and windows of a stopped thread or of the caller: to be scanned conservatively. */
void stm_each_root_range(struct stm_thread *t, stm_range_fn *f, void *arg);
/* Units opened since `since` (0: all of the running transaction): place, size, kind, and the copy of the old content
 * (NULL for units opened only for the remembered set). */
typedef void stm_opened_fn(void *arg, void *data, size_t size, enum stm_unit_kind kind, const void *copy);
void stm_each_open(struct stm_context *c, stm_opened_fn *f, void *arg);
/* Starts a new epoch inside the running transaction: every open unit takes the slow path once more. */
void stm_new_epoch(void);
/* Called for each unit put into the remembered set (first opening in an epoch). */
extern void (*stm_remember_hook)(struct stm_context *c, void *data, size_t size, enum stm_unit_kind kind);

/* -- conflicts --------------------------------------------------------------------------------------------------------
 * Called, if set, by a thread that must abort, before anything is rolled back: its frames still show where it was.  `unit`
 * is an address to look up, never to follow: what lived there may be gone (NULL: unknown). */
enum stm_conflict {
    STM_CONFLICT_READ,       /* somebody committed a unit that this transaction had read */
    STM_CONFLICT_WRITE,      /* an older or irrevocable transaction needs a unit that this one has open */
    STM_CONFLICT_YOUNGER,    /* this transaction needs a unit that an older one has open */
    STM_CONFLICT_OTHER       /* the world stops, the log was overrun, on request */
};
extern void (*stm_conflict_hook)(enum stm_conflict why, const void *unit, uint64_t lost_ns);

/* realloc for what cannot fail (need.c): takes memory from a reserve before it gives up.  While memory is low, what can fail
 * should: stm_memory_is_low tries to take the reserve again. */
void *stm_need(void *p, size_t size);
bool stm_memory_is_low(void);
/* The calling thread's small blocks of malloc come from a cache of its own from now on, if there is memory for one. */
void stm_need_cache(void);

/* -- counters ------------------------------------------------------------------------------------------------------- */
struct stm_stats {
    uint64_t begun, commits_logged, commits_private, commits_readonly, aborts, aborts_injected, irrevocable, extends,
             slow_reads, opens, waits, parks, breaks, solo_exits, bytes_copied,
             lost_ns,                /* work that aborts threw away */
             waited_ns;              /* in barriers and between attempts, for other transactions to end */
};
void stm_stats_sum(struct stm_stats *out);
#endif
