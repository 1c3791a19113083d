/* posix: processes, identity, environment, system information. */
#include "interp/modules/posix_internal.h"
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/times.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "interp/eval/eval.h"

#define GETTER(name, call) static PX(name) { return hd_int((int64_t)call); }
GETTER(px_getpid, getpid()) GETTER(px_getppid, getppid()) GETTER(px_getuid, getuid()) GETTER(px_geteuid, geteuid()) GETTER(px_getgid, getgid())
GETTER(px_getegid, getegid()) GETTER(px_getpgrp, getpgrp())
#define SIMPLE(name, call) static PX(name) { int a0; if (hd_as_int32(args[0], &a0) < 0) return HD_ERR; return (call) < 0 ? hd_raise_errno(errno, HD_ABSENT, HD_ABSENT) : HD_NONE; }
SIMPLE(px_setuid, setuid((uid_t)a0)) SIMPLE(px_setgid, setgid((gid_t)a0)) SIMPLE(px_seteuid, seteuid((uid_t)a0)) SIMPLE(px_setegid, setegid((gid_t)a0))
static PX(px_setsid) { return setsid() < 0 ? hd_raise_errno(errno, HD_ABSENT, HD_ABSENT) : HD_NONE; }
static PX(px_getsid) { int p; if (hd_as_int32(args[0], &p) < 0) return HD_ERR; pid_t r = getsid(p); return r < 0 ? hd_raise_errno(errno, HD_ABSENT, HD_ABSENT) : hd_fix(r); }
static PX(px_getpgid) { int p; if (hd_as_int32(args[0], &p) < 0) return HD_ERR; pid_t r = getpgid(p); return r < 0 ? hd_raise_errno(errno, HD_ABSENT, HD_ABSENT) : hd_fix(r); }
static PX(px_setpgid) { int p, g; if (hd_as_int32(args[0], &p) < 0 || hd_as_int32(args[1], &g) < 0) return HD_ERR; return setpgid(p, g) < 0 ? hd_raise_errno(errno, HD_ABSENT, HD_ABSENT) : HD_NONE; }
/* Two identifiers; -1: unchanged. */
static hd_value set_pair(const hd_value *args, int (*set)(uid_t, uid_t))
{
    int64_t a, b;
    if (hd_as_i64(args[0], &a) < 0 || hd_as_i64(args[1], &b) < 0) return HD_ERR;
    return set((uid_t)a, (uid_t)b) < 0 ? hd_raise_errno(errno, HD_ABSENT, HD_ABSENT) : HD_NONE;
}
static PX(px_setreuid) { return set_pair(args, setreuid); }
static PX(px_setregid) { return set_pair(args, setregid); }
static PX(px_setgroups)
{
    const hd_value *item;
    int64_t n;
    hd_value s = hd_fast_sequence(args[0], "setgroups argument must be a sequence", &item, &n);
    gid_t *g = s == HD_ERR ? NULL : hd_scratch(sizeof *g * (size_t)(n + 1));
    for (int64_t i = 0, id; g && i < n; i++) {
        if (hd_as_i64(item[i], &id) < 0) return HD_ERR;
        g[i] = (gid_t)id;
    }
    if (!g) return HD_ERR;
    return setgroups((size_t)n, g) < 0 ? hd_raise_errno(errno, HD_ABSENT, HD_ABSENT) : HD_NONE;
}
static PX(px_getgroups)
{
    gid_t g[1024];
    int n = getgroups(1024, g);
    if (n < 0) return hd_raise_errno(errno, HD_ABSENT, HD_ABSENT);
    hd_value l = hd_list_new((size_t)n);
    for (int i = 0; l != HD_ERR && i < n; i++) if (hd_list_append(l, hd_int(g[i])) < 0) return HD_ERR;
    return l;
}
/* What changes the world or returns what it changes stands outside transactions, which may run twice. */
static PX(px_umask)
{
    int m;
    if (hd_as_int32(args[0], &m) < 0) return HD_ERR;
    HD_BLOCKING
        m = (int)umask((mode_t)m);
    HD_END_BLOCKING
    return hd_fix(m);
}
static PX(px_kill)
{
    int64_t pid;
    int sig, r, err;
    if (hd_as_i64(args[0], &pid) < 0 || hd_as_int32(args[1], &sig) < 0) return HD_ERR;
    HD_BLOCKING
        r = kill((pid_t)pid, sig);
        err = errno;
    HD_END_BLOCKING
    if (r < 0) return hd_raise_errno(err, HD_ABSENT, HD_ABSENT);
    return hd_check_signals() < 0 ? HD_ERR : HD_NONE;
}
static PX(px_killpg)
{
    int pid, sig, r, err;
    if (hd_as_int32(args[0], &pid) < 0 || hd_as_int32(args[1], &sig) < 0) return HD_ERR;
    HD_BLOCKING
        r = killpg(pid, sig);
        err = errno;
    HD_END_BLOCKING
    if (r < 0) return hd_raise_errno(err, HD_ABSENT, HD_ABSENT);
    return hd_check_signals() < 0 ? HD_ERR : HD_NONE;
}
static PX(px_strerror) { int e; return hd_as_int32(args[0], &e) < 0 ? HD_ERR : hd_str_utf8(strerror(e)); }
static PX(px__exit) { int s; if (nargs == 0 || hd_as_int32(args[0], &s) < 0) return HD_ERR; _exit(s); }
static PX(px_abort) { abort(); }
static PX(px_cpu_count) { long n = sysconf(_SC_NPROCESSORS_ONLN); return n < 1 ? HD_NONE : hd_fix(n); }
static PX(px_sched_yield)
{
    HD_BLOCKING
        sched_yield();
    HD_END_BLOCKING
    return HD_NONE;
}
static PX(px_sched_getaffinity)
{
    int pid;
    cpu_set_t set;
    if (hd_as_int32(args[0], &pid) < 0) return HD_ERR;
    if (sched_getaffinity(pid, sizeof set, &set) < 0) return hd_raise_errno(errno, HD_ABSENT, HD_ABSENT);
    hd_value s = hd_set_new();
    for (int i = 0; s != HD_ERR && i < CPU_SETSIZE; i++) if (CPU_ISSET(i, &set) && hd_set_add(s, hd_fix(i)) < 0) return HD_ERR;
    return s;
}
static PX(px_nice)
{
    int n, r, err;
    if (hd_as_int32(args[0], &n) < 0) return HD_ERR;
    HD_BLOCKING
        errno = 0;
        r = nice(n);
        err = errno;
    HD_END_BLOCKING
    return r == -1 && err ? hd_raise_errno(err, HD_ABSENT, HD_ABSENT) : hd_fix(r);
}
static PX(px_getloadavg)
{
    double d[3];
    if (getloadavg(d, 3) != 3) return hd_raise(&hd_exc_OSError, "Load averages are unobtainable");
    return hd_tuplev(hd_float(d[0]), hd_float(d[1]), hd_float(d[2]));
}
static PX(px_getlogin) { char *s = getlogin(); return s ? hd_str_from_fs(s, strlen(s)) : hd_raise_errno(errno ? errno : ENXIO, HD_ABSENT, HD_ABSENT); }
static PX(px_device_major) { int64_t d; return hd_as_i64(args[0], &d) < 0 ? HD_ERR : hd_int(major((dev_t)d)); }
static PX(px_device_minor) { int64_t d; return hd_as_i64(args[0], &d) < 0 ? HD_ERR : hd_int(minor((dev_t)d)); }
static PX(px_device_makedev) { int64_t a, b; return hd_as_i64(args[0], &a) < 0 || hd_as_i64(args[1], &b) < 0 ? HD_ERR : hd_int_u64(makedev((unsigned)a, (unsigned)b)); }

static const struct { const char *name; int v; } sysconf_names[] = {
    { "SC_PAGE_SIZE", _SC_PAGE_SIZE }, { "SC_PAGESIZE", _SC_PAGESIZE }, { "SC_NPROCESSORS_ONLN", _SC_NPROCESSORS_ONLN }, { "SC_NPROCESSORS_CONF", _SC_NPROCESSORS_CONF },
    { "SC_PHYS_PAGES", _SC_PHYS_PAGES }, { "SC_AVPHYS_PAGES", _SC_AVPHYS_PAGES }, { "SC_CLK_TCK", _SC_CLK_TCK }, { "SC_OPEN_MAX", _SC_OPEN_MAX }, { "SC_ARG_MAX", _SC_ARG_MAX },
    { "SC_IOV_MAX", _SC_IOV_MAX }, { "SC_NGROUPS_MAX", _SC_NGROUPS_MAX }, { "SC_CHILD_MAX", _SC_CHILD_MAX }, { "SC_SEM_NSEMS_MAX", _SC_SEM_NSEMS_MAX },
};
enum { N_SYSCONF = sizeof sysconf_names / sizeof *sysconf_names };
static PX(px_sysconf)
{
    int n = -1;
    if (hd_is_str(args[0])) {
        for (int i = 0; i < N_SYSCONF; i++) if (hd_str_is(args[0], sysconf_names[i].name)) n = sysconf_names[i].v;
        if (n < 0) return hd_raise(&hd_exc_ValueError, "unrecognized configuration name");
    } else if (hd_as_int32(args[0], &n) < 0) return HD_ERR;
    errno = 0;
    long r = sysconf(n);
    return r == -1 && errno ? hd_raise_errno(errno, HD_ABSENT, HD_ABSENT) : hd_int(r);
}

static struct hd_type *uname_type, *times_type, *sched_param_type;
static PX(px_uname)
{
    struct utsname u;
    if (uname(&u) < 0) return hd_raise_errno(errno, HD_ABSENT, HD_ABSENT);
    hd_value v[] = { hd_str_utf8(u.sysname), hd_str_utf8(u.nodename), hd_str_utf8(u.release), hd_str_utf8(u.version), hd_str_utf8(u.machine) };
    return hd_structseq_new(uname_type, v);
}
static PX(px_times)
{
    struct tms t;
    clock_t now = times(&t);
    double k = (double)sysconf(_SC_CLK_TCK);
    hd_value v[] = { hd_float((double)t.tms_utime / k), hd_float((double)t.tms_stime / k), hd_float((double)t.tms_cutime / k), hd_float((double)t.tms_cstime / k), hd_float((double)now / k) };
    return hd_structseq_new(times_type, v);
}

/* ---- environment ------------------------------------------------------------------------------------------------------------------ */
static PX(px_putenv)
{
    const char *k = hd_fs_path_c(args[0], NULL), *v = k ? hd_fs_path_c(args[1], NULL) : NULL;
    if (!v) return HD_ERR;
    if (strchr(k, '=')) return hd_raise(&hd_exc_ValueError, "illegal environment variable name");
    return setenv(k, v, 1) < 0 ? hd_raise_errno(errno, HD_ABSENT, HD_ABSENT) : HD_NONE;
}
static PX(px_unsetenv)
{
    const char *k = hd_fs_path_c(args[0], NULL);
    if (!k) return HD_ERR;
    return unsetenv(k) < 0 ? hd_raise_errno(errno, HD_ABSENT, HD_ABSENT) : HD_NONE;
}
static int add_environ(hd_value m)
{
    extern char **environ;
    hd_value d = hd_dict_new();
    for (char **e = environ; d != HD_ERR && e && *e; e++) {
        const char *eq = strchr(*e, '=');
        if (!eq) continue;
        hd_value k = hd_bytes_new(*e, (size_t)(eq - *e)), v = hd_bytes_new(eq + 1, strlen(eq + 1));
        if (k == HD_ERR || v == HD_ERR || hd_dict_setdefault(d, k, v) == HD_ERR) return -1;
    }
    return d == HD_ERR ? -1 : hd_module_add(m, "environ", d);
}

/* ---- children ---------------------------------------------------------------------------------------------------------------------- */
static hd_value before_fork, after_parent, after_child;    /* lists */
static int run_hooks(hd_value list, bool backwards)
{
    int64_t n = hd_list_len(list);
    for (int64_t i = 0; i < n; i++)
        if (hd_call0(hd_list_get(list, backwards ? n - 1 - i : i)) == HD_ERR) hd_exc_print_unraisable("at fork", HD_NONE);
    return 0;
}
static PX(px_register_at_fork)
{
    hd_value a[3];
    if (hd_args("register_at_fork", "*,|before,after_in_child,after_in_parent", args, nargs, kwnames, a) < 0) return HD_ERR;
    hd_value lists[] = { before_fork, after_child, after_parent };
    bool any = false;
    for (int i = 0; i < 3; i++) {
        if (a[i] == HD_ABSENT) continue;
        any = true;
        if (!hd_callable(a[i])) return hd_raise(&hd_exc_TypeError, "'%s' must be callable, not %T", i == 0 ? "before" : i == 1 ? "after_in_child" : "after_in_parent", a[i]);
        if (hd_list_append(lists[i], a[i]) < 0) return HD_ERR;
    }
    return any ? HD_NONE : hd_raise(&hd_exc_TypeError, "At least one argument is required.");
}
/* fork() with all other threads at a safepoint; the child goes on with this thread alone. */
int hd_fork(bool hooks)
{
    if (hooks) run_hooks(before_fork, true), hd_import_lock();     /* the child must not find a module half imported by a thread that it does not have */
    stm_become_irrevocable();
    hd_idle_before_fork();
    stm_before_fork();
    int pid = fork(), err = errno;
    if (pid == 0) {
        stm_after_fork_child();
        gc_after_fork_child();
        hd_threads_after_fork();
        hd_idle_after_fork_child();
        if (hooks) hd_import_unlock(), run_hooks(after_child, false);
    } else {
        stm_after_fork_parent();
        hd_idle_after_fork_parent();
        if (hooks) hd_import_unlock(), run_hooks(after_parent, false);
    }
    errno = err;
    return pid;
}
static PX(px_fork)
{
    int pid = hd_fork(true);
    return pid < 0 ? hd_raise_errno(errno, HD_ABSENT, HD_ABSENT) : hd_fix(pid);
}
/* Both ends of a new terminal, not inherited; 0 or errno.  Outside transactions. */
static int open_terminal(int *master, int *slave)
{
    char name[64];
    *slave = -1;
    if ((*master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)) < 0) return errno;
    int err = grantpt(*master) < 0 || unlockpt(*master) < 0 ? errno : ptsname_r(*master, name, sizeof name);
    if (!err && (*slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC)) < 0) err = errno;
    if (err) close(*master);
    return err;
}
static PX(px_openpty)
{
    int master, slave, err;
    HD_BLOCKING
        err = open_terminal(&master, &slave);
    HD_END_BLOCKING
    return err ? hd_raise_errno(err, HD_ABSENT, HD_ABSENT) : hd_tuplev(hd_fix(master), hd_fix(slave));
}
static PX(px_forkpty)
{
    int master, slave, err;
    stm_become_irrevocable();
    HD_BLOCKING
        err = open_terminal(&master, &slave);
    HD_END_BLOCKING
    if (err) return hd_raise_errno(err, HD_ABSENT, HD_ABSENT);
    stm_become_irrevocable();
    int pid = hd_fork(true);
    if (pid < 0) err = errno;
    if (pid == 0) {
        close(master);
        setsid();
        ioctl(slave, TIOCSCTTY, 0);
        for (int fd = 0; fd < 3; fd++) dup2(slave, fd);
        if (slave > 2) close(slave);
        return hd_tuplev(hd_fix(0), hd_fix(-1));
    }
    close(slave);
    if (pid < 0) close(master);
    return pid < 0 ? hd_raise_errno(err, HD_ABSENT, HD_ABSENT) : hd_tuplev(hd_fix(pid), hd_fix(master));
}
/* A NULL-terminated vector of C strings in scratch memory.  The strings themselves are bytes objects in the tuple *keep, which
 * the caller has on its stack as long as it uses them: the collector does not look into scratch memory. */
char **hd_string_vector(hd_value seq, const char *what, hd_value *keep)
{
    const hd_value *item;
    int64_t n;
    hd_value s = hd_fast_sequence(seq, what, &item, &n);
    char **v = s == HD_ERR || (*keep = hd_tuple_new((size_t)n)) == HD_ERR ? NULL : hd_scratch(sizeof *v * (size_t)(n + 1));
    for (int64_t i = 0; v && i < n; i++) {
        const char *text = hd_fs_path_c(item[i], NULL);
        hd_value b = text ? hd_bytes_new(text, strlen(text)) : HD_ERR;
        if (b == HD_ERR) return NULL;
        HD_TUPLE(*keep)->item[i] = b;
        v[i] = (char *)HD_BYTES(b)->data;
    }
    if (v) v[n] = NULL;
    return v;
}
char **hd_env_vector(hd_value env, hd_value *keep)
{
    hd_value keys = hd_call_method(env, hd_s_keys, NULL, 0), kl = keys == HD_ERR ? HD_ERR : hd_list_of(keys);
    if (kl == HD_ERR) return NULL;
    int64_t n = hd_list_len(kl);
    char **v = (*keep = hd_tuple_new((size_t)n)) == HD_ERR ? NULL : hd_scratch(sizeof *v * (size_t)(n + 1));
    for (int64_t i = 0; v && i < n; i++) {
        hd_value k = hd_list_get(kl, i), val = hd_getitem(env, k);
        const char *vs = val == HD_ERR ? NULL : hd_fs_path_c(val, NULL), *ks = vs ? hd_fs_path_c(k, NULL) : NULL;
        if (!ks) return NULL;
        size_t len = strlen(ks) + strlen(vs) + 1;
        hd_value b = hd_bytes_new(NULL, len);
        if (b == HD_ERR) return NULL;
        snprintf((char *)HD_BYTES(b)->data, len + 1, "%s=%s", ks, vs);
        HD_TUPLE(*keep)->item[i] = b;
        v[i] = (char *)HD_BYTES(b)->data;
    }
    if (v) v[n] = NULL;
    return v;
}
static hd_value do_exec(hd_value path, hd_value argv, hd_value env)
{
    const char *p = hd_fs_path_c(path, NULL);
    if (!p) return HD_ERR;
    if (!hd_is_list(argv) && !hd_is_tuple(argv)) return hd_raise(&hd_exc_TypeError, "execv() arg 2 must be a tuple or list");
    hd_value keep_argv = HD_NONE, keep_env = HD_NONE;
    char **av = hd_string_vector(argv, "execv() arg 2 must be a tuple or list", &keep_argv);
    if (!av) return HD_ERR;
    if (!av[0]) return hd_raise(&hd_exc_ValueError, "execv() arg 2 must not be empty");
    if (!av[0][0]) return hd_raise(&hd_exc_ValueError, "execv() arg 2 first element cannot be empty");
    char **ev = NULL;
    if (env != HD_ABSENT && !(ev = hd_env_vector(env, &keep_env))) return HD_ERR;
    extern char **environ;
    execve(p, av, ev ? ev : environ);
    (void)*(volatile hd_value *)&keep_argv, (void)*(volatile hd_value *)&keep_env;      /* on the stack until here */
    return hd_raise_errno(errno, path, HD_ABSENT);
}
static PX(px_execv) { return do_exec(args[0], args[1], HD_ABSENT); }
static PX(px_execve)
{
    hd_value a[3];
    return hd_args("execve", "path,argv,env", args, nargs, kwnames, a) < 0 ? HD_ERR : do_exec(a[0], a[1], a[2]);
}
static PX(px_waitpid)
{
    int pid, options, status = 0, r, err;
    if (hd_as_int32(args[0], &pid) < 0 || hd_as_int32(args[1], &options) < 0) return HD_ERR;
    SYSCALL(r, err, waitpid(pid, &status, options));
    return r < 0 ? FAILED(err, HD_ABSENT) : hd_tuplev(hd_fix(r), hd_fix(status));
}
static PX(px_wait)
{
    int status = 0, r, err;
    SYSCALL(r, err, wait(&status));
    return r < 0 ? FAILED(err, HD_ABSENT) : hd_tuplev(hd_fix(r), hd_fix(status));
}
static hd_value with_usage(int pid, int options)
{
    int status = 0, r, err;
    struct rusage u = { 0 };
    SYSCALL(r, err, wait4(pid, &status, options, &u));
    hd_value usage = r < 0 ? HD_ERR : hd_rusage(&u);
    if (r < 0) return FAILED(err, HD_ABSENT);
    return usage == HD_ERR ? HD_ERR : hd_tuplev(hd_fix(r), hd_fix(status), usage);
}
static PX(px_wait3)
{
    hd_value a[1];
    int options;
    return hd_args("wait3", "options", args, nargs, kwnames, a) < 0 || hd_as_int32(a[0], &options) < 0 ? HD_ERR : with_usage(-1, options);
}
static PX(px_wait4)
{
    hd_value a[2];
    int pid, options;
    return hd_args("wait4", "pid,options", args, nargs, kwnames, a) < 0 || hd_as_int32(a[0], &pid) < 0 || hd_as_int32(a[1], &options) < 0
        ? HD_ERR : with_usage(pid, options);
}
static PX(px_waitstatus_to_exitcode)
{
    hd_value a[1];
    int s;
    if (hd_args("waitstatus_to_exitcode", "status", args, nargs, kwnames, a) < 0 || hd_as_int32(a[0], &s) < 0) return HD_ERR;
    if (WIFEXITED(s)) return hd_fix(WEXITSTATUS(s));
    if (WIFSIGNALED(s)) return hd_fix(-WTERMSIG(s));
    if (WIFSTOPPED(s)) return hd_raise(&hd_exc_ValueError, "process stopped by delivery of signal %d", WSTOPSIG(s));
    return hd_raise(&hd_exc_ValueError, "invalid wait status: %d", s);
}
#define WAIT_MACRO(name, macro, boolean) static PX(name) { int s; if (hd_as_int32(args[0], &s) < 0) return HD_ERR; return boolean ? hd_bool(macro(s)) : hd_fix(macro(s)); }
WAIT_MACRO(px_WIFEXITED, WIFEXITED, true) WAIT_MACRO(px_WIFSIGNALED, WIFSIGNALED, true) WAIT_MACRO(px_WIFSTOPPED, WIFSTOPPED, true)
WAIT_MACRO(px_WIFCONTINUED, WIFCONTINUED, true) WAIT_MACRO(px_WCOREDUMP, WCOREDUMP, true) WAIT_MACRO(px_WEXITSTATUS, WEXITSTATUS, false)
WAIT_MACRO(px_WTERMSIG, WTERMSIG, false) WAIT_MACRO(px_WSTOPSIG, WSTOPSIG, false)
static PX(px_system)
{
    HD_IO_SETTLE(px_system, HD_ABSENT, 1);
    hd_value a[1];
    int r;
    if (hd_args("system", "command", args, nargs, kwnames, a) < 0) return HD_ERR;
    const char *s = hd_fs_path_c(a[0], NULL);
    if (!s) return HD_ERR;
    HD_BLOCKING
        r = system(s);
    HD_END_BLOCKING
    return hd_fix(r);
}

#define KW HD_METH_KW
#define W1(x) { #x, px_##x, 1, 1, 0, NULL }
HD_WAITS(px_waitpid) HD_WAITS(px_wait) HD_WAITS(px_wait3) HD_WAITS(px_wait4)
const struct hd_methoddef hd_posix_process_methods[] = {
    { "getpid", px_getpid, 0, 0, 0, NULL }, { "getppid", px_getppid, 0, 0, 0, NULL }, { "getuid", px_getuid, 0, 0, 0, NULL }, { "geteuid", px_geteuid, 0, 0, 0, NULL },
    { "getgid", px_getgid, 0, 0, 0, NULL }, { "getegid", px_getegid, 0, 0, 0, NULL }, { "getpgrp", px_getpgrp, 0, 0, 0, NULL }, { "setuid", px_setuid, 1, 1, 0, NULL },
    { "setgid", px_setgid, 1, 1, 0, NULL }, { "seteuid", px_seteuid, 1, 1, 0, NULL }, { "setegid", px_setegid, 1, 1, 0, NULL }, { "setsid", px_setsid, 0, 0, 0, NULL },
    { "getsid", px_getsid, 1, 1, 0, NULL }, { "getpgid", px_getpgid, 1, 1, 0, NULL }, { "setpgid", px_setpgid, 2, 2, 0, NULL }, { "getgroups", px_getgroups, 0, 0, 0, NULL },
    { "setreuid", px_setreuid, 2, 2, 0, NULL }, { "setregid", px_setregid, 2, 2, 0, NULL }, { "setgroups", px_setgroups, 1, 1, 0, NULL },
    { "umask", px_umask, 1, 1, 0, NULL }, { "kill", px_kill, 2, 2, 0, NULL }, { "killpg", px_killpg, 2, 2, 0, NULL }, { "strerror", px_strerror, 1, 1, 0, NULL },
    { "_exit", px__exit, 1, 1, 0, NULL }, { "abort", px_abort, 0, 0, 0, NULL }, { "cpu_count", px_cpu_count, 0, 0, 0, NULL }, { "sched_yield", px_sched_yield, 0, 0, 0, NULL },
    { "sched_getaffinity", px_sched_getaffinity, 1, 1, 0, NULL }, { "nice", px_nice, 1, 1, 0, NULL }, { "getloadavg", px_getloadavg, 0, 0, 0, NULL },
    { "getlogin", px_getlogin, 0, 0, 0, NULL }, { "major", px_device_major, 1, 1, 0, NULL }, { "minor", px_device_minor, 1, 1, 0, NULL }, { "makedev", px_device_makedev, 2, 2, 0, NULL },
    { "sysconf", px_sysconf, 1, 1, 0, NULL }, { "uname", px_uname, 0, 0, 0, NULL }, { "times", px_times, 0, 0, 0, NULL }, { "putenv", px_putenv, 2, 2, 0, NULL },
    { "unsetenv", px_unsetenv, 1, 1, 0, NULL }, { "register_at_fork", px_register_at_fork, 0, -1, KW, NULL }, { "fork", px_fork, 0, 0, 0, NULL },
    { "openpty", px_openpty, 0, 0, 0, NULL }, { "forkpty", px_forkpty, 0, 0, 0, NULL },
    { "execv", px_execv, 2, 2, 0, NULL }, { "execve", px_execve, 0, -1, KW, NULL }, { "waitpid", px_waitpid_waits, 2, 2, 0, NULL }, { "wait", px_wait_waits, 0, 0, 0, NULL },
    { "wait3", px_wait3_waits, 0, -1, KW, NULL }, { "wait4", px_wait4_waits, 0, -1, KW, NULL },
    { "waitstatus_to_exitcode", px_waitstatus_to_exitcode, 0, -1, KW, NULL }, { "system", px_system, 0, -1, KW, NULL },
    W1(WIFEXITED), W1(WIFSIGNALED), W1(WIFSTOPPED), W1(WIFCONTINUED), W1(WCOREDUMP), W1(WEXITSTATUS), W1(WTERMSIG), W1(WSTOPSIG), { 0 }
};
int hd_posix_process_fill(hd_value m)
{
    hd_root(&before_fork), hd_root(&after_parent), hd_root(&after_child);
    if ((before_fork = hd_list_new(0)) == HD_ERR || (after_parent = hd_list_new(0)) == HD_ERR || (after_child = hd_list_new(0)) == HD_ERR) return -1;
    static const char *const uf[] = { "sysname", "nodename", "release", "version", "machine" };
    static const struct hd_structseq_def udef = { "posix.uname_result", "What uname() returns.", uf, 5, 5 };
    static const char *const tf[] = { "user", "system", "children_user", "children_system", "elapsed" };
    static const struct hd_structseq_def tdef = { "posix.times_result", "What times() returns.", tf, 5, 5 };
    static const char *const pf[] = { "sched_priority" };
    static const struct hd_structseq_def pdef = { "posix.sched_param", "Scheduling parameters.", pf, 1, 1 };
    if (!(uname_type = hd_structseq_type(&udef)) || !(times_type = hd_structseq_type(&tdef)) || !(sched_param_type = hd_structseq_type(&pdef))) return -1;
    static const struct { const char *name; int64_t v; } c[] = {
#define C(x) { #x, x }
        C(WNOHANG), C(WUNTRACED), C(WCONTINUED), C(WEXITED), C(WSTOPPED), C(WNOWAIT), C(P_PID), C(P_PGID), C(P_ALL), C(SCHED_OTHER), C(SCHED_FIFO), C(SCHED_RR),
        C(PRIO_PROCESS), C(PRIO_PGRP), C(PRIO_USER),
    };
    for (size_t i = 0; i < sizeof c / sizeof *c; i++) {
        char name[32];
        size_t n = strlen(c[i].name);
        if (c[i].name[n - 1] == '_') n--;
        snprintf(name, sizeof name, "%.*s", (int)n, c[i].name);
        if (hd_module_add_int(m, name, c[i].v) < 0) return -1;
    }
    hd_value names = hd_dict_new(), have = hd_list_new(0);
    for (int i = 0; names != HD_ERR && i < N_SYSCONF; i++) if (hd_dict_set_c(names, sysconf_names[i].name, hd_fix(sysconf_names[i].v)) < 0) return -1;
    static const char *const functions[] = { "HAVE_FACCESSAT", "HAVE_FCHDIR", "HAVE_FCHMOD", "HAVE_FCHMODAT", "HAVE_FCHOWN", "HAVE_FCHOWNAT", "HAVE_FDOPENDIR", "HAVE_FEXECVE",
        "HAVE_FPATHCONF", "HAVE_FSTATAT", "HAVE_FSTATVFS", "HAVE_FTRUNCATE", "HAVE_FUTIMENS", "HAVE_LINKAT", "HAVE_LSTAT", "HAVE_MKDIRAT", "HAVE_MKFIFOAT", "HAVE_MKNODAT",
        "HAVE_OPENAT", "HAVE_READLINKAT", "HAVE_RENAMEAT", "HAVE_SYMLINKAT", "HAVE_UNLINKAT", "HAVE_UTIMENSAT" };
    for (size_t i = 0; have != HD_ERR && i < sizeof functions / sizeof *functions; i++) if (hd_list_append(have, hd_intern(functions[i])) < 0) return -1;
    if (names == HD_ERR || have == HD_ERR || hd_module_add(m, "sysconf_names", names) < 0 || hd_module_add(m, "_have_functions", have) < 0) return -1;
    if (hd_module_add(m, "uname_result", hd_obj(uname_type)) < 0 || hd_module_add(m, "times_result", hd_obj(times_type)) < 0 ||
        hd_module_add(m, "sched_param", hd_obj(sched_param_type)) < 0 || hd_module_add(m, "error", hd_obj(&hd_exc_OSError)) < 0) return -1;
    return add_environ(m);
}

static int fill(hd_value m)
{
    for (const struct hd_methoddef *f = hd_posix_process_methods; f->name; f++) {
        hd_value fn = hd_cfunction_new(f, m, hd_intern("posix"));
        if (fn == HD_ERR || hd_module_add(m, f->name, fn) < 0) return -1;
    }
    return hd_posix_file_fill(m) < 0 || hd_posix_process_fill(m) < 0 ? -1 : hd_posix_linux_fill(m);
}
const struct hd_moduledef hd_module_posix = { "posix", "What the operating system offers.", hd_posix_file_methods, fill };

/* ---- errno ------------------------------------------------------------------------------------------------------------------------ */
static int errno_fill(hd_value m)
{
    static const struct { const char *name; int v; } codes[] = {
#define C2(x) { #x, x },
        C2(EPERM) C2(ENOENT) C2(ESRCH) C2(EINTR) C2(EIO) C2(ENXIO) C2(E2BIG) C2(ENOEXEC) C2(EBADF) C2(ECHILD) C2(EAGAIN) C2(ENOMEM) C2(EACCES) C2(EFAULT) C2(ENOTBLK)
        C2(EBUSY) C2(EEXIST) C2(EXDEV) C2(ENODEV) C2(ENOTDIR) C2(EISDIR) C2(EINVAL) C2(ENFILE) C2(EMFILE) C2(ENOTTY) C2(ETXTBSY) C2(EFBIG) C2(ENOSPC) C2(ESPIPE)
        C2(EROFS) C2(EMLINK) C2(EPIPE) C2(EDOM) C2(ERANGE) C2(EDEADLK) C2(ENAMETOOLONG) C2(ENOLCK) C2(ENOSYS) C2(ENOTEMPTY) C2(ELOOP) C2(ENOMSG) C2(EIDRM) C2(ENODATA)
        C2(ETIME) C2(EPROTO) C2(EBADMSG) C2(EOVERFLOW) C2(EILSEQ) C2(EUSERS) C2(ENOTSOCK) C2(EDESTADDRREQ) C2(EMSGSIZE) C2(EPROTOTYPE) C2(ENOPROTOOPT)
        C2(EPROTONOSUPPORT) C2(ESOCKTNOSUPPORT) C2(EOPNOTSUPP) C2(EPFNOSUPPORT) C2(EAFNOSUPPORT) C2(EADDRINUSE) C2(EADDRNOTAVAIL) C2(ENETDOWN) C2(ENETUNREACH)
        C2(ENETRESET) C2(ECONNABORTED) C2(ECONNRESET) C2(ENOBUFS) C2(EISCONN) C2(ENOTCONN) C2(ESHUTDOWN) C2(ETOOMANYREFS) C2(ETIMEDOUT) C2(ECONNREFUSED) C2(EHOSTDOWN)
        C2(EHOSTUNREACH) C2(EALREADY) C2(EINPROGRESS) C2(ESTALE) C2(EDQUOT) C2(ECANCELED) C2(EOWNERDEAD) C2(ENOTRECOVERABLE) C2(ENOTSUP) C2(EWOULDBLOCK) C2(EDEADLOCK)
        C2(ENOLINK) C2(EMULTIHOP) C2(ENOSTR) C2(ENOSR) C2(EREMOTE) C2(ENOPKG) C2(ENONET) C2(ECOMM) C2(ENOTUNIQ) C2(EBADFD) C2(EREMCHG) C2(ERESTART) C2(ESTRPIPE)
        C2(EADV) C2(EBADE) C2(EBADR) C2(EBADRQC) C2(EBADSLT) C2(EBFONT) C2(ECHRNG) C2(EDOTDOT) C2(EISNAM) C2(EKEYEXPIRED) C2(EKEYREJECTED) C2(EKEYREVOKED) C2(EL2HLT) C2(EL2NSYNC) C2(EL3HLT) C2(EL3RST) C2(ELIBACC) C2(ELIBBAD)
        C2(ELIBEXEC) C2(ELIBMAX) C2(ELIBSCN) C2(ELNRNG) C2(EMEDIUMTYPE) C2(ENAVAIL) C2(ENOANO) C2(ENOCSI) C2(ENOKEY) C2(ENOMEDIUM) C2(ENOTNAM) C2(EREMOTEIO) C2(ERFKILL) C2(ESRMNT) C2(EUCLEAN) C2(EUNATCH) C2(EXFULL)
    };
    hd_value d = hd_dict_new();
    for (size_t i = 0; d != HD_ERR && i < sizeof codes / sizeof *codes; i++)
        if (hd_module_add_int(m, codes[i].name, codes[i].v) < 0 || hd_dict_setdefault(d, hd_fix(codes[i].v), hd_intern(codes[i].name)) == HD_ERR) return -1;
    return d == HD_ERR ? -1 : hd_module_add(m, "errorcode", d);
}
static const struct hd_methoddef no_methods[] = { { 0 } };
const struct hd_moduledef hd_module_errno = { "errno", "Numbers of system errors.", no_methods, errno_fill };
