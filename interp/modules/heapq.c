/* The module _heapq: binary heaps in lists.  A comparison may run anything, so the list is read anew after each. */
#include "interp/modules/modules.h"
#include "interp/types/list.h"

#define ARGS hd_value self, const hd_value *args, size_t nargs, hd_value kwnames

/* a < b of numbers and tuples that numbers tell apart: 1, 0; -1: it takes more. */
static inline int quick_less(hd_value a, hd_value b)
{
    for (int64_t i = 0;; i++) {
        hd_value x = a, y = b;
        if (!hd_both_fix(a, b) && hd_is_tuple_exact(a) && hd_is_tuple_exact(b)) {
            if (i >= HD_TUPLE(a)->len || i >= HD_TUPLE(b)->len) return -1;
            x = HD_TUPLE(a)->item[i], y = HD_TUPLE(b)->item[i];
            if (x == y && hd_is_fix(x)) continue;
        }
        if (hd_both_fix(x, y)) return (int64_t)x < (int64_t)y;
        if (hd_both_flo(x, y) && hd_unflo(x) != hd_unflo(y)) return hd_unflo(x) < hd_unflo(y);
        return -1;
    }
}
/* 1, 0, -1; max-heaps compare the other way round. */
static int before(hd_value a, hd_value b, bool max)
{
    int quick = max ? quick_less(b, a) : quick_less(a, b);
    if (STM_LIKELY(quick >= 0)) return quick;
    hd_value r = max ? hd_compare(b, a, HD_LT) : hd_compare(a, b, HD_LT);
    return r == HD_ERR ? -1 : hd_truth(r);
}
static int changed(struct hd_list *l, int64_t n)
{
    if (hd_list_size_of(l) == n) return 0;
    (void)hd_raise(&hd_exc_RuntimeError, "list changed size during iteration");
    return -1;
}

/* While comparisons run no Python the body stays the same, whose root is marked or open; *pos is where the item has got.  True: done. */
STM_INLINE bool down(enum stm_mode mode, struct hd_array *b, int64_t start, int64_t *pos, bool max)
{
    hd_value item = hd_array_get_as(mode, b, *pos);
    int r = 0;
    while (*pos > start) {
        int64_t parent = (*pos - 1) >> 1;
        hd_value p = hd_array_get_as(mode, b, parent);
        if ((r = max ? quick_less(p, item) : quick_less(item, p)) <= 0) break;
        hd_array_put(b, *pos, p);
        *pos = parent;
    }
    hd_array_put(b, *pos, item);
    return r >= 0;
}
STM_INLINE bool up(enum stm_mode mode, struct hd_array *b, int64_t n, int64_t *pos, bool max)
{
    hd_value item = hd_array_get_as(mode, b, *pos);
    int r = 0;
    for (int64_t limit = n >> 1; *pos < limit; ) {
        int64_t child = 2 * *pos + 1;
        if (child + 1 < n) {
            hd_value left = hd_array_get_as(mode, b, child), right = hd_array_get_as(mode, b, child + 1);
            if ((r = max ? quick_less(right, left) : quick_less(left, right)) < 0) break;
            child += !r;
        }
        hd_array_put(b, *pos, hd_array_get_as(mode, b, child));
        *pos = child;
    }
    hd_array_put(b, *pos, item);
    return r >= 0;
}

static bool quick_down(struct hd_array *b, int64_t start, int64_t *pos, bool max)
{
    return stm_alone() ? down(STM_ALONE, b, start, pos, max) : down(STM_TOGETHER, b, start, pos, max);
}
static bool quick_up(struct hd_array *b, int64_t n, int64_t *pos, bool max)
{
    return stm_alone() ? up(STM_ALONE, b, n, pos, max) : up(STM_TOGETHER, b, n, pos, max);
}

/* The item at pos moves towards the root, not above start. */
static int sift_down(struct hd_list *l, int64_t start, int64_t pos, bool max)
{
    struct hd_array *b;
    int64_t n = hd_list_peek(l, &b);
    if (pos >= n) {
        (void)hd_raise(&hd_exc_IndexError, "index out of range");
        return -1;
    }
    if (quick_down(b, start, &pos, max)) return 0;
    while (pos > start) {
        int64_t parent = (pos - 1) >> 1;
        hd_value item = hd_list_at(l, pos), p = hd_list_at(l, parent);
        int r = before(item, p, max);
        if (r < 0 || changed(l, n)) return -1;
        if (!r) break;
        item = hd_list_at(l, pos);
        p = hd_list_at(l, parent);
        hd_list_put_at(l, parent, item);
        hd_list_put_at(l, pos, p);
        pos = parent;
    }
    return 0;
}

/* The item at pos moves to a leaf along the smaller children, then back up: fewer comparisons than stopping on the way. */
static int sift_up(struct hd_list *l, int64_t pos, bool max)
{
    struct hd_array *b;
    int64_t n = hd_list_peek(l, &b), start = pos;
    if (pos >= n) {
        (void)hd_raise(&hd_exc_IndexError, "index out of range");
        return -1;
    }
    (void)quick_up(b, n, &pos, max);
    for (int64_t limit = n >> 1; pos < limit; ) {
        int64_t child = 2 * pos + 1;
        if (child + 1 < n) {
            int r = before(hd_list_at(l, child), hd_list_at(l, child + 1), max);
            if (r < 0 || changed(l, n)) return -1;
            if (!r) child++;
        }
        hd_value smaller = hd_list_at(l, child), item = hd_list_at(l, pos);
        hd_list_put_at(l, child, item);
        hd_list_put_at(l, pos, smaller);
        pos = child;
    }
    return sift_down(l, start, pos, max);
}

static struct hd_list *heap_of(hd_value v)
{
    if (hd_is_list(v)) return HD_LIST(v);
    (void)hd_raise(&hd_exc_TypeError, "heap argument must be a list, not %A", v);
    return NULL;
}

static hd_value heappush(ARGS)
{
    struct hd_list *l = heap_of(args[0]);
    if (!l || hd_list_push(l, args[1])) return HD_ERR;
    return sift_down(l, 0, hd_list_size_of(l) - 1, false) ? HD_ERR : HD_NONE;
}

static hd_value pop(hd_value v, bool max)
{
    struct hd_list *l = heap_of(v);
    if (!l) return HD_ERR;
    int64_t n = hd_list_size_of(l);
    if (!n) return hd_raise(&hd_exc_IndexError, "index out of range");
    hd_value last = hd_list_pop(v, n - 1);
    if (n == 1 || last == HD_ERR) return last;
    hd_value top = hd_list_at(l, 0);
    hd_list_put_at(l, 0, last);
    return sift_up(l, 0, max) ? HD_ERR : top;
}
static hd_value heappop(ARGS) { return pop(args[0], false); }
static hd_value heappop_max(ARGS) { return pop(args[0], true); }

static hd_value replace(hd_value v, hd_value item, bool max)
{
    struct hd_list *l = heap_of(v);
    if (!l) return HD_ERR;
    hd_value top = hd_list_at(l, 0);
    if (top == HD_ABSENT) return hd_raise(&hd_exc_IndexError, "index out of range");
    hd_list_put_at(l, 0, item);
    return sift_up(l, 0, max) ? HD_ERR : top;
}
static hd_value heapreplace(ARGS) { return replace(args[0], args[1], false); }
static hd_value heapreplace_max(ARGS) { return replace(args[0], args[1], true); }

static hd_value heappushpop(ARGS)
{
    struct hd_list *l = heap_of(args[0]);
    if (!l) return HD_ERR;
    hd_value top = hd_list_at(l, 0);
    if (top == HD_ABSENT) return args[1];
    int r = before(top, args[1], false);
    if (r < 0) return HD_ERR;
    if (!r) return args[1];
    if (hd_list_size_of(l) == 0) return hd_raise(&hd_exc_IndexError, "index out of range");
    return replace(args[0], args[1], false);
}

static hd_value make_heap(hd_value v, bool max)
{
    struct hd_list *l = heap_of(v);
    if (!l) return HD_ERR;
    for (int64_t i = (hd_list_size_of(l) >> 1) - 1; i >= 0; i--)
        if (sift_up(l, i, max)) return HD_ERR;
    return HD_NONE;
}
static hd_value heapify(ARGS) { return make_heap(args[0], false); }
static hd_value heapify_max(ARGS) { return make_heap(args[0], true); }

static const struct hd_methoddef functions[] = {
    { "heappush", heappush, 2, 2, 0, "($module, heap, item, /)\n--\n\nPush item onto heap, maintaining the heap invariant." },
    { "heappushpop", heappushpop, 2, 2, 0, "($module, heap, item, /)\n--\n\nPush item on the heap, then pop and return the smallest item from the heap.\n\n"
      "The combined action runs more efficiently than heappush() followed by\na separate call to heappop()." },
    { "heappop", heappop, 1, 1, 0, "($module, heap, /)\n--\n\nPop the smallest item off the heap, maintaining the heap invariant." },
    { "heapreplace", heapreplace, 2, 2, 0, "($module, heap, item, /)\n--\n\nPop and return the current smallest value, and add the new item." },
    { "heapify", heapify, 1, 1, 0, "($module, heap, /)\n--\n\nTransform list into a heap, in-place, in O(len(heap)) time." },
    { "_heappop_max", heappop_max, 1, 1, 0, "($module, heap, /)\n--\n\nMaxheap variant of heappop." },
    { "_heapify_max", heapify_max, 1, 1, 0, "($module, heap, /)\n--\n\nMaxheap variant of heapify." },
    { "_heapreplace_max", heapreplace_max, 2, 2, 0, "($module, heap, item, /)\n--\n\nMaxheap variant of heapreplace." },
    { 0 }
};

static int heapq_exec(hd_value m) { return hd_module_add_str(m, "__about__", "Heaps are lists for which a[k] <= a[2*k+1] and a[k] <= a[2*k+2] for all k."); }

const struct hd_moduledef hd_module_heapq = { "_heapq", "Heap queue algorithm (a.k.a. priority queue).", functions, heapq_exec };
