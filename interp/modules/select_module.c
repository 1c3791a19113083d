/* The select module: select, poll, epoll; and _posixsubprocess. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <time.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "interp/eval/eval.h"
#include "interp/modules/posix_internal.h"

static int64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}
/* Deadline of a timeout in units of 1/scale seconds (None: -1 for ever); -2: error. */
static int64_t deadline_arg(hd_value v, double scale, bool negative_is_none)
{
    if (v == HD_ABSENT || v == HD_NONE) return -1;
    int64_t ns, now = now_ns();
    if (!hd_is_int(v) && !hd_is_float_exact(v) && !hd_type_of(v)->op.tofloat && !hd_type_of(v)->op.index) { hd_raise(&hd_exc_TypeError, "timeout must be a real number or None"); return -2; }
    if (hd_seconds_arg(v, 1 / scale, &ns) < 0) return -2;
    if (ns < 0) { if (negative_is_none) return -1; hd_raise(&hd_exc_ValueError, "timeout must be non-negative"); return -2; }
    return ns > INT64_MAX - now ? -1 : now + ns;
}
static int left_ms(int64_t deadline)
{
    if (deadline < 0) return -1;
    int64_t left = deadline - now_ns();
    return left <= 0 ? 0 : left > (int64_t)INT_MAX * 1000000 ? INT_MAX : (int)((left + 999999) / 1000000);
}
static int poll_until(struct pollfd *p, size_t n, int64_t deadline)
{
    for (;;) {
        int r, err, ms = left_ms(deadline);
        HD_BLOCKING
            r = poll(p, n, ms);
            err = errno;
        HD_END_BLOCKING
        if (r >= 0) return r;
        if (err != EINTR) { hd_raise_errno(err, HD_ABSENT, HD_ABSENT); return -1; }
        if (hd_check_signals() < 0) return -1;
        if (deadline >= 0 && now_ns() >= deadline) return 0;
    }
}
static PX(sel_select)
{
    hd_value keep[3];
    const hd_value *item[3];
    int64_t n[3], total = 0;
    for (int i = 0; i < 3; i++) {
        if ((keep[i] = hd_fast_sequence(args[i], "arguments 1-3 must be sequences", &item[i], &n[i])) == HD_ERR) return HD_ERR;
        total += n[i];
    }
    int64_t deadline = deadline_arg(nargs > 3 ? args[3] : HD_NONE, 1, false);
    struct pollfd *p = deadline == -2 ? NULL : hd_scratch(sizeof *p * (size_t)(total + 1));
    if (!p) return HD_ERR;
    int64_t k = 0;
    static const short events[3] = { POLLIN, POLLOUT, POLLPRI };
    for (int i = 0; i < 3; i++) for (int64_t j = 0; j < n[i]; j++, k++) {
        int fd;
        if (hd_fd_arg(item[i][j], &fd) < 0) return HD_ERR;
        if (fd >= FD_SETSIZE) return hd_raise(&hd_exc_ValueError, "filedescriptor out of range in select()");
        p[k] = (struct pollfd){ fd, events[i], 0 };
    }
    if (poll_until(p, (size_t)total, deadline) < 0) return HD_ERR;
    hd_value out[3];
    k = 0;
    for (int i = 0; i < 3; i++) {
        if ((out[i] = hd_list_new(0)) == HD_ERR) return HD_ERR;
        for (int64_t j = 0; j < n[i]; j++, k++) {
            if (p[k].revents & POLLNVAL) return hd_raise_errno(EBADF, HD_ABSENT, HD_ABSENT);
            short ready = i == 0 ? POLLIN | POLLHUP | POLLERR : i == 1 ? POLLOUT | POLLERR : POLLPRI;
            if (p[k].revents & ready && hd_list_append(out[i], item[i][j]) < 0) return HD_ERR;
        }
    }
    return hd_tuplev(out[0], out[1], out[2]);
}

/* ---- poll objects: a dict fd -> events -------------------------------------------------------------------------------------------- */
struct hd_pollobj { struct hd_mhead head; hd_value fds; };
#define FDS(v) (((struct hd_pollobj *)hd_ptr(v))->fds)
static void poll_trace(void *o, struct gc_marker *m) { gc_mark(m, ((struct hd_pollobj *)o)->fds); }
static PX(poll_register)
{
    int fd, events = POLLIN | POLLPRI | POLLOUT;
    if (hd_fd_arg(args[0], &fd) < 0 || (nargs > 1 && hd_as_int32(args[1], &events) < 0)) return HD_ERR;
    return hd_dict_set(FDS(self), hd_fix(fd), hd_fix(events & 0xffff)) < 0 ? HD_ERR : HD_NONE;
}
static PX(poll_modify)
{
    int fd, events;
    if (hd_fd_arg(args[0], &fd) < 0 || hd_as_int32(args[1], &events) < 0) return HD_ERR;
    int there = hd_dict_contains(FDS(self), hd_fix(fd));
    if (there < 0) return HD_ERR;
    if (!there) return hd_raise_errno(ENOENT, HD_ABSENT, HD_ABSENT);
    return hd_dict_set(FDS(self), hd_fix(fd), hd_fix(events & 0xffff)) < 0 ? HD_ERR : HD_NONE;
}
static PX(poll_unregister)
{
    int fd;
    if (hd_fd_arg(args[0], &fd) < 0) return HD_ERR;
    int r = hd_dict_del(FDS(self), hd_fix(fd));
    return r < 0 ? HD_ERR : r ? HD_NONE : hd_raise_key(hd_fix(fd));
}
static PX(poll_poll)
{
    int64_t deadline = deadline_arg(nargs ? args[0] : HD_NONE, 1000, true), n = hd_dict_len(FDS(self));
    struct pollfd *p = deadline == -2 ? NULL : hd_scratch(sizeof *p * (size_t)(n + 1));
    if (!p) return HD_ERR;
    struct hd_dict_iter it = { 0 };
    hd_value k, v;
    int64_t i = 0;
    while (i < n && hd_dict_next(FDS(self), &it, &k, &v) == 1) p[i++] = (struct pollfd){ (int)hd_unfix(k), (short)hd_unfix(v), 0 };
    if (poll_until(p, (size_t)i, deadline) < 0) return HD_ERR;
    hd_value l = hd_list_new(0);
    for (int64_t j = 0; l != HD_ERR && j < i; j++) {
        if (!p[j].revents) continue;
        hd_value t = hd_tuplev(hd_fix(p[j].fd), hd_fix(p[j].revents & 0xffff));
        if (t == HD_ERR || hd_list_append(l, t) < 0) return HD_ERR;
    }
    return l;
}
HD_WAITS(poll_poll)
static const struct hd_methoddef poll_methods[] = { { "register", poll_register, 1, 2, 0, NULL }, { "modify", poll_modify, 2, 2, 0, NULL },
    { "unregister", poll_unregister, 1, 1, 0, NULL }, { "poll", poll_poll_waits, 0, 1, 0, NULL }, { 0 } };
static struct hd_type poll_type = { .cname = "select.poll", .basicsize = sizeof(struct hd_pollobj), .flags = HD_TF_NEVER_INSTANTIATE, .methods = poll_methods, .op = { .trace = poll_trace } };
static PX(sel_poll)
{
    struct hd_pollobj *p = hd_new_mutable(&poll_type, sizeof *p);
    if (!p || (p->fds = hd_dict_new()) == HD_ERR) return HD_ERR;
    return hd_obj(p);
}

/* ---- epoll -------------------------------------------------------------------------------------------------------------------------- */
HD_MUTABLE(hd_epoll)
struct hd_epoll { struct hd_mhead head; hd_islot fd; };
HD_MUTABLE_OPEN(hd_epoll, hd_inst_size(o))
#define EP(v) ((struct hd_epoll *)hd_ptr(v))
static int ep_fd(hd_value self)
{
    int fd = (int)HD_GET(EP(self), fd);
    if (fd < 0) hd_raise(&hd_exc_ValueError, "I/O operation on closed epoll object");
    return fd;
}
static hd_value ep_make(hd_value type, const hd_value *args, size_t nargs, hd_value kwnames)
{
    hd_value a[2];
    int hint = -1;
    if (hd_args("epoll", "|sizehint,flags", args, nargs, kwnames, a) < 0 || (a[0] != HD_ABSENT && hd_as_int32(a[0], &hint) < 0)) return HD_ERR;
    if (hint < -1 || hint == 0) return hd_raise(&hd_exc_ValueError, "sizehint must be positive or -1");
    hd_value v = hd_alloc_instance(HD_TYPE(type), 0);
    if (v == HD_ERR) return HD_ERR;
    int fd, err;
    SYSCALL(fd, err, epoll_create1(EPOLL_CLOEXEC));
    if (fd < 0) return hd_raise_errno(err, HD_ABSENT, HD_ABSENT);
    HD_INIT(EP(v), fd, fd);
    return v;
}
static hd_value ep_ctl(hd_value self, int op, hd_value target, uint32_t events)
{
    int fd, ep = ep_fd(self), r, err;
    if (ep < 0 || hd_fd_arg(target, &fd) < 0) return HD_ERR;
    struct epoll_event e = { .events = events, .data.fd = fd };
    SYSCALL(r, err, epoll_ctl(ep, op, fd, &e));
    return r < 0 ? FAILED(err, HD_ABSENT) : HD_NONE;
}
static PX(ep_register)
{
    hd_value a[2];
    uint64_t events = EPOLLIN | EPOLLPRI | EPOLLOUT;
    if (hd_args("register", "fd,|eventmask", args, nargs, kwnames, a) < 0 || (a[1] != HD_ABSENT && hd_as_u64(a[1], &events) < 0)) return HD_ERR;
    return ep_ctl(self, EPOLL_CTL_ADD, a[0], (uint32_t)events);
}
static PX(ep_modify)
{
    hd_value a[2];
    uint64_t events;
    if (hd_args("modify", "fd,eventmask", args, nargs, kwnames, a) < 0 || hd_as_u64(a[1], &events) < 0) return HD_ERR;
    return ep_ctl(self, EPOLL_CTL_MOD, a[0], (uint32_t)events);
}
static PX(ep_unregister)
{
    hd_value a[1];
    return hd_args("unregister", "fd", args, nargs, kwnames, a) < 0 ? HD_ERR : ep_ctl(self, EPOLL_CTL_DEL, a[0], 0);
}
static PX(ep_poll)
{
    hd_value a[2];
    int max = -1, ep = ep_fd(self);
    if (ep < 0 || hd_args("poll", "|timeout,maxevents", args, nargs, kwnames, a) < 0 || (a[1] != HD_ABSENT && hd_as_int32(a[1], &max) < 0)) return HD_ERR;
    int64_t deadline = deadline_arg(a[0], 1, true);
    if (deadline == -2) return HD_ERR;
    if (max == -1) max = FD_SETSIZE - 1;
    if (max < 1) return hd_raise(&hd_exc_ValueError, "maxevents must be greater than 0, got %d", max);
    struct epoll_event *e = hd_scratch(sizeof *e * (size_t)max);
    if (!e) return HD_ERR;
    int r, err;
    for (;;) {
        int ms = left_ms(deadline);
        HD_BLOCKING
            r = epoll_wait(ep, e, max, ms);
            err = errno;
        HD_END_BLOCKING
        if (r >= 0) break;
        if (err != EINTR) return hd_raise_errno(err, HD_ABSENT, HD_ABSENT);
        if (hd_check_signals() < 0) return HD_ERR;
    }
    hd_value l = hd_list_new((size_t)r);
    for (int i = 0; l != HD_ERR && i < r; i++) {
        hd_value t = hd_tuplev(hd_fix(e[i].data.fd), hd_int(e[i].events));
        if (t == HD_ERR || hd_list_append(l, t) < 0) return HD_ERR;
    }
    return l;
}
static PX(ep_close)
{
    int fd = (int)HD_GET(EP(self), fd);
    if (fd < 0) return HD_NONE;
    hd_epoll_w w = hd_epoll_open(EP(self));
    HD_PUT(w, fd, -1);
    HD_BLOCKING
        close(fd);
    HD_END_BLOCKING
    return HD_NONE;
}
static PX(ep_enter) { return ep_fd(self) < 0 ? HD_ERR : self; }
static PX(ep_fileno) { int fd = ep_fd(self); return fd < 0 ? HD_ERR : hd_fix(fd); }
static hd_value ep_closed(hd_value self, void *c) { return hd_bool(HD_GET(EP(self), fd) < 0); }
static void ep_finalise(hd_value self) { if (ep_close(self, NULL, 0, 0) == HD_ERR) hd_exc_clear(); }
HD_WAITS(ep_poll)
static const struct hd_methoddef ep_methods[] = { { "register", ep_register, 0, -1, HD_METH_KW, NULL }, { "modify", ep_modify, 0, -1, HD_METH_KW, NULL },
    { "unregister", ep_unregister, 0, -1, HD_METH_KW, NULL }, { "poll", ep_poll_waits, 0, -1, HD_METH_KW, NULL }, { "close", ep_close, 0, 0, 0, NULL },
    { "__enter__", ep_enter, 0, 0, 0, NULL }, { "__exit__", ep_close, 0, 3, 0, NULL }, { "fileno", ep_fileno, 0, 0, 0, NULL }, { 0 } };
static const struct hd_getsetdef ep_getsets[] = { { "closed", ep_closed, NULL, NULL, NULL }, { 0 } };
static struct hd_type epoll_type = { .cname = "select.epoll", .basicsize = sizeof(struct hd_epoll), .flags = HD_TF_LATE_FINALISER | HD_TF_HAS_FINALISER, .methods = ep_methods, .getsets = ep_getsets,
    .op = { .make = ep_make, .finalise = ep_finalise } };

HD_WAITS(sel_select)
static const struct hd_methoddef methods[] = { { "select", sel_select_waits, 3, 4, 0, NULL }, { "poll", sel_poll, 0, 0, 0, NULL }, { 0 } };
static int fill(hd_value m)
{
    static const struct { const char *name; int64_t v; } c[] = {
#define C(x) { #x, (int64_t)(uint32_t)x },
        C(POLLIN) C(POLLPRI) C(POLLOUT) C(POLLERR) C(POLLHUP) C(POLLNVAL) C(POLLRDNORM) C(POLLRDBAND) C(POLLWRNORM) C(POLLWRBAND) C(POLLMSG) C(POLLRDHUP) C(EPOLLIN)
        C(EPOLLOUT) C(EPOLLPRI) C(EPOLLERR) C(EPOLLHUP) C(EPOLLRDHUP) C(EPOLLET) C(EPOLLONESHOT) C(EPOLLEXCLUSIVE) C(EPOLLRDNORM) C(EPOLLRDBAND) C(EPOLLWRNORM)
        C(EPOLLWRBAND) C(EPOLLMSG) C(EPOLL_CLOEXEC)
    };
    for (size_t i = 0; i < sizeof c / sizeof *c; i++) if (hd_module_add_int(m, c[i].name, c[i].v) < 0) return -1;
    if (hd_type_ready(&poll_type) < 0 || hd_type_ready(&epoll_type) < 0) return -1;
    return hd_module_add(m, "epoll", hd_obj(&epoll_type)) < 0 || hd_module_add(m, "error", hd_obj(&hd_exc_OSError)) < 0 || hd_module_add_int(m, "PIPE_BUF", PIPE_BUF) < 0 ? -1 : 0;
}
const struct hd_moduledef hd_module_select = { "select", "Waiting for descriptors.", methods, fill };

/* ---- _posixsubprocess ------------------------------------------------------------------------------------------------------------------ */
/* What the child does; only async-signal-safe calls, except that preexec_fn runs Python. */
struct child { char **exec, **argv, **envp; const char *cwd; int p2cread, p2cwrite, c2pread, c2pwrite, errread, errwrite, errpipe_read, errpipe_write;
               bool close_fds, restore_signals, new_session; int pgid; const int *keep; int64_t nkeep; hd_value preexec;
               int umask; bool set_gid, set_groups, set_uid; gid_t gid, *groups; size_t ngroups; uid_t uid; };
/* Closes the open files from `first` to `last`. */
static void close_range_of(int first, int last)
{
#ifdef SYS_close_range
    if (syscall(SYS_close_range, (unsigned)first, (unsigned)last, 0) == 0) return;
#endif
    long top = sysconf(_SC_OPEN_MAX);
    if (top < 0 || top > 1 << 20) top = 1 << 20;
    for (int fd = first; fd <= last && fd < top; fd++) close(fd);
}
static _Noreturn void child_main(const struct child *c)
{
    const char *what = "";
    char text[160];
    int saved, p2cread = c->p2cread, c2pwrite = c->c2pwrite, errwrite = c->errwrite;
    for (int64_t i = 0; i < c->nkeep; i++) if (c->keep[i] != c->errpipe_write) fcntl(c->keep[i], F_SETFD, 0);
    if (c->p2cwrite >= 0) close(c->p2cwrite);
    if (c->c2pread >= 0) close(c->c2pread);
    if (c->errread >= 0) close(c->errread);
    close(c->errpipe_read);
    if (c2pwrite == 0 && (c2pwrite = dup(c2pwrite)) < 0) goto failed;
    while (errwrite == 0 || errwrite == 1) if ((errwrite = dup(errwrite)) < 0) goto failed;
    if (p2cread == 0) fcntl(0, F_SETFD, 0);
    else if (p2cread >= 0 && dup2(p2cread, 0) < 0) goto failed;
    if (c2pwrite == 1) fcntl(1, F_SETFD, 0);
    else if (c2pwrite >= 0 && dup2(c2pwrite, 1) < 0) goto failed;
    if (errwrite == 2) fcntl(2, F_SETFD, 0);
    else if (errwrite >= 0 && dup2(errwrite, 2) < 0) goto failed;
    if (c->cwd && chdir(c->cwd) < 0) { what = "noexec"; goto failed; }
    if (c->umask >= 0) umask((mode_t)c->umask);
    if (c->restore_signals) signal(SIGPIPE, SIG_DFL), signal(SIGXFSZ, SIG_DFL);
    if (c->new_session) setsid();
    if (c->pgid >= 0 && setpgid(0, c->pgid) < 0) goto failed;
    if (c->set_groups && setgroups(c->ngroups, c->groups) < 0) goto failed;
    if (c->set_gid && setregid(c->gid, c->gid) < 0) goto failed;
    if (c->set_uid && setreuid(c->uid, c->uid) < 0) goto failed;
    if (c->preexec != HD_NONE && hd_call0(c->preexec) == HD_ERR) {
        static const char msg[] = "SubprocessError:0:Exception occurred in preexec_fn.";
        if (write(c->errpipe_write, msg, sizeof msg - 1) < 0) {}
        _exit(255);
    }
    if (c->close_fds) {
        int from = 3;                                       /* c->keep is sorted */
        for (int64_t i = 0; i < c->nkeep; i++) {
            if (c->keep[i] > from) close_range_of(from, c->keep[i] - 1);
            if (c->keep[i] >= from) from = c->keep[i] + 1;
        }
        close_range_of(from, INT_MAX);
    }
    extern char **environ;
    saved = 0;
    for (char **e = c->exec; *e; e++) {
        execve(*e, c->argv, c->envp ? c->envp : environ);
        if (errno != ENOENT && errno != ENOTDIR && saved == 0) saved = errno;
    }
    if (saved) errno = saved;
failed:
    snprintf(text, sizeof text, "OSError:%X:%s", errno, what);
    if (write(c->errpipe_write, text, strlen(text)) < 0) {}
    _exit(255);
}
static PX(fork_exec)
{
    if (nargs != 23) return hd_raise(&hd_exc_TypeError, "fork_exec expected 23 arguments, got %zu", nargs);
    HD_IO_SETTLE(fork_exec, HD_ABSENT, 23);
    struct child c = { .preexec = args[21] };
    hd_value kept[3] = { HD_NONE, HD_NONE, HD_NONE };
    if (!(c.argv = hd_string_vector(args[0], "argv must be a tuple", &kept[0])) || !(c.exec = hd_string_vector(args[1], "executable_list must be a tuple", &kept[1])))
        return HD_ERR;
    int close_fds = hd_truth(args[2]), restore = hd_truth(args[14]), session = hd_truth(args[15]);
    if (close_fds < 0 || restore < 0 || session < 0) return HD_ERR;
    c.close_fds = close_fds, c.restore_signals = restore, c.new_session = session;
    hd_value keep = args[3];
    if (!hd_is_tuple(keep)) return hd_raise(&hd_exc_TypeError, "fds_to_keep must be a tuple");
    int *fds = hd_scratch(sizeof *fds * (size_t)(HD_TUPLE(keep)->len + 1));
    if (!fds) return HD_ERR;
    for (int64_t i = 0; i < HD_TUPLE(keep)->len; i++) {
        if (hd_as_int32(HD_TUPLE(keep)->item[i], &fds[i]) < 0 || fds[i] < 0 || (i && fds[i] <= fds[i - 1])) { hd_exc_clear(); return hd_raise(&hd_exc_ValueError, "bad value(s) in fds_to_keep"); }
    }
    c.keep = fds, c.nkeep = HD_TUPLE(keep)->len;
    if (args[4] != HD_NONE && !(c.cwd = hd_fs_path_c(args[4], NULL))) return HD_ERR;
    if (args[5] != HD_NONE && !(c.envp = hd_string_vector(args[5], "env_list must be a tuple", &kept[2]))) return HD_ERR;
    int *into[] = { &c.p2cread, &c.p2cwrite, &c.c2pread, &c.c2pwrite, &c.errread, &c.errwrite, &c.errpipe_read, &c.errpipe_write };
    for (int i = 0; i < 8; i++) if (hd_as_int32(args[6 + i], into[i]) < 0) return HD_ERR;
    if (hd_as_int32(args[16], &c.pgid) < 0) return HD_ERR;
    int64_t id;
    if (hd_as_int32(args[20], &c.umask) < 0) return HD_ERR;
    if (args[17] != HD_NONE) {
        if (hd_as_i64(args[17], &id) < 0) return HD_ERR;
        c.set_gid = true, c.gid = (gid_t)id;
    }
    if (args[19] != HD_NONE) {
        if (hd_as_i64(args[19], &id) < 0) return HD_ERR;
        c.set_uid = true, c.uid = (uid_t)id;
    }
    if (args[18] != HD_NONE) {
        const hd_value *item;
        int64_t n;
        hd_value groups = hd_fast_sequence(args[18], "setgroups argument must be a sequence", &item, &n);
        if (groups == HD_ERR || !(c.groups = hd_scratch(sizeof *c.groups * (size_t)(n + 1)))) return HD_ERR;
        for (int64_t i = 0; i < n; i++) {
            if (!hd_is_int(item[i])) return hd_raise(&hd_exc_TypeError, "groups must be integers");
            if (hd_as_i64(item[i], &id) < 0 || id < -1 || id > UINT32_MAX) {
                hd_exc_clear();
                return hd_raise(&hd_exc_ValueError, "invalid group id");
            }
            c.groups[i] = (gid_t)id;
        }
        c.set_groups = true, c.ngroups = (size_t)n;
    }
    int pid = hd_fork(c.preexec != HD_NONE);
    for (int i = 0; i < 3; i++) (void)*(volatile hd_value *)&kept[i];      /* on the stack until here */
    if (pid == 0) child_main(&c);
    return pid < 0 ? hd_raise_errno(errno, HD_ABSENT, HD_ABSENT) : hd_fix(pid);
}
static const struct hd_methoddef subprocess_methods[] = { { "fork_exec", fork_exec, 0, -1, 0, NULL }, { 0 } };
const struct hd_moduledef hd_module_posixsubprocess = { "_posixsubprocess", "Starting child processes.", subprocess_methods, NULL };
