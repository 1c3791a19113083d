/* Capsules: C pointers that pass through Python.  `release` (may be NULL) frees the pointer when the capsule dies. */
#ifndef HD_CAPSULE_H
#define HD_CAPSULE_H
#include "interp/core/api.h"
hd_value hd_capsule_new(void *pointer, const char *name, void (*release)(void *)) HD_MUST;
void *hd_capsule_get(hd_value v, const char *name) HD_MUST;          /* NULL: ValueError */
#endif
