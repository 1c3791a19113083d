/* _heddle: atomic blocks and counters, behind the Python module heddle. */
#include "interp/core/names.h"
#include "interp/modules/modules.h"

/* `with atomic:` -- no break inside; blocks nest. */
static hd_value atomic_enter(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
{
    stm_atomic_enter();
    return self;
}
static hd_value atomic_exit(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
{
    if (stm_atomic_depth() == 0) return hd_raise(&hd_exc_RuntimeError, "not inside an atomic block");
    stm_atomic_leave();
    return HD_FALSE;
}
static hd_value atomic_repr(hd_value self) { return hd_str_utf8("heddle.atomic"); }
static const struct hd_methoddef atomic_methods[] = {
    { "__enter__", atomic_enter, 0, 0, 0, "Nothing of other threads becomes visible until the block ends." }, { "__exit__", atomic_exit, 0, 3, 0, NULL }, { 0 }
};
static struct hd_type atomic_type = { .cname = "heddle.atomic", .basicsize = sizeof(struct hd_singleton), .flags = HD_TF_IMMUTABLE_LAYOUT | HD_TF_NEVER_INSTANTIATE,
    .doc = "with atomic: the block is one indivisible step for all other threads.", .methods = atomic_methods, .op = { .repr = atomic_repr } };

static int add(hd_value d, const char *name, uint64_t v) { return hd_dict_set_c(d, name, hd_int_u64(v)); }
static hd_value stats(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
{
    struct stm_stats s;
    struct gc_stats g;
    stm_stats_sum(&s), gc_stats_sum(&g);
    hd_value d = hd_dict_new();
    if (d == HD_ERR) return HD_ERR;
#define S(f) if (add(d, #f, s.f) < 0) return HD_ERR;
    S(begun) S(commits_logged) S(commits_private) S(commits_readonly) S(aborts) S(aborts_injected) S(irrevocable) S(extends) S(slow_reads) S(opens) S(waits)
    S(parks) S(breaks) S(solo_exits) S(bytes_copied) S(lost_ns) S(waited_ns)
#undef S
#define G(name, f) if (add(d, name, g.f) < 0) return HD_ERR;
    G("collections_nursery", nursery) G("collections_young", young) G("collections_full", full) G("allocated_bytes", allocated_bytes)
    G("freed_bytes", freed_bytes) G("live_bytes", live_bytes) G("heap_bytes", heap_bytes) G("pause_ns_max", pause_ns_max) G("pause_ns_total", pause_ns_total)
#undef G
    hd_value pauses[GC_PAUSE_DECADES];                     /* stopped collections shorter than 0.1 ms, 1 ms, ... 1 s; longer */
    for (int i = 0; i < GC_PAUSE_DECADES; i++) pauses[i] = hd_int_u64(g.pauses[i]);
    hd_value t = hd_tuple_from(pauses, GC_PAUSE_DECADES);
    return t == HD_ERR || hd_dict_set_c(d, "pauses", t) < 0 ? HD_ERR : d;
}
static hd_value is_solo(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames) { return hd_bool(stm_solo()); }
static hd_value contexts(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames) { return hd_fix(stm_context_count()); }

static const struct hd_methoddef methods[] = {
    { "stats", stats, 0, 0, 0, "stats($module, /)\n--\n\nCounters of transactions and collections as a dict." },
    { "is_solo", is_solo, 0, 0, 0, "is_solo($module, /)\n--\n\nWhether only one thread has ever run." },
    { "contexts", contexts, 0, 0, 0, "contexts($module, /)\n--\n\nHow many threads can run at the same time." },
    { 0 }
};
static int fill(hd_value m)
{
    if (hd_type_ready(&atomic_type) < 0) return -1;
    struct hd_singleton *a = hd_new_object(&atomic_type, sizeof *a);
    return a ? hd_module_add(m, "atomic", hd_obj(a)) : -1;
}
const struct hd_moduledef hd_module_heddle = { "_heddle", "Transactions as Python programs see them.", methods, fill };
