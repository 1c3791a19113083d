/* Private to gc/: the heap's layout and what the parts of the collector share.
 *
 * Units: sizes are bytes, blocks are numbered from the start of the range, cells from the start of their block.
 * Who may write: the bitmaps of a block belong to the context that owns it (gc_block.owner) while transactions run, and to
 * the collecting thread while the world is stopped. */
#ifndef GC_GC_INTERNAL_H
#define GC_GC_INTERNAL_H
#ifndef GC_BUILD
#error "gc_internal.h is private to gc/"
#endif
#include <pthread.h>
#include <stdio.h>
#include "gc/gc.h"
#include "stm/atomic.h"

enum {
    GC_BLOCK_SHIFT = 15, GC_BLOCK = 1 << GC_BLOCK_SHIFT,
    GC_WORDS = GC_BLOCK / GC_GRANULE / 64,       /* bitmap words of the smallest class */
    GC_KNOWN = 8192,                         /* remembered units that are found again at once; a power of two */
    GC_BUMP_CLASSES = GC_BUMP_MAX / GC_GRANULE + 1,
    GC_CLASS_LIMIT = 56,                         /* at least the number of size classes; fits a bit mask */
    GC_PAGE_SHIFT = 11                           /* grain of the table that finds large objects */
};

/* How much of a block is free.  Sparse blocks have long free intervals and are taken first; dense ones save memory and are
 * taken when the heap is large beside what lives in it. */
enum gc_density { GC_SPARSE, GC_DENSE, GC_FULL, GC_DENSITIES = GC_FULL };
static inline enum gc_density gc_density(uint32_t ncell, uint32_t free_cells)
{
    return free_cells * 4 >= ncell * 3 ? GC_SPARSE : free_cells * 4 >= ncell ? GC_DENSE : GC_FULL;
}

enum gc_block_state { GC_UNUSED, GC_FREE, GC_SMALL };

/* Descriptor of a block; an array of them lies beside the heap. */
struct gc_block {
    uint32_t recip;              /* (offset * recip) >> 32 is the number of the cell */
    uint16_t size, ncell, live;  /* live: marked cells, while the world is stopped */
    uint16_t dirty;              /* granules from the start on whose bytes may be other than 0; the others were never handed out */
    uint8_t cls, state;
    uint8_t unswept;             /* cells with `used` but without `mark` are dead */
    uint8_t touched;             /* in its owner's list of blocks with young cells */
    uint8_t in_room;             /* in its owner's list of blocks with room */
    uint32_t owner;              /* context index + 1; 0: nobody allocates here.  Others read it */
    uint32_t next;               /* in the list it is in; 0 ends a list (block 0 is never given out) */
    struct gc_bits {
        uint64_t used;           /* allocated, or part of an owner's current interval */
        uint64_t mark;           /* survived; sticky between full collections */
        uint64_t young;          /* allocated by the owner in its running transaction (or in its current interval) */
    } bits[GC_WORDS];            /* one bit for each cell */
} __attribute__((aligned(64)));

struct gc_large {
    char *p;
    size_t size;
    uint32_t next;               /* free entries */
    uint32_t owner;              /* context index + 1 while young, else 0 */
    uint32_t mark;
    uint8_t used, young;
};

struct gc_class { uint32_t size, ncell, recip; };

/* Growable arrays of the collector. */
#define GC_VEC(T) struct { T *v; size_t n, cap; }
void *gc_vec_grow(void *v, size_t *cap, size_t item);
#define gc_push(vec, ...) ((void)((vec)->n == (vec)->cap \
    && ((vec)->v = gc_vec_grow((vec)->v, &(vec)->cap, sizeof *(vec)->v), 0)), (void)((vec)->v[(vec)->n++] = __VA_ARGS__))

struct gc_unit_ref { char *data; uint32_t size; uint32_t kind; };
struct gc_weak { void *holder; uint64_t *slot; uint64_t dead; };
typedef GC_VEC(struct gc_unit_ref) gc_unit_vec;
typedef GC_VEC(struct gc_weak) gc_weak_vec;
typedef GC_VEC(void *) gc_ptr_vec;
typedef GC_VEC(uint32_t) gc_index_vec;
typedef struct { void **v; size_t n, cap, head; } gc_queue;     /* first in, first out: v[head] to v[n-1] */

enum gc_mode { GC_MODE_NURSERY, GC_MODE_STOPPED, GC_MODE_PARALLEL, GC_MODE_VERIFY, GC_MODE_VISIT };

struct gc_marker {
    enum gc_mode mode;
    uint32_t owner;                    /* nursery: only cells of this owner */
    bool overflow;                     /* the stack could not grow: marked objects remain to be traced */
    unsigned interrupted;              /* calls of config.trace that wait for the stack to shrink */
    void **stack; size_t n, cap;
    size_t live_bytes, live_objects;
    size_t scanned;                               /* words of stacks, roots and opened units looked at by a nursery collection */
    struct gc_context *context;
    void *verify_from;                 /* the object whose references are being checked */
};

/* Per context, by size class: where it allocates. */
struct gc_alloc_point {
    char *begin;                       /* `cur` when the running transaction began: cells below are not young */
    uint32_t block;                    /* current block, 0: none */
    uint32_t pos;                      /* next cell of it to look at */
    uint32_t room[GC_DENSITIES];       /* lists of own blocks with free cells */
};

struct gc_context {
    struct gc_bump bump[GC_CLASS_LIMIT];          /* the first ones are the public struct gc_local */
    struct gc_alloc_point at[GC_CLASS_LIMIT];
    uint64_t active;                              /* bit c: at[c].block is set */
    uint32_t free;                                /* list of own empty blocks, warm */
    unsigned index;
    gc_index_vec touched;                         /* blocks with young cells besides those of current intervals */
    gc_index_vec young_large;
    bool squeezed;                                /* a nursery collection is wanted whatever the budget says */
    bool counted;                                 /* the next commit leaves the nursery to a collection that counts */
    size_t spent, budget;                         /* bytes handed out in this transaction since the last nursery collection */
    size_t published;                             /* bytes that became everybody's, not yet added to the heap's count */
    gc_unit_vec remembered; size_t remembered_begin, remembered_epoch, remembered_sorted;   /* see remember.c */
    uint32_t *thin_table; size_t thin_slots;
    uint32_t known[GC_KNOWN];                /* by address of the data: index + 1 of an entry that is there, or was */
    /* Registrations: of committed transactions; of the running one before its current epoch; in that epoch. */
    gc_weak_vec weak, weak_running, weak_recent;
    gc_ptr_vec finalisers, finalisers_running, finalisers_recent;
    gc_queue cleared, finalisable;                /* found by nursery collections of the running transaction */
    gc_queue taken_cleared, taken_finalisable;    /* taken from the process's queues: given back by an abort */
    gc_ptr_vec pinned_recent, kept;
    gc_ptr_vec survivors;                         /* for the verifier: what earlier epochs of the running transaction left over */
    struct gc_marker marker;
    bool running;                                 /* between gc_begun and gc_ended */
    uint64_t stress_left;
    struct gc_stats stats;
};

struct gc_heap {
    char *base; size_t span;                      /* the reserved range */
    struct gc_block *blocks;
    struct gc_large *larges;
    uint32_t *page_large;                         /* for each 2 KiB page of the range: the large object on it */
    size_t large_cap;
    uint64_t bounds;                         /* next fresh block (low half) and first block of the large part (high) */
    uint64_t free;                           /* stack of free blocks */
    uint64_t pool[GC_CLASS_LIMIT][GC_DENSITIES];   /* stacks of unowned blocks that may have free cells */
    uint64_t in_use;                         /* bytes of small blocks and of large objects */
    uint64_t large_bytes;
    uint64_t external;                       /* C memory owned by objects */
    uint64_t published;                      /* bytes published and not marked since the last collection */
    uint64_t intermediate;                   /* 1: there are objects neither marked nor young */
    uint64_t want_full;
    uint64_t reserve_turn;                   /* threads that opened the reserve in this turn may use the last part */
    size_t limit, reserve;
    size_t live;                                  /* marked bytes after the last full collection */
    size_t grown;                                 /* bytes that became old since then */
    size_t external_at_full, in_use_at_full;
    uint64_t full_end, full_ns;                   /* when the last full collection ended, how long it took */
    uint64_t collections;                         /* stopped ones; changes only while the world is stopped */
    gc_weak_vec weak;
    gc_ptr_vec finalisers, pinned;
    gc_ptr_vec doubtful;                          /* for the verifier: survivors of transactions that aborted */
    gc_queue cleared, finalisable, saved;
    pthread_mutex_t lock;                         /* guards the six above (while transactions run) and the large objects' table */
    struct gc_config config;
    struct gc_class classes[GC_CLASS_LIMIT]; unsigned nclass;
    uint8_t class_of[GC_SMALL_MAX / GC_GRANULE + 1];
    struct gc_context *contexts; unsigned ncontext;
    size_t nursery_budget;
    bool full;                                    /* the stopped collection that runs is a full one */
    uint64_t stress_every; bool stress_verify; int log; const char *why;
    struct gc_stats stats;                        /* of stopped collections */
};
extern struct gc_heap gc_heap;

static inline struct gc_context *gc_me(void) { return stm_me->gc; }
static inline char *gc_block_base(uint32_t i) { return gc_heap.base + ((size_t)i << GC_BLOCK_SHIFT); }
static inline bool gc_in_heap(uint64_t word) { return word - (uint64_t)gc_heap.base < gc_heap.span; }
#define gc_bit(b, which, i) ((b)->bits[(i) / 64].which >> ((i) % 64) & 1)
static inline uint32_t gc_bitmap_words(const struct gc_block *b) { return (b->ncell + 63u) / 64; }
static inline uint32_t gc_cell_index(const struct gc_block *b, uint32_t offset) { return (uint32_t)(((uint64_t)offset * b->recip) >> 32); }

/* heap.c */
_Noreturn void gc_fatal(const char *what);
void gc_heap_reserve(void);
bool gc_claim(size_t bytes);                      /* accounts for bytes about to be used; false: over the limit */
void gc_unclaim(size_t bytes);
void gc_no_room(void);                            /* before an allocation returns NULL */
void gc_reserve_ended(bool committed);            /* a transaction ended */
void gc_close_reserve(void);                      /* for all threads, if there is room again */
uint32_t gc_block_fresh(void);                    /* an empty block, state GC_FREE, accounted; 0: none left */
void gc_block_format(uint32_t i, unsigned cls);
void gc_block_release(uint32_t i);                /* an empty block, back to everybody */
void gc_stack_push(uint64_t *head, uint32_t i);
uint32_t gc_stack_pop(uint64_t *head);
void gc_heap_trim(void);
void gc_return_memory(void);                      /* gives free blocks beyond a reserve back to the system */
char *gc_carve(size_t size, size_t alignment);    /* address space for large objects */
/* alloc.c */
void gc_alloc_init(void);
void gc_retire(struct gc_context *g);             /* gives up all current intervals; young bits are exact afterwards */
void gc_publish(struct gc_context *g);            /* the transaction ended: nothing is young */
void gc_publish_left_over(struct gc_context *g);  /* the same for one whose end nobody reported */
void gc_put_in_room(struct gc_context *g, uint32_t block, enum gc_density density);
void gc_touch(struct gc_context *g, uint32_t block);
void gc_flush_published(struct gc_context *g);
/* large.c */
void gc_large_init(void);
void *gc_large_alloc(struct gc_context *g, size_t size, bool zero);
void gc_large_free(uint32_t index);
uint32_t gc_large_count(void);                    /* entries to look at are 1 .. count-1 */
void gc_large_purge(bool all);                    /* else only what has been unused for a second */
/* The table may be written by others meanwhile; an entry is good for reading if its object is reachable for the caller. */
static inline struct gc_large *gc_large_entry(uint64_t word)
{
    uint32_t i = stm_load32_relaxed(&gc_heap.page_large[(word - (uint64_t)gc_heap.base) >> GC_PAGE_SHIFT]);
    return i ? &gc_heap.larges[i] : NULL;
}
static inline struct gc_large *gc_large_at(uint64_t word)
{
    struct gc_large *l = gc_large_entry(word);
    return l && l->used && word - (uint64_t)l->p < l->size ? l : NULL;
}
/* mark.c */
void gc_drain(struct gc_marker *m);
void gc_drain_stack(struct gc_marker *m, size_t low);     /* down to `low` entries; leaves `overflow` to the caller */
void gc_push_marked(struct gc_marker *m, void *p);
void gc_mark_object(struct gc_marker *m, void *p);        /* conservative: p may be anything */
void gc_mark_opened(void *marker, void *data, size_t size, enum stm_unit_kind kind, const void *copy);
void gc_mark_range(void *marker, const void *lo, const void *hi);
void gc_mark_unit(struct gc_marker *m, void *data, size_t size, enum stm_unit_kind kind);
void gc_mark_all(struct gc_marker *m, const gc_ptr_vec *v);
void gc_mark_queue(struct gc_marker *m, const gc_queue *q);
bool gc_is_dead(const struct gc_marker *m, const void *p);   /* not reached by the collection of this marker */
/* parallel.c */
void gc_parallel_init(void);
void gc_drain_parallel(struct gc_marker *m);
bool gc_somebody_hungry(void);
void gc_give_portions(struct gc_marker *m);
/* nursery.c */
enum gc_nursery { GC_KEEP_YOUNG, GC_NEW_EPOCH };
void gc_nursery_collect(struct gc_context *g, enum gc_nursery how);
void gc_nursery_abort(struct gc_context *g);              /* frees what an aborted transaction allocated */
/* collect.c */
size_t gc_collect_stopped(bool full, bool always, bool (*counts)(const void *object));
void gc_mark_roots(struct gc_marker *m);                  /* world stopped: everything but the remembered sets */
void gc_request_full(void);
void gc_request_nursery(void);                    /* before the budget is used up */
bool gc_young_due(void);
bool gc_full_due(void);
/* sweep.c */
void gc_poison_cells(const struct gc_block *b, uint32_t word, uint64_t cells);   /* those whose bits are set */
void gc_sweep_block(struct gc_block *b);                  /* lazy part: used &= mark */
uint32_t gc_count_used(const struct gc_block *b);
uint32_t gc_count_mark(const struct gc_block *b);
void gc_finish_sweep(void);
void gc_clear_marks(void);
void gc_sweep_all(void);                                  /* world stopped, after marking: rebuilds the pools */
/* weak.c */
void gc_weak_process_nursery(struct gc_context *g, struct gc_marker *m);
void gc_weak_process_stopped(struct gc_marker *m);
void gc_weak_ended(struct gc_context *g, bool committed);
void gc_weak_new_epoch(struct gc_context *g);
/* remember.c */
void gc_remember_init(void);
void gc_remembered_mark(struct gc_marker *m, struct gc_context *g);
void gc_remembered_forget(struct gc_context *g);          /* after a stopped collection */
void gc_remembered_keep(struct gc_marker *m, struct gc_context *g);
void gc_remembered_begin(struct gc_context *g);
void gc_remembered_mark_epoch(struct gc_marker *m, struct gc_context *g);
void gc_remembered_new_epoch(struct gc_context *g, bool forget);
void gc_remembered_abort(struct gc_context *g);
/* why.c */
void gc_tell_why(void);                           /* world stopped, after a full collection */
void gc_visit_range(void *marker, const void *lo, const void *hi);
/* verify.c */
void gc_verify(const char *when);                         /* world stopped */
void gc_verify_reference(struct gc_marker *m, uint64_t word, bool conservative);
/* garbage.c */
struct gc_visit { struct gc_marker m; void (*f)(void *target, void *arg); void *arg; };     /* a marker with GC_MODE_VISIT */
void gc_visit_reference(struct gc_marker *m, uint64_t word);
size_t gc_count_cyclic(bool (*counts)(const void *object), gc_queue *save);   /* world stopped, after marking, before the sweep */
/* stats.c */
uint64_t gc_now(void);
void gc_log(const char *format, ...) __attribute__((format(printf, 1, 2)));
#endif
