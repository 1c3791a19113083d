/* Doubles and decimal digits: the shortest digits that read back as a double, and doubles of decimal numbers.
 *
 * The first is Giulietti's method (the Schubfach way to doubles): the interval of what rounds to the double is scaled by one
 * power of ten, known to 128 bits, and holds one or two candidates.  The second is Lemire's: the digits are multiplied with a
 * power of ten of 128 bits, and the rare product that does not tell how to round is the C library's. */
#include <string.h>
#include "interp/types/number.h"
#include "interp/types/float_powers.h"

typedef unsigned __int128 wide;

static int floor_log10_pow2(int e) { return (int)(((int64_t)e * 1262611) >> 22); }
static int floor_log10_three_quarters_pow2(int e) { return (int)(((int64_t)e * 1262611 - 524031) >> 22); }
static int floor_log2_pow10(int e) { return (int)(((int64_t)e * 1741647) >> 19); }

/* (hi:lo) * x / 2^128, rounded to odd: the last bit tells whether anything was cut off. */
static uint64_t scaled(uint64_t hi, uint64_t lo, uint64_t x)
{
    wide low = (wide)lo * x, high = (wide)hi * x + (uint64_t)(low >> 64);
    return (uint64_t)(high >> 64) | ((uint64_t)high > 1);
}

/* d: finite and not 0; its sign is ignored.  Digits without trailing zeros; returns the decimal exponent of the first one. */
int hd_float_shortest(double d, char *digits, int *count)
{
    uint64_t bits, c;
    memcpy(&bits, &d, 8);
    int e = (int)(bits >> 52 & 0x7ff);
    c = bits & (((uint64_t)1 << 52) - 1);
    bool regular = c != 0 || e <= 1;                        /* else the lower neighbour is nearer than the upper one */
    if (e) c |= (uint64_t)1 << 52;
    else e = 1;
    e -= 1075;                                              /* d = c * 2^e */
    uint64_t s;
    int k;
    if (e <= 0 && e > -53 && !(c & (((uint64_t)1 << -e) - 1))) {
        s = c >> -e;                                        /* a whole number below 2^53 */
        k = 0;
    } else {
        bool odd = c & 1;
        k = regular ? floor_log10_pow2(e) : floor_log10_three_quarters_pow2(e);
        int h = e + floor_log2_pow10(-k) + 1;
        uint64_t hi = powers_of_ten[-k - FIRST_POWER].hi, lo = powers_of_ten[-k - FIRST_POWER].lo;
        if (++lo == 0) hi++;                                /* an upper bound is wanted */
        uint64_t lower = scaled(hi, lo, (4 * c - (regular ? 2 : 1)) << h) + odd, middle = scaled(hi, lo, (4 * c) << h),
                 upper = scaled(hi, lo, (4 * c + 2) << h) - odd;
        s = middle / 4;
        uint64_t tens = s / 10;
        bool below = lower <= 40 * tens, above = 40 * tens + 40 <= upper;
        if (s >= 10 && below != above) {
            s = tens + above;
            k++;
        } else {
            below = lower <= 4 * s, above = 4 * s + 4 <= upper;
            if (below != above) s += above;
            else s += middle > 4 * s + 2 || (middle == 4 * s + 2 && (s & 1));
        }
    }
    char t[24], *end = t + sizeof t, *p = hd_write_decimal(s, end);
    k += (int)(end - p) - 1;
    while (end > p + 1 && end[-1] == '0') end--;
    *count = (int)(end - p);
    memcpy(digits, p, (size_t)(end - p));
    return k;
}

/* w * 10^q if it can be told how to round it. */
bool hd_float_from_decimal(uint64_t w, int q, double *out)
{
    static const double exact[] = { 1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
                                    1e17, 1e18, 1e19, 1e20, 1e21, 1e22 };
    if (w <= (uint64_t)1 << 53 && q >= -22 && q <= 22) {    /* both are doubles: one rounding */
        *out = q < 0 ? (double)w / exact[-q] : (double)w * exact[q];
        return true;
    }
    if (w == 0 || q < -340 || q > 308) return false;
    int shift = __builtin_clzll(w);
    w <<= shift;
    uint64_t hi = powers_of_ten[q - FIRST_POWER].hi, lo = powers_of_ten[q - FIRST_POWER].lo;
    wide x = (wide)w * hi;
    uint64_t top = (uint64_t)(x >> 64), rest = (uint64_t)x;
    if ((top & 0x1ff) == 0x1ff && rest + w < w) {           /* what hi lacks may matter */
        wide y = (wide)w * lo;
        uint64_t more = rest + (uint64_t)(y >> 64);
        if (more < rest) top++;
        rest = more;
        if ((top & 0x1ff) == 0x1ff && rest == UINT64_MAX && (uint64_t)y + w < w) return false;
    }
    int first = (int)(top >> 63), e = floor_log2_pow10(q) + 1023 + 63 - shift + first;
    uint64_t m = top >> (first + 9);                        /* 54 bits */
    if (rest == 0 && (top & 0x1ff) == 0 && (m & 3) == 1) return false;     /* half way, as far as can be seen */
    m = (m + (m & 1)) >> 1;
    if (m >> 53) m >>= 1, e++;
    if (e < 1 || e > 2046) return false;
    uint64_t bits = (uint64_t)e << 52 | (m & (((uint64_t)1 << 52) - 1));
    memcpy(out, &bits, 8);
    return true;
}
