/* A thread that stands still for good, anywhere in a transaction, stops nobody from reading what it has written.
 *
 * First an actor stands at each step of a commit, before, after and while others look at its units; then a thread is stopped at
 * random points by a signal whose handler does not return.  Meanwhile others read, and commit more than a whole lap of the log.
 * Who wants to write what it has open has to wait, and goes on when it goes on.  Built with small tables. */
#include "tests/stm/harness.h"
#include <semaphore.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <cmocka.h>
#define STM_BUILD
#include "stm/stm_internal.h"

enum { LAP = 1 << STM_LOG_BITS };
static struct actor *A, *B, *C, *D;
static struct object *X, *Y, *Z;
#define LOAD(a, o, expect) do { uint64_t v_; assert_false(load(a, o, 0, &v_)); assert_int_equal(v_, expect); } while (0)
#define STORE(a, o, v) assert_false(store(a, o, 0, v))
#define BEGIN(a) assert_false(begin(a))
#define END(a) assert_false(end(a))

static int fresh(void **state)
{
    (void)state;
    X = static_object(2), Y = static_object(2), Z = static_object(2);
    return 0;
}

/* Ends the transaction, though it may have begun again, empty: who stood still for more than a lap must. */
static void finish(struct actor *a) { while (end(a)) ; }

#ifndef FOR_EVER
#define FOR_EVER 100                         /* seconds; a busy machine is slow */
#endif
static bool ends(struct actor *a)
{
    bool done = actor_done_within(a, FOR_EVER);
    if (!done) { actor_release(A); print_message("an actor waits for the one that stands still\n"); }
    return done;
}

/* One transaction of a that reads both, perhaps after some that were undone.  Returns what it read. */
static uint64_t read_both(struct actor *a, struct object *x, struct object *y)
{
    uint64_t v;
    unsigned before;
    start_begin(a);
    assert_true(ends(a));
    do {
        before = a->aborts;
        start_load(a, x, 0);
        assert_true(ends(a));
        v = a->value;
        start_load(a, y, 0);
        assert_true(ends(a));
        if (a->aborts == before) assert_int_equal(v, a->value);
    } while (a->aborts != before);
    before = a->aborts;
    start_end(a);
    assert_true(ends(a));
    if (a->aborts != before) finish(a);
    return v;
}

static void do_ticks(struct actor *a)
{
    for (unsigned i = 0; i < 3 * LAP; i++) {
        stm_atomic_leave();
        stm_break();
        stm_atomic_enter();
        put(Z, 0, i + a->index);
    }
}

static void do_make_pair(struct actor *a)
{
    (void)a;
    X = new_object(2), Y = new_object(2);
    put_raw(X, 0, 5), put_raw(Y, 0, 5);
}

/* A writes a pair that nobody else has met (y_known: but for y) and stands at a step of its commit; B reads, C commits, and B reads
 * again. */
static void stands_at(int step, unsigned count, bool y_known, bool readers_first)
{
    fresh(NULL);
    BEGIN(A); actor_do(A, do_make_pair); END(A);
    if (y_known) { BEGIN(D); LOAD(D, Y, 5); END(D); }
    BEGIN(A); STORE(A, X, 6); STORE(A, Y, 6);
    if (readers_first) { BEGIN(B); LOAD(B, X, 5); }
    actor_gate(A, step, count);
    start_end(A);
    if (actor_wait(A)) {                     /* its commit does not come to this step */
        actor_gate(A, -1, 0);
        if (readers_first) finish(B);
        return;
    }
    if (readers_first) {                     /* in the same transaction */
        unsigned before = B->aborts;
        start_load(B, Y, 0);
        assert_true(ends(B));
        if (B->aborts == before) assert_int_equal(B->value, 5);
        before = B->aborts;
        start_end(B);
        assert_true(ends(B));
        if (B->aborts != before) finish(B);
    }
    uint64_t first = read_both(B, X, Y);
    assert_true(first == 5 || first == 6);
    start_begin(C);
    assert_true(ends(C));
    start_store(C, Z, 0, 1);
    assert_true(ends(C));
    actor_start(C, do_ticks);
    assert_true(ends(C));
    start_end(C);
    assert_true(ends(C));
    uint64_t second = read_both(B, Y, X), third = read_both(D, X, Y);
    assert_true(second >= first);            /* whoever commits helps the clock over A's entry */
    assert_int_equal(third, second);
    unsigned aborts = A->aborts;
    actor_release(A);
    actor_wait(A);
    if (A->aborts != aborts) finish(A);
    assert_true(read_both(D, X, Y) >= second);
}

static void at_each_step_of_the_commit(void **state)
{
    (void)state;
    static const int steps[] = { STM_STEP_CHECKING, STM_STEP_SCANNED, STM_STEP_VALIDATED, STM_STEP_COMMITTING, STM_STEP_APPENDED, STM_STEP_CLOCK,
                                 STM_STEP_PRIVATE, STM_STEP_ROW, STM_STEP_ENDED };
    for (unsigned i = 0; i < sizeof steps / sizeof *steps; i++)
        for (unsigned how = 0; how < 8; how++) {
            if (how & 4 && steps[i] != STM_STEP_SCANNED) continue;
            stands_at(steps[i], how & 4 ? 2 : 1, how & 1, how & 2);
        }
}

/* What B reads while A stands is not in A's log entry: no validation would notice it, so B cannot go on past A's commit. */
static void stays_before_the_commit(void **state)
{
    (void)state;
    BEGIN(A); actor_do(A, do_make_pair); END(A);
    BEGIN(D); LOAD(D, Y, 5); END(D);
    BEGIN(A); STORE(A, X, 6); STORE(A, Y, 6);
    actor_gate(A, STM_STEP_COMMITTING, 1);
    start_end(A);
    assert_false(actor_wait(A));
    BEGIN(B);
    start_load(B, X, 0);
    assert_true(ends(B));
    assert_int_equal(B->value, 5);
    actor_release(A);
    actor_wait(A);
    unsigned before = B->aborts;
    start_load(B, Y, 0);
    assert_true(ends(B));
    assert_int_equal(B->aborts, before + 1);
    finish(B);
    assert_int_equal(read_both(B, X, Y), 6);
}

/* Its content is still the old one for all others, who commit other things meanwhile; a writer waits and then gets it. */
static void in_the_middle(void **state)
{
    (void)state;
    BEGIN(A); STORE(A, X, 6); STORE(A, Y, 6);
    for (int i = 0; i < 50; i++) assert_int_equal(read_both(i & 1 ? B : C, X, Y), 0);
    BEGIN(C); STORE(C, Z, 1); actor_do(C, do_ticks); END(C);
    assert_int_equal(read_both(B, X, Y), 0);
    start_begin(D);
    assert_true(actor_wait(D));
    start_store(D, X, 0, 7);
    actor_done_within(D, 0.1);               /* it waits, or has begun again */
    assert_int_equal(read_both(B, X, Y), 0);
    finish(A);
    assert_true(actor_done_within(D, FOR_EVER));
    while (store(D, X, 0, 7)) ;
    END(D);
    assert_int_equal(X->f[0], 7);
}

/* B means to write what it reads there, since it has done so before: it waits first, but not for good. */
static void who_has_intents(void **state)
{
    (void)state;
    for (int older = 0; older < 2; older++) {
        fresh(NULL);
        BEGIN(A); STORE(A, X, 1); END(A);
        BEGIN(B); STORE(B, X, 2); END(B);
        if (older) BEGIN(B);
        BEGIN(C); STORE(C, Z, 9 + older); END(C);
        BEGIN(A);
        STORE(A, X, 3);
        if (!older) BEGIN(B);
        unsigned before = B->aborts;
        start_load(B, X, 0);
        assert_true(actor_done_within(B, FOR_EVER));
        if (B->aborts != before) { start_load(B, X, 0); assert_true(actor_done_within(B, FOR_EVER)); }
        assert_int_equal(B->value, 2);
        finish(B);
        finish(A);
    }
}

/* An irrevocable transaction that stands still lets others read, also what it writes. */
static void do_irrevocable(struct actor *a) { (void)a; stm_become_irrevocable(); }
static void while_irrevocable(void **state)
{
    (void)state;
    BEGIN(A); actor_do(A, do_irrevocable);
    STORE(A, X, 6); STORE(A, Y, 6);
    for (int i = 0; i < 20; i++) assert_int_equal(read_both(i & 1 ? B : C, X, Y), 0);
    static const int steps[] = { STM_STEP_CHECKING, STM_STEP_COMMITTING, STM_STEP_APPENDED, STM_STEP_CLOCK };
    for (unsigned i = 0; i < sizeof steps / sizeof *steps; i++) {
        actor_gate(A, steps[i], 1);
        start_end(A);
        if (!actor_wait(A)) {
            uint64_t v = read_both(B, X, Y);
            assert_int_equal(read_both(C, Y, X), v);
            actor_release(A);
            actor_wait(A);
        }
        assert_int_equal(read_both(D, X, Y), 6 + i);
        BEGIN(A); actor_do(A, do_irrevocable);
        STORE(A, X, 7 + i); STORE(A, Y, 7 + i);
    }
    END(A);
}

/* -- anywhere --------------------------------------------------------------------------------------------------------------------- */
static sem_t stands, goes_on;
static _Atomic bool quit;
static void stand(void)
{
    sem_post(&stands);
    while (sem_wait(&goes_on) != 0) ;
}

/* The allocator has locks, which are not stm's: who is told to stand still in there does so when it comes out. */
static _Thread_local volatile sig_atomic_t allocating, told;
static void stop_here(int signal)
{
    (void)signal;
    if (allocating) told = 1;
    else stand();
}
static void came_out(void)
{
    allocating = 0;
    if (!told) return;
    told = 0;
    stand();
}
#define WRAP(name, ...) allocating = 1; void *q = __real_##name(__VA_ARGS__); came_out(); return q
void *__real_malloc(size_t size), *__real_calloc(size_t n, size_t size), *__real_realloc(void *p, size_t size);
void *__wrap_malloc(size_t size), *__wrap_calloc(size_t n, size_t size), *__wrap_realloc(void *p, size_t size);
void __real_free(void *p), __wrap_free(void *p);
void *__wrap_malloc(size_t size) { WRAP(malloc, size); }
void *__wrap_calloc(size_t n, size_t size) { WRAP(calloc, n, size); }
void *__wrap_realloc(void *p, size_t size) { WRAP(realloc, p, size); }
void __wrap_free(void *p) { allocating = 1; __real_free(p); came_out(); }

static void *writer(void *arg)
{
    static struct actor nobody;              /* whose aborts are counted */
    (void)arg;
    stm_thread_attach(&nobody, __builtin_frame_address(0));
    stm_enter();
    for (uint64_t n = 1; !quit; n++) {
        stm_atomic_enter();
        put(X, 0, n);
        if (n % 3 == 0) for (volatile int i = 0; i < 100; i++) ;
        put(Y, 0, n);
        stm_atomic_leave();
        stm_break();
    }
    stm_leave();
    stm_thread_detach();
    return NULL;
}

static void anywhere(void **state)
{
    (void)state;
    struct sigaction s = { .sa_handler = stop_here };
    pthread_t t;
    struct rng r = { 42 };
    sem_init(&stands, 0, 0), sem_init(&goes_on, 0, 0);
    sigaction(SIGUSR1, &s, NULL);
    pthread_create(&t, NULL, writer, NULL);
    for (int i = 0; i < 300; i++) {
        usleep((useconds_t)(rnd(&r) % 1000));
        pthread_kill(t, SIGUSR1);
        sem_wait(&stands);
        uint64_t first = read_both(B, X, Y);
        if (i % 10 == 0) {
            start_begin(C);
            assert_true(ends(C));
            actor_start(C, do_ticks);
            assert_true(ends(C));
            start_end(C);
            assert_true(ends(C));
        }
        uint64_t second = read_both(D, Y, X);              /* C moved the clock: over an entry that stood in the log, perhaps */
        assert_true(second == first || (i % 10 == 0 && second == first + 1));
        assert_int_equal(read_both(B, X, Y), second);
        sem_post(&goes_on);
    }
    quit = true;
    pthread_join(t, NULL);
}

int main(void)
{
    actors_init(6);
    A = actor_new(), B = actor_new(), C = actor_new(), D = actor_new();
    fresh(NULL);
    BEGIN(A); BEGIN(B); BEGIN(C); BEGIN(D);  /* each keeps the context that it had last */
    END(A); END(B); END(C); END(D);
    const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup(f, fresh)
        T(stays_before_the_commit), T(in_the_middle), T(at_each_step_of_the_commit), T(who_has_intents), T(while_irrevocable), T(anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
