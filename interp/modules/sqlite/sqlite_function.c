/* What the library calls: functions, aggregates, collations, and the hooks of a connection.
 *
 * Each registration has a struct sq_callback, which the library frees for functions and collations; the callable is kept in
 * the connection's dict under the same name and number of arguments by which the library knows it.  The context of a
 * running aggregate is a number, the key of its instance in that dict. */
#include <limits.h>
#include <stdlib.h>
#include "interp/modules/sqlite/sqlite_internal.h"

bool sq_show_tracebacks;

int sq_keep(hd_value connection, hd_value key, hd_value v)
{
    hd_value kept = HD_GET(SQ_CONNECTION(connection), kept);
    if (v != HD_ABSENT) return hd_dict_set(kept, key, v);
    return hd_dict_del(kept, key) < 0 ? -1 : 0;
}
int sq_keep_prepare(hd_value connection, hd_value key) { return hd_dict_setdefault(HD_GET(SQ_CONNECTION(connection), kept), key, HD_NONE) == HD_ERR ? -1 : 0; }
void sq_callback_failed(hd_value callable)
{
    if (sq_show_tracebacks) hd_exc_print_unraisable(NULL, callable);
    else hd_exc_clear();
}

/* ---- arguments and results ------------------------------------------------------------------------------------------------- */
static hd_value argument(sqlite3_value *v)
{
    switch (sqlite3_value_type(v)) {
    case SQLITE_INTEGER: return hd_int(sqlite3_value_int64(v));
    case SQLITE_FLOAT: return hd_float(sqlite3_value_double(v));
    case SQLITE_TEXT: {
        const char *s = (const char *)sqlite3_value_text(v);
        return s ? hd_str_utf8_n(s, (size_t)sqlite3_value_bytes(v)) : hd_no_memory();
    }
    case SQLITE_BLOB: {
        const void *p = sqlite3_value_blob(v);
        return hd_bytes_new(p ? p : "", (size_t)sqlite3_value_bytes(v));
    }
    default: return HD_NONE;
    }
}
static hd_value call_with(hd_value f, int n, sqlite3_value **v)
{
    hd_value few[8], *a = n <= 8 ? few : NULL;
    if (!a) {
        hd_value t = hd_tuple_new((size_t)n);
        if (t == HD_ERR) return HD_ERR;
        for (int i = 0; i < n; i++) HD_TUPLE(t)->item[i] = HD_NONE;
        for (int i = 0; i < n; i++) {
            hd_value x = argument(v[i]);
            if (x == HD_ERR) return HD_ERR;
            HD_TUPLE(t)->item[i] = x;
        }
        return hd_call_ex(f, t, HD_ABSENT);
    }
    for (int i = 0; i < n; i++) if ((a[i] = argument(v[i])) == HD_ERR) return HD_ERR;
    return hd_call(f, a, (size_t)n, 0);
}
static int set_result(sqlite3_context *ctx, hd_value v)
{
    struct sq_param p;
    hd_value keep;
    int r = v == HD_ERR ? -1 : sq_param_of(v, &p, &keep);
    if (r == 0) (void)hd_raise(SQ_ERROR(ProgrammingError), "User-defined functions cannot return '%s' values to SQLite", hd_type_name(hd_type_of(v)));
    if (r <= 0) return -1;
    switch (p.kind) {
    case SQ_INT: sqlite3_result_int64(ctx, p.i); break;
    case SQ_REAL: sqlite3_result_double(ctx, p.d); break;
    case SQ_TEXT: sqlite3_result_text(ctx, p.p, (int)p.n, SQLITE_TRANSIENT); break;
    case SQ_BLOB: sqlite3_result_blob(ctx, p.p, (int)p.n, SQLITE_TRANSIENT); break;
    default: sqlite3_result_null(ctx);
    }
    return 0;
}
/* The pending exception becomes the result. */
static void fail(sqlite3_context *ctx, hd_value callable, const char *message)
{
    if (hd_exc_is(&hd_exc_MemoryError)) sqlite3_result_error_nomem(ctx);
    else if (hd_exc_is(&hd_exc_OverflowError)) sqlite3_result_error_toobig(ctx);
    else sqlite3_result_error(ctx, message, -1);
    sq_callback_failed(callable);
}

/* ---- functions ----------------------------------------------------------------------------------------------------------------- */
static void on_function(sqlite3_context *ctx, int n, sqlite3_value **v)
{
    struct sq_callback *cb = sqlite3_user_data(ctx);
    if (cb->db->dead) return;
    SQ_CALLBACK
        if (set_result(ctx, call_with(cb->callable, n, v)) < 0) fail(ctx, cb->callable, "user-defined function raised exception");
    SQ_END_CALLBACK
}
static hd_value method_of(hd_value instance, const char *name, bool *defined)
{
    hd_value m = hd_getattr_c(instance, name);
    *defined = m != HD_ERR || !hd_exc_is(&hd_exc_AttributeError);
    return m;
}
#define RAISED(name) "user-defined aggregate's '" name "' method raised error"
#define UNDEFINED(name) "user-defined aggregate's '" name "' method not defined"
static hd_value instance_of(struct sq_db *db, int64_t id) { return hd_dict_get(HD_GET(SQ_CONNECTION(db->connection), kept), hd_fix(id)); }
static void on_step(sqlite3_context *ctx, int n, sqlite3_value **v)
{
    struct sq_callback *cb = sqlite3_user_data(ctx);
    struct sq_db *db = cb->db;
    int64_t *place = sqlite3_aggregate_context(ctx, sizeof *place), id = 0;
    if (db->dead) return;
    if (!place) {
        sqlite3_result_error_nomem(ctx);
        return;
    }
    bool first = !*place, made = false;
    id = first ? (int64_t)++db->instances : *place;
    SQ_CALLBACK
        bool defined;
        hd_value o = first ? hd_call0(cb->callable) : instance_of(db, id), m;
        made = false;
        if (o == HD_ERR || o == HD_ABSENT || (first && sq_keep(db->connection, hd_fix(id), o) < 0)) fail(ctx, cb->callable, RAISED("__init__"));
        else {
            made = true;
            if ((m = method_of(o, "step", &defined)) == HD_ERR) fail(ctx, cb->callable, defined ? RAISED("step") : UNDEFINED("step"));
            else if (call_with(m, n, v) == HD_ERR) fail(ctx, cb->callable, RAISED("step"));
        }
    SQ_END_CALLBACK
    if (made) *place = id;
}
/* The result so far, or of all: then the instance goes. */
static void report(sqlite3_context *ctx, bool last)
{
    struct sq_callback *cb = sqlite3_user_data(ctx);
    struct sq_db *db = cb->db;
    /* no context: there was no row */
    int64_t *place = sqlite3_aggregate_context(ctx, 0), id = place ? *place : 0;
    if (!id || db->dead) return;
    SQ_CALLBACK
        bool defined;
        hd_value o = instance_of(db, id), m;
        if (o == HD_ERR) fail(ctx, cb->callable, last ? RAISED("finalize") : RAISED("value"));
        else if (o != HD_ABSENT) {
            if ((m = method_of(o, last ? "finalize" : "value", &defined)) == HD_ERR)
                fail(ctx, cb->callable, last ? defined ? RAISED("finalize") : UNDEFINED("finalize") : defined ? RAISED("value") : UNDEFINED("value"));
            else if (set_result(ctx, hd_call0(m)) < 0) fail(ctx, cb->callable, last ? RAISED("finalize") : RAISED("value"));
            if (last && sq_keep(db->connection, hd_fix(id), HD_ABSENT) < 0) hd_exc_clear();
        }
    SQ_END_CALLBACK
    if (last) *place = 0;
}
static void on_final(sqlite3_context *ctx) { report(ctx, true); }
static void on_value(sqlite3_context *ctx) { report(ctx, false); }
static void on_inverse(sqlite3_context *ctx, int n, sqlite3_value **v)
{
    struct sq_callback *cb = sqlite3_user_data(ctx);
    struct sq_db *db = cb->db;
    int64_t *place = sqlite3_aggregate_context(ctx, sizeof *place), id = place ? *place : 0;
    if (!id || db->dead) return;
    SQ_CALLBACK
        bool defined;
        hd_value o = instance_of(db, id), m;
        if (o == HD_ERR || o == HD_ABSENT) fail(ctx, cb->callable, RAISED("inverse"));
        else if ((m = method_of(o, "inverse", &defined)) == HD_ERR) fail(ctx, cb->callable, defined ? RAISED("inverse") : UNDEFINED("inverse"));
        else if (call_with(m, n, v) == HD_ERR) fail(ctx, cb->callable, RAISED("inverse"));
    SQ_END_CALLBACK
}

/* ---- registration ---------------------------------------------------------------------------------------------------------------- */
static hd_value key_of(const char *kind, const char *name, size_t n, int n_args)
{
    hd_value k = hd_str_utf8(kind), t = k == HD_ERR ? HD_ERR : hd_str_utf8_n(name, n);
    if (t == HD_ERR || (t = hd_call_method(t, hd_intern("lower"), NULL, 0)) == HD_ERR) return HD_ERR;
    return hd_tuplev(k, t, hd_fix(n_args));
}
enum what { FUNCTION, AGGREGATE, WINDOW, COLLATION };
static int on_collation(void *user, int an, const void *a, int bn, const void *b);
/* Gives callable to the library under a name; None takes window functions and collations away. */
static int registered_once(hd_value self, struct sq_db *db, enum what what, hd_value name, int n_args, int flags, hd_value callable, struct sq_outcome *out)
{
    size_t n;
    const char *s = hd_str_as_utf8(name, &n);
    if (!s) return -1;
    if (strlen(s) != n) {
        (void)hd_raise(&hd_exc_ValueError, "embedded null character");
        return -1;
    }
    hd_value key = key_of(what == COLLATION ? "collation" : "function", s, n, n_args);
    if (key == HD_ERR || sq_keep_prepare(self, key) < 0) return -1;
    int token = sq_enter(db), code = SQLITE_NOMEM;
    bool remove = callable == HD_NONE && (what == WINDOW || what == COLLATION);
    struct sq_callback *cb = remove ? NULL : malloc(sizeof *cb);
    if (cb) *cb = (struct sq_callback){ db, callable };
    if (!db->handle) code = SQLITE_MISUSE, free(cb);
    else if (cb || remove) {
        bool on = cb != NULL;
        switch (what) {
        case FUNCTION: code = sqlite3_create_function_v2(db->handle, s, n_args, flags, cb, on ? on_function : NULL, NULL, NULL, on ? free : NULL); break;
        case AGGREGATE: code = sqlite3_create_function_v2(db->handle, s, n_args, flags, cb, NULL, on ? on_step : NULL, on ? on_final : NULL, on ? free : NULL); break;
        case WINDOW:
            code = sqlite3_create_window_function(db->handle, s, n_args, flags, cb, on ? on_step : NULL, on ? on_final : NULL, on ? on_value : NULL, on ? on_inverse : NULL, on ? free : NULL);
            break;
        case COLLATION:
            code = sqlite3_create_collation_v2(db->handle, s, SQLITE_UTF8, cb, on ? on_collation : NULL, on ? free : NULL);
            if (code != SQLITE_OK) free(cb);             /* the one that leaves this to the caller */
        }
        if (code != SQLITE_OK) sq_fail(db->handle, out);
    }
    sq_leave(db, token);
    out->code = code;
    if (code == SQLITE_OK && sq_keep(self, key, callable) < 0) return -1;
    return 0;
}
/* What running statements use cannot be replaced. */
static int registered(hd_value self, struct sq_db *db, enum what what, hd_value name, int n_args, int flags, hd_value callable, struct sq_outcome *out)
{
    int r = registered_once(self, db, what, name, n_args, flags, callable, out);
    if (r < 0 || !sq_collect_for(out->code)) return r;
    if (out->message) stm_on_commit(free, out->message);
    *out = (struct sq_outcome){ 0 };
    return registered_once(self, db, what, name, n_args, flags, callable, out);
}
static hd_value finish(enum what what, int r, struct sq_outcome *out)
{
    if (out->message && (r < 0 || what != COLLATION)) stm_on_commit(free, out->message);
    if (r < 0) return HD_ERR;
    if (out->code == SQLITE_OK) return HD_NONE;
    switch (what) {
    case FUNCTION: return hd_raise(SQ_ERROR(OperationalError), "Error creating function");
    case AGGREGATE: return hd_raise(SQ_ERROR(OperationalError), "Error creating aggregate");
    case WINDOW: return hd_raise(SQ_ERROR(ProgrammingError), "%s", sqlite3_errstr(out->code));
    default: return sq_raise(out);
    }
}
static hd_value create(hd_value self, enum what what, const char *function, const char *argument_name, hd_value name, hd_value n_arg, hd_value callable, int flags)
{
    struct sq_outcome out = { 0 };
    int n;
    if (!hd_is_str(name)) return hd_raise(&hd_exc_TypeError, "%s() argument %s must be str, not %A", function, argument_name, name);
    if (hd_as_int32(n_arg, &n) < 0) return HD_ERR;
    struct sq_db *db = sq_check(self);
    if (!db) return HD_ERR;
    return finish(what, registered(self, db, what, name, n, SQLITE_UTF8 | flags, callable, &out), &out);
}
hd_value sq_create_function(SQ_ARGS)
{
    hd_value a[4];
    int deterministic = 0;
    if (hd_args("create_function", "name,narg,func,*,|deterministic", args, nargs, kwnames, a) < 0 || (a[3] != HD_ABSENT && (deterministic = hd_truth(a[3])) < 0)) return HD_ERR;
    return create(self, FUNCTION, "create_function", "'name'", a[0], a[1], a[2], deterministic ? SQLITE_DETERMINISTIC : 0);
}
hd_value sq_create_aggregate(SQ_ARGS)
{
    hd_value a[3];
    if (hd_args("create_aggregate", "name,n_arg,aggregate_class", args, nargs, kwnames, a) < 0) return HD_ERR;
    return create(self, AGGREGATE, "create_aggregate", "'name'", a[0], a[1], a[2], 0);
}
hd_value sq_create_window_function(SQ_ARGS) { return create(self, WINDOW, "create_window_function", "1", args[0], args[1], args[2], 0); }

static int on_collation(void *user, int an, const void *a, int bn, const void *b)
{
    struct sq_callback *cb = user;
    int sign;
    if (cb->db->dead) return 0;
    SQ_CALLBACK
        hd_value x[2] = { hd_str_utf8_n(a, (size_t)an), HD_NONE }, r = HD_ERR;
        sign = 0;
        if (x[0] != HD_ERR && (x[1] = hd_str_utf8_n(b, (size_t)bn)) != HD_ERR) r = hd_call(cb->callable, x, 2, 0);
        if (r != HD_ERR && !hd_is_int(r)) r = hd_raise(&hd_exc_TypeError, "an integer is required (got type %T)", r);
        if (r == HD_ERR) sq_callback_failed(cb->callable);
        else sign = hd_int_sign(r);
    SQ_END_CALLBACK
    return sign;
}
hd_value sq_create_collation(SQ_ARGS)
{
    struct sq_outcome out = { 0 };
    if (!hd_is_str(args[0])) return hd_raise(&hd_exc_TypeError, "create_collation() argument 1 must be str, not %A", args[0]);
    struct sq_db *db = sq_check(self);
    if (!db) return HD_ERR;
    if (args[1] != HD_NONE && !hd_callable(args[1])) return hd_raise(&hd_exc_TypeError, "parameter must be callable");
    return finish(COLLATION, registered(self, db, COLLATION, args[0], 0, 0, args[1], &out), &out);
}

/* ---- hooks ------------------------------------------------------------------------------------------------------------------------- */
static int on_authorize(void *user, int action, const char *a, const char *b, const char *database, const char *source)
{
    struct sq_callback *cb = user;
    int answer;
    if (cb->db->dead) return SQLITE_DENY;
    SQ_CALLBACK
        const char *s[4] = { a, b, database, source };
        hd_value x[5] = { hd_fix(action) }, r = HD_NONE;
        answer = SQLITE_DENY;
        for (int i = 0; i < 4 && r != HD_ERR; i++) if ((x[i + 1] = s[i] ? hd_str_utf8(s[i]) : HD_NONE) == HD_ERR) r = HD_ERR;
        if (r != HD_ERR) r = hd_call(cb->callable, x, 5, 0);
        if (r == HD_ERR || (hd_is_int(r) && hd_as_int32(r, &answer) < 0)) {
            sq_callback_failed(cb->callable);
            answer = SQLITE_DENY;
        }
    SQ_END_CALLBACK
    return answer;
}
static int on_progress(void *user)
{
    struct sq_callback *cb = user;
    int stop;
    if (cb->db->dead) return 0;
    SQ_CALLBACK
        hd_value r = hd_call0(cb->callable);
        stop = r == HD_ERR ? -1 : hd_truth(r);
        if (stop < 0) {
            sq_callback_failed(cb->callable);
            stop = 1;
        }
    SQ_END_CALLBACK
    return stop;
}
static int on_trace(unsigned type, void *user, void *statement, void *sql)
{
    struct sq_callback *cb = user;
    if (type != SQLITE_TRACE_STMT || cb->db->dead) return 0;
    char *expanded = sqlite3_expanded_sql(statement);
    bool no_memory = !expanded && sqlite3_errcode(sqlite3_db_handle(statement)) == SQLITE_NOMEM;
    SQ_CALLBACK
        if (!expanded) {
            (void)(no_memory ? hd_no_memory() : hd_raise(SQ_ERROR(DataError), "Expanded SQL string exceeds the maximum string length"));
            sq_callback_failed(cb->callable);
        }
        if (!no_memory) {
            hd_value s = hd_str_utf8(expanded ? expanded : (const char *)sql);
            if (s == HD_ERR || hd_callv(cb->callable, s) == HD_ERR) sq_callback_failed(cb->callable);
        }
    SQ_END_CALLBACK
    sqlite3_free(expanded);
    return 0;
}
enum hook { AUTHORIZER, PROGRESS, TRACE };
static hd_value set_hook(hd_value self, enum hook hook, const char *name, hd_value callable, int n)
{
    struct sq_db *db = sq_check(self);
    hd_value key = db ? hd_str_utf8(name) : HD_ERR;
    if (key == HD_ERR || sq_keep_prepare(self, key) < 0) return HD_ERR;
    bool on = callable != HD_NONE;
    int code = SQLITE_OK, token = sq_enter(db);
    struct sq_callback *cb = hook == AUTHORIZER ? &db->authorizer : hook == PROGRESS ? &db->progress : &db->trace;
    if (db->handle) {
        *cb = (struct sq_callback){ db, callable };
        switch (hook) {
        case AUTHORIZER: code = sqlite3_set_authorizer(db->handle, on ? on_authorize : NULL, on ? cb : NULL); break;
        case PROGRESS: sqlite3_progress_handler(db->handle, on ? n : 0, on ? on_progress : NULL, on ? cb : NULL); break;
        case TRACE: sqlite3_trace_v2(db->handle, on ? SQLITE_TRACE_STMT : 0, on ? on_trace : NULL, on ? cb : NULL);
        }
    }
    sq_leave(db, token);
    if (code != SQLITE_OK) return hd_raise(SQ_ERROR(OperationalError), "Error setting authorizer callback");
    return sq_keep(self, key, callable) < 0 ? HD_ERR : HD_NONE;
}
hd_value sq_set_authorizer(SQ_ARGS)
{
    hd_value a[1];
    return hd_args("set_authorizer", "authorizer_callback", args, nargs, kwnames, a) < 0 ? HD_ERR : set_hook(self, AUTHORIZER, "authorizer", a[0], 0);
}
hd_value sq_set_progress_handler(SQ_ARGS)
{
    hd_value a[2];
    int n;
    return hd_args("set_progress_handler", "progress_handler,n", args, nargs, kwnames, a) < 0 || hd_as_int32(a[1], &n) < 0 ? HD_ERR : set_hook(self, PROGRESS, "progress", a[0], n);
}
hd_value sq_set_trace_callback(SQ_ARGS)
{
    hd_value a[1];
    return hd_args("set_trace_callback", "trace_callback", args, nargs, kwnames, a) < 0 ? HD_ERR : set_hook(self, TRACE, "trace", a[0], 0);
}
