/* Start and end of the process. */
#ifndef HD_BOOT_H
#define HD_BOOT_H
/* Brings everything up to where user code can run: transactions, heap, types, sys, importlib, standard streams, site.
 * 0; -1: an exception is pending (or it was reported already when too early for that). */
int hd_start(void) __attribute__((warn_unused_result));
/* Joins threads, runs atexit functions, flushes the streams; the exit status may become 120. */
int hd_finish(int status);
#endif
