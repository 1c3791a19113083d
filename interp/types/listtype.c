/* The type list: methods and operations.  The work on items is in list.c, sorting in listsort.c. */
#include "interp/types/_list.h"

#define SELF struct hd_list *l = HD_LIST(self)
#define ARGS hd_value self, const hd_value *args, size_t nargs, hd_value kwnames

static hd_value list_append(ARGS) { return hd_list_push(HD_LIST(self), args[0]) ? HD_ERR : HD_NONE; }
static hd_value list_extend(ARGS) { return hd_list_extend(self, args[0]) ? HD_ERR : HD_NONE; }
static hd_value list_clear(ARGS) { return hd_list_clear(self) ? HD_ERR : HD_NONE; }

static hd_value list_copy(ARGS)
{
    int64_t n;
    struct hd_array *b = hd_list_snapshot(HD_LIST(self), &n);
    return b ? hd_list_adopt(b, n) : HD_ERR;
}

static hd_value list_insert(ARGS)
{
    int64_t i;
    if (hd_as_i64(args[0], &i)) return HD_ERR;
    return hd_list_insert(self, i, args[1]) ? HD_ERR : HD_NONE;
}

static hd_value list_pop(ARGS)
{
    int64_t i = -1;
    if (nargs && hd_as_i64(args[0], &i)) return HD_ERR;
    int64_t n = hd_list_len(self);
    if (n == 0) return hd_raise(&hd_exc_IndexError, "pop from empty list");
    if (i < 0) i += n;
    if (i < 0 || i >= n) return hd_raise(&hd_exc_IndexError, "pop index out of range");
    return hd_list_pop(self, i);
}

static hd_value list_remove(ARGS)
{
    SELF;
    int64_t i = hd_list_search(l, args[0], 0, INT64_MAX);
    if (i == -2) return HD_ERR;
    if (i < 0) return hd_raise(&hd_exc_ValueError, "list.remove(x): x not in list");
    if (i >= HD_GET(l, len)) return HD_NONE;            /* __eq__ made it shorter */
    return hd_list_splice(l, i, i + 1, NULL, 0) ? HD_ERR : HD_NONE;
}

static hd_value list_index(ARGS)
{
    int64_t lo, hi;
    if (hd_seq_bounds(args + 1, nargs - 1, hd_list_len(self), &lo, &hi)) return HD_ERR;
    int64_t i = hd_list_search(HD_LIST(self), args[0], lo, hi);
    if (i == -2) return HD_ERR;
    return i < 0 ? hd_raise(&hd_exc_ValueError, "%R is not in list", args[0]) : hd_fix(i);
}

static hd_value list_count(ARGS)
{
    int64_t count = 0, i = 0;
    while ((i = hd_list_search(HD_LIST(self), args[0], i, INT64_MAX)) >= 0) {
        count++;
        i++;
    }
    return i == -2 ? HD_ERR : hd_fix(count);
}

static hd_value list_reverse(ARGS)
{
    SELF;
    hd_list_w w = hd_list_open(l);
    int64_t n = HD_OWN(w, len);
    struct hd_array *b = HD_OWN(w, items);
    hd_array_open_range(b, 0, n);
    hd_value *p = &HD_RAW(b->item[0]);
    for (int64_t i = 0, j = n - 1; i < j; i++, j--) {
        hd_value x = p[i];
        p[i] = p[j];
        p[j] = x;
    }
    return HD_NONE;
}

static hd_value list_sort(ARGS)
{
    hd_value a[2];
    if (hd_args("sort", "*,|key,reverse", args, nargs, kwnames, a)) return HD_ERR;
    int reverse = 0;
    if (a[1] != HD_ABSENT && hd_as_int32(a[1], &reverse)) return HD_ERR;
    return hd_list_sort(self, a[0] == HD_ABSENT ? HD_NONE : a[0], reverse != 0) ? HD_ERR : HD_NONE;
}

static hd_value list_reversed(ARGS) { return hd_seqiter_make(&hd_listreviter_type, self, hd_list_len(self) - 1); }

static hd_value list_sizeof(ARGS)
{
    SELF;
    struct hd_array *b = HD_GET(l, items);
    return hd_fix((int64_t)(hd_list_size(l) + (b->cap ? hd_array_size(b) : 0)));
}

/* ---- operations ---- */
static hd_value list_make(hd_value type, const hd_value *args, size_t nargs, hd_value kwnames)
{
    if (HD_TYPE(type) == &hd_list_type) return hd_list_new(0);
    hd_value o = hd_alloc_instance(HD_TYPE(type), 0);
    if (o == HD_ERR) return o;
    HD_INIT(HD_LIST(o), len, 0);
    HD_INIT(HD_LIST(o), items, &hd_empty_array);
    return o;
}

static int list_init(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
{
    if (kwnames && (hd_is_list_exact(self) || hd_type_of(self)->op.make == list_make) && hd_no_kwargs("list", kwnames)) return -1;
    if (nargs > 1) {
        (void)hd_raise(&hd_exc_TypeError, "list expected at most 1 argument, got %lld", (long long)nargs);
        return -1;
    }
    if (HD_GET(HD_LIST(self), len)) hd_list_clear(self);
    return nargs ? hd_list_extend(self, args[0]) : 0;
}

static int64_t list_length(hd_value self) { return hd_list_len(self); }
static hd_value list_iter(hd_value self) { return hd_seqiter_make(&hd_listiter_type, self, 0); }

static int list_contains(hd_value self, hd_value v)
{
    int64_t i = hd_list_search(HD_LIST(self), v, 0, INT64_MAX);
    return i == -2 ? -1 : i >= 0;
}

static hd_value list_repr(hd_value self)
{
    SELF;
    if (hd_list_len(self) == 0) return hd_str_utf8("[]");
    int r = hd_repr_enter(self);
    if (r) return r > 0 ? hd_str_utf8("[...]") : HD_ERR;
    struct hd_strbuilder b;
    hd_sb_init(&b);
    hd_sb_char(&b, '[');
    for (int64_t i = 0;; i++) {
        hd_value v = hd_list_at(l, i);
        if (v == HD_ABSENT) break;
        if (i) hd_sb_ascii(&b, ", ", 2);
        hd_value s = hd_repr(v);
        if (s == HD_ERR) {
            hd_repr_leave(self);
            return HD_ERR;
        }
        hd_sb_str(&b, s);
    }
    hd_sb_char(&b, ']');
    hd_repr_leave(self);
    return hd_sb_finish(&b);
}

static hd_value list_compare(hd_value a, hd_value b, enum hd_cmpop op)
{
    if (!hd_is_list(a) || !hd_is_list(b)) return HD_NOTIMPLEMENTED;
    struct hd_list *x = HD_LIST(a), *y = HD_LIST(b);
    if ((op == HD_EQ || op == HD_NE) && HD_GET(x, len) != HD_GET(y, len)) return hd_bool(op == HD_NE);
    /* Runs of items are read together, shorter ones after a comparison that may have run Python. */
    hd_value xs[HD_CHUNK], ys[HD_CHUNK];
    for (int64_t i = 0, span = HD_CHUNK;; ) {
        struct hd_array *bx, *by;
        int64_t nx = hd_list_peek(x, &bx), ny = hd_list_peek(y, &by), n = (nx < ny ? nx : ny) - i, j = 0;
        if (n <= 0) break;
        if (n > span - (i & (span - 1))) n = span - (i & (span - 1));
        hd_array_read(bx, i, n, xs);
        hd_array_read(by, i, n, ys);
        int r = 1;
        for (; j < n; j++) {
            if (xs[j] == ys[j]) continue;
            if (hd_both_fix(xs[j], ys[j])) r = 0;
            else if (!hd_both_flo(xs[j], ys[j]) && !(hd_is_str_exact(xs[j]) && hd_is_str_exact(ys[j]))) r = -1;
            else r = hd_equal(xs[j], ys[j]);
            if (r <= 0) break;
        }
        i += j;
        if (j == n) continue;
        if (r < 0) {
            r = hd_equal(xs[j], ys[j]);
            if (r < 0) return HD_ERR;
            if (r) {
                i++;
                span = 4;
                continue;
            }
            if (i >= HD_GET(x, len) || i >= HD_GET(y, len)) break;     /* the comparison made a list shorter: lengths decide */
        }
        if (op == HD_EQ || op == HD_NE) return hd_bool(op == HD_NE);
        return hd_compare(xs[j], ys[j], op);
    }
    int64_t n = HD_GET(x, len), m = HD_GET(y, len);
    switch (op) {
    case HD_LT: return hd_bool(n < m);
    case HD_LE: return hd_bool(n <= m);
    case HD_EQ: return hd_bool(n == m);
    case HD_NE: return hd_bool(n != m);
    case HD_GT: return hd_bool(n > m);
    default: return hd_bool(n >= m);
    }
}

static hd_value list_getitem(hd_value self, hd_value key)
{
    SELF;
    if (hd_is_slice(key)) {
        int64_t start, stop, step, count;
        if ((key = hd_slice_settled(key)) == HD_ERR || hd_slice_indices(key, hd_list_len(self), &start, &stop, &step, &count)) return HD_ERR;
        if (step == 1 || count <= 0) return hd_list_slice(l, start, count);
        struct hd_array *b, *c = hd_array_new(count);
        if (!c) return HD_ERR;
        (void)hd_list_peek(l, &b);
        for (int64_t i = 0; i < count; i++) hd_array_init(c, i, hd_array_get(b, start + i * step));
        return hd_list_adopt(c, count);
    }
    int64_t i;
    if (hd_seq_index(key, "list", &i)) return HD_ERR;
    if (i < 0) i += hd_list_len(self);
    hd_value v = hd_list_at(l, i);
    return v == HD_ABSENT ? hd_raise(&hd_exc_IndexError, "list index out of range") : v;
}

/* a[start:stop:step] = v, step != 1, or deletion of such a slice */
static int set_extended(struct hd_list *l, hd_value v, int64_t start, int64_t step, int64_t count)
{
    if (v == HD_ABSENT) {
        if (count <= 0) return 0;
        if (step < 0) {
            start += (count - 1) * step;
            step = -step;
        }
        hd_list_w w = hd_list_open(l);
        struct hd_array *b = HD_OWN(w, items);
        int64_t n = HD_OWN(w, len), to = start;
        hd_array_open_range(b, start, n);
        hd_value *p = &HD_RAW(b->item[0]);
        for (int64_t i = start, gone = start, left = count; i < n; i++) {
            if (left && i == gone) {
                gone += step;
                left--;
            } else {
                p[to++] = p[i];
            }
        }
        memset(p + to, 0, (size_t)(n - to) * 8);
        HD_PUT(w, len, to);
        return 0;
    }
    const hd_value *src;
    int64_t n;
    hd_value keep = hd_fast_sequence(v, "must assign iterable to extended slice", &src, &n);
    if (keep == HD_ERR) return -1;
    if (n != count) {
        (void)hd_raise(&hd_exc_ValueError, "attempt to assign sequence of size %lld to extended slice of size %lld", (long long)n, (long long)count);
        return -1;
    }
    struct hd_array *b;
    int64_t len = hd_list_peek(l, &b);
    for (int64_t i = 0; i < count && start + i * step < len; i++) hd_array_put(b, start + i * step, src[i]);
    return 0;
}

static int list_setitem(hd_value self, hd_value key, hd_value v)
{
    SELF;
    if (hd_is_slice(key)) {
        int64_t start, stop, step, count;
        if ((key = hd_slice_settled(key)) == HD_ERR || hd_slice_indices(key, hd_list_len(self), &start, &stop, &step, &count)) return -1;
        if (step != 1) return set_extended(l, v, start, step, count);
        const hd_value *src = NULL;
        int64_t n = 0;
        hd_value keep = HD_NONE;
        if (v != HD_ABSENT && (keep = hd_fast_sequence(v, "can only assign an iterable", &src, &n)) == HD_ERR) return -1;
        int64_t len = hd_list_len(self);                /* iterating may have changed it */
        if (stop > len) stop = len;
        if (start > len) start = len;
        if (stop < start) stop = start;
        int r = hd_list_splice(l, start, stop, src, n);
        __asm__ volatile("" :: "r"(keep));
        return r;
    }
    int64_t i;
    if (hd_seq_index(key, "list", &i)) return -1;
    if (i < 0) i += hd_list_len(self);
    if (v != HD_ABSENT) {
        if (hd_list_put_at(l, i, v)) return 0;
    } else if (i >= 0 && i < hd_list_len(self)) {
        return hd_list_splice(l, i, i + 1, NULL, 0);
    }
    (void)hd_raise(&hd_exc_IndexError, "list assignment index out of range");
    return -1;
}

static hd_value list_add(hd_value a, hd_value b)
{
    if (!hd_is_list(a)) return HD_NOTIMPLEMENTED;
    if (!hd_is_list(b)) return hd_seq_concat_other(a, b, "list");
    struct hd_array *x, *y;
    int64_t n = hd_list_peek(HD_LIST(a), &x), m = hd_list_peek(HD_LIST(b), &y);
    if (n + m == 0) return hd_list_new(0);
    struct hd_array *c = hd_array_new(n + m);
    if (!c) return HD_ERR;
    hd_array_read(x, 0, n, &HD_RAW(c->item[0]));
    hd_array_read(y, 0, m, &HD_RAW(c->item[n]));
    return hd_list_adopt(c, n + m);
}

static hd_value list_iadd(hd_value a, hd_value b)
{
    if (!hd_is_list(a)) return HD_NOTIMPLEMENTED;
    return hd_list_extend(a, b) ? HD_ERR : a;
}

/* A body with the items `times` times, *n in all. */
static struct hd_array *repeated(struct hd_list *l, int64_t times, int64_t *n)
{
    struct hd_array *b;
    int64_t len = hd_list_peek(l, &b);
    if (times <= 0 || len == 0) {
        *n = 0;
        return &hd_empty_array;
    }
    if (times > ((int64_t)1 << 44) / len) {
        (void)hd_no_memory();
        return NULL;
    }
    struct hd_array *c = hd_array_new(*n = len * times);
    if (!c) return NULL;
    hd_value *p = &HD_RAW(c->item[0]);
    hd_array_read(b, 0, len, p);
    if (len == 1) {
        for (int64_t i = 1; i < times; i++) p[i] = p[0];
    } else {
        for (int64_t done = len, total = *n; done < total; ) {
            int64_t k = done < total - done ? done : total - done;
            memcpy(p + done, p, (size_t)k * 8);
            done += k;
        }
    }
    return c;
}

static hd_value list_mul(hd_value a, hd_value b)
{
    bool first = hd_is_list(a);
    if (!first && !hd_is_list(b)) return HD_NOTIMPLEMENTED;
    int64_t times, n;
    hd_value result;
    int r = hd_seq_repeat_count(a, b, first, &times, &result);
    if (r) return r < 0 ? HD_ERR : result;
    struct hd_array *c = repeated(HD_LIST(first ? a : b), times, &n);
    return c ? hd_list_adopt(c, n) : HD_ERR;
}

static hd_value list_imul(hd_value a, hd_value b)
{
    if (!hd_is_list(a)) return HD_NOTIMPLEMENTED;
    int64_t times, n;
    hd_value result;
    int r = hd_seq_repeat_count(a, b, true, &times, &result);
    if (r) return r < 0 ? HD_ERR : result;
    struct hd_array *c = repeated(HD_LIST(a), times, &n);
    if (!c) return HD_ERR;
    hd_list_w w = hd_list_open(HD_LIST(a));
    hd_list_leave_body(HD_LIST(a), HD_OWN(w, items), HD_OWN(w, len));
    HD_PUT(w, items, c);
    HD_PUT(w, len, n);
    return a;
}

static const struct hd_methoddef list_methods[] = {
    { "append", list_append, 1, 1, 0, "($self, object, /)\n--\n\nAppend object to the end of the list." },
    { "clear", list_clear, 0, 0, 0, "($self, /)\n--\n\nRemove all items from list." },
    { "copy", list_copy, 0, 0, 0, "($self, /)\n--\n\nReturn a shallow copy of the list." },
    { "count", list_count, 1, 1, 0, "($self, value, /)\n--\n\nReturn number of occurrences of value." },
    { "extend", list_extend, 1, 1, 0, "($self, iterable, /)\n--\n\nExtend list by appending elements from the iterable." },
    { "index", list_index, 1, 3, 0, "($self, value, start=0, stop=sys.maxsize, /)\n--\n\nReturn first index of value.\n\nRaises ValueError if the value is not present." },
    { "insert", list_insert, 2, 2, 0, "($self, index, object, /)\n--\n\nInsert object before index." },
    { "pop", list_pop, 0, 1, 0, "($self, index=-1, /)\n--\n\nRemove and return item at index (default last).\n\nRaises IndexError if list is empty or index is out of range." },
    { "remove", list_remove, 1, 1, 0, "($self, value, /)\n--\n\nRemove first occurrence of value.\n\nRaises ValueError if the value is not present." },
    { "reverse", list_reverse, 0, 0, 0, "($self, /)\n--\n\nReverse *IN PLACE*." },
    { "sort", list_sort, 0, -1, HD_METH_KW, "($self, /, *, key=None, reverse=False)\n--\n\nSort the list in place, stably; key maps items to what is compared." },
    { "__reversed__", list_reversed, 0, 0, 0, "($self, /)\n--\n\nReturn a reverse iterator over the list." },
    { "__sizeof__", list_sizeof, 0, 0, 0, "($self, /)\n--\n\nReturn the size of the list in memory, in bytes." },
    HD_CLASS_GETITEM,
    { 0 }
};

struct hd_type hd_list_type = {
    .cname = "list", .basicsize = sizeof(struct hd_list), .flags = HD_TF_BASETYPE | HD_TF_LIST | HD_TF_SEQUENCE,
    .doc = "list(iterable=(), /)\n--\n\nBuilt-in mutable sequence.\n\nIf no argument is given, the constructor creates a new empty list.\n"
           "The argument must be an iterable if specified.",
    .methods = list_methods,
    .op = {
        .repr = list_repr, .hash = hd_hash_refused, .iter = list_iter, .length = list_length, .richcompare = list_compare,
        .getitem = list_getitem, .setitem = list_setitem, .contains = list_contains, .make = list_make, .init = list_init,
        .binary = { [HD_ADD] = list_add, [HD_MUL] = list_mul }, .inplace = { [HD_ADD] = list_iadd, [HD_MUL] = list_imul },
        .trace = hd_list_trace,
    },
};

/* ---- iterators ---- */
static hd_value self_iter(hd_value self) { return self; }

static hd_value listiter_next(hd_value self)
{
    struct hd_seqiter *it = hd_ptr(self);
    hd_seqiter_w w = hd_seqiter_open(it);
    hd_value seq = HD_OWN(w, seq);
    if (seq == HD_UNBOUND) return HD_STOP;
    int64_t i = HD_OWN(w, index);
    hd_value v = hd_list_at(HD_LIST(seq), i);
    if (STM_LIKELY(v != HD_ABSENT)) {
        HD_PUT(w, index, i + 1);
        return v;
    }
    HD_PUT(w, seq, HD_UNBOUND);
    return HD_STOP;
}

static hd_value listreviter_next(hd_value self)
{
    struct hd_seqiter *it = hd_ptr(self);
    hd_seqiter_w w = hd_seqiter_open(it);
    hd_value seq = HD_OWN(w, seq);
    if (seq == HD_UNBOUND) return HD_STOP;
    int64_t i = HD_OWN(w, index);
    hd_value v = hd_list_at(HD_LIST(seq), i);
    if (STM_LIKELY(v != HD_ABSENT)) {
        HD_PUT(w, index, i - 1);
        return v;
    }
    HD_PUT(w, index, -1);
    HD_PUT(w, seq, HD_UNBOUND);
    return HD_STOP;
}

static hd_value listiter_hint(ARGS)
{
    struct hd_seqiter *it = hd_ptr(self);
    hd_value seq = HD_GET(it, seq);
    if (seq == HD_UNBOUND) return hd_fix(0);
    int64_t n = hd_list_len(seq) - HD_GET(it, index);
    return hd_fix(n < 0 ? 0 : n);
}

static hd_value listreviter_hint(ARGS)
{
    struct hd_seqiter *it = hd_ptr(self);
    hd_value seq = HD_GET(it, seq);
    int64_t n = HD_GET(it, index) + 1;
    return hd_fix(seq == HD_UNBOUND || hd_list_len(seq) < n ? 0 : n);
}

static hd_value iter_reduce(hd_value self, const char *maker)
{
    struct hd_seqiter *it = hd_ptr(self);
    hd_value seq = HD_GET(it, seq);
    if (seq == HD_UNBOUND) {
        hd_value f = hd_builtin("iter"), l = hd_list_new(0);
        return hd_tuplev(f, hd_tuplev(l));
    }
    hd_value f = hd_builtin(maker);
    return hd_tuplev(f, hd_tuplev(seq), hd_int(HD_GET(it, index)));
}
static hd_value listiter_reduce(ARGS) { return iter_reduce(self, "iter"); }
static hd_value listreviter_reduce(ARGS) { return iter_reduce(self, "reversed"); }

static hd_value listiter_setstate(ARGS)
{
    int64_t i;
    struct hd_seqiter *it = hd_ptr(self);
    if (hd_as_i64(args[0], &i)) return HD_ERR;
    hd_seqiter_w w = hd_seqiter_open(it);
    if (HD_OWN(w, seq) != HD_UNBOUND) {
        int64_t n = hd_list_len(HD_OWN(w, seq));
        HD_PUT(w, index, i < 0 ? 0 : i > n ? n : i);
    }
    return HD_NONE;
}

static hd_value listreviter_setstate(ARGS)
{
    int64_t i;
    struct hd_seqiter *it = hd_ptr(self);
    if (hd_as_i64(args[0], &i)) return HD_ERR;
    hd_seqiter_w w = hd_seqiter_open(it);
    if (HD_OWN(w, seq) != HD_UNBOUND) {
        int64_t n = hd_list_len(HD_OWN(w, seq));
        HD_PUT(w, index, i < -1 ? -1 : i > n - 1 ? n - 1 : i);
    }
    return HD_NONE;
}

static const struct hd_methoddef listiter_methods[] = {
    { "__length_hint__", listiter_hint, 0, 0, 0, "Private method returning an estimate of len(list(it))." },
    { "__reduce__", listiter_reduce, 0, 0, 0, "Return state information for pickling." },
    { "__setstate__", listiter_setstate, 1, 1, 0, "Set state information for unpickling." },
    { 0 }
};
static const struct hd_methoddef listreviter_methods[] = {
    { "__length_hint__", listreviter_hint, 0, 0, 0, "Private method returning an estimate of len(list(it))." },
    { "__reduce__", listreviter_reduce, 0, 0, 0, "Return state information for pickling." },
    { "__setstate__", listreviter_setstate, 1, 1, 0, "Set state information for unpickling." },
    { 0 }
};

struct hd_type hd_listiter_type = {
    .cname = "list_iterator", .basicsize = sizeof(struct hd_seqiter), .flags = HD_TF_NEVER_INSTANTIATE, .methods = listiter_methods,
    .op = { .iter = self_iter, .iternext = listiter_next, .trace = hd_seqiter_trace },
};
struct hd_type hd_listreviter_type = {
    .cname = "list_reverseiterator", .basicsize = sizeof(struct hd_seqiter), .flags = HD_TF_NEVER_INSTANTIATE, .methods = listreviter_methods,
    .op = { .iter = self_iter, .iternext = listreviter_next, .trace = hd_seqiter_trace },
};
