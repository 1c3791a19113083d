/* Large objects: jemalloc in an arena of its own whose extents are carved from the heap's range.
 *
 * Owns: gc_heap.larges, .page_large, .large_bytes.  A table with one entry per 2 KiB of the range leads from any address
 * to the large object on it; jemalloc's size classes above 8 KiB are multiples of that grain, and an explicit page
 * alignment keeps it from displacing the start of bigger ones, so no two objects share a grain.
 *
 * L1: page_large of every grain of an object is its index in larges, of all other grains 0 or the index of an unused one.
 * L2: extents are never handed back to us: jemalloc keeps the addresses and we only drop the bytes (purge). */
#define GC_BUILD
#include <jemalloc/jemalloc.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/types.h>
#include "gc/gc_internal.h"

static unsigned arena;
static uint32_t count = 1, free_entry;      /* under gc_heap.lock; count is read by the collector with the world stopped */

static void *hook_alloc(extent_hooks_t *hooks, void *where, size_t size, size_t alignment, bool *zero, bool *commit, unsigned ind)
{
    (void)hooks; (void)ind;
    if (where) return NULL;
    void *p = gc_carve(size, alignment);
    if (p) *zero = *commit = true;
    return p;
}
static bool hook_purge(extent_hooks_t *hooks, void *p, size_t size, size_t offset, size_t length, unsigned ind)
{
    (void)hooks; (void)size; (void)ind;
    return madvise((char *)p + offset, length, MADV_DONTNEED) != 0;
}
static bool hook_split(extent_hooks_t *hooks, void *p, size_t size, size_t a, size_t b, bool committed, unsigned ind)
{
    (void)hooks; (void)p; (void)size; (void)a; (void)b; (void)committed; (void)ind;
    return false;
}
static bool hook_merge(extent_hooks_t *hooks, void *p, size_t a, void *q, size_t b, bool committed, unsigned ind)
{
    (void)hooks; (void)p; (void)a; (void)q; (void)b; (void)committed; (void)ind;
    return false;
}
static extent_hooks_t hooks_table = { .alloc = hook_alloc, .purge_forced = hook_purge, .split = hook_split, .merge = hook_merge };

void gc_large_init(void)
{
    extent_hooks_t *hooks = &hooks_table;
    size_t size = sizeof arena;
    if (mallctl("arenas.create", &arena, &size, &hooks, sizeof hooks)) gc_fatal("cannot make the arena of large objects");
    /* Growing by doubling without bound would use up a small range for nothing. */
    char name[64];
    size_t grow = gc_heap.span / 64 < (size_t)64 << 20 ? gc_heap.span / 64 : (size_t)64 << 20;
    if (grow < (size_t)2 << 20) grow = (size_t)2 << 20;
    snprintf(name, sizeof name, "arena.%u.retain_grow_limit", arena);
    mallctl(name, NULL, NULL, &grow, sizeof grow);
    ssize_t decay_ms = 1000;
    snprintf(name, sizeof name, "arena.%u.dirty_decay_ms", arena);
    mallctl(name, NULL, NULL, &decay_ms, sizeof decay_ms);
}

static int flags_of(size_t size)
{
    return MALLOCX_ARENA(arena) | MALLOCX_TCACHE_NONE | (size > 14 << 10 ? MALLOCX_ALIGN(4096) : 0);
}

/* What an object of this real size takes: jemalloc keeps a page beside each big one for the displacement of its start. */
static size_t charge_of(size_t real) { return real + (real > 14 << 10 ? 4096 : 0); }

uint32_t gc_large_count(void) { return count; }

/* On failure 0. */
static uint32_t take_entry(void)
{
    pthread_mutex_lock(&gc_heap.lock);
    uint32_t i = free_entry;
    if (i) free_entry = gc_heap.larges[i].next;
    else if (count <= gc_heap.large_cap) i = count++;
    pthread_mutex_unlock(&gc_heap.lock);
    return i;
}
static void give_entry(uint32_t i)
{
    pthread_mutex_lock(&gc_heap.lock);
    gc_heap.larges[i].next = free_entry;
    free_entry = i;
    pthread_mutex_unlock(&gc_heap.lock);
}

void *gc_large_alloc(struct gc_context *g, size_t size, bool zero)
{
    if (size > gc_heap.span) return NULL;
    size_t real = nallocx(size, flags_of(size));
    if (!real || real > gc_heap.span) return NULL;
    if (!gc_claim(charge_of(real))) { gc_no_room(); return NULL; }
    uint32_t i = take_entry();
    char *p = i ? mallocx(size, flags_of(size) | (zero && !GC_ASAN ? MALLOCX_ZERO : 0)) : NULL;
    if (!p) {
        if (i) give_entry(i);
        gc_unclaim(charge_of(real));
        gc_no_room();
        return NULL;
    }
    gc_hand_out(p, size, real);
    if (GC_ASAN && zero) memset(p, 0, size);
    *(uint64_t *)p = 0;
    size_t first = (size_t)(p - gc_heap.base) >> GC_PAGE_SHIFT, last = (size_t)(p - gc_heap.base + real - 1) >> GC_PAGE_SHIFT;
    struct gc_large *l = &gc_heap.larges[i];
    l->p = p;
    l->size = real;
    l->mark = 0;
    l->used = l->young = 1;
    for (size_t k = first; k <= last; k++) stm_store32_relaxed(&gc_heap.page_large[k], i);
    /* Last: nursery collections of other contexts look at entries, and only on at those that say that they are theirs. */
    stm_store32_release(&l->owner, g->index + 1);
    gc_push(&g->young_large, i);
    stm_add_full(&gc_heap.large_bytes, charge_of(real));
    g->spent += real;
    if (g->spent >= g->budget || gc_heap.stress_every) stm_request_poll(stm_me, STM_POLL_GC);
    return p;
}

void gc_large_free(uint32_t i)
{
    struct gc_large *l = &gc_heap.larges[i];
    char *p = l->p;
    size_t real = l->size;
    l->used = l->mark = l->young = 0;
    stm_store32_relaxed(&l->owner, 0);
    gc_poison(p, real);
    dallocx(p, flags_of(real));
    stm_add_full(&gc_heap.large_bytes, (uint64_t)0 - charge_of(real));
    gc_unclaim(charge_of(real));
    give_entry(i);
}

void gc_large_purge(bool all)
{
    char name[64];
    snprintf(name, sizeof name, "arena.%u.%s", arena, all ? "purge" : "decay");
    mallctl(name, NULL, NULL, NULL, 0);
}
