/* memoryview.
 *
 * M1  The first view of an exporter (its own root) holds the exported buffer; views made from it share it through `root`.
 *     root->views counts the views that are not released; the buffer is given back when it reaches 0.
 * M2  What a view shows (address, shape, format, ...) never changes; only the counters and `released` do.
 * M3  `format` points to the characters of an interned str. */
#include "interp/core/names.h"
#include "interp/core/type_ops.h"
#include "interp/types/bytes_methods.h"
#include "interp/types/number.h"

enum { MAX_DIM = 64 };
HD_MUTABLE(mview)
struct mview {
    struct hd_mhead head;
    hd_islot released, exports /* buffers of this view given to others */, views /* root only */, hash /* -1: not computed */;
    hd_value root;              /* a mview */
    hd_value obj;               /* what the view was made of, or None */
    unsigned char *data;
    int64_t len, itemsize;
    const char *format;
    int64_t ndim;
    bool readonly;
    struct hd_buffer buf;       /* root only */
    int64_t dims[];             /* shape[ndim], strides[ndim] */
};
HD_MUTABLE_OPEN(mview, sizeof(struct mview) + (size_t)o->ndim * 16)
#define VIEW(v) ((struct mview *)hd_ptr(v))
static int64_t *shape(struct mview *m) { return m->dims; }
static int64_t *strides(struct mview *m) { return m->dims + m->ndim; }

static bool is_view(hd_value v) { return hd_is_shape(v, HD_SHAPE_MEMORYVIEW); }
static int alive(struct mview *m)
{
    if (!HD_GET(m, released)) return 0;
    hd_raise(&hd_exc_ValueError, "operation forbidden on released memoryview object");
    return -1;
}

/* ---- making views ---------------------------------------------------------------------------------------------------------- */
static const char *keep_format(const char *format)
{
    if (!format) return "B";
    hd_value s = hd_intern(format);
    return s == HD_ERR ? NULL : HD_STR(s)->data;
}

static struct mview *new_view(int64_t ndim, const char *format)
{
    const char *f = keep_format(format);
    struct mview *m = f ? hd_new_mutable(&hd_memoryview_type, sizeof *m + (size_t)ndim * 16) : NULL;
    if (!m) return NULL;
    HD_INIT(m, released, 0);
    HD_INIT(m, exports, 0);
    HD_INIT(m, views, 0);
    HD_INIT(m, hash, -1);
    m->ndim = ndim;
    m->format = f;
    return m;
}

/* A view of the same memory; its shape may be changed by the caller. */
static struct mview *derive(struct mview *from, int64_t ndim, const char *format)
{
    struct mview *root = VIEW(from->root), *m = alive(from) < 0 ? NULL : new_view(ndim, format);
    if (!m) return NULL;
    m->root = from->root;
    m->obj = from->obj;
    m->data = from->data;
    m->len = from->len;
    m->itemsize = from->itemsize;
    m->readonly = from->readonly;
    if (ndim == from->ndim) memcpy(m->dims, from->dims, (size_t)ndim * 16);
    if (root->buf.owner && !hd_is_bytes(root->buf.owner)) {
        mview_w w = mview_open(root);
        HD_PUT(w, views, HD_OWN(w, views) + 1);
    }
    return m;
}

static hd_value from_object(hd_value o)
{
    if (is_view(o)) {
        if (alive(VIEW(o)) < 0) return HD_ERR;
        struct mview *m = derive(VIEW(o), VIEW(o)->ndim, VIEW(o)->format);
        return m ? hd_obj(m) : HD_ERR;
    }
    if (!hd_is_bytes_like(o)) return hd_raise(&hd_exc_TypeError, "memoryview: a bytes-like object is required, not '%.200T'", o);
    struct hd_buffer b;
    if (hd_buffer_export(o, &b, false) < 0) return HD_ERR;
    struct mview *m = NULL;
    if (b.ndim > MAX_DIM) hd_raise(&hd_exc_ValueError, "memoryview: number of dimensions must not exceed %d", MAX_DIM);
    else m = new_view(b.ndim, b.format);
    if (!m) { hd_buffer_release(&b); return HD_ERR; }
    m->root = hd_obj(m);
    m->obj = b.owner && hd_is_ptr(b.owner) ? b.owner : o;    /* who lends the memory, maybe on behalf of o */
    m->data = b.data;
    m->len = b.len;
    m->itemsize = b.itemsize;
    m->readonly = b.readonly;
    m->buf = b;
    m->buf.shape = m->buf.strides = NULL;
    int64_t expect = b.itemsize;
    for (int i = b.ndim - 1; i >= 0; i--) {
        shape(m)[i] = b.shape ? b.shape[i] : b.len / (b.itemsize ? b.itemsize : 1);
        strides(m)[i] = b.strides ? b.strides[i] : expect;
        expect *= shape(m)[i];
    }
    HD_INIT(m, views, 1);
    return hd_obj(m);
}

static int release(struct mview *m)
{
    if (HD_GET(m, released)) return 0;
    int64_t n = HD_GET(m, exports);
    if (n > 0) { hd_raise(&hd_exc_BufferError, "memoryview has %zd exported buffer%s", n, n == 1 ? "" : "s"); return -1; }
    mview_w w = mview_open(m);
    HD_PUT(w, released, 1);
    struct mview *root = VIEW(m->root);
    if (root->buf.owner && hd_is_bytes(root->buf.owner)) return 0;
    mview_w r = mview_open(root);
    int64_t left = HD_OWN(r, views) - 1;
    HD_PUT(r, views, left);
    if (left == 0 && root->buf.owner) {
        struct hd_buffer b = root->buf;
        hd_buffer_release(&b);
    }
    return 0;
}
static void finalise(hd_value v)
{
    if (release(VIEW(v)) < 0) hd_exc_clear();
}

static hd_value m_make(hd_value type, const hd_value *args, size_t nargs, hd_value kwnames)
{
    hd_value a[1];
    return hd_args("memoryview", "object", args, nargs, kwnames, a) < 0 ? HD_ERR : from_object(a[0]);
}

/* ---- items ---------------------------------------------------------------------------------------------------------------------- */
/* The format character of a native single-item format, or 0. */
static char native(const char *f)
{
    if (*f == '@') f++;
    return *f && !f[1] && strchr("cbB?hHiIlLqQnNfdP", *f) ? *f : 0;
}
static int64_t native_size(char c)
{
    switch (c) {
    case 'c': case 'b': case 'B': case '?': return 1;
    case 'h': case 'H': return 2;
    case 'i': case 'I': case 'f': return 4;
    default: return 8;
    }
}
static hd_value unpack_native(const unsigned char *p, char c)
{
    int16_t h; uint16_t uh; int32_t i; uint32_t u; int64_t q; uint64_t uq; float f; double d;
#define GET(x) (memcpy(&x, p, sizeof x), x)
    switch (c) {
    case 'c': return hd_bytes_new(p, 1);
    case 'b': return hd_fix((int8_t)*p);
    case 'B': return hd_fix(*p);
    case '?': return hd_bool(*p != 0);
    case 'h': return hd_fix(GET(h));
    case 'H': return hd_fix(GET(uh));
    case 'i': return hd_fix(GET(i));
    case 'I': return hd_fix(GET(u));
    case 'l': case 'q': case 'n': return hd_int(GET(q));
    case 'L': case 'Q': case 'N': case 'P': return hd_int_u64(GET(uq));
    case 'f': return hd_float(GET(f));
    default: return hd_float(GET(d));
    }
#undef GET
}
static hd_value read_item(struct mview *m, const unsigned char *p)
{
    unsigned char copy[16];
    char c = native(m->format);
    if (alive(m) < 0) return HD_ERR;                      /* converting an index may have released it */
    if (!c) return hd_raise(&hd_exc_NotImplementedError, "memoryview: format %s not supported", m->format);
    const unsigned char *q = hd_buffer_read(&VIEW(m->root)->buf, p, (size_t)m->itemsize, copy);
    return unpack_native(q, c);
}

static int write_item(struct mview *m, unsigned char *p, hd_value v)
{
    char c = native(m->format);
    if (!c) { hd_raise(&hd_exc_NotImplementedError, "memoryview: format %s not supported", m->format); return -1; }
    unsigned char out[8];
    int64_t i = 0;
    uint64_t u = 0;
    double d;
    float f;
    switch (c) {
    case 'c':
        if (!hd_is_bytes(v)) goto bad_type;
        if (HD_BYTES(v)->len != 1) goto bad_value;
        out[0] = HD_BYTES(v)->data[0];
        break;
    case '?': {
        int t = hd_truth(v);
        if (t < 0) return -1;
        out[0] = (unsigned char)t;
        break;
    }
    case 'f': case 'd':
        if (hd_as_double(v, &d) < 0) { if (hd_exc_is(&hd_exc_TypeError)) { hd_exc_clear(); goto bad_type; } return -1; }
        if (c == 'f') { f = (float)d; memcpy(out, &f, 4); } else memcpy(out, &d, 8);
        break;
    default: {
        hd_value x = hd_number_index(v);
        if (x == HD_ERR) { if (hd_exc_is(&hd_exc_TypeError)) { hd_exc_clear(); goto bad_type; } return -1; }
        int64_t size = native_size(c);
        bool is_signed = strchr("bhilqn", c) != NULL;
        if (is_signed) {
            if (!hd_int_to_i64(x, &i)) goto bad_value;
            if (size < 8 && (i < -(INT64_C(1) << (8 * size - 1)) || i >= INT64_C(1) << (8 * size - 1))) goto bad_value;
            u = (uint64_t)i;
        } else {
            if (!hd_int_to_u64(x, &u)) goto bad_value;
            if (size < 8 && u >> (8 * size)) goto bad_value;
        }
        memcpy(out, &u, 8);
    }
    }
    if (alive(m) < 0) return -1;                            /* converting the value may have released it */
    hd_buffer_open(&VIEW(m->root)->buf, p, (size_t)m->itemsize);
    memcpy(p, out, (size_t)m->itemsize);
    return 0;
bad_type:
    hd_raise(&hd_exc_TypeError, "memoryview: invalid type for format '%s'", m->format);
    return -1;
bad_value:
    hd_raise(&hd_exc_ValueError, "memoryview: invalid value for format '%s'", m->format);
    return -1;
}

static unsigned char *lookup(struct mview *m, unsigned char *p, int dim, int64_t i)
{
    int64_t n = shape(m)[dim];
    if (i < 0) i += n;
    if (i < 0 || i >= n) { hd_raise(&hd_exc_IndexError, "index out of bounds on dimension %d", dim + 1); return NULL; }
    return p + i * strides(m)[dim];
}

static bool is_index(hd_value v) { return hd_is_int(v) || hd_type_of(v)->op.index; }
static bool tuple_of(hd_value v, bool slices)
{
    if (!hd_is_tuple(v)) return false;
    for (int64_t i = 0; i < HD_TUPLE(v)->len; i++) {
        hd_value x = HD_TUPLE(v)->item[i];
        if (slices ? !hd_is_shape(x, HD_SHAPE_SLICE) : !is_index(x)) return false;
    }
    return true;
}
static int index_of(hd_value key, int64_t *i)
{
    hd_value x = hd_number_index(key);
    if (x == HD_ERR) return -1;
    if (!hd_int_to_i64(x, i)) { hd_raise(&hd_exc_IndexError, "cannot fit '%.200T' into an index-sized integer", key); return -1; }
    return 0;
}
static unsigned char *item_of_tuple(struct mview *m, hd_value key)
{
    int64_t n = HD_TUPLE(key)->len;
    if (n > m->ndim) {
        hd_raise(&hd_exc_TypeError, "cannot index %zd-dimension view with %zd-element tuple", m->ndim, n);
        return NULL;
    }
    unsigned char *p = m->data;
    for (int64_t k = 0; k < n; k++) {
        int64_t i;
        if (index_of(HD_TUPLE(key)->item[k], &i) < 0 || !(p = lookup(m, p, (int)k, i))) return NULL;
    }
    return p;
}

static hd_value m_getitem(hd_value v, hd_value key)
{
    struct mview *m = VIEW(v);
    if (alive(m) < 0) return HD_ERR;
    if (m->ndim == 0) {
        if (hd_is_tuple(key) && HD_TUPLE(key)->len == 0) return read_item(m, m->data);
        if (key == HD_ELLIPSIS) return v;
        return hd_raise(&hd_exc_TypeError, "invalid indexing of 0-dim memory");
    }
    if (is_index(key)) {
        int64_t i;
        if (index_of(key, &i) < 0) return HD_ERR;
        if (m->ndim > 1) return hd_raise(&hd_exc_NotImplementedError, "multi-dimensional sub-views are not implemented");
        unsigned char *p = lookup(m, m->data, 0, i);
        return p ? read_item(m, p) : HD_ERR;
    }
    if (hd_is_shape(key, HD_SHAPE_SLICE)) {
        int64_t start, stop, step, count;
        struct mview *r = derive(m, m->ndim, m->format);       /* first: an index may release m when it is converted */
        if (!r) return HD_ERR;
        if (hd_slice_indices(key, shape(m)[0], &start, &stop, &step, &count) < 0) {
            if (release(r) < 0) hd_exc_clear();
            return HD_ERR;
        }
        if (count < 0) count = 0;
        if (shape(m)[0]) r->len = r->len / shape(m)[0] * count;
        if (count) r->data += start * strides(m)[0];
        shape(r)[0] = count;
        strides(r)[0] = (int64_t)((uint64_t)strides(m)[0] * (uint64_t)step);       /* overflows only if there is but one item */
        return hd_obj(r);
    }
    if (tuple_of(key, false)) {
        if (HD_TUPLE(key)->len < m->ndim) return hd_raise(&hd_exc_NotImplementedError, "sub-views are not implemented");
        unsigned char *p = item_of_tuple(m, key);
        return p ? read_item(m, p) : HD_ERR;
    }
    if (tuple_of(key, true)) return hd_raise(&hd_exc_NotImplementedError, "multi-dimensional slicing is not implemented");
    return hd_raise(&hd_exc_TypeError, "memoryview: invalid slice key");
}

static int m_setitem(hd_value v, hd_value key, hd_value x)
{
    struct mview *m = VIEW(v);
    if (alive(m) < 0) return -1;
    if (m->readonly) { hd_raise(&hd_exc_TypeError, "cannot modify read-only memory"); return -1; }
    if (x == HD_ABSENT) { hd_raise(&hd_exc_TypeError, "cannot delete memory"); return -1; }
    unsigned char *p;
    if (m->ndim == 0) {
        if (key == HD_ELLIPSIS || (hd_is_tuple(key) && HD_TUPLE(key)->len == 0)) return write_item(m, m->data, x);
        hd_raise(&hd_exc_TypeError, "invalid indexing of 0-dim memory");
        return -1;
    }
    if (is_index(key)) {
        int64_t i;
        if (index_of(key, &i) < 0) return -1;
        if (m->ndim > 1) { hd_raise(&hd_exc_NotImplementedError, "sub-views are not implemented"); return -1; }
        return (p = lookup(m, m->data, 0, i)) ? write_item(m, p, x) : -1;
    }
    if (hd_is_shape(key, HD_SHAPE_SLICE) && m->ndim == 1) {
        int64_t start, stop, step, count;
        struct hd_buffer b;
        if (hd_buffer_get(x, &b, false) < 0) return -1;
        int r = -1;
        unsigned char *copy;
        if (hd_slice_indices(key, shape(m)[0], &start, &stop, &step, &count) < 0 || alive(m) < 0) goto out;
        if (count < 0) count = 0;
        const char *f = b.format ? b.format : "B", *g = m->format;
        if (*f == '@') f++;
        if (*g == '@') g++;
        if (b.ndim != 1 || b.itemsize != m->itemsize || strcmp(f, g) != 0 || (b.shape ? b.shape[0] : b.len / b.itemsize) != count) {
            hd_raise(&hd_exc_ValueError, "memoryview assignment: lvalue and rvalue have different structures");
            goto out;
        }
        if (!(copy = hd_scratch((size_t)b.len + 1))) goto out;
        hd_buffer_copy_out(&b, copy);
        if (count) {
            int64_t stride = count > 1 ? strides(m)[0] * step : 0;
            p = m->data + start * strides(m)[0];
            unsigned char *lo = stride >= 0 ? p : p + stride * (count - 1);
            hd_buffer_open(&VIEW(m->root)->buf, lo, (size_t)((stride >= 0 ? stride : -stride) * (count - 1) + m->itemsize));
            for (int64_t i = 0; i < count; i++) memcpy(p + i * stride, copy + i * m->itemsize, (size_t)m->itemsize);
        }
        r = 0;
out:
        hd_buffer_release(&b);
        return r;
    }
    if (tuple_of(key, false)) {
        if (HD_TUPLE(key)->len < m->ndim) { hd_raise(&hd_exc_NotImplementedError, "sub-views are not implemented"); return -1; }
        return (p = item_of_tuple(m, key)) ? write_item(m, p, x) : -1;
    }
    if (hd_is_shape(key, HD_SHAPE_SLICE) || tuple_of(key, true))
        hd_raise(&hd_exc_NotImplementedError, "memoryview slice assignments are currently restricted to ndim = 1");
    else hd_raise(&hd_exc_TypeError, "memoryview: invalid slice key");
    return -1;
}

static int64_t m_length(hd_value v)
{
    struct mview *m = VIEW(v);
    if (alive(m) < 0) return -1;
    return m->ndim == 0 ? 1 : shape(m)[0];
}

/* ---- contiguity and copies --------------------------------------------------------------------------------------------------------- */
static bool contiguous(struct mview *m, bool fortran)
{
    int64_t expect = m->itemsize;
    if (m->len == 0) return true;
    for (int64_t k = 0; k < m->ndim; k++) {
        int64_t i = fortran ? k : m->ndim - 1 - k;
        if (shape(m)[i] > 1 && strides(m)[i] != expect) return false;
        expect *= shape(m)[i];
    }
    return true;
}
static void copy_items(struct mview *m, int dim, const unsigned char *p, unsigned char **out)
{
    if (dim == m->ndim) {
        const unsigned char *q = hd_buffer_read(&VIEW(m->root)->buf, p, (size_t)m->itemsize, *out);
        if (q != *out) memcpy(*out, q, (size_t)m->itemsize);
        *out += m->itemsize;
        return;
    }
    for (int64_t i = 0; i < shape(m)[dim]; i++) copy_items(m, dim + 1, p + i * strides(m)[dim], out);
}
static void copy_out(struct mview *m, unsigned char *out)
{
    if (contiguous(m, false)) {
        const unsigned char *q = hd_buffer_read(&VIEW(m->root)->buf, m->data, (size_t)m->len, out);
        if (q != out) memcpy(out, q, (size_t)m->len);
    } else copy_items(m, 0, m->data, &out);
}
static void copy_fortran(struct mview *m, int64_t dim, const unsigned char *p, unsigned char *out, int64_t stride)
{
    if (dim < 0) { memcpy(out, hd_buffer_read(&VIEW(m->root)->buf, p, (size_t)m->itemsize, out), (size_t)m->itemsize); return; }
    int64_t inner = stride / shape(m)[dim];
    for (int64_t i = 0; i < shape(m)[dim]; i++) copy_fortran(m, dim - 1, p + i * strides(m)[dim], out + i * inner, inner);
}

#define FN(name) static hd_value m_##name(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
FN(tobytes)
{
    struct mview *m = VIEW(self);
    hd_value a[1];
    if (hd_args("tobytes", "|order", args, nargs, kwnames, a) < 0 || alive(m) < 0) return HD_ERR;
    bool fortran = false;
    if (a[0] != HD_ABSENT && a[0] != HD_NONE) {
        if (!hd_is_str(a[0])) return hd_raise(&hd_exc_TypeError, "tobytes() argument 'order' must be str or None, not %.50s", hd_arg_name(a[0]));
        if (hd_str_is(a[0], "F")) fortran = true;
        else if (hd_str_is(a[0], "A")) fortran = contiguous(m, true) && !contiguous(m, false);
        else if (!hd_str_is(a[0], "C")) return hd_raise(&hd_exc_ValueError, "order must be 'C', 'F' or 'A'");
    }
    if (m->len == 0) return hd_empty_bytes;
    hd_value r = hd_bytes_new(NULL, (size_t)m->len);
    if (r == HD_ERR) return r;
    if (fortran && m->ndim > 1) copy_fortran(m, m->ndim - 1, m->data, HD_BYTES(r)->data, m->len);
    else copy_out(m, HD_BYTES(r)->data);
    return r;
}
FN(hex)
{
    struct mview *m = VIEW(self);
    if (alive(m) < 0) return HD_ERR;
    unsigned char *p = hd_scratch((size_t)m->len + 1);
    if (!p) return HD_ERR;
    copy_out(m, p);
    return hd_hex_args(p, (size_t)m->len, args, nargs, kwnames);
}
static hd_value to_list(struct mview *m, int dim, const unsigned char *p)
{
    if (dim == m->ndim) return read_item(m, p);
    hd_value list = hd_list_new((size_t)shape(m)[dim]);
    if (list == HD_ERR) return HD_ERR;
    for (int64_t i = 0; i < shape(m)[dim]; i++) {
        hd_value x = to_list(m, dim + 1, p + i * strides(m)[dim]);
        if (x == HD_ERR || hd_list_append(list, x) < 0) return HD_ERR;
    }
    return list;
}
FN(tolist)
{
    if (alive(VIEW(self)) < 0) return HD_ERR;
    if (!native(VIEW(self)->format)) return hd_raise(&hd_exc_NotImplementedError, "memoryview: format %s not supported", VIEW(self)->format);
    return to_list(VIEW(self), 0, VIEW(self)->data);
}
FN(release) { return release(VIEW(self)) < 0 ? HD_ERR : HD_NONE; }
FN(enter) { return alive(VIEW(self)) < 0 ? HD_ERR : self; }
FN(toreadonly)
{
    struct mview *m = VIEW(self), *r = alive(m) < 0 ? NULL : derive(m, m->ndim, m->format);
    if (!r) return HD_ERR;
    r->readonly = true;
    return hd_obj(r);
}

FN(cast)
{
    struct mview *m = VIEW(self);
    hd_value a[2];
    if (hd_args("cast", "format,|shape", args, nargs, kwnames, a) < 0) return HD_ERR;
    if (!hd_is_str(a[0])) return hd_raise(&hd_exc_TypeError, "cast() argument 'format' must be str, not %.50s", hd_arg_name(a[0]));
    if (alive(m) < 0) return HD_ERR;
    if (!contiguous(m, false)) return hd_raise(&hd_exc_TypeError, "memoryview: casts are restricted to C-contiguous views");
    bool shaped = a[1] != HD_ABSENT;
    int64_t ndim = 1;
    const hd_value *dims = NULL;
    if (shaped || m->ndim != 1)
        for (int64_t i = 0; i < m->ndim; i++)
            if (shape(m)[i] == 0 || strides(m)[i] == 0) return hd_raise(&hd_exc_TypeError, "memoryview: cannot cast view with zeros in shape or strides");
    if (shaped) {
        if (!hd_is_list(a[1]) && !hd_is_tuple(a[1])) return hd_raise(&hd_exc_TypeError, "shape must be a list or a tuple");
        if (hd_fast_sequence(a[1], "shape must be a list or a tuple", &dims, &ndim) == HD_ERR) return HD_ERR;
        if (ndim > MAX_DIM) return hd_raise(&hd_exc_ValueError, "memoryview: number of dimensions must not exceed %d", MAX_DIM);
        if (m->ndim != 1 && ndim != 1) return hd_raise(&hd_exc_TypeError, "memoryview: cast must be 1D -> ND or ND -> 1D");
    }
    const char *format = hd_str_as_utf8(a[0], NULL);
    if (!format) return HD_ERR;
    char from = native(m->format), to = native(format);
    if (!to) return hd_raise(&hd_exc_ValueError, "memoryview: destination format must be a native single character format prefixed with an optional '@'");
    if (!(from && strchr("bBc", from)) && !strchr("bBc", to)) return hd_raise(&hd_exc_TypeError, "memoryview: cannot cast between two non-byte formats");
    int64_t size = native_size(to);
    if (m->len % size) return hd_raise(&hd_exc_TypeError, "memoryview: length is not a multiple of itemsize");
    int64_t dim[MAX_DIM], total = size;
    for (int64_t i = 0; shaped && i < ndim; i++) {
        if (!hd_is_int(dims[i])) return hd_raise(&hd_exc_TypeError, "memoryview.cast(): elements of shape must be integers");
        if (hd_as_i64(dims[i], &dim[i]) < 0) return HD_ERR;
        if (dim[i] <= 0) return hd_raise(&hd_exc_ValueError, "memoryview.cast(): elements of shape must be integers > 0");
        if (__builtin_mul_overflow(total, dim[i], &total)) return hd_raise(&hd_exc_ValueError, "memoryview.cast(): product(shape) > SSIZE_MAX");
    }
    if (shaped && total != m->len) return hd_raise(&hd_exc_TypeError, "memoryview: product(shape) * itemsize != buffer size");
    struct mview *r = derive(m, ndim, format);
    if (!r) return HD_ERR;
    r->itemsize = size;
    if (!shaped) dim[0] = m->len / size;
    int64_t stride = size;
    for (int64_t i = ndim - 1; i >= 0; i--) { shape(r)[i] = dim[i]; strides(r)[i] = stride; stride *= dim[i]; }
    return hd_obj(r);
}

/* ---- comparison, hash ------------------------------------------------------------------------------------------------------------------- */
struct side { struct hd_buffer *root; const char *format; int64_t itemsize; char native; hd_value unpack; };

static hd_value side_item(struct side *s, const unsigned char *p)
{
    if (s->native) { unsigned char copy[16]; return unpack_native(hd_buffer_read(s->root, p, (size_t)s->itemsize, copy), s->native); }
    hd_value b = hd_bytes_new(p, (size_t)s->itemsize), t = b == HD_ERR ? b : hd_callv(s->unpack, b);
    return t == HD_ERR || !hd_is_tuple(t) || HD_TUPLE(t)->len != 1 ? t : HD_TUPLE(t)->item[0];
}
static int prepare(struct side *s)
{
    s->native = native(s->format);
    if (s->native) return 0;
    hd_value type = hd_import_attr("struct", "Struct"), f = hd_str_utf8(s->format);
    hd_value o = type == HD_ERR || f == HD_ERR ? HD_ERR : hd_callv(type, f);
    s->unpack = o == HD_ERR ? HD_ERR : hd_getattr_c(o, "unpack");
    hd_value size = s->unpack == HD_ERR ? HD_ERR : hd_getattr_c(o, "size");
    return size == HD_ERR || size != hd_fix(s->itemsize) ? -1 : 0;
}
static int equal_items(struct side *a, const unsigned char *p, const int64_t *sa, struct side *b, const unsigned char *q, const int64_t *sb,
                       const int64_t *dims, int64_t ndim)
{
    if (ndim == 0) {
        hd_value x = side_item(a, p), y = x == HD_ERR ? x : side_item(b, q);
        if (y == HD_ERR) return -1;
        hd_value r = hd_compare(x, y, HD_EQ);
        return r == HD_ERR ? -1 : hd_truth(r);
    }
    for (int64_t i = 0; i < *dims; i++) {
        int r = equal_items(a, p + i * *sa, sa + 1, b, q + i * *sb, sb + 1, dims + 1, ndim - 1);
        if (r <= 0) return r;
    }
    return 1;
}
static int equal(struct mview *m, hd_value other)
{
    struct hd_buffer b;
    struct mview *o = is_view(other) ? VIEW(other) : NULL;
    bool held = false;
    int64_t ndim, one[1], step[1], *dims, *steps;
    struct side x = { &VIEW(m->root)->buf, m->format, m->itemsize, 0, 0 }, y;
    const unsigned char *q;
    if (o) {
        if (HD_GET(o, released) || HD_GET(m, released)) return o == m;
        y = (struct side){ &VIEW(o->root)->buf, o->format, o->itemsize, 0, 0 };
        ndim = o->ndim; dims = shape(o); steps = strides(o); q = o->data;
    } else {
        if (HD_GET(m, released)) return 0;
        if (hd_buffer_get(other, &b, false) < 0) { hd_exc_clear(); return -2; }
        held = true;
        static struct hd_buffer none;
        y = (struct side){ &none, b.format ? b.format : "B", b.itemsize, 0, 0 };
        ndim = b.ndim; q = b.data;
        one[0] = b.itemsize ? b.len / b.itemsize : 0;
        step[0] = b.itemsize;
        dims = b.shape ? b.shape : one;
        steps = b.strides ? b.strides : step;
    }
    int r = 0;
    if (ndim == m->ndim && memcmp(dims, shape(m), (size_t)ndim * 8) == 0) {
        if (prepare(&x) < 0 || prepare(&y) < 0) { hd_exc_clear(); }
        else if (x.native && x.native == y.native && strchr("bBcHhIiLlQqNn", x.native) && ndim == 1
                 && strides(m)[0] == m->itemsize && steps[0] == y.itemsize && !held) {
            unsigned char *ca = hd_scratch((size_t)m->len + 1), *cb = hd_scratch((size_t)m->len + 1);
            if (!ca || !cb) return -1;
            copy_out(m, ca);
            copy_out(o, cb);
            r = memcmp(ca, cb, (size_t)m->len) == 0;
        } else {
            r = equal_items(&x, m->data, strides(m), &y, q, steps, dims, ndim);
        }
    }
    if (held) hd_buffer_release(&b);
    return r;
}
static hd_value m_compare(hd_value a, hd_value b, enum hd_cmpop op)
{
    if (op != HD_EQ && op != HD_NE) return HD_NOTIMPLEMENTED;
    if (!is_view(a)) { hd_value t = a; a = b; b = t; }
    if (!is_view(a)) return HD_NOTIMPLEMENTED;
    if (a == b && HD_GET(VIEW(a), released)) return hd_bool(op == HD_EQ);
    if (!is_view(b) && !hd_is_bytes_like(b)) return HD_NOTIMPLEMENTED;
    int r = equal(VIEW(a), b);
    return r == -2 ? HD_NOTIMPLEMENTED : r < 0 ? HD_ERR : hd_bool((r == 1) == (op == HD_EQ));
}
static int64_t m_hash(hd_value v)
{
    struct mview *m = VIEW(v);
    int64_t known = HD_GET(m, hash);
    if (known != -1) return known;                        /* also when it is released */
    if (alive(m) < 0) return -1;
    if (!m->readonly) { hd_raise(&hd_exc_ValueError, "cannot hash writable memoryview object"); return -1; }
    char c = native(m->format);
    if (!c || !strchr("Bbc", c)) { hd_raise(&hd_exc_ValueError, "memoryview: hashing is restricted to formats 'B', 'b' or 'c'"); return -1; }
    if (m->obj != HD_NONE && hd_hash(m->obj) == -1) return -1;      /* the exporter must be hashable too */
    unsigned char *p = hd_scratch((size_t)m->len + 1);
    if (!p) return -1;
    copy_out(m, p);
    known = (int64_t)hd_hash_bytes(p, (size_t)m->len);
    mview_w w = mview_open(m);
    HD_PUT(w, hash, known);
    return known;
}
static hd_value m_repr(hd_value v)
{
    return hd_str_format(HD_GET(VIEW(v), released) ? "<released memory at %p>" : "<memory at %p>", hd_ptr(v));
}

/* ---- attributes --------------------------------------------------------------------------------------------------------------------------- */
static hd_value int_tuple(const int64_t *p, int64_t n)
{
    hd_value v[MAX_DIM];
    for (int64_t i = 0; i < n; i++) v[i] = hd_int(p[i]);
    return hd_tuple_from(v, (size_t)n);
}
enum { A_OBJ, A_NBYTES, A_READONLY, A_ITEMSIZE, A_FORMAT, A_NDIM, A_SHAPE, A_STRIDES, A_SUBOFFSETS, A_C, A_F, A_ANY };
static hd_value m_get(hd_value v, void *which)
{
    struct mview *m = VIEW(v);
    if (alive(m) < 0) return HD_ERR;
    switch ((intptr_t)which) {
    case A_OBJ: return m->obj;
    case A_NBYTES: return hd_int(m->len);
    case A_READONLY: return hd_bool(m->readonly);
    case A_ITEMSIZE: return hd_int(m->itemsize);
    case A_FORMAT: return hd_str_utf8(m->format);
    case A_NDIM: return hd_int(m->ndim);
    case A_SHAPE: return int_tuple(shape(m), m->ndim);
    case A_STRIDES: return int_tuple(strides(m), m->ndim);
    case A_SUBOFFSETS: return hd_tuple_from(NULL, 0);
    case A_C: return hd_bool(contiguous(m, false));
    case A_F: return hd_bool(contiguous(m, true));
    default: return hd_bool(contiguous(m, false) || contiguous(m, true));
    }
}
static const struct hd_getsetdef getsets[] = {
    { "obj", m_get, NULL, "The underlying object of the memoryview.", (void *)A_OBJ },
    { "nbytes", m_get, NULL, "Bytes that the data would use in a contiguous copy.", (void *)A_NBYTES },
    { "readonly", m_get, NULL, "Is the memory read only?", (void *)A_READONLY },
    { "itemsize", m_get, NULL, "Bytes of an item.", (void *)A_ITEMSIZE },
    { "format", m_get, NULL, "Format of an item as in the struct module.", (void *)A_FORMAT },
    { "ndim", m_get, NULL, "Number of dimensions.", (void *)A_NDIM },
    { "shape", m_get, NULL, "Items in each dimension.", (void *)A_SHAPE },
    { "strides", m_get, NULL, "Bytes from an item to the next one of each dimension.", (void *)A_STRIDES },
    { "suboffsets", m_get, NULL, "For indirect arrays; always empty.", (void *)A_SUBOFFSETS },
    { "c_contiguous", m_get, NULL, "Is the memory contiguous in C order?", (void *)A_C },
    { "f_contiguous", m_get, NULL, "Is the memory contiguous in Fortran order?", (void *)A_F },
    { "contiguous", m_get, NULL, "Is the memory contiguous?", (void *)A_ANY },
    { NULL }
};

/* ---- as an exporter --------------------------------------------------------------------------------------------------------------------------- */
static int m_getbuffer(hd_value v, struct hd_buffer *b, bool writable)
{
    struct mview *m = VIEW(v);
    if (alive(m) < 0) return -1;
    if (writable && m->readonly) { hd_raise(&hd_exc_BufferError, "memoryview: underlying buffer is not writable"); return -1; }
    *b = (struct hd_buffer){ .data = m->data, .len = m->len, .itemsize = m->itemsize, .readonly = m->readonly, .ndim = (int)m->ndim,
                             .format = m->format, .shape = shape(m), .strides = strides(m), .owner = v };
    struct hd_buffer *root = &VIEW(m->root)->buf;
    b->body = root->body;
    if (m->len && writable) {
        unsigned char *lo = m->data, *hi = m->data + m->itemsize;
        for (int64_t i = 0; i < m->ndim; i++) {
            int64_t span = strides(m)[i] * (shape(m)[i] - 1);
            if (span < 0) lo += span; else hi += span;
        }
        hd_buffer_open(root, lo, (size_t)(hi - lo));
    }
    mview_w w = mview_open(m);
    HD_PUT(w, exports, HD_OWN(w, exports) + 1);
    return 0;
}
static void m_releasebuffer(hd_value v, struct hd_buffer *b)
{
    mview_w w = mview_open(VIEW(v));
    HD_PUT(w, exports, HD_OWN(w, exports) - 1);
}

/* ---- iterator ------------------------------------------------------------------------------------------------------------------------------------ */
HD_MUTABLE(mviter)
struct mviter { struct hd_mhead head; hd_vslot view; hd_islot at; int64_t n; };
HD_MUTABLE_OPEN(mviter, sizeof(struct mviter))
static hd_value m_iter(hd_value v)
{
    struct mview *m = VIEW(v);
    if (alive(m) < 0) return HD_ERR;
    if (!native(m->format)) return hd_raise(&hd_exc_NotImplementedError, "memoryview: format %s not supported", m->format);
    if (m->ndim == 0) return hd_raise(&hd_exc_TypeError, "invalid indexing of 0-dim memory");
    if (m->ndim != 1) return hd_raise(&hd_exc_NotImplementedError, "multi-dimensional sub-views are not implemented");
    struct mviter *it = hd_new_mutable(&hd_memoryiter_type, sizeof *it);
    if (!it) return HD_ERR;
    HD_INIT(it, view, v);
    HD_INIT(it, at, 0);
    it->n = shape(m)[0];
    return hd_obj(it);
}
static hd_value mviter_next(hd_value v)
{
    struct mviter *it = hd_ptr(v);
    mviter_w w = mviter_open(it);
    hd_value s = HD_OWN(w, view);
    if (s == HD_NONE) return HD_STOP;
    int64_t i = HD_OWN(w, at);
    if (i >= it->n) { HD_PUT(w, view, HD_NONE); return HD_STOP; }
    HD_PUT(w, at, i + 1);
    struct mview *m = VIEW(s);
    return alive(m) < 0 ? HD_ERR : read_item(m, m->data + i * strides(m)[0]);
}
static hd_value iter_self(hd_value v) { return v; }
static void mviter_trace(void *o, struct gc_marker *m) { gc_mark(m, HD_RAW(((struct mviter *)o)->view)); }
struct hd_type hd_memoryiter_type = {
    .head = { { HD_SHAPE_TYPE, 0 }, { 0 } }, .cname = "memory_iterator", .basicsize = sizeof(struct mviter), .flags = HD_TF_NEVER_INSTANTIATE,
    .op = { .iter = iter_self, .iternext = mviter_next, .trace = mviter_trace }
};

static void m_trace(void *o, struct gc_marker *m)
{
    struct mview *v = o;
    gc_mark(m, v->root);
    gc_mark(m, v->obj);
    gc_mark(m, v->buf.owner);
}
static size_t m_size(const void *o) { return sizeof(struct mview) + (size_t)((const struct mview *)o)->ndim * 16; }

static const struct hd_methoddef methods[] = {
    { "release", m_release, 0, 0, 0, "release($self, /)\n--\n\nGive the underlying buffer back." },
    { "tobytes", m_tobytes, 0, 1, HD_METH_KW, "tobytes($self, /, order='C')\n--\n\nThe data as bytes." },
    { "hex", m_hex, 0, 2, HD_METH_KW, "hex($self, /, sep=<unrepresentable>, bytes_per_sep=1)\n--\n\nThe data as hexadecimal digits.\n\n   >>> memoryview(bytes([1, 171])).hex('-')\n   '01-ab'" },
    { "tolist", m_tolist, 0, 0, 0, "tolist($self, /)\n--\n\nThe data as a list of items." },
    { "cast", m_cast, 1, 2, HD_METH_KW, "cast($self, /, format, shape=<unrepresentable>)\n--\n\nA view with another format or shape." },
    { "toreadonly", m_toreadonly, 0, 0, 0, "toreadonly($self, /)\n--\n\nA view that cannot be written through." },
    { "__enter__", m_enter, 0, 0, 0, NULL },
    { "__exit__", m_release, 0, 3, 0, NULL },
    { NULL }
};

struct hd_type hd_memoryview_type = {
    .head = { { HD_SHAPE_TYPE, 0 }, { 0 } }, .cname = "memoryview", .basicsize = sizeof(struct mview), .itemsize = 8,
    .flags = HD_TF_LATE_FINALISER | HD_TF_SEQUENCE | HD_TF_HAS_FINALISER | HD_TF_HAS_WEAKREFS, .methods = methods, .getsets = getsets,
    .doc = "memoryview(object)\n--\n\nA view of the memory of an object.",
    .op = { .repr = m_repr, .iter = m_iter, .hash = m_hash, .length = m_length, .richcompare = m_compare, .getitem = m_getitem, .setitem = m_setitem,
            .make = m_make, .getbuffer = m_getbuffer, .releasebuffer = m_releasebuffer, .trace = m_trace, .size = m_size, .finalise = finalise }
};
