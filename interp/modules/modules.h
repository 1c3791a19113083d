/* What built-in modules share: the table of modules, options of the command line, imports from C, paths. */
#ifndef HD_MODULES_H
#define HD_MODULES_H
#include <errno.h>
#include "interp/core/api.h"

#define M(name, cname) extern const struct hd_moduledef hd_module_##cname;
#include "interp/modules/modules.def"
#undef M
/* NULL: there is no built-in module of that name. */
const struct hd_moduledef *hd_builtin_module(hd_value name);
/* A fresh module object, its functions added, exec called. */
hd_value hd_builtin_module_make(const struct hd_moduledef *def, hd_value spec_or_absent) HD_MUST;

/* Modules compiled into the program (boot/frozen): marshalled code.  origin: the name of the file's module.  Those that are not
 * essential are found unless -X frozen_modules=off says otherwise. */
struct hd_frozen { const char *name; const unsigned char *code; uint32_t size; bool package, essential; const char *origin; };
extern const struct hd_frozen hd_frozen_modules[];       /* ends with name NULL */
extern const char *const hd_stdlib_names[];              /* top-level modules of the library, ends with NULL */

/* Command line and environment, as sys.flags and sys.orig_argv show them. */
struct hd_options {
    int debug, inspect, interactive, optimize, dont_write_bytecode, no_user_site, no_site, ignore_environment, verbose, bytes_warning,
        quiet, isolated, dev_mode, utf8_mode, safe_path, unbuffered, hash_randomization, random_hashes, digits_given, stats, warn_default_encoding, skip_first_line, no_debug_ranges,
        no_frozen_modules;
    int argc; char **argv;             /* sys.argv to be */
    int orig_argc; char **orig_argv;
    int nwarn; const char **warn;
    int nx; const char **x;
    const char *executable /* as it was called */, *base_executable /* outside virtual environments */, *pycache_prefix, *check_hash_based_pycs /* NULL: by default */;
};
extern struct hd_options hd_options;
#define hd_optimize hd_options.optimize

/* sys: */
void hd_sys_set_finalizing(void);
bool hd_sys_is_finalizing(void);
hd_value hd_unraisable_args(hd_value exc, hd_value message, hd_value object) HD_MUST;
/* Directory of our own Python modules: the installed one, or the source tree when run from the build directory. */
const char *hd_library_dir(void);
/* As if the signal had arrived, if Python handles it. */
int hd_signal_simulate(int number) HD_MUST;      /* runs Python */
/* A time in units of `unit` seconds as nanoseconds, rounded up; -1: TypeError, ValueError (NaN), OverflowError. */
int hd_seconds_arg(hd_value v, double unit, int64_t *ns) HD_MUST;
/* fork() with all other threads at a safepoint; -1: errno.  `hooks`: with what os.register_at_fork() has registered, as the
 * child goes on with Python code. */
int hd_fork(bool hooks);
/* Threads that _thread started and whose function has not returned. */
int64_t hd_threads_running(void);
int hd_import_start(void) HD_MUST;
/* importlib's global lock, which is held while modules are looked for.  Reentrant. */
void hd_import_lock(void);
void hd_import_unlock(void);
/* Reads a line with editing, without its newline; HD_ABSENT: somebody edits one.  NULL until the module readline is imported. */
extern hd_value (*hd_line_editor)(const char *prompt);
int hd_module__imp_fill(hd_value module) HD_MUST;
/* __import__ proper: sys.modules first, then importlib. */
hd_value hd_import_level(hd_value name, hd_value globals, hd_value fromlist, int level) HD_MUST;
/* os.fspath() and decoding of bytes: a str for file names that are shown. */
hd_value hd_fs_path_str(hd_value v) HD_MUST;
/* os.fspath(): str or bytes. */
hd_value hd_fs_path(hd_value v) HD_MUST;
/* A NUL-terminated file system path in scratch memory (or a decimal file descriptor in *fd if fd is not NULL). */
const char *hd_fs_path_c(hd_value v, int *fd);
/* For functions that may wait for long: what earlier calls have left on the C stack where their frames will lie, and in registers,
 * would keep objects alive meanwhile.  Defines f_waits, for tables of methods. */
void hd_clear_for_wait(void);
hd_value hd_wait_in(hd_cfunc f, hd_cfunc called_as, hd_value self, const hd_value *args, size_t nargs, hd_value kwnames) HD_MUST;
hd_value hd_wait_next(hd_value (*f)(hd_value iterator), hd_value iterator) HD_MUST;      /* the same for what is called as iternext */
#define HD_WAITS(f)                                                                                                            \
    static hd_value f(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames) __attribute__((noinline));          \
    static hd_value f##_waits(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)                             \
    {                                                                                                                          \
        return hd_wait_in(f, f##_waits, self, args, nargs, kwnames);                                                           \
    }
/* The same, only if `waits` says that it is going to. */
#define HD_WAITS_IF(f, waits)                                                                                                  \
    static hd_value f(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames) __attribute__((noinline));          \
    static hd_value f##_waits(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)                             \
    {                                                                                                                          \
        return (waits) ? hd_wait_in(f, f##_waits, self, args, nargs, kwnames) : f(self, args, nargs, kwnames);                \
    }
/* descriptors.c: what dropped files and sockets hold.  A call was refused: true if that was for want of a descriptor and it may be
 * made again, *tried says whether it has been already.  Runs Python. */
bool hd_free_descriptors(void);
static inline bool hd_descriptors_freed(int err, bool *tried)
{
    if (STM_LIKELY(err != EMFILE && err != ENFILE) || *tried) return false;
    *tried = true;
    return hd_free_descriptors();
}
void hd_descriptor_opened(int fd);        /* by an object that closes it when it is collected */
bool hd_lists_descriptors(const hd_value *args, size_t nargs, hd_value kwnames);     /* the only argument is the name of the directory of ours */
/* io_writers.c: descriptors that a FileIO writes to. */
struct stat;
void hd_io_writer_opened(int fd, const struct stat *st);
void hd_io_writer_closed(int fd);
extern uint32_t hd_io_fresh_writers;
void hd_io_settle(hd_cfunc called_as, hd_value path, hd_value *copy, const hd_value *args, size_t n, size_t most);
/* The file `path` is about to be read (HD_ABSENT: any may be).  Runs Python; a collection takes the arguments out of the
 * evaluator's registers, so `args` becomes a copy, with room for `most` of them.  Stands first in `f`, which Python calls and
 * which has no variables: where it is not called by an instruction itself, C frames below the evaluator's are searched, and may
 * hold what keeps a dropped stream alive. */
#define HD_IO_SETTLE(f, path, most)                                                                                            \
    hd_value copy_[(most) + 2];                                                                                                \
    if (STM_UNLIKELY(__atomic_load_n(&hd_io_fresh_writers, __ATOMIC_RELAXED)) && nargs + (kwnames ? (size_t)HD_TUPLE(kwnames)->len : 0) <= (most)) { \
        copy_[most] = self, copy_[(most) + 1] = kwnames;                                                                       \
        hd_io_settle(f, (path), copy_, args, nargs + (kwnames ? (size_t)HD_TUPLE(kwnames)->len : 0), (most));                  \
        args = copy_;                                                                                                          \
    }
#endif
