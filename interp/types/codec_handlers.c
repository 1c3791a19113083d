/* The built-in error handlers as functions of an exception: what codecs.lookup_error gives for their names. */
#include "interp/types/codec.h"
#include "interp/types/exc.h"

enum what { ENCODE, DECODE, TRANSLATE };
struct unicode_error { enum what what; hd_value object; int64_t start, end; };

static hd_value wrong(hd_value e) { return hd_raise(&hd_exc_TypeError, "don't know how to handle %.200T in error callback", e); }

/* Start and end are brought into the object, as whatever made the exception may have put anything there. */
static int take(hd_value e, struct unicode_error *u)
{
    struct hd_type *t = hd_type_of(e);
    if (hd_subtype(t, &hd_exc_UnicodeEncodeError)) u->what = ENCODE;
    else if (hd_subtype(t, &hd_exc_UnicodeDecodeError)) u->what = DECODE;
    else if (hd_subtype(t, &hd_exc_UnicodeTranslateError)) u->what = TRANSLATE;
    else { (void)wrong(e); return -1; }
    u->object = HD_EXC_GETX(e, hd_exc_unicode, object);
    if (u->what == DECODE ? !hd_is_bytes(u->object) : !hd_is_str(u->object)) {
        hd_raise(&hd_exc_TypeError, u->what == DECODE ? "object attribute must be bytes" : "object attribute must be unicode");
        return -1;
    }
    if (hd_as_i64(HD_EXC_GETX(e, hd_exc_unicode, start), &u->start) < 0 || hd_as_i64(HD_EXC_GETX(e, hd_exc_unicode, end), &u->end) < 0) return -1;
    int64_t n = u->what == DECODE ? HD_BYTES(u->object)->len : hd_str_len(u->object);
    if (u->start >= n) u->start = n - 1;
    if (u->start < 0) u->start = 0;
    if (u->end < 1) u->end = 1;
    if (u->end > n) u->end = n;
    if (u->end < u->start) u->end = u->start;
    return 0;
}
static hd_value result(hd_value text, int64_t pos) { return text == HD_ERR ? HD_ERR : hd_tuplev(text, hd_int(pos)); }
static hd_value raise_it(hd_value e)
{
    if (hd_is_exc_instance(e)) return hd_raise_object(e);
    return hd_raise(&hd_exc_TypeError, "codec must pass exception instance");
}

#define HANDLER(name) hd_value hd_codec_##name(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
HANDLER(strict_errors) { return raise_it(args[0]); }
HANDLER(ignore_errors)
{
    struct unicode_error u;
    return take(args[0], &u) < 0 ? HD_ERR : result(hd_empty_str, u.end);
}
HANDLER(replace_errors)
{
    struct unicode_error u;
    if (take(args[0], &u) < 0) return HD_ERR;
    struct hd_strbuilder b;
    hd_sb_init(&b);
    hd_sb_fill(&b, u.what == ENCODE ? '?' : 0xfffd, u.what == DECODE ? 1 : u.end - u.start);
    return result(hd_sb_finish(&b), u.end);
}
static hd_value encoded(hd_value e, enum hd_error_kind kind)
{
    struct unicode_error u;
    if (take(e, &u) < 0) return HD_ERR;
    if (u.what != ENCODE) return wrong(e);
    return result(hd_encode_replacement(kind, "", u.object, u.start, u.end), u.end);
}
HANDLER(xmlcharref_errors) { return encoded(args[0], HD_ERRORS_XMLCHARREF); }
HANDLER(name_errors) { return encoded(args[0], HD_ERRORS_NAME); }
HANDLER(backslash_errors)
{
    struct unicode_error u;
    if (take(args[0], &u) < 0) return HD_ERR;
    if (u.what != DECODE) return result(hd_encode_replacement(HD_ERRORS_BACKSLASH, "", u.object, u.start, u.end), u.end);
    struct hd_strbuilder b;
    hd_sb_init(&b);
    for (int64_t i = u.start; i < u.end; i++) {
        static const char hex[] = "0123456789abcdef";
        unsigned c = HD_BYTES(u.object)->data[i];
        char t[4] = { '\\', 'x', hex[c >> 4], hex[c & 15] };
        hd_sb_ascii(&b, t, 4);
    }
    return result(hd_sb_finish(&b), u.end);
}
HANDLER(surrogatepass_errors)
{
    struct unicode_error u;
    if (take(args[0], &u) < 0) return HD_ERR;
    if (u.what == TRANSLATE) return wrong(args[0]);
    const char *encoding = hd_str_as_utf8(HD_EXC_GETX(args[0], hd_exc_unicode, encoding), NULL);
    if (!encoding) return HD_ERR;
    if (u.what == ENCODE) {
        hd_value r = hd_encode_replacement(HD_ERRORS_SURROGATEPASS, encoding, u.object, u.start, u.end);
        return r == HD_ABSENT ? raise_it(args[0]) : result(r, u.end);
    }
    uint32_t c;
    size_t n = hd_surrogate_at(encoding, HD_BYTES(u.object)->data + u.start, (size_t)(HD_BYTES(u.object)->len - u.start), &c);
    return n ? result(hd_str_char(c), u.start + (int64_t)n) : raise_it(args[0]);
}
HANDLER(surrogateescape_errors)
{
    struct unicode_error u;
    if (take(args[0], &u) < 0) return HD_ERR;
    if (u.what == TRANSLATE) return wrong(args[0]);
    if (u.what == ENCODE) {
        hd_value r = hd_encode_replacement(HD_ERRORS_SURROGATEESCAPE, "", u.object, u.start, u.end);
        return r == HD_ABSENT ? raise_it(args[0]) : result(r, u.end);
    }
    struct hd_strbuilder b;
    hd_sb_init(&b);
    int64_t i = u.start;
    while (i < u.end && i < u.start + 4 && HD_BYTES(u.object)->data[i] >= 0x80) hd_sb_char(&b, 0xdc00u + HD_BYTES(u.object)->data[i++]);
    return i == u.start ? raise_it(args[0]) : result(hd_sb_finish(&b), i);
}
