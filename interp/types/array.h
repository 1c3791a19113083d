/* Value arrays: the bodies of lists and deques and the scratch space of sorting.
 *
 * An array is divided into chunks of HD_CHUNK items; each chunk is a unit of its own, so writers of different chunks do
 * not meet.  The unit words lie behind the items.  The capacity never changes; who needs another one makes a new array
 * and lets the old one die.  Places that hold nothing contain 0.
 * In the fine layout, which a list gets when several threads write items of the same chunks, each item is a unit; the words
 * are 16 bytes apart then, since the marks of a transaction tell no closer ones apart.
 * aux: log2 of the items of a unit (HD_CHUNK_SHIFT, or 0: fine) | heat << 16; heat is a hint: how often a thread opened what
 * another one had written. */
#ifndef HD_ARRAY_H
#define HD_ARRAY_H
#include "interp/core/object.h"

enum { HD_CHUNK_SHIFT = 5, HD_CHUNK = 1 << HD_CHUNK_SHIFT };

enum { HD_ARRAY_WARMER = 1 << 16, HD_ARRAY_HOT = 3 * HD_ARRAY_WARMER, HD_ARRAY_FINE_MAX = 4096 /* items */ };

struct hd_array { struct hd_head head; int64_t cap; hd_vslot item[]; /* item[cap], then one struct stm_unit per chunk */ };

extern struct hd_array hd_empty_array;                      /* capacity 0; never written */

static inline unsigned hd_array_shift(const struct hd_array *b) { return b->head.aux & (HD_ARRAY_WARMER - 1); }
size_t hd_array_size(const struct hd_array *b);             /* bytes */
struct hd_array *hd_array_new(int64_t cap);                 /* all places 0, every chunk open; NULL: MemoryError is set */
struct hd_array *hd_array_new_fine(int64_t cap);

static inline struct stm_unit *hd_array_unit(const struct hd_array *b, int64_t i)
{
    int64_t n = i >> HD_CHUNK_SHIFT;
    if (STM_UNLIKELY(!hd_array_shift(b))) {
        __asm__ volatile("");                               /* a branch: a conditional move would wait for the layout */
        n = i * 2;
    }
    return (struct stm_unit *)(uintptr_t)&b->item[b->cap] + n;
}
STM_INLINE hd_value hd_array_get_as(enum stm_mode mode, const struct hd_array *b, int64_t i)
{
    return mode == STM_ALONE ? b->item[i].raw_ : stm_read_as(mode, hd_array_unit(b, i), &b->item[i]);
}
static inline hd_value hd_array_get(const struct hd_array *b, int64_t i) { return hd_array_get_as(STM_EITHER, b, i); }
void hd_array_open_slow(struct hd_array *b, int64_t i);
static inline bool hd_array_is_open(const struct hd_array *b, int64_t i) { return (hd_array_unit(b, i)->w_ - stm_me->base) >> 51 == 0; }
/* Opens the chunk of place i. */
static inline void hd_array_open(struct hd_array *b, int64_t i)
{
    if (STM_UNLIKELY(!hd_array_is_open(b, i))) hd_array_open_slow(b, i);
}
static inline void hd_array_put(struct hd_array *b, int64_t i, hd_value v)
{
    hd_array_open(b, i);
    HD_PUT_AT(&b->item[i], v);
}
static inline hd_value hd_array_own(const struct hd_array *b, int64_t i) { return HD_OWN_AT(&b->item[i]); }   /* open or fresh */
/* Into an array that was just made and that is not reachable yet. */
static inline void hd_array_init(struct hd_array *b, int64_t i, hd_value v) { HD_PUT_AT(&b->item[i], v); }

void hd_array_open_range(struct hd_array *b, int64_t lo, int64_t hi);
void hd_array_read(const struct hd_array *b, int64_t lo, int64_t n, hd_value *out);     /* one test per chunk */
void hd_array_trace(void *o, struct gc_marker *m);
#endif
