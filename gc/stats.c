/* Counters, the log, and the walk over all objects. */
#define GC_BUILD
#include <stdarg.h>
#include <time.h>
#include "gc/gc_internal.h"

uint64_t gc_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

void gc_log(const char *format, ...)
{
    if (!gc_heap.log) return;
    char line[256];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    fprintf(stderr, "gc: %s\n", line);
}

/* The counts of other contexts are read while they change: each is exact, their sum is not of one moment. */
void gc_stats_sum(struct gc_stats *out)
{
    struct gc_heap *h = &gc_heap;
    *out = h->stats;
    for (unsigned k = 0; k < h->ncontext; k++) {
        const struct gc_context *g = &h->contexts[k];
        out->nursery += stm_load_relaxed(&g->stats.nursery);
        out->allocated_bytes += stm_load_relaxed(&g->stats.allocated_bytes) + stm_load_relaxed(&g->spent);
        out->freed_bytes += stm_load_relaxed(&g->stats.freed_bytes);
    }
    out->live_bytes = h->live + h->grown;
    out->heap_bytes = stm_load_relaxed(&h->in_use);
}

void gc_each_object(void (*f)(void *object, void *arg), void *arg)
{
    struct gc_heap *h = &gc_heap;
    uint32_t n = (uint32_t)stm_load_relaxed(&h->bounds);
    for (uint32_t i = 1; i < n; i++) {
        struct gc_block *b = &h->blocks[i];
        if (b->state != GC_SMALL) continue;
        for (uint32_t w = 0, words = gc_bitmap_words(b); w < words; w++) {
            uint64_t live = b->bits[w].used & (b->unswept ? b->bits[w].mark : ~0ull);
            for (; live; live &= live - 1) {
                uint32_t k = w * 64 + (uint32_t)__builtin_ctzll(live);
                uint64_t *p = (uint64_t *)(gc_block_base(i) + (size_t)k * b->size);
                if (gc_first_word(p)) f(p, arg);
            }
        }
    }
    for (uint32_t i = 1, z = gc_large_count(); i < z; i++) {
        struct gc_large *l = &h->larges[i];
        if (l->used && gc_first_word(l->p)) f(l->p, arg);
    }
}
