/* Callbacks: C function pointers that call Python, and the way of a thread out of and back into transactions.
 *
 * B1: a thread that calls foreign code is `away`: it has no running transaction (inside an atomic block, an irrevocable one
 *     that waits).  A callback begins one and ends it before it returns, so no abort ever reaches foreign frames.
 * B2: threads that Python does not know are attached for the time of a callback.
 * B3: the arguments are read and the result is written outside of what an abort puts back: the result after the
 *     transaction. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "interp/eval/eval.h"
#include "interp/modules/ctypes/ctypes_internal.h"

static _Thread_local bool away;

int ct_leave(void)
{
    int token = stm_leave_blocking();
    away = true;
    return token;
}
void ct_enter(int token)
{
    away = false;
    stm_enter_blocking(token);
}

/* References are reported by the function object that owns the thunk. */
struct ct_thunk {
    ffi_closure *closure;
    void *code;
    ffi_cif cif;
    hd_value callable, argtypes, restype;
    const struct ct_simple *result;        /* NULL: nothing is returned */
    int64_t flags;
    ffi_type *types[];
};
void *ct_thunk_code(struct ct_thunk *t) { return t->code; }
void ct_thunk_trace(struct ct_thunk *t, struct gc_marker *m) { gc_mark(m, t->callable), gc_mark(m, t->argtypes), gc_mark(m, t->restype); }
void ct_thunk_free(void *p)
{
    struct ct_thunk *t = p;
    if (t->closure) ffi_closure_free(t->closure);
    free(t);
}

static void unraisable(const char *where, hd_value callable) { hd_exc_print_unraisable(where, callable); }

/* In a transaction.  The C result, or nothing, goes to `result`. */
__attribute__((noinline)) static void call_python(const struct ct_thunk *t, void **values, char *result)
{
    const struct hd_tuple *types = HD_TUPLE(t->argtypes);
    memset(result, 0, 16);
    hd_value args = hd_tuple_new((size_t)types->len);
    if (args == HD_ERR) {
        unraisable("on calling ctypes callback function", t->callable);
        return;
    }
    for (int64_t i = 0; i < types->len; i++) HD_TUPLE(args)->item[i] = HD_NONE;
    for (int64_t i = 0; i < types->len; i++) {
        hd_value type = types->item[i], v;
        const struct ct_info *info = ct_info_of(type);
        if (info->simple && !ct_is_simple_subclass(type)) v = info->simple->get(values[i]);
        else if ((v = hd_call0(type)) != HD_ERR) {
            if (ct_is_data(v)) ct_store(v, ct_address(v), values[i], (size_t)info->size);
            else v = hd_raise(&hd_exc_TypeError, "unexpected result of create argument %zd:", i);
        }
        if (v == HD_ERR) {
            unraisable("on creating an argument of a ctypes callback function", t->callable);
            return;
        }
        HD_TUPLE(args)->item[i] = v;
    }
    hd_value r = hd_call_ex(t->callable, args, HD_ABSENT);
    if (r == HD_ERR) {
        unraisable("on calling ctypes callback function", t->callable);
        return;
    }
    if (!t->result) return;
    hd_value keep = t->result->set(result, r);
    if (keep == HD_ERR) {
        memset(result, 0, 16);
        unraisable("on converting result of ctypes callback function", t->callable);
    } else if (keep != HD_NONE && t->result->code != 'O' && hd_warn(&hd_exc_RuntimeWarning, 1, "memory leak in callback function.") < 0)
        unraisable("on converting result of ctypes callback function", t->callable);
}
/* libffi wants integers as wide as a register. */
static void widen(void *to, const struct ct_simple *s, const char *bytes)
{
    ffi_type *f = s->ffi;
    if (f == &ffi_type_sint8) *(ffi_sarg *)to = *(const int8_t *)bytes;
    else if (f == &ffi_type_uint8) *(ffi_arg *)to = *(const uint8_t *)bytes;
    else if (f == &ffi_type_sint16) { int16_t x; memcpy(&x, bytes, 2); *(ffi_sarg *)to = x; }
    else if (f == &ffi_type_uint16) { uint16_t x; memcpy(&x, bytes, 2); *(ffi_arg *)to = x; }
    else if (f == &ffi_type_sint32) { int32_t x; memcpy(&x, bytes, 4); *(ffi_sarg *)to = x; }
    else if (f == &ffi_type_uint32) { uint32_t x; memcpy(&x, bytes, 4); *(ffi_arg *)to = x; }
    else memcpy(to, bytes, s->size);
}
static void run(ffi_cif *cif, void *to, void **values, void *user)
{
    struct ct_thunk *t = user;
    char result[16];
    bool stranger = !hd_ts, was_away = away;
    int *own = t->flags & FUNCFLAG_USE_ERRNO ? ct_errno() : NULL, saved = errno;
    if (own) { int e = *own; *own = saved, saved = e; }
    if (stranger) {
        if (hd_thread_attach(false, 0)) {
            stm_enter();
            call_python(t, values, result);
            stm_leave();
            hd_thread_detach();
        } else memset(result, 0, sizeof result);
    } else {
        struct stm_portal portal;
        stm_portal_enter(&portal);             /* an abort puts back nothing above this frame */
        if (was_away) ct_enter(stm_me != NULL);
        call_python(t, values, result);
        if (was_away) (void)ct_leave();
        stm_portal_leave(&portal);
    }
    if (t->result) widen(to, t->result, result);
    else if (cif->rtype->size) memset(to, 0, cif->rtype->size > sizeof(ffi_arg) ? cif->rtype->size : sizeof(ffi_arg));
    if (own) { int e = *own; *own = saved, saved = e; }
    errno = saved;
}

struct ct_thunk *ct_thunk_new(hd_value callable, hd_value argtypes, hd_value restype, int64_t flags)
{
    const struct hd_tuple *types = HD_TUPLE(argtypes);
    size_t n = (size_t)types->len, room = 0;
    const struct ct_info *r = restype == HD_NONE || restype == HD_ABSENT ? NULL : ct_info_of(restype);
    const struct ct_simple *result = restype == HD_ABSENT ? ct_simple_find('i', false) : r ? r->simple : NULL;
    if (restype != HD_NONE && !result) {
        (void)hd_raise(&hd_exc_TypeError, "invalid result type for callback function");
        return NULL;
    }
    for (size_t i = 0; i < n; i++) {
        if (!ct_info_of(types->item[i])) {
            (void)hd_raise(&hd_exc_TypeError, "item %zu in _argtypes_ is not a C type", i + 1);
            return NULL;
        }
        room += ct_ffi_room(types->item[i]);
    }
    struct ct_thunk *t = calloc(1, sizeof *t + n * sizeof(ffi_type *) + room);
    if (t && !(t->closure = ffi_closure_alloc(sizeof *t->closure, &t->code))) free(t), t = NULL;
    if (!t) {
        (void)hd_no_memory();
        return NULL;
    }
    stm_on_abort(ct_thunk_free, t);
    t->callable = callable, t->argtypes = argtypes, t->restype = restype, t->result = result, t->flags = flags;
    char *p = (char *)(t->types + n);
    for (size_t i = 0; i < n; i++) t->types[i] = ct_ffi_build(types->item[i], &p);
    if (ffi_prep_cif(&t->cif, FFI_DEFAULT_ABI, (unsigned)n, result ? result->ffi : &ffi_type_void, t->types) != FFI_OK ||
        ffi_prep_closure_loc(t->closure, &t->cif, run, t, t->code) != FFI_OK) {
        stm_on_commit(ct_thunk_free, t);
        (void)hd_raise(&hd_exc_RuntimeError, "ffi_prep_closure failed");
        return NULL;
    }
    return t;
}
