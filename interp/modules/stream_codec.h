/* Compressor and decompressor objects around a library's stream (_bz2, _lzma).
 *
 * SC1: the stream, what is left of the input and the flags lie in C memory, owned by one heap object and freed by its
 *      finaliser; they are used outside transactions only, with the lock held. */
#ifndef HD_STREAM_CODEC_H
#define HD_STREAM_CODEC_H
#include <pthread.h>
#include "interp/modules/modules.h"
#include "interp/types/bytes.h"

enum { HD_CODEC_OK = 0, HD_CODEC_END = 1 /* others: the module's errors */ };
struct hd_codec {
    pthread_mutex_t lock;
    /* Takes input and gives output as far as it gets. */
    int (*step)(struct hd_codec *c, const unsigned char **in, size_t *nin, unsigned char **out, size_t *nout, bool finish);
    void (*end)(struct hd_codec *c);
    void (*raise)(int error);
    unsigned char *rest;                 /* input that waits, behind the end of the stream: unused data */
    size_t nrest;
    int64_t memory;                      /* as accounted */
    bool eof, needs_input, flushed, broken;
    const char *ended;                   /* message for input behind the end */
    bool unusable_after_error;           /* the library must not see the stream again then */
};
HD_MUTABLE(hd_codec_object)
struct hd_codec_object { struct hd_mhead head; HD_PSLOT(struct hd_codec) codec; };
HD_MUTABLE_OPEN(hd_codec_object, hd_inst_size(o))
#define HD_CODEC(v) HD_GET((struct hd_codec_object *)hd_ptr(v), codec)

struct hd_codec *hd_codec_new(size_t size);     /* outside transactions; NULL: no memory */
void hd_codec_free(void *c);                     /* without calling end */
/* An object of type t around c, which it takes. */
hd_value hd_codec_object_new(struct hd_type *t, struct hd_codec *c) HD_MUST;
void hd_codec_finalise(hd_value self);
hd_value hd_codec_compress(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames);
hd_value hd_codec_flush(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames);
hd_value hd_codec_decompress(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames);
hd_value hd_codec_reduce(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames);
extern const struct hd_methoddef hd_compressor_methods[], hd_decompressor_methods[];
hd_value hd_codec_get_eof(hd_value self, void *closure);
hd_value hd_codec_get_needs_input(hd_value self, void *closure);
hd_value hd_codec_get_unused(hd_value self, void *closure);
#endif
