/* Stopping the world, safe regions, what the collector scans, fork.
 *
 * S1  `stm_stopping` is set, and `stopped` holds, only between stm_stop_world and stm_resume_world; both change under `world`.
 * S2  A context goes BUSY -> SAFE and back under `world`, and not back while `stopped` holds.  FREE contexts are taken out
 *     of the pool (HELD) while the world is stopped.
 * S3  A thread that stands at a safepoint and is doomed by an irrevocable transaction leaves it to abort, as long as the
 *     world has not stopped: the irrevocable one waits for that before it can reach its own safepoint.
 * S4  While a settled stop is asked for nobody stands still inside a transaction that could be undone: at polls it ends first,
 *     elsewhere it aborts.  The stopper holds the token, so that nothing but commits of others stands in the way of commits.
 * S5  A held stop is a settled one that ends with the stopper's transaction.  No other transaction exists meanwhile, so its
 *     barriers meet nobody; stops that it asks for in between do nothing. */
#define STM_BUILD
#include "stm/stm_internal.h"
#include <pthread.h>
#include <string.h>
#include <time.h>

uint32_t stm_stopping;
static bool stopped;
static uint32_t settling;                 /* with stm_stopping: the stop is a settled one */
static struct stm_thread *stopper;
static bool held;                         /* until the stopper's transaction ends; with `stopped` */
static unsigned inner;                    /* stops of the stopper in a held one */
static pthread_mutex_t world = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t somebody_safe = PTHREAD_COND_INITIALIZER, resumed = PTHREAD_COND_INITIALIZER;

static void timed_wait(pthread_cond_t *cond, long ns)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    t.tv_nsec += ns;
    if (t.tv_nsec >= 1000000000) t.tv_nsec -= 1000000000, t.tv_sec++;
    pthread_cond_timedwait(cond, &world, &t);
}

static bool may_be_undone(const struct context *c) { return c->in_tx && !c->irrevocable; }

bool stm_must_settle(void) { return stm_load32_relaxed(&settling) && stm_stop_asked(); }

static bool all_safe(struct context *me)
{
    bool all = true;
    for (unsigned i = 0; i < stm_n_contexts; i++) {
        struct context *c = stm_contexts[i];
        if (c == me) continue;
        uint32_t s = stm_load32_acquire(&c->state);
        if (s == STM_FREE && stm_cas32_full(&c->state, STM_FREE, STM_HELD)) continue;
        if (s == STM_HELD || (s == STM_SAFE && !(settling && may_be_undone(c)))) continue;
        stm_or32_full(&c->pub.poll, STM_POLL_STOP);
        all = false;
    }
    return all;
}

/* With `world` locked, which is released. */
static void let_go(void)
{
    stopped = false;
    stm_store_pointer_release(&stopper, NULL);
    stm_store32_release(&settling, 0);
    for (unsigned i = 0; i < stm_n_contexts; i++)
        stm_cas32_full(&stm_contexts[i]->state, STM_HELD, STM_FREE);
    stm_store32_release(&stm_stopping, 0);
    pthread_cond_broadcast(&resumed);
    pthread_mutex_unlock(&world);
    stm_pool_offer();
}

static void stop_world(bool settled)
{
    struct context *c = stm_current();
    if (stm_stopped_by_me()) {
        if (!held) stm_fatal("the world is stopped twice");
        inner++;
        return;
    }
    for (;;) {
        pthread_mutex_lock(&world);
        if (!stm_stopping) break;
        pthread_mutex_unlock(&world);
        stm_safepoint();
    }
    stm_store_pointer_release(&stopper, stm_self);
    stm_store32_release(&settling, settled);
    stm_store32_release(&stm_stopping, 1);
    stm_fence_full();                                      /* with stm_give_up_context */
    stm_schedule_leave(c);
    while (!all_safe(c)) {
        if (c->in_tx && !c->irrevocable && stm_doomed(c)) {                     /* S3, for the one that stops the others */
            let_go();
            stm_schedule_join(c);
            if (!settled) stm_or32_full(&c->pub.poll, STM_POLL_GC);      /* that is why worlds are stopped: again later */
            stm_abort();
        }
        timed_wait(&somebody_safe, 1000000);
    }
    stopped = true;
    pthread_mutex_unlock(&world);
    stm_schedule_join(c);
}

void stm_stop_world(void) { stop_world(false); }

void stm_stop_world_settled(void)
{
    struct context *c = stm_current();
    if (c->irrevocable) {
        stm_become_irrevocable();
        stop_world(true);
        return;
    }
    stm_finish(c);
    stm_take_token(c);                                     /* only this: a pending log entry would keep the others from committing */
    stop_world(true);
    if (stm_doomed(c) || !stm_is_valid(c)) {               /* perhaps just before the last of the others stood still */
        stm_resume_world();
        stm_abort();
    }
    stm_reserve_log(c);
    stm_rewind_forget(&stm_self->rewind);
}

bool stm_stopped_by_me(void) { return stm_load32_relaxed(&stm_stopping) && stm_load_pointer_acquire(&stopper) == stm_self; }

void stm_resume_world(void)
{
    if (inner) {
        inner--;
        return;
    }
    pthread_mutex_lock(&world);
    let_go();
}

void stm_hold_world(void)
{
    if (stm_solo()) {
        stm_become_irrevocable();
        return;
    }
    if (!stm_stopped_by_me()) {
        stm_stop_world_settled();
        held = true;
        stm_request_poll(stm_me, STM_POLL_SOON);
    } else if (!held || inner) stm_fatal("the world is held by who stops it for something else");
}

void stm_end_hold(void)
{
    if (!stm_stopped_by_me()) return;
    held = false;
    stm_resume_world();
}

void stm_safepoint(void)
{
    struct context *c = stm_current();
    if (stm_stopped_by_me()) return;
    stm_rewind_spill(stm_self->live_regs);
    stm_schedule_leave(c);
    pthread_mutex_lock(&world);
    while (stm_stopping) {
        if (may_be_undone(c) && (settling || (!stopped && stm_doomed(c)))) {    /* S4, S3 */
            pthread_mutex_unlock(&world);
            stm_schedule_join(c);
            stm_abort();
        }
        stm_store32_release(&c->state, STM_SAFE);
        pthread_cond_signal(&somebody_safe);
        if (stopped) pthread_cond_wait(&resumed, &world);
        else timed_wait(&resumed, 1000000);
        stm_store32_release(&c->state, STM_BUSY);
    }
    pthread_mutex_unlock(&world);
    stm_schedule_join(c);
}

void stm_context_released(void)
{
    pthread_mutex_lock(&world);
    pthread_cond_signal(&somebody_safe);
    pthread_mutex_unlock(&world);
}

void stm_safe_region_enter(void)
{
    struct context *c = stm_current();
    stm_rewind_freeze(&stm_self->rewind);                  /* the frames below the caller's are used for other things now */
    stm_schedule_leave(c);
    stm_me = NULL;
    pthread_mutex_lock(&world);
    stm_store32_release(&c->state, STM_SAFE);
    pthread_cond_signal(&somebody_safe);
    pthread_mutex_unlock(&world);
}

void stm_safe_region_leave(void)
{
    struct context *c = stm_self->context;
    pthread_mutex_lock(&world);
    while (stm_stopping && !stm_stopped_by_me()) pthread_cond_wait(&resumed, &world);
    stm_store32_release(&c->state, STM_BUSY);
    pthread_mutex_unlock(&world);
    stm_me = &c->pub;
    stm_rewind_forget(&stm_self->rewind);
    stm_schedule_join(c);
}

void stm_request_poll(struct stm_context *c, uint32_t reasons)
{
    stm_or32_full(&c->poll, reasons);
}

bool stm_user_work(void)
{
    if (STM_LIKELY(!(stm_poll_bits() & STM_POLL_USER))) return false;
    stm_store32_relaxed(&stm_self->pending_poll, 0);
    stm_and32_full(&stm_me->poll, ~(uint32_t)STM_POLL_USER);
    return true;
}

/* A context's thread changes only under the pool's feet: what misses it is found by the next stm_take_context. */
void stm_request_poll_thread(struct stm_thread *t, uint32_t reasons)
{
    stm_or32_full(&t->pending_poll, reasons);
    struct context *c = (struct context *)stm_load_pointer_acquire(&t->context);
    if (c) stm_or32_full(&c->pub.poll, reasons);
}

/* -- roots -------------------------------------------------------------------------------------------------------------- */
static void each_stack(struct stm_thread *t, uint64_t regs[STM_NREGS], const struct stm_portal *p, stm_range_fn *f, void *arg)
{
    if (!p || !stm_portal_counts_nothing(p)) f(arg, regs, regs + STM_NREGS);
    stm_rewind_each_part(p, (char *)regs[STM_RSP], t->rewind.base.top, 0, f, arg);
}

/* Another thread at a safepoint may wait in a barrier of its innermost portal's function, unless that says that nothing counts. */
void stm_each_root_range(struct stm_thread *t, stm_range_fn *f, void *arg)
{
    const struct stm_portal *p = t->rewind.portal;
    if (t == stm_self && stm_me) {
        uint64_t regs[STM_NREGS];
        stm_rewind_spill(regs);
        each_stack(t, regs, p, f, arg);
    } else if (t->rewind.frozen) {                         /* in foreign code, or waiting for a context */
        stm_rewind_each_part(p, (char *)t->rewind.regs[STM_RSP], t->rewind.base.top, 0, f, arg);
    } else if (t->context) {                               /* at a safepoint */
        each_stack(t, t->live_regs, p && !stm_portal_counts_nothing(p) ? p->prev : p, f, arg);
    }
    stm_rewind_each(&t->rewind, f, arg);
    if (stm_rewind_is_open(&t->rewind) && !t->rewind.frozen)       /* else nobody goes back to those */
        for (unsigned i = 0; i < t->n_saved; i++) f(arg, t->saved[i].copy, t->saved[i].copy + t->saved[i].size);
    stm_nested_each(t, f, arg);
}

/* -- fork ---------------------------------------------------------------------------------------------------------------- */
/* The transaction ends before the fork, so that neither process can go back to before it; inside an atomic block it becomes
 * irrevocable instead.  Until stm_after_fork_* nothing transactional may be touched. */
void stm_before_fork(void)
{
    struct stm_thread *t = stm_self;
    t->forking = false;
    if (stm_solo()) {
        stm_break();
        stm_lock_threads();
        return;
    }
    if (t->atomic_depth) stm_become_irrevocable();
    else {
        stm_commit(stm_current());
        t->forking = true;
    }
    stm_stop_world();
    stm_lock_threads();
}

void stm_after_fork_parent(void)
{
    struct stm_thread *t = stm_self;
    stm_unlock_threads();
    if (stm_solo()) return;
    stm_resume_world();
    if (!t->forking) return;
    t->forking = false;
    stm_transaction_begin();
}

/* Only this thread exists now.  What the others had open goes back to its committed state. */
void stm_after_fork_child(void)
{
    struct stm_thread *t = stm_self;
    stm_ticker_after_fork();
    stm_park_reset();
    if (stm_solo()) {
        stm_threads_after_fork();                          /* a guest may have been attached */
        return;
    }
    pthread_mutex_init(&world, NULL);
    pthread_cond_init(&somebody_safe, NULL);
    pthread_cond_init(&resumed, NULL);
    stopped = held = false;
    stopper = NULL;
    stm_stopping = settling = inner = 0;
    for (unsigned i = 0; i < stm_n_contexts; i++) {
        struct context *c = stm_contexts[i];
        if (c == t->context) continue;
        if (c->in_tx) {
            stm_restore_records(c);
            stm_forsake_log(c);
            stm_retire(c, stm_outcome(STM_ABORTED, stm_clock()));
            c->in_tx = c->irrevocable = false;
            c->on_commit.n = c->on_abort.n = 0;
            stm_clear_transaction(c);
            c->announced = false;
        }
        c->rv_pub = STM_INF;
        c->next_rv = 0, c->goes_on = false;
        c->pub.thread = NULL;
        c->pub.deferred = NULL;
        c->pub.poll = c->always_poll ? STM_POLL_TICK : 0;
        c->watchers = 0;
        c->state = STM_FREE;
    }
    stm_threads_after_fork();
    stm_schedule_after_fork();
    stm_ticker_start();
    if (!t->forking) return;
    t->forking = false;
    stm_transaction_begin();
}
