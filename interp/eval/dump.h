/* Tracebacks from signal handlers (dump.c).  All functions are async-signal-safe. */
#ifndef HD_DUMP_H
#define HD_DUMP_H
#include "interp/core/thread.h"

extern struct hd_thread *hd_thread_list;         /* NULL, or the newest thread; linked by `next` */
void hd_dump_text(int fd, const char *s);
/* Of `current` only, or of all threads; current: NULL if the caller is none of them. */
void hd_dump_tracebacks(int fd, struct hd_thread *current, bool all);
#endif
