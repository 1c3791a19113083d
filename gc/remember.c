/* Remembered sets: units opened since the last stopped collection, per context.
 *
 * A nursery collection looks at the units opened in the current epoch.  A young collection does not trace marked objects; a marked object that refers to an unmarked one was opened since the
 * last stopped collection and so is in one of these sets.
 *
 * R1: entries from `remembered_begin` on belong to the running transaction.  They outlive a stopped collection: what is
 *     young then will be published unmarked, and only those entries know who refers to it.
 * R2: entries below were written by ended transactions; a stopped collection uses them up.
 * R3: entries from `remembered_epoch` on belong to the current epoch.
 * R4: an aborted transaction's entries are dropped: its memory is as it was. */
#define GC_BUILD
#include <stdlib.h>
#include <string.h>
#include "gc/gc_internal.h"

__attribute__((noinline)) static void remember_growing(struct gc_context *g, struct gc_unit_ref ref) { gc_push(&g->remembered, ref); }

/* They have no references; but the object must outlive an inner atomic block, whose end may write its copy back. */
__attribute__((noinline)) static void remember_bytes(struct gc_context *g, struct gc_unit_ref ref) { if (stm_atomic_depth()) gc_push(&g->remembered, ref); }

static void remember(struct stm_context *c, void *data, size_t size, enum stm_unit_kind kind)
{
    struct gc_context *g = c->gc;
    struct gc_unit_ref ref = { data, (uint32_t)size, (uint32_t)kind };
    size_t n = g->remembered.n;
    if (kind == STM_BYTES) { remember_bytes(g, ref); return; }
    if (STM_UNLIKELY(n == g->remembered.cap)) { remember_growing(g, ref); return; }
    g->remembered.v[n] = ref;
    g->remembered.n = n + 1;
}

void gc_remember_init(void) { stm_remember_hook = remember; }

/* The same few objects are often written again and again: now and then only one entry of each is kept.  Linear: an open
 * hash table of indices, whose memory stays, since giving it back would disturb all threads.  Without memory for it, all
 * entries stay. */
static size_t thin_out(struct gc_context *g, struct gc_unit_ref *v, size_t count)
{
    size_t slots = 64, n = 0;
    while (slots < count * 2) slots *= 2;
    if (slots > g->thin_slots) {
        uint32_t *more = count < UINT32_MAX ? realloc(g->thin_table, slots * sizeof *more) : NULL;
        if (!more) return count;
        g->thin_table = more;
        g->thin_slots = slots;
    }
    uint32_t *table = g->thin_table;
    memset(table, 0, slots * sizeof *table);
    for (size_t i = 0; i < count; i++) {
        size_t h = ((uintptr_t)v[i].data >> 3) * 0x9e3779b97f4a7c15u >> 20 & (slots - 1);
        while (table[h] && (v[table[h] - 1].data != v[i].data || v[table[h] - 1].kind != v[i].kind)) h = (h + 1) & (slots - 1);
        if (table[h]) {
            struct gc_unit_ref *e = &v[table[h] - 1];
            if (e->size < v[i].size) e->size = v[i].size;
            continue;
        }
        v[n++] = v[i];
        table[h] = (uint32_t)n;
    }
    return n;
}

static bool worth_thinning(struct gc_context *g) { return STM_UNLIKELY(g->remembered.n > g->remembered_sorted * 2 + 4096); }

/* Current content of what the current epoch opened; the units' objects stay alive. */
void gc_remembered_mark_epoch(struct gc_marker *m, struct gc_context *g)
{
    for (size_t i = g->remembered_epoch; i < g->remembered.n; i++) {
        struct gc_unit_ref *e = &g->remembered.v[i];
        gc_mark_opened(m, e->data, e->size, (enum stm_unit_kind)e->kind, NULL);
    }
}

void gc_remembered_keep(struct gc_marker *m, struct gc_context *g)
{
    for (size_t i = g->remembered_begin; i < g->remembered.n; i++) gc_mark_object(m, g->remembered.v[i].data);
}

/* `forget`: no unmarked object is left that an entry could lead to. */
void gc_remembered_new_epoch(struct gc_context *g, bool forget)
{
    if (forget) g->remembered.n = g->remembered_begin = g->remembered_sorted = 0;
    else if (worth_thinning(g)) {
        g->remembered.n = g->remembered_begin
            + thin_out(g, g->remembered.v + g->remembered_begin, g->remembered.n - g->remembered_begin);
        g->remembered_sorted = g->remembered.n;
    }
    g->remembered_epoch = g->remembered.n;
}

void gc_remembered_mark(struct gc_marker *m, struct gc_context *g)
{
    for (size_t i = 0; i < g->remembered.n; i++) {
        struct gc_unit_ref *e = &g->remembered.v[i];
        /* An unmarked object is traced when it is reached, and need not be alive at all. */
        void *o = gc_in_heap((uint64_t)e->data) ? gc_object_of(e->data) : e->data;
        if (o && gc_is_marked(o)) gc_mark_unit(m, e->data, e->size, (enum stm_unit_kind)e->kind);
    }
}

/* After a sweep.  A solo transaction's entries do not keep their objects alive: what died is dropped, as its cell may be
 * another object by the next nursery collection. */
void gc_remembered_forget(struct gc_context *g)
{
    size_t n = 0, epoch = 0;
    for (size_t i = g->remembered_begin; i < g->remembered.n; i++) {
        void *data = g->remembered.v[i].data;
        if (i == g->remembered_epoch) epoch = n;
        if (!gc_in_heap((uint64_t)data) || gc_object_of(data)) g->remembered.v[n++] = g->remembered.v[i];
    }
    g->remembered_epoch = g->remembered_epoch < g->remembered.n ? epoch : n;
    g->remembered.n = n;
    g->remembered_begin = g->remembered_sorted = 0;
}

/* Drops what the transaction that has ended opened once more, as far as that is found at once. */
static void drop_known(struct gc_context *g)
{
    struct gc_unit_ref *v = g->remembered.v;
    size_t n = g->remembered_begin;
    for (size_t i = n; i < g->remembered.n; i++) {
        uint32_t *known = &g->known[(uintptr_t)v[i].data / 16 & (GC_KNOWN - 1)];      /* neighbours share a cache line */
        size_t k = (size_t)*known - 1;
        if (k < n && v[k].data == v[i].data && v[k].kind == v[i].kind && v[k].size >= v[i].size) continue;
        v[n++] = v[i];
        *known = (uint32_t)n;
    }
    g->remembered.n = n;
}

void gc_remembered_begin(struct gc_context *g)
{
    if (g->remembered.n - g->remembered_begin < GC_KNOWN) drop_known(g);
    if (worth_thinning(g)) g->remembered.n = g->remembered_sorted = thin_out(g, g->remembered.v, g->remembered.n);
    g->remembered_begin = g->remembered_epoch = g->remembered.n;
}

void gc_remembered_abort(struct gc_context *g) { g->remembered.n = g->remembered_epoch = g->remembered_begin; }
