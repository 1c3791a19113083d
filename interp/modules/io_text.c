/* TextIOWrapper and IncrementalNewlineDecoder.
 *
 * Written text waits as a list of strs and is encoded when it is flushed; read text is decoded by chunks with the codec's
 * incremental decoder.  tell() returns a cookie: position, decoder flags, bytes to feed, characters to skip, end of file, in
 * 64-bit fields from the lowest, as a decoder may hold state that no byte position shows. */
#include <ctype.h>
#include <errno.h>
#include "interp/modules/io_internal.h"
#include "interp/types/number.h"

/* ---- IncrementalNewlineDecoder ------------------------------------------------------------------------------------------- */
HD_MUTABLE(hd_newlinedecoder)
struct hd_newlinedecoder { struct hd_mhead head; hd_vslot decoder, errors; hd_islot translate, pending_cr, seen; };
HD_MUTABLE_OPEN(hd_newlinedecoder, hd_inst_size(o))
#define NLD(v) ((struct hd_newlinedecoder *)hd_ptr(v))
enum { SEEN_CR = 1, SEEN_LF = 2, SEEN_CRLF = 4 };

static int nld_init(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
{
    hd_value a[3];
    if (hd_args("IncrementalNewlineDecoder", "decoder,translate,|errors", args, nargs, kwnames, a) < 0) return -1;
    int t = hd_truth(a[1]);
    if (t < 0) return -1;
    hd_newlinedecoder_w w = hd_newlinedecoder_open(NLD(self));
    HD_PUT(w, decoder, a[0]);
    HD_PUT(w, translate, t);
    HD_PUT(w, errors, a[2] == HD_ABSENT ? hd_s_strict : a[2]);
    HD_PUT(w, pending_cr, 0);
    HD_PUT(w, seen, 0);
    return 0;
}
static hd_value nld_decode_text(struct hd_newlinedecoder *d, hd_value text, bool final)
{
    if (!hd_is_str(text)) return hd_raise(&hd_exc_TypeError, "decoder should return a string result, not '%T'", text);
    int64_t n = HD_STR(text)->len, pending = HD_GET(d, pending_cr), seen = HD_GET(d, seen), old_seen = seen, old_pending = pending;
    if (pending && (n || final)) {
        if ((text = hd_str_concat(hd_str_char('\r'), text)) == HD_ERR) return HD_ERR;
        n++;
        pending = 0;
    }
    if (n && !final && hd_str_at(text, n - 1) == '\r') {
        if ((text = hd_str_slice(text, 0, n - 1)) == HD_ERR) return HD_ERR;
        n--;
        pending = 1;
    }
    bool translate = HD_GET(d, translate);
    hd_value cr = hd_str_char('\r');
    int64_t first_cr = hd_str_find(text, cr, 0, n, 1);
    if (first_cr < 0) {
        if (!(seen & SEEN_LF) && hd_str_find(text, hd_str_char('\n'), 0, n, 1) >= 0) seen |= SEEN_LF;
    } else {
        struct hd_strbuilder sb;
        if (translate) hd_sb_init(&sb);
        int64_t from = 0;
        for (int64_t i = 0; i < n; i++) {
            uint32_t c = hd_str_at(text, i);
            if (c == '\n') seen |= SEEN_LF;
            if (c != '\r') continue;
            bool crlf = i + 1 < n && hd_str_at(text, i + 1) == '\n';
            seen |= crlf ? SEEN_CRLF : SEEN_CR;
            if (translate) {
                hd_sb_slice(&sb, text, from, i);
                hd_sb_char(&sb, '\n');
                from = i + 1 + crlf;
            }
            i += crlf;
        }
        if (translate) {
            hd_sb_slice(&sb, text, from, n);
            if ((text = hd_sb_finish(&sb)) == HD_ERR) return HD_ERR;
        }
    }
    if (seen != old_seen || pending != old_pending) {
        hd_newlinedecoder_w w = hd_newlinedecoder_open(d);
        HD_PUT(w, seen, seen);
        HD_PUT(w, pending_cr, pending);
    }
    return text;
}
static hd_value nld_decode(hd_value self, hd_value input, bool final)
{
    hd_value dec = HD_GET(NLD(self), decoder);
    if (dec != HD_NONE) {
        hd_value a[] = { input, hd_bool(final) };
        if ((input = hd_call_method(dec, hd_s_decode, a, 2)) == HD_ERR) return HD_ERR;
    }
    return nld_decode_text(NLD(self), input, final);
}
IO_DEF(nld_decode_method)
{
    hd_value a[2];
    if (hd_args("decode", "input,|final", args, nargs, kwnames, a) < 0) return HD_ERR;
    int final = a[1] == HD_ABSENT ? 0 : hd_truth(a[1]);
    return final < 0 ? HD_ERR : nld_decode(self, a[0], final);
}
IO_DEF(nld_getstate)
{
    hd_value dec = HD_GET(NLD(self), decoder), buffer = hd_empty_bytes, flag = hd_fix(0);
    if (dec != HD_NONE) {
        hd_value s = hd_call_method(dec, hd_s_getstate, NULL, 0);
        if (s == HD_ERR) return HD_ERR;
        if (!hd_is_tuple(s) || HD_TUPLE(s)->len != 2) return hd_raise(&hd_exc_TypeError, "illegal decoder state");
        buffer = HD_TUPLE(s)->item[0], flag = HD_TUPLE(s)->item[1];
    }
    flag = hd_binary_op(HD_LSHIFT, flag, hd_fix(1));
    if (flag != HD_ERR && HD_GET(NLD(self), pending_cr)) flag = hd_binary_op(HD_OR, flag, hd_fix(1));
    return flag == HD_ERR ? HD_ERR : hd_tuplev(buffer, flag);
}
IO_DEF(nld_setstate)
{
    hd_value s = args[0], dec = HD_GET(NLD(self), decoder);
    if (!hd_is_tuple(s) || HD_TUPLE(s)->len != 2) return hd_raise(&hd_exc_TypeError, "state argument must be a tuple");
    hd_value flag = HD_TUPLE(s)->item[1], odd = hd_binary_op(HD_AND, flag, hd_fix(1)), rest = odd == HD_ERR ? HD_ERR : hd_binary_op(HD_RSHIFT, flag, hd_fix(1));
    if (rest == HD_ERR) return HD_ERR;
    hd_newlinedecoder_w w = hd_newlinedecoder_open(NLD(self));
    HD_PUT(w, pending_cr, odd == hd_fix(1));
    if (dec == HD_NONE) return HD_NONE;
    hd_value t = hd_tuplev(HD_TUPLE(s)->item[0], rest);
    return t == HD_ERR ? HD_ERR : hd_io_call1(dec, "setstate", t);
}
IO_DEF(nld_reset)
{
    hd_value dec = HD_GET(NLD(self), decoder);
    hd_newlinedecoder_w w = hd_newlinedecoder_open(NLD(self));
    HD_PUT(w, seen, 0);
    HD_PUT(w, pending_cr, 0);
    return dec == HD_NONE ? HD_NONE : hd_io_call0(dec, "reset");
}
static hd_value nld_newlines(hd_value self, void *c)
{
    static const char *const text[] = { NULL, "\r", "\n", NULL, "\r\n" };
    int64_t seen = HD_GET(NLD(self), seen);
    if (seen == 0) return HD_NONE;
    if (seen == SEEN_CR || seen == SEEN_LF || seen == SEEN_CRLF) return hd_intern(text[seen]);
    hd_value v[3];
    size_t n = 0;
    for (int f = 1; f <= 4; f <<= 1) if (seen & f) v[n++] = hd_intern(text[f]);
    return hd_tuple_from(v, n);
}
static void nld_trace(void *o, struct gc_marker *m) { struct hd_newlinedecoder *d = o; gc_mark(m, HD_RAW(d->decoder)), gc_mark(m, HD_RAW(d->errors)); }
static const struct hd_methoddef nld_methods[] = {
    { "decode", nld_decode_method, 0, -1, HD_METH_KW, "decode($self, /, input, final=False)\n--\n\n" }, { "getstate", nld_getstate, 0, 0, 0, NULL },
    { "setstate", nld_setstate, 1, 1, 0, NULL }, { "reset", nld_reset, 0, 0, 0, NULL }, { 0 }
};
static const struct hd_getsetdef nld_getsets[] = { { "newlines", nld_newlines, NULL, NULL, NULL }, { 0 } };
struct hd_type hd_newlinedecoder_type = { .cname = "_io.IncrementalNewlineDecoder", .basicsize = sizeof(struct hd_newlinedecoder),
    .flags = HD_TF_BASETYPE, .doc = "Turns all line ends into \\n.", .methods = nld_methods, .getsets = nld_getsets,
    .op = { .init = nld_init, .trace = nld_trace } };

/* ---- TextIOWrapper ---------------------------------------------------------------------------------------------------------- */
HD_MUTABLE(hd_textio)
struct hd_textio {
    struct hd_mhead head;
    hd_islot closed_base;
    hd_vslot buffer;           /* HD_UNBOUND: not initialised or detached */
    hd_vslot encoding, errors, newline;
    hd_vslot encoder, decoder; /* made on demand; HD_UNBOUND */
    hd_vslot pending;          /* list of str */
    hd_islot npending;         /* their size in bytes, roughly */
    hd_vslot decoded;          /* str that was decoded, or HD_UNBOUND */
    hd_islot used;             /* characters of it handed out */
    hd_vslot snap_flags, snap_input;   /* decoder state before, and input of, the chunk in `decoded` */
    hd_islot flags;            /* T_* */
    hd_islot chunk;
};
HD_MUTABLE_OPEN(hd_textio, hd_inst_size(o))
#define TEXT(v) ((struct hd_textio *)hd_ptr(v))
enum { T_LINE = 1, T_THROUGH = 2, T_UNIVERSAL = 4, T_TRANSLATE = 8, T_WRITE_CRLF = 16, T_WRITE_CR = 32, T_FAST = 64 /* stateless codec: encode directly */,
       T_SEEKABLE = 128, T_TELLING = 256, T_DETACHED = 512, T_NEXT = 1024 /* inside iteration */, T_STARTED = 2048 /* something was encoded */,
       T_READONLY = 4096 };

static hd_value buffer_of(struct hd_textio *t)
{
    hd_value b = HD_GET(t, buffer);
    if (b != HD_UNBOUND && b != 0) return b;
    return hd_raise(&hd_exc_ValueError, HD_GET(t, flags) & T_DETACHED ? "underlying buffer has been detached" : "I/O operation on uninitialized object");
}
hd_value hd_io_text_below(hd_value f) { return HD_GET(TEXT(f), buffer); }
static int check_open(hd_value self)
{
    if (buffer_of(TEXT(self)) == HD_ERR) return -1;
    int c = hd_io_is_closed(self);
    if (c > 0) hd_io_closed();
    return c ? -1 : 0;
}
static void set_flags(struct hd_textio *t, int64_t set, int64_t clear)
{
    int64_t f = HD_GET(t, flags);
    if (((f | set) & ~clear) == f) return;
    hd_textio_w w = hd_textio_open(t);
    HD_PUT(w, flags, (f | set) & ~clear);
}

static bool stateless(const char *e, size_t n)
{
    static const char *const names[] = { "utf8", "latin1", "iso88591", "ascii", "usascii", NULL };
    char t[16];
    size_t k = 0;
    for (size_t i = 0; i < n; i++) {
        if (e[i] == '-' || e[i] == '_' || e[i] == ' ') continue;
        if (k == sizeof t - 1) return false;
        t[k++] = (char)tolower((unsigned char)e[i]);
    }
    t[k] = 0;
    for (const char *const *p = names; *p; p++) if (strcmp(t, *p) == 0) return true;
    return false;
}

static int set_newline(hd_textio_w w, hd_value newline)
{
    int64_t f = HD_OWN(w, flags) & ~(T_UNIVERSAL | T_TRANSLATE | T_WRITE_CRLF | T_WRITE_CR);
    if (newline == HD_NONE) f |= T_UNIVERSAL | T_TRANSLATE;
    else if (HD_STR(newline)->len == 0) f |= T_UNIVERSAL;
    else if (hd_str_is(newline, "\r\n")) f |= T_WRITE_CRLF;
    else if (hd_str_is(newline, "\r")) f |= T_WRITE_CR;
    HD_PUT(w, flags, f);
    HD_PUT(w, newline, newline);
    return 0;
}
static int check_newline(hd_value v)
{
    if (v == HD_NONE) return 0;
    if (!hd_is_str(v)) { hd_raise(&hd_exc_TypeError, "illegal newline type: %T", v); return -1; }
    if (HD_STR(v)->len == 0 || hd_str_is(v, "\n") || hd_str_is(v, "\r") || hd_str_is(v, "\r\n")) return 0;
    hd_raise(&hd_exc_ValueError, "illegal newline value: %S", v);
    return -1;
}

/* The canonical check of an encoding: exists and is one for text. */
static hd_value codec_info(hd_value encoding)
{
    hd_value f = hd_import_attr("_codecs", "lookup"), info = f == HD_ERR ? HD_ERR : hd_callv(f, encoding);
    if (info == HD_ERR) return HD_ERR;
    hd_value is_text = hd_getattr_opt(info, hd_s__is_text_encoding);
    int t = is_text == HD_ERR ? -1 : is_text == HD_ABSENT ? 1 : hd_truth(is_text);
    if (t < 0) return HD_ERR;
    if (!t) return hd_raise(&hd_exc_LookupError, "%R is not a text encoding; use codecs.open() to handle arbitrary codecs", encoding);
    return info;
}

/* The text of files is UTF-8 in every locale; the name says whether that was asked for. */
static hd_value locale_encoding(void) { return hd_intern(hd_options.utf8_mode ? "utf-8" : "UTF-8"); }

static int text_init(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
{
    hd_value a[6];
    if (hd_args("TextIOWrapper", "buffer,|encoding,errors,newline,line_buffering,write_through", args, nargs, kwnames, a) < 0) return -1;
    for (int i = 1; i < 4; i++) if (a[i] == HD_ABSENT) a[i] = HD_NONE;
    if (a[1] != HD_NONE && !hd_is_str(a[1])) { hd_raise(&hd_exc_TypeError, "TextIOWrapper() argument 'encoding' must be str or None, not %A", a[1]); return -1; }
    if (a[2] != HD_NONE && !hd_is_str(a[2])) { hd_raise(&hd_exc_TypeError, "TextIOWrapper() argument 'errors' must be str or None, not %A", a[2]); return -1; }
    if (a[3] != HD_NONE && !hd_is_str(a[3])) { hd_raise(&hd_exc_TypeError, "TextIOWrapper() argument 'newline' must be str or None, not %A", a[3]); return -1; }
    if (check_newline(a[3]) < 0) return -1;
    int line = a[4] == HD_ABSENT ? 0 : hd_truth(a[4]), through = a[5] == HD_ABSENT ? 0 : hd_truth(a[5]);
    if (line < 0 || through < 0) return -1;
    hd_value encoding = a[1];
    if (encoding == HD_NONE || hd_str_is(encoding, "locale")) encoding = locale_encoding();
    size_t n;
    const char *e = hd_str_as_utf8(encoding, &n);
    if (!e) return -1;
    if (strlen(e) != n) { hd_raise(&hd_exc_ValueError, "embedded null character"); return -1; }
    bool fast = stateless(e, n);
    if (!fast && codec_info(encoding) == HD_ERR) return -1;
    hd_value seekable = hd_io_call0(a[0], "seekable"), pending = hd_list_new(4);
    int s = seekable == HD_ERR || pending == HD_ERR ? -1 : hd_truth(seekable);
    if (s < 0) return -1;
    hd_value writable = hd_io_call0(a[0], "writable");
    int wr = writable == HD_ERR ? -1 : hd_truth(writable);
    if (wr < 0) return -1;
    hd_textio_w w = hd_textio_open(TEXT(self));
    HD_PUT(w, buffer, a[0]);
    HD_PUT(w, encoding, encoding);
    HD_PUT(w, errors, a[2] == HD_NONE ? hd_s_strict : a[2]);
    HD_PUT(w, encoder, HD_UNBOUND);
    HD_PUT(w, decoder, HD_UNBOUND);
    HD_PUT(w, pending, pending);
    HD_PUT(w, npending, 0);
    HD_PUT(w, decoded, HD_UNBOUND);
    HD_PUT(w, used, 0);
    HD_PUT(w, snap_flags, HD_UNBOUND);
    HD_PUT(w, snap_input, HD_UNBOUND);
    HD_PUT(w, chunk, HD_IO_BUFFER);
    HD_PUT(w, flags, (line ? T_LINE : 0) | (through ? T_THROUGH : 0) | (fast ? T_FAST : 0) | (s ? T_SEEKABLE | T_TELLING : 0) | (wr ? 0 : T_READONLY));
    set_newline(w, a[3]);
    hd_io_remember(self);
    return 0;
}

/* -- writing ------------------------------------------------------------------------------------------------------------------ */
static hd_value encode(struct hd_textio *t, hd_value text)
{
    hd_value encoding = HD_GET(t, encoding), errors = HD_GET(t, errors);
    size_t n;
    if (HD_GET(t, flags) & T_FAST) {
        const char *e = hd_str_as_utf8(encoding, &n), *h = e ? hd_str_as_utf8(errors, &n) : NULL;
        return h ? hd_str_encode(text, e, h) : HD_ERR;
    }
    hd_value enc = HD_GET(t, encoder);
    if (enc == HD_UNBOUND) {
        hd_value info = codec_info(encoding), make = info == HD_ERR ? HD_ERR : hd_getattr_c(info, "incrementalencoder");
        if (make == HD_ERR || (enc = hd_callv(make, errors)) == HD_ERR) return HD_ERR;
        hd_textio_w w = hd_textio_open(t);
        HD_PUT(w, encoder, enc);
        if ((HD_GET(t, flags) & (T_SEEKABLE | T_STARTED)) == T_SEEKABLE) {      /* appending: no second byte order mark */
            hd_value b = buffer_of(t), at = b == HD_ERR ? HD_ERR : hd_io_call0(b, "tell");
            if (at == HD_ERR) return HD_ERR;
            if (at != hd_fix(0) && hd_io_call1(enc, "setstate", hd_fix(0)) == HD_ERR) return HD_ERR;
        }
        set_flags(t, T_STARTED, 0);
    }
    hd_value b = hd_io_call1(enc, "encode", text);
    if (b != HD_ERR && !hd_is_bytes(b)) return hd_raise(&hd_exc_TypeError, "encoder should return a bytes object, not '%T'", b);
    return b;
}
/* Hands the pending text to the buffer. */
static hd_value flush_text(struct hd_textio *t)
{
    if (HD_GET(t, npending) == 0) return HD_NONE;
    hd_value list = HD_GET(t, pending), data, fresh;
    int64_t n = hd_list_len(list);
    hd_value keep;
    const hd_value *items;
    int64_t k;
    if ((keep = hd_fast_sequence(list, "", &items, &k)) == HD_ERR) return HD_ERR;
    hd_value text = n == 1 ? items[0] : hd_str_join(hd_empty_str, items, (size_t)k);
    if (text == HD_ERR || (fresh = hd_list_new(4)) == HD_ERR) return HD_ERR;
    hd_textio_w w = hd_textio_open(t);
    HD_PUT(w, pending, fresh);
    HD_PUT(w, npending, 0);
    data = encode(t, text);
    if (data == HD_ERR) return HD_ERR;
    hd_value b = buffer_of(t);
    return b == HD_ERR ? HD_ERR : hd_methodv(b, hd_s_write, data);
}
IO_DEF(text_write)
{
    struct hd_textio *t = TEXT(self);
    hd_value text = args[0];
    if (!hd_is_str(text)) return hd_raise(&hd_exc_TypeError, "write() argument must be str, not %A", text);
    if (check_open(self) < 0) return HD_ERR;
    int64_t flags = HD_GET(t, flags), n = HD_STR(text)->len;
    if (flags & T_READONLY) return hd_io_unsupported("not writable");
    bool line = false;
    if (flags & (T_LINE | T_WRITE_CRLF | T_WRITE_CR)) {
        line = hd_str_find(text, hd_str_char('\n'), 0, n, 1) >= 0;
        if (line && flags & (T_WRITE_CRLF | T_WRITE_CR)) {
            hd_value a[] = { hd_str_char('\n'), HD_GET(t, newline) };
            if ((text = hd_io_method(text, "replace", a, 2)) == HD_ERR) return HD_ERR;
        }
        if (flags & T_LINE && !line) line = hd_str_find(text, hd_str_char('\r'), 0, HD_STR(text)->len, 1) >= 0;
    }
    if (!hd_is_str_exact(text)) text = hd_str_slice(text, 0, HD_STR(text)->len);
    /* what cannot be encoded must fail here, not at some later flush */
    if (!(HD_STR(text)->head.aux & HD_STR_ASCII)) {
        hd_value probe = flags & T_FAST ? encode(t, text) : HD_NONE;
        if (probe == HD_ERR) return HD_ERR;
    }
    hd_textio_w w = hd_textio_open(t);
    if (hd_list_append(HD_OWN(w, pending), text) < 0) return HD_ERR;
    HD_PUT(w, npending, HD_OWN(w, npending) + HD_STR(text)->len * hd_str_kind(text) + 1);
    bool flush = flags & T_LINE && line;
    if (flush || flags & T_THROUGH || HD_OWN(w, npending) >= HD_OWN(w, chunk) || !(flags & T_FAST)) {
        if (flush_text(t) == HD_ERR) return HD_ERR;
    }
    if (flush) {
        hd_value b = buffer_of(t);
        if (b == HD_ERR || hd_call_method(b, hd_s_flush, NULL, 0) == HD_ERR) return HD_ERR;
    }
    if (HD_GET(t, decoded) != HD_UNBOUND) {
        hd_textio_w w2 = hd_textio_open(t);
        HD_PUT(w2, decoded, HD_UNBOUND);
        HD_PUT(w2, used, 0);
        HD_PUT(w2, snap_input, HD_UNBOUND);
        hd_value dec = HD_GET(t, decoder);
        if (dec != HD_UNBOUND && hd_io_call0(dec, "reset") == HD_ERR) return HD_ERR;
    }
    return hd_int(n);
}
IO_DEF(text_flush)
{
    if (check_open(self) < 0) return HD_ERR;
    struct hd_textio *t = TEXT(self);
    if (HD_GET(t, flags) & T_SEEKABLE) set_flags(t, T_TELLING, 0);
    if (flush_text(t) == HD_ERR) return HD_ERR;
    hd_value b = buffer_of(t);
    return b == HD_ERR ? HD_ERR : hd_call_method(b, hd_s_flush, NULL, 0);
}

/* -- reading ------------------------------------------------------------------------------------------------------------------ */
static hd_value get_decoder(struct hd_textio *t)
{
    hd_value d = HD_GET(t, decoder);
    if (d != HD_UNBOUND) return d;
    hd_value b = buffer_of(t), readable = b == HD_ERR ? HD_ERR : hd_io_call0(b, "readable");
    int r = readable == HD_ERR ? -1 : hd_truth(readable);
    if (r < 0) return HD_ERR;
    if (!r) return hd_io_unsupported("not readable");
    hd_value info = codec_info(HD_GET(t, encoding)), make = info == HD_ERR ? HD_ERR : hd_getattr_c(info, "incrementaldecoder");
    if (make == HD_ERR || (d = hd_callv(make, HD_GET(t, errors))) == HD_ERR) return HD_ERR;
    if (HD_GET(t, flags) & T_UNIVERSAL) {
        d = hd_callv(hd_obj(&hd_newlinedecoder_type), d, hd_bool(HD_GET(t, flags) & T_TRANSLATE));
        if (d == HD_ERR) return HD_ERR;
    }
    hd_textio_w w = hd_textio_open(t);
    HD_PUT(w, decoder, d);
    return d;
}
static hd_value decode(hd_value decoder, hd_value bytes, bool final)
{
    if (hd_is_ptr(decoder) && hd_type_of(decoder) == &hd_newlinedecoder_type) return nld_decode(decoder, bytes, final);
    hd_value a[] = { bytes, hd_bool(final) }, r = hd_call_method(decoder, hd_s_decode, a, 2);
    if (r != HD_ERR && !hd_is_str(r)) return hd_raise(&hd_exc_TypeError, "decoder should return a string result, not '%T'", r);
    return r;
}
static int64_t decoded_left(struct hd_textio *t)
{
    hd_value d = HD_GET(t, decoded);
    return d == HD_UNBOUND || d == 0 ? 0 : HD_STR(d)->len - HD_GET(t, used);
}
static hd_value take_decoded(struct hd_textio *t, int64_t n)
{
    int64_t left = decoded_left(t);
    if (n < 0 || n > left) n = left;
    if (n == 0) return hd_empty_str;
    hd_value d = HD_GET(t, decoded);
    int64_t used = HD_GET(t, used);
    hd_textio_w w = hd_textio_open(t);
    HD_PUT(w, used, used + n);
    return used == 0 && n == HD_STR(d)->len ? d : hd_str_slice(d, used, used + n);
}
/* Reads and decodes one more chunk: 1, 0 at the end, -1.  `decoded` is all used up before. */
static int read_chunk(struct hd_textio *t)
{
    hd_value d = get_decoder(t), b = d == HD_ERR ? HD_ERR : buffer_of(t);
    if (b == HD_ERR) return -1;
    hd_value flags = HD_UNBOUND, held = hd_empty_bytes;
    if (HD_GET(t, flags) & T_TELLING) {
        hd_value s = hd_call_method(d, hd_s_getstate, NULL, 0);
        if (s == HD_ERR) return -1;
        if (!hd_is_tuple(s) || HD_TUPLE(s)->len != 2) { hd_raise(&hd_exc_TypeError, "illegal decoder state"); return -1; }
        held = HD_TUPLE(s)->item[0], flags = HD_TUPLE(s)->item[1];
    }
    hd_value read = hd_getattr_opt(b, hd_intern("read1"));
    if (read == HD_ABSENT) read = hd_getattr(b, hd_s_read);
    hd_value bytes = read == HD_ERR ? HD_ERR : hd_callv(read, hd_int(HD_GET(t, chunk)));
    if (bytes == HD_ERR) return -1;
    if (bytes == HD_NONE) bytes = hd_empty_bytes;
    if (!hd_is_bytes(bytes) && (bytes = hd_bytes_of(bytes)) == HD_ERR) return -1;
    bool eof = HD_BYTES(bytes)->len == 0;
    hd_value text = decode(d, bytes, eof);
    if (text == HD_ERR) return -1;
    hd_textio_w w = hd_textio_open(t);
    HD_PUT(w, decoded, text);
    HD_PUT(w, used, 0);
    if (flags != HD_UNBOUND) {
        hd_value input = HD_BYTES(held)->len ? hd_binary_op(HD_ADD, held, bytes) : bytes;
        if (input == HD_ERR) return -1;
        w = hd_textio_open(t);
        HD_PUT(w, snap_flags, flags);
        HD_PUT(w, snap_input, input);
    }
    if (HD_STR(text)->len) return 1;
    return eof ? 0 : 2;
}
IO_DEF(text_read)
{
    struct hd_textio *t = TEXT(self);
    int64_t n;
    if (hd_io_size(args, nargs, 0, &n) < 0 || check_open(self) < 0) return HD_ERR;
    hd_value d = get_decoder(t);
    if (d == HD_ERR || flush_text(t) == HD_ERR) return HD_ERR;
    hd_value first = take_decoded(t, n);
    if (first == HD_ERR) return HD_ERR;
    if (n < 0) {
        hd_value b = buffer_of(t), bytes = b == HD_ERR ? HD_ERR : hd_call_method(b, hd_s_read, NULL, 0);
        if (bytes == HD_ERR) return HD_ERR;
        if (bytes == HD_NONE) return hd_raise(&hd_exc_BlockingIOError, "read returned None");
        hd_value rest = decode(d, bytes, true);
        if (rest == HD_ERR) return HD_ERR;
        hd_textio_w w = hd_textio_open(t);
        HD_PUT(w, decoded, HD_UNBOUND);
        HD_PUT(w, used, 0);
        HD_PUT(w, snap_input, HD_UNBOUND);
        return HD_STR(first)->len ? hd_str_concat(first, rest) : rest;
    }
    if (HD_STR(first)->len >= n) return first;
    hd_value parts = hd_list_new(4);
    if (parts == HD_ERR || hd_list_append(parts, first) < 0) return HD_ERR;
    int64_t have = HD_STR(first)->len;
    while (have < n) {
        int r = read_chunk(t);
        if (r < 0) return HD_ERR;
        hd_value piece = take_decoded(t, n - have);
        if (piece == HD_ERR || hd_list_append(parts, piece) < 0) return HD_ERR;
        have += HD_STR(piece)->len;
        if (r == 0) break;
    }
    return hd_io_call1(hd_empty_str, "join", parts);
}
/* End of the first line in s[from, n) by the newline mode; -1: none yet. */
static int64_t line_end(struct hd_textio *t, hd_value s, int64_t from, int64_t n)
{
    int64_t flags = HD_GET(t, flags);
    if (flags & T_TRANSLATE) {
        int64_t i = hd_str_find(s, hd_str_char('\n'), from, n, 1);
        return i < 0 ? -1 : i + 1;
    }
    if (flags & T_UNIVERSAL) {
        int64_t lf = hd_str_find(s, hd_str_char('\n'), from, n, 1), cr = hd_str_find(s, hd_str_char('\r'), from, lf < 0 ? n : lf, 1);
        if (cr < 0) return lf < 0 ? -1 : lf + 1;
        return cr + 1 < n && hd_str_at(s, cr + 1) == '\n' ? cr + 2 : cr + 1;
    }
    hd_value nl = HD_GET(t, newline);
    int64_t i = hd_str_find(s, nl, from, n, 1);
    return i < 0 ? -1 : i + HD_STR(nl)->len;
}
/* The next line where only "\n" ends one, if all of it is decoded and its characters are bytes. */
static hd_value decoded_line(struct hd_textio *t)
{
    hd_value d = HD_GET(t, decoded);
    if (d == HD_UNBOUND || d == 0 || !(HD_GET(t, flags) & T_TRANSLATE) || hd_str_kind(d) != 1) return HD_ABSENT;
    int64_t used = HD_GET(t, used), n = hd_io_line_end((const char *)HD_STR(d)->data + used, HD_STR(d)->len - used);
    if (n == 0) return HD_ABSENT;
    hd_textio_w w = hd_textio_open(t);
    HD_PUT(w, used, used + n);
    return hd_str_slice(d, used, used + n);
}
static hd_value readline(hd_value self, int64_t limit)
{
    struct hd_textio *t = TEXT(self);
    if (HD_GET(t, npending) && flush_text(t) == HD_ERR) return HD_ERR;
    if (limit < 0) {
        hd_value quick = decoded_line(t);
        if (quick != HD_ABSENT) return quick;
    }
    hd_value line = HD_ABSENT;
    for (;;) {
        int64_t left = decoded_left(t);
        if (left == 0) {
            int r = read_chunk(t);
            if (r < 0) return HD_ERR;
            if (r == 0) break;
            continue;
        }
        hd_value d = HD_GET(t, decoded);
        int64_t used = HD_GET(t, used), len = HD_STR(d)->len, end;
        if (line == HD_ABSENT) {
            end = line_end(t, d, used, len);
            if (limit >= 0 && (end < 0 ? left : end - used) >= limit) return take_decoded(t, limit);
            if (end >= 0) return take_decoded(t, end - used);
            if ((line = take_decoded(t, -1)) == HD_ERR) return HD_ERR;
            continue;
        }
        /* a line end of two characters may lie across two chunks: look at the joined text from one character before */
        int64_t have = HD_STR(line)->len;
        hd_value rest = hd_str_slice(d, used, len), joined = rest == HD_ERR ? HD_ERR : hd_str_concat(line, rest);
        if (joined == HD_ERR) return HD_ERR;
        int64_t total = HD_STR(joined)->len;
        end = line_end(t, joined, have ? have - 1 : 0, total);
        if (end < 0) end = total;
        else if (limit < 0 || end < limit) {
            if (take_decoded(t, end - have) == HD_ERR) return HD_ERR;
            return hd_str_slice(joined, 0, end);
        }
        if (limit >= 0 && end >= limit) {
            if (take_decoded(t, limit - have) == HD_ERR) return HD_ERR;
            return hd_str_slice(joined, 0, limit);
        }
        if (take_decoded(t, -1) == HD_ERR) return HD_ERR;
        line = joined;
    }
    if (line != HD_ABSENT) return line;
    hd_textio_w w = hd_textio_open(t);
    HD_PUT(w, snap_input, HD_UNBOUND);
    HD_PUT(w, decoded, HD_UNBOUND);
    return hd_empty_str;
}
IO_DEF(text_readline)
{
    int64_t limit;
    if (hd_io_size(args, nargs, 0, &limit) < 0 || check_open(self) < 0) return HD_ERR;
    return limit == 0 ? hd_empty_str : readline(self, limit);
}
static hd_value next_line(hd_value self)
{
    if (check_open(self) < 0) return HD_ERR;
    set_flags(TEXT(self), T_NEXT, T_TELLING);
    hd_value line = hd_type_of(self) == &hd_textiowrapper_type ? readline(self, -1) : hd_call_method(self, hd_s_readline, NULL, 0);
    if (line == HD_ERR) return HD_ERR;
    if (!hd_is_str(line)) return hd_raise(&hd_exc_OSError, "readline() should have returned a str object, not '%T'", line);
    if (HD_STR(line)->len) return line;
    if (HD_GET(TEXT(self), flags) & T_SEEKABLE) set_flags(TEXT(self), T_TELLING, T_NEXT);
    return HD_STOP;
}
static hd_value text_next(hd_value self) { return decoded_left(TEXT(self)) == 0 ? hd_wait_next(next_line, self) : next_line(self); }
HD_WAITS_IF(text_read, decoded_left(TEXT(self)) == 0)
HD_WAITS_IF(text_readline, decoded_left(TEXT(self)) == 0)

/* -- position ------------------------------------------------------------------------------------------------------------------ */
static hd_value cookie(int64_t position, hd_value flags, int64_t feed, int64_t skip, bool eof)
{
    hd_value v = hd_int(position);
    hd_value parts[] = { flags, hd_int(feed), hd_int(skip), hd_fix(eof) };
    for (int i = 0; i < 4; i++) {
        if (parts[i] == hd_fix(0)) continue;
        hd_value shifted = hd_binary_op(HD_LSHIFT, parts[i], hd_fix(64 * (i + 1)));
        if (shifted == HD_ERR || (v = hd_binary_op(HD_OR, v, shifted)) == HD_ERR) return HD_ERR;
    }
    return v;
}
IO_DEF(text_tell)
{
    struct hd_textio *t = TEXT(self);
    if (check_open(self) < 0) return HD_ERR;
    int64_t flags = HD_GET(t, flags);
    if (!(flags & T_SEEKABLE)) return hd_io_unsupported("underlying stream is not seekable");
    if (!(flags & T_TELLING)) return hd_raise(&hd_exc_OSError, "telling position disabled by next() call");
    if (flush_text(t) == HD_ERR) return HD_ERR;
    hd_value b = buffer_of(t);
    if (hd_call_method(b, hd_s_flush, NULL, 0) == HD_ERR) return HD_ERR;
    hd_value at = hd_io_call0(b, "tell"), dec = HD_GET(t, decoder), input = HD_GET(t, snap_input);
    if (at == HD_ERR || dec == HD_UNBOUND || input == HD_UNBOUND) return at;
    int64_t position, skip = HD_GET(t, used);
    if (hd_as_i64(at, &position) < 0) return HD_ERR;
    position -= HD_BYTES(input)->len;
    hd_value snap_flags = HD_GET(t, snap_flags);
    if (skip == 0) return cookie(position, snap_flags, 0, 0, false);
    hd_value saved = hd_call_method(dec, hd_s_getstate, NULL, 0);
    hd_value start = saved == HD_ERR ? HD_ERR : hd_tuplev(hd_empty_bytes, snap_flags);
    if (start == HD_ERR) return HD_ERR;
    if (position == 0 && snap_flags == hd_fix(0)) {        /* the beginning: forgets also which newlines it has seen */
        if (hd_io_call0(dec, "reset") == HD_ERR) return HD_ERR;
    } else if (hd_io_call1(dec, "setstate", start) == HD_ERR) return HD_ERR;
    /* feed a first piece that cannot be too long, then byte by byte; remember the last point where the decoder held nothing */
    int64_t n = HD_BYTES(input)->len, fed = 0, chars = 0, safe_bytes = 0, safe_chars = 0;
    hd_value safe_flags = snap_flags, result = HD_ERR;
    bool eof = false;
    while (chars < skip) {
        int64_t step = fed == 0 && skip > 1 ? (skip - 1 < n ? skip - 1 : n) : 1;
        if (fed >= n) {
            hd_value s = decode(dec, hd_empty_bytes, true);
            if (s == HD_ERR) goto out;
            chars += HD_STR(s)->len;
            eof = true;
            if (chars < skip) { hd_raise(&hd_exc_OSError, "can't reconstruct logical file position"); goto out; }
            break;
        }
        hd_value piece = hd_bytes_new(HD_BYTES(input)->data + fed, (size_t)step), s = piece == HD_ERR ? HD_ERR : decode(dec, piece, false);
        hd_value state = s == HD_ERR ? HD_ERR : hd_call_method(dec, hd_s_getstate, NULL, 0);
        if (state == HD_ERR) goto out;
        fed += step;
        chars += HD_STR(s)->len;
        if (HD_BYTES(HD_TUPLE(state)->item[0])->len == 0 && chars <= skip) safe_bytes = fed, safe_chars = chars, safe_flags = HD_TUPLE(state)->item[1];
    }
    result = cookie(position + safe_bytes, safe_flags, safe_chars == skip ? 0 : fed - safe_bytes, skip - safe_chars, eof && safe_chars != skip);
out:;
    hd_value e = result == HD_ERR ? hd_exc_take() : HD_ABSENT;
    if (hd_io_call1(dec, "setstate", saved) == HD_ERR && e == HD_ABSENT) return HD_ERR;
    if (e != HD_ABSENT) hd_exc_put(e);
    return result;
}
IO_DEF(text_seek)
{
    struct hd_textio *t = TEXT(self);
    int whence = 0;
    if (nargs > 1 && hd_as_int32(args[1], &whence) < 0) return HD_ERR;
    if (check_open(self) < 0) return HD_ERR;
    if (!(HD_GET(t, flags) & T_SEEKABLE)) return hd_io_unsupported("underlying stream is not seekable");
    hd_value b = buffer_of(t), to = args[0];
    if (whence == 1) {
        if (hd_equal(to, hd_fix(0)) != 1) return hd_exc_pending() ? HD_ERR : hd_io_unsupported("can't do nonzero cur-relative seeks");
        if ((to = text_tell(self, NULL, 0, 0)) == HD_ERR) return HD_ERR;
    } else if (whence == 2) {
        if (hd_equal(to, hd_fix(0)) != 1) return hd_exc_pending() ? HD_ERR : hd_io_unsupported("can't do nonzero end-relative seeks");
        if (hd_call_method(self, hd_s_flush, NULL, 0) == HD_ERR) return HD_ERR;
        hd_textio_w w = hd_textio_open(t);
        HD_PUT(w, decoded, HD_UNBOUND);
        HD_PUT(w, used, 0);
        HD_PUT(w, snap_input, HD_UNBOUND);
        hd_value dec = HD_GET(t, decoder), a[] = { hd_fix(0), hd_fix(2) };
        if (dec != HD_UNBOUND && hd_io_call0(dec, "reset") == HD_ERR) return HD_ERR;
        return hd_io_method(b, "seek", a, 2);
    } else if (whence != 0) return hd_raise(&hd_exc_ValueError, "invalid whence (%d, should be 0, 1 or 2)", whence);
    hd_value number = hd_number_index(to);
    if (number == HD_ERR) return HD_ERR;
    if (hd_int_sign(number) < 0) return hd_raise(&hd_exc_ValueError, "negative seek position %R", number);
    if (hd_call_method(self, hd_s_flush, NULL, 0) == HD_ERR) return HD_ERR;
    int64_t field[5];
    hd_value rest = number;
    for (int i = 0; i < 5; i++) {
        hd_value low = hd_int_bitop(HD_AND, rest, hd_int_u64(UINT64_MAX));
        uint64_t u;
        if (low == HD_ERR || !hd_int_to_u64(low, &u) || (rest = hd_int_rshift(rest, hd_fix(64))) == HD_ERR) return HD_ERR;
        field[i] = (int64_t)u;
    }
    if (hd_io_call1(b, "seek", hd_int(field[0])) == HD_ERR) return HD_ERR;
    hd_textio_w w = hd_textio_open(t);
    HD_PUT(w, decoded, HD_UNBOUND);
    HD_PUT(w, used, 0);
    HD_PUT(w, snap_input, HD_UNBOUND);
    hd_value dec = HD_GET(t, decoder);
    if (field[1] || field[2] || field[3] || dec != HD_UNBOUND) {
        if ((dec = get_decoder(t)) == HD_ERR) return HD_ERR;
        if (field[0] == 0 && field[1] == 0) {
            if (hd_io_call0(dec, "reset") == HD_ERR) return HD_ERR;
        } else {
            hd_value state = hd_tuplev(hd_empty_bytes, hd_int(field[1]));
            if (state == HD_ERR || hd_io_call1(dec, "setstate", state) == HD_ERR) return HD_ERR;
        }
    }
    if (field[3]) {
        hd_value input = hd_io_call1(b, "read", hd_int(field[2]));
        if (input == HD_ERR) return HD_ERR;
        hd_value text = decode(dec, input, field[4]);
        if (text == HD_ERR) return HD_ERR;
        if (HD_STR(text)->len < field[3]) return hd_raise(&hd_exc_OSError, "can't restore logical file position");
        w = hd_textio_open(t);
        HD_PUT(w, decoded, text);
        HD_PUT(w, used, field[3]);
        HD_PUT(w, snap_flags, hd_int(field[1]));
        HD_PUT(w, snap_input, input);
    }
    hd_value enc = HD_GET(t, encoder);
    if (enc != HD_UNBOUND) {
        if (number == hd_fix(0)) { if (hd_io_call0(enc, "reset") == HD_ERR) return HD_ERR; }
        else if (hd_io_call1(enc, "setstate", hd_fix(0)) == HD_ERR) return HD_ERR;
    }
    return number;
}
IO_DEF(text_truncate)
{
    if (check_open(self) < 0 || hd_call_method(self, hd_s_flush, NULL, 0) == HD_ERR) return HD_ERR;
    return hd_io_method(buffer_of(TEXT(self)), "truncate", args, nargs);
}
IO_DEF(text_close)
{
    struct hd_textio *t = TEXT(self);
    hd_value b = buffer_of(t);
    int c = b == HD_ERR ? -1 : hd_io_is_closed(self);
    if (c) return c < 0 ? HD_ERR : HD_NONE;
    hd_io_forget(self);
    hd_value flushed = hd_call_method(self, hd_s_flush, NULL, 0), e = flushed == HD_ERR ? hd_exc_take() : HD_ABSENT;
    hd_value closed = hd_io_call0(b, "close");
    if (e == HD_ABSENT) return closed;
    if (closed == HD_ERR) { hd_value second = hd_exc_take(); hd_exc_set_context(second, e); e = second; }
    hd_exc_put(e);
    return HD_ERR;
}
IO_DEF(text_detach)
{
    struct hd_textio *t = TEXT(self);
    hd_value b = buffer_of(t);
    if (b == HD_ERR || hd_call_method(self, hd_s_flush, NULL, 0) == HD_ERR) return HD_ERR;
    hd_textio_w w = hd_textio_open(t);
    HD_PUT(w, buffer, HD_UNBOUND);
    HD_PUT(w, flags, HD_OWN(w, flags) | T_DETACHED);
    hd_io_forget(self);
    return b;
}
IO_DEF(text_reconfigure)
{
    struct hd_textio *t = TEXT(self);
    hd_value a[5];
    if (hd_args("reconfigure", "*,|encoding,errors,newline,line_buffering,write_through", args, nargs, kwnames, a) < 0) return HD_ERR;
    if (HD_GET(t, decoder) != HD_UNBOUND && ((a[0] != HD_ABSENT && a[0] != HD_NONE) || (a[1] != HD_ABSENT && a[1] != HD_NONE) || a[2] != HD_ABSENT))
        return hd_io_unsupported("It is not possible to set the encoding or newline of stream after the first read");
    if (a[2] != HD_ABSENT && check_newline(a[2]) < 0) return HD_ERR;
    if (hd_call_method(self, hd_s_flush, NULL, 0) == HD_ERR) return HD_ERR;
    hd_textio_w w = hd_textio_open(t);
    if (a[0] != HD_ABSENT && a[0] != HD_NONE) {
        if (!hd_is_str(a[0])) return hd_raise(&hd_exc_TypeError, "reconfigure() argument 'encoding' must be str or None, not %A", a[0]);
        hd_value encoding = hd_str_is(a[0], "locale") ? locale_encoding() : a[0];
        size_t n;
        const char *e = hd_str_as_utf8(encoding, &n);
        if (!e || codec_info(encoding) == HD_ERR) return HD_ERR;
        w = hd_textio_open(t);
        HD_PUT(w, encoding, encoding);
        HD_PUT(w, encoder, HD_UNBOUND);
        HD_PUT(w, flags, (HD_OWN(w, flags) & ~T_FAST) | (stateless(e, n) ? T_FAST : 0));
        if (a[1] == HD_ABSENT || a[1] == HD_NONE) HD_PUT(w, errors, hd_s_strict);
    }
    if (a[1] != HD_ABSENT && a[1] != HD_NONE) HD_PUT(w, errors, a[1]), HD_PUT(w, encoder, HD_UNBOUND);
    if (a[2] != HD_ABSENT) set_newline(w, a[2]);
    for (int i = 3; i < 5; i++) {
        if (a[i] == HD_ABSENT || a[i] == HD_NONE) continue;
        int on = hd_truth(a[i]);
        if (on < 0) return HD_ERR;
        int64_t bit = i == 3 ? T_LINE : T_THROUGH;
        set_flags(t, on ? bit : 0, on ? 0 : bit);
    }
    return HD_NONE;
}
#define TO_BUFFER(name, method) IO_DEF(name) { hd_value b = buffer_of(TEXT(self)); return b == HD_ERR ? HD_ERR : hd_io_call0(b, method); }
TO_BUFFER(text_readable, "readable") TO_BUFFER(text_writable, "writable") TO_BUFFER(text_seekable, "seekable") TO_BUFFER(text_fileno, "fileno")
TO_BUFFER(text_isatty, "isatty")
static hd_value get_closed(hd_value self, void *c) { hd_value b = buffer_of(TEXT(self)); return b == HD_ERR ? HD_ERR : hd_getattr(b, hd_s_closed); }
static hd_value get_name(hd_value self, void *c) { hd_value b = buffer_of(TEXT(self)); return b == HD_ERR ? HD_ERR : hd_getattr(b, hd_s_name); }
static hd_value get_buffer(hd_value self, void *c) { hd_value b = HD_GET(TEXT(self), buffer); return b == HD_UNBOUND || b == 0 ? HD_NONE : b; }
static hd_value get_encoding(hd_value self, void *c) { return HD_GET(TEXT(self), encoding); }
static hd_value get_errors(hd_value self, void *c) { return HD_GET(TEXT(self), errors); }
static hd_value get_flag(hd_value self, void *c) { return hd_bool(HD_GET(TEXT(self), flags) & (intptr_t)c); }
static hd_value get_newlines(hd_value self, void *c)
{
    hd_value d = HD_GET(TEXT(self), decoder);
    return d == HD_UNBOUND || hd_type_of(d) != &hd_newlinedecoder_type ? HD_NONE : nld_newlines(d, NULL);
}
static hd_value get_chunk(hd_value self, void *c) { return hd_int(HD_GET(TEXT(self), chunk)); }
static int set_chunk(hd_value self, hd_value v, void *c)
{
    int64_t n;
    if (v == HD_ABSENT) { hd_raise(&hd_exc_AttributeError, "cannot delete attribute"); return -1; }
    if (hd_as_i64(v, &n) < 0) return -1;
    if (n <= 0) { hd_raise(&hd_exc_ValueError, "a strictly positive integer is required"); return -1; }
    hd_textio_w w = hd_textio_open(TEXT(self));
    HD_PUT(w, chunk, n);
    return 0;
}
static hd_value text_repr(hd_value self)
{
    struct hd_textio *t = TEXT(self);
    hd_value b = HD_GET(t, buffer), name = HD_ABSENT, mode = HD_ABSENT;
    if (b == HD_UNBOUND || b == 0) return hd_raise(&hd_exc_ValueError, HD_GET(t, flags) & T_DETACHED ? "underlying buffer has been detached" : "I/O operation on uninitialized object");
    int r = hd_repr_enter(self);
    if (r) return r < 0 ? HD_ERR : hd_raise(&hd_exc_RuntimeError, "reentrant call inside %T.__repr__", self);
    if ((name = hd_getattr_opt(self, hd_s_name)) == HD_ERR) hd_exc_clear(), name = HD_ABSENT;
    if ((mode = hd_getattr_opt(self, hd_s_mode)) == HD_ERR) hd_exc_clear(), mode = HD_ABSENT;
    hd_value ns = name == HD_ABSENT ? hd_empty_str : hd_str_format(" name=%R", name), ms = mode == HD_ABSENT ? hd_empty_str : hd_str_format(" mode=%R", mode);
    hd_repr_leave(self);
    return ns == HD_ERR || ms == HD_ERR ? HD_ERR : hd_str_format("<_io.TextIOWrapper%U%U encoding=%R>", ns, ms, HD_GET(t, encoding));
}
static hd_value text_make(hd_value type, const hd_value *args, size_t nargs, hd_value kwnames)
{
    hd_value v = hd_alloc_instance(HD_TYPE(type), 0);
    if (v == HD_ERR) return HD_ERR;
    struct hd_textio *t = TEXT(v);
    HD_INIT(t, buffer, HD_UNBOUND);
    HD_INIT(t, encoder, HD_UNBOUND);
    HD_INIT(t, decoder, HD_UNBOUND);
    HD_INIT(t, decoded, HD_UNBOUND);
    HD_INIT(t, snap_input, HD_UNBOUND);
    return v;
}
static void text_trace(void *o, struct gc_marker *m)
{
    struct hd_textio *t = o;
    hd_value v[] = { HD_RAW(t->buffer), HD_RAW(t->encoding), HD_RAW(t->errors), HD_RAW(t->newline), HD_RAW(t->encoder), HD_RAW(t->decoder),
                     HD_RAW(t->pending), HD_RAW(t->decoded), HD_RAW(t->snap_flags), HD_RAW(t->snap_input) };
    for (size_t i = 0; i < sizeof v / sizeof *v; i++) gc_mark(m, v[i]);
}
static const struct hd_methoddef methods[] = {
    { "detach", text_detach, 0, 0, 0, NULL }, { "reconfigure", text_reconfigure, 0, -1, HD_METH_KW, "reconfigure($self, /, *, encoding=None, errors=None, newline=None,\n            line_buffering=None, write_through=None)\n--\n\n" },
    { "write", text_write, 1, 1, 0, "write($self, text, /)\n--\n\nWrites text; how many characters." }, { "read", text_read_waits, 0, 1, 0, "read($self, size=-1, /)\n--\n\n" },
    { "readline", text_readline_waits, 0, 1, 0, "readline($self, size=-1, /)\n--\n\n" }, { "flush", text_flush, 0, 0, 0, NULL }, { "close", text_close, 0, 0, 0, NULL },
    { "fileno", text_fileno, 0, 0, 0, NULL }, { "seekable", text_seekable, 0, 0, 0, NULL }, { "readable", text_readable, 0, 0, 0, NULL },
    { "writable", text_writable, 0, 0, 0, NULL }, { "isatty", text_isatty, 0, 0, 0, NULL },
    { "seek", text_seek, 1, 2, 0, "seek($self, cookie, whence=0, /)\n--\n\n" }, { "tell", text_tell, 0, 0, 0, NULL },
    { "truncate", text_truncate, 0, 1, 0, "truncate($self, pos=None, /)\n--\n\n" }, { 0 }
};
static const struct hd_getsetdef getsets[] = {
    { "closed", get_closed, NULL, NULL, NULL }, { "name", get_name, NULL, NULL, NULL }, { "buffer", get_buffer, NULL, NULL, NULL },
    { "encoding", get_encoding, NULL, NULL, NULL }, { "errors", get_errors, NULL, NULL, NULL }, { "newlines", get_newlines, NULL, NULL, NULL },
    { "line_buffering", get_flag, NULL, NULL, (void *)T_LINE }, { "write_through", get_flag, NULL, NULL, (void *)T_THROUGH },
    { "_CHUNK_SIZE", get_chunk, set_chunk, NULL, NULL }, { 0 }
};
struct hd_type hd_textiowrapper_type = { .cname = "_io.TextIOWrapper", .basicsize = sizeof(struct hd_textio), .base = &hd_textiobase_type,
    .flags = HD_TF_BASETYPE | HD_TF_HAS_DICT | HD_TF_HAS_WEAKREFS | HD_TF_HAS_FINALISER, .doc = "Text over a buffered stream of bytes.",
    .methods = methods, .getsets = getsets, .op = { .make = text_make, .init = text_init, .repr = text_repr, .trace = text_trace, .iternext = text_next } };
