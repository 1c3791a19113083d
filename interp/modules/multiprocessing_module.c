/* The module _multiprocessing: locks and semaphores that processes share, over named POSIX semaphores.
 *
 * P1: the semaphore itself is changed outside transactions only, once for each call.  What the calling process knows about
 *     it (count, owner) is transactional and changes in the transaction after a wait, or before the one in which it posts.
 * P2: count is how often this process holds the object; owner the thread that took it last.  A fork starts from 0 again. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <time.h>
#include "interp/modules/modules.h"

#define ARGS hd_value self, const hd_value *args, size_t nargs, hd_value kwnames
enum { RECURSIVE_MUTEX, SEMAPHORE };

HD_MUTABLE(semlock)
struct semlock {
    struct hd_mhead head;
    HD_PSLOT(sem_t) handle;                /* NULL: closed */
    hd_islot count, owner;                 /* owner: ident of the thread */
    hd_value name;                         /* str or None; fixed */
    int kind, max;                         /* fixed */
};
HD_MUTABLE_OPEN(semlock, hd_inst_size(o))
#define SEMLOCK(v) ((struct semlock *)hd_ptr(v))
static struct hd_type semlock_type;

/* The C library has a lock for the table of open semaphores, which a child would inherit locked if another thread opened or
 * closed one during the fork.  Held for the time of such calls only. */
static pthread_mutex_t table = PTHREAD_MUTEX_INITIALIZER;
static void lock_table(void) { pthread_mutex_lock(&table); }
static void unlock_table(void) { pthread_mutex_unlock(&table); }
static sem_t *open_semaphore(const char *name, int flags, unsigned value)
{
    lock_table();
    sem_t *sem = sem_open(name, flags, 0600, value);
    unlock_table();
    return sem;
}
static void close_semaphore(void *sem)
{
    lock_table();
    sem_close(sem);
    unlock_table();
}

/* The str as UTF-8, without NULs; NULL: error. */
static const char *path_of(hd_value v, const char *what)
{
    size_t n;
    if (!hd_is_str(v)) {
        (void)hd_raise(&hd_exc_TypeError, "%s must be str, not %A", what, v);
        return NULL;
    }
    const char *s = hd_str_as_utf8(v, &n);
    if (s && strlen(s) != n) {
        (void)hd_raise(&hd_exc_ValueError, "embedded null character");
        return NULL;
    }
    return s;
}

/* ---- making ------------------------------------------------------------------------------------------------------------- */
static hd_value new_object(hd_value type, sem_t *handle, hd_value name, int kind, int max)
{
    hd_value v = hd_alloc_instance(HD_TYPE(type), 0);
    if (v == HD_ERR) return v;
    struct semlock *s = SEMLOCK(v);
    HD_INIT(s, handle, handle);
    s->name = name, s->kind = kind, s->max = max;
    return v;
}
static hd_value semlock_make(hd_value type, const hd_value *args, size_t nargs, hd_value kwnames)
{
    hd_value a[5];
    int kind, value, max, unlink_it, err = 0;
    if (hd_args("SemLock", "kind,value,maxvalue,name,unlink", args, nargs, kwnames, a) < 0 || hd_as_int32(a[0], &kind) < 0 ||
        hd_as_int32(a[1], &value) < 0 || hd_as_int32(a[2], &max) < 0) return HD_ERR;
    const char *name = path_of(a[3], "SemLock() argument 'name'");
    if (!name || (unlink_it = hd_truth(a[4])) < 0) return HD_ERR;
    if (kind != RECURSIVE_MUTEX && kind != SEMAPHORE) return hd_raise(&hd_exc_ValueError, "unrecognized kind");
    sem_t *sem;
    HD_BLOCKING
        sem = open_semaphore(name, O_CREAT | O_EXCL, (unsigned)value);
        if (sem == SEM_FAILED) err = errno;
        else if (unlink_it && sem_unlink(name) < 0) err = errno, close_semaphore(sem);
    HD_END_BLOCKING
    if (err) return hd_raise_errno(err, HD_ABSENT, HD_ABSENT);
    hd_value v = new_object(type, sem, unlink_it ? HD_NONE : a[3], kind, max);
    if (v == HD_ERR) stm_on_commit(close_semaphore, sem);
    return v;
}
/* SemLock._rebuild(handle, kind, maxvalue, name): what another process, or a pickle of this one's object, refers to. */
static hd_value semlock_rebuild(ARGS)
{
    int kind, max, err = 0;
    int64_t handle;
    if (hd_as_i64(args[0], &handle) < 0 || hd_as_int32(args[1], &kind) < 0 || hd_as_int32(args[2], &max) < 0) return HD_ERR;
    if (args[3] == HD_NONE) return new_object(self, (sem_t *)(uintptr_t)handle, HD_NONE, kind, max);
    const char *name = path_of(args[3], "_rebuild() argument 4");
    if (!name) return HD_ERR;
    sem_t *sem;
    HD_BLOCKING
        sem = open_semaphore(name, 0, 0);
        if (sem == SEM_FAILED) err = errno;
    HD_END_BLOCKING
    if (err) return hd_raise_errno(err, HD_ABSENT, HD_ABSENT);
    hd_value v = new_object(self, sem, args[3], kind, max);
    if (v == HD_ERR) stm_on_commit(close_semaphore, sem);
    return v;
}
static void semlock_finalise(hd_value self)
{
    struct semlock *s = SEMLOCK(self);
    sem_t *sem = HD_GET(s, handle);
    if (!sem) return;
    semlock_w w = semlock_open(s);
    HD_PUT(w, handle, NULL);
    stm_on_commit(close_semaphore, sem);
}
static void semlock_trace(void *o, struct gc_marker *m) { gc_mark(m, ((struct semlock *)o)->name); }

/* The semaphore; NULL: a finaliser has closed it, another one still wants it. */
static sem_t *handle_of(struct semlock *s)
{
    sem_t *sem = HD_GET(s, handle);
    if (!sem) (void)hd_raise(&hd_exc_ValueError, "the semaphore has been closed");
    return sem;
}

/* ---- taking and giving back ------------------------------------------------------------------------------------------------ */
static bool is_mine(struct semlock *s) { return HD_GET(s, count) > 0 && HD_GET(s, owner) == (int64_t)hd_ts->ident; }
static void taken(struct semlock *s)
{
    semlock_w w = semlock_open(s);
    HD_PUT(w, count, HD_OWN(w, count) + 1);
    HD_PUT(w, owner, (int64_t)hd_ts->ident);
}
/* The absolute time that sem_timedwait wants. */
static int deadline_of(hd_value timeout, struct timespec *t)
{
    double seconds;
    if (hd_as_double(timeout, &seconds) < 0) return -1;
    if (!(seconds > 0)) seconds = 0;
    clock_gettime(CLOCK_REALTIME, t);
    if (seconds > 1e9) seconds = 1e9;                      /* as good as for ever, and no overflow */
    double whole = floor(seconds);
    t->tv_sec += (time_t)whole;
    t->tv_nsec += (long)((seconds - whole) * 1e9);
    if (t->tv_nsec >= 1000000000) t->tv_sec++, t->tv_nsec -= 1000000000;
    return 0;
}
static hd_value acquire(struct semlock *s, bool block, hd_value timeout)
{
    struct timespec deadline;
    bool timed = timeout != HD_NONE && timeout != HD_ABSENT;
    if (timed && deadline_of(timeout, &deadline) < 0) return HD_ERR;
    if (s->kind == RECURSIVE_MUTEX && is_mine(s)) {
        taken(s);
        return HD_TRUE;
    }
    sem_t *sem = handle_of(s);
    if (!sem) return HD_ERR;
    for (;;) {
        int r, err = 0;
        HD_BLOCKING
            r = !block ? sem_trywait(sem) : timed ? sem_timedwait(sem, &deadline) : sem_wait(sem);
            if (r < 0) err = errno;
        HD_END_BLOCKING
        if (r == 0) break;
        if (err == EAGAIN || err == ETIMEDOUT) return HD_FALSE;
        if (err != EINTR) return hd_raise_errno(err, HD_ABSENT, HD_ABSENT);
        if (hd_check_signals() < 0) return HD_ERR;
    }
    taken(s);
    return HD_TRUE;
}
static hd_value semlock_acquire(ARGS)
{
    hd_value a[2];
    if (hd_args("acquire", "|block,timeout", args, nargs, kwnames, a) < 0) return HD_ERR;
    int block = a[0] == HD_ABSENT ? 1 : hd_truth(a[0]);
    return block < 0 ? HD_ERR : acquire(SEMLOCK(self), block, a[1]);
}
static hd_value semlock_enter(ARGS) { return acquire(SEMLOCK(self), true, HD_NONE); }
static hd_value semlock_release(ARGS)
{
    struct semlock *s = SEMLOCK(self);
    sem_t *sem = handle_of(s);
    if (!sem) return HD_ERR;
    if (s->kind == RECURSIVE_MUTEX) {
        if (!is_mine(s)) return hd_raise(&hd_exc_AssertionError, "attempt to release recursive lock not owned by thread");
        if (HD_GET(s, count) > 1) {
            semlock_w w = semlock_open(s);
            HD_PUT(w, count, HD_OWN(w, count) - 1);
            return HD_NONE;
        }
    } else {
        int value;
        if (sem_getvalue(sem, &value) < 0) return hd_raise_errno(errno, HD_ABSENT, HD_ABSENT);
        if (value >= s->max) return hd_raise(&hd_exc_ValueError, "semaphore or lock released too many times");
    }
    int err = 0;
    semlock_w w = semlock_open(s);
    HD_PUT(w, count, HD_OWN(w, count) - 1);
    HD_BLOCKING
        if (sem_post(sem) < 0) err = errno;
    HD_END_BLOCKING
    if (!err) return HD_NONE;
    w = semlock_open(s);
    HD_PUT(w, count, HD_OWN(w, count) + 1);
    return hd_raise_errno(err, HD_ABSENT, HD_ABSENT);
}

/* ---- what it shows ------------------------------------------------------------------------------------------------------------- */
static hd_value value_of(hd_value self, int *value)
{
    sem_t *sem = handle_of(SEMLOCK(self));
    if (!sem) return HD_ERR;
    if (sem_getvalue(sem, value) < 0) return hd_raise_errno(errno, HD_ABSENT, HD_ABSENT);
    if (*value < 0) *value = 0;                            /* some systems count those who wait */
    return HD_NONE;
}
static hd_value semlock_get_value(ARGS)
{
    int value;
    return value_of(self, &value) == HD_ERR ? HD_ERR : hd_fix(value);
}
static hd_value semlock_is_zero(ARGS)
{
    int value;
    return value_of(self, &value) == HD_ERR ? HD_ERR : hd_bool(value == 0);
}
static hd_value semlock_count(ARGS) { return hd_int(HD_GET(SEMLOCK(self), count)); }
static hd_value semlock_is_mine(ARGS) { return hd_bool(is_mine(SEMLOCK(self))); }
static hd_value semlock_after_fork(ARGS)
{
    semlock_w w = semlock_open(SEMLOCK(self));
    HD_PUT(w, count, 0);
    return HD_NONE;
}
static hd_value get_handle(hd_value self, void *closure)
{
    uintptr_t p = (uintptr_t)HD_GET(SEMLOCK(self), handle);
    return hd_int((int64_t)p);
}
static hd_value get_kind(hd_value self, void *closure) { return hd_fix(SEMLOCK(self)->kind); }
static hd_value get_max(hd_value self, void *closure) { return hd_fix(SEMLOCK(self)->max); }
static hd_value get_name(hd_value self, void *closure) { return SEMLOCK(self)->name; }

HD_WAITS(semlock_acquire)
static const struct hd_methoddef methods[] = {
    { "acquire", semlock_acquire_waits, 0, -1, HD_METH_KW, "acquire($self, /, block=True, timeout=None)\n--\n\nAcquire the semaphore/lock." },
    { "release", semlock_release, 0, 0, 0, "release($self, /)\n--\n\nRelease the semaphore/lock." },
    { "__enter__", semlock_enter, 0, 0, 0, "__enter__($self, /)\n--\n\nEnter the semaphore/lock." },
    { "__exit__", semlock_release, 0, 3, 0, "__exit__($self, exc_type=None, exc_value=None, exc_tb=None, /)\n--\n\nExit the semaphore/lock." },
    { "_count", semlock_count, 0, 0, 0, "_count($self, /)\n--\n\nNum of `acquire()`s minus num of `release()`s for this process." },
    { "_is_mine", semlock_is_mine, 0, 0, 0, "_is_mine($self, /)\n--\n\nWhether the lock is owned by this thread." },
    { "_get_value", semlock_get_value, 0, 0, 0, "_get_value($self, /)\n--\n\nGet the value of the semaphore." },
    { "_is_zero", semlock_is_zero, 0, 0, 0, "_is_zero($self, /)\n--\n\nReturn whether semaphore has value zero." },
    { "_after_fork", semlock_after_fork, 0, 0, 0, "_after_fork($self, /)\n--\n\nRezero the net acquisition count after fork()." },
    { "_rebuild", semlock_rebuild, 4, 4, HD_METH_CLASS, "_rebuild($type, handle, kind, maxvalue, name, /)\n--\n\n" },
    { 0 }
};
static const struct hd_getsetdef getsets[] = {
    { "handle", get_handle, NULL, NULL, NULL }, { "kind", get_kind, NULL, NULL, NULL }, { "maxvalue", get_max, NULL, NULL, NULL },
    { "name", get_name, NULL, NULL, NULL }, { 0 }
};
static struct hd_type semlock_type = {
    .cname = "_multiprocessing.SemLock", .basicsize = sizeof(struct semlock), .flags = HD_TF_BASETYPE | HD_TF_LATE_FINALISER, .methods = methods, .getsets = getsets,
    .doc = "SemLock(kind, value, maxvalue, name, unlink)\n--\n\nSemaphore/Mutex type",
    .op = { .make = semlock_make, .trace = semlock_trace, .finalise = semlock_finalise },
};

static hd_value unlink_semaphore(ARGS)
{
    const char *name = path_of(args[0], "sem_unlink() argument");
    int err = 0;
    if (!name) return HD_ERR;
    HD_BLOCKING
        if (sem_unlink(name) < 0) err = errno;
    HD_END_BLOCKING
    return err ? hd_raise_errno(err, HD_ABSENT, HD_ABSENT) : HD_NONE;
}
static const struct hd_methoddef functions[] = { { "sem_unlink", unlink_semaphore, 1, 1, 0, "sem_unlink($module, name, /)\n--\n\n" }, { 0 } };

static void guard_forks(void) { pthread_atfork(lock_table, unlock_table, unlock_table); }
static int fill(hd_value m)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, guard_forks);
    hd_value flags = hd_dict_new();
    if (flags == HD_ERR || hd_dict_set_c(flags, "HAVE_SEM_OPEN", hd_fix(1)) < 0 || hd_dict_set_c(flags, "HAVE_SEM_TIMEDWAIT", hd_fix(1)) < 0 ||
        hd_module_add(m, "flags", flags) < 0 || hd_add_type(m, &semlock_type) < 0) return -1;
    return hd_type_setattr_static(&semlock_type, "SEM_VALUE_MAX", hd_int(SEM_VALUE_MAX)) == HD_ERR ? -1 : 0;
}
const struct hd_moduledef hd_module_multiprocessing = { "_multiprocessing", NULL, functions, fill };
