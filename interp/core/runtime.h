/* Start of the object model.  Order: stm_init, gc_init(&hd_gc_config), a thread with a context, then hd_core_init. */
#ifndef HD_RUNTIME_H
#define HD_RUNTIME_H
#include "interp/core/api.h"

extern const struct gc_config hd_gc_config;
bool hd_late_finaliser(const void *o);
/* Shapes of the static types, interned names, the static types, the singletons. */
void hd_core_init(void);
/* Other rooms report references in C memory and statics that hd_root cannot name. */
void hd_root_callback(void (*f)(struct gc_marker *m));
/* A heap object that the running transaction stores without a barrier into something that full collections trace (a code
 * object) or that is weak (a table of theirs): an abort does not free it, and neither does a young collection. */
void hd_outlive(void *object);
#endif
