/* Character sets of East Asia: tables from the C library's converter.
 *
 * The C library's charsets differ from Python's in a few codes; the runs below say where.  Single bytes are the encodings'
 * business (multibyte_codecs.c). */
#include <iconv.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include "interp/modules/multibyte.h"

#define END { 0, 0, 0 }
static const struct hd_mb_run fix_gb18030[] = {
    { 0xa6d9, 0xe78d, 7 }, { 0xa6ec, 0xe794, 2 }, { 0xa6f3, 0xe796, 1 }, { 0xa8bc, 0xe7c7, 1 }, { 0xfe51, 0xe816, 3 }, { 0xfe59, 0xe81e, 1 }, { 0xfe61, 0xe826, 1 },
    { 0xfe66, 0xe82b, 2 }, { 0xfe6c, 0xe831, 2 }, { 0xfe76, 0xe83b, 1 }, { 0xfe7e, 0xe843, 1 }, { 0xfe90, 0xe854, 2 }, { 0xfea0, 0xe864, 1 }, END
};
/* The rows that the Big5 of ETen added: kana, Cyrillic, digits in circles and brackets. */
#define ETEN_ROWS                                                                                                                                               \
    { 0xc6a1, 0x30fe, 1 }, { 0xc6a2, 0x309d, 2 }, { 0xc6a4, 0x3005, 1 }, { 0xc6a5, 0x3041, 83 }, { 0xc6f8, 0x30a1, 7 }, { 0xc740, 0x30a8, 63 }, { 0xc7a1, 0x30e7, 16 }, \
    { 0xc7b1, 0x414, 2 }, { 0xc7b3, 0x401, 1 }, { 0xc7b4, 0x416, 7 }, { 0xc7bb, 0x423, 19 }, { 0xc7ce, 0x451, 1 }, { 0xc7cf, 0x436, 26 }, { 0xc7e9, 0x2460, 10 },      \
    { 0xc7f3, 0x2474, 10 }, { 0xc7fd, 0, 2 }, { 0xc840, 0, 63 }, { 0xc8a1, 0, 94 }
static const struct hd_mb_run fix_big5[] = {
    { 0xa145, 0x2022, 1 }, { 0xa14e, 0xff64, 1 }, { 0xa1c2, 0x203e, 1 }, { 0xa1e3, 0x223c, 1 }, { 0xa1f2, 0x2641, 1 }, { 0xa1f3, 0x2609, 1 }, { 0xa241, 0xff0f, 1 },
    { 0xa242, 0xff3c, 1 }, { 0xa244, 0xa5, 1 }, { 0xa246, 0xa2, 2 }, { 0xa3e1, 0, 1 }, { 0xf9d6, 0, 41 }, ETEN_ROWS, END
};
static const struct hd_mb_run fix_cp950[] = { ETEN_ROWS, END };
static const struct hd_mb_run encode_cp950[] = {
    { 0xa246, 0xa2, 2 }, { 0xa244, 0xa5, 1 }, { 0xa145, 0x2022, 1 }, { 0xa1c2, 0x203e, 1 }, { 0xa1e3, 0x223c, 1 }, { 0xa1f3, 0x2609, 1 }, { 0xa1f2, 0x2641, 1 },
    { 0xa14e, 0xff64, 1 }, { 0xa451, 0x5341, 1 }, { 0xa4ca, 0x5345, 1 }, END
};
static const struct hd_mb_run fix_hkscs[] = {
    { 0x877a, 0, 5 }, { 0x87a1, 0, 63 }, { 0xa15a, 0x2574, 1 }, { 0xa1c3, 0xffe3, 1 }, { 0xa1c5, 0x2cd, 1 }, { 0xa1fe, 0xff0f, 1 }, { 0xa240, 0xff3c, 1 }, { 0xa2cc, 0x5341, 1 },
    { 0xa2ce, 0x5345, 1 }, END
};
static const struct hd_mb_run fix_euckr[] = { { 0xa2e8, 0, 1 }, { 0xa4d4, 0, 1 }, END };
static const struct hd_mb_run encode_euckr[] = { { 0xa4d4, 0x3164, 1 }, END };
static const struct hd_mb_run fix_johab[] = {
    { 0x8441, 0x3000, 1 }, { 0x8442, 0x3131, 2 }, { 0x8445, 0x3134, 1 }, { 0x8448, 0x3137, 1 }, { 0x8449, 0x3139, 1 }, { 0x8451, 0x3141, 2 }, { 0x8453, 0x3142, 1 },
    { 0x8452, 0, 1 }, { 0x8455, 0x3145, 4 }, { 0x8459, 0x314a, 5 }, { 0xd9e8, 0, 1 }, END
};
static const struct hd_mb_run encode_cp932[] = { { 0x8191, 0xa2, 2 }, { 0x81ca, 0xac, 1 }, { 0x8161, 0x2016, 1 }, { 0x817c, 0x2212, 1 }, { 0x8160, 0x301c, 1 }, END };
static const struct hd_mb_run fix_eucjp[] = { { 0x8fa2b7, '~', 1 }, END };
static const struct hd_mb_run fix_eucjis[] = { { 0xa1bd, 0x2015, 1 }, { 0xa2d6, 0x2985, 2 }, END };
static const struct hd_mb_run fix_sjis2004[] = { { 0x815c, 0x2015, 1 }, { 0x815f, 0x5c, 1 }, { 0x81b0, 0x7e, 1 }, { 0x81d4, 0x2985, 2 }, END };
#define NO_FIX NULL

struct hd_charset hd_cs_sjis = { "SJIS", 0x81, 0xfc, NO_FIX, NULL, false, false, false, NULL };
struct hd_charset hd_cs_cp932 = { "CP932", 0x81, 0xfc, NO_FIX, encode_cp932, false, false, false, NULL };
struct hd_charset hd_cs_eucjp = { "EUC-JP", 0xa1, 0xfe, fix_eucjp, NULL, true, false, false, NULL };
struct hd_charset hd_cs_eucjis = { "EUC-JISX0213", 0xa1, 0xfe, fix_eucjis, NULL, true, false, false, NULL };
struct hd_charset hd_cs_sjis2004 = { "SHIFT_JISX0213", 0x81, 0xfc, fix_sjis2004, NULL, false, false, false, NULL };
struct hd_charset hd_cs_gbk = { "GBK", 0x81, 0xfe, NO_FIX, NULL, false, false, false, NULL };
struct hd_charset hd_cs_gb2312 = { "EUC-CN", 0xa1, 0xfe, NO_FIX, NULL, false, false, false, NULL };
struct hd_charset hd_cs_gb18030 = { "GB18030", 0x81, 0xfe, fix_gb18030, NULL, false, false, true, NULL };
struct hd_charset hd_cs_big5 = { "BIG5", 0xa1, 0xf9, fix_big5, NULL, false, true, false, NULL };
struct hd_charset hd_cs_cp950 = { "CP950", 0x81, 0xfe, fix_cp950, encode_cp950, false, false, false, NULL };
struct hd_charset hd_cs_hkscs = { "BIG5-HKSCS", 0x81, 0xfe, fix_hkscs, NULL, false, true, false, NULL };
struct hd_charset hd_cs_euckr = { "EUC-KR", 0xa1, 0xfe, fix_euckr, encode_euckr, false, false, false, NULL };
struct hd_charset hd_cs_cp949 = { "UHC", 0x81, 0xfe, NO_FIX, NULL, false, false, false, NULL };
struct hd_charset hd_cs_johab = { "JOHAB", 0x81, 0xf9, fix_johab, NULL, false, true, false, NULL };

/* ---- making a table ------------------------------------------------------------------------------------------------------------------- */
static bool map_back(struct hd_mb_table *t, uint32_t ch, uint32_t code, bool replace)
{
    uint32_t **page = &t->page[ch >> 8];
    if (!*page && !(*page = calloc(256, sizeof **page))) return false;
    if (replace || !(*page)[ch & 255]) (*page)[ch & 255] = code;
    return true;
}
/* The one or two characters of a code; how many, 0: none. */
static int ask(iconv_t cd, const uint8_t *p, size_t n, uint32_t out[2])
{
    char *in = (char *)(uintptr_t)p, *to = (char *)out;
    size_t left = n, room = 2 * sizeof *out;
    iconv(cd, NULL, NULL, NULL, NULL);
    if (iconv(cd, &in, &left, &to, &room) != 0 || left) return 0;
    iconv(cd, NULL, NULL, &to, &room);                 /* some converters hold a character back to see what combines with it */
    return (int)(2 - room / sizeof *out);
}
static void add_code(struct hd_mb_table *t, iconv_t cd, uint32_t code, uint32_t *place)
{
    uint8_t b[3] = { (uint8_t)(code >> 16), (uint8_t)(code >> 8), (uint8_t)code };
    uint32_t ch[2];
    int n = code > 0xffff ? ask(cd, b, 3, ch) : ask(cd, b + 1, 2, ch);
    if (n == 1 && ch[0] < 0x30000) *place = ch[0];
    else if (n == 2 && ch[1] >= 0x80 && t->pairs < HD_MB_PAIRS_MAX) {
        t->pair[t->pairs] = (struct hd_mb_pair){ code, ch[0], ch[1] };
        *place = HD_MB_PAIR | (uint32_t)t->pairs++;
    }
}
static void free_table(struct hd_mb_table *t)
{
    if (!t) return;
    for (size_t i = 0; i < sizeof t->page / sizeof *t->page; i++) free(t->page[i]);
    free(t->two);
    free(t->three);
    free(t->linear);
    free(t);
}
static int make(struct hd_charset *cs)
{
    struct hd_mb_table *t = calloc(1, sizeof *t);
    iconv_t cd = iconv_open("UTF-32LE", cs->iconv);
    int status = cd == (iconv_t)-1 ? -2 : !t || !(t->two = calloc(0x10000, sizeof *t->two)) || (cs->three && !(t->three = calloc(0x10000, sizeof *t->three))) ? -1 : 0;
    for (uint32_t lead = cs->lead_lo; !status && lead <= cs->lead_hi; lead++)
        for (uint32_t trail = 0x31; trail < 0xff; trail++) add_code(t, cd, lead << 8 | trail, &t->two[lead << 8 | trail]);
    for (uint32_t lead = 0xa1; !status && cs->three && lead < 0xff; lead++)
        for (uint32_t trail = 0xa1; trail < 0xff; trail++) add_code(t, cd, 0x8f0000 | lead << 8 | trail, &t->three[lead << 8 | trail]);
    if (cd != (iconv_t)-1) iconv_close(cd);
    for (const struct hd_mb_run *f = cs->fix; !status && f && f->n; f++)
        for (uint32_t i = 0; i < f->n; i++) (f->code > 0xffff ? t->three : t->two)[(f->code + i) & 0xffff] = f->to ? f->to + i : 0;
    for (uint32_t i = 0; !status && i < 0x20000; i++) {
        uint32_t *from = i < 0x10000 ? t->two : t->three, ch = from ? from[i & 0xffff] : 0;
        if (ch && !(ch & HD_MB_PAIR) && !map_back(t, ch, i < 0x10000 ? i : 0x8f0000 | (i & 0xffff), cs->last_wins)) status = -1;
    }
    if (!status && cs->four && !(t->linear = malloc(0x10000 * sizeof *t->linear))) status = -1;
    for (uint32_t ch = 0x80; !status && cs->four && ch < 0x10000; ch++)
        if ((ch < 0xd800 || ch > 0xdfff) && !(t->page[ch >> 8] && t->page[ch >> 8][ch & 255])) t->linear[t->nlinear++] = (uint16_t)ch;
    for (const struct hd_mb_run *f = cs->encode; !status && f && f->n; f++)
        for (uint32_t i = 0; i < f->n; i++) if (!map_back(t, f->to + i, f->code + i, true)) status = -1;
    if (status) free_table(t);
    else cs->table = t;
    return status;
}
int hd_charset_ready(struct hd_charset *cs)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&lock);
    int status = cs->table ? 0 : make(cs);
    pthread_mutex_unlock(&lock);
    return status;
}
uint32_t hd_charset_code(const struct hd_charset *cs, uint32_t ch)
{
    if (ch >= 0x30000) return 0;
    const uint32_t *page = cs->table->page[ch >> 8];
    return page ? page[ch & 255] : 0;
}
