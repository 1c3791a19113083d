/* The module _csv.
 *
 * C1: a dialect never changes after it was made; its fields are read without barriers.
 * C2: a reader keeps no state between records but the count of lines. */
#include "interp/modules/modules.h"
#include "interp/types/_seq.h"
#include "interp/types/list.h"
#include "interp/types/number.h"
#include "interp/types/str.h"

#define ARGS hd_value self, const hd_value *args, size_t nargs, hd_value kwnames
enum { QUOTE_MINIMAL, QUOTE_ALL, QUOTE_NONNUMERIC, QUOTE_NONE };
enum { NO_CHAR = 0xffffffffu, END = 0xfffffffeu /* of a line */ };

HD_MUTABLE(dialect)
struct dialect {
    struct hd_mhead head;
    hd_value lineterminator;
    uint32_t delimiter, quotechar, escapechar;
    int quoting;
    bool doublequote, skipinitialspace, strict;
    bool special[128];                      /* characters that make a field need quotes or an escape; others: is_special */
};
HD_MUTABLE_OPEN(dialect, hd_inst_size(o))
HD_MUTABLE(reader)
struct reader { struct hd_mhead head; hd_value iterator, dialect; hd_islot line_num; };
HD_MUTABLE_OPEN(reader, hd_inst_size(o))
struct writer { struct hd_mhead head; hd_value write, dialect; };
#define DIALECT(v) ((struct dialect *)hd_ptr(v))
#define READER(v) ((struct reader *)hd_ptr(v))
#define WRITER(v) ((struct writer *)hd_ptr(v))
static struct hd_type dialect_type, reader_type, writer_type;
static hd_value error_type, dialects, limit;           /* limit: a cell with the length that no field may exceed */

/* ---- dialects ------------------------------------------------------------------------------------------------------------- */
enum { DELIMITER, DOUBLEQUOTE, ESCAPECHAR, LINETERMINATOR, QUOTECHAR, QUOTING, SKIPINITIALSPACE, STRICT, N_PARAMETERS };
static const char *const parameters[] = { "delimiter", "doublequote", "escapechar", "lineterminator", "quotechar", "quoting", "skipinitialspace", "strict" };

static hd_value registered(hd_value name)
{
    hd_value d = hd_dict_get(dialects, name);
    return d == HD_ABSENT ? hd_raise(HD_TYPE(error_type), "unknown dialect") : d;
}
static int char_of(const char *name, hd_value v, uint32_t absent, bool may_be_none, uint32_t *out)
{
    *out = absent;
    if (v == HD_ABSENT) return 0;
    if (may_be_none && v == HD_NONE) { *out = NO_CHAR; return 0; }
    if (!hd_is_str(v)) { (void)hd_raise(&hd_exc_TypeError, "\"%s\" must be string%s, not %T", name, may_be_none ? " or None" : "", v); return -1; }
    if (HD_STR(v)->len != 1) { (void)hd_raise(&hd_exc_TypeError, "\"%s\" must be a 1-character string", name); return -1; }
    *out = hd_str_at(v, 0);
    return 0;
}
static int flag_of(hd_value v, bool absent, bool *out)
{
    int t = v == HD_ABSENT ? absent : hd_truth(v);
    *out = t > 0;
    return t < 0 ? -1 : 0;
}
/* base: HD_ABSENT, a name, a dialect or anything with some of the attributes; p: what was given beside it. */
static hd_value dialect_new(struct hd_type *type, hd_value base, hd_value p[N_PARAMETERS])
{
    bool given = false;
    for (int i = 0; i < N_PARAMETERS; i++) given |= p[i] != HD_ABSENT;
    if (base != HD_ABSENT && hd_is_str(base) && (base = registered(base)) == HD_ERR) return HD_ERR;
    if (base != HD_ABSENT && hd_subtype(hd_type_of(base), &dialect_type) && !given) return base;
    for (int i = 0; i < N_PARAMETERS && base != HD_ABSENT; i++) {
        if (p[i] != HD_ABSENT) continue;
        if ((p[i] = hd_getattr_c(base, parameters[i])) != HD_ERR) continue;
        hd_exc_clear();
        p[i] = HD_ABSENT;
    }
    struct dialect d = { .quoting = QUOTE_MINIMAL };
    if (char_of("delimiter", p[DELIMITER], ',', false, &d.delimiter) < 0 || flag_of(p[DOUBLEQUOTE], true, &d.doublequote) < 0 ||
        char_of("escapechar", p[ESCAPECHAR], NO_CHAR, true, &d.escapechar) < 0) return HD_ERR;
    hd_value t = p[LINETERMINATOR];
    if (t == HD_ABSENT) t = hd_str_utf8("\r\n");
    else if (t != HD_NONE && !hd_is_str(t)) return hd_raise(&hd_exc_TypeError, "\"lineterminator\" must be a string");
    if (t == HD_ERR || char_of("quotechar", p[QUOTECHAR], '"', true, &d.quotechar) < 0) return HD_ERR;
    if (p[QUOTING] != HD_ABSENT) {
        if (!hd_is_int_exact(p[QUOTING])) return hd_raise(&hd_exc_TypeError, "\"quoting\" must be an integer");
        if (hd_as_int32(p[QUOTING], &d.quoting) < 0) return HD_ERR;
    }
    if (flag_of(p[SKIPINITIALSPACE], false, &d.skipinitialspace) < 0 || flag_of(p[STRICT], false, &d.strict) < 0) return HD_ERR;
    if (d.quoting < 0 || d.quoting > QUOTE_NONE) return hd_raise(&hd_exc_TypeError, "bad \"quoting\" value");
    if (p[QUOTECHAR] == HD_NONE && p[QUOTING] == HD_ABSENT) d.quoting = QUOTE_NONE;
    if (d.quoting != QUOTE_NONE && d.quotechar == NO_CHAR) return hd_raise(&hd_exc_TypeError, "quotechar must be set if quoting enabled");
    if (t == HD_NONE) return hd_raise(&hd_exc_TypeError, "lineterminator must be set");
    if (d.delimiter < 128) d.special[d.delimiter] = true;
    if (d.quotechar < 128) d.special[d.quotechar] = true;
    if (d.escapechar < 128) d.special[d.escapechar] = true;
    for (int64_t i = 0; i < HD_STR(t)->len; i++) if (hd_str_at(t, i) < 128) d.special[hd_str_at(t, i)] = true;
    hd_value v = hd_alloc_instance(type, 0);
    if (v == HD_ERR) return HD_ERR;
    struct dialect *n = DIALECT(v);
    n->lineterminator = t;
    memcpy((char *)n + offsetof(struct dialect, delimiter), (char *)&d + offsetof(struct dialect, delimiter), sizeof d - offsetof(struct dialect, delimiter));
    return v;
}
/* Positional and keyword arguments of Dialect behind the first `from`. */
static hd_value dialect_from_args(struct hd_type *type, const hd_value *args, size_t nargs, hd_value kwnames, size_t from)
{
    hd_value base = HD_ABSENT, p[N_PARAMETERS];
    size_t nkw = kwnames ? (size_t)HD_TUPLE(kwnames)->len : 0, n = nargs - from;
    for (int i = 0; i < N_PARAMETERS; i++) p[i] = HD_ABSENT;
    if (n + nkw > N_PARAMETERS + 1) return hd_raise(&hd_exc_TypeError, "function takes at most 9 %sarguments (%zu given)", n ? "" : "keyword ", n + nkw);
    for (size_t i = 0; i < n; i++) *(i ? &p[i - 1] : &base) = args[from + i];
    for (size_t k = 0; k < nkw; k++) {
        hd_value name = HD_TUPLE(kwnames)->item[k];
        size_t i = 0;
        while (i <= N_PARAMETERS && !hd_str_is(name, i ? parameters[i - 1] : "dialect")) i++;
        if (i > N_PARAMETERS) return hd_raise(&hd_exc_TypeError, "'%U' is an invalid keyword argument for this function", name);
        if (i < n) return hd_raise(&hd_exc_TypeError, "argument for function given by name ('%U') and position (%zu)", name, i + 1);
        *(i ? &p[i - 1] : &base) = args[nargs + k];
    }
    if (base == HD_NONE) base = HD_ABSENT;
    return dialect_new(type, base, p);
}
static hd_value dialect_make(hd_value type, const hd_value *args, size_t nargs, hd_value kwnames) { return dialect_from_args(HD_TYPE(type), args, nargs, kwnames, 0); }
static hd_value char_value(uint32_t c) { return c == NO_CHAR ? HD_NONE : hd_str_char(c); }
static hd_value get_delimiter(hd_value self, void *closure) { return char_value(DIALECT(self)->delimiter); }
static hd_value get_quotechar(hd_value self, void *closure) { return char_value(DIALECT(self)->quotechar); }
static hd_value get_escapechar(hd_value self, void *closure) { return char_value(DIALECT(self)->escapechar); }
static hd_value get_quoting(hd_value self, void *closure) { return hd_fix(DIALECT(self)->quoting); }
static hd_value get_doublequote(hd_value self, void *closure) { return hd_bool(DIALECT(self)->doublequote); }
static hd_value get_skipinitialspace(hd_value self, void *closure) { return hd_bool(DIALECT(self)->skipinitialspace); }
static hd_value get_strict(hd_value self, void *closure) { return hd_bool(DIALECT(self)->strict); }
static void dialect_trace(void *o, struct gc_marker *m) { gc_mark(m, ((struct dialect *)o)->lineterminator); }
static hd_value dialect_reduce(ARGS) { return hd_raise(&hd_exc_TypeError, "cannot pickle '%s' instances", hd_type_short_name(hd_type_of(self))); }
static const struct hd_methoddef dialect_methods[] = { { "__reduce__", dialect_reduce, 0, -1, 0, NULL }, { "__reduce_ex__", dialect_reduce, 0, -1, 0, NULL }, { 0 } };
static const struct hd_getsetdef dialect_getsets[] = {
    { "delimiter", get_delimiter, NULL, NULL, NULL }, { "quotechar", get_quotechar, NULL, NULL, NULL }, { "escapechar", get_escapechar, NULL, NULL, NULL }, { "quoting", get_quoting, NULL, NULL, NULL },
    { "doublequote", get_doublequote, NULL, NULL, NULL }, { "skipinitialspace", get_skipinitialspace, NULL, NULL, NULL }, { "strict", get_strict, NULL, NULL, NULL }, { 0 }
};
static const struct hd_memberdef dialect_members[] = { { "lineterminator", offsetof(struct dialect, lineterminator), HD_MEMBER_CONST | HD_MEMBER_READONLY, NULL }, { 0 } };
static struct hd_type dialect_type = {
    .cname = "_csv.Dialect", .basicsize = sizeof(struct dialect), .flags = HD_TF_BASETYPE, .doc = "CSV dialect\n\nThe Dialect type records CSV dialect options.",
    .methods = dialect_methods, .getsets = dialect_getsets, .members = dialect_members, .op = { .make = dialect_make, .trace = dialect_trace },
};

/* ---- reading -------------------------------------------------------------------------------------------------------------- */
enum state { START_RECORD, START_FIELD, ESCAPED, IN_FIELD, IN_QUOTES, ESCAPED_IN_QUOTES, QUOTE_IN_QUOTES, SKIP_NEWLINE, AFTER_ESCAPED_NEWLINE };
struct parse {
    const struct dialect *d;
    hd_value fields;
    enum state state;
    bool numeric;                           /* the field stood without quotes where that means a number */
    int64_t limit;
    uint32_t *text;                         /* of the field so far */
    int64_t len, cap;
};
static int add(struct parse *p, uint32_t c)
{
    if (p->len >= p->limit) { (void)hd_raise(HD_TYPE(error_type), "field larger than field limit (%lld)", (long long)p->limit); return -1; }
    if (p->len == p->cap) {
        int64_t cap = p->cap ? 2 * p->cap : 128;
        uint32_t *t = hd_scratch((size_t)cap * sizeof *t);
        if (!t) return -1;
        if (p->len) memcpy(t, p->text, (size_t)p->len * sizeof *t);
        p->text = t, p->cap = cap;
    }
    p->text[p->len++] = c;
    return 0;
}
static int save(struct parse *p)
{
    hd_value v = p->len ? hd_str_ucs4(p->text, (size_t)p->len) : hd_empty_str;
    p->len = 0;
    if (p->numeric && v != HD_ERR) p->numeric = false, v = hd_number_float(v);
    return v == HD_ERR ? -1 : hd_list_push(HD_LIST(p->fields), v);
}
static inline bool newline(uint32_t c) { return c == '\n' || c == '\r' || c == END; }
/* The field ends with c, which is a newline. */
static int finish(struct parse *p, uint32_t c)
{
    p->state = c == END ? START_RECORD : SKIP_NEWLINE;
    return save(p);
}
static int feed(struct parse *p, uint32_t c)
{
    const struct dialect *d = p->d;
    switch (p->state) {
    case START_RECORD:
        if (c == END) return 0;
        if (newline(c)) { p->state = SKIP_NEWLINE; return 0; }
        p->state = START_FIELD;
        /* fall through */
    case START_FIELD:
        if (newline(c)) return finish(p, c);
        if (c == d->quotechar && d->quoting != QUOTE_NONE) p->state = IN_QUOTES;
        else if (c == d->escapechar) p->state = ESCAPED;
        else if (c == ' ' && d->skipinitialspace) return 0;
        else if (c == d->delimiter) return save(p);
        else {
            p->numeric = d->quoting == QUOTE_NONNUMERIC;
            p->state = IN_FIELD;
            return add(p, c);
        }
        return 0;
    case ESCAPED:
        p->state = c == '\n' || c == '\r' ? AFTER_ESCAPED_NEWLINE : IN_FIELD;
        return add(p, c == END ? '\n' : c);
    case AFTER_ESCAPED_NEWLINE:
        if (c == END) return 0;
        /* fall through */
    case IN_FIELD:
        if (newline(c)) return finish(p, c);
        if (c == d->escapechar) p->state = ESCAPED;
        else if (c == d->delimiter) { p->state = START_FIELD; return save(p); }
        else return p->state = IN_FIELD, add(p, c);
        return 0;
    case IN_QUOTES:
        if (c == END) return 0;
        if (c == d->escapechar) p->state = ESCAPED_IN_QUOTES;
        else if (c == d->quotechar && d->quoting != QUOTE_NONE) p->state = d->doublequote ? QUOTE_IN_QUOTES : IN_FIELD;
        else return add(p, c);
        return 0;
    case ESCAPED_IN_QUOTES:
        p->state = IN_QUOTES;
        return add(p, c == END ? '\n' : c);
    case QUOTE_IN_QUOTES:
        if (c == d->quotechar && d->quoting != QUOTE_NONE) { p->state = IN_QUOTES; return add(p, c); }
        if (c == d->delimiter) { p->state = START_FIELD; return save(p); }
        if (newline(c)) return finish(p, c);
        if (!d->strict) { p->state = IN_FIELD; return add(p, c); }
        (void)hd_raise(HD_TYPE(error_type), "'%U' expected after '%U'", hd_str_char(d->delimiter), hd_str_char(d->quotechar));
        return -1;
    case SKIP_NEWLINE:
        if (c == END) p->state = START_RECORD;
        else if (!newline(c)) {
            (void)hd_raise(HD_TYPE(error_type), "new-line character seen in unquoted field - do you need to open the file in universal-newline mode?");
            return -1;
        }
        return 0;
    }
    return 0;
}
static hd_value reader_next(hd_value self)
{
    struct reader *r = READER(self);
    struct parse p = { .d = DIALECT(r->dialect), .fields = hd_list_new(0), .limit = hd_unfix(HD_GET((struct hd_cell *)hd_ptr(limit), value)) };
    if (p.fields == HD_ERR) return HD_ERR;
    do {
        hd_value line = hd_next(r->iterator);
        if (line == HD_ERR) return HD_ERR;
        if (line == HD_STOP) {
            if (p.len == 0 && p.state != IN_QUOTES) return HD_STOP;
            if (p.d->strict) return hd_raise(HD_TYPE(error_type), "unexpected end of data");
            return save(&p) < 0 ? HD_ERR : p.fields;
        }
        if (!hd_is_str(line)) return hd_raise(HD_TYPE(error_type), "iterator should return strings, not %T (the file should be opened in text mode)", line);
        int64_t n = HD_GET(r, line_num) + 1;
        reader_w w = reader_open(r);
        HD_PUT(w, line_num, n);
        int kind = hd_str_kind(line);
        const void *data = HD_STR(line)->data;
        for (int64_t i = 0, len = HD_STR(line)->len; i < len; i++) if (feed(&p, hd_kind_at(kind, data, i)) < 0) return HD_ERR;
        if (feed(&p, END) < 0) return HD_ERR;
    } while (p.state != START_RECORD);
    return p.fields;
}
static hd_value reader_iter(hd_value self) { return self; }
static hd_value reader_line_num(hd_value self, void *closure) { return hd_int(HD_GET(READER(self), line_num)); }
static void reader_trace(void *o, struct gc_marker *m) { gc_mark(m, ((struct reader *)o)->iterator), gc_mark(m, ((struct reader *)o)->dialect); }
static const struct hd_getsetdef reader_getsets[] = { { "line_num", reader_line_num, NULL, NULL, NULL }, { 0 } };
static const struct hd_memberdef reader_members[] = { { "dialect", offsetof(struct reader, dialect), HD_MEMBER_CONST | HD_MEMBER_READONLY, NULL }, { 0 } };
static struct hd_type reader_type = {
    .cname = "_csv.reader", .basicsize = sizeof(struct reader), .flags = HD_TF_NEVER_INSTANTIATE,
    .doc = "CSV reader\n\nReader objects are responsible for reading and parsing tabular data\nin CSV format.", .getsets = reader_getsets, .members = reader_members,
    .op = { .iter = reader_iter, .iternext = reader_next, .trace = reader_trace },
};
static int positional(size_t nargs)
{
    if (nargs >= 1 && nargs <= 2) return 0;
    (void)hd_raise(&hd_exc_TypeError, " expected at %s, got %zu", nargs ? "most 2 arguments" : "least 1 argument", nargs);
    return -1;
}
static hd_value csv_reader(ARGS)
{
    if (positional(nargs) < 0) return HD_ERR;
    hd_value it = hd_iter(args[0]), d = it == HD_ERR ? HD_ERR : dialect_from_args(&dialect_type, args, nargs, kwnames, 1);
    if (d == HD_ERR) return HD_ERR;
    struct reader *r = hd_new_mutable(&reader_type, sizeof *r);
    if (!r) return HD_ERR;
    r->iterator = it, r->dialect = d;
    return hd_obj(r);
}

/* ---- writing -------------------------------------------------------------------------------------------------------------- */
static bool is_special(const struct dialect *d, uint32_t c)
{
    return c < 128 ? d->special[c] : c == d->delimiter || c == d->quotechar || c == d->escapechar || hd_str_find(d->lineterminator, hd_str_char(c), 0, INT64_MAX, 1) >= 0;
}
static int put_field(const struct dialect *d, struct hd_strbuilder *b, hd_value s, bool quoted)
{
    int64_t n = HD_STR(s)->len;
    int kind = hd_str_kind(s);
    const void *data = HD_STR(s)->data;
    bool plain = true;
    for (int64_t i = 0; i < n; i++) {
        uint32_t c = hd_kind_at(kind, data, i);
        if (!is_special(d, c)) continue;
        plain = false;
        bool escape = d->quoting == QUOTE_NONE || (c == d->quotechar ? !d->doublequote : c == d->escapechar);
        if (!escape) quoted = true;
        else if (d->escapechar == NO_CHAR) { (void)hd_raise(HD_TYPE(error_type), "need to escape, but no escapechar set"); return -1; }
    }
    if (quoted) hd_sb_char(b, d->quotechar);
    if (plain) hd_sb_str(b, s);
    else for (int64_t i = 0; i < n; i++) {
        uint32_t c = hd_kind_at(kind, data, i);
        if (is_special(d, c)) {
            if (d->quoting == QUOTE_NONE) hd_sb_char(b, d->escapechar);
            else if (c == d->quotechar) hd_sb_char(b, d->doublequote ? c : d->escapechar);
            else if (c == d->escapechar) hd_sb_char(b, c);
        }
        hd_sb_char(b, c);
    }
    if (quoted) hd_sb_char(b, d->quotechar);
    return 0;
}
static bool is_number(hd_value v)
{
    const struct hd_type *t = hd_type_of(v);
    return hd_is_int(v) || hd_is_float(v) || hd_has_flag(v, HD_TF_COMPLEX) || t->op.index || t->op.toint || t->op.tofloat;
}
static hd_value writer_writerow(ARGS)
{
    const struct dialect *d = DIALECT(WRITER(self)->dialect);
    hd_value it = hd_iter(args[0]), v;
    if (it == HD_ERR) {
        if (!hd_exc_is(&hd_exc_TypeError)) return HD_ERR;
        hd_exc_clear();
        return hd_raise(HD_TYPE(error_type), "iterable expected, not %T", args[0]);
    }
    struct hd_strbuilder b;
    int64_t n = 0;
    hd_sb_init(&b);
    while ((v = hd_next(it)) != HD_STOP) {
        if (v == HD_ERR) return HD_ERR;
        bool quoted = d->quoting == QUOTE_ALL || (d->quoting == QUOTE_NONNUMERIC && !is_number(v));
        hd_value s = hd_is_str(v) ? v : v == HD_NONE ? hd_empty_str : hd_str_of(v);
        if (s == HD_ERR) return HD_ERR;
        if (n++) hd_sb_char(&b, d->delimiter);
        if (put_field(d, &b, s, quoted) < 0) return HD_ERR;
    }
    if (n && b.len == 0) {                                  /* a line of nothing would be read as no field at all */
        if (d->quoting == QUOTE_NONE) return hd_raise(HD_TYPE(error_type), "single empty field record must be quoted");
        if (put_field(d, &b, hd_empty_str, true) < 0) return HD_ERR;
    }
    hd_sb_str(&b, d->lineterminator);
    hd_value line = hd_sb_finish(&b);
    return line == HD_ERR ? HD_ERR : hd_callv(WRITER(self)->write, line);
}
static hd_value writer_writerows(ARGS)
{
    hd_value it = hd_iter(args[0]), row;
    if (it == HD_ERR) return HD_ERR;
    while ((row = hd_next(it)) != HD_STOP) if (row == HD_ERR || writer_writerow(self, &row, 1, 0) == HD_ERR) return HD_ERR;
    return HD_NONE;
}
static void writer_trace(void *o, struct gc_marker *m) { gc_mark(m, ((struct writer *)o)->write), gc_mark(m, ((struct writer *)o)->dialect); }
static const struct hd_methoddef writer_methods[] = {
    { "writerow", writer_writerow, 1, 1, 0, "writerow(iterable)\n\nConstruct and write a CSV record from an iterable of fields.  Non-string\nelements will be converted to string." },
    { "writerows", writer_writerows, 1, 1, 0, "writerows(iterable of iterables)\n\nConstruct and write a series of iterables to a csv file.  Non-string\nelements will be converted to string." }, { 0 }
};
static const struct hd_memberdef writer_members[] = { { "dialect", offsetof(struct writer, dialect), HD_MEMBER_CONST | HD_MEMBER_READONLY, NULL }, { 0 } };
static struct hd_type writer_type = {
    .cname = "_csv.writer", .basicsize = sizeof(struct writer), .flags = HD_TF_NEVER_INSTANTIATE,
    .doc = "CSV writer\n\nWriter objects are responsible for generating tabular data\nin CSV format from sequence input.", .methods = writer_methods, .members = writer_members,
    .op = { .trace = writer_trace },
};
static hd_value csv_writer(ARGS)
{
    if (positional(nargs) < 0) return HD_ERR;
    hd_value d = dialect_from_args(&dialect_type, args, nargs, kwnames, 1), write = d == HD_ERR ? HD_ERR : hd_getattr_opt(args[0], hd_s_write);
    if (write == HD_ERR) return HD_ERR;
    if (write == HD_ABSENT || !hd_callable(write)) return hd_raise(&hd_exc_TypeError, "argument 1 must have a \"write\" method");
    struct writer *w = hd_new_mutable(&writer_type, sizeof *w);
    if (!w) return HD_ERR;
    w->write = write, w->dialect = d;
    return hd_obj(w);
}

/* ---- the module ----------------------------------------------------------------------------------------------------------- */
static hd_value csv_register(ARGS)
{
    if (positional(nargs) < 0) return HD_ERR;
    if (!hd_is_str(args[0])) return hd_raise(&hd_exc_TypeError, "dialect name must be a string");
    hd_value d = dialect_from_args(&dialect_type, args, nargs, kwnames, 1);
    return d == HD_ERR || hd_dict_set(dialects, args[0], d) < 0 ? HD_ERR : HD_NONE;
}
static hd_value csv_unregister(ARGS)
{
    hd_value d;
    if (hd_args("unregister_dialect", "name", args, nargs, kwnames, &d) < 0) return HD_ERR;
    int r = hd_dict_del(dialects, d);
    return r < 0 ? HD_ERR : r ? HD_NONE : hd_raise(HD_TYPE(error_type), "unknown dialect");
}
static hd_value csv_get(ARGS)
{
    hd_value d;
    return hd_args("get_dialect", "name", args, nargs, kwnames, &d) < 0 ? HD_ERR : registered(d);
}
static hd_value csv_list(ARGS) { return hd_dict_keys_list(dialects); }
static hd_value csv_limit(ARGS)
{
    struct hd_cell *c = hd_ptr(limit);
    hd_value v, old = HD_GET(c, value);
    int64_t n;
    if (hd_args("field_size_limit", "|new_limit", args, nargs, kwnames, &v) < 0) return HD_ERR;
    if (v == HD_ABSENT) return old;
    if (!hd_is_int_exact(v)) return hd_raise(&hd_exc_TypeError, "limit must be an integer");
    if (hd_as_i64(v, &n) < 0) return HD_ERR;
    hd_cell_w w = hd_cell_open(c);
    HD_PUT(w, value, hd_fits_fix(n) ? v : hd_fix(n < 0 ? HD_FIXMIN : HD_FIXMAX));
    return old;
}
static const struct hd_methoddef functions[] = {
    { "reader", csv_reader, 0, -1, HD_METH_KW, "csv_reader = reader(iterable [, dialect='excel']\n                       [optional keyword args])\n\nReturns an object that gives a list of fields for each record." },
    { "writer", csv_writer, 0, -1, HD_METH_KW, "csv_writer = csv.writer(fileobj [, dialect='excel']\n                            [optional keyword args])\n\nReturns an object that writes records." },
    { "list_dialects", csv_list, 0, 0, 0, "list_dialects($module, /)\n--\n\nReturn a list of all known dialect names." },
    { "register_dialect", csv_register, 0, -1, HD_METH_KW, "Create a mapping from a string name to a dialect class.\n    dialect = csv.register_dialect(name[, dialect[, **fmtparams]])" },
    { "unregister_dialect", csv_unregister, 0, -1, HD_METH_KW, "unregister_dialect($module, name)\n--\n\nDelete the name/dialect mapping associated with a string name." },
    { "get_dialect", csv_get, 0, -1, HD_METH_KW, "get_dialect($module, name)\n--\n\nReturn the dialect instance associated with name." },
    { "field_size_limit", csv_limit, 0, -1, HD_METH_KW, "field_size_limit([limit])\n--\n\nSets an upper limit on parsed fields and returns the old one." }, { 0 }
};
static int fill(hd_value m)
{
    hd_root(&error_type), hd_root(&dialects), hd_root(&limit);
    hd_value ns = hd_dict_new(), bases = hd_tuplev(hd_obj(&hd_exc_Exception));
    if (ns == HD_ERR || bases == HD_ERR || hd_dict_set_c(ns, "__module__", hd_intern("_csv")) < 0) return -1;
    error_type = hd_type_new(&hd_type_type, hd_intern("Error"), bases, ns, NULL, 0);
    dialects = hd_dict_new(), limit = hd_cell_new(hd_fix(131072));
    if (error_type == HD_ERR || dialects == HD_ERR || limit == HD_ERR || hd_type_ready(&dialect_type) < 0 || hd_type_ready(&reader_type) < 0 || hd_type_ready(&writer_type) < 0) return -1;
    static const char *const quotes[] = { "QUOTE_MINIMAL", "QUOTE_ALL", "QUOTE_NONNUMERIC", "QUOTE_NONE" };
    for (int i = 0; i < 4; i++) if (hd_module_add_int(m, quotes[i], i) < 0) return -1;
    return hd_module_add(m, "Error", error_type) < 0 || hd_module_add(m, "_dialects", dialects) < 0 || hd_module_add(m, "Dialect", hd_obj(&dialect_type)) < 0 ||
           hd_module_add(m, "Reader", hd_obj(&reader_type)) < 0 || hd_module_add(m, "Writer", hd_obj(&writer_type)) < 0 ? -1 : hd_module_add_str(m, "__version__", "1.0");
}
const struct hd_moduledef hd_module_csv = { "_csv", "CSV parsing and writing.", functions, fill };
