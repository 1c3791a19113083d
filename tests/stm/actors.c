/* Actors: threads that a test drives one command at a time.
 * A command that begins a transaction returns again after each abort of it: to the controlling thread every command ends,
 * either because it was carried out or because the transaction went back to its begin. */
#include "harness.h"

_Thread_local struct actor *this_actor;

static void hook(enum stm_step step)
{
    struct actor *a = this_actor;
    if (!a || a->gate != (int)step) return;
    pthread_mutex_lock(&a->lock);
    if (a->gate == (int)step && --a->gate_count == 0) {
        a->gate = -1;
        a->stopped = true;
        a->go = false;
        pthread_cond_broadcast(&a->changed);
        while (!a->go) pthread_cond_wait(&a->changed, &a->lock);
        a->stopped = false;
        pthread_cond_broadcast(&a->changed);
    }
    pthread_mutex_unlock(&a->lock);
}

static void rolled_back(void *user)
{
    ((struct actor *)user)->aborts++;
}

void actors_init(unsigned contexts)
{
    struct stm_config c = { .contexts = contexts, .rolled_back = rolled_back };
    stm_init(&c);
    stm_step_hook = hook;
}

static __attribute__((noinline)) void actor_loop(struct actor *a)
{
    for (;;) {
        pthread_mutex_lock(&a->lock);
        a->busy = false;
        pthread_cond_broadcast(&a->changed);
        while (!a->busy && !a->quit) pthread_cond_wait(&a->changed, &a->lock);
        bool quit = a->quit;
        pthread_mutex_unlock(&a->lock);
        if (quit) return;
        a->command(a);
    }
}

static void *actor_main(void *arg)
{
    struct actor *a = arg;
    this_actor = a;
    stm_thread_attach(a, __builtin_frame_address(0));
    actor_loop(a);
    stm_thread_detach();
    return NULL;
}

static pthread_t main_thread_stays;
static void *idle(void *arg)                 /* a second thread, so that nobody is ever alone in the process */
{
    stm_thread_attach(NULL, __builtin_frame_address(0));
    *(_Atomic bool *)arg = true;
    for (;;) pause();
    return NULL;
}

struct actor *actor_new(void)
{
    static bool first = true;
    if (first) {
        static _Atomic bool ready;
        first = false;
        pthread_create(&main_thread_stays, NULL, idle, (void *)&ready);
        while (!ready) usleep(100);
    }
    struct actor *a = calloc(1, sizeof *a);
    pthread_mutex_init(&a->lock, NULL);
    pthread_cond_init(&a->changed, NULL);
    a->gate = -1;
    a->busy = true;
    pthread_create(&a->thread, NULL, actor_main, a);
    actor_wait(a);
    return a;
}

void actor_end(struct actor *a)
{
    pthread_mutex_lock(&a->lock);
    a->quit = true;
    pthread_cond_broadcast(&a->changed);
    pthread_mutex_unlock(&a->lock);
    pthread_join(a->thread, NULL);
    free(a);
}

void actor_start(struct actor *a, void (*command)(struct actor *))
{
    pthread_mutex_lock(&a->lock);
    NEED(!a->busy);
    a->command = command;
    a->busy = true;
    pthread_cond_broadcast(&a->changed);
    pthread_mutex_unlock(&a->lock);
}

/* In slices: while the whole program is stopped, or has no processor, only one of them passes. */
bool actor_done_within(struct actor *a, double s)
{
    enum { SLICE_NS = 10000000 };
    long slices = (long)(s * 1e9 / SLICE_NS) + 1;
    pthread_mutex_lock(&a->lock);
    while (a->busy && !a->stopped && slices-- > 0) {
        struct timespec t;
        clock_gettime(CLOCK_REALTIME, &t);
        t.tv_nsec += SLICE_NS;
        if (t.tv_nsec >= 1000000000) t.tv_nsec -= 1000000000, t.tv_sec++;
        pthread_cond_timedwait(&a->changed, &a->lock, &t);
    }
    bool done = !a->busy;
    pthread_mutex_unlock(&a->lock);
    return done;
}

bool actor_wait(struct actor *a)
{
    bool done = actor_done_within(a, 100);
    if (!done && !a->stopped) FAIL("an actor is stuck");
    return done;
}

void actor_gate(struct actor *a, int step, unsigned count)
{
    a->gate_count = count;
    a->gate = step;
}

void actor_release(struct actor *a)
{
    pthread_mutex_lock(&a->lock);
    a->go = true;
    pthread_cond_broadcast(&a->changed);
    while (a->stopped) pthread_cond_wait(&a->changed, &a->lock);
    pthread_mutex_unlock(&a->lock);
}

void actor_do(struct actor *a, void (*command)(struct actor *))
{
    actor_start(a, command);
    NEED(actor_wait(a));
}

static void do_begin(struct actor *a) { (void)a; stm_enter(); stm_atomic_enter(); }
static void do_end(struct actor *a) { (void)a; stm_atomic_leave(); stm_leave(); }
static void do_give_up(struct actor *a) { (void)a; stm_abort(); }
static void do_load(struct actor *a) { a->value = get(a->object, a->index); }
static void do_store(struct actor *a) { put(a->object, a->index, a->value); }

static bool aborted(struct actor *a, void (*command)(struct actor *))
{
    unsigned before = a->aborts;
    actor_do(a, command);
    return a->aborts != before;
}
bool begin(struct actor *a) { return aborted(a, do_begin); }
bool end(struct actor *a) { return aborted(a, do_end); }
bool give_up(struct actor *a) { return aborted(a, do_give_up); }
bool load(struct actor *a, struct object *o, unsigned i, uint64_t *v)
{
    a->object = o, a->index = i;
    bool x = aborted(a, do_load);
    *v = a->value;
    return x;
}
bool store(struct actor *a, struct object *o, unsigned i, uint64_t v)
{
    a->object = o, a->index = i, a->value = v;
    return aborted(a, do_store);
}
void start_load(struct actor *a, struct object *o, unsigned i)
{
    a->object = o, a->index = i;
    actor_start(a, do_load);
}
void start_store(struct actor *a, struct object *o, unsigned i, uint64_t v)
{
    a->object = o, a->index = i, a->value = v;
    actor_start(a, do_store);
}
void start_end(struct actor *a) { actor_start(a, do_end); }
void start_begin(struct actor *a) { actor_start(a, do_begin); }
