/* Tables of names as Python objects (symtable_object.c). */
#ifndef HD_COMPILE_SYMTABLE_OBJECT_H
#define HD_COMPILE_SYMTABLE_OBJECT_H
#include "interp/compile/compile.h"
#include "interp/compile/symtable.h"
#include "interp/core/api.h"

enum { HD_CF_SYMTABLE_ = 1 << 30 };          /* a flag of hd_compile: the table instead of the code */
hd_value hd_symtable_object(const struct hd_symtable *st) HD_MUST;
#endif
