/* The module resource: limits and usage of the process. */
#include <sys/resource.h>
#include <unistd.h>
#include "interp/modules/posix_internal.h"

static struct hd_type *usage_type;
static hd_value failed(int err)
{
    if (err == EINVAL) return hd_raise(&hd_exc_ValueError, "current limit exceeds maximum limit");
    if (err == EPERM) return hd_raise(&hd_exc_ValueError, "not allowed to raise maximum limit");
    return hd_raise_errno(err, HD_ABSENT, HD_ABSENT);
}
static int which_arg(hd_value v, int *which)
{
    if (hd_as_int32(v, which) < 0) return -1;
    if (*which >= 0 && *which < RLIM_NLIMITS) return 0;
    hd_raise(&hd_exc_ValueError, "invalid resource specified");
    return -1;
}
static int limit_arg(hd_value v, rlim_t *out)
{
    int64_t i;
    hd_value n = hd_number_index(v);
    if (n == HD_ERR) return -1;
    if (hd_as_i64(n, &i) < 0) {
        hd_exc_clear();
        hd_raise(&hd_exc_OverflowError, "Python int too large to convert to C long");
        return -1;
    }
    *out = (rlim_t)i;
    return 0;
}
static int limits_arg(hd_value v, struct rlimit *r)
{
    hd_value t = hd_tuple_of(v);
    if (t == HD_ERR) return -1;
    if (HD_TUPLE(t)->len != 2) { hd_raise(&hd_exc_ValueError, "expected a tuple of 2 integers"); return -1; }
    return limit_arg(HD_TUPLE(t)->item[0], &r->rlim_cur) < 0 || limit_arg(HD_TUPLE(t)->item[1], &r->rlim_max) < 0 ? -1 : 0;
}
static hd_value limits(const struct rlimit *r) { return hd_tuplev(hd_int((int64_t)r->rlim_cur), hd_int((int64_t)r->rlim_max)); }
static PX(rs_getrlimit)
{
    int which;
    struct rlimit r;
    if (which_arg(args[0], &which) < 0) return HD_ERR;
    return getrlimit((__rlimit_resource_t)which, &r) < 0 ? hd_raise_errno(errno, HD_ABSENT, HD_ABSENT) : limits(&r);
}
static PX(rs_setrlimit)
{
    int which;
    struct rlimit r;
    if (which_arg(args[0], &which) < 0 || limits_arg(args[1], &r) < 0) return HD_ERR;
    stm_become_irrevocable();
    return setrlimit((__rlimit_resource_t)which, &r) < 0 ? failed(errno) : HD_NONE;
}
static PX(rs_prlimit)
{
    int pid, which;
    struct rlimit r, old;
    if (hd_as_int32(args[0], &pid) < 0 || which_arg(args[1], &which) < 0) return HD_ERR;
    bool set = nargs > 2 && args[2] != HD_NONE;
    if (set && limits_arg(args[2], &r) < 0) return HD_ERR;
    if (set) stm_become_irrevocable();
    return prlimit(pid, (enum __rlimit_resource)which, set ? &r : NULL, &old) < 0 ? failed(errno) : limits(&old);
}
static hd_value seconds(struct timeval t) { return hd_float((double)t.tv_sec + (double)t.tv_usec * 1e-6); }
hd_value hd_rusage(const struct rusage *u)
{
    if (!usage_type && hd_import("resource") == HD_ERR) return HD_ERR;
    hd_value v[] = { seconds(u->ru_utime), seconds(u->ru_stime), hd_int(u->ru_maxrss), hd_int(u->ru_ixrss), hd_int(u->ru_idrss), hd_int(u->ru_isrss),
                     hd_int(u->ru_minflt), hd_int(u->ru_majflt), hd_int(u->ru_nswap), hd_int(u->ru_inblock), hd_int(u->ru_oublock), hd_int(u->ru_msgsnd),
                     hd_int(u->ru_msgrcv), hd_int(u->ru_nsignals), hd_int(u->ru_nvcsw), hd_int(u->ru_nivcsw) };
    return hd_structseq_new(usage_type, v);
}
static PX(rs_getrusage)
{
    int who;
    struct rusage u;
    if (hd_as_int32(args[0], &who) < 0) return HD_ERR;
    if (getrusage((__rusage_who_t)who, &u) < 0) {
        return errno == EINVAL ? hd_raise(&hd_exc_ValueError, "invalid who parameter") : hd_raise_errno(errno, HD_ABSENT, HD_ABSENT);
    }
    return hd_rusage(&u);
}
static PX(rs_getpagesize) { return hd_int(sysconf(_SC_PAGESIZE)); }
static const struct hd_methoddef methods[] = {
    { "getrlimit", rs_getrlimit, 1, 1, 0, NULL }, { "setrlimit", rs_setrlimit, 2, 2, 0, NULL }, { "prlimit", rs_prlimit, 2, 3, 0, NULL },
    { "getrusage", rs_getrusage, 1, 1, 0, NULL }, { "getpagesize", rs_getpagesize, 0, 0, 0, NULL }, { 0 }
};
static int fill(hd_value m)
{
    static const char *const f[] = { "ru_utime", "ru_stime", "ru_maxrss", "ru_ixrss", "ru_idrss", "ru_isrss", "ru_minflt", "ru_majflt", "ru_nswap", "ru_inblock", "ru_oublock",
                                     "ru_msgsnd", "ru_msgrcv", "ru_nsignals", "ru_nvcsw", "ru_nivcsw" };
    static const struct hd_structseq_def def = { "resource.struct_rusage", "What getrusage() returns.", f, 16, 16 };
    static const struct { const char *name; int64_t v; } c[] = {
#define C(x) { #x, (int64_t)x }
        C(RLIMIT_AS), C(RLIMIT_CORE), C(RLIMIT_CPU), C(RLIMIT_DATA), C(RLIMIT_FSIZE), C(RLIMIT_MEMLOCK), C(RLIMIT_MSGQUEUE), C(RLIMIT_NICE), C(RLIMIT_NOFILE), C(RLIMIT_NPROC),
        C(RLIMIT_OFILE), C(RLIMIT_RSS), C(RLIMIT_RTPRIO), C(RLIMIT_RTTIME), C(RLIMIT_SIGPENDING), C(RLIMIT_STACK), C(RLIM_INFINITY), C(RUSAGE_CHILDREN), C(RUSAGE_SELF),
        C(RUSAGE_THREAD),
    };
    for (size_t i = 0; i < sizeof c / sizeof *c; i++) {
        const char *name = c[i].name;
        if (hd_module_add_int(m, name[0] == '_' ? name + 2 : name, c[i].v) < 0) return -1;
    }
    if (!(usage_type = hd_structseq_type(&def)) || hd_module_add(m, "struct_rusage", hd_obj(usage_type)) < 0) return -1;
    return hd_module_add(m, "error", hd_obj(&hd_exc_OSError));
}
const struct hd_moduledef hd_module_resource = { "resource", "Limits and usage of resources.", methods, fill };
