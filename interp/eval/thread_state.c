/* Threads of the interpreter: their state, value stacks and what transactions and collector need to know of them.
 *
 * T1: a value stack is one anonymous mapping, its last page without access; the word below the first frame is a header
 *     whose code word is no pointer, so the walk over frames ends there.  Stacks of ended threads are kept for new ones.
 * T2: the list of threads changes with list_lock held; no poll and no barrier happens meanwhile. */
#include "interp/eval/dump.h"
#include "interp/eval/eval_internal.h"
#include "interp/types/additions.h"
#include "interp/eval/fast.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

_Thread_local struct hd_thread *hd_ts;
struct hd_thread *hd_main_thread;

static pthread_mutex_t list_lock = PTHREAD_MUTEX_INITIALIZER;
struct hd_thread *hd_thread_list;

enum { PAGE = 4096 };
static const size_t main_stack_bytes = (size_t)1 << 30, other_stack_bytes = (size_t)1 << 27;
static const size_t big_c_stack = (size_t)512 << 20, c_stack_reserve = 96 << 10;

/* -- stacks ------------------------------------------------------------------------------------------------------------------- */

/* At most this part of the address space that the process may have, if that is limited. */
size_t hd_stack_share(size_t bytes, unsigned part)
{
    struct rlimit rl;
    if (getrlimit(RLIMIT_AS, &rl) || rl.rlim_cur == RLIM_INFINITY) return bytes;
    size_t share = ((size_t)rl.rlim_cur / part) & ~(size_t)(PAGE - 1), least = (size_t)512 << 10;
    return share < least ? least : share < bytes ? share : bytes;
}

enum { KEPT = 8, KEPT_WARM = 32 << 10 };
static struct { char *stack; size_t bytes; } kept[KEPT];     /* guarded by list_lock */
static unsigned n_kept;

static char *take_value_stack(bool main, size_t *bytes)
{
    if (!main) {
        char *stack = NULL;
        pthread_mutex_lock(&list_lock);
        if (n_kept) stack = kept[--n_kept].stack, *bytes = kept[n_kept].bytes;
        pthread_mutex_unlock(&list_lock);
        if (stack) return stack;
    }
    size_t n = main ? hd_stack_share(main_stack_bytes, 16) : hd_stack_share(other_stack_bytes, 128);
    char *stack = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (stack == MAP_FAILED) return NULL;
    mprotect(stack + n - PAGE, PAGE, PROT_NONE);
    *bytes = n;
    return stack;
}

/* The first pages stay: most threads need no others.  They are cleared since old words would keep objects alive. */
static void give_value_stack(char *stack, size_t bytes, bool main)
{
    if (!main && bytes > KEPT_WARM + PAGE) {
        madvise(stack + KEPT_WARM, bytes - PAGE - KEPT_WARM, MADV_DONTNEED);
        memset(stack, 0, KEPT_WARM);
        pthread_mutex_lock(&list_lock);
        bool keep = n_kept < KEPT;
        if (keep) kept[n_kept].stack = stack, kept[n_kept++].bytes = bytes;
        pthread_mutex_unlock(&list_lock);
        if (keep) return;
    }
    munmap(stack, bytes);
}

static void current_window(void *user, uint64_t **lo, uint64_t **hi)
{
    struct hd_thread *ts = user;
    *lo = (uint64_t *)ts->fp - HD_FRAME_WORDS;
    *hi = (uint64_t *)hd_frame_top(ts->fp);
}

void hd_eval_thread_roots(void *user, struct gc_marker *m)
{
    struct hd_thread *ts = user;
    if (!ts || !ts->fp) return;
    gc_mark_conservative(m, ts->stack_base, hd_frame_top(ts->fp));
    gc_mark_conservative(m, ts, ts->saved_end);
    gc_mark(m, ts->async_exc);
    gc_mark(m, ts->local_dict);
    gc_mark(m, ts->sentinel);
    gc_mark(m, ts->jump_handled);
    gc_mark(m, ts->async_gen_firstiter);
    gc_mark(m, ts->async_gen_finalizer);
    hd_additions_mark(ts->additions, m);
}

/* Called with a context of its own or before any: publishes the handler tables and hooks, once. */
static void init_once(void)
{
    static bool done;
    if (done) return;
    done = true;
    (void)!hd_run(NULL, NULL, NULL);
}

static char *big_lo, *big_hi;              /* the C stack made by hd_on_big_stack */

/* The lowest usable address of the calling thread's C stack. */
static char *c_stack_bottom(bool main)
{
    char *here = __builtin_frame_address(0);
    if (main && here > big_lo && here < big_hi) return big_lo;
    pthread_attr_t attr;
    void *base = here - (256 << 10);
    size_t size;
    if (pthread_getattr_np(pthread_self(), &attr) == 0) {
        if (pthread_attr_getstack(&attr, &base, &size) != 0) base = here - (256 << 10);
        pthread_attr_destroy(&attr);
    }
    return base;
}

struct hd_thread *hd_thread_attach_at(bool main, bool guest, char *top)
{
    init_once();
    stm_need_cache();
    size_t bytes;
    char *stack = take_value_stack(main, &bytes);
    if (!stack) return NULL;
    struct hd_thread *ts = calloc(1, sizeof *ts);
    if (ts && !(ts->ic_table = calloc(1 << HD_IC_TABLE_LOG2, sizeof *ts->ic_table))) {
        free(ts);
        ts = NULL;
    }
    if (!ts) {
        give_value_stack(stack, bytes, main);
        return NULL;
    }
    ts->stack_base = (hd_value *)(void *)stack;
    ts->stack_end = (hd_value *)(void *)(stack + bytes - PAGE);
    ts->stack_limit = ts->stack_base;
    ts->fp = ts->stack_base + HD_FRAME_WORDS;
    hd_push_header(ts->fp, HD_UNBOUND, HD_UNBOUND, NULL, NULL);
    ts->exc = ts->handled = ts->context = ts->frames = ts->trace_func = ts->profile_func = ts->repr_guard = ts->left_with = HD_UNBOUND;
    ts->trace_event = "";
    ts->jump_handled = HD_UNBOUND;
    ts->async_exc = ts->sentinel = ts->local_dict = ts->async_gen_firstiter = ts->async_gen_finalizer = HD_UNBOUND;
    ts->dispatch = hd_dispatch_plain;
    ts->ident = (uint64_t)pthread_self();
    ts->native_id = syscall(SYS_gettid);
    ts->main = main;
    ts->guest = guest;
    ts->c_stack_limit = c_stack_bottom(main) + c_stack_reserve;
    /* Beyond the first frames of other threads' stacks lies their thread-local storage, which no abort may put back. */
    if (main && top > big_lo && top < big_hi) top = big_hi;
    hd_ts = ts;
    if (main) hd_main_thread = ts;
    ts->stm = guest ? stm_thread_attach_guest(ts, top) : stm_thread_attach(ts, top);
    stm_thread_saved_range(ts->stm, ts, (size_t)(ts->saved_end - (char *)ts));
    stm_thread_value_stack(ts->stm, current_window);
    pthread_mutex_lock(&list_lock);
    ts->next = hd_thread_list;
    if (hd_thread_list) hd_thread_list->prev = ts;
    hd_thread_list = ts;
    pthread_mutex_unlock(&list_lock);
    return ts;
}

void hd_thread_begun(void)
{
    struct hd_thread *ts = hd_ts;
    if (ts->dispatch != hd_dispatch_traced) ts->dispatch = hd_dispatch_untraced();
}

/* The thread runs no more Python code: what it has worked with shall not live until it is gone altogether. */
void hd_thread_forget_values(void)
{
    struct hd_thread *ts = hd_ts;
    ts->handled = ts->context = ts->repr_guard = ts->left_with = ts->local_dict = ts->jump_handled = HD_UNBOUND;
    ts->trace_func = ts->profile_func = ts->async_gen_firstiter = ts->async_gen_finalizer = HD_UNBOUND;
    ts->dispatch = hd_dispatch_plain;
    for (hd_value *p = ts->fp; p < (hd_value *)hd_frame_top(ts->fp); p++) *p = HD_UNBOUND;
}

static void free_thread(struct hd_thread *ts)
{
    give_value_stack((char *)ts->stack_base, (size_t)((char *)ts->stack_end - (char *)ts->stack_base) + PAGE, ts->main);
    free(ts->ic_table);
    free(ts->additions);
    free(ts);
}

bool hd_thread_detach(void)
{
    struct hd_thread *ts = hd_ts;
    bool last = true;
    pthread_mutex_lock(&list_lock);
    if (ts->prev) ts->prev->next = ts->next;
    else hd_thread_list = ts->next;
    if (ts->next) ts->next->prev = ts->prev;
    for (struct hd_thread *t = hd_thread_list; t; t = t->next) last &= t->guest;
    pthread_mutex_unlock(&list_lock);
    stm_thread_detach();
    hd_ts = NULL;
    if (ts == hd_main_thread) hd_main_thread = NULL;
    free_thread(ts);
    return last;
}

void hd_each_hd_thread(void (*f)(struct hd_thread *ts, void *arg), void *arg)
{
    pthread_mutex_lock(&list_lock);
    for (struct hd_thread *t = hd_thread_list; t; t = t->next) f(t, arg);
    pthread_mutex_unlock(&list_lock);
}

/* In the child of a fork: the other threads do not exist any more; their stacks are given back. */
void hd_threads_after_fork(void)
{
    pthread_mutex_init(&list_lock, NULL);
    struct hd_thread *self = hd_ts, *next;
    for (struct hd_thread *t = hd_thread_list; t; t = next) {
        next = t->next;
        if (t != self) free_thread(t);
    }
    hd_thread_list = self;
    self->next = self->prev = NULL;
    self->main = true;
    self->guest = false;
    hd_main_thread = self;
    self->native_id = syscall(SYS_gettid);
}

/* -- a large C stack for the main thread ----------------------------------------------------------------------------------- */

struct big_call { int (*f)(void *arg); void *arg; };

int hd_call_on_stack(int (*f)(void *arg), void *arg, char *top);       /* big_stack_x64.S */

/* AddressSanitizer wants to know which stack is in use. */
#if GC_ASAN
#include <sanitizer/common_interface_defs.h>
static int on_big_stack(void *arg)
{
    const struct big_call *call = arg;
    const void *old_stack;
    size_t old_size;
    __sanitizer_finish_switch_fiber(NULL, &old_stack, &old_size);
    int result = call->f(call->arg);
    __sanitizer_start_switch_fiber(NULL, old_stack, old_size);
    return result;
}

static int call_on_stack(struct big_call *call, char *stack, size_t bytes)
{
    void *fake_stack;
    __sanitizer_start_switch_fiber(&fake_stack, stack, bytes);
    int result = hd_call_on_stack(on_big_stack, call, stack + bytes);
    __sanitizer_finish_switch_fiber(fake_stack, NULL, NULL);
    return result;
}
#else
static int call_on_stack(struct big_call *call, char *stack, size_t bytes) { return hd_call_on_stack(call->f, call->arg, stack + bytes); }
#endif

int hd_on_big_stack(int (*f)(void *arg), void *arg)
{
    size_t bytes = hd_stack_share(big_c_stack, 16);
    char *stack = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
    if (stack == MAP_FAILED) return f(arg);
    mprotect(stack, PAGE, PROT_NONE);
    big_lo = stack;
    big_hi = stack + bytes;
    int result = call_on_stack(&(struct big_call){ f, arg }, stack, bytes);
    munmap(stack, bytes);
    return result;
}
