/* POSIX TZ strings: std[offset[dst[offset],start[/time],end[/time]]]. */
#include <string.h>
#include "interp/modules/datetime_internal.h"
#include "interp/modules/zoneinfo_internal.h"

/* ---- reading: each function moves *p behind what it took; false: malformed -------------------------------------------------------------- */
static bool digit(char c) { return c >= '0' && c <= '9'; }
static bool letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
static bool number(const char **p, int min_digits, int max_digits, int lo, int hi, int *out)
{
    int n = 0, v = 0;
    for (; n < max_digits && digit(**p); n++) v = v * 10 + (*(*p)++ - '0');
    *out = v;
    return n >= min_digits && !digit(**p) && v >= lo && v <= hi;
}
static bool abbreviation(const char **p, struct hd_tz_abbr *out)
{
    bool quoted = **p == '<';
    const char *start = *p += quoted;
    while (letter(**p) || (quoted && (digit(**p) || **p == '+' || **p == '-'))) ++*p;
    *out = (struct hd_tz_abbr){ start, (size_t)(*p - start) };
    return quoted ? *(*p)++ == '>' : out->n > 0;
}
/* [+-]h[:mm[:ss]] */
static bool clock_time(const char **p, int hour_digits, int max_hour, int32_t *out)
{
    int sign = **p == '-' ? -1 : 1, h, m = 0, s = 0;
    if (**p == '-' || **p == '+') ++*p;
    if (!number(p, 1, hour_digits, 0, max_hour, &h)) return false;
    if (**p == ':') {
        ++*p;
        if (!number(p, 2, 2, 0, 59, &m)) return false;
        if (**p == ':') {
            ++*p;
            if (!number(p, 2, 2, 0, 59, &s)) return false;
        }
    }
    *out = sign * (h * 3600 + m * 60 + s);
    return true;
}
static bool offset(const char **p, int32_t *out)
{
    if (!clock_time(p, 2, 24, out) || *out <= -HD_DT_DAY || *out >= HD_DT_DAY) return false;
    *out = -*out;                                            /* TZ strings count to the west */
    return true;
}
static bool edge(const char **p, struct hd_tz_edge *out)
{
    int month = 0, week = 0, day;
    *out = (struct hd_tz_edge){ .kind = **p == 'M' || **p == 'J' ? **p : 'D', .second = 2 * 3600 };
    if (out->kind != 'D') ++*p;
    if (out->kind == 'M') {
        if (!number(p, 1, 2, 1, 12, &month) || *(*p)++ != '.' || !number(p, 1, 1, 1, 5, &week) || *(*p)++ != '.' || !number(p, 1, 1, 0, 6, &day)) return false;
    } else if (!number(p, 1, 3, out->kind == 'J', 365, &day)) return false;
    out->month = (uint8_t)month, out->week = (uint8_t)week, out->day = (uint16_t)day;
    if (**p != '/') return true;
    ++*p;
    return clock_time(p, 3, 167, &out->second);
}
const char *hd_tz_rule_parse(const char *p, struct hd_tz_rule *r)
{
    memset(r, 0, sizeof *r);
    if (!abbreviation(&p, &r->std)) return "Invalid STD format in";
    if (!offset(&p, &r->std_offset)) return "Invalid STD offset in";
    if (!*p) return NULL;
    r->has_dst = true;
    if (!abbreviation(&p, &r->dst)) return "Invalid DST format in";
    r->dst_offset = r->std_offset + 3600;
    if (*p != ',' && !offset(&p, &r->dst_offset)) return "Invalid DST offset in";
    struct hd_tz_edge *const edges[] = { &r->start, &r->end };
    for (int i = 0; i < 2; i++) {
        if (*p != ',') return "Missing transition rules in TZ string:";
        p++;
        if (!edge(&p, edges[i])) return "Malformed transition rule in TZ string:";
    }
    return *p ? "Extraneous characters at end of TZ string:" : NULL;
}

/* ---- use -------------------------------------------------------------------------------------------------------------------------------- */
static int64_t edge_in(const struct hd_tz_edge *e, int year)
{
    int64_t new_year = hd_ymd_ordinal(year, 1, 1) - HD_DT_EPOCH, day;
    if (e->kind == 'M') {
        int64_t first = hd_ymd_ordinal(year, e->month, 1);
        int sunday = (hd_ordinal_weekday(first) + 1) % 7;    /* weekday of the first, Sunday 0 */
        int of_month = (e->day - sunday + 7) % 7 + 1 + (e->week - 1) * 7;
        if (of_month > hd_month_days(year, e->month)) of_month -= 7;     /* week 5: the last */
        day = first - HD_DT_EPOCH + of_month - 1;
    } else {
        bool leap = hd_month_days(year, 2) == 29;
        day = new_year - 1 + e->day + (e->kind == 'J' && e->day >= 59 && leap);      /* as CPython counts days of the year */
    }
    return day * HD_DT_DAY + e->second;
}
static bool between(int64_t t, int64_t start, int64_t end) { return start < end ? start <= t && t < end : !(end <= t && t < start); }
bool hd_tz_rule_local(const struct hd_tz_rule *r, int64_t shown, int year, int fold)
{
    int64_t start = edge_in(&r->start, year), end = edge_in(&r->end, year), gain = r->dst_offset - r->std_offset;
    if (fold == (gain >= 0)) end -= gain;                    /* which of the two clocks counts inside a gap or a fold */
    else start += gain;
    return between(shown, start, end);
}
bool hd_tz_rule_utc(const struct hd_tz_rule *r, int64_t instant, int year, bool *fold)
{
    int64_t start = edge_in(&r->start, year) - r->std_offset, end = edge_in(&r->end, year) - r->dst_offset, gain = r->dst_offset - r->std_offset;
    int64_t again = gain > 0 ? end : start;                  /* the clock is set back here */
    *fold = again <= instant && instant < again + (gain > 0 ? gain : -gain);
    return between(instant, start, end);
}
