/* SHA-3 and SHAKE (FIPS 202), BLAKE2 (RFC 7693). */
#include "interp/modules/digest.h"
#include <string.h>

/* ---- Keccak: lane x, y lies at h.d[x + 5 * y] ---- */
static const uint64_t round_constants[24] = {
    0x0000000000000001, 0x0000000000008082, 0x800000000000808a, 0x8000000080008000, 0x000000000000808b, 0x0000000080000001, 0x8000000080008081,
    0x8000000000008009, 0x000000000000008a, 0x0000000000000088, 0x0000000080008009, 0x000000008000000a, 0x000000008000808b, 0x800000000000008b,
    0x8000000000008089, 0x8000000000008003, 0x8000000000008002, 0x8000000000000080, 0x000000000000800a, 0x800000008000000a, 0x8000000080008081,
    0x8000000000008080, 0x0000000080000001, 0x8000000080008008
};
static const unsigned char turns[25] = {
    0, 1, 62, 28, 27, 36, 44, 6, 55, 20, 3, 10, 43, 25, 39, 41, 45, 15, 21, 8, 18, 2, 61, 56, 14
};
static void permute(uint64_t *a)
{
    for (int round = 0; round < 24; round++) {
        uint64_t c[5], b[25];
        for (int x = 0; x < 5; x++) c[x] = a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20];
        _Pragma("GCC unroll 5") for (int x = 0; x < 5; x++) {
            uint64_t d = c[(x + 4) % 5] ^ hd_rotl64(c[(x + 1) % 5], 1);
            _Pragma("GCC unroll 5") for (int y = 0; y < 5; y++) b[y + 5 * ((2 * x + 3 * y) % 5)] = hd_rotl64(a[x + 5 * y] ^ d, turns[x + 5 * y]);
        }
        _Pragma("GCC unroll 5") for (int y = 0; y < 25; y += 5)
            _Pragma("GCC unroll 5") for (int x = 0; x < 5; x++) a[y + x] = b[y + x] ^ (~b[y + (x + 1) % 5] & b[y + (x + 2) % 5]);
        a[0] ^= round_constants[round];
    }
}
static void keccak_start(struct hd_digest_state *s) { memset(&s->h, 0, sizeof s->h); }
static void keccak_blocks(const struct hd_digest *a, struct hd_digest_state *s, const unsigned char *p, size_t n)
{
    for (; n; n--, p += a->block_size) {
        for (uint32_t i = 0; i < a->block_size / 8; i++) s->h.d[i] ^= hd_load64(p + 8 * i);
        permute(s->h.d);
    }
}
static void keccak_finish(const struct hd_digest *a, struct hd_digest_state *s, unsigned char *out, size_t size)
{
    size_t rate = a->block_size, have = (size_t)(s->count % rate);
    memset(s->buffer + have, 0, rate - have);
    s->buffer[have] = a->suffix;
    s->buffer[rate - 1] |= 0x80;
    keccak_blocks(a, s, s->buffer, 1);
    for (size_t at = 0; at < size; at += rate) {
        if (at) permute(s->h.d);
        size_t n = size - at < rate ? size - at : rate;
        for (size_t i = 0; i < n; i++) out[at + i] = (unsigned char)(s->h.d[i / 8] >> 8 * (i % 8));
    }
}
#define KECCAK(id, bytes, rate, bits) const struct hd_digest hd_##id = { .name = #id, .size = bytes, .block_size = rate, .suffix = bits, .start = keccak_start, \
    .blocks = keccak_blocks, .finish = keccak_finish };
KECCAK(sha3_224, 28, 144, 6) KECCAK(sha3_256, 32, 136, 6) KECCAK(sha3_384, 48, 104, 6) KECCAK(sha3_512, 64, 72, 6) KECCAK(shake_128, 0, 168, 0x1f) KECCAK(shake_256, 0, 136, 0x1f)

/* ---- BLAKE2: two word sizes.  s->count includes the block that is mixed in ---- */
static const unsigned char order[10][16] = {
    { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 }, { 14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3 },
    { 11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4 }, { 7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8 },
    { 9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13 }, { 2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9 },
    { 12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11 }, { 13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10 },
    { 6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5 }, { 10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0 },
};
#define BLAKE2(fname, word, field, load, start, rounds, rotr, r0, r1, r2, r3)                                                  \
static void fname(struct hd_digest_state *s, const unsigned char *p, bool last)                                                \
{                                                                                                                              \
    word m[16], v[16];                                                                                                         \
    for (size_t i = 0; i < 16; i++) m[i] = load(p + sizeof(word) * i);                                                         \
    for (int i = 0; i < 8; i++) v[i] = s->h.field[i], v[i + 8] = start[i];                                                     \
    v[12] ^= (word)s->count, v[13] ^= sizeof(word) == 4 ? (word)(s->count >> 32) : 0;                                          \
    if (last) v[14] = ~v[14];                                                                                                  \
    if (last && s->last_node) v[15] = ~v[15];                                                                                  \
    for (int round = 0; round < rounds; round++)                                                                               \
        _Pragma("GCC unroll 8") for (int i = 0; i < 8; i++) {                                                                  \
            const unsigned char *o = &order[round % 10][2 * i];                                                                \
            int turn = i / 4;                                                                                                  \
            word *a = &v[i & 3], *b = &v[4 + ((i + turn) & 3)], *c = &v[8 + ((i + 2 * turn) & 3)], *d = &v[12 + ((i + 3 * turn) & 3)]; \
            *a += *b + m[o[0]], *d = rotr(*d ^ *a, r0), *c += *d, *b = rotr(*b ^ *c, r1);                                      \
            *a += *b + m[o[1]], *d = rotr(*d ^ *a, r2), *c += *d, *b = rotr(*b ^ *c, r3);                                      \
        }                                                                                                                      \
    for (int i = 0; i < 8; i++) s->h.field[i] ^= v[i] ^ v[i + 8];                                                              \
}
BLAKE2(blake2b_mix, uint64_t, d, hd_load64, hd_sha512_start, 12, hd_rotr64, 32, 24, 16, 63)
BLAKE2(blake2s_mix, uint32_t, w, hd_load32, hd_sha256_start, 10, hd_rotr32, 16, 12, 8, 7)
static void blake2_mix(const struct hd_digest *a, struct hd_digest_state *s, const unsigned char *p, bool last)
{
    if (a->block_size == 128) blake2b_mix(s, p, last);
    else blake2s_mix(s, p, last);
}
static void blake2_blocks(const struct hd_digest *a, struct hd_digest_state *s, const unsigned char *p, size_t n)
{
    for (; n; n--, p += a->block_size) blake2_mix(a, s, p, false);
}
static void blake2_finish(const struct hd_digest *a, struct hd_digest_state *s, unsigned char *out, size_t size)
{
    size_t block = a->block_size, have = (size_t)(s->count % block);
    unsigned char all[HD_DIGEST_MAX];
    if (have == 0 && s->count) have = block;
    memset(s->buffer + have, 0, block - have);
    blake2_mix(a, s, s->buffer, true);
    for (int i = 0; i < 8; i++) {
        if (block == 128) hd_store64(all + 8 * i, s->h.d[i]);
        else hd_store32(all + 4 * i, s->h.w[i]);
    }
    memcpy(out, all, size);
}
void hd_blake2_start(const struct hd_digest *a, struct hd_digest_state *s, const unsigned char *parameters)
{
    s->count = 0;
    s->size = parameters[0];
    for (int i = 0; i < 8; i++) {
        if (a->block_size == 128) s->h.d[i] = hd_sha512_start[i] ^ hd_load64(parameters + 8 * i);
        else s->h.w[i] = hd_sha256_start[i] ^ hd_load32(parameters + 4 * i);
    }
}
const struct hd_digest hd_blake2b = { .name = "blake2b", .size = 64, .block_size = 128, .keeps_last = true, .blocks = blake2_blocks, .finish = blake2_finish };
const struct hd_digest hd_blake2s = { .name = "blake2s", .size = 32, .block_size = 64, .keeps_last = true, .blocks = blake2_blocks, .finish = blake2_finish };
