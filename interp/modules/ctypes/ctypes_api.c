/* ctypes.pythonapi: the few functions of CPython's C interface that Python programs call.  They take and give references as
 * values; a caller has an irrevocable transaction. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "interp/core/names.h"
#include "interp/eval/eval.h"
#include "interp/modules/ctypes/ctypes_internal.h"
#include "interp/types/bytes.h"

/* ---- threads -------------------------------------------------------------------------------------------------------------- */
struct target { uint64_t ident; hd_value exc; int found; };
static void set_exc(struct hd_thread *ts, void *arg)
{
    struct target *t = arg;
    if (ts->ident != t->ident) return;
    hd_set_async_exc(ts, t->exc);
    t->found++;
}
static int set_async_exc(unsigned long ident, hd_value exc)
{
    struct target t = { ident, exc ? exc : HD_UNBOUND, 0 };
    if (exc && hd_is_ptr(exc) && gc_is_object(hd_ptr(exc))) gc_pin(hd_ptr(exc));      /* seen by another thread before the commit */
    hd_each_hd_thread(set_exc, &t);
    return t.found;
}
static int check_signals(void) { return hd_check_signals(); }
/* Whoever gets here has what the GIL stands for. */
static int ensure(void) { return 0; }
static void release(int state) {}

/* ---- objects --------------------------------------------------------------------------------------------------------------- */
/* What is counted up lives for good: objects have no counts that could go down again. */
static void incref(hd_value v)
{
    if (v && hd_is_ptr(v) && gc_is_object(hd_ptr(v))) gc_pin(hd_ptr(v));
}
static void decref(hd_value v) {}
static hd_value failed(hd_value v) { return v == HD_ERR ? 0 : v; }      /* NULL and an exception */
static hd_value bytes_from(const char *s, int64_t n) { return failed(hd_bytes_new(s, (size_t)n)); }
static hd_value bytes_from_string(const char *s) { return failed(hd_bytes_new(s, strlen(s))); }
static char *bytes_as_string(hd_value v)
{
    if (hd_is_bytes(v)) return (char *)HD_BYTES(v)->data;
    (void)hd_raise(&hd_exc_TypeError, "expected bytes, %T found", v);
    return NULL;
}
static int64_t bytes_size(hd_value v)
{
    if (hd_is_bytes(v)) return HD_BYTES(v)->len;
    (void)hd_raise(&hd_exc_TypeError, "expected bytes, %T found", v);
    return -1;
}
static hd_value unicode_from_string(const char *s) { return failed(hd_str_utf8(s)); }
static hd_value long_from(long i) { return failed(hd_int(i)); }
static long as_long(hd_value v)
{
    int64_t i;
    return hd_as_i64(v, &i) < 0 ? -1 : i;
}
static hd_value float_from(double d) { return failed(hd_float(d)); }
static double as_double(hd_value v)
{
    double d;
    return hd_as_double(v, &d) < 0 ? -1 : d;
}
static hd_value repr_of(hd_value v) { return failed(hd_repr(v)); }
static hd_value str_of(hd_value v) { return failed(hd_str_of(v)); }
/* A view of foreign memory; the caller takes care that it stays. */
static hd_value view_of_memory(char *p, int64_t n, int flags)
{
    enum { PyBUF_WRITE = 0x200 };
    hd_value chars = hd_import_attr("ctypes", "c_char"), type = chars == HD_ERR ? chars : ct_array_of(chars, n);
    hd_value array = type == HD_ERR ? type : ct_new_at(type, p), view = array == HD_ERR ? array : hd_callv(hd_obj(&hd_memoryview_type), array);
    if (view != HD_ERR) view = hd_methodv(view, hd_intern("cast"), hd_intern("B"));
    if (view != HD_ERR && !(flags & PyBUF_WRITE)) view = hd_call_method(view, hd_intern("toreadonly"), NULL, 0);
    return failed(view);
}

void *ct_api_find(const char *name)
{
    static const struct { const char *name; void (*f)(void); } table[] = {
#define F(name, f) { name, (void (*)(void))(f) },
        F("PyThreadState_SetAsyncExc", set_async_exc) F("PyErr_CheckSignals", check_signals) F("PyGILState_Ensure", ensure) F("PyGILState_Release", release)
        F("Py_IncRef", incref) F("Py_DecRef", decref) F("PyBytes_FromStringAndSize", bytes_from) F("PyBytes_FromString", bytes_from_string)
        F("PyBytes_AsString", bytes_as_string) F("PyBytes_Size", bytes_size) F("PyUnicode_FromString", unicode_from_string) F("PyLong_FromLong", long_from)
        F("PyLong_AsLong", as_long) F("PyFloat_FromDouble", float_from) F("PyFloat_AsDouble", as_double) F("PyObject_Repr", repr_of) F("PyObject_Str", str_of)
        F("PyMemoryView_FromMemory", view_of_memory) F("PyOS_snprintf", snprintf) F("PyMem_RawMalloc", malloc) F("PyMem_RawFree", free)
#undef F
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (strcmp(table[i].name, name) == 0) return (void *)(uintptr_t)table[i].f;
    return NULL;
}
