/* Source text to syntax tree.
 *
 * hd_parse never touches the heap of the language: trees, messages and texts live in the caller's arena.
 * It keeps the C stack within hd_parse's own bound (see HD_PARSE_MAX_DEPTH in parser_internal.h), whatever the input is.
 */
#ifndef HD_COMPILE_PARSER_H
#define HD_COMPILE_PARSER_H

#include <stddef.h>

#include "ast.h"

enum hd_parse_mode { HD_PARSE_EXEC, HD_PARSE_EVAL, HD_PARSE_SINGLE, HD_PARSE_FUNC_TYPE };

enum {
    HD_PARSE_TYPE_COMMENTS = 1,     /* keep `# type:` comments */
    HD_PARSE_IGNORE_COOKIE = 2,     /* the source is already UTF-8 (it was a str): no coding line, no byte order mark */
    HD_PARSE_ALLOW_INCOMPLETE = 4,  /* input that ends too early gives the error "incomplete input" */
    HD_PARSE_DONT_IMPLY_DEDENT = 8, /* SINGLE: a compound statement needs its empty line */
    HD_PARSE_BARRY_AS_BDFL = 16,    /* from __future__ import barry_as_FLUFL is on */
    HD_PARSE_VERSION_SHIFT = 8      /* above: 1 + the minor version of the language whose syntax is allowed; 0: the current one */
};

enum hd_parse_error_kind {
    HD_PARSE_OK,
    HD_PARSE_SYNTAX_ERROR,
    HD_PARSE_INDENTATION_ERROR,
    HD_PARSE_TAB_ERROR,
    HD_PARSE_MEMORY_ERROR,     /* nested too deep, or out of memory; message may be empty */
    HD_PARSE_RECURSION_ERROR,
    HD_PARSE_VALUE_ERROR,      /* "source code string cannot contain null bytes" */
    HD_PARSE_HOOK_ERROR        /* a hook said so; the exception is the hook's business */
};

struct hd_parse_error {
    enum hd_parse_error_kind kind;
    const char *message;       /* UTF-8, in the arena or static */
    int lineno, offset;        /* offset counts characters from 1 (bytes, when the source was bytes that name no encoding); 0 = unknown */
    int end_lineno, end_offset;
    int has_location;          /* 0: only the message is meant */
    const char *text;          /* the line with its newline, UTF-8; NULL when there is none */
    size_t text_len;
    int incomplete;            /* more input could make this correct (for a prompt) */
};

struct hd_parse_hooks {
    void *context;
    /* A DeprecationWarning, or else a SyntaxWarning, about a literal; `error` is the SyntaxError that it is where warnings are
       errors. */
    void (*warn)(void *context, const char *message, const struct hd_parse_error *error, int deprecation);
    /* Text in an encoding other than UTF-8, Latin-1 and ASCII. On success 0 with *out (in the arena), UTF-8. -1: unknown encoding
       (hd_parse makes the SyntaxError), -2: the hook has an exception of its own. */
    int (*decode)(void *context, struct hd_arena *a, const char *encoding, const char *bytes, size_t len, const char **out,
                  size_t *out_len);
    /* The character with this Unicode name or alias, as in \N{...}; -1: there is none. */
    int (*character)(void *context, const char *name, size_t len);
    /* Largest number of digits of a decimal int literal, 0 = no limit. Negative = the default of 4300. */
    int max_int_digits;
};

/* The tree, or NULL with *err filled. `hooks` may be NULL. */
struct hd_ast_mod *hd_parse(struct hd_arena *a, const char *src, size_t len, int mode, unsigned flags, struct hd_parse_error *err);
struct hd_ast_mod *hd_parse_with_hooks(struct hd_arena *a, const char *src, size_t len, int mode, unsigned flags,
                                       const struct hd_parse_hooks *hooks, struct hd_parse_error *err);

#endif
