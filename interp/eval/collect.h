/* For gc.collect() and those like it. */
#ifndef HD_COLLECT_H
#define HD_COLLECT_H
#include "interp/eval/eval.h"
#include "stm/portal.h"

/* For a C function whose own frame holds no references: the collector does not search it and those between it and the evaluator
 * if the running instruction has called it.  The result, if not NULL, is for stm_portal_bare_from at the end. */
char *hd_hide_callers(hd_cfunc fn, const hd_value *args);
/* The same for what a loop's instruction calls with its iterator, and for what an instruction calls with nothing that is not in
 * registers of the window. */
char *hd_hide_callers_next(hd_value iterator);
char *hd_hide_callers_in_window(void);
/* The registers that C functions save for their callers are emptied, so that what the next one saves is no reference.  The last of
 * them, rbp, is the frame's address in a function that asks for it. */
#if defined(__x86_64__)
#define HD_FORGET_REGISTERS() __asm__ volatile("xorl %%ebx, %%ebx\n\txorl %%r12d, %%r12d\n\txorl %%r13d, %%r13d\n\txorl %%r14d, %%r14d\n\txorl %%r15d, %%r15d" \
                                               : : "r"(__builtin_frame_address(0)) : "rbx", "r12", "r13", "r14", "r15", "cc")
#else
#define HD_FORGET_REGISTERS() ((void)0)
#endif
#endif
