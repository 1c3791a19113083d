/* The module _string: str.format's parser for string.Formatter. */
#include "interp/types/format_string.h"
#include "interp/modules/modules.h"

static int str_arg(hd_value v)
{
    if (hd_is_str(v)) return 0;
    hd_raise(&hd_exc_TypeError, "expected str, got %T", v);
    return -1;
}

/* Iterates over the pieces of a format string, or over the parts of a field name. */
HD_MUTABLE(pieces)
struct pieces { struct hd_mhead head; hd_islot at; hd_value s; bool fields; };
HD_MUTABLE_OPEN(pieces, sizeof(struct pieces))

static hd_value pieces_next(hd_value v)
{
    struct pieces *p = hd_ptr(v);
    int64_t at = HD_GET(p, at), index;
    hd_value r;
    if (!p->fields) r = hd_string_parse_step(p->s, &at);
    else {
        bool attribute;
        struct hd_range x;
        int step = hd_field_step(p->s, &at, hd_str_len(p->s), &attribute, &x, &index);
        if (step <= 0) return step < 0 ? HD_ERR : HD_STOP;
        hd_value name = index >= 0 ? hd_int(index) : hd_str_slice(p->s, x.lo, x.hi);
        r = name == HD_ERR ? HD_ERR : hd_tuplev(hd_bool(attribute), name);
    }
    pieces_w w = pieces_open(p);
    HD_PUT(w, at, at);
    return r;
}
static hd_value iter_self(hd_value v) { return v; }
static void pieces_trace(void *o, struct gc_marker *m) { gc_mark(m, ((struct pieces *)o)->s); }
static struct hd_type pieces_type = {
    .head = { { HD_SHAPE_TYPE, 0 }, { 0 } }, .cname = "formatteriterator", .basicsize = sizeof(struct pieces), .flags = HD_TF_NEVER_INSTANTIATE,
    .op = { .iter = iter_self, .iternext = pieces_next, .trace = pieces_trace }
};
static struct hd_type field_type = {
    .head = { { HD_SHAPE_TYPE, 0 }, { 0 } }, .cname = "fieldnameiterator", .basicsize = sizeof(struct pieces), .flags = HD_TF_NEVER_INSTANTIATE,
    .op = { .iter = iter_self, .iternext = pieces_next, .trace = pieces_trace }
};
static hd_value make(struct hd_type *t, hd_value s, int64_t at)
{
    struct pieces *p = hd_new_mutable(t, sizeof *p);
    if (!p) return HD_ERR;
    p->s = s;
    p->fields = t == &field_type;
    HD_INIT(p, at, at);
    return hd_obj(p);
}
static hd_value formatter_parser(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
{
    return str_arg(args[0]) < 0 ? HD_ERR : make(&pieces_type, args[0], 0);
}
static hd_value field_name_split(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
{
    if (str_arg(args[0]) < 0) return HD_ERR;
    int64_t rest;
    hd_value first = hd_string_first_part(args[0], &rest), it = first == HD_ERR ? HD_ERR : make(&field_type, args[0], rest);
    return it == HD_ERR ? HD_ERR : hd_tuplev(first, it);
}
static const struct hd_methoddef methods[] = {
    { "formatter_field_name_split", field_name_split, 1, 1, 0, "Split a field name into its first part and an iterator over the rest." },
    { "formatter_parser", formatter_parser, 1, 1, 0, "Parse a format string." },
    { NULL }
};
static int fill(hd_value m) { return hd_type_ready(&pieces_type) < 0 || hd_type_ready(&field_type) < 0 ? -1 : 0; }
const struct hd_moduledef hd_module_string = { "_string", "Parts of the string module that need the interpreter.", methods, fill };
