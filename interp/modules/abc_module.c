/* The _abc module: registration and caches of abstract base classes.
 *
 * The data of one ABC lies in an object of its own (cls._abc_impl): sets of weak references to classes, and the number of
 * registrations that the negative cache has seen. */
#include "interp/core/type_internal.h"
#include "interp/core/names.h"
#include "interp/modules/modules.h"

HD_MUTABLE(hd_abc)
struct hd_abc { struct hd_mhead head; hd_vslot registry, cache, negative; hd_islot negative_version; };
HD_MUTABLE_OPEN(hd_abc, hd_inst_size(o))
#define ABC(v) ((struct hd_abc *)hd_ptr(v))
static int64_t registrations;      /* atomic; a transaction that aborts leaves a number out, which harms nothing */

static void abc_trace(void *o, struct gc_marker *m)
{
    struct hd_abc *a = o;
    gc_mark(m, HD_RAW(a->registry)), gc_mark(m, HD_RAW(a->cache)), gc_mark(m, HD_RAW(a->negative));
}
static struct hd_type abc_type = { .cname = "_abc._abc_data", .basicsize = sizeof(struct hd_abc), .flags = HD_TF_NEVER_INSTANTIATE, .op = { .trace = abc_trace } };

static hd_value data_of(hd_value cls)
{
    hd_value v = hd_getattr(cls, hd_s__abc_impl);
    if (v != HD_ERR && (!hd_is_ptr(v) || hd_type_of(v) != &abc_type)) return hd_raise(&hd_exc_TypeError, "_abc_impl is set to a wrong type");
    return v;
}
/* Is cls in the set of weak references?  1, 0, -1 */
static int in_set(hd_value set, hd_value cls)
{
    if (set == HD_NONE || hd_set_len(set) == 0) return 0;
    hd_value ref = hd_weakref_new(cls, HD_ABSENT);
    return ref == HD_ERR ? -1 : hd_set_contains(set, ref);
}
static int add_to(hd_value data, int which, hd_value cls)
{
    struct hd_abc *a = ABC(data);
    hd_value set = which == 0 ? HD_GET(a, registry) : which == 1 ? HD_GET(a, cache) : HD_GET(a, negative);
    if (set == HD_NONE) {
        if ((set = hd_set_new()) == HD_ERR) return -1;
        hd_abc_w w = hd_abc_open(a);
        if (which == 0) HD_PUT(w, registry, set);
        else if (which == 1) HD_PUT(w, cache, set);
        else HD_PUT(w, negative, set);
    }
    hd_value ref = hd_weakref_new(cls, HD_ABSENT);
    return ref == HD_ERR ? -1 : hd_set_add(set, ref);
}

/* Names of abstract methods: those of the bases that are still abstract, and the class's own. */
static int compute_abstract(hd_value cls)
{
    hd_value names = hd_set_new(), ns = hd_getattr(cls, hd_s___dict__), items = ns == HD_ERR ? HD_ERR : hd_call_method(ns, hd_s_items, NULL, 0);
    hd_value it = items == HD_ERR || names == HD_ERR ? HD_ERR : hd_iter(items), pair;
    if (it == HD_ERR) return -1;
    while ((pair = hd_next(it)) != HD_STOP) {
        if (pair == HD_ERR) return -1;
        hd_value flag = hd_getattr_opt(HD_TUPLE(pair)->item[1], hd_s___isabstractmethod__);
        int t = flag == HD_ERR ? -1 : flag == HD_ABSENT ? 0 : hd_truth(flag);
        if (t < 0 || (t && hd_set_add(names, HD_TUPLE(pair)->item[0]) < 0)) return -1;
    }
    hd_value bases = hd_getattr(cls, hd_s___bases__);
    if (bases == HD_ERR) return -1;
    for (int64_t i = 0; i < HD_TUPLE(bases)->len; i++) {
        hd_value inherited = hd_getattr_opt(HD_TUPLE(bases)->item[i], hd_s___abstractmethods__);
        if (inherited == HD_ERR) return -1;
        if (inherited == HD_ABSENT) continue;
        hd_value jt = hd_iter(inherited), name;
        if (jt == HD_ERR) return -1;
        while ((name = hd_next(jt)) != HD_STOP) {
            if (name == HD_ERR) return -1;
            hd_value v = hd_getattr_opt(cls, name);
            if (v == HD_ERR) return -1;
            if (v == HD_ABSENT) continue;
            hd_value flag = hd_getattr_opt(v, hd_s___isabstractmethod__);
            int t = flag == HD_ERR ? -1 : flag == HD_ABSENT ? 0 : hd_truth(flag);
            if (t < 0 || (t && hd_set_add(names, name) < 0)) return -1;
        }
    }
    hd_value frozen = hd_frozenset_of(names);
    return frozen == HD_ERR ? -1 : hd_setattr(cls, hd_s___abstractmethods__, frozen);
}

#define FN(name) static hd_value abc_##name(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
/* Sequences and mappings for patterns: __abc_tpflags__ of the class body (bits 5 and 6), inherited, given on by register. */
static int take_pattern_flags(hd_value cls)
{
    hd_value name = hd_intern("__abc_tpflags__"), v = hd_dict_get_str(hd_obj(HD_TYPE(cls)->dict), name);
    if (v == HD_ABSENT) return 0;
    if (hd_is_fix(v)) HD_TYPE(cls)->flags = (HD_TYPE(cls)->flags & ~(uint32_t)(HD_TF_SEQUENCE | HD_TF_MAPPING)) | (hd_unfix(v) & 1 << 5 ? HD_TF_SEQUENCE : 0) | (hd_unfix(v) & 1 << 6 ? HD_TF_MAPPING : 0);
    return hd_setattr(cls, name, HD_ABSENT);
}
/* The class and its subclasses become what it was registered as. */
static int give_flag(struct hd_type *to, void *arg)
{
    enum { BOTH = HD_TF_SEQUENCE | HD_TF_MAPPING };
    uint32_t flag = *(uint32_t *)arg;
    if (!(to->flags & HD_TF_HEAP) || (to->flags & BOTH) == flag) return 0;
    to->flags = (to->flags & ~(uint32_t)BOTH) | flag;
    return hd_type_each_subclass(to, give_flag, arg);
}
static int give_pattern_flags(struct hd_type *from, struct hd_type *to)
{
    uint32_t flag = from->flags & (HD_TF_SEQUENCE | HD_TF_MAPPING);
    if (!flag || !(to->flags & HD_TF_HEAP)) return 0;
    hd_type_modify_begin(to);
    int r = give_flag(to, &flag);
    hd_type_modify_end(to);
    return r;
}
FN(init)
{
    if (compute_abstract(args[0]) < 0 || take_pattern_flags(args[0]) < 0) return HD_ERR;
    struct hd_abc *a = hd_new_mutable(&abc_type, sizeof *a);
    if (!a) return HD_ERR;
    HD_INIT(a, registry, HD_NONE);
    HD_INIT(a, cache, HD_NONE);
    HD_INIT(a, negative, HD_NONE);
    HD_INIT(a, negative_version, __atomic_load_n(&registrations, __ATOMIC_RELAXED));
    return hd_setattr(args[0], hd_s__abc_impl, hd_obj(a)) < 0 ? HD_ERR : HD_NONE;
}
FN(register)
{
    hd_value cls = args[0], sub = args[1];
    if (!hd_is_type(sub)) return hd_raise(&hd_exc_TypeError, "Can only register classes");
    int r = hd_issubclass(sub, cls);
    if (r) return r < 0 ? HD_ERR : sub;
    r = hd_issubclass(cls, sub);
    if (r) return r < 0 ? HD_ERR : hd_raise(&hd_exc_RuntimeError, "Refusing to create an inheritance cycle");
    hd_value d = data_of(cls);
    if (d == HD_ERR || add_to(d, 0, sub) < 0) return HD_ERR;
    __atomic_add_fetch(&registrations, 1, __ATOMIC_RELAXED);
    return give_pattern_flags(HD_TYPE(cls), HD_TYPE(sub)) < 0 ? HD_ERR : sub;
}
static int subclass_check(hd_value cls, hd_value sub)
{
    hd_value d = data_of(cls);
    if (d == HD_ERR) return -1;
    struct hd_abc *a = ABC(d);
    int r = in_set(HD_GET(a, cache), sub);
    if (r) return r;
    int64_t now = __atomic_load_n(&registrations, __ATOMIC_RELAXED);
    if (HD_GET(a, negative_version) < now) {
        hd_abc_w w = hd_abc_open(a);
        HD_PUT(w, negative, HD_NONE);
        HD_PUT(w, negative_version, now);
    } else if ((r = in_set(HD_GET(a, negative), sub))) return r < 0 ? -1 : 0;
    hd_value ok = hd_methodv(cls, hd_s___subclasshook__, sub);
    if (ok == HD_ERR) return -1;
    if (ok == HD_TRUE) return add_to(d, 1, sub) < 0 ? -1 : 1;
    if (ok == HD_FALSE) return add_to(d, 2, sub) < 0 ? -1 : 0;
    if (ok != HD_NOTIMPLEMENTED) { hd_raise(&hd_exc_AssertionError, "__subclasshook__ must return either False, True, or NotImplemented"); return -1; }
    if (hd_subtype(HD_TYPE(sub), HD_TYPE(cls))) return add_to(d, 1, sub) < 0 ? -1 : 1;
    hd_value registry = HD_GET(a, registry);
    if (registry != HD_NONE) {
        if ((r = in_set(registry, sub)) < 0) return -1;
        if (r) return add_to(d, 1, sub) < 0 ? -1 : 1;
        hd_value copy = hd_list_of(registry);
        if (copy == HD_ERR) return -1;
        for (int64_t i = 0; i < hd_list_len(copy); i++) {
            hd_value c = hd_weakref_get(hd_list_get(copy, i));
            if (c == HD_NONE) continue;
            if ((r = hd_issubclass(sub, c))) return r < 0 || add_to(d, 1, sub) < 0 ? -1 : 1;
        }
    }
    hd_value subs = hd_call_method(cls, hd_intern("__subclasses__"), NULL, 0);
    if (subs == HD_ERR) return -1;
    if (!hd_is_list(subs)) { hd_raise(&hd_exc_TypeError, "__subclasses__() must return a list"); return -1; }
    for (int64_t i = 0; i < hd_list_len(subs); i++)
        if ((r = hd_issubclass(sub, hd_list_get(subs, i)))) return r < 0 || add_to(d, 1, sub) < 0 ? -1 : 1;
    return add_to(d, 2, sub) < 0 ? -1 : 0;
}
FN(subclasscheck)
{
    if (!hd_is_type(args[1])) return hd_raise(&hd_exc_TypeError, "issubclass() arg 1 must be a class");
    int r = subclass_check(args[0], args[1]);
    return r < 0 ? HD_ERR : hd_bool(r);
}
FN(instancecheck)
{
    hd_value cls = args[0], o = args[1], d = data_of(cls), sub = d == HD_ERR ? HD_ERR : hd_getattr(o, hd_s___class__);
    if (sub == HD_ERR) return HD_ERR;
    if (!hd_is_type(sub)) return HD_FALSE;
    int r = in_set(HD_GET(ABC(d), cache), sub);
    if (r) return r < 0 ? HD_ERR : HD_TRUE;
    hd_value type = hd_obj(hd_type_of(o));
    if (sub == type) {
        if (HD_GET(ABC(d), negative_version) == __atomic_load_n(&registrations, __ATOMIC_RELAXED) && (r = in_set(HD_GET(ABC(d), negative), sub)))
            return r < 0 ? HD_ERR : HD_FALSE;
        return hd_methodv(cls, hd_s___subclasscheck__, sub);
    }
    hd_value one = hd_methodv(cls, hd_s___subclasscheck__, sub);
    int t = one == HD_ERR ? -1 : hd_truth(one);
    if (t) return t < 0 ? HD_ERR : one;
    return hd_methodv(cls, hd_s___subclasscheck__, type);
}
FN(get_cache_token) { return hd_int(__atomic_load_n(&registrations, __ATOMIC_RELAXED)); }
FN(reset_registry)
{
    hd_value d = data_of(args[0]);
    if (d == HD_ERR) return HD_ERR;
    hd_abc_w w = hd_abc_open(ABC(d));
    HD_PUT(w, registry, HD_NONE);
    return HD_NONE;
}
FN(reset_caches)
{
    hd_value d = data_of(args[0]);
    if (d == HD_ERR) return HD_ERR;
    hd_abc_w w = hd_abc_open(ABC(d));
    HD_PUT(w, cache, HD_NONE);
    HD_PUT(w, negative, HD_NONE);
    return HD_NONE;
}
static hd_value set_copy(hd_value s) { return s == HD_NONE ? hd_set_new() : hd_callv(hd_obj(&hd_set_type), s); }
FN(get_dump)
{
    hd_value d = data_of(args[0]);
    if (d == HD_ERR) return HD_ERR;
    hd_value r = set_copy(HD_GET(ABC(d), registry)), c = r == HD_ERR ? HD_ERR : set_copy(HD_GET(ABC(d), cache)), n = c == HD_ERR ? HD_ERR : set_copy(HD_GET(ABC(d), negative));
    return n == HD_ERR ? HD_ERR : hd_tuplev(r, c, n, hd_int(HD_GET(ABC(d), negative_version)));
}
static const struct hd_methoddef methods[] = {
    { "get_cache_token", abc_get_cache_token, 0, 0, 0, NULL }, { "_abc_init", abc_init, 1, 1, 0, NULL }, { "_abc_register", abc_register, 2, 2, 0, NULL },
    { "_abc_instancecheck", abc_instancecheck, 2, 2, 0, NULL }, { "_abc_subclasscheck", abc_subclasscheck, 2, 2, 0, NULL }, { "_get_dump", abc_get_dump, 1, 1, 0, NULL },
    { "_reset_registry", abc_reset_registry, 1, 1, 0, NULL }, { "_reset_caches", abc_reset_caches, 1, 1, 0, NULL }, { 0 }
};
static int fill(hd_value m) { return hd_type_ready(&abc_type); }
const struct hd_moduledef hd_module_abc = { "_abc", "Abstract base classes.", methods, fill };
