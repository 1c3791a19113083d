/* What _bz2 and _lzma share: the loop around a library's stream and the objects' methods. */
#include <stdlib.h>
#include "interp/types/bytes.h"
#include "interp/modules/stream_codec.h"

#define ARGS hd_value self, const hd_value *args, size_t nargs, hd_value kwnames
enum { FIRST_OUTPUT = 32 * 1024, NO_MEMORY = -1000, AFTER_END, AFTER_FLUSH, FLUSHED_TWICE, AFTER_ERROR };

struct hd_codec *hd_codec_new(size_t size)
{
    struct hd_codec *c = calloc(1, size);
    if (!c) return NULL;
    pthread_mutex_init(&c->lock, NULL);
    c->needs_input = true;
    return c;
}
void hd_codec_free(void *arg)
{
    struct hd_codec *c = arg;
    pthread_mutex_destroy(&c->lock);
    free(c->rest);
    free(c);
}
static void release(void *arg)
{
    struct hd_codec *c = arg;
    c->end(c);
    gc_account(-c->memory);
    hd_codec_free(c);
}
hd_value hd_codec_object_new(struct hd_type *t, struct hd_codec *c)
{
    gc_account(c->memory);
    hd_value v = hd_alloc_instance(t, 0);
    if (v == HD_ERR) stm_on_commit(release, c);
    else HD_INIT((struct hd_codec_object *)hd_ptr(v), codec, c);
    return v;
}
void hd_codec_finalise(hd_value self)
{
    struct hd_codec *c = HD_CODEC(self);
    if (!c) return;
    hd_codec_object_w w = hd_codec_object_open(hd_ptr(self));
    HD_PUT(w, codec, NULL);
    stm_on_commit(release, c);
}

/* ---- outside transactions --------------------------------------------------------------------------------------------------- */
struct output { unsigned char *p; size_t len, cap, max; };
static bool room(struct output *o)
{
    if (o->len < o->cap) return true;
    size_t cap = o->cap ? 2 * o->cap : FIRST_OUTPUT;
    if (cap > o->max) cap = o->max;
    unsigned char *p = realloc(o->p, cap ? cap : 1);
    if (!p) return false;
    o->p = p, o->cap = cap;
    return true;
}
static int compress_all(struct hd_codec *c, const unsigned char *in, size_t n, bool finish, struct output *o)
{
    if (c->flushed) return finish ? FLUSHED_TWICE : AFTER_FLUSH;
    c->flushed = finish;
    while (n || finish) {
        if (!room(o)) return NO_MEMORY;
        unsigned char *out = o->p + o->len;
        size_t nout = o->cap - o->len, had = nout;
        int r = c->step(c, &in, &n, &out, &nout, finish);
        o->len += had - nout;
        if (r == HD_CODEC_END) break;
        if (r != HD_CODEC_OK) return r;
    }
    return HD_CODEC_OK;
}
static int decompress_some(struct hd_codec *c, const unsigned char *data, size_t n, struct output *o)
{
    if (c->eof) return AFTER_END;
    if (c->broken) return AFTER_ERROR;
    unsigned char *all = NULL;
    if (c->nrest) {
        if (n) {
            if (!(all = realloc(c->rest, c->nrest + n))) return NO_MEMORY;
            memcpy(all + c->nrest, data, n);
        } else all = c->rest;
        data = all, n += c->nrest;
        c->rest = NULL, c->nrest = 0;
    }
    int r = HD_CODEC_OK;
    bool full = o->max == 0;
    while (!full) {
        if (!room(o)) { r = NO_MEMORY; break; }
        unsigned char *out = o->p + o->len;
        size_t nout = o->cap - o->len, had = nout;
        r = c->step(c, &data, &n, &out, &nout, false);
        o->len += had - nout;
        if (r != HD_CODEC_OK) break;
        full = o->len == o->max;
        if (n == 0 && nout) break;
    }
    c->eof = r == HD_CODEC_END;
    if (c->eof) r = HD_CODEC_OK;
    c->broken = r != HD_CODEC_OK && c->unusable_after_error;
    c->needs_input = !c->eof && r == HD_CODEC_OK && n == 0 && !full;
    if (n && r == HD_CODEC_OK) {
        if ((c->rest = malloc(n))) memcpy(c->rest, data, c->nrest = n);
        else r = NO_MEMORY;
    }
    free(all);
    return r;
}

/* ---- methods ------------------------------------------------------------------------------------------------------------------ */
static hd_value outcome(struct hd_codec *c, int r, const struct output *o)
{
    switch (r) {
    case HD_CODEC_OK: return o->len ? hd_bytes_new(o->p, o->len) : hd_empty_bytes;
    case NO_MEMORY: return hd_no_memory();
    case AFTER_END: return hd_raise(&hd_exc_EOFError, "%s", c->ended);
    case AFTER_ERROR: return hd_raise(&hd_exc_ValueError, "Decompressor is unusable after a previous error");
    case AFTER_FLUSH: return hd_raise(&hd_exc_ValueError, "Compressor has been flushed");
    case FLUSHED_TWICE: return hd_raise(&hd_exc_ValueError, "Repeated call to flush()");
    default: c->raise(r); return HD_ERR;
    }
}
static hd_value compress(hd_value self, hd_value data, bool finish)
{
    struct hd_codec *c = HD_CODEC(self);
    struct output o = { .max = SIZE_MAX };
    int r;
    HD_BLOCKING
        pthread_mutex_lock(&c->lock);
        r = compress_all(c, HD_BYTES(data)->data, (size_t)HD_BYTES(data)->len, finish, &o);
        pthread_mutex_unlock(&c->lock);
    HD_END_BLOCKING
    stm_on_commit(free, o.p);
    return outcome(c, r, &o);
}
hd_value hd_codec_compress(ARGS)
{
    hd_value data = hd_bytes_fixed(args[0]);
    return data == HD_ERR ? HD_ERR : compress(self, data, false);
}
hd_value hd_codec_flush(ARGS) { return compress(self, hd_empty_bytes, true); }
hd_value hd_codec_decompress(ARGS)
{
    hd_value a[2];
    int64_t max = -1;
    if (hd_args("decompress", "data,|max_length", args, nargs, kwnames, a) < 0 || (a[1] != HD_ABSENT && hd_as_i64(a[1], &max) < 0)) return HD_ERR;
    hd_value data = hd_bytes_fixed(a[0]);
    if (data == HD_ERR) return HD_ERR;
    struct hd_codec *c = HD_CODEC(self);
    struct output o = { .max = max < 0 ? SIZE_MAX : (size_t)max };
    int r;
    HD_BLOCKING
        pthread_mutex_lock(&c->lock);
        r = decompress_some(c, HD_BYTES(data)->data, (size_t)HD_BYTES(data)->len, &o);
        pthread_mutex_unlock(&c->lock);
    HD_END_BLOCKING
    stm_on_commit(free, o.p);
    return outcome(c, r, &o);
}
hd_value hd_codec_reduce(ARGS) { return hd_raise(&hd_exc_TypeError, "cannot pickle '%T' object", self); }
hd_value hd_codec_get_eof(hd_value self, void *closure) { return hd_bool(HD_CODEC(self)->eof); }
hd_value hd_codec_get_needs_input(hd_value self, void *closure) { return hd_bool(HD_CODEC(self)->needs_input); }
hd_value hd_codec_get_unused(hd_value self, void *closure)
{
    struct hd_codec *c = HD_CODEC(self);
    unsigned char *p = NULL;
    size_t n;
    HD_BLOCKING
        pthread_mutex_lock(&c->lock);
        n = c->eof ? c->nrest : 0;
        if (n && (p = malloc(n))) memcpy(p, c->rest, n);
        pthread_mutex_unlock(&c->lock);
    HD_END_BLOCKING
    if (!n) return hd_empty_bytes;
    if (!p) return hd_no_memory();
    stm_on_commit(free, p);
    return hd_bytes_new(p, n);
}
const struct hd_methoddef hd_compressor_methods[] = {
    { "compress", hd_codec_compress, 1, 1, 0, "compress($self, data, /)\n--\n\nProvide data to the compressor object.\n\nReturns a chunk of compressed data if possible, or b'' otherwise." },
    { "flush", hd_codec_flush, 0, 0, 0, "flush($self, /)\n--\n\nFinish the compression process.\n\nReturns the compressed data left in internal buffers." },
    { "__reduce__", hd_codec_reduce, 0, 0, 0, NULL }, { "__reduce_ex__", hd_codec_reduce, 1, 1, 0, NULL }, { 0 }
};
const struct hd_methoddef hd_decompressor_methods[] = {
    { "decompress", hd_codec_decompress, 0, -1, HD_METH_KW, "decompress($self, /, data, max_length=-1)\n--\n\nDecompress *data*, returning uncompressed data as bytes." },
    { "__reduce__", hd_codec_reduce, 0, 0, 0, NULL }, { "__reduce_ex__", hd_codec_reduce, 1, 1, 0, NULL }, { 0 }
};
