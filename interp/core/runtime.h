/* Start of the object model.  Order: stm_init, gc_init(&hd_gc_config), a thread with a context, then hd_core_init. */
#ifndef HD_RUNTIME_H
#define HD_RUNTIME_H
#include "interp/core/api.h"

extern const struct gc_config hd_gc_config;
/* Shapes of the static types, interned names, the static types, the singletons. */
void hd_core_init(void);
/* Weak references to dead objects: runs their callbacks; finalisers: runs __del__.  Called from the user poll. */
void hd_run_finalisers(void);
/* Other rooms report roots of their own. */
void hd_root_callback(void (*f)(struct gc_marker *m));
extern void (*hd_thread_roots)(void *thread_user, struct gc_marker *m);   /* set by the evaluator: value stack */
#endif
