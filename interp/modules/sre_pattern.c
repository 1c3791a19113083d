/* Pattern objects and scanners. */
#include <stdio.h>
#include "interp/modules/sre_internal.h"
#include "interp/types/_seq.h"
#include "interp/types/bytes.h"
#include "interp/types/str.h"

#define DEF(name) static hd_value name(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)

hd_value hd_sre_pattern_new(hd_value pattern, int64_t flags, hd_value code, hd_value program, int64_t groups, hd_value groupindex, hd_value indexgroup)
{
    struct hd_sre_pattern *p = hd_new_object(&hd_sre_pattern_type, sizeof *p);
    if (!p) return HD_ERR;
    p->pattern = pattern, p->groupindex = groupindex, p->indexgroup = indexgroup, p->code = code, p->program = program;
    p->flags = flags, p->groups = groups;
    p->isbytes = pattern == HD_NONE ? -1 : !hd_is_str(pattern);
    return hd_obj(p);
}
static void pattern_trace(void *o, struct gc_marker *m)
{
    struct hd_sre_pattern *p = o;
    gc_mark(m, p->pattern);
    gc_mark(m, p->groupindex);
    gc_mark(m, p->indexgroup);
    gc_mark(m, p->code);
    gc_mark(m, p->program);
}

/* string, pos=0, endpos=sys.maxsize */
static int subject_args(const char *name, const hd_value *args, size_t nargs, hd_value kwnames, hd_value *string, int64_t *pos, int64_t *endpos)
{
    hd_value a[3] = { HD_ABSENT, HD_ABSENT, HD_ABSENT };
    if (STM_LIKELY(nargs == 1 && !kwnames)) a[0] = args[0];
    else if (hd_args(name, "string,|pos,endpos", args, nargs, kwnames, a) < 0) return -1;
    *pos = 0, *endpos = INT64_MAX;
    if (a[1] != HD_ABSENT && hd_as_i64(a[1], pos) < 0) return -1;
    if (a[2] != HD_ABSENT && hd_as_i64(a[2], endpos) < 0) return -1;
    *string = a[0];
    return 0;
}
static hd_value one_match(const char *name, bool search, bool all, hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
{
    hd_value string;
    int64_t pos, endpos;
    struct sre_state s;
    if (subject_args(name, args, nargs, kwnames, &string, &pos, &endpos) < 0 || hd_sre_begin(&s, self, string, pos, endpos, true) < 0) return HD_ERR;
    s.match_all = all;
    int r = search ? hd_sre_search(&s) : hd_sre_match(&s);
    hd_value m = r < 0 ? HD_ERR : r == 0 ? HD_NONE : hd_sre_match_new(&s, self);
    hd_sre_end(&s);
    return m;
}
DEF(pattern_match) { return one_match("match", false, false, self, args, nargs, kwnames); }
DEF(pattern_fullmatch) { return one_match("fullmatch", false, true, self, args, nargs, kwnames); }
DEF(pattern_search) { return one_match("search", true, false, self, args, nargs, kwnames); }

DEF(pattern_findall)
{
    hd_value string, list = hd_list_new(0);
    int64_t pos, endpos, groups = SRE_PATTERN(self)->groups;
    struct sre_state s;
    int r;
    if (list == HD_ERR || subject_args("findall", args, nargs, kwnames, &string, &pos, &endpos) < 0 || hd_sre_begin(&s, self, string, pos, endpos, false) < 0) return HD_ERR;
    hd_value empty = s.isbytes ? hd_empty_bytes : hd_empty_str;
    while ((r = hd_sre_search(&s)) > 0) {
        hd_value item;
        if (groups <= 1) item = hd_sre_group(&s, groups, empty);
        else if ((item = hd_tuple_new((size_t)groups)) != HD_ERR) {
            for (int64_t i = 0; i < groups; i++) HD_TUPLE(item)->item[i] = HD_NONE;
            for (int64_t i = 0; i < groups && item != HD_ERR; i++) {
                hd_value g = hd_sre_group(&s, i + 1, empty);
                if (g == HD_ERR) item = HD_ERR;
                else HD_TUPLE(item)->item[i] = g;
            }
        }
        if (item == HD_ERR || hd_list_append(list, item) < 0) { r = -1; break; }
        sre_advance(&s);
    }
    hd_sre_end(&s);
    return r < 0 ? HD_ERR : list;
}
DEF(pattern_split)
{
    hd_value a[2], list = hd_list_new(0), v;
    int64_t max = 0, n = 0, last = 0;
    struct sre_state s;
    int r = 0;
    if (list == HD_ERR || hd_args("split", "string,|maxsplit", args, nargs, kwnames, a) < 0 || (a[1] != HD_ABSENT && hd_as_i64(a[1], &max) < 0) ||
        hd_sre_begin(&s, self, a[0], 0, INT64_MAX, false) < 0) return HD_ERR;
    while ((max == 0 || n < max) && (r = hd_sre_search(&s)) > 0) {
        v = hd_sre_slice(&s, last, s.start);
        if (v == HD_ERR || hd_list_append(list, v) < 0) { r = -1; break; }
        for (int64_t i = 1; i <= SRE_PATTERN(self)->groups; i++) {
            v = hd_sre_group(&s, i, HD_NONE);
            if (v == HD_ERR || hd_list_append(list, v) < 0) { r = -1; break; }
        }
        if (r < 0) break;
        n++;
        last = s.ptr;
        sre_advance(&s);
    }
    if (r >= 0 && ((v = hd_sre_slice(&s, last, s.length)) == HD_ERR || hd_list_append(list, v) < 0)) r = -1;
    hd_sre_end(&s);
    return r < 0 ? HD_ERR : list;
}

/* ---- sub ---------------------------------------------------------------------------------------------------------------------- */
static bool has_backslash(hd_value v, bool *literal)
{
    if (hd_is_str(v)) {
        *literal = hd_search_char(hd_str_kind(v), HD_STR(v)->data, HD_STR(v)->len, '\\') < 0;
        return true;
    }
    struct hd_byteview w;
    if (hd_byteview_get(v, &w) < 0) { hd_exc_clear(); return false; }
    *literal = memchr(w.p, '\\', w.n) == NULL;
    hd_byteview_release(&w);
    return true;
}
/* What sub() puts in: a callable, or a fixed replacement. */
static hd_value replacement(hd_value self, hd_value repl, bool *call)
{
    *call = true;
    if (hd_callable(repl)) return repl;
    bool literal = false;
    if (has_backslash(repl, &literal) && literal) { *call = false; return repl; }
    hd_value f = hd_import_attr("re", "_subx");
    if (f == HD_ERR || (f = hd_callv(f, self, repl)) == HD_ERR) return HD_ERR;
    *call = hd_callable(f);
    return f;
}
/* The result under construction: pieces of the subject's type, numbered for messages. */
struct pieces { bool isbytes; struct hd_strbuilder str; struct hd_bytebuilder bytes; int64_t n; };
static int add_piece(struct pieces *p, hd_value v)
{
    if (!p->isbytes) {
        if (!hd_is_str(v)) { hd_raise(&hd_exc_TypeError, "sequence item %lld: expected str instance, %T found", (long long)p->n, v); return -1; }
        hd_sb_str(&p->str, v);
    } else {
        struct hd_byteview w;
        if (hd_is_str(v) || hd_byteview_get(v, &w) < 0) {
            if (hd_exc_pending() && !hd_exc_is(&hd_exc_TypeError)) return -1;
            hd_exc_clear();
            hd_raise(&hd_exc_TypeError, "sequence item %lld: expected a bytes-like object, %T found", (long long)p->n, v);
            return -1;
        }
        hd_bb_bytes(&p->bytes, w.p, w.n);
        hd_byteview_release(&w);
    }
    p->n++;
    return 0;
}
static void add_slice(struct pieces *p, struct sre_state *s, int64_t lo, int64_t hi)
{
    if (p->isbytes) hd_bb_bytes(&p->bytes, (const char *)s->data + lo, (size_t)(hi - lo));
    else hd_sb_slice(&p->str, s->string, lo, hi);
    p->n++;
}
static hd_value substitute(hd_value self, hd_value repl, hd_value string, int64_t max, bool with_count)
{
    struct sre_state s;
    bool call;
    repl = replacement(self, repl, &call);
    if (repl == HD_ERR || hd_sre_begin(&s, self, string, 0, INT64_MAX, false) < 0) return HD_ERR;
    struct pieces out = { .isbytes = s.isbytes };
    hd_sb_init(&out.str);
    int64_t n = 0, last = 0;
    int r = 0;
    while ((max == 0 || n < max) && (r = hd_sre_search(&s)) > 0) {
        if (last < s.start) add_slice(&out, &s, last, s.start);
        hd_value item = repl;
        if (call) {
            hd_value m = hd_sre_match_new(&s, self);
            item = m == HD_ERR ? HD_ERR : hd_call(repl, &m, 1, 0);
        }
        if (item == HD_ERR || (item != HD_NONE && add_piece(&out, item) < 0)) { r = -1; break; }
        n++;
        last = s.ptr;
        sre_advance(&s);
    }
    hd_value result = HD_ERR;
    if (r >= 0) {
        if (out.n == 0) result = hd_sre_slice(&s, last, s.length);
        else {
            if (last < s.length) add_slice(&out, &s, last, s.length);
            result = s.isbytes ? hd_bb_finish(&out.bytes) : hd_sb_finish(&out.str);
        }
    }
    hd_sre_end(&s);
    if (result == HD_ERR || !with_count) return result;
    return hd_tuplev(result, hd_fix(n));
}
static hd_value sub_args(hd_value self, const char *name, const hd_value *args, size_t nargs, hd_value kwnames, bool with_count)
{
    hd_value a[3];
    int64_t max = 0;
    if (hd_args(name, "repl,string,|count", args, nargs, kwnames, a) < 0 || (a[2] != HD_ABSENT && hd_as_i64(a[2], &max) < 0)) return HD_ERR;
    return substitute(self, a[0], a[1], max, with_count);
}
DEF(pattern_sub) { return sub_args(self, "sub", args, nargs, kwnames, false); }
DEF(pattern_subn) { return sub_args(self, "subn", args, nargs, kwnames, true); }

/* ---- scanners ------------------------------------------------------------------------------------------------------------------- */
/* Mutable; `next` < 0: exhausted.  view: a memoryview that keeps a buffer from changing its size, or 0. */
HD_MUTABLE(hd_sre_scanner)
struct hd_sre_scanner { struct hd_mhead head; hd_value pattern, string; int64_t start, end; hd_islot next, must_advance; hd_vslot view; };
HD_MUTABLE_OPEN(hd_sre_scanner, hd_inst_size(o))
#define SCANNER(v) ((struct hd_sre_scanner *)hd_ptr(v))

hd_value hd_sre_scanner_new(hd_value pattern, hd_value string, int64_t start, int64_t end)
{
    struct sre_state s;                             /* checks the types */
    if (hd_sre_begin(&s, pattern, string, start, end, true) < 0) return HD_ERR;
    hd_value view = HD_UNBOUND;
    if (s.held) {
        view = hd_callv(hd_obj(&hd_memoryview_type), string);
        hd_sre_end(&s);
        if (view == HD_ERR) return HD_ERR;
    }
    struct hd_sre_scanner *c = hd_new_mutable(&hd_sre_scanner_type, sizeof *c);
    if (!c) return HD_ERR;
    c->pattern = pattern, c->string = string, c->start = start, c->end = end;
    HD_INIT(c, next, s.start);
    HD_INIT(c, must_advance, 0);
    HD_INIT(c, view, view);
    return hd_obj(c);
}
static hd_value scan(hd_value self, bool search)
{
    struct hd_sre_scanner *c = SCANNER(self);
    struct sre_state s;
    int64_t next = HD_GET(c, next);
    if (next < 0) return HD_NONE;
    if (hd_sre_begin(&s, c->pattern, c->string, c->start, c->end, true) < 0) return HD_ERR;
    s.start = next > s.length ? s.length : next;
    s.must_advance = HD_GET(c, must_advance) != 0;
    int r = search ? hd_sre_search(&s) : hd_sre_match(&s);
    hd_value m = r < 0 ? HD_ERR : r == 0 ? HD_NONE : hd_sre_match_new(&s, c->pattern);
    hd_sre_end(&s);
    if (m == HD_ERR) return HD_ERR;
    if (r) sre_advance(&s);
    hd_sre_scanner_w w = hd_sre_scanner_open(c);
    HD_PUT(w, next, r ? s.start : -1);
    HD_PUT(w, must_advance, s.must_advance);
    hd_value view = HD_OWN(w, view);
    if (r == 0 && view != HD_UNBOUND) {
        HD_PUT(w, view, HD_UNBOUND);
        hd_value release = hd_getattr_c(view, "release");
        if (release == HD_ERR || hd_call0(release) == HD_ERR) return HD_ERR;
    }
    return m;
}
DEF(scanner_match) { return scan(self, false); }
DEF(scanner_search) { return scan(self, true); }
static hd_value scanner_pattern(hd_value self, void *closure) { return SCANNER(self)->pattern; }
static void scanner_trace(void *o, struct gc_marker *m)
{
    struct hd_sre_scanner *c = o;
    gc_mark(m, c->pattern);
    gc_mark(m, c->string);
    gc_mark(m, HD_RAW(c->view));
}
static const struct hd_methoddef scanner_methods[] = {
    { "match", scanner_match, 0, 0, 0, "match($self, /)\n--\n\n" }, { "search", scanner_search, 0, 0, 0, "search($self, /)\n--\n\n" }, { 0 }
};
static const struct hd_getsetdef scanner_getsets[] = { { "pattern", scanner_pattern, NULL, NULL, NULL }, { 0 } };
struct hd_type hd_sre_scanner_type = {
    .cname = "_sre.SRE_Scanner", .basicsize = sizeof(struct hd_sre_scanner), .flags = HD_TF_NEVER_INSTANTIATE,
    .methods = scanner_methods, .getsets = scanner_getsets, .op = { .trace = scanner_trace },
};
DEF(pattern_scanner)
{
    hd_value string;
    int64_t pos, endpos;
    if (subject_args("scanner", args, nargs, kwnames, &string, &pos, &endpos) < 0) return HD_ERR;
    return hd_sre_scanner_new(self, string, pos, endpos);
}
DEF(pattern_finditer)
{
    hd_value string;
    int64_t pos, endpos;
    if (subject_args("finditer", args, nargs, kwnames, &string, &pos, &endpos) < 0) return HD_ERR;
    hd_value c = hd_sre_scanner_new(self, string, pos, endpos), f = c == HD_ERR ? HD_ERR : hd_getattr_c(c, "search");
    return f == HD_ERR ? HD_ERR : hd_calliter_new(f, HD_NONE);
}

/* ---- the rest --------------------------------------------------------------------------------------------------------------------- */
DEF(pattern_copy) { return self; }
static hd_value pattern_repr(hd_value self)
{
    static const struct { const char *name; int64_t value; } names[] = {
        { "re.TEMPLATE", 1 }, { "re.IGNORECASE", 2 }, { "re.LOCALE", 4 }, { "re.MULTILINE", 8 }, { "re.DOTALL", 16 }, { "re.UNICODE", 32 },
        { "re.VERBOSE", 64 }, { "re.DEBUG", 128 }, { "re.ASCII", 256 } };
    const struct hd_sre_pattern *p = SRE_PATTERN(self);
    int64_t flags = p->flags;
    if (p->isbytes == 0 && (flags & (SRE_FLAG_LOCALE | SRE_FLAG_UNICODE | 256)) == SRE_FLAG_UNICODE) flags &= ~(int64_t)SRE_FLAG_UNICODE;
    struct hd_strbuilder b;
    hd_sb_init(&b);
    bool any = false;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (!(flags & names[i].value)) continue;
        hd_sb_cstr(&b, any ? "|" : ", ");
        hd_sb_cstr(&b, names[i].name);
        any = true;
        flags &= ~names[i].value;
    }
    if (flags) {
        char text[32];
        snprintf(text, sizeof text, "%s0x%llx", any ? "|" : ", ", (unsigned long long)flags & 0xffffffffu);
        hd_sb_cstr(&b, text);
    }
    hd_value tail = hd_sb_finish(&b), r = tail == HD_ERR ? HD_ERR : hd_repr(p->pattern);
    if (r == HD_ERR) return HD_ERR;
    if (HD_STR(r)->len > 200) r = hd_str_slice(r, 0, 200);
    return r == HD_ERR ? HD_ERR : hd_str_format("re.compile(%U%U)", r, tail);
}
static int64_t pattern_hash(hd_value self)
{
    const struct hd_sre_pattern *p = SRE_PATTERN(self);
    int64_t h = hd_hash(p->code), g = h == -1 ? -1 : hd_hash(p->pattern);
    if (g == -1) return -1;
    h ^= g ^ p->flags ^ p->isbytes ^ p->groups;
    return h == -1 ? -2 : h;
}
static hd_value pattern_compare(hd_value a, hd_value b, enum hd_cmpop op)
{
    if ((op != HD_EQ && op != HD_NE) || !hd_is_ptr(a) || !hd_is_ptr(b) || hd_type_of(a) != &hd_sre_pattern_type || hd_type_of(b) != &hd_sre_pattern_type)
        return HD_NOTIMPLEMENTED;
    int r = 1;
    const struct hd_sre_pattern *p = SRE_PATTERN(a), *q = SRE_PATTERN(b);
    if (p != q) {
        r = p->flags == q->flags && p->isbytes == q->isbytes ? hd_equal(p->code, q->code) : 0;
        if (r > 0) r = hd_equal(p->pattern, q->pattern);
    }
    return r < 0 ? HD_ERR : hd_bool((r > 0) == (op == HD_EQ));
}
static hd_value get_pattern(hd_value self, void *closure) { return SRE_PATTERN(self)->pattern; }
static hd_value get_flags(hd_value self, void *closure) { return hd_fix(SRE_PATTERN(self)->flags); }
static hd_value get_groups(hd_value self, void *closure) { return hd_fix(SRE_PATTERN(self)->groups); }
static hd_value get_groupindex(hd_value self, void *closure)
{
    hd_value d = SRE_PATTERN(self)->groupindex;
    return hd_dict_len(d) ? hd_mappingproxy_new(d) : hd_dict_new();
}
static const struct hd_methoddef pattern_methods[] = {
    { "match", pattern_match, 1, 3, HD_METH_KW, "match($self, /, string, pos=0, endpos=sys.maxsize)\n--\n\nMatches zero or more characters at the beginning of the string." },
    { "fullmatch", pattern_fullmatch, 1, 3, HD_METH_KW, "fullmatch($self, /, string, pos=0, endpos=sys.maxsize)\n--\n\nMatches against all of the string." },
    { "search", pattern_search, 1, 3, HD_METH_KW, "search($self, /, string, pos=0, endpos=sys.maxsize)\n--\n\nThe first match in the string, or None." },
    { "sub", pattern_sub, 2, 3, HD_METH_KW, "sub($self, /, repl, string, count=0)\n--\n\nThe string with its matches replaced by repl." },
    { "subn", pattern_subn, 2, 3, HD_METH_KW, "subn($self, /, repl, string, count=0)\n--\n\nWhat sub() returns, and the number of replacements." },
    { "findall", pattern_findall, 1, 3, HD_METH_KW, "findall($self, /, string, pos=0, endpos=sys.maxsize)\n--\n\nA list of all matches that do not overlap." },
    { "split", pattern_split, 1, 2, HD_METH_KW, "split($self, /, string, maxsplit=0)\n--\n\nThe parts of the string between the matches." },
    { "finditer", pattern_finditer, 1, 3, HD_METH_KW, "finditer($self, /, string, pos=0, endpos=sys.maxsize)\n--\n\nAn iterator over all matches that do not overlap." },
    { "scanner", pattern_scanner, 1, 3, HD_METH_KW, "scanner($self, /, string, pos=0, endpos=sys.maxsize)\n--\n\n" },
    { "__copy__", pattern_copy, 0, 0, 0, "__copy__($self, /)\n--\n\n" },
    { "__deepcopy__", pattern_copy, 1, 1, 0, "__deepcopy__($self, memo, /)\n--\n\n" },
    HD_CLASS_GETITEM,
    { 0 }
};
static const struct hd_getsetdef pattern_getsets[] = {
    { "pattern", get_pattern, NULL, "The pattern string from which the RE object was compiled.", NULL },
    { "flags", get_flags, NULL, "The regex matching flags.", NULL },
    { "groups", get_groups, NULL, "The number of capturing groups in the pattern.", NULL },
    { "groupindex", get_groupindex, NULL, "A dictionary mapping group names to group numbers.", NULL }, { 0 }
};
struct hd_type hd_sre_pattern_type = {
    .cname = "re.Pattern", .basicsize = sizeof(struct hd_sre_pattern), .flags = HD_TF_IMMUTABLE_LAYOUT | HD_TF_NEVER_INSTANTIATE | HD_TF_HAS_WEAKREFS,
    .doc = "Compiled regular expression object.", .methods = pattern_methods, .getsets = pattern_getsets,
    .op = { .repr = pattern_repr, .hash = pattern_hash, .richcompare = pattern_compare, .trace = pattern_trace },
};
