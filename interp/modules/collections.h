/* Private to the files of the module _collections. */
#ifndef HD_COLLECTIONS_H
#define HD_COLLECTIONS_H
#include "interp/types/_dict.h"
#include "interp/types/_seq.h"
extern struct hd_type hd_deque_type, hd_dequeiter_type, hd_dequereviter_type, hd_ordereddict_type,
    hd_odictkeys_type, hd_odictvalues_type, hd_odictitems_type;
#endif
