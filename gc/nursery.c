/* Collections of one context: what its running transaction allocated.
 *
 * Nobody else can have seen those objects, so no other thread takes part and nothing is locked.  They can be referenced
 * from this context's stacks, from units that it opened in the current epoch, and from each other:
 *
 * N1: an object that is not young and refers to a young one was opened by the context in its current epoch.  (An object
 *     stops being young at the end of a transaction or in a nursery collection; both begin an epoch.)
 * N2: after a nursery collection that begins an epoch nothing is young.  In solo mode, if every other object is marked,
 *     the survivors are marked (old); else they are `intermediate`, neither young nor marked, because an old object must
 *     not refer to an unmarked one unless it is in a remembered set.
 * N3: before a commit the survivors stay young: if the commit fails, the abort frees them. */
#define GC_BUILD
#include <string.h>
#include "gc/gc_internal.h"

static void mark_roots(struct gc_context *g, struct gc_marker *m)
{
    struct stm_thread *t = stm_thread_self();
    stm_each_root_range(t, gc_mark_range, m);
    if (gc_heap.config.thread_roots) gc_heap.config.thread_roots(stm_thread_user(t), m);
    /* Places outside the heap (static types, registered statics) are stored to without a barrier. */
    if (gc_heap.config.roots) gc_heap.config.roots(m);
    /* Copies of open units are older than everything young, and nested undo records are among the root ranges. */
    gc_remembered_mark_epoch(m, g);
    gc_mark_all(m, &g->pinned_recent);
    gc_mark_all(m, &g->kept);
    gc_mark_queue(m, &g->cleared);
    gc_mark_queue(m, &g->finalisable);
}

enum survivors { SURVIVE_YOUNG, SURVIVE_INTERMEDIATE, SURVIVE_OLD };

/* Puts an own block that is nobody's current block where its free cells are found again. */
static void place_block(struct gc_context *g, uint32_t i, struct gc_block *b)
{
    uint32_t full = gc_count_used(b);
    if (b->in_room) return;
    if (!full) {
        b->state = GC_FREE;
        stm_store32_relaxed(&b->next, g->free);
        g->free = i;
        return;
    }
    enum gc_density density = gc_density(b->ncell, b->ncell - full);
    if (density != GC_FULL) gc_put_in_room(g, i, density);
    else if (!b->touched) stm_store32_relaxed(&b->owner, 0);
}

/* Frees young cells without mark.  All current intervals were given up before. */
static void sweep(struct gc_context *g, enum survivors s)
{
    struct gc_heap *h = &gc_heap;
    size_t kept = 0;
    for (size_t k = 0; k < g->touched.n; k++) {
        uint32_t i = g->touched.v[k];
        struct gc_block *b = &h->blocks[i];
        uint64_t any = 0;
        for (uint32_t w = 0, words = gc_bitmap_words(b); w < words; w++) {
            uint64_t young = b->bits[w].young, mark = b->bits[w].mark;
            gc_poison_cells(b, w, b->bits[w].used & young & ~mark);
            if (STM_UNLIKELY(h->stress_verify) && s == SURVIVE_INTERMEDIATE)
                for (uint64_t left = young & mark; left; left &= left - 1)
                    gc_push(&g->survivors, gc_block_base(i) + (size_t)(w * 64 + (unsigned)__builtin_ctzll(left)) * b->size);
            b->bits[w].used &= ~young | mark;
            if (s != SURVIVE_OLD) b->bits[w].mark = mark & ~young;
            b->bits[w].young = s == SURVIVE_YOUNG ? young & mark : 0;
            any |= b->bits[w].young;
        }
        b->touched = any != 0;
        if (any) g->touched.v[kept++] = i;
        place_block(g, i, b);
    }
    g->touched.n = kept;
    kept = 0;
    for (size_t k = 0; k < g->young_large.n; k++) {
        uint32_t i = g->young_large.v[k];
        struct gc_large *l = &h->larges[i];
        if (!l->mark) { gc_large_free(i); continue; }
        if (STM_UNLIKELY(h->stress_verify) && s == SURVIVE_INTERMEDIATE) gc_push(&g->survivors, l->p);
        if (s != SURVIVE_OLD) l->mark = 0;
        if (s == SURVIVE_YOUNG) g->young_large.v[kept++] = i;
        else { stm_store32_relaxed(&l->owner, 0); l->young = 0; }
    }
    g->young_large.n = kept;
}

/* Half of the second-level cache; more while collecting costs more than the cache saves: the stacks are deep (half a nanosecond
 * per byte allocated is what a cache miss for each object would cost, two are taken for a word that is looked at), or much
 * survives.  In the latter case the nursery stays small beside what lives: it is memory, too, and a longer wait lets few more
 * objects die.  Words are counted, not time, so that a program of one thread collects at the same places each time. */
static void adapt_budget(struct gc_context *g, size_t survived, size_t scanned)
{
    size_t standard = gc_heap.nursery_budget, most = standard * 8, proportionate = (gc_heap.live + gc_heap.grown) / 4;
    if (most > gc_heap.limit / 128) most = gc_heap.limit / 128;
    bool deep = scanned * 4 > g->spent;
    if (!deep && most > proportionate) most = proportionate;
    if ((deep || survived * 2 > g->spent) && g->budget * 2 <= most) g->budget *= 2;
    else if (g->budget > standard && (g->budget > most || (survived * 8 < g->spent && scanned * 16 < g->spent))) g->budget /= 2;
}

/* Every object that is not young here is marked. */
static bool only_marked_besides(const struct gc_context *g)
{
    if (stm_load_relaxed(&gc_heap.intermediate)) return false;
    for (unsigned k = 0; k < gc_heap.ncontext; k++)
        if (k != g->index && gc_heap.contexts[k].running) return false;
    return true;
}

static void begin_marking(struct gc_context *g, struct gc_marker *m)
{
    m->mode = GC_MODE_NURSERY;
    m->owner = g->index + 1;
    m->context = g;
    m->live_bytes = m->live_objects = m->scanned = 0;
    m->overflow = false;
}

void gc_nursery_collect(struct gc_context *g, enum gc_nursery how)
{
    struct gc_marker *m = &g->marker;
    uint64_t start = gc_heap.log > 1 ? gc_now() : 0;
    gc_retire(g);
    begin_marking(g, m);
    mark_roots(g, m);
    size_t scanned = m->scanned;
    gc_drain(m);
    gc_weak_process_nursery(g, m);
    bool promote = how == GC_NEW_EPOCH && stm_solo() && only_marked_besides(g);
    sweep(g, how == GC_KEEP_YOUNG ? SURVIVE_YOUNG : promote ? SURVIVE_OLD : SURVIVE_INTERMEDIATE);
    g->stats.nursery++;
    g->stats.allocated_bytes += g->spent;
    if (g->spent > m->live_bytes) g->stats.freed_bytes += g->spent - m->live_bytes;
    if (gc_heap.log > 1)
        gc_log("nursery of context %u: %zu KiB allocated, %zu KiB in %zu objects survive, %.1f us", g->index, g->spent >> 10,
               m->live_bytes >> 10, m->live_objects, (double)(gc_now() - start) / 1e3);
    if (how == GC_NEW_EPOCH) adapt_budget(g, m->live_bytes, scanned);
    else {
        g->stats.allocated_bytes -= m->live_bytes;     /* counted again when they are published */
        g->spent = m->live_bytes;
        return;
    }
    g->spent = 0;
    if (promote) {
        gc_heap.grown += m->live_bytes;
    } else if (m->live_bytes) {
        if (!stm_load_relaxed(&gc_heap.intermediate)) stm_store_relaxed(&gc_heap.intermediate, 1);
        g->published += m->live_bytes;
        gc_flush_published(g);
    }
    /* Pinned objects are in the process's list; from now on only a stopped collection could free them. */
    gc_remembered_new_epoch(g, promote);
    gc_weak_new_epoch(g);
    stm_new_epoch();
}

/* Memory has been restored: nothing refers to what the transaction allocated, except pinned objects.  What had survived a
 * nursery collection in it stays until a stopped one finds it unreachable; it may refer to what is freed here. */
void gc_nursery_abort(struct gc_context *g)
{
    if (g->survivors.n) {
        pthread_mutex_lock(&gc_heap.lock);
        for (size_t i = 0; i < g->survivors.n; i++) gc_push(&gc_heap.doubtful, g->survivors.v[i]);
        pthread_mutex_unlock(&gc_heap.lock);
        g->survivors.n = 0;
    }
    struct gc_marker *m = &g->marker;
    gc_retire(g);
    begin_marking(g, m);
    gc_mark_all(m, &g->pinned_recent);
    gc_drain(m);
    sweep(g, SURVIVE_INTERMEDIATE);
    if (m->live_bytes) stm_store_relaxed(&gc_heap.intermediate, 1);
    g->stats.allocated_bytes += g->spent;
    if (g->spent > m->live_bytes) g->stats.freed_bytes += g->spent - m->live_bytes;
    g->spent = 0;
}
