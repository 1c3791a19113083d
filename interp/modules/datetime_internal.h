/* What the files of the module _datetime share: layouts, calendar arithmetic, argument parsing.
 *
 * All values are immutable.  Dates are days of the proleptic Gregorian calendar; an ordinal counts days from 1 = 0001-01-01.
 * Instants of the local or of a named clock are int64 seconds from 0001-01-01 00:00:00 (as if the clock showed UTC).
 *
 * D1: a timedelta has 0 <= seconds < 86400, 0 <= microseconds < 10^6, |days| <= 999999999.
 * D2: the fields of dates and times are in range, except in objects made from a pickled state, whose day, minute, second and
 *     microsecond are taken as they come: nothing may index a table with these before a test.
 * D3: `hash` of a clock is 0 or the hash; any thread fills it in, always with the same value. */
#ifndef HD_DATETIME_INTERNAL_H
#define HD_DATETIME_INTERNAL_H
#include <stdio.h>
#include "interp/core/api.h"
#include "stm/atomic.h"

#define HD_DT_FN(name) static hd_value name(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)

enum { HD_DT_MINYEAR = 1, HD_DT_MAXYEAR = 9999, HD_DT_MAXORDINAL = 3652059, HD_DT_MAX_DELTA_DAYS = 999999999, HD_DT_DAY = 86400 /* seconds */,
       HD_DT_EPOCH = 719163 /* ordinal of 1970-01-01 */ };
#define HD_DT_EPOCH_SECONDS ((int64_t)HD_DT_EPOCH * HD_DT_DAY)

struct hd_delta { struct hd_head head; /* aux: days */ int32_t seconds, microseconds; };
struct hd_date { struct hd_head head; /* aux: year << 16 | month << 8 | day: orders as dates do */ };
struct hd_clock { uint8_t hour, minute, second, fold; uint32_t microsecond; hd_value tzinfo /* or None */; uint64_t hash; };
struct hd_time { struct hd_head head; struct hd_clock clock; };
struct hd_datetime { struct hd_head head; /* aux: as of a date */ struct hd_clock clock; };
struct hd_timezone { struct hd_mhead head; hd_value offset /* a timedelta */, name /* a str, or 0 */; };   /* fixed */
#define HD_DELTA(v) ((struct hd_delta *)hd_ptr(v))
#define HD_DATE(v) ((struct hd_date *)hd_ptr(v))
#define HD_TIME(v) ((struct hd_time *)hd_ptr(v))
#define HD_DATETIME(v) ((struct hd_datetime *)hd_ptr(v))
#define HD_TIMEZONE(v) ((struct hd_timezone *)hd_ptr(v))

extern struct hd_type hd_timedelta_type, hd_date_type, hd_time_type, hd_datetime_type, hd_tzinfo_type, hd_timezone_type, hd_isocalendar_type;

static inline bool hd_is_a(hd_value v, struct hd_type *t)
{
    if (!hd_is_ptr(v)) return false;
    struct hd_type *of = hd_type_of(v);
    return of == t || hd_subtype(of, t);
}
static inline int32_t hd_delta_days(const struct hd_delta *d) { return (int32_t)d->head.aux; }
static inline int hd_date_year(hd_value v) { return (int)(HD_DATE(v)->head.aux >> 16); }
static inline int hd_date_month(hd_value v) { return (int)(HD_DATE(v)->head.aux >> 8 & 255); }
static inline int hd_date_day(hd_value v) { return (int)(HD_DATE(v)->head.aux & 255); }
static inline uint32_t hd_date_pack(int year, int month, int day) { return (uint32_t)year << 16 | (uint32_t)month << 8 | (uint32_t)day; }
/* The clock of a time or a datetime; both have it at the same place. */
static inline struct hd_clock *hd_clock_of(hd_value v) { return &HD_TIME(v)->clock; }
_Static_assert(offsetof(struct hd_time, clock) == offsetof(struct hd_datetime, clock), "one place for the clock");
static inline int64_t hd_clock_seconds(const struct hd_clock *c) { return c->hour * 3600 + c->minute * 60 + c->second; }
/* Orders clocks that share a tzinfo. */
static inline uint64_t hd_clock_key(const struct hd_clock *c)
{
    return (uint64_t)((uint32_t)c->hour << 16 | (uint32_t)c->minute << 8 | c->second) << 32 | c->microsecond;
}

/* ---- datetime_calendar.c ---- */
struct hd_ymd { int64_t year; int month, day; };
int64_t hd_ymd_ordinal(int64_t year, int month, int day);
static inline int64_t hd_date_ordinal(hd_value v) { return hd_ymd_ordinal(hd_date_year(v), hd_date_month(v), hd_date_day(v)); }
struct hd_ymd hd_ordinal_ymd(int64_t ordinal);
int hd_month_days(int64_t year, int month /* 1..12 */);
int hd_year_day(int64_t year, int month, int day);                          /* 1.. */
static inline int hd_ordinal_weekday(int64_t ordinal) { int64_t w = (ordinal + 6) % 7; return (int)(w < 0 ? w + 7 : w); }   /* Monday 0 */
int64_t hd_iso_first_monday(int64_t year);                                  /* ordinal of the first day of the ISO year */
/* 0; -1 bad year, -2 bad week, -3 bad day; no exception is set. */
int hd_iso_ordinal(int year, int week, int day, int64_t *ordinal);
/* Range checks with CPython's messages; 0, -1. */
int hd_check_ymd(int64_t year, int64_t month, int64_t day) HD_MUST;
int hd_check_clock(int64_t hour, int64_t minute, int64_t second, int64_t microsecond, int64_t fold) HD_MUST;
int hd_check_tzinfo(hd_value tz) HD_MUST;                                   /* None or a tzinfo */

/* Time stamps: seconds from 1970 and microseconds 0..999999.  0, -1. */
int hd_timestamp_arg(hd_value v, int64_t *seconds, int *microseconds) HD_MUST;
/* Broken-down UTC or local time of seconds from 1970: *ymd, second of the day (leap seconds count as 59).  With `fold`: is it
 * the later of two instants that the local clock shows the same? */
int hd_broken_down(int64_t seconds, bool local, struct hd_ymd *ymd, int *second_of_day, bool *fold) HD_MUST;
/* Seconds from 1970 at which the local clock shows `shown` (seconds from 0001). */
int hd_local_instant(int64_t shown, bool fold, int64_t *seconds) HD_MUST;
/* The timezone that the local clock has at the instant (seconds from 1970). */
hd_value hd_local_timezone(int64_t seconds) HD_MUST;

/* Arguments as CPython's old-style parser takes them: one after the other, missing ones reported where they come.
 * Kinds: i C int (out: a fixnum); O object; U str; C one-character str; D date; T time; X timedelta. */
struct hd_dt_signature {
    const char *fname;                /* NULL: "function" */
    uint8_t n, required, positional;
    bool no_keywords;                 /* positional only: other messages */
    struct { const char *name; char kind; hd_value key; /* interned on first use */ } p[9];
};
int hd_dt_args(struct hd_dt_signature *s, const hd_value *args, size_t nargs, hd_value kwnames, hd_value *out) HD_MUST;
static inline int hd_dt_int(hd_value v, int fallback) { return v == HD_ABSENT ? fallback : (int)hd_unfix(v); }

/* Digits of a small number, at least two. */
static inline char *hd_put2(char *p, unsigned n)
{
    if (n > 99) p = hd_put2(p, n / 100), n %= 100;
    p[0] = (char)('0' + n / 10), p[1] = (char)('0' + n % 10);
    return p + 2;
}

/* ---- datetime_delta.c ---- */
hd_value hd_delta_new(int64_t days, int64_t seconds, int64_t microseconds) HD_MUST;     /* normalises; |seconds|, |microseconds| < 2^62 */
static inline __int128 hd_delta_us(const struct hd_delta *d)
{
    return ((__int128)hd_delta_days(d) * HD_DT_DAY + d->seconds) * 1000000 + d->microseconds;
}
/* Microseconds of an offset from UTC: less than a day. */
static inline int64_t hd_offset_us(hd_value v) { return (int64_t)hd_delta_us(HD_DELTA(v)); }
int64_t hd_delta_hash(int64_t days, int64_t seconds, int64_t microseconds);
/* One shared unit of each size: the resolutions. */
int hd_delta_start(void) HD_MUST;

/* ---- datetime_zone.c ---- */
extern hd_value hd_timezone_utc;
/* tz.utcoffset(arg) or tz.dst(arg): None or a timedelta of less than a day. */
hd_value hd_tz_offset(hd_value tz, hd_value name, hd_value arg) HD_MUST;
hd_value hd_tz_name(hd_value tz, hd_value arg) HD_MUST;                      /* None or a str */
hd_value hd_timezone_new(hd_value offset, hd_value name /* 0: none */) HD_MUST;
/* "+HH<sep>MM[<sep>SS[.ffffff]]" at p (at most 18 bytes); the end. */
char *hd_put_offset(char *p, hd_value offset, const char *sep);
int hd_zone_start(void) HD_MUST;

/* ---- datetime_date.c ---- */
/* An instance of cls: checked; subclasses are called. */
hd_value hd_date_of_class(hd_value cls, int64_t year, int64_t month, int64_t day) HD_MUST;
/* A shifted packed date; -1: OverflowError. */
int hd_date_shift(uint32_t date, int64_t days, uint32_t *out) HD_MUST;
char *hd_put_date(char *p, uint32_t date);                                   /* YYYY-MM-DD, at most 14 bytes */
/* date: packed; c NULL: midnight. */
hd_value hd_struct_time(uint32_t date, const struct hd_clock *c, int dst) HD_MUST;
hd_value hd_ctime(uint32_t date, const struct hd_clock *c) HD_MUST;
/* c NULL: a date; tzarg: for the methods of its tzinfo. */
hd_value hd_strftime(hd_value format, hd_value timetuple, const struct hd_clock *c, hd_value tzarg) HD_MUST;
hd_value hd_dt_format(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames);   /* __format__ */
hd_value hd_dt_strftime_arg(const hd_value *args, size_t nargs, hd_value kwnames) HD_MUST;   /* the argument of strftime() */
/* The pickled state of a `what`: n bytes, or n latin-1 characters as Python 2 wrote them; byte `check` without its high bit (if
 * `masked`) is lo..hi.  1: it is in state[]; 0: v is none; -1. */
struct hd_dt_statedef { const char *what; uint8_t n, check, masked, lo, hi; };
int hd_dt_state(const struct hd_dt_statedef *d, hd_value v, uint8_t *state) HD_MUST;
int hd_date_start(void) HD_MUST;

/* ---- datetime_time.c ---- */
char *hd_put_clock(char *p, const struct hd_clock *c, int spec);             /* hours 0 .. microseconds 4; at most 20 bytes */
/* Format of isoformat(timespec=...): number for hd_put_clock; HD_ABSENT is "auto".  -1: ValueError. */
int hd_timespec(hd_value v, const struct hd_clock *c) HD_MUST;
hd_value hd_time_new(struct hd_type *t, const struct hd_clock *c) HD_MUST;
extern const struct hd_getsetdef hd_clock_getsets[];
void hd_clock_trace(void *o, struct gc_marker *m);
int hd_time_start(void) HD_MUST;

/* ---- datetime_datetime.c ---- */
hd_value hd_datetime_new(struct hd_type *t, uint32_t date, const struct hd_clock *c) HD_MUST;
hd_value hd_datetime_add(hd_value dt, const struct hd_delta *d, int sign) HD_MUST;
int hd_datetime_start(void) HD_MUST;

/* ---- datetime_parse.c: texts of isoformat().  0, or -1 without an exception ---- */
struct hd_iso_text { const char *p; size_t n; };
struct hd_iso_zone { bool given; int64_t seconds; int microseconds; };
/* The text with every non-ASCII character as one byte 0x80; it is copied to `small` or to scratch.  -1: MemoryError. */
int hd_iso_text(hd_value s, char small[64], struct hd_iso_text *out) HD_MUST;
int hd_iso_date(struct hd_iso_text t, struct hd_ymd *out) HD_MUST;
int hd_iso_clock(struct hd_iso_text t, int f[4] /* hour, minute, second, microsecond */, struct hd_iso_zone *zone) HD_MUST;
int hd_iso_separator(struct hd_iso_text t) HD_MUST;                          /* place of the separator after the date, or -1 */
hd_value hd_iso_tzinfo(const struct hd_iso_zone *zone) HD_MUST;
hd_value hd_iso_invalid(hd_value s);                                         /* ValueError */
#endif
