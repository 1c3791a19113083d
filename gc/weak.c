/* Weak slots, finalisers, pinned objects.
 *
 * A registration is made inside a transaction and counts only if that commits: it moves from the context's `recent` list
 * (registered in the current epoch, looked at by nursery collections) over `running` (earlier epochs of the transaction)
 * to the committed list, and at a stopped collection to the process's list.
 *
 * W1: slots of dead targets are cleared before finalisers revive anything: a finaliser sees its weak references dead.
 * W2: a holder or object is queued once.  What was taken from the process's queues by a transaction that aborts goes back.
 * W3: queued and taken objects are roots.
 * W4: what a queued finaliser can reach is alive: late finalisers (config.late) are queued after marking from the others,
 *     so that nobody meets an object whose memory outside the heap is gone. */
#define GC_BUILD
#include <string.h>
#include "gc/gc_internal.h"

/* -- registration ----------------------------------------------------------------------------------------------- */
void gc_weak_register(void *holder, uint64_t *slot, uint64_t dead)
{
    gc_push(&gc_me()->weak_recent, (struct gc_weak){ holder, slot, dead });
}

void gc_finaliser_register(void *object) { gc_push(&gc_me()->finalisers_recent, object); }

static bool is_among(const gc_ptr_vec *v, const void *p)
{
    for (size_t i = 0; i < v->n; i++) if (v->v[i] == p) return true;
    return false;
}

bool gc_has_finaliser(const void *object)
{
    for (unsigned k = 0; k < gc_heap.ncontext; k++) {
        const struct gc_context *g = &gc_heap.contexts[k];
        if (is_among(&g->finalisers, object) || is_among(&g->finalisers_running, object) || is_among(&g->finalisers_recent, object)) return true;
    }
    return is_among(&gc_heap.finalisers, object);
}

void gc_outlive(void *object) { gc_push(&gc_me()->pinned_recent, object); }

void gc_pin(void *object)
{
    gc_outlive(object);
    pthread_mutex_lock(&gc_heap.lock);
    gc_push(&gc_heap.pinned, object);
    pthread_mutex_unlock(&gc_heap.lock);
}

void gc_keep(void *object) { gc_push(&gc_me()->kept, object); }

/* -- queues ----------------------------------------------------------------------------------------------------- */
/* The process's queues are looked at without the lock: while transactions run their lengths are stored in one piece. */
static void set_length(gc_queue *q, size_t n) { stm_store_relaxed(&q->n, n); }

static void *first(gc_queue *q)
{
    if (q->head == q->n) return NULL;
    void *p = q->v[q->head++];
    if (q->head == q->n) q->head = 0, set_length(q, 0);
    return p;
}

static void *take(gc_queue *own, gc_queue *shared, gc_queue *taken)
{
    void *p = first(own);
    if (p || !stm_load_relaxed(&shared->n)) return p;
    pthread_mutex_lock(&gc_heap.lock);
    p = first(shared);
    pthread_mutex_unlock(&gc_heap.lock);
    if (p && !stm_solo()) gc_push(taken, p);
    return p;
}

void *gc_next_cleared(void)
{
    struct gc_context *g = gc_me();
    return take(&g->cleared, &gc_heap.cleared, &g->taken_cleared);
}

void *gc_next_finalisable(void)
{
    struct gc_context *g = gc_me();
    return take(&g->finalisable, &gc_heap.finalisable, &g->taken_finalisable);
}

bool gc_anything_queued(void)
{
    const struct gc_context *g = gc_me();
    return g->cleared.n || g->finalisable.n || stm_load_relaxed(&gc_heap.cleared.n) || stm_load_relaxed(&gc_heap.finalisable.n);
}

void *gc_next_saved(void)
{
    pthread_mutex_lock(&gc_heap.lock);
    void *p = first(&gc_heap.saved);
    pthread_mutex_unlock(&gc_heap.lock);
    return p;
}

/* -- processing ------------------------------------------------------------------------------------------------- */
static bool is_reference(uint64_t w) { return !(w & 7) && gc_in_heap(w); }

/* Clears the slots whose target was not reached. */
static void clear_dead(gc_weak_vec *list, struct gc_marker *m, gc_queue *queue)
{
    for (size_t i = 0; i < list->n; i++) {
        struct gc_weak *e = &list->v[i];
        uint64_t target;
        bool dead = gc_is_dead(m, e->holder);
        /* The holder of an entry may be gone already only if the entry is dropped in the same collection: reading its
         * slot is safe here. */
        target = *e->slot;
        if (!is_reference(target) || !gc_is_dead(m, (void *)target)) continue;
        *e->slot = e->dead;
        if (!dead) gc_push(queue, e->holder);
    }
}

static void drop_dead_holders(gc_weak_vec *list, struct gc_marker *m)
{
    size_t n = 0;
    for (size_t i = 0; i < list->n; i++)
        if (!gc_is_dead(m, list->v[i].holder)) list->v[n++] = list->v[i];
    list->n = n;
}

static void queue_finalisers(gc_ptr_vec *list, struct gc_marker *m, gc_queue *queue, bool late)
{
    size_t n = 0, first = queue->n;
    for (size_t i = 0; i < list->n; i++) {
        void *o = list->v[i];
        if (gc_is_dead(m, o) && late == (gc_heap.config.late && gc_heap.config.late(o))) gc_push(queue, o);
        else list->v[n++] = o;
    }
    list->n = n;
    for (size_t i = first; i < queue->n; i++) gc_mark_object(m, queue->v[i]);
}

static void append_weak(gc_weak_vec *to, gc_weak_vec *from)
{
    for (size_t i = 0; i < from->n; i++) gc_push(to, from->v[i]);
    from->n = 0;
}
static void append(gc_ptr_vec *to, gc_ptr_vec *from)
{
    for (size_t i = 0; i < from->n; i++) gc_push(to, from->v[i]);
    from->n = 0;
}

void gc_weak_process_nursery(struct gc_context *g, struct gc_marker *m)
{
    size_t queued = g->cleared.n + g->finalisable.n;
    clear_dead(&g->weak_recent, m, &g->cleared);
    for (int late = 0; late < 2; late++) {
        queue_finalisers(&g->finalisers_recent, m, &g->finalisable, late);
        gc_drain(m);
    }
    drop_dead_holders(&g->weak_recent, m);
    if (g->cleared.n + g->finalisable.n > queued) stm_request_poll(stm_me, STM_POLL_USER);
}

static void queue_all(gc_ptr_vec *list, gc_queue *queue)
{
    for (size_t i = 0; i < list->n; i++) gc_push(queue, list->v[i]);
    list->n = 0;
}

void gc_finalise_all(void)
{
    struct gc_heap *h = &gc_heap;
    queue_all(&h->finalisers, &h->finalisable);
    for (unsigned k = 0; k < h->ncontext; k++) {
        struct gc_context *g = &h->contexts[k];
        queue_all(&g->finalisers, &h->finalisable);
        queue_all(&g->finalisers_running, &g->finalisable);      /* these may be young: the queue of the process is no root of */
        queue_all(&g->finalisers_recent, &g->finalisable);       /* their nursery */
    }
}

/* The epoch of the registrations is over: their holders, targets and objects are not young any more, and an abort does not
 * free pinned ones. */
void gc_weak_new_epoch(struct gc_context *g)
{
    g->pinned_recent.n = 0;
    append_weak(&g->weak_running, &g->weak_recent);
    append(&g->finalisers_running, &g->finalisers_recent);
}

void gc_weak_process_stopped(struct gc_marker *m)
{
    struct gc_heap *h = &gc_heap;
    size_t queued = h->cleared.n + h->finalisable.n;
    for (unsigned k = 0; k < h->ncontext; k++) {
        struct gc_context *g = &h->contexts[k];
        append_weak(&h->weak, &g->weak);
        append(&h->finalisers, &g->finalisers);
        clear_dead(&g->weak_running, m, &g->cleared);
        clear_dead(&g->weak_recent, m, &g->cleared);
    }
    clear_dead(&h->weak, m, &h->cleared);
    /* A finaliser that is reachable from another dead object with one runs all the same: all are found before any is
     * marked from. */
    for (int late = 0; late < 2; late++) {
        for (unsigned k = 0; k < h->ncontext; k++) {
            struct gc_context *g = &h->contexts[k];
            queue_finalisers(&g->finalisers_running, m, &g->finalisable, late);
            queue_finalisers(&g->finalisers_recent, m, &g->finalisable, late);
        }
        queue_finalisers(&h->finalisers, m, &h->finalisable, late);
        gc_drain(m);
    }
    drop_dead_holders(&h->weak, m);
    for (unsigned k = 0; k < h->ncontext; k++) {
        struct gc_context *g = &h->contexts[k];
        drop_dead_holders(&g->weak_running, m);
        drop_dead_holders(&g->weak_recent, m);
        if (g->cleared.n + g->finalisable.n) stm_request_poll(stm_context_at(k), STM_POLL_USER);
    }
    if (h->cleared.n + h->finalisable.n > queued) stm_request_poll(stm_me, STM_POLL_USER);
}

/* -- ends of transactions --------------------------------------------------------------------------------------- */
static bool anything(const struct gc_context *g)
{
    return g->weak_recent.n | g->weak_running.n | g->finalisers_recent.n | g->finalisers_running.n | g->cleared.n
        | g->finalisable.n | g->taken_cleared.n | g->taken_finalisable.n | g->pinned_recent.n | g->kept.n;
}

static void append_queue(gc_queue *to, gc_queue *from)
{
    gc_queue all = *to;
    for (size_t i = from->head; i < from->n; i++) gc_push(&all, from->v[i]);
    to->v = all.v, to->cap = all.cap;
    set_length(to, all.n);
    from->head = 0, set_length(from, 0);
}

/* In front: what was queued first is finalised first. */
static void give_back(gc_queue *shared, gc_queue *taken)
{
    append_queue(taken, shared);
    gc_queue q = *shared;
    shared->v = taken->v, shared->cap = taken->cap, shared->head = taken->head;
    set_length(shared, taken->n);
    *taken = q;
}

void gc_weak_ended(struct gc_context *g, bool committed)
{
    if (STM_LIKELY(!anything(g))) return;
    g->pinned_recent.n = g->kept.n = 0;
    if (committed) {
        append_weak(&g->weak, &g->weak_running);
        append_weak(&g->weak, &g->weak_recent);
        append(&g->finalisers, &g->finalisers_running);
        append(&g->finalisers, &g->finalisers_recent);
        g->taken_cleared.n = g->taken_finalisable.n = 0;
    } else {
        g->weak_running.n = g->weak_recent.n = g->finalisers_running.n = g->finalisers_recent.n = 0;
    }
    bool shared = g->cleared.n || g->finalisable.n || g->taken_cleared.n || g->taken_finalisable.n;
    if (!shared) return;
    pthread_mutex_lock(&gc_heap.lock);
    if (committed) {
        append_queue(&gc_heap.cleared, &g->cleared);
        append_queue(&gc_heap.finalisable, &g->finalisable);
    } else {
        g->cleared.n = g->cleared.head = g->finalisable.n = g->finalisable.head = 0;
        give_back(&gc_heap.cleared, &g->taken_cleared);
        give_back(&gc_heap.finalisable, &g->taken_finalisable);
    }
    pthread_mutex_unlock(&gc_heap.lock);
    stm_request_poll(stm_me, STM_POLL_USER);
}
