/* The module _sqlite3: exceptions, constants, functions. */
#include "interp/modules/sqlite/sqlite_internal.h"

hd_value sq_errors[SQ_N_ERRORS];

/* What adapters are registered for: how a value becomes one that the library can store. */
struct protocol { struct hd_head head; uint64_t unused; };
static hd_value protocol_make(hd_value type, const hd_value *args, size_t nargs, hd_value kwnames)
{
    void *p = HD_TYPE(type) == &sq_protocol_type ? hd_new_object(&sq_protocol_type, sizeof(struct protocol)) : hd_new_immutable_sub(HD_TYPE(type), sizeof(struct protocol));
    return p ? hd_obj(p) : HD_ERR;
}
static int protocol_init(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames) { return 0; }
struct hd_type sq_protocol_type = {
    .cname = "sqlite3.PrepareProtocol", .basicsize = sizeof(struct protocol), .flags = HD_TF_BASETYPE | HD_TF_IMMUTABLE_LAYOUT, .doc = "PEP 246 style object adaption protocol type.",
    .op = { .make = protocol_make, .init = protocol_init },
};

/* ---- functions ------------------------------------------------------------------------------------------------------------ */
static hd_value connect(SQ_ARGS)
{
    /* the factory gets all arguments; here only which one it is matters */
    hd_value factory = hd_obj(&sq_connection_type);
    if (nargs > 5) factory = args[5];
    for (int64_t i = 0; kwnames && i < HD_TUPLE(kwnames)->len; i++) if (hd_str_is(HD_TUPLE(kwnames)->item[i], "factory")) factory = args[nargs + (size_t)i];
    return hd_call(factory, args, nargs, kwnames);
}
static hd_value complete_statement(SQ_ARGS)
{
    hd_value a[1];
    size_t n;
    if (hd_args("complete_statement", "statement", args, nargs, kwnames, a) < 0) return HD_ERR;
    if (!hd_is_str(a[0])) return hd_raise(&hd_exc_TypeError, "complete_statement() argument 'statement' must be str, not %A", a[0]);
    const char *s = hd_str_as_utf8(a[0], &n);
    if (!s) return HD_ERR;
    return strlen(s) != n ? hd_raise(&hd_exc_ValueError, "embedded null character") : hd_bool(sqlite3_complete(s));
}
static hd_value enable_callback_tracebacks(SQ_ARGS)
{
    int on;
    if (hd_as_int32(args[0], &on) < 0) return HD_ERR;
    stm_become_irrevocable();
    sq_show_tracebacks = on;
    return HD_NONE;
}
static hd_value enable_shared_cache(SQ_ARGS)
{
    hd_value a[1];
    int on, code;
    if (hd_args("enable_shared_cache", "do_enable", args, nargs, kwnames, a) < 0 || hd_as_int32(a[0], &on) < 0) return HD_ERR;
    HD_BLOCKING
        code = sqlite3_enable_shared_cache(on);
    HD_END_BLOCKING
    return code == SQLITE_OK ? HD_NONE : hd_raise(SQ_ERROR(OperationalError), "Changing the shared_cache flag failed");
}
static const struct hd_methoddef functions[] = {
    { "connect", connect, 0, -1, HD_METH_KW,
      "connect($module, /, database, timeout=5.0, detect_types=0,\n        isolation_level=\'\', check_same_thread=True,\n        factory=ConnectionType, cached_statements=128, uri=False)\n--\n\n"
      "Opens a connection to the SQLite database file database.\n\nYou can use \":memory:\" to open a database connection to a database that resides\nin RAM instead of on disk." },
    { "adapt", sq_value_adapt, 1, 3, 0, "adapt($module, obj, proto=PrepareProtocolType, alt=<unrepresentable>, /)\n--\n\nAdapt given object to given protocol." },
    { "complete_statement", complete_statement, 0, -1, HD_METH_KW, "complete_statement($module, /, statement)\n--\n\nChecks if a string contains a complete SQL statement." },
    { "enable_callback_tracebacks", enable_callback_tracebacks, 1, 1, 0,
      "enable_callback_tracebacks($module, enable, /)\n--\n\nEnable or disable callback functions throwing errors to stderr." },
    { "enable_shared_cache", enable_shared_cache, 0, -1, HD_METH_KW,
      "enable_shared_cache($module, /, do_enable)\n--\n\nEnable or disable shared cache mode for the calling thread.\n\nThis method is deprecated and will be removed in Python 3.12.\n"
      "Shared cache is strongly discouraged by the SQLite 3 documentation.\nIf shared cache must be used, open the database in URI mode using\nthe cache=shared query parameter." },
    { "register_adapter", sq_register_adapter, 2, 2, 0, "register_adapter($module, type, adapter, /)\n--\n\nRegister a function to adapt Python objects to SQLite values." },
    { "register_converter", sq_register_converter, 2, 2, 0, "register_converter($module, typename, converter, /)\n--\n\nRegister a function to convert SQLite values to Python objects." },
    { 0 }
};

/* ---- contents --------------------------------------------------------------------------------------------------------------- */
static const struct { const char *name; int value; } constants[] = {
#define C(name) { #name, name },
#define L(name) { #name, name },
#define A(name) { #name, name },
#include "interp/modules/sqlite/sqlite_constants.def"
    { "PARSE_DECLTYPES", SQ_PARSE_DECLTYPES }, { "PARSE_COLNAMES", SQ_PARSE_COLNAMES },
};
static hd_value new_error(enum sq_error which, const char *name, hd_value base)
{
    hd_value ns = hd_dict_new(), module = hd_str_utf8("sqlite3");
    hd_root(&sq_errors[which]);
    if (base == HD_ERR || ns == HD_ERR || module == HD_ERR || hd_dict_set_c(ns, "__module__", module) < 0) return HD_ERR;
    return sq_errors[which] = hd_type_new(&hd_type_type, hd_intern(name), hd_tuplev(base), ns, NULL, 0);
}
static int fill(hd_value m)
{
    static struct hd_type *const types[] = { &sq_connection_type, &sq_cursor_type, &sq_row_type, &sq_blob_type, &sq_protocol_type, &sq_statement_type };
    static const char *const names[] = {
#define E(name) #name,
        SQ_ERRORS
#undef E
    };
    stm_become_irrevocable();
    if (!sq_adapters) {
        hd_root(&sq_adapters), hd_root(&sq_converters);
        sq_adapters = hd_dict_new(), sq_converters = hd_dict_new();
        if (sq_adapters == HD_ERR || sq_converters == HD_ERR) return -1;
        for (int i = 0; i < SQ_N_ERRORS; i++) {
            hd_value base = i <= SQ_Error ? hd_obj(&hd_exc_Exception) : i <= SQ_DatabaseError ? sq_errors[SQ_Error] : sq_errors[SQ_DatabaseError];
            if (new_error((enum sq_error)i, names[i], base) == HD_ERR) return -1;
        }
        for (size_t i = 0; i < sizeof types / sizeof *types; i++) if (hd_type_ready(types[i]) < 0) return -1;
    }
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (types[i] != &sq_statement_type && hd_add_type(m, types[i]) < 0) return -1;
    for (int i = 0; i < SQ_N_ERRORS; i++) if (hd_module_add(m, names[i], sq_errors[i]) < 0) return -1;
    for (size_t i = 0; i < sizeof constants / sizeof *constants; i++) if (hd_module_add_int(m, constants[i].name, constants[i].value) < 0) return -1;
    /* the levels of DB-API for what the library says of itself: not at all, not within a connection, everything */
    int threads = sqlite3_threadsafe(), level = threads == 0 ? 0 : threads == 2 ? 1 : 3;
    return hd_module_add_int(m, "threadsafety", level) < 0 || hd_module_add_str(m, "version", "2.6.0") < 0 || hd_module_add_str(m, "sqlite_version", sqlite3_libversion()) < 0 ||
           hd_module_add(m, "adapters", sq_adapters) < 0 || hd_module_add(m, "converters", sq_converters) < 0 ? -1 : 0;
}
const struct hd_moduledef hd_module_sqlite = { "_sqlite3", NULL, functions, fill };
