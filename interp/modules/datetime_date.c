/* The module _datetime: date, the tuples that isocalendar() gives, and what dates, times and datetimes have in common:
 * struct_time, strftime(), __format__(), pickled states. */
#include <math.h>
#include "interp/modules/datetime_internal.h"
#include "interp/types/number.h"
#include "interp/types/str.h"

static hd_value time_module, struct_time;
static inline int year_of(uint32_t date) { return (int)(date >> 16); }
static inline int month_of(uint32_t date) { return (int)(date >> 8 & 255); }
static inline int day_of(uint32_t date) { return (int)(date & 255); }
static inline uint32_t packed(hd_value v) { return HD_DATE(v)->head.aux; }
static bool is_date(hd_value v) { return hd_is_a(v, &hd_date_type); }
static bool is_datetime(hd_value v) { return hd_is_a(v, &hd_datetime_type); }

/* ---- in common ------------------------------------------------------------------------------------------------------------------------- */
hd_value hd_struct_time(uint32_t date, const struct hd_clock *c, int dst)
{
    int64_t ordinal = hd_ymd_ordinal(year_of(date), month_of(date), day_of(date));
    hd_value v[11] = { hd_fix(year_of(date)), hd_fix(month_of(date)), hd_fix(day_of(date)), hd_fix(c ? c->hour : 0), hd_fix(c ? c->minute : 0), hd_fix(c ? c->second : 0),
                       hd_fix(hd_ordinal_weekday(ordinal)), hd_fix(hd_year_day(year_of(date), month_of(date), day_of(date))), hd_fix(dst), HD_NONE, HD_NONE };
    return hd_structseq_new(HD_TYPE(struct_time), v);
}
hd_value hd_ctime(uint32_t date, const struct hd_clock *c)
{
    static const char days[] = "MonTueWedThuFriSatSun", months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    char text[64];
    int weekday = hd_ordinal_weekday(hd_ymd_ordinal(year_of(date), month_of(date), day_of(date)));
    int n = snprintf(text, sizeof text, "%.3s %.3s %2d %02d:%02d:%02d %04d", days + 3 * weekday, months + 3 * (month_of(date) - 1), day_of(date),
                     c ? c->hour : 0, c ? c->minute : 0, c ? c->second : 0, year_of(date));
    return hd_str_latin1(text, (size_t)n);
}
/* %z, %Z and %f are put in here; the rest is time.strftime's. */
hd_value hd_strftime(hd_value format, hd_value timetuple, const struct hd_clock *c, hd_value tzarg)
{
    hd_value tz = c ? c->tzinfo : HD_NONE, v;
    size_t bytes;
    if (!hd_str_as_utf8(format, &bytes)) return HD_ERR;      /* surrogates */
    int64_t n = HD_STR(format)->len;
    struct hd_strbuilder b;
    char text[32];
    hd_value percents = hd_str_utf8("%%");
    if (percents == HD_ERR) return HD_ERR;
    hd_sb_init(&b);
    for (int64_t i = 0; i < n; i++) {
        uint32_t ch = hd_str_at(format, i), next = i + 1 < n ? hd_str_at(format, i + 1) : 0;
        if (ch != '%' || i + 1 == n) { hd_sb_char(&b, ch); continue; }
        i++;
        switch (next) {
        case 'z':
            if ((v = hd_tz_offset(tz, hd_s_utcoffset, tzarg)) == HD_ERR) return HD_ERR;
            if (v != HD_NONE) hd_sb_ascii(&b, text, (size_t)(hd_put_offset(text, v, "") - text));
            break;
        case 'Z':
            if ((v = hd_tz_name(tz, tzarg)) == HD_ERR) return HD_ERR;
            if (v == HD_NONE) break;
            if ((v = hd_methodv(v, hd_s_replace, hd_str_char('%'), percents)) == HD_ERR) return HD_ERR;
            if (!hd_is_str(v)) return hd_raise(&hd_exc_TypeError, "tzname.replace() did not return a string");
            hd_sb_str(&b, v);
            break;
        case 'f': hd_sb_ascii(&b, text, (size_t)snprintf(text, sizeof text, "%06u", c ? c->microsecond : 0)); break;
        default: hd_sb_char(&b, '%'), hd_sb_char(&b, next);
        }
    }
    hd_value text_format = hd_sb_finish(&b);
    return text_format == HD_ERR ? HD_ERR : hd_methodv(time_module, hd_s_strftime, text_format, timetuple);
}
hd_value hd_dt_strftime_arg(const hd_value *args, size_t nargs, hd_value kwnames)
{
    static struct hd_dt_signature sig = { "strftime", 1, 1, 1, false, { { "format", 'U', 0 } } };
    hd_value format;
    return hd_dt_args(&sig, args, nargs, kwnames, &format) < 0 ? HD_ERR : format;
}
hd_value hd_dt_format(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
{
    static struct hd_dt_signature sig = { "__format__", 1, 1, 1, true, { { "format", 'U', 0 } } };
    hd_value format;
    if (hd_dt_args(&sig, args, nargs, kwnames, &format) < 0) return HD_ERR;
    return HD_STR(format)->len ? hd_methodv(self, hd_s_strftime, format) : hd_str_of(self);
}
int hd_dt_state(const struct hd_dt_statedef *d, hd_value v, uint8_t *state)
{
    uint32_t mask = d->masked ? 0x7f : 0xff;
    if (hd_is_bytes(v)) {
        const struct hd_bytes *b = HD_BYTES(v);
        if (b->len != d->n || (b->data[d->check] & mask) < d->lo || (b->data[d->check] & mask) > d->hi) return 0;
        memcpy(state, b->data, d->n);
        return 1;
    }
    if (!hd_is_str(v) || HD_STR(v)->len != d->n) return 0;
    uint32_t ch = hd_str_at(v, d->check);
    if (d->masked) ch &= 0x7f;
    if (ch < d->lo || ch > d->hi) return 0;
    for (int i = 0; i < d->n; i++) {
        if ((ch = hd_str_at(v, i)) > 255) {
            hd_raise(&hd_exc_ValueError, "Failed to encode latin1 string when unpickling a %s object. pickle.load(data, encoding='latin1') is assumed.", d->what);
            return -1;
        }
        state[i] = (uint8_t)ch;
    }
    return 1;
}

/* ---- construction ---------------------------------------------------------------------------------------------------------------------- */
static hd_value date_alloc(struct hd_type *t, uint32_t date)
{
    struct hd_date *d;
    if (STM_LIKELY(t == &hd_date_type)) {
        if (!(d = gc_alloc_small(sizeof *d))) return hd_no_memory();
        d->head.shape = t->root_shape;
    } else if (!(d = hd_new_immutable_sub(t, sizeof *d))) return HD_ERR;
    d->head.aux = date;
    return hd_obj(d);
}
static hd_value date_checked(struct hd_type *t, int64_t year, int64_t month, int64_t day)
{
    return hd_check_ymd(year, month, day) < 0 ? HD_ERR : date_alloc(t, hd_date_pack((int)year, (int)month, (int)day));
}
hd_value hd_date_of_class(hd_value cls, int64_t year, int64_t month, int64_t day)
{
    if (cls == hd_obj(&hd_date_type)) return date_checked(&hd_date_type, year, month, day);
    if (cls == hd_obj(&hd_datetime_type)) {
        struct hd_clock midnight = { .tzinfo = HD_NONE };
        return hd_check_ymd(year, month, day) < 0 ? HD_ERR : hd_datetime_new(&hd_datetime_type, hd_date_pack((int)year, (int)month, (int)day), &midnight);
    }
    return hd_callv(cls, hd_int(year), hd_int(month), hd_int(day));
}
static hd_value date_make(hd_value type, const hd_value *args, size_t nargs, hd_value kwnames)
{
    static struct hd_dt_signature sig = { NULL, 3, 3, 3, false, { { "year", 'i', 0 }, { "month", 'i', 0 }, { "day", 'i', 0 } } };
    static const struct hd_dt_statedef state = { "date", 4, 2, 0, 1, 12 };
    hd_value v[3];
    uint8_t s[4];
    int r = nargs == 1 ? hd_dt_state(&state, args[0], s) : 0;
    if (r) return r < 0 ? HD_ERR : date_alloc(HD_TYPE(type), hd_date_pack(s[0] << 8 | s[1], s[2], s[3]));
    if (hd_dt_args(&sig, args, nargs, kwnames, v) < 0) return HD_ERR;
    return date_checked(HD_TYPE(type), hd_unfix(v[0]), hd_unfix(v[1]), hd_unfix(v[2]));
}
HD_DT_FN(date_fromtimestamp)
{
    int64_t seconds;
    int us, of_day;
    struct hd_ymd d;
    hd_value v = hd_is_float(args[0]) ? hd_float(floor(hd_float_value(args[0]))) : args[0];
    if (v == HD_ERR || hd_timestamp_arg(v, &seconds, &us) < 0 || hd_broken_down(seconds, true, &d, &of_day, NULL) < 0) return HD_ERR;
    return hd_date_of_class(self, d.year, d.month, d.day);
}
HD_DT_FN(date_today)
{
    hd_value now = hd_call_method(time_module, hd_s_time, NULL, 0);
    return now == HD_ERR ? HD_ERR : hd_methodv(self, hd_s_fromtimestamp, now);
}
HD_DT_FN(date_fromordinal)
{
    static struct hd_dt_signature sig = { "fromordinal", 1, 1, 1, true, { { "ordinal", 'i', 0 } } };
    hd_value v;
    if (hd_dt_args(&sig, args, nargs, kwnames, &v) < 0) return HD_ERR;
    if (hd_unfix(v) < 1) return hd_raise(&hd_exc_ValueError, "ordinal must be >= 1");
    struct hd_ymd d = hd_ordinal_ymd(hd_unfix(v));
    return hd_date_of_class(self, d.year, d.month, d.day);
}
HD_DT_FN(date_fromisocalendar)
{
    static struct hd_dt_signature sig = { "fromisocalendar", 3, 3, 3, false, { { "year", 'i', 0 }, { "week", 'i', 0 }, { "day", 'i', 0 } } };
    hd_value v[3];
    int64_t ordinal;
    if (hd_dt_args(&sig, args, nargs, kwnames, v) < 0) {
        if (!hd_exc_is(&hd_exc_OverflowError)) return HD_ERR;
        hd_exc_clear();
        return hd_raise(&hd_exc_ValueError, "ISO calendar component out of range");
    }
    int year = (int)hd_unfix(v[0]), week = (int)hd_unfix(v[1]), day = (int)hd_unfix(v[2]), bad = hd_iso_ordinal(year, week, day, &ordinal);
    if (bad == -1) return hd_raise(&hd_exc_ValueError, "Year is out of range: %d", year);
    if (bad == -2) return hd_raise(&hd_exc_ValueError, "Invalid week: %d", week);
    if (bad == -3) return hd_raise(&hd_exc_ValueError, "Invalid day: %d (range is [1, 7])", day);
    struct hd_ymd d = hd_ordinal_ymd(ordinal);
    return hd_date_of_class(self, d.year, d.month, d.day);
}
HD_DT_FN(date_fromisoformat)
{
    char small[64];
    struct hd_iso_text t;
    struct hd_ymd d;
    if (!hd_is_str(args[0])) return hd_raise(&hd_exc_TypeError, "fromisoformat: argument must be str");
    if (hd_iso_text(args[0], small, &t) < 0) return HD_ERR;
    if ((t.n != 7 && t.n != 8 && t.n != 10) || hd_iso_date(t, &d) < 0) return hd_iso_invalid(args[0]);
    return hd_date_of_class(self, d.year, d.month, d.day);
}
HD_DT_FN(date_replace)
{
    static struct hd_dt_signature sig = { "replace", 3, 0, 3, false, { { "year", 'i', 0 }, { "month", 'i', 0 }, { "day", 'i', 0 } } };
    hd_value v[3];
    if (hd_dt_args(&sig, args, nargs, kwnames, v) < 0) return HD_ERR;
    return date_checked(hd_type_of(self), hd_dt_int(v[0], hd_date_year(self)), hd_dt_int(v[1], hd_date_month(self)), hd_dt_int(v[2], hd_date_day(self)));
}

/* ---- arithmetic ------------------------------------------------------------------------------------------------------------------------ */
int hd_date_shift(uint32_t date, int64_t days, uint32_t *out)
{
    int64_t day = day_of(date) + days;
    if (day >= 1 && day <= 28) { *out = hd_date_pack(year_of(date), month_of(date), (int)day); return 0; }
    int year = year_of(date), month = month_of(date), here = hd_month_days(year, month);
    if (day >= 1 && day <= here) { *out = hd_date_pack(year, month, (int)day); return 0; }
    if (day > here && day <= here + 28 && month < 12) { *out = hd_date_pack(year, month + 1, (int)(day - here)); return 0; }
    int64_t ordinal = hd_ymd_ordinal(year, month, 1) + day - 1;
    if (ordinal < 1 || ordinal > HD_DT_MAXORDINAL) { hd_raise(&hd_exc_OverflowError, "date value out of range"); return -1; }
    struct hd_ymd d = hd_ordinal_ymd(ordinal);
    *out = hd_date_pack((int)d.year, d.month, d.day);
    return 0;
}
static hd_value shifted(hd_value date, int64_t days)
{
    uint32_t d;
    if (hd_date_shift(packed(date), days, &d) < 0) return HD_ERR;
    struct hd_type *t = hd_type_of(date);
    return t == &hd_date_type ? date_alloc(t, d) : hd_date_of_class(hd_obj(t), year_of(d), month_of(d), day_of(d));
}
static hd_value date_add(hd_value a, hd_value b)
{
    if (is_datetime(a) || is_datetime(b)) return HD_NOTIMPLEMENTED;
    if (is_date(b)) { hd_value x = a; a = b, b = x; }
    return is_date(a) && hd_is_a(b, &hd_timedelta_type) ? shifted(a, hd_delta_days(HD_DELTA(b))) : HD_NOTIMPLEMENTED;
}
static hd_value date_sub(hd_value a, hd_value b)
{
    if (!is_date(a) || is_datetime(a) || is_datetime(b)) return HD_NOTIMPLEMENTED;
    if (is_date(b)) return hd_delta_new(hd_date_ordinal(a) - hd_date_ordinal(b), 0, 0);
    return hd_is_a(b, &hd_timedelta_type) ? shifted(a, -(int64_t)hd_delta_days(HD_DELTA(b))) : HD_NOTIMPLEMENTED;
}
static hd_value date_compare(hd_value a, hd_value b, enum hd_cmpop op)
{
    if (!is_date(a) || !is_date(b)) return HD_NOTIMPLEMENTED;
    uint32_t x = packed(a), y = packed(b);
    return hd_bool(op == HD_LT ? x < y : op == HD_LE ? x <= y : op == HD_EQ ? x == y : op == HD_NE ? x != y : op == HD_GT ? x > y : x >= y);
}
static void put_state(hd_value v, uint8_t s[4])
{
    uint32_t d = packed(v);
    s[0] = (uint8_t)(d >> 24), s[1] = (uint8_t)(d >> 16), s[2] = (uint8_t)(d >> 8), s[3] = (uint8_t)d;
}
static int64_t date_hash(hd_value v)
{
    uint8_t s[4];
    put_state(v, s);
    return (int64_t)hd_hash_bytes(s, 4);
}

/* ---- texts and parts ------------------------------------------------------------------------------------------------------------------- */
char *hd_put_date(char *p, uint32_t date)
{
    p = hd_put2(p, (unsigned)year_of(date) / 100);
    p = hd_put2(p, (unsigned)year_of(date) % 100);
    *p++ = '-';
    p = hd_put2(p, (unsigned)month_of(date));
    *p++ = '-';
    return hd_put2(p, (unsigned)day_of(date));
}
HD_DT_FN(date_isoformat)
{
    char text[16];
    return hd_str_latin1(text, (size_t)(hd_put_date(text, packed(self)) - text));
}
static hd_value date_str(hd_value v) { return hd_type_of(v) == &hd_date_type ? date_isoformat(v, NULL, 0, 0) : hd_call_method(v, hd_s_isoformat, NULL, 0); }
static hd_value date_repr(hd_value v) { return hd_str_format("%T(%d, %d, %d)", v, hd_date_year(v), hd_date_month(v), hd_date_day(v)); }
HD_DT_FN(date_ctime) { return hd_ctime(packed(self), NULL); }
HD_DT_FN(date_strftime)
{
    hd_value format = hd_dt_strftime_arg(args, nargs, kwnames);
    hd_value tuple = format == HD_ERR ? HD_ERR : hd_call_method(self, hd_s_timetuple, NULL, 0);
    return tuple == HD_ERR ? HD_ERR : hd_strftime(format, tuple, is_datetime(self) ? hd_clock_of(self) : NULL, self);
}
HD_DT_FN(date_timetuple) { return hd_struct_time(packed(self), NULL, -1); }
HD_DT_FN(date_toordinal) { return hd_fix(hd_date_ordinal(self)); }
HD_DT_FN(date_weekday) { return hd_fix(hd_ordinal_weekday(hd_date_ordinal(self))); }
HD_DT_FN(date_isoweekday) { return hd_fix(hd_ordinal_weekday(hd_date_ordinal(self)) + 1); }
HD_DT_FN(date_reduce)
{
    uint8_t s[4];
    put_state(self, s);
    hd_value state = hd_tuplev(hd_bytes_new(s, 4));
    return hd_tuplev(hd_obj(hd_type_of(self)), state);
}
static hd_value date_get_year(hd_value v, void *c) { return hd_fix(hd_date_year(v)); }
static hd_value date_get_month(hd_value v, void *c) { return hd_fix(hd_date_month(v)); }
static hd_value date_get_day(hd_value v, void *c) { return hd_fix(hd_date_day(v)); }

/* ---- isocalendar ----------------------------------------------------------------------------------------------------------------------- */
static hd_value iso_new(int64_t year, int64_t week, int64_t weekday)
{
    struct hd_tuple *t = hd_new_object(&hd_isocalendar_type, sizeof *t + 3 * sizeof(hd_value));
    if (!t) return HD_ERR;
    t->len = 3;
    t->item[0] = hd_fix(year), t->item[1] = hd_fix(week), t->item[2] = hd_fix(weekday);
    return hd_obj(t);
}
HD_DT_FN(date_isocalendar)
{
    int64_t day = hd_date_ordinal(self), year = hd_date_year(self), monday = hd_iso_first_monday(year);
    if (day < monday) monday = hd_iso_first_monday(--year);
    else if (day - monday >= 52 * 7 && day >= hd_iso_first_monday(year + 1)) monday = hd_iso_first_monday(++year);
    return iso_new(year, (day - monday) / 7 + 1, (day - monday) % 7 + 1);
}
static hd_value iso_make(hd_value type, const hd_value *args, size_t nargs, hd_value kwnames)
{
    static struct hd_dt_signature sig = { "IsoCalendarDate", 3, 3, 3, false, { { "year", 'i', 0 }, { "week", 'i', 0 }, { "weekday", 'i', 0 } } };
    hd_value v[3];
    return hd_dt_args(&sig, args, nargs, kwnames, v) < 0 ? HD_ERR : iso_new(hd_unfix(v[0]), hd_unfix(v[1]), hd_unfix(v[2]));
}
static hd_value iso_repr(hd_value v)
{
    const hd_value *p = HD_TUPLE(v)->item;
    return hd_str_format("%T(year=%R, week=%R, weekday=%R)", v, p[0], p[1], p[2]);
}
HD_DT_FN(iso_reduce)
{
    hd_value plain = hd_tuplev(hd_tuple_from(HD_TUPLE(self)->item, 3));
    return hd_tuplev(hd_obj(&hd_tuple_type), plain);
}
static hd_value iso_get_year(hd_value v, void *c) { return HD_TUPLE(v)->item[0]; }
static hd_value iso_get_week(hd_value v, void *c) { return HD_TUPLE(v)->item[1]; }
static hd_value iso_get_weekday(hd_value v, void *c) { return HD_TUPLE(v)->item[2]; }
static const struct hd_getsetdef iso_getsets[] = {
    { "year", iso_get_year, NULL, NULL, NULL }, { "week", iso_get_week, NULL, NULL, NULL }, { "weekday", iso_get_weekday, NULL, NULL, NULL }, { 0 }
};
static const struct hd_methoddef iso_methods[] = { { "__reduce__", iso_reduce, 0, 0, 0, NULL }, { 0 } };
struct hd_type hd_isocalendar_type = {
    .cname = "datetime.IsoCalendarDate", .base = &hd_tuple_type, .basicsize = sizeof(struct hd_tuple), .itemsize = 8, .flags = HD_TF_IMMUTABLE_LAYOUT,
    .doc = "The result of date.isocalendar() or datetime.isocalendar(): a tuple (year, week, weekday)\nwhose items are attributes, too.",
    .methods = iso_methods, .getsets = iso_getsets, .op = { .make = iso_make, .repr = iso_repr },
};

/* ---- the type -------------------------------------------------------------------------------------------------------------------------- */
static const struct hd_getsetdef date_getsets[] = {
    { "year", date_get_year, NULL, NULL, NULL }, { "month", date_get_month, NULL, NULL, NULL }, { "day", date_get_day, NULL, NULL, NULL }, { 0 }
};
static const struct hd_methoddef date_methods[] = {
    { "fromtimestamp", date_fromtimestamp, 1, 1, HD_METH_CLASS, "fromtimestamp($type, timestamp, /)\n--\n\nThe local date at a POSIX timestamp." },
    { "fromordinal", date_fromordinal, 0, -1, HD_METH_CLASS | HD_METH_KW, "int -> date corresponding to a proleptic Gregorian ordinal." },
    { "fromisoformat", date_fromisoformat, 1, 1, HD_METH_CLASS, "str -> date: reads the ISO 8601 forms that date.isoformat() writes, and others." },
    { "fromisocalendar", date_fromisocalendar, 0, -1, HD_METH_CLASS | HD_METH_KW, "int, int, int -> date from the ISO year, week number and weekday: the inverse of date.isocalendar()." },
    { "today", date_today, 0, 0, HD_METH_CLASS, "Current date or datetime: self.__class__.fromtimestamp(time.time())." },
    { "ctime", date_ctime, 0, 0, 0, "Return ctime() style string." },
    { "strftime", date_strftime, 0, -1, HD_METH_KW, "format -> strftime() style string." },
    { "__format__", hd_dt_format, 0, -1, HD_METH_KW, "Formats self with strftime." },
    { "timetuple", date_timetuple, 0, 0, 0, "A time tuple, as time.localtime() gives." },
    { "isocalendar", date_isocalendar, 0, 0, 0, "Return a named tuple containing ISO year, week number, and weekday." },
    { "isoformat", date_isoformat, 0, 0, 0, "The date as YYYY-MM-DD." },
    { "isoweekday", date_isoweekday, 0, 0, 0, "The day of the week: Monday is 1, Sunday 7." },
    { "toordinal", date_toordinal, 0, 0, 0, "The day's number; January 1 of year 1 is day 1." },
    { "weekday", date_weekday, 0, 0, 0, "The day of the week: Monday is 0, Sunday 6." },
    { "replace", date_replace, 0, -1, HD_METH_KW, "The date with new values for the given fields." },
    { "__reduce__", date_reduce, 0, 0, 0, "__reduce__() -> (cls, state)" }, { 0 }
};
struct hd_type hd_date_type = {
    .cname = "datetime.date", .basicsize = sizeof(struct hd_date), .flags = HD_TF_BASETYPE | HD_TF_IMMUTABLE_LAYOUT, .doc = "date(year, month, day) --> date object",
    .methods = date_methods, .getsets = date_getsets,
    .op = { .make = date_make, .repr = date_repr, .str = date_str, .hash = date_hash, .richcompare = date_compare, .binary = { [HD_ADD] = date_add, [HD_SUB] = date_sub } },
};
int hd_date_start(void)
{
    if (hd_type_ready(&hd_date_type) < 0 || hd_type_ready(&hd_isocalendar_type) < 0) return -1;
    hd_root(&time_module), hd_root(&struct_time);
    if ((time_module = hd_import("time")) == HD_ERR || (struct_time = hd_getattr_c(time_module, "struct_time")) == HD_ERR) return -1;
    const struct { const char *name; hd_value v; } c[] = { { "min", date_alloc(&hd_date_type, hd_date_pack(1, 1, 1)) },
        { "max", date_alloc(&hd_date_type, hd_date_pack(HD_DT_MAXYEAR, 12, 31)) }, { "resolution", hd_delta_new(1, 0, 0) } };
    for (size_t i = 0; i < sizeof c / sizeof *c; i++)
        if (c[i].v == HD_ERR || hd_type_setattr_static(&hd_date_type, c[i].name, c[i].v) == HD_ERR) return -1;
    return 0;
}
