/* When and how collections run; the life of the collector's per-context state.
 *
 * C1: allocation never collects; it sets STM_POLL_GC, and gc_poll does what is due.
 * C2: a stopped collection leaves every object either marked, or young in a running transaction; `intermediate` is 0.
 * C3: marks are cleared only by a full collection. */
#define GC_BUILD
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "gc/gc_internal.h"

enum { COMMIT_NURSERY = 64 << 10 };              /* a commit with more fresh bytes than this collects them first */
static const size_t young_least = (size_t)8 << 20, full_least = (size_t)4 << 20;

bool gc_young_due(void)
{
    size_t n = stm_load_relaxed(&gc_heap.published), limit = gc_heap.live / 8;
    return n > (limit > young_least ? limit : young_least);
}

/* Bytes that may become old before a full collection. */
static size_t full_limit(void)
{
    size_t limit = gc_heap.live / 5 * 4;
    return limit > full_least ? limit : full_least;
}

bool gc_full_due(void)
{
    struct gc_heap *h = &gc_heap;
    if (stm_load_relaxed(&h->want_full)) return true;
    size_t external = stm_load_relaxed(&h->external);
    size_t grown = h->grown + (external > h->external_at_full ? external - h->external_at_full : 0);
    return grown > full_limit();
}

/* A few dead objects in each of very many blocks: the heap has grown by much more than what survived.  (With several threads
 * it also grows by what they publish, which a young collection will free.) */
static bool too_sparse(const struct gc_context *g)
{
    struct gc_heap *h = &gc_heap;
    size_t then = h->in_use_at_full ? h->in_use_at_full : (size_t)3 << 20;
    return stm_solo() && stm_load_relaxed(&h->in_use) > then + then / 4 + full_limit() + 2 * g->budget + stm_load_relaxed(&h->published);
}

void gc_request_full(void)
{
    stm_store_relaxed(&gc_heap.want_full, 1);
    if (stm_me && !(stm_load32_relaxed(&stm_me->poll) & STM_POLL_GC)) stm_request_poll(stm_me, STM_POLL_GC);
}

void gc_request_nursery(void)
{
    gc_me()->squeezed = true;
    if (!(stm_load32_relaxed(&stm_me->poll) & STM_POLL_GC)) stm_request_poll(stm_me, STM_POLL_GC);
}

void gc_account(int64_t bytes)
{
    stm_add_full(&gc_heap.external, (uint64_t)bytes);
    if (bytes > 0 && gc_full_due()) gc_request_full();
}

/* -- roots of a stopped collection ------------------------------------------------------------------------------ */
static void mark_thread(struct stm_thread *t, void *marker)
{
    stm_each_root_range(t, gc_mark_range, marker);
    if (gc_heap.config.thread_roots) gc_heap.config.thread_roots(stm_thread_user(t), marker);
}

void gc_mark_roots(struct gc_marker *m)
{
    struct gc_heap *h = &gc_heap;
    if (h->config.roots) h->config.roots(m);
    stm_each_thread(mark_thread, m);
    for (unsigned k = 0; k < h->ncontext; k++) {
        struct gc_context *g = &h->contexts[k];
        stm_each_open(stm_context_at(k), gc_mark_opened, m);
        gc_mark_all(m, &g->pinned_recent);
        gc_mark_all(m, &g->kept);
        gc_mark_queue(m, &g->cleared);
        gc_mark_queue(m, &g->finalisable);
        gc_mark_queue(m, &g->taken_cleared);
        gc_mark_queue(m, &g->taken_finalisable);
        /* The end of an inner atomic block may write old contents back into whatever was opened, so that must not become
         * other memory.  Only a solo transaction outside atomic blocks surely does not. */
        if (g->running && (g != gc_me() || stm_atomic_depth() || !stm_solo())) gc_remembered_keep(m, g);
    }
    gc_mark_all(m, &h->pinned);
    gc_mark_queue(m, &h->cleared);
    gc_mark_queue(m, &h->finalisable);
    gc_mark_queue(m, &h->saved);
}

/* -- stopped collections ---------------------------------------------------------------------------------------- */
static size_t mark_and_sweep(struct gc_marker *m, bool full, bool (*counts)(const void *object), bool save)
{
    struct gc_heap *h = &gc_heap;
    size_t garbage = 0;
    m->mode = GC_MODE_STOPPED;
    m->live_bytes = m->live_objects = 0;
    m->overflow = false;
    h->full = full;
    for (unsigned k = 0; k < h->ncontext; k++) {
        if (!stm_context_at(k)->thread) gc_publish_left_over(&h->contexts[k]);
        gc_retire(&h->contexts[k]);
    }
    gc_finish_sweep();
    if (full) gc_clear_marks();
    gc_mark_roots(m);
    if (!full) for (unsigned k = 0; k < h->ncontext; k++) gc_remembered_mark(m, &h->contexts[k]);
    gc_drain_parallel(m);
    gc_weak_process_stopped(m);
    if (counts) garbage = gc_count_cyclic(counts, save ? &h->saved : NULL);
    gc_mark_queue(m, &h->saved);
    gc_drain(m);
    if (full && h->config.reached) {
        h->config.reached(m);
        gc_drain(m);
    }
    gc_sweep_all();
    for (unsigned k = 0; k < h->ncontext; k++) {
        gc_remembered_forget(&h->contexts[k]);
        h->contexts[k].published = 0;
    }
    stm_store_relaxed(&h->published, 0);
    stm_store_relaxed(&h->intermediate, 0);
    if (full) {
        h->live = m->live_bytes;
        h->grown = 0;
        h->external_at_full = stm_load_relaxed(&h->external);
        h->in_use_at_full = stm_load_relaxed(&h->in_use);
        stm_store_relaxed(&h->want_full, 0);
        gc_close_reserve();
    } else h->grown += m->live_bytes;
    h->collections++;
    return garbage;
}

/* `always`: even if another thread has just collected. */
static size_t collect_stopped(bool full, bool always, bool (*counts)(const void *object), bool save)
{
    struct gc_heap *h = &gc_heap;
    struct gc_context *g = gc_me();
    struct gc_marker *m = &g->marker;
    uint64_t start = gc_now();
    stm_stop_world();
    if (!always && !(full ? gc_full_due() : gc_young_due())) {
        stm_resume_world();
        return 0;
    }
    size_t before = stm_load_relaxed(&h->in_use);
    size_t garbage = mark_and_sweep(m, full, counts, save);
    if (h->stress_verify) gc_verify(full ? "full" : "young");
    if (STM_UNLIKELY(h->why) && full && always) gc_tell_why();
    uint64_t end = gc_now(), pause = end - start;
    if (full) h->stats.full++, h->full_end = end, h->full_ns = pause;
    else h->stats.young++;
    size_t after = stm_load_relaxed(&h->in_use);
    if (before > after) h->stats.freed_bytes += before - after;
    if (pause > h->stats.pause_ns_max) h->stats.pause_ns_max = pause;
    h->stats.pause_ns_total += pause;
    unsigned decade = 0;
    for (uint64_t limit = 100000; decade < GC_PAUSE_DECADES - 1 && pause >= limit; limit *= 10) decade++;
    h->stats.pauses[decade]++;
    stm_resume_world();
    gc_log("%s collection: %zu objects, %zu KiB marked; heap %zu KiB before, %zu KiB after; %.2f ms", full ? "full" : "young",
           m->live_objects, m->live_bytes >> 10, before >> 10, after >> 10, (double)pause / 1e6);
    if (full) {
        gc_return_memory();
        gc_large_purge(always);
    }
    return garbage;
}

size_t gc_collect_stopped(bool full, bool always, bool (*counts)(const void *object)) { return collect_stopped(full, always, counts, false); }

void gc_leave_to_count(void) { gc_me()->counted = true; }

void gc_collect_full(void) { gc_collect_stopped(true, true, NULL); }

/* What a program allocates until it asks again is for this collection to find and count, as far as a nursery is large: when
 * nursery collections run does not depend on what was before. */
static size_t collect_asked(bool (*counts)(const void *object), bool save)
{
    size_t n = collect_stopped(true, true, counts, save);
    struct gc_context *g = gc_me();
    g->stats.allocated_bytes += g->spent;
    g->spent = 0;
    g->budget = gc_heap.nursery_budget;
    return n;
}

size_t gc_collect_counting(bool (*counts)(const void *object)) { return collect_asked(counts, false); }
size_t gc_collect_saving(bool (*counts)(const void *object)) { return collect_asked(counts, true); }

/* Nursery collections and stopped ones in turn, the latter young and full in turn. */
static void stress(struct gc_context *g)
{
    static uint64_t turn;
    uint64_t t = stm_add_full(&turn, 1);
    if (t & 1) { gc_collect_stopped(t & 2, true, NULL); return; }
    gc_nursery_collect(g, GC_NEW_EPOCH);
    if (!gc_heap.stress_verify) return;
    stm_stop_world();
    gc_verify("nursery");
    stm_resume_world();
}

enum gc_due gc_due(void)
{
    struct gc_context *g = gc_me();
    if (STM_UNLIKELY(gc_heap.stress_every)) return GC_DUE_STOPPED;
    if (gc_full_due() || gc_young_due() || too_sparse(g)) return GC_DUE_STOPPED;
    return g->spent >= g->budget || g->squeezed ? GC_DUE_NURSERY : GC_DUE_NOTHING;
}

void gc_poll(void)
{
    struct gc_context *g = gc_me();
    if (STM_UNLIKELY(gc_heap.stress_every)) { stress(g); return; }
    if (g->spent >= g->budget || g->squeezed) {
        g->squeezed = false;
        gc_nursery_collect(g, GC_NEW_EPOCH);
    }
    if (too_sparse(g)) stm_store_relaxed(&gc_heap.want_full, 1);
    if (gc_full_due()) gc_collect_stopped(true, false, NULL);
    else if (gc_young_due()) gc_collect_stopped(false, false, NULL);
}

/* -- transactions ----------------------------------------------------------------------------------------------- */
void gc_begun(void)
{
    struct gc_context *g = gc_me();
    gc_publish_left_over(g);
    g->running = true;
    gc_remembered_begin(g);
}

void gc_committing(void)
{
    struct gc_context *g = gc_me();
    if (g->spent > COMMIT_NURSERY && !g->counted) gc_nursery_collect(g, GC_KEEP_YOUNG);
    g->counted = false;
}

void gc_ended(bool committed)
{
    struct gc_context *g = gc_me();
    g->running = false;
    if (committed) {
        g->survivors.n = 0;
        gc_publish(g);
    } else {
        gc_nursery_abort(g);
        gc_remembered_abort(g);
    }
    gc_weak_ended(g, committed);
    gc_reserve_ended(committed);
}

/* The other contexts' transactions are gone, their memory is restored. */
void gc_after_fork_child(void)
{
    for (unsigned k = 0; k < gc_heap.ncontext; k++) {
        struct gc_context *g = &gc_heap.contexts[k];
        if (g == gc_me() || !g->running) continue;
        g->running = false;
        gc_nursery_abort(g);
        gc_remembered_abort(g);
        gc_weak_ended(g, false);
    }
}

/* -- start ------------------------------------------------------------------------------------------------------ */
static void parse_stress(const char *s)
{
    while (s && *s) {
        if (!strncmp(s, "every=", 6)) gc_heap.stress_every = strtoull(s + 6, NULL, 10);
        else if (!strncmp(s, "verify", 6)) gc_heap.stress_verify = true;
        s = strchr(s, ',');
        if (s) s++;
    }
    if (gc_heap.stress_verify && !gc_heap.stress_every) gc_heap.stress_every = 1000;
}

void gc_init(const struct gc_config *config)
{
    struct gc_heap *h = &gc_heap;
    h->config = *config;
    pthread_mutex_init(&h->lock, NULL);
    h->reserve_turn = 1;
    gc_heap_reserve();
    gc_alloc_init();
    gc_large_init();
    gc_remember_init();
    gc_parallel_init();
    const char *env = getenv("HEDDLE_GC_LOG");
    h->log = env ? (*env ? atoi(env) : 1) : 0;
    parse_stress(getenv("HEDDLE_GC_STRESS"));
    h->why = getenv("HEDDLE_GC_WHY");
    long cache = 0;
#ifdef _SC_LEVEL2_CACHE_SIZE
    cache = sysconf(_SC_LEVEL2_CACHE_SIZE);
#endif
    size_t budget = cache > 0 ? (size_t)cache / 2 : (size_t)512 << 10;
    if (budget < (size_t)256 << 10) budget = (size_t)256 << 10;
    if (budget > (size_t)2 << 20) budget = (size_t)2 << 20;
    h->nursery_budget = budget;
    h->ncontext = stm_context_count();
    h->contexts = calloc(h->ncontext, sizeof *h->contexts);
    if (!h->contexts) gc_fatal("out of memory at start");
    for (unsigned k = 0; k < h->ncontext; k++) {
        struct gc_context *g = &h->contexts[k];
        g->index = k;
        g->budget = budget;
        g->stress_left = h->stress_every;
        g->bump[0].cur = (char *)GC_GRANULE;     /* size 0: into the slow path */
        stm_context_at(k)->gc = g;
    }
}
