/* Owns classes as data: making static types ready, look-up along the MRO with its cache, modification of classes.
 *
 * Y1: whatever a cache holds about class T was true when T got its version; a modification gives T and all its subclasses
 *     version 0 with the world stopped (or while one thread runs), so entries under the old version are never matched again.
 *     Versions are never reused, not even when memory is.
 * Y2: T has a version only if all classes of its MRO have one: a class without a version has no dependents.
 * Y3: names in `volatiles` of a class are not cached for it or its subclasses; they are rebound by plain transactional
 *     writes to the class dict. */
#include <stdlib.h>
#include <string.h>
#include "interp/core/attr.h"
#include "interp/core/type_internal.h"
#include "interp/core/type_ops.h"
#include "interp/types/objects.h"

/* ---- names and flags ---------------------------------------------------------------------------------------------------- */
/* Static types are called by their full name, as their messages show it. */
const char *hd_type_name(struct hd_type *t)
{
    if (!(t->flags & HD_TF_HEAP)) return t->cname ? t->cname : "?";
    hd_value name = HD_GET(t, name);
    size_t n;
    hd_value pending = hd_ts->exc;
    const char *s = hd_str_as_utf8(name, &n);
    if (!s) hd_ts->exc = pending;
    return s ? s : "?";
}

const char *hd_type_short_name(struct hd_type *t)
{
    const char *name = hd_type_name(t), *dot = t->flags & HD_TF_HEAP ? NULL : strrchr(name, '.');
    return dot ? dot + 1 : name;
}

bool hd_subtype(struct hd_type *a, struct hd_type *b)
{
    if (a == b) return true;
    if (!a->mro) {
        for (; a; a = a->base)
            if (a == b) return true;
        return b == &hd_object_type;
    }
    const struct hd_tuple *m = a->mro;
    for (int64_t i = 0; i < m->len; i++)
        if (m->item[i] == hd_obj(b)) return true;
    return false;
}

/* ---- versions and the method cache -------------------------------------------------------------------------------------- */
static uint64_t last_version;
/* Small programs use, and touch the pages of, the first part only; the rest too when entries push out each other. */
enum { CACHE_SIZE = 4096, CACHE_FIRST = 1024 };
static struct cache_entry { uint64_t sequence, version; hd_value name, value; } cache[CACHE_SIZE];
static uint32_t cache_mask = CACHE_FIRST - 1, pushed_out;

static void count_pushed_out(void)
{
    uint32_t n = __atomic_load_n(&pushed_out, __ATOMIC_RELAXED);
    if (n < 2 * CACHE_FIRST) __atomic_store_n(&pushed_out, n + 1, __ATOMIC_RELAXED);
    else __atomic_store_n(&cache_mask, CACHE_SIZE - 1, __ATOMIC_RELAXED);
}

void hd_type_watch(struct hd_type *t)
{
    if (__atomic_load_n(&t->version, __ATOMIC_RELAXED)) return;
    const struct hd_tuple *m = t->mro;
    for (int64_t i = m ? m->len - 1 : -1; i >= 0; i--) {
        struct hd_type *b = HD_TYPE(m->item[i]);
        uint64_t none = 0, v;
        if (__atomic_load_n(&b->version, __ATOMIC_RELAXED)) continue;
        v = __atomic_add_fetch(&last_version, 1, __ATOMIC_RELAXED);
        __atomic_compare_exchange_n(&b->version, &none, v, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
    }
}

/* A name that has died may come back as another one at the same address.  World stopped. */
void hd_type_forget_names(void) { memset(cache, 0, (cache_mask + 1) * sizeof *cache); }

static hd_value lookup_slow(struct hd_type *t, hd_value name, bool *stable)
{
    const struct hd_tuple *m = t->mro;
    *stable = true;
    if (!m) {
        for (; t; t = t->base) {
            hd_value v = t->dict ? hd_dict_get_str(hd_obj(t->dict), name) : HD_ABSENT;
            if (v != HD_ABSENT) return v;
        }
        return HD_ABSENT;
    }
    for (int64_t i = 0; i < m->len; i++) {
        struct hd_type *b = HD_TYPE(m->item[i]);
        if (STM_UNLIKELY(b->volatiles != 0)) {
            const struct hd_tuple *names = HD_TUPLE(b->volatiles);
            for (int64_t k = 0; k < names->len; k++)
                if (names->item[k] == name) *stable = false;
        }
        hd_value v = hd_dict_get_str(hd_obj(b->dict), name);
        if (v != HD_ABSENT) return v;
    }
    return HD_ABSENT;
}

hd_value hd_type_lookup_stable(struct hd_type *t, hd_value name, bool *stable)
{
    uint64_t version = __atomic_load_n(&t->version, __ATOMIC_RELAXED);
    if (!version) {
        if (!(t->flags & HD_TF_READY)) return lookup_slow(t, name, stable);
        hd_type_watch(t);
        version = __atomic_load_n(&t->version, __ATOMIC_RELAXED);
    }
    struct cache_entry *e = &cache[((version * 31) ^ (name >> 4)) & __atomic_load_n(&cache_mask, __ATOMIC_RELAXED)];
    uint64_t s = __atomic_load_n(&e->sequence, __ATOMIC_ACQUIRE);
    if (!(s & 1)) {
        uint64_t v = __atomic_load_n(&e->version, __ATOMIC_RELAXED);
        hd_value n = __atomic_load_n(&e->name, __ATOMIC_RELAXED), r = __atomic_load_n(&e->value, __ATOMIC_RELAXED);
        __atomic_thread_fence(__ATOMIC_ACQUIRE);
        if (v == version && n == name && __atomic_load_n(&e->sequence, __ATOMIC_RELAXED) == s) {
            *stable = true;
            return r;
        }
    }
    hd_value r = lookup_slow(t, name, stable);
    if (*stable && !(s & 1) && __atomic_compare_exchange_n(&e->sequence, &s, s + 1, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) {
        __atomic_thread_fence(__ATOMIC_RELEASE);
        if (e->version) count_pushed_out();
        __atomic_store_n(&e->version, version, __ATOMIC_RELAXED);
        __atomic_store_n(&e->name, name, __ATOMIC_RELAXED);
        __atomic_store_n(&e->value, r, __ATOMIC_RELAXED);
        __atomic_store_n(&e->sequence, s + 2, __ATOMIC_RELEASE);
    }
    return r;
}

/* For questions that are asked once: nothing is remembered. */
hd_value hd_type_lookup_once(struct hd_type *t, hd_value name)
{
    bool stable;
    return lookup_slow(t, name, &stable);
}

hd_value hd_type_lookup(struct hd_type *t, hd_value name)
{
    bool stable;
    return hd_type_lookup_stable(t, name, &stable);
}

/* ---- subclasses ------------------------------------------------------------------------------------------------------------ */
int hd_type_add_subclass(struct hd_type *base, struct hd_type *t)
{
    hd_value d = base->subclasses;
    if (!d) {
        d = hd_dict_new();
        if (d == HD_ERR) return -1;
        hd_type_open(base);
        base->subclasses = d;
    }
    hd_value ref = t->flags & HD_TF_HEAP ? hd_weakref_new(hd_obj(t), HD_ABSENT) : hd_obj(t);
    if (ref == HD_ERR || hd_dict_set(d, hd_fix((int64_t)((uintptr_t)t >> 4)), ref) < 0) return -1;
    int64_t n = hd_dict_len(d);
    return n < 16 || n & (n - 1) || hd_type_subclasses(base) != HD_ERR ? 0 : -1;    /* drops dead ones now and then */
}

int hd_type_remove_subclass(struct hd_type *base, struct hd_type *t)
{
    return base->subclasses ? hd_dict_del(base->subclasses, hd_fix((int64_t)((uintptr_t)t >> 4))) : 0;
}

hd_value hd_type_subclasses(struct hd_type *t)
{
    hd_value list = hd_list_new(0), d = t->subclasses, k, v;
    if (list == HD_ERR || !d) return list;
    struct hd_dict_iter it = { 0 };
    hd_value dead = hd_list_new(0);
    if (dead == HD_ERR) return dead;
    while (hd_dict_next(d, &it, &k, &v) > 0) {
        if (hd_is_shape(v, HD_SHAPE_WEAKREF)) v = hd_weakref_get(v);
        if (hd_list_append(v == HD_NONE ? dead : list, v == HD_NONE ? k : v) < 0) return HD_ERR;
    }
    for (int64_t i = hd_list_len(dead); i-- > 0;)
        if (hd_dict_del(d, hd_list_get(dead, i)) < 0) return HD_ERR;
    return list;
}

int hd_type_each_subclass(struct hd_type *t, int (*f)(struct hd_type *sub, void *arg), void *arg)
{
    hd_value d = t->subclasses, k, v;
    if (!d) return 0;
    struct hd_dict_iter it = { 0 };
    while (hd_dict_next(d, &it, &k, &v) > 0) {
        if (hd_is_shape(v, HD_SHAPE_WEAKREF)) v = hd_weakref_get(v);
        if (v == HD_NONE) continue;
        if (f(HD_TYPE(v), arg) < 0) return -1;
    }
    return 0;
}

/* ---- modification ------------------------------------------------------------------------------------------------------------ */
__attribute__((weak)) void hd_ic_flush_all(void);

void hd_caches_drop(void) { if (hd_ic_flush_all) hd_ic_flush_all(); }

static int forget(struct hd_type *t, void *any)
{
    if (!t->version) return 0;                 /* Y2: its subclasses have none either */
    *(bool *)any = true;
    __atomic_store_n(&t->version, 0, __ATOMIC_RELAXED);
    return hd_type_each_subclass(t, forget, any);
}

void hd_type_modify_begin(struct hd_type *t)
{
    stm_hold_world();
    hd_type_open(t);
}

void hd_type_modify_end(struct hd_type *t)
{
    bool any = false;
    forget(t, &any);
    if (any) hd_caches_drop();
}

static bool is_volatile(struct hd_type *t, hd_value name)
{
    const struct hd_tuple *v = t->volatiles ? HD_TUPLE(t->volatiles) : NULL;
    for (int64_t i = 0; v && i < v->len; i++)
        if (v->item[i] == name) return true;
    return false;
}

static int make_volatile(struct hd_type *t, hd_value name)
{
    int64_t n = t->volatiles ? HD_TUPLE(t->volatiles)->len : 0;
    hd_value v = hd_tuple_new((size_t)n + 1);
    if (v == HD_ERR) return -1;
    for (int64_t i = 0; i < n; i++) HD_TUPLE(v)->item[i] = HD_TUPLE(t->volatiles)->item[i];
    HD_TUPLE(v)->item[n] = name;
    t->volatiles = v;
    return 0;
}

struct update { hd_value name; struct hd_type *first; };
static int update_ops(struct hd_type *t, void *arg)
{
    struct update *u = arg;
    if (t != u->first) {
        if (!(t->flags & HD_TF_HEAP)) return 0;
        hd_type_open(t);
    }
    hd_type_update_ops(t, u->name);
    return hd_type_each_subclass(t, update_ops, arg);
}

void hd_type_update_all_ops(struct hd_type *t, hd_value name)
{
    struct update u = { name, t };
    update_ops(t, &u);
}

/* Binds or (v == HD_ABSENT) deletes a name in the class's own dict.  1: done, 0: nothing to delete, -1. */
int hd_type_dict_set(struct hd_type *t, hd_value name, hd_value v)
{
    hd_value d = hd_obj(t->dict);
    bool special = hd_is_special_name(name);
    if (!special && (is_volatile(t, name) || (!t->version && stm_solo() && stm_is_irrevocable())))
        return v == HD_ABSENT ? hd_dict_del(d, name) : hd_dict_set_str(d, name, v) < 0 ? -1 : 1;
    bool rebound = t->version && hd_dict_get_str(d, name) != HD_ABSENT, any = false;
    stm_become_irrevocable();                  /* for others the dict changes with the commit */
    int r = v == HD_ABSENT ? hd_dict_del(d, name) : hd_dict_set_str(d, name, v) < 0 ? -1 : 1;
    if (r <= 0) return r;
    hd_type_modify_begin(t);
    if (rebound && !special && make_volatile(t, name) < 0) r = -1;
    forget(t, &any);
    if (r > 0 && special) {
        hd_type_update_all_ops(t, name);       /* its look-ups give new versions */
        forget(t, &any);
    }
    if (any) hd_caches_drop();
    return r;
}

/* ---- static types ------------------------------------------------------------------------------------------------------------ */
struct hd_type **hd_static_types;
size_t hd_n_static_types;
static size_t static_types_room;

static void remember_static(struct hd_type *t)
{
    if (hd_n_static_types == static_types_room) {
        static_types_room = static_types_room ? 2 * static_types_room : 256;
        hd_static_types = stm_need(hd_static_types, static_types_room * sizeof *hd_static_types);
    }
    hd_static_types[hd_n_static_types++] = t;
}

enum { KIND_FLAGS = HD_TF_INT | HD_TF_STR | HD_TF_BYTES | HD_TF_LIST | HD_TF_TUPLE | HD_TF_DICT | HD_TF_SET | HD_TF_FROZENSET | HD_TF_EXC |
                    HD_TF_TYPE | HD_TF_FLOAT | HD_TF_COMPLEX | HD_TF_BYTEARRAY,
       INHERITED_FLAGS = KIND_FLAGS | HD_TF_HAS_DICT | HD_TF_HAS_WEAKREFS | HD_TF_HAS_FINALISER | HD_TF_SEQUENCE | HD_TF_MAPPING | HD_TF_IMMUTABLE_LAYOUT };

uint32_t hd_type_inherited_flags(const struct hd_type *base) { return base->flags & INHERITED_FLAGS; }

/* Text of a doc string behind the signature line, or all of it. */
hd_value hd_doc_text(const char *doc)
{
    if (!doc) return HD_NONE;
    const char *end = strstr(doc, ")\n--\n\n");
    return hd_str_utf8(end ? end + 6 : doc);
}

/* "(…)" of the signature line or None. */
hd_value hd_doc_signature(const char *doc)
{
    if (!doc) return HD_NONE;
    const char *open = strchr(doc, '('), *end = strstr(doc, ")\n--\n\n");
    if (!open || !end || open > end || memchr(doc, '\n', (size_t)(open - doc))) return HD_NONE;
    return hd_str_utf8_n(open, (size_t)(end + 1 - open));
}

static int dict_add(struct hd_type *t, const char *name, hd_value v)
{
    if (v == HD_ERR) return -1;
    hd_value key = hd_intern(name);
    if (key == HD_ERR) return -1;
    return hd_dict_get_str(hd_obj(t->dict), key) != HD_ABSENT ? 0 : hd_dict_set_str(hd_obj(t->dict), key, v);
}

static int add_tables(struct hd_type *t)
{
    if (t->op.make && dict_add(t, "__new__", hd_new_wrapper(t)) < 0) return -1;
    for (const struct hd_methoddef *m = t->methods; m && m->name; m++) {
        hd_value v = m->flags & HD_METH_CLASS ? hd_classmethod_descr_new(t, m) : hd_method_descr_new(t, m);
        if (m->flags & HD_METH_STATIC) {
            v = hd_cfunction_new(m, HD_ABSENT, HD_NONE);
            if (v != HD_ERR) ((struct hd_cfunction *)hd_ptr(v))->owner = t;
            if (v != HD_ERR) v = hd_staticmethod_new(v);
        }
        if (dict_add(t, m->name, v) < 0) return -1;
    }
    if (hd_type_add_wrappers(t) < 0) return -1;
    for (const struct hd_getsetdef *g = t->getsets; g && g->name; g++)
        if (dict_add(t, g->name, hd_getset_descr_new(t, g)) < 0) return -1;
    for (const struct hd_memberdef *m = t->members; m && m->name; m++)
        if (dict_add(t, m->name, hd_member_descr_new(t, m)) < 0) return -1;
    if (t->flags & HD_TF_HAS_DICT && !(t->base->flags & HD_TF_HAS_DICT) && dict_add(t, "__dict__", hd_getset_descr_new(t, &hd_dict_getset)) < 0)
        return -1;
    return dict_add(t, "__doc__", hd_doc_text(t->doc));
}

void hd_type_set_access_flags(struct hd_type *t)
{
    t->flags &= ~(uint32_t)(HD_TF_DEFAULT_GETATTR | HD_TF_DEFAULT_SETATTR);
    if (t->op.getattr == hd_generic_getattr) t->flags |= HD_TF_DEFAULT_GETATTR;
    if (t->op.setattr == hd_generic_setattr) t->flags |= HD_TF_DEFAULT_SETATTR;
    if (t->op.descr_set) t->flags |= HD_TF_DATA_DESCRIPTOR;
    else t->flags &= ~(uint32_t)HD_TF_DATA_DESCRIPTOR;
}

/* Where the parts of instances lie.  Some instances are made while their type is not ready yet, so for the built-in types
 * this comes before the first is made ready. */
void hd_type_lay_out(struct hd_type *t)
{
    if (t->base) {
        t->flags |= hd_type_inherited_flags(t->base);
        if (!t->basicsize) t->basicsize = t->base->basicsize;
        if (!t->dict_offset) t->dict_offset = t->base->dict_offset;
        if (!t->itemsize) t->itemsize = t->base->itemsize;
    }
    t->csize = t->first_slot = t->basicsize;
    if (!t->root_shape) t->root_shape = hd_shape_new_root(t, 0, 0, t->basicsize, t->csize);
    struct hd_shape *s = &hd_shapes[t->root_shape];
    s->type = t, s->csize = t->csize, s->size = 0;
    if (t->flags & HD_TF_HAS_DICT && !(t->flags & HD_TF_IMMUTABLE_LAYOUT)) {
        t->first_slot = (t->basicsize + 7) & ~7u;
        t->inline_slots = t->first_slot % 16 ? 1 : 2;
        t->made = 8;
        s->capacity = t->inline_slots, s->offset = t->first_slot, s->size = t->first_slot + 8 * t->inline_slots;
    }
}

int hd_type_ready(struct hd_type *t)
{
    if (t->flags & HD_TF_READY) return 0;
    stm_become_irrevocable();                  /* what static types and C tables remember is not undone */
    if (!t->base && t != &hd_object_type) t->base = &hd_object_type;
    if (t->base && hd_type_ready(t->base) < 0) return -1;
    if (!t->head.h.shape) t->head.h.shape = HD_SHAPE_TYPE;
    stm_unit_init_static(&t->head.w);
    remember_static(t);
    if (!t->csize) hd_type_lay_out(t);
    const char *dot = strrchr(t->cname, '.'), *name = dot ? dot + 1 : t->cname;
    HD_RAW_PUT(t->name, hd_intern(name));
    HD_RAW_PUT(t->qualname, HD_RAW(t->name));
    hd_value d = hd_dict_new();
    if (d == HD_ERR) return -1;
    t->dict = HD_DICT(d);
    int64_t n = t->base ? t->base->mro->len : 0;
    hd_value mro = hd_tuple_new((size_t)n + 1), bases = t->base ? hd_tuplev(hd_obj(t->base)) : hd_empty_tuple;
    if (mro == HD_ERR || bases == HD_ERR) return -1;
    HD_TUPLE(mro)->item[0] = hd_obj(t);
    for (int64_t i = 0; i < n; i++) HD_TUPLE(mro)->item[i + 1] = t->base->mro->item[i];
    t->mro = HD_TUPLE(mro), t->bases = HD_TUPLE(bases);
    if (add_tables(t) < 0) return -1;
    if (t->op.richcompare && !t->op.hash && t->base) {
        t->op.hash = hd_hash_refused;
        if (dict_add(t, "__hash__", HD_NONE) < 0) return -1;
    }
    if (t->base) hd_type_inherit_ops(t);
    if (t->op.finalise && !(t->flags & HD_TF_CHOSEN_FINALISED)) t->flags |= HD_TF_HAS_FINALISER;
    hd_type_set_access_flags(t);
    t->flags |= HD_TF_READY;
    return t->base ? hd_type_add_subclass(t->base, t) : 0;
}

hd_value hd_type_setattr_static(struct hd_type *t, const char *name, hd_value v)
{
    hd_value key = hd_intern(name);
    if (key == HD_ERR || hd_dict_set_str(hd_obj(t->dict), key, v) < 0) return HD_ERR;
    bool any = false;
    forget(t, &any);
    return HD_NONE;
}

int hd_add_type(hd_value module, struct hd_type *t)
{
    if (hd_type_ready(t) < 0) return -1;
    const char *dot = strrchr(t->cname, '.');
    return hd_module_add(module, dot ? dot + 1 : t->cname, hd_obj(t));
}
