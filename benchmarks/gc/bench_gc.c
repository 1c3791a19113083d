/* Costs of allocation and collection, beside malloc in the same run: CPU ns per object, medians of five.
 *
 * cc -O2 -I. benchmarks/gc/bench_gc.c libgc.a libstm.a -ljemalloc -lpthread; no arguments. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "gc/gc.h"

struct cell { uint64_t head; struct stm_unit w; uint64_t a, b, more[]; };
enum { RING = 4096, WITH_UNIT = 1, NO_REFERENCES = 2 };
struct ring { uint64_t head; struct stm_unit w; uint64_t slot[64]; };
static struct ring *rings[RING / 64];
static uint64_t *volatile sink;

static void trace(void *p, struct gc_marker *m)
{
    struct cell *c = p;
    if (c->head == NO_REFERENCES) return;
    if (c->head == WITH_UNIT) { gc_mark(m, c->a); gc_mark(m, c->b); return; }
    struct ring *r = p;
    for (int i = 0; i < 64; i++) gc_mark(m, r->slot[i]);
}
static uint64_t root;
static void roots(struct gc_marker *m)
{
    gc_mark(m, root);
    for (int i = 0; i < RING / 64; i++) gc_mark(m, (uint64_t)rings[i]);
}
static void thread_roots(void *user, struct gc_marker *m) { if (user) gc_mark(m, root); }

static double now(clockid_t id)
{
    struct timespec t;
    clock_gettime(id, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}
static double cpu(void) { return now(CLOCK_THREAD_CPUTIME_ID); }
static int compare(const void *a, const void *b) { double x = *(const double *)a, y = *(const double *)b; return (x > y) - (x < y); }
static double median(double *v, int n) { qsort(v, (size_t)n, sizeof *v, compare); return v[n / 2]; }

static inline struct cell *new_cell(size_t bytes)
{
    struct cell *c = gc_alloc_small(bytes);
    c->a = c->b = 0;
    stm_unit_init(&c->w);
    c->head = WITH_UNIT;
    return c;
}

/* Short-lived cells of 32 and 48 bytes; one in a hundred times `percent` replaces an entry of the ring. */
static void churn(long n, unsigned percent)
{
    uint64_t x = 88172645463325252u;
    unsigned put = 0;
    for (long i = 0; i < n; i++) {
        x ^= x << 13; x ^= x >> 7; x ^= x << 17;
        struct cell *c = new_cell(x & 1 ? 32 : 48);
        sink = (uint64_t *)c;
        if ((x >> 20) % 100 < percent) {
            struct ring *r = rings[put / 64 % (RING / 64)];
            stm_open(&r->w, r, sizeof *r, STM_OBJECT);
            r->slot[put++ % 64] = (uint64_t)c;
        }
        stm_poll();
    }
}
static void churn_malloc(long n, unsigned percent)
{
    static void *ring[RING];
    void *last[8] = { 0 };
    uint64_t x = 88172645463325252u;
    unsigned put = 0;
    for (long i = 0; i < n; i++) {
        x ^= x << 13; x ^= x >> 7; x ^= x << 17;
        struct cell *c = malloc(x & 1 ? 32 : 48);
        c->head = 1;
        c->a = c->b = 0;
        sink = (uint64_t *)c;
        free(last[i & 7]);
        last[i & 7] = c;
        if ((x >> 20) % 100 < percent) {
            free(ring[put % RING]);
            ring[put++ % RING] = c;
            last[i & 7] = NULL;
        }
    }
    for (int i = 0; i < 8; i++) free(last[i]);
    for (int i = 0; i < RING; i++) { free(ring[i]); ring[i] = NULL; }
}

static struct cell *tree(int depth)
{
    struct cell *l = depth ? tree(depth - 1) : NULL, *r = depth ? tree(depth - 1) : NULL, *c = new_cell(32);
    c->a = (uint64_t)l;
    c->b = (uint64_t)r;
    return c;
}
static struct cell *tree_malloc(int depth)
{
    struct cell *c = malloc(32);
    c->a = depth ? (uint64_t)tree_malloc(depth - 1) : 0;
    c->b = depth ? (uint64_t)tree_malloc(depth - 1) : 0;
    return c;
}
static void drop(struct cell *c) { if (c) { drop((struct cell *)c->a); drop((struct cell *)c->b); free(c); } }

static void one_nursery(size_t kib, int live)
{
    double alloc[101], collect[101];
    for (int k = 0; k < 101; k++) {
        long n = (long)(kib * 1024 / 32), every = live ? n / live : n + 1, left = every;
        uint64_t list = 0;
        double t = cpu();
        for (long i = 0; i < n; i++) {
            struct cell *c = new_cell(32);
            if (--left == 0) { left = every; c->a = list; list = (uint64_t)c; }
        }
        alloc[k] = (cpu() - t) / (double)n;
        root = list;
        t = cpu();
        stm_poll();
        collect[k] = (cpu() - t) / 1e3;
        root = 0;
    }
    printf("  %5zu KiB, %5d live: collection %7.2f us, allocation %5.2f ns\n", kib, live, median(collect, 101), median(alloc, 101));
}

static void *in_thread(void *arg)
{
    stm_thread_attach(NULL, __builtin_frame_address(0));
    stm_enter();
    long n = (long)(intptr_t)arg;
    double t = cpu();
    for (long i = 0; i < n; i++) {
        struct cell *c = new_cell(i & 1 ? 32 : 48);
        sink = (uint64_t *)c;
        stm_poll();
    }
    double *r = malloc(sizeof *r);
    *r = (cpu() - t) / (double)n;
    stm_leave();
    stm_thread_detach();
    return r;
}

static void full_pause(void)
{
    root = (uint64_t)tree(19);
    double t = now(CLOCK_MONOTONIC);
    gc_collect_full();
    printf("full collection of a tree of 1 M cells of 32 bytes: %.1f ms\n", (now(CLOCK_MONOTONIC) - t) / 1e6);
    t = now(CLOCK_MONOTONIC);
    root = 0;
    gc_collect_full();
    printf("full collection that frees it: %.1f ms\n", (now(CLOCK_MONOTONIC) - t) / 1e6);
}

/* Cells that refer to two random others: no order that a cache could follow. */
static void scattered_pause(void)
{
    enum { N = 2000000 };
    struct cell **all = malloc(N * sizeof *all);
    uint64_t chain = 0, x = 88172645463325252u;
    for (long i = 0; i < N; i++) {
        all[i] = new_cell(32);
        all[i]->a = chain;                                  /* keeps what is not finished reachable */
        chain = root = (uint64_t)all[i];
        if (i % 1000 == 0) stm_poll();
    }
    for (long i = 0; i < N; i++) {
        x ^= x << 13; x ^= x >> 7; x ^= x << 17;
        stm_open(&all[i]->w, all[i], 32, STM_OBJECT);
        all[i]->a = (uint64_t)all[x % N];
        all[i]->b = (uint64_t)all[(x >> 32) % N];
    }
    struct cell *first = all[0];
    free(all);
    root = (uint64_t)first;
    double t = now(CLOCK_MONOTONIC);
    gc_collect_full();
    printf("full collection of 2 M cells in random order: %.1f ms\n", (now(CLOCK_MONOTONIC) - t) / 1e6);
    root = 0;
    gc_collect_full();
}

static void commits(void)
{
    double r[5];
    for (int k = 0; k < 5; k++) {
        double t = cpu();
        for (int i = 0; i < 200000; i++) { sink = (uint64_t *)new_cell(32); sink = (uint64_t *)new_cell(64); stm_break(); }
        r[k] = (cpu() - t) / 200000;
    }
    printf("transaction with two fresh cells: %.1f ns\n", median(r, 5));
    for (int k = 0; k < 5; k++) {
        double t = cpu();
        for (int i = 0; i < 200000; i++) stm_break();
        r[k] = (cpu() - t) / 200000;
    }
    printf("empty transaction: %.1f ns\n", median(r, 5));
}

int main(void)
{
    stm_init(&(struct stm_config){ .user_poll = gc_poll, .begun = gc_begun, .committing = gc_committing, .ended = gc_ended });
    gc_init(&(struct gc_config){ .trace = trace, .roots = roots, .thread_roots = thread_roots });
    stm_need_cache();
    stm_thread_attach(&root, __builtin_frame_address(0));
    stm_enter();
    for (int i = 0; i < RING / 64; i++) {
        struct ring *r = gc_alloc_zeroed(sizeof *r);
        stm_unit_init(&r->w);
        r->head = 3;
        rings[i] = r;
        gc_pin(r);
    }
    long n = 4000000;
    static const unsigned percent[] = { 0, 1, 5, 20 };
    printf("ns per object         ");
    for (int i = 0; i < 4; i++) printf("  %2u %% live", percent[i]);
    printf("   trees of 1023\nheap                  ");
    double r[5];
    for (int i = 0; i < 4; i++) {
        for (int k = 0; k < 5; k++) { double t = cpu(); churn(n, percent[i]); r[k] = (cpu() - t) / (double)n; }
        printf(" %10.2f", median(r, 5));
    }
    for (int k = 0; k < 5; k++) {
        double t = cpu();
        for (int j = 0; j < 4000; j++) { sink = (uint64_t *)tree(9); stm_poll(); }
        r[k] = (cpu() - t) / (4000 * 1023.0);
    }
    printf(" %10.2f\nmalloc and free       ", median(r, 5));
    for (int i = 0; i < 4; i++) {
        for (int k = 0; k < 5; k++) { double t = cpu(); churn_malloc(n, percent[i]); r[k] = (cpu() - t) / (double)n; }
        printf(" %10.2f", median(r, 5));
    }
    for (int k = 0; k < 5; k++) {
        double t = cpu();
        for (int j = 0; j < 4000; j++) drop(tree_malloc(9));
        r[k] = (cpu() - t) / (4000 * 1023.0);
    }
    printf(" %10.2f\none nursery collection:\n", median(r, 5));
    for (size_t kib = 512; kib <= 2048; kib *= 2)
        for (int part = 0; part < 4; part++) one_nursery(kib, part == 0 ? 0 : part == 1 ? 16 : (int)(kib * 32 * (part == 2 ? 5 : 50) / 100));
    full_pause();
    scattered_pause();
    stm_leave_solo();
    commits();
    for (int threads = 1; threads <= 2; threads++) {
        pthread_t t[2];
        double sum = 0, start = now(CLOCK_MONOTONIC);
        stm_leave();
        for (int i = 0; i < threads; i++) pthread_create(&t[i], NULL, in_thread, (void *)(intptr_t)20000000);
        for (int i = 0; i < threads; i++) { void *p; pthread_join(t[i], &p); sum += *(double *)p; }
        printf("%d thread%s: %.2f CPU ns per object, %.1f million objects a second\n", threads, threads > 1 ? "s" : "", sum / threads,
               20.0 * threads / ((now(CLOCK_MONOTONIC) - start) / 1e9));
        stm_enter();
    }
    struct gc_stats s;
    gc_stats_sum(&s);
    printf("%llu nursery, %llu young, %llu full collections; longest pause %.1f ms; heap %llu KiB\n", (unsigned long long)s.nursery,
           (unsigned long long)s.young, (unsigned long long)s.full, (double)s.pause_ns_max / 1e6, (unsigned long long)s.heap_bytes >> 10);
    stm_leave();
    return 0;
}
