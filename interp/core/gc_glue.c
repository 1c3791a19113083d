/* Owns what the collector knows of objects: their references by shape and type, and the roots of the process.
 *
 * G1: an object's references are: what its type's trace reports (the C layout); every word from the shape's csize to its end
 *     (__slots__ and attributes); the companion, where the shape says so.
 * G2: static types are roots, as are the places given to hd_root; shapes and interned names are not (names are immortal,
 *     a shape's class lives as long as its instances, which report it). */
#include <stdlib.h>
#include "interp/core/runtime.h"
#include "interp/core/shape.h"
#include "interp/core/type_internal.h"

static void trace(void *o, struct gc_marker *m)
{
    const struct hd_head *h = o;
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
    p = realloc(p, *room * sizeof(void *));
    if (!p) abort();
    return p;
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
__attribute__((weak)) void hd_eval_thread_roots(void *thread, struct gc_marker *m);

static void roots(struct gc_marker *m)
{
    for (size_t i = 0; i < hd_n_static_types; i++) hd_type_type.op.trace(hd_static_types[i], m);
    for (size_t i = 0; i < places.n; i++) gc_mark(m, *places.place[i]);
    for (size_t i = 0; i < callbacks.n; i++) callbacks.f[i](m);
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

const struct gc_config hd_gc_config = { .trace = trace, .size = hd_inst_size, .roots = roots, .thread_roots = thread_roots, .late = hd_late_finaliser };
