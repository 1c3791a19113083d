/* The location table of CPython 3.11: runs of code units with a source range each.  Code units are words of `ins`. */
#ifndef HD_COMPILE_LINETABLE_H
#define HD_COMPILE_LINETABLE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hd_loc { int line, end_line, col, end_col; };       /* -1: none */

struct hd_loc_writer { uint8_t *buf; size_t len, cap; int line; bool failed; };
void hd_loc_begin(struct hd_loc_writer *w, int firstlineno);
void hd_loc_add(struct hd_loc_writer *w, struct hd_loc loc, uint32_t units);
/* w->buf is malloc'd; the caller frees it. */

struct hd_loc_reader { const uint8_t *p, *end; uint32_t unit; /* first unit of the run that was read last */ uint32_t units; int line; struct hd_loc loc; };
void hd_loc_read(struct hd_loc_reader *r, const uint8_t *table, size_t len, int firstlineno);
bool hd_loc_next(struct hd_loc_reader *r);                 /* false: at the end */
#endif
