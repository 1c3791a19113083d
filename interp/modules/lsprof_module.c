/* _lsprof: the profiler of cProfile.  It hears of calls and returns of its thread without Python code in between.
 *
 * L1: entries: fixnum of an address (a code object, or the definition of a C function) -> entry; the entry's `what` keeps the
 *     address from being used again.  An entry's `callees` maps the address of an entry to the entry of the pair.
 * L2: `current` is the newest call that has not returned, linked through `outer`.  Returns from calls that began before the
 *     profiler was enabled find none and count nothing.
 * L3: everything that is counted lies in the heap, so that a transaction that runs again counts once.  Times are nanoseconds,
 *     or units of the caller's timer. */
#include <math.h>
#include <time.h>
#include "interp/core/code.h"
#include "interp/core/names.h"
#include "interp/eval/eval.h"
#include "interp/modules/modules.h"

HD_MUTABLE(hd_profiler)
struct hd_profiler { struct hd_mhead head; hd_vslot entries, current, timer; hd_dslot unit; hd_islot enabled, subcalls, builtins; };
HD_MUTABLE_OPEN(hd_profiler, hd_inst_size(o))
#define P(v) ((struct hd_profiler *)hd_ptr(v))

HD_MUTABLE(hd_entry)
struct hd_entry { struct hd_mhead head; hd_value what; hd_vslot callees; hd_islot total, own, calls, recursive, depth; };
HD_MUTABLE_OPEN(hd_entry, sizeof *o)
#define ENTRY(v) ((struct hd_entry *)hd_ptr(v))

/* A call that has not returned. */
HD_MUTABLE(hd_running)
struct hd_running { struct hd_mhead head; hd_value entry, pair /* UNBOUND: not counted */, outer; int64_t start; hd_islot inner; };
HD_MUTABLE_OPEN(hd_running, sizeof *o)
#define RUNNING(v) ((struct hd_running *)hd_ptr(v))

static void trace_profiler(void *o, struct gc_marker *m)
{
    struct hd_profiler *p = o;
    gc_mark(m, HD_RAW(p->entries)), gc_mark(m, HD_RAW(p->current)), gc_mark(m, HD_RAW(p->timer));
}
static void trace_entry(void *o, struct gc_marker *m) { struct hd_entry *e = o; gc_mark(m, e->what), gc_mark(m, HD_RAW(e->callees)); }
static void trace_running(void *o, struct gc_marker *m) { struct hd_running *r = o; gc_mark(m, r->entry), gc_mark(m, r->pair), gc_mark(m, r->outer); }
static struct hd_type entry_type = { .cname = "_lsprof.entry", .basicsize = sizeof(struct hd_entry), .flags = HD_TF_NEVER_INSTANTIATE, .op = { .trace = trace_entry } };
static struct hd_type running_type = { .cname = "_lsprof.running", .basicsize = sizeof(struct hd_running), .flags = HD_TF_NEVER_INSTANTIATE, .op = { .trace = trace_running } };
static struct hd_type *stats_entry, *stats_pair;

/* A timer that fails is reported and counts as standing still. */
static int64_t call_timer(struct hd_profiler *p, hd_value timer)
{
    double unit = HD_GET(p, unit), d;
    int64_t n = 0;
    hd_value pending = hd_exc_take(), v = hd_call0(timer);
    if (v != HD_ERR && unit > 0) (void)!hd_as_i64(v, &n);
    else if (v != HD_ERR && hd_is_int(v)) {
        if (hd_as_i64(v, &n) == 0 && __builtin_mul_overflow(n, INT64_C(1000000000), &n)) hd_raise(&hd_exc_OverflowError, "timestamp too large to convert to C _PyTime_t");
    } else if (v != HD_ERR && !hd_is_float_exact(v) && !hd_has_flag(v, HD_TF_FLOAT)) hd_raise(&hd_exc_TypeError, "'%T' object cannot be interpreted as an integer", v);
    else if (v != HD_ERR && hd_as_double(v, &d) == 0) {
        d = floor(d * 1e9);
        if (d >= -0x1p63 && d < 0x1p63) n = (int64_t)d;
        else hd_raise(isnan(d) ? &hd_exc_ValueError : &hd_exc_OverflowError, isnan(d) ? "Invalid value NaN (not a number)" : "timestamp too large to convert to C _PyTime_t");
    }
    if (hd_exc_pending()) {
        n = 0;
        hd_exc_print_unraisable(NULL, timer);
    }
    hd_exc_put(pending);
    return n;
}
static int64_t now(struct hd_profiler *p)
{
    hd_value timer = HD_GET(p, timer);
    if (timer != HD_NONE) return call_timer(p, timer);
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static hd_value address(const void *p) { return hd_fix((int64_t)((uintptr_t)p >> 1)); }

/* The entry of key in a dict; what: HD_ABSENT if it is the definition of the function that `function` holds. */
static hd_value entry_of(hd_value dict, hd_value key, hd_value what)
{
    hd_value v = hd_dict_get(dict, key);
    if (v != HD_ABSENT) return v;
    struct hd_entry *e = hd_new_mutable(&entry_type, sizeof *e);
    if (!e) return HD_ERR;
    e->what = what;
    HD_INIT(e, callees, HD_UNBOUND);
    return hd_dict_set(dict, key, hd_obj(e)) < 0 ? HD_ERR : hd_obj(e);
}

/* What stands for a C function in statistics: methods of objects are shown as their class has them. */
static hd_value text_of_function(const struct hd_cfunction *f)
{
    if (f->self != HD_ABSENT && !hd_is_shape(f->self, HD_SHAPE_MODULE)) {
        hd_value m = hd_type_lookup(hd_type_of(f->self), hd_intern(f->def->name));
        return m != HD_ABSENT ? hd_repr(m) : hd_str_format("<built-in method %s>", f->def->name);
    }
    hd_value module = f->module;
    if (module == HD_NONE || module == HD_ABSENT || !module) return hd_str_format("<built-in method %s>", f->def->name);
    if (!hd_is_str(module) && (module = hd_getattr(module, hd_s___name__)) == HD_ERR) return HD_ERR;
    return hd_str_format("<built-in method %S.%s>", module, f->def->name);
}

static int begin(struct hd_profiler *p, hd_value key, hd_value what)
{
    hd_value outer = HD_GET(p, current), e = entry_of(HD_GET(p, entries), key, what), pair = HD_UNBOUND;
    if (e == HD_ERR) return -1;
    if (outer != HD_UNBOUND && HD_GET(p, subcalls)) {
        struct hd_entry *caller = ENTRY(RUNNING(outer)->entry);
        hd_value callees = HD_GET(caller, callees);
        if (callees == HD_UNBOUND) {
            if ((callees = hd_dict_new()) == HD_ERR) return -1;
            hd_entry_w w = hd_entry_open(caller);
            HD_PUT(w, callees, callees);
        }
        if ((pair = entry_of(callees, address(hd_ptr(e)), e)) == HD_ERR) return -1;
        hd_entry_w w = hd_entry_open(ENTRY(pair));
        HD_PUT(w, depth, HD_OWN(w, depth) + 1);
    }
    struct hd_running *r = hd_new_mutable(&running_type, sizeof *r);
    if (!r) return -1;
    r->entry = e, r->pair = pair, r->outer = outer;
    hd_entry_w w = hd_entry_open(ENTRY(e));
    HD_PUT(w, depth, HD_OWN(w, depth) + 1);
    hd_profiler_w pw = hd_profiler_open(p);
    HD_PUT(pw, current, hd_obj(r));
    r->start = now(p);
    return 0;
}

/* Times of recursive calls are part of the outermost one's. */
static void add(hd_value v, int64_t total, int64_t own)
{
    hd_entry_w w = hd_entry_open(ENTRY(v));
    HD_PUT(w, depth, HD_OWN(w, depth) - 1);
    if (HD_OWN(w, depth) == 0) HD_PUT(w, total, HD_OWN(w, total) + total);
    else HD_PUT(w, recursive, HD_OWN(w, recursive) + 1);
    HD_PUT(w, own, HD_OWN(w, own) + own);
    HD_PUT(w, calls, HD_OWN(w, calls) + 1);
}
static void end(struct hd_profiler *p)
{
    hd_value v = HD_GET(p, current);
    if (v == HD_UNBOUND) return;
    struct hd_running *r = RUNNING(v);
    int64_t total = now(p) - r->start, own = total - HD_GET(r, inner);
    if (r->outer != HD_UNBOUND) {
        hd_running_w w = hd_running_open(RUNNING(r->outer));
        HD_PUT(w, inner, HD_OWN(w, inner) + total);
    }
    hd_profiler_w w = hd_profiler_open(p);
    HD_PUT(w, current, r->outer);
    add(r->entry, total, own);
    if (r->pair != HD_UNBOUND) add(r->pair, total, own);
}

static int observe(hd_value self, enum hd_profile_event event, hd_value what)
{
    struct hd_profiler *p = P(self);
    switch (event) {
    case HD_PROFILE_CALL: return begin(p, address(hd_ptr(what)), what);
    case HD_PROFILE_RETURN: end(p); return 0;
    case HD_PROFILE_C_CALL: break;
    default: if (HD_GET(p, builtins)) end(p); return 0;
    }
    if (!HD_GET(p, builtins)) return 0;
    const struct hd_cfunction *f = hd_ptr(what);
    hd_value key = address(f->def), text = hd_dict_get(HD_GET(p, entries), key);
    if (text == HD_ERR) return -1;
    if (text == HD_ABSENT) text = text_of_function(f);       /* else it is not looked at */
    return text == HD_ERR ? -1 : begin(p, key, text);
}

#define FN(name) static hd_value name(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
static int flag_arg(hd_value v, int64_t *out)
{
    int t = v == HD_ABSENT ? 1 : hd_truth(v);
    if (t < 0) return -1;
    *out = t;
    return 0;
}
FN(enable)
{
    hd_value a[2];
    int64_t subcalls, builtins;
    if (hd_args("enable", "|subcalls,builtins", args, nargs, kwnames, a) < 0 || flag_arg(a[0], &subcalls) < 0 || flag_arg(a[1], &builtins) < 0) return HD_ERR;
    hd_profiler_w w = hd_profiler_open(P(self));
    if (a[0] != HD_ABSENT) HD_PUT(w, subcalls, subcalls);
    if (a[1] != HD_ABSENT) HD_PUT(w, builtins, builtins);
    HD_PUT(w, enabled, 1);
    hd_observe_calls(self, observe);
    return HD_NONE;
}
FN(disable)
{
    struct hd_profiler *p = P(self);
    hd_setprofile(HD_UNBOUND);
    while (HD_GET(p, current) != HD_UNBOUND) end(p);
    hd_profiler_w w = hd_profiler_open(p);
    HD_PUT(w, enabled, 0);
    return HD_NONE;
}
FN(clear)
{
    hd_value d = hd_dict_new();
    if (d == HD_ERR) return HD_ERR;
    hd_profiler_w w = hd_profiler_open(P(self));
    HD_PUT(w, entries, d);
    HD_PUT(w, current, HD_UNBOUND);
    return HD_NONE;
}

static hd_value stats_of_pair(struct hd_entry *e, double unit)
{
    hd_value v[] = { ENTRY(e->what)->what, hd_int(HD_GET(e, calls)), hd_int(HD_GET(e, recursive)), hd_float(unit * (double)HD_GET(e, total)), hd_float(unit * (double)HD_GET(e, own)) };
    return hd_structseq_new(stats_pair, v);
}
static hd_value stats_of(struct hd_entry *e, double unit)
{
    hd_value callees = HD_GET(e, callees), list = HD_NONE, k, c;
    if (callees != HD_UNBOUND) {
        struct hd_dict_iter it = { 0 };
        int r;
        if ((list = hd_list_new(0)) == HD_ERR) return HD_ERR;
        while ((r = hd_dict_next(callees, &it, &k, &c)) > 0) {
            hd_value s = stats_of_pair(ENTRY(c), unit);
            if (s == HD_ERR || hd_list_append(list, s) < 0) return HD_ERR;
        }
        if (r < 0) return HD_ERR;
    }
    hd_value v[] = { e->what, hd_int(HD_GET(e, calls)), hd_int(HD_GET(e, recursive)), hd_float(unit * (double)HD_GET(e, total)), hd_float(unit * (double)HD_GET(e, own)), list };
    return hd_structseq_new(stats_entry, v);
}
FN(getstats)
{
    struct hd_profiler *p = P(self);
    double unit = HD_GET(p, timer) == HD_NONE || HD_GET(p, unit) == 0 ? 1e-9 : HD_GET(p, unit);
    hd_value list = hd_list_new(0), items = hd_dict_values_list(HD_GET(p, entries));
    if (list == HD_ERR || items == HD_ERR) return HD_ERR;
    for (int64_t i = 0, n = hd_list_len(items); i < n; i++) {
        struct hd_entry *e = ENTRY(hd_list_get(items, i));
        if (HD_GET(e, calls) == 0) continue;
        hd_value s = stats_of(e, unit);
        if (s == HD_ERR || hd_list_append(list, s) < 0) return HD_ERR;
    }
    return list;
}

static hd_value make(hd_value type, const hd_value *args, size_t nargs, hd_value kwnames)
{
    hd_value v = hd_alloc_instance(HD_TYPE(type), 0), d = v == HD_ERR ? HD_ERR : hd_dict_new();
    if (d == HD_ERR) return HD_ERR;
    HD_INIT(P(v), entries, d);
    HD_INIT(P(v), current, HD_UNBOUND);
    HD_INIT(P(v), timer, HD_NONE);
    return v;
}
static int init(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
{
    hd_value a[4];
    double unit = 0;
    int64_t subcalls, builtins;
    if (hd_args("Profiler", "|timer,timeunit,subcalls,builtins", args, nargs, kwnames, a) < 0 || (a[1] != HD_ABSENT && hd_as_double(a[1], &unit) < 0)
        || flag_arg(a[2], &subcalls) < 0 || flag_arg(a[3], &builtins) < 0) return -1;
    hd_profiler_w w = hd_profiler_open(P(self));
    HD_PUT(w, timer, a[0] == HD_ABSENT ? HD_NONE : a[0]);
    HD_PUT(w, unit, unit);
    HD_PUT(w, subcalls, subcalls);
    HD_PUT(w, builtins, builtins);
    return 0;
}
static const struct hd_methoddef profiler_methods[] = {
    { "getstats", getstats, 0, 0, 0, "getstats($self, /)\n--\n\nA list of profiler_entry objects, one for each function that was called." },
    { "enable", enable, 0, -1, HD_METH_KW, "enable($self, /, subcalls=True, builtins=True)\n--\n\nStarts collecting calls of this thread.\n\n  subcalls\n    Whether callers are told apart.\n  builtins\n    Whether functions written in C are counted on their own." },
    { "disable", disable, 0, 0, 0, "disable($self, /)\n--\n\nStops collecting." },
    { "clear", clear, 0, 0, 0, "clear($self, /)\n--\n\nForgets what was collected so far." }, { 0 }
};
static struct hd_type profiler_type = { .cname = "_lsprof.Profiler", .basicsize = sizeof(struct hd_profiler), .flags = HD_TF_BASETYPE,
    .doc = "Profiler(timer=None, timeunit=None, subcalls=True, builtins=True)\n\nCounts calls and measures their times.  A timer of your own may return\nintegers; timeunit says how many seconds one is worth.",
    .methods = profiler_methods, .op = { .make = make, .init = init, .trace = trace_profiler } };

static const struct hd_methoddef methods[] = { { 0 } };
static int fill(hd_value m)
{
    static const char *const fields[] = { "code", "callcount", "reccallcount", "totaltime", "inlinetime", "calls" };
    static const struct hd_structseq_def whole = { "_lsprof.profiler_entry", NULL, fields, 6, 6 }, pair = { "_lsprof.profiler_subentry", NULL, fields, 5, 5 };
    if (hd_type_ready(&entry_type) < 0 || hd_type_ready(&running_type) < 0 || hd_add_type(m, &profiler_type) < 0) return -1;
    if (!(stats_entry = hd_structseq_type(&whole)) || !(stats_pair = hd_structseq_type(&pair))) return -1;
    return hd_module_add(m, "profiler_entry", hd_obj(stats_entry)) < 0 || hd_module_add(m, "profiler_subentry", hd_obj(stats_pair)) < 0 ? -1 : 0;
}
const struct hd_moduledef hd_module_lsprof = { "_lsprof", "Fast profiler", methods, fill };
