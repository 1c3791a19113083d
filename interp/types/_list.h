/* Private to list.c, listtype.c and listsort.c. */
#ifndef HD__LIST_H
#define HD__LIST_H
#include "interp/types/_seq.h"

void hd_list_leave_body(struct hd_list *l, struct hd_array *old, int64_t n);   /* before the open list l of length n gets another body */
int hd_list_reserve(struct hd_list *l, int64_t cap) HD_MUST;
struct hd_array *hd_list_snapshot(struct hd_list *l, int64_t *n) HD_MUST;      /* NULL: error */
int hd_list_splice(struct hd_list *l, int64_t lo, int64_t hi, const hd_value *src, int64_t n) HD_MUST;
int64_t hd_list_search(struct hd_list *l, hd_value v, int64_t lo, int64_t hi);
#endif
