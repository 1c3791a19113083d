/* The type str: its operations as an object and a sequence, repr, iterators.  Methods: str_methods.c. */
#include "interp/types/str_methods.h"
#include "interp/types/number.h"

extern void (*const hd_str_trace_op)(void *, struct gc_marker *);
extern size_t (*const hd_str_size_op)(const void *);

/* ---- repr --------------------------------------------------------------------------------------------------------------- */
static hd_value repr(hd_value v, bool ascii_only)
{
    const struct hd_str *s = HD_STR(v);
    int kind = s->head.aux & HD_STR_KIND;
    int64_t n = s->len, singles = 0, doubles = 0;
    bool plain = true;
    for (int64_t i = 0; i < n; i++) {
        uint32_t c = hd_kind_at(kind, s->data, i);
        if (c == '\'') singles++;
        else if (c == '"') doubles++;
        else if (c == '\\' || c < 32 || c >= 127) plain = false;
    }
    char quote = singles && !doubles ? '"' : '\'';
    struct hd_strbuilder b;
    hd_sb_init(&b);
    hd_sb_reserve(&b, n + 2, 0x7f);
    hd_sb_char(&b, (unsigned char)quote);
    if (plain && (!singles || quote == '"')) {
        hd_sb_str(&b, v);
    } else {
        for (int64_t i = 0; i < n; i++) {
            uint32_t c = hd_kind_at(kind, s->data, i);
            if (c == (uint32_t)quote || c == '\\') { hd_sb_char(&b, '\\'); hd_sb_char(&b, c); }
            else if (c == '\t') hd_sb_ascii(&b, "\\t", 2);
            else if (c == '\n') hd_sb_ascii(&b, "\\n", 2);
            else if (c == '\r') hd_sb_ascii(&b, "\\r", 2);
            else if ((c >= 32 && c < 127) || (c >= 127 && !ascii_only && hd_uc_printable(c))) hd_sb_char(&b, c);
            else {
                static const char hex[] = "0123456789abcdef";
                int digits = c < 0x100 ? 2 : c < 0x10000 ? 4 : 8;
                hd_sb_char(&b, '\\');
                hd_sb_char(&b, digits == 2 ? 'x' : digits == 4 ? 'u' : 'U');
                for (int k = digits - 1; k >= 0; k--) hd_sb_char(&b, (unsigned char)hex[c >> (4 * k) & 15]);
            }
        }
    }
    hd_sb_char(&b, (unsigned char)quote);
    return hd_sb_finish(&b);
}
hd_value hd_str_repr(hd_value s) { return repr(s, false); }
hd_value hd_str_ascii_repr(hd_value s) { return repr(s, true); }

/* ---- operations ----------------------------------------------------------------------------------------------------------- */
static hd_value str_str(hd_value v) { return hd_str_exact(v); }
static int64_t str_hash(hd_value v) { return (int64_t)hd_str_hash(v); }
static int64_t str_length(hd_value v) { return hd_str_len(v); }

static hd_value str_compare(hd_value a, hd_value b, enum hd_cmpop op)
{
    if (!hd_is_str(a) || !hd_is_str(b)) return HD_NOTIMPLEMENTED;
    if (op == HD_EQ) return hd_bool(hd_str_eq(a, b));
    if (op == HD_NE) return hd_bool(!hd_str_eq(a, b));
    int c = a == b ? 0 : hd_str_cmp(a, b);
    return hd_bool(op == HD_LT ? c < 0 : op == HD_LE ? c <= 0 : op == HD_GT ? c > 0 : c >= 0);
}

/* The other operand's own operation goes first where the left one is a sequence; sequences among themselves do not ask. */
static hd_value reflected(enum hd_binop op, hd_value a, hd_value b)
{
    struct hd_type *t = hd_type_of(b);
    if (t->flags & (HD_TF_STR | HD_TF_BYTES | HD_TF_BYTEARRAY | HD_TF_LIST | HD_TF_TUPLE) || !t->op.binary[op]) return HD_NOTIMPLEMENTED;
    return t->op.binary[op](a, b);
}

static hd_value str_add(hd_value a, hd_value b)
{
    if (!hd_is_str(a)) return HD_NOTIMPLEMENTED;
    if (hd_is_str(b)) return hd_str_concat(a, b);
    hd_value r = reflected(HD_ADD, a, b);
    if (r != HD_NOTIMPLEMENTED) return r;
    return hd_raise(&hd_exc_TypeError, "can only concatenate str (not \"%.200T\") to str", b);
}

hd_value hd_sequence_repeat_count(hd_value seq, hd_value n, int64_t *out)
{
    if (!hd_is_int(n)) {
        hd_value r = reflected(HD_MUL, seq, n);
        if (r != HD_NOTIMPLEMENTED) return r;
        if (!hd_type_of(n)->op.index) return hd_raise(&hd_exc_TypeError, "can't multiply sequence by non-int of type '%.200T'", n);
    }
    hd_value i = hd_number_index(n);
    if (i == HD_ERR) return HD_ERR;
    if (!hd_int_to_i64(i, out)) return hd_raise(&hd_exc_OverflowError, "cannot fit '%T' into an index-sized integer", n);
    return HD_ABSENT;
}

static hd_value str_mul(hd_value a, hd_value b)
{
    if (!hd_is_str(a)) {
        if (!hd_is_str(b)) return HD_NOTIMPLEMENTED;
        hd_value t = a; a = b; b = t;
        if (!hd_is_int(b) && !hd_type_of(b)->op.index) return HD_NOTIMPLEMENTED;
    }
    int64_t n;
    hd_value r = hd_sequence_repeat_count(a, b, &n);
    return r != HD_ABSENT ? r : hd_str_repeat(a, n);
}

static hd_value str_mod(hd_value a, hd_value b) { return hd_is_str(a) ? hd_str_percent(a, b) : HD_NOTIMPLEMENTED; }

static hd_value str_getitem(hd_value v, hd_value key)
{
    const struct hd_str *s = HD_STR(v);
    int64_t i;
    if (hd_is_fix(key)) i = hd_unfix(key);
    else if (hd_is_shape(key, HD_SHAPE_SLICE)) {
        int64_t start, stop, step, count;
        if (hd_slice_indices(key, s->len, &start, &stop, &step, &count) < 0) return HD_ERR;
        if (count <= 0) return hd_empty_str;
        if (step == 1) return hd_str_slice(v, start, start + count);
        int kind = hd_str_kind(v);
        uint32_t max = 0;
        if (count > 1 && hd_str_is_ascii(v)) {
            void *p;
            hd_value r = hd_str_new(1, count, 0x7f, &p);
            if (r == HD_ERR) return r;
            const uint8_t *from = (const uint8_t *)s->data + start;
            for (int64_t k = 0; k < count; k++, from += step) ((uint8_t *)p)[k] = *from;
            return r;
        }
        for (int64_t k = 0, at = start; k < count; k++, at += step) max |= hd_kind_at(kind, s->data, at);
        if (count == 1) return hd_str_char(hd_kind_at(kind, s->data, start));
        void *data;
        int rkind = hd_kind_for(max > 0x10ffff ? 0x10ffff : max);
        hd_value r = hd_str_new(rkind, count, max, &data);
        if (r == HD_ERR) return r;
        for (int64_t k = 0, at = start; k < count; k++, at += step) hd_kind_put(rkind, data, k, hd_kind_at(kind, s->data, at));
        return r;
    } else if (hd_is_int(key) || (hd_type_of(key)->op.index)) {
        hd_value x = hd_number_index(key);
        if (x == HD_ERR) return HD_ERR;
        if (!hd_int_to_i64(x, &i)) return hd_raise(&hd_exc_IndexError, "cannot fit '%.200T' into an index-sized integer", key);
    } else {
        return hd_raise(&hd_exc_TypeError, "string indices must be integers, not '%.200T'", key);
    }
    if (i < 0) i += s->len;
    if (i < 0 || i >= s->len) return hd_raise(&hd_exc_IndexError, "string index out of range");
    return hd_str_char(hd_str_at(v, i));
}

static int str_contains(hd_value v, hd_value sub)
{
    if (!hd_is_str(sub)) {
        hd_raise(&hd_exc_TypeError, "'in <string>' requires string as left operand, not %.200T", sub);
        return -1;
    }
    return hd_str_find(v, sub, 0, INT64_MAX, 1) >= 0;
}

static hd_value str_make(hd_value type, const hd_value *args, size_t nargs, hd_value kwnames)
{
    struct hd_type *t = HD_TYPE(type);
    hd_value a[3];
    if (hd_args("str", "|object,encoding,errors", args, nargs, kwnames, a) < 0) return HD_ERR;
    hd_value s;
    if (a[0] == HD_ABSENT) s = hd_empty_str;
    else if (a[1] == HD_ABSENT && a[2] == HD_ABSENT) s = hd_str_of(a[0]);
    else {
        const char *encoding = NULL, *errors = NULL;
        for (int i = 1; i < 3; i++) {
            if (a[i] == HD_ABSENT) continue;
            if (!hd_is_str(a[i]))
                return hd_raise(&hd_exc_TypeError, "str() argument '%s' must be str, not %.50s", i == 1 ? "encoding" : "errors", hd_arg_name(a[i]));
            size_t len;
            const char *p = hd_str_as_utf8(a[i], &len);
            if (!p) return HD_ERR;
            if (strlen(p) != len) return hd_raise(&hd_exc_ValueError, "embedded null character");
            *(i == 1 ? &encoding : &errors) = p;
        }
        s = hd_str_decode_object(a[0], encoding, errors);
    }
    if (s == HD_ERR || t == &hd_str_type) return s;
    const struct hd_str *from = HD_STR(s);
    int kind = hd_str_kind(s);
    struct hd_str *r = hd_new_immutable_sub(t, sizeof *r + (from->len + 1) * kind);
    if (!r) return HD_ERR;
    r->head.aux = kind | (from->head.aux & HD_STR_ASCII);
    r->len = from->len;
    r->hash = 0;
    r->data = r->inline_;
    memcpy(r->inline_, from->data, from->len * kind);
    memset(r->inline_ + from->len * kind, 0, kind);
    return hd_obj(r);
}

/* str(o, encoding, errors) */
hd_value hd_str_decode_object(hd_value o, const char *encoding, const char *errors)
{
    if (hd_is_str(o)) return hd_raise(&hd_exc_TypeError, "decoding str is not supported");
    struct hd_byteview v;
    if (!hd_is_bytes(o) && !hd_type_of(o)->op.getbuffer)
        return hd_raise(&hd_exc_TypeError, "decoding to str: need a bytes-like object, %.80T found", o);
    if (hd_byteview_get(o, &v) < 0) return HD_ERR;
    hd_value r = hd_str_decode((const char *)v.p, v.n, encoding, errors);
    hd_byteview_release(&v);
    return r;
}

/* ---- iterator ----------------------------------------------------------------------------------------------------------------- */
HD_MUTABLE(striter)
struct striter { struct hd_mhead head; hd_vslot str; /* None: exhausted */ hd_islot at; };
HD_MUTABLE_OPEN(striter, sizeof(struct striter))

static hd_value str_iter(hd_value v)
{
    struct striter *it = hd_new_mutable(&hd_striter_type, sizeof *it);
    if (!it) return HD_ERR;
    HD_INIT(it, str, v);
    HD_INIT(it, at, 0);
    return hd_obj(it);
}
static hd_value striter_next(hd_value v)
{
    struct striter *it = hd_ptr(v);
    striter_w w = striter_open(it);
    hd_value s = HD_OWN(w, str);
    if (s == HD_NONE) return HD_STOP;
    int64_t i = HD_OWN(w, at);
    if (i >= hd_str_len(s)) { HD_PUT(w, str, HD_NONE); return HD_STOP; }
    HD_PUT(w, at, i + 1);
    return hd_str_char(hd_str_at(s, i));
}
static hd_value striter_hint(hd_value v, const hd_value *args, size_t nargs, hd_value kwnames)
{
    struct striter *it = hd_ptr(v);
    hd_value s = HD_GET(it, str);
    return hd_int(s == HD_NONE ? 0 : hd_str_len(s) - HD_GET(it, at));
}
static hd_value striter_reduce(hd_value v, const hd_value *args, size_t nargs, hd_value kwnames)
{
    struct striter *it = hd_ptr(v);
    hd_value s = HD_GET(it, str), iter = hd_dict_get_c(hd_builtins_dict, "iter");
    if (iter == HD_ERR) return HD_ERR;
    if (iter == HD_ABSENT) return hd_raise(&hd_exc_AttributeError, "iter");
    if (s == HD_NONE) {
        hd_value t = hd_tuplev(hd_empty_str);
        return t == HD_ERR ? t : hd_tuplev(iter, t);
    }
    hd_value t = hd_tuplev(s);
    return t == HD_ERR ? t : hd_tuplev(iter, t, hd_int(HD_GET(it, at)));
}
static hd_value striter_setstate(hd_value v, const hd_value *args, size_t nargs, hd_value kwnames)
{
    struct striter *it = hd_ptr(v);
    int64_t i;
    if (hd_as_i64(args[0], &i) < 0) return HD_ERR;
    hd_value s = HD_GET(it, str);
    if (s == HD_NONE) return HD_NONE;
    striter_w w = striter_open(it);
    HD_PUT(w, at, i < 0 ? 0 : i > hd_str_len(s) ? hd_str_len(s) : i);
    return HD_NONE;
}
static hd_value iter_self(hd_value v) { return v; }
static void striter_trace(void *o, struct gc_marker *m) { gc_mark(m, HD_RAW(((struct striter *)o)->str)); }
static const struct hd_methoddef striter_methods[] = {
    { "__length_hint__", striter_hint, 0, 0, 0, "Number of characters that are left." },
    { "__reduce__", striter_reduce, 0, 0, 0, "State for pickling." },
    { "__setstate__", striter_setstate, 1, 1, 0, "Go to a position." },
    { NULL }
};
struct hd_type hd_striter_type = {
    .head = { { HD_SHAPE_TYPE, 0 }, { 0 } }, .cname = "str_ascii_iterator", .basicsize = sizeof(struct striter),
    .flags = HD_TF_NEVER_INSTANTIATE, .methods = striter_methods,
    .op = { .iter = iter_self, .iternext = striter_next, .trace = striter_trace }
};

/* ---- type ------------------------------------------------------------------------------------------------------------------------ */
static void trace(void *o, struct gc_marker *m) { hd_str_trace_op(o, m); }
static size_t size(const void *o) { return hd_str_size_op(o); }

struct hd_type hd_str_type = {
    .head = { { HD_SHAPE_TYPE, 0 }, { 0 } }, .cname = "str", .basicsize = sizeof(struct hd_str), .itemsize = 0,
    .flags = HD_TF_IMMUTABLE_LAYOUT | HD_TF_BASETYPE | HD_TF_STR, .methods = hd_str_methods,
    .doc = "str(object='') -> str\nstr(bytes_or_buffer[, encoding[, errors]]) -> str\n\n"
           "Make a string: what str() of the object gives, or the decoded content of\na buffer when an encoding or an error handler is named.",
    .op = { .repr = hd_str_repr, .str = str_str, .iter = str_iter, .hash = str_hash, .length = str_length,
            .richcompare = str_compare, .getitem = str_getitem, .contains = str_contains, .make = str_make,
            .binary = { [HD_ADD] = str_add, [HD_MUL] = str_mul, [HD_MOD] = str_mod }, .trace = trace, .size = size }
};
