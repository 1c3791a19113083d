/* The module _bz2. */
#include <bzlib.h>
#include "interp/modules/stream_codec.h"

enum { PIECE = 1 << 30, DECOMPRESSOR_BYTES = 4 << 20 };
struct bz { struct hd_codec c; bz_stream z; };

static int step(struct hd_codec *c, const unsigned char **in, size_t *nin, unsigned char **out, size_t *nout, bool finish, bool compresses)
{
    bz_stream *z = &((struct bz *)c)->z;
    unsigned given = (unsigned)(*nin < PIECE ? *nin : PIECE), room = (unsigned)(*nout < PIECE ? *nout : PIECE);
    z->next_in = (char *)(uintptr_t)*in, z->avail_in = given;
    z->next_out = (char *)*out, z->avail_out = room;
    int r = compresses ? BZ2_bzCompress(z, finish ? BZ_FINISH : BZ_RUN) : BZ2_bzDecompress(z);
    *in += given - z->avail_in, *nin -= given - z->avail_in;
    *out += room - z->avail_out, *nout -= room - z->avail_out;
    return r == BZ_STREAM_END ? HD_CODEC_END : r < 0 ? r : HD_CODEC_OK;
}
static int step_out(struct hd_codec *c, const unsigned char **in, size_t *nin, unsigned char **out, size_t *nout, bool finish) { return step(c, in, nin, out, nout, finish, true); }
static int step_in(struct hd_codec *c, const unsigned char **in, size_t *nin, unsigned char **out, size_t *nout, bool finish) { return step(c, in, nin, out, nout, finish, false); }
static void end_out(struct hd_codec *c) { BZ2_bzCompressEnd(&((struct bz *)c)->z); }
static void end_in(struct hd_codec *c) { BZ2_bzDecompressEnd(&((struct bz *)c)->z); }
static void raise_error(int e)
{
    switch (e) {
    case BZ_PARAM_ERROR: (void)hd_raise(&hd_exc_ValueError, "Internal error - invalid parameters passed to libbzip2"); return;
    case BZ_MEM_ERROR: (void)hd_no_memory(); return;
    case BZ_DATA_ERROR: case BZ_DATA_ERROR_MAGIC: (void)hd_raise(&hd_exc_OSError, "Invalid data stream"); return;
    case BZ_IO_ERROR: (void)hd_raise(&hd_exc_OSError, "Unknown I/O error"); return;
    case BZ_UNEXPECTED_EOF: (void)hd_raise(&hd_exc_EOFError, "Compressed file ended before the logical end-of-stream was detected"); return;
    case BZ_SEQUENCE_ERROR: (void)hd_raise(&hd_exc_RuntimeError, "Internal error - Invalid sequence of commands sent to libbzip2"); return;
    default: (void)hd_raise(&hd_exc_OSError, "Unrecognized error from libbzip2: %d", e); return;
    }
}
static hd_value make(hd_value type, int level /* 0: decompressor */)
{
    struct bz *b;
    int r = BZ_MEM_ERROR;
    HD_BLOCKING
        if ((b = (struct bz *)hd_codec_new(sizeof *b))) {
            b->c.step = level ? step_out : step_in, b->c.end = level ? end_out : end_in, b->c.raise = raise_error, b->c.ended = "End of stream already reached", b->c.unusable_after_error = true;
            b->c.memory = level ? 400000 + level * 800000 : DECOMPRESSOR_BYTES;
            r = level ? BZ2_bzCompressInit(&b->z, level, 0, 0) : BZ2_bzDecompressInit(&b->z, 0, 0);
        }
    HD_END_BLOCKING
    if (r == BZ_OK) return hd_codec_object_new(HD_TYPE(type), &b->c);
    if (b) stm_on_commit(hd_codec_free, b);
    raise_error(r);
    return HD_ERR;
}
static hd_value compressor_make(hd_value type, const hd_value *args, size_t nargs, hd_value kwnames)
{
    hd_value v;
    int level = 9;
    if (hd_args("BZ2Compressor", "|compresslevel,/", args, nargs, kwnames, &v) < 0 || (v != HD_ABSENT && hd_as_int32(v, &level) < 0)) return HD_ERR;
    if (level < 1 || level > 9) return hd_raise(&hd_exc_ValueError, "compresslevel must be between 1 and 9");
    return make(type, level);
}
static hd_value decompressor_make(hd_value type, const hd_value *args, size_t nargs, hd_value kwnames)
{
    if (hd_args("BZ2Decompressor", "", args, nargs, kwnames, NULL) < 0) return HD_ERR;
    return make(type, 0);
}
static const struct hd_getsetdef getsets[] = {
    { "eof", hd_codec_get_eof, NULL, "True if the end-of-stream marker has been reached.", NULL }, { "unused_data", hd_codec_get_unused, NULL, "Data found after the end of the compressed stream.", NULL },
    { "needs_input", hd_codec_get_needs_input, NULL, "True if more input is needed before more decompressed data can be produced.", NULL }, { 0 }
};
static struct hd_type compressor_type = {
    .cname = "_bz2.BZ2Compressor", .basicsize = sizeof(struct hd_codec_object), .flags = HD_TF_LATE_FINALISER | HD_TF_BASETYPE, .methods = hd_compressor_methods,
    .doc = "BZ2Compressor(compresslevel=9, /)\n--\n\nCreate a compressor object for compressing data incrementally.", .op = { .make = compressor_make, .finalise = hd_codec_finalise },
};
static struct hd_type decompressor_type = {
    .cname = "_bz2.BZ2Decompressor", .basicsize = sizeof(struct hd_codec_object), .flags = HD_TF_LATE_FINALISER | HD_TF_BASETYPE, .methods = hd_decompressor_methods, .getsets = getsets,
    .doc = "BZ2Decompressor()\n--\n\nCreate a decompressor object for decompressing data incrementally.", .op = { .make = decompressor_make, .finalise = hd_codec_finalise },
};
static int fill(hd_value m) { return hd_add_type(m, &compressor_type) < 0 ? -1 : hd_add_type(m, &decompressor_type); }
const struct hd_moduledef hd_module_bz2 = { "_bz2", NULL, NULL, fill };
