/* Additions to ints in dicts that are put off: see additions.c. */
#ifndef HD_ADDITIONS_H
#define HD_ADDITIONS_H
#include "interp/types/dict.h"

struct hd_additions;

/* Puts off d[key] += n (key: any object; d: a dict whose items are stored and found as a dict's).  False: to be done now. */
bool hd_additions_put_off(struct hd_dict *d, hd_value key, int64_t n);
void hd_additions_do(void);                                    /* stm_config.do_deferred */
void hd_additions_ended(bool committed);                       /* the transaction ended; hd_ts->additions exists */
void hd_additions_mark(const struct hd_additions *a, struct gc_marker *m);      /* NULL: nothing */
#endif
