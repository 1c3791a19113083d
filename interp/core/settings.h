/* Settings of the process that programs can change and read back.
 *
 * They are one unit of memory in transactions, though not on the heap: a change is undone with the transaction that made it
 * and not seen by others before its commit.  The unit holds numbers only; its first word is 0, so the collector does not
 * look into it. */
#ifndef HD_SETTINGS_H
#define HD_SETTINGS_H
#include "interp/core/object.h"

HD_MUTABLE(hd_settings)
struct hd_settings {
    struct hd_mhead head;
    hd_islot recursion_limit;
    hd_islot int_max_str_digits;         /* 0: no limit */
    hd_islot switch_interval_ns;
    hd_islot thread_stack_size;          /* bytes; 0: the default */
    hd_islot socket_timeout_ns;          /* -1: none */
    hd_islot dlopen_flags;
    hd_islot gc_enabled, gc_debug, gc_frozen;
    hd_islot gc_threshold[3];
    hd_islot warnings_version;           /* how often the filters of warnings have changed */
};
HD_MUTABLE_OPEN(hd_settings, sizeof(struct hd_settings))
extern struct hd_settings hd_settings;

#define hd_setting(field) HD_GET(&hd_settings, field)
#define hd_set_setting(field, value) do { hd_settings_w w_ = hd_settings_open(&hd_settings); HD_PUT(w_, field, (value)); } while (0)
#endif
