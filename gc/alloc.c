/* Allocation of small objects.
 *
 * Owns: the size classes, and per context the current interval, block and lists of each class.
 *
 * A1: the cells of a current interval have `used` and `young` set as a whole and first words 0; cells that were not handed
 *     out lose both bits when the interval is given up (gc_retire).
 * A2: a young cell lies in a block that is `touched`, or in the current interval between `begin` and `cur`.
 * A3: only the owner of a block writes its bitmaps while transactions run.
 * A4: `begin` <= `cur` <= `end` of an interval all lie in the class's current block. */
#define GC_BUILD
#include <string.h>
#include "gc/gc_internal.h"

_Static_assert(offsetof(struct gc_context, bump) == 0 && sizeof(struct gc_local) == GC_BUMP_CLASSES * sizeof(struct gc_bump),
               "the public bump intervals are the first of a context");

/* -- bitmaps ---------------------------------------------------------------------------------------------------- */
/* For the cells a to z-1 of a block: all become free cells, cells of an interval, or merely not young. */
enum set { SET_FREE, SET_INTERVAL, SET_NOT_YOUNG, SET_YOUNG };
static void set_cells(struct gc_block *b, uint32_t a, uint32_t z, enum set how)
{
    if (a >= z) return;
    for (uint32_t k = a / 64, last = (z - 1) / 64; k <= last; k++) {
        uint64_t m = ~0ull;
        if (k == a / 64) m &= ~0ull << (a % 64);
        if (k == last) m &= ~0ull >> (63 - (z - 1) % 64);
        struct gc_bits *bits = &b->bits[k];
        if (how == SET_FREE) bits->used &= ~m;
        if (how == SET_INTERVAL) bits->used |= m;
        if (how == SET_INTERVAL || how == SET_YOUNG) bits->young |= m;
        else bits->young &= ~m;
    }
}

/* First used cell from i on, else n. */
static uint32_t next_used(const struct gc_block *b, uint32_t i, uint32_t n)
{
    while (i < n) {
        uint64_t w = b->bits[i / 64].used >> (i % 64);
        if (w) {
            i += (uint32_t)__builtin_ctzll(w);
            return i < n ? i : n;
        }
        i = (i | 63) + 1;
    }
    return n;
}

/* -- size classes ----------------------------------------------------------------------------------------------- */
void gc_alloc_init(void)
{
    struct gc_heap *h = &gc_heap;
    uint32_t above[GC_CLASS_LIMIT], n = 0;
    /* Above GC_BUMP_MAX a class is chosen by how many cells fill a block, so that little is lost at its end. */
    for (uint32_t cells = GC_BLOCK / GC_SMALL_MAX;; cells += cells / 9 > 1 ? cells / 9 : 1) {
        uint32_t size = GC_BLOCK / cells & ~(uint32_t)(GC_GRANULE - 1);
        if (size <= GC_BUMP_MAX) break;
        above[n++] = size;
    }
    h->nclass = GC_BUMP_CLASSES;
    if (h->nclass + n > GC_CLASS_LIMIT) gc_fatal("too many size classes");
    for (uint32_t c = 1; c < GC_BUMP_CLASSES; c++) h->classes[c].size = c * GC_GRANULE;
    while (n) h->classes[h->nclass++].size = above[--n];
    unsigned c = 1;
    for (uint32_t g = 0; g <= GC_SMALL_MAX / GC_GRANULE; g++) {
        while (h->classes[c].size < g * GC_GRANULE) c++;
        h->class_of[g] = (uint8_t)c;
    }
    for (c = 1; c < h->nclass; c++) {
        h->classes[c].ncell = GC_BLOCK / h->classes[c].size;
        h->classes[c].recip = (uint32_t)((1ull << 32) / h->classes[c].size) + 1;
    }
}

/* -- blocks of a context ---------------------------------------------------------------------------------------- */
void gc_touch(struct gc_context *g, uint32_t i)
{
    struct gc_block *b = &gc_heap.blocks[i];
    if (b->touched) return;
    b->touched = 1;
    gc_push(&g->touched, i);
}

/* A block of this class that is at most this dense: an own one, or one of the shared pool. */
static uint32_t used_block(struct gc_context *g, unsigned cls, enum gc_density density)
{
    uint32_t i = g->at[cls].room[density];
    if (i) {
        struct gc_block *b = &gc_heap.blocks[i];
        g->at[cls].room[density] = b->next;
        b->in_room = 0;
        return i;
    }
    if ((i = gc_stack_pop(&gc_heap.pool[cls][density]))) gc_sweep_block(&gc_heap.blocks[i]);
    return i;
}

static uint32_t empty_block(struct gc_context *g, unsigned cls)
{
    uint32_t i = g->free;
    if (i) g->free = gc_heap.blocks[i].next;
    else if (!(i = gc_block_fresh())) return 0;
    gc_block_format(i, cls);
    return i;
}

void gc_put_in_room(struct gc_context *g, uint32_t i, enum gc_density density)
{
    struct gc_block *b = &gc_heap.blocks[i];
    stm_store32_relaxed(&b->next, g->at[b->cls].room[density]);      /* who lost a race for it on a shared stack may still look */
    b->in_room = 1;
    g->at[b->cls].room[density] = i;
}

/* A small program should stay small. */
static size_t ample_slack(size_t live)
{
    size_t n = live < (size_t)4 << 20 ? 0 : live, most = (size_t)8 << 20;
    return n < most ? n : most;
}

/* The heap is not much larger than what lives in it: speed counts more than the holes in dense blocks. */
static bool memory_is_ample(void)
{
    size_t live = gc_heap.live + gc_heap.grown, in_use = stm_load_relaxed(&gc_heap.in_use);
    return in_use < live + live / 4 + ample_slack(live) && in_use <= gc_heap.limit - gc_heap.limit / 8;
}

/* An own or unowned block with free cells for this class, or 0. */
static uint32_t next_block(struct gc_context *g, unsigned cls)
{
    uint32_t i = used_block(g, cls, GC_SPARSE);
    if (!i) {
        bool ample = memory_is_ample();
        if (!i && !ample) i = used_block(g, cls, GC_DENSE);
        if (!i) i = empty_block(g, cls);
        if (!i && ample) i = used_block(g, cls, GC_DENSE);
    }
    if (i) stm_store32_relaxed(&gc_heap.blocks[i].owner, g->index + 1);
    return i;
}

static void ask_for_collection(void)
{
    if (!(stm_load32_relaxed(&stm_me->poll) & STM_POLL_GC)) stm_request_poll(stm_me, STM_POLL_GC);
}

/* The next free interval of block b from cell `pos` on: sets its bits, returns its first cell and in *end the one after its
 * last; b->ncell if there is none.  In a block with scattered survivors intervals are short, so most lie in one word. */
static inline uint32_t take_interval(struct gc_block *b, uint32_t pos, bool one, uint32_t *end)
{
    uint32_t n = b->ncell, k = pos / 64, words = (n + 63) / 64;
    if (pos >= n) return n;
    uint64_t room = ~b->bits[k].used & ~0ull << (pos % 64);
    while (!room) {
        if (++k == words) return n;
        room = ~b->bits[k].used;
    }
    uint32_t bit = (uint32_t)__builtin_ctzll(room), a = k * 64 + bit;
    if (a >= n) return n;
    uint64_t rest = ~(room >> bit);
    uint32_t z = rest ? a + (uint32_t)__builtin_ctzll(rest) : a + 64;
    if (STM_UNLIKELY(one)) z = a + 1;
    else if (STM_UNLIKELY(z % 64 == 0 || z > n)) z = next_used(b, z < n ? z : n, n);
    *end = z;
    if (STM_LIKELY(z <= k * 64 + 64)) {
        uint64_t m = ~0ull >> (64 - (z - a)) << bit;
        b->bits[k].used |= m;
        b->bits[k].young |= m;
    } else set_cells(b, a, z, SET_INTERVAL);
    return a;
}

/* The bytes of the block below `end` may be other than 0 from now on. */
static inline void note_handed_out(uint32_t block, const char *end)
{
    struct gc_block *b = &gc_heap.blocks[block];
    size_t granules = (size_t)(end - gc_block_base(block)) / GC_GRANULE;
    if (b->dirty < granules) b->dirty = (uint16_t)granules;
}

/* Gets the next free interval of the class and the first cell of it. */
static __attribute__((noinline)) void *refill(struct gc_context *g, unsigned cls)
{
    struct gc_alloc_point *at = &g->at[cls];
    struct gc_bump *bump = &g->bump[cls];
    uint32_t size = gc_heap.classes[cls].size;
    bool stress = gc_heap.stress_every != 0;
    if (at->block) {
        if (bump->cur > at->begin) gc_touch(g, at->block);
        note_handed_out(at->block, bump->end);
    }
    if (STM_UNLIKELY(stress) && --g->stress_left == 0) {
        g->stress_left = gc_heap.stress_every;
        ask_for_collection();
    }
    for (;;) {
        if (at->block) {
            struct gc_block *b = &gc_heap.blocks[at->block];
            uint32_t z, a = take_interval(b, at->pos, stress, &z);
            if (a < b->ncell) {
                char *base = gc_block_base(at->block), *p = base + (size_t)a * size, *end = base + (size_t)z * size;
                at->pos = z;
                char *clean = base + (size_t)b->dirty * GC_GRANULE;
                for (char *q = p, *last = end < clean ? end : clean; q < last; q += size) gc_clear_first_word(q);
                at->begin = p;
                bump->cur = p + size;
                bump->end = end;
                g->spent += (size_t)(end - p);
                if (STM_UNLIKELY(g->spent >= g->budget)) ask_for_collection();
                return p;
            }
            /* Full.  A block with young cells stays mine until they are not young any more. */
            if (!b->touched) stm_store32_relaxed(&b->owner, 0);
        }
        bump->cur = bump->end = at->begin = NULL;
        at->pos = 0;
        at->block = next_block(g, cls);
        if (!at->block) {
            g->active &= ~(1ull << cls);
            gc_no_room();
            return NULL;
        }
        g->active |= 1ull << cls;
    }
}

static inline void *alloc(struct gc_context *g, size_t size, bool zero)
{
    if (STM_UNLIKELY(size > GC_SMALL_MAX)) return gc_large_alloc(g, size, zero);
    unsigned cls = gc_heap.class_of[(size + GC_GRANULE - 1) / GC_GRANULE];
    struct gc_bump *b = &g->bump[cls];
    uint32_t cell = gc_heap.classes[cls].size;
    char *p = b->cur;
    if (STM_UNLIKELY(b->end - p < (ptrdiff_t)cell)) {
        p = refill(g, cls);
        if (STM_UNLIKELY(!p)) return NULL;
    } else b->cur = p + cell;
    gc_hand_out(p, size, cell);
    if (zero) memset(p, 0, GC_ASAN ? size : cell);
    return p;
}

/* For gc_alloc_small, whose interval is used up; for other callers it may not be. */
void *gc_alloc_slow(size_t size)
{
    struct gc_context *g = gc_me();
    if (STM_UNLIKELY(size > GC_BUMP_MAX)) return alloc(g, size, false);
    unsigned cls = size ? (unsigned)(size + GC_GRANULE - 1) / GC_GRANULE : 1;
    struct gc_bump *b = &g->bump[cls];
    if (STM_UNLIKELY(b->cur != b->end)) return alloc(g, size, false);
    void *p = refill(g, cls);
    if (p) gc_hand_out(p, size, cls * GC_GRANULE);
    return p;
}
void *gc_alloc(size_t size) { return alloc(gc_me(), size, false); }
void *gc_alloc_zeroed(size_t size) { return alloc(gc_me(), size, true); }

/* -- ends of intervals ------------------------------------------------------------------------------------------ */
void gc_retire(struct gc_context *g)
{
    for (uint64_t left = g->active; left; left &= left - 1) {
        unsigned cls = (unsigned)__builtin_ctzll(left);
        struct gc_alloc_point *at = &g->at[cls];
        struct gc_bump *bump = &g->bump[cls];
        struct gc_block *b = &gc_heap.blocks[at->block];
        if (bump->cur > at->begin) gc_touch(g, at->block);
        if (bump->cur < bump->end) {
            char *base = gc_block_base(at->block);
            uint32_t a = (uint32_t)(bump->cur - base) / b->size, z = (uint32_t)(bump->end - base) / b->size;
            set_cells(b, a, z, SET_FREE);
            at->pos = a;
        }
        note_handed_out(at->block, bump->cur);
        if (!b->touched) gc_put_in_room(g, at->block, GC_SPARSE);
        at->block = 0;
        at->begin = bump->cur = bump->end = NULL;
    }
    g->active = 0;
}

/* The count of published bytes is shared; contexts add to it in portions. */
void gc_flush_published(struct gc_context *g)
{
    if (g->published < (size_t)64 << 10) return;
    stm_add_full(&gc_heap.published, g->published);
    g->published = 0;
    if (gc_young_due()) ask_for_collection();
}

/* Something was young.  `spent` may be 0 all the same: it does not count cells of an interval that an earlier transaction began,
 * nor what was allocated before a collection that the program asked for. */
static void note_published(struct gc_context *g) { if (!g->spent) g->spent = 1; }

static __attribute__((noinline)) void publish_touched(struct gc_context *g)
{
    struct gc_heap *h = &gc_heap;
    for (size_t k = 0; k < g->touched.n; k++) {
        uint32_t i = g->touched.v[k];
        struct gc_block *b = &h->blocks[i];
        uint32_t words = gc_bitmap_words(b);
        for (uint32_t w = 0; w < words; w++) b->bits[w].young = 0;
        b->touched = 0;
        struct gc_alloc_point *at = &g->at[b->cls];
        if (at->block == i) {
            struct gc_bump *bump = &g->bump[b->cls];
            char *base = gc_block_base(i);
            set_cells(b, (uint32_t)(bump->cur - base) / b->size, (uint32_t)(bump->end - base) / b->size, SET_YOUNG);
            at->begin = bump->cur;
        } else if (!b->in_room) stm_store32_relaxed(&b->owner, 0);
    }
    g->touched.n = 0;
    note_published(g);
}

static __attribute__((noinline)) void publish_interval(struct gc_context *g, size_t cls)
{
    struct gc_alloc_point *at = &g->at[cls];
    char *cur = g->bump[cls].cur, *base = gc_block_base(at->block);
    struct gc_block *b = &gc_heap.blocks[at->block];
    set_cells(b, (uint32_t)(at->begin - base) / b->size, (uint32_t)(cur - base) / b->size, SET_NOT_YOUNG);
    at->begin = cur;
    note_published(g);
}

static __attribute__((noinline)) void publish_large(struct gc_context *g)
{
    for (size_t k = 0; k < g->young_large.n; k++) {
        struct gc_large *l = &gc_heap.larges[g->young_large.v[k]];
        stm_store32_relaxed(&l->owner, 0);
        l->young = 0;
    }
    g->young_large.n = 0;
    note_published(g);
}

static __attribute__((noinline)) void count_published(struct gc_context *g)
{
    struct gc_heap *h = &gc_heap;
    if (!stm_load_relaxed(&h->intermediate)) stm_store_relaxed(&h->intermediate, 1);
    g->published += g->spent;
    g->stats.allocated_bytes += g->spent;
    g->spent = 0;
    gc_flush_published(g);
}

/* After each transaction, and most have allocated little. */
void gc_publish(struct gc_context *g)
{
    if (STM_UNLIKELY(g->touched.n)) publish_touched(g);
    for (uint64_t left = g->active; left; left &= left - 1) {
        size_t cls = (size_t)__builtin_ctzll(left);
        if (STM_UNLIKELY(g->bump[cls].cur != g->at[cls].begin)) publish_interval(g, cls);
    }
    if (STM_UNLIKELY(g->young_large.n)) publish_large(g);
    if (g->spent) count_published(g);
}

/* Solo mode can end by the hand of another thread; then the context's thread never came to report it. */
void gc_publish_left_over(struct gc_context *g)
{
    if (STM_LIKELY(!g->running)) return;
    g->running = false;
    gc_publish(g);
    gc_weak_ended(g, true);
}
