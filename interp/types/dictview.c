/* Views of dicts (keys, values, items) and the six iterators. */
#include "interp/types/_set.h"

#define ARGS hd_value self, const hd_value *args, size_t nargs, hd_value kwnames

struct dictview { struct hd_head head; hd_value dict; };
#define DICT_OF(view) (((struct dictview *)hd_ptr(view))->dict)

hd_value hd_dictview_new(hd_value d, struct hd_type *type)
{
    struct dictview *v = hd_new_object(type, sizeof *v);
    if (!v) return HD_ERR;
    v->dict = d;
    return hd_obj(v);
}
hd_value hd_dictview_dict(hd_value view) { return DICT_OF(view); }
static void view_trace(void *o, struct gc_marker *m) { gc_mark(m, ((struct dictview *)o)->dict); }

bool hd_table_snapshot(hd_value v, struct hd_array **items, int64_t *n)
{
    unsigned words = HD_DICT_WORDS;
    bool values = false;
    if (!hd_is_ptr(v)) return false;
    struct hd_type *t = hd_type_of(v);
    if (t == &hd_dictkeys_type || t == &hd_dictvalues_type) {
        values = t == &hd_dictvalues_type;
        v = DICT_OF(v);
        t = hd_type_of(v);
    } else if (t == &hd_set_type || t == &hd_frozenset_type) words = HD_SET_WORDS;
    if (words == HD_DICT_WORDS && t != &hd_dict_type) return false;
    struct hd_tabled *o = hd_ptr(v);
    if (words == HD_DICT_WORDS) stm_do_deferred(o);
    int64_t live = hd_table_live(HD_GET(o, table)), i = 0;
    uint64_t place = 0;
    hd_value hw, key, value;
    *items = live ? hd_array_new(live) : &hd_empty_array;
    if (*items && live) {
        hd_value *to = &HD_RAW((*items)->item[0]);
        if (words == HD_SET_WORDS) while (i < live && table_walk(STM_EITHER, o, &place, HD_SET_WORDS, &hw, &key, NULL)) to[i++] = key;
        else while (i < live && table_walk(STM_EITHER, o, &place, HD_DICT_WORDS, &hw, &key, &value)) to[i++] = values ? value : key;
    }
    *n = i;
    return true;
}

/* ---- iterators ---- */
enum { KEYS, VALUES, ITEMS };
struct dictiter { struct hd_mhead head; hd_vslot dict; /* HD_UNBOUND: exhausted */ hd_islot pos, size, left, moves; };
HD_MUTABLE(dictiter)
HD_MUTABLE_OPEN(dictiter, sizeof(struct dictiter))

static bool is_reverse_type(struct hd_type *t)
{
    return t == &hd_dictrevkeyiter_type || t == &hd_dictrevvalueiter_type || t == &hd_dictrevitemiter_type;
}

static int64_t moves_of(hd_value d)
{
    if (hd_is_dict_exact(d) || !hd_is_odict(d)) return 0;
    struct hd_odict *o = hd_ptr(d);
    return (int64_t)stm_read(&o->dict.head.w, &o->moves);
}

hd_value hd_dictiter_new(hd_value d, struct hd_type *type)
{
    struct dictiter *it = hd_new_mutable(type, sizeof *it);
    if (!it) return HD_ERR;
    struct hd_table *t = HD_GET(HD_DICT(d), table);
    int64_t live = hd_table_live(t);
    HD_INIT(it, dict, d);
    HD_INIT(it, size, live);
    HD_INIT(it, left, live);
    HD_INIT(it, moves, moves_of(d));
    HD_INIT(it, pos, is_reverse_type(type) ? HD_GET_AT(&hd_table_tail(t)->w, &hd_table_tail(t)->used) - 1 : 0);
    return hd_obj(it);
}

HD_INLINE hd_value made(int what, hd_value k, hd_value v) { return what == KEYS ? k : what == VALUES ? v : hd_tuplev(k, v); }

static hd_value changed(dictiter_w w, const char *what)
{
    HD_PUT(w, size, -1);
    return hd_raise(&hd_exc_RuntimeError, "dictionary %s during iteration", what);
}

static hd_value moved(dictiter_w w)
{
    HD_PUT(w, size, -1);
    return hd_raise(&hd_exc_RuntimeError, "OrderedDict mutated during iteration");
}

HD_INLINE hd_value next_forward(hd_value self, int what)
{
    dictiter_w w = dictiter_open(hd_ptr(self));
    hd_value d = HD_OWN(w, dict), k, v = HD_UNBOUND, hw;
    if (d == HD_UNBOUND) return HD_STOP;
    struct hd_table *t = HD_GET(HD_DICT(d), table);
    if (STM_UNLIKELY(hd_table_live(t) != HD_OWN(w, size))) return changed(w, "changed size");
    if (STM_UNLIKELY(!hd_is_dict_exact(d)) && moves_of(d) != HD_OWN(w, moves)) return moved(w);
    uint64_t place = (uint64_t)HD_OWN(w, pos);
    if (!table_walk(STM_EITHER, (struct hd_tabled *)HD_DICT(d), &place, HD_DICT_WORDS, &hw, &k, what == KEYS ? NULL : &v)) {
        HD_PUT(w, dict, HD_UNBOUND);
        return HD_STOP;
    }
    if (STM_UNLIKELY(HD_OWN(w, left) == 0)) return changed(w, "keys changed");
    HD_PUT(w, pos, (int64_t)place);
    HD_PUT(w, left, HD_OWN(w, left) - 1);
    return made(what, k, v);
}

HD_INLINE hd_value next_backward(hd_value self, int what)
{
    dictiter_w w = dictiter_open(hd_ptr(self));
    hd_value d = HD_OWN(w, dict), k, v = HD_UNBOUND;
    if (d == HD_UNBOUND) return HD_STOP;
    stm_do_deferred(HD_DICT(d));
    struct hd_table *t = HD_GET(HD_DICT(d), table);
    if (STM_UNLIKELY(hd_table_live(t) != HD_OWN(w, size))) return changed(w, "changed size");
    if (STM_UNLIKELY(!hd_is_dict_exact(d)) && moves_of(d) != HD_OWN(w, moves)) return moved(w);
    int64_t place = HD_OWN(w, pos), used = HD_GET_AT(&hd_table_tail(t)->w, &hd_table_tail(t)->used);
    if (place >= used) place = used - 1;
    while (place >= 0 && !table_read_entry(t, (uint64_t)place, &k)) place--;
    if (place < 0) {
        HD_PUT(w, dict, HD_UNBOUND);
        return HD_STOP;
    }
    if (STM_UNLIKELY(HD_OWN(w, left) == 0)) return changed(w, "keys changed");
    if (what != KEYS) v = stm_read(hd_table_unit(t, (uint64_t)place), &hd_table_entry(t, (uint64_t)place)[2]);
    HD_PUT(w, pos, place - 1);
    HD_PUT(w, left, HD_OWN(w, left) - 1);
    return made(what, k, v);
}

static hd_value keyiter_next(hd_value self) { return next_forward(self, KEYS); }
static hd_value valueiter_next(hd_value self) { return next_forward(self, VALUES); }
static hd_value itemiter_next(hd_value self) { return next_forward(self, ITEMS); }
static hd_value revkeyiter_next(hd_value self) { return next_backward(self, KEYS); }
static hd_value revvalueiter_next(hd_value self) { return next_backward(self, VALUES); }
static hd_value revitemiter_next(hd_value self) { return next_backward(self, ITEMS); }

static hd_value dictiter_hint(ARGS)
{
    struct dictiter *it = hd_ptr(self);
    hd_value d = HD_GET(it, dict);
    return hd_fix(d == HD_UNBOUND || hd_dict_len(d) != HD_GET(it, size) ? 0 : HD_GET(it, left));
}

/* Consumes a copy, so that the iterator itself stays where it is. */
static hd_value dictiter_reduce(ARGS)
{
    struct dictiter *it = hd_ptr(self), *copy = hd_new_mutable(hd_type_of(self), sizeof *copy);
    if (!copy) return HD_ERR;
    HD_INIT(copy, dict, HD_GET(it, dict));
    HD_INIT(copy, pos, HD_GET(it, pos));
    HD_INIT(copy, size, HD_GET(it, size));
    HD_INIT(copy, left, HD_GET(it, left));
    HD_INIT(copy, moves, HD_GET(it, moves));
    return hd_tuplev(hd_builtin("iter"), hd_tuplev(hd_list_of(hd_obj(copy))));
}

static void dictiter_trace(void *o, struct gc_marker *m) { gc_mark(m, HD_RAW(((struct dictiter *)o)->dict)); }
static hd_value self_iter(hd_value self) { return self; }

static const struct hd_methoddef dictiter_methods[] = {
    { "__length_hint__", dictiter_hint, 0, 0, 0, "Private method returning an estimate of len(list(it))." },
    { "__reduce__", dictiter_reduce, 0, 0, 0, "Return state information for pickling." },
    { 0 }
};
#define ITERATOR(c, python, next)                                                                                        \
    struct hd_type hd_##c##_type = {                                                                                     \
        .cname = python, .basicsize = sizeof(struct dictiter), .flags = HD_TF_NEVER_INSTANTIATE, .methods = dictiter_methods, \
        .op = { .iter = self_iter, .iternext = next, .trace = dictiter_trace },                                          \
    };
ITERATOR(dictkeyiter, "dict_keyiterator", keyiter_next)
ITERATOR(dictvalueiter, "dict_valueiterator", valueiter_next)
ITERATOR(dictitemiter, "dict_itemiterator", itemiter_next)
ITERATOR(dictrevkeyiter, "dict_reversekeyiterator", revkeyiter_next)
ITERATOR(dictrevvalueiter, "dict_reversevalueiterator", revvalueiter_next)
ITERATOR(dictrevitemiter, "dict_reverseitemiterator", revitemiter_next)

/* ---- views ---- */
static int64_t view_length(hd_value self) { return hd_dict_len(DICT_OF(self)); }
static hd_value keys_iter(hd_value self) { return hd_dictiter_new(DICT_OF(self), &hd_dictkeyiter_type); }
static hd_value values_iter(hd_value self) { return hd_dictiter_new(DICT_OF(self), &hd_dictvalueiter_type); }
static hd_value items_iter(hd_value self) { return hd_dictiter_new(DICT_OF(self), &hd_dictitemiter_type); }
static hd_value keys_reversed(ARGS) { return hd_dictiter_new(DICT_OF(self), &hd_dictrevkeyiter_type); }
static hd_value values_reversed(ARGS) { return hd_dictiter_new(DICT_OF(self), &hd_dictrevvalueiter_type); }
static hd_value items_reversed(ARGS) { return hd_dictiter_new(DICT_OF(self), &hd_dictrevitemiter_type); }
static int keys_contains(hd_value self, hd_value key) { return hd_dict_contains(DICT_OF(self), key); }

static int items_contains(hd_value self, hd_value item)
{
    if (!hd_is_tuple(item) || HD_TUPLE(item)->len != 2) return 0;
    hd_value v = hd_dict_get(DICT_OF(self), HD_TUPLE(item)->item[0]);
    if (v == HD_ERR) return -1;
    return v == HD_ABSENT ? 0 : hd_equal(v, HD_TUPLE(item)->item[1]);
}

static hd_value view_repr(hd_value self)
{
    int r = hd_repr_enter(self);
    if (r) return r > 0 ? hd_str_utf8("...") : HD_ERR;
    hd_value list = hd_list_of(self), s = list == HD_ERR ? HD_ERR : hd_str_format("%N(%R)", hd_type_of(self), list);
    hd_repr_leave(self);
    return s;
}

static hd_value view_sub(hd_value a, hd_value b);
/* Keys or items, OrderedDict's included. */
static bool is_view(hd_value v) { return hd_is_ptr(v) && hd_type_of(v)->op.binary[HD_SUB] == view_sub; }
static bool set_like(hd_value v) { return hd_is_anyset(v) || is_view(v); }

/* Are all elements of a in b?  1, 0, -1 */
static int all_in(hd_value a, hd_value b)
{
    hd_value it = hd_iter(a), k;
    if (it == HD_ERR) return -1;
    while ((k = hd_next(it)) != HD_STOP) {
        int r = k == HD_ERR ? -1 : hd_contains(b, k);
        if (r <= 0) return r;
    }
    return 1;
}

static hd_value view_compare(hd_value a, hd_value b, enum hd_cmpop op)
{
    if (!is_view(a) || !set_like(b)) return HD_NOTIMPLEMENTED;
    int64_t n = hd_len(a), m = n < 0 ? -1 : hd_len(b);
    if (m < 0) return HD_ERR;
    int r;
    switch (op) {
    case HD_EQ: case HD_NE: r = n == m ? all_in(a, b) : 0; break;
    case HD_LT: r = n < m ? all_in(a, b) : 0; break;
    case HD_LE: r = n <= m ? all_in(a, b) : 0; break;
    case HD_GT: r = n > m ? all_in(b, a) : 0; break;
    default: r = n >= m ? all_in(b, a) : 0; break;
    }
    return r < 0 ? HD_ERR : hd_bool(op == HD_NE ? !r : r);
}

static struct hd_set *as_set(hd_value v)
{
    return hd_set_copy(&hd_set_type, v);
}
static hd_value result(struct hd_set *s) { return s ? hd_obj(s) : HD_ERR; }

static hd_value view_sub(hd_value a, hd_value b)
{
    struct hd_set *s = as_set(a);
    return !s || hd_set_subtract(s, b) ? HD_ERR : hd_obj(s);
}
static hd_value view_or(hd_value a, hd_value b)
{
    struct hd_set *s = as_set(a);
    return !s || hd_set_update(s, b) ? HD_ERR : hd_obj(s);
}
static hd_value view_xor(hd_value a, hd_value b)
{
    struct hd_set *s = as_set(a);
    return !s || hd_set_toggle(s, b) ? HD_ERR : hd_obj(s);
}

/* Elements of the other operand that the view has: `x in view`, in the other's order. */
static hd_value view_and(hd_value a, hd_value b)
{
    hd_value view = is_view(a) ? a : b, other = is_view(a) ? b : a;
    if (is_view(other) && hd_len(other) > hd_len(view)) {
        hd_value x = view;
        view = other;
        other = x;
    }
    if (hd_is_anyset(other) && hd_set_len(other) >= hd_len(view)) {
        struct hd_set *s = as_set(other);
        return s ? result(hd_set_intersection(&hd_set_type, s, view)) : HD_ERR;
    }
    struct hd_set *s = hd_set_alloc(&hd_set_type);
    hd_value it = s ? hd_iter(other) : HD_ERR, k;
    if (it == HD_ERR) return HD_ERR;
    while ((k = hd_next(it)) != HD_STOP) {
        int r = k == HD_ERR ? -1 : hd_contains(view, k);
        if (r < 0 || (r && hd_set_add(hd_obj(s), k))) return HD_ERR;
    }
    return hd_obj(s);
}

static hd_value view_isdisjoint(ARGS)
{
    hd_value other = args[0], view = self;
    if (other == self) return hd_bool(view_length(self) == 0);
    if (set_like(other) && hd_len(other) > view_length(self)) {
        view = other;
        other = self;
    }
    hd_value it = hd_iter(other), k;
    if (it == HD_ERR) return HD_ERR;
    while ((k = hd_next(it)) != HD_STOP) {
        int r = k == HD_ERR ? -1 : hd_contains(view, k);
        if (r) return r < 0 ? HD_ERR : HD_FALSE;
    }
    return HD_TRUE;
}

static hd_value view_mapping(hd_value self, void *closure) { return hd_mappingproxy_new(DICT_OF(self)); }

static const struct hd_getsetdef view_getsets[] = {
    { "mapping", view_mapping, NULL, "dictionary that this view refers to", NULL },
    { 0 }
};
#define SETLIKE_METHODS(rev)                                                                                             \
    { "isdisjoint", view_isdisjoint, 1, 1, 0, "Return True if the view and the given iterable have a null intersection." }, \
    { "__reversed__", rev, 0, 0, 0, "Return a reverse iterator over the dict view." },                                   \
    { 0 }
static const struct hd_methoddef keys_methods[] = { SETLIKE_METHODS(keys_reversed) };
static const struct hd_methoddef items_methods[] = { SETLIKE_METHODS(items_reversed) };
static const struct hd_methoddef values_methods[] = {
    { "__reversed__", values_reversed, 0, 0, 0, "Return a reverse iterator over the dict values." },
    { 0 }
};
#define SETLIKE_OPS .binary = { [HD_SUB] = view_sub, [HD_AND] = view_and, [HD_OR] = view_or, [HD_XOR] = view_xor }
#define VIEW_FLAGS (HD_TF_NEVER_INSTANTIATE | HD_TF_IMMUTABLE_LAYOUT)

struct hd_type hd_dictkeys_type = {
    .cname = "dict_keys", .basicsize = sizeof(struct dictview), .flags = VIEW_FLAGS, .methods = keys_methods, .getsets = view_getsets,
    .op = { .repr = view_repr, .hash = hd_hash_refused, .iter = keys_iter, .length = view_length, .contains = keys_contains,
            .richcompare = view_compare, SETLIKE_OPS, .trace = view_trace },
};
struct hd_type hd_dictitems_type = {
    .cname = "dict_items", .basicsize = sizeof(struct dictview), .flags = VIEW_FLAGS, .methods = items_methods, .getsets = view_getsets,
    .op = { .repr = view_repr, .hash = hd_hash_refused, .iter = items_iter, .length = view_length, .contains = items_contains,
            .richcompare = view_compare, SETLIKE_OPS, .trace = view_trace },
};
struct hd_type hd_dictvalues_type = {
    .cname = "dict_values", .basicsize = sizeof(struct dictview), .flags = VIEW_FLAGS, .methods = values_methods, .getsets = view_getsets,
    .op = { .repr = view_repr, .iter = values_iter, .length = view_length, .trace = view_trace },
};
