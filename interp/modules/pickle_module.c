/* The module _pickle itself, and PickleBuffer. */
#include "interp/modules/pickle_internal.h"
#include "interp/types/str.h"

#define G(module, name) hd_value hd_pickle_##name;
PICKLE_GLOBALS
#undef G
hd_value hd_pickle_error, hd_pickling_error, hd_unpickling_error, hd_pickle_locals, hd_pickle_event;

/* ---- PickleBuffer ----------------------------------------------------------------------------------------------------------------- */
/* view: a memoryview of the object, which keeps its memory in place; HD_UNBOUND: released. */
HD_MUTABLE(picklebuffer)
struct picklebuffer { struct hd_mhead head; hd_vslot object, view; };
HD_MUTABLE_OPEN(picklebuffer, hd_inst_size(o))
#define BUFFER(v) ((struct picklebuffer *)hd_ptr(v))

static hd_value picklebuffer_make(hd_value type, const hd_value *args, size_t nargs, hd_value kwnames)
{
    hd_value o;
    if (hd_args("PickleBuffer", "object", args, nargs, kwnames, &o) < 0) return HD_ERR;
    hd_value view = hd_callv(hd_obj(&hd_memoryview_type), o), v = view == HD_ERR ? HD_ERR : hd_alloc_instance(HD_TYPE(type), 0);
    if (v == HD_ERR) {
        if (hd_exc_is(&hd_exc_TypeError)) hd_exc_clear(), (void)hd_raise(&hd_exc_TypeError, "a bytes-like object is required, not '%T'", o);
        return v;
    }
    HD_INIT(BUFFER(v), object, o);
    HD_INIT(BUFFER(v), view, view);
    return v;
}
static hd_value view_of(hd_value self)
{
    hd_value v = HD_GET(BUFFER(self), view);
    return v == HD_UNBOUND ? hd_raise(&hd_exc_ValueError, "operation forbidden on released PickleBuffer object") : v;
}
hd_value hd_picklebuffer_object(hd_value self) { return view_of(self) == HD_ERR ? HD_ERR : HD_GET(BUFFER(self), object); }
static int picklebuffer_get(hd_value self, struct hd_buffer *b, bool writable)
{
    hd_value o = hd_picklebuffer_object(self);
    return o == HD_ERR ? -1 : hd_buffer_export(o, b, writable);
}
static hd_value picklebuffer_raw(ARGS)
{
    hd_value v = view_of(self), ok = v == HD_ERR ? HD_ERR : hd_getattr_c(v, "contiguous");
    if (ok == HD_ERR) return HD_ERR;
    if (ok != HD_TRUE) return hd_raise(&hd_exc_BufferError, "cannot extract raw buffer from non-contiguous buffer");
    if ((v = hd_callv(hd_obj(&hd_memoryview_type), HD_GET(BUFFER(self), object))) == HD_ERR) return HD_ERR;
    return hd_methodv(v, hd_intern("cast"), hd_intern("B"));
}
static hd_value picklebuffer_release(ARGS)
{
    hd_value v = HD_GET(BUFFER(self), view);
    if (v == HD_UNBOUND) return HD_NONE;
    if (hd_call_method(v, hd_intern("release"), NULL, 0) == HD_ERR) return HD_ERR;
    picklebuffer_w w = picklebuffer_open(BUFFER(self));
    HD_PUT(w, view, HD_UNBOUND);
    HD_PUT(w, object, HD_NONE);
    return HD_NONE;
}
static void picklebuffer_trace(void *o, struct gc_marker *m) { gc_mark(m, HD_RAW(((struct picklebuffer *)o)->object)), gc_mark(m, HD_RAW(((struct picklebuffer *)o)->view)); }
static const struct hd_methoddef picklebuffer_methods[] = {
    { "raw", picklebuffer_raw, 0, 0, 0, "raw($self, /)\n--\n\nReturn a memoryview of the raw memory underlying this buffer." },
    { "release", picklebuffer_release, 0, 0, 0, "release($self, /)\n--\n\nRelease the underlying buffer controlled by the PickleBuffer object." }, { 0 }
};
struct hd_type hd_picklebuffer_type = {
    .cname = "pickle.PickleBuffer", .basicsize = sizeof(struct picklebuffer), .flags = HD_TF_HAS_WEAKREFS, .doc = "Wrapper for potentially out-of-band buffers", .methods = picklebuffer_methods,
    .op = { .make = picklebuffer_make, .getbuffer = picklebuffer_get, .trace = picklebuffer_trace },
};

/* ---- the module ---------------------------------------------------------------------------------------------------------------------- */
static const struct hd_methoddef functions[] = {
    { "dump", hd_pickle_dump, 0, -1, HD_METH_KW, "dump($module, /, obj, file, protocol=None, *, fix_imports=True,\n     buffer_callback=None)\n--\n\nWrite a pickled representation of obj to the open file object file." },
    { "dumps", hd_pickle_dumps, 0, -1, HD_METH_KW, "dumps($module, /, obj, protocol=None, *, fix_imports=True,\n      buffer_callback=None)\n--\n\nReturn the pickled representation of the object as a bytes object." },
    { "load", hd_pickle_load, 0, -1, HD_METH_KW, "load($module, file, /, *, fix_imports=True, encoding=\'ASCII\',\n     errors=\'strict\', buffers=())\n--\n\nRead and return an object from the pickle data stored in a file." },
    { "loads", hd_pickle_loads, 0, -1, HD_METH_KW, "loads($module, data, /, *, fix_imports=True, encoding=\'ASCII\',\n      errors=\'strict\', buffers=())\n--\n\nRead and return an object from the given pickle data." }, { 0 }
};
static hd_value new_error(hd_value m, const char *name, hd_value base)
{
    hd_value ns = hd_dict_new(), bases = hd_tuplev(base);
    if (ns == HD_ERR || bases == HD_ERR || hd_dict_set_c(ns, "__module__", hd_intern("_pickle")) < 0) return HD_ERR;
    hd_value t = hd_type_new(&hd_type_type, hd_intern(name), bases, ns, NULL, 0);
    return t == HD_ERR || hd_module_add(m, name, t) < 0 ? HD_ERR : t;
}
static int fill(hd_value m)
{
#define G(module, name) hd_root(&hd_pickle_##name); if ((hd_pickle_##name = hd_import_attr(#module, #name)) == HD_ERR) return -1;
    PICKLE_GLOBALS
#undef G
    hd_pickle_locals = hd_intern("<locals>"), hd_pickle_event = hd_intern("pickle.find_class");
    hd_root(&hd_pickle_error), hd_root(&hd_pickling_error), hd_root(&hd_unpickling_error);
    if ((hd_pickle_error = new_error(m, "PickleError", hd_obj(&hd_exc_Exception))) == HD_ERR || (hd_pickling_error = new_error(m, "PicklingError", hd_pickle_error)) == HD_ERR ||
        (hd_unpickling_error = new_error(m, "UnpicklingError", hd_pickle_error)) == HD_ERR) return -1;
    return hd_type_ready(&hd_pickler_memo_type) < 0 || hd_type_ready(&hd_unpickler_memo_type) < 0 || hd_add_type(m, &hd_pickler_type) < 0 ||
           hd_add_type(m, &hd_unpickler_type) < 0 ? -1 : hd_add_type(m, &hd_picklebuffer_type);
}
const struct hd_moduledef hd_module_pickle = { "_pickle", "Optimized C implementation for the Python pickle module.", functions, fill };
