/* The module _locale.  A change of the locale cannot be rolled back: it is made by an irrevocable transaction. */
#include <langinfo.h>
#include <libintl.h>
#include <limits.h>
#include <locale.h>
#include <stdlib.h>
#include <wchar.h>
#include "interp/modules/posix_internal.h"

static hd_value error_type;
static hd_value failed(const char *message) { return hd_raise(HD_TYPE(error_type), "%s", message); }
/* Text of the C library in the encoding of the locale. */
static hd_value from_locale(const char *s)
{
    size_t n = mbstowcs(NULL, s, 0);
    if (n == (size_t)-1) return hd_str_from_fs(s, strlen(s));
    wchar_t *w = hd_scratch((n + 1) * sizeof *w);
    if (!w) return HD_ERR;
    mbstowcs(w, s, n + 1);
    _Static_assert(sizeof(wchar_t) == 4, "wide characters are code points");
    return hd_str_ucs4((const uint32_t *)w, n);
}
static wchar_t *to_wide(hd_value s, const char *fname, int position)
{
    if (!hd_is_str(s)) {
        if (position) hd_raise(&hd_exc_TypeError, "%s() argument %d must be str, not %A", fname, position, s);
        else hd_raise(&hd_exc_TypeError, "%s() argument must be str, not %A", fname, s);
        return NULL;
    }
    int64_t n = HD_STR(s)->len;
    wchar_t *w = hd_scratch((size_t)(n + 1) * sizeof *w);
    for (int64_t i = 0; w && i < n; i++) {
        w[i] = (wchar_t)hd_str_at(s, i);
        if (!w[i]) { hd_raise(&hd_exc_ValueError, "embedded null character"); return NULL; }
    }
    if (w) w[n] = 0;
    return w;
}
/* str or None as a C string; 0, -1. */
static int text_arg(hd_value v, const char *fname, int position, bool none, const char **out)
{
    size_t n;
    *out = NULL;
    if (none && v == HD_NONE) return 0;
    if (!hd_is_str(v)) {
        if (position) hd_raise(&hd_exc_TypeError, "%s() argument %d must be str%s, not %A", fname, position, none ? " or None" : "", v);
        else hd_raise(&hd_exc_TypeError, "%s() argument must be str%s, not %A", fname, none ? " or None" : "", v);
        return -1;
    }
    if (!(*out = hd_str_as_utf8(v, &n))) return -1;
    if (strlen(*out) == n) return 0;
    hd_raise(&hd_exc_ValueError, "embedded null character");
    return -1;
}
static PX(lc_setlocale)
{
    int category;
    const char *name = NULL;
    if (hd_as_int32(args[0], &category) < 0 || (nargs > 1 && text_arg(args[1], "setlocale", 2, true, &name) < 0)) return HD_ERR;
    if (name) stm_become_irrevocable();
    const char *r = setlocale(category, name);
    return r ? from_locale(r) : failed(name ? "unsupported locale setting" : "locale query failed");
}
static hd_value grouping(const char *s)
{
    hd_value l = hd_list_new(0);
    if (l == HD_ERR || !*s) return l;
    for (; *s && *s != CHAR_MAX; s++) if (hd_list_append(l, hd_fix(*s)) < 0) return HD_ERR;
    return hd_list_append(l, hd_fix(*s)) < 0 ? HD_ERR : l;     /* 0: repeat, CHAR_MAX: no more */
}
static PX(lc_localeconv)
{
    const struct lconv *c = localeconv();
    hd_value d = hd_dict_new();
    if (d == HD_ERR) return HD_ERR;
#define TEXT(f) { hd_value v = from_locale(c->f); if (v == HD_ERR || hd_dict_set_c(d, #f, v) < 0) return HD_ERR; }
#define NUMBER(f) if (hd_dict_set_c(d, #f, hd_fix(c->f)) < 0) return HD_ERR;
#define GROUPS(f) { hd_value v = grouping(c->f); if (v == HD_ERR || hd_dict_set_c(d, #f, v) < 0) return HD_ERR; }
    TEXT(int_curr_symbol) TEXT(currency_symbol) TEXT(mon_decimal_point) TEXT(mon_thousands_sep) GROUPS(mon_grouping) TEXT(positive_sign) TEXT(negative_sign)
    NUMBER(int_frac_digits) NUMBER(frac_digits) NUMBER(p_cs_precedes) NUMBER(p_sep_by_space) NUMBER(n_cs_precedes) NUMBER(n_sep_by_space) NUMBER(p_sign_posn)
    NUMBER(n_sign_posn) TEXT(decimal_point) TEXT(thousands_sep) GROUPS(grouping)
    return d;
}
static PX(lc_strcoll)
{
    wchar_t *a = to_wide(args[0], "strcoll", 1), *b = a ? to_wide(args[1], "strcoll", 2) : NULL;
    return b ? hd_fix(wcscoll(a, b)) : HD_ERR;
}
static PX(lc_strxfrm)
{
    wchar_t *s = to_wide(args[0], "strxfrm", 0);
    if (!s) return HD_ERR;
    size_t cap = (size_t)HD_STR(args[0])->len + 1;
    for (;;) {
        wchar_t *out = hd_scratch(cap * sizeof *out);
        if (!out) return HD_ERR;
        errno = 0;
        size_t n = wcsxfrm(out, s, cap);
        if (errno && errno != ERANGE) return hd_raise_errno(errno, HD_ABSENT, HD_ABSENT);
        if (n < cap) {                                         /* keys may hold words that are no code points */
            for (size_t i = 0; i < n; i++) if ((uint32_t)out[i] > 0x10ffff) return hd_raise(&hd_exc_ValueError, "character U+%x is not in range [U+0000; U+10ffff]", (unsigned)out[i]);
            return hd_str_ucs4((const uint32_t *)out, n);
        }
        cap = n + 1;
    }
}
static const struct { const char *name; nl_item item; } items[] = {
#define C(x) { #x, x },
    C(ABDAY_1) C(ABDAY_2) C(ABDAY_3) C(ABDAY_4) C(ABDAY_5) C(ABDAY_6) C(ABDAY_7) C(ABMON_1) C(ABMON_10) C(ABMON_11) C(ABMON_12) C(ABMON_2) C(ABMON_3)
    C(ABMON_4) C(ABMON_5) C(ABMON_6) C(ABMON_7) C(ABMON_8) C(ABMON_9) C(ALT_DIGITS) C(AM_STR) C(CODESET) C(CRNCYSTR) C(DAY_1) C(DAY_2) C(DAY_3) C(DAY_4)
    C(DAY_5) C(DAY_6) C(DAY_7) C(D_FMT) C(D_T_FMT) C(ERA) C(ERA_D_FMT) C(ERA_D_T_FMT) C(ERA_T_FMT) C(MON_1) C(MON_10) C(MON_11) C(MON_12) C(MON_2)
    C(MON_3) C(MON_4) C(MON_5) C(MON_6) C(MON_7) C(MON_8) C(MON_9) C(NOEXPR) C(PM_STR) C(RADIXCHAR) C(THOUSEP) C(T_FMT) C(T_FMT_AMPM) C(YESEXPR)
};
enum { N_ITEMS = sizeof items / sizeof *items };
static PX(lc_nl_langinfo)
{
    int key;
    if (hd_as_int32(args[0], &key) < 0) return HD_ERR;
    for (int i = 0; i < N_ITEMS; i++) if (items[i].item == key) return from_locale(nl_langinfo(key));
    return hd_raise(&hd_exc_ValueError, "unsupported langinfo constant");
}
static PX(lc_getencoding)
{
    const char *s = nl_langinfo(CODESET);
    return hd_str_utf8(s && *s ? s : "UTF-8");
}
static PX(lc_gettext)
{
    const char *s;
    return text_arg(args[0], "gettext", 0, false, &s) < 0 ? HD_ERR : from_locale(gettext(s));
}
static PX(lc_dgettext)
{
    const char *domain, *s;
    if (text_arg(args[0], "dgettext", 1, true, &domain) < 0 || text_arg(args[1], "dgettext", 2, false, &s) < 0) return HD_ERR;
    return from_locale(dgettext(domain, s));
}
static PX(lc_dcgettext)
{
    const char *domain, *s;
    int category;
    if (text_arg(args[0], "dcgettext", 1, true, &domain) < 0 || text_arg(args[1], "dcgettext", 2, false, &s) < 0 || hd_as_int32(args[2], &category) < 0) return HD_ERR;
    return from_locale(dcgettext(domain, s, category));
}
static PX(lc_textdomain)
{
    const char *domain;
    if (text_arg(args[0], "textdomain", 0, true, &domain) < 0) return HD_ERR;
    if (domain) stm_become_irrevocable();
    const char *r = textdomain(domain);
    return r ? from_locale(r) : hd_raise_errno(errno, HD_ABSENT, HD_ABSENT);
}
static PX(lc_bindtextdomain)
{
    const char *domain, *dir = NULL;
    if (text_arg(args[0], "bindtextdomain", 1, false, &domain) < 0) return HD_ERR;
    if (!*domain) return failed("domain must be a non-empty string");
    if (args[1] != HD_NONE && !(dir = hd_fs_path_c(args[1], NULL))) return HD_ERR;
    if (dir) stm_become_irrevocable();
    const char *r = bindtextdomain(domain, dir);
    return r ? from_locale(r) : hd_raise_errno(errno, HD_ABSENT, HD_ABSENT);
}
static PX(lc_bind_textdomain_codeset)
{
    const char *domain, *codeset;
    if (text_arg(args[0], "bind_textdomain_codeset", 1, false, &domain) < 0 || text_arg(args[1], "bind_textdomain_codeset", 2, true, &codeset) < 0) return HD_ERR;
    if (codeset) stm_become_irrevocable();
    const char *r = bind_textdomain_codeset(domain, codeset);
    return r ? from_locale(r) : HD_NONE;
}
static const struct hd_methoddef methods[] = {
    { "setlocale", lc_setlocale, 1, 2, 0, NULL }, { "localeconv", lc_localeconv, 0, 0, 0, NULL }, { "strcoll", lc_strcoll, 2, 2, 0, NULL }, { "strxfrm", lc_strxfrm, 1, 1, 0, NULL },
    { "nl_langinfo", lc_nl_langinfo, 1, 1, 0, NULL }, { "getencoding", lc_getencoding, 0, 0, 0, NULL }, { "gettext", lc_gettext, 1, 1, 0, NULL },
    { "dgettext", lc_dgettext, 2, 2, 0, NULL }, { "dcgettext", lc_dcgettext, 3, 3, 0, NULL }, { "textdomain", lc_textdomain, 1, 1, 0, NULL },
    { "bindtextdomain", lc_bindtextdomain, 2, 2, 0, NULL }, { "bind_textdomain_codeset", lc_bind_textdomain_codeset, 2, 2, 0, NULL }, { 0 }
};
static int fill(hd_value m)
{
    static const struct { const char *name; int v; } c[] = { { "LC_CTYPE", LC_CTYPE }, { "LC_TIME", LC_TIME }, { "LC_COLLATE", LC_COLLATE }, { "LC_MONETARY", LC_MONETARY },
        { "LC_MESSAGES", LC_MESSAGES }, { "LC_NUMERIC", LC_NUMERIC }, { "LC_ALL", LC_ALL }, { "CHAR_MAX", CHAR_MAX } };
    for (size_t i = 0; i < sizeof c / sizeof *c; i++) if (hd_module_add_int(m, c[i].name, c[i].v) < 0) return -1;
    for (int i = 0; i < N_ITEMS; i++) if (hd_module_add_int(m, items[i].name, items[i].item) < 0) return -1;
    hd_root(&error_type);
    hd_value ns = hd_dict_new(), bases = hd_tuplev(hd_obj(&hd_exc_Exception));
    if (ns == HD_ERR || bases == HD_ERR || hd_dict_set_c(ns, "__module__", hd_intern("locale")) < 0) return -1;
    error_type = hd_type_new(&hd_type_type, hd_intern("Error"), bases, ns, NULL, 0);
    return error_type == HD_ERR ? -1 : hd_module_add(m, "Error", error_type);
}
const struct hd_moduledef hd_module_locale = { "_locale", "The locale of the C library.", methods, fill };
