/* Compilation beyond hd_compile (interp/core/code.h). */
#ifndef HD_COMPILE_H
#define HD_COMPILE_H
#include <stdio.h>
#include "ast.h"
#include "interp/core/code.h"

enum hd_compiler_flags {            /* `flags` of compile(), CPython's values */
    HD_CF_SOURCE_IS_UTF8_ = 0x100, HD_CF_DONT_IMPLY_DEDENT_ = 0x200, HD_CF_ONLY_AST_ = 0x400, HD_CF_IGNORE_COOKIE_ = 0x800,
    HD_CF_TYPE_COMMENTS_ = 0x1000, HD_CF_TOP_LEVEL_AWAIT_ = 0x2000, HD_CF_INCOMPLETE_INPUT_ = 0x4000,
    HD_CF_FUTURE_ALL_ = 0x1fe0000, HD_CF_BARRY_ = 0x400000,
    HD_CF_GIVEN_ = HD_CF_FUTURE_ALL_ | 0x10 | HD_CF_DONT_IMPLY_DEDENT_ | HD_CF_ONLY_AST_ | HD_CF_TYPE_COMMENTS_ | HD_CF_TOP_LEVEL_AWAIT_ |
                   HD_CF_INCOMPLETE_INPUT_,        /* those that a caller may give */
    HD_CF_VERSION_SHIFT_ = 25                      /* above, not CPython's: 1 + _feature_version */
};
/* A tree to code.  Takes the arena (frees it in any case).  `flags`: future features and top-level await. */
hd_value hd_compile_tree(struct hd_arena *a, struct hd_ast_mod *mod, hd_value filename, int flags, int optimize) __attribute__((warn_unused_result));
/* Instructions as text, inner code objects too. */
void hd_disassemble(FILE *out, const struct hd_code *c);
/* (name, words, kinds of a, b, c and the inline word, whether that is a name, whether it is a variable's) of each opcode. */
hd_value hd_opcode_table(void) __attribute__((warn_unused_result));
/* List of (word, opcode, x, a, b, c, inline value) of n words, which are those of a code object or portable ones: these have
 * the index in its tuple for a value. */
hd_value hd_code_instructions(const void *words, size_t n, bool portable) __attribute__((warn_unused_result));
#endif
