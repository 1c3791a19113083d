/* The _thread module: starting threads, thread-local objects; locks are in lock.c. */
#include <errno.h>
#include <jemalloc/jemalloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>
#include "interp/core/settings.h"
#include "interp/core/names.h"
#include "interp/eval/eval.h"
#include "interp/modules/lock.h"
#include "interp/modules/modules.h"

enum { DEFAULT_STACK = 8 << 20, MIN_STACK = 256 << 10 };
static int64_t running;                   /* threads started here and not ended; atomic */

#define FN(name) static hd_value thread_##name(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)

/* ---- starting ---------------------------------------------------------------------------------------------------------------- */
/* On the C stack of the starting thread, which waits until the new one has taken everything over: so the collector sees the
 * references all the time. */
struct start { hd_value func, args, kwargs; uint64_t ident; bool failed, taken; };
/* Static, since whoever wakes may still look at them when the woken one has gone on. */
static pthread_mutex_t start_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t start_taken = PTHREAD_COND_INITIALIZER;
static void taken(struct start *s)
{
    pthread_mutex_lock(&start_lock);
    s->taken = true;
    pthread_mutex_unlock(&start_lock);
    pthread_cond_broadcast(&start_taken);    /* who wakes up finds the lock free */
}

static bool no_main;                      /* the process was forked by a thread: its main thread does not exist */
/* In the child of a fork the threads that were starting others are gone, and so is whoever holds the lock. */
static void forget_starts(void)
{
    pthread_mutex_init(&start_lock, NULL);
    pthread_cond_init(&start_taken, NULL);
    running = hd_ts && !hd_ts->main;
    no_main |= running != 0;
}

static void empty_parts_of_thread(void);
static void count_ended(void *unused) { __atomic_sub_fetch(&running, 1, __ATOMIC_RELAXED); }

/* Everything that needs references to the thread's function has a frame of its own: nothing of it is left on the stack when
 * others hear that the thread has ended. */
static __attribute__((noinline)) void run_thread(struct start *s)
{
    volatile hd_value func = s->func, args = s->args, kwargs = s->kwargs;
    s->ident = hd_ts->ident;
    __atomic_add_fetch(&running, 1, __ATOMIC_RELAXED);
    taken(s);
    stm_break();                             /* an abort must not come back to where `s` was still there */
    if (hd_call_ex(func, args, kwargs) == HD_ERR) {
        if (hd_exc_is(&hd_exc_SystemExit)) hd_exc_clear();
        else hd_exc_print_unraisable("in thread started by", func);
    }
    empty_parts_of_thread();
}

/* Threads share jemalloc's arenas; one for each processor would lose its pages with its last thread, and the next thread would
 * fault them in again.  0, the main one, where few run at a time, or where there is no memory for more. */
enum { PER_ARENA = 8, MAX_ARENAS = 16 };
static unsigned next_arena(void)
{
    static unsigned arenas[MAX_ARENAS], next;
    unsigned n = stm_context_count() / PER_ARENA;
    if (n <= 1) return 0;
    unsigned i = __atomic_fetch_add(&next, 1, __ATOMIC_RELAXED) % (n < MAX_ARENAS ? n : MAX_ARENAS);
    pthread_mutex_lock(&start_lock);
    size_t size = sizeof arenas[i];
    if (i && !arenas[i] && mallctl("arenas.create", &arenas[i], &size, NULL, 0)) arenas[i] = 0;
    unsigned arena = arenas[i];
    pthread_mutex_unlock(&start_lock);
    return arena;
}

static void *thread_main(void *arg)
{
    struct start *s = arg;
    unsigned arena = next_arena();
    if (arena) mallctl("thread.arena", NULL, NULL, &arena, sizeof arena);
    struct hd_thread *ts = hd_thread_attach(false, 0);
    if (!ts) {
        s->failed = true;
        taken(s);
        return NULL;
    }
    stm_enter();
    run_thread(s);
    hd_thread_forget_values();
    stm_on_commit(count_ended, NULL);
    stm_break();                             /* whoever has joined the thread finds it counted */
    sigset_t all;                            /* and no signal is left to a thread that seems to have ended */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, NULL);
    hd_value sentinel = ts->sentinel;
    ts->sentinel = HD_UNBOUND;
    if (sentinel != HD_UNBOUND && hd_is_ptr(sentinel) && sentinel && hd_lock_release(sentinel) < 0) hd_exc_clear();
    stm_leave();
    if (hd_thread_detach() && no_main) exit(0);     /* as when the last thread of a process ends */
    return NULL;
}

FN(start_new_thread)
{
    if (!hd_callable(args[0])) return hd_raise(&hd_exc_TypeError, "first arg must be callable");
    if (!hd_is_tuple(args[1])) return hd_raise(&hd_exc_TypeError, "2nd arg must be a tuple");
    if (nargs > 2 && !hd_is_dict(args[2])) return hd_raise(&hd_exc_TypeError, "optional 3rd arg must be a dictionary");
    if (!STM_BARRIERS) return hd_raise(&hd_exc_RuntimeError, "can't start new thread: built without barriers");
    hd_idle_arm();
    stm_leave_solo();
    struct start s = { args[0], args[1], nargs > 2 ? args[2] : HD_ABSENT, .ident = 0, .taken = false };
    int64_t stack_size = hd_setting(thread_stack_size);
    pthread_attr_t attr;
    pthread_attr_init(&attr);
    pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&attr, stack_size ? (size_t)stack_size : hd_stack_share(DEFAULT_STACK, 64));
    int err;
    HD_BLOCKING
        pthread_t id;
        err = pthread_create(&id, &attr, thread_main, &s);  /* the signal mask is inherited; the kernel prefers the main thread */
        if (!err) {
            pthread_mutex_lock(&start_lock);
            while (!s.taken) pthread_cond_wait(&start_taken, &start_lock);
            pthread_mutex_unlock(&start_lock);
        }
    HD_END_BLOCKING
    pthread_attr_destroy(&attr);
    if (err || s.failed) return hd_raise(&hd_exc_RuntimeError, "can't start new thread");
    return hd_int_u64(s.ident);
}

FN(allocate_lock) { return hd_lock_new(false); }
FN(get_ident) { return hd_int_u64(hd_ts->ident); }
FN(get_native_id) { return hd_int(hd_ts->native_id); }
int64_t hd_threads_running(void) { return (int64_t)__atomic_load_n(&running, __ATOMIC_RELAXED); }
/* Who asks is looking for what threads leave behind (tests do), also in weak containers: what nobody refers to is collected. */
FN(count)
{
    hd_release_garbage(thread_count, args, NULL, 0);
    return hd_int(hd_threads_running());
}
FN(exit) { return hd_raise_none(&hd_exc_SystemExit); }
FN(interrupt_main)
{
    int n = SIGINT;
    if (nargs && hd_as_int32(args[0], &n) < 0) return HD_ERR;
    if (n < 1 || n >= NSIG) return hd_raise(&hd_exc_ValueError, "signal number out of range");
    return hd_signal_simulate(n) < 0 ? HD_ERR : HD_NONE;
}
FN(set_sentinel)
{
    hd_value l = hd_lock_new(false);
    if (l != HD_ERR) hd_ts->sentinel = l;
    return l;
}
FN(stack_size)
{
    int64_t n = 0;
    if (nargs && hd_as_i64(args[0], &n) < 0) return HD_ERR;
    if (n < 0) return hd_raise(&hd_exc_ValueError, "size must be 0 or a positive value");
    int64_t old = hd_setting(thread_stack_size);
    if (nargs) {
        if (n != 0 && n < MIN_STACK / 8) return hd_raise(&hd_exc_ValueError, "size not valid: %lld bytes", (long long)n);
        hd_set_setting(thread_stack_size, n == 0 ? 0 : n < MIN_STACK ? MIN_STACK : (n + 4095) & ~(int64_t)4095);
    }
    return hd_int(old);
}
FN(is_main_interpreter) { return HD_TRUE; }

/* threading.excepthook's default */
static struct hd_type *hook_args_type;
FN(excepthook)
{
    hd_value type = hd_getattr_c(args[0], "exc_type"), exc = hd_getattr_c(args[0], "exc_value"), thread = hd_getattr_c(args[0], "thread");
    if (type == HD_ERR || exc == HD_ERR || thread == HD_ERR) return HD_ERR;
    if (type == hd_obj(&hd_exc_SystemExit)) return HD_NONE;
    hd_value err = hd_sys_get("stderr");
    if (err == HD_ABSENT || err == HD_NONE) {
        if (thread == HD_NONE) return HD_NONE;
        err = hd_getattr_c(thread, "_stderr");
        if (err == HD_ERR || err == HD_NONE) { hd_exc_clear(); return HD_NONE; }
    }
    hd_value name = thread == HD_NONE ? hd_int_u64(hd_ts->ident) : hd_getattr_c(thread, "_name");
    if (name == HD_ERR) hd_exc_clear(), name = hd_int_u64(hd_ts->ident);
    hd_value head = hd_str_format("Exception in thread %S:\n", name);
    if (head == HD_ERR || hd_methodv(err, hd_s_write, head) == HD_ERR) return HD_ERR;
    if (exc != HD_NONE && hd_traceback_print(exc, err) < 0) return HD_ERR;
    return hd_call_method(err, hd_s_flush, NULL, 0) == HD_ERR ? HD_ERR : HD_NONE;
}
static hd_value hook_args_make(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
{
    hd_value t = hd_tuple_of(args[0]);
    if (t == HD_ERR) return HD_ERR;
    if (HD_TUPLE(t)->len != 4) return hd_raise(&hd_exc_TypeError, "_ExceptHookArgs() takes a 4-sequence (%lld-sequence given)", (long long)HD_TUPLE(t)->len);
    return hd_structseq_new(hook_args_type, HD_TUPLE(t)->item);
}

/* ---- _local -------------------------------------------------------------------------------------------------------------------- */
/* What a thread has in a thread-local object lives as long as both do: the object refers to its parts, one for each thread,
 * the thread's dict hd_ts->local_dict maps the object's serial number to a weak reference to its part, and the end of the
 * thread empties its parts.  Only the first use in a thread writes to the object. */
HD_MUTABLE(part)
struct part { struct hd_mhead head; hd_vslot dict /* HD_UNBOUND: the thread has ended */, next; };
HD_MUTABLE_OPEN(part, sizeof *o)
HD_MUTABLE(hd_local)
struct hd_local { struct hd_mhead head; int64_t serial; hd_value args, kwargs; hd_vslot parts; hd_islot n_parts, prune_at; };
HD_MUTABLE_OPEN(hd_local, hd_inst_size(o))
enum { FIRST_PRUNE = 16, FIRST_FORGET = 64 };
static int64_t last_serial;

static void part_trace(void *o, struct gc_marker *m)
{
    struct part *p = o;
    gc_mark(m, HD_RAW(p->dict)), gc_mark(m, HD_RAW(p->next));
}
static struct hd_type part_type = {
    .cname = "_thread._localdummy", .basicsize = sizeof(struct part), .flags = HD_TF_HAS_WEAKREFS | HD_TF_NEVER_INSTANTIATE,
    .op = { .trace = part_trace },
};

/* Parts of threads that have ended are taken out when there are twice as many as were left last time. */
static void prune_parts(struct hd_local *l)
{
    int64_t n = 0;
    hd_value first = HD_UNBOUND, next;
    struct part *last = NULL;
    for (hd_value v = HD_GET(l, parts); v != HD_UNBOUND; v = next) {
        struct part *p = hd_ptr(v);
        next = HD_GET(p, next);
        if (HD_GET(p, dict) == HD_UNBOUND) continue;
        if (!last) first = v;
        else {
            part_w w = part_open(last);
            HD_PUT(w, next, v);
        }
        last = p;
        n++;
    }
    if (last) {
        part_w w = part_open(last);
        HD_PUT(w, next, HD_UNBOUND);
    }
    hd_local_w w = hd_local_open(l);
    HD_PUT(w, parts, first);
    HD_PUT(w, n_parts, n);
    HD_PUT(w, prune_at, 2 * n + FIRST_PRUNE);
}

/* Entries of objects that died, looked for whenever the dict has doubled. */
static int forget_dead(hd_value d)
{
    int64_t n = hd_dict_len(d);
    if (n < FIRST_FORGET || (n & (n - 1))) return 0;
    hd_value keys = hd_dict_keys_list(d);
    if (keys == HD_ERR) return -1;
    for (int64_t i = 0; i < n; i++) {
        hd_value key = hd_list_get(keys, i), ref = hd_dict_get(d, key);
        if (ref == HD_ERR || (hd_weakref_get(ref) == HD_NONE && hd_dict_del(d, key) < 0)) return -1;
    }
    return 0;
}

/* The running thread's part, made for its first use. */
static struct part *new_part(struct hd_local *l)
{
    if (hd_ts->local_dict == HD_UNBOUND || hd_ts->local_dict == 0) {
        hd_value d = hd_dict_new();
        if (d == HD_ERR) return NULL;
        hd_ts->local_dict = d;
    }
    if (HD_GET(l, n_parts) >= HD_GET(l, prune_at)) prune_parts(l);
    hd_value dict = hd_dict_new();
    struct part *p = dict == HD_ERR ? NULL : hd_new_mutable(&part_type, sizeof *p);
    if (!p) return NULL;
    HD_INIT(p, dict, dict);
    HD_INIT(p, next, HD_GET(l, parts));
    hd_value ref = hd_weakref_new(hd_obj(p), HD_ABSENT);
    if (ref == HD_ERR || forget_dead(hd_ts->local_dict) < 0 || hd_dict_set(hd_ts->local_dict, hd_int(l->serial), ref) < 0) return NULL;
    hd_local_w w = hd_local_open(l);
    HD_PUT(w, parts, hd_obj(p));
    HD_PUT(w, n_parts, HD_OWN(w, n_parts) + 1);
    return p;
}
static void empty(struct part *p)
{
    part_w w = part_open(p);
    HD_PUT(w, dict, HD_UNBOUND);
}
static void empty_parts_of_thread(void)
{
    hd_value d = hd_ts->local_dict;
    struct hd_dict_iter it = { 0 };
    hd_value key, ref;
    if (d == HD_UNBOUND || d == 0) return;
    while (hd_dict_next(d, &it, &key, &ref) > 0) {
        hd_value p = hd_weakref_get(ref);
        if (p != HD_NONE) empty(hd_ptr(p));
    }
}

static hd_value local_make(hd_value type, const hd_value *args, size_t nargs, hd_value kwnames)
{
    if ((nargs || kwnames) && HD_TYPE(type)->op.init == hd_object_type.op.init)
        return hd_raise(&hd_exc_TypeError, "Initialization arguments are not supported");
    hd_value v = hd_alloc_instance(HD_TYPE(type), 0);
    if (v == HD_ERR) return HD_ERR;
    struct hd_local *l = hd_ptr(v);
    l->serial = __atomic_add_fetch(&last_serial, 1, __ATOMIC_RELAXED);
    l->kwargs = HD_ABSENT;
    HD_INIT(l, parts, HD_UNBOUND);
    HD_INIT(l, prune_at, FIRST_PRUNE);
    if ((l->args = hd_tuple_from(args, nargs)) == HD_ERR) return HD_ERR;
    if (kwnames) {
        l->kwargs = hd_dict_new();
        for (int64_t i = 0; l->kwargs != HD_ERR && i < HD_TUPLE(kwnames)->len; i++)
            if (hd_dict_set(l->kwargs, HD_TUPLE(kwnames)->item[i], args[nargs + (size_t)i]) < 0) return HD_ERR;
        if (l->kwargs == HD_ERR) return HD_ERR;
    }
    return new_part(l) ? v : HD_ERR;         /* from the start: type.__call__ runs __init__ for this thread */
}
static void local_trace(void *o, struct gc_marker *m)
{
    struct hd_local *l = o;
    gc_mark(m, l->args), gc_mark(m, l->kwargs), gc_mark(m, HD_RAW(l->parts));
}
/* The running thread's dict of the object; made (and __init__ called) at the first use in a thread. */
static hd_value local_dict(hd_value self)
{
    struct hd_local *l = hd_ptr(self);
    hd_value all = hd_ts->local_dict;
    if (all != HD_UNBOUND && all != 0) {
        hd_value ref = hd_dict_get(all, hd_int(l->serial));
        if (ref == HD_ERR) return HD_ERR;
        hd_value p = ref == HD_ABSENT ? HD_NONE : hd_weakref_get(ref);
        if (p != HD_NONE) return HD_GET((struct part *)hd_ptr(p), dict);
    }
    struct part *p = new_part(l);
    if (!p) return HD_ERR;
    if (hd_type_of(self)->op.init != hd_object_type.op.init) {
        hd_value init = hd_getattr(hd_obj(hd_type_of(self)), hd_s___init__), rest = hd_list_of(l->args);
        if (init == HD_ERR || rest == HD_ERR || hd_list_insert(rest, 0, self) < 0) return HD_ERR;
        hd_value t = hd_list_as_tuple(rest);
        if (t == HD_ERR || hd_call_ex(init, t, l->kwargs) == HD_ERR) {
            empty(p);
            if (hd_dict_del(hd_ts->local_dict, hd_int(l->serial)) < 0) return HD_ERR;
            return HD_ERR;
        }
    }
    return HD_GET(p, dict);
}
static hd_value local_getattr(hd_value self, hd_value name)
{
    hd_value d = local_dict(self);
    if (d == HD_ERR) return HD_ERR;
    if (hd_str_is(name, "__dict__")) return d;
    struct hd_type *t = hd_type_of(self);
    hd_value a = hd_type_lookup(t, name);
    struct hd_type *at = a == HD_ABSENT ? NULL : hd_type_of(a);
    if (at && at->op.descr_get && at->op.descr_set) return at->op.descr_get(a, self, hd_obj(t));
    hd_value v = hd_dict_get(d, name);
    if (v != HD_ABSENT) return v;
    if (at) return at->op.descr_get ? at->op.descr_get(a, self, hd_obj(t)) : a;
    return hd_generic_getattr(self, name);                  /* the error text */
}
static int local_setattr(hd_value self, hd_value name, hd_value v)
{
    hd_value d = local_dict(self);
    if (d == HD_ERR) return -1;
    if (hd_str_is(name, "__dict__")) { hd_raise(&hd_exc_AttributeError, "'%T' object attribute '__dict__' is read-only", self); return -1; }
    hd_value a = hd_type_lookup(hd_type_of(self), name);
    if (a != HD_ABSENT && hd_type_of(a)->op.descr_set) return hd_type_of(a)->op.descr_set(a, self, v);
    if (v != HD_ABSENT) return hd_dict_set(d, name, v);
    int n = hd_dict_del(d, name);
    if (n == 0) { hd_raise(&hd_exc_AttributeError, "'%T' object has no attribute '%U'", self, name); return -1; }
    return n < 0 ? -1 : 0;
}
static struct hd_type local_type = {
    .cname = "_thread._local", .basicsize = sizeof(struct hd_local), .flags = HD_TF_BASETYPE | HD_TF_HAS_WEAKREFS,
    .doc = "Thread-local data: each thread sees attributes of its own.",
    .op = { .make = local_make, .getattr = local_getattr, .setattr = local_setattr, .trace = local_trace },
};

static const struct hd_methoddef methods[] = {
    { "start_new_thread", thread_start_new_thread, 2, 3, 0, "start_new_thread(function, args[, kwargs])\n\nRuns function(*args, **kwargs) in a new thread; its identifier." },
    { "start_new", thread_start_new_thread, 2, 3, 0, "start_new(function, args[, kwargs])\n\nOld name of start_new_thread()." },
    { "allocate_lock", thread_allocate_lock, 0, 0, 0, "allocate_lock() -> lock object\n\nA new lock." },
    { "allocate", thread_allocate_lock, 0, 0, 0, "allocate() -> lock object\n\nOld name of allocate_lock()." },
    { "exit_thread", thread_exit, 0, 0, 0, "exit_thread()\n\nOld name of exit()." },
    { "exit", thread_exit, 0, 0, 0, "exit()\n\nEnds the thread: raises SystemExit." },
    { "interrupt_main", thread_interrupt_main, 0, 1, 0, "interrupt_main(signum=signal.SIGINT, /)\n\nMakes the main thread handle a signal." },
    { "get_ident", thread_get_ident, 0, 0, 0, "get_ident() -> integer\n\nThe identifier of this thread." },
    { "get_native_id", thread_get_native_id, 0, 0, 0, "get_native_id() -> integer\n\nThe kernel's identifier of this thread." },
    { "_count", thread_count, 0, 0, 0, "_count() -> integer\n\nNumber of running threads started here." },
    { "stack_size", thread_stack_size, 0, 1, 0, "stack_size([size]) -> size\n\nStack size of new threads, in bytes; 0: the default." },
    { "_set_sentinel", thread_set_sentinel, 0, 0, 0, "_set_sentinel() -> lock\n\nA lock that is freed when this thread ends." },
    { "_excepthook", thread_excepthook, 1, 1, 0, "excepthook(exc_type, exc_value, exc_traceback, thread)\n\nReports an exception that ended a thread." },
    { "_ExceptHookArgs", hook_args_make, 1, 1, 0, NULL },
    { "_is_main_interpreter", thread_is_main_interpreter, 0, 0, 0, NULL },
    { 0 }
};
static int fill(hd_value m)
{
    pthread_atfork(NULL, NULL, forget_starts);
    static const char *const fields[] = { "exc_type", "exc_value", "exc_traceback", "thread" };
    static const struct hd_structseq_def def = { "_thread._ExceptHookArgs", "Arguments of threading.excepthook.", fields, 4, 4 };
    if (!(hook_args_type = hd_structseq_type(&def))) return -1;
    if (hd_type_ready(&hd_lock_type) < 0 || hd_type_ready(&hd_rlock_type) < 0 || hd_type_ready(&part_type) < 0 || hd_type_ready(&local_type) < 0) return -1;
    return hd_module_add(m, "LockType", hd_obj(&hd_lock_type)) < 0 || hd_module_add(m, "RLock", hd_obj(&hd_rlock_type)) < 0 ||
           hd_module_add(m, "_local", hd_obj(&local_type)) < 0 || hd_module_add(m, "error", hd_obj(&hd_exc_RuntimeError)) < 0 ||
           hd_module_add(m, "TIMEOUT_MAX", hd_float(9223372036.0)) < 0 ? -1 : 0;
}
const struct hd_moduledef hd_module_thread = { "_thread", "Threads and locks.", methods, fill };
