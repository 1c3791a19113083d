/* list.sort: a stable merge sort over natural runs, merged in the order of powersort (Munro and Wild 2018).
 *
 * The items (and the keys, if a key function is given) are sorted in fresh arrays; meanwhile the list is empty.  S1: at
 * every comparison the arrays and `tmp` together hold all items, so a comparison that raises leaves a permutation.
 * S2: when all keys are of one simple kind no Python runs, so the fresh arrays stay open and are accessed directly;
 * otherwise every access goes through a barrier, because a comparison may end the transaction. */
#include "interp/types/_list.h"

#define SORT_INLINE static inline __attribute__((always_inline))
/* FLOATS: exact floats, boxed ones among them.  TUPLES: exact, of one length, each column of one of FIXNUMS, FLONUMS, STRINGS. */
enum kind { GENERAL, FIXNUMS, FLONUMS, FLOATS, STRINGS, TUPLES };
enum { MIN_RUN = 24 };

/* keys == items if there is no key function.  tmp_* are as keys and items. */
struct sort { struct hd_array *keys, *items, *tmp_keys, *tmp_items; };
struct run { int64_t start, len; int power; };

SORT_INLINE hd_value get(enum kind kind, const struct hd_array *b, int64_t i)
{
    return kind == GENERAL ? hd_array_get(b, i) : hd_array_own(b, i);
}
SORT_INLINE void put(enum kind kind, struct hd_array *b, int64_t i, hd_value v)
{
    if (kind == GENERAL) hd_array_put(b, i, v);
    else hd_array_init(b, i, v);
}

static int less_general(hd_value a, hd_value b)
{
    if (hd_both_fix(a, b)) return (int64_t)a < (int64_t)b;
    hd_value r = hd_compare(a, b, HD_LT);
    return r == HD_TRUE ? 1 : r == HD_FALSE ? 0 : r == HD_ERR ? -1 : hd_truth(r);
}
static bool less_tuples(hd_value a, hd_value b)
{
    const struct hd_tuple *x = HD_TUPLE(a), *y = HD_TUPLE(b);
    for (int64_t i = 0; i < x->len; i++) {
        hd_value u = x->item[i], v = y->item[i];
        if (u == v) continue;
        if (hd_is_fix(u)) return (int64_t)u < (int64_t)v;
        if (hd_is_flo(u)) return hd_unflo(u) < hd_unflo(v);
        int c = hd_str_cmp(u, v);
        if (c) return c < 0;
    }
    return false;
}
SORT_INLINE int less(enum kind kind, hd_value a, hd_value b)
{
    switch (kind) {
    case FIXNUMS: return (int64_t)a < (int64_t)b;
    case FLONUMS: return hd_unflo(a) < hd_unflo(b);
    case FLOATS: return hd_float_value(a) < hd_float_value(b);
    case STRINGS: return hd_str_cmp(a, b) < 0;
    case TUPLES: return less_tuples(a, b);
    default: return less_general(a, b);
    }
}

SORT_INLINE void move(enum kind kind, struct hd_array *to, int64_t at, const struct hd_array *from, int64_t lo, int64_t n)
{
    if (kind != GENERAL) {
        memmove(&HD_RAW(to->item[at]), &HD_RAW(from->item[lo]), (size_t)n * 8);
    } else if (to == from && at > lo) {
        for (int64_t i = n - 1; i >= 0; i--) hd_array_put(to, at + i, hd_array_get(from, lo + i));
    } else {
        for (int64_t i = 0; i < n; i++) hd_array_put(to, at + i, hd_array_get(from, lo + i));
    }
}
SORT_INLINE void move_both(enum kind kind, struct sort *s, bool to_tmp, bool from_tmp, int64_t at, int64_t lo, int64_t n)
{
    move(kind, to_tmp ? s->tmp_keys : s->keys, at, from_tmp ? s->tmp_keys : s->keys, lo, n);
    if (s->items != s->keys) move(kind, to_tmp ? s->tmp_items : s->items, at, from_tmp ? s->tmp_items : s->items, lo, n);
}

static void reverse_range(struct hd_array *b, int64_t lo, int64_t hi)
{
    for (hi--; lo < hi; lo++, hi--) {
        hd_value x = hd_array_get(b, lo), y = hd_array_get(b, hi);
        hd_array_put(b, lo, y);
        hd_array_put(b, hi, x);
    }
}

/* Length of the run that starts at lo; a strictly descending one is turned round. */
SORT_INLINE int64_t count_run(enum kind kind, struct sort *s, int64_t lo, int64_t hi)
{
    if (hi - lo < 2) return hi - lo;
    int64_t i = lo + 2;
    int down = less(kind, get(kind, s->keys, lo + 1), get(kind, s->keys, lo));
    if (down < 0) return -1;
    for (; i < hi; i++) {
        int r = less(kind, get(kind, s->keys, i), get(kind, s->keys, i - 1));
        if (r < 0) return -1;
        if (r != down) break;
    }
    if (down) {
        reverse_range(s->keys, lo, i);
        if (s->items != s->keys) reverse_range(s->items, lo, i);
    }
    return i - lo;
}

/* Sorts lo..hi, where lo..from is sorted already. */
SORT_INLINE int insertion(enum kind kind, struct sort *s, int64_t lo, int64_t from, int64_t hi)
{
    for (int64_t i = from; i < hi; i++) {
        hd_value key = get(kind, s->keys, i);
        int64_t a = lo, b = i;
        while (a < b) {
            int64_t m = a + ((b - a) >> 1);
            int r = less(kind, key, get(kind, s->keys, m));
            if (r < 0) return -1;
            if (r) b = m;
            else a = m + 1;
        }
        if (a == i) continue;
        move(kind, s->keys, a + 1, s->keys, a, i - a);
        put(kind, s->keys, a, key);
        if (s->items != s->keys) {
            hd_value item = get(kind, s->items, i);
            move(kind, s->items, a + 1, s->items, a, i - a);
            put(kind, s->items, a, item);
        }
    }
    return 0;
}

/* How many of keys[lo..hi) stand before key: those <= key (after = true) or < key.  Steps grow from the near end, which is
 * the low one for after, else the high one. */
SORT_INLINE int64_t reach(enum kind kind, struct sort *s, hd_value key, int64_t lo, int64_t hi, bool after)
{
    int64_t a = lo, b = hi;
    if (after) {
        for (int64_t step = 1; lo + step - 1 < hi; step *= 2) {
            int64_t i = lo + step - 1;
            int r = less(kind, key, get(kind, s->keys, i));
            if (r < 0) return -1;
            if (r) {
                b = i;
                break;
            }
            a = i + 1;
        }
    } else {
        for (int64_t step = 1; hi - step >= lo; step *= 2) {
            int64_t i = hi - step;
            int r = less(kind, get(kind, s->keys, i), key);
            if (r < 0) return -1;
            if (r) {
                a = i + 1;
                break;
            }
            b = i;
        }
    }
    while (a < b) {
        int64_t m = a + ((b - a) >> 1);
        int r = after ? less(kind, key, get(kind, s->keys, m)) : less(kind, get(kind, s->keys, m), key);
        if (r < 0) return -1;
        if (after ? !r : r) a = m + 1;
        else b = m;
    }
    return a - lo;
}

SORT_INLINE void put_from(enum kind kind, struct sort *s, int64_t at, bool from_tmp, int64_t i)
{
    put(kind, s->keys, at, get(kind, from_tmp ? s->tmp_keys : s->keys, i));
    if (s->items != s->keys) put(kind, s->items, at, get(kind, from_tmp ? s->tmp_items : s->items, i));
}

/* Merges the neighbours lo..mid and mid..hi. */
SORT_INLINE int merge(enum kind kind, struct sort *s, int64_t lo, int64_t mid, int64_t hi)
{
    int64_t n = reach(kind, s, get(kind, s->keys, mid), lo, mid, true);
    if (n < 0) return -1;
    lo += n;
    if (lo == mid) return 0;
    n = reach(kind, s, get(kind, s->keys, mid - 1), mid, hi, false);
    if (n < 0) return -1;
    hi = mid + n;
    if (mid == hi) return 0;
    if (mid - lo <= hi - mid) {
        int64_t i = 0, left = mid - lo, j = mid, k = lo;
        move_both(kind, s, true, false, 0, lo, left);
        while (i < left && j < hi) {
            int r = less(kind, get(kind, s->keys, j), get(kind, s->tmp_keys, i));
            if (r < 0) {
                move_both(kind, s, false, true, k, i, left - i);
                return -1;
            }
            if (r) put_from(kind, s, k++, false, j++);
            else put_from(kind, s, k++, true, i++);
        }
        move_both(kind, s, false, true, k, i, left - i);
    } else {
        int64_t i = mid, j = hi - mid, k = hi;       /* one past the next to take, left and right; one past the place */
        move_both(kind, s, true, false, 0, mid, j);
        while (i > lo && j > 0) {
            int r = less(kind, get(kind, s->tmp_keys, j - 1), get(kind, s->keys, i - 1));
            if (r < 0) {
                move_both(kind, s, false, true, k - j, 0, j);
                return -1;
            }
            if (r) put_from(kind, s, --k, false, --i);
            else put_from(kind, s, --k, true, --j);
        }
        move_both(kind, s, false, true, k - j, 0, j);
    }
    return 0;
}

/* Depth in the ideal merge tree of n items at which the runs that meet at `mid` are joined. */
static int node_power(int64_t start, int64_t mid, int64_t end, int64_t n)
{
    unsigned __int128 a = (unsigned __int128)(uint64_t)(start + mid) << 62, b = (unsigned __int128)(uint64_t)(mid + end) << 62;
    uint64_t x = (uint64_t)(a / (uint64_t)n), y = (uint64_t)(b / (uint64_t)n);
    return x == y ? 64 : __builtin_clzll(x ^ y);
}

SORT_INLINE int sort_all(enum kind kind, struct sort *s, int64_t n)
{
    struct run stack[72];
    int depth = 0;
    for (int64_t lo = 0; lo < n; ) {
        int64_t len = count_run(kind, s, lo, n);
        if (len < 0) return -1;
        int64_t want = n - lo < MIN_RUN ? n - lo : MIN_RUN;
        if (len < want) {
            if (insertion(kind, s, lo, lo + len, lo + want)) return -1;
            len = want;
        }
        int power = depth ? node_power(stack[depth - 1].start, lo, lo + len, n) : 0;
        while (depth > 1 && stack[depth - 1].power > power) {
            struct run *a = &stack[depth - 2], *b = &stack[depth - 1];
            if (merge(kind, s, a->start, b->start, b->start + b->len)) return -1;
            a->len += b->len;
            depth--;
        }
        stack[depth++] = (struct run){ lo, len, power };
        lo += len;
    }
    for (; depth > 1; depth--) {
        struct run *a = &stack[depth - 2], *b = &stack[depth - 1];
        if (merge(kind, s, a->start, b->start, b->start + b->len)) return -1;
        a->len += b->len;
    }
    return 0;
}

static enum kind kind_of_one(hd_value v)
{
    return hd_is_fix(v) ? FIXNUMS : hd_is_flo(v) ? FLONUMS : hd_is_str_exact(v) ? STRINGS : hd_is_float_exact(v) ? FLOATS : GENERAL;
}

/* The array is open. */
static enum kind kind_of(struct hd_array *b, int64_t n)
{
    enum { COLUMNS = 8 };
    enum kind columns[COLUMNS];
    hd_value first = hd_array_own(b, 0);
    if (hd_is_tuple_exact(first)) {
        int64_t len = HD_TUPLE(first)->len;
        if (len > COLUMNS) return GENERAL;
        for (int64_t c = 0; c < len; c++) {
            columns[c] = kind_of_one(HD_TUPLE(first)->item[c]);
            if (columns[c] == GENERAL || columns[c] == FLOATS) return GENERAL;
        }
        for (int64_t i = 1; i < n; i++) {
            hd_value v = hd_array_own(b, i);
            if (!hd_is_tuple_exact(v) || HD_TUPLE(v)->len != len) return GENERAL;
            for (int64_t c = 0; c < len; c++) if (kind_of_one(HD_TUPLE(v)->item[c]) != columns[c]) return GENERAL;
        }
        return TUPLES;
    }
    enum kind k = kind_of_one(first);
    for (int64_t i = 1; i < n && k != GENERAL; i++) {
        enum kind v = kind_of_one(hd_array_own(b, i));
        if (v != k) k = (k == FLOATS || k == FLONUMS) && (v == FLOATS || v == FLONUMS) ? FLOATS : GENERAL;
    }
    return k;
}

static int sort_items(struct sort *s, int64_t n)
{
    /* Key functions have run since the arrays were made: the direct accesses of S2 need them open again. */
    hd_array_open_range(s->keys, 0, n);
    hd_array_open_range(s->items, 0, n);
    enum kind kind = kind_of(s->keys, n);
    s->tmp_keys = hd_array_new(n / 2 + 1);
    s->tmp_items = !s->tmp_keys || s->items == s->keys ? s->tmp_keys : hd_array_new(n / 2 + 1);
    if (!s->tmp_items) return -1;
    switch (kind) {
    case FIXNUMS: return sort_all(FIXNUMS, s, n);
    case FLONUMS: return sort_all(FLONUMS, s, n);
    case FLOATS: return sort_all(FLOATS, s, n);
    case STRINGS: return sort_all(STRINGS, s, n);
    case TUPLES: return sort_all(TUPLES, s, n);
    default: return sort_all(GENERAL, s, n);
    }
}

int hd_list_sort(hd_value lv, hd_value key, bool reverse)
{
    struct hd_list *l = HD_LIST(lv);
    int64_t n;
    struct sort s = { 0 };
    struct hd_array *hole = hd_array_new(0);       /* the list's body meanwhile; anything else shows that it was modified */
    if (!hole) return -1;
    hd_list_w w = hd_list_open(l);
    n = HD_OWN(w, len);
    s.items = n ? hd_array_new(n) : &hd_empty_array;
    if (!s.items) return -1;
    hd_array_read(HD_OWN(w, items), 0, n, &HD_RAW(s.items->item[0]));
    s.keys = s.items;
    hd_list_leave_body(l, HD_OWN(w, items), n);
    HD_PUT(w, len, 0);
    HD_PUT(w, items, hole);
    int failed = 0;
    if (key != HD_NONE && key != HD_ABSENT && n) {
        s.keys = hd_array_new(n);
        if (!s.keys) failed = -1;
        for (int64_t i = 0; !failed && i < n; i++) {
            hd_value k = hd_callv(key, hd_array_get(s.items, i));
            if (k == HD_ERR) failed = -1;
            else hd_array_put(s.keys, i, k);
        }
    }
    if (!failed && n > 1) {
        if (reverse) {
            reverse_range(s.items, 0, n);
            if (s.keys != s.items) reverse_range(s.keys, 0, n);
        }
        failed = sort_items(&s, n);
        if (reverse) reverse_range(s.items, 0, n);
    }
    w = hd_list_open(l);
    bool modified = HD_OWN(w, items) != hole;
    hd_list_leave_body(l, HD_OWN(w, items), HD_OWN(w, len));
    HD_PUT(w, len, n);
    HD_PUT(w, items, s.items);
    if (!failed && modified) {
        (void)hd_raise(&hd_exc_ValueError, "list modified during sort");
        failed = -1;
    }
    return failed;
}
