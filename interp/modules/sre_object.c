/* Match objects, and what patterns and matches share. */
#include "interp/modules/sre_internal.h"
#include "interp/types/_seq.h"
#include "interp/types/bytes.h"

#define DEF(name) static hd_value name(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)

hd_value hd_sre_slice(struct sre_state *s, int64_t lo, int64_t hi)
{
    if (!s->isbytes) return hd_str_slice(s->string, lo, hi);
    if (lo == 0 && hi == s->length && hd_is_bytes_exact(s->string)) return s->string;
    return hi > lo ? hd_bytes_new((const char *)s->data + lo, (size_t)(hi - lo)) : hd_empty_bytes;
}
hd_value hd_sre_group(struct sre_state *s, int64_t group, hd_value missing)
{
    if (group == 0) return hd_sre_slice(s, s->start, s->ptr);
    int64_t lo = s->reg[2 * group - 2], hi = s->reg[2 * group - 1];
    return lo < 0 || hi < lo ? missing : hd_sre_slice(s, lo, hi);
}

hd_value hd_sre_match_new(struct sre_state *s, hd_value pattern)
{
    int64_t groups = SRE_PATTERN(pattern)->groups;
    struct hd_sre_match *m = hd_new_object(&hd_sre_match_type, sizeof *m + 16 * (size_t)(groups + 1));
    if (!m) return HD_ERR;
    m->pattern = pattern, m->string = s->string;
    m->pos = s->orig_start, m->endpos = s->orig_end;
    m->groups = groups + 1;
    m->lastindex = s->program->literal ? -1 : s->reg[2 * groups];
    m->mark[0] = s->start, m->mark[1] = s->ptr;
    for (int64_t i = 0; i < groups; i++) {
        int64_t lo = s->reg[2 * i], hi = s->reg[2 * i + 1];
        bool set = lo >= 0 && hi >= lo;
        m->mark[2 * i + 2] = set ? lo : -1;
        m->mark[2 * i + 3] = set ? hi : -1;
    }
    return hd_obj(m);
}
static size_t match_size(const void *o) { return sizeof(struct hd_sre_match) + 16 * (size_t)((const struct hd_sre_match *)o)->groups; }
static void match_trace(void *o, struct gc_marker *m)
{
    struct hd_sre_match *match = o;
    gc_mark(m, match->pattern);
    gc_mark(m, match->string);
}

/* ---- groups -------------------------------------------------------------------------------------------------------------------- */
/* The subject may be a buffer that has shrunk since. */
static hd_value subject_slice(hd_value string, int64_t lo, int64_t hi)
{
    if (hd_is_str(string)) return hd_str_slice(string, lo, hi);
    struct hd_byteview v;
    if (hd_byteview_hold(string, &v) < 0) return HD_ERR;
    int64_t n = (int64_t)v.n;
    if (lo > n) lo = n;
    if (hi > n) hi = n;
    hd_value r = lo == 0 && hi == n && hd_is_bytes_exact(string) ? string : hd_empty_bytes;
    if (lo < hi && r != string) {
        const unsigned char *p = hd_byteview_part(&v, lo, hi);
        r = p ? hd_bytes_new(p, (size_t)(hi - lo)) : HD_ERR;
    }
    hd_byteview_release(&v);
    return r;
}
static hd_value group_value(const struct hd_sre_match *m, int64_t i, hd_value missing)
{
    return m->mark[2 * i] < 0 ? missing : subject_slice(m->string, m->mark[2 * i], m->mark[2 * i + 1]);
}
/* A number or a name; -1: error. */
static int64_t group_index(const struct hd_sre_match *m, hd_value v)
{
    int64_t i = -1;
    if (hd_is_fix(v)) i = hd_unfix(v);
    else {
        hd_value n = v;
        if (!hd_is_int(v) && !hd_type_of(v)->op.index) {
            hd_value names = SRE_PATTERN(m->pattern)->groupindex;
            n = hd_dict_len(names) ? hd_dict_get(names, v) : HD_ABSENT;
            if (n == HD_ERR) return -1;
        }
        if (n != HD_ABSENT && hd_as_i64(n, &i) < 0) {
            hd_exc_clear();
            i = -1;
        }
    }
    if (i >= 0 && i < m->groups) return i;
    hd_raise(&hd_exc_IndexError, "no such group");
    return -1;
}
DEF(match_group)
{
    const struct hd_sre_match *m = SRE_MATCH(self);
    if (nargs == 0) return group_value(m, 0, HD_NONE);
    int64_t i;
    if (nargs == 1) return (i = group_index(m, args[0])) < 0 ? HD_ERR : group_value(m, i, HD_NONE);
    hd_value *out = hd_scratch(8 * nargs), list = hd_list_new(nargs);
    if (!out || list == HD_ERR) return HD_ERR;
    for (size_t k = 0; k < nargs; k++) {
        hd_value v = (i = group_index(m, args[k])) < 0 ? HD_ERR : group_value(m, i, HD_NONE);
        if (v == HD_ERR || hd_list_append(list, v) < 0) return HD_ERR;
    }
    return hd_list_as_tuple(list);
}
static hd_value match_getitem(hd_value self, hd_value key)
{
    int64_t i = group_index(SRE_MATCH(self), key);
    return i < 0 ? HD_ERR : group_value(SRE_MATCH(self), i, HD_NONE);
}
DEF(match_groups)
{
    const struct hd_sre_match *m = SRE_MATCH(self);
    hd_value missing;
    if (hd_args("groups", "|default", args, nargs, kwnames, &missing) < 0) return HD_ERR;
    if (missing == HD_ABSENT) missing = HD_NONE;
    hd_value t = hd_tuple_new((size_t)m->groups - 1);
    if (t == HD_ERR) return HD_ERR;
    for (int64_t i = 1; i < m->groups; i++) HD_TUPLE(t)->item[i - 1] = HD_NONE;
    for (int64_t i = 1; i < m->groups; i++) {
        hd_value v = group_value(m, i, missing);
        if (v == HD_ERR) return HD_ERR;
        HD_TUPLE(t)->item[i - 1] = v;
    }
    return t;
}
DEF(match_groupdict)
{
    const struct hd_sre_match *m = SRE_MATCH(self);
    hd_value missing, d = hd_dict_new(), k, n, index = SRE_PATTERN(m->pattern)->groupindex;
    struct hd_dict_iter it = { 0 };
    int r;
    if (d == HD_ERR || hd_args("groupdict", "|default", args, nargs, kwnames, &missing) < 0) return HD_ERR;
    if (missing == HD_ABSENT) missing = HD_NONE;
    while ((r = hd_dict_next(index, &it, &k, &n)) > 0) {
        int64_t i = group_index(m, k);
        hd_value v = i < 0 ? HD_ERR : group_value(m, i, missing);
        if (v == HD_ERR || hd_dict_set(d, k, v) < 0) return HD_ERR;
    }
    return r < 0 ? HD_ERR : d;
}
static int64_t one_group(hd_value self, const char *name, const hd_value *args, size_t nargs)
{
    return nargs ? group_index(SRE_MATCH(self), args[0]) : 0;
}
DEF(match_start)
{
    int64_t i = one_group(self, "start", args, nargs);
    return i < 0 ? HD_ERR : hd_fix(SRE_MATCH(self)->mark[2 * i]);
}
DEF(match_end)
{
    int64_t i = one_group(self, "end", args, nargs);
    return i < 0 ? HD_ERR : hd_fix(SRE_MATCH(self)->mark[2 * i + 1]);
}
static hd_value span(const struct hd_sre_match *m, int64_t i) { return hd_tuplev(hd_fix(m->mark[2 * i]), hd_fix(m->mark[2 * i + 1])); }
DEF(match_span)
{
    int64_t i = one_group(self, "span", args, nargs);
    return i < 0 ? HD_ERR : span(SRE_MATCH(self), i);
}
DEF(match_expand)
{
    hd_value template, f;
    if (hd_args("expand", "template", args, nargs, kwnames, &template) < 0) return HD_ERR;
    f = hd_import_attr("re", "_expand");
    return f == HD_ERR ? HD_ERR : hd_callv(f, SRE_MATCH(self)->pattern, self, template);
}
DEF(match_copy) { return self; }
static hd_value match_repr(hd_value self)
{
    const struct hd_sre_match *m = SRE_MATCH(self);
    hd_value g = group_value(m, 0, HD_NONE), r = g == HD_ERR ? HD_ERR : hd_repr(g);
    if (r == HD_ERR) return HD_ERR;
    if (HD_STR(r)->len > 50) r = hd_str_slice(r, 0, 50);
    return r == HD_ERR ? HD_ERR : hd_str_format("<re.Match object; span=(%lld, %lld), match=%U>", (long long)m->mark[0], (long long)m->mark[1], r);
}

static hd_value get_string(hd_value self, void *closure) { return SRE_MATCH(self)->string; }
static hd_value get_re(hd_value self, void *closure) { return SRE_MATCH(self)->pattern; }
static hd_value get_pos(hd_value self, void *closure) { return hd_fix(SRE_MATCH(self)->pos); }
static hd_value get_endpos(hd_value self, void *closure) { return hd_fix(SRE_MATCH(self)->endpos); }
static hd_value get_lastindex(hd_value self, void *closure) { return SRE_MATCH(self)->lastindex < 0 ? HD_NONE : hd_fix(SRE_MATCH(self)->lastindex); }
static hd_value get_lastgroup(hd_value self, void *closure)
{
    const struct hd_sre_match *m = SRE_MATCH(self);
    const struct hd_tuple *names = HD_TUPLE(SRE_PATTERN(m->pattern)->indexgroup);
    return m->lastindex < 0 || m->lastindex >= names->len ? HD_NONE : names->item[m->lastindex];
}
static hd_value get_regs(hd_value self, void *closure)
{
    const struct hd_sre_match *m = SRE_MATCH(self);
    hd_value list = hd_list_new((size_t)m->groups);
    if (list == HD_ERR) return HD_ERR;
    for (int64_t i = 0; i < m->groups; i++) {
        hd_value v = span(m, i);
        if (v == HD_ERR || hd_list_append(list, v) < 0) return HD_ERR;
    }
    return hd_list_as_tuple(list);
}

static const struct hd_methoddef match_methods[] = {
    { "group", match_group, 0, -1, 0, "group([group1, ...]) -> str or tuple.\n\nSubgroups of the match by number or name; 0 is the whole match." },
    { "start", match_start, 0, 1, 0, "start($self, group=0, /)\n--\n\nWhere the group begins." },
    { "end", match_end, 0, 1, 0, "end($self, group=0, /)\n--\n\nWhere the group ends." },
    { "span", match_span, 0, 1, 0, "span($self, group=0, /)\n--\n\nBeginning and end of the group." },
    { "groups", match_groups, 0, 1, HD_METH_KW, "groups($self, /, default=None)\n--\n\nAll groups from 1 on; those that took no part have the default." },
    { "groupdict", match_groupdict, 0, 1, HD_METH_KW, "groupdict($self, /, default=None)\n--\n\nThe named groups." },
    { "expand", match_expand, 1, 1, HD_METH_KW, "expand($self, /, template)\n--\n\nThe template with its references replaced." },
    { "__copy__", match_copy, 0, 0, 0, "__copy__($self, /)\n--\n\n" },
    { "__deepcopy__", match_copy, 1, 1, 0, "__deepcopy__($self, memo, /)\n--\n\n" },
    HD_CLASS_GETITEM,
    { 0 }
};
static const struct hd_getsetdef match_getsets[] = {
    { "string", get_string, NULL, "The string passed to match() or search().", NULL }, { "re", get_re, NULL, "The regular expression object.", NULL },
    { "pos", get_pos, NULL, "The index into the string at which the RE engine started looking for a match.", NULL },
    { "endpos", get_endpos, NULL, "The index into the string beyond which the RE engine will not go.", NULL },
    { "lastindex", get_lastindex, NULL, "The integer index of the last matched capturing group.", NULL },
    { "lastgroup", get_lastgroup, NULL, "The name of the last matched capturing group.", NULL }, { "regs", get_regs, NULL, NULL, NULL }, { 0 }
};
struct hd_type hd_sre_match_type = {
    .cname = "re.Match", .basicsize = sizeof(struct hd_sre_match), .flags = HD_TF_IMMUTABLE_LAYOUT | HD_TF_NEVER_INSTANTIATE,
    .doc = "The result of re.match() and re.search().\nMatch objects always have a boolean value of True.",
    .methods = match_methods, .getsets = match_getsets,
    .op = { .repr = match_repr, .getitem = match_getitem, .trace = match_trace, .size = match_size },
};
