/* The module _datetime: datetime. */
#include <math.h>
#include <time.h>
#include "interp/modules/datetime_internal.h"
#include "interp/types/str.h"
#include "interp/types/number.h"

static inline uint32_t packed(hd_value v) { return HD_DATETIME(v)->head.aux; }
static bool is_datetime(hd_value v) { return hd_is_a(v, &hd_datetime_type); }
/* Seconds from 0001-01-01 that the clock shows. */
static int64_t shown_seconds(hd_value v) { return hd_date_ordinal(v) * HD_DT_DAY + hd_clock_seconds(hd_clock_of(v)); }
static hd_value offset_of(hd_value v) { return hd_tz_offset(hd_clock_of(v)->tzinfo, hd_s_utcoffset, v); }

/* ---- construction ---------------------------------------------------------------------------------------------------------------------- */
hd_value hd_datetime_new(struct hd_type *t, uint32_t date, const struct hd_clock *c)
{
    struct hd_datetime *o;
    if (STM_LIKELY(t == &hd_datetime_type)) {
        if (!(o = gc_alloc_small(sizeof *o))) return hd_no_memory();
        o->head.shape = t->root_shape;
    } else if (!(o = hd_new_immutable_sub(t, sizeof *o))) return HD_ERR;
    o->head.aux = date;
    o->clock = *c;
    o->clock.hash = 0;
    return hd_obj(o);
}
/* An instance of the class: subclasses are called, without a fold.  Fields are in range. */
static hd_value of_class(hd_value cls, uint32_t date, const struct hd_clock *c)
{
    if (cls == hd_obj(&hd_datetime_type)) return hd_datetime_new(&hd_datetime_type, date, c);
    return hd_callv(cls, hd_fix(date >> 16), hd_fix(date >> 8 & 255), hd_fix(date & 255), hd_fix(c->hour), hd_fix(c->minute), hd_fix(c->second), hd_fix(c->microsecond), c->tzinfo);
}
static hd_value datetime_checked(struct hd_type *t, int64_t year, int64_t month, int64_t day, const int f[4], hd_value tz, int fold)
{
    if (hd_check_ymd(year, month, day) < 0 || hd_check_clock(f[0], f[1], f[2], f[3], fold) < 0 || hd_check_tzinfo(tz) < 0) return HD_ERR;
    struct hd_clock c = { (uint8_t)f[0], (uint8_t)f[1], (uint8_t)f[2], (uint8_t)fold, (uint32_t)f[3], tz, 0 };
    return hd_datetime_new(t, hd_date_pack((int)year, (int)month, (int)day), &c);
}
static hd_value datetime_make(hd_value type, const hd_value *args, size_t nargs, hd_value kwnames)
{
    static struct hd_dt_signature sig = { NULL, 9, 3, 8, false, { { "year", 'i', 0 }, { "month", 'i', 0 }, { "day", 'i', 0 }, { "hour", 'i', 0 }, { "minute", 'i', 0 },
        { "second", 'i', 0 }, { "microsecond", 'i', 0 }, { "tzinfo", 'O', 0 }, { "fold", 'i', 0 } } };
    static const struct hd_dt_statedef state = { "datetime", 10, 2, 1, 1, 12 };
    uint8_t s[10];
    hd_value v[9];
    int r = nargs == 1 || nargs == 2 ? hd_dt_state(&state, args[0], s) : 0;
    if (r) {
        hd_value tz = nargs == 2 ? args[1] : HD_NONE;
        if (r < 0) return HD_ERR;
        if (tz != HD_NONE && !hd_is_a(tz, &hd_tzinfo_type)) return hd_raise(&hd_exc_TypeError, "bad tzinfo state arg");
        struct hd_clock c = { s[4], s[5], s[6], s[2] >> 7, (uint32_t)s[7] << 16 | (uint32_t)s[8] << 8 | s[9], tz, 0 };
        return hd_datetime_new(HD_TYPE(type), hd_date_pack(s[0] << 8 | s[1], s[2] & 0x7f, s[3]), &c);
    }
    if (hd_dt_args(&sig, args, nargs, kwnames, v) < 0) return HD_ERR;
    int f[4] = { hd_dt_int(v[3], 0), hd_dt_int(v[4], 0), hd_dt_int(v[5], 0), hd_dt_int(v[6], 0) };
    return datetime_checked(HD_TYPE(type), hd_unfix(v[0]), hd_unfix(v[1]), hd_unfix(v[2]), f, v[7] == HD_ABSENT ? HD_NONE : v[7], hd_dt_int(v[8], 0));
}
/* The instant (seconds from 1970) as the local clock or, if `utc`, UTC shows it. */
static hd_value at_instant(hd_value cls, int64_t seconds, int microseconds, bool utc, hd_value tz)
{
    struct hd_ymd d;
    int of_day;
    bool fold = false;
    if (hd_broken_down(seconds, !utc, &d, &of_day, tz == HD_NONE && !utc ? &fold : NULL) < 0 || hd_check_ymd(d.year, d.month, d.day) < 0) return HD_ERR;
    struct hd_clock c = { (uint8_t)(of_day / 3600), (uint8_t)(of_day / 60 % 60), (uint8_t)(of_day % 60), fold, (uint32_t)microseconds, tz, 0 };
    hd_value v = of_class(cls, hd_date_pack((int)d.year, d.month, d.day), &c);
    return v == HD_ERR || tz == HD_NONE ? v : hd_methodv(tz, hd_s_fromutc, v);
}
static hd_value at_now(hd_value cls, bool utc, hd_value tz)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return at_instant(cls, t.tv_sec, (int)(t.tv_nsec / 1000), utc, tz);
}
HD_DT_FN(datetime_now)
{
    static struct hd_dt_signature sig = { "now", 1, 0, 1, false, { { "tz", 'O', 0 } } };
    hd_value tz;
    if (hd_dt_args(&sig, args, nargs, kwnames, &tz) < 0) return HD_ERR;
    if (tz == HD_ABSENT) tz = HD_NONE;
    return hd_check_tzinfo(tz) < 0 ? HD_ERR : at_now(self, tz != HD_NONE, tz);
}
HD_DT_FN(datetime_utcnow) { return at_now(self, true, HD_NONE); }
HD_DT_FN(datetime_fromtimestamp)
{
    static struct hd_dt_signature sig = { "fromtimestamp", 2, 1, 2, false, { { "timestamp", 'O', 0 }, { "tz", 'O', 0 } } };
    hd_value v[2];
    int64_t seconds;
    int us;
    if (hd_dt_args(&sig, args, nargs, kwnames, v) < 0) return HD_ERR;
    if (v[1] == HD_ABSENT) v[1] = HD_NONE;
    if (hd_check_tzinfo(v[1]) < 0 || hd_timestamp_arg(v[0], &seconds, &us) < 0) return HD_ERR;
    return at_instant(self, seconds, us, v[1] != HD_NONE, v[1]);
}
HD_DT_FN(datetime_utcfromtimestamp)
{
    static struct hd_dt_signature sig = { "utcfromtimestamp", 1, 1, 1, true, { { "timestamp", 'O', 0 } } };
    hd_value v;
    int64_t seconds;
    int us;
    if (hd_dt_args(&sig, args, nargs, kwnames, &v) < 0 || hd_timestamp_arg(v, &seconds, &us) < 0) return HD_ERR;
    return at_instant(self, seconds, us, true, HD_NONE);
}
HD_DT_FN(datetime_strptime)
{
    static struct hd_dt_signature sig = { "strptime", 2, 2, 2, true, { { "date_string", 'U', 0 }, { "format", 'U', 0 } } };
    hd_value v[2];
    if (hd_dt_args(&sig, args, nargs, kwnames, v) < 0) return HD_ERR;
    hd_value module = hd_dict_get_c(hd_sys_modules, "_strptime"), f;
    if (module == HD_ERR || (module == HD_ABSENT && (module = hd_import("_strptime")) == HD_ERR)) return HD_ERR;
    f = hd_getattr_c(module, "_strptime_datetime");
    return f == HD_ERR ? HD_ERR : hd_callv(f, self, v[0], v[1]);
}
HD_DT_FN(datetime_combine)
{
    static struct hd_dt_signature sig = { "combine", 3, 2, 3, false, { { "date", 'D', 0 }, { "time", 'T', 0 }, { "tzinfo", 'O', 0 } } };
    hd_value v[3];
    if (hd_dt_args(&sig, args, nargs, kwnames, v) < 0) return HD_ERR;
    struct hd_clock c = *hd_clock_of(v[1]);
    if (v[2] != HD_ABSENT) c.tzinfo = v[2];
    return hd_check_tzinfo(c.tzinfo) < 0 ? HD_ERR : of_class(self, packed(v[0]), &c);
}
HD_DT_FN(datetime_fromisoformat)
{
    char small[64];
    struct hd_iso_text t;
    struct hd_iso_zone zone = { false, 0, 0 };
    struct hd_ymd d;
    int f[4] = { 0, 0, 0, 0 };
    if (!hd_is_str(args[0])) return hd_raise(&hd_exc_TypeError, "fromisoformat: argument must be str");
    if (hd_iso_text(args[0], small, &t) < 0) return HD_ERR;
    int at = hd_iso_separator(t);
    if (at < 0 || (size_t)at > t.n || hd_iso_date((struct hd_iso_text){ t.p, (size_t)at }, &d) < 0) return hd_iso_invalid(args[0]);
    if ((size_t)at < t.n && hd_iso_clock((struct hd_iso_text){ t.p + at + 1, t.n - (size_t)at - 1 }, f, &zone) < 0) return hd_iso_invalid(args[0]);
    hd_value tz = hd_iso_tzinfo(&zone);
    if (tz == HD_ERR) return HD_ERR;
    if (self == hd_obj(&hd_datetime_type)) return datetime_checked(&hd_datetime_type, d.year, d.month, d.day, f, tz, 0);
    return hd_callv(self, hd_fix(d.year), hd_fix(d.month), hd_fix(d.day), hd_fix(f[0]), hd_fix(f[1]), hd_fix(f[2]), hd_fix(f[3]), tz);
}
HD_DT_FN(datetime_replace)
{
    static struct hd_dt_signature sig = { "replace", 9, 0, 8, false, { { "year", 'i', 0 }, { "month", 'i', 0 }, { "day", 'i', 0 }, { "hour", 'i', 0 }, { "minute", 'i', 0 },
        { "second", 'i', 0 }, { "microsecond", 'i', 0 }, { "tzinfo", 'O', 0 }, { "fold", 'i', 0 } } };
    const struct hd_clock *c = hd_clock_of(self);
    hd_value v[9];
    if (hd_dt_args(&sig, args, nargs, kwnames, v) < 0) return HD_ERR;
    if (v[8] != HD_ABSENT && hd_check_clock(0, 0, 0, 0, hd_unfix(v[8])) < 0) return HD_ERR;
    int f[4] = { hd_dt_int(v[3], c->hour), hd_dt_int(v[4], c->minute), hd_dt_int(v[5], c->second), hd_dt_int(v[6], (int)c->microsecond) };
    return datetime_checked(hd_type_of(self), hd_dt_int(v[0], hd_date_year(self)), hd_dt_int(v[1], hd_date_month(self)), hd_dt_int(v[2], hd_date_day(self)), f,
                            v[7] == HD_ABSENT ? c->tzinfo : v[7], hd_dt_int(v[8], c->fold));
}

/* ---- arithmetic ------------------------------------------------------------------------------------------------------------------------ */
/* The date and clock d later or, with sign -1, earlier; tzinfo stays, fold becomes 0. */
static int shift(hd_value v, const struct hd_delta *d, int sign, uint32_t *date, struct hd_clock *c)
{
    *c = *hd_clock_of(v);
    int32_t us = (int32_t)c->microsecond + sign * d->microseconds, s = (int32_t)hd_clock_seconds(c) + sign * d->seconds;
    int64_t days = sign * (int64_t)hd_delta_days(d);
    if (us < 0) us += 1000000, s--;
    else if (us >= 1000000) us -= 1000000, s++;
    if (s < 0) s += HD_DT_DAY, days--;
    else if (s >= HD_DT_DAY) s -= HD_DT_DAY, days++;
    if ((uint32_t)us > 999999 || (uint32_t)s >= HD_DT_DAY) { hd_raise(&hd_exc_OverflowError, "date value out of range"); return -1; }     /* a bad pickled state */
    if (hd_date_shift(packed(v), days, date) < 0) return -1;
    uint32_t m = (uint32_t)s / 60;
    c->microsecond = (uint32_t)us, c->hour = (uint8_t)(m / 60), c->minute = (uint8_t)(m % 60), c->second = (uint8_t)((uint32_t)s % 60), c->fold = 0;
    return 0;
}
hd_value hd_datetime_add(hd_value v, const struct hd_delta *d, int sign)
{
    uint32_t date;
    struct hd_clock c;
    return shift(v, d, sign, &date, &c) < 0 ? HD_ERR : of_class(hd_obj(hd_type_of(v)), date, &c);
}
static hd_value datetime_add(hd_value a, hd_value b)
{
    if (is_datetime(b)) { hd_value x = a; a = b, b = x; }
    return is_datetime(a) && hd_is_a(b, &hd_timedelta_type) ? hd_datetime_add(a, HD_DELTA(b), 1) : HD_NOTIMPLEMENTED;
}
/* Offsets of two datetimes; both None if they share a tzinfo. */
static int offsets(hd_value a, hd_value b, hd_value *x, hd_value *y)
{
    *x = *y = HD_NONE;
    if (hd_clock_of(a)->tzinfo == hd_clock_of(b)->tzinfo) return 0;
    return (*x = offset_of(a)) == HD_ERR || (*y = offset_of(b)) == HD_ERR ? -1 : 0;
}
static int64_t microseconds_between(hd_value a, hd_value b, hd_value x, hd_value y)
{
    int64_t us = (int64_t)hd_clock_of(a)->microsecond - hd_clock_of(b)->microsecond;
    if (x != HD_NONE) us += hd_offset_us(y) - hd_offset_us(x);
    return (shown_seconds(a) - shown_seconds(b)) * 1000000 + us;
}
static hd_value datetime_sub(hd_value a, hd_value b)
{
    hd_value x, y;
    if (!is_datetime(a)) return HD_NOTIMPLEMENTED;
    if (hd_is_a(b, &hd_timedelta_type)) return hd_datetime_add(a, HD_DELTA(b), -1);
    if (!is_datetime(b)) return HD_NOTIMPLEMENTED;
    if (offsets(a, b, &x, &y) < 0) return HD_ERR;
    if ((x == HD_NONE) != (y == HD_NONE)) return hd_raise(&hd_exc_TypeError, "can't subtract offset-naive and offset-aware datetimes");
    return hd_delta_new(0, 0, microseconds_between(a, b, x, y));
}

/* ---- comparison ------------------------------------------------------------------------------------------------------------------------ */
/* Does the offset depend on the fold?  (PEP 495: such a time equals none in another zone.)  1, 0, -1. */
static int problematic(hd_value v, hd_value offset)
{
    struct hd_clock c = *hd_clock_of(v);
    if (c.tzinfo == HD_NONE || hd_type_of(c.tzinfo) == &hd_timezone_type) return 0;
    c.fold = !c.fold;
    hd_value other = hd_datetime_new(hd_type_of(v), packed(v), &c);
    if (other == HD_ERR || (other = offset_of(other)) == HD_ERR) return -1;
    if (other == HD_NONE || offset == HD_NONE) return other != offset;
    return hd_offset_us(other) != hd_offset_us(offset);
}
static hd_value datetime_compare(hd_value a, hd_value b, enum hd_cmpop op)
{
    hd_value x, y;
    int64_t diff;
    if (!is_datetime(a)) return HD_NOTIMPLEMENTED;
    if (!is_datetime(b)) {
        if (!hd_is_a(b, &hd_date_type)) return HD_NOTIMPLEMENTED;
        if (op == HD_EQ || op == HD_NE) return hd_bool(op == HD_NE);
        return hd_raise(&hd_exc_TypeError, "can't compare %T to %T", a, b);
    }
    if (offsets(a, b, &x, &y) < 0) return HD_ERR;
    if ((x == HD_NONE) != (y == HD_NONE)) {
        if (op == HD_EQ || op == HD_NE) return hd_bool(op == HD_NE);
        return hd_raise(&hd_exc_TypeError, "can't compare offset-naive and offset-aware datetimes");
    }
    if (x == HD_NONE || hd_offset_us(x) == hd_offset_us(y)) {
        uint64_t p = hd_clock_key(hd_clock_of(a)), q = hd_clock_key(hd_clock_of(b));
        diff = (int64_t)packed(a) - packed(b);
        if (!diff) diff = p < q ? -1 : p > q;
    } else diff = microseconds_between(a, b, x, y);
    if (diff == 0 && (op == HD_EQ || op == HD_NE) && hd_clock_of(a)->tzinfo != hd_clock_of(b)->tzinfo) {
        int r = problematic(a, x);
        if (r == 0) r = problematic(b, y);
        if (r < 0) return HD_ERR;
        diff = r;
    }
    return hd_bool(op == HD_LT ? diff < 0 : op == HD_LE ? diff <= 0 : op == HD_EQ ? diff == 0 : op == HD_NE ? diff != 0 : op == HD_GT ? diff > 0 : diff >= 0);
}
static void put_state(hd_value v, bool fold, uint8_t s[10])
{
    const struct hd_clock *c = hd_clock_of(v);
    uint32_t d = packed(v);
    s[0] = (uint8_t)(d >> 24), s[1] = (uint8_t)(d >> 16), s[2] = (uint8_t)(d >> 8 | (fold ? 0x80 : 0)), s[3] = (uint8_t)d;
    s[4] = c->hour, s[5] = c->minute, s[6] = c->second;
    s[7] = (uint8_t)(c->microsecond >> 16), s[8] = (uint8_t)(c->microsecond >> 8), s[9] = (uint8_t)c->microsecond;
}
/* Equal instants have equal hashes, whatever their fold. */
static int64_t datetime_hash(hd_value v)
{
    struct hd_clock *cache = hd_clock_of(v), c = *cache;
    int64_t h = (int64_t)stm_load_relaxed(&cache->hash);
    if (h) return h;
    hd_value first = v;
    if (c.fold) {
        c.fold = 0;
        if ((first = hd_datetime_new(hd_type_of(v), packed(v), &c)) == HD_ERR) return -1;
    }
    hd_value offset = offset_of(first);
    if (offset == HD_ERR) return -1;
    if (offset == HD_NONE) {
        uint8_t s[10];
        put_state(v, false, s);
        h = (int64_t)hd_hash_bytes(s, 10);
    } else {
        hd_value d = hd_delta_new(hd_date_ordinal(v), hd_clock_seconds(&c), (int64_t)c.microsecond - hd_offset_us(offset));
        h = d == HD_ERR ? -1 : hd_hash(d);
    }
    if (h != -1) stm_store_relaxed(&cache->hash, (uint64_t)h);
    return h;
}

/* ---- zones ----------------------------------------------------------------------------------------------------------------------------- */
HD_DT_FN(datetime_utcoffset) { return offset_of(self); }
HD_DT_FN(datetime_dst) { return hd_tz_offset(hd_clock_of(self)->tzinfo, hd_s_dst, self); }
HD_DT_FN(datetime_tzname) { return hd_tz_name(hd_clock_of(self)->tzinfo, self); }
/* The timezone of the local clock when it shows v's time. */
static hd_value local_zone_of(hd_value v)
{
    int64_t seconds;
    return hd_local_instant(shown_seconds(v), hd_clock_of(v)->fold, &seconds) < 0 ? HD_ERR : hd_local_timezone(seconds);
}
HD_DT_FN(datetime_astimezone)
{
    static struct hd_dt_signature sig = { "astimezone", 1, 0, 1, false, { { "tz", 'O', 0 } } };
    hd_value tz, own = hd_clock_of(self)->tzinfo, offset = HD_NONE;
    uint32_t date;
    struct hd_clock c;
    if (hd_dt_args(&sig, args, nargs, kwnames, &tz) < 0) return HD_ERR;
    if (tz == HD_ABSENT) tz = HD_NONE;
    if (hd_check_tzinfo(tz) < 0) return HD_ERR;
    if (own != HD_NONE) {
        if (own == tz) return self;
        if ((offset = offset_of(self)) == HD_ERR) return HD_ERR;
    }
    if (offset == HD_NONE) {
        if ((own = local_zone_of(self)) == HD_ERR) return HD_ERR;
        offset = HD_TIMEZONE(own)->offset;
        if (own == tz) return self;
    }
    if (shift(self, HD_DELTA(offset), -1, &date, &c) < 0) return HD_ERR;
    if (tz == HD_NONE) {
        int64_t seconds = hd_ymd_ordinal(date >> 16, (int)(date >> 8 & 255), (int)(date & 255)) * HD_DT_DAY + hd_clock_seconds(&c);
        if ((tz = hd_local_timezone(seconds - HD_DT_EPOCH_SECONDS)) == HD_ERR) return HD_ERR;
    }
    c.tzinfo = tz;
    hd_value utc = of_class(hd_obj(hd_type_of(self)), date, &c);
    return utc == HD_ERR ? HD_ERR : hd_methodv(tz, hd_s_fromutc, utc);
}
HD_DT_FN(datetime_timestamp)
{
    const struct hd_clock *c = hd_clock_of(self);
    int64_t seconds = shown_seconds(self) - HD_DT_EPOCH_SECONDS;
    if (c->tzinfo == HD_NONE) {
        if (hd_local_instant(shown_seconds(self), c->fold, &seconds) < 0) return HD_ERR;
        return hd_float((double)seconds + c->microsecond / 1e6);
    }
    hd_value offset = offset_of(self);
    if (offset == HD_ERR) return HD_ERR;
    if (offset == HD_NONE) return hd_raise(&hd_exc_TypeError, "can't subtract offset-naive and offset-aware datetimes");
    int64_t us = seconds * 1000000 + c->microsecond - hd_offset_us(offset);
    if (us > -(1LL << 53) && us < 1LL << 53) return hd_float((double)us / 1e6);
    return hd_int_truediv(hd_int(us), hd_fix(1000000));
}
HD_DT_FN(datetime_timetuple)
{
    hd_value dst = hd_tz_offset(hd_clock_of(self)->tzinfo, hd_s_dst, self);
    if (dst == HD_ERR) return HD_ERR;
    return hd_struct_time(packed(self), hd_clock_of(self), dst == HD_NONE ? -1 : hd_offset_us(dst) != 0);
}
HD_DT_FN(datetime_utctimetuple)
{
    hd_value offset = offset_of(self);
    uint32_t date = packed(self);
    struct hd_clock c = *hd_clock_of(self);
    if (offset == HD_ERR || (offset != HD_NONE && shift(self, HD_DELTA(offset), -1, &date, &c) < 0)) return HD_ERR;
    return hd_struct_time(date, &c, 0);
}

/* ---- texts and parts ------------------------------------------------------------------------------------------------------------------- */
static hd_value iso_text(hd_value self, uint32_t sep, hd_value timespec)
{
    const struct hd_clock *c = hd_clock_of(self);
    char text[80], *p, *at;
    int spec = hd_timespec(timespec, c);
    hd_value offset = spec < 0 ? HD_ERR : offset_of(self);
    if (offset == HD_ERR) return HD_ERR;
    at = hd_put_date(text, packed(self));
    *at = (char)sep;
    p = hd_put_clock(at + 1, c, spec);
    if (offset != HD_NONE) p = hd_put_offset(p, offset, ":");
    if (sep < 0x100) return hd_str_latin1(text, (size_t)(p - text));
    struct hd_strbuilder b;
    hd_sb_init(&b);
    hd_sb_ascii(&b, text, (size_t)(at - text));
    hd_sb_char(&b, sep);
    hd_sb_ascii(&b, at + 1, (size_t)(p - at - 1));
    return hd_sb_finish(&b);
}
HD_DT_FN(datetime_isoformat)
{
    static struct hd_dt_signature sig = { "isoformat", 2, 0, 2, false, { { "sep", 'C', 0 }, { "timespec", 'U', 0 } } };
    hd_value v[2];
    if (hd_dt_args(&sig, args, nargs, kwnames, v) < 0) return HD_ERR;
    return iso_text(self, v[0] == HD_ABSENT ? 'T' : hd_str_at(v[0], 0), v[1]);
}
static hd_value datetime_str(hd_value v)
{
    if (hd_type_of(v) == &hd_datetime_type) return iso_text(v, ' ', HD_ABSENT);
    return hd_methodv(v, hd_s_isoformat, hd_str_char(' '));
}
static hd_value datetime_repr(hd_value v)
{
    const struct hd_clock *c = hd_clock_of(v);
    char rest[32] = "";
    if (c->microsecond) snprintf(rest, sizeof rest, ", %d, %u", c->second, c->microsecond);
    else if (c->second) snprintf(rest, sizeof rest, ", %d", c->second);
    hd_value s = hd_str_format("%T(%d, %d, %d, %d, %d%s%s", v, hd_date_year(v), hd_date_month(v), hd_date_day(v), c->hour, c->minute, rest, c->fold ? ", fold=1" : "");
    if (s == HD_ERR) return HD_ERR;
    return c->tzinfo == HD_NONE ? hd_str_format("%U)", s) : hd_str_format("%U, tzinfo=%R)", s, c->tzinfo);
}
HD_DT_FN(datetime_ctime) { return hd_ctime(packed(self), hd_clock_of(self)); }
HD_DT_FN(datetime_date)
{
    return hd_date_of_class(hd_obj(&hd_date_type), hd_date_year(self), hd_date_month(self), hd_date_day(self));
}
HD_DT_FN(datetime_time)
{
    struct hd_clock c = *hd_clock_of(self);
    c.tzinfo = HD_NONE;
    return hd_time_new(&hd_time_type, &c);
}
HD_DT_FN(datetime_timetz) { return hd_time_new(&hd_time_type, hd_clock_of(self)); }
static hd_value reduced(hd_value self, int protocol)
{
    const struct hd_clock *c = hd_clock_of(self);
    uint8_t s[10];
    put_state(self, c->fold && protocol > 3, s);
    hd_value raw = hd_bytes_new(s, 10), state = c->tzinfo == HD_NONE ? hd_tuplev(raw) : hd_tuplev(raw, c->tzinfo);
    return hd_tuplev(hd_obj(hd_type_of(self)), state);
}
HD_DT_FN(datetime_reduce) { return reduced(self, 2); }
HD_DT_FN(datetime_reduce_ex)
{
    static struct hd_dt_signature sig = { "__reduce_ex__", 1, 1, 1, true, { { "protocol", 'i', 0 } } };
    hd_value v;
    return hd_dt_args(&sig, args, nargs, kwnames, &v) < 0 ? HD_ERR : reduced(self, (int)hd_unfix(v));
}

static const struct hd_methoddef datetime_methods[] = {
    { "now", datetime_now, 0, -1, HD_METH_CLASS | HD_METH_KW, "now($type, /, tz=None)\n--\n\nThe current time, local or in the given timezone." },
    { "utcnow", datetime_utcnow, 0, 0, HD_METH_CLASS, "Return a new datetime representing UTC day and time." },
    { "fromtimestamp", datetime_fromtimestamp, 0, -1, HD_METH_CLASS | HD_METH_KW, "timestamp[, tz] -> tz's local time from POSIX timestamp." },
    { "utcfromtimestamp", datetime_utcfromtimestamp, 0, -1, HD_METH_CLASS | HD_METH_KW, "Construct a naive UTC datetime from a POSIX timestamp." },
    { "strptime", datetime_strptime, 0, -1, HD_METH_CLASS | HD_METH_KW, "string, format -> new datetime parsed from a string (like time.strptime())." },
    { "combine", datetime_combine, 0, -1, HD_METH_CLASS | HD_METH_KW, "date, time -> datetime with same date and time fields" },
    { "fromisoformat", datetime_fromisoformat, 1, 1, HD_METH_CLASS, "str -> datetime: reads the ISO 8601 forms that datetime.isoformat() writes, and others." },
    { "date", datetime_date, 0, 0, 0, "Return date object with same year, month and day." },
    { "time", datetime_time, 0, 0, 0, "Return time object with same time but with tzinfo=None." },
    { "timetz", datetime_timetz, 0, 0, 0, "Return time object with same time and tzinfo." },
    { "ctime", datetime_ctime, 0, 0, 0, "Return ctime() style string." },
    { "timetuple", datetime_timetuple, 0, 0, 0, "A time tuple, as time.localtime() gives." },
    { "timestamp", datetime_timestamp, 0, 0, 0, "Return POSIX timestamp as float." },
    { "utctimetuple", datetime_utctimetuple, 0, 0, 0, "A time tuple in UTC, as time.gmtime() gives." },
    { "isoformat", datetime_isoformat, 0, -1, HD_METH_KW, "[sep] -> the date and time as YYYY-MM-DDTHH:MM:SS.mmmmmm+HH:MM, with sep in place of T.\n"
      "With timespec, up to that field: 'auto', 'hours', 'minutes', 'seconds', 'milliseconds' or\n'microseconds'." },
    { "utcoffset", datetime_utcoffset, 0, 0, 0, "Return self.tzinfo.utcoffset(self)." },
    { "tzname", datetime_tzname, 0, 0, 0, "Return self.tzinfo.tzname(self)." },
    { "dst", datetime_dst, 0, 0, 0, "Return self.tzinfo.dst(self)." },
    { "replace", datetime_replace, 0, -1, HD_METH_KW, "The datetime with new values for the given fields." },
    { "astimezone", datetime_astimezone, 0, -1, HD_METH_KW, "tz -> convert to local time in new timezone tz\n" },
    { "__reduce_ex__", datetime_reduce_ex, 0, -1, HD_METH_KW, "__reduce_ex__(proto) -> (cls, state)" },
    { "__reduce__", datetime_reduce, 0, 0, 0, "__reduce__() -> (cls, state)" }, { 0 }
};
struct hd_type hd_datetime_type = {
    .cname = "datetime.datetime", .base = &hd_date_type, .basicsize = sizeof(struct hd_datetime), .flags = HD_TF_BASETYPE | HD_TF_IMMUTABLE_LAYOUT,
    .doc = "datetime(year, month, day[, hour[, minute[, second[, microsecond[,tzinfo]]]]])\n\nYear, month and day are required. tzinfo is None or an instance of a tzinfo\n"
           "subclass. All others are ints.",
    .methods = datetime_methods, .getsets = hd_clock_getsets,
    .op = { .make = datetime_make, .repr = datetime_repr, .str = datetime_str, .hash = datetime_hash, .richcompare = datetime_compare,
            .binary = { [HD_ADD] = datetime_add, [HD_SUB] = datetime_sub }, .trace = hd_clock_trace },
};
int hd_datetime_start(void)
{
    static const int midnight[4] = { 0, 0, 0, 0 }, last[4] = { 23, 59, 59, 999999 };
    if (hd_type_ready(&hd_datetime_type) < 0) return -1;
    const struct { const char *name; hd_value v; } c[] = { { "min", datetime_checked(&hd_datetime_type, HD_DT_MINYEAR, 1, 1, midnight, HD_NONE, 0) },
        { "max", datetime_checked(&hd_datetime_type, HD_DT_MAXYEAR, 12, 31, last, HD_NONE, 0) }, { "resolution", hd_delta_new(0, 0, 1) } };
    for (size_t i = 0; i < sizeof c / sizeof *c; i++)
        if (c[i].v == HD_ERR || hd_type_setattr_static(&hd_datetime_type, c[i].name, c[i].v) == HD_ERR) return -1;
    return 0;
}
