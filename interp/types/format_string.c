/* str.format: fields in braces, and the functions of the module _string that string.Formatter uses.
 *
 * A field is `{name!conversion:spec}`; the name is an argument followed by .attribute and [index]; the spec may contain
 * fields again, one level deep.  All positions are indices into the str being parsed. */
#include "interp/types/format_string.h"

struct field { int64_t literal_lo, literal_hi; bool present; struct hd_range name, spec; uint32_t conversion; bool nested; };

/* The next literal and field of s[*at, end): 1, 0 at the end, -1. */
static int next_field(hd_value s, int64_t *pos, int64_t end, struct field *f)
{
    *f = (struct field){ 0 };
    int64_t i = *pos;
    if (i >= end) return 0;
    f->literal_lo = i;
    while (i < end && hd_str_at(s, i) != '{' && hd_str_at(s, i) != '}') i++;
    f->literal_hi = i;
    if (i == end) { *pos = i; return 1; }
    uint32_t c = hd_str_at(s, i);
    if (i + 1 < end && hd_str_at(s, i + 1) == c) {          /* doubled: a literal brace */
        f->literal_hi = i + 1;
        *pos = i + 2;
        return 1;
    }
    if (c == '}') { hd_raise(&hd_exc_ValueError, "Single '}' encountered in format string"); return -1; }
    if (i + 1 >= end) { hd_raise(&hd_exc_ValueError, "Single '{' encountered in format string"); return -1; }
    f->present = true;
    f->name.lo = ++i;
    c = 0;
    for (; i < end; i++) {
        c = hd_str_at(s, i);
        if (c == '{') { hd_raise(&hd_exc_ValueError, "unexpected '{' in field name"); return -1; }
        if (c == '[') {                       /* anything may stand in brackets */
            while (i + 1 < end && hd_str_at(s, i + 1) != ']') i++;
        } else if (c == '}' || c == ':' || c == '!') break;
    }
    f->name.hi = i;
    if (i >= end) { hd_raise(&hd_exc_ValueError, "expected '}' before end of string"); return -1; }
    i++;
    f->spec.lo = f->spec.hi = i;
    if (c != '}') {
        if (c == '!') {
            if (i >= end) { hd_raise(&hd_exc_ValueError, "end of string while looking for conversion specifier"); return -1; }
            f->conversion = hd_str_at(s, i++);
            if (i < end) {
                c = hd_str_at(s, i++);
                if (c == '}') { f->spec.lo = f->spec.hi = i; *pos = i; return 1; }
                if (c != ':') { hd_raise(&hd_exc_ValueError, "expected ':' after conversion specifier"); return -1; }
            }
        }
        f->spec.lo = i;
        int depth = 1;
        for (; i < end; i++) {
            c = hd_str_at(s, i);
            if (c == '{') { f->nested = true; depth++; }
            else if (c == '}' && --depth == 0) break;
        }
        if (i >= end) { hd_raise(&hd_exc_ValueError, "unmatched '{' in format spec"); return -1; }
        f->spec.hi = i++;
    }
    *pos = i;
    return 1;
}

/* A decimal integer that fills the range: >= 0; -1 none; -2 error. */
static int64_t integer(hd_value s, struct hd_range r)
{
    int64_t v = 0;
    if (r.lo >= r.hi) return -1;
    for (int64_t i = r.lo; i < r.hi; i++) {
        int d = hd_unicode_decimal(hd_str_at(s, i));
        if (d < 0) return -1;
        if (v > (INT64_MAX - d) / 10) { hd_raise(&hd_exc_ValueError, "Too many decimal digits in format string"); return -2; }
        v = v * 10 + d;
    }
    return v;
}

struct hd_range hd_field_first(hd_value s, struct hd_range name)
{
    int64_t i = name.lo;
    while (i < name.hi && hd_str_at(s, i) != '.' && hd_str_at(s, i) != '[') i++;
    return (struct hd_range){ name.lo, i };
}

int hd_field_step(hd_value s, int64_t *pos, int64_t end, bool *attribute, struct hd_range *r, int64_t *index)
{
    int64_t i = *pos;
    if (i >= end) return 0;
    uint32_t c = hd_str_at(s, i++);
    *attribute = c == '.';
    *index = -1;
    r->lo = i;
    if (c == '.') {
        while (i < end && hd_str_at(s, i) != '.' && hd_str_at(s, i) != '[') i++;
        r->hi = i;
    } else if (c == '[') {
        while (i < end && hd_str_at(s, i) != ']') i++;
        if (i >= end) { hd_raise(&hd_exc_ValueError, "Missing ']' in format string"); return -1; }
        r->hi = i++;
        *index = integer(s, *r);
        if (*index == -2) return -1;
    } else {
        hd_raise(&hd_exc_ValueError, "Only '.' or '[' may follow ']' in format field specifier");
        return -1;
    }
    if (r->lo == r->hi) { hd_raise(&hd_exc_ValueError, "Empty attribute in format string"); return -1; }
    *pos = i;
    return 1;
}

struct formatter { const hd_value *args; size_t nargs; hd_value kwnames, mapping; int numbering /* 0 unknown, 1 automatic, 2 manual */; int64_t next; };

static int number_field(struct formatter *f, bool empty, int64_t *index)
{
    int mode = empty ? 1 : 2;
    if (f->numbering && f->numbering != mode) {
        hd_raise(&hd_exc_ValueError, mode == 2 ? "cannot switch from automatic field numbering to manual field specification"
                                               : "cannot switch from manual field specification to automatic field numbering");
        return -1;
    }
    f->numbering = mode;
    if (empty) *index = f->next++;
    return 0;
}

static hd_value argument(struct formatter *f, hd_value s, struct hd_range name)
{
    struct hd_range first = hd_field_first(s, name);
    int64_t index = integer(s, first);
    bool empty = first.lo == first.hi;
    if (index == -2) return HD_ERR;
    hd_value v;
    if (index >= 0 || empty) {
        if (number_field(f, empty, &index) < 0) return HD_ERR;
        if (f->mapping != HD_ABSENT) return hd_raise(&hd_exc_ValueError, "Format string contains positional fields");
        if (index >= (int64_t)f->nargs)
            return hd_raise(&hd_exc_IndexError, "Replacement index %zd out of range for positional args tuple", index);
        v = f->args[index];
    } else {
        hd_value key = hd_str_slice(s, first.lo, first.hi);
        if (key == HD_ERR) return HD_ERR;
        v = HD_ABSENT;
        if (f->mapping != HD_ABSENT) {
            v = hd_getitem(f->mapping, key);
            if (v == HD_ERR) return HD_ERR;
        } else if (f->kwnames) {
            const struct hd_tuple *t = HD_TUPLE(f->kwnames);
            for (int64_t i = 0; i < t->len; i++) if (hd_str_eq(t->item[i], key)) v = f->args[f->nargs + (size_t)i];
        }
        if (v == HD_ABSENT) return hd_raise_key(key);
    }
    int64_t pos = first.hi;
    bool attribute;
    struct hd_range r;
    int step;
    while ((step = hd_field_step(s, &pos, name.hi, &attribute, &r, &index)) > 0) {
        hd_value k = index >= 0 ? hd_int(index) : hd_str_slice(s, r.lo, r.hi);
        if (k == HD_ERR) return HD_ERR;
        v = attribute ? hd_getattr(v, hd_str_intern(k)) : hd_getitem(v, k);
        if (v == HD_ERR) return HD_ERR;
    }
    return step < 0 ? HD_ERR : v;
}

static hd_value convert(hd_value v, uint32_t conversion)
{
    switch (conversion) {
    case 0: return v;
    case 'r': return hd_repr(v);
    case 's': return hd_str_of(v);
    case 'a': return hd_ascii_of(v);
    }
    if (conversion > 32 && conversion < 127) return hd_raise(&hd_exc_ValueError, "Unknown conversion specifier %c", (int)conversion);
    return hd_raise(&hd_exc_ValueError, "Unknown conversion specifier \\x%x", conversion);
}

static int expand(struct formatter *f, hd_value s, struct hd_range r, int depth, struct hd_strbuilder *b)
{
    if (depth < 0) { hd_raise(&hd_exc_ValueError, "Max string recursion exceeded"); return -1; }
    struct field x;
    int more;
    int64_t pos = r.lo;
    while ((more = next_field(s, &pos, r.hi, &x)) > 0) {
        hd_sb_slice(b, s, x.literal_lo, x.literal_hi);
        if (!x.present) continue;
        hd_value v = argument(f, s, x.name);
        if (v == HD_ERR || (v = convert(v, x.conversion)) == HD_ERR) return -1;
        hd_value spec = hd_empty_str;
        if (x.nested) {
            struct hd_strbuilder inner;
            hd_sb_init(&inner);
            if (expand(f, s, x.spec, depth - 1, &inner) < 0) return -1;
            spec = hd_sb_finish(&inner);
        } else if (x.spec.lo < x.spec.hi) {
            spec = hd_str_slice(s, x.spec.lo, x.spec.hi);
        }
        if (spec == HD_ERR) return -1;
        hd_value text = hd_is_str_exact(v) && spec == hd_empty_str ? v : hd_format(v, spec);
        if (text == HD_ERR) return -1;
        hd_sb_str(b, text);
    }
    return more < 0 || b->failed ? -1 : 0;
}

hd_value hd_str_format_method(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames, hd_value mapping)
{
    struct formatter f = { args, nargs, kwnames, mapping, 0, 0 };
    struct hd_strbuilder b;
    hd_sb_init(&b);
    hd_sb_reserve(&b, hd_str_len(self) + 32, 0x7f);
    return expand(&f, self, (struct hd_range){ 0, hd_str_len(self) }, 1, &b) < 0 ? HD_ERR : hd_sb_finish(&b);
}

/* ---- for string.Formatter ------------------------------------------------------------------------------------------------------ */
hd_value hd_string_parse_step(hd_value s, int64_t *pos)
{
    struct field x;
    int more = next_field(s, pos, hd_str_len(s), &x);
    if (more <= 0) return more < 0 ? HD_ERR : HD_STOP;
    hd_value literal = hd_str_slice(s, x.literal_lo, x.literal_hi);
    if (!x.present) return literal == HD_ERR ? HD_ERR : hd_tuplev(literal, HD_NONE, HD_NONE, HD_NONE);
    hd_value name = hd_str_slice(s, x.name.lo, x.name.hi), spec = hd_str_slice(s, x.spec.lo, x.spec.hi);
    hd_value conversion = x.conversion ? hd_str_char(x.conversion) : HD_NONE;
    if (literal == HD_ERR || name == HD_ERR || spec == HD_ERR || conversion == HD_ERR) return HD_ERR;
    return hd_tuplev(literal, name, spec, conversion);
}

hd_value hd_string_first_part(hd_value s, int64_t *rest)
{
    struct hd_range first = hd_field_first(s, (struct hd_range){ 0, hd_str_len(s) });
    int64_t i = integer(s, first);
    if (i == -2) return HD_ERR;
    *rest = first.hi;
    return i >= 0 ? hd_int(i) : hd_str_slice(s, first.lo, first.hi);
}
