/* Arithmetic on ints and floats for the evaluator's middle path and for other built-in types.
 *
 * All functions take exact or subclassed ints/floats where they say "int"/"number"; results are exact.  They run no
 * Python.  Big integers are sign and magnitude in GMP limbs; results are always normalised to fixnums when they fit. */
#ifndef HD_NUMBER_H
#define HD_NUMBER_H
#include <gmp.h>
#include "interp/core/api.h"

/* A view of an int's magnitude: points into the object, or to `small` for fixnums. */
struct hd_int_view { const mp_limb_t *limb; mp_size_t n; bool negative; mp_limb_t small; };
static inline void hd_int_view(hd_value v, struct hd_int_view *w)
{
    if (hd_is_fix(v)) {
        int64_t i = hd_unfix(v);
        w->negative = i < 0;
        w->small = i < 0 ? (uint64_t)-i : (uint64_t)i;
        w->limb = &w->small, w->n = i != 0;
    } else {
        const struct hd_long *l = hd_ptr(v);
        w->negative = l->head.aux & 1, w->limb = l->limb, w->n = (mp_size_t)l->n;
    }
}
/* An uninitialised big integer of n limbs, and its normalised value once filled. */
struct hd_long *hd_long_alloc(mp_size_t n);
hd_value hd_long_finish(struct hd_long *l, mp_size_t n, bool negative);
/* An exact int equal to a bool or an instance of a subclass. */
hd_value hd_int_exact(hd_value v);

hd_value hd_int_add(hd_value a, hd_value b) HD_MUST;
hd_value hd_int_sub(hd_value a, hd_value b) HD_MUST;
hd_value hd_int_mul(hd_value a, hd_value b) HD_MUST;
hd_value hd_int_floordiv(hd_value a, hd_value b) HD_MUST;
hd_value hd_int_mod(hd_value a, hd_value b) HD_MUST;
int hd_int_divmod(hd_value a, hd_value b, hd_value *q, hd_value *r) HD_MUST;
hd_value hd_int_truediv(hd_value a, hd_value b) HD_MUST;
hd_value hd_int_lshift(hd_value a, hd_value b) HD_MUST;
hd_value hd_int_rshift(hd_value a, hd_value b) HD_MUST;
hd_value hd_int_bitop(enum hd_binop op, hd_value a, hd_value b) HD_MUST;
hd_value hd_int_pow(hd_value a, hd_value b, hd_value mod /* HD_NONE */) HD_MUST;
hd_value hd_int_neg(hd_value a) HD_MUST;
int hd_int_cmp(hd_value a, hd_value b);          /* -1, 0, 1 */
int64_t hd_int_hash(hd_value v);
int64_t hd_int_bit_length(hd_value v);
bool hd_int_to_i64(hd_value v, int64_t *out);    /* false: does not fit */
bool hd_int_to_u64(hd_value v, uint64_t *out);
/* d ** e for floats with Python's special cases. */
hd_value hd_float_pow(double a, double b) HD_MUST;
/* m * 2^e rounded to the nearest double, ties to even; `sticky`: bits below m are not all zero.  m has at least 55 bits or
 * the value is exact.  Infinite when it is too large. */
double hd_double_scaled(uint64_t m, int64_t e, bool sticky);
double hd_float_mod(double a, double b);         /* b != 0 */
double hd_float_floordiv(double a, double b);
int hd_float_int_cmp(double d, hd_value i);      /* -1, 0, 1; d is not a NaN */

/* Any mix of fixnum, flonum, boxed float, big int (exact or subclass, bool included): *done says whether the operands were
 * numbers at all; then the result or HD_ERR. */
hd_value hd_number_binary(enum hd_binop op, hd_value a, hd_value b, bool *done);

static inline bool hd_is_float(hd_value v) { return hd_is_float_exact(v) || hd_has_flag(v, HD_TF_FLOAT); }
/* A double from a float or int: 1; 0: neither; -1: overflow, exception set. */
int hd_number_coerce(hd_value v, double *d);
/* The characters of a str that is to be a number, decimal digits and white space of all scripts as ASCII, the rest as "?".
 * NULL: no memory.  Not terminated. */
const char *hd_number_text(hd_value v, size_t *n);
/* Decimal digits that end at `end` (room for 20); where they begin. */
char *hd_write_decimal(uint64_t m, char *end);
/* d with `precision` digits behind the point, correctly rounded, into out (room for 64); the length, or 0 if the number or
 * the precision is beyond this quick way. */
int hd_float_write_fixed(double d, int precision, char *out);
/* repr(d) into out (room for 32 characters), without ".0" on request; returns the length. */
int hd_float_shortest(double d, char *digits, int *count);      /* float_digits.c */
bool hd_float_from_decimal(uint64_t w, int q, double *out);
int hd_float_write_repr(double d, char *out, bool add_point);
hd_value hd_complex_pow_values(double ar, double ai, double br, double bi);

int64_t hd_int_max_str_digits(void);            /* 0: no limit */

/* format(): interp/types/format*.c */
hd_value hd_int_format(hd_value v, hd_value spec) HD_MUST;
hd_value hd_float_format(hd_value v, hd_value spec) HD_MUST;
hd_value hd_complex_format(hd_value v, hd_value spec) HD_MUST;

/* from the string types: the decimal value of a character or -1; white space; a bytes object from anything that bytes()
 * takes except a count */
int hd_unicode_decimal(uint32_t c);
bool hd_unicode_is_space(uint32_t c);
hd_value hd_bytes_of(hd_value o) HD_MUST;
#endif
