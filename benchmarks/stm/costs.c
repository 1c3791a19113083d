/* What the transactions cost: barriers, transactions by size, aborts, validation, entering and leaving; and how private,
 * read-mostly and contended work scales over contexts, against one mutex and against a spinlock per object.
 *
 * Times are thread CPU time, medians of interleaved rounds, so ratios hold on a busy machine; absolute figures do not.
 * Scaling is wall-clock throughput in slots of 2 ms; slots in which any of the threads lost its core are left out as long as
 * there are no more threads than cores.
 *
 * usage: costs [barriers|transactions|scaling|all] */
#include "stm/stm.h"
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define NOINLINE __attribute__((noinline))
enum { OBJECTS = 1000, ROUNDS = 15 };
struct object { uint64_t shape; struct stm_unit unit; uint64_t f[4]; };

static double cpu_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}
static double wall(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}
static int compare(const void *a, const void *b) { double x = *(const double *)a, y = *(const double *)b; return x < y ? -1 : x > y; }
static double median(double *v, int n) { qsort(v, (size_t)n, sizeof *v, compare); return v[n / 2]; }

static inline uint64_t get(struct object *o, int i) { return stm_read(&o->unit, &o->f[i]); }
static inline void put(struct object *o, int i, uint64_t v)
{
    stm_open(&o->unit, o, sizeof *o, STM_OBJECT);
    *(volatile uint64_t *)&o->f[i] = v;
}
static struct object *objects[OBJECTS], *shared[OBJECTS];
static _Thread_local volatile uint64_t sink;
static volatile int keep_going;

/* -- barriers ------------------------------------------------------------------------------------------------------------- */
static NOINLINE void read_plain(void)
{
    uint64_t s = 0;
    for (int i = 0; i < OBJECTS; i++) { struct object *o = objects[i]; for (int k = 0; k < 3; k++) s += *(volatile uint64_t *)&o->f[k]; }
    sink = s;
}
static NOINLINE void read_barrier(void)
{
    uint64_t s = 0;
    for (int i = 0; i < OBJECTS; i++) { struct object *o = objects[i]; for (int k = 0; k < 3; k++) s += get(o, k); }
    sink = s;
}
static NOINLINE void read_section(void)
{
    uint64_t s = 0;
    for (int i = 0; i < OBJECTS; i++) {
        struct object *o = objects[i];
        uint64_t a = *(volatile uint64_t *)&o->f[0], b = *(volatile uint64_t *)&o->f[1], c = *(volatile uint64_t *)&o->f[2];
        if (!stm_valid(&o->unit)) a = get(o, 0), b = get(o, 1), c = get(o, 2);
        s += a + b + c;
    }
    sink = s;
}
static NOINLINE void write_plain(void)
{
    for (int i = 0; i < OBJECTS; i++) { struct object *o = objects[i]; for (int k = 0; k < 3; k++) *(volatile uint64_t *)&o->f[k] = (uint64_t)i; }
}
static NOINLINE void write_barrier(void)
{
    for (int i = 0; i < OBJECTS; i++) { struct object *o = objects[i]; for (int k = 0; k < 3; k++) put(o, k, (uint64_t)i); }
}
static NOINLINE void poll_plain(void) { for (int i = 0; i < 3 * OBJECTS; i++) __asm__ volatile("" ::: "memory"); }
static NOINLINE void poll(void) { for (int i = 0; i < 3 * OBJECTS; i++) stm_poll(); }

static void compare_rows(const char *mode)
{
    static const struct { const char *name; void (*f)(void); } row[] = {
        { "3 reads, none", read_plain }, { "3 reads, barrier each", read_barrier }, { "3 reads, one check", read_section },
        { "3 writes, none", write_plain }, { "3 writes, barrier each", write_barrier }, { "loop of 3", poll_plain }, { "loop of 3 with polls", poll },
    };
    enum { N = sizeof row / sizeof row[0] };
    static double t[N][ROUNDS];
    double m[N];
    for (int r = 0; r < ROUNDS; r++)
        for (int i = 0; i < N; i++) {
            row[i].f();
            double a = cpu_ns();
            for (int k = 0; k < 100; k++) row[i].f();
            t[i][r] = (cpu_ns() - a) / (100.0 * OBJECTS);
        }
    printf("\n%s: ns per object visit (ratio)\n", mode);
    for (int i = 0; i < N; i++) {
        m[i] = median(t[i], ROUNDS);
        printf("  %-24s %6.2f  (%.2f)\n", row[i].name, m[i], m[i] / m[i < 3 ? 0 : i < 5 ? 3 : 5]);
    }
}
static NOINLINE void barriers(void)
{
    compare_rows("solo");
    stm_leave_solo();
    stm_break();
    for (int i = 0; i < OBJECTS; i++) put(objects[i], 0, 0);               /* open: what follows is the fast path */
    compare_rows("transaction, objects open");
    stm_break();
    compare_rows("transaction, objects of an earlier one, first writes in the first round only");
}

/* -- transactions ------------------------------------------------------------------------------------------------------------ */
static NOINLINE void touch(struct object **v, int n) { for (int i = 0; i < n; i++) put(v[i], 0, (uint64_t)i); }
static NOINLINE void transaction(struct object **v, int n) { touch(v, n); stm_break(); }
static NOINLINE void aborted(struct object **v, int n, int *left)
{
    stm_break();
    if (*left == 0) return;
    --*left;
    touch(v, n);
    stm_abort();
}
static void *reads_all(void *arg)
{
    (void)arg;
    stm_thread_attach(NULL, __builtin_frame_address(0));
    stm_enter();
    for (int i = 0; i < OBJECTS; i++) sink += get(shared[i], 0);
    stm_leave();
    stm_thread_detach();
    return NULL;
}
static void *writes_some(void *arg)
{
    stm_thread_attach(NULL, __builtin_frame_address(0));
    for (int k = 0; k < 100; k++) { stm_enter(); touch(shared, (int)(intptr_t)arg); stm_leave(); }
    stm_thread_detach();
    return NULL;
}
static void *stays(void *ready)              /* a second thread that exists: no return to solo mode */
{
    stm_thread_attach(NULL, __builtin_frame_address(0));
    *(volatile int *)ready = 1;
    for (;;) pause();
    return NULL;
}
static void other_thread(void *(*f)(void *), void *arg)
{
    pthread_t t;
    pthread_create(&t, NULL, f, arg);
    pthread_join(t, NULL);
}

static NOINLINE void enter_and_leave(int n) { for (int i = 0; i < n; i++) { stm_leave(); stm_enter(); } }
static NOINLINE double measure(int kind, int n)
{
    double v[ROUNDS];
    for (int r = 0; r < ROUNDS; r++) {
        int times = n > 100 ? 100 : n > 1 ? 1000 : 20000;
        struct object **o = kind == 1 || kind == 3 ? shared : objects;
        stm_break();
        double a = cpu_ns();
        if (kind < 2) for (int k = 0; k < times; k++) transaction(o, n);
        else if (kind == 4) enter_and_leave(times);
        else {
            times = 2;                                     /* from the third abort in a row on, there is a back-off */
            static int left;
            left = times;
            aborted(o, n, &left);
        }
        v[r] = (cpu_ns() - a) / times;
        stm_break();
    }
    return median(v, ROUNDS);
}
static NOINLINE double measure_validation(int n)
{
    double v[ROUNDS];
    struct object *o = objects[0];
    for (int r = 0; r < ROUNDS; r++) {
        stm_break();
        sink = get(o, 1);
        stm_atomic_enter();
        other_thread(writes_some, (void *)(intptr_t)n);
        double a = cpu_ns();
        sink = get(shared[0], 0);                          /* extends over 100 entries of n objects */
        v[r] = (cpu_ns() - a) / (100.0 * n);
        stm_atomic_leave();
        stm_break();
    }
    return median(v, ROUNDS);
}
static NOINLINE void transactions(void)
{
    static volatile int ready;
    pthread_t t;
    pthread_create(&t, NULL, stays, (void *)&ready);
    while (!ready) usleep(100);
    static const int size[] = { 0, 1, 10, 100, 1000 };
    stm_leave_solo();
    stm_break();
    touch(shared, OBJECTS);
    stm_break();
    other_thread(reads_all, NULL);
    printf("\nns per transaction, objects written:\n  %-28s", "");
    for (int i = 0; i < 5; i++) printf("%9d", size[i]);
    static const char *const name[] = { "private (unshared) commit", "shared (logged) commit", "abort and again, private", "abort and again, shared" };
    for (int k = 0; k < 4; k++) {
        printf("\n  %-28s", name[k]);
        for (int i = 0; i < 5; i++) printf("%9.0f", measure(k, size[i]));
    }
    printf("\n  leave and enter: %.0f\n", measure(4, 0));
    printf("validation, ns per foreign logged object: entries of 1: %.1f, of 10: %.1f, of 100: %.1f\n", measure_validation(1), measure_validation(10), measure_validation(100));
}

/* -- scaling ------------------------------------------------------------------------------------------------------------------ */
enum { MAP = 65536, WORK = 64, BATCH = 64 };
struct locked { uint32_t lock; uint64_t f; } __attribute__((aligned(64)));
static struct object *map[MAP], *private_object[64][WORK];
static struct locked locked_map[MAP], locked_private[64][WORK];
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
enum variant { STM, MUTEX, SPIN };
enum job { PRIVATE, READ_MOSTLY, COUNTER };
static enum variant variant;
static enum job job;
enum { SLOT_US = 2000, SLOTS = 60 };
static struct slot { uint64_t operations; bool clean; } slots[64][SLOTS + 2] __attribute__((aligned(64)));
static double slots_begin;

static inline uint64_t next(uint64_t *s) { *s ^= *s << 13; *s ^= *s >> 7; *s ^= *s << 17; return *s; }
static inline void busy(uint64_t *s) { for (int i = 0; i < 6; i++) next(s); }
static void spin_lock(uint32_t *l) { while (__atomic_exchange_n(l, 1, __ATOMIC_ACQUIRE)) while (__atomic_load_n(l, __ATOMIC_RELAXED)) __asm__ volatile("pause"); }
static void spin_unlock(uint32_t *l) { __atomic_store_n(l, 0, __ATOMIC_RELEASE); }

static NOINLINE void step_stm(int id, uint64_t *s)
{
    uint64_t r = next(s);
    busy(s);
    struct object *o = job == PRIVATE ? private_object[id][r % WORK] : job == COUNTER ? map[0] : map[r % MAP];
    if (job == READ_MOSTLY ? (r >> 32) % 1000 == 0 : job == COUNTER ? (r >> 32) % BATCH == 0 : (r >> 32) % 4 == 0) {
        stm_atomic_enter();
        stm_open(&o->unit, o, sizeof *o, STM_OBJECT);
        put(o, 0, get(o, 0) + 1);
        stm_atomic_leave();
    } else if (job != COUNTER) sink = get(o, 0);
}
static NOINLINE void step_lock(int id, uint64_t *s)
{
    uint64_t r = next(s);
    busy(s);
    struct locked *o = job == PRIVATE ? &locked_private[id][r % WORK] : job == COUNTER ? &locked_map[0] : &locked_map[r % MAP];
    bool write = job == READ_MOSTLY ? (r >> 32) % 1000 == 0 : job == COUNTER ? (r >> 32) % BATCH == 0 : (r >> 32) % 4 == 0;
    if (job == COUNTER && !write) return;
    if (variant == SPIN) spin_lock(&o->lock);
    if (write) o->f++; else sink = o->f;
    if (variant == SPIN) spin_unlock(&o->lock);
}
static long preemptions(void)
{
    struct rusage u;
    getrusage(RUSAGE_THREAD, &u);
    return u.ru_nivcsw;
}
static NOINLINE void scaling_loop(int id)
{
    uint64_t s = 0x9e3779b97f4a7c15 * (unsigned)(id + 1), n = 0;
    long before = preemptions();
    int slot = -1;
    while (keep_going) {
        if (variant == MUTEX) pthread_mutex_lock(&mutex);  /* like a GIL: held for a while */
        for (int i = 0; i < 1000; i++) {
            if (variant == STM) { step_stm(id, &s); stm_poll(); } else step_lock(id, &s);
        }
        if (variant == MUTEX) pthread_mutex_unlock(&mutex);
        n += 1000;
        int now = (int)((wall() - slots_begin) * 1e6 / SLOT_US);
        if (now == slot || now > SLOTS) continue;
        long after = preemptions();
        if (slot >= 0) slots[id][slot] = (struct slot){ n, after == before && now == slot + 1 };
        slot = now, n = 0, before = after;
    }
}
static void *scaling_thread(void *arg)
{
    int id = (int)(intptr_t)arg;
    if (variant != STM) { scaling_loop(id); return NULL; }
    stm_thread_attach(NULL, __builtin_frame_address(0));
    stm_enter();
    for (int i = 0; i < WORK; i++) if (!private_object[id][i]) { private_object[id][i] = calloc(1, sizeof(struct object)); stm_unit_init(&private_object[id][i]->unit); }
    scaling_loop(id);
    stm_leave();
    stm_thread_detach();
    return NULL;
}
static double throughput(int n)
{
    pthread_t t[64];
    static double sum[SLOTS];
    int good = 0;
    bool crowded = n > (int)sysconf(_SC_NPROCESSORS_ONLN);
    memset(slots, 0, sizeof slots);
    keep_going = 1;
    slots_begin = wall();
    for (int i = 0; i < n; i++) pthread_create(&t[i], NULL, scaling_thread, (void *)(intptr_t)i);
    usleep(SLOTS * SLOT_US);
    keep_going = 0;
    for (int i = 0; i < n; i++) pthread_join(t[i], NULL);
    double all = 0;
    for (int k = 1; k < SLOTS; k++) {
        double x = 0;
        bool clean = true;
        for (int i = 0; i < n; i++) x += (double)slots[i][k].operations, clean &= slots[i][k].clean;
        all += x;
        if (clean) sum[good++] = x;
    }
    if (crowded || good < 5) return all / (SLOTS - 1) / SLOT_US;
    return median(sum, good) / SLOT_US;
}
static void scaling(void)
{
    static const char *const jobs[] = { "private", "read-mostly", "counter" }, *const variants[] = { "transactions", "one mutex", "spinlocks" };
    for (int i = 0; i < MAP; i++) { map[i] = calloc(1, sizeof *map[i]); stm_unit_init_static(&map[i]->unit); }
    printf("\nmillions of operations a second (scaling), threads:\n");
    for (job = PRIVATE; job <= COUNTER; job++) {
        double v[3][4][5];
        for (int r = 0; r < 5; r++)
            for (int n = 0; n < 3; n++)
                for (int k = 0; k < 3; k++) { variant = (enum variant)k; v[k][n][r] = throughput(1 << n); }
        for (int k = 0; k < 3; k++) {
            printf("  %-12s %-13s", jobs[job], variants[k]);
            double one = 0;
            for (int n = 0; n < 3; n++) { double m = median(v[k][n], 5); if (!n) one = m; printf("  %d: %7.1f (%.2f)", 1 << n, m, m / one); }
            printf("\n");
        }
    }
}

static NOINLINE void run(const char *what)
{
    struct stm_portal p;
    stm_portal_enter(&p);
    for (int i = 0; i < OBJECTS; i++) {
        objects[i] = calloc(1, sizeof *objects[i]), shared[i] = calloc(1, sizeof *shared[i]);
        stm_unit_init(&objects[i]->unit), stm_unit_init(&shared[i]->unit);
    }
    if (strcmp(what, "scaling")) {
        if (strcmp(what, "transactions")) barriers();
        if (strcmp(what, "barriers")) transactions();
    }
    stm_leave();
    stm_portal_leave(&p);
    if (!strcmp(what, "scaling") || !strcmp(what, "all")) {
        scaling();
        struct stm_stats s;
        stm_stats_sum(&s);
        printf("transactions %llu, aborts %llu, waits %llu, parks %llu\n", (unsigned long long)s.begun, (unsigned long long)s.aborts, (unsigned long long)s.waits, (unsigned long long)s.parks);
    }
}

int main(int argc, char **argv)
{
    stm_init(NULL);
    stm_thread_attach(NULL, __builtin_frame_address(0));
    stm_enter();
    run(argc > 1 ? argv[1] : "all");
    return 0;
}
