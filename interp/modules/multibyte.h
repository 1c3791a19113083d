/* The multibyte encodings of East Asia: character sets as tables, and the encodings made of them.
 *
 * MB1: a character set's tables are made once, from the C library's converter and the differences listed in multibyte.c,
 *      under a lock; no codec object exists before the tables of its encoding are complete, and then they never change. */
#ifndef HD_MULTIBYTE_H
#define HD_MULTIBYTE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Codes from `code` on decode to `to` and on; to 0: not assigned. */
struct hd_mb_run { uint32_t code, to; uint16_t n; };
struct hd_mb_pair { uint32_t code, first, second; };      /* one code, two characters */
struct hd_mb_table {
    uint32_t *two, *three;          /* by two bytes; by the two bytes behind 8F.  0: not assigned, HD_MB_PAIR | index into pair */
    uint32_t *page[0x300];          /* character -> code: by its upper bits, then the lower 8; 0: none */
    struct hd_mb_pair pair[64];
    int pairs;
    uint16_t *linear;               /* GB 18030: the characters that have four bytes, in order */
    uint32_t nlinear;
};
enum { HD_MB_PAIR = 1u << 30, HD_MB_PAIRS_MAX = 64 };
struct hd_charset {
    const char *iconv;              /* what the C library calls it */
    uint8_t lead_lo, lead_hi;
    const struct hd_mb_run *fix;    /* what decodes otherwise than the C library says; ends with n 0 */
    const struct hd_mb_run *encode; /* what encodes otherwise than it decodes */
    bool three, last_wins, four;    /* has codes behind 8F; of several codes for a character the last is taken; GB 18030 */
    struct hd_mb_table *table;
};

/* Charsets designated to G0, G1, G2 (ISO 2022); SO seen; inside another escape sequence, which passes as it is. */
struct hd_mb_state { uint8_t g[3], shifted, through; };
struct hd_mb_codec;
/* One character or pair at p: bytes taken; 0: incomplete; negative: so many bytes are no character.  *count: 0 to 2. */
typedef int (*hd_mb_decode)(const struct hd_mb_codec *c, struct hd_mb_state *s, const uint8_t *p, size_t n, uint32_t out[2], int *count);
/* flags of a codec */
enum { HD_MB_KANA = 1 /* A1-DF: half-width kana */, HD_MB_CP932 = 2 /* the single bytes of Microsoft */, HD_MB_YEN = 4 /* 5C, 7E: yen, overline */,
       HD_MB_YEN_IN = 8 /* they encode so, but decode as ASCII */, HD_MB_EUC = 16 /* 8E: kana, 8F: another plane */, HD_MB_HANGUL = 32 /* syllables spelled out */,
       HD_MB_2000 = 64 /* JIS X 0213 without what 2004 added */, HD_MB_SHIFT = 128 /* ISO 2022 with SO and SI */ };
/* Bytes for ch (out has room for 16); *used: 1, or 2 with the next character (-1: the end).  HD_MB_NONE, HD_MB_MORE. */
typedef int (*hd_mb_encode)(const struct hd_mb_codec *c, struct hd_mb_state *s, uint32_t ch, int64_t next, uint8_t *out, int *used);
enum { HD_MB_NONE = -1, HD_MB_MORE = -2, HD_MB_LONGEST = 16 };
struct hd_mb_codec {
    const char *name, *module;
    hd_mb_decode decode;
    hd_mb_encode encode;
    struct hd_charset *set;
    int (*reset)(struct hd_mb_state *s, uint8_t *out);    /* NULL: has no state.  Bytes that end the text */
    const uint8_t *designations;    /* ISO 2022: indices, in the order of preference; ends with 255 */
    uint8_t flags;
};
extern const struct hd_mb_codec hd_mb_codecs[];            /* ends with name NULL */
int hd_mb_ready(const struct hd_mb_codec *c);              /* outside transactions.  0; -1: no memory; -2: the C library lacks it */

/* multibyte.c */
int hd_charset_ready(struct hd_charset *cs);               /* as hd_mb_ready; takes the lock */
uint32_t hd_charset_code(const struct hd_charset *cs, uint32_t ch);                          /* 0: none */
extern struct hd_charset hd_cs_sjis, hd_cs_cp932, hd_cs_eucjp, hd_cs_eucjis, hd_cs_sjis2004, hd_cs_gbk, hd_cs_gb2312, hd_cs_gb18030, hd_cs_big5, hd_cs_cp950, hd_cs_hkscs, hd_cs_euckr,
    hd_cs_cp949, hd_cs_johab;
#endif
