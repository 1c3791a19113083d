/* The module _codecs. */
#include "interp/types/bytes.h"
#include "interp/types/codec.h"
#include "interp/types/str_methods.h"
#include "interp/modules/modules.h"

#define FN(name) static hd_value c_##name(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)

/* ---- arguments ------------------------------------------------------------------------------------------------------- */
static int errors_arg(const char *f, const hd_value *args, size_t nargs, size_t i, const char **errors)
{
    *errors = NULL;
    if (nargs <= i || args[i] == HD_NONE) return 0;
    if (!hd_is_str(args[i])) {
        hd_raise(&hd_exc_TypeError, "%s() argument %zd must be str or None, not %.50s", f, i + 1, hd_arg_name(args[i]));
        return -1;
    }
    return (*errors = hd_str_as_utf8(args[i], NULL)) ? 0 : -1;
}
static int str_arg(const char *f, hd_value v)
{
    if (hd_is_str(v)) return 0;
    hd_raise(&hd_exc_TypeError, "%s() argument 1 must be str, not %.50s", f, hd_arg_name(v));
    return -1;
}
static int bool_arg(const hd_value *args, size_t nargs, size_t i, bool *out)
{
    if (nargs <= i) return 0;
    int t = hd_truth(args[i]);
    *out = t > 0;
    return t < 0 ? -1 : 0;
}
/* The data of a decoder: memory that no error handler can change. */
static hd_value data_arg(hd_value v, bool text)
{
    if (hd_is_bytes(v)) return v;
    if (text && hd_is_str(v)) return hd_utf8_encode(v, NULL);
    return hd_bytes_fixed(v);
}
static hd_value pair(hd_value v, size_t n) { return v == HD_ERR ? HD_ERR : hd_tuplev(v, hd_int((int64_t)n)); }

/* ---- encoders and decoders ------------------------------------------------------------------------------------------------ */
#define ENCODER(name, call)                                                                      \
FN(name)                                                                                         \
{                                                                                                \
    const char *errors;                                                                          \
    if (str_arg(#name, args[0]) < 0 || errors_arg(#name, args, nargs, 1, &errors) < 0) return HD_ERR; \
    return pair(call, (size_t)hd_str_len(args[0]));                                              \
}
ENCODER(utf_8_encode, hd_utf8_encode(args[0], errors))
ENCODER(utf_7_encode, hd_utf7_encode(args[0], errors))
ENCODER(utf_16_le_encode, hd_utf16_encode(args[0], errors, -1))
ENCODER(utf_16_be_encode, hd_utf16_encode(args[0], errors, 1))
ENCODER(utf_32_le_encode, hd_utf32_encode(args[0], errors, -1))
ENCODER(utf_32_be_encode, hd_utf32_encode(args[0], errors, 1))
ENCODER(latin_1_encode, hd_latin1_encode(args[0], errors))
ENCODER(ascii_encode, hd_ascii_encode(args[0], errors))
ENCODER(unicode_escape_encode, hd_unicode_escape_encode(args[0]))
ENCODER(raw_unicode_escape_encode, hd_raw_unicode_escape_encode(args[0]))

static hd_value wide_encode(const char *f, const hd_value *args, size_t nargs, hd_value (*encode)(hd_value, const char *, int))
{
    const char *errors;
    int order = 0;
    if (str_arg(f, args[0]) < 0 || errors_arg(f, args, nargs, 1, &errors) < 0 || (nargs > 2 && hd_as_int32(args[2], &order) < 0)) return HD_ERR;
    return pair(encode(args[0], errors, order < 0 ? -1 : order > 0), (size_t)hd_str_len(args[0]));
}
FN(utf_16_encode) { return wide_encode("utf_16_encode", args, nargs, hd_utf16_encode); }
FN(utf_32_encode) { return wide_encode("utf_32_encode", args, nargs, hd_utf32_encode); }
FN(charmap_encode)
{
    const char *errors;
    if (str_arg("charmap_encode", args[0]) < 0 || errors_arg("charmap_encode", args, nargs, 1, &errors) < 0) return HD_ERR;
    return pair(hd_charmap_encode(args[0], errors, nargs > 2 ? args[2] : HD_ABSENT), (size_t)hd_str_len(args[0]));
}
FN(charmap_build) { return str_arg("charmap_build", args[0]) < 0 ? HD_ERR : hd_charmap_build(args[0]); }

#define BYTES(v) HD_BYTES(v)->data, (size_t)HD_BYTES(v)->len
#define DECODER(name, text, is_final, body)                                                      \
FN(name)                                                                                         \
{                                                                                                \
    const char *errors;                                                                          \
    bool final = is_final;                                                                       \
    hd_value d = data_arg(args[0], text);                                                        \
    if (d == HD_ERR || errors_arg(#name, args, nargs, 1, &errors) < 0 || bool_arg(args, nargs, 2, &final) < 0) return HD_ERR; \
    size_t used = (size_t)HD_BYTES(d)->len;                                                      \
    hd_value r;                                                                                  \
    body                                                                                         \
    return pair(r, used);                                                                        \
}
DECODER(utf_8_decode, false, false, r = hd_utf8_decode(BYTES(d), errors, final, &used);)
DECODER(utf_7_decode, false, false, r = hd_utf7_decode(BYTES(d), errors, final, &used);)
DECODER(utf_16_decode, false, false, int order = 0; r = hd_utf16_decode(BYTES(d), errors, &order, final, &used);)
DECODER(utf_16_le_decode, false, false, int order = -1; r = hd_utf16_decode(BYTES(d), errors, &order, final, &used);)
DECODER(utf_16_be_decode, false, false, int order = 1; r = hd_utf16_decode(BYTES(d), errors, &order, final, &used);)
DECODER(utf_32_decode, false, false, int order = 0; r = hd_utf32_decode(BYTES(d), errors, &order, final, &used);)
DECODER(utf_32_le_decode, false, false, int order = -1; r = hd_utf32_decode(BYTES(d), errors, &order, final, &used);)
DECODER(utf_32_be_decode, false, false, int order = 1; r = hd_utf32_decode(BYTES(d), errors, &order, final, &used);)
DECODER(latin_1_decode, false, true, r = hd_str_latin1((const char *)HD_BYTES(d)->data, used); (void)final;)
DECODER(ascii_decode, false, true, r = hd_ascii_decode(BYTES(d), errors); (void)final;)
DECODER(raw_unicode_escape_decode, true, true, r = hd_raw_unicode_escape_decode(BYTES(d), errors, final, &used);)

/* A backslash before a character that needs none still works, with a warning. */
static int warn_escape(int64_t bad)
{
    if (bad < 0) return 0;
    char text[4] = { (char)bad, (char)(bad >> 8), (char)(bad >> 16), 0 };
    if (text[1]) return hd_warn(&hd_exc_DeprecationWarning, 1, "invalid octal escape sequence '\\%s'", text);
    return hd_warn(&hd_exc_DeprecationWarning, 1, "invalid escape sequence '\\%c'", (unsigned char)text[0]);
}
DECODER(unicode_escape_decode, true, true, int64_t bad; r = hd_unicode_escape_decode(BYTES(d), errors, final, &used, &bad);
        if (r != HD_ERR && warn_escape(bad) < 0) return HD_ERR;)
DECODER(escape_decode, true, true, int64_t bad; (void)final; r = hd_escape_decode(BYTES(d), errors, &bad);
        if (r != HD_ERR && warn_escape(bad) < 0) return HD_ERR;)
FN(charmap_decode)
{
    const char *errors;
    hd_value d = data_arg(args[0], false);
    if (d == HD_ERR || errors_arg("charmap_decode", args, nargs, 1, &errors) < 0) return HD_ERR;
    return pair(hd_charmap_decode(BYTES(d), errors, nargs > 2 ? args[2] : HD_ABSENT), (size_t)HD_BYTES(d)->len);
}
static hd_value ex_decode(const char *f, const hd_value *args, size_t nargs, int unit)
{
    const char *errors;
    int order = 0;
    bool final = false;
    hd_value d = data_arg(args[0], false);
    if (d == HD_ERR || errors_arg(f, args, nargs, 1, &errors) < 0 || (nargs > 2 && hd_as_int32(args[2], &order) < 0)
        || bool_arg(args, nargs, 3, &final) < 0) return HD_ERR;
    size_t used = (size_t)HD_BYTES(d)->len;
    order = order < 0 ? -1 : order > 0;
    hd_value r = unit == 2 ? hd_utf16_decode(BYTES(d), errors, &order, final, &used) : hd_utf32_decode(BYTES(d), errors, &order, final, &used);
    return r == HD_ERR ? HD_ERR : hd_tuplev(r, hd_int((int64_t)used), hd_fix(order));
}
FN(utf_16_ex_decode) { return ex_decode("utf_16_ex_decode", args, nargs, 2); }
FN(utf_32_ex_decode) { return ex_decode("utf_32_ex_decode", args, nargs, 4); }

FN(escape_encode)
{
    if (!hd_is_bytes(args[0])) return hd_raise(&hd_exc_TypeError, "escape_encode() argument 1 must be bytes, not %.50s", hd_arg_name(args[0]));
    const unsigned char *p = HD_BYTES(args[0])->data;
    size_t n = (size_t)HD_BYTES(args[0])->len;
    static const char hex[] = "0123456789abcdef";
    struct hd_bytebuilder b = { 0 };
    for (size_t i = 0; i < n; i++) {
        unsigned c = p[i];
        const char *two = c == '\'' ? "\\'" : c == '\\' ? "\\\\" : c == '\t' ? "\\t" : c == '\n' ? "\\n" : c == '\r' ? "\\r" : NULL;
        if (two) hd_bb_bytes(&b, two, 2);
        else if (c >= 32 && c < 127) hd_bb_byte(&b, c);
        else { char t[4] = { '\\', 'x', hex[c >> 4], hex[c & 15] }; hd_bb_bytes(&b, t, 4); }
    }
    return pair(hd_bb_finish(&b), n);
}
FN(readbuffer_encode)
{
    hd_value d = data_arg(args[0], true);
    return d == HD_ERR ? HD_ERR : pair(d, (size_t)HD_BYTES(d)->len);
}

/* ---- registry ------------------------------------------------------------------------------------------------------------------ */
static const char *c_string(const char *f, const char *what, hd_value v)
{
    if (!hd_is_str(v)) { hd_raise(&hd_exc_TypeError, "%s() argument %s must be str, not %.50s", f, what, hd_arg_name(v)); return NULL; }
    size_t n;
    const char *p = hd_str_as_utf8(v, &n);
    if (p && strlen(p) != n) { hd_raise(&hd_exc_ValueError, "embedded null character"); return NULL; }
    return p;
}
FN(register) { return hd_codec_register(args[0]) < 0 ? HD_ERR : HD_NONE; }
FN(unregister) { return hd_codec_unregister(args[0]) < 0 ? HD_ERR : HD_NONE; }
FN(lookup)
{
    const char *name = hd_is_str(args[0]) ? c_string("lookup", "1", args[0]) : NULL;
    if (!name) return hd_exc_pending() ? HD_ERR : hd_raise(&hd_exc_TypeError, "lookup() argument must be str, not %.50s", hd_arg_name(args[0]));
    return hd_codec_lookup(name);
}
FN(register_error)
{
    const char *name = c_string("register_error", "1", args[0]);
    if (!name) return HD_ERR;
    return hd_codec_register_error(name, args[1]) < 0 ? HD_ERR : HD_NONE;
}
FN(lookup_error)
{
    const char *name = hd_is_str(args[0]) ? c_string("lookup_error", "1", args[0]) : NULL;
    if (!name) return hd_exc_pending() ? HD_ERR : hd_raise(&hd_exc_TypeError, "lookup_error() argument must be str, not %.50s", hd_arg_name(args[0]));
    return hd_codec_error_handler(name);
}
static hd_value convert(const char *f, const hd_value *args, size_t nargs, hd_value kwnames, bool encode)
{
    hd_value a[3];
    const char *encoding, *errors;
    if (hd_args(f, "obj,|encoding,errors", args, nargs, kwnames, a) < 0 || hd_codec_args(f, a + 1, &encoding, &errors) < 0) return HD_ERR;
    if (!encoding) encoding = "utf-8";
    return encode ? hd_codec_encode(a[0], encoding, errors) : hd_codec_decode(a[0], encoding, errors);
}
FN(encode) { return convert("encode", args, nargs, kwnames, true); }
FN(decode) { return convert("decode", args, nargs, kwnames, false); }

#define E(name) { #name, c_##name, 1, 2, 0, #name "($module, str, errors=None, /)\n--\n\n" },
#define D(name) { #name, c_##name, 1, 3, 0, #name "($module, data, errors=None, final=False, /)\n--\n\n" },
static const struct hd_methoddef methods[] = {
    { "register", c_register, 1, 1, 0, "register($module, search_function, /)\n--\n\nAdd a function that finds codecs by normalised name." },
    { "unregister", c_unregister, 1, 1, 0, "unregister($module, search_function, /)\n--\n\nRemove a search function and forget found codecs." },
    { "lookup", c_lookup, 1, 1, 0, "lookup($module, encoding, /)\n--\n\nThe codec of an encoding." },
    { "encode", c_encode, 1, 3, HD_METH_KW, "encode($module, /, obj, encoding='utf-8', errors='strict')\n--\n\nEncode obj with a codec." },
    { "decode", c_decode, 1, 3, HD_METH_KW, "decode($module, /, obj, encoding='utf-8', errors='strict')\n--\n\nDecode obj with a codec." },
    { "register_error", c_register_error, 2, 2, 0, "register_error($module, errors, handler, /)\n--\n\nRegister an error handler under a name." },
    { "lookup_error", c_lookup_error, 1, 1, 0, "lookup_error($module, name, /)\n--\n\nThe error handler of a name." },
    { "escape_encode", c_escape_encode, 1, 2, 0, "escape_encode($module, data, errors=None, /)\n--\n\n" },
    { "escape_decode", c_escape_decode, 1, 2, 0, "escape_decode($module, data, errors=None, /)\n--\n\n" },
    E(utf_8_encode) D(utf_8_decode) E(utf_7_encode) D(utf_7_decode) D(utf_16_decode) E(utf_16_le_encode) D(utf_16_le_decode)
    E(utf_16_be_encode) D(utf_16_be_decode) D(utf_32_decode) E(utf_32_le_encode) D(utf_32_le_decode) E(utf_32_be_encode) D(utf_32_be_decode)
    E(unicode_escape_encode) D(unicode_escape_decode) E(raw_unicode_escape_encode) D(raw_unicode_escape_decode) E(latin_1_encode) E(ascii_encode)
    { "utf_16_encode", c_utf_16_encode, 1, 3, 0, "utf_16_encode($module, str, errors=None, byteorder=0, /)\n--\n\n" },
    { "utf_32_encode", c_utf_32_encode, 1, 3, 0, "utf_32_encode($module, str, errors=None, byteorder=0, /)\n--\n\n" },
    { "utf_16_ex_decode", c_utf_16_ex_decode, 1, 4, 0, "utf_16_ex_decode($module, data, errors=None, byteorder=0, final=False, /)\n--\n\n" },
    { "utf_32_ex_decode", c_utf_32_ex_decode, 1, 4, 0, "utf_32_ex_decode($module, data, errors=None, byteorder=0, final=False, /)\n--\n\n" },
    { "latin_1_decode", c_latin_1_decode, 1, 2, 0, "latin_1_decode($module, data, errors=None, /)\n--\n\n" },
    { "ascii_decode", c_ascii_decode, 1, 2, 0, "ascii_decode($module, data, errors=None, /)\n--\n\n" },
    { "charmap_encode", c_charmap_encode, 1, 3, 0, "charmap_encode($module, str, errors=None, mapping=None, /)\n--\n\n" },
    { "charmap_decode", c_charmap_decode, 1, 3, 0, "charmap_decode($module, data, errors=None, mapping=None, /)\n--\n\n" },
    { "charmap_build", c_charmap_build, 1, 1, 0, "charmap_build($module, map, /)\n--\n\n" },
    { "readbuffer_encode", c_readbuffer_encode, 1, 2, 0, "readbuffer_encode($module, data, errors=None, /)\n--\n\n" },
    { NULL }
};
const struct hd_moduledef hd_module_codecs = { "_codecs", NULL, methods, NULL };
