/* A transaction of n writes costs n: what a write and its share of the commit cost is the same at 10^5 and at 10^6 writes, of units
 * that nobody else knows and of units that go into the log, alone and while another thread commits all the time.
 *
 * Costs are instructions of the writing thread where the system counts them, else its processor time.  Where caches and other
 * people's work disturb the time, the best of some attempts counts: a cost that grows with n fails in each.
 * usage: test_stm_linear [largest number of writes]         (1000000; 3000000 takes 600 MB) */
#include "tests/stm/harness.h"
#include <linux/perf_event.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>

enum { SMALL = 100000 };
static struct object **objects, *counter;
static unsigned long largest = 1000000;
static _Atomic bool quit;
static unsigned aborts;
static int counting = -1;

static void rolled_back(void *user) { if (user) ++*(unsigned *)user; }

static uint64_t cost(void)
{
    uint64_t n;
    if (counting >= 0 && read(counting, &n, sizeof n) == sizeof n) return n;
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static void begin_to_count(void)
{
    struct perf_event_attr a = { .type = PERF_TYPE_HARDWARE, .size = sizeof a, .config = PERF_COUNT_HW_INSTRUCTIONS, .exclude_kernel = 1, .exclude_hv = 1 };
    uint64_t n = 0;
    counting = (int)syscall(SYS_perf_event_open, &a, 0, -1, -1, 0);
    for (volatile int i = 0; i < 1000; i++) ;
    if (counting >= 0 && (read(counting, &n, sizeof n) != sizeof n || n == 0)) { close(counting); counting = -1; }
    printf("costs are %s\n", counting >= 0 ? "instructions" : "ns");
}

static void make(void *arg)
{
    bool known = *(bool *)arg;
    for (unsigned long i = 0; i < largest; i++) objects[i] = known ? static_object(1) : new_object(1);
}

static unsigned long n_writes;
static void write_all(void *arg)
{
    (void)arg;
    for (unsigned long i = 0; i < n_writes; i++) { put(objects[i], 0, i); stm_poll(); }
}

static void increment(void *arg) { (void)arg; put(counter, 0, get(counter, 0) + 1); }
static void *commits(void *arg)
{
    stm_thread_attach(NULL, __builtin_frame_address(0));
    stm_enter();
    do { transact(increment, NULL); *(_Atomic bool *)arg = true; } while (!quit);
    stm_leave();
    stm_thread_detach();
    return NULL;
}

static double per_write(unsigned long n)
{
    n_writes = n;
    aborts = 0;
    uint64_t before = cost();
    transact(write_all, NULL);
    return (double)(cost() - before) / (double)n / (aborts + 1);       /* who loses the processor for a lap of the log begins again */
}

enum { ATTEMPTS = 6 };
static bool compare(bool known, bool others)
{
    for (int i = 0; i < ATTEMPTS; i++) {
        if (known) transact(make, &known);
        double small = per_write(SMALL);
        if (known) transact(make, &known);
        double large = per_write(largest);
        printf("%s, %s: %.1f at %d writes, %.1f at %lu, %u aborts\n", known ? "logged" : "private", others ? "others commit" : "alone", small, SMALL, large, largest, aborts);
        if (large <= (counting >= 0 ? 1.5 : 5) * small) return true;       /* ns: page faults, caches, other people's work */
    }
    return false;
}

static bool measure(bool known, bool others)
{
    pthread_t t;
    _Atomic bool runs = false;
    transact(make, &known);
    if (others) {
        quit = false;
        stm_leave();
        pthread_create(&t, NULL, commits, (void *)&runs);
        while (!runs) usleep(100);
        stm_enter();
    }
    per_write(SMALL);                        /* pages and chunks for the first time */
    bool good = compare(known, others);
    if (others) {
        quit = true;
        stm_leave();
        pthread_join(t, NULL);
        stm_enter();
    }
    return good;
}

static void *never_alone(void *arg)          /* a second thread, so that there is no solo mode */
{
    stm_thread_attach(NULL, __builtin_frame_address(0));
    *(_Atomic bool *)arg = true;
    for (;;) pause();
    return NULL;
}

static __attribute__((noinline)) int run(void)
{
    bool good = true;
    stm_enter();
    counter = static_object(1);
    for (int i = 0; i < 4; i++) good &= measure(i & 1, i & 2);
    stm_leave();
    return good ? 0 : 1;
}

int main(int argc, char **argv)
{
    static _Atomic bool ready;
    pthread_t t;
    if (argc > 1) largest = strtoul(argv[1], NULL, 10);
    objects = calloc(largest, sizeof *objects);
    struct stm_config c = { .contexts = 3, .rolled_back = rolled_back };
    stm_init(&c);
    begin_to_count();
    stm_thread_attach(&aborts, __builtin_frame_address(0));
    pthread_create(&t, NULL, never_alone, (void *)&ready);
    while (!ready) usleep(100);
    return run();
}
