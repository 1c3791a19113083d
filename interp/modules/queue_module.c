/* _queue.SimpleQueue: an unbounded queue for threads.
 *
 * Items lie in a list from `first` on; `count` is looked at without the barrier by threads about to sleep, so whoever makes
 * it grow wakes after the commit, and whoever takes an item wakes if its transaction aborts. */
#include <time.h>
#include "interp/core/names.h"
#include "interp/modules/lock.h"
#include "interp/modules/modules.h"

HD_MUTABLE(hd_simplequeue)
struct hd_simplequeue { struct hd_mhead head; hd_vslot items; hd_islot first, count; int64_t sleepers; };
HD_MUTABLE_OPEN(hd_simplequeue, hd_inst_size(o))
#define Q(v) ((struct hd_simplequeue *)hd_ptr(v))
static hd_value empty_error;

static void wake(void *q) { stm_unpark(q, 1); }
static bool still_empty(void *q) { return __atomic_load_n(&HD_RAW(((struct hd_simplequeue *)q)->count), __ATOMIC_ACQUIRE) == 0; }

static hd_value put(hd_value self, hd_value v)
{
    struct hd_simplequeue *q = Q(self);
    hd_simplequeue_w w = hd_simplequeue_open(q);
    if (hd_list_append(HD_OWN(w, items), v) < 0) return HD_ERR;
    HD_PUT(w, count, HD_OWN(w, count) + 1);
    stm_on_commit(wake, q);
    if (__atomic_load_n(&q->sleepers, __ATOMIC_SEQ_CST) && stm_atomic_depth() == 0) stm_break();
    return HD_NONE;
}
static hd_value get(hd_value self, bool block, int64_t deadline)
{
    struct hd_simplequeue *q = Q(self);
    for (;;) {
        hd_simplequeue_w w = hd_simplequeue_open(q);
        int64_t count = HD_OWN(w, count), first = HD_OWN(w, first);
        if (count > 0) {
            hd_value items = HD_OWN(w, items), v = hd_list_get(items, first);
            if (hd_list_set(items, first, HD_NONE) < 0) return HD_ERR;
            first++, count--;
            if (count == 0) {
                if (hd_list_clear(items) < 0) return HD_ERR;
                first = 0;
            } else if (first > 64 && first > count) {       /* drop the used front: amortised constant */
                hd_value s = hd_slice_new(HD_NONE, hd_int(first), HD_NONE);
                if (s == HD_ERR || hd_setitem(items, s, HD_ABSENT) < 0) return HD_ERR;
                first = 0;
            }
            w = hd_simplequeue_open(q);
            HD_PUT(w, first, first);
            HD_PUT(w, count, count);
            stm_on_abort(wake, q);
            return v;
        }
        if (!block) return hd_raise_none(HD_TYPE(empty_error));
        if (stm_atomic_depth() > 0 && deadline < 0 && !stm_solo()) {
            if (hd_waits_in_vain()) return hd_raise_deadlock();
            stm_abort_and_park(q, still_empty, q, &q->sleepers);
        }
        int token = stm_leave_blocking();
        __atomic_add_fetch(&q->sleepers, 1, __ATOMIC_SEQ_CST);
        enum stm_parked how = stm_park(q, still_empty, q, deadline);
        __atomic_sub_fetch(&q->sleepers, 1, __ATOMIC_SEQ_CST);
        stm_enter_blocking(token);
        if (how == STM_PARK_INTERRUPTED && hd_check_signals() < 0) return HD_ERR;
        if (how == STM_PARK_TIMEOUT) block = false;
    }
}
#define FN(name) static hd_value name(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
FN(q_put)
{
    hd_value a[3];
    return hd_args("put", "item,|block,timeout", args, nargs, kwnames, a) < 0 ? HD_ERR : put(self, a[0]);
}
FN(q_put_nowait)
{
    hd_value a[1];
    return hd_args("put_nowait", "item", args, nargs, kwnames, a) < 0 ? HD_ERR : put(self, a[0]);
}
FN(q_get)
{
    hd_value a[2];
    if (hd_args("get", "|block,timeout", args, nargs, kwnames, a) < 0) return HD_ERR;
    int block = a[0] == HD_ABSENT ? 1 : hd_truth(a[0]);
    if (block < 0) return HD_ERR;
    int64_t deadline = -1;
    if (block && a[1] != HD_ABSENT && a[1] != HD_NONE) {
        double d;
        if (hd_as_double(a[1], &d) < 0) return HD_ERR;
        if (d < 0) return hd_raise(&hd_exc_ValueError, "'timeout' must be a non-negative number");
        if (d > 9223372036.0) return hd_raise(&hd_exc_OverflowError, "timeout value is too large");
        struct timespec t;
        clock_gettime(CLOCK_MONOTONIC, &t);
        deadline = (int64_t)t.tv_sec * 1000000000 + t.tv_nsec + (int64_t)(d * 1e9);
    }
    return get(self, block, deadline);
}
FN(q_get_nowait) { return get(self, false, -1); }
FN(q_qsize) { return hd_int(HD_GET(Q(self), count)); }
FN(q_empty) { return hd_bool(HD_GET(Q(self), count) == 0); }
static hd_value make(hd_value type, const hd_value *args, size_t nargs, hd_value kwnames)
{
    hd_value v = hd_alloc_instance(HD_TYPE(type), 0), items = v == HD_ERR ? HD_ERR : hd_list_new(8);
    if (items == HD_ERR) return HD_ERR;
    HD_INIT(Q(v), items, items);
    return v;
}
static void trace(void *o, struct gc_marker *m) { gc_mark(m, HD_RAW(((struct hd_simplequeue *)o)->items)); }
static hd_value q_class_getitem(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames) { return hd_generic_alias_new(self, args[0]); }
HD_WAITS_IF(q_get, still_empty(hd_ptr(self)))
static const struct hd_methoddef queue_methods[] = {
    { "put", q_put, 0, -1, HD_METH_KW, "put($self, /, item, block=True, timeout=None)\n--\n\nAppends an item." }, { "put_nowait", q_put_nowait, 0, -1, HD_METH_KW, NULL },
    { "get", q_get_waits, 0, -1, HD_METH_KW, "get($self, /, block=True, timeout=None)\n--\n\nTakes the first item." }, { "get_nowait", q_get_nowait, 0, 0, 0, NULL },
    { "qsize", q_qsize, 0, 0, 0, NULL }, { "empty", q_empty, 0, 0, 0, NULL },
    { "__class_getitem__", q_class_getitem, 1, 1, HD_METH_CLASS, NULL }, { 0 }
};
static struct hd_type queue_type = { .cname = "_queue.SimpleQueue", .basicsize = sizeof(struct hd_simplequeue), .flags = HD_TF_BASETYPE | HD_TF_HAS_WEAKREFS,
    .doc = "A simple, unbounded FIFO queue.", .methods = queue_methods, .op = { .make = make, .trace = trace } };
static const struct hd_methoddef methods[] = { { 0 } };
static int fill(hd_value m)
{
    hd_root(&empty_error);
    hd_value ns = hd_dict_new(), bases = hd_tuplev(hd_obj(&hd_exc_Exception));
    if (ns == HD_ERR || bases == HD_ERR || hd_dict_set_c(ns, "__module__", hd_intern("_queue")) < 0) return -1;
    if ((empty_error = hd_type_new(&hd_type_type, hd_intern("Empty"), bases, ns, NULL, 0)) == HD_ERR) return -1;
    return hd_module_add(m, "Empty", empty_error) < 0 ? -1 : hd_add_type(m, &queue_type);
}
const struct hd_moduledef hd_module_queue = { "_queue", "Queues for threads.", methods, fill };
