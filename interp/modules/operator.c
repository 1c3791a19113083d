/* The module _operator: the operators as functions; itemgetter, attrgetter and methodcaller. */
#include "interp/modules/modules.h"
#include "interp/types/_dict.h"
#include "interp/types/_seq.h"

#define ARGS hd_value self, const hd_value *args, size_t nargs, hd_value kwnames

#define UNARY(name, expr) static hd_value op_##name(ARGS) { hd_value a = args[0]; return expr; }
#define BINARY(name, expr) static hd_value op_##name(ARGS) { hd_value a = args[0], b = args[1]; return expr; }
static hd_value truth_value(int r) { return r < 0 ? HD_ERR : hd_bool(r); }
static hd_value inverse(int r) { return r < 0 ? HD_ERR : hd_bool(!r); }
static hd_value none_or_error(int r) { return r ? HD_ERR : HD_NONE; }
static hd_value same(hd_value a, hd_value b) { return hd_bool(hd_is(a, b)); }

UNARY(truth, truth_value(hd_truth(a)))
UNARY(not_, inverse(hd_truth(a)))
UNARY(neg, hd_neg(a))
UNARY(pos, hd_pos(a))
UNARY(abs, hd_abs(a))
UNARY(invert, hd_invert(a))
UNARY(index, hd_number_index(a))
BINARY(contains, truth_value(hd_contains(a, b)))
BINARY(is_, same(a, b))
BINARY(is_not, same(a, b) == HD_TRUE ? HD_FALSE : HD_TRUE)
#define OP(name, id) BINARY(name, hd_binary_op(id, a, b)) BINARY(i##name, hd_inplace_op(id, a, b))
OP(add, HD_ADD)
OP(sub, HD_SUB)
OP(mul, HD_MUL)
OP(matmul, HD_MATMUL)
OP(floordiv, HD_FLOORDIV)
OP(truediv, HD_DIV)
OP(mod, HD_MOD)
OP(lshift, HD_LSHIFT)
OP(rshift, HD_RSHIFT)
OP(and, HD_AND)
OP(or, HD_OR)
OP(xor, HD_XOR)
BINARY(pow, hd_power_op(a, b, HD_NONE))
BINARY(ipow, hd_inplace_power(a, b))
BINARY(lt, hd_compare(a, b, HD_LT))
BINARY(le, hd_compare(a, b, HD_LE))
BINARY(eq, hd_compare(a, b, HD_EQ))
BINARY(ne, hd_compare(a, b, HD_NE))
BINARY(ge, hd_compare(a, b, HD_GE))
BINARY(gt, hd_compare(a, b, HD_GT))
BINARY(getitem, hd_getitem(a, b))
BINARY(delitem, none_or_error(hd_setitem(a, b, HD_ABSENT)))
static hd_value op_setitem(ARGS) { return none_or_error(hd_setitem(args[0], args[1], args[2])); }

static hd_value concat(hd_value a, hd_value b, bool inplace)
{
    if (!hd_type_of(a)->op.getitem || hd_is_dict(a)) return hd_raise(&hd_exc_TypeError, "'%T' object can't be concatenated", a);
    return inplace ? hd_inplace_op(HD_ADD, a, b) : hd_binary_op(HD_ADD, a, b);
}
BINARY(concat, concat(a, b, false))
BINARY(iconcat, concat(a, b, true))

static hd_value op_index_of(ARGS)
{
    hd_value it = hd_iter(args[0]), v;
    if (it == HD_ERR) {
        if (!hd_exc_is(&hd_exc_TypeError)) return it;
        hd_exc_clear();
        return hd_raise(&hd_exc_TypeError, "argument of type '%T' is not iterable", args[0]);
    }
    for (int64_t i = 0; (v = hd_next(it)) != HD_STOP; i++) {
        int r = v == HD_ERR ? -1 : hd_equal(v, args[1]);
        if (r) return r < 0 ? HD_ERR : hd_fix(i);
    }
    return hd_raise(&hd_exc_ValueError, "sequence.index(x): x not in sequence");
}

static hd_value op_count_of(ARGS)
{
    hd_value it = hd_iter(args[0]), v;
    int64_t n = 0;
    if (it == HD_ERR) {
        if (!hd_exc_is(&hd_exc_TypeError)) return it;
        hd_exc_clear();
        return hd_raise(&hd_exc_TypeError, "argument of type '%T' is not iterable", args[0]);
    }
    while ((v = hd_next(it)) != HD_STOP) {
        int r = v == HD_ERR ? -1 : hd_equal(v, args[1]);
        if (r < 0) return HD_ERR;
        n += r;
    }
    return hd_fix(n);
}

static hd_value op_length_hint(ARGS)
{
    int64_t fallback = 0;
    if (nargs > 1) {
        if (!hd_type_of(args[1])->op.index && !hd_is_int(args[1])) return hd_raise(&hd_exc_TypeError, "'%T' object cannot be interpreted as an integer", args[1]);
        if (hd_as_i64(args[1], &fallback)) return HD_ERR;
    }
    int64_t n = hd_length_hint(args[0], fallback);
    return n == -1 && hd_exc_pending() ? HD_ERR : hd_int(n);
}

static hd_value op_call(ARGS) { return hd_call(args[0], args + 1, nargs - 1, kwnames); }

/* Takes the same time for all contents of one length. */
static hd_value op_compare_digest(ARGS)
{
    const unsigned char *p, *q;
    int64_t n, m;
    hd_value a = args[0], b = args[1];
    unsigned char diff = 0;
    if (hd_is_str(a) && hd_is_str(b)) {
        if (!(HD_STR(a)->head.aux & HD_STR_ASCII) || !(HD_STR(b)->head.aux & HD_STR_ASCII))
            return hd_raise(&hd_exc_TypeError, "comparing strings with non-ASCII characters is not supported");
        p = HD_STR(a)->data;
        q = HD_STR(b)->data;
        n = HD_STR(a)->len;
        m = HD_STR(b)->len;
        if (n != m) p = q;
        for (int64_t i = 0; i < m; i++) diff |= p[i] ^ q[i];
        return hd_bool(!diff && n == m);
    }
    if (hd_is_str(a) || hd_is_str(b) || !hd_type_of(a)->op.getbuffer || !hd_type_of(b)->op.getbuffer)
        return hd_raise(&hd_exc_TypeError, "unsupported operand types(s) or combination of types: '%T' and '%T'", a, b);
    struct hd_buffer x, y;
    if (hd_buffer_get(a, &x, false)) return HD_ERR;
    if (hd_buffer_get(b, &y, false)) {
        hd_buffer_release(&x);
        return HD_ERR;
    }
    p = x.data;
    q = y.data;
    n = x.len;
    m = y.len;
    if (n != m) p = q;
    for (int64_t i = 0; i < m; i++) diff |= p[i] ^ q[i];
    hd_buffer_release(&x);
    hd_buffer_release(&y);
    return hd_bool(!diff && n == m);
}

/* ---- itemgetter, attrgetter, methodcaller: a the items, attribute paths or method name; b, c methodcaller's arguments ---- */
struct getter { struct hd_mhead head; hd_value a, b, c; };       /* fixed */
#define GETTER(v) ((struct getter *)hd_ptr(v))
static struct hd_type itemgetter_type, attrgetter_type, methodcaller_type;

static hd_value getter_new(hd_value type, hd_value a, hd_value b, hd_value c)
{
    if (a == HD_ERR || b == HD_ERR || c == HD_ERR) return HD_ERR;
    hd_value o = hd_alloc_instance(HD_TYPE(type), 0);
    if (o == HD_ERR) return o;
    GETTER(o)->a = a;
    GETTER(o)->b = b;
    GETTER(o)->c = c;
    return o;
}
static void getter_trace(void *o, struct gc_marker *m)
{
    gc_mark(m, ((struct getter *)o)->a);
    gc_mark(m, ((struct getter *)o)->b);
    gc_mark(m, ((struct getter *)o)->c);
}
static int one_argument(const char *name, size_t nargs, hd_value kwnames)
{
    if (hd_no_kwargs(name, kwnames)) return -1;
    if (nargs == 1) return 0;
    (void)hd_raise(&hd_exc_TypeError, "%s expected 1 argument, got %lld", name, (long long)nargs);
    return -1;
}
static hd_value each(struct hd_tuple *t, hd_value obj, hd_value (*get)(hd_value, hd_value))
{
    if (t->len == 1) return get(obj, t->item[0]);
    hd_value r = hd_tuple_new((size_t)t->len);
    if (r == HD_ERR) return r;
    for (int64_t i = 0; i < t->len; i++) HD_TUPLE(r)->item[i] = HD_NONE;
    for (int64_t i = 0; i < t->len; i++) {
        hd_value v = get(obj, t->item[i]);
        if (v == HD_ERR) return v;
        HD_TUPLE(r)->item[i] = v;
    }
    return r;
}
static hd_value get_item(hd_value o, hd_value key) { return hd_getitem(o, key); }

static hd_value itemgetter_make(hd_value type, const hd_value *args, size_t nargs, hd_value kwnames)
{
    if (hd_no_kwargs("itemgetter", kwnames)) return HD_ERR;
    if (!nargs) return hd_raise(&hd_exc_TypeError, "itemgetter expected 1 argument, got 0");
    return getter_new(type, hd_tuple_from(args, nargs), HD_NONE, HD_NONE);
}
static hd_value itemgetter_call(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
{
    if (one_argument("itemgetter", nargs, kwnames)) return HD_ERR;
    return each(HD_TUPLE(GETTER(self)->a), args[0], get_item);
}
static hd_value joined_repr(hd_value self, const char *open, hd_value items)
{
    int r = hd_repr_enter(self);
    if (r < 0) return HD_ERR;
    if (r) return hd_str_format("operator.%s(...)", hd_type_short_name(hd_type_of(self)));
    hd_value s = hd_str_format("%s%s(", open, hd_type_short_name(hd_type_of(self)));
    for (int64_t i = 0; s != HD_ERR && i < HD_TUPLE(items)->len; i++) s = hd_str_format(i ? "%U, %R" : "%U%R", s, HD_TUPLE(items)->item[i]);
    if (s != HD_ERR) s = hd_str_format("%U)", s);
    hd_repr_leave(self);
    return s;
}
static const char *prefix(hd_value self) { return hd_type_of(self)->flags & HD_TF_HEAP ? "" : "operator."; }
static hd_value itemgetter_repr(hd_value self) { return joined_repr(self, prefix(self), GETTER(self)->a); }
static hd_value itemgetter_reduce(ARGS) { return hd_tuplev(hd_obj(hd_type_of(self)), GETTER(self)->a); }
static const struct hd_methoddef itemgetter_methods[] = {
    { "__reduce__", itemgetter_reduce, 0, 0, 0, "Return state information for pickling" },
    { 0 }
};
static struct hd_type itemgetter_type = {
    .cname = "operator.itemgetter", .basicsize = sizeof(struct getter), .methods = itemgetter_methods,
    .doc = "itemgetter(item, /, *items)\n--\n\nReturn a callable object that fetches the given item(s) from its operand.\n"
           "After f = itemgetter(2), the call f(r) returns r[2].\nAfter g = itemgetter(2, 5, 3), the call g(r) returns (r[2], r[5], r[3])",
    .op = { .call = itemgetter_call, .make = itemgetter_make, .repr = itemgetter_repr, .trace = getter_trace },
};

/* A dotted path is kept as a tuple of names, a single name as it is; b has the paths as they were given. */
static hd_value split_path(hd_value name)
{
    if (!hd_is_str(name)) return hd_raise(&hd_exc_TypeError, "attribute name must be a string");
    int64_t n = HD_STR(name)->len, from = 0;
    hd_value parts = HD_ABSENT;
    for (int64_t i = 0; i <= n; i++) {
        if (i < n && hd_str_at(name, i) != '.') continue;
        if (i == n && from == 0) return hd_str_intern(name);
        if (parts == HD_ABSENT && (parts = hd_list_new(0)) == HD_ERR) return parts;
        hd_value part = hd_str_slice(name, from, i);
        if (part == HD_ERR || hd_list_push(HD_LIST(parts), hd_str_intern(part))) return HD_ERR;
        from = i + 1;
    }
    return hd_list_as_tuple(parts);
}
static hd_value get_path(hd_value o, hd_value path)
{
    if (!hd_is_tuple(path)) return hd_getattr(o, path);
    for (int64_t i = 0; o != HD_ERR && i < HD_TUPLE(path)->len; i++) o = hd_getattr(o, HD_TUPLE(path)->item[i]);
    return o;
}
static hd_value attrgetter_make(hd_value type, const hd_value *args, size_t nargs, hd_value kwnames)
{
    if (hd_no_kwargs("attrgetter", kwnames)) return HD_ERR;
    if (!nargs) return hd_raise(&hd_exc_TypeError, "attrgetter expected 1 argument, got 0");
    hd_value t = hd_tuple_new(nargs);
    if (t == HD_ERR) return t;
    for (size_t i = 0; i < nargs; i++) HD_TUPLE(t)->item[i] = HD_NONE;
    for (size_t i = 0; i < nargs; i++) {
        hd_value p = split_path(args[i]);
        if (p == HD_ERR) return p;
        HD_TUPLE(t)->item[i] = p;
    }
    return getter_new(type, t, hd_tuple_from(args, nargs), HD_NONE);
}
static hd_value attrgetter_call(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
{
    if (one_argument("attrgetter", nargs, kwnames)) return HD_ERR;
    return each(HD_TUPLE(GETTER(self)->a), args[0], get_path);
}
static hd_value attrgetter_repr(hd_value self) { return joined_repr(self, prefix(self), GETTER(self)->b); }
static hd_value attrgetter_reduce(ARGS) { return hd_tuplev(hd_obj(hd_type_of(self)), GETTER(self)->b); }
static const struct hd_methoddef attrgetter_methods[] = {
    { "__reduce__", attrgetter_reduce, 0, 0, 0, "Return state information for pickling" },
    { 0 }
};
static struct hd_type attrgetter_type = {
    .cname = "operator.attrgetter", .basicsize = sizeof(struct getter), .methods = attrgetter_methods,
    .doc = "attrgetter(attr, /, *attrs)\n--\n\nReturn a callable object that fetches the given attribute(s) from its operand.\n"
           "After f = attrgetter('name'), the call f(r) returns r.name.\nAfter g = attrgetter('name', 'date'), the call g(r) returns (r.name, r.date).\n"
           "After h = attrgetter('name.first', 'name.last'), the call h(r) returns\n(r.name.first, r.name.last).",
    .op = { .call = attrgetter_call, .make = attrgetter_make, .repr = attrgetter_repr, .trace = getter_trace },
};

/* b: arguments and keyword values, c: names of the keywords or None */
static hd_value methodcaller_make(hd_value type, const hd_value *args, size_t nargs, hd_value kwnames)
{
    if (!nargs) return hd_raise(&hd_exc_TypeError, "methodcaller needs at least one argument, the method name");
    if (!hd_is_str(args[0])) return hd_raise(&hd_exc_TypeError, "method name must be a string");
    size_t nkw = kwnames ? (size_t)HD_TUPLE(kwnames)->len : 0;
    return getter_new(type, hd_str_intern(args[0]), hd_tuple_from(args + 1, nargs - 1 + nkw), nkw ? kwnames : HD_NONE);
}
static hd_value methodcaller_call(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
{
    struct getter *g = GETTER(self);
    if (one_argument("methodcaller", nargs, kwnames)) return HD_ERR;
    size_t n = (size_t)HD_TUPLE(g->b)->len;
    if (g->c == HD_NONE) return hd_call_method(args[0], g->a, HD_TUPLE(g->b)->item, n);
    hd_value f = hd_getattr(args[0], g->a);
    return f == HD_ERR ? f : hd_call(f, HD_TUPLE(g->b)->item, n - (size_t)HD_TUPLE(g->c)->len, g->c);
}
static hd_value methodcaller_repr(hd_value self)
{
    struct getter *g = GETTER(self);
    int r = hd_repr_enter(self);
    if (r < 0) return HD_ERR;
    if (r) return hd_str_format("operator.%s(...)", hd_type_short_name(hd_type_of(self)));
    int64_t n = HD_TUPLE(g->b)->len, nkw = g->c == HD_NONE ? 0 : HD_TUPLE(g->c)->len;
    hd_value s = hd_str_format("%s%s(%R", prefix(self), hd_type_short_name(hd_type_of(self)), g->a);
    for (int64_t i = 0; s != HD_ERR && i < n; i++) {
        hd_value v = HD_TUPLE(g->b)->item[i];
        s = i < n - nkw ? hd_str_format("%U, %R", s, v) : hd_str_format("%U, %U=%R", s, HD_TUPLE(g->c)->item[i - (n - nkw)], v);
    }
    if (s != HD_ERR) s = hd_str_format("%U)", s);
    hd_repr_leave(self);
    return s;
}
static hd_value methodcaller_reduce(ARGS)
{
    struct getter *g = GETTER(self);
    int64_t n = HD_TUPLE(g->b)->len, nkw = g->c == HD_NONE ? 0 : HD_TUPLE(g->c)->len;
    hd_value all = hd_tuple_new((size_t)(n - nkw) + 1);
    if (all == HD_ERR) return all;
    HD_TUPLE(all)->item[0] = g->a;
    memcpy(HD_TUPLE(all)->item + 1, HD_TUPLE(g->b)->item, (size_t)(n - nkw) * 8);
    if (!nkw) return hd_tuplev(hd_obj(hd_type_of(self)), all);
    hd_value partial = hd_import_attr("functools", "partial"), d = partial == HD_ERR ? partial : hd_dict_new();
    for (int64_t i = 0; d != HD_ERR && i < nkw; i++)
        if (hd_dict_set(d, HD_TUPLE(g->c)->item[i], HD_TUPLE(g->b)->item[n - nkw + i])) return HD_ERR;
    hd_value first = d == HD_ERR ? d : hd_call_ex(partial, hd_tuplev(hd_obj(hd_type_of(self)), g->a), d);
    hd_value rest = hd_tuple_from(HD_TUPLE(g->b)->item, (size_t)(n - nkw));
    return hd_tuplev(first, rest);
}
static const struct hd_methoddef methodcaller_methods[] = {
    { "__reduce__", methodcaller_reduce, 0, 0, 0, "Return state information for pickling" },
    { 0 }
};
static struct hd_type methodcaller_type = {
    .cname = "operator.methodcaller", .basicsize = sizeof(struct getter), .methods = methodcaller_methods,
    .doc = "methodcaller(name, /, *args, **kwargs)\n--\n\nReturn a callable object that calls the given method on its operand.\n"
           "After f = methodcaller('name'), the call f(r) returns r.name().\nAfter g = methodcaller('name', 'date', foo=1), the call g(r) returns\nr.name('date', foo=1).",
    .op = { .call = methodcaller_call, .make = methodcaller_make, .repr = methodcaller_repr, .trace = getter_trace },
};

#define F1(python, c, text) { python, op_##c, 1, 1, 0, "($module, a, /)\n--\n\n" text }
#define F2(python, c, text) { python, op_##c, 2, 2, 0, "($module, a, b, /)\n--\n\n" text }
static const struct hd_methoddef functions[] = {
    F1("truth", truth, "Return True if a is true, False otherwise."),
    F2("contains", contains, "Same as b in a (note reversed operands)."),
    F2("indexOf", index_of, "Return the first index of b in a."),
    F2("countOf", count_of, "Return the number of items in a which are, or which equal, b."),
    F2("is_", is_, "Same as a is b."), F2("is_not", is_not, "Same as a is not b."),
    F2("add", add, "Same as a + b."), F2("sub", sub, "Same as a - b."), F2("mul", mul, "Same as a * b."), F2("matmul", matmul, "Same as a @ b."),
    F2("floordiv", floordiv, "Same as a // b."), F2("truediv", truediv, "Same as a / b."), F2("mod", mod, "Same as a % b."),
    F1("neg", neg, "Same as -a."), F1("pos", pos, "Same as +a."), F1("abs", abs, "Same as abs(a)."),
    F1("inv", invert, "Same as ~a."), F1("invert", invert, "Same as ~a."),
    F2("lshift", lshift, "Same as a << b."), F2("rshift", rshift, "Same as a >> b."), F1("not_", not_, "Same as not a."),
    F2("and_", and, "Same as a & b."), F2("xor", xor, "Same as a ^ b."), F2("or_", or, "Same as a | b."),
    F2("iadd", iadd, "Same as a += b."), F2("isub", isub, "Same as a -= b."), F2("imul", imul, "Same as a *= b."),
    F2("imatmul", imatmul, "Same as a @= b."), F2("ifloordiv", ifloordiv, "Same as a //= b."), F2("itruediv", itruediv, "Same as a /= b."),
    F2("imod", imod, "Same as a %= b."), F2("ilshift", ilshift, "Same as a <<= b."), F2("irshift", irshift, "Same as a >>= b."),
    F2("iand", iand, "Same as a &= b."), F2("ixor", ixor, "Same as a ^= b."), F2("ior", ior, "Same as a |= b."),
    F2("concat", concat, "Same as a + b, for a and b sequences."), F2("iconcat", iconcat, "Same as a += b, for a and b sequences."),
    F2("getitem", getitem, "Same as a[b]."), F2("delitem", delitem, "Same as del a[b]."),
    { "setitem", op_setitem, 3, 3, 0, "($module, a, b, c, /)\n--\n\nSame as a[b] = c." },
    F2("pow", pow, "Same as a ** b."), F2("ipow", ipow, "Same as a **= b."),
    F2("eq", eq, "Same as a == b."), F2("ne", ne, "Same as a != b."), F2("lt", lt, "Same as a < b."), F2("le", le, "Same as a <= b."),
    F2("gt", gt, "Same as a > b."), F2("ge", ge, "Same as a >= b."),
    F1("index", index, "Same as a.__index__()"),
    { "length_hint", op_length_hint, 1, 2, 0, "($module, obj, default=0, /)\n--\n\nReturn an estimate of the number of items in obj." },
    { "call", op_call, 1, -1, HD_METH_KW, "($module, obj, /, *args, **kwargs)\n--\n\nSame as obj(*args, **kwargs)." },
    { "_compare_digest", op_compare_digest, 2, 2, 0, "($module, a, b, /)\n--\n\nReturn 'a == b'." },
    { 0 }
};

static int operator_exec(hd_value m)
{
    return hd_add_type(m, &itemgetter_type) || hd_add_type(m, &attrgetter_type) || hd_add_type(m, &methodcaller_type) ? -1 : 0;
}

const struct hd_moduledef hd_module_operator = { "_operator", "Operator interface.\n\nThis module exports a set of functions implemented in C corresponding\n"
    "to the intrinsic operators of Python.  For example, operator.add(x, y)\nis equivalent to the expression x+y.", functions, operator_exec };
