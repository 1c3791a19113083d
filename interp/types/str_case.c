/* Changing case, and tests of all characters of a string. */
#include "interp/types/str_methods.h"

/* A capital sigma becomes the final form after a cased character when none follows, ignoring what case ignores. */
static uint32_t lower_sigma(int kind, const void *p, int64_t n, int64_t i)
{
    int64_t k = i - 1;
    while (k >= 0 && hd_uc_is(hd_kind_at(kind, p, k), HD_UC_CASE_IGNORABLE)) k--;
    if (k < 0 || !hd_uc_is(hd_kind_at(kind, p, k), HD_UC_CASED)) return 0x3c3;
    k = i + 1;
    while (k < n && hd_uc_is(hd_kind_at(kind, p, k), HD_UC_CASE_IGNORABLE)) k++;
    return k == n || !hd_uc_is(hd_kind_at(kind, p, k), HD_UC_CASED) ? 0x3c2 : 0x3c3;
}

static hd_value ascii_map(hd_value v, unsigned char lo)     /* flips the case of letters lo..lo+25 */
{
    const struct hd_str *s = HD_STR(v);
    void *data;
    if (s->len == 0) return hd_empty_str;
    hd_value r = hd_str_new(1, s->len, 0x7f, &data);
    if (r == HD_ERR) return r;
    const uint8_t *p = s->data;
    uint8_t *o = data;
    int64_t i = 0;
    const uint64_t ones = UINT64_C(0x0101010101010101), from = ones * (0x80 - lo), past = ones * (0x80 - lo - 26);
    for (; i + 8 <= s->len; i += 8) {             /* eight at a time: the top bit of a byte says that it is at or past a limit */
        uint64_t w;
        memcpy(&w, p + i, 8);
        w ^= ((w + from) ^ (w + past)) >> 2 & ones * 0x20;
        memcpy(o + i, &w, 8);
    }
    for (; i < s->len; i++) o[i] = p[i] ^ ((uint8_t)(p[i] - lo) < 26 ? 0x20 : 0);
    return r;
}

static void put(struct hd_strbuilder *b, const uint32_t *c, int n) { for (int i = 0; i < n; i++) hd_sb_char(b, c[i]); }

enum form { LOWER, UPPER, SWAP, FOLD, TITLE, CAPITALIZE };
static hd_value convert(hd_value v, enum form form)
{
    const struct hd_str *s = HD_STR(v);
    int kind = hd_str_kind(v);
    struct hd_strbuilder b;
    hd_sb_init(&b);
    hd_sb_reserve(&b, s->len, 0x7f);
    bool previous_cased = false;
    for (int64_t i = 0; i < s->len; i++) {
        uint32_t c = hd_kind_at(kind, s->data, i), out[3];
        if (c < 128 && (form == LOWER || form == UPPER || form == FOLD)) {
            hd_sb_char(&b, c - (form == UPPER ? 'a' : 'A') < 26 ? c ^ 0x20 : c);
            continue;
        }
        uint32_t flags = form == LOWER || form == UPPER || form == FOLD ? 0 : hd_uc_flags(c);
        enum form f = form;
        if (form == SWAP) f = flags & HD_UC_UPPER ? LOWER : flags & HD_UC_LOWER ? UPPER : SWAP;
        else if (form == CAPITALIZE) f = i == 0 ? TITLE : LOWER;
        else if (form == TITLE) f = previous_cased ? LOWER : TITLE;
        int n = 1;
        switch (f) {
        case LOWER:
            if (c == 0x3a3) out[0] = lower_sigma(kind, s->data, s->len, i);
            else n = hd_uc_lower(c, out);
            break;
        case UPPER: n = hd_uc_upper(c, out); break;
        case FOLD: n = hd_uc_fold(c, out); break;
        case TITLE: n = hd_uc_title(c, out); break;
        default: out[0] = c;
        }
        put(&b, out, n);
        previous_cased = (flags & HD_UC_CASED) != 0;
    }
    return hd_sb_finish(&b);
}

hd_value hd_str_lower(hd_value s) { return hd_str_is_ascii(s) ? ascii_map(s, 'A') : convert(s, LOWER); }
hd_value hd_str_upper(hd_value s) { return hd_str_is_ascii(s) ? ascii_map(s, 'a') : convert(s, UPPER); }
hd_value hd_str_casefold(hd_value s) { return hd_str_is_ascii(s) ? ascii_map(s, 'A') : convert(s, FOLD); }
/* The first letter of each word (title) or the first character in upper case, the others in lower case. */
static hd_value ascii_capitals(hd_value v, bool words)
{
    const struct hd_str *s = HD_STR(v);
    void *data;
    if (s->len == 0) return hd_empty_str;
    hd_value r = hd_str_new(1, s->len, 0x7f, &data);
    if (r == HD_ERR) return r;
    const uint8_t *p = s->data;
    uint8_t *o = data;
    bool first = true;
    for (int64_t i = 0; i < s->len; i++) {
        bool letter = (uint8_t)((p[i] | 0x20) - 'a') < 26;
        o[i] = !letter ? p[i] : first ? p[i] & ~0x20 : p[i] | 0x20;
        first = words && !letter;
    }
    return r;
}

hd_value hd_str_title(hd_value s) { return hd_str_is_ascii(s) ? ascii_capitals(s, true) : convert(s, TITLE); }
hd_value hd_str_capitalize(hd_value s) { return hd_str_is_ascii(s) ? ascii_capitals(s, false) : convert(s, CAPITALIZE); }
hd_value hd_str_swapcase(hd_value s) { return convert(s, SWAP); }

bool hd_str_isidentifier(hd_value v)
{
    int64_t n = hd_str_len(v);
    if (n == 0 || !hd_uc_is(hd_str_at(v, 0), HD_UC_XID_START)) return false;
    for (int64_t i = 1; i < n; i++) if (!hd_uc_is(hd_str_at(v, i), HD_UC_XID_CONTINUE)) return false;
    return true;
}
