/* The type Connection. */
#include <stdlib.h>
#include "interp/eval/eval.h"
#include "interp/modules/sqlite/sqlite_internal.h"
#include "interp/types/exc.h"

/* ---- state -------------------------------------------------------------------------------------------------------------- */
enum sq_isolation { DEFAULT, DEFERRED, IMMEDIATE, EXCLUSIVE, N_ISOLATION, NO_ISOLATION };
static const char *const isolation_names[N_ISOLATION] = { "", "DEFERRED", "IMMEDIATE", "EXCLUSIVE" };
static const char *const begin_texts[N_ISOLATION] = { "BEGIN ", "BEGIN DEFERRED", "BEGIN IMMEDIATE", "BEGIN EXCLUSIVE" };

int sq_check_thread(hd_value v)
{
    struct sq_connection *c = SQ_CONNECTION(v);
    if (!HD_GET(c, initialised)) {
        (void)hd_raise(SQ_ERROR(ProgrammingError), "Base Connection.__init__ not called.");
        return -1;
    }
    if (!HD_GET(c, check_thread) || (uint64_t)HD_GET(c, thread) == hd_ts->ident) return 0;
    (void)hd_raise(SQ_ERROR(ProgrammingError), "SQLite objects created in a thread can only be used in that same thread. The object was created in thread id %llu and this is thread id %llu.",
                   (unsigned long long)HD_GET(c, thread), (unsigned long long)hd_ts->ident);
    return -1;
}
struct sq_db *sq_check_open(hd_value v)
{
    struct sq_connection *c = SQ_CONNECTION(v);
    struct sq_db *db = HD_GET(c, db);
    if (!HD_GET(c, initialised)) (void)hd_raise(SQ_ERROR(ProgrammingError), "Base Connection.__init__ not called.");
    else if (!db || !sq_is_open(db)) (void)hd_raise(SQ_ERROR(ProgrammingError), "Cannot operate on a closed database.");
    else return db;
    return NULL;
}
struct sq_db *sq_check(hd_value v) { return sq_check_thread(v) < 0 ? NULL : sq_check_open(v); }
const char *sq_begin_text(hd_value v)
{
    int64_t level = HD_GET(SQ_CONNECTION(v), isolation);
    return level == NO_ISOLATION ? NULL : begin_texts[level];
}
/* Runs SQL if the database is inside a transaction of its own. */
static int end_transaction(hd_value self, const char *sql)
{
    struct sq_db *db = sq_check(self);
    if (!db) return -1;
    for (int attempt = 0; ; attempt++) {
        struct sq_outcome out = { 0 };
        int token = sq_enter(db);
        db->hasty = attempt == 0;
        if (db->handle && !sqlite3_get_autocommit(db->handle)) (void)sq_run(db, sql, &out);
        db->hasty = false;
        sq_leave(db, token);
        if (attempt || !sq_collect_for(out.code)) return sq_raise(&out) == HD_ERR ? -1 : 0;
        if (out.message) stm_on_commit(free, out.message);
    }
}

/* ---- opening and closing -------------------------------------------------------------------------------------------------- */
static int isolation_of(hd_value v, int64_t *level)
{
    size_t n;
    if (v == HD_NONE) {
        *level = NO_ISOLATION;
        return 0;
    }
    if (!hd_is_str(v)) {
        (void)hd_raise(&hd_exc_TypeError, "isolation_level must be str or None");
        return -1;
    }
    const char *s = hd_str_as_utf8(v, &n);
    if (!s) return -1;
    if (strlen(s) != n) {
        (void)hd_raise(&hd_exc_ValueError, "embedded null character");
        return -1;
    }
    for (*level = 0; *level < N_ISOLATION; ++*level) if (!sqlite3_stricmp(s, isolation_names[*level])) return 0;
    (void)hd_raise(&hd_exc_ValueError, "isolation_level string must be '', 'DEFERRED', 'IMMEDIATE', or 'EXCLUSIVE'");
    return -1;
}
static hd_value connection_make(hd_value type, const hd_value *args, size_t nargs, hd_value kwnames)
{
    hd_value v = hd_alloc_instance(HD_TYPE(type), 0);
    if (v == HD_ERR) return v;
    hd_idle_arm();                               /* its end ends what other processes wait for */
    struct sq_connection *c = SQ_CONNECTION(v);
    HD_INIT(c, row_factory, HD_NONE);
    HD_INIT(c, text_factory, HD_NONE);
    HD_INIT(c, kept, HD_NONE);
    return v;
}
static void close_db(struct sq_db *db, bool soft)
{
    int token = sq_enter(db);
    sq_db_close(db, soft);
    sq_leave(db, token);
}
static int connection_init(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
{
    struct sq_connection *c = SQ_CONNECTION(self);
    hd_value a[8];
    double timeout = 5;
    int detect = 0, check_thread = 1, cached = 128, uri = 0;
    int64_t level = DEFAULT;
    size_t total = nargs + (kwnames ? (size_t)HD_TUPLE(kwnames)->len : 0);
    if (total > 8) {
        (void)hd_raise(&hd_exc_TypeError, "Connection() takes at most 8 arguments (%zu given)", total);
        return -1;
    }
    if (hd_args("Connection", "database,|timeout,detect_types,isolation_level,check_same_thread,factory,cached_statements,uri", args, nargs, kwnames, a) < 0) return -1;
    const char *path = hd_fs_path_c(a[0], NULL);
    if (!path || (a[1] != HD_ABSENT && hd_as_double(a[1], &timeout) < 0) || (a[2] != HD_ABSENT && hd_as_int32(a[2], &detect) < 0) ||
        (a[3] != HD_ABSENT && isolation_of(a[3], &level) < 0) || (a[4] != HD_ABSENT && (check_thread = hd_truth(a[4])) < 0) ||
        (a[6] != HD_ABSENT && hd_as_int32(a[6], &cached) < 0) || (a[7] != HD_ABSENT && (uri = hd_truth(a[7])) < 0)) return -1;
    hd_value audit = hd_sys_get("audit"), kept = hd_dict_new();
    if (kept == HD_ERR || audit == HD_ERR || (audit != HD_ABSENT && hd_callv(audit, hd_str_utf8("sqlite3.connect"), a[0]) == HD_ERR)) return -1;
    struct sq_db *before = HD_GET(c, db), *db;
    sq_connection_w w = sq_connection_open(c);
    HD_PUT(w, initialised, 0);
    HD_PUT(w, kept, kept);
    if (before) close_db(before, true);
    struct sq_outcome out;
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | (uri ? SQLITE_OPEN_URI : 0), ms = timeout * 1000 >= INT32_MAX ? INT32_MAX : timeout > 0 ? (int)(timeout * 1000) : 0;
    int token = stm_leave_blocking();
    if ((db = sq_db_open(path, flags, ms, cached, self, &out))) db->before = before;
    stm_enter_blocking(token);
    if (!db) {
        (void)sq_raise(&out);
        return -1;
    }
    w = sq_connection_open(c);
    HD_PUT(w, db, db);
    HD_PUT(w, isolation, level);
    HD_PUT(w, detect_types, detect);
    HD_PUT(w, check_thread, check_thread);
    HD_PUT(w, thread, (int64_t)hd_ts->ident);
    HD_PUT(w, row_factory, HD_NONE);
    HD_PUT(w, text_factory, hd_obj(&hd_str_type));
    HD_PUT(w, initialised, 1);
    hd_value opened = audit == HD_ABSENT ? HD_NONE : hd_callv(audit, hd_str_utf8("sqlite3.connect/handle"), self);
    return opened == HD_ERR ? -1 : 0;
}
static hd_value connection_close(SQ_ARGS)
{
    struct sq_connection *c = SQ_CONNECTION(self);
    if (sq_check_thread(self) < 0) return HD_ERR;
    struct sq_db *db = HD_GET(c, db);
    close_db(db, false);
    /* functions that are running go on: what is kept goes with the object then */
    if (db->closing) return HD_NONE;
    hd_value kept = hd_dict_new();
    if (kept == HD_ERR) return HD_ERR;
    sq_connection_w w = sq_connection_open(c);
    HD_PUT(w, kept, kept);
    return HD_NONE;
}
static void connection_finalise(hd_value self)
{
    struct sq_connection *c = SQ_CONNECTION(self);
    struct sq_db *db = HD_GET(c, db);
    if (!db) return;
    sq_connection_w w = sq_connection_open(c);
    HD_PUT(w, db, NULL);
    HD_PUT(w, initialised, 0);
    stm_on_commit(sq_db_abandon, db);
}
static void connection_trace(void *v, struct gc_marker *m)
{
    struct sq_connection *c = v;
    gc_mark(m, HD_RAW(c->row_factory)), gc_mark(m, HD_RAW(c->text_factory)), gc_mark(m, HD_RAW(c->kept));
}

/* ---- transactions of the database --------------------------------------------------------------------------------------------- */
static hd_value connection_commit(SQ_ARGS) { return end_transaction(self, "COMMIT") < 0 ? HD_ERR : HD_NONE; }
static hd_value connection_rollback(SQ_ARGS) { return end_transaction(self, "ROLLBACK") < 0 ? HD_ERR : HD_NONE; }
static hd_value connection_enter(SQ_ARGS) { return sq_check(self) ? self : HD_ERR; }
static hd_value connection_exit(SQ_ARGS)
{
    if (args[0] != HD_NONE || args[1] != HD_NONE || args[2] != HD_NONE) return end_transaction(self, "ROLLBACK") < 0 ? HD_ERR : HD_FALSE;
    if (end_transaction(self, "COMMIT") == 0) return HD_FALSE;
    hd_value e = hd_exc_take();
    if (end_transaction(self, "ROLLBACK") == 0) {
        hd_exc_put(e);
        return HD_ERR;
    }
    hd_exc_set_context(hd_ts->exc, e);
    return HD_ERR;
}
static hd_value connection_interrupt(SQ_ARGS)
{
    struct sq_db *db = sq_check_open(self);
    if (!db) return HD_ERR;
    int token = stm_leave_blocking();
    sq_db_interrupt(db);
    stm_enter_blocking(token);
    return HD_NONE;
}

/* ---- cursors ---------------------------------------------------------------------------------------------------------------------- */
static hd_value connection_cursor(SQ_ARGS)
{
    hd_value a[1];
    if (hd_args("cursor", "|factory", args, nargs, kwnames, a) < 0 || !sq_check(self)) return HD_ERR;
    hd_value v = hd_callv(a[0] == HD_ABSENT ? hd_obj(&sq_cursor_type) : a[0], self);
    if (v == HD_ERR) return v;
    if (!sq_is(v, &sq_cursor_type)) return hd_raise(&hd_exc_TypeError, "factory must return a cursor, not %T", v);
    hd_value make = HD_GET(SQ_CONNECTION(self), row_factory);
    if (make != HD_NONE) {
        sq_cursor_w w = sq_cursor_open(SQ_CURSOR(v));
        HD_PUT(w, row_factory, make);
    }
    return v;
}
static hd_value through_cursor(hd_value self, const char *method, const hd_value *args, size_t nargs)
{
    hd_value c = hd_call_method(self, hd_intern("cursor"), NULL, 0);
    return c == HD_ERR ? HD_ERR : hd_call_method(c, hd_intern(method), args, nargs);
}
static hd_value connection_execute(SQ_ARGS) { return through_cursor(self, "execute", args, nargs); }
static hd_value connection_executemany(SQ_ARGS) { return through_cursor(self, "executemany", args, nargs); }
static hd_value connection_executescript(SQ_ARGS) { return through_cursor(self, "executescript", args, nargs); }
static hd_value connection_iterdump(SQ_ARGS)
{
    if (!sq_check_open(self)) return HD_ERR;
    hd_value f = hd_import_attr("sqlite3.dump", "_iterdump");
    return f == HD_ERR ? HD_ERR : hd_callv(f, self);
}
/* A statement object stands for SQL that the connection has found good and has ready. */
struct statement_object { struct hd_head head; };
struct hd_type sq_statement_type = { .cname = "sqlite3.Statement", .basicsize = sizeof(struct statement_object), .flags = HD_TF_IMMUTABLE_LAYOUT | HD_TF_NEVER_INSTANTIATE };
static hd_value connection_call(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
{
    struct sq_db *db = sq_check_open(self);
    if (!db || hd_no_kwargs(hd_type_name(hd_type_of(self)), kwnames) < 0) return HD_ERR;
    if (nargs != 1) return hd_raise(&hd_exc_TypeError, "function takes exactly 1 argument (%zu given)", nargs);
    if (!hd_is_str(args[0])) return hd_raise(&hd_exc_TypeError, "argument 1 must be str, not %A", args[0]);
    if (sq_warm(db, args[0]) < 0) return HD_ERR;
    void *s = hd_new_object(&sq_statement_type, sizeof(struct statement_object));
    return s ? hd_obj(s) : HD_ERR;
}

/* ---- limits and extensions ---------------------------------------------------------------------------------------------------- */
static hd_value set_limit(hd_value self, hd_value category, hd_value value)
{
    int which, limit = -1, old = -1;
    if (hd_as_int32(category, &which) < 0 || (value != HD_ABSENT && hd_as_int32(value, &limit) < 0)) return HD_ERR;
    struct sq_db *db = sq_check(self);
    if (!db) return HD_ERR;
    int token = sq_enter(db);
    if (db->handle) old = sqlite3_limit(db->handle, which, limit);
    sq_leave(db, token);
    return old == -1 ? hd_raise(SQ_ERROR(ProgrammingError), "'category' is out of bounds") : hd_fix(old);
}
static hd_value connection_setlimit(SQ_ARGS) { return set_limit(self, args[0], args[1]); }
static hd_value connection_getlimit(SQ_ARGS) { return set_limit(self, args[0], HD_ABSENT); }
static hd_value connection_enable_load(SQ_ARGS)
{
    struct sq_db *db = sq_check(self);
    int on = db ? hd_truth(args[0]) : -1, code = SQLITE_OK;
    if (on < 0) return HD_ERR;
    int token = sq_enter(db);
    if (db->handle) code = sqlite3_enable_load_extension(db->handle, on);
    sq_leave(db, token);
    return code == SQLITE_OK ? HD_NONE : hd_raise(SQ_ERROR(OperationalError), "Error enabling load extension");
}
static hd_value connection_load(SQ_ARGS)
{
    size_t n;
    if (!hd_is_str(args[0])) return hd_raise(&hd_exc_TypeError, "load_extension() argument must be str, not %A", args[0]);
    const char *name = hd_str_as_utf8(args[0], &n);
    if (!name) return HD_ERR;
    if (strlen(name) != n) return hd_raise(&hd_exc_ValueError, "embedded null character");
    struct sq_db *db = sq_check(self);
    if (!db) return HD_ERR;
    char *message = NULL;
    int code = SQLITE_OK;
    int token = sq_enter(db);
    if (db->handle) code = sqlite3_load_extension(db->handle, name, NULL, &message);
    sq_leave(db, token);
    if (code == SQLITE_OK) return HD_NONE;
    hd_value m = message ? hd_str_decode(message, strlen(message), "utf-8", "replace") : hd_str_utf8("error during load extension");
    if (message) stm_on_commit(sqlite3_free, message);
    return m == HD_ERR ? HD_ERR : hd_raise_value(SQ_ERROR(OperationalError), m);
}

/* ---- attributes ------------------------------------------------------------------------------------------------------------------- */
static hd_value get_isolation(hd_value self, void *closure)
{
    if (!sq_check_open(self)) return HD_ERR;
    int64_t level = HD_GET(SQ_CONNECTION(self), isolation);
    return level == NO_ISOLATION ? HD_NONE : hd_str_utf8(isolation_names[level]);
}
static int set_isolation(hd_value self, hd_value v, void *closure)
{
    int64_t level;
    if (v == HD_ABSENT) {
        (void)hd_raise(&hd_exc_AttributeError, "cannot delete attribute");
        return -1;
    }
    if (v == HD_NONE && end_transaction(self, "COMMIT") < 0) return -1;
    if (isolation_of(v, &level) < 0) return -1;
    sq_connection_w w = sq_connection_open(SQ_CONNECTION(self));
    HD_PUT(w, isolation, level);
    return 0;
}
enum { TOTAL_CHANGES, IN_TRANSACTION };
static hd_value get_number(hd_value self, void *closure)
{
    struct sq_db *db = sq_check_open(self);
    bool total = closure == (void *)TOTAL_CHANGES;
    int n = 0;
    if (!db) return HD_ERR;
    int token = sq_enter(db);
    if (db->handle) n = total ? sqlite3_total_changes(db->handle) : !sqlite3_get_autocommit(db->handle);
    sq_leave(db, token);
    return total ? hd_fix(n) : hd_bool(n);
}
static hd_value get_error(hd_value self, void *closure) { return sq_errors[(intptr_t)closure]; }

static const struct hd_getsetdef getsets[] = {
    { "isolation_level", get_isolation, set_isolation, NULL, NULL }, { "total_changes", get_number, NULL, NULL, (void *)TOTAL_CHANGES },
    { "in_transaction", get_number, NULL, NULL, (void *)IN_TRANSACTION },
#define E(name) { #name, get_error, NULL, NULL, (void *)SQ_##name },
    SQ_ERRORS
#undef E
    { 0 }
};
static const struct hd_memberdef members[] = {
    { "row_factory", offsetof(struct sq_connection, row_factory), HD_MEMBER_VALUE_NONE, NULL },
    { "text_factory", offsetof(struct sq_connection, text_factory), HD_MEMBER_VALUE_NONE, NULL }, { 0 }
};
static const struct hd_methoddef methods[] = {
    { "backup", sq_backup, 0, -1, HD_METH_KW, "backup($self, /, target, *, pages=-1, progress=None, name=\'main\',\n       sleep=0.25)\n--\n\nMakes a backup of the database." },
    { "blobopen", sq_blobopen, 0, -1, HD_METH_KW,
      "blobopen($self, table, column, row, /, *, readonly=False, name=\'main\')\n--\n\nOpen and return a BLOB object.\n\n  table\n    Table name.\n  column\n    Column name.\n  row\n    Row index.\n"
      "  readonly\n    Open the BLOB without write permissions.\n  name\n    Database name." },
    { "close", connection_close, 0, 0, 0, "close($self, /)\n--\n\nClose the database connection.\n\nAny pending transaction is not committed implicitly." },
    { "commit", connection_commit, 0, 0, 0, "commit($self, /)\n--\n\nCommit any pending transaction to the database.\n\nIf there is no open transaction, this method is a no-op." },
    { "create_aggregate", sq_create_aggregate, 0, -1, HD_METH_KW, "create_aggregate($self, /, name, n_arg, aggregate_class)\n--\n\nCreates a new aggregate." },
    { "create_collation", sq_create_collation, 2, 2, 0, "create_collation($self, name, callback, /)\n--\n\nCreates a collation function." },
    { "create_function", sq_create_function, 0, -1, HD_METH_KW, "create_function($self, /, name, narg, func, *, deterministic=False)\n--\n\nCreates a new function." },
    { "create_window_function", sq_create_window_function, 3, 3, 0,
      "create_window_function($self, name, num_params, aggregate_class, /)\n--\n\nCreates or redefines an aggregate window function. Non-standard.\n\n  name\n"
      "    The name of the SQL aggregate window function to be created or\n    redefined.\n  num_params\n    The number of arguments the step and inverse methods takes.\n  aggregate_class\n"
      "    A class with step(), finalize(), value(), and inverse() methods.\n    Set to None to clear the window function." },
    { "cursor", connection_cursor, 0, -1, HD_METH_KW, "cursor($self, /, factory=<unrepresentable>)\n--\n\nReturn a cursor for the connection." },
    { "deserialize", sq_deserialize, 0, -1, HD_METH_KW,
      "deserialize($self, data, /, *, name=\'main\')\n--\n\nLoad a serialized database.\n\n  data\n    The serialized database content.\n  name\n    Which database to reopen with the deserialization.\n\n"
      "The deserialize interface causes the database connection to disconnect from the\ntarget database, and then reopen it as an in-memory database based on the given\nserialized data.\n\n"
      "The deserialize interface will fail with SQLITE_BUSY if the database is\ncurrently in a read transaction or is involved in a backup operation." },
    { "enable_load_extension", connection_enable_load, 1, 1, 0, "enable_load_extension($self, enable, /)\n--\n\nEnable dynamic loading of SQLite extension modules." },
    { "execute", connection_execute, 1, 2, 0, "execute($self, sql, parameters=<unrepresentable>, /)\n--\n\nExecutes an SQL statement." },
    { "executemany", connection_executemany, 2, 2, 0, "executemany($self, sql, parameters, /)\n--\n\nRepeatedly executes an SQL statement." },
    { "executescript", connection_executescript, 1, 1, 0, "executescript($self, sql_script, /)\n--\n\nExecutes multiple SQL statements at once." },
    { "getlimit", connection_getlimit, 1, 1, 0, "getlimit($self, category, /)\n--\n\nGet connection run-time limits.\n\n  category\n    The limit category to be queried." },
    { "interrupt", connection_interrupt, 0, 0, 0, "interrupt($self, /)\n--\n\nAbort any pending database operation." },
    { "iterdump", connection_iterdump, 0, 0, 0, "iterdump($self, /)\n--\n\nReturns iterator to the dump of the database in an SQL text format." },
    { "load_extension", connection_load, 1, 1, 0, "load_extension($self, name, /)\n--\n\nLoad SQLite extension module." },
    { "rollback", connection_rollback, 0, 0, 0, "rollback($self, /)\n--\n\nRoll back to the start of any pending transaction.\n\nIf there is no open transaction, this method is a no-op." },
    { "serialize", sq_serialize, 0, -1, HD_METH_KW,
      "serialize($self, /, *, name=\'main\')\n--\n\nSerialize a database into a byte string.\n\n  name\n    Which database to serialize.\n\n"
      "For an ordinary on-disk database file, the serialization is just a copy of the\ndisk file. For an in-memory database or a \"temp\" database, the serialization is\n"
      "the same sequence of bytes which would be written to disk if that database\nwere backed up to disk." },
    { "set_authorizer", sq_set_authorizer, 0, -1, HD_METH_KW, "set_authorizer($self, /, authorizer_callback)\n--\n\nSets authorizer callback." },
    { "set_progress_handler", sq_set_progress_handler, 0, -1, HD_METH_KW, "set_progress_handler($self, /, progress_handler, n)\n--\n\nSets progress handler callback." },
    { "set_trace_callback", sq_set_trace_callback, 0, -1, HD_METH_KW,
      "set_trace_callback($self, /, trace_callback)\n--\n\nSets a trace callback called for each SQL statement (passed as unicode)." },
    { "setlimit", connection_setlimit, 2, 2, 0,
      "setlimit($self, category, limit, /)\n--\n\nSet connection run-time limits.\n\n  category\n    The limit category to be set.\n  limit\n    The new limit. If the new limit is a negative number, the limit is\n"
      "    unchanged.\n\nAttempts to increase a limit above its hard upper bound are silently truncated\nto the hard upper bound. Regardless of whether or not the limit was changed,\n"
      "the prior value of the limit is returned." },
    { "__enter__", connection_enter, 0, 0, 0, "__enter__($self, /)\n--\n\nCalled when the connection is used as a context manager.\n\nReturns itself as a convenience to the caller." },
    { "__exit__", connection_exit, 3, 3, 0,
      "__exit__($self, type, value, traceback, /)\n--\n\nCalled when the connection is used as a context manager.\n\nIf there was any exception, a rollback takes place; otherwise we commit." }, { 0 }
};
struct hd_type sq_connection_type = {
    .cname = "sqlite3.Connection", .basicsize = sizeof(struct sq_connection), .flags = HD_TF_LATE_FINALISER | HD_TF_BASETYPE, .doc = "SQLite database connection object.", .methods = methods, .getsets = getsets,
    .members = members, .op = { .make = connection_make, .init = connection_init, .call = connection_call, .trace = connection_trace, .finalise = connection_finalise },
};
