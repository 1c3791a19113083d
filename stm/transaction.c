/* Transactions of a thread: begin (the restart point), end, abort, polls, irrevocable and solo mode.
 *
 * T1  in_tx holds from the snapshot to the end of commit or abort; between, rv_pub is at most rv.
 * T2  A revocable transaction has an open restart point.  So has an irrevocable one that is irrevocable only to make progress:
 *     nobody else ends it, but it can give way.  stm_become_irrevocable closes the restart point.  A solo one has none.
 * T3  Solo: foreign == 0 and mark_mask == 0, so barriers do nothing; the one transaction is never ended, has no records and
 *     no snapshot.  Its end is one tick of the clock. */
#define STM_BUILD
#include "stm/stm_internal.h"
#include <string.h>

enum { MAX_FAILURES = 8, MAX_ABORTS = 100,  /* in a row; then the next attempt is irrevocable */
       N_LONG = 4,                           /* in a row; then the next uses the largest table of markers */
       N_BRIEF = 8,                          /* this many more than others have been brief: then the next uses a small table */
       TINY = 4, BRIEF = 8,                  /* microseconds */
       NAP_MIN = 50000, NAP_MAX = 10000000   /* ns */ };

_Thread_local struct stm_context *stm_me;
_Thread_local struct stm_thread *stm_self;
uint32_t stm_solo_state, stm_solo_wanted_off;
struct stm_thread *stm_solo_thread;

/* Acquire: whose solo mode another thread has ended (stm_exit_solo) takes a context only after that one has taken its old one. */
bool stm_solo(void) { return stm_load32_acquire(&stm_solo_state) != STM_SOLO_OFF; }
bool stm_is_irrevocable(void) { return stm_current()->irrevocable && !stm_rewind_is_open(&stm_self->rewind); }

/* -- begin ------------------------------------------------------------------------------------------------------------ */
/* Bytes of the markers' table; of all for the number behind the last. */
size_t stm_marker_bytes(unsigned table)
{
    static const uint32_t bytes[] = { 1 << 15, 1 << 17, 1 << 20, 1 << 22,
                                      (1 << 15) + (1 << 17) + (1 << 20) + (1 << 22) + STM_MARKER_TABLES * STM_MARKER_EPOCHS };
    return bytes[table];
}

static unsigned marker_table(struct context *c, uint64_t now)
{
    if (c->come_and_go) {
        c->n_long = c->n_brief = 0;
        return STM_MARKER_SHORT;
    }
    if (stm_was_brief(c, now, BRIEF)) {
        c->n_long = 0;
        if (c->n_brief < 2 * N_BRIEF) c->n_brief++;
        if (c->n_brief < N_BRIEF) return STM_MARKER_MEDIUM;
        return stm_was_brief(c, now, TINY) ? STM_MARKER_TINY : STM_MARKER_SHORT;
    }
    c->n_brief -= c->n_brief < N_BRIEF / 2 ? c->n_brief : N_BRIEF / 2;
    return ++c->n_long < N_LONG ? STM_MARKER_MEDIUM : STM_MARKER_WHOLE;
}

static void next_epoch_of_markers(struct context *c, uint64_t now)
{
    unsigned i = marker_table(c, now);
    size_t bytes = stm_marker_bytes(i);
    if (STM_UNLIKELY(++c->markers[i].epoch == 0)) {
        memset(c->markers[i].bytes, 0, bytes + STM_MARKER_EPOCHS);
        c->markers[i].epoch = 1;
    }
    c->pub.markers = c->markers[i].bytes + c->markers[i].epoch;
    c->pub.mark_mask = bytes - 1;
}

/* An older clock is published before the snapshot is taken: whoever looks for the horizon between sees it (6).  A transaction
 * that follows a logged commit begins at its version: rv_pub has not been above that since the one before began, and the clock,
 * whose cache line every commit takes away, need not be read. */
static void take_snapshot(struct context *c)
{
    if (c->next_rv) {
        c->rv = c->next_rv;
        c->next_rv = 0;
        stm_step(STM_STEP_BEGIN);
        stm_store_release(&c->rv_pub, c->rv);
        return;
    }
#if STM_MUTATE == 6
    c->rv = stm_clock();
    stm_step(STM_STEP_BEGIN);
    stm_store_release(&c->rv_pub, c->rv);
#else
    stm_store_relaxed(&c->rv_pub, stm_clock());
    stm_fence_full();
    stm_step(STM_STEP_BEGIN);
    c->rv = stm_clock();
    stm_store_release(&c->rv_pub, c->rv);
#endif
}

static void start(struct context *c, struct stm_thread *t)
{
    while (stm_stop_asked()) stm_safepoint();
    bool irrevocable = t->failures >= MAX_FAILURES || t->want_irrevocable;
    if (STM_UNLIKELY(irrevocable)) stm_take_token(c);
    uint64_t now = stm_cycles();
    next_epoch_of_markers(c, now);
    stm_store_release(&c->status, stm_outcome(STM_ACTIVE, 0));
    stm_new_range(c);
    take_snapshot(c);
    stm_learn_past(c);
    if (t->aborts == 0) stm_store_release(&c->age, c->rv << 10 | c->pub.index);
    c->in_tx = true;
    c->stats.begun++;
    c->before = STM_INF;
    c->conflict = STM_CONFLICT_OTHER, c->conflict_unit = 0;
    c->critical = false;
    c->n_marked = 0;
    stm_length_begun(c, now);
    if (STM_UNLIKELY(irrevocable)) {
        t->want_irrevocable = true;
        stm_reserve_log(c);
        t->want_irrevocable = false;
        if (t->no_way_back) stm_rewind_forget(&t->rewind);
        t->no_way_back = false;
    }
}

static void save_ranges(struct stm_thread *t)
{
    for (unsigned i = 0; i < t->n_saved; i++) memcpy(t->saved[i].copy, t->saved[i].lo, t->saved[i].size);
    t->begin_atomic_depth = t->atomic_depth;
    if (!t->current_window) return;
    uint64_t *lo = NULL, *hi = NULL;
    t->current_window(t->user, &lo, &hi);
    if (!lo) return;
    if (stm_rewind_window_begin(&t->rewind, lo, hi) < 0) t->want_irrevocable = t->no_way_back = true;
}

/* Another thread is solo: this one has come too early. */
static void wait_for_turn(void)
{
    stm_give_up_context();
    stm_let_solo_end();
    stm_take_context();
}

static void park_first(struct stm_thread *t)
{
    const void *address = t->park_first.address;
    void *arg = t->park_first.arg;           /* the collector finds it on this stack */
    int64_t *sleepers = t->park_first.sleepers;
    t->park_first.address = NULL;
    t->aborts = t->failures = 0;             /* it waited for something, it did not fail */
    stm_give_up_context();
    if (sleepers) stm_add_full(sleepers, 1);
    enum stm_parked how = stm_park(address, t->park_first.still_wanted, arg, t->park_first.deadline);
    if (sleepers) stm_add_full(sleepers, (uint64_t)-1);
    if (how == STM_PARK_WOKEN) stm_unpark(address, 1);
    stm_take_context();
    while (STM_UNLIKELY(stm_load32_relaxed(&stm_guests)) && stm_solo()) wait_for_turn();
    stm_rewind_forget(&t->rewind);
}

/* Control comes back here after each abort, with the stack as it was at the first return of stm_rewind_begin. */
void stm_transaction_begin(void)
{
    struct stm_thread *t = stm_self;
    stm_rewind_forget(&t->rewind);
    for (enum stm_claim claim; stm_may_be_alone() && (claim = stm_claim_solo()) != STM_CLAIM_NO; wait_for_turn()) {
        if (claim == STM_CLAIM_TAKEN) continue;
        stm_enter_solo(t->context);
        stm_announce_begun(t->context);
        return;
    }
    for (;;) {
        save_ranges(t);
        int how = stm_rewind_begin(&t->rewind);
        if (how == STM_REWIND_FIRST) break;
        if (how == STM_REWIND_NOMEM) { t->want_irrevocable = true; break; }
        for (unsigned i = 0; i < t->n_saved; i++) memcpy(t->saved[i].lo, t->saved[i].copy, t->saved[i].size);
        if (STM_LIKELY(!t->park_first.address)) {
            stm_back_off(t, t->context);
            if (stm_conf.rolled_back) stm_conf.rolled_back(t->user);
            break;
        }
        if (stm_conf.rolled_back) stm_conf.rolled_back(t->user);
        park_first(t);                       /* another restart point, at the same place */
    }
    struct context *c = t->context;
    start(c, t);
    stm_announce_begun(c);
}

/* -- end ---------------------------------------------------------------------------------------------------------------- */
static void wake_watchers(struct context *c)
{
    if (STM_LIKELY(stm_load32_relaxed(&c->watchers) == 0)) return;
    stm_add32_full(&c->ended_word, 1);
    stm_futex_wake(&c->ended_word, INT32_MAX);
}

/* In turn, whatever happens: an irrevocable transaction may abort before it has really begun. */
void stm_announce_begun(struct context *c)
{
    c->announced = true;
    if (stm_conf.begun) stm_conf.begun();
}

void stm_announce_ended(struct context *c, bool committed)
{
    if (!c->announced) return;
    c->announced = false;
    if (stm_conf.ended) stm_conf.ended(committed);
}

void stm_transaction_end(struct context *c, bool committed)
{
    struct stm_thread *t = c->pub.thread;
    stm_step(STM_STEP_ENDED);
    stm_stamp(c);
    c->goes_on = false;
    if (!c->next_rv) stm_store_release(&c->rv_pub, STM_INF);
    if (STM_UNLIKELY(c->irrevocable)) {
        c->irrevocable = false;
        stm_fence_full();                                  /* whoever waits for me may sleep long: no wake-up is missed */
        stm_end_hold();
    }
    stm_drop_token(c);
    wake_watchers(c);
    stm_store32_relaxed(&c->waits_on, 0);
    c->in_tx = false;
    stm_clear_transaction(c);
    if (committed) t->aborts = t->failures = 0;
    else c->count_useful = false;
    c->reprieved = false;
    struct stm_actions *run = committed ? &c->on_commit : &c->on_abort, *drop = committed ? &c->on_abort : &c->on_commit;
    drop->n = 0;
    if (STM_UNLIKELY(run->n)) stm_run_actions(run);
    stm_announce_ended(c, committed);
}

void (*stm_conflict_hook)(enum stm_conflict why, const void *unit, uint64_t lost_ns);

static void explain(struct context *c)
{
    enum stm_conflict why = c->conflict;
    uintptr_t unit = c->conflict_unit;
    if (stm_doomed(c)) why = STM_CONFLICT_WRITE, unit = (uintptr_t)stm_load_relaxed(&c->doomed_unit);
    stm_conflict_hook(why, (const void *)unit, stm_cycles_to_ns(stm_cycles() - c->begin_cycles));
}

_Noreturn void stm_abort(void)
{
    struct context *c = stm_current();
    struct stm_thread *t = stm_self;
    if (STM_UNLIKELY(stm_stopped_by_me())) stm_fatal("a transaction aborts that has stopped the world");
    if (STM_UNLIKELY(c->irrevocable)) {
        if (stm_is_irrevocable()) stm_fatal("an irrevocable transaction aborts");
        stm_release_log(c);
        t->want_irrevocable = true;          /* again, when it has given way */
    }
    c->stats.aborts++;
    if (STM_UNLIKELY(stm_conflict_hook != NULL)) explain(c);
    c->full_length = true, c->come_and_go = false;
    stm_lost_work(c);
    stm_restore_records(c);
    stm_fence_full();
    uint64_t outcome = stm_outcome(STM_ABORTED, stm_clock());
    stm_store_release(&c->status, outcome);
    stm_retire(c, outcome);
    t->atomic_depth = t->begin_atomic_depth;
    if (STM_UNLIKELY(t->nested != NULL)) stm_nested_rollback(t);
    stm_transaction_end(c, false);
    t->aborts++;
    if (c->conflict != STM_CONFLICT_YOUNGER || t->aborts > MAX_ABORTS) t->failures++;
    stm_length_aborted(c);
    stm_rewind_restart(&t->rewind);
}

static _Noreturn void abort_and_park(struct stm_thread *t)
{
    if (t->atomic_depth && t->block_pos != stm_current()->start_pos) {
        t->park_first.address = NULL;        /* not yet */
        t->split = true;
        stm_current()->conflict = STM_CONFLICT_YOUNGER;    /* no failure */
        stm_abort();
    }
    stm_abort();
}

_Noreturn void stm_abort_and_park(const void *address, bool (*still_wanted)(void *arg), void *arg, int64_t *sleepers)
{
    struct stm_thread *t = stm_self;
    t->park_first.address = address, t->park_first.still_wanted = still_wanted, t->park_first.arg = arg;
    t->park_first.sleepers = sleepers, t->park_first.deadline = -1;
    abort_and_park(t);
}

static bool always(void *arg) { (void)arg; return true; }

_Noreturn void stm_abort_and_nap(void)
{
    struct stm_thread *t = stm_self;
    uint64_t now = stm_now_ns();
    if (now > t->nap_end + 2 * NAP_MAX) t->nap_ns = NAP_MIN;
    else if (t->nap_ns < NAP_MAX) t->nap_ns *= 2;
    t->nap_end = now + t->nap_ns;
    t->park_first.address = &t->nap_ns, t->park_first.still_wanted = always, t->park_first.arg = NULL;
    t->park_first.sleepers = NULL, t->park_first.deadline = (int64_t)t->nap_end;
    abort_and_park(t);
}

void stm_on_commit(void (*f)(void *), void *arg)
{
    struct context *c = stm_current();
    stm_add_action(&c->on_commit, f, arg);
    if (stm_solo()) stm_or32_full(&c->pub.poll, STM_POLL_SOON);
}

void stm_on_abort(void (*f)(void *), void *arg)
{
    struct context *c = stm_current();
    if (!stm_solo()) stm_add_action(&c->on_abort, f, arg);
}

/* -- polls --------------------------------------------------------------------------------------------------------------- */
/* What a solo transaction does at a poll instead of committing. */
static void settle_solo(struct context *c)
{
    if (stm_self->atomic_depth) {
        if (c->on_commit.n) stm_or32_full(&c->pub.poll, STM_POLL_SOON);
        return;
    }
    if (c->arena) stm_arena_reset(c);
    if (c->on_commit.n) stm_run_actions(&c->on_commit);
}

/* Outside atomic blocks, and not solo. */
static inline void break_here(struct context *c)
{
    c->goes_on = true;
    stm_commit(c);
    c->full_length = true, c->come_and_go = false;
    c->stats.breaks++;
    stm_hand_over(c);
    if (STM_UNLIKELY(stm_load32_relaxed(&c->hand_over))) {
        stm_store32_relaxed(&c->hand_over, 0);             /* also if those who waited have gone: each poll would be a break */
        if (stm_load32_relaxed(&stm_pool_waiters)) stm_give_way();
    }
    stm_transaction_begin();
}

/* The poll bits ask for nothing but the end of a transaction that has only just begun. */
static inline bool not_yet(struct context *c, uint32_t bits)
{
    if (bits & ~(uint32_t)(STM_POLL_TICK | STM_POLL_SOON) || STM_UNLIKELY(stm_stress_on) || c->pub.foreign == 0) return false;
    if (c->critical && stm_in_grace(c)) return true;
    return !(bits & STM_POLL_SOON) && c->always_poll && !stm_length_over(c);
}

/* `more`: reasons that the caller knows. */
static inline __attribute__((always_inline)) bool poll_for(uint32_t more)
{
    struct context *c = stm_current();
    uint32_t bits = stm_load32_relaxed(&c->pub.poll);
    if (not_yet(c, bits | more)) return false;
    struct stm_thread *t = stm_self;
    if (bits) {
        bits = stm_swap32_full(&c->pub.poll, c->always_poll ? STM_POLL_TICK : 0);
        if (STM_UNLIKELY(bits & STM_POLL_USER)) stm_or32_full(&c->pub.poll, STM_POLL_USER);      /* until its work is done, see stm_user_work */
    }
    bits |= more;
    stm_step(STM_STEP_POLL);
    if (!c->irrevocable && stm_doomed(c)) {
        if (t->atomic_depth || !stm_reprieve(c)) stm_abort();
        c->reprieved = true;
        stm_break();
        return true;
    }
    if (bits & STM_POLL_STOP) {
        if (stm_load32_acquire(&stm_solo_wanted_off) && stm_solo()) { stm_leave_solo(); return true; }
        if (stm_must_settle() && !t->atomic_depth && !c->irrevocable) {
            stm_or32_full(&c->pub.poll, bits & ~(uint32_t)STM_POLL_STOP);
            stm_break();                     /* the begin is a safepoint */
            return true;
        }
        if (stm_stop_asked()) stm_safepoint();
        if (!c->irrevocable && stm_doomed(c)) stm_abort();
    }
    if (bits & STM_POLL_GC && stm_conf.user_poll) {
        stm_conf.user_poll();
        c = stm_current();
    }
    stm_inject(c);
    if (stm_solo()) {
        if (bits & STM_POLL_SOON) settle_solo(c);
        return true;
    }
    if (t->atomic_depth) {
        uint64_t behind = c->irrevocable ? 0 : stm_clock() - c->rv;    /* holds back reuse, and the log has an end */
        if (behind > (bits & STM_POLL_SOON ? 0 : (1u << STM_LOG_BITS) / 8)) stm_extend(c);
        return true;
    }
    if (!(bits & STM_POLL_SOON) && !stm_load32_relaxed(&c->hand_over)) {
        if (!(bits & STM_POLL_TICK)) return true;
        if (stm_stress_on && !stm_length_over(c)) return true;
    }
    if (bits & STM_POLL_TICK && !(bits & STM_POLL_SOON)) stm_length_ticked(c);
    c->count_useful = true;
    break_here(c);
    return true;
}

bool stm_poll_slow(void) { return poll_for(0); }
void stm_poll_soon(void) { (void)poll_for(STM_POLL_SOON); }

void stm_poll_doomed(void)
{
    struct context *c = stm_current();
    if (!c->irrevocable && stm_doomed(c)) stm_abort();
}

void stm_break(void)
{
    struct context *c = stm_current();
    if (stm_self->atomic_depth) return;
    if (stm_solo()) { settle_solo(c); return; }
    break_here(c);
}

bool stm_may_defer(void)
{
    const struct context *c = stm_current();
    return c->pub.foreign != 0 && !c->irrevocable && !stm_nested_in(stm_self);
}

void stm_do_deferred_slow(void) { stm_conf.do_deferred(); }

void stm_become_irrevocable(void)
{
    struct context *c = stm_current();
    if (c->irrevocable) {
        stm_rewind_forget(&stm_self->rewind);
        return;
    }
    stm_finish(c);
    stm_self->want_irrevocable = true;       /* for the next attempt, should this one abort on the way */
    stm_take_token(c);
    stm_reserve_log(c);
    stm_self->want_irrevocable = false;
    stm_rewind_forget(&stm_self->rewind);
}

/* -- solo --------------------------------------------------------------------------------------------------------------------- */
void stm_enter_solo(struct context *c)
{
    stm_forget_snapshot(c);
    stm_store_pointer_release(&stm_solo_thread, stm_self);
    c->pub.foreign = 0;
    c->pub.mark_mask = 0;
    stm_store_release(&c->status, stm_outcome(STM_ACTIVE, 0));
    stm_new_range(c);
    c->in_tx = true;
    c->irrevocable = true;
    c->stats.begun++;
    stm_store32_release(&stm_solo_state, STM_SOLO_IN);
}

/* The solo transaction ends; the caller runs it, or its thread has left. */
void stm_exit_solo(struct context *c)
{
    stm_commit_solo(c);
    c->in_tx = false;
    c->irrevocable = false;
    c->pub.foreign = ~c->code & STM_OWNER_MASK;
    c->pub.mark_mask = stm_marker_bytes(0) - 1;
    c->stats.solo_exits++;
    stm_store_pointer_release(&stm_solo_thread, NULL);
    stm_store32_release(&stm_solo_wanted_off, 0);
    stm_store32_release(&stm_solo_state, STM_SOLO_OFF);
}

void stm_leave_solo(void)
{
    struct context *c = stm_current();
    stm_forbid_solo();
    if (!stm_solo()) { stm_ticker_start(); return; }       /* under stress there never was a solo mode */
    if (stm_conf.committing) stm_conf.committing();
    stm_exit_solo(c);
    stm_clear_transaction(c);
    if (c->on_commit.n && !stm_self->atomic_depth) stm_run_actions(&c->on_commit);
    stm_announce_ended(c, true);
    stm_ticker_start();
    /* Inside an atomic block nobody else existed so far: what follows is irrevocable, and the block stays indivisible. */
    if (stm_self->atomic_depth) stm_self->want_irrevocable = stm_self->no_way_back = true;
    stm_transaction_begin();
}
