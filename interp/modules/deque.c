/* collections.deque: a ring of value slots.
 *
 * Q1: item i lies at place (left + i) & (cap - 1) of the body; cap is a power of two or 0.  Q2: places without an item
 * contain 0.  `state` counts changes of the order, for iterators to notice. */
#include "interp/types/each.h"
#include "interp/modules/collections.h"

#define ARGS hd_value self, const hd_value *args, size_t nargs, hd_value kwnames

struct deque { struct hd_mhead head; HD_PSLOT(struct hd_array) body; hd_islot left, len, state, maxlen; /* maxlen -1: none */ };
HD_MUTABLE(deque)
static size_t deque_size(const struct deque *o) { return o->head.h.shape == hd_deque_type.root_shape ? sizeof *o : hd_inst_size((const struct hd_inst *)o); }
HD_MUTABLE_OPEN(deque, deque_size(o))
#define DEQUE(v) ((struct deque *)hd_ptr(v))
#define SELF struct deque *d = DEQUE(self)

static bool is_deque(hd_value v) { return hd_is_ptr(v) && hd_subtype(hd_type_of(v), &hd_deque_type); }
static int64_t place(const struct hd_array *b, int64_t i) { return i & (b->cap - 1); }

static hd_value item_at(struct deque *d, int64_t i)      /* HD_ABSENT: out of range */
{
    int64_t n = HD_PEEK(d, len), left = HD_PEEK(d, left);
    struct hd_array *b = HD_PEEK(d, body);
    if (STM_UNLIKELY(!HD_VALID(d))) {
        n = HD_GET(d, len);
        left = HD_GET(d, left);
        b = HD_GET(d, body);
    }
    return (uint64_t)i < (uint64_t)n ? hd_array_get(b, place(b, left + i)) : HD_ABSENT;
}

static int resize(deque_w w, int64_t cap)
{
    struct hd_array *old = HD_OWN(w, body), *b = cap ? hd_array_new(cap) : &hd_empty_array;
    if (!b) return -1;
    int64_t n = HD_OWN(w, len), left = HD_OWN(w, left);
    for (int64_t i = 0; i < n; i++) hd_array_init(b, i, hd_array_get(old, place(old, left + i)));
    HD_PUT(w, body, b);
    HD_PUT(w, left, 0);
    return 0;
}

static hd_value take(deque_w w, bool from_left)
{
    int64_t n = HD_OWN(w, len), left = HD_OWN(w, left);
    struct hd_array *b = HD_OWN(w, body);
    int64_t p = place(b, from_left ? left : left + n - 1);
    hd_array_open(b, p);
    hd_value v = hd_array_own(b, p);
    hd_array_put(b, p, 0);
    if (from_left) HD_PUT(w, left, place(b, left + 1));
    HD_PUT(w, len, n - 1);
    HD_PUT(w, state, HD_OWN(w, state) + 1);
    if (STM_UNLIKELY(b->cap > 256 && n - 1 < b->cap / 8) && resize(w, b->cap / 4)) return HD_ERR;
    return v;
}

static int add(struct deque *d, hd_value v, bool at_left)
{
    deque_w w = deque_open(d);
    int64_t n = HD_OWN(w, len), maxlen = HD_OWN(w, maxlen);
    if (STM_UNLIKELY(maxlen >= 0 && n >= maxlen)) {
        if (maxlen == 0) return 0;
        if (take(w, !at_left) == HD_ERR) return -1;
        n--;
    }
    struct hd_array *b = HD_OWN(w, body);
    if (STM_UNLIKELY(n == b->cap)) {
        if (resize(w, n ? n * 2 : 8)) return -1;
        b = HD_OWN(w, body);
    }
    int64_t left = HD_OWN(w, left);
    if (at_left) {
        left = place(b, left - 1);
        HD_PUT(w, left, left);
        hd_array_put(b, left, v);
    } else {
        hd_array_put(b, place(b, left + n), v);
    }
    HD_PUT(w, len, n + 1);
    HD_PUT(w, state, HD_OWN(w, state) + 1);
    return 0;
}

static void clear(struct deque *d)
{
    deque_w w = deque_open(d);
    HD_PUT(w, body, &hd_empty_array);
    HD_PUT(w, left, 0);
    HD_PUT(w, len, 0);
    HD_PUT(w, state, HD_OWN(w, state) + 1);
}

static int extend(struct deque *d, hd_value it, bool at_left)
{
    if (it == hd_obj(d)) {
        it = hd_list_of(it);
        if (it == HD_ERR) return -1;
    }
    struct hd_each each;
    hd_value v;
    if (hd_each_begin(&each, it) < 0) return -1;
    while ((v = hd_each_next(&each)) != HD_STOP)
        if (v == HD_ERR || add(d, v, at_left)) return -1;
    return 0;
}

/* ---- construction ---- */
static hd_value deque_make(hd_value type, const hd_value *args, size_t nargs, hd_value kwnames)
{
    hd_value o = hd_alloc_instance(HD_TYPE(type), 0);
    if (o == HD_ERR) return o;
    HD_INIT(DEQUE(o), body, &hd_empty_array);
    HD_INIT(DEQUE(o), left, 0);
    HD_INIT(DEQUE(o), len, 0);
    HD_INIT(DEQUE(o), state, 0);
    HD_INIT(DEQUE(o), maxlen, -1);
    return o;
}

static int deque_init(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
{
    SELF;
    hd_value a[2];
    int64_t maxlen = -1;
    if (hd_args("deque", "|iterable,maxlen", args, nargs, kwnames, a)) return -1;
    if (a[1] != HD_ABSENT && a[1] != HD_NONE) {
        if (!hd_is_int(a[1])) {
            (void)hd_raise(&hd_exc_TypeError, "an integer is required");
            return -1;
        }
        if (hd_as_i64(a[1], &maxlen)) return -1;
        if (maxlen < 0) {
            (void)hd_raise(&hd_exc_ValueError, "maxlen must be non-negative");
            return -1;
        }
    }
    deque_w w = deque_open(d);
    HD_PUT(w, maxlen, maxlen);
    if (HD_OWN(w, len)) clear(d);
    return a[0] == HD_ABSENT || a[0] == HD_NONE ? 0 : extend(d, a[0], false);
}

static hd_value max_length(struct deque *d)
{
    int64_t n = HD_GET(d, maxlen);
    return n < 0 ? HD_NONE : hd_int(n);
}

static hd_value copy(hd_value self)
{
    SELF;
    struct hd_type *t = hd_type_of(self);
    if (t == &hd_deque_type) {
        hd_value c = deque_make(hd_obj(t), NULL, 0, 0);
        if (c == HD_ERR) return c;
        HD_INIT(DEQUE(c), maxlen, HD_GET(d, maxlen));
        return extend(DEQUE(c), self, false) ? HD_ERR : c;
    }
    hd_value m = max_length(d), c = m == HD_NONE ? hd_callv(hd_obj(t), self) : hd_callv(hd_obj(t), self, m);
    if (c != HD_ERR && !is_deque(c)) return hd_raise(&hd_exc_TypeError, "%N() must return a deque, not %T", t, c);
    return c;
}

/* ---- methods ---- */
static hd_value deque_append(ARGS) { return add(DEQUE(self), args[0], false) ? HD_ERR : HD_NONE; }
static hd_value deque_appendleft(ARGS) { return add(DEQUE(self), args[0], true) ? HD_ERR : HD_NONE; }
static hd_value deque_extend(ARGS) { return extend(DEQUE(self), args[0], false) ? HD_ERR : HD_NONE; }
static hd_value deque_extendleft(ARGS) { return extend(DEQUE(self), args[0], true) ? HD_ERR : HD_NONE; }
static hd_value deque_copy(ARGS) { return copy(self); }
static hd_value deque_clear(ARGS)
{
    clear(DEQUE(self));
    return HD_NONE;
}

static hd_value pop_end(hd_value self, bool from_left)
{
    if (HD_GET(DEQUE(self), len) == 0) return hd_raise(&hd_exc_IndexError, "pop from an empty deque");
    return take(deque_open(DEQUE(self)), from_left);
}
static hd_value deque_pop(ARGS) { return pop_end(self, false); }
static hd_value deque_popleft(ARGS) { return pop_end(self, true); }

static int rotate(struct deque *d, int64_t k)
{
    deque_w w = deque_open(d);
    int64_t n = HD_OWN(w, len);
    if (n <= 1) return 0;
    k %= n;
    if (k > n / 2) k -= n;
    else if (k < -(n / 2)) k += n;
    for (; k > 0; k--) {
        hd_value v = take(w, false);
        if (v == HD_ERR || add(d, v, true)) return -1;
    }
    for (; k < 0; k++) {
        hd_value v = take(w, true);
        if (v == HD_ERR || add(d, v, false)) return -1;
    }
    return 0;
}

static hd_value deque_rotate(ARGS)
{
    int64_t k = 1;
    if (nargs && hd_as_i64(args[0], &k)) return HD_ERR;
    return rotate(DEQUE(self), k) ? HD_ERR : HD_NONE;
}

static hd_value deque_reverse(ARGS)
{
    SELF;
    deque_w w = deque_open(d);
    struct hd_array *b = HD_OWN(w, body);
    int64_t left = HD_OWN(w, left);
    for (int64_t i = 0, j = HD_OWN(w, len) - 1; i < j; i++, j--) {
        int64_t p = place(b, left + i), q = place(b, left + j);
        hd_value x = hd_array_get(b, p), y = hd_array_get(b, q);
        hd_array_put(b, p, y);
        hd_array_put(b, q, x);
    }
    return HD_NONE;
}

/* Position of the first item equal to v in lo..hi; -1: none, -2: error. */
static int64_t search(struct deque *d, hd_value v, int64_t lo, int64_t hi)
{
    int64_t state = HD_GET(d, state);
    for (int64_t i = lo; i < hi; i++) {
        hd_value x = item_at(d, i);
        if (x == HD_ABSENT) break;
        int r = hd_equal(x, v);
        if (r < 0) return -2;
        if (HD_GET(d, state) != state) {
            (void)hd_raise(&hd_exc_RuntimeError, "deque mutated during iteration");
            return -2;
        }
        if (r) return i;
    }
    return -1;
}

static hd_value deque_count(ARGS)
{
    int64_t n = 0, i = 0, len = HD_GET(DEQUE(self), len);
    while ((i = search(DEQUE(self), args[0], i, len)) >= 0) {
        n++;
        i++;
    }
    return i == -2 ? HD_ERR : hd_fix(n);
}

static hd_value deque_index(ARGS)
{
    int64_t lo, hi, n = HD_GET(DEQUE(self), len);
    if (hd_seq_bounds(args + 1, nargs - 1, n, &lo, &hi)) return HD_ERR;
    int64_t i = search(DEQUE(self), args[0], lo, hi < n ? hi : n);
    if (i == -2) return HD_ERR;
    return i < 0 ? hd_raise(&hd_exc_ValueError, "%R is not in deque", args[0]) : hd_fix(i);
}

static int delete_at(struct deque *d, int64_t i)
{
    if (rotate(d, -i)) return -1;
    if (take(deque_open(d), true) == HD_ERR) return -1;
    return rotate(d, i);
}

static hd_value deque_insert(ARGS)
{
    SELF;
    int64_t i, n = HD_GET(d, len), maxlen = HD_GET(d, maxlen);
    if (hd_as_i64(args[0], &i)) return HD_ERR;
    if (maxlen >= 0 && n >= maxlen) return hd_raise(&hd_exc_IndexError, "deque already at its maximum size");
    if (i >= n) return add(d, args[1], false) ? HD_ERR : HD_NONE;
    if (i <= -n || i == 0) return add(d, args[1], true) ? HD_ERR : HD_NONE;
    if (rotate(d, -i) || add(d, args[1], i >= 0 ? true : false) || rotate(d, i)) return HD_ERR;
    return HD_NONE;
}

static hd_value deque_remove(ARGS)
{
    SELF;
    int64_t n = HD_GET(d, len), i = -1, state = HD_GET(d, state);
    for (int64_t k = 0; k < n; k++) {
        hd_value x = item_at(d, k);
        int r = x == HD_ABSENT ? 0 : hd_equal(x, args[0]);
        if (r < 0) return HD_ERR;
        if (HD_GET(d, state) != state || HD_GET(d, len) != n) return hd_raise(&hd_exc_IndexError, "deque mutated during remove().");
        if (r) {
            i = k;
            break;
        }
    }
    if (i < 0) return hd_raise(&hd_exc_ValueError, "%R is not in deque", args[0]);
    return delete_at(d, i) ? HD_ERR : HD_NONE;
}

static hd_value deque_reduce(ARGS)
{
    SELF;
    hd_value state = hd_call_method(self, hd_s___getstate__, NULL, 0);
    if (state == HD_ERR) return state;
    hd_value m = max_length(d), it = hd_iter(self), type = hd_obj(hd_type_of(self));
    return hd_tuplev(type, m == HD_NONE ? hd_empty_tuple : hd_tuplev(hd_empty_tuple, m), state, it);
}

static hd_value deque_sizeof(ARGS)
{
    SELF;
    return hd_fix((int64_t)(deque_size(d) + hd_array_size(HD_GET(d, body))));
}

/* ---- operations ---- */
static int64_t deque_length(hd_value self) { return HD_GET(DEQUE(self), len); }

static int check_index(struct deque *d, hd_value key, int64_t *i)
{
    if (!hd_is_fix(key) && !hd_type_of(key)->op.index) {
        (void)hd_raise(&hd_exc_TypeError, "sequence index must be integer, not '%T'", key);
        return -1;
    }
    if (hd_seq_index(key, "sequence", i)) return -1;
    int64_t n = HD_GET(d, len);              /* __index__ may have changed it */
    if (*i < 0) *i += n;
    if (*i >= 0 && *i < n) return 0;
    (void)hd_raise(&hd_exc_IndexError, "deque index out of range");
    return -1;
}

static hd_value deque_getitem(hd_value self, hd_value key)
{
    int64_t i;
    return check_index(DEQUE(self), key, &i) ? HD_ERR : item_at(DEQUE(self), i);
}

static int deque_setitem(hd_value self, hd_value key, hd_value v)
{
    SELF;
    int64_t i;
    if (check_index(d, key, &i)) return -1;
    if (v == HD_ABSENT) return delete_at(d, i);
    struct hd_array *b = HD_GET(d, body);
    hd_array_put(b, place(b, HD_GET(d, left) + i), v);
    return 0;
}

static int deque_contains(hd_value self, hd_value v)
{
    int64_t i = search(DEQUE(self), v, 0, HD_GET(DEQUE(self), len));
    return i == -2 ? -1 : i >= 0;
}

static hd_value deque_repr(hd_value self)
{
    SELF;
    int r = hd_repr_enter(self);
    if (r) return r > 0 ? hd_str_utf8("[...]") : HD_ERR;
    hd_value list = hd_list_of(self), m = max_length(d), s = HD_ERR;
    if (list != HD_ERR) s = m == HD_NONE ? hd_str_format("%s(%R)", hd_type_short_name(hd_type_of(self)), list) : hd_str_format("%s(%R, maxlen=%R)", hd_type_short_name(hd_type_of(self)), list, m);
    hd_repr_leave(self);
    return s;
}

static hd_value deque_compare(hd_value a, hd_value b, enum hd_cmpop op)
{
    if (!is_deque(a) || !is_deque(b)) return HD_NOTIMPLEMENTED;
    int64_t n = deque_length(a), m = deque_length(b);
    if ((op == HD_EQ || op == HD_NE) && (a == b || n != m)) return hd_bool((a == b) == (op == HD_EQ));
    hd_value x = hd_list_of(a), y = x == HD_ERR ? HD_ERR : hd_list_of(b);
    return y == HD_ERR ? HD_ERR : hd_compare(x, y, op);
}

static hd_value deque_add(hd_value a, hd_value b)
{
    if (!is_deque(a)) return HD_NOTIMPLEMENTED;
    if (!is_deque(b)) return hd_raise(&hd_exc_TypeError, "can only concatenate deque (not \"%T\") to deque", b);
    hd_value c = copy(a);
    return c == HD_ERR || extend(DEQUE(c), b, false) ? HD_ERR : c;
}
static hd_value deque_iadd(hd_value a, hd_value b)
{
    return !is_deque(a) ? HD_NOTIMPLEMENTED : extend(DEQUE(a), b, false) ? HD_ERR : a;
}

static hd_value deque_imul(hd_value a, hd_value b)
{
    if (!is_deque(a)) return HD_NOTIMPLEMENTED;
    struct deque *d = DEQUE(a);
    int64_t times, n = deque_length(a);
    hd_value result;
    int r = hd_seq_repeat_count(a, b, true, &times, &result);
    if (r) return r < 0 ? HD_ERR : result;
    if (n == 0 || times == 1) return a;
    if (times <= 0) {
        clear(d);
        return a;
    }
    int64_t maxlen = HD_GET(d, maxlen);
    if (maxlen >= 0 && times > (maxlen + n - 1) / n) times = (maxlen + n - 1) / n + 1;
    if (times > ((int64_t)1 << 44) / n) return hd_no_memory();
    hd_value list = hd_list_of(a);
    if (list == HD_ERR) return list;
    for (int64_t i = 1; i < times; i++)
        for (int64_t k = 0; k < n; k++)
            if (add(d, hd_list_at(HD_LIST(list), k), false)) return HD_ERR;
    return a;
}
static hd_value deque_mul(hd_value a, hd_value b)
{
    bool first = is_deque(a);
    if (!first && !is_deque(b)) return HD_NOTIMPLEMENTED;
    int64_t times;
    hd_value result;
    int r = hd_seq_repeat_count(a, b, first, &times, &result);
    if (r) return r < 0 ? HD_ERR : result;
    hd_value c = copy(first ? a : b);
    return c == HD_ERR ? c : deque_imul(c, hd_int(times));
}

static hd_value deque_maxlen(hd_value self, void *closure) { return max_length(DEQUE(self)); }
static void deque_trace(void *o, struct gc_marker *m) { gc_mark(m, hd_obj(HD_RAW(((struct deque *)o)->body))); }

/* ---- iterators ---- */
struct dequeiter { struct hd_mhead head; hd_vslot deque; hd_islot index, left, state; };
HD_MUTABLE(dequeiter)
HD_MUTABLE_OPEN(dequeiter, sizeof(struct dequeiter))

static hd_value iter_new(struct hd_type *type, hd_value deque)
{
    struct dequeiter *it = hd_new_mutable(type, sizeof *it);
    if (!it) return HD_ERR;
    HD_INIT(it, deque, deque);
    HD_INIT(it, left, deque_length(deque));
    HD_INIT(it, state, HD_GET(DEQUE(deque), state));
    return hd_obj(it);
}
static hd_value deque_iter(hd_value self) { return iter_new(&hd_dequeiter_type, self); }
static hd_value deque_reversed(ARGS) { return iter_new(&hd_dequereviter_type, self); }

static hd_value iter_next(hd_value self, bool reverse)
{
    dequeiter_w w = dequeiter_open(hd_ptr(self));
    struct deque *d = DEQUE(HD_OWN(w, deque));
    int64_t left = HD_OWN(w, left);
    if (HD_GET(d, state) != HD_OWN(w, state)) {
        HD_PUT(w, left, 0);
        return hd_raise(&hd_exc_RuntimeError, "deque mutated during iteration");
    }
    if (left == 0) return HD_STOP;
    int64_t i = HD_OWN(w, index);
    hd_value v = item_at(d, reverse ? HD_GET(d, len) - 1 - i : i);
    if (v == HD_ABSENT) return HD_STOP;
    HD_PUT(w, index, i + 1);
    HD_PUT(w, left, left - 1);
    return v;
}
static hd_value dequeiter_next(hd_value self) { return iter_next(self, false); }
static hd_value dequereviter_next(hd_value self) { return iter_next(self, true); }
static hd_value dequeiter_hint(ARGS) { return hd_fix(HD_GET((struct dequeiter *)hd_ptr(self), left)); }

static hd_value dequeiter_reduce(ARGS)
{
    struct dequeiter *it = hd_ptr(self);
    hd_value d = HD_GET(it, deque);
    return hd_tuplev(hd_obj(hd_type_of(self)), hd_tuplev(d, hd_fix(deque_length(d) - HD_GET(it, left))));
}

static hd_value dequeiter_make(hd_value type, const hd_value *args, size_t nargs, hd_value kwnames)
{
    if (nargs < 1 || nargs > 2 || !is_deque(args[0])) {
        if (nargs < 1) return hd_raise(&hd_exc_TypeError, "function missing required argument 'iterable' (pos 1)");
        return hd_raise(&hd_exc_TypeError, "argument 1 must be collections.deque, not %A", args[0]);
    }
    int64_t index = 0;
    if (nargs > 1 && hd_as_i64(args[1], &index)) return HD_ERR;
    hd_value it = iter_new(HD_TYPE(type), args[0]);
    for (int64_t i = 0; it != HD_ERR && i < index; i++) {
        hd_value v = HD_TYPE(type)->op.iternext(it);
        if (v == HD_ERR) return v;
        if (v == HD_STOP) break;
    }
    return it;
}

static void dequeiter_trace(void *o, struct gc_marker *m) { gc_mark(m, HD_RAW(((struct dequeiter *)o)->deque)); }
static hd_value self_iter(hd_value self) { return self; }
static const struct hd_methoddef dequeiter_methods[] = {
    { "__length_hint__", dequeiter_hint, 0, 0, 0, "Private method returning an estimate of len(list(it))." },
    { "__reduce__", dequeiter_reduce, 0, 0, 0, "Return state information for pickling." },
    { 0 }
};
struct hd_type hd_dequeiter_type = {
    .cname = "_collections._deque_iterator", .basicsize = sizeof(struct dequeiter), .methods = dequeiter_methods,
    .op = { .iter = self_iter, .iternext = dequeiter_next, .make = dequeiter_make, .trace = dequeiter_trace },
};
struct hd_type hd_dequereviter_type = {
    .cname = "_collections._deque_reverse_iterator", .basicsize = sizeof(struct dequeiter), .methods = dequeiter_methods,
    .op = { .iter = self_iter, .iternext = dequereviter_next, .make = dequeiter_make, .trace = dequeiter_trace },
};

static const struct hd_methoddef deque_methods[] = {
    { "append", deque_append, 1, 1, 0, "Add an element to the right side of the deque." },
    { "appendleft", deque_appendleft, 1, 1, 0, "Add an element to the left side of the deque." },
    { "clear", deque_clear, 0, 0, 0, "Remove all elements from the deque." },
    { "__copy__", deque_copy, 0, 0, 0, "Return a shallow copy of a deque." },
    { "copy", deque_copy, 0, 0, 0, "Return a shallow copy of a deque." },
    { "count", deque_count, 1, 1, 0, "D.count(value) -- return number of occurrences of value" },
    { "extend", deque_extend, 1, 1, 0, "Extend the right side of the deque with elements from the iterable" },
    { "extendleft", deque_extendleft, 1, 1, 0, "Extend the left side of the deque with elements from the iterable" },
    { "index", deque_index, 1, 3, 0, "D.index(value, [start, [stop]]) -- return first index of value.\nRaises ValueError if the value is not present." },
    { "insert", deque_insert, 2, 2, 0, "D.insert(index, object) -- insert object before index" },
    { "pop", deque_pop, 0, 0, 0, "Remove and return the rightmost element." },
    { "popleft", deque_popleft, 0, 0, 0, "Remove and return the leftmost element." },
    { "__reduce__", deque_reduce, 0, 0, 0, "Return state information for pickling." },
    { "remove", deque_remove, 1, 1, 0, "D.remove(value) -- remove first occurrence of value." },
    { "__reversed__", deque_reversed, 0, 0, 0, "D.__reversed__() -- return a reverse iterator over the deque" },
    { "reverse", deque_reverse, 0, 0, 0, "D.reverse() -- reverse *IN PLACE*" },
    { "rotate", deque_rotate, 0, 1, 0, "Rotate the deque n steps to the right (default n=1).  If n is negative, rotates left." },
    { "__sizeof__", deque_sizeof, 0, 0, 0, "D.__sizeof__() -- size of D in memory, in bytes" },
    HD_CLASS_GETITEM,
    { 0 }
};
static const struct hd_getsetdef deque_getsets[] = {
    { "maxlen", deque_maxlen, NULL, "maximum size of a deque or None if unbounded", NULL },
    { 0 }
};
struct hd_type hd_deque_type = {
    .cname = "collections.deque", .basicsize = sizeof(struct deque), .flags = HD_TF_BASETYPE | HD_TF_SEQUENCE | HD_TF_HAS_WEAKREFS,
    .doc = "deque([iterable[, maxlen]]) --> deque object\n\nA list-like sequence optimized for data accesses near its endpoints.",
    .methods = deque_methods, .getsets = deque_getsets,
    .op = { .repr = deque_repr, .hash = hd_hash_refused, .iter = deque_iter, .length = deque_length, .richcompare = deque_compare,
            .getitem = deque_getitem, .setitem = deque_setitem, .contains = deque_contains, .make = deque_make, .init = deque_init,
            .binary = { [HD_ADD] = deque_add, [HD_MUL] = deque_mul }, .inplace = { [HD_ADD] = deque_iadd, [HD_MUL] = deque_imul },
            .trace = deque_trace },
};
