/* Methods of bytes and bytearray.  All work on a view of the bytes; results have the type of the object. */
#include <ctype.h>
#include "interp/core/names.h"
#include "interp/types/bytes_methods.h"

#define FN(name) static hd_value b_##name(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
#define VIEW(p, n) size_t n; const unsigned char *p = hd_bytes_view(self, &n); if (!p) return HD_ERR

/* self if it need not be copied, else a new object with the same bytes */
static hd_value same(hd_value self, const unsigned char *p, size_t n) { return hd_is_bytes_exact(self) ? self : hd_bytes_result(self, p, n); }

/* ---- searching --------------------------------------------------------------------------------------------------------------- */
/* An argument that is a byte value or bytes-like; hold it with hd_byteview_release. */
static int sub_arg(hd_value v, struct hd_byteview *out, unsigned char *byte)
{
    if (hd_is_int(v) || (!hd_is_bytes_like(v) && hd_type_of(v)->op.index)) {
        int c = hd_byte_value(v);
        if (c < 0) return -1;
        *byte = (unsigned char)c;
        out->p = byte; out->n = 1; out->held = false;
        return 0;
    }
    if (!hd_is_bytes_like(v)) { hd_raise(&hd_exc_TypeError, "argument should be integer or bytes-like object, not '%.200T'", v); return -1; }
    return hd_byteview_get(v, out);
}

/* Position of the first (last) sub[0..m) in [lo, hi) of self; -1, -2: error.  Where others may write, what lies more than a window
 * behind the hit is not read; windows overlap by what an occurrence could begin with. */
static int64_t seek(hd_value self, int64_t lo, int64_t hi, const unsigned char *sub, int64_t m, int direction)
{
    if (hi - lo < m) return -1;
    int64_t window = hd_bytes_steady(self) ? hi - lo : m + HD_BYTES_WINDOW;
    for (;; window *= 2) {
        if (window > hi - lo) window = hi - lo;
        int64_t from = direction > 0 ? lo : hi - window;
        const unsigned char *p = hd_bytes_part(self, from, from + window);
        if (!p) return -2;
        int64_t i = direction > 0 ? hd_search(1, p, window, sub, m) : hd_search_last(1, p, window, sub, m);
        if (i >= 0) return from + i;
        if (window == hi - lo) return -1;
        if (direction > 0) lo += window - m + 1;
        else hi -= window - m + 1;
    }
}
static int64_t find(const char *f, hd_value self, const hd_value *args, size_t nargs, int direction)        /* -2: error */
{
    struct hd_byteview sub;
    unsigned char byte;
    int64_t lo, hi, i;
    if (hd_slice_args(f, args, nargs, &lo, &hi) < 0 || sub_arg(args[0], &sub, &byte) < 0) return -2;
    hd_clamp_range(hd_bytes_length(self), &lo, &hi);
    i = seek(self, lo, hi, sub.p, sub.n, direction);
    hd_byteview_release(&sub);
    return i;
}
static hd_value found(int64_t i, bool need)
{
    return i == -2 ? HD_ERR : i < 0 && need ? hd_raise(&hd_exc_ValueError, "subsection not found") : hd_int(i);
}
FN(find) { return found(find("find", self, args, nargs, 1), false); }
FN(rfind) { return found(find("rfind", self, args, nargs, -1), false); }
FN(index) { return found(find("index", self, args, nargs, 1), true); }
FN(rindex) { return found(find("rindex", self, args, nargs, -1), true); }
FN(count)
{
    struct hd_byteview sub;
    unsigned char byte;
    int64_t lo, hi, c = 0;
    if (hd_slice_args("count", args, nargs, &lo, &hi) < 0 || sub_arg(args[0], &sub, &byte) < 0) return HD_ERR;
    hd_clamp_range(hd_bytes_length(self), &lo, &hi);
    const unsigned char *p = NULL;
    if (hi - lo >= (int64_t)sub.n) c = (p = hd_bytes_part(self, lo, hi)) ? hd_search_count(1, p, hi - lo, sub.p, sub.n, INT64_MAX) : -1;
    hd_byteview_release(&sub);
    return c < 0 ? HD_ERR : hd_int(c);
}
int hd_bytes_contains(hd_value self, hd_value x)
{
    struct hd_byteview sub;
    unsigned char byte;
    if (hd_is_int(x) || (!hd_is_bytes_like(x) && hd_type_of(x)->op.index)) {
        if (sub_arg(x, &sub, &byte) < 0) return -1;
    } else if (hd_byteview_get(x, &sub) < 0) return -1;
    int64_t i = seek(self, 0, hd_bytes_length(self), sub.p, sub.n, 1);
    hd_byteview_release(&sub);
    return i == -2 ? -1 : i >= 0;
}
static int tail(hd_value self, hd_value x, int64_t lo, int64_t hi, int direction)
{
    struct hd_byteview sub;
    if (hd_byteview_hold(x, &sub) < 0) return -1;
    hd_clamp_range(hd_bytes_length(self), &lo, &hi);
    int64_t m = sub.n, from = direction < 0 ? lo : hi - m;
    int r = 0;
    if (hi - lo >= m) {
        const unsigned char *q = hd_byteview_part(&sub, 0, m), *p = q ? hd_bytes_part(self, from, from + m) : NULL;
        r = p ? memcmp(p, q, m) == 0 : -1;
    }
    hd_byteview_release(&sub);
    return r;
}
static hd_value affix(hd_value self, const hd_value *args, size_t nargs, int direction)
{
    int64_t lo, hi;
    if (hd_slice_args(direction < 0 ? "startswith" : "endswith", args, nargs, &lo, &hi) < 0) return HD_ERR;
    if (hd_is_tuple(args[0])) {
        const struct hd_tuple *t = HD_TUPLE(args[0]);
        for (int64_t i = 0; i < t->len; i++) {
            int r = tail(self, t->item[i], lo, hi, direction);
            if (r) return r < 0 ? HD_ERR : HD_TRUE;
        }
        return HD_FALSE;
    }
    if (!hd_is_bytes_like(args[0]))
        return hd_raise(&hd_exc_TypeError, "%s first arg must be bytes or a tuple of bytes, not %.100T", direction < 0 ? "startswith" : "endswith", args[0]);
    int r = tail(self, args[0], lo, hi, direction);
    return r < 0 ? HD_ERR : hd_bool(r);
}
FN(startswith) { return affix(self, args, nargs, -1); }
FN(endswith) { return affix(self, args, nargs, 1); }
FN(removeprefix)
{
    struct hd_byteview x;
    if (hd_byteview_get(args[0], &x) < 0) return HD_ERR;
    size_t m = x.n;
    int r = tail(self, args[0], 0, INT64_MAX, -1);
    hd_byteview_release(&x);
    VIEW(p, n);
    return r < 0 ? HD_ERR : r && m ? hd_bytes_result(self, p + m, n - m) : same(self, p, n);
}
FN(removesuffix)
{
    struct hd_byteview x;
    if (hd_byteview_get(args[0], &x) < 0) return HD_ERR;
    size_t m = x.n;
    int r = tail(self, args[0], 0, INT64_MAX, 1);
    hd_byteview_release(&x);
    VIEW(p, n);
    return r < 0 ? HD_ERR : r && m ? hd_bytes_result(self, p, n - m) : same(self, p, n);
}

/* ---- splitting ------------------------------------------------------------------------------------------------------------------- */
/* The pieces are given as positions first, so that making their objects cannot disturb the view. */
static int piece(hd_value list, hd_value self, const unsigned char *p, size_t lo, size_t hi, size_t n)
{
    hd_value v = lo == 0 && hi == n ? same(self, p, n) : hd_bytes_result(self, p + lo, hi - lo);
    return v == HD_ERR ? -1 : hd_list_append(list, v);
}
static int reverse(hd_value list)
{
    for (int64_t i = 0, n = hd_list_len(list); i < n / 2; i++) {
        hd_value a = hd_list_get(list, i), b = hd_list_get(list, n - 1 - i);
        if (hd_list_set(list, i, b) < 0 || hd_list_set(list, n - 1 - i, a) < 0) return -1;
    }
    return 0;
}
static bool is_space(unsigned char c) { return c == ' ' || (c >= 9 && c <= 13); }

static hd_value split_space(hd_value self, int64_t max, bool right)
{
    VIEW(p, len);
    int64_t n = len;
    hd_value list = hd_list_new(0);
    if (list == HD_ERR) return list;
    if (!right) {
        for (int64_t i = 0; i < n;) {
            while (i < n && is_space(p[i])) i++;
            if (i == n) break;
            int64_t start = i, end;
            if (max-- <= 0) { end = n; i = n; }
            else { while (i < n && !is_space(p[i])) i++; end = i; }
            if (piece(list, self, p, start, end, n) < 0) return HD_ERR;
        }
        return list;
    }
    for (int64_t i = n; i > 0;) {
        while (i > 0 && is_space(p[i - 1])) i--;
        if (i == 0) break;
        int64_t end = i, start;
        if (max-- <= 0) { start = 0; i = 0; }
        else { while (i > 0 && !is_space(p[i - 1])) i--; start = i; }
        if (piece(list, self, p, start, end, n) < 0) return HD_ERR;
    }
    return reverse(list) < 0 ? HD_ERR : list;
}
static hd_value split(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames, bool right)
{
    hd_value a[2];
    if (hd_args(right ? "rsplit" : "split", "|sep,maxsplit", args, nargs, kwnames, a) < 0) return HD_ERR;
    int64_t max = -1;
    if (a[1] != HD_ABSENT && hd_as_i64(a[1], &max) < 0) return HD_ERR;
    if (max < 0) max = INT64_MAX;
    if (a[0] == HD_ABSENT || a[0] == HD_NONE) return split_space(self, max, right);
    struct hd_byteview sep;
    if (hd_byteview_get(a[0], &sep) < 0) return HD_ERR;
    hd_value list = HD_ERR;
    if (sep.n == 0) { hd_raise(&hd_exc_ValueError, "empty separator"); goto out; }
    size_t n;
    const unsigned char *p = hd_bytes_view(self, &n);
    if (!p || (list = hd_list_new(0)) == HD_ERR) goto out;
    if (!right) {
        size_t at = 0;
        while (max-- > 0) {
            int64_t i = hd_search(1, p + at, n - at, sep.p, sep.n);
            if (i < 0) break;
            if (piece(list, self, p, at, at + i, n) < 0) { list = HD_ERR; goto out; }
            at += i + sep.n;
        }
        if (piece(list, self, p, at, n, n) < 0) list = HD_ERR;
    } else {
        size_t end = n;
        while (max-- > 0) {
            int64_t i = hd_search_last(1, p, end, sep.p, sep.n);
            if (i < 0) break;
            if (piece(list, self, p, i + sep.n, end, n) < 0) { list = HD_ERR; goto out; }
            end = i;
        }
        if (piece(list, self, p, 0, end, n) < 0 || reverse(list) < 0) list = HD_ERR;
    }
out:
    hd_byteview_release(&sep);
    return list;
}
FN(split) { return split(self, args, nargs, kwnames, false); }
FN(rsplit) { return split(self, args, nargs, kwnames, true); }
FN(splitlines)
{
    hd_value a[1];
    if (hd_args("splitlines", "|keepends", args, nargs, kwnames, a) < 0) return HD_ERR;
    int keep = a[0] == HD_ABSENT ? 0 : hd_truth(a[0]);
    hd_value list = keep < 0 ? HD_ERR : hd_list_new(0);
    if (list == HD_ERR) return HD_ERR;
    VIEW(p, n);
    for (size_t i = 0; i < n;) {
        size_t start = i;
        while (i < n && p[i] != '\n' && p[i] != '\r') i++;
        size_t end = i;
        if (i < n) {
            i += p[i] == '\r' && i + 1 < n && p[i + 1] == '\n' ? 2 : 1;
            if (keep) end = i;
        }
        if (piece(list, self, p, start, end, n) < 0) return HD_ERR;
    }
    return list;
}
static hd_value partition(hd_value self, hd_value sepv, int direction)
{
    struct hd_byteview sep;
    if (hd_byteview_get(sepv, &sep) < 0) return HD_ERR;
    hd_value r = HD_ERR, a, b, m;
    if (sep.n == 0) { hd_raise(&hd_exc_ValueError, "empty separator"); goto out; }
    size_t n;
    const unsigned char *p = hd_bytes_view(self, &n);
    if (!p) goto out;
    int64_t i = direction > 0 ? hd_search(1, p, n, sep.p, sep.n) : hd_search_last(1, p, n, sep.p, sep.n);
    if (i < 0) {
        a = same(self, p, n);
        b = hd_bytes_result(self, "", 0);
        m = hd_bytes_result(self, "", 0);
        if (a != HD_ERR && b != HD_ERR && m != HD_ERR) r = direction > 0 ? hd_tuplev(a, m, b) : hd_tuplev(m, b, a);
    } else {
        a = hd_bytes_result(self, p, i);
        b = hd_bytes_result(self, p + i + sep.n, n - i - sep.n);
        m = hd_is_bytearray(self) ? hd_bytearray_new(sep.p, sep.n) : sepv;
        if (a != HD_ERR && b != HD_ERR && m != HD_ERR) r = hd_tuplev(a, m, b);
    }
out:
    hd_byteview_release(&sep);
    return r;
}
FN(partition) { return partition(self, args[0], 1); }
FN(rpartition) { return partition(self, args[0], -1); }

static hd_value join(hd_value like, const unsigned char *sep, size_t nsep, hd_value seq)
{
    const hd_value *item;
    int64_t n;
    hd_value keep = hd_fast_sequence(seq, "can only join an iterable", &item, &n);
    if (keep == HD_ERR) return HD_ERR;
    if (n == 1 && hd_is_bytes_exact(item[0]) && hd_is_bytes(like)) return item[0];
    struct hd_bytebuilder b = { 0 };
    size_t total = 0;
    int64_t plain = 0;
    for (; plain < n && hd_is_bytes_exact(item[plain]); plain++) total += (size_t)HD_BYTES(item[plain])->len + nsep;
    if (n && plain == n && hd_is_bytes(like)) {            /* the usual case: one copy */
        hd_value r = hd_bytes_new(NULL, total - nsep);
        if (r == HD_ERR || total == nsep) return r;
        unsigned char *o = HD_BYTES(r)->data;
        for (int64_t i = 0; i < n; i++) {
            const struct hd_bytes *x = HD_BYTES(item[i]);
            if (i) { memcpy(o, sep, nsep); o += nsep; }
            memcpy(o, x->data, (size_t)x->len);
            o += x->len;
        }
        __asm__ volatile("" :: "r"(keep));
        return r;
    }
    hd_bb_reserve(&b, total);
    for (int64_t i = 0; i < n; i++) {
        struct hd_byteview v;
        if (!hd_is_bytes_like(item[i]))
            return hd_raise(&hd_exc_TypeError, "sequence item %zd: expected a bytes-like object, %.80T found", i, item[i]);
        if (hd_byteview_get(item[i], &v) < 0) return HD_ERR;
        if (i) hd_bb_bytes(&b, sep, nsep);
        hd_bb_bytes(&b, v.p, v.n);
        hd_byteview_release(&v);
    }
    __asm__ volatile("" :: "r"(keep));
    return b.failed ? HD_ERR : hd_bytes_result(like, b.buf, b.len);
}
FN(join)
{
    VIEW(p, n);
    unsigned char *sep = hd_scratch(n + 1);                /* iterating may change a bytearray */
    if (!sep) return HD_ERR;
    memcpy(sep, p, n);
    return join(self, sep, n, args[0]);
}
hd_value hd_bytes_join(hd_value sep, hd_value seq)
{
    return join(sep, HD_BYTES(sep)->data, HD_BYTES(sep)->len, seq);
}

/* ---- replacing, translating, padding ---------------------------------------------------------------------------------------------- */
FN(replace)
{
    struct hd_byteview from, to;
    int64_t max = -1;
    if (hd_byteview_get(args[0], &from) < 0) return HD_ERR;
    if (hd_byteview_get(args[1], &to) < 0) { hd_byteview_release(&from); return HD_ERR; }
    hd_value r = HD_ERR;
    size_t n;
    const unsigned char *p = hd_bytes_view(self, &n);
    if (!p || (nargs > 2 && hd_as_i64(args[2], &max) < 0)) goto out;
    if (max < 0) max = INT64_MAX;
    int64_t count = max ? hd_search_count(1, p, n, from.p, from.n, max) : 0;
    if (count == 0) { r = same(self, p, n); goto out; }
    struct hd_bytebuilder b = { 0 };
    int64_t total;
    if (__builtin_mul_overflow(count, (int64_t)to.n - (int64_t)from.n, &total) || __builtin_add_overflow(total, (int64_t)n, &total)) {
        hd_raise(&hd_exc_OverflowError, "replace bytes is too long");
        goto out;
    }
    hd_bb_reserve(&b, total + 1);
    size_t at = 0;
    for (int64_t k = 0; k < count && !b.failed; k++) {
        if (from.n == 0) {
            if (k) hd_bb_byte(&b, p[at++]);
            hd_bb_bytes(&b, to.p, to.n);
            continue;
        }
        int64_t i = hd_search(1, p + at, n - at, from.p, from.n);
        hd_bb_bytes(&b, p + at, i);
        hd_bb_bytes(&b, to.p, to.n);
        at += i + from.n;
    }
    hd_bb_bytes(&b, p + at, n - at);
    r = b.failed ? HD_ERR : hd_bytes_result(self, b.buf, b.len);
out:
    hd_byteview_release(&from);
    hd_byteview_release(&to);
    return r;
}
FN(translate)
{
    hd_value a[2];
    if (hd_args("translate", "table,/,|delete", args, nargs, kwnames, a) < 0) return HD_ERR;
    struct hd_byteview table = { 0 }, del = { 0 };
    hd_value r = HD_ERR;
    if (a[0] != HD_NONE) {
        if (hd_byteview_get(a[0], &table) < 0) return HD_ERR;
        if (table.n != 256) { hd_raise(&hd_exc_ValueError, "translation table must be 256 characters long"); goto out; }
    }
    if (a[1] != HD_ABSENT && hd_byteview_get(a[1], &del) < 0) goto out;
    bool drop[256] = { false };
    for (size_t i = 0; i < del.n; i++) drop[del.p[i]] = true;
    size_t n;
    const unsigned char *p = hd_bytes_view(self, &n);
    struct hd_bytebuilder b = { 0 };
    unsigned char *o = p ? hd_bb_reserve(&b, n + 1) : NULL;
    if (!o) goto out;
    for (size_t i = 0; i < n; i++) if (!drop[p[i]]) *o++ = table.p ? table.p[p[i]] : p[i];
    b.len = o - b.buf;
    r = b.len == n && memcmp(b.buf, p, n) == 0 ? same(self, p, n) : hd_bytes_result(self, b.buf, b.len);
out:
    hd_byteview_release(&table);
    hd_byteview_release(&del);
    return r;
}
FN(maketrans)
{
    struct hd_byteview from, to;
    if (hd_byteview_get(args[0], &from) < 0) return HD_ERR;
    if (hd_byteview_get(args[1], &to) < 0) { hd_byteview_release(&from); return HD_ERR; }
    hd_value r;
    if (from.n != to.n) r = hd_raise(&hd_exc_ValueError, "maketrans arguments must have same length");
    else {
        unsigned char t[256];
        for (int i = 0; i < 256; i++) t[i] = (unsigned char)i;
        for (size_t i = 0; i < from.n; i++) t[from.p[i]] = to.p[i];
        r = hd_bytes_new(t, 256);
    }
    hd_byteview_release(&from);
    hd_byteview_release(&to);
    return r;
}
static hd_value strip(hd_value self, const hd_value *args, size_t nargs, int sides)
{
    bool set[256] = { false };
    if (nargs == 0 || args[0] == HD_NONE) {
        for (int i = 0; i < 256; i++) set[i] = is_space((unsigned char)i);
    } else {
        struct hd_byteview v;
        if (hd_byteview_get(args[0], &v) < 0) return HD_ERR;
        for (size_t i = 0; i < v.n; i++) set[v.p[i]] = true;
        hd_byteview_release(&v);
    }
    VIEW(p, n);
    size_t lo = 0, hi = n;
    if (sides & 1) while (lo < hi && set[p[lo]]) lo++;
    if (sides & 2) while (hi > lo && set[p[hi - 1]]) hi--;
    return lo == 0 && hi == n ? same(self, p, n) : hd_bytes_result(self, p + lo, hi - lo);
}
FN(strip) { return strip(self, args, nargs, 3); }
FN(lstrip) { return strip(self, args, nargs, 1); }
FN(rstrip) { return strip(self, args, nargs, 2); }

static hd_value pad(hd_value self, const hd_value *args, size_t nargs, const char *name)
{
    int64_t w;
    unsigned char fill = ' ';
    if (hd_as_i64(args[0], &w) < 0) return HD_ERR;
    if (nargs > 1) {
        const unsigned char *q = (hd_is_bytes(args[1]) || hd_is_bytearray(args[1])) && hd_bytes_length(args[1]) == 1 ? hd_bytes_part(args[1], 0, 1) : NULL;
        if (!q) return hd_raise(&hd_exc_TypeError, "%s() argument 2 must be a byte string of length 1, not %.50s", name, hd_arg_name(args[1]));
        fill = *q;
    }
    VIEW(p, n);
    if (w <= (int64_t)n) return same(self, p, n);
    int64_t margin = w - (int64_t)n, left = name[0] == 'l' ? 0 : name[0] == 'r' ? margin : margin / 2 + (margin & w & 1);
    struct hd_bytebuilder b = { 0 };
    unsigned char *o = hd_bb_reserve(&b, w);
    if (!o) return HD_ERR;
    memset(o, fill, w);
    memcpy(o + left, p, n);
    return hd_bytes_result(self, o, w);
}
FN(center) { return pad(self, args, nargs, "center"); }
FN(ljust) { return pad(self, args, nargs, "ljust"); }
FN(rjust) { return pad(self, args, nargs, "rjust"); }
FN(zfill)
{
    int64_t w;
    if (hd_as_i64(args[0], &w) < 0) return HD_ERR;
    VIEW(p, n);
    if (w <= (int64_t)n) return same(self, p, n);
    struct hd_bytebuilder b = { 0 };
    unsigned char *o = hd_bb_reserve(&b, w);
    if (!o) return HD_ERR;
    size_t sign = n && (p[0] == '+' || p[0] == '-');
    memset(o, '0', w);
    if (sign) o[0] = p[0];
    memcpy(o + (w - (int64_t)n) + sign, p + sign, n - sign);
    return hd_bytes_result(self, o, w);
}
FN(expandtabs)
{
    hd_value a[1];
    int tab = 8;
    if (hd_args("expandtabs", "|tabsize", args, nargs, kwnames, a) < 0) return HD_ERR;
    if (a[0] != HD_ABSENT && hd_as_int32(a[0], &tab) < 0) return HD_ERR;
    VIEW(p, n);
    struct hd_bytebuilder b = { 0 };
    int64_t column = 0, total = 0;
    for (int pass = 0; pass < 2; pass++) {
        column = 0;
        for (size_t i = 0; i < n; i++) {
            int64_t w = p[i] == '\t' ? (tab > 0 ? tab - column % tab : 0) : 1;
            if (!pass) { if (__builtin_add_overflow(total, w, &total)) return hd_raise(&hd_exc_OverflowError, "result too long"); }
            else if (p[i] != '\t') hd_bb_byte(&b, p[i]);
            else {
                unsigned char *o = hd_bb_reserve(&b, w);
                if (!o) return HD_ERR;
                memset(o, ' ', w);
                b.len += w;
            }
            column = p[i] == '\n' || p[i] == '\r' ? 0 : column + w;
        }
    }
    return b.failed ? HD_ERR : hd_bytes_result(self, b.buf, b.len);
}

/* ---- case and tests ------------------------------------------------------------------------------------------------------------------ */
enum form { LOWER, UPPER, SWAP, TITLE, CAPITALIZE };
static hd_value change(hd_value self, enum form form)
{
    VIEW(p, n);
    struct hd_bytebuilder b = { 0 };
    unsigned char *o = hd_bb_reserve(&b, n + 1);
    if (!o) return HD_ERR;
    bool previous = false;
    for (size_t i = 0; i < n; i++) {
        unsigned char c = p[i], l = c | 0x20;
        bool letter = l >= 'a' && l <= 'z';
        bool upper = form == UPPER || (form == SWAP && c == l) || (form == TITLE && !previous) || (form == CAPITALIZE && i == 0);
        o[i] = !letter ? c : upper ? l & ~0x20 : l;
        previous = letter;
    }
    return hd_bytes_result(self, o, n);
}
FN(lower) { return change(self, LOWER); }
FN(upper) { return change(self, UPPER); }
FN(swapcase) { return change(self, SWAP); }
FN(title) { return change(self, TITLE); }
FN(capitalize) { return change(self, CAPITALIZE); }

static bool c_alpha(unsigned char c) { c |= 0x20; return c >= 'a' && c <= 'z'; }
static bool c_digit(unsigned char c) { return c >= '0' && c <= '9'; }
static bool c_alnum(unsigned char c) { return c_alpha(c) || c_digit(c); }
/* From `at` on, as far as one who may stop at any byte should read now. */
static const unsigned char *next_window(hd_value self, int64_t at, int64_t n, int64_t *end)
{
    *end = hd_window_end(hd_bytes_steady(self), at, n);
    return hd_bytes_part(self, at, *end);
}
static hd_value all(hd_value self, bool (*test)(unsigned char))
{
    const unsigned char *p;
    int64_t n = hd_bytes_length(self);
    for (int64_t at = 0, end; at < n; at = end) {
        if (!(p = next_window(self, at, n, &end))) return HD_ERR;
        for (int64_t i = 0; i < end - at; i++) if (!test(p[i])) return HD_FALSE;
    }
    return hd_bool(n > 0);
}
FN(isalpha) { return all(self, c_alpha); }
FN(isdigit) { return all(self, c_digit); }
FN(isalnum) { return all(self, c_alnum); }
FN(isspace) { return all(self, is_space); }
FN(isascii)
{
    const unsigned char *p;
    for (int64_t n = hd_bytes_length(self), at = 0, end; at < n; at = end) {
        if (!(p = next_window(self, at, n, &end))) return HD_ERR;
        if (!hd_bytes_all_ascii(p, end - at)) return HD_FALSE;
    }
    return HD_TRUE;
}
static hd_value cased(hd_value self, bool upper)
{
    const unsigned char *p;
    bool any = false;
    for (int64_t n = hd_bytes_length(self), at = 0, end; at < n; at = end) {
        if (!(p = next_window(self, at, n, &end))) return HD_ERR;
        for (int64_t i = 0; i < end - at; i++) {
            if (!c_alpha(p[i])) continue;
            if ((p[i] < 'a') != upper) return HD_FALSE;
            any = true;
        }
    }
    return hd_bool(any);
}
FN(islower) { return cased(self, false); }
FN(isupper) { return cased(self, true); }
FN(istitle)
{
    const unsigned char *p;
    bool any = false, previous = false;
    for (int64_t n = hd_bytes_length(self), at = 0, end; at < n; at = end) {
        if (!(p = next_window(self, at, n, &end))) return HD_ERR;
        for (int64_t i = 0; i < end - at; i++) {
            bool letter = c_alpha(p[i]);
            if (letter && (p[i] < 'a') == previous) return HD_FALSE;
            any |= letter;
            previous = letter;
        }
    }
    return hd_bool(any);
}

/* ---- text and hex ----------------------------------------------------------------------------------------------------------------------- */
FN(decode)
{
    hd_value a[2];
    const char *encoding, *errors;
    if (nargs == 0 && !kwnames) a[0] = a[1] = HD_ABSENT, encoding = errors = NULL;
    else if (hd_args("decode", "|encoding,errors", args, nargs, kwnames, a) < 0 || hd_codec_args("decode", a, &encoding, &errors) < 0) return HD_ERR;
    VIEW(p, n);
    if (hd_is_bytearray(self)) {                          /* an error handler may change it */
        hd_value b = hd_bytes_new(p, n);
        return b == HD_ERR ? b : hd_str_decode((const char *)HD_BYTES(b)->data, n, encoding, errors);
    }
    return hd_str_decode((const char *)p, n, encoding, errors);
}

hd_value hd_hex_args(const unsigned char *p, size_t n, const hd_value *args, size_t nargs, hd_value kwnames)
{
    static const char hex[] = "0123456789abcdef";
    hd_value a[2];
    int group = 1;
    unsigned sep = 0;
    if (hd_args("hex", "|sep,bytes_per_sep", args, nargs, kwnames, a) < 0) return HD_ERR;
    if (a[1] != HD_ABSENT && hd_as_int32(a[1], &group) < 0) return HD_ERR;
    if (a[0] != HD_ABSENT) {
        int64_t m = hd_len(a[0]);
        if (m < 0) return HD_ERR;
        if (hd_is_str(a[0])) {
            if (m == 1) sep = hd_str_at(a[0], 0);
        } else if (hd_is_bytes(a[0])) {
            if (m == 1) sep = HD_BYTES(a[0])->data[0];
        } else return hd_raise(&hd_exc_TypeError, "sep must be str or bytes.");
        if (m != 1) return hd_raise(&hd_exc_ValueError, "sep must be length 1.");
        if (sep > 127) return hd_raise(&hd_exc_ValueError, "sep must be ASCII.");
    } else group = 0;
    if (n == 0) return hd_empty_str;
    uint64_t g = group < 0 ? -(int64_t)group : group, seps = g ? (n - 1) / g : 0;
    void *data;
    hd_value r = hd_str_new(1, n * 2 + seps, 0x7f, &data);
    if (r == HD_ERR) return r;
    char *o = data;
    for (size_t i = 0; i < n; i++) {
        if (i && g && (group < 0 ? i % g == 0 : (n - i) % g == 0)) *o++ = (char)sep;
        *o++ = hex[p[i] >> 4];
        *o++ = hex[p[i] & 15];
    }
    return r;
}
FN(hex) { VIEW(p, n); return hd_hex_args(p, n, args, nargs, kwnames); }

static int hex_digit(uint32_t c) { return c - '0' < 10 ? (int)(c - '0') : (c | 32) - 'a' < 6 ? (int)((c | 32) - 'a' + 10) : -1; }
FN(fromhex)
{
    if (!hd_is_str(args[0])) return hd_raise(&hd_exc_TypeError, "fromhex() argument must be str, not %.50s", hd_arg_name(args[0]));
    hd_value s = args[0];
    int64_t n = hd_str_len(s);
    struct hd_bytebuilder b = { 0 };
    hd_bb_reserve(&b, n / 2 + 1);
    for (int64_t i = 0; i < n;) {
        uint32_t c = hd_str_at(s, i);
        if (c < 128 && is_space((unsigned char)c)) { i++; continue; }
        int hi = hex_digit(c), lo = hi < 0 || i + 1 >= n ? -1 : hex_digit(hd_str_at(s, i + 1));
        if (hi < 0 || lo < 0) return hd_raise(&hd_exc_ValueError, "non-hexadecimal number found in fromhex() arg at position %zd", hi < 0 ? i : i + 1);
        hd_bb_byte(&b, (unsigned)(hi << 4 | lo));
        i += 2;
    }
    struct hd_type *base = hd_subtype(HD_TYPE(self), &hd_bytearray_type) ? &hd_bytearray_type : &hd_bytes_type;
    hd_value r = b.failed ? HD_ERR : base == &hd_bytes_type ? hd_bytes_new(b.buf, b.len) : hd_bytearray_new(b.buf, b.len);
    return r == HD_ERR || self == hd_obj(base) ? r : hd_callv(self, r);
}

/* ---- bytes only ---------------------------------------------------------------------------------------------------------------------------- */
FN(getnewargs)
{
    hd_value v = hd_bytes_new(HD_BYTES(self)->data, HD_BYTES(self)->len);
    return v == HD_ERR ? v : hd_tuplev(v);
}
FN(dunder_bytes) { return hd_is_bytes_exact(self) ? self : hd_bytes_new(HD_BYTES(self)->data, HD_BYTES(self)->len); }
FN(sizeof) { return hd_int(HD_BYTES(self)->len + 33); }

/* ---- bytearray only -------------------------------------------------------------------------------------------------------------------------- */
FN(append)
{
    int c = hd_byte_value(args[0]);
    if (c < 0) return HD_ERR;
    unsigned char byte = (unsigned char)c;
    int64_t n = hd_bytearray_len(self);
    return hd_bytearray_splice(hd_ptr(self), n, n, &byte, 1) < 0 ? HD_ERR : HD_NONE;
}
FN(insert)
{
    int64_t i, n;
    if (hd_as_i64(args[0], &i) < 0) return HD_ERR;
    int c = hd_byte_value(args[1]);
    if (c < 0) return HD_ERR;
    unsigned char byte = (unsigned char)c;
    n = hd_bytearray_len(self);
    if (i < 0 && (i += n) < 0) i = 0;
    if (i > n) i = n;
    return hd_bytearray_splice(hd_ptr(self), i, i, &byte, 1) < 0 ? HD_ERR : HD_NONE;
}
FN(extend) { return hd_bytearray_extend(hd_ptr(self), args[0]) < 0 ? HD_ERR : HD_NONE; }
FN(pop)
{
    int64_t i = -1, n = hd_bytearray_len(self);
    if (nargs && hd_as_i64(args[0], &i) < 0) return HD_ERR;
    if (n == 0) return hd_raise(&hd_exc_IndexError, "pop from empty bytearray");
    if (i < 0) i += n;
    if (i < 0 || i >= n) return hd_raise(&hd_exc_IndexError, "pop index out of range");
    int c = hd_bytearray_get(self, i);
    return hd_bytearray_splice(hd_ptr(self), i, i + 1, NULL, 0) < 0 ? HD_ERR : hd_fix(c);
}
FN(remove)
{
    int c = hd_byte_value(args[0]);
    if (c < 0) return HD_ERR;
    unsigned char byte = (unsigned char)c;
    int64_t i = seek(self, 0, hd_bytes_length(self), &byte, 1, 1);
    if (i == -2) return HD_ERR;
    if (i < 0) return hd_raise(&hd_exc_ValueError, "value not found in bytearray");
    return hd_bytearray_splice(hd_ptr(self), i, i + 1, NULL, 0) < 0 ? HD_ERR : HD_NONE;
}
FN(reverse)
{
    int64_t n = hd_bytearray_len(self);
    unsigned char *p = hd_bytearray_open_bytes(hd_ptr(self), 0, n);
    for (int64_t i = 0; i < n / 2; i++) { unsigned char t = p[i]; p[i] = p[n - 1 - i]; p[n - 1 - i] = t; }
    return HD_NONE;
}
FN(clear) { return hd_bytearray_splice(hd_ptr(self), 0, hd_bytearray_len(self), NULL, 0) < 0 ? HD_ERR : HD_NONE; }
FN(copy) { VIEW(p, n); return hd_bytearray_new(p, n); }
FN(alloc)
{
    struct hd_bytebody *b = HD_GET(HD_BYTEARRAY(self), body);
    int64_t start = HD_GET(HD_BYTEARRAY(self), start);
    return hd_int(b ? (int64_t)b->cap - start + 1 : 0);
}
FN(ba_sizeof)
{
    struct hd_bytebody *b = HD_GET(HD_BYTEARRAY(self), body);
    return hd_int((int64_t)sizeof(struct hd_bytearray) + (b ? (int64_t)b->cap + 1 : 0));
}
static hd_value reduce(hd_value self, int64_t protocol)
{
    hd_value state = hd_call_method(self, hd_s___getstate__, NULL, 0);
    if (state == HD_ERR) return HD_ERR;
    VIEW(p, n);
    hd_value type = hd_obj(hd_type_of(self)), a;
    if (protocol < 3) {
        hd_value text = hd_str_latin1((const char *)p, n);
        a = text == HD_ERR ? text : n ? hd_tuplev(text, hd_intern("latin-1")) : hd_tuple_from(NULL, 0);
    } else {
        hd_value b = hd_bytes_new(p, n);
        a = b == HD_ERR ? b : n ? hd_tuplev(b) : hd_tuple_from(NULL, 0);
    }
    return a == HD_ERR ? a : hd_tuplev(type, a, state);
}
FN(reduce) { return reduce(self, 2); }
FN(reduce_ex)
{
    int64_t protocol = 0;
    if (nargs && hd_as_i64(args[0], &protocol) < 0) return HD_ERR;
    return reduce(self, protocol);
}

#define SHARED(KIND) \
    { "capitalize", b_capitalize, 0, 0, 0, "B.capitalize() -> copy of B\n\nFirst byte in upper case, the others in lower case (ASCII)." }, \
    { "center", b_center, 1, 2, 0, "center($self, width, fillchar=b' ', /)\n--\n\nThe bytes centred in a field of the width." }, \
    { "count", b_count, 0, -1, 0, "B.count(sub[, start[, end]]) -> int\n\nNumber of occurrences of sub that do not overlap." }, \
    { "decode", b_decode, 0, 2, HD_METH_KW, "decode($self, /, encoding='utf-8', errors='strict')\n--\n\nDecode the bytes." }, \
    { "endswith", b_endswith, 0, -1, 0, "B.endswith(suffix[, start[, end]]) -> bool\n\nDoes B end with the suffix, or one of a tuple of them?" }, \
    { "expandtabs", b_expandtabs, 0, 1, HD_METH_KW, "expandtabs($self, /, tabsize=8)\n--\n\nCopy with tabs replaced by spaces." }, \
    { "find", b_find, 0, -1, 0, "B.find(sub[, start[, end]]) -> int\n\nLowest index of sub, or -1." }, \
    { "fromhex", b_fromhex, 1, 1, HD_METH_CLASS, "fromhex($type, string, /)\n--\n\nBytes from pairs of hexadecimal digits; spaces between them are skipped." }, \
    { "hex", b_hex, 0, 2, HD_METH_KW, "hex($self, /, sep=<unrepresentable>, bytes_per_sep=1)\n--\n\nThe bytes as hexadecimal digits, every bytes_per_sep of them (counted from the right) separated by sep.\n\n" \
      "   >>> bytes([1, 171, 16]).hex()\n   '01ab10'\n   >>> bytes([1, 171, 16]).hex(':', 2)\n   '01:ab10'" }, \
    { "index", b_index, 0, -1, 0, "B.index(sub[, start[, end]]) -> int\n\nLike find, but ValueError if there is none." }, \
    { "isalnum", b_isalnum, 0, 0, 0, "B.isalnum() -> bool\n\nAre all bytes ASCII letters or digits, and is there one?" }, \
    { "isalpha", b_isalpha, 0, 0, 0, "B.isalpha() -> bool\n\nAre all bytes ASCII letters, and is there one?" }, \
    { "isascii", b_isascii, 0, 0, 0, "B.isascii() -> bool\n\nAre all bytes ASCII?" }, \
    { "isdigit", b_isdigit, 0, 0, 0, "B.isdigit() -> bool\n\nAre all bytes ASCII digits, and is there one?" }, \
    { "islower", b_islower, 0, 0, 0, "B.islower() -> bool\n\nAre all ASCII letters lower case, and is there one?" }, \
    { "isspace", b_isspace, 0, 0, 0, "B.isspace() -> bool\n\nAre all bytes ASCII white space, and is there one?" }, \
    { "istitle", b_istitle, 0, 0, 0, "B.istitle() -> bool\n\nIs B in title case?" }, \
    { "isupper", b_isupper, 0, 0, 0, "B.isupper() -> bool\n\nAre all ASCII letters upper case, and is there one?" }, \
    { "join", b_join, 1, 1, 0, "join($self, iterable_of_bytes, /)\n--\n\nConcatenate bytes-like objects, with this one between them." }, \
    { "ljust", b_ljust, 1, 2, 0, "ljust($self, width, fillchar=b' ', /)\n--\n\nThe bytes at the left of a field of the width." }, \
    { "lower", b_lower, 0, 0, 0, "B.lower() -> copy of B\n\nWith ASCII letters in lower case." }, \
    { "lstrip", b_lstrip, 0, 1, 0, "lstrip($self, bytes=None, /)\n--\n\nCopy without leading white space, or the given bytes." }, \
    { "maketrans", b_maketrans, 2, 2, HD_METH_STATIC, "maketrans(frm, to, /)\n--\n\nA table for translate()." }, \
    { "partition", b_partition, 1, 1, 0, "partition($self, sep, /)\n--\n\nSplit at the first sep: (before, sep, after)." }, \
    { "removeprefix", b_removeprefix, 1, 1, 0, "removeprefix($self, prefix, /)\n--\n\nCopy without the prefix if it is there." }, \
    { "removesuffix", b_removesuffix, 1, 1, 0, "removesuffix($self, suffix, /)\n--\n\nCopy without the suffix if it is there." }, \
    { "replace", b_replace, 2, 3, 0, "replace($self, old, new, count=-1, /)\n--\n\nCopy with occurrences of old replaced by new." }, \
    { "rfind", b_rfind, 0, -1, 0, "B.rfind(sub[, start[, end]]) -> int\n\nHighest index of sub, or -1." }, \
    { "rindex", b_rindex, 0, -1, 0, "B.rindex(sub[, start[, end]]) -> int\n\nLike rfind, but ValueError if there is none." }, \
    { "rjust", b_rjust, 1, 2, 0, "rjust($self, width, fillchar=b' ', /)\n--\n\nThe bytes at the right of a field of the width." }, \
    { "rpartition", b_rpartition, 1, 1, 0, "rpartition($self, sep, /)\n--\n\nSplit at the last sep: (before, sep, after)." }, \
    { "rsplit", b_rsplit, 0, 2, HD_METH_KW, "rsplit($self, /, sep=None, maxsplit=-1)\n--\n\nThe list of sections, split from the end." }, \
    { "rstrip", b_rstrip, 0, 1, 0, "rstrip($self, bytes=None, /)\n--\n\nCopy without trailing white space, or the given bytes." }, \
    { "split", b_split, 0, 2, HD_METH_KW, "split($self, /, sep=None, maxsplit=-1)\n--\n\nThe list of sections, delimited by sep or white space." }, \
    { "splitlines", b_splitlines, 0, 1, HD_METH_KW, "splitlines($self, /, keepends=False)\n--\n\nThe list of lines." }, \
    { "startswith", b_startswith, 0, -1, 0, "B.startswith(prefix[, start[, end]]) -> bool\n\nDoes B begin with the prefix, or one of a tuple of them?" }, \
    { "strip", b_strip, 0, 1, 0, "strip($self, bytes=None, /)\n--\n\nCopy without white space, or the given bytes, at both ends." }, \
    { "swapcase", b_swapcase, 0, 0, 0, "B.swapcase() -> copy of B\n\nWith the case of ASCII letters changed." }, \
    { "title", b_title, 0, 0, 0, "B.title() -> copy of B\n\nWith words beginning in upper case." }, \
    { "translate", b_translate, 1, 2, HD_METH_KW, "translate($self, table, /, delete=b'')\n--\n\nCopy with each byte mapped by the table, without those to delete." }, \
    { "upper", b_upper, 0, 0, 0, "B.upper() -> copy of B\n\nWith ASCII letters in upper case." }, \
    { "zfill", b_zfill, 1, 1, 0, "zfill($self, width, /)\n--\n\nPad with zeros on the left, behind a sign." }

const struct hd_methoddef hd_bytes_methods[] = {
    SHARED(bytes),
    { "__getnewargs__", b_getnewargs, 0, 0, 0, "Arguments for pickling." },
    { "__bytes__", b_dunder_bytes, 0, 0, 0, "__bytes__($self, /)\n--\n\nThis as an exact bytes object." },
    { "__sizeof__", b_sizeof, 0, 0, 0, "__sizeof__($self, /)\n--\n\nSize in memory, in bytes." },
    { NULL }
};
const struct hd_methoddef hd_bytearray_methods[] = {
    SHARED(bytearray),
    { "append", b_append, 1, 1, 0, "append($self, item, /)\n--\n\nAppend one byte." },
    { "insert", b_insert, 2, 2, 0, "insert($self, index, item, /)\n--\n\nInsert one byte before the index." },
    { "extend", b_extend, 1, 1, 0, "extend($self, iterable_of_ints, /)\n--\n\nAppend all bytes of an iterable or a buffer." },
    { "pop", b_pop, 0, 1, 0, "pop($self, index=-1, /)\n--\n\nRemove and return one byte." },
    { "remove", b_remove, 1, 1, 0, "remove($self, value, /)\n--\n\nRemove the first occurrence of a byte." },
    { "reverse", b_reverse, 0, 0, 0, "reverse($self, /)\n--\n\nReverse the order of the bytes in place." },
    { "clear", b_clear, 0, 0, 0, "clear($self, /)\n--\n\nRemove all bytes." },
    { "copy", b_copy, 0, 0, 0, "copy($self, /)\n--\n\nA copy." },
    { "__alloc__", b_alloc, 0, 0, 0, "B.__alloc__() -> int\n\nNumber of bytes that are allocated." },
    { "__reduce__", b_reduce, 0, 0, 0, "__reduce__($self, /)\n--\n\nState for pickling." },
    { "__reduce_ex__", b_reduce_ex, 0, 1, 0, "__reduce_ex__($self, proto=0, /)\n--\n\nState for pickling." },
    { "__sizeof__", b_ba_sizeof, 0, 0, 0, "__sizeof__($self, /)\n--\n\nSize in memory, in bytes." },
    { NULL }
};
