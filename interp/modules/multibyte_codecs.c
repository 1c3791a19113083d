/* The multibyte encodings: how bytes name the characters of the sets (multibyte.c).
 *
 * Three families: codes of one to three bytes behind each other; GB 18030 with its four-byte codes; and the encodings with
 * states, HZ and ISO 2022. */
#include <string.h>
#include "interp/modules/multibyte.h"

enum { ESC = 27, SO = 14, SI = 15, NOTHING = 255 };
/* One code has another character since 2004. */
enum { CHANGED_2000 = 0x9b1d, CHANGED_2004 = 0x9b1c };
static bool is_2004(uint32_t ch)
{
    static const uint32_t added[] = { 0x4ff1, 0x525d, 0x541e, 0x5653, 0x59f8, 0x5c5b, 0x5e77, 0x7626, 0x7e6b, 0x20b9f, CHANGED_2004 };
    for (size_t i = 0; i < sizeof added / sizeof *added; i++) if (added[i] == ch) return true;
    return false;
}

/* ---- codes behind each other --------------------------------------------------------------------------------------------------------- */
static int give(const struct hd_mb_codec *c, const struct hd_charset *set, uint32_t entry, uint32_t out[2], int *count)
{
    if (!entry) return 0;
    if (entry & HD_MB_PAIR) {
        const struct hd_mb_pair *p = &set->table->pair[entry & ~(uint32_t)HD_MB_PAIR];
        out[0] = p->first, out[1] = p->second, *count = 2;
        return 1;
    }
    if (c->flags & HD_MB_2000) {
        if (entry == CHANGED_2004) entry = CHANGED_2000;
        else if (is_2004(entry)) return 0;
    }
    out[0] = entry, *count = 1;
    return 1;
}
/* Hangul spelled out: filler, initial, vowel, final, of two bytes each (KS X 1001, annex 3). */
static const uint8_t initials[19] = { 0xa1, 0xa2, 0xa4, 0xa7, 0xa8, 0xa9, 0xb1, 0xb2, 0xb3, 0xb5, 0xb6, 0xb7, 0xb8, 0xb9, 0xba, 0xbb, 0xbc, 0xbd, 0xbe };
static const uint8_t finals[28] = { 0xd4, 0xa1, 0xa2, 0xa3, 0xa4, 0xa5, 0xa6, 0xa7, 0xa9, 0xaa, 0xab, 0xac, 0xad, 0xae, 0xaf, 0xb0, 0xb1, 0xb2, 0xb4, 0xb5, 0xb6, 0xb7, 0xb8, 0xba, 0xbb, 0xbc, 0xbd, 0xbe };
enum { SYLLABLES = 0xac00, VOWELS = 21, FINALS = 28, LAST_SYLLABLE = 0xd7a3, FIRST_VOWEL = 0xbf };
static int spelled(const uint8_t *p, size_t n, uint32_t out[2], int *count)
{
    if (n < 8) return 0;
    if (p[2] != 0xa4 || p[4] != 0xa4 || p[6] != 0xa4) return -1;
    const uint8_t *i = memchr(initials, p[3], sizeof initials), *f = memchr(finals, p[7], sizeof finals);
    if (!i || !f || p[5] < FIRST_VOWEL || p[5] >= FIRST_VOWEL + VOWELS) return -1;
    out[0] = SYLLABLES + ((uint32_t)(i - initials) * VOWELS + (uint32_t)(p[5] - FIRST_VOWEL)) * FINALS + (uint32_t)(f - finals);
    *count = 1;
    return 8;
}
static int plain_decode(const struct hd_mb_codec *c, struct hd_mb_state *s, const uint8_t *p, size_t n, uint32_t out[2], int *count)
{
    const struct hd_mb_table *t = c->set->table;
    uint32_t b = p[0], single = b < 0x80 ? b : 0;
    if (c->flags & HD_MB_YEN) single = b == 0x5c ? 0xa5 : b == 0x7e ? 0x203e : single;
    if ((c->flags & HD_MB_KANA) && b >= 0xa1 && b <= 0xdf) single = 0xff61 + b - 0xa1;
    if (c->flags & HD_MB_CP932) single = b == 0x80 ? 0x80 : b == 0xa0 ? 0xf8f0 : b >= 0xfd ? 0xf8f1 + b - 0xfd : single;
    if (single || b == 0) {
        out[0] = single, *count = 1;
        return 1;
    }
    if ((c->flags & HD_MB_EUC) && b == 0x8e) {
        if (n < 2) return 0;
        if (p[1] < 0xa1 || p[1] > 0xdf) return -1;
        out[0] = 0xff61 + p[1] - 0xa1, *count = 1;
        return 2;
    }
    if ((c->flags & HD_MB_EUC) && b == 0x8f) {
        if (n < 3) return 0;
        uint32_t at = (uint32_t)p[1] << 8 | p[2];
        if (give(c, c->set, t->three[at], out, count)) return 3;
        return c->set == &hd_cs_eucjis && give(c, &hd_cs_eucjp, hd_cs_eucjp.table->three[at], out, count) ? 3 : -1;
    }
    if ((c->flags & (HD_MB_KANA | HD_MB_CP932)) == HD_MB_KANA && (b == 0x80 || b == 0xa0 || b > (c->set == &hd_cs_sjis ? 0xea : 0xfc))) return -1;
    if (n < 2) return 0;
    if ((c->flags & HD_MB_HANGUL) && b == 0xa4 && p[1] == 0xd4) return spelled(p, n, out, count);
    return give(c, c->set, t->two[b << 8 | p[1]], out, count) ? 2 : -1;
}
static int put_code(uint32_t code, uint8_t *out)
{
    int n = 0;
    if (code > 0xffff) out[n++] = (uint8_t)(code >> 16);
    if (code > 0xff) out[n++] = (uint8_t)(code >> 8);
    out[n++] = (uint8_t)code;
    return n;
}
/* The code of a pair of characters that begins with ch: 0: none, HD_MB_MORE: the next character decides. */
static int64_t pair_code(const struct hd_charset *set, uint32_t ch, int64_t next)
{
    const struct hd_mb_table *t = set->table;
    for (int i = 0; i < t->pairs; i++) {
        if (t->pair[i].first != ch) continue;
        if (next == -1) return HD_MB_MORE;
        if (t->pair[i].second == (uint32_t)next) return t->pair[i].code;
    }
    return 0;
}
static int plain_encode(const struct hd_mb_codec *c, struct hd_mb_state *s, uint32_t ch, int64_t next, uint8_t *out, int *used)
{
    *used = 1;
    if (ch < 0x80 && !((c->flags & HD_MB_YEN) && (ch == 0x5c || ch == 0x7e))) { out[0] = (uint8_t)ch; return 1; }
    if ((c->flags & (HD_MB_YEN | HD_MB_YEN_IN)) && (ch == 0xa5 || ch == 0x203e)) { out[0] = ch == 0xa5 ? 0x5c : 0x7e; return 1; }
    if (ch >= 0xff61 && ch <= 0xff9f && (c->flags & (HD_MB_KANA | HD_MB_EUC))) {
        int n = 0;
        if (c->flags & HD_MB_EUC) out[n++] = 0x8e;
        out[n++] = (uint8_t)(ch - 0xff61 + 0xa1);
        return n;
    }
    if ((c->flags & HD_MB_CP932) && (ch == 0x80 || (ch >= 0xf8f0 && ch <= 0xf8f3))) {
        out[0] = ch == 0x80 ? 0x80 : ch == 0xf8f0 ? 0xa0 : (uint8_t)(0xfd + ch - 0xf8f1);
        return 1;
    }
    if (c->flags & HD_MB_2000) {
        if (is_2004(ch)) return HD_MB_NONE;
        if (ch == CHANGED_2000) ch = CHANGED_2004;
    }
    if (c->set->table->pairs) {
        int64_t pair = pair_code(c->set, ch, next);
        if (pair == HD_MB_MORE) return HD_MB_MORE;
        if (pair) { *used = 2; return put_code((uint32_t)pair, out); }
    }
    uint32_t code = hd_charset_code(c->set, ch);
    if (!code && c->set == &hd_cs_eucjis) {
        code = hd_charset_code(&hd_cs_eucjp, ch);
        if (code < 0x10000) code = 0;                               /* JIS X 0212 alone */
    }
    if (code) return put_code(code, out);
    if (!(c->flags & HD_MB_HANGUL) || ch < SYLLABLES || ch > LAST_SYLLABLE) return HD_MB_NONE;
    ch -= SYLLABLES;
    const uint8_t spell[8] = { 0xa4, 0xd4, 0xa4, initials[ch / FINALS / VOWELS], 0xa4, (uint8_t)(FIRST_VOWEL + ch / FINALS % VOWELS), 0xa4, finals[ch % FINALS] };
    memcpy(out, spell, 8);
    return 8;
}

/* ---- GB 18030 ------------------------------------------------------------------------------------------------------------------------- */
enum { ABOVE_BMP = (0x90 - 0x81) * 12600 };
static int gb18030_decode(const struct hd_mb_codec *c, struct hd_mb_state *s, const uint8_t *p, size_t n, uint32_t out[2], int *count)
{
    if (p[0] < 0x80 || n < 2 || p[1] < 0x30 || p[1] > 0x39) return plain_decode(c, s, p, n, out, count);
    if (n < 4) return 0;
    if (p[0] < 0x81 || p[0] == 0xff || p[2] < 0x81 || p[2] == 0xff || p[3] < 0x30 || p[3] > 0x39) return -1;
    uint32_t at = (uint32_t)(p[0] - 0x81) * 12600 + (uint32_t)(p[1] - 0x30) * 1260 + (uint32_t)(p[2] - 0x81) * 10 + (uint32_t)(p[3] - 0x30);
    if (at < c->set->table->nlinear) out[0] = c->set->table->linear[at];
    else if (at >= ABOVE_BMP && at < ABOVE_BMP + 0x100000) out[0] = 0x10000 + at - ABOVE_BMP;
    else return -1;
    *count = 1;
    return 4;
}
static int gb18030_encode(const struct hd_mb_codec *c, struct hd_mb_state *s, uint32_t ch, int64_t next, uint8_t *out, int *used)
{
    uint32_t at;
    if (ch < 0x10000) {
        int n = plain_encode(c, s, ch, next, out, used);
        if (n != HD_MB_NONE || (ch >= 0xd800 && ch <= 0xdfff)) return n;
        const struct hd_mb_table *t = c->set->table;
        uint32_t lo = 0, hi = t->nlinear;
        while (lo < hi) {
            uint32_t mid = (lo + hi) / 2;
            if (t->linear[mid] < ch) lo = mid + 1;
            else hi = mid;
        }
        if (lo == t->nlinear || t->linear[lo] != ch) return HD_MB_NONE;
        at = lo;
    } else at = ch - 0x10000 + ABOVE_BMP;
    *used = 1;
    out[0] = (uint8_t)(0x81 + at / 12600), out[1] = (uint8_t)(0x30 + at / 1260 % 10), out[2] = (uint8_t)(0x81 + at / 10 % 126), out[3] = (uint8_t)(0x30 + at % 10);
    return 4;
}

/* ---- HZ ---------------------------------------------------------------------------------------------------------------------------------- */
static int hz_decode(const struct hd_mb_codec *c, struct hd_mb_state *s, const uint8_t *p, size_t n, uint32_t out[2], int *count)
{
    *count = 0;
    if (p[0] == '~') {
        if (n < 2) return 0;
        if (p[1] == '~' && !s->shifted) { out[0] = '~', *count = 1; return 2; }
        if (p[1] == '{' && !s->shifted) { s->shifted = 1; return 2; }
        if (p[1] == '}' && s->shifted) { s->shifted = 0; return 2; }
        if (p[1] == '\n' && !s->shifted) return 2;
        return -1;
    }
    if (p[0] & 0x80) return -1;
    if (!s->shifted) { out[0] = p[0], *count = 1; return 1; }
    if (n < 2) return 0;
    return give(c, c->set, c->set->table->two[(p[0] | 0x80u) << 8 | p[1] | 0x80u], out, count) && !(p[1] & 0x80) ? 2 : -1;
}
static int hz_encode(const struct hd_mb_codec *c, struct hd_mb_state *s, uint32_t ch, int64_t next, uint8_t *out, int *used)
{
    int n = 0;
    *used = 1;
    if (ch < 0x80) {
        if (s->shifted) out[n++] = '~', out[n++] = '}', s->shifted = 0;
        if (ch == '~') out[n++] = '~';
        out[n++] = (uint8_t)ch;
        return n;
    }
    uint32_t code = hd_charset_code(c->set, ch);
    if (!code) return HD_MB_NONE;
    if (!s->shifted) out[n++] = '~', out[n++] = '{', s->shifted = 1;
    out[n++] = (uint8_t)(code >> 8 & 0x7f), out[n++] = (uint8_t)(code & 0x7f);
    return n;
}
static int hz_reset(struct hd_mb_state *s, uint8_t *out)
{
    if (!s->shifted) return 0;
    s->shifted = 0;
    out[0] = '~', out[1] = '}';
    return 2;
}

/* ---- ISO 2022 ------------------------------------------------------------------------------------------------------------------------------ */
enum designation { ASCII, ROMAN, KATAKANA, X0208, X0208_1978, X0212, KS_G0, KS_G1, GB, X0213_1_2000, X0213_1_2004, X0213_2, LATIN1, GREEK };
enum { ROMAN_MAP = 1, KATAKANA_MAP, HIGH_LATIN1, HIGH_GREEK };
/* The escape sequence's last byte, the register it is written to, the bytes a character has, whether the sequence has the old
 * short form, and where the characters are: a set (a plane of it) or a rule. */
static const struct { char final; uint8_t g, width, brief, plane, rule; struct hd_charset *set; } designations[] = {
    [ASCII] = { 'B', 0, 1, 0, 0, 0, NULL }, [ROMAN] = { 'J', 0, 1, 0, 0, ROMAN_MAP, NULL }, [KATAKANA] = { 'I', 0, 1, 0, 0, KATAKANA_MAP, NULL },
    [X0208] = { 'B', 0, 2, 1, 0, 0, &hd_cs_eucjp }, [X0208_1978] = { '@', 0, 2, 1, 0, 0, &hd_cs_eucjp }, [X0212] = { 'D', 0, 2, 0, 1, 0, &hd_cs_eucjp },
    [KS_G0] = { 'C', 0, 2, 0, 0, 0, &hd_cs_euckr }, [KS_G1] = { 'C', 1, 2, 0, 0, 0, &hd_cs_euckr }, [GB] = { 'A', 0, 2, 0, 0, 0, &hd_cs_gb2312 },
    [X0213_1_2000] = { 'O', 0, 2, 0, 0, 0, &hd_cs_eucjis }, [X0213_1_2004] = { 'Q', 0, 2, 0, 0, 0, &hd_cs_eucjis }, [X0213_2] = { 'P', 0, 2, 0, 1, 0, &hd_cs_eucjis },
    [LATIN1] = { 'A', 2, 1, 0, 0, HIGH_LATIN1, NULL }, [GREEK] = { 'F', 2, 1, 0, 0, HIGH_GREEK, NULL },
};
static const uint8_t list_kr[] = { KS_G1, NOTHING }, list_jp[] = { X0208, ROMAN, X0208_1978, NOTHING }, list_jp1[] = { X0208, X0212, ROMAN, X0208_1978, NOTHING },
    list_jp2[] = { X0208, X0212, KS_G0, GB, ROMAN, X0208_1978, LATIN1, GREEK, NOTHING }, list_jp2004[] = { X0208, X0213_1_2004, X0213_2, NOTHING },
    list_jp3[] = { X0208, X0213_1_2000, X0213_2, NOTHING }, list_jpext[] = { X0208, X0212, ROMAN, KATAKANA, X0208_1978, NOTHING };

/* ISO 8859-7, the upper half; 0: not assigned. */
static uint32_t greek(uint32_t b)
{
    static const uint16_t low[] = { 0xa0, 0x2018, 0x2019, 0xa3, 0x20ac, 0x20af, 0xa6, 0xa7, 0xa8, 0xa9, 0x37a, 0xab, 0xac, 0xad, 0, 0x2015, 0xb0, 0xb1, 0xb2, 0xb3, 0x384, 0x385, 0x386, 0xb7,
                                    0x388, 0x389, 0x38a, 0xbb, 0x38c, 0xbd };
    if (b < 0xa0) return 0;
    if (b < 0xa0 + sizeof low / sizeof *low) return b == 0xa4 || b == 0xa5 || b == 0xaa ? 0 : low[b - 0xa0];      /* as the edition of 1987 had it */
    return b == 0xd2 || b == 0xff ? 0 : b - 0xa0 + 0x370;
}
static int iso_char(const struct hd_mb_codec *c, int d, const uint8_t *p, uint32_t out[2], int *count)
{
    uint32_t b = p[0] & 0x7f, ch = 0;
    switch (designations[d].rule) {
    case ROMAN_MAP: ch = b == 0x5c ? 0xa5 : b == 0x7e ? 0x203e : b; break;
    case KATAKANA_MAP: ch = b >= 0x21 && b <= 0x5f ? 0xff61 + b - 0x21 : 0; break;
    case HIGH_LATIN1: ch = b + 0x80; break;
    case HIGH_GREEK: ch = greek(b + 0x80); break;
    default:
        if (d == ASCII) { ch = b; break; }
        const struct hd_mb_table *t = designations[d].set->table;
        if (p[1] & 0x80) return 0;
        return give(c, designations[d].set, (designations[d].plane ? t->three : t->two)[(b | 0x80) << 8 | p[1] | 0x80u], out, count);
    }
    out[0] = ch, *count = 1;
    return ch != 0;
}
static bool allowed(const struct hd_mb_codec *c, int d)
{
    if (d == ASCII) return true;
    for (const uint8_t *p = c->designations; *p != NOTHING; p++) if (*p == d) return true;
    return false;
}
/* An escape sequence: its length; 0: incomplete; negative: that many bytes are wrong; 1: the ESC stands for itself. */
static int iso_escape(const struct hd_mb_codec *c, struct hd_mb_state *s, const uint8_t *p, size_t n)
{
    enum { LONGEST = 16 };
    size_t i = 1;
    while (i < n && i < LONGEST && !((p[i] >= 'A' && p[i] <= 'Z') || p[i] == '@')) i++;
    if (c->designations == list_jpext && i + 3 < n && i == 2 && p[1] == '&' && p[2] == '@' && p[3] == ESC) i = 5;      /* ESC & @ announces a revision of JIS X 0208 */
    if (i >= LONGEST) return -1;
    if (i >= n) return 0;
    int length = (int)i + 1;
    if (length == 6 && memcmp(p + 3, "\033$B", 3) == 0 && allowed(c, X0208)) { s->g[0] = X0208; return 6; }
    bool wide = p[1] == '$';
    if (length != (wide ? p[2] == '(' || p[2] == ')' ? 4 : 3 : 3)) return -length;
    uint8_t kind = length == 4 ? p[2] : wide ? '(' : p[1];
    if (kind == '.' ? c->designations != list_jp2 : kind != '(' && kind != ')') return -length;
    int g = kind == '(' ? 0 : kind == ')' ? 1 : 2;
    for (int d = 0; d < (int)(sizeof designations / sizeof *designations); d++) {
        if (designations[d].final != (char)p[length - 1] || (designations[d].width == 2) != wide || !allowed(c, d)) continue;
        s->g[g] = (uint8_t)d;
        return length;
    }
    return -length;
}
static int iso_decode(const struct hd_mb_codec *c, struct hd_mb_state *s, const uint8_t *p, size_t n, uint32_t out[2], int *count)
{
    *count = 0;
    if (s->through) {
        s->through = !((p[0] >= 'A' && p[0] <= 'Z') || p[0] == '@');
        out[0] = p[0], *count = 1;
        return 1;
    }
    if (p[0] == ESC) {
        if (n < 2) return 0;
        if (p[1] == 'N' && c->designations == list_jp2) {
            if (n < 3) return 0;
            return !(p[2] & 0x80) && iso_char(c, s->g[2], p + 2, out, count) ? 3 : -3;
        }
        if (memchr("()$.&", p[1], 5)) return iso_escape(c, s, p, n);
        s->through = 1;
        out[0] = ESC, *count = 1;
        return 1;
    }
    if ((c->flags & HD_MB_SHIFT) && (p[0] == SO || p[0] == SI)) {
        s->shifted = p[0] == SO;
        return 1;
    }
    if (p[0] == '\n') s->shifted = 0;
    if (p[0] & 0x80) return -1;
    int d = s->shifted ? s->g[1] : s->g[0];
    if (p[0] < 0x20 || d == ASCII) {
        out[0] = p[0], *count = 1;
        return 1;
    }
    if (n < designations[d].width) return 0;
    return iso_char(c, d, p, out, count) ? designations[d].width : -(int)designations[d].width;
}
/* Code of ch in a designated set; 0: none. */
static uint32_t iso_code(const struct hd_mb_codec *c, int d, uint32_t ch)
{
    switch (designations[d].rule) {
    case ROMAN_MAP: return ch == 0xa5 ? 0x5c : ch == 0x203e ? 0x7e : 0;
    case KATAKANA_MAP: return ch >= 0xff61 && ch <= 0xff9f ? ch - 0xff61 + 0x21 : 0;
    case HIGH_LATIN1: case HIGH_GREEK: return 0;                    /* read, not written */
    default: break;
    }
    if (c->flags & HD_MB_2000) {
        if (is_2004(ch)) return 0;
        if (ch == CHANGED_2000) ch = CHANGED_2004;
    }
    uint32_t code = hd_charset_code(designations[d].set, ch);
    return code && (code > 0xffff) == designations[d].plane ? code & 0x7f7f : 0;
}
static int iso_encode(const struct hd_mb_codec *c, struct hd_mb_state *s, uint32_t ch, int64_t next, uint8_t *out, int *used)
{
    int n = 0, d = ASCII;
    uint32_t code = ch < 0x80 ? ch : 0;
    *used = 1;
    for (const uint8_t *p = c->designations; ch >= 0x80 && *p != NOTHING; p++) {
        if (designations[*p].set != &hd_cs_eucjis || designations[*p].plane) continue;
        int64_t pair = pair_code(&hd_cs_eucjis, ch, next);
        if (pair == HD_MB_MORE) return HD_MB_MORE;
        if (pair) *used = 2, d = *p, code = (uint32_t)pair & 0x7f7f;
    }
    for (const uint8_t *p = c->designations; ch >= 0x80 && !code && *p != NOTHING; p++) d = *p, code = iso_code(c, d, ch);
    if (!code && ch) return HD_MB_NONE;
    int g = designations[d].g;
    if (g == 0 && s->shifted) out[n++] = SI, s->shifted = 0;
    if (s->g[g] != d) {
        out[n++] = ESC;
        if (designations[d].width == 2) out[n++] = '$';
        if (!designations[d].brief) out[n++] = g ? ')' : '(';
        out[n++] = (uint8_t)designations[d].final;
        s->g[g] = (uint8_t)d;
    }
    if (g == 1 && !s->shifted) out[n++] = SO, s->shifted = 1;
    if (designations[d].width == 2) out[n++] = (uint8_t)(code >> 8);
    out[n++] = (uint8_t)code;
    if (ch == '\n') s->shifted = 0;
    return n;
}
static int iso_reset(struct hd_mb_state *s, uint8_t *out)
{
    int n = 0;
    if (s->shifted) out[n++] = SI, s->shifted = 0;
    if (s->g[0] != ASCII) out[n++] = ESC, out[n++] = '(', out[n++] = 'B', s->g[0] = ASCII;
    return n;
}

/* ---- the table ------------------------------------------------------------------------------------------------------------------------------- */
#define PLAIN(name, module, set, flags) { name, module, plain_decode, plain_encode, &set, NULL, NULL, flags }
#define ISO(name, list, flags) { name, "_codecs_iso2022", iso_decode, iso_encode, NULL, iso_reset, list, flags }
const struct hd_mb_codec hd_mb_codecs[] = {
    PLAIN("shift_jis", "_codecs_jp", hd_cs_sjis, HD_MB_KANA | HD_MB_YEN_IN), PLAIN("cp932", "_codecs_jp", hd_cs_cp932, HD_MB_KANA | HD_MB_CP932),
    PLAIN("euc_jp", "_codecs_jp", hd_cs_eucjp, HD_MB_EUC | HD_MB_YEN_IN), PLAIN("shift_jis_2004", "_codecs_jp", hd_cs_sjis2004, HD_MB_KANA | HD_MB_YEN),
    PLAIN("euc_jis_2004", "_codecs_jp", hd_cs_eucjis, HD_MB_EUC), PLAIN("euc_jisx0213", "_codecs_jp", hd_cs_eucjis, HD_MB_EUC | HD_MB_2000),
    PLAIN("shift_jisx0213", "_codecs_jp", hd_cs_sjis2004, HD_MB_KANA | HD_MB_YEN | HD_MB_2000),
    PLAIN("gb2312", "_codecs_cn", hd_cs_gb2312, 0), PLAIN("gbk", "_codecs_cn", hd_cs_gbk, 0), { "gb18030", "_codecs_cn", gb18030_decode, gb18030_encode, &hd_cs_gb18030, NULL, NULL, 0 },
    { "hz", "_codecs_cn", hz_decode, hz_encode, &hd_cs_gb2312, hz_reset, NULL, 0 }, PLAIN("big5", "_codecs_tw", hd_cs_big5, 0), PLAIN("cp950", "_codecs_tw", hd_cs_cp950, 0),
    PLAIN("big5hkscs", "_codecs_hk", hd_cs_hkscs, 0), PLAIN("euc_kr", "_codecs_kr", hd_cs_euckr, HD_MB_HANGUL), PLAIN("cp949", "_codecs_kr", hd_cs_cp949, 0),
    PLAIN("johab", "_codecs_kr", hd_cs_johab, 0), ISO("iso2022_kr", list_kr, HD_MB_SHIFT), ISO("iso2022_jp", list_jp, 0), ISO("iso2022_jp_1", list_jp1, 0),
    ISO("iso2022_jp_2", list_jp2, 0), ISO("iso2022_jp_2004", list_jp2004, 0), ISO("iso2022_jp_3", list_jp3, HD_MB_2000), ISO("iso2022_jp_ext", list_jpext, 0), { 0 }
};
int hd_mb_ready(const struct hd_mb_codec *c)
{
    int status = c->set ? hd_charset_ready(c->set) : 0;
    if (!status && c->set == &hd_cs_eucjis) status = hd_charset_ready(&hd_cs_eucjp);
    for (const uint8_t *p = c->designations; !status && p && *p != NOTHING; p++) if (designations[*p].set) status = hd_charset_ready(designations[*p].set);
    return status;
}
