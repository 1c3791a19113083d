/* The module faulthandler: tracebacks on fatal signals, on chosen signals, and after a time.
 *
 * FH1: settings lie in C variables that signal handlers read; they are changed by irrevocable transactions only.
 * FH2: files are kept by rooted references, so that their descriptors stay open. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include "interp/core/names.h"
#include "interp/eval/dump.h"
#include "interp/modules/modules.h"

#define FN(name) static hd_value fh_##name(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
enum { ALT_STACK = 128 * 1024 };

static struct fatal { int number; const char *name; bool installed; struct sigaction old; } fatal[] = {
    { SIGBUS, "Bus error", false, { { 0 } } }, { SIGILL, "Illegal instruction", false, { { 0 } } }, { SIGFPE, "Floating point exception", false, { { 0 } } },
    { SIGABRT, "Aborted", false, { { 0 } } }, { SIGSEGV, "Segmentation fault", false, { { 0 } } }
};
enum { N_FATAL = sizeof fatal / sizeof *fatal };
static struct { bool enabled, all_threads; int fd; } on_fault;
static struct user { bool registered, all_threads, chain; int fd; struct sigaction old; } users[NSIG];
static hd_value files;                         /* dict: signal number, 0 for faults, -1 for the timer -> file object */

/* ---- signal handlers -------------------------------------------------------------------------------------------------------- */
static void fatal_handler(int number)
{
    int saved = errno;
    struct fatal *f = fatal;
    while (f < fatal + N_FATAL - 1 && f->number != number) f++;
    if (f->installed) sigaction(number, &f->old, NULL), f->installed = false;
    if (on_fault.enabled) {
        hd_dump_text(on_fault.fd, "Fatal Python error: ");
        hd_dump_text(on_fault.fd, f->name);
        hd_dump_text(on_fault.fd, "\n\n");
        hd_dump_tracebacks(on_fault.fd, hd_ts, on_fault.all_threads);
    }
    errno = saved;
    raise(number);
}
static void user_handler(int number)
{
    struct user *u = &users[number];
    int saved = errno;
    if (!u->registered) return;
    hd_dump_tracebacks(u->fd, hd_ts, u->all_threads);
    if (u->chain) {
        struct sigaction mine;
        sigset_t set, before;
        sigaction(number, &u->old, &mine);
        errno = saved;
        sigemptyset(&set);
        sigaddset(&set, number);
        raise(number);
        pthread_sigmask(SIG_UNBLOCK, &set, &before);            /* the old handler runs here */
        pthread_sigmask(SIG_SETMASK, &before, NULL);
        sigaction(number, &mine, NULL);
    }
    errno = saved;
}
static int use_alt_stack(void)
{
    static void *memory;
    if (memory) return 0;
    if (!(memory = malloc(ALT_STACK))) return -1;
    stack_t s = { .ss_sp = memory, .ss_size = ALT_STACK };
    return sigaltstack(&s, NULL);
}

/* ---- arguments -------------------------------------------------------------------------------------------------------------- */
/* The file's descriptor; *file: the object to keep, or None. */
static int fd_of(hd_value v, hd_value *file)
{
    int fd;
    if (v == HD_ABSENT || v == HD_NONE) {
        v = hd_sys_get("stderr");
        if (v == HD_ABSENT) { (void)hd_raise(&hd_exc_RuntimeError, "unable to get sys.stderr"); return -1; }
        if (v == HD_NONE) { (void)hd_raise(&hd_exc_RuntimeError, "sys.stderr is None"); return -1; }
    } else if (hd_is_int(v)) {
        *file = HD_NONE;
        if (hd_as_int32(v, &fd) < 0) return -1;
        if (fd >= 0) return fd;
        (void)hd_raise(&hd_exc_ValueError, "file is not a valid file descripter");
        return -1;
    }
    *file = v;
    hd_value n = hd_call_method(v, hd_s_fileno, NULL, 0);
    if (n == HD_ERR) return -1;
    if (!hd_is_int(n) || hd_as_int32(n, &fd) < 0 || fd < 0) {
        if (!hd_exc_pending()) (void)hd_raise(&hd_exc_RuntimeError, "file.fileno() is not a valid file descriptor");
        return -1;
    }
    if (hd_call_method(v, hd_s_flush, NULL, 0) == HD_ERR) hd_exc_clear();
    return fd;
}
static int flag(hd_value v, bool absent, bool *out)
{
    int t = v == HD_ABSENT ? absent : hd_truth(v);
    *out = t > 0;
    return t < 0 ? -1 : 0;
}
static int keep(int key, hd_value file) { return hd_dict_set(files, hd_fix(key), file); }

/* ---- faults ----------------------------------------------------------------------------------------------------------------- */
static void disable(void)
{
    on_fault.enabled = false;
    for (struct fatal *f = fatal; f < fatal + N_FATAL; f++)
        if (f->installed) sigaction(f->number, &f->old, NULL), f->installed = false;
}
FN(enable)
{
    hd_value a[2], file;
    bool all;
    int fd;
    if (hd_args("enable", "|file,all_threads", args, nargs, kwnames, a) < 0 || (fd = fd_of(a[0], &file)) < 0 || flag(a[1], true, &all) < 0 || keep(0, file) < 0) return HD_ERR;
    stm_become_irrevocable();
    on_fault.fd = fd, on_fault.all_threads = all;
    use_alt_stack();
    if (!on_fault.enabled) {
        on_fault.enabled = true;
        for (struct fatal *f = fatal; f < fatal + N_FATAL; f++) {
            struct sigaction sa = { .sa_handler = fatal_handler, .sa_flags = SA_NODEFER | SA_ONSTACK };
            if (sigaction(f->number, &sa, &f->old) < 0) return hd_raise_errno(errno, HD_ABSENT, HD_ABSENT);
            f->installed = true;
        }
    }
    return HD_NONE;
}
FN(disable)
{
    bool was = on_fault.enabled;
    if (keep(0, HD_NONE) < 0) return HD_ERR;
    stm_become_irrevocable();
    disable();
    return hd_bool(was);
}
FN(is_enabled) { return hd_bool(on_fault.enabled); }
FN(dump_traceback)
{
    hd_value a[2], file;
    bool all;
    int fd;
    if (hd_args("dump_traceback", "|file,all_threads", args, nargs, kwnames, a) < 0 || (fd = fd_of(a[0], &file)) < 0 || flag(a[1], true, &all) < 0) return HD_ERR;
    struct hd_thread *me = hd_ts;
    stm_become_irrevocable();
    hd_dump_tracebacks(fd, me, all);
    return HD_NONE;
}

/* ---- after a time ----------------------------------------------------------------------------------------------------------- */
static struct { pthread_mutex_t lock; pthread_cond_t changed; pthread_t thread; bool running, stop, repeat, leave; int fd; int64_t ns; char text[64]; } timer = { .lock = PTHREAD_MUTEX_INITIALIZER };

static void *watch(void *arg)
{
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, NULL);
    pthread_mutex_lock(&timer.lock);
    do {
        struct timespec t;
        clock_gettime(CLOCK_MONOTONIC, &t);
        int64_t end = (int64_t)t.tv_sec * 1000000000 + t.tv_nsec + timer.ns;
        t.tv_sec = end / 1000000000, t.tv_nsec = end % 1000000000;
        int r = 0;
        while (!timer.stop && r != ETIMEDOUT) r = pthread_cond_timedwait(&timer.changed, &timer.lock, &t);
        if (timer.stop) break;
        hd_dump_text(timer.fd, timer.text);
        hd_dump_tracebacks(timer.fd, NULL, true);
        if (timer.leave) _exit(1);
    } while (timer.repeat);
    pthread_mutex_unlock(&timer.lock);
    return NULL;
}
/* In the child of a fork there is no such thread. */
static void forget_timer(void)
{
    pthread_mutex_init(&timer.lock, NULL);
    timer.running = false;
}
/* Outside transactions. */
static void cancel(void)
{
    if (!timer.running) return;
    pthread_mutex_lock(&timer.lock);
    timer.stop = true;
    pthread_cond_broadcast(&timer.changed);
    pthread_mutex_unlock(&timer.lock);
    pthread_join(timer.thread, NULL);
    timer.running = false;
}
FN(dump_traceback_later)
{
    hd_value a[4], file;
    double seconds;
    bool repeat, leave;
    int fd, err = 0;
    if (hd_args("dump_traceback_later", "timeout,|repeat,file,exit", args, nargs, kwnames, a) < 0 || hd_as_double(a[0], &seconds) < 0 || flag(a[1], false, &repeat) < 0 ||
        flag(a[3], false, &leave) < 0) return HD_ERR;
    if (!(seconds * 1e9 < 9.2e18)) return hd_raise(&hd_exc_OverflowError, "timestamp too large to convert to C _PyTime_t");
    int64_t ns = (int64_t)(seconds * 1e9), us = (ns + 999) / 1000, s = us / 1000000;
    if (us <= 0) return hd_raise(&hd_exc_ValueError, "timeout must be greater than 0");
    if ((fd = fd_of(a[2], &file)) < 0 || keep(-1, file) < 0) return HD_ERR;
    HD_BLOCKING
        cancel();
        pthread_condattr_t ca;
        pthread_condattr_init(&ca);
        pthread_condattr_setclock(&ca, CLOCK_MONOTONIC);
        pthread_cond_init(&timer.changed, &ca);
        pthread_condattr_destroy(&ca);
        timer.stop = false, timer.repeat = repeat, timer.leave = leave, timer.fd = fd, timer.ns = us * 1000;
        int n = snprintf(timer.text, sizeof timer.text, "Timeout (%lld:%02d:%02d", (long long)(s / 3600), (int)(s / 60 % 60), (int)(s % 60));
        if (us % 1000000) n += snprintf(timer.text + n, sizeof timer.text - (size_t)n, ".%06d", (int)(us % 1000000));
        snprintf(timer.text + n, sizeof timer.text - (size_t)n, ")!\n");
        err = pthread_create(&timer.thread, NULL, watch, NULL);
        timer.running = err == 0;
    HD_END_BLOCKING
    return err ? hd_raise(&hd_exc_RuntimeError, "unable to start watchdog thread") : HD_NONE;
}
FN(cancel_dump_traceback_later)
{
    HD_BLOCKING
        cancel();
    HD_END_BLOCKING
    return HD_NONE;
}

/* ---- chosen signals ------------------------------------------------------------------------------------------------------------ */
static int signal_arg(hd_value v, int *n)
{
    if (hd_as_int32(v, n) < 0) return -1;
    for (int i = 0; i < N_FATAL; i++)
        if (fatal[i].number == *n) { (void)hd_raise(&hd_exc_RuntimeError, "signal %d cannot be registered, use enable() instead", *n); return -1; }
    if (*n >= 1 && *n < NSIG) return 0;
    (void)hd_raise(&hd_exc_ValueError, "signal number out of range");
    return -1;
}
FN(register)
{
    hd_value a[4], file;
    bool all, chain;
    int n, fd;
    if (hd_args("register", "signum,|file,all_threads,chain", args, nargs, kwnames, a) < 0 || signal_arg(a[0], &n) < 0 || (fd = fd_of(a[1], &file)) < 0 ||
        flag(a[2], true, &all) < 0 || flag(a[3], false, &chain) < 0 || keep(n, file) < 0) return HD_ERR;
    stm_become_irrevocable();
    struct user *u = &users[n];
    if (!u->registered) {
        struct sigaction sa = { .sa_handler = user_handler, .sa_flags = SA_RESTART | SA_ONSTACK | (chain ? SA_NODEFER : 0) };
        use_alt_stack();
        if (sigaction(n, &sa, &u->old) < 0) return hd_raise_errno(errno, HD_ABSENT, HD_ABSENT);
    }
    u->fd = fd, u->all_threads = all, u->chain = chain, u->registered = true;
    return HD_NONE;
}
FN(unregister)
{
    int n;
    if (signal_arg(args[0], &n) < 0 || keep(n, HD_NONE) < 0) return HD_ERR;
    stm_become_irrevocable();
    struct user *u = &users[n];
    if (!u->registered) return HD_FALSE;
    u->registered = false;
    sigaction(n, &u->old, NULL);
    return HD_TRUE;
}

/* ---- ways to crash, for tests ------------------------------------------------------------------------------------------------- */
static void no_core(void)
{
    struct rlimit r;
    if (getrlimit(RLIMIT_CORE, &r) == 0) r.rlim_cur = 0, setrlimit(RLIMIT_CORE, &r);
}
FN(sigsegv) { no_core(); raise(SIGSEGV); return HD_NONE; }
FN(sigabrt) { no_core(); abort(); }
FN(sigfpe) { no_core(); raise(SIGFPE); return HD_NONE; }
FN(read_null)
{
    volatile int *volatile p = NULL;
    no_core();
    return hd_fix(*p);
}
static const struct hd_methoddef functions[] = {
    { "enable", fh_enable, 0, -1, HD_METH_KW, "enable(file=sys.stderr, all_threads=True): enable the fault handler" }, { "disable", fh_disable, 0, 0, 0, "disable(): disable the fault handler" },
    { "is_enabled", fh_is_enabled, 0, 0, 0, "is_enabled()->bool: check if the handler is enabled" },
    { "dump_traceback", fh_dump_traceback, 0, -1, HD_METH_KW, "dump_traceback(file=sys.stderr, all_threads=True): dump the traceback of the current thread, or of all threads if all_threads is True, into file" },
    { "dump_traceback_later", fh_dump_traceback_later, 0, -1, HD_METH_KW, "dump_traceback_later(timeout, repeat=False, file=sys.stderr, exit=False):\ndump the traceback of all threads in timeout seconds." },
    { "cancel_dump_traceback_later", fh_cancel_dump_traceback_later, 0, 0, 0, "cancel_dump_traceback_later():\ncancel the previous call to dump_traceback_later()." },
    { "register", fh_register, 0, -1, HD_METH_KW, "register(signum, file=sys.stderr, all_threads=True, chain=False): register a handler for the signal 'signum'" },
    { "unregister", fh_unregister, 1, 1, 0, "unregister(signum): unregister the handler of the signal 'signum'" },
    { "_read_null", fh_read_null, 0, 0, 0, NULL }, { "_sigsegv", fh_sigsegv, 0, 1, 0, NULL }, { "_sigabrt", fh_sigabrt, 0, 0, 0, NULL }, { "_sigfpe", fh_sigfpe, 0, 0, 0, NULL }, { 0 }
};
static int fill(hd_value m)
{
    hd_root(&files);
    pthread_atfork(NULL, NULL, forget_timer);
    return (files = hd_dict_new()) == HD_ERR ? -1 : 0;
}
const struct hd_moduledef hd_module_faulthandler = { "faulthandler", "faulthandler module.", functions, fill };
