/* _pickle: the Unpickler.  A machine with a stack of objects and a stack of marks, both transactional arrays; it does not
 * recurse. */
#include "interp/modules/pickle_internal.h"
#include "interp/types/codec.h"
#include "interp/types/dict.h"
#include "interp/types/list.h"
#include "interp/types/number.h"
#include "interp/types/set.h"
#include "interp/types/str.h"

enum { PEEK = 128 * 1024 };
HD_MUTABLE(unpickler)
struct unpickler {
    struct hd_mhead head;
    hd_vslot read;                       /* HD_UNBOUND: not initialised */
    hd_vslot readline, readinto, peek;   /* HD_UNBOUND: the file has none */
    hd_vslot persistent_load, buffers;   /* HD_UNBOUND: none */
    hd_vslot encoding, errors;           /* str */
    hd_islot fix_imports, proto;
    HD_PSLOT(struct hd_array) memo;      /* by number; NULL: empty */
    hd_vslot far_memo;                   /* dict for numbers far beyond the others, or HD_UNBOUND */
    hd_islot memo_end;                   /* numbers from here on are free */
};
HD_MUTABLE_OPEN(unpickler, hd_inst_size(o))
#define UNPICKLER(v) ((struct unpickler *)hd_ptr(v))

struct stack { struct hd_array *a; int64_t n; };
/* One load under way; on the C stack. */
struct load {
    struct unpickler *u;
    hd_value buf;                        /* bytes that hold the input at hand */
    int64_t at, end;                     /* what is not used yet */
    int64_t peeked;                      /* bytes of buf from here on were only looked at: -1: all were read */
    bool file;
    struct stack values, marks;
    int64_t fence;                       /* values below this are behind the innermost mark */
    hd_value persistent_load;
};

static int bad(const char *text) { (void)hd_raise(HD_TYPE(hd_unpickling_error), "%s", text); return -1; }

/* ---- input ------------------------------------------------------------------------------------------------------------------------ */
static int truncated(void) { return bad("pickle data was truncated"); }
/* Reads from the file what has been taken from a look ahead. */
static int settle(struct load *l)
{
    if (l->peeked < 0) return 0;
    int64_t n = l->at - l->peeked;
    l->peeked = -1, l->end = l->at;
    if (n == 0) return 0;
    hd_value r = hd_callv(HD_GET(l->u, read), hd_int(n));
    return r == HD_ERR ? -1 : 0;
}
static int take_input(struct load *l, hd_value b, const char *what)
{
    if (!hd_is_bytes(b)) {
        (void)hd_raise(&hd_exc_TypeError, "%s() should return bytes, not %T", what, b);
        return -1;
    }
    l->buf = b, l->at = 0, l->end = HD_BYTES(b)->len, l->peeked = -1;
    return 0;
}
static int more(struct load *l, int64_t n)
{
    if (!l->file) return truncated();
    int64_t rest = l->peeked < 0 ? l->end - l->at : 0;
    hd_value head = rest ? hd_bytes_new(HD_BYTES(l->buf)->data + l->at, (size_t)rest) : HD_ABSENT;
    if (head == HD_ERR || settle(l) < 0) return -1;
    hd_value peek = HD_GET(l->u, peek);
    if (!rest && peek != HD_UNBOUND) {
        hd_value b = hd_callv(peek, hd_fix(PEEK));
        if (b == HD_ERR) {
            if (!hd_exc_is(&hd_exc_NotImplementedError)) return -1;
            hd_exc_clear();
            unpickler_w w = unpickler_open(l->u);
            HD_PUT(w, peek, HD_UNBOUND);
        } else if (hd_is_bytes(b) && HD_BYTES(b)->len >= n) {
            if (take_input(l, b, "peek") < 0) return -1;
            l->peeked = 0;
            return 0;
        }
    }
    hd_value b = hd_callv(HD_GET(l->u, read), hd_int(n - rest));
    if (b == HD_ERR) return -1;
    if (!hd_is_bytes(b)) return take_input(l, b, "read");
    if (HD_BYTES(b)->len + rest < n) { l->at = l->end = 0; return truncated(); }
    if (rest && (b = hd_binary_op(HD_ADD, head, b)) == HD_ERR) return -1;
    return take_input(l, b, "read");
}
/* n bytes of input, good until the next poll; NULL: error. */
static const unsigned char *take(struct load *l, int64_t n)
{
    if (l->end - l->at < n && more(l, n) < 0) return NULL;
    const unsigned char *p = HD_BYTES(l->buf)->data + l->at;
    l->at += n;
    return p;
}
/* A line, its newline included. */
static const char *take_line(struct load *l, int64_t *n)
{
    const unsigned char *p = HD_BYTES(l->buf)->data + l->at, *e = l->end > l->at ? memchr(p, '\n', (size_t)(l->end - l->at)) : NULL;
    if (!e && l->file) {
        int64_t rest = l->peeked < 0 ? l->end - l->at : 0;
        hd_value head = rest ? hd_bytes_new(p, (size_t)rest) : HD_ABSENT;
        if (head == HD_ERR || settle(l) < 0) return NULL;
        hd_value b = hd_call0(HD_GET(l->u, readline));
        if (b != HD_ERR && rest && hd_is_bytes(b)) b = hd_binary_op(HD_ADD, head, b);
        if (b == HD_ERR || take_input(l, b, "readline") < 0) return NULL;
        p = HD_BYTES(l->buf)->data;
        e = l->end ? memchr(p, '\n', (size_t)l->end) : NULL;
    }
    if (!e) { truncated(); return NULL; }
    *n = e + 1 - p;
    l->at += *n;
    return (const char *)p;
}
static uint64_t little(const unsigned char *p, int n)
{
    uint64_t v = 0;
    for (int i = n - 1; i >= 0; i--) v = v << 8 | p[i];
    return v;
}

/* ---- stacks and memo ---------------------------------------------------------------------------------------------------------------- */
static int push_on(struct stack *s, hd_value v)
{
    if (s->n == s->a->cap) {
        struct hd_array *a = hd_array_new(2 * s->a->cap);
        if (!a) return -1;
        hd_array_read(s->a, 0, s->n, &HD_RAW(a->item[0]));
        s->a = a;
    }
    hd_array_put(s->a, s->n++, v);
    return 0;
}
static int push(struct load *l, hd_value v) { return v == HD_ERR ? -1 : push_on(&l->values, v); }
static int underflow(struct load *l) { return bad(l->marks.n ? "unexpected MARK found" : "unpickling stack underflow"); }
static hd_value pop(struct load *l)
{
    if (l->values.n <= l->fence) { underflow(l); return HD_ERR; }
    return hd_array_get(l->values.a, --l->values.n);
}
static hd_value top(struct load *l)
{
    if (l->values.n <= l->fence) { underflow(l); return HD_ERR; }
    return hd_array_get(l->values.a, l->values.n - 1);
}
/* Takes the innermost mark away: where it lies, or -1. */
static int64_t unmark(struct load *l)
{
    if (l->marks.n == 0) return bad("could not find MARK");
    int64_t i = hd_unfix(hd_array_get(l->marks.a, --l->marks.n));
    l->fence = l->marks.n ? hd_unfix(hd_array_get(l->marks.a, l->marks.n - 1)) : 0;
    return i;
}
/* Values from `from` on, taken off the stack, as a tuple or list. */
static hd_value take_tuple(struct load *l, int64_t from)
{
    if (from < l->fence || from > l->values.n) { underflow(l); return HD_ERR; }
    size_t n = (size_t)(l->values.n - from);
    hd_value t = hd_tuple_new(n);
    if (t == HD_ERR || n == 0) return t;
    memset(HD_TUPLE(t)->item, 0, n * sizeof(hd_value));
    hd_array_read(l->values.a, from, (int64_t)n, HD_TUPLE(t)->item);
    l->values.n = from;
    return t;
}
static hd_value take_list(struct load *l, int64_t from)
{
    hd_value t = take_tuple(l, from);
    return t == HD_ERR ? HD_ERR : hd_list_from(HD_TUPLE(t)->item, (size_t)HD_TUPLE(t)->len);
}
static int memo_put(struct unpickler *u, uint64_t n, hd_value v)
{
    struct hd_array *a = HD_GET(u, memo);
    uint64_t cap = a ? (uint64_t)a->cap : 0;
    int64_t end = HD_GET(u, memo_end);
    if (n >= cap && n < 4 * cap + 64) {
        struct hd_array *b = hd_array_new((int64_t)(n < 16 ? 32 : 2 * n));
        if (!b) return -1;
        if (a) hd_array_read(a, 0, (int64_t)cap, &HD_RAW(b->item[0]));
        unpickler_w w = unpickler_open(u);
        HD_PUT(w, memo, b);
        a = b, cap = (uint64_t)b->cap;
    }
    if ((int64_t)n >= end) {
        unpickler_w w = unpickler_open(u);
        HD_PUT(w, memo_end, (int64_t)n + 1);
    }
    if (n < cap) { hd_array_put(a, (int64_t)n, v); return 0; }
    hd_value far = HD_GET(u, far_memo);
    if (far == HD_UNBOUND) {
        if ((far = hd_dict_new()) == HD_ERR) return -1;
        unpickler_w w = unpickler_open(u);
        HD_PUT(w, far_memo, far);
    }
    return hd_dict_set(far, hd_int_u64(n), v);
}
/* HD_ABSENT: there is none. */
static hd_value memo_get(struct unpickler *u, uint64_t n)
{
    struct hd_array *a = HD_GET(u, memo);
    hd_value far = HD_GET(u, far_memo), v = a && n < (uint64_t)a->cap ? hd_array_get(a, (int64_t)n) : 0;
    if (v) return v;
    return far == HD_UNBOUND ? HD_ABSENT : hd_dict_get(far, hd_int_u64(n));
}
static int load_get(struct load *l, uint64_t n)
{
    hd_value v = memo_get(l->u, n);
    if (v != HD_ABSENT) return push(l, v);
    (void)hd_raise(HD_TYPE(hd_unpickling_error), "Memo value not found at index %llu", (unsigned long long)n);
    return -1;
}
static int load_put(struct load *l, uint64_t n)
{
    hd_value v = top(l);
    return v == HD_ERR ? -1 : memo_put(l->u, n, v);
}

/* ---- atoms ----------------------------------------------------------------------------------------------------------------------------- */
static int load_int(struct load *l, bool is_long)
{
    int64_t n;
    const char *p = take_line(l, &n);
    if (!p) return -1;
    if (n < 2) return truncated();
    n--;
    if (!is_long && n == 2 && p[0] == '0' && (p[1] == '0' || p[1] == '1')) return push(l, hd_bool(p[1] == '1'));
    if (is_long && p[n - 1] == 'L') n--;
    hd_value v = hd_int_parse(p, (size_t)n, 0);
    if (v == HD_ERR && !is_long && hd_exc_is(&hd_exc_ValueError)) hd_exc_clear(), (void)hd_raise(&hd_exc_ValueError, "could not convert string to int");
    return push(l, v);
}
static int load_counted_long(struct load *l, int size)
{
    const unsigned char *p = take(l, size);
    if (!p) return -1;
    int64_t n = size == 1 ? *p : (int32_t)little(p, 4);
    if (n < 0) return bad("LONG pickle has negative byte count");
    if (n == 0) return push(l, hd_fix(0));
    return (p = take(l, n)) ? push(l, hd_int_from_bytes(p, (size_t)n, true, true)) : -1;
}
static int load_float(struct load *l)
{
    int64_t n;
    double d;
    const char *p = take_line(l, &n);
    if (!p) return -1;
    if (n < 2) return truncated();
    if (hd_float_parse(p, (size_t)n - 1, &d) < 0) {
        (void)hd_raise(&hd_exc_ValueError, "could not convert string to float: '%S'", hd_str_latin1(p, (size_t)n));
        return -1;
    }
    return push(l, hd_float(d));
}
static int load_binfloat(struct load *l)
{
    const unsigned char *p = take(l, 8);
    if (!p) return -1;
    uint64_t bits = __builtin_bswap64(little(p, 8));
    double d;
    memcpy(&d, &bits, 8);
    return push(l, hd_float(d));
}
/* Strings of Python 2. */
static hd_value old_string(struct load *l, hd_value b)
{
    hd_value e = HD_GET(l->u, encoding);
    if (b == HD_ERR || hd_str_is(e, "bytes")) return b;
    size_t n;
    const char *encoding = hd_str_as_utf8(e, &n), *errors = encoding ? hd_str_as_utf8(HD_GET(l->u, errors), &n) : NULL;
    return errors ? hd_str_decode((const char *)HD_BYTES(b)->data, (size_t)HD_BYTES(b)->len, encoding, errors) : HD_ERR;
}
static int load_string(struct load *l)
{
    int64_t n, bad_escape;
    const char *p = take_line(l, &n);
    if (!p) return -1;
    n--;                                                     /* the newline */
    if (n < 2 || p[0] != p[n - 1] || (p[0] != '"' && p[0] != '\'')) return bad("the STRING opcode argument must be quoted");
    return push(l, old_string(l, hd_escape_decode(p + 1, (size_t)n - 2, "strict", &bad_escape)));
}
/* The byte count of `size` bytes in front of data; -1. */
static int64_t count(struct load *l, int size, const char *name)
{
    const unsigned char *p = take(l, size);
    if (!p) return -1;
    uint64_t n = little(p, size);
    if (n <= INT64_MAX) return (int64_t)n;
    (void)hd_raise(&hd_exc_OverflowError, "%s exceeds system's maximum size of %lld bytes", name, (long long)INT64_MAX);
    return -1;
}
static int load_old_binstring(struct load *l, int size)
{
    const unsigned char *p = take(l, size);
    if (!p) return -1;
    int64_t n = (int64_t)little(p, size);
    return (p = take(l, n)) ? push(l, old_string(l, hd_bytes_new(p, (size_t)n))) : -1;
}
static int load_bytes(struct load *l, int size)
{
    int64_t n = count(l, size, "BINBYTES");
    const unsigned char *p = n < 0 ? NULL : take(l, n);
    return p ? push(l, n ? hd_bytes_new(p, (size_t)n) : hd_empty_bytes) : -1;
}
static int load_bytearray(struct load *l)
{
    int64_t n = count(l, 8, "BYTEARRAY8");
    const unsigned char *p = n < 0 ? NULL : take(l, n);
    return p ? push(l, hd_bytearray_new(p, (size_t)n)) : -1;
}
static int load_str(struct load *l, int size)
{
    int64_t n = count(l, size, "BINUNICODE");
    const unsigned char *p = n < 0 ? NULL : take(l, n);
    if (!p) return -1;
    hd_value v = n == 0 ? hd_empty_str : hd_utf8_decode_valid(p, (size_t)n, true);
    return push(l, v == HD_ABSENT ? hd_utf8_decode(p, (size_t)n, "surrogatepass", true, NULL) : v);
}
static int load_unicode(struct load *l)
{
    int64_t n;
    const char *p = take_line(l, &n);
    return p ? push(l, hd_raw_unicode_escape_decode(p, (size_t)n - 1, "strict", true, NULL)) : -1;
}

/* ---- names ------------------------------------------------------------------------------------------------------------------------------- */
static hd_value find_class(struct unpickler *u, hd_value module, hd_value name)
{
    hd_value parent;
    int64_t proto = HD_GET(u, proto);
    hd_value audit = hd_dict_get_str(hd_module_dict(hd_sys_module), hd_s_audit);
    if (audit != HD_ABSENT && hd_callv(audit, hd_pickle_event, module, name) == HD_ERR) return HD_ERR;
    if (proto < 3 && HD_GET(u, fix_imports)) {
        hd_value key = hd_tuplev(module, name), m = key == HD_ERR ? HD_ERR : hd_dict_get(hd_pickle_NAME_MAPPING, key);
        if (m == HD_ERR) return HD_ERR;
        if (m != HD_ABSENT) {
            if (!hd_is_tuple(m) || HD_TUPLE(m)->len != 2) return hd_raise(&hd_exc_RuntimeError, "_compat_pickle.NAME_MAPPING values should be 2-tuples, not %T", m);
            module = HD_TUPLE(m)->item[0], name = HD_TUPLE(m)->item[1];
        } else if ((m = hd_dict_get(hd_pickle_IMPORT_MAPPING, module)) == HD_ERR) return HD_ERR;
        else if (m != HD_ABSENT) module = m;
    }
    if (hd_import_level(module, HD_NONE, hd_empty_tuple, 0) == HD_ERR) return HD_ERR;       /* waits for another thread's import */
    hd_value o = hd_dict_get(hd_sys_modules, module);
    if (o == HD_ABSENT) return hd_raise_key(module);
    if (o == HD_ERR) return HD_ERR;
    if (proto >= 4 && hd_str_find(name, hd_pickle_locals, 0, INT64_MAX, 1) >= 0) return hd_raise(&hd_exc_AttributeError, "Can't get local attribute %R on %R", name, o);
    hd_value v = proto < 4 ? hd_getattr_opt(o, hd_str_intern(name)) : hd_pickle_path(o, name, &parent);
    return v == HD_ABSENT ? hd_raise(&hd_exc_AttributeError, "Can't get attribute %R on %R", name, o) : v;
}
static hd_value look_up(struct load *l, hd_value module, hd_value name)
{
    if (module == HD_ERR || name == HD_ERR) return HD_ERR;
    hd_value self = hd_obj(l->u);
    if (hd_type_of(self) == &hd_unpickler_type) return find_class(l->u, module, name);
    return hd_methodv(self, hd_s_find_class, module, name);
}
static hd_value line_str(struct load *l)
{
    int64_t n;
    const char *p = take_line(l, &n);
    if (!p) return HD_ERR;
    if (n < 2) { truncated(); return HD_ERR; }
    return hd_str_decode(p, (size_t)n - 1, "utf-8", "strict");
}
static hd_value load_name(struct load *l)
{
    hd_value module = line_str(l), name = module == HD_ERR ? HD_ERR : line_str(l);
    return look_up(l, module, name);
}
static int load_stack_global(struct load *l)
{
    hd_value name = pop(l), module = name == HD_ERR ? HD_ERR : pop(l);
    if (module == HD_ERR) return -1;
    if (!hd_is_str_exact(name) || !hd_is_str_exact(module)) return bad("STACK_GLOBAL requires str");
    return push(l, look_up(l, module, name));
}
static int load_extension(struct load *l, int size)
{
    const unsigned char *p = take(l, size);
    if (!p) return -1;
    int64_t code = size == 4 ? (int32_t)little(p, 4) : (int64_t)little(p, size);
    if (code <= 0) return bad("EXT specifies code <= 0");
    hd_value k = hd_int(code), v = hd_dict_get(hd_pickle__extension_cache, k);
    if (v == HD_ERR || v != HD_ABSENT) return push(l, v);
    if ((v = hd_dict_get(hd_pickle__inverted_registry, k)) == HD_ERR) return -1;
    if (v == HD_ABSENT) { (void)hd_raise(&hd_exc_ValueError, "unregistered extension code %lld", (long long)code); return -1; }
    if (!hd_is_tuple(v) || HD_TUPLE(v)->len != 2 || !hd_is_str(HD_TUPLE(v)->item[0]) || !hd_is_str(HD_TUPLE(v)->item[1])) {
        (void)hd_raise(&hd_exc_ValueError, "_inverted_registry[%lld] isn't a 2-tuple of strings", (long long)code);
        return -1;
    }
    v = look_up(l, HD_TUPLE(v)->item[0], HD_TUPLE(v)->item[1]);
    return v == HD_ERR || hd_dict_set(hd_pickle__extension_cache, k, v) < 0 ? -1 : push(l, v);
}
static int load_persistent(struct load *l, hd_value id)
{
    if (id == HD_ERR) return -1;
    if (l->persistent_load == HD_ABSENT) return bad("A load persistent id instruction was encountered,\nbut no persistent_load function was specified.");
    return push(l, hd_callv(l->persistent_load, id));
}
static int load_text_persistent(struct load *l)
{
    int64_t n;
    const char *p = take_line(l, &n);
    if (!p) return -1;
    if (!hd_bytes_all_ascii(p, (size_t)n)) return bad("persistent IDs in protocol 0 must be ASCII strings");
    return load_persistent(l, hd_str_latin1(p, (size_t)n - 1));
}

/* ---- objects ------------------------------------------------------------------------------------------------------------------------------- */
static hd_value instantiate(hd_value cls, hd_value args)
{
    if (HD_TUPLE(args)->len == 0 && hd_is_type(cls)) {
        hd_value f = hd_getattr_opt(cls, hd_s___getinitargs__);
        if (f == HD_ERR) return HD_ERR;
        if (f == HD_ABSENT) return hd_methodv(cls, hd_s___new__, cls);
    }
    return hd_call_ex(cls, args, HD_ABSENT);
}
static int load_newobj(struct load *l, bool ex)
{
    const char *name = ex ? "NEWOBJ_EX" : "NEWOBJ";
    hd_value kw = ex ? pop(l) : HD_ABSENT, args = kw == HD_ERR ? HD_ERR : pop(l), cls = args == HD_ERR ? HD_ERR : pop(l);
    if (cls == HD_ERR) return -1;
    if (!hd_is_type(cls)) { (void)hd_raise(HD_TYPE(hd_unpickling_error), "%s class argument must be a type, not %T", name, cls); return -1; }
    if (!hd_is_tuple(args)) { (void)hd_raise(HD_TYPE(hd_unpickling_error), "%s expected an arg tuple, got %T", name, args); return -1; }
    if (ex && !hd_is_dict(kw)) { (void)hd_raise(HD_TYPE(hd_unpickling_error), "%s kwargs argument must be a dict, not %T", name, kw); return -1; }
    hd_value make = hd_getattr(cls, hd_s___new__), list = make == HD_ERR ? HD_ERR : hd_list_from(&cls, 1);
    if (list == HD_ERR || hd_list_extend(list, args) < 0) return -1;
    hd_value all = hd_list_as_tuple(list);
    return push(l, all == HD_ERR ? HD_ERR : hd_call_ex(make, all, ex ? kw : HD_ABSENT));
}
static int load_reduce(struct load *l)
{
    hd_value args = pop(l), f = args == HD_ERR ? HD_ERR : pop(l);
    if (f == HD_ERR) return -1;
    if (!hd_is_tuple(args)) { (void)hd_raise(&hd_exc_TypeError, "argument list must be a tuple"); return -1; }
    return push(l, hd_call_ex(f, args, HD_ABSENT));
}
static int load_inst(struct load *l)
{
    int64_t from = unmark(l);
    if (from < 0) return -1;
    hd_value args = take_tuple(l, from), cls = args == HD_ERR ? HD_ERR : load_name(l);
    return cls == HD_ERR ? -1 : push(l, instantiate(cls, args));
}
static int load_obj(struct load *l)
{
    int64_t from = unmark(l);
    if (from < 0) return -1;
    if (l->values.n - from < 1) return underflow(l);
    hd_value args = take_tuple(l, from + 1), cls = args == HD_ERR ? HD_ERR : pop(l);
    return cls == HD_ERR ? -1 : push(l, instantiate(cls, args));
}
static int set_items(hd_value o, hd_value items)
{
    bool dict = hd_is_dict_exact(o);
    for (int64_t i = 0; i < HD_TUPLE(items)->len; i += 2) {
        hd_value k = HD_TUPLE(items)->item[i], v = HD_TUPLE(items)->item[i + 1];
        if ((dict ? hd_dict_set(o, k, v) : hd_setitem(o, k, v)) < 0) return -1;
    }
    return 0;
}
static int load_items(struct load *l, int64_t from)
{
    if (from < 0) return hd_exc_pending() ? -1 : underflow(l);
    if (from <= l->fence || from > l->values.n) return underflow(l);
    if ((l->values.n - from) % 2) return bad("odd number of items for SETITEMS");
    hd_value items = take_tuple(l, from), o = items == HD_ERR ? HD_ERR : top(l);
    return o == HD_ERR ? -1 : set_items(o, items);
}
static int load_append(struct load *l, int64_t from)
{
    if (from < 0) return hd_exc_pending() ? -1 : underflow(l);
    if (from <= l->fence || from > l->values.n) return underflow(l);
    hd_value items = take_list(l, from), o = items == HD_ERR ? HD_ERR : top(l);
    if (o == HD_ERR) return -1;
    if (hd_is_list_exact(o)) return hd_list_extend(o, items);
    if (hd_list_len(items) == 0) return 0;
    hd_value f = hd_getattr_opt(o, hd_s_extend);
    if (f == HD_ERR) return -1;
    if (f != HD_ABSENT) return hd_callv(f, items) == HD_ERR ? -1 : 0;
    if ((f = hd_getattr(o, hd_s_append)) == HD_ERR) return -1;
    for (int64_t i = 0; i < hd_list_len(items); i++) if (hd_callv(f, hd_list_get(items, i)) == HD_ERR) return -1;
    return 0;
}
static int load_additems(struct load *l)
{
    int64_t from = unmark(l);
    if (from < 0) return -1;
    if (from <= l->fence || from > l->values.n) return underflow(l);
    hd_value items = take_tuple(l, from), o = items == HD_ERR ? HD_ERR : top(l);
    if (o == HD_ERR) return -1;
    hd_value f = hd_type_of(o) == &hd_set_type ? HD_ABSENT : hd_getattr(o, hd_s_add);
    if (f == HD_ERR) return -1;
    for (int64_t i = 0; i < HD_TUPLE(items)->len; i++) {
        hd_value v = HD_TUPLE(items)->item[i];
        if (f == HD_ABSENT ? hd_set_add(o, v) < 0 : hd_callv(f, v) == HD_ERR) return -1;
    }
    return 0;
}
static int load_build(struct load *l)
{
    hd_value state = pop(l), o = state == HD_ERR ? HD_ERR : top(l), slots = HD_NONE, k, v;
    if (o == HD_ERR) return -1;
    hd_value f = hd_getattr_opt(o, hd_s___setstate__);
    if (f == HD_ERR) return -1;
    if (f != HD_ABSENT) return hd_callv(f, state) == HD_ERR ? -1 : 0;
    if (hd_is_tuple(state) && HD_TUPLE(state)->len == 2) slots = HD_TUPLE(state)->item[1], state = HD_TUPLE(state)->item[0];
    if (state != HD_NONE) {
        if (!hd_is_dict(state)) return bad("state is not a dictionary");
        hd_value d = hd_getattr(o, hd_s___dict__), items = d == HD_ERR ? HD_ERR : hd_dict_items_list(state);
        if (items == HD_ERR) return -1;
        for (int64_t i = 0; i < hd_list_len(items); i++) {
            k = HD_TUPLE(hd_list_get(items, i))->item[0], v = HD_TUPLE(hd_list_get(items, i))->item[1];
            if (hd_is_str_exact(k)) k = hd_str_intern(k);
            if (hd_setitem(d, k, v) < 0) return -1;
        }
    }
    if (slots == HD_NONE) return 0;
    if (!hd_is_dict(slots)) return bad("slot state is not a dictionary");
    hd_value items = hd_dict_items_list(slots);
    if (items == HD_ERR) return -1;
    for (int64_t i = 0; i < hd_list_len(items); i++) {
        k = HD_TUPLE(hd_list_get(items, i))->item[0], v = HD_TUPLE(hd_list_get(items, i))->item[1];
        if (hd_setattr(o, k, v) < 0) return -1;
    }
    return 0;
}
static int load_next_buffer(struct load *l)
{
    hd_value it = HD_GET(l->u, buffers), v;
    if (it == HD_UNBOUND) return bad("pickle stream refers to out-of-band data but no *buffers* argument was given");
    if ((v = hd_next(it)) == HD_STOP) return bad("not enough out-of-band buffers");
    return push(l, v);
}
static int load_readonly_buffer(struct load *l)
{
    hd_value o = top(l);
    struct hd_buffer b;
    if (o == HD_ERR || hd_buffer_get(o, &b, false) < 0) return -1;
    bool readonly = b.readonly;
    hd_buffer_release(&b);
    if (readonly) return 0;
    hd_value m = hd_callv(hd_obj(&hd_memoryview_type), o), r = m == HD_ERR ? HD_ERR : hd_call_method(m, hd_intern("toreadonly"), NULL, 0);
    if (r == HD_ERR || pop(l) == HD_ERR) return -1;
    return push(l, r);
}
static int load_dict(struct load *l)
{
    int64_t from = unmark(l);
    if (from < 0) return -1;
    if ((l->values.n - from) % 2) return bad("odd number of items for DICT");
    hd_value items = take_tuple(l, from), d = items == HD_ERR ? HD_ERR : hd_dict_new();
    return d == HD_ERR || set_items(d, items) < 0 ? -1 : push(l, d);
}
static int load_text_memo(struct load *l, bool get)
{
    int64_t n, i;
    const char *p = take_line(l, &n);
    if (!p) return -1;
    if (n < 2) return truncated();
    hd_value v = hd_int_parse(p, (size_t)n - 1, 10);
    if (v == HD_ERR || hd_as_i64(v, &i) < 0) return -1;
    if (i < 0) {
        if (!get) { if (top(l) != HD_ERR) (void)hd_raise(&hd_exc_ValueError, "negative PUT argument"); }
        else (void)hd_raise(HD_TYPE(hd_unpickling_error), "Memo value not found at index %lld", (long long)i);
        return -1;
    }
    return get ? load_get(l, (uint64_t)i) : load_put(l, (uint64_t)i);
}
static int load_frame(struct load *l)
{
    const unsigned char *p = take(l, 8);
    if (!p) return -1;
    uint64_t n = little(p, 8);
    if (n > INT64_MAX) { (void)hd_raise(&hd_exc_OverflowError, "FRAME length exceeds system's maximum of %lld bytes", (long long)INT64_MAX); return -1; }
    if (!take(l, (int64_t)n)) return -1;
    l->at -= (int64_t)n;
    return 0;
}
static int load_pop(struct load *l)
{
    /* the innermost mark counts as an item here */
    if (l->marks.n && hd_unfix(hd_array_get(l->marks.a, l->marks.n - 1)) == l->values.n) return unmark(l) < 0 ? -1 : 0;
    return pop(l) == HD_ERR ? -1 : 0;
}
static int load_proto(struct load *l)
{
    const unsigned char *p = take(l, 1);
    if (!p) return -1;
    int proto = *p;
    if (proto > HIGHEST_PROTOCOL) { (void)hd_raise(&hd_exc_ValueError, "unsupported pickle protocol: %d", proto); return -1; }
    unpickler_w w = unpickler_open(l->u);
    HD_PUT(w, proto, proto);
    return 0;
}
static int load_mark(struct load *l)
{
    l->fence = l->values.n;
    return push_on(&l->marks, hd_fix(l->fence));
}

/* 1: STOP, 0, -1. */
static int step(struct load *l)
{
    const unsigned char *p = take(l, 1);
    hd_value v;
    int64_t i;
    if (!p) {
        if (!hd_exc_is(HD_TYPE(hd_unpickling_error))) return -1;
        hd_exc_clear();
        (void)hd_raise(&hd_exc_EOFError, "Ran out of input");
        return -1;
    }
    unsigned code = *p;
#define BYTES(n) do { if (!(p = take(l, n))) return -1; } while (0)
    switch (code) {
    case OP_NONE: return push(l, HD_NONE);
    case OP_NEWTRUE: return push(l, HD_TRUE);
    case OP_NEWFALSE: return push(l, HD_FALSE);
    case OP_BININT: BYTES(4); return push(l, hd_fix((int32_t)little(p, 4)));
    case OP_BININT1: BYTES(1); return push(l, hd_fix(*p));
    case OP_BININT2: BYTES(2); return push(l, hd_fix((int64_t)little(p, 2)));
    case OP_INT: return load_int(l, false);
    case OP_LONG: return load_int(l, true);
    case OP_LONG1: return load_counted_long(l, 1);
    case OP_LONG4: return load_counted_long(l, 4);
    case OP_FLOAT: return load_float(l);
    case OP_BINFLOAT: return load_binfloat(l);
    case OP_SHORT_BINBYTES: return load_bytes(l, 1);
    case OP_BINBYTES: return load_bytes(l, 4);
    case OP_BINBYTES8: return load_bytes(l, 8);
    case OP_BYTEARRAY8: return load_bytearray(l);
    case OP_NEXT_BUFFER: return load_next_buffer(l);
    case OP_READONLY_BUFFER: return load_readonly_buffer(l);
    case OP_SHORT_BINSTRING: return load_old_binstring(l, 1);
    case OP_BINSTRING: return load_old_binstring(l, 4);
    case OP_STRING: return load_string(l);
    case OP_UNICODE: return load_unicode(l);
    case OP_SHORT_BINUNICODE: return load_str(l, 1);
    case OP_BINUNICODE: return load_str(l, 4);
    case OP_BINUNICODE8: return load_str(l, 8);
    case OP_EMPTY_TUPLE: return push(l, hd_empty_tuple);
    case OP_TUPLE1: return push(l, take_tuple(l, l->values.n - 1));
    case OP_TUPLE2: return push(l, take_tuple(l, l->values.n - 2));
    case OP_TUPLE3: return push(l, take_tuple(l, l->values.n - 3));
    case OP_TUPLE: return (i = unmark(l)) < 0 ? -1 : push(l, take_tuple(l, i));
    case OP_EMPTY_LIST: return push(l, hd_list_new(0));
    case OP_EMPTY_DICT: return push(l, hd_dict_new());
    case OP_EMPTY_SET: return push(l, hd_set_new());
    case OP_LIST: return (i = unmark(l)) < 0 ? -1 : push(l, take_list(l, i));
    case OP_DICT: return load_dict(l);
    case OP_FROZENSET: return (i = unmark(l)) < 0 || (v = take_tuple(l, i)) == HD_ERR ? -1 : push(l, hd_callv(hd_obj(&hd_frozenset_type), v));
    case OP_ADDITEMS: return load_additems(l);
    case OP_OBJ: return load_obj(l);
    case OP_INST: return load_inst(l);
    case OP_NEWOBJ: return load_newobj(l, false);
    case OP_NEWOBJ_EX: return load_newobj(l, true);
    case OP_GLOBAL: return push(l, load_name(l));
    case OP_STACK_GLOBAL: return load_stack_global(l);
    case OP_APPEND: return load_append(l, l->values.n - 1);
    case OP_APPENDS: return load_append(l, unmark(l));
    case OP_BUILD: return load_build(l);
    case OP_DUP: return push(l, top(l));
    case OP_BINGET: BYTES(1); return load_get(l, *p);
    case OP_LONG_BINGET: BYTES(4); return load_get(l, little(p, 4));
    case OP_GET: return load_text_memo(l, true);
    case OP_MARK: return load_mark(l);
    case OP_BINPUT: BYTES(1); return load_put(l, *p);
    case OP_LONG_BINPUT: BYTES(4); return load_put(l, little(p, 4));
    case OP_PUT: return load_text_memo(l, false);
    case OP_MEMOIZE: return load_put(l, (uint64_t)HD_GET(l->u, memo_end));
    case OP_POP: return load_pop(l);
    case OP_POP_MARK: if ((i = unmark(l)) < 0) return -1; l->values.n = i; return 0;
    case OP_SETITEM: return load_items(l, l->values.n - 2);
    case OP_SETITEMS: return load_items(l, unmark(l));
    case OP_PERSID: return load_text_persistent(l);
    case OP_BINPERSID: return load_persistent(l, pop(l));
    case OP_REDUCE: return load_reduce(l);
    case OP_PROTO: return load_proto(l);
    case OP_FRAME: return load_frame(l);
    case OP_EXT1: return load_extension(l, 1);
    case OP_EXT2: return load_extension(l, 2);
    case OP_EXT4: return load_extension(l, 4);
    case OP_STOP: return 1;
    default:
        if (code >= 0x20 && code <= 0x7e && code != '\'' && code != '\\') (void)hd_raise(HD_TYPE(hd_unpickling_error), "invalid load key, '%c'.", (int)code);
        else (void)hd_raise(HD_TYPE(hd_unpickling_error), "invalid load key, '\\x%02x'.", code);
        return -1;
    }
}
static hd_value load(struct unpickler *u, hd_value data /* HD_ABSENT: from the file */)
{
    struct load l = { .u = u, .buf = data == HD_ABSENT ? hd_empty_bytes : data, .file = data == HD_ABSENT, .peeked = -1 };
    l.end = HD_BYTES(l.buf)->len;
    l.values.a = hd_array_new(32), l.marks.a = hd_array_new(16);
    l.persistent_load = hd_getattr_opt(hd_obj(u), hd_s_persistent_load);
    if (!l.values.a || !l.marks.a || l.persistent_load == HD_ERR) return HD_ERR;
    unpickler_w w = unpickler_open(u);
    HD_PUT(w, proto, 0);
    int r;
    while ((r = step(&l)) == 0) stm_poll();
    if (r < 0) return HD_ERR;
    if (settle(&l) < 0) return HD_ERR;
    return pop(&l);
}

/* ---- the type ------------------------------------------------------------------------------------------------------------------------------ */
static hd_value new_unpickler(struct hd_type *t)
{
    hd_value v = hd_alloc_instance(t, 0);
    if (v == HD_ERR) return v;
    struct unpickler *u = UNPICKLER(v);
    HD_INIT(u, read, HD_UNBOUND);
    HD_INIT(u, readline, HD_UNBOUND);
    HD_INIT(u, readinto, HD_UNBOUND);
    HD_INIT(u, peek, HD_UNBOUND);
    HD_INIT(u, persistent_load, HD_UNBOUND);
    HD_INIT(u, buffers, HD_UNBOUND);
    HD_INIT(u, far_memo, HD_UNBOUND);
    HD_INIT(u, encoding, hd_empty_str);
    HD_INIT(u, errors, hd_empty_str);
    return v;
}
static int text_arg(hd_value v, const char *name, const char *absent, hd_value *out)
{
    *out = v == HD_ABSENT ? hd_intern(absent) : v;
    if (hd_is_str(*out)) return 0;
    (void)hd_raise(&hd_exc_TypeError, "%s must be str, not %A", name, v);
    return -1;
}
/* a: fix_imports, encoding, errors, buffers */
static int configure(struct unpickler *u, const hd_value *a)
{
    hd_value encoding, errors, buffers = HD_UNBOUND;
    int fix = a[0] == HD_ABSENT ? 1 : hd_truth(a[0]);
    if (fix < 0 || text_arg(a[1], "Unpickler() argument 'encoding'", "ASCII", &encoding) < 0 || text_arg(a[2], "Unpickler() argument 'errors'", "strict", &errors) < 0) return -1;
    if (a[3] != HD_ABSENT && a[3] != HD_NONE && (buffers = hd_iter(a[3])) == HD_ERR) return -1;
    unpickler_w w = unpickler_open(u);
    HD_PUT(w, fix_imports, fix);
    HD_PUT(w, encoding, encoding);
    HD_PUT(w, errors, errors);
    HD_PUT(w, buffers, buffers);
    HD_PUT(w, memo, NULL);
    HD_PUT(w, far_memo, HD_UNBOUND);
    HD_PUT(w, memo_end, 0);
    HD_PUT(w, proto, 0);
    return 0;
}
static int set_file(struct unpickler *u, hd_value file)
{
    hd_value peek = hd_getattr_opt(file, hd_s_peek), read = peek == HD_ERR ? HD_ERR : hd_getattr_opt(file, hd_s_read);
    hd_value readline = read == HD_ERR ? HD_ERR : hd_getattr_opt(file, hd_s_readline);
    if (readline == HD_ERR) return -1;
    if (read == HD_ABSENT || readline == HD_ABSENT) { (void)hd_raise(&hd_exc_TypeError, "file must have 'read' and 'readline' attributes"); return -1; }
    unpickler_w w = unpickler_open(u);
    HD_PUT(w, read, read);
    HD_PUT(w, readline, readline);
    HD_PUT(w, peek, peek == HD_ABSENT ? HD_UNBOUND : peek);
    return 0;
}
hd_value hd_pickle_load(ARGS)
{
    hd_value a[5];
    if (hd_args("load", "file,/,*,|fix_imports,encoding,errors,buffers", args, nargs, kwnames, a) < 0) return HD_ERR;
    hd_value u = new_unpickler(&hd_unpickler_type);
    return u == HD_ERR || set_file(UNPICKLER(u), a[0]) < 0 || configure(UNPICKLER(u), a + 1) < 0 ? HD_ERR : load(UNPICKLER(u), HD_ABSENT);
}
hd_value hd_pickle_loads(ARGS)
{
    hd_value a[5];
    if (hd_args("loads", "data,/,*,|fix_imports,encoding,errors,buffers", args, nargs, kwnames, a) < 0) return HD_ERR;
    hd_value u = new_unpickler(&hd_unpickler_type), data = a[0];
    if (u == HD_ERR || configure(UNPICKLER(u), a + 1) < 0) return HD_ERR;
    if (!hd_is_bytes_exact(data)) {
        struct hd_byteview b;
        if (hd_byteview_get(data, &b) < 0) return HD_ERR;
        data = hd_bytes_new(b.p, b.n);
        hd_byteview_release(&b);
        if (data == HD_ERR) return HD_ERR;
    }
    return load(UNPICKLER(u), data);
}
static hd_value unpickler_make(hd_value type, const hd_value *args, size_t nargs, hd_value kwnames) { return new_unpickler(HD_TYPE(type)); }
static int unpickler_init(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
{
    hd_value a[5];
    return hd_args("Unpickler", "file,*,|fix_imports,encoding,errors,buffers", args, nargs, kwnames, a) < 0 || set_file(UNPICKLER(self), a[0]) < 0 ? -1 : configure(UNPICKLER(self), a + 1);
}
static hd_value unpickler_load(ARGS)
{
    if (HD_GET(UNPICKLER(self), read) == HD_UNBOUND) return hd_raise(HD_TYPE(hd_unpickling_error), "Unpickler.__init__() was not called by %T.__init__()", self);
    return load(UNPICKLER(self), HD_ABSENT);
}
static hd_value unpickler_find_class(ARGS)
{
    if (!hd_is_str(args[0]) || !hd_is_str(args[1])) return hd_raise(&hd_exc_TypeError, "find_class() arguments must be str");
    return find_class(UNPICKLER(self), args[0], args[1]);
}
static hd_value unpickler_sizeof(ARGS)
{
    struct hd_array *t = HD_GET(UNPICKLER(self), memo);
    return hd_int((int64_t)(hd_inst_size(UNPICKLER(self)) + (t ? hd_array_size(t) : 0)));
}
static hd_value get_persistent_load(hd_value self, void *closure)
{
    hd_value v = HD_GET(UNPICKLER(self), persistent_load);
    return v == HD_UNBOUND ? hd_raise(&hd_exc_AttributeError, "persistent_load") : v;
}
static int set_persistent_load(hd_value self, hd_value v, void *closure)
{
    if (v == HD_ABSENT) { (void)hd_raise(&hd_exc_TypeError, "attribute deletion is not supported"); return -1; }
    if (!hd_callable(v)) { (void)hd_raise(&hd_exc_TypeError, "persistent_load must be a callable taking one argument"); return -1; }
    unpickler_w w = unpickler_open(UNPICKLER(self));
    HD_PUT(w, persistent_load, v);
    return 0;
}
struct memo_proxy { struct hd_head head; hd_value unpickler; };
static hd_value proxy_target(hd_value proxy) { return ((struct memo_proxy *)hd_ptr(proxy))->unpickler; }
static hd_value get_memo(hd_value self, void *closure)
{
    struct memo_proxy *m = hd_new_object(&hd_unpickler_memo_type, sizeof *m);
    if (!m) return HD_ERR;
    m->unpickler = self;
    return hd_obj(m);
}
static void clear_memo(struct unpickler *u)
{
    unpickler_w w = unpickler_open(u);
    HD_PUT(w, memo, NULL);
    HD_PUT(w, far_memo, HD_UNBOUND);
    HD_PUT(w, memo_end, 0);
}
static hd_value memo_copy(struct unpickler *u)
{
    struct hd_array *a = HD_GET(u, memo);
    hd_value far = HD_GET(u, far_memo), d = hd_dict_new();
    for (int64_t i = 0; d != HD_ERR && a && i < a->cap; i++) {
        hd_value v = hd_array_get(a, i);
        if (v && hd_dict_set(d, hd_fix(i), v) < 0) return HD_ERR;
    }
    return d == HD_ERR || (far != HD_UNBOUND && hd_dict_update(d, far) < 0) ? HD_ERR : d;
}
static int set_memo(hd_value self, hd_value v, void *closure)
{
    if (v == HD_ABSENT) { (void)hd_raise(&hd_exc_TypeError, "attribute deletion is not supported"); return -1; }
    bool proxy = hd_type_of(v) == &hd_unpickler_memo_type;
    if (!proxy && !hd_is_dict(v)) { (void)hd_raise(&hd_exc_TypeError, "'memo' attribute must be an UnpicklerMemoProxy object or dict, not %T", v); return -1; }
    hd_value from = proxy ? memo_copy(UNPICKLER(proxy_target(v))) : v, items = from == HD_ERR ? HD_ERR : hd_dict_items_list(from);
    if (items == HD_ERR) return -1;
    for (int64_t i = 0; i < hd_list_len(items); i++) {
        hd_value k = HD_TUPLE(hd_list_get(items, i))->item[0];
        if (!hd_is_int(k)) { (void)hd_raise(&hd_exc_TypeError, "memo key must be integers"); return -1; }
        if (hd_int_sign(k) < 0) { (void)hd_raise(&hd_exc_ValueError, "memo key must be positive integers."); return -1; }
    }
    clear_memo(UNPICKLER(self));
    for (int64_t i = 0; i < hd_list_len(items); i++) {
        uint64_t n;
        if (hd_as_u64(HD_TUPLE(hd_list_get(items, i))->item[0], &n) < 0 || memo_put(UNPICKLER(self), n, HD_TUPLE(hd_list_get(items, i))->item[1]) < 0) return -1;
    }
    return 0;
}
static void unpickler_trace(void *o, struct gc_marker *m)
{
    struct unpickler *u = o;
    gc_mark(m, HD_RAW(u->read)), gc_mark(m, HD_RAW(u->readline)), gc_mark(m, HD_RAW(u->readinto)), gc_mark(m, HD_RAW(u->peek)), gc_mark(m, HD_RAW(u->persistent_load));
    gc_mark(m, HD_RAW(u->buffers)), gc_mark(m, HD_RAW(u->encoding)), gc_mark(m, HD_RAW(u->errors)), gc_mark(m, HD_RAW(u->far_memo)), gc_mark(m, hd_obj(HD_RAW(u->memo)));
}
static const struct hd_methoddef unpickler_methods[] = {
    { "load", unpickler_load, 0, 0, 0, "load($self, /)\n--\n\nLoad a pickle.\n\nRead a pickled object representation from the open file object given in\nthe constructor, and return the reconstituted object." },
    { "find_class", unpickler_find_class, 2, 2, 0, "find_class($self, module_name, global_name, /)\n--\n\nReturn an object from a specified module." },
    { "__sizeof__", unpickler_sizeof, 0, 0, 0, "__sizeof__($self, /)\n--\n\nReturns size in memory, in bytes." }, { 0 }
};
static const struct hd_getsetdef unpickler_getsets[] = { { "memo", get_memo, set_memo, NULL, NULL }, { "persistent_load", get_persistent_load, set_persistent_load, NULL, NULL }, { 0 } };
struct hd_type hd_unpickler_type = {
    .cname = "_pickle.Unpickler", .basicsize = sizeof(struct unpickler), .flags = HD_TF_BASETYPE, .methods = unpickler_methods, .getsets = unpickler_getsets,
    .doc = "Unpickler(file, *, fix_imports=True, encoding=\'ASCII\', errors=\'strict\',\n          buffers=())\n--\n\nThis takes a binary file for reading a pickle data stream.",
    .op = { .make = unpickler_make, .init = unpickler_init, .trace = unpickler_trace },
};
static hd_value proxy_clear(ARGS) { clear_memo(UNPICKLER(proxy_target(self))); return HD_NONE; }
static hd_value proxy_copy(ARGS) { return memo_copy(UNPICKLER(proxy_target(self))); }
static hd_value proxy_reduce(ARGS)
{
    hd_value d = proxy_copy(self, NULL, 0, 0);
    return d == HD_ERR ? HD_ERR : hd_tuplev(hd_obj(&hd_dict_type), hd_tuplev(d));
}
static void proxy_trace(void *o, struct gc_marker *m) { gc_mark(m, ((struct memo_proxy *)o)->unpickler); }
static const struct hd_methoddef proxy_methods[] = {
    { "clear", proxy_clear, 0, 0, 0, "clear($self, /)\n--\n\nRemove all items from memo." }, { "copy", proxy_copy, 0, 0, 0, "copy($self, /)\n--\n\nCopy the memo to a new object." },
    { "__reduce__", proxy_reduce, 0, 0, 0, "__reduce__($self, /)\n--\n\nImplement pickling support." }, { 0 }
};
struct hd_type hd_unpickler_memo_type = { .cname = "_pickle.UnpicklerMemoProxy", .basicsize = sizeof(struct memo_proxy), .flags = HD_TF_IMMUTABLE_LAYOUT | HD_TF_NEVER_INSTANTIATE,
    .methods = proxy_methods, .op = { .trace = proxy_trace } };
