/* What keeps an object alive: an answer for people, asked for with HEDDLE_GC_WHY=TYPE[,TYPE...] (names as config.name tells them).
 *
 * After each collection that a program asks for, the way from a root to every living object of those types is printed to
 * standard error (the first few): the root, for a word of a C stack with the frame that it lies in, then the objects between.  The
 * frame is named by what addr2line understands.  Roots that are known exactly are followed first, so a way that begins with a
 * word found conservatively is one that only such words begin; all of them that lead to the same place are listed. */
#define GC_BUILD
#include <dlfcn.h>
#include <link.h>
#include <stdlib.h>
#include <string.h>
#include <unwind.h>
#include "gc/gc_internal.h"

enum { MOST_FRAMES = 400, MOST_OBJECTS = 50, MOST_STEPS = 40 };
struct way { char *object, *parent; const char *root; const uint64_t *place; };
struct word { char *object; const char *root; const uint64_t *place; void *user; };
struct frames { unsigned n; struct { uintptr_t ip, cfa; } v[MOST_FRAMES]; };
struct search {
    struct gc_visit visit;
    struct way *v; size_t n, mask;
    GC_VEC(char *) stack;
    GC_VEC(struct word) words;
    char *parent;
    const char *root;
    void *user;                         /* of the thread whose roots are looked at */
};

static struct way *find(struct search *s, const char *p)
{
    for (size_t i = ((uint64_t)p >> 4) * 0x9e3779b97f4a7c15u >> 20;; i++) {
        struct way *w = &s->v[i & s->mask];
        if (!w->object || w->object == p) return w;
    }
}

static void enter(struct search *s, char *object, const uint64_t *place)
{
    if (s->n * 2 > s->mask) {
        struct way *old = s->v;
        size_t cap = s->mask + 1;
        s->mask = cap * 2 - 1;
        s->v = calloc(cap * 2, sizeof *s->v);
        if (!s->v) gc_fatal("out of memory while looking for what keeps objects");
        for (size_t i = 0; i < cap; i++)
            if (old[i].object) *find(s, old[i].object) = old[i];
        free(old);
    }
    struct way *w = find(s, object);
    if (w->object) return;
    *w = (struct way){ object, s->parent, s->root, place };
    s->n++;
    gc_push(&s->stack, object);
}

static void reached(void *target, void *arg)
{
    struct search *s = arg;
    char *p = gc_object_of(target);
    if (p) enter(s, p, NULL);
}

static void follow(struct search *s)
{
    for (size_t i = 0; i < s->stack.n; i++) {          /* nearest first: the shortest ways */
        s->parent = s->stack.v[i];
        gc_heap.config.trace(s->parent, &s->visit.m);
    }
    s->stack.n = 0;
    s->parent = NULL;
}

__attribute__((no_sanitize_address, no_sanitize_thread))
void gc_visit_range(void *marker, const void *lo, const void *hi)
{
    struct search *s = marker;
    const uint64_t *p = (const uint64_t *)(((uintptr_t)lo + 7) & ~(uintptr_t)7);
    for (; (const char *)(p + 1) <= (const char *)hi; p++) {
        if (gc_is_poisoned(p) || !gc_in_heap(*p)) continue;
        char *object = gc_object_of((void *)*p);
        if (object) gc_push(&s->words, (struct word){ object, s->root, p, s->user });
    }
}

static void each_thread(struct stm_thread *t, void *arg)
{
    struct search *s = arg;
    s->root = t == stm_thread_self() ? "own stack" : "stack of another thread";
    s->user = stm_thread_user(t);
    stm_each_root_range(t, gc_visit_range, s);
    s->root = t == stm_thread_self() ? "own values" : "values of another thread";
    if (gc_heap.config.thread_roots) gc_heap.config.thread_roots(s->user, &s->visit.m);
}

static void exact_roots(struct search *s)
{
    struct gc_heap *h = &gc_heap;
    s->root = "the process";
    if (h->config.roots) h->config.roots(&s->visit.m);
    s->root = "open or pinned objects";
    for (unsigned k = 0; k < h->ncontext; k++) {
        struct gc_context *g = &h->contexts[k];
        stm_each_open(stm_context_at(k), gc_mark_opened, &s->visit.m);
        gc_mark_all(&s->visit.m, &g->pinned_recent);
        gc_mark_all(&s->visit.m, &g->kept);
        if (g->running && (g != gc_me() || stm_atomic_depth() || !stm_solo())) gc_remembered_keep(&s->visit.m, g);
    }
    gc_mark_all(&s->visit.m, &h->pinned);
    s->root = "queues";
    for (unsigned k = 0; k < h->ncontext; k++) {
        struct gc_context *g = &h->contexts[k];
        gc_mark_queue(&s->visit.m, &g->cleared), gc_mark_queue(&s->visit.m, &g->finalisable);
        gc_mark_queue(&s->visit.m, &g->taken_cleared), gc_mark_queue(&s->visit.m, &g->taken_finalisable);
    }
    gc_mark_queue(&s->visit.m, &h->cleared), gc_mark_queue(&s->visit.m, &h->finalisable), gc_mark_queue(&s->visit.m, &h->saved);
}

/* -- telling ---------------------------------------------------------------------------------------------------- */
static _Unwind_Reason_Code note_frame(struct _Unwind_Context *c, void *arg)
{
    struct frames *f = arg;
    if (f->n == MOST_FRAMES) return _URC_END_OF_STACK;
    f->v[f->n].ip = _Unwind_GetIP(c);
    f->v[f->n++].cfa = _Unwind_GetCFA(c);
    return _URC_NO_REASON;
}

static void tell_place(const struct word *w, const struct frames *f)
{
    fprintf(stderr, "  %s, word at %p", w->root, (const void *)w->place);
    uintptr_t at = (uintptr_t)w->place;
    for (unsigned k = 0; k + 1 < f->n; k++) {
        /* The unwinder's address for a frame is where its callee's ends. */
        if (at < f->v[k].cfa || at >= f->v[k + 1].cfa) continue;
        Dl_info info;
        struct link_map *file;
        uintptr_t ip = f->v[k].ip;
        if (dladdr1((void *)ip, &info, (void **)&file, RTLD_DL_LINKMAP))
            fprintf(stderr, ", frame of %s 0x%zx, %zu bytes below its end", info.dli_fname, (size_t)(ip - file->l_addr), (size_t)(f->v[k + 1].cfa - at));
    }
    if (gc_heap.config.tell_place && w->user) gc_heap.config.tell_place(w->user, w->place, stderr);
    fprintf(stderr, "\n");
}

static const char *name_of(const void *object) { return gc_heap.config.name ? gc_heap.config.name(object) : "?"; }

static void tell_way(struct search *s, char *object, const struct frames *f)
{
    fprintf(stderr, "heddle: what keeps %s at %p:\n", name_of(object), (void *)object);
    char *p = object;
    for (unsigned steps = 0; steps < MOST_STEPS; steps++) {
        struct way *w = find(s, p);
        if (!w->object) {
            fprintf(stderr, "  nothing, it is still young\n");
            return;
        }
        if (w->parent) {
            fprintf(stderr, "  %s at %p\n", name_of(w->parent), (void *)w->parent);
            p = w->parent;
            continue;
        }
        if (!w->place) {
            fprintf(stderr, "  %s\n", w->root);
            return;
        }
        for (size_t i = 0; i < s->words.n; i++)
            if (s->words.v[i].object == p) tell_place(&s->words.v[i], f);
        return;
    }
}

static void consider(void *object, void *arg)
{
    struct { struct search *s; const struct frames *f; unsigned told; } *a = arg;
    const char *name = name_of(object), *list = gc_heap.why;
    size_t n = name ? strlen(name) : 0;
    for (; n && list; list = strchr(list, ',') ? strchr(list, ',') + 1 : NULL)
        if (!strncmp(list, name, n) && (!list[n] || list[n] == ',') && a->told++ < MOST_OBJECTS) tell_way(a->s, object, a->f);
}

/* World stopped, after a full collection. */
void gc_tell_why(void)
{
    struct search s = { .visit = { .m = { .mode = GC_MODE_VISIT }, .f = reached }, .mask = 1023 };
    struct frames f = { 0 };
    s.visit.arg = &s;
    s.v = calloc(s.mask + 1, sizeof *s.v);
    if (!s.v) return;
    _Unwind_Backtrace(note_frame, &f);
    exact_roots(&s);
    size_t opened = s.words.n;                         /* copies of open objects */
    for (size_t i = 0; i < opened; i++) s.root = s.words.v[i].root, enter(&s, s.words.v[i].object, NULL);
    follow(&s);
    stm_each_thread(each_thread, &s);
    for (size_t i = opened; i < s.words.n; i++) s.root = s.words.v[i].root, enter(&s, s.words.v[i].object, s.words.v[i].place);
    follow(&s);
    struct { struct search *s; const struct frames *f; unsigned told; } a = { &s, &f, 0 };
    gc_each_object(consider, &a);
    free(s.v);
    free(s.stack.v);
    free(s.words.v);
}
