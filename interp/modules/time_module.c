/* The time module. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#include "interp/core/api.h"
#include "interp/core/names.h"
#include "interp/modules/modules.h"

#define FN(name) static hd_value time_##name(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)

static struct timespec get(clockid_t c) { struct timespec t; clock_gettime(c, &t); return t; }
static hd_value as_float(struct timespec t) { return hd_float((double)t.tv_sec + (double)t.tv_nsec * 1e-9); }
static hd_value as_ns(struct timespec t) { return hd_int((int64_t)t.tv_sec * 1000000000 + t.tv_nsec); }
FN(time) { return as_float(get(CLOCK_REALTIME)); }
FN(time_ns) { return as_ns(get(CLOCK_REALTIME)); }
FN(monotonic) { return as_float(get(CLOCK_MONOTONIC)); }
FN(monotonic_ns) { return as_ns(get(CLOCK_MONOTONIC)); }
FN(process_time) { return as_float(get(CLOCK_PROCESS_CPUTIME_ID)); }
FN(process_time_ns) { return as_ns(get(CLOCK_PROCESS_CPUTIME_ID)); }
FN(thread_time) { return as_float(get(CLOCK_THREAD_CPUTIME_ID)); }
FN(thread_time_ns) { return as_ns(get(CLOCK_THREAD_CPUTIME_ID)); }
static int clock_arg(hd_value v, clockid_t *c) { int n; if (hd_as_int32(v, &n) < 0) return -1; *c = n; return 0; }
FN(clock_gettime)
{
    clockid_t c;
    struct timespec t;
    if (clock_arg(args[0], &c) < 0) return HD_ERR;
    return clock_gettime(c, &t) < 0 ? hd_raise_errno(errno, HD_ABSENT, HD_ABSENT) : as_float(t);
}
FN(clock_gettime_ns)
{
    clockid_t c;
    struct timespec t;
    if (clock_arg(args[0], &c) < 0) return HD_ERR;
    return clock_gettime(c, &t) < 0 ? hd_raise_errno(errno, HD_ABSENT, HD_ABSENT) : as_ns(t);
}
FN(clock_getres)
{
    clockid_t c;
    struct timespec t;
    if (clock_arg(args[0], &c) < 0) return HD_ERR;
    return clock_getres(c, &t) < 0 ? hd_raise_errno(errno, HD_ABSENT, HD_ABSENT) : as_float(t);
}

int hd_seconds_arg(hd_value v, double unit, int64_t *ns)
{
    double s;
    if (hd_as_double(v, &s) < 0) {
        if (!hd_is_int(v) || !hd_exc_is(&hd_exc_OverflowError)) return -1;
        hd_exc_clear();
        s = HUGE_VAL;
    }
    if (isnan(s)) { hd_raise(&hd_exc_ValueError, "Invalid value NaN (not a number)"); return -1; }
    double r = ceil(s * unit * 1e9);
    if (r >= -0x1p63 && r < 0x1p63) { *ns = (int64_t)r; return 0; }
    hd_raise(&hd_exc_OverflowError, hd_is_int(v) ? "timestamp too large to convert to C _PyTime_t" : "timestamp out of range for platform time_t");
    return -1;
}

FN(sleep)
{
    double d;
    hd_value v = args[0];
    if (!hd_is_int(v) && !hd_is_float_exact(v) && !hd_type_of(v)->op.tofloat && !hd_type_of(v)->op.index)
        return hd_raise(&hd_exc_TypeError, "'%T' object cannot be interpreted as an integer", v);
    int64_t ns;
    if (hd_seconds_arg(v, 1, &ns) < 0 || hd_as_double(v, &d) < 0) return HD_ERR;
    if (d < 0) return hd_raise(&hd_exc_ValueError, "sleep length must be non-negative");
    struct timespec end = get(CLOCK_MONOTONIC);
    double whole = floor(d);
    end.tv_sec += (time_t)whole;
    end.tv_nsec += (long)((d - whole) * 1e9);
    if (end.tv_nsec >= 1000000000) end.tv_sec++, end.tv_nsec -= 1000000000;
    int r;
    do {
        HD_BLOCKING
            r = clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &end, NULL);
        HD_END_BLOCKING
    } while (r == EINTR && hd_check_signals() == 0);
    return hd_exc_pending() || hd_check_signals() < 0 ? HD_ERR : HD_NONE;     /* one may have come just before the sleep */
}

/* ---- broken-down time --------------------------------------------------------------------------------------------------------------- */
static struct hd_type *struct_time;
static hd_value from_tm(const struct tm *t)
{
    hd_value v[] = { hd_int((int64_t)t->tm_year + 1900), hd_fix(t->tm_mon + 1), hd_fix(t->tm_mday), hd_fix(t->tm_hour), hd_fix(t->tm_min), hd_fix(t->tm_sec),
                     hd_fix((t->tm_wday + 6) % 7), hd_fix(t->tm_yday + 1), hd_fix(t->tm_isdst), t->tm_zone ? hd_str_utf8(t->tm_zone) : HD_NONE, hd_int(t->tm_gmtoff) };
    return hd_structseq_new(struct_time, v);
}
static int seconds_arg(const hd_value *args, size_t nargs, time_t *out)
{
    if (nargs == 0 || args[0] == HD_NONE) { *out = time(NULL); return 0; }
    if (hd_is_float_exact(args[0]) || (!hd_is_int(args[0]) && hd_type_of(args[0])->op.tofloat)) {
        double d;
        if (hd_as_double(args[0], &d) < 0) return -1;
        if (isnan(d)) { hd_raise(&hd_exc_ValueError, "Invalid value NaN (not a number)"); return -1; }
        d = floor(d);
        if (d < -9.2e18 || d > 9.2e18) { hd_raise(&hd_exc_OverflowError, "timestamp out of range for platform time_t"); return -1; }
        *out = (time_t)d;
        return 0;
    }
    int64_t n;
    if (!hd_is_int(args[0])) { hd_raise(&hd_exc_TypeError, "an integer is required (got type %T)", args[0]); return -1; }
    if (hd_as_i64(args[0], &n) < 0) { hd_exc_clear(); hd_raise(&hd_exc_OverflowError, "timestamp out of range for platform time_t"); return -1; }
    *out = n;
    return 0;
}
FN(localtime)
{
    time_t t;
    struct tm tm;
    if (seconds_arg(args, nargs, &t) < 0) return HD_ERR;
    return localtime_r(&t, &tm) ? from_tm(&tm) : hd_raise_errno(errno, HD_ABSENT, HD_ABSENT);
}
FN(gmtime)
{
    time_t t;
    struct tm tm;
    if (seconds_arg(args, nargs, &t) < 0) return HD_ERR;
    if (!gmtime_r(&t, &tm)) return hd_raise_errno(errno, HD_ABSENT, HD_ABSENT);
    return from_tm(&tm);
}
/* Fields from a tuple, checked as strftime needs them. */
static int to_tm(hd_value v, struct tm *t, const char *fname, bool check)
{
    memset(t, 0, sizeof *t);
    if (!hd_is_tuple(v)) { hd_raise(&hd_exc_TypeError, "Tuple or struct_time argument required"); return -1; }
    if (HD_TUPLE(v)->len < 9) { hd_raise(&hd_exc_TypeError, "%s(): illegal time tuple argument", fname); return -1; }
    int f[9];
    for (int i = 0; i < 9; i++) if (hd_as_int32(HD_TUPLE(v)->item[i], &f[i]) < 0) return -1;
    t->tm_year = f[0] - 1900, t->tm_mon = f[1] - 1, t->tm_mday = f[2], t->tm_hour = f[3], t->tm_min = f[4], t->tm_sec = f[5];
    t->tm_wday = (f[6] + 1) % 7, t->tm_yday = f[7] - 1, t->tm_isdst = f[8];
    if (!check) return 0;
    if (t->tm_mon == -1) t->tm_mon = 0;
    if (t->tm_mday == 0) t->tm_mday = 1;
    if (t->tm_yday == -1) t->tm_yday = 0;
    const char *bad = t->tm_mon < 0 || t->tm_mon > 11 ? "month out of range" : t->tm_mday < 0 || t->tm_mday > 31 ? "day of month out of range" :
        t->tm_hour < 0 || t->tm_hour > 23 ? "hour out of range" : t->tm_min < 0 || t->tm_min > 59 ? "minute out of range" :
        t->tm_sec < 0 || t->tm_sec > 61 ? "seconds out of range" : t->tm_wday < 0 ? "day of week out of range" : t->tm_yday < 0 || t->tm_yday > 365 ? "day of year out of range" : NULL;
    if (bad) { hd_raise(&hd_exc_ValueError, "%s", bad); return -1; }
    t->tm_isdst = t->tm_isdst < -1 ? -1 : t->tm_isdst > 1 ? 1 : t->tm_isdst;
    return 0;
}
FN(strftime)
{
    struct tm t;
    if (!hd_is_str(args[0])) return hd_raise(&hd_exc_TypeError, "strftime() argument 1 must be str, not %A", args[0]);
    if (nargs > 1) { if (to_tm(args[1], &t, "strftime", true) < 0) return HD_ERR; }
    else { time_t now = time(NULL); localtime_r(&now, &t); }
    if (nargs > 1 && hd_type_of(args[1]) == struct_time) {   /* for %Z, %z */
        const hd_value *item = HD_TUPLE(args[1])->item;
        int64_t east;
        if (item[9] != HD_NONE && hd_is_str(item[9]) && !(t.tm_zone = hd_str_as_utf8(item[9], NULL))) return HD_ERR;
        if (item[10] != HD_NONE && hd_as_i64(item[10], &east) < 0) return HD_ERR;
        if (item[10] != HD_NONE) t.tm_gmtoff = east;
    }
    size_t n;
    const char *f = hd_str_as_utf8(args[0], &n);
    if (!f) return HD_ERR;
    if (memchr(f, 0, n)) return hd_raise(&hd_exc_ValueError, "embedded null character");
    if (n == 0) return hd_empty_str;
    char small[256], *out = small;
    for (size_t cap = sizeof small;; cap *= 4) {
        if (cap > sizeof small && !(out = hd_scratch(cap))) return HD_ERR;
        size_t k = strftime(out, cap, f, &t);
        if (k > 0 || cap >= 256 * n + 4096) return hd_str_utf8_n(out, k);
    }
}
static const char *const days[] = { "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun" };
static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
static hd_value text_time(const struct tm *t)
{
    return hd_str_format("%s %s%3d %.2d:%.2d:%.2d %d", days[(t->tm_wday + 6) % 7], months[t->tm_mon], t->tm_mday, t->tm_hour, t->tm_min, t->tm_sec, t->tm_year + 1900);
}
FN(asctime)
{
    struct tm t;
    if (nargs) { if (to_tm(args[0], &t, "asctime", true) < 0) return HD_ERR; }
    else { time_t now = time(NULL); localtime_r(&now, &t); }
    return text_time(&t);
}
FN(ctime)
{
    time_t s;
    struct tm t;
    if (seconds_arg(args, nargs, &s) < 0) return HD_ERR;
    return localtime_r(&s, &t) ? text_time(&t) : hd_raise_errno(errno, HD_ABSENT, HD_ABSENT);
}
FN(mktime)
{
    struct tm t;
    if (to_tm(args[0], &t, "mktime", false) < 0) return HD_ERR;
    t.tm_wday = -1;
    time_t s = mktime(&t);
    if (s == -1 && t.tm_wday == -1) return hd_raise(&hd_exc_OverflowError, "mktime argument out of range");
    return hd_float((double)s);
}
FN(strptime)
{
    hd_value f = hd_import_attr("_strptime", "_strptime_time");
    return f == HD_ERR ? HD_ERR : hd_call(f, args, nargs, 0);
}
static hd_value zone_module;
static int set_zone(void)
{
    tzset();
    hd_value names = hd_tuplev(hd_str_utf8(tzname[0]), hd_str_utf8(tzname[1]));
    return names == HD_ERR || hd_module_add(zone_module, "tzname", names) < 0 || hd_module_add_int(zone_module, "timezone", timezone) < 0 ||
           hd_module_add_int(zone_module, "altzone", daylight ? timezone - 3600 : timezone) < 0 || hd_module_add_int(zone_module, "daylight", daylight) < 0 ? -1 : 0;
}
FN(tzset) { return set_zone() < 0 ? HD_ERR : HD_NONE; }
FN(get_clock_info)
{
    static const struct { const char *name, *impl; clockid_t id; bool mono, adjust; } c[] = {
        { "time", "clock_gettime(CLOCK_REALTIME)", CLOCK_REALTIME, false, true }, { "monotonic", "clock_gettime(CLOCK_MONOTONIC)", CLOCK_MONOTONIC, true, false },
        { "perf_counter", "clock_gettime(CLOCK_MONOTONIC)", CLOCK_MONOTONIC, true, false }, { "process_time", "clock_gettime(CLOCK_PROCESS_CPUTIME_ID)", CLOCK_PROCESS_CPUTIME_ID, true, false },
        { "thread_time", "clock_gettime(CLOCK_THREAD_CPUTIME_ID)", CLOCK_THREAD_CPUTIME_ID, true, false } };
    for (size_t i = 0; i < 5; i++) {
        if (!hd_is_str(args[0]) || !hd_str_is(args[0], c[i].name)) continue;
        struct timespec r;
        clock_getres(c[i].id, &r);
        hd_value d = hd_dict_new();
        if (d == HD_ERR || hd_dict_set_c(d, "implementation", hd_intern(c[i].impl)) < 0 || hd_dict_set_c(d, "monotonic", hd_bool(c[i].mono)) < 0 ||
            hd_dict_set_c(d, "adjustable", hd_bool(c[i].adjust)) < 0 || hd_dict_set_c(d, "resolution", as_float(r)) < 0) return HD_ERR;
        return hd_namespace_new(d);
    }
    return hd_raise(&hd_exc_ValueError, "unknown clock");
}

HD_WAITS(time_sleep)
static const struct hd_methoddef methods[] = {
    { "time", time_time, 0, 0, 0, "time() -> floating point number\n\nSeconds since the epoch." }, { "time_ns", time_time_ns, 0, 0, 0, NULL },
    { "monotonic", time_monotonic, 0, 0, 0, NULL }, { "monotonic_ns", time_monotonic_ns, 0, 0, 0, NULL }, { "perf_counter", time_monotonic, 0, 0, 0, NULL },
    { "perf_counter_ns", time_monotonic_ns, 0, 0, 0, NULL }, { "process_time", time_process_time, 0, 0, 0, NULL }, { "process_time_ns", time_process_time_ns, 0, 0, 0, NULL },
    { "thread_time", time_thread_time, 0, 0, 0, NULL }, { "thread_time_ns", time_thread_time_ns, 0, 0, 0, NULL }, { "clock_gettime", time_clock_gettime, 1, 1, 0, NULL },
    { "clock_gettime_ns", time_clock_gettime_ns, 1, 1, 0, NULL }, { "clock_getres", time_clock_getres, 1, 1, 0, NULL }, { "sleep", time_sleep_waits, 1, 1, 0, "sleep(seconds)\n\nWaits." },
    { "localtime", time_localtime, 0, 1, 0, NULL }, { "gmtime", time_gmtime, 0, 1, 0, NULL }, { "strftime", time_strftime, 1, 2, 0, NULL }, { "asctime", time_asctime, 0, 1, 0, NULL },
    { "ctime", time_ctime, 0, 1, 0, NULL }, { "mktime", time_mktime, 1, 1, 0, NULL }, { "strptime", time_strptime, 1, 2, 0, NULL }, { "tzset", time_tzset, 0, 0, 0, NULL },
    { "get_clock_info", time_get_clock_info, 1, 1, 0, NULL }, { 0 }
};
static int fill(hd_value m)
{
    static const char *const f[] = { "tm_year", "tm_mon", "tm_mday", "tm_hour", "tm_min", "tm_sec", "tm_wday", "tm_yday", "tm_isdst", "tm_zone", "tm_gmtoff" };
    static const struct hd_structseq_def def = { "time.struct_time", "Broken-down time.", f, 11, 9 };
    hd_root(&zone_module);
    zone_module = m;
    if (!(struct_time = hd_structseq_type(&def)) || set_zone() < 0) return -1;
    return hd_module_add(m, "struct_time", hd_obj(struct_time)) < 0 || hd_module_add_int(m, "CLOCK_REALTIME", CLOCK_REALTIME) < 0 ||
           hd_module_add_int(m, "CLOCK_MONOTONIC", CLOCK_MONOTONIC) < 0 || hd_module_add_int(m, "CLOCK_MONOTONIC_RAW", CLOCK_MONOTONIC_RAW) < 0 ||
           hd_module_add_int(m, "CLOCK_BOOTTIME", CLOCK_BOOTTIME) < 0 || hd_module_add_int(m, "CLOCK_PROCESS_CPUTIME_ID", CLOCK_PROCESS_CPUTIME_ID) < 0 ||
           hd_module_add_int(m, "CLOCK_THREAD_CPUTIME_ID", CLOCK_THREAD_CPUTIME_ID) < 0 || hd_module_add_int(m, "_STRUCT_TM_ITEMS", 11) < 0 ? -1 : 0;
}
const struct hd_moduledef hd_module_time = { "time", "Clocks and calendars.", methods, fill };
