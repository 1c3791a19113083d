/* The module _random: the Mersenne Twister MT19937 (Matsumoto and Nishimura).
 *
 * A generator holds its 624 words of state in a bytes object that is never changed, and the number of words used.  Drawing a
 * number writes one slot; after 624 draws a new block takes the place of the old one. */
#include <errno.h>
#include <sys/random.h>
#include "interp/core/api.h"
#include "interp/modules/modules.h"
#include "interp/types/number.h"

#define DEF(name) static hd_value name(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
enum { N = 624, M = 397 };

HD_MUTABLE(generator)
struct generator { struct hd_mhead head; hd_vslot block; hd_islot used; };
HD_MUTABLE_OPEN(generator, hd_inst_size((const struct hd_inst *)o))
#define GENERATOR(v) ((struct generator *)hd_ptr(v))
#define WORDS(block) ((uint32_t *)(void *)HD_BYTES(block)->data)

static void put_state(hd_value self, hd_value block, int64_t used)
{
    generator_w w = generator_open(GENERATOR(self));
    HD_PUT(w, block, block);
    HD_PUT(w, used, used);
}
static uint32_t twist(uint32_t hi, uint32_t lo, uint32_t far)
{
    uint32_t y = (hi & 0x80000000u) | (lo & 0x7fffffffu);
    return far ^ y >> 1 ^ ((y & 1) ? 0x9908b0dfu : 0);
}
static hd_value next_block(hd_value old)
{
    hd_value block = hd_bytes_new(NULL, 4 * N);
    if (block == HD_ERR) return HD_ERR;
    uint32_t *w = WORDS(block);
    memcpy(w, WORDS(old), 4 * N);
    for (int i = 0; i < N; i++) w[i] = twist(w[i], w[(i + 1) % N], w[(i + M) % N]);
    return block;
}
/* n words; 0, -1. */
static int draw(hd_value self, uint32_t *out, size_t n)
{
    generator_w w = generator_open(GENERATOR(self));
    hd_value block = HD_OWN(w, block);
    int64_t used = HD_OWN(w, used);
    for (size_t i = 0; i < n; i++) {
        if (used == N) {
            if ((block = next_block(block)) == HD_ERR) return -1;
            HD_PUT(w, block, block);
            used = 0;
        }
        uint32_t y = WORDS(block)[used++];
        y ^= y >> 11;
        y ^= y << 7 & 0x9d2c5680u;
        y ^= y << 15 & 0xefc60000u;
        out[i] = y ^ y >> 18;
    }
    HD_PUT(w, used, used);
    return 0;
}

/* ---- seeding -------------------------------------------------------------------------------------------------------------------- */
static int seed_words(hd_value self, const uint32_t *key, size_t n)
{
    hd_value block = hd_bytes_new(NULL, 4 * N);
    if (block == HD_ERR) return -1;
    uint32_t *w = WORDS(block);
    w[0] = 19650218u;
    for (uint32_t i = 1; i < N; i++) w[i] = 1812433253u * (w[i - 1] ^ w[i - 1] >> 30) + i;
    uint32_t i = 1;
    size_t j = 0;
    for (size_t k = n > N ? n : N; k > 0; k--) {
        w[i] = (w[i] ^ (w[i - 1] ^ w[i - 1] >> 30) * 1664525u) + key[j] + (uint32_t)j;
        if (++i == N) w[0] = w[N - 1], i = 1;
        if (++j == n) j = 0;
    }
    for (int k = N - 1; k > 0; k--) {
        w[i] = (w[i] ^ (w[i - 1] ^ w[i - 1] >> 30) * 1566083941u) - i;
        if (++i == N) w[0] = w[N - 1], i = 1;
    }
    w[0] = 0x80000000u;
    put_state(self, block, N);
    return 0;
}
static int seed(hd_value self, hd_value v)
{
    if (v == HD_NONE) {
        uint32_t key[N];
        if (getrandom(key, sizeof key, 0) != (ssize_t)sizeof key) { hd_raise_errno(errno, HD_ABSENT, HD_ABSENT); return -1; }
        return seed_words(self, key, N);
    }
    if (!hd_is_int(v)) {
        int64_t h = hd_hash(v);
        if (h == -1) return -1;
        v = hd_int_u64((uint64_t)h);
        if (v == HD_ERR) return -1;
    }
    struct hd_int_view view;
    hd_int_view(v, &view);
    size_t n = 2 * (size_t)view.n;
    uint32_t *key = hd_scratch(4 * (n + 1));
    if (!key) return -1;
    key[0] = 0;
    memcpy(key, view.limb, 4 * n);
    if (n > 0 && key[n - 1] == 0) n--;
    return seed_words(self, key, n ? n : 1);
}
DEF(random_seed) { return seed(self, nargs ? args[0] : HD_NONE) < 0 ? HD_ERR : HD_NONE; }
static hd_value random_make(hd_value type, const hd_value *args, size_t nargs, hd_value kwnames)
{
    if (nargs > 1) return hd_raise(&hd_exc_TypeError, "Random() requires 0 or 1 argument");
    hd_value v = hd_alloc_instance(HD_TYPE(type), 0);
    if (v == HD_ERR) return HD_ERR;
    HD_INIT(GENERATOR(v), block, HD_NONE);
    return seed(v, nargs ? args[0] : HD_NONE) < 0 ? HD_ERR : v;
}

/* ---- numbers ---------------------------------------------------------------------------------------------------------------------- */
DEF(random_random)
{
    uint32_t w[2];
    if (draw(self, w, 2) < 0) return HD_ERR;
    return hd_float(((w[0] >> 5) * 67108864.0 + (w[1] >> 6)) * (1.0 / 9007199254740992.0));
}
DEF(random_getrandbits)
{
    int k;
    if (hd_as_int32(args[0], &k) < 0) return HD_ERR;
    if (k < 0) return hd_raise(&hd_exc_ValueError, "number of bits must be non-negative");
    if (k == 0) return hd_fix(0);
    uint32_t local[4], *w = local;
    size_t n = ((size_t)k + 31) / 32;
    if (n > 4 && !(w = hd_scratch(4 * n))) return HD_ERR;
    if (draw(self, w, n) < 0) return HD_ERR;
    if (k % 32) w[n - 1] >>= 32 - k % 32;
    if (n == 1) return hd_fix(w[0]);
    if (n == 2) return hd_int_u64(w[0] | (uint64_t)w[1] << 32);
    return hd_int_from_bytes((const unsigned char *)w, 4 * n, true, false);
}
DEF(random_getstate)
{
    hd_value t = hd_tuple_new(N + 1), block = HD_GET(GENERATOR(self), block);
    if (t == HD_ERR) return HD_ERR;
    for (int i = 0; i < N; i++) HD_TUPLE(t)->item[i] = hd_fix(WORDS(block)[i]);
    HD_TUPLE(t)->item[N] = hd_fix(HD_GET(GENERATOR(self), used));
    return t;
}
DEF(random_setstate)
{
    if (!hd_is_tuple(args[0])) return hd_raise(&hd_exc_TypeError, "state vector must be a tuple");
    if (HD_TUPLE(args[0])->len != N + 1) return hd_raise(&hd_exc_ValueError, "state vector is the wrong size");
    hd_value block = hd_bytes_new(NULL, 4 * N);
    if (block == HD_ERR) return HD_ERR;
    for (int i = 0; i < N; i++) {
        uint64_t x;
        hd_value v = HD_TUPLE(args[0])->item[i];
        if (!hd_is_int(v)) return hd_raise(&hd_exc_TypeError, "an integer is required");
        if (hd_as_u64(v, &x) < 0) return HD_ERR;
        WORDS(block)[i] = (uint32_t)x;
    }
    int64_t used;
    if (hd_as_i64(HD_TUPLE(args[0])->item[N], &used) < 0) return HD_ERR;
    if (used < 0 || used > N) return hd_raise(&hd_exc_ValueError, "invalid state");
    put_state(self, block, used);
    return HD_NONE;
}
static void random_trace(void *o, struct gc_marker *m) { gc_mark(m, HD_RAW(((struct generator *)o)->block)); }
static const struct hd_methoddef random_methods[] = {
    { "random", random_random, 0, 0, 0, "random($self, /)\n--\n\nrandom() -> x in the interval [0, 1)." },
    { "seed", random_seed, 0, 1, 0, "seed($self, n=None, /)\n--\n\nStarts the sequence anew, from n or from the system's randomness." },
    { "getstate", random_getstate, 0, 0, 0, "getstate($self, /)\n--\n\ngetstate() -> tuple containing the current state." },
    { "setstate", random_setstate, 1, 1, 0, "setstate($self, state, /)\n--\n\nRestores the state that getstate() returned." },
    { "getrandbits", random_getrandbits, 1, 1, 0, "getrandbits($self, k, /)\n--\n\ngetrandbits(k) -> x.  Generates an int with k random bits." }, { 0 }
};
static struct hd_type random_type = {
    .cname = "_random.Random", .basicsize = sizeof(struct generator), .flags = HD_TF_BASETYPE,
    .doc = "Random() -> create a random number generator with its own internal state.", .methods = random_methods, .op = { .make = random_make, .trace = random_trace },
};
static int fill(hd_value m) { return hd_add_type(m, &random_type); }
static const struct hd_methoddef methods[] = { { 0 } };
const struct hd_moduledef hd_module_random = { "_random", "The Mersenne Twister.", methods, fill };
