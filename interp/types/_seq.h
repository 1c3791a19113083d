/* What the sequence types share: index and repeat arguments, concatenation's last resort, searching. */
#ifndef HD__SEQ_H
#define HD__SEQ_H
#include "interp/core/api.h"
#include "interp/core/names.h"
#include "interp/core/type_ops.h"
#include "interp/types/list.h"

/* An index that is no slice: 0, -1 with "<what> indices must be integers or slices, not X". */
int hd_seq_index(hd_value key, const char *what, int64_t *out) HD_MUST;
static inline bool hd_is_slice(hd_value v) { return hd_is_shape(v, HD_SHAPE_SLICE); }
/* `a + b` where a is a sequence and b something else that it cannot be joined with: b's turn, then TypeError. */
hd_value hd_seq_concat_other(hd_value a, hd_value b, const char *what) HD_MUST;
/* The count of `seq * count` or `count * seq`: 0; 1: *result is the answer (NotImplemented or the other operand's own
 * result), -1. */
int hd_seq_repeat_count(hd_value a, hd_value b, bool seq_is_a, int64_t *count, hd_value *result) HD_MUST;
/* start, stop arguments of index(): clamped; negative ones count from the end. */
int hd_seq_bounds(const hd_value *args, size_t nargs, int64_t len, int64_t *lo, int64_t *hi) HD_MUST;
/* slice.indices with integers of any size: start, stop, step. */
int hd_slice_long_indices(hd_value slice, hd_value len, hd_value out[3]) HD_MUST;
hd_value hd_generic_alias_method(hd_value cls, const hd_value *args, size_t nargs, hd_value kwnames);
#define HD_CLASS_GETITEM { "__class_getitem__", hd_generic_alias_method, 1, 1, HD_METH_CLASS, "See PEP 585" }
/* builtins.iter and builtins.reversed, for __reduce__. */
hd_value hd_builtin(const char *name) HD_MUST;

/* Iterators over something with an index. */
struct hd_seqiter { struct hd_mhead head; hd_vslot seq; /* HD_UNBOUND: exhausted */ hd_islot index; };
HD_MUTABLE(hd_seqiter)
HD_MUTABLE_OPEN(hd_seqiter, sizeof(struct hd_seqiter))
hd_value hd_seqiter_make(struct hd_type *type, hd_value seq, int64_t index) HD_MUST;
void hd_seqiter_trace(void *o, struct gc_marker *m);
#endif
