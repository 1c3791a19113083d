/* The collector: the public interface.  gc/README.md describes layout and phases.
 *
 * Objects do not move.  The collector knows of an object that its first word is not 0 and that config.trace reports
 * the references in it.  A reference is a word whose low three bits are 0 and that points into the heap; all other words
 * are ignored, so tagged values can be reported as they are.  References from C stacks are found conservatively, interior
 * pointers included.  A collection happens only inside gc_poll (from the user_poll of a transaction): C code between two
 * polls sees none. */
#ifndef GC_GC_H
#define GC_GC_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include "gc/poison.h"
#include "stm/stm.h"

struct gc_marker;
struct gc_config {
    /* Reports every reference of the object with gc_mark, in the object's current content.  Runs on several threads at
     * once, some without a context: it only reads. */
    void (*trace)(void *object, struct gc_marker *m);
    size_t (*size)(const void *object);             /* bytes of the object; for the verifier and statistics */
    void (*roots)(struct gc_marker *m);             /* roots of the process (immortal objects' references, tables) */
    void (*thread_roots)(void *thread_user, struct gc_marker *m);   /* value stack and interpreter registers */
    /* The finaliser of this object only frees what is not in the heap: it waits until no other finaliser can reach the
     * object.  Only looks at the object; NULL: there are no such objects. */
    bool (*late)(const void *object);
    const char *(*name)(const void *object);        /* of the object's type, for HEDDLE_GC_WHY; NULL: it has none */
    void (*tell_place)(void *thread_user, const uint64_t *place, FILE *to);     /* likewise: which variable is this? */
    /* Full collections, world stopped.  `image`: the bytes of an object that an abort may put back (its references have been
     * reported).  `reached`: everything has been marked and nothing freed yet; weak tables drop what gc_is_marked denies, and
     * may mark objects without references. */
    void (*image)(const void *copy);
    void (*reached)(struct gc_marker *m);
};
/* What asks for roots. */
enum gc_kind { GC_KIND_NURSERY, GC_KIND_YOUNG, GC_KIND_FULL, GC_KIND_CHECK };
enum gc_kind gc_kind(const struct gc_marker *m);
void gc_init(const struct gc_config *config);
void gc_mark(struct gc_marker *m, uint64_t word);
void gc_mark_conservative(struct gc_marker *m, const void *lo, const void *hi);

/* Memory for an object of `size` bytes, 16-byte aligned, first word 0, the rest undefined (gc_alloc) or all zero
 * (gc_alloc_zeroed).  NULL: out of memory.  The object must be complete before the next poll or barrier (a barrier may
 * wait while another thread collects).  Never collects. */
void *gc_alloc_slow(size_t size);
void *gc_alloc(size_t size);
void *gc_alloc_zeroed(size_t size);

struct gc_bump { char *cur, *end; };                /* a free interval of the class's current block */
enum { GC_GRANULE = 16, GC_SMALL_MAX = 8192, GC_BUMP_MAX = 256 };   /* inline allocation up to GC_BUMP_MAX bytes */
/* First member of what stm_context.gc points to: bump intervals for sizes 16, 32, … GC_BUMP_MAX. */
struct gc_local { struct gc_bump bump[GC_BUMP_MAX / GC_GRANULE + 1]; };

/* Inline allocation for a size known to be at most GC_BUMP_MAX. */
static inline void *gc_alloc_small(size_t size)
{
    size_t cls = (size + GC_GRANULE - 1) / GC_GRANULE;
    struct gc_bump *b = &((struct gc_local *)stm_me->gc)->bump[cls];
    char *p = b->cur, *next = p + cls * GC_GRANULE;
    if (STM_UNLIKELY(next > b->end)) return gc_alloc_slow(size);
    b->cur = next;
    gc_hand_out(p, size, cls * GC_GRANULE);
    return p;
}

bool gc_is_marked(const void *p);                   /* in `reached`: it stays; true for what is not in the heap */
bool gc_is_object(const void *p);                   /* p is the start of an allocated cell with a non-zero first word */
bool gc_is_young(const void *p);                    /* an abort of the running transaction would free this object of its own */
void *gc_object_of(const void *interior);           /* NULL if none */

/* Weak slots: *slot, inside the holder, holds a reference that the collector does not trace.  When its target dies the slot
 * becomes `dead` and the holder is queued.  The slot has its target already and keeps it (or becomes dead): another target
 * needs another registration.  Registered once per holder; forgotten when the holder dies. */
void gc_weak_register(void *holder, uint64_t *slot, uint64_t dead);
void *gc_next_cleared(void);                        /* a holder whose target died, or NULL; taken from the queue */
/* Objects with a finaliser: when unreachable they are queued once (and stay alive until taken). */
void gc_finaliser_register(void *object);
void *gc_next_finalisable(void);
bool gc_anything_queued(void);                      /* a holder or an object waits in the context's or the process's queues; a hint */
bool gc_has_finaliser(const void *object);          /* registered and not yet queued; world stopped */
void gc_finalise_all(void);                         /* queues every object with a finaliser, dead or not; world stopped */

void gc_poll(void);                                 /* runs the collections that are due */
enum gc_due { GC_DUE_NOTHING, GC_DUE_NURSERY, GC_DUE_STOPPED };
enum gc_due gc_due(void);                           /* what gc_poll would do now, at the least */
void gc_collect_full(void);                         /* at a safepoint; stops the world */
/* The running thread learns that an allocation failed: until there is room again it may use the reserve of the heap.  An
 * allocation that fails does not open it by itself: C code may do without what it did not get, and nothing is given back. */
void gc_open_reserve(void);
bool gc_is_short(void);                             /* little is left besides the reserve */
void gc_make_room(void);                            /* at a safepoint of a thread that ends: a collection if little is left; it keeps the reserve */
/* The same; returns how many of the objects that `counts` accepts were garbage that counting references would not free. */
void gc_leave_to_count(void);                         /* before the commit that comes before it: that frees nothing then */
size_t gc_collect_counting(bool (*counts)(const void *object));
/* The same, but what is counted stays alive: it is handed out by gc_next_saved, and a root until then. */
size_t gc_collect_saving(bool (*counts)(const void *object));
void *gc_next_saved(void);                          /* or NULL; in a transaction that cannot abort */
/* Immortal from now on, whatever becomes of the transaction.  Whatever is made reachable from memory outside transactions
 * (tables of the runtime, inline caches, machine code) must be pinned in the transaction that allocates it, unless
 * config.roots reports it and it was published before. */
void gc_pin(void *object);
/* Not freed by an abort of the running transaction, which allocated it or found it published; config.roots reports it to young
 * collections. */
void gc_outlive(void *object);
void gc_keep(void *object);                         /* stays alive until the running transaction ends */
void gc_each_reference(void *object, void (*f)(void *target, void *arg), void *arg);
void gc_each_object(void (*f)(void *object, void *arg), void *arg);   /* world stopped */
void gc_account(int64_t bytes);                     /* C memory owned by heap objects, for the pacing of collections */

/* To be called by the callbacks of struct stm_config with the same names. */
void gc_begun(void);
void gc_committing(void);
void gc_ended(bool committed);
void gc_after_fork_child(void);                     /* after stm_after_fork_child */

enum { GC_PAUSE_DECADES = 6 };
struct gc_stats {
    uint64_t nursery, young, full, allocated_bytes, freed_bytes, live_bytes, heap_bytes, pause_ns_max, pause_ns_total;
    uint64_t pauses[GC_PAUSE_DECADES];              /* stopped collections shorter than 0.1 ms, 1 ms, … 1 s; longer */
};
void gc_stats_sum(struct gc_stats *out);
#endif
