/* Cursors: execution of statements.
 *
 * While a statement is executed its cursor is locked; the statement is known to this function only, and becomes the cursor's
 * if rows are to be fetched.  Each step of the library is a region of its own, parameters are made ready between them. */
#include <stdlib.h>
#include "interp/modules/sqlite/sqlite_internal.h"

/* ---- parameters -------------------------------------------------------------------------------------------------------- */
enum { FEW = 12 };
struct params {
    struct sq_param *p;
    int n;
    hd_value many;                            /* list that keeps what many of them point to */
    hd_value keep[FEW];
    struct sq_param few[FEW];
};
static int add(struct params *ps, int i, hd_value v)
{
    hd_value keep;
    if ((v = sq_adapt_param(v)) == HD_ERR) return -1;
    int r = sq_param_of(v, &ps->p[i], &keep);
    if (r == 0) (void)hd_raise(SQ_ERROR(ProgrammingError), "Error binding parameter %d: type '%s' is not supported", i + 1, hd_type_name(hd_type_of(v)));
    if (r <= 0) return -1;
    if (ps->many == HD_NONE) ps->keep[i] = keep;
    else if (hd_list_append(ps->many, keep) < 0) return -1;
    return 0;
}
static int begin(struct params *ps, int n)
{
    ps->n = n, ps->many = HD_NONE, ps->p = ps->few;
    if (n <= FEW) return 0;
    if (!(ps->p = hd_scratch(sizeof *ps->p * (size_t)n))) return -1;
    return (ps->many = hd_list_new((size_t)n)) == HD_ERR ? -1 : 0;
}
/* Names of the statement's parameters, each with a terminating 0; empty: it has none. */
static char *parameter_names(struct sq_db *db, struct sq_statement *s, uint64_t serial)
{
    char *r = NULL;
    int token = sq_enter(db);
    sqlite3_stmt *h = sq_handle(s, serial);
    if (h) {
        int n = sqlite3_bind_parameter_count(h);
        size_t size = 1;
        for (int i = 1; i <= n; i++) {
            const char *t = sqlite3_bind_parameter_name(h, i);
            size += t ? strlen(t) + 1 : 1;
        }
        char *q = r = malloc(size);
        for (int i = 1; r && i <= n; i++) {
            const char *t = sqlite3_bind_parameter_name(h, i);
            q = stpcpy(q, t ? t : "") + 1;
        }
    }
    sq_leave(db, token);
    if (!r) (void)hd_no_memory();
    return r;
}
static int from_sequence(struct params *ps, hd_value v)
{
    bool tuple = hd_is_tuple_exact(v), list = hd_is_list_exact(v);
    int64_t n = tuple ? HD_TUPLE(v)->len : hd_len(v);
    if (n < 0) return -1;
    if (n != ps->n) {
        (void)hd_raise(SQ_ERROR(ProgrammingError), "Incorrect number of bindings supplied. The current statement uses %d, and there are %lld supplied.", ps->n, (long long)n);
        return -1;
    }
    for (int i = 0; i < ps->n; i++) {
        hd_value x = tuple ? HD_TUPLE(v)->item[i] : list ? hd_list_get(v, i) : hd_getitem(v, hd_fix(i));
        if (x == HD_ABSENT) x = hd_raise(&hd_exc_IndexError, "list index out of range");
        if (x == HD_ERR || add(ps, i, x) < 0) return -1;
    }
    return 0;
}
static int from_mapping(struct params *ps, hd_value v, const char *name)
{
    for (int i = 0; i < ps->n; i++, name += strlen(name) + 1) {
        if (!*name) {
            (void)hd_raise(SQ_ERROR(ProgrammingError), "Binding %d has no name, but you supplied a dictionary (which has only names).", i + 1);
            return -1;
        }
        hd_value key = hd_str_utf8(name + 1), x = key == HD_ERR ? HD_ERR : hd_is_dict_exact(v) ? hd_dict_get(v, key) : hd_getitem(v, key);
        if (key == HD_ERR) return -1;
        if (x == HD_ABSENT || (x == HD_ERR && hd_exc_is(&hd_exc_LookupError))) {
            hd_exc_clear();
            (void)hd_raise(SQ_ERROR(ProgrammingError), "You did not supply a value for binding parameter :%s.", name + 1);
            return -1;
        }
        if (x == HD_ERR || add(ps, i, x) < 0) return -1;
    }
    return 0;
}

/* ---- one execution -------------------------------------------------------------------------------------------------------- */
struct job {
    struct sq_db *db;
    struct sq_statement *s;                   /* NULL: none yet, or released */
    uint64_t serial;
    int n_params;
    bool many, is_dml, readonly;
    char *names;                              /* of parameters, when needed; malloc */
    int64_t rowcount, rowid;
    bool has_row;
    char *columns;                            /* malloc: names and declared types */
    int n_columns;
};
static int bind(sqlite3_stmt *h, const struct params *ps)
{
    for (int i = 0; i < ps->n; i++) {
        const struct sq_param *p = &ps->p[i];
        int code = p->kind == SQ_INT ? sqlite3_bind_int64(h, i + 1, p->i) : p->kind == SQ_REAL ? sqlite3_bind_double(h, i + 1, p->d) :
                   p->kind == SQ_TEXT ? sqlite3_bind_text(h, i + 1, p->p, (int)p->n, SQLITE_TRANSIENT) :
                   p->kind == SQ_BLOB ? sqlite3_bind_blob(h, i + 1, p->p, (int)p->n, SQLITE_TRANSIENT) : sqlite3_bind_null(h, i + 1);
        if (code != SQLITE_OK) return code;
    }
    return SQLITE_OK;
}
/* Names and declared types of the columns, one after the other, each with a terminating 0. */
static char *column_texts(sqlite3_stmt *h, int n)
{
    size_t size = 1;
    for (int i = 0; i < n; i++) {
        const char *name = sqlite3_column_name(h, i), *type = sqlite3_column_decltype(h, i);
        size += (name ? strlen(name) : 0) + (type ? strlen(type) : 0) + 2;
    }
    char *r = malloc(size), *q = r;
    for (int i = 0; r && i < n; i++) {
        const char *name = sqlite3_column_name(h, i), *type = sqlite3_column_decltype(h, i);
        q = stpcpy(q, name ? name : "") + 1;
        q = stpcpy(q, type ? type : "") + 1;
    }
    return r;
}
/* Binds and makes the first step; in a region. */
static void step(struct job *j, const struct params *ps, struct sq_outcome *out, bool *gone)
{
    sqlite3_stmt *h = sq_handle(j->s, j->serial);
    if ((*gone = j->s->serial != j->serial || !j->db->handle)) return;
    if (j->many) sqlite3_reset(h);
    int code = bind(h, ps);
    if (code == SQLITE_OK) code = h ? sqlite3_step(h) : SQLITE_DONE;      /* SQL of nothing but comments has no handle */
    if (code != SQLITE_ROW && code != SQLITE_DONE) {
        sq_fail(j->db->handle, out);
        if (out->code == SQLITE_OK) out->code = out->extended = code;
        sqlite3_reset(h);
        return;
    }
    int n = sqlite3_column_count(h);
    if (n && !j->columns) {
        if (!(j->columns = column_texts(h, n))) *out = (struct sq_outcome){ SQLITE_NOMEM, SQLITE_NOMEM, NULL };
        j->n_columns = n;
    }
    if (j->is_dml && code == SQLITE_DONE) j->rowcount += sqlite3_changes(j->db->handle);
    j->has_row = code == SQLITE_ROW && !j->many;
    j->rowid = sqlite3_last_insert_rowid(j->db->handle);
    if (j->many) sqlite3_reset(h);
    else if (code == SQLITE_DONE) {
        sq_statement_release(j->s, j->serial);
        j->s = NULL;
    }
}

/* ---- description ------------------------------------------------------------------------------------------------------------ */
static hd_value describe(const struct job *j, int64_t detect, hd_value *converters)
{
    bool by_name = detect & SQ_PARSE_COLNAMES, by_type = detect & SQ_PARSE_DECLTYPES;
    hd_value d = hd_list_new((size_t)j->n_columns), c = detect ? hd_list_new((size_t)j->n_columns) : HD_NONE;
    const char *name = j->columns;
    for (int i = 0; i < j->n_columns && d != HD_ERR && c != HD_ERR; i++) {
        const char *type = name + strlen(name) + 1, *bracket = by_name ? strchr(name, '[') : NULL;
        size_t n = bracket ? (size_t)(bracket - name) : strlen(name);
        if (bracket && n && name[n - 1] == ' ') n--;
        hd_value t = hd_str_utf8_n(name, n), v = HD_NONE;
        if (t == HD_ERR || (t = hd_tuplev(t, HD_NONE, HD_NONE, HD_NONE, HD_NONE, HD_NONE, HD_NONE)) == HD_ERR || hd_list_append(d, t) < 0) return HD_ERR;
        if (detect) {
            const char *end = bracket ? strchr(bracket, ']') : NULL;
            if (end) v = sq_converter(bracket + 1, (size_t)(end - bracket) - 1);
            if (v == HD_NONE && by_type && *type) v = sq_converter(type, strcspn(type, " ("));
            if (v == HD_ERR || hd_list_append(c, v) < 0) return HD_ERR;
        }
        name = type + strlen(type) + 1;
    }
    if (d == HD_ERR || c == HD_ERR) return HD_ERR;
    if (detect && (c = hd_list_as_tuple(c)) == HD_ERR) return HD_ERR;
    *converters = c;
    return hd_list_as_tuple(d);
}

/* ---- execute, executemany ---------------------------------------------------------------------------------------------------- */
static hd_value refuse(enum sq_prepare how, const struct sq_outcome *out)
{
    switch (how) {
    case SQ_TOO_LARGE: return hd_raise(SQ_ERROR(DataError), "query string is too large");
    case SQ_NUL: return hd_raise(SQ_ERROR(ProgrammingError), "the query contains a null character");
    case SQ_MORE: return hd_raise(SQ_ERROR(ProgrammingError), "You can only execute one statement at a time.");
    case SQ_CLOSED: return hd_raise(SQ_ERROR(ProgrammingError), "Cannot operate on a closed database.");
    default: return sq_raise(out);
    }
}
int sq_warm(struct sq_db *db, hd_value sql)
{
    const char *text;
    size_t n;
    if (!(text = hd_str_as_utf8(sql, &n))) return -1;
    struct sq_statement *s;
    struct sq_outcome out = { 0 };
    int token = sq_enter(db);
    enum sq_prepare how = db->handle ? sq_statement_take(db, text, n, &s, &out) : SQ_CLOSED;
    if (how == SQ_OK) sq_statement_release(s, s->serial);
    sq_leave(db, token);
    if (how != SQ_OK) (void)refuse(how, &out);
    return how == SQ_OK ? 0 : -1;
}
/* Takes the statement and begins a transaction of the database where one is due. */
static int start(struct job *j, hd_value self, hd_value sql, const char *begin_sql)
{
    struct sq_cursor *c = SQ_CURSOR(self);
    struct sq_statement *old = HD_GET(c, statement);
    uint64_t old_serial = (uint64_t)HD_GET(c, serial);
    size_t n;
    const char *text = hd_str_as_utf8(sql, &n);
    if (!text) return -1;
    sq_cursor_w w = sq_cursor_open(c);
    HD_PUT(w, statement, NULL);
    HD_PUT(w, serial, 0);
    HD_PUT(w, description, HD_NONE);
    HD_PUT(w, converters, HD_NONE);
    for (int attempt = 0; ; attempt++) {
        struct sq_outcome out = { 0 };
        enum sq_prepare how = SQ_OK;
        int token = sq_enter(j->db);
        j->db->hasty = attempt == 0;
        if (old) sq_statement_release(old, old_serial);
        if (!j->db->handle) how = SQ_CLOSED;
        else if (!j->s && (how = sq_statement_take(j->db, text, n, &j->s, &out)) == SQ_OK) {
            j->serial = j->s->serial, j->is_dml = j->s->is_dml, j->readonly = j->s->readonly;
            j->n_params = sqlite3_bind_parameter_count(j->s->handle);
        }
        if (how == SQ_OK && begin_sql && j->is_dml && !(j->many && j->readonly) && sqlite3_get_autocommit(j->db->handle)) (void)sq_run(j->db, begin_sql, &out);
        j->db->hasty = false;
        sq_leave(j->db, token);
        if (how == SQ_OK && out.code == SQLITE_OK) return 0;
        if (attempt || !sq_collect_for(out.code)) {
            (void)refuse(how, &out);
            return -1;
        }
        if (out.message) stm_on_commit(free, out.message);
    }
}
/* Runs the statement with one set of parameters. */
static int run_with(struct job *j, hd_value values)
{
    struct params ps;
    if (begin(&ps, j->n_params) < 0) return -1;
    bool sequence = hd_is_tuple(values) || hd_is_list(values) || (!hd_is_dict(values) && hd_type_of(values)->op.getitem && !hd_has_flag(values, HD_TF_MAPPING));
    if (sequence) {
        if (from_sequence(&ps, values) < 0) return -1;
    } else if (hd_is_dict(values) || hd_type_of(values)->op.getitem) {
        if (j->n_params && !j->names && !(j->names = parameter_names(j->db, j->s, j->serial))) return -1;
        if (from_mapping(&ps, values, j->names) < 0) return -1;
    } else {
        (void)hd_raise(SQ_ERROR(ProgrammingError), "parameters are of unsupported type");
        return -1;
    }
    for (int attempt = 0; ; attempt++) {
        struct sq_outcome out = { 0 };
        bool gone;
        int token = sq_enter(j->db);
        j->db->hasty = attempt == 0;
        step(j, &ps, &out, &gone);
        j->db->hasty = false;
        sq_leave(j->db, token);
        if (gone) (void)refuse(SQ_CLOSED, &out);
        if (gone) return -1;
        if (out.code == SQLITE_OK) return 0;
        if (attempt || !sq_collect_for(out.code)) {
            (void)sq_raise(&out);
            return -1;
        }
        if (out.message) stm_on_commit(free, out.message);
    }
}
static int perform(struct job *j, hd_value self, hd_value connection, hd_value sql, hd_value params, hd_value *description, hd_value *converters)
{
    hd_value it = HD_NONE, values = params;
    if (j->many && (it = hd_iter(params)) == HD_ERR) return -1;
    if (start(j, self, sql, sq_begin_text(connection)) < 0) return -1;
    if (j->many && j->readonly) {
        (void)hd_raise(SQ_ERROR(ProgrammingError), "executemany() can only execute DML statements.");
        return -1;
    }
    j->rowcount = j->is_dml ? 0 : -1;
    for (;;) {
        if (j->many && (values = hd_next(it)) == HD_STOP) return 0;
        if (values == HD_ERR || run_with(j, values) < 0) return -1;
        if (j->columns && *description == HD_NONE) {
            *description = describe(j, HD_GET(SQ_CONNECTION(connection), detect_types), converters);
            if (*description == HD_ERR) return -1;
        }
        if (!j->many) return 0;
    }
}
hd_value sq_cursor_run(hd_value self, hd_value sql, hd_value params, bool many)
{
    struct sq_cursor *c = SQ_CURSOR(self);
    struct job j = { .many = many };
    if (!(j.db = sq_cursor_check(self))) return HD_ERR;
    hd_value connection = HD_GET(c, connection), description = HD_NONE, converters = HD_NONE;
    sq_cursor_w w = sq_cursor_open(c);
    HD_PUT(w, locked, 1);
    bool ok = perform(&j, self, connection, sql, params, &description, &converters) == 0;
    if (j.s && !(ok && j.has_row)) {
        /* the exception stays where it is: a region touches nothing of the thread's */
        int token = sq_enter(j.db);
        sq_statement_release(j.s, j.serial);
        sq_leave(j.db, token);
    }
    w = sq_cursor_open(c);
    HD_PUT(w, locked, 0);
    HD_PUT(w, rowcount, ok ? j.rowcount : -1);
    if (ok && j.has_row) {
        HD_PUT(w, statement, j.s);
        HD_PUT(w, serial, (int64_t)j.serial);
    }
    if (ok) {
        HD_PUT(w, description, description);
        HD_PUT(w, converters, converters);
        if (!many) {
            hd_value id = hd_int(j.rowid);
            w = sq_cursor_open(c);
            HD_PUT(w, lastrowid, id);
        }
    }
    if (j.names) stm_on_commit(free, j.names);
    if (j.columns) stm_on_commit(free, j.columns);
    return ok ? self : HD_ERR;
}

/* ---- scripts ----------------------------------------------------------------------------------------------------------------- */
hd_value sq_cursor_run_script(hd_value self, const char *sql, size_t n)
{
    struct sq_cursor *c = SQ_CURSOR(self);
    struct sq_db *db = sq_cursor_check(self);
    if (!db) return HD_ERR;
    struct sq_outcome out = { 0 };
    bool too_large = false, closed = false;
    sq_cursor_w w = sq_cursor_open(c);
    HD_PUT(w, locked, 1);
    int token = sq_enter(db);
    if (!db->handle) closed = true;
    else if ((too_large = n > (size_t)sqlite3_limit(db->handle, SQLITE_LIMIT_SQL_LENGTH, -1))) {
    } else if (sqlite3_get_autocommit(db->handle) || sq_run(db, "COMMIT", &out) == SQLITE_OK) {
        for (const char *rest = sql; *rest; ) {
            sqlite3_stmt *h;
            int code = sqlite3_prepare_v2(db->handle, rest, -1, &h, &rest);
            while (code == SQLITE_OK && h && (code = sqlite3_step(h)) == SQLITE_ROW) code = SQLITE_OK;
            if (code != SQLITE_OK && code != SQLITE_DONE) sq_fail(db->handle, &out);
            sqlite3_finalize(h);
            if (out.code != SQLITE_OK) break;
        }
    }
    sq_leave(db, token);
    w = sq_cursor_open(c);
    HD_PUT(w, locked, 0);
    if (closed) return refuse(SQ_CLOSED, &out);
    if (too_large) return hd_raise(SQ_ERROR(DataError), "query string is too large");
    return sq_raise(&out) == HD_ERR ? HD_ERR : self;
}
