/* Marking by several threads while the world is stopped: the collecting thread and helpers of our own.
 *
 * Each marker works from its own stack.  Who has plenty while somebody has nothing gives the older half away in portions;
 * who has nothing takes a portion or waits.  When all wait and no portion is left, marking is complete.
 *
 * P1: mark bits are set by compare and swap in this mode (GC_MODE_PARALLEL); who sets the bit traces the object.
 * P2: helpers hold no context and run nothing but config.trace.
 * P3: all fields of `shared` change under its lock; `hungry` is also read without, as a hint. */
#define GC_BUILD
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "gc/gc_internal.h"

enum { PORTION = 256, MAX_PORTIONS = 16, MAX_HELPERS = 7 };
struct portion { struct portion *next; size_t n; void *v[PORTION]; };

static struct {
    pthread_mutex_t lock;
    pthread_cond_t work, rest;
    struct portion *portions, *spare;
    uint64_t hungry;                   /* markers that wait for a portion */
    unsigned markers;                  /* that take part, the collecting thread among them */
    unsigned out;                      /* helpers that have not gone back to rest */
    uint64_t round;
    bool done;
} shared = { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, PTHREAD_COND_INITIALIZER, NULL, NULL, 0, 0, 0, 0, false };

static struct gc_marker helper_marker[MAX_HELPERS];
static unsigned n_helpers;
static bool always;                    /* HEDDLE_GC_MARKERS is set: however small the heap */
static const size_t least = (size_t)16 << 20;
static pid_t helpers_of;               /* the process that has them: a child after fork has none */

bool gc_somebody_hungry(void) { return stm_load_relaxed(&shared.hungry) != 0; }

/* Gives away the older half of the stack, whose entries lead to the most work; of a very long one the newest entries, since
 * moving the rest down would cost more than it helps. */
void gc_give_portions(struct gc_marker *m)
{
    size_t give = m->n / 2, given = 0;
    if (give > MAX_PORTIONS * PORTION) give = MAX_PORTIONS * PORTION;
    void **from = m->n > 64 * PORTION ? m->stack + m->n - give : m->stack;
    pthread_mutex_lock(&shared.lock);
    while (given < give) {
        struct portion *p = shared.spare;
        if (p) shared.spare = p->next;
        else if (!(p = malloc(sizeof *p))) break;
        p->n = give - given < PORTION ? give - given : PORTION;
        memcpy(p->v, from + given, p->n * sizeof *p->v);
        given += p->n;
        p->next = shared.portions;
        shared.portions = p;
        pthread_cond_signal(&shared.work);
    }
    pthread_mutex_unlock(&shared.lock);
    memmove(from, from + given, (size_t)(m->stack + m->n - (from + given)) * sizeof *m->stack);
    m->n -= given;
}

/* False: marking is complete. */
static bool take_portion(struct gc_marker *m)
{
    pthread_mutex_lock(&shared.lock);
    stm_store_relaxed(&shared.hungry, shared.hungry + 1);
    while (!shared.portions && !shared.done) {
        if (shared.hungry == shared.markers) {
            shared.done = true;
            pthread_cond_broadcast(&shared.work);
        } else pthread_cond_wait(&shared.work, &shared.lock);
    }
    struct portion *p = shared.portions;
    if (p) {
        shared.portions = p->next;
        stm_store_relaxed(&shared.hungry, shared.hungry - 1);
    }
    pthread_mutex_unlock(&shared.lock);
    if (!p) return false;
    for (size_t i = 0; i < p->n; i++) gc_push_marked(m, p->v[i]);
    pthread_mutex_lock(&shared.lock);
    p->next = shared.spare;
    shared.spare = p;
    pthread_mutex_unlock(&shared.lock);
    return true;
}

static void work(struct gc_marker *m)
{
    do gc_drain_stack(m, 0); while (take_portion(m));
}

static void *helper(void *marker)
{
    struct gc_marker *m = marker;
    uint64_t seen = 0;
    pthread_mutex_lock(&shared.lock);
    for (;;) {
        while (shared.round == seen) pthread_cond_wait(&shared.rest, &shared.lock);
        seen = shared.round;
        pthread_mutex_unlock(&shared.lock);
        work(m);
        pthread_mutex_lock(&shared.lock);
        if (--shared.out == 0) pthread_cond_broadcast(&shared.rest);
    }
    return NULL;
}

static void start_helpers(void)
{
    const char *env = getenv("HEDDLE_GC_MARKERS");
    long want = env ? strtol(env, NULL, 10) : sysconf(_SC_NPROCESSORS_ONLN);
    helpers_of = getpid();
    n_helpers = 0;
    shared.portions = NULL;
    shared.round = 0;
    pthread_mutex_init(&shared.lock, NULL);
    pthread_cond_init(&shared.work, NULL);
    pthread_cond_init(&shared.rest, NULL);
    if (want > MAX_HELPERS + 1) want = MAX_HELPERS + 1;
    sigset_t all, old;
    pthread_attr_t attr;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    pthread_attr_init(&attr);
    pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&attr, (size_t)256 << 10);
    for (; (long)n_helpers + 1 < want; n_helpers++) {
        pthread_t t;
        helper_marker[n_helpers] = (struct gc_marker){ .mode = GC_MODE_PARALLEL };
        if (pthread_create(&t, &attr, helper, &helper_marker[n_helpers])) break;
    }
    pthread_attr_destroy(&attr);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
}

void gc_parallel_init(void) { always = getenv("HEDDLE_GC_MARKERS") != NULL; }

/* Everything that the entries of m's stack lead to. */
void gc_drain_parallel(struct gc_marker *m)
{
    if (!always && stm_load_relaxed(&gc_heap.in_use) < least) { gc_drain(m); return; }
    if (helpers_of != getpid()) start_helpers();
    if (!n_helpers) { gc_drain(m); return; }
    enum gc_mode mode = m->mode;
    m->mode = GC_MODE_PARALLEL;
    for (unsigned i = 0; i < n_helpers; i++) helper_marker[i].live_bytes = helper_marker[i].live_objects = 0;
    pthread_mutex_lock(&shared.lock);
    shared.markers = n_helpers + 1;
    shared.out = n_helpers;
    shared.hungry = 0;
    shared.done = false;
    shared.round++;
    pthread_cond_broadcast(&shared.rest);
    pthread_mutex_unlock(&shared.lock);
    work(m);
    pthread_mutex_lock(&shared.lock);
    while (shared.out) pthread_cond_wait(&shared.rest, &shared.lock);
    while (shared.spare) {
        struct portion *p = shared.spare;
        shared.spare = p->next;
        free(p);
    }
    pthread_mutex_unlock(&shared.lock);
    m->mode = mode;
    for (unsigned i = 0; i < n_helpers; i++) {
        m->live_bytes += helper_marker[i].live_bytes;
        m->live_objects += helper_marker[i].live_objects;
        m->overflow |= helper_marker[i].overflow;
        helper_marker[i].overflow = false;
    }
    gc_drain(m);
}
