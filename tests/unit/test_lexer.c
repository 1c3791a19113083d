/* Tokens, positions and refusals of the lexer; the arena's table of names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "interp/compile/lexer.h"

/* All tokens of `src` as "TYPE:line:col-line:col ..."; operators by their spelling. */
static const char *tokens(const char *src, enum hd_lex_status *status)
{
    static char out[2048];
    struct hd_arena *a = hd_arena_new();
    struct hd_parse_error err = {0};
    struct hd_lexer lx;
    struct hd_token t;
    const char *text;
    size_t len, n = 0;
    int type, declared;
    assert_int_equal(hd_source_prepare(a, src, strlen(src), 0, 1, NULL, &text, &len, &declared, &err), 0);
    hd_lexer_init(&lx, a, text, len, NULL, &err);
    out[0] = 0;
    do {
        type = hd_lexer_next(&lx, &t);
        n += (size_t)snprintf(out + n, sizeof out - n, "%s%s:%d:%d-%d:%d", n ? " " : "", type == HD_TOK_ENDMARKER ? "END" : hd_token_text(type),
                              t.pos.lineno, t.pos.col_offset, t.pos.end_lineno, t.pos.end_col_offset);
    } while (type != HD_TOK_ENDMARKER && type != HD_TOK_ERROR);
    if (status)
        *status = lx.status;
    hd_arena_free(a);
    return out;
}

static void positions(void **state)
{
    (void)state;
    assert_string_equal(tokens("a += 1", NULL), "NAME:1:0-1:1 +=:1:2-1:4 NUMBER:1:5-1:6 NEWLINE:1:6-1:6 END:1:-1-1:-1");
    assert_string_equal(tokens("\"\"\"a\nb\"\"\" x", NULL), "STRING:1:0-2:4 NAME:2:5-2:6 NEWLINE:2:6-2:6 END:2:-1-2:-1");
    assert_string_equal(tokens("a # c", NULL), "NAME:1:0-1:1 NEWLINE:1:2-1:5 END:1:-1-1:-1");
    assert_string_equal(tokens("(a\r\n b)", NULL), "(:1:0-1:1 NAME:1:1-1:2 NAME:2:1-2:2 ):2:2-2:3 NEWLINE:2:3-2:3 END:2:-1-2:-1");
}

static void indentation(void **state)
{
    (void)state;
    assert_string_equal(tokens("if a:\n  b\n\n# x\nc", NULL),
                        "if:1:0-1:2 NAME:1:3-1:4 ::1:4-1:5 NEWLINE:1:5-1:5 INDENT:2:-1-2:-1 NAME:2:2-2:3 NEWLINE:2:3-2:3 "
                        "DEDENT:5:-1-5:-1 NAME:5:0-5:1 NEWLINE:5:1-5:1 END:5:-1-5:-1");
    static const struct { const char *src; enum hd_lex_status status; } wrong[] = {
        {"if a:\n  b\n c\n", HD_LEX_DEDENT},
        {"if a:\n\tb\n        c\n", HD_LEX_TABS},
        {"(a", HD_LEX_EOF},
        {"a \\ b", HD_LEX_LINECONT},
        {"a)", HD_LEX_ERROR},
        {"0b12", HD_LEX_ERROR},
        {"'a", HD_LEX_ERROR},
        {"'''a", HD_LEX_EOF_IN_STRING},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        enum hd_lex_status status;
        tokens(wrong[i].src, &status);
        assert_int_equal(status, wrong[i].status);
    }
}

static void names_are_interned(void **state)
{
    (void)state;
    struct hd_arena *a = hd_arena_new();
    char name[16];
    const struct hd_ident *first[2000];
    for (int i = 0; i < 2000; i++)
        first[i] = hd_arena_intern(a, name, (size_t)snprintf(name, sizeof name, "n%d", i));
    for (int i = 0; i < 2000; i++)
        assert_ptr_equal(first[i], hd_arena_intern(a, name, (size_t)snprintf(name, sizeof name, "n%d", i)));
    assert_string_equal(first[77]->utf8, "n77");
    hd_arena_free(a);
}

static void encodings(void **state)
{
    (void)state;
    struct hd_arena *a = hd_arena_new();
    struct hd_parse_error err = {0};
    const char *text;
    size_t len;
    int declared;
    static const char latin[] = "# coding: latin-1\n'\xe9'", marked[] = "\xef\xbb\xbfx";
    assert_int_equal(hd_source_prepare(a, latin, sizeof latin - 1, 0, 1, NULL, &text, &len, &declared, &err), 0);
    assert_string_equal(text + 18, "'\xc3\xa9'\n");
    assert_int_equal(hd_source_prepare(a, marked, sizeof marked - 1, 0, 1, NULL, &text, &len, &declared, &err), 0);
    assert_string_equal(text, "x\n");
    assert_int_equal(hd_source_prepare(a, "a\0b", 3, 0, 1, NULL, &text, &len, &declared, &err), -1);
    assert_int_equal(err.kind, HD_PARSE_VALUE_ERROR);
    hd_arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(positions),
        cmocka_unit_test(indentation),
        cmocka_unit_test(names_are_interned),
        cmocka_unit_test(encodings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
