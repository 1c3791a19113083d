/* The import machinery's C side: the table of built-in modules, module _imp, __import__'s short cut, imports from C.
 *
 * Finding and loading is done by the standard library's importlib._bootstrap, which is compiled into the program. */
#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>
#include "config.h"
#include "interp/core/code.h"
#include "interp/core/names.h"
#include "interp/core/runtime.h"
#include "interp/eval/eval.h"
#include "interp/modules/lock.h"
#include "interp/modules/modules.h"

static const struct { const char *name; const struct hd_moduledef *def; } table[] = {
#define M(name, cname) { #name, &hd_module_##cname },
#include "interp/modules/modules.def"
#undef M
};

const struct hd_moduledef *hd_builtin_module(hd_value name)
{
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) if (hd_str_is(name, table[i].name)) return table[i].def;
    return NULL;
}

hd_value hd_builtin_module_make(const struct hd_moduledef *def, hd_value spec)
{
    hd_value m = hd_module_new(def->name);
    if (m == HD_ERR) return HD_ERR;
    if (def->doc && hd_module_add_str(m, "__doc__", def->doc) < 0) return HD_ERR;
    if (spec != HD_ABSENT && hd_module_add(m, "__spec__", spec) < 0) return HD_ERR;
    for (const struct hd_methoddef *f = def->methods; f && f->name; f++) {
        hd_value fn = hd_cfunction_new(f, m, hd_intern(def->name));
        if (fn == HD_ERR || hd_module_add(m, f->name, fn) < 0) return HD_ERR;
    }
    return m;
}

/* ---- the import lock ----------------------------------------------------------------------------------------------------- */
static hd_value import_lock;    /* reentrant */

void hd_import_lock(void)
{
    while (hd_lock_acquire(import_lock, -1) < 0) {
        hd_exc_print_unraisable(NULL, import_lock);         /* what a signal handler raised */
        if (hd_waits_in_vain()) break;
    }
}
void hd_import_unlock(void)
{
    if (hd_lock_release(import_lock) < 0) hd_exc_clear();
}

/* ---- __import__ ---------------------------------------------------------------------------------------------------------- */
/* 1: the module is completely imported; 0: not; -1 */
static int initialised(hd_value module)
{
    hd_value spec = hd_getattr_opt(module, hd_s___spec__);
    if (spec == HD_ERR) return -1;
    if (spec == HD_ABSENT || spec == HD_NONE) return 1;
    hd_value busy = hd_getattr_opt(spec, hd_s__initializing);
    if (busy == HD_ERR) return -1;
    int t = busy == HD_ABSENT ? 0 : hd_truth(busy);
    return t < 0 ? -1 : !t;
}

static hd_value bootstrap;      /* the module importlib._bootstrap */

static bool importlib_frame(hd_value tb)
{
    hd_value frame = hd_getattr_c(tb, "tb_frame"), code = frame == HD_ERR ? HD_ERR : hd_getattr_c(frame, "f_code");
    if (code == HD_ERR || !hd_is_shape(code, HD_SHAPE_CODE)) { hd_exc_clear(); return false; }
    hd_value file = HD_CODE(code)->filename;
    return hd_is_str(file) && (hd_str_is(file, "<frozen importlib._bootstrap>") || hd_str_is(file, "<frozen importlib._bootstrap_external>"));
}
/* Takes the frames of importlib out of the traceback of the pending exception: all of them for ImportError, else those up
 * to the call into the imported module's code. */
static void trim_traceback(void)
{
    if (hd_options.verbose) return;
    hd_value e = hd_exc_take(), tb = hd_exc_traceback(e), last = HD_NONE, first = tb;
    if (tb != HD_NONE) {
        hd_value t = tb;
        while (t != HD_NONE && t != HD_ERR) {
            hd_value next = hd_getattr_c(t, "tb_next");
            if (next == HD_ERR) { hd_exc_clear(); break; }
            if (importlib_frame(t)) {
                if (last == HD_NONE) first = next;
                else if (hd_setattr(last, hd_intern("tb_next"), next) < 0) hd_exc_clear();
            } else last = t;
            t = next;
        }
        if (first != tb) hd_exc_set_traceback(e, first);
    }
    hd_exc_put(e);
}

static bool started(void) { return bootstrap != HD_UNBOUND && bootstrap != 0; }

/* Calls a function of importlib; its frames are no part of tracebacks. */
static hd_value ask_importlib(const char *name, const hd_value *args, size_t n)
{
    hd_value f = hd_getattr_c(bootstrap, name), r = f == HD_ERR ? HD_ERR : hd_call(f, args, n, 0);
    if (r == HD_ERR) trim_traceback();
    return r;
}
static hd_value import_slow(hd_value name, hd_value globals, hd_value fromlist, int level)
{
    if (started()) return ask_importlib("__import__", (hd_value[]){ name, globals, HD_NONE, fromlist, hd_fix(level) }, 5);
    const struct hd_moduledef *def = hd_builtin_module(name);
    return hd_raise(&hd_exc_ImportError, def ? "import of %U before the import system is up" : "no module %U", name);
}

/* What importlib imports goes through us again: only so are modules accepted that a circle of threads is importing. */
static hd_value import_function;      /* __import__ as it was at the start */

/* The absolute form of a name in a package.  HD_ABSENT: nothing simple; importlib resolves it, or explains why not. */
static hd_value absolute_name(hd_value name, hd_value globals, int level)
{
    if (!hd_is_dict(globals)) return HD_ABSENT;
    hd_value package = hd_dict_get_str(globals, hd_intern("__package__")), spec = hd_dict_get_str(globals, hd_s___spec__);
    if (package == HD_ABSENT || !hd_is_str_exact(package) || HD_STR(package)->len == 0 || spec == HD_ABSENT) return HD_ABSENT;
    if (spec != HD_NONE) {
        hd_value parent = hd_getattr_opt(spec, hd_intern("parent"));
        if (parent == HD_ERR) return HD_ERR;
        if (parent == HD_ABSENT || !hd_is_str_exact(parent) || !hd_str_eq(parent, package)) return HD_ABSENT;
    }
    int64_t end = HD_STR(package)->len;
    while (--level > 0) {
        end = hd_str_find(package, hd_intern("."), 0, end, -1);
        if (end < 0) return HD_ABSENT;
    }
    package = hd_str_slice(package, 0, end);
    return package == HD_ERR || HD_STR(name)->len == 0 ? package : hd_str_format("%U.%U", package, name);
}

hd_value hd_import_level(hd_value name, hd_value globals, hd_value fromlist, int level)
{
    if (!hd_is_str(name)) return hd_raise(&hd_exc_TypeError, "module name must be a string");
    if (level < 0) return hd_raise(&hd_exc_ValueError, "level must be >= 0");
    if (level == 0 && HD_STR(name)->len == 0) return hd_raise(&hd_exc_ValueError, "Empty module name");
    int wants = hd_truth(fromlist);
    if (wants < 0) return HD_ERR;
    if (!started()) {
        hd_value m = level ? HD_ABSENT : hd_dict_get(hd_sys_modules, name);
        return m == HD_ABSENT ? import_slow(name, globals, fromlist, level) : m;
    }
    hd_value whole = level ? wants ? absolute_name(name, globals, level) : HD_ABSENT : name;
    if (whole == HD_ABSENT) return import_slow(name, globals, fromlist, level);
    if (whole == HD_ERR) return HD_ERR;
    hd_value m = hd_dict_get(hd_sys_modules, whole);
    if (m == HD_ERR) return HD_ERR;
    if (m == HD_ABSENT || m == HD_NONE) {
        if ((m = ask_importlib("_find_and_load", (hd_value[]){ whole, import_function }, 2)) == HD_ERR) return HD_ERR;
    } else {
        int done = initialised(m);
        if (done < 0) return HD_ERR;
        /* Waits until another thread has imported it; in a circle of threads, goes on with what there is of it. */
        if (!done && ask_importlib("_lock_unlock_module", &whole, 1) == HD_ERR) return HD_ERR;
    }
    if (!wants) {
        int64_t dot = hd_str_find(name, hd_intern("."), 0, HD_STR(name)->len, 1);
        if (dot < 0) return m;
        hd_value top = hd_str_slice(name, 0, dot), t = top == HD_ERR ? HD_ERR : hd_dict_get(hd_sys_modules, top);
        return t == HD_ABSENT ? import_slow(name, globals, fromlist, level) : t;
    }
    hd_value path = hd_getattr_opt(m, hd_s___path__);
    if (path == HD_ABSENT) return m;
    return path == HD_ERR ? HD_ERR : ask_importlib("_handle_fromlist", (hd_value[]){ m, fromlist, import_function }, 3);
}

hd_value hd_import(const char *name)
{
    hd_value n = hd_intern(name);
    hd_value m = hd_import_level(n, HD_NONE, hd_empty_tuple, 0);
    if (m == HD_ERR || !strchr(name, '.')) return m;
    m = hd_dict_get(hd_sys_modules, n);
    return m == HD_ABSENT ? hd_raise(&hd_exc_KeyError, "%R not in sys.modules as expected", n) : m;
}
hd_value hd_import_attr(const char *module, const char *attr)
{
    hd_value m = hd_import(module);
    return m == HD_ERR ? HD_ERR : hd_getattr_c(m, attr);
}

/* ---- frozen modules -------------------------------------------------------------------------------------------------------- */
static int override_;                 /* for tests: 1, -1: the modules that are not essential are found, or not; 0: as the command line says */

static bool enabled(const struct hd_frozen *f)
{
    int o = __atomic_load_n(&override_, __ATOMIC_RELAXED);
    return f->essential || (o ? o > 0 : !hd_options.no_frozen_modules);
}
static const struct hd_frozen *frozen(hd_value name)
{
    if (!hd_is_str(name)) return NULL;
    for (const struct hd_frozen *f = hd_frozen_modules; f->name; f++) if (hd_str_is(name, f->name)) return enabled(f) ? f : NULL;
    return NULL;
}
static hd_value frozen_code(const struct hd_frozen *f)
{
    hd_value code = hd_marshal_loads(f->code, f->size, NULL);
    /* What was read is not needed again: the pages of the file need not count as memory of this process. */
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), from = ((uintptr_t)f->code + page - 1) & ~(page - 1), to = ((uintptr_t)f->code + f->size) & ~(page - 1);
    if (from < to) (void)madvise((void *)from, to - from, MADV_DONTNEED);
    return code;
}

/* Code of one of the modules that everything else needs: frozen, or while the program itself is being built from the file. */
static hd_value boot_code(const char *name, const char *file)
{
    hd_value n = hd_intern(name);
    const struct hd_frozen *f = frozen(n);
    if (f) return frozen_code(f);
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", HD_STDLIB, file);
    bool external = strstr(name, "external");
    hd_value shown = hd_intern(external ? "<frozen importlib._bootstrap_external>" : "<frozen importlib._bootstrap>");
    FILE *in = fopen(path, "rb");
    if (!in) return hd_raise_errno(errno, hd_intern(path), HD_ABSENT);
    fseek(in, 0, SEEK_END);
    long size = ftell(in);
    rewind(in);
    char *text = hd_scratch((size_t)size + 1);
    size_t n_read = text ? fread(text, 1, (size_t)size, in) : 0;
    fclose(in);
    return text ? hd_compile(text, n_read, shown, "exec", 0, true, 0) : HD_ERR;
}

/* Archives on sys.path; they are asked first. */
static int add_zip_hook(void)
{
    if (!frozen(hd_intern("zipimport"))) return 0;         /* while building */
    hd_value importer = hd_import_attr("zipimport", "zipimporter"), hooks = hd_sys_get("path_hooks");
    return importer == HD_ERR || hooks == HD_ABSENT ? -1 : hd_list_insert(hooks, 0, importer);
}

static hd_value boot_module(const char *name, const char *file)
{
    hd_value m = hd_module_new(name), code = m == HD_ERR ? HD_ERR : boot_code(name, file);
    if (code == HD_ERR) return HD_ERR;
    hd_value d = hd_module_dict(m), n = hd_intern(name);
    const struct hd_frozen *f = frozen(n);
    if (hd_dict_set_c(d, "__builtins__", hd_builtins_dict) < 0 || hd_dict_set_c(d, "__origname__", f ? hd_intern(f->origin) : n) < 0 ||
        hd_dict_set_c(hd_sys_modules, name, m) < 0) return HD_ERR;
    return hd_eval_code(code, d, d, HD_ABSENT) == HD_ERR ? HD_ERR : m;
}

/* Brings the import system up: importlib._bootstrap, then the path finders.  0, -1 */
int hd_import_start(void)
{
    hd_root(&bootstrap), hd_root(&import_lock), hd_root(&import_function);
    import_function = hd_dict_get_c(hd_builtins_dict, "__import__");
    if (hd_type_ready(&hd_rlock_type) < 0 || (import_lock = hd_lock_new(true)) == HD_ERR) return -1;
    hd_value imp = hd_builtin_module_make(&hd_module_imp, HD_ABSENT);
    if (imp == HD_ERR || hd_module__imp_fill(imp) < 0 || hd_dict_set_c(hd_sys_modules, "_imp", imp) < 0) return -1;
    bootstrap = boot_module("_frozen_importlib", "importlib/_bootstrap.py");
    if (bootstrap == HD_ERR) { bootstrap = HD_UNBOUND; return -1; }
    hd_value install = hd_getattr_c(bootstrap, "_install");
    if (install == HD_ERR || hd_callv(install, hd_sys_module, imp) == HD_ERR) return -1;
    if (!frozen(hd_intern("_frozen_importlib_external"))) {
        /* no frozen copy: importlib would look for one */
        hd_value external = boot_module("_frozen_importlib_external", "importlib/_bootstrap_external.py");
        if (external == HD_ERR) return -1;
    }
    install = hd_getattr_c(bootstrap, "_install_external_importers");
    return install == HD_ERR || hd_call0(install) == HD_ERR || add_zip_hook() < 0 ? -1 : 0;
}

/* ---- module _imp -------------------------------------------------------------------------------------------------------------- */
#define FN(name) static hd_value imp_##name(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
static hd_value not_frozen(hd_value name)
{
    if (!hd_is_str(name)) return hd_raise(&hd_exc_TypeError, "frozen module names must be str, not %T", name);
    hd_value text = hd_str_format("No such frozen object named %R", name), type = hd_obj(&hd_exc_ImportError), kw = hd_tuplev(hd_s_name), args[] = { text, name };
    hd_value e = text == HD_ERR || kw == HD_ERR ? HD_ERR : hd_call(type, args, 1, kw);
    return e == HD_ERR ? HD_ERR : hd_raise_object(e);
}

FN(none) { return HD_NONE; }
FN(lock_held) { return hd_bool(hd_lock_is_held(import_lock)); }
FN(acquire_lock) { return hd_lock_acquire(import_lock, -1) < 0 ? HD_ERR : HD_NONE; }
FN(release_lock)
{
    if (!hd_lock_is_mine(import_lock)) return hd_raise(&hd_exc_RuntimeError, "not holding the import lock");
    return hd_lock_release(import_lock) < 0 ? HD_ERR : HD_NONE;
}
FN(extension_suffixes) { return hd_list_new(0); }
FN(is_builtin) { return hd_fix(hd_is_str(args[0]) && hd_builtin_module(args[0]) ? 1 : 0); }
FN(is_frozen) { return hd_bool(frozen(args[0]) != NULL); }
FN(is_frozen_package)
{
    const struct hd_frozen *f = frozen(args[0]);
    return f ? hd_bool(f->package) : not_frozen(args[0]);
}
FN(get_frozen_object)
{
    if (nargs > 1 && args[1] != HD_NONE) {
        struct hd_buffer b;
        if (hd_buffer_get(args[1], &b, false) < 0) return HD_ERR;
        hd_value code = hd_marshal_loads(b.data, (size_t)b.len, NULL);
        hd_buffer_release(&b);
        if (code != HD_ERR && !hd_is_shape(code, HD_SHAPE_CODE)) return hd_raise(&hd_exc_TypeError, "frozen object %R is not a code object", args[0]);
        return code;
    }
    const struct hd_frozen *f = frozen(args[0]);
    return f ? frozen_code(f) : not_frozen(args[0]);
}
FN(find_frozen)
{
    hd_value a[2];
    if (hd_args("find_frozen", "name,/,*,|withdata", args, nargs, kwnames, a) < 0) return HD_ERR;
    const struct hd_frozen *f = frozen(a[0]);
    if (!f) return HD_NONE;
    hd_value data = HD_NONE;
    if (a[1] != HD_ABSENT) {
        int with = hd_truth(a[1]);
        hd_value bytes = with > 0 ? hd_bytes_new((const char *)f->code, f->size) : HD_NONE;
        if (with < 0 || bytes == HD_ERR || (with && (data = hd_callv(hd_obj(&hd_memoryview_type), bytes)) == HD_ERR)) return HD_ERR;
    }
    return hd_tuplev(data, hd_bool(f->package), hd_intern(f->origin));
}
FN(init_frozen)
{
    const struct hd_frozen *f = frozen(args[0]);
    if (!f) return HD_NONE;
    hd_value m = hd_module_new(f->name), code = m == HD_ERR ? HD_ERR : frozen_code(f);
    if (code == HD_ERR) return HD_ERR;
    hd_value d = hd_module_dict(m);
    if (hd_dict_set_c(d, "__origname__", hd_intern(f->origin)) < 0) return HD_ERR;
    if (f->package && hd_dict_set_c(d, "__path__", hd_list_new(0)) < 0) return HD_ERR;
    if (hd_dict_set_c(d, "__builtins__", hd_builtins_dict) < 0 || hd_dict_set(hd_sys_modules, args[0], m) < 0) return HD_ERR;
    return hd_eval_code(code, d, d, HD_ABSENT) == HD_ERR ? HD_ERR : m;
}
FN(create_builtin)
{
    hd_value name = hd_getattr_c(args[0], "name");
    if (name == HD_ERR) return HD_ERR;
    if (!hd_is_str(name)) return hd_raise(&hd_exc_TypeError, "name must be string, not %T", name);
    const struct hd_moduledef *def = hd_builtin_module(name);
    if (!def) return HD_NONE;
    if (def == &hd_module_builtins) return hd_builtins_module;
    if (def == &hd_module_sys) return hd_sys_module;
    hd_value there = hd_dict_get(hd_sys_modules, name);
    if (there != HD_ABSENT) return there;
    return hd_builtin_module_make(def, args[0]);
}
FN(exec_builtin)
{
    hd_value name = hd_getattr(args[0], hd_s___name__);
    if (name == HD_ERR) return HD_ERR;
    const struct hd_moduledef *def = hd_is_str(name) ? hd_builtin_module(name) : NULL;
    if (!def || !def->exec || args[0] == hd_builtins_module || args[0] == hd_sys_module) return hd_fix(0);
    stm_become_irrevocable();              /* modules keep objects in C variables */
    return def->exec(args[0]) < 0 ? HD_ERR : hd_fix(0);
}
FN(create_dynamic) { return hd_raise(&hd_exc_ImportError, "C extension modules of CPython cannot be loaded"); }
/* The code has just been read and belongs to nobody else, so it is changed in place; code from elsewhere keeps its name. */
static void fix_filename(hd_value code, hd_value old, hd_value name)
{
    struct hd_code *c = HD_CODE(code);
    if (!hd_str_eq(c->filename, old)) return;
    c->filename = name;
    for (int64_t i = 0; i < HD_TUPLE(c->consts)->len; i++)
        if (hd_is_shape(HD_TUPLE(c->consts)->item[i], HD_SHAPE_CODE)) fix_filename(HD_TUPLE(c->consts)->item[i], old, name);
}
FN(fix_co_filename)
{
    if (!hd_is_shape(args[0], HD_SHAPE_CODE)) return hd_raise(&hd_exc_TypeError, "_fix_co_filename() argument 1 must be code, not %A", args[0]);
    if (!hd_is_str(args[1])) return hd_raise(&hd_exc_TypeError, "_fix_co_filename() argument 2 must be str, not %A", args[1]);
    hd_value old = HD_CODE(args[0])->filename;
    if (hd_str_eq(old, args[1])) return HD_NONE;
    hd_outlive(hd_ptr(args[1]));        /* stored without a barrier, and outside what an abort undoes */
    fix_filename(args[0], old, args[1]);
    return HD_NONE;
}
/* A 64-bit digest of a source file (FNV-1a), for pycs that are checked by content. */
/* SipHash-1-3 with the key (key, 0): what a hash-based .pyc says about its source. */
static uint64_t rotated(uint64_t x, int n) { return x << n | x >> (64 - n); }
static void sip_round(uint64_t v[4])
{
    v[0] += v[1], v[2] += v[3];
    v[1] = rotated(v[1], 13) ^ v[0], v[3] = rotated(v[3], 16) ^ v[2];
    v[0] = rotated(v[0], 32);
    v[2] += v[1], v[0] += v[3];
    v[1] = rotated(v[1], 17) ^ v[2], v[3] = rotated(v[3], 21) ^ v[0];
    v[2] = rotated(v[2], 32);
}
static uint64_t source_hash(uint64_t key, const unsigned char *p, size_t n)
{
    uint64_t v[4] = { key ^ UINT64_C(0x736f6d6570736575), UINT64_C(0x646f72616e646f6d), key ^ UINT64_C(0x6c7967656e657261), UINT64_C(0x7465646279746573) };
    for (size_t at = 0; at <= n; at += 8) {
        uint64_t word = 0;
        if (n - at >= 8) memcpy(&word, p + at, 8);
        else {
            memcpy(&word, p + at, n - at);
            word |= (uint64_t)n << 56;
        }
        v[3] ^= word;
        sip_round(v);
        v[0] ^= word;
    }
    v[2] ^= 0xff;
    for (int i = 0; i < 3; i++) sip_round(v);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}
FN(source_hash)
{
    int64_t key;
    struct hd_buffer b;
    if (hd_as_i64(args[0], &key) < 0 || hd_buffer_get(args[1], &b, false) < 0) return HD_ERR;
    uint64_t h = source_hash((uint64_t)key, b.data, (size_t)b.len);
    hd_buffer_release(&b);
    return hd_bytes_new(&h, 8);
}
FN(override_frozen_modules_for_tests)
{
    int how;
    if (hd_as_int32(args[0], &how) < 0) return HD_ERR;
    __atomic_store_n(&override_, how, __ATOMIC_RELAXED);
    return HD_NONE;
}
FN(frozen_names)
{
    hd_value l = hd_list_new(0);
    for (const struct hd_frozen *f = hd_frozen_modules; l != HD_ERR && f->name; f++) if (hd_list_append(l, hd_intern(f->name)) < 0) return HD_ERR;
    return l;
}

static const struct hd_methoddef methods[] = {
    { "extension_suffixes", imp_extension_suffixes, 0, 0, 0, NULL },
    { "lock_held", imp_lock_held, 0, 0, 0, NULL },
    { "acquire_lock", imp_acquire_lock, 0, 0, 0, NULL },
    { "release_lock", imp_release_lock, 0, 0, 0, NULL },
    { "find_frozen", imp_find_frozen, 0, -1, HD_METH_KW, NULL },
    { "get_frozen_object", imp_get_frozen_object, 1, 2, 0, NULL },
    { "is_frozen_package", imp_is_frozen_package, 1, 1, 0, NULL },
    { "create_builtin", imp_create_builtin, 1, 1, 0, NULL },
    { "init_frozen", imp_init_frozen, 1, 1, 0, NULL },
    { "is_builtin", imp_is_builtin, 1, 1, 0, NULL },
    { "is_frozen", imp_is_frozen, 1, 1, 0, NULL },
    { "_frozen_module_names", imp_frozen_names, 0, 0, 0, NULL },
    { "_override_frozen_modules_for_tests", imp_override_frozen_modules_for_tests, 1, 1, 0, NULL },
    { "_override_multi_interp_extensions_check", imp_none, 1, 1, 0, NULL },
    { "create_dynamic", imp_create_dynamic, 1, 2, 0, NULL },
    { "exec_dynamic", imp_create_dynamic, 1, 1, 0, NULL },
    { "exec_builtin", imp_exec_builtin, 1, 1, 0, NULL },
    { "_fix_co_filename", imp_fix_co_filename, 2, 2, 0, NULL },
    { "source_hash", imp_source_hash, 2, 2, 0, NULL },
    { 0 }
};
int hd_module__imp_fill(hd_value m) { return hd_module_add_str(m, "check_hash_based_pycs", hd_options.check_hash_based_pycs ? hd_options.check_hash_based_pycs : "default"); }
const struct hd_moduledef hd_module_imp = { "_imp", "What importlib needs from the interpreter.", methods, hd_module__imp_fill };
