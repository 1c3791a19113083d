/* Short paths that the handlers of run.c inline, and the declarations of the slow ones. */
#ifndef HD_EVAL_FAST_H
#define HD_EVAL_FAST_H
#include "interp/eval/eval_internal.h"
#include "interp/types/dict.h"
#include "interp/types/list.h"

#define SLOW_PATHS(_)                                                                                                  \
    _(s_unbound) _(s_mkcell) _(s_cell_empty) _(s_delcell) _(s_ldclassderef) _(s_closure) _(s_loadg) _(s_storeg)        \
    _(s_delg) _(s_loadname) _(s_storename) _(s_delname) _(s_binary) _(s_binary_imm) _(s_binary_const) _(s_unary)       \
    _(s_cmp) _(s_in) _(s_jcmp) _(s_jin) _(s_jtruth) _(s_poll) _(s_iterprep) _(s_rangeprep) _(s_forloop)                \
    _(s_forloop_poll) _(s_forloop2) _(s_getiter) _(s_getattr) _(s_setattr) _(s_delattr) _(s_getmeth) _(s_superattr)    \
    _(s_supermeth) _(s_getitem) _(s_setitem) _(s_delitem) _(s_mkslice) _(s_getslice) _(s_setslice) _(s_gennew)         \
    _(s_yield) _(s_send) _(s_getyieldfrom) _(s_getawaitable) _(s_genret) _(s_getaiter) _(s_getanext) _(s_endasyncfor)  \
    _(s_tuple) _(s_list) _(s_set) _(s_dict) _(s_dictk) _(s_setadd) _(s_dictput) _(s_listext) _(s_setupd) _(s_dictupd)  \
    _(s_dictmerge) _(s_listtuple) _(s_copylist) _(s_copyset) _(s_unpack) _(s_unpackex) _(s_strcat) _(s_fmt) _(s_raise) \
    _(s_reraise) _(s_pushexc) _(s_popexc) _(s_excmatch) _(s_egmatch) _(s_egreraise) _(s_assertfail) _(s_withenter)     \
    _(s_withexit) _(s_import) _(s_importfrom) _(s_importstar) _(s_buildclass) _(s_setupannotations) _(s_matchseq)      \
    _(s_matchmap) _(s_len) _(s_property) _(s_getset) _(s_matchkeys) _(s_matchcls) _(s_matchrest) _(s_printexpr)
#define DECLARE(name) hd_slow name;
SLOW_PATHS(DECLARE)
#undef DECLARE

/* -- loops over dicts: what s[0 .. 2] hold is told in slow_iter.c ------------------------------------------------------------- */
enum { HD_LOOP_KEYS, HD_LOOP_VALUES, HD_LOOP_ITEMS, HD_LOOP_MANY = (1 << 29) - 1 };
/* The next entry: 1; 0: the end, or something unusual has happened. */
STM_INLINE int hd_dict_loop_next(enum stm_mode mode, hd_value *s, hd_value *k, hd_value *v)
{
    struct hd_table *t = HD_PEEK(HD_DICT(s[0]), table);          /* the tail and the chunk are marked (T8 in table.h) */
    if (UNLIKELY(!HD_VALID_UNMARKED_AS(mode, HD_DICT(s[0]))) || (mode != STM_ALONE && stm_is_deferred(HD_DICT(s[0])))) return 0;
    struct hd_table_tail *tail = hd_table_tail(t);
    int64_t used = HD_PEEK_AT(&tail->used), live = HD_PEEK_AT(&tail->live), count = hd_unfix(s[2]), at = hd_unfix(s[1]), place = at >> 2;
    if (UNLIKELY(!stm_valid_as(mode, &tail->w))) return 0;
    if (UNLIKELY(live != (count & 0xffffffff)) || place >= used) return 0;
    hd_vslot *e = hd_table_entry(t, (uint64_t)place);
    hd_value hw = HD_PEEK_AT(&e[0]);
    *k = HD_PEEK_AT(&e[1]);
    *v = HD_PEEK_AT(&e[2]);
    if (UNLIKELY(!stm_valid_as(mode, hd_table_unit(t, (uint64_t)place))) || UNLIKELY(!hw)) return 0;
    int64_t left = count >> 32;
    if (UNLIKELY(left == 0)) return 0;
    if (LIKELY(left != HD_LOOP_MANY)) s[2] = hd_fix(count - ((int64_t)1 << 32));
    s[1] = hd_fix(at + 4);
    return 1;
}

/* The returned value is in ts->left_with; the running frame's return address is not a CALL or CALLM. */
const hd_ins *hd_return_hook(struct hd_thread *ts, const hd_ins *pc, hd_value *fp);
/* The item of a list at a negative index; HD_ABSENT if there is none.  The length is needed, so the root is marked (L3 in list.h). */
STM_INLINE hd_value hd_list_from_end_as(enum stm_mode mode, struct hd_list *l, int64_t i)
{
    struct hd_array *b;
    int64_t n = hd_list_peek_as(mode, l, &b);
    return UNLIKELY((uint64_t)(i += n) >= (uint64_t)n) ? HD_ABSENT : hd_array_get_as(mode, b, i);
}
hd_value hd_list_from_end(struct hd_list *l, int64_t i);

/* LOADG's cache for a builtin: bit 63 set; the place in the dict of builtins (11 bits); how many places of the globals'
 * table were used when the name was not among them (20 bits); the table's address (32 bits, of granules).  No name can
 * appear in the globals without a new place or a new table.  `t`, the globals' table, must be known to be valid; marks its tail
 * and the builtin's chunk (T8 in table.h), calls nothing.  HD_ABSENT: a miss, or somebody else's units. */
STM_INLINE hd_value hd_load_builtin(enum stm_mode mode, struct hd_func *f, struct hd_table *t, const hd_ins *pc)
{
    uint64_t ic = __atomic_load_n(&pc[2].u, __ATOMIC_RELAXED), place = ic >> 52 & 0x7ff;
    if (UNLIKELY((uint32_t)((uintptr_t)t >> 4) != (uint32_t)ic) || UNLIKELY(f->builtins != hd_builtins_dict && !hd_is_dict_exact(f->builtins)))
        return HD_ABSENT;
    struct hd_table_tail *tail = hd_table_tail(t);
    if (UNLIKELY((uint64_t)HD_PEEK_AT(&tail->used) != (ic >> 32 & 0xfffff)) || UNLIKELY(!stm_valid_as(mode, &tail->w))) return HD_ABSENT;
    struct hd_table *b = HD_PEEK(HD_DICT(f->builtins), table);
    if (UNLIKELY(!HD_VALID_UNMARKED_AS(mode, HD_DICT(f->builtins))) || UNLIKELY(place >= b->cap)) return HD_ABSENT;
    if (mode != STM_ALONE && stm_is_deferred(HD_DICT(f->builtins))) return HD_ABSENT;
    hd_vslot *e = hd_table_entry(b, place);
    hd_value k = HD_PEEK_AT(&e[1]), v = HD_PEEK_AT(&e[2]);
    return LIKELY(k == pc[1].u) && LIKELY(stm_valid_as(mode, hd_table_unit(b, place))) ? v : HD_ABSENT;
}

/* b > 0 */
static inline int64_t hd_floordiv_positive(int64_t a, int64_t b)
{
    int64_t q = a / b;
    return q - (q * b > a);
}
static inline int64_t hd_mod_positive(int64_t a, int64_t b)
{
    int64_t r = a % b;
    return r + (b & (r >> 63));
}
/* Comparison results as bits: 1 less, 2 equal, 4 greater, 8 unordered; an operator is the set of results that make it
 * true.  x & 8 negates (JCMP). */
static inline unsigned hd_cmp_mask(unsigned x)
{
    return (0x64D231u >> (x & 7) * 4) ^ -(x >> 3 & 1);
}
static inline unsigned hd_cmp_fix(hd_value a, hd_value b)
{
    return (unsigned)((int64_t)a < (int64_t)b) | (unsigned)(a == b) << 1 | (unsigned)((int64_t)a > (int64_t)b) << 2;
}
static inline unsigned hd_cmp_double(double a, double b)
{
    unsigned m = (unsigned)(a < b) | (unsigned)(a == b) << 1 | (unsigned)(a > b) << 2;
    return m ? m : 8;
}
static inline bool hd_is_boxed_number(hd_value a)
{
    if (!hd_is_ptr(a)) return false;
    uint32_t s = hd_shape_hint(a);
    return s == HD_SHAPE_INT || s == HD_SHAPE_FLOAT;
}

/* -- inline caches of attributes: { data:32, key:32 }, key = shape | kind << 24 (slow_attr.c) ------------------------------- */
enum hd_ic_kind {
    HD_IC_SLOT,        /* data: byte offset of the attribute in the object */
    HD_IC_MEMBER,      /* the same, but the slot may be unset */
    HD_IC_OVERFLOW,    /* data: index in the overflow array */
    HD_IC_METHOD,      /* data: function or method descriptor of the class (GETMETH) */
    HD_IC_FIXED,       /* METHOD for objects that have no attributes of their own: the shape never changes */
    HD_IC_CLASS,       /* data: value found in the class */
    HD_IC_CLASS_FIXED,
    HD_IC_CLASS_INT,   /* data: small integer found in the class */
    HD_IC_CLASS_STATIC,/* data: distance of an immortal static object found in the class from None */
    HD_IC_CLASS_PLACE, /* data: place in the dict of the object's own class, of what has no short name */
    HD_IC_PROPERTY,    /* data: property */
    HD_IC_GETSET,      /* data: getset descriptor of a C type */
    HD_IC_MODULE,      /* data: place in the module's dict */
    HD_IC_ADD          /* data: word offset of the new slot << 22 | new shape (SETATTR) */
};
#define HD_IC_KIND_SHIFT 24
#define HD_IC_SHAPE_MASK 0xffffffu
_Static_assert(HD_SHAPE_MAX <= 1 << 22, "shape ids fit the cache words");
extern uint64_t hd_ic_base;               /* an address in the heap; its upper 28 bits complete references */
static inline hd_value hd_ic_ref(uint64_t data) { return (hd_ic_base & ~(((uint64_t)1 << 36) - 1)) | data << 4; }
void hd_ic_register(struct hd_code *c);   /* before a class-dependent cache word of its is filled */

/* The second level, for sites that see objects of many shapes: per thread, cache words found by attribute name, instruction
 * and shape.  What a word says does not depend on the site, except for modules, which are not here. */
struct hd_ic_entry { uint64_t key, word; };
enum { HD_IC_TABLE_LOG2 = 10 };
static inline struct hd_ic_entry *hd_ic_entry(const struct hd_thread *ts, const hd_ins *pc, uint32_t shape, uint64_t *key)
{
    *key = pc[1].u + pc->op;              /* names are 16 bytes apart and more, the instructions less */
    uint32_t h = ((uint32_t)(*key >> 4) * 31 + (uint32_t)*key + shape) * 0x9e3779b1u;
    return &ts->ic_table[h >> (32 - HD_IC_TABLE_LOG2)];
}
/* The word for this shape, 0 if it is not known. */
static inline uint64_t hd_ic_second(const struct hd_thread *ts, const hd_ins *pc, uint32_t shape)
{
    uint64_t key;
    const struct hd_ic_entry *e = hd_ic_entry(ts, pc, shape, &key);
    return e->key == key && ((uint32_t)e->word & HD_IC_SHAPE_MASK) == shape ? e->word : 0;
}
_Static_assert(HD_OP_GETMETH - HD_OP_GETATTR < 16 && HD_OP_GETMETH > HD_OP_GETATTR && HD_OP_SETATTR - HD_OP_GETATTR < 16 &&
               HD_OP_SETATTR > HD_OP_GETATTR, "keys of different names and instructions differ");

/* The rest of the hit test for kinds other than SLOT.  HD_ABSENT: a miss. */
hd_value hd_ic_get_other(hd_value o, uint32_t shape, uint64_t ic, const hd_ins *pc);
hd_value hd_ic_get_other_alone(hd_value o, uint32_t shape, uint64_t ic, const hd_ins *pc);

#endif
