/* The methods of str.  Searching, splitting and replacing are linear in the sizes of subject and result. */
#include "interp/types/str_methods.h"
#include "interp/core/names.h"

#define FN(name) static hd_value s_##name(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
#define MAX_COUNT INT64_MAX

/* ---- ranges and searching --------------------------------------------------------------------------------------------------- */
void hd_clamp_range(int64_t len, int64_t *lo, int64_t *hi)
{
    if (*hi > len) *hi = len;
    else if (*hi < 0 && (*hi += len) < 0) *hi = 0;
    if (*lo < 0 && (*lo += len) < 0) *lo = 0;
}

int hd_slice_args(const char *f, const hd_value *args, size_t nargs, int64_t *lo, int64_t *hi)
{
    const size_t first = 1;
    if (nargs < 1 || nargs > 3) {
        hd_raise(&hd_exc_TypeError, "%s() takes at %s %d argument%s (%zd given)", f, nargs ? "most" : "least", nargs ? 3 : 1, nargs ? "s" : "", nargs);
        return -1;
    }
    *lo = 0;
    *hi = INT64_MAX;
    for (size_t i = first; i < nargs && i < first + 2; i++) {
        hd_value v = args[i];
        if (v == HD_NONE) continue;
        if (!hd_is_int(v) && !hd_type_of(v)->op.index) {
            hd_raise(&hd_exc_TypeError, "slice indices must be integers or None or have an __index__ method");
            return -1;
        }
        if (hd_as_index(v, i == first ? lo : hi) < 0) return -1;
    }
    return 0;
}

/* The characters of sub at the kind of s; NULL: they cannot occur in it, or (*failed) no memory. */
static const void *needle(hd_value s, hd_value sub, bool *failed)
{
    int k = hd_str_kind(s), ks = hd_str_kind(sub);
    *failed = false;
    if (k == ks) return HD_STR(sub)->data;
    if (ks > k) return NULL;
    void *p = hd_scratch((hd_str_len(sub) + 1) * k);
    if (!p) { *failed = true; return NULL; }
    hd_kind_copy(k, p, 0, ks, HD_STR(sub)->data, 0, hd_str_len(sub));
    return p;
}

int64_t hd_str_find(hd_value s, hd_value sub, int64_t lo, int64_t hi, int direction)
{
    int64_t n = hd_str_len(s), m = hd_str_len(sub);
    hd_clamp_range(n, &lo, &hi);
    if (hi - lo < m) return -1;
    int k = hd_str_kind(s);
    const char *p = (const char *)HD_STR(s)->data + lo * k;
    if (m == 0) return direction > 0 ? lo : hi;
    if (hd_str_is_ascii(s) && !hd_str_is_ascii(sub)) return -1;
    int64_t i;
    if (m == 1) {
        uint32_t c = hd_str_at(sub, 0);
        i = direction > 0 ? hd_search_char(k, p, hi - lo, c) : hd_search_char_last(k, p, hi - lo, c);
    } else {
        bool failed;
        const void *q = needle(s, sub, &failed);
        if (!q) return failed ? -2 : -1;
        i = direction > 0 ? hd_search(k, p, hi - lo, q, m) : hd_search_last(k, p, hi - lo, q, m);
    }
    return i < 0 ? -1 : i + lo;
}

int64_t hd_str_count(hd_value s, hd_value sub, int64_t lo, int64_t hi)
{
    hd_clamp_range(hd_str_len(s), &lo, &hi);
    if (hi - lo < hd_str_len(sub)) return 0;
    bool failed;
    const void *q = needle(s, sub, &failed);
    if (!q) return failed ? -1 : 0;
    int k = hd_str_kind(s);
    return hd_search_count(k, (const char *)HD_STR(s)->data + lo * k, hi - lo, q, hd_str_len(sub), MAX_COUNT);
}

int hd_str_tailmatch(hd_value s, hd_value sub, int64_t lo, int64_t hi, int direction)
{
    hd_clamp_range(hd_str_len(s), &lo, &hi);
    int64_t m = hd_str_len(sub);
    if (hi - lo < m) return 0;
    if (direction > 0) lo = hi - m;
    int k = hd_str_kind(s), ks = hd_str_kind(sub);
    if (k == ks) return memcmp((const char *)HD_STR(s)->data + lo * k, HD_STR(sub)->data, m * k) == 0;
    if (ks > k) return m == 0;
    for (int64_t i = 0; i < m; i++) if (hd_str_at(s, lo + i) != hd_str_at(sub, i)) return 0;
    return 1;
}

static int need_str(hd_value v)
{
    if (hd_is_str(v)) return 0;
    hd_raise(&hd_exc_TypeError, "must be str, not %.100T", v);
    return -1;
}
static int need_arg_str(const char *f, int i, hd_value v)
{
    if (hd_is_str(v)) return 0;
    if (i) hd_raise(&hd_exc_TypeError, "%s() argument %d must be str, not %.50s", f, i, hd_arg_name(v));
    else hd_raise(&hd_exc_TypeError, "%s() argument must be str, not %.50s", f, hd_arg_name(v));
    return -1;
}

static int64_t find(const char *f, hd_value self, const hd_value *args, size_t nargs, int direction)      /* -3: error */
{
    int64_t lo, hi;
    if (hd_slice_args(f, args, nargs, &lo, &hi) < 0 || need_str(args[0]) < 0) return -3;
    int64_t i = hd_str_find(self, args[0], lo, hi, direction);
    return i == -2 ? -3 : i;
}
FN(find) { int64_t i = find("find", self, args, nargs, 1); return i == -3 ? HD_ERR : hd_int(i); }
FN(rfind) { int64_t i = find("rfind", self, args, nargs, -1); return i == -3 ? HD_ERR : hd_int(i); }
FN(index)
{
    int64_t i = find("index", self, args, nargs, 1);
    return i == -3 ? HD_ERR : i < 0 ? hd_raise(&hd_exc_ValueError, "substring not found") : hd_int(i);
}
FN(rindex)
{
    int64_t i = find("rindex", self, args, nargs, -1);
    return i == -3 ? HD_ERR : i < 0 ? hd_raise(&hd_exc_ValueError, "substring not found") : hd_int(i);
}
FN(count)
{
    int64_t lo, hi;
    if (hd_slice_args("count", args, nargs, &lo, &hi) < 0 || need_str(args[0]) < 0) return HD_ERR;
    int64_t n = hd_str_count(self, args[0], lo, hi);
    return n < 0 ? HD_ERR : hd_int(n);
}
static hd_value affix(hd_value self, const hd_value *args, size_t nargs, int direction)
{
    const char *name = direction < 0 ? "startswith" : "endswith";
    int64_t lo, hi;
    if (hd_slice_args(name, args, nargs, &lo, &hi) < 0) return HD_ERR;
    if (hd_is_tuple(args[0])) {
        const struct hd_tuple *t = HD_TUPLE(args[0]);
        for (int64_t i = 0; i < t->len; i++) {
            if (!hd_is_str(t->item[i]))
                return hd_raise(&hd_exc_TypeError, "tuple for %s must only contain str, not %.100T", name, t->item[i]);
            if (hd_str_tailmatch(self, t->item[i], lo, hi, direction)) return HD_TRUE;
        }
        return HD_FALSE;
    }
    if (!hd_is_str(args[0])) return hd_raise(&hd_exc_TypeError, "%s first arg must be str or a tuple of str, not %.100T", name, args[0]);
    return hd_bool(hd_str_tailmatch(self, args[0], lo, hi, direction));
}
FN(startswith) { return affix(self, args, nargs, -1); }
FN(endswith) { return affix(self, args, nargs, 1); }

/* ---- lists of pieces ------------------------------------------------------------------------------------------------------------- */
struct pieces { hd_value *item; size_t n, cap; bool failed; hd_value first[16]; };
static void piece(struct pieces *p, hd_value v)
{
    if (p->failed || v == HD_ERR) { p->failed = true; return; }
    if (p->n == p->cap) {
        hd_value *q = hd_scratch(p->cap * 2 * sizeof *q);
        if (!q) { p->failed = true; return; }
        memcpy(q, p->item, p->n * sizeof *q);
        p->item = q;
        p->cap *= 2;
    }
    p->item[p->n++] = v;
}
#define PIECES(p) struct pieces p; p.item = p.first; p.n = 0; p.cap = 16; p.failed = false
static hd_value pieces_list(struct pieces *p, bool reverse)
{
    if (p->failed) return HD_ERR;
    if (reverse)
        for (size_t i = 0; i < p->n / 2; i++) {
            hd_value t = p->item[i];
            p->item[i] = p->item[p->n - 1 - i];
            p->item[p->n - 1 - i] = t;
        }
    return hd_list_from(p->item, p->n);
}

static hd_value split_space(hd_value s, int64_t max, bool right)
{
    PIECES(p);
    int k = hd_str_kind(s);
    const void *d = HD_STR(s)->data;
    int64_t n = hd_str_len(s);
    if (!right) {
        int64_t i = 0;
        while (i < n) {
            while (i < n && hd_uc_space(hd_kind_at(k, d, i))) i++;
            if (i == n) break;
            if (max-- <= 0) {
                piece(&p, hd_str_slice(s, i, n));
                break;
            }
            int64_t start = i;
            while (i < n && !hd_uc_space(hd_kind_at(k, d, i))) i++;
            piece(&p, hd_str_slice(s, start, i));
        }
    } else {
        int64_t i = n;
        while (i > 0) {
            while (i > 0 && hd_uc_space(hd_kind_at(k, d, i - 1))) i--;
            if (i == 0) break;
            if (max-- <= 0) {
                piece(&p, hd_str_slice(s, 0, i));
                break;
            }
            int64_t end = i;
            while (i > 0 && !hd_uc_space(hd_kind_at(k, d, i - 1))) i--;
            piece(&p, hd_str_slice(s, i, end));
        }
    }
    if (p.n == 1 && !p.failed && hd_str_len(p.item[0]) == n) p.item[0] = hd_str_exact(s);
    return pieces_list(&p, right);
}

static hd_value split_sep(hd_value s, hd_value sep, int64_t max, bool right)
{
    PIECES(p);
    int64_t n = hd_str_len(s), m = hd_str_len(sep);
    if (m == 0) return hd_raise(&hd_exc_ValueError, "empty separator");
    int k = hd_str_kind(s);
    const char *d = HD_STR(s)->data;
    bool failed;
    const void *q = needle(s, sep, &failed);
    if (failed) return HD_ERR;
    if (!q) max = 0;
    if (!right) {
        int64_t at = 0;
        while (max-- > 0) {
            int64_t i = hd_search(k, d + at * k, n - at, q, m);
            if (i < 0) break;
            piece(&p, hd_str_slice(s, at, at + i));
            at += i + m;
        }
        piece(&p, at == 0 ? hd_str_exact(s) : hd_str_slice(s, at, n));
    } else {
        int64_t end = n;
        while (max-- > 0) {
            int64_t i = hd_search_last(k, d, end, q, m);
            if (i < 0) break;
            piece(&p, hd_str_slice(s, i + m, end));
            end = i;
        }
        piece(&p, end == n ? hd_str_exact(s) : hd_str_slice(s, 0, end));
    }
    return pieces_list(&p, right);
}

static hd_value split(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames, bool right)
{
    hd_value a[2];
    if (nargs && !kwnames) { a[0] = args[0]; a[1] = nargs > 1 ? args[1] : HD_ABSENT; }
    if ((kwnames || nargs > 2 || !nargs) && hd_args(right ? "rsplit" : "split", "|sep,maxsplit", args, nargs, kwnames, a) < 0) return HD_ERR;
    int64_t max = -1;
    if (a[1] != HD_ABSENT && hd_as_i64(a[1], &max) < 0) return HD_ERR;
    if (max < 0) max = MAX_COUNT;
    if (a[0] == HD_ABSENT || a[0] == HD_NONE) return split_space(self, max, right);
    if (hd_is_str(a[0])) return split_sep(self, a[0], max, right);
    return hd_raise(&hd_exc_TypeError, "must be str or None, not %.100T", a[0]);
}
FN(split) { return split(self, args, nargs, kwnames, false); }
FN(rsplit) { return split(self, args, nargs, kwnames, true); }

FN(splitlines)
{
    hd_value a[1];
    if (hd_args("splitlines", "|keepends", args, nargs, kwnames, a) < 0) return HD_ERR;
    int keep = a[0] == HD_ABSENT ? 0 : hd_truth(a[0]);
    if (keep < 0) return HD_ERR;
    PIECES(p);
    int k = hd_str_kind(self);
    const void *d = HD_STR(self)->data;
    int64_t n = hd_str_len(self);
    for (int64_t i = 0; i < n;) {
        int64_t start = i;
        if (k == 1) {
            const uint8_t *c = d;
            while (i < n && ((c[i] > 0x1e && c[i] != 0x85) || !hd_uc_linebreak(c[i]))) i++;
        } else {
            while (i < n && !hd_uc_linebreak(hd_kind_at(k, d, i))) i++;
        }
        int64_t end = i;
        if (i < n) {
            i += hd_kind_at(k, d, i) == '\r' && i + 1 < n && hd_kind_at(k, d, i + 1) == '\n' ? 2 : 1;
            if (keep) end = i;
        }
        piece(&p, start == 0 && end == n ? hd_str_exact(self) : hd_str_slice(self, start, end));
    }
    return pieces_list(&p, false);
}

static hd_value partition(hd_value self, hd_value sep, int direction)
{
    if (need_str(sep) < 0) return HD_ERR;
    if (hd_str_len(sep) == 0) return hd_raise(&hd_exc_ValueError, "empty separator");
    int64_t i = hd_str_find(self, sep, 0, INT64_MAX, direction);
    if (i == -2) return HD_ERR;
    if (i < 0) {
        hd_value s = hd_str_exact(self);
        if (s == HD_ERR) return s;
        return direction > 0 ? hd_tuplev(s, hd_empty_str, hd_empty_str) : hd_tuplev(hd_empty_str, hd_empty_str, s);
    }
    hd_value a = hd_str_slice(self, 0, i), b = hd_str_slice(self, i + hd_str_len(sep), INT64_MAX);
    return a == HD_ERR || b == HD_ERR ? HD_ERR : hd_tuplev(a, sep, b);
}
FN(partition) { return partition(self, args[0], 1); }
FN(rpartition) { return partition(self, args[0], -1); }

FN(join)
{
    const hd_value *items;
    int64_t n;
    if (hd_is_list_exact(args[0]) || hd_is_tuple_exact(args[0]) || hd_type_of(args[0])->op.iter || hd_type_of(args[0])->op.getitem) {
        hd_value keep = hd_fast_sequence(args[0], "can only join an iterable", &items, &n);
        if (keep == HD_ERR) return HD_ERR;
        hd_value r = hd_str_join(self, items, n);
        __asm__ volatile("" :: "r"(keep));       /* the snapshot lives as long as its items are used */
        return r;
    }
    return hd_raise(&hd_exc_TypeError, "can only join an iterable");
}

/* ---- replacing, stripping, padding ---------------------------------------------------------------------------------------------------- */
hd_value hd_str_replace(hd_value s, hd_value from, hd_value to, int64_t max)
{
    int64_t n = hd_str_len(s), m = hd_str_len(from), t = hd_str_len(to);
    if (max < 0) max = MAX_COUNT;
    bool failed;
    const void *q = needle(s, from, &failed);
    if (failed) return HD_ERR;
    if (!q || m > n || max == 0 || (hd_str_is_ascii(s) && !hd_str_is_ascii(from)) || hd_str_eq(from, to)) return hd_str_exact(s);
    int k = hd_str_kind(s), kt = hd_str_kind(to), kr = k > kt ? k : kt;
    const char *d = HD_STR(s)->data;
    bool ascii = hd_str_is_ascii(s) && hd_str_is_ascii(to);
    if (m == 1 && t == 1 && k == 1 && kt == 1 && max >= n) {
        uint8_t a = *HD_U8(HD_STR(from)), b = *HD_U8(HD_STR(to));
        const uint8_t *p = memchr(d, a, n);
        if (!p) return hd_str_exact(s);
        void *data;
        hd_value r = hd_str_new(1, n, ascii ? 0x7f : 0xff, &data);
        if (r == HD_ERR) return r;
        uint8_t *o = data;
        for (int64_t i = 0; i < n; i++) { uint8_t c = (uint8_t)d[i]; o[i] = c == a ? b : c; }
        return hd_str_is_ascii(s) == ascii && ascii ? r : hd_str_from_kind(1, data, n);
    }
    /* The places of the first matches are remembered, later ones are looked for again. */
    enum { KNOWN = 64 };
    int64_t place[KNOWN], count = 0, seen = 0;
    if (m == 0) count = n + 1 < max ? n + 1 : max;
    else {
        while (count < max && count < KNOWN) {
            int64_t i = hd_search(k, d + seen * k, n - seen, q, m);
            if (i < 0) break;
            place[count++] = seen + i;
            seen += i + m;
        }
        if (count == KNOWN) count += hd_search_count(k, d + seen * k, n - seen, q, m, max - count);
    }
    if (count == 0) return hd_str_exact(s);
    int64_t total;
    if (__builtin_mul_overflow(count, t - m, &total) || __builtin_add_overflow(total, n, &total))
        return hd_raise(&hd_exc_OverflowError, "replace string is too long");
    if (total == 0) return hd_empty_str;
    void *data;
    hd_value r = hd_str_new(kr, total, ascii ? 0x7f : 0xff, &data);
    if (r == HD_ERR) return r;
    int64_t at = 0, o = 0;
    for (int64_t i = 0; i < count; i++) {
        int64_t found;
        if (m == 0) {
            if (i) { hd_kind_copy(kr, data, o, k, d, at, 1); o++; at++; }
            found = at;
        } else {
            found = i < KNOWN ? place[i] : at + hd_search(k, d + at * k, n - at, q, m);
            hd_kind_copy(kr, data, o, k, d, at, found - at);
            o += found - at;
        }
        hd_kind_copy(kr, data, o, kt, HD_STR(to)->data, 0, t);
        o += t;
        at = found + m;
    }
    hd_kind_copy(kr, data, o, k, d, at, n - at);
    /* Characters that went away may have been the only wide ones. */
    return ascii ? (total == 1 ? hd_str_char(*(uint8_t *)data) : r) : (total == 1 || hd_kind_for(hd_kind_maxchar(kr, data, total)) != kr
            || hd_kind_maxchar(kr, data, total) < 0x80) ? hd_str_from_kind(kr, data, total) : r;
}
FN(replace)
{
    if (need_arg_str("replace", 1, args[0]) < 0 || need_arg_str("replace", 2, args[1]) < 0) return HD_ERR;
    int64_t max = -1;
    if (nargs > 2 && hd_as_i64(args[2], &max) < 0) return HD_ERR;
    return hd_str_replace(self, args[0], args[1], max);
}

static hd_value strip(hd_value self, const hd_value *args, size_t nargs, int sides, const char *name)
{
    int k = hd_str_kind(self);
    const void *d = HD_STR(self)->data;
    int64_t lo = 0, hi = hd_str_len(self);
    if (nargs == 0 || args[0] == HD_NONE) {
        if (sides & 1) while (lo < hi && hd_uc_space(hd_kind_at(k, d, lo))) lo++;
        if (sides & 2) while (hi > lo && hd_uc_space(hd_kind_at(k, d, hi - 1))) hi--;
    } else if (hd_is_str(args[0])) {
        const struct hd_str *set = HD_STR(args[0]);
        int ks = hd_str_kind(args[0]);
        if (sides & 1) while (lo < hi && hd_search_char(ks, set->data, set->len, hd_kind_at(k, d, lo)) >= 0) lo++;
        if (sides & 2) while (hi > lo && hd_search_char(ks, set->data, set->len, hd_kind_at(k, d, hi - 1)) >= 0) hi--;
    } else {
        return hd_raise(&hd_exc_TypeError, "%s arg must be None or str", name);
    }
    return lo == 0 && hi == hd_str_len(self) ? hd_str_exact(self) : hd_str_slice(self, lo, hi);
}
FN(strip) { return strip(self, args, nargs, 3, "strip"); }
FN(lstrip) { return strip(self, args, nargs, 1, "lstrip"); }
FN(rstrip) { return strip(self, args, nargs, 2, "rstrip"); }

static hd_value pad(hd_value s, int64_t left, int64_t right, uint32_t fill)
{
    if (left < 0) left = 0;
    if (right < 0) right = 0;
    if (left == 0 && right == 0) return hd_str_exact(s);
    int64_t n = hd_str_len(s);
    if (left > INT64_MAX - n || right > INT64_MAX - (left + n)) return hd_raise(&hd_exc_OverflowError, "padded string is too long");
    struct hd_strbuilder b;
    hd_sb_init(&b);
    hd_sb_reserve(&b, left + n + right, 0x7f);
    hd_sb_fill(&b, fill, left);
    hd_sb_str(&b, s);
    hd_sb_fill(&b, fill, right);
    return hd_sb_finish(&b);
}
static int pad_args(const hd_value *args, size_t nargs, int64_t *width, uint32_t *fill)
{
    *fill = ' ';
    if (hd_as_i64(args[0], width) < 0) return -1;
    if (nargs > 1) {
        if (!hd_is_str(args[1])) {
            hd_raise(&hd_exc_TypeError, "The fill character must be a unicode character, not %.100T", args[1]);
            return -1;
        }
        if (hd_str_len(args[1]) != 1) { hd_raise(&hd_exc_TypeError, "The fill character must be exactly one character long"); return -1; }
        *fill = hd_str_at(args[1], 0);
    }
    return 0;
}
FN(center)
{
    int64_t w, n = hd_str_len(self);
    uint32_t fill;
    if (pad_args(args, nargs, &w, &fill) < 0) return HD_ERR;
    if (n >= w) return hd_str_exact(self);
    int64_t margin = w - n, left = margin / 2 + (margin & w & 1);
    return pad(self, left, margin - left, fill);
}
FN(ljust)
{
    int64_t w;
    uint32_t fill;
    return pad_args(args, nargs, &w, &fill) < 0 ? HD_ERR : pad(self, 0, w <= 0 ? 0 : w - hd_str_len(self), fill);
}
FN(rjust)
{
    int64_t w;
    uint32_t fill;
    return pad_args(args, nargs, &w, &fill) < 0 ? HD_ERR : pad(self, w <= 0 ? 0 : w - hd_str_len(self), 0, fill);
}
FN(zfill)
{
    int64_t w, n = hd_str_len(self);
    if (hd_as_i64(args[0], &w) < 0) return HD_ERR;
    if (n >= w) return hd_str_exact(self);
    struct hd_strbuilder b;
    hd_sb_init(&b);
    int64_t sign = n && (hd_str_at(self, 0) == '+' || hd_str_at(self, 0) == '-');
    hd_sb_slice(&b, self, 0, sign);
    hd_sb_fill(&b, '0', w - n);
    hd_sb_slice(&b, self, sign, n);
    return hd_sb_finish(&b);
}
FN(expandtabs)
{
    hd_value a[1];
    int tab = 8;
    if (hd_args("expandtabs", "|tabsize", args, nargs, kwnames, a) < 0) return HD_ERR;
    if (a[0] != HD_ABSENT && hd_as_int32(a[0], &tab) < 0) return HD_ERR;
    int64_t n = hd_str_len(self), column = 0, total = 0;
    struct hd_strbuilder b;
    hd_sb_init(&b);
    for (int pass = 0; pass < 2; pass++) {
        column = 0;
        for (int64_t i = 0; i < n; i++) {
            uint32_t c = hd_str_at(self, i);
            int64_t w = c == '\t' ? (tab > 0 ? tab - column % tab : 0) : 1;
            if (!pass && __builtin_add_overflow(total, w, &total)) return hd_raise(&hd_exc_OverflowError, "new string is too long");
            if (pass) { if (c == '\t') hd_sb_fill(&b, ' ', w); else hd_sb_char(&b, c); }
            column = c == '\n' || c == '\r' ? 0 : column + w;
        }
    }
    return hd_sb_finish(&b);
}
FN(removeprefix)
{
    if (need_arg_str("removeprefix", 0, args[0]) < 0) return HD_ERR;
    if (!hd_str_tailmatch(self, args[0], 0, INT64_MAX, -1)) return hd_str_exact(self);
    return hd_str_len(args[0]) ? hd_str_slice(self, hd_str_len(args[0]), INT64_MAX) : hd_str_exact(self);
}
FN(removesuffix)
{
    if (need_arg_str("removesuffix", 0, args[0]) < 0) return HD_ERR;
    if (!hd_str_len(args[0]) || !hd_str_tailmatch(self, args[0], 0, INT64_MAX, 1)) return hd_str_exact(self);
    return hd_str_slice(self, 0, hd_str_len(self) - hd_str_len(args[0]));
}

/* ---- tests of all characters -------------------------------------------------------------------------------------------------------------- */
static hd_value all(hd_value self, uint32_t flags)
{
    int64_t n = hd_str_len(self);
    int k = hd_str_kind(self);
    if (hd_str_is_ascii(self) && (flags == HD_UC_SPACE || flags == HD_UC_DIGIT || flags == HD_UC_DECIMAL)) {
        const uint8_t *p = HD_STR(self)->data;
        for (int64_t i = 0; i < n; i++)
            if (flags == HD_UC_SPACE ? p[i] != ' ' && (uint8_t)(p[i] - 9) > 4 && (uint8_t)(p[i] - 0x1c) > 3 : (uint8_t)(p[i] - '0') > 9) return HD_FALSE;
        return hd_bool(n > 0);
    }
    for (int64_t i = 0; i < n; i++) if (!hd_uc_is(hd_kind_at(k, HD_STR(self)->data, i), flags)) return HD_FALSE;
    return hd_bool(n > 0);
}
FN(isalpha) { return all(self, HD_UC_ALPHA); }
FN(isalnum) { return all(self, HD_UC_ALPHA | HD_UC_DECIMAL | HD_UC_DIGIT | HD_UC_NUMERIC); }
FN(isdecimal) { return all(self, HD_UC_DECIMAL); }
FN(isdigit) { return all(self, HD_UC_DIGIT); }
FN(isnumeric) { return all(self, HD_UC_NUMERIC); }
FN(isspace) { return all(self, HD_UC_SPACE); }
FN(isprintable) { return hd_str_len(self) == 0 ? HD_TRUE : all(self, HD_UC_PRINTABLE); }
FN(isascii) { return hd_bool(hd_str_is_ascii(self)); }
FN(isidentifier) { return hd_bool(hd_str_isidentifier(self)); }
static hd_value cased(hd_value self, uint32_t yes, uint32_t no)
{
    bool any = false;
    for (int64_t i = 0, n = hd_str_len(self); i < n; i++) {
        uint32_t f = hd_uc_flags(hd_str_at(self, i));
        if (f & no) return HD_FALSE;
        any |= (f & yes) != 0;
    }
    return hd_bool(any);
}
FN(islower) { return cased(self, HD_UC_LOWER, HD_UC_UPPER | HD_UC_TITLE); }
FN(isupper) { return cased(self, HD_UC_UPPER, HD_UC_LOWER | HD_UC_TITLE); }
FN(istitle)
{
    bool any = false, previous = false;
    for (int64_t i = 0, n = hd_str_len(self); i < n; i++) {
        uint32_t f = hd_uc_flags(hd_str_at(self, i));
        if (f & (HD_UC_UPPER | HD_UC_TITLE)) {
            if (previous) return HD_FALSE;
            previous = any = true;
        } else if (f & HD_UC_LOWER) {
            if (!previous) return HD_FALSE;
            any = true;
        } else previous = false;
    }
    return hd_bool(any);
}

FN(lower) { return hd_str_lower(self); }
FN(upper) { return hd_str_upper(self); }
FN(title) { return hd_str_title(self); }
FN(capitalize) { return hd_str_capitalize(self); }
FN(swapcase) { return hd_str_swapcase(self); }
FN(casefold) { return hd_str_casefold(self); }

/* ---- translation ---------------------------------------------------------------------------------------------------------------------------- */
/* What the table says about c: HD_NONE delete, HD_ABSENT keep, a str, or a character in *out (fixnum). */
static hd_value look_up(hd_value table, uint32_t c)
{
    hd_value x = hd_is_dict_exact(table) ? hd_dict_get(table, hd_fix(c)) : hd_getitem(table, hd_fix(c));
    if (x == HD_ERR) {
        if (!hd_exc_is(&hd_exc_LookupError)) return HD_ERR;
        hd_exc_clear();
        return HD_ABSENT;
    }
    if (x == HD_NONE || x == HD_ABSENT || hd_is_str(x)) return x;
    if (!hd_is_int(x)) return hd_raise(&hd_exc_TypeError, "character mapping must return integer, None or str");
    int64_t i;
    if (hd_as_i64(x, &i) < 0) { hd_exc_clear(); i = -1; }
    if (i < 0 || i > 0x10ffff) return hd_raise(&hd_exc_ValueError, "character mapping must be in range(0x%x)", 0x110000);
    return hd_fix(i);
}
FN(translate)
{
    hd_value table = args[0], known[128];
    bool have[128] = { false };
    int64_t n = hd_str_len(self);
    if (hd_str_is_ascii(self) && n > 1) {                   /* one to one, as far as can be seen from the characters there are */
        const uint8_t *from = HD_STR(self)->data;
        uint8_t map[128];
        int64_t i = 0;
        for (; i < n; i++) {
            uint8_t c = from[i];
            if (have[c]) continue;
            hd_value x = known[c] = look_up(table, c);
            if (x == HD_ERR) return HD_ERR;
            have[c] = true;
            if (x == HD_ABSENT) map[c] = c;
            else if (hd_is_fix(x) && hd_unfix(x) < 128) map[c] = (uint8_t)hd_unfix(x);
            else if (hd_is_str_exact(x) && hd_str_len(x) == 1 && hd_str_is_ascii(x)) map[c] = (uint8_t)hd_str_at(x, 0);
            else break;
        }
        if (i == n) {
            void *to;
            hd_value r = hd_str_new(1, (size_t)n, 127, &to);
            for (i = 0; r != HD_ERR && i < n; i++) ((uint8_t *)to)[i] = map[from[i]];
            return r;
        }
    }
    struct hd_strbuilder b;
    hd_sb_init(&b);
    for (int64_t i = 0; i < n; i++) {
        uint32_t c = hd_str_at(self, i);
        hd_value x;
        if (c < 128 && have[c]) x = known[c];
        else {
            x = look_up(table, c);
            if (x == HD_ERR) return HD_ERR;
            if (c < 128) { have[c] = true; known[c] = x; }
        }
        if (x == HD_ABSENT) hd_sb_char(&b, c);
        else if (hd_is_fix(x)) hd_sb_char(&b, (uint32_t)hd_unfix(x));
        else if (x != HD_NONE) hd_sb_str(&b, x);
    }
    return hd_sb_finish(&b);
}
FN(maketrans)
{
    hd_value d = hd_dict_new();
    if (d == HD_ERR) return HD_ERR;
    if (nargs == 1) {
        if (!hd_is_dict_exact(args[0])) return hd_raise(&hd_exc_TypeError, "if you give only one argument to maketrans it must be a dict");
        struct hd_dict_iter it = { 0 };
        hd_value k, v;
        int r;
        while ((r = hd_dict_next(args[0], &it, &k, &v)) > 0) {
            if (hd_is_str(k)) {
                if (hd_str_len(k) != 1) return hd_raise(&hd_exc_ValueError, "string keys in translate table must be of length 1");
                k = hd_fix(hd_str_at(k, 0));
            } else if (!hd_is_int(k)) {
                return hd_raise(&hd_exc_TypeError, "keys in translate table must be strings or integers");
            }
            if (hd_dict_set(d, k, v) < 0) return HD_ERR;
        }
        return r < 0 ? HD_ERR : d;
    }
    if (!hd_is_str(args[0])) return hd_raise(&hd_exc_TypeError, "first maketrans argument must be a string if there is a second argument");
    for (size_t i = 1; i < nargs; i++) if (need_arg_str("maketrans", (int)i + 1, args[i]) < 0) return HD_ERR;
    int64_t n = hd_str_len(args[0]);
    if (n != hd_str_len(args[1])) return hd_raise(&hd_exc_ValueError, "the first two maketrans arguments must have equal length");
    for (int64_t i = 0; i < n; i++)
        if (hd_dict_set(d, hd_fix(hd_str_at(args[0], i)), hd_fix(hd_str_at(args[1], i))) < 0) return HD_ERR;
    if (nargs > 2)
        for (int64_t i = 0; i < hd_str_len(args[2]); i++)
            if (hd_dict_set(d, hd_fix(hd_str_at(args[2], i)), HD_NONE) < 0) return HD_ERR;
    return d;
}

/* ---- the rest --------------------------------------------------------------------------------------------------------------------------------- */
int hd_codec_args(const char *f, const hd_value *a, const char **encoding, const char **errors)
{
    *encoding = *errors = NULL;
    for (int i = 0; i < 2; i++) {
        if (a[i] == HD_ABSENT) continue;
        if (!hd_is_str(a[i])) {
            hd_raise(&hd_exc_TypeError, "%s() argument '%s' must be str, not %.50s", f, i ? "errors" : "encoding", hd_arg_name(a[i]));
            return -1;
        }
        size_t len;
        const char *p = hd_str_as_utf8(a[i], &len);
        if (!p) return -1;
        if (strlen(p) != len) { hd_raise(&hd_exc_ValueError, "embedded null character"); return -1; }
        *(i ? errors : encoding) = p;
    }
    return 0;
}
FN(encode)
{
    hd_value a[2];
    const char *encoding, *errors;
    if (nargs == 0 && !kwnames) return hd_utf8_encode(self, NULL);
    if (hd_args("encode", "|encoding,errors", args, nargs, kwnames, a) < 0 || hd_codec_args("encode", a, &encoding, &errors) < 0) return HD_ERR;
    return hd_str_encode(self, encoding, errors);
}
FN(format) { return hd_str_format_method(self, args, nargs, kwnames, HD_ABSENT); }
FN(format_map) { return hd_str_format_method(self, NULL, 0, 0, args[0]); }
FN(dunder_format)
{
    if (!hd_is_str(args[0])) return hd_raise(&hd_exc_TypeError, "__format__() argument must be str, not %.50s", hd_arg_name(args[0]));
    if (hd_str_len(args[0]) == 0) return hd_is_str_exact(self) ? self : hd_str_of(self);
    return hd_format_str_spec(self, args[0]);
}
FN(sizeof)
{
    int k = hd_str_kind(self);
    return hd_int((hd_str_is_ascii(self) ? 49 : 72 + k) + hd_str_len(self) * k);
}
FN(getnewargs)
{
    hd_value s = hd_str_from_kind(hd_str_kind(self), HD_STR(self)->data, hd_str_len(self));       /* a copy, so that pickles share nothing */
    return s == HD_ERR ? s : hd_tuplev(s);
}

const struct hd_methoddef hd_str_methods[] = {
    { "encode", s_encode, 0, 2, HD_METH_KW, "encode($self, /, encoding='utf-8', errors='strict')\n--\n\nEncode the string as bytes." },
    { "replace", s_replace, 2, 3, 0, "replace($self, old, new, count=-1, /)\n--\n\nCopy with occurrences of old replaced by new, at most count if it is not negative." },
    { "split", s_split, 0, 2, HD_METH_KW, "split($self, /, sep=None, maxsplit=-1)\n--\n\nThe list of words of the string, delimited by sep or by white space." },
    { "rsplit", s_rsplit, 0, 2, HD_METH_KW, "rsplit($self, /, sep=None, maxsplit=-1)\n--\n\nThe list of words of the string, split from the end." },
    { "join", s_join, 1, 1, 0, "join($self, iterable, /)\n--\n\nConcatenate strings, with this one between them." },
    { "capitalize", s_capitalize, 0, 0, 0, "capitalize($self, /)\n--\n\nCopy with the first character in title case and the others in lower case." },
    { "casefold", s_casefold, 0, 0, 0, "casefold($self, /)\n--\n\nCopy for comparing without regard to case." },
    { "title", s_title, 0, 0, 0, "title($self, /)\n--\n\nCopy in which words begin in title case and go on in lower case." },
    { "center", s_center, 1, 2, 0, "center($self, width, fillchar=' ', /)\n--\n\nThe string centred in a field of the width." },
    { "count", s_count, 0, -1, 0, "S.count(sub[, start[, end]]) -> int\n\nNumber of occurrences of sub in S[start:end] that do not overlap." },
    { "expandtabs", s_expandtabs, 0, 1, HD_METH_KW, "expandtabs($self, /, tabsize=8)\n--\n\nCopy with tabs replaced by spaces." },
    { "find", s_find, 0, -1, 0, "S.find(sub[, start[, end]]) -> int\n\nLowest index of sub within S[start:end], or -1." },
    { "partition", s_partition, 1, 1, 0, "partition($self, sep, /)\n--\n\nSplit at the first sep: (before, sep, after)." },
    { "index", s_index, 0, -1, 0, "S.index(sub[, start[, end]]) -> int\n\nLike find, but ValueError if there is none." },
    { "ljust", s_ljust, 1, 2, 0, "ljust($self, width, fillchar=' ', /)\n--\n\nThe string at the left of a field of the width." },
    { "lower", s_lower, 0, 0, 0, "lower($self, /)\n--\n\nCopy in lower case." },
    { "lstrip", s_lstrip, 0, 1, 0, "lstrip($self, chars=None, /)\n--\n\nCopy without leading white space, or without the given characters." },
    { "rfind", s_rfind, 0, -1, 0, "S.rfind(sub[, start[, end]]) -> int\n\nHighest index of sub within S[start:end], or -1." },
    { "rindex", s_rindex, 0, -1, 0, "S.rindex(sub[, start[, end]]) -> int\n\nLike rfind, but ValueError if there is none." },
    { "rjust", s_rjust, 1, 2, 0, "rjust($self, width, fillchar=' ', /)\n--\n\nThe string at the right of a field of the width." },
    { "rstrip", s_rstrip, 0, 1, 0, "rstrip($self, chars=None, /)\n--\n\nCopy without trailing white space, or without the given characters." },
    { "rpartition", s_rpartition, 1, 1, 0, "rpartition($self, sep, /)\n--\n\nSplit at the last sep: (before, sep, after)." },
    { "splitlines", s_splitlines, 0, 1, HD_METH_KW, "splitlines($self, /, keepends=False)\n--\n\nThe list of lines." },
    { "strip", s_strip, 0, 1, 0, "strip($self, chars=None, /)\n--\n\nCopy without white space, or the given characters, at both ends." },
    { "swapcase", s_swapcase, 0, 0, 0, "swapcase($self, /)\n--\n\nCopy with upper case made lower and lower case made upper." },
    { "translate", s_translate, 1, 1, 0, "translate($self, table, /)\n--\n\nReplace each character by what the table maps its ordinal to." },
    { "upper", s_upper, 0, 0, 0, "upper($self, /)\n--\n\nCopy in upper case." },
    { "startswith", s_startswith, 0, -1, 0, "S.startswith(prefix[, start[, end]]) -> bool\n\nDoes S[start:end] begin with the prefix, or one of a tuple of them?" },
    { "endswith", s_endswith, 0, -1, 0, "S.endswith(suffix[, start[, end]]) -> bool\n\nDoes S[start:end] end with the suffix, or one of a tuple of them?" },
    { "removeprefix", s_removeprefix, 1, 1, 0, "removeprefix($self, prefix, /)\n--\n\nCopy without the prefix if it is there." },
    { "removesuffix", s_removesuffix, 1, 1, 0, "removesuffix($self, suffix, /)\n--\n\nCopy without the suffix if it is there." },
    { "isascii", s_isascii, 0, 0, 0, "isascii($self, /)\n--\n\nAre all characters ASCII?" },
    { "islower", s_islower, 0, 0, 0, "islower($self, /)\n--\n\nAre all cased characters lower case, and is there one?" },
    { "isupper", s_isupper, 0, 0, 0, "isupper($self, /)\n--\n\nAre all cased characters upper case, and is there one?" },
    { "istitle", s_istitle, 0, 0, 0, "istitle($self, /)\n--\n\nIs the string in title case?" },
    { "isspace", s_isspace, 0, 0, 0, "isspace($self, /)\n--\n\nAre all characters white space, and is there one?" },
    { "isdecimal", s_isdecimal, 0, 0, 0, "isdecimal($self, /)\n--\n\nAre all characters decimal digits, and is there one?" },
    { "isdigit", s_isdigit, 0, 0, 0, "isdigit($self, /)\n--\n\nAre all characters digits, and is there one?" },
    { "isnumeric", s_isnumeric, 0, 0, 0, "isnumeric($self, /)\n--\n\nAre all characters numeric, and is there one?" },
    { "isalpha", s_isalpha, 0, 0, 0, "isalpha($self, /)\n--\n\nAre all characters letters, and is there one?" },
    { "isalnum", s_isalnum, 0, 0, 0, "isalnum($self, /)\n--\n\nAre all characters letters or numbers, and is there one?" },
    { "isidentifier", s_isidentifier, 0, 0, 0, "isidentifier($self, /)\n--\n\nIs the string a valid identifier?" },
    { "isprintable", s_isprintable, 0, 0, 0, "isprintable($self, /)\n--\n\nAre all characters printable?" },
    { "zfill", s_zfill, 1, 1, 0, "zfill($self, width, /)\n--\n\nPad with zeros on the left, behind a sign." },
    { "format", s_format, 0, -1, HD_METH_KW, "S.format(*args, **kwargs) -> str\n\nFill the fields in braces from the arguments." },
    { "format_map", s_format_map, 1, 1, 0, "S.format_map(mapping) -> str\n\nFill the fields in braces from the mapping." },
    { "__format__", s_dunder_format, 1, 1, 0, "__format__($self, format_spec, /)\n--\n\nThe string as the format specification asks." },
    { "maketrans", s_maketrans, 1, 3, HD_METH_STATIC, "maketrans(x, y=<unrepresentable>, z=<unrepresentable>, /)\n--\n\nA table for translate()." },
    { "__sizeof__", s_sizeof, 0, 0, 0, "__sizeof__($self, /)\n--\n\nSize in memory, in bytes." },
    { "__getnewargs__", s_getnewargs, 0, 0, 0, "Arguments for pickling." },
    { NULL }
};
