/* Scopes and the names in them: which name of a block is local, a cell, free or global.
 *
 * One struct hd_scope for the module and for every function, lambda, comprehension and class body, found again by the
 * address of its syntax node.  Everything lives in the arena of the compilation. */
#ifndef HD_COMPILE_SYMTABLE_H
#define HD_COMPILE_SYMTABLE_H
#include <stdbool.h>
#include "ast.h"

enum hd_compile_error_kind { HD_COMPILE_OK, HD_COMPILE_SYNTAX_ERROR, HD_COMPILE_RECURSION_ERROR, HD_COMPILE_MEMORY_ERROR,
                             HD_COMPILE_OVERFLOW_ERROR, HD_COMPILE_PENDING /* the exception is already set in the thread */ };
/* The first error of a compilation; later ones are ignored. */
struct hd_compile_error {
    enum hd_compile_error_kind kind;
    const char *message;             /* in the arena or static, UTF-8 */
    struct hd_ast_pos pos;
};

enum hd_scope_kind { HD_SCOPE_MODULE, HD_SCOPE_CLASS, HD_SCOPE_FUNCTION, HD_SCOPE_LAMBDA, HD_SCOPE_LISTCOMP, HD_SCOPE_SETCOMP,
                     HD_SCOPE_DICTCOMP, HD_SCOPE_GENEXP, HD_SCOPE_ANNOTATION /* texts only: no code */ };

enum hd_symbol_flags {               /* how a block uses a name */
    HD_SYM_GLOBAL = 1, HD_SYM_ASSIGNED = 2, HD_SYM_PARAM = 4, HD_SYM_NONLOCAL = 8, HD_SYM_USED = 16, HD_SYM_IMPORTED = 32,
    HD_SYM_ANNOTATED = 64, HD_SYM_COMP_TARGET = 128 /* stands in the target of a comprehension's `for` */,
    HD_SYM_THROUGH = 256 /* passed on to an inner block: a free variable here even if the name itself means something else */,
    HD_SYM_BOUND = HD_SYM_ASSIGNED | HD_SYM_PARAM | HD_SYM_IMPORTED
};
enum hd_symbol_scope { HD_NAME_UNKNOWN, HD_NAME_LOCAL, HD_NAME_CELL, HD_NAME_FREE, HD_NAME_GLOBAL_EXPLICIT, HD_NAME_GLOBAL_IMPLICIT };

struct hd_symbol {
    const struct hd_ident *name;     /* mangled */
    uint16_t flags, scope;
    int32_t reg;                     /* LOCAL in a function: register; -1 */
    int32_t cell;                    /* register of the cell: CELL, FREE, or passed through; -1 */
    struct hd_ast_pos declared;      /* of the global or nonlocal statement */
};

struct hd_scope {
    enum hd_scope_kind kind;
    const struct hd_ident *name;     /* of the function or class */
    const struct hd_ident *private_name;   /* class for the mangling of private names, or NULL */
    const void *node;
    struct hd_scope *parent, *next_by_node;
    struct hd_scope *first_child, *last_child, *sibling;
    struct hd_symbol **symbols;      /* in order of first appearance; parameters first */
    uint32_t nsymbols, cap;
    uint32_t *table, table_mask;     /* name to index + 1 */
    uint32_t nparams;
    bool nested;                     /* inside a function */
    bool generator, coroutine, returns_value, has_walrus, needs_class_cell, has_varargs, has_varkeywords, has_annotations;
    bool is_async;                   /* async def */
    uint32_t comp_iter_expr;         /* > 0: inside the iterable of a comprehension of this block */
    bool comp_target;                /* the target of a comprehension's `for` is being visited */
    const struct hd_symbol **cells, **frees;    /* in the order of co_cellvars, co_freevars */
    uint32_t ncells, nfrees, nlocals;
};

struct hd_symtable {
    struct hd_arena *arena;
    struct hd_compile_error *err;
    struct hd_scope *top, **by_node;
    uint32_t nscopes, by_node_size;
    bool future_annotations, top_level_await;
};

/* Fills in the table for a tree; false: *st->err is set. */
bool hd_symtable_build(struct hd_symtable *st, struct hd_arena *arena, struct hd_ast_mod *mod, bool future_annotations, bool top_level_await,
                       struct hd_compile_error *err);
struct hd_scope *hd_scope_of(const struct hd_symtable *st, const void *node);
struct hd_symbol *hd_scope_find(const struct hd_scope *s, const struct hd_ident *mangled);
static inline bool hd_scope_is_function(const struct hd_scope *s) { return s->kind >= HD_SCOPE_FUNCTION; }
static inline bool hd_scope_is_comprehension(const struct hd_scope *s) { return s->kind >= HD_SCOPE_LISTCOMP && s->kind <= HD_SCOPE_GENEXP; }
/* `name` as it is called inside class `private_name` (NULL: outside of classes). */
const struct hd_ident *hd_mangle(struct hd_arena *a, const struct hd_ident *private_name, const struct hd_ident *name);
/* Records an error unless there is one already; returns false. */
bool hd_compile_fail(struct hd_arena *a, struct hd_compile_error *err, enum hd_compile_error_kind kind, struct hd_ast_pos pos, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

enum { HD_COMPILE_MAX_DEPTH = 3000 };       /* nesting of syntax nodes */
#endif
