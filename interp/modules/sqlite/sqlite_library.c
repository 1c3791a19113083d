/* The C part of databases: regions, statements and their cache, resources whose objects have died, errors.
 *
 * L1: a statement has a handle and a serial (in use), a handle and no serial (idle: in the table and the list by age), or
 *     no handle.  In-use ones and blobs count in db->uses until released.
 * L2: sq_orphan may run anywhere, so it only pushes; the next region of the database releases. */
#include <stdlib.h>
#include "interp/eval/eval.h"
#include "interp/modules/sqlite/sqlite_internal.h"

static pthread_mutex_t all_lock = PTHREAD_MUTEX_INITIALIZER;
static struct sq_db *all_dbs;

/* ---- lifetime ------------------------------------------------------------------------------------------------------------- */
static struct sq_db *db_new(int cached)
{
    struct sq_db *db = calloc(1, sizeof *db);
    if (!db) return NULL;
    db->most_idle = cached > 0 ? (uint32_t)cached : 0;
    for (db->buckets = 16; db->buckets < db->most_idle && db->buckets < 4096; ) db->buckets *= 2;
    if (!(db->table = calloc(db->buckets, sizeof *db->table))) {
        free(db);
        return NULL;
    }
    pthread_mutexattr_t a;
    pthread_mutexattr_init(&a);
    pthread_mutexattr_settype(&a, PTHREAD_MUTEX_RECURSIVE);
    pthread_mutex_init(&db->lock, &a);
    pthread_mutexattr_destroy(&a);
    db->uses = 1;
    return db;
}
static void db_unuse(struct sq_db *db)
{
    if (__atomic_sub_fetch(&db->uses, 1, __ATOMIC_ACQ_REL)) return;
    for (struct sq_statement *s = db->all, *next; s; s = next) {
        next = s->next_all;
        free(s);
    }
    struct sq_db *before = db->before;
    pthread_mutex_destroy(&db->lock);
    free(db->table);
    free(db);
    if (before) db_unuse(before);
}
/* Waits for other connections, in steps that grow. */
enum { HASTY_MS = 60, LONGEST_STEP_MS = 50 };
static int on_busy(void *user, int n)
{
    const struct sq_db *db = user;
    int step = n < 10 ? n * 2 + 1 : LONGEST_STEP_MS, waited = n < 10 ? n * n : 100 + (n - 10) * LONGEST_STEP_MS;
    int most = db->hasty && db->timeout_ms > HASTY_MS ? HASTY_MS : db->timeout_ms;
    if (waited >= most) return 0;
    (void)sqlite3_sleep(step < most - waited ? step : most - waited);
    return 1;
}
struct sq_db *sq_db_open(const char *name, int flags, int timeout_ms, int cached, hd_value connection, struct sq_outcome *out)
{
    struct sq_db *db = db_new(cached);
    *out = (struct sq_outcome){ SQLITE_NOMEM, SQLITE_NOMEM, NULL };
    if (!db) return NULL;
    int code = sqlite3_open_v2(name, &db->handle, flags, NULL);
    if (code != SQLITE_OK) {
        if (db->handle) sq_fail(db->handle, out);
        sqlite3_close_v2(db->handle);
        db_unuse(db);
        return NULL;
    }
    db->timeout_ms = timeout_ms;
    (void)sqlite3_busy_handler(db->handle, on_busy, db);
    db->connection = connection;
    pthread_mutex_lock(&all_lock);
    db->next_db = all_dbs, db->db_link = &all_dbs;
    if (all_dbs) all_dbs->db_link = &db->next_db;
    all_dbs = db;
    pthread_mutex_unlock(&all_lock);
    *out = (struct sq_outcome){ 0 };
    return db;
}
static void idle_remove(struct sq_db *db, struct sq_statement *s)
{
    struct sq_statement **p = &db->table[s->hash & (db->buckets - 1)];
    while (*p != s) p = &(*p)->next_hash;
    *p = s->next_hash;
    if (s->newer) s->newer->older = s->older; else db->newest = s->older;
    if (s->older) s->older->newer = s->newer; else db->oldest = s->newer;
    db->idle--;
}
static void discard(struct sq_statement *s)
{
    sqlite3_finalize(s->handle);
    free(s->sql);
    s->handle = NULL, s->sql = NULL;
    s->next_free = s->db->free, s->db->free = s;
}
static void take_orphans(struct sq_db *db)
{
    struct sq_orphan *o = __atomic_exchange_n(&db->orphans, NULL, __ATOMIC_ACQUIRE), *next;
    for (; o; o = next) {
        next = o->next;
        if (o->is_blob) {
            struct sq_blob *b = (struct sq_blob *)o;
            sq_blob_release(b);
            free(b);
            db_unuse(db);
        } else {
            struct sq_statement *s = (struct sq_statement *)o;
            sq_statement_release(s, s->serial);
        }
    }
}
void sq_db_close(struct sq_db *db, bool soft)
{
    if (!db->handle) return;
    if ((db->closing = db->depth > 1)) return;
    sqlite3 *handle = db->handle;
    pthread_mutex_lock(&all_lock);
    if ((*db->db_link = db->next_db)) db->next_db->db_link = db->db_link;
    db->handle = NULL;
    pthread_mutex_unlock(&all_lock);
    db->closing = false;
    while (db->blobs) sq_blob_release(db->blobs);
    while (db->oldest) {
        struct sq_statement *s = db->oldest;
        idle_remove(db, s);
        discard(s);
    }
    for (struct sq_statement *s = soft ? NULL : db->all; s; s = s->next_all) {
        sqlite3_stmt *h = s->handle;
        s->handle = NULL;
        sqlite3_finalize(h);                      /* may call functions: with no way to this statement any more */
    }
    sqlite3_close_v2(handle);
}
void sq_db_interrupt(struct sq_db *db)
{
    /* not in a region: the one to interrupt is in one.  all_lock keeps the database open */
    pthread_mutex_lock(&all_lock);
    if (db->handle) sqlite3_interrupt(db->handle);
    pthread_mutex_unlock(&all_lock);
}
void sq_db_abandon(void *p)
{
    struct sq_db *db = p;
    pthread_mutex_lock(&db->lock);
    __atomic_store_n(&db->dead, true, __ATOMIC_SEQ_CST);
    __atomic_add_fetch(&db->uses, 1, __ATOMIC_RELAXED);
    take_orphans(db);
    sq_db_close(db, false);
    pthread_mutex_unlock(&db->lock);
    db_unuse(db);
    db_unuse(db);
}

/* ---- regions ---------------------------------------------------------------------------------------------------------------- */
static void lock_db(struct sq_db *db)
{
    pthread_mutex_lock(&db->lock);
    if (db->depth++ == 0 && __atomic_load_n(&db->orphans, __ATOMIC_RELAXED)) take_orphans(db);
}
static void unlock_db(struct sq_db *db)
{
    if (db->depth == 1 && db->closing) sq_db_close(db, false);
    db->depth--;
    pthread_mutex_unlock(&db->lock);
}
int sq_enter(struct sq_db *db)
{
    int token = stm_leave_blocking();
    lock_db(db);
    return token;
}
void sq_leave(struct sq_db *db, int token)
{
    unlock_db(db);
    stm_enter_blocking(token);
}
void sq_orphan(void *p)
{
    struct sq_orphan *o = p;
    struct sq_db *db = o->is_blob ? ((struct sq_blob *)o)->db : ((struct sq_statement *)o)->db;
    __atomic_add_fetch(&db->uses, 1, __ATOMIC_RELAXED);
    o->next = __atomic_load_n(&db->orphans, __ATOMIC_RELAXED);
    while (!__atomic_compare_exchange_n(&db->orphans, &o->next, o, true, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED)) {}
    if (__atomic_load_n(&db->dead, __ATOMIC_SEQ_CST)) {
        pthread_mutex_lock(&db->lock);
        take_orphans(db);
        pthread_mutex_unlock(&db->lock);
    }
    db_unuse(db);
}
bool sq_collect_for(int code)
{
    if ((code & 0xff) != SQLITE_BUSY && (code & 0xff) != SQLITE_LOCKED) return false;
    bool some = (code & 0xff) == SQLITE_BUSY;
    if (stm_atomic_depth()) return some;
    gc_collect_full();
    if (hd_run_finalisers()) {
        gc_collect_full();
        (void)hd_run_finalisers();
    }
    int token = stm_leave_blocking();
    /* The lock of a database is not waited for: its owner takes the orphans in its next region.  all_lock is not held while
     * they are released, as that may run Python. */
    for (;;) {
        pthread_mutex_lock(&all_lock);
        struct sq_db *db = all_dbs;
        for (; db; db = db->next_db) {
            if (!__atomic_load_n(&db->orphans, __ATOMIC_RELAXED) || pthread_mutex_trylock(&db->lock)) continue;
            if (db->depth == 0) break;
            pthread_mutex_unlock(&db->lock);
        }
        if (db) __atomic_add_fetch(&db->uses, 1, __ATOMIC_RELAXED);
        pthread_mutex_unlock(&all_lock);
        if (!db) break;
        some = true;
        db->depth++;
        take_orphans(db);
        unlock_db(db);
        db_unuse(db);
    }
    stm_enter_blocking(token);
    return some;
}

/* ---- errors ------------------------------------------------------------------------------------------------------------------ */
void sq_fail(sqlite3 *handle, struct sq_outcome *out)
{
    int code = sqlite3_errcode(handle);
    const char *text = sqlite3_errmsg(handle);
    free(out->message);
    *out = (struct sq_outcome){ code, sqlite3_extended_errcode(handle), text ? strdup(text) : NULL };
}
static struct hd_type *class_of(int code)
{
    switch (code) {
    case SQLITE_INTERNAL: case SQLITE_NOTFOUND: return SQ_ERROR(InternalError);
    case SQLITE_ERROR: case SQLITE_PERM: case SQLITE_ABORT: case SQLITE_BUSY: case SQLITE_LOCKED: case SQLITE_READONLY: case SQLITE_INTERRUPT: case SQLITE_IOERR:
    case SQLITE_FULL: case SQLITE_CANTOPEN: case SQLITE_PROTOCOL: case SQLITE_EMPTY: case SQLITE_SCHEMA: return SQ_ERROR(OperationalError);
    case SQLITE_TOOBIG: return SQ_ERROR(DataError);
    case SQLITE_CONSTRAINT: case SQLITE_MISMATCH: return SQ_ERROR(IntegrityError);
    case SQLITE_MISUSE: case SQLITE_RANGE: return SQ_ERROR(InterfaceError);
    default: return SQ_ERROR(DatabaseError);
    }
}
static const struct { const char *name; int code; } code_names[] = {
#define C(name) { #name, name },
#define L(name)
#define A(name)
#include "interp/modules/sqlite/sqlite_constants.def"
#undef C
#undef L
#undef A
};
static const char *name_of(int code)
{
    for (size_t i = 0; i < sizeof code_names / sizeof *code_names; i++) if (code_names[i].code == code) return code_names[i].name;
    return "unknown";
}
hd_value sq_raise(const struct sq_outcome *out)
{
    if (out->code == SQLITE_OK) return HD_NONE;
    if (out->code == SQLITE_NOMEM) {
        if (out->message) stm_on_commit(free, out->message);
        return hd_no_memory();
    }
    const char *text = out->message ? out->message : sqlite3_errstr(out->code);
    hd_value m = hd_str_decode(text, strlen(text), "utf-8", "replace");
    struct hd_type *t = class_of(out->code);
    hd_value e = m == HD_ERR ? HD_ERR : hd_callv(hd_obj(t), m);
    if (out->message) stm_on_commit(free, out->message);
    if (e == HD_ERR || hd_setattr(e, hd_intern("sqlite_errorcode"), hd_int(out->extended)) < 0 ||
        hd_setattr(e, hd_intern("sqlite_errorname"), hd_str_utf8(name_of(out->extended))) < 0) return HD_ERR;
    return hd_raise_object(e);
}

/* ---- statements ---------------------------------------------------------------------------------------------------------------- */
const char *sq_skip_space(const char *s)
{
    for (;;) {
        while (*s == ' ' || *s == '\t' || *s == '\f' || *s == '\n' || *s == '\r') s++;
        if (s[0] == '-' && s[1] == '-') {
            if (!(s = strchr(s, '\n'))) return NULL;
        } else if (s[0] == '/' && s[1] == '*') {
            if (!(s = strstr(s + 2, "*/"))) return NULL;
            s += 2;
        } else return *s ? s : NULL;
    }
}
static bool starts_dml(const char *sql)
{
    static const char *const words[] = { "insert", "update", "delete", "replace" };
    const char *s = sq_skip_space(sql);
    for (size_t i = 0; s && i < sizeof words / sizeof *words; i++) if (!sqlite3_strnicmp(s, words[i], (int)strlen(words[i]))) return true;
    return false;
}
static uint64_t hash_text(const char *s, size_t n)
{
    uint64_t h = n;
    for (size_t i = 0; i < n; i++) h = (h ^ (unsigned char)s[i]) * UINT64_C(0x100000001b3);
    return h ^ h >> 32;
}
enum sq_prepare sq_statement_take(struct sq_db *db, const char *sql, size_t n, struct sq_statement **out_s, struct sq_outcome *out)
{
    uint64_t hash = hash_text(sql, n);
    struct sq_statement *s;
    for (s = db->table[hash & (db->buckets - 1)]; s; s = s->next_hash)
        if (s->hash == hash && s->n == n && !memcmp(s->sql, sql, n)) {
            idle_remove(db, s);
            goto found;
        }
    if (n > (size_t)sqlite3_limit(db->handle, SQLITE_LIMIT_SQL_LENGTH, -1)) return SQ_TOO_LARGE;
    if (memchr(sql, 0, n)) return SQ_NUL;
    sqlite3_stmt *handle;
    const char *tail;
    int code = sqlite3_prepare_v2(db->handle, sql, (int)n + 1, &handle, &tail);
    if (code != SQLITE_OK) {
        sq_fail(db->handle, out);
        return SQ_FAILED;
    }
    if (sq_skip_space(tail)) {
        sqlite3_finalize(handle);
        return SQ_MORE;
    }
    char *copy = malloc(n + 1);
    if ((s = db->free)) db->free = s->next_free;
    else if (copy && (s = calloc(1, sizeof *s))) s->db = db, s->next_all = db->all, db->all = s;
    if (!s || !copy) {
        if (s) s->next_free = db->free, db->free = s;
        free(copy);
        sqlite3_finalize(handle);
        *out = (struct sq_outcome){ SQLITE_NOMEM, SQLITE_NOMEM, NULL };
        return SQ_FAILED;
    }
    memcpy(copy, sql, n + 1);
    s->handle = handle, s->sql = copy, s->n = n, s->hash = hash, s->is_dml = starts_dml(sql), s->readonly = sqlite3_stmt_readonly(handle);
found:
    s->serial = ++db->serial;
    __atomic_add_fetch(&db->uses, 1, __ATOMIC_RELAXED);
    *out_s = s;
    return SQ_OK;
}
void sq_statement_release(struct sq_statement *s, uint64_t serial)
{
    struct sq_db *db = s->db;
    if (!serial || s->serial != serial) return;
    /* resetting may call functions, and those may use this database: the statement is nobody's meanwhile */
    sqlite3_stmt *handle = s->handle;
    if (handle) {
        sqlite3_reset(handle);
        sqlite3_clear_bindings(handle);
    }
    s->serial = 0;
    if (!s->handle) {
        free(s->sql);
        s->sql = NULL;
        s->next_free = db->free, db->free = s;
    } else if (!db->most_idle || !db->handle) discard(s);
    else {
        if (db->idle == db->most_idle) {
            struct sq_statement *old = db->oldest;
            idle_remove(db, old);
            discard(old);
        }
        struct sq_statement **b = &db->table[s->hash & (db->buckets - 1)];
        s->next_hash = *b, *b = s;
        s->newer = NULL, s->older = db->newest;
        if (db->newest) db->newest->newer = s; else db->oldest = s;
        db->newest = s;
        db->idle++;
    }
    db_unuse(db);
}
void sq_blob_release(struct sq_blob *b)
{
    if (!b->handle) return;
    if ((*b->link = b->next)) b->next->link = b->link;
    sqlite3_blob *h = b->handle;
    b->handle = NULL;
    sqlite3_blob_close(h);
}
int sq_run(struct sq_db *db, const char *sql, struct sq_outcome *out)
{
    int code = sqlite3_exec(db->handle, sql, NULL, NULL, NULL);
    if (code != SQLITE_OK) sq_fail(db->handle, out);
    return code;
}
