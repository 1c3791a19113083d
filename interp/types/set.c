/* Sets as C code uses them, and the algebra on them.  The Python types are in settype.c. */
#include "interp/types/_set.h"
#include "interp/types/each.h"

#define W HD_SET_WORDS
#define TABLED(s) ((struct hd_tabled *)(s))

void hd_set_trace(void *o, struct gc_marker *m) { gc_mark(m, hd_obj(HD_RAW(((struct hd_set *)o)->table))); }

struct hd_set *hd_set_alloc(struct hd_type *type)
{
    struct hd_set *s;
    if (type == &hd_set_type || type == &hd_frozenset_type) {
        s = gc_alloc_small(sizeof *s);
        if (STM_UNLIKELY(!s)) {
            (void)hd_no_memory();
            return NULL;
        }
        s->head.h.aux = 0;
        stm_unit_init(&s->head.w);
        HD_INIT(s, hash, 0);
        HD_INIT(s, table, &hd_empty_set_table);
        s->head.h.shape = type == &hd_set_type ? HD_SHAPE_SET : HD_SHAPE_FROZENSET;
        return s;
    }
    hd_value o = hd_alloc_instance(type, 0);
    if (o == HD_ERR) return NULL;
    s = HD_SET(o);
    HD_INIT(s, hash, 0);
    HD_INIT(s, table, &hd_empty_set_table);
    return s;
}

hd_value hd_set_new(void)
{
    struct hd_set *s = hd_set_alloc(&hd_set_type);
    return s ? hd_obj(s) : HD_ERR;
}

HD_APART int find_general(struct hd_set *s, hd_value key, int64_t hash)
{
    struct hd_table *t;
    struct table_probe end;
    int64_t place = table_find_any(TABLED(s), key, hd_hash_word(hash), W, false, &t, &end, NULL);
    return place >= 0 ? 1 : place == TABLE_MISS ? 0 : -1;
}
HD_INLINE int find_quick(enum stm_mode mode, struct hd_set *s, hd_value key, int64_t hash)
{
    struct table_probe end;
    struct hd_table *t;
    int64_t place = table_find_first(mode, TABLED(s), &t, key, hd_hash_word(hash), W, &end, NULL);
    return STM_LIKELY(place != TABLE_ASK) ? place >= 0 : find_general(s, key, hash);
}
int hd_set_find(struct hd_set *s, hd_value key, int64_t hash)
{
    return stm_alone() ? find_quick(STM_ALONE, s, key, hash) : find_quick(STM_TOGETHER, s, key, hash);
}

HD_APART int put_general(struct hd_set *s, hd_value key, int64_t hash)
{
    struct hd_table *t;
    struct table_probe end;
    hd_value hw = hd_hash_word(hash);
    int64_t place = table_find_any(TABLED(s), key, hw, W, false, &t, &end, NULL);
    if (place >= 0) return 1;
    if (STM_UNLIKELY(place == TABLE_ERROR)) return -1;
    return table_insert(STM_EITHER, TABLED(s), t, key, hw, W, end) ? 0 : -1;
}
HD_INLINE int put_quick(enum stm_mode mode, struct hd_set *s, hd_value key, int64_t hash)
{
    struct hd_table *t;
    struct table_probe end;
    hd_value hw = hd_hash_word(hash);
    int64_t place = table_find_first(mode, TABLED(s), &t, key, hw, W, &end, NULL);
    if (place >= 0) return 1;
    if (STM_LIKELY(place == TABLE_MISS)) return table_insert(mode, TABLED(s), t, key, hw, W, end) ? 0 : -1;
    return put_general(s, key, hash);
}
int hd_set_put(struct hd_set *s, hd_value key, int64_t hash)
{
    return stm_alone() ? put_quick(STM_ALONE, s, key, hash) : put_quick(STM_TOGETHER, s, key, hash);
}

/* An element that is not there. */
static int put_new(struct hd_set *s, hd_value key, int64_t hash)
{
    struct hd_table *t = HD_GET(s, table);
    hd_value hw = hd_hash_word(hash);
    return table_insert(STM_EITHER, TABLED(s), t, key, hw, W, table_probe_start(t, hw)) ? 0 : -1;
}

int hd_set_remove(struct hd_set *s, hd_value key, int64_t hash)
{
    struct hd_table *t;
    struct table_probe end;
    int64_t place = table_find_any(TABLED(s), key, hd_hash_word(hash), W, false, &t, &end, NULL);
    if (place < 0) return place == TABLE_MISS ? 0 : -1;
    table_delete(t, (uint64_t)place, W);
    return 1;
}

int hd_set_add(hd_value s, hd_value v)
{
    int64_t hash = hd_key_hash(v);
    return hash == -1 || hd_set_put(HD_SET(s), v, hash) < 0 ? -1 : 0;
}

/* A set as a key stands for the frozenset with its elements. */
int64_t hd_set_key_hash(hd_value v)
{
    int64_t hash = hd_key_hash(v);
    if (STM_LIKELY(hash != -1) || !hd_has_flag(v, HD_TF_SET) || !hd_exc_is(&hd_exc_TypeError)) return hash;
    hd_exc_clear();
    return hd_set_hash(HD_SET(v));
}

int hd_set_contains(hd_value s, hd_value v)
{
    int64_t hash = hd_set_key_hash(v);
    return hash == -1 ? -1 : hd_set_find(HD_SET(s), v, hash);
}

int hd_set_discard(hd_value s, hd_value v)
{
    int64_t hash = hd_set_key_hash(v);
    return hash == -1 ? -1 : hd_set_remove(HD_SET(s), v, hash);
}

int64_t hd_set_len(hd_value s) { return hd_set_size_of(HD_SET(s)); }
bool hd_is_anyset(hd_value v)
{
    return hd_is_shape(v, HD_SHAPE_SET) || hd_is_shape(v, HD_SHAPE_FROZENSET) || hd_has_flag(v, HD_TF_SET | HD_TF_FROZENSET);
}

bool hd_set_walk(struct hd_set *s, uint64_t *place, hd_value *key, int64_t *hash)
{
    hd_value hw;
    if (!(stm_alone() ? table_walk(STM_ALONE, TABLED(s), place, W, &hw, key, NULL) : table_walk(STM_TOGETHER, TABLED(s), place, W, &hw, key, NULL)))
        return false;
    if (hash) *hash = hash_of_word(hw);
    return true;
}

#define WALK { .t = NULL }
HD_INLINE bool walk(struct hd_set *s, struct table_walker *c, hd_value *key, int64_t *hash)
{
    hd_value hw;
    if (!table_walker_next(TABLED(s), c, W, &hw, key, NULL)) return false;
    *hash = hash_of_word(hw);
    return true;
}

int hd_set_next(hd_value sv, struct hd_set_iter *it, hd_value *v)
{
    struct hd_set *s = HD_SET(sv);
    struct hd_table *t = HD_GET(s, table);
    int64_t live = hd_table_live(t);
    if (!it->table) {
        it->table = t;
        it->size = live;
    } else if (live != it->size) {
        it->size = -1;
        (void)hd_raise(&hd_exc_RuntimeError, "Set changed size during iteration");
        return -1;
    }
    uint64_t place = (uint64_t)it->pos;
    if (!hd_set_walk(s, &place, v, NULL)) return 0;
    it->pos = (int64_t)place;
    return 1;
}

/* Full hashes where the table keeps only 63 bits and the object can tell without running Python. */
static uint64_t element_hash(hd_value k, int64_t hash)
{
    if (!hd_is_ptr(k)) return (uint64_t)hash;
    switch (hd_shape_hint(k)) {
    case HD_SHAPE_STR: case HD_SHAPE_BYTES: case HD_SHAPE_FROZENSET: {
        int64_t h = hd_hash(k);
        if (h != -1) return (uint64_t)h;
        hd_exc_clear();
        return (uint64_t)hash;
    }
    default: return (uint64_t)hash;
    }
}

/* The function that collections.abc.Set._hash spells out. */
int64_t hd_set_hash(struct hd_set *s)
{
    int64_t known = HD_RAW(s->hash);
    if (known) return known;
    uint64_t h = 1927868237u * ((uint64_t)hd_set_size_of(s) + 1);
    hd_value k;
    int64_t hash;
    for (struct table_walker c = WALK; walk(s, &c, &k, &hash); ) {
        uint64_t x = element_hash(k, hash);
        h ^= (x ^ (x << 16) ^ 89869747u) * 3644798167u;
    }
    h ^= (h >> 11) ^ (h >> 25);
    h = h * 69069u + 907133923u;
    return h == UINT64_MAX ? 590923713 : (int64_t)h;
}

int hd_set_clear(struct hd_set *s)
{
    if (HD_GET(s, table) != &hd_empty_set_table) tabled_put(TABLED(s), &hd_empty_set_table);
    return 0;
}

void hd_set_swap_in(struct hd_set *s, struct hd_set *from)
{
    struct hd_table *t = HD_GET(from, table);
    (void)HD_GET(s, table);
    tabled_put(TABLED(s), t);
}

int hd_set_pop(struct hd_set *s, hd_value *v)
{
    struct hd_table *t = HD_GET(s, table);
    if (!t->cap) return 0;
    hd_table_open_tail(t);
    hd_value k;
    int64_t place = HD_RAW(hd_table_tail(t)->used) - 1;
    while (place >= 0 && !table_read_entry(t, (uint64_t)place, &k)) place--;
    if (place < 0) return 0;
    *v = k;
    table_delete(t, (uint64_t)place, W);
    hd_table_reuse(t);
    HD_RAW(hd_table_tail(t)->used) = place;
    if (HD_RAW(hd_table_tail(t)->first) > place) HD_RAW(hd_table_tail(t)->first) = place;
    return 1;
}

/* ---- algebra ---- */
int hd_set_update(struct hd_set *s, hd_value other)
{
    hd_value k;
    int64_t hash;
    if (hd_is_anyset(other)) {
        struct hd_set *o = HD_SET(other);
        if (o == s) return 0;
        struct hd_table *t = HD_GET(s, table), *ot = HD_GET(o, table);
        int64_t n = hd_table_live(ot);
        if (!n) return 0;
        if (!t->cap) {
            struct hd_table *nt = table_copy(ot, n, W);
            if (!nt) return -1;
            tabled_put(TABLED(s), nt);
            return 0;
        }
        for (struct table_walker c = WALK; walk(o, &c, &k, &hash); )
            if (hd_set_put(s, k, hash) < 0) return -1;
        return 0;
    }
    if (hd_is_dict_exact(other)) {
        for (uint64_t place = 0; hd_dict_walk(HD_DICT(other), &place, &k, NULL, &hash); )
            if (hd_set_put(s, k, hash) < 0) return -1;
        return 0;
    }
    struct hd_each it;
    if (hd_each_begin(&it, other) < 0) return -1;
    while ((k = hd_each_next(&it)) != HD_STOP)
        if (k == HD_ERR || hd_set_add(hd_obj(s), k)) return -1;
    return 0;
}

struct hd_set *hd_set_copy(struct hd_type *type, hd_value from)
{
    struct hd_set *s = hd_set_alloc(type);
    return s && from != HD_ABSENT && hd_set_update(s, from) ? NULL : s;
}

hd_value hd_frozenset_of(hd_value iterable)
{
    if (iterable != HD_ABSENT && hd_is_shape(iterable, HD_SHAPE_FROZENSET)) return iterable;
    struct hd_set *s = hd_set_copy(&hd_frozenset_type, iterable);
    return s ? hd_obj(s) : HD_ERR;
}

struct hd_set *hd_set_intersection(struct hd_type *type, struct hd_set *a, hd_value other)
{
    struct hd_set *r = hd_set_alloc(type);
    if (!r) return NULL;
    hd_value k;
    int64_t hash;
    int in;
    if (hd_is_anyset(other)) {
        struct hd_set *b = HD_SET(other);
        if (hd_set_size_of(b) > hd_set_size_of(a)) {
            b = a;
            a = HD_SET(other);
        }
        for (struct table_walker c = WALK; walk(b, &c, &k, &hash); ) {
            if ((in = hd_set_find(a, k, hash)) < 0) return NULL;
            if (in && put_new(r, k, hash) < 0) return NULL;
        }
        return r;
    }
    struct hd_each it;
    if (hd_each_begin(&it, other) < 0) return NULL;
    while ((k = hd_each_next(&it)) != HD_STOP) {
        if (k == HD_ERR || (hash = hd_key_hash(k)) == -1 || (in = hd_set_find(a, k, hash)) < 0) return NULL;
        if (in && hd_set_put(r, k, hash) < 0) return NULL;
    }
    return r;
}

int hd_set_subtract(struct hd_set *s, hd_value other)
{
    if (other == hd_obj(s)) return hd_set_clear(s);
    hd_value k;
    int64_t hash;
    if (hd_is_anyset(other)) {
        for (struct table_walker c = WALK; walk(HD_SET(other), &c, &k, &hash); )
            if (hd_set_remove(s, k, hash) < 0) return -1;
        return 0;
    }
    struct hd_each it;
    if (hd_each_begin(&it, other) < 0) return -1;
    while ((k = hd_each_next(&it)) != HD_STOP)
        if (k == HD_ERR || (hash = hd_key_hash(k)) == -1 || hd_set_remove(s, k, hash) < 0) return -1;
    return 0;
}

struct hd_set *hd_set_difference(struct hd_type *type, struct hd_set *a, hd_value other)
{
    bool set = hd_is_anyset(other), dict = !set && hd_is_dict_exact(other);
    if ((!set && !dict) || (set ? hd_set_len(other) : hd_dict_len(other)) < hd_set_size_of(a) >> 2) {
        struct hd_set *r = hd_set_copy(type, hd_obj(a));
        return r && hd_set_subtract(r, other) ? NULL : r;
    }
    struct hd_set *r = hd_set_alloc(type);
    if (!r) return NULL;
    hd_value k;
    int64_t hash;
    for (struct table_walker c = WALK; walk(a, &c, &k, &hash); ) {
        int in;
        if (set) {
            in = hd_set_find(HD_SET(other), k, hash);
        } else {
            hd_value v = hd_dict_find(HD_DICT(other), k, hash);
            in = v == HD_ERR ? -1 : v != HD_ABSENT;
        }
        if (in < 0 || (!in && put_new(r, k, hash) < 0)) return NULL;
    }
    return r;
}

int hd_set_toggle(struct hd_set *s, hd_value other)
{
    if (other == hd_obj(s)) return hd_set_clear(s);
    if (!hd_is_anyset(other)) {                    /* an element that comes twice counts once */
        struct hd_set *o = hd_set_copy(&hd_set_type, other);
        if (!o) return -1;
        other = hd_obj(o);
    }
    hd_value k;
    int64_t hash;
    for (struct table_walker c = WALK; walk(HD_SET(other), &c, &k, &hash); ) {
        int r = hd_set_remove(s, k, hash);
        if (r < 0 || (r == 0 && hd_set_put(s, k, hash) < 0)) return -1;
    }
    return 0;
}

int hd_set_subset(struct hd_set *a, struct hd_set *b)
{
    if (hd_set_size_of(a) > hd_set_size_of(b)) return 0;
    hd_value k;
    int64_t hash;
    for (struct table_walker c = WALK; walk(a, &c, &k, &hash); ) {
        int r = hd_set_find(b, k, hash);
        if (r <= 0) return r;
    }
    return 1;
}

int hd_set_disjoint(struct hd_set *s, hd_value other)
{
    hd_value k;
    int64_t hash;
    if (hd_is_anyset(other)) {
        struct hd_set *a = s, *b = HD_SET(other);
        if (hd_set_size_of(b) > hd_set_size_of(a)) {
            a = b;
            b = s;
        }
        for (struct table_walker c = WALK; walk(b, &c, &k, &hash); ) {
            int r = hd_set_find(a, k, hash);
            if (r) return r < 0 ? -1 : 0;
        }
        return 1;
    }
    struct hd_each it;
    if (hd_each_begin(&it, other) < 0) return -1;
    while ((k = hd_each_next(&it)) != HD_STOP) {
        int r;
        if (k == HD_ERR || (hash = hd_key_hash(k)) == -1 || (r = hd_set_find(s, k, hash)) < 0) return -1;
        if (r) return 0;
    }
    return 1;
}
