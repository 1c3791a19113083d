/* Private to the files of the module itertools.
 *
 * All its iterators are of one layout: four values and two numbers, whose meaning each type gives. */
#ifndef HD_ITERTOOLS_H
#define HD_ITERTOOLS_H
#include "interp/types/_seq.h"

struct it { struct hd_mhead head; hd_vslot a, b, c, d; hd_islot i, j; };
HD_MUTABLE(it)
/* Exact instances have the root shape of their static type; others ask their shape. */
HD_MUTABLE_OPEN(it, hd_inst_size((const struct hd_inst *)o))
#define IT(v) ((struct it *)hd_ptr(v))

hd_value hd_it_new(hd_value type, hd_value a, hd_value b, hd_value c, hd_value d) HD_MUST;   /* HD_ERR among them: HD_ERR */
hd_value hd_it_self(hd_value self);
void hd_it_trace(void *o, struct gc_marker *m);
/* For types that take no keywords unless a subclass has its own __init__. */
hd_value hd_it_reject_kwargs(hd_value type, const char *name, hd_value kwnames) HD_MUST;   /* None or HD_ERR */
int hd_itertools_add_combinatoric(hd_value module) HD_MUST;
int hd_itertools_add_grouping(hd_value module) HD_MUST;

#define ARGS hd_value self, const hd_value *args, size_t nargs, hd_value kwnames
#define MAKE_ARGS hd_value type, const hd_value *args, size_t nargs, hd_value kwnames
hd_value hd_itertools_tee(ARGS);
#define IT_TYPE(c_name, py, make_, next_, methods_, repr_, doc_)                                                         \
    static struct hd_type c_name##_type = {                                                                              \
        .cname = "itertools." py, .basicsize = sizeof(struct it), .flags = HD_TF_BASETYPE, .doc = doc_, .methods = methods_, \
        .op = { .iter = hd_it_self, .iternext = next_, .make = make_, .repr = repr_, .trace = hd_it_trace },             \
    };
#define IT_METHODS(c_name)                                                                                               \
    static const struct hd_methoddef c_name##_methods[] = {                                                              \
        { "__reduce__", c_name##_reduce, 0, 0, 0, "Return state information for pickling." },                            \
        { 0 }                                                                                                            \
    };
#define IT_METHODS_STATE(c_name)                                                                                         \
    static const struct hd_methoddef c_name##_methods[] = {                                                              \
        { "__reduce__", c_name##_reduce, 0, 0, 0, "Return state information for pickling." },                            \
        { "__setstate__", c_name##_setstate, 1, 1, 0, "Set state information for unpickling." },                         \
        { 0 }                                                                                                            \
    };
static inline hd_value hd_it_type(hd_value self) { return hd_obj(hd_type_of(self)); }
#endif
