/* What refers to what, for questions about the heap: the references of one object, and how much of the garbage is cyclic.
 *
 * A program that asks for a collection wants to hear of garbage that only a collector finds.  Where references are counted
 * that is what remains when objects without references from other garbage are taken away again and again; so it is counted
 * here too (gc_count_cyclic), with the world stopped, after marking and before the sweep. */
#define GC_BUILD
#include <stdlib.h>
#include "gc/gc_internal.h"

/* -- references of an object ------------------------------------------------------------------------------------ */
static void *start_of(uint64_t word)
{
    uint64_t off = word - (uint64_t)gc_heap.base;
    struct gc_block *b = &gc_heap.blocks[off >> GC_BLOCK_SHIFT];
    if (b->state != GC_SMALL) {
        struct gc_large *l = gc_large_at(word);
        return l ? l->p : NULL;
    }
    uint32_t i = gc_cell_index(b, (uint32_t)(off & (GC_BLOCK - 1)));
    return i < b->ncell ? gc_heap.base + (off & ~(uint64_t)(GC_BLOCK - 1)) + (size_t)i * b->size : NULL;
}

void gc_visit_reference(struct gc_marker *m, uint64_t word)
{
    struct gc_visit *v = (struct gc_visit *)m;
    void *p = start_of(word);
    if (p) v->f(p, v->arg);
}

void gc_each_reference(void *object, void (*f)(void *target, void *arg), void *arg)
{
    struct gc_visit v = { .m = { .mode = GC_MODE_VISIT }, .f = f, .arg = arg };
    gc_heap.config.trace(object, &v.m);
}

/* -- cyclic garbage --------------------------------------------------------------------------------------------- */
enum { GONE = -1 };
struct dead { uint64_t *object; int32_t refs; };
struct table { struct dead *v; size_t mask, n; uint64_t **stack; size_t top; int32_t step; };

static struct dead *find(struct table *t, const void *p)
{
    for (size_t i = ((uint64_t)p >> 4) * 0x9e3779b97f4a7c15u >> 20;; i++) {
        struct dead *d = &t->v[i & t->mask];
        if (!d->object || d->object == p) return d;
    }
}

static void count_reference(void *target, void *arg)
{
    struct table *t = arg;
    struct dead *d = find(t, target);
    if (!d->object || d->refs == GONE) return;
    d->refs += t->step;
    if (t->step < 0 && d->refs == 0) t->stack[t->top++] = d->object;
}

static void each_dead(void (*f)(uint64_t *object, void *arg), void *arg)
{
    struct gc_heap *h = &gc_heap;
    uint32_t n = (uint32_t)stm_load_relaxed(&h->bounds);
    for (uint32_t i = 1; i < n; i++) {
        struct gc_block *b = &h->blocks[i];
        if (b->state != GC_SMALL) continue;
        for (uint32_t w = 0, words = gc_bitmap_words(b); w < words; w++)
            for (uint64_t left = b->bits[w].used & ~b->bits[w].mark; left; left &= left - 1) {
                uint64_t *p = (uint64_t *)(gc_block_base(i) + (size_t)(w * 64 + (uint32_t)__builtin_ctzll(left)) * b->size);
                if (*p) f(p, arg);
            }
    }
    for (uint32_t i = 1, z = gc_large_count(); i < z; i++) {
        struct gc_large *l = &h->larges[i];
        if (l->used && !l->mark && *(uint64_t *)l->p) f((uint64_t *)l->p, arg);
    }
}

static void count(uint64_t *object, void *n) { ++*(size_t *)n; }
static void enter(uint64_t *object, void *arg)
{
    struct table *t = arg;
    *find(t, object) = (struct dead){ object, 0 };
}
static void count_references_of(uint64_t *object, void *arg) { gc_each_reference(object, count_reference, arg); }
static void find_unreferenced(uint64_t *object, void *arg)
{
    struct table *t = arg;
    if (find(t, object)->refs == 0) t->stack[t->top++] = object;
}

/* Objects in garbage cycles and those that only they refer to, as far as `counts` says that an object counts; those are put
 * into `save` too, if there is one.  Very much garbage is not looked at: 0. */
size_t gc_count_cyclic(bool (*counts)(const void *object), gc_queue *save)
{
    enum { MOST = 1 << 20 };
    struct table t = { .step = 1 };
    size_t n = 0, cyclic = 0, cap = 64;
    each_dead(count, &n);
    if (n == 0 || n > MOST) return 0;
    while (cap < 2 * n) cap *= 2;
    t.mask = cap - 1;
    t.v = calloc(cap, sizeof *t.v);
    t.stack = malloc(n * sizeof *t.stack);
    if (t.v && t.stack) {
        each_dead(enter, &t);
        each_dead(count_references_of, &t);
        each_dead(find_unreferenced, &t);
        t.step = -1;
        while (t.top) {
            uint64_t *p = t.stack[--t.top];
            find(&t, p)->refs = GONE;
            gc_each_reference(p, count_reference, &t);
        }
        for (size_t i = 0; i < cap; i++) {
            if (!t.v[i].object || t.v[i].refs == GONE || !counts(t.v[i].object)) continue;
            cyclic++;
            if (save) gc_push(save, t.v[i].object);
        }
    }
    free(t.v);
    free(t.stack);
    return cyclic;
}
