/* Start-up and shutdown. */
#include "interp/boot/boot.h"
#include <errno.h>
#include <jemalloc/jemalloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include "config.h"
#include "interp/core/code.h"
#include "interp/core/names.h"
#include "interp/core/runtime.h"
#include "interp/eval/eval.h"
#include "interp/modules/io_internal.h"
#include "interp/modules/lock.h"
#include "interp/modules/modules.h"
#include "interp/types/additions.h"
#include "interp/types/str_intern.h"

static void committing(void)
{
    if (STM_UNLIKELY(hd_ts && hd_ts->n_elided)) hd_locks_committing();
    gc_committing();
}

static void begun(void)
{
    gc_begun();
    hd_thread_begun();
}

static void ended(bool committed)
{
    if (STM_UNLIKELY(hd_ts && hd_ts->additions)) hd_additions_ended(committed);
    gc_ended(committed);
}

/* Transactions, heap, the state of this thread, the object model; a transaction is open afterwards. */
static int start_runtime(void)
{
    static const struct stm_config config = {
        .user_poll = hd_user_poll, .begun = begun, .committing = committing,
        .ended = ended, .do_deferred = hd_additions_do,
    };
    stm_init(&config);
    gc_init(&hd_gc_config);
    if (!hd_thread_attach(true, 0)) return -1;
    stm_enter();
    stm_become_irrevocable();              /* the state of the object model is static: an abort would not put it back */
    hd_core_init();
    return 0;
}

static int start_modules(void)
{
    hd_root(&hd_sys_modules), hd_root(&hd_sys_module), hd_root(&hd_builtins_module), hd_root(&hd_builtins_dict);
    if ((hd_sys_modules = hd_dict_new()) == HD_ERR) return -1;
    hd_builtins_module = hd_builtin_module_make(&hd_module_builtins, HD_ABSENT);
    if (hd_builtins_module == HD_ERR) return -1;
    hd_builtins_dict = hd_module_dict(hd_builtins_module);
    if (hd_module_builtins.exec(hd_builtins_module) < 0) return -1;
    hd_sys_module = hd_builtin_module_make(&hd_module_sys, HD_ABSENT);
    if (hd_sys_module == HD_ERR || hd_module_sys.exec(hd_sys_module) < 0) return -1;
    return hd_dict_set_c(hd_sys_modules, "sys", hd_sys_module) < 0 || hd_dict_set_c(hd_sys_modules, "builtins", hd_builtins_module) < 0 ? -1 : 0;
}

/* A text stream over a file descriptor as sys.stdin and the like are. */
static hd_value open_stream(int fd, const char *name, const char *mode, const char *encoding, const char *errors, bool line_buffered)
{
    struct stat st;
    if (fstat(fd, &st) < 0) return HD_NONE;                 /* the descriptor is closed */
    hd_value io = hd_import("io");
    if (io == HD_ERR) return HD_ERR;
    hd_value open = hd_getattr_c(io, "open");
    bool write = mode[0] == 'w';
    if (open == HD_ERR) return HD_ERR;
    char binary[4] = { mode[0], 'b', 0 };
    hd_value args[] = { hd_fix(fd), hd_intern(binary), hd_fix(hd_options.unbuffered && write ? 0 : -1), HD_FALSE };
    hd_value kw = hd_tuplev(hd_intern("mode"), hd_intern("buffering"), hd_intern("closefd"));
    hd_value raw = kw == HD_ERR ? HD_ERR : hd_call(open, args, 1, kw);
    if (raw == HD_ERR) return HD_ERR;
    hd_value base = raw;
    if (!(hd_options.unbuffered && write) && (base = hd_getattr_c(raw, "raw")) == HD_ERR) return HD_ERR;
    hd_value shown = hd_intern(name);
    if (hd_setattr(base, hd_s_name, shown) < 0) return HD_ERR;
    hd_value tty = hd_call_method(base, hd_intern("isatty"), NULL, 0);
    int is_tty = tty == HD_ERR ? -1 : hd_truth(tty);
    if (is_tty < 0) return HD_ERR;
    hd_value wrapper = hd_getattr_c(io, "TextIOWrapper");
    hd_value wargs[] = { raw, hd_intern(encoding), hd_intern(errors), hd_intern("\n"),
                         hd_bool(!hd_options.unbuffered && write && (is_tty || line_buffered)), hd_bool(hd_options.unbuffered && write) };
    if (!write) wargs[3] = HD_NONE;
    hd_value wkw = hd_tuplev(hd_intern("encoding"), hd_intern("errors"), hd_intern("newline"), hd_intern("line_buffering"), hd_intern("write_through"));
    hd_value stream = wrapper == HD_ERR || wkw == HD_ERR ? HD_ERR : hd_call(wrapper, wargs, 1, wkw);
    if (stream == HD_ERR || hd_setattr(stream, hd_intern("mode"), hd_intern(mode)) < 0) return HD_ERR;
    return stream;
}

static int start_streams(void)
{
    const char *lang = getenv("LC_ALL");
    if (!lang || !*lang) lang = getenv("LC_CTYPE");
    if (!lang || !*lang) lang = getenv("LANG");
    bool plain = !lang || !*lang || strcmp(lang, "C") == 0 || strcmp(lang, "POSIX") == 0 || strcmp(lang, "C.UTF-8") == 0;
    const char *errors = plain ? "surrogateescape" : "strict";
    /* PYTHONIOENCODING=encoding:errors, both optional */
    char encoding[128] = "utf-8";
    const char *io = hd_options.ignore_environment ? NULL : getenv("PYTHONIOENCODING");
    if (io && *io) {
        const char *colon = strchrnul(io, ':');
        if (colon > io) {
            snprintf(encoding, sizeof encoding, "%.*s", (int)(colon - io), io);
            errors = "strict";
        }
        if (colon[0] && colon[1]) errors = colon + 1;
    }
    static const struct { const char *name, *dunder, *shown, *mode; int fd; } s[] = {
        { "stdin", "__stdin__", "<stdin>", "r", 0 }, { "stdout", "__stdout__", "<stdout>", "w", 1 }, { "stderr", "__stderr__", "<stderr>", "w", 2 },
    };
    for (int i = 0; i < 3; i++) {
        hd_value f = open_stream(s[i].fd, s[i].shown, s[i].mode, encoding, i == 2 ? "backslashreplace" : errors, i == 2);
        if (f == HD_ERR || hd_sys_set(s[i].name, f) < 0 || hd_sys_set(s[i].dunder, f) < 0) return -1;
    }
    return 0;
}

static int early_failure(const char *stage)
{
    fprintf(stderr, "heddle: cannot start: %s\n", stage);
    if (hd_exc_pending()) {
        hd_value e = hd_exc_take(), text = hd_exc_format(e);
        size_t n = 0;
        const char *s = text == HD_ERR ? NULL : hd_str_as_utf8(text, &n);
        if (s) fwrite(s, 1, n, stderr);
    }
    return -1;
}

/* Something for importlib's messages (-v) to be written to before there are streams. */
static int early_stderr(void)
{
    static const char text[] = "class stderrprinter:\n"
                               "    def write(self, s): return write(2, s.encode('utf-8', 'backslashreplace'))\n"
                               "    def flush(self): pass\n"
                               "    def fileno(self): return 2\n"
                               "stderr = stderrprinter()\n";
    const struct hd_moduledef *def = hd_builtin_module(hd_intern("posix"));
    hd_value posix = def ? hd_builtin_module_make(def, HD_ABSENT) : HD_ERR, d = hd_dict_new();
    if (posix == HD_ERR || d == HD_ERR || (def->exec && def->exec(posix) < 0)) return -1;
    hd_value write = hd_getattr_c(posix, "write");
    if (write == HD_ERR || hd_dict_set_c(d, "write", write) < 0 || hd_dict_set_c(d, "__name__", hd_intern("sys")) < 0 ||
        hd_dict_set_c(d, "__builtins__", hd_builtins_dict) < 0) return -1;
    hd_value code = hd_compile(text, sizeof text - 1, hd_intern("<stderr>"), "exec", 0, true, -1);
    if (code == HD_ERR || hd_eval_code(code, d, d, HD_ABSENT) == HD_ERR) return -1;
    return hd_sys_set("stderr", hd_dict_get_c(d, "stderr"));
}

static bool want_faulthandler(void)
{
    for (int i = 0; i < hd_options.nx; i++) if (strcmp(hd_options.x[i], "faulthandler") == 0) return true;
    const char *s = hd_options.ignore_environment ? NULL : getenv("PYTHONFAULTHANDLER");
    return hd_options.dev_mode || (s && *s);
}

int hd_start(void)
{
    hd_strings_init();
    if (hd_hash_seed(hd_options.ignore_environment || hd_options.random_hashes ? NULL : getenv("PYTHONHASHSEED")) < 0) {
        fprintf(stderr, "Fatal Python error: config_init_hash_seed: PYTHONHASHSEED must be \"random\" or an integer in range [0; 4294967295]\n");
        exit(1);
    }
    if (start_runtime() < 0) return early_failure("memory");
    if (start_modules() < 0) return early_failure("built-in modules");
    if (hd_options.verbose && early_stderr() < 0) return early_failure("standard error");
    if (hd_import_start() < 0) return early_failure("importlib");
    if (hd_import("encodings") == HD_ERR) return early_failure("encodings");
    if (hd_import("_signal") == HD_ERR) return early_failure("signals");      /* ignores SIGPIPE, turns SIGINT into KeyboardInterrupt */
    if (start_streams() < 0) return early_failure("standard streams");
    hd_value main_module = hd_module_new("__main__");
    if (main_module == HD_ERR || hd_dict_set_c(hd_module_dict(main_module), "__builtins__", hd_builtins_module) < 0 ||
        hd_dict_set_c(hd_sys_modules, "__main__", main_module) < 0) return -1;
    hd_value loader = hd_import_attr("_frozen_importlib", "BuiltinImporter");
    if (loader == HD_ERR || hd_dict_set_c(hd_module_dict(main_module), "__loader__", loader) < 0 ||
        hd_dict_set_c(hd_module_dict(main_module), "__annotations__", hd_dict_new()) < 0) return -1;
    if (hd_options.nwarn && hd_import("warnings") == HD_ERR) return -1;
    if (want_faulthandler() && hd_call0(hd_import_attr("faulthandler", "enable")) == HD_ERR) return -1;
    if (!hd_options.no_site && hd_import("site") == HD_ERR) return -1;
    mallctl("arena.0.purge", NULL, NULL, NULL, 0);          /* what compiling and reading modules took */
    hd_idle_allow();
    return 0;
}

static int flush(const char *name)
{
    hd_value f = hd_sys_get(name);
    if (f == HD_ABSENT || f == HD_NONE) return 0;
    hd_value closed = hd_getattr_opt(f, hd_intern("closed"));
    if (closed == HD_TRUE) return 0;
    if (closed == HD_ERR) hd_exc_clear();
    if (hd_call_method(f, hd_s_flush, NULL, 0) != HD_ERR) return 0;
    if (strcmp(name, "stdout") == 0) { hd_exc_print_unraisable(NULL, f); return -1; }
    hd_exc_clear();
    return 0;
}

/* Objects of Python classes that are still alive have their __del__ run, with all modules intact; the finalisers of C code
 * need not: the process ends.  But those who asked for warnings hear of open files.  Generators may be running in threads that
 * go on. */
static void finalise_objects(void)
{
    bool alone = hd_threads_running() == 0;
    stm_become_irrevocable();
    stm_stop_world();
    gc_finalise_all();
    stm_resume_world();
    void *o;
    unsigned n = 0;
    hd_ts->finalising = 1;                     /* polls in a __del__ leave the rest to this loop */
    while ((o = gc_next_finalisable()) != NULL) {
        struct hd_type *t = hd_type_of(hd_obj(o));
        if (!t->op.finalise || !(t->flags & HD_TF_HEAP || (alone && t == &hd_generator_type) || (hd_options.nwarn && t == &hd_fileio_type))) continue;
        if (++n % 256 == 0) {                  /* what finalisers allocate adds up, and what is taken from the queue lives until then */
            stm_break();
            gc_poll();
        }
        t->op.finalise(hd_obj(o));
        if (hd_exc_pending()) hd_exc_print_unraisable("", hd_obj(o));
    }
    hd_ts->finalising = 0;
}

int hd_finish(int status)
{
    gc_make_room();                            /* other threads may fill the heap while this one waits for them */
    hd_value threading = hd_dict_get_c(hd_sys_modules, "threading");
    if (threading != HD_ABSENT && threading != HD_ERR) {
        hd_value f = hd_getattr_c(threading, "_shutdown");
        if (f == HD_ERR || hd_call0(f) == HD_ERR) hd_exc_print_unraisable(NULL, threading);
    }
    hd_value atexit = hd_dict_get_c(hd_sys_modules, "atexit");
    if (atexit != HD_ABSENT && atexit != HD_ERR) {
        hd_value f = hd_getattr_c(atexit, "_run_exitfuncs");
        if (f == HD_ERR || hd_call0(f) == HD_ERR) {
            if (hd_exc_pending()) hd_exc_clear();
        }
    }
    hd_exc_clear();
    hd_idle_end();
    gc_make_room();                            /* a flush must not fail for what the program left behind */
    hd_io_flush_all();
    if (flush("stdout") < 0) status = 120;
    flush("stderr");
    hd_sys_set_finalizing();
    finalise_objects();
    if (flush("stdout") < 0) status = 120;
    flush("stderr");
    return status;
}
