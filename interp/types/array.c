/* Value arrays: allocation, opening, reading and tracing.  See array.h. */
#include "interp/types/array.h"
#include "interp/core/api.h"

struct hd_array hd_empty_array = { .head = { HD_SHAPE_VALUEARRAY, HD_CHUNK_SHIFT }, .cap = 0 };

static size_t bytes(int64_t cap, bool fine)
{
    return sizeof(struct hd_array) + (size_t)(cap + (fine ? 2 * cap : (cap + HD_CHUNK - 1) >> HD_CHUNK_SHIFT)) * 8;
}

static struct hd_array *new(int64_t cap, bool fine)
{
    if (STM_UNLIKELY((uint64_t)cap > (uint64_t)1 << 44)) {
        (void)hd_no_memory();
        return NULL;
    }
    size_t size = bytes(cap, fine);
    struct hd_array *b;
    if (STM_LIKELY(size <= GC_BUMP_MAX)) {
        b = gc_alloc_small(size);
        if (STM_LIKELY(b != NULL)) memset(b->item, 0, (size_t)cap * 8);
    } else {
        b = gc_alloc_zeroed(size);
    }
    if (STM_UNLIKELY(!b)) {
        (void)hd_no_memory();
        return NULL;
    }
    b->head.aux = fine ? 0 : HD_CHUNK_SHIFT;
    b->cap = cap;
    struct stm_unit *u = (struct stm_unit *)(uintptr_t)&b->item[cap], *end = (struct stm_unit *)((char *)b + size);
    while (u < end) stm_unit_init(u++);
    b->head.shape = HD_SHAPE_VALUEARRAY;
    return b;
}

struct hd_array *hd_array_new(int64_t cap) { return new(cap, false); }
struct hd_array *hd_array_new_fine(int64_t cap) { return new(cap, true); }
size_t hd_array_size(const struct hd_array *b) { return bytes(b->cap, hd_array_shift(b) == 0); }

void hd_array_open_slow(struct hd_array *b, int64_t i)
{
    struct stm_unit *u = hd_array_unit(b, i);
    int64_t chunk = (int64_t)1 << hd_array_shift(b), first = i & -chunk, n = b->cap - first;
    if (chunk > 1 && stm_is_foreign(u) && b->head.aux < HD_ARRAY_HOT && b->cap <= HD_ARRAY_FINE_MAX) b->head.aux += HD_ARRAY_WARMER;
    stm_open_slow(u, &b->item[first], (size_t)(n < chunk ? n : chunk) * 8, STM_VALUES);
}

void hd_array_open_range(struct hd_array *b, int64_t lo, int64_t hi)
{
    int64_t chunk = (int64_t)1 << hd_array_shift(b);
    for (int64_t i = lo & -chunk; i < hi; i += chunk) hd_array_open(b, i);
}

void hd_array_read(const struct hd_array *b, int64_t lo, int64_t n, hd_value *out)
{
    int64_t hi = lo + n, chunk = (int64_t)1 << hd_array_shift(b);
    while (lo < hi) {
        int64_t end = (lo | (chunk - 1)) + 1;
        if (end > hi) end = hi;
        const struct stm_unit *u = hd_array_unit(b, lo);
        memcpy(out, &HD_RAW(b->item[lo]), (size_t)(end - lo) * 8);     /* a word is never torn: it is aligned */
        if (STM_UNLIKELY(!stm_valid(u)))
            for (int64_t i = lo; i < end; i++) out[i - lo] = stm_read(u, &b->item[i]);
        out += end - lo;
        lo = end;
    }
}

void hd_array_trace(void *o, struct gc_marker *m)
{
    struct hd_array *b = o;
    for (int64_t i = 0; i < b->cap; i++) {
        hd_value v = HD_RAW(b->item[i]);
        if (hd_is_ptr(v) && v) gc_mark(m, v);
    }
}

static size_t array_size(const void *o) { return hd_array_size(o); }

struct hd_type hd_valuearray_type = {
    .cname = "<value array>", .basicsize = sizeof(struct hd_array), .flags = HD_TF_NEVER_INSTANTIATE,
    .op = { .trace = hd_array_trace, .size = array_size },
};
