/* Locks: what _thread.lock and RLock are, usable from C (buffered files, imports).
 *
 * Elision.  Acquiring a free lock inside a transaction reads its word and notes it in hd_ts->elided; nothing is written, so
 * threads that hold one lock run in parallel unless they touch the same data.  Releasing it in the same transaction takes
 * the note back.  A transaction that commits while it holds one writes the word first (hd_locks_committing); it would rather
 * end at the release, so polls put a break off meanwhile and a release polls. */
#ifndef HD_LOCK_H
#define HD_LOCK_H
#include "interp/core/api.h"

struct hd_lock {
    struct hd_mhead head;    /* unit of what a subclass of RLock adds */
    struct stm_unit w;       /* unit of the next two: what follows them is no transactional state */
    hd_islot owner;          /* 0: free; else the ident of the thread that took it */
    hd_islot count;          /* reentrant lock: how often */
    int64_t sleepers;        /* threads parked here; atomic */
    bool reentrant;
};

extern struct hd_type hd_lock_type, hd_rlock_type;
hd_value hd_lock_new(bool reentrant) HD_MUST;
/* timeout_ns < 0: for ever; 0: try.  1 got it, 0 not, -1 error (a signal handler raised, or hd_waits_in_vain).  Runs Python (polls). */
int hd_lock_acquire(hd_value lock, int64_t timeout_ns) HD_MUST;
/* The same for a with statement: what follows is a critical section that ends soon.  Who takes a lock otherwise may keep it
 * for long, as a thread does the lock that tells that it runs. */
int hd_lock_enter(hd_value lock) HD_MUST;
int hd_lock_with(hd_value lock) HD_MUST;        /* the same for the evaluator: an instruction whose registers hold all that counts */
int hd_lock_release(hd_value lock) HD_MUST;       /* 0, -1 RuntimeError */
bool hd_lock_is_held(hd_value lock);
bool hd_lock_is_mine(hd_value rlock);
bool hd_lock_seems_mine(hd_value lock);        /* without a barrier: may be wrong about a lock that is not this thread's */
/* In an atomic block that cannot be undone any more no wait for another thread would end: it is this error instead. */
bool hd_waits_in_vain(void);
hd_value hd_raise_deadlock(void);

/* Hooks of the transactions. */
void hd_locks_committing(void);
#endif
