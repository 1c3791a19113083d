/* AddressSanitizer and the heap: in builds with it the bytes that belong to no object are poisoned.
 *
 * P1: a cell is poisoned from the time its `used` bit is cleared until it is handed out; then exactly the bytes that were
 *     asked for are readable, so an access behind an object is found as well.  A block is poisoned when it is formatted.
 * P2: words of stacks that no variable has hold no references: the collector passes them by (gc_is_poisoned), since frames with
 *     room between their variables would keep too much alive.
 * P3: the collector looks at the first words of cells that may be free with gc_first_word, which is not checked.
 * In other builds all of this is nothing. */
#ifndef GC_POISON_H
#define GC_POISON_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__SANITIZE_ADDRESS__)
#define GC_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define GC_ASAN 1
#endif
#endif

#ifdef GC_ASAN
#include <sanitizer/asan_interface.h>
#define GC_UNCHECKED __attribute__((no_sanitize_address, noinline))
static inline void gc_poison(const void *p, size_t n) { __asan_poison_memory_region(p, n); }
static inline void gc_unpoison(const void *p, size_t n) { __asan_unpoison_memory_region(p, n); }
static inline bool gc_is_poisoned(const void *p) { return __asan_address_is_poisoned(p); }
GC_UNCHECKED static __attribute__((unused)) uint64_t gc_first_word(const void *p) { return *(const uint64_t *)p; }
GC_UNCHECKED static __attribute__((unused)) void gc_clear_first_word(void *p) { *(uint64_t *)p = 0; }
#else
#define GC_ASAN 0
static inline void gc_poison(const void *p, size_t n) { (void)p; (void)n; }
static inline void gc_unpoison(const void *p, size_t n) { (void)p; (void)n; }
static inline bool gc_is_poisoned(const void *p) { (void)p; return false; }
static inline uint64_t gc_first_word(const void *p) { return *(const uint64_t *)p; }
static inline void gc_clear_first_word(void *p) { *(uint64_t *)p = 0; }
#endif
/* A cell of `room` bytes becomes an object of `size`; its first word is always readable. */
static inline void gc_hand_out(const void *p, size_t size, size_t room)
{
    if (!GC_ASAN) return;
    gc_unpoison(p, size < 8 ? 8 : size);
    if (size < room) gc_poison((const char *)p + (size < 8 ? 8 : size), room - (size < 8 ? 8 : size));
}
#endif
