/* What the two halves of the module _json share: json_scanner.c reads, json_encoder.c writes. */
#ifndef HD_JSON_INTERNAL_H
#define HD_JSON_INTERNAL_H
#include "interp/modules/modules.h"
#include "interp/types/str.h"

#define ARGS hd_value self, const hd_value *args, size_t nargs, hd_value kwnames

extern struct hd_type hd_json_scanner_type, hd_json_encoder_type;
hd_value hd_json_scanstring(ARGS);
hd_value hd_json_quote(ARGS);                           /* encode_basestring */
hd_value hd_json_quote_ascii(ARGS);                     /* encode_basestring_ascii */
#endif
