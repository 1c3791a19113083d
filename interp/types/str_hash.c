/* Hashing of strings and bytes (SipHash-1-3 under a key of the process) and the table of interned strings.
 *
 * H1  The key is chosen once, by hd_hash_seed, before anything is hashed.
 * I1  Names in C source are never freed (HD_STR_FOREVER): made in memory outside the heap, or pinned.  All others live in the
 *     heap; the table does not keep them alive.  Other threads find them before their transaction has ended, so its abort does
 *     not free them, and no young collection does: full ones drop what only the table refers to.
 * I2  The table is read without a lock: entries are published with a release store and do not change or move inside one
 *     table while transactions run; growing publishes a new table, old ones stay readable until the next full collection. */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/random.h>
#include "interp/core/runtime.h"
#include "interp/types/str.h"
#include "interp/types/str_intern.h"
#include "stm/atomic.h"

static uint64_t key0, key1;

/* The generator behind PYTHONHASHSEED: programs compare hashes across runs with the same seed. */
static void seeded_key(uint32_t seed, unsigned char *p, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        seed = seed * 214013 + 2531011;
        p[i] = (unsigned char)(seed >> 16);
    }
}

int hd_hash_seed(const char *setting)
{
    unsigned char key[24];
    memset(key, 0, sizeof key);
    if (setting && *setting && strcmp(setting, "random") != 0) {
        char *end;
        errno = 0;
        unsigned long seed = strtoul(setting, &end, 10);
        if (*end || setting[0] == '-' || seed > 4294967295UL || errno == ERANGE) return -1;
        if (seed) seeded_key((uint32_t)seed, key, sizeof key);
    } else if (getrandom(key, sizeof key, GRND_NONBLOCK) != (ssize_t)sizeof key) {
        struct timespec t;
        clock_gettime(CLOCK_MONOTONIC, &t);
        seeded_key((uint32_t)(t.tv_nsec ^ (uintptr_t)&t >> 4), key, sizeof key);
    }
    memcpy(&key0, key, 8);
    memcpy(&key1, key + 8, 8);
    return 0;
}

#define ROTL(x, n) ((x) << (n) | (x) >> (64 - (n)))
#define ROUND(a, b, c, d) do {                          \
        a += b; c += d; b = ROTL(b, 13); d = ROTL(d, 16); \
        b ^= a; d ^= c; a = ROTL(a, 32);                  \
        c += b; a += d; b = ROTL(b, 17); d = ROTL(d, 21); \
        b ^= c; d ^= a; c = ROTL(c, 32); } while (0)

uint64_t hd_hash_bytes(const void *data, size_t n)
{
    if (n == 0) return 0;
    const unsigned char *p = data;
    uint64_t a = key0 ^ UINT64_C(0x736f6d6570736575), b = key1 ^ UINT64_C(0x646f72616e646f6d);
    uint64_t c = key0 ^ UINT64_C(0x6c7967656e657261), d = key1 ^ UINT64_C(0x7465646279746573), w;
    size_t left = n;
    for (; left >= 8; left -= 8, p += 8) {
        memcpy(&w, p, 8);
        d ^= w; ROUND(a, b, c, d); a ^= w;
    }
    w = 0;
    memcpy(&w, p, left);
    w |= (uint64_t)n << 56;
    d ^= w; ROUND(a, b, c, d); a ^= w;
    c ^= 0xff;
    ROUND(a, b, c, d); ROUND(a, b, c, d); ROUND(a, b, c, d);
    uint64_t h = a ^ b ^ c ^ d;
    return h == UINT64_MAX ? UINT64_MAX - 1 : h;
}

/* ---- interning ----------------------------------------------------------------------------------------------------------- */
struct table { uint64_t mask, used; struct table *replaced; uint64_t entry[]; };
static struct table *volatile current;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char *arena, *arena_end;

static struct table *new_table(uint64_t n, bool needed)
{
    struct table *t = needed ? stm_need(NULL, sizeof *t + n * 8) : malloc(sizeof *t + n * 8);
    if (!t) return NULL;
    memset(t, 0, sizeof *t + n * 8);       /* every page will be needed: writing first saves the fault of reading first */
    t->mask = n - 1;
    return t;
}
/* Memory of the names in C source, never freed.  Called with the lock held. */
static void *immortal(size_t size)
{
    size = (size + 15) & ~(size_t)15;
    if ((size_t)(arena_end - arena) < size) {
        size_t chunk = size > 32768 ? size : 65536;
        char *p = stm_need(NULL, chunk);
        if (size > 32768) return p;
        arena = p; arena_end = p + chunk;
    }
    void *r = arena;
    arena += size;
    return r;
}

static struct hd_str *probe(const struct table *t, uint64_t hash, int kind, const void *data, int64_t len, bool ascii)
{
    for (uint64_t i = hash & t->mask;; i = (i + 1) & t->mask) {
        struct hd_str *s = hd_ptr(stm_load_acquire(&t->entry[i]));     /* pairs with the store in insert */
        if (!s) return NULL;
        if (s->hash == hash && s->len == len && (int)(s->head.aux & HD_STR_KIND) == kind
            && !(s->head.aux & HD_STR_ASCII) == !ascii && memcmp(s->data, data, len * kind) == 0) return s;
    }
}
static void insert(struct table *t, struct hd_str *s)
{
    uint64_t i = s->hash & t->mask;
    while (t->entry[i]) i = (i + 1) & t->mask;
    t->used++;
    stm_store_release(&t->entry[i], hd_obj(s));
}

static void set_head(struct hd_str *s, int kind, const void *data, int64_t len, bool ascii, uint32_t flags)
{
    s->len = len;
    s->data = s->inline_;
    memcpy(s->inline_, data, len * kind);
    memset(s->inline_ + len * kind, 0, kind);
    s->head = (struct hd_head){ HD_SHAPE_STR, kind | (ascii ? HD_STR_ASCII : 0) | flags };
}

/* A string of the heap that may become the one in the table: the candidate itself, or a copy; NULL: there is no heap, or no
 * memory in it. */
static struct hd_str *mortal(int kind, const void *data, int64_t len, bool ascii, struct hd_str *candidate)
{
    if (!stm_me) return NULL;
    struct hd_str *s = candidate && candidate->data == candidate->inline_ && gc_is_object(candidate) ? candidate : NULL;
    if (s) return s;
    if ((s = gc_alloc(sizeof *s + (len + 1) * kind))) set_head(s, kind, data, len, ascii, 0);
    return s;
}

/* `forever`: C memory may refer to it. */
static hd_value intern(int kind, const void *data, int64_t len, bool ascii, struct hd_str *candidate, bool forever)
{
    uint64_t hash = hd_hash_bytes(data, len * kind);
    struct table *t = (struct table *)(uintptr_t)stm_load_acquire(&current);
    struct hd_str *s = t ? probe(t, hash, kind, data, len, ascii) : NULL, *own = NULL;
    if (!s) {
        if (!forever) own = mortal(kind, data, len, ascii, candidate);
        pthread_mutex_lock(&lock);
        if (!current) stm_store_release(&current, (uint64_t)(uintptr_t)new_table(8192, true));
        t = current;
        s = probe(t, hash, kind, data, len, ascii);
    } else if (!forever || s->head.aux & HD_STR_FOREVER) return hd_obj(s);
    else pthread_mutex_lock(&lock);
    bool pin = s && forever && !(s->head.aux & HD_STR_FOREVER), made = !s && own;
    if (!s) {
        bool crowded = t->used >= t->mask - t->mask / 8;
        struct table *bigger = t->used * 2 >= t->mask ? new_table((t->mask + 1) * 2, crowded) : NULL;
        if (bigger) {
            for (uint64_t i = 0; i <= t->mask; i++) if (t->entry[i]) insert(bigger, hd_ptr(t->entry[i]));
            bigger->replaced = t;
            stm_store_release(&current, (uint64_t)(uintptr_t)bigger);
            t = bigger;
        }
        if (own) {
            s = own;
            s->hash = hash;
            s->head.aux |= HD_STR_INTERNED;
        } else {
            s = immortal(sizeof *s + (len + 1) * kind);
            set_head(s, kind, data, len, ascii, HD_STR_INTERNED | HD_STR_FOREVER);
            s->hash = hash;
        }
        insert(t, s);
    } else if (pin) s->head.aux |= HD_STR_FOREVER;
    pthread_mutex_unlock(&lock);
    if (made) hd_outlive(s);
    if (pin && stm_me) gc_pin(s);
    return hd_obj(s);
}

hd_value hd_str_intern(hd_value v)
{
    struct hd_str *s = HD_STR(v);
    bool exact = hd_is_str_exact(v);
    if (exact && (s->head.aux & HD_STR_INTERNED)) return v;
    int kind = s->head.aux & HD_STR_KIND;
    if (s->len == 0) return hd_empty_str;
    if (s->len == 1 && kind == 1) return hd_str_char(*HD_U8(s));
    return intern(kind, s->data, s->len, hd_str_is_ascii(v), exact ? s : NULL, false);
}

/* Names in C source; may run before there is a heap as long as they are ASCII. */
hd_value hd_intern(const char *utf8)
{
    size_t n = strlen(utf8);
    if (n == 0) return hd_empty_str;
    if (!hd_bytes_all_ascii(utf8, n)) {
        hd_value v = hd_str_utf8_n(utf8, n);
        if (v == HD_ERR || (HD_STR(v)->len == 1 && hd_str_kind(v) == 1)) return v == HD_ERR ? v : hd_str_intern(v);
        return intern(hd_str_kind(v), HD_STR(v)->data, HD_STR(v)->len, false, NULL, true);
    }
    if (n == 1) return hd_str_char((unsigned char)utf8[0]);
    return intern(1, utf8, n, true, NULL, true);
}

hd_value hd_intern_ascii(const char *s, size_t n)
{
    return n > 1 ? intern(1, s, (int64_t)n, true, NULL, false) : n ? hd_str_char((unsigned char)*s) : hd_empty_str;
}

/* ---- the collector's view: the table is weak ------------------------------------------------------------------------------- */
/* The world is stopped, and nobody stops inside a look-up.  Open addressing without gaps: what follows a removed entry moves up
 * if its place allows. */
static void remove_at(struct table *t, uint64_t gap)
{
    for (uint64_t i = (gap + 1) & t->mask; t->entry[i]; i = (i + 1) & t->mask) {
        uint64_t home = HD_STR(t->entry[i])->hash & t->mask;
        if (((i - home) & t->mask) < ((i - gap) & t->mask)) continue;
        t->entry[gap] = t->entry[i];
        gap = i;
    }
    t->entry[gap] = 0;
    t->used--;
}

/* Drops what was not marked; true if that was anything. */
bool hd_names_reached(void)
{
    struct table *t = current;
    uint64_t before = t->used;
    for (struct table *old = t->replaced, *next; old; old = next) {
        next = old->replaced;
        free(old);
    }
    t->replaced = NULL;
    for (uint64_t i = 0; i <= t->mask; i++)
        while (t->entry[i] && !gc_is_marked(hd_ptr(t->entry[i]))) remove_at(t, i);
    return t->used < before;
}

static void fork_prepare(void) { pthread_mutex_lock(&lock); }
static void fork_done(void) { pthread_mutex_unlock(&lock); }
void hd_strings_init(void)
{
    pthread_atfork(fork_prepare, fork_done, fork_done);
}
