/* The module _zoneinfo: ZoneInfo.
 *
 * A zone is a table of transitions and, for the time after the last one, a rule.  Both are plain memory inside a bytes object;
 * the offsets and names that they speak of are triples (utcoffset, dst, tzname) in one tuple.
 *
 * Z1: nothing of a zone changes after it is made.
 * Z2: every number of a triple in the table is in range.
 * Z3: the caches are Python objects: a WeakValueDictionary (subclasses have their own as _weak_cache) and, for ZoneInfo itself,
 *     a dict that keeps the latest few zones alive.  Its order changes only while it is full, so that threads that use few zones
 *     do not collide in it. */
#include "interp/modules/datetime_internal.h"
#include "interp/modules/zoneinfo_internal.h"
#include "interp/types/bytes.h"

enum { STRONG_CACHE_SIZE = 8 };
enum source { FROM_CACHE, NOT_CACHED, FROM_FILE };
struct table {
    int64_t n;                        /* transitions */
    bool fixed;                       /* one triple for all times */
    int32_t before;                   /* triple before the first transition, -1: none */
    int32_t after;                    /* triple after the last one, if there is no rule */
    int32_t std, dst;                 /* triples of the rule */
    struct hd_tz_rule rule;           /* used if has_dst */
    int64_t at[];                     /* n instants of UTC; n times on the local clock for fold 0, n for fold 1; then n numbers of triples */
};
struct zone { struct hd_mhead head; hd_value key /* or None */, file_repr /* or 0 */, table /* bytes */, triples; enum source source; };
#define ZONE(v) ((struct zone *)hd_ptr(v))
static struct hd_type zone_type;
static hd_value weak_cache, strong_cache, common_module, path_module, io_open;

static const struct table *table_of(hd_value zone) { return (const void *)HD_BYTES(ZONE(zone)->table)->data; }
_Static_assert(offsetof(struct hd_bytes, data) % 8 == 0, "the table is aligned");
static const uint8_t *numbers_of(const struct table *t) { return (const uint8_t *)(t->at + 3 * t->n); }
enum part { UTCOFFSET, DST, TZNAME };
static hd_value triple(hd_value zone, int i, enum part part) { return HD_TUPLE(ZONE(zone)->triples)->item[3 * i + (int)part]; }
static int64_t offset_seconds(hd_value zone, int i)
{
    const struct hd_delta *d = HD_DELTA(triple(zone, i, UTCOFFSET));
    return (int64_t)hd_delta_days(d) * HD_DT_DAY + d->seconds;
}
/* How many of at[0..n) are at most t. */
static int64_t passed(const int64_t *at, int64_t n, int64_t t)
{
    int64_t lo = 0, hi = n;
    while (lo < hi) {
        int64_t mid = (lo + hi) / 2;
        if (at[mid] <= t) lo = mid + 1;
        else hi = mid;
    }
    return lo;
}

/* ---- reading of files ------------------------------------------------------------------------------------------------------------------- */
struct raw { hd_value numbers, instants, offsets, is_dst, names, rule; int64_t n, kinds; };
static int raw_read(hd_value file, struct raw *r)
{
    hd_value load = hd_getattr_c(common_module, "load_data"), v = load == HD_ERR ? HD_ERR : hd_callv(load, file);
    if (v == HD_ERR) return -1;
    if (!hd_is_tuple(v) || HD_TUPLE(v)->len != 6) { hd_raise(&hd_exc_TypeError, "invalid data result type: %R", v); return -1; }
    hd_value *part[] = { &r->numbers, &r->instants, &r->offsets, &r->is_dst, &r->names };
    for (int i = 0; i < 5; i++) if ((*part[i] = hd_tuple_of(HD_TUPLE(v)->item[i])) == HD_ERR) return -1;
    r->rule = HD_TUPLE(v)->item[5];
    r->n = HD_TUPLE(r->instants)->len, r->kinds = HD_TUPLE(r->offsets)->len;
    if (HD_TUPLE(r->numbers)->len != r->n || HD_TUPLE(r->is_dst)->len != r->kinds || HD_TUPLE(r->names)->len != r->kinds || r->kinds > 256) {
        hd_raise(&hd_exc_ValueError, "inconsistent time zone data");
        return -1;
    }
    return 0;
}
static int item_i64(hd_value tuple, int64_t i, int64_t *out) { return hd_as_i64(HD_TUPLE(tuple)->item[i], out); }

/* The files say which kinds of time are DST, not by how much: that is the difference from the standard time before or after it. */
static void infer_dst(const struct table *t, const int64_t *offsets, const int64_t *is_dst, int64_t kinds, int64_t *dst)
{
    const uint8_t *number = numbers_of(t);
    int64_t wanted = 0, found = 0;
    memset(dst, 0, (size_t)kinds * sizeof *dst);
    for (int64_t k = 0; k < kinds; k++) wanted += is_dst[k] != 0;
    for (int64_t i = 1; i < t->n && found < wanted; i++) {
        int kind = number[i], other = number[i - 1];
        if (!is_dst[kind] || dst[kind]) continue;
        int64_t gain = is_dst[other] ? 0 : offsets[kind] - offsets[other];
        if (!gain && i + 1 < t->n) {
            other = number[i + 1];
            if (is_dst[other]) continue;
            gain = offsets[kind] - offsets[other];
        }
        if (gain) dst[kind] = gain, found++;
    }
    for (int64_t k = 0; k < kinds; k++) if (is_dst[k] && !dst[k]) dst[k] = 3600;
}
/* When the local clock shows a transition: fold 0 stays with the old offset as long as possible, fold 1 as short. */
static void fill_local(struct table *t, const int64_t *offsets, int64_t kinds)
{
    const uint8_t *number = numbers_of(t);
    for (int64_t i = 0; i < t->n; i++) {
        int64_t old = offsets[i ? number[i - 1] : 0], new = i || kinds > 1 ? offsets[number[i]] : old;
        t->at[t->n + i] = t->at[i] + (old > new ? old : new);
        t->at[2 * t->n + i] = t->at[i] + (old > new ? new : old);
    }
}
static int put_triple(hd_value triples, int64_t i, int64_t offset, int64_t dst, hd_value name)
{
    hd_value *p = HD_TUPLE(triples)->item + 3 * i, o = hd_delta_new(0, offset, 0), d = hd_delta_new(0, dst, 0);
    if (o == HD_ERR || d == HD_ERR || name == HD_ERR) return -1;
    p[UTCOFFSET] = o, p[DST] = d, p[TZNAME] = name;
    return 0;
}
/* Nothing may run Python between the making of an object and its last store. */
static hd_value zone_load(hd_value type, hd_value key, enum source source, hd_value file, hd_value file_repr)
{
    struct raw r;
    struct hd_tz_rule rule = { .has_dst = false };
    int64_t offsets[256], is_dst[256], dst[256], number;
    if (raw_read(file, &r) < 0) return HD_ERR;
    bool has_rule = r.rule != HD_NONE && hd_is_bytes(r.rule) && HD_BYTES(r.rule)->len;
    if (has_rule) {
        const char *text = (const char *)HD_BYTES(r.rule)->data, *wrong = hd_tz_rule_parse(text, &rule);
        if (!wrong && strlen(text) != (size_t)HD_BYTES(r.rule)->len) wrong = "Extraneous characters at end of TZ string:";
        if (wrong) return hd_raise(&hd_exc_ValueError, "%s %R", wrong, r.rule);
    } else if (!r.kinds) return hd_raise(&hd_exc_ValueError, "No time zone information found.");
    hd_value memory = hd_bytes_new(NULL, sizeof(struct table) + (size_t)r.n * (3 * sizeof(int64_t) + 1));
    if (memory == HD_ERR) return HD_ERR;
    struct table *t = (void *)HD_BYTES(memory)->data;
    memset(t, 0, sizeof *t);
    t->n = r.n, t->rule = rule;
    for (int64_t k = 0; k < r.kinds; k++) {
        if (item_i64(r.offsets, k, &offsets[k]) < 0 || item_i64(r.is_dst, k, &is_dst[k]) < 0) return HD_ERR;
        if (offsets[k] <= -HD_DT_DAY || offsets[k] >= HD_DT_DAY) return hd_raise(&hd_exc_ValueError, "offset out of range in time zone data: %lld", (long long)offsets[k]);
    }
    for (int64_t i = 0; i < r.n; i++) {
        if (item_i64(r.instants, i, &t->at[i]) < 0 || item_i64(r.numbers, i, &number) < 0) return HD_ERR;
        if (number < 0 || number >= r.kinds) return hd_raise(&hd_exc_ValueError, "Invalid transition index found while reading TZif: %lld", (long long)number);
        ((uint8_t *)(t->at + 3 * t->n))[i] = (uint8_t)number;
    }
    infer_dst(t, offsets, is_dst, r.kinds, dst);
    fill_local(t, offsets, r.kinds);

    hd_value triples = hd_tuple_new((size_t)(r.kinds + 2) * 3);
    if (triples == HD_ERR) return HD_ERR;
    for (int64_t i = 0; i < HD_TUPLE(triples)->len; i++) HD_TUPLE(triples)->item[i] = HD_NONE;
    for (int64_t k = 0; k < r.kinds; k++) if (put_triple(triples, k, offsets[k], dst[k], HD_TUPLE(r.names)->item[k]) < 0) return HD_ERR;

    t->before = t->n ? numbers_of(t)[0] : -1;
    for (int64_t k = r.kinds; k-- > 0;) if (!is_dst[k]) t->before = (int32_t)k;
    t->after = t->n ? numbers_of(t)[t->n - 1] : (int32_t)r.kinds - 1;
    bool like_first = true;
    if (has_rule) {
        t->std = t->after = (int32_t)r.kinds, t->dst = t->std + 1;
        if (put_triple(triples, t->std, rule.std_offset, 0, hd_str_utf8_n(rule.std.p, rule.std.n)) < 0) return HD_ERR;
        if (rule.has_dst && put_triple(triples, t->dst, rule.dst_offset, rule.dst_offset - rule.std_offset, hd_str_utf8_n(rule.dst.p, rule.dst.n)) < 0) return HD_ERR;
        for (int p = 0; p < 3 && r.kinds; p++) {
            int same = hd_equal(HD_TUPLE(triples)->item[p], HD_TUPLE(triples)->item[3 * t->std + p]);
            if (same < 0) return HD_ERR;
            like_first &= same;
        }
    }
    t->fixed = r.kinds <= 1 && !rule.has_dst && like_first;
    t->rule.std.p = t->rule.dst.p = NULL;
    hd_value v = hd_alloc_instance(HD_TYPE(type), 0);
    if (v == HD_ERR) return HD_ERR;
    struct zone *z = ZONE(v);
    z->key = key, z->source = source, z->file_repr = file_repr, z->table = memory, z->triples = triples;
    return v;
}
static hd_value zone_new(hd_value type, hd_value key, enum source source)
{
    hd_value find = hd_getattr_c(path_module, "find_tzfile"), path = find == HD_ERR ? HD_ERR : hd_callv(find, key), file;
    if (path == HD_ERR) return HD_ERR;
    if (path == HD_NONE) {
        hd_value load = hd_getattr_c(common_module, "load_tzdata");
        file = load == HD_ERR ? HD_ERR : hd_callv(load, key);
    } else file = hd_callv(io_open, path, hd_str_utf8("rb"));
    hd_value v = file == HD_ERR ? HD_ERR : zone_load(type, key, source, file, 0);
    if (file == HD_ERR) return HD_ERR;
    hd_value e = v == HD_ERR ? hd_exc_take() : HD_UNBOUND, closed = hd_call_method(file, hd_s_close, NULL, 0);
    if (v != HD_ERR) return closed == HD_ERR ? HD_ERR : v;
    hd_exc_put(e);
    return HD_ERR;
}

/* ---- caches ----------------------------------------------------------------------------------------------------------------------------- */
static hd_value weak_cache_of(hd_value type)
{
    if (type == hd_obj(&zone_type)) return weak_cache;
    hd_value v = hd_getattr_c(type, "_weak_cache");
    if (v == HD_NONE) return hd_raise(&hd_exc_RuntimeError, "%R._weak_cache is None", type);
    return v;
}
/* Keeps the zone alive while it is among those that were asked for last. */
static int remember(hd_value key, hd_value zone, bool known)
{
    if (known && hd_dict_len(strong_cache) < STRONG_CACHE_SIZE) return 0;
    if (hd_dict_del(strong_cache, key) < 0 || hd_dict_set(strong_cache, key, zone) < 0) return -1;
    if (hd_dict_len(strong_cache) <= STRONG_CACHE_SIZE) return 0;
    struct hd_dict_iter it = { 0 };
    hd_value first, v;
    return hd_dict_next(strong_cache, &it, &first, &v) < 0 || hd_dict_del(strong_cache, first) < 0 ? -1 : 0;
}
static struct hd_dt_signature key_signature = { NULL, 1, 1, 1, false, { { "key", 'O', 0 } } };
static hd_value zone_of_key(hd_value type, hd_value key)
{
    bool base = type == hd_obj(&zone_type);
    if (base) {
        hd_value v = hd_dict_get(strong_cache, key);
        if (v != HD_ABSENT) return v == HD_ERR || remember(key, v, true) < 0 ? HD_ERR : v;
    }
    hd_value cache = weak_cache_of(type), v = cache == HD_ERR ? HD_ERR : hd_methodv(cache, hd_s_get, key, HD_NONE);
    if (v == HD_ERR) return HD_ERR;
    if (v == HD_NONE) {
        if ((v = zone_new(type, key, FROM_CACHE)) == HD_ERR || (v = hd_methodv(cache, hd_s_setdefault, key, v)) == HD_ERR) return HD_ERR;
    }
    return base && remember(key, v, false) < 0 ? HD_ERR : v;
}
static hd_value zone_make(hd_value type, const hd_value *args, size_t nargs, hd_value kwnames)
{
    hd_value key;
    return hd_dt_args(&key_signature, args, nargs, kwnames, &key) < 0 ? HD_ERR : zone_of_key(type, key);
}
HD_DT_FN(zone_no_cache)
{
    hd_value key;
    return hd_dt_args(&key_signature, args, nargs, kwnames, &key) < 0 ? HD_ERR : zone_new(self, key, NOT_CACHED);
}
HD_DT_FN(zone_from_file)
{
    hd_value a[2];
    if (nargs < 1) return hd_raise(&hd_exc_TypeError, "function takes at least 1 positional argument (0 given)");
    static struct hd_dt_signature sig = { NULL, 2, 1, 2, false, { { "", 'O', 0 }, { "key", 'O', 0 } } };
    if (hd_dt_args(&sig, args, nargs, kwnames, a) < 0) return HD_ERR;
    hd_value text = hd_repr(a[0]);
    return text == HD_ERR ? HD_ERR : zone_load(self, a[1] == HD_ABSENT ? HD_NONE : a[1], FROM_FILE, a[0], text);
}
HD_DT_FN(zone_clear_cache)
{
    static struct hd_dt_signature sig = { NULL, 1, 0, 0, false, { { "only_keys", 'O', 0 } } };
    hd_value keys, cache, it, key;
    if (nargs) return hd_raise(&hd_exc_TypeError, "function takes no positional arguments");
    if (hd_dt_args(&sig, args, nargs, kwnames, &keys) < 0 || (cache = weak_cache_of(self)) == HD_ERR) return HD_ERR;
    bool base = self == hd_obj(&zone_type);
    if (keys == HD_ABSENT || keys == HD_NONE) {
        if (hd_call_method(cache, hd_s_clear, NULL, 0) == HD_ERR || (base && hd_dict_clear(strong_cache) < 0)) return HD_ERR;
        return HD_NONE;
    }
    if ((it = hd_iter(keys)) == HD_ERR) return HD_ERR;
    while ((key = hd_next(it)) != HD_STOP)
        if (key == HD_ERR || (base && hd_dict_del(strong_cache, key) < 0) || hd_methodv(cache, hd_s_pop, key, HD_NONE) == HD_ERR) return HD_ERR;
    return HD_NONE;
}
HD_DT_FN(zone_init_subclass)
{
    hd_value make = hd_import_attr("weakref", "WeakValueDictionary"), cache = make == HD_ERR ? HD_ERR : hd_call0(make);
    return cache == HD_ERR || hd_setattr(self, hd_intern("_weak_cache"), cache) < 0 ? HD_ERR : HD_NONE;
}

/* ---- times ------------------------------------------------------------------------------------------------------------------------------ */
/* What a clock shows: seconds from 1970, year and fold.  Anything with the attributes of a datetime will do. */
static int shown_by(hd_value dt, int64_t *seconds, int *year, int *fold)
{
    if (hd_is_a(dt, &hd_datetime_type)) {
        const struct hd_clock *c = hd_clock_of(dt);
        *seconds = (hd_date_ordinal(dt) - HD_DT_EPOCH) * HD_DT_DAY + hd_clock_seconds(c), *year = hd_date_year(dt), *fold = c->fold;
        return 0;
    }
    static const char *const names[] = { "hour", "minute", "second", "fold", "year" };
    hd_value v = hd_getattr_c(dt, "toordinal");
    int64_t ordinal, f[5];
    if (v == HD_ERR || (v = hd_call0(v)) == HD_ERR || hd_as_i64(v, &ordinal) < 0) return -1;
    for (int i = 0; i < 5; i++) if ((v = hd_getattr_c(dt, names[i])) == HD_ERR || hd_as_i64(v, &f[i]) < 0) return -1;
    if (ordinal < 1 || ordinal > HD_DT_MAXORDINAL || f[4] < HD_DT_MINYEAR || f[4] > HD_DT_MAXYEAR || hd_check_clock(f[0], f[1], f[2], 0, f[3]) < 0) {
        if (!hd_exc_pending()) hd_raise(&hd_exc_ValueError, "year %lld is out of range", (long long)f[4]);
        return -1;
    }
    *seconds = (ordinal - HD_DT_EPOCH) * HD_DT_DAY + f[0] * 3600 + f[1] * 60 + f[2], *year = (int)f[4], *fold = (int)f[3];
    return 0;
}
static hd_value part_at(hd_value self, hd_value dt, enum part part)
{
    const struct table *t = table_of(self);
    int64_t shown;
    int year, fold;
    if (dt == HD_NONE) return t->fixed ? triple(self, t->after, part) : HD_NONE;
    if (shown_by(dt, &shown, &year, &fold) < 0) return HD_ERR;
    const int64_t *local = t->at + (1 + fold) * t->n;
    int i;
    if (t->n && shown < local[0]) i = t->before;
    else if (!t->n || shown > local[t->n - 1]) i = !t->rule.has_dst ? t->after : hd_tz_rule_local(&t->rule, shown, year, fold) ? t->dst : t->std;
    else i = numbers_of(t)[passed(local, t->n, shown) - 1];
    return triple(self, i, part);
}
HD_DT_FN(zone_utcoffset) { return part_at(self, args[0], UTCOFFSET); }
HD_DT_FN(zone_dst) { return part_at(self, args[0], DST); }
HD_DT_FN(zone_tzname) { return part_at(self, args[0], TZNAME); }
/* A time is a second one if the offset became smaller, and not longer ago than by how much. */
static bool set_back(hd_value self, int old, int new, int64_t ago) { return old >= 0 && offset_seconds(self, old) - offset_seconds(self, new) > ago; }
HD_DT_FN(zone_fromutc)
{
    const struct table *t = table_of(self);
    hd_value dt = args[0];
    int64_t instant;
    int year, unused, i;
    bool fold = false;
    if (!hd_is_a(dt, &hd_datetime_type)) return hd_raise(&hd_exc_TypeError, "fromutc: argument must be a datetime");
    if (hd_clock_of(dt)->tzinfo != self) return hd_raise(&hd_exc_ValueError, "fromutc: dt.tzinfo is not self");
    if (shown_by(dt, &instant, &year, &unused) < 0) return HD_ERR;
    const uint8_t *number = numbers_of(t);
    if (t->n && instant < t->at[0]) i = t->before;
    else if (!t->n || instant > t->at[t->n - 1]) {
        i = !t->rule.has_dst ? t->after : hd_tz_rule_utc(&t->rule, instant, year, &fold) ? t->dst : t->std;
        if (t->n && set_back(self, t->n > 1 ? number[t->n - 2] : t->before, i, instant - t->at[t->n - 1])) fold = true;
    } else {
        int64_t k = passed(t->at, t->n, instant);
        i = number[k - 1];
        fold = set_back(self, k > 1 ? number[k - 2] : t->before, i, instant - t->at[k - 1]);
    }
    hd_value v = hd_datetime_add(dt, HD_DELTA(triple(self, i, UTCOFFSET)), 1);
    if (v == HD_ERR || !fold) return v;
    if (hd_type_of(v) == &hd_datetime_type) {
        struct hd_clock c = *hd_clock_of(v);
        c.fold = 1;
        return hd_datetime_new(&hd_datetime_type, HD_DATETIME(v)->head.aux, &c);
    }
    hd_value replace = hd_getattr(v, hd_s_replace), one = hd_fix(1), names = hd_tuplev(hd_intern("fold"));
    return replace == HD_ERR || names == HD_ERR ? HD_ERR : hd_call(replace, &one, 0, names);
}

/* ---- texts and pickles ------------------------------------------------------------------------------------------------------------------ */
static hd_value zone_repr(hd_value v)
{
    const struct zone *z = ZONE(v);
    return z->key != HD_NONE ? hd_str_format("%T(key=%R)", v, z->key) : hd_str_format("%T.from_file(%U)", v, z->file_repr);
}
static hd_value zone_str(hd_value v) { return ZONE(v)->key != HD_NONE ? hd_str_of(ZONE(v)->key) : hd_repr(v); }
HD_DT_FN(zone_reduce)
{
    const struct zone *z = ZONE(self);
    if (z->source == FROM_FILE) {
        hd_value error = hd_import_attr("pickle", "PicklingError"), text = hd_str_utf8("Cannot pickle a ZoneInfo file from a file stream.");
        if (error == HD_ERR || text == HD_ERR) return HD_ERR;
        hd_value e = hd_callv(error, text);
        return e == HD_ERR ? HD_ERR : hd_raise_object(e);
    }
    hd_value make = hd_getattr_c(hd_obj(hd_type_of(self)), "_unpickle"), state = hd_tuplev(z->key, hd_fix(z->source == FROM_CACHE));
    return hd_tuplev(make, state);
}
HD_DT_FN(zone_unpickle)
{
    static struct hd_dt_signature sig = { "function", 2, 2, 2, false, { { "key", 'O', 0 }, { "from_cache", 'i', 0 } } };
    hd_value a[2];
    if (kwnames && HD_TUPLE(kwnames)->len) return hd_no_kwargs("ZoneInfo._unpickle", kwnames) < 0 ? HD_ERR : HD_NONE;
    if (nargs != 2) return hd_raise(&hd_exc_TypeError, "function takes exactly 2 arguments (%zu given)", nargs);
    if (hd_dt_args(&sig, args, nargs, 0, a) < 0) return HD_ERR;
    return a[1] == hd_fix(0) ? zone_new(self, a[0], NOT_CACHED) : hd_callv(self, a[0]);
}
static void zone_trace(void *o, struct gc_marker *m)
{
    struct zone *z = o;
    gc_mark(m, z->key), gc_mark(m, z->table), gc_mark(m, z->triples);
    if (z->file_repr) gc_mark(m, z->file_repr);
}
static const struct hd_memberdef zone_members[] = { { "key", offsetof(struct zone, key), HD_MEMBER_CONST | HD_MEMBER_READONLY, NULL }, { 0 } };
static const struct hd_methoddef zone_methods[] = {
    { "clear_cache", zone_clear_cache, 0, -1, HD_METH_CLASS | HD_METH_KW, "Clear the ZoneInfo cache." },
    { "no_cache", zone_no_cache, 0, -1, HD_METH_CLASS | HD_METH_KW, "Get a new instance of ZoneInfo, bypassing the cache." },
    { "from_file", zone_from_file, 0, -1, HD_METH_CLASS | HD_METH_KW, "Create a ZoneInfo file from a file object." },
    { "utcoffset", zone_utcoffset, 1, 1, 0, "The offset from UTC, a timedelta, at the given datetime." },
    { "dst", zone_dst, 1, 1, 0, "How much of the offset is daylight saving time, a timedelta, at the given datetime." },
    { "tzname", zone_tzname, 1, 1, 0, "The abbreviation that the zone uses at the given datetime." },
    { "fromutc", zone_fromutc, 1, 1, 0, "The local time of a datetime that shows UTC." },
    { "__reduce__", zone_reduce, 0, 0, 0, "Function for serialization with the pickle protocol." },
    { "_unpickle", zone_unpickle, 0, -1, HD_METH_CLASS | HD_METH_KW, "Private method used in unpickling." },
    { "__init_subclass__", zone_init_subclass, 0, -1, HD_METH_CLASS | HD_METH_KW, "Function to initialize subclasses." }, { 0 }
};
static struct hd_type zone_type = {
    .cname = "zoneinfo.ZoneInfo", .base = &hd_tzinfo_type, .basicsize = sizeof(struct zone), .flags = HD_TF_BASETYPE | HD_TF_HAS_WEAKREFS,
    .methods = zone_methods, .members = zone_members, .op = { .make = zone_make, .repr = zone_repr, .str = zone_str, .trace = zone_trace },
};
static int fill(hd_value m)
{
    if (hd_import("_datetime") == HD_ERR || hd_add_type(m, &zone_type) < 0) return -1;
    hd_root(&weak_cache), hd_root(&strong_cache), hd_root(&common_module), hd_root(&path_module), hd_root(&io_open);
    hd_value make = hd_import_attr("weakref", "WeakValueDictionary");
    if (make == HD_ERR || (weak_cache = hd_call0(make)) == HD_ERR || (strong_cache = hd_dict_new()) == HD_ERR) return -1;
    if ((common_module = hd_import("zoneinfo._common")) == HD_ERR || (path_module = hd_import("zoneinfo._tzpath")) == HD_ERR) return -1;
    return (io_open = hd_import_attr("io", "open")) == HD_ERR ? -1 : 0;
}
const struct hd_moduledef hd_module_zoneinfo = { "_zoneinfo", "C implementation of the zoneinfo module", NULL, fill };
