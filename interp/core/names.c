/* Owns the interned names of names.def. */
#include "interp/core/api.h"

#define N(text) hd_value hd_s_##text;
#include "interp/core/names.def"
#undef N

void hd_names_init(void)
{
#define N(text) hd_s_##text = hd_intern(#text);
#include "interp/core/names.def"
#undef N
}
