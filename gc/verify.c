/* The heap verifier: a second tracer, as plain as possible, that runs after collections in the stress mode.
 *
 * It follows every reference from every root, young and old alike, with a table of visited granules of its own, and stops
 * the process when a reference leads to memory that the collector holds for free.  A missing root, barrier or remembered
 * entry shows up here, at the collection that freed the object; or before, because it also stops at a reference that a later
 * young collection would not find (from a marked object that nobody remembers to an unmarked one), and at an object that is
 * neither marked nor young while `intermediate` says that there are none.
 *
 * What a transaction that aborted had kept through a nursery collection is unreachable, but a stale word on a stack may lead to
 * it, and it may refer to anything: its references are followed without complaint until it is freed. */
#define GC_BUILD
#include <stdlib.h>
#include <sys/mman.h>
#include "gc/gc_internal.h"

static uint64_t *visited, *doubtful, *remembered, *rooted;
static const char *when_run;

static uint64_t granule_of(const void *p) { return (uint64_t)((const char *)p - gc_heap.base) / GC_GRANULE; }
static bool is_marked_in(const uint64_t *set, const void *p) { return p && set[granule_of(p) / 64] >> granule_of(p) % 64 & 1; }
static void mark_in(uint64_t *set, const void *p) { if (p) set[granule_of(p) / 64] |= 1ull << granule_of(p) % 64; }

/* Is it still there?  A stopped collection has just freed what it did not mark. */
static bool stays(const void *p, bool stopped)
{
    const struct gc_block *b = &gc_heap.blocks[(uint64_t)((const char *)p - gc_heap.base) >> GC_BLOCK_SHIFT];
    if (b->state != GC_SMALL) {
        const struct gc_large *l = b->state == GC_FREE ? NULL : gc_large_at((uint64_t)(uintptr_t)p);
        return l && l->p == p;
    }
    uint32_t i = gc_cell_index(b, (uint32_t)(((const char *)p - gc_heap.base) & (GC_BLOCK - 1)));
    return i < b->ncell && gc_bit(b, used, i) && (!stopped || gc_bit(b, mark, i));
}

static void note_doubtful(bool stopped)
{
    gc_ptr_vec *v = &gc_heap.doubtful;
    size_t n = 0;
    for (size_t i = 0; i < v->n; i++)
        if (stays(v->v[i], stopped)) mark_in(doubtful, v->v[n++] = v->v[i]);
    v->n = n;
}

static void note_remembered(void)
{
    for (unsigned k = 0; k < gc_heap.ncontext; k++) {
        const struct gc_context *g = &gc_heap.contexts[k];
        for (size_t i = 0; i < g->remembered.n; i++) {
            void *data = g->remembered.v[i].data;
            mark_in(remembered, gc_in_heap((uint64_t)data) ? gc_object_of(data) : NULL);
        }
    }
}

/* Why a reference from `from` (NULL: a root) to the live object p would be a mistake of the collector's, or NULL.  What is a root
 * itself needs no other way. */
static const char *is_lost(const char *from, const char *p)
{
    const struct gc_block *b = &gc_heap.blocks[(uint64_t)(p - gc_heap.base) >> GC_BLOCK_SHIFT];
    const struct gc_large *l = b->state == GC_SMALL ? NULL : gc_large_at((uint64_t)(uintptr_t)p);
    uint32_t i = l ? 0 : gc_cell_index(b, (uint32_t)((p - gc_heap.base) & (GC_BLOCK - 1)));
    if (l ? l->mark != 0 : gc_bit(b, mark, i)) return NULL;
    if (!stm_load_relaxed(&gc_heap.intermediate) && !(l ? l->young != 0 : gc_bit(b, young, i))) return "an unmarked object, though there are none";
    if (from && gc_is_marked(from) && !is_marked_in(remembered, from) && !is_marked_in(rooted, p)) return "an unmarked object, which nobody remembers";
    return NULL;
}

static __attribute__((noinline, noreturn)) void complain(struct gc_marker *m, uint64_t word, const char *what)
{
    uint64_t *from = m->verify_from;
    fprintf(stderr, "heddle: heap verifier, after a %s collection: a reference to %s: 0x%llx", when_run, what, (unsigned long long)word);
    if (from) fprintf(stderr, ", in the object at %p whose first words are 0x%llx 0x%llx\n", (void *)from,
                      (unsigned long long)from[0], (unsigned long long)from[1]);
    else fprintf(stderr, ", from a root\n");
    abort();
}

static void push(struct gc_marker *m, void *p)
{
    if (m->n == m->cap) {
        m->cap = m->cap ? m->cap * 2 : 4096;
        m->stack = realloc(m->stack, m->cap * sizeof *m->stack);
        if (!m->stack) gc_fatal("out of memory in the heap verifier");
    }
    m->stack[m->n++] = p;
}

void gc_verify_reference(struct gc_marker *m, uint64_t word, bool conservative)
{
    uint64_t off = word - (uint64_t)gc_heap.base;
    struct gc_block *b = &gc_heap.blocks[off >> GC_BLOCK_SHIFT];
    const char *what = NULL;
    char *p = NULL;
    if (b->state == GC_SMALL) {
        uint32_t i = gc_cell_index(b, (uint32_t)(off & (GC_BLOCK - 1)));
        if (i >= b->ncell) what = "the unused end of a block";
        else if (!gc_bit(b, used, i)) what = "a free cell";
        else if (b->unswept && !gc_bit(b, mark, i)) what = "a dead cell";
        else p = gc_block_base((uint32_t)(off >> GC_BLOCK_SHIFT)) + (size_t)i * b->size;
    } else if (b->state == GC_FREE) what = "a free block";
    else {
        struct gc_large *l = gc_large_at(word);
        if (l) p = l->p; else what = "free memory for large objects";
    }
    if (p && !gc_first_word(p)) what = "a cell that holds no object";
    if (p && !what && !conservative) what = is_lost((char *)m->verify_from, p);
    if (what) {
        if (conservative || is_marked_in(doubtful, m->verify_from)) return;
        complain(m, word, what);
    }
    if (!m->verify_from) mark_in(rooted, p);
    if (is_marked_in(visited, p)) return;
    mark_in(visited, p);
    m->live_objects++;
    push(m, p);
}

void gc_verify(const char *when)
{
    size_t size = gc_heap.span / GC_GRANULE / 8;
    struct gc_marker m = { .mode = GC_MODE_VERIFY };
    visited = mmap(NULL, 4 * size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (visited == MAP_FAILED) gc_fatal("no address space for the heap verifier");
    doubtful = visited + size / 8;
    remembered = doubtful + size / 8;
    rooted = remembered + size / 8;
    when_run = when;
    note_doubtful(*when != 'n');
    note_remembered();
    gc_mark_roots(&m);
    while (m.n) {
        m.verify_from = m.stack[--m.n];
        gc_heap.config.trace(m.verify_from, &m);
    }
    munmap(visited, 4 * size);
    free(m.stack);
}
