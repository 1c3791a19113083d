/* The module _datetime: time, and what clocks have in common. */
#include "interp/modules/datetime_internal.h"
#include "interp/types/str.h"

enum { HOURS, MINUTES, SECONDS, MILLISECONDS, MICROSECONDS };
static bool is_time(hd_value v) { return hd_is_a(v, &hd_time_type); }

/* ---- in common ------------------------------------------------------------------------------------------------------------------------- */
char *hd_put_clock(char *p, const struct hd_clock *c, int spec)
{
    p = hd_put2(p, c->hour);
    if (spec >= MINUTES) *p++ = ':', p = hd_put2(p, c->minute);
    if (spec >= SECONDS) *p++ = ':', p = hd_put2(p, c->second);
    if (spec == MILLISECONDS) p += sprintf(p, ".%03u", c->microsecond / 1000);
    if (spec == MICROSECONDS) {
        *p++ = '.';
        p = hd_put2(p, c->microsecond / 10000);
        p = hd_put2(p, c->microsecond / 100 % 100);
        p = hd_put2(p, c->microsecond % 100);
    }
    return p;
}
int hd_timespec(hd_value v, const struct hd_clock *c)
{
    static const char *const names[] = { "hours", "minutes", "seconds", "milliseconds", "microseconds" };
    int automatic = c->microsecond ? MICROSECONDS : SECONDS;
    if (v == HD_ABSENT) return automatic;
    size_t n;
    const char *s = hd_str_as_utf8(v, &n);
    if (!s) return -1;
    if (strlen(s) != n) { hd_raise(&hd_exc_ValueError, "embedded null character"); return -1; }
    if (strcmp(s, "auto") == 0) return automatic;
    for (int i = HOURS; i <= MICROSECONDS; i++) if (strcmp(s, names[i]) == 0) return i;
    hd_raise(&hd_exc_ValueError, "Unknown timespec value");
    return -1;
}

/* ---- construction ---------------------------------------------------------------------------------------------------------------------- */
hd_value hd_time_new(struct hd_type *t, const struct hd_clock *c)
{
    struct hd_time *o;
    if (STM_LIKELY(t == &hd_time_type)) {
        if (!(o = gc_alloc_small(sizeof *o))) return hd_no_memory();
        o->head.shape = t->root_shape, o->head.aux = 0;
    } else if (!(o = hd_new_immutable_sub(t, sizeof *o))) return HD_ERR;
    o->clock = *c;
    o->clock.hash = 0;
    return hd_obj(o);
}
static hd_value time_checked(struct hd_type *t, int hour, int minute, int second, int microsecond, hd_value tz, int fold)
{
    if (hd_check_clock(hour, minute, second, microsecond, fold) < 0 || hd_check_tzinfo(tz) < 0) return HD_ERR;
    struct hd_clock c = { (uint8_t)hour, (uint8_t)minute, (uint8_t)second, (uint8_t)fold, (uint32_t)microsecond, tz, 0 };
    return hd_time_new(t, &c);
}
static hd_value time_make(hd_value type, const hd_value *args, size_t nargs, hd_value kwnames)
{
    static struct hd_dt_signature sig = { NULL, 6, 0, 5, false,
        { { "hour", 'i', 0 }, { "minute", 'i', 0 }, { "second", 'i', 0 }, { "microsecond", 'i', 0 }, { "tzinfo", 'O', 0 }, { "fold", 'i', 0 } } };
    static const struct hd_dt_statedef state = { "time", 6, 0, 1, 0, 23 };
    uint8_t s[6];
    hd_value v[6];
    int r = nargs == 1 || nargs == 2 ? hd_dt_state(&state, args[0], s) : 0;
    if (r) {
        hd_value tz = nargs == 2 ? args[1] : HD_NONE;
        if (r < 0) return HD_ERR;
        if (tz != HD_NONE && !hd_is_a(tz, &hd_tzinfo_type)) return hd_raise(&hd_exc_TypeError, "bad tzinfo state arg");
        struct hd_clock c = { s[0] & 0x7f, s[1], s[2], s[0] >> 7, (uint32_t)s[3] << 16 | (uint32_t)s[4] << 8 | s[5], tz, 0 };
        return hd_time_new(HD_TYPE(type), &c);
    }
    if (hd_dt_args(&sig, args, nargs, kwnames, v) < 0) return HD_ERR;
    return time_checked(HD_TYPE(type), hd_dt_int(v[0], 0), hd_dt_int(v[1], 0), hd_dt_int(v[2], 0), hd_dt_int(v[3], 0), v[4] == HD_ABSENT ? HD_NONE : v[4], hd_dt_int(v[5], 0));
}
HD_DT_FN(time_fromisoformat)
{
    char small[64];
    struct hd_iso_text t;
    struct hd_iso_zone zone;
    int f[4];
    if (!hd_is_str(args[0])) return hd_raise(&hd_exc_TypeError, "fromisoformat: argument must be str");
    if (hd_iso_text(args[0], small, &t) < 0) return HD_ERR;
    if (t.n && t.p[0] == 'T') t.p++, t.n--;
    if (hd_iso_clock(t, f, &zone) < 0) return hd_iso_invalid(args[0]);
    hd_value tz = hd_iso_tzinfo(&zone);
    if (tz == HD_ERR) return HD_ERR;
    if (self == hd_obj(&hd_time_type)) return time_checked(&hd_time_type, f[0], f[1], f[2], f[3], tz, 0);
    return hd_callv(self, hd_fix(f[0]), hd_fix(f[1]), hd_fix(f[2]), hd_fix(f[3]), tz);
}
HD_DT_FN(time_replace)
{
    static struct hd_dt_signature sig = { "replace", 6, 0, 5, false,
        { { "hour", 'i', 0 }, { "minute", 'i', 0 }, { "second", 'i', 0 }, { "microsecond", 'i', 0 }, { "tzinfo", 'O', 0 }, { "fold", 'i', 0 } } };
    const struct hd_clock *c = hd_clock_of(self);
    hd_value v[6];
    if (hd_dt_args(&sig, args, nargs, kwnames, v) < 0) return HD_ERR;
    if (v[5] != HD_ABSENT && hd_check_clock(0, 0, 0, 0, hd_unfix(v[5])) < 0) return HD_ERR;
    return time_checked(hd_type_of(self), hd_dt_int(v[0], c->hour), hd_dt_int(v[1], c->minute), hd_dt_int(v[2], c->second), hd_dt_int(v[3], (int)c->microsecond),
                        v[4] == HD_ABSENT ? c->tzinfo : v[4], hd_dt_int(v[5], c->fold));
}

/* ---- comparison ------------------------------------------------------------------------------------------------------------------------ */
static hd_value offset_of(hd_value v) { return hd_tz_offset(hd_clock_of(v)->tzinfo, hd_s_utcoffset, HD_NONE); }
static hd_value time_compare(hd_value a, hd_value b, enum hd_cmpop op)
{
    if (!is_time(a) || !is_time(b)) return HD_NOTIMPLEMENTED;
    const struct hd_clock *x = hd_clock_of(a), *y = hd_clock_of(b);
    int64_t p, q;
    hd_value ox = HD_NONE, oy = HD_NONE;
    if (x->tzinfo != y->tzinfo && ((ox = offset_of(a)) == HD_ERR || (oy = offset_of(b)) == HD_ERR)) return HD_ERR;
    if ((ox == HD_NONE) != (oy == HD_NONE)) {
        if (op == HD_EQ || op == HD_NE) return hd_bool(op == HD_NE);
        return hd_raise(&hd_exc_TypeError, "can't compare offset-naive and offset-aware times");
    }
    if (ox == HD_NONE || hd_offset_us(ox) == hd_offset_us(oy)) p = (int64_t)hd_clock_key(x), q = (int64_t)hd_clock_key(y);
    else {
        p = hd_clock_seconds(x) - ((int64_t)hd_delta_days(HD_DELTA(ox)) * HD_DT_DAY + HD_DELTA(ox)->seconds);
        q = hd_clock_seconds(y) - ((int64_t)hd_delta_days(HD_DELTA(oy)) * HD_DT_DAY + HD_DELTA(oy)->seconds);
        if (p == q) p = x->microsecond, q = y->microsecond;
    }
    return hd_bool(op == HD_LT ? p < q : op == HD_LE ? p <= q : op == HD_EQ ? p == q : op == HD_NE ? p != q : op == HD_GT ? p > q : p >= q);
}
static void put_state(const struct hd_clock *c, bool fold, uint8_t s[6])
{
    s[0] = (uint8_t)(c->hour | (fold ? 0x80 : 0)), s[1] = c->minute, s[2] = c->second;
    s[3] = (uint8_t)(c->microsecond >> 16), s[4] = (uint8_t)(c->microsecond >> 8), s[5] = (uint8_t)c->microsecond;
}
static int64_t time_hash(hd_value v)
{
    struct hd_clock *c = hd_clock_of(v);
    int64_t h = (int64_t)stm_load_relaxed(&c->hash);
    if (h) return h;
    hd_value offset = offset_of(v);
    if (offset == HD_ERR) return -1;
    if (offset == HD_NONE) {
        uint8_t s[6];
        put_state(c, false, s);
        h = (int64_t)hd_hash_bytes(s, 6);
    } else {
        hd_value d = hd_delta_new(0, hd_clock_seconds(c), (int64_t)c->microsecond - hd_offset_us(offset));
        h = d == HD_ERR ? -1 : hd_hash(d);
    }
    if (h != -1) stm_store_relaxed(&c->hash, (uint64_t)h);
    return h;
}

/* ---- texts and parts ------------------------------------------------------------------------------------------------------------------- */
static hd_value iso_text(hd_value self, hd_value timespec)
{
    const struct hd_clock *c = hd_clock_of(self);
    char text[64], *p;
    int spec = hd_timespec(timespec, c);
    hd_value offset = spec < 0 ? HD_ERR : offset_of(self);
    if (offset == HD_ERR) return HD_ERR;
    p = hd_put_clock(text, c, spec);
    if (offset != HD_NONE) p = hd_put_offset(p, offset, ":");
    return hd_str_latin1(text, (size_t)(p - text));
}
HD_DT_FN(time_isoformat)
{
    static struct hd_dt_signature sig = { "isoformat", 1, 0, 1, false, { { "timespec", 'U', 0 } } };
    hd_value spec;
    return hd_dt_args(&sig, args, nargs, kwnames, &spec) < 0 ? HD_ERR : iso_text(self, spec);
}
static hd_value time_str(hd_value v) { return hd_type_of(v) == &hd_time_type ? iso_text(v, HD_ABSENT) : hd_call_method(v, hd_s_isoformat, NULL, 0); }
static hd_value time_repr(hd_value v)
{
    const struct hd_clock *c = hd_clock_of(v);
    hd_value s = c->microsecond ? hd_str_format("%T(%d, %d, %d, %d", v, c->hour, c->minute, c->second, (int)c->microsecond) :
        c->second ? hd_str_format("%T(%d, %d, %d", v, c->hour, c->minute, c->second) : hd_str_format("%T(%d, %d", v, c->hour, c->minute);
    if (s != HD_ERR && c->tzinfo != HD_NONE) s = hd_str_format("%U, tzinfo=%R", s, c->tzinfo);
    return s == HD_ERR ? HD_ERR : hd_str_format("%U%s)", s, c->fold ? ", fold=1" : "");
}
HD_DT_FN(time_strftime)
{
    const struct hd_clock *c = hd_clock_of(self);
    hd_value format = hd_dt_strftime_arg(args, nargs, kwnames);
    hd_value v = format == HD_ERR ? HD_ERR : hd_struct_time(hd_date_pack(1900, 1, 1), c, -1);
    return v == HD_ERR ? HD_ERR : hd_strftime(format, v, c, HD_NONE);
}
HD_DT_FN(time_utcoffset) { return offset_of(self); }
HD_DT_FN(time_dst) { return hd_tz_offset(hd_clock_of(self)->tzinfo, hd_s_dst, HD_NONE); }
HD_DT_FN(time_tzname) { return hd_tz_name(hd_clock_of(self)->tzinfo, HD_NONE); }
static hd_value reduced(hd_value self, int protocol)
{
    const struct hd_clock *c = hd_clock_of(self);
    uint8_t s[6];
    put_state(c, c->fold && protocol > 3, s);
    hd_value raw = hd_bytes_new(s, 6), state = c->tzinfo == HD_NONE ? hd_tuplev(raw) : hd_tuplev(raw, c->tzinfo);
    return hd_tuplev(hd_obj(hd_type_of(self)), state);
}
HD_DT_FN(time_reduce) { return reduced(self, 2); }
HD_DT_FN(time_reduce_ex)
{
    static struct hd_dt_signature sig = { "__reduce_ex__", 1, 1, 1, true, { { "protocol", 'i', 0 } } };
    hd_value v;
    return hd_dt_args(&sig, args, nargs, kwnames, &v) < 0 ? HD_ERR : reduced(self, (int)hd_unfix(v));
}
static hd_value time_get_hour(hd_value v, void *c) { return hd_fix(hd_clock_of(v)->hour); }
static hd_value time_get_minute(hd_value v, void *c) { return hd_fix(hd_clock_of(v)->minute); }
static hd_value time_get_second(hd_value v, void *c) { return hd_fix(hd_clock_of(v)->second); }
static hd_value time_get_microsecond(hd_value v, void *c) { return hd_fix(hd_clock_of(v)->microsecond); }
static hd_value time_get_tzinfo(hd_value v, void *c) { return hd_clock_of(v)->tzinfo; }
static hd_value time_get_fold(hd_value v, void *c) { return hd_fix(hd_clock_of(v)->fold); }
const struct hd_getsetdef hd_clock_getsets[] = {
    { "hour", time_get_hour, NULL, NULL, NULL }, { "minute", time_get_minute, NULL, NULL, NULL }, { "second", time_get_second, NULL, NULL, NULL },
    { "microsecond", time_get_microsecond, NULL, NULL, NULL }, { "tzinfo", time_get_tzinfo, NULL, NULL, NULL }, { "fold", time_get_fold, NULL, NULL, NULL }, { 0 }
};
void hd_clock_trace(void *o, struct gc_marker *m) { gc_mark(m, ((struct hd_time *)o)->clock.tzinfo); }

static const struct hd_methoddef time_methods[] = {
    { "isoformat", time_isoformat, 0, -1, HD_METH_KW, "The time as HH:MM:SS.mmmmmm+HH:MM.  With timespec, up to that field:\n"
      "'auto', 'hours', 'minutes', 'seconds', 'milliseconds' or 'microseconds'." },
    { "strftime", time_strftime, 0, -1, HD_METH_KW, "format -> strftime() style string." },
    { "__format__", hd_dt_format, 0, -1, HD_METH_KW, "Formats self with strftime." },
    { "utcoffset", time_utcoffset, 0, 0, 0, "Return self.tzinfo.utcoffset(self)." },
    { "tzname", time_tzname, 0, 0, 0, "Return self.tzinfo.tzname(self)." },
    { "dst", time_dst, 0, 0, 0, "Return self.tzinfo.dst(self)." },
    { "replace", time_replace, 0, -1, HD_METH_KW, "The time with new values for the given fields." },
    { "fromisoformat", time_fromisoformat, 1, 1, HD_METH_CLASS, "str -> time: reads the ISO 8601 forms that time.isoformat() writes, and others." },
    { "__reduce_ex__", time_reduce_ex, 0, -1, HD_METH_KW, "__reduce_ex__(proto) -> (cls, state)" },
    { "__reduce__", time_reduce, 0, 0, 0, "__reduce__() -> (cls, state)" }, { 0 }
};
struct hd_type hd_time_type = {
    .cname = "datetime.time", .basicsize = sizeof(struct hd_time), .flags = HD_TF_BASETYPE | HD_TF_IMMUTABLE_LAYOUT,
    .doc = "time([hour[, minute[, second[, microsecond[, tzinfo]]]]]) --> a time object\n\nThe numbers are ints and 0 when left out; tzinfo is None or an instance of a\ntzinfo subclass.",
    .methods = time_methods, .getsets = hd_clock_getsets,
    .op = { .make = time_make, .repr = time_repr, .str = time_str, .hash = time_hash, .richcompare = time_compare, .trace = hd_clock_trace },
};
int hd_time_start(void)
{
    if (hd_type_ready(&hd_time_type) < 0) return -1;
    const struct { const char *name; hd_value v; } c[] = { { "min", time_checked(&hd_time_type, 0, 0, 0, 0, HD_NONE, 0) },
        { "max", time_checked(&hd_time_type, 23, 59, 59, 999999, HD_NONE, 0) }, { "resolution", hd_delta_new(0, 0, 1) } };
    for (size_t i = 0; i < sizeof c / sizeof *c; i++)
        if (c[i].v == HD_ERR || hd_type_setattr_static(&hd_time_type, c[i].name, c[i].v) == HD_ERR) return -1;
    return 0;
}
