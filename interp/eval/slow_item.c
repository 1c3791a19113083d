/* Slow paths of subscripts and of the instructions that build containers and strings. */
#include "interp/eval/eval_internal.h"
#include "interp/eval/fast.h"
#include "interp/core/type_ops.h"
#include "interp/types/additions.h"
#include "interp/types/objects.h"

/* -- subscripts --------------------------------------------------------------------------------------------------------------- */

static hd_value subscript(hd_value o, hd_value k)
{
    if (LIKELY(hd_is_ptr(o))) {
        uint32_t s = hd_shape_hint(o);
        if (s == HD_SHAPE_LIST && hd_is_fix(k)) {
            int64_t i = hd_unfix(k);
            if (i < 0) i += hd_list_size_of(HD_LIST(o));
            hd_value v = hd_list_at(HD_LIST(o), i);
            if (v != HD_ABSENT) return v;
        } else if (s == HD_SHAPE_DICT) return hd_dict_subscript(o, k);
        else if (s == HD_SHAPE_STR && hd_is_fix(k)) {
            int64_t i = hd_unfix(k), n = HD_STR(o)->len;
            if (i < 0) i += n;
            if (i >= 0 && i < n) return hd_str_char(hd_str_at(o, i));
        }
    }
    return hd_getitem(o, k);
}

hd_value hd_list_from_end(struct hd_list *l, int64_t i) { return hd_list_from_end_as(STM_TOGETHER, l, i); }

const hd_ins *s_getitem(struct hd_thread *ts, const hd_ins *pc, hd_value *fp)
{
    hd_value o = fp[pc->b];
    hd_value k = pc->op == HD_OP_GETITEM ? fp[pc->c] : pc->op == HD_OP_GETITEMI ? hd_fix((int16_t)pc->c) : pc[1].u;
    struct hd_type *t = hd_type_of(o);
    if (t->op.getitem == hd_slot_getitem) {
        hd_value m = hd_type_lookup(t, hd_s___getitem__);
        if (hd_is_shape(m, HD_SHAPE_FUNCTION)) return hd_invoke(ts, pc, fp, m, (hd_value[]){ o, k }, 2);
    }
    if (!stm_alone() && pc->op == HD_OP_GETITEM && t->op.getitem == hd_dict_subscript) {
        const hd_ins *next = hd_put_off_addition(ts, pc + 1, fp, o, k, pc->a);
        if (next) return next;
    }
    hd_value v = subscript(o, k);
    if (UNLIKELY(v == HD_ERR)) return RAISED();
    fp[pc->a] = v;
    return pc + hd_op_words[pc->op];
}

/* What LDCELL or LOADG at pc would load; HD_ABSENT: it would raise, or look into the builtins. */
static hd_value would_load(const hd_ins *pc, const hd_value *fp)
{
    if (pc->op == HD_OP_LDCELL) {
        hd_value v = HD_GET((struct hd_cell *)hd_ptr(fp[pc->b]), value);
        return v == HD_UNBOUND ? HD_ABSENT : v;
    }
    return hd_dict_get_str(HD_FUNC(fp[HD_FRAME_FUNC])->globals, pc[1].u);
}

/* The instruction before pc is to give o[k], in R[r].  If the code from here on adds an int and stores the sum in the same place, where
 * nobody else sees it, that is put off: where it goes on.  NULL: all is as before. */
const hd_ins *hd_put_off_addition(struct hd_thread *ts, const hd_ins *pc, const hd_value *fp, hd_value o, hd_value k, unsigned r)
{
    int64_t n;
    if (pc->a != r || pc->b != r) return NULL;
    switch (pc->op) {
    case HD_OP_ADDI: n = (int16_t)pc->c; break;
    case HD_OP_SUBI: n = -(int64_t)(int16_t)pc->c; break;
    case HD_OP_ADD: case HD_OP_SUB:
        if (pc->c == r || !hd_is_fix(fp[pc->c])) return NULL;
        n = pc->op == HD_OP_ADD ? hd_unfix(fp[pc->c]) : -hd_unfix(fp[pc->c]);
        break;
    default: return NULL;
    }
    const hd_ins *set = pc + 1, *load = NULL;
    if (set->op == HD_OP_LDCELL || set->op == HD_OP_LOADG) load = set, set += hd_op_words[set->op];
    if (set->op != HD_OP_SETITEM || !set->x || set->c != r || set->b == r || fp[set->b] != k || hd_type_of(o)->op.setitem != hd_dict_type.op.setitem)
        return NULL;
    if (load ? load->a != set->a || set->b == set->a || would_load(load, fp) != o : fp[set->a] != o) return NULL;
    if (hd_is_traced(ts) || !hd_additions_put_off(HD_DICT(o), k, n)) return NULL;
    return set + 1;
}

const hd_ins *s_setitem(struct hd_thread *ts, const hd_ins *pc, hd_value *fp)
{
    hd_value o = fp[pc->a], v = fp[pc->c], k;
    int r;
    if (pc->op == HD_OP_SETITEMK) {
        if (hd_is_dict_exact(o)) r = hd_dict_put_hint(HD_DICT(o), pc[1].u, v, (uint64_t *)(uintptr_t)&pc[2].u);
        else r = hd_setitem(o, pc[1].u, v);
        return r < 0 ? RAISED() : pc + 3;
    }
    k = pc->op == HD_OP_SETITEM ? fp[pc->b] : hd_fix((int16_t)pc->b);
    if (hd_is_dict_exact(o)) r = hd_dict_set(o, k, v);
    else r = hd_setitem(o, k, v);
    return r < 0 ? RAISED() : pc + 1;
}

const hd_ins *s_delitem(struct hd_thread *ts, const hd_ins *pc, hd_value *fp)
{
    return hd_setitem(fp[pc->a], fp[pc->b], HD_ABSENT) < 0 ? RAISED() : pc + 1;
}

const hd_ins *s_mkslice(struct hd_thread *ts, const hd_ins *pc, hd_value *fp)
{
    const hd_value *r = &fp[pc->b];
    hd_value v = hd_slice_new(r[0], r[1], r[2]);
    if (v == HD_ERR) return RAISED();
    fp[pc->a] = v;
    return pc + 1;
}

/* A bound of a slice without step, clamped; false: not a plain number. */
static inline bool slice_bound(hd_value v, int64_t len, int64_t none, int64_t *out)
{
    if (v == HD_NONE) *out = none;
    else if (hd_is_fix(v)) {
        int64_t i = hd_unfix(v);
        if (i < 0) i += len;
        *out = i < 0 ? 0 : i > len ? len : i;
    } else return false;
    return true;
}

const hd_ins *s_getslice(struct hd_thread *ts, const hd_ins *pc, hd_value *fp)
{
    hd_value o = fp[pc->b], v, lo = fp[pc->c], hi = fp[pc->c + 1];
    int64_t i = 0, j = 0;
    if (hd_is_str_exact(o) && slice_bound(lo, HD_STR(o)->len, 0, &i) && slice_bound(hi, HD_STR(o)->len, HD_STR(o)->len, &j)) {
        v = hd_str_slice(o, i, j > i ? j : i);
    } else if (hd_is_tuple_exact(o) && slice_bound(lo, HD_TUPLE(o)->len, 0, &i) && slice_bound(hi, HD_TUPLE(o)->len, HD_TUPLE(o)->len, &j)) {
        v = i == 0 && j == HD_TUPLE(o)->len ? o : hd_tuple_from(HD_TUPLE(o)->item + i, j > i ? (size_t)(j - i) : 0);
    } else if (hd_is_list_exact(o) && (lo == HD_NONE || hd_is_fix(lo)) && (hi == HD_NONE || hd_is_fix(hi))) {
        int64_t len = hd_list_size_of(HD_LIST(o));
        (void)(slice_bound(lo, len, 0, &i) && slice_bound(hi, len, len, &j));
        v = hd_list_slice(HD_LIST(o), i, j > i ? j - i : 0);
    } else {
        hd_value s = hd_slice_new(lo, hi, HD_NONE);
        v = s == HD_ERR ? HD_ERR : hd_getitem(o, s);
    }
    if (v == HD_ERR) return RAISED();
    fp[pc->a] = v;
    return pc + 1;
}

const hd_ins *s_setslice(struct hd_thread *ts, const hd_ins *pc, hd_value *fp)
{
    hd_value s = hd_slice_new(fp[pc->b], fp[pc->b + 1], HD_NONE);
    if (s == HD_ERR || hd_setitem(fp[pc->a], s, fp[pc->c]) < 0) return RAISED();
    return pc + 1;
}

/* -- displays ------------------------------------------------------------------------------------------------------------------- */

const hd_ins *s_tuple(struct hd_thread *ts, const hd_ins *pc, hd_value *fp)
{
    hd_value v = hd_tuple_from(&fp[pc->b], pc->c);
    if (v == HD_ERR) return RAISED();
    fp[pc->a] = v;
    return pc + 1;
}

const hd_ins *s_list(struct hd_thread *ts, const hd_ins *pc, hd_value *fp)
{
    hd_value v = pc->c ? hd_list_from(&fp[pc->b], pc->c) : hd_list_new(0);
    if (v == HD_ERR) return RAISED();
    fp[pc->a] = v;
    return pc + 1;
}

const hd_ins *s_set(struct hd_thread *ts, const hd_ins *pc, hd_value *fp)
{
    hd_value v = hd_set_new();
    if (v == HD_ERR) return RAISED();
    for (unsigned i = 0; i < pc->c; i++)
        if (hd_set_add(v, fp[pc->b + i]) < 0) return RAISED();
    fp[pc->a] = v;
    return pc + 1;
}

const hd_ins *s_dict(struct hd_thread *ts, const hd_ins *pc, hd_value *fp)
{
    hd_value v = pc->c ? hd_obj(hd_dict_new_sized(pc->c)) : hd_dict_new();
    if (v == HD_ERR || !v) return RAISED();
    const hd_value *r = &fp[pc->b];
    for (unsigned i = 0; i < pc->c; i++)
        if (hd_dict_set(v, r[2 * i], r[2 * i + 1]) < 0) return RAISED();
    fp[pc->a] = v;
    return pc + 1;
}

const hd_ins *s_dictk(struct hd_thread *ts, const hd_ins *pc, hd_value *fp)
{
    const struct hd_tuple *keys = HD_TUPLE(pc[1].u);
    hd_value v = hd_obj(hd_dict_new_sized((size_t)keys->len));
    if (!v) return RAISED();
    for (int64_t i = 0; i < keys->len; i++)
        if ((hd_is_str_exact(keys->item[i]) ? hd_dict_put_fresh(HD_DICT(v), keys->item[i], fp[pc->b + i]) : hd_dict_set(v, keys->item[i], fp[pc->b + i])) < 0) return RAISED();
    fp[pc->a] = v;
    return pc + 2;
}

const hd_ins *s_setadd(struct hd_thread *ts, const hd_ins *pc, hd_value *fp)
{
    return hd_set_add(fp[pc->a], fp[pc->b]) < 0 ? RAISED() : pc + 1;
}

const hd_ins *s_dictput(struct hd_thread *ts, const hd_ins *pc, hd_value *fp)
{
    return hd_dict_set(fp[pc->a], fp[pc->b], fp[pc->c]) < 0 ? RAISED() : pc + 1;
}

const hd_ins *s_listext(struct hd_thread *ts, const hd_ins *pc, hd_value *fp)
{
    hd_value o = fp[pc->b];
    if (!hd_is_list_exact(o) && !hd_is_tuple_exact(o)) {
        struct hd_type *t = hd_type_of(o);
        if (!t->op.iter && !t->op.getitem) {
            hd_raise(&hd_exc_TypeError, "Value after * must be an iterable, not %T", o);
            return RAISED();
        }
    }
    return hd_list_extend(fp[pc->a], o) < 0 ? RAISED() : pc + 1;
}

const hd_ins *s_setupd(struct hd_thread *ts, const hd_ins *pc, hd_value *fp)
{
    hd_value it = hd_iter(fp[pc->b]), v;
    if (it == HD_ERR) return RAISED();
    while ((v = hd_next(it)) != HD_STOP)
        if (v == HD_ERR || hd_set_add(fp[pc->a], v) < 0) return RAISED();
    return pc + 1;
}

static bool is_mapping(hd_value o)
{
    if (hd_is_dict(o)) return true;
    return hd_type_lookup(hd_type_of(o), hd_s_keys) != HD_ABSENT;
}

const hd_ins *s_dictupd(struct hd_thread *ts, const hd_ins *pc, hd_value *fp)
{
    hd_value o = fp[pc->b];
    if (!is_mapping(o)) {
        hd_value k = hd_getattr_opt(o, hd_s_keys);
        if (k == HD_ABSENT) hd_raise(&hd_exc_TypeError, "'%T' object is not a mapping", o);
        if (k == HD_ABSENT || k == HD_ERR) return RAISED();
    }
    return hd_dict_update(fp[pc->a], o) < 0 ? RAISED() : pc + 1;
}

const hd_ins *s_dictmerge(struct hd_thread *ts, const hd_ins *pc, hd_value *fp)
{
    hd_value o = fp[pc->b];
    if (!is_mapping(o)) {
        hd_value k = hd_getattr_opt(o, hd_s_keys);
        if (k == HD_ABSENT) {
            hd_value name = hd_callee_name(fp[pc->c]);
            if (name != HD_ERR) hd_raise(&hd_exc_TypeError, "%U argument after ** must be a mapping, not %A", name, o);
        }
        if (k == HD_ABSENT || k == HD_ERR) return RAISED();
    }
    hd_value name = hd_callee_name(fp[pc->c]);
    return name == HD_ERR || hd_dict_merge_new(fp[pc->a], o, name) < 0 ? RAISED() : pc + 1;
}

const hd_ins *s_listtuple(struct hd_thread *ts, const hd_ins *pc, hd_value *fp)
{
    hd_value v = hd_list_as_tuple(fp[pc->b]);
    if (v == HD_ERR) return RAISED();
    fp[pc->a] = v;
    return pc + 1;
}

const hd_ins *s_copylist(struct hd_thread *ts, const hd_ins *pc, hd_value *fp)
{
    const struct hd_tuple *t = HD_TUPLE(pc[1].u);
    hd_value v = hd_list_from(t->item, (size_t)t->len);
    if (v == HD_ERR) return RAISED();
    fp[pc->a] = v;
    return pc + 2;
}

const hd_ins *s_copyset(struct hd_thread *ts, const hd_ins *pc, hd_value *fp)
{
    hd_value v = hd_set_new(), k;
    if (v == HD_ERR) return RAISED();
    struct hd_set_iter it = { 0 };
    while (hd_set_next(pc[1].u, &it, &k) > 0)
        if (hd_set_add(v, k) < 0) return RAISED();
    fp[pc->a] = v;
    return pc + 2;
}

/* -- unpacking -------------------------------------------------------------------------------------------------------------------- */

static COLD void too_few(int64_t expected, int64_t got, bool at_least)
{
    hd_raise(&hd_exc_ValueError, "not enough values to unpack (expected %s%d, got %d)", at_least ? "at least " : "", (int)expected, (int)got);
}

static hd_value unpack_iter(hd_value o)
{
    struct hd_type *t = hd_type_of(o);
    if (!t->op.iter && !t->op.getitem) return hd_raise(&hd_exc_TypeError, "cannot unpack non-iterable %T object", o);
    hd_value it = hd_iter(o);
    if (it == HD_ERR && !t->op.iter && hd_exc_is(&hd_exc_TypeError)) {
        hd_exc_clear();
        return hd_raise(&hd_exc_TypeError, "cannot unpack non-iterable %T object", o);
    }
    return it;
}

/* Exactly n items of o into to[]; 0, -1. */
int hd_unpack(hd_value o, hd_value *to, int64_t n)
{
    if (hd_is_tuple_exact(o)) {
        struct hd_tuple *t = HD_TUPLE(o);
        if (t->len == n) {
            memcpy(to, t->item, (size_t)n * sizeof(hd_value));
            return 0;
        }
        if (t->len > n) hd_raise(&hd_exc_ValueError, "too many values to unpack (expected %d)", (int)n);
        else too_few(n, t->len, false);
        return -1;
    }
    if (hd_is_list_exact(o)) {
        int64_t len = hd_list_size_of(HD_LIST(o));
        if (len != n) {
            if (len > n) hd_raise(&hd_exc_ValueError, "too many values to unpack (expected %d)", (int)n);
            else too_few(n, len, false);
            return -1;
        }
        for (int64_t i = 0; i < n; i++) to[i] = hd_list_at(HD_LIST(o), i);
        return 0;
    }
    hd_value it = unpack_iter(o), v;
    if (it == HD_ERR) return -1;
    /* Collected aside: targets are registers that the iterator's code must not see half done, and an iterator may be one. */
    hd_value keep = hd_list_new((size_t)n);
    if (keep == HD_ERR) return -1;
    for (int64_t i = 0; i < n; i++) {
        v = hd_next(it);
        if (v == HD_STOP) too_few(n, i, false);
        if (v == HD_STOP || v == HD_ERR || hd_list_append(keep, v) < 0) return -1;
    }
    v = hd_next(it);
    if (v != HD_STOP) {
        if (v != HD_ERR) hd_raise(&hd_exc_ValueError, "too many values to unpack (expected %d)", (int)n);
        return -1;
    }
    for (int64_t i = 0; i < n; i++) to[i] = hd_list_at(HD_LIST(keep), i);
    return 0;
}

const hd_ins *s_unpack(struct hd_thread *ts, const hd_ins *pc, hd_value *fp)
{
    return hd_unpack(fp[pc->b], &fp[pc->a], pc->c) < 0 ? RAISED() : pc + 1;
}

const hd_ins *s_unpackex(struct hd_thread *ts, const hd_ins *pc, hd_value *fp)
{
    hd_value o = fp[pc->b], *to = &fp[pc->a];
    int64_t before = pc->c, after = pc->x;
    hd_value l;
    if (hd_is_list_exact(o) || hd_is_tuple_exact(o)) l = hd_list_of(o);
    else {
        hd_value it = unpack_iter(o);
        l = it == HD_ERR ? HD_ERR : hd_list_of(it);
    }
    if (l == HD_ERR) return RAISED();
    int64_t n = hd_list_size_of(HD_LIST(l));
    if (n < before + after) {
        too_few(before + after, n, true);
        return RAISED();
    }
    hd_value rest = hd_list_new((size_t)(n - before - after));
    if (rest == HD_ERR) return RAISED();
    for (int64_t i = before; i < n - after; i++)
        if (hd_list_append(rest, hd_list_at(HD_LIST(l), i)) < 0) return RAISED();
    for (int64_t i = 0; i < before; i++) to[i] = hd_list_at(HD_LIST(l), i);
    to[before] = rest;
    for (int64_t i = 0; i < after; i++) to[before + 1 + i] = hd_list_at(HD_LIST(l), n - after + i);
    return pc + 1;
}

/* -- strings ------------------------------------------------------------------------------------------------------------------------ */

const hd_ins *s_strcat(struct hd_thread *ts, const hd_ins *pc, hd_value *fp)
{
    hd_value v = pc->c == 2 ? hd_str_concat(fp[pc->b], fp[pc->b + 1]) : hd_str_join(hd_empty_str, &fp[pc->b], pc->c);
    if (v == HD_ERR) return RAISED();
    fp[pc->a] = v;
    return pc + 1;
}

const hd_ins *s_fmt(struct hd_thread *ts, const hd_ins *pc, hd_value *fp)
{
    hd_value v = fp[pc->b];
    switch (pc->x & 127) {
    case 's': v = hd_str_of(v); break;
    case 'r': v = hd_repr(v); break;
    case 'a': v = hd_ascii_of(v); break;
    default: break;
    }
    if (v != HD_ERR) {
        bool no_spec = pc->x & 128;
        if (!(no_spec && hd_is_str_exact(v))) v = hd_format(v, no_spec ? hd_empty_str : fp[pc->c]);
    }
    if (v == HD_ERR) return RAISED();
    fp[pc->a] = v;
    return pc + 1;
}
