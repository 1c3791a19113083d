/* The module _datetime: reading of ISO 8601 texts.
 *
 * Dates are YYYY-MM-DD, YYYYMMDD, YYYY-Www[-D] or YYYYWww[D].  Clocks are HH[:MM[:SS]] or HH[MM[SS]] with a fraction of a second
 * after '.' or ','; then Z or an offset of the same form with a sign. */
#include "interp/modules/datetime_internal.h"

static bool digit(char c) { return c >= '0' && c <= '9'; }
/* n digits at *p, which moves on; -1. */
static int number(const char **p, const char *end, int n)
{
    int v = 0;
    if (end - *p < n) return -1;
    for (int i = 0; i < n; i++) {
        if (!digit((*p)[i])) return -1;
        v = v * 10 + ((*p)[i] - '0');
    }
    *p += n;
    return v;
}
int hd_iso_text(hd_value s, char small[64], struct hd_iso_text *out)
{
    int64_t n = HD_STR(s)->len;
    char *to = n <= 64 ? small : hd_scratch((size_t)n);
    if (!to) return -1;
    for (int64_t i = 0; i < n; i++) {
        uint32_t c = hd_str_at(s, i);
        to[i] = c < 0x80 ? (char)c : (char)0x80;
    }
    *out = (struct hd_iso_text){ to, (size_t)n };
    return 0;
}
hd_value hd_iso_invalid(hd_value s) { return hd_raise(&hd_exc_ValueError, "Invalid isoformat string: %R", s); }

/* What follows a complete date is not looked at. */
int hd_iso_date(struct hd_iso_text t, struct hd_ymd *out)
{
    const char *p = t.p, *end = t.p + t.n;
    int year = number(&p, end, 4), month, day = 1;
    if (year < 0) return -1;
    bool dashes = p < end && *p == '-';
    p += dashes;
    if (p < end && *p == 'W') {
        int64_t ordinal;
        p++;
        int week = number(&p, end, 2);
        if (week < 0) return -1;
        if (p < end) {
            if (dashes && *p++ != '-') return -1;
            if ((day = number(&p, end, 1)) < 0) return -1;
        }
        if (hd_iso_ordinal(year, week, day, &ordinal) < 0) return -1;
        *out = hd_ordinal_ymd(ordinal);
        return 0;
    }
    if ((month = number(&p, end, 2)) < 0 || (dashes && (p == end || *p++ != '-')) || (day = number(&p, end, 2)) < 0) return -1;
    *out = (struct hd_ymd){ year, month, day };
    return 0;
}

/* A clock without its zone.  0; 1: something that belongs to no field follows; -1. */
static int clock_fields(const char *p, const char *end, int f[4])
{
    bool colons = true;
    memset(f, 0, 4 * sizeof *f);
    for (int i = 0; i < 3; i++) {
        if ((f[i] = number(&p, end, 2)) < 0) return -1;
        if (p == end) return 0;
        char c = *p++;
        if (i == 0) colons = c == ':';
        if (p == end) return c > 0 ? 1 : -1;
        if (colons && c == ':') continue;
        if (c == '.' || c == ',') break;
        if (colons) return -1;
        p--;
    }
    int digits = end - p < 6 ? (int)(end - p) : 6;
    if ((f[3] = number(&p, end, digits)) < 0) return -1;
    for (; digits < 6; digits++) f[3] *= 10;
    while (p < end && digit(*p)) p++;
    return p != end;
}
/* As in CPython, a stray character in front of the zone is passed over. */
int hd_iso_clock(struct hd_iso_text t, int f[4], struct hd_iso_zone *zone)
{
    const char *end = t.p + t.n, *at = t.p;
    while (at < end && *at != '+' && *at != '-' && *at != 'Z') at++;
    *zone = (struct hd_iso_zone){ at < end, 0, 0 };
    int r = clock_fields(t.p, at, f);
    if (r < 0 || (r > 0 && at == end)) return -1;
    if (at == end) return 0;
    if (*at == 'Z') return at + 1 == end ? 0 : -1;
    int z[4], sign = *at == '-' ? -1 : 1;
    if (clock_fields(at + 1, end, z) != 0) return -1;
    zone->seconds = sign * (z[0] * 3600 + z[1] * 60 + z[2]), zone->microseconds = sign * z[3];
    return 0;
}
hd_value hd_iso_tzinfo(const struct hd_iso_zone *zone)
{
    if (!zone->given) return HD_NONE;
    if (zone->seconds == 0) return hd_timezone_utc;
    hd_value offset = hd_delta_new(0, zone->seconds, zone->microseconds);
    return offset == HD_ERR ? HD_ERR : hd_timezone_new(offset, 0);
}
/* Without dashes, digits may belong to the date or to the clock behind a one-character separator: the forms are told apart by
 * their lengths.  After YYYY-Www a dash begins the weekday, unless a digit follows two places later. */
int hd_iso_separator(struct hd_iso_text t)
{
    const char *p = t.p;
    size_t n = t.n;
    if (n < 7) return -1;
    if (n == 7) return 7;
    if (p[4] == '-') {
        if (p[5] != 'W') return 10;
        if (n == 8 || p[8] != '-') return 8;
        return n == 9 ? -1 : n > 10 && digit(p[10]) ? 8 : 10;
    }
    if (p[4] != 'W') return 8;
    size_t i = 7;
    while (i < n && digit(p[i])) i++;
    return i < 9 ? (int)i : i % 2 ? 8 : 7;
}
