/* Slow paths of attributes and the filling of their inline caches.
 *
 * A cache word is { data:32, key:32 } with key = shape | kind << 24; it is read and written as one word.  Everything a word
 * says holds for all objects of the shape until a class is modified; then hd_ic_flush_all zeroes all of them.
 * References in data are (address >> 4) in the 64 GB that hd_ic_base begins; the class of the shape keeps them alive. */
#include "interp/eval/eval_internal.h"
#include "interp/eval/fast.h"
#include "interp/core/attr.h"
#include "interp/types/objects.h"

static void fill(struct hd_thread *ts, const hd_ins *pc, hd_value *fp, unsigned kind, uint32_t shape, uint32_t data)
{
    uint64_t word = (uint64_t)data << 32 | shape | kind << HD_IC_KIND_SHIFT, key;
    hd_ic_register(hd_frame_code(fp));
    __atomic_store_n((uint64_t *)(uintptr_t)&pc[2].u, word, __ATOMIC_RELAXED);
    if (kind == HD_IC_MODULE) return;
    struct hd_ic_entry *e = hd_ic_entry(ts, pc, shape, &key);
    *e = (struct hd_ic_entry){ key, word };
}

static bool as_data(hd_value v, uint32_t *data)
{
    if (!hd_is_ptr(v)) return false;
    if (UNLIKELY(!hd_ic_base) && gc_is_object(hd_ptr(v))) __atomic_store_n(&hd_ic_base, v, __ATOMIC_RELAXED);
    if (v >> 36 != hd_ic_base >> 36) return false;
    *data = (uint32_t)(v >> 4);
    return true;
}

/* What a class has and every object of the shape shows: in the word itself, or where in the class it is. */
static void fill_class(struct hd_thread *ts, const hd_ins *pc, hd_value *fp, bool fixed, uint32_t shape, hd_value v)
{
    uint32_t data;
    int64_t distance = (int64_t)(v - HD_NONE);
    uint64_t hint = 0;
    if (as_data(v, &data)) fill(ts, pc, fp, fixed ? HD_IC_CLASS_FIXED : HD_IC_CLASS, shape, data);
    else if (fixed) return;
    else if (hd_is_fix(v) && (int64_t)v == (int32_t)v) fill(ts, pc, fp, HD_IC_CLASS_INT, shape, (uint32_t)v);
    else if (hd_is_ptr(v) && distance == (int32_t)distance && !gc_is_object(hd_ptr(v))) fill(ts, pc, fp, HD_IC_CLASS_STATIC, shape, (uint32_t)distance);
    else if (hd_dict_get_hint(hd_shapes[shape].type->dict, pc[1].u, &hint) == v && hint <= UINT32_MAX)
        fill(ts, pc, fp, HD_IC_CLASS_PLACE, shape, (uint32_t)hint);
}

/* What was found out about the object holds for this shape: the shape word that was read without the barrier is neither
 * the unfinished work of another transaction nor older than what was read through it. */
static bool settled(hd_value o, uint32_t shape)
{
    const struct hd_type *t = hd_shapes[shape].type;
    if (!(t->flags & HD_TF_HEAP) || t->flags & HD_TF_IMMUTABLE_LAYOUT) return true;      /* shapes of these never change */
    return stm_valid(&((struct hd_mhead *)hd_ptr(o))->w) && hd_shape_hint(o) == shape;
}

static void fill_get(struct hd_thread *ts, const hd_ins *pc, hd_value *fp, hd_value o)
{
    if (!hd_is_ptr(o)) return;
    uint32_t shape = hd_shape_hint(o), data;
    struct hd_type *t = hd_shapes[shape].type;
    if (shape == HD_SHAPE_MODULE) {
        uint64_t hint = 0;
        if (hd_type_lookup(t, pc[1].u) == HD_ABSENT && hd_dict_get_hint(HD_DICT(hd_module_dict(o)), pc[1].u, &hint) != HD_ABSENT && hint <= UINT32_MAX)
            fill(ts, pc, fp, HD_IC_MODULE, shape, (uint32_t)hint);
        return;
    }
    if (!(t->flags & HD_TF_DEFAULT_GETATTR)) return;
    struct hd_attr_where w;
    hd_attr_find(o, pc[1].u, &w);
    if (!w.stable || !settled(o, shape)) return;
    bool fixed = !(t->flags & HD_TF_HEAP) || t->flags & HD_TF_IMMUTABLE_LAYOUT;
    if (t->flags & HD_TF_IMMUTABLE_LAYOUT && t->flags & HD_TF_HAS_DICT && w.kind != HD_ATTR_PROPERTY && w.kind != HD_ATTR_DESCR)
        return;                                                                      /* attributes elsewhere, no unit here */
    switch (w.kind) {
    case HD_ATTR_SLOT: if (!fixed) fill(ts, pc, fp, HD_IC_SLOT, shape, w.offset); break;
    case HD_ATTR_MEMBER: if (!fixed) fill(ts, pc, fp, HD_IC_MEMBER, shape, w.offset); break;
    case HD_ATTR_OVERFLOW: if (!fixed) fill(ts, pc, fp, HD_IC_OVERFLOW, shape, w.offset); break;
    case HD_ATTR_METHOD:
        if (pc->op == HD_OP_GETMETH && as_data(w.value, &data)) fill(ts, pc, fp, fixed && !(t->flags & HD_TF_HAS_DICT) ? HD_IC_FIXED : HD_IC_METHOD, shape, data);
        break;
    case HD_ATTR_CLASS: fill_class(ts, pc, fp, fixed && !(t->flags & HD_TF_HAS_DICT), shape, w.value); break;
    case HD_ATTR_PROPERTY: if (as_data(w.value, &data)) fill(ts, pc, fp, HD_IC_PROPERTY, shape, data); break;
    case HD_ATTR_DESCR: if (hd_is_shape(w.value, HD_SHAPE_GETSETDESCR) && as_data(w.value, &data)) fill(ts, pc, fp, HD_IC_GETSET, shape, data); break;
    default: break;
    }
}

/* The value at a place of a dict if the key there is `name`. */
STM_INLINE hd_value value_at(enum stm_mode mode, struct hd_dict *d, uint64_t place, hd_value name)
{
    struct hd_table *t = HD_PEEK(d, table);              /* a hit marks its chunk (T8 in table.h) */
    if (STM_UNLIKELY(!HD_VALID_UNMARKED_AS(mode, d)) || place >= t->cap || (mode != STM_ALONE && stm_is_deferred(d))) return HD_ABSENT;
    hd_vslot *e = hd_table_entry(t, place);
    hd_value k = HD_PEEK_AT(&e[1]), v = HD_PEEK_AT(&e[2]);
    return k == name && stm_valid_as(mode, hd_table_unit(t, place)) ? v : HD_ABSENT;
}

STM_INLINE hd_value get_overflow(enum stm_mode mode, hd_value o, uint32_t shape, uint64_t index)
{
    struct hd_inst *box = hd_inst_overflow(o, shape);
    if (!stm_valid_as(mode, &((struct hd_mhead *)hd_ptr(o))->w) || hd_shape_hint(o) != shape) return HD_ABSENT;
    return HD_GET_AS(mode, box, slot[index]);
}
/* Apart, so that the other kinds save no registers. */
static __attribute__((noinline)) hd_value get_overflow_together(hd_value o, uint32_t shape, uint64_t index) { return get_overflow(STM_TOGETHER, o, shape, index); }

STM_INLINE hd_value ic_get_other(enum stm_mode mode, hd_value o, uint32_t shape, uint64_t ic, const hd_ins *pc)
{
    struct hd_mhead *h = hd_ptr(o);
    hd_value v;
    switch ((uint32_t)ic >> HD_IC_KIND_SHIFT) {
    case HD_IC_SLOT:
    case HD_IC_MEMBER:
        v = *(volatile hd_value *)((char *)h + (ic >> 32));
        return v != 0 && v != HD_UNBOUND && stm_valid_as(mode, &h->w) ? v : HD_ABSENT;
    case HD_IC_OVERFLOW:
        return mode == STM_ALONE ? get_overflow(mode, o, shape, ic >> 32) : get_overflow_together(o, shape, ic >> 32);
    case HD_IC_CLASS:
        return stm_valid_as(mode, &h->w) ? hd_ic_ref(ic >> 32) : HD_ABSENT;
    case HD_IC_CLASS_FIXED:
        return hd_ic_ref(ic >> 32);
    case HD_IC_CLASS_INT:
        return stm_valid_as(mode, &h->w) ? (hd_value)((int64_t)ic >> 32) : HD_ABSENT;
    case HD_IC_CLASS_STATIC:
        return stm_valid_as(mode, &h->w) ? HD_NONE + (hd_value)((int64_t)ic >> 32) : HD_ABSENT;
    case HD_IC_CLASS_PLACE:
        return stm_valid_as(mode, &h->w) ? value_at(mode, hd_shapes[shape].type->dict, ic >> 32, pc[1].u) : HD_ABSENT;
    case HD_IC_MODULE:
        return value_at(mode, HD_DICT(((struct hd_module *)hd_ptr(o))->dict), ic >> 32, pc[1].u);
    default:
        return HD_ABSENT;
    }
}
hd_value hd_ic_get_other(hd_value o, uint32_t shape, uint64_t ic, const hd_ins *pc) { return ic_get_other(STM_TOGETHER, o, shape, ic, pc); }
hd_value hd_ic_get_other_alone(hd_value o, uint32_t shape, uint64_t ic, const hd_ins *pc) { return ic_get_other(STM_ALONE, o, shape, ic, pc); }

/* A property found through the cache: calls its getter without C recursion. */
const hd_ins *s_property(struct hd_thread *ts, const hd_ins *pc, hd_value *fp)
{
    hd_value o = fp[pc->b];
    uint32_t shape = hd_shape_hint(o);
    uint64_t ic = pc[2].u;
    if ((uint32_t)ic != (shape | (uint32_t)HD_IC_PROPERTY << HD_IC_KIND_SHIFT)) ic = hd_ic_second(ts, pc, shape);
    struct hd_property *p = (uint32_t)ic >> HD_IC_KIND_SHIFT == HD_IC_PROPERTY ? hd_ptr(hd_ic_ref(ic >> 32)) : NULL;
    hd_value get = p ? HD_GET(p, fget) : HD_ABSENT;
    if (!hd_is_shape(get, HD_SHAPE_FUNCTION)) return pc->op == HD_OP_GETATTR ? s_getattr(ts, pc, fp) : s_getmeth(ts, pc, fp);
    return hd_invoke(ts, pc, fp, get, &o, 1);
}

/* A data descriptor of a C type found through the cache: the type decides, whatever attributes the object has. */
const hd_ins *s_getset(struct hd_thread *ts, const hd_ins *pc, hd_value *fp)
{
    hd_value o = fp[pc->b];
    uint32_t shape = hd_shape_hint(o);
    uint64_t ic = pc[2].u;
    if ((uint32_t)ic != (shape | (uint32_t)HD_IC_GETSET << HD_IC_KIND_SHIFT)) ic = hd_ic_second(ts, pc, shape);
    const struct hd_getsetdef *d = (uint32_t)ic >> HD_IC_KIND_SHIFT == HD_IC_GETSET ? ((struct hd_getset_descr *)hd_ptr(hd_ic_ref(ic >> 32)))->def : NULL;
    if (!d || !d->get) return pc->op == HD_OP_GETATTR ? s_getattr(ts, pc, fp) : s_getmeth(ts, pc, fp);
    bool method = pc->op == HD_OP_GETMETH;
    hd_value v = d->get(o, d->closure);
    if (UNLIKELY(v == HD_ERR)) return RAISED();
    fp[pc->a] = v;
    if (method) fp[pc->a + HD_FRAME_WORDS] = HD_UNBOUND;
    return pc + 3;
}

/* The inline cache speaks of the object's shape, but another thread was the last to write the object: reads shape and value
 * under the barrier, each once, since what another thread commits between two reads of one unit ends this transaction. */
static bool cached_elsewhere(hd_value o, uint64_t ic, unsigned kind)
{
    uint32_t shape = hd_is_ptr(o) ? hd_shape_hint(o) : 0;
    if ((uint32_t)ic != (shape | kind << HD_IC_KIND_SHIFT) || !hd_is_ptr(o)) return false;
    struct hd_mhead *h = hd_ptr(o);
    return (uint32_t)stm_read(&h->w, h) == shape;
}

const hd_ins *s_getattr(struct hd_thread *ts, const hd_ins *pc, hd_value *fp)
{
    hd_value o = fp[pc->b], v;
    uint64_t ic = pc[2].u;
    if (cached_elsewhere(o, ic, HD_IC_SLOT)) {
        struct hd_mhead *h = hd_ptr(o);
        fp[pc->a] = stm_read(&h->w, (char *)h + (ic >> 32));
        return pc + 3;
    }
    v = hd_getattr(o, pc[1].u);
    if (UNLIKELY(v == HD_ERR)) return RAISED();
    fill_get(ts, pc, fp, o);
    fp[pc->a] = v;
    return pc + 3;
}

const hd_ins *s_getmeth(struct hd_thread *ts, const hd_ins *pc, hd_value *fp)
{
    hd_value o = fp[pc->b], self, v;
    uint64_t ic = pc[2].u;
    if (cached_elsewhere(o, ic, HD_IC_METHOD)) {
        fp[pc->a] = hd_ic_ref(ic >> 32);
        fp[pc->a + HD_FRAME_WORDS] = o;
        return pc + 3;
    }
    v = hd_getattr_method(o, pc[1].u, &self);
    if (UNLIKELY(v == HD_ERR)) return RAISED();
    fill_get(ts, pc, fp, o);
    fp[pc->a] = v;
    fp[pc->a + HD_FRAME_WORDS] = self;
    return pc + 3;
}

const hd_ins *s_setattr(struct hd_thread *ts, const hd_ins *pc, hd_value *fp)
{
    hd_value o = fp[pc->a];
    struct hd_store_where w = { HD_STORE_GENERIC, 0, 0, false };
    uint32_t shape = 0;
    if (LIKELY(hd_is_ptr(o))) {
        shape = hd_shape_hint(o);
        if (hd_shapes[shape].type->flags & HD_TF_DEFAULT_SETATTR && hd_shapes[shape].type->flags & HD_TF_HEAP) {
            hd_store_find(o, pc[1].u, &w);
            w.stable = w.stable && settled(o, shape);
        }
    }
    if (UNLIKELY(hd_setattr(o, pc[1].u, fp[pc->b]) < 0)) return RAISED();
    if (w.stable) {
        if (w.kind == HD_STORE_SLOT) fill(ts, pc, fp, HD_IC_SLOT, shape, w.offset);
        else if (w.kind == HD_STORE_ADD && w.offset < 1024 * 8 && w.new_shape < HD_SHAPE_MAX)
            fill(ts, pc, fp, HD_IC_ADD, shape, w.offset >> 3 << 22 | w.new_shape);
    }
    return pc + 3;
}

const hd_ins *s_delattr(struct hd_thread *ts, const hd_ins *pc, hd_value *fp)
{
    return hd_setattr(fp[pc->a], pc[1].u, HD_ABSENT) < 0 ? RAISED() : pc + 2;
}

/* super().name: the class, self and the object called super.  HD_ERR; *self as for GETMETH (NULL: bind). */
static hd_value super_lookup(const hd_value *r, hd_value name, hd_value *self)
{
    if (LIKELY(r[2] == hd_obj(&hd_super_type)) && LIKELY(hd_is_type(r[0]))) {
        struct hd_type *cls = HD_TYPE(r[0]);
        struct hd_type *t = hd_type_of(r[1]);
        if (LIKELY(hd_subtype(t, cls))) return hd_super_getattr(cls, r[1], name, self);
    }
    if (self) *self = HD_UNBOUND;
    hd_value s = hd_call(r[2], r, 2, 0);
    return s == HD_ERR ? HD_ERR : hd_getattr(s, name);
}

const hd_ins *s_superattr(struct hd_thread *ts, const hd_ins *pc, hd_value *fp)
{
    hd_value v = super_lookup(&fp[pc->b], pc[1].u, NULL);
    if (UNLIKELY(v == HD_ERR)) return RAISED();
    fp[pc->a] = v;
    return pc + 3;
}

const hd_ins *s_supermeth(struct hd_thread *ts, const hd_ins *pc, hd_value *fp)
{
    hd_value self = HD_UNBOUND;
    hd_value v = super_lookup(&fp[pc->b], pc[1].u, &self);
    if (UNLIKELY(v == HD_ERR)) return RAISED();
    fp[pc->a] = v;
    fp[pc->a + HD_FRAME_WORDS] = self;
    return pc + 3;
}
