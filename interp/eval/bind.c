/* Binding of arguments to parameters, and CPython's messages when they do not fit.
 *
 * B1: hd_bind fills the registers that must be bound at entry (hd_code_bound) and the header's function and code words; the return address and the
 *     caller's fp are the caller's business.  Nothing here polls, so arguments may lie anywhere, also in the window. */
#include <stdio.h>
#include "interp/eval/eval_internal.h"

/* "'a', 'b', and 'c'" from names; HD_ERR: memory. */
static hd_value join_names(const hd_value *names, size_t n)
{
    struct hd_strbuilder b;
    hd_sb_init(&b);
    for (size_t i = 0; i < n; i++) {
        if (i) {
            if (n == 2) hd_sb_ascii(&b, " and ", 5);
            else if (i == n - 1) hd_sb_ascii(&b, ", and ", 6);
            else hd_sb_ascii(&b, ", ", 2);
        }
        hd_value r = hd_repr(names[i]);
        if (r == HD_ERR) return HD_ERR;
        hd_sb_str(&b, r);
    }
    return hd_sb_finish(&b);
}

static COLD int missing_arguments(struct hd_func *f, struct hd_code *code, const hd_value *nfp, uint32_t lo, uint32_t hi, const char *kind)
{
    size_t n = 0;
    hd_value *names = hd_scratch((hi - lo + 1) * sizeof(hd_value));
    if (!names) return -1;
    for (uint32_t i = lo; i < hi; i++)
        if (nfp[i] == HD_UNBOUND) names[n++] = HD_TUPLE(code->varnames)->item[i];
    hd_value keep = hd_tuple_from(names, n);
    if (keep == HD_ERR) return -1;
    hd_value list = join_names(HD_TUPLE(keep)->item, n);
    if (list == HD_ERR) return -1;
    hd_raise(&hd_exc_TypeError, "%U() missing %d required %s argument%s: %U", HD_GET(f, qualname), (int)n, kind, n == 1 ? "" : "s", list);
    return -1;
}

static COLD int too_many_positional(struct hd_func *f, struct hd_code *code, const hd_value *nfp, size_t given, size_t ndefaults)
{
    size_t kwonly_given = 0;
    for (uint32_t i = code->argcount; i < code->argcount + code->kwonlyargcount; i++) kwonly_given += nfp[i] != HD_UNBOUND;
    bool plural;
    char sig[64], kw[80] = "";
    if (ndefaults) {
        snprintf(sig, sizeof sig, "from %zu to %u", code->argcount - ndefaults, code->argcount);
        plural = true;
    } else {
        snprintf(sig, sizeof sig, "%u", code->argcount);
        plural = code->argcount != 1;
    }
    if (kwonly_given)
        snprintf(kw, sizeof kw, " positional argument%s (and %zu keyword-only argument%s)", given != 1 ? "s" : "", kwonly_given, kwonly_given != 1 ? "s" : "");
    hd_raise(&hd_exc_TypeError, "%U() takes %s positional argument%s but %zu%s %s given", HD_GET(f, qualname), sig, plural ? "s" : "", given, kw,
             given == 1 && !kwonly_given ? "was" : "were");
    return -1;
}

static COLD int unexpected_keyword(struct hd_func *f, struct hd_code *code, hd_value kwnames, hd_value name)
{
    /* Names of positional-only parameters that were used as keywords are reported together. */
    const struct hd_tuple *kw = HD_TUPLE(kwnames), *vars = HD_TUPLE(code->varnames);
    struct hd_strbuilder b;
    bool any = false;
    hd_sb_init(&b);
    for (uint32_t p = 0; p < code->posonlyargcount; p++)
        for (int64_t k = 0; k < kw->len; k++)
            if (hd_is_str(kw->item[k]) && hd_str_eq(kw->item[k], vars->item[p])) {
                if (any) hd_sb_ascii(&b, ", ", 2);
                hd_sb_str(&b, vars->item[p]);
                any = true;
            }
    if (any) {
        hd_value s = hd_sb_finish(&b);
        if (s == HD_ERR) return -1;
        hd_raise(&hd_exc_TypeError, "%U() got some positional-only arguments passed as keyword arguments: '%U'", HD_GET(f, qualname), s);
        return -1;
    }
    hd_raise(&hd_exc_TypeError, "%U() got an unexpected keyword argument '%S'", HD_GET(f, qualname), name);
    return -1;
}

/* Index of the parameter that may be given by this name, or -1. */
static int64_t find_parameter(struct hd_code *code, hd_value name)
{
    const struct hd_tuple *vars = HD_TUPLE(code->varnames);
    uint32_t n = code->argcount + code->kwonlyargcount;
    for (uint32_t i = code->posonlyargcount; i < n; i++)
        if (vars->item[i] == name) return i;
    for (uint32_t i = code->posonlyargcount; i < n; i++)
        if (hd_str_eq(vars->item[i], name)) return i;
    return -1;
}

static NOINLINE int bind_general(struct hd_func *f, struct hd_code *code, hd_value *nfp, const hd_value *args, size_t n, hd_value kwnames)
{
    size_t nkw = kwnames ? (size_t)HD_TUPLE(kwnames)->len : 0;
    uint32_t argc = code->argcount, nparams = argc + code->kwonlyargcount;
    int64_t varargs = code->flags & HD_CO_VARARGS ? (int64_t)nparams : -1;
    int64_t varkw = code->flags & HD_CO_VARKEYWORDS ? (int64_t)nparams + (varargs >= 0) : -1;
    hd_value *end = nfp + code->nregs;

    if (args + n + nkw > nfp && args < end) {        /* the arguments lie in the window: move them above it */
        memmove(end, args, (n + nkw) * sizeof(hd_value));
        args = end;
    }
    hd_fill_unbound(nfp, nfp + hd_code_bound(code));
    size_t npos = n < argc ? n : argc;
    if (npos) memcpy(nfp, args, npos * sizeof(hd_value));
    if (varargs >= 0) {
        hd_value t = hd_tuple_from(args + npos, n - npos);
        if (t == HD_ERR) return -1;
        nfp[varargs] = t;
    }
    hd_value kwdict = HD_ABSENT;
    if (varkw >= 0) {
        kwdict = hd_dict_new();
        if (kwdict == HD_ERR) return -1;
        nfp[varkw] = kwdict;
    }
    for (size_t k = 0; k < nkw; k++) {
        hd_value name = HD_TUPLE(kwnames)->item[k];
        if (!hd_is_str(name)) {
            hd_raise(&hd_exc_TypeError, "%U() keywords must be strings", HD_GET(f, qualname));
            return -1;
        }
        int64_t i = find_parameter(code, name);
        if (i < 0) {
            if (varkw < 0) return unexpected_keyword(f, code, kwnames, name);
            if (hd_dict_set(kwdict, name, args[n + k]) < 0) return -1;
            continue;
        }
        if (nfp[i] != HD_UNBOUND) {
            hd_raise(&hd_exc_TypeError, "%U() got multiple values for argument '%S'", HD_GET(f, qualname), name);
            return -1;
        }
        nfp[i] = args[n + k];
    }
    hd_value defaults = HD_GET(f, defaults);
    size_t nd = hd_is_ptr(defaults) && defaults != HD_NONE ? (size_t)HD_TUPLE(defaults)->len : 0;
    if (nd > argc) nd = argc;
    if (n > argc && varargs < 0) return too_many_positional(f, code, nfp, n, nd);
    if (n < argc) {
        size_t required = argc - nd;
        for (size_t i = n; i < required; i++)
            if (nfp[i] == HD_UNBOUND) return missing_arguments(f, code, nfp, 0, (uint32_t)required, "positional");
        size_t skip = nd ? (size_t)HD_TUPLE(defaults)->len - nd : 0;
        for (size_t i = n > required ? n : required; i < argc; i++)
            if (nfp[i] == HD_UNBOUND) nfp[i] = HD_TUPLE(defaults)->item[skip + i - required];
    }
    if (code->kwonlyargcount) {
        hd_value kwd = HD_GET(f, kwdefaults);
        bool missing = false;
        for (uint32_t i = argc; i < nparams; i++) {
            if (nfp[i] != HD_UNBOUND) continue;
            hd_value v = HD_ABSENT;
            if (hd_is_ptr(kwd) && kwd != HD_NONE) v = hd_dict_get(kwd, HD_TUPLE(code->varnames)->item[i]);
            if (v == HD_ERR) return -1;
            if (v == HD_ABSENT) missing = true;
            else nfp[i] = v;
        }
        if (missing) return missing_arguments(f, code, nfp, argc, nparams, "keyword-only");
    }
    hd_copy_free_variables(f, code, nfp);
    return 0;
}

int hd_bind(struct hd_thread *ts, struct hd_func *f, struct hd_code *code, hd_value *nfp, const hd_value *args, size_t n, hd_value kwnames)
{
    size_t nkw = kwnames ? (size_t)HD_TUPLE(kwnames)->len : 0;
    hd_value *end = nfp + code->nregs;
    if (!hd_stack_room(ts, end + n + nkw)) return -1;
    nfp[HD_FRAME_FUNC] = hd_obj(f);
    nfp[HD_FRAME_NS] = hd_obj(code);
    if (nkw || n > code->argcount || code->kwonlyargcount || code->flags & (HD_CO_VARARGS | HD_CO_VARKEYWORDS))
        return bind_general(f, code, nfp, args, n, nkw ? kwnames : 0);
    if (n && args != nfp) memmove(nfp, args, n * sizeof(hd_value));
    hd_fill_unbound(nfp + n, nfp + hd_code_bound(code));
    if (n < code->argcount) {
        hd_value defaults = HD_GET(f, defaults);
        size_t nd = hd_is_ptr(defaults) && defaults != HD_NONE ? (size_t)HD_TUPLE(defaults)->len : 0;
        if (n + nd < code->argcount) return missing_arguments(f, code, nfp, 0, (uint32_t)(code->argcount - nd), "positional");
        const hd_value *d = HD_TUPLE(defaults)->item + nd - code->argcount;
        for (size_t i = n; i < code->argcount; i++) nfp[i] = d[i];
    }
    hd_copy_free_variables(f, code, nfp);
    return 0;
}
