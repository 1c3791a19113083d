/* Values: one 64-bit word.
 *   ...1    fixnum: 63-bit integer, value << 1 | 1
 *   ..10    flonum: a double with a common exponent (2^-255 .. 2^257), rotated; 0.0 is not among them
 *   .000    pointer to an object (struct hd_head first)
 *   .100    immediates that are never Python objects
 * None, True, False, Ellipsis and NotImplemented are immortal static objects. */
#ifndef HD_VALUE_H
#define HD_VALUE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint64_t hd_value;

#define HD_UNBOUND ((hd_value)0x04)   /* an unassigned variable, an absent argument, a deleted entry */
#define HD_ERR     ((hd_value)0x0c)   /* failed; the exception is in hd_ts->exc */
#define HD_STOP    ((hd_value)0x14)   /* iternext only: exhausted, no exception set */
#define HD_ABSENT  ((hd_value)0x1c)   /* lookups that do not raise: not there */

#define HD_FIXMAX (((int64_t)1 << 62) - 1)
#define HD_FIXMIN (-((int64_t)1 << 62))

static inline bool hd_is_fix(hd_value v) { return v & 1; }
static inline bool hd_is_flo(hd_value v) { return (v & 3) == 2; }
static inline bool hd_is_ptr(hd_value v) { return (v & 7) == 0; }
static inline bool hd_both_fix(hd_value a, hd_value b) { return a & b & 1; }
static inline bool hd_both_flo(hd_value a, hd_value b) { return (((a ^ 2) | (b ^ 2)) & 3) == 0; }
static inline bool hd_fits_fix(int64_t i) { return i >= HD_FIXMIN && i <= HD_FIXMAX; }
static inline hd_value hd_fix(int64_t i) { return (uint64_t)i << 1 | 1; }
static inline int64_t hd_unfix(hd_value v) { return (int64_t)v >> 1; }
static inline void *hd_ptr(hd_value v) { return (void *)(uintptr_t)v; }
static inline hd_value hd_obj(const void *p) { return (hd_value)(uintptr_t)p; }

static inline double hd_unflo(hd_value v)
{
    uint64_t b = (v >> 3 | v << 61) - ((uint64_t)1 << 60);
    double d;
    __builtin_memcpy(&d, &b, 8);
    return d;
}
/* A fixnum or flonum, and its value: of an int as int.__float__ rounds it. */
static inline bool hd_is_number_word(hd_value v) { return v & 3; }
static inline double hd_number_double(hd_value v) { return hd_is_fix(v) ? (double)hd_unfix(v) : hd_unflo(v); }
/* A fixnum that no conversion rounds (|v| <= 2^53). */
static inline bool hd_fix_is_double(hd_value v) { return (uint64_t)hd_unfix(v) + ((uint64_t)1 << 53) <= (uint64_t)1 << 54; }
/* The flonum of d if it has one; else a word for which hd_is_flo is false. */
static inline hd_value hd_flo_try(double d)
{
    uint64_t b;
    __builtin_memcpy(&b, &d, 8);
    b += (uint64_t)1 << 60;
    return b << 3 | b >> 61;
}
hd_value hd_float_box(double d);      /* for doubles without a flonum; HD_ERR: out of memory */
static inline hd_value hd_float(double d)
{
    hd_value v = hd_flo_try(d);
    return __builtin_expect(hd_is_flo(v), 1) ? v : hd_float_box(d);
}
hd_value hd_long_from_i64(int64_t i); /* outside the fixnum range */
hd_value hd_long_from_u64(uint64_t i);
static inline hd_value hd_int(int64_t i) { return __builtin_expect(hd_fits_fix(i), 1) ? hd_fix(i) : hd_long_from_i64(i); }
static inline hd_value hd_int_u64(uint64_t i) { return i <= (uint64_t)HD_FIXMAX ? hd_fix((int64_t)i) : hd_long_from_u64(i); }
#endif
