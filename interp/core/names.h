/* Interned names: hd_s_<text> for every N(text) of names.def.  Set by hd_names_init, immortal and never changed after. */
#ifndef HD_NAMES_H
#define HD_NAMES_H
#include "interp/core/value.h"
#define N(text) extern hd_value hd_s_##text;
#include "interp/core/names.def"
#undef N
void hd_names_init(void);
#endif
