/* enumerate(). */
#include "interp/types/_seq.h"
#include "interp/types/list.h"

#define ARGS hd_value self, const hd_value *args, size_t nargs, hd_value kwnames

struct enumerate { struct hd_mhead head; hd_vslot it, index; };
static size_t enumerate_size(const struct enumerate *o) { return o->head.h.shape == HD_SHAPE_ENUMERATE ? sizeof *o : hd_inst_size((const struct hd_inst *)o); }
HD_MUTABLE(enumerate)
HD_MUTABLE_OPEN(enumerate, enumerate_size(o))

static hd_value enumerate_make(hd_value type, const hd_value *args, size_t nargs, hd_value kwnames)
{
    hd_value a[2];
    if (hd_args("enumerate", "iterable,|start", args, nargs, kwnames, a)) return HD_ERR;
    hd_value start = a[1] == HD_ABSENT ? hd_fix(0) : hd_number_index(a[1]);
    if (start == HD_ERR) return HD_ERR;
    hd_value it = hd_iter(a[0]);
    if (it == HD_ERR) return HD_ERR;
    struct enumerate *e = HD_TYPE(type) == &hd_enumerate_type ? hd_new_mutable(&hd_enumerate_type, sizeof *e) : NULL;
    if (HD_TYPE(type) == &hd_enumerate_type) {
        if (!e) return HD_ERR;
    } else {
        hd_value o = hd_alloc_instance(HD_TYPE(type), 0);
        if (o == HD_ERR) return o;
        e = hd_ptr(o);
    }
    HD_INIT(e, it, it);
    HD_INIT(e, index, start);
    return hd_obj(e);
}

int hd_enumerate_pair(hd_value self, hd_value *index, hd_value *item)
{
    struct enumerate *e = hd_ptr(self);
    hd_value v = hd_next(HD_GET(e, it));
    if (v == HD_STOP || v == HD_ERR) return v == HD_STOP ? 0 : -1;
    hd_value i = HD_GET(e, index);
    hd_value next = STM_LIKELY(hd_is_fix(i)) ? hd_int(hd_unfix(i) + 1) : hd_binary_op(HD_ADD, i, hd_fix(1));
    if (next == HD_ERR) return -1;
    enumerate_w w = enumerate_open(e);
    HD_PUT(w, index, next);
    *index = i;
    *item = v;
    return 1;
}

static hd_value enumerate_next(hd_value self)
{
    hd_value i, v;
    int r = hd_enumerate_pair(self, &i, &v);
    return r > 0 ? hd_tuplev(i, v) : r < 0 ? HD_ERR : HD_STOP;
}

static hd_value enumerate_reduce(ARGS)
{
    struct enumerate *e = hd_ptr(self);
    return hd_tuplev(hd_obj(hd_type_of(self)), hd_tuplev(HD_GET(e, it), HD_GET(e, index)));
}

static hd_value self_iter(hd_value self) { return self; }
static void enumerate_trace(void *o, struct gc_marker *m)
{
    struct enumerate *e = o;
    gc_mark(m, HD_RAW(e->it));
    gc_mark(m, HD_RAW(e->index));
}

static const struct hd_methoddef enumerate_methods[] = {
    { "__reduce__", enumerate_reduce, 0, 0, 0, "Return state information for pickling." },
    HD_CLASS_GETITEM,
    { 0 }
};
struct hd_type hd_enumerate_type = {
    .cname = "enumerate", .basicsize = sizeof(struct enumerate), .flags = HD_TF_BASETYPE,
    .doc = "enumerate(iterable, start=0)\n--\n\nReturn an enumerate object.\n\n  iterable\n    an object supporting iteration\n\n"
           "The enumerate object yields pairs containing a count (from start, which\ndefaults to zero) and a value yielded by the iterable argument.\n\n"
           "enumerate is useful for obtaining an indexed list:\n    (0, seq[0]), (1, seq[1]), (2, seq[2]), ...",
    .methods = enumerate_methods,
    .op = { .iter = self_iter, .iternext = enumerate_next, .make = enumerate_make, .trace = enumerate_trace },
};
