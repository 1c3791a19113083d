/* Owns the unpacking and conversion of arguments of C functions, with the messages that programs see. */
#include "interp/core/api.h"
#include "interp/types/number.h"

enum { MAX_PARAMETERS = 40 };
struct parameters { const char *name[MAX_PARAMETERS]; int len[MAX_PARAMETERS]; int n, posonly, positional, required; };

/* Splits "a,b,/,|c,*,d". */
static void parse(const char *names, struct parameters *p)
{
    bool optional = false, kwonly = false;
    *p = (struct parameters){ .required = -1 };
    for (const char *s = names; *s;) {
        size_t len = strcspn(s, ",");
        if (*s == '|') {
            optional = true, s++, len--;
            p->required = p->n;
        }
        if (len == 1 && *s == '/') p->posonly = p->n;
        else if (len == 1 && *s == '*') {
            kwonly = true;
            p->positional = p->n;
        } else if (len) {
            p->name[p->n] = s, p->len[p->n] = (int)len;
            p->n++;
        }
        s += len;
        if (*s == ',') s++;
    }
    if (!kwonly) p->positional = p->n;
    if (!optional) p->required = p->n;
}

static bool is_name(hd_value s, const char *name, int len)
{
    if (HD_STR(s)->len != len) return false;
    for (int i = 0; i < len; i++)
        if (hd_str_at(s, i) != (unsigned char)name[i]) return false;
    return true;
}

/* What calls without keywords need to know of a list of names, by its address: address << 18 | n << 12 | positional << 6 |
 * required, where none of the required is keyword-only. */
enum { SUMMARIES = 512 };
static uint64_t summaries[SUMMARIES];

static uint64_t *summary_of(const char *names) { return &summaries[((uintptr_t)names * 0x9e3779b97f4a7c15u) >> 55]; }

int hd_args(const char *fname, const char *names, const hd_value *args, size_t nargs, hd_value kwnames, hd_value *out)
{
    if (!kwnames || !HD_TUPLE(kwnames)->len) {
        uint64_t w = __atomic_load_n(summary_of(names), __ATOMIC_RELAXED);
        if (w >> 18 == (uintptr_t)names && nargs >= (w & 63) && nargs <= (w >> 6 & 63)) {
            size_t n = w >> 12 & 63, i = 0;
            for (; i < nargs; i++) out[i] = args[i];
            for (; i < n; i++) out[i] = HD_ABSENT;
            return 0;
        }
    }
    struct parameters p;
    parse(names, &p);
    if (p.required <= p.positional && (uintptr_t)names >> 46 == 0)
        __atomic_store_n(summary_of(names), (uint64_t)(uintptr_t)names << 18 | (uint64_t)p.n << 12 | (uint64_t)p.positional << 6 | (uint64_t)p.required, __ATOMIC_RELAXED);
    size_t nkw = kwnames ? (size_t)HD_TUPLE(kwnames)->len : 0;
    for (int i = 0; i < p.n; i++) out[i] = HD_ABSENT;
    int required_positional = p.required < p.positional ? p.required : p.positional;
    if (nargs > (size_t)p.positional) {
        if (p.positional == 0 && p.n) (void)hd_raise(&hd_exc_TypeError, "%s() takes no positional arguments", fname);
        else if (p.n == p.positional && nkw + nargs > (size_t)p.n && p.posonly < p.n)
            (void)hd_raise(&hd_exc_TypeError, "%s() takes %s %d argument%s (%zu given)", fname, p.required < p.n ? "at most" : "exactly", p.n,
                           p.n == 1 ? "" : "s", nargs + nkw);
        else if (p.posonly == p.n)
            (void)hd_raise(&hd_exc_TypeError, "%s expected %s%d argument%s, got %zu", fname, p.required < p.n ? "at most " : "", p.n,
                           p.n == 1 ? "" : "s", nargs);
        else
            (void)hd_raise(&hd_exc_TypeError, "%s() takes %s %d positional argument%s (%zu given)", fname,
                           required_positional < p.positional ? "at most" : "exactly", p.positional, p.positional == 1 ? "" : "s", nargs);
        return -1;
    }
    for (size_t i = 0; i < nargs; i++) out[i] = args[i];
    for (size_t k = 0; k < nkw; k++) {
        hd_value name = HD_TUPLE(kwnames)->item[k];
        int i = p.posonly;
        while (i < p.n && !is_name(name, p.name[i], p.len[i])) i++;
        if (i == p.n) {
            for (i = 0; i < p.posonly; i++)
                if (is_name(name, p.name[i], p.len[i])) break;
            if (p.posonly == p.n) (void)hd_raise(&hd_exc_TypeError, "%s() takes no keyword arguments", fname);
            else if (i < p.posonly) (void)hd_raise(&hd_exc_TypeError, "%s() got some positional-only arguments passed as keyword arguments: '%U'", fname, name);
            else (void)hd_raise(&hd_exc_TypeError, "'%U' is an invalid keyword argument for %s()", name, fname);
            return -1;
        }
        if (out[i] != HD_ABSENT) {
            (void)hd_raise(&hd_exc_TypeError, "argument for %s() given by name ('%U') and position (%d)", fname, name, i + 1);
            return -1;
        }
        out[i] = args[nargs + k];
    }
    for (int i = 0; i < p.required; i++) {
        if (out[i] != HD_ABSENT) continue;
        if (i < p.posonly) {
            int want = p.posonly < p.required ? p.posonly : p.required;
            if (p.posonly == p.n)
                (void)hd_raise(&hd_exc_TypeError, "%s expected %s%d argument%s, got %zu", fname, want < p.n ? "at least " : "", want, want == 1 ? "" : "s", nargs);
            else
                (void)hd_raise(&hd_exc_TypeError, "%s() takes %s %d positional argument%s (%zu given)", fname,
                               want < p.positional ? "at least" : "exactly", want, want == 1 ? "" : "s", nargs);
        } else if (i < p.positional)
            (void)hd_raise(&hd_exc_TypeError, "%s() missing required argument '%.*s' (pos %d)", fname, p.len[i], p.name[i], i + 1);
        else (void)hd_raise(&hd_exc_TypeError, "%s() missing required keyword-only argument: '%.*s'", fname, p.len[i], p.name[i]);
        return -1;
    }
    return 0;
}

int hd_no_kwargs(const char *fname, hd_value kwnames)
{
    if (!kwnames || !HD_TUPLE(kwnames)->len) return 0;
    (void)hd_raise(&hd_exc_TypeError, "%s() takes no keyword arguments", fname);
    return -1;
}

int hd_as_i64(hd_value v, int64_t *out)
{
    if (!hd_is_fix(v) && (v = hd_number_index(v)) == HD_ERR) return -1;
    if (hd_is_fix(v)) {
        *out = hd_unfix(v);
        return 0;
    }
    if (hd_int_to_i64(v, out)) return 0;
    (void)hd_raise(&hd_exc_OverflowError, "Python int too large to convert to C ssize_t");
    return -1;
}

int hd_as_index(hd_value v, int64_t *out)
{
    if (!hd_is_fix(v) && (v = hd_number_index(v)) == HD_ERR) return -1;
    if (hd_is_fix(v)) *out = hd_unfix(v);
    else if (!hd_int_to_i64(v, out)) *out = hd_int_sign(v) < 0 ? INT64_MIN : INT64_MAX;
    return 0;
}

int hd_as_int32(hd_value v, int *out)
{
    int64_t i;
    if (!hd_is_fix(v) && (v = hd_number_index(v)) == HD_ERR) return -1;
    if (hd_is_fix(v)) i = hd_unfix(v);
    else if (!hd_int_to_i64(v, &i)) {
        (void)hd_raise(&hd_exc_OverflowError, "Python int too large to convert to C int");
        return -1;
    }
    if (i >= INT32_MIN && i <= INT32_MAX) {
        *out = (int)i;
        return 0;
    }
    (void)hd_raise(&hd_exc_OverflowError, "Python int too large to convert to C int");
    return -1;
}

int hd_as_u64(hd_value v, uint64_t *out)
{
    if (!hd_is_fix(v) && (v = hd_number_index(v)) == HD_ERR) return -1;
    if (hd_int_sign(v) < 0) {
        (void)hd_raise(&hd_exc_OverflowError, "can't convert negative int to unsigned");
        return -1;
    }
    if (hd_is_fix(v)) *out = (uint64_t)hd_unfix(v);
    else if (!hd_int_to_u64(v, out)) {
        (void)hd_raise(&hd_exc_OverflowError, "int too big to convert");
        return -1;
    }
    return 0;
}

int hd_as_double(hd_value v, double *out)
{
    if (hd_is_flo(v)) {
        *out = hd_unflo(v);
        return 0;
    }
    if (hd_has_flag(v, HD_TF_FLOAT)) {
        *out = hd_float_value(v);
        return 0;
    }
    struct hd_type *t = hd_type_of(v);
    if (!hd_is_int(v) || t->op.tofloat != hd_int_type.op.tofloat) {
        if (t->op.tofloat) {
            hd_value f = t->op.tofloat(v);
            if (f == HD_ERR) return -1;
            if (!hd_has_flag(f, HD_TF_FLOAT)) {
                (void)hd_raise(&hd_exc_TypeError, "%T.__float__ returned non-float (type %T)", v, f);
                return -1;
            }
            *out = hd_float_value(f);
            return 0;
        }
        if (!t->op.index) {
            (void)hd_raise(&hd_exc_TypeError, "must be real number, not %T", v);
            return -1;
        }
        v = hd_number_index(v);
        if (v == HD_ERR) return -1;
    }
    *out = hd_int_to_double(v);
    return *out == -1.0 && hd_exc_pending() ? -1 : 0;
}
