/* The command `heddle`: options as python3's, then a script, a module, a string, or standard input. */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "config.h"
#include "interp/boot/boot.h"
#include "interp/compile/compile.h"
#include "interp/compile/lexer.h"
#include "interp/core/code.h"
#include "interp/core/names.h"
#include "interp/core/settings.h"
#include "interp/eval/eval.h"
#include "interp/modules/modules.h"

#if GC_ASAN
/* Aborts copy stack slices back, so locals must lie on the stack itself; the process ends with its heap in use. */
const char *__asan_default_options(void);
const char *__asan_default_options(void) { return "detect_stack_use_after_return=0:detect_leaks=0"; }
#endif

static const char *command, *module, *script;

static const char usage[] =
    "usage: %s [option] ... [-c cmd | -m mod | file | -] [arg] ...\n"
    "Options (and corresponding environment variables):\n"
    "-b     : issue warnings about str(bytes_instance), str(bytearray_instance)\n"
    "         and comparing bytes/bytearray with str (-bb: issue errors)\n"
    "-B     : don't write .pyc files on import (PYTHONDONTWRITEBYTECODE=x)\n"
    "-c cmd : program passed in as string (terminates option list)\n"
    "-E     : ignore PYTHON* environment variables\n"
    "-h     : print this help message and exit (also --help)\n"
    "-i     : inspect interactively after running script (PYTHONINSPECT=x)\n"
    "-I     : isolate from the user's environment (implies -E -P -s)\n"
    "-m mod : run library module as a script (terminates option list)\n"
    "-O     : remove assert and __debug__-dependent statements (-OO: docstrings too)\n"
    "-P     : don't prepend an unsafe path to sys.path (PYTHONSAFEPATH)\n"
    "-q     : don't print version messages on interactive startup\n"
    "-s     : don't add user site directory to sys.path (PYTHONNOUSERSITE)\n"
    "-S     : don't imply 'import site' on initialization\n"
    "-u     : unbuffered standard output and error (PYTHONUNBUFFERED=x)\n"
    "-v     : verbose (PYTHONVERBOSE=x)\n"
    "-V     : print the version number and exit (also --version)\n"
    "-W arg : warning control (PYTHONWARNINGS=arg)\n"
    "-x     : skip first line of source\n"
    "-X opt : set an option of the interpreter: stats (transactions, aborts,\n"
    "         collections at exit), dev, utf8, int_max_str_digits=N\n"
    "--check-hash-based-pycs always|default|never:\n"
    "         how compiled files with a hash of their source are checked\n";

static const char environment[] =
    "Environment variables that change behavior:\n"
    "PYTHONDEBUG, PYTHONDEVMODE, PYTHONDONTWRITEBYTECODE, PYTHONHASHSEED, PYTHONINSPECT,\n"
    "PYTHONINTMAXSTRDIGITS, PYTHONIOENCODING, PYTHONNOUSERSITE, PYTHONOPTIMIZE, PYTHONPATH,\n"
    "PYTHONPYCACHEPREFIX, PYTHONSAFEPATH, PYTHONUNBUFFERED, PYTHONVERBOSE, PYTHONWARNINGS:\n"
    "as for python3.11; PYTHONHOME has no effect\n";
static const char x_options[] =
    "Options of the interpreter:\n"
    "-X no_debug_ranges       : code without columns (PYTHONNODEBUGRANGES)\n"
    "-X dev                   : more checks and warnings (PYTHONDEVMODE)\n"
    "-X frozen_modules=on/off : take modules of the start from the program, or from their files\n"
    "-X int_max_str_digits=N  : longest decimal integers, 0: no limit (PYTHONINTMAXSTRDIGITS)\n"
    "-X pycache_prefix=PATH   : tree for compiled files (PYTHONPYCACHEPREFIX)\n"
    "-X stats                 : transactions, aborts and collections at exit\n"
    "-X utf8                  : UTF-8 mode, which is always on\n"
    "-X warn_default_encoding : warn where text is opened without an encoding\n";

static _Noreturn void refuse_setting(const char *what, const char *state)
{
    fprintf(stderr, "Fatal Python error: %s\nPython runtime state: %s\n\n", what, state);
    exit(1);
}

/* A limit from the command line or the environment: a number from 640 on, or 0. */
static int64_t digits_limit(const char *s, const char *origin)
{
    char *end;
    long long n = strtoll(s, &end, 10);
    hd_options.digits_given = 1;
    if (*s && !*end && (n == 0 || n >= 640) && n <= INT32_MAX) return n;
    char text[128];
    snprintf(text, sizeof text, "config_init_int_max_str_digits: %s: invalid limit; must be >= 640 or 0 for unlimited.", origin);
    refuse_setting(text, "preinitialized");
}

/* Settings that change nothing here: UTF-8 mode is always on, and there is one allocator.  Mistakes are refused all the same. */
static void check_utf8_mode(const char *s, const char *mistake)
{
    if (strcmp(s, "1") == 0) hd_options.utf8_mode = 1;
    else if (strcmp(s, "0") != 0) refuse_setting(mistake, "preinitializing");
}
static void check_allocator(const char *s)
{
    static const char *const known[] = { "default", "debug", "malloc", "malloc_debug", "pymalloc", "pymalloc_debug" };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) if (strcmp(s, known[i]) == 0) return;
    refuse_setting("preconfig_init_allocator: PYTHONMALLOC: unknown allocator", "preinitializing");
}

static void set_x_option(const char *s)
{
    struct hd_options *o = &hd_options;
    o->x = realloc(o->x, sizeof *o->x * (size_t)(o->nx + 1));
    o->x[o->nx++] = s;
    if (strcmp(s, "stats") == 0) o->stats = 1;
    else if (strcmp(s, "dev") == 0) o->dev_mode = 1;
    else if (strcmp(s, "utf8") == 0) o->utf8_mode = 1;
    else if (strncmp(s, "utf8=", 5) == 0) check_utf8_mode(s + 5, "preconfig_init_utf8_mode: invalid -X utf8 option value");
    else if (strcmp(s, "warn_default_encoding") == 0) o->warn_default_encoding = 1;
    else if (strcmp(s, "no_debug_ranges") == 0) o->no_debug_ranges = 1;
    else if (strncmp(s, "int_max_str_digits=", 19) == 0) {
        HD_INIT(&hd_settings, int_max_str_digits, digits_limit(s + 19, "-X int_max_str_digits"));
    } else if (strcmp(s, "int_max_str_digits") == 0) digits_limit("", "-X int_max_str_digits");
    else if (strcmp(s, "frozen_modules") == 0 || strncmp(s, "frozen_modules=", 15) == 0) {
        static bool given;                                  /* the first one counts */
        const char *value = s[14] ? s + 15 : "on";
        bool off = strcmp(value, "off") == 0;
        if (!off && strcmp(value, "on") != 0 && *value) {
            fputs("Fatal Python error: bad value for option -X frozen_modules (expected \"on\" or \"off\")\n"
                  "Python runtime state: preinitialized\n", stderr);
            exit(1);
        }
        if (!given) o->no_frozen_modules = off;
        given = true;
    } else if (strncmp(s, "pycache_prefix=", 15) == 0) o->pycache_prefix = s + 15;
    else if (strcmp(s, "pycache_prefix") == 0) o->pycache_prefix = "";
}
static bool x_option_given(const char *name)
{
    size_t n = strlen(name);
    for (int i = 0; i < hd_options.nx; i++)
        if (strncmp(hd_options.x[i], name, n) == 0 && (hd_options.x[i][n] == '=' || !hd_options.x[i][n])) return true;
    return false;
}
static void add_warning(const char *s)
{
    struct hd_options *o = &hd_options;
    o->warn = realloc(o->warn, sizeof *o->warn * (size_t)(o->nwarn + 1));
    o->warn[o->nwarn++] = s;
}

/* -1: go on; else exit with this status */
static int parse_options(int argc, char **argv)
{
    struct hd_options *o = &hd_options;
    o->orig_argc = argc, o->orig_argv = argv;
    o->hash_randomization = 1;
    int i = 1;
    bool done = false;
    for (; i < argc && !done && argv[i][0] == '-' && argv[i][1]; i++) {
        const char *a = argv[i];
        if (strcmp(a, "--") == 0) { i++; break; }
        if (strcmp(a, "--help") == 0) { printf(usage, argv[0]); return 0; }
        if (strcmp(a, "--help-env") == 0) { fputs(environment, stdout); return 0; }
        if (strcmp(a, "--help-xoptions") == 0) { fputs(x_options, stdout); return 0; }
        if (strcmp(a, "--help-all") == 0) { printf(usage, argv[0]); printf("\n%s\n%s", environment, x_options); return 0; }
        if (strcmp(a, "--version") == 0) { printf("Python 3.11.2 (Heddle %s)\n", PACKAGE_VERSION); return 0; }
        if (strcmp(a, "--check-hash-based-pycs") == 0) {
            const char *v = i + 1 < argc ? argv[++i] : NULL;
            if (v && (strcmp(v, "default") == 0 || strcmp(v, "always") == 0 || strcmp(v, "never") == 0)) {
                o->check_hash_based_pycs = v;
                continue;
            }
            fprintf(stderr, v ? "--check-hash-based-pycs must be one of 'default', 'always', or 'never'\n" : "Argument expected for the --check-hash-based-pycs options\n");
            fprintf(stderr, "usage: %s [option] ... [-c cmd | -m mod | file | -] [arg] ...\nTry `python -h' for more information.\n", argv[0]);
            return 2;
        }
        if (a[1] == '-') {
            fprintf(stderr, "unknown option %s\nusage: %s [option] ... [-c cmd | -m mod | file | -] [arg] ...\nTry `python -h' for more information.\n", a, argv[0]);
            return 2;
        }
        for (const char *p = a + 1; *p; p++) {
            const char *arg = NULL;
            if (strchr("cmWX", *p)) {
                arg = p[1] ? p + 1 : i + 1 < argc ? argv[++i] : NULL;
                if (!arg) {
                    fprintf(stderr, "Argument expected for the -%c option\n", *p);
                    fprintf(stderr, "usage: %s [option] ... [-c cmd | -m mod | file | -] [arg] ...\nTry `python -h' for more information.\n", argv[0]);
                    return 2;
                }
            }
            switch (*p) {
            case 'b': o->bytes_warning++; break;
            case 'B': o->dont_write_bytecode = 1; break;
            case 'c': command = arg, done = true; break;
            case 'd': o->debug++; break;
            case 'E': o->ignore_environment = 1; break;
            case 'h': case '?': printf(usage, argv[0]); return 0;
            case 'i': o->inspect = o->interactive = 1; break;
            case 'I': o->isolated = o->ignore_environment = o->no_user_site = o->safe_path = 1; break;
            case 'm': module = arg, done = true; break;
            case 'O': o->optimize++; break;
            case 'P': o->safe_path = 1; break;
            case 'q': o->quiet = 1; break;
            case 's': o->no_user_site = 1; break;
            case 'S': o->no_site = 1; break;
            case 't': break;
            case 'R': o->random_hashes = 1; break;
            case 'u': o->unbuffered = 1; break;
            case 'v': o->verbose++; break;
            case 'V': printf("Python 3.11.2 (Heddle %s)\n", PACKAGE_VERSION); return 0;
            case 'W': add_warning(arg); break;
            case 'x': o->skip_first_line = 1; break;
            case 'X': set_x_option(arg); break;
            default:
                fprintf(stderr, "Unknown option: -%c\nusage: %s [option] ... [-c cmd | -m mod | file | -] [arg] ...\nTry `python -h' for more information.\n", *p, argv[0]);
                return 2;
            }
            if (arg) break;
        }
    }
    if (!o->ignore_environment) {
        const char *e;
#define ENV_FLAG(name, field) if ((e = getenv(name)) && *e && !o->field) { int n_ = atoi(e); o->field = n_ > 0 ? n_ : 1; }
        ENV_FLAG("PYTHONDEBUG", debug)
        ENV_FLAG("PYTHONDONTWRITEBYTECODE", dont_write_bytecode) ENV_FLAG("PYTHONINSPECT", inspect) ENV_FLAG("PYTHONOPTIMIZE", optimize)
        ENV_FLAG("PYTHONNOUSERSITE", no_user_site) ENV_FLAG("PYTHONUNBUFFERED", unbuffered) ENV_FLAG("PYTHONVERBOSE", verbose)
        if (o->dont_write_bytecode) o->dont_write_bytecode = 1;
        ENV_FLAG("PYTHONSAFEPATH", safe_path) ENV_FLAG("PYTHONDEVMODE", dev_mode) ENV_FLAG("PYTHONNODEBUGRANGES", no_debug_ranges)
        if ((e = getenv("PYTHONPYCACHEPREFIX")) && *e && !o->pycache_prefix) o->pycache_prefix = e;
        if ((e = getenv("PYTHONINTMAXSTRDIGITS")) && *e) {
            if (!x_option_given("int_max_str_digits")) HD_INIT(&hd_settings, int_max_str_digits, digits_limit(e, "PYTHONINTMAXSTRDIGITS"));
        }
        if ((e = getenv("PYTHONUTF8")) && *e && !x_option_given("utf8")) check_utf8_mode(e, "preconfig_init_utf8_mode: invalid PYTHONUTF8 environment variable value");
        if ((e = getenv("PYTHONMALLOC")) && *e) check_allocator(e);
        if ((e = getenv("PYTHONHASHSEED")) && strcmp(e, "0") == 0 && !o->random_hashes) o->hash_randomization = 0;
        if ((e = getenv("PYTHONWARNINGS")) && *e) {
            char *copy = strdup(e), *save;
            int given = o->nwarn;
            const char **cmd = o->warn;
            o->warn = NULL, o->nwarn = 0;                   /* those of the environment come first */
            for (char *t = strtok_r(copy, ",", &save); t; t = strtok_r(NULL, ",", &save)) add_warning(t);
            for (int k = 0; k < given; k++) add_warning(cmd[k]);
        }
    }
    if (o->pycache_prefix && !*o->pycache_prefix) o->pycache_prefix = NULL;
    if (o->dev_mode) {                                      /* before all others */
        add_warning("default");
        memmove(o->warn + 1, o->warn, sizeof *o->warn * (size_t)(o->nwarn - 1));
        o->warn[0] = "default";
    }
    if (o->bytes_warning) add_warning(o->bytes_warning > 1 ? "error::BytesWarning" : "default::BytesWarning");
    static char empty[] = "", dash_c[] = "-c", dash_m[] = "-m";
    if (command || module) {
        o->argv = argv + i - 1;
        o->argc = argc - i + 1;
        o->argv[0] = command ? dash_c : dash_m;
    } else {
        if (i < argc && strcmp(argv[i], "-") != 0) script = argv[i];
        if (i < argc) o->argv = argv + i, o->argc = argc - i;
        else {
            static char *none[] = { empty, NULL };
            o->argv = none, o->argc = 1;
        }
    }
    return -1;
}

/* Saved because parse_options overwrites one element of argv. */
static char **copy_argv(int argc, char **argv)
{
    char **c = malloc(sizeof *c * (size_t)(argc + 1));
    memcpy(c, argv, sizeof *c * (size_t)(argc + 1));
    return c;
}

static char library[PATH_MAX];
const char *hd_library_dir(void) { return library[0] ? library : NULL; }

static bool same_file(const char *a, const char *b)
{
    struct stat x, y;
    return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}
/* The path by which `real` was called, with its symbolic links: a virtual environment is found beside those. */
static bool called_as(const char *name, const char *real, char *out, size_t size)
{
    char dir[PATH_MAX];
    if (strchr(name, '/')) {
        while (name[0] == '.' && name[1] == '/') for (name += 2; *name == '/'; name++) { }
        if (name[0] == '/') return (size_t)snprintf(out, size, "%s", name) < size && same_file(out, real);
        return getcwd(dir, sizeof dir) && (size_t)snprintf(out, size, "%s/%s", dir[1] ? dir : "", name) < size && same_file(out, real);
    }
    for (const char *p = getenv("PATH"); p && *p; p = *p ? p + 1 : p) {
        size_t n = strcspn(p, ":");
        if (n && p[0] == '/' && (size_t)snprintf(out, size, "%.*s/%s", (int)n, p, name) < size && access(out, X_OK) == 0) return same_file(out, real);
        p += n;
    }
    return false;
}
/* In a virtual environment: the interpreter that made it, as its pyvenv.cfg says. */
static bool made_by(const char *executable, char *out, size_t size)
{
    char path[PATH_MAX], line[PATH_MAX + 64];
    const char *slash = strrchr(executable, '/');
    static const char *const places[] = { "", "../" };
    bool found = false;
    for (int i = 0; slash && i < 2 && !found; i++) {
        if ((size_t)snprintf(path, sizeof path, "%.*s/%spyvenv.cfg", (int)(slash - executable), executable, places[i]) >= sizeof path) continue;
        FILE *f = fopen(path, "re");
        if (!f) continue;
        while (!found && fgets(line, sizeof line, f)) {
            char *value = strchr(line, '=');
            if (!value || strncmp(line, "executable", 10) || strspn(line + 10, " \t") != (size_t)(value - line - 10)) continue;
            value += 1 + strspn(value + 1, " \t");
            value[strcspn(value, "\r\n")] = 0;
            found = (size_t)snprintf(out, size, "%s", value) < size && access(out, X_OK) == 0;
        }
        fclose(f);
    }
    return found;
}
static void find_places(const char *argv0)
{
    static char exe[PATH_MAX], called[PATH_MAX], base[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);
    if (n <= 0) return;
    exe[n] = 0;
    hd_options.executable = argv0 && called_as(argv0, exe, called, sizeof called) ? called : exe;
    hd_options.base_executable = made_by(hd_options.executable, base, sizeof base) ? base : hd_options.executable;
    /* Run from a build directory, our own modules are in the source tree. */
    const char *candidates[] = { getenv("HEDDLE_LIB"), HD_LIBDIR "/lib", HD_SOURCE_DIR "/interp/lib" };
    for (size_t i = 0; i < 3; i++) {
        struct stat st;
        if (candidates[i] && stat(candidates[i], &st) == 0 && S_ISDIR(st.st_mode)) {
            snprintf(library, sizeof library, "%s", candidates[i]);
            return;
        }
    }
}

/* ---- running ---------------------------------------------------------------------------------------------------------------- */
static hd_value main_dict(void) { return hd_module_dict(hd_dict_get_c(hd_sys_modules, "__main__")); }

static int prepend_path(hd_value s)
{
    hd_value path = hd_sys_get("path");
    return s == HD_ERR ? -1 : path == HD_ABSENT || !hd_is_list(path) ? 0 : hd_list_insert(path, 0, s);
}

static hd_value run_text(const char *text, size_t n, hd_value filename, int flags)
{
    hd_value code = hd_compile(text, n, filename, "exec", flags, true, -1);
    if (code == HD_ERR) return HD_ERR;
    hd_value d = main_dict();
    return hd_eval_code(code, d, d, HD_ABSENT);
}

static hd_value run_module(const char *name, bool set_argv0)
{
    hd_value f = hd_import_attr("runpy", "_run_module_as_main"), n = hd_str_from_fs(name, strlen(name));
    return f == HD_ERR || n == HD_ERR ? HD_ERR : hd_callv(f, n, hd_bool(set_argv0));
}

/* The whole of a stream in heap memory. */
static char *read_all(FILE *f, size_t *n)
{
    size_t cap = 65536;
    char *p = hd_scratch(cap + 1);
    *n = 0;
    for (;;) {
        if (!p) return NULL;
        size_t k = fread(p + *n, 1, cap - *n, f);
        *n += k;
        if (*n < cap) break;
        char *q = hd_scratch(2 * cap + 1);
        if (q) memcpy(q, p, *n);
        p = q, cap *= 2;
    }
    p[*n] = 0;
    return p;
}

enum { PYC_HEADER = 16 };
static bool is_compiled(const char *path)
{
    size_t len = strlen(path);
    return len >= 4 && strcmp(path + len - 4, ".pyc") == 0;
}
static hd_value run_compiled(const char *text, size_t n, hd_value d)
{
    hd_value number = hd_import_attr("_frozen_importlib_external", "MAGIC_NUMBER");
    if (number == HD_ERR) return HD_ERR;
    if (n < PYC_HEADER || !hd_is_bytes(number) || HD_BYTES(number)->len != 4 || memcmp(HD_BYTES(number)->data, text, 4) != 0)
        return hd_raise(&hd_exc_RuntimeError, "Bad magic number in .pyc file");
    size_t used;
    hd_value code = hd_marshal_loads(text + PYC_HEADER, n - PYC_HEADER, &used);
    if (code == HD_ERR) return HD_ERR;
    if (!hd_is_shape(code, HD_SHAPE_CODE)) return hd_raise(&hd_exc_RuntimeError, "Bad code object in .pyc file");
    return hd_eval_code(code, d, d, HD_ABSENT);
}

/* What __file__ and tracebacks show. */
static hd_value absolute(const char *path)
{
    char cwd[PATH_MAX];
    if (path[0] == '/' || !getcwd(cwd, sizeof cwd)) return hd_str_from_fs(path, strlen(path));
    if (path[0] == '.' && path[1] == '/') path += 2;
    char full[2 * PATH_MAX];
    int n = snprintf(full, sizeof full, "%s/%s", strcmp(cwd, "/") ? cwd : "", path);
    return hd_str_from_fs(full, (size_t)n);
}

static hd_value run_script(const char *path, int *status)
{
    hd_value name = hd_str_from_fs(path, strlen(path));
    if (name == HD_ERR) return HD_ERR;
    struct stat st;
    bool directory = stat(path, &st) == 0 && S_ISDIR(st.st_mode);
    size_t len = strlen(path);
    bool archive = len > 4 && (strcmp(path + len - 4, ".zip") == 0 || strcmp(path + len - 4, ".pyz") == 0);
    if (directory || archive) {
        if (prepend_path(name) < 0) return HD_ERR;
        return run_module("__main__", false);
    }
    FILE *f = fopen(path, "rb");
    if (!f) {
        fprintf(stderr, "%s: can't open file '%s': [Errno %d] %s\n", hd_options.executable, path, errno, strerror(errno));
        *status = 2;
        return HD_NONE;
    }
    size_t n;
    char *text = read_all(f, &n);
    fclose(f);
    if (!text || (name = absolute(path)) == HD_ERR) return HD_ERR;
    if (!hd_options.safe_path) {                            /* the directory of the script, links resolved */
        char real[PATH_MAX];
        const char *r = realpath(path, real) ? real : path, *slash = strrchr(r, '/');
        hd_value dir = slash ? hd_str_from_fs(r, slash == r ? 1 : (size_t)(slash - r)) : hd_empty_str;
        if (prepend_path(dir) < 0) return HD_ERR;
    }
    hd_value d = main_dict();
    if (hd_dict_set_c(d, "__file__", name) < 0 || hd_dict_set_c(d, "__cached__", HD_NONE) < 0) return HD_ERR;
    bool compiled = is_compiled(path);
    hd_value loader_type = hd_import_attr("_frozen_importlib_external", compiled ? "SourcelessFileLoader" : "SourceFileLoader");
    hd_value loader = loader_type == HD_ERR ? HD_ERR : hd_callv(loader_type, hd_intern("__main__"), name);
    if (loader == HD_ERR || hd_dict_set_c(d, "__loader__", loader) < 0) return HD_ERR;
    if (compiled) return run_compiled(text, n, d);
    if (hd_options.skip_first_line) while (n && *text != '\n') text++, n--;
    int line;
    unsigned char byte;
    if (hd_source_bad_utf8(text, n, &line, &byte))
        return hd_raise(&hd_exc_SyntaxError, "Non-UTF-8 code starting with '\\x%.2x' in file %S on line %d, but no encoding declared; "
                        "see https://peps.python.org/pep-0263/ for details", byte, name, line);
    return run_text(text, n, name, 0);
}

/* Reports the pending exception; the exit status it means. */
static int report(void)
{
    gc_make_room();
    hd_value e = hd_exc_take();
    if (hd_has_flag(e, HD_TF_EXC) && hd_subtype(hd_type_of(e), &hd_exc_SystemExit)) {
        hd_value code = hd_getattr_c(e, "code");
        if (code == HD_ERR || code == HD_NONE) { hd_exc_clear(); return 0; }
        if (hd_is_int(code)) {
            int64_t n;
            if (hd_as_i64(code, &n) < 0) { hd_exc_clear(); return 255; }
            return (int)(n & 0xff);
        }
        hd_value err = hd_sys_get("stderr"), s = hd_str_of(code);
        if (s == HD_ERR || err == HD_ABSENT || err == HD_NONE || hd_methodv(err, hd_s_write, s) == HD_ERR ||
            hd_methodv(err, hd_s_write, hd_str_char('\n')) == HD_ERR) hd_exc_clear();
        return 1;
    }
    bool interrupt = hd_subtype(hd_type_of(e), &hd_exc_KeyboardInterrupt);
    hd_value hook = hd_sys_get("excepthook");
    if (hd_sys_set("last_type", hd_obj(hd_type_of(e))) < 0 || hd_sys_set("last_value", e) < 0 || hd_sys_set("last_traceback", hd_exc_traceback(e)) < 0) hd_exc_clear();
    if (hook == HD_ABSENT || hook == HD_NONE) {
        fputs("sys.excepthook is missing\n", stderr);
        hd_exc_print(e);
    } else if (hd_callv(hook, hd_obj(hd_type_of(e)), e, hd_exc_traceback(e)) == HD_ERR) {
        hd_value second = hd_exc_take();
        if (hd_subtype(hd_type_of(second), &hd_exc_SystemExit)) { hd_exc_put(second); return report(); }
        fputs("Error in sys.excepthook:\n", stderr);
        hd_exc_print(second);
        fputs("\nOriginal exception was:\n", stderr);
        hd_exc_print(e);
    }
    return interrupt ? 128 + SIGINT : 1;
}

static hd_value run_interactive(void)
{
    hd_value f = hd_import_attr("heddle._repl", "run");
    return f == HD_ERR ? HD_ERR : hd_callv(f, main_dict());
}

static void print_stats(void)
{
    struct stm_stats s;
    struct gc_stats g;
    stm_stats_sum(&s), gc_stats_sum(&g);
    fprintf(stderr,
            "transactions: %" PRIu64 " begun, %" PRIu64 " commits with log entry, %" PRIu64 " private, %" PRIu64 " read-only\n"
            "aborts: %" PRIu64 " (%" PRIu64 " injected), %.1f ms lost; irrevocable: %" PRIu64 "; extensions: %" PRIu64 "\n"
            "opened: %" PRIu64 "; slow reads: %" PRIu64 "; waits: %" PRIu64 ", %.1f ms; parked: %" PRIu64 "\n"
            "collections: %" PRIu64 " nursery, %" PRIu64 " young, %" PRIu64 " full; heap: %" PRIu64 " KiB; longest pause: %.3f ms\n"
            "pauses by length:",
            s.begun, s.commits_logged, s.commits_private, s.commits_readonly, s.aborts, s.aborts_injected,
            (double)s.lost_ns / 1e6, s.irrevocable, s.extends, s.opens, s.slow_reads, s.waits, (double)s.waited_ns / 1e6, s.parks, g.nursery, g.young, g.full, g.heap_bytes / 1024, (double)g.pause_ns_max / 1e6);
    static const char *const limit[GC_PAUSE_DECADES] = { "under 0.1 ms", "under 1 ms", "under 10 ms", "under 100 ms", "under 1 s", "longer" };
    for (int i = 0; i < GC_PAUSE_DECADES; i++) fprintf(stderr, "%s %s: %" PRIu64, i ? "," : "", limit[i], g.pauses[i]);
    fputc('\n', stderr);
}

static int run(void *unused)
{
    int status = 0;
    if (hd_start() < 0) {
        if (hd_exc_pending()) report();
        return 1;
    }
    hd_value r;
    if (command) {
        r = hd_options.safe_path ? HD_NONE : prepend_path(hd_empty_str) < 0 ? HD_ERR : HD_NONE;
        hd_value text = r == HD_ERR ? HD_ERR : hd_str_from_fs(command, strlen(command));
        size_t n;
        const char *s = text == HD_ERR ? NULL : hd_str_as_utf8(text, &n);
        if (s) r = run_text(s, n, hd_intern("<string>"), HD_CF_IGNORE_COOKIE_);
        else {
            fputs("Unable to decode the command from the command line:\n", stderr);
            r = HD_ERR;
        }
    } else if (module) {
        char cwd[PATH_MAX];
        r = hd_options.safe_path || !getcwd(cwd, sizeof cwd) ? HD_NONE : prepend_path(hd_str_from_fs(cwd, strlen(cwd))) < 0 ? HD_ERR : HD_NONE;
        if (r != HD_ERR) r = run_module(module, true);
    } else if (script) r = run_script(script, &status);
    else {
        r = hd_options.safe_path ? HD_NONE : prepend_path(hd_empty_str) < 0 ? HD_ERR : HD_NONE;
        if (r == HD_ERR) ;
        else if (isatty(0) || hd_options.interactive) r = run_interactive();
        else {
            size_t n;
            char *text = read_all(stdin, &n);
            r = text ? run_text(text, n, hd_intern("<stdin>"), 0) : HD_ERR;
        }
    }
    if (r == HD_ERR) status = report();
    if (hd_options.inspect && (command || module || script)) {
        if (run_interactive() == HD_ERR) status = report();
    }
    status = hd_finish(status);
    if (hd_options.stats) print_stats();
    fflush(stdout);
    if (status == 128 + SIGINT) {                           /* tell the parent how it ended */
        signal(SIGINT, SIG_DFL);
        kill(getpid(), SIGINT);
    }
    _exit(status);
}

int main(int argc, char **argv)
{
    setlocale(LC_CTYPE, "");
    char **args = copy_argv(argc, argv);
    int status = parse_options(argc, args);
    if (status >= 0) return status;
    hd_options.orig_argv = argv;
    find_places(argv[0]);
    return hd_on_big_stack(run, NULL);
}
