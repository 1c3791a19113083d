/* Owns parameterised generics (list[int]) and unions of types (int | None), with substitution of type variables. */
#include "interp/core/attr.h"
#include "interp/core/type_ops.h"
#include "interp/types/objects.h"

static const struct hd_generic_alias *ga(hd_value v) { return hd_ptr(v); }
static bool is_alias(hd_value v) { return hd_is_ptr(v) && hd_subtype(hd_type_of(v), &hd_genericalias_type); }

/* ---- type variables ---------------------------------------------------------------------------------------------------------------- */
static int add_once(hd_value list, hd_value v)
{
    for (int64_t i = hd_list_len(list); i-- > 0;)
        if (hd_list_get(list, i) == v) return 0;
    return hd_list_append(list, v);
}

hd_value hd_alias_parameters(hd_value args)
{
    hd_value out = hd_list_new(0);
    for (int64_t i = 0; out != HD_ERR && i < HD_TUPLE(args)->len; i++) {
        hd_value t = HD_TUPLE(args)->item[i];
        if (hd_is_type(t)) continue;
        hd_value subst = hd_type_of(t) == &hd_genericalias_type ? HD_ABSENT : hd_getattr_opt(t, hd_s___typing_subst__);
        if (subst == HD_ERR) return subst;
        if (subst != HD_ABSENT) {
            if (add_once(out, t) < 0) return HD_ERR;
            continue;
        }
        hd_value p = hd_getattr_opt(t, hd_s___parameters__);
        if (p == HD_ERR) return p;
        if (p == HD_ABSENT || !hd_is_tuple(p)) continue;
        for (int64_t k = 0; k < HD_TUPLE(p)->len; k++)
            if (add_once(out, HD_TUPLE(p)->item[k]) < 0) return HD_ERR;
    }
    return out == HD_ERR ? out : hd_list_as_tuple(out);
}

/* *tuple[int, ...] as an argument: its arguments, HD_ABSENT if v is no such thing or ends in an ellipsis. */
static hd_value unpacked(hd_value v)
{
    if (hd_is_type(v)) return HD_ABSENT;
    hd_value r = hd_getattr_opt(v, hd_s___typing_unpacked_tuple_args__);
    if (r == HD_ERR || r == HD_ABSENT || r == HD_NONE) return r == HD_ERR ? r : HD_ABSENT;
    if (hd_is_tuple(r) && HD_TUPLE(r)->len && HD_TUPLE(r)->item[HD_TUPLE(r)->len - 1] == HD_ELLIPSIS) return HD_ABSENT;
    return hd_is_tuple(r) ? r : HD_ABSENT;
}
static hd_value unpack_all(hd_value item)
{
    hd_value out = hd_list_new(0), one = hd_is_tuple(item) ? item : hd_tuplev(item);
    if (out == HD_ERR || one == HD_ERR) return HD_ERR;
    for (int64_t i = 0; i < HD_TUPLE(one)->len; i++) {
        hd_value v = HD_TUPLE(one)->item[i], u = unpacked(v);
        if (u == HD_ERR) return u;
        if ((u == HD_ABSENT ? hd_list_append(out, v) : hd_list_extend(out, u)) < 0) return HD_ERR;
    }
    return hd_list_as_tuple(out);
}

static int64_t position(hd_value params, hd_value p)
{
    for (int64_t i = 0; i < HD_TUPLE(params)->len; i++)
        if (HD_TUPLE(params)->item[i] == p) return i;
    return -1;
}

/* arg[values of its own parameters] */
static hd_value substitute_inside(hd_value arg, hd_value params, hd_value values)
{
    hd_value own = hd_getattr_opt(arg, hd_s___parameters__);
    if (own == HD_ERR) return own;
    if (own == HD_ABSENT || !hd_is_tuple(own) || !HD_TUPLE(own)->len) return arg;
    hd_value list = hd_list_new(0);
    for (int64_t i = 0; list != HD_ERR && i < HD_TUPLE(own)->len; i++) {
        hd_value p = HD_TUPLE(own)->item[i];
        int64_t k = position(params, p);
        if (k < 0) {
            if (hd_list_append(list, p) < 0) return HD_ERR;
            continue;
        }
        hd_value v = HD_TUPLE(values)->item[k];
        /* a variable for several types takes a tuple */
        bool several = hd_is_tuple(v) && hd_type_of(p)->op.iter != NULL;
        if ((several ? hd_list_extend(list, v) : hd_list_append(list, v)) < 0) return HD_ERR;
    }
    hd_value key = list == HD_ERR ? list : hd_list_as_tuple(list);
    return key == HD_ERR ? key : hd_getitem(arg, key);
}

hd_value hd_alias_substitute(hd_value self, hd_value args, hd_value parameters, hd_value item)
{
    int64_t nparams = HD_TUPLE(parameters)->len;
    if (!nparams) return hd_raise(&hd_exc_TypeError, "%R is not a generic class", self);
    item = unpack_all(item);
    for (int64_t i = 0; i < nparams && item != HD_ERR; i++) {
        hd_value p = HD_TUPLE(parameters)->item[i], prepare = hd_getattr_opt(p, hd_s___typing_prepare_subst__);
        if (prepare == HD_ERR) return prepare;
        if (prepare == HD_ABSENT || prepare == HD_NONE) continue;
        item = hd_callv(prepare, self, hd_is_tuple(item) ? item : hd_tuplev(item));
    }
    if (item == HD_ERR) return item;
    hd_value values = hd_is_tuple(item) ? item : hd_tuplev(item);
    int64_t n = HD_TUPLE(values)->len;
    if (n != nparams) return hd_raise(&hd_exc_TypeError, "Too %s arguments for %R; actual %ld, expected %ld", n > nparams ? "many" : "few", self, (long)n, (long)nparams);
    hd_value out = hd_list_new(0);
    for (int64_t i = 0; out != HD_ERR && i < HD_TUPLE(args)->len; i++) {
        hd_value a = HD_TUPLE(args)->item[i], v;
        if (hd_is_type(a)) {
            if (hd_list_append(out, a) < 0) return HD_ERR;
            continue;
        }
        hd_value flag = hd_getattr_opt(a, hd_s___typing_is_unpacked_typevartuple__);
        int star = flag == HD_ABSENT ? 0 : flag == HD_ERR ? -1 : hd_truth(flag);
        if (star < 0) return HD_ERR;
        hd_value subst = hd_getattr_opt(a, hd_s___typing_subst__);
        if (subst == HD_ERR) return subst;
        int64_t k = position(parameters, a);
        if (subst != HD_ABSENT && k >= 0) v = hd_callv(subst, HD_TUPLE(values)->item[k]);
        else v = substitute_inside(a, parameters, values);
        if (v == HD_ERR) return v;
        if ((star && hd_is_tuple(v) ? hd_list_extend(out, v) : hd_list_append(out, v)) < 0) return HD_ERR;
    }
    return out == HD_ERR ? out : hd_list_as_tuple(out);
}

/* ---- list[int] ------------------------------------------------------------------------------------------------------------------------ */
static hd_value alias_new(hd_value origin, hd_value args, bool starred)
{
    if (!hd_is_tuple(args)) {
        args = hd_tuplev(args);
        if (args == HD_ERR) return args;
    }
    struct hd_generic_alias *a = hd_new_object(&hd_genericalias_type, sizeof *a);
    if (!a) return HD_ERR;
    a->origin = origin, a->args = args, a->starred = starred;
    return hd_obj(a);
}
hd_value hd_generic_alias_new(hd_value origin, hd_value args) { return alias_new(origin, args, false); }

static hd_value alias_make(hd_value type, const hd_value *args, size_t nargs, hd_value kwnames)
{
    if (hd_no_kwargs("GenericAlias", kwnames) < 0) return HD_ERR;
    if (nargs != 2) return hd_raise(&hd_exc_TypeError, "GenericAlias expected 2 arguments, got %zu", nargs);
    if (type == hd_obj(&hd_genericalias_type)) return alias_new(args[0], args[1], false);
    struct hd_generic_alias *a = hd_new_immutable_sub(HD_TYPE(type), sizeof *a);
    hd_value t = hd_is_tuple(args[1]) ? args[1] : hd_tuplev(args[1]);
    if (!a || t == HD_ERR) return HD_ERR;
    a->origin = args[0], a->args = t;
    return hd_obj(a);
}
static hd_value parameters_of(hd_value v)
{
    return hd_alias_parameters(ga(v)->args);
}

hd_value hd_alias_item_repr(hd_value v)
{
    if (v == HD_ELLIPSIS) return hd_intern("...");
    hd_value o = hd_getattr_opt(v, hd_s___origin__);
    if (o == HD_ERR) return o;
    if (o != HD_ABSENT) {
        hd_value a = hd_getattr_opt(v, hd_s___args__);
        if (a != HD_ABSENT) return a == HD_ERR ? a : hd_repr(v);
    }
    hd_value q = hd_getattr_opt(v, hd_s___qualname__);
    if (q == HD_ERR || q == HD_ABSENT) return q == HD_ERR ? q : hd_repr(v);
    hd_value m = hd_getattr_opt(v, hd_s___module__);
    if (m == HD_ERR || m == HD_ABSENT || m == HD_NONE) return m == HD_ERR ? m : hd_repr(v);
    if (hd_is_str(m) && hd_str_is(m, "builtins")) return hd_str_of(q);
    return hd_str_format("%S.%S", m, q);
}
/* Lists inside arguments ([int, str] of Callable) show their items the same way. */
static hd_value item_repr(hd_value v)
{
    if (!hd_is_list(v)) return hd_alias_item_repr(v);
    struct hd_strbuilder b;
    hd_sb_init(&b);
    hd_sb_char(&b, '[');
    for (int64_t i = 0; i < hd_list_len(v); i++) {
        hd_value r = hd_alias_item_repr(hd_list_get(v, i));
        if (r == HD_ERR) return r;
        if (i) hd_sb_ascii(&b, ", ", 2);
        hd_sb_str(&b, r);
    }
    hd_sb_char(&b, ']');
    return hd_sb_finish(&b);
}
static hd_value alias_repr(hd_value v)
{
    struct hd_strbuilder b;
    hd_sb_init(&b);
    hd_value r = hd_alias_item_repr(ga(v)->origin);
    if (r == HD_ERR) return r;
    if (ga(v)->starred) hd_sb_char(&b, '*');
    hd_sb_str(&b, r);
    hd_sb_char(&b, '[');
    const struct hd_tuple *args = HD_TUPLE(ga(v)->args);
    for (int64_t i = 0; i < args->len; i++) {
        r = item_repr(args->item[i]);
        if (r == HD_ERR) return r;
        if (i) hd_sb_ascii(&b, ", ", 2);
        hd_sb_str(&b, r);
    }
    if (!args->len) hd_sb_ascii(&b, "()", 2);
    hd_sb_char(&b, ']');
    return hd_sb_finish(&b);
}
static int64_t alias_hash(hd_value v)
{
    if (hd_c_stack_room() < 0) return -1;
    int64_t a = hd_hash(ga(v)->origin), b = a == -1 ? -1 : hd_hash(ga(v)->args);
    return b == -1 ? -1 : (a ^ b) == -1 ? -2 : a ^ b;
}
static hd_value alias_compare(hd_value a, hd_value b, enum hd_cmpop op)
{
    if ((op != HD_EQ && op != HD_NE) || !is_alias(a) || !is_alias(b)) return HD_NOTIMPLEMENTED;
    int r = ga(a)->starred == ga(b)->starred;
    if (r) r = hd_equal(ga(a)->origin, ga(b)->origin);
    if (r > 0) r = hd_equal(ga(a)->args, ga(b)->args);
    return r < 0 ? HD_ERR : hd_bool((r != 0) == (op == HD_EQ));
}
static hd_value alias_call(hd_value v, const hd_value *args, size_t nargs, hd_value kwnames)
{
    hd_value o = hd_call(ga(v)->origin, args, nargs, kwnames);
    if (o == HD_ERR) return o;
    if (hd_setattr(o, hd_s___orig_class__, v) < 0) {
        if (!hd_exc_is(&hd_exc_AttributeError) && !hd_exc_is(&hd_exc_TypeError)) return HD_ERR;
        hd_exc_clear();
    }
    return o;
}
static hd_value alias_getitem(hd_value v, hd_value key)
{
    hd_value p = parameters_of(v);
    if (p == HD_ERR) return p;
    hd_value args = hd_alias_substitute(v, ga(v)->args, p, key);
    return args == HD_ERR ? args : alias_new(ga(v)->origin, args, ga(v)->starred);
}
static bool own_name(hd_value name)
{
    hd_value *const own[] = { &hd_s___class__, &hd_s___bases__, &hd_s___origin__, &hd_s___args__, &hd_s___unpacked__, &hd_s___parameters__,
                              &hd_s___typing_unpacked_tuple_args__, &hd_s___mro_entries__, &hd_s___reduce_ex__, &hd_s___reduce__, &hd_s___copy__, &hd_s___deepcopy__ };
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (*own[i] == name) return true;
    return false;
}
static hd_value alias_getattr(hd_value v, hd_value name)
{
    if (!own_name(name)) return hd_getattr(ga(v)->origin, name);
    return hd_generic_getattr(v, name);
}
/* What `*alias` iterates over: the alias once, unpacked. */
struct alias_iterator { struct hd_mhead head; hd_vslot alias; };       /* HD_UNBOUND: exhausted */
HD_MUTABLE(alias_iterator)
HD_MUTABLE_OPEN(alias_iterator, sizeof(struct alias_iterator))
static hd_value alias_iterator_self(hd_value v) { return v; }
static hd_value alias_iterator_next(hd_value v)
{
    alias_iterator_w w = alias_iterator_open(hd_ptr(v));
    hd_value a = HD_OWN(w, alias);
    if (a == HD_UNBOUND) return HD_STOP;
    HD_PUT(w, alias, HD_UNBOUND);
    return alias_new(ga(a)->origin, ga(a)->args, true);
}
static hd_value alias_iterator_reduce(hd_value v, const hd_value *args, size_t n, hd_value k)
{
    struct alias_iterator *it = hd_ptr(v);
    hd_value a = HD_GET(it, alias), iter = hd_import_attr("builtins", "iter");
    return iter == HD_ERR ? iter : hd_tuplev(iter, hd_tuplev(a == HD_UNBOUND ? hd_empty_tuple : a));
}
static void alias_iterator_trace(void *o, struct gc_marker *m) { gc_mark(m, HD_RAW(((struct alias_iterator *)o)->alias)); }
static const struct hd_methoddef alias_iterator_methods[] = { { "__reduce__", alias_iterator_reduce, 0, 0, 0, NULL }, { NULL } };
struct hd_type hd_alias_iterator_type = {
    .cname = "generic_alias_iterator", .basicsize = sizeof(struct alias_iterator), .flags = HD_TF_NEVER_INSTANTIATE, .methods = alias_iterator_methods,
    .op = { .iter = alias_iterator_self, .iternext = alias_iterator_next, .trace = alias_iterator_trace },
};
static hd_value alias_iter(hd_value v)
{
    struct alias_iterator *it = hd_new_mutable(&hd_alias_iterator_type, sizeof *it);
    if (!it) return HD_ERR;
    HD_INIT(it, alias, v);
    return hd_obj(it);
}
static hd_value alias_or(hd_value a, hd_value b) { return hd_union_of(a, b); }
static hd_value alias_mro_entries(hd_value v, const hd_value *args, size_t n, hd_value k) { return hd_tuplev(ga(v)->origin); }
static hd_value alias_instancecheck(hd_value v, const hd_value *args, size_t n, hd_value k)
{
    return hd_raise(&hd_exc_TypeError, "isinstance() argument 2 cannot be a parameterized generic");
}
static hd_value alias_subclasscheck(hd_value v, const hd_value *args, size_t n, hd_value k)
{
    return hd_raise(&hd_exc_TypeError, "issubclass() argument 2 cannot be a parameterized generic");
}
static hd_value alias_reduce(hd_value v, const hd_value *args, size_t n, hd_value k)
{
    if (ga(v)->starred) {
        hd_value next = hd_import_attr("builtins", "next"), it = hd_iter(alias_new(ga(v)->origin, ga(v)->args, false));
        if (next == HD_ERR || it == HD_ERR) return HD_ERR;
        hd_value a = hd_tuplev(it);
        return a == HD_ERR ? a : hd_tuplev(next, a);
    }
    hd_value a = hd_tuplev(ga(v)->origin, ga(v)->args);
    return a == HD_ERR ? a : hd_tuplev(hd_obj(hd_type_of(v)), a);
}
static hd_value alias_dir(hd_value v, const hd_value *args, size_t n, hd_value k)
{
    hd_value l = hd_dir(ga(v)->origin);
    static const char *const names[] = { "__origin__", "__args__", "__parameters__", "__mro_entries__", "__reduce_ex__", "__reduce__", "__copy__", "__deepcopy__",
                                         "__unpacked__", "__typing_unpacked_tuple_args__" };
    for (size_t i = 0; l != HD_ERR && i < sizeof names / sizeof *names; i++)
        if (hd_list_append(l, hd_intern(names[i])) < 0) return HD_ERR;
    return l;
}
static hd_value get_parameters(hd_value v, void *c)
{
    return parameters_of(v);
}
static hd_value get_unpacked_args(hd_value v, void *c)
{
    return ga(v)->starred && ga(v)->origin == hd_obj(&hd_tuple_type) ? ga(v)->args : HD_NONE;
}
static hd_value get_unpacked(hd_value v, void *c) { return hd_bool(ga(v)->starred); }
static const struct hd_methoddef alias_methods[] = {
    { "__mro_entries__", alias_mro_entries, 1, 1, 0, NULL }, { "__instancecheck__", alias_instancecheck, 1, 1, 0, NULL },
    { "__subclasscheck__", alias_subclasscheck, 1, 1, 0, NULL }, { "__reduce__", alias_reduce, 0, 0, 0, NULL }, { "__dir__", alias_dir, 0, 0, 0, NULL }, { NULL }
};
static const struct hd_memberdef alias_members[] = {
    { "__origin__", offsetof(struct hd_generic_alias, origin), HD_MEMBER_CONST | HD_MEMBER_READONLY, NULL },
    { "__args__", offsetof(struct hd_generic_alias, args), HD_MEMBER_CONST | HD_MEMBER_READONLY, NULL }, { NULL }
};
static const struct hd_getsetdef alias_getsets[] = {
    { "__parameters__", get_parameters, NULL, "Type variables in the GenericAlias.", NULL },
    { "__typing_unpacked_tuple_args__", get_unpacked_args, NULL, NULL, NULL }, { "__unpacked__", get_unpacked, NULL, NULL, NULL }, { NULL }
};
static void alias_trace(void *o, struct gc_marker *m)
{
    const struct hd_generic_alias *a = o;
    gc_mark(m, a->origin);
    gc_mark(m, a->args);
}
struct hd_type hd_genericalias_type = {
    .cname = "types.GenericAlias", .basicsize = sizeof(struct hd_generic_alias), .flags = HD_TF_IMMUTABLE_LAYOUT | HD_TF_BASETYPE | HD_TF_HAS_WEAKREFS,
    .doc = "GenericAlias(origin, args, /)\n--\n\nRepresent a PEP 585 generic type\n\nE.g. for t = list[int], t.__origin__ is list and t.__args__ is (int,).",
    .methods = alias_methods, .members = alias_members, .getsets = alias_getsets,
    .op = { .repr = alias_repr, .hash = alias_hash, .richcompare = alias_compare, .call = alias_call, .getitem = alias_getitem, .getattr = alias_getattr,
            .iter = alias_iter, .make = alias_make, .binary = { [HD_OR] = alias_or }, .trace = alias_trace },
};

/* ---- int | None -------------------------------------------------------------------------------------------------------------------------- */
static const struct hd_union *un(hd_value v) { return hd_ptr(v); }
bool hd_is_union_operand(hd_value v) { return v == HD_NONE || hd_is_type(v) || is_alias(v) || hd_is_shape(v, HD_SHAPE_UNION); }

static int union_add(hd_value list, hd_value v)
{
    if (hd_is_shape(v, HD_SHAPE_UNION)) {
        for (int64_t i = 0; i < HD_TUPLE(un(v)->args)->len; i++)
            if (union_add(list, HD_TUPLE(un(v)->args)->item[i]) < 0) return -1;
        return 0;
    }
    if (v == HD_NONE) v = hd_obj(&hd_none_type);
    for (int64_t i = 0; i < hd_list_len(list); i++) {
        hd_value x = hd_list_get(list, i);
        bool aliases = is_alias(x) && is_alias(v);
        int same = aliases ? hd_equal(x, v) : x == v;
        if (same) return same < 0 ? -1 : 0;
    }
    return hd_list_append(list, v);
}
static hd_value union_from(hd_value list)
{
    if (hd_list_len(list) == 1) return hd_list_get(list, 0);
    hd_value args = hd_list_as_tuple(list);
    struct hd_union *u = args == HD_ERR ? NULL : hd_new_object(&hd_union_type, sizeof *u);
    if (!u) return HD_ERR;
    u->args = args;
    return hd_obj(u);
}
hd_value hd_union_of(hd_value a, hd_value b)
{
    if (!hd_is_union_operand(a) || !hd_is_union_operand(b)) return HD_NOTIMPLEMENTED;
    hd_value l = hd_list_new(2);
    if (l == HD_ERR || union_add(l, a) < 0 || union_add(l, b) < 0) return HD_ERR;
    return union_from(l);
}
static hd_value union_repr(hd_value v)
{
    struct hd_strbuilder b;
    hd_sb_init(&b);
    for (int64_t i = 0; i < HD_TUPLE(un(v)->args)->len; i++) {
        hd_value x = HD_TUPLE(un(v)->args)->item[i];
        hd_value r = x == hd_obj(&hd_none_type) ? hd_intern("None") : hd_alias_item_repr(x);
        if (r == HD_ERR) return r;
        if (i) hd_sb_ascii(&b, " | ", 3);
        hd_sb_str(&b, r);
    }
    return hd_sb_finish(&b);
}
static int64_t union_hash(hd_value v)
{
    hd_value f = hd_frozenset_of(un(v)->args);
    return f == HD_ERR ? -1 : hd_hash(f);
}
static hd_value union_compare(hd_value a, hd_value b, enum hd_cmpop op)
{
    if ((op != HD_EQ && op != HD_NE) || !hd_is_shape(a, HD_SHAPE_UNION) || !hd_is_shape(b, HD_SHAPE_UNION)) return HD_NOTIMPLEMENTED;
    hd_value x = hd_frozenset_of(un(a)->args), y = hd_frozenset_of(un(b)->args);
    return x == HD_ERR || y == HD_ERR ? HD_ERR : hd_compare(x, y, op);
}
static hd_value union_or(hd_value a, hd_value b) { return hd_union_of(a, b); }
static hd_value union_parameters(hd_value v, void *c) { return hd_alias_parameters(un(v)->args); }
static hd_value union_getitem(hd_value v, hd_value key)
{
    hd_value p = hd_alias_parameters(un(v)->args);
    if (p == HD_ERR) return p;
    hd_value args = hd_alias_substitute(v, un(v)->args, p, key);
    if (args == HD_ERR) return args;
    hd_value r = HD_TUPLE(args)->item[0];
    for (int64_t i = 1; i < HD_TUPLE(args)->len && r != HD_ERR; i++) r = hd_binary_op(HD_OR, r, HD_TUPLE(args)->item[i]);
    return r;
}
static hd_value union_instancecheck(hd_value v, const hd_value *args, size_t n, hd_value k)
{
    int r = hd_isinstance(args[0], v);
    return r < 0 ? HD_ERR : hd_bool(r);
}
static hd_value union_subclasscheck(hd_value v, const hd_value *args, size_t n, hd_value k)
{
    if (!hd_is_type(args[0])) return hd_raise(&hd_exc_TypeError, "issubclass() arg 1 must be a class");
    int r = hd_issubclass(args[0], v);
    return r < 0 ? HD_ERR : hd_bool(r);
}
static hd_value union_getattr(hd_value v, hd_value name)
{
    if (name == hd_s___module__) return hd_intern("types");
    return hd_generic_getattr(v, name);
}
static void union_trace(void *o, struct gc_marker *m) { gc_mark(m, ((struct hd_union *)o)->args); }
static const struct hd_memberdef union_members[] = { { "__args__", offsetof(struct hd_union, args), HD_MEMBER_CONST | HD_MEMBER_READONLY, NULL }, { NULL } };
static const struct hd_getsetdef union_getsets[] = { { "__parameters__", union_parameters, NULL, "Type variables in the types.UnionType.", NULL }, { NULL } };
static const struct hd_methoddef union_methods[] = {
    { "__instancecheck__", union_instancecheck, 1, 1, 0, NULL }, { "__subclasscheck__", union_subclasscheck, 1, 1, 0, NULL },
    { NULL }
};
struct hd_type hd_union_type = {
    .cname = "types.UnionType", .basicsize = sizeof(struct hd_union), .flags = HD_TF_IMMUTABLE_LAYOUT | HD_TF_NEVER_INSTANTIATE,
    .doc = "Represent a PEP 604 union type\n\nE.g. for int | str", .methods = union_methods, .members = union_members, .getsets = union_getsets,
    .op = { .repr = union_repr, .hash = union_hash, .richcompare = union_compare, .getitem = union_getitem, .getattr = union_getattr,
            .binary = { [HD_OR] = union_or }, .trace = union_trace },
};
