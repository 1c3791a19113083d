/* The module unicodedata.  Properties come from interp/types/unicode_data.c; normalisation is here. */
#include <stdio.h>
#include "interp/types/unicode_data.h"
#include "interp/modules/modules.h"

#define FN(name) static hd_value u_##name(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)

/* The type of ucd_3_2_0, the old version that IDNA needs. */
static struct hd_type ucd_type;
struct ucd { struct hd_mhead head; uint64_t unused; };

static int64_t char_arg(const char *f, int i, hd_value v)
{
    if (!hd_is_str(v)) {
        if (i) hd_raise(&hd_exc_TypeError, "%s() argument %d must be a unicode character, not %.50s", f, i, hd_arg_name(v));
        else hd_raise(&hd_exc_TypeError, "%s() argument must be a unicode character, not %.50s", f, hd_arg_name(v));
        return -1;
    }
    if (hd_str_len(v) != 1) {
        if (i) hd_raise(&hd_exc_TypeError, "%s() argument %d must be a unicode character, not str", f, i);
        else hd_raise(&hd_exc_TypeError, "%s() argument must be a unicode character, not str", f);
        return -1;
    }
    return hd_str_at(v, 0);
}
#define CHAR(f, i) int64_t c = char_arg(f, i, args[0]); if (c < 0) return HD_ERR

static bool is_old(hd_value self) { return hd_is_ptr(self) && hd_type_of(self) == &ucd_type; }
static bool unknown(hd_value self, uint32_t c) { return is_old(self) && !hd_uc_in_3_2(c); }

FN(decimal)
{
    CHAR("decimal", 1);
    int d = unknown(self, (uint32_t)c) ? -1 : hd_unicode_decimal((uint32_t)c);
    return d >= 0 ? hd_fix(d) : nargs > 1 ? args[1] : hd_raise(&hd_exc_ValueError, "not a decimal");
}
FN(digit)
{
    CHAR("digit", 1);
    int d = unknown(self, (uint32_t)c) ? -1 : hd_uc_digit((uint32_t)c);
    return d >= 0 ? hd_fix(d) : nargs > 1 ? args[1] : hd_raise(&hd_exc_ValueError, "not a digit");
}
FN(numeric)
{
    CHAR("numeric", 1);
    if (!unknown(self, (uint32_t)c) && hd_uc_has_numeric((uint32_t)c)) return hd_float(hd_uc_numeric((uint32_t)c));
    return nargs > 1 ? args[1] : hd_raise(&hd_exc_ValueError, "not a numeric character");
}
FN(category)
{
    CHAR("category", 0);
    return hd_intern(is_old(self) ? hd_uc_category_3_2((uint32_t)c) : hd_uc_category((uint32_t)c));
}
FN(bidirectional)
{
    CHAR("bidirectional", 0);
    return hd_intern(is_old(self) ? hd_uc_bidirectional_3_2((uint32_t)c) : hd_uc_bidirectional((uint32_t)c));
}
FN(combining) { CHAR("combining", 0); return hd_fix(unknown(self, (uint32_t)c) ? 0 : hd_uc_combining((uint32_t)c)); }
FN(mirrored)
{
    CHAR("mirrored", 0);
    return hd_fix(is_old(self) ? hd_uc_mirrored_3_2((uint32_t)c) : hd_uc_is((uint32_t)c, HD_UC_MIRRORED));
}
FN(east_asian_width)
{
    CHAR("east_asian_width", 0);
    return hd_intern(is_old(self) ? hd_uc_width_3_2((uint32_t)c) : hd_uc_width((uint32_t)c));
}
FN(decomposition)
{
    CHAR("decomposition", 0);
    const uint32_t *chars;
    const char *tag;
    int n = unknown(self, (uint32_t)c) ? 0 : hd_uc_decomposition((uint32_t)c, &chars, &tag);
    struct hd_strbuilder b;
    hd_sb_init(&b);
    if (n) hd_sb_cstr(&b, tag);
    for (int i = 0; i < n; i++) {
        char t[12];
        hd_sb_ascii(&b, t, (size_t)snprintf(t, sizeof t, "%s%04X", i || *tag ? " " : "", chars[i]));
    }
    return hd_sb_finish(&b);
}
FN(name)
{
    CHAR("name", 1);
    char name[128];
    if (hd_uc_name((uint32_t)c, name, sizeof name)) return hd_str_utf8(name);
    return nargs > 1 ? args[1] : hd_raise(&hd_exc_ValueError, "no such name");
}
FN(lookup)
{
    if (!hd_is_str(args[0])) return hd_raise(&hd_exc_TypeError, "lookup() argument must be str, not %.50s", hd_arg_name(args[0]));
    size_t n;
    const char *s = hd_str_as_utf8(args[0], &n);
    if (!s) return HD_ERR;
    uint32_t sequence[8];
    int count = 1;
    int64_t c = n > 256 ? -1 : hd_uc_lookup(s, n, sequence, &count);
    if (n > 256) return hd_raise(&hd_exc_KeyError, "name too long");
    char name[128];
    /* Unicode 3.2 had neither aliases nor named sequences. */
    if (c >= 0 && is_old(self) && (count > 1 || !hd_uc_name((uint32_t)c, name, sizeof name) || strcasecmp(name, s))) c = -1;
    if (c < 0) {
        hd_value text = hd_str_format("undefined character name '%s'", s);
        return text == HD_ERR ? HD_ERR : hd_raise_value(&hd_exc_KeyError, text);
    }
    return count > 1 ? hd_str_ucs4(sequence, (size_t)count) : hd_str_char((uint32_t)c);
}

/* ---- normalisation --------------------------------------------------------------------------------------------------------------- */
struct buffer { uint32_t *p; size_t n, cap; bool failed; };
static void put(struct buffer *b, uint32_t c)
{
    if (b->n == b->cap) {
        size_t cap = b->cap ? b->cap * 2 : 64;
        uint32_t *q = hd_scratch(cap * 4);
        if (!q) { b->failed = true; return; }
        if (b->n) memcpy(q, b->p, b->n * 4);
        b->p = q;
        b->cap = cap;
    }
    b->p[b->n++] = c;
}
static void decompose(struct buffer *b, uint32_t c, bool compat)
{
    if (b->failed) return;
    if (c - 0xac00 < 11172) {
        uint32_t s = c - 0xac00;
        put(b, 0x1100 + s / 588);
        put(b, 0x1161 + s % 588 / 28);
        if (s % 28) put(b, 0x11a7 + s % 28);
        return;
    }
    const uint32_t *chars;
    const char *tag;
    int n = c < 0xa0 ? 0 : hd_uc_decomposition(c, &chars, &tag);
    if (!n || (*tag && !compat)) { put(b, c); return; }
    for (int i = 0; i < n; i++) decompose(b, chars[i], compat);
}
/* Runs of marks in the order of their classes; a stable sort that is linear for the usual short runs. */
static void reorder(struct buffer *b)
{
    for (size_t i = 0; i < b->n;) {
        if (!hd_uc_combining(b->p[i])) { i++; continue; }
        size_t end = i + 1;
        while (end < b->n && hd_uc_combining(b->p[end])) end++;
        if (end - i <= 32) {
            for (size_t k = i + 1; k < end; k++) {
                uint32_t c = b->p[k];
                int cc = hd_uc_combining(c);
                size_t j = k;
                for (; j > i && hd_uc_combining(b->p[j - 1]) > cc; j--) b->p[j] = b->p[j - 1];
                b->p[j] = c;
            }
        } else {
            size_t count[257] = { 0 }, n = end - i;
            uint32_t *t = hd_scratch(n * 4);
            if (!t) { b->failed = true; return; }
            for (size_t k = i; k < end; k++) count[hd_uc_combining(b->p[k]) + 1]++;
            for (int k = 0; k < 256; k++) count[k + 1] += count[k];
            for (size_t k = i; k < end; k++) t[count[hd_uc_combining(b->p[k])]++] = b->p[k];
            memcpy(b->p + i, t, n * 4);
        }
        i = end;
    }
}
static void compose(struct buffer *b)
{
    size_t starter = SIZE_MAX, o = 0;
    int last = 0;
    for (size_t i = 0; i < b->n; i++) {
        uint32_t c = b->p[i], x;
        int cc = hd_uc_combining(c);
        bool blocked = starter == SIZE_MAX || (o > starter + 1 && (last >= cc || last == 0));
        if (!blocked && (x = hd_uc_compose(b->p[starter], c))) { b->p[starter] = x; continue; }
        if (cc == 0) starter = o;
        last = cc;
        b->p[o++] = c;
    }
    b->n = o;
}

static int form_arg(const char *f, hd_value v, bool *composed, bool *compat)
{
    if (!hd_is_str(v)) { hd_raise(&hd_exc_TypeError, "%s() argument 1 must be str, not %.50s", f, hd_arg_name(v)); return -1; }
    *composed = hd_str_is(v, "NFC") || hd_str_is(v, "NFKC");
    *compat = hd_str_is(v, "NFKC") || hd_str_is(v, "NFKD");
    if (*composed || *compat || hd_str_is(v, "NFD")) return 0;
    hd_raise(&hd_exc_ValueError, "invalid normalization form");
    return -1;
}
hd_value hd_str_normalise(hd_value s, bool composed, bool compat)
{
    if (hd_str_is_ascii(s) || hd_str_len(s) == 0) return hd_str_exact(s);
    struct buffer b = { 0 };
    for (int64_t i = 0, n = hd_str_len(s); i < n; i++) decompose(&b, hd_str_at(s, i), compat);
    if (!b.failed) reorder(&b);
    if (b.failed) return HD_ERR;
    if (composed) compose(&b);
    if ((int64_t)b.n == hd_str_len(s)) {
        bool same = true;
        for (size_t i = 0; i < b.n && same; i++) same = b.p[i] == hd_str_at(s, (int64_t)i);
        if (same) return hd_str_exact(s);
    }
    return hd_str_ucs4(b.p, b.n);
}
FN(normalize)
{
    bool composed, compat;
    if (form_arg("normalize", args[0], &composed, &compat) < 0) return HD_ERR;
    if (!hd_is_str(args[1])) return hd_raise(&hd_exc_TypeError, "normalize() argument 2 must be str, not %.50s", hd_arg_name(args[1]));
    return hd_str_normalise(args[1], composed, compat);
}
FN(is_normalized)
{
    bool composed, compat;
    if (form_arg("is_normalized", args[0], &composed, &compat) < 0) return HD_ERR;
    if (!hd_is_str(args[1])) return hd_raise(&hd_exc_TypeError, "is_normalized() argument 2 must be str, not %.50s", hd_arg_name(args[1]));
    hd_value r = hd_str_normalise(args[1], composed, compat);
    return r == HD_ERR ? HD_ERR : hd_bool(hd_str_eq(r, args[1]));
}

static const struct hd_methoddef methods[] = {
    { "decimal", u_decimal, 1, 2, 0, "decimal($self, chr, default=<unrepresentable>, /)\n--\n\nThe decimal value of a character." },
    { "digit", u_digit, 1, 2, 0, "digit($self, chr, default=<unrepresentable>, /)\n--\n\nThe digit value of a character." },
    { "numeric", u_numeric, 1, 2, 0, "numeric($self, chr, default=<unrepresentable>, /)\n--\n\nThe numeric value of a character." },
    { "category", u_category, 1, 1, 0, "category($self, chr, /)\n--\n\nThe general category." },
    { "bidirectional", u_bidirectional, 1, 1, 0, "bidirectional($self, chr, /)\n--\n\nThe bidirectional class." },
    { "combining", u_combining, 1, 1, 0, "combining($self, chr, /)\n--\n\nThe canonical combining class." },
    { "mirrored", u_mirrored, 1, 1, 0, "mirrored($self, chr, /)\n--\n\nIs the character mirrored in right-to-left text?" },
    { "east_asian_width", u_east_asian_width, 1, 1, 0, "east_asian_width($self, chr, /)\n--\n\nThe east asian width." },
    { "decomposition", u_decomposition, 1, 1, 0, "decomposition($self, chr, /)\n--\n\nThe decomposition mapping." },
    { "name", u_name, 1, 2, 0, "name($self, chr, default=<unrepresentable>, /)\n--\n\nThe name of a character." },
    { "lookup", u_lookup, 1, 1, 0, "lookup($self, name, /)\n--\n\nThe character of a name." },
    { "normalize", u_normalize, 2, 2, 0, "normalize($self, form, unistr, /)\n--\n\nThe normal form of a string." },
    { "is_normalized", u_is_normalized, 2, 2, 0, "is_normalized($self, form, unistr, /)\n--\n\nIs the string in the normal form?" },
    { NULL }
};

/* unicodedata.ucd_3_2_0 has the same methods.  Characters that Unicode 3.2 did not have are unassigned in it, and
 * categories, directions, widths and mirroring are those of then. */
static struct hd_type ucd_type = {
    .head = { { HD_SHAPE_TYPE, 0 }, { 0 } }, .cname = "unicodedata.UCD", .basicsize = sizeof(struct ucd), .flags = HD_TF_NEVER_INSTANTIATE,
    .methods = methods
};
static hd_value ucd_version(hd_value self, void *closure) { return hd_intern("3.2.0"); }
static const struct hd_getsetdef ucd_getsets[] = { { "unidata_version", ucd_version, NULL, "Version of the data." }, { NULL } };

static int fill(hd_value m)
{
    ucd_type.getsets = ucd_getsets;
    if (hd_type_ready(&ucd_type) < 0) return -1;
    struct ucd *u = hd_new_mutable(&ucd_type, sizeof *u);
    if (!u || hd_module_add(m, "ucd_3_2_0", hd_obj(u)) < 0 || hd_module_add(m, "UCD", hd_obj(&ucd_type)) < 0) return -1;
    return hd_module_add_str(m, "unidata_version", hd_uc_version);
}
const struct hd_moduledef hd_module_unicodedata = { "unicodedata", "Properties of Unicode characters, and normal forms.", methods, fill };
