/* The collector under real transactions: threads that share lists, collect, block, abort and leave.
 *
 * Every node carries a stamp made from its address; a node that was freed too early and used again has a wrong one. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
#include "gc/gc.h"

struct node { uint64_t stamp; struct stm_unit w; uint64_t next, big, pad[]; };
struct table { uint64_t stamp; struct stm_unit w; uint64_t list[64]; };
enum { THREADS = 6, TABLES = 8, MAGIC = 0x5a5a, DEAD = 6 };

static struct table *tables[TABLES];
static int steps = 6000;
static _Thread_local unsigned finalised;

/* What a thread holds outside its C stack. */
struct user { uint64_t root[16]; uint64_t seed; };
static struct user first;                                    /* of the main thread */

static uint64_t stamp_of(const void *p, bool table) { return (uint64_t)p << 16 | MAGIC | (uint64_t)table; }

static void check(bool ok, const char *what)
{
    if (ok) return;
    fprintf(stderr, "test_gc_threads: %s\n", what);
    abort();
}

static void trace(void *o, struct gc_marker *m)
{
    struct node *n = o;
    if (n->stamp == stamp_of(o, true)) {
        struct table *t = o;
        for (int i = 0; i < 64; i++) gc_mark(m, t->list[i]);
        return;
    }
    check(n->stamp == stamp_of(o, false), "the collector traces what is no object");
    gc_mark(m, n->next);
    gc_mark(m, n->big);
}
static void roots(struct gc_marker *m) { for (int i = 0; i < TABLES; i++) gc_mark(m, (uint64_t)tables[i]); }
static void thread_roots(void *user, struct gc_marker *m)
{
    struct user *u = user;
    if (u) for (int i = 0; i < 16; i++) gc_mark(m, u->root[i]);
}

/* Others may read the slot meanwhile, as they may read all that is open. */
static void put(uint64_t *slot, uint64_t v) { __atomic_store_n(slot, v, __ATOMIC_RELAXED); }

static struct node *new_node(uint64_t next, size_t pad)
{
    struct node *n = gc_alloc(sizeof *n + pad);
    check(n != NULL, "out of memory");
    check(n->stamp == 0, "a new cell is not empty");
    n->next = next;
    n->big = 0;
    stm_unit_init(&n->w);
    n->stamp = stamp_of(n, false);
    return n;
}

static struct node *node_at(uint64_t v)
{
    struct node *n = (struct node *)v;
#ifndef __SANITIZE_THREAD__                                  /* looks at bitmaps that other contexts write */
    check(gc_is_object(n), "a reference to a free cell");
#endif
    check(n->stamp == stamp_of(n, false), "a node was used again");
    return n;
}

static uint64_t random_of(struct user *u) { u->seed = u->seed * 6364136223846793005 + 1442695040888963407; return u->seed >> 33; }

static size_t walk(uint64_t v)
{
    size_t n = 0;
    for (; v; n++) {
        struct node *o = node_at(v);
        uint64_t big = stm_read(&o->w, &o->big);
        if (big) node_at(big);
        v = stm_read(&o->w, &o->next);
    }
    return n;
}

static __attribute__((noinline)) void step(struct user *u)
{
    uint64_t r = random_of(u);
    struct table *t = tables[r % TABLES];
    uint64_t *slot = &t->list[r / 8 % 64], *mine = &u->root[r / 512 % 15];
    switch (random_of(u) % 16) {
    case 0: case 1: {                                        /* publish a list that is made here */
        uint64_t l = 0;
        for (uint64_t i = r % 30; i > 0; i--) l = (uint64_t)new_node(l, i * 8);
        stm_open(&t->w, t, sizeof *t, STM_OBJECT);
        put(slot, l);
        break;
    }
    case 2: {                                                /* push: read, then write */
        stm_open(&t->w, t, sizeof *t, STM_OBJECT);
        struct node *n = new_node(*slot, r % 300);
        if (r % 64 == 0) put(&n->big, (uint64_t)new_node(0, 20000));
        put(slot, (uint64_t)n);
        break;
    }
    case 3:
        *mine = stm_read(&t->w, slot);
        break;
    case 4:
        stm_open(&t->w, t, sizeof *t, STM_OBJECT);
        put(slot, *mine);
        break;
    case 5:
        *mine = 0;
        break;
    case 6: {                                                /* change a node that may be old, young or somebody's */
        uint64_t v = stm_read(&t->w, slot);
        if (!v) break;
        struct node *n = node_at(v);
        struct node *fresh = new_node(0, 8);
        stm_open(&n->w, n, sizeof *n, STM_OBJECT);
        put(&n->big, (uint64_t)fresh);
        break;
    }
    case 7:
        if (r % 16) break;
        stm_leave();
        stm_enter();
        break;
    case 8:
        if (r % 600 == 0) gc_collect_full();
        break;
    case 10: {                                               /* an inner atomic block that is undone */
        if (r % 4) break;
        stm_atomic_enter();
        struct node *f = new_node((uint64_t)new_node(0, 40), 8), *l;
        uint64_t before = stm_read(&t->w, slot);
        stm_nested_enter();
        stm_open(&t->w, t, sizeof *t, STM_OBJECT);
        put(slot, (uint64_t)new_node(before, 16));
        stm_open(&f->w, f, sizeof *f, STM_OBJECT);
        put(&f->next, 0);
        put(&f->big, (uint64_t)new_node(0, 64));
        for (int i = 0; i < 20; i++) {
            l = new_node(0, r % 3000);
            stm_poll();
        }
        check(node_at(f->big)->next == 0 && walk((uint64_t)l) == 1, "objects of an inner block");
        stm_nested_undo();
        check(stm_read(&t->w, slot) == before && f->big == 0 && walk((uint64_t)f) == 2, "an inner block is not undone");
        stm_atomic_leave();
        break;
    }
    case 11: {                                               /* a weak slot in root 15; things with finalisers */
        struct node *h = new_node(0, 16), *target = new_node(0, r % 100);
        h->pad[0] = (uint64_t)target;
        gc_weak_register(h, &h->pad[0], DEAD);
        u->root[15] = (uint64_t)h;
        if (r % 4 == 0) {
            stm_open(&t->w, t, sizeof *t, STM_OBJECT);
            put(slot, (uint64_t)target);
        }
        if (r % 16 == 0) gc_finaliser_register(new_node((uint64_t)new_node(0, 8), 24));
        break;
    }
    case 12: {
        struct node *o;
        if (u->root[15]) {
            uint64_t v = node_at(u->root[15])->pad[0];
            check(v == DEAD || walk(v) > 0, "a weak slot");
        }
        while ((o = gc_next_cleared())) check(node_at((uint64_t)o)->pad[0] == DEAD, "a queued weak slot is not dead");
        while ((o = gc_next_finalisable())) {
            check(walk((uint64_t)o) == 2, "an object that waits for its finaliser");
            finalised++;
        }
        break;
    }
    case 9: {
        uint64_t v = stm_read(&t->w, slot);
        stm_open(&t->w, t, sizeof *t, STM_OBJECT);
        if (v && walk(v) > 60) put(slot, 0);
        break;
    }
    default: {
        uint64_t l = 0;                                      /* garbage */
        for (uint64_t i = r % 100; i > 0; i--) {
            l = (uint64_t)new_node(l, i);
            if (i % 32 == 0) stm_poll();                     /* only this frame knows of the list */
        }
        check(walk(l) == r % 100, "a local list lost nodes");
        check(*mine == 0 || walk(*mine) < 100000, "a list of this thread");
    }
    }
}

static void run_steps(struct user *u, int n)
{
    for (volatile int i = 0; i < n; i++) {
        step(u);
        stm_poll();
    }
}

/* The child goes on alone with the heap as it is; what others had open is restored. */
static void fork_and_check(void)
{
    stm_before_fork();
    pid_t pid = fork();
    if (pid != 0) {
        stm_after_fork_parent();
        int status = -1;
        check(pid > 0, "fork");
        stm_leave();
        waitpid(pid, &status, 0);
        stm_enter();
        check(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the child of fork failed");
        return;
    }
    stm_after_fork_child();
    gc_after_fork_child();
    for (int k = 0; k < TABLES; k++) for (int i = 0; i < 64; i++) walk(stm_read(&tables[k]->w, &tables[k]->list[i]));
    gc_collect_full();
    run_steps(&first, steps / 4);
    gc_collect_full();
    _exit(0);
}

static void *worker(void *arg)
{
    struct user u = { .seed = (uint64_t)(uintptr_t)arg * 77 + 5 };
    stm_thread_attach(&u, __builtin_frame_address(0));
    stm_thread_saved_range(stm_thread_self(), &u, sizeof u);
    stm_enter();
    run_steps(&u, steps);
    stm_leave();
    stm_thread_detach();
    return NULL;
}

static void solo_alone(void **state)
{
    (void)state;
    run_steps(&first, steps);
#ifndef __SANITIZE_THREAD__
    fork_and_check();
#endif
    run_steps(&first, steps / 4);
}

static void many_threads(void **state)
{
    (void)state;
    pthread_t t[THREADS];
    stm_leave_solo();
    for (int i = 0; i < THREADS; i++) pthread_create(&t[i], NULL, worker, (void *)(uintptr_t)(i + 1));
    run_steps(&first, steps / 4);
#ifndef __SANITIZE_THREAD__
    fork_and_check();
#endif
    run_steps(&first, steps / 4);
    stm_leave();
    for (int i = 0; i < THREADS; i++) pthread_join(t[i], NULL);
    stm_enter();
    for (int k = 0; k < TABLES; k++) for (int i = 0; i < 64; i++) walk(stm_read(&tables[k]->w, &tables[k]->list[i]));
}

static void solo_again(void **state)
{
    (void)state;
    run_steps(&first, steps);
    gc_collect_full();
    for (int k = 0; k < TABLES; k++) for (int i = 0; i < 64; i++) walk(stm_read(&tables[k]->w, &tables[k]->list[i]));
    struct gc_stats s;
    gc_stats_sum(&s);
    if (getenv("HEDDLE_GC_LOG"))
        fprintf(stderr, "%llu nursery, %llu young, %llu full\n", (unsigned long long)s.nursery, (unsigned long long)s.young, (unsigned long long)s.full);
    check(finalised > 0, "no finaliser was due");
    check(s.full > 0 && s.nursery > 0, "too few collections");
}

static int body(void)
{
    stm_thread_attach(&first, __builtin_frame_address(0));
    stm_thread_saved_range(stm_thread_self(), &first, sizeof first);
    stm_enter();
    for (int i = 0; i < TABLES; i++) {
        struct table *t = gc_alloc_zeroed(sizeof *t);
        stm_unit_init(&t->w);
        t->stamp = stamp_of(t, true);
        tables[i] = t;
        gc_pin(t);
    }
    stm_break();
    const struct CMUnitTest tests[] = { cmocka_unit_test(solo_alone), cmocka_unit_test(many_threads), cmocka_unit_test(solo_again) };
    int rc = cmocka_run_group_tests(tests, NULL, NULL);
    stm_leave();
    return rc;
}

int main(void)
{
    if (getenv("HEDDLE_GC_STRESS")) steps = 1500;
    if (getenv("GC_TEST_STEPS")) steps = atoi(getenv("GC_TEST_STEPS"));
    stm_init(&(struct stm_config){ .contexts = 3, .user_poll = gc_poll, .begun = gc_begun, .committing = gc_committing, .ended = gc_ended });
    gc_init(&(struct gc_config){ trace, NULL, roots, thread_roots });
    return body();
}
