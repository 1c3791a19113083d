/* Encodings: the registry behind the codecs module, error handlers, and encoding and decoding by name.
 *
 * The registry (search functions, cache of found codecs, error handlers) consists of heap objects, so that it rolls back
 * with the transaction that changes it; only their addresses, made while the interpreter starts, are static. */
#include <stdio.h>
#include "interp/modules/modules.h"
#include "interp/types/str.h"
#include "interp/types/codec.h"

static hd_value search_path, search_cache, error_registry;

static int registry(void)
{
    if (search_path) return 0;
    stm_become_irrevocable();                /* the addresses in C stay, so the objects must too */
    hd_value path = hd_list_new(0), cache = hd_dict_new(), errors = hd_dict_new();
    if (path == HD_ERR || cache == HD_ERR || errors == HD_ERR) return -1;
    static const struct hd_methoddef handlers[] = {
        { "strict_errors", hd_codec_strict_errors, 1, 1, 0, "Raise the exception." },
        { "ignore_errors", hd_codec_ignore_errors, 1, 1, 0, "Leave the offending part out." },
        { "replace_errors", hd_codec_replace_errors, 1, 1, 0, "Put a replacement character for each offending unit." },
        { "xmlcharrefreplace_errors", hd_codec_xmlcharref_errors, 1, 1, 0, "Put XML character references." },
        { "backslashreplace_errors", hd_codec_backslash_errors, 1, 1, 0, "Put backslash escapes." },
        { "namereplace_errors", hd_codec_name_errors, 1, 1, 0, "Put \\N{...} escapes." },
        { "surrogatepass_errors", hd_codec_surrogatepass_errors, 1, 1, 0, "Let lone surrogates pass." },
        { "surrogateescape_errors", hd_codec_surrogateescape_errors, 1, 1, 0, "Map undecodable bytes to lone surrogates." },
    };
    static const char *const names[] = { "strict", "ignore", "replace", "xmlcharrefreplace", "backslashreplace", "namereplace",
                                         "surrogatepass", "surrogateescape" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        hd_value f = hd_cfunction_new(&handlers[i], HD_ABSENT, HD_ABSENT);
        if (f == HD_ERR || hd_dict_set_c(errors, names[i], f) < 0) return -1;
    }
    hd_root(&search_path); hd_root(&search_cache); hd_root(&error_registry);
    search_cache = cache; error_registry = errors; search_path = path;
    return 0;
}

/* ---- error handlers by name ------------------------------------------------------------------------------------------ */
hd_value hd_codec_error_handler(const char *name)
{
    if (registry() < 0) return HD_ERR;
    if (!name) name = "strict";
    hd_value f = hd_dict_get_c(error_registry, name);
    if (f == HD_ABSENT) return hd_raise(&hd_exc_LookupError, "unknown error handler name '%.400s'", name);
    return f;
}
int hd_codec_register_error(const char *name, hd_value handler)
{
    if (!hd_callable(handler)) { hd_raise(&hd_exc_TypeError, "handler must be callable"); return -1; }
    return registry() < 0 ? -1 : hd_dict_set_c(error_registry, name, handler);
}

static hd_value make_error(struct hd_type *type, const char *encoding, hd_value object, int64_t start, int64_t end, const char *reason)
{
    hd_value args[5] = { hd_str_utf8(encoding), object, hd_int(start), hd_int(end), hd_str_utf8(reason) };
    if (args[0] == HD_ERR || args[4] == HD_ERR) return HD_ERR;
    return hd_exc_new(type, args, 5);
}

enum hd_error_kind hd_error_kind(const char *errors)
{
    static const char *const names[] = { "strict", "ignore", "replace", "xmlcharrefreplace", "backslashreplace", "namereplace",
                                         "surrogatepass", "surrogateescape" };
    if (!errors) return HD_ERRORS_STRICT;
    for (int i = 0; i < HD_ERRORS_OTHER; i++) if (strcmp(errors, names[i]) == 0) return (enum hd_error_kind)i;
    return HD_ERRORS_OTHER;
}

static int handler_position(hd_value v, int64_t n, int64_t *pos)
{
    if (hd_as_i64(v, pos) < 0) return -1;
    if (*pos < 0) *pos += n;
    if (*pos < 0 || *pos > n) {
        hd_raise(&hd_exc_IndexError, "position %ld from error handler out of bounds", *pos < 0 ? *pos - n : *pos);
        return -1;
    }
    return 0;
}

int hd_decode_error(struct hd_decode_error *e, size_t start, size_t end, const char *reason, struct hd_strbuilder *b, size_t *pos)
{
    const unsigned char *p = e->p;
    switch (hd_error_kind(e->errors)) {
    case HD_ERRORS_IGNORE: *pos = end; return 0;
    case HD_ERRORS_REPLACE: hd_sb_char(b, 0xfffd); *pos = end; return b->failed ? -1 : 0;
    case HD_ERRORS_SURROGATEESCAPE: {
        size_t i = start;
        while (i < end && i < start + 4 && p[i] >= 0x80) hd_sb_char(b, 0xdc00 + p[i++]);
        if (i == start) break;
        *pos = i;
        return b->failed ? -1 : 0;
    }
    case HD_ERRORS_BACKSLASH:
        for (size_t i = start; i < end; i++) {
            char t[8];
            hd_sb_ascii(b, t, snprintf(t, sizeof t, "\\x%02x", p[i]));
        }
        *pos = end;
        return b->failed ? -1 : 0;
    case HD_ERRORS_SURROGATEPASS: {
        uint32_t c;
        size_t len = hd_surrogate_at(e->encoding, p + start, e->n - start, &c);
        if (!len) break;
        hd_sb_char(b, c);
        *pos = start + len;
        return b->failed ? -1 : 0;
    }
    default: break;
    }
    /* Handlers see an exception object; it is made once for a decoding and then moved along. */
    if (!e->handler && hd_error_kind(e->errors) == HD_ERRORS_OTHER) {
        e->handler = hd_codec_error_handler(e->errors);
        if (e->handler == HD_ERR) { e->handler = 0; return -1; }
    }
    hd_value object = hd_bytes_new(p, e->n);
    if (object == HD_ERR) return -1;
    hd_value exc = make_error(&hd_exc_UnicodeDecodeError, e->encoding, object, start, end, reason);
    if (exc == HD_ERR) return -1;
    if (!e->handler) { hd_raise_object(exc); return -1; }
    hd_value r = hd_callv(e->handler, exc);
    if (r == HD_ERR) return -1;
    if (!hd_is_tuple(r) || HD_TUPLE(r)->len != 2 || !hd_is_str(HD_TUPLE(r)->item[0]) || !hd_is_int(HD_TUPLE(r)->item[1])) {
        hd_raise(&hd_exc_TypeError, "decoding error handler must return (str, int) tuple");
        return -1;
    }
    object = hd_getattr_c(exc, "object");           /* the handler may have put other bytes there: they are decoded on */
    if (object == HD_ERR) return -1;
    if (!hd_is_bytes(object)) { hd_raise(&hd_exc_TypeError, "exception attribute object must be bytes"); return -1; }
    e->p = HD_BYTES(object)->data;
    e->n = HD_BYTES(object)->len;
    e->exc = object;                                /* keeps the bytes alive */
    int64_t at;
    if (handler_position(HD_TUPLE(r)->item[1], e->n, &at) < 0) return -1;
    hd_sb_str(b, HD_TUPLE(r)->item[0]);
    *pos = at;
    return b->failed ? -1 : 0;
}

hd_value hd_encode_replacement(enum hd_error_kind kind, const char *encoding, hd_value s, int64_t start, int64_t end)
{
    struct hd_strbuilder b;
    hd_sb_init(&b);
    char t[16];
    switch (kind) {
    case HD_ERRORS_IGNORE: return hd_empty_str;
    case HD_ERRORS_REPLACE: hd_sb_fill(&b, '?', end - start); break;
    case HD_ERRORS_XMLCHARREF:
        for (int64_t i = start; i < end; i++) hd_sb_ascii(&b, t, snprintf(t, sizeof t, "&#%u;", hd_str_at(s, i)));
        break;
    case HD_ERRORS_NAME: case HD_ERRORS_BACKSLASH:
        for (int64_t i = start; i < end; i++) {
            uint32_t c = hd_str_at(s, i);
            char name[128];
            if (kind == HD_ERRORS_NAME && hd_uc_name(c, name, sizeof name)) {
                hd_sb_cstr(&b, "\\N{"); hd_sb_cstr(&b, name); hd_sb_char(&b, '}');
            } else {
                hd_sb_ascii(&b, t, snprintf(t, sizeof t, c < 0x100 ? "\\x%02x" : c < 0x10000 ? "\\u%04x" : "\\U%08x", c));
            }
        }
        break;
    case HD_ERRORS_SURROGATEESCAPE: case HD_ERRORS_SURROGATEPASS: {
        struct hd_bytebuilder o = { 0 };
        for (int64_t i = start; i < end; i++) {
            uint32_t c = hd_str_at(s, i);
            unsigned char u[4];
            if (kind == HD_ERRORS_SURROGATEESCAPE) {
                if (c < 0xdc80 || c > 0xdcff) return HD_ABSENT;
                hd_bb_byte(&o, c - 0xdc00);
            } else {
                size_t n = c >= 0xd800 && c <= 0xdfff ? hd_surrogate_encode(encoding, c, u) : 0;
                if (!n) return HD_ABSENT;
                hd_bb_bytes(&o, u, n);
            }
        }
        return hd_bb_finish(&o);
    }
    default: return HD_ABSENT;
    }
    return hd_sb_finish(&b);
}

int hd_encode_error(struct hd_encode_error *e, int64_t start, int64_t end, const char *reason, hd_value *replacement, int64_t *pos)
{
    enum hd_error_kind kind = hd_error_kind(e->errors);
    if (kind != HD_ERRORS_OTHER) {
        if (kind == HD_ERRORS_SURROGATEESCAPE || kind == HD_ERRORS_SURROGATEPASS) {     /* as far as it goes */
            int64_t i = start;
            while (i < end && hd_str_at(e->s, i) >= (kind == HD_ERRORS_SURROGATEPASS ? 0xd800u : 0xdc80u)
                   && hd_str_at(e->s, i) <= (kind == HD_ERRORS_SURROGATEPASS ? 0xdfffu : 0xdcffu)) i++;
            if (i > start) end = i;
        }
        *replacement = hd_encode_replacement(kind, e->encoding, e->s, start, end);
        *pos = end;
        if (*replacement != HD_ABSENT) return *replacement == HD_ERR ? -1 : 0;
    } else if (!e->handler) {
        e->handler = hd_codec_error_handler(e->errors);
        if (e->handler == HD_ERR) { e->handler = 0; return -1; }
    }
    hd_value exc = make_error(&hd_exc_UnicodeEncodeError, e->encoding, e->s, start, end, reason);
    if (exc == HD_ERR) return -1;
    if (!e->handler) { hd_raise_object(exc); return -1; }
    hd_value r = hd_callv(e->handler, exc);
    if (r == HD_ERR) return -1;
    if (!hd_is_tuple(r) || HD_TUPLE(r)->len != 2 || !(hd_is_str(HD_TUPLE(r)->item[0]) || hd_is_bytes(HD_TUPLE(r)->item[0]))
        || !hd_is_int(HD_TUPLE(r)->item[1])) {
        hd_raise(&hd_exc_TypeError, "encoding error handler must return (str/bytes, int) tuple");
        return -1;
    }
    *replacement = HD_TUPLE(r)->item[0];
    return handler_position(HD_TUPLE(r)->item[1], hd_str_len(e->s), pos);
}

/* ---- registry of codecs ------------------------------------------------------------------------------------------------- */
/* Lower case, runs of other characters than letters, digits and dots become one underscore. */
void hd_codec_normalise(const char *name, char *out, size_t size)
{
    size_t o = 0;
    bool gap = false;
    for (; *name && o + 2 < size; name++) {
        unsigned char c = *name;
        if (c >= 'A' && c <= 'Z') c |= 0x20;
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.') {
            if (gap && o) out[o++] = '_';
            gap = false;
            out[o++] = (char)c;
        } else gap = true;
    }
    out[o] = 0;
}

int hd_codec_register(hd_value search)
{
    if (!hd_callable(search)) { hd_raise(&hd_exc_TypeError, "argument must be callable"); return -1; }
    return registry() < 0 ? -1 : hd_list_append(search_path, search);
}
int hd_codec_unregister(hd_value search)
{
    if (registry() < 0) return -1;
    int64_t n = hd_list_len(search_path);
    for (int64_t i = 0; i < n; i++) {
        if (hd_list_get(search_path, i) == search) {
            if (hd_list_pop(search_path, i) == HD_ERR) return -1;
            return hd_dict_clear(search_cache);
        }
    }
    return 0;
}

hd_value hd_codec_lookup(const char *encoding)
{
    if (registry() < 0) return HD_ERR;
    size_t size = strlen(encoding) + 3;
    char *name = hd_scratch(size);
    if (!name) return HD_ERR;
    hd_codec_normalise(encoding, name, size);
    hd_value key = hd_intern(name);
    if (key == HD_ERR) return HD_ERR;
    hd_value codec = hd_dict_get(search_cache, key);
    if (codec != HD_ABSENT) return codec;
    if (hd_list_len(search_path) == 0 && hd_import("encodings") == HD_ERR) return HD_ERR;
    if (hd_list_len(search_path) == 0) return hd_raise(&hd_exc_LookupError, "no codec search functions registered: can't find encoding");
    for (int64_t i = 0; i < hd_list_len(search_path); i++) {
        codec = hd_callv(hd_list_get(search_path, i), key);
        if (codec == HD_ERR) return HD_ERR;
        if (codec == HD_NONE) continue;
        if (!hd_is_tuple(codec) || HD_TUPLE(codec)->len != 4) return hd_raise(&hd_exc_TypeError, "codec search functions must return 4-tuples");
        if (hd_dict_set(search_cache, key, codec) < 0) return HD_ERR;
        return codec;
    }
    return hd_raise(&hd_exc_LookupError, "unknown encoding: %s", encoding);
}

/* The codec of an encoding; `text`: it must convert between str and bytes. */
static hd_value find_codec(const char *encoding, bool encode, bool text)
{
    hd_value codec = hd_codec_lookup(encoding);
    if (codec == HD_ERR || !text || hd_is_tuple_exact(codec)) return codec;
    hd_value is_text = hd_getattr_opt(codec, hd_intern("_is_text_encoding"));
    if (is_text == HD_ERR) return HD_ERR;
    int t = is_text == HD_ABSENT ? 1 : hd_truth(is_text);
    if (t < 0) return HD_ERR;
    if (t) return codec;
    return hd_raise(&hd_exc_LookupError, "'%.400s' is not a text encoding; use %s to handle arbitrary codecs", encoding,
                    encode ? "codecs.encode()" : "codecs.decode()");
}

static hd_value call_codec(hd_value codec, hd_value o, const char *errors, bool encode)
{
    hd_value f = HD_TUPLE(codec)->item[encode ? 0 : 1], args[2] = { o, HD_UNBOUND };
    if (errors) {
        args[1] = hd_str_utf8(errors);
        if (args[1] == HD_ERR) return HD_ERR;
    }
    hd_value r = hd_call(f, args, errors ? 2 : 1, 0);
    if (r == HD_ERR) return HD_ERR;
    if (!hd_is_tuple(r) || HD_TUPLE(r)->len != 2)
        return hd_raise(&hd_exc_TypeError, encode ? "encoder must return a tuple (object, integer)" : "decoder must return a tuple (object,integer)");
    return HD_TUPLE(r)->item[0];
}

/* A failure inside a codec is reported with the codec's name in front, when the exception is a plain one. */
static hd_value wrap_failure(const char *encoding, bool encode)
{
    hd_value e = hd_ts->exc;
    if (!hd_exc_pending() || !hd_is_ptr(e)) return HD_ERR;
    struct hd_type *t = hd_type_of(e);
    const struct hd_type *base = &hd_exc_BaseException;
    if (t->basicsize != base->basicsize || t->op.make != base->op.make || t->op.init != base->op.init) return HD_ERR;
    hd_value args = hd_getattr_c(e, "args"), dict = hd_getattr_opt(e, hd_intern("__dict__"));
    if (dict != HD_ABSENT && dict != HD_ERR && hd_is_dict(dict) && hd_dict_len(dict) > 0) return HD_ERR;     /* it would lose its attributes */
    if (args == HD_ERR || !hd_is_tuple(args) || HD_TUPLE(args)->len > 1
        || (HD_TUPLE(args)->len == 1 && !hd_is_str(HD_TUPLE(args)->item[0]))) { hd_exc_clear(); hd_exc_put(e); return HD_ERR; }
    hd_value text = HD_TUPLE(args)->len ? HD_TUPLE(args)->item[0] : hd_empty_str;
    return hd_raise_from_pending(t, "%s with '%s' codec failed (%N: %U)", encode ? "encoding" : "decoding", encoding, t, text);
}

static hd_value run_codec(hd_value o, const char *encoding, const char *errors, bool encode, bool text)
{
    hd_value codec = find_codec(encoding, encode, text);
    if (codec == HD_ERR) return HD_ERR;
    hd_value v = call_codec(codec, o, errors, encode);
    return v == HD_ERR ? wrap_failure(encoding, encode) : v;
}
hd_value hd_codec_encode(hd_value o, const char *encoding, const char *errors) { return run_codec(o, encoding, errors, true, false); }
hd_value hd_codec_decode(hd_value o, const char *encoding, const char *errors) { return run_codec(o, encoding, errors, false, false); }

/* ---- by name, text only --------------------------------------------------------------------------------------------------- */
static enum { C_OTHER, C_UTF8, C_LATIN1, C_ASCII, C_UTF16, C_UTF16LE, C_UTF16BE, C_UTF32, C_UTF32LE, C_UTF32BE } known(const char *encoding)
{
    char name[24];
    if (strlen(encoding) > 20) return C_OTHER;
    hd_codec_normalise(encoding, name, sizeof name);
    static const struct { const char *name; int id; } table[] = {
        { "utf_8", C_UTF8 }, { "utf8", C_UTF8 }, { "u8", C_UTF8 }, { "cp65001", C_UTF8 }, { "latin_1", C_LATIN1 }, { "latin1", C_LATIN1 },
        { "iso_8859_1", C_LATIN1 }, { "iso8859_1", C_LATIN1 }, { "8859", C_LATIN1 }, { "l1", C_LATIN1 }, { "ascii", C_ASCII },
        { "us_ascii", C_ASCII }, { "646", C_ASCII }, { "utf_16", C_UTF16 }, { "utf16", C_UTF16 }, { "utf_16_le", C_UTF16LE },
        { "utf_16_be", C_UTF16BE }, { "utf_32", C_UTF32 }, { "utf32", C_UTF32 }, { "utf_32_le", C_UTF32LE }, { "utf_32_be", C_UTF32BE } };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (strcmp(name, table[i].name) == 0) return table[i].id;
    return C_OTHER;
}

/* In development mode a wrong encoding or handler name is noticed although nothing needs it. */
static int check_names(const char *encoding, const char *errors)
{
    if (!hd_options.dev_mode || !search_cache) return 0;
    if (encoding && known(encoding) == C_OTHER && hd_codec_lookup(encoding) == HD_ERR) return -1;
    return errors && hd_error_kind(errors) == HD_ERRORS_OTHER && hd_codec_error_handler(errors) == HD_ERR ? -1 : 0;
}

hd_value hd_str_encode(hd_value s, const char *encoding, const char *errors)
{
    if (check_names(encoding, errors) < 0) return HD_ERR;
    if (!encoding) return hd_utf8_encode(s, errors);
    switch (known(encoding)) {
    case C_UTF8: return hd_utf8_encode(s, errors);
    case C_LATIN1: return hd_latin1_encode(s, errors);
    case C_ASCII: return hd_ascii_encode(s, errors);
    case C_UTF16: return hd_utf16_encode(s, errors, 0);
    case C_UTF16LE: return hd_utf16_encode(s, errors, -1);
    case C_UTF16BE: return hd_utf16_encode(s, errors, 1);
    case C_UTF32: return hd_utf32_encode(s, errors, 0);
    case C_UTF32LE: return hd_utf32_encode(s, errors, -1);
    case C_UTF32BE: return hd_utf32_encode(s, errors, 1);
    default: break;
    }
    hd_value v = run_codec(s, encoding, errors, true, true);
    if (v == HD_ERR || hd_is_bytes(v)) return v;
    if (hd_has_flag(v, HD_TF_BYTEARRAY)) {
        if (hd_warn(&hd_exc_RuntimeWarning, 1, "encoder %s returned bytearray instead of bytes; use codecs.encode() to encode to arbitrary types", encoding) < 0) return HD_ERR;
        size_t n;
        const unsigned char *p = hd_bytes_view(v, &n);
        return p ? hd_bytes_new(p, n) : HD_ERR;
    }
    return hd_raise(&hd_exc_TypeError, "'%.400s' encoder returned '%.400T' instead of 'bytes'; use codecs.encode() to encode to arbitrary types",
                    encoding, v);
}

hd_value hd_codec_decode_text(hd_value o, const char *encoding, const char *errors)
{
    hd_value v = run_codec(o, encoding, errors, false, true);
    if (v == HD_ERR || hd_is_str(v)) return v;
    return hd_raise(&hd_exc_TypeError, "'%.400s' decoder returned '%.400T' instead of 'str'; use codecs.decode() to decode to arbitrary types",
                    encoding, v);
}

hd_value hd_str_decode(const char *p, size_t n, const char *encoding, const char *errors)
{
    if (check_names(encoding, errors) < 0) return HD_ERR;
    if (!encoding) return hd_utf8_decode(p, n, errors, true, NULL);
    int order = 0;
    switch (known(encoding)) {
    case C_UTF8: return hd_utf8_decode(p, n, errors, true, NULL);
    case C_LATIN1: return hd_str_latin1(p, n);
    case C_ASCII: return hd_ascii_decode(p, n, errors);
    case C_UTF16: return hd_utf16_decode(p, n, errors, &order, true, NULL);
    case C_UTF16LE: order = -1; return hd_utf16_decode(p, n, errors, &order, true, NULL);
    case C_UTF16BE: order = 1; return hd_utf16_decode(p, n, errors, &order, true, NULL);
    case C_UTF32: return hd_utf32_decode(p, n, errors, &order, true, NULL);
    case C_UTF32LE: order = -1; return hd_utf32_decode(p, n, errors, &order, true, NULL);
    case C_UTF32BE: order = 1; return hd_utf32_decode(p, n, errors, &order, true, NULL);
    default: break;
    }
    hd_value o = hd_bytes_new(p, n);
    if (o == HD_ERR) return HD_ERR;
    return hd_codec_decode_text(o, encoding, errors);
}
