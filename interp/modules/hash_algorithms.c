/* MD5 (RFC 1321), SHA-1 and SHA-2 (FIPS 180-4), SHA-3 (FIPS 202).
 *
 * The constants are computed as the standards define them: sines, fractions of square and cube roots of primes, a shift
 * register.  The tables are filled once, always with the same values. */
#include "interp/modules/hash_internal.h"
#include <gmp.h>
#include <math.h>
#include <string.h>

static uint32_t sines[64];
static uint64_t cube_roots[80], square_roots[16];      /* first 64 bits of the fraction, by prime */
static uint64_t keccak_round[24];

void hd_hash_tables(void)
{
    for (int i = 0; i < 64; i++) sines[i] = (uint32_t)(fabs(sin(i + 1)) * 4294967296.0);
    mpz_t z;
    mpz_init(z);
    for (unsigned p = 2, n = 0; n < 80; p++) {
        bool prime = true;
        for (unsigned d = 2; d * d <= p; d++) prime &= p % d != 0;
        if (!prime) continue;
        mpz_set_ui(z, p);
        mpz_mul_2exp(z, z, 192);
        mpz_root(z, z, 3);
        cube_roots[n] = mpz_getlimbn(z, 0);
        if (n < 16) {
            mpz_set_ui(z, p);
            mpz_mul_2exp(z, z, 128);
            mpz_sqrt(z, z);
            square_roots[n] = mpz_getlimbn(z, 0);
        }
        n++;
    }
    mpz_clear(z);
    unsigned r = 1;
    for (int i = 0; i < 24; i++) {
        uint64_t c = 0;
        for (int j = 0; j < 7; j++) {
            if (r & 1) c |= (uint64_t)1 << ((1 << j) - 1);
            r = r & 0x80 ? r << 1 ^ 0x171 : r << 1;
        }
        keccak_round[i] = c;
    }
}

static inline uint32_t rol(uint32_t x, int n) { return x << n | x >> (32 - n); }
static inline uint32_t ror(uint32_t x, int n) { return x >> n | x << (32 - n); }
static inline uint64_t ror64(uint64_t x, int n) { return x >> n | x << (64 - n); }
static inline uint32_t big32(const uint8_t *p) { return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3]; }
static inline uint64_t big64(const uint8_t *p) { return (uint64_t)big32(p) << 32 | big32(p + 4); }
static inline uint32_t little32(const uint8_t *p) { return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0]; }

void hd_hash_update(const struct hash_algorithm *a, struct hash_state *s, const uint8_t *p, size_t n)
{
    size_t block = (size_t)a->block, have = s->length % block;
    s->length += n;
    if (have) {
        size_t k = block - have < n ? block - have : n;
        memcpy(s->block + have, p, k);
        p += k, n -= k;
        if (have + k < block) return;
        a->compress(s, s->block, a->block);
    }
    for (; n >= block; p += block, n -= block) a->compress(s, p, a->block);
    memcpy(s->block, p, n);
}

/* ---- MD5, SHA-1, SHA-2 ------------------------------------------------------------------------------------------------------------ */
static void md5_compress(struct hash_state *s, const uint8_t *p, int block)
{
    static const uint8_t turns[4][4] = { { 7, 12, 17, 22 }, { 5, 9, 14, 20 }, { 4, 11, 16, 23 }, { 6, 10, 15, 21 } };
    uint32_t a = s->w[0], b = s->w[1], c = s->w[2], d = s->w[3];
    for (int i = 0; i < 64; i++) {
        uint32_t f;
        int g;
        switch (i >> 4) {
        case 0: f = (b & c) | (~b & d), g = i; break;
        case 1: f = (d & b) | (~d & c), g = (5 * i + 1) & 15; break;
        case 2: f = b ^ c ^ d, g = (3 * i + 5) & 15; break;
        default: f = c ^ (b | ~d), g = 7 * i & 15; break;
        }
        f += a + sines[i] + little32(p + 4 * g);
        a = d, d = c, c = b;
        b += rol(f, turns[i >> 4][i & 3]);
    }
    s->w[0] += a, s->w[1] += b, s->w[2] += c, s->w[3] += d;
}
static void sha1_compress(struct hash_state *s, const uint8_t *p, int block)
{
    uint32_t w[80], a = s->w[0], b = s->w[1], c = s->w[2], d = s->w[3], e = s->w[4];
    for (int i = 0; i < 80; i++) w[i] = i < 16 ? big32(p + 4 * i) : rol(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
    for (int i = 0; i < 80; i++) {
        uint32_t f = i < 20 ? ((b & c) | (~b & d)) + 0x5a827999u : i < 40 ? (b ^ c ^ d) + 0x6ed9eba1u :
                     i < 60 ? ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdcu : (b ^ c ^ d) + 0xca62c1d6u;
        f += rol(a, 5) + e + w[i];
        e = d, d = c, c = rol(b, 30), b = a, a = f;
    }
    s->w[0] += a, s->w[1] += b, s->w[2] += c, s->w[3] += d, s->w[4] += e;
}
static void sha256_compress(struct hash_state *s, const uint8_t *p, int block)
{
    uint32_t w[64], v[8];
    for (int i = 0; i < 16; i++) w[i] = big32(p + 4 * i);
    for (int i = 16; i < 64; i++)
        w[i] = w[i - 16] + w[i - 7] + (ror(w[i - 15], 7) ^ ror(w[i - 15], 18) ^ w[i - 15] >> 3) + (ror(w[i - 2], 17) ^ ror(w[i - 2], 19) ^ w[i - 2] >> 10);
    memcpy(v, s->w, sizeof v);
    for (int i = 0; i < 64; i++) {
        uint32_t t = v[7] + (ror(v[4], 6) ^ ror(v[4], 11) ^ ror(v[4], 25)) + ((v[4] & v[5]) ^ (~v[4] & v[6])) + (uint32_t)(cube_roots[i] >> 32) + w[i];
        uint32_t u = (ror(v[0], 2) ^ ror(v[0], 13) ^ ror(v[0], 22)) + ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
        memmove(v + 1, v, 7 * sizeof *v);
        v[4] += t, v[0] = t + u;
    }
    for (int i = 0; i < 8; i++) s->w[i] += v[i];
}
static void sha512_compress(struct hash_state *s, const uint8_t *p, int block)
{
    uint64_t w[80], v[8];
    for (int i = 0; i < 16; i++) w[i] = big64(p + 8 * i);
    for (int i = 16; i < 80; i++)
        w[i] = w[i - 16] + w[i - 7] + (ror64(w[i - 15], 1) ^ ror64(w[i - 15], 8) ^ w[i - 15] >> 7) + (ror64(w[i - 2], 19) ^ ror64(w[i - 2], 61) ^ w[i - 2] >> 6);
    memcpy(v, s->q, sizeof v);
    for (int i = 0; i < 80; i++) {
        uint64_t t = v[7] + (ror64(v[4], 14) ^ ror64(v[4], 18) ^ ror64(v[4], 41)) + ((v[4] & v[5]) ^ (~v[4] & v[6])) + cube_roots[i] + w[i];
        uint64_t u = (ror64(v[0], 28) ^ ror64(v[0], 34) ^ ror64(v[0], 39)) + ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
        memmove(v + 1, v, 7 * sizeof *v);
        v[4] += t, v[0] = t + u;
    }
    for (int i = 0; i < 8; i++) s->q[i] += v[i];
}
static void start_md(const struct hash_algorithm *a, struct hash_state *s)
{
    static const uint32_t first[5] = { 0x67452301u, 0xefcdab89u, 0x98badcfeu, 0x10325476u, 0xc3d2e1f0u };
    memset(s, 0, sizeof *s);
    memcpy(s->w, first, sizeof first);
}
static void start_sha2(const struct hash_algorithm *a, struct hash_state *s)
{
    memset(s, 0, sizeof *s);
    for (int i = 0; i < 8; i++) {
        switch (a->digest) {
        case 28: s->w[i] = (uint32_t)square_roots[8 + i]; break;
        case 32: s->w[i] = (uint32_t)(square_roots[i] >> 32); break;
        case 48: s->q[i] = square_roots[8 + i]; break;
        default: s->q[i] = square_roots[i]; break;
        }
    }
}
static void finish_md(const struct hash_algorithm *a, struct hash_state *s, uint8_t *out, size_t n)
{
    uint64_t bits = s->length * 8, high = s->length >> 61;
    size_t block = (size_t)a->block, tail = block / 8, have = s->length % block;
    uint8_t pad[272] = { 0x80 };
    size_t len = (have + 1 + tail <= block ? block : 2 * block) - have;
    bool little = a->compress == md5_compress;
    for (size_t i = 0; i < 8; i++) pad[len - 8 + i] = (uint8_t)(bits >> 8 * (little ? i : 7 - i));
    if (tail == 16) pad[len - 9] = (uint8_t)high;
    hd_hash_update(a, s, pad, len);
    for (size_t i = 0; i < n; i++)
        out[i] = block == 128 ? (uint8_t)(s->q[i / 8] >> 8 * (7 - i % 8)) : (uint8_t)(s->w[i / 4] >> 8 * (little ? i % 4 : 3 - i % 4));
}

/* ---- Keccak --------------------------------------------------------------------------------------------------------------------------- */
static void permute(uint64_t a[25])
{
    for (int round = 0; round < 24; round++) {
        uint64_t c[5], last = a[1];
        for (int x = 0; x < 5; x++) c[x] = a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20];
        for (int x = 0; x < 5; x++)
            for (int y = 0; y < 25; y += 5) a[y + x] ^= c[(x + 4) % 5] ^ ror64(c[(x + 1) % 5], 63);
        last = a[1];
        for (int t = 0, x = 1, y = 0; t < 24; t++) {
            int ny = (2 * x + 3 * y) % 5, turn = (t + 1) * (t + 2) / 2 % 64;
            x = y, y = ny;
            uint64_t next = a[x + 5 * y];
            a[x + 5 * y] = turn ? ror64(last, 64 - turn) : last;
            last = next;
        }
        for (int y = 0; y < 25; y += 5) {
            memcpy(c, a + y, sizeof c);
            for (int x = 0; x < 5; x++) a[y + x] = c[x] ^ (~c[(x + 1) % 5] & c[(x + 2) % 5]);
        }
        a[0] ^= keccak_round[round];
    }
}
static void keccak_compress(struct hash_state *s, const uint8_t *p, int block)
{
    for (int i = 0; i < block; i++) s->keccak[i / 8] ^= (uint64_t)p[i] << 8 * (i % 8);
    permute(s->keccak);
}
static void start_zero(const struct hash_algorithm *a, struct hash_state *s) { memset(s, 0, sizeof *s); }
static void finish_keccak(const struct hash_algorithm *a, struct hash_state *s, uint8_t *out, size_t n)
{
    size_t block = (size_t)a->block, have = s->length % block;
    memset(s->block + have, 0, block - have);
    s->block[have] ^= a->suffix;
    s->block[block - 1] ^= 0x80;
    keccak_compress(s, s->block, a->block);
    for (size_t i = 0; i < n; i++) {
        if (i > 0 && i % block == 0) permute(s->keccak);
        out[i] = (uint8_t)(s->keccak[i % block / 8] >> 8 * (i % 8));
    }
}

const struct hash_algorithm hd_hash_md5 = { "md5", 16, 64, 0, start_md, md5_compress, finish_md },
    hd_hash_sha1 = { "sha1", 20, 64, 0, start_md, sha1_compress, finish_md },
    hd_hash_sha224 = { "sha224", 28, 64, 0, start_sha2, sha256_compress, finish_md }, hd_hash_sha256 = { "sha256", 32, 64, 0, start_sha2, sha256_compress, finish_md },
    hd_hash_sha384 = { "sha384", 48, 128, 0, start_sha2, sha512_compress, finish_md }, hd_hash_sha512 = { "sha512", 64, 128, 0, start_sha2, sha512_compress, finish_md },
    hd_hash_sha3_224 = { "sha3_224", 28, 144, 6, start_zero, keccak_compress, finish_keccak }, hd_hash_sha3_256 = { "sha3_256", 32, 136, 6, start_zero, keccak_compress, finish_keccak },
    hd_hash_sha3_384 = { "sha3_384", 48, 104, 6, start_zero, keccak_compress, finish_keccak }, hd_hash_sha3_512 = { "sha3_512", 64, 72, 6, start_zero, keccak_compress, finish_keccak },
    hd_hash_shake_128 = { "shake_128", 0, 168, 0x1f, start_zero, keccak_compress, finish_keccak }, hd_hash_shake_256 = { "shake_256", 0, 136, 0x1f, start_zero, keccak_compress, finish_keccak };
