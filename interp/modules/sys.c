/* The sys module. */
#include <float.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "config.h"
#include "interp/core/code.h"
#include "interp/core/names.h"
#include "interp/core/settings.h"
#include "interp/eval/eval.h"
#include "interp/modules/modules.h"
#include "interp/types/number.h"

struct hd_options hd_options;
hd_value hd_sys_module, hd_builtins_module, hd_builtins_dict, hd_sys_modules;

hd_value hd_sys_get(const char *name) { return hd_dict_get_c(hd_module_dict(hd_sys_module), name); }
int hd_sys_set(const char *name, hd_value v) { return hd_dict_set_c(hd_module_dict(hd_sys_module), name, v); }

#define FN(name) static hd_value sys_##name(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)

/* ---- exceptions, exit ------------------------------------------------------------------------------------------------------ */
FN(exit)
{
    if (!nargs || args[0] == HD_NONE) return hd_raise_none(&hd_exc_SystemExit);
    if (!hd_is_tuple_exact(args[0])) return hd_raise_value(&hd_exc_SystemExit, args[0]);
    hd_value e = hd_call(hd_obj(&hd_exc_SystemExit), HD_TUPLE(args[0])->item, (size_t)HD_TUPLE(args[0])->len, 0);
    return e == HD_ERR ? e : hd_raise_object(e);
}
FN(exc_info)
{
    hd_value e = hd_ts->handled;
    if (e == HD_UNBOUND || e == HD_NONE) return hd_tuplev(HD_NONE, HD_NONE, HD_NONE);
    return hd_tuplev(hd_obj(hd_type_of(e)), e, hd_exc_traceback(e));
}
FN(exception)
{
    hd_value e = hd_ts->handled;
    return e == HD_UNBOUND ? HD_NONE : e;
}
FN(excepthook)
{
    hd_value e = args[1];
    if (!hd_is_exc_instance(e)) {
        hd_value err = hd_sys_get("stderr");
        if (err == HD_ABSENT || err == HD_NONE) return HD_NONE;
        hd_value text = hd_str_format("TypeError: print_exception(): Exception expected for value, %T found\n", e);
        return text == HD_ERR || hd_methodv(err, hd_s_write, text) == HD_ERR ? HD_ERR : HD_NONE;
    }
    if (args[2] != HD_NONE && hd_exc_traceback(e) == HD_NONE) hd_exc_set_traceback(e, args[2]);
    hd_exc_print(e);
    return HD_NONE;
}
FN(unraisablehook)
{
    hd_value err = hd_sys_get("stderr");
    if (err == HD_ABSENT || err == HD_NONE) return HD_NONE;
    hd_value e = hd_getattr_c(args[0], "exc_value"), msg = hd_getattr_c(args[0], "err_msg"), object = hd_getattr_c(args[0], "object");
    if (e == HD_ERR || msg == HD_ERR || object == HD_ERR) return HD_ERR;
    hd_value head;
    if (object != HD_NONE) head = hd_str_format("%S: %R\n", msg == HD_NONE ? hd_intern("Exception ignored in") : msg, object);
    else if (msg != HD_NONE) head = hd_str_format("%S:\n", msg);
    else head = hd_empty_str;
    if (head == HD_ERR || hd_methodv(err, hd_s_write, head) == HD_ERR) return HD_ERR;
    if (e != HD_NONE && hd_traceback_print(e, err) < 0) return HD_ERR;
    return hd_call_method(err, hd_s_flush, NULL, 0) == HD_ERR ? HD_ERR : HD_NONE;
}
/* displayhook: print repr, keep it in builtins._ */
FN(displayhook)
{
    hd_value v = args[0];
    if (v == HD_NONE) return HD_NONE;
    if (hd_dict_set_c(hd_builtins_dict, "_", HD_NONE) < 0) return HD_ERR;
    hd_value out = hd_sys_get("stdout");
    if (out == HD_ABSENT || out == HD_NONE) return hd_raise(&hd_exc_RuntimeError, "lost sys.stdout");
    hd_value text = hd_repr(v);
    if (text == HD_ERR) return HD_ERR;
    if (hd_methodv(out, hd_s_write, text) == HD_ERR) {
        if (!hd_exc_is(&hd_exc_UnicodeEncodeError)) return HD_ERR;
        hd_exc_clear();
        hd_value enc = hd_getattr_c(out, "encoding");
        size_t n;
        const char *e = enc == HD_ERR ? NULL : hd_str_as_utf8(enc, &n);
        hd_value b = e ? hd_str_encode(text, e, "backslashreplace") : HD_ERR;
        hd_value s = b == HD_ERR ? HD_ERR : hd_str_decode((char *)HD_BYTES(b)->data, (size_t)HD_BYTES(b)->len, e, "strict");
        if (s == HD_ERR || hd_methodv(out, hd_s_write, s) == HD_ERR) return HD_ERR;
    }
    if (hd_methodv(out, hd_s_write, hd_str_char('\n')) == HD_ERR) return HD_ERR;
    return hd_dict_set_c(hd_builtins_dict, "_", v) < 0 ? HD_ERR : HD_NONE;
}
FN(breakpointhook)
{
    const char *env = hd_options.ignore_environment ? NULL : getenv("PYTHONBREAKPOINT");
    if (env && strcmp(env, "0") == 0) return HD_NONE;
    if (!env || !*env) env = "pdb.set_trace";
    const char *dot = strrchr(env, '.');
    char module[256];
    snprintf(module, sizeof module, "%.*s", dot ? (int)(dot - env) : 8, dot ? env : "builtins");
    hd_value f = hd_import_attr(module, dot ? dot + 1 : env);
    if (f == HD_ERR) {
        hd_exc_clear();
        return hd_warn(&hd_exc_RuntimeWarning, 1, "Ignoring unimportable $PYTHONBREAKPOINT: \"%s\"", env) < 0 ? HD_ERR : HD_NONE;
    }
    return hd_call(f, args, nargs, kwnames);
}

/* ---- limits ------------------------------------------------------------------------------------------------------------------ */
FN(getrecursionlimit) { return hd_int(hd_get_recursion_limit()); }
FN(setrecursionlimit)
{
    int n;
    if (hd_as_int32(args[0], &n) < 0) return HD_ERR;
    if (n < 1) return hd_raise(&hd_exc_ValueError, "recursion limit must be greater or equal than 1");
    return hd_set_recursion_limit(n) < 0 ? HD_ERR : HD_NONE;
}
FN(get_int_max_str_digits) { return hd_int(hd_int_max_str_digits()); }
FN(set_int_max_str_digits)
{
    hd_value a[1];
    int n;
    if (hd_args("set_int_max_str_digits", "maxdigits", args, nargs, kwnames, a) < 0 || hd_as_int32(a[0], &n) < 0) return HD_ERR;
    if (n != 0 && n < 640) return hd_raise(&hd_exc_ValueError, "maxdigits must be 0 or larger than 640");
    hd_set_setting(int_max_str_digits, n);
    return HD_NONE;
}
FN(getswitchinterval) { return hd_float((double)hd_setting(switch_interval_ns) / 1e9); }
FN(setswitchinterval)
{
    double d;
    if (hd_as_double(args[0], &d) < 0) return HD_ERR;
    if (!(d > 0)) return hd_raise(&hd_exc_ValueError, "switch interval must be strictly positive");
    hd_set_setting(switch_interval_ns, d < 9e9 ? (int64_t)(d * 1e9) : INT64_MAX);
    return HD_NONE;
}

/* ---- objects ------------------------------------------------------------------------------------------------------------------ */
FN(getsizeof)
{
    hd_value a[2];
    if (hd_args("getsizeof", "object,|default", args, nargs, kwnames, a) < 0) return HD_ERR;
    hd_value v = hd_call_special(a[0], hd_s___sizeof__, NULL, 0);
    if (v == HD_ABSENT) v = hd_raise(&hd_exc_TypeError, "Type %T doesn't define __sizeof__", a[0]);
    if (v == HD_ERR) {
        if (a[1] == HD_ABSENT || !hd_exc_is(&hd_exc_TypeError)) return HD_ERR;
        hd_exc_clear();
        return a[1];
    }
    int64_t n;
    if (hd_as_i64(v, &n) < 0) return HD_ERR;
    return n < 0 ? hd_raise(&hd_exc_ValueError, "__sizeof__() should return >= 0") : hd_int(n);
}
/* There are no reference counts; programs only compare the figure with small numbers. */
FN(getrefcount) { return hd_fix(2); }
FN(getallocatedblocks)
{
    struct gc_stats s;
    gc_stats_sum(&s);
    return hd_int((int64_t)(s.live_bytes / 64));
}
FN(intern)
{
    if (!hd_is_str(args[0])) return hd_raise(&hd_exc_TypeError, "intern() argument must be str, not %A", args[0]);
    if (!hd_is_str_exact(args[0])) return hd_raise(&hd_exc_TypeError, "can't intern %T", args[0]);
    return hd_str_intern(args[0]);
}

/* ---- frames, tracing ------------------------------------------------------------------------------------------------------------ */
FN(_getframe)
{
    int depth = 0;
    if (nargs && hd_as_int32(args[0], &depth) < 0) return HD_ERR;
    hd_value f = hd_frame_current(depth < 0 ? 0 : depth);
    return f == HD_ABSENT ? hd_raise(&hd_exc_ValueError, "call stack is not deep enough") : f;
}
struct frames { hd_value dict; bool failed; };
static void add_frame(struct hd_thread *ts, void *arg)
{
    struct frames *f = arg;
    hd_value frame = hd_frame_of_thread(ts);
    if (frame == HD_NONE) return;
    if (frame == HD_ERR || hd_dict_set(f->dict, hd_int_u64(ts->ident), frame) < 0) f->failed = true;
}
/* Other threads are seen where they could be seen under a lock of the interpreter: one that has just told this one something goes
 * on until it waits or its time is over. */
static void await_others(void) { stm_await_others((uint64_t)hd_setting(switch_interval_ns)); }
FN(_current_frames)
{
    await_others();
    struct frames f = { hd_dict_new(), false };
    if (f.dict == HD_ERR) return HD_ERR;
    stm_stop_world_settled();
    hd_each_hd_thread(add_frame, &f);
    stm_resume_world();
    return f.failed ? HD_ERR : f.dict;
}
static void add_exception(struct hd_thread *ts, void *arg)
{
    struct frames *f = arg;
    if (!hd_thread_runs(ts)) return;
    hd_value e = ts->handled == HD_UNBOUND ? HD_NONE : ts->handled;
    hd_value info = e == HD_NONE ? hd_tuplev(e, e, e) : hd_tuplev(hd_obj(hd_type_of(e)), e, hd_exc_traceback(e));
    if (info == HD_ERR || hd_dict_set(f->dict, hd_int_u64(ts->ident), info) < 0) f->failed = true;
}
FN(_current_exceptions)
{
    await_others();
    struct frames f = { hd_dict_new(), false };
    if (f.dict == HD_ERR) return HD_ERR;
    stm_stop_world_settled();
    hd_each_hd_thread(add_exception, &f);
    stm_resume_world();
    return f.failed ? HD_ERR : f.dict;
}
FN(settrace) { return hd_settrace(args[0] == HD_NONE ? HD_UNBOUND : args[0]) < 0 ? HD_ERR : HD_NONE; }
FN(setprofile) { return hd_setprofile(args[0] == HD_NONE ? HD_UNBOUND : args[0]) < 0 ? HD_ERR : HD_NONE; }
FN(gettrace) { return hd_ts->trace_func == HD_UNBOUND || !hd_ts->trace_func ? HD_NONE : hd_ts->trace_func; }
FN(getprofile) { return hd_ts->profile_func == HD_UNBOUND || !hd_ts->profile_func ? HD_NONE : hd_ts->profile_func; }
FN(call_tracing)
{
    if (!hd_is_tuple(args[1])) return hd_raise(&hd_exc_TypeError, "call_tracing() argument 2 must be tuple, not %A", args[1]);
    uint32_t outer = hd_ts->tracing;
    hd_ts->tracing = 0;
    hd_value r = hd_call_ex(args[0], args[1], HD_ABSENT);
    hd_ts->tracing = outer;
    return r;
}
FN(get_coroutine_origin_tracking_depth) { return hd_fix(hd_ts->coroutine_origin_depth); }
FN(set_coroutine_origin_tracking_depth)
{
    hd_value a[1];
    int n;
    if (hd_args("set_coroutine_origin_tracking_depth", "depth", args, nargs, kwnames, a) < 0 || hd_as_int32(a[0], &n) < 0) return HD_ERR;
    if (n < 0) return hd_raise(&hd_exc_ValueError, "depth must be >= 0");
    hd_ts->coroutine_origin_depth = n;
    return HD_NONE;
}
static struct hd_type *asyncgen_hooks_type, *flags_type, *version_type, *float_info_type, *int_info_type, *hash_info_type, *thread_info_type, *unraisable_type;
static hd_value or_none(hd_value v) { return v == HD_UNBOUND || v == 0 ? HD_NONE : v; }
FN(get_asyncgen_hooks)
{
    hd_value v[2] = { or_none(hd_ts->async_gen_firstiter), or_none(hd_ts->async_gen_finalizer) };
    return hd_structseq_new(asyncgen_hooks_type, v);
}
FN(set_asyncgen_hooks)
{
    hd_value a[2];
    if (hd_args("set_asyncgen_hooks", "|firstiter,finalizer", args, nargs, kwnames, a) < 0) return HD_ERR;
    static const char *const names[2] = { "firstiter", "finalizer" };
    for (int i = 1; i >= 0; i--)
        if (a[i] != HD_ABSENT && a[i] != HD_NONE && !hd_callable(a[i]))
            return hd_raise(&hd_exc_TypeError, "callable %s expected, got %T", names[i], a[i]);
    if (a[0] != HD_ABSENT) hd_ts->async_gen_firstiter = a[0] == HD_NONE ? HD_UNBOUND : a[0];
    if (a[1] != HD_ABSENT) hd_ts->async_gen_finalizer = a[1] == HD_NONE ? HD_UNBOUND : a[1];
    return HD_NONE;
}

/* ---- audit: hooks are called in order; an empty list costs nothing ---------------------------------------------------------- */
static hd_value audit_hooks;     /* list */
FN(addaudithook)
{
    hd_value a[1];
    if (hd_args("addaudithook", "hook", args, nargs, kwnames, a) < 0) return HD_ERR;
    return hd_list_append(audit_hooks, a[0]) < 0 ? HD_ERR : HD_NONE;
}
FN(audit)
{
    if (nargs == 0) return hd_raise(&hd_exc_TypeError, "audit expected at least 1 argument, got 0");
    if (!hd_is_str(args[0])) return hd_raise(&hd_exc_TypeError, "expected str for argument 'event', not %T", args[0]);
    int64_t n = hd_list_len(audit_hooks);
    if (n == 0) return HD_NONE;
    hd_value rest = hd_tuple_from(args + 1, nargs - 1);
    for (int64_t i = 0; rest != HD_ERR && i < n; i++)
        if (hd_callv(hd_list_get(audit_hooks, i), args[0], rest) == HD_ERR) return HD_ERR;
    return rest == HD_ERR ? HD_ERR : HD_NONE;
}

FN(getdefaultencoding) { return hd_intern("utf-8"); }
FN(getfilesystemencoding) { return hd_intern("utf-8"); }
FN(getfilesystemencodeerrors) { return hd_intern("surrogateescape"); }
static bool finalizing;
void hd_sys_set_finalizing(void) { finalizing = true; }
bool hd_sys_is_finalizing(void) { return finalizing; }
FN(is_finalizing) { return hd_bool(finalizing); }
FN(_clear_type_cache) { return HD_NONE; }
FN(_debugmallocstats) { return HD_NONE; }
FN(getdlopenflags) { return hd_int(hd_setting(dlopen_flags)); }
FN(setdlopenflags)
{
    int flags;
    if (hd_as_int32(args[0], &flags) < 0) return HD_ERR;
    hd_set_setting(dlopen_flags, flags);
    return HD_NONE;
}

static const struct hd_methoddef methods[] = {
    { "addaudithook", sys_addaudithook, 0, -1, HD_METH_KW, "addaudithook($module, /, hook)\n--\n\nCalls hook(event, args) for audit events." },
    { "audit", sys_audit, 0, -1, 0, "audit(event, *args)\n\nTells the audit hooks of an event." },
    { "breakpointhook", sys_breakpointhook, 0, -1, HD_METH_KW, "breakpointhook(*args, **kws)\n\nWhat breakpoint() calls." },
    { "_clear_type_cache", sys__clear_type_cache, 0, 0, 0, "_clear_type_cache($module, /)\n--\n\n" },
    { "_current_frames", sys__current_frames, 0, 0, 0, "_current_frames($module, /)\n--\n\nThread identifiers to their running frames." },
    { "_current_exceptions", sys__current_exceptions, 0, 0, 0, "_current_exceptions($module, /)\n--\n\nThread identifiers to the exceptions being handled." },
    { "_debugmallocstats", sys__debugmallocstats, 0, 0, 0, "_debugmallocstats($module, /)\n--\n\n" },
    { "call_tracing", sys_call_tracing, 2, 2, 0, "call_tracing($module, func, args, /)\n--\n\nCalls func(*args) with tracing on." },
    { "displayhook", sys_displayhook, 1, 1, 0, "displayhook($module, object, /)\n--\n\nPrints a value in an interactive session." },
    { "exc_info", sys_exc_info, 0, 0, 0, "exc_info($module, /)\n--\n\n(type, value, traceback) of the exception being handled." },
    { "exception", sys_exception, 0, 0, 0, "exception($module, /)\n--\n\nThe exception being handled, or None." },
    { "excepthook", sys_excepthook, 3, 3, 0, "excepthook($module, exctype, value, traceback, /)\n--\n\nPrints an uncaught exception." },
    { "unraisablehook", sys_unraisablehook, 1, 1, 0, "unraisablehook($module, unraisable, /)\n--\n\nPrints an exception that nobody can catch." },
    { "exit", sys_exit, 0, 1, 0, "exit($module, status=None, /)\n--\n\nRaises SystemExit(status)." },
    { "getallocatedblocks", sys_getallocatedblocks, 0, 0, 0, "getallocatedblocks($module, /)\n--\n\nNumber of memory blocks in use." },
    { "get_asyncgen_hooks", sys_get_asyncgen_hooks, 0, 0, 0, "get_asyncgen_hooks($module, /)\n--\n\n" },
    { "set_asyncgen_hooks", sys_set_asyncgen_hooks, 0, -1, HD_METH_KW, "set_asyncgen_hooks(* [, firstiter] [, finalizer])\n\n" },
    { "get_coroutine_origin_tracking_depth", sys_get_coroutine_origin_tracking_depth, 0, 0, 0, "get_coroutine_origin_tracking_depth($module, /)\n--\n\n" },
    { "set_coroutine_origin_tracking_depth", sys_set_coroutine_origin_tracking_depth, 0, -1, HD_METH_KW, "set_coroutine_origin_tracking_depth($module, /, depth)\n--\n\n" },
    { "getdefaultencoding", sys_getdefaultencoding, 0, 0, 0, "getdefaultencoding($module, /)\n--\n\n" },
    { "getdlopenflags", sys_getdlopenflags, 0, 0, 0, "getdlopenflags($module, /)\n--\n\n" },
    { "setdlopenflags", sys_setdlopenflags, 1, 1, 0, "setdlopenflags($module, flags, /)\n--\n\n" },
    { "getfilesystemencoding", sys_getfilesystemencoding, 0, 0, 0, "getfilesystemencoding($module, /)\n--\n\n" },
    { "getfilesystemencodeerrors", sys_getfilesystemencodeerrors, 0, 0, 0, "getfilesystemencodeerrors($module, /)\n--\n\n" },
    { "getprofile", sys_getprofile, 0, 0, 0, "getprofile($module, /)\n--\n\n" },
    { "gettrace", sys_gettrace, 0, 0, 0, "gettrace($module, /)\n--\n\n" },
    { "setprofile", sys_setprofile, 1, 1, 0, "setprofile($module, function, /)\n--\n\nCalled at calls and returns." },
    { "settrace", sys_settrace, 1, 1, 0, "settrace($module, function, /)\n--\n\nCalled at calls, lines, returns and exceptions." },
    { "getrecursionlimit", sys_getrecursionlimit, 0, 0, 0, "getrecursionlimit($module, /)\n--\n\n" },
    { "setrecursionlimit", sys_setrecursionlimit, 1, 1, 0, "setrecursionlimit($module, limit, /)\n--\n\n" },
    { "getrefcount", sys_getrefcount, 1, 1, 0, "getrefcount($module, object, /)\n--\n\nA constant: objects are not counted." },
    { "getsizeof", sys_getsizeof, 0, -1, HD_METH_KW, "getsizeof(object [, default]) -> int\n\nSize in memory, in bytes." },
    { "getswitchinterval", sys_getswitchinterval, 0, 0, 0, "getswitchinterval($module, /)\n--\n\n" },
    { "setswitchinterval", sys_setswitchinterval, 1, 1, 0, "setswitchinterval($module, interval, /)\n--\n\n" },
    { "get_int_max_str_digits", sys_get_int_max_str_digits, 0, 0, 0, "get_int_max_str_digits($module, /)\n--\n\n" },
    { "set_int_max_str_digits", sys_set_int_max_str_digits, 0, -1, HD_METH_KW, "set_int_max_str_digits($module, /, maxdigits)\n--\n\n" },
    { "intern", sys_intern, 1, 1, 0, "intern($module, string, /)\n--\n\nThe one string of this content." },
    { "is_finalizing", sys_is_finalizing, 0, 0, 0, "is_finalizing($module, /)\n--\n\n" },
    { "_getframe", sys__getframe, 0, 1, 0, "_getframe($module, depth=0, /)\n--\n\nA frame of the call stack." },
    { 0 }
};

/* ---- data ------------------------------------------------------------------------------------------------------------------------ */
static hd_value str(const char *s) { return hd_str_from_fs(s, strlen(s)); }
static hd_value str_list(int n, char *const *v)
{
    hd_value l = hd_list_new((size_t)n);
    for (int i = 0; l != HD_ERR && i < n; i++) {
        hd_value s = str(v[i]);
        if (s == HD_ERR || hd_list_append(l, s) < 0) return HD_ERR;
    }
    return l;
}

static struct hd_type *record(const char *name, const char *const *fields, int n)
{
    struct hd_structseq_def *d = malloc(sizeof *d);          /* lives as long as the type: for ever */
    *d = (struct hd_structseq_def){ name, name, fields, n, n };
    return hd_structseq_type(d);
}

/* One whose only instance is made here. */
static struct hd_type *single(const char *name, const char *const *fields, int n)
{
    struct hd_type *t = record(name, fields, n);
    if (!t || hd_dict_del(hd_obj(t->dict), hd_s___new__) < 0) return NULL;
    t->op.make = NULL, t->flags |= HD_TF_NEVER_INSTANTIATE;
    return t;
}

static int add_flags(hd_value m)
{
    static const char *const fields[] = { "debug", "inspect", "interactive", "optimize", "dont_write_bytecode", "no_user_site", "no_site",
        "ignore_environment", "verbose", "bytes_warning", "quiet", "hash_randomization", "isolated", "dev_mode", "utf8_mode",
        "warn_default_encoding", "safe_path", "int_max_str_digits" };
    struct hd_options *o = &hd_options;
    hd_value v[] = { hd_fix(o->debug), hd_fix(o->inspect), hd_fix(o->interactive), hd_fix(o->optimize), hd_fix(o->dont_write_bytecode),
        hd_fix(o->no_user_site), hd_fix(o->no_site), hd_fix(o->ignore_environment), hd_fix(o->verbose), hd_fix(o->bytes_warning),
        hd_fix(o->quiet), hd_fix(o->hash_randomization), hd_fix(o->isolated), hd_bool(o->dev_mode), hd_fix(o->utf8_mode),
        hd_fix(o->warn_default_encoding), hd_bool(o->safe_path), hd_fix(o->digits_given ? hd_int_max_str_digits() : -1) };
    if (!(flags_type = single("sys.flags", fields, sizeof v / sizeof *v))) return -1;
    hd_value r = hd_structseq_new(flags_type, v);
    return r == HD_ERR ? -1 : hd_module_add(m, "flags", r);
}

static int add_numbers(hd_value m)
{
    static const char *const ff[] = { "max", "max_exp", "max_10_exp", "min", "min_exp", "min_10_exp", "dig", "mant_dig", "epsilon", "radix", "rounds" };
    hd_value fv[] = { hd_float(DBL_MAX), hd_fix(DBL_MAX_EXP), hd_fix(DBL_MAX_10_EXP), hd_float(DBL_MIN), hd_fix(DBL_MIN_EXP), hd_fix(DBL_MIN_10_EXP),
        hd_fix(DBL_DIG), hd_fix(DBL_MANT_DIG), hd_float(DBL_EPSILON), hd_fix(FLT_RADIX), hd_fix(1) };
    static const char *const inf[] = { "bits_per_digit", "sizeof_digit", "default_max_str_digits", "str_digits_check_threshold" };
    hd_value iv[] = { hd_fix(30), hd_fix(4), hd_fix(4300), hd_fix(640) };
    static const char *const hf[] = { "width", "modulus", "inf", "nan", "imag", "algorithm", "hash_bits", "seed_bits", "cutoff" };
    hd_value hv[] = { hd_fix(64), hd_fix(((int64_t)1 << 61) - 1), hd_fix(314159), hd_fix(0), hd_fix(1000003), hd_intern("siphash13"), hd_fix(64), hd_fix(128), hd_fix(0) };
    static const char *const tf[] = { "name", "lock", "version" };
    char threads[64];
    size_t known = confstr(_CS_GNU_LIBPTHREAD_VERSION, threads, sizeof threads);
    hd_value tv[] = { hd_intern("pthread"), hd_intern("semaphore"), known && known <= sizeof threads ? hd_intern(threads) : HD_NONE };
    if (!(float_info_type = record("sys.float_info", ff, 11)) || !(int_info_type = record("sys.int_info", inf, 4)) ||
        !(hash_info_type = record("sys.hash_info", hf, 9)) || !(thread_info_type = record("sys.thread_info", tf, 3))) return -1;
    hd_value f = hd_structseq_new(float_info_type, fv), i = hd_structseq_new(int_info_type, iv), h = hd_structseq_new(hash_info_type, hv),
             t = hd_structseq_new(thread_info_type, tv);
    if (f == HD_ERR || i == HD_ERR || h == HD_ERR || t == HD_ERR) return -1;
    return hd_module_add(m, "float_info", f) < 0 || hd_module_add(m, "int_info", i) < 0 || hd_module_add(m, "hash_info", h) < 0 ||
           hd_module_add(m, "thread_info", t) < 0 ? -1 : 0;
}

static int add_version(hd_value m)
{
    static const char *const vf[] = { "major", "minor", "micro", "releaselevel", "serial" };
    hd_value vv[] = { hd_fix(3), hd_fix(11), hd_fix(2), hd_intern("final"), hd_fix(0) };
    hd_value own[] = { hd_fix(0), hd_fix(1), hd_fix(0), hd_intern("alpha"), hd_fix(0) };
    if (!(version_type = single("sys.version_info", vf, 5))) return -1;
    hd_value info = hd_structseq_new(version_type, vv), own_info = hd_structseq_new(version_type, own), d = hd_dict_new();
    if (info == HD_ERR || own_info == HD_ERR || d == HD_ERR) return -1;
    /* The magic number of compiled files is CPython's, as importlib has it; caches of other instruction sets are told apart
     * by their names. */
    char cache_tag[32];
    snprintf(cache_tag, sizeof cache_tag, "heddle-311-%08x", (unsigned)hd_code_format_id());
    if (hd_dict_set_c(d, "name", hd_intern("heddle")) < 0 || hd_dict_set_c(d, "cache_tag", hd_intern(cache_tag)) < 0 ||
        hd_dict_set_c(d, "version", info) < 0 || hd_dict_set_c(d, "hexversion", hd_fix(0x030b02f0)) < 0 ||
        hd_dict_set_c(d, "_heddle_version", own_info) < 0 ||
        hd_dict_set_c(d, "_multiarch", hd_intern("x86_64-linux-gnu")) < 0) return -1;
    hd_value impl = hd_namespace_new(d);
    if (impl == HD_ERR) return -1;
    return hd_module_add(m, "version_info", info) < 0 || hd_module_add(m, "implementation", impl) < 0 ||
           hd_module_add_int(m, "hexversion", 0x030b02f0) < 0 || hd_module_add_int(m, "api_version", 1013) < 0 ||
           hd_module_add_str(m, "version", "3.11.2 (heddle " PACKAGE_VERSION ", " __DATE__ ") [GCC " __VERSION__ "]") < 0 ||
           hd_module_add_str(m, "copyright", "Copyright (c) the Heddle developers.") < 0 || hd_module_add_str(m, "abiflags", "") < 0 ? -1 : 0;
}

static int add_names(hd_value m)
{
    hd_value l = hd_list_new(0), std;
    if (l == HD_ERR) return -1;
#define M(name, cname) if (hd_list_append(l, hd_intern(#name)) < 0) return -1;
#include "interp/modules/modules.def"
#undef M
    if (hd_list_sort(l, HD_NONE, false) < 0) return -1;
    hd_value t = hd_list_as_tuple(l);
    if (t == HD_ERR || hd_module_add(m, "builtin_module_names", t) < 0) return -1;
    for (const char *const *n = hd_stdlib_names; *n; n++) if (hd_list_append(l, hd_intern(*n)) < 0) return -1;
    std = hd_frozenset_of(l);
    return std == HD_ERR ? -1 : hd_module_add(m, "stdlib_module_names", std);
}

static int add_options(hd_value m)
{
    struct hd_options *o = &hd_options;
    hd_value argv = str_list(o->argc, o->argv), orig = str_list(o->orig_argc, o->orig_argv), warn = str_list(o->nwarn, (char **)o->warn), x = hd_dict_new();
    if (argv == HD_ERR || orig == HD_ERR || warn == HD_ERR || x == HD_ERR) return -1;
    for (int i = 0; i < o->nx; i++) {
        const char *eq = strchr(o->x[i], '=');
        hd_value k = hd_str_from_fs(o->x[i], eq ? (size_t)(eq - o->x[i]) : strlen(o->x[i])), v = eq ? str(eq + 1) : HD_TRUE;
        if (k == HD_ERR || v == HD_ERR || hd_dict_set(x, k, v) < 0) return -1;
    }
    return hd_module_add(m, "argv", argv) < 0 || hd_module_add(m, "orig_argv", orig) < 0 || hd_module_add(m, "warnoptions", warn) < 0 ||
           hd_module_add(m, "_xoptions", x) < 0 ? -1 : 0;
}

static int add_places(hd_value m)
{
    const char *exe = hd_options.executable ? hd_options.executable : "";
    hd_value path = hd_list_new(4), e = str(exe), base = str(hd_options.base_executable ? hd_options.base_executable : exe);
    if (path == HD_ERR || e == HD_ERR || base == HD_ERR) return -1;
    const char *env = hd_options.ignore_environment ? NULL : getenv("PYTHONPATH");
    for (const char *p = env; p && *p;) {
        const char *colon = strchrnul(p, ':');
        hd_value s = hd_str_from_fs(p, (size_t)(colon - p));
        if (s == HD_ERR || hd_list_append(path, s) < 0) return -1;
        p = *colon ? colon + 1 : colon;
    }
    const char *dirs[] = { hd_library_dir(), HD_STDLIB };
    for (int i = 0; i < 2; i++) {
        hd_value s = dirs[i] ? str(dirs[i]) : HD_ABSENT;
        if (s == HD_ERR || (s != HD_ABSENT && hd_list_append(path, s) < 0)) return -1;
    }
    static const char *const prefixes[] = { "prefix", "base_prefix", "exec_prefix", "base_exec_prefix" };
    for (int i = 0; i < 4; i++) if (hd_module_add_str(m, prefixes[i], "/usr") < 0) return -1;
    return hd_module_add(m, "path", path) < 0 || hd_module_add(m, "executable", e) < 0 || hd_module_add(m, "_base_executable", base) < 0 ||
           hd_module_add(m, "_stdlib_dir", str(HD_STDLIB)) < 0 || hd_module_add_str(m, "platlibdir", "lib") < 0 ||
           hd_module_add(m, "_home", HD_NONE) < 0 || hd_module_add(m, "meta_path", hd_list_new(0)) < 0 ||
           hd_module_add(m, "path_hooks", hd_list_new(0)) < 0 || hd_module_add(m, "path_importer_cache", hd_dict_new()) < 0 ||
           hd_module_add(m, "pycache_prefix", hd_options.pycache_prefix ? str(hd_options.pycache_prefix) : HD_NONE) < 0 ? -1 : 0;
}

static int fill(hd_value m)
{
    hd_root(&audit_hooks);
    if ((audit_hooks = hd_list_new(0)) == HD_ERR) return -1;
    static const char *const ag[] = { "firstiter", "finalizer" };
    static const char *const un[] = { "exc_type", "exc_value", "exc_traceback", "err_msg", "object" };
    if (!(asyncgen_hooks_type = record("sys.asyncgen_hooks", ag, 2)) || !(unraisable_type = record("UnraisableHookArgs", un, 5))) return -1;
    if (add_flags(m) < 0 || add_numbers(m) < 0 || add_version(m) < 0 || add_names(m) < 0 || add_options(m) < 0 || add_places(m) < 0) return -1;
    hd_value d = hd_module_dict(m), mp = hd_tuplev(hd_intern("heddle"), hd_empty_str, hd_empty_str);
    static const char *const hooks[] = { "displayhook", "excepthook", "breakpointhook", "unraisablehook" };
    for (size_t i = 0; i < sizeof hooks / sizeof *hooks; i++) {
        char under[32];
        snprintf(under, sizeof under, "__%s__", hooks[i]);
        if (hd_dict_set_c(d, under, hd_dict_get_c(d, hooks[i])) < 0) return -1;
    }
    if (mp == HD_ERR || hd_module_add(m, "_git", mp) < 0) return -1;
    return hd_module_add(m, "modules", hd_sys_modules) < 0 || hd_module_add_str(m, "platform", "linux") < 0 ||
           hd_module_add_str(m, "byteorder", "little") < 0 || hd_module_add_int(m, "maxsize", INT64_MAX) < 0 ||
           hd_module_add_int(m, "maxunicode", 0x10ffff) < 0 || hd_module_add(m, "dont_write_bytecode", hd_bool(hd_options.dont_write_bytecode)) < 0 ||
           hd_module_add_str(m, "float_repr_style", "short") < 0 || hd_module_add_str(m, "_framework", "") < 0 ? -1 : 0;
}
const struct hd_moduledef hd_module_sys = { "sys", "The interpreter: its parameters and functions to act on it.", methods, fill };

/* The argument of sys.unraisablehook. */
hd_value hd_unraisable_args(hd_value exc, hd_value message, hd_value object)
{
    hd_value v[] = { hd_obj(hd_type_of(exc)), exc, hd_exc_traceback(exc), message, object };
    return hd_structseq_new(unraisable_type, v);
}
