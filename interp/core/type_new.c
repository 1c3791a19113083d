/* Owns the making of classes: metaclass, best base, method resolution order, __slots__, hooks; and assignment to __bases__,
 * __class__ and __abstractmethods__.
 *
 * N1: a class is complete (MRO, operations, root shape) before any Python code can see it, except that mro() of a
 *     metaclass sees it without MRO.
 * N2: basicsize = C layout + 8 bytes per __slots__ entry of the class and its bases.  For immutable C layouts the entries lie
 *     in the companion (16 + 8 i), for others in the object behind the C layout. */
#include <stdlib.h>
#include "interp/core/attr.h"
#include "interp/core/type_internal.h"
#include "interp/core/type_ops.h"
#include "interp/types/objects.h"

__attribute__((weak)) hd_value hd_current_globals(void);

/* ---- bases ------------------------------------------------------------------------------------------------------------------ */
static bool adds_layout(const struct hd_type *t)
{
    const struct hd_type *b = t->base;
    return !b || t->basicsize != b->basicsize || (t->flags ^ b->flags) & HD_TF_IMMUTABLE_LAYOUT
        || (!(t->flags & HD_TF_HEAP) && (t->op.trace != b->op.trace || t->itemsize != b->itemsize));
}

static struct hd_type *solid_base(struct hd_type *t)
{
    while (!adds_layout(t)) t = t->base;
    return t;
}

struct hd_type *hd_type_best_base(const struct hd_tuple *bases)
{
    struct hd_type *best = NULL, *winner = NULL;
    for (int64_t i = 0; i < bases->len; i++) {
        if (!hd_is_type(bases->item[i])) {
            (void)hd_raise(&hd_exc_TypeError, "bases must be types");
            return NULL;
        }
        struct hd_type *b = HD_TYPE(bases->item[i]);
        if (!(b->flags & HD_TF_BASETYPE)) {
            (void)hd_raise(&hd_exc_TypeError, "type '%s' is not an acceptable base type", hd_type_name(b));
            return NULL;
        }
        struct hd_type *candidate = solid_base(b);
        if (!winner) winner = candidate, best = b;
        else if (hd_subtype(winner, candidate)) continue;
        else if (hd_subtype(candidate, winner)) winner = candidate, best = b;
        else {
            (void)hd_raise(&hd_exc_TypeError, "multiple bases have instance lay-out conflict");
            return NULL;
        }
    }
    return best;
}

/* C3 linearisation. */
hd_value hd_type_compute_mro(struct hd_type *t, const struct hd_tuple *bases)
{
    int64_t n = bases->len;
    for (int64_t i = 0; i < n; i++)
        for (int64_t k = 0; k < i; k++)
            if (bases->item[k] == bases->item[i]) return hd_raise(&hd_exc_TypeError, "duplicate base class %N", HD_TYPE(bases->item[i]));
    size_t total = 1;
    for (int64_t i = 0; i < n; i++) {
        const struct hd_tuple *m = HD_TYPE(bases->item[i])->mro;
        if (!m) return hd_raise(&hd_exc_TypeError, "Cannot extend an incomplete type '%N'", HD_TYPE(bases->item[i]));
        total += (size_t)m->len;
    }
    hd_value list = hd_tuple_new(total);
    if (list == HD_ERR) return list;
    hd_value *out = HD_TUPLE(list)->item;
    size_t len = 0;
    out[len++] = hd_obj(t);
    if (n == 1) {
        const struct hd_tuple *m = HD_TYPE(bases->item[0])->mro;
        for (int64_t i = 0; i < m->len; i++) out[len++] = m->item[i];
        return hd_tuple_from(out, len);
    }
    const struct hd_tuple **seq = hd_scratch(sizeof *seq * (size_t)(n + 1));
    int64_t *at = hd_scratch(sizeof *at * (size_t)(n + 1));
    if (!seq || !at) return HD_ERR;
    for (int64_t i = 0; i <= n; i++) seq[i] = i < n ? HD_TYPE(bases->item[i])->mro : bases, at[i] = 0;
    for (;;) {
        bool left = false;
        hd_value pick = HD_ABSENT;
        for (int64_t i = 0; i <= n && pick == HD_ABSENT; i++) {
            if (at[i] >= seq[i]->len) continue;
            left = true;
            hd_value c = seq[i]->item[at[i]];
            bool tail = false;
            for (int64_t k = 0; k <= n && !tail; k++)
                for (int64_t j = at[k] + 1; j < seq[k]->len && !tail; j++) tail = seq[k]->item[j] == c;
            if (!tail) pick = c;
        }
        if (!left) return hd_tuple_from(out, len);
        if (pick == HD_ABSENT) {
            struct hd_strbuilder b;
            hd_sb_init(&b);
            bool first = true;
            for (int64_t i = 0; i <= n; i++) {
                if (at[i] >= seq[i]->len) continue;
                hd_value c = seq[i]->item[at[i]];
                bool seen = false;
                for (int64_t k = 0; k < i; k++) seen |= at[k] < seq[k]->len && seq[k]->item[at[k]] == c;
                if (seen) continue;
                if (!first) hd_sb_ascii(&b, ", ", 2);
                first = false;
                hd_sb_str(&b, HD_GET(HD_TYPE(c), name));
            }
            hd_value names = hd_sb_finish(&b);
            if (names == HD_ERR) return names;
            return hd_raise(&hd_exc_TypeError, "Cannot create a consistent method resolution\norder (MRO) for bases %U", names);
        }
        out[len++] = pick;
        for (int64_t i = 0; i <= n; i++)
            if (at[i] < seq[i]->len && seq[i]->item[at[i]] == pick) at[i]++;
    }
}

/* The MRO as the metaclass wants it. */
static hd_value find_mro(struct hd_type *t)
{
    struct hd_type *meta = hd_type_of(hd_obj(t));
    hd_value m = hd_type_lookup(meta, hd_s_mro);
    if (meta == &hd_type_type || m == hd_type_lookup(&hd_type_type, hd_s_mro)) return hd_type_compute_mro(t, t->bases);
    hd_value r = hd_call_special(hd_obj(t), hd_s_mro, NULL, 0);
    if (r == HD_ERR) return r;
    r = hd_tuple_of(r);
    if (r == HD_ERR) return r;
    for (int64_t i = 0; i < HD_TUPLE(r)->len; i++) {
        hd_value c = HD_TUPLE(r)->item[i];
        if (!hd_is_type(c)) return hd_raise(&hd_exc_TypeError, "mro() returned a non-class ('%T')", c);
        if (!hd_subtype(solid_base(t), solid_base(HD_TYPE(c))))
            return hd_raise(&hd_exc_TypeError, "mro() returned base with unsuitable layout ('%N')", HD_TYPE(c));
    }
    return r;
}

/* ---- __slots__ ---------------------------------------------------------------------------------------------------------------- */
struct slots { bool given, dict, weak; hd_value names; /* tuple, mangled and sorted */ };

static hd_value mangle(hd_value cls, hd_value name)
{
    int64_t n = HD_STR(name)->len, c = HD_STR(cls)->len, i = 0;
    if (n < 3 || hd_str_at(name, 0) != '_' || hd_str_at(name, 1) != '_') return name;
    if (hd_str_at(name, n - 1) == '_' && hd_str_at(name, n - 2) == '_') return name;
    while (i < c && hd_str_at(cls, i) == '_') i++;
    if (i == c) return name;
    hd_value bare = hd_str_slice(cls, i, c);
    return bare == HD_ERR ? bare : hd_str_format("_%U%U", bare, name);
}

static int read_slots(struct slots *s, hd_value ns, hd_value cls_name, struct hd_type *base)
{
    hd_value given = hd_dict_get_str(ns, hd_s___slots__);
    bool may_dict = !(base->flags & HD_TF_HAS_DICT) && !base->dict_offset && !(base->flags & HD_TF_TYPE);
    bool may_weak = !(base->flags & HD_TF_HAS_WEAKREFS);
    *s = (struct slots){ .given = given != HD_ABSENT, .names = hd_empty_tuple };
    if (!s->given) {
        s->dict = may_dict, s->weak = may_weak && !(base->flags & HD_TF_IMMUTABLE_LAYOUT && base->itemsize);
        return 0;
    }
    hd_value t = hd_is_str(given) ? hd_tuplev(given) : hd_tuple_of(given);
    if (t == HD_ERR) return -1;
    if (HD_TUPLE(t)->len && (base->flags & HD_TF_TYPE || (base->itemsize && base->flags & HD_TF_IMMUTABLE_LAYOUT))) {
        (void)hd_raise(&hd_exc_TypeError, "nonempty __slots__ not supported for subtype of '%s'", hd_type_name(base));
        return -1;
    }
    hd_value names = hd_list_new(0);
    if (names == HD_ERR) return -1;
    for (int64_t i = 0; i < HD_TUPLE(t)->len; i++) {
        hd_value v = HD_TUPLE(t)->item[i];
        if (!hd_is_str(v)) {
            (void)hd_raise(&hd_exc_TypeError, "__slots__ items must be strings, not '%T'", v);
            return -1;
        }
        hd_value ok = hd_call_method(v, hd_intern("isidentifier"), NULL, 0);
        if (ok == HD_ERR) return -1;
        if (ok != HD_TRUE) {
            (void)hd_raise(&hd_exc_TypeError, "__slots__ must be identifiers");
            return -1;
        }
        hd_value name = hd_str_intern(v);
        if (name == hd_s___dict__ || name == hd_s___weakref__) {
            bool dict = name == hd_s___dict__;
            if (dict ? !may_dict || s->dict : !may_weak || s->weak) {
                (void)hd_raise(&hd_exc_TypeError, dict ? "__dict__ slot disallowed: we already got one" : "__weakref__ slot disallowed: we already got one");
                return -1;
            }
            if (dict) s->dict = true;
            else s->weak = true;
            continue;
        }
        name = mangle(cls_name, name);
        if (name == HD_ERR) return -1;
        name = hd_str_intern(name);
        if (name != hd_s___qualname__ && name != hd_s___classcell__ && hd_dict_get_str(ns, name) != HD_ABSENT) {
            (void)hd_raise(&hd_exc_ValueError, "%R in __slots__ conflicts with class variable", name);
            return -1;
        }
        if (hd_list_append(names, name) < 0) return -1;
    }
    if (hd_list_sort(names, HD_NONE, false) < 0) return -1;
    s->names = hd_list_as_tuple(names);
    return s->names == HD_ERR ? -1 : 0;
}

/* ---- __dict__ and __weakref__ of instances ---------------------------------------------------------------------------------------- */
static hd_value get_dict(hd_value o, void *closure)
{
    hd_value d = hd_object_dict(o);
    return d == HD_ABSENT ? hd_raise(&hd_exc_AttributeError, "This object has no __dict__") : d;
}
static int set_dict(hd_value o, hd_value v, void *closure) { return hd_object_set_dict(o, v == HD_ABSENT ? hd_dict_new() : v); }
const struct hd_getsetdef hd_dict_getset = { "__dict__", get_dict, set_dict, "dictionary for instance variables (if defined)", NULL };
static hd_value get_weakref(hd_value o, void *closure) { return hd_weakref_first(o); }
const struct hd_getsetdef hd_weakref_getset = { "__weakref__", get_weakref, NULL, "list of weak references to the object (if defined)", NULL };

/* ---- making ------------------------------------------------------------------------------------------------------------------------ */
static int wrap(hd_value dict, hd_value name, hd_value (*make)(hd_value))
{
    hd_value f = hd_dict_get_str(dict, name);
    if (!hd_is_shape(f, HD_SHAPE_FUNCTION)) return 0;
    f = make(f);
    return f == HD_ERR ? -1 : hd_dict_set_str(dict, name, f);
}

static int set_root_shape(struct hd_type *t)
{
    struct hd_type *b = t->base;
    bool has_dict = t->flags & HD_TF_HAS_DICT;
    uint32_t slots = (t->basicsize - t->csize) / 8;
    if (!hd_shapes_have_room()) { (void)hd_no_memory(); return -1; }
    t->first_slot = t->basicsize;
    if (t->flags & HD_TF_IMMUTABLE_LAYOUT) {
        bool boxed = has_dict || slots;
        t->root_shape = hd_shape_new_root(t, boxed ? HD_SHAPE_BOXED : 0, 0, 0, 0);
        if (boxed) {
            uint32_t cap = has_dict ? 4 : 0, size = 16 + 8 * slots + 8 * cap;
            hd_shapes[t->root_shape].index = hd_shape_new_root(&hd_instancebox_type, 0, cap, size, 16);
        }
        return 0;
    }
    uint32_t cap = has_dict ? 8 : 0;
    t->first_slot = (t->basicsize + 7) & ~7u;
    if (has_dict && b->flags & HD_TF_HEAP && b->inline_slots && b->seen_slots && b->made >= 8) cap = b->inline_slots;
    if (has_dict && (t->first_slot + 8 * cap) % 16) cap++;
    t->inline_slots = cap;
    t->root_shape = hd_shape_new_root(t, 0, cap, t->first_slot + 8 * cap, t->csize);
    return 0;
}

static int set_names(struct hd_type *t)
{
    hd_value items = hd_dict_items_list(hd_obj(t->dict));
    if (items == HD_ERR) return -1;
    for (int64_t i = 0, n = hd_list_len(items); i < n; i++) {
        hd_value pair = hd_list_get(items, i), v = HD_TUPLE(pair)->item[1];
        hd_value m = hd_special(v, hd_s___set_name__);
        if (m == HD_ABSENT) continue;
        hd_value r = m == HD_ERR ? m : hd_callv(m, hd_obj(t), HD_TUPLE(pair)->item[0]);
        if (r == HD_ERR) {
            (void)hd_raise_from_pending(&hd_exc_RuntimeError, "Error calling __set_name__ on '%T' instance %R in '%N'", v, HD_TUPLE(pair)->item[0], t);
            return -1;
        }
    }
    return 0;
}

static struct hd_type *winner_of(struct hd_type *meta, const struct hd_tuple *bases)
{
    for (int64_t i = 0; i < bases->len; i++) {
        struct hd_type *m = hd_type_of(bases->item[i]);
        if (hd_subtype(meta, m)) continue;
        if (!hd_subtype(m, meta)) {
            (void)hd_raise(&hd_exc_TypeError, "metaclass conflict: the metaclass of a derived class must be a (non-strict) subclass of the "
                                              "metaclasses of all its bases");
            return NULL;
        }
        meta = m;
    }
    return meta;
}

/* Fills the dict of a new class from the namespace. */
static int fill_dict(struct hd_type *t, hd_value name, hd_value ns, const struct slots *s, hd_value *cell)
{
    hd_value d = hd_dict_new(), q;
    if (d == HD_ERR || hd_dict_update(d, ns) < 0) return -1;
    t->dict = HD_DICT(d);
    *cell = hd_dict_pop(d, hd_s___classcell__);
    q = hd_dict_pop(d, hd_s___qualname__);
    if (*cell == HD_ERR || q == HD_ERR) return -1;
    if (q != HD_ABSENT && !hd_is_str(q)) {
        (void)hd_raise(&hd_exc_TypeError, "type __qualname__ must be a str, not %T", q);
        return -1;
    }
    HD_INIT(t, name, name);
    HD_INIT(t, qualname, q == HD_ABSENT ? name : q);
    if (hd_dict_get_str(d, hd_s___module__) == HD_ABSENT) {
        hd_value g = hd_current_globals ? hd_current_globals() : HD_ABSENT;
        hd_value m = g == HD_ABSENT ? HD_ABSENT : hd_dict_get_str(g, hd_s___name__);
        if (m != HD_ABSENT && hd_dict_set_str(d, hd_s___module__, m) < 0) return -1;
    }
    if (wrap(d, hd_s___new__, hd_staticmethod_new) < 0 || wrap(d, hd_s___init_subclass__, hd_classmethod_new) < 0
        || wrap(d, hd_s___class_getitem__, hd_classmethod_new) < 0)
        return -1;
    bool boxed = t->flags & HD_TF_IMMUTABLE_LAYOUT;
    const struct hd_tuple *names = HD_TUPLE(s->names);
    uint32_t offset = boxed ? 16 + t->base->basicsize - t->csize : (t->base->basicsize + 7) & ~7u;
    for (int64_t i = 0; i < names->len; i++) {
        hd_value m = hd_slot_member_new(t, names->item[i], offset + 8 * (uint32_t)i, boxed);
        if (m == HD_ERR || hd_dict_set_str(d, names->item[i], m) < 0) return -1;
    }
    if (s->dict || s->weak) {
        if (s->dict && hd_dict_get_str(d, hd_s___dict__) == HD_ABSENT) {
            hd_value g = hd_getset_descr_new(t, &hd_dict_getset);
            if (g == HD_ERR || hd_dict_set_str(d, hd_s___dict__, g) < 0) return -1;
        }
        if (s->weak && hd_dict_get_str(d, hd_s___weakref__) == HD_ABSENT) {
            hd_value g = hd_getset_descr_new(t, &hd_weakref_getset);
            if (g == HD_ERR || hd_dict_set_str(d, hd_s___weakref__, g) < 0) return -1;
        }
    }
    if (hd_dict_get_str(d, hd_s___doc__) == HD_ABSENT && hd_dict_set_str(d, hd_s___doc__, HD_NONE) < 0) return -1;
    if (hd_dict_get_str(d, hd_s___eq__) != HD_ABSENT && hd_dict_get_str(d, hd_s___hash__) == HD_ABSENT
        && hd_dict_set_str(d, hd_s___hash__, HD_NONE) < 0)
        return -1;
    return 0;
}

hd_value hd_type_new(struct hd_type *meta, hd_value name, hd_value bases, hd_value ns, const hd_value *kwvalues, hd_value kwnames)
{
    for (int64_t i = 0; i < HD_TUPLE(bases)->len; i++) {
        hd_value b = HD_TUPLE(bases)->item[i];
        if (hd_is_type(b)) continue;
        hd_value entries = hd_getattr_opt(b, hd_s___mro_entries__);
        if (entries == HD_ERR) return entries;
        if (entries != HD_ABSENT)
            return hd_raise(&hd_exc_TypeError, "type() doesn't support MRO entry resolution; use types.new_class()");
    }
    struct hd_type *winner = winner_of(meta, HD_TUPLE(bases));
    if (!winner) return HD_ERR;
    meta = winner;
    if (!HD_TUPLE(bases)->len) {
        bases = hd_tuplev(hd_obj(&hd_object_type));
        if (bases == HD_ERR) return bases;
    }
    struct hd_type *base = hd_type_best_base(HD_TUPLE(bases));
    if (!base) return HD_ERR;
    size_t len;
    hd_value doc = hd_dict_get(ns, hd_s___doc__);
    if (!hd_str_as_utf8(name, &len) || doc == HD_ERR || (doc != HD_ABSENT && hd_is_str(doc) && !hd_str_as_utf8(doc, &len))) return HD_ERR;
    struct slots s;
    if (read_slots(&s, ns, name, base) < 0) return HD_ERR;
    /* other bases may bring a dict or weak references */
    bool need_dict = s.dict, need_weak = s.weak;
    if (s.given)
        for (int64_t i = 0; i < HD_TUPLE(bases)->len; i++) {
            struct hd_type *b = HD_TYPE(HD_TUPLE(bases)->item[i]);
            if (b->flags & HD_TF_HAS_DICT) need_dict = true;
            if (b->flags & HD_TF_HAS_WEAKREFS) need_weak = true;
        }
    struct hd_type *t = hd_new_mutable(meta, meta->basicsize > sizeof *t ? meta->basicsize : sizeof *t);
    if (!t) return HD_ERR;
    t->base = base;
    t->bases = HD_TUPLE(bases);
    t->flags = HD_TF_HEAP | HD_TF_BASETYPE | hd_type_inherited_flags(base) | (need_dict ? HD_TF_HAS_DICT : 0) | (need_weak ? HD_TF_HAS_WEAKREFS : 0);
    enum { PATTERNS = HD_TF_SEQUENCE | HD_TF_MAPPING };
    t->flags &= ~(uint32_t)PATTERNS;
    for (int64_t i = 0; i < HD_TUPLE(bases)->len; i++) {
        uint32_t flags = HD_TYPE(HD_TUPLE(bases)->item[i])->flags;
        t->flags |= flags & (HD_TF_HAS_FINALISER | HD_TF_PYTHON_SLOTS);
        if (!(t->flags & PATTERNS)) t->flags |= flags & PATTERNS;      /* for patterns the first base decides */
    }
    t->csize = base->csize;
    t->basicsize = ((base->basicsize + (HD_TUPLE(s.names)->len ? 7 : 0)) & ~(HD_TUPLE(s.names)->len ? 7u : 0u)) + 8 * (uint32_t)HD_TUPLE(s.names)->len;
    t->itemsize = base->itemsize;
    t->dict_offset = base->dict_offset;
    hd_value cell;
    if (fill_dict(t, name, ns, &s, &cell) < 0) return HD_ERR;
    if (cell != HD_ABSENT && !hd_is_shape(cell, HD_SHAPE_CELL))
        return hd_raise(&hd_exc_TypeError, "__classcell__ must be a nonlocal cell, not %R", hd_obj(hd_type_of(cell)));
    if (cell != HD_ABSENT) {                   /* mro() of a metaclass may look at it */
        hd_cell_w w = hd_cell_open(hd_ptr(cell));
        HD_PUT(w, value, hd_obj(t));
    }
    hd_value mro = find_mro(t);
    if (mro == HD_ERR) return mro;
    hd_type_open(t);                           /* mro() may be Python code: the class may be from an earlier transaction by now */
    t->mro = HD_TUPLE(mro);
    if (set_root_shape(t) < 0) return HD_ERR;
    t->flags |= HD_TF_READY;
    hd_type_update_ops(t, HD_ABSENT);
    for (int64_t i = 0; i < HD_TUPLE(bases)->len; i++)
        if (hd_type_add_subclass(HD_TYPE(HD_TUPLE(bases)->item[i]), t) < 0) return HD_ERR;
    if (set_names(t) < 0) return HD_ERR;
    bool own = false;                          /* mro() may have left it out */
    for (int64_t i = 0; i < t->mro->len && !own; i++) own = t->mro->item[i] == hd_obj(t);
    if (!own) return hd_raise(&hd_exc_TypeError, "super(type, obj): obj must be an instance or subtype of type");
    hd_value hook = hd_super_getattr(t, hd_obj(t), hd_s___init_subclass__, NULL);
    if (hook == HD_ERR || hd_call(hook, kwvalues, 0, kwnames) == HD_ERR) return HD_ERR;
    return hd_obj(t);
}

/* ---- assignment to __bases__, __class__, __abstractmethods__ ---------------------------------------------------------------------------- */
/* Same layout as far as code that holds an instance can tell. */
static bool same_layout(struct hd_type *a, struct hd_type *b)
{
    struct hd_type *sa = solid_base(a), *sb = solid_base(b);
    if (sa != sb) {
        /* classes with equal __slots__ on the same base are compatible */
        if (!(sa->flags & sb->flags & HD_TF_HEAP) || sa->basicsize != sb->basicsize || solid_base(sa->base) != solid_base(sb->base)) return false;
        hd_value na = hd_dict_get_str(hd_obj(sa->dict), hd_s___slots__), nb = hd_dict_get_str(hd_obj(sb->dict), hd_s___slots__);
        if (na == HD_ABSENT || nb == HD_ABSENT) return false;
        na = hd_is_str(na) ? hd_tuplev(na) : hd_list_of(na), nb = hd_is_str(nb) ? hd_tuplev(nb) : hd_list_of(nb);
        if (na == HD_ERR || nb == HD_ERR) return false;
        if (hd_is_list(na) && hd_list_sort(na, HD_NONE, false) < 0) return false;
        if (hd_is_list(nb) && hd_list_sort(nb, HD_NONE, false) < 0) return false;
        if (hd_equal(na, nb) != 1) return false;
    }
    return !((a->flags ^ b->flags) & (HD_TF_HAS_DICT | HD_TF_HAS_WEAKREFS)) && a->csize == b->csize && a->basicsize == b->basicsize;
}

int hd_object_set_class(hd_value o, hd_value cls)
{
    if (!hd_is_type(cls)) {
        (void)hd_raise(&hd_exc_TypeError, "__class__ must be set to a class, not '%T' object", cls);
        return -1;
    }
    struct hd_type *from = hd_type_of(o), *to = HD_TYPE(cls);
    bool modules = hd_subtype(from, &hd_module_type) && hd_subtype(to, &hd_module_type);
    if (!modules && !(from->flags & to->flags & HD_TF_HEAP)) {
        (void)hd_raise(&hd_exc_TypeError, "__class__ assignment only supported for mutable types or ModuleType subclasses");
        return -1;
    }
    if (from == to) return 0;
    if (!same_layout(from, to)) {
        if (hd_exc_pending()) return -1;
        (void)hd_raise(&hd_exc_TypeError, "__class__ assignment: '%N' object layout differs from '%N'", to, from);
        return -1;
    }
    struct hd_inst *p = hd_ptr(o);
    stm_hold_world();
    uint32_t shape;
    if (from->flags & HD_TF_IMMUTABLE_LAYOUT) shape = hd_shape_rebase(p->head.h.shape, to);
    else {
        hd_inst_w w = hd_inst_open(p);
        shape = hd_shape_rebase(HD_OPENED(w)->head.h.shape, to);
    }
    if (shape) p->head.h.shape = shape;
    if (to->flags & HD_TF_HAS_FINALISER && !(from->flags & HD_TF_HAS_FINALISER)) gc_finaliser_register(p);
    hd_caches_drop();
    if (shape) return 0;
    (void)hd_raise(&hd_exc_TypeError, "__class__ assignment: '%N' object layout differs from '%N'", to, from);
    return -1;
}

/* MROs of t and its subclasses; mro() may be Python code, and then change any class.  Nothing is stopped while it runs. */
static int new_mro(struct hd_type *t, hd_value changes)
{
    hd_value mro = find_mro(t);
    if (mro == HD_ERR) return -1;
    hd_value was = hd_tuplev(hd_obj(t), mro, hd_obj((void *)t->mro));
    if (was == HD_ERR || hd_list_append(changes, was) < 0) return -1;
    hd_type_modify_begin(t);
    t->mro = HD_TUPLE(mro);
    hd_type_modify_end(t);
    hd_value subclasses = hd_type_subclasses(t);
    if (subclasses == HD_ERR) return -1;
    for (int64_t i = 0; i < hd_list_len(subclasses); i++)
        if (new_mro(HD_TYPE(hd_list_get(subclasses, i)), changes) < 0) return -1;
    return 0;
}

/* Puts back what new_mro changed, without asking mro() again, unless somebody has changed it since. */
static void old_mros(hd_value changes)
{
    for (int64_t i = hd_list_len(changes); i-- > 0;) {
        const struct hd_tuple *was = HD_TUPLE(hd_list_get(changes, i));
        struct hd_type *t = HD_TYPE(was->item[0]);
        if (t->mro != HD_TUPLE(was->item[1])) continue;
        hd_type_modify_begin(t);
        t->mro = HD_TUPLE(was->item[2]);
        hd_type_modify_end(t);
    }
}

int hd_type_set_bases(struct hd_type *t, hd_value bases)
{
    if (!hd_is_tuple(bases)) {
        (void)hd_raise(&hd_exc_TypeError, "can only assign tuple to %N.__bases__, not %T", t, bases);
        return -1;
    }
    const struct hd_tuple *new = HD_TUPLE(bases), *old = t->bases;
    if (!new->len) {
        (void)hd_raise(&hd_exc_TypeError, "can only assign non-empty tuple to %N.__bases__, not ()", t);
        return -1;
    }
    for (int64_t i = 0; i < new->len; i++) {
        if (!hd_is_type(new->item[i])) {
            (void)hd_raise(&hd_exc_TypeError, "%N.__bases__ must be tuple of classes, not '%T'", t, new->item[i]);
            return -1;
        }
        bool cycle = hd_subtype(HD_TYPE(new->item[i]), t);
        for (struct hd_type *b = HD_TYPE(new->item[i]); b && !cycle; b = b->base) cycle = b == t;     /* the MRO may be about to change */
        if (cycle) {
            (void)hd_raise(&hd_exc_TypeError, "a __bases__ item causes an inheritance cycle");
            return -1;
        }
    }
    struct hd_type *base = hd_type_best_base(new), *old_base = t->base;
    if (!base) return -1;
    if (solid_base(old_base) != solid_base(base) || old_base->csize != base->csize || old_base->basicsize != base->basicsize) {
        (void)hd_raise(&hd_exc_TypeError, "__bases__ assignment: '%N' %s differs from '%N'", base,
                       base != old_base && !(base->flags & old_base->flags & HD_TF_HEAP) ? "deallocator" : "object layout", old_base);
        return -1;
    }
    hd_value changes = hd_list_new(0);
    if (changes == HD_ERR) return -1;
    hd_type_modify_begin(t);
    t->bases = HD_TUPLE(bases), t->base = base;
    hd_type_modify_end(t);
    int r = new_mro(t, changes);
    bool still = t->bases == new;              /* no mro() has assigned others meanwhile */
    hd_value pending = r < 0 ? hd_exc_take() : HD_UNBOUND;
    if (r < 0 && still) {
        old_mros(changes);
        hd_type_modify_begin(t);
        t->bases = (struct hd_tuple *)old, t->base = old_base;
        hd_type_modify_end(t);                 /* before the look-ups of the update */
    } else if (still) {
        for (int64_t i = 0; i < old->len && r >= 0; i++) r = hd_type_remove_subclass(HD_TYPE(old->item[i]), t);
        for (int64_t i = 0; i < new->len && r >= 0; i++) r = hd_type_add_subclass(HD_TYPE(new->item[i]), t);
    }
    if (pending != HD_UNBOUND) hd_exc_put(pending);
    hd_type_modify_begin(t);
    hd_type_update_all_ops(t, HD_ABSENT);
    hd_type_modify_end(t);
    return r < 0 ? -1 : 0;
}

int hd_type_set_abstract(struct hd_type *t, hd_value v)
{
    int truth = v == HD_ABSENT ? 0 : hd_truth(v);
    if (truth < 0) return -1;
    int r = hd_type_dict_set(t, hd_s___abstractmethods__, v);
    if (r == 0 && v == HD_ABSENT) (void)hd_raise_value(&hd_exc_AttributeError, hd_s___abstractmethods__);
    if (r <= 0) return -1;
    hd_type_modify_begin(t);
    if (truth) t->flags |= HD_TF_ABSTRACT;
    else t->flags &= ~(uint32_t)HD_TF_ABSTRACT;
    hd_type_modify_end(t);
    return 0;
}
