/* Critical sections: whether their ends are good places to end a transaction.
 *
 * In a critical section a thread does what others want to see, so a transaction that goes on for long after one keeps them
 * waiting or loses its work to them; but handing the data over at every section costs several cache misses, and where threads
 * do little else, one that works on alone for a while is faster than two that take turns.  Which of the two holds depends on
 * the program and on the machine, so it is tried: while several threads share data in their sections, the ticker counts the
 * sections that end in a few milliseconds one way and the other, and keeps the better one.  A program does the same work
 * between its sections either way, so sections per second are its speed. */
#define STM_BUILD
#include "stm/stm_internal.h"

enum { SECTION_US = 2,                       /* work that is worth a transaction of its own */
       PUBLISH_US = 5,                       /* the same, while transactions run their full length otherwise */
       WORK_US = 20,                         /* work since the last lock that is worth more than a commit and a begin */
       CAREFUL = 128,                        /* so many locks are taken with a look at that, after work was lost */
       WINDOW_NS = 3000000, SETTLE_NS = 500000, REST_NS = 10000000, REST_MAX_NS = 1280000000,
       WINDOW_SECTIONS = 200 };

_Alignas(64) uint32_t stm_sections_mode;

void stm_sections_init(uint64_t stress_seed) { stm_sections_mode = stress_seed & 1; }

/* Is the transaction to end with the section? */
static inline bool section_over(struct context *c)
{
    c->critical = false;
    bool shared = c->touched != c->touched_before;
    stm_store32_relaxed(&c->sections, c->sections + 1);
    if (STM_UNLIKELY(shared)) stm_store32_relaxed(&c->shared_sections, c->shared_sections + 1);
    if (c->pub.foreign == 0) return false;
    if (STM_UNLIKELY(stm_sections_end())) return --c->sections_left == 0;
    /* Seldom: what threads have told each other does not stay with a long transaction. */
    return STM_UNLIKELY(shared) && !stm_waits_often(c) && stm_has_worked(c, PUBLISH_US);
}

void stm_set_critical(bool critical)
{
    struct context *c = stm_current();
    if (critical) {
        if (!c->critical) c->touched_before = c->touched;
        c->critical = true;
    } else if (c->critical && section_over(c)) stm_or32_full(&c->pub.poll, STM_POLL_SOON);
}

void stm_end_critical(void)
{
    struct context *c = stm_current();
    if (STM_LIKELY(c->critical) && section_over(c)) stm_poll_soon();
    else stm_poll();
}

void stm_commit_work(void)
{
    struct context *c = stm_current();
    c->pub.careful--;
    if (stm_self->atomic_depth || c->pub.foreign == 0) return;
    uint64_t now = stm_cycles(), since = c->last_lock > c->begin_cycles ? c->last_lock : c->begin_cycles;
    c->last_lock = now;
    if (stm_stress_on || now - since >= stm_us_to_cycles(WORK_US)) stm_poll_soon();
}

void stm_lost_work(struct context *c)
{
    if (stm_has_worked(c, WORK_US)) c->pub.careful = CAREFUL;
}

/* Reading the time at every section would cost more than some sections: their number is adjusted from one transaction to the next. */
void stm_sections_begun(struct context *c, uint64_t cycles)
{
    uint64_t enough = stm_us_to_cycles(SECTION_US);
    if (cycles < enough) c->sections_each += c->sections_left == 0;
    else if (cycles > 2 * enough) c->sections_each /= 2;
    if (c->sections_each == 0 || stm_stress_on) c->sections_each = 1;
    c->sections_left = c->sections_each;
}

/* -- trying -------------------------------------------------------------------------------------------------------------- */
static struct {
    enum { REST, THIS_WAY, SETTLE, OTHER_WAY } phase;
    uint64_t since, rest;
    uint32_t sections, shared;
    double this_rate;
} trial = { .rest = REST_NS };

static void count(uint32_t *sections, uint32_t *shared)
{
    *sections = *shared = 0;
    for (unsigned i = 0; i < stm_n_contexts; i++) {
        *sections += stm_load32_relaxed(&stm_contexts[i]->sections);
        *shared += stm_load32_relaxed(&stm_contexts[i]->shared_sections);
    }
}

static void enter(unsigned phase, uint64_t now)
{
    trial.phase = phase;
    trial.since = now;
    count(&trial.sections, &trial.shared);
}

static void flip(void) { stm_store32_relaxed(&stm_sections_mode, !stm_sections_mode); }

/* Called by the ticker at each of its looks at the contexts. */
void stm_sections_tried(uint64_t now, unsigned busy)
{
    uint64_t ns = now - trial.since;
    if (STM_UNLIKELY(stm_stress_on)) return;
    if (busy < 2) {                          /* no contest, and no window with a gap in it */
        if (trial.phase >= SETTLE) flip();
        if (trial.phase != REST) enter(REST, now);
        return;
    }
    if (ns < (trial.phase == REST ? trial.rest : trial.phase == SETTLE ? SETTLE_NS : WINDOW_NS)) return;
    uint32_t sections, shared;
    count(&sections, &shared);
    sections -= trial.sections, shared -= trial.shared;
    double rate = (double)sections / (double)ns;
    switch (trial.phase) {
    case REST:
        enter(THIS_WAY, now);
        break;
    case THIS_WAY:
        if (sections < WINDOW_SECTIONS || shared < sections / 8) {
            if (sections >= WINDOW_SECTIONS && stm_sections_end()) flip();     /* there is little to be told early */
            enter(REST, now);
            break;
        }
        trial.this_rate = rate;
        flip();
        enter(SETTLE, now);
        break;
    case SETTLE:
        enter(OTHER_WAY, now);
        break;
    case OTHER_WAY:
        if (rate > trial.this_rate * 1.05) trial.rest = REST_NS;
        else {
            flip();
            if (trial.rest < REST_MAX_NS) trial.rest *= 2;
        }
        enter(REST, now);
        break;
    }
}
