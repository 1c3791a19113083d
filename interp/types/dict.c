/* Dicts as C code uses them: lookup, store, deletion, iteration, merging.  The Python type is in dicttype.c, views and
 * iterators are in dictview.c.
 *
 * D1: the root has only the table pointer; it is opened when the table is replaced (growth, compaction, clear).
 * D2: an update of a key that is there opens the key's chunk and nothing else. */
#include "interp/types/_table.h"
#include "interp/types/_dict.h"
#include "interp/types/each.h"

#define W HD_DICT_WORDS
#define TABLED(d) ((struct hd_tabled *)(d))

static hd_vslot *entry_value(struct hd_table *t, int64_t place) { return &hd_table_entry(t, (uint64_t)place)[2]; }

static struct hd_dict *dict_alloc(void)
{
    struct hd_dict *d = gc_alloc_small(sizeof *d);
    if (STM_UNLIKELY(!d)) {
        (void)hd_no_memory();
        return NULL;
    }
    d->head.h.aux = 0;
    stm_unit_init(&d->head.w);
    HD_INIT(d, table, &hd_empty_dict_table);
    d->head.h.shape = HD_SHAPE_DICT;
    return d;
}

hd_value hd_dict_new(void)
{
    struct hd_dict *d = dict_alloc();
    return d ? hd_obj(d) : HD_ERR;
}

struct hd_dict *hd_dict_new_sized(size_t n)
{
    struct hd_table *t = &hd_empty_dict_table;
    if (n && !(t = hd_table_new(n, W, false))) return NULL;
    struct hd_dict *d = dict_alloc();
    if (d) HD_INIT(d, table, t);
    return d;
}

/* ---- lookup ---- */
HD_APART hd_value find_general(struct hd_dict *d, hd_value key, int64_t hash)
{
    struct hd_table *t;
    struct table_probe end;
    hd_value v = HD_ABSENT;
    int64_t place = table_find_any(TABLED(d), key, hd_hash_word(hash), W, false, &t, &end, &v);
    return place >= 0 ? v : place == TABLE_MISS ? HD_ABSENT : HD_ERR;
}
HD_APART hd_value find_plain(struct hd_dict *d, hd_value key, int64_t hash)
{
    struct hd_table *t;
    struct table_probe end;
    hd_value v = HD_ABSENT;
    return table_find_any(TABLED(d), key, hd_hash_word(hash), W, true, &t, &end, &v) >= 0 ? v : HD_ABSENT;
}
HD_INLINE hd_value find_quick(enum stm_mode mode, struct hd_dict *d, hd_value key, int64_t hash, bool plain)
{
    struct table_probe end;
    hd_value v = HD_ABSENT;
    struct hd_table *t;
    int64_t place = table_find_first(mode, TABLED(d), &t, key, hd_hash_word(hash), W, &end, &v);
    if (STM_LIKELY(place >= 0)) return v;
    if (STM_LIKELY(place == TABLE_MISS)) return HD_ABSENT;
    return plain ? find_plain(d, key, hash) : find_general(d, key, hash);
}
HD_INLINE hd_value find_value(struct hd_dict *d, hd_value key, int64_t hash, bool plain)
{
    return stm_alone() ? find_quick(STM_ALONE, d, key, hash, plain) : find_quick(STM_TOGETHER, d, key, hash, plain);
}

hd_value hd_dict_find(struct hd_dict *d, hd_value key, int64_t hash) { return find_value(d, key, hash, false); }

hd_value hd_dict_get(hd_value d, hd_value key)
{
    int64_t hash = hd_key_hash(key);
    if (STM_UNLIKELY(hash == -1)) return HD_ERR;
    return find_value(HD_DICT(d), key, hash, false);
}

hd_value hd_dict_get_str(hd_value d, hd_value interned)
{
    return find_value(HD_DICT(d), interned, (int64_t)hd_str_hash(interned), true);
}

hd_value hd_dict_get_c(hd_value d, const char *key)
{
    hd_value k = hd_intern(key);
    return k == HD_ERR ? HD_ERR : hd_dict_get_str(d, k);
}

hd_value hd_dict_get_hint_slow(struct hd_dict *d, hd_value key, uint64_t *hint)
{
    struct hd_table *t;
    struct table_probe end;
    hd_value v = HD_ABSENT;
    int64_t place = table_find_any(TABLED(d), key, hd_hash_word((int64_t)hd_str_hash(key)), W, true, &t, &end, &v);
    if (place < 0) return HD_ABSENT;
    *(volatile uint64_t *)hint = (uint64_t)place;
    return v;
}

int hd_dict_contains(hd_value d, hd_value key)
{
    hd_value v = hd_dict_get(d, key);
    return v == HD_ERR ? -1 : v != HD_ABSENT;
}

/* ---- store ---- */
/* Threads keep writing entries of the same chunks: from now on they conflict only over the same entries.  A try that is
 * aborted is not repeated before the table is hot again. */
static void refine(struct hd_dict *d, struct hd_table *t)
{
    t->heat = 0;
    struct hd_table *nt = table_rebuild_gap(t, t->cap, 0, W, true);
    if (nt) tabled_put(TABLED(d), nt);
    else hd_exc_clear();                                 /* no memory: it goes on as it is */
}

HD_INLINE int insert_value(enum stm_mode mode, struct hd_dict *d, struct hd_table *t, hd_value key, hd_value hw, struct table_probe end, hd_value v)
{
    hd_vslot *e = table_insert(mode, TABLED(d), t, key, hw, W, end);
    if (STM_UNLIKELY(!e)) return -1;
    HD_PUT_AT(&e[2], v);
    return 0;
}

/* Over the value `old`, which need not be there any more. */
HD_INLINE void store_value(struct hd_table *t, int64_t place, hd_value old, hd_value v)
{
    if (old == v) return;
    hd_table_open(t, (uint64_t)place);
    HD_PUT_AT(entry_value(t, place), v);
}

HD_INLINE int put_slowly(struct hd_dict *d, hd_value key, int64_t hash, hd_value v, bool plain, int64_t *where)
{
    struct hd_table *t;
    struct table_probe end;
    hd_value hw = hd_hash_word(hash), old = HD_ABSENT;
    int64_t place = table_find_any(TABLED(d), key, hw, W, plain, &t, &end, &old);
    if (STM_UNLIKELY(place == TABLE_ERROR)) return -1;
    if (place == TABLE_MISS) return insert_value(STM_EITHER, d, t, key, hw, end, v);
    store_value(t, place, old, v);
    if (STM_UNLIKELY(t->heat >= HD_TABLE_HOT)) refine(d, t);
    else *where = place;
    return 0;
}
HD_APART int put_general(struct hd_dict *d, hd_value key, int64_t hash, hd_value v)
{
    int64_t where;
    return put_slowly(d, key, hash, v, false, &where);
}
HD_APART int put_plain(struct hd_dict *d, hd_value key, int64_t hash, hd_value v, int64_t *where)
{
    return put_slowly(d, key, hash, v, true, where);
}

/* plain: *where is set if the key was there. */
HD_INLINE int put_quick(enum stm_mode mode, struct hd_dict *d, hd_value key, int64_t hash, hd_value v, bool plain, int64_t *where)
{
    struct hd_table *t;
    struct table_probe end;
    hd_value hw = hd_hash_word(hash), old = HD_ABSENT;
    int64_t place = table_find_first(mode, TABLED(d), &t, key, hw, W, &end, &old);
    if (STM_LIKELY(place >= 0) && (mode == STM_ALONE || STM_LIKELY(t->heat < HD_TABLE_HOT))) {
        store_value(t, place, old, v);
        if (where) *where = place;
        return 0;
    }
    if (STM_LIKELY(place == TABLE_MISS)) return insert_value(mode, d, t, key, hw, end, v);
    return plain ? put_plain(d, key, hash, v, where) : put_general(d, key, hash, v);
}
HD_INLINE int put_value(struct hd_dict *d, hd_value key, int64_t hash, hd_value v, bool plain, int64_t *where)
{
    return stm_alone() ? put_quick(STM_ALONE, d, key, hash, v, plain, where) : put_quick(STM_TOGETHER, d, key, hash, v, plain, where);
}

int hd_dict_put(struct hd_dict *d, hd_value key, int64_t hash, hd_value v) { return put_value(d, key, hash, v, false, NULL); }

int hd_dict_set(hd_value d, hd_value key, hd_value v)
{
    int64_t hash = hd_key_hash(key);
    if (STM_UNLIKELY(hash == -1)) return -1;
    return put_value(HD_DICT(d), key, hash, v, false, NULL);
}

int hd_dict_set_str(hd_value d, hd_value interned, hd_value v)
{
    int64_t where;
    return put_value(HD_DICT(d), interned, (int64_t)hd_str_hash(interned), v, true, &where);
}

int hd_dict_set_c(hd_value d, const char *key, hd_value v)
{
    hd_value k = hd_intern(key);
    return k == HD_ERR ? -1 : hd_dict_set_str(d, k, v);
}

int hd_dict_put_hint_slow(struct hd_dict *d, hd_value key, hd_value v, uint64_t *hint)
{
    int64_t place = -1;
    if (put_value(d, key, (int64_t)hd_str_hash(key), v, true, &place)) return -1;
    if (place >= 0) *(volatile uint64_t *)hint = (uint64_t)place;
    return 0;
}

HD_APART hd_value setdefault_general(struct hd_dict *d, hd_value key, int64_t hash, hd_value v)
{
    struct hd_table *t;
    struct table_probe end;
    hd_value hw = hd_hash_word(hash), old = HD_ABSENT;
    int64_t place = table_find_any(TABLED(d), key, hw, W, false, &t, &end, &old);
    if (place == TABLE_ERROR) return HD_ERR;
    if (place >= 0) return old;
    return insert_value(STM_EITHER, d, t, key, hw, end, v) ? HD_ERR : v;
}
HD_INLINE hd_value setdefault_quick(enum stm_mode mode, struct hd_dict *d, hd_value key, int64_t hash, hd_value v)
{
    struct hd_table *t;
    struct table_probe end;
    hd_value hw = hd_hash_word(hash), old = HD_ABSENT;
    int64_t place = table_find_first(mode, TABLED(d), &t, key, hw, W, &end, &old);
    if (STM_LIKELY(place >= 0)) return old;
    if (STM_LIKELY(place == TABLE_MISS)) return insert_value(mode, d, t, key, hw, end, v) ? HD_ERR : v;
    return setdefault_general(d, key, hash, v);
}
hd_value hd_dict_setdefault(hd_value dv, hd_value key, hd_value v)
{
    struct hd_dict *d = HD_DICT(dv);
    int64_t hash = hd_key_hash(key);
    if (hash == -1) return HD_ERR;
    return stm_alone() ? setdefault_quick(STM_ALONE, d, key, hash, v) : setdefault_quick(STM_TOGETHER, d, key, hash, v);
}

int hd_dict_put_fresh(struct hd_dict *d, hd_value key, hd_value v)
{
    struct hd_table *t = HD_RAW(d->table);
    hd_value hw = hd_hash_word((int64_t)hd_str_hash(key));
    if (STM_LIKELY(HD_RAW(hd_table_tail(t)->used) < (int64_t)t->cap && !t->log2)) {
        for (int64_t i = 0; i < HD_RAW(hd_table_tail(t)->used); i++)
            if (HD_RAW(hd_table_entry(t, (uint64_t)i)[0]) == hw) return hd_dict_set(hd_obj(d), key, v);
        hd_vslot *e = table_append_fresh(t, hd_table_tail(t), key, hw);
        HD_PUT_AT(&e[2], v);
        return 0;
    }
    int64_t where;
    return put_value(d, key, hash_of_word(hw), v, true, &where);
}

int hd_dict_count(struct hd_dict *d, hd_value key, int64_t hash)
{
    struct hd_table *t;
    struct table_probe end;
    hd_value hw = hd_hash_word(hash), old = hd_fix(0), v;
    int64_t place = table_find_any(TABLED(d), key, hw, W, false, &t, &end, &old);
    if (place == TABLE_ERROR) return -1;
    if (STM_LIKELY(place >= 0)) {
        if (STM_LIKELY(hd_is_fix(old)) && hd_unfix(old) < HD_FIXMAX) {
            hd_table_open(t, (uint64_t)place);
            HD_PUT_AT(entry_value(t, place), old + 2);
            if (STM_UNLIKELY(t->heat >= HD_TABLE_HOT)) refine(d, t);
            return 0;
        }
        v = hd_binary_op(HD_ADD, old, hd_fix(1));
        return v == HD_ERR ? -1 : put_value(d, key, hash, v, false, NULL);
    }
    return insert_value(STM_EITHER, d, t, key, hw, end, hd_fix(1));
}

/* ---- deletion ---- */
hd_value hd_dict_take(struct hd_dict *d, hd_value key, int64_t hash)
{
    struct hd_table *t;
    struct table_probe end;
    hd_value v = HD_ABSENT;
    int64_t place = table_find_any(TABLED(d), key, hd_hash_word(hash), W, false, &t, &end, &v);
    if (place < 0) return place == TABLE_MISS ? HD_ABSENT : HD_ERR;
    table_delete(t, (uint64_t)place, W);
    return v;
}

hd_value hd_dict_pop(hd_value d, hd_value key)
{
    int64_t hash = hd_key_hash(key);
    return hash == -1 ? HD_ERR : hd_dict_take(HD_DICT(d), key, hash);
}

int hd_dict_del(hd_value d, hd_value key)
{
    hd_value v = hd_dict_pop(d, key);
    return v == HD_ERR ? -1 : v != HD_ABSENT;
}

int hd_dict_clear(hd_value d)
{
    struct hd_dict *p = HD_DICT(d);
    stm_do_deferred(p);
    if (HD_GET(p, table) != &hd_empty_dict_table) tabled_put(TABLED(p), &hd_empty_dict_table);
    return 0;
}

/* The first or the last pair, removed. */
int hd_dict_popitem(struct hd_dict *d, bool first, hd_value kv[2])
{
    stm_do_deferred(d);
    struct hd_table *t = HD_GET(d, table);
    if (!t->cap) return 0;
    hd_table_open_tail(t);
    int64_t used = HD_RAW(hd_table_tail(t)->used), place;
    if (HD_RAW(hd_table_tail(t)->live) == 0) return 0;
    if (first) {
        hd_value hw, k;
        uint64_t next = 0;
        if (!table_walk(STM_EITHER, TABLED(d), &next, W, &hw, &k, NULL)) return 0;
        place = (int64_t)next - 1;
        HD_RAW(hd_table_tail(t)->first) = place;
    } else {
        hd_value k;
        for (place = used - 1; place >= 0 && !table_read_entry(t, (uint64_t)place, &k); place--) { }
        if (place < 0) return 0;
    }
    hd_table_open(t, (uint64_t)place);
    hd_vslot *e = hd_table_entry(t, (uint64_t)place);
    kv[0] = HD_OWN_AT(&e[1]);
    kv[1] = HD_OWN_AT(&e[2]);
    table_delete(t, (uint64_t)place, W);
    if (!first) {
        hd_table_reuse(t);
        HD_RAW(hd_table_tail(t)->used) = place;
        if (HD_RAW(hd_table_tail(t)->first) > place) HD_RAW(hd_table_tail(t)->first) = place;
    }
    return 1;
}

/* To the front, a place before the first one is needed; if there is none the table is made anew with as many free places
 * in front as it has entries. */
int hd_dict_move(struct hd_dict *d, hd_value key, int64_t hash, bool to_front)
{
    struct hd_table *t;
    struct table_probe end;
    hd_value hw = hd_hash_word(hash), k;
    stm_do_deferred(d);
    int64_t place = table_find_any(TABLED(d), key, hw, W, false, &t, &end, NULL);
    if (place < 0) return place == TABLE_MISS ? 0 : -1;
    hd_table_open_tail(t);
    if (!to_front && place == HD_RAW(hd_table_tail(t)->used) - 1) return 1;
    if (to_front) {
        while (!table_read_entry(t, (uint64_t)HD_RAW(hd_table_tail(t)->first), &k)) HD_RAW(hd_table_tail(t)->first)++;
        if (place == HD_RAW(hd_table_tail(t)->first)) return 1;
    }
    hd_table_open(t, (uint64_t)place);
    hd_vslot *e = hd_table_entry(t, (uint64_t)place);
    hd_value v = HD_OWN_AT(&e[2]);
    key = HD_OWN_AT(&e[1]);
    table_delete(t, (uint64_t)place, W);
    end = table_probe_start(t, hw);
    if (!to_front) {
        e = table_insert(STM_EITHER, TABLED(d), t, key, hw, W, end);
        if (!e) return -1;
        HD_PUT_AT(&e[2], v);
        return 2;
    }
    bool same = HD_RAW(hd_table_tail(t)->first) > 0 && (!t->log2 || hd_table_tail(t)->fill < table_fill_max(t));
    if (!same) {
        int64_t live = HD_RAW(hd_table_tail(t)->live);
        t = table_rebuild_gap(t, (uint64_t)live + 1, (uint64_t)live + 1, W, false);
        if (!t) return -1;
        end = table_probe_start(t, hw);
    }
    int64_t to = HD_RAW(hd_table_tail(t)->first) - 1;
    hd_table_reuse(t);
    hd_table_open(t, (uint64_t)to);
    e = hd_table_entry(t, (uint64_t)to);
    HD_PUT_AT(&e[0], hw);
    HD_PUT_AT(&e[1], key);
    HD_PUT_AT(&e[2], v);
    HD_PUT_AT(&hd_table_tail(t)->first, to);
    HD_PUT_AT(&hd_table_tail(t)->live, HD_RAW(hd_table_tail(t)->live) + 1);
    if (t->log2) {
        void *index = table_index(t);
        while (table_slot(index, t->log2, end.i)) table_probe_next(&end);
        table_slot_put(index, t->log2, end.i, (uint64_t)to + 1);
        hd_table_tail(t)->fill++;
        if (same && !table_private(TABLED(d))) stm_log_address_of(&d->head.w, table_absence(d, hw));
    }
    if (!same) tabled_put(TABLED(d), t);
    return 2;
}

/* ---- iteration ---- */
int64_t hd_dict_len(hd_value d) { return hd_dict_size_of(HD_DICT(d)); }

bool hd_dict_walk(struct hd_dict *d, uint64_t *place, hd_value *key, hd_value *value, int64_t *hash)
{
    hd_value hw, v;
    if (!(stm_alone() ? table_walk(STM_ALONE, TABLED(d), place, W, &hw, key, &v) : table_walk(STM_TOGETHER, TABLED(d), place, W, &hw, key, &v))) return false;
    if (value) *value = v;
    if (hash) *hash = hash_of_word(hw);
    return true;
}

int hd_dict_next(hd_value dv, struct hd_dict_iter *it, hd_value *k, hd_value *v)
{
    stm_do_deferred(HD_DICT(dv));
    struct hd_table *t = HD_GET(HD_DICT(dv), table);
    int64_t live = hd_table_live(t);
    if (!it->table) {
        it->table = t;
        it->pos = 0;
        it->size = it->left = live;
    } else if (STM_UNLIKELY(live != it->size)) {
        it->size = -1;
        (void)hd_raise(&hd_exc_RuntimeError, "dictionary changed size during iteration");
        return -1;
    }
    uint64_t place = (uint64_t)it->pos;
    hd_value hw;
    if (!table_walk_in(STM_EITHER, t, &place, W, &hw, k, v)) return 0;
    if (STM_UNLIKELY(it->left == 0)) {
        (void)hd_raise(&hd_exc_RuntimeError, "dictionary keys changed during iteration");
        return -1;
    }
    it->pos = (int64_t)place;
    it->left--;
    return 1;
}

/* ---- whole dicts ---- */
hd_value hd_dict_copy(hd_value dv)
{
    struct hd_dict *d = HD_DICT(dv);
    stm_do_deferred(d);
    int64_t n = hd_dict_size_of(d);
    struct hd_dict *c = hd_dict_new_sized(0);
    if (!c) return HD_ERR;
    if (n) {
        struct hd_table *t = HD_GET(d, table);
        t = table_copy(t, n, W);
        if (!t) return HD_ERR;
        HD_INIT(c, table, t);
    }
    return hd_obj(c);
}

static hd_value collect(hd_value dv, int what)
{
    struct hd_dict *d = HD_DICT(dv);
    int64_t n = hd_dict_size_of(d);
    if (what == 2) {
        hd_value list = hd_list_new((size_t)n);
        hd_value k, v;
        for (uint64_t place = 0; list != HD_ERR && hd_dict_walk(d, &place, &k, &v, NULL); ) {
            hd_value pair = hd_tuplev(k, v);
            if (pair == HD_ERR || hd_list_push(HD_LIST(list), pair)) return HD_ERR;
        }
        return list;
    }
    struct hd_array *b = n ? hd_array_new(n) : &hd_empty_array;
    if (!b) return HD_ERR;
    hd_value k, v;
    int64_t i = 0;
    for (uint64_t place = 0; i < n && hd_dict_walk(d, &place, &k, &v, NULL); i++) hd_array_init(b, i, what ? v : k);
    return hd_list_adopt(b, i);
}
hd_value hd_dict_keys_list(hd_value d) { return collect(d, 0); }
hd_value hd_dict_values_list(hd_value d) { return collect(d, 1); }
hd_value hd_dict_items_list(hd_value d) { return collect(d, 2); }

/* Merges a dict whose iteration is a dict's own.  how: 0 keep present keys, 1 overwrite, 2 a present key is an error
 * (its key in *dup). */
static int merge_dict(struct hd_dict *d, struct hd_dict *from, int how, hd_value *dup)
{
    if (d == from) return 0;
    stm_do_deferred(d), stm_do_deferred(from);
    struct hd_table *t = HD_GET(d, table), *ft = HD_GET(from, table);
    int64_t n = hd_table_live(ft);
    if (!n) return 0;
    if (!t->cap) {
        struct hd_table *nt = table_copy(ft, n, W);
        if (!nt) return -1;
        tabled_put(TABLED(d), nt);
        return 0;
    }
    /* Room for everything at once when it would take more than one doubling otherwise. */
    int64_t live = hd_table_live(t);
    if (n > (int64_t)t->cap && n > 2 * live) {
        struct hd_table *nt = table_rebuild(t, (uint64_t)(live + n), W);
        if (!nt) return -1;
        tabled_put(TABLED(d), nt);
    }
    hd_value k, v;
    int64_t hash;
    for (uint64_t place = 0; hd_dict_walk(from, &place, &k, &v, &hash); ) {
        if (how == 1) {
            if (put_value(d, k, hash, v, false, NULL)) return -1;
        } else {
            hd_value old = find_value(d, k, hash, false);
            if (old == HD_ERR) return -1;
            if (old == HD_ABSENT) {
                if (put_value(d, k, hash, v, false, NULL)) return -1;
            } else if (how == 2) {
                *dup = k;
                return -2;
            }
        }
        if (STM_UNLIKELY(hd_dict_size_of(from) != n)) {
            (void)hd_raise(&hd_exc_RuntimeError, "dict mutated during update");
            return -1;
        }
    }
    return 0;
}

bool hd_dict_plain_iteration(hd_value v)
{
    return hd_is_dict(v) && (hd_is_dict_exact(v) || hd_type_of(v)->op.iter == hd_dict_type.op.iter);
}

/* Anything with keys() and __getitem__. */
static int merge_mapping(struct hd_dict *d, hd_value m, int how, hd_value *dup)
{
    if (hd_dict_plain_iteration(m)) return merge_dict(d, HD_DICT(m), how, dup);
    hd_value keys = hd_call_method(m, hd_s_keys, NULL, 0);
    if (keys == HD_ERR) return -1;
    hd_value it = hd_iter(keys);
    if (it == HD_ERR) return -1;
    for (;;) {
        hd_value k = hd_next(it);
        if (k == HD_STOP) return 0;
        if (k == HD_ERR) return -1;
        if (how != 1) {
            int has = hd_dict_contains(hd_obj(d), k);
            if (has < 0) return -1;
            if (has && how == 2) {
                *dup = k;
                return -2;
            }
            if (has) continue;
        }
        hd_value v = hd_getitem(m, k);
        if (v == HD_ERR || hd_dict_set(hd_obj(d), k, v)) return -1;
    }
}

static int merge_pairs(struct hd_dict *d, hd_value seq)
{
    struct hd_each it;
    if (hd_each_begin(&it, seq) < 0) return -1;
    for (int64_t i = 0;; i++) {
        hd_value item = hd_each_next(&it);
        if (item == HD_STOP) return 0;
        if (item == HD_ERR) return -1;
        const hd_value *p;
        int64_t n;
        hd_value keep = hd_fast_sequence(item, "", &p, &n);
        if (keep == HD_ERR) {
            if (hd_exc_is(&hd_exc_TypeError)) {
                hd_exc_clear();
                (void)hd_raise(&hd_exc_TypeError, "cannot convert dictionary update sequence element #%lld to a sequence", (long long)i);
            }
            return -1;
        }
        if (n != 2) {
            (void)hd_raise(&hd_exc_ValueError, "dictionary update sequence element #%lld has length %lld; 2 is required", (long long)i, (long long)n);
            return -1;
        }
        if (hd_dict_set(hd_obj(d), p[0], p[1])) return -1;
    }
}

int hd_dict_update(hd_value d, hd_value other)
{
    if (hd_is_dict_exact(other)) return merge_dict(HD_DICT(d), HD_DICT(other), 1, NULL);
    hd_value keys = hd_getattr_opt(other, hd_s_keys);
    if (keys == HD_ERR) return -1;
    return keys != HD_ABSENT ? merge_mapping(HD_DICT(d), other, 1, NULL) : merge_pairs(HD_DICT(d), other);
}

int hd_dict_merge_new(hd_value d, hd_value m, hd_value fname)
{
    hd_value dup = HD_ABSENT;
    if (!hd_is_dict(m)) {
        hd_value keys = hd_getattr_opt(m, hd_s_keys);
        if (keys == HD_ERR) return -1;
        if (keys == HD_ABSENT) {
            (void)hd_raise(&hd_exc_TypeError, "%S argument after ** must be a mapping, not %A", fname, m);
            return -1;
        }
    }
    int r = merge_mapping(HD_DICT(d), m, 2, &dup);
    if (r != -2) return r;
    (void)hd_raise(&hd_exc_TypeError, "%S got multiple values for keyword argument '%S'", fname, dup);
    return -1;
}
