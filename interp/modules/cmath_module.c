/* The module cmath: the C library's complex functions, with Python's errors.  Special values are those of C99's annex G. */
#include <complex.h>
#include <errno.h>
#include <math.h>
#include "interp/core/names.h"
#include "interp/modules/modules.h"

#define DEF(name) static hd_value name(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
typedef double complex cplx;

static int as_complex(hd_value v, cplx *out)
{
    double d;
    if (!hd_has_flag(v, HD_TF_COMPLEX)) {
        hd_value m = hd_is_ptr(v) ? hd_special(v, hd_s___complex__) : HD_ABSENT;
        if (m == HD_ERR) return -1;
        if (m == HD_ABSENT) {
            if (hd_as_double(v, &d) < 0) return -1;
            *out = d;
            return 0;
        }
        if ((v = hd_callv(hd_obj(&hd_complex_type), v)) == HD_ERR) return -1;
    }
    const struct hd_complex *c = hd_ptr(v);
    *out = CMPLX(c->re, c->im);
    return 0;
}
static hd_value result(cplx z, int err)
{
    if (err == EDOM) return hd_raise(&hd_exc_ValueError, "math domain error");
    if (err == ERANGE) return hd_raise(&hd_exc_OverflowError, "math range error");
    return hd_complex_new(creal(z), cimag(z));
}
static bool finite_both(cplx z) { return isfinite(creal(z)) && isfinite(cimag(z)); }
static int overflow(cplx z, cplx r) { return finite_both(z) && (isinf(creal(r)) || isinf(cimag(r))) ? ERANGE : 0; }
static cplx times_i(cplx z) { return CMPLX(-cimag(z), creal(z)); }

/* Errors: no limit exists where the imaginary part of the argument (for functions of an angle the real one) is infinite. */
static int err_none(cplx z, cplx r) { return 0; }
static int err_exp(cplx z, cplx r) { return isinf(cimag(z)) && (isfinite(creal(z)) || creal(z) == INFINITY) ? EDOM : overflow(z, r); }
static int err_cosh(cplx z, cplx r) { return isinf(cimag(z)) && !isnan(creal(z)) ? EDOM : overflow(z, r); }
static int err_cos(cplx z, cplx r) { return err_cosh(times_i(z), r); }
static int err_tanh(cplx z, cplx r) { return isinf(cimag(z)) && isfinite(creal(z)) ? EDOM : 0; }
static int err_tan(cplx z, cplx r) { return err_tanh(times_i(z), r); }
static int err_log(cplx z, cplx r) { return creal(z) == 0 && cimag(z) == 0 ? EDOM : 0; }
static int err_atanh(cplx z, cplx r) { return cimag(z) == 0 && fabs(creal(z)) == 1 ? EDOM : 0; }
static int err_atan(cplx z, cplx r) { return err_atanh(times_i(z), r); }

static cplx log10_(cplx z)
{
    cplx r = clog(z);
    return CMPLX(creal(r) / M_LN10, cimag(r) / M_LN10);
}
/* The library takes the part of the result that the newer standard knows where the argument is 0 + nan i; Python does not. */
static bool zero_nan(double zero, double nan_) { return zero == 0 && isnan(nan_); }
static cplx tanh_(cplx z) { return zero_nan(creal(z), cimag(z)) ? CMPLX(NAN, NAN) : ctanh(z); }
static cplx tan_(cplx z) { return zero_nan(cimag(z), creal(z)) ? CMPLX(NAN, NAN) : ctan(z); }
static cplx acosh_(cplx z) { return zero_nan(creal(z), cimag(z)) ? CMPLX(NAN, NAN) : cacosh(z); }
#define FUNCTIONS                                                                                                       \
    F(acos, cacos, err_none) F(acosh, acosh_, err_none) F(asin, casin, err_none) F(asinh, casinh, err_none)             \
    F(atan, catan, err_atan) F(atanh, catanh, err_atanh) F(cos, ccos, err_cos) F(cosh, ccosh, err_cosh) F(exp, cexp, err_exp) \
    F(log10, log10_, err_log) F(sin, csin, err_cos) F(sinh, csinh, err_cosh) F(sqrt, csqrt, err_none) F(tan, tan_, err_tan) F(tanh, tanh_, err_tanh)
#define F(name, function, errors)                                                                                       \
    DEF(cmath_##name)                                                                                                   \
    {                                                                                                                   \
        cplx z, r;                                                                                                      \
        if (as_complex(args[0], &z) < 0) return HD_ERR;                                                                 \
        r = function(z);                                                                                                \
        return result(r, errors(z, r));                                                                                 \
    }
FUNCTIONS
#undef F

DEF(cmath_log)
{
    cplx z, base;
    if (as_complex(args[0], &z) < 0 || (nargs > 1 && as_complex(args[1], &base) < 0)) return HD_ERR;
    cplx r = clog(z);
    int err = err_log(z, r);
    if (nargs > 1) {
        cplx b = clog(base);
        if (!err) err = err_log(base, b);
        if (!err && creal(b) == 0 && cimag(b) == 0) err = EDOM;
        if (!err) {
            hd_value q = hd_binary_op(HD_DIV, hd_complex_new(creal(r), cimag(r)), hd_complex_new(creal(b), cimag(b)));
            return q;
        }
    }
    return result(r, err);
}
DEF(cmath_phase)
{
    cplx z;
    return as_complex(args[0], &z) < 0 ? HD_ERR : hd_float(atan2(cimag(z), creal(z)));
}
DEF(cmath_polar)
{
    cplx z;
    if (as_complex(args[0], &z) < 0) return HD_ERR;
    double r = hypot(creal(z), cimag(z));
    if (isinf(r) && finite_both(z)) return result(z, ERANGE);
    return hd_tuplev(hd_float(r), hd_float(atan2(cimag(z), creal(z))));
}
DEF(cmath_rect)
{
    double r, phi;
    if (hd_as_double(args[0], &r) < 0 || hd_as_double(args[1], &phi) < 0) return HD_ERR;
    if (isinf(phi) && r != 0 && !isnan(r)) return result(0, EDOM);
    if (phi == 0) return hd_complex_new(r, isnan(r) ? 0.0 : isinf(r) ? copysign(phi, r * copysign(1, phi)) : r * phi);
    if (r == 0 && !isfinite(phi)) return hd_complex_new(0, 0);
    if (isinf(r)) return isnan(phi) ? hd_complex_new(INFINITY, phi) : hd_complex_new(copysign(INFINITY, r * cos(phi)), copysign(INFINITY, r * sin(phi)));
    return hd_complex_new(r * cos(phi), r * sin(phi));
}
DEF(cmath_isfinite)
{
    cplx z;
    return as_complex(args[0], &z) < 0 ? HD_ERR : hd_bool(finite_both(z));
}
DEF(cmath_isnan)
{
    cplx z;
    return as_complex(args[0], &z) < 0 ? HD_ERR : hd_bool(isnan(creal(z)) || isnan(cimag(z)));
}
DEF(cmath_isinf)
{
    cplx z;
    return as_complex(args[0], &z) < 0 ? HD_ERR : hd_bool(isinf(creal(z)) || isinf(cimag(z)));
}
DEF(cmath_isclose)
{
    hd_value a[4];
    cplx x, y;
    double rel = 1e-9, abs_tol = 0;
    if (hd_args("isclose", "a,b,*,|rel_tol,abs_tol", args, nargs, kwnames, a) < 0 || as_complex(a[0], &x) < 0 || as_complex(a[1], &y) < 0 ||
        (a[2] != HD_ABSENT && hd_as_double(a[2], &rel) < 0) || (a[3] != HD_ABSENT && hd_as_double(a[3], &abs_tol) < 0)) return HD_ERR;
    if (rel < 0 || abs_tol < 0) return hd_raise(&hd_exc_ValueError, "tolerances must be non-negative");
    if (creal(x) == creal(y) && cimag(x) == cimag(y)) return HD_TRUE;
    if (isinf(creal(x)) || isinf(cimag(x)) || isinf(creal(y)) || isinf(cimag(y))) return HD_FALSE;
    double diff = cabs(x - y);
    return hd_bool(diff <= rel * cabs(y) || diff <= rel * cabs(x) || diff <= abs_tol);
}
static const struct hd_methoddef functions[] = {
#define F(name, function, errors) { #name, cmath_##name, 1, 1, 0, #name "($module, z, /)\n--\n\n" },
    FUNCTIONS
#undef F
    { "log", cmath_log, 1, 2, 0, "log(z[, base]) -> the logarithm of z to the given base.\n\nIf the base is not specified, returns the natural logarithm (base e) of z." },
    { "phase", cmath_phase, 1, 1, 0, "phase($module, z, /)\n--\n\nReturn argument, also known as the phase angle, of a complex." },
    { "polar", cmath_polar, 1, 1, 0, "polar($module, z, /)\n--\n\nConvert a complex from rectangular coordinates to polar coordinates." },
    { "rect", cmath_rect, 2, 2, 0, "rect($module, r, phi, /)\n--\n\nConvert from polar coordinates to rectangular coordinates." },
    { "isfinite", cmath_isfinite, 1, 1, 0, "isfinite($module, z, /)\n--\n\n" }, { "isnan", cmath_isnan, 1, 1, 0, "isnan($module, z, /)\n--\n\n" },
    { "isinf", cmath_isinf, 1, 1, 0, "isinf($module, z, /)\n--\n\n" },
    { "isclose", cmath_isclose, 0, -1, HD_METH_KW, "isclose($module, /, a, b, *, rel_tol=1e-09, abs_tol=0.0)\n--\n\nDetermine whether two complex numbers are close in value." }, { 0 }
};
static int fill(hd_value m)
{
    return hd_module_add(m, "pi", hd_float(M_PI)) < 0 || hd_module_add(m, "e", hd_float(M_E)) < 0 || hd_module_add(m, "tau", hd_float(2 * M_PI)) < 0 ||
           hd_module_add(m, "inf", hd_float(INFINITY)) < 0 || hd_module_add(m, "nan", hd_float(NAN)) < 0 ||
           hd_module_add(m, "infj", hd_complex_new(0, INFINITY)) < 0 || hd_module_add(m, "nanj", hd_complex_new(0, NAN)) < 0 ? -1 : 0;
}
const struct hd_moduledef hd_module_cmath = { "cmath", "This module provides access to mathematical functions for complex\nnumbers.", functions, fill };
