/* Rules of POSIX TZ strings, with which time zone files describe the time after their last transition.  No heap objects. */
#ifndef HD_ZONEINFO_INTERNAL_H
#define HD_ZONEINFO_INTERNAL_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A moment of every year: 'M' week and weekday of a month, 'J' day 1..365 without leap days, 'D' day 0..365. */
struct hd_tz_edge { char kind; uint8_t month, week; uint16_t day; int32_t second; };
struct hd_tz_abbr { const char *p; size_t n; };
struct hd_tz_rule {
    bool has_dst;
    struct hd_tz_abbr std, dst;              /* point into the text */
    int32_t std_offset, dst_offset;          /* seconds east of UTC */
    struct hd_tz_edge start, end;            /* of DST, on the clock that runs until then */
};
/* NULL, or what is wrong with the text: a sentence that ends before it. */
const char *hd_tz_rule_parse(const char *text, struct hd_tz_rule *out);
/* Is DST in force when the local clock shows `shown` (seconds from 1970), for this fold? */
bool hd_tz_rule_local(const struct hd_tz_rule *r, int64_t shown, int year, int fold);
/* The same for an instant of UTC; *fold: does the clock show its time for the second time? */
bool hd_tz_rule_utc(const struct hd_tz_rule *r, int64_t instant, int year, bool *fold);
#endif
