/* Syntax trees as objects. */
#ifndef HD_COMPILE_AST_OBJECT_H
#define HD_COMPILE_AST_OBJECT_H
#include "ast.h"
#include "interp/core/api.h"

int hd_ast_prepare(void) HD_MUST;                                  /* imports _ast.  Runs Python */
hd_value hd_ast_to_object(const struct hd_ast_mod *mod) HD_MUST;   /* after hd_ast_prepare */
bool hd_is_ast(hd_value v);
/* kind: HD_AST_Module, …: what is expected.  NULL: exception set. */
struct hd_ast_mod *hd_ast_from_object(struct hd_arena *a, hd_value o, int kind);
/* What the compiler takes for granted of a tree and the parser always provides.  False: ValueError set. */
bool hd_ast_validate(const struct hd_ast_mod *mod);
/* compile() of a tree. */
hd_value hd_compile_ast(hd_value tree, hd_value filename, const char *mode, int flags, bool dont_inherit, int optimize) HD_MUST;
#endif
