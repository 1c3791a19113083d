/* Memory of one compilation: everything the parser makes lives in an arena and goes away with it.
 *
 * An arena is a chain of malloc'd chunks; single pieces are never given back. It also owns the table that interns
 * identifiers, so that two names of one arena are equal exactly when their pointers are equal.
 * An arena belongs to one thread at a time; it knows nothing of the heap of the language.
 */
#ifndef HD_COMPILE_ARENA_H
#define HD_COMPILE_ARENA_H

#include <stddef.h>
#include <stdint.h>

struct hd_arena;

/* An interned piece of text, in UTF-8 (NFKC form when it is a name). `utf8` is also closed by a NUL that `len` does not count. */
struct hd_ident {
    uint32_t len;   /* bytes */
    uint32_t hash;  /* of the bytes, FNV-1a */
    char utf8[];
};

/* NULL when there is no memory. */
struct hd_arena *hd_arena_new(void);
/* Frees everything that was allocated from `a`; NULL is allowed. */
void hd_arena_free(struct hd_arena *a);

/* `size` bytes, aligned for any object, not cleared; NULL when there is no memory (then hd_arena_failed is true from now on). */
void *hd_arena_alloc(struct hd_arena *a, size_t size);
/* The same, cleared. */
void *hd_arena_zalloc(struct hd_arena *a, size_t size);
/* A copy of `len` bytes with a NUL behind. */
char *hd_arena_copy(struct hd_arena *a, const char *text, size_t len);
/* printf into the arena. */
char *hd_arena_printf(struct hd_arena *a, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* True once an allocation has failed. */
int hd_arena_failed(const struct hd_arena *a);
/* Bytes obtained from malloc so far. */
size_t hd_arena_bytes(const struct hd_arena *a);

/* The one ident of this arena with these bytes (no normalisation here); NULL when there is no memory. */
const struct hd_ident *hd_arena_intern(struct hd_arena *a, const char *text, size_t len);

#endif
