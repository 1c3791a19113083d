/* Message digests: algorithms without any knowledge of objects.  hash_module.c makes Python types of them. */
#ifndef HD_DIGEST_H
#define HD_DIGEST_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { HD_DIGEST_BLOCK_MAX = 168, HD_DIGEST_MAX = 64 };
/* buffer holds the bytes that do not fill a block: count % block_size of them, or a whole block if the algorithm must know
 * the last block before it is mixed in. */
struct hd_digest_state {
    union { uint32_t w[16]; uint64_t d[25]; } h;
    uint64_t count;                   /* bytes so far */
    uint64_t size;                    /* of the digest */
    uint64_t last_node;               /* BLAKE2 */
    unsigned char buffer[HD_DIGEST_BLOCK_MAX];
};
struct hd_digest {
    const char *name;
    uint32_t size, block_size;        /* bytes; size 0: any */
    bool keeps_last;                  /* a full block waits for more input */
    unsigned char suffix;             /* SHA-3: bits that end the message */
    void (*start)(struct hd_digest_state *s);
    void (*blocks)(const struct hd_digest *a, struct hd_digest_state *s, const unsigned char *p, size_t n);   /* n blocks; counts are not kept */
    void (*finish)(const struct hd_digest *a, struct hd_digest_state *s, unsigned char *out, size_t size);
};
void hd_digest_feed(const struct hd_digest *a, struct hd_digest_state *s, const void *data, size_t n);
extern const struct hd_digest hd_md5, hd_sha1, hd_sha224, hd_sha256, hd_sha384, hd_sha512, hd_sha3_224, hd_sha3_256, hd_sha3_384, hd_sha3_512, hd_shake_128, hd_shake_256,
    hd_blake2b, hd_blake2s;
/* The parameter block: 64 or 32 bytes, its first byte is the size of the digest. */
void hd_blake2_start(const struct hd_digest *a, struct hd_digest_state *s, const unsigned char *parameters);
extern const uint32_t hd_sha256_start[8];
extern const uint64_t hd_sha512_start[8];

static inline uint32_t hd_load32(const unsigned char *p) { return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24; }
static inline uint64_t hd_load64(const unsigned char *p) { return hd_load32(p) | (uint64_t)hd_load32(p + 4) << 32; }
static inline void hd_store32(unsigned char *p, uint32_t v) { for (int i = 0; i < 4; i++) p[i] = (unsigned char)(v >> 8 * i); }
static inline void hd_store64(unsigned char *p, uint64_t v) { for (int i = 0; i < 8; i++) p[i] = (unsigned char)(v >> 8 * i); }
static inline uint32_t hd_rotl32(uint32_t v, int n) { return v << n | v >> (32 - n); }
static inline uint32_t hd_rotr32(uint32_t v, int n) { return v >> n | v << (32 - n); }
static inline uint64_t hd_rotl64(uint64_t v, int n) { return n ? v << n | v >> (64 - n) : v; }
static inline uint64_t hd_rotr64(uint64_t v, int n) { return v >> n | v << (64 - n); }
#endif
