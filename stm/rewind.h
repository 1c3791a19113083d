/* Restart points at any C depth (stm/ only; the public side is the portal section of stm.h).
 *
 * The stack grows down: [rsp ... here | portal | helper | portal | ... base].
 * R1  saved_hi == STM_REWIND_NONE iff there is no restart point; else the bytes [regs[RSP], saved_hi) as they were at the
 *     begin lie in buf.
 * R2  saved_hi is the top of a portal that is still on the stack.  Bytes at or above it are as they were at the begin: no
 *     frame there has run since, and whoever writes there through a pointer calls stm_before_stack_write first.
 * R3  A restart changes memory only in [regs[RSP], saved_hi) and in the saved windows; it runs below both stack pointers.
 * R4  The value stack grows up: [window_lo, window_hi) at the begin lies in the window buffer; words below are as at the
 *     begin.  stm_window_low of the running thread equals window_lo. */
#ifndef STM_REWIND_H
#define STM_REWIND_H
#include "stm/stm.h"

enum { STM_RBX, STM_RBP, STM_R12, STM_R13, STM_R14, STM_R15, STM_RSP, STM_RIP, STM_NREGS };

struct stm_rewind {
    uint64_t regs[STM_NREGS];                /* offsets known to rewind_x64.S */
    uint32_t mxcsr; uint16_t fcw, pad;
    char *saved_hi;                          /* R1 */
    uint64_t *window_lo, *window_hi;         /* R4; window_lo == NULL: nothing to do on return */
    struct stm_portal *portal, *begin_portal;
    struct stm_portal base;                  /* top of the part of the stack that the thread gave us */
    char *buf; size_t cap;
    uint64_t *window_buf; size_t window_cap; /* filled from its end downwards */
    bool frozen;                             /* buf holds the stack as it was when the thread gave its context back */
};
#define STM_REWIND_NONE ((char *)UINTPTR_MAX)
enum { STM_REWIND_FIRST = 0, STM_REWIND_NOMEM = -1, STM_REWIND_AGAIN = 1 };

/* < 0: cannot work in this process (shadow stacks, AddressSanitizer's fake stacks). */
int  stm_rewind_init(struct stm_rewind *r, char *stack_top);
void stm_rewind_fini(struct stm_rewind *r);
/* Returns FIRST (or NOMEM), then AGAIN after each restart, with all frames as they were.  Not `returns_twice`: stack and
 * callee-saved registers are as at the first return, so it looks like a call that returned once. */
int  stm_rewind_begin(struct stm_rewind *r);
_Noreturn void stm_rewind_restart(struct stm_rewind *r);
void stm_rewind_spill(uint64_t regs[STM_NREGS]);
uint64_t stm_rewind_shadow_stack_pointer(void);
int  stm_rewind_window_begin(struct stm_rewind *r, uint64_t *lo, uint64_t *hi);
/* Keeps the stack up to the nearest portal for the collector, while the thread runs foreign code. */
void stm_rewind_freeze(struct stm_rewind *r);
/* A thread begins transactions and gives up its context only in functions that the innermost bare portal's has called. */
void stm_rewind_each_part(const struct stm_portal *p, const char *lo, const char *hi, ptrdiff_t shift, stm_range_fn *f, void *arg);
void stm_rewind_each(struct stm_rewind *r, stm_range_fn *f, void *arg);
bool stm_portal_counts_nothing(const struct stm_portal *p);

static inline void stm_rewind_forget(struct stm_rewind *r)
{
    r->saved_hi = STM_REWIND_NONE;
    r->window_lo = NULL;
    r->frozen = false;
    stm_window_low = NULL;
}
static inline bool stm_rewind_is_open(const struct stm_rewind *r) { return r->saved_hi != STM_REWIND_NONE; }
#endif
