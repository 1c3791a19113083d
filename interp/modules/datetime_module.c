/* The module _datetime: what it exports. */
#include "interp/modules/datetime_internal.h"

static int fill(hd_value m)
{
    if (hd_delta_start() < 0 || hd_zone_start() < 0 || hd_date_start() < 0 || hd_time_start() < 0 || hd_datetime_start() < 0) return -1;
    struct hd_type *const types[] = { &hd_timedelta_type, &hd_date_type, &hd_time_type, &hd_datetime_type, &hd_tzinfo_type, &hd_timezone_type };
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) if (hd_add_type(m, types[i]) < 0) return -1;
    return hd_module_add(m, "UTC", hd_timezone_utc) < 0 || hd_module_add_int(m, "MINYEAR", HD_DT_MINYEAR) < 0 ? -1 : hd_module_add_int(m, "MAXYEAR", HD_DT_MAXYEAR);
}
const struct hd_moduledef hd_module_datetime = { "_datetime", "Fast implementation of the datetime type.", NULL, fill };
