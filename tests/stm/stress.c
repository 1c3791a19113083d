/* Stress tests of stm/: random transactions over shared objects with invariants that every attempt checks (so a transaction
 * that sees an inconsistent state fails even if it would abort later), and histories that are checked for serialisability.
 *
 * usage: stress TEST|all [threads] [seconds] [contexts] [chaos]
 * chaos: random delays between the steps of the protocol (builds with -DSTM_STEPS).  HEDDLE_STM_STRESS works as usual. */
#include "harness.h"
#include <sched.h>

enum { MAX_THREADS = 64 };
static unsigned n_threads = 2;
static double duration = 0.5;
static bool chaos;
static bool stop_word;
#define stop __atomic_load_n(&stop_word, __ATOMIC_RELAXED)
static pthread_barrier_t gate;

struct worker { unsigned id; struct rng r; uint64_t a[4]; struct object *mine; void (*body)(struct worker *); pthread_t thread; uint64_t runs; unsigned gives_up; };
static struct worker workers[MAX_THREADS];

static void chaos_step(enum stm_step step)
{
    static _Thread_local struct rng r;
    (void)step;
    if (!r.s) r.s = (uint64_t)(uintptr_t)&r | 1;
    uint64_t x = rnd(&r);
    if ((x & 1023) < 4) sched_yield();
    else if ((x & 1023) < 12) for (unsigned i = 0; i < (x >> 10 & 255); i++) __asm__ volatile("pause");
    else if ((x & 0x3fff) == 100) usleep(x >> 14 & 127);
}

/* Some transactions abort at their end, so often in a row that the last attempts are irrevocable, and give way. */
static __attribute__((noinline)) void run(void (*f)(struct worker *), struct worker *w)
{
    w->gives_up = w->r.s % 64 == 0 ? 8 + (unsigned)(w->r.s >> 8 & 3) : 0;
    stm_break();
    stm_atomic_enter();
    f(w);
    if (w->gives_up && !stm_is_irrevocable()) { w->gives_up--; stm_abort(); }
    stm_atomic_leave();
    stm_break();
}

static __attribute__((noinline)) void worker_loop(struct worker *w)
{
    struct stm_portal p;
    stm_portal_enter(&p);
    w->body(w);
    stm_portal_leave(&p);
}
static void *worker_main(void *arg)
{
    struct worker *w = arg;
    stm_thread_attach(w, __builtin_frame_address(0));
    pthread_barrier_wait(&gate);
    stm_enter();
    worker_loop(w);
    stm_leave();
    stm_thread_detach();
    return NULL;
}

/* Runs body in all threads; it stops when `stop` says so, after `s` seconds (0: by itself). */
static void parallel(void (*body)(struct worker *), double s)
{
    static uint64_t seed = 12345;
    __atomic_store_n(&stop_word, false, __ATOMIC_RELAXED);
    pthread_barrier_init(&gate, NULL, n_threads + 1);
    for (unsigned i = 0; i < n_threads; i++) {
        struct worker *w = &workers[i];
        w->id = i, w->body = body, w->r.s = (seed += 0x9e3779b97f4a7c15) | 1;
        pthread_create(&w->thread, NULL, worker_main, w);
    }
    pthread_barrier_wait(&gate);
    for (double end = seconds() + s; s > 0 && seconds() < end; ) usleep(20000);
    if (s > 0) __atomic_store_n(&stop_word, true, __ATOMIC_RELAXED);
    for (unsigned i = 0; i < n_threads; i++) pthread_join(workers[i].thread, NULL);
}
static void draw(struct worker *w) { for (unsigned i = 0; i < 4; i++) w->a[i] = rnd(&w->r); }
static void now_and_then_leave(struct worker *w)
{
    if ((w->a[3] & 63) == 0) { stm_leave(); if ((w->a[3] >> 6 & 7) == 0) usleep(50); stm_enter(); }
}

/* -- bank: the sum of all accounts never changes ---------------------------------------------------------------------- */
enum { ACCOUNTS = 64 };
static struct object *account[ACCOUNTS];
static void transfer(struct worker *w)
{
    struct rng r = { w->a[0] | 1 };
    for (unsigned k = 2 + (w->a[1] & 3); k--; ) {
        unsigned i = (unsigned)(rnd(&r) % ACCOUNTS), j = (unsigned)(rnd(&r) % ACCOUNTS);
        uint64_t m = rnd(&r) % 10;
        put(account[i], 0, get(account[i], 0) - m);
        stm_poll();
        put(account[j], 0, get(account[j], 0) + m);
    }
}
static void sum_up(struct worker *w)
{
    uint64_t s = 0;
    for (unsigned i = 0; i < ACCOUNTS; i++) s += get(account[i], 0);
    if (s != ACCOUNTS * 1000ull) FAIL("bank: sum %lld", (long long)s);
    if (w->a[1] & 64) put(account[w->a[1] % ACCOUNTS], 1, s);
}
static void bank_body(struct worker *w)
{
    while (!stop) {
        draw(w);
        run(w->a[2] % 8 == 0 ? sum_up : transfer, w);
        now_and_then_leave(w);
        w->runs++;
    }
}
static void bank(void)
{
    for (unsigned i = 0; i < ACCOUNTS; i++) account[i] = static_object(2), account[i]->f[0] = 1000;
    parallel(bank_body, duration);
    uint64_t s = 0;
    for (unsigned i = 0; i < ACCOUNTS; i++) s += account[i]->f[0];
    if (s != ACCOUNTS * 1000ull) FAIL("bank: final sum %lld", (long long)s);
}

/* -- pairs: x + y == 0, with dirty values in between -------------------------------------------------------------------- */
enum { PAIRS = 8 };
static struct object *px[PAIRS], *py[PAIRS];
static void change_pair(struct worker *w)
{
    unsigned i = (unsigned)(w->a[0] % PAIRS);
    uint64_t d = w->a[1] & 0xffffffffff;
    for (unsigned k = 0; k < 3; k++) put(px[i], 0, 0xdead000000000000 + k), put(py[i], 0, 0xbeef000000000000 + k);
    put(px[i], 0, d);
    put(py[i], 0, -d);
}
static void check_pair(uint64_t x, uint64_t y, const char *what)
{
    if (x + y != 0) FAIL("%s: x=%llx y=%llx", what, (unsigned long long)x, (unsigned long long)y);
    if (x >> 48 == 0xdead) FAIL("%s: dirty value", what);
}
static void look_at_pairs(struct worker *w)
{
    uint64_t q = w->a[1];
    for (unsigned k = 0; k < 6; k++, q >>= 4) {
        unsigned i = (unsigned)(q % PAIRS);
        uint64_t x, y;
        if (q & 8) x = get(px[i], 0), y = get(py[i], 0); else y = get(py[i], 0), x = get(px[i], 0);
        check_pair(x, y, "pairs");
    }
    if (w->a[2] & 64) put(px[w->a[1] % PAIRS], 1, q);
}
static void pairs_body(struct worker *w)
{
    while (!stop) {
        draw(w);
        run(w->a[2] % 8 < 3 ? change_pair : look_at_pairs, w);
        now_and_then_leave(w);
        w->runs++;
    }
}
static void pairs(void)
{
    for (unsigned i = 0; i < PAIRS; i++) px[i] = static_object(2), py[i] = static_object(2);
    parallel(pairs_body, duration);
    for (unsigned i = 0; i < PAIRS; i++) check_pair(px[i]->f[0], py[i]->f[0], "pairs, at the end");
}

/* -- published: unshared pairs become visible through boxes while their owner goes on changing them without entries ------ */
enum { BOXES = 8 };
static struct object *box[BOXES];
static void make_pair(struct worker *w)
{
    struct object *a = new_object(2), *b = new_object(2);
    put(a, 0, 5), put(b, 0, -5ull), put(a, 1, (uint64_t)(uintptr_t)b);
    w->mine = a;
}
static void publish(struct worker *w) { put(box[w->a[0] % BOXES], 0, (uint64_t)(uintptr_t)w->mine); }
static void make_and_publish(struct worker *w) { make_pair(w); w->a[0] = w->id; publish(w); }
static void change_mine(struct worker *w)
{
    struct object *a = w->mine, *b = (struct object *)(uintptr_t)get(a, 1);
    uint64_t d = w->a[1] & 0xffffffffff;
    put(a, 0, 0xdead000000000001), put(b, 0, 0xdead000000000002);
    if (w->a[2] & 1) get(box[w->a[2] % BOXES], 0);
    put(a, 0, d), put(b, 0, -d);
}
static void look_at_other(struct worker *w)
{
    struct object *a = (struct object *)(uintptr_t)get(box[w->a[0] % BOXES], 0), *b;
    uint64_t x, y;
    if (!a) return;
    if (w->a[2] & 2) x = get(a, 0), b = (struct object *)(uintptr_t)get(a, 1), y = get(b, 0);
    else b = (struct object *)(uintptr_t)get(a, 1), y = get(b, 0), x = get(a, 0);
    check_pair(x, y, "published");
    if (w->a[2] & 4) put(b, 0, y - 3), put(a, 0, x + 3);
}
static void published_body(struct worker *w)
{
    while (!stop) {
        run(make_pair, w);
        for (unsigned k = 0, n = 2 + (unsigned)(rnd(&w->r) % 6); k < n && !stop; k++) {
            draw(w);
            run(change_mine, w);
            if (k == 1) run(publish, w);
            for (unsigned j = 0; k > 1 && j < 2; j++) { draw(w); run(look_at_other, w); }
            w->runs++;
        }
    }
}
/* One owner changes published pairs that others meet for the first time: the race between his scan and their shared bit. */
static void meeting_body(struct worker *w)
{
    while (!stop) {
        if (w->id == 0) {
            run(make_and_publish, w);
            for (unsigned k = 0, n = (unsigned)(rnd(&w->r) % 40); k < n; k++) { draw(w); w->a[2] = 0; run(change_mine, w); }
        } else {
            draw(w);
            w->a[0] = 0, w->a[2] &= 2;
            run(look_at_other, w);
            for (unsigned i = 0; i < (w->a[1] & 255); i++) __asm__ volatile("pause");
        }
        w->runs++;
    }
}
static void published(void)
{
    for (unsigned i = 0; i < BOXES; i++) box[i] = static_object(1);
    parallel(published_body, duration);
}
static void meeting(void)
{
    for (unsigned i = 0; i < BOXES; i++) box[i] = static_object(1);
    parallel(meeting_body, duration);
}

/* -- list: a sorted list with a size, inserting and removing --------------------------------------------------------------- */
static struct object *list_head, *list_size;
static void list_step(struct worker *w)
{
    uint64_t key = 1 + w->a[0] % 200, before = 0, length = 0;
    struct object *p = list_head, *n = (struct object *)(uintptr_t)get(p, 1);
    bool whole = w->a[1] % 16 == 3;
    for (; n; n = (struct object *)(uintptr_t)get(n, 1)) {
        uint64_t k = get(n, 0);
        if (k <= before) FAIL("list: order %llu %llu", (unsigned long long)before, (unsigned long long)k);
        if (get(n, 2) != k * 7) FAIL("list: payload");
        if (++length > 300) FAIL("list: endless");
        if (!whole && k >= key) break;
        before = k, p = n;
    }
    if (whole) { if (length != get(list_size, 0)) FAIL("list: size"); return; }
    bool found = n && get(n, 0) == key;
    if (!found && w->a[1] & 1) {
        struct object *x = new_object(3);
        put(x, 0, key), put(x, 1, (uint64_t)(uintptr_t)n), put(x, 2, key * 7);
        put(p, 1, (uint64_t)(uintptr_t)x);
        open_object(list_size);
        put(list_size, 0, get(list_size, 0) + 1);
    } else if (found && !(w->a[1] & 1)) {
        uint64_t next = get(n, 1);
        put(p, 1, next), put(n, 1, next);    /* the victim is opened too, so that who stands on it notices */
        put(list_size, 0, get(list_size, 0) - 1);
    }
}
static void list_body(struct worker *w)
{
    while (!stop) { draw(w); run(list_step, w); now_and_then_leave(w); w->runs++; }
}
static void list(void)
{
    list_head = static_object(3), list_size = static_object(1);
    parallel(list_body, duration);
    uint64_t n = 0, before = 0;
    for (struct object *x = (struct object *)(uintptr_t)list_head->f[1]; x; x = (struct object *)(uintptr_t)x->f[1], n++) {
        if (x->f[0] <= before) FAIL("list: final order");
        before = x->f[0];
    }
    if (n != list_size->f[0]) FAIL("list: final size");
}

/* -- counters: whatever aborts, the sums are those of a sequential run ------------------------------------------------------- */
enum { COUNTERS = 32, INCREMENTS = 4000 };
static struct object *counter[COUNTERS];
static void increment(struct worker *w)
{
    struct rng r = { w->a[0] | 1 };
    for (unsigned k = 0; k < 4; k++) {
        unsigned i = (unsigned)(rnd(&r) % COUNTERS);
        uint64_t m = rnd(&r) % 100;
        if (m & 2) open_object(counter[i]);
        put(counter[i], 0, get(counter[i], 0) + m);
        stm_poll();
    }
}
static void counters_body(struct worker *w)
{
    struct rng r = { 777 + w->id };
    for (unsigned i = 0; i < INCREMENTS; i++) { w->a[0] = rnd(&r); run(increment, w); w->runs++; }
}
static void counters(void)
{
    double end = seconds() + duration;
    do {
        uint64_t expect[COUNTERS] = { 0 };
        for (unsigned i = 0; i < COUNTERS; i++) counter[i] = static_object(1);
        for (unsigned t = 0; t < n_threads; t++) {
            struct rng r = { 777 + t };
            for (unsigned i = 0; i < INCREMENTS; i++) {
                struct rng q = { rnd(&r) | 1 };
                for (unsigned k = 0; k < 4; k++) { unsigned x = (unsigned)(rnd(&q) % COUNTERS); expect[x] += rnd(&q) % 100; }
            }
        }
        parallel(counters_body, 0);
        for (unsigned i = 0; i < COUNTERS; i++)
            if (counter[i]->f[0] != expect[i]) FAIL("counter %u: %llu instead of %llu", i, (unsigned long long)counter[i]->f[0], (unsigned long long)expect[i]);
    } while (seconds() < end);
}

/* -- big: many units in one transaction, epochs in the middle, nested blocks that are undone --------------------------------- */
enum { BIG = 600 };
static struct object *big[BIG];
static void big_step(struct worker *w)
{
    struct rng r = { w->a[0] | 1 };
    unsigned n = 20 + (unsigned)(rnd(&r) % 280), from = (unsigned)(rnd(&r) % (BIG / 2));
    for (unsigned k = 0; k < n; k++) {
        unsigned i = (from + k * 7) % (BIG / 2);
        uint64_t x = get(big[i], 0), y = get(big[BIG - 1 - i], 0), d = rnd(&r) % 1000;
        if (x + y) FAIL("big: %llx %llx", (unsigned long long)x, (unsigned long long)y);
        if (w->a[1] % 3 == 0 && k % 2 == 0) continue;
        put(big[i], 0, 0xdead), put(big[BIG - 1 - i], 0, y - d), put(big[i], 0, x + d);
        if (k % 32 == 31) stm_new_epoch();
        if (k % 64 == 63) {
            stm_nested_enter();
            put(big[i], 0, 0xbad), put(big[from], 0, 0xbad);
            if (k % 128 == 127) { stm_nested_enter(); put(big[i], 0, 0xbad2); put(big[(i + 1) % (BIG / 2)], 0, 0xbad); stm_nested_undo(); }
            stm_nested_undo();
        }
        stm_poll();
    }
}
static void big_look(struct worker *w)
{
    struct rng r = { w->a[0] | 1 };
    for (unsigned k = 10 + (unsigned)(rnd(&r) % 100); k--; ) {
        unsigned i = (unsigned)(rnd(&r) % BIG);
        if (get(big[i], 0) + get(big[BIG - 1 - i], 0)) FAIL("big: zombie");
    }
}
static void big_body(struct worker *w)
{
    while (!stop) { draw(w); run(w->a[2] % 4 ? big_look : big_step, w); w->runs++; }
}
static void big_test(void)
{
    for (unsigned i = 0; i < BIG; i++) big[i] = static_object(4);
    parallel(big_body, duration);
    for (unsigned i = 0; i < BIG; i++) if (big[i]->f[0] + big[BIG - 1 - i]->f[0]) FAIL("big: at the end");
}

/* -- mixed: irrevocable transactions, stops of the world, fresh addresses in the log ------------------------------------------ */
static volatile uint64_t stops;
static void irrevocable_pair(struct worker *w)
{
    unsigned i = (unsigned)(w->a[0] % PAIRS);
    uint64_t x = get(px[i], 0);
    if (w->a[2] & 8) change_pair(w);
    stm_become_irrevocable();
    check_pair(get(px[i], 0), get(py[i], 0), "irrevocable");
    if (w->a[2] & 16) { int t = stm_leave_blocking(); usleep(20); stm_enter_blocking(t); }
    put(px[i], 0, x + 1), put(py[i], 0, get(py[i], 0) - (get(px[i], 0) - x));
    x = get(px[i], 0), put(py[i], 0, -x);
    check_pair(get(px[i], 0), get(py[i], 0), "irrevocable, own");
}
/* Plain memory beside a unit: whoever holds the world changes it, the others read it without barriers. */
static uint64_t plain_x, plain_y;
static struct object *beside_plain;
static volatile uint64_t holds;
static void change_plain(struct worker *w)
{
    if (w->a[2] & 64) change_pair(w);
    if (w->a[2] & 128) put(beside_plain, 0, plain_x + 1);
    stm_hold_world();
    plain_x++;
    put(px[w->a[0] % PAIRS], 1, plain_x);                  /* whatever others had open */
    if (w->a[2] & 16) { int t = stm_leave_blocking(); usleep(20); stm_enter_blocking(t); }
    if (w->a[2] & 32) stm_stop_world(), stm_resume_world();
    stm_poll();
    put(beside_plain, 0, plain_x);
    stm_hold_world();
    plain_y++;
    holds++;
}
static void look_at_plain(struct worker *w)
{
    uint64_t x = plain_x, u, y;
    if (w->a[2] & 64) stm_poll();
    u = get(beside_plain, 0), y = plain_y;
    if (x != u || x != y) FAIL("held: %llu %llu %llu", (unsigned long long)x, (unsigned long long)u, (unsigned long long)y);
}
static void mixed_body(struct worker *w)
{
    while (!stop) {
        draw(w);
        unsigned k = (unsigned)(w->a[2] >> 8) % 32;
        if (k == 0) run(irrevocable_pair, w);
        else if (k == 1) {
            if (w->a[2] & 1) stm_stop_world_settled();
            else stm_stop_world();
            /* Nobody else has anything half done then: memory itself is consistent, without barriers. */
            if (w->a[2] & 1) for (unsigned i = 0; i < PAIRS; i++) check_pair(px[i]->f[0], py[i]->f[0], "settled");
            stops++;
            stm_resume_world();
        } else if (k == 2) run(w->a[2] & 4 ? change_plain : look_at_plain, w);
        else run(k % 3 ? look_at_pairs : change_pair, w);
        stm_poll();
        now_and_then_leave(w);
        w->runs++;
    }
}
static void mixed(void)
{
    for (unsigned i = 0; i < PAIRS; i++) px[i] = static_object(2), py[i] = static_object(2);
    beside_plain = static_object(2);
    parallel(mixed_body, duration);
    for (unsigned i = 0; i < PAIRS; i++) check_pair(px[i]->f[0], py[i]->f[0], "mixed, at the end");
    if (!stops || !holds) FAIL("mixed: the world never stopped");
    if (plain_x != plain_y || beside_plain->f[0] != plain_x) FAIL("mixed: held, at the end");
}

/* -- histories ------------------------------------------------------------------------------------------------------------------ */
void histories(void);
void histories_body(struct worker *w);
#include "history.h"

static const struct { const char *name; void (*f)(void); } tests[] = {
    { "bank", bank }, { "pairs", pairs }, { "published", published }, { "meeting", meeting }, { "list", list },
    { "counters", counters }, { "big", big_test }, { "mixed", mixed }, { "history", histories },
};

static void *idle(void *ready)               /* so that nobody is ever alone in the process: no solo mode */
{
    stm_thread_attach(NULL, __builtin_frame_address(0));
    __atomic_store_n((bool *)ready, true, __ATOMIC_RELEASE);
    for (;;) pause();
    return NULL;
}

/* The collector relies on it: begun and ended come in turn, on the same context, and nothing is remembered outside. */
static bool running[1024];
static void begun(void)
{
    if (running[stm_me->index]) FAIL("begun twice");
    running[stm_me->index] = true;
}
static void ended(bool committed)
{
    (void)committed;
    if (!running[stm_me->index]) FAIL("ended without having begun");
    running[stm_me->index] = false;
}
static void remember(struct stm_context *c, void *data, size_t size, enum stm_unit_kind kind)
{
    if (!running[c->index] || !data || size != object_size(data) || kind != STM_OBJECT) FAIL("remembered outside a transaction");
}

int main(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "all";
    if (argc > 2) n_threads = (unsigned)atoi(argv[2]);
    if (argc > 3) duration = atof(argv[3]);
    struct stm_config config = { .contexts = argc > 4 ? (unsigned)atoi(argv[4]) : 0 };
    config.begun = begun;
    config.ended = ended;
    stm_remember_hook = remember;
    chaos = argc > 5 && !strcmp(argv[5], "chaos");
    stm_init(&config);
    if (chaos) stm_step_hook = chaos_step;
    stm_thread_attach(NULL, __builtin_frame_address(0));
    bool ready = false;
    pthread_t t;
    pthread_create(&t, NULL, idle, &ready);
    while (!__atomic_load_n(&ready, __ATOMIC_ACQUIRE)) usleep(100);
    for (unsigned i = 0; i < sizeof tests / sizeof tests[0]; i++) {
        if (strcmp(name, "all") && strcmp(name, tests[i].name)) continue;
        struct stm_stats a, b;
        uint64_t runs = 0;
        stm_stats_sum(&a);
        for (unsigned k = 0; k < MAX_THREADS; k++) workers[k].runs = 0;
        double t0 = seconds();
        tests[i].f();
        stm_stats_sum(&b);
        for (unsigned k = 0; k < MAX_THREADS; k++) runs += workers[k].runs;
        printf("ok %-9s %u threads %u contexts %.1f s: runs %llu logged %llu private %llu aborts %llu (injected %llu) irrevocable %llu extends %llu slow reads %llu waits %llu parks %llu\n",
               tests[i].name, n_threads, stm_context_count(), seconds() - t0, (unsigned long long)runs,
               (unsigned long long)(b.commits_logged - a.commits_logged), (unsigned long long)(b.commits_private - a.commits_private),
               (unsigned long long)(b.aborts - a.aborts), (unsigned long long)(b.aborts_injected - a.aborts_injected),
               (unsigned long long)(b.irrevocable - a.irrevocable), (unsigned long long)(b.extends - a.extends),
               (unsigned long long)(b.slow_reads - a.slow_reads), (unsigned long long)(b.waits - a.waits), (unsigned long long)(b.parks - a.parks));
        fflush(stdout);
    }
    return 0;
}
