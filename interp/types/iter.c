/* Iterators over anything with __getitem__, over calls until a sentinel, and reversed(). */
#include "interp/types/_seq.h"

#define ARGS hd_value self, const hd_value *args, size_t nargs, hd_value kwnames

static hd_value self_iter(hd_value self) { return self; }

/* ---- iter(sequence) ---- */
hd_value hd_seqiter_new(hd_value seq) { return hd_seqiter_make(&hd_seqiter_type, seq, 0); }

/* The end of a __getitem__ sequence: IndexError or StopIteration. */
static bool ran_out(void)
{
    if (!hd_exc_is(&hd_exc_IndexError) && !hd_exc_is(&hd_exc_StopIteration)) return false;
    hd_exc_clear();
    return true;
}

static hd_value seqiter_next(hd_value self)
{
    struct hd_seqiter *it = hd_ptr(self);
    hd_value seq = HD_GET(it, seq);
    if (seq == HD_UNBOUND) return HD_STOP;
    int64_t i = HD_GET(it, index);
    if (i == INT64_MAX) return hd_raise(&hd_exc_OverflowError, "iter index too large");
    hd_value key = hd_int(i), v = key == HD_ERR ? key : hd_getitem(seq, key);
    hd_seqiter_w w = hd_seqiter_open(it);
    if (STM_LIKELY(v != HD_ERR)) {
        HD_PUT(w, index, i + 1);
        return v;
    }
    if (!ran_out()) return HD_ERR;
    HD_PUT(w, seq, HD_UNBOUND);
    return HD_STOP;
}

static hd_value seqiter_hint(ARGS)
{
    struct hd_seqiter *it = hd_ptr(self);
    hd_value seq = HD_GET(it, seq);
    if (seq == HD_UNBOUND) return hd_fix(0);
    if (!hd_type_of(seq)->op.length) return HD_NOTIMPLEMENTED;
    int64_t n = hd_len(seq);
    if (n < 0) return HD_ERR;
    n -= HD_GET(it, index);
    return hd_int(n < 0 ? 0 : n);
}

static hd_value seqiter_reduce(ARGS)
{
    struct hd_seqiter *it = hd_ptr(self);
    hd_value f = hd_builtin("iter"), seq = HD_GET(it, seq);      /* looking up the name may run code that exhausts us */
    if (seq == HD_UNBOUND) return hd_tuplev(f, hd_tuplev(hd_empty_tuple));
    return hd_tuplev(f, hd_tuplev(seq), hd_int(HD_GET(it, index)));
}

static hd_value seqiter_setstate(ARGS)
{
    int64_t i;
    if (hd_as_i64(args[0], &i)) return HD_ERR;
    hd_seqiter_w w = hd_seqiter_open(hd_ptr(self));
    if (HD_OWN(w, seq) != HD_UNBOUND) HD_PUT(w, index, i < 0 ? 0 : i);
    return HD_NONE;
}

static const struct hd_methoddef seqiter_methods[] = {
    { "__length_hint__", seqiter_hint, 0, 0, 0, "Private method returning an estimate of len(list(it))." },
    { "__reduce__", seqiter_reduce, 0, 0, 0, "Return state information for pickling." },
    { "__setstate__", seqiter_setstate, 1, 1, 0, "Set state information for unpickling." },
    { 0 }
};
struct hd_type hd_seqiter_type = {
    .cname = "iterator", .basicsize = sizeof(struct hd_seqiter), .flags = HD_TF_NEVER_INSTANTIATE, .methods = seqiter_methods,
    .op = { .iter = self_iter, .iternext = seqiter_next, .trace = hd_seqiter_trace },
};

/* ---- iter(callable, sentinel) ---- */
struct calliter { struct hd_mhead head; hd_vslot func, sentinel; };      /* func HD_UNBOUND: exhausted */
HD_MUTABLE(calliter)
HD_MUTABLE_OPEN(calliter, sizeof(struct calliter))

hd_value hd_calliter_new(hd_value f, hd_value sentinel)
{
    struct calliter *it = hd_new_mutable(&hd_calliter_type, sizeof *it);
    if (!it) return HD_ERR;
    HD_INIT(it, func, f);
    HD_INIT(it, sentinel, sentinel);
    return hd_obj(it);
}

static hd_value exhaust(struct calliter *it)
{
    calliter_w w = calliter_open(it);
    HD_PUT(w, func, HD_UNBOUND);
    HD_PUT(w, sentinel, HD_UNBOUND);
    return HD_STOP;
}

static hd_value calliter_next(hd_value self)
{
    struct calliter *it = hd_ptr(self);
    hd_value f = HD_GET(it, func);
    if (f == HD_UNBOUND) return HD_STOP;
    hd_value v = hd_call0(f);
    if (v == HD_ERR) {
        if (!hd_exc_is(&hd_exc_StopIteration)) return HD_ERR;
        hd_exc_clear();
        return exhaust(it);
    }
    hd_value sentinel = HD_GET(it, sentinel);                    /* the call may have exhausted the iterator */
    if (sentinel == HD_UNBOUND) return HD_STOP;
    int r = hd_equal(sentinel, v);
    if (r < 0) return HD_ERR;
    return r ? exhaust(it) : v;
}

static hd_value calliter_reduce(ARGS)
{
    struct calliter *it = hd_ptr(self);
    hd_value iter = hd_builtin("iter"), f = HD_GET(it, func);
    if (f == HD_UNBOUND) return hd_tuplev(iter, hd_tuplev(hd_empty_tuple));
    return hd_tuplev(iter, hd_tuplev(f, HD_GET(it, sentinel)));
}

static void calliter_trace(void *o, struct gc_marker *m)
{
    struct calliter *it = o;
    gc_mark(m, HD_RAW(it->func));
    gc_mark(m, HD_RAW(it->sentinel));
}
static const struct hd_methoddef calliter_methods[] = {
    { "__reduce__", calliter_reduce, 0, 0, 0, "Return state information for pickling." },
    { 0 }
};
struct hd_type hd_calliter_type = {
    .cname = "callable_iterator", .basicsize = sizeof(struct calliter), .flags = HD_TF_NEVER_INSTANTIATE, .methods = calliter_methods,
    .op = { .iter = self_iter, .iternext = calliter_next, .trace = calliter_trace },
};
