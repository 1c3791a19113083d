/* MD5 (RFC 1321), SHA-1 and SHA-2 (FIPS 180-4). */
#include "interp/modules/digest.h"
#include <string.h>

/* What all digests share: whole blocks are mixed in from where they lie, the rest waits in the buffer. */
void hd_digest_feed(const struct hd_digest *a, struct hd_digest_state *s, const void *data, size_t n)
{
    const unsigned char *p = data;
    size_t block = a->block_size, have = (size_t)(s->count % block);
    if (n == 0) return;
    if (a->keeps_last && have == 0 && s->count) have = block;
    if (have) {
        size_t room = block - have, take = n < room ? n : room;
        memcpy(s->buffer + have, p, take);
        s->count += take, p += take, n -= take, have += take;
        if (have < block || (a->keeps_last && n == 0)) return;
        /* BLAKE2 mixes the number of bytes up to the end of the block into it */
        a->blocks(a, s, s->buffer, 1);
    }
    size_t whole = (a->keeps_last && n > 0 ? n - 1 : n) / block;
    if (whole) {
        if (a->keeps_last) {
            for (size_t i = 0; i < whole; i++, p += block) s->count += block, a->blocks(a, s, p, 1);
        } else {
            a->blocks(a, s, p, whole);
            s->count += whole * block, p += whole * block;
        }
        n -= whole * block;
    }
    memcpy(s->buffer, p, n);
    s->count += n;
}

static inline uint32_t load_big32(const unsigned char *p) { return __builtin_bswap32(hd_load32(p)); }
static inline uint64_t load_big64(const unsigned char *p) { return __builtin_bswap64(hd_load64(p)); }
/* 1 bit, zeros, the length in bits in the last 8 bytes of a block. */
static void pad(const struct hd_digest *a, struct hd_digest_state *s, bool big)
{
    uint64_t bits = s->count * 8, high = s->count >> 61;
    size_t block = a->block_size, have = (size_t)(s->count % block), tail = block == 128 ? 16 : 8;
    s->buffer[have++] = 0x80;
    if (have > block - tail) {
        memset(s->buffer + have, 0, block - have);
        a->blocks(a, s, s->buffer, 1);
        have = 0;
    }
    memset(s->buffer + have, 0, block - have);
    hd_store64(s->buffer + block - 8, big ? __builtin_bswap64(bits) : bits);
    if (tail == 16) hd_store64(s->buffer + block - 16, __builtin_bswap64(high));
    a->blocks(a, s, s->buffer, 1);
}
static void finish_big32(const struct hd_digest *a, struct hd_digest_state *s, unsigned char *out, size_t size)
{
    pad(a, s, true);
    for (size_t i = 0; i < size / 4; i++) hd_store32(out + 4 * i, __builtin_bswap32(s->h.w[i]));
}
static void finish_big64(const struct hd_digest *a, struct hd_digest_state *s, unsigned char *out, size_t size)
{
    pad(a, s, true);
    for (size_t i = 0; i < size / 8; i++) hd_store64(out + 8 * i, __builtin_bswap64(s->h.d[i]));
}

/* ---- MD5 ---- */
static const uint32_t md5_sines[64] = {
    0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501, 0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be,
    0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821, 0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
    0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a, 0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c,
    0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70, 0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
    0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1, 0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1,
    0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391
};
static void md5_start(struct hd_digest_state *s) { s->h.w[0] = 0x67452301, s->h.w[1] = 0xefcdab89, s->h.w[2] = 0x98badcfe, s->h.w[3] = 0x10325476; }
static void md5_blocks(const struct hd_digest *a, struct hd_digest_state *s, const unsigned char *p, size_t n)
{
    static const unsigned char turns[4][4] = { { 7, 12, 17, 22 }, { 5, 9, 14, 20 }, { 4, 11, 16, 23 }, { 6, 10, 15, 21 } };
    for (; n; n--, p += 64) {
        uint32_t x[16], v[4];
        for (int i = 0; i < 16; i++) x[i] = hd_load32(p + 4 * i);
        memcpy(v, s->h.w, sizeof v);
#define MD5_ROUND(r, f, index)                                                                     \
        _Pragma("GCC unroll 16") for (int i = 0; i < 16; i++) {                                    \
            uint32_t b = v[1], c = v[2], d = v[3];                                                 \
            uint32_t t = v[0] + (f) + x[(index) & 15] + md5_sines[16 * r + i];                     \
            v[0] = d, v[3] = c, v[2] = b, v[1] = b + hd_rotl32(t, turns[r][i & 3]);                \
        }
        MD5_ROUND(0, d ^ (b & (c ^ d)), i)
        MD5_ROUND(1, c ^ (d & (b ^ c)), 5 * i + 1)
        MD5_ROUND(2, b ^ c ^ d, 3 * i + 5)
        MD5_ROUND(3, c ^ (b | ~d), 7 * i)
        for (int i = 0; i < 4; i++) s->h.w[i] += v[i];
    }
    (void)a;
}
static void md5_finish(const struct hd_digest *a, struct hd_digest_state *s, unsigned char *out, size_t size)
{
    pad(a, s, false);
    for (size_t i = 0; i < size / 4; i++) hd_store32(out + 4 * i, s->h.w[i]);
}
const struct hd_digest hd_md5 = { .name = "md5", .size = 16, .block_size = 64, .start = md5_start, .blocks = md5_blocks, .finish = md5_finish };

/* ---- SHA-1 ---- */
static void sha1_start(struct hd_digest_state *s) { md5_start(s); s->h.w[4] = 0xc3d2e1f0; }
static void sha1_blocks(const struct hd_digest *a, struct hd_digest_state *s, const unsigned char *p, size_t n)
{
    for (; n; n--, p += 64) {
        uint32_t x[80], v[5];
        for (int i = 0; i < 16; i++) x[i] = load_big32(p + 4 * i);
        for (int i = 16; i < 80; i++) x[i] = hd_rotl32(x[i - 3] ^ x[i - 8] ^ x[i - 14] ^ x[i - 16], 1);
        memcpy(v, s->h.w, sizeof v);
#define SHA1_ROUND(r, f, k)                                                                        \
        _Pragma("GCC unroll 20") for (int i = 20 * r; i < 20 * r + 20; i++) {                      \
            uint32_t b = v[1], c = v[2], d = v[3], t = hd_rotl32(v[0], 5) + (f) + v[4] + k + x[i]; \
            v[4] = d, v[3] = c, v[2] = hd_rotl32(b, 30), v[1] = v[0], v[0] = t;                    \
        }
        SHA1_ROUND(0, d ^ (b & (c ^ d)), 0x5a827999)
        SHA1_ROUND(1, b ^ c ^ d, 0x6ed9eba1)
        SHA1_ROUND(2, (b & c) | (d & (b | c)), 0x8f1bbcdc)
        SHA1_ROUND(3, b ^ c ^ d, 0xca62c1d6)
        for (int i = 0; i < 5; i++) s->h.w[i] += v[i];
    }
    (void)a;
}
const struct hd_digest hd_sha1 = { .name = "sha1", .size = 20, .block_size = 64, .start = sha1_start, .blocks = sha1_blocks, .finish = finish_big32 };

/* ---- SHA-224, SHA-256 ---- */
const uint32_t hd_sha256_start[8] = {
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19
};
static const uint32_t sha224_words[8] = {
    0xc1059ed8, 0x367cd507, 0x3070dd17, 0xf70e5939, 0xffc00b31, 0x68581511, 0x64f98fa7, 0xbefa4fa4
};
static const uint32_t sha256_roots[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3,
    0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
    0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
    0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2
};
static void sha224_start(struct hd_digest_state *s) { memcpy(s->h.w, sha224_words, sizeof sha224_words); }
static void sha256_start(struct hd_digest_state *s) { memcpy(s->h.w, hd_sha256_start, sizeof hd_sha256_start); }
/* One definition for both word sizes.  The eight working variables rotate through v: no moves. */
#define SHA2_BLOCKS(fname, word, load, field, rounds, k, rotr, s00, s01, s02, s10, s11, s12, e0, e1, e2, e3, e4, e5)                       \
static void fname(const struct hd_digest *alg, struct hd_digest_state *s, const unsigned char *p, size_t n)                              \
{                                                                                                                                       \
    for (; n; n--, p += 16 * sizeof(word)) {                                                                                              \
        word x[rounds], v[8];                                                                                                             \
        for (size_t i = 0; i < 16; i++) x[i] = load(p + sizeof(word) * i);                                                                \
        for (int i = 16; i < rounds; i++)                                                                                                 \
            x[i] = x[i - 16] + (rotr(x[i - 15], s00) ^ rotr(x[i - 15], s01) ^ x[i - 15] >> s02) + x[i - 7] +                              \
                   (rotr(x[i - 2], s10) ^ rotr(x[i - 2], s11) ^ x[i - 2] >> s12);                                                         \
        memcpy(v, s->h.field, sizeof v);                                                                                                  \
        for (int i = 0; i < rounds; i += 8) {                                                                                             \
            _Pragma("GCC unroll 8") for (int j = 0; j < 8; j++) {                                                                         \
                word a = v[-j & 7], b = v[(1 - j) & 7], c = v[(2 - j) & 7], e = v[(4 - j) & 7], f = v[(5 - j) & 7], g = v[(6 - j) & 7];   \
                word t = v[(7 - j) & 7] + (rotr(e, e3) ^ rotr(e, e4) ^ rotr(e, e5)) + (g ^ (e & (f ^ g))) + k[i + j] + x[i + j];          \
                v[(3 - j) & 7] += t;                                                                                                      \
                v[(7 - j) & 7] = t + (rotr(a, e0) ^ rotr(a, e1) ^ rotr(a, e2)) + ((a & b) | (c & (a | b)));                               \
            }                                                                                                                             \
        }                                                                                                                                 \
        for (int i = 0; i < 8; i++) s->h.field[i] += v[i];                                                                                \
    }                                                                                                                                     \
    (void)alg;                                                                                                                            \
}
SHA2_BLOCKS(sha256_blocks, uint32_t, load_big32, w, 64, sha256_roots, hd_rotr32, 7, 18, 3, 17, 19, 10, 2, 13, 22, 6, 11, 25)
const struct hd_digest hd_sha224 = { .name = "sha224", .size = 28, .block_size = 64, .start = sha224_start, .blocks = sha256_blocks, .finish = finish_big32 };
const struct hd_digest hd_sha256 = { .name = "sha256", .size = 32, .block_size = 64, .start = sha256_start, .blocks = sha256_blocks, .finish = finish_big32 };

/* ---- SHA-384, SHA-512 ---- */
const uint64_t hd_sha512_start[8] = {
    0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1, 0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b,
    0x5be0cd19137e2179
};
static const uint64_t sha384_words[8] = {
    0xcbbb9d5dc1059ed8, 0x629a292a367cd507, 0x9159015a3070dd17, 0x152fecd8f70e5939, 0x67332667ffc00b31, 0x8eb44a8768581511, 0xdb0c2e0d64f98fa7,
    0x47b5481dbefa4fa4
};
static const uint64_t sha512_roots[80] = {
    0x428a2f98d728ae22, 0x7137449123ef65cd, 0xb5c0fbcfec4d3b2f, 0xe9b5dba58189dbbc, 0x3956c25bf348b538, 0x59f111f1b605d019, 0x923f82a4af194f9b,
    0xab1c5ed5da6d8118, 0xd807aa98a3030242, 0x12835b0145706fbe, 0x243185be4ee4b28c, 0x550c7dc3d5ffb4e2, 0x72be5d74f27b896f, 0x80deb1fe3b1696b1,
    0x9bdc06a725c71235, 0xc19bf174cf692694, 0xe49b69c19ef14ad2, 0xefbe4786384f25e3, 0x0fc19dc68b8cd5b5, 0x240ca1cc77ac9c65, 0x2de92c6f592b0275,
    0x4a7484aa6ea6e483, 0x5cb0a9dcbd41fbd4, 0x76f988da831153b5, 0x983e5152ee66dfab, 0xa831c66d2db43210, 0xb00327c898fb213f, 0xbf597fc7beef0ee4,
    0xc6e00bf33da88fc2, 0xd5a79147930aa725, 0x06ca6351e003826f, 0x142929670a0e6e70, 0x27b70a8546d22ffc, 0x2e1b21385c26c926, 0x4d2c6dfc5ac42aed,
    0x53380d139d95b3df, 0x650a73548baf63de, 0x766a0abb3c77b2a8, 0x81c2c92e47edaee6, 0x92722c851482353b, 0xa2bfe8a14cf10364, 0xa81a664bbc423001,
    0xc24b8b70d0f89791, 0xc76c51a30654be30, 0xd192e819d6ef5218, 0xd69906245565a910, 0xf40e35855771202a, 0x106aa07032bbd1b8, 0x19a4c116b8d2d0c8,
    0x1e376c085141ab53, 0x2748774cdf8eeb99, 0x34b0bcb5e19b48a8, 0x391c0cb3c5c95a63, 0x4ed8aa4ae3418acb, 0x5b9cca4f7763e373, 0x682e6ff3d6b2b8a3,
    0x748f82ee5defb2fc, 0x78a5636f43172f60, 0x84c87814a1f0ab72, 0x8cc702081a6439ec, 0x90befffa23631e28, 0xa4506cebde82bde9, 0xbef9a3f7b2c67915,
    0xc67178f2e372532b, 0xca273eceea26619c, 0xd186b8c721c0c207, 0xeada7dd6cde0eb1e, 0xf57d4f7fee6ed178, 0x06f067aa72176fba, 0x0a637dc5a2c898a6,
    0x113f9804bef90dae, 0x1b710b35131c471b, 0x28db77f523047d84, 0x32caab7b40c72493, 0x3c9ebe0a15c9bebc, 0x431d67c49c100d4c, 0x4cc5d4becb3e42b6,
    0x597f299cfc657e2a, 0x5fcb6fab3ad6faec, 0x6c44198c4a475817
};
static void sha384_start(struct hd_digest_state *s) { memcpy(s->h.d, sha384_words, sizeof sha384_words); }
static void sha512_start(struct hd_digest_state *s) { memcpy(s->h.d, hd_sha512_start, sizeof hd_sha512_start); }
SHA2_BLOCKS(sha512_blocks, uint64_t, load_big64, d, 80, sha512_roots, hd_rotr64, 1, 8, 7, 19, 61, 6, 28, 34, 39, 14, 18, 41)
const struct hd_digest hd_sha384 = { .name = "sha384", .size = 48, .block_size = 128, .start = sha384_start, .blocks = sha512_blocks, .finish = finish_big64 };
const struct hd_digest hd_sha512 = { .name = "sha512", .size = 64, .block_size = 128, .start = sha512_start, .blocks = sha512_blocks, .finish = finish_big64 };
