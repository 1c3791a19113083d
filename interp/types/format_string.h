/* Parsing of str.format's strings, for the module _string. */
#ifndef HD_FORMAT_STRING_H
#define HD_FORMAT_STRING_H
#include "interp/types/str.h"

struct hd_range { int64_t lo, hi; };
struct hd_range hd_field_first(hd_value s, struct hd_range name);
/* One .attribute or [index] at *pos: 1, 0 at the end, -1.  *index: the integer in brackets or -1. */
int hd_field_step(hd_value s, int64_t *pos, int64_t end, bool *attribute, struct hd_range *r, int64_t *index) HD_MUST;
/* (literal, field name, spec, conversion), HD_STOP at the end. */
hd_value hd_string_parse_step(hd_value s, int64_t *pos) HD_MUST;
/* The argument that a field name begins with: int or str; *rest: where the other parts begin. */
hd_value hd_string_first_part(hd_value s, int64_t *rest) HD_MUST;
#endif
