/* Owns the shape table, the transition tables between shapes and the attributes of instances.
 *
 * S1: an entry of hd_shapes is complete before its index is stored anywhere that another thread can read.
 * S2: a transition from A by a name leads to a node whose own name it is, and the name is not among A's attributes.
 * S3: shapes of one tree describe objects of one size; overflow and dict-mode roots are siblings of that size.
 * S4: a shape of a class made in Python is taken back when a full collection finds no object with it, no live class or shape
 *     that leads to it, and no image of an object that may be put back.  Its index is used again only after one more such
 *     collection, and all inline caches have been emptied before: C code keeps a shape only as long as an object that has it.
 * Fields of roots that nodes do not need are used for the siblings: `index` the overflow root (or, of a boxed root, the root
 * of the boxes), `names` the dict-mode root, `offset` the place of the first slot. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "interp/core/attr.h"

static uint32_t next_shape = HD_SHAPE_FIRST_FREE;
static char shape_lock;

/* Guards additions; nothing in between can abort or poll. */
static void lock(void)
{
    while (__atomic_test_and_set(&shape_lock, __ATOMIC_ACQUIRE)) __builtin_ia32_pause();
}
static void unlock(void) { __atomic_clear(&shape_lock, __ATOMIC_RELEASE); }

struct transitions { struct transitions *next; uint32_t mask, used; struct { hd_value name; uint32_t shape, pad; } e[]; };

static inline uint32_t name_hash(hd_value name) { return (uint32_t)((name >> 4) * 0x9e3779b97f4a7c15u >> 32); }

static void *zeroed(size_t size) { return memset(stm_need(NULL, size), 0, size); }

/* Taken back by the last collection of shapes (`resting`), and before: lists through `parent`. */
static uint32_t free_ids, resting;
static uint32_t n_created, n_live;           /* since the last collection of shapes; after it */
enum { SHAPE_BYTES = 160 };                  /* with its share of tables, for the pacing of collections */

/* The last ids are kept for what cannot do without: 0 for others, whose objects get a dict each. */
enum { FOR_ROOTS = 1 << 12 };
static uint32_t take_id(bool root)
{
    if (STM_UNLIKELY(!free_ids && next_shape + FOR_ROOTS >= hd_shapes_mapped) && !hd_shapes_map_more() && !root) return 0;
    n_created++;
    gc_account(SHAPE_BYTES);
    if (free_ids) {
        uint32_t id = free_ids;
        free_ids = hd_shapes[id].parent;
        memset(&hd_shapes[id], 0, sizeof hd_shapes[id]);
        return id;
    }
    if (next_shape >= hd_shapes_mapped) {
        fputs("heddle: too many shapes\n", stderr);
        abort();
    }
    return next_shape++;
}

static uint32_t new_root_locked(struct hd_type *t, uint32_t flags, uint32_t capacity, uint32_t size, uint32_t csize, uint32_t first)
{
    uint32_t id = take_id(true);
    struct hd_shape *s = &hd_shapes[id];
    if (t->flags & HD_TF_HEAP || t == &hd_instancebox_type) flags |= HD_SHAPE_MORTAL;
    s->type = t, s->flags = flags, s->capacity = capacity, s->size = size, s->csize = csize, s->offset = first;
    return id;
}

/* Is there room for the shapes of another class? */
bool hd_shapes_have_room(void)
{
    lock();
    bool room = free_ids || next_shape + FOR_ROOTS / 2 < hd_shapes_mapped || hd_shapes_map_more();
    unlock();
    return room;
}

uint32_t hd_shape_new_root(struct hd_type *t, uint32_t flags, uint32_t capacity, uint32_t size, uint32_t csize)
{
    lock();
    uint32_t id = new_root_locked(t, flags, capacity, size, csize, size - 8 * capacity);
    unlock();
    return id;
}

static uint32_t root_of(uint32_t shape)
{
    while (hd_shapes[shape].name) shape = hd_shapes[shape].parent;
    return shape;
}

uint32_t hd_shape_dictmode(uint32_t shape)
{
    uint32_t root = root_of(shape);
    struct hd_shape *r = &hd_shapes[root];
    if (r->flags & HD_SHAPE_DICTMODE) return root;
    uint32_t id = (uint32_t)(uintptr_t)__atomic_load_n(&r->names, __ATOMIC_ACQUIRE);
    if (id) return id;
    lock();
    id = (uint32_t)(uintptr_t)r->names;
    if (!id) {
        id = new_root_locked(r->type, HD_SHAPE_DICTMODE, 1, r->size, r->csize, r->offset);
        __atomic_store_n(&r->names, (void *)(uintptr_t)id, __ATOMIC_RELEASE);
    }
    unlock();
    return id;
}

/* ---- transitions ------------------------------------------------------------------------------------------------------ */
/* The field holds 0, one child as id << 1 | 1, or a table. */
static uint32_t transition(const struct hd_shape *s, hd_value name)
{
    uintptr_t t = (uintptr_t)__atomic_load_n(&s->transitions, __ATOMIC_ACQUIRE);
    if (!t) return 0;
    if (t & 1) return hd_obj(hd_shapes[t >> 1].name) == name ? (uint32_t)(t >> 1) : 0;
    const struct transitions *tab = (const struct transitions *)t;
    for (uint32_t i = name_hash(name) & tab->mask;; i = (i + 1) & tab->mask) {
        hd_value k = __atomic_load_n(&tab->e[i].name, __ATOMIC_ACQUIRE);
        if (k == name) return tab->e[i].shape;
        if (!k) return 0;
    }
}

static void put_transition(struct transitions *tab, hd_value name, uint32_t shape)
{
    uint32_t i = name_hash(name) & tab->mask;
    while (tab->e[i].name) i = (i + 1) & tab->mask;
    tab->e[i].shape = shape;
    __atomic_store_n(&tab->e[i].name, name, __ATOMIC_RELEASE);
    tab->used++;
}

/* Readers hold no lock: replaced tables are freed at the next full collection. */
static struct transitions *replaced;
static void add_transition(struct hd_shape *s, hd_value name, uint32_t shape)
{
    uintptr_t t = (uintptr_t)s->transitions;
    if (!t) {
        __atomic_store_n(&s->transitions, (void *)((uintptr_t)shape << 1 | 1), __ATOMIC_RELEASE);
        return;
    }
    struct transitions *old = t & 1 ? NULL : (struct transitions *)t, *tab;
    if (old && (old->used + 1) * 4 <= (old->mask + 1) * 3) {
        put_transition(old, name, shape);
        return;
    }
    uint32_t n = old ? (old->mask + 1) * 2 : 4;
    tab = zeroed(sizeof *tab + n * sizeof tab->e[0]);
    tab->mask = n - 1;
    if (!old) put_transition(tab, hd_obj(hd_shapes[t >> 1].name), (uint32_t)(t >> 1));
    else
        for (uint32_t i = 0; i <= old->mask; i++)
            if (old->e[i].name) put_transition(tab, old->e[i].name, old->e[i].shape);
    put_transition(tab, name, shape);
    __atomic_store_n(&s->transitions, tab, __ATOMIC_RELEASE);
    if (old) old->next = replaced, replaced = old;
}

static uint32_t add_locked(uint32_t shape, hd_value name)
{
    struct hd_shape *s = &hd_shapes[shape];
    uint32_t id = transition(s, name);
    if (id) return id;
    if (s->nslots >= HD_MAX_ATTRIBUTES || s->flags & HD_SHAPE_DICTMODE || !s->size) return 0;
    uint32_t index = s->nslots;
    if (index >= s->capacity && !(s->flags & HD_SHAPE_OVERFLOW)) {
        if (!s->capacity) return 0;
        struct hd_shape *r = &hd_shapes[root_of(shape)];
        if (!r->index) r->index = new_root_locked(r->type, HD_SHAPE_OVERFLOW, r->capacity - 1, r->size, r->csize, r->offset);
        hd_value names[HD_MAX_ATTRIBUTES];
        hd_shape_names(shape, names);
        uint32_t to = r->index;
        for (uint32_t i = 0; i < index && to; i++) to = add_locked(to, names[i]);
        if (to) to = add_locked(to, name);
        if (to) add_transition(s, name, to);
        return to;
    }
    if (!(id = take_id(false))) return 0;
    struct hd_shape *n = &hd_shapes[id];
    n->type = s->type, n->name = hd_ptr(name), n->parent = shape, n->nslots = index + 1, n->index = index;
    n->flags = s->flags, n->size = s->size, n->capacity = s->capacity, n->csize = s->csize;
    n->offset = index >= s->capacity ? 0 : s->name ? s->offset + 8 : s->offset;
    add_transition(s, name, id);
    if (n->nslots > n->type->seen_slots) n->type->seen_slots = n->nslots;
    return id;
}

/* Instances to come get room for what was seen. */
static void learn(struct hd_type *t, uint32_t capacity)
{
    uint32_t first = t->first_slot;
    if (!capacity) capacity = 1;
    if (capacity > HD_MAX_ATTRIBUTES) capacity = HD_MAX_ATTRIBUTES;
    if ((first + 8 * capacity) % GC_GRANULE) capacity++;
    if (capacity == t->inline_slots) return;
    uint32_t id = new_root_locked(t, 0, capacity, first + 8 * capacity, t->csize, first);
    t->inline_slots = capacity;
    __atomic_store_n(&t->root_shape, id, __ATOMIC_RELEASE);
}

uint32_t hd_shape_add(uint32_t shape, hd_value name)
{
    uint32_t id = transition(&hd_shapes[shape], name);
    if (id) return id;
    lock();
    id = add_locked(shape, name);
    if (id && !hd_shapes[id].offset) {
        struct hd_type *t = hd_shapes[id].type;
        if (t->flags & HD_TF_HEAP && !(t->flags & HD_TF_IMMUTABLE_LAYOUT) && t->inline_slots < hd_shapes[id].nslots)
            learn(t, hd_shapes[id].nslots < 8 ? 8 : 2 * hd_shapes[id].nslots);
    }
    unlock();
    return id;
}

uint32_t hd_shape_of_class(struct hd_type *t)
{
    if (STM_UNLIKELY(t->made < 8) && t->inline_slots) {
        if (++t->made == 8) {
            lock();
            if (!t->seen_slots) t->made = 0;
            else if (t->seen_slots < t->inline_slots) learn(t, t->seen_slots);
            unlock();
        }
    }
    return __atomic_load_n(&t->root_shape, __ATOMIC_ACQUIRE);
}

/* ---- look-up ------------------------------------------------------------------------------------------------------------ */
/* Long chains have an index at every node whose number of slots is a multiple of this. */
enum { INDEX_STEP = 8 };
struct name_index { uint32_t mask; struct { hd_value name; uint32_t node; } e[]; };

static const struct name_index *index_of(struct hd_shape *s)
{
    struct name_index *x = __atomic_load_n(&s->names, __ATOMIC_ACQUIRE);
    if (x) return x;
    uint32_t n = 16;
    while (n < 2 * s->nslots) n *= 2;
    x = zeroed(sizeof *x + n * sizeof x->e[0]);
    x->mask = n - 1;
    for (uint32_t id = (uint32_t)(s - hd_shapes); hd_shapes[id].name; id = hd_shapes[id].parent) {
        hd_value name = hd_obj(hd_shapes[id].name);
        uint32_t i = name_hash(name) & x->mask;
        while (x->e[i].name) i = (i + 1) & x->mask;
        x->e[i].name = name, x->e[i].node = id;
    }
    void *none = NULL;
    if (!__atomic_compare_exchange_n(&s->names, &none, x, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
        free(x);
        x = none;
    }
    return x;
}

uint32_t hd_shape_find(uint32_t shape, hd_value name)
{
    for (;;) {
        struct hd_shape *s = &hd_shapes[shape];
        if (hd_obj(s->name) == name) return shape;
        if (!s->name) return 0;
        if (s->nslots > INDEX_STEP && s->nslots % INDEX_STEP == 0) {
            const struct name_index *x = index_of(s);
            for (uint32_t i = name_hash(name) & x->mask; x->e[i].name; i = (i + 1) & x->mask)
                if (x->e[i].name == name) return x->e[i].node;
            return 0;
        }
        shape = s->parent;
    }
}

void hd_shape_names(uint32_t shape, hd_value *out)
{
    for (; hd_shapes[shape].name; shape = hd_shapes[shape].parent) out[hd_shapes[shape].index] = hd_obj(hd_shapes[shape].name);
}

/* Roots made for other classes' layouts when __class__ was assigned. */
static struct alternative { struct hd_type *type; uint32_t flags, capacity, size, root; } *alternatives;
static uint32_t n_alternatives, alternatives_room;

uint32_t hd_shape_rebase(uint32_t shape, struct hd_type *t)
{
    const struct hd_shape *s = &hd_shapes[shape];
    hd_value names[HD_MAX_ATTRIBUTES];
    hd_shape_names(shape, names);
    uint32_t n = s->name ? s->nslots : 0, flags = s->flags & ~(uint32_t)HD_SHAPE_MORTAL, id = 0;
    const struct hd_shape *r = &hd_shapes[root_of(shape)];
    lock();
    for (uint32_t i = n_alternatives; i-- && !id;)
        if (alternatives[i].type == t && alternatives[i].flags == flags && alternatives[i].capacity == r->capacity && alternatives[i].size == r->size)
            id = alternatives[i].root;
    const struct hd_shape *own = &hd_shapes[t->root_shape];
    if (!id && own->size == r->size && own->capacity == r->capacity && (own->flags & ~(uint32_t)HD_SHAPE_MORTAL) == flags) id = t->root_shape;
    if (!id) {
        if (n_alternatives == alternatives_room) {
            alternatives_room = alternatives_room ? 2 * alternatives_room : 16;
            alternatives = stm_need(alternatives, alternatives_room * sizeof *alternatives);
        }
        id = new_root_locked(t, flags, r->capacity, r->size, r->csize, r->offset);
        hd_shapes[id].index = flags & HD_SHAPE_BOXED ? hd_shapes[t->root_shape].index : 0;
        alternatives[n_alternatives++] = (struct alternative){ t, flags, r->capacity, r->size, id };
    }
    for (uint32_t i = 0; i < n && id; i++) id = add_locked(id, names[i]);
    unlock();
    return id;
}

/* ---- collecting shapes ------------------------------------------------------------------------------------------------- */
uint8_t *hd_shape_marks;
enum { KEPT = 2 };                           /* a mark whose consequences have been drawn */

void hd_shapes_mark_begin(bool may_free)
{
    if (may_free && n_created >= 1024 + n_live / 2) hd_shape_marks = calloc(next_shape, 1);
}

/* Shapes reached from one in use: its parents; of a root its siblings. */
static void keep(uint32_t id)
{
    while (id && hd_shape_marks[id] != KEPT) {
        const struct hd_shape *s = &hd_shapes[id];
        hd_shape_marks[id] = KEPT;
        if (s->name) id = s->parent;
        else {
            keep(s->index);
            id = (uint32_t)(uintptr_t)s->names;
        }
    }
}

static bool is_kept(uint32_t id) { return hd_shape_marks[id] == KEPT; }

/* As in any table with open addressing, what follows a gap moves up if its place allows. */
static void remove_transition(struct transitions *tab, uint32_t gap)
{
    for (uint32_t i = (gap + 1) & tab->mask; tab->e[i].name; i = (i + 1) & tab->mask) {
        uint32_t home = name_hash(tab->e[i].name) & tab->mask;
        if (((i - home) & tab->mask) < ((i - gap) & tab->mask)) continue;
        tab->e[gap] = tab->e[i];
        gap = i;
    }
    tab->e[gap].name = 0;
    tab->used--;
}

static void drop_transitions(struct hd_shape *s)
{
    uintptr_t t = (uintptr_t)s->transitions;
    if (!t) return;
    if (t & 1) {
        if (!is_kept((uint32_t)(t >> 1))) s->transitions = NULL;
        return;
    }
    struct transitions *tab = (struct transitions *)t;
    for (uint32_t i = 0; i <= tab->mask; i++)
        while (tab->e[i].name && !is_kept(tab->e[i].shape)) remove_transition(tab, i);
    if (tab->used) return;
    free(tab);
    s->transitions = NULL;
}

static void take_back(uint32_t id)
{
    struct hd_shape *s = &hd_shapes[id];
    if (!((uintptr_t)s->transitions & 1)) free(s->transitions);
    if (s->name) free(s->names);
    memset(s, 0, sizeof *s);
    s->type = &hd_object_type;
    s->flags = HD_SHAPE_FREE;
    s->parent = resting;
    resting = id;
    gc_account(-SHAPE_BYTES);
}

__attribute__((weak)) void hd_ic_flush_all(void);

static void collect_shapes(void)
{
    uint32_t last = 0;
    bool any = resting != 0;
    for (uint32_t id = 1; id < next_shape; id++) {
        const struct hd_shape *s = &hd_shapes[id];
        if (hd_shape_marks[id] || !(s->flags & (HD_SHAPE_MORTAL | HD_SHAPE_FREE))) keep(id);
    }
    for (uint32_t id = resting; id; id = hd_shapes[id].parent) last = id;
    if (last) hd_shapes[last].parent = free_ids, free_ids = resting, resting = 0;
    n_live = 0;
    for (uint32_t id = 1; id < next_shape; id++) {
        if (is_kept(id)) {
            drop_transitions(&hd_shapes[id]);
            n_live++;
        } else if (!(hd_shapes[id].flags & HD_SHAPE_FREE)) {
            take_back(id);
            any = true;
        }
    }
    uint32_t n = 0;
    for (uint32_t i = 0; i < n_alternatives; i++)
        if (is_kept(alternatives[i].root)) alternatives[n++] = alternatives[i];
    n_alternatives = n;
    n_created = 0;
    if (any && hd_ic_flush_all) hd_ic_flush_all();
}

void hd_shapes_reached(struct gc_marker *m)
{
    for (struct transitions *next; replaced; replaced = next) {
        next = replaced->next;
        free(replaced);
    }
    if (hd_shape_marks) {
        collect_shapes();
        free(hd_shape_marks);
        hd_shape_marks = NULL;
    }
    for (uint32_t id = 1; id < next_shape; id++)
        if (hd_shapes[id].name) gc_mark(m, hd_obj(hd_shapes[id].name));
}

/* ---- attributes of one object ---------------------------------------------------------------------------------------------- */
struct hd_inst *hd_inst_box(hd_value o)
{
    size_t size = hd_inst_size(hd_ptr(o));
    return *(struct hd_inst **)((char *)hd_ptr(o) + size - 8);
}

/* The object that holds the attributes, and its shape in the running snapshot; NULL: none. */
static struct hd_inst *holder(hd_value o, uint32_t *shape)
{
    if (!hd_is_ptr(o)) return NULL;
    struct hd_inst *p = hd_ptr(o);
    const struct hd_shape *s = &hd_shapes[hd_shape_hint(o)];
    if (!(s->type->flags & HD_TF_HAS_DICT)) return NULL;
    if (s->flags & HD_SHAPE_BOXED) p = hd_inst_box(o);
    else if (s->type->flags & HD_TF_IMMUTABLE_LAYOUT) return NULL;
    *shape = (uint32_t)stm_read(&p->head.w, &p->head.h);
    return p;
}

static struct hd_inst *overflow_of(struct hd_inst *p, uint32_t shape)
{
    return (struct hd_inst *)stm_read(&p->head.w, (char *)p + hd_shapes[shape].size - 8);
}

struct hd_inst *hd_inst_overflow(hd_value o, uint32_t shape) { return overflow_of(hd_ptr(o), shape); }

static hd_value get_node(struct hd_inst *p, uint32_t shape, uint32_t node)
{
    const struct hd_shape *n = &hd_shapes[node];
    if (n->offset) return stm_read(&p->head.w, (char *)p + n->offset);
    struct hd_inst *ov = overflow_of(p, shape);
    return stm_read(&ov->head.w, &ov->slot[n->index - n->capacity]);
}

static hd_value mode_dict(struct hd_inst *p, uint32_t shape)
{
    return stm_read(&p->head.w, (char *)p + hd_shapes[root_of(shape)].offset);
}

hd_value hd_inst_get(hd_value o, hd_value name)
{
    uint32_t shape;
    struct hd_inst *p = holder(o, &shape);
    if (!p) return HD_ABSENT;
    if (hd_shapes[shape].flags & HD_SHAPE_DICTMODE) return hd_dict_get_str(mode_dict(p, shape), name);
    uint32_t node = hd_shape_find(shape, name);
    return node ? get_node(p, shape, node) : HD_ABSENT;
}

static void open_object(struct hd_inst *p) { (void)hd_inst_open(p); }
static void put_word(struct hd_inst *p, uint32_t offset, uint64_t v) { *(uint64_t *)((char *)p + offset) = v; }

static struct hd_inst *overflow_new(uint32_t n)
{
    struct hd_inst *ov = gc_alloc_zeroed(sizeof *ov + 8 * n);
    if (!ov) {
        (void)hd_no_memory();
        return NULL;
    }
    ov->head.h.shape = HD_SHAPE_INSTANCEBOX, ov->head.h.aux = n;
    stm_unit_init(&ov->head.w);
    return ov;
}

static hd_value copy_to_dict(struct hd_inst *p, uint32_t shape)
{
    hd_value d = hd_dict_new(), names[HD_MAX_ATTRIBUTES];
    if (d == HD_ERR || !hd_shapes[shape].name) return d;
    uint32_t n = hd_shapes[shape].nslots, nodes[HD_MAX_ATTRIBUTES];
    hd_shape_names(shape, names);
    for (uint32_t s = shape; hd_shapes[s].name; s = hd_shapes[s].parent) nodes[hd_shapes[s].index] = s;
    for (uint32_t i = 0; i < n; i++)
        if (hd_dict_set_str(d, names[i], get_node(p, shape, nodes[i])) < 0) return HD_ERR;
    return d;
}

static hd_value use_dict(struct hd_inst *p, uint32_t shape, hd_value d)
{
    if (d == HD_ABSENT) d = copy_to_dict(p, shape);
    if (d == HD_ERR) return d;
    uint32_t to = hd_shape_dictmode(shape), first = hd_shapes[to].offset;
    open_object(p);
    memset((char *)p + first, 0, hd_shapes[to].size - first);
    put_word(p, first, d);
    p->head.h.shape = to;
    return d;
}

int hd_inst_set(hd_value o, hd_value name, hd_value v)
{
    uint32_t shape;
    struct hd_inst *p = holder(o, &shape);
    if (!p) return -1;
    if (hd_shapes[shape].flags & HD_SHAPE_DICTMODE) return hd_dict_set_str(mode_dict(p, shape), name, v);
    uint32_t node = hd_shape_find(shape, name);
    if (node) {
        const struct hd_shape *n = &hd_shapes[node];
        if (n->offset) {
            open_object(p);
            put_word(p, n->offset, v);
        } else {
            struct hd_inst *ov = overflow_of(p, shape);
            open_object(ov);
            HD_RAW_PUT(ov->slot[n->index - n->capacity], v);
        }
        return 0;
    }
    uint32_t to = hd_shape_add(shape, name);
    if (!to) {
        hd_value d = use_dict(p, shape, HD_ABSENT);
        return d == HD_ERR ? -1 : hd_dict_set_str(d, name, v);
    }
    const struct hd_shape *n = &hd_shapes[to];
    if (n->offset) {
        open_object(p);
        put_word(p, n->offset, v);
        p->head.h.shape = to;
        return 0;
    }
    uint32_t i = n->index - n->capacity, last = n->size - 8;
    struct hd_inst *ov = NULL, *old = NULL;
    bool moves = !(hd_shapes[shape].flags & HD_SHAPE_OVERFLOW);
    if (!moves) old = overflow_of(p, shape);
    uint32_t have = old ? old->head.h.aux : 0;
    if (i >= have) {
        ov = overflow_new(have ? 2 * have : 4);
        if (!ov) return -1;
        for (uint32_t k = 0; k < i && old; k++) HD_RAW_PUT(ov->slot[k], stm_read(&old->head.w, &old->slot[k]));
    }
    open_object(p);
    if (moves) HD_RAW_PUT(ov->slot[0], *(hd_value *)((char *)p + last));
    if (ov) put_word(p, last, hd_obj(ov));
    else open_object(ov = old);
    HD_RAW_PUT(ov->slot[i], v);
    p->head.h.shape = to;
    return 0;
}

int hd_inst_del(hd_value o, hd_value name)
{
    uint32_t shape;
    struct hd_inst *p = holder(o, &shape);
    if (!p) return 0;
    if (hd_shapes[shape].flags & HD_SHAPE_DICTMODE) return hd_dict_del(mode_dict(p, shape), name);
    uint32_t node = hd_shape_find(shape, name);
    if (!node) return 0;
    if (node == shape && hd_shapes[node].offset) {
        open_object(p);
        put_word(p, hd_shapes[node].offset, 0);
        p->head.h.shape = hd_shapes[node].parent;
        return 1;
    }
    hd_value d = use_dict(p, shape, HD_ABSENT);
    return d == HD_ERR ? -1 : hd_dict_del(d, name);
}

hd_value hd_inst_dict(hd_value o)
{
    uint32_t shape;
    struct hd_inst *p = holder(o, &shape);
    if (!p) return HD_ABSENT;
    if (hd_shapes[shape].flags & HD_SHAPE_DICTMODE) return mode_dict(p, shape);
    return use_dict(p, shape, HD_ABSENT);
}

int hd_inst_set_dict(hd_value o, hd_value dict)
{
    uint32_t shape;
    struct hd_inst *p = holder(o, &shape);
    if (!p) return -1;
    return use_dict(p, shape, dict) == HD_ERR ? -1 : 0;
}

hd_value hd_inst_dict_copy(hd_value o)
{
    uint32_t shape;
    struct hd_inst *p = holder(o, &shape);
    if (!p) return hd_dict_new();
    if (hd_shapes[shape].flags & HD_SHAPE_DICTMODE) return hd_dict_copy(mode_dict(p, shape));
    return copy_to_dict(p, shape);
}

bool hd_inst_has_attributes(hd_value o)
{
    uint32_t shape;
    struct hd_inst *p = holder(o, &shape);
    if (!p) return false;
    if (hd_shapes[shape].flags & HD_SHAPE_DICTMODE) return hd_dict_len(mode_dict(p, shape)) > 0;
    return hd_shapes[shape].name != NULL;
}

void hd_shapes_init(void)
{
#define T(ID, cname, text, base) hd_shapes[HD_SHAPE_##ID].type = &hd_##cname##_type, hd_##cname##_type.root_shape = HD_SHAPE_##ID;
#include "interp/core/builtin_types.def"
#undef T
}
