/* Properties of characters from generated tables: a two-level index leads to one of some hundred records. */
#include <ctype.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>
#include "interp/types/unicode_data.h"

struct record { uint16_t flags; uint8_t category, bidi, combining, width; int8_t decimal, digit; uint8_t numeric; int32_t lower, upper, title; uint16_t special; };
struct special { struct { uint16_t at, n; } form[4]; };      /* lower, upper, title, fold */
struct decomposition { uint32_t c; uint8_t tag, n; uint16_t at; };
struct composition { uint32_t a, b, c; };
#include "interp/types/unicode_data_tables.h"
#include "interp/types/unicode_names.h"

const char hd_uc_version[] = UNICODE_VERSION;
const uint8_t hd_ascii_space[256] = { [9] = 1, 1, 1, 1, 1, [0x1c] = 1, 1, 1, 1, 1, [0x85] = 1, [0xa0] = 1 };

static inline const struct record *record(uint32_t c)
{
    return &records[second_index[first_index[c >> 7] << 7 | (c & 127)]];
}
uint32_t hd_uc_flags(uint32_t c) { return record(c)->flags; }
int hd_unicode_decimal(uint32_t c) { return c < 0x80 ? (c - '0' < 10 ? (int)(c - '0') : -1) : record(c)->decimal; }
bool hd_unicode_is_space(uint32_t c) { return hd_uc_space(c); }
int hd_uc_digit(uint32_t c) { return record(c)->digit; }
const char *hd_uc_category(uint32_t c) { return category_names[record(c)->category]; }
const char *hd_uc_bidirectional(uint32_t c) { return bidi_names[record(c)->bidi]; }
const char *hd_uc_width(uint32_t c) { return width_names[record(c)->width]; }
int hd_uc_combining(uint32_t c) { return record(c)->combining; }
bool hd_uc_has_numeric(uint32_t c) { return record(c)->numeric != 0; }
double hd_uc_numeric(uint32_t c) { return numeric_values[record(c)->numeric]; }

static int mapped(uint32_t c, int form, uint32_t out[3])
{
    const struct record *r = record(c);
    if (r->flags & HD_UC_SPECIAL_CASE) {
        const struct special *s = &specials[r->special];
        for (int i = 0; i < s->form[form].n; i++) out[i] = special_pool[s->form[form].at + i];
        return s->form[form].n;
    }
    out[0] = c + (form == 0 || form == 3 ? r->lower : form == 1 ? r->upper : r->title);
    return 1;
}
int hd_uc_lower(uint32_t c, uint32_t out[3]) { return mapped(c, 0, out); }
int hd_uc_upper(uint32_t c, uint32_t out[3]) { return mapped(c, 1, out); }
int hd_uc_title(uint32_t c, uint32_t out[3]) { return mapped(c, 2, out); }
int hd_uc_fold(uint32_t c, uint32_t out[3]) { return mapped(c, 3, out); }
uint32_t hd_uc_simple_lower(uint32_t c) { return c + record(c)->lower; }
uint32_t hd_uc_simple_upper(uint32_t c) { return c + record(c)->upper; }

int hd_uc_decomposition(uint32_t c, const uint32_t **chars, const char **tag)
{
    size_t lo = 0, hi = sizeof decompositions / sizeof *decompositions;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        const struct decomposition *d = &decompositions[mid];
        if (d->c == c) { *chars = &decomposition_pool[d->at]; *tag = tag_names[d->tag]; return d->n; }
        if (d->c < c) lo = mid + 1; else hi = mid;
    }
    return 0;
}
uint32_t hd_uc_compose(uint32_t a, uint32_t b)
{
    if (a - 0x1100 < 19 && b - 0x1161 < 21) return 0xac00 + ((a - 0x1100) * 21 + (b - 0x1161)) * 28;
    if (a - 0xac00 < 11172 && (a - 0xac00) % 28 == 0 && b - 0x11a8 < 27) return a + (b - 0x11a7);
    size_t lo = 0, hi = sizeof compositions / sizeof *compositions;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        const struct composition *x = &compositions[mid];
        if (x->a == a && x->b == b) return x->c;
        if (x->a < a || (x->a == a && x->b < b)) lo = mid + 1; else hi = mid;
    }
    return 0;
}

/* ---- names: unpacked when the first one is asked for, kept for good --------------------------------------------------- */
static char *names;                       /* the unpacked text; lines end with 0 */
static struct name { uint32_t c; const char *text; } *by_code;
static uint32_t name_count, alias_count, *by_hash, hash_mask;   /* entries: index into by_code + 1 */
static const char *sequences;
static pthread_once_t names_once = PTHREAD_ONCE_INIT;

static uint32_t name_hash(const char *s, size_t n)
{
    uint32_t h = 2166136261u;
    for (size_t i = 0; i < n; i++) h = (h ^ (uint32_t)toupper((unsigned char)s[i])) * 16777619u;
    return h ^ h >> 15;
}

static void unpack(void)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t n = sizeof packed_names - 1, size = 0;
    unsigned char *z = stm_need(NULL, n), value[256];
    names = stm_need(NULL, NAMES_SIZE + 1);
    by_code = stm_need(NULL, NAMES_COUNT * sizeof *by_code);
    hash_mask = 131071;
    by_hash = memset(stm_need(NULL, (hash_mask + 1) * sizeof *by_hash), 0, (hash_mask + 1) * sizeof *by_hash);
    memset(value, 0, sizeof value);
    for (int i = 0; i < 64; i++) value[(unsigned char)digits[i]] = i;
    for (size_t i = 0; i + 3 < n; i += 4) {
        uint32_t v = 0;
        for (int k = 0; k < 4; k++) v = v << 6 | value[(unsigned char)packed_names[i + k]];
        z[size++] = v >> 16; z[size++] = v >> 8; z[size++] = v;
    }
    uLongf got = NAMES_SIZE;
    if (uncompress((Bytef *)names, &got, z, size) != Z_OK) got = 0;
    free(z);
    names[got] = 0;
    int part = 0;                         /* characters, aliases, sequences */
    uint32_t c = 0, count = 0;
    for (char *p = names, *end; *p; p = end + 1) {
        end = strchr(p, '\n');
        *end = 0;
        if (p == end) {
            if (part++ == 0) name_count = count;
            else { sequences = end + 1; break; }
            continue;
        }
        char *semi = strchr(p, ';');
        c = semi ? (uint32_t)strtoul(p, NULL, 16) : c + 1;
        const char *text = semi ? semi + 1 : p;
        by_code[count] = (struct name){ c, text };
        uint32_t i = name_hash(text, strlen(text)) & hash_mask;
        while (by_hash[i]) i = (i + 1) & hash_mask;
        by_hash[i] = ++count;
    }
    alias_count = count - name_count;
}

static const char *const jamo[3][28] = {
    { "G", "GG", "N", "D", "DD", "R", "M", "B", "BB", "S", "SS", "", "J", "JJ", "C", "K", "T", "P", "H" },
    { "A", "AE", "YA", "YAE", "EO", "E", "YEO", "YE", "O", "WA", "WAE", "OE", "YO", "U", "WEO", "WE", "WI", "YU", "EU", "YI", "I" },
    { "", "G", "GG", "GS", "N", "NJ", "NH", "D", "L", "LG", "LM", "LB", "LS", "LT", "LP", "LH", "M", "B", "BS", "S", "SS", "NG", "J", "C", "K", "T", "P", "H" } };
static const int jamo_count[3] = { 19, 21, 28 };

static bool unified_ideograph(uint32_t c)
{
    static const uint32_t range[][2] = { { 0x3400, 0x4dbf }, { 0x4e00, 0x9fff }, { 0x20000, 0x2a6df }, { 0x2a700, 0x2b738 },
                                         { 0x2b740, 0x2b81d }, { 0x2b820, 0x2cea1 }, { 0x2ceb0, 0x2ebe0 }, { 0x30000, 0x3134a } };
    for (size_t i = 0; i < sizeof range / sizeof *range; i++) if (c >= range[i][0] && c <= range[i][1]) return true;
    return false;
}

bool hd_uc_name(uint32_t c, char *out, size_t size)
{
    if (c - 0xac00 < 11172) {
        uint32_t s = c - 0xac00;
        snprintf(out, size, "HANGUL SYLLABLE %s%s%s", jamo[0][s / 588], jamo[1][s % 588 / 28], jamo[2][s % 28]);
        return true;
    }
    if (unified_ideograph(c)) { snprintf(out, size, "CJK UNIFIED IDEOGRAPH-%X", c); return true; }
    pthread_once(&names_once, unpack);
    size_t lo = 0, hi = name_count;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (by_code[mid].c == c) { snprintf(out, size, "%s", by_code[mid].text); return true; }
        if (by_code[mid].c < c) lo = mid + 1; else hi = mid;
    }
    return false;
}

static bool same_name(const char *a, const char *s, size_t n)
{
    size_t i = 0;
    for (; i < n && a[i]; i++) if (a[i] != toupper((unsigned char)s[i])) return false;
    return i == n && !a[i];
}

static int64_t hangul(const char *s, size_t n)
{
    int part[3];
    for (int k = 0; k < 3; k++) {         /* the longest match of each part */
        int best = -1;
        size_t len = 0;
        for (int i = 0; i < jamo_count[k]; i++) {
            size_t m = strlen(jamo[k][i]);
            if (m <= n && (best < 0 || m > len) && strncmp(jamo[k][i], s, m) == 0) { best = i; len = m; }
        }
        if (best < 0) return -1;
        part[k] = best;
        s += len; n -= len;
    }
    return n ? -1 : 0xac00 + (part[0] * 21 + part[1]) * 28 + part[2];
}

int64_t hd_uc_lookup(const char *s, size_t n, uint32_t sequence[8], int *count)
{
    if (n > 22 && n < 28 && strncasecmp(s, "CJK UNIFIED IDEOGRAPH-", 22) == 0) {
        uint32_t c = 0;
        for (size_t i = 22; i < n; i++) {
            if (!isxdigit((unsigned char)s[i]) || islower((unsigned char)s[i])) return -1;
            c = c << 4 | (uint32_t)(isdigit((unsigned char)s[i]) ? s[i] - '0' : s[i] - 'A' + 10);
        }
        return unified_ideograph(c) ? (int64_t)c : -1;
    }
    if (n > 16 && strncasecmp(s, "HANGUL SYLLABLE ", 16) == 0) return hangul(s + 16, n - 16);
    pthread_once(&names_once, unpack);
    for (uint32_t i = name_hash(s, n) & hash_mask; by_hash[i]; i = (i + 1) & hash_mask) {
        const struct name *x = &by_code[by_hash[i] - 1];
        if (same_name(x->text, s, n)) return x->c;
    }
    if (!sequence || !sequences) return -1;
    for (const char *p = sequences; *p; p = strchr(p, '\n') + 1) {
        const char *semi = strchr(p, ';'), *end = strchr(p, '\n');
        if ((size_t)(end - semi - 1) != n || strncasecmp(semi + 1, s, n) != 0) continue;
        *count = 0;
        for (char *q = (char *)(uintptr_t)p; q < semi && *count < 8;) sequence[(*count)++] = (uint32_t)strtoul(q, &q, 16);
        return sequence[0];
    }
    return -1;
}

/* ---- Unicode 3.2 ------------------------------------------------------------------------------------------------------------ */
bool hd_uc_in_3_2(uint32_t c)
{
    size_t lo = 0, hi = sizeof old_ranges / sizeof *old_ranges;     /* how many borders lie at or below c: odd inside */
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (old_ranges[mid] <= c) lo = mid + 1; else hi = mid;
    }
    return lo & 1;
}
static int changed(uint32_t c, int which, int now)
{
    for (size_t i = 0; i < sizeof old_changes / sizeof *old_changes; i++)
        if (old_changes[i].which == which && c >= old_changes[i].first && c <= old_changes[i].last) return old_changes[i].value;
    return now;
}
const char *hd_uc_bidirectional_3_2(uint32_t c) { return hd_uc_in_3_2(c) ? bidi_names[changed(c, 0, record(c)->bidi)] : ""; }
bool hd_uc_mirrored_3_2(uint32_t c) { return hd_uc_in_3_2(c) && changed(c, 1, (record(c)->flags & HD_UC_MIRRORED) != 0); }
const char *hd_uc_width_3_2(uint32_t c) { return width_names[hd_uc_in_3_2(c) ? changed(c, 2, record(c)->width) : 0]; }
const char *hd_uc_category_3_2(uint32_t c)
{
    if (!hd_uc_in_3_2(c)) return "Cn";
    for (size_t i = 0; i < sizeof old_categories / sizeof *old_categories; i++)
        if (old_categories[i].c == c) return category_names[old_categories[i].category];
    return hd_uc_category(c);
}
