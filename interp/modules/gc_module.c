/* The gc and atexit modules. */
#include <stdio.h>
#include <time.h>
#include "interp/core/settings.h"
#include "interp/core/shape.h"
#include "interp/core/names.h"
#include "interp/eval/collect.h"
#include "interp/eval/eval_internal.h"
#include "interp/modules/modules.h"

#define FN(name) static hd_value gc_##name##_py(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)

/* ---- gc ------------------------------------------------------------------------------------------------------------------------ */
/* Collections need no help from programs: enabling and thresholds are only kept for who reads them back.  The debug flags
 * matter to collect(). */
enum { DEBUG_STATS = 1, DEBUG_COLLECTABLE = 2, DEBUG_UNCOLLECTABLE = 4, DEBUG_SAVEALL = 32, DEBUG_LEAK = DEBUG_COLLECTABLE | DEBUG_UNCOLLECTABLE | DEBUG_SAVEALL };
static hd_value callbacks, garbage;

/* Parts of other objects: items of lists, tables, attributes. */
static bool is_part(const void *o)
{
    uint32_t shape = ((const struct hd_head *)o)->shape;
    return shape >= HD_SHAPE_VALUEARRAY && shape <= HD_SHAPE_INSTANCEBOX;
}

/* What CPython's collector knows of: objects that can refer to others. */
static bool is_container(const void *o)
{
    const struct hd_head *h = o;
    if (is_part(o)) return false;
    if (h->shape == HD_SHAPE_TUPLE) {                       /* a tuple of other things cannot be in a cycle */
        const struct hd_tuple *t = o;
        for (int64_t i = 0; i < t->len; i++)
            if (hd_is_ptr(t->item[i]) && (hd_headp(t->item[i])->shape == HD_SHAPE_TUPLE || is_container(hd_ptr(t->item[i])))) return true;
        return false;
    }
    const struct hd_type *t = hd_shapes[h->shape].type;
    if (t == &hd_object_type || (hd_is_type(hd_obj(o)) && !(HD_TYPE(hd_obj(o))->flags & HD_TF_HEAP))) return false;
    if (!t || h->shape == HD_SHAPE_CODE || h->shape == HD_SHAPE_STR || h->shape == HD_SHAPE_BYTEARRAY) return false;
    if (t->flags & HD_TF_HEAP) return true;
    return t->op.trace != NULL;
}

static int tell_callbacks(const char *phase, int generation, size_t collected)
{
    for (int64_t i = 0; i < hd_list_len(callbacks); i++) {
        hd_value f = hd_list_get(callbacks, i), info = hd_dict_new();
        if (f == HD_ABSENT) break;
        if (info == HD_ERR || hd_dict_set_c(info, "generation", hd_fix(generation)) < 0
            || hd_dict_set_c(info, "collected", hd_int_u64(collected)) < 0 || hd_dict_set_c(info, "uncollectable", hd_fix(0)) < 0) return -1;
        hd_value args[] = { hd_intern(phase), info };
        if (hd_call(f, args, 2, 0) == HD_ERR) hd_exc_print_unraisable("", f);
    }
    return 0;
}

static int64_t collected_at;              /* bytes allocated when a program last asked for a collection; a statistic */
static uint64_t collected_total, asked[3], asked_runs;     /* asked[generation]: calls of collect() */

static int64_t allocated(void)
{
    struct gc_stats s;
    gc_stats_sum(&s);
    return (int64_t)s.allocated_bytes;
}

/* What set_debug() asks for.  Told or saved objects are alive; those that are only told die in the next collection. */
static int show_garbage(int64_t debug, int generation, size_t n, double seconds)
{
    void *o;
    stm_become_irrevocable();
    while ((o = gc_next_saved()) != NULL) {
        hd_value v = hd_obj(o);
        if (debug & DEBUG_COLLECTABLE) fprintf(stderr, "gc: collectable <%s %p>\n", hd_type_short_name(hd_type_of(v)), o);
        if (debug & DEBUG_SAVEALL && hd_list_append(garbage, v) < 0) return -1;
    }
    if (debug & DEBUG_STATS)
        fprintf(stderr, "gc: collecting generation %d...\ngc: done, %zu unreachable, 0 uncollectable, %.4fs elapsed\n", generation, n, seconds);
    return 0;
}

static size_t collect(int generation)
{
    int64_t debug = hd_setting(gc_debug);
    struct timespec start, end;
    clock_gettime(CLOCK_MONOTONIC, &start);
    __atomic_add_fetch(&asked[generation], 1, __ATOMIC_RELAXED);
    unsigned runs;
    size_t n = hd_collect(debug & (DEBUG_COLLECTABLE | DEBUG_SAVEALL) ? gc_collect_saving : gc_collect_counting, is_container, &runs);
    __atomic_add_fetch(&asked_runs, runs, __ATOMIC_RELAXED);
    __atomic_add_fetch(&collected_total, n, __ATOMIC_RELAXED);
    __atomic_store_n(&collected_at, allocated(), __ATOMIC_RELAXED);
    clock_gettime(CLOCK_MONOTONIC, &end);
    if (!debug) return n;
    double seconds = (double)(end.tv_sec - start.tv_sec) + (double)(end.tv_nsec - start.tv_nsec) * 1e-9;
    return show_garbage(debug, generation, n, seconds) < 0 ? 0 : n;
}

static __attribute__((noinline)) hd_value collect_py(const hd_value *args, size_t nargs, hd_value kwnames)
{
    hd_value a[1];
    int generation = 2;
    if (hd_args("collect", "|generation", args, nargs, kwnames, a) < 0) return HD_ERR;
    if (a[0] != HD_ABSENT) {
        if (hd_as_int32(a[0], &generation) < 0) return HD_ERR;
        if (generation < 0 || generation > 2) return hd_raise(&hd_exc_ValueError, "invalid generation");
    }
    if (tell_callbacks("start", generation, 0) < 0) return HD_ERR;
    size_t n = collect(generation);
    if (hd_exc_pending() || tell_callbacks("stop", generation, n) < 0) return HD_ERR;
    return hd_int_u64(n);
}
/* Its own frame has no room for what others left. */
FN(collect)
{
    char *shown = hd_hide_callers(gc_collect_py, args);
    hd_clear_dead_stack();
    HD_FORGET_REGISTERS();
    hd_value v = collect_py(args, nargs, kwnames);
    if (shown) stm_portal_bare_from(shown);
    return v;
}
FN(enable) { hd_set_setting(gc_enabled, 1); return HD_NONE; }
FN(disable) { hd_set_setting(gc_enabled, 0); return HD_NONE; }
FN(isenabled) { return hd_bool(hd_setting(gc_enabled)); }
FN(get_threshold) { return hd_tuplev(hd_int(hd_setting(gc_threshold[0])), hd_int(hd_setting(gc_threshold[1])), hd_int(hd_setting(gc_threshold[2]))); }
FN(set_threshold)
{
    for (size_t i = 0; i < nargs; i++) {
        int n;
        if (hd_as_int32(args[i], &n) < 0) return HD_ERR;
        hd_set_setting(gc_threshold[i], n);
    }
    return HD_NONE;
}
FN(get_count)
{
    int64_t n = (allocated() - __atomic_load_n(&collected_at, __ATOMIC_RELAXED)) / 32;
    return hd_tuplev(hd_int(n < 0 ? 0 : n), hd_fix(0), hd_fix(0));
}
FN(get_debug) { return hd_int(hd_setting(gc_debug)); }
FN(set_debug)
{
    int n;
    if (hd_as_int32(args[0], &n) < 0) return HD_ERR;
    hd_set_setting(gc_debug, n);
    return HD_NONE;
}
FN(is_tracked) { return hd_bool(hd_is_ptr(args[0]) && gc_is_object(hd_ptr(args[0])) && is_container(hd_ptr(args[0]))); }
FN(is_finalized)
{
    if (!hd_is_ptr(args[0]) || !(hd_type_of(args[0])->flags & HD_TF_HAS_FINALISER)) return HD_FALSE;
    stm_stop_world();
    bool waits = gc_has_finaliser(hd_ptr(args[0]));
    stm_resume_world();
    return hd_bool(!waits);
}

/* -- who refers to whom ------------------------------------------------------------------------------------------------------------ */
struct gather { hd_value list, also; size_t n; const hd_value *targets; size_t ntargets; bool failed, found; };
static void gather(void *o, void *arg)
{
    struct gather *g = arg;
    if (!is_container(o) || hd_obj(o) == g->list) return;
    g->n++;
    if (g->list != HD_UNBOUND && hd_list_append(g->list, hd_obj(o)) < 0) g->failed = true;
}
static void add_referent(void *o, void *arg)
{
    struct gather *g = arg;
    if (is_part(o)) gc_each_reference(o, add_referent, arg);
    else if (*(uint32_t *)o && hd_list_append(g->list, hd_obj(o)) < 0) g->failed = true;
}
static void look_for_targets(void *o, void *arg)
{
    struct gather *g = arg;
    if (is_part(o)) gc_each_reference(o, look_for_targets, arg);
    else for (size_t i = 0; i < g->ntargets && !g->found; i++) g->found = g->targets[i] == hd_obj(o);
}
static void add_referrer(void *o, void *arg)
{
    struct gather *g = arg;
    if (!is_container(o) || hd_obj(o) == g->list) return;
    g->found = false;
    gc_each_reference(o, look_for_targets, g);
    if (g->found && hd_list_append(g->list, hd_obj(o)) < 0) g->failed = true;
}

/* Walks the heap while nothing else runs.  Garbage is collected first, or it would be found again. */
static hd_value walk(void (*f)(void *, void *), struct gather *g)
{
    hd_begin_walk();
    stm_become_irrevocable();
    if (g->list != HD_UNBOUND && (g->list = hd_list_new(1024)) == HD_ERR) return HD_ERR;
    stm_stop_world();
    gc_each_object(f, g);
    stm_resume_world();
    return g->failed ? HD_ERR : g->list;
}
FN(get_objects)
{
    hd_value a[1];
    if (hd_args("get_objects", "|generation", args, nargs, kwnames, a) < 0) return HD_ERR;
    if (a[0] != HD_ABSENT && a[0] != HD_NONE) {
        int n;
        if (hd_as_int32(a[0], &n) < 0) return HD_ERR;
        if (n < 0) return hd_raise(&hd_exc_ValueError, "generation parameter cannot be negative");
        if (n > 2) return hd_raise(&hd_exc_ValueError, "generation parameter must be less than the number of available generations (3)");
        if (n < 2) return hd_list_new(0);                   /* after the collection everything is old */
    }
    struct gather g = { .list = HD_ABSENT };
    return walk(gather, &g);
}
FN(get_referrers)
{
    struct gather g = { .list = HD_ABSENT, .targets = args, .ntargets = nargs };
    return walk(add_referrer, &g);
}
/* Numbers and other things that are no heap objects included. */
static void add(struct gather *g, hd_value v) { if (v != HD_ABSENT && hd_list_append(g->list, v) < 0) g->failed = true; }
static void add_items(hd_value v, struct gather *g)
{
    if (hd_is_tuple(v)) for (int64_t i = 0; i < HD_TUPLE(v)->len; i++) add(g, HD_TUPLE(v)->item[i]);
    else if (hd_is_list(v)) for (int64_t i = 0; i < hd_list_len(v); i++) add(g, hd_list_get(v, i));
    else {
        struct hd_dict_iter it = { 0 };
        hd_value key, value;
        while (hd_dict_next(v, &it, &key, &value) > 0) add(g, key), add(g, value);
    }
}
FN(get_referents)
{
    struct gather g = { .list = hd_list_new(8) };
    if (g.list == HD_ERR) return HD_ERR;
    for (size_t i = 0; i < nargs; i++)
        if (hd_is_list(args[i]) || hd_is_tuple(args[i]) || hd_is_dict(args[i])) add_items(args[i], &g);
        else if (hd_is_ptr(args[i]) && gc_is_object(hd_ptr(args[i])) && is_container(hd_ptr(args[i]))) gc_each_reference(hd_ptr(args[i]), add_referent, &g);
    return g.failed ? HD_ERR : g.list;
}
FN(freeze)
{
    struct gather g = { .list = HD_UNBOUND };
    if (walk(gather, &g) == HD_ERR) return HD_ERR;
    hd_set_setting(gc_frozen, (int64_t)g.n);
    return HD_NONE;
}
FN(unfreeze) { hd_set_setting(gc_frozen, 0); return HD_NONE; }
FN(get_freeze_count) { return hd_int(hd_setting(gc_frozen)); }
FN(get_stats)
{
    struct gc_stats s;
    gc_stats_sum(&s);
    uint64_t n[] = { s.nursery, s.young, s.full - __atomic_load_n(&asked_runs, __ATOMIC_RELAXED) };
    for (int i = 0; i < 3; i++) n[i] += __atomic_load_n(&asked[i], __ATOMIC_RELAXED);
    hd_value l = hd_list_new(3);
    for (int i = 0; l != HD_ERR && i < 3; i++) {
        hd_value d = hd_dict_new();
        uint64_t collected = i == 2 ? __atomic_load_n(&collected_total, __ATOMIC_RELAXED) : 0;
        if (d == HD_ERR || hd_dict_set_c(d, "collections", hd_int_u64(n[i])) < 0 || hd_dict_set_c(d, "collected", hd_int_u64(collected)) < 0 ||
            hd_dict_set_c(d, "uncollectable", hd_fix(0)) < 0 || hd_list_append(l, d) < 0) return HD_ERR;
    }
    return l;
}
#define DOC(signature, text) signature "\n--\n\n" text
static const struct hd_methoddef gc_methods[] = {
    { "collect", gc_collect_py, 0, -1, HD_METH_KW, DOC("collect($module, /, generation=2)", "Runs a full collection.\n\nReturns the number of objects in garbage cycles and of those that only such cycles referred to.") },
    { "enable", gc_enable_py, 0, 0, 0, DOC("enable($module, /)", "Sets what isenabled() returns; collections run in any case.") },
    { "disable", gc_disable_py, 0, 0, 0, DOC("disable($module, /)", "Clears what isenabled() returns; collections run in any case.") },
    { "isenabled", gc_isenabled_py, 0, 0, 0, DOC("isenabled($module, /)", "What enable() and disable() have set.") },
    { "get_threshold", gc_get_threshold_py, 0, 0, 0, "get_threshold() -> (threshold0, threshold1, threshold2)\n\nWhat set_threshold() has set; it has no effect." },
    { "set_threshold", gc_set_threshold_py, 1, 3, 0, "set_threshold(threshold0, [threshold1, threshold2]) -> None\n\nSets what get_threshold() returns." },
    { "get_count", gc_get_count_py, 0, 0, 0, DOC("get_count($module, /)", "An estimate of the objects allocated since the last collect(), and two zeros.") },
    { "get_debug", gc_get_debug_py, 0, 0, 0, DOC("get_debug($module, /)", "What set_debug() has set.") },
    { "set_debug", gc_set_debug_py, 1, 1, 0, DOC("set_debug($module, flags, /)", "What collect() tells on stderr (DEBUG_STATS, DEBUG_COLLECTABLE) and keeps in garbage (DEBUG_SAVEALL).") },
    { "is_tracked", gc_is_tracked_py, 1, 1, 0, DOC("is_tracked($module, obj, /)", "Whether the object can refer to others.") },
    { "is_finalized", gc_is_finalized_py, 1, 1, 0, DOC("is_finalized($module, obj, /)", "Whether the object's finalizer has run.") },
    { "get_objects", gc_get_objects_py, 0, -1, HD_METH_KW, DOC("get_objects($module, /, generation=None)", "A list of all objects that can refer to others.") },
    { "get_referrers", gc_get_referrers_py, 0, -1, 0, "get_referrers(*objs) -> list\n\nThe objects that directly refer to any of objs." },
    { "get_referents", gc_get_referents_py, 0, -1, 0, "get_referents(*objs) -> list\n\nThe objects that objs directly refer to." },
    { "get_stats", gc_get_stats_py, 0, 0, 0, DOC("get_stats($module, /)", "Three dicts: nursery, young and full collections; calls of collect() count for their generation.") },
    { "freeze", gc_freeze_py, 0, 0, 0, DOC("freeze($module, /)", "Collects, and sets what get_freeze_count() returns.") },
    { "unfreeze", gc_unfreeze_py, 0, 0, 0, DOC("unfreeze($module, /)", "Undoes freeze().") },
    { "get_freeze_count", gc_get_freeze_count_py, 0, 0, 0, DOC("get_freeze_count($module, /)", "How many objects freeze() has found.") },
    { 0 }
};
static int gc_fill(hd_value m)
{
    static const struct { const char *name; int v; } c[] = { { "DEBUG_STATS", DEBUG_STATS }, { "DEBUG_COLLECTABLE", DEBUG_COLLECTABLE },
        { "DEBUG_UNCOLLECTABLE", DEBUG_UNCOLLECTABLE }, { "DEBUG_SAVEALL", DEBUG_SAVEALL }, { "DEBUG_LEAK", DEBUG_LEAK } };
    for (int i = 0; i < 5; i++) if (hd_module_add_int(m, c[i].name, c[i].v) < 0) return -1;
    hd_root(&callbacks), hd_root(&garbage);
    if ((callbacks = hd_list_new(0)) == HD_ERR || (garbage = hd_list_new(0)) == HD_ERR) return -1;
    return hd_module_add(m, "garbage", garbage) < 0 || hd_module_add(m, "callbacks", callbacks) < 0 ? -1 : 0;
}
const struct hd_moduledef hd_module_gc = { "gc", "The garbage collector.", gc_methods, gc_fill };

/* ---- atexit -------------------------------------------------------------------------------------------------------------------- */
static hd_value exit_functions;    /* list of (function, args, kwargs or None) */
FN(register)
{
    if (nargs == 0) return hd_raise(&hd_exc_TypeError, "register() takes at least 1 argument (0 given)");
    if (!hd_callable(args[0])) return hd_raise(&hd_exc_TypeError, "the first argument must be callable");
    hd_value rest = hd_tuple_from(args + 1, nargs - 1), kw = HD_NONE;
    if (rest == HD_ERR) return HD_ERR;
    if (kwnames) {
        if ((kw = hd_dict_new()) == HD_ERR) return HD_ERR;
        for (int64_t i = 0; i < HD_TUPLE(kwnames)->len; i++) if (hd_dict_set(kw, HD_TUPLE(kwnames)->item[i], args[nargs + (size_t)i]) < 0) return HD_ERR;
    }
    hd_value t = hd_tuplev(args[0], rest, kw);
    return t == HD_ERR || hd_list_append(exit_functions, t) < 0 ? HD_ERR : args[0];
}
FN(unregister)
{
    for (int64_t i = hd_list_len(exit_functions); i-- > 0;) {
        hd_value t = hd_list_get(exit_functions, i);
        int same = t == HD_ABSENT ? 0 : hd_equal(HD_TUPLE(t)->item[0], args[0]);
        if (same < 0) return HD_ERR;
        if (same && hd_list_pop(exit_functions, i) == HD_ERR) return HD_ERR;
    }
    return HD_NONE;
}
FN(run_exitfuncs)
{
    while (hd_list_len(exit_functions) > 0) {
        hd_value t = hd_list_pop(exit_functions, hd_list_len(exit_functions) - 1);
        if (t == HD_ERR) return HD_ERR;
        hd_value kw = HD_TUPLE(t)->item[2];
        if (hd_call_ex(HD_TUPLE(t)->item[0], HD_TUPLE(t)->item[1], kw == HD_NONE ? HD_ABSENT : kw) == HD_ERR)
            hd_exc_print_unraisable("in atexit callback", HD_TUPLE(t)->item[0]);
    }
    return HD_NONE;
}
FN(clear) { return hd_list_clear(exit_functions) < 0 ? HD_ERR : HD_NONE; }
FN(ncallbacks) { return hd_int(hd_list_len(exit_functions)); }
static const struct hd_methoddef atexit_methods[] = {
    { "register", gc_register_py, 0, -1, HD_METH_KW, "register(func, *args, **kwargs) -> func\n\nCalls func at exit." }, { "unregister", gc_unregister_py, 1, 1, 0, NULL },
    { "_run_exitfuncs", gc_run_exitfuncs_py, 0, 0, 0, NULL }, { "_clear", gc_clear_py, 0, 0, 0, NULL }, { "_ncallbacks", gc_ncallbacks_py, 0, 0, 0, NULL }, { 0 }
};
static int atexit_fill(hd_value m)
{
    hd_root(&exit_functions);
    return (exit_functions = hd_list_new(0)) == HD_ERR ? -1 : 0;
}
const struct hd_moduledef hd_module_atexit = { "atexit", "Functions that run at exit.", atexit_methods, atexit_fill };
