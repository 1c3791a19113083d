/* Dicts: layout and inline paths.  Everything else about them is in api.h; the table is described in table.h. */
#ifndef HD_DICT_H
#define HD_DICT_H
#include "interp/types/table.h"

struct hd_dict {
    struct hd_mhead head;
    HD_PSLOT(struct hd_table) table;        /* never NULL */
};
static inline size_t hd_dict_size(const struct hd_dict *o)
{
    return o->head.h.shape == HD_SHAPE_DICT ? sizeof *o : hd_inst_size((const struct hd_inst *)o);
}
HD_MUTABLE_OPEN(hd_dict, hd_dict_size(o))

hd_value hd_dict_get_hint_slow(struct hd_dict *d, hd_value key, uint64_t *hint);
int hd_dict_put_hint_slow(struct hd_dict *d, hd_value key, hd_value v, uint64_t *hint) __attribute__((warn_unused_result));

/* Lookup of an interned exact str with a site hint (any content is harmless; start with 0).  HD_ABSENT on a miss; never
 * fails, never runs Python. */
STM_INLINE hd_value hd_dict_get_hint_as(enum stm_mode mode, struct hd_dict *d, hd_value key, uint64_t *hint)
{
    struct hd_table *t = HD_PEEK(d, table);              /* a hit marks its chunk (T8) */
    uint64_t place = *hint;
    if (STM_LIKELY(stm_valid_unmarked_as(mode, &d->head.w)) && STM_LIKELY(place < t->cap) && (mode == STM_ALONE || !stm_is_deferred(d))) {
        hd_vslot *e = hd_table_entry(t, place);
        hd_value k = *(volatile hd_value *)&HD_RAW(e[1]), v = *(volatile hd_value *)&HD_RAW(e[2]);
        if (STM_LIKELY(k == key) && STM_LIKELY(stm_valid_as(mode, hd_table_unit(t, place)))) return v;
    }
    return hd_dict_get_hint_slow(d, key, hint);
}
static inline hd_value hd_dict_get_hint(struct hd_dict *d, hd_value key, uint64_t *hint)
{
    return stm_alone() ? hd_dict_get_hint_as(STM_ALONE, d, key, hint) : hd_dict_get_hint_as(STM_TOGETHER, d, key, hint);
}
/* Store under an interned exact str.  0, -1: out of memory. */
static inline int hd_dict_put_hint(struct hd_dict *d, hd_value key, hd_value v, uint64_t *hint)
{
    stm_do_deferred(d);
    struct hd_table *t = HD_GET(d, table);
    uint64_t place = *hint;
    if (STM_LIKELY(place < t->cap)) {
        hd_vslot *e = hd_table_entry(t, place);
        /* The unverified look spares opening a chunk that does not have the key; the one after it decides. */
        if (STM_LIKELY(*(volatile hd_value *)&HD_RAW(e[1]) == key)) {
            hd_table_open(t, place);
            if (STM_LIKELY(HD_OWN_AT(&e[1]) == key)) {
                HD_PUT_AT(&e[2], v);
                return 0;
            }
        }
    }
    return hd_dict_put_hint_slow(d, key, v, hint);
}
static inline int64_t hd_dict_size_of(struct hd_dict *d) { return hd_table_live(HD_GET(d, table)); }

/* With the hash at hand.  HD_ABSENT on a miss, HD_ERR if __eq__ raised; may run Python unless the key is an exact str, int,
 * float or the like. */
hd_value hd_dict_find(struct hd_dict *d, hd_value key, int64_t hash);
int hd_dict_put(struct hd_dict *d, hd_value key, int64_t hash, hd_value v) __attribute__((warn_unused_result));
/* d[key] = d.get(key, 0) + 1 */
int hd_dict_count(struct hd_dict *d, hd_value key, int64_t hash) __attribute__((warn_unused_result));
/* Of an exact str into a dict that was made since the last poll and that nobody else can reach. */
int hd_dict_put_fresh(struct hd_dict *d, hd_value key, hd_value v) __attribute__((warn_unused_result));
/* Removed value, HD_ABSENT, HD_ERR. */
hd_value hd_dict_take(struct hd_dict *d, hd_value key, int64_t hash);
hd_value hd_dict_method_get(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames);     /* dict.get */
/* d[key], __missing__ of subclasses included; KeyError. */
hd_value hd_dict_subscript(hd_value d, hd_value key);
int hd_dict_popitem(struct hd_dict *d, bool first, hd_value kv[2]);     /* 1, 0: empty */
/* To the front or the end of the order: 2 moved, 1 was there already, 0: no such key, -1. */
int hd_dict_move(struct hd_dict *d, hd_value key, int64_t hash, bool to_front);
/* A new exact dict with room for n entries. */
struct hd_dict *hd_dict_new_sized(size_t n);
/* Place order walk without a size check: advances *place; false at the end. */
bool hd_dict_walk(struct hd_dict *d, uint64_t *place, hd_value *key, hd_value *value, int64_t *hash);
void hd_dict_trace(void *o, struct gc_marker *m);
/* OrderedDict: `moves` counts calls of move_to_end that moved something, for iterators to notice. */
struct hd_odict { struct hd_dict dict; hd_islot moves; };
bool hd_is_odict(hd_value v);
/* dict views and their iterators: d is a dict or an instance of a subclass */
hd_value hd_dictview_new(hd_value d, struct hd_type *type);
hd_value hd_dictview_dict(hd_value view);
/* What list(v) has, of an exact dict or set or a view of an exact dict's keys or values, in a new body; *items is NULL without memory.
 * False: v is something else. */
struct hd_array;
bool hd_table_snapshot(hd_value v, struct hd_array **items, int64_t *n);
hd_value hd_dictiter_new(hd_value d, struct hd_type *type);
#endif
