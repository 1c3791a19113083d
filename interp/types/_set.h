/* Private to set.c and settype.c.  Functions that make a set return NULL on errors, the others -1. */
#ifndef HD__SET_H
#define HD__SET_H
#include "interp/types/_table.h"
#include "interp/types/_dict.h"
#include "interp/types/_seq.h"

struct hd_set *hd_set_alloc(struct hd_type *type) HD_MUST;
struct hd_set *hd_set_copy(struct hd_type *type, hd_value from /* iterable or HD_ABSENT */) HD_MUST;
int64_t hd_set_key_hash(hd_value v);
int64_t hd_set_hash(struct hd_set *s);
int hd_set_clear(struct hd_set *s);
void hd_set_swap_in(struct hd_set *s, struct hd_set *from);      /* takes over the elements of a set nobody else has */
int hd_set_pop(struct hd_set *s, hd_value *v);                   /* 1, 0: empty */
int hd_set_update(struct hd_set *s, hd_value other) HD_MUST;
int hd_set_subtract(struct hd_set *s, hd_value other) HD_MUST;
int hd_set_toggle(struct hd_set *s, hd_value other) HD_MUST;     /* symmetric difference in place */
struct hd_set *hd_set_intersection(struct hd_type *type, struct hd_set *a, hd_value other) HD_MUST;
struct hd_set *hd_set_difference(struct hd_type *type, struct hd_set *a, hd_value other) HD_MUST;
int hd_set_subset(struct hd_set *a, struct hd_set *b) HD_MUST;
int hd_set_disjoint(struct hd_set *s, hd_value other) HD_MUST;
#endif
