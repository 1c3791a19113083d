/* Who waits for whom and for how long; the length of transactions; the ticker thread.
 *
 * Whoever needs a unit that another transaction has open asks it for a break and waits a bounded time.  If that does not
 * help, the one that first started earlier wins: it dooms the owner; the younger aborts, keeping its age.
 * All waiting spins, then yields, then parks (14): waiters that only yield take the processor from the owner that everybody
 * waits for.  A park is bounded, so a lost wake-up costs a delay only. */
#define STM_BUILD
#include "stm/stm_internal.h"
#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { SPINS = 200, YIELDS = 8, PATIENCE = SPINS + YIELDS + 8, HAND_OVER = 200, PARK_NS = 50000, PARK_MAX_NS = 1000000,
       OUTSIDE = 50 /* parks between attempts, about 40 ms */ };
/* Microseconds. */
enum { LENGTH_START = 200, LENGTH_FIRST = 50, LENGTH_FLOOR = 20, LENGTH_TOP = 1000, LENGTH_ALONE = 5000,
       LENGTH_SHORT = 100,                   /* what is shorter is beyond the ticker */
       LENGTH_MEMORY = 20000,                /* how much work the share of lost work is taken of */
       HOLD_MIN = 2, HOLD_START = 8, HOLD_MAX = 64, MUCH_WORK = 500, GRACE = 300 };
enum { POLLS_PER_LOOK = 16,
       SLICE_NS = 5000000 };                 /* a thread hands its context over to a waiting one after this time */

/* -- the machine ----------------------------------------------------------------------------------------------------------- */
void stm_relax(void) { __builtin_ia32_pause(); }

uint64_t stm_now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

void stm_futex_wait(uint32_t *word, uint32_t value, int64_t timeout_ns)
{
    struct timespec t = { timeout_ns / 1000000000, timeout_ns % 1000000000 };
    syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, timeout_ns < 0 ? NULL : &t, NULL, 0);
}

void stm_futex_wake(uint32_t *word, int n)
{
    syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, n, NULL, NULL, 0);
}

uint64_t stm_cycles_per_us = 2000;

/* -- waiting ------------------------------------------------------------------------------------------------------------------ */
static void park(struct context *watch, uint64_t start, int64_t ns)
{
    static uint32_t never;
    if (stm_me) {
        stm_current()->stats.parks++;
        stm_store32_relaxed(&stm_current()->waits_on, 0);
    }
    if (!watch) { stm_futex_wait(&never, 0, ns); return; }
    stm_add32_full(&watch->watchers, 1);
    uint32_t word = stm_load32_acquire(&watch->ended_word);
    if (stm_load_acquire(&watch->start_pos) == start) stm_futex_wait(&watch->ended_word, word, ns);
    stm_add32_full(&watch->watchers, (uint32_t)-1);
}

/* One step of waiting until the transaction of `watch` that began at `start` has ended (NULL: only for a while). */
void stm_pause(struct stm_wait *w, struct context *watch, uint64_t start)
{
    unsigned n = w->n++;
    stm_step(STM_STEP_WAIT);
    if (stm_stress_schedule) return;
    if (n < SPINS) for (unsigned i = 0; i <= n / 8; i++) stm_relax();
    else if (n < PATIENCE || !STM_RULE(14)) sched_yield();
    else {
        int64_t ns = (int64_t)(n - PATIENCE + 1) * PARK_NS;
        park(watch, start, ns < PARK_MAX_NS ? ns : PARK_MAX_NS);
    }
}

/* About two milliseconds: longer than an owner that has a processor takes to decide. */
#ifndef STM_LONG_WAIT
#define STM_LONG_WAIT (PATIENCE + 8)
#endif
bool stm_waited_long(const struct stm_wait *w) { return w->n > STM_LONG_WAIT; }

static void doom(struct context *o, uint64_t start, const struct stm_unit *u)
{
    if (stm_load_relaxed(&o->doomed) == start) return;
    stm_store_relaxed(&o->doomed_unit, (uintptr_t)u);
    stm_store_release(&o->doomed, start);
    stm_or32_full(&o->pub.poll, STM_POLL_DOOMED);
}

/* Does o wait for me, directly or through others? */
static bool deadlocked(const struct context *c, const struct context *o)
{
    for (unsigned i = 0; i < 4; i++) {
        uint32_t x = stm_load32_acquire(&o->waits_on);
        if (!x) return false;
        o = stm_contexts[x - 1];
        if (o == c) return true;
    }
    return false;
}

/* Handing a hot unit over after every operation costs more than many operations: a transaction works for a while first.  It is
 * the waiter who looks at the time, so that the owner runs undisturbed.  Whoever has had to wait only now grants the owner
 * more time, whoever waits seldom less. */
static bool has_worked(const struct context *c, const struct context *o)
{
    return stm_cycles() - stm_load_relaxed(&o->begin_cycles) >= c->hold_us * stm_load_relaxed(&stm_cycles_per_us) || STM_UNLIKELY(stm_stress_on);
}

static void begin_to_wait(struct context *c)
{
    if (c->wait_since) return;
    c->wait_since = stm_cycles();
    uint64_t between = (c->wait_since - c->last_waited) / stm_load_relaxed(&stm_cycles_per_us);
    if (between < 2 * c->hold_us) c->hold_us = c->hold_us * 2 < HOLD_MAX ? c->hold_us * 2 : HOLD_MAX;
    else if (between > 4 * c->hold_us && c->hold_us > HOLD_MIN) c->hold_us /= 2;
}

static bool ask(const struct context *c, struct context *o, bool again)
{
    if (!again && !has_worked(c, o)) return false;
    stm_store32_relaxed(&o->asked_by, c->pub.index + 1);
    stm_or32_full(&o->pub.poll, STM_POLL_SOON);
    return true;
}

/* Waits until the transaction that has u open has ended, one way or the other; looks only at the owner's state meanwhile, since
 * polling the unit would take its cache line away from him. */
void stm_contention(struct context *c, struct stm_unit *u, uint64_t w, struct stm_wait *wait)
{
    struct context *o = stm_owner(w);
    struct stm_seen s = stm_look(w);
    unsigned kind = stm_outcome_kind(s.outcome);
    bool asked = false;
    if (kind >= STM_COMMITTED) return;                     /* or he has just entered the log: the caller sees that */
    if (STM_UNLIKELY(stm_stopped_by_me())) stm_fatal("who has stopped the world needs a unit that a stopped transaction has open");
    c->stats.waits++;
    if (wait->start != s.start) {            /* another transaction of his */
        wait->again = wait->start != 0;      /* I was too late: this time he is asked at once */
        wait->start = s.start, wait->n = 0;
    }
    begin_to_wait(c);
    do {
        if (!c->irrevocable && (stm_doomed(c) || (stm_stop_asked() && wait->n > 64))) stm_abort();      /* a barrier is no safepoint, a begin is */
        if (c->irrevocable || wait->n > PATIENCE || (wait->n > 2 && deadlocked(c, o))) {
            if (c->irrevocable || stm_load_relaxed(&c->age) < stm_load_relaxed(&o->age)) doom(o, s.start, u);
            else {
                stm_self->wait_for = o;
                stm_self->wait_for_pos = s.start;
                c->conflict = STM_CONFLICT_YOUNGER, c->conflict_unit = (uintptr_t)u;
                stm_abort();
            }
        } else if (!asked) asked = ask(c, o, wait->again);
        if (stm_load32_relaxed(&c->waits_on) != o->pub.index + 1) stm_store32_release(&c->waits_on, o->pub.index + 1);
        stm_pause(wait, o, s.start);
        if (wait->reads && stm_waited_long(wait)) break;
    } while (stm_load_acquire(&o->start_pos) == s.start && stm_outcome_kind(stm_load_acquire(&o->status)) == STM_ACTIVE);
}

/* Time spent waiting is no work. */
void stm_waited_slow(struct context *c)
{
    stm_store32_relaxed(&c->waits_on, 0);
    uint64_t now = stm_cycles();
    c->stats.waited_ns += stm_cycles_to_ns(now - c->wait_since);
    c->worked_cycles += c->wait_since - c->begin_cycles;
    c->last_waited = now;
    stm_store_relaxed(&c->begin_cycles, now);
    c->wait_since = 0;
}

/* Without this, whoever is asked for a unit opens it again before the other one has noticed that it was free. */
void stm_let_go_first(struct context *c, uint32_t to)
{
    stm_store32_relaxed(&c->asked_by, 0);
    const struct context *o = stm_contexts[to - 1];
    for (unsigned i = 0; i < HAND_OVER && stm_load32_acquire(&o->waits_on) == c->pub.index + 1; i++) stm_relax();
}

static uint64_t next_random(struct context *c)
{
    uint64_t x = c->rng;
    x ^= x << 13, x ^= x >> 7, x ^= x << 17;
    return c->rng = x;
}

/* Between an abort and the next attempt; nothing is held, so this may take its time. */
void stm_back_off(struct stm_thread *t, struct context *c)
{
    struct context *o = t->wait_for;
    struct stm_wait wait = { 0 };
    uint64_t since = stm_cycles();
    if (o) {
        t->wait_for = NULL;
        while (stm_load_acquire(&o->start_pos) == t->wait_for_pos && wait.n < PATIENCE + OUTSIDE && !stm_stop_asked())
            stm_pause(&wait, o, t->wait_for_pos);
        if (wait.n >= PATIENCE + OUTSIDE) stm_forget_intent(c, c->conflict_unit);      /* should it only read there, it need not wait */
    } else if (t->aborts > 2 && !stm_stress_schedule) {
        uint64_t n = next_random(c) % (50u << (t->aborts < 8 ? t->aborts : 8));
        while (n--) stm_relax();
        if (t->aborts > 4 && !stm_stress_on) sched_yield();               /* forced aborts are no contention */
    }
    c->last_waited = stm_cycles();
    c->stats.waited_ns += stm_cycles_to_ns(c->last_waited - since);
}

/* -- the length of transactions ---------------------------------------------------------------------------------------------- */
static uint32_t busy_contexts = 1;

uint64_t stm_cycles_to_ns(uint64_t cycles) { return cycles * 1000 / stm_load_relaxed(&stm_cycles_per_us); }

void stm_length_init(struct context *c) { c->length_us = c->ramp_us = LENGTH_START, c->hold_us = HOLD_START; }

/* Who starts, or comes back from waiting, has just looked at what threads tell each other; that shall not stay with it for a
 * long transaction. */
void stm_length_entered(struct context *c) { stm_store32_relaxed(&c->ramp_us, LENGTH_FIRST); }

static uint32_t length_of(const struct context *c)
{
    uint32_t length = stm_load32_relaxed(&c->length_us), ramp = stm_load32_relaxed(&c->ramp_us);
    return length < ramp ? length : ramp;
}

static inline void count_useful(struct context *c, uint64_t cycles)
{
    c->count_useful = false;
    c->useful_cycles += cycles;
    if (c->useful_cycles > LENGTH_MEMORY * stm_load_relaxed(&stm_cycles_per_us)) c->useful_cycles /= 2, c->lost_cycles /= 2;
}

/* The ticker cannot tick at less than about 100 us: a short transaction measures itself at every poll. */
void stm_length_begun(struct context *c, uint64_t now)
{
    uint32_t length = length_of(c);
    bool sections = stm_sections_end();
    uint64_t cycles = c->worked_cycles + now - c->begin_cycles;
    bool polls = stm_stress_on || (length < LENGTH_SHORT && !sections);     /* with sections they end otherwise */
    c->always_poll = polls;
    if (c->count_useful) count_useful(c, cycles);
    stm_store_relaxed(&c->begin_cycles, now);
    c->worked_cycles = c->wait_since = 0;
    if (STM_UNLIKELY(polls)) {
        c->length_cycles = length * stm_load_relaxed(&stm_cycles_per_us);
        stm_or32_full(&c->pub.poll, STM_POLL_TICK);
    }
    if (sections) stm_sections_begun(c, cycles);
}

/* Under stress always: not by the clock. */
bool stm_has_worked(const struct context *c, uint32_t us)
{
    return STM_UNLIKELY(stm_stress_on) || c->worked_cycles + stm_cycles() - c->begin_cycles >= us * stm_load_relaxed(&stm_cycles_per_us);
}

bool stm_waits_often(const struct context *c) { return c->hold_us > HOLD_START; }

/* Long enough for a critical section to end, short enough for those who wait. */
bool stm_in_grace(struct context *c)
{
    return stm_cycles() - c->begin_cycles < (length_of(c) + GRACE) * stm_load_relaxed(&stm_cycles_per_us);
}

/* The older one waits for a unit; a commit at the next poll gives it back just as an abort does.  It may cost the older one
 * its reads, so only a transaction that would lose much, like one that is moving a large list, is spared, and only while it
 * need not wait itself. */
bool stm_reprieve(struct context *c)
{
    return stm_load_relaxed(&c->doomed_unit) && !stm_token_taken() && stm_cycles() - c->begin_cycles >= MUCH_WORK * stm_load_relaxed(&stm_cycles_per_us);
}

bool stm_length_over(struct context *c)
{
    if (STM_UNLIKELY(stm_stress_schedule)) return stm_stress_break(c);
    if (STM_LIKELY(++c->polls % POLLS_PER_LOOK)) return false;             /* reading the time costs more than a poll */
    return stm_cycles() - c->begin_cycles >= c->length_cycles;
}

/* Work that aborts throw away: up to a thirty-second is cheaper than the short transactions that would avoid it, since each
 * transaction opens again what it writes. */
void stm_length_aborted(struct context *c)
{
    uint64_t lost = c->worked_cycles + (c->wait_since ? c->wait_since : stm_cycles()) - c->begin_cycles;
    c->lost_cycles += lost;
    c->stats.lost_ns += stm_cycles_to_ns(lost);
    uint64_t allowed = c->useful_cycles / 32 + LENGTH_START * stm_load_relaxed(&stm_cycles_per_us);
    if (c->lost_cycles <= allowed) return;
    c->lost_cycles = c->useful_cycles = 0;
    uint32_t n = c->length_us / 2;
    stm_store32_relaxed(&c->length_us, n < LENGTH_FLOOR ? LENGTH_FLOOR : n);
}

void stm_length_ticked(struct context *c)
{
    uint32_t n = c->length_us, top = stm_load32_relaxed(&busy_contexts) > 1 ? LENGTH_TOP : LENGTH_ALONE;
    if (c->ramp_us < n) { stm_store32_relaxed(&c->ramp_us, c->ramp_us * 2); return; }
    n += n / 16 + 1;
    if (n <= top) stm_store32_relaxed(&c->length_us, n);
    else if (c->length_us > top) stm_store32_relaxed(&c->length_us, top);
}

/* -- the ticker ------------------------------------------------------------------------------------------------------------------- */
static pthread_mutex_t ticker_lock = PTHREAD_MUTEX_INITIALIZER;
static bool ticker_runs;
static uint32_t ticker_asleep;

struct watched { uint64_t start, since, slice_since; const struct stm_thread *thread; };

static void look_at(struct context *c, struct watched *w, uint64_t now, uint64_t *next)
{
    uint64_t start = stm_load_relaxed(&c->start_pos), length = length_of(c) * 1000ull;
    const struct stm_thread *thread = (const struct stm_thread *)(uintptr_t)stm_load_relaxed(&c->pub.thread);
    if (w->thread != thread) w->thread = thread, w->slice_since = now;
    if (w->start != start) w->start = start, w->since = now;
    uint64_t age = now - w->since, left = age < length ? length - age : 0;
    if (!left) {
        if (!(stm_load32_relaxed(&c->pub.poll) & STM_POLL_TICK)) stm_or32_full(&c->pub.poll, STM_POLL_TICK);
        left = length;
    }
    if (left < *next) *next = left;
    if (now - w->slice_since > SLICE_NS && stm_load32_relaxed(&stm_pool_waiters)) {
        w->slice_since = now;
        stm_store32_relaxed(&c->hand_over, 1);
        stm_or32_full(&c->pub.poll, STM_POLL_TICK);
    }
}

static void *ticker(void *arg)
{
    static struct watched watched[STM_MAX_CONTEXTS];
    unsigned idle = 0;
    (void)arg;
    prctl(PR_SET_NAME, "heddle-ticker");
    prctl(PR_SET_TIMERSLACK, 10000);
    uint64_t c0 = stm_cycles(), t0 = stm_now_ns();
    for (unsigned rounds = 0;; rounds++) {
        uint64_t now = stm_now_ns(), next = 1000000;
        if (rounds < 64 && now - t0 > 1000000) stm_store_relaxed(&stm_cycles_per_us, (stm_cycles() - c0) * 1000 / (now - t0));
        unsigned busy = 0;
        for (unsigned i = 0; i < stm_n_contexts; i++) {
            struct context *c = stm_contexts[i];
            if (stm_load32_relaxed(&c->state) != STM_BUSY) { watched[i].start = 0; continue; }
            busy++;
            look_at(c, &watched[i], now, &next);
        }
        stm_store32_relaxed(&busy_contexts, busy);
        stm_sections_tried(now, busy);
        idle = busy && !stm_solo() ? 0 : idle + 1;
        if (idle > 20) {
            stm_store32_relaxed(&ticker_asleep, 1);
            stm_fence_full();
            stm_futex_wait(&ticker_asleep, 1, 1000000000);
            stm_store32_relaxed(&ticker_asleep, 0);
            idle = 10;
            continue;
        }
        if (next < 100000) next = 100000;
        struct timespec t = { 0, (long)next };
        nanosleep(&t, NULL);
    }
    return NULL;
}

void stm_ticker_start(void)
{
    pthread_mutex_lock(&ticker_lock);
    if (!ticker_runs) {
        sigset_t all, old;
        pthread_t id;
        pthread_attr_t attr;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &old);
        pthread_attr_init(&attr);
        pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
        pthread_attr_setstacksize(&attr, 65536);
        ticker_runs = pthread_create(&id, &attr, ticker, NULL) == 0;
        pthread_attr_destroy(&attr);
        pthread_sigmask(SIG_SETMASK, &old, NULL);
    }
    pthread_mutex_unlock(&ticker_lock);
    stm_ticker_wake();
}

void stm_ticker_wake(void)
{
    if (STM_LIKELY(!stm_load32_relaxed(&ticker_asleep))) return;
    stm_store32_relaxed(&ticker_asleep, 0);
    stm_futex_wake(&ticker_asleep, 1);
}

void stm_ticker_after_fork(void)
{
    pthread_mutex_init(&ticker_lock, NULL);
    ticker_runs = false;
    ticker_asleep = 0;
}
