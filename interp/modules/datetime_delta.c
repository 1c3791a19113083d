/* The module _datetime: timedelta.  Totals are counted in microseconds: all of them fit 128 bits, most of them 64. */
#include <math.h>
#include "interp/modules/datetime_internal.h"
#include "interp/types/number.h"

typedef __int128 wide;
enum { MILLION = 1000000 };
#define DAY_US ((int64_t)HD_DT_DAY * MILLION)

static hd_value delta_alloc(struct hd_type *t, int32_t days, int32_t seconds, int32_t microseconds)
{
    struct hd_delta *d;
    if (STM_LIKELY(t == &hd_timedelta_type)) {
        if (!(d = gc_alloc_small(sizeof *d))) return hd_no_memory();
        d->head.shape = t->root_shape;
    } else if (!(d = hd_new_immutable_sub(t, sizeof *d))) return HD_ERR;
    d->head.aux = (uint32_t)days, d->seconds = seconds, d->microseconds = microseconds;
    return hd_obj(d);
}
static hd_value delta_checked(struct hd_type *t, int64_t days, int32_t seconds, int32_t microseconds)
{
    if (STM_LIKELY(days >= -HD_DT_MAX_DELTA_DAYS && days <= HD_DT_MAX_DELTA_DAYS)) return delta_alloc(t, (int32_t)days, seconds, microseconds);
    if (days < INT32_MIN || days > INT32_MAX) return hd_raise(&hd_exc_OverflowError, "Python int too large to convert to C int");
    return hd_raise(&hd_exc_OverflowError, "days=%d; must have magnitude <= %d", (int)days, (int)HD_DT_MAX_DELTA_DAYS);
}
/* a / n and a mod n, rounded down. */
static inline int64_t floor_div(int64_t a, int64_t n, int64_t *rest)
{
    int64_t q = a / n, r = a % n;
    if (r < 0) r += n, q--;
    *rest = r;
    return q;
}
hd_value hd_delta_new(int64_t days, int64_t seconds, int64_t microseconds)
{
    int64_t us = microseconds, s = seconds;
    if (us < 0 || us >= MILLION) s += floor_div(us, MILLION, &us);
    if (s < 0 || s >= HD_DT_DAY) days += floor_div(s, HD_DT_DAY, &s);
    return delta_checked(&hd_timedelta_type, days, (int32_t)s, (int32_t)us);
}
static hd_value from_us(struct hd_type *t, wide us)
{
    int64_t days, rest;
    if (us == (int64_t)us) days = floor_div((int64_t)us, DAY_US, &rest);
    else {
        wide q = us / DAY_US, r = us % DAY_US;
        if (r < 0) r += DAY_US, q--;
        days = q > INT32_MAX ? INT64_MAX : q < INT32_MIN ? INT64_MIN : (int64_t)q, rest = (int64_t)r;
    }
    return delta_checked(t, days, (int32_t)(rest / MILLION), (int32_t)(rest % MILLION));
}

/* ---- ints of any size ------------------------------------------------------------------------------------------------------------------ */
static hd_value int_of(wide n)
{
    if (n == (int64_t)n) return hd_int((int64_t)n);
    unsigned char raw[16];
    memcpy(raw, &n, 16);
    return hd_int_from_bytes(raw, 16, true, true);
}
/* The timedelta of an int's microseconds. */
static hd_value from_int_us(struct hd_type *t, hd_value v)
{
    if (v == HD_ERR) return HD_ERR;
    wide n = 0;
    if (hd_is_fix(v)) n = hd_unfix(v);
    else if (hd_int_bit_length(v) > 126) return delta_checked(t, INT64_MAX, 0, 0);
    else {
        unsigned char raw[16];
        if (hd_int_to_bytes(v, raw, 16, true, true) < 0) return HD_ERR;
        memcpy(&n, raw, 16);
    }
    return from_us(t, n);
}
static hd_value zero_division(void) { return hd_raise(&hd_exc_ZeroDivisionError, "integer division or modulo by zero"); }
/* a / b to the nearest int, ties to even. */
static wide nearest(wide a, wide b)
{
    wide q = a / b, r = a % b;
    if (r != 0 && (r < 0) != (b < 0)) r += b, q--;           /* now r has the sign of b, and |r| < |b| */
    wide left = b - r;
    bool up = b > 0 ? r > left || (r == left && q & 1) : r < left || (r == left && q & 1);
    return q + up;
}
static hd_value nearest_int(hd_value a, hd_value b)
{
    hd_value q, r, left;
    if (!hd_is_int(a) || !hd_is_int(b)) return hd_raise(&hd_exc_TypeError, "non-integer arguments in division");
    if (hd_int_sign(b) == 0) return zero_division();
    if (hd_int_divmod(a, b, &q, &r) < 0 || (left = hd_int_sub(b, r)) == HD_ERR) return HD_ERR;
    int c = hd_int_cmp(r, left);
    if (hd_int_sign(b) < 0) c = -c;
    hd_value odd = c ? HD_ERR : hd_int_bitop(HD_AND, q, hd_fix(1));
    if (c == 0 && odd == HD_ERR) return HD_ERR;
    return c > 0 || (c == 0 && odd == hd_fix(1)) ? hd_int_add(q, hd_fix(1)) : q;
}
static hd_value delta_int(hd_value v) { return int_of(hd_delta_us(HD_DELTA(v))); }

/* ---- construction ---------------------------------------------------------------------------------------------------------------------- */
/* A sum of microseconds: small + big (an int, or 0) + part. */
struct sum { wide small; hd_value big; double part; };
static int sum_int(struct sum *s, hd_value v, int64_t unit)
{
    if (hd_is_fix(v)) { s->small += (wide)hd_unfix(v) * unit; return 0; }
    hd_value x = hd_int_mul(v, hd_int(unit));
    if (x != HD_ERR) x = s->big ? hd_int_add(s->big, x) : x;
    if (x == HD_ERR) return -1;
    s->big = x;
    return 0;
}
static int sum_float(struct sum *s, double d, int64_t unit)
{
    double whole, part = modf(d, &whole);
    hd_value v = hd_int_from_double(whole);
    if (v == HD_ERR || sum_int(s, v, unit) < 0) return -1;
    if (part == 0) return 0;
    part = modf(part * (double)unit, &whole);
    s->small += (int64_t)whole, s->part += part;
    return 0;
}
static hd_value sum_finish(struct hd_type *t, struct sum *s)
{
    if (s->part != 0) {
        double whole = round(s->part);
        if (fabs(whole - s->part) == 0.5) {                  /* a tie goes to the even total */
            bool odd = s->small & 1;
            if (s->big) {
                hd_value low = hd_int_bitop(HD_AND, s->big, hd_fix(1));
                if (low == HD_ERR) return HD_ERR;
                odd ^= low == hd_fix(1);
            }
            whole = 2.0 * round((s->part + odd) * 0.5) - odd;
        }
        s->small += (int64_t)whole;
    }
    if (!s->big) return from_us(t, s->small);
    hd_value small = int_of(s->small);
    return small == HD_ERR ? HD_ERR : from_int_us(t, hd_int_add(s->big, small));
}
static hd_value delta_make(hd_value type, const hd_value *args, size_t nargs, hd_value kwnames)
{
    static struct hd_dt_signature sig = { "__new__", 7, 0, 7, false, { { "days", 'O', 0 }, { "seconds", 'O', 0 }, { "microseconds", 'O', 0 },
        { "milliseconds", 'O', 0 }, { "minutes", 'O', 0 }, { "hours", 'O', 0 }, { "weeks", 'O', 0 } } };
    static const struct { int arg; int64_t unit; } order[7] = { { 2, 1 }, { 3, 1000 }, { 1, MILLION }, { 4, 60 * (int64_t)MILLION }, { 5, 3600 * (int64_t)MILLION },
                                                                { 0, DAY_US }, { 6, 7 * DAY_US } };
    hd_value v[7];
    struct sum s = { 0, 0, 0 };
    if (hd_dt_args(&sig, args, nargs, kwnames, v) < 0) return HD_ERR;
    for (int i = 0; i < 7; i++) {
        hd_value x = v[order[i].arg];
        if (x == HD_ABSENT) continue;
        if (hd_is_int(x)) { if (sum_int(&s, x, order[i].unit) < 0) return HD_ERR; }
        else if (hd_is_float(x)) { if (sum_float(&s, hd_float_value(x), order[i].unit) < 0) return HD_ERR; }
        else return hd_raise(&hd_exc_TypeError, "unsupported type for timedelta %s component: %T", sig.p[order[i].arg].name, x);
    }
    return sum_finish(HD_TYPE(type), &s);
}

/* ---- arithmetic ------------------------------------------------------------------------------------------------------------------------ */
static bool is_delta(hd_value v) { return hd_is_a(v, &hd_timedelta_type); }
static hd_value delta_add(hd_value a, hd_value b)
{
    if (!is_delta(a) || !is_delta(b)) return HD_NOTIMPLEMENTED;
    const struct hd_delta *x = HD_DELTA(a), *y = HD_DELTA(b);
    return hd_delta_new((int64_t)hd_delta_days(x) + hd_delta_days(y), (int64_t)x->seconds + y->seconds, (int64_t)x->microseconds + y->microseconds);
}
static hd_value delta_sub(hd_value a, hd_value b)
{
    if (!is_delta(a) || !is_delta(b)) return HD_NOTIMPLEMENTED;
    const struct hd_delta *x = HD_DELTA(a), *y = HD_DELTA(b);
    return hd_delta_new((int64_t)hd_delta_days(x) - hd_delta_days(y), (int64_t)x->seconds - y->seconds, (int64_t)x->microseconds - y->microseconds);
}
static hd_value delta_neg(hd_value v)
{
    const struct hd_delta *d = HD_DELTA(v);
    return hd_delta_new(-(int64_t)hd_delta_days(d), -(int64_t)d->seconds, -(int64_t)d->microseconds);
}
static hd_value delta_pos(hd_value v) { return hd_delta_new(hd_delta_days(HD_DELTA(v)), HD_DELTA(v)->seconds, HD_DELTA(v)->microseconds); }
static hd_value delta_abs(hd_value v) { return hd_delta_days(HD_DELTA(v)) < 0 ? delta_neg(v) : delta_pos(v); }
static int delta_bool(hd_value v) { return HD_DELTA(v)->head.aux != 0 || HD_DELTA(v)->seconds != 0 || HD_DELTA(v)->microseconds != 0; }

/* d * ratio, or d / ratio: the float's exact ratio, the result rounded once. */
static hd_value scale(hd_value d, hd_value f, bool divide)
{
    hd_value r;
    if (hd_is_float_exact(f)) {
        double x = hd_float_value(f);
        int e;
        if (isnan(x)) return hd_raise(&hd_exc_ValueError, "cannot convert NaN to integer ratio");
        if (isinf(x)) return hd_raise(&hd_exc_OverflowError, "cannot convert Infinity to integer ratio");
        if (x == 0) return divide ? zero_division() : from_us(&hd_timedelta_type, 0);
        int64_t m = (int64_t)ldexp(frexp(x, &e), 53);        /* x = m * 2^e */
        e -= 53;
        int zeros = __builtin_ctzll((uint64_t)m);
        m >>= zeros, e += zeros;
        wide us = hd_delta_us(HD_DELTA(d));                  /* less than 2^67 */
        if (!divide && e <= 0 && e > -120) return from_us(&hd_timedelta_type, nearest(us * m, (wide)1 << -e));
        if (!divide && e > 0 && e < 6) return from_us(&hd_timedelta_type, us * m * ((wide)1 << e));
        if (divide && e >= 0 && e < 60) return from_us(&hd_timedelta_type, nearest(us, m * ((wide)1 << e)));
        if (divide && e < 0 && e > -59) return from_us(&hd_timedelta_type, nearest(us * ((wide)1 << -e), m));
        hd_value num = hd_int(m), den = hd_fix(1), shift = hd_fix(e < 0 ? -e : e);
        if (e < 0) den = hd_int_lshift(den, shift);
        else num = hd_int_lshift(num, shift);
        r = hd_tuplev(num, den);
    } else {
        r = hd_call_method(f, hd_s_as_integer_ratio, NULL, 0);
        if (r == HD_ERR) return HD_ERR;
        if (!hd_is_tuple(r)) return hd_raise(&hd_exc_TypeError, "unexpected return type from as_integer_ratio(): expected tuple, got '%T'", r);
        if (HD_TUPLE(r)->len != 2) return hd_raise(&hd_exc_ValueError, "as_integer_ratio() must return a 2-tuple");
    }
    hd_value us = r == HD_ERR ? HD_ERR : delta_int(d);
    if (us == HD_ERR) return HD_ERR;
    us = hd_binary_op(HD_MUL, us, HD_TUPLE(r)->item[divide]);
    return us == HD_ERR ? HD_ERR : from_int_us(&hd_timedelta_type, nearest_int(us, HD_TUPLE(r)->item[!divide]));
}
static hd_value delta_mul(hd_value a, hd_value b)
{
    hd_value d = is_delta(a) ? a : b, n = d == a ? b : a;
    if (!is_delta(d)) return HD_NOTIMPLEMENTED;
    wide us = hd_delta_us(HD_DELTA(d));
    if (hd_is_fix(n)) {
        wide r;
        return __builtin_mul_overflow(us, (wide)hd_unfix(n), &r) ? delta_checked(&hd_timedelta_type, INT64_MAX, 0, 0) : from_us(&hd_timedelta_type, r);
    }
    if (hd_is_int(n)) {
        hd_value i = int_of(us);
        return i == HD_ERR ? HD_ERR : from_int_us(&hd_timedelta_type, hd_int_mul(i, n));
    }
    return hd_is_float(n) ? scale(d, n, false) : HD_NOTIMPLEMENTED;
}
static hd_value delta_div(hd_value a, hd_value b)
{
    if (!is_delta(a)) return HD_NOTIMPLEMENTED;
    if (hd_is_float(b)) return scale(a, b, true);
    if (hd_is_fix(b)) return b == hd_fix(0) ? zero_division() : from_us(&hd_timedelta_type, nearest(hd_delta_us(HD_DELTA(a)), hd_unfix(b)));
    bool number = hd_is_int(b);
    if (!number && !is_delta(b)) return HD_NOTIMPLEMENTED;
    hd_value x = delta_int(a), y = number ? b : delta_int(b);
    if (x == HD_ERR || y == HD_ERR) return HD_ERR;
    return number ? from_int_us(&hd_timedelta_type, nearest_int(x, y)) : hd_int_truediv(x, y);
}
static hd_value delta_floordiv(hd_value a, hd_value b)
{
    bool number = hd_is_int(b);
    if (!is_delta(a) || (!number && !is_delta(b))) return HD_NOTIMPLEMENTED;
    wide x = hd_delta_us(HD_DELTA(a)), y;
    if (number && !hd_is_fix(b)) {
        hd_value i = int_of(x);
        if (i == HD_ERR) return HD_ERR;
        return hd_int_sign(b) == 0 ? zero_division() : from_int_us(&hd_timedelta_type, hd_int_floordiv(i, b));
    }
    y = number ? hd_unfix(b) : hd_delta_us(HD_DELTA(b));
    if (y == 0) return zero_division();
    wide q = x / y - (x % y != 0 && (x < 0) != (y < 0));
    return number ? from_us(&hd_timedelta_type, q) : int_of(q);
}
/* Quotient and remainder of two timedeltas; -1: division by zero, no exception is set. */
static int divide(hd_value a, hd_value b, wide *q, wide *r)
{
    wide x = hd_delta_us(HD_DELTA(a)), y = hd_delta_us(HD_DELTA(b));
    if (y == 0) return -1;
    *q = x / y, *r = x % y;
    if (*r != 0 && (*r < 0) != (y < 0)) *r += y, --*q;
    return 0;
}
static hd_value delta_mod(hd_value a, hd_value b)
{
    wide q, r;
    if (!is_delta(a) || !is_delta(b)) return HD_NOTIMPLEMENTED;
    return divide(a, b, &q, &r) < 0 ? hd_raise(&hd_exc_ZeroDivisionError, "integer modulo by zero") : from_us(&hd_timedelta_type, r);
}
static hd_value delta_divmod(hd_value a, hd_value b)
{
    wide q, r;
    if (!is_delta(a) || !is_delta(b)) return HD_NOTIMPLEMENTED;
    if (divide(a, b, &q, &r) < 0) return zero_division();
    hd_value n = int_of(q), rest = from_us(&hd_timedelta_type, r);
    return n == HD_ERR || rest == HD_ERR ? HD_ERR : hd_tuplev(n, rest);
}
static hd_value delta_compare(hd_value a, hd_value b, enum hd_cmpop op)
{
    if (!is_delta(a) || !is_delta(b)) return HD_NOTIMPLEMENTED;
    const struct hd_delta *x = HD_DELTA(a), *y = HD_DELTA(b);
    int64_t c = (int64_t)hd_delta_days(x) - hd_delta_days(y);
    if (!c) c = x->seconds - y->seconds;
    if (!c) c = x->microseconds - y->microseconds;
    return hd_bool(op == HD_LT ? c < 0 : op == HD_LE ? c <= 0 : op == HD_EQ ? c == 0 : op == HD_NE ? c != 0 : op == HD_GT ? c > 0 : c >= 0);
}
int64_t hd_delta_hash(int64_t days, int64_t seconds, int64_t microseconds)
{
    hd_value t = hd_tuplev(hd_fix(days), hd_fix(seconds), hd_fix(microseconds));
    return t == HD_ERR ? -1 : hd_hash(t);
}
static int64_t delta_hash(hd_value v) { return hd_delta_hash(hd_delta_days(HD_DELTA(v)), HD_DELTA(v)->seconds, HD_DELTA(v)->microseconds); }

/* ---- the rest -------------------------------------------------------------------------------------------------------------------------- */
static hd_value delta_repr(hd_value v)
{
    const struct hd_delta *d = HD_DELTA(v);
    char text[96];
    int n = 0;
    const char *comma = "";
#define PART(name, value) if (value) n += snprintf(text + n, sizeof text - (size_t)n, "%s" name "=%d", comma, (int)(value)), comma = ", "
    PART("days", hd_delta_days(d));
    PART("seconds", d->seconds);
    PART("microseconds", d->microseconds);
#undef PART
    return hd_str_format("%T(%s)", v, n ? text : "0");
}
static hd_value delta_str(hd_value v)
{
    const struct hd_delta *d = HD_DELTA(v);
    char text[64];
    int days = hd_delta_days(d), n = 0;
    if (days) n = snprintf(text, sizeof text, "%d day%s, ", days, days == 1 || days == -1 ? "" : "s");
    n += snprintf(text + n, sizeof text - (size_t)n, "%d:%02d:%02d", d->seconds / 3600, d->seconds / 60 % 60, d->seconds % 60);
    if (d->microseconds) n += snprintf(text + n, sizeof text - (size_t)n, ".%06d", d->microseconds);
    return hd_str_latin1(text, (size_t)n);
}
HD_DT_FN(delta_total_seconds)
{
    wide us = hd_delta_us(HD_DELTA(self));
    if (us > -(1LL << 53) && us < 1LL << 53) return hd_float((double)(int64_t)us / 1e6);       /* exact operands: rounded once */
    hd_value n = int_of(us);
    return n == HD_ERR ? HD_ERR : hd_int_truediv(n, hd_fix(MILLION));
}
HD_DT_FN(delta_reduce)
{
    const struct hd_delta *d = HD_DELTA(self);
    hd_value fields = hd_tuplev(hd_fix(hd_delta_days(d)), hd_fix(d->seconds), hd_fix(d->microseconds));
    return hd_tuplev(hd_obj(hd_type_of(self)), fields);
}
static hd_value delta_get_days(hd_value v, void *c) { return hd_fix(hd_delta_days(HD_DELTA(v))); }
static hd_value delta_get_seconds(hd_value v, void *c) { return hd_fix(HD_DELTA(v)->seconds); }
static hd_value delta_get_microseconds(hd_value v, void *c) { return hd_fix(HD_DELTA(v)->microseconds); }
static int read_only(hd_value v, hd_value x, void *c)
{
    hd_raise(&hd_exc_AttributeError, "readonly attribute");
    return -1;
}
static const struct hd_getsetdef delta_getsets[] = {
    { "days", delta_get_days, read_only, "Whole days; all that is negative about the value.", NULL },
    { "seconds", delta_get_seconds, read_only, "Seconds of the last day: 0 to 86399.", NULL },
    { "microseconds", delta_get_microseconds, read_only, "Microseconds of the last second: 0 to 999999.", NULL }, { 0 }
};
static const struct hd_methoddef delta_methods[] = {
    { "total_seconds", delta_total_seconds, 0, 0, 0, "The whole duration in seconds." },
    { "__reduce__", delta_reduce, 0, 0, 0, "__reduce__() -> (cls, state)" }, { 0 }
};
struct hd_type hd_timedelta_type = {
    .cname = "datetime.timedelta", .basicsize = sizeof(struct hd_delta), .flags = HD_TF_BASETYPE | HD_TF_IMMUTABLE_LAYOUT,
    .doc = "Difference between two datetime values.\n\ntimedelta(days=0, seconds=0, microseconds=0, milliseconds=0, minutes=0, hours=0, weeks=0)\n\n"
           "Each argument is an int or a float of either sign, 0 when it is left out.",
    .methods = delta_methods, .getsets = delta_getsets,
    .op = {
        .make = delta_make, .repr = delta_repr, .str = delta_str, .hash = delta_hash, .richcompare = delta_compare, .boolean = delta_bool,
        .neg = delta_neg, .pos = delta_pos, .absolute = delta_abs,
        .binary = { [HD_ADD] = delta_add, [HD_SUB] = delta_sub, [HD_MUL] = delta_mul, [HD_DIV] = delta_div, [HD_FLOORDIV] = delta_floordiv,
                    [HD_MOD] = delta_mod, [HD_DIVMOD] = delta_divmod },
    },
};
int hd_delta_start(void)
{
    if (hd_type_ready(&hd_timedelta_type) < 0) return -1;
    const struct { const char *name; int32_t days, seconds, microseconds; } c[] = {
        { "resolution", 0, 0, 1 }, { "min", -HD_DT_MAX_DELTA_DAYS, 0, 0 }, { "max", HD_DT_MAX_DELTA_DAYS, HD_DT_DAY - 1, MILLION - 1 } };
    for (size_t i = 0; i < sizeof c / sizeof *c; i++) {
        hd_value v = delta_alloc(&hd_timedelta_type, c[i].days, c[i].seconds, c[i].microseconds);
        if (v == HD_ERR || hd_type_setattr_static(&hd_timedelta_type, c[i].name, v) == HD_ERR) return -1;
    }
    return 0;
}
