/* The modules _md5, _sha1, _sha256, _sha512 and _sha3: hash objects.
 *
 * The state of a computation is a bytes object that update() replaces, so it rolls back with the slot that holds it. */
#include "interp/core/api.h"
#include "interp/modules/hash_internal.h"
#include "interp/modules/modules.h"
#include "interp/types/bytes.h"

#define DEF(name) static hd_value name(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)

HD_MUTABLE(hash_object)
struct hash_object { struct hd_mhead head; const struct hash_algorithm *algorithm; hd_vslot state; };
HD_MUTABLE_OPEN(hash_object, sizeof(struct hash_object))
#define HASH(v) ((struct hash_object *)hd_ptr(v))
#define STATE(b) ((struct hash_state *)(void *)HD_BYTES(b)->data)

static int absorb(hd_value self, hd_value data)
{
    struct hash_object *h = HASH(self);
    if (hd_is_str(data)) { hd_raise(&hd_exc_TypeError, "Strings must be encoded before hashing"); return -1; }
    struct hd_byteview v;
    if (hd_byteview_get(data, &v) < 0) {
        if (!hd_exc_is(&hd_exc_TypeError)) return -1;
        hd_exc_clear();
        hd_raise(&hd_exc_TypeError, "object supporting the buffer API required");
        return -1;
    }
    hd_value old = HD_GET(h, state), new = hd_bytes_new(STATE(old), sizeof(struct hash_state));
    if (new != HD_ERR) hd_hash_update(h->algorithm, STATE(new), v.p, v.n);
    hd_byteview_release(&v);
    if (new == HD_ERR) return -1;
    hash_object_w w = hash_object_open(h);
    HD_PUT(w, state, new);
    return 0;
}
static hd_value hash_new(struct hd_type *t, const struct hash_algorithm *a, hd_value state)
{
    if (state == HD_ABSENT) {
        if ((state = hd_bytes_new(NULL, sizeof(struct hash_state))) == HD_ERR) return HD_ERR;
        a->start(a, STATE(state));
    }
    struct hash_object *h = hd_new_mutable(t, sizeof *h);
    if (!h) return HD_ERR;
    h->algorithm = a;
    HD_INIT(h, state, state);
    return hd_obj(h);
}
static hd_value make(struct hd_type *t, const struct hash_algorithm *a, const hd_value *args, size_t nargs, hd_value kwnames)
{
    hd_value v[2];
    if (hd_args(a->name, a->suffix ? "|data,/,*,usedforsecurity" : "|string,*,usedforsecurity", args, nargs, kwnames, v) < 0) return HD_ERR;
    hd_value h = hash_new(t, a, HD_ABSENT);
    return h == HD_ERR || (v[0] != HD_ABSENT && absorb(h, v[0]) < 0) ? HD_ERR : h;
}
DEF(hash_update) { return absorb(self, args[0]) < 0 ? HD_ERR : HD_NONE; }
DEF(hash_copy) { return hash_new(hd_type_of(self), HASH(self)->algorithm, HD_GET(HASH(self), state)); }
static unsigned char *result(hd_value self, const hd_value *args, size_t *n)
{
    const struct hash_algorithm *a = HASH(self)->algorithm;
    *n = (size_t)a->digest;
    if (a->digest == 0) {
        int64_t len;
        if (hd_as_i64(args[0], &len) < 0) return NULL;
        if (len < 0) { hd_raise(&hd_exc_ValueError, "value must be positive"); return NULL; }
        if (len >= 1 << 29) { hd_raise(&hd_exc_ValueError, "length is too large"); return NULL; }
        *n = (size_t)len;
    }
    unsigned char *out = hd_scratch(*n + 1);
    struct hash_state copy = *STATE(HD_GET(HASH(self), state));
    if (out) a->finish(a, &copy, out, *n);
    return out;
}
DEF(hash_digest)
{
    size_t n;
    unsigned char *p = result(self, args, &n);
    return p ? hd_bytes_new(p, n) : HD_ERR;
}
DEF(hash_hexdigest)
{
    size_t n;
    unsigned char *p = result(self, args, &n);
    char *text = p ? hd_scratch(2 * n + 1) : NULL;
    if (!text) return HD_ERR;
    for (size_t i = 0; i < n; i++) text[2 * i] = "0123456789abcdef"[p[i] >> 4], text[2 * i + 1] = "0123456789abcdef"[p[i] & 15];
    return hd_str_latin1(text, 2 * n);
}
static hd_value get_name(hd_value self, void *closure) { return hd_str_utf8(HASH(self)->algorithm->name); }
static hd_value get_digest_size(hd_value self, void *closure) { return hd_fix(HASH(self)->algorithm->digest); }
static hd_value get_block_size(hd_value self, void *closure) { return hd_fix(HASH(self)->algorithm->block); }
static void hash_trace(void *o, struct gc_marker *m) { gc_mark(m, HD_RAW(((struct hash_object *)o)->state)); }
static const struct hd_methoddef fixed_methods[] = {
    { "update", hash_update, 1, 1, 0, "update($self, obj, /)\n--\n\nUpdate this hash object's state with the provided string." },
    { "copy", hash_copy, 0, 0, 0, "copy($self, /)\n--\n\nReturn a copy of the hash object." },
    { "digest", hash_digest, 0, 0, 0, "digest($self, /)\n--\n\nReturn the digest value as a bytes object." },
    { "hexdigest", hash_hexdigest, 0, 0, 0, "hexdigest($self, /)\n--\n\nReturn the digest value as a string of hexadecimal digits." }, { 0 }
};
static const struct hd_methoddef shake_methods[] = {
    { "update", hash_update, 1, 1, 0, "update($self, obj, /)\n--\n\nUpdate this hash object's state with the provided string." },
    { "copy", hash_copy, 0, 0, 0, "copy($self, /)\n--\n\nReturn a copy of the hash object." },
    { "digest", hash_digest, 1, 1, 0, "digest($self, length, /)\n--\n\nReturn the digest value as a bytes object." },
    { "hexdigest", hash_hexdigest, 1, 1, 0, "hexdigest($self, length, /)\n--\n\nReturn the digest value as a string of hexadecimal digits." }, { 0 }
};
static const struct hd_getsetdef getsets[] = { { "name", get_name, NULL, NULL, NULL }, { "digest_size", get_digest_size, NULL, NULL, NULL }, { "block_size", get_block_size, NULL, NULL, NULL }, { 0 } };

/* Old modules have a function that makes objects of a hidden type, _sha3 has the types. */
#define FUNCTION(a) DEF(new_##a) { return make(&a##_type, &hd_hash_##a, args, nargs, kwnames); }
#define MAKE(a) static hd_value make_##a(hd_value type, const hd_value *args, size_t nargs, hd_value kwnames);
#define MAKE_BODY(a) static hd_value make_##a(hd_value type, const hd_value *args, size_t nargs, hd_value kwnames) { return make(&a##_type, &hd_hash_##a, args, nargs, kwnames); }
#define EACH_SHA3(O) O(sha3_224) O(sha3_256) O(sha3_384) O(sha3_512) O(shake_128) O(shake_256)
#define EACH(O) O(md5) O(sha1) O(sha224) O(sha256) O(sha384) O(sha512)
EACH_SHA3(MAKE)
#define PLAIN(a, tname) static struct hd_type a##_type = { .cname = tname, .basicsize = sizeof(struct hash_object), .flags = HD_TF_NEVER_INSTANTIATE, \
        .methods = fixed_methods, .getsets = getsets, .op = { .trace = hash_trace } };
PLAIN(md5, "_md5.md5") PLAIN(sha1, "_sha1.sha1") PLAIN(sha224, "_sha256.sha224") PLAIN(sha256, "_sha256.sha256") PLAIN(sha384, "_sha512.sha384") PLAIN(sha512, "_sha512.sha512")
#define KECCAK(a, meths) static struct hd_type a##_type = { .cname = "_sha3." #a, .basicsize = sizeof(struct hash_object),               \
        .methods = meths, .getsets = getsets, .op = { .trace = hash_trace, .make = make_##a } };
KECCAK(sha3_224, fixed_methods) KECCAK(sha3_256, fixed_methods) KECCAK(sha3_384, fixed_methods) KECCAK(sha3_512, fixed_methods)
KECCAK(shake_128, shake_methods) KECCAK(shake_256, shake_methods)
EACH_SHA3(MAKE_BODY)
EACH(FUNCTION)
#define ROW(a) { #a, new_##a, 0, -1, HD_METH_KW, #a "($module, /, string=b'', *, usedforsecurity=True)\n--\n\n" },
static const struct hd_methoddef md5_functions[] = { ROW(md5) { 0 } }, sha1_functions[] = { ROW(sha1) { 0 } },
    sha256_functions[] = { ROW(sha224) ROW(sha256) { 0 } }, sha512_functions[] = { ROW(sha384) ROW(sha512) { 0 } }, no_functions[] = { { 0 } };
static int fill_plain(hd_value m)
{
    hd_hash_tables();
#define READY(a) if (hd_type_ready(&a##_type) < 0) return -1;
    EACH(READY)
    return 0;
}
static int fill_sha3(hd_value m)
{
    hd_hash_tables();
#define ADD(a) if (hd_add_type(m, &a##_type) < 0) return -1;
    EACH_SHA3(ADD)
    return hd_module_add_int(m, "keccakopt", 64) < 0 || hd_module_add_str(m, "implementation", "generic 64-bit") < 0 ? -1 : 0;
}
const struct hd_moduledef hd_module_md5 = { "_md5", NULL, md5_functions, fill_plain }, hd_module_sha1 = { "_sha1", NULL, sha1_functions, fill_plain },
    hd_module_sha256 = { "_sha256", NULL, sha256_functions, fill_plain }, hd_module_sha512 = { "_sha512", NULL, sha512_functions, fill_plain },
    hd_module_sha3 = { "_sha3", NULL, no_functions, fill_sha3 };
