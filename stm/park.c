/* The parking lot: threads without a context sleep on addresses.
 *
 * P1  A thread is in the queue of its address's bucket exactly while park_queued; both change under the bucket's lock.
 * P2  still_wanted is asked under that lock, and whoever changes the answer calls stm_unpark afterwards: no wake-up is lost.
 * P3  park_word: bit 0 woken, bit 1 interrupted.  Interrupting only touches the word, so a signal handler may do it. */
#define STM_BUILD
#include "stm/stm_internal.h"
#include <pthread.h>

enum { BUCKETS = 256, WOKEN = 1, INTERRUPTED = 2 };
struct bucket { _Alignas(64) pthread_mutex_t lock; struct stm_thread *head, *tail; };
static struct bucket buckets[BUCKETS];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void make_buckets(void)
{
    for (unsigned i = 0; i < BUCKETS; i++) {
        pthread_mutex_init(&buckets[i].lock, NULL);
        buckets[i].head = buckets[i].tail = NULL;
    }
}

static struct bucket *bucket_of(const void *address)
{
    pthread_once(&once, make_buckets);
    return &buckets[((uintptr_t)address >> 3) * 0x9e3779b97f4a7c15 >> 56];
}

static void unlink_from(struct bucket *b, struct stm_thread *prev, struct stm_thread *t)
{
    if (prev) prev->park_next = t->park_next; else b->head = t->park_next;
    if (b->tail == t) b->tail = prev;
    stm_store32_release(&t->park_queued, 0);
}

static bool take_out(struct bucket *b, struct stm_thread *t)
{
    bool was = false;
    pthread_mutex_lock(&b->lock);
    if (t->park_queued) {
        struct stm_thread *prev = NULL;
        for (struct stm_thread *x = b->head; x != t; x = x->park_next) prev = x;
        unlink_from(b, prev, t);
        was = true;
    }
    pthread_mutex_unlock(&b->lock);
    return was;
}

enum stm_parked stm_park(const void *address, bool (*still_wanted)(void *arg), void *arg, int64_t deadline_ns)
{
    struct stm_thread *t = stm_self;
    struct bucket *b = bucket_of(address);
    if (stm_me) stm_fatal("a thread parks inside a transaction");
    pthread_mutex_lock(&b->lock);
    if (!still_wanted(arg)) {
        pthread_mutex_unlock(&b->lock);
        return STM_PARK_REFUSED;
    }
    t->park_address = address;
    t->park_next = NULL;
    stm_store32_release(&t->park_queued, 1);
    stm_and32_full(&t->park_word, ~(uint32_t)WOKEN);
    if (b->tail) b->tail->park_next = t; else b->head = t;
    b->tail = t;
    pthread_mutex_unlock(&b->lock);
    for (;;) {
        uint32_t word = stm_load32_acquire(&t->park_word);
        if (word & WOKEN) return STM_PARK_WOKEN;
        if (word & INTERRUPTED) {
            if (!take_out(b, t)) return STM_PARK_WOKEN;    /* woken as well; the interruption is kept for the next time */
            stm_and32_full(&t->park_word, ~(uint32_t)INTERRUPTED);
            return STM_PARK_INTERRUPTED;
        }
        int64_t left = -1;
        if (deadline_ns >= 0 && (left = deadline_ns - (int64_t)stm_now_ns()) <= 0) return take_out(b, t) ? STM_PARK_TIMEOUT : STM_PARK_WOKEN;
        stm_futex_wait(&t->park_word, word, left);
    }
}

unsigned stm_unpark(const void *address, unsigned n)
{
    struct bucket *b = bucket_of(address);
    struct stm_thread *woken = NULL, **end = &woken, *prev = NULL, *next;
    unsigned k = 0;
    pthread_mutex_lock(&b->lock);
    for (struct stm_thread *t = b->head; t && k < n; t = next) {
        next = t->park_next;
        if (t->park_address != address) { prev = t; continue; }
        unlink_from(b, prev, t);
        t->park_next = NULL;
        *end = t, end = &t->park_next;
        k++;
    }
    for (struct stm_thread *t = woken; t; t = next) {      /* once WOKEN is set the thread may go: only its address is used then */
        next = t->park_next;
        stm_or32_full(&t->park_word, WOKEN);
        stm_futex_wake(&t->park_word, 1);
    }
    pthread_mutex_unlock(&b->lock);
    return k;
}

void stm_interrupt_parked(struct stm_thread *t)
{
    stm_or32_full(&t->park_word, INTERRUPTED);
    stm_futex_wake(&t->park_word, 1);
}

void stm_park_reset(void)
{
    make_buckets();
    for (struct stm_thread *t = stm_threads; t; t = t->next) stm_store32_release(&t->park_queued, 0);
}
