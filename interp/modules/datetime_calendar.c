/* The module _datetime: arithmetic of the calendar, clocks of the platform, range checks, arguments. */
#include <errno.h>
#include <math.h>
#include <time.h>
#include "interp/modules/datetime_internal.h"
#include "interp/types/number.h"

/* ---- calendar ------------------------------------------------------------------------------------------------------------------------ */
static bool leap(int64_t y) { return y % 4 == 0 && (y % 100 != 0 || y % 400 == 0); }
int hd_month_days(int64_t year, int month)
{
    return month == 2 ? 28 + leap(year) : 30 + ((month + (month >> 3)) & 1);
}
int hd_year_day(int64_t year, int month, int day)
{
    static const short before[13] = { 0, 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334 };
    return before[month] + (month > 2 && leap(year)) + day;
}
int64_t hd_ymd_ordinal(int64_t year, int month, int day)
{
    int64_t y = year - 1;
    return y * 365 + (y >> 2) - y / 100 + (y / 100 >> 2) + hd_year_day(year, month, day);
}
/* Counts days from a first of March, so that leap days end their year: cycles of 400 years, then years, then months of
 * 153 days in five. */
struct hd_ymd hd_ordinal_ymd(int64_t ordinal)
{
    int64_t n = ordinal + 305, cycle = n / 146097, rest = n % 146097;
    if (rest < 0) rest += 146097, cycle--;
    uint32_t day = (uint32_t)rest, year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
    day -= 365 * year + year / 4 - year / 100;
    uint32_t month = (5 * day + 2) / 153;
    return (struct hd_ymd){ cycle * 400 + year + (month >= 10), (int)(month < 10 ? month + 3 : month - 9), (int)(day - (153 * month + 2) / 5 + 1) };
}
int64_t hd_iso_first_monday(int64_t year)
{
    int64_t first = hd_ymd_ordinal(year, 1, 1);
    int weekday = hd_ordinal_weekday(first);
    return first - weekday + (weekday > 3 ? 7 : 0);
}
int hd_iso_ordinal(int year, int week, int day, int64_t *ordinal)
{
    if (year < HD_DT_MINYEAR || year > HD_DT_MAXYEAR) return -1;
    int64_t monday = hd_iso_first_monday(year);
    if (week < 1 || week > (hd_iso_first_monday(year + 1) - monday) / 7) return -2;
    if (day < 1 || day > 7) return -3;
    *ordinal = monday + (week - 1) * 7 + day - 1;
    return 0;
}

/* ---- checks -------------------------------------------------------------------------------------------------------------------------- */
int hd_check_ymd(int64_t year, int64_t month, int64_t day)
{
    if (year < HD_DT_MINYEAR || year > HD_DT_MAXYEAR) { hd_raise(&hd_exc_ValueError, "year %lld is out of range", (long long)year); return -1; }
    if (month < 1 || month > 12) { hd_raise(&hd_exc_ValueError, "month must be in 1..12"); return -1; }
    if (day < 1 || (day > 28 && day > hd_month_days(year, (int)month))) { hd_raise(&hd_exc_ValueError, "day is out of range for month"); return -1; }
    return 0;
}
int hd_check_clock(int64_t hour, int64_t minute, int64_t second, int64_t microsecond, int64_t fold)
{
    const char *bad = hour < 0 || hour > 23 ? "hour must be in 0..23" : minute < 0 || minute > 59 ? "minute must be in 0..59" :
        second < 0 || second > 59 ? "second must be in 0..59" : microsecond < 0 || microsecond > 999999 ? "microsecond must be in 0..999999" :
        fold != 0 && fold != 1 ? "fold must be either 0 or 1" : NULL;
    if (bad) hd_raise(&hd_exc_ValueError, "%s", bad);
    return bad ? -1 : 0;
}
int hd_check_tzinfo(hd_value tz)
{
    if (tz == HD_NONE || hd_is_a(tz, &hd_tzinfo_type)) return 0;
    hd_raise(&hd_exc_TypeError, "tzinfo argument must be None or of a tzinfo subclass, not type '%T'", tz);
    return -1;
}

/* ---- the platform's clocks ----------------------------------------------------------------------------------------------------------- */
static int no_such_time(void)
{
    hd_raise(&hd_exc_OverflowError, "timestamp out of range for platform time_t");
    return -1;
}
int hd_timestamp_arg(hd_value v, int64_t *seconds, int *microseconds)
{
    *microseconds = 0;
    if (!hd_is_float(v)) {
        hd_value i = hd_is_fix(v) ? v : hd_number_index(v);
        if (i == HD_ERR) return -1;
        if (hd_is_fix(i)) { *seconds = hd_unfix(i); return 0; }
        return hd_int_to_i64(i, seconds) ? 0 : no_such_time();
    }
    double d = hd_float_value(v), whole, part;
    if (isnan(d)) { hd_raise(&hd_exc_ValueError, "Invalid value NaN (not a number)"); return -1; }
    part = nearbyint(modf(d, &whole) * 1e6);                 /* the rounding mode is to the nearest, ties to even */
    if (part >= 1e6) part -= 1e6, whole += 1;
    else if (part < 0) part += 1e6, whole -= 1;
    if (!(whole >= -0x1p63 && whole < 0x1p63)) return no_such_time();
    *seconds = (int64_t)whole, *microseconds = (int)part;
    return 0;
}
static int local_tm(int64_t seconds, struct tm *tm)
{
    time_t t = (time_t)seconds;
    errno = 0;
    if (localtime_r(&t, tm)) return 0;
    hd_raise_errno(errno ? errno : EINVAL, HD_ABSENT, HD_ABSENT);
    return -1;
}
static int64_t tm_shown(const struct tm *tm)
{
    return hd_ymd_ordinal((int64_t)tm->tm_year + 1900, tm->tm_mon + 1, tm->tm_mday) * HD_DT_DAY + tm->tm_hour * 3600 + tm->tm_min * 60 + tm->tm_sec;
}
/* What the local clock shows at an instant; both in seconds from 0001. */
static int shown_at(int64_t instant, int64_t *shown)
{
    struct tm tm;
    if (local_tm(instant - HD_DT_EPOCH_SECONDS, &tm) < 0) return -1;
    int64_t year = (int64_t)tm.tm_year + 1900;
    if (year < HD_DT_MINYEAR || year > HD_DT_MAXYEAR) { hd_raise(&hd_exc_ValueError, "year %lld is out of range", (long long)year); return -1; }
    *shown = tm_shown(&tm);
    return 0;
}
/* No clock is set back further than this. */
enum { LONGEST_FOLD = 24 * 3600 };
int hd_broken_down(int64_t seconds, bool local, struct hd_ymd *ymd, int *second_of_day, bool *fold)
{
    if (fold) *fold = false;
    if (!local) {
        int64_t day = seconds / HD_DT_DAY, rest = seconds % HD_DT_DAY;
        if (rest < 0) rest += HD_DT_DAY, day--;
        *ymd = hd_ordinal_ymd(day + HD_DT_EPOCH), *second_of_day = (int)rest;
        if (ymd->year - 1900 >= INT32_MIN && ymd->year - 1900 <= INT32_MAX) return 0;
        hd_raise_errno(EOVERFLOW, HD_ABSENT, HD_ABSENT);
        return -1;
    }
    struct tm tm;
    if (local_tm(seconds, &tm) < 0) return -1;
    if (tm.tm_sec > 59) tm.tm_sec = 59;
    *ymd = (struct hd_ymd){ (int64_t)tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday };
    *second_of_day = tm.tm_hour * 3600 + tm.tm_min * 60 + tm.tm_sec;
    if (!fold || hd_check_ymd(ymd->year, ymd->month, ymd->day) < 0) return fold ? -1 : 0;
    int64_t shown = tm_shown(&tm), before, instant = seconds + HD_DT_EPOCH_SECONDS;
    if (shown_at(instant - LONGEST_FOLD, &before) < 0) return -1;
    int64_t change = shown - before - LONGEST_FOLD;          /* of the offset during the last day */
    if (change < 0) {
        if (shown_at(instant + change, &before) < 0) return -1;
        *fold = before == shown;
    }
    return 0;
}
/* PEP 495: at most two offsets are in use around an instant, and each gives a candidate. */
int hd_local_instant(int64_t shown, bool fold, int64_t *seconds)
{
    int64_t s, first, other, a, b;
    if (shown_at(shown, &s) < 0) return -1;
    a = s - shown, first = shown - a;
    if (shown_at(first, &s) < 0) return -1;
    bool fits = s == shown;
    if (fits) {
        int64_t aside = fold ? first + LONGEST_FOLD : first - LONGEST_FOLD;
        if (shown_at(aside, &s) < 0) return -1;
        b = s - aside;
        if (a == b) { *seconds = first - HD_DT_EPOCH_SECONDS; return 0; }
    } else b = s - first;
    other = shown - b;
    if (shown_at(other, &s) < 0) return -1;
    int64_t found = s == shown ? other : fits ? first : (first > other) != fold ? first : other;    /* in a gap: by the old or the new offset */
    *seconds = found - HD_DT_EPOCH_SECONDS;
    return 0;
}
hd_value hd_local_timezone(int64_t seconds)
{
    struct tm tm;
    if (local_tm(seconds, &tm) < 0) return HD_ERR;
    const char *zone = tm.tm_zone ? tm.tm_zone : "";
    hd_value name = hd_str_from_fs(zone, strlen(zone)), offset = hd_delta_new(0, tm.tm_gmtoff, 0);
    return name == HD_ERR || offset == HD_ERR ? HD_ERR : hd_timezone_new(offset, name);
}

/* ---- arguments ----------------------------------------------------------------------------------------------------------------------- */
static const char *shown_name(const struct hd_dt_signature *s) { return s->fname ? s->fname : "function"; }
static const char *brackets(const struct hd_dt_signature *s) { return s->fname ? "()" : ""; }
static int count_error(const struct hd_dt_signature *s, const char *bound, int n, const char *what, size_t given)
{
    hd_raise(&hd_exc_TypeError, "%s%s takes %s %d %sargument%s (%zu given)", shown_name(s), brackets(s), bound, n, what, n == 1 ? "" : "s", given);
    return -1;
}
static hd_value c_int(hd_value v)
{
    int64_t i;
    if (!hd_is_fix(v) && (v = hd_number_index(v)) == HD_ERR) return HD_ERR;
    if (hd_is_fix(v)) i = hd_unfix(v);
    else if (!hd_int_to_i64(v, &i)) return hd_raise(&hd_exc_OverflowError, "Python int too large to convert to C long");
    if (i > INT32_MAX) return hd_raise(&hd_exc_OverflowError, "signed integer is greater than maximum");
    if (i < INT32_MIN) return hd_raise(&hd_exc_OverflowError, "signed integer is less than minimum");
    return hd_fix(i);
}
static hd_value convert(const struct hd_dt_signature *s, int i, hd_value v)
{
    const char *want;
    switch (s->p[i].kind) {
    case 'i': return c_int(v);
    case 'U': if (hd_is_str(v)) return v; want = "str"; break;
    case 'C': if (hd_is_str(v) && HD_STR(v)->len == 1) return v; want = "a unicode character"; break;
    case 'D': if (hd_is_a(v, &hd_date_type)) return v; want = "datetime.date"; break;
    case 'T': if (hd_is_a(v, &hd_time_type)) return v; want = "datetime.time"; break;
    case 'X': if (hd_is_a(v, &hd_timedelta_type)) return v; want = "datetime.timedelta"; break;
    default: return v;
    }
    return hd_raise(&hd_exc_TypeError, "%s() argument %d must be %s, not %A", s->fname, i + 1, want, v);
}
static hd_value key_of(struct hd_dt_signature *s, int i)
{
    hd_value k = stm_load_relaxed(&s->p[i].key);
    if (!k) stm_store_relaxed(&s->p[i].key, k = hd_intern(s->p[i].name));
    return k;
}
int hd_dt_args(struct hd_dt_signature *s, const hd_value *args, size_t nargs, hd_value kwnames, hd_value *out)
{
    size_t nkw = kwnames ? (size_t)HD_TUPLE(kwnames)->len : 0, used = 0;
    if (s->no_keywords) {
        if (nkw) return hd_no_kwargs(s->fname, kwnames);
        if (nargs < s->required || nargs > s->n)
            return count_error(s, s->required == s->n ? "exactly" : nargs < s->required ? "at least" : "at most", nargs < s->required ? s->required : s->n, "", nargs);
    } else {
        if (nargs + nkw > s->n) return count_error(s, "at most", s->n, nargs ? "" : "keyword ", nargs + nkw);
        if (nargs > s->positional) return count_error(s, "at most", s->positional, "positional ", nargs);
    }
    for (int i = 0; i < s->n; i++) {
        hd_value v = HD_ABSENT;
        if ((size_t)i < nargs) v = args[i];
        else if (used < nkw) {
            hd_value key = key_of(s, i);
            for (size_t k = 0; k < nkw && v == HD_ABSENT; k++)
                if (HD_TUPLE(kwnames)->item[k] == key || hd_str_eq(HD_TUPLE(kwnames)->item[k], key)) v = args[nargs + k], used++;
        }
        if (v == HD_ABSENT && i < s->required) {
            hd_raise(&hd_exc_TypeError, "%s%s missing required argument '%s' (pos %d)", shown_name(s), brackets(s), s->p[i].name, i + 1);
            return -1;
        }
        if (v != HD_ABSENT && (v = convert(s, i, v)) == HD_ERR) return -1;
        out[i] = v;
    }
    if (used == nkw) return 0;
    for (size_t k = 0; k < nkw; k++) {
        hd_value name = HD_TUPLE(kwnames)->item[k];
        int i = 0;
        while (i < s->n && !hd_str_eq(name, key_of(s, i))) i++;
        if (i < s->n && (size_t)i < nargs)
            hd_raise(&hd_exc_TypeError, "argument for %s%s given by name ('%U') and position (%d)", shown_name(s), brackets(s), name, i + 1);
        else if (i == s->n)
            hd_raise(&hd_exc_TypeError, "'%U' is an invalid keyword argument for %s%s", name, s->fname ? s->fname : "this function", brackets(s));
        else continue;
        return -1;
    }
    return 0;
}
