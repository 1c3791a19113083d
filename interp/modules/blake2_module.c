/* The module _blake2: BLAKE2b and BLAKE2s (RFC 7693), with the parameters of the tree mode.
 *
 * One implementation for both word sizes.  The state of a computation is a bytes object that update() replaces. */
#include "interp/core/api.h"
#include "interp/modules/modules.h"
#include "interp/types/bytes.h"
#include "interp/types/number.h"

#define DEF(name) static hd_value name(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)

struct state { uint64_t h[8], length; uint32_t fill; uint8_t digest; bool last_node; uint8_t block[128]; };
struct variant { const char *name; int word, rounds, salt; uint8_t turn[4]; };       /* bytes a word; bytes of salt and of person */
static const struct variant b2b = { "blake2b", 8, 12, 16, { 32, 24, 16, 63 } }, b2s = { "blake2s", 4, 10, 8, { 16, 12, 8, 7 } };

HD_MUTABLE(blake)
struct blake { struct hd_mhead head; const struct variant *v; hd_vslot state; };
HD_MUTABLE_OPEN(blake, hd_inst_size((const struct hd_inst *)o))
#define BLAKE(o) ((struct blake *)hd_ptr(o))
#define STATE(b) ((struct state *)(void *)HD_BYTES(b)->data)

static const uint64_t iv[8] = { 0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1, 0x510e527fade682d1, 0x9b05688c2b3e6c1f,
                                0x1f83d9abfb41bd6b, 0x5be0cd19137e2179 };
static const uint8_t order[10][16] = {
    { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 }, { 14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3 },
    { 11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4 }, { 7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8 },
    { 9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13 }, { 2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9 },
    { 12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11 }, { 13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10 },
    { 6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5 }, { 10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0 } };

static uint64_t load(const uint8_t *p, int n)
{
    uint64_t x = 0;
    for (int i = 0; i < n; i++) x |= (uint64_t)p[i] << 8 * i;
    return x;
}
static inline __attribute__((always_inline)) void compress_words(struct state *s, const uint8_t *p, bool last, int word, int rounds, const uint8_t *turn)
{
    const uint64_t mask = word == 8 ? UINT64_MAX : UINT32_MAX;
    const int bits = 8 * word;
    uint64_t v[16], m[16];
    for (int i = 0; i < 16; i++) m[i] = load(p + i * word, word);
    for (int i = 0; i < 8; i++) v[i] = s->h[i], v[i + 8] = word == 8 ? iv[i] : iv[i] >> 32;
    v[12] ^= s->length & mask;
    if (word == 4) v[13] ^= s->length >> 32;
    if (last) v[14] ^= mask;
    if (last && s->last_node) v[15] ^= mask;
#define TURN(x, n) (((x) >> (n) | (x) << (bits - (n))) & mask)
    for (int r = 0; r < rounds; r++) {
        const uint8_t *o = order[r % 10];
        for (int i = 0; i < 8; i++) {
            uint64_t *a = &v[i & 3], *b, *c, *d;
            int shift = i >> 2;                       /* columns, then diagonals */
            b = &v[4 + ((i + shift) & 3)], c = &v[8 + ((i + 2 * shift) & 3)], d = &v[12 + ((i + 3 * shift) & 3)];
            *a = (*a + *b + m[o[2 * i]]) & mask, *d = TURN(*d ^ *a, turn[0]);
            *c = (*c + *d) & mask, *b = TURN(*b ^ *c, turn[1]);
            *a = (*a + *b + m[o[2 * i + 1]]) & mask, *d = TURN(*d ^ *a, turn[2]);
            *c = (*c + *d) & mask, *b = TURN(*b ^ *c, turn[3]);
        }
    }
    for (int i = 0; i < 8; i++) s->h[i] ^= v[i] ^ v[i + 8];
}
static void compress(const struct variant *v, struct state *s, const uint8_t *p, bool last)
{
    if (v->word == 8) compress_words(s, p, last, 8, 12, b2b.turn);
    else compress_words(s, p, last, 4, 10, b2s.turn);
}
/* The last block waits for finish(), also when it is full. */
static void update(const struct variant *v, struct state *s, const uint8_t *p, size_t n)
{
    size_t block = 16 * (size_t)v->word;
    while (n > 0) {
        if (s->fill == block) {
            s->length += block;
            compress(v, s, s->block, false);
            s->fill = 0;
        }
        size_t k = block - s->fill < n ? block - s->fill : n;
        memcpy(s->block + s->fill, p, k);
        s->fill += (uint32_t)k;
        p += k, n -= k;
    }
}
static void finish(const struct variant *v, struct state *s, uint8_t *out)
{
    memset(s->block + s->fill, 0, 16 * (size_t)v->word - s->fill);
    s->length += s->fill;
    compress(v, s, s->block, true);
    for (int i = 0; i < s->digest; i++) out[i] = (uint8_t)(s->h[i / v->word] >> 8 * (i % v->word));
}

/* ---- objects ------------------------------------------------------------------------------------------------------------------------- */
static int absorb(hd_value self, hd_value data)
{
    struct blake *b = BLAKE(self);
    if (hd_is_str(data)) { hd_raise(&hd_exc_TypeError, "Strings must be encoded before hashing"); return -1; }
    struct hd_byteview w;
    if (hd_byteview_get(data, &w) < 0) {
        if (!hd_exc_is(&hd_exc_TypeError)) return -1;
        hd_exc_clear();
        hd_raise(&hd_exc_TypeError, "object supporting the buffer API required");
        return -1;
    }
    hd_value new = hd_bytes_new(STATE(HD_GET(b, state)), sizeof(struct state));
    if (new != HD_ERR) update(b->v, STATE(new), w.p, w.n);
    hd_byteview_release(&w);
    if (new == HD_ERR) return -1;
    blake_w o = blake_open(b);
    HD_PUT(o, state, new);
    return 0;
}
/* An optional number in [lo, hi]. */
static int number(hd_value v, const char *name, int lo, int hi, const char *format, int *out)
{
    if (v == HD_ABSENT) return 0;
    if (hd_as_int32(v, out) < 0) return -1;
    if (*out >= lo && *out <= hi) return 0;
    hd_raise(&hd_exc_ValueError, format, name, lo, hi);
    return -1;
}
static int unsigned_number(hd_value v, const char *name, uint64_t max, uint64_t *out)
{
    if (v == HD_ABSENT) return 0;
    hd_value i = hd_number_index(v);
    if (i == HD_ERR) return -1;
    if (hd_int_sign(i) < 0) { hd_raise(&hd_exc_ValueError, "value must be positive"); return -1; }
    if (!hd_int_to_u64(i, out)) { hd_raise(&hd_exc_OverflowError, "int too big to convert"); return -1; }
    if (*out > max) { hd_raise(&hd_exc_OverflowError, "%s is too large", name); return -1; }
    return 0;
}
static int bytes_param(hd_value v, const char *name, int max, uint8_t *out, int *len)
{
    struct hd_byteview w;
    *len = 0;
    if (v == HD_ABSENT) return 0;
    if (hd_byteview_get(v, &w) < 0) return -1;
    bool fits = w.n <= (size_t)max;
    if (fits) memcpy(out, w.p, w.n), *len = (int)w.n;
    hd_byteview_release(&w);
    if (!fits) hd_raise(&hd_exc_ValueError, "maximum %s length is %d bytes", name, max);
    return fits ? 0 : -1;
}
static void store(uint8_t *p, uint64_t x, int n) { for (int i = 0; i < n; i++) p[i] = (uint8_t)(x >> 8 * i); }
static hd_value make(const struct variant *v, hd_value type, const hd_value *args, size_t nargs, hd_value kwnames)
{
    hd_value a[13];
    int max = 8 * v->word, digest = max, fanout = 1, depth = 1, node_depth = 0, inner = 0, n_key, n;
    uint64_t leaf = 0, offset = 0;
    uint8_t key[128] = { 0 }, salt[16] = { 0 }, person[16] = { 0 }, p[64] = { 0 };
    if (hd_args(v->name, "|data,/,*,digest_size,key,salt,person,fanout,depth,leaf_size,node_offset,node_depth,inner_size,last_node,usedforsecurity", args, nargs,
                kwnames, a) < 0 || number(a[1], "digest_size", 1, max, "%s must be between %d and %d bytes", &digest) < 0 ||
        bytes_param(a[3], "salt", v->salt, salt, &n) < 0 || bytes_param(a[4], "person", v->salt, person, &n) < 0 ||
        number(a[5], "fanout", 0, 255, "%s must be between %d and %d", &fanout) < 0 || number(a[6], "depth", 1, 255, "%s must be between %d and %d", &depth) < 0 ||
        unsigned_number(a[7], "leaf_size", UINT32_MAX, &leaf) < 0 ||
        unsigned_number(a[8], "node_offset", v->word == 8 ? UINT64_MAX : ((uint64_t)1 << 48) - 1, &offset) < 0 ||
        number(a[9], "node_depth", 0, 255, "%s must be between %d and %d", &node_depth) < 0 ||
        number(a[10], "inner_size", 0, max, "%s must be between %d and is %d", &inner) < 0 || bytes_param(a[2], "key", max, key, &n_key) < 0) return HD_ERR;
    int last = a[11] == HD_ABSENT ? 0 : hd_truth(a[11]);
    hd_value state = last < 0 ? HD_ERR : hd_bytes_new(NULL, sizeof(struct state)), self = state == HD_ERR ? HD_ERR : hd_alloc_instance(HD_TYPE(type), 0);
    if (self == HD_ERR) return HD_ERR;
    int at = v->word == 8 ? 16 : 14;                   /* where node_depth lies */
    p[0] = (uint8_t)digest, p[1] = (uint8_t)n_key, p[2] = (uint8_t)fanout, p[3] = (uint8_t)depth;
    store(p + 4, leaf, 4);
    store(p + 8, offset, at - 8);
    p[at] = (uint8_t)node_depth, p[at + 1] = (uint8_t)inner;
    memcpy(p + 4 * v->word, salt, (size_t)v->salt);
    memcpy(p + 6 * v->word, person, (size_t)v->salt);
    struct state *s = STATE(state);
    memset(s, 0, sizeof *s);
    for (int i = 0; i < 8; i++) s->h[i] = (v->word == 8 ? iv[i] : iv[i] >> 32) ^ load(p + i * v->word, v->word);
    s->digest = (uint8_t)digest, s->last_node = last;
    if (n_key) update(v, s, key, 16 * (size_t)v->word);
    BLAKE(self)->v = v;
    HD_INIT(BLAKE(self), state, state);
    return a[0] != HD_ABSENT && absorb(self, a[0]) < 0 ? HD_ERR : self;
}
static hd_value make_blake2b(hd_value type, const hd_value *args, size_t nargs, hd_value kwnames) { return make(&b2b, type, args, nargs, kwnames); }
static hd_value make_blake2s(hd_value type, const hd_value *args, size_t nargs, hd_value kwnames) { return make(&b2s, type, args, nargs, kwnames); }
DEF(blake_update) { return absorb(self, args[0]) < 0 ? HD_ERR : HD_NONE; }
DEF(blake_copy)
{
    hd_value c = hd_alloc_instance(hd_type_of(self), 0);
    if (c == HD_ERR) return HD_ERR;
    BLAKE(c)->v = BLAKE(self)->v;
    HD_INIT(BLAKE(c), state, HD_GET(BLAKE(self), state));
    return c;
}
static int digest(hd_value self, uint8_t *out)
{
    struct state copy = *STATE(HD_GET(BLAKE(self), state));
    finish(BLAKE(self)->v, &copy, out);
    return copy.digest;
}
DEF(blake_digest)
{
    uint8_t out[64];
    int n = digest(self, out);
    return hd_bytes_new(out, (size_t)n);
}
DEF(blake_hexdigest)
{
    uint8_t out[64];
    char text[128];
    int n = digest(self, out);
    for (int i = 0; i < n; i++) text[2 * i] = "0123456789abcdef"[out[i] >> 4], text[2 * i + 1] = "0123456789abcdef"[out[i] & 15];
    return hd_str_latin1(text, 2 * (size_t)n);
}
static hd_value get_name(hd_value self, void *closure) { return hd_str_utf8(BLAKE(self)->v->name); }
static hd_value get_block_size(hd_value self, void *closure) { return hd_fix(16 * BLAKE(self)->v->word); }
static hd_value get_digest_size(hd_value self, void *closure) { return hd_fix(STATE(HD_GET(BLAKE(self), state))->digest); }
static void blake_trace(void *o, struct gc_marker *m) { gc_mark(m, HD_RAW(((struct blake *)o)->state)); }
static const struct hd_methoddef methods[] = {
    { "update", blake_update, 1, 1, 0, "update($self, data, /)\n--\n\nUpdate this hash object's state with the provided bytes-like object." },
    { "copy", blake_copy, 0, 0, 0, "copy($self, /)\n--\n\nReturn a copy of the hash object." },
    { "digest", blake_digest, 0, 0, 0, "digest($self, /)\n--\n\nReturn the digest value as a bytes object." },
    { "hexdigest", blake_hexdigest, 0, 0, 0, "hexdigest($self, /)\n--\n\nReturn the digest value as a string of hexadecimal digits." }, { 0 }
};
static const struct hd_getsetdef getsets[] = { { "name", get_name, NULL, NULL, NULL }, { "block_size", get_block_size, NULL, NULL, NULL }, { "digest_size", get_digest_size, NULL, NULL, NULL }, { 0 } };
static struct hd_type blake2b_type = { .cname = "_blake2.blake2b", .basicsize = sizeof(struct blake), .flags = HD_TF_BASETYPE,
    .doc = "Return a new BLAKE2b hash object.", .methods = methods, .getsets = getsets, .op = { .make = make_blake2b, .trace = blake_trace } };
static struct hd_type blake2s_type = { .cname = "_blake2.blake2s", .basicsize = sizeof(struct blake), .flags = HD_TF_BASETYPE,
    .doc = "Return a new BLAKE2s hash object.", .methods = methods, .getsets = getsets, .op = { .make = make_blake2s, .trace = blake_trace } };

static int constants(hd_value m, struct hd_type *t, const struct variant *v, const char *prefix)
{
    if (hd_add_type(m, t) < 0) return -1;
    const struct { const char *name; int value; } c[] = { { "SALT_SIZE", v->salt }, { "PERSON_SIZE", v->salt }, { "MAX_KEY_SIZE", 8 * v->word }, { "MAX_DIGEST_SIZE", 8 * v->word } };
    for (size_t i = 0; i < 4; i++) {
        char name[40];
        size_t n = strlen(prefix);
        memcpy(name, prefix, n);
        memcpy(name + n, c[i].name, strlen(c[i].name) + 1);
        if (hd_module_add_int(m, name, c[i].value) < 0 || hd_dict_set_c(hd_obj(t->dict), c[i].name, hd_fix(c[i].value)) < 0) return -1;
    }
    return 0;
}
static int fill(hd_value m) { return constants(m, &blake2b_type, &b2b, "BLAKE2B_") < 0 || constants(m, &blake2s_type, &b2s, "BLAKE2S_") < 0 ? -1 : 0; }
static const struct hd_methoddef functions[] = { { 0 } };
const struct hd_moduledef hd_module_blake2 = { "_blake2", NULL, functions, fill };
