/* Layout of bytearray and what bytes, bytearray and memoryview share.
 *
 * A bytearray is a root (one unit: length, start, body, exports) and a body whose bytes lie in chunks of 512, each with its
 * ownership word.  The bytes in use are body data [start, start + len).  While exports > 0 the body does not move or grow. */
#ifndef HD_BYTES_H
#define HD_BYTES_H
#include "interp/types/str.h"

enum { HD_BODY_CHUNK = 512 };
struct hd_bytebody { struct hd_head head; uint64_t cap /* bytes, a multiple of 8 */; struct stm_unit unit[]; /* one a chunk, then the bytes */ };
static inline uint64_t hd_body_chunks(uint64_t cap) { return (cap + HD_BODY_CHUNK - 1) / HD_BODY_CHUNK; }
static inline unsigned char *hd_body_data(const struct hd_bytebody *b)
{
    return (unsigned char *)(uintptr_t)&b->unit[hd_body_chunks(b->cap)];
}
HD_MUTABLE(hd_bytearray)
struct hd_bytearray {
    struct hd_mhead head;
    hd_islot len, start, exports;
    HD_PSLOT(struct hd_bytebody) body;          /* NULL: empty */
};
size_t hd_bytearray_size(const struct hd_bytearray *o);
HD_MUTABLE_OPEN(hd_bytearray, hd_bytearray_size(o))
#define HD_BYTEARRAY(v) ((struct hd_bytearray *)hd_ptr(v))
static inline bool hd_is_bytearray(hd_value v) { return hd_is_shape(v, HD_SHAPE_BYTEARRAY) || hd_has_flag(v, HD_TF_BYTEARRAY); }

int64_t hd_bytearray_len(hd_value v);
int hd_bytearray_get(hd_value v, int64_t i);
const unsigned char *hd_bytearray_part(hd_value v, int64_t lo, int64_t hi);
/* hd_bytes_view for the bytes [lo, hi) of the hd_bytes_length() there are; nothing else is read. */
static inline int64_t hd_bytes_length(hd_value v) { return hd_is_bytes(v) ? HD_BYTES(v)->len : hd_bytearray_len(v); }
static inline const unsigned char *hd_bytes_part(hd_value v, int64_t lo, int64_t hi)
{
    return hd_is_bytes(v) ? HD_BYTES(v)->data + lo : hd_bytearray_part(v, lo, hi);
}
/* Opens bytes [lo, hi) for writing in place; returns where byte 0 of the array is. */
unsigned char *hd_bytearray_open_bytes(struct hd_bytearray *a, int64_t lo, int64_t hi);
/* Replaces [lo, hi) by n bytes from p (which must not lie in the array's own body); 0, -1. */
int hd_bytearray_splice(struct hd_bytearray *a, int64_t lo, int64_t hi, const void *p, size_t n) HD_MUST;
/* Whose reader may stop early reads windows that grow, so that it pays for what it has looked at: where the window that
 * begins at `at` ends in a range up to n.  `steady`: reading costs nothing, as nobody else writes. */
enum { HD_BYTES_WINDOW = 512 };
static inline int64_t hd_window_end(bool steady, int64_t at, int64_t n)
{
    int64_t size = at > HD_BYTES_WINDOW ? at : HD_BYTES_WINDOW;
    return steady || n - at < size ? n : at + size;
}
static inline bool hd_bytes_steady(hd_value v) { return hd_is_bytes(v) || stm_alone(); }
/* Barriers for memory of a body that was reached through an export. */
const unsigned char *hd_body_read(struct hd_bytebody *b, const unsigned char *p, size_t n, void *copy);
void hd_body_open(struct hd_bytebody *b, unsigned char *p, size_t n);

/* Contiguous bytes of any bytes-like object for the time of one C operation: all at once (get: p and n), or first their number
 * (hold: n) and then those that are needed (part: [lo, hi), NULL: error). */
struct hd_byteview { const unsigned char *p; size_t n; bool held; hd_value v; struct hd_buffer buf; };
int hd_byteview_get(hd_value v, struct hd_byteview *out) HD_MUST;       /* TypeError: a bytes-like object is required, not 'X' */
int hd_byteview_hold(hd_value v, struct hd_byteview *out) HD_MUST;      /* p: if they can be had for nothing */
const unsigned char *hd_byteview_read(struct hd_byteview *v, int64_t lo, int64_t hi);
static inline const unsigned char *hd_byteview_part(struct hd_byteview *v, int64_t lo, int64_t hi) { return v->p ? v->p + lo : hd_byteview_read(v, lo, hi); }
void hd_byteview_release(struct hd_byteview *v);
/* v itself or a copy of a bytes-like object: bytes that cannot change while foreign code reads them.
 * BufferError if it is not contiguous. */
hd_value hd_bytes_fixed(hd_value v) HD_MUST;

hd_value hd_bytes_repr(const unsigned char *p, size_t n, const char *before, const char *after) HD_MUST;
hd_value hd_bytes_of(hd_value o) HD_MUST;                /* the rules of bytes(o) without __bytes__: buffer or iterable of ints */
int hd_byte_value(hd_value v);                                          /* 0..255; -1: error */
extern const struct hd_methoddef hd_bytes_methods[], hd_bytearray_methods[];
int hd_bytes_contains(hd_value self, hd_value x);
hd_value hd_bytes_like_concat(hd_value a, hd_value b);
hd_value hd_bytes_result(hd_value like, const void *p, size_t n) HD_MUST; /* bytearray if `like` is one */
hd_value hd_bytes_richcompare(hd_value a, hd_value b, enum hd_cmpop op);
bool hd_buffer_contiguous(const struct hd_buffer *b);
void hd_buffer_copy_out(const struct hd_buffer *b, unsigned char *dst);  /* in C order */
int hd_buffer_fill(struct hd_buffer *b, hd_value owner, void *p, int64_t n, bool readonly, bool writable) HD_MUST;
/* Before reading (writing) n bytes at p of an exported buffer: the barriers of the owner.  Read: where to read. */
const unsigned char *hd_buffer_read(struct hd_buffer *b, const unsigned char *p, size_t n, void *copy);
void hd_buffer_open(struct hd_buffer *b, unsigned char *p, size_t n);
/* Copies into a writable buffer at a byte offset, through the barriers of its owner. */
void hd_buffer_store(struct hd_buffer *b, int64_t at, const void *p, int64_t n);
#endif
