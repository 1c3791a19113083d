/* The modules _md5, _sha1, _sha256, _sha512, _sha3, _blake2: digests as Python objects.
 *
 * The state of a digest is part of its object and changes in place after the object has been opened, so an abort puts it
 * back.  Long immutable input is digested outside transactions on a copy of the state; if somebody else fed the object
 * meanwhile, that work is done again. */
#include <stdio.h>
#include <string.h>
#include "interp/core/names.h"
#include "interp/modules/digest.h"
#include "interp/modules/modules.h"

#define FN(name) static hd_value name(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
enum { LONG_INPUT = 1 << 16 };

HD_MUTABLE(hd_hash)
struct hd_hash { struct hd_mhead head; const struct hd_digest *algorithm; struct hd_digest_state state; };
HD_MUTABLE_OPEN(hd_hash, hd_inst_size(o))
#define HASH(v) ((struct hd_hash *)hd_ptr(v))

static void snapshot(const struct hd_hash *o, struct hd_digest_state *out)
{
    _Static_assert(sizeof *out % 8 == 0, "the state is an array of words");
    for (size_t i = 0; i < sizeof *out / 8; i++) {
        uint64_t v = stm_read(&o->head.w, (const char *)&o->state + 8 * i);
        memcpy((char *)out + 8 * i, &v, 8);
    }
}
static hd_value feed(hd_value self, hd_value data)
{
    struct hd_hash *o = HASH(self);
    const struct hd_digest *a = o->algorithm;
    if (hd_is_str(data)) return hd_raise(&hd_exc_TypeError, "Strings must be encoded before hashing");
    if (hd_is_bytes_exact(data) && HD_BYTES(data)->len >= LONG_INPUT && stm_atomic_depth() == 0) {
        struct hd_digest_state before, after, now;
        for (;;) {
            snapshot(o, &before);
            memcpy(&after, &before, sizeof after);
            HD_BLOCKING
                hd_digest_feed(a, &after, HD_BYTES(data)->data, (size_t)HD_BYTES(data)->len);
            HD_END_BLOCKING
            snapshot(o, &now);
            if (memcmp(&before, &now, sizeof now) == 0) break;
        }
        hd_hash_w w = hd_hash_open(o);
        memcpy(&HD_OPENED(w)->state, &after, sizeof after);
        return HD_NONE;
    }
    if (!hd_is_ptr(data) || !hd_type_of(data)->op.getbuffer) return hd_raise(&hd_exc_TypeError, "object supporting the buffer API required");
    struct hd_buffer b;
    if (hd_buffer_get(data, &b, false) < 0) return HD_ERR;
    bool flat = b.ndim <= 1;
    if (flat) {
        hd_hash_w w = hd_hash_open(o);
        hd_digest_feed(a, &HD_OPENED(w)->state, b.data, (size_t)b.len);
    }
    hd_buffer_release(&b);
    return flat ? HD_NONE : hd_raise(&hd_exc_BufferError, "Buffer must be single dimension");
}
static hd_value hash_new(struct hd_type *t, const struct hd_digest *a)
{
    hd_value v = hd_alloc_instance(t, 0);
    if (v == HD_ERR) return v;
    HASH(v)->algorithm = a;
    HASH(v)->state.size = a->size;
    if (a->start) a->start(&HASH(v)->state);
    return v;
}

/* ---- methods --------------------------------------------------------------------------------------------------------- */
FN(hash_update) { return feed(self, args[0]); }
FN(hash_copy)
{
    struct hd_digest_state s;
    snapshot(HASH(self), &s);
    hd_value v = hash_new(hd_type_of(self), HASH(self)->algorithm);
    if (v != HD_ERR) memcpy(&HASH(v)->state, &s, sizeof s);
    return v;
}
static hd_value hex(const unsigned char *p, size_t n)
{
    void *data;
    hd_value v = hd_str_new(1, 2 * n, 'f', &data);
    if (v == HD_ERR) return v;
    for (size_t i = 0; i < n; i++) ((char *)data)[2 * i] = "0123456789abcdef"[p[i] >> 4], ((char *)data)[2 * i + 1] = "0123456789abcdef"[p[i] & 15];
    return v;
}
static hd_value result(hd_value self, size_t n, bool text)
{
    struct hd_digest_state s;
    snapshot(HASH(self), &s);
    unsigned char small[HD_DIGEST_MAX], *out = n <= sizeof small ? small : hd_scratch(n);
    if (!out) return HD_ERR;
    HASH(self)->algorithm->finish(HASH(self)->algorithm, &s, out, n);
    if (n == 0) return text ? hd_empty_str : hd_empty_bytes;
    return text ? hex(out, n) : hd_bytes_new(out, n);
}
static size_t size_of(hd_value self) { return (size_t)stm_read(&HASH(self)->head.w, &HASH(self)->state.size); }
FN(hash_digest) { return result(self, size_of(self), false); }
FN(hash_hexdigest) { return result(self, size_of(self), true); }
static hd_value shake_result(hd_value self, hd_value length, bool text)
{
    hd_value n = length;
    if (!hd_is_int(n)) return hd_raise(&hd_exc_TypeError, "an integer is required");
    if (hd_int_sign(n) < 0) return hd_raise(&hd_exc_ValueError, "value must be positive");
    if (!hd_is_fix(n) || hd_unfix(n) >= 1 << 29) return hd_raise(&hd_exc_ValueError, "length is too large");
    return result(self, (size_t)hd_unfix(n), text);
}
FN(shake_digest) { return shake_result(self, args[0], false); }
FN(shake_hexdigest) { return shake_result(self, args[0], true); }
static hd_value get_name(hd_value self, void *closure) { return hd_intern(HASH(self)->algorithm->name); }
static hd_value get_block_size(hd_value self, void *closure) { return hd_fix(HASH(self)->algorithm->block_size); }
static hd_value get_digest_size(hd_value self, void *closure) { return hd_fix((int64_t)size_of(self)); }
static hd_value get_rate(hd_value self, void *closure) { return hd_fix(8 * (int64_t)HASH(self)->algorithm->block_size); }
static hd_value get_capacity(hd_value self, void *closure) { return hd_fix(1600 - 8 * (int64_t)HASH(self)->algorithm->block_size); }
static hd_value get_suffix(hd_value self, void *closure) { return hd_bytes_new(&HASH(self)->algorithm->suffix, 1); }

static const struct hd_methoddef hash_methods[] = {
    { "update", hash_update, 1, 1, 0, "update($self, obj, /)\n--\n\nAppends bytes to the message." }, { "copy", hash_copy, 0, 0, 0, NULL },
    { "digest", hash_digest, 0, 0, 0, NULL }, { "hexdigest", hash_hexdigest, 0, 0, 0, NULL }, { 0 }
};
static const struct hd_methoddef shake_methods[] = {
    { "update", hash_update, 1, 1, 0, NULL }, { "copy", hash_copy, 0, 0, 0, NULL }, { "digest", shake_digest, 1, 1, 0, NULL },
    { "hexdigest", shake_hexdigest, 1, 1, 0, NULL }, { 0 }
};
#define COMMON { "name", get_name, NULL, NULL, NULL }, { "block_size", get_block_size, NULL, NULL, NULL }, { "digest_size", get_digest_size, NULL, NULL, NULL }
static const struct hd_getsetdef hash_getsets[] = { COMMON, { 0 } };
static const struct hd_getsetdef sha3_getsets[] = {
    COMMON, { "_rate_bits", get_rate, NULL, NULL, NULL }, { "_capacity_bits", get_capacity, NULL, NULL, NULL }, { "_suffix", get_suffix, NULL, NULL, NULL }, { 0 }
};

/* ---- types and constructors -------------------------------------------------------------------------------------------- */
static hd_value started(struct hd_type *t, const struct hd_digest *a, hd_value data)
{
    hd_value v = hash_new(t, a);
    return v == HD_ERR || (data != HD_ABSENT && feed(v, data) == HD_ERR) ? HD_ERR : v;
}
#define FUNCTION_MADE(id, module)                                                                                                  \
    static struct hd_type id##_type = { .cname = module "." #id, .basicsize = sizeof(struct hd_hash), .flags = HD_TF_NEVER_INSTANTIATE, \
        .methods = hash_methods, .getsets = hash_getsets };                                                                        \
    FN(make_##id)                                                                                                                  \
    {                                                                                                                              \
        hd_value a[2];                                                                                                             \
        return hd_args(#id, "|string,*,usedforsecurity", args, nargs, kwnames, a) < 0 ? HD_ERR : started(&id##_type, &hd_##id, a[0]); \
    }
FUNCTION_MADE(md5, "_md5")
FUNCTION_MADE(sha1, "_sha1")
FUNCTION_MADE(sha224, "_sha256")
FUNCTION_MADE(sha256, "_sha256")
FUNCTION_MADE(sha384, "_sha512")
FUNCTION_MADE(sha512, "_sha512")
#define TYPE_MADE(id, m)                                                                                                           \
    FN(make_##id)                                                                                                                  \
    {                                                                                                                              \
        hd_value a[2];                                                                                                             \
        return hd_args(#id, "|data,/,*,usedforsecurity", args, nargs, kwnames, a) < 0 ? HD_ERR : started(HD_TYPE(self), &hd_##id, a[0]); \
    }                                                                                                                              \
    static struct hd_type id##_type = { .cname = "_sha3." #id, .basicsize = sizeof(struct hd_hash), .methods = m, .getsets = sha3_getsets, .op = { .make = make_##id } };
TYPE_MADE(sha3_224, hash_methods)
TYPE_MADE(sha3_256, hash_methods)
TYPE_MADE(sha3_384, hash_methods)
TYPE_MADE(sha3_512, hash_methods)
TYPE_MADE(shake_128, shake_methods)
TYPE_MADE(shake_256, shake_methods)

/* A byte string parameter of at most `max` bytes; 0, -1. */
static int blake2_text(hd_value v, const char *what, size_t max, unsigned char *out, size_t *n)
{
    struct hd_buffer b;
    *n = 0;
    if (v == HD_ABSENT) return 0;
    if (hd_buffer_get(v, &b, false) < 0) return -1;
    bool fits = (size_t)b.len <= max;
    if (fits) memcpy(out, b.data, *n = (size_t)b.len);
    hd_buffer_release(&b);
    if (!fits) hd_raise(&hd_exc_ValueError, "maximum %s length is %zu bytes", what, max);
    return fits ? 0 : -1;
}
/* A number of lo .. hi, otherwise ValueError with this message. */
static int blake2_number(hd_value v, int64_t absent, int64_t lo, int64_t hi, int64_t *out, const char *message)
{
    *out = absent;
    if (v == HD_ABSENT) return 0;
    int n;
    if (hd_as_int32(v, &n) < 0) return -1;
    *out = n;
    if (n >= lo && n <= hi) return 0;
    hd_raise(&hd_exc_ValueError, "%s", message);
    return -1;
}
static int blake2_unsigned(hd_value v, uint64_t max, uint64_t *out, const char *what)
{
    *out = 0;
    if (v == HD_ABSENT) return 0;
    hd_value n = hd_number_index(v);
    if (n == HD_ERR) return -1;
    if (hd_int_sign(n) < 0) { hd_raise(&hd_exc_ValueError, "value must be positive"); return -1; }
    if (hd_as_u64(n, out) < 0) return -1;
    if (*out <= max) return 0;
    hd_raise(&hd_exc_OverflowError, "%s is too large", what);
    return -1;
}
static hd_value blake2_make(const struct hd_digest *d, hd_value type, const hd_value *args, size_t nargs, hd_value kwnames)
{
    enum { DATA, SIZE, KEY, SALT, PERSON, FANOUT, DEPTH, LEAF, OFFSET, NODE_DEPTH, INNER, LAST, SECURITY, N };
    hd_value a[N];
    bool wide = d->block_size == 128;
    size_t half = wide ? 16 : 8, nkey, unused;
    int64_t size, fanout, depth, node_depth, inner;
    uint64_t leaf, offset;
    unsigned char key[128] = { 0 }, p[64] = { 0 };
    char message[64];
    if (hd_args(d->name, "|data,/,*,digest_size,key,salt,person,fanout,depth,leaf_size,node_offset,node_depth,inner_size,last_node,usedforsecurity", args, nargs, kwnames, a) < 0)
        return HD_ERR;
    snprintf(message, sizeof message, "digest_size must be between 1 and %u bytes", d->size);
    if (blake2_number(a[SIZE], d->size, 1, d->size, &size, message) < 0 || blake2_text(a[SALT], "salt", half, p + (wide ? 32 : 16), &unused) < 0 ||
        blake2_text(a[PERSON], "person", half, p + (wide ? 48 : 24), &unused) < 0 ||
        blake2_number(a[FANOUT], 1, 0, 255, &fanout, "fanout must be between 0 and 255") < 0 ||
        blake2_number(a[DEPTH], 1, 1, 255, &depth, "depth must be between 1 and 255") < 0 || blake2_unsigned(a[LEAF], UINT32_MAX, &leaf, "leaf_size") < 0 ||
        blake2_unsigned(a[OFFSET], wide ? UINT64_MAX : ((uint64_t)1 << 48) - 1, &offset, "node_offset") < 0 ||
        blake2_number(a[NODE_DEPTH], 0, 0, 255, &node_depth, "node_depth must be between 0 and 255") < 0) return HD_ERR;
    snprintf(message, sizeof message, "inner_size must be between 0 and is %u", d->size);
    int last = a[LAST] == HD_ABSENT ? 0 : hd_truth(a[LAST]);
    if (blake2_number(a[INNER], 0, 0, d->size, &inner, message) < 0 || blake2_text(a[KEY], "key", d->size, key, &nkey) < 0 || last < 0) return HD_ERR;
    p[0] = (unsigned char)size, p[1] = (unsigned char)nkey, p[2] = (unsigned char)fanout, p[3] = (unsigned char)depth;
    hd_store32(p + 4, (uint32_t)leaf);
    if (wide) hd_store64(p + 8, offset);
    else for (int i = 0; i < 6; i++) p[8 + i] = (unsigned char)(offset >> 8 * i);
    p[wide ? 16 : 14] = (unsigned char)node_depth, p[wide ? 17 : 15] = (unsigned char)inner;
    hd_value v = hash_new(HD_TYPE(type), d);
    if (v == HD_ERR) return v;
    struct hd_digest_state *s = &HASH(v)->state;              /* not yet reachable for others */
    hd_blake2_start(d, s, p);
    s->last_node = (uint64_t)last;
    if (nkey) hd_digest_feed(d, s, key, d->block_size);
    return a[DATA] != HD_ABSENT && feed(v, a[DATA]) == HD_ERR ? HD_ERR : v;
}
FN(make_blake2b) { return blake2_make(&hd_blake2b, self, args, nargs, kwnames); }
FN(make_blake2s) { return blake2_make(&hd_blake2s, self, args, nargs, kwnames); }
static struct hd_type blake2b_type = { .cname = "_blake2.blake2b", .basicsize = sizeof(struct hd_hash), .methods = hash_methods, .getsets = hash_getsets,
    .op = { .make = make_blake2b } };
static struct hd_type blake2s_type = { .cname = "_blake2.blake2s", .basicsize = sizeof(struct hd_hash), .methods = hash_methods, .getsets = hash_getsets,
    .op = { .make = make_blake2s } };

/* ---- modules -------------------------------------------------------------------------------------------------------------- */
static int add(hd_value m, const char *name, struct hd_type *t) { return hd_type_ready(t) < 0 ? -1 : hd_module_add(m, name, hd_obj(t)); }
static int md5_fill(hd_value m) { return add(m, "MD5Type", &md5_type); }
static int sha1_fill(hd_value m) { return add(m, "SHA1Type", &sha1_type); }
static int sha256_fill(hd_value m) { return add(m, "SHA224Type", &sha224_type) < 0 ? -1 : add(m, "SHA256Type", &sha256_type); }
static int sha512_fill(hd_value m) { return add(m, "SHA384Type", &sha384_type) < 0 ? -1 : add(m, "SHA512Type", &sha512_type); }
static int sha3_fill(hd_value m)
{
    struct hd_type *t[] = { &sha3_224_type, &sha3_256_type, &sha3_384_type, &sha3_512_type, &shake_128_type, &shake_256_type };
    for (int i = 0; i < 6; i++) if (hd_add_type(m, t[i]) < 0) return -1;
    return hd_module_add_str(m, "implementation", "heddle");
}
static int blake2_one(hd_value m, struct hd_type *t, const char *upper, int64_t size, int64_t half)
{
    static const char *const names[] = { "MAX_DIGEST_SIZE", "MAX_KEY_SIZE", "SALT_SIZE", "PERSON_SIZE" };
    if (hd_add_type(m, t) < 0) return -1;
    for (int i = 0; i < 4; i++) {
        char name[40];
        snprintf(name, sizeof name, "%s_%s", upper, names[i]);
        hd_value v = hd_fix(i < 2 ? size : half);
        if (hd_module_add(m, name, v) < 0 || hd_type_setattr_static(t, names[i], v) == HD_ERR) return -1;
    }
    return 0;
}
static int blake2_fill(hd_value m) { return blake2_one(m, &blake2b_type, "BLAKE2B", 64, 16) < 0 ? -1 : blake2_one(m, &blake2s_type, "BLAKE2S", 32, 8); }
#define F(id) { #id, make_##id, 0, -1, HD_METH_KW, #id "($module, /, string=b'', *, usedforsecurity=True)\n--\n\nStarts a digest." }
static const struct hd_methoddef md5_functions[] = { F(md5), { 0 } }, sha1_functions[] = { F(sha1), { 0 } }, sha256_functions[] = { F(sha224), F(sha256), { 0 } },
    sha512_functions[] = { F(sha384), F(sha512), { 0 } }, no_functions[] = { { 0 } };
const struct hd_moduledef hd_module_md5 = { "_md5", NULL, md5_functions, md5_fill };
const struct hd_moduledef hd_module_sha1 = { "_sha1", NULL, sha1_functions, sha1_fill };
const struct hd_moduledef hd_module_sha256 = { "_sha256", NULL, sha256_functions, sha256_fill };
const struct hd_moduledef hd_module_sha512 = { "_sha512", NULL, sha512_functions, sha512_fill };
const struct hd_moduledef hd_module_sha3 = { "_sha3", NULL, no_functions, sha3_fill };
const struct hd_moduledef hd_module_blake2 = { "_blake2", NULL, no_functions, blake2_fill };
