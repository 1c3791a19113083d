/* Locks with elision.  Rules in lock.h.
 *
 * K1  While a transaction runs, lock L is held by this thread iff L.owner (its own view) says so or L is in ts->elided.
 * K2  An elided lock was read as free and is marked as read: a commit that writes it conflicts.
 * K3  A sleeper that is woken and elides the lock, or gives up, wakes the next: nobody will write the word.
 * K4  Whoever writes "free" wakes the parked threads after the commit; whoever writes "held" wakes them if it aborts, since a
 *     thread that looked at the word without the barrier may have gone to sleep on a value that never was. */
#include "interp/modules/lock.h"
#include "interp/eval/eval.h"
#include <time.h>
#include "interp/core/names.h"
#include "interp/eval/collect.h"
#include "interp/modules/modules.h"

enum { MAX_ELIDED = sizeof ((struct hd_thread *)0)->elided / sizeof(struct hd_elided) };

#define LOCK(v) ((struct hd_lock *)hd_ptr(v))

static int64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static struct hd_elided *elided(const struct hd_lock *l)
{
    struct hd_thread *ts = hd_ts;
    for (uint64_t i = 0; i < ts->n_elided; i++) if (ts->elided[i].lock == hd_obj(l)) return &ts->elided[i];
    return NULL;
}
static void drop_elided(struct hd_elided *e)
{
    struct hd_thread *ts = hd_ts;
    struct hd_elided *last = &ts->elided[--ts->n_elided];
    if (e != last) *e = *last;
    last->lock = HD_UNBOUND;
    bool inside = false;
    for (uint64_t i = 0; i < ts->n_elided; i++) inside |= ts->elided[i].entered;
    stm_set_critical(inside);
}

static int64_t get_owner(struct hd_lock *l) { return HD_GET_AT(&l->w, &l->owner); }
static int64_t get_count(struct hd_lock *l) { return HD_GET_AT(&l->w, &l->count); }
static void open_state(struct hd_lock *l) { stm_open(&l->w, &l->owner, 16, STM_BYTES); }
static void put_state(struct hd_lock *l, int64_t owner, int64_t count)
{
    open_state(l);
    HD_PUT_AT(&l->owner, owner);
    HD_PUT_AT(&l->count, count);
}

/* The address is only a key of the parking lot. */
static void wake(void *l) { stm_unpark(l, 1); }

static int64_t self_id(void) { return (int64_t)hd_ts->ident; }

static void write_held(struct hd_lock *l, int64_t owner, int64_t count)
{
    put_state(l, owner, count);
    stm_on_abort(wake, l);
}

void hd_locks_committing(void)
{
    struct hd_thread *ts = hd_ts;
    if (STM_UNLIKELY(ts == NULL)) return;
    while (STM_UNLIKELY(ts->n_elided)) {
        struct hd_elided *e = &ts->elided[ts->n_elided - 1];
        struct hd_lock *l = LOCK(e->lock);
        write_held(l, self_id(), e->count);
        drop_elided(e);
    }
}

static bool still_held(void *arg)
{
    struct hd_lock *l = arg;
    return __atomic_load_n(&HD_RAW(l->owner), __ATOMIC_ACQUIRE) != 0;
}

/* The lock stays free although somebody got it, or gave up after being woken: the next sleeper can run too. */
static void pass_on(struct hd_lock *l)
{
    if (STM_UNLIKELY(__atomic_load_n(&l->sleepers, __ATOMIC_SEQ_CST))) stm_unpark(l, 1);
}

/* Nobody commits past a transaction that cannot be undone, so nobody can do what it waits for. */
bool hd_waits_in_vain(void) { return stm_atomic_depth() > 0 && stm_is_irrevocable() && !stm_solo(); }
hd_value hd_raise_deadlock(void)
{
    return hd_raise(&hd_exc_RuntimeError, "deadlock: an atomic block that cannot be undone any more waits for another thread");
}

int hd_lock_acquire(hd_value v, int64_t timeout_ns)
{
    struct hd_lock *l = LOCK(v);
    int64_t now = timeout_ns > 0 ? now_ns() : 0, deadline = timeout_ns <= 0 ? -1 : timeout_ns > INT64_MAX - now ? INT64_MAX : now + timeout_ns;
    bool interrupted = false;
    if (hd_ts->n_elided == 0) stm_before_lock();
    for (;;) {
        struct hd_thread *ts = hd_ts;
        struct hd_elided *e = elided(l);
        int64_t owner = get_owner(l);
        if (l->reentrant) {
            if (e) { e->count++; return 1; }
            if (owner == self_id()) {
                put_state(l, owner, get_count(l) + 1);
                return 1;
            }
        } else if (e && timeout_ns == 0) return 0;
        else if (e) hd_locks_committing();                  /* waits for itself, as it asked to: materialise and sleep */
        if (owner == 0 && !e) {
            if (stm_solo()) { write_held(l, self_id(), 1); return 1; }
            if (ts->n_elided < MAX_ELIDED) {
                struct hd_elided *new = &ts->elided[ts->n_elided++];
                new->lock = v, new->count = 1, new->entered = false;
                pass_on(l);
                return 1;
            }
            write_held(l, self_id(), 1);
            if (stm_atomic_depth() == 0) stm_break();       /* publish it: the others shall wait, not run into a conflict */
            return 1;
        }
        /* Not before: whoever waits for a lock that has become free gets it, and the signal comes at the next poll. */
        if (interrupted && hd_check_signals() < 0) { pass_on(l); return -1; }
        interrupted = false;
        if (timeout_ns == 0) return 0;
        if (!still_held(l) && !stm_is_irrevocable()) {       /* released by a transaction that has not committed yet */
            open_state(l);
            if (get_owner(l) == 0) continue;
        }
        if (stm_atomic_depth() > 0 && deadline < 0 && !stm_solo()) {
            if (hd_waits_in_vain()) { hd_raise_deadlock(); return -1; }
            if (stm_is_mine(&l->w)) stm_abort_and_nap();    /* to sleep on what is undone would be for ever */
            stm_abort_and_park(l, still_held, l, &l->sleepers);     /* waits for the lock before the block */
        }
        int token = stm_leave_blocking();
        __atomic_add_fetch(&l->sleepers, 1, __ATOMIC_SEQ_CST);      /* outside transactions: what runs again must not count again */
        enum stm_parked how = stm_park(l, still_held, l, deadline);
        __atomic_sub_fetch(&l->sleepers, 1, __ATOMIC_SEQ_CST);
        stm_enter_blocking(token);
        if (how == STM_PARK_INTERRUPTED || how == STM_PARK_TIMEOUT) {
            interrupted = true;
            if (deadline >= 0 && now_ns() >= deadline) timeout_ns = 0;      /* one last try */
        }
    }
}

/* The usual case: it is free, and no other lock is held. */
static inline bool enter_free(hd_value v)
{
    struct hd_lock *l = LOCK(v);
    struct hd_thread *ts = hd_ts;
    if (ts->n_elided) return false;
    stm_before_lock();
    if (stm_alone() || get_owner(l) != 0) return false;
    ts->elided[0] = (struct hd_elided){ .lock = v, .count = 1, .entered = true };
    ts->n_elided = 1;
    pass_on(l);
    stm_set_critical(true);
    return true;
}

int hd_lock_enter(hd_value v)
{
    if (STM_LIKELY(enter_free(v))) return 1;
    int r = hd_lock_acquire(v, -1);
    struct hd_elided *e = r > 0 ? elided(LOCK(v)) : NULL;
    if (e) {
        e->entered = true;
        stm_set_critical(true);
    }
    return r;
}

/* Somebody else holds it, as far as can be seen without a barrier. */
static inline bool seems_held(hd_value v)
{
    const struct hd_lock *l = LOCK(v);
    int64_t owner = __atomic_load_n(&HD_RAW(l->owner), __ATOMIC_RELAXED);
    return owner != 0 && !(l->reentrant && owner == self_id());
}

static __attribute__((noinline)) int enter_waiting(hd_value v)
{
    char *shown = hd_hide_callers_in_window();
    hd_clear_for_wait();
    HD_FORGET_REGISTERS();
    int r = hd_lock_enter(v);
    if (shown) stm_portal_bare_from(shown);
    return r;
}

int hd_lock_with(hd_value v) { return STM_UNLIKELY(seems_held(v)) ? enter_waiting(v) : hd_lock_enter(v); }

static inline int let_go(struct hd_thread *ts, hd_value v)
{
    if (STM_LIKELY(ts->n_elided == 1 && ts->elided[0].lock == v && ts->elided[0].count == 1)) {
        ts->n_elided = 0;
        ts->elided[0].lock = HD_UNBOUND;
        stm_end_critical();
        return 0;
    }
    struct hd_lock *l = LOCK(v);
    struct hd_elided *e = elided(l);
    if (e) {
        if (--e->count == 0) {
            drop_elided(e);
            stm_poll();
        }
        return 0;
    }
    int64_t owner = get_owner(l), count = get_count(l);
    if (l->reentrant ? owner != self_id() : owner == 0) {
        hd_raise(&hd_exc_RuntimeError, l->reentrant ? "cannot release un-acquired lock" : "release unlocked lock");
        return -1;
    }
    if (l->reentrant && count > 1) {
        put_state(l, owner, count - 1);
        return 0;
    }
    put_state(l, 0, 0);
    bool sleepers = __atomic_load_n(&l->sleepers, __ATOMIC_SEQ_CST) != 0;
    if (!stm_solo() || sleepers) {
        stm_on_commit(wake, l);
        if (sleepers && stm_atomic_depth() == 0) stm_break();      /* a contended lock is handed over at once */
    }
    return 0;
}

int hd_lock_release(hd_value v)
{
    struct hd_thread *ts = hd_ts;
    int r = let_go(ts, v);
    if (STM_UNLIKELY(ts->finalisers_wait)) hd_ask_for_finalisers(ts);
    return r;
}

bool hd_lock_seems_mine(hd_value v) { return __atomic_load_n(&HD_RAW(LOCK(v)->owner), __ATOMIC_RELAXED) == self_id(); }
bool hd_lock_is_held(hd_value v) { return elided(LOCK(v)) || get_owner(LOCK(v)) != 0; }
bool hd_lock_is_mine(hd_value v) { return elided(LOCK(v)) || get_owner(LOCK(v)) == (int64_t)hd_ts->ident; }

hd_value hd_lock_new(bool reentrant)
{
    struct hd_lock *l = hd_new_mutable(reentrant ? &hd_rlock_type : &hd_lock_type, sizeof *l);
    if (!l) return HD_ERR;
    stm_unit_init(&l->w);
    l->reentrant = reentrant;
    return hd_obj(l);
}

/* ---- the types ---------------------------------------------------------------------------------------------------------------- */
static hd_value acquire(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
{
    hd_value a[2];
    if (hd_args("acquire", "|blocking,timeout", args, nargs, kwnames, a) < 0) return HD_ERR;
    int blocking = a[0] == HD_ABSENT ? 1 : hd_truth(a[0]);
    if (blocking < 0) return HD_ERR;
    int64_t ns = -1;
    if (a[1] != HD_ABSENT) {
        double s;
        if (hd_seconds_arg(a[1], 1, &ns) < 0 || hd_as_double(a[1], &s) < 0) return HD_ERR;
        if (!blocking && s != -1) return hd_raise(&hd_exc_ValueError, "can't specify a timeout for a non-blocking call");
        if (s < 0 && s != -1) return hd_raise(&hd_exc_ValueError, "timeout value must be a non-negative number");
        if (s > 9223372036.0) return hd_raise(&hd_exc_OverflowError, "timeout value is too large");
        if (s == -1) ns = -1;
    }
    int r = hd_lock_acquire(self, blocking ? ns : 0);
    /* What came while it waited is handled by the instruction that waited: those around it know what they had then. */
    return r < 0 || hd_check_signals() < 0 ? HD_ERR : hd_bool(r);
}
static hd_value release(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
{
    return hd_lock_release(self) < 0 ? HD_ERR : HD_NONE;
}
static hd_value enter(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
{
    return hd_lock_enter(self) < 0 ? HD_ERR : HD_TRUE;
}
static hd_value locked(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames) { return hd_bool(hd_lock_is_held(self)); }
static hd_value reinit(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
{
    struct hd_elided *e = elided(LOCK(self));
    if (e) drop_elided(e);
    put_state(LOCK(self), 0, 0);
    return HD_NONE;
}
static hd_value is_owned(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames) { return hd_bool(hd_lock_is_mine(self)); }
/* Condition.wait: gives a reentrant lock up completely, whatever its count. */
static hd_value release_save(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
{
    struct hd_lock *l = LOCK(self);
    struct hd_elided *e = elided(l);
    int64_t count;
    if (e) {
        count = e->count;
        drop_elided(e);
    } else {
        if (get_owner(l) != (int64_t)hd_ts->ident) return hd_raise(&hd_exc_RuntimeError, "cannot release un-acquired lock");
        count = get_count(l);
        put_state(l, (int64_t)hd_ts->ident, 1);
        if (hd_lock_release(self) < 0) return HD_ERR;
    }
    return hd_tuplev(hd_int(count), hd_int_u64(hd_ts->ident));
}
static hd_value acquire_restore(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
{
    int64_t count;
    hd_value interrupt = HD_UNBOUND;
    if (!hd_is_tuple(args[0]) || HD_TUPLE(args[0])->len != 2) return hd_raise(&hd_exc_TypeError, "_acquire_restore() argument 1 must be 2-item tuple");
    if (hd_as_i64(HD_TUPLE(args[0])->item[0], &count) < 0) return HD_ERR;
    /* The caller's `with` will release it: what a signal handler raises comes when the lock is held. */
    while (hd_lock_acquire(self, -1) < 0) {
        if (hd_waits_in_vain()) return HD_ERR;
        interrupt = hd_exc_take();
    }
    struct hd_elided *e = elided(LOCK(self));
    if (e) e->count = count;
    else put_state(LOCK(self), get_owner(LOCK(self)), count);
    if (interrupt == HD_UNBOUND) return HD_NONE;
    hd_exc_put(interrupt);
    return HD_ERR;
}
static hd_value lock_repr(hd_value self)
{
    return hd_str_format("<%s %s object at %p>", hd_lock_is_held(self) ? "locked" : "unlocked", hd_type_name(hd_type_of(self)), hd_ptr(self));
}
static hd_value rlock_repr(hd_value self)
{
    struct hd_lock *l = LOCK(self);
    struct hd_elided *e = elided(l);
    int64_t owner = e ? (int64_t)hd_ts->ident : get_owner(l), count = e ? e->count : get_count(l);
    return hd_str_format("<%s %s object owner=%lld count=%lld at %p>", owner ? "locked" : "unlocked", hd_type_name(hd_type_of(self)),
                         (long long)owner, (long long)count, hd_ptr(self));
}
static hd_value rlock_make(hd_value type, const hd_value *args, size_t nargs, hd_value kwnames)
{
    hd_value v = hd_alloc_instance(HD_TYPE(type), 0);
    if (v != HD_ERR) {
        stm_unit_init(&LOCK(v)->w);
        LOCK(v)->reentrant = true;
    }
    return v;
}

HD_WAITS_IF(acquire, STM_UNLIKELY(seems_held(self)))
HD_WAITS_IF(enter, STM_UNLIKELY(seems_held(self)))

static const struct hd_methoddef lock_methods[] = {
    { "acquire", acquire_waits, 0, -1, HD_METH_KW, "acquire(blocking=True, timeout=-1) -> bool\n\nTakes the lock; False if it is not to be had in time." },
    { "acquire_lock", acquire_waits, 0, -1, HD_METH_KW, "acquire_lock(blocking=True, timeout=-1) -> bool\n\nOld name of acquire()." },
    { "release", release, 0, 0, 0, "release()\n\nFrees the lock." },
    { "release_lock", release, 0, 0, 0, "release_lock()\n\nOld name of release()." },
    { "locked", locked, 0, 0, 0, "locked() -> bool\n\nWhether somebody holds it." },
    { "locked_lock", locked, 0, 0, 0, "locked_lock() -> bool\n\nOld name of locked()." },
    { "__enter__", enter_waits, 0, 0, 0, "Takes the lock." },
    { "__exit__", release, 0, 3, 0, "Frees the lock." },
    { "_at_fork_reinit", reinit, 0, 0, 0, NULL },
    { 0 }
};
static const struct hd_methoddef rlock_methods[] = {
    { "acquire", acquire_waits, 0, -1, HD_METH_KW, "acquire(blocking=True, timeout=-1) -> bool\n\nTakes the lock; its holder may take it again." },
    { "release", release, 0, 0, 0, "release()\n\nFrees it once." },
    { "_is_owned", is_owned, 0, 0, 0, NULL },
    { "_acquire_restore", acquire_restore, 1, 1, 0, NULL },
    { "_release_save", release_save, 0, 0, 0, NULL },
    { "__enter__", enter_waits, 0, 0, 0, "Takes the lock." },
    { "__exit__", release, 0, 3, 0, "Frees the lock once." },
    { "_at_fork_reinit", reinit, 0, 0, 0, NULL },
    { 0 }
};
struct hd_type hd_lock_type = {
    .cname = "_thread.lock", .basicsize = sizeof(struct hd_lock), .flags = HD_TF_HAS_WEAKREFS | HD_TF_NEVER_INSTANTIATE,
    .doc = "A lock: free or held, by nobody in particular.", .methods = lock_methods, .op = { .repr = lock_repr },
};
struct hd_type hd_rlock_type = {
    .cname = "_thread.RLock", .basicsize = sizeof(struct hd_lock), .flags = HD_TF_BASETYPE | HD_TF_HAS_WEAKREFS,
    .doc = "A lock that its holder may take again.", .methods = rlock_methods, .op = { .repr = rlock_repr, .make = rlock_make },
};
