/* The module _datetime: tzinfo, timezone, and the calls that other types make to their tzinfo.
 *
 * A tzinfo is the ordinary kind of object, with attributes in subclasses; a timezone's fields never change. */
#include "interp/modules/datetime_internal.h"

#define OFFSET_LIMITS "offset must be a timedelta strictly between -timedelta(hours=24) and timedelta(hours=24)"
hd_value hd_timezone_utc;

static bool less_than_a_day(hd_value v)
{
    const struct hd_delta *d = HD_DELTA(v);
    int32_t days = hd_delta_days(d);
    return days == 0 || (days == -1 && (d->seconds || d->microseconds));
}
static bool is_timezone(hd_value v) { return hd_is_ptr(v) && hd_type_of(v) == &hd_timezone_type; }

/* ---- calls ------------------------------------------------------------------------------------------------------------------------------ */
hd_value hd_tz_offset(hd_value tz, hd_value name, hd_value arg)
{
    if (tz == HD_NONE) return HD_NONE;
    if (is_timezone(tz)) return name == hd_s_utcoffset ? HD_TIMEZONE(tz)->offset : HD_NONE;
    hd_value v = hd_call_method(tz, name, &arg, 1);
    if (v == HD_ERR || v == HD_NONE) return v;
    if (!hd_is_a(v, &hd_timedelta_type)) return hd_raise(&hd_exc_TypeError, "tzinfo.%U() must return None or timedelta, not '%T'", name, v);
    return less_than_a_day(v) ? v : hd_raise(&hd_exc_ValueError, OFFSET_LIMITS ".");
}
hd_value hd_tz_name(hd_value tz, hd_value arg)
{
    if (tz == HD_NONE) return HD_NONE;
    hd_value v = hd_call_method(tz, hd_s_tzname, &arg, 1);
    if (v == HD_ERR || v == HD_NONE || hd_is_str(v)) return v;
    return hd_raise(&hd_exc_TypeError, "tzinfo.tzname() must return None or a string, not '%T'", v);
}

/* ---- tzinfo ----------------------------------------------------------------------------------------------------------------------------- */
static hd_value not_implemented(const char *name) { return hd_raise(&hd_exc_NotImplementedError, "a tzinfo subclass must implement %s()", name); }
HD_DT_FN(tzinfo_tzname) { return not_implemented("tzname"); }
HD_DT_FN(tzinfo_utcoffset) { return not_implemented("utcoffset"); }
HD_DT_FN(tzinfo_dst) { return not_implemented("dst"); }
static int check_fromutc(hd_value self, hd_value dt)
{
    if (!hd_is_a(dt, &hd_datetime_type)) { hd_raise(&hd_exc_TypeError, "fromutc: argument must be a datetime"); return -1; }
    if (hd_clock_of(dt)->tzinfo != self) { hd_raise(&hd_exc_ValueError, "fromutc: dt.tzinfo is not self"); return -1; }
    return 0;
}
/* Standard time first; then DST, if it is in force at that time. */
HD_DT_FN(tzinfo_fromutc)
{
    hd_value dt = args[0], offset, dst;
    if (check_fromutc(self, dt) < 0 || (offset = hd_tz_offset(self, hd_s_utcoffset, dt)) == HD_ERR) return HD_ERR;
    if (offset == HD_NONE) return hd_raise(&hd_exc_ValueError, "fromutc: non-None utcoffset() result required");
    if ((dst = hd_tz_offset(self, hd_s_dst, dt)) == HD_ERR) return HD_ERR;
    if (dst == HD_NONE) return hd_raise(&hd_exc_ValueError, "fromutc: non-None dst() result required");
    hd_value standard = hd_delta_new(0, 0, hd_offset_us(offset) - hd_offset_us(dst));
    hd_value result = standard == HD_ERR ? HD_ERR : hd_datetime_add(dt, HD_DELTA(standard), 1);
    if (result == HD_ERR || (dst = hd_tz_offset(self, hd_s_dst, result)) == HD_ERR) return HD_ERR;
    if (dst == HD_NONE) return hd_raise(&hd_exc_ValueError, "fromutc: tz.dst() gave inconsistent results; cannot convert");
    return hd_offset_us(dst) ? hd_datetime_add(result, HD_DELTA(dst), 1) : result;
}
HD_DT_FN(tzinfo_reduce)
{
    hd_value f = hd_getattr_opt(self, hd_s___getinitargs__), init = hd_empty_tuple;
    if (f == HD_ERR || (f != HD_ABSENT && (init = hd_call0(f)) == HD_ERR)) return HD_ERR;
    hd_value state = hd_call_method(self, hd_s___getstate__, NULL, 0);
    return hd_tuplev(hd_obj(hd_type_of(self)), init, state);
}
static hd_value tzinfo_make(hd_value type, const hd_value *args, size_t nargs, hd_value kwnames) { return hd_alloc_instance(HD_TYPE(type), 0); }
static const struct hd_methoddef tzinfo_methods[] = {
    { "tzname", tzinfo_tzname, 1, 1, 0, "datetime -> string name of time zone." },
    { "utcoffset", tzinfo_utcoffset, 1, 1, 0, "datetime -> timedelta: how far local time is ahead of UTC (negative: behind)." },
    { "dst", tzinfo_dst, 1, 1, 0, "datetime -> timedelta: how far daylight saving time is ahead of standard time." },
    { "fromutc", tzinfo_fromutc, 1, 1, 0, "datetime in UTC -> datetime in local time." },
    { "__reduce__", tzinfo_reduce, 0, 0, 0, "-> (cls, state)" }, { 0 }
};
struct hd_type hd_tzinfo_type = {
    .cname = "datetime.tzinfo", .basicsize = sizeof(struct hd_mhead), .flags = HD_TF_BASETYPE, .doc = "Abstract base class for time zone info objects.",
    .methods = tzinfo_methods, .op = { .make = tzinfo_make },
};

/* ---- timezone --------------------------------------------------------------------------------------------------------------------------- */
static hd_value timezone_alloc(hd_value offset, hd_value name)
{
    struct hd_timezone *t = hd_new_mutable(&hd_timezone_type, sizeof *t);
    if (!t) return HD_ERR;
    t->offset = offset, t->name = name;
    return hd_obj(t);
}
hd_value hd_timezone_new(hd_value offset, hd_value name)
{
    const struct hd_delta *d = HD_DELTA(offset);
    if (!name && !d->head.aux && !d->seconds && !d->microseconds) return hd_timezone_utc;
    if (!less_than_a_day(offset)) return hd_raise(&hd_exc_ValueError, OFFSET_LIMITS ", not %R.", offset);
    return timezone_alloc(offset, name);
}
static hd_value timezone_make(hd_value type, const hd_value *args, size_t nargs, hd_value kwnames)
{
    static struct hd_dt_signature sig = { "timezone", 2, 1, 2, false, { { "offset", 'X', 0 }, { "name", 'U', 0 } } };
    hd_value v[2];
    if (hd_dt_args(&sig, args, nargs, kwnames, v) < 0) return HD_ERR;
    return hd_timezone_new(v[0], v[1] == HD_ABSENT ? 0 : v[1]);
}
static void timezone_trace(void *o, struct gc_marker *m)
{
    struct hd_timezone *t = o;
    gc_mark(m, t->offset);
    if (t->name) gc_mark(m, t->name);
}
char *hd_put_offset(char *p, hd_value offset, const char *sep)
{
    int64_t us = hd_offset_us(offset);
    *p++ = us < 0 ? '-' : '+';
    if (us < 0) us = -us;
    int s = (int)(us / 1000000), rest = (int)(us % 1000000);
    p += sprintf(p, "%02d%s%02d", s / 3600, sep, s / 60 % 60);
    if (s % 60 || rest) p += sprintf(p, "%s%02d", sep, s % 60);
    if (rest) p += sprintf(p, ".%06d", rest);
    return p;
}
static hd_value timezone_str(hd_value self)
{
    const struct hd_timezone *t = HD_TIMEZONE(self);
    char text[32] = "UTC", *p = text + 3;
    if (t->name) return t->name;
    if (self != hd_timezone_utc && hd_offset_us(t->offset)) p = hd_put_offset(p, t->offset, ":");
    return hd_str_latin1(text, (size_t)(p - text));
}
static hd_value timezone_repr(hd_value self)
{
    const struct hd_timezone *t = HD_TIMEZONE(self);
    if (self == hd_timezone_utc) return hd_str_utf8("datetime.timezone.utc");
    return t->name ? hd_str_format("%T(%R, %R)", self, t->offset, t->name) : hd_str_format("%T(%R)", self, t->offset);
}
static hd_value timezone_compare(hd_value a, hd_value b, enum hd_cmpop op)
{
    if ((op != HD_EQ && op != HD_NE) || !is_timezone(a) || !is_timezone(b)) return HD_NOTIMPLEMENTED;
    return hd_bool((hd_offset_us(HD_TIMEZONE(a)->offset) == hd_offset_us(HD_TIMEZONE(b)->offset)) == (op == HD_EQ));
}
static int64_t timezone_hash(hd_value self) { return hd_hash(HD_TIMEZONE(self)->offset); }
static int check_instant(hd_value dt, const char *name)
{
    if (dt == HD_NONE || hd_is_a(dt, &hd_datetime_type)) return 0;
    hd_raise(&hd_exc_TypeError, "%s(dt) argument must be a datetime instance or None, not %T", name, dt);
    return -1;
}
HD_DT_FN(timezone_tzname) { return check_instant(args[0], "tzname") < 0 ? HD_ERR : timezone_str(self); }
HD_DT_FN(timezone_utcoffset) { return check_instant(args[0], "utcoffset") < 0 ? HD_ERR : HD_TIMEZONE(self)->offset; }
HD_DT_FN(timezone_dst) { return check_instant(args[0], "dst") < 0 ? HD_ERR : HD_NONE; }
HD_DT_FN(timezone_fromutc) { return check_fromutc(self, args[0]) < 0 ? HD_ERR : hd_datetime_add(args[0], HD_DELTA(HD_TIMEZONE(self)->offset), 1); }
HD_DT_FN(timezone_getinitargs)
{
    const struct hd_timezone *t = HD_TIMEZONE(self);
    return t->name ? hd_tuplev(t->offset, t->name) : hd_tuplev(t->offset);
}
static const struct hd_methoddef timezone_methods[] = {
    { "tzname", timezone_tzname, 1, 1, 0, "The name given to the constructor, or else 'UTC+HH:MM'." },
    { "utcoffset", timezone_utcoffset, 1, 1, 0, "Return fixed offset." },
    { "dst", timezone_dst, 1, 1, 0, "Return None." },
    { "fromutc", timezone_fromutc, 1, 1, 0, "datetime in UTC -> datetime in local time." },
    { "__getinitargs__", timezone_getinitargs, 0, 0, 0, "pickle support" }, { 0 }
};
struct hd_type hd_timezone_type = {
    .cname = "datetime.timezone", .base = &hd_tzinfo_type, .basicsize = sizeof(struct hd_timezone), .doc = "Fixed offset from UTC implementation of tzinfo.",
    .methods = timezone_methods,
    .op = { .make = timezone_make, .repr = timezone_repr, .str = timezone_str, .hash = timezone_hash, .richcompare = timezone_compare, .trace = timezone_trace },
};
int hd_zone_start(void)
{
    if (hd_type_ready(&hd_tzinfo_type) < 0 || hd_type_ready(&hd_timezone_type) < 0) return -1;
    const struct { const char *name; int minutes; } c[] = { { "utc", 0 }, { "min", -(23 * 60 + 59) }, { "max", 23 * 60 + 59 } };
    hd_root(&hd_timezone_utc);
    for (size_t i = 0; i < sizeof c / sizeof *c; i++) {
        hd_value offset = hd_delta_new(0, c[i].minutes * 60, 0), v = offset == HD_ERR ? HD_ERR : timezone_alloc(offset, 0);
        if (v == HD_ERR || hd_type_setattr_static(&hd_timezone_type, c[i].name, v) == HD_ERR) return -1;
        if (i == 0) hd_timezone_utc = v;
    }
    return 0;
}
