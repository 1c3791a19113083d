/* bytes objects: memory, comparison, the operations of the type.  The methods that bytes and bytearray share are in
 * bytes_methods.c. */
#include "interp/types/bytes.h"
#include "stm/atomic.h"

struct static_bytes { struct hd_bytes b; unsigned char c[8]; };
#define B1(i)  { .b = { { HD_SHAPE_BYTES, 0 }, 1, 0 }, .c = { i } },
#define B4(i)  B1(i) B1(i + 1) B1(i + 2) B1(i + 3)
#define B16(i) B4(i) B4(i + 4) B4(i + 8) B4(i + 12)
#define B64(i) B16(i) B16(i + 16) B16(i + 32) B16(i + 48)
static struct static_bytes static_bytes[256] __attribute__((aligned(16))) = { B64(0) B64(64) B64(128) B64(192) };
static struct static_bytes static_empty __attribute__((aligned(16))) = { .b = { { HD_SHAPE_BYTES, 0 }, 0, 0 } };
hd_value hd_empty_bytes = (hd_value)&static_empty;

hd_value hd_bytes_new(const void *p, size_t n)
{
    if (n == 0) return hd_empty_bytes;
    if (n == 1 && p) return hd_obj(&static_bytes[*(const unsigned char *)p]);
    if (n > UINT64_C(1) << 46) return hd_no_memory();
    size_t size = sizeof(struct hd_bytes) + n + 1;
    struct hd_bytes *b = size <= GC_BUMP_MAX ? gc_alloc_small(size) : gc_alloc(size);
    if (STM_UNLIKELY(!b)) return hd_no_memory();
    b->head.aux = 0;
    b->len = n;
    b->hash = 0;
    if (p) memcpy(b->data, p, n);
    b->data[n] = 0;
    b->head.shape = HD_SHAPE_BYTES;
    return hd_obj(b);
}

unsigned char *hd_bb_reserve_slow(struct hd_bytebuilder *b, size_t n)
{
    if (b->failed) return NULL;
    size_t cap = b->cap + b->cap / 2 + 64;
    if (n > UINT64_C(1) << 46) { hd_no_memory(); b->failed = true; return NULL; }
    if (cap < b->len + n) cap = b->len + n;
    unsigned char *p = hd_scratch(cap);
    if (!p) { b->failed = true; return NULL; }
    if (b->len) memcpy(p, b->buf, b->len);
    b->buf = p;
    b->cap = cap;
    return p + b->len;
}
void hd_bb_bytes(struct hd_bytebuilder *b, const void *p, size_t n)
{
    unsigned char *o = hd_bb_reserve(b, n);
    if (!o || !n) return;
    memcpy(o, p, n);
    b->len += n;
}
hd_value hd_bb_finish(struct hd_bytebuilder *b) { return b->failed ? HD_ERR : hd_bytes_new(b->buf, b->len); }
