/* Hash tables of dicts and sets: a compact array of entries in insertion order and an index of places.
 *
 * An entry is 3 words {hash, key, value} in dicts and 2 words {hash, key} in sets.  The hash word is hash << 1 | 1, so that
 * it is never taken for a reference; 0 means that the place is empty: never used, or its key was deleted.
 * Units: a chunk of 8 entries; the tail {used, live, first}; and, outside, the root object that points to the table.  In the
 * fine layout, which a dict gets when several threads write entries of the same chunks, each entry is a unit with its word
 * in front of it, and lies in one cache line.
 *
 * Every insertion writes the tail, so in larger tables it lies behind the index in a cache line of its own: lookups by other
 * threads go on reading the first line of the table undisturbed.
 *
 * T1: an index slot names place + 1, or 0.  Slots of one table only ever change from 0, and only by a transaction that
 *     has the tail open: so index writers exclude each other, and readers need no barrier.
 * T2: the slots are hints, not truth.  They are not put back by an abort; every probe compares the entry behind a slot,
 *     read through its chunk's barrier.  A place that is reused after an abort or by popitem gets another slot.
 * T3: the slot of a key is written before the transaction commits that made the key visible.  A lookup that finds nothing
 *     marks the absence address of the hash, then probes again; an insert logs that address.
 * T4: fill counts the slots taken, stale ones included; it stays below the index size, so every probe ends.
 * T5: tables of at most HD_TABLE_SCAN places have no index and are one chunk, never fine: they are scanned.
 * T7: a place goes from empty to one key and back to empty, for ever, unless HD_TABLE_REUSES is set in aux, which whoever
 *     lets places be used again does first.  (An aborted insert was never seen by anybody.)
 * T8: whoever gives a dict or set another table opens the root and logs the addresses of all units of the old one (tabled_put).  So
 *     who has marked one of them, or the root, conflicts with that, and who finds a key marks its chunk and not the root.  The
 *     empty table is everybody's and is not logged: who finds nothing there marks the root, and so does a lookup in an
 *     index that marks nothing but the absence address.
 * T9: who opens a unit of a table that he has not made has marked one of its units or the root in this transaction, or has
 *     the root open.
 * T6: places from used on and places before first are empty.  live = number of places that are not. */
#ifndef HD_TABLE_H
#define HD_TABLE_H
#include "interp/core/object.h"

enum { HD_TABLE_CHUNK_SHIFT = 3, HD_TABLE_CHUNK = 8, HD_TABLE_SCAN = 8, HD_TABLE_FINE_WORDS = 4, HD_DICT_WORDS = 3, HD_SET_WORDS = 2,
       HD_TABLE_REUSES = 256 /* in aux; never unset */, HD_TABLE_HOT = 6, HD_TABLE_APART = 7 /* log2 of the index size */, HD_TABLE_LINE = 64, HD_TABLE_FINE_MAX = 1 << 15 /* places; larger tables have chunks enough */ };

struct hd_table_tail {
    struct stm_unit w;
    hd_islot used, live, first;
    uint32_t fill;                      /* T4; not logged, belongs to who has the tail open */
    uint32_t entry_off;                 /* words from the table to the first entry; fixed; meaningless in a tail that lies apart */
};

struct hd_table {
    struct hd_head head;                /* aux: words per entry | HD_TABLE_REUSES */
    uint32_t cap;                       /* places; fixed, as are the next three */
    uint8_t log2;                       /* of the index size; 0: no index */
    uint8_t stride;                     /* words from one entry to the next */
    uint8_t chunk_shift;                /* log2 of the entries of a unit: HD_TABLE_CHUNK_SHIFT, or 0: fine layout */
    uint8_t heat;                       /* a hint: how often a thread opened what another one had written, up to HD_TABLE_HOT */
    struct hd_table_tail near;          /* of tables smaller than HD_TABLE_APART */
    struct stm_unit cw[];               /* one per chunk (fine: none), then entries, then the index: uint8_t, uint16_t or uint32_t */
};
extern struct hd_table hd_empty_dict_table, hd_empty_set_table;      /* capacity 0; never written */

static inline size_t hd_table_index_bytes(unsigned log2) { return log2 ? ((size_t)1 << log2) << (log2 > 8) << (log2 > 16) : 0; }
/* Bytes up to the end of the index. */
static inline size_t hd_table_used_bytes(const struct hd_table *t)
{
    return ((size_t)t->near.entry_off + (size_t)t->cap * t->stride) * 8 + hd_table_index_bytes(t->log2);
}
static inline struct hd_table_tail *hd_table_tail(const struct hd_table *t)
{
    if (STM_LIKELY(t->log2 < HD_TABLE_APART)) return (struct hd_table_tail *)(uintptr_t)&t->near;
    uintptr_t end = (uintptr_t)t + hd_table_used_bytes(t);
    return (struct hd_table_tail *)((end + HD_TABLE_LINE - 1) & ~(uintptr_t)(HD_TABLE_LINE - 1));
}
static inline hd_vslot *hd_table_entry(const struct hd_table *t, uint64_t place)
{
    return (hd_vslot *)(uintptr_t)t + t->near.entry_off + place * t->stride;
}
static inline struct stm_unit *hd_table_unit(const struct hd_table *t, uint64_t place)
{
    return t->chunk_shift ? (struct stm_unit *)(uintptr_t)&t->cw[place >> t->chunk_shift] : (struct stm_unit *)(uintptr_t)hd_table_entry(t, place) - 1;
}
static inline hd_value hd_hash_word(int64_t h) { return (hd_value)h << 1 | 1; }
void hd_table_open_slow(struct hd_table *t, uint64_t place);
static inline bool hd_table_is_open(const struct hd_table *t, uint64_t place) { return (hd_table_unit(t, place)->w_ - stm_me->base) >> 51 == 0; }
/* Opens the chunk of a place. */
static inline void hd_table_open(struct hd_table *t, uint64_t place)
{
    if (STM_UNLIKELY(!hd_table_is_open(t, place))) hd_table_open_slow(t, place);
}
static inline struct hd_table_tail *hd_table_open_tail(struct hd_table *t)
{
    struct hd_table_tail *tail = hd_table_tail(t);
    stm_open(&tail->w, &tail->used, 24, STM_BYTES);
    return tail;
}
static inline unsigned hd_table_words(const struct hd_table *t) { return t->head.aux & (HD_TABLE_REUSES - 1); }
/* The tail is open. */
static inline void hd_table_reuse(struct hd_table *t) { *(volatile uint32_t *)&t->head.aux |= HD_TABLE_REUSES; }
static inline bool hd_table_reuses(const struct hd_table *t) { return *(const volatile uint32_t *)&t->head.aux & HD_TABLE_REUSES; }
static inline int64_t hd_table_live(struct hd_table *t) { return HD_GET_AT(&hd_table_tail(t)->w, &hd_table_tail(t)->live); }
void hd_table_trace(void *o, struct gc_marker *m);
#endif
