/* The module zlib.
 *
 * Z1: the library's state lies in C memory (struct stream), is owned by one heap object and freed by its finaliser.  It is
 *     used only outside transactions, with its lock held, so that no abort can leave it half changed.
 * Z2: output is collected in malloc memory, which is freed when the transaction that makes the bytes object commits (that
 *     part may run several times). */
#include <pthread.h>
#include <stdlib.h>
#include <zlib.h>
#include "interp/types/bytes.h"
#include "interp/core/names.h"
#include "interp/modules/modules.h"

#define FN(name) static hd_value name(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
#ifndef DEF_MEM_LEVEL
#define DEF_MEM_LEVEL (MAX_MEM_LEVEL >= 8 ? 8 : MAX_MEM_LEVEL)
#endif
enum { FIRST_OUTPUT = 16384, CHUNK = 1 << 30, LONG_INPUT = 1 << 16, DEFLATE_BYTES = 268000, INFLATE_BYTES = 48000 };

struct stream { z_stream z; pthread_mutex_t lock; bool inflates; };
HD_MUTABLE(hd_zobject)
struct hd_zobject { struct hd_mhead head; HD_PSLOT(struct stream) stream; hd_vslot unused, tail; hd_islot eof; hd_value dictionary /* bytes, or HD_UNBOUND */; };
HD_MUTABLE_OPEN(hd_zobject, hd_inst_size(o))
#define OBJECT(v) ((struct hd_zobject *)hd_ptr(v))
static hd_value error_type;
static struct hd_type compress_type, decompress_type;

/* ---- outside transactions --------------------------------------------------------------------------------------------- */
struct output { unsigned char *p; size_t len, cap, max; int err; bool in_dictionary, no_memory; const char *message; size_t left /* input not used */; };

/* Runs the stream over all input or until `max` bytes are there. */
static void pump(z_stream *z, bool inflates, const unsigned char *in, size_t n, int flush, const unsigned char *dict, size_t ndict, struct output *o)
{
    z->next_in = (unsigned char *)(uintptr_t)in;
    z->avail_in = 0;
    z->msg = NULL;
    for (;;) {
        if (z->avail_in == 0 && n) {
            z->avail_in = (unsigned)(n < CHUNK ? n : CHUNK);
            n -= z->avail_in;
        }
        if (o->len == o->cap) {
            if (o->cap == o->max) break;
            size_t cap = o->cap ? 2 * o->cap : FIRST_OUTPUT;
            if (cap > o->max) cap = o->max;
            unsigned char *p = realloc(o->p, cap);
            if (!p) { o->no_memory = true; break; }
            o->p = p, o->cap = cap;
        }
        size_t room = o->cap - o->len < CHUNK ? o->cap - o->len : CHUNK;
        z->next_out = o->p + o->len;
        z->avail_out = (unsigned)room;
        o->err = inflates ? inflate(z, flush) : deflate(z, n ? Z_NO_FLUSH : flush);
        o->len += room - z->avail_out;
        if (o->err == Z_NEED_DICT && dict) {
            if ((o->err = inflateSetDictionary(z, dict, (unsigned)ndict)) == Z_OK) continue;
            o->in_dictionary = true;
        }
        if (o->err != Z_OK && o->err != Z_BUF_ERROR) break;
        if (z->avail_out && (o->err == Z_BUF_ERROR || (z->avail_in == 0 && n == 0))) break;
    }
    o->left = z->avail_in + n;
    o->message = z->msg;
}
static void release(void *p)
{
    struct stream *s = p;
    if (s->inflates) inflateEnd(&s->z);
    else deflateEnd(&s->z);
    gc_account(s->inflates ? -INFLATE_BYTES : -DEFLATE_BYTES);
    pthread_mutex_destroy(&s->lock);
    free(s);
}
static struct stream *stream_new(bool inflates)
{
    struct stream *s = calloc(1, sizeof *s);
    if (!s) return NULL;
    s->inflates = inflates;
    pthread_mutex_init(&s->lock, NULL);
    return s;
}

/* ---- helpers -------------------------------------------------------------------------------------------------------------- */
static hd_value failed(int err, const char *message, const char *what)
{
    if (err == Z_VERSION_ERROR) message = "library version mismatch";
    else if (!message) message = err == Z_BUF_ERROR ? "incomplete or truncated stream" : err == Z_STREAM_ERROR ? "inconsistent stream state" : err == Z_DATA_ERROR ? "invalid input data" : NULL;
    return message ? hd_raise(HD_TYPE(error_type), "Error %d %s: %.200s", err, what, message) : hd_raise(HD_TYPE(error_type), "Error %d %s", err, what);
}
static hd_value no_memory(const char *message) { return hd_raise(&hd_exc_MemoryError, "%s", message); }
static int int_arg(hd_value v, int absent, int *out) { *out = absent; return v == HD_ABSENT ? 0 : hd_as_int32(v, out); }
static hd_value output_bytes(const struct output *o)
{
    return o->len ? hd_bytes_new(o->p, o->len) : hd_empty_bytes;
}
static int word_arg(hd_value v, uint32_t *out)
{
    hd_value n = hd_number_index(v);
    if (n != HD_ERR && !hd_is_fix(n)) n = hd_binary_op(HD_AND, n, hd_fix(UINT32_MAX));
    if (n == HD_ERR) return -1;
    *out = (uint32_t)hd_unfix(n);
    return 0;
}
static hd_value checksum(const hd_value *args, size_t nargs, uint32_t value, uLong (*f)(uLong, const Bytef *, z_size_t))
{
    uLong r;
    struct hd_buffer b;
    if (nargs > 1 && word_arg(args[1], &value) < 0) return HD_ERR;
    if (hd_is_bytes_exact(args[0]) && HD_BYTES(args[0])->len >= LONG_INPUT && stm_atomic_depth() == 0) {
        HD_BLOCKING
            r = f(value, HD_BYTES(args[0])->data, (size_t)HD_BYTES(args[0])->len);
        HD_END_BLOCKING
        return hd_int((int64_t)r);
    }
    if (hd_buffer_get(args[0], &b, false) < 0) return HD_ERR;
    r = b.len ? f(value, b.data, (size_t)b.len) : value;
    hd_buffer_release(&b);
    return hd_int((int64_t)r);
}
FN(z_crc32) { return checksum(args, nargs, 0, crc32_z); }
FN(z_adler32) { return checksum(args, nargs, 1, adler32_z); }

/* ---- in one go -------------------------------------------------------------------------------------------------------------- */
FN(z_compress)
{
    hd_value a[3], data;
    int level, wbits, err;
    if (hd_args("compress", "data,/,|level,wbits", args, nargs, kwnames, a) < 0 || (data = hd_bytes_fixed(a[0])) == HD_ERR || int_arg(a[1], Z_DEFAULT_COMPRESSION, &level) < 0 ||
        int_arg(a[2], MAX_WBITS, &wbits) < 0) return HD_ERR;
    struct output o = { .max = SIZE_MAX };
    HD_BLOCKING
        z_stream z = { 0 };
        if ((err = deflateInit2(&z, level, Z_DEFLATED, wbits, DEF_MEM_LEVEL, Z_DEFAULT_STRATEGY)) == Z_OK) {
            pump(&z, false, HD_BYTES(data)->data, (size_t)HD_BYTES(data)->len, Z_FINISH, NULL, 0, &o);
            deflateEnd(&z);
        } else o.message = z.msg;
    HD_END_BLOCKING
    stm_on_commit(free, o.p);
    if (err == Z_MEM_ERROR || o.no_memory) return no_memory("Out of memory while compressing data");
    if (err == Z_STREAM_ERROR) return hd_raise(HD_TYPE(error_type), "Bad compression level");
    if (err != Z_OK) return failed(err, o.message, "while compressing data");
    return o.err == Z_STREAM_END ? output_bytes(&o) : failed(o.err, o.message, "while compressing data");
}
FN(z_decompress)
{
    hd_value a[3], data;
    int wbits, err;
    int64_t size = 0;
    if (hd_args("decompress", "data,/,|wbits,bufsize", args, nargs, kwnames, a) < 0 || (data = hd_bytes_fixed(a[0])) == HD_ERR || int_arg(a[1], MAX_WBITS, &wbits) < 0 ||
        (a[2] != HD_ABSENT && hd_as_i64(a[2], &size) < 0)) return HD_ERR;
    if (size < 0) return hd_raise(&hd_exc_ValueError, "bufsize must be non-negative");
    struct output o = { .max = SIZE_MAX };
    HD_BLOCKING
        z_stream z = { 0 };
        if ((err = inflateInit2(&z, wbits)) == Z_OK) {
            pump(&z, true, HD_BYTES(data)->data, (size_t)HD_BYTES(data)->len, Z_SYNC_FLUSH, NULL, 0, &o);
            inflateEnd(&z);
        } else o.message = z.msg;
    HD_END_BLOCKING
    stm_on_commit(free, o.p);
    if (err == Z_MEM_ERROR || o.no_memory || o.err == Z_MEM_ERROR) return no_memory("Out of memory while decompressing data");
    if (err != Z_OK) return failed(err, o.message, "while preparing to decompress data");
    if (o.err == Z_STREAM_END) return output_bytes(&o);
    return failed(o.err == Z_OK ? Z_BUF_ERROR : o.err, o.message, "while decompressing data");
}

/* ---- objects -------------------------------------------------------------------------------------------------------------- */
/* Takes the stream, or frees it on failure. */
static hd_value object_new(struct hd_type *t, struct stream *s, hd_value dictionary)
{
    struct hd_zobject *o = hd_new_mutable(t, sizeof *o);
    if (!o) { stm_on_commit(release, s); return HD_ERR; }
    HD_INIT(o, stream, s);
    HD_INIT(o, unused, hd_empty_bytes);
    HD_INIT(o, tail, hd_empty_bytes);
    o->dictionary = dictionary;
    return hd_obj(o);
}
static hd_value started(struct hd_type *t, struct stream *s, int err, int dict_err, hd_value dictionary)
{
    if (s && err == Z_OK && dict_err == Z_OK) return object_new(t, s, dictionary);
    if (s) stm_on_commit(release, s);
    bool out = t == &compress_type;
    if (!s || err == Z_MEM_ERROR) return no_memory(out ? "Can't allocate memory for compression object" : "Can't allocate memory for decompression object");
    if (err == Z_STREAM_ERROR) return hd_raise(&hd_exc_ValueError, "Invalid initialization option");
    if (err != Z_OK) return failed(err, NULL, out ? "while creating compression object" : "while creating decompression object");
    if (!out) return failed(dict_err, NULL, "while setting zdict");
    return hd_raise(&hd_exc_ValueError, dict_err == Z_STREAM_ERROR ? "Invalid dictionary" : "deflateSetDictionary()");
}
FN(z_compressobj)
{
    hd_value a[6], dictionary = HD_UNBOUND;
    int level, method, wbits, memory, strategy, err = Z_OK, dict_err = Z_OK;
    if (hd_args("compressobj", "|level,method,wbits,memLevel,strategy,zdict", args, nargs, kwnames, a) < 0 || int_arg(a[0], Z_DEFAULT_COMPRESSION, &level) < 0 ||
        int_arg(a[1], Z_DEFLATED, &method) < 0 || int_arg(a[2], MAX_WBITS, &wbits) < 0 || int_arg(a[3], DEF_MEM_LEVEL, &memory) < 0 ||
        int_arg(a[4], Z_DEFAULT_STRATEGY, &strategy) < 0 || (a[5] != HD_ABSENT && a[5] != HD_NONE && (dictionary = hd_bytes_fixed(a[5])) == HD_ERR)) return HD_ERR;
    struct stream *s;
    HD_BLOCKING
        if ((s = stream_new(false)) && (err = deflateInit2(&s->z, level, method, wbits, memory, strategy)) == Z_OK && dictionary != HD_UNBOUND)
            dict_err = deflateSetDictionary(&s->z, HD_BYTES(dictionary)->data, (unsigned)HD_BYTES(dictionary)->len);
    HD_END_BLOCKING
    gc_account(DEFLATE_BYTES);
    return started(&compress_type, s, err, dict_err, HD_UNBOUND);
}
FN(z_decompressobj)
{
    hd_value a[2], dictionary = HD_UNBOUND;
    int wbits, err = Z_OK, dict_err = Z_OK;
    if (hd_args("decompressobj", "|wbits,zdict", args, nargs, kwnames, a) < 0 || int_arg(a[0], MAX_WBITS, &wbits) < 0) return HD_ERR;
    if (a[1] != HD_ABSENT && (!hd_is_ptr(a[1]) || !hd_type_of(a[1])->op.getbuffer)) return hd_raise(&hd_exc_TypeError, "zdict argument must support the buffer protocol");
    if (a[1] != HD_ABSENT && (dictionary = hd_bytes_fixed(a[1])) == HD_ERR) return HD_ERR;
    struct stream *s;
    HD_BLOCKING
        if ((s = stream_new(true)) && (err = inflateInit2(&s->z, wbits)) == Z_OK && dictionary != HD_UNBOUND && wbits < 0)
            dict_err = inflateSetDictionary(&s->z, HD_BYTES(dictionary)->data, (unsigned)HD_BYTES(dictionary)->len);
    HD_END_BLOCKING
    gc_account(INFLATE_BYTES);
    return started(&decompress_type, s, err, dict_err, dictionary);
}
static void object_trace(void *p, struct gc_marker *m)
{
    struct hd_zobject *o = p;
    gc_mark(m, HD_RAW(o->unused)), gc_mark(m, HD_RAW(o->tail)), gc_mark(m, o->dictionary);
}
static void object_finalise(hd_value self)
{
    struct stream *s = HD_GET(OBJECT(self), stream);
    if (!s) return;
    hd_zobject_w w = hd_zobject_open(OBJECT(self));
    HD_PUT(w, stream, NULL);
    stm_on_commit(release, s);
}
/* Feeds data to the object's stream; o->err tells how it went.  `end`: the stream is closed when it has come to its end. */
static int run(hd_value self, hd_value data, int flush, bool end, struct output *o)
{
    struct stream *s = HD_GET(OBJECT(self), stream);
    hd_value d = OBJECT(self)->dictionary;
    if (!s) { failed(Z_STREAM_ERROR, NULL, "after finalisation"); return -1; }
    HD_BLOCKING
        pthread_mutex_lock(&s->lock);
        pump(&s->z, s->inflates, HD_BYTES(data)->data, (size_t)HD_BYTES(data)->len, flush, d == HD_UNBOUND ? NULL : HD_BYTES(d)->data,
             d == HD_UNBOUND ? 0 : (size_t)HD_BYTES(d)->len, o);
        if (end && o->err == Z_STREAM_END) (void)(s->inflates ? inflateEnd(&s->z) : deflateEnd(&s->z));
        pthread_mutex_unlock(&s->lock);
    HD_END_BLOCKING
    stm_on_commit(free, o->p);
    if (!o->no_memory) return 0;
    hd_no_memory();
    return -1;
}
FN(c_compress)
{
    hd_value data = hd_bytes_fixed(args[0]);
    struct output o = { .max = SIZE_MAX };
    if (data == HD_ERR || run(self, data, Z_NO_FLUSH, false, &o) < 0) return HD_ERR;
    return o.err == Z_STREAM_ERROR ? failed(o.err, o.message, "while compressing data") : output_bytes(&o);
}
FN(c_flush)
{
    int mode = Z_FINISH;
    if (nargs && hd_as_int32(args[0], &mode) < 0) return HD_ERR;
    if (mode == Z_NO_FLUSH) return hd_empty_bytes;
    struct output o = { .max = SIZE_MAX };
    if (run(self, hd_empty_bytes, mode, mode == Z_FINISH, &o) < 0) return HD_ERR;
    return o.err == Z_OK || o.err == Z_BUF_ERROR || o.err == Z_STREAM_END ? output_bytes(&o) : failed(o.err, o.message, "while flushing");
}
FN(object_copy)
{
    struct stream *s = HD_GET(OBJECT(self), stream), *n;
    if (!s) return hd_raise(&hd_exc_ValueError, "Inconsistent stream state");
    bool inflates = hd_type_of(self) == &decompress_type;
    int err = Z_MEM_ERROR;
    HD_BLOCKING
        if ((n = stream_new(inflates))) {
            pthread_mutex_lock(&s->lock);
            err = inflates ? inflateCopy(&n->z, &s->z) : deflateCopy(&n->z, &s->z);
            pthread_mutex_unlock(&s->lock);
        }
    HD_END_BLOCKING
    gc_account(inflates ? INFLATE_BYTES : DEFLATE_BYTES);
    if (err != Z_OK) {
        if (n) stm_on_commit(release, n);
        if (err == Z_STREAM_ERROR) return hd_raise(&hd_exc_ValueError, "Inconsistent stream state");
        return err == Z_MEM_ERROR ? no_memory("Can't allocate memory for compression object") : failed(err, NULL, "while copying compression object");
    }
    hd_value v = object_new(hd_type_of(self), n, OBJECT(self)->dictionary);
    if (v == HD_ERR) return v;
    hd_value unused = HD_GET(OBJECT(self), unused), tail = HD_GET(OBJECT(self), tail);
    int64_t eof = HD_GET(OBJECT(self), eof);
    hd_zobject_w w = hd_zobject_open(OBJECT(v));
    HD_PUT(w, unused, unused);
    HD_PUT(w, tail, tail);
    HD_PUT(w, eof, eof);
    return v;
}
/* Notes the end of the stream and the input that was not used. */
static int keep_rest(hd_value self, hd_value data, const struct output *o)
{
    struct hd_zobject *z = OBJECT(self);
    size_t n = (size_t)HD_BYTES(data)->len;
    hd_value rest = o->left ? hd_bytes_new(HD_BYTES(data)->data + (n - o->left), o->left) : hd_empty_bytes;
    if (rest == HD_ERR) return -1;
    if (o->err != Z_STREAM_END) {
        if (o->left || HD_BYTES(HD_GET(z, tail))->len) {
            hd_zobject_w w = hd_zobject_open(z);
            HD_PUT(w, tail, rest);
        }
        return 0;
    }
    hd_value unused = HD_GET(z, unused);
    if (o->left && HD_BYTES(unused)->len) rest = hd_binary_op(HD_ADD, unused, rest);
    else if (!o->left) rest = unused;
    if (rest == HD_ERR) return -1;
    hd_zobject_w w = hd_zobject_open(z);
    HD_PUT(w, unused, rest);
    HD_PUT(w, tail, hd_empty_bytes);
    HD_PUT(w, eof, 1);
    return 0;
}
FN(d_decompress)
{
    hd_value a[2], data;
    int64_t max = 0;
    if (hd_args("decompress", "data,/,|max_length", args, nargs, kwnames, a) < 0 || (data = hd_bytes_fixed(a[0])) == HD_ERR || (a[1] != HD_ABSENT && hd_as_i64(a[1], &max) < 0)) return HD_ERR;
    if (max < 0) return hd_raise(&hd_exc_ValueError, "max_length must be non-negative");
    struct output o = { .max = max ? (size_t)max : SIZE_MAX };
    if (run(self, data, Z_SYNC_FLUSH, false, &o) < 0) return HD_ERR;
    if (o.in_dictionary) return failed(o.err, o.message, "while setting zdict");
    if (keep_rest(self, data, &o) < 0) return HD_ERR;
    return o.err == Z_OK || o.err == Z_BUF_ERROR || o.err == Z_STREAM_END ? output_bytes(&o) : failed(o.err, o.message, "while decompressing data");
}
FN(d_flush)
{
    int64_t length = FIRST_OUTPUT;
    if (nargs && hd_as_i64(args[0], &length) < 0) return HD_ERR;
    if (length <= 0) return hd_raise(&hd_exc_ValueError, "length must be greater than zero");
    hd_value data = HD_GET(OBJECT(self), tail);
    struct output o = { .max = SIZE_MAX };
    if (run(self, data, Z_FINISH, true, &o) < 0) return HD_ERR;
    if (o.in_dictionary) return failed(o.err, o.message, "while setting zdict");
    return keep_rest(self, data, &o) < 0 ? HD_ERR : output_bytes(&o);
}
static hd_value get_eof(hd_value self, void *closure) { return hd_bool(HD_GET(OBJECT(self), eof)); }
static const struct hd_methoddef compress_methods[] = {
    { "compress", c_compress, 1, 1, 0, NULL }, { "flush", c_flush, 0, 1, 0, NULL }, { "copy", object_copy, 0, 0, 0, NULL },
    { "__copy__", object_copy, 0, 0, 0, NULL }, { "__deepcopy__", object_copy, 1, 1, 0, NULL }, { 0 }
};
static const struct hd_methoddef decompress_methods[] = {
    { "decompress", d_decompress, 0, -1, HD_METH_KW, NULL }, { "flush", d_flush, 0, 1, 0, NULL }, { "copy", object_copy, 0, 0, 0, NULL },
    { "__copy__", object_copy, 0, 0, 0, NULL }, { "__deepcopy__", object_copy, 1, 1, 0, NULL }, { 0 }
};
static const struct hd_getsetdef decompress_getsets[] = { { "eof", get_eof, NULL, NULL, NULL }, { 0 } };
static const struct hd_memberdef decompress_members[] = {
    { "unused_data", offsetof(struct hd_zobject, unused), HD_MEMBER_VALUE | HD_MEMBER_READONLY, NULL },
    { "unconsumed_tail", offsetof(struct hd_zobject, tail), HD_MEMBER_VALUE | HD_MEMBER_READONLY, NULL }, { 0 }
};
static struct hd_type compress_type = { .cname = "zlib.Compress", .basicsize = sizeof(struct hd_zobject), .flags = HD_TF_LATE_FINALISER | HD_TF_NEVER_INSTANTIATE, .methods = compress_methods,
    .op = { .trace = object_trace, .finalise = object_finalise } };
static struct hd_type decompress_type = { .cname = "zlib.Decompress", .basicsize = sizeof(struct hd_zobject), .flags = HD_TF_LATE_FINALISER | HD_TF_NEVER_INSTANTIATE, .methods = decompress_methods,
    .getsets = decompress_getsets, .members = decompress_members, .op = { .trace = object_trace, .finalise = object_finalise } };

static const struct hd_methoddef methods[] = {
    { "compress", z_compress, 0, -1, HD_METH_KW, "compress($module, data, /, level=-1, wbits=15)\n--\n\nReturns compressed bytes." },
    { "decompress", z_decompress, 0, -1, HD_METH_KW, "decompress($module, data, /, wbits=15, bufsize=16384)\n--\n\nReturns the bytes that were compressed." },
    { "compressobj", z_compressobj, 0, -1, HD_METH_KW, NULL }, { "decompressobj", z_decompressobj, 0, -1, HD_METH_KW, NULL },
    { "crc32", z_crc32, 1, 2, 0, NULL }, { "adler32", z_adler32, 1, 2, 0, NULL }, { 0 }
};
static int fill(hd_value m)
{
    static const struct { const char *name; int v; } c[] = {
#define C(x) { #x, x }
        { "DEFLATED", Z_DEFLATED }, C(MAX_WBITS), C(Z_BEST_COMPRESSION), C(Z_BEST_SPEED), C(Z_BLOCK), C(Z_DEFAULT_COMPRESSION), C(Z_DEFAULT_STRATEGY), C(Z_FILTERED), C(Z_FINISH), C(Z_FIXED),
        C(Z_FULL_FLUSH), C(Z_HUFFMAN_ONLY), C(Z_NO_COMPRESSION), C(Z_NO_FLUSH), C(Z_PARTIAL_FLUSH), C(Z_RLE), C(Z_SYNC_FLUSH), C(Z_TREES), C(DEF_MEM_LEVEL),
        { "DEF_BUF_SIZE", FIRST_OUTPUT },
#undef C
    };
    for (size_t i = 0; i < sizeof c / sizeof *c; i++) if (hd_module_add_int(m, c[i].name, c[i].v) < 0) return -1;
    hd_root(&error_type);
    hd_value ns = hd_dict_new(), bases = hd_tuplev(hd_obj(&hd_exc_Exception));
    if (ns == HD_ERR || bases == HD_ERR || hd_dict_set_c(ns, "__module__", hd_intern("zlib")) < 0) return -1;
    error_type = hd_type_new(&hd_type_type, hd_intern("error"), bases, ns, NULL, 0);
    if (error_type == HD_ERR || hd_module_add(m, "error", error_type) < 0 || hd_type_ready(&compress_type) < 0 || hd_type_ready(&decompress_type) < 0) return -1;
    return hd_module_add_str(m, "ZLIB_VERSION", ZLIB_VERSION) < 0 || hd_module_add_str(m, "ZLIB_RUNTIME_VERSION", zlibVersion()) < 0 ? -1 : hd_module_add_str(m, "__version__", "1.0");
}
const struct hd_moduledef hd_module_zlib = { "zlib", "Compression with zlib.", methods, fill };
