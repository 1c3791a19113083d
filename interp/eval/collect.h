/* For gc.collect() and those like it. */
#ifndef HD_COLLECT_H
#define HD_COLLECT_H
#include "interp/eval/eval.h"
#include "stm/portal.h"

/* For a C function whose own frame holds no references: the collector does not search it and those between it and the evaluator
 * if the running instruction has called it.  The result, if not NULL, is for stm_portal_bare_from at the end. */
char *hd_hide_callers(hd_cfunc fn, const hd_value *args);
#endif
