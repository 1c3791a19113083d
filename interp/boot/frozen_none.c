/* The table of compiled-in modules of the program that compiles them: empty. */
#include "interp/modules/modules.h"

const struct hd_frozen hd_frozen_modules[] = { { NULL, NULL, 0, false, false, NULL } };
const char *const hd_stdlib_names[] = { NULL };
