/* The syntax tree: what every node has in common. The nodes themselves are generated from Python.asdl into ast_gen.h.
 *
 * How the generated types look, for a sum type such as `expr = BinOp(expr left, operator op, expr right) | ...`:
 *     struct hd_ast_expr { enum hd_ast_expr_kind kind; struct hd_ast_pos pos; union { struct { ... } BinOp; ... } v; };
 *     e->kind == HD_AST_BinOp, e->v.BinOp.left
 * for a product type such as `withitem = (...)`: a struct with the fields themselves; `pos` only where the table has attributes;
 * for a type without fields such as `operator`: only an enum (HD_AST_Add ...). Enum values start at 1; 0 is "absent".
 * A sequence is `struct hd_ast_expr_seq { uint32_t n; struct hd_ast_expr *item[]; }` and never NULL; `expr?` may be NULL. Items are
 * NULL only in Dict.keys (a `**` entry) and arguments.kw_defaults (no default).
 * hd_ast_BinOp(arena, left, op, right, pos) makes a node; NULL when there is no memory.
 * All nodes live in one arena (arena.h). Text is UTF-8; columns are 0-based byte offsets in the UTF-8 line, lines count from 1.
 */
#ifndef HD_COMPILE_AST_H
#define HD_COMPILE_AST_H

#include <stddef.h>
#include <stdint.h>

#include "arena.h"

struct hd_ast_pos {
    int32_t lineno, col_offset, end_lineno, end_col_offset;
};

/* The value of a literal. */
enum hd_const_kind {
    HD_CONST_NONE = 1,
    HD_CONST_TRUE,
    HD_CONST_FALSE,
    HD_CONST_ELLIPSIS,
    HD_CONST_INT,
    HD_CONST_FLOAT,
    HD_CONST_IMAG,  /* complex with real part 0 */
    HD_CONST_STR,   /* UTF-8 in which a lone surrogate stands as its 3 bytes (WTF-8) */
    HD_CONST_BYTES
};

struct hd_const {
    uint8_t kind;       /* enum hd_const_kind */
    uint8_t fits_i64;   /* INT: i64 holds the value */
    uint8_t base;       /* INT: 2, 8, 10 or 16, of the digits in text */
    uint8_t is_ascii;   /* STR: all bytes < 0x80 */
    size_t len;         /* INT, STR, BYTES: bytes in text */
    const char *text;   /* INT: the digits, no prefix, no '_', never negative; STR, BYTES: the contents (NUL behind them) */
    union {
        int64_t i64;    /* INT, when fits_i64 */
        double f64;     /* FLOAT, IMAG */
    } v;
};

/* Sequences of plain enum values and the view that all sequences of pointers share. */
struct hd_ast_int_seq {
    uint32_t n;
    int32_t item[];
};
struct hd_ast_ptr_seq {
    uint32_t n;
    void *item[];
};
struct hd_ast_ident_seq {
    uint32_t n;
    const struct hd_ident *item[];
};

/* New sequences, items cleared. Any `struct hd_ast_X_seq *` may be assigned from hd_ast_seq_new's result. */
void *hd_ast_seq_new(struct hd_arena *a, uint32_t n);
struct hd_ast_int_seq *hd_ast_int_seq_new(struct hd_arena *a, uint32_t n);

/* Description of the nodes, for converting trees to and from objects of the language. */
enum hd_ast_field_quant { HD_AST_ONE, HD_AST_OPT, HD_AST_SEQ };
enum { /* builtin field types; a type of the table is HD_AST_TYPE_* (> HD_AST_BUILTIN_LAST) */
    HD_AST_BUILTIN_IDENTIFIER,
    HD_AST_BUILTIN_STRING,
    HD_AST_BUILTIN_INT,
    HD_AST_BUILTIN_CONSTANT,
    HD_AST_BUILTIN_LAST = HD_AST_BUILTIN_CONSTANT
};
struct hd_ast_field {
    const char *name;
    uint8_t type;     /* HD_AST_BUILTIN_* or HD_AST_TYPE_* */
    uint8_t quant;    /* enum hd_ast_field_quant */
    uint16_t offset;  /* of the field in the node */
};
/* One class of nodes: a constructor of a sum type, or a product type. */
struct hd_ast_class {
    const char *name;
    const struct hd_ast_field *fields;
    uint8_t nfields;
    uint8_t type;     /* HD_AST_TYPE_* it belongs to */
    uint8_t kind;     /* value of `kind`; 0 for product types */
    uint8_t has_pos;
};
struct hd_ast_type {
    const char *name;
    const struct hd_ast_class *classes;  /* classes[kind - 1], or classes[0] for a product */
    uint16_t nclasses;
    uint16_t size;     /* of the struct; 0 for an enum type */
    uint8_t is_enum, is_product;
    uint8_t has_pos;
    uint16_t pos_offset;
    const char *doc;   /* the definition in the notation of the table */
};
extern const struct hd_ast_type hd_ast_types[];  /* indexed by HD_AST_TYPE_* */

#include "ast_gen.h"

#endif
