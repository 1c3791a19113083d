/* Code generation, private to interp/compile.
 *
 * The tree is turned into a list of instructions (struct hd_ir) with labels; assemble.c makes the code object of it.
 *
 * C1: registers [0, nlocals) locals, then cells, then free variables, then temporaries; temporaries are a stack (`sp`), each
 *     statement leaves it as it found it.
 * C2: an expression whose destination is a local writes it with its last instruction only (an exception in the middle must
 *     leave the old value).
 * C3: everything that is live during a call lies below the call's registers.
 * C4: errors are sticky: after the first one everything goes on, harmlessly, and the result is thrown away.
 * No Python runs during a compilation and nothing is collected: constants are kept in C memory until the code object exists. */
#ifndef HD_CODEGEN_INTERNAL_H
#define HD_CODEGEN_INTERNAL_H
#include "interp/core/api.h"
#include "interp/core/code.h"
#include "symtable.h"

enum { HD_CONST_OBJECT = 64 };      /* struct hd_const.kind of folded constants: v.i64 is the hd_value */

enum { HD_MAX_REGISTERS = 60000, HD_MAX_BLOCKS = 20 };

/* The place of instructions that belong to no line. */
#define HD_NOWHERE ((struct hd_ast_pos){-1, -1, -1, -1})

struct hd_ir {
    uint8_t op, x, dead;
    uint16_t a, b, c;
    int32_t label;                  /* jump target, or -1 */
    uint32_t handler;               /* index + 1 of the handler that is in force */
    hd_value k;                     /* first inline word if it is a K */
    struct hd_ast_pos pos;
};

struct hd_handler { int32_t label; uint16_t reg; };

enum hd_fblock_kind { HD_FB_LOOP, HD_FB_TRY, HD_FB_FINALLY_TRY, HD_FB_FINALLY_END, HD_FB_WITH, HD_FB_ASYNC_WITH, HD_FB_HANDLER,
                      HD_FB_GROUP_HANDLER };
/* What break, continue and return must undo on their way out. */
struct hd_fblock {
    enum hd_fblock_kind kind;
    int32_t on_break, on_continue;              /* LOOP */
    uint32_t outer_handler;                     /* in force outside of the block */
    int reg;                                    /* saved exception, or the run of WITHENTER */
    struct hd_ast_stmt_seq *finalbody;
    const struct hd_ident *name;                /* HANDLER: `as` name or NULL */
    struct hd_ast_pos pos;
};

/* An ordered set of values, each once. */
struct hd_pool { hd_value *item; uint32_t n, cap; uint32_t *table; uint32_t mask; };

struct hd_unit {                    /* a code object in the making */
    struct hd_unit *parent;
    struct hd_scope *scope;
    struct hd_ir *ir; uint32_t n, cap;
    int32_t *labels; uint32_t nlabels, labels_cap;              /* label to index in ir */
    struct hd_handler *handlers; uint32_t nhandlers, handlers_cap;
    uint32_t handler;
    struct hd_fblock blocks[HD_MAX_BLOCKS]; int nblocks;
    int tempbase, sp, maxreg;
    struct hd_pool consts, names;
    char *qualname;                 /* in the arena */
    int32_t firstlineno;
    uint32_t argcount, posonlyargcount, kwonlyargcount, flags;
    struct hd_ast_pos pos;          /* of the instructions emitted now */
    bool is_async_generator;
};

/* `error`, `line`: text and source line of the SyntaxError that the warning may become; NULL: the same, and read from the file. */
struct hd_warning { struct hd_warning *next; const char *text, *error, *line; size_t line_len; int lineno; struct hd_ast_pos pos; bool deprecation; };

struct hd_gen {
    struct hd_arena *arena;
    struct hd_compile_error *err;
    struct hd_symtable st;
    struct hd_unit *u;
    hd_value filename;
    int optimize;
    uint32_t code_flags;            /* future features */
    bool interactive, top_level_await;
    bool irrefutable;               /* a pattern that always matches may stand here */
    struct hd_ast_pos pattern_pos;  /* of the pattern that was looked at last */
    int32_t future_lineno;          /* of the last `from __future__ import` at the head of the module */
    uint32_t depth;
    struct hd_warning *warnings, **last_warning;
    struct { const void *key; hd_value v; } *cache; uint32_t cache_n, cache_mask;  /* identifiers and constants to values */
    const struct hd_ident *id_super, *id_class, *id_range, *id_debug, *id_annotations;
    const struct hd_ident *id_name, *id_module, *id_qualname, *id_doc, *id_classcell;
};

/* ---- codegen_core.c: emission, registers, constants, errors ------------------------------------------------------------ */
bool hd_gen_error(struct hd_gen *g, struct hd_ast_pos pos, const char *format, ...) __attribute__((format(printf, 3, 4)));
void hd_gen_warn(struct hd_gen *g, struct hd_ast_pos pos, const char *format, ...) __attribute__((format(printf, 3, 4)));
bool hd_gen_nomem(struct hd_gen *g);
static inline bool hd_gen_failed(const struct hd_gen *g) { return g->err->kind != HD_COMPILE_OK; }
bool hd_gen_enter(struct hd_gen *g);               /* false: nested too deep; else pair with --g->depth */
int hd_tmp(struct hd_gen *g);                       /* a new temporary */
int hd_tmps(struct hd_gen *g, uint32_t n);          /* a run of n */
int32_t hd_label_new(struct hd_gen *g);
void hd_label_here(struct hd_gen *g, int32_t label);
uint32_t hd_handler_new(struct hd_gen *g, int32_t label, int reg);
struct hd_ir *hd_emit(struct hd_gen *g, int op, int x, int a, int b, int c);
void hd_emit_k(struct hd_gen *g, int op, int x, int a, int b, int c, hd_value k);        /* k is kept in the constants */
void hd_emit_name(struct hd_gen *g, int op, int x, int a, int b, int c, const struct hd_ident *name);   /* k = name, kept in the names */
void hd_emit_var(struct hd_gen *g, int op, int x, int a, int b, const struct hd_ident *name);           /* name of a variable: kept elsewhere */
void hd_emit_j(struct hd_gen *g, int op, int x, int a, int b, int32_t label);
void hd_gen_jump(struct hd_gen *g, int32_t label);
void hd_gen_move(struct hd_gen *g, int dst, int src);
void hd_load_value(struct hd_gen *g, int dst, hd_value v);
hd_value hd_ident_value(struct hd_gen *g, const struct hd_ident *id);       /* interned str */
hd_value hd_const_value(struct hd_gen *g, const struct hd_const *k);
hd_value hd_tuple_value(struct hd_gen *g, const hd_value *items, uint32_t n, bool frozenset);           /* the same tuple for the same items */
hd_value hd_str_value(struct hd_gen *g, const char *text, size_t len);
bool hd_pool_add(struct hd_pool *p, hd_value v);    /* false: out of memory */
hd_value hd_const_object(const struct hd_const *k);      /* unparse.c: a new object; HD_ERR */
const char *hd_const_type_name(const struct hd_const *k);
void *hd_gen_grow(struct hd_gen *g, void *p, uint32_t *cap, uint32_t need, size_t size);    /* malloc'd array; NULL: error is set */

/* ---- codegen.c: units ------------------------------------------------------------------------------------------------------- */
bool hd_unit_enter(struct hd_gen *g, struct hd_scope *scope, int32_t firstlineno);
hd_value hd_unit_finish(struct hd_gen *g);          /* makes the code object and leaves the unit */
void hd_gen_closure(struct hd_gen *g, int dst, hd_value code, struct hd_scope *inner, int run, int first_cell);
hd_value hd_gen_module(struct hd_gen *g, struct hd_ast_mod *mod);
void hd_gen_function(struct hd_gen *g, struct hd_ast_stmt *s);
void hd_gen_class(struct hd_gen *g, struct hd_ast_stmt *s);
void hd_gen_lambda(struct hd_gen *g, struct hd_ast_expr *e, int dst);
void hd_gen_return_none(struct hd_gen *g);
const char *hd_unparse(struct hd_arena *a, struct hd_ast_expr *e, size_t *len);        /* NULL: no memory */

/* ---- codegen_name.c --------------------------------------------------------------------------------------------------------------- */
struct hd_symbol *hd_gen_symbol(struct hd_gen *g, const struct hd_ident *name);
int hd_name_local(struct hd_gen *g, const struct hd_ident *name);   /* register if it is a local in a register, else -1 */
void hd_name_load(struct hd_gen *g, const struct hd_ident *name, int dst);
void hd_name_store(struct hd_gen *g, const struct hd_ident *name, int src);
void hd_name_delete(struct hd_gen *g, const struct hd_ident *name);
void hd_name_clear(struct hd_gen *g, const struct hd_ident *name);  /* name = None; del name */
bool hd_name_forbidden(struct hd_gen *g, const struct hd_ident *name, int ctx, struct hd_ast_pos pos);

/* ---- codegen_expr.c ------------------------------------------------------------------------------------------------------------------ */
void hd_gen_expr(struct hd_gen *g, struct hd_ast_expr *e, int dst);
/* Some register with the value: a local itself, or `hint` if that is a temporary (else pass -1), or a new temporary. */
int hd_gen_operand(struct hd_gen *g, struct hd_ast_expr *e, int hint);
/* The same, for a value that must survive the evaluation of `later` (may be NULL). */
int hd_gen_operand_stable(struct hd_gen *g, struct hd_ast_expr *e, int hint, struct hd_ast_expr *later);
int hd_keep_stable(struct hd_gen *g, int reg, struct hd_ast_expr *later);
bool hd_may_rebind(struct hd_gen *g, struct hd_ast_expr *e);
int hd_constant_truth(struct hd_gen *g, struct hd_ast_expr *e);      /* -1: no constant, or its truth fails */
void hd_gen_jump_if(struct hd_gen *g, struct hd_ast_expr *e, int32_t label, bool when);
void hd_gen_binary(struct hd_gen *g, int op, bool inplace, int dst, int left, struct hd_ast_expr *right);
void hd_gen_await(struct hd_gen *g, int dst, int value, int what);      /* what: x of GETAWAITABLE */
void hd_gen_delegate(struct hd_gen *g, int dst, int iter);             /* runs the iterator in a register of a temporary to its end */
struct hd_ast_pos hd_attribute_pos(struct hd_ast_pos pos, const struct hd_ast_expr *attr);
bool hd_small_int(const struct hd_ast_expr *e, int *value);
bool hd_is_constant(const struct hd_ast_expr *e, enum hd_const_kind kind);
struct hd_subscript { int container, key, imm; hd_value k; enum { HD_SUB_REG, HD_SUB_INT, HD_SUB_STR, HD_SUB_SLICE } kind; };
void hd_gen_subscript(struct hd_gen *g, struct hd_ast_expr *e, struct hd_subscript *s, struct hd_ast_expr *later, bool plain_slice);
void hd_subscript_get(struct hd_gen *g, const struct hd_subscript *s, int dst);
void hd_subscript_set(struct hd_gen *g, const struct hd_subscript *s, int src);
int hd_binop_opcode(int ast_operator);
void hd_gen_list(struct hd_gen *g, struct hd_ast_expr_seq *elts, int dst, int kind /* HD_OP_LIST, HD_OP_TUPLE, HD_OP_SET */);

/* ---- codegen_call.c --------------------------------------------------------------------------------------------------------------------- */
void hd_call_expr(struct hd_gen *g, struct hd_ast_expr *e, int dst);
bool hd_attribute_of_super(struct hd_gen *g, struct hd_ast_expr *value);
void hd_super_run(struct hd_gen *g, struct hd_ast_expr *value, int run);
/* A call with R[base] = callee and R[base + 4 .. + n) = first arguments in place; the rest from args and keywords. */
void hd_call_tail(struct hd_gen *g, int base, uint32_t n, struct hd_ast_expr_seq *args, struct hd_ast_keyword_seq *keywords, bool method, int dst,
                  struct hd_ast_pos pos);

/* ---- codegen_loop.c ----------------------------------------------------------------------------------------------------------------------- */
void hd_comprehension(struct hd_gen *g, struct hd_ast_expr *e, int dst);
void hd_stmt_for(struct hd_gen *g, struct hd_ast_stmt *s);
void hd_stmt_async_for(struct hd_gen *g, struct hd_ast_stmt *s);
void hd_stmt_while(struct hd_gen *g, struct hd_ast_stmt *s);

/* ---- codegen_stmt.c ------------------------------------------------------------------------------------------------------------------------- */
void hd_gen_stmts(struct hd_gen *g, struct hd_ast_stmt_seq *s);
void hd_gen_assign(struct hd_gen *g, struct hd_ast_expr *target, int src);
/* The registers into which a loop or an unpacking should put n values so that they are already at home, or new temporaries. */
int hd_target_run(struct hd_gen *g, struct hd_ast_expr_seq *targets);

/* ---- codegen_try.c ----------------------------------------------------------------------------------------------------------------------------- */
void hd_stmt_try(struct hd_gen *g, struct hd_ast_stmt *s);
void hd_stmt_try_star(struct hd_gen *g, struct hd_ast_stmt *s);
void hd_stmt_with(struct hd_gen *g, struct hd_ast_stmt *s);
bool hd_block_push(struct hd_gen *g, enum hd_fblock_kind kind);
struct hd_fblock *hd_block_top(struct hd_gen *g);
void hd_block_pop(struct hd_gen *g);
/* Emits what leaving all blocks above `down_to` needs; the block stack is as before afterwards, the handler in force the outer one's. */
void hd_gen_unwind(struct hd_gen *g, int down_to);

/* ---- codegen_match.c ---------------------------------------------------------------------------------------------------------------------------- */
void hd_stmt_match(struct hd_gen *g, struct hd_ast_stmt *s);

/* ---- optimise.c: folds constants in the tree, replaces __debug__ ------------------------------------------------------------------------------- */
bool hd_fold(struct hd_gen *g, struct hd_ast_mod *mod);

/* ---- assemble.c ----------------------------------------------------------------------------------------------------------------------------------- */
hd_value hd_assemble(struct hd_gen *g, struct hd_unit *u);
/* assigned.c: drops unreachable instructions and needless CHKBOUNDs. */
bool hd_analyse(struct hd_gen *g, struct hd_unit *u);

/* What the operands of an opcode are. */
struct hd_op_info { uint8_t words, flags; char a, b, c, k; };
extern const struct hd_op_info hd_op_info[HD_NOPCODES];
#endif
