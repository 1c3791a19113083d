/* All atomic operations of stm/ and gc/, over libatomic_ops; each names its order.
 *
 * Words are 64 bits (AO_t); the *32 forms are for futex words and poll bits.  An acquire load pairs with the release store
 * or full operation on the same word; where a pairing is not obvious the call says which.  ThreadSanitizer cannot see into
 * the assembly of libatomic_ops, so its builds use the compiler's builtins instead. */
#ifndef STM_ATOMIC_H
#define STM_ATOMIC_H
#include <stdbool.h>
#include <stdint.h>

#if defined(__SANITIZE_THREAD__)
#define STM_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define STM_TSAN 1
#endif
#endif

#ifdef STM_TSAN

static inline uint64_t stm_load_relaxed(const volatile void *p) { return __atomic_load_n((const volatile uint64_t *)p, __ATOMIC_RELAXED); }
static inline uint64_t stm_load_acquire(const volatile void *p) { return __atomic_load_n((const volatile uint64_t *)p, __ATOMIC_ACQUIRE); }
static inline void stm_store_relaxed(volatile void *p, uint64_t v) { __atomic_store_n((volatile uint64_t *)p, v, __ATOMIC_RELAXED); }
static inline void stm_store_release(volatile void *p, uint64_t v) { __atomic_store_n((volatile uint64_t *)p, v, __ATOMIC_RELEASE); }
static inline bool stm_cas_full(volatile void *p, uint64_t old, uint64_t v)
{
    return __atomic_compare_exchange_n((volatile uint64_t *)p, &old, v, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}
static inline uint64_t stm_add_full(volatile void *p, uint64_t n) { return __atomic_fetch_add((volatile uint64_t *)p, n, __ATOMIC_SEQ_CST); }
static inline uint32_t stm_load32_relaxed(const volatile void *p) { return __atomic_load_n((const volatile uint32_t *)p, __ATOMIC_RELAXED); }
static inline uint32_t stm_load32_acquire(const volatile void *p) { return __atomic_load_n((const volatile uint32_t *)p, __ATOMIC_ACQUIRE); }
static inline void stm_store32_relaxed(volatile void *p, uint32_t v) { __atomic_store_n((volatile uint32_t *)p, v, __ATOMIC_RELAXED); }
static inline void stm_store32_release(volatile void *p, uint32_t v) { __atomic_store_n((volatile uint32_t *)p, v, __ATOMIC_RELEASE); }
static inline bool stm_cas32_full(volatile void *p, uint32_t old, uint32_t v)
{
    return __atomic_compare_exchange_n((volatile uint32_t *)p, &old, v, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}
static inline uint32_t stm_add32_full(volatile void *p, uint32_t n) { return __atomic_fetch_add((volatile uint32_t *)p, n, __ATOMIC_SEQ_CST); }
static inline void stm_or32_full(volatile void *p, uint32_t bits) { __atomic_fetch_or((volatile uint32_t *)p, bits, __ATOMIC_SEQ_CST); }
static inline void stm_and32_full(volatile void *p, uint32_t bits) { __atomic_fetch_and((volatile uint32_t *)p, bits, __ATOMIC_SEQ_CST); }
/* A locked operation on a private word stands in for the fence, which ThreadSanitizer does not model. */
static inline void stm_fence_full(void) { int x = 0; __atomic_fetch_add(&x, 1, __ATOMIC_SEQ_CST); __asm__ volatile("mfence" ::: "memory"); }
static inline void stm_fence_release(void) { __asm__ volatile("" ::: "memory"); }
static inline void stm_fence_acquire(void) { __asm__ volatile("" ::: "memory"); }

#else

#include <atomic_ops.h>
_Static_assert(sizeof(AO_t) == 8, "words are 64 bits");
#define STM_AO(p)  ((volatile AO_t *)(uintptr_t)(p))
#define STM_AO32(p) ((volatile unsigned int *)(uintptr_t)(p))

static inline uint64_t stm_load_relaxed(const volatile void *p) { return AO_load(STM_AO(p)); }
static inline uint64_t stm_load_acquire(const volatile void *p) { return AO_load_acquire(STM_AO(p)); }
static inline void stm_store_relaxed(volatile void *p, uint64_t v) { AO_store(STM_AO(p), v); }
static inline void stm_store_release(volatile void *p, uint64_t v) { AO_store_release(STM_AO(p), v); }
static inline bool stm_cas_full(volatile void *p, uint64_t old, uint64_t v) { return AO_compare_and_swap_full(STM_AO(p), old, v); }
static inline uint64_t stm_add_full(volatile void *p, uint64_t n) { return AO_fetch_and_add_full(STM_AO(p), n); }
static inline uint32_t stm_load32_relaxed(const volatile void *p) { return AO_int_load(STM_AO32(p)); }
static inline uint32_t stm_load32_acquire(const volatile void *p) { return AO_int_load_acquire(STM_AO32(p)); }
static inline void stm_store32_relaxed(volatile void *p, uint32_t v) { AO_int_store(STM_AO32(p), v); }
static inline void stm_store32_release(volatile void *p, uint32_t v) { AO_int_store_release(STM_AO32(p), v); }
static inline bool stm_cas32_full(volatile void *p, uint32_t old, uint32_t v) { return AO_int_compare_and_swap_full(STM_AO32(p), old, v); }
static inline uint32_t stm_add32_full(volatile void *p, uint32_t n) { return AO_int_fetch_and_add_full(STM_AO32(p), n); }
static inline void stm_or32_full(volatile void *p, uint32_t bits) { AO_int_or_full(STM_AO32(p), bits); }
static inline void stm_and32_full(volatile void *p, uint32_t bits) { AO_int_and_full(STM_AO32(p), bits); }
static inline void stm_fence_full(void) { AO_nop_full(); }
static inline void stm_fence_release(void) { AO_nop_write(); }
static inline void stm_fence_acquire(void) { AO_nop_read(); }

#endif

/* Asks for the cache line of p, to be written soon. */
static inline void stm_prefetch_exclusive(const volatile void *p) { __asm__ volatile("prefetchw %0" :: "m"(*(const volatile char *)p)); }
static inline uint32_t stm_swap32_full(volatile void *p, uint32_t v)
{
    uint32_t old;
    do old = stm_load32_relaxed(p); while (!stm_cas32_full(p, old, v));
    return old;
}
static inline void *stm_load_pointer_acquire(const volatile void *p) { return (void *)(uintptr_t)stm_load_acquire(p); }
static inline void stm_store_pointer_release(volatile void *p, const void *v) { stm_store_release(p, (uint64_t)(uintptr_t)v); }
#endif
