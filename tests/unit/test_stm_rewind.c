/* Restart points: random nests of portals, C helpers and sorts, with transactions that begin and abort anywhere, against a
 * shadow model that is not rolled back.  Every local, array, alloca block, rounding mode and value-stack window must be as
 * at the begin, and every local that was live there must be visible to the collector.
 *
 * usage: test_stm_rewind [steps per thread] [threads] [seed]
 * -DNO_ANNOUNCE, -DNO_WINDOW, -DNO_UNWIND leave out a duty of the interpreter; each must make the test fail. */
#include "tests/stm/harness.h"
#include <alloca.h>
#include <signal.h>
#include <sys/time.h>
#include <xmmintrin.h>

#define NOINLINE __attribute__((noinline))
enum { WORDS = 16, SCALARS = 6, DEEPEST = 40, WINDOW = 8, VALUES = WINDOW * 256, KEYS = 24 };

struct frame { uint64_t scalar[SCALARS]; double real; uint64_t word[WORDS]; uint64_t *at; };   /* what a frame's locals must be */
struct model { int depth, top; unsigned mode; uint64_t value[VALUES]; struct frame f[DEEPEST]; };
struct runner {
    struct model m, snap;
    uint64_t values[VALUES];                 /* the value stack: rolled back */
    uint64_t *lo, *hi;                       /* the running window */
    struct rng r;
    uint64_t steps, limit, begins, aborts, sorts, scans, announced;
    bool stop, again;
};

static void copy_model(struct model *d, const struct model *s)
{
    d->depth = s->depth, d->top = s->top, d->mode = s->mode;
    memcpy(d->value, s->value, (size_t)s->top * 8);
    memcpy(d->f, s->f, (size_t)(s->depth + 1) * sizeof s->f[0]);
}
static void set_mode(struct runner *t, unsigned mode)
{
    uint16_t cw;
    __asm__("fnstcw %0" : "=m"(cw));
    cw = (uint16_t)((cw & ~0x0c00) | mode << 10);
    __asm__ volatile("fldcw %0" :: "m"(cw));
    _mm_setcsr((_mm_getcsr() & ~0x6000u) | mode << 13);
    t->m.mode = mode;
}
static void verify(struct runner *t)
{
    uint16_t cw;
    __asm__ volatile("fnstcw %0" : "=m"(cw));
    if ((_mm_getcsr() >> 13 & 3) != t->m.mode || (cw >> 10 & 3) != t->m.mode) FAIL("rounding mode");
    for (int d = 1; d <= t->m.depth; d++)
        if (memcmp(t->m.f[d].at, t->m.f[d].word, sizeof t->m.f[d].word)) FAIL("frame %d of %d: array", d, t->m.depth);
    for (int i = 0; i < t->m.top; i++) if (t->values[i] != t->m.value[i]) FAIL("value stack: word %d of %d", i, t->m.top);
}

struct search { uint64_t want; bool found; };
static __attribute__((no_sanitize("address"))) void search_in(void *arg, const void *lo, const void *hi)
{
    struct search *s = arg;
    for (const uint64_t *p = lo; p < (const uint64_t *)hi; p++) if (*p == s->want) { s->found = true; return; }
}
static NOINLINE void scan(struct runner *t)
{
    if (stm_is_irrevocable()) return;        /* nothing of the begin is kept */
    for (int d = 1; d <= t->snap.depth; d++)
        for (int i = 0; i < SCALARS + WORDS; i++) {
            struct search s = { i < SCALARS ? t->snap.f[d].scalar[i] : t->snap.f[d].word[i - SCALARS], false };
            stm_each_root_range(stm_thread_self(), search_in, &s);
            if (!s.found) FAIL("frame %d: local %d is invisible to the collector", d, i);
        }
    t->scans++;
}

static NOINLINE void begin_here(struct runner *t, uint64_t *hi)
{
    t->lo = hi - WINDOW, t->hi = hi;
    t->m.top = (int)(hi - t->values);
    copy_model(&t->snap, &t->m);
    t->again = false;
    t->begins++;
    if (t->begins % 8) stm_break();
    else { stm_leave(); stm_enter(); }
    if (!t->again) return;
    t->again = false;
    copy_model(&t->m, &t->snap);
    verify(t);
}
static NOINLINE void scribble(volatile unsigned char *p, size_t n) { for (size_t i = 0; i < n; i++) p[i] = 0xaa; }
static NOINLINE void dirty_abort(void)
{
    __asm__ volatile("mov $0x11,%%ebx; mov $0x12,%%r12d; mov $0x13,%%r13d; mov $0x14,%%r14d; mov $0x15,%%r15d" ::: "rbx", "r12", "r13", "r14", "r15");
    stm_abort();
}
static NOINLINE void abort_here(struct runner *t)
{
    if (stm_is_irrevocable()) return;        /* after too many aborts in a row */
    t->aborts++;
    size_t k = 256 + rnd(&t->r) % 8192;
    scribble(alloca(k), k);
    for (uint64_t *p = t->values + t->snap.top; p < t->values + VALUES; p += 7) *p = 0xbad;
    dirty_abort();
}

/* The locals under test: a..f in registers if the compiler likes, x a double, word on the stack with its address escaped. */
#define LOCALS \
    int D = ++t->m.depth; struct frame *F = &t->m.f[D]; uint64_t word[WORDS]; \
    uint64_t a = F->scalar[0] = rnd(&t->r), b = F->scalar[1] = rnd(&t->r), c = F->scalar[2] = rnd(&t->r), \
             d = F->scalar[3] = rnd(&t->r), e = F->scalar[4] = rnd(&t->r), f = F->scalar[5] = rnd(&t->r); \
    double x = F->real = (double)(rnd(&t->r) & 0xffffff); F->at = word; \
    for (int i_ = 0; i_ < WORDS; i_++) word[i_] = F->word[i_] = rnd(&t->r)
#define CHECK do { \
    if (t->m.depth != D) FAIL("depth %d, model %d", D, t->m.depth); \
    if (a != F->scalar[0] || b != F->scalar[1] || c != F->scalar[2] || d != F->scalar[3] || e != F->scalar[4] || f != F->scalar[5]) \
        FAIL("scalars at depth %d", D); \
    if (x != F->real) FAIL("double"); \
    if (memcmp(word, F->word, sizeof word)) FAIL("array"); } while (0)
#define CHANGE do { uint64_t r_ = rnd(&t->r); switch (r_ % 8) { \
    case 0: a = F->scalar[0] = r_; break; case 1: b = F->scalar[1] = r_; break; case 2: c = F->scalar[2] = r_; break; \
    case 3: d = F->scalar[3] = r_; break; case 4: e = F->scalar[4] = r_; break; case 5: f = F->scalar[5] = r_; break; \
    case 6: x = F->real = (double)(r_ & 0xffffff); break; \
    default: { unsigned k_ = (unsigned)(r_ >> 8) % WORDS; word[k_] = F->word[k_] = r_; } } } while (0)
#define STEP do { if (++t->steps >= t->limit) t->stop = true; } while (0)

static uint64_t evaluate(struct runner *t, uint64_t *at, uint64_t *out, uint64_t *out_model);
static void helper(struct runner *t, uint64_t *at, bool sort);

static NOINLINE void window_new(struct runner *t, uint64_t *w)
{
    if (w + WINDOW > t->values + VALUES) FAIL("value stack full");
    for (int i = 0; i < WINDOW; i++) w[i] = t->m.value[w - t->values + i] = rnd(&t->r);
    t->m.top = (int)(w - t->values) + WINDOW;
}
static NOINLINE void window_check(struct runner *t, uint64_t *w)
{
    if (t->m.top != (int)(w - t->values) + WINDOW) FAIL("window top");
    if (memcmp(w, t->m.value + (w - t->values), WINDOW * 8)) FAIL("window");
}
static void window_back(struct runner *t, uint64_t *w)
{
#ifndef NO_WINDOW
    stm_window_return(w);
#endif
    t->m.top = (int)(w - t->values) + WINDOW;
}

static NOINLINE uint64_t evaluate(struct runner *t, uint64_t *at, uint64_t *out, uint64_t *out_model)
{
    struct stm_portal portal;
    stm_portal_enter(&portal);
    LOCALS;
    uint64_t *w = at, start = (uint64_t)(at - t->values);
    window_new(t, w);
    while (!t->stop) {
        STEP; CHECK; window_check(t, w);
        if ((uint64_t)(at - t->values) != start) FAIL("argument");
        unsigned r = (unsigned)(rnd(&t->r) % 1000);
        if (r < 300) CHANGE;
        else if (r < 400) { unsigned k = (unsigned)rnd(&t->r) % WINDOW; w[k] = t->m.value[w - t->values + k] = rnd(&t->r); }
        else if (r < 480) { if (w < at + 4 * WINDOW) window_new(t, w += WINDOW); }
        else if (r < 560) { if (w > at) { w -= WINDOW; window_back(t, w); } }
        else if (r < 690) { if (D < DEEPEST - 10) { helper(t, w + WINDOW, r % 5 == 0); window_back(t, w); } }
        else if (r < 720) { if (D < DEEPEST - 10) { evaluate(t, w + WINDOW, NULL, NULL); window_back(t, w); } }
        else if (r < 780) begin_here(t, w + WINDOW);
        else if (r < 840) abort_here(t);
        else if (r < 850) set_mode(t, (unsigned)rnd(&t->r) & 3);
        else if (r < 852) scan(t);
        else if (r < 900 && out) {
#ifndef NO_ANNOUNCE
            stm_before_stack_write(out);
#endif
            *out = *out_model = rnd(&t->r);
            t->announced++;
        }
        else if (r >= 930) break;
    }
    CHECK;
    t->m.depth--;
#ifndef NO_UNWIND
    stm_window_return(at);                   /* an exception pops many windows at once: save them all */
#endif
    stm_portal_leave(&portal);
    return a;
}

/* A merge sort in C stack memory whose comparisons may run the evaluator. */
struct key { uint64_t k, id; };
static NOINLINE int compare(struct runner *t, uint64_t *at, const struct key *p, const struct key *q)
{
    if (rnd(&t->r) % 16 == 0) evaluate(t, at, NULL, NULL);
    STEP;
    return p->k < q->k ? -1 : p->k > q->k;
}
static NOINLINE void merge_sort(struct runner *t, uint64_t *at, struct key *v, int n)
{
    if (n < 2) return;
    int h = n / 2, i = 0, j = h, k = 0;
    merge_sort(t, at, v, h);
    merge_sort(t, at, v + h, n - h);
    struct key *tmp = alloca((size_t)n * sizeof *tmp);
    while (i < h && j < n) { if (compare(t, at, v + i, v + j) <= 0) tmp[k++] = v[i++]; else tmp[k++] = v[j++]; }
    while (i < h) tmp[k++] = v[i++];
    while (j < n) tmp[k++] = v[j++];
    memcpy(v, tmp, (size_t)n * sizeof *tmp);
}

static NOINLINE void helper(struct runner *t, uint64_t *at, bool sort)
{
    LOCALS;
    size_t n = rnd(&t->r) % 2000;
    unsigned char fill = (unsigned char)n, *block = alloca(n + 1);
    memset(block, fill, n + 1);
    if (sort) {
        struct key v[KEYS];
        uint64_t sum = 0, got = 0;
        for (int i = 0; i < KEYS; i++) { v[i].k = rnd(&t->r) % 64; v[i].id = rnd(&t->r); sum += v[i].id ^ v[i].k; }
        merge_sort(t, at, v, KEYS);
        for (int i = 0; i < KEYS; i++) { got += v[i].id ^ v[i].k; if (i && v[i - 1].k > v[i].k) FAIL("not sorted"); }
        if (sum != got) FAIL("the sort lost elements");
        t->sorts++;
    }
    while (!t->stop) {
        STEP; CHECK;
        for (size_t i = 0; i <= n; i += 61) if (block[i] != fill) FAIL("alloca");
        unsigned r = (unsigned)(rnd(&t->r) % 1000);
        if (r < 400) CHANGE;
        else if (r < 550) { if (D < DEEPEST - 8) a ^= evaluate(t, at, &word[WORDS - 1], &F->word[WORDS - 1]), F->scalar[0] = a; }
        else if (r < 580) { if (D < DEEPEST - 8) helper(t, at, false); }
        else if (r < 600) { fill++; memset(block, fill, n + 1); }
        else if (r < 660) begin_here(t, at);
        else if (r < 700) abort_here(t);
        else if (r >= 850) break;
    }
    CHECK;
    t->m.depth--;
}

static void current_window(void *user, uint64_t **lo, uint64_t **hi)
{
    struct runner *t = user;
    *lo = t->lo, *hi = t->hi;
}
static void rolled_back(void *user) { ((struct runner *)user)->again = true; }

static NOINLINE void run(struct runner *t)
{
    uint64_t *at = t->values;
    window_new(t, at);
    begin_here(t, at + WINDOW);
    while (!t->stop) {
        if (rnd(&t->r) & 1) helper(t, at + WINDOW, false); else evaluate(t, at + WINDOW, NULL, NULL);
        window_back(t, at);
        window_check(t, at);
    }
}
static void *thread_main(void *arg)
{
    struct runner *t = arg;
    stm_thread_value_stack(stm_thread_attach(t, __builtin_frame_address(0)), current_window);
    t->lo = t->hi = t->values;
    stm_enter();
    run(t);
    t->lo = t->hi = t->values;
    stm_leave();
    stm_thread_detach();
    return NULL;
}

static _Atomic int signals;
static void on_signal(int s)
{
    volatile unsigned char b[700];
    (void)s;
    scribble(b, sizeof b);
    signals++;
}
const char *__asan_default_options(void);
const char *__asan_default_options(void) { return "detect_stack_use_after_return=0"; }

int main(int argc, char **argv)
{
    uint64_t steps = argc > 1 ? strtoull(argv[1], 0, 0) : 200000, seed = argc > 3 ? strtoull(argv[3], 0, 0) : 1;
    unsigned n = argc > 2 ? (unsigned)atoi(argv[2]) : 3;
    struct sigaction sa = { .sa_handler = on_signal, .sa_flags = SA_RESTART };
    struct itimerval it = { { 0, 1000 }, { 0, 1000 } };
    struct stm_config config = { .rolled_back = rolled_back };
    pthread_t th[64];
    struct runner *t[64];
    sigaction(SIGPROF, &sa, NULL);
    setitimer(ITIMER_PROF, &it, NULL);
    setenv("HEDDLE_STM_STRESS", "abort=0", 1);             /* no solo mode */
    stm_init(&config);
    for (unsigned i = 0; i < n; i++) {
        t[i] = calloc(1, sizeof *t[i]);
        t[i]->r.s = seed * 7919 + i + 1, t[i]->limit = steps;
        pthread_create(&th[i], NULL, thread_main, t[i]);
    }
    for (unsigned i = 0; i < n; i++) {
        pthread_join(th[i], NULL);
        printf("thread %u: steps %lu begins %lu aborts %lu sorts %lu scans %lu out parameters %lu\n", i, t[i]->steps, t[i]->begins,
               t[i]->aborts, t[i]->sorts, t[i]->scans, t[i]->announced);
        if (steps > 10000 && (!t[i]->aborts || !t[i]->scans || !t[i]->sorts)) FAIL("something was never tried");
        free(t[i]);
    }
    printf("ok, %d signals\n", (int)signals);
    return 0;
}
