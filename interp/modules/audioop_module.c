/* The module audioop: arithmetic on sound fragments, that is, bytes of signed samples of one to four bytes in the machine's
 * order; G.711 (u-law, A-law) and IMA ADPCM. */
#include <math.h>
#include "interp/core/api.h"
#include "interp/modules/modules.h"
#include "interp/types/bytes.h"

#define FN(name) static hd_value ao_##name(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
static hd_value error_type;

/* ---- samples ---------------------------------------------------------------------------------------------------------------------------- */
struct fragment { hd_value keep; const unsigned char *p; int64_t bytes, n; int width; };

static int32_t sample(const unsigned char *p, int width)
{
    uint32_t v = 0;
    for (int i = 0; i < width; i++) v |= (uint32_t)p[i] << (32 - 8 * width + 8 * i);
    return (int32_t)v >> (32 - 8 * width);
}
static void put_sample(unsigned char *p, int width, int32_t v)
{
    for (int i = 0; i < width; i++) p[i] = (unsigned char)((uint32_t)v >> 8 * i);
}
static int32_t at(const struct fragment *f, int64_t i) { return sample(f->p + i * f->width, f->width); }
/* Scaled to 32 bits, and back. */
static int32_t wide(const struct fragment *f, int64_t i) { return (int32_t)((uint32_t)at(f, i) << (32 - 8 * f->width)); }
static void put_wide(unsigned char *p, int width, int32_t v) { put_sample(p, width, v >> (32 - 8 * width)); }
static int32_t largest(int width) { return (int32_t)(0x7fffffffu >> (32 - 8 * width)); }
static int32_t bounded(double v, int width)
{
    double hi = largest(width), lo = -hi - 1;
    return v > hi ? largest(width) : v < lo + 1 ? -largest(width) - 1 : (int32_t)floor(v);
}
static int fail(const char *text)
{
    (void)hd_raise(HD_TYPE(error_type), "%s", text);
    return -1;
}
static int take_width(hd_value v, int *width)
{
    if (hd_as_int32(v, width) < 0) return -1;
    return *width >= 1 && *width <= 4 ? 0 : fail("Size should be 1, 2, 3 or 4");
}
static int take_bytes(hd_value v, struct fragment *f)
{
    if (hd_is_str(v)) { hd_raise(&hd_exc_TypeError, "a bytes-like object is required, not 'str'"); return -1; }
    if ((f->keep = hd_bytes_fixed(v)) == HD_ERR) return -1;
    f->p = HD_BYTES(f->keep)->data, f->bytes = HD_BYTES(f->keep)->len;
    return 0;
}
static int take(const hd_value *args, struct fragment *f)
{
    if (take_bytes(args[0], f) < 0 || take_width(args[1], &f->width) < 0) return -1;
    if (f->bytes % f->width) return fail("not a whole number of frames");
    f->n = f->bytes / f->width;
    return 0;
}
#define OUT(b) (HD_BYTES(b)->data)

/* ---- measures ------------------------------------------------------------------------------------------------------------------------------ */
FN(getsample)
{
    struct fragment f;
    int64_t i;
    if (take(args, &f) < 0 || hd_as_i64(args[2], &i) < 0) return HD_ERR;
    if (i < 0 || i >= f.n) { fail("Index out of range"); return HD_ERR; }
    return hd_fix(at(&f, i));
}
FN(max)
{
    struct fragment f;
    int64_t most = 0;
    if (take(args, &f) < 0) return HD_ERR;
    for (int64_t i = 0; i < f.n; i++) {
        int64_t v = at(&f, i);
        if (v < 0) v = -v;
        if (v > most) most = v;
    }
    return hd_fix(most);
}
FN(minmax)
{
    struct fragment f;
    int32_t lo = INT32_MAX, hi = INT32_MIN;
    if (take(args, &f) < 0) return HD_ERR;
    for (int64_t i = 0; i < f.n; i++) {
        int32_t v = at(&f, i);
        if (v < lo) lo = v;
        if (v > hi) hi = v;
    }
    return hd_tuplev(hd_fix(lo), hd_fix(hi));
}
FN(avg)
{
    struct fragment f;
    int64_t sum = 0;
    if (take(args, &f) < 0) return HD_ERR;
    for (int64_t i = 0; i < f.n; i++) sum += at(&f, i);
    return hd_fix(f.n ? sum / f.n - (sum % f.n < 0) : 0);
}
FN(rms)
{
    struct fragment f;
    double sum = 0;
    if (take(args, &f) < 0) return HD_ERR;
    for (int64_t i = 0; i < f.n; i++) sum += (double)at(&f, i) * at(&f, i);
    return hd_fix(f.n ? (int64_t)sqrt(sum / (double)f.n) : 0);
}
FN(cross)
{
    struct fragment f;
    int64_t n = -1;
    int last = -1;
    if (take(args, &f) < 0) return HD_ERR;
    for (int64_t i = 0; i < f.n; i++) {
        int negative = at(&f, i) < 0;
        if (negative != last) n++;
        last = negative;
    }
    return hd_fix(n);
}
/* Distances between neighbouring extremes: their sum and number, and the largest. */
static void peaks(const struct fragment *f, double *sum, int64_t *count, int64_t *most)
{
    *sum = 0, *count = 0, *most = 0;
    if (f->n == 0) return;
    int64_t last = at(f, 0), extreme = 0;
    int direction = 0;
    bool has = false;
    for (int64_t i = 1; i < f->n; i++) {
        int64_t v = at(f, i);
        if (v == last) continue;
        int now = v > last ? 1 : -1;
        if (direction == -now) {
            if (has) {
                int64_t d = last > extreme ? last - extreme : extreme - last;
                *sum += (double)d, ++*count;
                if (d > *most) *most = d;
            }
            has = true, extreme = last;
        }
        last = v, direction = now;
    }
}
FN(avgpp)
{
    struct fragment f;
    double sum;
    int64_t n, most;
    if (take(args, &f) < 0) return HD_ERR;
    peaks(&f, &sum, &n, &most);
    return hd_fix(n ? (int64_t)(sum / (double)n) : 0);
}
FN(maxpp)
{
    struct fragment f;
    double sum;
    int64_t n, most;
    if (take(args, &f) < 0) return HD_ERR;
    peaks(&f, &sum, &n, &most);
    return hd_fix(most);
}
static int take_shorts(hd_value v, struct fragment *f)
{
    if (take_bytes(v, f) < 0) return -1;
    if (f->bytes & 1) return fail("Strings should be even-sized");
    f->width = 2, f->n = f->bytes / 2;
    return 0;
}
/* Sum of the products of n samples of a from i on and of b from k on. */
static double product(const struct fragment *a, int64_t i, const struct fragment *b, int64_t k, int64_t n)
{
    double sum = 0;
    for (int64_t j = 0; j < n; j++) sum += (double)at(a, i + j) * (double)at(b, k + j);
    return sum;
}
/* Where the reference fits best: the offset whose error, with the best factor there, is least. */
FN(findfit)
{
    struct fragment a, r;
    if (take_shorts(args[0], &a) < 0 || take_shorts(args[1], &r) < 0) return HD_ERR;
    if (a.n < r.n) { fail("First sample should be longer"); return HD_ERR; }
    double reference = product(&r, 0, &r, 0, r.n), energy = product(&a, 0, &a, 0, r.n), both = product(&a, 0, &r, 0, r.n);
    double best = (reference * energy - both * both) / energy;
    int64_t where = 0;
    for (int64_t i = 1; i <= a.n - r.n; i++) {
        double out = at(&a, i - 1), in = at(&a, i - 1 + r.n);
        energy += in * in - out * out;
        both = product(&a, i, &r, 0, r.n);
        double error = (reference * energy - both * both) / energy;
        if (error < best) best = error, where = i;
    }
    return hd_tuplev(hd_int(where), hd_float(product(&a, where, &r, 0, r.n) / reference));
}
FN(findfactor)
{
    struct fragment a, r;
    if (take_shorts(args[0], &a) < 0 || take_shorts(args[1], &r) < 0) return HD_ERR;
    if (a.n != r.n) { fail("Samples should be same size"); return HD_ERR; }
    return hd_float(product(&a, 0, &r, 0, r.n) / product(&r, 0, &r, 0, r.n));
}
FN(findmax)
{
    struct fragment a;
    int64_t n;
    if (take_shorts(args[0], &a) < 0 || hd_as_i64(args[1], &n) < 0) return HD_ERR;
    if (n < 0 || a.n < n) { fail("Input sample should be longer"); return HD_ERR; }
    double energy = product(&a, 0, &a, 0, n), best = energy;
    int64_t where = 0;
    for (int64_t i = 1; i <= a.n - n; i++) {
        double out = at(&a, i - 1), in = at(&a, i - 1 + n);
        energy += in * in - out * out;
        if (energy > best) best = energy, where = i;
    }
    return hd_int(where);
}

/* ---- one fragment to another ------------------------------------------------------------------------------------------------------------------ */
FN(mul)
{
    struct fragment f;
    double factor;
    if (take(args, &f) < 0 || hd_as_double(args[2], &factor) < 0) return HD_ERR;
    hd_value out = hd_bytes_new(NULL, (size_t)f.bytes);
    for (int64_t i = 0; out != HD_ERR && i < f.n; i++) put_sample(OUT(out) + i * f.width, f.width, bounded(at(&f, i) * factor, f.width));
    return out;
}
FN(tomono)
{
    struct fragment f;
    double left, right;
    if (take(args, &f) < 0 || hd_as_double(args[2], &left) < 0 || hd_as_double(args[3], &right) < 0) return HD_ERR;
    if (f.n & 1) { fail("not a whole number of frames"); return HD_ERR; }
    hd_value out = hd_bytes_new(NULL, (size_t)f.bytes / 2);
    for (int64_t i = 0; out != HD_ERR && i < f.n / 2; i++)
        put_sample(OUT(out) + i * f.width, f.width, bounded(at(&f, 2 * i) * left + at(&f, 2 * i + 1) * right, f.width));
    return out;
}
FN(tostereo)
{
    struct fragment f;
    double left, right;
    if (take(args, &f) < 0 || hd_as_double(args[2], &left) < 0 || hd_as_double(args[3], &right) < 0) return HD_ERR;
    hd_value out = hd_bytes_new(NULL, (size_t)f.bytes * 2);
    for (int64_t i = 0; out != HD_ERR && i < f.n; i++) {
        put_sample(OUT(out) + 2 * i * f.width, f.width, bounded(at(&f, i) * left, f.width));
        put_sample(OUT(out) + (2 * i + 1) * f.width, f.width, bounded(at(&f, i) * right, f.width));
    }
    return out;
}
FN(add)
{
    struct fragment a, b;
    const hd_value second[] = { args[1], args[2] }, first[] = { args[0], args[2] };
    if (take_bytes(args[1], &b) < 0 || take(first, &a) < 0) return HD_ERR;
    if (a.bytes != b.bytes) { fail("Lengths should be the same"); return HD_ERR; }
    if (take(second, &b) < 0) return HD_ERR;
    hd_value out = hd_bytes_new(NULL, (size_t)a.bytes);
    for (int64_t i = 0; out != HD_ERR && i < a.n; i++) put_sample(OUT(out) + i * a.width, a.width, bounded((double)at(&a, i) + at(&b, i), a.width));
    return out;
}
FN(bias)
{
    struct fragment f;
    int bias;
    if (take(args, &f) < 0 || hd_as_int32(args[2], &bias) < 0) return HD_ERR;
    hd_value out = hd_bytes_new(NULL, (size_t)f.bytes);
    for (int64_t i = 0; out != HD_ERR && i < f.n; i++) put_sample(OUT(out) + i * f.width, f.width, (int32_t)((uint32_t)at(&f, i) + (uint32_t)bias));   /* wraps around */
    return out;
}
FN(reverse)
{
    struct fragment f;
    if (take(args, &f) < 0) return HD_ERR;
    hd_value out = hd_bytes_new(NULL, (size_t)f.bytes);
    for (int64_t i = 0; out != HD_ERR && i < f.n; i++) put_sample(OUT(out) + (f.n - 1 - i) * f.width, f.width, at(&f, i));
    return out;
}
FN(byteswap)
{
    struct fragment f;
    if (take(args, &f) < 0) return HD_ERR;
    hd_value out = hd_bytes_new(NULL, (size_t)f.bytes);
    for (int64_t i = 0; out != HD_ERR && i < f.bytes; i++) OUT(out)[i] = f.p[i - i % f.width + f.width - 1 - i % f.width];
    return out;
}
FN(lin2lin)
{
    struct fragment f;
    int width;
    if (take(args, &f) < 0 || take_width(args[2], &width) < 0) return HD_ERR;
    if (f.n > INT64_MAX / 8) return hd_no_memory();
    hd_value out = hd_bytes_new(NULL, (size_t)(f.n * width));
    for (int64_t i = 0; out != HD_ERR && i < f.n; i++) put_wide(OUT(out) + i * width, width, wide(&f, i));
    return out;
}

/* ---- rates ---------------------------------------------------------------------------------------------------------------------------------------- */
static int gcd(int a, int b)
{
    while (b) {
        int r = a % b;
        a = b, b = r;
    }
    return a;
}
FN(ratecv)
{
    hd_value a[8];
    struct fragment f;
    int channels, in, out, state_d, wa = 1, wb = 0;
    if (hd_args("ratecv", "fragment,width,nchannels,inrate,outrate,state,|weightA,weightB,/", args, nargs, kwnames, a) < 0 || take_bytes(a[0], &f) < 0 ||
        take_width(a[1], &f.width) < 0 || hd_as_int32(a[2], &channels) < 0 || hd_as_int32(a[3], &in) < 0 || hd_as_int32(a[4], &out) < 0 ||
        (a[6] != HD_ABSENT && hd_as_int32(a[6], &wa) < 0) || (a[7] != HD_ABSENT && hd_as_int32(a[7], &wb) < 0)) return HD_ERR;
    if (channels < 1) { fail("# of channels should be >= 1"); return HD_ERR; }
    if (f.width > INT32_MAX / channels) return hd_raise(&hd_exc_OverflowError, "width * nchannels too big for a C int");
    if (wa < 1 || wb < 0) { fail("weightA should be >= 1, weightB should be >= 0"); return HD_ERR; }
    if (f.bytes % (f.width * channels)) { fail("not a whole number of frames"); return HD_ERR; }
    if (in <= 0 || out <= 0) { fail("sampling rate not > 0"); return HD_ERR; }
    int g = gcd(in, out);
    in /= g, out /= g;
    g = gcd(wa, wb), wa /= g, wb /= g;
    int32_t *last = hd_scratch(2 * sizeof *last * (size_t)channels), *now = last + channels;
    if (!last) return HD_ERR;
    if (a[5] == HD_NONE) {
        state_d = -out;
        for (int c = 0; c < channels; c++) last[c] = now[c] = 0;
    } else {
        if (!hd_is_tuple(a[5])) return hd_raise(&hd_exc_TypeError, "state must be a tuple or None");
        if (HD_TUPLE(a[5])->len != 2 || !hd_is_tuple(HD_TUPLE(a[5])->item[1])) return hd_raise(&hd_exc_TypeError, "ratecv(): illegal state argument");
        hd_value samples = HD_TUPLE(a[5])->item[1];
        if (hd_as_int32(HD_TUPLE(a[5])->item[0], &state_d) < 0) return HD_ERR;
        if (HD_TUPLE(samples)->len != channels) { fail("illegal state argument"); return HD_ERR; }
        for (int c = 0; c < channels; c++) {
            hd_value pair = HD_TUPLE(samples)->item[c];
            if (!hd_is_tuple(pair) || HD_TUPLE(pair)->len != 2) return hd_raise(&hd_exc_TypeError, "ratecv(): illegal state argument");
            if (hd_as_int32(HD_TUPLE(pair)->item[0], &last[c]) < 0 || hd_as_int32(HD_TUPLE(pair)->item[1], &now[c]) < 0) return HD_ERR;
        }
    }
    int64_t n = f.bytes / (f.width * channels), i = 0, d = state_d;
    struct hd_bytebuilder b = { 0 };
    for (;;) {
        for (; d < 0 && i < n; i++, d += out)
            for (int c = 0; c < channels; c++) {
                last[c] = now[c];
                now[c] = (int32_t)(((double)wa * wide(&f, i * channels + c) + (double)wb * last[c]) / ((double)wa + wb));
            }
        if (d < 0) break;
        for (; d >= 0; d -= in)
            for (int c = 0; c < channels; c++) {
                unsigned char t[4];
                put_wide(t, f.width, (int32_t)(((double)last[c] * (double)d + (double)now[c] * ((double)out - (double)d)) / (double)out));
                hd_bb_bytes(&b, t, (size_t)f.width);
            }
    }
    hd_value bytes = hd_bb_finish(&b), samples = bytes == HD_ERR ? HD_ERR : hd_list_new((size_t)channels);
    for (int c = 0; samples != HD_ERR && c < channels; c++) {
        hd_value pair = hd_tuplev(hd_fix(last[c]), hd_fix(now[c]));
        if (pair == HD_ERR || hd_list_append(samples, pair) < 0) return HD_ERR;
    }
    hd_value tuple = samples == HD_ERR ? HD_ERR : hd_list_as_tuple(samples), state = tuple == HD_ERR ? HD_ERR : hd_tuplev(hd_int(d), tuple);
    return state == HD_ERR ? HD_ERR : hd_tuplev(bytes, state);
}

/* ---- G.711 ---------------------------------------------------------------------------------------------------------------------------------------------- */
/* v: 14 bits.  Sign, three bits of exponent, four of mantissa, complemented. */
static unsigned char to_ulaw(int v)
{
    enum { BIAS = 33, CLIP = 8158 };
    int sign = v < 0 ? 0x7f : 0xff, exponent = 0;
    if (v < 0) v = -v;
    if (v > CLIP) v = CLIP;
    v += BIAS;
    while (exponent < 7 && v >> (exponent + 6)) exponent++;
    return (unsigned char)((exponent << 4 | (v >> (exponent + 1) & 15)) ^ sign);
}
static int from_ulaw(unsigned char u)
{
    u = (unsigned char)~u;
    int v = (((u & 15) << 3) + 0x84) << (u >> 4 & 7);
    return u & 0x80 ? 0x84 - v : v - 0x84;
}
/* v: 13 bits.  As above, every other bit inverted. */
static unsigned char to_alaw(int v)
{
    int mask = v >= 0 ? 0xd5 : 0x55, exponent = 0;
    if (v < 0) v = -v - 1;
    while (exponent < 7 && v >> (exponent + 5)) exponent++;
    return (unsigned char)((exponent << 4 | (v >> (exponent < 2 ? 1 : exponent) & 15)) ^ mask);
}
static int from_alaw(unsigned char a)
{
    a ^= 0x55;
    int v = (a & 15) << 4, exponent = a >> 4 & 7;
    v += exponent ? 0x108 : 8;
    if (exponent > 1) v <<= exponent - 1;
    return a & 0x80 ? v : -v;
}
static hd_value compress(const hd_value *args, unsigned char (*f)(int), int shift)
{
    struct fragment s;
    if (take(args, &s) < 0) return HD_ERR;
    hd_value out = hd_bytes_new(NULL, (size_t)s.n);
    for (int64_t i = 0; out != HD_ERR && i < s.n; i++) OUT(out)[i] = f(wide(&s, i) >> shift);
    return out;
}
static hd_value expand(const hd_value *args, int (*f)(unsigned char))
{
    struct fragment s;
    int width;
    if (take_bytes(args[0], &s) < 0 || take_width(args[1], &width) < 0) return HD_ERR;
    if (s.bytes > INT64_MAX / 8) return hd_no_memory();
    hd_value out = hd_bytes_new(NULL, (size_t)(s.bytes * width));
    for (int64_t i = 0; out != HD_ERR && i < s.bytes; i++) put_wide(OUT(out) + i * width, width, (int32_t)((uint32_t)f(s.p[i]) << 16));
    return out;
}
FN(lin2ulaw) { return compress(args, to_ulaw, 18); }
FN(lin2alaw) { return compress(args, to_alaw, 19); }
FN(ulaw2lin) { return expand(args, from_ulaw); }
FN(alaw2lin) { return expand(args, from_alaw); }

/* ---- IMA ADPCM --------------------------------------------------------------------------------------------------------------------------------------------- */
static const int16_t steps[89] = {
    7, 8, 9, 10, 11, 12, 13, 14, 16, 17, 19, 21, 23, 25, 28, 31, 34, 37, 41, 45, 50, 55, 60, 66, 73, 80, 88, 97, 107, 118, 130, 143, 157, 173, 190, 209, 230, 253, 279, 307, 337, 371, 408, 449,
    494, 544, 598, 658, 724, 796, 876, 963, 1060, 1166, 1282, 1411, 1552, 1707, 1878, 2066, 2272, 2499, 2749, 3024, 3327, 3660, 4026, 4428, 4871, 5358, 5894, 6484, 7132, 7845, 8630, 9493,
    10442, 11487, 12635, 13899, 15289, 16818, 18500, 20350, 22385, 24623, 27086, 29794, 32767
};
struct adpcm { int value, index; };
/* What a code changes: the predicted value and the step. */
static void adapt(struct adpcm *s, int code)
{
    static const int8_t change[8] = { -1, -1, -1, -1, 2, 4, 6, 8 };
    int step = steps[s->index], d = (step >> 3) + (code & 4 ? step : 0) + (code & 2 ? step >> 1 : 0) + (code & 1 ? step >> 2 : 0);
    s->value += code & 8 ? -d : d;
    s->value = s->value > 32767 ? 32767 : s->value < -32768 ? -32768 : s->value;
    s->index += change[code & 7];
    s->index = s->index < 0 ? 0 : s->index > 88 ? 88 : s->index;
}
static int adpcm_code(const struct adpcm *s, int v)
{
    int code = 0, step = steps[s->index], diff = v - s->value;
    if (diff < 0) code = 8, diff = -diff;
    for (int bit = 4; bit; bit >>= 1, step >>= 1) if (diff >= step) code |= bit, diff -= step;
    return code;
}
static int take_state(hd_value v, struct adpcm *s)
{
    s->value = s->index = 0;
    if (v == HD_NONE) return 0;
    if (!hd_is_tuple(v)) { hd_raise(&hd_exc_TypeError, "state must be a tuple or None"); return -1; }
    if (HD_TUPLE(v)->len != 2) { hd_raise(&hd_exc_TypeError, "function takes exactly 2 arguments (%lld given)", (long long)HD_TUPLE(v)->len); return -1; }
    if (hd_as_int32(HD_TUPLE(v)->item[0], &s->value) < 0 || hd_as_int32(HD_TUPLE(v)->item[1], &s->index) < 0) return -1;
    if (s->value >= -32768 && s->value < 32768 && s->index >= 0 && s->index <= 88) return 0;
    hd_raise(&hd_exc_ValueError, "bad state");
    return -1;
}
static hd_value with_state(hd_value out, const struct adpcm *s)
{
    hd_value state = hd_tuplev(hd_fix(s->value), hd_fix(s->index));
    return out == HD_ERR || state == HD_ERR ? HD_ERR : hd_tuplev(out, state);
}
FN(lin2adpcm)
{
    struct fragment f;
    struct adpcm s;
    if (take(args, &f) < 0 || take_state(args[2], &s) < 0) return HD_ERR;
    hd_value out = hd_bytes_new(NULL, (size_t)(f.n / 2));
    int high = 0;
    for (int64_t i = 0; out != HD_ERR && i < f.n; i++) {
        int code = adpcm_code(&s, wide(&f, i) >> 16);
        adapt(&s, code);
        if (i & 1) OUT(out)[i / 2] = (unsigned char)(high << 4 | code);
        high = code;
    }
    return with_state(out, &s);
}
FN(adpcm2lin)
{
    struct fragment f;
    struct adpcm s;
    int width;
    if (take_bytes(args[0], &f) < 0 || take_width(args[1], &width) < 0 || take_state(args[2], &s) < 0) return HD_ERR;
    if (f.bytes > INT64_MAX / 16) return hd_no_memory();
    hd_value out = hd_bytes_new(NULL, (size_t)(f.bytes * 2 * width));
    for (int64_t i = 0; out != HD_ERR && i < 2 * f.bytes; i++) {
        adapt(&s, i & 1 ? f.p[i / 2] & 15 : f.p[i / 2] >> 4);
        put_wide(OUT(out) + i * width, width, (int32_t)((uint32_t)s.value << 16));
    }
    return with_state(out, &s);
}

#define M(name, n, signature, text) { #name, ao_##name, n, n, 0, #name "($module, " signature ", /)\n--\n\n" text },
static const struct hd_methoddef methods[] = {
    M(getsample, 3, "fragment, width, index", "Return the value of sample index from the fragment.") M(max, 2, "fragment, width", "Return the maximum of the absolute value of all samples in a fragment.")
    M(minmax, 2, "fragment, width", "Return the minimum and maximum values of all samples in the sound fragment.") M(avg, 2, "fragment, width", "Return the average over all samples in the fragment.")
    M(rms, 2, "fragment, width", "Return the root-mean-square of the fragment, i.e. sqrt(sum(S_i^2)/n).") M(cross, 2, "fragment, width", "Return the number of zero crossings in the fragment passed as an argument.")
    M(avgpp, 2, "fragment, width", "Return the average peak-peak value over all samples in the fragment.") M(maxpp, 2, "fragment, width", "Return the maximum peak-peak value in the sound fragment.")
    M(findfit, 2, "fragment, reference", "Try to match reference as well as possible to a portion of fragment.") M(findfactor, 2, "fragment, reference", "Return a factor F such that rms(add(fragment, mul(reference, -F))) is minimal.")
    M(findmax, 2, "fragment, length", "Search fragment for a slice of specified number of samples with maximum energy.") M(mul, 3, "fragment, width, factor", "Return a fragment that has all samples in the original fragment multiplied by the floating-point value factor.")
    M(tomono, 4, "fragment, width, lfactor, rfactor", "Convert a stereo fragment to a mono fragment.") M(tostereo, 4, "fragment, width, lfactor, rfactor", "Generate a stereo fragment from a mono fragment.")
    M(add, 3, "fragment1, fragment2, width", "Return a fragment which is the addition of the two samples passed as parameters.") M(bias, 3, "fragment, width, bias", "Return a fragment that is the original fragment with a bias added to each sample.")
    M(reverse, 2, "fragment, width", "Reverse the samples in a fragment and returns the modified fragment.") M(byteswap, 2, "fragment, width", "Convert big-endian samples to little-endian and vice versa.")
    M(lin2lin, 3, "fragment, width, newwidth", "Convert samples between 1-, 2-, 3- and 4-byte formats.")
    { "ratecv", ao_ratecv, 6, 8, HD_METH_KW, "ratecv($module, fragment, width, nchannels, inrate, outrate, state,\n       weightA=1, weightB=0, /)\n--\n\nConvert the frame rate of the input fragment." },
    M(lin2ulaw, 2, "fragment, width", "Convert samples in the audio fragment to u-LAW encoding.") M(lin2alaw, 2, "fragment, width", "Convert samples in the audio fragment to a-LAW encoding.")
    M(ulaw2lin, 2, "fragment, width", "Convert sound fragments in u-LAW encoding to linearly encoded sound fragments.") M(alaw2lin, 2, "fragment, width", "Convert sound fragments in a-LAW encoding to linearly encoded sound fragments.")
    M(lin2adpcm, 3, "fragment, width, state", "Convert samples to 4 bit Intel/DVI ADPCM encoding.") M(adpcm2lin, 3, "fragment, width, state", "Decode an Intel/DVI ADPCM coded fragment to a linear fragment.") { 0 }
};
static int fill(hd_value m)
{
    if (hd_warn(&hd_exc_DeprecationWarning, 7, "'audioop' is deprecated and slated for removal in Python 3.13") < 0) return -1;
    hd_root(&error_type);
    hd_value ns = hd_dict_new(), bases = hd_tuplev(hd_obj(&hd_exc_Exception));
    if (ns == HD_ERR || bases == HD_ERR || hd_dict_set_c(ns, "__module__", hd_intern("audioop")) < 0) return -1;
    error_type = hd_type_new(&hd_type_type, hd_intern("error"), bases, ns, NULL, 0);
    return error_type == HD_ERR ? -1 : hd_module_add(m, "error", error_type);
}
const struct hd_moduledef hd_module_audioop = { "audioop", "Manipulate raw audio data.", methods, fill };
