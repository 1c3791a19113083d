/* Probing, inserting and deleting in the tables of table.h, for dict.c and set.c: inline so that the entry size is a
 * constant.  How absence is kept consistent (T3 in detail):
 * - A key's slot is the first slot that is 0 in the probe sequence of its hash when it is inserted.
 * - A lookup that ends does so at a 0 slot S.  It marks the absence address and looks at S again: an insert that commits
 *   after that logs the address, and this transaction cannot extend its snapshot over it.  An insert that committed
 *   before has put its slot at S or behind.
 * - A slot that was passed either shows an entry that is compared under its chunk's mark, or a stale place; a new key
 *   that is put into a stale place has its slot further behind.
 * - A key comparison that runs Python may end the transaction.  Slots that were passed never become 0, so it is enough
 *   to go on from here, unless the table was replaced or the entry changed: then the lookup starts again. */
#ifndef HD__TABLE_H
#define HD__TABLE_H
#include "interp/core/api.h"
#include "interp/types/dict.h"
#include "interp/types/set.h"

/* What dicts and sets have in common. */
struct hd_tabled { struct hd_mhead head; HD_PSLOT(struct hd_table) table; };

struct hd_table *hd_table_new(uint64_t n, unsigned words, bool fine);    /* room for n entries; NULL: MemoryError is set */
void hd_tabled_open_slow(struct hd_tabled *o);
size_t hd_table_sizeof(const struct hd_table *t);

#define HD_INLINE static inline __attribute__((always_inline))
#define HD_APART static __attribute__((noinline))

void hd_tabled_leave(struct hd_tabled *o);
/* Replaces the table; the root must have been read in this transaction, which makes the change conflict with everyone (T8). */
HD_INLINE void tabled_put(struct hd_tabled *o, struct hd_table *t)
{
    if (STM_UNLIKELY((o->head.w.w_ - stm_me->base) >> 51)) hd_tabled_open_slow(o);
    hd_tabled_leave(o);
    o->table.raw_ = t;
}

/* Nobody else can insert or look for anything there, so a miss need not be marked, nor an insert logged. */
HD_INLINE bool table_private(const struct hd_tabled *o) { return stm_alone() || stm_is_fresh(&o->head.w); }
HD_INLINE uintptr_t table_absence(const void *root, hd_value hw)
{
    uint64_t x = ((uint64_t)(uintptr_t)root >> 4) * 0x9e3779b97f4a7c15u ^ hw * 0xd6e8feb86659fd93u;
    return (uintptr_t)(x ^ x >> 29) | 2;
}

HD_INLINE void *table_index(const struct hd_table *t)
{
    return (uint64_t *)(uintptr_t)t + t->near.entry_off + (size_t)t->cap * t->stride;
}
HD_INLINE uint64_t table_slot(const void *index, unsigned log2, uint64_t i)
{
    return log2 <= 8 ? ((const volatile uint8_t *)index)[i]
         : log2 <= 16 ? ((const volatile uint16_t *)index)[i] : ((const volatile uint32_t *)index)[i];
}
HD_INLINE void table_slot_put(void *index, unsigned log2, uint64_t i, uint64_t v)
{
    if (log2 <= 8) ((volatile uint8_t *)index)[i] = (uint8_t)v;
    else if (log2 <= 16) ((volatile uint16_t *)index)[i] = (uint16_t)v;
    else ((volatile uint32_t *)index)[i] = (uint32_t)v;
}
struct table_probe { uint64_t i, mask, perturb; };
HD_INLINE struct table_probe table_probe_start(const struct hd_table *t, hd_value hw)
{
    uint64_t h = (uint64_t)((int64_t)hw >> 1), mask = ((uint64_t)1 << t->log2) - 1;
    return (struct table_probe){ h & mask, mask, h };
}
HD_INLINE void table_probe_next(struct table_probe *p)
{
    p->perturb >>= 5;
    p->i = (p->i * 5 + p->perturb + 1) & p->mask;
}

/* 1 equal, 0 different, -1: ask the objects. */
int hd_table_key_test(hd_value k, hd_value key);
HD_INLINE int table_key_test(hd_value k, hd_value key)
{
    if (k == key) return 1;
    if (hd_is_fix(k) & hd_is_fix(key)) return 0;
    return hd_table_key_test(k, key);
}

enum { TABLE_MISS = -1, TABLE_ERROR = -2, TABLE_ASK = -3 };

/* Entry words 0 and 1 under the chunk's barrier. */
HD_INLINE hd_value table_read_entry(struct hd_table *t, uint64_t place, hd_value *key)
{
    hd_vslot *e = hd_table_entry(t, place);
    struct stm_unit *u = hd_table_unit(t, place);
    hd_value hw = *(volatile hd_value *)&HD_RAW(e[0]), k = *(volatile hd_value *)&HD_RAW(e[1]);
    if (STM_UNLIKELY(!stm_valid(u))) {
        hw = stm_read(u, &e[0]);
        k = stm_read(u, &e[1]);
    }
    *key = k;
    return hw;
}

/* While this transaction has the tail open, or made it, nobody else can insert or delete anything here: a miss is a miss. */
HD_INLINE bool table_mine(const struct hd_table *t) { return (hd_table_tail(t)->w.w_ - stm_me->base) >> 51 == 0; }

/* Lookups come in three forms, so that the usual ones have neither the others' work nor their registers.  All but the last may
 * say TABLE_ASK; what comes next begins from the start.
 *   table_find_first   the very same key at its first place, or nothing there: calls nothing, to be inlined everywhere
 *   table_find_quick   keys that are there, misses where that needs no care; calls no Python
 *   table_find         must be right for everything
 * table_find_any is the last two; it stands in functions of its own.
 * *tp: the current table, not to be used before something of it is marked (T8): after TABLE_ASK not at all.
 * *value (if not NULL): what is stored at the place.  `mode` is STM_ALONE or STM_TOGETHER. */
HD_INLINE bool table_scan_missed(enum stm_mode mode, const struct hd_tabled *o, const struct hd_table *t)
{
    if (mode == STM_ALONE) return true;
    if (STM_LIKELY(t->cap)) return STM_LIKELY(stm_valid_as(mode, t->cw));
    stm_mark(&o->head.w);
    return true;
}
HD_INLINE int64_t table_find_first(enum stm_mode mode, const struct hd_tabled *o, struct hd_table **tp, hd_value key, hd_value hw,
                                   unsigned words, struct table_probe *end, hd_value *value)
{
    struct hd_table *t = *tp = HD_PEEK(o, table);
    if (STM_UNLIKELY(!stm_valid_unmarked_as(mode, &o->head.w))) return TABLE_ASK;
    if (words == HD_DICT_WORDS && mode != STM_ALONE && stm_is_deferred(o)) return TABLE_ASK;
    if (!t->log2) {
        const hd_vslot *e = hd_table_entry(t, 0);
        for (uint64_t place = 0, cap = t->cap; place < cap; place++, e += words) {
            if (STM_LIKELY(HD_PEEK_AT(&e[0]) != hw)) continue;
            hd_value k = HD_PEEK_AT(&e[1]);
            if (value) *value = HD_PEEK_AT(&e[2]);
            return STM_LIKELY(k == key) && STM_LIKELY(stm_valid_as(mode, t->cw)) ? (int64_t)place : TABLE_ASK;
        }
        return table_scan_missed(mode, o, t) ? TABLE_MISS : TABLE_ASK;
    }
    *end = table_probe_start(t, hw);
    uint64_t s = table_slot(table_index(t), t->log2, end->i);
    if (s == 0) return mode == STM_ALONE || table_mine(t) ? TABLE_MISS : TABLE_ASK;
    const hd_vslot *e = hd_table_entry(t, s - 1);
    if (HD_PEEK_AT(&e[0]) != hw || HD_PEEK_AT(&e[1]) != key) return TABLE_ASK;
    if (value) *value = HD_PEEK_AT(&e[2]);
    if (mode != STM_ALONE && STM_UNLIKELY(!stm_valid_as(mode, hd_table_unit(t, s - 1)))) return TABLE_ASK;
    return (int64_t)(s - 1);
}

HD_INLINE int64_t table_find_quick(enum stm_mode mode, const struct hd_tabled *o, struct hd_table **tp, hd_value key, hd_value hw,
                                   unsigned words, bool plain, struct table_probe *end, hd_value *value)
{
    struct hd_table *t = *tp = HD_PEEK(o, table);
    if (STM_UNLIKELY(!stm_valid_unmarked_as(mode, &o->head.w))) return TABLE_ASK;
    if (words == HD_DICT_WORDS && mode != STM_ALONE && stm_is_deferred(o)) return TABLE_ASK;
    if (!t->log2) {
        const hd_vslot *e = hd_table_entry(t, 0);
        for (uint64_t place = 0, cap = t->cap; place < cap; place++, e += words) {
            if (STM_LIKELY(HD_PEEK_AT(&e[0]) != hw)) continue;
            hd_value k = HD_PEEK_AT(&e[1]);
            if (value) *value = HD_PEEK_AT(&e[2]);
            if (STM_UNLIKELY(!stm_valid_as(mode, t->cw))) return TABLE_ASK;
            int r = table_key_test(k, key);
            if (r > 0) return (int64_t)place;
            if (r < 0 && !plain) return TABLE_ASK;
        }
        return table_scan_missed(mode, o, t) ? TABLE_MISS : TABLE_ASK;
    }
    const void *index = table_index(t);
    for (struct table_probe p = table_probe_start(t, hw);; table_probe_next(&p)) {
        uint64_t s = table_slot(index, t->log2, p.i);
        if (s == 0) {
            *end = p;
            return mode == STM_ALONE || table_mine(t) ? TABLE_MISS : TABLE_ASK;
        }
        const hd_vslot *e = hd_table_entry(t, s - 1);
        if (HD_PEEK_AT(&e[0]) != hw) continue;
        hd_value k = HD_PEEK_AT(&e[1]);
        if (value) *value = HD_PEEK_AT(&e[2]);
        if (mode != STM_ALONE && STM_UNLIKELY(!stm_valid_as(mode, hd_table_unit(t, s - 1)))) return TABLE_ASK;
        int r = table_key_test(k, key);
        if (r > 0) return (int64_t)(s - 1);
        if (r < 0 && !plain) return TABLE_ASK;
    }
}

/* Key and value (if wanted) of an entry under its chunk's barrier.  False: its hash word is another one. */
HD_INLINE bool table_entry_has(struct stm_unit *u, hd_vslot *e, hd_value hw, hd_value *key, hd_value *value)
{
    if (stm_read(u, &e[0]) != hw) return false;
    *key = stm_read(u, &e[1]);
    if (value) *value = stm_read(u, &e[2]);
    return true;
}

/* The key of the entry is not the one that is looked for, as far as can be told without Python: asks it.  The lookup must start
 * again if the table is another one afterwards, or the entry has changed. */
enum table_asked { TABLE_ASKED_AGAIN, TABLE_ASKED_NO, TABLE_ASKED_YES, TABLE_ASKED_ERROR };
HD_INLINE enum table_asked table_ask(struct hd_tabled *o, struct hd_table *t, uint64_t place, hd_value k, hd_value key, hd_value hw, hd_value *value)
{
    int r = hd_equal(k, key);
    if (r < 0) return TABLE_ASKED_ERROR;
    hd_value k2;
    if (HD_GET(o, table) != t || table_read_entry(t, place, &k2) != hw || k2 != k) return TABLE_ASKED_AGAIN;
    if (r && value) *value = stm_read(hd_table_unit(t, place), &hd_table_entry(t, place)[2]);
    return r ? TABLE_ASKED_YES : TABLE_ASKED_NO;
}

/* The place of the key in the current table (*tp), TABLE_MISS or TABLE_ERROR.  *value (if not NULL): what is stored there.
 * After a miss in an indexed table *end is the probe state at the free slot.  `plain`: keys that are not identical or equal
 * exact strs are different (never runs Python).  Does not test for solo mode. */
HD_INLINE int64_t table_find(struct hd_tabled *o, hd_value key, hd_value hw, unsigned words, bool plain, struct hd_table **tp,
                             struct table_probe *end, hd_value *value)
{
    struct hd_table *t;
    hd_value k;
    stm_do_deferred(o);
again:
    t = HD_GET_AS(STM_TOGETHER, o, table);
    *tp = t;
    if (!t->log2) {
        /* One chunk: the hashes are looked at first and the unit is tested once, unless it is somebody else's. */
        struct stm_unit *u = t->cw;
        hd_vslot *e = hd_table_entry(t, 0);
        uint64_t place = 0, cap = t->cap;
        bool direct = !stm_is_foreign(u);
        for (; place < cap; place++, e += words) {
            hd_value ehw = direct ? HD_PEEK_AT(&e[0]) : stm_read(u, &e[0]);
            if (STM_LIKELY(ehw != hw)) continue;
            if (!table_entry_has(u, e, hw, &k, value)) continue;
            int r = table_key_test(k, key);
            if (r > 0) return (int64_t)place;
            if (r < 0 && !plain) {
                enum table_asked asked = table_ask(o, t, place, k, key, hw, value);
                if (asked == TABLE_ASKED_ERROR) return TABLE_ERROR;
                if (asked == TABLE_ASKED_AGAIN) goto again;
                if (asked == TABLE_ASKED_YES) return (int64_t)place;
            }
        }
        if (direct && cap && STM_UNLIKELY(!stm_valid_as(STM_TOGETHER, u))) goto again;
        return TABLE_MISS;
    }
    struct table_probe p = table_probe_start(t, hw);
    void *index = table_index(t);
    /* Entries with another hash are passed without a barrier: who updates their values shall not conflict with this lookup.
     * But an empty place may have had the key in the snapshot, and so may one that is used again (T7); if an empty one had another,
     * or none, it needs no mark either, since it will not have this key unless it is inserted.  Where nobody else can insert anything
     * a miss needs no mark. */
    for (bool marked = false;;) {
        uint64_t s = table_slot(index, t->log2, p.i);
        if (s == 0) {
            if (marked || table_private(o)) {
                *end = p;
                return TABLE_MISS;
            }
            stm_mark_address(table_absence(o, hw));
            __asm__ volatile("" ::: "memory");
            marked = true;
            continue;
        }
        hd_vslot *e = hd_table_entry(t, s - 1);
        hd_value raw = HD_PEEK_AT(&e[0]);
        struct stm_unit *u = hd_table_unit(t, s - 1);
        if (raw == 0 && STM_LIKELY(!hd_table_reuses(t))) raw = stm_peek(u, &e[0]);
        if ((raw == hw || hd_table_reuses(t)) && table_entry_has(u, e, hw, &k, value)) {
            int r = table_key_test(k, key);
            if (r > 0) return (int64_t)(s - 1);
            if (r < 0 && !plain) {
                marked = false;
                enum table_asked asked = table_ask(o, t, s - 1, k, key, hw, value);
                if (asked == TABLE_ASKED_ERROR) return TABLE_ERROR;
                if (asked == TABLE_ASKED_AGAIN) goto again;
                if (asked == TABLE_ASKED_YES) return (int64_t)(s - 1);
            }
        }
        table_probe_next(&p);
    }
}

HD_INLINE int64_t table_find_any(struct hd_tabled *o, hd_value key, hd_value hw, unsigned words, bool plain, struct hd_table **tp,
                                 struct table_probe *end, hd_value *value)
{
    int64_t place = stm_alone() ? table_find_quick(STM_ALONE, o, tp, key, hw, words, plain, end, value)
                                : table_find_quick(STM_TOGETHER, o, tp, key, hw, words, plain, end, value);
    return STM_LIKELY(place != TABLE_ASK) ? place : table_find(o, key, hw, words, plain, tp, end, value);
}

/* Into a table that is not reachable yet and has room: no test for equal keys.  `tail`: its tail. */
HD_INLINE hd_vslot *table_append_fresh(struct hd_table *t, struct hd_table_tail *tail, hd_value key, hd_value hw)
{
    uint64_t place = (uint64_t)tail->used.raw_;
    hd_vslot *e = hd_table_entry(t, place);
    e[0].raw_ = hw;
    e[1].raw_ = key;
    tail->used.raw_++;
    tail->live.raw_++;
    if (t->log2) {
        struct table_probe p = table_probe_start(t, hw);
        void *index = table_index(t);
        while (table_slot(index, t->log2, p.i)) table_probe_next(&p);
        table_slot_put(index, t->log2, p.i, place + 1);
        tail->fill++;
    }
    return e;
}

void hd_table_build_index(struct hd_table *t);          /* of a table that is not reachable yet and has no index entries */
/* A copy of the live entries with room for n behind `gap` empty places.  NULL: MemoryError is set. */
HD_INLINE struct hd_table *table_rebuild_gap(struct hd_table *t, uint64_t n, uint64_t gap, unsigned words, bool fine)
{
    struct hd_table *nt = hd_table_new(n + gap, words, fine);
    if (!nt) return NULL;
    struct hd_table_tail *tail = hd_table_tail(t), *new_tail = hd_table_tail(nt);
    uint64_t used = (uint64_t)HD_GET_AT(&tail->w, &tail->used), to = gap;
    hd_vslot *e = hd_table_entry(nt, gap);
    uint64_t chunk = (uint64_t)1 << t->chunk_shift;
    for (uint64_t place = 0; place < used; place += chunk) {      /* one test per chunk, unless it is somebody else's */
        struct stm_unit *u = hd_table_unit(t, place);
        hd_vslot *from = hd_table_entry(t, place), *start = e;
        uint64_t here = used - place < chunk ? used - place : chunk;
        for (bool direct = true;; direct = false) {
            for (uint64_t i = 0; i < here; i++) {
                hd_vslot *f = from + i * t->stride;
                hd_value hw = direct ? HD_PEEK_AT(&f[0]) : stm_read(u, &f[0]);
                if (!hw) continue;
                e[0].raw_ = hw;
                e[1].raw_ = direct ? HD_PEEK_AT(&f[1]) : stm_read(u, &f[1]);
                if (words == HD_DICT_WORDS) e[2].raw_ = direct ? HD_PEEK_AT(&f[2]) : stm_read(u, &f[2]);
                e += nt->stride;
            }
            if (!direct || STM_LIKELY(stm_valid(u))) break;
            for (; e > start; e -= nt->stride) memset(e - nt->stride, 0, words * 8);
        }
    }
    to += (uint64_t)(e - hd_table_entry(nt, gap)) / nt->stride;
    new_tail->first.raw_ = (int64_t)gap;
    new_tail->used.raw_ = (int64_t)to;
    new_tail->live.raw_ = (int64_t)(to - gap);
    if (nt->log2) hd_table_build_index(nt);
    return nt;
}
/* The same in t's layout. */
HD_INLINE struct hd_table *table_rebuild(struct hd_table *t, uint64_t n, unsigned words)
{
    return table_rebuild_gap(t, n, 0, words, t->chunk_shift == 0);
}

/* A copy that keeps places and index, not the fine layout, for tables without many dead places.  The index is copied last: then the slots of
 * all entries that were seen are there (T3). */
HD_INLINE struct hd_table *table_clone(struct hd_table *t, unsigned words)
{
    struct hd_table *nt = hd_table_new(t->cap, words, false);
    uint64_t chunk = (uint64_t)1 << t->chunk_shift;
    if (!nt) return NULL;
    int64_t used = HD_GET_AT(&hd_table_tail(t)->w, &hd_table_tail(t)->used);
    HD_PUT_AT(&hd_table_tail(nt)->live, HD_GET_AT(&hd_table_tail(t)->w, &hd_table_tail(t)->live));
    HD_PUT_AT(&hd_table_tail(nt)->used, used);
    HD_PUT_AT(&hd_table_tail(nt)->first, HD_GET_AT(&hd_table_tail(t)->w, &hd_table_tail(t)->first));
    for (uint64_t place = 0; place < (uint64_t)used; place += chunk) {
        hd_vslot *from = hd_table_entry(t, place), *to = hd_table_entry(nt, place);
        struct stm_unit *u = hd_table_unit(t, place);
        uint64_t n = t->cap - place < chunk ? t->cap - place : chunk;
        memcpy(to, from, n * words * 8);
        if (STM_UNLIKELY(!stm_valid(u)))
            for (uint64_t i = 0; i < n * words; i++) to[i].raw_ = stm_read(u, &from[i]);
    }
    if (t->log2) {
        memcpy(table_index(nt), table_index(t), hd_table_index_bytes(t->log2));
        hd_table_tail(nt)->fill = hd_table_tail(t)->fill;
    }
    return nt;
}

/* A copy of n > 0 live entries with little room for more. */
HD_INLINE struct hd_table *table_copy(struct hd_table *t, int64_t n, unsigned words)
{
    int64_t used = HD_GET_AT(&hd_table_tail(t)->w, &hd_table_tail(t)->used);
    return used <= n + n / 2 && (int64_t)t->cap <= 2 * n + 4 ? table_clone(t, words) : table_rebuild(t, (uint64_t)n, words);
}

HD_INLINE uint32_t table_fill_max(const struct hd_table *t) { return (uint32_t)(((uint64_t)7 << t->log2) >> 3); }

/* Room for a table that grows from n entries: growing means to copy them, and room that is not needed is no work. */
HD_INLINE uint64_t table_more(uint64_t n, unsigned words)
{
    return n < 4 ? n + 1 : n < 8 ? 8 : n * (words == HD_SET_WORDS && n < 1 << 14 ? 4 : 2);
}

/* table_insert where the table has no room: into a larger one. */
hd_vslot *hd_table_insert_grown(struct hd_tabled *o, struct hd_table *t, hd_value key, hd_value hw);

/* After table_find missed in t: appends the key and returns its entry (open, its value still to be stored), or NULL:
 * MemoryError.  Runs no Python. */
HD_INLINE hd_vslot *table_insert(enum stm_mode mode, struct hd_tabled *o, struct hd_table *t, hd_value key, hd_value hw, unsigned words,
                                 struct table_probe p)
{
    if (STM_UNLIKELY(!t->cap)) return hd_table_insert_grown(o, t, key, hw);
    struct hd_table_tail *tail = hd_table_open_tail(t);
    uint64_t place = (uint64_t)tail->used.raw_;
    if (STM_UNLIKELY(place >= t->cap || (t->log2 && tail->fill >= table_fill_max(t)))) return hd_table_insert_grown(o, t, key, hw);
    hd_table_open(t, place);
    hd_vslot *e = hd_table_entry(t, place);
    e[0].raw_ = hw;
    e[1].raw_ = key;
    if (words == HD_DICT_WORDS) e[2].raw_ = HD_UNBOUND;
    tail->used.raw_ = (int64_t)place + 1;
    tail->live.raw_++;
    if (t->log2) {
        void *index = table_index(t);
        while (table_slot(index, t->log2, p.i)) table_probe_next(&p);
        table_slot_put(index, t->log2, p.i, place + 1);
        tail->fill++;
        if (mode != STM_ALONE && !table_private(o)) stm_log_address_of(&o->head.w, table_absence(o, hw));
    }
    return e;
}

/* Empties a place. */
HD_INLINE void table_delete(struct hd_table *t, uint64_t place, unsigned words)
{
    struct hd_table_tail *tail = hd_table_open_tail(t);
    hd_table_open(t, place);
    hd_vslot *e = hd_table_entry(t, place);
    e[0].raw_ = e[1].raw_ = 0;
    if (words == HD_DICT_WORDS) e[2].raw_ = 0;
    tail->live.raw_--;
    if (tail->first.raw_ == (int64_t)place) tail->first.raw_++;
}

/* The next live place at or after *place; advances it behind.  False at the end.  used: of the tail. */
HD_INLINE bool table_walk_to(enum stm_mode mode, struct hd_table *t, uint64_t used, uint64_t *place, unsigned words, hd_value *hw, hd_value *key,
                             hd_value *value)
{
    for (uint64_t i = *place; i < used; i++) {
        hd_vslot *e = hd_table_entry(t, i);
        hd_value h = HD_PEEK_AT(&e[0]), k = HD_PEEK_AT(&e[1]), v = words == HD_DICT_WORDS ? HD_PEEK_AT(&e[2]) : 0;
        if (mode != STM_ALONE && STM_UNLIKELY(!stm_valid_as(mode, hd_table_unit(t, i)))) {
            struct stm_unit *u = hd_table_unit(t, i);
            h = stm_read(u, &e[0]);
            k = stm_read(u, &e[1]);
            if (words == HD_DICT_WORDS) v = stm_read(u, &e[2]);
        }
        if (STM_UNLIKELY(!h)) {
            if (i == *place) {                     /* passes what was taken from the front in one step */
                struct hd_table_tail *tail = hd_table_tail(t);
                uint64_t first = (uint64_t)HD_GET_AT_AS(mode, &tail->w, &tail->first);
                if (i < first) i = first - 1;
            }
            continue;
        }
        *hw = h;
        *key = k;
        if (words == HD_DICT_WORDS && value) *value = v;
        *place = i + 1;
        return true;
    }
    *place = used;
    return false;
}
HD_INLINE bool table_walk_in(enum stm_mode mode, struct hd_table *t, uint64_t *place, unsigned words, hd_value *hw, hd_value *key, hd_value *value)
{
    struct hd_table_tail *tail = hd_table_tail(t);
    return table_walk_to(mode, t, (uint64_t)HD_GET_AT_AS(mode, &tail->w, &tail->used), place, words, hw, key, value);
}
HD_INLINE bool table_walk(enum stm_mode mode, struct hd_tabled *o, uint64_t *place, unsigned words, hd_value *hw, hd_value *key, hd_value *value)
{
    if (mode != STM_ALONE) stm_do_deferred(o);
    return table_walk_in(mode, HD_GET_AS(mode, o, table), place, words, hw, key, value);
}

/* A walk of C code over a table that may be changed on the way, by Python code that it calls.  What root and tail said is not
 * read again through the barriers while it stands there still and the transaction is the same, which marked them. */
struct table_walker { struct hd_table *t; struct hd_table_tail *tail; uint64_t place, used, epoch /* of this transaction: what a new unit's word would be */; };
HD_INLINE bool table_walker_next(struct hd_tabled *o, struct table_walker *c, unsigned words, hd_value *hw, hd_value *key, hd_value *value)
{
    if (stm_alone()) {
        struct hd_table *t = HD_GET_AS(STM_ALONE, o, table);
        if (t != c->t) c->t = t, c->tail = hd_table_tail(t);
        return table_walk_to(STM_ALONE, t, (uint64_t)HD_OWN_AT(&c->tail->used), &c->place, words, hw, key, value);
    }
    stm_do_deferred(o);
    if (STM_UNLIKELY(HD_PEEK(o, table) != c->t || stm_me->fresh != c->epoch || (uint64_t)HD_PEEK_AT(&c->tail->used) != c->used)) {
        c->t = HD_GET_AS(STM_TOGETHER, o, table);
        c->tail = hd_table_tail(c->t);
        c->used = (uint64_t)HD_GET_AT_AS(STM_TOGETHER, &c->tail->w, &c->tail->used);
        c->epoch = stm_me->fresh;
    }
    return table_walk_to(STM_TOGETHER, c->t, c->used, &c->place, words, hw, key, value);
}
HD_INLINE int64_t hash_of_word(hd_value hw) { return (int64_t)hw >> 1; }
#endif
