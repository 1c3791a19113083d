/* Shared by the files that make up bytes and bytearray. */
#ifndef HD_BYTES_METHODS_H
#define HD_BYTES_METHODS_H
#include "interp/types/str_methods.h"

int hd_bytearray_extend(struct hd_bytearray *a, hd_value source) HD_MUST;
hd_value hd_bytes_iter(hd_value v) HD_MUST;
/* An index into a sequence called `name`; 0, -1. */
int hd_bytes_index(const char *name, hd_value key, int64_t *i) HD_MUST;
hd_value hd_bytes_mul(hd_value a, hd_value b);
hd_value hd_bytes_mod(hd_value a, hd_value b);
/* p[0..n) in hexadecimal with the arguments sep and bytes_per_sep. */
hd_value hd_hex_args(const unsigned char *p, size_t n, const hd_value *args, size_t nargs, hd_value kwnames) HD_MUST;
#endif
