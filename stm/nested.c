/* Atomic blocks: the depth, and blocks inside that can be undone alone.
 *
 * Entering a nested block starts an epoch, so that every unit is opened once more before it is stored to; that opening
 * leaves the unit's content of that moment here, in any mode (solo and irrevocable too).  Undoing stores the contents back,
 * newest first.  A transaction never begins inside a nested block except on leaving solo mode, and then it cannot abort. */
#define STM_BUILD
#include "stm/stm_internal.h"
#include <stdlib.h>

struct content { struct stm_unit *unit; void *data; char *copy; size_t size; enum stm_unit_kind kind; };
struct stm_nested {
    struct content *v; size_t n, cap;
    size_t *level; size_t depth, level_cap;  /* where the contents of each open block begin */
    bool undoing;
};

/* The block had to wait for another thread in a transaction that began before it.  That one may be waiting for what this thread
 * did before the block, so it is committed first, and only the block is undone each time.  The same if what was done before cannot
 * be undone. */
__attribute__((noinline)) static void split(struct stm_thread *t)
{
    struct context *c = stm_current();
    bool insists = c->irrevocable && !stm_is_irrevocable();
    if (insists && !t->split) return;
    t->split = false;
    t->want_irrevocable = insists;
    stm_break();
    c = stm_current();
    t->block_pos = c->start_pos;
}

void stm_atomic_enter(void)
{
    struct stm_thread *t = stm_self;
    if (STM_UNLIKELY(t->split | stm_current()->irrevocable) && !stm_alone() && t->atomic_depth == 0) split(t);
    t->atomic_depth++;
}

int  stm_atomic_depth(void) { return stm_self->atomic_depth; }

void stm_atomic_leave(void)
{
    struct stm_thread *t = stm_self;
    if (t->atomic_depth-- == 0) stm_fatal("an atomic block ends that did not begin");
    if (t->atomic_depth == 0) {
        t->block_pos = 0;
        if (stm_stop_asked() && stm_stopped_by_me()) stm_request_poll(stm_me, STM_POLL_SOON);      /* it holds the world */
    }
    if (t->atomic_depth == 0 && t->nested && t->nested->depth) stm_fatal("an atomic block ends before a block inside it");
}

static void *grown(void *p, size_t n, size_t size)
{
    p = realloc(p, n * size);
    if (!p) stm_fatal("out of memory");
    return p;
}

void stm_nested_enter(void)
{
    struct stm_thread *t = stm_self;
    if (t->atomic_depth == 0) stm_fatal("a nested block outside an atomic block");
    stm_finish(stm_current());
    if (!t->nested && !(t->nested = calloc(1, sizeof *t->nested))) stm_fatal("out of memory");
    struct stm_nested *b = t->nested;
    if (b->depth == b->level_cap) b->level = grown(b->level, b->level_cap = b->level_cap ? 2 * b->level_cap : 8, sizeof *b->level);
    b->level[b->depth++] = b->n;
    stm_new_epoch();
}

bool stm_nested_in(const struct stm_thread *t) { return t->nested && t->nested->depth; }

static void drop(struct stm_nested *b, size_t n)
{
    while (b->n > n) free(b->v[--b->n].copy);
}

void stm_nested_keep(void)
{
    struct stm_nested *b = stm_self->nested;
    if (--b->depth == 0) drop(b, 0);         /* an outer block still needs what the inner one left */
}

void stm_nested_undo(void)
{
    struct stm_nested *b = stm_self->nested;
    size_t start = b->level[b->depth - 1];
    b->undoing = true;
    for (size_t i = b->n; i-- > start; ) {
        struct content *c = &b->v[i];
        stm_open(c->unit, c->data, c->size, c->kind);
        stm_restore_content(c->unit, c->data, c->copy, c->size);
    }
    b->undoing = false;
    drop(b, start);
    if (--b->depth) stm_new_epoch();         /* the outer block has not seen these units yet */
}

void stm_nested_opened(struct stm_thread *t, struct stm_unit *u, void *data, size_t size, enum stm_unit_kind kind)
{
    struct stm_nested *b = t->nested;
    if (!b->depth || b->undoing) return;
    if (b->n == b->cap) b->v = grown(b->v, b->cap = b->cap ? 2 * b->cap : 64, sizeof *b->v);
    char *copy = malloc(size ? size : 1);
    if (!copy) stm_fatal("out of memory");
    stm_copy_words(copy, data, size);
    b->v[b->n++] = (struct content){ u, data, copy, size, kind };
}

void stm_nested_rollback(struct stm_thread *t)
{
    drop(t->nested, 0);
    t->nested->depth = 0;
    t->nested->undoing = false;
}

void stm_nested_free(struct stm_thread *t)
{
    if (!t->nested) return;
    drop(t->nested, 0);
    free(t->nested->v);
    free(t->nested->level);
    free(t->nested);
    t->nested = NULL;
}

void stm_nested_each(struct stm_thread *t, stm_range_fn *f, void *arg)
{
    for (size_t i = 0; t->nested && i < t->nested->n; i++) {
        const struct content *c = &t->nested->v[i];
        if (c->kind != STM_BYTES) f(arg, c->copy, c->copy + c->size);
    }
}
