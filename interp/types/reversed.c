/* reversed(): the type's __reversed__, or a walk back over a sequence's __getitem__. */
#include "interp/types/_seq.h"

#define ARGS hd_value self, const hd_value *args, size_t nargs, hd_value kwnames

struct reversed { struct hd_mhead head; hd_vslot seq; hd_islot index; };
static size_t reversed_size(const struct reversed *o) { return o->head.h.shape == HD_SHAPE_REVERSED ? sizeof *o : hd_inst_size((const struct hd_inst *)o); }
HD_MUTABLE(reversed)
HD_MUTABLE_OPEN(reversed, reversed_size(o))

static hd_value reversed_make(hd_value type, const hd_value *args, size_t nargs, hd_value kwnames)
{
    if ((HD_TYPE(type) == &hd_reversed_type || HD_TYPE(type)->op.init == hd_object_init) && hd_no_kwargs("reversed", kwnames)) return HD_ERR;
    if (nargs != 1) return hd_raise(&hd_exc_TypeError, "reversed expected 1 argument, got %lld", (long long)nargs);
    hd_value seq = args[0], f = hd_type_lookup(hd_type_of(seq), hd_s___reversed__);
    if (f == HD_NONE) return hd_raise(&hd_exc_TypeError, "'%T' object is not reversible", seq);
    if (f != HD_ABSENT) {
        hd_value r = hd_call_special(seq, hd_s___reversed__, NULL, 0);
        if (r != HD_ABSENT) return r;
    }
    struct hd_type *t = hd_type_of(seq);
    if (hd_is_dict(seq) || !t->op.getitem || !t->op.length) return hd_raise(&hd_exc_TypeError, "'%T' object is not reversible", seq);
    int64_t n = hd_len(seq);
    if (n < 0) return HD_ERR;
    hd_value o = HD_TYPE(type) == &hd_reversed_type ? hd_obj(hd_new_mutable(&hd_reversed_type, sizeof(struct reversed)))
                                                    : hd_alloc_instance(HD_TYPE(type), 0);
    if (o == HD_ERR || o == 0) return HD_ERR;
    struct reversed *it = hd_ptr(o);
    HD_INIT(it, seq, seq);
    HD_INIT(it, index, n - 1);
    return o;
}

static hd_value reversed_next(hd_value self)
{
    struct reversed *it = hd_ptr(self);
    hd_value seq = HD_GET(it, seq);
    int64_t i = HD_GET(it, index);
    if (seq == HD_UNBOUND) return HD_STOP;
    if (STM_LIKELY(i >= 0) && hd_is_str_exact(seq) && i < HD_STR(seq)->len) {
        hd_value c = hd_str_char(hd_str_at(seq, i));
        if (c == HD_ERR) return c;
        reversed_w o = reversed_open(it);
        HD_PUT(o, index, i - 1);
        return c;
    }
    hd_value v = i >= 0 ? hd_getitem(seq, hd_int(i)) : HD_STOP;
    reversed_w w = reversed_open(it);
    if (STM_LIKELY(v != HD_ERR && v != HD_STOP)) {
        HD_PUT(w, index, i - 1);
        return v;
    }
    if (v == HD_ERR) {
        if (!hd_exc_is(&hd_exc_IndexError) && !hd_exc_is(&hd_exc_StopIteration)) return HD_ERR;
        hd_exc_clear();
    }
    HD_PUT(w, index, -1);
    HD_PUT(w, seq, HD_UNBOUND);
    return HD_STOP;
}

static hd_value reversed_hint(ARGS)
{
    struct reversed *it = hd_ptr(self);
    hd_value seq = HD_GET(it, seq);
    if (seq == HD_UNBOUND) return hd_fix(0);
    int64_t n = hd_len(seq), left = HD_GET(it, index) + 1;
    if (n < 0) return HD_ERR;
    return hd_int(n < left ? 0 : left);
}

static hd_value reversed_reduce(ARGS)
{
    struct reversed *it = hd_ptr(self);
    hd_value seq = HD_GET(it, seq), type = hd_obj(hd_type_of(self));
    if (seq == HD_UNBOUND) return hd_tuplev(type, hd_tuplev(hd_empty_tuple));
    return hd_tuplev(type, hd_tuplev(seq), hd_int(HD_GET(it, index)));
}

static hd_value reversed_setstate(ARGS)
{
    struct reversed *it = hd_ptr(self);
    int64_t i;
    if (hd_as_i64(args[0], &i)) return HD_ERR;
    hd_value seq = HD_GET(it, seq);
    if (seq == HD_UNBOUND) return HD_NONE;
    int64_t n = hd_len(seq);
    if (n < 0) return HD_ERR;
    reversed_w w = reversed_open(it);
    HD_PUT(w, index, i < -1 ? -1 : i > n - 1 ? n - 1 : i);
    return HD_NONE;
}

static hd_value self_iter(hd_value self) { return self; }
static void reversed_trace(void *o, struct gc_marker *m) { gc_mark(m, HD_RAW(((struct reversed *)o)->seq)); }

static const struct hd_methoddef reversed_methods[] = {
    { "__length_hint__", reversed_hint, 0, 0, 0, "Private method returning an estimate of len(list(it))." },
    { "__reduce__", reversed_reduce, 0, 0, 0, "Return state information for pickling." },
    { "__setstate__", reversed_setstate, 1, 1, 0, "Set state information for unpickling." },
    { 0 }
};
struct hd_type hd_reversed_type = {
    .cname = "reversed", .basicsize = sizeof(struct reversed), .flags = HD_TF_BASETYPE,
    .doc = "reversed(sequence, /)\n--\n\nReturn a reverse iterator over the values of the given sequence.", .methods = reversed_methods,
    .op = { .iter = self_iter, .iternext = reversed_next, .make = reversed_make, .trace = reversed_trace },
};
