/* Owns the allocation of objects by type.
 *
 * A1: an object that leaves here has its shape, a fresh unit word where its layout has one, and zeros elsewhere.
 * A2: an instance of a class with an immutable C layout and attributes has its companion from the start. */
#include "interp/core/runtime.h"
#include "interp/core/shape.h"
#include "interp/eval/eval.h"

static void *no_memory(void)
{
    (void)hd_no_memory();
    return NULL;
}

/* A finaliser written in Python, or one that such a class has: others may wait for what it does. */
static void has_finaliser(struct hd_type *t, void *o)
{
    gc_finaliser_register(o);
    if (STM_UNLIKELY(__atomic_load_n(&hd_idle_unarmed, __ATOMIC_RELAXED)) && t->flags & HD_TF_HEAP && !hd_late_finaliser(o)) hd_idle_arm();
}

void *hd_new_object(struct hd_type *t, size_t size)
{
    struct hd_head *h = gc_alloc_zeroed(size);
    if (!h) return no_memory();
    h->shape = t->root_shape;
    return h;
}

void *hd_new_mutable(struct hd_type *t, size_t size)
{
    uint32_t shape = hd_shape_of_class(t);
    if (hd_shapes[shape].size > size) size = hd_shapes[shape].size;
    struct hd_mhead *h = gc_alloc_zeroed(size);
    if (!h) return no_memory();
    h->h.shape = shape;
    stm_unit_init(&h->w);
    if (t->flags & HD_TF_HAS_FINALISER) has_finaliser(t, h);
    return h;
}

void *hd_new_immutable_sub(struct hd_type *t, size_t size)
{
    uint32_t shape = t->root_shape;
    bool boxed = hd_shapes[shape].flags & HD_SHAPE_BOXED;
    struct hd_inst *box = NULL;
    if (boxed) {
        uint32_t boxes = hd_shapes[shape].index;
        box = gc_alloc_zeroed(hd_shapes[boxes].size);
        if (!box) return no_memory();
        box->head.h.shape = boxes;
        stm_unit_init(&box->head.w);
        size = (size + 7) & ~(size_t)7;
    }
    struct hd_head *h = gc_alloc_zeroed(size + (boxed ? 8 : 0));
    if (!h) return no_memory();
    h->shape = shape;
    if (boxed) *(struct hd_inst **)((char *)h + size) = box;
    if (t->flags & HD_TF_HAS_FINALISER) has_finaliser(t, h);
    return h;
}

hd_value hd_alloc_instance(struct hd_type *t, size_t extra_bytes)
{
    void *p = t->flags & HD_TF_IMMUTABLE_LAYOUT ? hd_new_immutable_sub(t, t->csize + extra_bytes)
                                                : hd_new_mutable(t, t->basicsize + extra_bytes);
    return p ? hd_obj(p) : HD_ERR;
}

size_t hd_inst_size(const void *o)
{
    const struct hd_head *h = o;
    uint32_t shape = *(const volatile uint32_t *)&h->shape;
    if (shape == HD_SHAPE_INSTANCEBOX) return sizeof(struct hd_inst) + 8 * (size_t)h->aux;
    const struct hd_shape *s = &hd_shapes[shape];
    if (s->size) return s->size;
    size_t n = s->type->op.size ? s->type->op.size(o) : s->type->csize;
    if (s->flags & HD_SHAPE_BOXED) n = ((n + 7) & ~(size_t)7) + 8;
    return n;
}

void *hd_scratch(size_t size)
{
    struct hd_head *h = gc_alloc(size + 16);
    if (!h) return no_memory();
    h->shape = HD_SHAPE_RAWBYTES, h->aux = 0;
    ((uint64_t *)h)[1] = size + 16;
    return h + 2;
}
