/* Floats: flonums (immediate) and boxed doubles.
 *
 * Owns: struct hd_float, conversion between doubles and text; the digits are float_digits.c's business. */
#include <ctype.h>
#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include "interp/core/names.h"
#include "interp/types/number.h"

static struct hd_float zero_object = { { HD_SHAPE_FLOAT, 0 }, 0.0 };

hd_value hd_float_box(double d)
{
    if (d == 0.0 && !signbit(d)) return hd_obj(&zero_object);
    struct hd_float *f = hd_new_object(&hd_float_type, sizeof *f);
    if (!f) return HD_ERR;
    f->value = d;
    return hd_obj(f);
}
double hd_float_value(hd_value v) { return hd_is_flo(v) ? hd_unflo(v) : ((struct hd_float *)hd_ptr(v))->value; }

/* ---- text ---------------------------------------------------------------------------------------------------------------- */
static locale_t c_locale(void)
{
    static locale_t l;
    if (!l) l = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    return l;
}

/* [sign]digits[.digits][e[sign]digits] with at most 19 significant digits, if it is easily rounded. */
static bool plain_decimal(const char *s, size_t n, double *out)
{
    const char *end = s + n;
    bool negative = *s == '-';
    if (*s == '-' || *s == '+') s++;
    uint64_t w = 0;
    int seen = 0, significant = 0, q = 0;
    for (; s < end && (unsigned)(*s - '0') < 10; s++, seen++) {
        w = w * 10 + (unsigned)(*s - '0');
        significant += significant || w;       /* beyond 19 digits w wraps, perhaps to 0 */
    }
    if (s < end && *s == '.') {
        const char *point = ++s;
        for (; s < end && (unsigned)(*s - '0') < 10; s++, seen++) {
            w = w * 10 + (unsigned)(*s - '0');
            significant += significant || w;
        }
        if (s - point > 400) return false;
        q = -(int)(s - point);
    }
    if (!seen || significant > 19) return false;
    if (s < end && (*s == 'e' || *s == 'E')) {
        bool down = ++s < end && *s == '-';
        if (s < end && (*s == '-' || *s == '+')) s++;
        int e = 0, digits = 0;
        for (; s < end && (unsigned)(*s - '0') < 10 && digits < 6; s++, digits++) e = e * 10 + (*s - '0');
        if (!digits) return false;
        q += down ? -e : e;
    }
    if (s != end || !hd_float_from_decimal(w, q, out)) return false;
    if (negative) *out = -*out;
    return true;
}

int hd_float_parse(const char *s, size_t n, double *out)
{
    while (n && isspace((unsigned char)*s)) s++, n--;
    while (n && isspace((unsigned char)s[n - 1])) n--;
    if (n == 0) return -1;
    if (plain_decimal(s, n, out)) return 0;
    char small[128], *t = n < sizeof small ? small : hd_scratch(n + 1);
    if (!t) return -1;
    size_t k = 0;
    bool digit = false;
    for (size_t i = 0; i < n; i++) {
        char c = s[i];
        if (c == '_') {                                     /* only between digits */
            if (!digit || i + 1 >= n || s[i + 1] < '0' || s[i + 1] > '9') return -1;
            continue;
        }
        digit = c >= '0' && c <= '9';
        t[k++] = c;
    }
    t[k] = 0;
    const char *p = t + (t[0] == '+' || t[0] == '-');
    if (!((*p >= '0' && *p <= '9') || *p == '.')) {
        if (strcasecmp(p, "inf") == 0 || strcasecmp(p, "infinity") == 0) *out = HUGE_VAL;
        else if (strcasecmp(p, "nan") == 0) *out = NAN;
        else return -1;
        if (t[0] == '-') *out = -*out;
        return 0;
    }
    for (const char *q = p; *q; q++)                        /* no hexadecimal here */
        if (!((*q >= '0' && *q <= '9') || *q == '.' || *q == 'e' || *q == 'E' || *q == '+' || *q == '-')) return -1;
    char *end;
    *out = strtod_l(t, &end, c_locale());
    return *end ? -1 : 0;
}

int hd_float_write_fixed(double d, int precision, char *out)
{
    static const uint64_t powers[] = { 1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000, 10000000000,
                                       100000000000, 1000000000000, 10000000000000, 100000000000000, 1000000000000000, 10000000000000000 };
    if (precision < 0 || precision > 16) return 0;
    uint64_t bits;
    memcpy(&bits, &d, 8);
    int e = (int)(bits >> 52 & 0x7ff);
    uint64_t m = bits & (((uint64_t)1 << 52) - 1);
    if (e == 0x7ff) return 0;
    if (e) m |= (uint64_t)1 << 52;
    else e = 1;
    e -= 1075;                                              /* |d| = m * 2^e */
    unsigned __int128 n = (unsigned __int128)m * powers[precision], q;
    if (e > 0) {
        if (e > 10) return 0;
        q = n << e;
    } else if (e > -128) {
        q = e ? n >> -e : n;
        unsigned __int128 rest = n - (e ? q << -e : q), half = e ? (unsigned __int128)1 << (-e - 1) : 1;
        if (rest > half || (rest == half && e && (q & 1))) q++;
    } else q = 0;                                           /* n < 2^107: less than half of the last place */
    if (q >> 64) return 0;
    char t[24], *end = t + sizeof t, *p = hd_write_decimal((uint64_t)q, end), *o = out;
    while (end - p <= precision) *--p = '0';
    if (bits >> 63) *o++ = '-';
    size_t whole = (size_t)(end - p) - (size_t)precision;
    memcpy(o, p, whole), o += whole;
    if (precision) {
        *o++ = '.';
        memcpy(o, p + whole, (size_t)precision), o += precision;
    }
    *o = 0;
    return (int)(o - out);
}

/* repr(d) into out (at least 32 bytes); for complex, without ".0" */
int hd_float_write_repr(double d, char *out, bool add_point)
{
    if (isnan(d)) return sprintf(out, "nan");
    if (isinf(d)) return sprintf(out, d < 0 ? "-inf" : "inf");
    char *o = out;
    if (signbit(d)) *o++ = '-';
    if (d == 0) { o += sprintf(o, add_point ? "0.0" : "0"); return (int)(o - out); }
    char digits[32];
    int n, e = hd_float_shortest(d, digits, &n);
    if (e < -4 || e >= 16) {
        *o++ = digits[0];
        if (n > 1) { *o++ = '.'; memcpy(o, digits + 1, (size_t)(n - 1)); o += n - 1; }
        int x = abs(e);
        *o++ = 'e', *o++ = e < 0 ? '-' : '+';
        if (x >= 100) *o++ = (char)('0' + x / 100);
        *o++ = (char)('0' + x / 10 % 10), *o++ = (char)('0' + x % 10);
    } else if (e < 0) {
        *o++ = '0', *o++ = '.';
        for (int i = -1; i > e; i--) *o++ = '0';
        memcpy(o, digits, (size_t)n), o += n;
    } else {
        for (int i = 0; i <= e || i < n; i++) {
            if (i == e + 1) *o++ = '.';
            *o++ = i < n ? digits[i] : '0';
        }
        if (n <= e + 1 && add_point) *o++ = '.', *o++ = '0';
    }
    return (int)(o - out);
}
hd_value hd_float_repr(double d)
{
    char t[64];
    int n = hd_float_write_repr(d, t, true);
    return hd_str_latin1(t, (size_t)n);
}

/* ---- arithmetic -------------------------------------------------------------------------------------------------------------- */
double hd_float_mod(double a, double b)
{
    double m = fmod(a, b);
    if (m) { if ((b < 0) != (m < 0)) m += b; }
    else m = copysign(0.0, b);
    return m;
}
double hd_float_floordiv(double a, double b)
{
    double m = fmod(a, b), d = (a - m) / b;
    if (m && (b < 0) != (m < 0)) d -= 1.0;
    if (d) {
        double f = floor(d);
        return d - f > 0.5 ? f + 1.0 : f;
    }
    return copysign(0.0, a / b);
}
hd_value hd_float_pow(double a, double b)
{
    if (b == 0 || a == 1.0) return hd_float(1.0);
    if (isnan(a) || isnan(b)) return hd_float(isnan(a) ? a : b);
    if (isinf(b)) {
        double m = fabs(a);
        if (m == 1.0) return hd_float(1.0);
        return hd_float((b > 0) == (m > 1.0) ? fabs(b) : 0.0);
    }
    if (isinf(a) || a == 0) {
        bool odd = fmod(fabs(b), 2.0) == 1.0;
        if (a == 0 && b < 0) return hd_raise(&hd_exc_ZeroDivisionError, "0.0 cannot be raised to a negative power");
        if ((b > 0) == (isinf(a) != 0)) return hd_float(odd ? copysign(HUGE_VAL, a) : HUGE_VAL);
        return hd_float(odd ? copysign(0.0, a) : 0.0);
    }
    bool negate = false;
    if (a < 0) {
        if (b != floor(b)) {                                /* a complex result */
            return hd_complex_pow_values(a, 0.0, b, 0.0);
        }
        a = -a;
        negate = fmod(fabs(b), 2.0) == 1.0;
        if (a == 1.0) return hd_float(negate ? -1.0 : 1.0);
    }
    double r = pow(a, b);
    if (isinf(r)) {
        hd_value args = hd_tuplev(hd_fix(34), hd_str_utf8("Numerical result out of range"));
        return args == HD_ERR ? HD_ERR : hd_raise_object(hd_exc_new(&hd_exc_OverflowError, HD_TUPLE(args)->item, 2));
    }
    return hd_float(negate ? -r : r);
}

int hd_float_int_cmp(double d, hd_value i)
{
    if (isinf(d)) return d > 0 ? 1 : -1;
    if (hd_is_fix(i)) {
        int64_t n = hd_unfix(i);
        if (n >= -((int64_t)1 << 53) && n <= (int64_t)1 << 53) return d < (double)n ? -1 : d > (double)n;
    }
    int sd = d < 0 ? -1 : d > 0, si = hd_int_sign(i);
    if (sd != si) return sd < si ? -1 : 1;
    if (sd == 0) return 0;
    int e;
    frexp(d, &e);
    int64_t bits = hd_int_bit_length(i);
    if (e != bits) return (e < bits ? -1 : 1) * sd;
    double whole = trunc(d);
    int c = hd_int_cmp(hd_int_from_double(whole), i);
    return c ? c : d < whole ? -1 : d > whole;
}

/* A double from a float or int; 1, 0 not a number of these kinds, -1 overflow (exception set) */
int hd_number_coerce(hd_value v, double *d)
{
    if (hd_is_flo(v)) { *d = hd_unflo(v); return 1; }
    if (hd_is_fix(v)) { *d = (double)hd_unfix(v); return 1; }
    if (hd_is_float(v)) { *d = ((struct hd_float *)hd_ptr(v))->value; return 1; }
    if (!hd_is_int(v)) return 0;
    *d = hd_int_to_double(v);
    return *d == -1.0 && hd_exc_pending() ? -1 : 1;
}
#define COERCE(a, b)                                                                                                      \
    double x, y;                                                                                                          \
    int ca = hd_number_coerce(a, &x), cb = ca == 1 ? hd_number_coerce(b, &y) : 0;                                                             \
    if (ca < 0 || cb < 0) return HD_ERR;                                                                                  \
    if (!ca || !cb) return HD_NOTIMPLEMENTED;
static hd_value float_add(hd_value a, hd_value b) { COERCE(a, b) return hd_float(x + y); }
static hd_value float_sub(hd_value a, hd_value b) { COERCE(a, b) return hd_float(x - y); }
static hd_value float_mul(hd_value a, hd_value b) { COERCE(a, b) return hd_float(x * y); }
static hd_value float_div(hd_value a, hd_value b)
{
    COERCE(a, b)
    return y == 0 ? hd_raise(&hd_exc_ZeroDivisionError, "float division by zero") : hd_float(x / y);
}
static hd_value float_floordiv(hd_value a, hd_value b)
{
    COERCE(a, b)
    return y == 0 ? hd_raise(&hd_exc_ZeroDivisionError, "float floor division by zero") : hd_float(hd_float_floordiv(x, y));
}
static hd_value float_mod(hd_value a, hd_value b)
{
    COERCE(a, b)
    return y == 0 ? hd_raise(&hd_exc_ZeroDivisionError, "float modulo") : hd_float(hd_float_mod(x, y));
}
static hd_value float_divmod(hd_value a, hd_value b)
{
    COERCE(a, b)
    if (y == 0) return hd_raise(&hd_exc_ZeroDivisionError, "float divmod()");
    hd_value q = hd_float(hd_float_floordiv(x, y)), r = hd_float(hd_float_mod(x, y));
    return q == HD_ERR || r == HD_ERR ? HD_ERR : hd_tuplev(q, r);
}
static hd_value float_power(hd_value a, hd_value b, hd_value m)
{
    if (m != HD_NONE) return hd_raise(&hd_exc_TypeError, "pow() 3rd argument not allowed unless all arguments are integers");
    COERCE(a, b)
    return hd_float_pow(x, y);
}

static bool holds(enum hd_cmpop op, int c)
{
    return op == HD_LT ? c < 0 : op == HD_LE ? c <= 0 : op == HD_EQ ? c == 0 : op == HD_NE ? c != 0 : op == HD_GT ? c > 0 : c >= 0;
}
static hd_value float_compare(hd_value a, hd_value b, enum hd_cmpop op)
{
    double x = hd_float_value(a);
    if (hd_is_float(b)) {
        double y = hd_float_value(b);
        bool r = op == HD_LT ? x < y : op == HD_LE ? x <= y : op == HD_EQ ? x == y : op == HD_NE ? x != y : op == HD_GT ? x > y : x >= y;
        return hd_bool(r);
    }
    if (!hd_is_int(b)) return HD_NOTIMPLEMENTED;
    if (isnan(x)) return hd_bool(op == HD_NE);
    return hd_bool(holds(op, hd_float_int_cmp(x, b)));
}

uint64_t hd_hash_double(double d)
{
    if (!isfinite(d)) return isinf(d) ? (d > 0 ? 314159u : (uint64_t)-314159) : 0;
    const int bits = 61;
    const uint64_t p = ((uint64_t)1 << bits) - 1;
    int e;
    double m = frexp(fabs(d), &e);
    uint64_t h = 0;
    while (m) {                                             /* 28 bits at a time, modulo 2^61 - 1 */
        h = ((h << 28) & p) | h >> (bits - 28);
        m *= 268435456.0;
        e -= 28;
        uint64_t part = (uint64_t)m;
        m -= (double)part;
        h += part;
        if (h >= p) h -= p;
    }
    e = e >= 0 ? e % bits : bits - 1 - (-1 - e) % bits;
    h = ((h << e) & p) | h >> (bits - e);
    int64_t r = d < 0 ? -(int64_t)h : (int64_t)h;
    return (uint64_t)(r == -1 ? -2 : r);
}
static int64_t float_hash(hd_value v)
{
    double d = hd_float_value(v);
    if (!isnan(d)) return (int64_t)hd_hash_double(d);
    int64_t h = (int64_t)hd_hash_pointer(hd_ptr(v));
    return h == -1 ? -2 : h;
}

/* The mixed path of the evaluator: any two numbers of built-in kinds. */
hd_value hd_number_binary(enum hd_binop op, hd_value a, hd_value b, bool *done)
{
    bool ia = hd_is_int_exact(a), ib = hd_is_int_exact(b);
    *done = true;
    if (ia && ib) switch (op) {
        case HD_ADD: return hd_int_add(a, b);
        case HD_SUB: return hd_int_sub(a, b);
        case HD_MUL: return hd_int_mul(a, b);
        case HD_DIV: return hd_int_truediv(a, b);
        case HD_FLOORDIV: return hd_int_floordiv(a, b);
        case HD_MOD: return hd_int_mod(a, b);
        case HD_LSHIFT: return hd_int_lshift(a, b);
        case HD_RSHIFT: return hd_int_rshift(a, b);
        case HD_AND: case HD_OR: case HD_XOR: return hd_int_bitop(op, a, b);
        default: break;
    }
    else if ((ia || hd_is_float_exact(a)) && (ib || hd_is_float_exact(b))) switch (op) {
        case HD_ADD: return float_add(a, b);
        case HD_SUB: return float_sub(a, b);
        case HD_MUL: return float_mul(a, b);
        case HD_DIV: return float_div(a, b);
        case HD_FLOORDIV: return float_floordiv(a, b);
        case HD_MOD: return float_mod(a, b);
        default: break;
    }
    *done = false;
    return HD_ERR;
}

/* ---- the type ------------------------------------------------------------------------------------------------------------------ */
static hd_value float_repr(hd_value v) { return hd_float_repr(hd_float_value(v)); }
static int float_bool(hd_value v) { return hd_float_value(v) != 0.0; }
static hd_value float_neg(hd_value v) { return hd_float(-hd_float_value(v)); }
static hd_value exact(hd_value v) { return hd_is_float_exact(v) ? v : hd_float(hd_float_value(v)); }
static hd_value float_abs(hd_value v) { return hd_float(fabs(hd_float_value(v))); }
static hd_value float_int(hd_value v) { return hd_int_from_double(hd_float_value(v)); }

/* float(x): __float__, __index__, text */
const char *hd_number_text(hd_value v, size_t *n)
{
    const struct hd_str *s = HD_STR(v);
    *n = (size_t)s->len;
    if (s->head.aux & HD_STR_ASCII) return s->data;
    char *buffer = hd_scratch(*n + 1);
    for (size_t i = 0; buffer && i < *n; i++) {
        uint32_t c = hd_str_at(v, (int64_t)i);
        int d = c < 128 ? -1 : hd_unicode_decimal(c);
        buffer[i] = c < 128 ? (char)c : d >= 0 ? (char)('0' + d) : hd_unicode_is_space(c) ? ' ' : '?';
    }
    return buffer;
}

hd_value hd_number_float(hd_value x)
{
    if (hd_is_float_exact(x)) return x;
    if (hd_is_fix(x)) return hd_float((double)hd_unfix(x));
    struct hd_type *t = hd_type_of(x);
    if (t->op.tofloat) {
        hd_value v = t->op.tofloat(x);
        if (v == HD_ERR || hd_is_float_exact(v)) return v;
        if (!hd_is_float(v)) return hd_raise(&hd_exc_TypeError, "%T.__float__ returned non-float (type %T)", x, v);
        if (hd_warn(&hd_exc_DeprecationWarning, 1, "%T.__float__ returned non-float (type %T).  The ability to return an instance of a strict "
                    "subclass of float is deprecated, and may not be supported in a future version of Python.", x, v) < 0) return HD_ERR;
        return exact(v);
    }
    if (hd_is_float(x)) return exact(x);
    if (t->op.index) {
        hd_value i = hd_number_index(x);
        if (i == HD_ERR) return HD_ERR;
        double d = hd_int_to_double(i);
        return d == -1.0 && hd_exc_pending() ? HD_ERR : hd_float(d);
    }
    const char *p;
    size_t n;
    char *buffer = NULL;
    if (hd_is_str(x)) {
        if (!(p = hd_number_text(x, &n))) return HD_ERR;
    } else {
        struct hd_buffer b;
        if (!(hd_is_ptr(x) && t->op.getbuffer)) return hd_raise(&hd_exc_TypeError, "float() argument must be a string or a real number, not '%T'", x);
        if (hd_buffer_get(x, &b, false) < 0) return HD_ERR;
        buffer = hd_scratch((size_t)b.len + 1);
        if (buffer) memcpy(buffer, b.data, (size_t)b.len), buffer[b.len] = 0;
        n = (size_t)b.len;
        hd_buffer_release(&b);
        if (!buffer) return HD_ERR;
        p = buffer;
    }
    double d;
    if (memchr(p, 0, n) || hd_float_parse(p, n, &d) < 0) return hd_raise(&hd_exc_ValueError, "could not convert string to float: %R", x);
    return hd_float(d);
}

static hd_value float_sub_instance(hd_value type, hd_value v)
{
    if (v == HD_ERR || type == hd_obj(&hd_float_type)) return v;
    struct hd_float *f = hd_new_immutable_sub(HD_TYPE(type), sizeof *f);
    if (!f) return HD_ERR;
    f->value = hd_float_value(v);
    return hd_obj(f);
}
static hd_value float_make(hd_value type, const hd_value *args, size_t nargs, hd_value kwnames)
{
    if ((type == hd_obj(&hd_float_type) || HD_TYPE(type)->op.init == hd_float_type.op.init) && hd_no_kwargs("float", kwnames) < 0) return HD_ERR;
    if (nargs > 1) return hd_raise(&hd_exc_TypeError, "float expected at most 1 argument, got %zu", nargs);
    return float_sub_instance(type, nargs ? hd_number_float(args[0]) : hd_float(0.0));
}

static hd_value float_is_integer(hd_value self, const hd_value *args, size_t n, hd_value kw)
{
    double d = hd_float_value(self);
    return hd_bool(isfinite(d) && floor(d) == d);
}
static hd_value float_conjugate(hd_value self, const hd_value *args, size_t n, hd_value kw) { return exact(self); }
static hd_value float_trunc(hd_value self, const hd_value *args, size_t n, hd_value kw) { return float_int(self); }
static hd_value float_floor(hd_value self, const hd_value *args, size_t n, hd_value kw) { return hd_int_from_double(floor(hd_float_value(self))); }
static hd_value float_ceil(hd_value self, const hd_value *args, size_t n, hd_value kw) { return hd_int_from_double(ceil(hd_float_value(self))); }
static hd_value float_round(hd_value self, const hd_value *args, size_t n, hd_value kw)
{
    double d = hd_float_value(self);
    if (n == 0 || args[0] == HD_NONE) return hd_int_from_double(isfinite(d) ? rint(d) : d);
    int64_t digits;
    if (hd_as_index(args[0], &digits) < 0) return HD_ERR;
    if (!isfinite(d) || d == 0) return exact(self);
    if (digits > 323) return exact(self);
    if (digits < -308) return hd_float(copysign(0.0, d));
    double r;
    if (digits >= 0) {                                      /* exact decimal rounding by the C library, ties to even on the true value */
        char t[800];
        snprintf(t, sizeof t, "%.*f", (int)digits, d);
        r = strtod(t, NULL);
    } else {
        /* d = q * p + rest with an exact integer q */
        hd_value p = hd_int_pow(hd_fix(10), hd_fix(-digits), HD_NONE), whole = hd_int_from_double(trunc(d)), q, m;
        if (p == HD_ERR || whole == HD_ERR || hd_int_divmod(whole, p, &q, &m) < 0) return HD_ERR;
        hd_value twice = hd_int_lshift(m, hd_fix(1));
        if (twice == HD_ERR) return HD_ERR;
        int c = hd_int_cmp(twice, p);
        double frac = d - trunc(d);
        if (c == 0 && frac != 0) c = frac > 0 ? 1 : -1;
        struct hd_int_view w;
        hd_int_view(q, &w);
        if (c > 0 || (c == 0 && w.n && (w.limb[0] & 1))) q = hd_int_add(q, hd_fix(1));
        hd_value v = q == HD_ERR ? HD_ERR : hd_int_mul(q, p);
        if (v == HD_ERR) return HD_ERR;
        r = hd_int_to_double(v);
        if (r == -1.0 && hd_exc_pending()) hd_exc_clear(), r = HUGE_VAL;
        r = r == 0 ? copysign(0.0, d) : r;
    }
    if (isinf(r)) return hd_raise(&hd_exc_OverflowError, "rounded value too large to represent");
    return hd_float(r);
}
static hd_value float_ratio(hd_value self, const hd_value *args, size_t n, hd_value kw)
{
    double d = hd_float_value(self);
    if (isinf(d)) return hd_raise(&hd_exc_OverflowError, "cannot convert Infinity to integer ratio");
    if (isnan(d)) return hd_raise(&hd_exc_ValueError, "cannot convert NaN to integer ratio");
    int e;
    double m = frexp(d, &e);
    for (int i = 0; i < 300 && m != floor(m); i++) m *= 2.0, e--;
    hd_value num = hd_int_from_double(m), den = hd_fix(1);
    if (e > 0) num = hd_int_lshift(num, hd_fix(e));
    else den = hd_int_lshift(den, hd_fix(-e));
    return num == HD_ERR || den == HD_ERR ? HD_ERR : hd_tuplev(num, den);
}
static hd_value float_hex(hd_value self, const hd_value *args, size_t n, hd_value kw)
{
    double d = hd_float_value(self);
    char t[48];
    if (!isfinite(d)) return hd_float_repr(d);
    const char *sign = signbit(d) ? "-" : "";
    if (d == 0) snprintf(t, sizeof t, "%s0x0.0p+0", sign);
    else {
        int e;
        double m = frexp(fabs(d), &e);
        int shift = 1 - (DBL_MIN_EXP - e > 0 ? DBL_MIN_EXP - e : 0);
        m = ldexp(m, shift);
        e -= shift;
        uint64_t frac = (uint64_t)ldexp(m - floor(m), 52);
        snprintf(t, sizeof t, "%s0x%d.%013llxp%+d", sign, (int)m, (unsigned long long)frac, e);
    }
    return hd_str_latin1(t, strlen(t));
}
/* "1.8p3", after the sign and "0x": 0, -1 malformed */
static int parse_hex(const char *s, const char *end, double *out)
{
    uint64_t m = 0;
    int64_t e = 0, power = 0;
    bool sticky = false, point = false;
    int digits = 0;
    for (; s < end && (isxdigit((unsigned char)*s) || (*s == '.' && !point)); s++) {
        if (*s == '.') { point = true; continue; }
        unsigned d = isdigit((unsigned char)*s) ? (unsigned)(*s - '0') : (unsigned)((*s | 32) - 'a' + 10);
        digits = 1;
        if (m >> 60) { sticky |= d != 0; e += point ? 0 : 4; }        /* full: the rest only tells which side of a tie it is */
        else { m = m << 4 | d; e -= point ? 4 : 0; }
    }
    if (!digits) return -1;
    if (s < end) {
        if ((*s++ | 32) != 'p') return -1;
        bool negative = s < end && *s == '-';
        if (s < end && (*s == '+' || *s == '-')) s++;
        if (s == end) return -1;
        for (; s < end; s++) {
            if (!isdigit((unsigned char)*s)) return -1;
            if (power < INT64_MAX / 64) power = power * 10 + (*s - '0');
        }
        if (negative) power = -power;
    }
    *out = m ? hd_double_scaled(m, e + power, sticky) : 0.0;
    return 0;
}

static hd_value float_fromhex(hd_value cls, const hd_value *args, size_t nargs, hd_value kw)
{
    if (!hd_is_str(args[0])) return hd_raise(&hd_exc_TypeError, "fromhex() argument must be str, not %A", args[0]);
    size_t n;
    const char *s = hd_str_as_utf8(args[0], &n);
    if (!s) return HD_ERR;
    while (n && isspace((unsigned char)*s)) s++, n--;
    while (n && isspace((unsigned char)s[n - 1])) n--;
    const char *end = s + n;
    bool negative = n && *s == '-';
    if (n && (*s == '+' || *s == '-')) s++;
    size_t left = (size_t)(end - s);
    double d;
    if ((left == 3 && !strncasecmp(s, "inf", 3)) || (left == 8 && !strncasecmp(s, "infinity", 8))) d = HUGE_VAL;
    else if (left == 3 && !strncasecmp(s, "nan", 3)) d = NAN;
    else {
        if (left >= 2 && s[0] == '0' && (s[1] | 32) == 'x') s += 2;
        if (parse_hex(s, end, &d) < 0) return hd_raise(&hd_exc_ValueError, "invalid hexadecimal floating-point string");
        if (isinf(d)) return hd_raise(&hd_exc_OverflowError, "hexadecimal value too large to represent as a float");
    }
    hd_value v = hd_float(negative ? -d : d);
    return v == HD_ERR || cls == hd_obj(&hd_float_type) ? v : hd_callv(cls, v);
}
static hd_value float_newargs(hd_value self, const hd_value *args, size_t n, hd_value kw) { return hd_tuplev(exact(self)); }
static hd_value float_dunder_format(hd_value self, const hd_value *args, size_t n, hd_value kw)
{
    if (!hd_is_str(args[0])) return hd_raise(&hd_exc_TypeError, "__format__() argument must be str, not %A", args[0]);
    return hd_float_format(self, args[0]);
}
static hd_value float_getformat(hd_value cls, const hd_value *args, size_t n, hd_value kw)
{
    if (!hd_is_str(args[0])) return hd_raise(&hd_exc_TypeError, "__getformat__() argument must be str, not %A", args[0]);
    if (!hd_str_is(args[0], "double") && !hd_str_is(args[0], "float"))
        return hd_raise(&hd_exc_ValueError, "__getformat__() argument 1 must be 'double' or 'float'");
    return hd_str_utf8("IEEE, little-endian");
}
static hd_value float_get_real(hd_value self, void *c) { return exact(self); }
static hd_value float_get_imag(hd_value self, void *c) { return hd_float(0.0); }

static const struct hd_methoddef float_methods[] = {
    { "conjugate", float_conjugate, 0, 0, 0, "conjugate($self, /)\n--\n\nThe number itself." },
    { "__trunc__", float_trunc, 0, 0, 0, "__trunc__($self, /)\n--\n\nThe integer next to it towards zero." },
    { "__floor__", float_floor, 0, 0, 0, "__floor__($self, /)\n--\n\nThe largest integer not above it." },
    { "__ceil__", float_ceil, 0, 0, 0, "__ceil__($self, /)\n--\n\nThe smallest integer not below it." },
    { "__round__", float_round, 0, 1, 0, "__round__($self, ndigits=None, /)\n--\n\nThe nearest integer, or a float with so many decimals." },
    { "as_integer_ratio", float_ratio, 0, 0, 0, "as_integer_ratio($self, /)\n--\n\nTwo integers whose ratio is exactly the number.\n\n   >>> (0.75).as_integer_ratio()\n   (3, 4)" },
    { "fromhex", float_fromhex, 1, 1, HD_METH_CLASS, "fromhex($type, string, /)\n--\n\nThe float that a hexadecimal string describes.\n\n   >>> float.fromhex('0x1.8p1')\n   3.0" },
    { "hex", float_hex, 0, 0, 0, "hex($self, /)\n--\n\nA hexadecimal string that describes the number exactly.\n\n   >>> (3.0).hex()\n   '0x1.8000000000000p+1'" },
    { "is_integer", float_is_integer, 0, 0, 0, "is_integer($self, /)\n--\n\nTrue if it has no fractional part." },
    { "__getnewargs__", float_newargs, 0, 0, 0, "__getnewargs__($self, /)\n--\n\n" },
    { "__format__", float_dunder_format, 1, 1, 0, "__format__($self, format_spec, /)\n--\n\n" },
    { "__getformat__", float_getformat, 1, 1, HD_METH_CLASS, "__getformat__($type, typestr, /)\n--\n\nThe representation of C's double or float." },
    { 0 }
};
static const struct hd_getsetdef float_getsets[] = {
    { "real", float_get_real, NULL, "the real part of a complex number", NULL },
    { "imag", float_get_imag, NULL, "the imaginary part of a complex number", NULL },
    { 0 }
};
struct hd_type hd_float_type = {
    .cname = "float", .basicsize = sizeof(struct hd_float),
    .flags = HD_TF_BASETYPE | HD_TF_IMMUTABLE_LAYOUT | HD_TF_FLOAT,
    .doc = "float(x=0): a number with a fraction, in double precision.",
    .methods = float_methods, .getsets = float_getsets,
    .op = {
        .repr = float_repr, .hash = float_hash, .boolean = float_bool, .richcompare = float_compare, .make = float_make,
        .neg = float_neg, .pos = exact, .absolute = float_abs, .toint = float_int, .tofloat = exact, .power = float_power,
        .binary = { [HD_ADD] = float_add, [HD_SUB] = float_sub, [HD_MUL] = float_mul, [HD_DIV] = float_div,
                    [HD_FLOORDIV] = float_floordiv, [HD_MOD] = float_mod, [HD_DIVMOD] = float_divmod },
    },
};
