/* Tuples: immutable, items in the object.  Subclasses defined in Python keep their attributes in a companion object. */
#include "interp/types/_seq.h"

#define ARGS hd_value self, const hd_value *args, size_t nargs, hd_value kwnames

static struct hd_tuple empty_tuple = { .head = { HD_SHAPE_TUPLE, 0 }, .len = 0 };
hd_value hd_empty_tuple = 0;
__attribute__((constructor)) static void tuple_start(void) { hd_empty_tuple = hd_obj(&empty_tuple); }

hd_value hd_tuple_new(size_t n)
{
    if (n == 0) return hd_obj(&empty_tuple);
    if (n > (size_t)1 << 44) return hd_no_memory();
    size_t size = sizeof(struct hd_tuple) + n * 8;
    struct hd_tuple *t = size <= GC_BUMP_MAX ? gc_alloc_small(size) : gc_alloc(size);
    if (STM_UNLIKELY(!t)) return hd_no_memory();
    t->head.aux = 0;
    t->len = (int64_t)n;
    t->head.shape = HD_SHAPE_TUPLE;
    return hd_obj(t);
}

hd_value hd_tuple_from(const hd_value *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (STM_UNLIKELY(p[i] == HD_ERR)) return HD_ERR;
    hd_value t = hd_tuple_new(n);
    if (STM_LIKELY(t != HD_ERR)) for (size_t i = 0; i < n; i++) HD_TUPLE(t)->item[i] = p[i];
    return t;
}

hd_value hd_tuple_of(hd_value iterable)
{
    if (hd_is_tuple_exact(iterable)) return iterable;
    const hd_value *p;
    int64_t n;
    hd_value it = hd_is_list(iterable) || hd_is_tuple(iterable) ? iterable : hd_iter(iterable);
    if (it == HD_ERR || (it != iterable && hd_length_hint(iterable, 10) < 0)) return HD_ERR;
    hd_value keep = hd_fast_sequence(it, "", &p, &n);
    if (keep == HD_ERR) return HD_ERR;
    hd_value t = hd_tuple_from(p, (size_t)n);
    __asm__ volatile("" :: "r"(keep));
    return t;
}

static hd_value tuple_make(hd_value type, const hd_value *args, size_t nargs, hd_value kwnames)
{
    struct hd_type *t = HD_TYPE(type);
    if (kwnames && (t == &hd_tuple_type || t->op.init == hd_object_init) && hd_no_kwargs("tuple", kwnames)) return HD_ERR;
    if (nargs > 1) return hd_raise(&hd_exc_TypeError, "tuple expected at most 1 argument, got %lld", (long long)nargs);
    hd_value src = nargs ? hd_tuple_of(args[0]) : hd_obj(&empty_tuple);
    if (src == HD_ERR || t == &hd_tuple_type) return src;
    struct hd_tuple *s = HD_TUPLE(src), *o = hd_new_immutable_sub(t, sizeof *o + (size_t)s->len * 8);
    if (!o) return HD_ERR;
    o->len = s->len;
    memcpy(o->item, s->item, (size_t)s->len * 8);
    return hd_obj(o);
}

static hd_value slice_of(hd_value self, int64_t lo, int64_t n)
{
    if (n == HD_TUPLE(self)->len && hd_is_tuple_exact(self)) return self;
    return n <= 0 ? hd_obj(&empty_tuple) : hd_tuple_from(HD_TUPLE(self)->item + lo, (size_t)n);
}

static hd_value tuple_getitem(hd_value self, hd_value key)
{
    struct hd_tuple *t = HD_TUPLE(self);
    if (hd_is_slice(key)) {
        int64_t start, stop, step, count;
        if (hd_slice_indices(key, t->len, &start, &stop, &step, &count)) return HD_ERR;
        if (step == 1 || count <= 0) return slice_of(self, start, count);
        hd_value r = hd_tuple_new((size_t)count);
        if (r != HD_ERR) for (int64_t i = 0; i < count; i++) HD_TUPLE(r)->item[i] = t->item[start + i * step];
        return r;
    }
    int64_t i;
    if (hd_seq_index(key, "tuple", &i)) return HD_ERR;
    if (i < 0) i += t->len;
    return (uint64_t)i < (uint64_t)t->len ? t->item[i] : hd_raise(&hd_exc_IndexError, "tuple index out of range");
}

static int64_t search(hd_value self, hd_value v, int64_t lo, int64_t hi)
{
    struct hd_tuple *t = HD_TUPLE(self);
    for (int64_t i = lo; i < hi && i < t->len; i++) {
        int r = t->item[i] == v ? 1 : hd_equal(t->item[i], v);
        if (r) return r < 0 ? -2 : i;
    }
    return -1;
}

static int tuple_contains(hd_value self, hd_value v)
{
    int64_t i = search(self, v, 0, INT64_MAX);
    return i == -2 ? -1 : i >= 0;
}

static hd_value tuple_index(ARGS)
{
    int64_t lo, hi;
    if (hd_seq_bounds(args + 1, nargs - 1, HD_TUPLE(self)->len, &lo, &hi)) return HD_ERR;
    int64_t i = search(self, args[0], lo, hi);
    if (i == -2) return HD_ERR;
    return i < 0 ? hd_raise(&hd_exc_ValueError, "tuple.index(x): x not in tuple") : hd_fix(i);
}

static hd_value tuple_count(ARGS)
{
    int64_t n = 0, i = 0;
    while ((i = search(self, args[0], i, INT64_MAX)) >= 0) {
        n++;
        i++;
    }
    return i == -2 ? HD_ERR : hd_fix(n);
}

static hd_value tuple_getnewargs(ARGS)
{
    hd_value t = hd_tuple_from(HD_TUPLE(self)->item, (size_t)HD_TUPLE(self)->len);
    return hd_tuplev(t);
}

static int64_t tuple_length(hd_value self) { return HD_TUPLE(self)->len; }
static hd_value tuple_iter(hd_value self) { return hd_seqiter_make(&hd_tupleiter_type, self, 0); }

/* The mixing steps of xxHash64 over the items' hashes. */
static int64_t tuple_hash(hd_value self)
{
    const uint64_t p1 = 11400714785074694791u, p2 = 14029467366897019727u, p5 = 2870177450012600261u;
    struct hd_tuple *t = HD_TUPLE(self);
    uint64_t acc = p5;
    if (hd_c_stack_room() < 0) return -1;
    for (int64_t i = 0; i < t->len; i++) {
        int64_t h = hd_hash(t->item[i]);
        if (h == -1) return -1;
        acc += (uint64_t)h * p2;
        acc = acc << 31 | acc >> 33;
        acc *= p1;
    }
    acc += (uint64_t)t->len ^ (p5 ^ 3527539u);
    return acc == UINT64_MAX ? 1546275796 : (int64_t)acc;
}

static hd_value tuple_repr(hd_value self)
{
    struct hd_tuple *t = HD_TUPLE(self);
    if (t->len == 0) return hd_str_utf8("()");
    int r = hd_repr_enter(self);
    if (r) return r > 0 ? hd_str_utf8("(...)") : HD_ERR;
    struct hd_strbuilder b;
    hd_sb_init(&b);
    hd_sb_char(&b, '(');
    for (int64_t i = 0; i < t->len; i++) {
        if (i) hd_sb_ascii(&b, ", ", 2);
        hd_value s = hd_repr(t->item[i]);
        if (s == HD_ERR) {
            hd_repr_leave(self);
            return HD_ERR;
        }
        hd_sb_str(&b, s);
    }
    hd_sb_ascii(&b, ",)", t->len == 1 ? 2 : 0);
    if (t->len != 1) hd_sb_char(&b, ')');
    hd_repr_leave(self);
    return hd_sb_finish(&b);
}

static hd_value tuple_compare(hd_value a, hd_value b, enum hd_cmpop op)
{
    if (!hd_is_tuple(a) || !hd_is_tuple(b)) return HD_NOTIMPLEMENTED;
    struct hd_tuple *x = HD_TUPLE(a), *y = HD_TUPLE(b);
    int64_t n = x->len, m = y->len;
    for (int64_t i = 0; i < n && i < m; i++) {
        hd_value u = x->item[i], v = y->item[i];
        if (u == v) continue;
        int r = hd_equal(u, v);
        if (r < 0) return HD_ERR;
        if (r) continue;
        if (op == HD_EQ || op == HD_NE) return hd_bool(op == HD_NE);
        return hd_compare(u, v, op);
    }
    switch (op) {
    case HD_LT: return hd_bool(n < m);
    case HD_LE: return hd_bool(n <= m);
    case HD_EQ: return hd_bool(n == m);
    case HD_NE: return hd_bool(n != m);
    case HD_GT: return hd_bool(n > m);
    default: return hd_bool(n >= m);
    }
}

static hd_value tuple_add(hd_value a, hd_value b)
{
    if (!hd_is_tuple(a)) return HD_NOTIMPLEMENTED;
    if (!hd_is_tuple(b)) return hd_seq_concat_other(a, b, "tuple");
    struct hd_tuple *x = HD_TUPLE(a), *y = HD_TUPLE(b);
    if (x->len == 0 && hd_is_tuple_exact(b)) return b;
    if (y->len == 0 && hd_is_tuple_exact(a)) return a;
    hd_value r = hd_tuple_new((size_t)(x->len + y->len));
    if (r == HD_ERR) return r;
    memcpy(HD_TUPLE(r)->item, x->item, (size_t)x->len * 8);
    memcpy(HD_TUPLE(r)->item + x->len, y->item, (size_t)y->len * 8);
    return r;
}

static hd_value tuple_mul(hd_value a, hd_value b)
{
    bool first = hd_is_tuple(a);
    if (!first && !hd_is_tuple(b)) return HD_NOTIMPLEMENTED;
    int64_t times;
    hd_value result, self = first ? a : b;
    int r = hd_seq_repeat_count(a, b, first, &times, &result);
    if (r) return r < 0 ? HD_ERR : result;
    struct hd_tuple *t = HD_TUPLE(self);
    if (t->len == 0 || times == 1) return slice_of(self, 0, t->len);
    if (times <= 0) return hd_obj(&empty_tuple);
    if (times > ((int64_t)1 << 44) / t->len) return hd_no_memory();
    int64_t total = t->len * times;
    result = hd_tuple_new((size_t)total);
    if (result == HD_ERR) return result;
    hd_value *p = HD_TUPLE(result)->item;
    memcpy(p, t->item, (size_t)t->len * 8);
    for (int64_t done = t->len; done < total; ) {
        int64_t k = done < total - done ? done : total - done;
        memcpy(p + done, p, (size_t)k * 8);
        done += k;
    }
    return result;
}

static void tuple_trace(void *o, struct gc_marker *m)
{
    struct hd_tuple *t = o;
    for (int64_t i = 0; i < t->len; i++) gc_mark(m, t->item[i]);
}
static size_t tuple_size(const void *o) { return sizeof(struct hd_tuple) + (size_t)((const struct hd_tuple *)o)->len * 8; }

static const struct hd_methoddef tuple_methods[] = {
    { "count", tuple_count, 1, 1, 0, "($self, value, /)\n--\n\nReturn number of occurrences of value." },
    { "index", tuple_index, 1, 3, 0, "($self, value, start=0, stop=sys.maxsize, /)\n--\n\nReturn first index of value.\n\nRaises ValueError if the value is not present." },
    { "__getnewargs__", tuple_getnewargs, 0, 0, 0, "($self, /)\n--\n\n" },
    HD_CLASS_GETITEM,
    { 0 }
};

struct hd_type hd_tuple_type = {
    .cname = "tuple", .basicsize = sizeof(struct hd_tuple), .itemsize = 8,
    .flags = HD_TF_BASETYPE | HD_TF_TUPLE | HD_TF_SEQUENCE | HD_TF_IMMUTABLE_LAYOUT,
    .doc = "tuple(iterable=(), /)\n--\n\nBuilt-in immutable sequence.\n\nIf no argument is given, the constructor returns an empty tuple.\n"
           "If iterable is specified the tuple is initialized from iterable's items.\n\nIf the argument is a tuple, the return value is the same object.",
    .methods = tuple_methods,
    .op = {
        .repr = tuple_repr, .hash = tuple_hash, .iter = tuple_iter, .length = tuple_length, .richcompare = tuple_compare,
        .getitem = tuple_getitem, .contains = tuple_contains, .make = tuple_make,
        .binary = { [HD_ADD] = tuple_add, [HD_MUL] = tuple_mul }, .trace = tuple_trace, .size = tuple_size,
    },
};

/* ---- iterator ---- */
static hd_value self_iter(hd_value self) { return self; }

static hd_value tupleiter_next(hd_value self)
{
    hd_seqiter_w w = hd_seqiter_open(hd_ptr(self));
    hd_value seq = HD_OWN(w, seq);
    if (seq == HD_UNBOUND) return HD_STOP;
    int64_t i = HD_OWN(w, index);
    if (STM_LIKELY(i < HD_TUPLE(seq)->len)) {
        HD_PUT(w, index, i + 1);
        return HD_TUPLE(seq)->item[i];
    }
    HD_PUT(w, seq, HD_UNBOUND);
    return HD_STOP;
}

static hd_value tupleiter_hint(ARGS)
{
    struct hd_seqiter *it = hd_ptr(self);
    hd_value seq = HD_GET(it, seq);
    return hd_fix(seq == HD_UNBOUND ? 0 : HD_TUPLE(seq)->len - HD_GET(it, index));
}

static hd_value tupleiter_reduce(ARGS)
{
    struct hd_seqiter *it = hd_ptr(self);
    hd_value seq = HD_GET(it, seq), f = hd_builtin("iter");
    if (seq == HD_UNBOUND) return hd_tuplev(f, hd_tuplev(hd_obj(&empty_tuple)));
    return hd_tuplev(f, hd_tuplev(seq), hd_int(HD_GET(it, index)));
}

static hd_value tupleiter_setstate(ARGS)
{
    int64_t i;
    if (hd_as_i64(args[0], &i)) return HD_ERR;
    hd_seqiter_w w = hd_seqiter_open(hd_ptr(self));
    if (HD_OWN(w, seq) != HD_UNBOUND) {
        int64_t n = HD_TUPLE(HD_OWN(w, seq))->len;
        HD_PUT(w, index, i < 0 ? 0 : i > n ? n : i);
    }
    return HD_NONE;
}

static const struct hd_methoddef tupleiter_methods[] = {
    { "__length_hint__", tupleiter_hint, 0, 0, 0, "Private method returning an estimate of len(list(it))." },
    { "__reduce__", tupleiter_reduce, 0, 0, 0, "Return state information for pickling." },
    { "__setstate__", tupleiter_setstate, 1, 1, 0, "Set state information for unpickling." },
    { 0 }
};

struct hd_type hd_tupleiter_type = {
    .cname = "tuple_iterator", .basicsize = sizeof(struct hd_seqiter), .flags = HD_TF_NEVER_INSTANTIATE, .methods = tupleiter_methods,
    .op = { .iter = self_iter, .iternext = tupleiter_next, .trace = hd_seqiter_trace },
};
