/* Restart points: saving and restoring slices of the C stack and windows of the value stack.
 *
 * Owns struct stm_rewind; invariants R1-R4 in rewind.h.  stm_rewind_begin and stm_rewind_restart are in rewind_x64.S and
 * call the two *_copy functions here.  A restart is the only non-local jump of the program.
 *
 * AddressSanitizer: fake stacks must be off; copies avoid the intercepted memcpy.  The shadow bytes of a slice are copied with it,
 * so that what lies between variables is as unusable in the buffer as on the stack, also for the collector. */
#define STM_BUILD
#include "stm/portal.h"
#include "stm/stm_internal.h"
#include <stdlib.h>
#include <string.h>

#ifndef __x86_64__
#error "restart points are written for x86-64 only"
#endif
_Static_assert(offsetof(struct stm_rewind, mxcsr) == 64 && offsetof(struct stm_rewind, fcw) == 68, "rewind_x64.S");

_Thread_local uint64_t *stm_window_low;

int  stm_rewind_begin_copy(struct stm_rewind *r);
void stm_rewind_restore_copy(struct stm_rewind *r);
enum { KEEP_BUFFER = 256 * 1024 };           /* larger buffers are given back when the next transaction begins */

#ifdef STM_ASAN
#define PLAIN __attribute__((no_sanitize_address, noinline))
void *__asan_get_current_fake_stack(void);
void  __asan_get_shadow_mapping(size_t *scale, size_t *offset);
PLAIN static void copy(void *d, const void *s, size_t n) { __asm__ volatile("rep movsb" : "+D"(d), "+S"(s), "+c"(n) :: "memory"); }
static unsigned char *shadow_of(const void *p)
{
    static size_t scale, offset;
    if (!offset) __asan_get_shadow_mapping(&scale, &offset);
    return (unsigned char *)(((uintptr_t)p >> scale) + offset);
}
#elif defined(STM_TSAN)
#define PLAIN __attribute__((no_sanitize_thread, noinline))
PLAIN static void copy(void *d, const void *s, size_t n) { __asm__ volatile("rep movsb" : "+D"(d), "+S"(s), "+c"(n) :: "memory"); }
#else
#define PLAIN
static inline void copy(void *d, const void *s, size_t n) { memcpy(d, s, n); }
#endif

int stm_rewind_init(struct stm_rewind *r, char *stack_top)
{
    memset(r, 0, sizeof *r);
    r->base.top = (char *)(((uintptr_t)stack_top + 15) & ~(uintptr_t)15);
    r->portal = &r->base;
    stm_rewind_forget(r);
    if (stm_rewind_shadow_stack_pointer()) return -1;
#ifdef STM_ASAN
    if (__asan_get_current_fake_stack()) return -2;
#endif
    return 0;
}

void stm_rewind_fini(struct stm_rewind *r)
{
    free(r->buf);
    free(r->window_buf);
}

PLAIN static char *resized(const struct stm_rewind *r, size_t cap)
{
#ifdef STM_ASAN
    char *b = malloc(cap);
    if (b && r->buf) {
        copy(b, r->buf, r->cap);
        copy(shadow_of(b), shadow_of(r->buf), r->cap / 8);
        free(r->buf);
    }
    return b;
#else
    return realloc(r->buf, cap);
#endif
}

__attribute__((noinline, cold)) static int grow(struct stm_rewind *r, size_t need)
{
    size_t cap = r->cap ? r->cap : 16384;
    while (cap < need) cap *= 2;
    char *b = resized(r, cap);
    if (!b) return STM_REWIND_NOMEM;
    r->buf = b;
    r->cap = cap;
    return 0;
}

/* [lo, hi) is appended: lo is where the saved part ends, so buffer and stack stay in step. */
PLAIN static int save(struct stm_rewind *r, char *lo, char *hi)
{
    size_t off = (size_t)(lo - (char *)r->regs[STM_RSP]), n = (size_t)(hi - lo);
    if (STM_UNLIKELY(off + n > r->cap) && grow(r, off + n) < 0) return STM_REWIND_NOMEM;
    copy(r->buf + off, lo, n);
#ifdef STM_ASAN
    copy(shadow_of(r->buf + off), shadow_of(lo), n / 8);
#endif
    r->saved_hi = hi;
    return 0;
}

static void give_back(struct stm_rewind *r)
{
    if (STM_LIKELY(r->cap <= KEEP_BUFFER)) return;
    free(r->buf);
    r->buf = NULL, r->cap = 0;
}

/* The buffer has to change, or is not all that is copied. */
PLAIN __attribute__((noinline)) static int begin_copy(struct stm_rewind *r)
{
    struct stm_portal *p = r->portal;
    if (p->top < (char *)r->regs[STM_RSP]) stm_fatal("a transaction begins outside the stack of its thread");
    give_back(r);
    if (save(r, (char *)r->regs[STM_RSP], p->top) < 0) { stm_rewind_forget(r); return STM_REWIND_NOMEM; }
    r->begin_portal = p;
    r->frozen = false;
    return STM_REWIND_FIRST;
}

PLAIN int stm_rewind_begin_copy(struct stm_rewind *r)
{
#if defined(STM_ASAN) || defined(STM_TSAN)
    return begin_copy(r);
#else
    struct stm_portal *p = r->portal;
    const char *lo = (const char *)r->regs[STM_RSP];
    size_t n = (size_t)(p->top - lo);
    if (STM_UNLIKELY(n > r->cap || r->cap > KEEP_BUFFER)) return begin_copy(r);
    r->saved_hi = p->top;
    r->begin_portal = p;
    r->frozen = false;
    copy(r->buf, lo, n);
    return STM_REWIND_FIRST;
#endif
}

/* Saves slices until `upto` is covered: the frames below the next portal's top. */
PLAIN __attribute__((noinline)) static int save_upto(struct stm_rewind *r, const char *upto)
{
    struct stm_portal *p = r->portal;
    while (p && p->top <= r->saved_hi) p = p->prev;
    for (; p && r->saved_hi <= upto; p = p->prev)
        if (save(r, r->saved_hi, p->top) < 0) return STM_REWIND_NOMEM;
    if (r->saved_hi <= upto) stm_fatal("the base of a stack is left inside a transaction");
    return 0;
}

void stm_portal_enter_at(struct stm_portal *p, char *cfa)
{
    struct stm_rewind *r = &stm_self->rewind;
    p->prev = r->portal;
    p->top = cfa;
    p->low = NULL;
    r->portal = p;
}

void stm_portal_enter_bare_at(struct stm_portal *p, char *cfa)
{
    struct stm_rewind *r = &stm_self->rewind;
    p->prev = r->portal;
    p->top = cfa;
    p->low = (char *)__builtin_dwarf_cfa();        /* where the caller's frame ends as long as it calls with register arguments */
    r->portal = p;
}

/* No memory for what a restart needs: from the begin once more, in the end irrevocably; then without a way back. */
static void cannot_save(struct stm_rewind *r)
{
    if (!stm_current()->irrevocable) stm_abort();
    stm_rewind_forget(r);
}

char *stm_portal_bare_from(char *low)
{
    struct stm_portal *p = stm_self->rewind.portal;
    char *old = p->low;
    if (!old) return NULL;
    stm_before_stack_write(p);
    p->low = low;
    return old;
}

void stm_portal_leave(struct stm_portal *p)
{
    struct stm_rewind *r = &stm_self->rewind;
    r->portal = p->prev;
    if (STM_UNLIKELY(p->top >= r->saved_hi) && !r->frozen && save_upto(r, p->top) < 0) cannot_save(r);
}

void stm_before_stack_write(const void *at)
{
    struct stm_rewind *r = &stm_self->rewind;
    const char *a = at;
    if (STM_LIKELY(a < r->saved_hi) || r->frozen || a >= r->base.top) return;
    if (save_upto(r, a) < 0) cannot_save(r);
}

int stm_rewind_window_begin(struct stm_rewind *r, uint64_t *lo, uint64_t *hi)
{
    r->window_lo = r->window_hi = stm_window_low = hi;
    if (lo == hi) return 0;
    size_t n = (size_t)(hi - lo);
    if (STM_LIKELY(n <= r->window_cap && lo < hi)) {
        memcpy(r->window_buf + r->window_cap - n, lo, n * sizeof *lo);
        r->window_lo = stm_window_low = lo;
        return 0;
    }
    stm_window_return_slow(lo);
    return r->window_lo == lo ? 0 : STM_REWIND_NOMEM;
}

static bool save_window(struct stm_rewind *r, uint64_t *lo)
{
    size_t have = (size_t)(r->window_hi - r->window_lo), n = (size_t)(r->window_lo - lo);
    if (STM_UNLIKELY(have + n > r->window_cap)) {
        size_t cap = r->window_cap ? r->window_cap : 1024;
        while (cap < have + n) cap *= 2;
        uint64_t *b = malloc(cap * sizeof *b);
        if (!b) return false;
        if (have) memcpy(b + cap - have, r->window_buf + r->window_cap - have, have * sizeof *b);
        free(r->window_buf);
        r->window_buf = b, r->window_cap = cap;
    }
    memcpy(r->window_buf + r->window_cap - have - n, lo, n * sizeof *lo);
    r->window_lo = stm_window_low = lo;
    return true;
}

void stm_window_return_slow(uint64_t *lo)
{
    struct stm_rewind *r = &stm_self->rewind;
    if (!r->window_lo || lo >= r->window_lo) return;
    if (!save_window(r, lo) && stm_rewind_is_open(r)) cannot_save(r);
}

/* Runs on a stack below everything that is written here.  What was saved stays saved: the next attempt needs it again. */
PLAIN void stm_rewind_restore_copy(struct stm_rewind *r)
{
    char *lo = (char *)r->regs[STM_RSP];
    size_t n = (size_t)(r->saved_hi - lo);
    copy(lo, r->buf, n);
#ifdef STM_ASAN
    char *low = (char *)__builtin_frame_address(0) - 512;
    unsigned char *a = shadow_of(low), *z = shadow_of(lo);
    size_t k = (size_t)(z - a);
    __asm__ volatile("rep stosb" : "+D"(a), "+c"(k) : "a"(0) : "memory");      /* dead frames are not poisoned */
    copy(shadow_of(lo), shadow_of(r->buf), n / 8);
#endif
    if (r->window_lo) {
        size_t w = (size_t)(r->window_hi - r->window_lo);
        if (w) memcpy(r->window_lo, r->window_buf + r->window_cap - w, w * sizeof *r->window_lo);
    }
    r->portal = r->begin_portal;
}

PLAIN void stm_rewind_freeze(struct stm_rewind *r)
{
    stm_rewind_forget(r);
    stm_rewind_spill(r->regs);
    if (save(r, (char *)r->regs[STM_RSP], r->portal->top) < 0) stm_fatal("out of memory");
    r->frozen = true;
}

PLAIN bool stm_portal_counts_nothing(const struct stm_portal *p) { return p->low == STM_PORTAL_NOTHING; }

/* [lo, hi) of the stack, which lies `shift` bytes further on, without the variables of bare portals' frames; `p` is the innermost
 * portal.  At the top of such a frame its function has saved registers of its caller. */
PLAIN void stm_rewind_each_part(const struct stm_portal *p, const char *lo, const char *hi, ptrdiff_t shift, stm_range_fn *f, void *arg)
{
    enum { SAVED = 16 * 8 };
    for (const struct stm_portal *q; p && (const char *)p >= lo && (const char *)p < hi; p = q->prev) {
        q = (const struct stm_portal *)(const void *)((const char *)p + shift);
        if (!q->low || (q->low < lo && !stm_portal_counts_nothing(q)) || q->low > (const char *)p) continue;
        if (q->low > lo) f(arg, lo + shift, q->low + shift);
        lo = (const char *)p;
        if (lo + sizeof *p < q->top - SAVED) lo = q->top - SAVED;
    }
    f(arg, lo + shift, hi + shift);
}

PLAIN void stm_rewind_each(struct stm_rewind *r, stm_range_fn *f, void *arg)
{
    if (!stm_rewind_is_open(r)) return;
    const char *lo = (char *)r->regs[STM_RSP];
    const struct stm_portal *p = r->frozen ? r->portal : r->begin_portal;
    bool saved = (const char *)p >= lo && (const char *)p < r->saved_hi;
    if (!saved || !stm_portal_counts_nothing((const struct stm_portal *)(const void *)((const char *)p + (r->buf - lo)))) f(arg, r->regs, r->regs + STM_NREGS);
    stm_rewind_each_part(p, lo, r->saved_hi, r->buf - lo, f, arg);
    if (r->window_lo && r->window_lo < r->window_hi)
        f(arg, r->window_buf + r->window_cap - (r->window_hi - r->window_lo), r->window_buf + r->window_cap);
}
