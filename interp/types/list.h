/* Lists: layout and the operations that are worth inlining.
 *
 * The root object holds the length and the body; root and body chunks are units of their own.  L1: len <= items->cap.
 * L2: places from len on contain 0: whoever shortens a list in its body opens the chunks of what is removed.  Reading a[i] reads root
 * and chunk, a[i] = v opens the chunk only, and a change of the length opens the root.
 * L3: whoever gives a list another body opens the root and logs the addresses of all chunks of the old one that hold items
 *     (hd_list_leave_body).  So a[i] that finds an item marks the chunk and not the root: if the root changes so that a[i] means something
 *     else, by a new body or by a length below i, the chunk is logged.  What finds no item, and what needs the length, marks the root.
 * L4: whoever opens a chunk, of a body that it has not made, has marked that chunk or the root in this transaction, or has the root
 *     open.  So a[i] = v into an open chunk marks nothing: a new body conflicts with what was marked before. */
#ifndef HD_LIST_H
#define HD_LIST_H
#include "interp/types/array.h"

struct hd_list {
    struct hd_mhead head;
    hd_islot len;
    HD_PSLOT(struct hd_array) items;        /* never NULL */
};
static inline size_t hd_list_size(const struct hd_list *o)
{
    return o->head.h.shape == HD_SHAPE_LIST ? sizeof *o : hd_inst_size((const struct hd_inst *)o);
}
HD_MUTABLE_OPEN(hd_list, hd_list_size(o))

/* Length and body under one snapshot. */
STM_INLINE int64_t hd_list_peek_as(enum stm_mode mode, struct hd_list *l, struct hd_array **body)
{
    int64_t n = HD_PEEK(l, len);
    struct hd_array *b = HD_PEEK(l, items);
    if (STM_UNLIKELY(!HD_VALID_AS(mode, l))) {
        n = HD_GET(l, len);
        b = HD_GET(l, items);
    }
    *body = b;
    return n;
}
static inline int64_t hd_list_peek(struct hd_list *l, struct hd_array **body) { return hd_list_peek_as(STM_EITHER, l, body); }
static inline int64_t hd_list_size_of(struct hd_list *l) { return HD_GET(l, len); }
hd_value hd_list_at_slow(struct hd_list *l, int64_t i);
/* The item, or HD_ABSENT unless 0 <= i < len. */
STM_INLINE hd_value hd_list_at_as(enum stm_mode mode, struct hd_list *l, int64_t i)
{
    int64_t n = HD_PEEK(l, len);
    struct hd_array *b = HD_PEEK(l, items);
    if (mode == STM_ALONE) return STM_UNLIKELY((uint64_t)i >= (uint64_t)n) ? HD_ABSENT : HD_RAW(b->item[i]);
    if (STM_UNLIKELY(!stm_valid_unmarked_as(mode, &l->head.w)) || STM_UNLIKELY((uint64_t)i >= (uint64_t)n)) return hd_list_at_slow(l, i);
    hd_value v = HD_PEEK_AT(&b->item[i]);
    return STM_LIKELY(stm_valid_as(mode, hd_array_unit(b, i))) ? v : hd_list_at_slow(l, i);
}
hd_value hd_list_at_together(struct hd_list *l, int64_t i);
STM_INLINE hd_value hd_list_at(struct hd_list *l, int64_t i) { return stm_alone() ? hd_list_at_as(STM_ALONE, l, i) : hd_list_at_together(l, i); }
bool hd_list_put_at_slow(struct hd_list *l, int64_t i, hd_value v);
/* False unless 0 <= i < len. */
STM_INLINE bool hd_list_put_at_as(enum stm_mode mode, struct hd_list *l, int64_t i, hd_value v)
{
    int64_t n = HD_PEEK(l, len);
    struct hd_array *b = HD_PEEK(l, items);
    if (mode == STM_ALONE) {
        if (STM_UNLIKELY((uint64_t)i >= (uint64_t)n)) return false;
        hd_array_put(b, i, v);
        return true;
    }
    if (STM_UNLIKELY(!stm_valid_unmarked_as(mode, &l->head.w)) || STM_UNLIKELY((uint64_t)i >= (uint64_t)n)) return hd_list_put_at_slow(l, i, v);
    if (STM_UNLIKELY(!hd_array_is_open(b, i))) return hd_list_put_at_slow(l, i, v);
    HD_PUT_AT(&b->item[i], v);
    return true;
}
bool hd_list_put_at_together(struct hd_list *l, int64_t i, hd_value v);
STM_INLINE bool hd_list_put_at(struct hd_list *l, int64_t i, hd_value v)
{
    return stm_alone() ? hd_list_put_at_as(STM_ALONE, l, i, v) : hd_list_put_at_together(l, i, v);
}
int hd_list_push_slow(struct hd_list *l, hd_value v) __attribute__((warn_unused_result));
/* append; 0, -1 */
static inline int hd_list_push(struct hd_list *l, hd_value v)
{
    hd_list_w w = hd_list_open(l);
    int64_t n = HD_OWN(w, len);
    struct hd_array *b = HD_OWN(w, items);
    if (STM_UNLIKELY(n == b->cap)) return hd_list_push_slow(l, v);
    hd_array_put(b, n, v);
    HD_PUT(w, len, n + 1);
    return 0;
}
/* A new list with items [lo, lo + n), which must exist. */
hd_value hd_list_slice(struct hd_list *l, int64_t lo, int64_t n) __attribute__((warn_unused_result));
/* One step of an enumerate or zip object without making the tuple, for loops that unpack it.  1, 0 end, -1.  zip: -2 if it
 * has not two iterators. */
int hd_enumerate_pair(hd_value e, hd_value *index, hd_value *item) __attribute__((warn_unused_result));
int hd_zip_pair(hd_value z, hd_value *a, hd_value *b) __attribute__((warn_unused_result));
/* A list whose items are the fresh array's first n places. */
hd_value hd_list_adopt(struct hd_array *b, int64_t n) __attribute__((warn_unused_result));
void hd_list_trace(void *o, struct gc_marker *m);
#endif
