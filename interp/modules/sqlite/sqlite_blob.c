/* Whole databases and parts of them: backup, serialize, and the type Blob. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include "interp/modules/sqlite/sqlite_internal.h"
#include "interp/types/bytes.h"

static const char *text_of(hd_value v, const char *what)
{
    size_t n;
    if (!hd_is_str(v)) {
        (void)hd_raise(&hd_exc_TypeError, "%s must be str, not %A", what, v);
        return NULL;
    }
    const char *s = hd_str_as_utf8(v, &n);
    if (!s || strlen(s) == n) return s;
    (void)hd_raise(&hd_exc_ValueError, "embedded null character");
    return NULL;
}

/* ---- backup ------------------------------------------------------------------------------------------------------------- */
/* The library's object lies in C memory; the databases are locked only for each of its steps. */
hd_value sq_backup(SQ_ARGS)
{
    hd_value a[5];
    int pages = -1, sleep_ms = 250;
    double sleep = 0.25;
    const char *name = "main";
    if (hd_args("backup", "target,*,|pages,progress,name,sleep", args, nargs, kwnames, a) < 0) return HD_ERR;
    hd_value progress = a[2] == HD_ABSENT ? HD_NONE : a[2];
    if (!sq_is(a[0], &sq_connection_type)) return hd_raise(&hd_exc_TypeError, "backup() argument 'target' must be sqlite3.Connection, not %A", a[0]);
    if ((a[1] != HD_ABSENT && hd_as_int32(a[1], &pages) < 0) || (a[3] != HD_ABSENT && !(name = text_of(a[3], "backup() argument 'name'"))) ||
        (a[4] != HD_ABSENT && hd_as_double(a[4], &sleep) < 0)) return HD_ERR;
    sleep_ms = sleep * 1000 >= INT_MAX ? INT_MAX : (int)(sleep * 1000);
    struct sq_db *from = sq_check(self), *to = from ? sq_check_open(a[0]) : NULL;
    if (!to) return HD_ERR;
    if (from == to) return hd_raise(&hd_exc_ValueError, "target cannot be the same connection instance");
    if (progress != HD_NONE && !hd_callable(progress)) return hd_raise(&hd_exc_TypeError, "progress argument must be a callable");
    if (pages == 0) pages = -1;
    struct sq_outcome out = { 0 };
    sqlite3_backup *b = NULL;
    int token = sq_enter(to), code;
    if (to->handle && from->handle && !(b = sqlite3_backup_init(to->handle, "main", from->handle, name))) sq_fail(to->handle, &out);
    sq_leave(to, token);
    if (!b) return out.code ? sq_raise(&out) : hd_raise(SQ_ERROR(ProgrammingError), "Cannot operate on a closed database.");
    bool ok = true;
    do {
        int left = 0, total = 0;
        token = sq_enter(from);
        code = sqlite3_backup_step(b, pages);
        left = sqlite3_backup_remaining(b), total = sqlite3_backup_pagecount(b);
        sq_leave(from, token);
        if (progress != HD_NONE && hd_callv(progress, hd_fix(code), hd_fix(left), hd_fix(total)) == HD_ERR) ok = false;
        if (ok && (code == SQLITE_BUSY || code == SQLITE_LOCKED) && !sq_collect_for(code)) {
            HD_BLOCKING
                (void)sqlite3_sleep(sleep_ms);
            HD_END_BLOCKING
        }
    } while (ok && (code == SQLITE_OK || code == SQLITE_BUSY || code == SQLITE_LOCKED));
    token = sq_enter(to);
    code = sqlite3_backup_finish(b);
    if (code != SQLITE_OK && to->handle) sq_fail(to->handle, &out);
    sq_leave(to, token);
    if (ok) return sq_raise(&out);
    if (out.message) stm_on_commit(free, out.message);
    return HD_ERR;
}

/* ---- serialize ------------------------------------------------------------------------------------------------------------ */
hd_value sq_serialize(SQ_ARGS)
{
    hd_value a[1];
    const char *name = "main";
    if (hd_args("serialize", "*,|name", args, nargs, kwnames, a) < 0 || (a[0] != HD_ABSENT && !(name = text_of(a[0], "serialize() argument 'name'")))) return HD_ERR;
    struct sq_db *db = sq_check(self);
    if (!db) return HD_ERR;
    sqlite3_int64 n = 0;
    unsigned char *copy = NULL;
    int token = sq_enter(db);
    if (db->handle) copy = sqlite3_serialize(db->handle, name, &n, 0);
    sq_leave(db, token);
    if (!copy) return hd_raise(SQ_ERROR(OperationalError), "unable to serialize '%s'", name);
    hd_value v = hd_bytes_new(copy, (size_t)n);
    stm_on_commit(sqlite3_free, copy);
    return v;
}
hd_value sq_deserialize(SQ_ARGS)
{
    hd_value a[2];
    const char *name = "main";
    if (hd_args("deserialize", "data,/,*,|name", args, nargs, kwnames, a) < 0 || (a[1] != HD_ABSENT && !(name = text_of(a[1], "deserialize() argument 'name'")))) return HD_ERR;
    hd_value data = hd_is_str(a[0]) ? hd_str_encode(a[0], "utf-8", "strict") : hd_bytes_fixed(a[0]);
    if (data == HD_ERR) return HD_ERR;
    struct sq_db *db = sq_check(self);
    if (!db) return HD_ERR;
    int64_t n = HD_BYTES(data)->len;
    const unsigned char *p = HD_BYTES(data)->data;
    struct sq_outcome out = { 0 };
    int token = sq_enter(db);
    unsigned char *copy = db->handle ? sqlite3_malloc64((sqlite3_uint64)n) : NULL;
    if (!copy && n) out.code = SQLITE_NOMEM;
    else if (db->handle) {
        if (n) memcpy(copy, p, (size_t)n);
        if (sqlite3_deserialize(db->handle, name, copy, n, n, SQLITE_DESERIALIZE_FREEONCLOSE | SQLITE_DESERIALIZE_RESIZEABLE) != SQLITE_OK) sq_fail(db->handle, &out);
    }
    sq_leave(db, token);
    return sq_raise(&out);
}

/* ---- Blob -------------------------------------------------------------------------------------------------------------------- */
HD_MUTABLE(sq_blob_object)
struct sq_blob_object {
    struct hd_mhead head;
    hd_vslot connection;
    HD_PSLOT(struct sq_blob) blob;            /* until the object dies */
    hd_islot offset, size;
};
HD_MUTABLE_OPEN(sq_blob_object, hd_inst_size(o))
#define BLOB(v) ((struct sq_blob_object *)hd_ptr(v))

hd_value sq_blobopen(SQ_ARGS)
{
    hd_value a[5];
    int64_t row;
    int readonly = 0, size = 0;
    const char *table, *column, *name = "main";
    if (hd_args("blobopen", "table,column,row,/,*,|readonly,name", args, nargs, kwnames, a) < 0 || !(table = text_of(a[0], "blobopen() argument 1")) ||
        !(column = text_of(a[1], "blobopen() argument 2"))) return HD_ERR;
    if (!hd_is_int(a[2]) && !hd_type_of(a[2])->op.index) return hd_raise(&hd_exc_TypeError, "'%T' object cannot be interpreted as an integer", a[2]);
    if (hd_as_i64(a[2], &row) < 0 || (a[3] != HD_ABSENT && (readonly = hd_truth(a[3])) < 0) || (a[4] != HD_ABSENT && !(name = text_of(a[4], "blobopen() argument 'name'")))) return HD_ERR;
    struct sq_db *db = sq_check(self);
    if (!db) return HD_ERR;
    struct sq_outcome out = { 0 };
    struct sq_blob *b = NULL;
    int token = sq_enter(db);
    if (db->handle && (b = calloc(1, sizeof *b))) {
        b->orphan.is_blob = true, b->db = db;
        if (sqlite3_blob_open(db->handle, name, table, column, row, !readonly, &b->handle) == SQLITE_OK) {
            size = sqlite3_blob_bytes(b->handle);
            b->link = &db->blobs;
            if ((b->next = db->blobs)) b->next->link = &b->next;
            db->blobs = b;
            __atomic_add_fetch(&db->uses, 1, __ATOMIC_RELAXED);
        } else {
            sq_fail(db->handle, &out);
            free(b);
            b = NULL;
        }
    } else out.code = SQLITE_NOMEM;
    sq_leave(db, token);
    if (!b) return sq_raise(&out);
    hd_value v = hd_alloc_instance(&sq_blob_type, 0);
    if (v == HD_ERR) {
        stm_on_commit(sq_orphan, b);
        return v;
    }
    struct sq_blob_object *o = BLOB(v);
    HD_INIT(o, connection, self);
    HD_INIT(o, blob, b);
    HD_INIT(o, size, size);
    return v;
}
/* The blob, usable; NULL: raised. */
static struct sq_blob *blob_of(hd_value self)
{
    struct sq_blob_object *o = BLOB(self);
    if (!sq_check(HD_GET(o, connection))) return NULL;
    struct sq_blob *b = HD_GET(o, blob);
    if (b && b->handle) return b;
    (void)hd_raise(SQ_ERROR(ProgrammingError), "Cannot operate on a closed blob.");
    return NULL;
}
/* The library says only the code of what went wrong with a blob that has expired. */
static void blob_failed(struct sq_db *db, int code, struct sq_outcome *out)
{
    if (code == SQLITE_ABORT) *out = (struct sq_outcome){ code, code, NULL };
    else sq_fail(db->handle, out);
}
static hd_value read_at(struct sq_blob *b, int64_t at, int64_t n)
{
    struct sq_outcome out = { 0 };
    char *copy = NULL;
    int token = sq_enter(b->db);
    if (!b->handle) out.code = SQLITE_ABORT;
    else if (!(copy = malloc((size_t)n + 1))) out.code = SQLITE_NOMEM;
    else {
        int code = sqlite3_blob_read(b->handle, copy, (int)n, (int)at);
        if (code != SQLITE_OK) {
            blob_failed(b->db, code, &out);
            free(copy);
        }
    }
    sq_leave(b->db, token);
    if (out.code) return sq_raise(&out);
    hd_value v = hd_bytes_new(copy, (size_t)n);
    stm_on_commit(free, copy);
    return v;
}
/* p: C or immutable memory. */
static int write_at(struct sq_blob *b, int64_t at, const void *p, int64_t n)
{
    struct sq_outcome out = { 0 };
    int token = sq_enter(b->db);
    int code = b->handle ? sqlite3_blob_write(b->handle, p, (int)n, (int)at) : SQLITE_ABORT;
    if (code != SQLITE_OK) blob_failed(b->db, code, &out);
    sq_leave(b->db, token);
    return sq_raise(&out) == HD_ERR ? -1 : 0;
}
static hd_value blob_close(SQ_ARGS)
{
    struct sq_blob_object *o = BLOB(self);
    if (!sq_check(HD_GET(o, connection))) return HD_ERR;
    struct sq_blob *b = HD_GET(o, blob);
    if (b) {
        int token = sq_enter(b->db);
        sq_blob_release(b);
        sq_leave(b->db, token);
    }
    return HD_NONE;
}
static void set_offset(hd_value self, int64_t at)
{
    sq_blob_object_w w = sq_blob_object_open(BLOB(self));
    HD_PUT(w, offset, at);
}
static hd_value blob_read(SQ_ARGS)
{
    int n = -1;
    if (nargs && hd_as_int32(args[0], &n) < 0) return HD_ERR;
    struct sq_blob *b = blob_of(self);
    if (!b) return HD_ERR;
    int64_t at = HD_GET(BLOB(self), offset), left = HD_GET(BLOB(self), size) - at, most = n < 0 || n > left ? left : n;
    if (most == 0) return hd_empty_bytes;
    hd_value v = read_at(b, at, most);
    if (v != HD_ERR) set_offset(self, at + most);
    return v;
}
static hd_value blob_write(SQ_ARGS)
{
    hd_value data = hd_bytes_fixed(args[0]);
    struct sq_blob *b = data == HD_ERR ? NULL : blob_of(self);
    if (!b) return HD_ERR;
    int64_t at = HD_GET(BLOB(self), offset), n = HD_BYTES(data)->len;
    if (n > HD_GET(BLOB(self), size) - at) return hd_raise(&hd_exc_ValueError, "data longer than blob length");
    if (write_at(b, at, HD_BYTES(data)->data, n) < 0) return HD_ERR;
    set_offset(self, at + n);
    return HD_NONE;
}
static hd_value blob_seek(SQ_ARGS)
{
    int offset, origin = SEEK_SET;
    if (hd_as_int32(args[0], &offset) < 0 || (nargs > 1 && hd_as_int32(args[1], &origin) < 0) || !blob_of(self)) return HD_ERR;
    if (origin < SEEK_SET || origin > SEEK_END) return hd_raise(&hd_exc_ValueError, "'origin' should be os.SEEK_SET, os.SEEK_CUR, or os.SEEK_END");
    int64_t size = HD_GET(BLOB(self), size), at = offset + (origin == SEEK_SET ? 0 : origin == SEEK_CUR ? HD_GET(BLOB(self), offset) : size);
    if (at > INT_MAX) return hd_raise(&hd_exc_OverflowError, "seek offset results in overflow");
    if (at < 0 || at > size) return hd_raise(&hd_exc_ValueError, "offset out of blob range");
    set_offset(self, at);
    return HD_NONE;
}
static hd_value blob_tell(SQ_ARGS) { return blob_of(self) ? hd_int(HD_GET(BLOB(self), offset)) : HD_ERR; }
static hd_value blob_enter(SQ_ARGS) { return blob_of(self) ? self : HD_ERR; }
static hd_value blob_exit(SQ_ARGS)
{
    if (!blob_of(self) || blob_close(self, NULL, 0, 0) == HD_ERR) return HD_ERR;
    return HD_FALSE;
}
static hd_value blob_iter(hd_value self) { return hd_raise(&hd_exc_TypeError, "'%T' object is not iterable", self); }
static int64_t blob_len(hd_value self) { return blob_of(self) ? HD_GET(BLOB(self), size) : -1; }
static bool is_index(hd_value k) { return hd_is_int(k) || hd_type_of(k)->op.index; }
/* A byte's place; -1: raised. */
static int64_t place(hd_value self, hd_value key)
{
    int64_t i, size = HD_GET(BLOB(self), size);
    if (!is_index(key)) {
        (void)hd_raise(&hd_exc_TypeError, "Blob indices must be integers");
        return -1;
    }
    if (hd_as_i64(key, &i) < 0) {
        if (hd_exc_is(&hd_exc_OverflowError)) {
            hd_exc_clear();
            (void)hd_raise(&hd_exc_IndexError, "cannot fit '%T' into an index-sized integer", key);
        }
        return -1;
    }
    if (i < 0) i += size;
    if (i >= 0 && i < size) return i;
    (void)hd_raise(&hd_exc_IndexError, "Blob index out of range");
    return -1;
}
static hd_value blob_getitem(hd_value self, hd_value key)
{
    struct sq_blob *b = blob_of(self);
    int64_t lo, hi, step, n;
    if (!b) return HD_ERR;
    if (!hd_is_shape(key, HD_SHAPE_SLICE)) {
        int64_t i = place(self, key);
        hd_value v = i < 0 ? HD_ERR : read_at(b, i, 1);
        return v == HD_ERR ? HD_ERR : hd_fix(HD_BYTES(v)->data[0]);
    }
    if (hd_slice_indices(key, HD_GET(BLOB(self), size), &lo, &hi, &step, &n) < 0) return HD_ERR;
    if (n <= 0) return hd_empty_bytes;
    int64_t first = step > 0 ? lo : lo + (n - 1) * step, span = (n - 1) * (step > 0 ? step : -step) + 1;
    hd_value all = read_at(b, first, span), v;
    if (all == HD_ERR || step == 1 || (v = hd_bytes_new(NULL, (size_t)n)) == HD_ERR) return step == 1 ? all : HD_ERR;
    for (int64_t i = 0; i < n; i++) HD_BYTES(v)->data[i] = HD_BYTES(all)->data[lo + i * step - first];
    return v;
}
static int blob_setitem(hd_value self, hd_value key, hd_value v)
{
    struct sq_blob *b = blob_of(self);
    int64_t lo, hi, step, n;
    bool slice = hd_is_shape(key, HD_SHAPE_SLICE);
    if (!b) return -1;
    if (v == HD_ABSENT && (slice || is_index(key))) {
        (void)hd_raise(&hd_exc_TypeError, slice ? "Blob doesn't support slice deletion" : "Blob doesn't support item deletion");
        return -1;
    }
    if (!slice) {
        int64_t i = place(self, key), c;
        if (i < 0) return -1;
        if (!hd_is_int(v)) {
            (void)hd_raise(&hd_exc_TypeError, "'%T' object cannot be interpreted as an integer", v);
            return -1;
        }
        if (hd_as_i64(v, &c) < 0) {
            hd_exc_clear();
            c = -1;
        }
        if (c < 0 || c > 255) {
            (void)hd_raise(&hd_exc_ValueError, "byte must be in range(0, 256)");
            return -1;
        }
        unsigned char byte = (unsigned char)c;
        return write_at(b, i, &byte, 1);
    }
    if (hd_slice_indices(key, HD_GET(BLOB(self), size), &lo, &hi, &step, &n) < 0) return -1;
    if (n < 0) n = 0;
    hd_value data = hd_bytes_fixed(v);
    if (data == HD_ERR) return -1;
    if (HD_BYTES(data)->len != n) {
        (void)hd_raise(&hd_exc_IndexError, "Blob slice assignment is wrong size");
        return -1;
    }
    if (n == 0) return 0;
    if (step == 1) return write_at(b, lo, HD_BYTES(data)->data, n);
    int64_t first = step > 0 ? lo : lo + (n - 1) * step, span = (n - 1) * (step > 0 ? step : -step) + 1;
    hd_value all = read_at(b, first, span);
    if (all == HD_ERR) return -1;
    for (int64_t i = 0; i < n; i++) HD_BYTES(all)->data[lo + i * step - first] = HD_BYTES(data)->data[i];
    return write_at(b, first, HD_BYTES(all)->data, span);
}
static void blob_trace(void *v, struct gc_marker *m) { gc_mark(m, HD_RAW(((struct sq_blob_object *)v)->connection)); }
static void blob_finalise(hd_value self)
{
    struct sq_blob *b = HD_GET(BLOB(self), blob);
    if (!b) return;
    sq_blob_object_w w = sq_blob_object_open(BLOB(self));
    HD_PUT(w, blob, NULL);
    stm_on_commit(sq_orphan, b);
}
static const struct hd_methoddef methods[] = {
    { "close", blob_close, 0, 0, 0, "close($self, /)\n--\n\nClose the blob." },
    { "read", blob_read, 0, 1, 0,
      "read($self, length=-1, /)\n--\n\nRead data at the current offset position.\n\n  length\n    Read length in bytes.\n\nIf the end of the blob is reached, the data up to end of file will be returned.\n"
      "When length is not specified, or is negative, Blob.read() will read until the\nend of the blob." },
    { "write", blob_write, 1, 1, 0,
      "write($self, data, /)\n--\n\nWrite data at the current offset.\n\nThis function cannot change the blob length.  Writing beyond the end of the\nblob will result in an exception being raised." },
    { "seek", blob_seek, 1, 2, 0,
      "seek($self, offset, origin=0, /)\n--\n\nSet the current access position to offset.\n\nThe origin argument defaults to os.SEEK_SET (absolute blob positioning).\n"
      "Other values for origin are os.SEEK_CUR (seek relative to the current position)\nand os.SEEK_END (seek relative to the blob's end)." },
    { "tell", blob_tell, 0, 0, 0, "tell($self, /)\n--\n\nReturn the current access position for the blob." },
    { "__enter__", blob_enter, 0, 0, 0, "__enter__($self, /)\n--\n\nBlob context manager enter." },
    { "__exit__", blob_exit, 3, 3, 0, "__exit__($self, type, val, tb, /)\n--\n\nBlob context manager exit." }, { 0 }
};
struct hd_type sq_blob_type = {
    .cname = "sqlite3.Blob", .basicsize = sizeof(struct sq_blob_object), .flags = HD_TF_LATE_FINALISER | HD_TF_NEVER_INSTANTIATE | HD_TF_HAS_WEAKREFS, .methods = methods,
    .op = { .length = blob_len, .iter = blob_iter, .getitem = blob_getitem, .setitem = blob_setitem, .trace = blob_trace, .finalise = blob_finalise },
};
