/* The type MultibyteCodec and the modules _codecs_jp, _codecs_cn, _codecs_tw, _codecs_hk, _codecs_kr and _codecs_iso2022.
 *
 * The state of an encoding and what waits for more input are values that go in and out of _encode and _decode: the
 * incremental coders and streams (interp/lib/_multibytecodec.py) keep them in attributes, which roll back. */
#include "interp/modules/modules.h"
#include "interp/modules/multibyte.h"
#include "interp/types/bytes.h"
#include "interp/types/str.h"

#define ARGS hd_value self, const hd_value *args, size_t nargs, hd_value kwnames
struct codec_object { struct hd_head head; const struct hd_mb_codec *codec; };
#define CODEC(v) (((struct codec_object *)hd_ptr(v))->codec)
static struct hd_type codec_type;

static int64_t pack(const struct hd_mb_state *s) { return s->g[0] | s->g[1] << 8 | s->g[2] << 16 | s->shifted << 24 | s->through << 25; }
static int unpack(hd_value v, struct hd_mb_state *s)
{
    enum { DESIGNATIONS = 14 };
    int64_t n;
    if (hd_as_i64(v, &n) < 0) return -1;
    *s = (struct hd_mb_state){ { (uint8_t)n, (uint8_t)(n >> 8), (uint8_t)(n >> 16) }, (uint8_t)(n >> 24 & 1), (uint8_t)(n >> 25 & 1) };
    if (n >= 0 && n >> 26 == 0 && s->g[0] < DESIGNATIONS && s->g[1] < DESIGNATIONS && s->g[2] < DESIGNATIONS) return 0;
    hd_raise(&hd_exc_ValueError, "invalid state of a multibyte codec");
    return -1;
}
static int errors_text(hd_value v, const char **errors)
{
    *errors = NULL;
    if (v == HD_ABSENT || v == HD_NONE) return 0;
    if (!hd_is_str(v)) { hd_raise(&hd_exc_TypeError, "encode() argument 'errors' must be str or None, not %A", v); return -1; }
    return (*errors = hd_str_as_utf8(v, NULL)) ? 0 : -1;
}

/* ---- encoding --------------------------------------------------------------------------------------------------------------------------- */
/* Encodes s from *at on; stops in front of a character that needs the next one unless `final`.  0, -1 */
static int encode_text(const struct hd_mb_codec *c, struct hd_mb_state *st, hd_value s, const char *errors, bool final, struct hd_bytebuilder *b, int64_t *at)
{
    struct hd_encode_error e = { c->name, errors, s, 0, 0 };
    int64_t n = hd_str_len(s);
    for (int64_t i = *at; i < n;) {
        uint8_t out[HD_MB_LONGEST];
        int used, r = c->encode(c, st, hd_str_at(s, i), i + 1 < n ? (int64_t)hd_str_at(s, i + 1) : final ? -2 : -1, out, &used);
        if (r == HD_MB_MORE) { *at = i; return 0; }
        if (r >= 0) {
            hd_bb_bytes(b, out, (size_t)r);
            i += used;
            continue;
        }
        hd_value replacement;
        if (hd_encode_error(&e, i, i + 1, "illegal multibyte sequence", &replacement, &i) < 0) return -1;
        n = hd_str_len(s);
        if (hd_is_bytes(replacement)) {
            hd_bb_bytes(b, HD_BYTES(replacement)->data, (size_t)HD_BYTES(replacement)->len);
            continue;
        }
        int64_t from = 0;
        if (encode_text(c, st, replacement, "strict", true, b, &from) < 0) return -1;
    }
    *at = n;
    return 0;
}
static hd_value encode(const struct hd_mb_codec *c, hd_value v, const char *errors, struct hd_mb_state *st, bool final, int64_t *used)
{
    if (!hd_is_str(v)) {
        v = hd_str_of(v);
        if (v == HD_ERR) return hd_raise(&hd_exc_TypeError, "couldn't convert the object to str.");
    }
    struct hd_bytebuilder b = { 0 };
    *used = 0;
    if (encode_text(c, st, v, errors, final, &b, used) < 0) return HD_ERR;
    if (final && c->reset) {
        uint8_t out[HD_MB_LONGEST];
        hd_bb_bytes(&b, out, (size_t)c->reset(st, out));
    }
    return hd_bb_finish(&b);
}
static hd_value codec_encode(ARGS)
{
    hd_value a[2];
    const char *errors;
    struct hd_mb_state st = { 0 };
    int64_t used;
    if (hd_args("encode", "input,|errors", args, nargs, kwnames, a) < 0 || errors_text(a[1], &errors) < 0) return HD_ERR;
    hd_value r = encode(CODEC(self), a[0], errors, &st, true, &used);
    return r == HD_ERR ? HD_ERR : hd_tuplev(r, hd_int(used));
}
static hd_value codec_encode_some(ARGS)
{
    const char *errors;
    struct hd_mb_state st;
    int64_t used;
    int final = hd_truth(args[3]);
    if (final < 0 || errors_text(args[1], &errors) < 0 || unpack(args[2], &st) < 0) return HD_ERR;
    hd_value r = encode(CODEC(self), args[0], errors, &st, final, &used);
    return r == HD_ERR ? HD_ERR : hd_tuplev(r, hd_int(used), hd_int(pack(&st)));
}

/* ---- decoding --------------------------------------------------------------------------------------------------------------------------- */
static hd_value decode(const struct hd_mb_codec *c, hd_value v, const char *errors, struct hd_mb_state *st, bool final, size_t *used)
{
    hd_value data = hd_bytes_fixed(v);
    if (data == HD_ERR) return HD_ERR;
    struct hd_decode_error e = { c->name, errors, HD_BYTES(data)->data, (size_t)HD_BYTES(data)->len, 0, 0 };
    struct hd_strbuilder b;
    hd_sb_init(&b);
    size_t i = 0;
    while (i < e.n) {
        uint32_t ch[2];
        int count = 0, r = c->decode(c, st, e.p + i, e.n - i, ch, &count);
        if (r > 0) {
            for (int k = 0; k < count; k++) hd_sb_char(&b, ch[k]);
            i += (size_t)r;
            continue;
        }
        if (r == 0 && !final) break;
        size_t bad = r == 0 ? e.n - i : (size_t)-r;
        if (hd_decode_error(&e, i, i + bad < e.n ? i + bad : e.n, r == 0 ? "incomplete multibyte sequence" : "illegal multibyte sequence", &b, &i) < 0) return HD_ERR;
    }
    *used = i;
    return hd_sb_finish(&b);
}
static hd_value codec_decode(ARGS)
{
    hd_value a[2];
    const char *errors;
    struct hd_mb_state st = { 0 };
    size_t used;
    if (hd_args("decode", "input,|errors", args, nargs, kwnames, a) < 0 || errors_text(a[1], &errors) < 0) return HD_ERR;
    hd_value r = decode(CODEC(self), a[0], errors, &st, true, &used);
    return r == HD_ERR ? HD_ERR : hd_tuplev(r, hd_int((int64_t)used));
}
static hd_value codec_decode_some(ARGS)
{
    const char *errors;
    struct hd_mb_state st;
    size_t used;
    int final = hd_truth(args[3]);
    if (final < 0 || errors_text(args[1], &errors) < 0 || unpack(args[2], &st) < 0) return HD_ERR;
    hd_value r = decode(CODEC(self), args[0], errors, &st, final, &used);
    return r == HD_ERR ? HD_ERR : hd_tuplev(r, hd_int((int64_t)used), hd_int(pack(&st)));
}
/* Bytes that end a text in that state, for reset(). */
static hd_value codec_end(ARGS)
{
    struct hd_mb_state st;
    uint8_t out[HD_MB_LONGEST];
    if (unpack(args[0], &st) < 0) return HD_ERR;
    return hd_bytes_new(out, CODEC(self)->reset ? (size_t)CODEC(self)->reset(&st, out) : 0);
}

/* ---- the type and the modules --------------------------------------------------------------------------------------------------------------- */
static const struct hd_methoddef codec_methods[] = {
    { "encode", codec_encode, 0, -1, HD_METH_KW, "encode($self, /, input, errors=None)\n--\n\nReturn an encoded string version of `input'." },
    { "decode", codec_decode, 0, -1, HD_METH_KW, "decode($self, /, input, errors=None)\n--\n\nDecodes `input'." },
    { "_encode", codec_encode_some, 4, 4, 0, "_encode($self, input, errors, state, final, /)\n--\n\nAs encode, from a state: (bytes, characters used, state)." },
    { "_decode", codec_decode_some, 4, 4, 0, "_decode($self, input, errors, state, final, /)\n--\n\nAs decode, from a state: (str, bytes used, state)." },
    { "_end", codec_end, 1, 1, 0, "_end($self, state, /)\n--\n\nWhat ends an encoded text in that state." }, { 0 }
};
static struct hd_type codec_type = {
    .cname = "_multibytecodec.MultibyteCodec", .basicsize = sizeof(struct codec_object), .flags = HD_TF_IMMUTABLE_LAYOUT | HD_TF_NEVER_INSTANTIATE, .methods = codec_methods,
};
static hd_value getcodec(ARGS)
{
    if (!hd_is_str(args[0])) return hd_raise(&hd_exc_TypeError, "encoding name must be a string.");
    const struct hd_mb_codec *c = hd_mb_codecs;
    while (c->name && !hd_str_is(args[0], c->name)) c++;
    if (!c->name) return hd_raise(&hd_exc_LookupError, "no such codec is supported.");
    int status;
    HD_BLOCKING
        status = hd_mb_ready(c);
    HD_END_BLOCKING
    if (status == -1) return hd_no_memory();
    if (status < 0) return hd_raise(&hd_exc_LookupError, "the C library has no converter for %s", c->name);
    struct codec_object *o = hd_new_object(&codec_type, sizeof *o);
    if (!o) return HD_ERR;
    o->codec = c;
    return hd_obj(o);
}
static const struct hd_methoddef functions[] = { { "getcodec", getcodec, 1, 1, 0, "" }, { 0 } };
static int fill(hd_value m)
{
    return hd_type_ready(&codec_type) < 0 || hd_module_add(m, "MultibyteCodec", hd_obj(&codec_type)) < 0 ? -1 : 0;
}
#define MODULE(name) const struct hd_moduledef hd_module_##name = { "_" #name, NULL, functions, fill };
MODULE(codecs_jp) MODULE(codecs_cn) MODULE(codecs_tw) MODULE(codecs_hk) MODULE(codecs_kr) MODULE(codecs_iso2022)
