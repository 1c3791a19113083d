/* Shared by the files that make up the type str. */
#ifndef HD_STR_METHODS_H
#define HD_STR_METHODS_H
#include "interp/types/bytes.h"

extern const struct hd_methoddef hd_str_methods[];
hd_value hd_str_decode_object(hd_value o, const char *encoding, const char *errors) HD_MUST;
/* For seq * n: HD_ABSENT and *out, or the result (HD_ERR, or what the other operand's own operation gave). */
hd_value hd_sequence_repeat_count(hd_value seq, hd_value n, int64_t *out) HD_MUST;

/* Optional arguments encoding and errors; 0, -1. */
int hd_codec_args(const char *f, const hd_value *a, const char **encoding, const char **errors) HD_MUST;

/* str_case.c */
hd_value hd_str_lower(hd_value s) HD_MUST;
hd_value hd_str_upper(hd_value s) HD_MUST;
hd_value hd_str_title(hd_value s) HD_MUST;
hd_value hd_str_capitalize(hd_value s) HD_MUST;
hd_value hd_str_swapcase(hd_value s) HD_MUST;
hd_value hd_str_casefold(hd_value s) HD_MUST;
bool hd_str_isidentifier(hd_value s);
#endif
