/* The module _opcode: what dis and opcode (interp/lib) know of the instruction set. */
#include "interp/compile/compile.h"
#include "interp/modules/modules.h"
#include "interp/types/bytes.h"

#define ARGS hd_value self, const hd_value *args, size_t nargs, hd_value kwnames

/* There is no stack: instructions work on registers. */
static hd_value stack_effect(ARGS)
{
    hd_value a[3];
    int op;
    if (hd_args("stack_effect", "opcode,|oparg,/,*,jump", args, nargs, kwnames, a) < 0 || hd_as_int32(a[0], &op) < 0) return HD_ERR;
    if (a[2] != HD_ABSENT && a[2] != HD_NONE && a[2] != HD_TRUE && a[2] != HD_FALSE)
        return hd_raise(&hd_exc_ValueError, "stack_effect: jump must be False, True or None");
    if (op < 0 || op >= HD_NOPCODES) return hd_raise(&hd_exc_ValueError, "invalid opcode or oparg");
    return hd_fix(0);
}

static hd_value specialization_stats(ARGS) { return HD_NONE; }

static hd_value instructions(ARGS)
{
    if (hd_is_bytes(args[0])) return hd_code_instructions(HD_BYTES(args[0])->data, (size_t)HD_BYTES(args[0])->len / sizeof(hd_ins), true);
    if (!hd_is_shape(args[0], HD_SHAPE_CODE)) return hd_raise(&hd_exc_TypeError, "a code object or bytes are required, not '%T'", args[0]);
    return hd_code_instructions(HD_CODE(args[0])->ins, HD_CODE(args[0])->nins, false);
}

static int opcode_exec(hd_value m)
{
    hd_value table = hd_opcode_table();
    return table == HD_ERR ? -1 : hd_module_add(m, "table", table);
}

static const struct hd_methoddef functions[] = {
    { "stack_effect", stack_effect, 0, -1, HD_METH_KW, "stack_effect($module, opcode, oparg=None, /, *, jump=None)\n--\n\nAlways 0: there is no stack." },
    { "get_specialization_stats", specialization_stats, 0, 0, 0, "get_specialization_stats($module, /)\n--\n\nNone: nothing is counted." },
    { "instructions", instructions, 1, 1, 0, "instructions($module, code, /)\n--\n\nList of (word, opcode, x, a, b, c, value)." },
    { NULL, NULL, 0, 0, 0, NULL }
};
const struct hd_moduledef hd_module_opcode = { "_opcode", "The instruction set.", functions, opcode_exec };
