/* The type Cursor: rows, attributes, methods. */
#include <stdio.h>
#include <stdlib.h>
#include "interp/modules/sqlite/sqlite_internal.h"

/* ---- state -------------------------------------------------------------------------------------------------------------- */
static int check_unlocked(struct sq_cursor *c)
{
    if (!HD_GET(c, locked)) return 0;
    (void)hd_raise(SQ_ERROR(ProgrammingError), "Recursive use of cursors not allowed.");
    return -1;
}
struct sq_db *sq_cursor_check(hd_value self)
{
    struct sq_cursor *c = SQ_CURSOR(self);
    if (!HD_GET(c, initialised)) (void)hd_raise(SQ_ERROR(ProgrammingError), "Base Cursor.__init__ not called.");
    else if (HD_GET(c, closed)) (void)hd_raise(SQ_ERROR(ProgrammingError), "Cannot operate on a closed cursor.");
    else if (check_unlocked(c) == 0) return sq_check(HD_GET(c, connection));
    return NULL;
}
/* Gives the statement back, outside of the transaction that forgets it. */
static void let_go(hd_value self)
{
    struct sq_cursor *c = SQ_CURSOR(self);
    struct sq_statement *s = HD_GET(c, statement);
    if (!s) return;
    uint64_t serial = (uint64_t)HD_GET(c, serial);
    sq_cursor_w w = sq_cursor_open(c);
    HD_PUT(w, statement, NULL);
    HD_PUT(w, serial, 0);
    struct sq_db *db = s->db;
    int token = sq_enter(db);
    sq_statement_release(s, serial);
    sq_leave(db, token);
}

/* ---- rows ------------------------------------------------------------------------------------------------------------------ */
/* A row as the library has it: the cells, then the bytes of texts and blobs. */
struct cell { int type; bool null; union { int64_t i; double d; size_t offset /* of texts and blobs */; }; size_t n; };
struct row {
    int n;
    struct cell *cells;                       /* in `small` or in a malloc block */
    char *bytes;
    uint64_t small[64];
};
/* In a region.  `raw`: columns whose bytes are wanted whatever their type. */
static bool copy_row(sqlite3_stmt *h, struct row *r, const bool *raw, int n_raw)
{
    int n = sqlite3_data_count(h);
    size_t head = sizeof(struct cell) * (size_t)n, total = head;
    for (int i = 0; i < n; i++) {
        int type = raw && i < n_raw && raw[i] ? SQLITE_BLOB : sqlite3_column_type(h, i);
        if (type == SQLITE_TEXT) (void)sqlite3_column_text(h, i);
        else if (type == SQLITE_BLOB) (void)sqlite3_column_blob(h, i);
        if (type == SQLITE_TEXT || type == SQLITE_BLOB) total += (size_t)sqlite3_column_bytes(h, i);
    }
    char *p = total <= sizeof r->small ? (char *)r->small : malloc(total);
    if (!p) return false;
    r->n = n, r->cells = (struct cell *)(void *)p, r->bytes = p;
    size_t at = head;
    for (int i = 0; i < n; i++) {
        struct cell *c = &r->cells[i];
        bool as_bytes = raw && i < n_raw && raw[i];
        *c = (struct cell){ .type = as_bytes ? SQLITE_BLOB : sqlite3_column_type(h, i) };
        if (c->type == SQLITE_INTEGER) c->i = sqlite3_column_int64(h, i);
        else if (c->type == SQLITE_FLOAT) c->d = sqlite3_column_double(h, i);
        else if (c->type == SQLITE_TEXT || c->type == SQLITE_BLOB) {
            const void *b = c->type == SQLITE_TEXT ? (const void *)sqlite3_column_text(h, i) : sqlite3_column_blob(h, i);
            c->n = (size_t)sqlite3_column_bytes(h, i), c->null = !b, c->offset = at;
            if (b) memcpy(p + at, b, c->n);
            at += c->n;
        }
    }
    return true;
}
static hd_value undecodable(hd_value description, int column, const char *p, size_t n)
{
    char text[200];
    size_t length;
    const char *name = "";
    hd_exc_clear();
    if (description != HD_NONE && column < HD_TUPLE(description)->len) name = hd_str_as_utf8(HD_TUPLE(HD_TUPLE(description)->item[column])->item[0], &length);
    if (!name) return HD_ERR;
    snprintf(text, sizeof text - 1, "Could not decode to UTF-8 column '%s' with text '%.*s'", name, (int)n, p);
    hd_value m = hd_str_decode(text, strlen(text), "ascii", "replace");
    return m == HD_ERR ? HD_ERR : hd_raise_value(SQ_ERROR(OperationalError), m);
}
static hd_value cell_value(const struct row *r, int i, hd_value converter, hd_value factory, hd_value description)
{
    const struct cell *c = &r->cells[i];
    const char *p = c->type == SQLITE_TEXT || c->type == SQLITE_BLOB ? r->bytes + c->offset : NULL;
    if (converter != HD_NONE) {
        if (c->null) return HD_NONE;
        hd_value b = hd_bytes_new(p, c->n);
        return b == HD_ERR ? HD_ERR : hd_callv(converter, b);
    }
    switch (c->type) {
    case SQLITE_INTEGER: return hd_int(c->i);
    case SQLITE_FLOAT: return hd_float(c->d);
    case SQLITE_TEXT:
        if (factory == hd_obj(&hd_str_type)) {
            hd_value v = hd_str_utf8_n(p, c->n);
            return v == HD_ERR && hd_exc_is(&hd_exc_UnicodeDecodeError) ? undecodable(description, i, p, c->n) : v;
        }
        if (factory == hd_obj(&hd_bytearray_type)) return hd_bytearray_new(p, c->n);
        hd_value b = hd_bytes_new(p, c->n);
        return b == HD_ERR || factory == hd_obj(&hd_bytes_type) ? b : hd_callv(factory, b);
    case SQLITE_BLOB: return hd_bytes_new(p, c->n);
    default: return HD_NONE;
    }
}
/* The next row, or HD_STOP.  The library makes the step to the row behind it at once: the end shows early, and errors of
 * that step are raised in place of this row. */
static hd_value next_row(hd_value self)
{
    struct sq_cursor *c = SQ_CURSOR(self);
    struct sq_db *db = sq_cursor_check(self);
    if (!db) return HD_ERR;
    struct sq_statement *s = HD_GET(c, statement);
    if (!s) return HD_STOP;
    uint64_t serial = (uint64_t)HD_GET(c, serial);
    hd_value converters = HD_GET(c, converters), factory = HD_GET(SQ_CONNECTION(HD_GET(c, connection)), text_factory);
    int n_raw = 0;
    bool *raw = NULL, is_dml = false, done = false, any = false, no_memory = false;
    if (converters != HD_NONE) {
        n_raw = (int)HD_TUPLE(converters)->len;
        if (!(raw = hd_scratch((size_t)n_raw + 1))) return HD_ERR;
        for (int i = 0; i < n_raw; i++) raw[i] = HD_TUPLE(converters)->item[i] != HD_NONE;
    }
    struct row r = { 0 };
    struct sq_outcome out = { 0 };
    int64_t changes = 0;
    struct sq_db *owner = s->db;
    int token = sq_enter(owner);
    sqlite3_stmt *h = sq_handle(s, serial);
    if (h) {
        any = true;
        if (!copy_row(h, &r, raw, n_raw)) no_memory = true;
        int code = sqlite3_step(h);
        is_dml = s->is_dml;
        if (code == SQLITE_DONE) {
            if (is_dml) changes = sqlite3_changes(sqlite3_db_handle(h));
            done = true;
        } else if (code != SQLITE_ROW) sq_fail(sqlite3_db_handle(h), &out), done = true;
        if (done) sq_statement_release(s, serial);
    }
    sq_leave(owner, token);
    if ((done || !any) && HD_GET(c, statement) == s && (uint64_t)HD_GET(c, serial) == serial) {
        sq_cursor_w w = sq_cursor_open(c);
        HD_PUT(w, statement, NULL);
        HD_PUT(w, serial, 0);
        if (is_dml && out.code == SQLITE_OK) HD_PUT(w, rowcount, changes);
    }
    if (!any) return HD_STOP;
    hd_value row = no_memory ? hd_no_memory() : hd_tuple_new((size_t)r.n);
    if (row != HD_ERR) {
        /* values that Python code makes go into a list first: a tuple is filled in one go */
        bool python = raw || (factory != hd_obj(&hd_str_type) && factory != hd_obj(&hd_bytes_type) && factory != hd_obj(&hd_bytearray_type));
        hd_value description = HD_GET(c, description);
        if (python) {
            hd_value list = hd_list_new((size_t)r.n);
            sq_cursor_w w = sq_cursor_open(c);
            HD_PUT(w, locked, 1);
            for (int i = 0; i < r.n && list != HD_ERR; i++) {
                hd_value v = cell_value(&r, i, i < n_raw ? HD_TUPLE(converters)->item[i] : HD_NONE, factory, description);
                if (v == HD_ERR || hd_list_append(list, v) < 0) list = HD_ERR;
            }
            w = sq_cursor_open(c);
            HD_PUT(w, locked, 0);
            row = list == HD_ERR ? HD_ERR : hd_list_as_tuple(list);
        } else {
            for (int i = 0; i < r.n; i++) HD_TUPLE(row)->item[i] = HD_NONE;
            for (int i = 0; i < r.n && row != HD_ERR; i++) {
                hd_value v = cell_value(&r, i, HD_NONE, factory, description);
                if (v == HD_ERR) row = HD_ERR;
                else HD_TUPLE(row)->item[i] = v;
            }
        }
    }
    if (r.cells && (uint64_t *)(void *)r.cells != r.small) stm_on_commit(free, r.cells);
    if (row == HD_ERR) {
        if (out.message) stm_on_commit(free, out.message);
        let_go(self);
        return HD_ERR;
    }
    if (sq_raise(&out) == HD_ERR) return HD_ERR;
    hd_value make = HD_GET(c, row_factory);
    return make == HD_NONE ? row : hd_callv(make, self, row);
}
static hd_value cursor_next(hd_value self) { return next_row(self); }
static hd_value cursor_iter(hd_value self) { return self; }
static hd_value cursor_fetchone(SQ_ARGS)
{
    hd_value v = next_row(self);
    return v == HD_STOP ? HD_NONE : v;
}
static hd_value fetch(hd_value self, int64_t most)
{
    hd_value list = hd_list_new(0);
    for (int64_t n = 0; list != HD_ERR; ) {
        hd_value v = next_row(self);
        if (v == HD_STOP) return list;
        if (v == HD_ERR || hd_list_append(list, v) < 0) return HD_ERR;
        if (++n == most) return list;
    }
    return list;
}
static hd_value cursor_fetchall(SQ_ARGS) { return fetch(self, 0); }
static hd_value cursor_fetchmany(SQ_ARGS)
{
    hd_value a[1];
    int most = 0;
    if (nargs + (kwnames ? (size_t)HD_TUPLE(kwnames)->len : 0) > 1)
        return hd_raise(&hd_exc_TypeError, "fetchmany() takes at most 1 argument (%zu given)", nargs + (kwnames ? (size_t)HD_TUPLE(kwnames)->len : 0));
    if (hd_args("fetchmany", "|size", args, nargs, kwnames, a) < 0 || (a[0] != HD_ABSENT && hd_as_int32(a[0], &most) < 0)) return HD_ERR;
    return fetch(self, a[0] == HD_ABSENT ? HD_GET(SQ_CURSOR(self), arraysize) : most);
}

/* ---- methods ---------------------------------------------------------------------------------------------------------------- */
static hd_value cursor_execute(SQ_ARGS)
{
    if (!hd_is_str(args[0])) return hd_raise(&hd_exc_TypeError, "execute() argument 1 must be str, not %A", args[0]);
    return sq_cursor_run(self, args[0], nargs > 1 ? args[1] : hd_empty_tuple, false);
}
static hd_value cursor_executemany(SQ_ARGS)
{
    if (!hd_is_str(args[0])) return hd_raise(&hd_exc_TypeError, "executemany() argument 1 must be str, not %A", args[0]);
    return sq_cursor_run(self, args[0], args[1], true);
}
static hd_value cursor_executescript(SQ_ARGS)
{
    size_t n;
    if (!hd_is_str(args[0])) return hd_raise(&hd_exc_TypeError, "executescript() argument must be str, not %A", args[0]);
    const char *s = hd_str_as_utf8(args[0], &n);
    if (!s) return HD_ERR;
    if (strlen(s) != n) return hd_raise(&hd_exc_ValueError, "embedded null character");
    return sq_cursor_run_script(self, s, n);
}
static hd_value cursor_close(SQ_ARGS)
{
    struct sq_cursor *c = SQ_CURSOR(self);
    if (check_unlocked(c) < 0) return HD_ERR;
    if (HD_GET(c, connection) == HD_NONE) return hd_raise(SQ_ERROR(ProgrammingError), "Base Cursor.__init__ not called.");
    if (!sq_check(HD_GET(c, connection))) return HD_ERR;
    let_go(self);
    sq_cursor_w w = sq_cursor_open(c);
    HD_PUT(w, closed, 1);
    return HD_NONE;
}
static hd_value cursor_ignore(SQ_ARGS)
{
    hd_value a[2];
    return hd_args("setoutputsize", "size,|column,/", args, nargs, kwnames, a) < 0 ? HD_ERR : HD_NONE;
}

/* ---- the type ----------------------------------------------------------------------------------------------------------------- */
static hd_value cursor_make(hd_value type, const hd_value *args, size_t nargs, hd_value kwnames)
{
    hd_value v = hd_alloc_instance(HD_TYPE(type), 0);
    if (v == HD_ERR) return v;
    struct sq_cursor *c = SQ_CURSOR(v);
    HD_INIT(c, connection, HD_NONE);
    HD_INIT(c, description, HD_NONE);
    HD_INIT(c, row_factory, HD_NONE);
    HD_INIT(c, lastrowid, HD_NONE);
    HD_INIT(c, converters, HD_NONE);
    return v;
}
static int cursor_init(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
{
    struct sq_cursor *c = SQ_CURSOR(self);
    if (hd_type_of(self) == &sq_cursor_type && hd_no_kwargs("Cursor", kwnames) < 0) return -1;
    if (nargs != 1) {
        (void)hd_raise(&hd_exc_TypeError, "Cursor expected 1 argument, got %zu", nargs);
        return -1;
    }
    if (!sq_is(args[0], &sq_connection_type)) {
        (void)hd_raise(&hd_exc_TypeError, "Cursor() argument 1 must be sqlite3.Connection, not %A", args[0]);
        return -1;
    }
    if (check_unlocked(c) < 0) return -1;
    let_go(self);
    sq_cursor_w w = sq_cursor_open(c);
    HD_PUT(w, connection, args[0]);
    HD_PUT(w, description, HD_NONE);
    HD_PUT(w, row_factory, HD_NONE);
    HD_PUT(w, lastrowid, HD_NONE);
    HD_PUT(w, converters, HD_NONE);
    HD_PUT(w, arraysize, 1);
    HD_PUT(w, rowcount, -1);
    HD_PUT(w, closed, 0);
    if (sq_check_thread(args[0]) < 0) return -1;
    w = sq_cursor_open(c);
    HD_PUT(w, initialised, 1);
    return 0;
}
static void cursor_trace(void *v, struct gc_marker *m)
{
    struct sq_cursor *c = v;
    gc_mark(m, HD_RAW(c->connection)), gc_mark(m, HD_RAW(c->description)), gc_mark(m, HD_RAW(c->row_factory));
    gc_mark(m, HD_RAW(c->lastrowid)), gc_mark(m, HD_RAW(c->converters));
}
static void cursor_finalise(hd_value self)
{
    struct sq_cursor *c = SQ_CURSOR(self);
    struct sq_statement *s = HD_GET(c, statement);
    if (!s) return;
    bool mine = s->serial == (uint64_t)HD_GET(c, serial);        /* if so, nobody else changes that */
    sq_cursor_w w = sq_cursor_open(c);
    HD_PUT(w, statement, NULL);
    if (mine) stm_on_commit(sq_orphan, s);
}
static const struct hd_methoddef methods[] = {
    { "execute", cursor_execute, 1, 2, 0, "execute($self, sql, parameters=(), /)\n--\n\nExecutes an SQL statement." },
    { "executemany", cursor_executemany, 2, 2, 0, "executemany($self, sql, seq_of_parameters, /)\n--\n\nRepeatedly executes an SQL statement." },
    { "executescript", cursor_executescript, 1, 1, 0, "executescript($self, sql_script, /)\n--\n\nExecutes multiple SQL statements at once." },
    { "fetchone", cursor_fetchone, 0, 0, 0, "fetchone($self, /)\n--\n\nFetches one row from the resultset." },
    { "fetchmany", cursor_fetchmany, 0, -1, HD_METH_KW,
      "fetchmany($self, /, size=1)\n--\n\nFetches several rows from the resultset.\n\n  size\n    The default value is set by the Cursor.arraysize attribute." },
    { "fetchall", cursor_fetchall, 0, 0, 0, "fetchall($self, /)\n--\n\nFetches all rows from the resultset." },
    { "setinputsizes", cursor_ignore, 1, 1, 0, "setinputsizes($self, sizes, /)\n--\n\nRequired by DB-API. Does nothing in sqlite3." },
    { "setoutputsize", cursor_ignore, 1, 2, 0, "setoutputsize($self, size, column=None, /)\n--\n\nRequired by DB-API. Does nothing in sqlite3." },
    { "close", cursor_close, 0, 0, 0, "close($self, /)\n--\n\nCloses the cursor." }, { 0 }
};
static const struct hd_memberdef members[] = {
    { "connection", offsetof(struct sq_cursor, connection), HD_MEMBER_VALUE_NONE | HD_MEMBER_READONLY, NULL },
    { "description", offsetof(struct sq_cursor, description), HD_MEMBER_VALUE_NONE | HD_MEMBER_READONLY, NULL },
    { "arraysize", offsetof(struct sq_cursor, arraysize), HD_MEMBER_INT, NULL },
    { "lastrowid", offsetof(struct sq_cursor, lastrowid), HD_MEMBER_VALUE_NONE | HD_MEMBER_READONLY, NULL },
    { "rowcount", offsetof(struct sq_cursor, rowcount), HD_MEMBER_INT | HD_MEMBER_READONLY, NULL },
    { "row_factory", offsetof(struct sq_cursor, row_factory), HD_MEMBER_VALUE_NONE, NULL }, { 0 }
};
struct hd_type sq_cursor_type = {
    .cname = "sqlite3.Cursor", .basicsize = sizeof(struct sq_cursor), .flags = HD_TF_LATE_FINALISER | HD_TF_BASETYPE | HD_TF_HAS_WEAKREFS, .doc = "SQLite database cursor class.", .methods = methods,
    .members = members, .op = { .make = cursor_make, .init = cursor_init, .iter = cursor_iter, .iternext = cursor_next, .trace = cursor_trace, .finalise = cursor_finalise },
};
