/* The heap's address range, its blocks, and the pools that contexts share.
 *
 * Owns: gc_heap.bounds, .free, .pool, .in_use.  One range is reserved for the life of the process; small blocks grow from
 * its start, large objects are carved from its end, and the two meet.  Descriptors are an array beside it.
 *
 * H1: block 0 is never given out, so 0 ends every list.
 * H2: a block is in at most one list: the free stack, a pool, or a list of its owner.
 * H3: a free block has empty bitmaps.  The bytes of a block behind its first `dirty` granules are 0, and its pages there take
 *     no memory.
 * H4: stacks are popped with a tag against ABA; a descriptor is never unmapped, so a stale `next` can be read. */
#define GC_BUILD
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>
#include "gc/gc_internal.h"

struct gc_heap gc_heap;

/* Where the range lies if nobody is there already; a sanitizer that reserves this place gets the kernel's choice. */
static char *const preferred_base = (char *)0x200000000000;

void gc_fatal(const char *what)
{
    fprintf(stderr, "heddle: fatal: %s\n", what);
    abort();
}

void *gc_vec_grow(void *v, size_t *cap, size_t item)
{
    size_t n = *cap ? *cap * 2 : 64;
    *cap = n;
    return stm_need(v, n * item);
}

/* "123", "64k", "512M", "8G"; 0 if it is none. */
static size_t parse_size(const char *s)
{
    char *end;
    unsigned long long n = strtoull(s, &end, 0);
    switch (*end | 0x20) {
    case 't': n <<= 10; __attribute__((fallthrough));
    case 'g': n <<= 10; __attribute__((fallthrough));
    case 'm': n <<= 10; __attribute__((fallthrough));
    case 'k': n <<= 10; break;
    }
    return (size_t)n;
}

static size_t read_number(const char *path)
{
    char line[64]; size_t n = 0;
    FILE *f = fopen(path, "re");
    if (!f) return 0;
    if (fgets(line, sizeof line, f)) n = strtoull(line, NULL, 10);
    fclose(f);
    return n;
}

static size_t physical_memory(void)
{
    return (size_t)sysconf(_SC_PHYS_PAGES) * (size_t)sysconf(_SC_PAGESIZE);
}

/* The memory limit of the control group, 0: none that matters. */
static size_t cgroup_limit(void)
{
    size_t v2 = read_number("/sys/fs/cgroup/memory.max");
    size_t v1 = read_number("/sys/fs/cgroup/memory/memory.limit_in_bytes");
    size_t n = v2 ? v2 : v1;
    return n && n < physical_memory() ? n : 0;
}

static void *reserve(void *where, size_t size)
{
    int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
#if !defined __SANITIZE_THREAD__ && defined MAP_FIXED_NOREPLACE
    if (where) flags |= MAP_FIXED_NOREPLACE;
#else
    where = NULL;
#endif
    void *p = mmap(where, size, PROT_READ | PROT_WRITE, flags, -1, 0);
    if (p == MAP_FAILED && where) p = mmap(NULL, size, PROT_READ | PROT_WRITE, flags & ~MAP_FIXED_NOREPLACE, -1, 0);
    return p == MAP_FAILED ? NULL : p;
}

/* Bytes of tables beside a range of this span. */
static size_t table_size(size_t span)
{
    return span / GC_BLOCK * sizeof(struct gc_block) + (span >> GC_PAGE_SHIFT) * sizeof(uint32_t)
        + (span / GC_SMALL_MAX + 2) * sizeof(struct gc_large);
}

void gc_heap_reserve(void)
{
    const char *env = getenv("HEDDLE_HEAP_MAX");
    size_t want = env ? parse_size(env) : 0, limited = 0;
    if (!want) {
        want = physical_memory() * 4;
        if (want < (size_t)64 << 30) want = (size_t)64 << 30;
        if (want > (size_t)4 << 40) want = (size_t)4 << 40;
    }
    struct rlimit rl;
    if (getrlimit(RLIMIT_AS, &rl) == 0 && rl.rlim_cur != RLIM_INFINITY) {
        /* The rest of the process needs address space too: thread stacks, libraries, malloc.  Of little it needs a larger part. */
        size_t used = read_number("/proc/self/statm") * (size_t)sysconf(_SC_PAGESIZE);
        size_t left = rl.rlim_cur > used ? rl.rlim_cur - used : 0;
        size_t threads = (size_t)8 << 20;
        limited = left / 8 * 5 - (left / 8 < threads ? left / 8 : threads);
        if (want > limited) want = limited;
    }
    if (want < (size_t)8 << 20) want = (size_t)8 << 20;
    for (;; want -= want / 8) {
        size_t span = want & ~(size_t)(GC_BLOCK - 1), tables = table_size(span);
        char *p = reserve(preferred_base, span + tables + 2 * GC_BLOCK);
        if (!p) {
            if (want < (size_t)4 << 20) gc_fatal("cannot reserve address space for the heap");
            continue;
        }
        char *base = (char *)(((uintptr_t)p + GC_BLOCK - 1) & ~(uintptr_t)(GC_BLOCK - 1));
        gc_heap.base = base;
        gc_heap.span = span;
        gc_heap.blocks = (struct gc_block *)(base + span);
        gc_heap.larges = (struct gc_large *)(gc_heap.blocks + span / GC_BLOCK);
        gc_heap.large_cap = span / GC_SMALL_MAX;
        gc_heap.page_large = (uint32_t *)(gc_heap.larges + gc_heap.large_cap + 1);
        gc_heap.bounds = (uint64_t)(span >> GC_BLOCK_SHIFT) << 32 | 1;
        gc_heap.limit = span / 4 * 3;      /* below most_blocks: the addresses must last for the reserve, too */
        break;
    }
    size_t group = cgroup_limit();
    if (group && gc_heap.limit > group / 10 * 9) gc_heap.limit = group / 10 * 9;
    gc_heap.reserve = gc_heap.limit / 16;      /* a handler needs a block of each of many size classes */
    if (gc_heap.reserve > (size_t)16 << 20) gc_heap.reserve = (size_t)16 << 20;
    if (gc_heap.reserve < (size_t)1 << 20) gc_heap.reserve = (size_t)1 << 20;
}

/* Addresses between the two parts that belong to the reserve of small blocks. */
static uint32_t reserve_blocks(void) { return (uint32_t)(gc_heap.reserve >> GC_BLOCK_SHIFT); }

/* -- accounting against the limit ------------------------------------------------------------------------------- */
/* A collection beside a nearly full heap that frees nothing is repeated only after as much new memory, or as much time, that
 * the collections stay a bounded part of the work. */
static void ask_for_room(size_t in_use)
{
    struct gc_heap *h = &gc_heap;
    if (in_use > h->in_use_at_full + h->limit / 64 || gc_now() - h->full_end > 2 * h->full_ns) gc_request_full();
}

/* The reserve is for threads that know: who still goes on filling the heap, in other threads or because C code could do
 * without what it did not get, must not use up what the handlers need. */
static _Thread_local uint64_t reserve_of, reserve_before;     /* the latter: at the start of the transaction */
static bool reserve_is_open(void) { return reserve_of >= stm_load_relaxed(&gc_heap.reserve_turn); }

bool gc_claim(size_t bytes)
{
    struct gc_heap *h = &gc_heap;
    size_t now = stm_add_full(&h->in_use, bytes) + bytes, limit = h->limit;
    bool low = stm_memory_is_low() && !reserve_is_open();
    if (STM_LIKELY(now <= limit - limit / 8 && !low)) return true;
    /* Near the limit: a collection at the next poll, unless the last one did not help and little was added since. */
    if (now > h->in_use_at_full + limit / 64) gc_request_full();
    else if (gc_me()->spent > limit / 256) gc_request_nursery();
    if (now <= limit - h->reserve && !low) return true;
    if (now <= limit && reserve_is_open()) {
        if (now > limit - h->reserve / 2) ask_for_room(now);
        return true;
    }
    gc_unclaim(bytes);
    return false;
}

/* An allocation fails for good. */
void gc_no_room(void) { ask_for_room(stm_load_relaxed(&gc_heap.in_use)); }

/* After an abort the thread has not learned of anything. */
void gc_reserve_ended(bool committed)
{
    if (STM_LIKELY(reserve_of == reserve_before)) return;
    if (committed) reserve_before = reserve_of;
    else reserve_of = reserve_before;
}

void gc_open_reserve(void)
{
    if (reserve_is_open()) return;
    reserve_of = stm_load_relaxed(&gc_heap.reserve_turn);
    ask_for_room(stm_load_relaxed(&gc_heap.in_use));
}

/* `free`: of the blocks between the two parts and the free ones, which are no part of in_use but have their addresses. */
static bool is_short(uint32_t free)
{
    struct gc_heap *h = &gc_heap;
    return stm_load_relaxed(&h->in_use) + 2 * h->reserve > h->limit || free < 2 * reserve_blocks() || stm_memory_is_low();
}

static uint32_t blocks_between(void)
{
    uint64_t bounds = stm_load_relaxed(&gc_heap.bounds);
    return (uint32_t)(bounds >> 32) - (uint32_t)bounds;
}

/* World stopped, after a full collection.  While other memory is low, closing it would only make the next allocation fail, too. */
void gc_close_reserve(void)
{
    struct gc_heap *h = &gc_heap;
    uint32_t n = 0;
    for (uint32_t i = (uint32_t)h->free; i && n < 2 * reserve_blocks(); i = h->blocks[i].next) n++;
    if (!is_short(blocks_between() + n)) stm_store_relaxed(&h->reserve_turn, h->reserve_turn + 1);
}

bool gc_is_short(void) { return is_short(blocks_between()); }

void gc_make_room(void)
{
    if (gc_is_short()) gc_collect_full();
    reserve_of = UINT64_MAX;
}

void gc_unclaim(size_t bytes) { stm_add_full(&gc_heap.in_use, (uint64_t)0 - bytes); }

/* -- stacks of blocks ------------------------------------------------------------------------------------------- */
void gc_stack_push(uint64_t *head, uint32_t i)
{
    uint64_t old;
    do {
        old = stm_load_acquire(head);
        stm_store32_relaxed(&gc_heap.blocks[i].next, (uint32_t)old);
    } while (!stm_cas_full(head, old, ((old >> 32) + 1) << 32 | i));
}

uint32_t gc_stack_pop(uint64_t *head)
{
    for (;;) {
        uint64_t old = stm_load_acquire(head);
        uint32_t i = (uint32_t)old;
        if (!i) return 0;
        uint32_t next = stm_load32_relaxed(&gc_heap.blocks[i].next);
        if (stm_cas_full(head, old, ((old >> 32) + 1) << 32 | next)) return i;
    }
}

/* Neither part of the range may take all of it: what large objects once had, small ones do not get back. */
static uint32_t most_blocks(void)
{
    size_t n = gc_heap.span >> GC_BLOCK_SHIFT;
    return (uint32_t)(n - n / 8);
}

/* World stopped: if the two parts have nearly met, the upper end of the small one is given up as far as it is free. */
void gc_heap_trim(void)
{
    uint32_t low = (uint32_t)gc_heap.bounds, high = (uint32_t)(gc_heap.bounds >> 32), top = low;
    if ((size_t)(high - low) << GC_BLOCK_SHIFT > gc_heap.span / 4) return;
    while (top > 1 && gc_heap.blocks[top - 1].state == GC_FREE) gc_heap.blocks[--top].state = GC_UNUSED;
    if (top == low) return;
    madvise(gc_block_base(top), (size_t)(low - top) << GC_BLOCK_SHIFT, MADV_DONTNEED);
    for (uint32_t i = top; i < low; i++) gc_heap.blocks[i].dirty = 0;
    stm_store_relaxed(&gc_heap.bounds, (uint64_t)high << 32 | top);
}

/* -- blocks ----------------------------------------------------------------------------------------------------- */
uint32_t gc_block_fresh(void)
{
    if (!gc_claim(GC_BLOCK)) return 0;
    uint32_t i = gc_stack_pop(&gc_heap.free);
    if (i) return i;
    for (;;) {
        uint64_t old = stm_load_relaxed(&gc_heap.bounds);
        i = (uint32_t)old;
        uint32_t high = (uint32_t)(old >> 32), spare = reserve_is_open() ? 0 : reserve_blocks();
        if (i + spare >= high || i >= most_blocks()) break;
        if (stm_cas_full(&gc_heap.bounds, old, old + 1)) {
            if (i + reserve_blocks() >= high) ask_for_room(stm_load_relaxed(&gc_heap.in_use));
            if (i + most_blocks() / 16 >= high && gc_me()->spent > gc_heap.limit / 256) gc_request_nursery();
            gc_heap.blocks[i].state = GC_FREE;
            return i;
        }
    }
    gc_unclaim(GC_BLOCK);
    return 0;
}

void gc_block_format(uint32_t i, unsigned cls)
{
    struct gc_block *b = &gc_heap.blocks[i];
    const struct gc_class *c = &gc_heap.classes[cls];
    b->size = (uint16_t)c->size;
    b->ncell = (uint16_t)c->ncell;
    b->recip = c->recip;
    b->cls = (uint8_t)cls;
    b->unswept = b->touched = b->in_room = 0;
    b->state = GC_SMALL;
    gc_poison(gc_block_base(i), GC_BLOCK);
}

void gc_block_release(uint32_t i)
{
    struct gc_block *b = &gc_heap.blocks[i];
    b->state = GC_FREE;
    stm_store32_relaxed(&b->owner, 0);
    b->unswept = 0;
    gc_stack_push(&gc_heap.free, i);
    gc_unclaim(GC_BLOCK);
}

char *gc_carve(size_t size, size_t alignment)
{
    if (alignment < GC_BLOCK) alignment = GC_BLOCK;
    for (;;) {
        uint64_t old = stm_load_relaxed(&gc_heap.bounds);
        uint32_t low = (uint32_t)old, high = (uint32_t)(old >> 32);
        if (size > (size_t)high << GC_BLOCK_SHIFT) return NULL;
        uintptr_t p = ((uintptr_t)gc_block_base(high) - size) & ~(uintptr_t)(alignment - 1);
        if (p < (uintptr_t)gc_block_base(low + (reserve_is_open() ? reserve_blocks() / 2 : reserve_blocks()))) return NULL;
        if ((uintptr_t)gc_heap.base + gc_heap.span - p > (size_t)most_blocks() << GC_BLOCK_SHIFT) return NULL;
        uint32_t now = (uint32_t)((p - (uintptr_t)gc_heap.base) >> GC_BLOCK_SHIFT);
        if (stm_cas_full(&gc_heap.bounds, old, (uint64_t)now << 32 | low)) return (char *)p;
    }
}

static int by_index(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* Keeps a quarter of the live size (and 8 MiB) of free blocks warm and drops the bytes of the others.  Runs beside
 * transactions: it takes blocks off the free stack like any allocator. */
void gc_return_memory(void)
{
    size_t keep = gc_heap.live / 4 + ((size_t)8 << 20);
    gc_index_vec warm = { 0 }, cold = { 0 };
    uint32_t i;
    while ((i = gc_stack_pop(&gc_heap.free))) {
        if (gc_heap.blocks[i].dirty && warm.n * GC_BLOCK >= keep) gc_push(&cold, i);
        else if (gc_heap.blocks[i].dirty) gc_push(&warm, i);
        else gc_push(&cold, i);
    }
    if (cold.n) qsort(cold.v, cold.n, sizeof *cold.v, by_index);
    for (size_t a = 0, z; a < cold.n; a = z) {
        bool dirty = gc_heap.blocks[cold.v[a]].dirty;
        for (z = a + 1; z < cold.n && cold.v[z] == cold.v[z - 1] + 1; z++) dirty |= gc_heap.blocks[cold.v[z]].dirty;
        if (dirty) madvise(gc_block_base(cold.v[a]), (z - a) * GC_BLOCK, MADV_DONTNEED);
        for (size_t k = a; k < z; k++) gc_heap.blocks[cold.v[k]].dirty = 0;
    }
    /* Pushed last, popped first: warm before cold, low addresses first. */
    for (size_t k = cold.n; k-- > 0;) gc_stack_push(&gc_heap.free, cold.v[k]);
    for (size_t k = warm.n; k-- > 0;) gc_stack_push(&gc_heap.free, warm.v[k]);
    free(warm.v);
    free(cold.v);
}
