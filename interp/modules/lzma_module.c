/* The module _lzma. */
#include <lzma.h>
#include <stdlib.h>
#include "interp/modules/stream_codec.h"
#include "interp/types/number.h"

#define ARGS hd_value self, const hd_value *args, size_t nargs, hd_value kwnames
enum { FORMAT_AUTO, FORMAT_XZ, FORMAT_ALONE, FORMAT_RAW, CHECK_UNKNOWN = LZMA_CHECK_ID_MAX + 1, DECODER_BYTES = 9 << 20 };
struct xz { struct hd_codec c; lzma_stream z; int check; };
static hd_value error_type;

static int step(struct hd_codec *c, const unsigned char **in, size_t *nin, unsigned char **out, size_t *nout, bool finish)
{
    struct xz *x = (struct xz *)c;
    lzma_stream *z = &x->z;
    z->next_in = *in, z->avail_in = *nin, z->next_out = *out, z->avail_out = *nout;
    lzma_ret r = lzma_code(z, finish ? LZMA_FINISH : LZMA_RUN);
    *in = z->next_in, *nin = z->avail_in, *out = z->next_out, *nout = z->avail_out;
    if (r == LZMA_GET_CHECK || r == LZMA_NO_CHECK) x->check = (int)lzma_get_check(z);
    if (r == LZMA_STREAM_END) return HD_CODEC_END;
    return r == LZMA_OK || r == LZMA_GET_CHECK || r == LZMA_NO_CHECK || (r == LZMA_BUF_ERROR && z->avail_in == 0 && z->avail_out) ? HD_CODEC_OK : -(int)r;
}
static void end(struct hd_codec *c) { lzma_end(&((struct xz *)c)->z); }
static void raise_error(int e)
{
    static const char *const texts[] = {
        [LZMA_UNSUPPORTED_CHECK] = "Unsupported integrity check", [LZMA_MEMLIMIT_ERROR] = "Memory usage limit exceeded", [LZMA_FORMAT_ERROR] = "Input format not supported by decoder",
        [LZMA_OPTIONS_ERROR] = "Invalid or unsupported options", [LZMA_DATA_ERROR] = "Corrupt input data", [LZMA_BUF_ERROR] = "Insufficient buffer space", [LZMA_PROG_ERROR] = "Internal error"
    };
    e = -e;
    if (e == LZMA_MEM_ERROR) (void)hd_no_memory();
    else if (e >= 0 && e <= LZMA_PROG_ERROR && texts[e]) (void)hd_raise(HD_TYPE(error_type), "%s", texts[e]);
    else (void)hd_raise(HD_TYPE(error_type), "Unrecognized error from liblzma: %d", e);
}

/* ---- filters ------------------------------------------------------------------------------------------------------------------- */
union options { lzma_options_lzma lzma; lzma_options_delta delta; lzma_options_bcj bcj; };
struct chain { lzma_filter filter[LZMA_FILTERS_MAX + 1]; union options options[LZMA_FILTERS_MAX]; };

static int as_u32(hd_value v, uint32_t *out)
{
    uint64_t n;
    if (hd_as_u64(v, &n) < 0) return -1;
    if (n > UINT32_MAX) { (void)hd_raise(&hd_exc_OverflowError, "Value too large for uint32_t type"); return -1; }
    *out = (uint32_t)n;
    return 0;
}
static int invalid_preset(uint32_t preset) { (void)hd_raise(HD_TYPE(error_type), "Invalid compression preset: %u", preset); return -1; }
/* Entry of a specifier: 1, 0 not there, -1. */
static int entry(hd_value spec, const char *name, hd_value *out)
{
    *out = hd_getitem(spec, hd_intern(name));
    if (*out != HD_ERR) return 1;
    if (!hd_exc_is(&hd_exc_KeyError)) return -1;
    hd_exc_clear();
    return 0;
}
struct option { const char *name; size_t offset; };
#define L(name) { #name, offsetof(lzma_options_lzma, name) }
static const struct option lzma_options[] = { L(dict_size), L(lc), L(lp), L(pb), L(mode), L(nice_len), L(mf), L(depth), { 0 } };
static const struct option delta_options[] = { { "dist", offsetof(lzma_options_delta, dist) }, { 0 } };
static const struct option bcj_options[] = { { "start_offset", offsetof(lzma_options_bcj, start_offset) }, { 0 } };
/* Takes the options out of the specifier; another key in it is an error. */
static int take_options(hd_value spec, const struct option *o, bool preset, void *to, const char *what)
{
    hd_value v, keys = hd_list_of(spec);
    if (keys == HD_ERR) return -1;
    for (int64_t i = 0; i < hd_list_len(keys); i++) {
        hd_value k = hd_list_get(keys, i);
        const struct option *p = o;
        if (!hd_is_str(k)) goto invalid;
        while (p->name && !hd_str_is(k, p->name)) p++;
        if (!p->name && !hd_str_is(k, "id") && !(preset && hd_str_is(k, "preset"))) goto invalid;
    }
    for (; o->name; o++) {
        int r = entry(spec, o->name, &v);
        if (r < 0 || (r && as_u32(v, (uint32_t *)((char *)to + o->offset)) < 0)) return -1;
    }
    return 0;
invalid:
    (void)hd_raise(&hd_exc_ValueError, "Invalid filter specifier for %s filter", what);
    return -1;
}
static int take_filter(hd_value spec, lzma_filter *f, union options *o)
{
    hd_value v;
    uint32_t preset = LZMA_PRESET_DEFAULT;
    if (!hd_is_ptr(spec) || !hd_type_of(spec)->op.getitem || hd_is_str(spec) || hd_is_list(spec) || hd_is_tuple(spec) || hd_is_bytes(spec)) {
        (void)hd_raise(&hd_exc_TypeError, "Filter specifier must be a dict or dict-like object");
        return -1;
    }
    int r = entry(spec, "id", &v);
    if (r == 0) (void)hd_raise(&hd_exc_ValueError, "Filter specifier must have an \"id\" entry");
    if (r <= 0 || hd_as_u64(v, &f->id) < 0) return -1;
    memset(o, 0, sizeof *o);
    f->options = o;
    switch (f->id) {
    case LZMA_FILTER_LZMA1: case LZMA_FILTER_LZMA2:
        if ((r = entry(spec, "preset", &v)) < 0 || (r && as_u32(v, &preset) < 0)) return -1;
        if (lzma_lzma_preset(&o->lzma, preset)) return invalid_preset(preset);
        return take_options(spec, lzma_options, true, &o->lzma, "LZMA");
    case LZMA_FILTER_DELTA:
        o->delta.type = LZMA_DELTA_TYPE_BYTE, o->delta.dist = 1;
        return take_options(spec, delta_options, false, &o->delta, "delta");
    case LZMA_FILTER_X86: case LZMA_FILTER_POWERPC: case LZMA_FILTER_IA64: case LZMA_FILTER_ARM: case LZMA_FILTER_ARMTHUMB: case LZMA_FILTER_SPARC:
        return take_options(spec, bcj_options, false, &o->bcj, "BCJ");
    default:
        (void)hd_raise(&hd_exc_ValueError, "Invalid filter ID: %llu", (unsigned long long)f->id);
        return -1;
    }
}
static int take_chain(hd_value specs, struct chain *c)
{
    if (hd_is_dict(specs)) { (void)hd_raise(&hd_exc_TypeError, "%T is not a sequence", specs); return -1; }
    int64_t n = hd_len(specs);
    if (n < 0) return -1;
    if (n > LZMA_FILTERS_MAX) { (void)hd_raise(&hd_exc_ValueError, "Too many filters - liblzma supports a maximum of %d", LZMA_FILTERS_MAX); return -1; }
    for (int64_t i = 0; i < n; i++) {
        hd_value f = hd_getitem(specs, hd_int(i));
        if (f == HD_ERR || take_filter(f, &c->filter[i], &c->options[i]) < 0) return -1;
    }
    c->filter[n].id = LZMA_VLI_UNKNOWN, c->filter[n].options = NULL;
    return 0;
}

/* ---- objects ------------------------------------------------------------------------------------------------------------------- */
/* The object, unless the library refused. */
static hd_value made(hd_value type, struct xz *x, lzma_ret r)
{
    if (r == LZMA_OK) return hd_codec_object_new(HD_TYPE(type), &x->c);
    if (x) stm_on_commit(hd_codec_free, x);
    raise_error(x ? -(int)r : -LZMA_MEM_ERROR);
    return HD_ERR;
}
static struct xz *stream_new(void)
{
    struct xz *x = (struct xz *)hd_codec_new(sizeof *x);
    if (x) x->c.step = step, x->c.end = end, x->c.raise = raise_error, x->c.ended = "Already at end of stream", x->check = CHECK_UNKNOWN;
    return x;
}
static int positive(uint64_t n) { return n > INT32_MAX ? INT32_MAX : (int)n; }
static hd_value compressor_make(hd_value type, const hd_value *args, size_t nargs, hd_value kwnames)
{
    hd_value a[4];
    int format = FORMAT_XZ, check = -1;
    uint32_t preset = LZMA_PRESET_DEFAULT;
    struct chain chain;
    if (hd_args("LZMACompressor", "|format,check,preset,filters", args, nargs, kwnames, a) < 0 || (a[0] != HD_ABSENT && hd_as_int32(a[0], &format) < 0) ||
        (a[1] != HD_ABSENT && hd_as_int32(a[1], &check) < 0)) return HD_ERR;
    bool has_preset = a[2] != HD_ABSENT && a[2] != HD_NONE, has_filters = a[3] != HD_ABSENT && a[3] != HD_NONE;
    if (has_preset && has_filters) return hd_raise(&hd_exc_ValueError, "Cannot specify both preset and filter chain");
    if (has_preset && as_u32(a[2], &preset) < 0) return HD_ERR;
    if (format != FORMAT_XZ && check != -1 && check != LZMA_CHECK_NONE) return hd_raise(&hd_exc_ValueError, "Integrity checks are only supported by FORMAT_XZ");
    if (format < FORMAT_XZ || format > FORMAT_RAW) return hd_raise(&hd_exc_ValueError, "Invalid container format: %d", format);
    if (format == FORMAT_RAW && !has_filters) return hd_raise(&hd_exc_ValueError, "Must specify filters for FORMAT_RAW");
    if (has_filters && take_chain(a[3], &chain) < 0) return HD_ERR;
    if (format == FORMAT_ALONE) {
        if (!has_filters) {
            if (lzma_lzma_preset(&chain.options[0].lzma, preset)) { invalid_preset(preset); return HD_ERR; }
            chain.filter[0].options = &chain.options[0];
        } else if (chain.filter[0].id != LZMA_FILTER_LZMA1 || chain.filter[1].id != LZMA_VLI_UNKNOWN) {
            return hd_raise(&hd_exc_ValueError, "Invalid filter chain for FORMAT_ALONE - must be a single LZMA1 filter");
        }
    }
    if (check == -1) check = LZMA_CHECK_CRC64;
    struct xz *x;
    lzma_ret r = LZMA_MEM_ERROR;
    HD_BLOCKING
        if ((x = stream_new())) {
            r = format == FORMAT_ALONE ? lzma_alone_encoder(&x->z, chain.filter[0].options) : format == FORMAT_RAW ? lzma_raw_encoder(&x->z, chain.filter) :
                has_filters ? lzma_stream_encoder(&x->z, chain.filter, (lzma_check)check) : lzma_easy_encoder(&x->z, preset, (lzma_check)check);
            x->c.memory = positive(has_filters && format != FORMAT_ALONE ? lzma_raw_encoder_memusage(chain.filter) : lzma_easy_encoder_memusage(preset));
        }
    HD_END_BLOCKING
    return made(type, x, r);
}
static hd_value decompressor_make(hd_value type, const hd_value *args, size_t nargs, hd_value kwnames)
{
    hd_value a[3];
    int format = FORMAT_AUTO;
    uint64_t limit = UINT64_MAX;
    struct chain chain;
    if (hd_args("LZMADecompressor", "|format,memlimit,filters", args, nargs, kwnames, a) < 0 || (a[0] != HD_ABSENT && hd_as_int32(a[0], &format) < 0)) return HD_ERR;
    bool has_filters = a[2] != HD_ABSENT && a[2] != HD_NONE;
    if (a[1] != HD_ABSENT && a[1] != HD_NONE) {
        if (format == FORMAT_RAW) return hd_raise(&hd_exc_ValueError, "Cannot specify memory limit with FORMAT_RAW");
        if (hd_as_u64(a[1], &limit) < 0) return HD_ERR;
    }
    if (format == FORMAT_RAW && !has_filters) return hd_raise(&hd_exc_ValueError, "Must specify filters for FORMAT_RAW");
    if (format != FORMAT_RAW && has_filters) return hd_raise(&hd_exc_ValueError, "Cannot specify filters except with FORMAT_RAW");
    if (format < FORMAT_AUTO || format > FORMAT_RAW) return hd_raise(&hd_exc_ValueError, "Invalid container format: %d", format);
    if (has_filters && take_chain(a[2], &chain) < 0) return HD_ERR;
    struct xz *x;
    lzma_ret r = LZMA_MEM_ERROR;
    HD_BLOCKING
        if ((x = stream_new())) {
            const uint32_t tell = LZMA_TELL_ANY_CHECK | LZMA_TELL_NO_CHECK;
            r = format == FORMAT_AUTO ? lzma_auto_decoder(&x->z, limit, tell) : format == FORMAT_XZ ? lzma_stream_decoder(&x->z, limit, tell) :
                format == FORMAT_ALONE ? lzma_alone_decoder(&x->z, limit) : lzma_raw_decoder(&x->z, chain.filter);
            if (format == FORMAT_ALONE || format == FORMAT_RAW) x->check = LZMA_CHECK_NONE;
            x->c.memory = format == FORMAT_RAW ? positive(lzma_raw_decoder_memusage(chain.filter)) : DECODER_BYTES;
        }
    HD_END_BLOCKING
    return made(type, x, r);
}
static hd_value get_check(hd_value self, void *closure) { return hd_fix(((struct xz *)HD_CODEC(self))->check); }
static const struct hd_getsetdef getsets[] = {
    { "check", get_check, NULL, "ID of the integrity check used by the input stream.", NULL }, { "eof", hd_codec_get_eof, NULL, "True if the end-of-stream marker has been reached.", NULL },
    { "needs_input", hd_codec_get_needs_input, NULL, "True if more input is needed before more decompressed data can be produced.", NULL },
    { "unused_data", hd_codec_get_unused, NULL, "Data found after the end of the compressed stream.", NULL }, { 0 }
};
static struct hd_type compressor_type = {
    .cname = "_lzma.LZMACompressor", .basicsize = sizeof(struct hd_codec_object), .flags = HD_TF_LATE_FINALISER | HD_TF_BASETYPE, .methods = hd_compressor_methods,
    .doc = "LZMACompressor(format=FORMAT_XZ, check=-1, preset=None, filters=None)\n\nCreate a compressor object for compressing data incrementally.",
    .op = { .make = compressor_make, .finalise = hd_codec_finalise },
};
static struct hd_type decompressor_type = {
    .cname = "_lzma.LZMADecompressor", .basicsize = sizeof(struct hd_codec_object), .flags = HD_TF_LATE_FINALISER | HD_TF_BASETYPE, .methods = hd_decompressor_methods, .getsets = getsets,
    .doc = "LZMADecompressor(format=FORMAT_AUTO, memlimit=None, filters=None)\n--\n\nCreate a decompressor object for decompressing data incrementally.",
    .op = { .make = decompressor_make, .finalise = hd_codec_finalise },
};

/* ---- functions ------------------------------------------------------------------------------------------------------------------ */
static hd_value lzma_check_supported(ARGS)
{
    int id;
    return hd_as_int32(args[0], &id) < 0 ? HD_ERR : hd_bool(lzma_check_is_supported((lzma_check)id));
}
static hd_value lzma_encode_properties(ARGS)
{
    lzma_filter f;
    union options o;
    uint32_t n;
    if (take_filter(args[0], &f, &o) < 0) return HD_ERR;
    lzma_ret r = lzma_properties_size(&n, &f);
    hd_value b = r == LZMA_OK ? hd_bytes_new(NULL, n) : HD_ERR;
    if (r == LZMA_OK && b != HD_ERR) r = lzma_properties_encode(&f, HD_BYTES(b)->data);
    if (r == LZMA_OK) return b;
    raise_error(-(int)r);
    return HD_ERR;
}
static int put(hd_value d, const char *name, uint64_t v) { return hd_dict_set_c(d, name, hd_int_u64(v)); }
static hd_value lzma_decode_properties(ARGS)
{
    lzma_filter f = { .id = 0 };
    struct hd_byteview b;
    union options o;
    if (hd_as_u64(args[0], &f.id) < 0 || hd_byteview_get(args[1], &b) < 0) return HD_ERR;
    lzma_ret r = lzma_properties_decode(&f, NULL, b.p, b.n);
    bool has = r == LZMA_OK && f.options, lzma = f.id == LZMA_FILTER_LZMA1 || f.id == LZMA_FILTER_LZMA2;
    if (has) {
        memcpy(&o, f.options, lzma ? sizeof o.lzma : f.id == LZMA_FILTER_DELTA ? sizeof o.delta : sizeof o.bcj);
        free(f.options);
    }
    hd_byteview_release(&b);
    if (r != LZMA_OK) { raise_error(-(int)r); return HD_ERR; }
    hd_value d = hd_dict_new();
    if (d == HD_ERR || put(d, "id", f.id) < 0) return HD_ERR;
    if (!has) return d;
    if (f.id == LZMA_FILTER_DELTA) return put(d, "dist", o.delta.dist) < 0 ? HD_ERR : d;
    if (!lzma) return put(d, "start_offset", o.bcj.start_offset) < 0 ? HD_ERR : d;
    if (f.id == LZMA_FILTER_LZMA1 && (put(d, "lc", o.lzma.lc) < 0 || put(d, "lp", o.lzma.lp) < 0 || put(d, "pb", o.lzma.pb) < 0)) return HD_ERR;
    return put(d, "dict_size", o.lzma.dict_size) < 0 ? HD_ERR : d;
}
static const struct hd_methoddef functions[] = {
    { "is_check_supported", lzma_check_supported, 1, 1, 0, "is_check_supported($module, check_id, /)\n--\n\nTest whether the given integrity check is supported." },
    { "_encode_filter_properties", lzma_encode_properties, 1, 1, 0, "_encode_filter_properties($module, filter, /)\n--\n\n" },
    { "_decode_filter_properties", lzma_decode_properties, 2, 2, 0, "_decode_filter_properties($module, filter_id, encoded_props, /)\n--\n\n" }, { 0 }
};
static int fill(hd_value m)
{
    static const struct { const char *name; uint64_t v; } c[] = {
        { "FORMAT_AUTO", FORMAT_AUTO }, { "FORMAT_XZ", FORMAT_XZ }, { "FORMAT_ALONE", FORMAT_ALONE }, { "FORMAT_RAW", FORMAT_RAW }, { "CHECK_NONE", LZMA_CHECK_NONE },
        { "CHECK_CRC32", LZMA_CHECK_CRC32 }, { "CHECK_CRC64", LZMA_CHECK_CRC64 }, { "CHECK_SHA256", LZMA_CHECK_SHA256 }, { "CHECK_ID_MAX", LZMA_CHECK_ID_MAX }, { "CHECK_UNKNOWN", CHECK_UNKNOWN },
        { "FILTER_LZMA1", LZMA_FILTER_LZMA1 }, { "FILTER_LZMA2", LZMA_FILTER_LZMA2 }, { "FILTER_DELTA", LZMA_FILTER_DELTA }, { "FILTER_X86", LZMA_FILTER_X86 },
        { "FILTER_IA64", LZMA_FILTER_IA64 }, { "FILTER_ARM", LZMA_FILTER_ARM }, { "FILTER_ARMTHUMB", LZMA_FILTER_ARMTHUMB }, { "FILTER_SPARC", LZMA_FILTER_SPARC },
        { "FILTER_POWERPC", LZMA_FILTER_POWERPC }, { "MF_HC3", LZMA_MF_HC3 }, { "MF_HC4", LZMA_MF_HC4 }, { "MF_BT2", LZMA_MF_BT2 }, { "MF_BT3", LZMA_MF_BT3 }, { "MF_BT4", LZMA_MF_BT4 },
        { "MODE_FAST", LZMA_MODE_FAST }, { "MODE_NORMAL", LZMA_MODE_NORMAL }, { "PRESET_DEFAULT", LZMA_PRESET_DEFAULT }, { "PRESET_EXTREME", LZMA_PRESET_EXTREME },
    };
    hd_root(&error_type);
    hd_value ns = hd_dict_new(), bases = hd_tuplev(hd_obj(&hd_exc_Exception));
    if (ns == HD_ERR || bases == HD_ERR || hd_dict_set_c(ns, "__module__", hd_intern("_lzma")) < 0 || hd_dict_set_c(ns, "__doc__", hd_str_utf8("Call to liblzma failed.")) < 0) return -1;
    error_type = hd_type_new(&hd_type_type, hd_intern("LZMAError"), bases, ns, NULL, 0);
    if (error_type == HD_ERR || hd_module_add(m, "LZMAError", error_type) < 0 || hd_add_type(m, &compressor_type) < 0 || hd_add_type(m, &decompressor_type) < 0) return -1;
    for (size_t i = 0; i < sizeof c / sizeof *c; i++) if (hd_module_add(m, c[i].name, hd_int_u64(c[i].v)) < 0) return -1;
    return 0;
}
const struct hd_moduledef hd_module_lzma = { "_lzma", NULL, functions, fill };
