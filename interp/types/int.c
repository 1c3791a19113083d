/* Integers: fixnums and big integers on GMP's mpn layer; bool.
 *
 * Owns: struct hd_long.  Invariants: L1 an exact int object never holds a value that fits a fixnum; L2 limb[n-1] != 0;
 * L3 zero has n == 0 and is not negative.  L1 does not hold for bool and for subclasses, which carry their value in the
 * same layout.  Nothing here runs Python except the type's constructor. */
#include <math.h>
#include <stdlib.h>
#include "interp/core/settings.h"
#include "interp/types/number.h"
#include "interp/core/names.h"

int64_t hd_int_max_str_digits(void) { return hd_setting(int_max_str_digits); }

struct hd_long hd_false_object = { { HD_SHAPE_BOOL, 0 }, 0, { 0 } };
struct hd_long hd_true_object = { { HD_SHAPE_BOOL, 0 }, 1, { 1 } };

/* Magnitudes above 2^(64 * MAX_LIMBS) are refused with MemoryError before anything is computed. */
enum { MAX_LIMBS = 1 << 28 };

static size_t long_size(mp_size_t n) { return offsetof(struct hd_long, limb) + 8 * (size_t)(n > 0 ? n : 1); }
static size_t long_object_size(const void *o) { return long_size((mp_size_t)((const struct hd_long *)o)->n); }

struct hd_long *hd_long_alloc(mp_size_t n)
{
    if (n > MAX_LIMBS) { hd_no_memory(); return NULL; }
    struct hd_long *l = hd_new_object(&hd_int_type, long_size(n));
    if (l) l->n = (uint64_t)n;
    return l;
}

hd_value hd_long_finish(struct hd_long *l, mp_size_t n, bool negative)
{
    while (n > 0 && l->limb[n - 1] == 0) n--;
    if (n == 0) return hd_fix(0);
    if (n == 1) {
        uint64_t m = l->limb[0];
        if (m <= (uint64_t)HD_FIXMAX) return hd_fix(negative ? -(int64_t)m : (int64_t)m);
        if (negative && m == (uint64_t)HD_FIXMAX + 1) return hd_fix(HD_FIXMIN);
    }
    l->n = (uint64_t)n;
    l->head.aux = negative;
    return hd_obj(l);
}

static hd_value from_limbs(const mp_limb_t *p, mp_size_t n, bool negative)
{
    struct hd_long *l = hd_long_alloc(n);
    if (!l) return HD_ERR;
    if (n) memcpy(l->limb, p, 8 * (size_t)n);
    return hd_long_finish(l, n, negative);
}

hd_value hd_long_from_u64(uint64_t i) { mp_limb_t m = i; return from_limbs(&m, i != 0, false); }
hd_value hd_long_from_i64(int64_t i)
{
    mp_limb_t m = i < 0 ? -(uint64_t)i : (uint64_t)i;
    return from_limbs(&m, i != 0, i < 0);
}

hd_value hd_int_exact(hd_value v)
{
    if (hd_is_int_exact(v)) return v;
    struct hd_int_view w;
    hd_int_view(v, &w);
    return from_limbs(w.limb, w.n, w.negative);
}

bool hd_int_to_i64(hd_value v, int64_t *out)
{
    struct hd_int_view w;
    hd_int_view(v, &w);
    if (w.n > 1) return false;
    uint64_t m = w.n ? w.limb[0] : 0;
    if (m > (uint64_t)INT64_MAX + w.negative) return false;
    *out = w.negative ? (int64_t)-m : (int64_t)m;
    return true;
}
bool hd_int_to_u64(hd_value v, uint64_t *out)
{
    struct hd_int_view w;
    hd_int_view(v, &w);
    if (w.n > 1 || w.negative) return false;
    *out = w.n ? w.limb[0] : 0;
    return true;
}

int hd_int_sign(hd_value v)
{
    struct hd_int_view w;
    hd_int_view(v, &w);
    return w.n == 0 ? 0 : w.negative ? -1 : 1;
}

static int magnitude_cmp(const struct hd_int_view *a, const struct hd_int_view *b)
{
    if (a->n != b->n) return a->n < b->n ? -1 : 1;
    return a->n ? mpn_cmp(a->limb, b->limb, a->n) : 0;
}
int hd_int_cmp(hd_value a, hd_value b)
{
    if (hd_both_fix(a, b)) return (int64_t)a < (int64_t)b ? -1 : a != b;
    struct hd_int_view x, y;
    hd_int_view(a, &x), hd_int_view(b, &y);
    if (x.negative != y.negative) return x.negative ? -1 : 1;
    int c = magnitude_cmp(&x, &y);
    c = c < 0 ? -1 : c > 0;
    return x.negative ? -c : c;
}

/* The value modulo 2^61 - 1 with the sign of the number, as every Python numeric hash. */
int64_t hd_int_hash(hd_value v)
{
    struct hd_int_view w;
    hd_int_view(v, &w);
    const uint64_t p = ((uint64_t)1 << 61) - 1;
    uint64_t h = 0;
    for (mp_size_t i = w.n; i-- > 0;) {
        h = (h << 3 | h >> 58) & p;                        /* h * 2^64 mod p */
        h += w.limb[i] >> 61;
        h += w.limb[i] & p;
        h = (h & p) + (h >> 61);
        if (h >= p) h -= p;
    }
    int64_t r = w.negative ? -(int64_t)h : (int64_t)h;
    return r == -1 ? -2 : r;
}

int64_t hd_int_bit_length(hd_value v)
{
    struct hd_int_view w;
    hd_int_view(v, &w);
    return w.n ? 64 * (int64_t)w.n - __builtin_clzll(w.limb[w.n - 1]) : 0;
}

/* ---- addition, multiplication ---------------------------------------------------------------------------------------- */
static hd_value add_signed(const struct hd_int_view *a, const struct hd_int_view *b, bool b_negative)
{
    if (a->n < b->n) {
        struct hd_int_view t = *a, u = *b;
        if (a->limb == &a->small) t.limb = &a->small;
        if (b->limb == &b->small) u.limb = &b->small;
        bool tn = t.negative;
        t.negative = tn;
        if (tn == b_negative) {
            struct hd_long *l = hd_long_alloc(u.n + 1);
            if (!l) return HD_ERR;
            l->limb[u.n] = t.n ? mpn_add(l->limb, u.limb, u.n, t.limb, t.n) : (memcpy(l->limb, u.limb, 8 * (size_t)u.n), 0);
            return hd_long_finish(l, u.n + 1, tn);
        }
        struct hd_long *l = hd_long_alloc(u.n);
        if (!l) return HD_ERR;
        if (t.n) mpn_sub(l->limb, u.limb, u.n, t.limb, t.n);
        else memcpy(l->limb, u.limb, 8 * (size_t)u.n);
        return hd_long_finish(l, u.n, b_negative);
    }
    if (a->n == 0) return hd_fix(0);
    if (a->negative == b_negative) {
        struct hd_long *l = hd_long_alloc(a->n + 1);
        if (!l) return HD_ERR;
        l->limb[a->n] = b->n ? mpn_add(l->limb, a->limb, a->n, b->limb, b->n) : (memcpy(l->limb, a->limb, 8 * (size_t)a->n), 0);
        return hd_long_finish(l, a->n + 1, a->negative);
    }
    struct hd_long *l = hd_long_alloc(a->n);
    if (!l) return HD_ERR;
    if (magnitude_cmp(a, b) >= 0) {
        if (b->n) mpn_sub(l->limb, a->limb, a->n, b->limb, b->n);
        else memcpy(l->limb, a->limb, 8 * (size_t)a->n);
        return hd_long_finish(l, a->n, a->negative);
    }
    mpn_sub(l->limb, b->limb, b->n, a->limb, a->n);
    return hd_long_finish(l, a->n, b_negative);
}

hd_value hd_int_add(hd_value a, hd_value b)
{
    int64_t r;
    if (hd_both_fix(a, b) && !__builtin_add_overflow(hd_unfix(a), hd_unfix(b), &r)) return hd_int(r);
    struct hd_int_view x, y;
    hd_int_view(a, &x), hd_int_view(b, &y);
    return add_signed(&x, &y, y.negative);
}
hd_value hd_int_sub(hd_value a, hd_value b)
{
    int64_t r;
    if (hd_both_fix(a, b) && !__builtin_sub_overflow(hd_unfix(a), hd_unfix(b), &r)) return hd_int(r);
    struct hd_int_view x, y;
    hd_int_view(a, &x), hd_int_view(b, &y);
    return add_signed(&x, &y, !y.negative);
}
hd_value hd_int_neg(hd_value a)
{
    if (hd_is_fix(a)) return hd_int(-hd_unfix(a));
    struct hd_int_view x;
    hd_int_view(a, &x);
    return from_limbs(x.limb, x.n, !x.negative);
}
static hd_value int_abs(hd_value a)
{
    if (hd_is_fix(a)) return hd_unfix(a) < 0 ? hd_int(-hd_unfix(a)) : a;
    struct hd_int_view x;
    hd_int_view(a, &x);
    return from_limbs(x.limb, x.n, false);
}

hd_value hd_int_mul(hd_value a, hd_value b)
{
    int64_t r;
    if (hd_both_fix(a, b) && !__builtin_mul_overflow(hd_unfix(a), hd_unfix(b), &r)) return hd_int(r);
    struct hd_int_view x, y;
    hd_int_view(a, &x), hd_int_view(b, &y);
    if (x.n == 0 || y.n == 0) return hd_fix(0);
    struct hd_long *l = hd_long_alloc(x.n + y.n);
    if (!l) return HD_ERR;
    bool negative = x.negative != y.negative;
    if (x.limb == y.limb && x.n == y.n) mpn_sqr(l->limb, x.limb, x.n);
    else if (x.n >= y.n) mpn_mul(l->limb, x.limb, x.n, y.limb, y.n);
    else mpn_mul(l->limb, y.limb, y.n, x.limb, x.n);
    return hd_long_finish(l, x.n + y.n, negative);
}

/* ---- division ---------------------------------------------------------------------------------------------------------- */
int hd_int_divmod(hd_value a, hd_value b, hd_value *q, hd_value *r)
{
    if (hd_both_fix(a, b)) {
        int64_t x = hd_unfix(a), y = hd_unfix(b);
        if (y == 0) { hd_raise(&hd_exc_ZeroDivisionError, q ? "integer division or modulo by zero" : "integer modulo by zero"); return -1; }
        int64_t d = x / y, m = x % y;
        if (m && (m ^ y) < 0) d--, m += y;
        if (q && (*q = hd_int(d)) == HD_ERR) return -1;
        if (r) *r = hd_fix(m);
        return 0;
    }
    struct hd_int_view x, y;
    hd_int_view(a, &x), hd_int_view(b, &y);
    if (y.n == 0) { hd_raise(&hd_exc_ZeroDivisionError, q ? "integer division or modulo by zero" : "integer modulo by zero"); return -1; }
    bool differ = x.negative != y.negative;
    if (magnitude_cmp(&x, &y) < 0) {                        /* |a| < |b| */
        if (x.n == 0 || !differ) {
            if (q) *q = hd_fix(0);
            if (r && (*r = hd_int_exact(a)) == HD_ERR) return -1;
            return 0;
        }
        if (q) *q = hd_fix(-1);
        if (r && (*r = hd_int_add(hd_int_exact(a), hd_int_exact(b))) == HD_ERR) return -1;
        return 0;
    }
    mp_size_t qn = x.n - y.n + 1;
    struct hd_long *lq = hd_long_alloc(qn + 1), *lr = lq ? hd_long_alloc(y.n) : NULL;
    if (!lr) return -1;
    mpn_tdiv_qr(lq->limb, lr->limb, 0, x.limb, x.n, y.limb, y.n);
    mp_size_t rn = y.n;
    while (rn > 0 && lr->limb[rn - 1] == 0) rn--;
    if (rn && differ) {                                     /* floor: one down, remainder to the other side */
        lq->limb[qn] = mpn_add_1(lq->limb, lq->limb, qn, 1);
        qn++;
        mpn_sub_n(lr->limb, y.limb, lr->limb, y.n);
        rn = y.n;
    }
    if (q) *q = hd_long_finish(lq, qn, differ);
    if (r) *r = hd_long_finish(lr, rn, y.negative);
    return 0;
}
hd_value hd_int_floordiv(hd_value a, hd_value b)
{
    hd_value q;
    return hd_int_divmod(a, b, &q, NULL) < 0 ? HD_ERR : q;
}
hd_value hd_int_mod(hd_value a, hd_value b)
{
    hd_value r;
    return hd_int_divmod(a, b, NULL, &r) < 0 ? HD_ERR : r;
}

double hd_double_scaled(uint64_t m, int64_t e, bool sticky)
{
    if (m == 0) return 0.0;
    int bits = 64 - __builtin_clzll(m);
    int64_t top = e + bits;                                 /* value < 2^top */
    if (top < -1100) return 0.0;
    int drop = bits - 53;
    if (top < -1021) drop += (int)(-1021 - top > 200 ? 200 : -1021 - top);
    if (drop > 0) {
        if (drop > 64) return 0.0;
        if (drop == 64) return m > (uint64_t)1 << 63 || (m == (uint64_t)1 << 63 && sticky) ? ldexp(1.0, (int)e + 64) : 0.0;
        uint64_t half = (uint64_t)1 << (drop - 1), rest = m & ((half << 1) - 1);
        m >>= drop;
        e += drop;
        if (rest > half || (rest == half && (sticky || (m & 1)))) m++;
    }
    return e > 1100 ? HUGE_VAL : ldexp((double)m, (int)e);
}

/* Top 64 bits of a magnitude as m * 2^e. */
static uint64_t top_bits(const struct hd_int_view *w, int64_t *e, bool *sticky)
{
    mp_limb_t hi = w->limb[w->n - 1];
    int z = __builtin_clzll(hi);
    uint64_t m = hi << z;
    *sticky = false;
    if (w->n > 1) {
        if (z) m |= w->limb[w->n - 2] >> (64 - z);
        *sticky = z ? (w->limb[w->n - 2] << z) != 0 : w->limb[w->n - 2] != 0;
        for (mp_size_t i = w->n - 3; i >= 0 && !*sticky; i--) *sticky = w->limb[i] != 0;
    }
    *e = 64 * (int64_t)(w->n - 1) - z;
    return m;
}

double hd_int_to_double(hd_value v)
{
    if (hd_is_fix(v)) return (double)hd_unfix(v);
    struct hd_int_view w;
    hd_int_view(v, &w);
    if (w.n == 0) return 0.0;
    int64_t e;
    bool sticky;
    uint64_t m = top_bits(&w, &e, &sticky);
    double d = hd_double_scaled(m, e, sticky);
    if (isinf(d)) { hd_raise(&hd_exc_OverflowError, "int too large to convert to float"); return -1.0; }
    return w.negative ? -d : d;
}

hd_value hd_int_truediv(hd_value a, hd_value b)
{
    struct hd_int_view x, y;
    hd_int_view(a, &x), hd_int_view(b, &y);
    if (y.n == 0) return hd_raise(&hd_exc_ZeroDivisionError, "division by zero");
    if (x.n == 0) return hd_float(y.negative ? -0.0 : 0.0);
    bool negative = x.negative != y.negative;
    if (x.n == 1 && y.n == 1 && x.limb[0] <= (uint64_t)1 << 53 && y.limb[0] <= (uint64_t)1 << 53) {
        double d = (double)x.limb[0] / (double)y.limb[0];
        return hd_float(negative ? -d : d);
    }
    /* Scale so that the integer quotient has 64..66 bits or more, then round it once. */
    int64_t xb = 64 * (int64_t)x.n - __builtin_clzll(x.limb[x.n - 1]), yb = 64 * (int64_t)y.n - __builtin_clzll(y.limb[y.n - 1]);
    if (xb - yb > 1025) return hd_raise(&hd_exc_OverflowError, "integer division result too large for a float");
    if (xb - yb < -1080) return hd_float(negative ? -0.0 : 0.0);
    int64_t shift = 66 - (xb - yb);                         /* a * 2^shift / b */
    mp_size_t extra = shift > 0 ? (mp_size_t)((shift + 63) / 64) : 0, drop_b = shift < 0 ? (mp_size_t)(-shift / 64) : 0;
    mp_size_t nn = x.n + extra, dn = y.n + drop_b;
    mp_limb_t *t = hd_scratch(8 * (size_t)(nn + dn + 1));
    if (!t) return HD_ERR;
    mp_limb_t *num = t, *den = t + nn;
    memset(t, 0, 8 * (size_t)(nn + dn));
    memcpy(num + extra, x.limb, 8 * (size_t)x.n);
    memcpy(den + drop_b, y.limb, 8 * (size_t)y.n);
    int64_t scale = 64 * ((int64_t)extra - (int64_t)drop_b);
    while (nn && num[nn - 1] == 0) nn--;
    while (dn && den[dn - 1] == 0) dn--;
    if (nn < dn) return hd_float(negative ? -0.0 : 0.0);
    struct hd_long *q = hd_long_alloc(nn - dn + 1), *r = q ? hd_long_alloc(dn) : NULL;
    if (!r) return HD_ERR;
    mpn_tdiv_qr(q->limb, r->limb, 0, num, nn, den, dn);
    bool sticky = false;
    for (mp_size_t i = 0; i < dn && !sticky; i++) sticky = r->limb[i] != 0;
    struct hd_int_view qv = { q->limb, nn - dn + 1, false, 0 };
    while (qv.n && q->limb[qv.n - 1] == 0) qv.n--;
    if (qv.n == 0) return hd_float(negative ? -0.0 : 0.0);
    int64_t e;
    bool more;
    uint64_t m = top_bits(&qv, &e, &more);
    double d = hd_double_scaled(m, e - scale, sticky || more);
    if (isinf(d)) return hd_raise(&hd_exc_OverflowError, "integer division result too large for a float");
    return hd_float(negative ? -d : d);
}

/* ---- shifts and bits ------------------------------------------------------------------------------------------------------ */
hd_value hd_int_lshift(hd_value a, hd_value b)
{
    if (hd_int_sign(b) < 0) return hd_raise(&hd_exc_ValueError, "negative shift count");
    struct hd_int_view x;
    hd_int_view(a, &x);
    if (x.n == 0) return hd_fix(0);
    int64_t s;
    if (!hd_int_to_i64(b, &s)) {             /* 2^61 digits of 30 bits are too many; fewer do not fit into memory */
        struct hd_int_view y;
        hd_int_view(b, &y);
        bool many = y.n > 2 || (y.n == 2 && (y.limb[1] > 3 || (y.limb[1] == 3 && y.limb[0] >= 0xc000000000000000 - 8 * 30)));
        return many ? hd_raise(&hd_exc_OverflowError, "too many digits in integer") : hd_no_memory();
    }
    if (hd_is_fix(a) && s < 62) {
        int64_t i = hd_unfix(a), r = (int64_t)((uint64_t)i << s);
        if (r >> s == i) return hd_int(r);
    }
    if (s / 64 >= MAX_LIMBS) return hd_no_memory();
    mp_size_t limbs = (mp_size_t)(s / 64), n = x.n + limbs + 1;
    struct hd_long *l = hd_long_alloc(n);
    if (!l) return HD_ERR;
    memset(l->limb, 0, 8 * (size_t)limbs);
    if (s % 64) l->limb[n - 1] = mpn_lshift(l->limb + limbs, x.limb, x.n, (unsigned)(s % 64));
    else memcpy(l->limb + limbs, x.limb, 8 * (size_t)x.n), l->limb[n - 1] = 0;
    return hd_long_finish(l, n, x.negative);
}
hd_value hd_int_rshift(hd_value a, hd_value b)
{
    if (hd_int_sign(b) < 0) return hd_raise(&hd_exc_ValueError, "negative shift count");
    int64_t s;
    if (!hd_int_to_i64(b, &s)) s = INT64_MAX;
    if (hd_is_fix(a)) return hd_fix(hd_unfix(a) >> (s > 63 ? 63 : s));
    struct hd_int_view x;
    hd_int_view(a, &x);
    mp_size_t limbs = s / 64 >= x.n ? x.n : (mp_size_t)(s / 64), n = x.n - limbs;
    if (n == 0) return hd_fix(x.negative ? -1 : 0);
    bool lost = false;
    for (mp_size_t i = 0; i < limbs && !lost; i++) lost = x.limb[i] != 0;
    struct hd_long *l = hd_long_alloc(n + 1);
    if (!l) return HD_ERR;
    if (s % 64) lost |= mpn_rshift(l->limb, x.limb + limbs, n, (unsigned)(s % 64)) != 0;
    else memcpy(l->limb, x.limb + limbs, 8 * (size_t)n);
    l->limb[n] = 0;
    if (x.negative && lost) l->limb[n] = mpn_add_1(l->limb, l->limb, n, 1);
    return hd_long_finish(l, n + 1, x.negative);
}

/* Two's complement of n limbs, n large enough for the sign. */
static void twos_complement(mp_limb_t *out, const struct hd_int_view *w, mp_size_t n)
{
    if (w->n) memcpy(out, w->limb, 8 * (size_t)w->n);
    memset(out + w->n, 0, 8 * (size_t)(n - w->n));
    if (w->negative) mpn_neg(out, out, n);
}
hd_value hd_int_bitop(enum hd_binop op, hd_value a, hd_value b)
{
    if (hd_both_fix(a, b)) {
        int64_t x = hd_unfix(a), y = hd_unfix(b);
        return hd_fix(op == HD_AND ? x & y : op == HD_OR ? x | y : x ^ y);
    }
    struct hd_int_view x, y;
    hd_int_view(a, &x), hd_int_view(b, &y);
    mp_size_t n = (x.n > y.n ? x.n : y.n) + 1;
    struct hd_long *l = hd_long_alloc(n);
    mp_limb_t *t = l ? hd_scratch(8 * (size_t)n) : NULL;
    if (!t) return HD_ERR;
    twos_complement(l->limb, &x, n), twos_complement(t, &y, n);
    for (mp_size_t i = 0; i < n; i++)
        l->limb[i] = op == HD_AND ? l->limb[i] & t[i] : op == HD_OR ? l->limb[i] | t[i] : l->limb[i] ^ t[i];
    bool negative = l->limb[n - 1] >> 63;
    if (negative) mpn_neg(l->limb, l->limb, n);
    return hd_long_finish(l, n, negative);
}

/* ---- power ------------------------------------------------------------------------------------------------------------------ */
static hd_value mod_inverse(hd_value a, hd_value m)
{
    hd_value r0 = m, r1 = hd_int_mod(a, m), t0 = hd_fix(0), t1 = hd_fix(1);
    while (r1 != HD_ERR && hd_int_sign(r1) != 0) {
        hd_value q, r2;
        if (hd_int_divmod(r0, r1, &q, &r2) < 0) return HD_ERR;
        hd_value p = hd_int_mul(q, t1);
        hd_value t2 = p == HD_ERR ? HD_ERR : hd_int_sub(t0, p);
        if (t2 == HD_ERR) return HD_ERR;
        r0 = r1, r1 = r2, t0 = t1, t1 = t2;
    }
    if (r1 == HD_ERR) return HD_ERR;
    if (r0 != hd_fix(1)) return hd_raise(&hd_exc_ValueError, "base is not invertible for the given modulus");
    return hd_int_mod(t0, m);
}

static hd_value pow_mod(hd_value a, hd_value b, hd_value m)
{
    if (hd_int_sign(m) == 0) return hd_raise(&hd_exc_ValueError, "pow() 3rd argument cannot be 0");
    bool negative = hd_int_sign(m) < 0;
    if (negative && (m = hd_int_neg(m)) == HD_ERR) return HD_ERR;
    if (m == hd_fix(1)) return hd_fix(0);
    if (hd_int_sign(b) < 0) {
        if ((a = mod_inverse(a, m)) == HD_ERR || (b = hd_int_neg(b)) == HD_ERR) return HD_ERR;
    }
    if ((a = hd_int_mod(a, m)) == HD_ERR) return HD_ERR;
    struct hd_int_view x, e, n;
    hd_int_view(a, &x), hd_int_view(b, &e), hd_int_view(m, &n);
    mpz_t base, exponent, modulus, result;
    mpz_roinit_n(base, x.limb, x.n), mpz_roinit_n(exponent, e.limb, e.n), mpz_roinit_n(modulus, n.limb, n.n);
    mpz_init(result);
    mpz_powm(result, base, exponent, modulus);              /* no barrier between init and clear */
    mp_size_t rn = (mp_size_t)mpz_size(result);
    struct hd_long *l = hd_long_alloc(rn);
    if (l && rn) memcpy(l->limb, mpz_limbs_read(result), 8 * (size_t)rn);
    mpz_clear(result);
    if (!l) return HD_ERR;
    hd_value r = hd_long_finish(l, rn, false);
    return negative && hd_int_sign(r) ? hd_int_sub(r, m) : r;
}

hd_value hd_int_pow(hd_value a, hd_value b, hd_value mod)
{
    if (mod != HD_NONE) return pow_mod(a, b, mod);
    if (hd_int_sign(b) < 0) {
        double x = hd_int_to_double(a), y;
        if (x == -1.0 && hd_exc_pending()) return HD_ERR;
        y = hd_int_to_double(b);
        if (y == -1.0 && hd_exc_pending()) return HD_ERR;
        return hd_float_pow(x, y);
    }
    int64_t e;
    hd_value base = hd_int_exact(a);
    if (base == hd_fix(0) || base == hd_fix(1)) return hd_int_sign(b) == 0 ? hd_fix(1) : base;
    if (base == hd_fix(-1)) {
        struct hd_int_view w;
        hd_int_view(b, &w);
        return hd_fix(w.n && (w.limb[0] & 1) ? -1 : 1);
    }
    if (!hd_int_to_i64(b, &e) || (double)e * (double)(hd_int_bit_length(base) - 1) > 64.0 * MAX_LIMBS) return hd_no_memory();
    hd_value result = hd_fix(1);
    for (int bit = e ? 63 - __builtin_clzll((uint64_t)e) : -1; bit >= 0; bit--) {
        if ((result = hd_int_mul(result, result)) == HD_ERR) return HD_ERR;
        if (e >> bit & 1 && (result = hd_int_mul(result, base)) == HD_ERR) return HD_ERR;
    }
    return result;
}

/* ---- text -------------------------------------------------------------------------------------------------------------------- */
static int digit_value(unsigned char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'z' ? c - 'a' + 10 : c >= 'A' && c <= 'Z' ? c - 'A' + 10 : 99;
}
static bool is_space(unsigned char c) { return c == ' ' || (c >= 9 && c <= 13); }

static hd_value too_many_digits(int64_t digits)
{
    return hd_raise(&hd_exc_ValueError, "Exceeds the limit (%lld digits) for integer string conversion: value has %lld digits; "
                    "use sys.set_int_max_str_digits() to increase the limit", (long long)hd_int_max_str_digits(), (long long)digits);
}

/* HD_ABSENT: not a number. */
static hd_value parse(const char *s, size_t n, int base)
{
    const unsigned char *p = (const unsigned char *)s, *end = p + n;
    while (p < end && is_space(*p)) p++;
    while (end > p && is_space(end[-1])) end--;
    bool negative = false;
    if (p < end && (*p == '+' || *p == '-')) negative = *p++ == '-';
    bool prefix = false;
    if (end - p >= 2 && p[0] == '0') {
        int b = (p[1] | 32) == 'x' ? 16 : (p[1] | 32) == 'o' ? 8 : (p[1] | 32) == 'b' ? 2 : 0;
        if (b && (base == 0 || base == b)) base = b, p += 2, prefix = true;
    }
    bool zero_only = false;
    if (base == 0) base = 10, zero_only = p < end && *p == '0';        /* "0", "00": fine; "012" is not */
    if (prefix && p < end && *p == '_') p++;
    if (p >= end || *p == '_' || end[-1] == '_') return HD_ABSENT;
    size_t digits = 0;
    for (const unsigned char *q = p; q < end; q++) {
        if (*q == '_') {
            if (q[1] == '_') return HD_ABSENT;
            continue;
        }
        if (digit_value(*q) >= base) return HD_ABSENT;
        digits++;
    }
    while (p < end && (*p == '0' || *p == '_')) digits -= *p == '0', p++;
    if (digits == 0) return hd_fix(0);
    if (zero_only) return HD_ABSENT;
    if (digits <= 11 || (base == 10 && digits <= 18)) {
        int64_t v = 0;
        for (; p < end; p++) if (*p != '_') v = v * base + digit_value(*p);
        return hd_int(negative ? -v : v);
    }
    if ((base & (base - 1)) && hd_int_max_str_digits() && (int64_t)digits > hd_int_max_str_digits()) return too_many_digits((int64_t)digits);
    unsigned char *t = hd_scratch(digits);
    if (!t) return HD_ERR;
    size_t k = 0;
    for (; p < end; p++) if (*p != '_') t[k++] = (unsigned char)digit_value(*p);
    struct hd_long *l = hd_long_alloc((mp_size_t)((double)digits * log2(base) / 64.0) + 2);
    if (!l) return HD_ERR;
    mp_size_t used = mpn_set_str(l->limb, t, k, base);
    return hd_long_finish(l, used, negative);
}

hd_value hd_int_parse(const char *s, size_t n, int base)
{
    hd_value v = parse(s, n, base);
    if (v != HD_ABSENT) return v;
    hd_value text = hd_str_decode(s, n, "utf-8", "replace");
    return text == HD_ERR ? HD_ERR : hd_raise(&hd_exc_ValueError, "invalid literal for int() with base %d: %R", base, text);
}

char *hd_write_decimal(uint64_t m, char *end)
{
    static const char pairs[] = "0001020304050607080910111213141516171819202122232425262728293031323334353637383940414243444546474849"
                                "5051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899";
    while (m >= 100) {
        memcpy(end -= 2, pairs + m % 100 * 2, 2);
        m /= 100;
    }
    if (m >= 10) memcpy(end -= 2, pairs + m * 2, 2);
    else *--end = (char)('0' + m);
    return end;
}

hd_value hd_int_to_str(hd_value v, int base, bool prefix)
{
    struct hd_int_view w;
    hd_int_view(v, &w);
    char small[80];
    size_t at = 0;
    const char *pre = !prefix ? "" : base == 16 ? "0x" : base == 8 ? "0o" : base == 2 ? "0b" : "";
    if (w.n <= 1) {
        uint64_t m = w.n ? w.limb[0] : 0;
        char *e = small + sizeof small, *q = e;
        if (base == 10) {
            q = hd_write_decimal(m, e);
            if (w.negative) *--q = '-';
            void *data;
            hd_value s = hd_str_new(1, (size_t)(e - q), 0x7f, &data);
            if (s != HD_ERR) memcpy(data, q, (size_t)(e - q));
            return s;
        }
        do *--q = "0123456789abcdefghijklmnopqrstuvwxyz"[m % (unsigned)base], m /= (unsigned)base; while (m);
        for (size_t i = strlen(pre); i-- > 0;) *--q = pre[i];
        if (w.negative) *--q = '-';
        return hd_str_latin1(q, (size_t)(e - q));
    }
    if (base == 10 && hd_int_max_str_digits()) {
        int64_t bits = hd_int_bit_length(v);
        if ((double)bits * 0.30102999566398119521 > (double)hd_int_max_str_digits() + 1)
            return hd_raise(&hd_exc_ValueError, "Exceeds the limit (%lld digits) for integer string conversion; use "
                            "sys.set_int_max_str_digits() to increase the limit", (long long)hd_int_max_str_digits());
    }
    size_t room = (size_t)((double)w.n * 64.0 / log2(base)) + 8;
    unsigned char *t = hd_scratch(room);
    mp_limb_t *copy = t ? hd_scratch(8 * (size_t)(w.n + 1)) : NULL;      /* mpn_get_str destroys its operand */
    if (!copy) return HD_ERR;
    memcpy(copy, w.limb, 8 * (size_t)w.n);
    unsigned char *d = t + 4;
    size_t n = mpn_get_str(d, base, copy, w.n), lead = 0;
    while (lead + 1 < n && d[lead] == 0) lead++;
    d += lead, n -= lead;
    if (base == 10 && hd_int_max_str_digits() && (int64_t)n > hd_int_max_str_digits())
        return hd_raise(&hd_exc_ValueError, "Exceeds the limit (%lld digits) for integer string conversion; use "
                        "sys.set_int_max_str_digits() to increase the limit", (long long)hd_int_max_str_digits());
    for (size_t i = 0; i < n; i++) d[i] = (unsigned char)"0123456789abcdefghijklmnopqrstuvwxyz"[d[i]];
    for (size_t i = strlen(pre); i-- > 0;) *--d = (unsigned char)pre[i], at++;
    if (w.negative) *--d = '-', at++;
    return hd_str_latin1((char *)d, n + at);
}

hd_value hd_int_from_bytes(const unsigned char *p, size_t n, bool little, bool is_signed)
{
    if (n == 0) return hd_fix(0);
    bool negative = is_signed && (little ? p[n - 1] : p[0]) & 0x80;
    mp_size_t limbs = (mp_size_t)((n + 7) / 8);
    struct hd_long *l = hd_long_alloc(limbs);
    if (!l) return HD_ERR;
    memset(l->limb, negative ? 0xff : 0, 8 * (size_t)limbs);
    for (size_t i = 0; i < n; i++) ((unsigned char *)l->limb)[i] = little ? p[i] : p[n - 1 - i];
    if (negative) mpn_neg(l->limb, l->limb, limbs);
    return hd_long_finish(l, limbs, negative);
}
int hd_int_to_bytes(hd_value v, unsigned char *p, size_t n, bool little, bool is_signed)
{
    struct hd_int_view w;
    hd_int_view(v, &w);
    if (w.negative && !is_signed) { hd_raise(&hd_exc_OverflowError, "can't convert negative int to unsigned"); return -1; }
    int64_t bits = hd_int_bit_length(v);
    if (is_signed) {
        bool power = w.negative && w.n;                     /* -2^k needs k + 1 bits only */
        for (mp_size_t i = 0; power && i < w.n; i++)
            power = i + 1 < w.n ? w.limb[i] == 0 : (w.limb[i] & (w.limb[i] - 1)) == 0;
        if (!power) bits++;
        if (w.n == 0) bits = 0;
    }
    if ((uint64_t)bits > 8 * (uint64_t)n) { hd_raise(&hd_exc_OverflowError, "int too big to convert"); return -1; }
    mp_limb_t borrow = 1;
    for (size_t i = 0; i < n; i += 8) {
        mp_limb_t limb = (mp_size_t)(i / 8) < w.n ? w.limb[i / 8] : 0;
        if (w.negative) { limb = ~limb + borrow; borrow = borrow && limb == 0; }
        for (size_t k = i; k < n && k < i + 8; k++, limb >>= 8) p[little ? k : n - 1 - k] = (unsigned char)limb;
    }
    return 0;
}

hd_value hd_int_from_double(double d)
{
    if (isnan(d)) return hd_raise(&hd_exc_ValueError, "cannot convert float NaN to integer");
    if (isinf(d)) return hd_raise(&hd_exc_OverflowError, "cannot convert float infinity to integer");
    d = trunc(d);
    if (fabs(d) < 4e18) return hd_int((int64_t)d);
    int e;
    double f = frexp(fabs(d), &e);
    uint64_t m = (uint64_t)ldexp(f, 53);
    hd_value v = hd_int_lshift(hd_int_u64(m), hd_fix(e - 53));
    return v == HD_ERR || d > 0 ? v : hd_int_neg(v);
}

/* ---- the type ---------------------------------------------------------------------------------------------------------------- */
#define BOTH_INTS(a, b) do { if (!hd_is_int(a) || !hd_is_int(b)) return HD_NOTIMPLEMENTED; } while (0)
static hd_value int_add(hd_value a, hd_value b) { BOTH_INTS(a, b); return hd_int_add(a, b); }
static hd_value int_sub(hd_value a, hd_value b) { BOTH_INTS(a, b); return hd_int_sub(a, b); }
static hd_value int_mul(hd_value a, hd_value b) { BOTH_INTS(a, b); return hd_int_mul(a, b); }
static hd_value int_div(hd_value a, hd_value b) { BOTH_INTS(a, b); return hd_int_truediv(a, b); }
static hd_value int_floordiv(hd_value a, hd_value b) { BOTH_INTS(a, b); return hd_int_floordiv(a, b); }
static hd_value int_mod(hd_value a, hd_value b) { BOTH_INTS(a, b); return hd_int_mod(a, b); }
static hd_value int_divmod(hd_value a, hd_value b)
{
    BOTH_INTS(a, b);
    hd_value q, r;
    return hd_int_divmod(a, b, &q, &r) < 0 ? HD_ERR : hd_tuplev(q, r);
}
static hd_value int_lshift(hd_value a, hd_value b) { BOTH_INTS(a, b); return hd_int_lshift(a, b); }
static hd_value int_rshift(hd_value a, hd_value b) { BOTH_INTS(a, b); return hd_int_rshift(a, b); }
static hd_value int_and(hd_value a, hd_value b) { BOTH_INTS(a, b); return hd_int_bitop(HD_AND, a, b); }
static hd_value int_or(hd_value a, hd_value b) { BOTH_INTS(a, b); return hd_int_bitop(HD_OR, a, b); }
static hd_value int_xor(hd_value a, hd_value b) { BOTH_INTS(a, b); return hd_int_bitop(HD_XOR, a, b); }
static hd_value int_power(hd_value a, hd_value b, hd_value m)
{
    BOTH_INTS(a, b);
    if (m != HD_NONE && !hd_is_int(m)) return HD_NOTIMPLEMENTED;
    return hd_int_pow(a, b, m);
}
static hd_value int_invert(hd_value a) { hd_value n = hd_int_neg(a); return n == HD_ERR ? HD_ERR : hd_int_sub(n, hd_fix(1)); }
static int int_bool(hd_value a) { return hd_int_sign(a) != 0; }
static hd_value int_repr(hd_value a) { return hd_int_to_str(a, 10, false); }
static hd_value int_tofloat(hd_value a)
{
    double d = hd_int_to_double(a);
    return d == -1.0 && hd_exc_pending() ? HD_ERR : hd_float(d);
}
static hd_value int_compare(hd_value a, hd_value b, enum hd_cmpop op)
{
    if (!hd_is_int(a) || !hd_is_int(b)) return HD_NOTIMPLEMENTED;
    int c = hd_int_cmp(a, b);
    bool r = op == HD_LT ? c < 0 : op == HD_LE ? c <= 0 : op == HD_EQ ? c == 0 : op == HD_NE ? c != 0 : op == HD_GT ? c > 0 : c >= 0;
    return hd_bool(r);
}

/* int(text): digits of any script; returns HD_ABSENT when x is no text. */
static hd_value from_text(hd_value x, int base)
{
    if (hd_is_str(x)) {
        const struct hd_str *s = HD_STR(x);
        hd_value v;
        if (s->head.aux & HD_STR_ASCII) v = parse(s->data, (size_t)s->len, base);
        else {
            char *t = hd_scratch((size_t)s->len + 1);
            if (!t) return HD_ERR;
            for (int64_t i = 0; i < s->len; i++) {
                uint32_t c = hd_str_at(x, i);
                int d = c < 128 ? -1 : hd_unicode_decimal(c);
                t[i] = c < 128 ? (char)c : d >= 0 ? (char)('0' + d) : hd_unicode_is_space(c) ? ' ' : '?';
            }
            t[s->len] = 0;
            v = parse(t, (size_t)s->len, base);
        }
        return v != HD_ABSENT ? v : hd_raise(&hd_exc_ValueError, "invalid literal for int() with base %d: %R", base, x);
    }
    struct hd_buffer b;
    bool bytes = hd_is_bytes(x) || hd_has_flag(x, HD_TF_BYTEARRAY);
    if (!bytes && !(hd_is_ptr(x) && hd_type_of(x)->op.getbuffer)) return HD_ABSENT;
    if (hd_buffer_get(x, &b, false) < 0) return HD_ERR;
    char *t = hd_scratch((size_t)b.len + 1);
    if (t) memcpy(t, b.data, (size_t)b.len), t[b.len] = 0;
    int64_t n = b.len;
    hd_buffer_release(&b);
    if (!t) return HD_ERR;
    hd_value v = memchr(t, 0, (size_t)n) ? HD_ABSENT : parse(t, (size_t)n, base);
    return v != HD_ABSENT ? v : hd_raise(&hd_exc_ValueError, "invalid literal for int() with base %d: %R", base, hd_bytes_new(t, (size_t)n));
}

static hd_value subclass_value(hd_value type, hd_value v)
{
    if (v == HD_ERR || type == hd_obj(&hd_int_type)) return v;
    struct hd_int_view w;
    hd_int_view(v, &w);
    struct hd_long *l = hd_new_immutable_sub(HD_TYPE(type), long_size(w.n));
    if (!l) return HD_ERR;
    l->n = (uint64_t)w.n, l->head.aux = w.negative;
    if (w.n) memcpy(l->limb, w.limb, 8 * (size_t)w.n);
    return hd_obj(l);
}

static hd_value int_make(hd_value type, const hd_value *args, size_t nargs, hd_value kwnames)
{
    hd_value a[2];
    if (hd_args("int", "|x,/,base", args, nargs, kwnames, a) < 0) return HD_ERR;
    if (a[0] == HD_ABSENT) {
        if (a[1] != HD_ABSENT) return hd_raise(&hd_exc_TypeError, "int() missing string argument");
        return subclass_value(type, hd_fix(0));
    }
    if (a[1] == HD_ABSENT) return subclass_value(type, hd_number_int(a[0]));
    int64_t base;
    if (hd_as_index(a[1], &base) < 0) return HD_ERR;
    if (base != 0 && (base < 2 || base > 36)) return hd_raise(&hd_exc_ValueError, "int() base must be >= 2 and <= 36, or 0");
    if (!hd_is_str(a[0]) && !hd_is_bytes(a[0]) && !hd_has_flag(a[0], HD_TF_BYTEARRAY))
        return hd_raise(&hd_exc_TypeError, "int() can't convert non-string with explicit base");
    return subclass_value(type, from_text(a[0], (int)base));
}

/* int(x) for one argument: __int__, __index__, __trunc__, text. */
hd_value hd_number_int(hd_value x)
{
    if (hd_is_int_exact(x)) return x;
    if (hd_is_flo(x)) return hd_int_from_double(hd_unflo(x));
    struct hd_type *t = hd_type_of(x);
    if (t->op.toint) {
        hd_value v = t->op.toint(x);
        if (v == HD_ERR || hd_is_int_exact(v)) return v;
        if (!hd_is_int(v)) return hd_raise(&hd_exc_TypeError, "__int__ returned non-int (type %T)", v);
        if (hd_warn(&hd_exc_DeprecationWarning, 1, "__int__ returned non-int (type %T).  The ability to return an instance of a strict "
                    "subclass of int is deprecated, and may not be supported in a future version of Python.", v) < 0) return HD_ERR;
        return hd_int_exact(v);
    }
    if (t->op.index) return hd_number_index(x);
    hd_value trunc_method = hd_special(x, hd_s___trunc__);
    if (trunc_method == HD_ERR) return HD_ERR;
    if (trunc_method != HD_ABSENT) {
        if (hd_warn(&hd_exc_DeprecationWarning, 1, "The delegation of int() to __trunc__ is deprecated.") < 0) return HD_ERR;
        hd_value v = hd_call0(trunc_method);
        if (v == HD_ERR || hd_is_int_exact(v)) return v;
        if (hd_is_int(v)) return hd_int_exact(v);
        if (!hd_type_of(v)->op.index) return hd_raise(&hd_exc_TypeError, "__trunc__ returned non-Integral (type %T)", v);
        return hd_number_index(v);
    }
    hd_value v = from_text(x, 10);
    if (v == HD_ABSENT)
        return hd_raise(&hd_exc_TypeError, "int() argument must be a string, a bytes-like object or a real number, not '%T'", x);
    return v;
}

static hd_value int_bit_length(hd_value self, const hd_value *args, size_t n, hd_value kw) { return hd_int(hd_int_bit_length(self)); }
static hd_value int_bit_count(hd_value self, const hd_value *args, size_t n, hd_value kw)
{
    struct hd_int_view w;
    hd_int_view(self, &w);
    return hd_int(w.n ? (int64_t)mpn_popcount(w.limb, w.n) : 0);
}
static hd_value int_self(hd_value self, const hd_value *args, size_t n, hd_value kw) { return hd_int_exact(self); }
static hd_value int_exact_unary(hd_value self) { return hd_int_exact(self); }
static hd_value int_get_self(hd_value self, void *c) { return hd_int_exact(self); }
static hd_value int_get_const(hd_value self, void *c) { return hd_fix((intptr_t)c); }
static hd_value int_ratio(hd_value self, const hd_value *args, size_t n, hd_value kw) { return hd_tuplev(hd_int_exact(self), hd_fix(1)); }
static hd_value int_newargs(hd_value self, const hd_value *args, size_t n, hd_value kw) { return hd_tuplev(hd_int_exact(self)); }
static hd_value int_sizeof(hd_value self, const hd_value *args, size_t n, hd_value kw)
{
    struct hd_int_view w;
    hd_int_view(self, &w);
    return hd_fix(hd_is_fix(self) ? 8 : (int64_t)long_size(w.n));
}
static hd_value int_format(hd_value self, const hd_value *args, size_t n, hd_value kw)
{
    if (!hd_is_str(args[0])) return hd_raise(&hd_exc_TypeError, "__format__() argument must be str, not %A", args[0]);
    return hd_int_format(self, args[0]);
}
/* round(i, n): n < 0 rounds to a power of ten, ties to even. */
static hd_value int_round(hd_value self, const hd_value *args, size_t n, hd_value kw)
{
    if (n == 0) return hd_int_exact(self);
    hd_value digits = hd_number_index(args[0]);
    if (digits == HD_ERR) return HD_ERR;
    if (hd_int_sign(digits) >= 0) return hd_int_exact(self);
    hd_value neg = hd_int_neg(digits), p = neg == HD_ERR ? HD_ERR : hd_int_pow(hd_fix(10), neg, HD_NONE);
    if (p == HD_ERR) return HD_ERR;
    hd_value q, r;
    if (hd_int_divmod(self, p, &q, &r) < 0) return HD_ERR;
    hd_value twice = hd_int_lshift(r, hd_fix(1));
    if (twice == HD_ERR) return HD_ERR;
    int c = hd_int_cmp(twice, p);
    struct hd_int_view w;
    hd_int_view(q, &w);
    hd_value down = hd_int_sub(hd_int_exact(self), r);
    if (down == HD_ERR) return HD_ERR;
    return c > 0 || (c == 0 && w.n && (w.limb[0] & 1)) ? hd_int_add(down, p) : down;
}
static int byteorder(hd_value v, bool *little)
{
    if (v == HD_ABSENT) { *little = false; return 0; }
    if (!hd_is_str(v)) { hd_raise(&hd_exc_TypeError, "to_bytes() argument 'byteorder' must be str, not %A", v); return -1; }
    if (hd_str_is(v, "little")) { *little = true; return 0; }
    if (hd_str_is(v, "big")) { *little = false; return 0; }
    hd_raise(&hd_exc_ValueError, "byteorder must be either 'little' or 'big'");
    return -1;
}
static hd_value int_to_bytes(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
{
    hd_value a[3];
    if (hd_args("to_bytes", "|length,byteorder,*,signed", args, nargs, kwnames, a) < 0) return HD_ERR;
    int64_t n = 1;
    bool little;
    if (a[0] != HD_ABSENT && hd_as_i64(a[0], &n) < 0) return HD_ERR;
    if (byteorder(a[1], &little) < 0) return HD_ERR;
    int is_signed = a[2] == HD_ABSENT ? 0 : hd_truth(a[2]);
    if (is_signed < 0) return HD_ERR;
    if (n < 0) return hd_raise(&hd_exc_ValueError, "length argument must be non-negative");
    hd_value b = hd_bytes_new(NULL, (size_t)n);
    if (b == HD_ERR || hd_int_to_bytes(self, HD_BYTES(b)->data, (size_t)n, little, is_signed) < 0) return HD_ERR;
    return b;
}
static hd_value int_from_bytes(hd_value cls, const hd_value *args, size_t nargs, hd_value kwnames)
{
    hd_value a[3];
    if (hd_args("from_bytes", "bytes,|byteorder,*,signed", args, nargs, kwnames, a) < 0) return HD_ERR;
    bool little;
    if (byteorder(a[1], &little) < 0) return HD_ERR;
    int is_signed = a[2] == HD_ABSENT ? 0 : hd_truth(a[2]);
    if (is_signed < 0) return HD_ERR;
    hd_value bytes = a[0], v;
    if (!hd_is_bytes(bytes)) {
        hd_value made = hd_call_special(bytes, hd_s___bytes__, NULL, 0);
        if (made == HD_ERR) return HD_ERR;
        if (made != HD_ABSENT && !hd_is_bytes(made)) return hd_raise(&hd_exc_TypeError, "__bytes__ returned non-bytes (type %T)", made);
        bytes = made != HD_ABSENT ? made : hd_bytes_of(bytes);
        if (bytes == HD_ERR) return HD_ERR;
    }
    v = hd_int_from_bytes(HD_BYTES(bytes)->data, (size_t)HD_BYTES(bytes)->len, little, is_signed);
    return v == HD_ERR || cls == hd_obj(&hd_int_type) ? v : hd_callv(cls, v);
}

static const struct hd_methoddef int_methods[] = {
    { "conjugate", int_self, 0, 0, 0, "conjugate($self, /)\n--\n\nThe number itself." },
    { "bit_length", int_bit_length, 0, 0, 0, "bit_length($self, /)\n--\n\nNumber of bits necessary to represent the magnitude in binary.\n\n   >>> (-8).bit_length()\n   4" },
    { "bit_count", int_bit_count, 0, 0, 0, "bit_count($self, /)\n--\n\nNumber of ones in the binary representation of the absolute value.\n\n   >>> (11).bit_count()\n   3" },
    { "to_bytes", int_to_bytes, 0, -1, HD_METH_KW, "to_bytes($self, /, length=1, byteorder='big', *, signed=False)\n--\n\nThe number as an array of bytes." },
    { "from_bytes", int_from_bytes, 0, -1, HD_METH_KW | HD_METH_CLASS, "from_bytes($type, /, bytes, byteorder='big', *, signed=False)\n--\n\nThe number that an array of bytes represents." },
    { "as_integer_ratio", int_ratio, 0, 0, 0, "as_integer_ratio($self, /)\n--\n\nA pair of integers whose ratio equals the number.\n\n   >>> (-3).as_integer_ratio()\n   (-3, 1)" },
    { "__trunc__", int_self, 0, 0, 0, "Truncating an Integral returns itself." },
    { "__floor__", int_self, 0, 0, 0, "Flooring an Integral returns itself." },
    { "__ceil__", int_self, 0, 0, 0, "Ceiling of an Integral returns itself." },
    { "__round__", int_round, 0, 1, 0, "Rounding an Integral returns itself.\n\nRounding with an ndigits argument also returns an integer." },
    { "__getnewargs__", int_newargs, 0, 0, 0, "__getnewargs__($self, /)\n--\n\n" },
    { "__format__", int_format, 1, 1, 0, "__format__($self, format_spec, /)\n--\n\n" },
    { "__sizeof__", int_sizeof, 0, 0, 0, "__sizeof__($self, /)\n--\n\nSize in memory, in bytes." },
    { 0 }
};
static const struct hd_getsetdef int_getsets[] = {
    { "real", int_get_self, NULL, "the real part of a complex number", NULL },
    { "imag", int_get_const, NULL, "the imaginary part of a complex number", (void *)0 },
    { "numerator", int_get_self, NULL, "the numerator of a rational number in lowest terms", NULL },
    { "denominator", int_get_const, NULL, "the denominator of a rational number in lowest terms", (void *)1 },
    { 0 }
};
struct hd_type hd_int_type = {
    .cname = "int", .basicsize = offsetof(struct hd_long, limb), .itemsize = 8,
    .flags = HD_TF_BASETYPE | HD_TF_IMMUTABLE_LAYOUT | HD_TF_INT,
    .doc = "int([x]) -> integer\nint(text, base=10) -> integer\n\nA whole number of any size.\n\n   >>> int('ff', 16)\n   255",
    .methods = int_methods, .getsets = int_getsets,
    .op = {
        .repr = int_repr, .hash = hd_int_hash, .boolean = int_bool, .richcompare = int_compare, .make = int_make, .size = long_object_size,
        .neg = hd_int_neg, .pos = int_exact_unary, .absolute = int_abs, .invert = int_invert, .toint = int_exact_unary,
        .index = int_exact_unary, .tofloat = int_tofloat, .power = int_power,
        .binary = { [HD_ADD] = int_add, [HD_SUB] = int_sub, [HD_MUL] = int_mul, [HD_DIV] = int_div, [HD_FLOORDIV] = int_floordiv,
                    [HD_MOD] = int_mod, [HD_DIVMOD] = int_divmod, [HD_LSHIFT] = int_lshift, [HD_RSHIFT] = int_rshift,
                    [HD_AND] = int_and, [HD_OR] = int_or, [HD_XOR] = int_xor },
    },
};

/* ---- bool ---------------------------------------------------------------------------------------------------------------------- */
static hd_value bool_repr(hd_value v) { return hd_intern(v == HD_TRUE ? "True" : "False"); }
static hd_value bool_make(hd_value type, const hd_value *args, size_t nargs, hd_value kwnames)
{
    if (hd_no_kwargs("bool", kwnames) < 0) return HD_ERR;
    if (nargs > 1) return hd_raise(&hd_exc_TypeError, "bool expected at most 1 argument, got %zu", nargs);
    int t = nargs ? hd_truth(args[0]) : 0;
    return t < 0 ? HD_ERR : hd_bool(t);
}
#define BOOL_OP(name, OP, c_op)                                                                                           \
    static hd_value name(hd_value a, hd_value b)                                                                          \
    {                                                                                                                     \
        bool ab = a == HD_TRUE || a == HD_FALSE, bb = b == HD_TRUE || b == HD_FALSE;                                      \
        if (ab && bb) return hd_bool((a == HD_TRUE) c_op (b == HD_TRUE));                                                 \
        BOTH_INTS(a, b);                                                                                                  \
        return hd_int_bitop(OP, a, b);                                                                                    \
    }
BOOL_OP(bool_and, HD_AND, &)
BOOL_OP(bool_or, HD_OR, |)
BOOL_OP(bool_xor, HD_XOR, ^)

struct hd_type hd_bool_type = {
    .cname = "bool", .basicsize = offsetof(struct hd_long, limb), .itemsize = 8,
    .flags = HD_TF_IMMUTABLE_LAYOUT | HD_TF_INT,
    .doc = "bool(x): the truth of x, True or False.",
    .op = { .repr = bool_repr, .make = bool_make, .size = long_object_size,
            .binary = { [HD_AND] = bool_and, [HD_OR] = bool_or, [HD_XOR] = bool_xor } },
};
