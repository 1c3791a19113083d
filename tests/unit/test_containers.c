/* The cores of dict, set and list over the real transactions and the real collector: against a model, under injected
 * aborts, and with several threads.  What they need from the rest of the interpreter is replaced here: keys are small
 * integers, some of them with one hash for many. */
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "interp/types/_dict.h"
#include "interp/types/_set.h"
#include "interp/types/_list.h"

/* ---- the rest of the interpreter ---- */
_Thread_local struct hd_thread *hd_ts;
static _Thread_local struct hd_thread thread_state;
hd_value hd_empty_tuple;
struct hd_shape hd_shapes[HD_SHAPE_MAX];
struct hd_type hd_int_type, hd_float_type, hd_tuple_type, hd_list_type, hd_dict_type, hd_set_type, hd_frozenset_type, hd_exc_RuntimeError, hd_exc_TypeError, hd_exc_ValueError, hd_exc_KeyError;
struct hd_long hd_true_object, hd_false_object;
#define N(text) hd_value hd_s_##text;
#include "interp/core/names.def"
#undef N
static void die(const char *what)
{
    fprintf(stderr, "test_containers: %s\n", what);
    abort();
}
static void check(bool ok, const char *what) { if (!ok) die(what); }
#define UNUSED(ret, name, ...) ret name(__VA_ARGS__) { die(#name); __builtin_unreachable(); }
UNUSED(hd_value, hd_no_memory, void)
UNUSED(hd_value, hd_raise, struct hd_type *t, const char *f, ...)
UNUSED(int64_t, hd_hash, hd_value v)
UNUSED(uint64_t, hd_str_hash, hd_value v)
UNUSED(bool, hd_str_eq, hd_value a, hd_value b)
UNUSED(hd_value, hd_intern, const char *s)
UNUSED(hd_value, hd_iter, hd_value v)
UNUSED(hd_value, hd_next_failed, hd_value v)
UNUSED(hd_value, hd_getitem, hd_value a, hd_value b)
UNUSED(hd_value, hd_binary_op, enum hd_binop op, hd_value a, hd_value b)
UNUSED(hd_value, hd_getattr_opt, hd_value a, hd_value b)
UNUSED(hd_value, hd_call_method, hd_value a, hd_value b, const hd_value *p, size_t n)
UNUSED(hd_value, hd_alloc_instance, struct hd_type *t, size_t n)
UNUSED(size_t, hd_inst_size, const void *o)
UNUSED(bool, hd_table_snapshot, hd_value v, struct hd_array **items, int64_t *n)
UNUSED(int64_t, hd_length_hint, hd_value v, int64_t n)
UNUSED(bool, hd_exc_is, struct hd_type *t)
UNUSED(hd_value, hd_tuple_new, size_t n)
UNUSED(hd_value, hd_tuple_from, const hd_value *p, size_t n)
UNUSED(int64_t, hd_hash_refused, hd_value v)
int hd_equal(hd_value a, hd_value b) { return a == b; }

static hd_value roots[8];
static void trace(void *o, struct gc_marker *m)
{
    switch (((struct hd_head *)o)->shape) {
    case HD_SHAPE_DICT: gc_mark(m, hd_obj(HD_RAW(((struct hd_dict *)o)->table))); break;
    case HD_SHAPE_SET: hd_set_trace(o, m); break;
    case HD_SHAPE_LIST: hd_list_trace(o, m); break;
    case HD_SHAPE_VALUEARRAY: hd_array_trace(o, m); break;
    case HD_SHAPE_DICTTABLE: hd_table_trace(o, m); break;
    case HD_SHAPE_FLOAT: break;
    default: die("the collector traces what is no object");
    }
}
static void report_roots(struct gc_marker *m) { for (int i = 0; i < 8; i++) gc_mark(m, roots[i]); }

/* A nursery collection does not look at roots: what they refer to is pinned. */
static void set_root(int i, hd_value v)
{
    gc_pin(hd_ptr(v));
    roots[i] = v;
}

/* A heap value that says which number it stands for: lost or reused ones are noticed. */
struct box { struct hd_head head; uint64_t n, check; };
static hd_value box(uint64_t n)
{
    struct box *b = gc_alloc_small(sizeof *b);
    b->n = n;
    b->check = ~n;
    b->head.aux = 0;
    b->head.shape = HD_SHAPE_FLOAT;
    return hd_obj(b);
}
static uint64_t unbox(hd_value v)
{
    struct box *b = hd_ptr(v);
    check(b->head.shape == HD_SHAPE_FLOAT && b->n == ~b->check, "a value was lost");
    return b->n;
}

static void put(struct hd_dict *d, hd_value key, int64_t hash, hd_value v) { check(hd_dict_put(d, key, hash, v) == 0, "put"); }

struct rng { uint64_t s; };
static uint64_t rnd(struct rng *r) { r->s = r->s * 6364136223846793005u + 1442695040888963407u; return r->s >> 33; }

static __attribute__((noinline)) void transact(void (*f)(void *), void *arg)
{
    stm_break();
    stm_atomic_enter();
    f(arg);
    stm_atomic_leave();
    stm_break();
}

/* ---- one thread against a model ---- */
enum { KEYS = 400 };
struct model { int64_t value[KEYS]; int order[KEYS]; int n; };      /* value -1: absent */
static int hash_of(int key, int how) { return how == 0 ? key : how == 1 ? key & 3 : key * 4096; }

static void model_delete(struct model *m, int key)
{
    int i = 0;
    while (m->order[i] != key) i++;
    memmove(&m->order[i], &m->order[i + 1], sizeof(int) * (size_t)(m->n - i - 1));
    m->n--;
    m->value[key] = -1;
}
static void compare(hd_value d, const struct model *m, int how)
{
    check(hd_dict_len(d) == m->n, "length");
    hd_value k, v;
    int64_t hash;
    int i = 0;
    for (uint64_t place = 0; hd_dict_walk(HD_DICT(d), &place, &k, &v, &hash); i++) {
        check(i < m->n && hd_unfix(k) == m->order[i], "order");
        check((int64_t)unbox(v) == m->value[m->order[i]], "value in order");
        check(hash == hash_of(m->order[i], how), "hash");
    }
    check(i == m->n, "number of items");
    for (int key = 0; key < KEYS; key++) {
        v = hd_dict_find(HD_DICT(d), hd_fix(key), hash_of(key, how));
        check(v == HD_ABSENT ? m->value[key] < 0 : (int64_t)unbox(v) == m->value[key], "look-up");
    }
}

struct job { struct rng r, start; struct model m, m0; int how, steps, range, aborts; };
static struct job job;

static void random_steps(void *arg)
{
    struct job *j = arg;
    j->m = j->m0;
    j->r = j->start;
    hd_value d = roots[0];
    for (int s = 0; s < j->steps; s++) {
        int key = (int)(rnd(&j->r) % (uint64_t)j->range), what = (int)(rnd(&j->r) % 16);
        if (what < 9) {
            int64_t v = (int64_t)rnd(&j->r);
            put(HD_DICT(d), hd_fix(key), hash_of(key, j->how), box((uint64_t)v));
            if (j->m.value[key] < 0) j->m.order[j->m.n++] = key;
            j->m.value[key] = v;
        } else if (what < 14) {
            hd_value v = hd_dict_take(HD_DICT(d), hd_fix(key), hash_of(key, j->how));
            check((v == HD_ABSENT) == (j->m.value[key] < 0), "take");
            if (v != HD_ABSENT) model_delete(&j->m, key);
        } else if (what == 14) {
            hd_value kv[2];
            bool first = rnd(&j->r) & 1;
            int r = hd_dict_popitem(HD_DICT(d), first, kv);
            check(r == (j->m.n > 0), "popitem");
            if (r) {
                check(hd_unfix(kv[0]) == j->m.order[first ? 0 : j->m.n - 1], "popped key");
                model_delete(&j->m, (int)hd_unfix(kv[0]));
            }
        } else if (rnd(&j->r) % 64 == 0) {
            hd_dict_clear(d);
            for (int i = 0; i < KEYS; i++) j->m.value[i] = -1;
            j->m.n = 0;
        }
    }
    compare(d, &j->m, j->how);
    if (!stm_solo() && j->aborts > 0) {
        static volatile int left;               /* not put back by an abort */
        if (left == 0) left = (int)(rnd(&j->r) % 3) + 1;
        if (--left > 0) stm_abort();
    }
}

static void model_test(int how, int rounds, int steps, int range, int aborts)
{
    job = (struct job){ .start = { (uint64_t)how * 77 + 1 }, .how = how, .steps = steps, .range = range, .aborts = aborts };
    for (int i = 0; i < KEYS; i++) job.m0.value[i] = -1;
    set_root(0, hd_dict_new());
    for (int i = 0; i < rounds; i++) {
        transact(random_steps, &job);
        job.m0 = job.m;
        job.start = job.r;
        job.start.s += (uint64_t)i;
        compare(roots[0], &job.m, how);
    }
}
static void dict_model(void **state)
{
    for (int how = 0; how < 3; how++) {
        model_test(how, 60, 60, 6, 0);
        model_test(how, 60, 100, 12, 0);
        model_test(how, 60, 400, KEYS, 0);
    }
}
static void dict_aborts(void **state)
{
    stm_leave_solo();
    for (int how = 0; how < 3; how++) {
        model_test(how, 60, 20, 6, 1);
        model_test(how, 100, 30, 30, 1);
        model_test(how, 60, 200, KEYS, 1);
    }
}

/* ---- threads ---- */
enum { THREADS = 3 };
static int rounds = 400;
static struct worker { pthread_t thread; int id; struct rng r; int i; void (*body)(struct worker *); uint64_t seen[64]; } workers[THREADS];
static pthread_barrier_t gate;

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
    hd_ts = &thread_state;
    stm_thread_attach(NULL, __builtin_frame_address(0));
    pthread_barrier_wait(&gate);
    stm_enter();
    worker_loop(w);
    stm_leave();
    stm_thread_detach();
    return NULL;
}
static void parallel(void (*body)(struct worker *))
{
    stm_leave_solo();
    pthread_barrier_init(&gate, NULL, THREADS + 1);
    for (int i = 0; i < THREADS; i++) {
        workers[i] = (struct worker){ .id = i, .r = { (uint64_t)i * 999 + 7 }, .body = body };
        pthread_create(&workers[i].thread, NULL, worker_main, &workers[i]);
    }
    stm_leave();
    pthread_barrier_wait(&gate);
    for (int i = 0; i < THREADS; i++) pthread_join(workers[i].thread, NULL);
    stm_enter();
}

/* Every thread inserts keys of its own in rising order, updates and deletes some, and counts in shared ones. */
static void own_keys(void *arg)
{
    struct worker *w = arg;
    struct rng r = { (uint64_t)w->i * 31 + (uint64_t)w->id };
    struct hd_dict *d = HD_DICT(roots[0]);
    for (int n = 0; n < 4; n++) {
        int64_t key = ((int64_t)w->i * 4 + n) * THREADS + w->id;
        check(hd_dict_find(d, hd_fix(key), key) == HD_ABSENT, "a key that nobody has put is there");
        put(d, hd_fix(key), key, box((uint64_t)key));
    }
    if (w->i > 2) {
        int64_t key = ((int64_t)(w->i - 2) * 4) * THREADS + w->id;
        hd_value v = hd_dict_find(d, hd_fix(key), key);
        check(v != HD_ABSENT && unbox(v) == (uint64_t)key, "own key is gone");
        put(d, hd_fix(key), key, box((uint64_t)key));
        if (rnd(&r) % 2) check(hd_dict_take(d, hd_fix(key + THREADS), key + THREADS) != HD_ABSENT, "own key cannot be taken");
    }
    int64_t shared = -10 - (int64_t)(rnd(&r) % 5);
    hd_value v = hd_dict_find(d, hd_fix(shared), shared);
    put(d, hd_fix(shared), shared, box(v == HD_ABSENT ? 1 : unbox(v) + 1));
}
static void own_keys_body(struct worker *w) { for (w->i = 0; w->i < rounds; w->i++) transact(own_keys, w); }

static void dict_threads(void **state)
{
    set_root(0, hd_dict_new());
    parallel(own_keys_body);
    struct hd_dict *d = HD_DICT(roots[0]);
    hd_value k, v;
    int64_t last[THREADS] = { -1, -1, -1 };
    uint64_t total = 0, n = 0;
    for (uint64_t place = 0; hd_dict_walk(d, &place, &k, &v, NULL); n++) {
        int64_t key = hd_unfix(k);
        if (key < 0) {
            total += unbox(v);
            continue;
        }
        check(unbox(v) == (uint64_t)key, "value");
        check(key > last[key % THREADS], "order of one thread's keys");
        last[key % THREADS] = key;
    }
    check(total == (uint64_t)rounds * THREADS, "an update of a shared key was lost");
    check((int64_t)n == hd_dict_len(roots[0]), "length");
    for (int id = 0; id < THREADS; id++) {
        int64_t key = ((int64_t)(rounds - 1) * 4 + 3) * THREADS + id;
        check(last[id] == key && hd_dict_find(d, hd_fix(key), key) != HD_ABSENT, "last key");
    }
}

/* The first to come decides; hashes of some keys collide. */
static int64_t first_hash(int64_t key) { return key & 1 ? key & 7 : key * 8; }
static void first_wins(void *arg)
{
    struct worker *w = arg;
    struct hd_dict *d = HD_DICT(roots[0]);
    bool missed[4];
    for (int n = 0; n < 4; n++) {
        int64_t key = (w->i * 4 + n) % 64;
        hd_value v = hd_dict_find(d, hd_fix(key), first_hash(key));
        missed[n] = v == HD_ABSENT;
        if (!missed[n]) w->seen[key] = unbox(v);
    }
    if (w->i % 4 == w->id) sched_yield();       /* others commit between looking and putting */
    for (int n = 0; n < 4; n++) {
        int64_t key = (w->i * 4 + n) % 64;
        if (!missed[n]) continue;
        put(d, hd_fix(key), first_hash(key), box((uint64_t)w->id * 1000 + (uint64_t)w->i));
        w->seen[key] = (uint64_t)w->id * 1000 + (uint64_t)w->i;
    }
}
static void first_wins_body(struct worker *w) { for (w->i = 0; w->i < 16; w->i++) transact(first_wins, w); }
static void dict_first_wins(void **state)
{
    for (int i = 0; i < rounds / 10; i++) {
        set_root(0, hd_dict_new());
        parallel(first_wins_body);
        check(hd_dict_len(roots[0]) == 64, "a key is there twice");
        for (int64_t key = 0; key < 64; key++) {
            uint64_t v = unbox(hd_dict_find(HD_DICT(roots[0]), hd_fix(key), first_hash(key)));
            for (int t = 0; t < THREADS; t++) check(workers[t].seen[key] == v, "two threads were first");
        }
    }
}

/* Keys move between a dict and a set; readers must see each in exactly one of them. */
static void mover(void *arg)
{
    struct worker *w = arg;
    struct rng r = { (uint64_t)w->i * 77 + (uint64_t)w->id * 13 };
    struct hd_dict *d = HD_DICT(roots[0]);
    struct hd_set *s = HD_SET(roots[1]);
    for (int n = 0; n < 3; n++) {
        int64_t key = (int64_t)(rnd(&r) % 40);
        bool in_dict = hd_dict_find(d, hd_fix(key), key) != HD_ABSENT, in_set = hd_set_find(s, hd_fix(key), key) == 1;
        check(in_dict != in_set, "a key is in both or in none");
        if (w->id == 2) continue;
        if (in_dict) {
            check(hd_dict_take(d, hd_fix(key), key) != HD_ABSENT, "take");
            check(hd_set_put(s, hd_fix(key), key) == 0, "add");
        } else {
            check(hd_set_remove(s, hd_fix(key), key) == 1, "remove");
            put(d, hd_fix(key), key, box((uint64_t)key));
        }
    }
    if (w->i % 16 == 0) check(hd_dict_len(roots[0]) + hd_set_len(roots[1]) == 40, "lengths");
}
static void mover_body(struct worker *w) { for (w->i = 0; w->i < rounds; w->i++) transact(mover, w); }
static void dict_and_set(void **state)
{
    set_root(0, hd_dict_new());
    set_root(1, hd_set_new());
    for (int64_t key = 0; key < 40; key++) put(HD_DICT(roots[0]), hd_fix(key), key, box((uint64_t)key));
    parallel(mover_body);
    check(hd_dict_len(roots[0]) + hd_set_len(roots[1]) == 40, "lengths at the end");
}

/* Appends by all, updates of distinct chunks, and a reader of everything. */
static void appender(void *arg)
{
    struct worker *w = arg;
    for (int n = 0; n < 3; n++) check(hd_list_push(HD_LIST(roots[0]), box((uint64_t)(w->i * 3 + n) * THREADS + (uint64_t)w->id)) == 0, "push");
    int64_t at = w->id * HD_CHUNK + w->i % HD_CHUNK;
    hd_value old = hd_list_at(HD_LIST(roots[1]), at);
    check(hd_list_put_at(HD_LIST(roots[1]), at, box(unbox(old) + 1)), "put");
    if (w->i % 32 == 0) {
        int64_t n;
        struct hd_array *b = hd_list_snapshot(HD_LIST(roots[0]), &n);
        for (int64_t i = 0; i < n; i++) unbox(hd_array_get(b, i));
    }
}
static void appender_body(struct worker *w) { for (w->i = 0; w->i < rounds; w->i++) transact(appender, w); }
static void list_threads(void **state)
{
    set_root(0, hd_list_new(0));
    set_root(1, hd_list_new(0));
    for (int i = 0; i < THREADS * HD_CHUNK; i++) check(hd_list_push(HD_LIST(roots[1]), box(0)) == 0, "push");
    parallel(appender_body);
    int64_t n = hd_list_len(roots[0]), last[THREADS] = { -1, -1, -1 };
    check(n == (int64_t)rounds * 3 * THREADS, "number of items");
    for (int64_t i = 0; i < n; i++) {
        int64_t v = (int64_t)unbox(hd_list_at(HD_LIST(roots[0]), i));
        check(v / THREADS == last[v % THREADS] + 1, "order of one thread's items");
        last[v % THREADS] = v / THREADS;
    }
    uint64_t total = 0;
    for (int64_t i = 0; i < THREADS * HD_CHUNK; i++) total += unbox(hd_list_at(HD_LIST(roots[1]), i));
    check(total == (uint64_t)rounds * THREADS, "an update was lost");
}

static __attribute__((noinline)) int body(void)
{
    struct stm_portal p;
    stm_portal_enter(&p);
    const struct CMUnitTest tests[] = { cmocka_unit_test(dict_model), cmocka_unit_test(dict_aborts), cmocka_unit_test(dict_threads),
        cmocka_unit_test(dict_first_wins), cmocka_unit_test(dict_and_set), cmocka_unit_test(list_threads) };
    int rc = cmocka_run_group_tests(tests, NULL, NULL);
    stm_portal_leave(&p);
    return rc;
}

int main(void)
{
    if (getenv("TEST_ROUNDS")) rounds = atoi(getenv("TEST_ROUNDS"));
    stm_init(&(struct stm_config){ .contexts = 4, .user_poll = gc_poll, .begun = gc_begun, .committing = gc_committing, .ended = gc_ended });
    gc_init(&(struct gc_config){ trace, NULL, report_roots, NULL });
    hd_ts = &thread_state;
    stm_thread_attach(NULL, __builtin_frame_address(0));
    stm_enter();
    int rc = body();
    stm_leave();
    return rc;
}
