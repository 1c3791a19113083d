/* The _signal module.  Handlers written in Python run in the main thread at a poll; a C handler only notes the number. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>
#include "interp/core/names.h"
#include "interp/eval/eval.h"
#include "interp/modules/modules.h"

#define FN(name) static hd_value signal_##name(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)

static volatile sig_atomic_t arrived[NSIG];
static volatile sig_atomic_t any_arrived;
static volatile sig_atomic_t wakeup_fd = -1;
static volatile sig_atomic_t wakeup_quiet;          /* a full pipe is nothing to report */
static volatile sig_atomic_t wakeup_failed;         /* errno of a write to wakeup_fd that somebody should hear of */
static hd_value handlers;          /* list: None (not set from Python), SIG_DFL, SIG_IGN or a callable */
static hd_value default_int_handler;

static void note(int number)
{
    arrived[number] = 1;
    any_arrived = 1;
    hd_signal_arrived();
}
/* In a signal handler, or outside transactions: nothing here may be done twice. */
static void trip(int number)
{
    int saved = errno;
    note(number);
    if (wakeup_fd >= 0) {
        unsigned char b = (unsigned char)number;
        if (write(wakeup_fd, &b, 1) < 0 && !(wakeup_quiet && (errno == EAGAIN || errno == EWOULDBLOCK))) {
            wakeup_failed = errno;
            any_arrived = 1;
            hd_signal_arrived();
        }
    }
    errno = saved;
}
static void c_handler(int number) { trip(number); }
static void trip_now(void *arg) { trip((int)(intptr_t)arg); }
static void again(void *arg) { note((int)(intptr_t)arg); }
static void fail_again(void *arg)
{
    wakeup_failed = (int)(intptr_t)arg;
    any_arrived = 1;
    hd_signal_arrived();
}
/* It arrives with the commit: once, however often the caller is run again. */
int hd_signal_simulate(int number)
{
    hd_value h = hd_list_get(handlers, number);
    if (h == HD_NONE || h == hd_fix((intptr_t)SIG_DFL) || h == hd_fix((intptr_t)SIG_IGN)) return 0;
    stm_on_commit(trip_now, (void *)(intptr_t)number);
    if (hd_ts->main) stm_break();
    return hd_check_signals();
}

static void report_wakeup(int err)
{
    stm_on_abort(fail_again, (void *)(intptr_t)err);
    hd_value file = hd_sys_get("stderr"), pending = hd_exc_take();
    if (file != HD_ABSENT && file != HD_NONE &&
        hd_methodv(file, hd_s_write, hd_intern("Exception ignored when trying to write to the signal wakeup fd:\n")) == HD_ERR) hd_exc_clear();
    (void)hd_raise_errno(err, HD_ABSENT, HD_ABSENT);
    hd_exc_print_unraisable(NULL, HD_NONE);
    hd_exc_put(pending);
}

/* Main thread, inside a transaction.  What an aborted transaction consumed comes back. */
static int run_handlers(void)
{
    if (!any_arrived || !hd_ts->main) return 0;
    any_arrived = 0;
    int err = wakeup_failed;
    wakeup_failed = 0;
    if (err) report_wakeup(err);
    for (int n = 1; n < NSIG; n++) {
        if (!arrived[n]) continue;
        arrived[n] = 0;
        stm_on_abort(again, (void *)(intptr_t)n);
        hd_value h = hd_list_get(handlers, n);
        if (!hd_is_ptr(h) || h == HD_NONE || hd_is_int(h)) {        /* the handler went after the signal had come */
            hd_raise(&hd_exc_OSError, "Signal %d ignored due to race condition", n);
            hd_exc_print_unraisable(NULL, HD_NONE);
            continue;
        }
        hd_value frame = hd_frame_current(0);
        if (frame == HD_ERR) return -1;
        hd_value a[] = { hd_fix(n), frame == HD_ABSENT ? HD_NONE : frame };
        if (hd_call(h, a, 2, 0) == HD_ERR) {
            any_arrived = 1;
            hd_signal_arrived();                        /* the others' turn comes at the next poll */
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
/* Calls that change what they return must not be made again after an abort: they stand outside transactions. */
FN(alarm)
{
    int s;
    unsigned left;
    if (hd_as_int32(args[0], &s) < 0) return HD_ERR;
    HD_BLOCKING
        left = alarm((unsigned)s);
    HD_END_BLOCKING
    return hd_int(left);
}
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
    int err = 0;
    if (hd_as_int32(args[0], &n) < 0) return HD_ERR;
    HD_BLOCKING
        if (raise(n)) err = errno;
    HD_END_BLOCKING
    if (err) return hd_raise_errno(err, HD_ABSENT, HD_ABSENT);
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
    int quiet = a[1] == HD_ABSENT ? 0 : hd_truth(a[1]) == 0, old;
    HD_BLOCKING
        old = wakeup_fd;
        wakeup_fd = fd;
        wakeup_quiet = quiet;
    HD_END_BLOCKING
    return hd_fix(old);
}
static int mask_arg(hd_value v, sigset_t *s)
{
    hd_value it = hd_iter(v), x;
    sigemptyset(s);
    if (it == HD_ERR) return -1;
    while ((x = hd_next(it)) != HD_STOP) {
        int64_t n;
        if (x == HD_ERR) return -1;
        if (hd_as_i64(x, &n) < 0) {
            if (!hd_exc_is(&hd_exc_OverflowError)) return -1;
            hd_exc_clear();
            n = -1;
        }
        if (n < 1 || n >= NSIG) {
            hd_raise(&hd_exc_ValueError, "signal number %lld out of range [1; %d]", (long long)n, NSIG - 1);
            return -1;
        }
        if (sigaddset(s, (int)n) < 0 && hd_warn(&hd_exc_RuntimeWarning, 1, "invalid signal number %lld, please use valid_signals()", (long long)n) < 0) return -1;
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
    int err;
    HD_BLOCKING
        err = pthread_sigmask(how, &s, &old);
    HD_END_BLOCKING
    if (err) return hd_raise_errno(err, HD_ABSENT, HD_ABSENT);
    return run_handlers() < 0 ? HD_ERR : mask_set(&old);
}

/* ---- waiting for signals ------------------------------------------------------------------------------------------------- */
static struct hd_type *siginfo_type;
static hd_value siginfo(const siginfo_t *s)
{
    hd_value v[] = { hd_fix(s->si_signo), hd_fix(s->si_code), hd_fix(s->si_errno), hd_fix(s->si_pid), hd_int((int64_t)s->si_uid), hd_fix(s->si_status), hd_int(s->si_band) };
    return hd_structseq_new(siginfo_type, v);
}
FN(sigwait)
{
    sigset_t s;
    int n, err;
    if (mask_arg(args[0], &s) < 0) return HD_ERR;
    HD_BLOCKING
        err = sigwait(&s, &n);
    HD_END_BLOCKING
    return err ? hd_raise_errno(err, HD_ABSENT, HD_ABSENT) : hd_fix(n);
}
/* Until the deadline; timed == false: for ever. */
static hd_value wait_for_info(const sigset_t *s, bool timed, struct timespec end)
{
    siginfo_t info;
    int r, err;
    do {
        struct timespec now, left = { 0, 0 };
        HD_BLOCKING
            if (timed) {
                clock_gettime(CLOCK_MONOTONIC, &now);
                left.tv_sec = end.tv_sec - now.tv_sec, left.tv_nsec = end.tv_nsec - now.tv_nsec;
                if (left.tv_nsec < 0) left.tv_nsec += 1000000000, left.tv_sec--;
                if (left.tv_sec < 0) left = (struct timespec){ 0, 0 };
            }
            r = timed ? sigtimedwait(s, &info, &left) : sigwaitinfo(s, &info);
            err = errno;
        HD_END_BLOCKING
    } while (r < 0 && err == EINTR && hd_check_signals() == 0);
    if (r >= 0) return siginfo(&info);
    if (hd_exc_pending()) return HD_ERR;
    return timed && err == EAGAIN ? HD_NONE : hd_raise_errno(err, HD_ABSENT, HD_ABSENT);
}
FN(sigwaitinfo)
{
    sigset_t s;
    return mask_arg(args[0], &s) < 0 ? HD_ERR : wait_for_info(&s, false, (struct timespec){ 0, 0 });
}
FN(sigtimedwait)
{
    sigset_t s;
    int64_t ns;
    struct timespec end;
    if (!hd_is_int(args[1]) && !hd_is_float_exact(args[1]) && !hd_type_of(args[1])->op.tofloat && !hd_type_of(args[1])->op.index)
        return hd_raise(&hd_exc_TypeError, "'%T' object cannot be interpreted as an integer", args[1]);
    if (mask_arg(args[0], &s) < 0 || hd_seconds_arg(args[1], 1, &ns) < 0) return HD_ERR;
    if (ns < 0) return hd_raise(&hd_exc_ValueError, "timeout must be non-negative");
    clock_gettime(CLOCK_MONOTONIC, &end);
    end.tv_sec += ns / 1000000000;
    end.tv_nsec += ns % 1000000000;
    if (end.tv_nsec >= 1000000000) end.tv_nsec -= 1000000000, end.tv_sec++;
    return wait_for_info(&s, true, end);
}
FN(pidfd_send_signal)
{
    int fd, n, flags = 0, r, err;
    if (hd_as_int32(args[0], &fd) < 0 || hd_as_int32(args[1], &n) < 0 || (nargs > 3 && hd_as_int32(args[3], &flags) < 0)) return HD_ERR;
    if (nargs > 2 && args[2] != HD_NONE) return hd_raise(&hd_exc_TypeError, "siginfo must be None");
    HD_BLOCKING
        r = (int)syscall(SYS_pidfd_send_signal, fd, n, NULL, (unsigned)flags);
        err = errno;
    HD_END_BLOCKING
    if (r < 0) return hd_raise_errno(err, HD_ABSENT, HD_ABSENT);
    return run_handlers() < 0 ? HD_ERR : HD_NONE;
}
FN(sigpending) { sigset_t s; return sigpending(&s) < 0 ? hd_raise_errno(errno, HD_ABSENT, HD_ABSENT) : mask_set(&s); }
FN(valid_signals) { sigset_t s; sigfillset(&s); return mask_set(&s); }
/* Only threads of ours are asked: the C library may crash when the thread has ended.  The list is locked meanwhile, so that the
 * thread stays; the own thread, whose handler may want the list, is signalled outside. */
struct thread_kill { uint64_t id; int number, err; };
static void kill_thread(struct hd_thread *ts, void *arg)
{
    struct thread_kill *k = arg;
    if (ts->ident == k->id) k->err = pthread_kill((pthread_t)k->id, k->number);
}
FN(pthread_kill)
{
    uint64_t id;
    int n, err;
    if (hd_as_u64(args[0], &id) < 0 || hd_as_int32(args[1], &n) < 0) return HD_ERR;
    bool self_too = id == hd_ts->ident;
    HD_BLOCKING
        struct thread_kill k = { id, n, ESRCH };
        if (self_too) k.err = pthread_kill(pthread_self(), n);
        else hd_each_hd_thread(kill_thread, &k);
        err = k.err;
    HD_END_BLOCKING
    if (err) return hd_raise_errno(err, HD_ABSENT, HD_ABSENT);
    return run_handlers() < 0 ? HD_ERR : HD_NONE;
}
static hd_value seconds(const struct timeval *t) { return hd_float((double)t->tv_sec + (double)t->tv_usec * 1e-6); }
static hd_value itimer_error;
static int timeval_arg(hd_value v, struct timeval *t)
{
    int64_t ns;
    if (hd_seconds_arg(v, 1, &ns) < 0) return -1;
    int64_t us = ns / 1000 + (ns % 1000 > 0);       /* upwards: what is not 0 must not become 0, which would mean no timer */
    t->tv_sec = us / 1000000, t->tv_usec = us % 1000000;
    return 0;
}
FN(setitimer)
{
    int which, r, err;
    struct itimerval new = { { 0, 0 }, { 0, 0 } }, old;
    if (hd_as_int32(args[0], &which) < 0 || timeval_arg(args[1], &new.it_value) < 0 || (nargs > 2 && timeval_arg(args[2], &new.it_interval) < 0)) return HD_ERR;
    HD_BLOCKING
        r = setitimer(which, &new, &old);
        err = errno;
    HD_END_BLOCKING
    if (r < 0) {
        hd_value e = hd_callv(itimer_error, hd_fix(err), hd_str_utf8(strerror(err)));
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

HD_WAITS(signal_pause) HD_WAITS(signal_sigwait) HD_WAITS(signal_sigwaitinfo) HD_WAITS(signal_sigtimedwait)
static const struct hd_methoddef methods[] = {
    { "signal", signal_signal, 2, 2, 0, "signal($module, signalnum, handler, /)\n--\n\nSets the action for a signal." }, { "getsignal", signal_getsignal, 1, 1, 0, NULL },
    { "default_int_handler", signal_default_int_handler, 0, 2, 0, NULL }, { "alarm", signal_alarm, 1, 1, 0, NULL }, { "pause", signal_pause_waits, 0, 0, 0, NULL },
    { "raise_signal", signal_raise_signal, 1, 1, 0, NULL }, { "strsignal", signal_strsignal, 1, 1, 0, NULL }, { "siginterrupt", signal_siginterrupt, 2, 2, 0, NULL },
    { "set_wakeup_fd", signal_set_wakeup_fd, 0, -1, HD_METH_KW, NULL }, { "pthread_sigmask", signal_pthread_sigmask, 2, 2, 0, NULL },
    { "sigpending", signal_sigpending, 0, 0, 0, NULL }, { "valid_signals", signal_valid_signals, 0, 0, 0, NULL }, { "pthread_kill", signal_pthread_kill, 2, 2, 0, NULL },
    { "setitimer", signal_setitimer, 2, 3, 0, NULL }, { "getitimer", signal_getitimer, 1, 1, 0, NULL },
    { "sigwait", signal_sigwait_waits, 1, 1, 0, NULL }, { "sigwaitinfo", signal_sigwaitinfo_waits, 1, 1, 0, NULL }, { "sigtimedwait", signal_sigtimedwait_waits, 2, 2, 0, NULL },
    { "pidfd_send_signal", signal_pidfd_send_signal, 2, 4, 0, NULL }, { 0 }
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
    static const int as_errors[] = { SIGPIPE, SIGXFSZ };        /* the calls that cause them fail instead: BrokenPipeError, EFBIG */
    for (size_t i = 0; i < sizeof as_errors / sizeof *as_errors; i++)
        if (hd_list_get(handlers, as_errors[i]) == hd_fix((intptr_t)SIG_DFL)) {
            sigaction(as_errors[i], &ignore, NULL);
            if (hd_list_set(handlers, as_errors[i], hd_fix((intptr_t)SIG_IGN)) < 0) return -1;
        }
    hd_signal_handlers = run_handlers;
    static const char *const fields[] = { "si_signo", "si_code", "si_errno", "si_pid", "si_uid", "si_status", "si_band" };
    static const struct hd_structseq_def def = { "signal.struct_siginfo", "What sigwaitinfo() and sigtimedwait() return.", fields, 7, 7 };
    if (!(siginfo_type = hd_structseq_type(&def)) || hd_module_add(m, "struct_siginfo", hd_obj(siginfo_type)) < 0) return -1;
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
