/* Start-up of the strings: called once by main, before anything is hashed or interned. */
#ifndef HD_STR_INTERN_H
#define HD_STR_INTERN_H
#include <stdbool.h>
/* setting: the value of PYTHONHASHSEED or NULL (random key).  -1: it is no number in [0, 4294967295]. */
int hd_hash_seed(const char *setting);
void hd_strings_init(void);
bool hd_names_reached(void);                 /* a full collection has marked: names died */
#endif
