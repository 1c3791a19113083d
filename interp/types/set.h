/* Sets and frozensets.  Both have a table; a frozenset's is complete before the object can be reached and is read without
 * barriers of its own beyond those of the table. */
#ifndef HD_SET_H
#define HD_SET_H
#include "interp/types/table.h"

struct hd_set {
    struct hd_mhead head;
    HD_PSLOT(struct hd_table) table;        /* never NULL */
    hd_islot hash;                          /* frozenset: hash once computed, else 0; always the same, not logged */
};
static inline size_t hd_set_size(const struct hd_set *o)
{
    return o->head.h.shape == HD_SHAPE_SET || o->head.h.shape == HD_SHAPE_FROZENSET ? sizeof *o : hd_inst_size((const struct hd_inst *)o);
}
HD_MUTABLE_OPEN(hd_set, hd_set_size(o))
#define HD_SET(v) ((struct hd_set *)hd_ptr(v))
static inline int64_t hd_set_size_of(struct hd_set *s) { return hd_table_live(HD_GET(s, table)); }

int hd_set_find(struct hd_set *s, hd_value key, int64_t hash);          /* 1, 0, -1 */
int hd_set_put(struct hd_set *s, hd_value key, int64_t hash) __attribute__((warn_unused_result));     /* 1: was there, 0: added, -1 */
int hd_set_remove(struct hd_set *s, hd_value key, int64_t hash);        /* 1: removed, 0, -1 */
bool hd_set_walk(struct hd_set *s, uint64_t *place, hd_value *key, int64_t *hash);
void hd_set_trace(void *o, struct gc_marker *m);
#endif
