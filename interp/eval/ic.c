/* Inline caches: which code objects have filled ones, and how all are emptied.
 *
 * A cache word is filled by any thread with one store and is always right or empty.  Classes are modified with the world
 * stopped; then every word that depends on a class is zeroed.  The list of code objects with filled words keeps them alive
 * until then or until a full collection, which empties the second level of all threads when it drops one: that is keyed by
 * the addresses of instructions. */
#include <stdio.h>
#include "interp/eval/eval_internal.h"
#include "interp/eval/fast.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

uint64_t hd_ic_base;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct hd_code **filled;
static size_t n_filled, cap_filled;

/* Number of the first cache word behind each instruction that depends on classes; 0: none. */
static uint8_t class_cache_word(uint8_t op)
{
    switch (op) {
    case HD_OP_GETATTR: case HD_OP_SETATTR: case HD_OP_GETMETH: case HD_OP_SUPERATTR: case HD_OP_SUPERMETH: return 2;
    default: return 0;
    }
}

enum { REGISTERED = 1 };

/* The attempt that made the code object and ran it is rolled back, and the object is about to be freed. */
static void forget(void *code)
{
    struct hd_code *c = code;
    if (!gc_is_young(c)) return;
    pthread_mutex_lock(&lock);
    c->ic_state &= ~(uint32_t)REGISTERED;
    for (size_t i = n_filled; i-- > 0;)
        if (filled[i] == c) {
            filled[i] = filled[--n_filled];
            break;
        }
    pthread_mutex_unlock(&lock);
}

void hd_ic_register(struct hd_code *c)
{
    if (LIKELY(__atomic_load_n(&c->ic_state, __ATOMIC_RELAXED) & REGISTERED)) return;
    pthread_mutex_lock(&lock);
    if (!(c->ic_state & REGISTERED)) {
        if (n_filled == cap_filled) {
            size_t cap = cap_filled ? cap_filled * 2 : 256;
            filled = stm_need(filled, cap * sizeof *filled);
            cap_filled = cap;
        }
        filled[n_filled++] = c;
        __atomic_store_n(&c->ic_state, c->ic_state | REGISTERED, __ATOMIC_RELAXED);
        if (gc_is_young(c)) stm_on_abort(forget, c);
    }
    pthread_mutex_unlock(&lock);
}

static void forget_table(struct hd_thread *ts, void *unused)
{
    memset(ts->ic_table, 0, sizeof *ts->ic_table << HD_IC_TABLE_LOG2);
}

void hd_ic_flush_all(void)
{
    hd_each_hd_thread(forget_table, NULL);
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < n_filled; i++) {
        struct hd_code *c = filled[i];
        for (hd_ins *p = c->ins, *end = p + c->nins; p < end; p += hd_op_words[p->op]) {
            unsigned k = class_cache_word(p->op);
            if (k) __atomic_store_n(&p[k].u, 0, __ATOMIC_RELAXED);
        }
        __atomic_store_n(&c->ic_state, c->ic_state & ~(uint32_t)REGISTERED, __ATOMIC_RELAXED);
    }
    n_filled = 0;
    pthread_mutex_unlock(&lock);
}

/* Also called for a collection of one context, while others fill caches. */
void hd_eval_roots(struct gc_marker *m)
{
    if (gc_kind(m) == GC_KIND_FULL) return;
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < n_filled; i++) gc_mark(m, hd_obj(filled[i]));
    pthread_mutex_unlock(&lock);
}

void hd_ic_reached(void)
{
    size_t n = 0;
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < n_filled; i++)
        if (gc_is_marked(filled[i])) filled[n++] = filled[i];
    bool dropped = n < n_filled;
    n_filled = n;
    pthread_mutex_unlock(&lock);
    if (dropped) hd_each_hd_thread(forget_table, NULL);
}
