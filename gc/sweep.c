/* Sweeping: what marking did not reach becomes free.
 *
 * After a stopped collection the walk over all blocks frees empty ones and puts those with enough room into the pools of
 * their class; the cells of a block are only freed (used &= mark) by who takes the block to allocate from it.
 *
 * S1: before marking begins no block is `unswept`: a conservative reference to a dead cell must not revive it.
 * S2: a block with young cells belongs to its context and is swept at once. */
#define GC_BUILD
#include "gc/gc_internal.h"

uint32_t gc_count_used(const struct gc_block *b)
{
    uint32_t n = 0;
    for (uint32_t w = 0, words = gc_bitmap_words(b); w < words; w++) n += (uint32_t)__builtin_popcountll(b->bits[w].used);
    return n;
}

uint32_t gc_count_mark(const struct gc_block *b)
{
    uint32_t n = 0;
    for (uint32_t w = 0, words = gc_bitmap_words(b); w < words; w++) n += (uint32_t)__builtin_popcountll(b->bits[w].mark);
    return n;
}

void gc_poison_cells(const struct gc_block *b, uint32_t word, uint64_t cells)
{
    if (!GC_ASAN) return;
    char *base = gc_block_base((uint32_t)(b - gc_heap.blocks));
    for (; cells; cells &= cells - 1) {
        uint32_t i = word * 64 + (uint32_t)__builtin_ctzll(cells);
        if (i < b->ncell) gc_poison(base + (size_t)i * b->size, b->size);
    }
}

void gc_sweep_block(struct gc_block *b)
{
    if (!b->unswept) return;
    for (uint32_t w = 0, n = gc_bitmap_words(b); w < n; w++) {
        gc_poison_cells(b, w, b->bits[w].used & ~b->bits[w].mark);
        b->bits[w].used &= b->bits[w].mark;
    }
    b->unswept = 0;
}

void gc_finish_sweep(void)
{
    uint32_t n = (uint32_t)stm_load_relaxed(&gc_heap.bounds);
    for (uint32_t i = 1; i < n; i++) {
        struct gc_block *b = &gc_heap.blocks[i];
        if (b->state == GC_SMALL && b->unswept) gc_sweep_block(b);
    }
}

void gc_clear_marks(void)
{
    uint32_t n = (uint32_t)stm_load_relaxed(&gc_heap.bounds);
    for (uint32_t i = 1; i < n; i++) {
        struct gc_block *b = &gc_heap.blocks[i];
        if (b->state != GC_SMALL) continue;
        for (uint32_t w = 0, words = gc_bitmap_words(b); w < words; w++) b->bits[w].mark = 0;
    }
    for (uint32_t i = 1, z = gc_large_count(); i < z; i++) gc_heap.larges[i].mark = 0;
}

/* The nursery of a context that is in the middle of its transaction: survivors stay young. */
static void sweep_young(struct gc_context *g)
{
    struct gc_heap *h = &gc_heap;
    size_t kept = 0;
    for (size_t k = 0; k < g->touched.n; k++) {
        uint32_t i = g->touched.v[k];
        struct gc_block *b = &h->blocks[i];
        uint64_t any = 0;
        for (uint32_t w = 0, words = gc_bitmap_words(b); w < words; w++) {
            uint64_t mark = b->bits[w].mark;
            gc_poison_cells(b, w, b->bits[w].used & ~mark);
            b->bits[w].used &= mark;
            b->bits[w].young &= mark;
            b->bits[w].mark = mark & ~b->bits[w].young;
            any |= b->bits[w].young;
        }
        b->touched = any != 0;
        if (any) g->touched.v[kept++] = i;
    }
    g->touched.n = kept;
    kept = 0;
    for (size_t k = 0; k < g->young_large.n; k++) {
        uint32_t i = g->young_large.v[k];
        struct gc_large *l = &h->larges[i];
        if (!l->mark) { gc_large_free(i); continue; }
        l->mark = 0;
        g->young_large.v[kept++] = i;
    }
    g->young_large.n = kept;
    for (unsigned c = 0; c < h->nclass; c++) g->at[c].room[GC_SPARSE] = g->at[c].room[GC_DENSE] = 0;
    g->free = 0;
}

void gc_sweep_all(void)
{
    struct gc_heap *h = &gc_heap;
    for (unsigned k = 0; k < h->ncontext; k++) sweep_young(&h->contexts[k]);
    for (unsigned c = 0; c < h->nclass; c++) for (unsigned d = 0; d < GC_DENSITIES; d++) stm_store_relaxed(&h->pool[c][d], 0);
    stm_store_relaxed(&h->free, 0);
    for (uint32_t i = (uint32_t)stm_load_relaxed(&h->bounds) - 1; i > 0; i--) {
        struct gc_block *b = &h->blocks[i];
        uint32_t words = gc_bitmap_words(b);
        if (b->state == GC_FREE || b->touched) continue;
        b->live = (uint16_t)gc_count_mark(b);
        if (b->live) continue;
        for (uint32_t w = 0; w < words; w++) b->bits[w].used = 0;
        b->state = GC_FREE;
        gc_poison(gc_block_base(i), GC_BLOCK);
    }
    gc_heap_trim();
    size_t small = 0;
    /* Downwards, so that the pools give out low addresses first. */
    for (uint32_t i = (uint32_t)stm_load_relaxed(&h->bounds) - 1; i > 0; i--) {
        struct gc_block *b = &h->blocks[i];
        b->in_room = 0;
        if (!b->touched) stm_store32_relaxed(&b->owner, 0);
        if (b->state == GC_FREE) {
            gc_stack_push(&h->free, i);
            continue;
        }
        small++;
        if (b->touched) continue;
        b->unswept = 1;
        if (GC_ASAN) gc_sweep_block(b);        /* at once, so that a use of what died is found */
        enum gc_density density = gc_density(b->ncell, b->ncell - b->live);
        if (density != GC_FULL) gc_stack_push(&h->pool[b->cls][density], i);
    }
    for (uint32_t i = 1, z = gc_large_count(); i < z; i++) {
        struct gc_large *l = &h->larges[i];
        if (l->used && !l->mark && !l->young) gc_large_free(i);
    }
    stm_store_relaxed(&h->in_use, small * GC_BLOCK + stm_load_relaxed(&h->large_bytes));
}
