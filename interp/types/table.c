/* Hash tables of dicts and sets: allocation and tracing.  Probing and inserting are in _table.h. */
#include "interp/types/_table.h"

#define EMPTY_TABLE(WORDS) { .head = { HD_SHAPE_DICTTABLE, WORDS }, .entry_off = sizeof(struct hd_table) / 8 }
struct hd_table hd_empty_dict_table = EMPTY_TABLE(HD_DICT_WORDS), hd_empty_set_table = EMPTY_TABLE(HD_SET_WORDS);

static size_t table_bytes(const struct hd_table *t)
{
    return ((size_t)t->entry_off + (size_t)t->cap * t->head.aux) * 8 + hd_table_index_bytes(t->log2);
}

struct hd_table *hd_table_new(uint64_t n, unsigned words)
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
    uint64_t chunks = (cap + HD_TABLE_CHUNK - 1) >> HD_TABLE_CHUNK_SHIFT;
    uint32_t entry_off = (uint32_t)(sizeof(struct hd_table) / 8 + chunks);
    size_t size = (entry_off + cap * words) * 8 + hd_table_index_bytes(log2);
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
    t->head.aux = words;
    t->cap = (uint32_t)cap;
    t->log2 = (uint16_t)log2;
    t->entry_off = entry_off;
    stm_unit_init(&t->tail_w);
    for (uint64_t i = 0; i < chunks; i++) stm_unit_init(&t->cw[i]);
    t->head.shape = HD_SHAPE_DICTTABLE;
    return t;
}

void hd_table_open_slow(struct hd_table *t, uint64_t place, unsigned words)
{
    uint64_t first = place & ~(uint64_t)(HD_TABLE_CHUNK - 1), n = t->cap - first;
    stm_open_slow(hd_table_unit(t, place), hd_table_entry(t, first, words), (n < HD_TABLE_CHUNK ? n : HD_TABLE_CHUNK) * words * 8,
                  STM_VALUES);
}

void hd_tabled_open_slow(struct hd_tabled *o)
{
    uint32_t shape = o->head.h.shape;
    size_t size = shape == HD_SHAPE_DICT ? sizeof(struct hd_dict)
                : shape == HD_SHAPE_SET || shape == HD_SHAPE_FROZENSET ? sizeof(struct hd_set) : hd_inst_size((struct hd_inst *)o);
    stm_open_slow(&o->head.w, o, size, STM_OBJECT);
}

void hd_table_trace(void *o, struct gc_marker *m)
{
    struct hd_table *t = o;
    unsigned words = t->head.aux;
    hd_vslot *e = hd_table_entry(t, 0, words), *end = e + (size_t)t->cap * words;
    for (; e < end; e += words) {
        if (!HD_RAW(e[0])) continue;
        if (hd_is_ptr(HD_RAW(e[1]))) gc_mark(m, HD_RAW(e[1]));
        if (words == HD_DICT_WORDS && hd_is_ptr(HD_RAW(e[2]))) gc_mark(m, HD_RAW(e[2]));
    }
}

static size_t table_size(const void *o) { return table_bytes(o); }

size_t hd_table_sizeof(const struct hd_table *t) { return t->cap ? table_bytes(t) : 0; }

struct hd_type hd_dicttable_type = {
    .cname = "<dict table>", .basicsize = sizeof(struct hd_table), .flags = HD_TF_NEVER_INSTANTIATE,
    .op = { .trace = hd_table_trace, .size = table_size },
};
