/* Collections while the process waits.
 *
 * Programs rely on it that what they drop is closed: the peer of a dropped connection waits for its end.  Collections happen at
 * polls, and threads that wait do not poll.  So a watcher collects when all threads wait, and runs the finalisers itself.
 *
 * I1: the watcher is no thread of the interpreter until it collects: it only looks at counters that threads keep anyway.  It is
 *     started by the first thread that leaves after something was made whose end others may wait for (hd_idle_arm): neither the
 *     start of the interpreter nor a program that only computes and reads files has one.
 * I2: while nobody has left since the last collection, the watcher sleeps, and stm_leave_watched wakes it.
 * I3: a collection is made when nobody has been inside for PERIOD_NS, or when the process uses less than a tenth of a processor
 *     and nobody is inside right now; and then not again before SHARE_MIN times the processor time that it took.  That doubles
 *     up to SHARE_MAX as long as there was nothing to finalise.
 * I4: as a guest it leaves solo mode on: it and the only thread take turns, changing only while one of them is outside.  There
 *     the finalisers see themselves run by that thread: its identifier, its thread-local values, its context.  Beside several
 *     threads they run in a thread of their own, which threading does not list.
 * I5: fork finds no guest half attached (attach_lock).  The child has no watcher; the next thread that leaves starts one. */
#include "interp/eval/collect.h"
#include "interp/eval/eval_internal.h"
#include "interp/core/runtime.h"
#include "interp/modules/modules.h"
#include <errno.h>
#include <jemalloc/jemalloc.h>
#include <linux/futex.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { SHARE_MIN = 50, SHARE_MAX = 1600, STACK = 8 << 20 };
static const int64_t PERIOD_NS = 50000000, PERIOD_MAX_NS = 200000000, WINDOW_NS = 500000000, PATIENCE_NS = 1000000000;

uint32_t hd_idle_unarmed;
static pthread_mutex_t attach_lock = PTHREAD_MUTEX_INITIALIZER;
static uint32_t runs, working, ending;    /* there is a watcher; it collects or finalises (futex); no more of that */
static sigset_t usual_signals;            /* the mask of finalisers: that of the thread that started the watcher */
static int64_t cost_ns;                   /* processor time of the last collection */

static int64_t clock_ns(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

static void futex(uint32_t *word, int op, uint32_t value, int64_t timeout_ns)
{
    struct timespec t = { timeout_ns / 1000000000, timeout_ns % 1000000000 };
    syscall(SYS_futex, word, op, value, timeout_ns < 0 ? NULL : &t, NULL, 0);
}

static void pause_for(int64_t ns)
{
    struct timespec t = { ns / 1000000000, ns % 1000000000 };
    nanosleep(&t, NULL);
}

/* Far enough for the frames between the evaluator's and the system call, which assertions and sanitizers make larger. */
#ifdef HD_DEBUG
enum { CLEARED = 12288 };
#else
enum { CLEARED = GC_ASAN ? 12288 : 1536 };
#endif
__attribute__((noinline, no_sanitize_address)) void hd_clear_for_wait(void)
{
    char dead[CLEARED];
    memset(dead, 0, sizeof dead);
    __asm__ volatile("" : : "r"(dead) : "memory");
}

NOINLINE hd_value hd_wait_in(hd_cfunc f, hd_cfunc called_as, hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
{
    char *shown = hd_hide_callers(called_as, args);
    hd_clear_for_wait();
    HD_FORGET_REGISTERS();
    hd_value v = f(self, args, nargs, kwnames);
    if (shown) stm_portal_bare_from(shown);
    return v;
}

NOINLINE hd_value hd_wait_next(hd_value (*f)(hd_value iterator), hd_value iterator)
{
    char *shown = hd_hide_callers_next(iterator);
    hd_clear_for_wait();
    HD_FORGET_REGISTERS();
    hd_value v = f(iterator);
    if (shown) stm_portal_bare_from(shown);
    return v;
}

/* -- a collection ------------------------------------------------------------------------------------------------------------- */

/* In solo mode the only thread is outside now, and comes back only while this one is. */
static bool borrow_identity(void)
{
    struct hd_thread *ts = hd_ts, *of = hd_main_thread;
    if (!stm_solo() || !of) return false;
    if (of->local_dict == HD_UNBOUND || of->local_dict == 0) {
        hd_value d = hd_dict_new();
        if (d != HD_ERR) of->local_dict = d;
        else hd_exc_clear();
    }
    ts->local_dict = of->local_dict;
    ts->context = of->context;
    ts->ident = of->ident;
    return true;
}

/* A finaliser that has asked for the current thread has made threading list one. */
static void forget_dummy(void)
{
    hd_value threading = hd_dict_get_c(hd_sys_modules, "threading");
    hd_value active = threading == HD_ABSENT || threading == HD_ERR ? HD_ABSENT : hd_getattr_opt(threading, hd_intern("_active"));
    if (active != HD_ABSENT && active != HD_ERR && hd_is_dict(active)) (void)!hd_dict_del(active, hd_int_u64(hd_ts->ident));
    if (hd_exc_pending()) hd_exc_clear();
}

static __attribute__((noinline)) void finalise_queued(void)
{
    sigset_t none;
    sigfillset(&none);
    bool borrowed = borrow_identity();
    pthread_sigmask(SIG_SETMASK, &usual_signals, NULL);      /* a finaliser may start a program */
    while (gc_anything_queued()) hd_run_finalisers();
    if (!borrowed) forget_dummy();
    pthread_sigmask(SIG_SETMASK, &none, NULL);
}

/* True: there was something to finalise. */
static __attribute__((noinline)) bool collect(void)
{
    stm_enter();
    int64_t start = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
    hd_drop_dead_temporaries_of_others();
    gc_collect_full();
    cost_ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID) - start;
    bool any = gc_anything_queued();
    if (any) finalise_queued();
    hd_thread_forget_values();
    stm_leave();
    return any;
}

static __attribute__((noinline)) bool collect_as_guest(void)
{
    pid_t pid = getpid();
    pthread_mutex_lock(&attach_lock);
    struct hd_thread *ts = hd_thread_attach_guest();
    pthread_mutex_unlock(&attach_lock);
    if (!ts) return false;
    bool any = collect();
    if (getpid() != pid) {                   /* a finaliser has forked, and this is the child: its only thread ends */
        hd_thread_detach();
        exit(0);
    }
    pthread_mutex_lock(&attach_lock);
    hd_thread_detach();
    pthread_mutex_unlock(&attach_lock);
    return any;
}

static bool collect_unless_ending(void)
{
    __atomic_store_n(&working, 1, __ATOMIC_SEQ_CST);
    bool any = !__atomic_load_n(&ending, __ATOMIC_SEQ_CST) && collect_as_guest();
    __atomic_store_n(&working, 0, __ATOMIC_SEQ_CST);
    futex(&working, FUTEX_WAKE_PRIVATE, INT32_MAX, -1);
    return any;
}

/* -- the watcher ---------------------------------------------------------------------------------------------------------------- */

/* Returns when somebody has left since `times_left` was read. */
static void sleep_until_left(uint64_t times_left)
{
    uint64_t now;
    __atomic_store_n(&stm_leave_watched, 1, __ATOMIC_SEQ_CST);
    for (;;) {
        (void)stm_all_away(&now);
        if (now != times_left || !__atomic_load_n(&stm_leave_watched, __ATOMIC_ACQUIRE)) break;
        futex(&stm_leave_watched, FUTEX_WAIT_PRIVATE, 1, -1);
    }
    __atomic_store_n(&stm_leave_watched, 0, __ATOMIC_RELAXED);
}

/* How much of a processor the process has used of late. */
struct usage { int64_t since, cpu; bool little; };
static void restart_usage(struct usage *u)
{
    u->since = clock_ns(CLOCK_MONOTONIC), u->cpu = clock_ns(CLOCK_PROCESS_CPUTIME_ID), u->little = false;
}
static bool uses_little(struct usage *u)
{
    int64_t now = clock_ns(CLOCK_MONOTONIC);
    if (now - u->since < WINDOW_NS) return u->little;
    bool little = (clock_ns(CLOCK_PROCESS_CPUTIME_ID) - u->cpu) * 10 < now - u->since;
    restart_usage(u);
    return u->little = little;
}

static void *watch(void *unused)
{
    (void)unused;
    prctl(PR_SET_NAME, "heddle-idle");
    unsigned arena = 0;
    mallctl("thread.arena", NULL, NULL, &arena, sizeof arena);
    uint64_t collected_at = UINT64_MAX, before, after;       /* times_left */
    int64_t period = PERIOD_NS, not_before = 0, share = SHARE_MIN;
    bool again = false;                      /* what finalisers have let go */
    struct usage usage;
    restart_usage(&usage);
    for (;;) {
        (void)stm_all_away(&before);
        if (before == collected_at && !again) {
            sleep_until_left(before);
            restart_usage(&usage);
            period = PERIOD_NS;
            continue;
        }
        pause_for(period);
        bool away = stm_all_away(&after), quiet = after == before, little = uses_little(&usage);
        if (!away && quiet) {                /* somebody works for long */
            sleep_until_left(after);
            continue;
        }
        period = quiet || period >= PERIOD_MAX_NS ? PERIOD_NS : period + PERIOD_NS;
        if (!away || !(quiet || little)) continue;
        int64_t now = clock_ns(CLOCK_MONOTONIC);
        if (now < not_before) {
            if (not_before - now > PERIOD_NS) pause_for(not_before - now - PERIOD_NS);
            continue;
        }
        collected_at = after;
        again = collect_unless_ending();
        if (__atomic_load_n(&ending, __ATOMIC_RELAXED)) return NULL;
        share = again ? SHARE_MIN : share < SHARE_MAX ? 2 * share : share;
        not_before = clock_ns(CLOCK_MONOTONIC) + share * cost_ns;
        period = PERIOD_NS;
    }
}

/* Outside transactions, by whoever has left. */
static void somebody_left(void)
{
    if (!__atomic_exchange_n(&stm_leave_watched, 0, __ATOMIC_ACQ_REL)) return;
    if (__atomic_exchange_n(&runs, 1, __ATOMIC_ACQ_REL)) {
        futex(&stm_leave_watched, FUTEX_WAKE_PRIVATE, 1, -1);
        return;
    }
    int saved = errno;
    sigset_t all;
    pthread_t id;
    pthread_attr_t attr;
    pthread_attr_init(&attr);
    pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&attr, hd_stack_share(STACK, 64));
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &usual_signals);
    if (pthread_create(&id, &attr, watch, NULL)) __atomic_store_n(&runs, 0, __ATOMIC_RELEASE);      /* then nobody collects */
    pthread_sigmask(SIG_SETMASK, &usual_signals, NULL);
    pthread_attr_destroy(&attr);
    errno = saved;
}

/* -- start, end, fork ----------------------------------------------------------------------------------------------------------- */

void hd_idle_allow(void)
{
    const char *s = getenv("HEDDLE_GC_IDLE");
    if (!STM_BARRIERS || (s && strcmp(s, "0") == 0)) return;
    stm_left_hook = somebody_left;
    __atomic_store_n(&hd_idle_unarmed, 1, __ATOMIC_RELEASE);
}

void hd_idle_arm_slow(void)
{
    if (__atomic_exchange_n(&hd_idle_unarmed, 0, __ATOMIC_ACQ_REL)) __atomic_store_n(&stm_leave_watched, 1, __ATOMIC_RELEASE);
}

void hd_idle_end(void)
{
    __atomic_store_n(&hd_idle_unarmed, 0, __ATOMIC_RELAXED);
    __atomic_store_n(&ending, 1, __ATOMIC_SEQ_CST);
    if (!__atomic_load_n(&working, __ATOMIC_SEQ_CST)) return;
    HD_BLOCKING
        int64_t now, end = clock_ns(CLOCK_MONOTONIC) + PATIENCE_NS;
        while (__atomic_load_n(&working, __ATOMIC_ACQUIRE) && (now = clock_ns(CLOCK_MONOTONIC)) < end)
            futex(&working, FUTEX_WAIT_PRIVATE, 1, end - now);
    HD_END_BLOCKING
}

void hd_idle_before_fork(void) { pthread_mutex_lock(&attach_lock); }
void hd_idle_after_fork_parent(void) { pthread_mutex_unlock(&attach_lock); }
void hd_idle_after_fork_child(void)
{
    pthread_mutex_init(&attach_lock, NULL);
    bool armed = __atomic_load_n(&runs, __ATOMIC_RELAXED) || __atomic_load_n(&stm_leave_watched, __ATOMIC_RELAXED);
    runs = working = 0;
    stm_leave_watched = armed;
}
