/* What the tests of stm/ share: simple objects, allocation, random numbers, and actors: threads that a test drives step by
 * step and can stop between two steps of the protocol (builds with -DSTM_STEPS). */
#ifndef TESTS_STM_HARNESS_H
#define TESTS_STM_HARNESS_H
#include "stm/stm.h"
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define FAIL(...) do { fprintf(stderr, "%s:%d: ", __FILE__, __LINE__); fprintf(stderr, __VA_ARGS__); fputc('\n', stderr); _exit(3); } while (0)
#define NEED(x) do { if (!(x)) FAIL("failed: %s", #x); } while (0)

struct object { uint64_t shape; struct stm_unit unit; uint64_t n, f[]; };
static inline size_t object_size(const struct object *o) { return sizeof *o + o->n * 8; }

static inline uint64_t get(struct object *o, unsigned i) { return stm_read(&o->unit, &o->f[i]); }
static inline void open_object(struct object *o) { stm_open(&o->unit, o, object_size(o), STM_OBJECT); }
static inline void put_raw(struct object *o, unsigned i, uint64_t v)
{
#if defined(__SANITIZE_THREAD__)
    __atomic_store_n(&o->f[i], v, __ATOMIC_RELAXED);
#else
    *(volatile uint64_t *)&o->f[i] = v;
#endif
}
static inline void put(struct object *o, unsigned i, uint64_t v)
{
    open_object(o);
    put_raw(o, i, v);
    stm_inline_step(STM_STEP_STORED);
}

/* Memory comes from a pool that is never given back: what a transaction still reads never turns into something else. */
static inline struct object *raw_object(unsigned n)
{
    static _Thread_local char *at, *end;
    size_t size = (sizeof(struct object) + n * 8 + 15) & ~(size_t)15;
    if (at + size > end || !at) { at = aligned_alloc(64, 1 << 20); NEED(at); end = at + (1 << 20); memset(at, 0, 1 << 20); }
    struct object *o = (struct object *)at;
    at += size;
    o->shape = 1, o->n = n;
    return o;
}
static inline struct object *static_object(unsigned n) { struct object *o = raw_object(n); stm_unit_init_static(&o->unit); return o; }
static inline struct object *new_object(unsigned n) { struct object *o = raw_object(n); stm_unit_init(&o->unit); return o; }

struct rng { uint64_t s; };
static inline uint64_t rnd(struct rng *r)
{
    uint64_t x = r->s;
    x ^= x << 13, x ^= x >> 7, x ^= x << 17;
    r->s = x;
    return x * 0x9e3779b97f4a7c15 >> 11;
}
static inline double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* Runs f(arg) as one transaction, again after every abort; the thread is inside a transaction before and after. */
static inline void transact(void (*f)(void *), void *arg)
{
    stm_break();
    stm_atomic_enter();
    f(arg);
    stm_atomic_leave();
    stm_break();
}

/* -- actors -------------------------------------------------------------------------------------------------------------- */
struct actor {
    pthread_t thread;
    pthread_mutex_t lock; pthread_cond_t changed;
    void (*command)(struct actor *); bool busy, quit, stopped, go;
    int gate; unsigned gate_count;           /* stop at the gate_count-th such step; -1: nowhere */
    struct object *object; unsigned index; uint64_t value;    /* arguments and result of a command */
    unsigned aborts;                         /* so far */
};
extern _Thread_local struct actor *this_actor;
void actors_init(unsigned contexts);         /* stm_init with hooks; the main thread attaches but holds no context */
struct actor *actor_new(void);
void actor_end(struct actor *a);
void actor_start(struct actor *a, void (*command)(struct actor *));        /* runs on; see actor_wait */
bool actor_wait(struct actor *a);            /* true: the command is done; false: stopped at the gate */
bool actor_done_within(struct actor *a, double s);
void actor_gate(struct actor *a, int step, unsigned count);
void actor_release(struct actor *a);
void actor_do(struct actor *a, void (*command)(struct actor *));           /* start and wait; must not stop */
/* The usual commands.  Each says whether the transaction aborted (and began again) on the way. */
bool begin(struct actor *a);
bool end(struct actor *a);                   /* commit, and leave */
bool give_up(struct actor *a);               /* abort on purpose: begins again */
bool load(struct actor *a, struct object *o, unsigned i, uint64_t *v);
bool store(struct actor *a, struct object *o, unsigned i, uint64_t v);
void start_load(struct actor *a, struct object *o, unsigned i);
void start_store(struct actor *a, struct object *o, unsigned i, uint64_t v);
void start_end(struct actor *a);
void start_begin(struct actor *a);
#endif
