/* Substring search in memory of 1, 2 or 4 bytes per character.  Forward search is linear in the worst case: libc's memmem
 * for bytes, the two-way algorithm (Crochemore and Perrin) for wider characters.  Backward search looks for the last
 * character and compares. */
#include "interp/types/str.h"

int64_t hd_search_char(int kind, const void *hay, int64_t n, uint32_t c)
{
    if (kind == 1) {
        if (c > 0xff) return -1;
        const char *p = memchr(hay, (int)c, n);
        return p ? p - (const char *)hay : -1;
    }
    if (kind == 2) {
        const uint16_t *p = hay;
        if (c > 0xffff) return -1;
        for (int64_t i = 0; i < n; i++) if (p[i] == c) return i;
        return -1;
    }
    const uint32_t *p = hay;
    for (int64_t i = 0; i < n; i++) if (p[i] == c) return i;
    return -1;
}

int64_t hd_search_char_last(int kind, const void *hay, int64_t n, uint32_t c)
{
    if (kind == 1) {
        if (c > 0xff) return -1;
        const char *p = memrchr(hay, (int)c, n);
        return p ? p - (const char *)hay : -1;
    }
    for (int64_t i = n; i-- > 0;) if (hd_kind_at(kind, hay, i) == c) return i;
    return -1;
}

/* Two-way search.  The critical factorisation comes from the two maximal suffixes of the pattern, under < and >. */
#define TWO_WAY(NAME, T)                                                                                          \
static int64_t NAME##_suffix(const T *x, int64_t m, int64_t *period, bool reverse)                                \
{                                                                                                                 \
    int64_t suffix = -1, j = 0, k = 1, p = 1;                                                                     \
    while (j + k < m) {                                                                                           \
        T a = x[j + k], b = x[suffix + k];                                                                        \
        if (a == b) { if (k != p) k++; else { j += p; k = 1; } }                                                  \
        else if (reverse ? a > b : a < b) { j += k; k = 1; p = j - suffix; }                                      \
        else { suffix = j++; k = p = 1; }                                                                         \
    }                                                                                                             \
    *period = p;                                                                                                  \
    return suffix;                                                                                                \
}                                                                                                                 \
static int64_t NAME(const T *y, int64_t n, const T *x, int64_t m)                                                 \
{                                                                                                                 \
    int64_t p1, p2, s1 = NAME##_suffix(x, m, &p1, false), s2 = NAME##_suffix(x, m, &p2, true);                    \
    int64_t cut = s1 > s2 ? s1 : s2, period = s1 > s2 ? p1 : p2, j = 0, i;                                        \
    if (cut + 1 + period <= m && memcmp(x, x + period, (cut + 1) * sizeof(T)) == 0) {                             \
        int64_t memory = -1;                                                                                      \
        while (j <= n - m) {                                                                                      \
            i = (cut > memory ? cut : memory) + 1;                                                                \
            while (i < m && x[i] == y[i + j]) i++;                                                                \
            if (i < m) { j += i - cut; memory = -1; continue; }                                                   \
            i = cut;                                                                                              \
            while (i > memory && x[i] == y[i + j]) i--;                                                           \
            if (i <= memory) return j;                                                                            \
            j += period;                                                                                          \
            memory = m - period - 1;                                                                              \
        }                                                                                                         \
        return -1;                                                                                                \
    }                                                                                                             \
    period = (cut + 1 > m - cut - 1 ? cut + 1 : m - cut - 1) + 1;                                                 \
    while (j <= n - m) {                                                                                          \
        i = cut + 1;                                                                                              \
        while (i < m && x[i] == y[i + j]) i++;                                                                    \
        if (i < m) { j += i - cut; continue; }                                                                    \
        i = cut;                                                                                                  \
        while (i >= 0 && x[i] == y[i + j]) i--;                                                                   \
        if (i < 0) return j;                                                                                      \
        j += period;                                                                                              \
    }                                                                                                             \
    return -1;                                                                                                    \
}
TWO_WAY(two_way16, uint16_t)
TWO_WAY(two_way32, uint32_t)

/* Bytes: candidates are found by their first and last byte, 16 at a time, and looked at; memmem takes over when too many of
 * them are wrong, so the time stays linear.  Setting memmem up costs more than most searches for short patterns need. */
typedef unsigned char byte_lanes __attribute__((vector_size(16)));
static int64_t search8(const unsigned char *hay, int64_t n, const unsigned char *pat, int64_t m)
{
    const unsigned char *p = hay, *last = hay + n - m;
    unsigned char first = pat[0], end = pat[m - 1];
    byte_lanes firsts = (byte_lanes){ 0 } + first, ends = (byte_lanes){ 0 } + end;
    int64_t wrong = 8;
    for (; last - p >= 15; p += 16) {
        byte_lanes x, y;
        memcpy(&x, p, 16);
        memcpy(&y, p + m - 1, 16);
        byte_lanes hits = (byte_lanes)((x == firsts) & (y == ends));
        uint64_t half[2];
        memcpy(half, &hits, 16);
        if (STM_LIKELY(!(half[0] | half[1]))) continue;
        for (int h = 0; h < 2; h++)
            while (half[h]) {
                int i = h * 8 + __builtin_ctzll(half[h]) / 8;
                if (p[i + 1] == pat[1] && (m < 4 || memcmp(p + i + 2, pat + 2, m - 3) == 0)) return p + i - hay;
                half[h] &= ~((uint64_t)0xff << (i & 7) * 8);
                wrong--;
            }
        if (wrong < -((p - hay) >> 5)) {
            const unsigned char *q = memmem(p, hay + n - p, pat, m);
            return q ? q - hay : -1;
        }
    }
    for (; p <= last; p++) if (*p == first && p[m - 1] == end && memcmp(p + 1, pat + 1, m - 1) == 0) return p - hay;
    return -1;
}

int64_t hd_search(int kind, const void *hay, int64_t n, const void *pat, int64_t m)
{
    if (m > n) return -1;
    if (m == 0) return 0;
    if (m == 1) return hd_search_char(kind, hay, n, hd_kind_at(kind, pat, 0));
    if (kind == 1) return search8(hay, n, pat, m);
    return kind == 2 ? two_way16(hay, n, pat, m) : two_way32(hay, n, pat, m);
}

int64_t hd_search_last(int kind, const void *hay, int64_t n, const void *pat, int64_t m)
{
    if (m > n) return -1;
    if (m == 0) return n;
    uint32_t last = hd_kind_at(kind, pat, m - 1);
    for (int64_t end = n; end >= m;) {
        int64_t i = hd_search_char_last(kind, (const char *)hay + (m - 1) * kind, end - m + 1, last);
        if (i < 0) return -1;
        if (memcmp((const char *)hay + i * kind, pat, (m - 1) * kind) == 0) return i;
        end = i + m - 1;
    }
    return -1;
}

int64_t hd_search_count(int kind, const void *hay, int64_t n, const void *pat, int64_t m, int64_t max)
{
    int64_t count = 0, at = 0;
    if (m == 0) return n + 1 < max ? n + 1 : max;
    if (m == 1 && kind == 1 && max >= n) {
        const uint8_t *p = hay, c = *(const uint8_t *)pat;
        for (int64_t i = 0; i < n; i++) count += p[i] == c;
        return count;
    }
    while (count < max) {
        int64_t i = hd_search(kind, (const char *)hay + at * kind, n - at, pat, m);
        if (i < 0) break;
        count++;
        at += i + m;
    }
    return count;
}
