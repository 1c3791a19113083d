/* HEDDLE_STM_STRESS: forced aborts and forced schedules.
 *
 * abort=P,seed=S  each first opening, slow read and poll aborts with probability P (0.01: one in a hundred); solo mode is
 *                 off, so that this works with one thread.
 * schedule=S      contexts run one at a time; at steps of the protocol the next one to run is drawn by the seed.  A context
 *                 takes part while a thread holds it and does not sleep in a system call. */
#define STM_BUILD
#include "stm/stm_internal.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

bool stm_stress_on, stm_stress_schedule;
static uint64_t threshold, abort_seed, schedule_rng;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t moved[STM_MAX_CONTEXTS] = { [0 ... STM_MAX_CONTEXTS - 1] = PTHREAD_COND_INITIALIZER };
static bool joined[STM_MAX_CONTEXTS];
static unsigned n_joined;
static int running = -1;
static unsigned steps_left;                  /* of the running context, before the next drawing */

static uint64_t mix(uint64_t *s)
{
    uint64_t z = *s += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

static const char *setting(const char *all, const char *name)
{
    size_t n = strlen(name);
    for (const char *p = all; p; p = strchr(p, ','), p += p != NULL)
        if (!strncmp(p, name, n) && p[n] == '=') return p + n + 1;
    return NULL;
}

static void schedule_step(enum stm_step step)
{
    struct context *c = stm_current();
    if (!c || !joined[c->pub.index]) return;
    pthread_mutex_lock(&lock);
    if (n_joined > 1 && (step == STM_STEP_WAIT || steps_left-- == 0)) {
        uint64_t r = mix(&schedule_rng);
        steps_left = 1u << r % 8;            /* short and long stretches: a switch costs thousands of steps */
        /* Who waits lets another one run. */
        unsigned self = c->pub.index, other = step == STM_STEP_WAIT, k = (unsigned)(r >> 32) % (n_joined - other);
        for (unsigned i = 0;; i++) if (joined[i] && !(other && i == self) && k-- == 0) { running = (int)i; break; }
        if (running != (int)c->pub.index) {
            pthread_cond_signal(&moved[running]);
            while (running != (int)c->pub.index) pthread_cond_wait(&moved[c->pub.index], &lock);
        }
    }
    pthread_mutex_unlock(&lock);
}

void stm_schedule_join(struct context *c)
{
    if (STM_LIKELY(!stm_stress_schedule)) return;
    pthread_mutex_lock(&lock);
    joined[c->pub.index] = true;
    if (n_joined++ == 0) running = (int)c->pub.index;
    while (running != (int)c->pub.index) pthread_cond_wait(&moved[c->pub.index], &lock);
    pthread_mutex_unlock(&lock);
}

void stm_schedule_leave(struct context *c)
{
    if (STM_LIKELY(!stm_stress_schedule)) return;
    pthread_mutex_lock(&lock);
    joined[c->pub.index] = false;
    if (--n_joined && running == (int)c->pub.index) {
        unsigned k = (unsigned)(mix(&schedule_rng) % n_joined);
        for (unsigned i = 0;; i++) if (joined[i] && k-- == 0) { running = (int)i; break; }
        pthread_cond_signal(&moved[running]);
    }
    pthread_mutex_unlock(&lock);
}

void stm_schedule_after_fork(void)
{
    if (!stm_stress_schedule) return;
    pthread_mutex_init(&lock, NULL);
    for (unsigned i = 0; i < STM_MAX_CONTEXTS; i++) pthread_cond_init(&moved[i], NULL);
    for (unsigned i = 0; i < stm_n_contexts; i++) joined[i] = false;
    unsigned me = stm_me->index;
    joined[me] = true;
    n_joined = 1;
    running = (int)me;
}

void stm_stress_init(void)
{
    if (!STM_BARRIERS) return;
    const char *s = getenv("HEDDLE_STM_STRESS"), *v;
    if (!s) return;
    if ((v = setting(s, "seed"))) abort_seed = strtoull(v, NULL, 0);
    if ((v = setting(s, "abort"))) {
        double p = strtod(v, NULL);
        threshold = p >= 1 ? UINT64_MAX : p <= 0 ? 0 : (uint64_t)(p * 18446744073709551615.0);
        stm_stress_on = true;
    }
    if ((v = setting(s, "schedule"))) {
        schedule_rng = strtoull(v, NULL, 0);
        stm_stress_schedule = stm_stress_on = true;
        stm_step_hook = schedule_step;
    }
    stm_sections_init(abort_seed ^ schedule_rng);
}

bool stm_stress_break(struct context *c)
{
    return mix(&c->rng) % 8 == 0;            /* not by the clock: a schedule can be played again */
}

void stm_stress_abort(struct context *c)
{
    if (!threshold || c->irrevocable || !c->in_tx) return;
    uint64_t s = c->rng ^ abort_seed, r = mix(&s);
    c->rng = s ^ abort_seed;
    if (r >= threshold) return;
    c->stats.aborts_injected++;
    stm_abort();
}
