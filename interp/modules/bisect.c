/* The module _bisect. */
#include "interp/core/names.h"
#include "interp/modules/modules.h"
#include "interp/types/list.h"

#define ARGS hd_value self, const hd_value *args, size_t nargs, hd_value kwnames

struct request { hd_value a, x, key; int64_t lo, hi; };

static int unpack(const char *name, const hd_value *args, size_t nargs, hd_value kwnames, struct request *r)
{
    hd_value v[5];
    if (hd_args(name, "a,x,|lo,hi,*,key", args, nargs, kwnames, v)) return -1;
    *r = (struct request){ v[0], v[1], v[4] == HD_NONE ? HD_ABSENT : v[4], 0, -1 };
    if (v[2] != HD_ABSENT && hd_as_i64(v[2], &r->lo)) return -1;
    if (v[3] != HD_ABSENT && v[3] != HD_NONE && hd_as_i64(v[3], &r->hi)) return -1;
    if (r->lo < 0) {
        (void)hd_raise(&hd_exc_ValueError, "lo must be non-negative");
        return -1;
    }
    if (r->hi == -1 && (r->hi = hd_len(r->a)) < 0) return -1;
    return 0;
}

/* The insertion point, or -1. */
static int64_t search(const struct request *r, hd_value x, bool right)
{
    int64_t lo = r->lo, hi = r->hi;
    while (lo < hi) {
        int64_t mid = (int64_t)(((uint64_t)lo + (uint64_t)hi) / 2);
        hd_value item = hd_is_list_exact(r->a) ? hd_list_at(HD_LIST(r->a), mid) : HD_ABSENT;
        if (item == HD_ABSENT) item = hd_getitem(r->a, hd_int(mid));
        if (item != HD_ERR && r->key != HD_ABSENT) item = hd_callv(r->key, item);
        if (item == HD_ERR) return -1;
        int less;
        if (hd_both_fix(item, x)) {
            less = right ? (int64_t)x < (int64_t)item : (int64_t)item < (int64_t)x;
        } else {
            hd_value c = right ? hd_compare(x, item, HD_LT) : hd_compare(item, x, HD_LT);
            less = c == HD_ERR ? -1 : hd_truth(c);
        }
        if (less < 0) return -1;
        if (right ? less : !less) hi = mid;
        else lo = mid + 1;
    }
    return lo;
}

static hd_value find(const char *name, const hd_value *args, size_t nargs, hd_value kwnames, bool right)
{
    struct request r;
    if (unpack(name, args, nargs, kwnames, &r)) return HD_ERR;
    int64_t i = search(&r, r.x, right);
    return i < 0 ? HD_ERR : hd_int(i);
}
static hd_value insort(const char *name, const hd_value *args, size_t nargs, hd_value kwnames, bool right)
{
    struct request r;
    if (unpack(name, args, nargs, kwnames, &r)) return HD_ERR;
    hd_value x = r.key == HD_ABSENT ? r.x : hd_callv(r.key, r.x);
    int64_t i = x == HD_ERR ? -1 : search(&r, x, right);
    if (i < 0) return HD_ERR;
    if (hd_is_list_exact(r.a)) return hd_list_insert(r.a, i, r.x) ? HD_ERR : HD_NONE;
    return hd_methodv(r.a, hd_s_insert, hd_int(i), r.x) == HD_ERR ? HD_ERR : HD_NONE;
}
static hd_value bisect_right(ARGS) { return find("bisect_right", args, nargs, kwnames, true); }
static hd_value bisect_left(ARGS) { return find("bisect_left", args, nargs, kwnames, false); }
static hd_value insort_right(ARGS) { return insort("insort_right", args, nargs, kwnames, true); }
static hd_value insort_left(ARGS) { return insort("insort_left", args, nargs, kwnames, false); }

static const struct hd_methoddef functions[] = {
    { "bisect_right", bisect_right, 0, -1, HD_METH_KW, "($module, /, a, x, lo=0, hi=None, *, key=None)\n--\n\nReturn the index where to insert item x in list a, assuming a is sorted, behind equal items." },
    { "bisect", bisect_right, 0, -1, HD_METH_KW, "($module, /, a, x, lo=0, hi=None, *, key=None)\n--\n\nReturn the index where to insert item x in list a, assuming a is sorted, behind equal items." },
    { "bisect_left", bisect_left, 0, -1, HD_METH_KW, "($module, /, a, x, lo=0, hi=None, *, key=None)\n--\n\nReturn the index where to insert item x in list a, assuming a is sorted, before equal items." },
    { "insort_right", insort_right, 0, -1, HD_METH_KW, "($module, /, a, x, lo=0, hi=None, *, key=None)\n--\n\nInsert item x in list a, and keep it sorted assuming a is sorted, behind equal items." },
    { "insort", insort_right, 0, -1, HD_METH_KW, "($module, /, a, x, lo=0, hi=None, *, key=None)\n--\n\nInsert item x in list a, and keep it sorted assuming a is sorted, behind equal items." },
    { "insort_left", insort_left, 0, -1, HD_METH_KW, "($module, /, a, x, lo=0, hi=None, *, key=None)\n--\n\nInsert item x in list a, and keep it sorted assuming a is sorted, before equal items." },
    { 0 }
};

const struct hd_moduledef hd_module_bisect = { "_bisect", "Bisection algorithms.", functions, NULL };
