/* The math module: functions of floats.  Those of integers are in math_int.c.
 *
 * Errors follow C99 Annex F: an invalid operation is "math domain error", a result too large for a float "math range error". */
#include <math.h>
#include "interp/modules/math_internal.h"
#include "interp/types/number.h"

static hd_value domain_error(void) { return hd_raise(&hd_exc_ValueError, "math domain error"); }
static hd_value range_error(void) { return hd_raise(&hd_exc_OverflowError, "math range error"); }

/* ---- one argument ---------------------------------------------------------------------------------------------------------------- */
static hd_value one(double (*f)(double), bool overflows, const hd_value *args)
{
    double x;
    if (hd_as_double(args[0], &x) < 0) return HD_ERR;
    double r = f(x);
    if (isnan(r) && !isnan(x)) return domain_error();
    if (isinf(r) && isfinite(x)) return overflows ? range_error() : domain_error();
    return hd_float(r);
}
#define ONE(name, f, overflows) MATH_DEF(math_##name) { return one(f, overflows, args); }
#define ONES(O)                                                                                                             \
    O(acos, acos, false) O(acosh, acosh, false) O(asin, asin, false) O(asinh, asinh, false) O(atan, atan, false) O(atanh, atanh, false) \
    O(cbrt, cbrt, false) O(cos, cos, false) O(cosh, cosh, true) O(erf, erf, false) O(erfc, erfc, false) O(exp, exp, true)           \
    O(exp2, exp2, true) O(expm1, expm1, true) O(fabs, fabs, false) O(log1p, log1p, false) O(sin, sin, false) O(sinh, sinh, true)     \
    O(sqrt, sqrt, false) O(tan, tan, false) O(tanh, tanh, false)
ONES(ONE)

static bool is_whole(double x) { return floor(x) == x; }
MATH_DEF(math_gamma)
{
    double x;
    if (hd_as_double(args[0], &x) < 0) return HD_ERR;
    if (x == -INFINITY || (x <= 0 && is_whole(x))) return domain_error();
    if (x < -190) return hd_float(fmod(floor(x), 2) == 0 ? 0.0 : -0.0);      /* underflow, with the sign of the interval */
    double r = x == INFINITY || isnan(x) ? x : tgamma(x);
    if (x > 0 && x <= 23 && is_whole(x)) {             /* exact where factorials are */
        r = 1;
        for (int i = 2; i < (int)x; i++) r *= i;
    }
    return isinf(r) && isfinite(x) ? range_error() : hd_float(r);
}
MATH_DEF(math_lgamma)
{
    double x;
    int sign;
    if (hd_as_double(args[0], &x) < 0) return HD_ERR;
    if (isinf(x)) return hd_float(INFINITY);
    if (x <= 0 && is_whole(x)) return domain_error();
    double r = lgamma_r(x, &sign);
    return isinf(r) ? range_error() : hd_float(r);
}
MATH_DEF(math_degrees)
{
    double x;
    return hd_as_double(args[0], &x) < 0 ? HD_ERR : hd_float(x * (180.0 / M_PI));
}
MATH_DEF(math_radians)
{
    double x;
    return hd_as_double(args[0], &x) < 0 ? HD_ERR : hd_float(x * (M_PI / 180.0));
}
MATH_DEF(math_isnan)
{
    double x;
    return hd_as_double(args[0], &x) < 0 ? HD_ERR : hd_bool(isnan(x));
}
MATH_DEF(math_isinf)
{
    double x;
    return hd_as_double(args[0], &x) < 0 ? HD_ERR : hd_bool(isinf(x));
}
MATH_DEF(math_isfinite)
{
    double x;
    return hd_as_double(args[0], &x) < 0 ? HD_ERR : hd_bool(isfinite(x));
}
MATH_DEF(math_ulp)
{
    double x;
    if (hd_as_double(args[0], &x) < 0) return HD_ERR;
    x = fabs(x);
    if (!isfinite(x)) return hd_float(x);
    double next = nextafter(x, INFINITY);
    return hd_float(isinf(next) ? x - nextafter(x, -INFINITY) : next - x);
}
MATH_DEF(math_frexp)
{
    double x;
    int e = 0;
    if (hd_as_double(args[0], &x) < 0) return HD_ERR;
    if (isfinite(x)) x = frexp(x, &e);
    return hd_tuplev(hd_float(x), hd_fix(e));
}
MATH_DEF(math_modf)
{
    double x, whole;
    if (hd_as_double(args[0], &x) < 0) return HD_ERR;
    double part = modf(x, &whole);
    return hd_tuplev(hd_float(part), hd_float(whole));
}

/* ---- logarithms: of ints of any size ----------------------------------------------------------------------------------------------- */
static hd_value logarithm(double (*f)(double), hd_value v)
{
    double x;
    if (hd_is_int(v)) {
        if (hd_int_sign(v) <= 0) return domain_error();
        int64_t bits = hd_int_bit_length(v);
        if (bits > 1000) {
            hd_value top = hd_int_rshift(hd_int_exact(v), hd_int(bits - 200));
            if (top == HD_ERR) return HD_ERR;
            return hd_float(f(ldexp(hd_int_to_double(top), -200)) + f(2.0) * (double)bits);
        }
        x = hd_int_to_double(hd_int_exact(v));
    } else if (hd_as_double(v, &x) < 0) {
        return HD_ERR;
    }
    if (x <= 0) return domain_error();
    return hd_float(f(x));
}
MATH_DEF(math_log)
{
    if (nargs < 1 || nargs > 2) return hd_raise(&hd_exc_TypeError, "math.log requires 1 to 2 arguments");
    hd_value n = logarithm(log, args[0]);
    if (n == HD_ERR || nargs == 1) return n;
    hd_value d = logarithm(log, args[1]);
    if (d == HD_ERR) return HD_ERR;
    double divisor = hd_float_value(d);
    if (divisor == 0) return hd_raise(&hd_exc_ZeroDivisionError, "float division by zero");
    return hd_float(hd_float_value(n) / divisor);
}
MATH_DEF(math_log2) { return logarithm(log2, args[0]); }
MATH_DEF(math_log10) { return logarithm(log10, args[0]); }

/* ---- two arguments ------------------------------------------------------------------------------------------------------------------- */
static int two(const hd_value *args, double *x, double *y) { return hd_as_double(args[0], x) < 0 || hd_as_double(args[1], y) < 0 ? -1 : 0; }
MATH_DEF(math_atan2)
{
    double x, y;
    return two(args, &y, &x) < 0 ? HD_ERR : hd_float(atan2(y, x));
}
MATH_DEF(math_copysign)
{
    double x, y;
    return two(args, &x, &y) < 0 ? HD_ERR : hd_float(copysign(x, y));
}
MATH_DEF(math_nextafter)
{
    double x, y;
    return two(args, &x, &y) < 0 ? HD_ERR : hd_float(nextafter(x, y));
}
MATH_DEF(math_fmod)
{
    double x, y;
    if (two(args, &x, &y) < 0) return HD_ERR;
    double r = fmod(x, y);
    return isnan(r) && !isnan(x) && !isnan(y) ? domain_error() : hd_float(r);
}
MATH_DEF(math_remainder)
{
    double x, y;
    if (two(args, &x, &y) < 0) return HD_ERR;
    double r = remainder(x, y);
    return isnan(r) && !isnan(x) && !isnan(y) ? domain_error() : hd_float(r);
}
MATH_DEF(math_pow)
{
    double x, y;
    if (two(args, &x, &y) < 0) return HD_ERR;
    double r = pow(x, y);
    if (!isfinite(x) || !isfinite(y) || isfinite(r)) return hd_float(r);
    return isnan(r) || x == 0 ? domain_error() : range_error();
}
MATH_DEF(math_ldexp)
{
    double x;
    int64_t e;
    if (hd_as_double(args[0], &x) < 0) return HD_ERR;
    if (!hd_is_int(args[1])) return hd_raise(&hd_exc_TypeError, "Expected an int as second argument to ldexp.");
    if (!hd_int_to_i64(args[1], &e)) e = hd_int_sign(args[1]) < 0 ? INT32_MIN : INT32_MAX;
    if (x == 0 || !isfinite(x)) return hd_float(x);
    double r = ldexp(x, e > 100000 ? 100000 : e < -100000 ? -100000 : (int)e);
    return isinf(r) ? range_error() : hd_float(r);
}
MATH_DEF(math_isclose)
{
    hd_value v[4];
    double a, b, rel = 1e-9, abs_tol = 0;
    if (hd_args("isclose", "a,b,*,|rel_tol,abs_tol", args, nargs, kwnames, v) < 0 || two(v, &a, &b) < 0 ||
        (v[2] != HD_ABSENT && hd_as_double(v[2], &rel) < 0) || (v[3] != HD_ABSENT && hd_as_double(v[3], &abs_tol) < 0)) return HD_ERR;
    if (rel < 0 || abs_tol < 0) return hd_raise(&hd_exc_ValueError, "tolerances must be non-negative");
    if (a == b) return HD_TRUE;
    if (isinf(a) || isinf(b)) return HD_FALSE;
    double diff = fabs(b - a);
    return hd_bool(diff <= fabs(rel * b) || diff <= fabs(rel * a) || diff <= abs_tol);
}

/* ---- sums ------------------------------------------------------------------------------------------------------------------------------ */
/* Euclidean length: the values are scaled by a power of two, their squares are summed in twice the precision, and one
 * Newton step with the exact residue corrects the root. */
static void add_exact(double *hi, double *lo, double x)
{
    double s = *hi + x, t = s - *hi;
    *lo += (*hi - (s - t)) + (x - t);
    *hi = s;
}
static void add_square(double *hi, double *lo, double x)
{
    double c = 134217729.0 * x, a = c - (c - x), b = x - a, square = x * x;      /* x = a + b, each of half the digits */
    *lo += ((a * a - square) + 2 * a * b) + b * b;
    add_exact(hi, lo, square);
}
static double norm(double *v, size_t n)
{
    double max = 0, hi = 0, lo = 0;
    bool nan = false;
    for (size_t i = 0; i < n; i++) {
        v[i] = fabs(v[i]);
        if (isnan(v[i])) nan = true;
        else if (v[i] > max) max = v[i];
    }
    if (isinf(max)) return max;
    if (nan) return NAN;
    if (max == 0 || n == 1) return max;
    int e;
    frexp(max, &e);
    for (size_t i = 0; i < n; i++) add_square(&hi, &lo, ldexp(v[i], -e));
    double h = sqrt(hi + lo), c = 134217729.0 * h, a = c - (c - h), b = h - a, square = h * h;
    double rest = ((hi - square) - (((a * a - square) + 2 * a * b) + b * b)) + lo;
    return ldexp(h + rest / (2 * h), e);
}
MATH_DEF(math_hypot)
{
    double *v = hd_scratch(8 * (nargs + 1));
    if (!v) return HD_ERR;
    for (size_t i = 0; i < nargs; i++) if (hd_as_double(args[i], &v[i]) < 0) return HD_ERR;
    return hd_float(norm(v, nargs));
}
MATH_DEF(math_dist)
{
    hd_value p = hd_is_tuple(args[0]) ? args[0] : hd_tuple_of(args[0]), q = p == HD_ERR ? HD_ERR : hd_is_tuple(args[1]) ? args[1] : hd_tuple_of(args[1]);
    if (q == HD_ERR) return HD_ERR;
    int64_t n = HD_TUPLE(p)->len;
    if (n != HD_TUPLE(q)->len) return hd_raise(&hd_exc_ValueError, "both points must have the same number of dimensions");
    double *v = hd_scratch(8 * (size_t)(n + 1));
    if (!v) return HD_ERR;
    for (int64_t i = 0; i < n; i++) {
        double x, y;
        if (hd_as_double(HD_TUPLE(p)->item[i], &x) < 0 || hd_as_double(HD_TUPLE(q)->item[i], &y) < 0) return HD_ERR;
        v[i] = x - y;
    }
    return hd_float(norm(v, (size_t)n));
}
/* Shewchuk's algorithm: partial sums that do not overlap, smallest first; iterating may run Python, so they live in a bytes
 * object that is replaced, never changed, between polls. */
MATH_DEF(math_fsum)
{
    hd_value it = hd_iter(args[0]), v;
    double local[32], *p = local, special = 0, infs = 0;
    size_t n = 0, cap = 32;
    if (it == HD_ERR) return HD_ERR;
    while ((v = hd_next(it)) != HD_STOP) {
        double x, first;
        if (v == HD_ERR || hd_as_double(v, &x) < 0) return HD_ERR;
        first = x;
        if (n + 2 > cap) {
            double *bigger = hd_scratch(16 * cap);
            if (!bigger) return HD_ERR;
            memcpy(bigger, p, 8 * n);
            p = bigger, cap *= 2;
        } else if (p != local) {                        /* an abort comes back to before this iteration */
            double *copy = hd_scratch(8 * cap);
            if (!copy) return HD_ERR;
            p = memcpy(copy, p, 8 * n);
        }
        size_t k = 0;
        for (size_t i = 0; i < n; i++) {
            double y = p[i];
            if (fabs(x) < fabs(y)) { double t = x; x = y; y = t; }
            volatile double hi = x + y, yr = hi - x;
            double lo = y - yr;
            if (lo != 0) p[k++] = lo;
            x = hi;
        }
        n = k;
        if (x != 0) {
            if (!isfinite(x)) {
                if (isfinite(first)) return hd_raise(&hd_exc_OverflowError, "intermediate overflow in fsum");
                if (isinf(first)) infs += first;
                special += first;
                n = 0;
            } else {
                p[n++] = x;
            }
        }
    }
    if (special != 0) return isnan(infs) ? hd_raise(&hd_exc_ValueError, "-inf + inf in fsum") : hd_float(special);
    double hi = 0;
    if (n > 0) {
        double lo = 0;
        hi = p[--n];
        while (n > 0) {
            double x = hi, y = p[--n];
            hi = x + y;
            lo = y - (hi - x);
            if (lo != 0) break;
        }
        /* half-even rounding across several partials */
        if (n > 0 && ((lo < 0 && p[n - 1] < 0) || (lo > 0 && p[n - 1] > 0))) {
            double y = lo * 2, x = hi + y;
            if (y == x - hi) hi = x;
        }
    }
    return hd_float(hi);
}
MATH_DEF(math_prod)
{
    hd_value a[2], v;
    if (hd_args("prod", "iterable,/,*,|start", args, nargs, kwnames, a) < 0) return HD_ERR;
    hd_value it = hd_iter(a[0]), r = a[1] == HD_ABSENT ? hd_fix(1) : a[1];
    if (it == HD_ERR) return HD_ERR;
    while ((v = hd_next(it)) != HD_STOP)
        if (v == HD_ERR || (r = hd_binary_op(HD_MUL, r, v)) == HD_ERR) return HD_ERR;
    return r;
}

#define ROW(name, f, overflows) { #name, math_##name, 1, 1, 0, #name "($module, x, /)\n--\n\n" },
static const struct hd_methoddef methods[] = {
    ONES(ROW)
    ROW(gamma, , ) ROW(lgamma, , ) ROW(degrees, , ) ROW(radians, , ) ROW(isnan, , ) ROW(isinf, , ) ROW(isfinite, , ) ROW(ulp, , ) ROW(frexp, , ) ROW(modf, , )
    ROW(log2, , ) ROW(log10, , )
    { "log", math_log, 0, -1, 0, "log(x, [base=math.e])\nThe logarithm of x to the given base." },
    { "atan2", math_atan2, 2, 2, 0, "atan2($module, y, x, /)\n--\n\n" }, { "copysign", math_copysign, 2, 2, 0, "copysign($module, x, y, /)\n--\n\n" },
    { "nextafter", math_nextafter, 2, 2, 0, "nextafter($module, x, y, /)\n--\n\n" }, { "fmod", math_fmod, 2, 2, 0, "fmod($module, x, y, /)\n--\n\n" },
    { "remainder", math_remainder, 2, 2, 0, "remainder($module, x, y, /)\n--\n\n" }, { "pow", math_pow, 2, 2, 0, "pow($module, x, y, /)\n--\n\n" },
    { "ldexp", math_ldexp, 2, 2, 0, "ldexp($module, x, i, /)\n--\n\n" },
    { "isclose", math_isclose, 2, -1, HD_METH_KW, "isclose($module, /, a, b, *, rel_tol=1e-09, abs_tol=0.0)\n--\n\n" },
    { "hypot", math_hypot, 0, -1, 0, "hypot(*coordinates) -> value\n\nThe Euclidean distance from the origin." },
    { "dist", math_dist, 2, 2, 0, "dist($module, p, q, /)\n--\n\n" }, { "fsum", math_fsum, 1, 1, 0, "fsum($module, seq, /)\n--\n\n" },
    { "prod", math_prod, 1, -1, HD_METH_KW, "prod($module, iterable, /, *, start=1)\n--\n\n" },
    { "floor", hd_math_floor, 1, 1, 0, "floor($module, x, /)\n--\n\n" }, { "ceil", hd_math_ceil, 1, 1, 0, "ceil($module, x, /)\n--\n\n" },
    { "trunc", hd_math_trunc, 1, 1, 0, "trunc($module, x, /)\n--\n\n" }, { "factorial", hd_math_factorial, 1, 1, 0, "factorial($module, n, /)\n--\n\n" },
    { "comb", hd_math_comb, 2, 2, 0, "comb($module, n, k, /)\n--\n\n" }, { "perm", hd_math_perm, 1, 2, 0, "perm($module, n, k=None, /)\n--\n\n" },
    { "gcd", hd_math_gcd, 0, -1, 0, "gcd($module, *integers)\n--\n\n" }, { "lcm", hd_math_lcm, 0, -1, 0, "lcm($module, *integers)\n--\n\n" },
    { "isqrt", hd_math_isqrt, 1, 1, 0, "isqrt($module, n, /)\n--\n\n" }, { 0 }
};
static int fill(hd_value m)
{
    return hd_module_add(m, "pi", hd_float(M_PI)) < 0 || hd_module_add(m, "e", hd_float(M_E)) < 0 || hd_module_add(m, "tau", hd_float(2 * M_PI)) < 0 ||
           hd_module_add(m, "inf", hd_float(INFINITY)) < 0 || hd_module_add(m, "nan", hd_float(NAN)) < 0 ? -1 : 0;
}
const struct hd_moduledef hd_module_math = { "math", "Mathematical functions of the C standard.", methods, fill };
