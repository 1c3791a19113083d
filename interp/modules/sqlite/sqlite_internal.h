/* The module _sqlite3: what its files share.
 *
 * Q1: the library runs only outside transactions (between sq_enter and sq_leave), with the database's lock held; so nothing
 *     that it has done can be rolled back.  Functions that need this are marked "in a region".
 * Q2: a callback of the library begins a transaction, runs Python and ends it before it returns (SQ_CALLBACK): an abort runs
 *     only that once more.  What a transaction does to the library (setting the result of a function) may be repeated.
 * Q3: struct sq_db, sq_statement and sq_blob are C memory.  A cursor names its statement by address and serial number; a
 *     statement with another number has been taken away (by another thread, by close) and is left alone.  The memory of
 *     statements lives as long as their database's.
 * Q4: references that the library holds (functions, instances of aggregates) are also in the dict `kept` of the connection,
 *     where the collector sees them. */
#ifndef HD_SQLITE_INTERNAL_H
#define HD_SQLITE_INTERNAL_H
#include <pthread.h>
#include <sqlite3.h>
#include "interp/core/type_ops.h"
#include "interp/modules/modules.h"

#define SQ_ARGS hd_value self, const hd_value *args, size_t nargs, hd_value kwnames
#define SQ_ERRORS E(Warning) E(Error) E(InterfaceError) E(DatabaseError) E(InternalError) E(OperationalError) E(ProgrammingError) E(IntegrityError) E(DataError) E(NotSupportedError)
enum sq_error {
#define E(name) SQ_##name,
    SQ_ERRORS
#undef E
    SQ_N_ERRORS
};
enum { SQ_PARSE_DECLTYPES = 1, SQ_PARSE_COLNAMES = 2 };

/* ---- C part (sqlite_library.c) ---------------------------------------------------------------------------------------- */
struct sq_orphan { struct sq_orphan *next; bool is_blob; };    /* its object has died; waits for the next region */
struct sq_statement {
    struct sq_orphan orphan;                  /* first */
    struct sq_db *db;
    sqlite3_stmt *handle;                     /* NULL: none, or the database is closed */
    uint64_t serial;                          /* of its present use; 0: idle */
    char *sql;
    size_t n;
    uint64_t hash;
    bool is_dml, readonly;
    struct sq_statement *next_all, *next_free, *next_hash, *newer, *older;
};
struct sq_blob {
    struct sq_orphan orphan;                  /* first */
    struct sq_db *db;
    sqlite3_blob *handle;                     /* NULL: closed */
    struct sq_blob *next, **link;             /* list of the database's */
};
struct sq_db {
    sqlite3 *handle;                          /* NULL: closed */
    pthread_mutex_t lock;                     /* recursive */
    int depth;                                /* regions that the lock's owner is in */
    bool closing;                             /* closed by a function that the library calls: when that is over */
    bool dead;                                /* the connection object is gone: no Python any more */
    bool hasty;                               /* gives up soon when another connection has the lock: the caller tries again */
    int timeout_ms;
    uint32_t uses;                            /* the object, and statements and blobs that objects have; atomic */
    hd_value connection;                      /* the object; valid unless dead */
    uint64_t serial, instances;               /* last numbers given to uses of statements, to aggregates */
    struct sq_orphan *orphans;                /* atomic */
    struct sq_statement *all, *free;          /* every statement; those without a handle */
    struct sq_statement **table, *newest, *oldest;     /* idle ones by text and by age */
    uint32_t buckets, idle, most_idle;
    struct sq_blob *blobs;
    struct sq_db *next_db, **db_link;         /* all open databases */
    struct sq_db *before;                     /* closed; what __init__ of the same object opened earlier */
    struct sq_callback { struct sq_db *db; hd_value callable; } authorizer, progress, trace;
};
/* What a call of the library came to; made in a region, raised after it. */
struct sq_outcome { int code, extended; char *message; };

struct sq_db *sq_db_open(const char *name, int flags, int timeout_ms, int cached, hd_value connection, struct sq_outcome *out);   /* in stm_leave_blocking; NULL: out */
/* In a region, or dead.  Soft: statements in use go on until they are released. */
void sq_db_close(struct sq_db *db, bool soft);
void sq_db_interrupt(struct sq_db *db);       /* outside transactions */
void sq_db_abandon(void *db);                 /* the object has died; stm_on_commit */
/* The region.  sq_leave: what sq_enter returned. */
int sq_enter(struct sq_db *db);
void sq_leave(struct sq_db *db, int token);
void sq_fail(sqlite3 *handle, struct sq_outcome *out);          /* the library's last error; in a region */
/* Raises what failed (HD_ERR), or HD_NONE if nothing did. */
hd_value sq_raise(const struct sq_outcome *out);
/* Statements; in a region. */
enum sq_prepare { SQ_OK, SQ_FAILED, SQ_TOO_LARGE, SQ_NUL, SQ_MORE, SQ_CLOSED };
enum sq_prepare sq_statement_take(struct sq_db *db, const char *sql, size_t n, struct sq_statement **s, struct sq_outcome *out);
void sq_statement_release(struct sq_statement *s, uint64_t serial);
static inline sqlite3_stmt *sq_handle(const struct sq_statement *s, uint64_t serial) { return s && s->serial == serial ? s->handle : NULL; }
void sq_orphan(void *orphan);                 /* the object of a statement or a blob has died; stm_on_commit */
void sq_blob_release(struct sq_blob *b);      /* closes; in a region */
const char *sq_skip_space(const char *sql);   /* behind white space and comments; NULL: nothing follows */
/* Statements and blobs of objects that only the collector knows to be dead keep locks on tables and files: if `code` says
 * that a lock was in the way, collects and lets all of them go.  True: try once more, no longer hasty.  In a transaction. */
bool sq_collect_for(int code);

/* Between the two: in a transaction.  No return and no store into older frames in between. */
#define SQ_CALLBACK     { struct stm_portal portal_; stm_portal_enter(&portal_); stm_enter_blocking(stm_me != NULL);
#define SQ_END_CALLBACK (void)stm_leave_blocking(); stm_portal_leave(&portal_); }

/* ---- objects ------------------------------------------------------------------------------------------------------------ */
HD_MUTABLE(sq_connection)
struct sq_connection {
    struct hd_mhead head;
    HD_PSLOT(struct sq_db) db;                /* NULL: never opened */
    hd_islot initialised, check_thread, thread, detect_types;
    hd_islot isolation;                       /* enum sq_isolation */
    hd_vslot row_factory, text_factory;
    hd_vslot kept;                            /* dict */
};
HD_MUTABLE_OPEN(sq_connection, hd_inst_size(o))
HD_MUTABLE(sq_cursor)
struct sq_cursor {
    struct hd_mhead head;
    hd_vslot connection;                      /* None until __init__ */
    hd_vslot description, row_factory, lastrowid;
    hd_vslot converters;                      /* tuple with one for each column, or None */
    HD_PSLOT(struct sq_statement) statement;
    hd_islot serial, arraysize, rowcount, initialised, closed, locked;
};
HD_MUTABLE_OPEN(sq_cursor, hd_inst_size(o))
#define SQ_CONNECTION(v) ((struct sq_connection *)hd_ptr(v))
#define SQ_CURSOR(v) ((struct sq_cursor *)hd_ptr(v))
extern struct hd_type sq_connection_type, sq_cursor_type, sq_row_type, sq_blob_type, sq_protocol_type, sq_statement_type;
extern hd_value sq_errors[SQ_N_ERRORS];
extern hd_value sq_adapters, sq_converters;   /* dicts */
#define SQ_ERROR(name) HD_TYPE(sq_errors[SQ_##name])
static inline bool sq_is(hd_value v, struct hd_type *t) { return hd_is_ptr(v) && hd_subtype(hd_type_of(v), t); }

/* Usable: initialised, open, of this thread; 0, -1. */
int sq_check_thread(hd_value connection) HD_MUST;
static inline bool sq_is_open(const struct sq_db *db) { return db->handle && !db->closing; }
struct sq_db *sq_check(hd_value connection) HD_MUST;         /* thread and state; NULL: raised */
struct sq_db *sq_check_open(hd_value connection) HD_MUST;    /* state only */
/* Runs SQL without results in a region; SQLITE_OK or the code. */
int sq_run(struct sq_db *db, const char *sql, struct sq_outcome *out);
const char *sq_begin_text(hd_value connection);              /* how transactions begin; NULL: only where the user says so */

/* Callbacks (sqlite_function.c, sqlite_hook.c). */
hd_value sq_create_function(SQ_ARGS), sq_create_aggregate(SQ_ARGS), sq_create_window_function(SQ_ARGS), sq_create_collation(SQ_ARGS);
hd_value sq_set_authorizer(SQ_ARGS), sq_set_progress_handler(SQ_ARGS), sq_set_trace_callback(SQ_ARGS);
int sq_keep(hd_value connection, hd_value key, hd_value v) HD_MUST;      /* HD_ABSENT: no longer */
/* Replaces what is kept under `key` as soon as the library has it: no memory is needed then. */
int sq_keep_prepare(hd_value connection, hd_value key) HD_MUST;
void sq_callback_failed(hd_value callable);                  /* shows the pending exception, or drops it */
extern bool sq_show_tracebacks;

/* Values (sqlite_value.c). */
enum sq_kind { SQ_NULL, SQ_INT, SQ_REAL, SQ_TEXT, SQ_BLOB };
struct sq_param { enum sq_kind kind; int64_t i; double d; const void *p; int64_t n; };
/* The C value of v; *keep gets what p points into.  1, 0: no type of SQLite's, -1. */
int sq_param_of(hd_value v, struct sq_param *p, hd_value *keep) HD_MUST;
hd_value sq_adapt(hd_value v, hd_value protocol, hd_value otherwise) HD_MUST;
hd_value sq_adapt_param(hd_value v) HD_MUST;
extern bool sq_base_types_adapted;
hd_value sq_value_adapt(SQ_ARGS), sq_register_adapter(SQ_ARGS), sq_register_converter(SQ_ARGS);
/* Converter for the type name s[0..n), or None. */
hd_value sq_converter(const char *s, size_t n) HD_MUST;

/* Cursors. */
struct sq_db *sq_cursor_check(hd_value cursor) HD_MUST;      /* usable and not at work; NULL: raised */
hd_value sq_cursor_run(hd_value cursor, hd_value sql, hd_value params, bool many) HD_MUST;
hd_value sq_cursor_run_script(hd_value cursor, const char *sql, size_t n) HD_MUST;
int sq_warm(struct sq_db *db, hd_value sql) HD_MUST;         /* prepares a statement for later use */

hd_value sq_backup(SQ_ARGS), sq_serialize(SQ_ARGS), sq_deserialize(SQ_ARGS), sq_blobopen(SQ_ARGS);
#endif
