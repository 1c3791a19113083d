/* Arenas of the compiler: bump allocation from chunks, and the table of interned text.
 *
 * A1: `next` never passes `limit`; pieces are multiples of 16 bytes, so every piece is aligned for any object.
 * A2: the intern table is at most half full; its entries point into the arena itself.
 */
#include "arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK_MIN ((size_t)32 * 1024)
#define CHUNK_MAX ((size_t)1024 * 1024)

struct chunk {
    struct chunk *older;
    size_t size;
};

struct hd_arena {
    char *next, *limit;
    struct chunk *chunks;
    size_t chunk_size;   /* of the next ordinary chunk: doubles up to CHUNK_MAX */
    size_t total;
    int failed;
    const struct hd_ident **table;  /* malloc'd, open addressing */
    uint32_t table_mask, table_used;
};

_Static_assert(sizeof(struct chunk) % 16 == 0, "pieces start aligned");

struct hd_arena *hd_arena_new(void)
{
    struct hd_arena *a = calloc(1, sizeof *a);
    if (!a)
        return NULL;
    a->chunk_size = CHUNK_MIN;
    return a;
}

void hd_arena_free(struct hd_arena *a)
{
    if (!a)
        return;
    for (struct chunk *c = a->chunks, *older; c; c = older) {
        older = c->older;
        free(c);
    }
    free(a->table);
    free(a);
}

static struct chunk *new_chunk(struct hd_arena *a, size_t payload)
{
    struct chunk *c = malloc(sizeof *c + payload);
    if (!c) {
        a->failed = 1;
        return NULL;
    }
    c->size = payload;
    a->total += sizeof *c + payload;
    return c;
}

static void *alloc_slow(struct hd_arena *a, size_t size)
{
    struct chunk *c;
    if (size > CHUNK_MAX * 16 * 1024) { /* 16 GiB: surely a wrong size */
        a->failed = 1;
        return NULL;
    }
    if (size > a->chunk_size / 4 && a->chunks) {
        /* A big piece gets a chunk of its own, put behind the current one so that its free end stays in use. */
        c = new_chunk(a, size);
        if (!c)
            return NULL;
        c->older = a->chunks->older;
        a->chunks->older = c;
        return c + 1;
    }
    size_t payload = a->chunk_size - sizeof *c;
    if (payload < size)
        payload = size;
    c = new_chunk(a, payload);
    if (!c)
        return NULL;
    c->older = a->chunks;
    a->chunks = c;
    if (a->chunk_size < CHUNK_MAX)
        a->chunk_size *= 2;
    a->next = (char *)(c + 1) + size;
    a->limit = (char *)(c + 1) + payload;
    return c + 1;
}

void *hd_arena_alloc(struct hd_arena *a, size_t size)
{
    if (size > SIZE_MAX - 64) {
        a->failed = 1;
        return NULL;
    }
    size = (size + 15) & ~(size_t)15;
    if (__builtin_expect((size_t)(a->limit - a->next) >= size, 1)) {
        void *p = a->next;
        a->next += size;
        return p;
    }
    return alloc_slow(a, size);
}

void *hd_arena_zalloc(struct hd_arena *a, size_t size)
{
    void *p = hd_arena_alloc(a, size);
    if (p)
        memset(p, 0, size);
    return p;
}

char *hd_arena_copy(struct hd_arena *a, const char *text, size_t len)
{
    char *p = hd_arena_alloc(a, len + 1);
    if (p) {
        memcpy(p, text, len);
        p[len] = 0;
    }
    return p;
}

char *hd_arena_printf(struct hd_arena *a, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    int n = vsnprintf(NULL, 0, format, ap);
    va_end(ap);
    char *p = n < 0 ? NULL : hd_arena_alloc(a, (size_t)n + 1);
    if (p) {
        va_start(ap, format);
        vsnprintf(p, (size_t)n + 1, format, ap);
        va_end(ap);
    }
    return p;
}

int hd_arena_failed(const struct hd_arena *a)
{
    return a->failed;
}

size_t hd_arena_bytes(const struct hd_arena *a)
{
    return a->total;
}

static int grow_table(struct hd_arena *a)
{
    uint32_t size = a->table ? (a->table_mask + 1) * 2 : 256;
    const struct hd_ident **table = calloc(size, sizeof *table);
    if (!table) {
        a->failed = 1;
        return -1;
    }
    for (uint32_t i = 0; a->table && i <= a->table_mask; i++) {
        const struct hd_ident *id = a->table[i];
        if (!id)
            continue;
        uint32_t k = id->hash & (size - 1);
        while (table[k])
            k = (k + 1) & (size - 1);
        table[k] = id;
    }
    free(a->table);
    a->table = table;
    a->table_mask = size - 1;
    return 0;
}

const struct hd_ident *hd_arena_intern(struct hd_arena *a, const char *text, size_t len)
{
    uint32_t hash = 2166136261u;
    if (len > UINT32_MAX / 2) {
        a->failed = 1;
        return NULL;
    }
    for (size_t i = 0; i < len; i++)
        hash = (hash ^ (unsigned char)text[i]) * 16777619u;
    if ((!a->table || a->table_used * 2 > a->table_mask) && grow_table(a) < 0)
        return NULL;
    uint32_t k = hash & a->table_mask;
    for (; a->table[k]; k = (k + 1) & a->table_mask)
        if (a->table[k]->hash == hash && a->table[k]->len == len && memcmp(a->table[k]->utf8, text, len) == 0)
            return a->table[k];
    struct hd_ident *id = hd_arena_alloc(a, sizeof *id + len + 1);
    if (!id)
        return NULL;
    id->len = (uint32_t)len;
    id->hash = hash;
    memcpy(id->utf8, text, len);
    id->utf8[len] = 0;
    a->table[k] = id;
    a->table_used++;
    return id;
}
