/* A stand-in for stm/ in the collector's unit tests: contexts without threads, exact roots, no transactions.
 *
 * A test switches contexts with mock_on(), opens units with mock_open() and names its roots in mock_roots[]; the C stack is
 * searched only while mock_stack is set.  Objects are `struct thing`. */
#ifndef TESTS_GC_MOCK_H
#define TESTS_GC_MOCK_H
#include <setjmp.h>
#include <stdio.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "gc/gc.h"

struct thing { uint64_t n; struct stm_unit w; struct thing *ref[]; };    /* n: number of references + 1, << 32 */

enum { MOCK_CONTEXTS = 3, MOCK_ROOTS = 64 };
_Thread_local struct stm_context *stm_me;
void (*stm_remember_hook)(struct stm_context *c, void *data, size_t size, enum stm_unit_kind kind);
static struct stm_context mock_context[MOCK_CONTEXTS];
static struct thing *mock_roots[MOCK_ROOTS];             /* of the process */
static struct thing *mock_thread_roots[MOCK_CONTEXTS][MOCK_ROOTS];
static struct { struct thing *o; void *copy; size_t size; } mock_opened[MOCK_CONTEXTS][MOCK_ROOTS];
static unsigned mock_n_opened[MOCK_CONTEXTS], mock_epochs, mock_stops;
static bool mock_is_solo = true, mock_stack;
static void *mock_stack_top;

void *stm_need(void *p, size_t size) { return realloc(p, size); }
bool stm_memory_is_low(void) { return false; }
unsigned stm_context_count(void) { return MOCK_CONTEXTS; }
struct stm_context *stm_context_at(unsigned i) { return &mock_context[i]; }
struct stm_thread *stm_thread_self(void) { return (struct stm_thread *)stm_me; }
void *stm_thread_user(struct stm_thread *t) { return t; }
void stm_each_thread(void (*f)(struct stm_thread *t, void *arg), void *arg)
{
    for (unsigned i = 0; i < MOCK_CONTEXTS; i++) f((struct stm_thread *)&mock_context[i], arg);
}
__attribute__((noinline)) void stm_each_root_range(struct stm_thread *t, stm_range_fn *f, void *arg)
{
    jmp_buf registers;
    if (!mock_stack || (void *)t != (void *)stm_me) return;
    __builtin_unwind_init();
    (void)setjmp(registers);
    f(arg, __builtin_frame_address(0), mock_stack_top);
}
void stm_each_open(struct stm_context *c, stm_opened_fn *f, void *arg)
{
    for (unsigned i = 0; i < mock_n_opened[c->index]; i++)
        f(arg, mock_opened[c->index][i].o, mock_opened[c->index][i].size, STM_OBJECT, mock_opened[c->index][i].copy);
}
void stm_new_epoch(void) { mock_epochs++; }
bool stm_solo(void) { return mock_is_solo; }
int stm_atomic_depth(void) { return 0; }
void stm_stop_world(void) { mock_stops++; }
void stm_resume_world(void) { }
void stm_request_poll(struct stm_context *c, uint32_t reasons) { c->poll |= reasons; }

static inline void mock_on(unsigned i) { stm_me = &mock_context[i]; }
static inline void mock_poll(void)
{
    if (stm_me->poll & STM_POLL_GC) { stm_me->poll = 0; gc_poll(); }
}

static inline size_t thing_bytes(size_t refs) { return sizeof(struct thing) + refs * sizeof(struct thing *); }
static inline size_t thing_refs(const struct thing *o) { return (o->n >> 32) - 1; }
static inline void thing_trace(void *object, struct gc_marker *m)
{
    struct thing *o = object;
    for (size_t i = 0; i < thing_refs(o); i++) gc_mark(m, (uint64_t)o->ref[i]);
}
static inline size_t thing_size(const void *o) { return thing_bytes(thing_refs(o)); }
static inline struct thing *thing_new(size_t refs)
{
    struct thing *o = gc_alloc(thing_bytes(refs));
    assert_non_null(o);
    assert_true((uintptr_t)o % 16 == 0);
    assert_true(o->n == 0);
    for (size_t i = 0; i < refs; i++) o->ref[i] = NULL;
    o->n = (uint64_t)(refs + 1) << 32;
    return o;
}
/* What the write barrier does: a copy, and an entry in the remembered set. */
static inline void mock_open(struct thing *o)
{
    unsigned c = stm_me->index, i = mock_n_opened[c]++;
    size_t size = thing_size(o);
    mock_opened[c][i].o = o;
    mock_opened[c][i].size = size;
    mock_opened[c][i].copy = mock_is_solo ? NULL : memcpy(malloc(size), o, size);
    stm_remember_hook(stm_me, o, size, STM_OBJECT);
}
static inline void mock_forget_opened(bool restore)
{
    unsigned c = stm_me->index;
    while (mock_n_opened[c]) {
        unsigned i = --mock_n_opened[c];
        if (restore) memcpy(mock_opened[c][i].o, mock_opened[c][i].copy, mock_opened[c][i].size);
        free(mock_opened[c][i].copy);
    }
}
static inline void mock_commit(void) { gc_committing(); mock_forget_opened(false); gc_ended(true); gc_begun(); }
static inline void mock_abort(void) { mock_forget_opened(true); gc_ended(false); gc_begun(); }

static inline void mock_trace_roots(struct gc_marker *m)
{
    for (unsigned i = 0; i < MOCK_ROOTS; i++) gc_mark(m, (uint64_t)mock_roots[i]);
}
static inline void mock_trace_thread(void *user, struct gc_marker *m)
{
    unsigned c = ((struct stm_context *)user)->index;
    for (unsigned i = 0; i < MOCK_ROOTS; i++) gc_mark(m, (uint64_t)mock_thread_roots[c][i]);
}
static inline void mock_start(void)
{
    for (unsigned i = 0; i < MOCK_CONTEXTS; i++) {
        mock_context[i].index = i;
        mock_context[i].thread = (struct stm_thread *)&mock_context[i];
    }
    gc_init(&(struct gc_config){ thing_trace, thing_size, mock_trace_roots, mock_trace_thread });
    for (unsigned i = MOCK_CONTEXTS; i-- > 0;) { mock_on(i); gc_begun(); }
}
/* Forgets all roots; what remains is collected. */
static inline void mock_clear(void)
{
    memset(mock_roots, 0, sizeof mock_roots);
    memset(mock_thread_roots, 0, sizeof mock_thread_roots);
    for (unsigned i = 0; i < MOCK_CONTEXTS; i++) { mock_on(i); mock_forget_opened(false); gc_ended(true); gc_begun(); }
    mock_on(0);
    while (gc_next_cleared() || gc_next_finalisable()) { }
    mock_is_solo = true;
    gc_collect_full();
}
#endif
