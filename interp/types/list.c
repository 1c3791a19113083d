/* Lists as C code uses them: creation, growth, replacing of ranges, searching.  The Python type is in listtype.c. */
#include "interp/types/_list.h"
#include "interp/types/dict.h"

static void refine(struct hd_list *l);

/* With the root marked, for everything that the short paths leave out. */
hd_value hd_list_at_slow(struct hd_list *l, int64_t i)
{
    struct hd_array *b;
    int64_t n = hd_list_peek_as(STM_TOGETHER, l, &b);
    return STM_UNLIKELY((uint64_t)i >= (uint64_t)n) ? HD_ABSENT : hd_array_get_as(STM_TOGETHER, b, i);
}
bool hd_list_put_at_slow(struct hd_list *l, int64_t i, hd_value v)
{
    struct hd_array *b;
    int64_t n = hd_list_peek_as(STM_TOGETHER, l, &b);
    if (STM_UNLIKELY((uint64_t)i >= (uint64_t)n)) return false;
    hd_array_put(b, i, v);
    if (STM_UNLIKELY(b->head.aux >= HD_ARRAY_HOT)) refine(l);
    return true;
}
hd_value hd_list_at_together(struct hd_list *l, int64_t i) { return hd_list_at_as(STM_TOGETHER, l, i); }
bool hd_list_put_at_together(struct hd_list *l, int64_t i, hd_value v) { return hd_list_put_at_as(STM_TOGETHER, l, i, v); }

void hd_list_trace(void *o, struct gc_marker *m) { gc_mark(m, hd_obj(HD_RAW(((struct hd_list *)o)->items))); }

hd_value hd_list_adopt(struct hd_array *b, int64_t n)
{
    struct hd_list *l = gc_alloc_small(sizeof *l);
    if (STM_UNLIKELY(!l)) return hd_no_memory();
    l->head.h.aux = 0;
    stm_unit_init(&l->head.w);
    HD_INIT(l, len, n);
    HD_INIT(l, items, b);
    l->head.h.shape = HD_SHAPE_LIST;
    return hd_obj(l);
}

hd_value hd_list_new(size_t capacity)
{
    struct hd_array *b = &hd_empty_array;
    if (capacity && !(b = hd_array_new((int64_t)capacity))) return HD_ERR;
    return hd_list_adopt(b, 0);
}

hd_value hd_list_from(const hd_value *p, size_t n)
{
    struct hd_array *b = &hd_empty_array;
    if (n) {
        if (!(b = hd_array_new((int64_t)n))) return HD_ERR;
        memcpy(&HD_RAW(b->item[0]), p, n * 8);
    }
    return hd_list_adopt(b, (int64_t)n);
}

int64_t hd_list_len(hd_value l) { return HD_GET(HD_LIST(l), len); }
hd_value hd_list_get(hd_value l, int64_t i) { return hd_list_at(HD_LIST(l), i); }
int hd_list_set(hd_value l, int64_t i, hd_value v) { return hd_list_put_at(HD_LIST(l), i, v) ? 0 : -1; }
int hd_list_append(hd_value l, hd_value v) { return hd_list_push(HD_LIST(l), v); }

/* Capacity for n items when a list grows by steps.  Each step leaves a body to the collector and the new one is traced before
 * it has filled, so steps are longer than where the memory can be extended in its place. */
static int64_t roomy(int64_t n) { return (n + (n < 1024 || n >= 1 << 16 ? n >> 1 : n >> 2) + 6) & ~(int64_t)3; }

/* L3.  Nobody else knows a list, or a body, that this transaction has made. */
void hd_list_leave_body(struct hd_list *l, struct hd_array *old, int64_t n)
{
    if (stm_alone() || n <= 0 || stm_is_fresh(&l->head.w) || stm_is_fresh(hd_array_unit(old, 0))) return;
    for (int64_t i = 0, chunk = (int64_t)1 << hd_array_shift(old); i < n; i += chunk) stm_log_address_of(&l->head.w, (uintptr_t)hd_array_unit(old, i));
}

/* Moves the n items into a body of capacity cap.  The root is open. */
static int rebody(hd_list_w w, int64_t n, int64_t cap)
{
    struct hd_array *old = HD_OWN(w, items), *b = hd_array_new(cap);
    if (!b) return -1;
    hd_array_read(old, 0, n, &HD_RAW(b->item[0]));
    hd_list_leave_body(HD_OPENED(w), old, HD_OWN(w, len));
    HD_PUT(w, items, b);
    return 0;
}

/* Gives it a body of the fine layout, if there is memory for it. */
static void refine(struct hd_list *l)
{
    struct hd_array *old = HD_GET(l, items), *b;
    old->head.aux &= HD_ARRAY_WARMER - 1;                    /* a try that is aborted is not repeated at once */
    if (!(b = hd_array_new_fine(old->cap))) {
        hd_exc_clear();
        return;
    }
    hd_list_w w = hd_list_open(l);
    hd_array_read(old, 0, HD_OWN(w, len), &HD_RAW(b->item[0]));
    hd_list_leave_body(l, old, HD_OWN(w, len));
    HD_PUT(w, items, b);
}

int hd_list_push_slow(struct hd_list *l, hd_value v)
{
    hd_list_w w = hd_list_open(l);
    int64_t n = HD_OWN(w, len);
    if (rebody(w, n, n == 0 ? 4 : roomy(n + 1))) return -1;
    hd_array_put(HD_OWN(w, items), n, v);
    HD_PUT(w, len, n + 1);
    return 0;
}

int hd_list_reserve(struct hd_list *l, int64_t cap)
{
    hd_list_w w = hd_list_open(l);
    if (cap <= HD_OWN(w, items)->cap) return 0;
    return rebody(w, HD_OWN(w, len), cap);
}

struct hd_array *hd_list_snapshot(struct hd_list *l, int64_t *n)
{
    struct hd_array *b;
    int64_t len = hd_list_peek(l, &b);
    *n = len;
    if (!len) return &hd_empty_array;
    struct hd_array *c = hd_array_new(len);
    if (c) hd_array_read(b, 0, len, &HD_RAW(c->item[0]));
    return c;
}

hd_value hd_list_slice(struct hd_list *l, int64_t lo, int64_t n)
{
    if (n <= 0) return hd_list_new(0);
    struct hd_array *b, *c = hd_array_new(n);
    if (!c) return HD_ERR;
    (void)hd_list_peek(l, &b);
    hd_array_read(b, lo, n, &HD_RAW(c->item[0]));
    return hd_list_adopt(c, n);
}

/* Replaces items lo..hi by the n at src, which must not lie in the list's body. */
int hd_list_splice(struct hd_list *l, int64_t lo, int64_t hi, const hd_value *src, int64_t n)
{
    hd_list_w w = hd_list_open(l);
    int64_t len = HD_OWN(w, len), newlen = len - (hi - lo) + n;
    struct hd_array *b = HD_OWN(w, items);
    if (newlen > b->cap || (newlen < len && newlen < b->cap >> 2 && b->cap > 64)) {
        struct hd_array *c = newlen ? hd_array_new(newlen > b->cap && lo == len ? roomy(newlen) : newlen + (newlen >> 3)) : &hd_empty_array;
        if (!c) return -1;
        hd_array_read(b, 0, lo, &HD_RAW(c->item[0]));
        if (n) memcpy(&HD_RAW(c->item[lo]), src, (size_t)n * 8);
        hd_array_read(b, hi, len - hi, &HD_RAW(c->item[lo + n]));
        hd_list_leave_body(l, b, len);
        HD_PUT(w, items, c);
    } else {
        int64_t top = len > newlen ? len : newlen;
        hd_array_open_range(b, lo, hi - lo == n ? hi : top);
        hd_value *p = &HD_RAW(b->item[0]);
        if (hi - lo != n) memmove(p + lo + n, p + hi, (size_t)(len - hi) * 8);
        if (n) memcpy(p + lo, src, (size_t)n * 8);
        if (newlen < len) memset(p + newlen, 0, (size_t)(len - newlen) * 8);
    }
    if (newlen != len) HD_PUT(w, len, newlen);
    return 0;
}

int hd_list_insert(hd_value lv, int64_t i, hd_value v)
{
    struct hd_list *l = HD_LIST(lv);
    hd_list_w w = hd_list_open(l);
    int64_t n = HD_OWN(w, len);
    if (i < 0 && (i += n) < 0) i = 0;
    if (i >= n) return hd_list_push(l, v);
    struct hd_array *b = HD_OWN(w, items);
    if (n == b->cap) {
        if (rebody(w, n, roomy(n + 1))) return -1;
        b = HD_OWN(w, items);
    }
    hd_array_open_range(b, i, n + 1);
    hd_value *p = &HD_RAW(b->item[0]);
    memmove(p + i + 1, p + i, (size_t)(n - i) * 8);
    p[i] = v;
    HD_PUT(w, len, n + 1);
    return 0;
}

/* i in range. */
hd_value hd_list_pop(hd_value lv, int64_t i)
{
    struct hd_list *l = HD_LIST(lv);
    hd_list_w w = hd_list_open(l);
    int64_t n = HD_OWN(w, len);
    struct hd_array *b = HD_OWN(w, items);
    if ((uint64_t)i >= (uint64_t)n) return HD_ABSENT;
    hd_value v;
    if (i == n - 1) {
        hd_array_open(b, i);
        v = hd_array_own(b, i);
        HD_PUT_AT(&b->item[i], 0);
        HD_PUT(w, len, n - 1);
        if (STM_UNLIKELY(n - 1 < b->cap >> 2 && b->cap > 64) && rebody(w, n - 1, (n - 1) * 2)) return HD_ERR;
        return v;
    }
    v = hd_array_get(b, i);
    return hd_list_splice(l, i, i + 1, NULL, 0) ? HD_ERR : v;
}

int hd_list_clear(hd_value lv)
{
    hd_list_w w = hd_list_open(HD_LIST(lv));
    hd_list_leave_body(HD_LIST(lv), HD_OWN(w, items), HD_OWN(w, len));
    HD_PUT(w, len, 0);
    HD_PUT(w, items, &hd_empty_array);
    return 0;
}

static int extend_items(struct hd_list *l, const hd_value *p, int64_t n)
{
    if (!n) return 0;
    int64_t len = HD_GET(l, len);
    return hd_list_splice(l, len, len, p, n);
}

/* By the n items of a body that nobody else has; NULL: there was no memory for it. */
static int extend_by(struct hd_list *l, struct hd_array *c, int64_t n)
{
    if (!c) return -1;
    if (HD_GET(l, items) != &hd_empty_array) return extend_items(l, &HD_RAW(c->item[0]), n);
    hd_list_w w = hd_list_open(l);
    HD_PUT(w, items, c);
    HD_PUT(w, len, n);
    return 0;
}

int hd_list_extend(hd_value lv, hd_value it)
{
    struct hd_list *l = HD_LIST(lv);
    if (hd_is_tuple_exact(it)) return extend_items(l, HD_TUPLE(it)->item, HD_TUPLE(it)->len);
    int64_t n;
    if (hd_is_list_exact(it) || it == lv) {
        struct hd_array *c = hd_list_snapshot(HD_LIST(it), &n);
        return extend_by(l, c, n);
    }
    struct hd_array *items;
    if (hd_table_snapshot(it, &items, &n)) return extend_by(l, items, n);
    hd_value iter = hd_iter(it);
    if (iter == HD_ERR) return -1;
    int64_t hint = hd_length_hint(it, 8);
    if (hint < 0) return -1;
    int64_t len = HD_GET(l, len);
    if (hint > 8 && hint <= INT64_MAX - len && hd_list_reserve(l, len + hint)) return -1;
    for (;;) {
        hd_value v = hd_next(iter);
        if (v == HD_STOP) return 0;
        if (v == HD_ERR || hd_list_push(l, v)) return -1;
    }
}

hd_value hd_list_of(hd_value iterable)
{
    hd_value l = hd_list_new(0);
    return l == HD_ERR || hd_list_extend(l, iterable) ? HD_ERR : l;
}

hd_value hd_list_as_tuple(hd_value lv)
{
    struct hd_array *b;
    int64_t n = hd_list_peek(HD_LIST(lv), &b);
    hd_value t = hd_tuple_new((size_t)n);
    if (t != HD_ERR && n) hd_array_read(b, 0, n, HD_TUPLE(t)->item);
    return t;
}

hd_value hd_fast_sequence(hd_value o, const char *message, const hd_value **items, int64_t *n)
{
    if (hd_is_tuple_exact(o) || (hd_is_tuple(o) && hd_type_of(o)->op.iter == hd_tuple_type.op.iter)) {
        *items = HD_TUPLE(o)->item;
        *n = HD_TUPLE(o)->len;
        return o;
    }
    if (!hd_is_list_exact(o) && !(hd_is_list(o) && hd_type_of(o)->op.iter == hd_list_type.op.iter)) {
        hd_value it = hd_iter(o);
        if (it == HD_ERR) {
            if (message && *message && hd_exc_is(&hd_exc_TypeError)) {
                hd_exc_clear();
                (void)hd_raise(&hd_exc_TypeError, "%s", message);
            }
            return HD_ERR;
        }
        o = hd_list_of(it);
        if (o == HD_ERR) return HD_ERR;
        struct hd_array *b = HD_RAW(HD_LIST(o)->items);
        /* The list is this function's own: nobody else can change the body. */
        *n = HD_GET(HD_LIST(o), len);
        *items = &HD_RAW(b->item[0]);
        return hd_obj(b);
    }
    struct hd_array *c = hd_list_snapshot(HD_LIST(o), n);
    if (!c) return HD_ERR;
    *items = &HD_RAW(c->item[0]);
    return hd_obj(c);
}

/* Position of v in [lo, hi), -1: not there, -2: error. */
int64_t hd_list_search(struct hd_list *l, hd_value v, int64_t lo, int64_t hi)
{
    for (int64_t i = lo; i < hi; i++) {
        hd_value x = hd_list_at(l, i);
        if (x == HD_ABSENT) break;
        if (x == v) return i;
        if (hd_is_fix(x) & hd_is_fix(v)) continue;
        int r = hd_equal(x, v);
        if (r) return r < 0 ? -2 : i;
    }
    return -1;
}
