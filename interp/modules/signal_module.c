/* The _signal module.  Handlers written in Python run in the main thread at a poll; a C handler only notes the number. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>
#include "interp/core/names.h"
#include "interp/eval/eval.h"
#include "interp/modules/modules.h"

#define FN(name) static hd_value signal_##name(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)

static volatile sig_atomic_t arrived[NSIG];
static volatile sig_atomic_t any_arrived;
static int wakeup_fd = -1;
static hd_value handlers;          /* list: None (not set from Python), SIG_DFL, SIG_IGN or a callable */
static hd_value default_int_handler;

static void note(int number)
{
    arrived[number] = 1;
    any_arrived = 1;
    hd_signal_arrived();
}
static void c_handler(int number)
{
    int saved = errno;
    note(number);
    if (wakeup_fd >= 0) {
        unsigned char b = (unsigned char)number;
        if (write(wakeup_fd, &b, 1) < 0) {}
    }
    errno = saved;
}
static void again(void *arg) { note((int)(intptr_t)arg); }
/* In another thread than the main one it arrives with the commit: once, however often the caller is run again. */
void hd_signal_simulate(int number)
{
    hd_value h = hd_list_get(handlers, number);
    if (h == HD_NONE || h == hd_fix((intptr_t)SIG_DFL) || h == hd_fix((intptr_t)SIG_IGN)) return;
    if (hd_ts->main) note(number);
    else stm_on_commit(again, (void *)(intptr_t)number);
}

/* Main thread, inside a transaction.  What an aborted transaction consumed comes back. */
static int run_handlers(void)
{
    if (!any_arrived || !hd_ts->main) return 0;
    any_arrived = 0;
    for (int n = 1; n < NSIG; n++) {
        if (!arrived[n]) continue;
        arrived[n] = 0;
        stm_on_abort(again, (void *)(intptr_t)n);
        hd_value h = hd_list_get(handlers, n);
        if (!hd_is_ptr(h) || h == HD_NONE || hd_is_int(h)) continue;
        hd_value frame = hd_frame_current(0);
        if (frame == HD_ERR) return -1;
        hd_value a[] = { hd_fix(n), frame == HD_ABSENT ? HD_NONE : frame };
        if (hd_call(h, a, 2, 0) == HD_ERR) {
            any_arrived = 1;
            return -1;
        }
    }
    return 0;
}

static int number_arg(hd_value v, int *n)
{
    if (hd_as_int32(v, n) < 0) return -1;
    if (*n < 1 || *n >= NSIG) { hd_raise(&hd_exc_ValueError, "signal number out of range"); return -1; }
    return 0;
}

FN(signal)
{
    int n;
    if (number_arg(args[0], &n) < 0) return HD_ERR;
    if (!hd_ts->main) return hd_raise(&hd_exc_ValueError, "signal only works in main thread of the main interpreter");
    void (*f)(int) = c_handler;
    hd_value h = args[1];
    if (hd_is_int(h)) {
        int64_t k;
        if (hd_as_i64(h, &k) < 0) return HD_ERR;
        if (k == (intptr_t)SIG_DFL) f = SIG_DFL;
        else if (k == (intptr_t)SIG_IGN) f = SIG_IGN;
        else return hd_raise(&hd_exc_TypeError, "signal handler must be signal.SIG_IGN, signal.SIG_DFL, or a callable object");
        h = hd_fix(k);
    } else if (!hd_callable(h)) return hd_raise(&hd_exc_TypeError, "signal handler must be signal.SIG_IGN, signal.SIG_DFL, or a callable object");
    if (run_handlers() < 0) return HD_ERR;
    struct sigaction sa = { .sa_handler = f };
    sigemptyset(&sa.sa_mask);
    if (sigaction(n, &sa, NULL) < 0) return hd_raise_errno(errno, HD_ABSENT, HD_ABSENT);
    hd_value old = hd_list_get(handlers, n);
    if (hd_list_set(handlers, n, h) < 0) return HD_ERR;
    return old;
}
FN(getsignal) { int n; return number_arg(args[0], &n) < 0 ? HD_ERR : hd_list_get(handlers, n); }
FN(default_int_handler) { return hd_raise_none(&hd_exc_KeyboardInterrupt); }
FN(alarm) { int s; return hd_as_int32(args[0], &s) < 0 ? HD_ERR : hd_int(alarm((unsigned)s)); }
FN(pause)
{
    HD_BLOCKING
        pause();
    HD_END_BLOCKING
    return run_handlers() < 0 ? HD_ERR : HD_NONE;
}
FN(raise_signal)
{
    int n;
    if (hd_as_int32(args[0], &n) < 0) return HD_ERR;
    if (raise(n)) return hd_raise_errno(errno, HD_ABSENT, HD_ABSENT);
    return run_handlers() < 0 ? HD_ERR : HD_NONE;
}
FN(strsignal)
{
    int n;
    if (number_arg(args[0], &n) < 0) return HD_ERR;
    const char *s = strsignal(n);
    return !s || strncmp(s, "Unknown signal", 14) == 0 ? HD_NONE : hd_str_utf8(s);
}
FN(siginterrupt)
{
    int n;
    if (number_arg(args[0], &n) < 0) return HD_ERR;
    int flag = hd_truth(args[1]);
    if (flag < 0) return HD_ERR;
    struct sigaction sa;
    sigaction(n, NULL, &sa);
    sa.sa_flags = flag ? sa.sa_flags & ~SA_RESTART : sa.sa_flags | SA_RESTART;
    return sigaction(n, &sa, NULL) < 0 ? hd_raise_errno(errno, HD_ABSENT, HD_ABSENT) : HD_NONE;
}
FN(set_wakeup_fd)
{
    hd_value a[2];
    int fd;
    if (hd_args("set_wakeup_fd", "fd,/,*,|warn_on_full_buffer", args, nargs, kwnames, a) < 0 || hd_as_int32(a[0], &fd) < 0) return HD_ERR;
    if (!hd_ts->main) return hd_raise(&hd_exc_ValueError, "set_wakeup_fd only works in main thread of the main interpreter");
    if (fd != -1) {
        int flags = fcntl(fd, F_GETFL);
        if (flags < 0) return hd_raise_errno(errno, HD_ABSENT, HD_ABSENT);
        if (!(flags & O_NONBLOCK)) return hd_raise(&hd_exc_ValueError, "the fd %d must be in non-blocking mode", fd);
    }
    int old = wakeup_fd;
    wakeup_fd = fd;
    return hd_fix(old);
}
static int mask_arg(hd_value v, sigset_t *s)
{
    hd_value it = hd_iter(v), x;
    sigemptyset(s);
    if (it == HD_ERR) return -1;
    while ((x = hd_next(it)) != HD_STOP) {
        int n;
        if (x == HD_ERR || hd_as_int32(x, &n) < 0) return -1;
        if (n < 1 || n >= NSIG) { hd_raise(&hd_exc_ValueError, "signal number %d out of range [1; %d]", n, NSIG - 1); return -1; }
        sigaddset(s, n);
    }
    return 0;
}
static hd_value mask_set(const sigset_t *s)
{
    hd_value r = hd_set_new();
    for (int n = 1; r != HD_ERR && n < NSIG; n++) if (sigismember(s, n) == 1 && hd_set_add(r, hd_fix(n)) < 0) return HD_ERR;
    return r;
}
FN(pthread_sigmask)
{
    int how;
    sigset_t s, old;
    if (hd_as_int32(args[0], &how) < 0 || mask_arg(args[1], &s) < 0) return HD_ERR;
    int err = pthread_sigmask(how, &s, &old);
    if (err) return hd_raise_errno(err, HD_ABSENT, HD_ABSENT);
    return run_handlers() < 0 ? HD_ERR : mask_set(&old);
}
FN(sigpending) { sigset_t s; return sigpending(&s) < 0 ? hd_raise_errno(errno, HD_ABSENT, HD_ABSENT) : mask_set(&s); }
FN(valid_signals) { sigset_t s; sigfillset(&s); return mask_set(&s); }
FN(pthread_kill)
{
    uint64_t id;
    int n;
    if (hd_as_u64(args[0], &id) < 0 || hd_as_int32(args[1], &n) < 0) return HD_ERR;
    int err = pthread_kill((pthread_t)id, n);
    if (err) return hd_raise_errno(err, HD_ABSENT, HD_ABSENT);
    return run_handlers() < 0 ? HD_ERR : HD_NONE;
}
static hd_value seconds(const struct timeval *t) { return hd_float((double)t->tv_sec + (double)t->tv_usec * 1e-6); }
static hd_value itimer_error;
FN(setitimer)
{
    int which;
    double d[2] = { 0, 0 };
    struct itimerval new, old;
    if (hd_as_int32(args[0], &which) < 0 || hd_as_double(args[1], &d[0]) < 0 || (nargs > 2 && hd_as_double(args[2], &d[1]) < 0)) return HD_ERR;
    new.it_value.tv_sec = (time_t)d[0], new.it_value.tv_usec = (suseconds_t)((d[0] - (double)(time_t)d[0]) * 1e6);
    new.it_interval.tv_sec = (time_t)d[1], new.it_interval.tv_usec = (suseconds_t)((d[1] - (double)(time_t)d[1]) * 1e6);
    if (setitimer(which, &new, &old) < 0) {
        hd_value e = hd_callv(itimer_error, hd_fix(errno), hd_str_utf8(strerror(errno)));
        return e == HD_ERR ? HD_ERR : hd_raise_object(e);
    }
    return hd_tuplev(seconds(&old.it_value), seconds(&old.it_interval));
}
FN(getitimer)
{
    int which;
    struct itimerval v;
    if (hd_as_int32(args[0], &which) < 0) return HD_ERR;
    if (getitimer(which, &v) < 0) return hd_raise_errno(errno, HD_ABSENT, HD_ABSENT);
    return hd_tuplev(seconds(&v.it_value), seconds(&v.it_interval));
}

static const struct hd_methoddef methods[] = {
    { "signal", signal_signal, 2, 2, 0, "signal($module, signalnum, handler, /)\n--\n\nSets the action for a signal." }, { "getsignal", signal_getsignal, 1, 1, 0, NULL },
    { "default_int_handler", signal_default_int_handler, 0, 2, 0, NULL }, { "alarm", signal_alarm, 1, 1, 0, NULL }, { "pause", signal_pause, 0, 0, 0, NULL },
    { "raise_signal", signal_raise_signal, 1, 1, 0, NULL }, { "strsignal", signal_strsignal, 1, 1, 0, NULL }, { "siginterrupt", signal_siginterrupt, 2, 2, 0, NULL },
    { "set_wakeup_fd", signal_set_wakeup_fd, 0, -1, HD_METH_KW, NULL }, { "pthread_sigmask", signal_pthread_sigmask, 2, 2, 0, NULL },
    { "sigpending", signal_sigpending, 0, 0, 0, NULL }, { "valid_signals", signal_valid_signals, 0, 0, 0, NULL }, { "pthread_kill", signal_pthread_kill, 2, 2, 0, NULL },
    { "setitimer", signal_setitimer, 2, 3, 0, NULL }, { "getitimer", signal_getitimer, 1, 1, 0, NULL }, { 0 }
};
static int fill(hd_value m)
{
    hd_root(&handlers), hd_root(&default_int_handler), hd_root(&itimer_error);
    if ((handlers = hd_list_new(NSIG)) == HD_ERR) return -1;
    default_int_handler = hd_dict_get_c(hd_module_dict(m), "default_int_handler");
    for (int n = 0; n < NSIG; n++) {
        struct sigaction sa;
        hd_value h = HD_NONE;
        if (n && sigaction(n, NULL, &sa) == 0) h = sa.sa_handler == SIG_DFL ? hd_fix((intptr_t)SIG_DFL) : sa.sa_handler == SIG_IGN ? hd_fix((intptr_t)SIG_IGN) : HD_NONE;
        if (n == SIGINT && h == hd_fix((intptr_t)SIG_DFL)) {
            struct sigaction in = { .sa_handler = c_handler };
            sigaction(SIGINT, &in, NULL);
            h = default_int_handler;
        }
        if (hd_list_append(handlers, h) < 0) return -1;
    }
    struct sigaction ignore = { .sa_handler = SIG_IGN };
    if (hd_list_get(handlers, SIGPIPE) == hd_fix((intptr_t)SIG_DFL)) {
        sigaction(SIGPIPE, &ignore, NULL);
        if (hd_list_set(handlers, SIGPIPE, hd_fix((intptr_t)SIG_IGN)) < 0) return -1;
    }
    hd_signal_handlers = run_handlers;
    hd_value ns = hd_dict_new(), bases = hd_tuplev(hd_obj(&hd_exc_OSError));
    if (ns == HD_ERR || bases == HD_ERR || hd_dict_set_c(ns, "__module__", hd_intern("signal")) < 0) return -1;
    if ((itimer_error = hd_type_new(&hd_type_type, hd_intern("itimer_error"), bases, ns, NULL, 0)) == HD_ERR) return -1;
    static const struct { const char *name; int64_t v; } c[] = {
#define C(x) { #x, (int64_t)(intptr_t)x },
        C(SIG_DFL) C(SIG_IGN) C(SIG_BLOCK) C(SIG_UNBLOCK) C(SIG_SETMASK) C(NSIG) C(SIGHUP) C(SIGINT) C(SIGQUIT) C(SIGILL) C(SIGTRAP) C(SIGABRT) C(SIGIOT) C(SIGBUS) C(SIGFPE)
        C(SIGKILL) C(SIGUSR1) C(SIGSEGV) C(SIGUSR2) C(SIGPIPE) C(SIGALRM) C(SIGTERM) C(SIGSTKFLT) C(SIGCHLD) C(SIGCLD) C(SIGCONT) C(SIGSTOP) C(SIGTSTP) C(SIGTTIN) C(SIGTTOU)
        C(SIGURG) C(SIGXCPU) C(SIGXFSZ) C(SIGVTALRM) C(SIGPROF) C(SIGWINCH) C(SIGIO) C(SIGPOLL) C(SIGPWR) C(SIGSYS) C(ITIMER_REAL) C(ITIMER_VIRTUAL) C(ITIMER_PROF)
    };
    for (size_t i = 0; i < sizeof c / sizeof *c; i++) if (hd_module_add_int(m, c[i].name, c[i].v) < 0) return -1;
    return hd_module_add_int(m, "SIGRTMIN", SIGRTMIN) < 0 || hd_module_add_int(m, "SIGRTMAX", SIGRTMAX) < 0 || hd_module_add(m, "ItimerError", itimer_error) < 0 ? -1 : 0;
}
const struct hd_moduledef hd_module_signal = { "_signal", "Signals.", methods, fill };
