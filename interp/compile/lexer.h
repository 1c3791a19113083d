/* Bytes to tokens.
 *
 * The lexer works on text that hd_source_prepare made: UTF-8, '\n' line ends, a NUL behind the last byte. It makes one token per
 * call and never looks at the grammar. Columns are byte offsets in the line, lines count from 1.
 */
#ifndef HD_COMPILE_LEXER_H
#define HD_COMPILE_LEXER_H

#include <stddef.h>
#include <stdint.h>

#include "parser.h"

/* name, spelling. Operators first, then keywords: the lexer finds both in this one table. */
#define HD_OPERATORS(_)                                                                                                             \
    _(LPAR, "(") _(RPAR, ")") _(LSQB, "[") _(RSQB, "]") _(LBRACE, "{") _(RBRACE, "}")                                               \
    _(COLON, ":") _(COMMA, ",") _(SEMI, ";") _(DOT, ".") _(EQUAL, "=")                                                              \
    _(PLUS, "+") _(MINUS, "-") _(STAR, "*") _(SLASH, "/") _(VBAR, "|") _(AMPER, "&") _(LESS, "<") _(GREATER, ">")                   \
    _(PERCENT, "%") _(TILDE, "~") _(CIRCUMFLEX, "^") _(AT, "@")                                                                     \
    _(EQEQUAL, "==") _(NOTEQUAL, "!=") _(LESSEQUAL, "<=") _(GREATEREQUAL, ">=") _(LEFTSHIFT, "<<") _(RIGHTSHIFT, ">>")              \
    _(DOUBLESTAR, "**") _(DOUBLESLASH, "//") _(RARROW, "->") _(COLONEQUAL, ":=") _(ELLIPSIS, "...")                                 \
    _(PLUSEQUAL, "+=") _(MINEQUAL, "-=") _(STAREQUAL, "*=") _(SLASHEQUAL, "/=") _(PERCENTEQUAL, "%=") _(AMPEREQUAL, "&=")           \
    _(VBAREQUAL, "|=") _(CIRCUMFLEXEQUAL, "^=") _(LEFTSHIFTEQUAL, "<<=") _(RIGHTSHIFTEQUAL, ">>=") _(DOUBLESTAREQUAL, "**=")        \
    _(DOUBLESLASHEQUAL, "//=") _(ATEQUAL, "@=")

#define HD_KEYWORDS(_)                                                                                                              \
    _(FALSE, "False") _(NONE, "None") _(TRUE, "True") _(AND, "and") _(AS, "as") _(ASSERT, "assert") _(ASYNC, "async")               \
    _(AWAIT, "await") _(BREAK, "break") _(CLASS, "class") _(CONTINUE, "continue") _(DEF, "def") _(DEL, "del") _(ELIF, "elif")       \
    _(ELSE, "else") _(EXCEPT, "except") _(FINALLY, "finally") _(FOR, "for") _(FROM, "from") _(GLOBAL, "global") _(IF, "if")         \
    _(IMPORT, "import") _(IN, "in") _(IS, "is") _(LAMBDA, "lambda") _(NONLOCAL, "nonlocal") _(NOT, "not") _(OR, "or")               \
    _(PASS, "pass") _(RAISE, "raise") _(RETURN, "return") _(TRY, "try") _(WHILE, "while") _(WITH, "with") _(YIELD, "yield")

enum hd_token_type {
    HD_TOK_ENDMARKER,
    HD_TOK_NAME,
    HD_TOK_NUMBER,
    HD_TOK_STRING,
    HD_TOK_NEWLINE,
    HD_TOK_INDENT,
    HD_TOK_DEDENT,
    HD_TOK_TYPE_COMMENT,
    HD_TOK_TYPE_IGNORE,  /* never reaches the parser */
    HD_TOK_OTHER,        /* a printable character that no operator begins with */
    HD_TOK_ERROR,        /* the lexer has failed */
#define HD_TOKEN(name, text) HD_TOK_##name,
    HD_OPERATORS(HD_TOKEN)
    HD_KEYWORDS(HD_TOKEN)
#undef HD_TOKEN
    HD_TOK_COUNT
};

struct hd_token {
    uint8_t type;
    uint16_t level;             /* brackets open behind this token */
    struct hd_ast_pos pos;      /* columns are -1 for tokens without text (INDENT, DEDENT, ENDMARKER) */
    uint32_t start, end;        /* bytes of the source text */
    const struct hd_ident *id;  /* NAME: normalised and interned */
};

/* Why the lexer stopped; the first group carries no message of its own, the parser words it. */
enum hd_lex_status {
    HD_LEX_OK,
    HD_LEX_EOF,          /* end of text was reached (also set when it was reached in an ordinary way) */
    HD_LEX_DEDENT,       /* unindent to a column that no block has */
    HD_LEX_TABS,         /* indentation depends on the size of a tab */
    HD_LEX_TOO_DEEP,     /* too many levels of indentation */
    HD_LEX_LINECONT,     /* something behind a backslash */
    HD_LEX_DECODE,       /* a name is not UTF-8; err->message is set */
    HD_LEX_NOMEM,
    HD_LEX_ERROR,        /* err is filled */
    HD_LEX_EOF_IN_STRING /* the same, and more input might have closed the literal */
};

#define HD_MAX_INDENT 100
#define HD_MAX_BRACKETS 200

struct hd_type_ignore {
    int lineno;
    const struct hd_ident *tag;
    struct hd_type_ignore *next;
};

struct hd_lexer {
    struct hd_arena *arena;
    const char *src;         /* whole text */
    size_t len;
    size_t cur;              /* next byte */
    size_t line_start;       /* of the line with cur */
    size_t text_start;       /* of the line that messages show: a line that begins inside a token does not count */
    int lineno;
    int first_line;          /* lineno and column that the first line of the text has in the file (sub-texts of f-strings) */
    int first_col;
    int at_line_start;
    int pending;             /* dedents (< 0) or indents (> 0) still to be delivered */
    int indents;             /* index of the top of the stacks */
    int indent[HD_MAX_INDENT], alt_indent[HD_MAX_INDENT];
    int level;
    char bracket[HD_MAX_BRACKETS];
    int bracket_line[HD_MAX_BRACKETS];
    int bracket_col[HD_MAX_BRACKETS];
    enum hd_lex_status status;
    size_t token_start, multi_line_start;
    int token_line;
    int type_comments;
    struct hd_type_ignore *ignores, **ignores_end;
    const struct hd_parse_hooks *hooks;
    int warnings_off;        /* the second pass says nothing again */
    struct hd_parse_error *err;
};

/* Decodes and checks the source: byte order mark, coding line, line ends. 0, or -1 with *err.
   *declared: the encoding was known beforehand, or named in the source. */
int hd_source_prepare(struct hd_arena *a, const char *src, size_t len, unsigned flags, int add_newline,
                      const struct hd_parse_hooks *hooks, const char **out, size_t *out_len, int *declared,
                      struct hd_parse_error *err);

void hd_lexer_init(struct hd_lexer *lx, struct hd_arena *a, const char *src, size_t len, const struct hd_parse_hooks *hooks,
                   struct hd_parse_error *err);
/* Makes the next token; returns its type, HD_TOK_ERROR when lx->status says why. */
int hd_lexer_next(struct hd_lexer *lx, struct hd_token *tok);

/* The spelling of an operator or keyword token. */
const char *hd_token_text(int type);

/* Decodes one code point of valid or WTF-8 text; returns its length. */
int hd_source_decode(const char *s, uint32_t *cp);
int hd_source_encode(char *out, uint32_t cp);
/* Is it printable in the sense of str.isprintable()? */
int hd_codepoint_printable(uint32_t cp);
int hd_codepoint_xid_start(uint32_t cp);
int hd_codepoint_xid_continue(uint32_t cp);
/* First byte that is not UTF-8, or len; *why is what the codec says of it. */
/* Text of a file that says it is UTF-8, or says nothing, and is not: where. */
int hd_source_bad_utf8(const char *text, size_t len, int *line, unsigned char *byte);
size_t hd_utf8_check(const char *s, size_t len, const char **why);
/* The codec's message about byte `at`. */
const char *hd_utf8_message(struct hd_arena *a, const char *s, size_t at, const char *why);
/* The text itself when it is UTF-8, otherwise a copy with U+FFFD for each bad byte. */
const char *hd_utf8_clean(struct hd_arena *a, const char *s, size_t *len);
/* Number of characters in the first `bytes` bytes. */
int hd_utf8_count(const char *s, size_t bytes);

/* Fills err; columns are final (characters, from 1). The line's text is taken from [line, end of line). */
void hd_lexer_error(struct hd_lexer *lx, enum hd_parse_error_kind kind, int lineno, int offset, int end_lineno, int end_offset,
                    size_t line, const char *message);

#endif
