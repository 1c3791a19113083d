/* The type Row: a tuple of values with the names of their columns. */
#include "interp/modules/sqlite/sqlite_internal.h"

struct row { struct hd_head head; hd_value values, description; /* tuples; description may be None */ };
#define ROW(v) ((struct row *)hd_ptr(v))

static hd_value row_make(hd_value type, const hd_value *args, size_t nargs, hd_value kwnames)
{
    struct hd_type *t = HD_TYPE(type);
    if (t == &sq_row_type && hd_no_kwargs("Row", kwnames) < 0) return HD_ERR;
    if (nargs != 2) return hd_raise(&hd_exc_TypeError, "Row expected 2 arguments, got %zu", nargs);
    if (!sq_is(args[0], &sq_cursor_type)) return hd_raise(&hd_exc_TypeError, "Row() argument 1 must be sqlite3.Cursor, not %A", args[0]);
    if (!hd_is_tuple(args[1])) return hd_raise(&hd_exc_TypeError, "Row() argument 2 must be tuple, not %A", args[1]);
    hd_value description = HD_GET(SQ_CURSOR(args[0]), description);
    struct row *r = t == &sq_row_type ? hd_new_object(t, sizeof *r) : hd_new_immutable_sub(t, sizeof *r);
    if (!r) return HD_ERR;
    r->values = args[1], r->description = description;
    return hd_obj(r);
}
static int64_t columns(const struct row *r) { return r->description == HD_NONE ? 0 : HD_TUPLE(r->description)->len; }
static hd_value column_name(const struct row *r, int64_t i) { return HD_TUPLE(HD_TUPLE(r->description)->item[i])->item[0]; }
/* As the library compares names: ASCII letters without regard to case. */
static bool same_name(hd_value a, hd_value b)
{
    int64_t n = HD_STR(a)->len;
    if (n != HD_STR(b)->len) return false;
    for (int64_t i = 0; i < n; i++) {
        uint32_t x = hd_str_at(a, i), y = hd_str_at(b, i);
        if (x != y && (x > 127 || y > 127 || (x | 32) != (y | 32) || (x | 32) < 'a' || (x | 32) > 'z')) return false;
    }
    return true;
}
static hd_value row_getitem(hd_value self, hd_value key)
{
    const struct row *r = ROW(self);
    if (hd_is_int(key)) {
        int64_t i, n = HD_TUPLE(r->values)->len;
        if (hd_as_i64(key, &i) < 0) {
            if (!hd_exc_is(&hd_exc_OverflowError)) return HD_ERR;
            hd_exc_clear();
            return hd_raise(&hd_exc_IndexError, "cannot fit '%T' into an index-sized integer", key);
        }
        if (i < 0) i += n;
        return i >= 0 && i < n ? HD_TUPLE(r->values)->item[i] : hd_raise(&hd_exc_IndexError, "tuple index out of range");
    }
    if (hd_is_str(key)) {
        for (int64_t i = 0, n = columns(r); i < n; i++)
            if (same_name(key, column_name(r, i)) && i < HD_TUPLE(r->values)->len) return HD_TUPLE(r->values)->item[i];
        return hd_raise(&hd_exc_IndexError, "No item with that key");
    }
    return hd_is_shape(key, HD_SHAPE_SLICE) ? hd_getitem(r->values, key) : hd_raise(&hd_exc_IndexError, "Index must be int or string");
}
static int64_t row_length(hd_value self) { return HD_TUPLE(ROW(self)->values)->len; }
static hd_value row_iter(hd_value self) { return hd_iter(ROW(self)->values); }
static int64_t row_hash(hd_value self)
{
    int64_t a = hd_hash(ROW(self)->description), b = a == -1 ? -1 : hd_hash(ROW(self)->values);
    if (a == -1 || b == -1) return -1;
    return (a ^ b) == -1 ? -2 : a ^ b;
}
static hd_value row_compare(hd_value a, hd_value b, enum hd_cmpop op)
{
    if ((op != HD_EQ && op != HD_NE) || !sq_is(a, &sq_row_type) || !sq_is(b, &sq_row_type)) return HD_NOTIMPLEMENTED;
    int same = hd_equal(ROW(a)->description, ROW(b)->description);
    if (same < 0) return HD_ERR;
    return same ? hd_compare(ROW(a)->values, ROW(b)->values, op) : hd_bool(op == HD_NE);
}
static hd_value row_keys(SQ_ARGS)
{
    const struct row *r = ROW(self);
    int64_t n = columns(r);
    hd_value list = hd_list_new((size_t)n);
    for (int64_t i = 0; i < n && list != HD_ERR; i++) if (hd_list_append(list, column_name(r, i)) < 0) return HD_ERR;
    return list;
}
static void row_trace(void *v, struct gc_marker *m) { gc_mark(m, ((struct row *)v)->values), gc_mark(m, ((struct row *)v)->description); }
static const struct hd_methoddef methods[] = { { "keys", row_keys, 0, 0, 0, "keys($self, /)\n--\n\nReturns the keys of the row." }, { 0 } };
struct hd_type sq_row_type = {
    .cname = "sqlite3.Row", .basicsize = sizeof(struct row), .flags = HD_TF_BASETYPE | HD_TF_IMMUTABLE_LAYOUT, .methods = methods,
    .op = { .make = row_make, .getitem = row_getitem, .length = row_length, .iter = row_iter, .hash = row_hash, .richcompare = row_compare, .trace = row_trace },
};
