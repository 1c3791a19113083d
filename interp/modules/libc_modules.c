/* The modules _posixshmem, syslog, _crypt, _uuid and _statistics: thin covers of the C library and of small ones beside it. */
#include <crypt.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <syslog.h>
#include <uuid/uuid.h>
#include "interp/modules/modules.h"

#define ARGS hd_value self, const hd_value *args, size_t nargs, hd_value kwnames
/* A copy of a str as UTF-8 in scratch memory; NULL: error. */
static const char *text(hd_value v, const char *what)
{
    size_t n;
    if (!hd_is_str(v)) { (void)hd_raise(&hd_exc_TypeError, "%s must be str, not %A", what, v); return NULL; }
    const char *s = hd_str_as_utf8(v, &n);
    if (s && strlen(s) != n) { (void)hd_raise(&hd_exc_ValueError, "embedded null character"); return NULL; }
    return s;
}

/* ---- _posixshmem -------------------------------------------------------------------------------------------------------------- */
static hd_value posixshmem_open(ARGS)
{
    hd_value a[3];
    int flags, mode = 0777, fd, err = 0;
    if (hd_args("shm_open", "path,flags,|mode", args, nargs, kwnames, a) < 0) return HD_ERR;
    const char *name = text(a[0], "shm_open() argument 'path'");
    if (!name || hd_as_int32(a[1], &flags) < 0 || (a[2] != HD_ABSENT && hd_as_int32(a[2], &mode) < 0)) return HD_ERR;
    stm_become_irrevocable();
    HD_BLOCKING
        do fd = shm_open(name, flags, (mode_t)mode); while (fd < 0 && errno == EINTR);
        if (fd < 0) err = errno;
    HD_END_BLOCKING
    return err ? hd_raise_errno(err, a[0], HD_ABSENT) : hd_fix(fd);
}
static hd_value posixshmem_unlink(ARGS)
{
    hd_value path;
    int err = 0;
    if (hd_args("shm_unlink", "path", args, nargs, kwnames, &path) < 0) return HD_ERR;
    const char *name = text(path, "shm_unlink() argument 'path'");
    if (!name) return HD_ERR;
    HD_BLOCKING
        if (shm_unlink(name) < 0) err = errno;
    HD_END_BLOCKING
    return err ? hd_raise_errno(err, path, HD_ABSENT) : HD_NONE;
}
static const struct hd_methoddef posixshmem_functions[] = {
    { "shm_open", posixshmem_open, 0, -1, HD_METH_KW, "shm_open($module, /, path, flags, mode=511)\n--\n\nOpen a shared memory object.  Returns a file descriptor (integer)." },
    { "shm_unlink", posixshmem_unlink, 0, -1, HD_METH_KW, "shm_unlink($module, /, path)\n--\n\nRemove a shared memory object (similar to unlink())." }, { 0 }
};
const struct hd_moduledef hd_module_posixshmem = { "_posixshmem", "POSIX shared memory module", posixshmem_functions, NULL };

/* ---- syslog ----------------------------------------------------------------------------------------------------------------------- */
/* openlog keeps its argument's address: ours stays until the next call.  Changed by irrevocable transactions only. */
static char *ident;
static bool log_open;
static hd_value open_log(hd_value name, int options, int facility)
{
    const char *s = "";
    char *copy = NULL;
    if (name == HD_ABSENT) {
        hd_value argv = hd_sys_get("argv"), first = argv != HD_ABSENT && hd_is_list(argv) ? hd_list_get(argv, 0) : HD_ABSENT;
        if (first != HD_ABSENT && hd_is_str(first) && (s = text(first, "argv[0]"))) {
            const char *slash = strrchr(s, '/');
            if (slash) s = slash + 1;
        }
    } else s = text(name, "openlog() argument 1");
    if (!s) return HD_ERR;
    stm_become_irrevocable();
    if (*s && !(copy = strdup(s))) return hd_no_memory();
    openlog(copy, options, facility);
    free(ident);
    ident = copy, log_open = true;
    return HD_NONE;
}
static hd_value syslog_open(ARGS)
{
    hd_value a[3];
    int options = 0, facility = LOG_USER;
    if (hd_args("openlog", "|ident,logoption,facility", args, nargs, kwnames, a) < 0 || (a[1] != HD_ABSENT && hd_as_int32(a[1], &options) < 0) ||
        (a[2] != HD_ABSENT && hd_as_int32(a[2], &facility) < 0)) return HD_ERR;
    return open_log(a[0], options, facility);
}
static hd_value syslog_syslog(ARGS)
{
    int priority = LOG_INFO;
    if (nargs < 1 || nargs > 2 || !hd_is_str(args[nargs - 1]) || (nargs == 2 && !hd_is_int(args[0]))) return hd_raise(&hd_exc_TypeError, "[priority,] message string");
    const char *s = text(args[nargs - 1], "message");
    if (!s || (nargs == 2 && hd_as_int32(args[0], &priority) < 0)) return HD_ERR;
    if (!log_open && open_log(HD_ABSENT, 0, LOG_USER) == HD_ERR) return HD_ERR;
    HD_BLOCKING
        syslog(priority, "%s", s);
    HD_END_BLOCKING
    return HD_NONE;
}
static hd_value syslog_close(ARGS)
{
    stm_become_irrevocable();
    if (log_open) closelog(), free(ident), ident = NULL, log_open = false;
    return HD_NONE;
}
static hd_value syslog_setmask(ARGS)
{
    int mask;
    if (hd_as_int32(args[0], &mask) < 0) return HD_ERR;
    stm_become_irrevocable();
    return hd_fix(setlogmask(mask));
}
static hd_value syslog_mask(ARGS)
{
    int n;
    return hd_as_int32(args[0], &n) < 0 ? HD_ERR : hd_fix((int)(1u << (n & 31)));
}
static hd_value syslog_upto(ARGS)
{
    int n;
    return hd_as_int32(args[0], &n) < 0 ? HD_ERR : hd_fix((INT64_C(1) << ((n & 31) + 1)) - 1);
}
static const struct hd_methoddef syslog_functions[] = {
    { "openlog", syslog_open, 0, -1, HD_METH_KW, NULL }, { "closelog", syslog_close, 0, 0, 0, NULL }, { "syslog", syslog_syslog, 0, -1, 0, NULL }, { "setlogmask", syslog_setmask, 1, 1, 0, NULL },
    { "LOG_MASK", syslog_mask, 1, 1, 0, NULL }, { "LOG_UPTO", syslog_upto, 1, 1, 0, NULL }, { 0 }
};
static int syslog_fill(hd_value m)
{
    static const struct { const char *name; int v; } c[] = {
#define C(x) { "LOG_" #x, LOG_##x }
        C(EMERG), C(ALERT), C(CRIT), C(ERR), C(WARNING), C(NOTICE), C(INFO), C(DEBUG), C(PID), C(CONS), C(NDELAY), C(ODELAY), C(NOWAIT), C(PERROR), C(KERN), C(USER), C(MAIL), C(DAEMON), C(AUTH),
        C(LPR), C(LOCAL0), C(LOCAL1), C(LOCAL2), C(LOCAL3), C(LOCAL4), C(LOCAL5), C(LOCAL6), C(LOCAL7), C(SYSLOG), C(CRON), C(UUCP), C(NEWS), C(AUTHPRIV)
#undef C
    };
    for (size_t i = 0; i < sizeof c / sizeof *c; i++) if (hd_module_add_int(m, c[i].name, c[i].v) < 0) return -1;
    return 0;
}
const struct hd_moduledef hd_module_syslog = { "syslog", NULL, syslog_functions, syslog_fill };

/* ---- _crypt ----------------------------------------------------------------------------------------------------------------------- */
static hd_value crypt_crypt(ARGS)
{
    const char *word = text(args[0], "crypt() argument 1"), *salt = word ? text(args[1], "crypt() argument 2") : NULL;
    if (!salt) return HD_ERR;
    struct crypt_data *d = stm_arena_alloc(sizeof *d);
    if (!d) return hd_no_memory();
    memset(d, 0, sizeof *d);
    const char *r = crypt_r(word, salt, d);
    return r ? hd_str_utf8(r) : hd_raise_errno(errno, HD_ABSENT, HD_ABSENT);
}
static const struct hd_methoddef crypt_functions[] = { { "crypt", crypt_crypt, 2, 2, 0, "crypt($module, word, salt, /)\n--\n\nHash a *word* with the given *salt* and return the hashed password." }, { 0 } };
const struct hd_moduledef hd_module_crypt = { "_crypt", NULL, crypt_functions, NULL };

/* ---- _uuid ------------------------------------------------------------------------------------------------------------------------------ */
/* Asks the uuid daemon, or reads and writes the clock's file, when the library can. */
static hd_value uuid_time_safe(ARGS)
{
    uuid_t u;
    int unsafe;
    HD_BLOCKING
        unsafe = uuid_generate_time_safe(u);
    HD_END_BLOCKING
    return hd_tuplev(hd_bytes_new(u, sizeof u), hd_fix(unsafe));
}
static const struct hd_methoddef uuid_functions[] = {
    { "generate_time_safe", uuid_time_safe, 0, 0, 0, "generate_time_safe() -> (bytes, status)\n\nA UUID of time and node; status 0: no other process can have got it." }, { 0 } };
static int uuid_fill(hd_value m) { return hd_module_add_int(m, "has_uuid_generate_time_safe", 1); }
const struct hd_moduledef hd_module_uuid = { "_uuid", "DCE compatible Universally Unique Identifier library.", uuid_functions, uuid_fill };

/* ---- _statistics -------------------------------------------------------------------------------------------------------------------- */
/* The quantile function of the normal distribution: Wichura's algorithm AS241, rational functions on three intervals. */
static double horner(const double *c, double x)
{
    double r = c[0];
    for (int i = 1; i < 8; i++) r = r * x + c[i];
    return r;
}
static double normal_quantile(double p, double mu, double sigma)
{
    static const double middle_num[] = { 2.5090809287301226727e+3, 3.3430575583588128105e+4, 6.7265770927008700853e+4, 4.5921953931549871457e+4,
                                         1.3731693765509461125e+4, 1.9715909503065514427e+3, 1.3314166789178437745e+2, 3.3871328727963666080e+0 };
    static const double middle_den[] = { 5.2264952788528545610e+3, 2.8729085735721942674e+4, 3.9307895800092710610e+4, 2.1213794301586595867e+4,
                                         5.3941960214247511077e+3, 6.8718700749205790830e+2, 4.2313330701600911252e+1, 1.0 };
    static const double near_num[] = { 7.74545014278341407640e-4, 2.27238449892691845833e-2, 2.41780725177450611770e-1, 1.27045825245236838258e+0,
                                       3.64784832476320460504e+0, 5.76949722146069140550e+0, 4.63033784615654529590e+0, 1.42343711074968357734e+0 };
    static const double near_den[] = { 1.05075007164441684324e-9, 5.47593808499534494600e-4, 1.51986665636164571966e-2, 1.48103976427480074590e-1,
                                       6.89767334985100004550e-1, 1.67638483018380384940e+0, 2.05319162663775882187e+0, 1.0 };
    static const double far_num[] = { 2.01033439929228813265e-7, 2.71155556874348757815e-5, 1.24266094738807843860e-3, 2.65321895265761230930e-2,
                                      2.96560571828504891230e-1, 1.78482653991729133580e+0, 5.46378491116411436990e+0, 6.65790464350110377720e+0 };
    static const double far_den[] = { 2.04426310338993978564e-15, 1.42151175831644588870e-7, 1.84631831751005468180e-5, 7.86869131145613259100e-4,
                                      1.48753612908506148525e-2, 1.36929880922735805310e-1, 5.99832206555887937690e-1, 1.0 };
    double q = p - 0.5, r, x;
    if (fabs(q) <= 0.425) {
        r = 0.180625 - q * q;
        x = q * horner(middle_num, r) / horner(middle_den, r);
        return mu + x * sigma;
    }
    r = sqrt(-log(q <= 0.0 ? p : 1.0 - p));
    x = r <= 5.0 ? horner(near_num, r - 1.6) / horner(near_den, r - 1.6) : horner(far_num, r - 5.0) / horner(far_den, r - 5.0);
    return mu + (q < 0.0 ? -x : x) * sigma;
}
static hd_value statistics_inv_cdf(ARGS)
{
    double p, mu, sigma;
    if (hd_as_double(args[0], &p) < 0 || hd_as_double(args[1], &mu) < 0 || hd_as_double(args[2], &sigma) < 0) return HD_ERR;
    if (p <= 0.0 || p >= 1.0 || sigma <= 0.0) return hd_raise(&hd_exc_ValueError, "inv_cdf undefined for these parameters");
    return hd_float(normal_quantile(p, mu, sigma));
}
static const struct hd_methoddef statistics_functions[] = { { "_normal_dist_inv_cdf", statistics_inv_cdf, 3, 3, 0, "_normal_dist_inv_cdf($module, p, mu, sigma, /)\n--\n\n" }, { 0 } };
const struct hd_moduledef hd_module_statistics = { "_statistics", "Accelerators for the statistics module.", statistics_functions, NULL };
