/* Owns the module _warnings: whether a warning is shown, becomes an exception or is dropped, for Python code and for C code.
 *
 *   W1  `state` is a list of four: the filters, the registry of the action "once", the default action, the registry for warnings
 *       of finalisers that come at any time.  It is made once in the life of the process; the first three are what the module
 *       warnings had as attributes when they were last needed, so that they still count when that module is gone.  Which list is
 *       `state` never changes, so the static is no concern of an abort.
 *   W2  The version of the filters is a setting (core/settings.h).  A registry that has another version is out of date and is
 *       emptied before it is used.
 *   W3  warnings.py is imported here only for a warning that has a source and is to be shown. */
#include "interp/core/settings.h"
#include "interp/core/shape.h"
#include "interp/eval/eval_internal.h"
#include "interp/modules/modules.h"
#include "interp/types/exc.h"

enum { FILTERS, ONCE_REGISTRY, DEFAULT_ACTION, FINALISER_REGISTRY };
static hd_value state;

/* ---- what warnings.py has -------------------------------------------------------------------------------------------------------- */
/* An attribute of the module warnings; HD_ABSENT if it is not imported or has none of that name. */
static hd_value python_attribute(const char *name, bool import)
{
    hd_value m = HD_ABSENT;
    if (import && !hd_sys_is_finalizing()) {
        m = hd_import("warnings");
        if (m == HD_ERR) {
            if (!hd_exc_is(&hd_exc_ImportError)) return HD_ERR;
            hd_exc_clear();
            return HD_ABSENT;
        }
    } else if (hd_sys_modules && hd_is_dict(hd_sys_modules) && (m = hd_dict_get(hd_sys_modules, hd_s_warnings)) == HD_ERR) return HD_ERR;
    if (m == HD_ABSENT) return HD_ABSENT;
    hd_value s = hd_intern(name);
    return s == HD_ERR ? HD_ERR : hd_getattr_opt(m, s);
}

/* Item `which` of the state after a look at what Python code has put in its place. */
static hd_value current(int which)
{
    static const char *const names[] = { "filters", "onceregistry", "defaultaction" };
    hd_value old = hd_list_get(state, which), v = python_attribute(names[which], false);
    if (v == HD_ERR) return HD_ERR;
    if (v == HD_ABSENT) v = old;
    switch (which) {
    case FILTERS:
        if (!hd_is_list(v)) return hd_raise(&hd_exc_ValueError, "_warnings.filters must be a list");
        break;
    case ONCE_REGISTRY:
        if (!hd_is_dict(v)) return hd_raise(&hd_exc_TypeError, "_warnings.onceregistry must be a dict, not '%T'", v);
        break;
    default:
        if (!hd_is_str(v)) return hd_raise(&hd_exc_TypeError, "_warnings.defaultaction must be a string, not '%T'", v);
    }
    /* most of the time nothing has changed, and a write would be in the way of other threads */
    if (v != old && hd_list_set(state, which, v) < 0) return HD_ERR;
    return v;
}

/* ---- filters ------------------------------------------------------------------------------------------------------------------------ */
/* Pattern of a filter: None, a str that must be equal, or something with match().  1, 0, -1. */
static int matches(hd_value pattern, hd_value text)
{
    if (pattern == HD_NONE) return 1;
    if (hd_is_shape(pattern, HD_SHAPE_STR)) return hd_equal(pattern, text);
    hd_value match = hd_intern("match"), r = match == HD_ERR ? HD_ERR : hd_call_method(pattern, match, &text, 1);
    return r == HD_ERR ? -1 : hd_truth(r);
}

/* The action for a warning; *item: the filter that says so, or None. */
static hd_value find_action(hd_value category, hd_value text, int lineno, hd_value module, hd_value *item)
{
    hd_value filters = current(FILTERS);
    if (filters == HD_ERR) return HD_ERR;
    for (int64_t i = 0;; i++) {
        hd_value t = hd_list_get(filters, i);
        if (t == HD_ABSENT) break;
        if (!hd_is_tuple(t) || HD_TUPLE(t)->len != 5) return hd_raise(&hd_exc_ValueError, "_warnings.filters item %lld isn't a 5-tuple", (long long)i);
        const hd_value *f = HD_TUPLE(t)->item;
        if (!hd_is_str(f[0])) return hd_raise(&hd_exc_TypeError, "action must be a string, not '%T'", f[0]);
        int message_fits = matches(f[1], text);
        if (message_fits < 0) return HD_ERR;
        int module_fits = matches(f[3], module);
        if (module_fits < 0) return HD_ERR;
        int category_fits = hd_issubclass(category, f[2]);
        if (category_fits < 0) return HD_ERR;
        int64_t line;
        if (!hd_is_int(f[4])) return hd_raise(&hd_exc_TypeError, "an integer is required");
        if (hd_as_i64(f[4], &line) < 0) return HD_ERR;
        if (message_fits && module_fits && category_fits && (line == 0 || line == lineno)) {
            *item = t;
            return f[0];
        }
    }
    *item = HD_NONE;
    return current(DEFAULT_ACTION);
}

/* ---- registries --------------------------------------------------------------------------------------------------------------------- */
/* Whether the registry has the key.  1, 0 (then it is added if `add`), -1. */
static int already_warned(hd_value registry, hd_value key, bool add)
{
    hd_value current_version = hd_int(hd_setting(warnings_version)), version = hd_dict_get(registry, hd_s_version);
    if (key == HD_ERR || current_version == HD_ERR || version == HD_ERR) return -1;
    int same = version == HD_ABSENT || !hd_is_int(version) ? 0 : hd_equal(version, current_version);
    if (same < 0) return -1;
    if (!same) {
        if (hd_dict_clear(registry) < 0 || hd_dict_set(registry, hd_s_version, current_version) < 0) return -1;
    } else {
        hd_value v = hd_dict_get(registry, key);
        int r = v == HD_ERR ? -1 : v == HD_ABSENT ? 0 : hd_truth(v);
        if (r) return r;
    }
    return add ? hd_dict_set(registry, key, HD_TRUE) : 0;
}

/* ---- showing ------------------------------------------------------------------------------------------------------------------------ */
struct warning { hd_value category, message, text, filename, module /* HD_ABSENT: from filename */, registry /* HD_ABSENT, None */, source_line, source /* both may be HD_ABSENT */; int lineno; };

static void append_line(struct hd_strbuilder *b, hd_value line)
{
    int64_t from = 0, to = HD_STR(line)->len;
    while (from < to && (hd_str_at(line, from) == ' ' || hd_str_at(line, from) == '\t' || hd_str_at(line, from) == '\f')) from++;
    hd_sb_ascii(b, "  ", 2);
    hd_sb_slice(b, line, from, to);
    hd_sb_char(b, '\n');
}

/* Without warnings.py: a line to sys.stderr and the line of the source.  Whatever goes wrong here goes wrong silently. */
static void show_plainly(const struct warning *w)
{
    hd_value file = hd_sys_get("stderr");
    if (file == HD_ABSENT || file == HD_NONE || file == HD_ERR) return;
    hd_value name = hd_getattr(w->category, hd_s___name__);
    hd_value head = name == HD_ERR ? HD_ERR : hd_str_format("%S:%d: %S: %S\n", w->filename, w->lineno, name, w->text);
    if (head != HD_ERR) {
        hd_value line = w->source_line;
        if (line == HD_ABSENT) line = hd_source_line(w->filename, w->lineno);
        struct hd_strbuilder b;
        hd_sb_init(&b);
        hd_sb_str(&b, head);
        if (line != HD_ABSENT) append_line(&b, line);
        hd_value all = hd_sb_finish(&b);
        if (all != HD_ERR) (void)!hd_call_method(file, hd_s_write, &all, 1);
    }
    hd_exc_clear();
}

static int show(const struct warning *w)
{
    hd_value f = python_attribute("_showwarnmsg", w->source != HD_ABSENT);
    if (f == HD_ERR) return -1;
    if (f == HD_ABSENT) {
        show_plainly(w);
        return 0;
    }
    if (!hd_callable(f)) {
        (void)hd_raise(&hd_exc_TypeError, "warnings._showwarnmsg() must be set to a callable");
        return -1;
    }
    hd_value cls = python_attribute("WarningMessage", false);
    if (cls == HD_ABSENT) (void)hd_raise(&hd_exc_RuntimeError, "unable to get warnings.WarningMessage");
    if (cls == HD_ABSENT || cls == HD_ERR) return -1;
    hd_value m = hd_callv(cls, w->message, w->category, w->filename, hd_fix(w->lineno), HD_NONE, HD_NONE, w->source == HD_ABSENT ? HD_NONE : w->source);
    return m == HD_ERR || hd_callv(f, m) == HD_ERR ? -1 : 0;
}

/* ---- the decision ------------------------------------------------------------------------------------------------------------------- */
static hd_value module_of_file(hd_value filename)
{
    int64_t n = HD_STR(filename)->len;
    if (n == 0) return hd_str_utf8("<unknown>");
    bool py = n >= 3 && hd_str_at(filename, n - 3) == '.' && hd_str_at(filename, n - 2) == 'p' && hd_str_at(filename, n - 1) == 'y';
    return py ? hd_str_slice(filename, 0, n - 3) : filename;
}

static int raise_warning(const struct warning *w)
{
    if (hd_isinstance(w->message, hd_obj(&hd_exc_BaseException)) > 0) (void)hd_raise_object(w->message);
    else if (!hd_exc_pending()) (void)hd_raise(&hd_exc_SystemError, "_PyErr_SetObject: exception %R is not a BaseException subclass", w->category);
    return -1;
}

static int issue(struct warning *w)
{
    if (w->module == HD_NONE) return 0;
    bool has_registry = w->registry != HD_ABSENT && w->registry != HD_NONE;
    if (has_registry && !hd_is_dict(w->registry)) {
        (void)hd_raise(&hd_exc_TypeError, "'registry' must be a dict or None");
        return -1;
    }
    if (w->module == HD_ABSENT && (w->module = module_of_file(w->filename)) == HD_ERR) return -1;
    int is_warning = hd_isinstance(w->message, hd_obj(&hd_exc_Warning));
    if (is_warning < 0) return -1;
    if (is_warning) {
        w->text = hd_str_of(w->message);
        w->category = hd_obj(hd_type_of(w->message));
    } else {
        w->text = w->message;
        w->message = hd_callv(w->category, w->message);
    }
    if (w->text == HD_ERR || w->message == HD_ERR) return -1;
    hd_value key = hd_tuplev(w->text, w->category, hd_fix(w->lineno)), item;
    if (key == HD_ERR) return -1;
    if (has_registry) {
        int r = already_warned(w->registry, key, false);
        if (r) return r < 0 ? -1 : 0;
    }
    hd_value action = find_action(w->category, w->text, w->lineno, w->module, &item);
    if (action == HD_ERR) return -1;
    if (hd_str_is(action, "error")) return raise_warning(w);
    if (hd_str_is(action, "ignore")) return 0;
    if (hd_str_is(action, "always")) return show(w);
    if (has_registry && hd_dict_set(w->registry, key, HD_TRUE) < 0) return -1;
    int seen = 0;
    if (hd_str_is(action, "once")) {
        hd_value registry = has_registry ? w->registry : current(ONCE_REGISTRY);
        seen = registry == HD_ERR ? -1 : already_warned(registry, hd_tuplev(w->text, w->category), true);
    } else if (hd_str_is(action, "module")) {
        if (has_registry) seen = already_warned(w->registry, hd_tuplev(w->text, w->category), true);
    } else if (!hd_str_is(action, "default")) {
        (void)hd_raise(&hd_exc_RuntimeError, "Unrecognized action (%R) in warnings.filters:\n %R", action, item);
        return -1;
    }
    return seen ? (seen < 0 ? -1 : 0) : show(w);
}

/* ---- the place ---------------------------------------------------------------------------------------------------------------------- */
/* Frames of the import machinery do not count as callers. */
static bool is_import_code(const struct hd_code *c)
{
    hd_value a = hd_intern("importlib"), b = hd_intern("_bootstrap");
    if (a == HD_ERR || b == HD_ERR) return false;
    return hd_str_find(c->filename, a, 0, HD_STR(c->filename)->len, 1) >= 0 && hd_str_find(c->filename, b, 0, HD_STR(c->filename)->len, 1) >= 0;
}

/* What a finaliser has interrupted is not its caller. */
static struct hd_code *code_of(const struct hd_thread *ts, hd_value *fp) { return fp == ts->interrupted ? NULL : hd_frame_code(fp); }

static hd_value registry_in(hd_value globals)
{
    hd_value r = hd_dict_get(globals, hd_s___warningregistry__);
    return r == HD_ABSENT && ((r = hd_dict_new()) == HD_ERR || hd_dict_set(globals, hd_s___warningregistry__, r) < 0) ? HD_ERR : r;
}

/* Fills in file, line, module and registry for the `level`th frame, the running one being the first. */
static int find_place(struct warning *w, int64_t level)
{
    struct hd_thread *ts = hd_ts;
    hd_value *fp = ts->fp;
    const hd_ins *pc = ts->pc;
    struct hd_code *c = code_of(ts, fp);
    bool skip = level > 0 && c && !is_import_code(c);
    while (c && --level > 0)
        do {
            pc = hd_frame_caller_pc(ts, fp);
            fp = hd_frame_caller(fp);
            c = code_of(ts, fp);
        } while (skip && c && is_import_code(c));
    hd_value globals;
    if (c) {
        globals = HD_FUNC(fp[HD_FRAME_FUNC])->globals;
        w->filename = c->filename;
        w->lineno = hd_code_lineno(c, (uint32_t)(pc - c->ins));
    } else {
        globals = hd_module_dict(hd_sys_module);
        w->filename = hd_s_sys;
        w->lineno = 1;
    }
    w->registry = !c && ts->interrupted ? hd_list_get(state, FINALISER_REGISTRY) : registry_in(globals);
    w->module = w->registry == HD_ERR ? HD_ERR : hd_dict_get(globals, hd_s___name__);
    if (w->module == HD_ABSENT || (w->module != HD_ERR && w->module != HD_NONE && !hd_is_str(w->module))) w->module = hd_str_utf8("<string>");
    return w->module == HD_ERR ? -1 : 0;
}

int hd_warn_message(hd_value category, hd_value message, int64_t level, hd_value source)
{
    if (!state) return 0;                  /* the interpreter has just begun to start */
    struct warning w = { .category = category, .message = message, .source_line = HD_ABSENT, .source = source };
    return find_place(&w, level) < 0 ? -1 : issue(&w);
}

void hd_warn_unawaited(hd_value coroutine, hd_value qualname)
{
    bool told = false;
    hd_value f = python_attribute("_warn_unawaited_coroutine", true);
    if (f != HD_ERR && f != HD_ABSENT) told = hd_call(f, &coroutine, 1, 0) != HD_ERR || hd_exc_is(&hd_exc_RuntimeWarning);
    if (hd_exc_pending()) hd_exc_print_unraisable("", coroutine);
    if (!told && hd_warn(&hd_exc_RuntimeWarning, 1, "coroutine '%U' was never awaited", qualname) < 0) hd_exc_print_unraisable("", coroutine);
}

int hd_warn_explicit(struct hd_type *category, hd_value message, hd_value filename, int lineno)
{
    if (!state) return 0;
    struct warning w = { .category = hd_obj(category), .message = message, .filename = filename, .lineno = lineno,
                         .module = HD_ABSENT, .registry = HD_ABSENT, .source_line = HD_ABSENT, .source = HD_ABSENT };
    return issue(&w);
}

/* ---- the module --------------------------------------------------------------------------------------------------------------------- */
static hd_value warnings_warn(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
{
    hd_value a[4];
    int64_t level = 1;
    if (hd_args("warn", "message,|category,stacklevel,source", args, nargs, kwnames, a) < 0) return HD_ERR;
    if (a[2] != HD_ABSENT && hd_as_i64(a[2], &level) < 0) return HD_ERR;
    int is_warning = hd_isinstance(a[0], hd_obj(&hd_exc_Warning));
    if (is_warning < 0) return HD_ERR;
    hd_value category = is_warning ? hd_obj(hd_type_of(a[0])) : a[1] == HD_ABSENT || a[1] == HD_NONE ? hd_obj(&hd_exc_UserWarning) : a[1];
    if (hd_issubclass(category, hd_obj(&hd_exc_Warning)) <= 0) {
        hd_exc_clear();
        return hd_raise(&hd_exc_TypeError, "category must be a Warning subclass, not '%T'", category);
    }
    return hd_warn_message(category, a[0], level, a[3] == HD_NONE ? HD_ABSENT : a[3]) < 0 ? HD_ERR : HD_NONE;
}

/* The line that the loader of a module knows; HD_ABSENT if it cannot tell. */
static hd_value line_from_loader(hd_value globals, int lineno)
{
    hd_value loader = hd_dict_get(globals, hd_s___loader__), name = loader == HD_ERR ? HD_ERR : hd_dict_get(globals, hd_s___name__);
    if (name == HD_ERR || name == HD_ABSENT || loader == HD_ABSENT) return name == HD_ERR ? HD_ERR : HD_ABSENT;
    hd_value get_source = hd_getattr_opt(loader, hd_intern("get_source"));
    if (get_source == HD_ABSENT || get_source == HD_ERR) return get_source;
    hd_value source = hd_callv(get_source, name);
    if (source == HD_ERR) return HD_ERR;
    if (source == HD_NONE) return HD_ABSENT;
    if (!hd_is_str(source)) return hd_raise(&hd_exc_TypeError, "must be str, not %A", source);
    hd_value lines = hd_callv(hd_type_lookup(&hd_str_type, hd_intern("splitlines")), source);       /* str's own: a list */
    if (lines == HD_ERR) return HD_ERR;
    hd_value line = lineno > 0 ? hd_list_get(lines, (int64_t)lineno - 1) : HD_ABSENT;
    return line == HD_ABSENT ? hd_raise(&hd_exc_IndexError, "list index out of range") : line;
}

static hd_value warnings_warn_explicit(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
{
    hd_value a[8];
    int64_t lineno;
    if (hd_args("warn_explicit", "message,category,filename,lineno,|module,registry,module_globals,source", args, nargs, kwnames, a) < 0) return HD_ERR;
    if (!hd_is_str(a[2])) return hd_raise(&hd_exc_TypeError, "warn_explicit() argument 3 must be str, not %A", a[2]);
    if (hd_as_i64(a[3], &lineno) < 0) return HD_ERR;
    if (lineno > INT32_MAX) return hd_raise(&hd_exc_OverflowError, "signed integer is greater than maximum");
    if (lineno < INT32_MIN) return hd_raise(&hd_exc_OverflowError, "signed integer is less than minimum");
    struct warning w = { .category = a[1], .message = a[0], .filename = a[2], .module = a[4], .registry = a[5], .source_line = HD_ABSENT,
                         .source = a[7] == HD_NONE ? HD_ABSENT : a[7], .lineno = (int)lineno };
    if (a[6] != HD_ABSENT && a[6] != HD_NONE) {
        if (!hd_is_dict(a[6])) return hd_raise(&hd_exc_TypeError, "module_globals must be a dict, not '%T'", a[6]);
        if ((w.source_line = line_from_loader(a[6], w.lineno)) == HD_ERR) return HD_ERR;
    }
    return issue(&w) < 0 ? HD_ERR : HD_NONE;
}

static hd_value warnings_filters_mutated(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
{
    hd_set_setting(warnings_version, hd_setting(warnings_version) + 1);
    return HD_NONE;
}

static hd_value default_filters(void)
{
    hd_value filters = hd_list_from((hd_value[]){
        hd_tuplev(hd_s_default, HD_NONE, hd_obj(&hd_exc_DeprecationWarning), hd_s___main__, hd_fix(0)) }, 1);
    if (filters == HD_ERR || hd_list_get(filters, 0) == HD_ERR) return HD_ERR;
    struct hd_type *const ignored[] = { &hd_exc_DeprecationWarning, &hd_exc_PendingDeprecationWarning, &hd_exc_ImportWarning, &hd_exc_ResourceWarning };
    for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++) {
        hd_value f = hd_tuplev(hd_intern("ignore"), HD_NONE, hd_obj(ignored[i]), HD_NONE, hd_fix(0));
        if (f == HD_ERR || hd_list_append(filters, f) < 0) return HD_ERR;
    }
    return filters;
}

static const struct hd_methoddef methods[] = {
    { "warn", warnings_warn, 0, -1, HD_METH_KW, "warn($module, /, message, category=None, stacklevel=1, source=None)\n--\n\nIssue a warning about the calling code, which may be ignored or become an exception." },
    { "warn_explicit", warnings_warn_explicit, 0, -1, HD_METH_KW, "Issue a warning about a place that the arguments name." },
    { "_filters_mutated", warnings_filters_mutated, 0, 0, 0, NULL },
    { 0 }
};

static int fill(hd_value m)
{
    if (!state) {
        stm_become_irrevocable();
        hd_value filters = default_filters(), once = hd_dict_new(), finalisers = hd_dict_new();
        if (filters == HD_ERR || once == HD_ERR || finalisers == HD_ERR) return -1;
        hd_value made = hd_list_from((hd_value[]){ filters, once, hd_s_default, finalisers }, 4);
        if (made == HD_ERR) return -1;
        hd_root(&state);
        state = made;
    }
    return hd_module_add(m, "filters", hd_list_get(state, FILTERS)) < 0 || hd_module_add(m, "_onceregistry", hd_list_get(state, ONCE_REGISTRY)) < 0
           || hd_module_add(m, "_defaultaction", hd_list_get(state, DEFAULT_ACTION)) < 0 ? -1 : 0;
}
const struct hd_moduledef hd_module_warnings = { "_warnings", "Filters and shows warnings; the module warnings is built on it.", methods, fill };
