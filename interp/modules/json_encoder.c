/* _json: from objects to text.
 *
 * Cycles are found by a chain of the containers that are open, which lies on the C stack; from CHAIN_MAX containers on
 * also by the dict `markers`, so that a look-up never costs more than that. */
#include "interp/modules/json_internal.h"
#include "interp/types/dict.h"
#include "interp/types/list.h"
#include "interp/types/number.h"

HD_MUTABLE(encoder)
struct encoder {
    struct hd_mhead head;
    hd_value markers, default_, encoder, indent, key_separator, item_separator, sort_keys_value, skipkeys_value;
    bool sort_keys, skipkeys, allow_nan;
    int quotes;                          /* how strings are written: enum quotes */
};
HD_MUTABLE_OPEN(encoder, hd_inst_size(o))
#define ENCODER(v) ((struct encoder *)hd_ptr(v))
enum quotes { QUOTES_CALL, QUOTES_PLAIN, QUOTES_ASCII };
enum { CHAIN_MAX = 32 };
struct link {
    hd_value o;
    const struct link *outer, *shallow;  /* shallow: the innermost one of depth <= CHAIN_MAX, from here outwards */
    int depth;
};

/* ---- strings -------------------------------------------------------------------------------------------------------------- */
static const bool needs_escape[256] = { [0 ... 31] = true, ['"'] = true, ['\\'] = true };
static const bool needs_escape_ascii[256] = { [0 ... 31] = true, ['"'] = true, ['\\'] = true, [127 ... 255] = true };

static void put_u16(struct hd_strbuilder *b, uint32_t u)
{
    static const char hex[] = "0123456789abcdef";
    char t[6] = { '\\', 'u', hex[u >> 12 & 15], hex[u >> 8 & 15], hex[u >> 4 & 15], hex[u & 15] };
    hd_sb_ascii(b, t, 6);
}
static void put_escape(struct hd_strbuilder *b, uint32_t c)
{
    char t[2] = { '\\', 0 };
    switch (c) {
    case '"': case '\\': t[1] = (char)c; break;
    case '\b': t[1] = 'b'; break;
    case '\f': t[1] = 'f'; break;
    case '\n': t[1] = 'n'; break;
    case '\r': t[1] = 'r'; break;
    case '\t': t[1] = 't'; break;
    default:
        if (c > 0xffff) put_u16(b, 0xd800 + ((c - 0x10000) >> 10)), c = 0xdc00 + ((c - 0x10000) & 0x3ff);
        put_u16(b, c);
        return;
    }
    hd_sb_ascii(b, t, 2);
}
/* Latin-1 text that needs no escapes goes in by one copy. */
static inline void put_latin1(struct hd_strbuilder *b, const void *p, int64_t n)
{
    if (STM_LIKELY(b->kind == 1 && b->cap - b->len >= n)) memcpy((char *)b->buf + b->len, p, (size_t)n), b->len += n;
    else hd_sb_kind(b, 1, p, 0, n);
}
static inline void put_char(struct hd_strbuilder *b, char c)
{
    if (STM_LIKELY(b->kind == 1 && b->cap > b->len)) ((char *)b->buf)[b->len++] = c;
    else hd_sb_char(b, (unsigned char)c);
}
static void put_quoted(struct hd_strbuilder *b, hd_value v, bool ascii)
{
    const bool *special = ascii ? needs_escape_ascii : needs_escape;
    const struct hd_str *s = HD_STR(v);
    int kind = hd_str_kind(v);
    int64_t from = 0, n = s->len;
    put_char(b, '"');
    if (kind == 1) {
        const unsigned char *p = s->data;
        for (int64_t i = 0; i < n; i++) {
            if (STM_LIKELY(!special[p[i]])) continue;
            put_latin1(b, p + from, i - from);
            put_escape(b, p[i]);
            from = i + 1;
        }
        put_latin1(b, p + from, n - from);
    } else {
        for (int64_t i = 0; i < n; i++) {
            uint32_t c = hd_kind_at(kind, s->data, i);
            if (c < 127 || (c == 127 && !ascii) ? !needs_escape[c & 127] : !ascii) continue;
            hd_sb_kind(b, kind, s->data, from, i - from);
            put_escape(b, c);
            from = i + 1;
        }
        hd_sb_kind(b, kind, s->data, from, n - from);
    }
    put_char(b, '"');
}
static hd_value quote(hd_value v, bool ascii)
{
    if (!hd_is_str(v)) return hd_raise(&hd_exc_TypeError, "first argument must be a string, not %T", v);
    struct hd_strbuilder b;
    hd_sb_init(&b);
    put_quoted(&b, v, ascii);
    return hd_sb_finish(&b);
}
hd_value hd_json_quote(ARGS) { return quote(args[0], false); }
hd_value hd_json_quote_ascii(ARGS) { return quote(args[0], true); }

static int put_string(struct encoder *e, struct hd_strbuilder *b, hd_value v)
{
    if (STM_LIKELY(e->quotes != QUOTES_CALL)) { put_quoted(b, v, e->quotes == QUOTES_ASCII); return 0; }
    hd_value s = hd_callv(e->encoder, v);
    if (s == HD_ERR) return -1;
    if (!hd_is_str(s)) { (void)hd_raise(&hd_exc_TypeError, "encoder() must return a string, not %T", s); return -1; }
    hd_sb_str(b, s);
    return 0;
}

/* ---- numbers -------------------------------------------------------------------------------------------------------------- */
static void put_fix(struct hd_strbuilder *b, int64_t i)
{
    char t[24], *p = t + sizeof t;
    uint64_t u = i < 0 ? -(uint64_t)i : (uint64_t)i;
    do *--p = (char)('0' + u % 10); while (u /= 10);
    if (i < 0) *--p = '-';
    put_latin1(b, p, t + sizeof t - p);
}
static int put_int(struct hd_strbuilder *b, hd_value v)
{
    if (hd_is_fix(v)) { put_fix(b, hd_unfix(v)); return 0; }
    hd_value s = hd_int_to_str(hd_int_exact(v), 10, false);
    if (s == HD_ERR) return -1;
    hd_sb_str(b, s);
    return 0;
}
static int put_float(struct encoder *e, struct hd_strbuilder *b, hd_value v)
{
    double d = hd_float_value(v);
    char t[64];
    if (STM_LIKELY(__builtin_isfinite(d))) { put_latin1(b, t, hd_float_write_repr(d, t, true)); return 0; }
    if (!e->allow_nan) { (void)hd_raise(&hd_exc_ValueError, "Out of range float values are not JSON compliant"); return -1; }
    const char *s = d > 0 ? "Infinity" : d < 0 ? "-Infinity" : "NaN";
    hd_sb_cstr(b, s);
    return 0;
}

/* ---- containers ------------------------------------------------------------------------------------------------------------- */
static int put(struct encoder *e, struct hd_strbuilder *b, hd_value v, const struct link *outer);

/* Notes that o is open; -1: it was already. */
static int mark(struct encoder *e, struct link *l, hd_value o, const struct link *outer)
{
    l->o = o, l->outer = outer, l->depth = outer ? outer->depth + 1 : 1;
    l->shallow = l->depth <= CHAIN_MAX ? l : outer->shallow;
    if (e->markers == HD_NONE) return 0;
    bool open = false;
    for (const struct link *p = outer ? outer->shallow : NULL; p && !open; p = p->outer) open = p->o == o;
    if (!open && l->depth > CHAIN_MAX) {
        hd_value id = hd_int((int64_t)o);
        int r = hd_dict_contains(e->markers, id);
        if (r < 0 || (r == 0 && hd_dict_set(e->markers, id, o) < 0)) return -1;
        open = r;
    }
    if (!open) return 0;
    (void)hd_raise(&hd_exc_ValueError, "Circular reference detected");
    return -1;
}
static int unmark(struct encoder *e, const struct link *l)
{
    return e->markers != HD_NONE && l->depth > CHAIN_MAX && hd_dict_del(e->markers, hd_int((int64_t)l->o)) < 0 ? -1 : 0;
}
static inline void put_separator(struct hd_strbuilder *b, hd_value s)
{
    if (STM_LIKELY(hd_str_kind(s) == 1)) put_latin1(b, HD_STR(s)->data, HD_STR(s)->len);
    else hd_sb_str(b, s);
}
static int put_list(struct encoder *e, struct hd_strbuilder *b, hd_value v, const struct link *outer)
{
    struct link here;
    bool list = hd_is_list(v);
    if ((list ? hd_list_len(v) : HD_TUPLE(v)->len) == 0) { put_latin1(b, "[]", 2); return 0; }
    if (mark(e, &here, v, outer) < 0) return -1;
    put_char(b, '[');
    for (int64_t i = 0;; i++) {
        hd_value item = list ? hd_list_at(HD_LIST(v), i) : i < HD_TUPLE(v)->len ? HD_TUPLE(v)->item[i] : HD_ABSENT;
        if (item == HD_ABSENT) break;
        if (i) put_separator(b, e->item_separator);
        if (put(e, b, item, &here) < 0) return -1;
    }
    put_char(b, ']');
    return unmark(e, &here);
}
/* 1 written, 0 skipped, -1. */
static int put_item(struct encoder *e, struct hd_strbuilder *b, hd_value k, hd_value v, bool first, const struct link *here)
{
    bool constant = k == HD_TRUE || k == HD_FALSE || k == HD_NONE;
    if (!constant && !hd_is_str(k) && !hd_is_int(k) && !hd_is_float(k)) {
        if (e->skipkeys) return 0;
        (void)hd_raise(&hd_exc_TypeError, "keys must be str, int, float, bool or None, not %T", k);
        return -1;
    }
    if (!first) put_separator(b, e->item_separator);
    if (hd_is_str(k)) {
        if (put_string(e, b, k) < 0) return -1;
    } else if (e->quotes == QUOTES_CALL) {
        struct hd_strbuilder text;
        hd_sb_init(&text);
        if (constant) hd_sb_cstr(&text, k == HD_TRUE ? "true" : k == HD_FALSE ? "false" : "null");
        else if ((hd_is_float(k) ? put_float(e, &text, k) : put_int(&text, k)) < 0) return -1;
        hd_value s = hd_sb_finish(&text);
        if (s == HD_ERR || put_string(e, b, s) < 0) return -1;
    } else {
        put_char(b, '"');
        if (constant) hd_sb_cstr(b, k == HD_TRUE ? "true" : k == HD_FALSE ? "false" : "null");
        else if ((hd_is_float(k) ? put_float(e, b, k) : put_int(b, k)) < 0) return -1;
        put_char(b, '"');
    }
    put_separator(b, e->key_separator);
    return put(e, b, v, here) < 0 ? -1 : 1;
}
enum { FEW_ITEMS = 16 };
static int put_dict(struct encoder *e, struct hd_strbuilder *b, hd_value d, const struct link *outer)
{
    struct link here;
    int64_t n = hd_dict_len(d);
    bool first = true;
    int r = 0;
    if (n == 0) { put_latin1(b, "{}", 2); return 0; }
    if (mark(e, &here, d, outer) < 0) return -1;
    put_char(b, '{');
    if (hd_is_dict_exact(d) && !e->sort_keys) {
        /* what the dict holds now counts, whatever the calls below do to it */
        hd_value few[2 * FEW_ITEMS], all, *item = few, k, v;
        uint64_t place = 0;
        int64_t i = 0, hash;
        if (n > FEW_ITEMS) {
            if ((all = hd_tuple_new((size_t)n * 2)) == HD_ERR) return -1;
            item = HD_TUPLE(all)->item;
            memset(item, 0, (size_t)n * 2 * sizeof *item);      /* the barriers below may let the collector see it */
        }
        for (; i < n && hd_dict_walk(HD_DICT(d), &place, &k, &v, &hash); i++) item[2 * i] = k, item[2 * i + 1] = v;
        n = i;
        for (i = 0; i < n && r >= 0; i++) {
            r = put_item(e, b, item[2 * i], item[2 * i + 1], first, &here);
            if (r > 0) first = false;
        }
    } else {
        hd_value items = hd_is_dict_exact(d) ? hd_dict_items_list(d) : hd_call_method(d, hd_s_items, NULL, 0);
        if (items != HD_ERR && !hd_is_list(items)) items = hd_list_of(items);
        if (items == HD_ERR || (e->sort_keys && hd_list_sort(items, HD_ABSENT, false) < 0)) return -1;
        for (int64_t i = 0; r >= 0; i++) {
            hd_value t = hd_list_at(HD_LIST(items), i);
            if (t == HD_ABSENT) break;
            if (!hd_is_tuple(t) || HD_TUPLE(t)->len != 2) { (void)hd_raise(&hd_exc_ValueError, "items must return 2-tuples"); return -1; }
            r = put_item(e, b, HD_TUPLE(t)->item[0], HD_TUPLE(t)->item[1], first, &here);
            if (r > 0) first = false;
        }
    }
    if (r < 0) return -1;
    put_char(b, '}');
    return unmark(e, &here);
}
static int put_other(struct encoder *e, struct hd_strbuilder *b, hd_value v, const struct link *outer)
{
    struct link here;
    if (mark(e, &here, v, outer) < 0) return -1;
    hd_value r = hd_callv(e->default_, v);
    if (r == HD_ERR || put(e, b, r, &here) < 0) return -1;
    return unmark(e, &here);
}
static int put(struct encoder *e, struct hd_strbuilder *b, hd_value v, const struct link *outer)
{
    if (hd_is_str(v)) return put_string(e, b, v);
    if (hd_is_fix(v)) { put_fix(b, hd_unfix(v)); return 0; }
    if (v == HD_NONE) { put_latin1(b, "null", 4); return 0; }
    if (v == HD_TRUE) { put_latin1(b, "true", 4); return 0; }
    if (v == HD_FALSE) { put_latin1(b, "false", 5); return 0; }
    if (hd_is_int(v)) return put_int(b, v);
    if (hd_is_float(v)) return put_float(e, b, v);
    if (hd_recursion_enter(" while encoding a JSON object") < 0) return -1;
    stm_poll();
    int r = hd_is_list(v) || hd_is_tuple(v) ? put_list(e, b, v, outer) : hd_is_dict(v) ? put_dict(e, b, v, outer) : put_other(e, b, v, outer);
    hd_recursion_leave();
    return r;
}

/* ---- the type ------------------------------------------------------------------------------------------------------------- */
static hd_value encoder_call(ARGS)
{
    hd_value a[2];
    int64_t level;
    if (hd_args("_iterencode", "obj,_current_indent_level", args, nargs, kwnames, a) < 0 || hd_as_i64(a[1], &level) < 0) return HD_ERR;
    struct hd_strbuilder b;
    hd_sb_init(&b);
    if (put(ENCODER(self), &b, a[0], NULL) < 0) return HD_ERR;
    hd_value s = hd_sb_finish(&b);
    return s == HD_ERR ? HD_ERR : hd_list_from(&s, 1);
}
static hd_value encoder_make(hd_value type, const hd_value *args, size_t nargs, hd_value kwnames)
{
    hd_value a[9];
    int truth[3];
    if (hd_args("make_encoder", "markers,default,encoder,indent,key_separator,item_separator,sort_keys,skipkeys,allow_nan", args, nargs, kwnames, a) < 0) return HD_ERR;
    for (int i = 4; i < 6; i++) if (!hd_is_str(a[i])) return hd_raise(&hd_exc_TypeError, "make_encoder() argument %d must be str, not %A", i + 1, a[i]);
    for (int i = 0; i < 3; i++) if ((truth[i] = hd_truth(a[6 + i])) < 0) return HD_ERR;
    if (a[0] != HD_NONE && !hd_is_dict(a[0])) return hd_raise(&hd_exc_TypeError, "make_encoder() argument 1 must be dict or None, not %T", a[0]);
    hd_value o = hd_alloc_instance(HD_TYPE(type), 0);
    if (o == HD_ERR) return HD_ERR;
    struct encoder *e = ENCODER(o);
    e->markers = a[0], e->default_ = a[1], e->encoder = a[2], e->indent = a[3], e->key_separator = a[4], e->item_separator = a[5];
    e->sort_keys_value = hd_bool(truth[0]), e->skipkeys_value = hd_bool(truth[1]);
    e->sort_keys = truth[0], e->skipkeys = truth[1], e->allow_nan = truth[2];
    hd_cfunc f = hd_is_ptr(a[2]) && hd_type_of(a[2]) == &hd_cfunction_type ? ((struct hd_cfunction *)hd_ptr(a[2]))->def->fn : NULL;
    e->quotes = f == hd_json_quote_ascii ? QUOTES_ASCII : f == hd_json_quote ? QUOTES_PLAIN : QUOTES_CALL;
    return o;
}
static void encoder_trace(void *o, struct gc_marker *m)
{
    struct encoder *e = o;
    gc_mark(m, e->markers), gc_mark(m, e->default_), gc_mark(m, e->encoder), gc_mark(m, e->indent), gc_mark(m, e->key_separator), gc_mark(m, e->item_separator);
}
#define MEMBER(name, field) { name, offsetof(struct encoder, field), HD_MEMBER_CONST | HD_MEMBER_READONLY, NULL }
static const struct hd_memberdef encoder_members[] = {
    MEMBER("markers", markers), MEMBER("default", default_), MEMBER("encoder", encoder), MEMBER("indent", indent), MEMBER("key_separator", key_separator),
    MEMBER("item_separator", item_separator), MEMBER("sort_keys", sort_keys_value), MEMBER("skipkeys", skipkeys_value), { 0 }
};
struct hd_type hd_json_encoder_type = {
    .cname = "_json.Encoder", .basicsize = sizeof(struct encoder), .flags = HD_TF_BASETYPE, .doc = "Writes one value as JSON.", .members = encoder_members,
    .op = { .make = encoder_make, .call = encoder_call, .trace = encoder_trace },
};
