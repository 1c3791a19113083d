/* Private to the files of the module _functools. */
#ifndef HD_FUNCTOOLS_H
#define HD_FUNCTOOLS_H
#include "interp/core/shape.h"
#include "interp/types/_dict.h"
#include "interp/types/_seq.h"
int hd_lru_cache_exec(hd_value module) HD_MUST;
#endif
