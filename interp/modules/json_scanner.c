/* _json: from text to objects.
 *
 * J1: the text is an immutable str that the caller's frame holds, so pointers into it outlive polls.
 * J2: a dict is filled without barriers as long as nothing may have polled since it was made: `polls` counts what may have.
 * Keys are looked up in a small table on the C stack, so that equal keys of one text are mostly one object. */
#include "interp/modules/json_internal.h"
#include "interp/types/dict.h"
#include "interp/types/list.h"

HD_MUTABLE(scanner)
struct scanner { struct hd_mhead head; hd_value strict_value, object_hook, object_pairs_hook, parse_float, parse_int, parse_constant; bool strict; };
HD_MUTABLE_OPEN(scanner, hd_inst_size(o))
#define SCANNER(v) ((struct scanner *)hd_ptr(v))

enum { N_KEYS = 64, LONGEST_KEY = 32 };
struct scan {
    struct scanner *o;
    hd_value text;
    const void *data;                    /* of the text */
    int64_t len, failed_at;
    uint64_t polls;
    hd_value keys[N_KEYS];
};
static const double powers[] = { 1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22 };
static const bool stops[256] = { [0 ... 31] = true, ['"'] = true, ['\\'] = true };

static hd_value error(const char *message, hd_value text, int64_t at)
{
    hd_value cls = hd_import_attr("json.decoder", "JSONDecodeError"), m = hd_str_utf8(message);
    hd_value e = cls == HD_ERR || m == HD_ERR ? HD_ERR : hd_callv(cls, m, text, hd_int(at));
    return e == HD_ERR ? HD_ERR : hd_raise_object(e);
}
static hd_value key_str(struct scan *s, const char *p, size_t n)
{
    if (n < 2 || n > LONGEST_KEY) return hd_str_latin1(p, n);
    uint32_t h = (uint32_t)n;
    for (size_t i = 0; i < n; i++) h = h * 31 + (unsigned char)p[i];
    hd_value *place = &s->keys[(h ^ h >> 8) % N_KEYS], k = *place;
    if (k != HD_UNBOUND && (size_t)HD_STR(k)->len == n && hd_str_kind(k) == 1 && memcmp(HD_STR(k)->data, p, n) == 0) return k;
    k = hd_str_latin1(p, n);
    if (k != HD_ERR) *place = k;
    return k;
}

static hd_value value_1(struct scan *s, int64_t i, int64_t *end);
static hd_value value_2(struct scan *s, int64_t i, int64_t *end);
static hd_value value_4(struct scan *s, int64_t i, int64_t *end);
#define KIND 1
#define KIND_TYPE uint8_t
#define NAME(f) f##_1
#define STOPS(c) stops[c]
#include "interp/modules/_json_scan.h"
#undef KIND
#undef KIND_TYPE
#undef NAME
#undef STOPS
#define STOPS(c) ((c) < 256 && stops[c])
#define KIND 2
#define KIND_TYPE uint16_t
#define NAME(f) f##_2
#include "interp/modules/_json_scan.h"
#undef KIND
#undef KIND_TYPE
#undef NAME
#define KIND 4
#define KIND_TYPE uint32_t
#define NAME(f) f##_4
#include "interp/modules/_json_scan.h"

static void scan_start(struct scan *s, struct scanner *o, hd_value text)
{
    s->o = o, s->text = text, s->data = HD_STR(text)->data, s->len = HD_STR(text)->len, s->polls = 0;
    for (int i = 0; i < N_KEYS; i++) s->keys[i] = HD_UNBOUND;
}
hd_value hd_json_scanstring(ARGS)
{
    int64_t at, end;
    int strict = 1;
    if (nargs < 2 || nargs > 3) return hd_raise(&hd_exc_TypeError, "scanstring() takes at %s arguments (%zu given)", nargs < 2 ? "least 2" : "most 3", nargs);
    if (hd_as_i64(args[1], &at) < 0 || (nargs > 2 && (strict = hd_truth(args[2])) < 0)) return HD_ERR;
    if (!hd_is_str(args[0])) return hd_raise(&hd_exc_TypeError, "first argument must be a string, not %T", args[0]);
    struct scan s;
    scan_start(&s, NULL, args[0]);
    if (at < 0 || at > s.len) return hd_raise(&hd_exc_ValueError, "end is out of bounds");
    int kind = hd_str_kind(args[0]);
    hd_value v = kind == 1 ? string_1(&s, at, strict, false, &end) : kind == 2 ? string_2(&s, at, strict, false, &end) : string_4(&s, at, strict, false, &end);
    return v == HD_ERR ? HD_ERR : hd_tuplev(v, hd_int(end));
}
static hd_value scanner_call(ARGS)
{
    hd_value a[2];
    int64_t at, end;
    if (hd_args("scan_once", "string,idx", args, nargs, kwnames, a) < 0 || hd_as_i64(a[1], &at) < 0) return HD_ERR;
    if (!hd_is_str(a[0])) return hd_raise(&hd_exc_TypeError, "first argument must be a string, not %T", a[0]);
    if (at < 0) return hd_raise(&hd_exc_ValueError, "idx cannot be negative");
    struct scan s;
    scan_start(&s, SCANNER(self), a[0]);
    int kind = hd_str_kind(a[0]);
    hd_value v = kind == 1 ? value_1(&s, at, &end) : kind == 2 ? value_2(&s, at, &end) : value_4(&s, at, &end);
    if (v == HD_STOP) return hd_raise_stopiteration(hd_int(s.failed_at));
    return v == HD_ERR ? HD_ERR : hd_tuplev(v, hd_int(end));
}
static hd_value scanner_make(hd_value type, const hd_value *args, size_t nargs, hd_value kwnames)
{
    static const char *const names[] = { "strict", "object_hook", "object_pairs_hook", "parse_float", "parse_int", "parse_constant" };
    hd_value context, v[6];
    if (hd_args("make_scanner", "context", args, nargs, kwnames, &context) < 0) return HD_ERR;
    for (int i = 0; i < 6; i++) if ((v[i] = hd_getattr_c(context, names[i])) == HD_ERR) return HD_ERR;
    int strict = hd_truth(v[0]);
    hd_value o = strict < 0 ? HD_ERR : hd_alloc_instance(HD_TYPE(type), 0);
    if (o == HD_ERR) return HD_ERR;
    struct scanner *s = SCANNER(o);
    s->strict = strict, s->strict_value = hd_bool(strict);
    s->object_hook = v[1], s->object_pairs_hook = v[2], s->parse_float = v[3], s->parse_int = v[4], s->parse_constant = v[5];
    return o;
}
static void scanner_trace(void *o, struct gc_marker *m)
{
    struct scanner *s = o;
    gc_mark(m, s->object_hook), gc_mark(m, s->object_pairs_hook), gc_mark(m, s->parse_float), gc_mark(m, s->parse_int), gc_mark(m, s->parse_constant);
}
#define MEMBER(name, field) { name, offsetof(struct scanner, field), HD_MEMBER_CONST | HD_MEMBER_READONLY, NULL }
static const struct hd_memberdef scanner_members[] = {
    MEMBER("strict", strict_value), MEMBER("object_hook", object_hook), MEMBER("object_pairs_hook", object_pairs_hook), MEMBER("parse_float", parse_float),
    MEMBER("parse_int", parse_int), MEMBER("parse_constant", parse_constant), { 0 }
};
struct hd_type hd_json_scanner_type = {
    .cname = "_json.Scanner", .basicsize = sizeof(struct scanner), .flags = HD_TF_BASETYPE, .doc = "Reads one JSON value.", .members = scanner_members,
    .op = { .make = scanner_make, .call = scanner_call, .trace = scanner_trace },
};

static const struct hd_methoddef functions[] = {
    { "scanstring", hd_json_scanstring, 0, -1, 0, "scanstring(string, end, strict=True) -> (string, end)\n\nReads a JSON string whose opening quote lies before index end." },
    { "encode_basestring", hd_json_quote, 1, 1, 0, "encode_basestring(string) -> string\n\nReturns a JSON string." },
    { "encode_basestring_ascii", hd_json_quote_ascii, 1, 1, 0, "encode_basestring_ascii(string) -> string\n\nReturns an ASCII-only JSON string." }, { 0 }
};
static int fill(hd_value m)
{
    if (hd_type_ready(&hd_json_scanner_type) < 0 || hd_type_ready(&hd_json_encoder_type) < 0) return -1;
    return hd_module_add(m, "make_scanner", hd_obj(&hd_json_scanner_type)) < 0 ? -1 : hd_module_add(m, "make_encoder", hd_obj(&hd_json_encoder_type));
}
const struct hd_moduledef hd_module_json = { "_json", "Fast paths of the module json.", functions, fill };
