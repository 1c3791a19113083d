/* Hash functions: what the algorithms and the objects share. */
#ifndef HD_HASH_INTERNAL_H
#define HD_HASH_INTERNAL_H
#include <stddef.h>
#include <stdint.h>
#include <stdbool.h>

/* A running computation: plain memory that is copied as a whole. */
struct hash_state {
    union { uint32_t w[8]; uint64_t q[8]; uint64_t keccak[25]; };
    uint64_t length;               /* bytes so far */
    uint8_t block[168];            /* an unfinished block: length % block size bytes */
};
struct hash_algorithm {
    const char *name;
    int digest, block;             /* bytes; digest 0: as long as asked for (SHAKE) */
    uint8_t suffix;                /* Keccak's domain bits */
    void (*start)(const struct hash_algorithm *a, struct hash_state *s);
    void (*compress)(struct hash_state *s, const uint8_t *p, int block);
    void (*finish)(const struct hash_algorithm *a, struct hash_state *s, uint8_t *out, size_t n);
};
extern const struct hash_algorithm hd_hash_md5, hd_hash_sha1, hd_hash_sha224, hd_hash_sha256, hd_hash_sha384, hd_hash_sha512, hd_hash_sha3_224,
    hd_hash_sha3_256, hd_hash_sha3_384, hd_hash_sha3_512, hd_hash_shake_128, hd_hash_shake_256;
void hd_hash_tables(void);         /* before anything else */
void hd_hash_update(const struct hash_algorithm *a, struct hash_state *s, const uint8_t *p, size_t n);
#endif
