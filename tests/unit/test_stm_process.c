/* The public interface of stm/ outside the protocol: solo mode, atomic and nested blocks, actions, epochs, irrevocable
 * transactions, the context pool, parking, stopping the world, fork.  Each test runs in a process of its own. */
#include "tests/stm/harness.h"
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#define STM_BUILD
#include "stm/stm_internal.h"

#define NOINLINE __attribute__((noinline))

enum { PROCESSOR_SECONDS = 100, NAPS = 300000 /* of a millisecond or more */ };

/* What hangs is killed, and nothing else has a time limit.  What is limited is the processor's time, and, for what hangs asleep,
 * the number of naps, not seconds: whoever stops the test, or takes its processors away, stops both processes. */
static void in_child(void (*body)(void))
{
    fflush(NULL);
    pid_t p = fork(), ended;
    if (p == 0) {
        struct rlimit limit = { PROCESSOR_SECONDS, PROCESSOR_SECONDS };
        setrlimit(RLIMIT_CPU, &limit);
        body();
        fflush(NULL);
        _exit(0);
    }
    int status;
    for (int naps = 0; (ended = waitpid(p, &status, WNOHANG)) == 0; naps++) {
        if (naps == NAPS) kill(p, SIGKILL);
        usleep(1000);
    }
    assert_int_equal(ended, p);
    assert_int_equal(status, 0);
}
#define TEST(name) static void name##_body(void); \
    static void name(void **state) { (void)state; in_child(name##_body); } \
    static void name##_body(void)

static void start(unsigned contexts)
{
    struct stm_config c = { .contexts = contexts };
    stm_init(&c);
}
#define ATTACH() do { stm_thread_attach(NULL, __builtin_frame_address(0)); stm_enter(); } while (0)
#define DETACH() do { stm_leave(); stm_thread_detach(); } while (0)
static struct stm_stats stats(void) { struct stm_stats s; stm_stats_sum(&s); return s; }
/* Solo mode off, as if a second thread were about to start. */
static void normal_mode(void) { stm_leave_solo(); NEED(!stm_solo()); }

struct thread { pthread_t id; void (*body)(void *); void *arg; };
static NOINLINE void *thread_main(void *p)
{
    struct thread *t = p;
    stm_thread_attach(NULL, __builtin_frame_address(0));
    stm_enter();
    t->body(t->arg);
    stm_leave();
    stm_thread_detach();
    return NULL;
}
static struct thread *spawn(void (*body)(void *), void *arg)
{
    struct thread *t = malloc(sizeof *t);
    t->body = body, t->arg = arg;
    pthread_create(&t->id, NULL, thread_main, t);
    return t;
}
static void join(struct thread *t)
{
    stm_leave();
    pthread_join(t->id, NULL);
    stm_enter();
    free(t);
}

/* -- solo ------------------------------------------------------------------------------------------------------------------ */
static unsigned remembered;
static void *remembered_data;
static void remember(struct stm_context *c, void *data, size_t size, enum stm_unit_kind kind)
{
    (void)c, (void)size, (void)kind;
    remembered++;
    remembered_data = data;
}

TEST(solo_costs_nothing)
{
    start(2);
    ATTACH();
    NEED(stm_solo() && stm_is_irrevocable());
    struct object *o = static_object(2), *n = new_object(2);
    stm_remember_hook = remember;
    put(o, 0, 1), put(o, 1, 2), put(n, 0, 3);
    NEED(remembered == 1 && remembered_data == o);
    stm_new_epoch();
    put(o, 0, 4), put(n, 0, 5), put(o, 0, 6);
    NEED(remembered == 3);
    for (int i = 0; i < 1000; i++) stm_poll();
    stm_leave();
    NEED(!stm_me);
    stm_enter();
    NEED(get(o, 0) == 6 && get(n, 0) == 5);
    NEED(stats().begun == 1 && stats().opens == 0 && stats().bytes_copied == 0);
    DETACH();
}

static struct object *from_solo;
static _Atomic bool reader_came;
static void reader(void *arg)
{
    reader_came = true;
    *(uint64_t *)arg = get(from_solo, 0);
    put(from_solo, 0, 43);
}
TEST(solo_ends_and_returns)
{
    start(2);
    ATTACH();
    from_solo = new_object(1);
    put(from_solo, 0, 42);
    uint64_t seen = 0;
    stm_leave_solo();
    NEED(!stm_solo() && !stm_is_irrevocable());
    struct thread *t = spawn(reader, &seen);
    join(t);
    NEED(seen == 42 && get(from_solo, 0) == 43);
    while (!stm_solo()) { usleep(2000); stm_break(); }
    NEED(stm_solo());                        /* the other has come and gone */
    put(from_solo, 0, 44);
    seen = 0;
    stm_leave_solo();
    t = spawn(reader, &seen);
    join(t);
    NEED(seen == 44);
    NEED(stats().solo_exits == 2);
    DETACH();
}

/* A thread that stm_leave_solo was not called for, as from a foreign library. */
TEST(stranger_ends_solo)
{
    start(2);
    ATTACH();
    from_solo = new_object(1);
    put(from_solo, 0, 42);
    uint64_t seen = 0;
    struct thread *t = spawn(reader, &seen);
    while (!reader_came) stm_poll();         /* we run and notice at a poll; solo mode may even be back since */
    join(t);
    NEED(seen == 42);
    while (!stm_solo()) { usleep(2000); stm_break(); }
    NEED(stm_solo());
    t = spawn(reader, &seen);
    join(t);                                 /* we are away */
    NEED(seen == 43 && get(from_solo, 0) == 43);
    DETACH();
}

/* A guest is solo while we are away, and we while it is; both count up in turn. */
enum { TURNS = 200 };
static void *guest_main(void *unused)
{
    stm_thread_attach_guest(NULL, __builtin_frame_address(0));
    for (int i = 0; i < TURNS; i++) {
        stm_enter();
        put(from_solo, 0, get(from_solo, 0) + 1);
        stm_poll();
        stm_leave();
        sched_yield();
    }
    stm_thread_detach();
    return unused;
}
TEST(guests_take_turns)
{
    start(2);
    ATTACH();
    from_solo = new_object(1);
    put(from_solo, 0, 0);
    uint64_t before, after, last;
    NEED(!stm_all_away(&before) && stm_only_one_thread());
    pthread_t id;
    pthread_create(&id, NULL, guest_main, NULL);
    for (int i = 0; i < TURNS; i++) {
        stm_leave();
        sched_yield();
        stm_enter();
        put(from_solo, 0, get(from_solo, 0) + 1);
        stm_poll();
    }
    stm_leave();
    pthread_join(id, NULL);
    NEED(stm_all_away(&after) && after >= before + TURNS + 1);     /* more if we came when it was the guest's turn */
    pthread_create(&id, NULL, guest_main, NULL);
    pthread_join(id, NULL);
    NEED(stm_all_away(&last) && last == after);            /* those of the guest do not count */
    stm_enter();
    while (!stm_solo()) { usleep(2000); stm_break(); }     /* one of us may have had to wait for long */
    NEED(stm_solo() && get(from_solo, 0) == 3 * TURNS);
    DETACH();
}
/* One that must wait for long ends solo mode, which comes back when the guest has gone. */
static void *one_turn(void *unused)
{
    stm_thread_attach_guest(NULL, __builtin_frame_address(0));
    stm_enter();
    put(from_solo, 0, 43);
    stm_leave();
    stm_thread_detach();
    return unused;
}
TEST(guests_do_not_wait_for_ever)
{
    start(2);
    ATTACH();
    from_solo = new_object(1);
    put(from_solo, 0, 42);
    pthread_t id;
    pthread_create(&id, NULL, one_turn, NULL);
    while (get(from_solo, 0) == 42) stm_poll();            /* we never leave */
    pthread_join(id, NULL);
    while (!stm_solo()) { usleep(2000); stm_break(); }
    NEED(stm_solo() && get(from_solo, 0) == 43);
    DETACH();
}

/* -- blocks and actions ------------------------------------------------------------------------------------------------------- */
static void nested_blocks(void)
{
    struct object *a = static_object(2), *b = static_object(2), *n = new_object(1);
    stm_atomic_enter();
    put(a, 0, 1), put(n, 0, 1);
    stm_nested_enter();
    put(a, 0, 2), put(b, 0, 2), put(n, 0, 2);
    stm_nested_enter();
    put(a, 0, 3), put(b, 1, 3), put(n, 0, 3);
    stm_nested_undo();
    NEED(get(a, 0) == 2 && get(b, 0) == 2 && get(b, 1) == 0 && get(n, 0) == 2);
    put(b, 1, 4);                            /* opened by the undone block only */
    stm_nested_enter();
    put(a, 1, 5);
    stm_nested_keep();
    NEED(get(a, 1) == 5);
    stm_nested_undo();
    NEED(get(a, 0) == 1 && get(a, 1) == 0 && get(b, 0) == 0 && get(b, 1) == 0 && get(n, 0) == 1);
    stm_nested_enter();
    put(b, 0, 7);
    stm_nested_keep();
    stm_atomic_leave();
    NEED(get(b, 0) == 7);
}
TEST(nested_blocks_are_undone)
{
    start(2);
    ATTACH();
    nested_blocks();                         /* solo */
    normal_mode();
    nested_blocks();
    stm_break();
    stm_become_irrevocable();
    nested_blocks();
    stm_break();
    /* solo mode that ends inside a nested block */
    DETACH();
}
TEST(solo_ends_inside_a_nested_block)
{
    start(2);
    ATTACH();
    struct object *a = static_object(1);
    stm_atomic_enter();
    put(a, 0, 1);
    stm_nested_enter();
    put(a, 0, 2);
    stm_leave_solo();
    NEED(stm_is_irrevocable() && !stm_solo());
    put(a, 0, 3);
    stm_nested_undo();
    NEED(get(a, 0) == 1);
    stm_atomic_leave();
    stm_break();
    NEED(!stm_is_irrevocable() && get(a, 0) == 1);
    DETACH();
}

static unsigned committed_actions, aborted_actions, attempts;
static void count(void *p) { ++*(unsigned *)p; }
static NOINLINE void abort_twice(struct object *o)
{
    stm_break();
    attempts++;
    NEED(get(o, 0) == 0 && stm_atomic_depth() == 0);
    stm_atomic_enter();
    stm_on_commit(count, &committed_actions);
    stm_on_abort(count, &aborted_actions);
    char *m = stm_arena_alloc(100000);
    memset(m, 1, 100000);
    NEED(((uintptr_t)stm_arena_alloc(3) & 15) == 0);
    put(o, 0, 5);
    if (attempts < 3) stm_abort();
    stm_atomic_leave();
    NEED(committed_actions == 0);
    stm_break();
}
TEST(actions_run_once)
{
    start(2);
    ATTACH();
    stm_on_commit(count, &committed_actions);              /* solo: at the next poll */
    NEED(committed_actions == 0);
    stm_poll();
    NEED(committed_actions == 1);
    committed_actions = 0;
    for (int i = 0; i < 1000; i++) { stm_arena_alloc(5000); stm_poll(); }
    normal_mode();
    struct object *o = static_object(1);
    abort_twice(o);
    NEED(attempts == 3 && committed_actions == 1 && aborted_actions == 2 && get(o, 0) == 5);
    DETACH();
}

static uint64_t registers[4];
static unsigned tries;
static NOINLINE void change_registers(void)
{
    stm_break();
    NEED(registers[1] == 11);
    registers[1] = 12;
    if (tries++ < 2) stm_abort();
}
TEST(saved_ranges_come_back)
{
    start(1);
    stm_thread_attach(NULL, __builtin_frame_address(0));
    stm_thread_saved_range(stm_thread_self(), registers, sizeof registers);
    stm_enter();
    normal_mode();
    registers[1] = 11;
    change_registers();
    NEED(registers[1] == 12 && tries == 3);
    DETACH();
}

static unsigned opened_units, opened_copies;
static void count_open(void *arg, void *data, size_t size, enum stm_unit_kind kind, const void *copy)
{
    struct object *o = data;
    (void)arg;
    NEED(size == object_size(o) && kind == STM_OBJECT && copy);
    NEED(((const struct object *)copy)->f[0] == 0 && o->f[0] == 9);
    opened_units++;
}
TEST(epochs_open_again)
{
    start(2);
    ATTACH();
    normal_mode();
    stm_remember_hook = remember;
    struct object *o = static_object(2), *p = static_object(2), *n;
    stm_atomic_enter();
    n = new_object(1);
    put(o, 0, 9), put(p, 0, 9), put(n, 0, 9);
    NEED(remembered == 2);
    stm_new_epoch();
    put(o, 0, 9), put(n, 0, 9), put(n, 0, 9);
    NEED(remembered == 4);
    stm_new_epoch();
    put(o, 0, 9), put(p, 0, 9);
    NEED(remembered == 6);
    stm_each_open(stm_me, count_open, NULL);
    NEED(opened_units == 2);
    stm_atomic_leave();
    stm_break();
    NEED(get(o, 0) == 9 && get(p, 0) == 9 && get(n, 0) == 9);
    (void)opened_copies;
    DETACH();
}

/* -- irrevocable, addresses in the log ---------------------------------------------------------------------------------------- */
static struct object *shared;
static _Atomic bool ready, finish;
static void wait_until(_Atomic bool *flag)
{
    while (!*flag) { int t = stm_leave_blocking(); usleep(500); stm_enter_blocking(t); }
}
static void irrevocable_while_blocking(void *arg)
{
    (void)arg;
    stm_atomic_enter();
    put(shared, 0, 1);
    int t = stm_leave_blocking();            /* in an atomic block: irrevocable */
    ready = true;
    while (!finish) usleep(500);
    stm_enter_blocking(t);
    NEED(stm_is_irrevocable());
    put(shared, 0, 2);
    stm_atomic_leave();
}
TEST(irrevocable_blocks_and_others_run)
{
    start(2);
    ATTACH();
    normal_mode();
    shared = static_object(1);
    struct thread *t = spawn(irrevocable_while_blocking, NULL);
    wait_until(&ready);
    struct object *mine = new_object(1);     /* on the context that we have now */
    for (int i = 0; i < 100; i++) {          /* reads and private commits go on */
        NEED(get(shared, 0) == 0);
        put(mine, 0, (uint64_t)i);
        stm_break();
    }
    stm_stop_world();                        /* it stands in a foreign call: that counts as a safepoint */
    stm_resume_world();
    finish = true;
    join(t);
    NEED(get(shared, 0) == 2 && get(mine, 0) == 99);
    DETACH();
}

static uintptr_t address = 0x12345670;
static void log_it(void *arg) { (void)arg; stm_log_address(address); }
static NOINLINE void reads_an_address(unsigned *n)
{
    struct object *x = static_object(1);
    stm_break();
    ++*n;
    stm_mark_address(address);
    if (*n == 1) {
        stm_atomic_enter();
        struct stm_context *me = stm_me;     /* another thread logs the address while we run */
        struct thread *t = spawn(log_it, NULL);
        pthread_join(t->id, NULL);
        NEED(me == stm_me);
        stm_atomic_leave();
    }
    put(x, 0, 1);
    stm_break();
}
TEST(addresses_conflict)
{
    start(2);
    ATTACH();
    normal_mode();
    unsigned n = 0;
    unsigned *p = malloc(sizeof *p);
    *p = n;
    reads_an_address(p);
    NEED(*p == 2);
    DETACH();
}

/* -- the pool ------------------------------------------------------------------------------------------------------------------ */
enum { CROWD = 1000 };
static struct object *counter;
static void crowd_member(void *arg)
{
    (void)arg;
    for (int i = 0; i < 20; i++) {
        stm_atomic_enter();
        open_object(counter);
        put(counter, 0, get(counter, 0) + 1);
        stm_atomic_leave();
        stm_leave();
        if (i % 8 == 0) usleep(1000);
        stm_enter();
    }
}
TEST(a_thousand_threads_on_two_contexts)
{
    start(2);
    ATTACH();
    normal_mode();
    counter = static_object(1);
    static struct thread t[CROWD];
    pthread_attr_t small;
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 65536);
    stm_leave();
    for (unsigned i = 0; i < CROWD; i++) {
        t[i].body = crowd_member;
        NEED(pthread_create(&t[i].id, &small, thread_main, &t[i]) == 0);
    }
    for (unsigned i = 0; i < CROWD; i++) pthread_join(t[i].id, NULL);
    stm_enter();
    NEED(get(counter, 0) == CROWD * 20);
    DETACH();
}

static _Atomic bool seen_flag;
static void sets_flag(void *arg) { (void)arg; seen_flag = true; }
TEST(a_busy_thread_makes_room)
{
    start(1);
    ATTACH();
    normal_mode();
    struct thread *t = spawn(sets_flag, NULL);
    while (!seen_flag) stm_poll();
    join(t);
    DETACH();
}

/* A loop that waits for another thread sees its commit: the ticker breaks it. */
static void sets_shared(void *arg) { (void)arg; usleep(2000); put(shared, 0, 1); }
static NOINLINE void spin(void)
{
    while (get(shared, 0) == 0) stm_poll();
}
TEST(a_spinning_reader_sees_changes)
{
    start(2);
    ATTACH();
    normal_mode();
    shared = static_object(1);
    struct thread *t = spawn(sets_shared, NULL);
    spin();
    join(t);
    DETACH();
}

/* -- parking ---------------------------------------------------------------------------------------------------------------------- */
static uint64_t word;
static struct stm_thread *_Atomic parked_thread[3];
static enum stm_parked result[3];
static unsigned woken_order, order_of[3];
static bool word_is_zero(void *arg) { (void)arg; return stm_load_acquire(&word) == 0; }
static void parks(void *arg)
{
    unsigned i = (unsigned)(uintptr_t)arg;
    parked_thread[i] = stm_thread_self();
    stm_leave();
    result[i] = stm_park(&word, word_is_zero, NULL, -1);
    order_of[i] = __atomic_add_fetch(&woken_order, 1, __ATOMIC_SEQ_CST);
    stm_enter();
}
static void wait_queued(unsigned i)
{
    while (!(parked_thread[i] && stm_load32_acquire(&parked_thread[i]->park_queued))) usleep(500);
    usleep(1000);
}
TEST(parking)
{
    start(4);
    ATTACH();
    normal_mode();
    stm_leave();
    NEED(stm_park(&word, word_is_zero, NULL, (int64_t)stm_now_ns() + 2000000) == STM_PARK_TIMEOUT);
    NEED(stm_unpark(&word, 10) == 0);
    struct thread *t[3];
    for (unsigned i = 0; i < 3; i++) { t[i] = spawn(parks, (void *)(uintptr_t)i); wait_queued(i); }
    NEED(stm_unpark(&woken_order, 10) == 0);
    stm_interrupt_parked(parked_thread[1]);
    pthread_join(t[1]->id, NULL);
    NEED(result[1] == STM_PARK_INTERRUPTED);
    NEED(stm_unpark(&word, 1) == 1);
    pthread_join(t[0]->id, NULL);
    NEED(result[0] == STM_PARK_WOKEN && order_of[0] == 2);
    stm_store_release(&word, 1);
    NEED(stm_unpark(&word, 5) == 1);
    pthread_join(t[2]->id, NULL);
    NEED(result[2] == STM_PARK_WOKEN);
    NEED(stm_park(&word, word_is_zero, NULL, -1) == STM_PARK_REFUSED);
    stm_enter();
    DETACH();
}

static struct object *door;
static bool door_is_closed(void *arg) { (void)arg; return stm_load_slot(&door->f[0]) == 0; }
static _Atomic unsigned knocks;
static NOINLINE void waits_at_the_door(void *arg)
{
    (void)arg;
    stm_break();
    knocks++;
    stm_atomic_enter();
    put(shared, 0, get(shared, 0) + 1);
    if (get(door, 0) == 0) stm_abort_and_park(door, door_is_closed, NULL, NULL);
    put(shared, 0, get(shared, 0) + 1);
    stm_atomic_leave();
    stm_break();
}
static void wake_door(void *arg) { stm_unpark(arg, 1); }
TEST(an_atomic_block_waits_for_another_thread)
{
    start(1);                                /* it gives its context back meanwhile */
    ATTACH();
    normal_mode();
    shared = static_object(1), door = static_object(1);
    struct thread *t = spawn(waits_at_the_door, NULL);
    while (knocks == 0) { stm_leave(); usleep(500); stm_enter(); }
    NEED(get(shared, 0) == 0);
    put(door, 0, 1);
    stm_on_commit(wake_door, door);
    join(t);
    NEED(get(shared, 0) == 2 && knocks == 2);
    DETACH();
}

/* After eight failures the block is irrevocable from its begin, but it has done nothing yet that cannot be undone: it gives its
 * place in the log back, without which the door would stay closed. */
static NOINLINE void insists_at_the_door(void *arg)
{
    (void)arg;
    stm_break();
    stm_atomic_enter();
    knocks++;
    put(shared, 0, get(shared, 0) + 1);
    if (!stm_current()->irrevocable) stm_abort();
    NEED(!stm_is_irrevocable());
    ready = true;
    if (stm_context_count() > 1) usleep(20000);            /* whoever opens the door waits for its turn to commit */
    if (get(door, 0) == 0) stm_abort_and_park(door, door_is_closed, NULL, NULL);
    NEED(knocks > 9);
    stm_become_irrevocable();
    NEED(stm_is_irrevocable());
    stm_atomic_leave();
    stm_break();
    NEED(!stm_current()->irrevocable);
}
static void insist(unsigned contexts)
{
    start(contexts);
    ATTACH();
    normal_mode();
    ready = false;
    knocks = 0;
    shared = static_object(1), door = static_object(1);
    struct thread *t = spawn(insists_at_the_door, NULL);
    while (!ready) { stm_leave(); usleep(500); stm_enter(); }
    NEED(get(shared, 0) == 0);
    put(door, 0, 1);
    stm_on_commit(wake_door, door);
    join(t);
    NEED(get(shared, 0) == 1);
    DETACH();
}
TEST(an_insistent_block_gives_way) { insist(2); }
TEST(an_insistent_block_gives_its_context_away) { insist(1); }

/* What was done before the block becomes visible before it waits, and a nap needs nobody to wake it. */
static NOINLINE void naps_at_the_door(void *arg)
{
    (void)arg;
    stm_break();
    put(shared, 0, 7);
    stm_atomic_enter();
    put(shared, 0, 8);
    if (get(door, 0) == 0) stm_abort_and_nap();
    stm_atomic_leave();
    stm_break();
}
TEST(what_was_done_before_a_waiting_block_is_seen)
{
    start(1);
    ATTACH();
    normal_mode();
    shared = static_object(1), door = static_object(1);
    struct thread *t = spawn(naps_at_the_door, NULL);
    while (get(shared, 0) != 7) { stm_leave(); usleep(500); stm_enter(); }
    put(door, 0, 1);
    join(t);
    NEED(get(shared, 0) == 8);
    DETACH();
}

/* -- stopping the world ------------------------------------------------------------------------------------------------------------- */
static _Atomic uint64_t progress[4];
static void runs(void *arg)
{
    unsigned i = (unsigned)(uintptr_t)arg;
    while (!finish) { progress[i]++; stm_poll(); if (progress[i] % 1024 == 0) { stm_leave(); stm_enter(); } }
}
static void count_thread(struct stm_thread *t, void *arg) { (void)t; ++*(unsigned *)arg; }
TEST(the_world_stops)
{
    start(3);
    ATTACH();
    normal_mode();
    struct thread *t[4];
    for (unsigned i = 0; i < 4; i++) t[i] = spawn(runs, (void *)(uintptr_t)i);  /* five threads on three contexts */
    for (int k = 0; k < 200; k++) {
        stm_stop_world();
        uint64_t before[4];
        unsigned n = 0;
        for (unsigned i = 0; i < 4; i++) before[i] = progress[i];
        stm_each_thread(count_thread, &n);
        for (volatile int i = 0; i < 20000; i++) ;
        for (unsigned i = 0; i < 4; i++) NEED(progress[i] == before[i]);
        NEED(n <= 5 && n >= 1);
        stm_resume_world();
        stm_break();
        if (k % 16 == 0) { stm_leave(); usleep(500); stm_enter(); }
    }
    finish = true;
    for (unsigned i = 0; i < 4; i++) join(t[i]);
    DETACH();
}

static uint64_t put_off;
static void do_deferred(void)
{
    stm_me->deferred = NULL;
    put(shared, 0, get(shared, 0) + put_off);
    put_off = 0;
}
static void forget_deferred(bool committed) { if (!committed) put_off = 0, stm_me->deferred = NULL; }
static void defer(uint64_t n)
{
    NEED(stm_may_defer());
    put_off += n;
    stm_me->deferred = shared;
}
static void nobody(void *arg) { (void)arg; }
static NOINLINE void defer_and_abort(unsigned *n)
{
    stm_break();
    if (++*n > 1) return;
    defer(1000);
    stm_abort();
}
TEST(deferred_writes_are_done_in_time)
{
    struct stm_config c = { .contexts = 2, .do_deferred = do_deferred, .ended = forget_deferred };
    stm_init(&c);
    ATTACH();
    NEED(!stm_may_defer());                  /* solo: the transaction does not end */
    normal_mode();
    shared = static_object(1);
    defer(1);
    defer(2);
    NEED(get(shared, 0) == 0 && !stm_is_deferred(NULL) && stm_is_deferred(shared));
    stm_do_deferred(shared + 1);
    NEED(put_off == 3);
    stm_break();
    NEED(get(shared, 0) == 3 && !stm_is_deferred(shared));
    defer(4);
    stm_do_deferred(shared);
    NEED(get(shared, 0) == 7);
    defer(8);
    stm_atomic_enter();
    stm_nested_enter();
    NEED(get(shared, 0) == 15 && !stm_may_defer());
    stm_nested_undo();
    NEED(get(shared, 0) == 15);
    stm_atomic_leave();
    stm_break();
    defer(16);
    stm_become_irrevocable();
    NEED(get(shared, 0) == 31 && !stm_may_defer());
    stm_break();
    defer(32);
    stm_hold_world();
    NEED(get(shared, 0) == 63);
    stm_break();
    unsigned *n = calloc(1, sizeof *n);
    defer_and_abort(n);
    NEED(*n == 2 && get(shared, 0) == 63 && put_off == 0);
    defer(64);
    join(spawn(nobody, NULL));               /* leaves, and comes back */
    NEED(get(shared, 0) == 127);
    DETACH();
}

static _Atomic bool irrevocable_now;
static void needs_shared(void *arg)
{
    (void)arg;
    stm_atomic_enter();
    stm_become_irrevocable();
    irrevocable_now = true;
    put(shared, 0, 5);
    stm_atomic_leave();
}
static NOINLINE void stops_the_world_with_an_open_unit(unsigned *n)
{
    stm_break();
    if (++*n > 1) return;
    put(shared, 0, 1);
    struct thread *t = spawn(needs_shared, NULL);
    while (!irrevocable_now) usleep(100);
    usleep(20000);                           /* it waits for us in a barrier, which is no safepoint */
    (void)t;
    stm_stop_world();
    stm_resume_world();
}
TEST(stopping_the_world_gives_way_to_the_irrevocable)
{
    start(2);
    ATTACH();
    normal_mode();
    shared = static_object(1);
    unsigned *n = calloc(1, sizeof *n);
    stops_the_world_with_an_open_unit(n);
    NEED(*n == 2);
    while (get(shared, 0) != 5) { stm_leave(); usleep(500); stm_enter(); }
    while (stm_load32_relaxed(&stm_n_threads) > 1) usleep(500);
    DETACH();
}

/* -- fork ------------------------------------------------------------------------------------------------------------------------------ */
static void stays_dirty(void *arg)
{
    (void)arg;
    stm_atomic_enter();
    put(shared, 0, 666);
    ready = true;
    while (!finish) stm_poll();
    put(shared, 0, 7);
    stm_atomic_leave();
}
TEST(fork_puts_back_what_others_had_open)
{
    start(3);
    ATTACH();
    normal_mode();
    shared = static_object(1);
    struct thread *t = spawn(stays_dirty, NULL);
    wait_until(&ready);
    stm_before_fork();
    pid_t p = fork();
    if (p == 0) {
#if !defined(__SANITIZE_THREAD__)                     /* it wants no new threads, not even a ticker, in such a child */
        stm_after_fork_child();
        NEED(shared->f[0] == 0 && get(shared, 0) == 0);
        put(shared, 0, 5);
        stm_break();
        uint64_t seen = 0;
        from_solo = shared;
        stm_leave_solo();
        struct thread *u = spawn(reader, &seen);
        join(u);
        NEED(seen == 5 && get(shared, 0) == 43);
        DETACH();
#endif
        _exit(0);
    }
    stm_after_fork_parent();
    int status;
    NEED(waitpid(p, &status, 0) == p && status == 0);
    NEED(get(shared, 0) == 0);
    finish = true;
    join(t);
    NEED(get(shared, 0) == 7);
    DETACH();
}

int main(void)
{
    unsetenv("HEDDLE_STM_STRESS");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(solo_costs_nothing), cmocka_unit_test(solo_ends_and_returns), cmocka_unit_test(stranger_ends_solo),
        cmocka_unit_test(guests_take_turns), cmocka_unit_test(guests_do_not_wait_for_ever),
        cmocka_unit_test(nested_blocks_are_undone), cmocka_unit_test(solo_ends_inside_a_nested_block), cmocka_unit_test(actions_run_once),
        cmocka_unit_test(saved_ranges_come_back), cmocka_unit_test(epochs_open_again), cmocka_unit_test(irrevocable_blocks_and_others_run),
        cmocka_unit_test(addresses_conflict), cmocka_unit_test(a_thousand_threads_on_two_contexts), cmocka_unit_test(a_busy_thread_makes_room),
        cmocka_unit_test(a_spinning_reader_sees_changes), cmocka_unit_test(parking), cmocka_unit_test(an_atomic_block_waits_for_another_thread),
        cmocka_unit_test(an_insistent_block_gives_way), cmocka_unit_test(an_insistent_block_gives_its_context_away),
        cmocka_unit_test(what_was_done_before_a_waiting_block_is_seen), cmocka_unit_test(the_world_stops), cmocka_unit_test(deferred_writes_are_done_in_time),
        cmocka_unit_test(stopping_the_world_gives_way_to_the_irrevocable),
        cmocka_unit_test(fork_puts_back_what_others_had_open),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
