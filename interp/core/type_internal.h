/* What the files about classes share.  Not for others. */
#ifndef HD_TYPE_INTERNAL_H
#define HD_TYPE_INTERNAL_H
#include "interp/core/api.h"

extern struct hd_type **hd_static_types;          /* ready ones: roots of the collector */
extern size_t hd_n_static_types;
uint32_t hd_type_inherited_flags(const struct hd_type *base);
void hd_type_lay_out(struct hd_type *t);
void hd_type_set_access_flags(struct hd_type *t);
int hd_type_add_subclass(struct hd_type *base, struct hd_type *t) HD_MUST;
int hd_type_remove_subclass(struct hd_type *base, struct hd_type *t) HD_MUST;
hd_value hd_type_subclasses(struct hd_type *t) HD_MUST;
int hd_type_each_subclass(struct hd_type *t, int (*f)(struct hd_type *sub, void *arg), void *arg);
void hd_type_forget_names(void);                  /* interned names have died; world stopped */
void hd_type_update_all_ops(struct hd_type *t, hd_value name);
int hd_type_dict_set(struct hd_type *t, hd_value name, hd_value v) HD_MUST;
/* The evaluator's inline caches: after a change (with the world held) that code may have relied on. */
void hd_caches_drop(void);
/* type_new.c */
extern const struct hd_getsetdef hd_dict_getset, hd_weakref_getset;
hd_value hd_type_compute_mro(struct hd_type *t, const struct hd_tuple *bases) HD_MUST;
struct hd_type *hd_type_best_base(const struct hd_tuple *bases);      /* NULL: TypeError */
int hd_type_set_bases(struct hd_type *t, hd_value bases) HD_MUST;
int hd_object_set_class(hd_value o, hd_value cls) HD_MUST;
int hd_type_set_abstract(struct hd_type *t, hd_value v) HD_MUST;
#endif
