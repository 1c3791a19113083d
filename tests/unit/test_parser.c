/* Trees, constants and messages of the parser. tests/parser/compare.py compares far more, where CPython 3.11 is installed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "interp/compile/parser.h"

static struct hd_arena *arena;
static struct hd_parse_error err;

static struct hd_ast_mod *parse(const char *src, int mode)
{
    hd_arena_free(arena);
    arena = hd_arena_new();
    return hd_parse(arena, src, strlen(src), mode, HD_PARSE_IGNORE_COOKIE, &err);
}

static struct hd_ast_expr *expression(const char *src)
{
    struct hd_ast_mod *mod = parse(src, HD_PARSE_EVAL);
    assert_non_null(mod);
    assert_int_equal(mod->kind, HD_AST_Expression);
    return mod->v.Expression.body;
}

static const struct hd_const *constant(const char *src)
{
    struct hd_ast_expr *e = expression(src);
    assert_int_equal(e->kind, HD_AST_Constant);
    return e->v.Constant.value;
}

static void constants(void **state)
{
    (void)state;
    assert_int_equal(constant("1_000")->v.i64, 1000);
    assert_int_equal(constant("0xff")->v.i64, 255);
    assert_true(constant("9223372036854775807")->fits_i64);
    assert_false(constant("9223372036854775808")->fits_i64);
    assert_string_equal(constant("0x1_0000_0000_0000_0000")->text, "10000000000000000");
    assert_true(constant("1e2")->v.f64 == 100.0);
    assert_int_equal(constant("2j")->kind, HD_CONST_IMAG);
    assert_string_equal(constant("'a\\x62' \"c\"")->text, "abc");
    assert_string_equal(constant("'\\ud800'")->text, "\xed\xa0\x80");
    assert_int_equal(constant("b'\\xff\\0'")->len, 2);
    assert_string_equal(constant("r'\\n'")->text, "\\n");
}

static void precedence(void **state)
{
    (void)state;
    struct hd_ast_expr *e = expression("a + b * -c ** d");
    assert_int_equal(e->v.BinOp.op, HD_AST_Add);
    e = e->v.BinOp.right;
    assert_int_equal(e->v.BinOp.op, HD_AST_Mult);
    assert_int_equal(e->v.BinOp.right->kind, HD_AST_UnaryOp);
    e = expression("not a in b or c < d is not e");
    assert_int_equal(e->kind, HD_AST_BoolOp);
    assert_int_equal(e->v.BoolOp.values->item[1]->v.Compare.ops->item[1], HD_AST_IsNot);
    e = expression("f(a)[b].c");
    assert_int_equal(e->pos.end_col_offset, 9);
}

static void names_are_normalised(void **state)
{
    (void)state;
    /* a ligature, and the same name in plain letters */
    struct hd_ast_expr *e = expression("\xef\xac\x81x + fix");
    e = expression("\xef\xac\x81 + fi");
    assert_ptr_equal(e->v.BinOp.left->v.Name.id, e->v.BinOp.right->v.Name.id);
}

static void messages(void **state)
{
    (void)state;
    static const struct {
        const char *src;
        enum hd_parse_error_kind kind;
        const char *message;
        int lineno, offset, end_offset;
    } wrong[] = {
        {"f() = 1", HD_PARSE_SYNTAX_ERROR, "cannot assign to function call here. Maybe you meant '==' instead of '='?", 1, 1, 4},
        {"(a b)", HD_PARSE_SYNTAX_ERROR, "invalid syntax. Perhaps you forgot a comma?", 1, 2, 5},
        {"x = (", HD_PARSE_SYNTAX_ERROR, "'(' was never closed", 1, 5, 0},
        {"if x\n  y", HD_PARSE_SYNTAX_ERROR, "expected ':'", 1, 5, 5},
        {"if x:\ny", HD_PARSE_INDENTATION_ERROR, "expected an indented block after 'if' statement on line 1", 2, 1, 2},
        {"x\n  y", HD_PARSE_INDENTATION_ERROR, "unexpected indent", 2, 2, -1},
        {"f(a=1, b)", HD_PARSE_SYNTAX_ERROR, "positional argument follows keyword argument", 1, 9, 10},
        {"f'{a b}'", HD_PARSE_SYNTAX_ERROR, "f-string: invalid syntax. Perhaps you forgot a comma?", 1, 2, 5},
        {"\xc3\xa9 = 1 1", HD_PARSE_SYNTAX_ERROR, "invalid syntax", 1, 7, 8},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_null(parse(wrong[i].src, HD_PARSE_EXEC));
        assert_int_equal(err.kind, wrong[i].kind);
        assert_string_equal(err.message, wrong[i].message);
        assert_int_equal(err.lineno, wrong[i].lineno);
        assert_int_equal(err.offset, wrong[i].offset);
        assert_int_equal(err.end_offset, wrong[i].end_offset);
    }
}

static void incomplete_input(void **state)
{
    (void)state;
    static const char *const more[] = {"(", "'''a", "if a:", "def f():\n"}, *const never[] = {"a b", ")", "1 +* 2"};
    for (size_t i = 0; i < sizeof more / sizeof more[0]; i++) {
        assert_null(parse(more[i], HD_PARSE_SINGLE));
        assert_true(err.incomplete);
    }
    for (size_t i = 0; i < sizeof never / sizeof never[0]; i++) {
        assert_null(parse(never[i], HD_PARSE_SINGLE));
        assert_false(err.incomplete);
    }
}

/* `unit` n times, between two other texts. */
static struct hd_ast_mod *repeated(const char *before, const char *unit, size_t n, const char *after)
{
    size_t k = strlen(unit), len = strlen(before) + n * k + strlen(after);
    char *s = malloc(len + 1), *q = s;
    q += sprintf(q, "%s", before);
    for (size_t i = 0; i < n; i++, q += k)
        memcpy(q, unit, k);
    strcpy(q, after);
    hd_arena_free(arena);
    arena = hd_arena_new();
    struct hd_ast_mod *mod = hd_parse(arena, s, len, HD_PARSE_EXEC, 0, &err);
    free(s);
    return mod;
}

static void hostile(void **state)
{
    (void)state;
    static const struct { const char *before, *unit, *after; enum hd_parse_error_kind kind; } inputs[] = {
        {"", "(", "", HD_PARSE_SYNTAX_ERROR},        {"", "-", "1", HD_PARSE_MEMORY_ERROR},     {"", "not ", "1", HD_PARSE_MEMORY_ERROR},
        {"", "lambda:", "1", HD_PARSE_MEMORY_ERROR}, {"", "a**", "1", HD_PARSE_MEMORY_ERROR},   {"", "a if b else ", "1", HD_PARSE_MEMORY_ERROR},
        {"", "a+", "1", HD_PARSE_OK},                {"[", "1,", "]", HD_PARSE_OK},             {"if a: b\n", "elif a: b\n", "", HD_PARSE_OK},
        {"a", "()", "", HD_PARSE_OK},                {"f'", "{a}", "'", HD_PARSE_OK},           {"", "a = b\n", "c d", HD_PARSE_SYNTAX_ERROR},
    };
    for (size_t i = 0; i < sizeof inputs / sizeof inputs[0]; i++) {
        struct hd_ast_mod *mod = repeated(inputs[i].before, inputs[i].unit, 100000, inputs[i].after);
        assert_int_equal(err.kind, inputs[i].kind);
        assert_int_equal(mod != NULL, inputs[i].kind == HD_PARSE_OK);
    }
    /* mistakes deep inside take no exponential time */
    static const char *const nests[] = {"f(", "{1:", "[", "(a,", "f(a,b=", "f(a:=", "(lambda:", "(a if "};
    for (size_t i = 0; i < sizeof nests / sizeof nests[0]; i++)
        assert_null(repeated("", nests[i], 150, "b c $"));
}

static int close_arena(void **state)
{
    (void)state;
    hd_arena_free(arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(constants),        cmocka_unit_test(precedence), cmocka_unit_test(names_are_normalised),
        cmocka_unit_test(messages),         cmocka_unit_test(incomplete_input), cmocka_unit_test(hostile),
    };
    return cmocka_run_group_tests(tests, NULL, close_arena);
}
