/* Complex numbers: two doubles, always boxed. */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include "interp/core/names.h"
#include "interp/types/number.h"

hd_value hd_complex_new(double re, double im)
{
    struct hd_complex *c = hd_new_object(&hd_complex_type, sizeof *c);
    if (!c) return HD_ERR;
    c->re = re, c->im = im;
    return hd_obj(c);
}
static bool is_complex(hd_value v) { return hd_is_shape(v, HD_SHAPE_COMPLEX) || hd_has_flag(v, HD_TF_COMPLEX); }
static int to_complex(hd_value v, double *re, double *im)
{
    if (is_complex(v)) { *re = ((struct hd_complex *)hd_ptr(v))->re, *im = ((struct hd_complex *)hd_ptr(v))->im; return 1; }
    *im = 0.0;
    return hd_number_coerce(v, re);
}
#define COMPLEX2(a, b)                                                                                                    \
    double ar, ai, br, bi;                                                                                                \
    int ca = to_complex(a, &ar, &ai), cb = ca == 1 ? to_complex(b, &br, &bi) : 0;                                         \
    if (ca < 0 || cb < 0) return HD_ERR;                                                                                  \
    if (!ca || !cb) return HD_NOTIMPLEMENTED;
static hd_value complex_add(hd_value a, hd_value b) { COMPLEX2(a, b) return hd_complex_new(ar + br, ai + bi); }
static hd_value complex_sub(hd_value a, hd_value b) { COMPLEX2(a, b) return hd_complex_new(ar - br, ai - bi); }
static hd_value complex_mul(hd_value a, hd_value b) { COMPLEX2(a, b) return hd_complex_new(ar * br - ai * bi, ar * bi + ai * br); }
/* Smith's method: scale by the larger part of the divisor. */
static hd_value complex_div(hd_value a, hd_value b)
{
    COMPLEX2(a, b)
    if (br == 0 && bi == 0) return hd_raise(&hd_exc_ZeroDivisionError, "complex division by zero");
    if (fabs(br) >= fabs(bi)) {
        double r = bi / br, d = br + bi * r;
        return hd_complex_new((ar + ai * r) / d, (ai - ar * r) / d);
    }
    if (fabs(bi) >= fabs(br)) {
        double r = br / bi, d = br * r + bi;
        return hd_complex_new((ar * r + ai) / d, (ai * r - ar) / d);
    }
    return hd_complex_new(NAN, NAN);
}
hd_value hd_complex_pow_values(double ar, double ai, double br, double bi)
{
    if (br == 0 && bi == 0) return hd_complex_new(1.0, 0.0);
    if (ar == 0 && ai == 0) {
        if (bi != 0 || br < 0) return hd_raise(&hd_exc_ZeroDivisionError, "0.0 to a negative or complex power");
        return hd_complex_new(0.0, 0.0);
    }
    double re, im;
    if (bi == 0 && br == floor(br) && fabs(br) <= 100) {    /* small whole exponents by multiplication */
        double xr = ar, xi = ai;
        re = 1, im = 0;
        for (int n = abs((int)br); n; n >>= 1) {
            if (n & 1) { double t = re * xr - im * xi; im = re * xi + im * xr, re = t; }
            double t = xr * xr - xi * xi;
            xi = 2 * xr * xi, xr = t;
        }
        if (br < 0) {
            hd_value one = hd_complex_new(1, 0), d = hd_complex_new(re, im);
            return one == HD_ERR || d == HD_ERR ? HD_ERR : complex_div(one, d);
        }
    } else {
        double m = hypot(ar, ai), at = atan2(ai, ar), len = pow(m, br), phase = at * br;
        if (bi != 0) len *= exp(-at * bi), phase += bi * log(m);
        re = len * cos(phase), im = len * sin(phase);
    }
    if (isinf(re) || isinf(im)) return hd_raise(&hd_exc_OverflowError, "complex exponentiation");
    return hd_complex_new(re, im);
}
static hd_value complex_power(hd_value a, hd_value b, hd_value m)
{
    if (m != HD_NONE) return hd_raise(&hd_exc_ValueError, "complex modulo");
    COMPLEX2(a, b)
    return hd_complex_pow_values(ar, ai, br, bi);
}
static hd_value complex_compare(hd_value a, hd_value b, enum hd_cmpop op)
{
    if (op != HD_EQ && op != HD_NE) return HD_NOTIMPLEMENTED;
    double ar = ((struct hd_complex *)hd_ptr(a))->re, ai = ((struct hd_complex *)hd_ptr(a))->im;
    bool eq;
    if (hd_is_int(b)) eq = ai == 0 && !isnan(ar) && hd_float_int_cmp(ar, b) == 0;
    else if (hd_is_float(b)) eq = ai == 0 && ar == hd_float_value(b);
    else if (is_complex(b)) eq = ar == ((struct hd_complex *)hd_ptr(b))->re && ai == ((struct hd_complex *)hd_ptr(b))->im;
    else return HD_NOTIMPLEMENTED;
    return hd_bool(eq == (op == HD_EQ));
}
static int64_t complex_hash(hd_value v)
{
    struct hd_complex *c = hd_ptr(v);
    uint64_t h = hd_hash_double(c->re) + 1000003u * hd_hash_double(c->im);
    return (int64_t)h == -1 ? -2 : (int64_t)h;
}
static hd_value complex_repr(hd_value v)
{
    struct hd_complex *c = hd_ptr(v);
    char t[140], *o = t;
    bool real = c->re != 0 || signbit(c->re);
    if (real) *o++ = '(', o += hd_float_write_repr(c->re, o, false);
    char im[64];
    im[hd_float_write_repr(c->im, im, false)] = 0;
    if (real && im[0] != '-') *o++ = '+';
    o += sprintf(o, "%sj%s", im, real ? ")" : "");
    return hd_str_latin1(t, (size_t)(o - t));
}
static int complex_bool(hd_value v) { struct hd_complex *c = hd_ptr(v); return c->re != 0 || c->im != 0; }
static hd_value complex_neg(hd_value v) { struct hd_complex *c = hd_ptr(v); return hd_complex_new(-c->re, -c->im); }
static hd_value complex_exact(hd_value v) { struct hd_complex *c = hd_ptr(v); return hd_is_shape(v, HD_SHAPE_COMPLEX) ? v : hd_complex_new(c->re, c->im); }
static hd_value complex_abs(hd_value v)
{
    struct hd_complex *c = hd_ptr(v);
    double d = hypot(c->re, c->im);
    if (isinf(d) && isfinite(c->re) && isfinite(c->im)) return hd_raise(&hd_exc_OverflowError, "absolute value too large");
    return hd_float(d);
}

/* "1+2j", "(3j)", " -4 ": 0, -1 no complex number */
static int complex_parse(const char *s, size_t n, double *re, double *im)
{
    while (n && isspace((unsigned char)*s)) s++, n--;
    while (n && isspace((unsigned char)s[n - 1])) n--;
    if (n >= 2 && *s == '(' && s[n - 1] == ')') {
        s++, n -= 2;
        while (n && isspace((unsigned char)*s)) s++, n--;
        while (n && isspace((unsigned char)s[n - 1])) n--;
    }
    *re = *im = 0.0;
    if (n == 0) return -1;
    if ((s[n - 1] | 32) != 'j') return isspace((unsigned char)*s) ? -1 : hd_float_parse(s, n, re);
    n--;
    size_t split = 0;
    for (size_t i = n; i-- > 1;)
        if ((s[i] == '+' || s[i] == '-') && (s[i - 1] | 32) != 'e') { split = i; break; }
    for (size_t i = 0; i < n; i++) if (isspace((unsigned char)s[i])) return -1;
    if (split && hd_float_parse(s, split, re) < 0) return -1;
    s += split, n -= split;
    if (n == 0) *im = 1.0;
    else if (n == 1 && (*s == '+' || *s == '-')) *im = *s == '-' ? -1.0 : 1.0;
    else return hd_float_parse(s, n, im);
    return 0;
}

/* The parts of complex(x) or of one argument: 1 and *is_complex, -1 */
static int part(hd_value v, double *re, double *im, const char *which)
{
    *im = 0.0;
    bool first = which[0] == 'f';                           /* only the first argument is asked for its __complex__ */
    if (hd_is_shape(v, HD_SHAPE_COMPLEX) || (!first && is_complex(v))) return to_complex(v, re, im);
    struct hd_type *t = hd_type_of(v);
    hd_value r = first ? hd_call_special(v, hd_s___complex__, NULL, 0) : HD_ABSENT;
    if (r == HD_ERR) return -1;
    if (r != HD_ABSENT) {
        if (!is_complex(r)) { hd_raise(&hd_exc_TypeError, "__complex__ returned non-complex (type %T)", r); return -1; }
        if (!hd_is_shape(r, HD_SHAPE_COMPLEX) && hd_warn(&hd_exc_DeprecationWarning, 1, "__complex__ returned non-complex (type %T).  The ability to "
            "return an instance of a strict subclass of complex is deprecated, and may not be supported in a future version of Python.", r) < 0) return -1;
        return to_complex(r, re, im);
    }
    if (!hd_is_float(v) && !hd_is_int(v) && !t->op.tofloat && !t->op.index) {
        hd_raise(&hd_exc_TypeError, "complex() %s argument must be a %snumber, not '%T'", which, first ? "string or a " : "", v);
        return -1;
    }
    return hd_as_double(v, re) < 0 ? -1 : 1;
}
static hd_value complex_make(hd_value type, const hd_value *args, size_t nargs, hd_value kwnames)
{
    hd_value a[2];
    if (hd_args("complex", "|real,imag", args, nargs, kwnames, a) < 0) return HD_ERR;
    double re = 0, im = 0, re2, im2;
    if (a[0] != HD_ABSENT && hd_is_str(a[0])) {
        if (a[1] != HD_ABSENT) return hd_raise(&hd_exc_TypeError, "complex() can't take second arg if first is a string");
        size_t n;
        const char *s = hd_number_text(a[0], &n);
        if (!s) return HD_ERR;
        if (memchr(s, 0, n) || complex_parse(s, n, &re, &im) < 0) return hd_raise(&hd_exc_ValueError, "complex() arg is a malformed string");
    } else {
        if (a[1] != HD_ABSENT && hd_is_str(a[1])) return hd_raise(&hd_exc_TypeError, "complex() second arg can't be a string");
        if (a[0] != HD_ABSENT) {
            if (a[1] == HD_ABSENT && type == hd_obj(&hd_complex_type) && hd_is_shape(a[0], HD_SHAPE_COMPLEX)) return a[0];
            if (part(a[0], &re, &im, "first") < 0) return HD_ERR;
        }
        if (a[1] != HD_ABSENT) {
            if (part(a[1], &re2, &im2, "second") < 0) return HD_ERR;
            re -= im2, im = a[0] != HD_ABSENT && hd_has_flag(a[0], HD_TF_COMPLEX) ? im + re2 : re2;     /* -0.0 stays */
        }
    }
    if (type == hd_obj(&hd_complex_type)) return hd_complex_new(re, im);
    struct hd_complex *c = hd_new_immutable_sub(HD_TYPE(type), sizeof *c);
    if (!c) return HD_ERR;
    c->re = re, c->im = im;
    return hd_obj(c);
}
static hd_value complex_conjugate(hd_value self, const hd_value *args, size_t n, hd_value kw)
{
    struct hd_complex *c = hd_ptr(self);
    return hd_complex_new(c->re, -c->im);
}
static hd_value complex_complex(hd_value self, const hd_value *args, size_t n, hd_value kw) { return complex_exact(self); }
static hd_value complex_newargs(hd_value self, const hd_value *args, size_t n, hd_value kw)
{
    struct hd_complex *c = hd_ptr(self);
    hd_value re = hd_float(c->re), im = hd_float(c->im);
    return re == HD_ERR || im == HD_ERR ? HD_ERR : hd_tuplev(re, im);
}
static hd_value complex_dunder_format(hd_value self, const hd_value *args, size_t n, hd_value kw)
{
    if (!hd_is_str(args[0])) return hd_raise(&hd_exc_TypeError, "__format__() argument must be str, not %A", args[0]);
    return hd_complex_format(self, args[0]);
}
static hd_value complex_get_real(hd_value self, void *c) { return hd_float(((struct hd_complex *)hd_ptr(self))->re); }
static hd_value complex_get_imag(hd_value self, void *c) { return hd_float(((struct hd_complex *)hd_ptr(self))->im); }
static const struct hd_methoddef complex_methods[] = {
    { "conjugate", complex_conjugate, 0, 0, 0, "conjugate($self, /)\n--\n\nThe number with the sign of the imaginary part changed." },
    { "__complex__", complex_complex, 0, 0, 0, "__complex__($self, /)\n--\n\nThe number as an exact complex." },
    { "__getnewargs__", complex_newargs, 0, 0, 0, "__getnewargs__($self, /)\n--\n\n" },
    { "__format__", complex_dunder_format, 1, 1, 0, "__format__($self, format_spec, /)\n--\n\n" },
    { 0 }
};
static const struct hd_getsetdef complex_getsets[] = {
    { "real", complex_get_real, NULL, "the real part of a complex number", NULL },
    { "imag", complex_get_imag, NULL, "the imaginary part of a complex number", NULL },
    { 0 }
};
struct hd_type hd_complex_type = {
    .cname = "complex", .basicsize = sizeof(struct hd_complex),
    .flags = HD_TF_BASETYPE | HD_TF_IMMUTABLE_LAYOUT | HD_TF_COMPLEX,
    .doc = "complex(real=0, imag=0): a complex number.",
    .methods = complex_methods, .getsets = complex_getsets,
    .op = {
        .repr = complex_repr, .hash = complex_hash, .boolean = complex_bool, .richcompare = complex_compare, .make = complex_make,
        .neg = complex_neg, .pos = complex_exact, .absolute = complex_abs, .power = complex_power,
        .binary = { [HD_ADD] = complex_add, [HD_SUB] = complex_sub, [HD_MUL] = complex_mul, [HD_DIV] = complex_div },
    },
};
