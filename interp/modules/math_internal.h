/* What the two files of the math module share. */
#ifndef HD_MATH_INTERNAL_H
#define HD_MATH_INTERNAL_H
#include "interp/core/api.h"
#include "interp/core/names.h"
#include "interp/modules/modules.h"
#define MATH_DEF(name) static hd_value name(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
#define MATH_INT_DEF(name) hd_value name(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
MATH_INT_DEF(hd_math_floor); MATH_INT_DEF(hd_math_ceil); MATH_INT_DEF(hd_math_trunc); MATH_INT_DEF(hd_math_factorial); MATH_INT_DEF(hd_math_comb);
MATH_INT_DEF(hd_math_perm); MATH_INT_DEF(hd_math_gcd); MATH_INT_DEF(hd_math_lcm); MATH_INT_DEF(hd_math_isqrt);
#endif
