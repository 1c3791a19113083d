/* The gc and atexit modules. */
#include "interp/core/names.h"
#include "interp/eval/eval_internal.h"
#include "interp/modules/modules.h"

#define FN(name) static hd_value gc_##name##_py(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)

/* ---- gc ------------------------------------------------------------------------------------------------------------------------ */
static bool enabled = true;
static int64_t threshold[3] = { 700, 10, 10 };
/* Registers of the caller above this call's arguments are dead, and so are the words between callee and arguments, but the
 * collector does not know and keeps alive what they held.  Such a word may also name what died long ago. */
static bool is_cfunction(hd_value v) { return hd_is_ptr(v) && gc_is_object(hd_ptr(v)) && hd_is_shape(v, HD_SHAPE_CFUNCTION); }
static void forget_dead_registers(const hd_value *args, size_t nargs)
{
    hd_value *fp = hd_ts->fp, *top = hd_frame_top(fp);
    if (args < fp || args > top) return;
    hd_value *first = fp + (args - fp);
    for (hd_value *r = first + nargs; r < top; r++) *r = HD_UNBOUND;
    for (int k = 1; k <= HD_FRAME_WORDS && first - k >= fp; k++) {
        if (k == HD_FRAME_WORDS && (first[-1] != HD_UNBOUND || is_cfunction(first[-k]))) break;   /* the callee */
        first[-k] = HD_UNBOUND;
    }
}

FN(collect)
{
    hd_value a[1];
    if (hd_args("collect", "|generation", args, nargs, kwnames, a) < 0) return HD_ERR;
    if (a[0] != HD_ABSENT) {
        int g;
        if (hd_as_int32(a[0], &g) < 0) return HD_ERR;
        if (g < 0 || g > 2) return hd_raise(&hd_exc_ValueError, "invalid generation");
    }
    forget_dead_registers(args, nargs);
    hd_drop_dead_temporaries();
    gc_collect_full();
    hd_run_finalisers();
    return hd_exc_pending() ? HD_ERR : hd_fix(0);
}
FN(enable) { enabled = true; return HD_NONE; }
FN(disable) { enabled = false; return HD_NONE; }
FN(isenabled) { return hd_bool(enabled); }
FN(get_threshold) { return hd_tuplev(hd_int(threshold[0]), hd_int(threshold[1]), hd_int(threshold[2])); }
FN(set_threshold)
{
    for (size_t i = 0; i < nargs; i++) if (hd_as_i64(args[i], &threshold[i]) < 0) return HD_ERR;
    return HD_NONE;
}
FN(get_count) { return hd_tuplev(hd_fix(0), hd_fix(0), hd_fix(0)); }
FN(zero) { return hd_fix(0); }
FN(none) { return HD_NONE; }
FN(is_tracked)
{
    hd_value v = args[0];
    return hd_bool(hd_is_ptr(v) && hd_type_of(v)->op.trace != NULL);
}
FN(false_) { return HD_FALSE; }
struct gather { hd_value list; bool failed; };
static void gather(void *o, void *arg)
{
    struct gather *g = arg;
    uint32_t shape = ((struct hd_head *)o)->shape;
    if (shape >= HD_SHAPE_VALUEARRAY && shape <= HD_SHAPE_INSTANCEBOX) return;
    if (!hd_shapes[shape].type || !hd_shapes[shape].type->op.trace) return;
    if (hd_list_append(g->list, hd_obj(o)) < 0) g->failed = true;
}
FN(get_objects)
{
    struct gather g = { hd_list_new(1024), false };
    if (g.list == HD_ERR) return HD_ERR;
    stm_become_irrevocable();
    stm_stop_world();
    gc_each_object(gather, &g);
    stm_resume_world();
    return g.failed ? HD_ERR : g.list;
}
FN(get_stats)
{
    struct gc_stats s;
    gc_stats_sum(&s);
    uint64_t n[] = { s.nursery, s.young, s.full };
    hd_value l = hd_list_new(3);
    for (int i = 0; l != HD_ERR && i < 3; i++) {
        hd_value d = hd_dict_new();
        if (d == HD_ERR || hd_dict_set_c(d, "collections", hd_int_u64(n[i])) < 0 || hd_dict_set_c(d, "collected", hd_fix(0)) < 0 ||
            hd_dict_set_c(d, "uncollectable", hd_fix(0)) < 0 || hd_list_append(l, d) < 0) return HD_ERR;
    }
    return l;
}
static const struct hd_methoddef gc_methods[] = {
    { "collect", gc_collect_py, 0, -1, HD_METH_KW, "collect($module, /, generation=2)\n--\n\nRuns a full collection." }, { "enable", gc_enable_py, 0, 0, 0, NULL },
    { "disable", gc_disable_py, 0, 0, 0, NULL }, { "isenabled", gc_isenabled_py, 0, 0, 0, NULL }, { "get_threshold", gc_get_threshold_py, 0, 0, 0, NULL },
    { "set_threshold", gc_set_threshold_py, 1, 3, 0, NULL }, { "get_count", gc_get_count_py, 0, 0, 0, NULL }, { "get_debug", gc_zero_py, 0, 0, 0, NULL },
    { "set_debug", gc_none_py, 1, 1, 0, NULL }, { "is_tracked", gc_is_tracked_py, 1, 1, 0, NULL }, { "is_finalized", gc_false__py, 1, 1, 0, NULL },
    { "get_objects", gc_get_objects_py, 0, -1, HD_METH_KW, NULL }, { "get_stats", gc_get_stats_py, 0, 0, 0, NULL }, { "freeze", gc_none_py, 0, 0, 0, NULL },
    { "unfreeze", gc_none_py, 0, 0, 0, NULL }, { "get_freeze_count", gc_zero_py, 0, 0, 0, NULL }, { 0 }
};
static int gc_fill(hd_value m)
{
    static const struct { const char *name; int v; } c[] = { { "DEBUG_STATS", 1 }, { "DEBUG_COLLECTABLE", 2 }, { "DEBUG_UNCOLLECTABLE", 4 }, { "DEBUG_SAVEALL", 32 }, { "DEBUG_LEAK", 38 } };
    for (int i = 0; i < 5; i++) if (hd_module_add_int(m, c[i].name, c[i].v) < 0) return -1;
    return hd_module_add(m, "garbage", hd_list_new(0)) < 0 || hd_module_add(m, "callbacks", hd_list_new(0)) < 0 ? -1 : 0;
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

/* ---- _warnings: the machinery is the pure one of warnings.py; importlib wants these two names early -------------------------- */
static hd_value delegate(const char *name, const hd_value *args, size_t nargs, hd_value kwnames)
{
    hd_value f = hd_import_attr("warnings", name);
    return f == HD_ERR ? HD_ERR : hd_call(f, args, nargs, kwnames);
}
FN(warn) { return delegate("warn", args, nargs, kwnames); }
FN(warn_explicit) { return delegate("warn_explicit", args, nargs, kwnames); }
static const struct hd_methoddef warnings_methods[] = { { "warn", gc_warn_py, 0, -1, HD_METH_KW, NULL }, { "warn_explicit", gc_warn_explicit_py, 0, -1, HD_METH_KW, NULL }, { 0 } };
const struct hd_moduledef hd_module_warnings = { "_warnings", "Warnings before warnings.py is loaded.", warnings_methods, NULL };
