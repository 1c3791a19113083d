/* What the files of the _io module share. */
#ifndef HD_IO_INTERNAL_H
#define HD_IO_INTERNAL_H
#include "interp/core/api.h"
#include "interp/core/names.h"
#include "interp/modules/lock.h"
#include "interp/modules/modules.h"

extern struct hd_type hd_iobase_type, hd_rawiobase_type, hd_bufferediobase_type, hd_textiobase_type, hd_fileio_type, hd_bytesio_type,
    hd_stringio_type, hd_bufferedreader_type, hd_bufferedwriter_type, hd_bufferedrandom_type, hd_bufferedrwpair_type, hd_textiowrapper_type,
    hd_newlinedecoder_type;
extern hd_value hd_unsupported_operation;

enum { HD_IO_BUFFER = 8192 };

hd_value hd_io_unsupported(const char *what);
hd_value hd_io_closed(void);                              /* ValueError: I/O operation on closed file. */
int hd_io_is_closed(hd_value f);                          /* the attribute `closed`: 1, 0, -1 */
hd_value hd_io_text_below(hd_value f);                    /* the stream below; HD_UNBOUND or 0: none */
hd_value hd_io_buffered_below(hd_value f);
bool hd_io_file_is_closed(hd_value f);
hd_value hd_io_method(hd_value f, const char *name, const hd_value *args, size_t n) HD_MUST;
#define hd_io_call0(f, name) hd_io_method((f), (name), NULL, 0)
#define hd_io_call1(f, name, arg) ({ hd_value a1_ = (arg); hd_io_method((f), (name), &a1_, 1); })
/* An argument that is None or a number: -1 for None or absent. */
int hd_io_size(const hd_value *args, size_t nargs, size_t i, int64_t *out) HD_MUST;
/* Position of the end of the first line in p[0, n), line end included; 0: no line end. */
int64_t hd_io_line_end(const char *p, int64_t n);
/* Copies into a writable buffer, through the barriers of its owner (interp/types/buffer.c). */
void hd_buffer_store(struct hd_buffer *b, int64_t at, const void *p, int64_t n);
int hd_io_flush_all(void);
void hd_io_close_above(hd_value self);     /* before a dead stream is closed */
/* Objects with buffered output are flushed at exit. */
void hd_io_remember(hd_value f);
void hd_io_forget(hd_value f);
void hd_io_reached(void);                  /* a full collection has marked */
hd_value hd_io_open(hd_value file, hd_value mode, int64_t buffering, hd_value encoding, hd_value errors, hd_value newline, bool closefd, hd_value opener) HD_MUST;
#define IO_DEF(name) static hd_value name(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
#endif
