/* Hash tables of dicts and sets: allocation, indexing and tracing.  Probing and inserting are in _table.h. */
#include "interp/types/_table.h"

/* With one chunk word, which a scan looks at before it knows that there is nothing to scan. */
#define EMPTY_TABLE(WORDS) \
    { .head = { HD_SHAPE_DICTTABLE, WORDS }, .stride = WORDS, .chunk_shift = HD_TABLE_CHUNK_SHIFT, \
      .near.entry_off = sizeof(struct hd_table) / 8 + 1, .cw = { { 0 } } }
struct hd_table hd_empty_dict_table = EMPTY_TABLE(HD_DICT_WORDS), hd_empty_set_table = EMPTY_TABLE(HD_SET_WORDS);

/* The line that the tail has for itself, wherever the table begins. */
static size_t apart_bytes(unsigned log2) { return log2 >= HD_TABLE_APART ? 2 * HD_TABLE_LINE - 16 : 0; }
static size_t table_bytes(const struct hd_table *t)
{
    return hd_table_used_bytes(t) + apart_bytes(t->log2);
}

struct hd_table *hd_table_new(uint64_t n, unsigned words, bool fine)
{
    uint64_t cap;
    unsigned log2 = 0;
    if (n <= HD_TABLE_SCAN) {
        cap = n <= 4 ? 4 : HD_TABLE_SCAN;
    } else {
        log2 = 4;
        while (log2 < 33 && ((uint64_t)2 << log2) / 3 < n) log2++;
        if (log2 > 32) {
            (void)hd_no_memory();
            return NULL;
        }
        cap = ((uint64_t)2 << log2) / 3;
    }
    fine = fine && log2;
    unsigned stride = fine ? HD_TABLE_FINE_WORDS : words;
    uint64_t units = fine ? cap : (cap + HD_TABLE_CHUNK - 1) >> HD_TABLE_CHUNK_SHIFT;
    uint32_t entry_off = (uint32_t)(sizeof(struct hd_table) / 8 + (fine ? 1 : units));
    size_t size = (entry_off + fine * (HD_TABLE_FINE_WORDS - 1) + cap * stride) * 8 + hd_table_index_bytes(log2) + apart_bytes(log2);
    struct hd_table *t;
    if (STM_LIKELY(size <= GC_BUMP_MAX)) {
        t = gc_alloc_small(size);
        if (STM_LIKELY(t != NULL)) memset((char *)t + sizeof t->head, 0, size - sizeof t->head);
    } else {
        t = gc_alloc_zeroed(size);
    }
    if (STM_UNLIKELY(!t)) {
        (void)hd_no_memory();
        return NULL;
    }
    if (fine) while (((uintptr_t)t / 8 + entry_off - 1) % HD_TABLE_FINE_WORDS) entry_off++;     /* no entry lies in two cache lines */
    t->head.aux = words;
    t->cap = (uint32_t)cap;
    t->log2 = (uint8_t)log2;
    t->stride = (uint8_t)stride;
    t->chunk_shift = fine ? 0 : HD_TABLE_CHUNK_SHIFT;
    t->near.entry_off = entry_off;
    stm_unit_init(&hd_table_tail(t)->w);
    for (uint64_t i = 0; i < units; i++) stm_unit_init(hd_table_unit(t, i << t->chunk_shift));
    t->head.shape = HD_SHAPE_DICTTABLE;
    return t;
}

/* Items of tuples are compared as long as they are the same, or small integers or strs. */
static int tuple_key_test(hd_value k, hd_value key)
{
    const struct hd_tuple *a = HD_TUPLE(k), *b = HD_TUPLE(key);
    if (a->len != b->len) return 0;
    for (int64_t i = 0; i < a->len; i++) {
        hd_value x = a->item[i], y = b->item[i];
        if (x == y) continue;
        if (hd_is_fix(x) & hd_is_fix(y)) return 0;
        if (!hd_is_str_exact(x) || !hd_is_str_exact(y)) return -1;
        if (!hd_str_eq(x, y)) return 0;
    }
    return 1;
}

int hd_table_key_test(hd_value k, hd_value key)
{
    if (!hd_is_ptr(k) || !hd_is_ptr(key)) return -1;
    uint32_t shape = hd_shape_hint(k);
    if (shape != hd_shape_hint(key)) return -1;
    return shape == HD_SHAPE_STR ? hd_str_eq(k, key) : shape == HD_SHAPE_TUPLE ? tuple_key_test(k, key) : -1;
}

void hd_table_open_slow(struct hd_table *t, uint64_t place)
{
    struct stm_unit *u = hd_table_unit(t, place);
    uint64_t chunk = (uint64_t)1 << t->chunk_shift, first = place & ~(chunk - 1), n = t->cap - first;
    if (t->chunk_shift && stm_is_foreign(u) && t->heat < HD_TABLE_HOT && t->cap <= HD_TABLE_FINE_MAX) t->heat++;
    stm_open_slow(u, hd_table_entry(t, first), (n < chunk ? n : chunk) * hd_table_words(t) * 8, STM_VALUES);
}

void hd_tabled_open_slow(struct hd_tabled *o)
{
    uint32_t shape = o->head.h.shape;
    size_t size = shape == HD_SHAPE_DICT ? sizeof(struct hd_dict)
                : shape == HD_SHAPE_SET || shape == HD_SHAPE_FROZENSET ? sizeof(struct hd_set) : hd_inst_size((struct hd_inst *)o);
    stm_open_slow(&o->head.w, o, size, STM_OBJECT);
}

/* T8.  The root is open.  Nobody else knows a root, or a table, that this transaction has made. */
void hd_tabled_leave(struct hd_tabled *o)
{
    struct hd_table *t = HD_RAW(o->table);
    if (stm_alone() || !t->cap || stm_is_fresh(&o->head.w) || stm_is_fresh(&hd_table_tail(t)->w)) return;
    stm_log_address_of(&o->head.w, (uintptr_t)&hd_table_tail(t)->w);
    for (uint64_t place = 0; place < t->cap; place += (uint64_t)1 << t->chunk_shift) stm_log_address_of(&o->head.w, (uintptr_t)hd_table_unit(t, place));
}

void hd_table_trace(void *o, struct gc_marker *m)
{
    struct hd_table *t = o;
    unsigned words = hd_table_words(t);
    hd_vslot *e = hd_table_entry(t, 0), *end = hd_table_entry(t, t->cap);
    for (; e < end; e += t->stride) {
        if (!HD_RAW(e[0])) continue;
        if (hd_is_ptr(HD_RAW(e[1]))) gc_mark(m, HD_RAW(e[1]));
        if (words == HD_DICT_WORDS && hd_is_ptr(HD_RAW(e[2]))) gc_mark(m, HD_RAW(e[2]));
    }
}

HD_INLINE void build_index(struct hd_table *t, struct hd_table_tail *tail, unsigned log2)
{
    void *index = table_index(t);
    const hd_vslot *e = hd_table_entry(t, (uint64_t)HD_RAW(tail->first));
    for (int64_t place = HD_RAW(tail->first), used = HD_RAW(tail->used); place < used; place++, e += t->stride) {
        struct table_probe p = table_probe_start(t, HD_RAW(e[0]));
        while (table_slot(index, log2, p.i)) table_probe_next(&p);
        table_slot_put(index, log2, p.i, (uint64_t)place + 1);
    }
    tail->fill = (uint32_t)(HD_RAW(tail->used) - HD_RAW(tail->first));
}
void hd_table_build_index(struct hd_table *t)
{
    if (t->log2 <= 8) build_index(t, hd_table_tail(t), 8);
    else if (t->log2 <= 16) build_index(t, hd_table_tail(t), 16);
    else build_index(t, hd_table_tail(t), 32);
}

HD_INLINE hd_vslot *insert_grown(struct hd_tabled *o, struct hd_table *t, hd_value key, hd_value hw, unsigned words)
{
    struct hd_table_tail *tail = hd_table_tail(t);
    t = table_rebuild(t, table_more((uint64_t)HD_RAW(tail->live), words), words);
    if (!t) return NULL;
    tail = hd_table_tail(t);
    hd_table_open(t, (uint64_t)HD_RAW(tail->used));
    hd_vslot *e = table_append_fresh(t, tail, key, hw);
    if (words == HD_DICT_WORDS) HD_PUT_AT(&e[2], HD_UNBOUND);
    tabled_put(o, t);
    return e;
}
hd_vslot *hd_table_insert_grown(struct hd_tabled *o, struct hd_table *t, hd_value key, hd_value hw)
{
    return hd_table_words(t) == HD_DICT_WORDS ? insert_grown(o, t, key, hw, HD_DICT_WORDS) : insert_grown(o, t, key, hw, HD_SET_WORDS);
}

static size_t table_size(const void *o) { return table_bytes(o); }

size_t hd_table_sizeof(const struct hd_table *t) { return t->cap ? table_bytes(t) : 0; }

struct hd_type hd_dicttable_type = {
    .cname = "<dict table>", .basicsize = sizeof(struct hd_table), .flags = HD_TF_NEVER_INSTANTIATE,
    .op = { .trace = hd_table_trace, .size = table_size },
};
