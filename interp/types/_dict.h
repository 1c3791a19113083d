/* Private to dict.c, dicttype.c, dictview.c and the modules that build on dicts. */
#ifndef HD__DICT_H
#define HD__DICT_H
#include "interp/core/api.h"
#include "interp/core/names.h"
#include "interp/core/type_ops.h"
#include "interp/types/dict.h"
#include "interp/types/list.h"

/* hash(key), -1: error. */
static inline int64_t hd_key_hash(hd_value key)
{
    if (hd_is_fix(key)) {
        int64_t i = hd_unfix(key);
        if (STM_LIKELY(i > -((int64_t)1 << 60) && i < (int64_t)1 << 60)) return i == -1 ? -2 : i;
    } else if (hd_is_ptr(key) && hd_shape_hint(key) == HD_SHAPE_STR && STM_LIKELY(HD_STR(key)->hash != 0)) {
        return (int64_t)HD_STR(key)->hash;
    }
    return hd_hash(key);
}
/* A dict, or a subclass that does not define __iter__. */
bool hd_dict_plain_iteration(hd_value v);
/* update(*args, **kwargs) */
int hd_dict_update_args(hd_value d, const char *fname, const hd_value *args, size_t nargs, hd_value kwnames) HD_MUST;
/* d1 == d2: 1, 0, -1 */
int hd_dict_equal(hd_value a, hd_value b) HD_MUST;
#endif
