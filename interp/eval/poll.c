/* What happens at polls besides transactions: collections, signals, asynchronous exceptions, finalisers.
 *
 * P1: hd_user_poll runs inside stm_poll_slow and never runs Python; it only collects and notes that there is work.
 * P2: hd_poll_here runs the work as part of the instruction that polled, so that exceptions have a place to go.
 * P3: an instruction that polls before it does anything else uses hd_poll_between: what its registers and C frames hold then are
 *     leftovers.  So when an object is found dead does not depend on what the compiler keeps where.
 * P4: a request stays until pending_work looks for what it is about: a poll of a C function (stm_poll), or one whose transaction
 *     is doomed, leaves it to the next one. */
#include "interp/eval/eval_internal.h"
#include "interp/core/runtime.h"
#include "interp/eval/fast.h"
#include "interp/modules/lock.h"
#include "stm/portal.h"
#include <signal.h>
#include <time.h>

int (*hd_signal_handlers)(void);
static volatile sig_atomic_t signals_pending;

void hd_user_poll(void)
{
    enum gc_due due = gc_due();
    if (due == GC_DUE_STOPPED && gc_is_short()) stm_break();      /* or what the transaction dropped lives in its log */
    if (due != GC_DUE_NOTHING) hd_drop_dead_temporaries_at_poll(due == GC_DUE_STOPPED);
    gc_poll();
}

void hd_signal_arrived(void)
{
    signals_pending = 1;
    struct hd_thread *ts = hd_main_thread;
    if (!ts || !ts->stm) return;
    stm_request_poll_thread(ts->stm, STM_POLL_USER);
    stm_interrupt_parked(ts->stm);                     /* waiting for a lock ends for a handler, too */
}

void hd_set_async_exc(struct hd_thread *ts, hd_value exc)
{
    __atomic_store_n(&ts->async_exc, exc, __ATOMIC_RELEASE);
    if (exc != HD_UNBOUND) stm_request_poll_thread(ts->stm, STM_POLL_USER);
}

int hd_check_signals(void)
{
    if (!hd_ts->main || !signals_pending || !hd_signal_handlers) return 0;
    signals_pending = 0;
    return hd_signal_handlers();
}

void (*hd_weak_callback)(void *holder);
void (*hd_finalised)(hd_value o);

static void finalise(hd_value o)
{
    struct hd_type *t = hd_type_of(o);
    if (t->op.finalise) t->op.finalise(o);
    if (hd_exc_pending()) hd_exc_print_unraisable("", o);
    if (hd_finalised) hd_finalised(o);
}

bool hd_run_finalisers_asked(void)
{
    void *o;
    hd_value late = HD_ABSENT;
    bool any = false;
    if (hd_ts->finalising) return false;         /* what finalisers allocate may make more of them: those come later */
    hd_ts->finalising = 1;
    hd_value pending = hd_exc_take();
    while ((o = gc_next_cleared()) != NULL)
        if (hd_weak_callback) hd_weak_callback(o);
    while ((o = gc_next_finalisable()) != NULL) {
        any = true;
        if (hd_late_finaliser(o)) {             /* at the end of the process all are queued at once */
            if (late == HD_ABSENT) late = hd_list_new(0);
            if (late != HD_ERR && hd_list_append(late, hd_obj(o)) == 0) continue;
            hd_exc_clear();                      /* no memory: then at once */
        }
        finalise(hd_obj(o));
    }
    for (int64_t i = 0; late != HD_ABSENT && late != HD_ERR && i < hd_list_len(late); i++) finalise(hd_list_get(late, i));
    hd_exc_put(pending);
    hd_ts->finalising = 0;
    if (__atomic_load_n(&hd_ts->async_exc, __ATOMIC_ACQUIRE) != HD_UNBOUND) stm_request_poll_thread(hd_ts->stm, STM_POLL_USER);
    return any;
}

/* The code that runs has nothing to do with the objects: no warning is about it, nor is one entered into its globals, which it
 * may be walking through. */
bool hd_run_finalisers(void)
{
    if (hd_ts->finalising) return false;
    hd_ts->interrupted = hd_ts->fp;
    bool any = hd_run_finalisers_asked();
    hd_ts->interrupted = NULL;
    return any;
}

/* A lock that this thread holds may be what a finaliser or a callback of a weak reference takes: it would wait for itself.  (Counting
 * references finalises where the last one goes, and programs make sure that this is not inside.)  A lock is in a register while a
 * `with` statement holds it, and mostly else too. */
static bool holds_lock(struct hd_thread *ts)
{
    if (ts->n_elided) return true;
    hd_value *fp = ts->fp;
    const hd_value *end = hd_frame_top(fp);
    for (; fp[HD_FRAME_NS] != HD_UNBOUND; fp = hd_frame_caller(fp)) {
        for (const hd_value *p = fp, *z = fp + hd_frame_code(fp)->nregs; p < z && p < end; p++)
            if (hd_is_ptr(*p) && gc_is_object(hd_ptr(*p)) && hd_type_of(*p) == &hd_lock_type && hd_lock_seems_mine(*p)) return true;
        end = fp - HD_FRAME_WORDS;
    }
    return false;
}

/* Some hold a lock for ever: then finalisers run all the same, at a poll after this much work.  Work, since a critical section may take
 * any time on a machine that does not let the thread run. */
static const int64_t LONGEST_WAIT = 2000000000;      /* ns */
static bool must_wait(struct hd_thread *ts)
{
    if (gc_anything_queued() && holds_lock(ts)) {
        struct timespec t;
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
        int64_t now = (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
        if (!ts->finalisers_wait) ts->finalisers_wait = now;
        if (now - ts->finalisers_wait < LONGEST_WAIT) return true;
    }
    ts->finalisers_wait = 0;                     /* those that come later wait anew; another thread may have released the lock */
    return false;
}

void hd_ask_for_finalisers(struct hd_thread *ts)
{
    ts->finalisers_wait = 0;
    stm_request_poll_thread(ts->stm, STM_POLL_USER);
}

static int pending_work(struct hd_thread *ts)
{
    stm_user_work();                             /* before the looks: what comes now asks again */
    if (!must_wait(ts)) hd_run_finalisers();
    if (hd_check_signals() < 0) return -1;
    /* In a finaliser it would be lost: the poll after it raises it. */
    if (UNLIKELY(__atomic_load_n(&ts->async_exc, __ATOMIC_ACQUIRE) != HD_UNBOUND) && !ts->finalising) {
        /* What is taken here cannot be given back by an abort, so there must not be one; until then it is asked for again. */
        stm_request_poll_thread(ts->stm, STM_POLL_USER);
        stm_become_irrevocable();
        hd_value e = __atomic_exchange_n(&ts->async_exc, HD_UNBOUND, __ATOMIC_ACQ_REL);
        if (hd_is_exc_instance(e)) (void)hd_raise_object(e);
        else hd_raise_none(HD_TYPE(e));
        return -1;
    }
    return 0;
}

int hd_poll_here(struct hd_thread *ts)
{
    if (!stm_poll_slow()) return 0;
    return pending_work(ts);
}

int hd_poll_between(struct hd_thread *ts)
{
    ts->left_with = HD_UNBOUND;
    char *shown = stm_portal_bare_from(STM_PORTAL_NOTHING);
    bool done = stm_poll_slow();
    stm_portal_bare_from(shown);
    return done ? pending_work(ts) : 0;
}

const hd_ins *s_poll(struct hd_thread *ts, const hd_ins *pc, hd_value *fp)
{
    if (hd_poll_between(ts) < 0) return RAISED();
    return pc + 2;
}
