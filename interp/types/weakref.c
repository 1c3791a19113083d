/* Owns weak references and proxies.
 *
 * R1: `target` is the collector's: it holds the referent, not traced, and becomes None when that dies; no barrier, since only a
 *     collection changes it.
 * R2: the table of references by referent lies outside transactions and is a hint: an entry counts only if what it names is a
 *     live weak reference whose target is the one asked for.  So entries of aborted transactions and dead objects do no harm
 *     and are dropped when met.  A reference that another transaction has just made does not count before that commits. */
#include <sched.h>
#include <stdlib.h>
#include "interp/core/attr.h"
#include "interp/core/type_ops.h"
#include "interp/eval/eval.h"
#include "interp/types/objects.h"

/* The evaluator calls it for each reference whose referent died. */
extern void (*hd_weak_callback)(void *holder);

static struct hd_weakref *wr(hd_value v) { return hd_ptr(v); }
static hd_value target(hd_value v) { return *(volatile hd_value *)&wr(v)->target; }
static bool is_ref(hd_value v) { return hd_is_ptr(v) && hd_subtype(hd_type_of(v), &hd_weakref_type); }
static bool is_proxy(hd_value v) { return hd_is_shape(v, HD_SHAPE_WEAKPROXY) || hd_is_shape(v, HD_SHAPE_WEAKCALLABLEPROXY); }

/* ---- the table ------------------------------------------------------------------------------------------------------------------ */
/* An entry without target is free, one whose reference has died only has no `ref`.  At `limit` entries a larger table is made. */
static struct { struct weak_entry { uintptr_t target, ref; } *e; size_t mask, used, limit; char lock; } table;

static void lock(void)
{
    for (unsigned n = 0; __atomic_test_and_set(&table.lock, __ATOMIC_ACQUIRE); n++) {
        stm_step(STM_STEP_WAIT);               /* under a schedule it is not its owner's turn */
        if (n < 100) __builtin_ia32_pause(); else sched_yield();
    }
}
static void unlock(void) { __atomic_clear(&table.lock, __ATOMIC_RELEASE); }
static size_t slot_of(uintptr_t t) { return (size_t)((t >> 4) * 0x9e3779b97f4a7c15u >> 20) & table.mask; }

static bool alive(const struct weak_entry *e)
{
    if (!gc_is_object((void *)e->ref)) return false;
    const struct hd_head *h = (const struct hd_head *)e->ref;
    struct hd_type *t = hd_shapes[h->shape].type;
    if (!t || (t != &hd_weakproxy_type && t != &hd_weakcallableproxy_type && !hd_subtype(t, &hd_weakref_type))) return false;
    return ((const struct hd_weakref *)h)->target == e->target;
}
static bool valid(const struct weak_entry *e) { return alive(e) && stm_settled(&((const struct hd_weakref *)e->ref)->head.w); }

static void insert(uintptr_t t, uintptr_t ref)
{
    size_t i = slot_of(t);
    for (; table.e[i].target; i = (i + 1) & table.mask)
        if (table.e[i].target == t && table.e[i].ref == ref) return;      /* an attempt that was rolled back made the same */
    table.e[i].target = t, table.e[i].ref = ref;
    table.used++;
}

/* At least twice as large as what is alive, four times if there is memory. */
static bool make_room(void)
{
    struct weak_entry *old = table.e, *e;
    size_t n = old ? table.mask + 1 : 0, live = 0, size = 256;
    for (size_t i = 0; i < n; i++)
        if (old[i].target && alive(&old[i])) live++;
        else old[i].ref = 0;
    while (size < 4 * live) size *= 2;
    while (!(e = calloc(size, sizeof *e)))
        if (size <= 256 || (size /= 2) < 2 * live) {
            /* A fuller one is slower, but trying again for each reference would take time that grows with the square. */
            table.limit = table.limit + n / 8 < n - n / 8 ? table.limit + n / 8 : n - n / 8;
            return table.used < table.limit;
        }
    table.e = e, table.mask = size - 1, table.used = 0, table.limit = size < 4 * live ? size / 4 * 3 : size / 2;
    for (size_t i = 0; i < n; i++)
        if (old[i].ref) insert(old[i].target, old[i].ref);
    free(old);
    return true;
}

/* False: there is no memory. */
static bool remember(hd_value t, hd_value ref)
{
    lock();
    bool room = table.used < table.limit || make_room();
    if (room) insert(t, ref);
    unlock();
    return room;
}

/* Calls f for each reference to t until it returns true. */
static void each(hd_value t, bool (*f)(struct hd_weakref *r, void *arg), void *arg)
{
    lock();
    if (table.e)
        for (size_t i = slot_of(t); table.e[i].target; i = (i + 1) & table.mask)
            if (table.e[i].target == t && valid(&table.e[i]) && f((struct hd_weakref *)table.e[i].ref, arg)) break;
    unlock();
}

/* ---- creation -------------------------------------------------------------------------------------------------------------------- */
static hd_value refuse(hd_value t) { return hd_raise(&hd_exc_TypeError, "cannot create weak reference to '%T' object", t); }
static bool referable(hd_value t) { return hd_is_ptr(t) && hd_type_of(t)->flags & HD_TF_HAS_WEAKREFS; }

static hd_value new_ref(struct hd_type *type, hd_value t, hd_value callback)
{
    struct hd_weakref *r = hd_new_mutable(type, sizeof *r);
    if (!r) return HD_ERR;
    r->target = t, r->callback = callback == HD_NONE ? HD_ABSENT : callback, r->hash = -1;
    gc_weak_register(r, &r->target, HD_NONE);
    /* Functions only take dead entries out of tables; objects like weakref.finalize do more. */
    if (r->callback != HD_ABSENT && !hd_is_shape(callback, HD_SHAPE_FUNCTION)) hd_idle_arm();
    if (!remember(t, hd_obj(r))) return hd_no_memory();
    return hd_obj(r);
}

struct find { struct hd_type *type; struct hd_weakref *found; };
static bool plain(struct hd_weakref *r, void *arg)
{
    struct find *f = arg;
    if (r->callback == HD_ABSENT && hd_shapes[r->head.h.shape].type == f->type) f->found = r;
    return f->found != NULL;
}
static hd_value shared_ref(struct hd_type *type, hd_value t, hd_value callback)
{
    if (!referable(t)) return refuse(t);
    if (callback == HD_ABSENT || callback == HD_NONE) {
        struct find f = { type, NULL };
        each(t, plain, &f);
        if (f.found) return hd_obj(f.found);
    }
    return new_ref(type, t, callback);
}
hd_value hd_weakref_new(hd_value t, hd_value callback)
{
    if (!hd_is_ptr(t)) return refuse(t);
    return shared_ref(&hd_weakref_type, t, callback);
}
hd_value hd_weakref_get(hd_value ref) { return target(ref); }

static hd_value ref_make(hd_value type, const hd_value *args, size_t nargs, hd_value kwnames)
{
    if (type == hd_obj(&hd_weakref_type) && kwnames && HD_TUPLE(kwnames)->len) return hd_raise(&hd_exc_TypeError, "ref() takes no keyword arguments");
    if (nargs < 1 || nargs > 2) return hd_raise(&hd_exc_TypeError, "__new__ expected at %s %d argument%s, got %zu", nargs ? "most" : "least", nargs ? 2 : 1, nargs ? "s" : "", nargs);
    hd_value cb = nargs > 1 ? args[1] : HD_ABSENT;
    if (type == hd_obj(&hd_weakref_type)) return shared_ref(&hd_weakref_type, args[0], cb);
    return referable(args[0]) ? new_ref(HD_TYPE(type), args[0], cb) : refuse(args[0]);
}
static int ref_init(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
{
    if (nargs >= 1 && nargs <= 2) return 0;
    (void)hd_raise(&hd_exc_TypeError, "__init__ expected at %s %d argument%s, got %zu", nargs ? "most" : "least", nargs ? 2 : 1, nargs ? "s" : "", nargs);
    return -1;
}

static hd_value ref_call(hd_value v, const hd_value *args, size_t nargs, hd_value kwnames)
{
    if (hd_no_kwargs("weakref", kwnames) < 0) return HD_ERR;
    if (nargs) return hd_raise(&hd_exc_TypeError, "weakref expected 0 arguments, got %zu", nargs);
    return target(v);
}
static int64_t ref_hash(hd_value v)
{
    int64_t h = __atomic_load_n(&wr(v)->hash, __ATOMIC_RELAXED);
    if (h != -1) return h;
    hd_value t = target(v);
    if (t == HD_NONE) {
        (void)hd_raise(&hd_exc_TypeError, "weak object has gone away");
        return -1;
    }
    h = hd_hash(t);
    __atomic_store_n(&wr(v)->hash, h, __ATOMIC_RELAXED);
    return h;
}
static hd_value ref_compare(hd_value a, hd_value b, enum hd_cmpop op)
{
    if ((op != HD_EQ && op != HD_NE) || !is_ref(a) || !is_ref(b)) return HD_NOTIMPLEMENTED;
    hd_value x = target(a), y = target(b);
    if (x == HD_NONE || y == HD_NONE) return hd_bool((a == b) == (op == HD_EQ));
    return hd_compare(x, y, op);
}
static hd_value ref_repr(hd_value v)
{
    hd_value t = target(v);
    if (t == HD_NONE) return hd_str_format("<weakref at %p; dead>", hd_ptr(v));
    hd_value name = hd_getattr_opt(t, hd_s___name__);
    if (name == HD_ERR) return name;
    if (name != HD_ABSENT && hd_is_str(name)) return hd_str_format("<weakref at %p; to '%T' at %p (%U)>", hd_ptr(v), t, hd_ptr(t), name);
    return hd_str_format("<weakref at %p; to '%T' at %p>", hd_ptr(v), t, hd_ptr(t));
}
static hd_value get_callback(hd_value v, void *c) { return wr(v)->callback == HD_ABSENT || target(v) == HD_NONE ? HD_NONE : wr(v)->callback; }
static hd_value alias(hd_value cls, const hd_value *args, size_t n, hd_value k) { return hd_generic_alias_new(cls, args[0]); }
static void ref_trace(void *o, struct gc_marker *m) { gc_mark(m, ((struct hd_weakref *)o)->callback); }
static const struct hd_getsetdef ref_getsets[] = { { "__callback__", get_callback, NULL, NULL, NULL }, { NULL } };
static const struct hd_methoddef ref_methods[] = { { "__class_getitem__", alias, 1, 1, HD_METH_CLASS, "See PEP 585" }, { NULL } };
struct hd_type hd_weakref_type = {
    .cname = "weakref.ReferenceType", .basicsize = sizeof(struct hd_weakref), .flags = HD_TF_BASETYPE, .getsets = ref_getsets, .methods = ref_methods,
    .op = { .repr = ref_repr, .call = ref_call, .hash = ref_hash, .richcompare = ref_compare, .make = ref_make, .init = ref_init, .trace = ref_trace },
};

/* Runs the callback of a reference whose referent died. */
static void died(void *holder)
{
    hd_value v = hd_obj(holder), cb = wr(v)->callback;
    if (cb == HD_ABSENT || cb == 0) return;
    (void)hd_inst_open(holder);
    wr(v)->callback = HD_ABSENT;
    if (hd_callv(cb, v) == HD_ERR) hd_exc_print_unraisable(NULL, cb);
}

/* ---- what the module _weakref shows ------------------------------------------------------------------------------------------------ */
static bool count(struct hd_weakref *r, void *arg)
{
    ++*(int64_t *)arg;
    return false;
}
int64_t hd_weakref_count(hd_value t)
{
    int64_t n = 0;
    if (hd_is_ptr(t)) each(t, count, &n);
    return n;
}
struct collected { struct hd_weakref *ref[64]; int n; };
static bool collect(struct hd_weakref *r, void *arg)
{
    struct collected *c = arg;
    if (c->n < 64) c->ref[c->n++] = r;
    return false;
}
hd_value hd_weakref_list(hd_value t)
{
    struct collected c = { .n = 0 };
    hd_value l = hd_list_new(0);
    if (hd_is_ptr(t)) each(t, collect, &c);
    for (int i = 0; i < c.n && l != HD_ERR; i++)
        if (hd_list_append(l, hd_obj(c.ref[i])) < 0) return HD_ERR;
    return l;
}
hd_value hd_weakref_first(hd_value o)
{
    struct collected c = { .n = 0 };
    each(o, collect, &c);
    return c.n ? hd_obj(c.ref[0]) : HD_NONE;
}
hd_value hd_weakproxy_new(hd_value t, hd_value callback)
{
    if (!hd_is_ptr(t)) return refuse(t);
    return shared_ref(hd_callable(t) ? &hd_weakcallableproxy_type : &hd_weakproxy_type, t, callback);
}

/* ---- proxies ---------------------------------------------------------------------------------------------------------------------- */
/* The referent; HD_ERR: ReferenceError. */
static hd_value live(hd_value v)
{
    if (!is_proxy(v)) return v;
    hd_value t = target(v);
    return t == HD_NONE ? hd_raise(&hd_exc_ReferenceError, "weakly-referenced object no longer exists") : t;
}
#define UNARY(fn, call)                                                                                                   \
    static hd_value fn(hd_value v)                                                                                        \
    {                                                                                                                     \
        v = live(v);                                                                                                      \
        return v == HD_ERR ? v : call(v);                                                                                 \
    }
UNARY(proxy_str, hd_str_of)
UNARY(proxy_iter, hd_iter)
UNARY(proxy_neg, hd_neg)
UNARY(proxy_pos, hd_pos)
UNARY(proxy_abs, hd_abs)
UNARY(proxy_invert, hd_invert)
UNARY(proxy_int, hd_number_int)
UNARY(proxy_float, hd_number_float)
UNARY(proxy_index, hd_number_index)
static hd_value proxy_next(hd_value v)
{
    v = live(v);
    if (v == HD_ERR) return v;
    if (!hd_type_of(v)->op.iternext) return hd_raise(&hd_exc_TypeError, "Weakref proxy referenced a non-iterator '%T' object", v);
    return hd_next(v);
}
static hd_value proxy_repr(hd_value v) { return hd_str_format("<weakproxy at %p to %T at %p>", hd_ptr(v), target(v), hd_ptr(target(v))); }
static int proxy_bool(hd_value v)
{
    v = live(v);
    return v == HD_ERR ? -1 : hd_truth(v);
}
static int64_t proxy_len(hd_value v)
{
    v = live(v);
    return v == HD_ERR ? -1 : hd_len(v);
}
static hd_value proxy_compare(hd_value a, hd_value b, enum hd_cmpop op)
{
    a = live(a), b = a == HD_ERR ? a : live(b);
    return b == HD_ERR ? b : hd_compare(a, b, op);
}
static hd_value proxy_getattr(hd_value v, hd_value name)
{
    v = live(v);
    return v == HD_ERR ? v : hd_getattr(v, name);
}
static int proxy_setattr(hd_value v, hd_value name, hd_value x)
{
    v = live(v);
    return v == HD_ERR ? -1 : hd_setattr(v, name, x);
}
static hd_value proxy_getitem(hd_value v, hd_value k)
{
    v = live(v), k = v == HD_ERR ? v : live(k);
    return k == HD_ERR ? k : hd_getitem(v, k);
}
static int proxy_setitem(hd_value v, hd_value k, hd_value x)
{
    v = live(v);
    return v == HD_ERR ? -1 : hd_setitem(v, k, x);
}
static int proxy_contains(hd_value v, hd_value k)
{
    v = live(v);
    return v == HD_ERR ? -1 : hd_contains(v, k);
}
static hd_value proxy_call(hd_value v, const hd_value *args, size_t nargs, hd_value kwnames)
{
    v = live(v);
    return v == HD_ERR ? v : hd_call(v, args, nargs, kwnames);
}
static hd_value proxy_power(hd_value a, hd_value b, hd_value mod)
{
    a = live(a), b = a == HD_ERR ? a : live(b), mod = b == HD_ERR ? b : live(mod);
    return mod == HD_ERR ? mod : hd_power_op(a, b, mod);
}
#define BINARY(name, OP)                                                                                                  \
    static hd_value proxy_##name(hd_value a, hd_value b)                                                                  \
    {                                                                                                                     \
        a = live(a), b = a == HD_ERR ? a : live(b);                                                                       \
        return b == HD_ERR ? b : hd_binary_op(OP, a, b);                                                                  \
    }                                                                                                                     \
    static hd_value proxy_i##name(hd_value a, hd_value b)                                                                 \
    {                                                                                                                     \
        a = live(a), b = a == HD_ERR ? a : live(b);                                                                       \
        return b == HD_ERR ? b : hd_inplace_op(OP, a, b);                                                                 \
    }
BINARY(add, HD_ADD) BINARY(sub, HD_SUB) BINARY(mul, HD_MUL) BINARY(div, HD_DIV) BINARY(floordiv, HD_FLOORDIV) BINARY(mod, HD_MOD)
BINARY(divmod, HD_DIVMOD) BINARY(lshift, HD_LSHIFT) BINARY(rshift, HD_RSHIFT) BINARY(and, HD_AND) BINARY(or, HD_OR) BINARY(xor, HD_XOR)
BINARY(matmul, HD_MATMUL)

static hd_value proxy_bytes(hd_value v, const hd_value *args, size_t n, hd_value k)
{
    v = live(v);
    return v == HD_ERR ? v : hd_call_method(v, hd_s___bytes__, NULL, 0);
}
static hd_value proxy_reversed(hd_value v, const hd_value *args, size_t n, hd_value k)
{
    v = live(v);
    return v == HD_ERR ? v : hd_call_method(v, hd_s___reversed__, NULL, 0);
}
static const struct hd_methoddef proxy_methods[] = { { "__bytes__", proxy_bytes, 0, 0, 0, NULL }, { "__reversed__", proxy_reversed, 0, 0, 0, NULL }, { NULL } };

#define ARITHMETIC(p)                                                                                                     \
    { [HD_ADD] = p##add, [HD_SUB] = p##sub, [HD_MUL] = p##mul, [HD_DIV] = p##div, [HD_FLOORDIV] = p##floordiv, [HD_MOD] = p##mod,          \
      [HD_DIVMOD] = p##divmod, [HD_LSHIFT] = p##lshift, [HD_RSHIFT] = p##rshift, [HD_AND] = p##and, [HD_OR] = p##or, [HD_XOR] = p##xor,    \
      [HD_MATMUL] = p##matmul }
#define PROXY_OPS                                                                                                         \
    .repr = proxy_repr, .str = proxy_str, .iter = proxy_iter, .iternext = proxy_next, .neg = proxy_neg, .pos = proxy_pos, .invert = proxy_invert,        \
    .absolute = proxy_abs, .toint = proxy_int, .tofloat = proxy_float, .index = proxy_index, .hash = hd_hash_refused, .boolean = proxy_bool,             \
    .length = proxy_len, .richcompare = proxy_compare, .getattr = proxy_getattr, .setattr = proxy_setattr, .getitem = proxy_getitem,                     \
    .setitem = proxy_setitem, .contains = proxy_contains, .binary = ARITHMETIC(proxy_), .inplace = ARITHMETIC(proxy_i), .power = proxy_power,            \
    .trace = ref_trace
struct hd_type hd_weakproxy_type = { .cname = "weakref.ProxyType", .basicsize = sizeof(struct hd_weakref), .flags = HD_TF_NEVER_INSTANTIATE,
                                     .methods = proxy_methods, .op = { PROXY_OPS } };
struct hd_type hd_weakcallableproxy_type = { .cname = "weakref.CallableProxyType", .basicsize = sizeof(struct hd_weakref), .flags = HD_TF_NEVER_INSTANTIATE,
                                             .methods = proxy_methods, .op = { PROXY_OPS, .call = proxy_call } };
void hd_weakref_init(void) { hd_weak_callback = died; }
