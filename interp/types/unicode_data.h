/* The character database beyond what str itself needs: for unicodedata and \N{...}. */
#ifndef HD_UNICODE_DATA_H
#define HD_UNICODE_DATA_H
#include "interp/types/str.h"

extern const char hd_uc_version[];
const char *hd_uc_category(uint32_t c);
const char *hd_uc_bidirectional(uint32_t c);
const char *hd_uc_width(uint32_t c);
int hd_uc_combining(uint32_t c);
bool hd_uc_in_3_2(uint32_t c);                           /* assigned in Unicode 3.2 */
const char *hd_uc_category_3_2(uint32_t c);
const char *hd_uc_bidirectional_3_2(uint32_t c);
bool hd_uc_mirrored_3_2(uint32_t c);
const char *hd_uc_width_3_2(uint32_t c);
double hd_uc_numeric(uint32_t c);                       /* -1: none (no character has a negative value but U+0F33) */
bool hd_uc_has_numeric(uint32_t c);
/* The decomposition as in the database (one step; Hangul has none): number of characters, 0: none.  *tag: "" or "<...>". */
int hd_uc_decomposition(uint32_t c, const uint32_t **chars, const char **tag);
uint32_t hd_uc_compose(uint32_t a, uint32_t b);         /* 0: no composition */
/* The character called `name` (n bytes; case does not matter), aliases included; -1: none.  With `sequence`, named
 * sequences too: then *count characters in sequence[]. */
int64_t hd_uc_lookup(const char *name, size_t n, uint32_t sequence[8], int *count);
#endif
