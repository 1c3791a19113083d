/* Owns what the collector knows of objects: their references by shape and type, and the roots of the process.
 *
 * G1: an object's references are: what its type's trace reports (the C layout); every word from the shape's csize to its end
 *     (__slots__ and attributes); the companion, where the shape says so.
 * G2: static types are roots, as are the places given to hd_root; shapes and interned names are not: a shape's class lives
 *     as long as its instances, which report it.
 * G3: full collections also find out which shapes are in use, by the heads of all objects and of images that may be put back,
 *     and drop from tables outside the heap what was not reached: shapes and their names, names, code objects with caches.
 * G4: what is stored without a barrier into something that only full collections trace or clean (hd_outlive) is a root of the
 *     other collections until it has been marked. */
#include <pthread.h>
#include <stdlib.h>
#include "interp/core/runtime.h"
#include "interp/core/shape.h"
#include "interp/core/type_internal.h"
#include "interp/types/str_intern.h"

static inline void note_shape(uint32_t shape)
{
    uint8_t *mark = &hd_shape_marks[shape];
    if (!__atomic_load_n(mark, __ATOMIC_RELAXED)) __atomic_store_n(mark, 1, __ATOMIC_RELAXED);
}
static void image(const void *copy)
{
    if (hd_shape_marks) note_shape(((const struct hd_head *)copy)->shape);
}

static void trace(void *o, struct gc_marker *m)
{
    const struct hd_head *h = o;
    if (STM_UNLIKELY(hd_shape_marks != NULL) && gc_kind(m) == GC_KIND_FULL) {
        note_shape(h->shape);
        if (hd_shapes[h->shape].type->flags & HD_TF_TYPE) note_shape(((struct hd_type *)o)->root_shape);
    }
    if (h->shape == HD_SHAPE_INSTANCEBOX) {
        const struct hd_inst *p = o;
        for (uint32_t i = 0; i < h->aux; i++) gc_mark(m, HD_RAW(p->slot[i]));
        return;
    }
    const struct hd_shape *s = &hd_shapes[h->shape];
    struct hd_type *t = s->type;
    if (t->op.trace) t->op.trace(o, m);
    if (t->flags & HD_TF_HEAP) gc_mark(m, hd_obj(t));
    if (s->size)
        for (uint32_t at = (s->csize + 7) & ~7u; at < s->size; at += 8) gc_mark(m, *(uint64_t *)((char *)o + at));
    else if (s->flags & HD_SHAPE_BOXED) gc_mark(m, hd_obj(hd_inst_box(hd_obj(o))));
}

static struct { hd_value **place; size_t n, room; } places;
static struct { void (**f)(struct gc_marker *m); size_t n, room; } callbacks;

static void *grow(void *p, size_t n, size_t *room)
{
    if (n < *room) return p;
    *room = *room ? 2 * *room : 64;
    return stm_need(p, *room * sizeof(void *));
}

/* Young collections ask for what hd_outlive was given since the last full one: not all that may refer to it is looked at then.
 * What is marked needs no asking until the next full collection. */
static struct { void **v; size_t n, room; } unseen;
static pthread_mutex_t unseen_lock = PTHREAD_MUTEX_INITIALIZER;

/* The lock is never held while the world stands still: collections and children of fork() need not take it. */
void hd_outlive(void *object)
{
    pthread_mutex_lock(&unseen_lock);
    unseen.v = grow(unseen.v, unseen.n, &unseen.room);
    unseen.v[unseen.n++] = object;
    pthread_mutex_unlock(&unseen_lock);
    gc_outlive(object);
}

static void mark_unseen(struct gc_marker *m)
{
    enum gc_kind kind = gc_kind(m);
    if (kind == GC_KIND_NURSERY || kind == GC_KIND_FULL) return;
    size_t n = 0;
    for (size_t i = 0; i < unseen.n; i++) {
        void *p = unseen.v[i];
        if (kind == GC_KIND_CHECK || !gc_is_marked(p)) unseen.v[n++] = p;
        gc_mark(m, hd_obj(p));
    }
    unseen.n = n;
}

static void drop_unseen(void)
{
    size_t n = 0;
    for (size_t i = 0; i < unseen.n; i++)
        if (gc_is_marked(unseen.v[i])) unseen.v[n++] = unseen.v[i];
    unseen.n = n;
}

/* Who registers a static is about to store to it, and an abort would not put that back. */
void hd_root(hd_value *place)
{
    if (stm_me) stm_become_irrevocable();
    for (size_t i = 0; i < places.n; i++)
        if (places.place[i] == place) return;
    places.place = grow(places.place, places.n, &places.room);
    places.place[places.n++] = place;
}

void hd_root_callback(void (*f)(struct gc_marker *m))
{
    callbacks.f = grow(callbacks.f, callbacks.n, &callbacks.room);
    callbacks.f[callbacks.n++] = f;
}

__attribute__((weak)) void hd_eval_roots(struct gc_marker *m);
__attribute__((weak)) void hd_ic_reached(void);
__attribute__((weak)) void hd_io_reached(void);
__attribute__((weak)) void hd_eval_thread_roots(void *thread, struct gc_marker *m);

static void look_for_nested(struct stm_thread *t, void *any) { if (stm_nested_in(t)) *(bool *)any = true; }

static void roots(struct gc_marker *m)
{
    if (gc_kind(m) == GC_KIND_FULL) {
        /* The contents that such a block may put back are known to nobody as images of objects. */
        bool nested = false;
        stm_each_thread(look_for_nested, &nested);
        hd_shapes_mark_begin(!nested);
    }
    for (size_t i = 0; i < hd_n_static_types; i++) hd_type_type.op.trace(hd_static_types[i], m);
    for (size_t i = 0; i < places.n; i++) gc_mark(m, *places.place[i]);
    for (size_t i = 0; i < callbacks.n; i++) callbacks.f[i](m);
    mark_unseen(m);
    if (hd_eval_roots) hd_eval_roots(m);
}

static void thread_roots(void *user, struct gc_marker *m)
{
    if (hd_eval_thread_roots) hd_eval_thread_roots(user, m);
}

/* The C finaliser of a static type that is marked so, where no class puts another in front of it. */
bool hd_late_finaliser(const void *o)
{
    const struct hd_type *t = hd_shapes[((const struct hd_head *)o)->shape].type, *c = t;
    while (c->flags & HD_TF_HEAP) c = c->base;
    return c->flags & HD_TF_LATE_FINALISER && c->op.finalise == t->op.finalise;
}

static void reached(struct gc_marker *m)
{
    hd_shapes_reached(m);
    drop_unseen();
    if (hd_names_reached()) hd_type_forget_names();
    if (hd_ic_reached) hd_ic_reached();
    if (hd_io_reached) hd_io_reached();
}

static const char *name(const void *o)
{
    const struct hd_shape *s = &hd_shapes[((const struct hd_head *)o)->shape];
    return s->type ? hd_type_short_name(s->type) : NULL;
}

__attribute__((weak)) void hd_eval_tell_place(void *thread, const uint64_t *place, FILE *to);
static void tell_place(void *user, const uint64_t *place, FILE *to)
{
    if (hd_eval_tell_place) hd_eval_tell_place(user, place, to);
}

const struct gc_config hd_gc_config = { .trace = trace, .size = hd_inst_size, .name = name, .tell_place = tell_place, .roots = roots, .thread_roots = thread_roots, .late = hd_late_finaliser, .image = image, .reached = reached };
