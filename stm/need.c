/* Memory for what cannot fail: records of transactions, the collector's tables, names, shapes.
 *
 * When the system gives no more, a reserve of address space goes back to it and is used up.  From then on memory is low until
 * the reserve has been taken again, and what can fail (the allocation of objects) fails: a program gets its MemoryError
 * while there is still room for what cannot. */
#define STM_BUILD
#include "stm/stm_internal.h"
#include <jemalloc/jemalloc.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>

/* jemalloc: one arena.  A thread that finds no memory for an arena of its own would be ended by jemalloc; more are made
 * where they help, see the start of threads.  A thread that finds none for its cache would use the cache nevertheless and
 * crash: so none has one until it asks for it.  Short caches: the default ones, 20 KB, are mapped and faulted in anew for each
 * thread. */
const char *malloc_conf = "narenas:1,tcache:false,tcache_nslots_small_max:32";

enum { CACHE = 128 << 10 };            /* several times what jemalloc takes */
void stm_need_cache(void)
{
    static _Thread_local bool asked;
    if (asked || stm_memory_is_low()) return;
    void *p = mallocx(CACHE, MALLOCX_ARENA(0) | MALLOCX_TCACHE_NONE);
    if (!p) return;
    dallocx(p, MALLOCX_TCACHE_NONE);
    asked = true;
    bool on = true;
    mallctl("thread.tcache.enabled", NULL, NULL, &on, sizeof on);
}

enum { RESERVE_MIN = 1 << 20, RESERVE_MAX = 64 << 20 };
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static void *reserve;
static size_t reserve_bytes;
static uint32_t low;

/* The lock is held, or there is one thread only. */
static bool take_reserve(void)
{
    void *p = mmap(NULL, reserve_bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED) return false;
    reserve = p;
    stm_store32_relaxed(&low, 0);
    return true;
}

static void fork_prepare(void) { pthread_mutex_lock(&lock); }
static void fork_done(void) { pthread_mutex_unlock(&lock); }

void stm_need_init(void)
{
    struct rlimit rl;
    bool limited = getrlimit(RLIMIT_AS, &rl) == 0 && rl.rlim_cur != RLIM_INFINITY && rl.rlim_cur / 16 < RESERVE_MAX;
    reserve_bytes = limited ? rl.rlim_cur / 16 & ~(size_t)(RESERVE_MIN - 1) : RESERVE_MAX;
    if (reserve_bytes < RESERVE_MIN) reserve_bytes = RESERVE_MIN;
    (void)!take_reserve();
    pthread_atfork(fork_prepare, fork_done, fork_done);
}

void *stm_need(void *p, size_t size)
{
    void *q = realloc(p, size);
    if (STM_LIKELY(q != NULL)) return q;
    pthread_mutex_lock(&lock);
    if (reserve) munmap(reserve, reserve_bytes);
    reserve = NULL;
    stm_store32_relaxed(&low, 1);
    q = realloc(p, size);
    pthread_mutex_unlock(&lock);
    if (!q) stm_fatal("out of memory");
    return q;
}

bool stm_memory_is_low(void)
{
    if (STM_LIKELY(!stm_load32_relaxed(&low))) return false;
    pthread_mutex_lock(&lock);
    bool still = !reserve && !take_reserve();
    pthread_mutex_unlock(&lock);
    return still;
}
