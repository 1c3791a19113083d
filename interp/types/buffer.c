/* The buffer protocol as C code uses it. */
#include "interp/types/bytes.h"

int hd_buffer_fill(struct hd_buffer *b, hd_value owner, void *p, int64_t n, bool readonly, bool writable)
{
    if (writable && readonly) { hd_raise(&hd_exc_BufferError, "Object is not writable."); return -1; }
    *b = (struct hd_buffer){ .data = p, .len = n, .itemsize = 1, .readonly = readonly, .ndim = 1, .format = "B", .owner = owner };
    b->shape1_[0] = n;
    b->strides1_[0] = 1;
    b->shape = b->shape1_;
    b->strides = b->strides1_;
    return 0;
}

int hd_buffer_export(hd_value o, struct hd_buffer *b, bool writable)
{
    struct hd_type *t = hd_type_of(o);
    if (t->op.getbuffer) {
        if (t->op.getbuffer(o, b, writable) == 0) return 0;
        if (!writable || !hd_exc_is(&hd_exc_BufferError)) return -1;
        hd_exc_clear();
    }
    hd_raise(&hd_exc_TypeError, "a%s bytes-like object is required, not '%.100T'", writable ? " read-write" : "", o);
    return -1;
}

/* What other threads may write while it is read is copied. */
static int read_all(struct hd_buffer *b)
{
    if (!b->body || !b->len) return 0;
    unsigned char *data = b->data, *lo = data, *hi = data + b->itemsize;
    for (int i = 0; i < b->ndim; i++) {
        int64_t span = b->strides ? b->strides[i] * (b->shape[i] - 1) : 0;
        if (span < 0) lo += span; else hi += span;
    }
    if (!b->strides) hi = data + b->len;
    const unsigned char *p = hd_body_read(b->body, lo, (size_t)(hi - lo), NULL);
    if (!p) { hd_buffer_release(b); return -1; }
    b->data = (void *)(uintptr_t)(p + (data - lo));
    return 0;
}
int hd_buffer_get(hd_value o, struct hd_buffer *b, bool writable)
{
    if (hd_buffer_export(o, b, writable) < 0) return -1;
    return writable ? 0 : read_all(b);
}

void hd_buffer_release(struct hd_buffer *b)
{
    hd_value o = b->owner;
    if (!o) return;
    b->owner = 0;
    struct hd_type *t = hd_type_of(o);
    if (t->op.releasebuffer) t->op.releasebuffer(o, b);
}

bool hd_is_bytes_like(hd_value v) { return hd_is_bytes(v) || hd_type_of(v)->op.getbuffer; }

bool hd_buffer_contiguous(const struct hd_buffer *b)
{
    if (b->ndim == 0 || !b->strides || b->len == 0) return true;
    int64_t expect = b->itemsize;
    for (int i = b->ndim - 1; i >= 0; i--) {
        if (b->shape[i] > 1 && b->strides[i] != expect) return false;
        expect *= b->shape[i];
    }
    return true;
}

static unsigned char *copy_out(const struct hd_buffer *b, int dim, const char *p, unsigned char *dst)
{
    if (dim == b->ndim) { memcpy(dst, p, b->itemsize); return dst + b->itemsize; }
    for (int64_t i = 0; i < b->shape[dim]; i++) dst = copy_out(b, dim + 1, p + i * b->strides[dim], dst);
    return dst;
}
void hd_buffer_copy_out(const struct hd_buffer *b, unsigned char *dst)
{
    if (hd_buffer_contiguous(b)) memcpy(dst, b->data, b->len);
    else copy_out(b, 0, b->data, dst);
}

/* ---- views for one operation -------------------------------------------------------------------------------------------------- */
int hd_byteview_hold(hd_value v, struct hd_byteview *out)
{
    out->held = false;
    if (hd_is_bytes(v)) { out->p = HD_BYTES(v)->data; out->n = HD_BYTES(v)->len; return 0; }
    out->v = v;
    out->p = NULL;
    if (hd_is_bytearray(v)) { out->n = hd_bytearray_len(v); return 0; }
    if (hd_buffer_export(v, &out->buf, false) < 0) return -1;
    out->n = out->buf.len;
    out->held = true;
    if (!hd_buffer_contiguous(&out->buf)) {                /* its parts are parts of a copy */
        unsigned char *copy = hd_scratch(out->n + 1);
        if (!copy) { hd_buffer_release(&out->buf); return -1; }
        if (read_all(&out->buf) < 0) return -1;
        hd_buffer_copy_out(&out->buf, copy);
        out->p = copy;
    }
    return 0;
}
const unsigned char *hd_byteview_read(struct hd_byteview *v, int64_t lo, int64_t hi)
{
    if (!v->held) return hd_bytearray_part(v->v, lo, hi);
    const unsigned char *p = (const unsigned char *)v->buf.data + lo;
    if (lo >= hi) return (const unsigned char *)"";
    return v->buf.body ? hd_body_read(v->buf.body, p, (size_t)(hi - lo), NULL) : p;
}
int hd_byteview_get(hd_value v, struct hd_byteview *out)
{
    out->held = false;
    if (hd_is_bytes(v)) { out->p = HD_BYTES(v)->data; out->n = HD_BYTES(v)->len; return 0; }
    if (hd_is_bytearray(v)) { out->p = hd_bytes_view(v, &out->n); return out->p ? 0 : -1; }
    if (hd_byteview_hold(v, out) < 0) return -1;
    if (!out->p) out->p = hd_byteview_read(out, 0, out->n);
    if (out->p) return 0;
    hd_byteview_release(out);
    return -1;
}
void hd_byteview_release(struct hd_byteview *v) { if (v->held) { v->held = false; hd_buffer_release(&v->buf); } }

hd_value hd_bytes_fixed(hd_value v)
{
    struct hd_byteview b;
    if (hd_is_bytes_exact(v)) return v;
    if (hd_byteview_get(v, &b) < 0) return HD_ERR;
    hd_value r;
    if (b.held && !hd_buffer_contiguous(&b.buf)) r = hd_raise(&hd_exc_BufferError, "memoryview: underlying buffer is not C-contiguous");
    else r = hd_bytes_new(b.p, b.n);
    hd_byteview_release(&b);
    return r;
}

/* ---- barriers for memory behind an export ----------------------------------------------------------------------------------------- */
/* Who does not say where the memory lies is asked for it again, which runs the barriers of the others. */
const unsigned char *hd_buffer_read(struct hd_buffer *b, const unsigned char *p, size_t n, void *copy)
{
    struct hd_bytebody *body = b->body;
    if (!body && b->owner && !hd_is_bytes(b->owner)) {
        struct hd_buffer again;
        if (hd_buffer_export(b->owner, &again, false) < 0) hd_exc_clear();
        else {
            body = again.body;
            hd_buffer_release(&again);
        }
    }
    return body ? hd_body_read(body, p, n, copy) : p;
}
void hd_buffer_open(struct hd_buffer *b, unsigned char *p, size_t n)
{
    struct hd_buffer again;
    if (b->body) hd_body_open(b->body, p, n);
    else if (!b->owner) return;
    else if (hd_buffer_export(b->owner, &again, true) < 0) hd_exc_clear();
    else hd_buffer_release(&again);
}

void hd_buffer_store(struct hd_buffer *b, int64_t at, const void *p, int64_t n)
{
    unsigned char *to = (unsigned char *)b->data + at;
    if (n <= 0) return;
    hd_buffer_open(b, to, (size_t)n);
    memcpy(to, p, (size_t)n);
}
