/* Shared by code.c, marshal.c and disasm.c. */
#ifndef HD_CODE_INTERNAL_H
#define HD_CODE_INTERNAL_H
#include "interp/core/api.h"
#include "interp/core/code.h"

enum { PORTABLE_CONST, PORTABLE_NAME, PORTABLE_VAR, PORTABLE_CELL, PORTABLE_FREE, PORTABLE_TUPLES };
enum { HD_CODE_FIELDS = 18, HD_CODE_TEXT = 6 };       /* arguments of code(...), in their order; the instructions among them */
hd_value hd_code_portable(const struct hd_code *c) HD_MUST;            /* co_code */
/* own: the bytes object of the instructions belongs to nobody, and the code object may take its memory. */
hd_value hd_code_from_fields(const hd_value *fields, bool own) HD_MUST;
void hd_code_fields(struct hd_code *c, hd_value *fields);              /* each may be HD_ERR */
bool hd_op_has_value(unsigned op);
#endif
