/* The module _sre: compile() and what the standard library's compiler asks about characters. */
#include "interp/modules/sre_internal.h"

#define DEF(name) static hd_value name(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)

DEF(sre_compile)
{
    hd_value a[6];
    int64_t flags, groups;
    if (hd_args("compile", "pattern,flags,code,groups,groupindex,indexgroup", args, nargs, kwnames, a) < 0 || hd_as_i64(a[1], &flags) < 0) return HD_ERR;
    if (!hd_is_list(a[2])) return hd_raise(&hd_exc_TypeError, "compile() argument 'code' must be list, not %A", a[2]);
    if (hd_as_i64(a[3], &groups) < 0) return HD_ERR;
    if (!hd_is_dict(a[4])) return hd_raise(&hd_exc_TypeError, "compile() argument 'groupindex' must be dict, not %A", a[4]);
    if (!hd_is_tuple(a[5])) return hd_raise(&hd_exc_TypeError, "compile() argument 'indexgroup' must be tuple, not %A", a[5]);
    if (a[0] != HD_NONE && !hd_is_str(a[0])) {
        struct hd_buffer b;
        if (hd_buffer_get(a[0], &b, false) < 0) {
            hd_exc_clear();
            return hd_raise(&hd_exc_TypeError, "expected string or bytes-like object, got '%T'", a[0]);
        }
        hd_buffer_release(&b);
    }
    int64_t n = hd_list_len(a[2]);
    hd_value code = hd_bytes_new(NULL, 4 * (size_t)n);
    if (code == HD_ERR) return HD_ERR;
    uint32_t *words = (uint32_t *)HD_BYTES(code)->data;
    for (int64_t i = 0; i < n; i++) {
        hd_value v = hd_list_get(a[2], i);
        uint64_t x;
        if (v == HD_ABSENT || !hd_is_int(v)) return hd_raise(&hd_exc_TypeError, "an integer is required");
        if (hd_as_u64(v, &x) < 0) return HD_ERR;
        if (x > UINT32_MAX) return hd_raise(&hd_exc_OverflowError, "regular expression code size limit exceeded");
        words[i] = (uint32_t)x;
    }
    hd_value program = hd_sre_translate(words, (size_t)n, groups);
    return program == HD_ERR ? HD_ERR : hd_sre_pattern_new(a[0], flags, code, program, groups, a[4], a[5]);
}
DEF(sre_getcodesize) { return hd_fix(4); }
/* int arguments that are no characters have no case. */
static int character(hd_value v, uint32_t *c)
{
    int n;
    if (hd_as_int32(v, &n) < 0) return -1;
    *c = n < 0 ? UINT32_MAX : (uint32_t)n;
    return 0;
}
static bool is_letter(uint32_t c) { return (c | 32) - 'a' < 26; }
DEF(sre_ascii_iscased)
{
    uint32_t c;
    return character(args[0], &c) < 0 ? HD_ERR : hd_bool(c < 128 && is_letter(c));
}
DEF(sre_ascii_tolower)
{
    uint32_t c;
    return character(args[0], &c) < 0 ? HD_ERR : hd_int((int32_t)(c < 128 ? hd_sre_fold(FOLD_ASCII, c) : c));
}
DEF(sre_unicode_iscased)
{
    uint32_t c;
    if (character(args[0], &c) < 0) return HD_ERR;
    return hd_bool(c < 0x110000 && hd_sre_cased(c));
}
DEF(sre_unicode_tolower)
{
    uint32_t c;
    return character(args[0], &c) < 0 ? HD_ERR : hd_int((int32_t)(c < 0x110000 ? hd_sre_fold(FOLD_UNICODE, c) : c));
}
static const struct hd_methoddef methods[] = {
    { "compile", sre_compile, 6, 6, HD_METH_KW, "compile($module, /, pattern, flags, code, groups, groupindex,\n        indexgroup)\n--\n\n" },
    { "getcodesize", sre_getcodesize, 0, 0, 0, "getcodesize($module, /)\n--\n\n" },
    { "ascii_iscased", sre_ascii_iscased, 1, 1, 0, "ascii_iscased($module, character, /)\n--\n\n" },
    { "ascii_tolower", sre_ascii_tolower, 1, 1, 0, "ascii_tolower($module, character, /)\n--\n\n" },
    { "unicode_iscased", sre_unicode_iscased, 1, 1, 0, "unicode_iscased($module, character, /)\n--\n\n" },
    { "unicode_tolower", sre_unicode_tolower, 1, 1, 0, "unicode_tolower($module, character, /)\n--\n\n" }, { 0 }
};
static int fill(hd_value m)
{
    return hd_type_ready(&hd_sre_pattern_type) < 0 || hd_type_ready(&hd_sre_match_type) < 0 || hd_type_ready(&hd_sre_scanner_type) < 0 ||
           hd_module_add_int(m, "MAGIC", SRE_MAGIC) < 0 || hd_module_add_int(m, "CODESIZE", 4) < 0 || hd_module_add_int(m, "MAXREPEAT", SRE_MAXREPEAT) < 0 ||
           hd_module_add_int(m, "MAXGROUPS", SRE_MAXGROUPS) < 0 || hd_module_add_str(m, "copyright", "Heddle's regular expression engine") < 0 ? -1 : 0;
}
const struct hd_moduledef hd_module_sre = { "_sre", NULL, methods, fill };
