/* Contexts and threads: set-up, the pool of contexts, attaching, entering and leaving.
 *
 * C1  A context's state is BUSY exactly while a thread owns it (or while it is being handed to a waiter); FREE -> BUSY and
 *     FREE -> HELD are CAS.  SAFE and HELD belong to safepoint.c.
 * C3  A guest is in the list of threads, but not in stm_n_threads.  While one is attached, a thread that is solo knows that nobody
 *     else has a context: it claims solo mode first and looks at the contexts then, the others take a context first and look
 *     for solo mode then (and go away again).  Solo mode passes from one to the other only while its owner is outside.
 * C2  A thread that waits for a context is in the queue, counted in stm_pool_waiters before it looks at the contexts for the
 *     last time; who frees a context makes it FREE, full fence, and then looks at the count.
 * The common case, a free context and no waiters, makes no system call. */
#define STM_BUILD
#include "stm/stm_internal.h"
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

struct stm_config stm_conf;
struct context *stm_contexts[STM_MAX_CONTEXTS];
unsigned stm_n_contexts;
uint16_t stm_index_of_code[4096];
struct stm_thread *stm_threads;
uint32_t stm_n_threads, stm_pool_waiters, stm_guests;
uint32_t stm_leave_watched;
void (*stm_left_hook)(void);

static pthread_mutex_t threads_lock = PTHREAD_MUTEX_INITIALIZER, pool_lock = PTHREAD_MUTEX_INITIALIZER;
static struct stm_thread *pool_head, *pool_tail;
static bool solo_forbidden;                  /* these are guarded by threads_lock */
static uint64_t solo_not_before, last_serial;

_Noreturn void stm_fatal(const char *message)
{
    fprintf(stderr, "stm: %s\n", message);
    abort();
}

void stm_lock_threads(void) { pthread_mutex_lock(&threads_lock); }
void stm_unlock_threads(void) { pthread_mutex_unlock(&threads_lock); }

/* -- set-up ------------------------------------------------------------------------------------------------------------ */
static struct context *make_context(unsigned index, unsigned code)
{
    /* Zero pages that are not touched before they are needed: a context has tables for each of the others. */
    struct context *c = mmap(NULL, sizeof *c, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (c == MAP_FAILED) stm_fatal("out of memory");
    uint8_t *markers = mmap(NULL, stm_marker_bytes(STM_MARKER_TABLES), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (markers == MAP_FAILED) stm_fatal("out of memory");
    for (unsigned i = 0; i < STM_MARKER_TABLES; markers += stm_marker_bytes(i++) + STM_MARKER_EPOCHS) c->markers[i].bytes = markers;
    c->code = (uint64_t)code << STM_OWNER_SHIFT;
    c->pub.index = index;
    c->pub.foreign = ~c->code & STM_OWNER_MASK;
    c->pub.markers = c->markers[0].bytes;
    c->pub.mark_mask = stm_marker_bytes(0) - 1;
    c->head = c->start_pos = 1;
    c->rv_pub = STM_INF;
    c->rng = 0x9e3779b97f4a7c15 * (index + 17);
    c->always_poll = stm_stress_on;
    c->pub.poll = c->always_poll ? STM_POLL_TICK : 0;
    stm_records_init(c);
    stm_length_init(c);
    return c;
}

/* Where address space is limited the contexts' marker tables get at most an eighth of it. */
static unsigned few_enough(unsigned n)
{
    struct rlimit rl;
    if (getrlimit(RLIMIT_AS, &rl) || rl.rlim_cur == RLIM_INFINITY) return n;
    size_t most = (size_t)rl.rlim_cur / 8 / stm_marker_bytes(STM_MARKER_TABLES);
    return n <= most ? n : most ? (unsigned)most : 1;
}

void stm_init(const struct stm_config *config)
{
    if (config) stm_conf = *config;
    stm_need_init();
    unsigned n = stm_conf.contexts;
    const char *s = getenv("HEDDLE_CONTEXTS");
    if (!n && s) n = (unsigned)strtoul(s, NULL, 10);
    if (!n) n = (unsigned)sysconf(_SC_NPROCESSORS_ONLN);
    if (n < 1) n = 1;
    if (n > STM_MAX_CONTEXTS) n = STM_MAX_CONTEXTS;
    n = few_enough(n);
    stm_stress_init();
    stm_log_ready();
    unsigned k = 0;
    for (unsigned code = 0; code < 4096 && k < n; code++) {
        if (__builtin_popcount(code) != 6) continue;
        stm_index_of_code[code] = (uint16_t)k;
        stm_contexts[k] = make_context(k, code);
        k++;
    }
    stm_n_contexts = n;
}

unsigned stm_context_count(void) { return stm_n_contexts; }
struct stm_context *stm_context_at(unsigned index) { return &stm_contexts[index]->pub; }

/* -- the pool ------------------------------------------------------------------------------------------------------------ */
static bool try_take(struct stm_thread *t, struct context *c)
{
    if (stm_load32_relaxed(&c->state) != STM_FREE || !stm_cas32_full(&c->state, STM_FREE, STM_BUSY)) return false;
    stm_store_pointer_release(&t->context, c);
    return true;
}

static bool take_any(struct stm_thread *t)
{
    if (t->last && try_take(t, t->last)) return true;
    for (unsigned i = 0; i < stm_n_contexts; i++)
        if (try_take(t, stm_contexts[i])) return true;
    return false;
}

static void wait_in_pool(struct stm_thread *t)
{
    pthread_mutex_lock(&pool_lock);
    stm_add32_full(&stm_pool_waiters, 1);                  /* C2 */
    if (take_any(t)) {
        stm_add32_full(&stm_pool_waiters, (uint32_t)-1);
        pthread_mutex_unlock(&pool_lock);
        return;
    }
    t->pool_next = NULL, t->given = NULL;
    stm_store32_relaxed(&t->pool_word, 0);
    if (pool_tail) pool_tail->pool_next = t; else pool_head = t;
    pool_tail = t;
    pthread_mutex_unlock(&pool_lock);
    stm_ticker_start();                                    /* somebody must make room after a while; under stress nobody left solo mode */
    while (!stm_load32_acquire(&t->pool_word)) stm_futex_wait(&t->pool_word, 0, -1);
    stm_store_pointer_release(&t->context, t->given);
}

/* Gives free contexts to those who wait longest. */
void stm_pool_offer(void)
{
    if (stm_load32_relaxed(&stm_pool_waiters) == 0) return;
    pthread_mutex_lock(&pool_lock);
    for (struct stm_thread *w; (w = pool_head); ) {
        if (!take_any(w)) break;
        pool_head = w->pool_next;
        if (!pool_head) pool_tail = NULL;
        stm_add32_full(&stm_pool_waiters, (uint32_t)-1);
        w->given = w->context;             /* set by take_any */
        stm_store32_release(&w->pool_word, 1);
        stm_futex_wake(&w->pool_word, 1);
    }
    pthread_mutex_unlock(&pool_lock);
}

void stm_take_context(void)
{
    struct stm_thread *t = stm_self;
    if (stm_load32_relaxed(&stm_pool_waiters) || !take_any(t)) wait_in_pool(t);
    struct context *c = t->context;
    t->last = c;
    stm_store_pointer_release(&c->pub.thread, t);
    stm_store32_relaxed(&c->hand_over, 0);
    stm_me = &c->pub;
    uint32_t pending = stm_load32_relaxed(&t->pending_poll) ? stm_swap32_full(&t->pending_poll, 0) : 0;
    if (pending) stm_or32_full(&c->pub.poll, pending);
    stm_length_entered(c);
    stm_schedule_join(c);
    stm_ticker_wake();
}

static void tell_that_left(const struct stm_thread *t)
{
    if (STM_UNLIKELY(stm_load32_relaxed(&stm_leave_watched)) && !t->guest && stm_left_hook) stm_left_hook();
}

void stm_give_up_context(void)
{
    struct stm_thread *t = stm_self;
    struct context *c = t->context;
    stm_schedule_leave(c);
    if (STM_LIKELY(!t->guest)) stm_store_relaxed(&c->times_left, c->times_left + 1);
    uint32_t user = stm_load32_relaxed(&c->pub.poll) & STM_POLL_USER;
    if (user) {                                            /* asked of the thread, not of the context */
        stm_and32_full(&c->pub.poll, ~(uint32_t)STM_POLL_USER);
        stm_or32_full(&t->pending_poll, user);
    }
    stm_forget_snapshot(c);
    stm_rewind_freeze(&t->rewind);
    stm_me = NULL;
    stm_store_pointer_release(&t->context, NULL);
    stm_store_pointer_release(&c->pub.thread, NULL);
    stm_store32_release(&c->state, STM_FREE);
    stm_fence_full();                                      /* C2; and with stm_stopping */
    if (stm_stop_asked()) stm_context_released();
    stm_pool_offer();
    tell_that_left(t);
}

/* Lets those run who wait for a context. */
void stm_give_way(void)
{
    struct stm_thread *t = stm_self;
    stm_store32_release(&t->gives_way, 1);
    stm_store_release(&t->handed, t->handed + 1);
    stm_give_up_context();
    stm_take_context();
    stm_store32_release(&t->gives_way, 0);
}

/* -- threads ------------------------------------------------------------------------------------------------------------- */
static struct stm_thread *attach(void *user, void *stack_top, bool guest)
{
    struct stm_thread *t = calloc(1, sizeof *t);
    if (!t) stm_fatal("out of memory");
    char *tls = (char *)&stm_self, *here = __builtin_frame_address(0);
    if (tls > here && tls < (char *)stack_top) stm_fatal("the stack of a thread must end below its thread-local storage: an abort puts it back");
    int rc = stm_rewind_init(&t->rewind, stack_top);
    if (rc == -1) stm_fatal("user shadow stacks are on: link without -z shstk");
    if (rc == -2) stm_fatal("AddressSanitizer needs detect_stack_use_after_return=0");
    t->user = user;
    t->guest = guest;
    pthread_getcpuclockid(pthread_self(), &t->processor_clock);
    stm_self = t;
    stm_lock_threads();
    t->serial = ++last_serial;
    t->next = stm_threads, t->prevp = &stm_threads;
    if (t->next) t->next->prevp = &t->next;
    stm_threads = t;
    if (guest) stm_add32_full(&stm_guests, 1);
    else stm_store32_relaxed(&stm_n_threads, stm_n_threads + 1);
    if (stm_n_threads > 1) solo_forbidden = true;
    if (!STM_BARRIERS && (guest || stm_n_threads > 1)) stm_fatal("a second thread in a build without barriers");
    stm_unlock_threads();
    return t;
}

struct stm_thread *stm_thread_attach(void *user, void *stack_top) { return attach(user, stack_top, false); }
struct stm_thread *stm_thread_attach_guest(void *user, void *stack_top) { return attach(user, stack_top, true); }

/* The one thread that is left shall come to where solo mode begins. */
static void end_transactions(void)
{
    for (unsigned i = 0; i < stm_n_contexts; i++)
        if (stm_load32_relaxed(&stm_contexts[i]->state) == STM_BUSY) stm_or32_full(&stm_contexts[i]->pub.poll, STM_POLL_SOON);
}

static void release_thread(struct stm_thread *t)
{
    stm_rewind_fini(&t->rewind);
    stm_nested_free(t);
    for (unsigned i = 0; i < t->n_saved; i++) free(t->saved[i].copy);
    free(t->looks.v);
    free(t);
}

void stm_thread_detach(void)
{
    struct stm_thread *t = stm_self;
    stm_lock_threads();                      /* another one may just be ending the solo mode of this thread */
    if (t->context && t != stm_solo_runner()) stm_fatal("a thread detaches inside a transaction");
    *t->prevp = t->next;
    if (t->next) t->next->prevp = t->prevp;
    if (t->guest) stm_add32_full(&stm_guests, (uint32_t)-1);
    else stm_store32_relaxed(&stm_n_threads, stm_n_threads - 1);
    if (stm_n_threads == 1 && (!t->guest || solo_forbidden)) solo_forbidden = false, solo_not_before = stm_now_ns() + 50000000;
    if (stm_n_threads == 1 && t->guest && !stm_solo()) end_transactions();
    if (t == stm_solo_runner()) {                           /* it left for good: its context is free again */
        struct context *c = t->context;
        stm_exit_solo(c);
        stm_me = &c->pub;
        stm_announce_ended(c, true);
        stm_me = NULL;
        stm_store32_release(&c->state, STM_FREE);
    }
    stm_unlock_threads();
    stm_pool_offer();
    stm_self = NULL;
    release_thread(t);
}

/* In the child: the others are gone. */
void stm_threads_after_fork(void)
{
    pthread_mutex_init(&pool_lock, NULL);
    pthread_mutex_init(&threads_lock, NULL);
    pool_head = pool_tail = NULL;
    stm_pool_waiters = 0;
    for (struct stm_thread *t = stm_threads, *next; t; t = next) {
        next = t->next;
        if (t != stm_self) release_thread(t);
    }
    stm_threads = stm_self;
    stm_self->next = NULL, stm_self->prevp = &stm_threads;
    stm_self->guest = false;
    pthread_getcpuclockid(pthread_self(), &stm_self->processor_clock);
    stm_n_threads = 1;
    stm_guests = 0;
    solo_forbidden = false;
    solo_not_before = 0;
}

struct stm_thread *stm_thread_self(void) { return stm_self; }
void *stm_thread_user(struct stm_thread *t) { return t->user; }

void stm_thread_saved_range(struct stm_thread *t, void *lo, size_t size)
{
    if (t->n_saved == sizeof t->saved / sizeof t->saved[0]) stm_fatal("too many saved ranges");
    char *copy = malloc(size);
    if (!copy) stm_fatal("out of memory");
    memcpy(copy, lo, size);
    t->saved[t->n_saved++] = (struct saved_range){ lo, size, copy };
}

void stm_thread_value_stack(struct stm_thread *t, void (*current_window)(void *user, uint64_t **lo, uint64_t **hi))
{
    t->current_window = current_window;
}

void stm_each_thread(void (*f)(struct stm_thread *t, void *arg), void *arg)
{
    stm_lock_threads();
    for (struct stm_thread *t = stm_threads; t; t = t->next) f(t, arg);
    stm_unlock_threads();
}

/* -- solo ------------------------------------------------------------------------------------------------------------------ */
static bool others_free(const struct context *me)
{
    for (unsigned i = 0; i < stm_n_contexts; i++)
        if (stm_contexts[i] != me && stm_load32_acquire(&stm_contexts[i]->state) != STM_FREE) return false;
    return true;
}

/* For a thread that has a context and is about to begin. */
enum stm_claim stm_claim_solo(void)
{
    if (STM_UNLIKELY(stm_load32_acquire(&stm_guests)) && stm_solo()) return STM_CLAIM_TAKEN;
    if (stm_load32_relaxed(&stm_n_threads) != 1 || stm_stress_on || stm_self->want_irrevocable) return STM_CLAIM_NO;
    stm_lock_threads();
    bool may = stm_n_threads == 1 && !solo_forbidden && (!solo_not_before || stm_now_ns() > solo_not_before);
    stm_unlock_threads();
    if (!may) return STM_CLAIM_NO;
    if (!stm_cas32_full(&stm_solo_state, STM_SOLO_OFF, STM_SOLO_CLAIMED)) return STM_CLAIM_TAKEN;
    if (STM_LIKELY(!stm_load32_acquire(&stm_guests)) || others_free(stm_current())) return STM_CLAIM_GOT;      /* C3 */
    stm_store32_release(&stm_solo_state, STM_SOLO_OFF);
    stm_ticker_start();
    return STM_CLAIM_NO;
}

void stm_forbid_solo(void)
{
    stm_lock_threads();
    solo_forbidden = true;
    stm_unlock_threads();
}

enum { TURN_WAITS = 1000 };                  /* of at least 100 us */

/* A thread that the solo thread does not know of (it came from foreign code) wants to enter; or one of two that take turns. */
void stm_let_solo_end(void)
{
    for (unsigned waits = 0; stm_solo(); waits++) {
        stm_lock_threads();
        bool done = false;
        if (stm_load32_relaxed(&stm_solo_state) != STM_SOLO_OFF && stm_solo_runner() != stm_self) {
            if (stm_cas32_full(&stm_solo_state, STM_SOLO_OUT, STM_SOLO_EXITING)) {
                struct stm_thread *s = stm_solo_runner();
                struct context *c = s->context;
                stm_store_pointer_release(&s->context, NULL);
                stm_store_pointer_release(&c->pub.thread, NULL);
                stm_exit_solo(c);
                stm_me = &c->pub;
                stm_clear_transaction(c);
                stm_announce_ended(c, true);
                stm_me = NULL;
                stm_store32_release(&c->state, STM_FREE);
                done = true;
            } else {
                struct stm_thread *s = stm_solo_runner();    /* threads_lock: it cannot detach */
                struct context *c = s ? stm_load_pointer_acquire(&s->context) : NULL;
                if (stm_n_threads != 1 || waits > TURN_WAITS) {
                    stm_store32_release(&stm_solo_wanted_off, 1);
                    if (c) stm_or32_full(&c->pub.poll, STM_POLL_STOP);
                }
            }
        }
        bool turns = stm_n_threads == 1;
        stm_unlock_threads();
        if (done) {
            if (!turns) stm_ticker_start();
            stm_pool_offer();
            return;
        }
        usleep(100);
    }
}

/* -- entering and leaving ------------------------------------------------------------------------------------------------- */
static bool enter_solo_again(struct stm_thread *t)
{
    if (stm_solo_runner() != t || !stm_cas32_full(&stm_solo_state, STM_SOLO_OUT, STM_SOLO_IN)) return false;
    stm_me = &t->context->pub;
    stm_rewind_forget(&t->rewind);
    uint32_t pending = stm_load32_relaxed(&t->pending_poll) ? stm_swap32_full(&t->pending_poll, 0) : 0;
    if (pending) stm_or32_full(&stm_me->poll, pending);
    return true;
}

void stm_enter(void)
{
    struct stm_thread *t = stm_self;
    if (!STM_BARRIERS && t->context) {
        stm_me = &t->context->pub;
        return;
    }
    if (STM_UNLIKELY(stm_solo())) {
        if (enter_solo_again(t)) return;
        stm_let_solo_end();
    }
    stm_take_context();
    stm_transaction_begin();
}

void stm_leave(void)
{
    struct stm_thread *t = stm_self;
    struct context *c = stm_current();
    if (t->atomic_depth) stm_fatal("a thread leaves inside an atomic block");
    if (STM_UNLIKELY(stm_solo())) {
        stm_break();
        if (!STM_BARRIERS) { stm_me = NULL; return; }
        stm_rewind_freeze(&t->rewind);
        stm_me = NULL;
        if (STM_LIKELY(!t->guest)) stm_store_relaxed(&c->times_left, c->times_left + 1);
        stm_cas32_full(&stm_solo_state, STM_SOLO_IN, STM_SOLO_OUT);
        tell_that_left(t);
        return;
    }
    stm_commit(c);
    c->come_and_go = !c->full_length;
    c->full_length = false;
    stm_give_up_context();
}

bool stm_thread_away(const struct stm_thread *t) { return t->rewind.frozen && !t->context; }
bool stm_only_one_thread(void) { return stm_load32_relaxed(&stm_n_threads) == 1; }

bool stm_all_away(uint64_t *times_left)
{
    uint64_t n = 0;
    for (unsigned i = 0; i < stm_n_contexts; i++) n += stm_load_relaxed(&stm_contexts[i]->times_left);
    *times_left = n;
    stm_fence_full();
    uint32_t solo = stm_load32_acquire(&stm_solo_state);
    return solo == STM_SOLO_OUT || (solo == STM_SOLO_OFF && others_free(NULL));
}

/* Inside an atomic block the transaction becomes irrevocable and keeps its context, which counts as stopped at a safepoint
 * while the thread is away. */
int stm_leave_blocking(void)
{
    if (!stm_self->atomic_depth) {
        stm_leave();
        return 0;
    }
    stm_become_irrevocable();
    stm_safe_region_enter();
    return 1;
}

void stm_enter_blocking(int token)
{
    if (token) stm_safe_region_leave(); else stm_enter();
}
