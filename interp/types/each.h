/* Going through an iterable in C: what iter() and next() give, without an iterator object for exact lists and tuples. */
#ifndef HD_EACH_H
#define HD_EACH_H
#include "interp/core/api.h"
#include "interp/types/list.h"

struct hd_each { hd_value o; int64_t i; /* -1: o is an iterator */ };
static inline int hd_each_begin(struct hd_each *e, hd_value iterable)      /* 0, -1 */
{
    bool direct = hd_is_list_exact(iterable) || hd_is_tuple_exact(iterable);
    e->o = direct ? iterable : hd_iter(iterable);
    e->i = direct ? 0 : -1;
    return e->o == HD_ERR ? -1 : 0;
}
/* HD_STOP, HD_ERR.  Not to be asked again after HD_STOP. */
static inline hd_value hd_each_next(struct hd_each *e)
{
    if (e->i < 0) return hd_next(e->o);
    int64_t i = e->i++;
    hd_value v;
    if (hd_is_list_exact(e->o)) v = hd_list_at(HD_LIST(e->o), i);
    else v = i < HD_TUPLE(e->o)->len ? HD_TUPLE(e->o)->item[i] : HD_ABSENT;
    return STM_LIKELY(v != HD_ABSENT) ? v : HD_STOP;
}
#endif
