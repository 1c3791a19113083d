/* Marking: from a word to an object, from an object to what it refers to.
 *
 * One marker serves nursery collections (only young cells of the own context), stopped collections (all unmarked objects;
 * whether the old generation takes part is decided by clearing the marks before) and the verifier.
 *
 * M1: the marker's stack holds marked objects that were not traced yet; if it cannot grow, `overflow` is set and the heap
 *     is searched for marked objects with unmarked references until none is left.
 *     A trace function that reports very many references is interrupted to trace some of them (relieve), so that the stack
 *     does not grow with the largest object.
 * M2: an object with first word 0 is marked but never traced. */
#define GC_BUILD
#include <stdlib.h>
#include "gc/gc_internal.h"

static inline void push(struct gc_marker *m, void *p)
{
    if (STM_UNLIKELY(m->n == m->cap)) {
        size_t cap = m->cap ? m->cap * 2 : 4096;
        void **v = realloc(m->stack, cap * sizeof *v);
        if (!v) { m->overflow = true; return; }
        m->stack = v;
        m->cap = cap;
    }
    m->stack[m->n++] = p;
}

void gc_push_marked(struct gc_marker *m, void *p) { push(m, p); }

enum { RELIEVE = 1 << 17, RELIEVE_DEPTH = 4 };   /* entries of the stack; interruptions inside interruptions */

static __attribute__((noinline)) void relieve(struct gc_marker *m)
{
    if (m->interrupted == RELIEVE_DEPTH) return;
    size_t low = m->n - RELIEVE / 2;
    m->interrupted++;
    gc_drain_stack(m, low);
    m->interrupted--;
}

static inline __attribute__((always_inline)) void mark_small(struct gc_marker *m, struct gc_block *b, uint64_t off)
{
    uint32_t i = gc_cell_index(b, (uint32_t)(off & (GC_BLOCK - 1)));
    if (i >= b->ncell) return;
    uint64_t bit = 1ull << (i % 64);
    struct gc_bits *bits = &b->bits[i / 64];
    uint64_t mark = stm_load_relaxed(&bits->mark);
    if (mark & bit || !((m->mode == GC_MODE_NURSERY ? bits->young : bits->used) & bit)) return;
    if (m->mode == GC_MODE_PARALLEL) {
        while (!stm_cas_full(&bits->mark, mark, mark | bit)) {
            mark = stm_load_relaxed(&bits->mark);
            if (mark & bit) return;
        }
    } else bits->mark = mark | bit;
    m->live_bytes += b->size;
    m->live_objects++;
    char *p = gc_heap.base + (off & ~(uint64_t)(GC_BLOCK - 1)) + (size_t)i * b->size;
    push(m, p);
    if (STM_UNLIKELY(m->n > (size_t)RELIEVE * (m->interrupted + 1))) relieve(m);
}

static __attribute__((noinline)) void mark_large(struct gc_marker *m, uint64_t word)
{
    struct gc_large *l = gc_large_entry(word);
    if (!l || (m->mode == GC_MODE_NURSERY && stm_load32_acquire(&l->owner) != m->owner)) return;
    if (!l->used || word - (uint64_t)l->p >= l->size || stm_load32_relaxed(&l->mark)) return;
    if (m->mode == GC_MODE_PARALLEL) {
        if (!stm_cas32_full(&l->mark, 0, 1)) return;
    } else l->mark = 1;
    m->live_bytes += l->size;
    m->live_objects++;
    push(m, l->p);
}

static inline __attribute__((always_inline)) void mark_word(struct gc_marker *m, uint64_t word, bool conservative)
{
    uint64_t off = word - (uint64_t)gc_heap.base;
    if (off >= gc_heap.span) return;
    if (STM_UNLIKELY(m->mode >= GC_MODE_VERIFY)) {
        if (m->mode == GC_MODE_VERIFY) gc_verify_reference(m, word, conservative);
        else gc_visit_reference(m, word);
        return;
    }
    struct gc_block *b = &gc_heap.blocks[off >> GC_BLOCK_SHIFT];
    /* A nursery collection runs beside the owners of other blocks and must not look further into those. */
    if (m->mode == GC_MODE_NURSERY && stm_load32_relaxed(&b->owner) != m->owner) {
        if (off >> GC_BLOCK_SHIFT >= stm_load_relaxed(&gc_heap.bounds) >> 32) mark_large(m, word);
        return;
    }
    if (STM_LIKELY(b->state == GC_SMALL)) mark_small(m, b, off);
    else if (b->state == GC_UNUSED) mark_large(m, word);
}

void gc_mark(struct gc_marker *m, uint64_t word)
{
    if (word & 7) return;
    mark_word(m, word, false);
}

void gc_mark_object(struct gc_marker *m, void *p) { mark_word(m, (uint64_t)p, true); }

void gc_mark_all(struct gc_marker *m, const gc_ptr_vec *v)
{
    for (size_t i = 0; i < v->n; i++) mark_word(m, (uint64_t)v->v[i], true);
}

void gc_mark_queue(struct gc_marker *m, const gc_queue *q)
{
    for (size_t i = q->head; i < q->n; i++) mark_word(m, (uint64_t)q->v[i], true);
}

__attribute__((no_sanitize_address, no_sanitize_thread))
void gc_mark_range(void *marker, const void *lo, const void *hi)
{
    struct gc_marker *m = marker;
    if (STM_UNLIKELY(m->mode == GC_MODE_VISIT)) { gc_visit_range(m, lo, hi); return; }
    const uint64_t *p = (const uint64_t *)(((uintptr_t)lo + 7) & ~(uintptr_t)7);
    m->scanned += (size_t)((const char *)hi - (const char *)lo) / 8;
    for (; (const char *)(p + 1) <= (const char *)hi; p++)
        if (!gc_is_poisoned(p)) mark_word(m, *p, true);
}

void gc_mark_conservative(struct gc_marker *m, const void *lo, const void *hi) { gc_mark_range(m, lo, hi); }

/* The references in the current content of a unit. */
void gc_mark_unit(struct gc_marker *m, void *data, size_t size, enum stm_unit_kind kind)
{
    m->scanned += size / 8;
    if (kind == STM_OBJECT) {
        if (gc_first_word(data)) gc_heap.config.trace(data, m);
    } else if (kind == STM_VALUES) {
        for (uint64_t *p = data, *end = p + size / 8; p < end; p++) gc_mark(m, *p);
    }
}

/* An open unit: the object must survive because an abort writes the copy back into it; the copy is read by others and
 * comes back with an abort.  The bytes of the copy are searched word by word: it is no object, only an image of one. */
void gc_mark_opened(void *marker, void *data, size_t size, enum stm_unit_kind kind, const void *copy)
{
    struct gc_marker *m = marker;
    mark_word(m, (uint64_t)data, true);
    if (kind == STM_BYTES) return;
    gc_mark_unit(m, data, size, kind);
    if (!copy) return;
    gc_mark_range(m, copy, (const char *)copy + size);
    if (kind == STM_OBJECT && gc_heap.config.image && gc_kind(m) == GC_KIND_FULL) gc_heap.config.image(copy);
}

/* -- tracing ---------------------------------------------------------------------------------------------------- */
/* Between the stack and the tracing stands a short queue: the first words of an object are on their way into the cache while
 * the ones before it are traced. */
void gc_drain_stack(struct gc_marker *m, size_t low)
{
    enum { QUEUE = 8 };
    void (*trace)(void *, struct gc_marker *) = gc_heap.config.trace;
    void *queue[QUEUE];
    unsigned head = 0, tail = 0;
    for (;;) {
        while (m->n > low && tail - head < QUEUE) {
            void *p = m->stack[--m->n];
            __builtin_prefetch(p);
            queue[tail++ % QUEUE] = p;
        }
        if (head == tail) return;
        if (STM_UNLIKELY(m->mode == GC_MODE_PARALLEL && m->n >= 16) && gc_somebody_hungry()) gc_give_portions(m);
        void *p = queue[head++ % QUEUE];
        if (gc_first_word(p)) trace(p, m);
    }
}

/* After an overflow: trace all marked objects again; what is newly marked goes through the stack. */
static void trace_marked(struct gc_marker *m)
{
    struct gc_heap *h = &gc_heap;
    uint32_t n = (uint32_t)stm_load_relaxed(&h->bounds);
    for (uint32_t i = 1; i < n; i++) {
        struct gc_block *b = &h->blocks[i];
        if (b->state != GC_SMALL || (m->mode == GC_MODE_NURSERY && b->owner != m->owner)) continue;
        for (uint32_t k = 0; k < b->ncell; k++) {
            if (!gc_bit(b, mark, k) || (m->mode == GC_MODE_NURSERY && !gc_bit(b, young, k))) continue;
            uint64_t *p = (uint64_t *)(gc_block_base(i) + (size_t)k * b->size);
            if (gc_first_word(p)) h->config.trace(p, m);
            gc_drain_stack(m, 0);
        }
    }
    for (uint32_t i = 1, z = gc_large_count(); i < z; i++) {
        struct gc_large *l = &h->larges[i];
        if (!l->used || !l->mark || (m->mode == GC_MODE_NURSERY && l->owner != m->owner)) continue;
        if (gc_first_word(l->p)) h->config.trace(l->p, m);
        gc_drain_stack(m, 0);
    }
}

void gc_drain(struct gc_marker *m)
{
    gc_drain_stack(m, 0);
    while (STM_UNLIKELY(m->overflow)) {
        m->overflow = false;
        trace_marked(m);
    }
    /* A deep structure may have needed much; do not keep it. */
    if (m->cap > (size_t)1 << 20) {
        free(m->stack);
        m->stack = NULL;
        m->cap = 0;
    }
}

enum gc_kind gc_kind(const struct gc_marker *m)
{
    if (m->mode == GC_MODE_NURSERY) return GC_KIND_NURSERY;
    if (m->mode >= GC_MODE_VERIFY) return GC_KIND_CHECK;
    return gc_heap.full ? GC_KIND_FULL : GC_KIND_YOUNG;
}

/* -- questions about objects ------------------------------------------------------------------------------------ */
bool gc_is_marked(const void *p)
{
    if (!gc_in_heap((uint64_t)p)) return true;
    uint64_t off = (uint64_t)p - (uint64_t)gc_heap.base;
    const struct gc_block *b = &gc_heap.blocks[off >> GC_BLOCK_SHIFT];
    if (b->state == GC_SMALL) return gc_bit(b, mark, gc_cell_index(b, (uint32_t)(off & (GC_BLOCK - 1))));
    const struct gc_large *l = gc_large_at((uint64_t)p);
    return l && l->mark;
}

bool gc_is_young(const void *p)
{
    if (!gc_in_heap((uint64_t)p)) return false;
    uint64_t off = (uint64_t)p - (uint64_t)gc_heap.base;
    const struct gc_block *b = &gc_heap.blocks[off >> GC_BLOCK_SHIFT];
    uint32_t me = gc_me()->index + 1;
    if (off >> GC_BLOCK_SHIFT < stm_load_relaxed(&gc_heap.bounds) >> 32)
        return stm_load32_relaxed(&b->owner) == me && gc_bit(b, young, gc_cell_index(b, (uint32_t)(off & (GC_BLOCK - 1))));
    const struct gc_large *l = gc_large_entry((uint64_t)p);
    return l && stm_load32_acquire(&l->owner) == me;
}

bool gc_is_dead(const struct gc_marker *m, const void *p)
{
    if (!gc_in_heap((uint64_t)p)) return false;
    if (m->mode == GC_MODE_NURSERY) {
        uint64_t off = (uint64_t)p - (uint64_t)gc_heap.base;
        const struct gc_block *b = &gc_heap.blocks[off >> GC_BLOCK_SHIFT];
        if (off >> GC_BLOCK_SHIFT < stm_load_relaxed(&gc_heap.bounds) >> 32) {
            if (stm_load32_relaxed(&b->owner) != m->owner) return false;
            uint32_t i = gc_cell_index(b, (uint32_t)(off & (GC_BLOCK - 1)));
            return gc_bit(b, young, i) && !gc_bit(b, mark, i);
        }
        const struct gc_large *l = gc_large_entry((uint64_t)p);
        return l && stm_load32_acquire(&l->owner) == m->owner && !l->mark;
    }
    return !gc_is_marked(p);
}

void *gc_object_of(const void *interior)
{
    uint64_t off = (uint64_t)interior - (uint64_t)gc_heap.base;
    if (off >= gc_heap.span) return NULL;
    struct gc_block *b = &gc_heap.blocks[off >> GC_BLOCK_SHIFT];
    char *p;
    if (b->state == GC_SMALL) {
        uint32_t i = gc_cell_index(b, (uint32_t)(off & (GC_BLOCK - 1)));
        if (i >= b->ncell || !gc_bit(b, used, i)) return NULL;
        if (b->unswept && !gc_bit(b, mark, i)) return NULL;
        p = gc_heap.base + (off & ~(uint64_t)(GC_BLOCK - 1)) + (size_t)i * b->size;
    } else {
        struct gc_large *l = gc_large_at((uint64_t)interior);
        if (!l) return NULL;
        p = l->p;
    }
    return gc_first_word(p) ? p : NULL;
}

bool gc_is_object(const void *p) { return p && gc_object_of(p) == p; }
