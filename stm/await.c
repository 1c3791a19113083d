/* Looking at other threads where they would have given way.
 *
 * Under a lock that one thread at a time holds, and passes on when it waits or has had it for a while, nobody sees the others
 * anywhere else.  Here they run on beside the one that looks: right after another thread has told it something, it would see
 * that thread at the very instruction.  So it first waits until each thread that runs now has waited, ended, or worked for
 * as long.
 *
 * A1  Nobody else does anything for this: whether a thread has waited is seen by its context and by how often threads have left
 *     that.  `handed` counts the times when it left without waiting, before it leaves.
 * A2  Other threads are only looked at with the list of threads locked; `serial` tells a thread from an older one at its address.
 * A3  `looks` belongs to the thread and is not rolled back.  In an atomic block the wait comes before the block, once: `awaited`
 *     is set from the wait to the commit. */
#define STM_BUILD
#include "stm/stm_internal.h"
#include <stdlib.h>
#include <time.h>

enum { NAP_MIN = 20000, NAP_MAX = 500000, STUCK = 1000000000 };     /* ns */

/* One thread that ran when it was looked at.  Times in ns. */
struct stm_look {
    const struct stm_thread *thread;
    uint64_t serial;
    const struct context *context;           /* NULL: it had just handed its own over */
    uint64_t left, handed;
    uint64_t worked_until;                   /* processor time of the thread: then it has worked for long enough */
    uint64_t worked, since;                  /* its processor time; when that was seen first */
};

/* 0: not to be had. */
static uint64_t processor_time(const struct stm_thread *t)
{
    struct timespec s;
    return clock_gettime(t->processor_clock, &s) ? 0 : (uint64_t)s.tv_sec * 1000000000 + (uint64_t)s.tv_nsec;
}

/* It has a context, or wants one back that it has handed over.  (Whoever waits inside an atomic block has one, too; nobody can
 * look at the others before the block has ended.) */
static bool runs(const struct stm_thread *t) { return stm_load_pointer_acquire(&t->context) || stm_load32_acquire(&t->gives_way); }

static void note_context(struct stm_look *l, const struct stm_thread *t)
{
    l->handed = stm_load_acquire(&t->handed);              /* first, and last in has_left */
    l->context = stm_load_pointer_acquire(&t->context);
    l->left = l->context ? stm_load_acquire(&l->context->times_left) : 0;
}

static bool has_left(struct stm_look *l, const struct stm_thread *t)
{
    if (!runs(t)) return true;
    const struct context *c = stm_load_pointer_acquire(&t->context);
    bool elsewhere = c != l->context || (c && stm_load_acquire(&c->times_left) != l->left);
    if (!elsewhere) return false;
    bool waited = l->context && stm_load_acquire(&t->handed) == l->handed;
    if (!waited) note_context(l, t);
    return waited;
}

static const struct stm_thread *thread_of(const struct stm_look *l)
{
    for (const struct stm_thread *t = stm_threads; t; t = t->next)
        if (t == l->thread) return t->serial == l->serial ? t : NULL;
    return NULL;
}

static void look(struct stm_looks *all, uint64_t work_ns)
{
    uint64_t now = stm_now_ns();
    all->n = 0;
    stm_lock_threads();
    for (struct stm_thread *t = stm_threads; t; t = t->next) {
        if (t == stm_self || t->guest || !runs(t)) continue;
        if (all->n == all->cap) {
            size_t cap = all->cap ? all->cap * 2 : 8;
            all->v = stm_need(all->v, cap * sizeof *all->v);
            all->cap = cap;
        }
        struct stm_look *l = &all->v[all->n++];
        uint64_t worked = processor_time(t);
        *l = (struct stm_look){ .thread = t, .serial = t->serial, .worked_until = worked + work_ns, .worked = worked, .since = now };
        note_context(l, t);
    }
    stm_unlock_threads();
}

/* Some of them still run.  Who gets no processor, or waits in a barrier for somebody who does not go on, is not waited for. */
static bool still_running(struct stm_looks *all)
{
    uint64_t now = stm_now_ns();
    size_t n = 0;
    stm_lock_threads();
    for (size_t i = 0; i < all->n; i++) {
        struct stm_look *l = &all->v[i];
        const struct stm_thread *t = thread_of(l);
        if (!t || has_left(l, t)) continue;
        uint64_t worked = processor_time(t);
        if (!worked || worked >= l->worked_until) continue;
        if (worked != l->worked) l->worked = worked, l->since = now;
        else if (now - l->since > STUCK) continue;
        all->v[n++] = *l;
    }
    stm_unlock_threads();
    all->n = n;
    return n > 0;
}

static void forget(void *thread) { ((struct stm_thread *)thread)->awaited = false; }

static bool asked_for(const struct stm_thread *t) { return (stm_load32_relaxed(&t->pending_poll) & STM_POLL_USER) != 0; }

void stm_await_others(uint64_t work_ns)
{
    struct stm_thread *t = stm_self;
    if (stm_solo() || stm_only_one_thread()) return;
    if (t->atomic_depth) {
        if (stm_is_irrevocable()) return;                  /* it began when it did: what others do since is not there yet */
        if (!t->awaited) look(&t->looks, work_ns);
        t->awaited = true;
        if (still_running(&t->looks)) stm_abort_and_nap();
        stm_on_commit(forget, t);
        return;
    }
    look(&t->looks, work_ns);
    if (!t->looks.n) return;
    stm_leave();
    for (long nap = NAP_MIN; still_running(&t->looks) && !asked_for(t); nap = nap < NAP_MAX ? nap * 2 : NAP_MAX)
        nanosleep(&(struct timespec){ 0, nap }, NULL);
    stm_enter();
}
