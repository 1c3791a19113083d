/* The math module: functions with integer results.
 *
 * The heavy ones run in GMP's mpz functions, whose malloc'ed numbers never live across a poll or a barrier: arguments are
 * converted before, results allocated after, and allocating an immutable object neither collects nor aborts. */
#include <math.h>
#include "interp/modules/math_internal.h"
#include "interp/types/number.h"

static void view(hd_value v, struct hd_int_view *w, mpz_t z)
{
    hd_int_view(v, w);
    mpz_roinit_n(z, w->limb, w->negative ? -w->n : w->n);
}
/* Takes z over. */
static hd_value result(mpz_t z)
{
    mp_size_t n = (mp_size_t)mpz_size(z);
    hd_value r;
    if (n == 0) r = hd_fix(0);
    else {
        struct hd_long *l = hd_long_alloc(n);
        if (!l) r = HD_ERR;
        else {
            memcpy(l->limb, mpz_limbs_read(z), 8 * (size_t)n);
            r = hd_long_finish(l, n, mpz_sgn(z) < 0);
        }
    }
    mpz_clear(z);
    return r;
}

static hd_value rounded(hd_value v, hd_value name, double (*f)(double))
{
    double x;
    if (hd_is_fix(v)) return v;
    if (!hd_is_float_exact(v)) {
        hd_value r = hd_call_special(v, name, NULL, 0);
        if (r != HD_ABSENT) return r;
    }
    return hd_as_double(v, &x) < 0 ? HD_ERR : hd_int_from_double(f(x));
}
MATH_INT_DEF(hd_math_floor) { return rounded(args[0], hd_s___floor__, floor); }
MATH_INT_DEF(hd_math_ceil) { return rounded(args[0], hd_s___ceil__, ceil); }
MATH_INT_DEF(hd_math_trunc)
{
    if (hd_is_float_exact(args[0])) return hd_int_from_double(trunc(hd_float_value(args[0])));
    hd_value r = hd_call_special(args[0], hd_s___trunc__, NULL, 0);
    return r != HD_ABSENT ? r : hd_raise(&hd_exc_TypeError, "type %T doesn't define __trunc__ method", args[0]);
}

static hd_value factorial(hd_value v)
{
    int64_t n;
    if (hd_int_sign(v) < 0) return hd_raise(&hd_exc_ValueError, "factorial() not defined for negative values");
    if (!hd_int_to_i64(v, &n)) return hd_raise(&hd_exc_OverflowError, "factorial() argument should not exceed %lld", (long long)INT64_MAX);
    if (n <= 20) {
        int64_t r = 1;
        for (int64_t i = 2; i <= n; i++) r *= i;
        return hd_int(r);
    }
    if (n > (int64_t)1 << 34) return hd_no_memory();      /* GMP would end the process */
    mpz_t z;
    mpz_init(z);
    mpz_fac_ui(z, (unsigned long)n);
    return result(z);
}
MATH_INT_DEF(hd_math_factorial)
{
    hd_value n = hd_number_index(args[0]);
    return n == HD_ERR ? HD_ERR : factorial(n);
}
static int check_nk(hd_value n, hd_value k)
{
    if (hd_int_sign(n) < 0) { hd_raise(&hd_exc_ValueError, "n must be a non-negative integer"); return -1; }
    if (hd_int_sign(k) < 0) { hd_raise(&hd_exc_ValueError, "k must be a non-negative integer"); return -1; }
    return 0;
}
/* An estimate of the bits of a product of k factors up to n: more than memory holds? */
static bool too_large(hd_value n, uint64_t k) { return (double)k * (double)hd_int_bit_length(n) > 3e11; }
MATH_INT_DEF(hd_math_comb)
{
    hd_value n = hd_number_index(args[0]), k = n == HD_ERR ? HD_ERR : hd_number_index(args[1]);
    if (k == HD_ERR || check_nk(n, k) < 0) return HD_ERR;
    hd_value rest = hd_int_sub(n, k);
    if (rest == HD_ERR) return HD_ERR;
    if (hd_int_sign(rest) < 0) return hd_fix(0);
    if (hd_int_cmp(rest, k) < 0) k = rest;
    uint64_t few;
    if (!hd_int_to_u64(k, &few) || few > INT64_MAX) return hd_raise(&hd_exc_OverflowError, "min(n - k, k) must not exceed %lld", (long long)INT64_MAX);
    if (too_large(n, few)) return hd_no_memory();
    struct hd_int_view w;
    mpz_t a, z;
    view(n, &w, a);
    mpz_init(z);
    uint64_t small;
    if (hd_int_to_u64(n, &small)) mpz_bin_uiui(z, small, few);
    else mpz_bin_ui(z, a, few);
    return result(z);
}
/* z = (n - lo) (n - lo - 1) … (n - hi + 1): halves, so that factors of like size are multiplied. */
static void falling(mpz_t z, const mpz_t n, uint64_t lo, uint64_t hi)
{
    if (hi - lo <= 8) {
        mpz_t f;
        mpz_init(f);
        mpz_set_ui(z, 1);
        for (uint64_t i = lo; i < hi; i++) {
            mpz_sub_ui(f, n, i);
            mpz_mul(z, z, f);
        }
        mpz_clear(f);
        return;
    }
    mpz_t right;
    mpz_init(right);
    falling(z, n, lo, lo + (hi - lo) / 2);
    falling(right, n, lo + (hi - lo) / 2, hi);
    mpz_mul(z, z, right);
    mpz_clear(right);
}
MATH_INT_DEF(hd_math_perm)
{
    if (nargs < 2 || args[1] == HD_NONE) return hd_math_factorial(self, args, 1, 0);
    hd_value n = hd_number_index(args[0]), k = n == HD_ERR ? HD_ERR : hd_number_index(args[1]);
    if (k == HD_ERR || check_nk(n, k) < 0) return HD_ERR;
    if (hd_int_cmp(n, k) < 0) return hd_fix(0);
    uint64_t few;
    if (!hd_int_to_u64(k, &few) || few > INT64_MAX) return hd_raise(&hd_exc_OverflowError, "k must not exceed %lld", (long long)INT64_MAX);
    if (too_large(n, few)) return hd_no_memory();
    struct hd_int_view w;
    mpz_t a, z;
    view(n, &w, a);
    mpz_init(z);
    falling(z, a, 0, few);
    return result(z);
}

static uint64_t gcd_small(uint64_t a, uint64_t b)
{
    while (b) {
        uint64_t t = a % b;
        a = b, b = t;
    }
    return a;
}
static uint64_t magnitude(hd_value fix) { int64_t i = hd_unfix(fix); return i < 0 ? (uint64_t)-i : (uint64_t)i; }
static hd_value combine(hd_value a, hd_value b, bool lcm)
{
    if (!lcm && hd_both_fix(a, b)) return hd_int_u64(gcd_small(magnitude(a), magnitude(b)));
    struct hd_int_view v, w;
    mpz_t x, y, z;
    view(a, &v, x);
    view(b, &w, y);
    mpz_init(z);
    if (lcm) mpz_lcm(z, x, y);
    else mpz_gcd(z, x, y);
    return result(z);
}
static hd_value fold(const hd_value *args, size_t nargs, bool lcm)
{
    hd_value r = hd_fix(lcm);
    for (size_t i = 0; i < nargs; i++) {
        hd_value v = hd_number_index(args[i]);
        if (v == HD_ERR) return HD_ERR;
        if ((r = combine(r, v, lcm)) == HD_ERR) return HD_ERR;
    }
    return r;
}
MATH_INT_DEF(hd_math_gcd) { return fold(args, nargs, false); }
MATH_INT_DEF(hd_math_lcm) { return fold(args, nargs, true); }
MATH_INT_DEF(hd_math_isqrt)
{
    hd_value n = hd_number_index(args[0]);
    if (n == HD_ERR) return HD_ERR;
    if (hd_int_sign(n) < 0) return hd_raise(&hd_exc_ValueError, "isqrt() argument must be nonnegative");
    struct hd_int_view w;
    mpz_t a, z;
    view(n, &w, a);
    mpz_init(z);
    mpz_sqrt(z, a);
    return result(z);
}
